"""A server under test: its folder, configuration, process, numbers."""

import base64
import ctypes
import hashlib
import http.client
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOKEN = "hnm_" + base64.urlsafe_b64encode(b"acceptance-acceptance-acceptance").decode()[:43]


def free_port():
    """Below the ports that the system gives out: while the server is down nobody else gets it."""
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as s, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as u:
            try:
                s.bind(("127.0.0.1", port))
                u.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def die_with_parent():
    """A driver that is killed leaves no servers behind."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def sanitizer_of(program):
    """The runtime that must come before any library put in front, or None."""
    out = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    found = re.search(r"=> (\S*libasan\S*)", out)
    return found.group(1) if found else None


def add_token(path):
    """As src/auth does it: a token is kept as its SHA-256."""
    now = time.time_ns()
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    with sqlite3.connect(path, timeout=30) as database:
        database.execute("PRAGMA synchronous=FULL")
        database.execute(
            "INSERT OR IGNORE INTO token(name, hash, role, permissions, source, tenant, created,"
            " expires) VALUES('acceptance', ?, 'ingest', 32, '', '', ?, ?)",
            (digest, now, now + 3600 * 24 * 10 ** 9))
    database.close()


class NotReady(AssertionError):
    """It runs, and says that it cannot do its work."""


class Server:
    def __init__(self, program, folder=None, data=None, **settings):
        self.program = program
        self.folder = folder or tempfile.mkdtemp(prefix="hinomi-accept-")
        self.data = data or self.folder + "/data"
        self.logs = self.folder + "/logs"
        self.log_path = self.folder + "/server.log"
        self.port, self.tcp = free_port(), free_port()
        self.process = None
        self.starts = 0
        self.fed = False
        os.makedirs(self.logs, exist_ok=True)
        os.makedirs(self.folder + "/rules", exist_ok=True)
        shutil.copy(HERE + "/rules.yml", self.folder + "/rules/canary.yml")
        self.configure(**settings)

    def configure(self, segment="1MiB", keep="0", extra="", watch="0", compress="true"):
        with open(self.folder + "/hinomi.yaml", "w", encoding="utf-8") as out:
            out.write(f"""data: {self.data}
rules: {{paths: ["{self.folder}/rules"], watch: {watch}}}
journal: {{segment: {segment}, keep: {keep}, compress: {compress}}}
engine: {{lateness: 1s, snapshot: 1s, tick: 1s}}
http: {{address: "127.0.0.1:{self.port}", tls: false, connections_per_address: 4096}}
log: {{format: text}}
sources:
  - {{name: files, files: ["{self.logs}/*.log*"]}}
  - {{name: syslog, tcp: ["127.0.0.1:{self.tcp}"], udp: ["127.0.0.1:{self.tcp}"]}}
  - {{name: quiet}}
  - {{name: noisy}}
{extra}""")

    # ---- Life ----

    def spawn(self, env=None, preload=(), limit=None):
        environment = {**os.environ, **(env or {})}
        libraries = [path for path in preload if path]
        if libraries and (runtime := sanitizer_of(self.program)):
            libraries.insert(0, runtime)
        if libraries:
            environment["LD_PRELOAD"] = ":".join(libraries)
        environment.setdefault("ASAN_OPTIONS", "detect_leaks=0:handle_segv=1")

        def prepare():
            die_with_parent()
            if limit:
                limit()

        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "serve", "-c", self.folder + "/hinomi.yaml"], stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, env=environment, preexec_fn=prepare)
        self.starts += 1

    def ready(self, timeout=60):
        """True when it is; False when the process ended before."""
        deadline = time.monotonic() + timeout
        said = None
        while self.process.poll() is None:
            try:
                said = self.ask("GET", "/readyz", timeout=2)
                if said[0] == 200:
                    if not self.fed:
                        self.add_tokens()
                    return True
            except OSError as error:
                said = error
            if time.monotonic() > deadline:
                raise NotReady(f"the server is not ready after {timeout} s: {said}\n{self.log_tail()}")
            time.sleep(0.01)
        return False

    def start(self, **how):
        self.spawn(**how)
        if not self.ready():
            raise AssertionError("the server ended at start:\n" + self.log_tail())
        return self

    def add_tokens(self):
        add_token(self.data + "/hinomi.db")
        self.fed = True

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        return self.process.wait() if self.process else 0

    def stop(self, timeout=60):
        """Seconds it took to end after SIGTERM; it must have ended well."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout)
        if code != 0:
            raise AssertionError(f"the server ended with {code}:\n{self.log_tail()}")
        return time.monotonic() - began

    def remove(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log_text(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def log_tail(self, lines=12):
        return "\n".join(self.log_text().splitlines()[-lines:])

    # ---- Asking ----

    def connect(self, timeout=30):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, method, path, body=None, headers=None, timeout=30):
        connection = self.connect(timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()

    def metrics(self):
        text = self.ask("GET", "/metrics")[1].decode()
        found = {}
        for line in text.splitlines():
            if not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                found[name] = float(value)
        return found

    def metric(self, prefix):
        return sum(v for name, v in self.metrics().items() if name.startswith(prefix))

    def settle(self, timeout=60, quiet=1.2):
        """Waits until everything taken in has been judged and stored, and nothing comes any more."""
        deadline = time.monotonic() + timeout
        last, since = None, time.monotonic()
        while True:
            numbers = self.metrics()
            taken = sum(v for name, v in numbers.items() if name.startswith("hinomi_intake_total"))
            alerts = numbers.get("hinomi_commits_total"), numbers["hinomi_store_behind_bytes"]
            if (taken, numbers["hinomi_engine_behind_bytes"]) != last:
                last, since = (taken, numbers["hinomi_engine_behind_bytes"]), time.monotonic()
            if time.monotonic() - since > quiet and last[1] < 200 and alerts[1] < 600:
                return
            if time.monotonic() > deadline:
                raise AssertionError(f"still busy: {last}, {alerts}")
            time.sleep(0.1)

    def finish(self):
        """Settles, gives correlations their lateness, and ends it."""
        self.settle()
        time.sleep(3.5)
        return self.stop()
