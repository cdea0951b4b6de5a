"""D3: flipped bits and cut ends in every kind of file of the data folder. Damage is found, what is lost is
told exactly, the rest is there, and the server starts or says precisely why it does not."""

import concurrent.futures
import os
import re
import shutil
import struct
import subprocess
import time
from random import Random

import doors
import ledger
from ledger import NUMBER, Verdict
from scene import Scene
from server import NotReady, Server

FRAME = struct.Struct("<2sHIQQII")
HEADER_BYTES = 64
CHUNK_MAX = (256 << 10) + (128 << 10)  # of a packed segment: a chunk and the record that ends it


# ---- The sound folder ----


class Base:
    """A server that was killed after all was judged: packed, sealed and active segments, snapshots,
    saved state of the doors, a set, a database with its log."""

    def __init__(self, scene):
        self.scene, self.server = scene, scene.server
        self.frames = {}  # offset -> (next, numbers)
        server = self.server
        server.configure(compress="false")
        server.start()
        self.fill(2 << 20)
        server.finish()
        self.read_frames()
        server.configure()
        server.start()
        self.wait_for(".zst")
        server.finish()
        server.configure(compress="false")
        server.start()
        self.fill(int(2.5 * (1 << 20)))
        server.settle(timeout=120)
        time.sleep(3.5)
        server.kill()
        self.read_frames()
        self.held = ledger.Held(server.program, server.data)

    def fill(self, size):
        start = self.server.metric("hinomi_journal_bytes_total")
        load = self.scene.load((doors.Events, doors.Bulk, doors.Hec, doors.Files), rate=30, pad=1500)
        while self.server.metric("hinomi_journal_bytes_total") - start < size:
            time.sleep(0.05)
        load.end()

    def wait_for(self, ending):
        deadline = time.monotonic() + 30
        while not self.files("journal", ending):
            if time.monotonic() > deadline:
                raise AssertionError(f"no file with {ending}")
            time.sleep(0.1)

    def files(self, folder, ending):
        path = f"{self.server.data}/{folder}"
        return sorted(f"{folder}/{n}" for n in os.listdir(path) if n.endswith(ending))

    def read_frames(self):
        for name in self.files("journal", ".hnj"):
            with open(f"{self.server.data}/{name}", "rb") as source:
                content = source.read()
            at = HEADER_BYTES
            while content[at:at + 2] == b"\xf5\x4a":
                _, _, size, offset, *_ = FRAME.unpack_from(content, at)
                body = content[at + FRAME.size:at + FRAME.size + size].decode("utf-8", "replace")
                numbers = {int(n) for n in NUMBER.findall(body)}
                self.frames[offset] = (offset + FRAME.size + size, numbers)
                at += FRAME.size + size

    def used(self, name):
        """Bytes of a file that mean something: a segment being written has room behind them."""
        size = os.path.getsize(f"{self.server.data}/{name}")
        if not name.endswith(".hnj"):
            return size
        first = int(os.path.basename(name)[:16], 16)
        return min(size, HEADER_BYTES + max(end for end, _ in self.frames.values()) - first)


# ---- Damage ----


def flip(path, at, random):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << random.randrange(8)]))


def cut(path, at, _):
    os.truncate(path, at)


