#!/usr/bin/env python3
"""Runs the tests that stand in rules/ with pySigma's reading of the rules: a second opinion on
rules and tests that shares no code with the product. Needs `pip install pysigma pyyaml`,
and `evtx` for the example incident.

    rules_by_pysigma.py RULES                       run every test of every rule
    rules_by_pysigma.py RULES --logs DIR --lists DIR [--expected FILE]
                                                    count what fires on the example incident

Correlations are evaluated here in their plainest form; docs/correlation.md has the exact rules.
"""

import argparse
import bisect
import collections
import gzip
import ipaddress
import json
import pathlib
import re
import statistics
import sys
import zipfile
from datetime import timedelta

import yaml
from sigma.conditions import (ConditionAND, ConditionFieldEqualsValueExpression, ConditionNOT, ConditionOR,
                              ConditionValueExpression)
from sigma.rule import SigmaRule
from sigma.types import (CompareOperators, SigmaBool, SigmaCIDRExpression, SigmaCompareExpression, SigmaExists,
                         SigmaExpansion, SigmaFieldReference, SigmaNull, SigmaNumber, SigmaRegularExpression,
                         SigmaString, SpecialChars)

from rule_events import parse_time, read_events


# ---- One rule, one event --------------------------------------------------------------------------

def text_pattern(value):
    parts = []
    for part in value.s:
        if part is SpecialChars.WILDCARD_MULTI:
            parts.append(".*")
        elif part is SpecialChars.WILDCARD_SINGLE:
            parts.append(".")
        else:
            parts.append(re.escape(part))
    return re.compile("".join(parts), re.S | re.I)


class Matcher:
    def __init__(self, document, lists):
        self.rule = SigmaRule.from_dict(document)
        self.conditions = [c.parsed for c in self.rule.detection.parsed_condition]
        self.lists = lists
        self.patterns = {}

    def fits_source(self, event):
        source = self.rule.logsource
        return ((not source.product or source.product == event.product)
                and (not source.category or source.category in event.categories)
                and (not source.service or source.service in event.services))

    def matches(self, event):
        return self.fits_source(event) and any(self.node(c, event) for c in self.conditions)

    def node(self, node, event):
        if isinstance(node, ConditionAND):
            return all(self.node(a, event) for a in node.args)
        if isinstance(node, ConditionOR):
            return any(self.node(a, event) for a in node.args)
        if isinstance(node, ConditionNOT):
            return not self.node(node.args[0], event)
        if isinstance(node, ConditionFieldEqualsValueExpression):
            return self.field(node.field, node.value, event)
        assert isinstance(node, ConditionValueExpression), node
        pattern = self.pattern(node.value)
        return any(pattern.search(str(v)) for values in event.fields.values() for v in values)

    def pattern(self, value):
        key = id(value)
        if key not in self.patterns:
            if isinstance(value, SigmaRegularExpression):
                self.patterns[key] = re.compile(str(value.regexp))
            else:
                self.patterns[key] = text_pattern(value)
        return self.patterns[key]

    def expand(self, value):
        for name in re.findall(r"%(\w+)%", str(value)):
            if name not in self.lists:
                raise LookupError(name)
            return [SigmaString(text) for text in self.lists[name]]
        return [value]

    def field(self, name, value, event):
        values = event.get(name)
        if isinstance(value, SigmaExpansion):
            return any(self.field(name, v, event) for v in value.values)
        if isinstance(value, SigmaNull):
            return all(v is None for v in values)
        if isinstance(value, SigmaExists):
            return (name in event.fields) == value.exists
        if isinstance(value, SigmaFieldReference):
            return any(str(a).lower() == str(b).lower() for a in values for b in event.get(value.field))
        if isinstance(value, SigmaString) and value.contains_placeholder():
            key = (id(value), "list")
            if key not in self.patterns:
                self.patterns[key] = [text_pattern(v) for v in self.expand(value)]
            return any(p.fullmatch(str(v)) for p in self.patterns[key] for v in values)
        return any(self.value(v, value) for v in values)

    def value(self, have, want):
        if isinstance(want, SigmaNumber):
            try:
                return float(have) == float(want.number)
            except (TypeError, ValueError):
                return False
        if isinstance(want, SigmaBool):
            return str(have).lower() == str(want.boolean).lower()
        if isinstance(want, SigmaRegularExpression):
            return self.pattern(want).search(str(have)) is not None
        if isinstance(want, SigmaCIDRExpression):
            try:
                return ipaddress.ip_address(str(have)) in want.network
            except (ValueError, TypeError):
                return False
        if isinstance(want, SigmaCompareExpression):
            try:
                number = float(have)
            except (TypeError, ValueError):
                return False
            limit = float(want.number.number)
            return {CompareOperators.LT: number < limit, CompareOperators.LTE: number <= limit,
                    CompareOperators.GT: number > limit, CompareOperators.GTE: number >= limit}[want.op]
        assert isinstance(want, SigmaString), want
        return self.pattern(want).fullmatch("" if have is None else str(have)) is not None


