#!/usr/bin/env python3
"""What the hot paths cost, counted and not timed: instructions and heap allocations per unit."""

import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import shutil
import sys
import tempfile
import time
import typing

import callgrind
import proxy
from figures import KINDS, Figures, moved, per_unit, too_high

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
FUNCTIONS_NAMED = 3


@dataclasses.dataclass
class Scenario:
    name: str
    unit: str
    units: int  # in the window
    count: typing.Callable  # takes the folder with the programs


def of_proxy(name, unit, work, converted, warm_up, steps):
    return Scenario(name, unit, steps,
                    lambda bin: proxy.count(bin, work, converted, warm_up, steps))


def of_program(name, unit, units):
    return Scenario(name, unit, units, lambda bin: callgrind.count(bin / f"vdm-gate-{name}"))


# event_recorded.cc and batch_applied.cc have the same numbers of units.
SCENARIOS = [
    of_proxy("pass-through", "request", proxy.Requests, False, 128, 768),
    of_proxy("stream-event", "event", proxy.Events, False, 64, 192),
    of_proxy("converted-event", "event", proxy.Events, True, 64, 192),
    of_program("event-recorded", "event", 96 * 128),
    of_program("batch-applied", "batch of 128 events", 48),
]
PROGRAMS = ["vdm-proxy", "vdm-gate-steady.so", "vdm-gate-event-recorded", "vdm-gate-batch-applied"]


def percent(now, before):
    if before == 0:
        return "=" if now == 0 else "new"
    return f"{100 * (now - before) / before:+.2f} %"


def count_all(scenarios, binaries, jobs):
    """Yields (scenario, figures per unit or the fault) for each scenario in order."""
    def one(scenario):
        began = time.monotonic()
        try:
            counted = per_unit(scenario.count(binaries), scenario.units)
        except (OSError, RuntimeError) as fault:
            counted = fault
        print(f"gate: {scenario.name} counted in {time.monotonic() - began:.0f} s", flush=True)
        return counted

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        waiting = [(scenario, pool.submit(one, scenario)) for scenario in scenarios]
        return [(scenario, future.result()) for scenario, future in waiting]


def verdict(scenario, counted, recorded):
    """The lines that say why the scenario fails; empty when it passes."""
    if isinstance(counted, Exception):
        return [f"{scenario.name}: not counted: {counted}"]
    if recorded is None:
        return [f"{scenario.name}: no figure is recorded; see --record"]
    lines = []
    for kind in KINDS:
        if not too_high(counted, recorded, kind):
            continue
        now, before = counted["figures"][kind], recorded["recorded"][kind]
        lines.append(f"{scenario.name}: {now:,} {kind} per {scenario.unit}, recorded {before:,} "
                     f"({percent(now, before)})")
        changes = moved(counted, recorded, kind)
        grown = [one for one in changes if one[0] > 0][:FUNCTIONS_NAMED]
        shrunk = [one for one in reversed(changes) if one[0] < 0][:FUNCTIONS_NAMED]
        lines += [f"    grew   {by:+11,}  {name}" for by, name in grown]
        lines += [f"    shrank {by:+11,}  {name}" for by, name in shrunk]
    return lines


def print_table(results, figures):
    row = "{:<16} {:<20} {:<13} {:>12} {:>12} {:>9} {:>12} {:>9}"
    print(row.format("scenario", "per", "of", "counted", "recorded", "change", figures.tag, "change"))
    for scenario, counted in results:
        recorded = figures.scenario(scenario.name)
        if isinstance(counted, Exception) or recorded is None:
            continue
        for kind in KINDS:
            now, last, base = (counted["figures"][kind], recorded["recorded"][kind],
                               recorded["base"][kind])
            print(row.format(scenario.name, scenario.unit, kind, f"{now:,}", f"{last:,}",
                             percent(now, last), f"{base:,}", percent(now, base)))


def print_rises(figures, versions):
    print(f"all rises recorded since {figures.tag}, added up; falls are not taken off:")
    for name, scenario in sorted(figures.data["scenarios"].items()):
        said = []
        for kind, (total, times) in figures.rises(name).items():
            base = scenario["base"][kind]
            said.append(f"{kind} +{total:,} ({percent(base + total, base)}) in {times}"
                        if times else f"{kind} none")
        print(f"    {name:<16} {', '.join(said)}")
    for line in figures.taken_with_others(versions):
        print(f"gate: the figures were taken with {line}: a change may be of that")


