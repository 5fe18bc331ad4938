#!/usr/bin/env python3
"""Requests of 64 MiB that a proxy of one thread converts: its memory, how long each takes, and how long small requests
wait meanwhile. Run it by hand; it takes a minute and up to 3 GiB of memory, most of it its own."""

import argparse
import asyncio
import json
import pathlib
import tempfile
import time

from gateways import Program, Vandamme, free_port, wait_for

MIB = 1024 * 1024
ANSWER = json.dumps({
    "id": "c", "object": "chat.completion", "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}).encode()


def request(content, size):
    """An Anthropic request of about `size` bytes; `content(size)` makes a message's content, as JSON."""
    made = content(size)
    role = b"assistant" if b"tool_use" in made[:40] else b"user"
    body = b'{"model":"bench:m","max_tokens":9,"messages":[{"role":"' + role + b'","content":' + made + b"}]}"
    head = (f"POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n").encode()
    return head + body


def texts(each):
    def content(size):
        block = b'{"type":"text","text":"' + b"lorem ipsum " * (each // 12) + b'"}'
        return b"[" + b",".join([block] * (size // (len(block) + 1))) + b"]"
    return content


def tool_input(size):
    return b'[{"type":"tool_use","id":"t","name":"Write","input":{"path":"x","file":"' + b"line\\n" * (size // 6) + b'"}}]'


KINDS = {
    "one text": texts(62 * MIB),
    "texts of 64 KiB": texts(64 * 1024),
    "texts of 1 KiB": texts(1000),
    "lines with escapes": lambda size: b'"' + b"line\\n\\u00e9\\\\" * (size // 14) + b'"',
    "an image": lambda size: b'[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"'
                             + b"iVBORw0K" * (size // 8) + b'"}}]',
    "a tool's input": tool_input,
    "too many values (413)": lambda size: b"[" + b"0," * (size // 2) + b"0]",
}


async def provider(reader, writer):
    """Reads requests, keeps nothing, answers each."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            while length > 0:
                length -= len(await reader.read(min(length, 1 << 20)))
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
                         + str(len(ANSWER)).encode() + b"\r\n\r\n" + ANSWER)
    except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
        writer.close()


async def ask(port, text):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text)
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    return int(head.split()[1])


async def ping(port, waits, stop):
    small = request(lambda _: b'"hi"', 0)
    while not stop.is_set():
        begun = time.monotonic()
        await ask(port, small)
        waits.append(time.monotonic() - begun)
        await asyncio.sleep(0.005)


def memory(pid, row):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split(f"{row}:")[1].split()[0]) * 1024


async def measure(title, gateway, text, count, pings):
    pid = gateway.program.process.pid
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")  # the highest is counted from now on
    before = memory(pid, "VmRSS")
    stop, waits = asyncio.Event(), []
    pinging = asyncio.create_task(ping(gateway.port, waits, stop)) if pings else None
    begun = time.monotonic()
    told = await asyncio.gather(*(ask(gateway.port, text) for _ in range(count)))
    seconds = time.monotonic() - begun
    stop.set()
    if pinging:
        await pinging
    peak = (memory(pid, "VmHWM") - before) / MIB
    by_status = ", ".join(f"{told.count(status)} × {status}" for status in sorted(set(told)))
    wait = f"{1000 * max(waits):.0f}" if waits else ""
    print(f"| {title} | {count} | {by_status} | {peak:.0f} | {peak / (count * len(text) / MIB):.2f} | "
          f"{seconds:.2f} | {wait} |", flush=True)


async def run(options, directory):
    server = await asyncio.start_server(provider, "127.0.0.1", 0, limit=1 << 21)
    provider_port = server.sockets[0].getsockname()[1]
    print("| kind | at once | answers | peak MiB | × the bodies | seconds | longest wait of a small one, ms |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for kind, content in KINDS.items():
        gateway = Vandamme("vandamme", directory, options.binaries, provider_port, 1)
        gateway.environment["LOG_REQUEST_METRICS"] = "false"
        gateway.start()
        text = request(content, 63 * MIB)
        await measure(kind, gateway, text, 1, True)
        if kind in ("texts of 1 KiB", "a tool's input"):
            await measure(kind, gateway, text, options.at_once, False)
        gateway.stop()
    server.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binaries", type=pathlib.Path, default=pathlib.Path("build/release/bin"))
    parser.add_argument("--at-once", type=int, default=16)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            asyncio.run(run(options, pathlib.Path(folder)))
        finally:
            Program.stop_all()


if __name__ == "__main__":
    main()
