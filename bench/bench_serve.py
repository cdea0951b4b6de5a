#!/usr/bin/env python3
"""bench_serve.py - what `hinomi serve` takes, beside `hinomi scan` on the same events.

    bench/bench_serve.py BUILD SHARED WORK PART...

BUILD is the folder of the release build, SHARED the one with data/, WORK a folder of some GB for data
that can be made again. Parts: ratio, load, sources, rules, indicators, batches, mappings. Each prints
one line of JSON per measurement. Standard library only; docs/performance.md has figures and their meaning.

Events are those of OTRF's Windows data sets, in an order of chance. Everything runs on this machine,
the client of bench_load and the questions of its probes included.
"""
import json
import os
import random
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
import zipfile

SECONDS = float(os.environ.get("BENCH_SECONDS", "15"))
TURNS = int(os.environ.get("BENCH_TURNS", "3"))
STAMP = b'"@timestamp":"'
READY_SECONDS = 120
MILLION = 1000000


def say(**what):
    print(json.dumps(what), flush=True)


# ---- What is measured with ----

def make_events(shared, path):
    lines = []
    for folder, _, names in sorted(os.walk(os.path.join(shared, "data/otrf/datasets"))):
        for name in sorted(names):
            if name.endswith(".zip") and "/linux" not in folder:
                with zipfile.ZipFile(os.path.join(folder, name)) as archive:
                    for entry in archive.namelist():
                        lines += archive.read(entry).split(b"\n")
    lines = [line for line in lines if STAMP in line]
    random.Random(1).shuffle(lines)
    with open(path, "wb") as file:
        file.writelines(line + b"\n" for line in lines)


def make_indicators(path, count):
    """Names, addresses, hashes and URLs that nobody visits."""
    chance = random.Random(2)
    with open(path, "w", encoding="ascii") as file:
        for i in range(count):
            bits = chance.getrandbits(256)
            kind = i % 10
            if kind < 4:
                file.write(f"x{bits & 0xffffffffff:x}.bad{i % 997}.example\n")
            elif kind < 6:
                file.write(f"{1 + bits % 9}.{bits >> 8 & 255}.{bits >> 16 & 255}.{bits >> 24 & 255}\n")
            elif kind < 9:
                file.write(f"{bits:064x}\n")
            else:
                file.write(f"http://h{bits & 0xffff:x}.bad{i % 997}.example/{bits >> 16 & 0xffffffff:x}\n")


def make_rules(shared, path, count):
    """The first so many rule files in an order of chance, and the one that probes need."""
    found = []
    for top in ("rules", "rules-emerging-threats", "rules-threat-hunting"):
        for folder, _, names in os.walk(os.path.join(shared, "data/sigma", top)):
            found += [os.path.join(folder, name) for name in names if name.endswith(".yml")]
    found.sort()
    random.Random(3).shuffle(found)
    os.makedirs(path)
    for i, name in enumerate(found[:count]):
        shutil.copy(name, os.path.join(path, f"{i}.yml"))
    with open(os.path.join(path, "probe.yml"), "w", encoding="ascii") as file:
        file.write("title: probe\nid: 7f1f0a52-52e9-4a24-9f6a-0d3f1f8cf001\nlevel: low\n"
                   "logsource: {product: windows, category: process_creation}\n"
                   "detection: {s: {Computer|startswith: PROBE}, condition: s}\n")


