"""A reader of server-sent events."""

import http.client
import json
import socket
import threading
import time

from server import Client


class Stream:
    """Server-sent events, read by a thread: (id, data) in .events; .ended is when it was closed."""

    def __init__(self, client, path, headers=None):
        self.events, self.ended = [], None
        reader = Client(client.site, {**client.headers, **(headers or {})})
        reader.connect()
        self.connection = reader.connection
        self.connection.request("GET", path, headers=reader.headers)
        self.response = self.connection.getresponse()
        self.socket = self.connection.sock or self.response.fp.raw._sock
        self.thread = threading.Thread(target=self.read, daemon=True)
        if self.response.status == 200:
            self.thread.start()

    def read(self):
        number, data, raw = None, [], []
        self.raw = raw
        try:
            for line in self.response:
                raw.append(line)
                if line == b"\n" and number is not None and data:
                    self.events.append((number, json.loads(b"\n".join(data))))
                    number, data = None, []
                elif line.startswith(b"id: "):  # one alone says where the stream begins
                    number = int(line[4:])
                elif line.startswith(b"data: "):
                    data.append(line[6:].rstrip(b"\n"))
        except (OSError, ValueError, http.client.HTTPException):
            pass
        self.ended = time.monotonic()

    def ids(self):
        return [number for number, _ in list(self.events)]

    def close(self):
        """As if the network had gone."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.thread.join(10)
        self.connection.close()
