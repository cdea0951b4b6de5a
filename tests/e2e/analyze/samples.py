#!/usr/bin/env python3
"""samples.py - every URL of generated samples is found, and none is invented.

    samples.py HINOMI SAMPLES FIRST COUNT

SAMPLES is the generator (tools/samples). Each sample is a script, a shortcut, a document with macros, or
one of them in what holds it, and says which rows it has: techniques of hiding, string stores, files,
chains of containers. Of all URLs at least 99 in 100 must be found, and of those of each row; a row that
no sample has fails the test, as does a URL that is not in the truth or a sample that is called clean.
"""
import json
import os
import subprocess
import sys
import tempfile

FOUND_AT_LEAST = 0.99
BATCH = 200


def analysed(hinomi, folder, names):
    """Reports of these files."""
    report = os.path.join(folder, "report.jsonl")
    for start in range(0, len(names), BATCH):
        paths = [os.path.join(folder, name) for name in names[start:start + BATCH]]
        # What is found is asked here, not how fast: the machine may be busy with other tests.
        done = subprocess.run([hinomi, "analyze", "-q", "--reserved", "--no-defang", "--no-cache",
                               "--limit", "wall_ms=120000", "--json", report] + paths, stdout=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            sys.exit(f"hinomi analyze: exit code {done.returncode}")
        with open(report, encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def print_rows(rows):
    """A table of what was found of each row, and what is wrong with it."""
    faults = []
    print(f"{'row':44} samples    URLs   found")
    for name, (number, wanted, found) in rows.items():
        print(f"{name:44} {number:7} {wanted:7} {found:7}")
        if number == 0:
            faults.append(f"no sample has the row {name}")
        elif found < FOUND_AT_LEAST * wanted:
            faults.append(f"{found} of {wanted} URLs found in the row {name}")
    return faults


def main():
    hinomi, samples, first, count = sys.argv[1:5]
    wanted = found = 0
    faults = []
    names = subprocess.run([samples, "rows"], check=True, capture_output=True, text=True).stdout
    rows = {name: [0, 0, 0] for name in names.splitlines()}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([samples, "make", folder, first, count], check=True)
        with open(os.path.join(folder, "truth.jsonl"), encoding="utf-8") as lines:
            truth = {item["file"]: item for item in map(json.loads, lines)}
        for report in analysed(hinomi, folder, list(truth)):
            item = truth.pop(os.path.basename(report["file"]))
            urls = {one["value"] for one in report["indicators"] if one["type"] == "url"}
            missing = [url for url in item["urls"] if url not in urls]
            invented = sorted(urls - set(item["urls"]))
            wanted += len(set(item["urls"]))
            found += len(set(item["urls"])) - len(set(missing))
            for row in item["rows"]:
                rows[row][0] += 1
                rows[row][1] += len(set(item["urls"]))
                rows[row][2] += len(set(item["urls"])) - len(set(missing))
            if missing:
                print(f"missing in {item['file']} ({item['shape']}): {missing}")
            if invented:
                faults.append(f"invented in {item['file']} ({item['shape']}): {invented}")
            if report["verdict"] == "clean":
                faults.append(f"called clean: {item['file']} ({item['shape']})")
    faults += [f"no report of {name}" for name in truth]
    faults += print_rows(rows)
    print(f"{found} of {wanted} URLs found in {count} samples, {len(faults)} faults")
    print("\n".join(faults))
    if faults or found < FOUND_AT_LEAST * wanted:
        sys.exit(1)


if __name__ == "__main__":
    main()
