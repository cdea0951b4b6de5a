#!/usr/bin/env python3
"""outputs.py HINOMI CASE - `hinomi serve` and those it tells: dead, slow, hanging, refusing and
hostile receivers. The oracle is what was written into the log: every line is an alert, every alert's
key arrives at least once, in a file exactly once.

HN_OUTPUT_ALERTS, HN_OUTPUT_KILLS: alerts per case, kills of the case `killed`; for long runs.
Each case says what it proves in its first line.
"""

import base64
import email
import email.policy
import hashlib
import hmac
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

from sinks import Hook, Lines, Mail, certificate, free_port

SKIPPED = 77
ALERTS = int(os.environ.get("HN_OUTPUT_ALERTS", "30"))
KILLS = int(os.environ.get("HN_OUTPUT_KILLS", "10"))

RULE = """title: "悪意のある実行 | evil=1"
id: 11111111-2222-3333-4444-555555555555
status: test
description: every line that says evil
level: high
logsource:
    product: windows
    category: process_creation
detection:
    sel:
        CommandLine|contains: evil
    condition: sel
"""


def check(fine, what):
    if not fine:
        raise AssertionError(what)


def wait_for(condition, what, seconds=30):
    end = time.time() + seconds
    while time.time() < end:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("waited in vain: " + what)


class Site:
    """A folder with a server's configuration, rule, log and data."""

    def __init__(self, program):
        self.program, self.process = program, None
        self.folder = tempfile.mkdtemp(prefix="hinomi-outputs-")
        self.written, self.outputs = 0, []
        os.mkdir(self.folder + "/rules")
        with open(self.folder + "/rules/evil.yml", "w") as f:
            f.write(RULE)
        open(self.folder + "/in.jsonl", "w").close()

    def path(self, name):
        return f"{self.folder}/{name}"

    def output(self, **keys):
        self.outputs.append(keys)

    def start(self):
        config = {
            "data": self.path("data"),
            "rules": {"paths": [self.path("rules")]},
            "http": {"address": f"127.0.0.1:{free_port()}", "tls": False},
            "sources": [{"name": "logs", "files": [self.path("in.jsonl")]}],
            "outputs": self.outputs,
        }
        with open(self.path("hinomi.yaml"), "w") as f:
            json.dump(config, f)
        environment = dict(os.environ, XDG_CACHE_HOME=self.path("cache"))
        environment.pop("http_proxy", None)
        self.log = open(self.path("log"), "a")
        self.process = subprocess.Popen(
            [self.program, "serve", "-c", self.path("hinomi.yaml")], stderr=self.log,
            env=environment, cwd=self.folder)
        wait_for(lambda: self.process.poll() is not None or self.logged("serve.ready") >= 1,
                 "the server to be ready", 60)
        check(self.process.poll() is None, "the server ended: " + self.log_text())

    def log_text(self):
        with open(self.path("log")) as f:
            return f.read()

    def logged(self, name):
        return self.log_text().count(f'"id":"{name}"')

    def write(self, count, tag="evil", host="pc1"):
        """Lines that become an alert each."""
        with open(self.path("in.jsonl"), "a") as f:
            for _ in range(count):
                f.write(json.dumps({
                    "Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1,
                    "Computer": host, "UtcTime": "2026-11-23 01:02:03.004", "User": "u",
                    "CommandLine": f"{tag} {self.written}"}) + "\n")
                self.written += 1

    def rows(self, sql, *values):
        if not os.path.exists(self.path("data/hinomi.db")):
            return []
        connection = sqlite3.connect(f"file:{self.path('data/hinomi.db')}?mode=ro", uri=True,
                                     timeout=30)
        try:
            return connection.execute(sql, values).fetchall()
        except sqlite3.OperationalError:
            return []
        finally:
            connection.close()

    def keys(self, output):
        """All that this output has to tell, in order."""
        return [key for key, in
                self.rows("SELECT key FROM outbox WHERE sink=? ORDER BY id", output)]

    def states(self, output):
        return dict(self.rows("SELECT state, count(*) FROM outbox WHERE sink=? GROUP BY state",
                              output))

    def alerts(self):
        return self.rows("SELECT count(*) FROM alert")[0][0] if self.rows(
            "SELECT count(*) FROM alert") else 0

    def all_stored(self):
        return self.alerts() == self.written

    def all_sent(self, output):
        states = self.states(output)
        return self.all_stored() and set(states) == {2}

    def stop(self):
        if self.process is None:
            return
        began = time.time()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        self.process = None
        check(code == 0, f"the server ended with {code}: " + self.log_text()[-2000:])
        check(time.time() - began < 20, "ending took too long")

    def kill(self):
        self.process.kill()
        self.process.wait(60)
        self.process = None

    def close(self):
        if self.process is not None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def hook_output(site, name, port, **more):
    site.output(**{"name": name, "kind": "webhook", "url": f"http://127.0.0.1:{port}/in",
                   "allow_private": True, "allow_plain": True, "timeout": "2s",
                   "retry_max": "2s", **more})


