"""Runs a program under callgrind with everything pinned, and reads its counts."""

import collections
import pathlib
import platform
import re
import subprocess
import tempfile

# The processor that every run sees. Valgrind shows programs a Haswell and hides newer features
# (AVX-512); these settings repeat that, so that a newer valgrind counts the same.
PINNED = {
    "SIMDJSON_FORCE_IMPLEMENTATION": "haswell",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512BW,-AVX512DQ,-AVX512CD,-RTM",
    "OPENSSL_ia32cap": "~0x4000000000000000:~0xf0270000",  # no RDRAND, RDSEED, SHA, AVX-512
    # One arena per thread, whatever the number of processors; no memory is returned by time.
    "MALLOC_CONF": "narenas:64,dirty_decay_ms:-1,muzzy_decay_ms:-1",
    "LC_ALL": "C",
    "PATH": "/usr/bin:/bin",
    "HOME": "/",
}

# A call of one of these is one allocation, unless another of them made the call.
ALLOCATES = re.compile(r"^(operator new(\[\])?\(|(malloc|calloc|realloc|aligned_alloc|"
                       r"posix_memalign|memalign|valloc)(@|$))")
# The allocator, and functions that copy and compare bytes: their cost counts for the caller. Their
# inner functions are named, so that they are not listed separately.
SERVES = re.compile(r"^(operator (new|delete)|void\* fallback_impl|je_|tcache_|arena_|extent_|edata_|"
                    r"bin_|sz_|"
                    r"(malloc|free|calloc|realloc|aligned_alloc|posix_memalign|sdallocx)\b|"
                    r"__(mem|str|bcmp)|(mem|str)(cpy|move|set|cmp|chr|len)\b)")
OWN_OBJECTS = re.compile(r"vdm-gate-steady")

NAME = re.compile(r"\((\d+)\)(?: (.*))?")
WINDOW = re.compile(r"window-(\d+)$")
NAME_MAX = 160
SHORT = [
    ("std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >", "std::string"),
    ("std::basic_string_view<char, std::char_traits<char> >", "std::string_view"),
    ("vdm::Started, vdm::Progressed, vdm::Ended, vdm::Gap", "vdm::Event…"),
    ("(anonymous namespace)::", ""),
]
CLONE = re.compile(r"(\s*\[clone [^\]]*\]|@[A-Z_0-9.]+|'\d+)")


def fixed_addresses():
    """Empty where the container forbids setarch; valgrind itself always uses the same addresses."""
    command = ["setarch", "-R"]
    return command if subprocess.run([*command, "true"], capture_output=True).returncode == 0 else []


def command(directory, program, *arguments):
    """`directory` receives one file for each thread and window. Dies with its parent."""
    return ["setpriv", "--pdeathsig", "KILL", *fixed_addresses(), "valgrind", "--tool=callgrind",
            "--vgdb=no", "--separate-threads=yes", f"--callgrind-out-file={directory}/counts",
            str(program), *arguments]


def versions(program):
    """The versions of tools and libraries on which the figures depend."""
    def said_by(*command):
        try:
            return subprocess.run(command, capture_output=True, text=True).stdout.strip()
        except OSError:
            return ""
    simdjson = re.search(r"=> (\S*libsimdjson\S*)", said_by("ldd", str(program)))
    return {
        "allocator": "jemalloc" if b"<jemalloc>" in program.read_bytes() else "libc's",
        "compiler": said_by("c++", "-dumpfullversion"),
        "libc": platform.libc_ver()[1],
        "simdjson": pathlib.Path(simdjson.group(1)).resolve().name if simdjson else "",
        "valgrind": said_by("valgrind", "--version"),
    }


def refuse_other_machines():
    flags = pathlib.Path("/proc/cpuinfo").read_text()
    for wanted in ("avx2", "bmi2", "movbe"):
        if not re.search(rf"^flags.*\b{wanted}\b", flags, re.M):
            raise SystemExit(f"gate: the figures are of a processor with {wanted}; this has none")


class Counts:
    """The counts of one thread in one window."""

    def __init__(self):
        self.instructions_total = 0
        self.instructions = collections.Counter()  # its own, with allocator and copying
        self.allocations = collections.Counter()  # by calling function

    @property
    def total(self):
        return {"instructions": self.instructions_total,
                "allocations": sum(self.allocations.values())}

    def add_own(self, function, cost):
        self.instructions_total += cost
        if not SERVES.match(function):
            self.instructions[plain(function)] += cost

    def add_call(self, function, callee, times, cost):
        """`cost` includes everything that the callee called."""
        if SERVES.match(callee) and not SERVES.match(function):
            self.instructions[plain(function)] += cost
        if ALLOCATES.match(callee) and not ALLOCATES.match(function):
            self.allocations[plain(function)] += times


def plain(name):
    """The function, without the suffix of a copy that the optimiser made, and shortened."""
    name = CLONE.sub("", name).strip()
    for long, short in SHORT:
        name = name.replace(long, short)
    # A coroutine's body is named after its frame, at length.
    name = re.sub(r"\((\S*::)?(\w+)\((.*)\)::_ZN?\w+\.Frame\*\)$", "() [coroutine]", name)
    return name if len(name) <= NAME_MAX else name[:NAME_MAX - 1] + "…"


def read_file(path):
    """Returns (number of the window or None, Counts)."""
    window, counts = None, Counts()
    names = {"fn": {}, "ob": {}}

    def name_of(kind, text):
        number, name = NAME.match(text).groups()
        if name is not None:
            names[kind][number] = name
        return names[kind][number]

    function, ours, calls = "", False, False
    callee, times = "", 0
    for line in path.read_text(errors="replace").split("\n"):
        key, _, value = line.partition("=")
        if line[:1].isdigit() or line[:1] in "+-*":
            numbers = line.split()
            cost = int(numbers[1]) if len(numbers) > 1 else 0
            if calls:  # this line has the cost of the call above
                calls = False
                counts.add_call(function, callee, times, cost)
            elif not ours:
                counts.add_own(function, cost)
        elif key == "fn":
            function = name_of("fn", value)
        elif key == "ob":
            ours = bool(OWN_OBJECTS.search(name_of("ob", value)))
        elif key == "cfn":
            callee = name_of("fn", value)
        elif key == "cob":
            name_of("ob", value)
        elif key == "calls":
            calls, times = True, int(value.split()[0])
        elif line.startswith("desc: Trigger: Client Request: "):
            found = WINDOW.search(line)
            window = int(found.group(1)) if found else None
    return window, counts


def read_window(directory):
    """The counts in window 2 of the thread that executed most instructions there."""
    found = []
    for path in sorted(pathlib.Path(directory).glob("counts*")):
        if path.stat().st_size:
            window, counts = read_file(path)
            if window == 2:
                found.append(counts)
    if not found:
        raise RuntimeError("callgrind wrote no window 2")
    return max(found, key=lambda counts: counts.total["instructions"])


def count(program, *arguments):
    """Runs a program that closes its own windows."""
    with tempfile.TemporaryDirectory(prefix="vdm-gate-") as directory:
        done = subprocess.run(command(directory, program, *arguments), env=PINNED,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{program} ended with status {done.returncode}\n{done.stderr[-2000:]}")
        return read_window(directory)
