#!/usr/bin/env python3
"""L5: one source sends nine tenths of all events, more than its quota lets in.

The others are neither lost nor slowed: p99 of their acknowledgement with the noise at most 20 % above
that without, or below SLOW_S, which a machine with others on it needs (COUNT seconds each, in
turns). What the noisy source is refused is counted, with 429.

    l5_noisy.py build/clang/app/hinomi"""

import collections
import sys
import threading
import time

import doors
import kit
import traffic
from server import HERE

SLOW_S = 0.1
QUOTA = "2MiB"


class Noisy(threading.Thread):
    """As much as it can, without keys and without patience; 429 is obeyed for 50 ms only."""

    def __init__(self, run):
        super().__init__(daemon=True)
        self.run_of = run
        self.sending = threading.Event()
        self.ending = threading.Event()
        self.answers = collections.Counter()
        self.events = 0

    def run(self):
        body = "\n".join(traffic.NOISE[k % len(traffic.NOISE)] for k in range(2700))
        door = doors.Events(self.run_of.server, self.run_of.ledger)
        while not self.ending.is_set():
            if not self.sending.wait(0.05):
                continue
            try:
                status, _ = door.ask("/v1/events?source=noisy", body)
                self.events += 2700 if status == 200 else 0
            except doors.AWAY:
                status = None
            self.answers[status] += 1
            time.sleep(0.05 if status == 429 else 0.01)


def run(program, count, seed):
    with kit.Run(program) as run:
        path = run.server.folder + "/hinomi.yaml"
        with open(path, encoding="utf-8") as text:
            config = text.read()
        with open(path, "w", encoding="utf-8") as out:
            out.write(config.replace("{name: noisy}", f"{{name: noisy, quota: {QUOTA}}}"))
        run.server.start()
        noisy = Noisy(run)
        noisy.start()
        load = doors.Load(run.server, run.ledger, (doors.Events,), rate=40)
        quiet = load.of(doors.Events)
        time.sleep(0.5)
        spans = []
        for turn in range(4):
            (noisy.sending.set if turn % 2 else noisy.sending.clear)()
            began = time.monotonic()
            time.sleep(count / 2)
            spans.append((turn % 2, began, time.monotonic()))
        noisy.ending.set()
        noisy.join()
        load.end()
        delays = [[d for noise, began, end in spans if noise == which for when, d in quiet.delays
                   if began <= when < end] for which in (0, 1)]
        p99 = [kit.percentile(part, 0.99) for part in delays]
        events = [len(part) * quiet.batch for part in delays]
        numbers = run.server.metrics()
        refused = numbers.get('hinomi_intake_total{source="noisy",what="over_quota"}', 0)
        run.must(noisy.answers[429] > 0 and refused == noisy.answers[429],
                 f"the noisy source: answers {dict(noisy.answers)}, counted {refused}")
        run.must(noisy.events >= 8 * events[1], f"noise of {noisy.events} events beside {events[1]}")
        run.must(p99[1] <= max(1.2 * p99[0], SLOW_S * kit.slack()), f"p99 alone {p99[0]:.3f} s, with noise {p99[1]:.3f} s")
        run.must(not run.ledger.refused, f"the others were refused: {dict(run.ledger.refused)}")
        run.finish(exact=("events",))
        run.verdict.figures.update({
            "p99 ms alone": f"{p99[0] * 1000:.0f}", "with noise": f"{p99[1] * 1000:.0f}",
            "slack": f"{kit.slack():.1f}", "noisy events": noisy.events, "beside": events[1], "refused with 429": noisy.answers[429]})
        return run.verdict


if __name__ == "__main__":
    sys.path.insert(0, HERE)
    sys.exit(kit.main(run, 3, 60, __doc__))
