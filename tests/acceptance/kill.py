"""C1: kill -9 at random moments under load through all doors; also while it starts."""

import time

from scene import Scene


def test_C1(program, count, random, options):
    with Scene(program, options) as scene:
        server = scene.server
        server.start()
        load = scene.load(rate=12)
        early = 0
        for _ in range(count):
            if random.random() < 0.2:  # in the middle of a start
                early += 1
                server.kill()
                server.spawn()
                time.sleep(random.uniform(0.005, 0.15))
            else:
                time.sleep(random.uniform(0.05, 0.9))
            server.kill()
            scene.start()
            scene.tidy(load)
        verdict = scene.finish(load)
        verdict.figures.update(kills=count + early, starts=server.starts)
        return verdict
