#!/usr/bin/env python3
"""vba_compare - our readers of compound files, VBA and p-code against olefile, olevba and pcodedmp.

usage: vba_compare.py [--dump PROGRAM] [-v] FOLDER|FILE...

Needs: pip install oletools olefile pcodedmp (outside the repository). The dump is
build/<preset>/tests/differential/ole_dump. Documents are opened (zip members and what olevba finds in
PowerPoint files too), each compound file is given to both sides, and compared are: entries and the
SHA-256 of each stream, properties, the text of each VBA module, and the listing of its p-code. What
differs is shown; docs/conformance-documents.md says who is right. The exit status is 1 when anything
differs.
"""
import argparse
import collections
import contextlib
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile

import olefile
from oletools import olevba
from pcodedmp import pcodedmp

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def documents(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for folder, _, names in os.walk(path):
            for name in sorted(names):
                yield os.path.join(folder, name)


def compound_files(path, data, depth=0):
    """(label, bytes) of all compound files in a document."""
    if data.startswith(MAGIC):
        yield path, data
        try:
            for sub in olevba.VBA_Parser(path, data=data).ole_subfiles:
                handle = getattr(sub.ole_file, "fp", None)
                if handle is not None:
                    handle.seek(0)
                    inner = handle.read()
                    if inner.startswith(MAGIC) and inner != data:
                        yield path + "!" + (sub.filename or "object"), inner
        except Exception as error:  # olevba gives up on some
            print(f"{path}: olevba: {error}", file=sys.stderr)
    elif data.startswith(b"PK") and depth < 3:
        with contextlib.suppress(zipfile.BadZipFile, RuntimeError):
            archive = zipfile.ZipFile(io.BytesIO(data))
            for name in archive.namelist():
                yield from compound_files(path + "!" + name, archive.read(name), depth + 1)


def entries_of(data):
    """path -> (size, sha256) by olefile."""
    found = {}
    ole = olefile.OleFileIO(io.BytesIO(data))
    for parts in ole.listdir(streams=True, storages=False):
        try:
            stream = ole.openstream(parts).read()
        except OSError as error:
            found["/".join(parts)] = (None, str(error))
            continue
        found["/".join(parts)] = (len(stream), hashlib.sha256(stream).hexdigest())
    return found


PROPERTIES = {  # ours: olefile's
    "title": "title", "subject": "subject", "author": "author", "keywords": "keywords",
    "comments": "comments", "template": "template", "last_author": "last_saved_by",
    "revision": "revision_number", "application": "creating_application",
    "category": "category", "manager": "manager", "company": "company",
}


def properties_of(data):
    """name -> text by olefile."""
    meta = olefile.OleFileIO(io.BytesIO(data)).get_metadata()
    found = {}
    for ours, theirs in PROPERTIES.items():
        value = getattr(meta, theirs)
        page = meta.codepage_doc if ours in ("category", "manager", "company") else meta.codepage
        if isinstance(value, bytes):
            codec = {1200: "utf-16-le", 65001: "utf-8", 10000: "mac_roman"}.get(page, f"cp{page or 1252}")
            value = value.split(b"\0")[0].decode(codec, "replace")
        if value is not None:
            found[ours] = str(value)
    return found


def modules_of(label, data):
    """stream path -> source by olevba."""
    found = {}
    parser = olevba.VBA_Parser(label, data=data)
    if parser.type == olevba.TYPE_PPT:  # PowerPoint: its objects are compared each by itself
        return found
    with contextlib.suppress(Exception):
        if parser.detect_vba_macros():
            for _, stream, _, code in parser.extract_all_macros():
                if isinstance(stream, str) and stream != "VBA P-code":
                    found[stream] = code
    return found


def pcode_of(data):
    """stream path -> listing by pcodedmp, without spaces at the ends of lines."""
    found = {}
    with tempfile.NamedTemporaryFile(suffix=".bin") as f:
        f.write(data)
        f.flush()
        out = io.StringIO()
        args = argparse.Namespace(norecurse=True, disasmOnly=True, verbose=False)
        with contextlib.redirect_stderr(io.StringIO()), contextlib.suppress(Exception):
            pcodedmp.processFile(f.name, args, output_file=out)
    stream = None
    for line in out.getvalue().splitlines():
        if " - " in line and line.endswith(" bytes") and not line.startswith(("\t", "Line")):
            stream = line.rsplit(" - ", 1)[0]
            found[stream] = []
        elif stream is not None and not line.startswith(("Processing", "=====", "-----", "Module")):
            found[stream].append(" ".join(line.split()))
    return found


class Report:
    def __init__(self, verbose):
        self.count = collections.Counter()
        self.verbose = verbose

    def differ(self, kind, label, text):
        self.count[kind + " differ"] += 1
        print(f"{kind}: {label}: {text}")

    def same(self, kind):
        self.count[kind + " equal"] += 1


def compare_entries(report, label, ours, data):
    try:
        theirs = entries_of(data)
    except Exception as error:
        if "error" not in ours:
            report.differ("file", label, f"olefile refuses it ({error}), we read it")
        return
    if "error" in ours:
        report.differ("file", label, f"we refuse it ({ours['error']})")
        return
    mine = {e["path"]: e for e in ours["entries"] if e["kind"] == 2 and not e["orphan"]}
    for path in sorted(set(mine) | set(theirs)):
        a, b = mine.get(path), theirs.get(path)
        if a is None or b is None:
            report.differ("stream", label, f"{path!r} only {'olefile' if a is None else 'we'}")
        elif a.get("sha256") != b[1]:
            report.differ("stream", label, f"{path!r} {a['len']} bytes, olefile {b}")
        else:
            report.same("stream")


def compare_properties(report, label, ours, data):
    with contextlib.suppress(Exception):
        theirs = properties_of(data)
        mine = {p["name"]: p["value"] for p in ours.get("properties", []) if p["set"] < 2}
        for name, value in theirs.items():
            if mine.get(name) != value:
                report.differ("property", label, f"{name} {mine.get(name)!r}, olefile {value!r}")
            else:
                report.same("property")


def compare_modules(report, label, ours, data):
    theirs = modules_of(label, data)
    mine = {}
    for project in ours.get("vba", []):
        for module in project["modules"]:
            path = (project["path"] + "/" if project["path"] else "") + module["stream"]
            mine[path.lower()] = module
            if module["stomp"] == "yes":
                report.differ("stomping", label, f"{path}: {module['missing']!r}")
            report.count["stomping " + module["stomp"]] += 1
    for path, code in theirs.items():
        module = mine.pop(path.lower(), None)
        if module is None:
            report.differ("module", label, f"{path} only olevba")
        elif module["source"] != code:
            report.differ("module", label, f"{path} differs (odd {module['odd']})")
            if report.verbose:
                print(repr(module["source"][:2000]), repr(code[:2000]), sep="\n")
        else:
            report.same("module")
    for path, module in mine.items():
        if module["source"] or theirs:
            report.differ("module", label, f"{path} only we ({len(module['source'])} bytes)")


def compare_pcode(report, label, ours, data):
    theirs = pcode_of(data) if ours.get("vba") else {}
    for project in ours.get("vba", []):
        for module in project["modules"]:
            path = (project["path"] + "/" if project["path"] else "") + module["stream"]
            listing = next((v for k, v in theirs.items() if k.lower().endswith(path.lower())), None)
            mine = [" ".join(line.split()) for line in module["pcode"].splitlines()]
            if listing is None:
                if mine:
                    report.differ("p-code", label, f"{path} only we")
                continue
            wrong = [(a, b) for a, b in zip(mine, listing) if a != b]
            report.count["p-code lines"] += len(mine)
            if len(mine) != len(listing):
                report.differ("p-code", label, f"{path} {len(mine)} lines, pcodedmp {len(listing)}")
            elif wrong:
                report.differ("p-code", label, f"{path} {len(wrong)} of {len(mine)}: {wrong[:3]}")
            else:
                report.same("p-code")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dump", default="build/clang/tests/differential/ole_dump")
    parser.add_argument("-v", action="store_true")
    parser.add_argument("paths", nargs="+")
    args = parser.parse_args()
    report = Report(args.v)
    for path in documents(args.paths):
        with open(path, "rb") as f:
            content = f.read()
        for label, data in compound_files(path, content):
            report.count["compound files"] += 1
            with tempfile.NamedTemporaryFile() as f:
                f.write(data)
                f.flush()
                done = subprocess.run([args.dump, f.name], capture_output=True, check=False)
            if done.returncode != 0:
                report.differ("file", label, f"ole_dump ends with {done.returncode}")
                continue
            ours = json.loads(done.stdout)
            compare_entries(report, label, ours, data)
            compare_properties(report, label, ours, data)
            compare_modules(report, label, ours, data)
            compare_pcode(report, label, ours, data)
    for key, value in sorted(report.count.items()):
        print(f"{value:8} {key}")
    return 1 if any(key.endswith(" differ") for key in report.count) else 0


if __name__ == "__main__":
    sys.exit(main())
