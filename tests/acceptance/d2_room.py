#!/usr/bin/env python3
"""D2: the disk of the data folder is really full, out of inodes, or read-only.

A file system of its own (tmpfs) holds the data. A file fills it while events come in: the alarm must
have been raised before (80 %, 90 %), nothing is acknowledged that is not there, refusals are 429 or 503
and counted, and with room it goes on by itself. The same with inodes, which a new segment needs. A disk
that is read-only from one moment to the next ends the server with an error that says so; once it can be
written again a start goes on. COUNT is the number of rounds of all three, each full for some seconds.

    d2_room.py build/clang/app/hinomi"""

import os
import random
import sys
import time

import kit
from ledger import GROUP
from server import HERE

SIZE_MIB = 48
INODES = 200


class Disk:
    """A file system whose end is near."""

    def __init__(self, folder):
        self.path = folder + "/disk"
        os.mkdir(self.path)
        kit.tool("mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m,nr_inodes={INODES}", "tmpfs", self.path)

    def close(self):
        os.system(f"umount -l {self.path}")

    def ballast(self):
        return self.path + "/ballast"

    def fill(self, percent):
        """Bytes of the whole that are then taken."""
        info = os.statvfs(self.path)
        size = info.f_blocks * info.f_frsize
        used = size - info.f_bavail * info.f_frsize
        wanted = size * percent // 100
        with open(self.ballast(), "ab") as out:
            try:
                while used < wanted:
                    used += os.write(out.fileno(), bytes(min(1 << 20, wanted - used)))
                while percent == 100:
                    os.write(out.fileno(), bytes(4096))
            except OSError:
                pass  # the server takes room as well

    def empty(self):
        os.unlink(self.ballast())

    def take_inodes(self, percent):
        os.makedirs(self.path + "/many", exist_ok=True)
        info = os.statvfs(self.path)
        wanted = int(info.f_files * percent / 100) - (info.f_files - info.f_ffree)
        try:
            for number in range(wanted):
                with open(f"{self.path}/many/{time.monotonic_ns()}-{number}", "wb"):
                    pass
        except OSError:
            pass

    def give_inodes(self):
        for entry in os.scandir(self.path + "/many"):
            os.unlink(entry.path)


