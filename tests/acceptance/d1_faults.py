#!/usr/bin/env python3
"""D1: system calls fail, one after the other, in everything the server writes.

For each kind of file, call and error the N-th call fails while events come in: N = 1, 2, 3, ... until
a run passes untouched (at most COUNT; in the short form a spread). After each fault the server must
acknowledge again, by itself or, when it said that it cannot go on and ended, by a new start. Then a
lasting lack of room: nothing may be acknowledged, the state must say why, and with room it must go on
without a new start. In the end the ledger is compared.

    d1_faults.py build/clang/app/hinomi --library build/clang/tests/libhn_faults.so"""

import errno
import json
import os
import random
import signal
import sys
import time

import kit
from ledger import GROUP
from server import HERE

ENOSPC, EIO, EINTR, EMFILE = errno.ENOSPC, errno.EIO, errno.EINTR, errno.EMFILE
# what -> (part of the path, calls with their errors)
KINDS = {
    "journal": ("/journal/", {"write": (ENOSPC, EIO, EINTR, kit.SHORT), "sync": (EIO, ENOSPC, EINTR),
                              "open": (ENOSPC, EIO, EMFILE), "reserve": (ENOSPC, EIO, EINTR),
                              "truncate": (EIO,), "rename": (ENOSPC,)}),
    "store": ("hinomi.db", {"write": (ENOSPC, EIO, EINTR, kit.SHORT), "sync": (EIO, ENOSPC),
                            "open": (EMFILE,), "truncate": (EIO,)}),
    "snapshots": ("/state/", {"write": (ENOSPC, EIO, EINTR, kit.SHORT), "sync": (EIO,),
                              "open": (ENOSPC,), "rename": (ENOSPC, EIO)}),
    "intake": ("/intake/", {"write": (ENOSPC, EIO, EINTR, kit.SHORT), "sync": (EIO,),
                            "open": (ENOSPC,), "rename": (ENOSPC, EIO)}),
    "sets": ("/sets/", {"write": (ENOSPC, EINTR, kit.SHORT), "sync": (EIO,), "open": (EIO,),
                        "rename": (ENOSPC,)}),
    "output": ("/out.jsonl", {"write": (ENOSPC, EIO, EINTR, kit.SHORT), "sync": (EIO,),
                              "open": (EMFILE,), "truncate": (EIO,)}),
    "log": ("/server.log", {"write": (ENOSPC, EINTR, kit.SHORT)}),
}
QUIET = ("snapshots", "intake")  # written once in a second, whatever comes in
# A failure of these ends the server, so that what is on disk is read anew.
FATAL = {("journal", "write", EIO), ("journal", "sync", EIO), ("journal", "sync", ENOSPC),
         ("journal", "open", EIO), ("journal", "open", EMFILE), ("journal", "reserve", EIO)}
SPREAD = (1, 2, 3, 5, 9, 17)


