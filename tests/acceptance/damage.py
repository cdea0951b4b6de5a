"""D3: flipped bits and cut ends in every kind of file of the data folder. Damage is found, what is lost is
told exactly, the rest is there, and the server starts or says precisely why it does not."""

import os
import re
import shutil
import struct
import subprocess
import time

import doors
import ledger
from ledger import NUMBER, Verdict
from scene import Scene
from server import Server

FRAME = struct.Struct("<2sHIQQII")
HEADER_BYTES = 64
CHUNK_MAX = (256 << 10) + (128 << 10)  # of a packed segment: a chunk and the record that ends it
RANGE = re.compile(r"(\S+\.hnj\S*)?.*?\[?(\d+)(?: to |, ?|-)(\d+)")


# ---- The sound folder ----


class Base:
    """A server that was killed after all was judged: packed, sealed and active segments, snapshots,
    saved state of the doors, a set, a database with its log."""

    def __init__(self, scene):
        self.scene, self.server = scene, scene.server
        self.frames = {}  # offset -> (next, numbers)
        server = self.server
        server.configure(compress="false")
        server.start()
        self.fill(2 << 20)
        server.finish()
        self.read_frames()
        server.configure()
        server.start()
        self.wait_for(".zst")
        server.finish()
        server.configure(compress="false")
        server.start()
        self.fill(int(2.5 * (1 << 20)))
        server.settle(timeout=120)
        time.sleep(3.5)
        server.kill()
        self.read_frames()
        self.held = ledger.Held(server.program, server.data)

    def fill(self, size):
        start = self.server.metric("hinomi_journal_bytes_total")
        load = self.scene.load((doors.Events, doors.Bulk, doors.Hec, doors.Files), rate=30, pad=1500)
        while self.server.metric("hinomi_journal_bytes_total") - start < size:
            time.sleep(0.05)
        load.end()

    def wait_for(self, ending):
        deadline = time.monotonic() + 30
        while not self.files("journal", ending):
            if time.monotonic() > deadline:
                raise AssertionError(f"no file with {ending}")
            time.sleep(0.1)

    def files(self, folder, ending):
        path = f"{self.server.data}/{folder}"
        return sorted(f"{folder}/{n}" for n in os.listdir(path) if n.endswith(ending))

    def read_frames(self):
        for name in self.files("journal", ".hnj"):
            with open(f"{self.server.data}/{name}", "rb") as source:
                content = source.read()
            at = HEADER_BYTES
            while content[at:at + 2] == b"\xf5\x4a":
                _, _, size, offset, *_ = FRAME.unpack_from(content, at)
                body = content[at + FRAME.size:at + FRAME.size + size].decode("utf-8", "replace")
                numbers = {int(n) for n in NUMBER.findall(body)}
                self.frames[offset] = (offset + FRAME.size + size, numbers)
                at += FRAME.size + size

    def used(self, name):
        """Bytes of a file that mean something: a segment being written has room behind them."""
        size = os.path.getsize(f"{self.server.data}/{name}")
        if not name.endswith(".hnj"):
            return size
        first = int(os.path.basename(name)[:16], 16)
        return min(size, HEADER_BYTES + max(end for end, _ in self.frames.values()) - first)


# ---- Damage ----


def flip(path, at, random):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << random.randrange(8)]))


def cut(path, at, _):
    os.truncate(path, at)


class Copy:
    """The folder once more, with one thing damaged."""

    def __init__(self, base, program):
        self.base = base
        self.server = Server(program)
        shutil.copytree(base.server.data, self.server.data)
        shutil.copytree(base.server.logs, self.server.logs, dirs_exist_ok=True)
        self.server.fed = True

    def path(self, name):
        return f"{self.server.data}/{name}"
