"""Gateways that convert as vandamme does, installed by run.sh with --peers."""

import json
import pathlib
import shutil

from gateways import Gateway

INSTALLED = pathlib.Path(__file__).resolve().parents[2] / "build/peers"
PEERS = ("claude-code-router",)


class ClaudeCodeRouter(Gateway):
    converts = True
    only = {"converted", "memory-converted"}
    model_prefix = "bench,"  # its name for the provider
    # It answers far fewer streams a second than the others; more at once would only wait.
    stream_connections_max = 64
    start_seconds_max = 40
    warm_up_seconds = 2  # until its JIT has compiled the hot code

    def __init__(self, name, directory, provider_port):
        super().__init__(name, directory)
        self.program_file = (
            INSTALLED / "node_modules/@musistudio/claude-code-router/dist/cli.js"
        )
        if not self.program_file.exists():
            raise SystemExit(f"{name} is not installed; run.sh does that when it is given --peers")
        # It reads and writes only in its home.
        home = self.directory / ".claude-code-router"
        home.mkdir(exist_ok=True)
        (home / "config.json").write_text(json.dumps({
            "HOST": "127.0.0.1",
            "PORT": self.port,
            "LOG": False,
            "NON_INTERACTIVE_MODE": True,
            "API_TIMEOUT_MS": 600_000,
            "Providers": [{
                "name": "bench",
                "api_base_url": f"http://127.0.0.1:{provider_port}/v1/chat/completions",
                "api_key": "not-a-key",
                "models": ["bench-chat", "bench-slow"],
            }],
            "Router": {"default": "bench,bench-chat"},
        }))

    def start(self):
        self.launch(
            [shutil.which("node") or "node", self.program_file, "start"],
            {"HOME": str(self.directory), "NODE_ENV": "production"},
        )
