#!/usr/bin/env python3
"""run.py PROGRAM [--test NAME]... - the acceptance suite: servers under load meet what servers meet, and a
ledger says afterwards whether anything was lost or doubled. docs/reliability.md describes the tests.

    run.py build/clang/app/hinomi --test C1 --count 20 --seed 7

Every test ends in one line of figures; the exit status is 0 when all were as they must be."""

import argparse
import importlib
import os
import random
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED = 77

# test -> (module, count in short, count in full)
TESTS = {
    "oracle": ("oracle", 1, 1),
    "C1": ("kill", 20, 300),
    "C2": ("points", 1, 20),
    "C3": ("power", 6, 50),
    "C3-broken": ("power", 1, 3),
    "C4": ("ends", 1, 10),
    "D3": ("damage", 1, 5),
    "L4": ("reload", 50, 100),
    "load": ("load", 1, 30),
}


class Skip(Exception):
    pass


def figures_text(verdict):
    return ", ".join(f"{what} {value}" for what, value in verdict.figures.items())


def run_one(name, options, seed):
    """None when it was skipped."""
    module, short, full = TESTS[name]
    count = options.count or (full if options.full else short)
    print(f"{name}: seed {seed}, count {count}", flush=True)
    began = time.monotonic()
    test = getattr(importlib.import_module(module), "test_" + name.replace("-", "_"))
    try:
        verdict = test(options.program, count, random.Random(seed), options)
    except Skip as reason:
        print(f"{name}: SKIPPED: {reason}", flush=True)
        return None
    state = "ok" if not verdict.problems else "FAILED"
    print(f"{name}: {state} in {time.monotonic() - began:.0f} s: {figures_text(verdict)}", flush=True)
    for problem in verdict.problems:
        print(f"{name}: {problem}", flush=True)
    return verdict


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", nargs="?")
    parser.add_argument("--list", action="store_true", help="names of the tests")
    parser.add_argument("--test", action="append", choices=TESTS, help="default: all")
    parser.add_argument("--count", type=int, help="default: that of the short form")
    parser.add_argument("--full", action="store_true", help="the counts of ./dev soak")
    parser.add_argument("--seed", type=int, help="default: a new one, printed")
    parser.add_argument("--keep", action="store_true", help="leave the folders of failed runs")
    parser.add_argument("--library", help="libhn_power.so, for C3")
    return parser.parse_args()


def main():
    options = arguments()
    if options.list or not options.program:
        print("\n".join(TESTS))
        return 0 if options.list else 3
    options.program = os.path.abspath(options.program)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    seed = options.seed if options.seed is not None else int.from_bytes(os.urandom(4), "little")
    verdicts = {name: run_one(name, options, seed) for name in options.test or TESTS}
    if any(verdict is not None and verdict.problems for verdict in verdicts.values()):
        return 1
    return SKIPPED if all(verdict is None for verdict in verdicts.values()) else 0


if __name__ == "__main__":
    sys.path.insert(0, HERE)
    sys.exit(main())
