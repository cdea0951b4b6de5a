#!/usr/bin/env python3
"""hostile.py HINOMI CASE - what hostile rules, logs, archives, terminals and readers do to the
program: a clear error or a bounded cost, and nothing lost around it.

Each case says what it proves in its first line. Without CASE all are run.
"""

import gzip
import io
import json
import os
import pty
import re
import resource
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

MIB = 1 << 20
# A sanitizer's build holds freed memory back; as little of it as may be.
ENVIRONMENT = dict(os.environ, ASAN_OPTIONS="quarantine_size_mb=8", LANG="C.UTF-8", NO_COLOR="1")
MEMORY_MAX = 600 * MIB
SECONDS_MAX = 120

RULE = """title: good rule
id: 11111111-1111-4111-8111-111111111111
level: high
logsource: {product: windows, service: security}
detection: {s: {CommandLine|contains: evil}, condition: s}
"""


def event(command, **more):
    fields = {"Channel": "Security", "EventID": 4688, "Computer": "h1",
              "TimeCreated": "2024-03-01T10:00:00Z", "CommandLine": command}
    return json.dumps({**fields, **more}) + "\n"


class Result:
    def __init__(self, code, out, err, memory, seconds):
        self.code, self.out, self.err = code, out, err
        self.memory, self.seconds = memory, seconds

    def alerts(self):
        return [json.loads(line) for line in self.out.splitlines()]


class Place:
    """A folder for one case, with a rule in it."""

    def __init__(self, hinomi, folder):
        self.hinomi, self.folder = hinomi, folder
        self.write("rules/good.yml", RULE)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        return self.path(name)

    def command(self, *args):
        return [self.hinomi, "scan", "--no-cache", "-r", self.path("rules"), *args]

    def scan(self, *args, feed=None):
        """Runs to the end; feed is a generator of bytes for standard input."""
        start = time.monotonic()
        process = subprocess.Popen(self.command("-o", "jsonl", *args), env=ENVIRONMENT,
                                   stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
                                   stdout=open(self.path("out"), "wb"),
                                   stderr=open(self.path("err"), "wb"))
        timer = threading.Timer(SECONDS_MAX, process.kill)
        timer.start()
        try:
            for piece in feed or ():
                process.stdin.write(piece)
            if feed:
                process.stdin.close()
        except BrokenPipeError:
            pass
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        result = Result(os.waitstatus_to_exitcode(status), read(self.path("out")).decode(),
                        read(self.path("err")).decode(), usage.ru_maxrss * 1024,
                        time.monotonic() - start)
        if result.code < 0 or "Sanitizer" in result.err:
            fail(f"ended by signal {-result.code}", result.err[-3000:])
        expect(result.memory <= MEMORY_MAX, f"{result.memory // MIB} MiB of memory", result.err)
        return result


def read(path):
    with open(path, "rb") as file:
        return file.read()


def fail(*what):
    print(*what, sep="\n", file=sys.stderr)
    sys.exit(1)


def expect(holds, *what):
    if not holds:
        fail("FAILED:", *what)


# ---- Rules ----

def yaml_bomb(place):
    """Aliases that would become 10^12 nodes are refused; the other rules work."""
    levels = "".join(f"  l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]\n" for i in range(1, 12))
    place.write("rules/bomb.yml", "title: bomb\ndetection:\n  l0: &l0 [lol]\n" + levels +
                "  condition: l11\n")
    place.write("rules/deep.yml", "title: deep\ndetection: " + "[" * 200000)
    place.write("rules/parentheses.yml", "title: p\nlogsource: {product: windows}\ndetection:\n"
                "    s: {a: 1}\n    condition: " + "(" * 100000 + "s" + ")" * 100000 + "\n")
    place.write("rules/many.yml", "title: m\nlogsource: {product: windows}\ndetection:\n    s:\n"
                "        f: [" + ", ".join(f"v{i}" for i in range(400000)) + "]\n"
                "    condition: s\n")
    result = place.scan(place.write("a.json", event("evil")))
    expect(len(result.alerts()) == 1, result.out, result.err)
    lint = subprocess.run([place.hinomi, "rules", "lint", "--output", "jsonl",
                           place.path("rules")], env=ENVIRONMENT, capture_output=True, text=True,
                          timeout=SECONDS_MAX)
    for name in ("bomb.yml", "deep.yml", "parentheses.yml"):
        expect(name in lint.stdout + lint.stderr, f"{name} is refused in silence",
               lint.stdout[-2000:], lint.stderr[-2000:])


