#!/usr/bin/env python3
"""Holds what `hinomi analyze` and `hinomi iocs` export to the formats' own documents: a STIX 2.1
bundle to OASIS's JSON schemas, a MISP event to what the core format demands. Needs
`pip install jsonschema`.

    check_exports.py SPECS [--stix FILE]... [--misp FILE]...      SPECS: .../specs
"""

import argparse
import datetime
import json
import pathlib
import re
import sys
import uuid

import jsonschema

# MISP core format, "Attribute": categories with the types Hinomi writes in them.
MISP = {
    "Network activity": {"url", "domain", "ip-dst", "user-agent"},
    "Payload delivery": {"md5", "sha1", "sha256", "sha512", "filename", "email", "email-src", "email-subject"},
    "Artifacts dropped": {"md5", "sha1", "sha256", "sha512", "filename", "regkey", "regkey|value", "mutex", "text"},
    "External analysis": {"vulnerability"},
    "Other": {"text"},
}


class Stix:
    def __init__(self, folder):
        self.store = {}
        self.by_type = {}
        for path in folder.rglob("*.json"):
            schema = json.loads(path.read_text())
            self.store[path.resolve().as_uri()] = schema
            if path.parent.name in ("sdos", "sros", "observables"):
                self.by_type[path.stem] = (path.resolve().as_uri(), schema)
        self.bundle = folder / "common" / "bundle.json"

    def check(self, one):
        uri, schema = self.by_type[one["type"]]
        schema = {key: value for key, value in schema.items() if key not in ("$id", "id")}
        resolver = jsonschema.RefResolver(uri, schema, store={
            key: {k: v for k, v in value.items() if k not in ("$id", "id")} for key, value in self.store.items()})
        jsonschema.validate(one, schema, resolver=resolver, cls=jsonschema.Draft202012Validator)


def check_stix(bundle, stix):
    assert bundle["type"] == "bundle", "no bundle"
    ids = set()
    for one in bundle["objects"]:
        stix.check(one)
        assert one["id"] not in ids, f"id given twice: {one['id']}"
        ids.add(one["id"])
        assert uuid.UUID(one["id"].split("--")[1]).version == 5, one["id"]
    for one in bundle["objects"]:
        for key, value in one.items():
            if key.endswith("_ref"):
                assert value in ids, f"{key} names nothing"
            if key.endswith("_refs"):
                assert set(value) <= ids, f"{key} names nothing"
    return len(bundle["objects"])


def check_misp(document):
    event = document["Event"]
    uuid.UUID(event["uuid"])
    datetime.date.fromisoformat(event["date"])
    assert event["threat_level_id"] in "1234" and event["analysis"] in "012" and event["distribution"] in "01234"
    assert isinstance(event["published"], bool) and event["info"]
    attributes = list(event["Attribute"])
    for one in event["Object"]:
        uuid.UUID(one["template_uuid"])
        assert one["name"] and one["meta-category"] and re.fullmatch(r"\d+", one["template_version"])
        assert all(inner["object_relation"] for inner in one["Attribute"])
        attributes += one["Attribute"]
    seen = set()
    for one in attributes:
        uuid.UUID(one["uuid"])
        assert one["uuid"] not in seen, f"uuid given twice: {one['value']}"
        seen.add(one["uuid"])
        assert one["type"] in MISP[one["category"]], f"{one['type']} in {one['category']}"
        assert isinstance(one["to_ids"], bool) and one["value"] and re.fullmatch(r"\d+", one["timestamp"])
    return len(attributes)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("specs", type=pathlib.Path)
    parser.add_argument("--stix", action="append", default=[], type=pathlib.Path)
    parser.add_argument("--misp", action="append", default=[], type=pathlib.Path)
    arguments = parser.parse_args()
    stix = Stix(arguments.specs / "stix" / "schemas")
    status = 0
    for path, check in [(path, lambda text: check_stix(text, stix)) for path in arguments.stix] + \
            [(path, check_misp) for path in arguments.misp]:
        try:
            print(f"{path}: {check(json.loads(path.read_text()))} fine")
        except (AssertionError, KeyError, ValueError, jsonschema.ValidationError) as error:
            print(f"{path}: {str(error)[:600]}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
