#!/usr/bin/env python3
"""Holds `hinomi scan` to pySigma with its SQLite backend: every Windows rule over the same events.

    pip install pysigma==1.5.1 pysigma-backend-sqlite==2.0.0 \\
        pysigma-pipeline-sysmon==2.0.0 pysigma-pipeline-windows==2.0.1
    sqlite_compare.py HINOMI RULES EVENTS.ndjson [--list]

EVENTS are JSON lines, one flat event each. pySigma makes an SQL query of each rule (its Sysmon and
Windows pipelines give the log sources), SQLite runs it over a table with one row per line, and the
lines that it finds are compared with those that `hinomi scan` raised an alert of that rule for.
Differences are sorted into the kinds that docs/conformance.md explains; one that fits none is
printed and makes the exit status 1. --list prints all."""

import argparse
import collections
import json
import pathlib
import re
import sqlite3
import subprocess
import sys

from sigma.backends.sqlite import sqlite as sqlite_backend
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError
from sigma.pipelines.sysmon import sysmon_pipeline
from sigma.pipelines.windows import windows_logsource_pipeline

SKIPPED = ("unsupported", "tests", "deprecated")
SYSMON = "Microsoft-Windows-Sysmon/Operational"
COLUMNS_MAX = 1900  # SQLite allows 2,000


def rule_files(folder):
    for path in sorted(pathlib.Path(folder).rglob("*.yml")):
        if not set(SKIPPED) & set(path.relative_to(folder).parts):
            yield path


def convert(folder):
    """Rule id -> (rule, SQL), and why the others have none."""
    backend = sqlite_backend.sqliteBackend(processing_pipeline=sysmon_pipeline() + windows_logsource_pipeline())
    queries, refused = {}, collections.Counter()
    for path in rule_files(folder):
        try:
            collection = SigmaCollection.from_yaml(path.read_text(encoding="utf-8"))
            if collection.rules[0].logsource.product != "windows":
                refused["another product than Windows"] += 1
                continue
            rule = collection.rules[0]
            queries[str(rule.id)] = (rule, " UNION ".join(backend.convert(collection)))
        except (SigmaError, AttributeError, NotImplementedError) as error:
            refused[re.sub(r"'[^']*'|\".*|<.*", "...", str(error).splitlines()[0])[:70] or type(error).__name__] += 1
    return queries, refused


def text_of(value):
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value)


def load(events, queries):
    """The table: a text column per field that an event has or a query names, compared without case."""
    with open(events, encoding="utf-8", errors="replace") as file:
        rows = [json.loads(line) for line in file]
    names = collections.Counter()
    for row in rows:
        names.update(row.keys())
    columns = {}
    for name in sorted(names, key=names.get, reverse=True):
        columns.setdefault(name.lower(), name)  # SQLite's names know no case
    named = {word for _, sql in queries.values() for word in re.findall(r"[A-Za-z_][\w.]*", re.sub(r"'(?:[^']|'')*'", "", sql))}
    for word in sorted(named - {"SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "LIKE", "ESCAPE", "IS", "NULL", "IN",
                                "REGEXP", "COALESCE", "UNION", "logs", "GLOB"}):
        columns.setdefault(word.lower(), word)
    kept = list(columns.values())[:COLUMNS_MAX]
    base = sqlite3.connect(":memory:")
    base.create_function("REGEXP", 2, lambda pattern, value: value is not None and re.search(pattern, str(value)) is not None,
                         deterministic=True)
    base.execute("CREATE TABLE logs (line INTEGER PRIMARY KEY, "
                 + ", ".join(f'"{name}" TEXT COLLATE NOCASE' for name in kept) + ")")
    by_lower = [name.lower() for name in kept]

    def cells(number, row):
        lower = {name.lower(): value for name, value in row.items()}
        return (number, *(text_of(lower.get(name)) for name in by_lower))

    base.executemany(f"INSERT INTO logs VALUES ({','.join('?' * (len(kept) + 1))})",
                     (cells(number, row) for number, row in enumerate(rows, 1)))
    base.execute('CREATE INDEX place ON logs ("Channel", "EventID")')
    return base, rows