def firsts(keys):
    return list(dict.fromkeys(keys))


def file_keys(path):
    with open(path, "rb") as f:
        text = f.read()
    check(text.endswith(b"\n"), "the file's last line is torn")
    return [json.loads(line)["key"] for line in text.splitlines()]


# ---- Webhooks ----

def case_down(site):
    """A receiver that is down for a while gets everything afterwards, in order, correctly signed."""
    port = free_port()
    with open(site.path("secret"), "w") as f:
        f.write("the key\n")
    os.chmod(site.path("secret"), 0o600)
    hook_output(site, "hook", port, secret_file=site.path("secret"))
    site.start()
    site.write(ALERTS)
    wait_for(site.all_stored, "alerts")
    wait_for(lambda: site.logged("output.down") == 1, "word of the failure")
    time.sleep(1.5)
    hook = Hook(port=port)
    wait_for(lambda: site.all_sent("hook"), "everything to be sent", 60)
    check(firsts(hook.keys()) == site.keys("hook"), "the order is another one")
    check(len(hook.keys()) == len(set(hook.keys())), "something was told twice without need")
    wait_for(lambda: site.logged("output.up") == 1, "word of the recovery")
    for post in hook.posts:
        stamp = post.headers["Hinomi-Timestamp"]
        mac = hmac.new(b"the key", stamp.encode() + b"." + post.body, hashlib.sha256).hexdigest()
        check(post.headers["Hinomi-Signature"] == "v1=" + mac, "the signature does not fit")
        check(abs(int(stamp) - time.time()) < 100, "the time is another one")
        body = json.loads(post.body)
        check(body["key"] == post.key, "the key is not that of the body")
        check(post.headers["Content-Type"] == "application/json", "content type")
    check("the key" not in site.log_text(), "the secret is in the log")
    site.stop()
    hook.close()


def case_slow(site):
    """A receiver that answers with 10 KB/s gets everything, once."""
    def slowly(handler):
        text = b"x" * 3000
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        for start in range(0, len(text), 1000):
            time.sleep(0.1)
            handler.wfile.write(text[start:start + 1000])
            handler.wfile.flush()

    hook = Hook(lambda post, number: slowly)
    hook_output(site, "hook", hook.port)
    site.start()
    site.write(10)
    wait_for(lambda: site.all_sent("hook"), "everything to be sent", 60)
    check(hook.keys() == site.keys("hook"), "something else than each once in order")
    site.stop()
    hook.close()


def case_storm(site):
    """429, 503 and 500 in turns: Retry-After is kept to, nothing is lost, nothing becomes a dead
    letter."""
    def behave(post, number):
        if number == 1:
            return 429, {"Retry-After": "3"}, b"slow down"
        if number in (3, 4):
            return 503, {}, b"not now"
        if number in (6, 8):
            return 500, {}, b"oops"
        return 200, {}, b""

    hook = Hook(behave)
    hook_output(site, "hook", hook.port)
    site.start()
    site.write(ALERTS)
    wait_for(lambda: site.all_sent("hook"), "everything to be sent", 60)
    check(set(hook.keys()) == set(site.keys("hook")), "something was lost")
    check(hook.posts[1].key == hook.posts[0].key, "another row went first")
    check(hook.posts[1].at - hook.posts[0].at >= 2.9, "Retry-After was not kept to")
    check(hook.posts[6].key != hook.posts[5].key, "a row with HTTP 500 holds up the others")
    site.stop()
    hook.close()


