"""A server, its ledger, its load, and how a run of a test ends."""

import sys
import time

import doors
import ledger
from server import Server


class Scene:
    """The folder goes at the end, unless the run failed and --keep was given."""

    def __init__(self, program, options, **settings):
        self.options = options
        self.server = Server(program, **settings)
        self.ledger = ledger.Ledger()
        self.failed = True
        self.loads = []

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for load in self.loads:
            for door in load.doors:
                door.ending.set()
                door.giving_up.set()
        self.server.kill()
        if self.failed and kind is not None:
            print(self.server.log_tail(20), file=sys.stderr)
        if self.failed and self.options.keep:
            ledger.save(self.ledger, self.server.folder + "/ledger.jsonl")
            print(f"kept: {self.server.folder}", file=sys.stderr)
        else:
            self.server.remove()

    def load(self, kinds=doors.ALL, **how):
        load = doors.Load(self.server, self.ledger, kinds, **how)
        self.loads.append(load)
        return load

    def start(self, **how):
        """Another life; one that ends by itself is a failure."""
        return self.server.start(**how)

    def tidy(self, load):
        """Deletes rotated files that were read; beyond 64 of them the file door no longer knows all."""
        files = load.of(doors.Files)
        if files and files.rotations - files.forgotten > 20:
            time.sleep(1.5)  # it looks once a second
            self.server.settle(timeout=120, quiet=0)
            files.forget()

    def judge(self, **how):
        held = self.held = ledger.Held(self.server.program, self.server.data)
        verdict = ledger.judge(self.ledger, held, **how)
        evaluated = len(self.ledger.acked)  # as far as the journal goes back it is looked up there
        if not how.get("pruned"):
            evaluated = sum(1 for n in self.ledger.acked if n in held.journal)
        verdict.figures["evaluated"] = evaluated if held.applied >= held.end else "not all"
        self.failed = bool(verdict.problems)
        return verdict, held

    def finish(self, load, **how):
        """The server runs: ends the load, lets the server come to rest and end, and judges."""
        tcp = load.of(doors.Tcp)
        if tcp:  # a connection of the last life, so that it can be counted
            tcp.ending.wait(0.3)
        load.end()
        self.server.settle(timeout=180)
        counted = int(self.server.metric('hinomi_syslog_total{what="messages"}'))
        self.server.finish()
        verdict, held = self.judge(**how)
        if tcp:
            self.judge_tcp(tcp, counted, held, verdict)
        if verdict.figures.get("acknowledged", 0) == 0:
            verdict.problems.append("nothing was acknowledged: the test says nothing")
            self.failed = True
        return verdict

    def judge_tcp(self, tcp, counted, held, verdict):
        """Of a life that ended well the journal has what it counted, and that is all that was sent."""
        sent = tcp.by_life.get(self.server.starts, [])
        here = sum(1 for number in sent if number in held.journal)
        verdict.figures["tcp sent/counted/held"] = f"{len(sent)}/{counted}/{here}"
        if held.start > 0:  # some of it may have been trimmed away
            here = counted
        if not len(sent) == counted == here:
            verdict.problems.append(f"tcp: sent {len(sent)}, counted {counted}, in the journal {here}")
            self.failed = True
