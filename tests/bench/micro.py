"""Runs the micro benchmarks whose figures run.py prints beside its table."""

import json
import subprocess

# program -> the benchmarks it runs
WANTED = {
    "vdm-bench-events": "record_with_a_reporter|record_alone",
    "vdm-bench-convert": "tap_alone|convert_text|convert_arguments",
}


def nanoseconds(program, wanted, quick):
    """CPU time per round of each benchmark, the median of three."""
    command = [
        str(program), f"--benchmark_filter=^({wanted})", "--benchmark_format=json",
        "--benchmark_repetitions=3", "--benchmark_report_aggregates_only=true",
        f"--benchmark_min_time={0.1 if quick else 0.5}",
    ]
    # Not pinned: one benchmark measures two threads, which compete only on two cores.
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {
        one["run_name"]: one["cpu_time"]
        for one in json.loads(done.stdout)["benchmarks"] if one["aggregate_name"] == "median"
    }


def lines(binaries, quick):
    missing = [name for name in WANTED if not (binaries / name).exists()]
    if missing:
        yield f"Not built, so not run: {', '.join(missing)} (they need google-benchmark)."
        return
    events = nanoseconds(binaries / "vdm-bench-events", WANTED["vdm-bench-events"], quick)
    for name, time in events.items():
        yield f"A request's events recorded ({name}): {time / 1000:.2f} µs of the recording thread."
    convert = nanoseconds(binaries / "vdm-bench-convert", WANTED["vdm-bench-convert"], quick)
    for dialect, provider in (("0", "an OpenAI"), ("1", "an Anthropic")):
        tap = convert[f"tap_alone/anthropic:{dialect}"]
        for what in ("text", "arguments"):
            time = convert[f"convert_{what}/anthropic:{dialect}"]
            yield (f"An event of {what} from {provider} provider: converted in {time / 1000:.2f} µs, "
                   f"looked at by the tap in {tap / 1000:.2f} µs ({time / tap:.2f}×).")