def case_dead(site):
    """What is refused for good becomes a dead letter with its reason, and holds up nobody."""
    hook = Hook(lambda post, number: (422, {}, b"not \x1b[31mthis\x1b[0m one")
                if number == 2 else (200, {}, b""))
    hook_output(site, "hook", hook.port)
    site.start()
    site.write(10)
    wait_for(lambda: site.all_stored() and set(site.states("hook")) == {2, 3}, "a dead letter")
    check(site.states("hook")[3] == 1, "more than one dead letter")
    error = site.rows("SELECT error FROM outbox WHERE state=3")[0][0]
    check(error.startswith("HTTP 422: not"), f"the reason is {error}")
    check(site.logged("output.dead") == 1, "no word of it")
    check("\x1b" not in site.log_text(), "an escape sequence is in the log")
    check(len(hook.keys()) == len(site.keys("hook")), "it was tried again")
    site.stop()
    hook.close()


def case_given_up(site):
    """After give_up without success a row is a dead letter, with its error."""
    hook_output(site, "hook", free_port(), give_up="1s", retry_max="1s")
    site.start()
    site.write(1)
    wait_for(lambda: site.all_stored() and site.states("hook").get(3, 0) >= 1, "a dead letter")
    error = site.rows("SELECT error FROM outbox WHERE state=3")[0][0]
    check("refused" in error or "connect" in error, f"the reason is {error}")
    site.stop()


def case_commit_timeout(site):
    """A receiver that keeps what it gets and answers nothing sees the same key again."""
    def silent(handler):
        time.sleep(3)

    hook = Hook(lambda post, number: silent if number in (2, 4) else (200, {}, b""))
    hook_output(site, "hook", hook.port, timeout="1s")
    site.start()
    site.write(5)
    wait_for(lambda: site.all_sent("hook"), "everything to be sent", 60)
    keys = hook.keys()
    check(keys[1] == keys[2] and keys[3] == keys[4], f"another key after a timeout: {keys}")
    check(hook.posts[1].body == hook.posts[2].body, "another body under the same key")
    check(firsts(keys) == site.keys("hook"), "lost or out of order")
    site.stop()
    hook.close()


def case_tls(site):
    """A certificate of another authority or name gets nothing; the right one gets everything."""
    right = certificate(site.folder, "right", "localhost")
    wrong = certificate(site.folder, "wrong", "localhost")
    other = certificate(site.folder, "other", "elsewhere.example")
    sinks = {name: Hook(tls=pair)
             for name, pair in (("right", right), ("wrong", wrong), ("other", other))}
    for name, sink in sinks.items():
        site.output(name=name, kind="webhook", url=f"https://localhost:{sink.port}/",
                    allow_private=True, timeout="2s", retry_max="1s",
                    ca=(other if name == "other" else right)[0])
    site.start()
    site.write(3)
    wait_for(lambda: site.all_sent("right"), "the right one")
    wait_for(lambda: site.rows("SELECT 1 FROM outbox WHERE sink='wrong' AND error<>''") and
             site.rows("SELECT 1 FROM outbox WHERE sink='other' AND error<>''"), "reasons")
    check(len(sinks["right"].keys()) == len(site.keys("right")), "not each once")
    check(not sinks["wrong"].posts and not sinks["other"].posts, "a wrong certificate was taken")
    check(2 not in site.states("wrong") and 2 not in site.states("other"), "taken as sent")
    site.stop()


