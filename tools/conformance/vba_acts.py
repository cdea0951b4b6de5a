#!/usr/bin/env python3
"""Evaluates the macros of harmless documents: none may crash, run out of its budget, or be said to
start programs or ask for addresses.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install oletools
    /tmp/venv/bin/python tools/conformance/vba_acts.py build/clang/tests/unit_vbscript_test_golden \\
        ../shared/data/documents

Module texts are those that olevba gives; the evaluator is the test program given first.
"""
import os
import subprocess
import sys
import tempfile

from oletools.olevba import VBA_Parser

CLAIMS = ("process ", "http_request ", "registry_write ", "wmi_call ", "api_call ")


def modules(path):
    try:
        parser = VBA_Parser(path)
        if parser.type in (None, "Text"):
            return []
        return [code for (_, _, _, code) in parser.extract_all_macros()]
    except Exception as error:  # olevba refuses some on purpose broken files
        print(f"{path}: olevba: {type(error).__name__}", file=sys.stderr)
        return []


def evaluate(program, texts):
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for i, text in enumerate(texts):
            names.append(os.path.join(folder, f"{i:03d}.bas"))
            with open(names[-1], "w", encoding="utf-8", newline="") as out:
                out.write(text if isinstance(text, str) else text.decode("utf-8", "replace"))
        return subprocess.run([program] + names, capture_output=True, timeout=60, check=False)


def main(program, root):
    documents = count = bad = 0
    for folder, _, files in sorted(os.walk(root)):
        for name in sorted(files):
            texts = modules(os.path.join(folder, name))
            if not texts:
                continue
            documents += 1
            count += len(texts)
            result = evaluate(program, texts)
            lines = result.stdout.decode("utf-8", "replace").splitlines()
            claims = [line for line in lines if line.startswith(CLAIMS)]
            stopped = not any(line.startswith("stop none") for line in lines)
            if result.returncode != 0 or claims or stopped:
                bad += 1
                print(f"{name}: exit {result.returncode}", *claims[:5], sep="\n  ")
    print(f"{documents} documents, {count} modules, {bad} to look at")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