def ask(base, sql):
    """Lines that the query finds; Channel and EventID lead, so that SQLite's index is of use."""
    return {line for (line,) in base.execute(sql.replace("SELECT * FROM", "SELECT line FROM"))}


def scan(hinomi, rules, events):
    """Rule id -> line -> fields that matched."""
    found = collections.defaultdict(dict)
    process = subprocess.Popen([hinomi, "scan", "-q", "-r", rules, "-o", "jsonl", "-j", "1", events],
                               stdout=subprocess.PIPE, text=True, encoding="utf-8")
    for line in process.stdout:
        alert = json.loads(line)
        if alert["kind"] == "rule":
            found[alert["rule"]["id"]][alert["input"]["line"]] = alert.get("matches", [])
    if process.wait() not in (0, 5):
        sys.exit("hinomi scan failed")
    return found


def place_of(event):
    return f"{event.get('Channel')} {event.get('EventID')}"


def fields_of(rule):
    def walk(item):
        for part in item.detection_items:
            if hasattr(part, "detection_items"):
                yield from walk(part)
            elif part.field:
                yield part.field
    return {field for detection in rule.detection.detections.values() for field in walk(detection)}


def kind_ours(rule, event, matches):
    """Why only we found it."""
    has = {name.lower() for name in event}
    if rule.logsource.category and event.get("Channel") != SYSMON:
        return "other log of the same category"
    if any(match["field"] and match["field"].lower() not in has for match in matches):
        return "field under another name or computed"
    if any(field.lower() not in has for field in fields_of(rule)):
        return "field under another name or computed"
    return None


def kind_theirs(rule, event):
    """Why only pySigma found it."""
    if rule.logsource.category == "registry_delete" and str(event.get("EventType", "")).startswith("Create"):
        return "a key that was made, taken for a deletion"
    has = {name.lower() for name in event}
    if any(field.lower() not in has for field in fields_of(rule)):
        return "field under another name or computed (in a filter)"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("hinomi")
    parser.add_argument("rules")
    parser.add_argument("events")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    queries, refused = convert(arguments.rules)
    base, rows = load(arguments.events, queries)
    ours = scan(arguments.hinomi, arguments.rules, arguments.events)
    both, kinds, failed, unexplained = 0, collections.Counter(), collections.Counter(), 0
    for number, (identity, (rule, sql)) in enumerate(sorted(queries.items())):
        if sys.stderr.isatty():
            print(f"\r{number}/{len(queries)}", end="", file=sys.stderr)
        try:
            theirs = ask(base, sql)
        except sqlite3.Error as error:
            failed[str(error)[:60]] += 1
            continue
        mine = ours.get(identity, {})
        both += len(theirs & mine.keys())
        for line in sorted(theirs ^ mine.keys()):
            event = rows[line - 1]
            side = "hinomi" if line in mine else "pySigma"
            kind = kind_ours(rule, event, mine[line]) if line in mine else kind_theirs(rule, event)
            kinds[f"only {side}: {kind or 'UNEXPLAINED'}"] += 1
            unexplained += kind is None
            if arguments.list or kind is None:
                print(f"only {side}: line {line} ({place_of(event)}): {rule.title} ({identity}): {kind}")
    print(f"{len(queries)} rules x {len(rows)} events: {both} hits of both")
    for title, counter in (("differences", kinds), ("rules without a query", refused), ("queries SQLite refused", failed)):
        print(f"{title}: {sum(counter.values())}")
        for name, count in counter.most_common():
            print(f"  {count:7d} {name}")
    sys.exit(1 if unexplained else 0)


if __name__ == "__main__":
    main()