def evil_regex(place):
    """An expression that explodes stops at its limit, says so, and the other rules fire."""
    place.write("rules/evil.yml", "title: evil\nlogsource: {product: windows, service: security}\n"
                "detection: {s: {CommandLine|re: '^(a|aa)+(a|aa)+(a|aa)+$'}, condition: s}\n")
    lines = [event("evil " + "a" * 30), event("a" * 5000 + "b")] * 5
    result = place.scan(place.write("a.json", "".join(lines)))
    expect(len(result.alerts()) == 5, result.out, result.err)
    expect("regular expression" in result.err, "the limit is not told", result.err)
    expect("5 values given up by evil" in result.err, "the rule is not named", result.err)


# ---- Archives ----

def zipped(entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def archive_bombs(place):
    """Zips in zips, a gigabyte of zeros, and names that lead elsewhere: limits, and the rest read."""
    nested = zipped([("a.json", event("evil"))])
    for _ in range(30):
        nested = zipped([("next.zip", nested)])
    place.write("logs/nested.zip", nested)
    zeros = io.BytesIO()
    with gzip.GzipFile(fileobj=zeros, mode="wb", compresslevel=1) as file:
        for _ in range(1024):
            file.write(b"\0" * MIB)
    place.write("logs/zeros.gz", zeros.getvalue())
    place.write("logs/zeros2.gz", gzip.compress(zeros.getvalue()))
    wide = zipped([("z", b"\0" * (20 * MIB))] + [(f"c{i}", b"\0" * 1000) for i in range(20000)])
    place.write("logs/wide.zip", wide)
    place.write("logs/path.zip", zipped([("../../../etc/x", event("evil")), ("/abs", "x\n")]))
    place.write("logs/good.json", event("evil"))
    result = place.scan(place.path("logs"))
    names = [alert["input"]["file"] for alert in result.alerts()]
    expect(any(name.endswith("good.json") for name in names), names, result.err)
    expect(any("path.zip" in name for name in names), names, result.err)
    expect("zeros" in result.err, "no word about the bomb", result.err)
    expect(result.code == 5, f"exit code {result.code}", result.err)


# ---- Logs ----

def long_line(place):
    """A line of one gigabyte through standard input: bounded memory, told, the next line is read."""
    def feed():
        yield b'{"Channel":"Security","CommandLine":"'
        for _ in range(1024):
            yield b"x" * MIB
        yield b'"}\n' + event("evil").encode()

    result = place.scan("-", feed=feed())
    expect(len(result.alerts()) == 1, result.out, result.err)
    expect("too long" in result.err.lower() or "longer" in result.err.lower(), result.err)
    expect(result.code == 5, f"exit code {result.code}")


def json_depth(place):
    """100,000 levels of JSON: told, and the lines around are read."""
    lines = [event("evil one")]
    for opener in ("[", '{"a":', '[{"a":'):
        lines.append(opener * 100000 + "\n")
        lines.append('{"x":' + opener * 100000 + "\n")
    lines.append(event("evil two"))
    result = place.scan(place.write("a.json", "".join(lines)))
    expect(len(result.alerts()) == 2, result.out, result.err)
    expect(result.code == 5, f"exit code {result.code}")


def odd_bytes(place):
    """NUL, invalid UTF-8, lone surrogates, other encodings: one event each, alerts stay JSON."""
    content = b"".join([
        event("evil \\ud800").encode().replace(b"\\\\ud800", b"\\ud800"),
        event("evil X").encode().replace(b"X", b"\xff\xfe\xc3"),
        event("evil Y").encode().replace(b"Y", b"\\u0000"),
        b'{"raw":"\0 evil"}\n', b"\0" * 5000 + b"\n", b"\xff" * 5000 + b"\n",
        event("evil last").encode()])
    place.write("logs/a.json", content)
    place.write("logs/utf16.json", "\ufeff".encode("utf-16-le") +
                (event("evil wide") * 3).encode("utf-16-le"))
    result = place.scan(place.path("logs"))
    files = [alert["input"]["file"] for alert in result.alerts()]
    expect(sum(name.endswith("a.json") for name in files) == 4, files, result.err)
    expect(sum(name.endswith("utf16.json") for name in files) == 3, files, result.err)


ESCAPES = ["\x1b[31mred", "\x1b]0;title\x07", "\x1b[2J", "\x9b31m", "\u202egnp.exe", "a\rb", "\x08",
           "\x7f", "\x1b[6n", "\x1bP1$r\x1b\\"]


def on_a_terminal(command):
    """What a run prints to a terminal of 120 columns, both streams."""
    parent, child = pty.openpty()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=child, stderr=child,
                               env=dict(ENVIRONMENT, TERM="xterm", COLUMNS="120"))
    os.close(child)
    out = b""
    end = time.monotonic() + SECONDS_MAX
    while time.monotonic() < end:
        if not select.select([parent], [], [], 1)[0]:
            continue
        try:
            piece = os.read(parent, 65536)
        except OSError:
            break
        if not piece:
            break
        out += piece
    process.wait()
    os.close(parent)
    return out.decode(errors="surrogateescape")


