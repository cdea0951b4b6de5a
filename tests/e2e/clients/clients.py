#!/usr/bin/env python3
"""clients.py HINOMI CASE - the commands that talk to a server, against a real one and hostile ones.
Each case says what it proves in its first line. Standard library only.
"""
import csv
import fcntl
import http.server
import io
import json
import os
import pty
import re
import select
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unicodedata

RULE = """title: "悪意のある実行 \\e[31mevil"
id: 11111111-2222-3333-4444-555555555555
status: test
description: every line that says evil
level: high
tags: [attack.execution, attack.t1059.001]
logsource: {product: windows, category: process_creation}
detection: {sel: {CommandLine|contains: evil}, condition: sel}
hinomi:
  family: Test
  why: {en: evil is bad, ja: evil は危険}
  next: {en: [look at the parent], ja: [親プロセスを見る]}
  false_alarm: {en: tests, ja: 試験}
"""
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
PASSWORD = "correct horse battery"


def check(fine, what):
    if not fine:
        raise AssertionError(what)


def same(got, wanted, what):
    check(got == wanted, f"{what}: {got!r} instead of {wanted!r}")


def wait_for(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("waited in vain: " + what)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Site:
    """A server's folder, and the commands as people type them."""

    def __init__(self, program):
        self.program = program
        self.folder = tempfile.mkdtemp(prefix="hinomi-clients-")
        self.port = free_port()
        self.process = None
        self.written = 0
        os.mkdir(self.path("rules"))
        with open(self.path("rules/evil.yml"), "w") as f:
            f.write(RULE)
        open(self.path("in.jsonl"), "w").close()
        config = {"data": self.path("data"), "rules": {"paths": [self.path("rules")]},
                  "http": {"address": f"127.0.0.1:{self.port}"}, "engine": {"tick": "1s"},
                  "sources": [{"name": "logs", "files": [self.path("in.jsonl")]}],
                  "outputs": [{"name": "hook", "kind": "webhook", "allow_private": True,
                               "allow_plain": True, "give_up": "1s", "timeout": "1s",
                               "url": f"http://127.0.0.1:{free_port()}/"}]}
        with open(self.path("hinomi.yaml"), "w") as f:
            json.dump(config, f)
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.folder, "LC_ALL": "C.UTF-8",
                            "XDG_CACHE_HOME": self.path("cache")}

    def path(self, name):
        return f"{self.folder}/{name}"

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"

    def start(self):
        with open(self.path("log"), "a") as log:
            before = self.log().count('"serve.ready"')
            self.process = subprocess.Popen(
                [self.program, "serve", "-c", self.path("hinomi.yaml")], stderr=log,
                env=self.environment, cwd=self.folder)
        wait_for(lambda: self.process.poll() is not None or
                 self.log().count('"serve.ready"') > before, "the server to be ready")
        check(self.process.poll() is None, "the server ended: " + self.log())

    def log(self):
        try:
            with open(self.path("log")) as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            same(self.process.wait(60), 0, "the server's end")
            self.process = None

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, count, host="pc1", command="evil \x1b[2J \u202e"):
        with open(self.path("in.jsonl"), "a") as f:
            for _ in range(count):
                self.written += 1
                f.write(json.dumps({
                    "Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1,
                    "Computer": host, "UtcTime": "2026-11-23 01:02:03.004", "User": "CORP\\u-" + host,
                    "Image": "C:\\x.exe", "CommandLine": f"{command} {self.written}"}) + "\n")

    def run(self, *words, code=0, given=None, env=None, plain=True):
        """The command's standard output; what it says never holds a control character."""
        done = subprocess.run([self.program, *words], capture_output=True, cwd=self.folder,
                              env={**self.environment, **(env or {})}, timeout=120,
                              stdin=subprocess.DEVNULL if given is None else None,
                              input=given)
        out, self.said = done.stdout.decode(), done.stderr.decode()
        same(done.returncode, code, f"{' '.join(words)}: {self.said}{out[:500]}")
        if plain:
            for text in (out.replace("\r\n", "\n"), self.said):
                check(not CONTROLS.search(text), f"{words}: a control character in {text!r}")
        return out

    def login(self, role="administrator"):
        """A token of its own; from then on found in client.yaml."""
        token = self.run("token", "add", "desk-" + role, "--role", role, "--data", "data").strip()
        os.makedirs(self.path(".config/hinomi"), exist_ok=True)
        with open(self.path("token"), "w") as f:
            f.write(token + "\n")
        os.chmod(self.path("token"), 0o600)
        with open(self.path(".config/hinomi/client.yaml"), "w") as f:
            f.write(f"server: {self.url}\nca: {self.path('data/tls.crt')}\n"
                    f"token_file: {self.path('token')}\n")
        return token

    def rows(self, *words):
        return [json.loads(line) for line in self.run(*words, "-o", "jsonl").splitlines()]

    def alerts(self, count):
        wait_for(lambda: len(self.rows("alerts", "--hidden", "also")) >= count, f"{count} alerts")
        return self.rows("alerts", "--hidden", "also")

    def audit(self):
        database = sqlite3.connect(f"file:{self.path('data/hinomi.db')}?mode=ro", uri=True)
        try:
            return database.execute("SELECT actor, action, object FROM audit ORDER BY seq").fetchall()
        finally:
            database.close()


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c)
               else 1 for c in text)