class Bench:
    def __init__(self, build, shared, work):
        self.hinomi = os.path.join(build, "app/hinomi")
        self.load = os.path.join(build, "bench/bench_load")
        self.shared = shared
        self.work = work
        os.makedirs(work, exist_ok=True)
        self.events = self.made("events.jsonl", lambda path: make_events(shared, path))
        self.empty = self.made("empty.jsonl", lambda path: open(path, "wb").close())

    def made(self, name, make):
        path = os.path.join(self.work, name)
        if not os.path.exists(path):
            make(path)
        return path

    def indicators(self, count):
        return self.made(f"indicators-{count}.txt", lambda path: make_indicators(path, count))

    def rules(self, count):
        return self.made(f"rules-{count}", lambda path: make_rules(self.shared, path, count))

    # ---- scan ----

    def scan_seconds(self, events, rules, indicators):
        """Time passed, and that of processors."""
        command = [self.hinomi, "scan", "--quiet", "-o", "jsonl", "-r", rules, "--level", "informational"]
        command += ["--ioc", indicators] if indicators else []
        begin = time.monotonic()
        cpu = children_cpu()
        with open(os.path.join(self.work, "scan.out"), "wb") as out:
            subprocess.run(command + [events], stdout=out, stderr=subprocess.DEVNULL, check=False)
        return time.monotonic() - begin, children_cpu() - cpu

    def scan_rate(self, rules, indicators):
        """Events a second, and processor time of one in microseconds; without what the start costs."""
        with open(self.events, "rb") as file:
            count = sum(1 for _ in file)
        files = [self.events] * 4
        four = self.made("events-4.jsonl", lambda path: concatenate(files, path))
        start = self.scan_seconds(self.empty, rules, indicators)
        all_of_it = self.scan_seconds(four, rules, indicators)
        return 4 * count / (all_of_it[0] - start[0]), (all_of_it[1] - start[1]) / (4 * count) * 1e6


