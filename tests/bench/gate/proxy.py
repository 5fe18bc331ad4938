"""Counts the built vdm-proxy in lock-step. This file is its one client and its one provider, and
neither sends before the proxy has finished and sleeps: each read finds the same bytes everywhere."""

import mmap
import pathlib
import re
import socket
import struct
import subprocess
import tempfile
import time

import callgrind

START_SECONDS_MAX = 180  # under valgrind, on a busy machine
STEP_SECONDS_MAX = 60

WORDS = b"The quick brown fox jumps over the lazy dog, \\\"again\\\".\\n "
# The fields of a published SDK.
SDK_FIELDS = (b"Host: 127.0.0.1\r\nAccept-Encoding: identity\r\nConnection: keep-alive\r\n"
              b"Accept: application/json\r\nContent-Type: application/json\r\n"
              b"User-Agent: OpenAI/Python 1.54.0\r\nX-Stainless-Lang: python\r\n"
              b"X-Stainless-Package-Version: 1.54.0\r\nX-Stainless-OS: Linux\r\n"
              b"X-Stainless-Arch: x64\r\nX-Stainless-Runtime: CPython\r\n"
              b"X-Stainless-Runtime-Version: 3.11.2\r\nX-Stainless-Async: false\r\n")
ANSWER_FIELDS = b"date: Tue, 14 Nov 2023 22:13:20 GMT\r\nx-request-id: req_gate\r\nserver: gate\r\n"


def request(target, key_fields, stream):
    body = b'{"model":"gate-chat","stream":%s,"max_tokens":256,' % (b"true" if stream else b"false")
    if stream and target.endswith(b"completions"):
        body += b'"stream_options":{"include_usage":true},'
    body += b'"messages":[{"role":"user","content":"' + WORDS * 32 + b'"}]}'
    return (b"POST " + target + b" HTTP/1.1\r\n" + SDK_FIELDS + key_fields +
            b"Content-Length: %d\r\n\r\n" % len(body) + body)


OPENAI = (b"/v1/chat/completions", b"Authorization: Bearer not-a-key\r\n")
ANTHROPIC = (b"/v1/messages", b"X-Api-Key: not-a-key\r\nAnthropic-Version: 2023-06-01\r\n")


def whole_answer():
    body = (b'{"id":"chatcmpl-gate","object":"chat.completion","created":1700000000,'
            b'"model":"gate-chat","choices":[{"index":0,"message":{"role":"assistant","content":"' +
            b"and so it goes on, " * 90 + b'"},"finish_reason":"stop"}],"usage":{'
            b'"prompt_tokens":512,"completion_tokens":256,"total_tokens":768}}')
    return (b"HTTP/1.1 200 OK\r\n" + ANSWER_FIELDS + b"content-type: application/json\r\n"
            b"content-length: %d\r\n\r\n" % len(body) + body)


STREAM_HEAD = (b"HTTP/1.1 200 OK\r\n" + ANSWER_FIELDS +
               b"content-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n"
               b"transfer-encoding: chunked\r\n\r\n")


def chunk(delta):
    event = (b'data: {"id":"chatcmpl-gate","object":"chat.completion.chunk","created":1700000000,'
             b'"model":"gate-chat","choices":[{"index":0,"delta":' + delta +
             b',"finish_reason":null}]}\n\n')
    return b"%x\r\n%s\r\n" % (len(event), event)


class Board:
    """Reads and writes the file shared with steady.cc; steady.h has the layout."""

    def __init__(self, path):
        path.write_bytes(bytes(4096))
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 4096)
        self.reactor = None  # index of the thread that serves requests

    def waits_and_asleep(self, thread):
        return struct.unpack_from("=II", self.memory, 8 + 8 * thread)

    def choose_reactor(self):
        count = struct.unpack_from("=I", self.memory, 4)[0]
        self.reactor = max(range(count), key=lambda one: self.waits_and_asleep(one)[0])

    def wait_until_asleep(self):
        end = time.monotonic() + STEP_SECONDS_MAX
        while self.waits_and_asleep(self.reactor)[1] == 0:
            if time.monotonic() > end:
                raise RuntimeError("vdm-proxy does not come to rest")
            time.sleep(0.0001)

    def close_window(self, number):
        """Closes the window: what the proxy does next counts for another one."""
        struct.pack_into("=I", self.memory, 0, number)


