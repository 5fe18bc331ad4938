"""The gateways that are compared, each started on a free port of 127.0.0.1."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

GATEWAY_CORE = 0
OTHER_CORE = 1


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pinned(core, command):
    cores = os.sched_getaffinity(0)
    if len(cores) < 2:
        return command
    return ["taskset", "-c", str(sorted(cores)[core]), *command]


def wait_for(port, process, what, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"{what} ended with status {process.returncode}")
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"{what} does not listen on port {port}")


class Program:
    """A child process; stop() ends it and nothing else."""

    running = []  # started and not yet stopped, in order of starting

    @staticmethod
    def stop_all():
        for program in reversed(list(Program.running)):
            program.stop()

    def __init__(self, name, core, command, environment, log_directory):
        self.name = name
        self.log = log_directory / f"{name}.out"
        self.output = open(self.log, "ab")
        self.process = subprocess.Popen(
            pinned(core, [str(part) for part in command]),
            env={**os.environ, **environment},
            stdout=self.output,
            stderr=self.output,
        )
        Program.running.append(self)

    def stop(self):
        if self in Program.running:
            Program.running.remove(self)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.output.close()


class Gateway:
    """One gateway: `port` for whole answers, `stream_port` for streams, `pids` to measure."""

    converts = False  # answers Anthropic clients from an OpenAI provider
    only = None  # the scenarios it can take part in; None: all
    model_prefix = ""  # in front of a model's name
    start_seconds_max = 10
    warm_up_seconds = 0.5
    stream_connections_max = None  # more streams would only measure its queue

    def __init__(self, name, directory):
        self.name = name
        # Two gateways of one name may run at once, so each gets a folder of its own.
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=directory))
        self.port = free_port()
        self.stream_port = self.port
        self.program = None

    def launch(self, command, environment=None):
        self.program = Program(self.name, GATEWAY_CORE, command, environment or {}, self.directory)
        wait_for(self.port, self.program.process, self.name, self.start_seconds_max)

    @property
    def pids(self):
        parent = self.program.process.pid
        children = pathlib.Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return [parent, *map(int, children)]

    def stop(self):
        if self.program:
            self.program.stop()


class Vandamme(Gateway):
    converts = True

    def __init__(self, name, directory, binaries, provider_port, ingest_port):
        super().__init__(name, directory)
        self.binary = binaries / "vdm-proxy"
        self.environment = {
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "BENCH_API_KEY": "not-a-key",
            "BENCH_BASE_URL": f"http://127.0.0.1:{provider_port}/v1",
            "BENCH_API_FORMAT": "openai",
            "VDM_DEFAULT_PROVIDER": "bench",
            "VDM_INGEST_ADDRESS": f"127.0.0.1:{ingest_port}",
            "VDM_THREADS": "1",
            "VDM_DRAIN_SECONDS": "1",
            "VDM_DATA_DIR": str(self.directory),
            "LOG_LEVEL": "WARNING",
        }

    def start(self):
        self.launch([self.binary], self.environment)


class Nginx(Gateway):
    def __init__(self, name, directory, provider_port):
        super().__init__(name, directory)
        self.stream_port = free_port()
        self.config = self.directory / "nginx.conf"
        location = """
      location / {
        proxy_pass http://provider;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_buffering %s;
      }"""
        self.config.write_text(f"""
daemon off;
worker_processes 1;
pid {self.directory}/pid;
error_log {self.directory}/error.log error;
worker_rlimit_nofile 20000;
events {{ worker_connections 9000; }}
http {{
  access_log off;
  tcp_nodelay on;
  keepalive_timeout 75s;
  keepalive_requests 1000000000;
  client_body_buffer_size 128k;
  client_body_temp_path {self.directory}/body;
  proxy_temp_path {self.directory}/proxy;
  fastcgi_temp_path {self.directory}/f; uwsgi_temp_path {self.directory}/u; scgi_temp_path {self.directory}/s;
  upstream provider {{
    server 127.0.0.1:{provider_port};
    keepalive 1024;
    keepalive_requests 1000000000;
  }}
  server {{ listen 127.0.0.1:{self.port};{location % "on"} }}
  server {{ listen 127.0.0.1:{self.stream_port};{location % "off"} }}
}}
""")

    def start(self):
        self.launch([shutil.which("nginx") or "/usr/sbin/nginx", "-c", self.config, "-p", self.directory])


class Haproxy(Gateway):
    def __init__(self, name, directory, provider_port):
        super().__init__(name, directory)
        self.stream_port = free_port()
        self.config = self.directory / "haproxy.cfg"
        self.config.write_text(f"""
global
  nbthread 1
  maxconn 9000
defaults
  mode http
  option http-keep-alive
  http-reuse always
  timeout client 600s
  timeout server 600s
  timeout connect 5s
frontend whole
  bind 127.0.0.1:{self.port}
  default_backend provider
frontend streams
  bind 127.0.0.1:{self.stream_port}
  option http-no-delay
  default_backend provider_streams
backend provider
  server one 127.0.0.1:{provider_port} pool-max-conn 1024
backend provider_streams
  option http-no-delay
  server one 127.0.0.1:{provider_port} pool-max-conn 1024
""")

    def start(self):
        self.launch([shutil.which("haproxy") or "/usr/sbin/haproxy", "-db", "-q", "-f", self.config])


class Metrics:
    """The metrics service, on the load's core unless it is measured itself."""

    def __init__(self, name, directory, binaries, core=OTHER_CORE):
        self.name = name
        self.core = core
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=directory))
        self.binary = binaries / "vdm-metrics"
        self.http_port = free_port()
        self.ingest_port = free_port()
        self.program = None

    def start(self):
        environment = {
            "VDM_METRICS_HOST": "127.0.0.1",
            "VDM_METRICS_PORT": str(self.http_port),
            "VDM_INGEST_ADDRESS": f"127.0.0.1:{self.ingest_port}",
            "VDM_EVENTS_ADDRESS": f"127.0.0.1:{free_port()}",
            "VDM_DATA_DIR": str(self.directory),
            "LOG_LEVEL": "WARNING",
        }
        self.program = Program(self.name, self.core, [self.binary], environment, self.directory)
        wait_for(self.http_port, self.program.process, self.name)

    def totals(self):
        url = f"http://127.0.0.1:{self.http_port}/metrics/running-totals"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.read().decode()

    def stop(self):
        if self.program:
            self.program.stop()
