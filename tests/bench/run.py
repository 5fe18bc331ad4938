#!/usr/bin/env python3
"""Compares vdm-proxy with nginx and haproxy on one machine, and prints a table.

The gateway has one core, provider and load (and vdm-metrics) the other. Rounds are
interleaved, so that a noisy minute is shared by all; figures are medians over rounds.
"""

import argparse
import json
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import fan_out
import micro
from gateways import OTHER_CORE, Haproxy, Metrics, Nginx, Program, Vandamme, pinned
from peers import PEERS, ClaudeCodeRouter
from scenarios import ROWS, SCENARIOS
from tables import Figures, conversion_lines, fan_out_table, gateways_table

DIRECT = "direct"
GATEWAYS = ("vandamme", "vandamme-no-metrics", "nginx", "haproxy")
# Scenarios besides SCENARIOS, which measure no gateway.
OTHER_SCENARIOS = ("fan-out", "micro")


def arguments():
    listed = "\n".join(f"  {name:18}{one.title}" for name, one in SCENARIOS.items())
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"""scenarios:
{listed}
  fan-out           readers of vdm-metrics' feed while requests run
  micro             recording an event; an event converted beside passed through

Run by run.sh, which builds what is needed; Ctrl-C ends all that was started.""",
    )
    add = parser.add_argument
    add("--binaries", type=pathlib.Path, help="where vdm-* programs are; nothing is built then")
    add("--quick", action="store_true", help="two short rounds, about four minutes")
    add("--peers", action="store_true", help=f"also {', '.join(PEERS)}, installed by npm")
    add("--gateways", type=names, default=[*GATEWAYS], help="default: " + ",".join(GATEWAYS))
    add("--scenarios", type=names, default=[*SCENARIOS, *OTHER_SCENARIOS], help="default: all")
    add("--rounds", type=int, default=5)
    add("--seconds", type=float, default=3, help="measured time of one run")
    add("--connections", type=int, default=32, help="of closed loops")
    add("--stream-connections", type=int, default=512, help="of converted and passed")
    add("--streams", type=int, default=1000, help="open streams for memory")
    add("--rate", type=float, default=500, help="requests per second for latency")
    add("--chat-rate", type=float, default=8000, help="requests per second of chat-2k-rate")
    add("--stream-rate", type=float, default=100, help="streams per second for latency")
    add("--readers", type=counts, default=[200, 1000], help="of fan-out; default: 200,1000")
    add("--json", type=pathlib.Path, help="also write every run's figures here")
    options = parser.parse_args()
    unknown = set(options.scenarios) - {*SCENARIOS, *OTHER_SCENARIOS}
    if unknown:
        parser.error(f"no scenario named {', '.join(sorted(unknown))}")
    unknown = set(options.gateways) - {*GATEWAYS, *PEERS}
    if unknown:
        parser.error(f"no gateway named {', '.join(sorted(unknown))}")
    if options.quick:
        options.rounds, options.seconds, options.streams = 2, 1, 200
    if options.peers:
        options.gateways += [name for name in PEERS if name not in options.gateways]
    if options.binaries is None:
        options.binaries = pathlib.Path(__file__).resolve().parents[2] / "build/release/bin"
    return options


def names(text):
    return text.split(",")


def counts(text):
    return [int(part) for part in text.split(",")]


