"""L4: rules change under load. Every event is judged by the set in force where it stands in the
journal, a broken set leaves the old one running, and nothing waits for long."""

import itertools
import os
import re
import signal
import sqlite3
import threading
import time

import doors
from scene import Scene
from server import HERE

PAUSE_MAX = 0.5  # seconds more than before; 50 ms are wanted and told, but a shared machine stalls


class Reloader(threading.Thread):
    """Writes another version of the rules again and again and tells the server."""

    def __init__(self, server, every):
        super().__init__(daemon=True)
        self.server, self.every = server, every
        self.ending = threading.Event()
        self.version = 0

    def run(self):
        """every: the pauses between two versions, again and again."""
        for pause in itertools.cycle(self.every):
            if self.ending.wait(pause):
                break
            self.version += 1
            write_version(self.server, self.version)
            try:
                # A process that has not come to its signals yet would be ended by this one.
                if self.server.ask("GET", "/readyz", timeout=2)[0] == 200:
                    self.server.process.send_signal(signal.SIGHUP)
            except OSError:
                pass


def rules_text(version):
    """The same rules; one title says the version, so that an alert says what judged it. The rule of the
    correlation stays as it is: its windows must go on over every change of the others."""
    with open(HERE + "/rules.yml", encoding="utf-8") as source:
        return source.read().replace("canary of a Linux host", f"canary of a Linux host v{version}")


def put(server, text):
    """As packages do it: whole files by a rename."""
    path = server.folder + "/rules/canary.yml"
    with open(path + ".new", "w", encoding="utf-8") as out:
        out.write(text)
    os.rename(path + ".new", path)


def write_version(server, version):
    put(server, rules_text(version))


BROKEN = (  # the first one is part of every run: a set without a rule once freed the old one
    lambda text: "",
    lambda text: text.replace("condition: selection", "condition: selection and (", 1),
    lambda text: text.replace("detection:", "detection: [", 1),
    lambda text: text.replace("CommandLine|contains:", "CommandLine|nonsense:", 1),
    lambda text: text[:len(text) // 2],
)


def reload_once(server, text, good, timeout=30):
    """Seconds until the server has switched, or has refused."""
    names = ("hinomi_reloads_total", "hinomi_reloads_failed_total")
    before = [server.metric(name) for name in names]
    put(server, text)
    began = time.monotonic()
    server.process.send_signal(signal.SIGHUP)
    while time.monotonic() - began < timeout:
        after = [server.metric(name) for name in names]
        if after != before:
            switched = after[0] > before[0]
            if switched != good:
                raise AssertionError("a broken set was put in force" if switched else
                                     "a good set was refused:\n" + server.log_tail())
            return time.monotonic() - began
        time.sleep(0.005)
    raise AssertionError("the server does not reload")


def versions_of(server):
    """What the alerts say: pairs of set and version."""
    with sqlite3.connect(f"file:{server.data}/hinomi.db?mode=ro", uri=True) as database:
        rows = database.execute("SELECT rules_digest, json FROM alert JOIN alert_body USING(seq)")
        return {(digest, int(found.group(1))) for digest, text in rows
                if (found := re.search(r"canary of a Linux host v(\d+)", text))}


def judge_versions(server, wanted, verdict):
    pairs = versions_of(server)
    digests, versions = {d for d, _ in pairs}, {v for _, v in pairs}
    verdict.figures["sets that fired"] = len(digests)
    verdict.must(len(pairs) == len(digests) == len(versions),
                 "an alert names another set than the one that fired")
    verdict.must(versions <= wanted, f"sets that were refused fired: {sorted(versions - wanted)}")
    verdict.must(len(versions) > len(wanted) // 3, "hardly any of the sets judged anything")


def pause_of(load, since):
    """The longest time that a request waited for its acknowledgement."""
    delays = [d for door in load.doors for when, d in door.delays if when >= since]
    return max(delays, default=0.0), len(delays)


def test_L4(program, count, random, options):
    with Scene(program, options) as scene:
        server = scene.server
        write_version(server, 1)
        server.start()
        kinds = (doors.Events, doors.Bulk, doors.Hec, doors.Tcp, doors.Files)
        load = scene.load(kinds, rate=25)
        time.sleep(1)
        still, _ = pause_of(load, 0)
        since = time.monotonic()
        broken = set(random.sample(range(2, count + 2), max(1, round(count * 0.05))))
        good = {1}
        took = []
        faults = itertools.chain(BROKEN[:1], iter(lambda: random.choice(BROKEN), None))
        for version in range(2, count + 2):
            text = rules_text(version)
            if version in broken:
                text = next(faults)(text)
            else:
                good.add(version)
            took.append(reload_once(server, text, version not in broken))
            time.sleep(random.uniform(0.05, 0.25))
        pause, answers = pause_of(load, since)
        verdict = scene.finish(load)
        judge_versions(server, good, verdict)
        said = server.log_text().count("set.refused")
        verdict.must(said == len(broken), f"{len(broken)} sets were broken, {said} times told")
        verdict.must(pause < PAUSE_MAX + 3 * still, f"a request waited {pause:.3f} s during reloads")
        verdict.figures.update({
            "reloads": count, "broken": len(broken), "slowest reload": f"{max(took):.3f} s",
            "longest wait of a request before/during": f"{still * 1000:.0f}/{pause * 1000:.0f} ms",
            "of answers": answers})
        scene.failed = bool(verdict.problems)
        return verdict
