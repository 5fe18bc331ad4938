"""The scenarios, and the rows that are computed from their results."""

from dataclasses import dataclass
from typing import Callable

CHAT_BYTES_LARGE = 50 * 1024
EVENTS = 50  # of a stream; vdm-bench-provider's default


@dataclass(frozen=True)
class Scenario:
    title: str
    load: Callable  # options -> arguments of vdm-bench-load
    rate: Callable | None = None  # options -> requests a second; None: a closed loop
    model: str = "bench-chat"
    streamed: bool = False
    converted: bool = False  # clients ask in the Anthropic dialect where the gateway converts
    holds: bool = False  # measures the memory of a fresh process
    # The other gateways do the same work in another scenario, REFERENCE_SCENARIO.
    converters_only: bool = False


SCENARIOS = {
    "chat-2k": Scenario("2 KiB chat, closed loop", lambda o: ["--connections", o.connections]),
    "chat-50k": Scenario(
        "50 KiB chat, closed loop",
        lambda o: ["--connections", o.connections, "--body-bytes", CHAT_BYTES_LARGE],
    ),
    "chat-2k-rate": Scenario(
        "2 KiB chat, as many a second for all",
        lambda o: ["--connections", 64, "--rate", o.chat_rate],
        lambda o: o.chat_rate,
    ),
    "sse": Scenario(
        "50-event stream, closed loop",
        lambda o: ["--connections", 2 * o.connections, "--stream"],
        streamed=True,
    ),
    "converted": Scenario(
        "50-event stream, Anthropic client and OpenAI provider, closed loop",
        lambda o: ["--connections", o.stream_connections, "--stream"],
        streamed=True,
        converted=True,
    ),
    "passed": Scenario(
        "the same load, OpenAI client",
        lambda o: ["--connections", o.stream_connections, "--stream"],
        streamed=True,
        converters_only=True,
    ),
    "latency": Scenario(
        "2 KiB chat, fixed rate",
        lambda o: ["--connections", 64, "--rate", o.rate],
        lambda o: o.rate,
    ),
    "first-token": Scenario(
        "50-event stream, fixed rate",
        lambda o: ["--connections", 128, "--stream", "--rate", o.stream_rate],
        lambda o: o.stream_rate,
        streamed=True,
    ),
    "memory": Scenario(
        "open slow streams",
        lambda o: ["--connections", o.streams, "--hold"],
        streamed=True,
        model="bench-slow",
        holds=True,
    ),
    "memory-converted": Scenario(
        "open slow streams, Anthropic client and OpenAI provider",
        lambda o: ["--connections", o.streams, "--hold"],
        streamed=True,
        converted=True,
        model="bench-slow",
        holds=True,
        converters_only=True,
    ),
}


def cpu(run):
    return run["cpu_us_per_request"]


def rate(run):
    return run["requests_per_second"]


def at(kind, percentile):
    return lambda run: run[kind][percentile]


def memory_kib(run):
    return (run["resident_after"] - run["resident_before"]) / 1024 / max(1, run["open_streams"])


@dataclass(frozen=True)
class Row:
    title: str
    scenario: str
    figure: Callable  # a run's result -> number
    unit: str = ""
    added: bool = False  # the direct call's figure is subtracted


ROWS = [
    Row("2 KiB chat: CPU per request", "chat-2k", cpu, "µs"),
    Row("2 KiB chat: requests/s", "chat-2k", rate),
    Row("50 KiB chat: CPU per request", "chat-50k", cpu, "µs"),
    Row("50 KiB chat: requests/s", "chat-50k", rate),
    Row("2 KiB chat at the same rate: CPU per request", "chat-2k-rate", cpu, "µs"),
    Row("50-event stream: CPU per stream", "sse", cpu, "µs"),
    Row("converted stream: CPU per stream", "converted", cpu, "µs"),
    Row("converted stream: streams/s", "converted", rate),
    Row("the same load, passed through: CPU per stream", "passed", cpu, "µs"),
    Row("the same load, passed through: streams/s", "passed", rate),
    Row("added latency, p50", "latency", at("latency_us", "p50"), "µs", True),
    Row("added latency, p99", "latency", at("latency_us", "p99"), "µs", True),
    Row("added time to first token, p50", "first-token", at("first_byte_us", "p50"), "µs", True),
    Row("added time to first token, p99", "first-token", at("first_byte_us", "p99"), "µs", True),
    Row("memory per open stream", "memory", memory_kib, "KiB"),
    Row("memory per open converted stream", "memory-converted", memory_kib, "KiB"),
]
REFERENCE = "nginx"
# Where nginx does not take part, the ratio is to its figure for the same work.
REFERENCE_SCENARIO = {"passed": "converted", "memory-converted": "memory"}