class Bench:
    def __init__(self, options, directory):
        self.options = options
        self.directory = directory
        self.figures = Figures()
        self.fan_out = {}  # readers -> list of results
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
        binaries, port = self.options.binaries, self.provider_port
        if name == "nginx":
            return Nginx(name, self.directory, port)
        if name == "haproxy":
            return Haproxy(name, self.directory, port)
        if name == "claude-code-router":
            return ClaudeCodeRouter(name, self.directory, port)
        if name == "vandamme-no-metrics":
            # Nothing listens there; the proxy keeps trying to connect and serves requests.
            return Vandamme(name, self.directory, binaries, port, 9)
        if self.metrics is None:
            self.metrics = Metrics("vdm-metrics", self.directory, binaries)
            self.metrics.start()
        return Vandamme(name, self.directory, binaries, port, self.metrics.ingest_port)

    def load(self, scenario, gateway, seconds, converted=False):
        """One run of vdm-bench-load; without a gateway it calls the provider itself."""
        options = argparse.Namespace(**vars(self.options))
        command = [self.options.binaries / "vdm-bench-load", "--seconds", seconds]
        model = scenario.model
        if gateway is None:
            command += ["--port", self.provider_port, "--warm-up", 0.5]
        else:
            command += ["--port", gateway.stream_port if scenario.streamed else gateway.port]
            command += ["--warm-up", gateway.warm_up_seconds, "--watch", *gateway.pids]
            model = gateway.model_prefix + model
            if gateway.stream_connections_max:
                options.stream_connections = gateway.stream_connections_max
            if converted and gateway.converts:
                command += ["--anthropic"]
        command += ["--model", model, *scenario.load(options)]
        done = subprocess.run(
            pinned(OTHER_CORE, [str(part) for part in command]), capture_output=True, text=True
        )
        if not done.stdout:
            raise SystemExit(f"the load failed on {scenario.title}: {done.stderr}")
        return json.loads(done.stdout)

    def load_of_fresh(self, scenario, name):
        """A fresh process, warmed up: memory kept from earlier runs must not hide the growth."""
        gateway = self.make(name)
        gateway.start()
        try:
            self.load(SCENARIOS["first-token"], gateway, 0.5, scenario.converted)
            return self.load(scenario, gateway, 30, scenario.converted)
        finally:
            gateway.stop()

    def run(self, key, name):
        scenario = SCENARIOS[key]
        if scenario.holds:
            result = self.load_of_fresh(scenario, name)
        else:
            gateway = self.gateways.get(name)
            result = self.load(scenario, gateway, self.options.seconds, scenario.converted)
        if result["failed"]:
            print(f"  {key} {name}: {result['failed']} failed: {result['first_failure']}")
        if not Figures.tells(result):
            print(f"  {key} {name}: nothing was answered, so there is no figure")
        wanted = scenario.rate(self.options) if scenario.rate else 0
        if result["requests_per_second"] < 0.98 * wanted:
            print(f"  {key} {name}: {result['requests_per_second']:.0f} a second "
                  f"instead of {wanted:g}: this machine was too slow or too busy")
        self.figures.add(key, name, result)

    def takes_part(self, key, name):
        if name == DIRECT:
            return any(row.added for row in ROWS if row.scenario == key)
        gateway = self.gateways[name]
        if SCENARIOS[key].converters_only and not gateway.converts:
            return False
        return gateway.only is None or key in gateway.only

    def run_fan_out(self):
        for readers in [0, *self.options.readers]:
            result = fan_out.run_once(
                self.directory, self.options.binaries, self.provider_port, readers,
                self.options.seconds,
            )
            self.fan_out.setdefault(readers, []).append(result)

    def start(self, name):
        try:
            self.gateways[name] = self.make(name)
            self.gateways[name].start()
        except SystemExit as why:
            # A foreign gateway that does not start must not end the other measurements.
            if name not in PEERS or isinstance(why.code, int):
                raise
            print(f"  {name} is left out: {why}")
            self.options.gateways.remove(name)

    def run_all(self):
        if set(self.options.scenarios) - set(OTHER_SCENARIOS):
            for name in list(self.options.gateways):
                self.start(name)
        for number in range(self.options.rounds):
            print(f"round {number + 1} of {self.options.rounds}", file=sys.stderr)
            for key in self.options.scenarios:
                if key == "fan-out":
                    self.run_fan_out()
                elif key in SCENARIOS:
                    for name in [DIRECT, *self.options.gateways]:
                        if self.takes_part(key, name):
                            self.run(key, name)

    def failed(self):
        return self.figures.total("failed") + sum(
            run["failed"] for runs in self.fan_out.values() for run in runs
        )


def report(bench, options):
    if bench.figures.runs:
        print(gateways_table(bench.figures, options.gateways, DIRECT))
        print("\n(n×): the figure divided by nginx's, there of the stream passed through.", end=" ")
    print(f"Medians of {options.rounds} interleaved rounds of {options.seconds:g} s.\n")
    for line in conversion_lines(bench.figures, options.gateways):
        print(f"- {line}")
    if "micro" in options.scenarios:
        for line in micro.lines(options.binaries, options.quick):
            print(f"- {line}")
    if bench.fan_out:
        print(f"\nReaders of the live feed beside {fan_out.REQUESTS_PER_SECOND} streams a second:\n")
        print(fan_out_table(bench.fan_out))
    if bench.metrics:
        print(f"\nMeasured requests through vandamme: "
              f"{bench.figures.total('requests', 'vandamme')}; vdm-metrics says:")
        print(bench.metrics.totals()[:600])
    if options.json:
        readers = {f"fan-out {count} readers": runs for count, runs in bench.fan_out.items()}
        options.json.write_text(json.dumps({**bench.figures.as_json(), **readers}, indent=1))


def main():
    options = arguments()

    def leave(number, _):
        sys.exit(128 + number)

    endings = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for ending in endings:
        signal.signal(ending, leave)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="vdm-bench-"))
    try:
        bench = Bench(options, directory)
        bench.run_all()
        report(bench, options)
        return 1 if bench.failed() else 0
    finally:
        # A second Ctrl-C must not interrupt the ending of the programs.
        for ending in endings:
            signal.signal(ending, signal.SIG_IGN)
        Program.stop_all()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