def terminal(place):
    """No control character of a log, a file name or a rule reaches the terminal."""
    lines = [event("evil " + text, Computer="host" + text, SubjectUserName=text)
             for text in ESCAPES]
    place.write("logs/a.json", "".join(lines) + "{broken \x1b[31m\n")
    place.write("logs/\x1b[31mname\x07.json", event("evil"))
    place.write("logs/\x1b]0;x\x07.bin", bytes(range(256)))
    place.write("rules/named.yml", RULE.replace("good rule", '"title \\e[31m \\u202e"')
                .replace("1111-4111", "1111-4112"))
    for more in ([], ["--explain"], ["-o", "jsonl"], ["-o", "csv"], ["--lang", "ja"]):
        text = on_a_terminal(place.command("--color", "no", *more, place.path("logs")))
        # Our own: line ends, and what draws the progress bar over itself.
        rest = re.sub(r"\r\n|\r|\n|\x1b\[[0-9]*[KG]", "", text)
        bad = re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\udc80-\udcff]", rest)
        expect(bad is None, f"{more}: {bad!r} in", repr(text[-3000:]))
        expect("evil" in text or "title" in text, f"{more}: nothing shown", repr(text[-2000:]))


def damaged(place):
    """Random damage in every kind of file costs no more than what it hits."""
    place.write("logs/a.evtx", b"ElfFile\0" + bytes(4088) + b"ElfChnk\0" + bytes(65528))
    place.write("logs/b.evtx", b"ElfFile\0")
    place.write("logs/c.zip", zipped([("a.json", event("evil") * 100)])[:-30])
    place.write("logs/d.gz", gzip.compress(event("evil").encode() * 1000)[:-20])
    place.write("logs/e.json", event("evil")[:-20])
    place.write("logs/f.xml", "<Events><Event><System><EventID>1</EventID>")
    place.write("logs/g.json", event("evil"))
    place.write("logs/empty.json", "")
    result = place.scan(place.path("logs"))
    files = [alert["input"]["file"] for alert in result.alerts()]
    expect(any(name.endswith("g.json") for name in files), files, result.err)
    expect(result.code == 5, f"exit code {result.code}", result.err)


def unreadable(place):
    """What is absent, or fails to be read, is told; the exit code is 5, and the rest is scanned."""
    good = place.write("good.json", event("evil"))
    result = place.scan("/proc/self/mem", place.path("absent.json"), good)
    expect(len(result.alerts()) == 1, result.out, result.err)
    expect("absent.json" in result.err and "/proc/self/mem" in result.err, result.err)
    expect(result.code == 5, f"exit code {result.code}", result.err)


# ---- Readers and endings ----

def many(count):
    return (event("evil " + "x" * 200) * count)


def full_disk(place):
    """Output that cannot be written ends the scan with 4 and a word, on stdout as with --out."""
    log = place.write("a.json", many(20000))
    result = place.scan("--out", "/dev/full", log)
    expect(result.code == 4, f"exit code {result.code}", result.err)
    with open("/dev/full", "wb") as full:
        run = subprocess.run(place.command("-o", "jsonl", log), env=ENVIRONMENT, stdout=full,
                             stderr=subprocess.PIPE, text=True, timeout=SECONDS_MAX)
    expect(run.returncode == 4 and run.stderr, f"exit code {run.returncode}", run.stderr)
    result = place.scan("--out", place.path("absent/x"), log)
    expect(result.code == 4, f"exit code {result.code}", result.err)


