"""What readers of the live feed cost vdm-metrics while requests run."""

import json
import subprocess
import sys

from gateways import GATEWAY_CORE, OTHER_CORE, Metrics, Program, Vandamme, pinned

REQUESTS_PER_SECOND = 50
# Readers connect one after the other before they measure; requests run during all of it.
CONNECT_SECONDS = 12


def run_once(directory, binaries, provider_port, readers, seconds):
    """One run with services of its own: earlier runs' history would enlarge snapshots."""
    metrics = Metrics(f"metrics-{readers}-readers", directory, binaries, GATEWAY_CORE)
    metrics.start()
    proxy = Vandamme(
        f"proxy-{readers}-readers", directory, binaries, provider_port, metrics.ingest_port
    )
    proxy.start()
    load = Program(
        f"load-{readers}-readers", OTHER_CORE,
        [binaries / "vdm-bench-load", "--port", proxy.port, "--stream", "--rate", REQUESTS_PER_SECOND,
         "--connections", 64, "--warm-up", 0.5, "--seconds", seconds + CONNECT_SECONDS],
        {}, directory,
    )
    try:
        command = [
            binaries / "vdm-bench-readers", "--port", metrics.http_port, "--readers", readers,
            "--seconds", seconds, "--warm-up", 1, "--watch", metrics.program.process.pid,
        ]
        done = subprocess.run(
            pinned(OTHER_CORE, [str(part) for part in command]), capture_output=True, text=True
        )
        if not done.stdout:
            raise SystemExit(f"the readers failed: {done.stderr}")
        if load.process.poll() is not None:
            raise SystemExit(f"no requests ran beside {readers} readers: {load.log.read_text()}")
        result = json.loads(done.stdout)
        if result["failed"]:
            print(f"  fan-out: {result['failed']} of {readers} readers failed", file=sys.stderr)
        return result
    finally:
        load.stop()
        proxy.stop()
        metrics.stop()
