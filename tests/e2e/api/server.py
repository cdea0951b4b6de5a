"""A server under test, those who use it, and events that become alerts. Standard library only."""

import ctypes
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# Memory where there is some: nothing here is about disks, and every change is synced.
PLACE = os.environ.get("HN_API_FOLDER") or (
    "/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
PASSWORD = "correct horse 電池 staple"

RULES = """title: "evil <script>alert(1)</script> =cmd()"
id: 11111111-2222-3333-4444-555555555555
status: test
description: every line that says evil
level: high
logsource: {product: windows, category: process_creation}
detection: {sel: {CommandLine|contains: evil}, condition: sel}
"""


def check(fine, what):
    if not fine:
        raise AssertionError(what)


def same(got, expected, what):
    check(got == expected, f"{what}: {got!r} instead of {expected!r}")


def wait_for(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError("waited in vain: " + what)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Raw(bytes):
    """A body that is no JSON and says so."""


class Answer:
    def __init__(self, response, body):
        self.status, self.headers, self.body = response.status, response.headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def is_problem(self):
        return self.headers.get_content_type() == "application/problem+json"

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


# What every answer says, whatever it is about.
ALWAYS = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
          "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
          "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


class Client:
    """One who asks: over one connection, with what they know, from an address of this machine."""

    def __init__(self, site, headers=None, address=None):
        self.site, self.headers = site, dict(headers or {})
        self.address = (address, 0) if address else None
        self.connection = None

    def connect(self):
        if self.site.tls:
            context = ssl.create_default_context(cafile=self.site.path("data/tls.crt"))
            self.connection = http.client.HTTPSConnection(
                "localhost", self.site.port, timeout=60, context=context,
                source_address=self.address)
        else:
            self.connection = http.client.HTTPConnection(
                "127.0.0.1", self.site.port, timeout=60, source_address=self.address)

    def send(self, method, path, body, headers):
        if self.connection is None:
            self.connect()
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        return Answer(response, response.read())

    def ask(self, method, path, body=None, headers=None):
        """body: bytes as they are, anything else as JSON."""
        fields = {**self.headers, **(headers or {})}
        if isinstance(body, Raw):
            fields.setdefault("Content-Type", "application/octet-stream")
        elif body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            fields.setdefault("Content-Type", "application/json")
        try:
            answer = self.send(method, path, body, fields)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.close()  # closed while idle
            answer = self.send(method, path, body, fields)
        if answer.headers.get("Connection") == "close":
            self.close()
        for name, value in ALWAYS.items():
            same(answer.headers.get_all(name), [value], f"{name} of {method} {path}")
        check("Access-Control-Allow-Origin" not in answer.headers, f"CORS of {method} {path}")
        check(answer.headers.get("X-Request-Id"), f"{method} {path} has no request id")
        return answer

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def ok(self, method, path, body=None, **more):
        answer = self.ask(method, path, body, **more)
        check(200 <= answer.status < 300, f"{method} {path} {str(body)[:300]}: {answer}")
        return answer

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Site:
    """A folder with a server's configuration, rules, logs and data."""

    def __init__(self, program, tls=False):
        self.program, self.tls, self.process = program, tls, None
        self.folder = tempfile.mkdtemp(prefix="hinomi-api-", dir=PLACE)
        self.port = free_port()
        self.written = 0
        os.mkdir(self.path("rules"))
        os.mkdir(self.path("logs"))
        self.write_rules(RULES)
        self.config = {
            "data": self.path("data"),
            "rules": {"paths": [self.path("rules")], "watch": "0"},
            "http": {"address": f"127.0.0.1:{self.port}", "tls": tls},
            "engine": {"tick": "1s", "snapshot": "1s"},
            "sources": [
                {"name": "logs", "files": [self.path("logs/logs.jsonl")]},
                {"name": "a", "files": [self.path("logs/a.jsonl")], "tenant": "tenant-a"},
                {"name": "b", "files": [self.path("logs/b.jsonl")], "tenant": "tenant-b"}],
            "outputs": [],
        }
        for name in ("logs", "a", "b"):
            open(self.path(f"logs/{name}.jsonl"), "w").close()

    def path(self, name):
        return f"{self.folder}/{name}"

    def write_rules(self, text, name="evil.yml"):
        with open(self.path("rules/" + name), "w", encoding="utf-8") as f:
            f.write(text)

    # ---- Life ----

    def spawn(self):
        with open(self.path("hinomi.yaml"), "w") as f:
            json.dump(self.config, f)
        environment = dict(os.environ, XDG_CACHE_HOME=self.path("cache"))
        with open(self.path("log"), "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "serve", "-c", self.path("hinomi.yaml")], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=environment, cwd=self.folder,
                preexec_fn=die_with_parent)

    def start(self):
        ready = self.log_text().count('"id":"serve.ready"')
        self.spawn()
        wait_for(lambda: self.process.poll() is not None or
                 self.log_text().count('"id":"serve.ready"') > ready, "the server to be ready", 120)
        check(self.process.poll() is None, "the server ended: " + self.log_text()[-3000:])
        return self

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        self.process = None
        check(code == 0, f"the server ended with {code}: " + self.log_text()[-3000:])
        check("Sanitizer" not in self.log_text(), self.log_text()[-8000:])

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        if not os.environ.get("HN_API_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def log_text(self):
        try:
            with open(self.path("log"), encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def rows(self, sql, *values):
        with sqlite3.connect(self.path("data/hinomi.db"), timeout=30) as database:
            result = database.execute(sql, values).fetchall()
        database.close()
        return result

    def metric(self, prefix):
        text = self.client().get("/metrics").body.decode()
        return sum(float(line.rpartition(" ")[2]) for line in text.splitlines()
                   if line.startswith(prefix))

    # ---- Who uses it ----

    def client(self, headers=None, address=None):
        return Client(self, headers, address)

    def token_client(self, token):
        return self.client({"Authorization": "Bearer " + token})

    def first_password(self):
        with open(self.path("data/first-password")) as f:
            return f.read().split()[1]

    def admin(self):
        """A token of an administrator, put into the database as auth does it."""
        return self.token_client(self.planted_token("test-admin", "administrator", 0xDF))

    def planted_token(self, name, role, permissions, life=3600 * 24, tenant="", source=""):
        token = "hnm_" + hashlib.sha256(os.urandom(16)).hexdigest()[:43]
        now = time.time_ns()
        self.rows("INSERT INTO token(name, hash, role, permissions, source, tenant, created,"
                  " expires) VALUES(?, ?, ?, ?, ?, ?, ?, ?)", f"{name}-{token[4:12]}",
                  hashlib.sha256(token.encode()).hexdigest(), role, permissions, source, tenant,
                  now, now + life * 10 ** 9)
        return token

    def login(self, name, password=PASSWORD, address=None, **more):
        """A client with a session and its CSRF token; .login is the answer."""
        client = self.client(address=address)
        answer = client.ask("POST", "/v1/session", {"name": name, "password": password}, **more)
        client.login = answer
        if answer.status == 200:
            client.secret = re.match(r"[^=]+=([^;]+)", answer.headers["Set-Cookie"]).group(1)
            client.headers.update(self.session_headers(client.secret, answer.json["csrf"]))
        return client

    def session_headers(self, secret, csrf):
        scheme, cookie = ("https://localhost", "__Host-hinomi") if self.tls else (
            "http://127.0.0.1", "hinomi")
        return {"Cookie": f"{cookie}={secret}", "X-CSRF-Token": csrf,
                "Origin": f"{scheme}:{self.port}"}

    # ---- What happens ----

    def write(self, count=1, log="logs", host="pc{}", command="evil {}", user="u"):
        """Lines that become an alert each; {} is a number that no other line has."""
        with open(self.path(f"logs/{log}.jsonl"), "a", encoding="utf-8") as f:
            for _ in range(count):
                f.write(json.dumps({
                    "Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1,
                    "Computer": host.format(self.written), "User": user,
                    "UtcTime": "2026-11-23 01:02:03.%03d" % (self.written % 1000),
                    "CommandLine": command.format(self.written)}) + "\n")
                self.written += 1

    def wait_alerts(self, count):
        wait_for(lambda: self.rows("SELECT count(*) FROM alert")[0][0] >= count,
                 f"{count} alerts", 120)
