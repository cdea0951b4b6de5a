#!/usr/bin/env python3
"""history.py HINOMI CASE - searches of the journal, live tail and context of alerts, asked of a real
server over HTTP. The oracle is what was sent, and `hinomi search` over the same lines.

Each case says what it proves in its first line.
"""

import hashlib
import http.client
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

RULE = """title: evil
id: 11111111-2222-3333-4444-555555555555
status: test
description: every line that says evil
references: ["https://example.org/evil"]
falsepositives: ["tests"]
level: high
tags: [attack.t1059.001]
logsource: {product: windows, category: process_creation}
detection:
    sel: {CommandLine|contains: evil}
    condition: sel
hinomi:
    family: testware
    trace: execution
    why: it is evil
    next: ["look at the parent"]
    false_alarm: "a test"
"""
TOKENS = {"reader": ("viewer", 1, ""), "feeder": ("ingest", 32, ""), "ours": ("viewer", 1, "ours")}


def check(fine, what):
    if not fine:
        raise AssertionError(what)


def token(name):
    return "hnm_" + hashlib.sha256(name.encode()).hexdigest()[:43]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(condition, what, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("waited in vain: " + what)


class Site:
    def __init__(self, program):
        self.program, self.process = program, None
        self.folder = tempfile.mkdtemp(prefix="hinomi-history-")
        self.port, self.journal = free_port(), {"segment": "1MiB"}
        os.mkdir(self.path("rules"))
        with open(self.path("rules/evil.yml"), "w") as f:
            f.write(RULE)

    def path(self, name):
        return f"{self.folder}/{name}"

    def start(self):
        with open(self.path("hinomi.yaml"), "w") as f:
            json.dump({
                "data": self.path("data"),
                "rules": {"paths": [self.path("rules")]},
                "journal": self.journal,
                "engine": {"lateness": "1s", "snapshot": "1s", "tick": "1s"},
                "http": {"address": f"127.0.0.1:{self.port}", "tls": False},
                "sources": [{"name": "a"}, {"name": "b", "tenant": "ours"}],
            }, f)
        with open(self.path("log"), "a") as log:
            self.process = subprocess.Popen(
                [self.program, "serve", "-c", self.path("hinomi.yaml")], stderr=log, stdout=log,
                env=dict(os.environ, XDG_CACHE_HOME=self.path("cache")), cwd=self.folder)
        wait_for(lambda: self.process.poll() is not None or self.is_ready(), "ready", 60)
        check(self.process.poll() is None, "the server ended: " + self.log())
        self.add_tokens()
        return self

    def is_ready(self):
        try:
            return self.ask("/readyz", who=None)[0] == 200
        except OSError:
            return False

    def log(self):
        with open(self.path("log")) as f:
            return f.read()[-3000:]

    def add_tokens(self):
        now = time.time_ns()
        rows = [("reader", "viewer", 1, "", ""), ("ours", "viewer", 1, "", "ours"),
                ("feed-a", "ingest", 32, "a", ""), ("feed-b", "ingest", 32, "b", "ours")]
        with sqlite3.connect(self.path("data/hinomi.db"), timeout=30) as database:
            for name, role, permissions, source, tenant in rows:
                database.execute(
                    "INSERT OR IGNORE INTO token(name, hash, role, permissions, source, tenant,"
                    " created, expires) VALUES(?,?,?,?,?,?,?,?)",
                    (name, hashlib.sha256(token(name).encode()).hexdigest(), role, permissions,
                     source, tenant, now, now + 3600 * 10 ** 9))
        database.close()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            check(self.process.wait(60) == 0, "it did not end well: " + self.log())

    def remove(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def connect(self, timeout=60):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, path, who="reader", method="GET", body=None, headers=None, **query):
        if query:
            path += "?" + urllib.parse.urlencode(query)
        connection = self.connect()
        fields = dict(headers or {})
        if who:
            fields["Authorization"] = "Bearer " + token(who)
        connection.request(method, path, body, fields)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        self.headers = answer.headers
        return answer.status, text

    def get(self, path, who="reader", **query):
        status, text = self.ask(path, who, **query)
        check(status == 200, f"{path} {query}: {status} {text[:300]}")
        return json.loads(text)

    def send(self, lines, source="a"):
        body = "".join(json.dumps(line) + "\n" for line in lines)
        status, text = self.ask("/v1/events", "feed-" + source, "POST", body,
                                {"Content-Type": "application/x-ndjson"})
        check(status in (200, 202), f"ingest: {status} {text[:300]}")

    def search(self, who="reader", pages=2000, **query):
        """All pages; the events, and how many pages that took."""
        found, count = [], 0
        while count < pages:
            page = self.get("/v1/events", who, **query)
            found += page["items"]
            count += 1
            if page["next"] is None:
                return found, count
            query["cursor"] = page["next"]
        raise AssertionError("there is no end to the pages")

    def metric(self, name):
        text = self.ask("/metrics", who=None)[1].decode()
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
                   if line.startswith(name))


