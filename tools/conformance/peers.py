#!/usr/bin/env python3
"""Holds what Hinomi finds in scripts against Binary Refinery's evaluators, file by file.

    python3 -m venv /tmp/venv-peers && /tmp/venv-peers/bin/pip install binary-refinery
    /tmp/venv-peers/bin/python tools/conformance/peers.py HINOMI FOLDER...

Installs nothing itself. A folder holds scripts and what is true of them, in one of two forms: a
file truth.jsonl as `hinomi_samples make` writes it, or beside each script X a file X.truth with
{"urls": [...]}. Files that are no scripts are left out. Of the peer, each script goes through dps1,
djs, dvba or batev, whose result goes through them again until it stays as it is (the peer does not
chain layers by itself: base64, inflate and the arguments of -EncodedCommand are carved and given to
it again), then through xtp url. An address counts as found by the peer when it stands anywhere in
what came out, by Hinomi when it is a request or an indicator.
Exit status: 1 when the peer finds an address that Hinomi does not.
"""
import base64
import collections
import json
import os
import re
import signal
import subprocess
import sys
import time

import refinery

UNITS = {"ps1": "dps1", "js": "djs", "vbs": "dvba", "bat": "batev", "cmd": "batev"}
ROUNDS = 6
SECONDS = 5  # for one file


def late(*_):
    raise TimeoutError
ENCODED = re.compile(rb"(?i)[-/\xe2\x80\x93-\x95]e[ncodemad]*\s+[\"']?([A-Za-z0-9+/=]{24,})")
BASE64 = re.compile(rb"[\"']([A-Za-z0-9+/]{40,}={0,2})[\"']")


def truths(folder):
    """Yields (path, urls) of the scripts of a folder."""
    table = os.path.join(folder, "truth.jsonl")
    if os.path.exists(table):
        for line in open(table, encoding="utf-8"):
            row = json.loads(line)
            yield os.path.join(folder, row["file"]), row["urls"]
        return
    for name in sorted(os.listdir(folder)):
        if name.endswith(".truth"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                yield os.path.join(folder, name[:-6]), json.load(file)["urls"]


def plain(data):
    if data[:2] == b"\xff\xfe":
        return data[2:].decode("utf-16le", "replace").encode()
    return data


def inner(data):
    """Scripts that stand encoded in a script: what an analyst would hand to the peer next."""
    for match in list(ENCODED.finditer(data)) + list(BASE64.finditer(data)):
        try:
            bytes_ = base64.b64decode(match.group(1) + b"==")
        except ValueError:
            continue
        if bytes_[1:2] == b"\0":
            bytes_ = bytes_.decode("utf-16le", "replace").encode()
        elif not bytes_.isascii():
            try:
                bytes_ = b"".join(bytes(x) for x in bytes_ | refinery.decompress)
            except TimeoutError:
                raise
            except Exception:  # of no compression that it knows
                continue
        if bytes_:
            yield bytes_, "ps1"


def by_peer(data, kind, depth=0):
    """All text that the peer makes of a script."""
    made = plain(data)
    out = [made]
    for _ in range(ROUNDS):
        before = made
        try:
            made = b"\n".join(bytes(x) for x in made | getattr(refinery, UNITS[kind]))
        except TimeoutError:
            raise
        except Exception:  # a peer's fault is a peer's miss
            break
        out.append(made)
        if made == before:
            break
    if depth < ROUNDS:
        for more, other in inner(b"\n".join(out)):
            out.append(by_peer(more, other, depth + 1))
        for line in re.findall(rb"(?im)^.*powershell.*$", made) if kind != "ps1" else []:
            out.append(by_peer(re.sub(rb"(?i)^.*?powershell(\.exe)?\s+", b"", line), "ps1", depth + 1))
    return b"\n".join(out)


def addresses(data):
    return {bytes(x).decode("utf-8", "replace") for x in data | refinery.xtp("url")}


def by_us(program, path):
    run = subprocess.run([program, "analyze", "-q", "--reserved", "--json", "-", path], capture_output=True)
    report = json.loads(run.stdout.splitlines()[0])
    found = {row["value"] for row in report["indicators"]}
    for item in report["objects"]:
        for act in item.get("acts", []):
            found |= {field["value"] for field in act["fields"]}
    return found


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    signal.signal(signal.SIGALRM, late)
    count = collections.Counter()
    seconds = collections.Counter()
    files = []
    for folder in sys.argv[2:]:
        files += [(path, urls) for path, urls in truths(folder) if urls]
    for path, urls in files:
        kind = path.rsplit(".", 1)[-1].lower()
        urls = {url for url in urls if "://" in url and not url.startswith("tcp:")}
        if kind not in UNITS or not urls:
            continue
        start = time.monotonic()
        ours = by_us(sys.argv[1], path)
        middle = time.monotonic()
        with open(path, "rb") as file:
            data = file.read()
        signal.alarm(SECONDS)
        try:
            text = by_peer(data, kind)
        except TimeoutError:
            text = data
        signal.alarm(0)
        theirs = addresses(text) | {url for url in urls if url.encode() in text}
        seconds[kind, "us"] += middle - start
        seconds[kind, "peer"] += time.monotonic() - middle
        count[kind, "files"] += 1
        count[kind, "us"] += urls <= ours
        count[kind, "peer"] += urls <= theirs
        missed = (urls & theirs) - ours
        count["missed"] += bool(missed)
        if missed:
            print("the peer finds more:", path, " ".join(sorted(missed)))
    print("| scripts | files | Hinomi: all addresses | Refinery: all addresses | ms a file | its ms |")
    print("|---|---:|---:|---:|---:|---:|")
    for kind in sorted({key[0] for key in count if isinstance(key, tuple)}):
        files = count[kind, "files"]
        print(f"| {kind} | {files} | {count[kind, 'us']} | {count[kind, 'peer']} | "
              f"{seconds[kind, 'us'] / files * 1e3:.0f} | {seconds[kind, 'peer'] / files * 1e3:.0f} |")
    print("files where the peer finds one that we do not:", count["missed"])
    sys.exit(1 if count["missed"] else 0)


if __name__ == "__main__":
    main()