def broken_pipe(place):
    """A reader that goes away (| head -1) ends the scan soon and quietly."""
    log = place.write("a.json", many(100000))
    process = subprocess.Popen(place.command("-o", "jsonl", log), env=ENVIRONMENT,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    first = process.stdout.readline()
    process.stdout.close()
    start = time.monotonic()
    err = process.stderr.read().decode()
    process.wait()
    json.loads(first)
    expect(time.monotonic() - start < 60, "the scan went on")
    expect(process.returncode in (-signal.SIGPIPE, 4), f"exit code {process.returncode}", err)
    expect("Sanitizer" not in err, err)


def slow_reader(place):
    """A reader that sleeps gets every line in the end; what waits for it is bounded."""
    log = place.write("a.json", many(50000))
    process = subprocess.Popen(place.command("-o", "jsonl", "-q", "-j", "4", log), env=ENVIRONMENT,
                               stdout=subprocess.PIPE)
    time.sleep(3)
    lines = sum(1 for _ in process.stdout)
    _, status, usage = os.wait4(process.pid, 0)
    expect(status == 0 and lines == 50000, f"status {status}, {lines} lines")
    expect(usage.ru_maxrss * 1024 <= MEMORY_MAX, f"{usage.ru_maxrss >> 10} MiB of memory")


def killed(place):
    """kill -9 in the middle leaves whole lines in the file of --out."""
    # Lines are written whole, many in one call. The kernel itself may stop a call at the end of a
    # page when the process is killed within it: then the very last line may be cut, there.
    log = place.write("a.json", many(60000))
    written = cut = 0
    for number in range(12):
        out = place.path("alerts.jsonl")
        if os.path.exists(out):
            os.unlink(out)
        process = subprocess.Popen(place.command("-o", "jsonl", "-q", "--out", out, log),
                                   env=ENVIRONMENT)
        while not os.path.exists(out) or os.path.getsize(out) == 0:
            if process.poll() is not None:
                break
            time.sleep(0.001)
        time.sleep(0.01 * number)
        process.kill()
        process.wait()
        content = read(out)
        written += process.returncode == -signal.SIGKILL and 0 < len(content)
        if content and not content.endswith(b"\n"):
            cut += 1
            expect(len(content) % resource.getpagesize() == 0, f"a line is cut off at {len(content)}")
            content = content[:content.rfind(b"\n") + 1]
        for line in content.splitlines():
            json.loads(line)
    expect(written > 0, "no run was killed while it wrote")
    expect(cut <= written // 2, f"{cut} of {written} runs ended in half a line")


def interrupted(place):
    """Ctrl-C ends a scan of endless input: whole lines, summary, exit code 5."""
    process = subprocess.Popen(place.command("-o", "jsonl", "-"), env=ENVIRONMENT,
                               stdin=subprocess.PIPE, stdout=open(place.path("out"), "wb"),
                               stderr=subprocess.PIPE)
    line = event("evil").encode() * 100
    for _ in range(200):
        process.stdin.write(line)
    process.stdin.flush()
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    try:
        for _ in range(1000):
            process.stdin.write(line)
            process.stdin.flush()
            time.sleep(0.01)
    except BrokenPipeError:
        pass
    err = process.stderr.read().decode()
    process.wait()
    expect(process.returncode == 5, f"exit code {process.returncode}", err)
    for line in read(place.path("out")).splitlines():
        json.loads(line)


CASES = [yaml_bomb, evil_regex, archive_bombs, long_line, json_depth, odd_bytes, terminal, damaged,
         unreadable, full_disk, broken_pipe, slow_reader, killed, interrupted]


def main():
    hinomi = os.path.abspath(sys.argv[1])
    wanted = sys.argv[2:]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for case in CASES:
        if wanted and case.__name__ not in wanted:
            continue
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="hinomi-e2e-") as folder:
            case(Place(hinomi, folder))
        print(f"{case.__name__}: {case.__doc__.splitlines()[0]} ({time.monotonic() - start:.1f} s)")


if __name__ == "__main__":
    main()