def case_unreachable(site):
    """Names that do not resolve, addresses that are refused, and redirections to them: nothing is
    sent, nothing is lost, and the reason is kept."""
    target = Hook()
    hook = Hook(lambda post, number: (
        307, {"Location": "http://169.254.169.254/latest/meta-data/"}, b""))
    elsewhere = Hook(lambda post, number: (
        302, {"Location": f"http://127.0.0.1:{target.port}/"}, b""))
    hook_output(site, "moved", hook.port)
    hook_output(site, "moved2", elsewhere.port)
    hook_output(site, "nowhere", 1, url="http://no-such-host.invalid/")
    hook_output(site, "metadata", 1, url="http://169.254.169.254/")
    hook_output(site, "mapped", 1, url="http://[::ffff:169.254.169.254]/")
    hook_output(site, "private", target.port, allow_private=False)
    hook_output(site, "name", target.port, url=f"http://localhost:{target.port}/",
                allow_private=False)
    site.start()
    site.write(1)
    names = {"moved": "redirection", "moved2": "redirection", "nowhere": "resolve",
             "metadata": "address refused: link-local", "mapped": "address refused: link-local",
             "private": "address refused: loopback", "name": "address refused: loopback"}

    def reason(name):
        rows = site.rows("SELECT error FROM outbox WHERE sink=? AND error<>''", name)
        return rows[0][0] if rows else ""

    for name, text in names.items():
        wait_for(lambda: reason(name) != "", f"the reason of {name}")
        check(text in reason(name), f"{name}: {reason(name)}")
        check(set(site.states(name)) <= {0, 1}, f"{name} is not waiting any more")
    check(not target.posts, "an alert went where it must not")
    site.stop()
    hook.close()
    elsewhere.close()


def case_hang(site):
    """A receiver that hangs does not delay another one: its alerts arrive within a second."""
    def hangs(handler):
        time.sleep(30)

    dead, live = Hook(lambda post, number: hangs), Hook()
    hook_output(site, "dead", dead.port, timeout="20s")
    hook_output(site, "live", live.port)
    site.start()
    site.write(1)
    wait_for(lambda: dead.posts, "the first one to hang")
    delays = []
    for _ in range(10):
        before, began = len(live.posts), time.time()
        site.write(1)
        wait_for(lambda: len(live.posts) > before, "the next alert")
        delays.append(time.time() - began)
    check(max(delays) < 2 and sorted(delays)[5] < 1, f"delays of {delays}")
    wait_for(lambda: site.all_sent("live"), "the rest")
    check(len(dead.posts) == 1, "the hanging one was asked again meanwhile")
    site.stop() # within its time, although one hangs


def case_metrics(site):
    """What waits, its age, what was sent, what failed and what is dead is told, per output."""
    live = Hook(lambda post, number: (400, {}, b"") if number == 1 else (200, {}, b""))
    hook_output(site, "live", live.port)
    hook_output(site, "dead", free_port())
    site.start()
    site.write(4)
    wait_for(lambda: site.all_stored() and set(site.states("live")) == {2, 3} and
             site.logged("output.down") == 1, "rows")
    token = "hnm_" + "a" * 43
    db = sqlite3.connect(site.path("data/hinomi.db"), timeout=30)
    db.execute("INSERT INTO token(name,hash,role,permissions,source,tenant,created,expires) "
               "VALUES('t',?,'viewer',1,'','',0,?)",
               (hashlib.sha256(token.encode()).hexdigest(), 2 ** 62))
    db.commit()
    db.close()
    with open(site.path("hinomi.yaml")) as f:
        address = json.load(f)["http"]["address"]
    request = urllib.request.Request(f"http://{address}/metrics",
                                     headers={"Authorization": "Bearer " + token})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        text = answer.read().decode()

    def value(name, output):
        return float(re.search(rf'^hinomi_output_{name}{{output="{output}"}} (\S+)$', text,
                               re.MULTILINE)[1])

    check(value("pending", "live") == 0 and value("pending", "dead") == 5, "pending")
    check(value("sent_total", "live") == 4 and value("sent_total", "dead") == 0, "sent")
    check(value("dead", "live") == 1 and value("dead", "dead") == 0, "dead letters")
    check(value("failed_total", "dead") >= 1, "failed")
    check(value("oldest_seconds", "live") == 0 and 0 < value("oldest_seconds", "dead") < 60, "age")
    site.stop()


