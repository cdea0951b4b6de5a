#!/usr/bin/env python3
"""L3: a burst of five times the load, thousands of silent connections, hundreds that never finish a request.

What was acknowledged is there, too much is pushed back with 429, others are answered meanwhile, memory
stays below CEILING. Datagrams are counted to the last one: sent = read + counted as lost. COUNT is the
length of the burst in seconds.

    l3_burst.py build/clang/app/hinomi"""

import http.client
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import doors
import kit
from server import HERE, TOKEN

CEILING = 600e6
DATAGRAMS = 30000
TOGETHER = 32
PATIENCE = 30  # seconds for the first 429


def silent(port, count, text):
    """Connections on which nothing more comes than text."""
    made = []
    for _ in range(count):
        try:
            made.append(socket.create_connection(("127.0.0.1", port), 5))
            made[-1].sendall(text)
        except OSError:
            pass
    return made


def drip(connections, ending):
    """A byte each, again and again: a head that does not end."""
    while not ending.wait(0.5):
        for one in connections:
            try:
                one.sendall(b"x")
            except OSError:
                pass


def is_closed(one):
    """The server has ended it, or answered."""
    one.setblocking(False)
    try:
        one.recv(1)
        return True
    except BlockingIOError:
        return False
    except OSError:
        return True


def flood(port, count):
    """Datagrams as fast as they go; sent ones."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.connect(("127.0.0.1", port))
        good = 0
        for number in range(count):
            try:
                udp.send(b"<13>1 2026-01-01T00:00:00Z host flood - - - datagram %d " % number + b"x" * 900)
                good += 1
            except OSError:
                pass
    return good


def udp_comes_to_rest(run):
    """Datagrams that were dropped, by the system or for want of room behind the door."""
    def counted():
        numbers = run.server.metrics()
        return [numbers[f'hinomi_syslog_total{{what="{what}"}}'] for what in ("datagrams", "lost")]

    last = None
    while counted() != last:
        last = counted()
        time.sleep(0.5)
    return int(last[1])


def udp_adds_up(run, sent, lost):
    """Every datagram is in the journal, or was counted as lost."""
    out = subprocess.run([run.server.program, "journal", "export", run.server.data + "/journal"],
                         stdout=subprocess.PIPE, check=True).stdout
    held = len(set(re.findall(rb"- datagram (\d+) ", out)))
    run.verdict.figures["datagrams sent/held/lost"] = f"{sent}/{held}/{lost}"
    run.must(held + lost == sent, f"datagrams: sent {sent}, held {held}, counted as lost {lost}")


def prepared(run, port):
    """A batch that is sent but for its last byte, so that many can end at the same moment."""
    door = doors.Events(run.server, run.ledger, pad=9000)
    numbers = run.ledger.take(door.batch, door.name_of_door)
    body = "\n".join(door.documents(numbers)).encode()
    one = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    one.putrequest("POST", "/v1/events?source=quiet")
    for name, value in (("Authorization", "Bearer " + TOKEN), ("Content-Length", len(body))):
        one.putheader(name, value)
    one.endheaders(body[:-1])
    return one, numbers, body[-1:]


def refused_for_too_much(run, seconds):
    """Batches that end in the same moment, against an intake that may hold two of them: some are answered
    429, and what was acknowledged is in the ledger. The server is stopped while they end, or a slow client
    would let it store one after the other."""
    began = time.monotonic()
    while time.monotonic() < began + seconds or not (
            run.ledger.refused["events", 429] or time.monotonic() > began + PATIENCE):
        batches = [prepared(run, run.server.port) for _ in range(TOGETHER)]
        run.server.process.send_signal(signal.SIGSTOP)
        for one, _, last in batches:
            one.send(last)
        run.server.process.send_signal(signal.SIGCONT)
        for one, numbers, _ in batches:
            status = one.getresponse().status
            one.close()
            if status == 200:
                run.ledger.ack(numbers)
            else:
                run.ledger.refuse("events", status)
    run.must(run.ledger.refused["events", 429] > 0, f"no 429: {dict(run.ledger.refused)}")
    others = {why for _, why in run.ledger.refused} - {429}
    run.must(not others, f"refused otherwise: {others}")


def run(program, count, seed):
    with kit.Run(program) as run:
        server = run.server
        path = server.folder + "/hinomi.yaml"
        with open(path, encoding="utf-8") as text:
            config = text.read()
        with open(path, "w", encoding="utf-8") as out:
            out.write(config.replace("keep: 0}", "keep: 0, pending: 512KiB}").replace(
                "connections_per_address: 4096", "connections_per_address: 4096, connections: 4096"))
        server.start()
        steady = doors.Load(server, run.ledger, (doors.Events, doors.Tcp), rate=10)
        time.sleep(1)
        idle = silent(server.port, 2000, b"") + silent(server.tcp, 500, b"")
        slow = silent(server.port, 300, b"POST /v1/events HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        run.must(len(idle) + len(slow) > 2500, f"only {len(idle)} + {len(slow)} connections")
        ending = threading.Event()
        dripping = threading.Thread(target=drip, args=(slow, ending), daemon=True)
        dripping.start()
        began = time.monotonic()
        status, _ = server.ask("GET", "/livez", timeout=5)
        run.must(status == 200 and time.monotonic() - began < 2, "not answered beside idle connections")
        refused_for_too_much(run, count)
        sent = flood(server.tcp, DATAGRAMS)
        slow_since = time.monotonic()
        gone = kit.wait_for(lambda: all(map(is_closed, slow)), 20, 0.5)
        run.must(gone, f"after {time.monotonic() - slow_since:.0f} s {sum(not is_closed(s) for s in slow)} "
                 "heads without an end are still waited for")
        ending.set()
        dripping.join()
        run.must(server.metric('hinomi_http_total{what="timed_out"}') > 0, "time-outs are not counted")
        lost = udp_comes_to_rest(run)
        memory = kit.resident(server.process.pid)[1]
        run.must(memory <= kit.ceiling(run, CEILING), f"{memory / 1e6:.0f} MB of memory")
        steady.end()
        for one in idle + slow:
            one.close()
        run.finish()
        udp_adds_up(run, sent, lost)
        run.verdict.figures.update({
            "connections": len(idle) + len(slow), "MB at most": f"{memory / 1e6:.0f}",
            "pushed back with 429": run.ledger.refused["events", 429]})
        return run.verdict


if __name__ == "__main__":
    sys.path.insert(0, HERE)
    sys.exit(kit.main(run, 2, 60, __doc__))
