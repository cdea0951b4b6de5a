"""Hostile text by people, in rules and on a terminal."""

import json
import os
import pty
import re
import select
import subprocess
import time
import urllib.parse

from content import CONTROLS, by_csv, inert
from doors import Doors, rules
from payloads import texts
from server import check, same, wait_for
from world import TOMORROW


def cut(text, size):
    return text[:size]


def case_people(site):
    """Hostile text in comments, titles, tags, owners, reasons, conditions, names, searches and
    rules: taken as it is or refused, read back as it was, inert in every answer."""
    titles = [t for t in texts() if "\x00" not in t][::3]
    site.write_rules("\n---\n".join(rule(i, text) for i, text in enumerate(titles)), "hostile.yml")
    site.start()
    admin = site.admin()
    site.write(2, host="pc")
    for i in range(len(titles)):
        site.write(1, host=f"t{i}", command="titled%d;{}" % i)
    site.wait_alerts(2)
    alert = admin.ok("GET", "/v1/alerts?host=pc").json["items"][0]
    comments(admin, alert)
    incidents(admin, alert["incident"])
    mutes(admin)
    names(site, admin)
    searches(admin)
    rules_are_inert(site, admin, titles)
    by_csv(admin, None)
    for path in ("/v1/audit?limit=1000", "/v1/status", "/v1/mutes?limit=1000", "/v1/users",
                 "/v1/tokens", "/v1/incidents?limit=1000"):
        inert(admin.ok("GET", path).body, path)
    metrics(admin)
    inert(site.log_text().replace("\n", "").encode(), "the server's log")


def comments(admin, alert):
    """What JSON cannot carry is refused; everything else is the history, in order."""
    kept = []
    for text in texts():
        answer = admin.ask("POST", f"/v1/alerts/{alert['id']}/comments", {"text": text})
        same(answer.status, 400 if "\x00" in text else 204, f"a comment {text[:50]!r}")
        if answer.status == 204:
            kept.append(text)
    answer = admin.ok("GET", f"/v1/alerts/{alert['id']}/history")
    inert(answer.body, "a history")
    same([e["to"] for e in answer.json["items"] if e["what"] == "comment"], kept, "comments")


def incidents(admin, number):
    path = f"/v1/incidents/{number}"
    for text in texts():
        if "\x00" in text:
            continue
        tag = cut(text, 64)
        edit = {"title": cut(text, 512), "assignee": cut(text, 64), "tags": [tag, "x"]}
        answer = admin.ask("PATCH", path, edit)
        if "\n" in tag or "\r" in tag:
            same(answer.status, 422, f"a tag of two lines {tag!r}")
            continue
        same(answer.status, 200, f"{edit}: {answer}")
        read = admin.ok("GET", path)
        inert(read.body, path)
        same({name: read.json[name] for name in edit}, edit, "an incident")
    inert(admin.ok("GET", path + "/history").body, "a history")


def mutes(admin):
    kept = 0
    for text in texts():
        wish = {"kind": "silence", "reason": cut(text, 4096), "owner": cut(text, 64),
                "rules": [cut(text, 512)], "expires": TOMORROW,
                "conditions": [{"field": "host", "value": "x" + cut(text, 4000)},
                               {"field": cut(text, 256), "value": "y"}]}
        answer = admin.ask("POST", "/v1/mutes", wish)
        check(answer.status in (201, 400, 422), f"{wish}: {answer}")
        inert(answer.body, "a mute")
        if answer.status == 201:
            kept += 1
            same({n: answer.json[n] for n in wish if n != "expires"},
                 {n: v for n, v in wish.items() if n != "expires"}, "a mute")
            inert(admin.ok("POST", f"/v1/mutes/{answer.json['id']}/end", {}).body, "its end")
    check(kept > 300, f"only {kept} mutes were made")


def names(site, admin):
    for number, text in enumerate(t for t in texts() if "\x00" not in t):
        name = cut(text, 64)
        if not re.fullmatch(r"[\w.@-]+", name, re.ASCII):
            for path, body in (("/v1/users", {"name": name, "role": "viewer", "password": "x" * 20}),
                               ("/v1/tokens", {"name": name, "role": "viewer", "days": 1}),
                               ("/v1/tokens", {"name": "t", "role": "ingest", "days": 1,
                                               "source": name}),
                               ("/v1/tokens", {"name": "t", "role": "viewer", "days": 1,
                                               "tenant": name})):
                answer = admin.ask("POST", path, body)
                same(answer.status, 422, f"{body}: {answer}")
                inert(answer.body, path)
        if number % 8 == 0:
            client = site.client(address=f"127.0.{number // 100}.1")
            same(client.ask("POST", "/v1/session", {"name": name, "password": "x"}).status, 401,
                 name)
            entry = admin.ok("GET", f"/v1/audit?limit=1000&after={newest(admin) - 1}").json["items"][-1]
            same((entry["action"], entry["object"]), ("login.failed", "user:" + name), "an entry")