# ---- Correlations ---------------------------------------------------------------------------------

def duration(text):
    return timedelta(seconds=int(text[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[text[-1]])


Hit = collections.namedtuple("Hit", "time rule get")


class Correlation:
    def __init__(self, document):
        body = document["correlation"]
        self.type = body["type"]
        self.rules = body["rules"]
        self.group_by = body.get("group-by", [])
        self.aliases = body.get("aliases", {})
        self.span = duration(body["timespan"])
        self.condition = body.get("condition", {})
        self.learn = duration(body["learn"]) if "learn" in body else timedelta(0)
        self.jitter = body.get("jitter", 0.1)

    def key(self, hit):
        key = []
        for name in self.group_by:
            values = hit.get(self.aliases.get(name, {}).get(hit.rule, name))
            if not values:
                return None
            key.append(str(values[0]).lower())
        return tuple(key)

    def bound(self, value):
        tests = {"gt": value.__gt__, "gte": value.__ge__, "lt": value.__lt__, "lte": value.__le__}
        return all(tests[op](limit) for op, limit in self.condition.items() if op in tests)

    def run(self, hits, until):
        """Yields (time, group values by name) for each firing."""
        groups = collections.defaultdict(list)
        for hit in sorted(hits, key=lambda h: h.time):
            key = self.key(hit)
            if key is not None:
                groups[key].append(hit)
        for key, members in groups.items():
            names = dict(zip(self.group_by, key))
            for time in getattr(self, self.type)(members, until):
                yield time, names

    def windowed(self, hits, measure):
        start, was = 0, False
        for i, hit in enumerate(hits):
            while hit.time - hits[start].time > self.span:
                start += 1
            now = measure(hits[start:i + 1])
            if now and not was:
                yield hit.time
            was = now

    def event_count(self, hits, _until):
        return self.windowed(hits, lambda window: self.bound(len(window)))

    def value_count(self, hits, _until):
        field = self.condition["field"]
        return self.windowed(hits, lambda window: self.bound(
            len({str(v).lower() for h in window for v in h.get(field)})))

    def value_sum(self, hits, _until):
        field = self.condition["field"]
        return self.windowed(hits, lambda window: self.bound(sum(float(v) for h in window for v in h.get(field))))

    def periodicity(self, hits, _until):
        need = self.condition["gte"]

        def regular(window):
            if len(window) <= need:
                return False
            times = [h.time.timestamp() for h in window[-need - 1:]]
            gaps = [b - a for a, b in zip(times, times[1:])]
            return statistics.mean(gaps) > 0 and statistics.pstdev(gaps) / statistics.mean(gaps) <= self.jitter
        return self.windowed(hits, regular)

    def temporal_ordered(self, hits, _until):
        for i, hit in enumerate(hits):
            if hit.rule != self.rules[-1]:
                continue
            wanted, at = list(self.rules[:-1]), i - 1
            while wanted and at >= 0 and hit.time - hits[at].time <= self.span:
                if hits[at].rule == wanted[-1]:
                    wanted.pop()
                at -= 1
            if not wanted:
                yield hit.time

    def absence(self, hits, until):
        followers = [h.time for h in hits if h.rule in self.rules[1:]]
        for hit in hits:
            if hit.rule == self.rules[0]:
                at = bisect.bisect_right(followers, hit.time)
                if (at == len(followers) or followers[at] - hit.time > self.span) and until - hit.time > self.span:
                    yield hit.time + self.span

    def first_seen(self, hits, _until):
        seen = set()
        for hit in hits:
            for value in hit.get(self.condition["field"]):
                value = str(value).lower()
                if value not in seen and hit.time - hits[0].time >= self.learn:
                    yield hit.time
                seen.add(value)


# ---- The pack -------------------------------------------------------------------------------------

class Pack:
    def __init__(self, folder):
        self.documents = []
        for path in sorted(pathlib.Path(folder).rglob("*.yml")):
            for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
                self.documents.append((path, document))
        self.by_name = {}
        for _, document in self.documents:
            for key in (document.get("name"), document["id"]):
                self.by_name[key] = document

    def needs(self, document):
        """The document and all that it refers to, referred ones first."""
        order = []
        for name in document.get("correlation", {}).get("rules", []):
            order += [d for d in self.needs(self.by_name[name]) if d not in order]
        return order + [document]


def fire(pack, document, events, lists, until):
    """Times at which the document fires on the events."""
    fired = {}
    for part in pack.needs(document):
        name = part.get("name") or part["id"]
        if "correlation" not in part:
            matcher = Matcher(part, lists)
            fired[name] = [Hit(e.time, name, e.get) for e in events if matcher.matches(e)]
            continue
        correlation = Correlation(part)
        hits = [h._replace(rule=n) for n in correlation.rules for h in
                fired[pack.by_name[n].get("name") or pack.by_name[n]["id"]]]
        fired[name] = [Hit(time, name, lambda key, names=names: [names[key]] if key in names else [])
                       for time, names in correlation.run(hits, until)]
    return fired[document.get("name") or document["id"]]


def instances(entry):
    """The events of one entry of a test, repeated and timed as it says."""
    at = entry.get("at")
    at = parse_time(at) if isinstance(at, str) else at
    for i in range(entry.get("repeat", 1)):
        text = entry["event"].replace("{n}", str(i + 1)).rstrip("\n")
        for event in read_events(entry["format"], text):
            if at is not None:
                event.time = at + i * duration(entry.get("every", "0s"))
            yield event


def run_tests(pack):
    count, wrong = 0, 0
    for path, document in pack.documents:
        block = document.get("hinomi")
        for test in block["tests"] if block else []:
            entries = test.get("events") or [{"format": test["format"], "event": test["event"]}]
            events = [e for entry in entries for e in instances(entry)]
            times = [e.time for e in events if e.time]
            until = test.get("until") or (max(times) if times else None)
            until = parse_time(until) if isinstance(until, str) else until
            count += 1
            if bool(fire(pack, document, events, block.get("lists", {}), until)) != test["fires"]:
                wrong += 1
                print(f"{path}: test '{test['name']}': {'did not fire' if test['fires'] else 'fired'}")
    print(f"{count} tests, {wrong} wrong")
    return wrong


# ---- The example incident -------------------------------------------------------------------------

FORMAT_BY_NAME = (("mail", "json"), ("eve", "json"), ("proxy", "w3c"), ("access", "weblog"), ("auth", "syslog"),
                  ("fortigate", "syslog"), (".evtx", "evtx"))


def logs_in(folder):
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    yield name, archive.read(name)
        elif path.suffix == ".gz":
            yield path.stem, gzip.decompress(path.read_bytes())
        elif path.is_file():
            yield path.name, path.read_bytes()


def scan(pack, arguments):
    lists = {}
    for path in pathlib.Path(arguments.lists).glob("*.txt"):
        lines = path.read_text(encoding="utf-8").splitlines()
        lists[path.stem] = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    events = []
    for name, data in logs_in(arguments.logs):
        kind = next((f for part, f in FORMAT_BY_NAME if part in name), None)
        if kind is None:
            sys.exit(f"{name}: no format known")
        found = list(read_events(kind, data if kind == "evtx" else data.decode()))
        events += found
        print(f"{name}: {len(found)} events", file=sys.stderr)
    until = max(e.time for e in events)
    counts = {}
    for _, document in pack.documents:
        if "hinomi" in document:
            counts[document["id"]] = len(fire(pack, document, events, lists, until))
            if counts[document["id"]]:
                print(f"{counts[document['id']]:6d} {document['level']:13s} {document['title']}")
    if not arguments.expected:
        return 0
    wrong = 0
    expected = json.loads(pathlib.Path(arguments.expected).read_text(encoding="utf-8"))
    for step in expected["steps"]:
        for want in step["rules"]:
            if counts.get(want["id"], 0) < want["at_least"]:
                wrong += 1
                print(f"step {step['step']}: {want['title']}: {counts.get(want['id'], 0)} hits, "
                      f"expected at least {want['at_least']}")
    for quiet in expected["quiet"]:
        if counts.get(quiet["id"]):
            wrong += 1
            print(f"{quiet['title']}: fired, though nothing of the kind happened")
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rules")
    parser.add_argument("--logs")
    parser.add_argument("--lists")
    parser.add_argument("--expected")
    arguments = parser.parse_args()
    pack = Pack(arguments.rules)
    sys.exit(1 if (scan(pack, arguments) if arguments.logs else run_tests(pack)) else 0)


if __name__ == "__main__":
    main()
