"""C4: the other ways in which a process ends or stands still: told to (SIGTERM, SIGINT, twice, before it
is ready), aborted as by a watchdog, killed as by a kernel out of memory, stopped and continued."""

import resource
import signal
import time

from scene import Scene

STOP_MAX = 10.0


def no_core():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Ends:
    def __init__(self, scene, random):
        self.scene, self.server, self.random = scene, scene.server, random
        self.slowest = 0.0

    def told(self, first, *more):
        """It ends with 0 and in time, while clients go on sending."""
        process = self.server.process
        began = time.monotonic()
        process.send_signal(first)
        for number in more:
            time.sleep(self.random.uniform(0, 0.05))
            process.send_signal(number)
        code = process.wait(60)
        self.slowest = max(self.slowest, time.monotonic() - began)
        if code != 0:
            raise AssertionError(f"it ended with {code}:\n{self.server.log_tail()}")

    def terminated(self):
        self.told(signal.SIGTERM)

    def interrupted(self):
        self.told(signal.SIGINT)

    def told_twice(self):
        self.told(signal.SIGTERM, signal.SIGTERM, signal.SIGHUP)

    def told_early(self):
        """Before it is ready, but after it has come to look at signals."""
        self.told(signal.SIGTERM)
        self.server.spawn(limit=no_core)
        time.sleep(self.random.uniform(0.0, 0.15))
        began = time.monotonic()
        self.server.process.send_signal(signal.SIGTERM)
        code = self.server.process.wait(60)
        self.slowest = max(self.slowest, time.monotonic() - began)
        if code not in (0, -signal.SIGTERM):
            raise AssertionError(f"it ended with {code}:\n{self.server.log_tail()}")

    def aborted(self):
        self.server.process.send_signal(signal.SIGABRT)
        self.server.process.wait(60)

    def killed(self):
        self.server.kill()

    def stopped(self):
        """Stands still, goes on, and is told to end right away."""
        self.server.process.send_signal(signal.SIGSTOP)
        time.sleep(1.5)
        self.server.process.send_signal(signal.SIGCONT)
        time.sleep(self.random.uniform(0, 0.3))
        self.told(signal.SIGTERM)

    def stopped_and_killed(self):
        self.server.process.send_signal(signal.SIGSTOP)
        time.sleep(0.5)
        self.server.kill()


def test_C4(program, count, random, options):
    with Scene(program, options) as scene:
        scene.start(limit=no_core)
        load = scene.load(rate=12)
        ends = Ends(scene, random)
        ways = [ends.terminated, ends.interrupted, ends.told_twice, ends.told_early, ends.aborted,
                ends.killed, ends.stopped, ends.stopped_and_killed] * count
        random.shuffle(ways)
        for way in ways:
            time.sleep(random.uniform(0.1, 0.7))
            way()
            scene.start(limit=no_core)
            scene.tidy(load)
        verdict = scene.finish(load)
        verdict.must(ends.slowest <= STOP_MAX, f"it took {ends.slowest:.1f} s to end")
        verdict.figures.update({"ends": len(ways), "slowest end": f"{ends.slowest:.2f} s"})
        scene.failed = bool(verdict.problems)
        return verdict