def newest(admin):
    return admin.ok("GET", "/v1/audit:check").json["seq"]


def searches(admin):
    """A search finds what is there, whatever its words mean to a database."""
    for text in texts():
        for name in ("text", "host", "user", "rule_id"):
            value = urllib.parse.quote(cut(text, 300).encode(), safe="")
            answer = admin.get(f"/v1/alerts?{name}={value}")
            check(answer.status in (200, 400), f"{name}={text[:80]!r}: {answer}")
            inert(answer.body, "a search")
            if name != "text" and answer.status == 200 and text:
                same(answer.json["items"], [], f"{name}={text[:80]!r} finds something else")
        answer = admin.get(f"/v1/rules?text={urllib.parse.quote(cut(text, 100).encode(), safe='')}")
        check(answer.status in (200, 400), f"{answer}")


# ---- Rules ----

def rule(number, text):
    return f"""title: {json.dumps(cut(text, 200) or "x")}
id: 11111111-2222-3333-5555-{number:012d}
status: test
description: {json.dumps(text)}
author: {json.dumps(text)}
level: high
tags: [{json.dumps(cut(text, 40))}]
falsepositives: [{json.dumps(cut(text, 100))}]
logsource: {{product: windows, category: process_creation}}
detection: {{sel: {{CommandLine|contains: 'titled{number};'}}, condition: sel}}"""


def rules_are_inert(site, admin, titles):
    """Each is in the list with its title, or among the issues; its alerts have that title."""
    found, after = {}, 0
    while after is not None:
        answer = admin.ok("GET", f"/v1/rules?limit=200&after={after}")
        inert(answer.body, "rules")
        found.update({r["id"]: r["title"] for r in answer.json["items"]})
        after = answer.json["next"]
    loaded = 0
    for number, text in enumerate(titles):
        title = found.get(f"11111111-2222-3333-5555-{number:012d}")
        if title is not None:
            loaded += 1
            same(title, cut(text, 200) or "x", "a title")
    check(loaded > len(titles) * 0.9, f"{loaded} of {len(titles)} rules were loaded")
    wait_for(lambda: site.rows("SELECT count(*) FROM alert")[0][0] >= loaded + 2, "alerts")
    for row in admin.ok("GET", "/v1/alerts?limit=1000").json["items"]:
        if row["rule_id"] in found:
            same(row["title"], found[row["rule_id"]], "an alert's title")
        inert(admin.ok("GET", "/v1/alerts/" + row["id"]).body, "an alert")
    print(f"{loaded} of {len(titles)} rules")


LABEL = r'[a-z_]+="(?:[^"\\\n]|\\.)*"'


def metrics(admin):
    for line in admin.ok("GET", "/metrics").body.decode().splitlines():
        check(line.startswith("# ") or
              re.fullmatch(r"[a-z_]+(\{%s(,%s)*\})? \S+" % (LABEL, LABEL), line), repr(line))
        check(not CONTROLS.search(line), repr(line))


# ---- A terminal ----

def case_terminal(site):
    """`hinomi scan` on a terminal shows all of it, in every form, without a control of the log's."""
    site.write_rules(rules())
    doors = Doors(site)
    doors.file_raw_json()
    doors.cef()
    doors.kv()
    doors.weblog()
    forms = ([], ["--explain"], ["-o", "csv"], ["-o", "jsonl"], ["-o", "ocsf"], ["--lang", "ja"])
    for more in forms:
        text = on_a_terminal(site, ["scan", "--color", "no", "-r", site.path("rules"), *more,
                                    site.path("logs/cef.log" if more[-1:] in (["jsonl"], ["ocsf"])
                                              else "logs")])
        # Our own: line ends, and what draws the progress bar over itself.
        rest = re.sub(r"\r\n|\r|\n|\x1b\[[0-9]*[KG]" + r"|\t" * ("csv" in more), "", text)
        bad = re.search("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\udc80-\udcff]",
                        rest)
        check(bad is None, f"{more}: {bad} in {rest[max(0, bad.start() - 80):][:200]!r}"
              if bad else "")
        check(re.search(r"rule \d", text), f"{more}: nothing is shown: {text[-1500:]!r}")


def on_a_terminal(site, arguments):
    parent, child = pty.openpty()
    process = subprocess.Popen([site.program, *arguments], stdin=subprocess.DEVNULL, stdout=child,
                               stderr=child, cwd=site.folder,
                               env=dict(os.environ, TERM="xterm", COLUMNS="120", LANG="C.UTF-8",
                                        XDG_CACHE_HOME=site.path("cache")))
    os.close(child)
    out, end = [], time.monotonic() + 120
    while time.monotonic() < end:
        if not select.select([parent], [], [], 1)[0]:
            continue
        try:
            piece = os.read(parent, 65536)
        except OSError:
            break
        if not piece:
            break
        out.append(piece)
    process.wait()
    os.close(parent)
    return b"".join(out).decode(errors="surrogateescape")
