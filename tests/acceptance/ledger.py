"""The ledger: every event has a number; what was sent and what was acknowledged is written down, and
what the server holds in the end is compared with it.

Every EVERY-th number is a canary: a rule must make exactly one alert of it. GROUP numbers in a row
share a user, and the canaries of a group together must make exactly one alert of a correlation.
"""

import collections
import json
import re
import sqlite3
import subprocess
import threading
import time

EVERY = 10
GROUP = 30
CANARY = "HNCANARY"
NUMBER = re.compile(r"E(\d{9})\.")
USER = re.compile(r"G(\d{7})\.")
RULES = ("5b3f7a3e-0000-4000-8000-000000000001", "5b3f7a3e-0000-4000-8000-000000000002")
CORRELATION = "5b3f7a3e-0000-4000-8000-000000000003"


def is_canary(number):
    return number % EVERY == 0


class Ledger:
    def __init__(self):
        self.lock = threading.Lock()
        self.next = GROUP
        self.sent = {}  # number -> door
        self.acked = {}  # number -> time of the acknowledgement
        self.refused = collections.Counter()  # (door, why)

    def take(self, count, door):
        """Numbers for events that are about to be sent; whole groups."""
        count = -(-count // GROUP) * GROUP
        with self.lock:
            first = self.next
            self.next += count
            for number in range(first, self.next):
                self.sent[number] = door
        return list(range(first, first + count))

    def ack(self, numbers):
        now = time.time()
        with self.lock:
            for number in numbers:
                self.acked[number] = now

    def refuse(self, door, why):
        with self.lock:
            self.refused[door, why] += 1

    def acked_count(self):
        with self.lock:
            return len(self.acked)


def windows_event(number):
    now = time.strftime("%Y-%m-%d %H:%M:%S.000", time.gmtime())
    mark = " " + CANARY if is_canary(number) else ""
    return {"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1, "UtcTime": now,
            "Computer": f"pc{number % 7}", "User": f"G{number // GROUP:07}.",
            "Image": "C:\\tool.exe", "CommandLine": f"tool.exe E{number:09}.{mark}"}


def syslog_line(number):
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    mark = " " + CANARY if is_canary(number) else ""
    return f"<13>1 {now} host{number % 7} acc - - - E{number:09}.{mark}\n"


# ---- What the server holds ----


class Held:
    """What journal and store of a server that has ended hold."""

    def __init__(self, program, data):
        self.journal = collections.Counter()
        out = subprocess.run([program, "journal", "export", data + "/journal"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        text = out.stdout.decode("utf-8", "replace")
        self.journal.update(int(n) for n in NUMBER.findall(text))
        self.export_said = out.stderr.decode("utf-8", "replace")
        check = subprocess.run([program, "journal", "check", data + "/journal", "--lang", "en"],
                               capture_output=True, text=True)
        ends = re.search(r"offsets (\d+) to (\d+)", check.stdout)
        self.start, self.end = map(int, ends.groups()) if ends else (0, 0)
        self.check_said = check.stdout + check.stderr
        database = sqlite3.connect(f"file:{data}/hinomi.db?mode=ro", uri=True)
        self.integrity = [row[0] for row in database.execute("PRAGMA integrity_check")]
        self.applied = database.execute(
            "SELECT value FROM store_state WHERE name='applied'").fetchone()[0]
        self.rows = collections.Counter()
        self.counts = collections.Counter()
        self.groups = collections.Counter()
        self.digests = set()
        self.unknown = 0
        for rule, count, digest, text in database.execute(
                "SELECT rule_id, count, rules_digest, json FROM alert JOIN alert_body USING(seq)"):
            self.digests.add(digest)
            if rule in RULES:
                number = int(NUMBER.search(text).group(1))
                self.rows[number] += 1
                self.counts[number] += count
            elif rule == CORRELATION:
                self.groups[int(USER.search(text).group(1))] += count
            else:
                self.unknown += 1
        database.close()


def some(numbers):
    numbers = sorted(numbers)
    return f"{len(numbers)} ({', '.join(map(str, numbers[:5]))}{', ...' if len(numbers) > 5 else ''})"


class Verdict:
    def __init__(self):
        self.problems = []
        self.figures = {}

    def none_of(self, what, numbers):
        self.figures[what] = len(numbers)
        if numbers:
            self.problems.append(f"{what}: {some(numbers)}")

    def add(self, other):
        """Another server's part of the same test."""
        self.problems += other.problems
        for what, value in other.figures.items():
            if isinstance(value, int):
                self.figures[what] = self.figures.get(what, 0) + value

    def must(self, truth, what):
        if not truth:
            self.problems.append(what)


def judge(ledger, held, exact=("events", "files"), complete=("files",), pruned=False, since=0,
          store_whole=True):
    """Compares. exact: doors that may not store an event twice. complete: doors of which nothing sent
    may be missing, acknowledged or not. pruned: old parts of the journal are gone by intent. since:
    only numbers from here on count (what came before was damaged by the test)."""
    verdict = Verdict()
    sent = {n for n in ledger.sent if n >= since}
    acked = {n for n in ledger.acked if n >= since}
    journal = {n: c for n, c in held.journal.items() if n >= since}
    rows = {n: c for n, c in held.rows.items() if n >= since}
    whole = acked | {n for n in sent if ledger.sent[n] in complete}
    here = whole if pruned else set(journal)
    verdict.figures.update(sent=len(sent), acknowledged=len(acked), alerts=len(rows))
    if not pruned:
        verdict.none_of("acknowledged, not in the journal", whole - set(journal))
        verdict.none_of("in the journal twice", {n for n, c in journal.items()
                                                if c > 1 and ledger.sent.get(n) in exact})
        verdict.none_of("never sent", set(journal) - sent)
    verdict.none_of("alerts lost", {n for n in here if is_canary(n)} - set(rows))
    verdict.none_of("alerts of nothing", {n for n in rows if not is_canary(n) or n not in sent})
    verdict.none_of("alerts twice", {n for n, c in rows.items()
                                     if c > (journal.get(n, 1) if not pruned else 1)
                                     and (not pruned or ledger.sent[n] in exact)})
    if not pruned:
        verdict.none_of("events judged twice", {n for n in rows if held.counts[n] != journal.get(n)})
    judge_groups(ledger, held, journal, whole, pruned, since, verdict)
    if store_whole:
        verdict.must(held.integrity == ["ok"], f"database: {held.integrity[:3]}")
    verdict.must(pruned or since or held.applied >= held.end,
                 f"not judged: the journal ends at {held.end}, the store at {held.applied}")
    return verdict


def judge_groups(ledger, held, journal, whole, pruned, since, verdict):
    """Groups whose events are all there once: exactly one alert of the correlation."""
    def once(number):
        return number in whole if pruned else journal.get(number) == 1

    wanted = set()
    for first in range(-(-max(since, GROUP) // GROUP) * GROUP, ledger.next, GROUP):
        numbers = range(first, first + GROUP)
        if (ledger.sent.get(first) in ("events", "bulk", "hec") and all(map(once, numbers))
                and (not pruned or ledger.sent[first] == "events")):
            wanted.add(first // GROUP)
    verdict.none_of("correlations lost", wanted - set(held.groups))
    verdict.none_of("correlations twice", {g for g in wanted if held.groups[g] > 1})


def save(ledger, path):
    """For those who look for the reason of a failure."""
    with open(path, "w", encoding="utf-8") as out:
        for number, door in ledger.sent.items():
            out.write(json.dumps({"number": number, "door": door,
                                  "acked": ledger.acked.get(number)}) + "\n")