# ---- Files ----

def case_file(site):
    """A file has each key once: after rotation, SIGHUP, a torn last line, and foreign lines."""
    out = site.path("out.jsonl")
    with open(out, "w") as f:
        f.write("a foreign line without end")
    site.output(name="file", kind="file", path=out)
    site.output(name="ocsf", kind="file", path=site.path("out.ocsf"), format="ocsf")
    site.start()
    site.write(10)
    wait_for(lambda: site.all_sent("file"), "the first ten")
    with open(out) as f:
        check(f.readline() == "a foreign line without end\n", "the foreign line is gone")
        first = [json.loads(line)["key"] for line in f]
    os.rename(out, site.path("out.1"))
    site.write(10)
    wait_for(lambda: site.all_sent("file"), "ten after rotation")
    site.process.send_signal(signal.SIGHUP)
    site.write(10)
    wait_for(lambda: site.all_sent("file"), "ten after SIGHUP")
    check(first + file_keys(out) == site.keys("file"), "not each once in order")
    site.stop()
    # A crash between the disk and the database: the rows come again, one of them half written.
    with open(out, "rb+") as f:
        text = f.read()
        f.truncate(len(text) - 30)
    db = sqlite3.connect(site.path("data/hinomi.db"))
    for sink in "file", "ocsf":
        db.execute("UPDATE outbox SET state=1 WHERE id IN "
                   "(SELECT id FROM outbox WHERE sink=? ORDER BY id DESC LIMIT 8)", (sink,))
    db.commit()
    db.close()
    site.start()
    wait_for(lambda: site.all_sent("file") and site.all_sent("ocsf"), "all of it again")
    check(first + file_keys(out) == site.keys("file"), "not each once after a crash")
    with open(site.path("out.ocsf")) as f:
        findings = [json.loads(line) for line in f]
    check([finding["metadata"]["uid"] for finding in findings] == site.keys("ocsf"),
          "OCSF: not each once")
    check({finding["class_uid"] for finding in findings} == {2004, 2005}, "OCSF: classes")
    site.stop()


def case_full(site):
    """A file that cannot be written is waited for; then it has each key once."""
    out = site.path("later/out.jsonl")
    site.output(name="file", kind="file", path=out, retry_max="1s")
    site.start()
    site.write(ALERTS)
    wait_for(lambda: site.logged("output.down") == 1, "word of the failure")
    os.mkdir(site.path("later"))
    wait_for(lambda: site.all_sent("file"), "everything to be written")
    check(file_keys(out) == site.keys("file"), "not each once in order")
    site.stop()


def case_secret(site):
    """A secret that everybody may read keeps the server from starting."""
    with open(site.path("secret"), "w") as f:
        f.write("hunter2")
    os.chmod(site.path("secret"), 0o644)
    hook_output(site, "hook", 1, secret_file=site.path("secret"))
    try:
        site.start()
    except AssertionError as error:
        check("hunter2" not in str(error), "the secret is told")
    else:
        raise AssertionError("it has started")
    check("may be read by everybody" in site.log_text(), site.log_text())
    site.process = None


# ---- Syslog ----

HEADER = re.compile(r"<(\d+)>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z \S+ hinomi - "
                    r"(alert|incident\.\w+) - (.*)", re.DOTALL)


def syslog_keys(name, messages):
    return [json.loads(HEADER.fullmatch(m)[3])["key"] if name == "tls"
            else re.search(r" externalId=(\S+)", m)[1] for m in messages]


