#!/usr/bin/env python3
"""L1: constant load of mixed events with the whole rule set and indicators, for COUNT seconds.

Nothing lost, nothing twice (the ledger), p99 from acknowledgement to readable alert at most 1 s, memory at
most CEILING. HN_RATE: batches a second and door (each 300 events).

    l1_hold.py build/clang/app/hinomi"""

import os
import sys
import time

import doors
import kit
import traffic
from server import HERE

CEILING = 600e6  # bytes resident: public rules twice (reload), journal groups, results, store
P99_S = 1.0


def hold(program, seconds, prepare=None, begin=None):
    with kit.Run(program) as run:
        used = traffic.whole_rule_set(run)
        if prepare:
            prepare(run)
        run.server.start()
        watch = traffic.AlertWatch(run.server)
        watch.start()
        end = begin(run) if begin else lambda: None
        rate = float(os.environ.get("HN_RATE", 5))
        load = doors.Load(run.server, run.ledger, (traffic.Mixed, doors.Tcp, doors.Files), rate=rate)
        time.sleep(seconds)
        load.end()
        end()
        run.server.settle(timeout=60)
        watch.ending.set()
        watch.join()
        delays = traffic.figures(run, watch, seconds)
        run.must(len(delays) > 20, f"only {len(delays)} alerts were seen: the test says nothing")
        slow = kit.percentile(delays, 0.99)
        run.must(slow <= P99_S * kit.slack(), f"p99 from acknowledgement to alert {slow:.2f} s")
        run.must(kit.resident(run.server.process.pid)[1] <= kit.ceiling(run, CEILING), "memory is over its ceiling")
        numbers = run.server.metrics()
        run.finish()
        run.verdict.figures["rules"] = used
        run.verdict.figures["slack"] = f"{kit.slack():.1f}"
        return run.verdict, numbers


def run(program, count, seed):
    return hold(program, count)[0]


if __name__ == "__main__":
    sys.path.insert(0, HERE)
    sys.exit(kit.main(run, 8, 1800, __doc__))
