#!/usr/bin/env python3
"""lanes.py - correlations over old logs: `hinomi serve` finds in them what `hinomi scan` finds.

usage: lanes.py HINOMI once|killed|mixture|pieces

once      `serve --once` over the example incident gives the alerts of a scan of it: per title, entity,
          time and window, nothing more, nothing less
killed    the same, killed at random moments and started again until it is through
mixture   while the old logs are read, what comes in as it happens is found at once; then both are there
pieces    the old logs come file by file, with pauses longer than the lane waits: nothing is missing, no
          alert is there twice
Run in the root of the repository. Exit status 77: this machine's clock is before the incident.
"""
import calendar
import collections
import datetime
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
import time

ROOT = os.getcwd()
LOGS = ROOT + "/examples/logs"
INCIDENT_END = calendar.timegm((2026, 10, 15, 0, 0, 0))
RULES = ["--lists", ROOT + "/examples/lists", "--ioc", ROOT + "/examples/indicators.txt",
         "-r", ROOT + "/rules", "--tz", "Asia/Tokyo"]
QUIET = 10  # seconds without old events until those that came are correlated
CANARY = """title: lane canary
name: lane_canary
logsource: {product: windows, service: security}
detection: {s: {CommandLine|contains: lane-canary}, condition: s}
---
title: Three Lane Canaries
id: 6a3a6a2e-50a9-4bb1-a9f0-0d3f5c6a7b10
level: high
correlation:
    type: event_count
    rules: [lane_canary]
    group-by: [Computer]
    timespan: 10m
    condition: {gte: 3}
"""


def die(message):
    sys.exit(f"lanes.py: {message}")


# ---- Alerts ----

def moment(text):
    """Nanoseconds since 1970, whatever the zone it is written in."""
    if not text:
        return None
    whole, _, rest = text.partition(".")
    if rest:
        digits = rest.rstrip("Z").split("+")[0].split("-")[0]
        whole += rest[len(digits):]
    else:
        digits = ""
    seconds = datetime.datetime.fromisoformat(whole.replace("Z", "+00:00")).timestamp()
    return int(seconds) * 10**9 + int(digits.ljust(9, "0") or 0)


def key(alert):
    """What an alert says, without where its events stand."""
    found = alert.get("correlation")
    if found:
        found = [sorted(found["group"].items()), moment(found["start"]), moment(found["end"]),
                 found["value"], found["events"],
                 [(moment(part["time"]), part["rule"]) for part in found["parts"]]]
    return json.dumps([alert["kind"], alert["title"], alert["level"], alert.get("host"),
                       alert.get("user"), moment(alert.get("time")), found])


def scanned(hinomi):
    run = subprocess.run([hinomi, "scan", *RULES, "-o", "jsonl", "--quiet", LOGS],
                         capture_output=True, text=True, check=True)
    return collections.Counter(key(json.loads(line)) for line in run.stdout.splitlines())


def rows(data):
    path = f"file:{data}/hinomi.db?mode=ro"
    db = sqlite3.connect(path, uri=True, timeout=30)
    try:
        return db.execute("SELECT json, count, title FROM alert JOIN alert_body USING(seq)").fetchall()
    except sqlite3.OperationalError:  # not made yet
        return []
    finally:
        db.close()


def served(data):
    """Alerts as stored. None may have been told again."""
    found = collections.Counter()
    for line, count, title in rows(data):
        if count != 1:
            die(f"{title} was stored {count} times")
        found[key(json.loads(line))] += 1
    return found


def expect(wanted, found, exact=True):
    kinds = collections.Counter(json.loads(one)[0] for one in wanted.elements())
    for one in (wanted - found).elements():
        print("missing:", one)
    for one in (found - wanted).elements() if exact else ():
        print("too many:", one)
    if wanted - found or (exact and found - wanted):
        die(f"{sum((wanted - found).values())} missing, {sum((found - wanted).values())} too many")
    print(f"{sum(found.values())} alerts; a scan has {sum(wanted.values())}: {dict(kinds)}")


# ---- Servers ----

def patience(hinomi):
    """Seconds in which something live is found. AddressSanitizer's allocator does not survive fork() beside
    threads: now and then an unpacker stands still until its limit, a minute, ends it, and is started again."""
    with open(hinomi, "rb") as program:
        return 100 if b"libasan" in program.read() else 30


