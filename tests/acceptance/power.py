"""C3: the power goes. What a disk holds then is made of the log that power.c wrote: synced content and
synced names for certain, of the rest nothing, everything, or any part (single pages of a file; of a
folder's changes the first few, as file systems keep their order).

C3-broken is the proof that this can fail: the same with syncs left out must report losses."""

import os
import shutil
import struct
import subprocess
import sys
import time

import doors
from ledger import Verdict
from scene import Scene
from server import HERE

RECORD = struct.Struct("<QQII")
PAGE = 4096
VOLATILE = ("-shm",)  # mapped memory: SQLite makes it anew
BROKEN = (("/journal/", False), ("hinomi.db", True))  # what is never synced; is the journal trimmed?
FATES = ("nothing", "nothing", "part", "part", "everything")


class File:
    def __init__(self, content=b""):
        self.content = bytearray(content)
        self.waiting = []  # (number, kind, offset, bytes) since the last sync

    def apply(self, kind, offset, data):
        end = offset + len(data)
        if kind == "T" and offset < len(self.content):
            del self.content[offset:]
        elif end > len(self.content):
            self.content.extend(bytes(end - len(self.content)))
        if kind == "W":
            self.content[offset:end] = data

    def sync(self, before):
        while self.waiting and self.waiting[0][0] < before:
            self.apply(*self.waiting.pop(0)[1:])

    def lose(self, keep):
        """Every page of what was not synced has its own fate."""
        for _, kind, offset, data in self.waiting:
            if kind != "W":
                if keep():
                    self.apply(kind, offset, data)
                continue
            at = offset
            while at < offset + len(data):
                end = min(offset + len(data), (at // PAGE + 1) * PAGE)
                if keep():
                    self.apply("W", at, data[at - offset:end - offset])
                at = end
        self.waiting.clear()


class Folder:
    def __init__(self):
        self.names = {}
        self.waiting = []  # (number, [(name, File or Folder or None)...]): one change, whole or not

    def sync(self, before):
        while self.waiting and self.waiting[0][0] < before:
            self.names.update(self.waiting.pop(0)[1])

    def lose(self, keep):
        while self.waiting and keep():
            self.names.update(self.waiting.pop(0)[1])
        self.waiting.clear()


class Disk:
    """What is durable below a root, and what is on its way."""

    def __init__(self, root):
        self.root = root
        self.inodes = {}
        self.folders = {}  # path -> Folder, as the program sees them
        self.live = {}  # path -> File, as the program sees them
        self.scan(root)

    def scan(self, path):
        folder = Folder()
        self.folders[path] = folder
        self.inodes[os.stat(path).st_ino] = folder
        for entry in os.scandir(path):
            if entry.is_dir(follow_symlinks=False):
                folder.names[entry.name] = self.scan(entry.path)
            elif entry.is_file(follow_symlinks=False):
                with open(entry.path, "rb") as source:
                    file = File(source.read())
                folder.names[entry.name] = self.live[entry.path] = file
                self.inodes[entry.inode()] = file
        return folder

    def change(self, number, path, *changes):
        self.folders[path].waiting.append((number, list(changes)))

    def play(self, log_path):
        """Up to the last whole record: the process may have been killed in the middle of one."""
        with open(log_path, "rb") as source:
            log = source.read()
        at = 0
        while at + RECORD.size <= len(log):
            inode, offset, size, kind = RECORD.unpack_from(log, at)
            number = at
            at += RECORD.size + size
            if at > len(log):
                break
            self.step(number, inode, offset, chr(kind), log[at - size:at])

    def step(self, number, inode, offset, kind, data):
        if kind in "WTA":
            data = bytes(offset) if kind == "A" else data
            self.inodes[inode].waiting.append((number, kind, 0 if kind == "A" else offset, data))
        elif kind == "S":
            if inode in self.inodes:
                self.inodes[inode].sync(offset)
        else:
            getattr(self, "step_" + kind)(number, inode, data.decode())

    def step_C(self, number, inode, path):
        self.live[path] = self.inodes[inode] = File()
        self.change(number, os.path.dirname(path), (os.path.basename(path), self.live[path]))

    def step_M(self, number, _, path):
        self.folders[path] = Folder()
        self.inodes[os.stat(path).st_ino] = self.folders[path]
        self.change(number, os.path.dirname(path), (os.path.basename(path), self.folders[path]))

    def step_U(self, number, _, path):
        self.live.pop(path, None)
        self.change(number, os.path.dirname(path), (os.path.basename(path), None))

    def step_R(self, number, _, names):
        old, new = names.split("\0")
        file = self.live[new] = self.live.pop(old)
        gone, there = (os.path.basename(old), None), (os.path.basename(new), file)
        if os.path.dirname(old) == os.path.dirname(new):
            self.change(number, os.path.dirname(old), gone, there)
        else:
            self.change(number, os.path.dirname(new), there)
            self.change(number, os.path.dirname(old), gone)

    # ---- The power is gone ----

    def lose(self, fate, random):
        things = {id(thing): thing for thing in [*self.inodes.values(), *self.folders.values(),
                                                 *self.live.values()]}
        for thing in list(things.values()):
            luck = {"nothing": 0, "everything": 1}.get(fate, random.choice((0, 0.5, 0.9, 1)))
            thing.lose(lambda: random.random() < luck)

    def write(self, folder, path):
        os.makedirs(path, mode=0o700)
        for name, thing in folder.names.items():
            if isinstance(thing, Folder):
                self.write(thing, path + "/" + name)
            elif thing is not None and not name.endswith(VOLATILE):
                with open(path + "/" + name, "wb") as out:
                    out.write(thing.content)
                os.chmod(path + "/" + name, 0o600)

    def differs(self, folder, path):
        """Names in which the real folder is another; for the time when nothing was lost."""
        here = {name: thing for name, thing in folder.names.items() if thing is not None}
        found = [path + "/" + n for n in set(here) ^ set(os.listdir(path)) if not n.endswith(VOLATILE)]
        for name, thing in here.items():
            if isinstance(thing, Folder):
                found += self.differs(thing, path + "/" + name)
            elif os.path.exists(path + "/" + name) and not name.endswith(VOLATILE):
                with open(path + "/" + name, "rb") as source:
                    if source.read() != thing.content:
                        found.append(path + "/" + name)
        return found


class Machine:
    """Runs the server of a scene on such a disk."""

    def __init__(self, scene, library, skip=None):
        self.scene, self.library, self.skip = scene, library, skip
        self.root = scene.server.folder + "/disk"
        self.log = scene.server.folder + "/ops"
        self.env = {"HN_POWER_ROOT": self.root, "HN_POWER_LOG": self.log}
        if skip:
            self.env["HN_POWER_SKIP"] = skip
        scene.server.add_tokens = self.add_tokens

    def add_tokens(self):
        """By a process of its own, whose writes are written down as well."""
        server = self.scene.server
        code = f"import server; server.add_token({server.data + '/hinomi.db'!r})"
        subprocess.run([sys.executable, "-c", code], cwd=HERE, check=True,
                       env={**os.environ, **self.env, "LD_PRELOAD": self.library})
        server.fed = True

    def start(self):
        for path in (self.log, self.log + ".stop"):
            if os.path.exists(path):
                os.unlink(path)
        self.disk = Disk(self.root)
        self.scene.server.start(env=self.env, preload=(self.library,))

    def power_loss(self, fate, random):
        if fate == "everything":  # compared with what is there, so nothing may be half done
            with open(self.log + ".stop", "w", encoding="ascii"):
                time.sleep(0.2)
        self.scene.server.kill()
        self.disk.play(self.log)
        self.disk.lose(fate, random)
        if fate == "everything" and (others := self.disk.differs(self.disk.folders[self.root],
                                                                 self.root)):
            raise AssertionError(f"the log of operations is not complete: {others}")
        shutil.rmtree(self.root)
        self.disk.write(self.disk.folders[self.root], self.root)
        self.scene.server.fed = False  # the token of the test may be gone with the rest


def wait_for_trimming(server, seconds=90):
    """Two old segments are gone: the first one durably, because a new segment syncs the folder."""
    def oldest():
        return min(name for name in os.listdir(server.data + "/journal") if ".hnj" in name)[:16]

    seen = {oldest()}
    deadline = time.monotonic() + seconds
    while len(seen) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
        seen.add(oldest())


def run(program, count, random, options, trimmed, skip=None, fates=FATES):
    """skip None: the program as it is. trimmed: old parts of the journal go, so that what came of them
    is in the database only."""
    with Scene(program, options) as scene:
        server = scene.server
        machine = Machine(scene, library_of(options), skip)
        os.mkdir(machine.root)
        server.data = machine.root + "/data"
        server.configure(keep="1MiB" if trimmed else "0")
        machine.start()
        load = scene.load(doors.ALL if skip is None else (doors.Events,), rate=8,
                          pad=5000 if trimmed else 600)
        done = dict.fromkeys(fates, 0)
        for _ in range(count):
            if trimmed:
                wait_for_trimming(server)
            time.sleep(random.uniform(0.2, 2.5))
            fate = random.choice(fates)
            done[fate] += 1
            machine.power_loss(fate, random)
            machine.start()
            if skip is None:
                scene.tidy(load)
        verdict = scene.finish(load, pruned=trimmed)
        verdict.must(not trimmed or skip or scene.held.start > 0, "nothing of the journal was trimmed")
        verdict.figures.update({"power losses": count, **done})
        return verdict


def library_of(options):
    from run import Skip  # only when run.py is the program that asks

    if not options.library or not os.path.exists(options.library):
        raise Skip("--library does not name libhn_power.so")
    return os.path.abspath(options.library)


def test_C3(program, count, random, options):
    """Every third time with a journal that is trimmed."""
    trimmed = max(1, count // 3)
    verdict = run(program, count - trimmed, random, options, False)
    other = run(program, trimmed, random, options, True)
    verdict.add(other)
    return verdict


def broken(program, options, random, skip, trimmed):
    """What is said of a program that forgets these syncs."""
    try:
        verdict = run(program, 1 if trimmed else 2, random, options, trimmed, skip, fates=("nothing",))
    except AssertionError as error:
        return [str(error).split("\n", 1)[0]]
    return verdict.problems


def test_C3_broken(program, count, random, options):
    verdict = Verdict()
    for skip, trimmed in BROKEN * count:
        problems = broken(program, options, random, skip, trimmed)
        verdict.figures[f"without syncs of {skip}"] = f"{len(problems)} complaints"
        verdict.must(problems, f"nobody saw that {skip} was never synced")
        for problem in problems:
            print(f"  as it must be, without syncs of {skip}: {problem}", flush=True)
    return verdict