class Machine(kit.Run):
    def __init__(self, program):
        super().__init__(program)
        self.disk = Disk(self.server.folder)
        self.server.data = self.disk.path + "/data"
        self.server.configure(extra="retention: {alerts: 0}")
        self.full_seconds = []
        self.answers = set()

    def __exit__(self, *failure):
        self.hang_up()
        self.server.kill()
        self.disk.close()
        super().__exit__(*failure)

    def alarm(self):
        return self.server.metrics().get("hinomi_disk_alarm")

    def batch(self, timeout=20.0, pad=2000):
        return self.send(self.ledger.take(GROUP, "events"), pad=pad, timeout=timeout)

    def until_refused(self, seconds, pad):
        """Events until one batch is refused for as long as half a second."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            numbers = self.ledger.take(GROUP, "events")
            before = sum(self.ledger.refused.values())
            if not self.send(numbers, pad=pad, timeout=0.5):
                if sum(self.ledger.refused.values()) > before:
                    return numbers
                self.send(numbers, pad=pad)
        return None

    def full(self, what, seconds, pad, give_room):
        """From the first refusal until it goes on, with the same batch."""
        life = self.server.starts
        refused = self.until_refused(20, pad)
        self.must(refused is not None, f"{what}: nothing is refused")
        self.must(kit.wait_for(lambda: self.readyz()[0] == 503, 4), f"{what}: /readyz {self.readyz()}")
        kit.wait_for(lambda: "journal.full" in self.server.log_text(), 2)
        numbers = self.server.metrics()
        self.must(numbers["hinomi_journal_refused_total"] > 0 and numbers["hinomi_ready"] == 0,
                  f"{what}: not counted")
        self.must("journal.full" in self.server.log_text(), f"{what}: not in the log")
        body = self.body(refused or [], pad)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            answer = self.post(body, f"batch-{refused[0]}") if refused else None
            self.answers.add(answer[0] if answer else None)
            time.sleep(0.1)
        give_room()
        began = time.monotonic()
        self.must(refused is None or self.send(refused, pad=pad, timeout=30), f"{what}: refused for ever")
        self.must(kit.wait_for(lambda: self.readyz()[0] == 200, 20), f"{what}: /readyz stays 503")
        self.must(self.server.starts == life and self.server.process.poll() is None,
                  f"{what}: the server ended")
        self.full_seconds.append(time.monotonic() - began)

    def bytes_run_out(self, seconds):
        self.must(self.alarm() == 0, f"alarm {self.alarm()} on a disk that is nearly empty")
        for percent, level in ((83, 1), (93, 2)):
            self.disk.fill(percent)
            self.must(kit.wait_for(lambda level=level: self.alarm() == level, 4),
                      f"at {percent} % the alarm is {self.alarm()}")
            self.must(self.batch(), f"at {percent} % events are refused")
        self.must(self.server.log_text().count("disk.filling") >= 2, "the log has no disk.filling")
        self.disk.fill(100)
        self.full("disk full", seconds, 8000, self.disk.empty)
        self.must(kit.wait_for(lambda: self.alarm() == 0, 4), f"the alarm stays {self.alarm()}")

    def inodes_run_out(self, seconds):
        self.disk.take_inodes(95)
        self.must(kit.wait_for(lambda: self.alarm() == 2, 4), f"without inodes the alarm is {self.alarm()}")
        self.disk.take_inodes(100)
        self.full("out of inodes", seconds, 30000, self.disk.give_inodes)
        self.must(kit.wait_for(lambda: self.alarm() == 0, 4), f"with inodes the alarm stays {self.alarm()}")


def read_only(program, count, verdict):
    """The file system refuses every write (EROFS): an LD_PRELOAD does, as files are open for writing."""
    with kit.Run(program) as run:
        faults = kit.Faults(run.server.folder)
        run.server.start(**faults.spawn())
        for _ in range(count):
            run.must(run.send(run.ledger.take(GROUP, "events")), "not acknowledged before")
            faults.arm("write", 1, 30, run.server.data, lasting=True)
            numbers = run.ledger.take(GROUP, "events")
            run.must(not run.send(numbers, timeout=1), "read-only, and acknowledged")
            ended = kit.wait_for(lambda: run.server.process.poll() is not None, 15)
            run.must(ended and run.server.process.poll() > 0, "read-only, and no end with an error")
            run.must("journal.failed" in run.server.log_text(), "read-only, and the log says nothing")
            run.hang_up()
            run.server.kill()
            run.server.spawn(**faults.spawn())
            if run.server.ready(timeout=10):
                run.must(not run.send(run.ledger.take(GROUP, "events"), timeout=0.5),
                         "read-only at start, and acknowledged")
                run.hang_up()
            run.server.kill()
            faults.disarm()
            run.server.start(**faults.spawn())
            run.must(run.send(numbers), "not acknowledged after")
        run.finish()
        verdict.problems += run.verdict.problems
        verdict.figures["read-only"] = count


def run(program, count, seed):
    random.seed(seed)
    seconds = 1.0 if count == 1 else 60.0
    if os.geteuid() != 0:
        raise kit.Skip("a file system of its own needs root")
    with Machine(program) as machine:
        machine.server.start()
        machine.must(machine.batch(), "not acknowledged on an empty disk")
        for _ in range(count):
            machine.bytes_run_out(seconds)
            machine.inodes_run_out(seconds)
        machine.must(machine.answers <= {429, 503}, f"answers while full: {machine.answers}")
        machine.finish()
        machine.verdict.figures.update({
            "rounds": count, "answers while full": sorted(map(str, machine.answers)),
            "going on after room s": "/".join(f"{t:.1f}" for t in machine.full_seconds)})
        read_only(program, count, machine.verdict)
        return machine.verdict


if __name__ == "__main__":
    sys.path.insert(0, HERE)
    sys.exit(kit.main(run, 1, 10, __doc__))
