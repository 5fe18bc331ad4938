#!/usr/bin/env python3
"""What a ctest run came to: tests/results.py BUILD_DIR JUNIT

Test programs are run whole or in shards, so ctest counts processes. This counts tests: those that GoogleTest
wrote to BUILD_DIR/results, and each other ctest case as one. A process that failed without a failed test (it
crashed, was too slow, or a sanitizer complained at its end) is one failed test, with the test it was in.
Ends with "N passed, N failed, N skipped".
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

LINES_SHOWN = 60


def tests_of(path):
    """(name, outcome, text) of each test that one process ran; nothing if it wrote no whole result."""
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError):
        return []
    found = []
    for case in root.iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        failures = [failure.text or "" for failure in case.findall("failure")]
        if failures:
            found.append((name, "failed", "\n".join(failures)))
        elif case.get("status") == "notrun":
            continue
        elif case.find("skipped") is not None or case.get("result") == "skipped":
            found.append((name, "skipped", ""))
        else:
            found.append((name, "passed", ""))
    return found


def of_process(name, failed, output):
    """The same for a whole process that says nothing of its tests, or failed beside them."""
    if not failed:
        return (name, "passed", "")
    started = re.findall(r"^\[ RUN      \] (\S+)", output, re.MULTILINE)
    ended = set(re.findall(r"^\[ *(?:OK|FAILED|SKIPPED) *\] (\S+)", output, re.MULTILINE))
    if started and started[-1].rstrip(",") not in ended:
        name += f" in {started[-1]}"
    return (name, "failed", "\n".join(output.splitlines()[-LINES_SHOWN:]))


def count(build, junit):
    outcomes = []
    for case in ElementTree.parse(junit).getroot().iter("testcase"):
        name, failed = case.get("name"), case.get("status") != "run"
        tests = tests_of(build / "results" / f"{name}.xml")
        outcomes += tests
        if not tests or (failed and all(outcome != "failed" for _, outcome, _ in tests)):
            outcomes.append(of_process(name, failed, case.findtext("system-out") or ""))
    return outcomes


def main():
    build, junit = map(pathlib.Path, sys.argv[1:3])
    try:
        outcomes = count(build, junit)
    except (OSError, ElementTree.ParseError) as fault:
        print(f"no result of ctest in {junit}: {fault}")
        outcomes = []
    for name, outcome, text in outcomes:
        if outcome == "failed":
            print(f"failed: {name}")
            print("\n".join("  " + line for line in text.splitlines()[:LINES_SHOWN]))
    of = [outcome for _, outcome, _ in outcomes].count
    print(f"{of('passed')} passed, {of('failed')} failed, {of('skipped')} skipped")
    return 0 if outcomes and not of("failed") else 1


if __name__ == "__main__":
    sys.exit(main())