def case_syslog(site):
    """UDP, TCP and TLS receivers get each alert, framed and escaped by the book; a broken
    connection loses nothing."""
    pair = certificate(site.folder, "log", "localhost")
    udp, tcp, tls = Lines("udp"), Lines("tcp"), Lines("tls", pair)
    site.output(name="udp", kind="syslog", transport="udp", address=f"127.0.0.1:{udp.port}",
                format="cef")
    site.output(name="tcp", kind="syslog", transport="tcp", address=f"127.0.0.1:{tcp.port}",
                format="cef", retry_max="1s")
    site.output(name="tls", kind="syslog", transport="tls", address=f"localhost:{tls.port}",
                ca=pair[0], facility=13)
    wrong = certificate(site.folder, "wrong", "localhost")
    bad = Lines("tls", wrong)
    site.output(name="bad", kind="syslog", transport="tls", address=f"localhost:{bad.port}",
                ca=pair[0], retry_max="1s")
    site.start()
    site.write(5, tag="evil |=\\ \u202e\x1b[31m\nend")
    for name in "udp", "tcp", "tls":
        wait_for(lambda: site.all_sent(name), name)
    tcp.close()
    again = Lines("tcp", port=tcp.port)
    site.write(5)

    def received(name):
        return list({"udp": udp.messages, "tcp": tcp.messages + again.messages,
                     "tls": tls.messages}[name])

    for name in "udp", "tcp", "tls":
        wait_for(lambda: site.all_sent(name), name)
        keys = site.keys(name)
        # What was written may still be on its way through the receiver's thread.
        wait_for(lambda: len(firsts(syslog_keys(name, received(name)))) >= len(keys),
                 f"{name}: messages")
        messages = received(name)
        for message in messages:
            match = HEADER.fullmatch(message)
            check(match, f"{name}: {message!r}")
            check(int(match[1]) == (13 if name == "tls" else 16) * 8 + 3, f"PRI {match[1]}")
            check(not re.search("[\x00-\x1f\x7f\u202e]", message), f"controls in {message!r}")
            if name != "tls":
                check(match[3].startswith("CEF:0|Hinomi|Hinomi|"), message)
        check(firsts(syslog_keys(name, messages)) == keys, f"{name}: lost or out of order")
    check(any(r"\| evil=1|8|rt=" in m for m in udp.messages),
          "the rule's title is not escaped")
    check(any(r"evil |\=\\ " in m for m in udp.messages), "the evidence is not escaped")
    check(not bad.messages and 2 not in site.states("bad"), "a wrong certificate was taken")
    site.stop()


# ---- Mail ----

def parse(mail):
    return email.message_from_bytes(mail[2], policy=email.policy.default)


