"""Senders: each hands numbered events to one door of the server under test, and writes into the
ledger what was sent and what the server acknowledged.

A sender goes on through restarts as a careful shipper would: with a key it sends the same batch again
until there is an answer; without one it goes on with new events, because nobody can tell what became
of the old ones."""

import base64
import http.client
import json
import os
import random
import socket
import threading
import time

from ledger import GROUP, syslog_line, windows_event
from server import TOKEN

PAUSE = 0.02  # before asking a server again that is away or busy
AWAY = (OSError, http.client.HTTPException)


class Door(threading.Thread):
    """Sends batches until told to end; the batch at hand is brought to its end."""

    name_of_door = ""

    def __init__(self, server, ledger, rate=20.0, batch=GROUP, pad=0):
        super().__init__(daemon=True)
        self.server, self.ledger = server, ledger
        self.pause, self.batch, self.pad = 1 / rate, batch, pad
        self.ending = threading.Event()  # after the batch at hand
        self.giving_up = threading.Event()  # now
        self.connection = None
        self.failure = None
        self.delays = []  # (when, seconds until acknowledged)

    def run(self):
        try:
            while not self.ending.is_set():
                began = time.monotonic()
                self.send(self.ledger.take(self.batch, self.name_of_door))
                self.ending.wait(max(0.0, self.pause - (time.monotonic() - began)))
        except Exception as error:  # told by whoever joins
            self.failure = f"{self.name_of_door}: {error!r}"
        finally:
            self.close()

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def send(self, numbers):
        raise NotImplementedError

    def ask(self, path, body, **headers):
        """Raises one of AWAY when no whole answer came."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            self.connection.request("POST", path, body,
                                    {"Authorization": "Bearer " + TOKEN, **names})
            answer = self.connection.getresponse()
            return answer.status, answer.read()
        except AWAY:
            self.close()
            raise

    def documents(self, numbers):
        for number in numbers:
            event = windows_event(number)
            if self.pad:
                event["Padding"] = base64.b64encode(os.urandom(self.pad * 3 // 4)).decode()
            yield json.dumps(event)

    def acknowledged(self, numbers, began):
        now = time.monotonic()
        self.ledger.ack(numbers)
        self.delays.append((now, now - began))


class Events(Door):
    """NDJSON with an idempotency key: sent again until it is acknowledged, stored once."""

    name_of_door = "events"

    def send(self, numbers):
        body = "\n".join(self.documents(numbers))
        while not self.giving_up.is_set():
            began = time.monotonic()
            try:
                status, _ = self.ask("/v1/events?source=quiet", body,
                                     Idempotency_Key=f"batch-{numbers[0]}")
            except AWAY:
                time.sleep(PAUSE)
                continue
            if status == 200:
                self.acknowledged(numbers, began)
                return
            self.ledger.refuse(self.name_of_door, status)
            time.sleep(PAUSE)


class Bulk(Door):
    """Elasticsearch's bulk: every item has its own answer."""

    name_of_door = "bulk"

    def send(self, numbers):
        body = "".join('{"create":{"_index":"acceptance"}}\n' + text + "\n"
                       for text in self.documents(numbers))
        began = time.monotonic()
        try:
            status, answer = self.ask("/_bulk", body, Content_Type="application/x-ndjson")
        except AWAY:
            time.sleep(PAUSE)
            return
        if status != 200:
            self.ledger.refuse(self.name_of_door, status)
            return
        items = [next(iter(item.values()))["status"] for item in json.loads(answer)["items"]]
        good = [n for n, item in zip(numbers, items) if item == 201]
        if len(good) < len(numbers):
            self.ledger.refuse(self.name_of_door, "item")
        self.acknowledged(good, began)


class Hec(Door):
    """Splunk's collector: acknowledged when the id of the request is told to be."""

    name_of_door = "hec"
    path = "/services/collector"

    def send(self, numbers):
        body = "".join('{"event":' + text + "}" for text in self.documents(numbers))
        began = time.monotonic()
        try:
            status, answer = self.ask(self.path + "/event", body, X_Splunk_Request_Channel="acc")
            if status != 200:
                self.ledger.refuse(self.name_of_door, status)
                return
            number = json.loads(answer)["ackId"]
            while not self.giving_up.is_set():
                status, answer = self.ask(self.path + "/ack?channel=acc",
                                          json.dumps({"acks": [number]}))
                if status != 200:
                    self.ledger.refuse(self.name_of_door, status)
                elif json.loads(answer)["acks"][str(number)]:
                    self.acknowledged(numbers, began)
                    return
                if time.monotonic() - began > 5:  # an id of a server that is gone
                    self.ledger.refuse(self.name_of_door, "ack")
                    return
                time.sleep(PAUSE)
        except AWAY:
            time.sleep(PAUSE)


class Tcp(Door):
    """Syslog: nothing is acknowledged. What was sent to one life of the server is written down, so
    that a life which ends well can be asked how much of it there was."""

    name_of_door = "tcp"

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.by_life = {}

    def send(self, numbers):
        try:
            if self.connection is None:
                self.connection = socket.create_connection(("127.0.0.1", self.server.tcp), 30)
                self.life = self.server.starts
            for number in numbers:
                line = syslog_line(number).rstrip("\n").encode()
                self.connection.sendall(b"%d %s" % (len(line), line))
                self.by_life.setdefault(self.life, []).append(number)
        except OSError:
            self.close()
            time.sleep(PAUSE)


class Files(Door):
    """Lines into a file that is rotated by renaming; some lines come in two pieces."""

    name_of_door = "files"

    def __init__(self, *args, rotate=25, **more):
        super().__init__(*args, **more)
        self.rotate_every, self.batches, self.rotations, self.forgotten = rotate, 0, 0, 0
        self.random = random.Random(1)

    def send(self, numbers):
        path = self.server.logs + "/app.log"
        with open(path, "a", encoding="utf-8") as out:
            for number in numbers:
                line = syslog_line(number)
                cut = self.random.randrange(len(line)) if self.random.random() < 0.1 else 0
                out.write(line[:cut])
                if cut:
                    out.flush()
                    time.sleep(0.002)
                out.write(line[cut:])
        self.batches += 1
        if self.batches % self.rotate_every == 0:
            self.rotations += 1
            os.rename(path, f"{path}.{self.rotations}")

    def forget(self):
        """Deletes what was rotated away; the newest stay, because they may not have been read yet."""
        while self.forgotten < self.rotations - 3:
            self.forgotten += 1
            os.unlink(f"{self.server.logs}/app.log.{self.forgotten}")


ALL = (Events, Bulk, Hec, Tcp, Files)


class Load:
    """All doors at once."""

    def __init__(self, server, ledger, doors=ALL, **how):
        self.doors = [door(server, ledger, **how) for door in doors]
        for door in self.doors:
            door.start()

    def of(self, kind):
        return next((door for door in self.doors if isinstance(door, kind)), None)

    def end(self, timeout=60):
        """While the server runs: every batch that is under way is acknowledged first."""
        for door in self.doors:
            door.ending.set()
        deadline = time.monotonic() + timeout
        for door in self.doors:
            door.join(max(0.1, deadline - time.monotonic()))
        stuck = [door.name_of_door for door in self.doors if door.is_alive()]
        for door in self.doors:
            door.giving_up.set()
        failures = [door.failure for door in self.doors if door.failure]
        if stuck or failures:
            raise AssertionError(f"doors: stuck {stuck}, failed {failures}")