def judge(results, figures, versions):
    """Prints everything; returns how many failed."""
    print_table(results, figures)
    failed = 0
    for scenario, counted in results:
        recorded = figures.scenario(scenario.name)
        lines = verdict(scenario, counted, recorded)
        failed += bool(lines)
        for line in lines:
            print(("FAILED " if line[0] != " " else "") + line)
        if not lines and any(counted["figures"][kind] < 0.99 * recorded["recorded"][kind]
                             for kind in KINDS):
            print(f"{scenario.name} costs less than recorded: record it, so that it stays")
    print_rises(figures, versions)
    print(f"{len(results) - failed} passed, {failed} failed")
    return failed


def record(results, figures, versions, why):
    faults = [one for _, one in results if isinstance(one, Exception)]
    if faults:
        raise SystemExit(f"gate: nothing recorded: {faults[0]}")
    for scenario, counted in results:
        figures.record(scenario.name, counted, why)
    figures.save(versions)
    print(f"gate: recorded in {figures.path}")
    return judge(results, figures, versions)


def self_test(binaries):
    """Shows that an extra function fails and is named, and that too low a figure fails."""
    wanted = next(one for one in SCENARIOS if one.name == "event-recorded")
    as_it_is = per_unit(wanted.count(binaries), wanted.units)
    slowed = per_unit(callgrind.count(binaries / "vdm-gate-event-recorded", "extra"), wanted.units)
    with tempfile.TemporaryDirectory(prefix="vdm-gate-") as directory:
        figures = Figures(pathlib.Path(directory) / "figures.json")
        figures.record(wanted.name, as_it_is, "")
        recorded = figures.scenario(wanted.name)
        passes = verdict(wanted, as_it_is, recorded)
        fails = verdict(wanted, slowed, recorded)
        figures.record(wanted.name, slowed, "a test")
        rise, times = figures.rises(wanted.name)["instructions"]
        figures.scenario(wanted.name)["recorded"]["instructions"] *= 0.96
        figures.save({})
        try:
            Figures(figures.path)
            edited = "taken"
        except SystemExit:
            edited = "refused"
    held = {
        "what was recorded passes": passes == [],
        "more instructions fail": any("instructions per event, recorded" in line for line in fails),
        "more allocations fail": any("allocations per event, recorded" in line for line in fails),
        "the function that grew comes first": len(fails) > 1 and "extra_work()" in fails[1],
        "a rise is summed": times == 1 and rise > 0,
        "a figure changed by hand is refused": edited == "refused",
    }
    for what, holds in held.items():
        print(f"{'ok    ' if holds else 'FAILED'} {what}")
    failed = sum(not holds for holds in held.values())
    if failed:
        print("\n".join(fails))
    print(f"{len(held) - failed} passed, {failed} failed")
    return failed


def main():
    names = [one.name for one in SCENARIOS]
    options = argparse.ArgumentParser(
        description=__doc__, epilog="tests/bench/gate/README.md says how to read a failure.")
    options.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=f"of {', '.join(names)}")
    options.add_argument("--binaries", type=pathlib.Path, default=ROOT / "build/release/bin",
                         help="where the release preset's programs are")
    options.add_argument("--figures", type=pathlib.Path, default=HERE / "figures.json")
    options.add_argument("--record", action="store_true",
                         help="what is counted becomes the recorded figure; needs --why")
    options.add_argument("--why", help="kept with the change that --record makes")
    options.add_argument("--jobs", type=int, default=os.cpu_count(), help="scenarios at a time")
    options.add_argument("--self-test", action="store_true", help="show that the gate can fail")
    given = options.parse_args()
    wrong = set(given.scenarios) - set(names)
    if wrong:
        options.error(f"no such scenario: {', '.join(sorted(wrong))}")
    if given.record and not given.why:
        options.error("--record needs --why: one sentence, as in the commit's message")

    callgrind.refuse_other_machines()
    binaries = given.binaries.resolve()
    missing = [name for name in PROGRAMS if not (binaries / name).exists()]
    if missing or not shutil.which("valgrind"):
        options.error(f"not there: {', '.join(missing) or 'valgrind'}; the programs are built by the "
                      "preset release, where valgrind is installed")
    if given.self_test:
        return 1 if self_test(binaries) else 0
    figures = Figures(given.figures)
    chosen = [one for one in SCENARIOS if not given.scenarios or one.name in given.scenarios]
    results = count_all(chosen, binaries, given.jobs)
    versions = callgrind.versions(binaries / "vdm-proxy")
    failed = (record(results, figures, versions, given.why) if given.record else
              judge(results, figures, versions))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
