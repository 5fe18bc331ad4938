#!/usr/bin/env python3
"""What a proxy of one core does when more is asked of it than it can serve: how much it still serves, how soon the
others are refused, and how soon it serves all again. Run it by hand, on two quiet cores; it takes half a minute."""

import argparse
import json
import pathlib
import subprocess
import tempfile

from gateways import GATEWAY_CORE, OTHER_CORE, Program, Vandamme, free_port, pinned, wait_for

CONNECTIONS = 4000


def load(binaries, gateway, seconds, *flags):
    command = [binaries / "vdm-bench-load", "--port", gateway.port, "--seconds", seconds, "--stream",
               "--anthropic", "--refusals", "--watch", *gateway.pids, *flags]
    done = subprocess.run(pinned(OTHER_CORE, [str(part) for part in command]), capture_output=True, text=True)
    if not done.stdout:
        raise SystemExit(f"the load failed: {done.stderr}")
    return json.loads(done.stdout)


def row(title, result, capacity):
    good = result["requests_per_second"]
    refused = result["refused"] / result["seconds"]
    print(f"| {title} | {good:.0f} | {100 * good / capacity:.0f} % | {result['latency_us']['p99'] / 1000:.1f} | "
          f"{refused:.0f} | {result['refusal_us']['p50'] / 1000:.1f} | {result['refusal_us']['p99'] / 1000:.1f} | "
          f"{result['failed']} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binaries", type=pathlib.Path, default=pathlib.Path("build/release/bin"))
    parser.add_argument("--events", type=int, default=500, help="of each stream; the more, the dearer a request")
    parser.add_argument("--seconds", type=float, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        directory = pathlib.Path(folder)
        provider_port = free_port()
        provider = Program("provider", OTHER_CORE, [
            options.binaries / "vdm-bench-provider", "--port", provider_port, "--gap-us", 0, "--events", options.events,
        ], {}, directory)
        try:
            wait_for(provider_port, provider.process, "the provider")
            gateway = Vandamme("vandamme", directory, options.binaries, provider_port, 1)
            gateway.environment["LOG_REQUEST_METRICS"] = "false"
            gateway.start()
            closed = load(options.binaries, gateway, options.seconds, "--connections", 64)
            capacity = closed["requests_per_second"]
            print("| asked | served/s | of capacity | p99 ms | refused/s | p50 ms | p99 ms | failed |")
            print("| --- | --- | --- | --- | --- | --- | --- | --- |")
            row("as fast as 64 clients can", closed, capacity)
            for times in (0.5, 1.5, 2, 3, 0.5):
                rate = capacity * times
                flags = ["--connections", CONNECTIONS, "--rate", f"{rate:.0f}"]
                row(f"{times:g} × capacity", load(options.binaries, gateway, options.seconds, *flags), capacity)
        finally:
            Program.stop_all()


if __name__ == "__main__":
    main()