class Machine(kit.Run):
    """A server with faults; how often it had to be started again is written down."""

    def __init__(self, program):
        super().__init__(program)
        self.server.configure(extra=f"""outputs:
  - {{name: lines, kind: file, level: low, path: "{self.server.folder}/out.jsonl", retry_max: 1s}}
""")
        self.faults = kit.Faults(self.server.folder)
        self.armed = None
        self.restarts = self.struck = self.seen = self.changes = 0

    def start(self):
        self.server.start(**self.faults.spawn())

    def revive(self):
        """When the server has ended: it must have said so, and must come up again."""
        code = self.server.process.poll()
        if code is None:
            return
        self.hang_up()
        text = self.server.log_text()[self.seen:]
        ended = f"{self.armed}: it ended with {code}"
        said = self.server.log_tail()
        self.must(code > 0, ended)
        self.must(self.armed in FATAL, f"{ended}, which this fault is no reason for: {said}")
        self.must("error" in text or self.armed[0] == "log", f"{ended} without a word: {said}")
        self.must(self.armed != ("journal", "sync", EIO) or self.faults.hits <= 1,
                  f"{self.armed}: it synced again after a failed sync")
        self.faults.disarm()
        self.restarts += 1
        self.start()

    def change_rules(self):
        self.changes += 1
        with open(self.server.folder + "/rules/other.yml", "w", encoding="utf-8") as out:
            out.write(f"title: Other {self.changes}\nid: 5b3f7a3e-0000-4000-8000-0000000000ff\n"
                      "status: test\nlevel: low\nlogsource: {product: windows}\n"
                      f"detection: {{s: {{CommandLine: 'never {self.changes}'}}, condition: s}}\n")
        self.server.process.send_signal(signal.SIGHUP)

    def stimulate(self, kind, call):
        """What makes the server come to such a call."""
        wide = kind == "journal" and call in ("open", "reserve", "truncate", "rename")
        if kind == "sets":
            self.change_rules()
        good = self.send(self.ledger.take(GROUP, "events"), pad=36000 if wide else 0,
                         while_away=self.revive)
        self.must(good, f"{self.armed}: not acknowledged within 20 s: {dict(self.ledger.refused)}")
        if kind in QUIET + ("output", "sets", "store"):
            kit.wait_for(lambda: self.faults.hits or self.server.process.poll() is not None,
                         1.6 if kind in QUIET else 0.4)

    def settled(self):
        """Whether it has ended, or is ready and stays so: it looks for failures once a second, and an end
        that comes later must not be taken for the next fault's."""
        ready = []

        def look():
            if self.server.process.poll() is not None:
                return True
            if self.readyz()[0] != 200:
                ready.clear()
                return False
            ready.append(time.monotonic())
            return ready[-1] - ready[0] > 1.5
        return look

    def strike(self, kind, call, error, n):
        """True when the N-th call was reached."""
        path = KINDS[kind][0]
        lasting = (kind, call, error) == ("journal", "sync", EIO)
        if lasting:
            path = ".hnj/"  # records alone: what is packed meanwhile is another file
        self.armed = (kind, call, error)
        self.seen = len(self.server.log_text())
        self.faults.arm(call, n, error, path, lasting=lasting)
        tries = min(n, 6) if (kind, call) in (("journal", "sync"), ("journal", "write")) else 1
        for _ in range(tries):
            self.stimulate(kind, call)
            if self.faults.hits:
                break
        hit = self.faults.hits > 0
        if hit and (kind, call, error) in FATAL:
            kit.wait_for(self.settled(), 15)
        self.revive()
        self.faults.disarm()
        self.struck += hit
        return hit

    # ---- No room for a while ----

    def no_room(self, kind):
        """Nothing is acknowledged that is not there, and it goes on by itself."""
        self.armed = (kind, "write", ENOSPC)
        self.seen = len(self.server.log_text())
        life = self.server.starts
        self.faults.arm("write", 1, ENOSPC, KINDS[kind][0], lasting=True)
        numbers = self.ledger.take(GROUP, "events")
        good = self.send(numbers, timeout=1.5, while_away=self.revive)
        if kind == "journal":
            self.must(not good, "no room for the journal, and yet acknowledged")
        said = kit.wait_for(lambda: self.readyz()[0] == 503, 4)
        self.must(said, f"no room for {kind}, and /readyz gives {self.readyz()}")
        numbers_of = self.server.metrics()
        counted = "hinomi_journal_refused_total" if kind == "journal" else "hinomi_commit_failures_total"
        self.must(numbers_of.get(counted, 0) > 0, f"no room for {kind}, and {counted} is 0")
        text = self.server.log_text()[self.seen:]
        self.must("room" in text or "full" in text, f"no room for {kind}, and the log says nothing")
        self.faults.disarm()
        began = time.monotonic()
        if not good:
            good = self.send(numbers, timeout=20)
        self.must(good, f"room again for {kind}, and still nothing is acknowledged")
        self.must(kit.wait_for(lambda: self.readyz()[0] == 200, 10), f"not ready after {kind}")
        self.must(self.server.starts == life, f"no room for {kind}: it was started anew")
        return time.monotonic() - began


