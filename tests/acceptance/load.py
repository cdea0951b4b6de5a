"""Minutes of load through all doors, with other rules every 20 seconds: nothing is lost, nothing doubled,
and neither memory nor descriptors grow with time."""

import os
import time

from reload import Reloader
from scene import Scene

GROWTH_MAX = 1.5  # of the memory in the last quarter over that in the second
FULL_WINDOWS_MIN = 20  # before that the windows of the correlation, ten minutes long, still fill
RELOAD_S = 20


def memory(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def watch(scene, load, minutes):
    """Once a second: memory in KiB, and open descriptors that are not of followed files."""
    samples = []
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end:
        time.sleep(1)
        process = scene.server.process
        descriptors = len(os.listdir(f"/proc/{process.pid}/fd")) - len(os.listdir(scene.server.logs))
        samples.append((memory(process), descriptors))
        scene.tidy(load)
    return samples


def mean(values):
    return sum(values) / max(1, len(values))


def test_load(program, count, random, options):
    """count: minutes."""
    with Scene(program, options, keep="256MiB") as scene:
        scene.start()
        load = scene.load(rate=15)
        reloader = Reloader(scene.server, (RELOAD_S,))
        reloader.start()
        samples = watch(scene, load, count)
        reloader.ending.set()
        reloader.join()
        delays = sorted(d for door in load.doors for _, d in door.delays)
        verdict = scene.finish(load)
        part = len(samples) // 4
        early, late = mean([m for m, _ in samples[part:2 * part]]), mean([m for m, _ in samples[-part:]])
        verdict.must(count < FULL_WINDOWS_MIN or late <= early * GROWTH_MAX, f"memory grew from {early:.0f} to {late:.0f} KiB")
        verdict.must(samples[-1][1] <= samples[part][1] + 20, "descriptors grow in number")
        verdict.figures.update({
            "minutes": count, "descriptors early/late": f"{samples[part][1]}/{samples[-1][1]}", "reloads": reloader.version,
            "memory early/late": f"{early / 1024:.0f}/{late / 1024:.0f} MiB",
            "acknowledged within p50/p99/max": "/".join(
                f"{delays[min(len(delays) - 1, int(len(delays) * q))] * 1000:.0f}"
                for q in (0.5, 0.99, 1)) + " ms"})
        scene.failed = bool(verdict.problems)
        return verdict
