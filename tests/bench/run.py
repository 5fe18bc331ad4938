#!/usr/bin/env python3
"""Compares vdm-proxy with nginx and haproxy on one machine, and prints a table.

The gateway has one core, provider and load (and vdm-metrics) the other. Rounds are
interleaved, so that a noisy minute is shared by all; figures are medians over rounds.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from gateways import OTHER_CORE, Haproxy, Metrics, Nginx, Program, Vandamme, pinned

DIRECT = "direct"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binaries", type=pathlib.Path, help="where vdm-* programs are")
    parser.add_argument("--quick", action="store_true", help="two short rounds")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="measured time of one run")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--streams", type=int, default=1000, help="open streams for memory")
    parser.add_argument("--rate", type=float, default=500, help="requests per second for latency")
    parser.add_argument("--stream-rate", type=float, default=100, help="streams per second")
    parser.add_argument("--gateways", default="vandamme,vandamme-no-metrics,nginx,haproxy")
    parser.add_argument("--scenarios", default=",".join(SCENARIOS))
    parser.add_argument("--json", type=pathlib.Path, help="also write every run's figures here")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds, options.streams = 2, 1, 200
    if options.binaries is None:
        options.binaries = pathlib.Path(__file__).resolve().parents[2] / "build/release/bin"
    return options


# name -> (title, how load is called)
SCENARIOS = {
    "chat-2k": ("2 KiB chat, closed loop", lambda o: ["--connections", o.connections]),
    "chat-50k": (
        "50 KiB chat, closed loop",
        lambda o: ["--connections", o.connections, "--body-bytes", 50 * 1024],
    ),
    "sse": (
        "50-event stream, closed loop",
        lambda o: ["--connections", 2 * o.connections, "--stream"],
    ),
    "latency": (
        "2 KiB chat, fixed rate",
        lambda o: ["--connections", 64, "--rate", o.rate],
    ),
    "first-token": (
        "50-event stream, fixed rate",
        lambda o: ["--connections", 128, "--stream", "--rate", o.stream_rate],
    ),
    "memory": (
        "open slow streams",
        lambda o: ["--connections", o.streams, "--hold", "--model", "bench-slow"],
    ),
}
STREAMED = {"sse", "first-token", "memory"}


class Bench:
    def __init__(self, options, directory):
        self.options = options
        self.directory = directory
        self.runs = {}  # (scenario, gateway) -> list of figures
        self.provider = Program(
            "provider", OTHER_CORE, [options.binaries / "vdm-bench-provider"], {}, directory
        )
        self.provider_port = self.provider_listens()
        self.metrics = None
        self.gateways = {}

    def provider_listens(self):
        for _ in range(100):
            found = re.search(r":(\d+)", self.provider.log.read_text())
            if found:
                return int(found.group(1))
            time.sleep(0.05)
        raise SystemExit("the provider does not start")

    def make(self, name):
        binaries = self.options.binaries
        if name == "nginx":
            return Nginx(name, self.directory, self.provider_port)
        if name == "haproxy":
            return Haproxy(name, self.directory, self.provider_port)
        if name == "vandamme-no-metrics":
            # Nobody listens there; the proxy keeps trying and serves all the same.
            return Vandamme(name, self.directory, binaries, self.provider_port, 9)
        if name == "vandamme":
            if self.metrics is None:
                self.metrics = Metrics(self.directory, binaries)
                self.metrics.start()
            return Vandamme(name, self.directory, binaries, self.provider_port, self.metrics.ingest_port)
        raise SystemExit(f"no gateway named {name}")

    def load(self, scenario, gateway, seconds, warm_up=0.5):
        port = self.provider_port
        if gateway is not None:
            port = gateway.stream_port if scenario in STREAMED else gateway.port
        command = [
            self.options.binaries / "vdm-bench-load", "--port", port,
            "--seconds", seconds, "--warm-up", warm_up,
            *SCENARIOS[scenario][1](self.options),
        ]
        if gateway is not None:
            command += ["--watch", *gateway.pids]
        done = subprocess.run(
            pinned(OTHER_CORE, [str(part) for part in command]), capture_output=True, text=True
        )
        if not done.stdout:
            raise SystemExit(f"load failed on {scenario}: {done.stderr}")
        return json.loads(done.stdout)

    def run(self, scenario, name):
        options = self.options
        if scenario == "memory":
            if name == DIRECT:
                return
            # A fresh process, warmed up: memory kept from earlier runs must not hide the growth.
            gateway = self.make(name)
            gateway.start()
            try:
                self.load("first-token", gateway, 0.5)
                figures = self.load(scenario, gateway, 30)
            finally:
                gateway.stop()
        else:
            figures = self.load(scenario, self.gateways.get(name), options.seconds)
        if figures["failed"]:
            print(f"  {scenario} {name}: {figures['failed']} failed: {figures['first_failure']}")
        self.runs.setdefault((scenario, name), []).append(figures)

    def run_all(self):
        names = self.options.gateways.split(",")
        scenarios = self.options.scenarios.split(",")
        for name in names:
            self.gateways[name] = self.make(name)
            self.gateways[name].start()
        for number in range(self.options.rounds):
            print(f"round {number + 1} of {self.options.rounds}", file=sys.stderr)
            for scenario in scenarios:
                for name in [DIRECT, *names]:
                    self.run(scenario, name)

    def stop(self):
        for gateway in self.gateways.values():
            gateway.stop()
        if self.metrics:
            self.metrics.stop()
        self.provider.stop()

    def median(self, scenario, name, figure):
        runs = self.runs.get((scenario, name))
        return statistics.median(figure(run) for run in runs) if runs else None


def cpu(run):
    return run["cpu_us_per_request"]


def rate(run):
    return run["requests_per_second"]


def at(kind, percentile):
    return lambda run: run[kind][percentile]


def memory_kib(run):
    return (run["resident_after"] - run["resident_before"]) / 1024 / max(1, run["open_streams"])


# title, scenario, figure, unit, whether the direct figure is taken off
ROWS = [
    ("2 KiB chat: CPU per request", "chat-2k", cpu, "µs", False),
    ("2 KiB chat: requests/s", "chat-2k", rate, "", False),
    ("50 KiB chat: CPU per request", "chat-50k", cpu, "µs", False),
    ("50 KiB chat: requests/s", "chat-50k", rate, "", False),
    ("50-event stream: CPU per stream", "sse", cpu, "µs", False),
    ("added latency, p50", "latency", at("latency_us", "p50"), "µs", True),
    ("added latency, p99", "latency", at("latency_us", "p99"), "µs", True),
    ("added time to first token, p50", "first-token", at("first_byte_us", "p50"), "µs", True),
    ("added time to first token, p99", "first-token", at("first_byte_us", "p99"), "µs", True),
    ("memory per open stream", "memory", memory_kib, "KiB", False),
]


def table(bench):
    names = bench.options.gateways.split(",")
    lines = ["| | " + " | ".join(names) + " |", "| --- |" + " ---: |" * len(names)]
    for title, scenario, figure, unit, added in ROWS:
        base = bench.median(scenario, DIRECT, figure) if added else 0
        cells = []
        reference = bench.median(scenario, "nginx", figure)
        for name in names:
            value = bench.median(scenario, name, figure)
            if value is None:
                cells.append("–")
                continue
            cell = f"{value - base:,.1f} {unit}".strip() if value < 1000 else f"{value - base:,.0f} {unit}".strip()
            if reference and name != "nginx" and reference - base > 0:
                cell += f" ({(value - base) / (reference - base):.2f}×)"
            cells.append(cell)
        if any(cell != "–" for cell in cells):
            lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main():
    options = arguments()
    # Ended from outside, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    directory = pathlib.Path(tempfile.mkdtemp(prefix="vdm-bench-"))
    bench = Bench(options, directory)
    try:
        bench.run_all()
        print(table(bench))
        print("\n(n×): the figure divided by nginx's. Medians of "
              f"{options.rounds} interleaved rounds of {options.seconds:g} s.")
        if bench.metrics and "vandamme" in bench.gateways:
            sent = sum(run["requests"] for (_, name), runs in bench.runs.items()
                       if name == "vandamme" for run in runs)
            print(f"Measured requests through vandamme: {sent}; vdm-metrics says:")
            print(bench.metrics.totals()[:600])
        if options.json:
            options.json.write_text(json.dumps(
                {f"{scenario} {name}": runs for (scenario, name), runs in bench.runs.items()}, indent=1))
        failed = sum(run["failed"] for runs in bench.runs.values() for run in runs)
        return 1 if failed else 0
    finally:
        bench.stop()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