def stamp(second):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))


def event(number, second=None, host="pc1", command="calm", **more):
    return {"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1, "Computer": host,
            "UtcTime": stamp(second or time.time()).replace("T", " ").rstrip("Z"),
            "User": "CORP\\u", "CommandLine": f"{command} {number}", "n": number, **more}


def numbers(items):
    return [item["event"]["n"] for item in items]


# ---- Cases ----

def case_search(site):
    """Pages of any size, in both orders, have each event that fits once, and what `hinomi search`
    finds in the same lines; also over sealed and packed segments, and over damaged ones."""
    site.start()
    chance = random.Random(7)
    lines, n = [], 0
    for _ in range(120):
        batch = []
        for _ in range(chance.randint(1, 60)):
            batch.append(event(n, host=f"pc{n % 3}", pad="x" * chance.randint(0, 900),
                               command=chance.choice(["evil", "calm", "Größe", 'say "hi"'])))
            n += 1
        site.send(batch)
        lines += batch
    with open(site.path("all.jsonl"), "w") as f:
        f.writelines(json.dumps(line) + "\n" for line in lines)
    wait_for(lambda: [name for name in os.listdir(site.path("data/journal"))
                      if name.endswith(".zst")], "a packed segment")
    for query, terms in (
            ("evil", ["-e", "evil"]),
            ("CommandLine|contains=evil Computer=pc1", ["-e", "CommandLine|contains=evil",
                                                        "-e", "Computer=pc1"]),
            ("-evil Computer=pc2", ["-e", "Computer=pc2", "--not", "evil"]),
            ('"say ""hi"""', ["-e", 'say "hi"']),
            ("größe", ["-e", "größe"]),
            ("", ["-e", "pc"])):
        out = subprocess.run(
            [site.program, "search", "-j1", "-o", "jsonl", *terms, site.path("all.jsonl")],
            capture_output=True, text=True, check=True,
            env=dict(os.environ, XDG_CACHE_HOME=site.path("cache"))).stdout
        wanted = [json.loads(line) for line in out.splitlines()]
        check(wanted, "nothing to compare with")
        for order, limit in (("newest", 1000), ("oldest", 1000), ("newest", 37), ("oldest", 41)):
            if limit < 100 and len(wanted) > 1500:
                limit = 301
            found, pages = site.search(query=query, order=order, limit=limit)
            expected = numbers(wanted) if order == "oldest" else numbers(wanted)[::-1]
            check(numbers(found) == expected, f"{query} {order} {limit}: {len(found)} events, "
                                              f"{len(wanted)} wanted")
            check(pages >= len(found) // limit, "a page has more than its limit")
        for one, other in zip(found, wanted):
            for member in ("event", "added", "matches", "logsource", "host", "user", "time"):
                if query or member != "matches":
                    check(one.get(member) == other.get(member), f"{query}: {member} differs")
            check(one["journal"]["source"] == "a", "the source is another one")
    any_of, _ = site.search(query="evil größe", any="true", limit=1000)
    check(len(any_of) == sum("evil" in x["CommandLine"] or "Größe" in x["CommandLine"]
                             for x in lines), "any")
    check(site.search(query="EVIL", case="true")[0] == [], "case")
    check(len(site.search(query='"^(evil|calm) 1[0-9]$"', regex="true")[0]) ==
          sum(x["CommandLine"] in {f"{c} {k}" for c in ("evil", "calm") for k in range(10, 20)}
              for x in lines), "regex")
    check("raw" in site.search(query="n=5", raw="true")[0][0], "raw")
    damage(site, lines)


def damage(site, lines):
    """A record that is damaged is passed over and counted; all others are found."""
    site.stop()
    folder = site.path("data/journal")
    plain = sorted(name for name in os.listdir(folder) if name.endswith(".hnj"))
    packed = sorted(name for name in os.listdir(folder) if name.endswith(".zst"))
    for name in (plain[-1], packed[0]):
        with open(f"{folder}/{name}", "r+b") as f:
            size = os.path.getsize(f"{folder}/{name}")
            f.seek(min(size // 2, 100000))
            f.write(b"\xff" * 64)
    site.start()
    for order in ("oldest", "newest"):
        page = {"next": None}
        found, damaged = [], 0
        query = {"query": "", "order": order, "limit": 1000}
        while True:
            page = site.get("/v1/events", **query)
            found += numbers(page["items"])
            damaged += page["scanned"]["damaged_bytes"]
            if page["next"] is None:
                break
            query["cursor"] = page["next"]
        check(damaged > 0, "no damage was told")
        check(len(found) == len(set(found)) and 0 < len(found) < len(lines),
              f"{order}: {len(found)} of {len(lines)}")
        check(found == sorted(found, reverse=order == "newest"), "out of order")


def case_moving(site):
    """Pages go on where they stopped while events come in and segments are deleted: nothing twice,
    nothing left out that is still there."""
    site.journal = {"segment": "1MiB", "keep": "3MiB", "compress": False}
    site.start()
    for n in range(0, 2000, 20):
        site.send([event(k, pad="x" * 2500) for k in range(n, n + 20)])
    top, found, query = 2000, [], {"query": "", "limit": 50, "order": "newest"}
    while True:
        page = site.get("/v1/events", **query)
        found += numbers(page["items"])
        site.send([event(k, pad="y" * 9000) for k in range(top, top + 20)])
        top += 20
        time.sleep(0.15)  # the journal may delete what a snapshot has released
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    check(found == sorted(set(found), reverse=True), "twice, or out of order")
    check(found[0] == 1999, "the newest is missing")
    check(found == list(range(1999, 1999 - len(found), -1)), "something is left out")
    check(len(found) < 2000, "nothing was deleted: the case proves nothing")
    # Oldest first: what comes in while one reads is read as well.
    seen, query = [], {"query": "", "limit": 100, "order": "oldest"}
    for _ in range(8):
        page = site.get("/v1/events", **query)
        seen += numbers(page["items"])
        site.send([event(top, pad="z" * 3000)])
        top += 1
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    check(seen == sorted(set(seen)), "twice, or out of order")


def case_bounds(site):
    """Time, receipt, source and tenant bound what is found; one tenant never sees another's."""
    site.start()
    now = int(time.time())
    site.send([event(n, second=now - 1000 + n) for n in range(100)])
    site.send([event(n, second=now) for n in range(100, 110)], "b")
    found, _ = site.search(query="", limit=1000, **{"from": stamp(now - 990), "to": stamp(now - 980)})
    check(sorted(numbers(found)) == list(range(10, 21)), "time: %s" % numbers(found))
    check(len(site.search(query="", source="b", limit=1000)[0]) == 10, "source")
    check(site.search(query="", source="c")[0] == [], "no such source")
    check(sorted(numbers(site.search("ours", query="", limit=1000)[0])) == list(range(100, 110)),
          "tenant")
    check(site.search("ours", query="", source="a")[0] == [], "another tenant's source")
    check(site.search(query="", received_to=stamp(now - 3600))[0] == [], "received_to")
    check(site.search(query="", received_from=stamp(now + 3600))[0] == [], "received_from")
    check(len(site.search(query="", received_from=stamp(now - 60), limit=1000)[0]) == 110,
          "received")
    check(site.search(query="", **{"from": stamp(now + 86400 * 3)})[0] == [], "the future")
    for query in ({"from": "yesterday"}, {"limit": 0}, {"limit": 1001}, {"cursor": "x"},
                  {"cursor": "n1.1.1"}, {"cursor": "N1.1"}, {"order": "best"}, {"nothing": "1"},
                  {"query": "x" * 4097}):
        status, text = site.ask("/v1/events", **query)
        check(status == 400, f"{query}: {status} {text}")
    for cursor in ("nffffffffffffffff.ffffffffffffffff", "offffffffffffffff.0", "n0.0",
                   "o1.ffffffff", "n7.3"):
        status, text = site.ask("/v1/events", cursor=cursor)
        check(status == 200, f"{cursor}: {status} {text}")
    check(site.ask("/v1/events", who=None)[0] == 401, "nobody may search")
    check(site.ask("/v1/events", who="feed-a")[0] == 403, "whoever feeds may not search")


def case_hostile(site):
    """Queries that are wrong are refused with a reason; slow ones end; hostile events come out
    inert."""
    site.start()
    nasty = ["<script>alert(1)</script>", "\u001b[31mred", "\u202egnp.exe", "a\nb: c", "=1+1",
             '","x":"', "\\u0000", "data: x\n\nevent: y", "a" * 30 + "!"]
    site.send([event(n, command=text, **{text: text}) for n, text in enumerate(nasty)])
    status, text = site.ask("/v1/events", query="", limit=100)
    check(status == 200 and b"\x1b" not in text and "\u202e" not in text.decode(), "controls")
    check(len(json.loads(text)["items"]) == len(nasty), "hostile events")
    for query, how in (('"open', {}), ('""', {}), ("x|nosuch=1", {}), ("(", {"regex": "true"}),
                       ("a|re=(", {}), ("a|cidr=x", {}), (" ".join(["x"] * 65), {}),
                       ("a|base64offset|contains|re=1", {})):
        status, text = site.ask("/v1/events", query=query, **how)
        check(status == 422 and json.loads(text)["detail"], f"{query}: {status} {text}")
    site.send([event(n, command="a" * 5000 + "!") for n in range(300)])
    began = time.monotonic()
    status, _ = site.ask("/v1/events", query="(a+)+$", regex="true")
    check(status in (200, 422), f"a slow pattern: {status}")
    check(time.monotonic() - began < 40, "a slow pattern takes for ever")
    check(site.get("/v1/events", query="n=1")["items"], "it goes on")


def case_gone(site):
    """More searches than may wait are answered 429 with Retry-After; those whose client has gone
    end."""
    site.start()
    for n in range(0, 6000, 500):
        site.send([event(k, command="a" * 3000 + "!") for k in range(n, n + 500)])
    connections = []
    path = "/v1/events?" + urllib.parse.urlencode({"query": "(a|aa)+$ (a+)+b$", "regex": "true"})
    codes = []

    def ask():
        connection = site.connect()
        connections.append(connection)
        try:
            connection.request("GET", path, headers={"Authorization": "Bearer " + token("reader")})
            answer = connection.getresponse()
            codes.append((answer.status, answer.headers.get("Retry-After")))
        except (OSError, http.client.HTTPException):
            codes.append((0, None))

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(60)]
    for thread in threads:
        thread.start()
    wait_for(lambda: any(code == 429 for code, _ in codes), "a refusal")
    check(all(after for code, after in codes if code == 429), "no Retry-After")
    for connection in connections:
        if connection.sock:
            connection.sock.shutdown(socket.SHUT_RDWR)
    began = time.monotonic()
    wait_for(lambda: site.metric("hinomi_searches_waiting") == 0, "an end of the queue", 60)
    check(site.get("/v1/events", query="n=1", order="oldest")["items"], "it goes on")
    check(site.metric('hinomi_search_total{what="searches_cancelled"}') > 0, "none was cancelled")
    check(time.monotonic() - began < 60, "it took too long")


class Listener:
    def __init__(self, site, who="reader", last=None, read=True, **query):
        path = "/v1/events/stream"
        if query:
            path += "?" + urllib.parse.urlencode(query)
        self.connection = site.connect(5)
        headers = {"Authorization": "Bearer " + token(who)}
        if last:
            headers["Last-Event-ID"] = last
        self.connection.request("GET", path, headers=headers)
        self.answer = self.connection.getresponse()
        check(self.answer.status == 200, f"stream: {self.answer.status}")
        self.events, self.dropped, self.last, self.kind = [], 0, None, None
        self.thread = threading.Thread(target=self.run, daemon=True)
        if read:
            self.thread.start()

    def run(self):
        try:
            while line := self.answer.readline():
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "id":
                    self.last = value
                elif name == "event":
                    self.kind = value
                elif name == "data" and self.kind == "dropped":
                    self.dropped += json.loads(value)["events"]
                    self.left_out = json.loads(value)["bytes"]
                elif name == "data":
                    self.events.append(json.loads(value))
        except (OSError, ValueError, http.client.HTTPException):
            pass

    def close(self):
        self.connection.sock and self.connection.sock.close()
        self.connection.close()


def case_tail(site):
    """A listener has each event that fits once, in order, within a second; with Last-Event-ID it
    goes on where it was; one that does not read is told what it missed; a tenant has its own."""
    site.start()
    site.send([event(0)])
    every, evil, ours = Listener(site), Listener(site, query="evil"), Listener(site, "ours")
    time.sleep(0.3)
    for n in range(1, 201):
        site.send([event(n, command="evil" if n % 10 == 0 else "calm")], "b" if n % 50 == 0 else "a")
    began = time.monotonic()
    wait_for(lambda: len(every.events) == 200, "all events")
    check(time.monotonic() - began < 5, "late")
    check(numbers(every.events) == list(range(1, 201)), "order")
    wait_for(lambda: len(evil.events) == 20, "those that fit")
    wait_for(lambda: len(ours.events) == 4, "the tenant's")
    check(numbers(ours.events) == [50, 100, 150, 200], "another tenant's")
    last = every.last
    every.close()
    site.send([event(n) for n in range(201, 261)])
    again = Listener(site, last=last)
    wait_for(lambda: len(again.events) == 60, "what came meanwhile")
    check(numbers(again.events) == list(range(201, 261)), "a gap, or twice")
    check(site.ask("/v1/events/stream", headers={"Last-Event-ID": "n1.1"})[0] == 400, "id")
    check(site.ask("/v1/events/stream", query='"')[0] == 422, "query")
    check(site.ask("/v1/events/stream", "feed-a")[0] == 403, "permission")
    slow = Listener(site, read=False)
    time.sleep(0.3)
    for n in range(0, 6000, 200):
        site.send([event(k, pad="x" * 3000) for k in range(n, n + 200)])
    wait_for(lambda: site.metric('hinomi_search_total{what="tail_dropped"}') > 0 or
             site.metric('hinomi_search_total{what="tail_left_out"}') > 0, "a loss")
    slow.thread.start()
    wait_for(lambda: slow.dropped > 0 or getattr(slow, "left_out", 0) > 0, "being told")
    got = numbers(slow.events)
    check(got == sorted(set(got)), "twice, or out of order")
    if getattr(slow, "left_out", 0) == 0:
        wait_for(lambda: len(slow.events) + slow.dropped == 6000, "all accounted for: %d + %d" %
                 (len(slow.events), slow.dropped))
    for listener in (evil, ours, again, slow):
        listener.close()
    wait_for(lambda: site.metric("hinomi_tails") == 0, "listeners that have gone are forgotten", 40)


def process(n, guid, parent, pid, ppid, second, **more):
    return event(n, second=second, ProcessGuid="{%s}" % guid, ParentProcessGuid="{%s}" % parent,
                 ProcessId=pid, ParentProcessId=ppid, Image=f"C:\\{guid}.exe",
                 ParentImage=f"C:\\{parent}.exe", ParentCommandLine=parent, **more)


def the_alert(site, number=1):
    wait_for(lambda: len(site.get("/v1/alerts", hidden="also")["items"]) >= number, "the alert")
    return site.get("/v1/alerts", hidden="also")["items"][0]


def tree(context):
    return {p["image"][3:-4]: (p["relation"], None if p["parent"] is None
            else context["processes"][p["parent"]]["image"][3:-4]) for p in context["processes"]}


def case_context(site):
    """An alert's context has what the rule says, the nearest events of host, user and address, the
    process tree from the root to the grandchildren, and what was searched."""
    site.start()
    t = int(time.time()) - 3600  # an old file, read now
    site.send([process(1, "root", "gone", 10, 4, t - 3000, User="NT AUTHORITY\\SYSTEM")])
    site.send([event(900 + n, second=t - 2000, host="pc9") for n in range(50)])
    site.send([process(2, "shell", "root", 20, 10, t - 30),
               process(3, "brother", "shell", 21, 20, t - 20),
               process(4, "bad", "shell", 22, 20, t, command="evil", src_ip="203.0.113.9"),
               process(5, "child", "bad", 23, 22, t + 5),
               process(6, "grandchild", "child", 24, 23, t + 6),
               process(7, "other", "root", 25, 10, t + 6),
               event(8, second=t + 10, host="pc2"),                        # the same user
               event(9, second=t + 10, host="pc3", User="CORP\\x", src_ip="203.0.113.9"),
               event(10, second=t + 10, host="pc3", User="CORP\\x"),       # nothing in common
               event(11, second=t + 400),                                  # too late
               event(12, second=t + 200, host="PC1.corp.example", User="CORP\\y")])
    site.send([event(100 + n, second=t - 200) for n in range(80)])
    site.send([event(8, second=t + 10, host="pc2")], "b")  # another tenant's
    alert = the_alert(site)
    context = site.get(f"/v1/alerts/{alert['id']}/context", limit=20)
    check(context["rule"]["description"] == "every line that says evil", "rule")
    check(context["rule"]["falsepositives"] == ["tests"], "false positives")
    check(context["guidance"]["why"] == "it is evil" and
          context["guidance"]["next"] == ["look at the parent"], "guidance")
    check(context["seen"]["rule"]["count"] == 1 and
          context["seen"]["evidence"][0]["anywhere"]["count"] == 1, "seen")
    check(context["about"]["addresses"] == ["203.0.113.9"], "addresses")
    shown = {item["event"]["n"]: item for item in context["events"]}
    check(shown[4]["self"] and sum(item["self"] for item in context["events"]) == 1, "self")
    check(shown[8]["related"] == ["user"] and shown[9]["related"] == ["address"], "related")
    check(shown[12]["related"] == ["host"], "the same host by its short name")
    check(shown[5]["related"] == ["host", "user"], "both")
    check(10 not in shown and 11 not in shown and 900 not in shown and 1 not in shown, "others")
    check(sum("host" in item["related"] for item in context["events"]) >= 20 and
          len(context["events"]) <= 62, "limit")
    check(context["found"]["host"] == 6 + 80 + 1 and context["found"]["address"] == 2, "found: %s" %
          context["found"])
    times = [item["time"] for item in context["events"]]
    check(times == sorted(times), "by time")
    check(tree(context) == {
        "gone": ("ancestor", None), "root": ("ancestor", "gone"), "shell": ("ancestor", "root"),
        "bad": ("self", "shell"), "brother": ("sibling", "shell"), "child": ("child", "bad"),
        "grandchild": ("child", "child")}, "tree: %s" % tree(context))
    check(context["processes"][0]["offset"] is None, "a parent that nobody recorded")
    searched = context["searched"]
    check(searched["complete"] and searched["to_offset"] > searched["from_offset"], "searched")
    check(searched["ranges"][0]["why"] == "neighbours", "ranges")
    # Again: it was seen before now. A tenant sees no counts, and nothing of others.
    site.send([process(13, "worse", "shell", 30, 20, t + 20, command="evil")], "b")
    the_alert(site, 2)
    alerts = site.get("/v1/alerts", "ours", hidden="also")["items"]
    check(len(alerts) == 1, "the tenant's alert")
    theirs = site.get(f"/v1/alerts/{alerts[0]['id']}/context", "ours")
    check(theirs["seen"] is None, "counts of all tenants")
    check(sorted({item["journal"]["tenant"] for item in theirs["events"]}) == ["ours"], "tenant")
    check(site.ask(f"/v1/alerts/{alert['id']}/context", "ours")[0] == 404, "another tenant's alert")
    check(site.get(f"/v1/alerts/{alert['id']}/context")["seen"]["rule"]["count"] == 2, "seen before")
    check(site.ask("/v1/alerts/%s/context" % ("0" * 32))[0] == 404, "no such alert")
    check(site.ask(f"/v1/alerts/{alert['id']}/context", window=0)[0] == 400, "window")


def case_audit(site):
    """Without GUIDs (4688) the tree goes by process numbers, and a number that is used again is
    another process."""
    site.start()
    t = int(time.time()) - 600

    def audit(n, pid, ppid, second, name, parent, command="calm"):
        return {"Channel": "Security", "EventID": 4688, "Computer": "srv", "n": n,
                "TimeCreated": stamp(second), "SubjectUserName": "u", "SubjectDomainName": "CORP",
                "NewProcessId": hex(pid), "ProcessId": hex(ppid), "NewProcessName": f"C:\\{name}.exe",
                "ParentProcessName": f"C:\\{parent}.exe", "CommandLine": f"{command} {n}",
                "Provider_Name": "Microsoft-Windows-Security-Auditing"}

    site.send([audit(1, 100, 4, t - 100, "old", "system"), audit(2, 100, 4, t - 50, "shell", "system"),
               audit(3, 200, 100, t, "bad", "shell", "evil"),
               audit(4, 300, 200, t + 5, "child", "bad"),
               audit(5, 200, 4, t + 50, "reused", "system"),
               audit(6, 301, 200, t + 60, "stranger", "reused")])
    context = site.get(f"/v1/alerts/{the_alert(site)['id']}/context")
    found = tree(context)
    check(found == {"system": ("ancestor", None), "shell": ("ancestor", "system"),
                    "bad": ("self", "shell"), "child": ("child", "bad")}, f"tree: {found}")
    check([p["pid"] for p in context["processes"] if p["relation"] == "self"] == ["200"], "pid")


def main():
    program, name = os.path.abspath(sys.argv[1]), sys.argv[2]
    site = Site(program)
    try:
        globals()["case_" + name](site)
        site.stop()
    except AssertionError:
        sys.stderr.write(site.log() if os.path.exists(site.path("log")) else "")
        raise
    finally:
        site.remove()


if __name__ == "__main__":
    main()
