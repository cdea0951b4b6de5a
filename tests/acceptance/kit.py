"""What the tests of faults and load share: their command line, faults that are armed from outside,
and a server with its ledger."""

import argparse
import http.client
import json
import mmap
import os
import struct
import subprocess
import sys
import time

import ledger as ledgers
from server import HERE, TOKEN, Server, sanitizer_of

SKIPPED = 77
SHARED = os.environ.get("HN_SHARED", os.path.normpath(HERE + "/../../../shared"))
AWAY = (OSError, http.client.HTTPException)


class Skip(Exception):
    """The machine lacks something; the text says what."""


def main(run, short, full, text, planted=None):
    """The program of a test module; run(program, count, seed) gives a ledger.Verdict."""
    parser = argparse.ArgumentParser(description=text.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--count", type=int)
    parser.add_argument("--full", action="store_true", help="the counts of ./dev soak")
    parser.add_argument("--seed", type=int, help="default: a new one, printed")
    parser.add_argument("--library", help="libhn_faults.so")
    parser.add_argument("--planted", action="store_true", help="with a mistake: it must fail")
    options = parser.parse_args()
    name = os.path.basename(sys.argv[0]).removesuffix(".py")
    seed = options.seed if options.seed is not None else int.from_bytes(os.urandom(4), "little")
    if options.library:
        os.environ["HN_FAULTS_LIBRARY"] = os.path.abspath(options.library)
    count = options.count or (full if options.full else short)
    print(f"{name}: seed {seed}, count {count}", flush=True)
    began = time.monotonic()
    try:
        if options.planted:
            return 0 if planted(os.path.abspath(options.program)) else 1
        verdict = run(os.path.abspath(options.program), count, seed)
    except Skip as reason:
        print(f"{name}: SKIPPED: {reason}", flush=True)
        return SKIPPED
    figures = ", ".join(f"{what} {value}" for what, value in verdict.figures.items())
    state = "FAILED" if verdict.problems else "ok"
    print(f"{name}: {state} in {time.monotonic() - began:.0f} s: {figures}", flush=True)
    for problem in verdict.problems:
        print(f"{name}: {problem}", flush=True)
    return 1 if verdict.problems else 0


# ---- Faults ----

CALLS = ("write", "sync", "open", "rename", "truncate", "reserve")
SHORT, LIE = -1, -2


def library():
    path = os.environ.get("HN_FAULTS_LIBRARY", "")
    if not os.path.exists(path):
        raise Skip("--library does not name libhn_faults.so")
    return path


class Faults:
    """struct fault_control of tests/support/faults/faults.h, in memory that the server shares."""

    LAYOUT = struct.Struct("=IIiII108s")

    def __init__(self, folder):
        self.path = folder + "/faults"
        with open(self.path, "wb") as out:
            out.write(bytes(self.LAYOUT.size))
        with open(self.path, "r+b") as file:
            self.page = mmap.mmap(file.fileno(), self.LAYOUT.size)

    def spawn(self):
        """For Server.spawn() and start()."""
        return {"env": {"HN_FAULTS_CONTROL": self.path}, "preload": (library(),)}

    def arm(self, call, n, error, path, lasting=False):
        self.page[4:8] = bytes(4)
        values = self.LAYOUT.pack(CALLS.index(call), 0, error, lasting, 0, path.encode())
        self.page[8:] = values[8:]
        self.page[:4] = values[:4]
        self.page[4:8] = struct.pack("=I", n)

    def disarm(self):
        self.page[4:8] = bytes(4)

    @property
    def hits(self):
        return struct.unpack("=I", self.page[16:20])[0]


# ---- A server with its ledger ----


class Run:
    """The folder goes at the end; when the run fails the end of the server's log is shown."""

    def __init__(self, program, **settings):
        self.server = Server(program, **settings)
        self.ledger = ledgers.Ledger()
        self.verdict = ledgers.Verdict()
        self.connection = None

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.hang_up()
        self.server.kill()
        if kind is not None:
            print(self.server.log_tail(20), file=sys.stderr)
        if (kind is not None or self.verdict.problems) and os.environ.get("HN_KEEP"):
            print(f"kept: {self.server.folder}", file=sys.stderr)
        else:
            self.server.remove()

    def must(self, truth, what):
        self.verdict.must(truth, what)

    def hang_up(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def body(self, numbers, pad=0):
        lines = []
        for number in numbers:
            event = ledgers.windows_event(number)
            if pad:
                event["Padding"] = "x" * pad
            lines.append(json.dumps(event))
        return "\n".join(lines)

    def post(self, body, key=None, source="quiet", path="/v1/events", timeout=20, **headers):
        """Status and body, or None when there was no whole answer."""
        names = {"Authorization": "Bearer " + TOKEN}
        names.update({name.replace("_", "-"): value for name, value in headers.items()})
        if key:
            names["Idempotency-Key"] = key
        try:
            if self.connection is None:
                self.connection = self.server.connect(timeout)
            self.connection.request("POST", f"{path}?source={source}", body, names)
            answer = self.connection.getresponse()
            return answer.status, answer.read()
        except AWAY:
            self.hang_up()
            return None

    def send(self, numbers, pad=0, timeout=20.0, while_away=None):
        """One batch, again and again until it is acknowledged. False: it was not. The answers that
        were no acknowledgement are in the ledger."""
        body = self.body(numbers, pad)
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            answer = self.post(body, f"batch-{numbers[0]}")
            if answer and answer[0] == 200:
                self.ledger.ack(numbers)
                return True
            self.ledger.refuse("events", answer[0] if answer else "no answer")
            if answer is None and while_away:
                while_away()
            time.sleep(0.02)
        return False

    def readyz(self):
        """Status and text; 0 when nobody answers."""
        try:
            status, text = self.server.ask("GET", "/readyz", timeout=5)
            return status, text.decode().strip()
        except AWAY:
            return 0, ""

    def finish(self, **how):
        """Lets the server come to rest and end, and compares; problems found before stay."""
        self.server.settle(timeout=120)
        self.server.finish()
        held = ledgers.Held(self.server.program, self.server.data)
        verdict = ledgers.judge(self.ledger, held, **how)
        verdict.problems[:0] = self.verdict.problems
        verdict.figures.update(self.verdict.figures)
        if not self.ledger.acked:
            verdict.problems.append("nothing was acknowledged: the test says nothing")
        self.verdict = verdict
        return held


def wait_for(what, seconds, pause=0.02):
    """True as soon as what() is; False when the time is over."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def slack():
    """How much longer things may take: others may be at work on this machine. 1 when nobody is; the
    figures that are printed are those measured."""
    return min(8.0, max(1.0, os.getloadavg()[0] / os.cpu_count()))


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


def resident(pid):
    """Bytes of memory, and the most it ever had."""
    with open(f"/proc/{pid}/status", encoding="ascii") as text:
        rows = dict(line.split(":", 1) for line in text)
    return int(rows["VmRSS"].split()[0]) * 1024, int(rows["VmHWM"].split()[0]) * 1024


def ceiling(run, most):
    """Bytes that a server may hold; AddressSanitizer keeps what was freed, and marks around it."""
    return most * 4 if sanitizer_of(run.server.program) else most


def tool(*command):
    """A command of the system that must work; else the test is skipped."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Skip(f"{command[0]}: {error}") from error
    if done.returncode != 0:
        raise Skip(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout
