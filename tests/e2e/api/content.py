"""Hostile text in every field, through several doors and by people, and what comes out of it: the
text, as text, and nothing else."""

import csv
import email
import email.policy
import io
import json
import os
import re
import sys

from doors import FIELDS, Doors, rules
from payloads import raw_bytes
from server import HERE, check, free_port, same, wait_for
from stream import Stream

sys.path.insert(0, os.path.join(HERE, "../outputs"))
from sinks import Hook, Lines, Mail  # noqa: E402

# What must not be anywhere but as an escape: controls, Unicode's, line ends of JavaScript, bidi.
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

def prepare(site):
    site.write_rules(rules())
    site.syslog_port = free_port()
    site.config["rules"]["level"] = "informational"
    site.config["sources"] = [
        {"name": "logs", "files": [site.path("logs/logs.jsonl"), site.path("logs/raw.jsonl")]},
        {"name": "http"},
        {"name": "syslog", "tcp": [f"127.0.0.1:{site.syslog_port}"]},
        {"name": "cef", "format": "cef", "files": [site.path("logs/cef.log")]},
        {"name": "kv", "format": "kv", "files": [site.path("logs/kv.log")]},
        {"name": "web", "format": "access", "files": [site.path("logs/web.log")]},
        {"name": "csv", "format": "csv", "files": [site.path("logs/table.csv")]}]
    sinks = {"hook": Hook(), "mail": Mail(), "syslog": Lines("tcp")}
    site.config["outputs"] = [
        {"name": kind, "kind": "file", "format": kind, "path": site.path("out." + kind),
         "level": "informational"} for kind in ("jsonl", "ocsf")] + [
        {"name": "hook", "kind": "webhook", "url": f"http://127.0.0.1:{sinks['hook'].port}/",
         "allow_private": True, "allow_plain": True, "level": "critical"},
        {"name": "syslog", "kind": "syslog", "transport": "tcp", "format": "cef",
         "address": f"127.0.0.1:{sinks['syslog'].port}", "level": "critical"},
        {"name": "mail", "kind": "smtp", "url": f"smtp://127.0.0.1:{sinks['mail'].port}",
         "allow_plain": True, "from": "a@b.example", "to": ["c@d.example"], "level": "critical"}]
    return sinks


def case_content(site):
    """At least 500 hostile texts in every field, through ten doors: each is an alert, read back as
    what it was by the API; streams, exports, files, webhooks, syslog and mail hold it inert."""
    sinks = prepare(site)
    site.start()
    admin = site.admin()
    stream = Stream(admin, "/v1/alerts/stream?after=0")
    doors = Doors(site)
    check(len(doors.texts) + len(raw_bytes()) >= 500, "too few texts")
    doors.all()
    site.wait_alerts(len(doors.sent))
    print(f"{len(doors.texts)} texts, {len(doors.sent)} events")
    read_back(admin, doors)
    by_history(admin, doors)
    by_stream(stream, len(doors.sent))
    by_csv(admin, len(doors.sent))
    by_files(site)
    by_sinks(site, sinks)


def inert(data, what):
    """As bytes on their way: UTF-8, without controls."""
    text = data.decode("utf-8")  # strict
    bad = CONTROLS.search(text)
    check(bad is None, f"{what}: {bad} in {text[max(0, bad.start() - 80):bad.start() + 80]!r}"
          if bad else "")
    return text


def pages(client, path):
    cursor = ""
    while cursor is not None:
        answer = client.ok("GET", f"{path}?limit=500" + (f"&cursor={cursor}" if cursor else ""))
        inert(answer.body, path)
        yield from answer.json["items"]
        cursor = answer.json["next"]


# What a door calls the user, where one is told.
USERS = {"cef": "suser", "kv": "user"}


def read_back(admin, doors):
    """Each text is in its alert's event, exactly; the lists hold it as host and user."""
    seen = set()
    for row in pages(admin, "/v1/alerts"):
        answer = admin.ok("GET", "/v1/alerts/" + row["id"])
        same(answer.headers["Content-Type"], "application/json", "type")
        inert(answer.body, "an alert")
        detail = answer.json
        mark = re.search(r"HNW4[MH] \w+;", json.dumps(detail["alert"]["raw"])).group(0)
        check(mark not in seen, f"{mark} twice")
        seen.add(mark)
        verbatim(mark, doors.sent[mark], detail)
    same(set(doors.sent) - seen, set(), "texts that hid their event")
    for _ in pages(admin, "/v1/incidents"):
        pass


def verbatim(mark, text, detail):
    door = re.match(r"HNW4[MH] ([a-z]+)", mark).group(1)
    fields, raw = detail["alert"]["event"], detail["alert"]["raw"]
    if door == "bytes":  # how many U+FFFD a damaged sequence becomes is nobody's business
        text = re.sub("\ufffd+", "\ufffd", text)
        fields = {name: re.sub("\ufffd+", "\ufffd", str(value)) for name, value in fields.items()}
        detail["user"] = re.sub("\ufffd+", "\ufffd", detail["user"])
    if door in ("escaped", "raw", "http", "hec", "csv", "bytes"):
        same(fields["CommandLine"], f"{mark} {text}", mark)
        for name in FIELDS:
            same(fields.get(name, ""), text, f"{name} of {mark}")
        if door not in ("csv", "bytes"):
            same(fields["Name " + text], "x", f"a name of {mark}")
        check(text.startswith(detail["user"]) or detail["user"].startswith(text), mark)
    elif door in USERS:
        same(fields.get(USERS[door], ""), text, f"user of {mark}")
        same(fields["msg"], f"{mark} {text}".strip() if door == "cef" else f"{mark} {text}", mark)
    elif door == "web":
        same(fields["cs-user-agent"], f"{mark} {text}", mark)
    else:
        check(f"{mark} {text}".rstrip() in raw, f"{mark}: {text!r} in {raw!r}")