def case_smtp(site):
    """One mail an alert: the conversation, a Japanese subject, and hostile text that adds no
    header, no line and no link."""
    refused = []

    def refuse(mail):
        if not refused:
            refused.append(mail)
            return "451 try again"
        return None

    sink = Mail(refuse)
    site.output(name="mail", kind="smtp", url=f"smtp://127.0.0.1:{sink.port}", allow_plain=True,
                **{"from": "hinomi@soc.example"}, to=["a@soc.example", "b@soc.example"],
                retry_max="1s")
    site.start()
    site.write(3, tag="evil\r\nBcc: x@evil.example\r\n.\r\nhttp://www.evil.example/a \x1b[31m\u202e",
               host="pc\r\nX-Bad: 1")
    wait_for(lambda: site.all_sent("mail"), "mails", 60)
    keys = site.keys("mail")
    check(len(sink.mails) == len(keys), f"{len(sink.mails)} mails for {len(keys)}")
    check(parse(refused[0])["Message-ID"] == parse(sink.mails[0])["Message-ID"],
          "another Message-ID at the second attempt")
    check("MAIL FROM:<hinomi@soc.example>" in " ".join(sink.lines), "sender")
    for mail, key in zip(sink.mails, keys):
        message = parse(mail)
        names = [name.lower() for name in message.keys()]
        check(sorted(names) == sorted(["date", "from", "to", "subject", "message-id",
              "mime-version", "content-type", "content-transfer-encoding", "auto-submitted"]),
              f"headers {names}")
        check(len(mail[1]) == 2, "recipients")
        check("悪意のある実行" in message["Subject"] and "high" in message["Subject"],
              message["Subject"])
        check(all(ord(c) < 128 for c in mail[2].decode("latin-1")), "a raw byte beyond ASCII")
        check(max(len(line) for line in mail[2].split(b"\r\n")) <= 78, "a line too long")
        text = message.get_content()
        check(key in text, "the key is missing")
        check("http://" not in text and "www." not in text, "a link")
        check(not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", text), f"controls: {text!r}")
        check("\nBcc" not in text, "a line of its own")
    site.stop()


def case_digest(site):
    """A digest: the first alert at once, what follows together; a refusal for good is a dead
    letter."""
    sink = Mail(lambda mail: "554 no" if b"never" in base64.b64decode(
        mail[2].split(b"\r\n\r\n", 1)[1]) else None)
    site.output(name="mail", kind="smtp", url=f"smtp://127.0.0.1:{sink.port}", allow_plain=True,
                **{"from": "hinomi@soc.example"}, to=["a@soc.example"], digest="3s")
    site.start()
    site.write(1)
    wait_for(lambda: len(sink.mails) == 1, "the first mail")
    first = time.time()
    for _ in range(5):
        site.write(2)
        time.sleep(0.1)
    wait_for(lambda: site.all_sent("mail"), "all of them")
    check(time.time() - first > 2, "the span was not kept")
    check(len(sink.mails) <= 3, f"{len(sink.mails)} mails")
    text = "".join(parse(mail).get_content() for mail in sink.mails)
    check(all(key in text for key in site.keys("mail")), "something is missing")
    check(any("notices" in parse(mail)["Subject"] for mail in sink.mails), "no digest")
    site.write(1, tag="evil never")
    wait_for(lambda: site.states("mail").get(3, 0) == 1, "a dead letter")
    check("554" in site.rows("SELECT error FROM outbox WHERE state=3")[0][0], "its reason")
    site.stop()


# ---- All of it, killed ----

def case_killed(site):
    """kill -9 while alerts flow: every alert's key arrives at least once, in files exactly once."""
    hook, tcp = Hook(), Lines("tcp")
    out = site.path("out.jsonl")
    site.output(name="file", kind="file", path=out)
    hook_output(site, "hook", hook.port)
    site.output(name="log", kind="syslog", transport="tcp", address=f"127.0.0.1:{tcp.port}")
    for number in range(KILLS):
        site.start()
        before = len(hook.posts)
        for _ in range(5):
            site.write(ALERTS // 5 + 1)
            time.sleep(0.01)
        if number % 2 == 0: # in the middle of telling, or of judging
            wait_for(lambda: len(hook.posts) > before, "something to be told")
        time.sleep(0.003 * (number % 7))
        site.kill()
        os.truncate(site.path("log"), 0)
    site.start()
    for name in "file", "hook", "log":
        wait_for(lambda: site.all_sent(name), name, 120)
    site.stop()
    alerts = {key for key, in site.rows("SELECT key FROM outbox WHERE kind='alert'")}
    check(len(alerts) == site.written, f"{len(alerts)} of {site.written} alerts")
    written = file_keys(out)
    check(len(written) == len(set(written)), "the file has a key twice")
    check(set(written) == set(site.keys("file")), "the file lacks a key")
    check(set(hook.keys()) == set(site.keys("hook")), "the webhook lacks a key")
    told = {json.loads(HEADER.fullmatch(m)[3])["key"] for m in tcp.messages}
    check(told == set(site.keys("log")), "syslog lacks a key")
    print(f"{KILLS} kills, {site.written} alerts, {len(written)} lines, {len(hook.posts)} posts, "
          f"{len(tcp.messages)} messages")


def main():
    program, case = os.path.abspath(sys.argv[1]), sys.argv[2]
    if shutil.which("openssl") is None and case in ("tls", "syslog"):
        return SKIPPED
    site = Site(program)
    try:
        globals()["case_" + case](site)
    except Exception:
        sys.stderr.write(site.log_text()[-4000:] if os.path.exists(site.path("log")) else "")
        raise
    finally:
        site.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
