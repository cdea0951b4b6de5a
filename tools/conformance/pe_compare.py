#!/usr/bin/env python3
"""pe_compare.py - programs as `hinomi analyze` reads them, against pefile; and no C2 table in any.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install pefile
    find / -xdev -name '*.exe' -o -name '*.dll' | /tmp/venv/bin/python tools/conformance/pe_compare.py HINOMI

Reads names of harmless PE files from standard input. Compared are imphash, the numbers of imports and
sections, and the names exported (the first 64). The exit status is 1 when something differs.
"""
import json
import subprocess
import sys
import tempfile

import pefile

EXPORTS_TOLD_MAX = 64


def theirs(path):
    pe = pefile.PE(path)
    imports = getattr(pe, "DIRECTORY_ENTRY_IMPORT", []) + getattr(pe, "DIRECTORY_ENTRY_DELAY_IMPORT", [])
    exports = getattr(getattr(pe, "DIRECTORY_ENTRY_EXPORT", None), "symbols", [])
    return {"imphash": [pe.get_imphash()] if pe.get_imphash() else [],
            "pe_imports": [str(sum(len(library.imports) for library in imports))],
            "pe_section": len(pe.sections),
            "pe_export": [one.name.decode("latin-1") for one in exports if one.name][:EXPORTS_TOLD_MAX]}


def ours(hinomi, path):
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run([hinomi, "analyze", "-q", "--json", out.name, path], check=True,
                       stdout=subprocess.DEVNULL)
        facts = json.loads(out.readline())["objects"][0]["facts"]
    values = {}
    for fact in facts:
        values.setdefault(fact["name"], []).append(fact["value"])
    return values


def main():
    different = files = 0
    for path in sys.stdin.read().split("\n"):
        if not path:
            continue
        try:
            wanted = theirs(path)
        except pefile.PEFormatError:
            continue
        files += 1
        values = ours(sys.argv[1], path)
        values["pe_section"] = len(values.get("pe_section", []))
        for name, value in wanted.items():
            if values.get(name, []) != value:
                different += 1
                print(f"{path}: {name}: {values.get(name)} here, {value} there")
        if "c2" in values:
            different += 1
            print(f"{path}: C2 table {values['c2']}")
    print(f"{files} programs, {different} differences")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
