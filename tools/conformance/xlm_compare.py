#!/usr/bin/env python3
"""xlm_compare - our text of macro sheets against XLMMacroDeobfuscator's readers.

usage: xlm_compare.py [--dump PROGRAM] [--books PROGRAM] [--count N] [-v] FOLDER|FILE...

Needs: pip install XLMMacroDeobfuscator (outside the repository; it brings xlrd2 for xls and pyxlsb2 for
xlsb). The dump is build/<preset>/tests/differential/office_dump. With --books, the program xlm_books
beside it, N workbooks of random formulas are written and compared as well. Compared are the formulas of
macro sheets, blanks and apostrophes around sheets aside, and the cells that Auto_Open stands for; both sides
are counted by format: equal, different, and what the other side could not read. What differs is shown with
-v; docs/conformance-documents.md says who is right.
"""
import argparse
import collections
import contextlib
import io
import json
import os
import re
import subprocess
import tempfile
import warnings

warnings.simplefilter("ignore")
from XLMMacroDeobfuscator.xls_wrapper_2 import XLSWrapper2  # noqa: E402
from XLMMacroDeobfuscator.xlsb_wrapper import XLSBWrapper  # noqa: E402
from XLMMacroDeobfuscator.xlsm_wrapper import XLSMWrapper  # noqa: E402

READERS = {".xls": XLSWrapper2, ".xlt": XLSWrapper2, ".xlsb": XLSBWrapper, ".xlsm": XLSMWrapper, ".xltm": XLSMWrapper}
STRING = re.compile(r'("(?:[^"]|"")*")')


def number(match):
    return repr(float(match.group(0)))


def normal(formula):
    """Without blanks and apostrophes outside of strings, functions in capital letters."""
    formula = re.sub(r'"(#[A-Z0-9/]+[!?]?)"', r"\1", formula)
    parts = STRING.split(formula)
    for i in range(0, len(parts), 2):
        parts[i] = re.sub(r"[\s']|_xlfn\.", "", parts[i])
        parts[i] = re.sub(r"(?<![\w$./])[0-9]+\.?[0-9]*(e[+-][0-9]+)?(?![\w.(])", number, parts[i], flags=re.I)
        parts[i] = re.sub(r"[A-Za-z_.]+\(", lambda m: m.group(0).upper(), parts[i])
    return "".join(parts).lstrip("=")


def records(text):
    """The lines of the text, strings with line breaks in one."""
    record = ""
    for line in text.split("\n"):
        record = record + "\n" + line if record else line
        if record.count('"') % 2 == 0:
            if record:
                yield record
            record = ""


def ours(dump, path):
    objects = json.loads(subprocess.run([dump, path], capture_output=True, check=False).stdout)["objects"]
    text = "".join(o.get("text", "") for o in objects)
    macro = {m.group(1) for m in re.finditer(r"^SHEET '((?:[^']|'')*)' macro", text, re.M)}
    cells = {}
    names = []
    for record in records(text):
        m = re.match(r"CELL '((?:[^']|'')*)'!([A-Z]+[0-9]+) =(.*)", record, re.S)
        if m and m.group(1) in macro:
            cells[(m.group(1).replace("''", "'"), m.group(2))] = normal(m.group(3))
        m = re.match(r"NAME!? (Auto_Open\S*) =(.*)", record, re.I)
        if m:
            names.append(normal(m.group(2)))
    return cells, sorted(names)


def theirs(path):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        book = READERS[os.path.splitext(path)[1]](path)
        cells = {}
        for name, sheet in book.get_macrosheets().items():
            for address, cell in sheet.cells.items():
                if cell.formula:
                    cells[(name, address.replace("$", ""))] = normal(cell.formula)
        names = []
        for name, target in book.get_defined_names().items():
            if "auto_open" in name.lower():
                names.append(normal(target[1] if isinstance(target, tuple) else target))
    return cells, sorted(names)


def files(paths):
    for path in paths:
        for where, _, names in os.walk(path) if os.path.isdir(path) else [("", [], [path])]:
            for name in sorted(names):
                if os.path.splitext(name)[1] in READERS:
                    yield os.path.join(where, name)


def compare(path, options, counts):
    kind = os.path.splitext(path)[1]
    if path.endswith("-5.xls"):
        kind = "-5.xls"
    got, names = ours(options.dump, path)
    try:
        want, other_names = theirs(path)
    except Exception as error:  # their readers end in any kind of exception
        if got:
            counts[kind, "theirs cannot open it"] += 1
            if options.verbose:
                print(f"{path}: {error!r}")
        return
    if got or want:
        counts[kind, "Auto_Open " + ("equal" if names == other_names else "differs")] += 1
    for place in sorted(set(got) | set(want)):
        a, b = got.get(place), want.get(place)
        result = "equal" if a == b else "only ours" if b is None else "only theirs" if a is None else "differs"
        counts[kind, "formula " + result] += 1
        if a != b and options.verbose:
            print(f"{path} {place}\n  ours   {a}\n  theirs {b}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dump", default="build/clang/tests/differential/office_dump")
    parser.add_argument("--books")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("paths", nargs="*")
    options = parser.parse_args()
    counts = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        if options.books:
            subprocess.run([options.books, str(options.count), folder], check=True)
        for path in files(options.paths + [folder]):
            compare(path, options, counts)
    for (kind, result), count in sorted(counts.items()):
        print(f"{count:8} {kind:7} {result}")


if __name__ == "__main__":
    main()
