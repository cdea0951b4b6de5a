#!/usr/bin/env python3
"""office_compare - our openers of office documents against msodde, oleobj and olevba.

usage: office_compare.py [--dump PROGRAM] [-v] FOLDER|FILE...

Needs: pip install oletools (outside the repository). The dump is build/<preset>/tests/differential/
office_dump. Zips of oletools' tests are opened with their password. Compared are, of each document:
the number of DDE links, of external relations, of embedded files and of macro modules. What differs is
shown; docs/conformance-documents.md says who is right. The exit status is 1 when anything differs.
"""
import argparse
import contextlib
import io
import json
import logging
import os
import re
import subprocess
import sys
import tempfile
import zipfile

from oletools import msodde, oleobj, olevba

PASSWORD = b"infected-test"
OTHER = (".eml", ".msg", ".md", ".vba", ".one", ".txt")


def documents(paths, folder):
    """(label, path) of all documents; those in zips are put into folder."""
    for path in paths:
        for where, _, names in os.walk(path) if os.path.isdir(path) else [("", [], [path])]:
            for name in sorted(names):
                file = os.path.join(where, name)
                if not file.endswith(".zip"):
                    if not file.endswith(OTHER):
                        yield file, file
                    continue
                archive = zipfile.ZipFile(file)
                for inner in archive.namelist():
                    out = os.path.join(folder, str(len(os.listdir(folder))) + os.path.basename(inner))
                    with open(out, "wb") as f:
                        f.write(archive.read(inner, pwd=PASSWORD))
                    yield file, out


def ours(dump, path):
    line = subprocess.run([dump, path], capture_output=True, check=False).stdout
    objects = json.loads(line)["objects"]
    facts = [name for o in objects for name, _ in o["facts"]]
    return {
        "dde": facts.count("dde"),
        "external": facts.count("external_url") + facts.count("template_url"),
        "embedded": facts.count("package_label"),
        "modules": sum(o["format"] == "vba_module" for o in objects),
    }


def dde_links(path):
    try:
        text = msodde.process_maybe_encrypted(path, field_filter_mode=msodde.FIELD_FILTER_DDE)
    except Exception:  # msodde refuses what it does not know, and passwords it lacks
        return 0
    return sum(1 for link in (text or "").splitlines() if link.strip())


def objects(path):
    out = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(out):
        with contextlib.suppress(Exception):
            oleobj.process_file(path, None, folder)
    text = out.getvalue()
    return len(re.findall(r"Found relationship '", text)), len(re.findall(r'Filename = "', text))


def modules(path):
    try:
        parser = olevba.VBA_Parser(path)
        if not parser.detect_vba_macros():
            return 0
        return sum(1 for _, _, name, code in parser.extract_macros() if code and name != "xlm_macro")
    except Exception:
        return 0


def theirs(path):
    external, embedded = objects(path)
    return {"dde": dde_links(path), "external": external, "embedded": embedded, "modules": modules(path)}


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--dump", default="build/clang/tests/differential/office_dump")
    parser.add_argument("-v", action="store_true")
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    count = 0
    different = 0
    with tempfile.TemporaryDirectory() as folder:
        for label, path in documents(options.paths, folder):
            mine, other = ours(options.dump, path), theirs(path)
            count += 1
            if mine != other:
                different += 1
            if mine != other or options.v:
                print(label, *(f"{key} {other[key]}/{mine[key]}" for key in mine
                               if options.v or mine[key] != other[key]))
    print(f"{count} documents, {different} differ (theirs/ours)", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