class Copy:
    """The folder once more, with one thing damaged."""

    def __init__(self, base, program):
        self.base = base
        self.server = Server(program)
        shutil.copytree(base.server.data, self.server.data)
        shutil.copytree(base.server.logs, self.server.logs, dirs_exist_ok=True)
        self.server.fed = True

    def path(self, name):
        return f"{self.server.data}/{name}"

    def told(self):
        """Ranges that `journal check` calls lost."""
        out = subprocess.run([self.server.program, "journal", "check", self.path("journal"), "--lang",
                              "en"], capture_output=True, text=True)
        ranges = [(int(a), int(b)) for a, b in re.findall(r"offsets (\d+) to (\d+) \(", out.stdout)]
        if (out.returncode == 0) != (not ranges):
            raise AssertionError(f"journal check ended with {out.returncode}: {out.stdout}")
        return ranges

    def exported(self):
        out = subprocess.run([self.server.program, "journal", "export", self.path("journal")],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return {int(n) for n in NUMBER.findall(out.stdout.decode("utf-8", "replace"))}

    def database_check(self):
        """What `hinomi db check` says of this server's database, and its status."""
        out = subprocess.run([self.server.program, "db", "check", "--db", self.path("hinomi.db")],
                             capture_output=True, text=True)
        return out.returncode, out.stdout + out.stderr

    def remove(self):
        self.server.remove()


# ---- What must come of it ----


class Case:
    """One damaged copy and what is wrong with how the server took it."""

    def __init__(self, base, program, what, random):
        self.base, self.copy, self.what, self.random = base, Copy(base, program), what, random
        self.problems = []

    def must(self, truth, complaint):
        if not truth:
            self.problems.append(f"{self.what}: {complaint}")

    def lost_is_told(self, most):
        """Exactly the records in the ranges told are missing; not more than `most` bytes are."""
        told = self.copy.told()
        self.must(told, "journal check finds nothing")
        wanted, size = set(), 0
        for start, end in told:
            size += end - start
            for offset, (behind, numbers) in self.base.frames.items():
                if offset < end and behind > start:
                    wanted |= numbers
                    self.must(start <= offset and behind <= end, f"a range cuts record {offset}")
        here, all_numbers = self.copy.exported(), set(self.base.held.journal)
        self.must(here == all_numbers - wanted,
                  f"{len(all_numbers) - len(here)} events are lost, {len(wanted)} are told")
        self.must(size <= most, f"{size} bytes are lost by so little")
        return told

    def runs(self):
        """It starts, goes on judging, and still has every alert."""
        server = self.copy.server
        server.spawn()
        if not server.ready():
            self.must(False, "it does not start: " + server.log_tail(2))
            return
        server.fed = False
        server.add_tokens()
        numbers = self.base.scene.ledger.next + 30 * ledger.GROUP
        own = ledger.Ledger()
        own.next = numbers - numbers % ledger.GROUP
        load = doors.Load(server, own, (doors.Events, doors.Files), rate=20)
        time.sleep(0.3)
        load.end()
        server.finish()
        held = ledger.Held(server.program, server.data)
        self.problems += [f"{self.what}: {problem}" for problem in
                          ledger.judge(own, held, since=min(own.sent)).problems]
        before = {n: c for n, c in self.base.held.rows.items()}
        after = {n: c for n, c in held.rows.items() if n in before}
        self.must(after == before, f"of {len(before)} alerts {len(after)} are left")
        groups = {g: c for g, c in held.groups.items() if g in self.base.held.groups}
        self.must(groups == self.base.held.groups, "alerts of correlations are lost or doubled")

    def says(self, text):
        self.must(re.search(text, self.copy.server.log_text()), f"the log does not say {text!r}")

    def runs_or_says_why(self):
        """For the database: nothing that is wrong may pass for right."""
        server = self.copy.server
        code, said = self.copy.database_check()
        server.spawn()
        try:
            ready = server.ready(15)
        except NotReady:
            server.kill()
            self.must("hinomi.db" in server.log_tail(3) or "database" in server.log_tail(3),
                      "it does not say why it is not ready")
            self.must(code != 0, "db check finds nothing, but nothing can be stored: " + said[-200:])
            return "was not ready, and said why"
        if ready:
            server.kill()
            if code == 0:  # the bit was of no meaning, or within a value: SQLite has no checksums
                return "not seen"
            return "found by the check"
        self.must(server.process.returncode > 0, f"it ended with {server.process.returncode}")
        self.must(re.search(r"hinomi\.db.*|database", server.log_tail(3)), "it does not say why")
        self.must(code != 0, "db check finds nothing, but the server does not start: " + said[-200:])
        return "did not start, and said why"


# ---- The cases ----


def segments(base):
    packed, plain = base.files("journal", ".zst"), base.files("journal", ".hnj")
    return packed, plain[:-1], plain[-1]


def journal_cases(base, random):
    """(what, file, how, most bytes lost)"""
    packed, sealed, active = segments(base)
    record = max(behind - offset for offset, (behind, _) in base.frames.items())
    whole = 1 << 21
    for name, kind, cost in ((random.choice(packed), "packed segment", CHUNK_MAX + record),
                             (random.choice(sealed), "sealed segment", 2 * record),
                             (active, "segment being written", 2 * record)):
        yield f"a bit of a {kind}", name, flip, cost
        yield f"the end of a {kind}", name, cut, whole


def journal_case(base, program, random, what, name, how, most):
    case = Case(base, program, what, random)
    try:
        low = 150 if name.endswith(".zst") else HEADER_BYTES
        at = random.randrange(low, base.used(name) - 1)
        how(case.copy.path(name), at, random)
        case.what += f" ({os.path.basename(name)} at {at})"
        told = case.lost_is_told(most)
        case.runs()
        if name == segments(base)[2] and how is cut:
            case.says(f"journal.damage.*from={told[0][0]} to={told[0][1]}")
        return case.problems
    finally:
        case.copy.remove()


def missing_case(base, program, random):
    case = Case(base, program, "a segment that is gone", random)
    try:
        packed, sealed, _ = segments(base)
        name = random.choice(packed[1:] + sealed)
        os.unlink(case.copy.path(name))
        case.lost_is_told(1 << 21)
        case.runs()
        return case.problems
    finally:
        case.copy.remove()


def other_cases(base):
    """Files from which nothing may be lost, and what the log has to say of it."""
    snapshots, sets = base.files("state", ".hns"), base.files("sets", ".set")
    yield "the newest snapshot", snapshots[-1:], "engine.snapshot"
    yield "every snapshot", snapshots, "engine.snapshot"
    yield "the doors' state", ["intake/now.hni"], "intake.state"
    yield "both states of the doors", ["intake/now.hni", "intake/before.hni"], "intake.state"
    yield "a set of rules", sets, "checksum|cut off|set.switched"
    yield "the journal's note", ["journal/lock"], ""


def other_case(base, program, random, what, names, how, says):
    case = Case(base, program, f"{what}, {how.__name__}", random)
    try:
        for name in names:
            how(case.copy.path(name), random.randrange(base.used(name)), random)
        case.must(not case.copy.told(), "journal check complains of another file")
        case.runs()
        case.says(says)
        return case.problems
    finally:
        case.copy.remove()


def database_case(base, program, random, name, how, found):
    case = Case(base, program, f"{name}, {how.__name__}", random)
    try:
        how(case.copy.path(name), random.randrange(base.used(name)), random)
        found.append(case.runs_or_says_why())
        return case.problems
    finally:
        case.copy.remove()


def database_gone_case(base, program, random):
    """The journal has all of it: every alert is found again, once."""
    case = Case(base, program, "the database is gone", random)
    try:
        for name in ("hinomi.db", "hinomi.db-wal", "hinomi.db-shm"):
            os.unlink(case.copy.path(name))
        case.runs()
        return case.problems
    finally:
        case.copy.remove()


def cases(base, program, random, found):
    """Each with random numbers of its own: they run side by side, and a seed must mean the same."""
    def own():
        return Random(random.random())

    for what, name, how, most in journal_cases(base, random):
        yield journal_case, (base, program, own(), what, name, how, most)
    yield missing_case, (base, program, own())
    for what, names, says in other_cases(base):
        for how in (flip, cut):
            yield other_case, (base, program, own(), what, names, how, says)
    for how in (flip, flip, cut):
        for name in ("hinomi.db", "hinomi.db-wal"):
            yield database_case, (base, program, own(), name, how, found)
    yield database_gone_case, (base, program, own())


def test_D3(program, count, random, options):
    verdict, found, done = Verdict(), [], 0
    with Scene(program, options) as scene:
        base = Base(scene)
        wrong = ledger.judge(scene.ledger, base.held, since=1)  # it was killed, so ticks may be left
        verdict.problems += [f"before any damage: {problem}" for problem in wrong.problems]
        jobs = [job for _ in range(count) for job in cases(base, program, random, found)]
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            for problems in pool.map(lambda job: job[0](*job[1]), jobs):
                verdict.problems += problems
                done += 1
        verdict.figures.update({"damaged folders": done, "alerts before": len(base.held.rows)})
        for outcome in sorted(set(found)):
            verdict.figures[f"database: {outcome}"] = found.count(outcome)
        scene.failed = bool(verdict.problems)
    return verdict