def by_history(admin, doors):
    """The search of events shows each, as logged, inert."""
    seen, cursor = set(), ""
    while cursor is not None:
        answer = admin.ok("GET", "/v1/events?raw=true&limit=500" + (f"&cursor={cursor}" if cursor else ""))
        text = inert(answer.body, "/v1/events")
        seen.update(re.findall(r"HNW4[MH] \w+;", text))
        cursor = answer.json["next"]
    same(set(doors.sent) - seen, set(), "events that a search does not find")


def by_stream(stream, count):
    """A line of a stream is one of the four kinds; its events are those that were stored."""
    wait_for(lambda: len(stream.events) >= count, "the stream")
    stream.close()
    same(stream.ids(), list(range(1, count + 1)), "ids of the stream")
    for line in stream.raw:
        check(re.match(rb"(id: \d+|event: alert|data: \{.*\}|:|)\n\Z", line), f"{line!r}")
        inert(line, "a line of the stream")


TRIGGERS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"


def by_csv(admin, count):
    """As many rows as alerts, and no cell that a spreadsheet would compute."""
    for path, rows in (("/v1/alerts.csv", count), ("/v1/incidents.csv", None)):
        answer = admin.ok("GET", path)
        same(answer.headers["Content-Type"], "text/csv; charset=utf-8", "type")
        check(answer.headers["Content-Disposition"].startswith("attachment;"), "disposition")
        text = inert(answer.body.replace(b"\r\n", b"\n"), path)
        table = list(csv.reader(io.StringIO(answer.body.decode(), newline="")))
        check(rows is None or len(table) == rows + 1, f"{path}: {len(table)} rows")
        for row in table:
            same(len(row), len(table[0]), f"columns of {row}")
            for cell in row:
                check(not cell or cell[0] not in TRIGGERS, f"{path}: a formula {cell!r}")
                check(not cell.lstrip(" '\"").startswith(("=cmd", "=DDE")) or cell[0] in "' \"",
                      f"{path}: {cell!r}")
        check(rows is None or ("'=1+1" in text and "'＝1+1" in text), "no formula was guarded")


def by_files(site):
    """A line is a notice, and every alert's key is there once."""
    for kind in ("jsonl", "ocsf"):
        wait_for(lambda: pending(site, kind) == 0, f"the file {kind}", 120)
        with open(site.path("out." + kind), "rb") as f:
            data = f.read()
        inert(data.replace(b"\n", b""), kind)
        lines = data.split(b"\n")[:-1]
        same(len(lines), site.rows("SELECT count(*) FROM outbox WHERE sink=?", kind)[0][0], kind)
        for line in lines:
            check(isinstance(json.loads(line), dict), kind)


def pending(site, sink):
    return site.rows("SELECT count(*) FROM outbox WHERE sink=? AND state<>2", sink)[0][0]


HEADERS = {"date", "from", "to", "subject", "message-id", "mime-version", "content-type",
           "content-transfer-encoding", "auto-submitted"}


def by_sinks(site, sinks):
    for name in sinks:
        wait_for(lambda: pending(site, name) == 0, name, 120)
    expected = site.rows("SELECT count(*) FROM outbox WHERE sink='mail'")[0][0]
    same((len(sinks["hook"].posts), len(sinks["syslog"].messages), len(sinks["mail"].mails)),
         (expected,) * 3, "notices")
    for post in sinks["hook"].posts:
        inert(post.body, "a webhook")
        check(isinstance(json.loads(post.body), dict), "a webhook")
        same(set(post.headers) - {"Host", "User-Agent", "Accept", "Content-Type", "Content-Length",
                                  "Idempotency-Key", "Hinomi-Timestamp", "Hinomi-Signature"},
             set(), "headers of a webhook")
    for message in sinks["syslog"].messages:
        inert(message.encode(), "syslog")
        check(not re.search("[\t\r\n]", message), f"syslog: {message!r}")
        same(len(re.findall(r"(?<!\\)(?:\\\\)*\|", message.split("|rt=")[0] + "|")), 7,
             f"bars of {message!r}")
    same(sinks["syslog"].broken, [], "frames of syslog")
    for sender, to, data in sinks["mail"].mails:
        a_mail(sender, to, data)
    print(f"{expected} posts, messages and mails")


def a_mail(sender, to, data):
    same((sender, to), ("MAIL FROM:<a@b.example>", ["RCPT TO:<c@d.example>"]), "envelope") if (
        "BODY" not in sender and "SIZE" not in sender) else None
    check(all(byte < 128 for byte in data), "a byte beyond ASCII")
    message = email.message_from_bytes(data, policy=email.policy.default)
    same({name.lower() for name in message.keys()} - HEADERS, set(), "headers of a mail")
    same(len(message.keys()), len(set(message.keys())), "a header twice")
    check(not message.is_multipart() and message.get_content_type() == "text/plain", "parts")
    for text in (str(message["Subject"]), message.get_content()):
        bad = CONTROLS.search(text)
        check(bad is None, f"{bad} in {text!r}")
    check("http://" not in message.get_content(), "a link")
    check("\n" not in str(message["Subject"]), "a subject of two lines")
