"""C2: SIGKILL at every named place of the program, found in the sources, so that a new one is tested
without a word here; and twice in a row at those that a start comes to."""

import concurrent.futures
import os
import re
import signal
import time
from random import Random

import doors
from ledger import Verdict
from reload import Reloader
from scene import Scene
from server import HERE

SOURCES = os.path.normpath(HERE + "/../../src")
POINT = re.compile(r'HN_CRASH_POINT\("(\w+)"\)')
REACH_S = 12
REACH_LATE_S = 90
PRUNING = ("journal_before_delete", "journal_deleted", "set_pruned")  # only in longer lives


def all_points():
    """Those of events; of samples are those of tests/e2e/samples."""
    found = set()
    for folder, _, files in os.walk(SOURCES):
        if os.path.basename(folder) == "sample":
            continue
        for name in files:
            if name.endswith(".c"):
                with open(os.path.join(folder, name), encoding="utf-8") as source:
                    found.update(POINT.findall(source.read()))
    return sorted(found)


def wait_for_death(server, seconds):
    """True when it was killed; any other end is a failure."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        code = server.process.poll()
        if code is not None:
            if code != -signal.SIGKILL:
                raise AssertionError(f"it ended with {code}:\n{server.log_tail()}")
            return True
        time.sleep(0.01)
    return False


def die_at(scene, point, visit, seconds):
    """Starts the server so that it dies there. False: it does not come there."""
    scene.server.kill()
    scene.server.spawn(env={"HINOMI_CRASH_AT": f"{point}:{visit}"})
    return wait_for_death(scene.server, seconds)


def die_in_recovery(scene, point):
    """Twice in a row at the same place of a start, where it comes there before it is ready."""
    for times in range(2):
        scene.server.kill()
        scene.server.spawn(env={"HINOMI_CRASH_AT": f"{point}:1"})
        if scene.server.ready():
            return times
    return 2


def visit_all(scene, load, points, count, random, reached, seconds):
    twice = 0
    for point in points:
        for _ in range(count):
            if not die_at(scene, point, random.choice((1, 1, 2, 3)), seconds):
                break
            reached.add(point)
            if load.of(doors.Files).rotations - load.of(doors.Files).forgotten > 20:
                scene.server.kill()
                scene.start()
                scene.tidy(load)
        twice += die_in_recovery(scene, point) == 2
        scene.server.kill()
        scene.start()
    return twice


def run_scene(program, options, points, count, random, pruned, seconds=REACH_S):
    """What was judged, the places that were reached, and how many in two starts in a row."""
    reached = set()
    with Scene(program, options, keep="1MiB" if pruned else "0") as scene:
        scene.server.start()
        load = scene.load(rate=10, pad=4000 if pruned else 1200)
        reloader = Reloader(scene.server, (0.3, 0.3, 0.3, 5))
        reloader.start()
        try:
            twice = visit_all(scene, load, points, count, random, reached, seconds)
        finally:
            reloader.ending.set()
        reloader.join()
        return scene.finish(load, pruned=pruned), reached, twice


def run_fresh(program, options, point, reached, verdict):
    """Places that only the very first start comes to."""
    with Scene(program, options) as scene:
        if die_at(scene, point, 1, REACH_S):
            reached.add(point)
        scene.server.kill()
        scene.start()
        load = scene.load((doors.Events,))
        time.sleep(0.3)
        verdict.problems += scene.finish(load).problems


def test_C2(program, count, random, options):
    """Three servers at a time: most of it is waiting."""
    points = all_points()
    plain = [p for p in points if p not in PRUNING]
    random.shuffle(plain)
    parts = [(plain[0::2], False), (plain[1::2], False), (list(PRUNING), True)]
    with concurrent.futures.ThreadPoolExecutor(len(parts)) as pool:
        runs = [pool.submit(run_scene, program, options, part, count,
                            Random(random.random()), pruned) for part, pruned in parts]
        verdicts, sets, twice = zip(*[run.result() for run in runs])
    verdict = Verdict()
    for part in verdicts:
        verdict.add(part)
    reached = set().union(*sets)
    fresh = sorted(set(points) - reached)
    for point in fresh:
        run_fresh(program, options, point, reached, verdict)
    late = sorted(set(points) - reached)  # on a machine that is busy with other things
    if late:
        again, found, _ = run_scene(program, options, late, 1, random, True, REACH_LATE_S)
        verdict.add(again)
        reached |= found
    if set(points) - reached:
        verdict.problems.append(f"not reached: {sorted(set(points) - reached)}")
    verdict.figures.update({"points": len(points), "reached": len(reached),
                            "by the first start only": len(set(fresh) - set(late)),
                            "reached in two starts in a row": sum(twice)})
    return verdict
