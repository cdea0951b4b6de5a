#!/usr/bin/env python3
"""S2: a bad network between senders and server.

A relay of our own (where the kernel has netem, it would do the same): delays of up to 200 ms, data in
pieces of a few bytes, connections reset in the middle of requests and of answers, half-closed ones, and
partitions in which nothing passes. Datagrams are delayed, doubled, dropped and swapped. Senders with a
key lose nothing and double nothing; what was acknowledged is there; every datagram that the relay let
through is there or counted. COUNT is the length in seconds; a third of it is partition.

    s2_network.py build/clang/app/hinomi"""

import random
import re
import select
import socket
import subprocess
import sys
import threading
import time

import doors
import kit
from server import HERE, free_port


class Relay(threading.Thread):
    """TCP from its port to the server's, badly."""

    def __init__(self, target, seed):
        super().__init__(daemon=True)
        self.target, self.random = target, random.Random(seed)
        self.port = free_port()
        self.partition = threading.Event()
        self.ending = threading.Event()
        self.resets = self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.listener.settimeout(0.2)

    def run(self):
        while not self.ending.is_set():
            try:
                client, _ = self.listener.accept()
            except OSError:
                continue
            self.connections += 1
            threading.Thread(target=self.carry, args=(client, self.connections), daemon=True).start()
        self.listener.close()

    def carry(self, client, number):
        """The first two are cut for certain, others by chance."""
        chance = random.Random(self.random.random())
        budget = chance.choice((1 << 30, 1 << 30, chance.randrange(20000), chance.randrange(60000)))
        budget = chance.randrange(20000) if number <= 2 else budget
        try:
            server = socket.create_connection(("127.0.0.1", self.target), 5)
        except OSError:
            client.close()
            return
        pairs = {client: server, server: client}
        try:
            while not self.ending.is_set():
                readable, _, _ = select.select(list(pairs), [], [], 0.2)
                while self.partition.is_set() and not self.ending.is_set():
                    time.sleep(0.02)
                for one in readable:
                    data = one.recv(chance.choice((7, 500, 65536)))
                    if not data:
                        return
                    budget -= len(data)
                    if budget < 0:
                        self.reset(client, server)
                        return
                    if chance.random() < 0.05:
                        time.sleep(chance.random() * 0.2)
                    pairs[one].sendall(data)
        except OSError:
            pass
        finally:
            client.close()
            server.close()

    def reset(self, *connections):
        self.resets += 1
        for one in connections:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


class Through:
    """A server as the doors see it, behind relays."""

    def __init__(self, server, http, tcp):
        self.server, self.port, self.tcp = server, http, tcp

    def __getattr__(self, name):
        return getattr(self.server, name)


def datagrams(port, count, chance):
    """Numbers of those that were sent on, with how often."""
    passed, held = {}, []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.connect(("127.0.0.1", port))
        for number in range(count):
            fate = chance.random()
            if fate < 0.05:
                continue
            held += [number] * (2 if fate < 0.1 else 1)
            if fate > 0.8:
                chance.shuffle(held)
            while len(held) > 5:
                one = held.pop(0)
                udp.send(b"<13>1 2026-01-01T00:00:00Z host net - - - datagram %d ." % one)
                passed[one] = passed.get(one, 0) + 1
            if number % 20 == 0:
                time.sleep(0.005)
    return passed


def judge_datagrams(run, passed, lost):
    out = subprocess.run([run.server.program, "journal", "export", run.server.data + "/journal"],
                         stdout=subprocess.PIPE, check=True).stdout
    held = {}
    for number in map(int, re.findall(rb"- datagram (\d+) \.", out)):
        held[number] = held.get(number, 0) + 1
    sent = sum(passed.values())
    run.must(sum(held.values()) + lost == sent and set(held) <= set(passed),
             f"datagrams: {sent} passed, {sum(held.values())} held, {lost} counted as lost")
    run.verdict.figures["datagrams passed/held/lost"] = f"{sent}/{sum(held.values())}/{lost}"


def run(program, count, seed):
    chance = random.Random(seed)
    with kit.Run(program) as run:
        run.server.start()
        relays = [Relay(run.server.port, seed), Relay(run.server.tcp, seed + 1)]
        for relay in relays:
            relay.start()
        through = Through(run.server, relays[0].port, relays[1].port)
        load = doors.Load(through, run.ledger, (doors.Events, doors.Events, doors.Bulk, doors.Hec, doors.Tcp),
                          rate=20)
        passed = {}
        end = time.monotonic() + count
        while time.monotonic() < end:
            for number, times in datagrams(run.server.tcp, 500, chance).items():
                passed[number] = passed.get(number, 0) + times
            time.sleep(count * 0.1)
            for relay in relays:
                relay.partition.set()
            time.sleep(count * 0.1)
            for relay in relays:
                relay.partition.clear()
        load.end()
        run.server.settle(timeout=60)
        lost = int(run.server.metric('hinomi_syslog_total{what="lost"}'))
        resets, connections = (sum(getattr(r, what) for r in relays) for what in ("resets", "connections"))
        for relay in relays:
            relay.ending.set()
        run.finish(exact=("events",))
        judge_datagrams(run, passed, lost)
        by_door = {door: sum(1 for n in run.ledger.acked if run.ledger.sent[n] == door)
                   for door in ("events", "bulk", "hec")}
        run.must(all(by_door.values()), f"acknowledged by door: {by_door}")
        run.must(resets >= 2, f"only {resets} connections were cut: the test says nothing")
        run.verdict.figures.update({"acknowledged by door": by_door, "connections": connections,
                                    "cut": resets})
        return run.verdict


if __name__ == "__main__":
    sys.path.insert(0, HERE)
    sys.exit(kit.main(run, 4, 300, __doc__))