class Proxy:
    """The built vdm-proxy under callgrind, its client and its provider."""

    def __init__(self, binaries, directory):
        self.directory = pathlib.Path(directory)
        self.board = Board(self.directory / "board")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(STEP_SECONDS_MAX)
        self.provider = None
        self.log = open(self.directory / "proxy.log", "w+b")
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        environment = {
            **callgrind.PINNED,
            "LD_PRELOAD": str(binaries / "vdm-gate-steady.so"),
            "VDM_GATE_BOARD": str(self.directory / "board"),
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "GATE_API_KEY": "not-a-key",
            "GATE_BASE_URL": f"http://127.0.0.1:{self.listener.getsockname()[1]}/v1",
            "GATE_API_FORMAT": "openai",
            "VDM_DEFAULT_PROVIDER": "gate",
            "VDM_INGEST_ADDRESS": "127.0.0.1:1",  # nothing listens there: events stay in the queue
            "VDM_THREADS": "1",
            "VDM_DATA_DIR": str(self.directory),
            "LOG_LEVEL": "ERROR",
        }
        self.process = subprocess.Popen(
            callgrind.command(self.directory, binaries / "vdm-proxy"),
            env=environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        try:
            self.client = self.connect(port)
        except BaseException:
            self.stop()
            raise

    def connect(self, port):
        end = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < end and self.process.poll() is None:
            try:
                client = socket.create_connection(("127.0.0.1", port), STEP_SECONDS_MAX)
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return client
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("vdm-proxy does not listen: " + self.output())

    def output(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")[-2000:]

    def stop(self):
        # callgrind wrote everything when the last window was closed.
        self.process.kill()
        self.process.wait()
        self.log.close()
        self.listener.close()
        if self.provider:
            self.provider.close()

    def receive(self, peer, until):
        """Reads until `until` returns true for the bytes."""
        received = b""
        while not until(received):
            more = peer.recv(65536)
            if not more:
                raise RuntimeError(f"vdm-proxy closed a connection: {received[:300]!r}\n" +
                                   self.output())
            received += more
        if self.board.reactor is not None:
            self.board.wait_until_asleep()
        return received

    def ask(self, text):
        """Sends a request and reads all of it at the provider."""
        self.client.sendall(text)
        if self.provider is None:
            self.provider = self.listener.accept()[0]
            self.provider.settimeout(STEP_SECONDS_MAX)
            self.provider.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.receive(self.provider, is_whole)

    def answer(self, text, until):
        self.provider.sendall(text)
        return self.receive(self.client, until)


def is_whole(message):
    head, end, body = message.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return bool(end) and length is not None and len(body) >= int(length.group(1))


class Requests:
    """Counts whole answers, one after the other on one connection."""

    def __init__(self, proxy, converted):
        self.proxy = proxy
        self.text = request(*(ANTHROPIC if converted else OPENAI), stream=False)
        self.reply = whole_answer()

    def step(self, _):
        self.proxy.ask(self.text)
        received = self.proxy.answer(self.reply, is_whole)
        if not received.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"vdm-proxy refused: {received[:300]!r}")


class Events:
    """Counts the events of one endless stream, each in a segment of its own."""

    def __init__(self, proxy, converted):
        self.proxy = proxy
        self.text = request(*(ANTHROPIC if converted else OPENAI), stream=True)
        self.begun = False

    def step(self, number):
        if not self.begun:
            self.begun = True
            self.proxy.ask(self.text)
            first = STREAM_HEAD + chunk(b'{"role":"assistant","content":"Once "}')
            received = self.proxy.answer(first, lambda text: b"Once " in text)
            if not received.startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(f"vdm-proxy refused: {received[:300]!r}")
        word = b"word-%06d " % number
        self.proxy.answer(chunk(b'{"content":"' + word + b'"}'), lambda text: word in text)


def count(binaries, work, converted, warm_up, steps_count):
    """The counts of the serving thread for `steps_count` steps."""
    with tempfile.TemporaryDirectory(prefix="vdm-gate-") as directory:
        proxy = Proxy(binaries, directory)
        try:
            steps = work(proxy, converted)
            for number in range(warm_up):
                if number == warm_up // 2:
                    proxy.board.choose_reactor()
                steps.step(number)
            # The proxy's thread closes the window when it wakes for the next step.
            proxy.board.close_window(1)
            for number in range(warm_up, warm_up + steps_count):
                steps.step(number)
            proxy.board.close_window(2)
            steps.step(warm_up + steps_count)
        finally:
            proxy.stop()
        return callgrind.read_window(directory)
