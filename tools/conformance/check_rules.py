#!/usr/bin/env python3
"""Checks the form of rules/ from outside: Sigma's own JSON schemas, the file conventions of the
specification, and the hinomi block of docs/rules.md. Needs `pip install jsonschema pyyaml`.

    check_rules.py RULES SCHEMAS        SCHEMAS: .../specs/sigma/json-schema
"""

import copy
import datetime
import json
import pathlib
import re
import sys

import jsonschema
import yaml

TRACES = ("hash", "ip", "domain", "url", "host_artefact", "network_artefact", "tool", "ttp")
EXTENSIONS = ("absence", "first_seen", "periodicity")  # correlation types of docs/correlation.md
FORMATS = ("json", "winxml", "evtx", "w3c", "weblog", "squid", "kv", "syslog", "cef", "leef", "auditd", "zeek", "csv",
           "lines")
DURATION = re.compile(r"^[1-9][0-9]*[smhd]$")
CJK = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
OUTSIDE = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")
INERT = re.compile(r"^(10\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.|127\.|169\.254\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|"
                   r"0\.|22[4-9]\.|255\.)")


class Loader(yaml.SafeLoader):
    """Dates stay text, as in JSON; a key given twice is an error."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        twice = [key for key in keys if keys.count(key) > 1]
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"key given twice: {twice[0]}", node.start_mark)
        return super().construct_mapping(node, deep)


Loader.yaml_implicit_resolvers = {
    letter: [(tag, expression) for tag, expression in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def is_date(text):
    try:
        datetime.date.fromisoformat(text)
    except (TypeError, ValueError):
        return False
    return True


def check_schema(document, schemas):
    kind = "sigma-correlation-rules" if "correlation" in document else "sigma-detection-rule"
    checked = copy.deepcopy(document)
    body = checked.get("correlation", {})
    if body.get("type") in EXTENSIONS:
        body["type"] = "temporal"
        body.setdefault("group-by", [])
    validator = jsonschema.Draft202012Validator(schemas[kind], format_checker=jsonschema.FormatChecker())
    return [f"{'.'.join(map(str, e.absolute_path))}: {e.message}" for e in validator.iter_errors(checked)]


def check_both_languages(block, key, is_list):
    value = block.get(key)
    if not isinstance(value, dict) or set(value) != {"en", "ja"}:
        return [f"{key}: needs en and ja"]
    texts = {lang: value[lang] if is_list else [value[lang]] for lang in value}
    wrong = [f"{key}.{lang}: empty" for lang in texts if not texts[lang] or not all(texts[lang])]
    if not wrong and len(texts["en"]) != len(texts["ja"]):
        wrong.append(f"{key}: as many entries in one language as in the other")
    if not wrong and not all(CJK.search(text) for text in texts["ja"]):
        wrong.append(f"{key}.ja: not Japanese")
    if not wrong and any(CJK.search(text) for text in texts["en"]):
        wrong.append(f"{key}.en: not English")
    return wrong


def check_test_event(name, entry, in_list):
    wrong = []
    allowed = {"format", "event", "logsource"} | ({"at", "repeat", "every"} if in_list else {"name", "fires"})
    wrong += [f"test '{name}': unknown key {key}" for key in set(entry) - allowed]
    if entry.get("format") not in FORMATS:
        wrong.append(f"test '{name}': unknown format {entry.get('format')}")
    if not str(entry.get("event", "")).strip():
        wrong.append(f"test '{name}': no event")
    if "every" in entry and not DURATION.match(entry["every"]):
        wrong.append(f"test '{name}': every: {entry['every']}")
    return wrong


def check_tests(block, is_correlation):
    tests = block.get("tests") or []
    wrong = [f"no test with fires: {str(fires).lower()}" for fires in (True, False)
             if not any(test.get("fires") is fires for test in tests)]
    for test in tests:
        name = test.get("name", "")
        if is_correlation:
            wrong += [f"test '{name}': unknown key {key}" for key in set(test) - {"name", "fires", "events", "until"}]
            for entry in test.get("events", []):
                wrong += check_test_event(name, entry, True)
        else:
            wrong += check_test_event(name, test, False)
    if len({test.get("name") for test in tests}) != len(tests):
        wrong.append("two tests of one name")
    return wrong


def check_block(document):
    block = document["hinomi"]
    known = {"family", "trace", "review", "why", "next", "false_alarm", "lists", "tests"}
    wrong = [f"unknown key {key}" for key in set(block) - known]
    if not block.get("family"):
        wrong.append("no family")
    if block.get("trace") not in TRACES:
        wrong.append(f"trace: {block.get('trace')}")
    if not is_date(block.get("review")) or block["review"] <= document["date"]:
        wrong.append("review: a date after the rule's own")
    wrong += check_both_languages(block, "why", False)
    wrong += check_both_languages(block, "next", True)
    wrong += check_both_languages(block, "false_alarm", False)
    wrong += check_tests(block, "correlation" in document)
    return ["hinomi: " + text for text in wrong]


def check_helpers(documents):
    """A document without a block feeds a correlation of its file, and makes no alert of its own."""
    referred, alerting = set(), set()
    for document in documents:
        names = document.get("correlation", {}).get("rules", [])
        referred.update(names)
        if document.get("generate"):
            alerting.update(names)
    wrong = []
    for document in documents:
        if "hinomi" in document:
            continue
        if document.get("name") not in referred:
            wrong.append(f"{document.get('title')}: has no block and feeds no correlation here")
        elif document["name"] in alerting:
            wrong.append(f"{document['title']}: makes alerts (generate) and has no block")
    return wrong


def check_inert(text):
    """Addresses outside private and documentation networks have no place in the pack."""
    return [f"address {address}" for address in OUTSIDE.findall(text) if not INERT.match(address)]


def main():
    rules, schema_folder = map(pathlib.Path, sys.argv[1:3])
    schemas = {name: json.loads((schema_folder / f"{name}-schema.json").read_text(encoding="utf-8"))
               for name in ("sigma-detection-rule", "sigma-correlation-rules")}
    seen, referred, names, wrong, alerting, families = {}, [], set(), [], 0, {}
    for path in sorted(rules.rglob("*.yml")):
        text = path.read_text(encoding="utf-8")
        issues = []
        if not re.match(r"^[a-z0-9_]{6,66}\.yml$", path.name):
            issues.append("file name")
        if "\t" in text or "\r" in text:
            issues.append("tab or CR")
        documents = list(yaml.load_all(text, Loader))
        for document in documents:
            issues += check_schema(document, schemas)
            for key in filter(None, (document.get("id"), document.get("name"))):
                if key in seen:
                    issues.append(f"{key}: also in {seen[key]}")
                seen[key] = path
            if not re.match(r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", document.get("id", "")):
                issues.append(f"{document.get('title')}: id is no UUID of version 4")
            names.update(filter(None, (document.get("id"), document.get("name"))))
            referred += [(path, name) for name in document.get("correlation", {}).get("rules", [])]
            if "hinomi" in document:
                alerting += 1
                issues += check_block(document)
                family = families.setdefault(document["hinomi"].get("family"), set())
                family.add(document["hinomi"].get("trace"))
                if not any(tag.startswith("attack.t1") for tag in document.get("tags", [])):
                    issues.append("no ATT&CK technique")
        if documents and "hinomi" not in documents[0]:
            issues.append("first document has no hinomi block")
        issues += check_helpers(documents) + check_inert(text)
        wrong += [f"{path}: {issue}" for issue in issues]
    wrong += [f"{path}: refers to unknown {name}" for path, name in referred if name not in names]
    print("\n".join(wrong))
    for family in sorted(families):
        print(f"{family}: {', '.join(trace for trace in TRACES if trace in families[family])}")
    print(f"{alerting} alerting rules, {len(wrong)} issues")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
