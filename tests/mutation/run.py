#!/usr/bin/env python3
"""Changes one operator, bound, constant or statement at a time and says which changes no test notices.

Works on a copy of the tree (build/mutation/tree), which it builds without optimisation. A change that does not
compile is none. A test program that fails, crashes or hangs has noticed. Ends with
"N noticed, N not noticed"; the exit code is 1 if fewer than --least percent were noticed.
"""

import argparse
import collections
import pathlib
import random
import shutil
import subprocess
import sys
import time

from mutants import applied, mutants_of
from rooms import ROOMS

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "build/mutation"
TREE = WORK / "tree"
BUILT = WORK / "built"
KNOWN = pathlib.Path(__file__).resolve().parent / "known.txt"
TEST_SECONDS_MAX = 120
NICE = ["nice", "-n", "5"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help="of " + ", ".join(ROOMS))
    parser.add_argument("--count", type=int, default=200, help="how many changes (200)")
    parser.add_argument("--seed", type=int, help="which ones; the default is new each time")
    parser.add_argument("--least", type=int, default=85, help="percent that must be noticed (85)")
    parser.add_argument("--jobs", type=int, default=2, help="of the compiler (2)")
    given = parser.parse_args()
    if unknown := [room for room in given.rooms if room not in ROOMS]:
        parser.error(f"no such room: {', '.join(unknown)}; expected some of {', '.join(ROOMS)}")
    return given


def copy_tree():
    """Tracked files as they are now; only what differs is written, so that little is built anew."""
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True,
                           capture_output=True, text=True).stdout.splitlines()
    wanted = {name for name in names if (ROOT / name).is_file() and not name.startswith("build/")}
    for name in wanted:
        source, copy = ROOT / name, TREE / name
        if not copy.exists() or copy.read_bytes() != source.read_bytes():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, copy)
    for copy in list(TREE.rglob("*")):
        if copy.is_file() and str(copy.relative_to(TREE)) not in wanted:
            copy.unlink()


def build(programs, jobs):
    done = subprocess.run([*NICE, "cmake", "--build", BUILT, "-j", str(jobs), "--target", *programs],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode == 0, done.stdout


def configure():
    done = subprocess.run(["cmake", "-S", TREE, "-B", BUILT, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
                           "-DCMAKE_CXX_FLAGS_DEBUG=-O0", "-DCMAKE_UNITY_BUILD=ON", "-DVDM_TESTS=ON",
                           "-DCMAKE_UNITY_BUILD_BATCH_SIZE=4"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(done.stdout)


def passes(program):
    try:
        return subprocess.run([BUILT / "tests" / program, "--gtest_brief=1"], cwd=BUILT, timeout=TEST_SECONDS_MAX,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def sources(folders):
    for folder in folders:
        path = TREE / folder
        yield from ([path] if path.is_file() else sorted(path.rglob("*.cc")))


def all_mutants(rooms):
    known = {line.strip() for line in KNOWN.read_text().splitlines() if line and not line.startswith("#")}
    for room in rooms:
        for path in sources(ROOMS[room][0]):
            name = str(path.relative_to(TREE))
            for mutant in mutants_of(name, path.read_text()):
                if f"{name}: {mutant.after.strip()}" not in known:
                    yield room, mutant


def notices(mutant, programs, jobs):
    """True, False, or None where the change does not compile."""
    path = TREE / mutant.path
    text = path.read_text()
    path.write_text(applied(mutant, text))
    try:
        built, _ = build(programs, jobs)
        return not all(passes(program) for program in programs) if built else None
    finally:
        path.write_text(text)


def main():
    given = arguments()
    rooms = given.rooms or list(ROOMS)
    seed = given.seed if given.seed is not None else random.randrange(1_000_000)
    programs = sorted({program for room in rooms for program in ROOMS[room][1]})
    copy_tree()
    configure()
    print(f"seed {seed}; building {' '.join(programs)}", flush=True)
    built, said = build(programs, given.jobs)
    if not built:
        sys.exit(said[-4000:])
    if broken := [program for program in programs if not passes(program)]:
        sys.exit(f"fails without any change: {', '.join(broken)}")

    drawn = list(all_mutants(rooms))
    print(f"{len(drawn)} changes are possible; {given.count} are tried", flush=True)
    random.Random(seed).shuffle(drawn)
    tried, missed = collections.Counter(), collections.Counter()
    for room, mutant in drawn:
        if tried.total() == given.count:
            break
        began = time.monotonic()
        noticed = notices(mutant, ROOMS[room][1], given.jobs)
        if noticed is None:
            continue
        tried[room] += 1
        missed[room] += not noticed
        print(f"{tried.total():4} {'noticed    ' if noticed else 'NOT NOTICED'} {time.monotonic() - began:4.0f} s  {mutant}",
              flush=True)
    for room in sorted(tried):
        print(f"{room:10} {tried[room] - missed[room]} of {tried[room]} noticed")
    noticed = tried.total() - missed.total()
    print(f"{noticed} noticed, {missed.total()} not noticed")
    return 0 if 100 * noticed >= given.least * tried.total() else 1


if __name__ == "__main__":
    sys.exit(main())