def on_terminal(site, width, *words, env=None, seconds=30):
    """What the command shows on a terminal so wide."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    process = subprocess.Popen([site.program, *words], stdin=slave, stdout=slave, stderr=slave,
                               env={**site.environment, **(env or {})}, cwd=site.folder)
    os.close(slave)
    text, end = b"", time.monotonic() + seconds
    while time.monotonic() < end:
        ready, _, _ = select.select([master], [], [], 0.2)
        try:
            piece = os.read(master, 65536) if ready else b""
        except OSError:
            break
        text += piece
        if not ready and process.poll() is not None:
            break
    os.close(master)
    process.kill()
    process.wait()
    return text.decode()


# ---- Cases ----

def case_accounts(site):
    """Accounts and tokens work on the database alone, beside a server and through it; each change
    is in the audit log; what makes no sense is refused."""
    site.run("user", "list", "--data", "data", code=4)
    check("no database" in site.said, site.said)
    check(not os.path.exists(site.path("data")), "a database was made")
    site.start()
    site.run("user", "list", "--data", "data")
    site.stop()
    same([one["name"] for one in site.rows("user", "list", "--data", "data")], ["admin"], "users")
    site.run("user", "password", "admin", "--password-file", "-", "--data", "data",
             given=PASSWORD.encode() + b"\n")
    site.run("user", "add", "alice", "--role", "analyst", "--data", "data", code=3)
    check("terminal" in site.said, site.said)
    made = site.run("user", "add", "alice", "--role", "analyst", "--generate", "--data", "data")
    check(re.fullmatch(r"[\w-]{24}\n", made), f"a password: {made!r}")
    site.run("user", "add", "bob", "--role", "viewer", "--password-file", "-", "--data", "data",
             given=b"short\n", code=3)
    site.run("user", "disable", "admin", "--data", "data", code=3)
    check("administrator" in site.said, site.said)
    check(("cli:" + os.popen("id -un").read().strip(), "user.create") in
          [one[:2] for one in site.audit()], f"no entry: {site.audit()}")
    site.start()
    token = site.login()
    check(re.fullmatch(r"hnm_[\w-]{43}", token), token)
    same([one["name"] for one in site.rows("user", "list")], ["admin", "alice"], "users")
    site.run("user", "role", "alice", "viewer")
    site.run("user", "disable", "alice")
    same([(one["role"], one["disabled"]) for one in site.rows("user", "list")][1],
         ("viewer", True), "alice")
    site.run("user", "enable", "alice")
    site.run("user", "role", "nobody", "viewer", code=3)
    lines = site.run("token", "add", "beat", "--source", "windows", "--for", "winlogbeat")
    check(f'hosts: ["{site.url}"]' in lines and "hnm_" in lines, lines)
    site.run("token", "add", "x", code=3)
    site.run("token", "revoke", "beat")
    same([one["name"] for one in site.rows("token", "list")], ["desk-administrator"], "valid")
    same(len(site.rows("token", "list", "--all")), 2, "all tokens")
    # The token of a single command is taken back at its end, and in nobody's way.
    same(len(site.rows("token", "list", "--data", "data", "--server", site.url)), 2, "with its own")
    same(len(site.rows("token", "list")), 1, "after it")
    check(any(action == "token.revoke" and "cli-" in thing for _, action, thing in site.audit()),
          "the token of a command was not taken back")
    site.login("viewer")
    site.run("user", "list", code=3)
    check("role" in site.said, site.said)


def case_alerts(site):
    """The whole work on alerts and incidents: list, filter, show, judge, merge, split, except."""
    site.start()
    site.login()
    site.write(2, "pc1")
    site.write(2, "pc2")
    alerts = site.alerts(4)
    same({one["host"] for one in site.rows("alerts", "--host", "pc2")}, {"pc2"}, "by host")
    same(len(site.rows("alerts", "-n", "1")), 1, "--max")
    same(site.rows("alerts", "--level", "critical"), [], "by level")
    same(site.rows("alerts", "--since", "1h", "--until", "2020-01-01"), [], "by time")
    table = site.run("alerts", "-o", "human")
    check("\\x1b[31mevil" in table, table)
    rows = list(csv.DictReader(io.StringIO(site.run("alerts", "-o", "csv"))))
    same({row["rule_id"] for row in rows}, {"11111111-2222-3333-4444-555555555555"}, "CSV")
    shown = site.run("alerts", "show", "1", alerts[0]["id"])
    for text in ("evil is bad", "look at the parent", "tests", "CommandLine|contains = evil",
                 "bytes 0 to 4", "What else happened", "\\x1b[2J", "\\u202e"):
        check(text in shown, f"{text!r} is not in {shown}")
    check("親プロセスを見る" in site.run("--lang", "ja", "alerts", "show", "1"), "Japanese")
    site.run("alerts", "show", "999999", code=3)
    site.run("alerts", "show", "zzz", code=3)
    site.run("alerts", "set", "1", code=3)
    site.run("alerts", "set", "1", "--status", "closed", code=3)
    check("verdict" in site.said, site.said)
    site.run("alerts", "set", "1", "#2", "--status", "closed", "--verdict", "tp_impact", "-m",
             "really", "--assignee", "alice")
    same(len(site.rows("alerts", "--status", "closed", "--verdict", "tp_impact")), 2, "closed")
    check("really" in site.run("alerts", "show", "1", "--alone"), "the comment")
    first, second = sorted(one["id"] for one in site.rows("incidents"))
    check("Why it is this sure" in site.run("incidents", "show", str(first)), "an incident")
    site.run("incidents", "merge", str(first), str(second))
    number = site.run("incidents", "split", str(first), "3").strip()
    same(site.rows("alerts", "--incident", number)[0]["seq"], 3, "split")
    site.run("incidents", "set", number, "--status", "closed", "--verdict", "fp", "-m", "no")
    check(int(number) not in [one["id"] for one in site.rows("incidents", "--open")], "closed")
    # What was judged an attack cannot be excepted; what was not, can.
    site.run("exceptions", "preview", "--alert", "1", code=1)
    site.run("exceptions", "add", "--alert", "1", "--reason", "x", code=3)
    site.run("exceptions", "add", "--alert", "1", code=3)
    site.run("exceptions", "add", "--rule", "11111111-2222-3333-4444-555555555555", "--field",
             "host=pc9", "--reason", "test", "--for", "2d", "--owner", "alice")
    site.write(1, "pc9")
    wait_for(lambda: site.rows("exceptions")[0]["hits"] == 1, "the exception to hit")
    site.run("exceptions", "end", "1", "--show")
    same(site.rows("exceptions", "--active"), [], "ended")
    wait_for(lambda: site.rows("outbox", "--state", "dead"), "dead letters")
    check("hook" in site.run("outbox", "-o", "human"), "the outbox")
    site.run("outbox", "requeue", "--sink", "hook")
    site.run("outbox", "requeue", code=3)


def case_watch(site):
    """Alerts come as they are stored; a server that is killed and comes back leaves no gap and
    nothing twice, also when it was cut off before the first alert."""
    site.start()
    site.login()
    watch = subprocess.Popen([site.program, "watch", "-o", "jsonl", "-n", "60"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=site.environment,
                             cwd=site.folder)
    time.sleep(1)
    for _ in range(3):
        site.process.kill()
        site.process.wait()
        site.write(20)
        site.start()
        time.sleep(1.5)
    out, said = watch.communicate(timeout=90)
    same(watch.returncode, 0, said.decode())
    numbers = [json.loads(line)["seq"] for line in out.decode().splitlines()]
    same(numbers, list(range(1, 61)), "what was seen")
    check(b"connection broke" in said, said)
    plain = site.run("watch", "--last", "5", "--seconds", "1")
    same(len(plain.splitlines()), 5, "the last ones")
    check("\\x1b[31mevil" in plain and "#60" in plain, plain)
    live = on_terminal(site, 90, "watch", "--last", "3", "--seconds", "3")
    check("events/s" in live and "everything is judged" in live, live)
    check("\x1b[31mevil" not in live, "an escape sequence came through")
    check("\x1b[3" not in on_terminal(site, 90, "watch", "--seconds", "1", "--last", "3",
                                      env={"NO_COLOR": "1"}), "colour in spite of NO_COLOR")
    site.run("token", "revoke", "desk-administrator")
    site.run("watch", "--seconds", "5", code=3)
    check("revoked" in site.said, site.said)


def case_search(site):
    """Events of the journal are found by text and field, as people, programs and tables want them."""
    site.start()
    site.login()
    site.write(30)
    site.alerts(30)
    same(site.run("search", "--history", "-c", "evil").strip(), "30", "count")
    same(len(site.rows("search", "-n", "7", "CommandLine=*evil*", "--server", site.url)), 7, "max")
    same(site.rows("search", "--history", "CommandLine=*evil* 30")[0]["event"]["Computer"], "pc1",
         "one")
    same(site.run("search", "--history", "-e", "evil", "--not", "pc1", "-c", code=1).strip(), "0",
         "not")
    shown = site.run("search", "--history", "evil", "-n", "1", "-o", "human")
    check("CommandLine = " in shown and "\\x1b[2J" in shown, shown)
    same(len(list(csv.reader(io.StringIO(site.run("search", "--history", "evil", "-o", "csv"))))),
         31, "CSV")
    site.run("search", "--history", "--format", "json", "evil", code=3)
    site.run("search", "--history", "CommandLine|re=(", code=3)


def case_status(site):
    """status and doctor tell a server that is well from one that is not, by their exit codes."""
    site.run("status", "--data", "data", "--server", site.url, code=4)
    site.start()
    site.login()
    site.write(3)
    site.alerts(3)
    check("ready" in site.run("status"), "status")
    check(json.loads(site.run("status", "--json"))["ready"], "status as JSON")
    site.run("status", "--data", "data", "--server", site.url)
    checks = {one["check"]: one for one in
              map(json.loads, site.run("doctor", "-c", "hinomi.yaml", "--json").splitlines())}
    for name in ("Configuration", "Data folder", "Journal", "Database", "Certificate", "Rules",
                 "Ports"):
        same(checks[name]["verdict"], "fine", f"{name}: {checks[name]}")
    check("advice" in checks["First password"], "the first password")
    check("設定" in site.run("--lang", "ja", "doctor", "-c", "hinomi.yaml", "--full"), "Japanese")
    site.stop()
    site.run("status", code=4)
    check("nobody answers" in site.said, site.said)
    with socket.socket() as other:  # somebody else has the port
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", site.port))
        other.listen()
        said = site.run("doctor", "-c", "hinomi.yaml", code=1)
        check("ss -lptun" in said, said)
    os.chmod(site.path("data"), 0o755)
    check("chmod 700" in site.run("doctor", "-c", "hinomi.yaml", code=1), "open folder")
    os.chmod(site.path("data"), 0o700)
    segment = sorted(one for one in os.listdir(site.path("data/journal")) if one.endswith(".hnj"))[0]
    with open(site.path("data/journal/" + segment), "r+b") as f:
        f.seek(os.path.getsize(f.name) // 2)
        f.write(b"\xff" * 64)
    check("journal repair" in site.run("doctor", "-c", "hinomi.yaml", code=1), "damage")
    with open(site.path("hinomi.yaml"), "w") as f:
        f.write("htp: 1\n")
    check("config check" in site.run("doctor", "-c", "hinomi.yaml", "--data", "data", code=1),
          "a mistake in the configuration")


def case_trust(site):
    """A certificate nobody vouched for, an address without TLS, a token for another server: the
    token stays here."""
    site.start()
    site.login()
    other = {"HOME": site.path("elsewhere"), "HINOMI_TOKEN": "hnm_x"}
    site.run("alerts", "--server", site.url, code=4, env=other)
    check("--ca FILE" in site.said, site.said)
    site.run("alerts", "--server", "http://hinomi.example:8470", code=3, env=other)
    check("token would be readable" in site.said, site.said)
    site.run("alerts", "--server", site.url, "--ca", "/not/there", code=3, env=other)
    site.run("alerts", "--server", site.url, "--ca", "data/tls.crt", code=3, env=other)
    check("unknown, revoked or expired" in site.said, site.said)
    # client.yaml's token is for client.yaml's server.
    seen = []

    class Thief(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.headers.get("Authorization"))
            self.send_error(401)

        def log_message(self, *_):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Thief)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site.run("alerts", "--server", f"http://127.0.0.1:{server.server_port}", code=3)
    same(seen, [None], "tokens shown to a stranger")
    server.shutdown()
    with open(site.path(".config/hinomi/client.yaml"), "a") as f:
        f.write("tokn: x\n")
    site.run("alerts", code=3)
    check("client.yaml:4" in site.said, site.said)


HOSTILE = {
    "cut": b'{"items":[{"seq":1,"title":"a"},{"se',
    "html": b"<html>Welcome to the hotel</html>",
    "empty": b"",
    "types": json.dumps({"items": [{"seq": "x", "level": 7, "title": ["a"], "time": {}, "id": None,
                                    "host": True, "count": -5, "incident": "1"}, 5, None, "x", []],
                         "next": 17}).encode(),
    "numbers": json.dumps({"items": [{"seq": 2 ** 63 - 1, "count": -2 ** 63, "id": 2 ** 63 - 1}],
                           "alert": {"matches": [{"field": "a", "value": "b", "start": 2 ** 63 - 1,
                                                  "len": 2 ** 63 - 1}]},
                           "engine": {"events": 2 ** 63 - 1, "behind_bytes": -2 ** 63},
                           "started": "1678-01-01T00:00:00Z", "now": "2261-01-01T00:00:00Z",
                           "processes": [{"parent": -2 ** 63}, {"parent": 2 ** 63 - 1}],
                           "next": None}).encode(),
    "no list": b'{"items":{"a":1},"next":"x"}',
    "controls": json.dumps({"items": [{"seq": 1, "level": "\x1b[31m", "host": "\x1b]0;x\x07",
                                       "title": "\x9b2J\u202e\x00", "status": "\x1bc"}],
                            "next": None}).encode(),
    "raw controls": b'{"items":[{"seq":1,"title":"\x1b[2J\xc2\x9b2J\xff"}],"next":null}',
    "deep": b'{"items":[' + b"[" * 100000 + b"]" * 100000 + b'],"next":null}',
    "endless": json.dumps({"items": [], "next": "again"}).encode(),
    "problem": json.dumps({"type": "a", "title": "\x1b[2J", "status": 422,
                           "detail": "no\x1b[31m" + "x" * 5000, "requestId": "1"}).encode(),
}


def case_hostile(site):
    """Whatever a server answers, a command ends soon, with a line that says so, and without a
    control character: cut, huge, deep, of wrong types, never-ending, redirecting."""
    class Hostile(http.server.BaseHTTPRequestHandler):
        kind = ""

        def do_GET(self):
            body = HOSTILE.get(self.kind, b"")
            self.send_response(302 if self.kind == "redirect" else
                               422 if self.kind == "problem" else 200)
            if self.kind == "redirect":
                self.send_header("Location", "/v1/alerts")
            self.end_headers()
            try:
                self.wfile.write(body)
                if self.kind == "huge":
                    for _ in range(64):
                        self.wfile.write(b'{"items":[' + b" " * (1 << 20))
            except OSError:
                pass

        do_POST = do_PATCH = do_PUT = do_DELETE = do_GET

        def log_message(self, *_):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    commands = (["alerts", "-o", "human"], ["alerts", "-o", "jsonl"], ["alerts", "-o", "csv"],
                ["incidents", "-o", "human"], ["exceptions", "-o", "human"],
                ["outbox", "-o", "human"], ["user", "list", "-o", "human"],
                ["token", "list", "-o", "human"], ["status"],
                ["search", "--history", "x", "-o", "human"],
                ["alerts", "show", "0" * 32], ["incidents", "show", "1"],
                ["watch", "--seconds", "1"], ["token", "add", "x", "--role", "viewer"],
                ["exceptions", "preview", "--field", "host=x"])
    for Hostile.kind in (*HOSTILE, "huge", "redirect"):
        for words in commands:
            done = subprocess.run([site.program, *words, "--server", url], capture_output=True,
                                  env={**site.environment, "HINOMI_TOKEN": "hnm_x"}, timeout=60,
                                  cwd=site.folder)
            text = (done.stdout + done.stderr).decode().replace("\r\n", "\n")
            what = f"{Hostile.kind}: {words}: {text[:600]!r}"
            check(done.returncode in (0, 1, 3, 4), f"{done.returncode}: {what}")
            check(not CONTROLS.search(text), "a control character: " + what)
            if Hostile.kind in ("cut", "html", "empty", "redirect", "huge", "problem") and \
                    words[0] != "watch":
                check(done.returncode in (3, 4) and "hinomi: " in text, "no word of it: " + what)
    server.shutdown()


def case_terminal(site):
    """On terminals of 80 and 120 columns, in both languages, no line of a table is too wide, and the
    colours stay within the line."""
    site.start()
    site.login()
    site.write(3, "a-very-long-host-name-indeed.corp.example.invalid")
    site.write(1, "pc2", "evil " + "長い" * 100)
    site.alerts(4)
    site.run("exceptions", "add", "--field", "host=pc9", "--reason", "理由" * 30)
    for width in (80, 120):
        for lang in ("en", "ja"):
            for words in (["alerts"], ["incidents"], ["exceptions"], ["outbox"], ["status"],
                          ["user", "list"], ["token", "list", "--all"], ["watch", "--seconds", "2"],
                          ["incidents", "show", "1"]):
                text = on_terminal(site, width, "--lang", lang, *words)
                plain = re.sub(r"\x1b\[[0-9;]*[mK]", "", text)
                check(len(plain) > 20, f"{words} says nothing")
                for line in re.split(r"[\r\n]+", plain):
                    check(columns(line) <= width, f"{words} at {width}: {line!r}")
                check("\x1b[31mevil" not in text, f"{words}: an escape sequence came through")


def main():
    program, case = os.path.abspath(sys.argv[1]), sys.argv[2]
    site = Site(program)
    try:
        globals()["case_" + case](site)
    except AssertionError:
        sys.stderr.write(site.log()[-3000:])
        raise
    finally:
        site.close()
    print("ok")


if __name__ == "__main__":
    main()