def all_faults():
    for kind, (_, calls) in KINDS.items():
        for call, errors in calls.items():
            for error in errors:
                yield kind, call, error


def strike_all(machine, count, chance, budget):
    """count 0: of each fault one N, until the time is over."""
    faults = list(all_faults())
    chance.shuffle(faults)
    faults.sort(key=lambda fault: fault[0] in QUIET)
    deadline = time.monotonic() + budget
    for fault in faults:
        if time.monotonic() > deadline:
            break
        if count == 0:
            machine.strike(*fault, chance.choice(SPREAD[:1 if fault[0] in QUIET + ("sets",) else 3]))
            continue
        for n in range(1, count + 1):
            if not machine.strike(*fault, n):
                break


def starts(machine, count, chance):
    """Faults before it is ready: it may refuse to start, but must then be able to the next time."""
    refused = 0
    faults = [fault for fault in all_faults() if fault[0] not in ("output", "log")]
    for fault in chance.sample(faults, count) if count < len(faults) else faults:
        machine.server.stop()
        machine.hang_up()
        machine.armed = fault
        machine.faults.arm(fault[1], chance.choice(SPREAD), fault[2], KINDS[fault[0]][0])
        machine.server.spawn(**machine.faults.spawn())
        if not machine.server.ready():
            code = machine.server.process.poll()
            machine.must(code > 0, f"at start, {fault}: it ended with {code}")
            refused += 1
            machine.faults.disarm()
            machine.start()
        machine.struck += machine.faults.hits > 0
        machine.faults.disarm()
        good = machine.send(machine.ledger.take(GROUP, "events"), while_away=machine.revive)
        machine.must(good, f"at start, {fault}: nothing is acknowledged after it")
    return refused


def judge_output(machine, held):
    """The file of alerts: whole lines, every alert, none twice."""
    ids = []
    with open(machine.server.folder + "/out.jsonl", encoding="utf-8") as lines:
        for line in lines:
            document = json.loads(line)
            ids.append(document.get("alert_id") or document.get("id") or line)
    machine.verdict.figures["lines of the output"] = len(ids)
    machine.verdict.none_of("lines of the output twice", {i for i in ids if ids.count(i) > 1})


def run(program, count, seed):
    chance = random.Random(seed)
    with Machine(program) as machine:
        machine.start()
        strike_all(machine, count, chance, 3600 if count else float(os.environ.get("HN_BUDGET", 9)))
        rooms = [machine.no_room(kind) for kind in ("journal", "store")]
        refused = starts(machine, 1000 if count else 3, chance)
        held = machine.finish()
        judge_output(machine, held)
        machine.verdict.figures.update({"faults": machine.struck, "new starts": machine.restarts,
                                        "starts refused": refused,
                                        "going on after room s": "/".join(f"{t:.1f}" for t in rooms)})
        machine.must(machine.struck > 5, "hardly any fault was met: the test says nothing")
        return machine.verdict


def planted(program):
    """A write to the journal that is lost without a word: True when the ledger tells."""
    with Machine(program) as machine:
        machine.start()
        machine.armed = ("journal", "write", kit.LIE)
        machine.send(machine.ledger.take(GROUP, "events"))
        machine.faults.arm("write", 1, kit.LIE, "/journal/")
        for _ in range(5):
            machine.send(machine.ledger.take(GROUP, "events"), timeout=5)
        machine.finish()
        print("found:", machine.verdict.problems)
        return machine.faults.hits == 1 and any("not in the journal" in problem
                                                for problem in machine.verdict.problems)


if __name__ == "__main__":
    sys.path.insert(0, HERE)
    sys.exit(kit.main(run, 0, 400, __doc__, planted))