def children_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def concatenate(files, path):
    with open(path, "wb") as out:
        for name in files:
            with open(name, "rb") as file:
                shutil.copyfileobj(file, out)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A server with its own data folder, gone with it."""

    def __init__(self, bench, rules, indicators, sources=1, pipelines=None):
        self.bench = bench
        self.port = free_port()
        self.data = os.path.join(bench.work, "data")
        shutil.rmtree(self.data, ignore_errors=True)
        names = [{"name": f"s{i}"} for i in range(sources)]
        if pipelines:
            names = [{"name": f"s{i}", "pipelines": [name]} for i, name in enumerate(pipelines)]
        config = os.path.join(bench.work, "serve.yaml")
        with open(config, "w", encoding="ascii") as file:
            json.dump({
                "http": {"address": f"127.0.0.1:{self.port}", "tls": False},
                "rules": {"paths": [rules], "level": "informational",
                          "indicators": [indicators] if indicators else []},
                "sources": names,
                "journal": {"keep": "20GiB"},
            }, file)
        self.log = open(os.path.join(bench.work, "serve.log"), "wb")
        self.process = subprocess.Popen([bench.hinomi, "serve", "-c", config, "--data", self.data],
                                        stdout=self.log, stderr=self.log)
        begin = time.monotonic()
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() - begin > READY_SECONDS:
                sys.exit(f"the server does not start: {self.log.name}")
            time.sleep(0.02)
        self.start_seconds = time.monotonic() - begin
        self.viewer = self.token("viewer")
        self.tokens = os.path.join(bench.work, "tokens.txt")
        with open(self.tokens, "w", encoding="ascii") as file:
            file.writelines(self.token("ingest", one["name"]) + "\n" for one in names)

    def ask(self, method, path, body=None, headers=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers or {},
                                         method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            return answer.read().decode(), answer.headers

    def is_ready(self):
        try:
            self.ask("GET", "/readyz")
            return True
        except OSError:
            return False

    def token(self, role, source=None):
        if not hasattr(self, "session"):
            with open(os.path.join(self.data, "first-password"), encoding="utf-8") as file:
                name, password = file.read().split()
            text, headers = self.ask("POST", "/v1/session", {"name": name, "password": password})
            self.session = {"Cookie": headers["Set-Cookie"].split(";")[0],
                            "X-CSRF-Token": json.loads(text)["csrf"],
                            "Origin": f"http://127.0.0.1:{self.port}"}
        wish = {"name": f"{role}-{source}", "role": role, "days": 1}
        if source:
            wish["source"] = source
        return json.loads(self.ask("POST", "/v1/tokens", wish, self.session)[0])["token"]

    def metric(self, name):
        lines = self.ask("GET", "/metrics")[0].splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines
                   if line.startswith((name + " ", name + "{")))

    def peak_mb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) // 1024 for line in file if line.startswith("VmHWM"))

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def run(self, seconds, rate=0, connections=16, batch=1 << 20, probes=False):
        """Sends, and waits until all is judged and stored."""
        judged = self.metric("hinomi_events_total")
        cpu = self.cpu_seconds()
        command = [self.bench.load, str(self.port), self.bench.events, self.tokens, str(seconds),
                   str(rate), str(connections), str(batch)]
        told = subprocess.run(command + ([self.viewer] if probes else []), check=True,
                              stdout=subprocess.PIPE).stdout
        result = json.loads(told)
        behind = self.metric("hinomi_store_behind_bytes")
        while self.metric("hinomi_store_behind_bytes") > 0:
            time.sleep(0.01)
        took = time.monotonic() - result.pop("started")
        judged = self.metric("hinomi_events_total") - judged
        result["judged_rate"] = round(judged / max(took, result["seconds"]))
        result["acknowledged_rate"] = round(result["events"] / result["seconds"])
        result["behind_at_end"] = round(behind)
        cpu = self.cpu_seconds() - cpu
        result["server_us"] = round(cpu / judged * 1e6, 2)  # processor time of an event
        result["client_us"] = round(result.pop("cpu") / judged * 1e6, 2)
        result["processors"] = round(cpu / took, 2)
        result["peak_mb"] = self.peak_mb()
        return result

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.data, ignore_errors=True)


# ---- Parts ----

ALL = 1000000


def measure(bench, rules, indicators, what, **how):
    server = Server(bench, bench.rules(rules), bench.indicators(indicators) if indicators else None,
                    **what)
    result = server.run(**how)
    server.stop()
    return result


def part_ratio(bench):
    ratios = []
    for _ in range(TURNS):
        rate, scan_us = bench.scan_rate(bench.rules(ALL), bench.indicators(MILLION))
        serve = measure(bench, ALL, MILLION, {}, seconds=SECONDS)
        ratios.append((serve["judged_rate"] / rate, scan_us / serve["server_us"],
                       scan_us / (serve["server_us"] + serve["client_us"])))
        say(part="ratio", scan_rate=round(rate), scan_us=round(scan_us, 2),
            ratio=round(ratios[-1][0], 3), cpu_ratio=round(ratios[-1][1], 3), **serve)
    for i, name in enumerate(("rate", "cpu", "cpu_with_client")):
        say(part="ratio", of=name, median=round(statistics.median(one[i] for one in ratios), 3))


def part_load(bench):
    server = Server(bench, bench.rules(ALL), bench.indicators(MILLION))
    full = server.run(SECONDS)
    say(part="load", share=1, **full)
    for share in (0.1, 0.3, 0.5, 0.7, 0.9):
        result = server.run(SECONDS * 2, rate=full["judged_rate"] * share, probes=True)
        say(part="load", share=share, **result)
    server.stop()


def part_sources(bench):
    for count in (1, 10, 100, 1000):
        say(part="sources", sources=count,
            **measure(bench, ALL, MILLION, {"sources": count}, seconds=SECONDS))


def part_rules(bench):
    for count in (0, 100, 1000, ALL):
        say(part="rules", rules=count, **measure(bench, count, 0, {}, seconds=SECONDS))


def part_indicators(bench):
    for count in (0, 10000, MILLION):
        say(part="indicators", indicators=count, **measure(bench, ALL, count, {}, seconds=SECONDS))


def part_batches(bench):
    for size in (1 << 14, 1 << 17, 1 << 20, 1 << 22):
        say(part="batches", batch_bytes=size,
            **measure(bench, ALL, MILLION, {}, seconds=SECONDS, batch=size))


def part_mappings(bench):
    """Memory and start of so many different lists of pipelines."""
    for count in (0, 1, 4, 16):
        paths = []
        for i in range(count):
            paths.append(os.path.join(bench.work, f"map-{i}.yml"))
            with open(paths[-1], "w", encoding="ascii") as file:
                file.write("name: m\ntransformations:\n  - type: field_name_mapping\n"
                           f"    mapping: {{CommandLine: [CommandLine, command_{i}]}}\n")
        server = Server(bench, bench.rules(ALL), None, pipelines=paths)
        result = server.run(SECONDS)
        say(part="mappings", mappings=count, start=round(server.start_seconds, 2), **result)
        server.stop()


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
