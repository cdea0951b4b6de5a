#!/usr/bin/env python3
"""bench_analyze.py - `hinomi analyze` beside olevba on the same documents, and on scripts.

    bench/bench_analyze.py BUILD SHARED WORK PART...

BUILD is the folder of the release build (targets hinomi, hinomi_samples), SHARED the one
with data/, WORK a folder for data that can be made again. Run it with the Python of an environment that
has oletools (`python3 -m venv /tmp/v && /tmp/v/bin/pip install oletools==0.60.2`). Parts, each of which
prints lines of JSON:

    folder   1,000 documents at once: hinomi with two threads, olevba's process_file() in a pool of two warm
             processes; they take turns. As a command it has one process, and ends at the first document
             that it cannot open
    each     time and memory of each of those documents and of all files in data/documents: from the end
             of the one before until the line of its report is there, in one thread, the least of all turns
    scripts  the same for 1,000 obfuscated PowerShell scripts
    start    a single small document, both as a command

Documents are those of data/documents that olevba opens, each several times with a few inert bytes of its
own behind what counts (a comment of the zip, a sector nothing uses, an XML comment, spaces), and
generated ones with macros (tools/samples). docs/performance.md has figures and their meaning.
"""
import io
import json
import logging
import multiprocessing
import os
import resource
import statistics
import struct
import subprocess
import sys
import time

COUNT = 1000
GENERATED = 200
SCRIPTS = 1000
TURNS = int(os.environ.get("BENCH_TURNS", "5"))
THREADS = 2
ENDINGS = {"doc", "docm", "docx", "dot", "dotm", "dotx", "potm", "potx", "pps", "ppsm", "ppsx", "ppt",
           "pptm", "pptx", "pot", "xla", "xlam", "xls", "xlsb", "xlsm", "xlsx", "xlt", "xltm", "xltx"}


def say(**what):
    print(json.dumps(what), flush=True)


# ---- What is measured with ----

def files_below(folder):
    return sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names)


def with_own_bytes(data, number):
    """The same document in other bytes; None where we know no place for them."""
    own = b"variation %08d" % number
    if data[:4] == b"PK\x03\x04":
        end = data.rfind(b"PK\x05\x06")
        if end < 0 or len(data) - end < 22:
            return None
        comment = data[end + 22:] + own
        return data[:end + 20] + struct.pack("<H", len(comment)) + comment
    if data[:4] == b"\xd0\xcf\x11\xe0":
        return data + own.ljust(512, b"\0")
    if data.lstrip(b"\xef\xbb\xbf \r\n")[:5] == b"<?xml":
        return data + b"\n<!-- " + own + b" -->\n"
    return None


def make_documents(bench, folder):
    os.makedirs(folder)
    made = os.path.join(bench.work, "generated")
    subprocess.run([bench.samples, "make", made, "1", "4000"], check=True)
    generated = [path for path in files_below(made) if path.split(".")[-1] in ENDINGS][:GENERATED]
    originals = [path for path in files_below(os.path.join(bench.shared, "data/documents"))
                 if path.split(".")[-1] in ENDINGS]
    number = 0
    for path in generated:
        os.rename(path, os.path.join(folder, f"{number:04}_{os.path.basename(path)}"))
        number += 1
    while number < COUNT:
        for path in originals:
            with open(path, "rb") as file:
                data = with_own_bytes(file.read(), number)
            if data is not None and number < COUNT:
                with open(os.path.join(folder, f"{number:04}_{os.path.basename(path)}"), "wb") as file:
                    file.write(data)
                number += 1


def make_scripts(bench, folder):
    os.makedirs(folder)
    made = os.path.join(bench.work, "generated-scripts")
    subprocess.run([bench.samples, "make", made, "100001", "25000"], check=True)
    for path in [path for path in files_below(made) if path.endswith(".ps1")][:SCRIPTS]:
        os.rename(path, os.path.join(folder, os.path.basename(path)))


def children_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Bench:
    def __init__(self, build, shared, work):
        self.hinomi = os.path.join(build, "app/hinomi")
        self.samples = os.path.join(build, "tools/samples/hinomi_samples")
        self.shared = shared
        self.work = work
        os.makedirs(work, exist_ok=True)

    def made(self, name, make):
        path = os.path.join(self.work, name)
        if not os.path.exists(path):
            make(self, path)
        return path

    def documents(self):
        return self.made("documents", make_documents)

    def analyze(self, paths, threads):
        """Time passed, and processor time of all its processes."""
        report = os.path.join(self.work, "report.jsonl")
        cpu = children_cpu()
        begin = time.monotonic()
        done = subprocess.run([self.hinomi, "analyze", "-q", "--no-cache", "-j", str(threads), "--json", report]
                              + paths, stdout=subprocess.DEVNULL, check=False)
        passed = time.monotonic() - begin
        if done.returncode != 0:
            sys.exit(f"hinomi analyze: exit code {done.returncode}")
        return passed, children_cpu() - cpu


# ---- olevba ----

