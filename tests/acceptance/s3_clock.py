#!/usr/bin/env python3
"""S3: the clock on the wall jumps an hour forwards and backwards, and ten seconds, while events come in.

Events carry times of their own: what they lead to must be what it would have been, every correlation
once. After each jump everything that happens by the clock goes on: results are stored, changed
rules are taken up, connections that dawdle are closed; no number in /metrics is negative. Some events are
an hour late or early. COUNT is the number of jumps.

    s3_clock.py build/clang/app/hinomi --library build/clang/tests/libhn_faults.so"""

import mmap
import os
import socket
import sys
import time

import doors
import kit
from server import HERE

JUMPS = (-3600, 3600, -10, 10)  # back, and home again; the last one of all leads an hour ahead
HEAD_S = 15  # http_limits.head_ms is 10 s


class Late(doors.Events):
    """Events that a clock which is ahead makes late: their alerts are due, correlations are not."""

    name_of_door = "late"


class Clock:
    def __init__(self, folder):
        self.path, self.offset = folder + "/clock", 0
        with open(self.path, "wb") as out:
            out.write(bytes(8))
        with open(self.path, "r+b") as file:
            self.page = mmap.mmap(file.fileno(), 8)

    def spawn(self):
        library = os.path.join(os.path.dirname(kit.library()), "libhn_clock.so")
        if not os.path.exists(library):
            raise kit.Skip(f"{library} is not there")
        return {"env": {"HN_CLOCK": self.path}, "preload": (library,)}

    def jump(self, seconds):
        self.offset += seconds
        self.page[:] = (self.offset * 10 ** 9).to_bytes(8, sys.byteorder, signed=True)


def is_closed(connection):
    connection.setblocking(False)
    try:
        connection.recv(1)
        return True
    except BlockingIOError:
        return False
    except OSError:
        return True


def goes_on(run, jump, number):
    """What is done every so often is still done."""
    server = run.server
    reloads = server.metrics()["hinomi_reloads_total"]
    with open(server.folder + "/rules/other.yml", "w", encoding="utf-8") as out:
        out.write(f"title: Other {number}\nid: 5b3f7a3e-0000-4000-8000-0000000000ff\nstatus: test\n"
                  "level: low\nlogsource: {product: windows}\n"
                  f"detection: {{s: {{CommandLine: 'never {number}'}}, condition: s}}\n")
    run.must(kit.wait_for(lambda: server.metrics()["hinomi_reloads_total"] > reloads, 6, 0.1),
             f"after {jump:+} s changed rules are not taken up")
    numbers = server.metrics()
    negative = {name: value for name, value in numbers.items() if value < 0}
    run.must(not negative, f"after {jump:+} s negative numbers: {negative}")


def comes_to_rest(run, jump):
    """With nothing coming in, what was judged is stored as such, and the time is noted."""
    def rest():
        numbers = run.server.metrics()
        return numbers["hinomi_store_behind_bytes"] < 600 and numbers["hinomi_engine_behind_bytes"] < 200

    run.must(kit.wait_for(rest, 6, 0.1), f"after {jump:+} s the store does not follow the journal")
    records = run.server.metrics()["hinomi_journal_records_total"]
    run.must(kit.wait_for(lambda: run.server.metrics()["hinomi_journal_records_total"] > records, 6, 0.2),
             f"after {jump:+} s no tick is noted")


def run(program, count, seed):
    with kit.Run(program, watch="1s") as run:
        clock = Clock(run.server.folder)
        run.server.start(**clock.spawn())
        slow = []
        for number in range(count):
            last = number == count - 1
            kinds = (Late,) if last else (doors.Events, doors.Hec)
            if last:
                clock.jump(-clock.offset)
                run.server.settle()
                time.sleep(3.5)  # what is waited for while the clock was behind
            load = doors.Load(run.server, run.ledger, kinds, rate=10)
            time.sleep(0.7)
            dawdler = socket.create_connection(("127.0.0.1", run.server.port), 5)
            dawdler.sendall(b"POST /v1/events HTTP/1.1\r\nX: ")
            slow.append((time.monotonic(), dawdler))
            jump = 3600 if last else JUMPS[number % len(JUMPS)]
            clock.jump(jump)
            goes_on(run, jump, number)
            load.end()
            comes_to_rest(run, jump)
        since = slow[0][0]
        closed = kit.wait_for(lambda: all(is_closed(one) for _, one in slow), HEAD_S + 5, 0.2)
        run.must(closed, f"dawdlers are still waited for, the first since {time.monotonic() - since:.0f} s")
        clock.jump(-clock.offset)
        run.finish(exact=("events", "late"))
        run.verdict.figures["jumps"] = count
        return run.verdict


if __name__ == "__main__":
    sys.path.insert(0, HERE)
    sys.exit(kit.main(run, 2, 21, __doc__))
