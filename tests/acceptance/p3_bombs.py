#!/usr/bin/env python3
"""P3: bombs through the doors of a running server.

Bodies that unpack to a thousand times their size, twice packed ones, JSON 100,000 deep, lines without an
end, invalid UTF-8 and UTF-16, NUL, giant heads, a broken event log in a followed folder, forged octet
counts. Each is answered within BOMB_S by a refusal, or taken as the evidence it is; memory stays below
CEILING; an ordinary sender is served meanwhile, and nothing of it is lost. COUNT: how many times.

    p3_bombs.py build/clang/app/hinomi"""

import gzip
import os
import random
import socket
import sys
import time
import zlib

import doors
import kit
from server import HERE, TOKEN

CEILING = 700e6
BOMB_S = 30
MIB = 1 << 20


def zeros(mebibytes, level=9):
    """gzip of so many MiB of blanks, about a thousandth of them."""
    packer = zlib.compressobj(level, zlib.DEFLATED, 31)
    return b"".join(packer.compress(b" " * MIB) for _ in range(mebibytes)) + packer.flush()


def bodies(chance):
    """name -> (path, body, head fields, answers that are right). 200: kept as evidence."""
    deep = b"[" * 100000 + b"]" * 100000
    deep_object = b'{"a":' * 100000 + b"1" + b"}" * 100000
    packed = zeros(256)
    gz = {"Content_Encoding": "gzip"}
    return {
        "gzip 1000:1": ("/v1/events", packed, gz, (413,)),
        "gzip in gzip": ("/v1/events", gzip.compress(packed), gz, (200, 400, 413)),
        "gzip said twice": ("/v1/events", packed, {"Content_Encoding": "gzip, gzip"}, (400, 413, 415)),
        "gzip cut off": ("/v1/events", packed[:len(packed) // 2], gz, (400, 413)),
        "no gzip at all": ("/v1/events", b"\x1f\x8b" + chance.randbytes(5000), gz, (400,)),
        "bulk, gzip 1000:1": ("/_bulk", packed, gz, (413,)),
        "hec, gzip 1000:1": ("/services/collector/event", packed, gz, (413,)),
        "arrays 100,000 deep": ("/v1/events", deep, {}, (200, 400)),
        "objects 100,000 deep": ("/v1/events", deep_object, {}, (200, 400)),
        "bulk, objects deep": ("/_bulk", b'{"create":{}}\n' + deep_object + b"\n", {}, (200, 400)),
        "hec, objects deep": ("/services/collector/event", b'{"event":' + deep_object + b"}", {},
                              (200, 400)),
        "a line of 31 MiB": ("/v1/events", b"x" * (31 * MIB), {}, (200, 413, 429)),
        "a body of 100 MiB": ("/v1/events", b"x" * (100 * MIB), {}, (413, None)),
        "invalid UTF-8": ("/v1/events", b'{"a":"\xff\xfe\xed\xa0\x80\xf8"}\n' * 1000, {}, (200, 400)),
        "UTF-16": ("/v1/events", '{"a":"b"}\n'.encode("utf-16") * 1000, {}, (200, 400)),
        "half a surrogate": ("/v1/events", b'{"a":"\\ud800"}\n' * 1000, {}, (200, 400)),
        "NUL": ("/v1/events", b"\0" * MIB, {}, (200, 400)),
        "a million fields": ("/v1/events", b"{" + b",".join(b'"f%d":1' % n for n in range(1000000)) + b"}",
                             {}, (200, 400, 413, 429)),
        "numbers of 1 MiB": ("/v1/events", b'{"a":' + b"9" * MIB + b"}\n", {}, (200, 400)),
        "an unknown format": ("/v1/events?format=nothing&x", b"x", {}, (400,)),
        "a key of 100 KiB": ("/v1/events", b"{}", {"Idempotency_Key": "k" * 100000}, (400, 413, 431, None)),
        "random bytes": ("/v1/events", chance.randbytes(MIB), {}, (200, 400)),
    }


def heads():
    """Raw requests that are no sound ones; each must be refused or the connection closed."""
    token = TOKEN.encode()
    return {
        "a head without end": b"POST /v1/events HTTP/1.1\r\nHost: x\r\nX: " + b"a" * (4 * MIB),
        "100,000 fields": b"POST /v1/events HTTP/1.1\r\nHost: x\r\n" + b"".join(
            b"X-%d: y\r\n" % n for n in range(100000)) + b"\r\n",
        "a path of 1 MiB": b"GET /" + b"a" * MIB + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        "two lengths": b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
                       b"Content-Length: 2\r\nAuthorization: Bearer " + token + b"\r\n\r\nab",
        "a length past all numbers": b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: "
                                     b"99999999999999999999\r\n\r\n",
        "a chunk of 2 GiB": b"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token +
                            b"\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n" + b"x" * 40 * MIB,
        "a chunk past all numbers": b"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                                    token + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    b"ffffffffffffffffff\r\n" + b"x" * MIB,
        "no HTTP": bytes(range(256)) * 4096,
    }


def raw(port, request):
    """What the server says first, b"" when it closes; None when it does neither."""
    with socket.create_connection(("127.0.0.1", port), BOMB_S) as one:
        try:
            one.sendall(request)
            one.shutdown(socket.SHUT_WR)  # else what is over a limit may be read on to find its end
        except OSError:
            pass  # it need not read everything
        try:
            return one.recv(4096)
        except TimeoutError:
            return None
        except OSError:
            return b""


def syslog_bombs(port, chance):
    """Streams that are no messages: cut, counted, or the connection closed."""
    streams = [b"<13>" + b"x" * MIB * 16, b"999999999999 <13>x" + b"y" * MIB, b"\0" * MIB,
               b"1 " * MIB, chance.randbytes(MIB), b"<13>1 - - - - - - " + b"\xff\xfe" * MIB + b"\n"]
    for stream in streams:
        with socket.create_connection(("127.0.0.1", port), BOMB_S) as one:
            try:
                one.sendall(stream)
            except OSError:
                pass


def broken_evtx(path, chance):
    """An event log by its name and head, and then anything."""
    with open(path, "wb") as out:
        out.write(b"ElfFile\0" + bytes(8) + (1).to_bytes(8, "little") * 2 + (128).to_bytes(4, "little") +
                  (1).to_bytes(2, "little") + (3).to_bytes(2, "little") + (4096).to_bytes(2, "little") +
                  (0xffff).to_bytes(2, "little") + bytes(4096 - 44))
        for _ in range(8):
            chunk = bytearray(chance.randbytes(65536))
            chunk[:8] = b"ElfChnk\0"
            chunk[512:516] = b"\x2a\x2a\0\0"
            out.write(chunk)


def ask(run, body, path, fields, right):
    """The status; one that is told to come again (429) does, as a shipper would."""
    deadline = time.monotonic() + BOMB_S
    while True:
        answer = run.post(body, path=path, source="noisy", timeout=BOMB_S, **fields)
        status = answer[0] if answer else None
        if status != 429 or 429 in right or time.monotonic() > deadline:
            return status
        time.sleep(0.5)


def run(program, count, seed):
    chance = random.Random(seed)
    with kit.Run(program) as run:
        server = run.server
        server.configure(extra="")
        config = open(server.folder + "/hinomi.yaml", encoding="utf-8").read()
        with open(server.folder + "/hinomi.yaml", "w", encoding="utf-8") as out:
            out.write(config.replace('/*.log"]', f'/*.log", "{server.logs}/*.evtx"]'))
        server.start()
        load = doors.Load(server, run.ledger, (doors.Events, doors.Tcp), rate=10)
        done, slowest, answers = 0, (0.0, ""), {}
        for _ in range(count):
            for name, (path, body, fields, right) in bodies(chance).items():
                began = time.monotonic()
                run.hang_up()
                answers[name] = ask(run, body, path, fields, right)
                run.must(answers[name] in right, f"{name}: answered {answers[name]}")
                slowest = max(slowest, (time.monotonic() - began, name))
                done += 1
            run.hang_up()
            for name, request in heads().items():
                began = time.monotonic()
                said = raw(server.port, request)
                slowest = max(slowest, (time.monotonic() - began, name))
                run.must(said is not None and b" 200 " not in said[:20], f"{name}: {said and said[:60]}")
                done += 1
            syslog_bombs(server.tcp, chance)
            broken_evtx(f"{server.logs}/hostile{chance.randrange(10 ** 9)}.evtx", chance)
            with open(server.logs + "/endless.log", "ab") as out:
                for _ in range(64 if count == 1 else 1024):
                    out.write(b"x" * MIB)
            done += 8
        run.must(slowest[0] <= BOMB_S, f"{slowest[1]} took {slowest[0]:.0f} s")
        time.sleep(1)
        load.end()
        run.must(server.process.poll() is None and server.starts == 1, "the server ended")
        acks = [delay for _, delay in load.of(doors.Events).delays]
        server.settle(timeout=120)
        memory = kit.resident(server.process.pid)[1]
        run.must(memory <= kit.ceiling(run, CEILING), f"{memory / 1e6:.0f} MB of memory")
        run.must(server.metric("hinomi_findings_total") > 0, "nothing was counted as damaged")
        os.unlink(server.logs + "/endless.log")
        run.finish()
        run.verdict.figures.update({
            "bombs": done, "slowest": f"{slowest[1]} {slowest[0]:.1f} s", "MB at most": f"{memory / 1e6:.0f}",
            "others' acknowledgement p99 ms": f"{kit.percentile(acks, 0.99) * 1000:.0f}"})
        return run.verdict


if __name__ == "__main__":
    sys.path.insert(0, HERE)
    sys.exit(kit.main(run, 1, 10, __doc__))