def quiet():
    """What a process of the pool does first: its imports are not measured, what it prints is thrown away."""
    import oletools.olevba  # pylint: disable=import-outside-toplevel
    if not isinstance(sys.stdout, Nowhere):
        logging.disable(logging.CRITICAL)
        sys.stdout = Nowhere()
    return oletools.olevba


class Nowhere(io.StringIO):
    def write(self, text):
        return len(text)


def olevba(path):
    """What the command `olevba -j FILE` does with one file, common passwords included. Processor time."""
    module = quiet()
    begin = time.process_time()
    options = module.parse_args(["-j", path])
    try:
        module.process_file(path, None, None, options)
    except BaseException:  # pylint: disable=broad-except
        pass  # encrypted and damaged ones, at which the command stops: it has looked
    return time.process_time() - begin


def olevba_command(bench, path):
    """Seconds."""
    command = os.path.join(os.path.dirname(sys.executable), "olevba")
    begin = time.monotonic()
    with open(os.path.join(bench.work, "olevba.json"), "wb") as out:
        subprocess.run([command, "-j", path], stdout=out, stderr=subprocess.DEVNULL, check=False)
    return time.monotonic() - begin


# ---- Parts ----

def spread(values):
    return {"median": round(statistics.median(values), 2), "least": round(min(values), 2),
            "most": round(max(values), 2)}


def part_folder(bench):
    paths = files_below(bench.documents())
    ratios = {"time": [], "cpu": []}
    with multiprocessing.Pool(THREADS, quiet) as pool:
        pool.map(olevba, paths[:20])
        for turn in range(TURNS):
            ours, ours_cpu = bench.analyze(paths, THREADS)
            begin = time.monotonic()
            theirs_cpu = sum(pool.imap_unordered(olevba, paths, 8))
            theirs = time.monotonic() - begin
            ratios["time"].append(theirs / ours)
            ratios["cpu"].append(theirs_cpu / ours_cpu)
            say(part="folder", turn=turn, documents=len(paths), hinomi_s=round(ours, 2),
                hinomi_cpu_s=round(ours_cpu, 2), olevba_s=round(theirs, 2), olevba_cpu_s=round(theirs_cpu, 2),
                load=round(os.getloadavg()[0], 1))
    say(part="folder", olevba_over_hinomi={name: spread(values) for name, values in ratios.items()})


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def each(bench, paths):
    """Of each file: milliseconds until its line came, and what its worker had in memory."""
    process = subprocess.Popen([bench.hinomi, "analyze", "-q", "--no-cache", "-j1", "--json", "-", "--", paths[0]]
                               + paths, stdout=subprocess.PIPE)
    process.stdout.readline()  # by then the rules are loaded
    before = time.monotonic()
    found = []
    for path in paths:
        line = process.stdout.readline()
        now = time.monotonic()
        found.append(((now - before) * 1000, json.loads(line)["worker"]["memory_bytes"]))
        before = time.monotonic()
    if process.wait() != 0:
        sys.exit(f"hinomi analyze: exit code {process.returncode}")
    return found


def tell_each(bench, part, folder):
    """Least of the turns for each file, so that what else runs on the machine counts less."""
    paths = files_below(folder)
    turns = [each(bench, paths) for _ in range(TURNS)]
    times = [min(turn[i][0] for turn in turns) for i in range(len(paths))]
    memory = [max(turn[i][1] for turn in turns) / 1e6 for i in range(len(paths))]
    worst = sorted(range(len(paths)), key=lambda i: -times[i])[:8]
    say(part=part, folder=os.path.basename(folder), files=len(paths), p50_ms=round(percentile(times, 0.5), 2),
        p90_ms=round(percentile(times, 0.9), 2), p99_ms=round(percentile(times, 0.99), 2),
        most_ms=round(max(times), 2), p50_mb=round(percentile(memory, 0.5), 1),
        p99_mb=round(percentile(memory, 0.99), 1), most_mb=round(max(memory), 1), load=round(os.getloadavg()[0], 1),
        slowest={os.path.basename(paths[i]): round(times[i], 1) for i in worst})


def part_each(bench):
    tell_each(bench, "each", bench.documents())
    tell_each(bench, "each", os.path.join(bench.shared, "data/documents"))


def part_scripts(bench):
    tell_each(bench, "scripts", bench.made("scripts", make_scripts))


def part_start(bench):
    path = os.path.join(bench.shared, "data/documents/poi/test-data_document_SimpleMacro.doc")
    ours = [bench.analyze([path], 1)[0] for _ in range(TURNS)]
    theirs = [olevba_command(bench, path) for _ in range(TURNS)]
    say(part="start", hinomi_ms=round(min(ours) * 1000, 1), olevba_ms=round(min(theirs) * 1000, 1))


def main():
    parts = {name[5:]: part for name, part in globals().items() if name.startswith("part_")}
    if len(sys.argv) < 5 or any(name not in parts for name in sys.argv[4:]):
        print(__doc__, file=sys.stderr)
        return 2
    bench = Bench(*sys.argv[1:4])
    for name in sys.argv[4:]:
        parts[name](bench)
    return 0


if __name__ == "__main__":
    sys.exit(main())