class Server:
    def __init__(self, hinomi, folder, files):
        self.hinomi, self.data = hinomi, folder + "/data"
        self.config, self.log = folder + "/hinomi.yaml", folder + "/log"
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        with open(folder + "/canary.yml", "w", encoding="utf-8") as out:
            out.write(CANARY)
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(f"""http: {{address: "127.0.0.1:{port}", tls: false}}
rules:
  paths: ["{ROOT}/rules", "{folder}/canary.yml"]
  lists: ["{ROOT}/examples/lists"]
  indicators: ["{ROOT}/examples/indicators.txt"]
  level: informational
engine: {{tick: 1s, snapshot: 1s, lateness: 1s}}
log: {{format: text}}
sources:
  - {{name: logs, files: ["{files}"], zone: Asia/Tokyo}}
  - {{name: live, files: ["{folder}/live.json"]}}
""")
        self.process = None

    def start(self, *more):
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [self.hinomi, "serve", "-c", self.config, "--data", self.data, *more],
                stdout=log, stderr=log)

    def ended(self, seconds):
        """Waits so long at most for it to end by itself; True: it has, and was content."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        if code != 0:
            with open(self.log, encoding="utf-8") as log:
                die(f"serve ended with {code}: {log.read()[-2000:]}")
        return True

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait()

    def wait_for(self, seconds, truth, what):
        until = time.monotonic() + seconds
        while not truth():
            if self.process.poll() is not None or time.monotonic() > until:
                die(f"{what}: not within {seconds} s")
            time.sleep(0.1)


def without_canaries(found):
    return collections.Counter({one: n for one, n in found.items() if "Canar" not in one})


# ---- Cases ----

def once(hinomi, folder):
    server = Server(hinomi, folder, LOGS)
    server.start("--once")
    if not server.ended(200):
        die("serve --once does not end")
    expect(scanned(hinomi), served(server.data))
    # Once more: it has all been read, and nothing is told again.
    server.start("--once")
    if not server.ended(200):
        die("serve --once does not end")
    expect(scanned(hinomi), served(server.data))


def killed(hinomi, folder):
    chance = random.Random(int(os.environ.get("SEED", "1")))
    server = Server(hinomi, folder, LOGS)
    kills = 0
    server.start("--once")
    while not server.ended(chance.choice((0.05, 0.2, 0.4, 0.8, 1.5, 2.5)) * chance.uniform(0.5, 1.5)):
        server.stop(signal.SIGKILL)
        kills += 1
        if kills == 25:  # machines differ: let it come to its end
            server.start("--once")
            if not server.ended(200):
                die("serve --once does not end")
            break
        server.start("--once")
    print(f"killed {kills} times")
    if kills < 3:
        die("it was not killed often enough to prove anything")
    expect(scanned(hinomi), served(server.data))


def canary(folder, host):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    with open(folder + "/live.json", "a", encoding="utf-8") as out:
        out.write(json.dumps({"Channel": "Security", "EventID": 4688, "Computer": host,
                              "TimeCreated": now, "CommandLine": "lane-canary"}) + "\n")


def heard(server, host):
    return any(title == "Three Lane Canaries" and host in line
               for line, _, title in rows(server.data))


def mixture(hinomi, folder):
    watched = folder + "/watched"
    os.mkdir(watched)
    server = Server(hinomi, folder, watched)
    server.start()
    wanted = scanned(hinomi)
    slowest = 0
    seconds = patience(hinomi)
    for number, name in enumerate(sorted(os.listdir(LOGS))):
        shutil.copy(LOGS + "/" + name, folder + "/" + name)
        os.rename(folder + "/" + name, watched + "/" + name)
        for _ in range(3):
            canary(folder, f"live{number}")
        began = time.monotonic()
        server.wait_for(seconds, lambda: heard(server, f"live{number}"), "a live correlation")
        slowest = max(slowest, time.monotonic() - began)
    print(f"live correlations came within {slowest:.1f} s")
    server.wait_for(QUIET + 60, lambda: not wanted - served(server.data), "the old ones")
    server.stop()
    expect(wanted, without_canaries(served(server.data)))


def pieces(hinomi, folder):
    watched = folder + "/watched"
    os.mkdir(watched)
    server = Server(hinomi, folder, watched)
    wanted = scanned(hinomi)
    server.start()
    for name in ("windows.zip", "proxy.log.gz", "mail.jsonl", "eve.json", "fortigate.log.gz",
                 "auth.log", "access.log"):
        shutil.copy(LOGS + "/" + name, folder + "/" + name)
        os.rename(folder + "/" + name, watched + "/" + name)
        time.sleep(QUIET + 3)
        if name == "mail.jsonl":
            server.stop(signal.SIGKILL)
            server.start()
    server.wait_for(60, lambda: not wanted - served(server.data), "all alerts")
    server.stop()
    expect(wanted, served(server.data), exact=False)


def main():
    hinomi, case = os.path.abspath(sys.argv[1]), sys.argv[2]
    if time.time() < INCIDENT_END:
        print("SKIPPED: the example incident is yet to come by this machine's clock")
        sys.exit(77)
    folder = tempfile.mkdtemp(prefix="hinomi-lanes-")
    try:
        {"once": once, "killed": killed, "mixture": mixture, "pieces": pieces}[case](hinomi, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
