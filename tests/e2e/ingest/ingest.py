#!/usr/bin/env python3
"""ingest.py SERVER CASE FOLDER - the HTTP doors on a real journal, met by good, careless and hostile
clients. The oracle is always the journal: what was answered with success is in it, once; what was
refused is not.

Each case says what it proves in its first line.
"""

import concurrent.futures
import fcntl
import gzip
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED = 77


class Server:
    def __init__(self, program, *options, folder=None):
        self.program = program
        self.folder = folder or tempfile.mkdtemp(prefix="hinomi-ingest-")
        self.tls = "--tls" in options
        self.process = subprocess.Popen([program, self.folder, *options], stdout=subprocess.PIPE,
                                        text=True)
        line = self.process.stdout.readline().split()
        check(line[:1] == ["port"], "the server did not start")
        self.port = int(line[1])

    def connect(self, timeout=30):
        if self.tls:
            context = ssl.create_default_context(cafile=self.folder + "/server.crt")
            return http.client.HTTPSConnection("localhost", self.port, context=context,
                                               timeout=timeout)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, method, path, body=None, headers=None):
        connection = self.connect()
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            answer.body = answer.read()
            return answer
        finally:
            connection.close()

    def post(self, path, body, **headers):
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("POST", path, body if isinstance(body, bytes) else body.encode(), names)

    def raw(self, request, timeout=10):
        """The whole answer to some bytes, up to the end of the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as s:
            s.sendall(request)
            s.settimeout(timeout)
            data = b""
            try:
                while chunk := s.recv(65536):
                    data += chunk
                    if b"\r\n\r\n" in data and b"onnection: close" not in data:
                        break
            except (TimeoutError, ConnectionError):
                pass
            return data

    def counters(self):
        return json.loads(self.ask("GET", "/v1/test/counters").body)

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        code = self.process.wait(30)
        check(code in (0, -number) if number == signal.SIGKILL else code == 0,
              f"the server ended with {code}")

    def journal(self):
        out = subprocess.run([self.program, self.folder, "--dump"], capture_output=True, text=True,
                             check=True).stdout
        return [json.loads(line) for line in out.splitlines()]

    def remove(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def check(truth, message):
    if not truth:
        raise AssertionError(message)


def same(got, wanted, what):
    check(got == wanted, f"{what}: got {got!r}, wanted {wanted!r}")


def body_of(answer):
    return json.loads(answer.body)


def nothing_held(server):
    """A request ends a moment after its answer was read."""
    deadline = time.monotonic() + 5
    while server.counters()["held_bytes"] > 0:
        check(time.monotonic() < deadline, "bodies are still held")
        time.sleep(0.05)


def ndjson(count, tag="n"):
    return "".join(json.dumps({tag: i}) + "\n" for i in range(count))


def bulk(documents, action="create", index="logs"):
    return "".join(json.dumps({action: {"_index": index}}) + "\n" + json.dumps(d) + "\n"
                   for d in documents)


def case_events(start, place):
    """What /v1/events accepts is in the journal, damage included; one key and body are one batch."""
    server = start()
    answer = server.post("/v1/events?source=proxy", ndjson(3) + "broken\n")
    same((answer.status, body_of(answer)["accepted"], body_of(answer)["warnings"]), (200, 4, 1), "lines")
    for _ in range(3):
        same(server.post("/v1/events", ndjson(1, "k"), Idempotency_Key="a").status, 200, "repeated")
    same(server.post("/v1/events", ndjson(2, "k"), Idempotency_Key="a").status, 200, "other body")
    same(server.post("/v1/events?format=syslog", "<13>Nov 23 01:02:03 h p: m\n").status, 200, "syslog")
    same(server.post("/v1/events?format=nonsense", "x\n").status, 400, "unknown format")
    same(server.post("/v1/events", ndjson(1), Idempotency_Key="a b").status, 400, "key with a blank")
    same(server.post("/v1/events", ndjson(1), Idempotency_Key="x" * 129).status, 400, "long key")
    server.stop()
    batches = server.journal()
    same([(b["source"], b["format"]) for b in batches],
         [("proxy", "json"), ("http", "json"), ("http", "json"), ("http", "syslog")], "batches")
    same(batches[0]["body"], ndjson(3) + "broken\n", "the body, damage included")


def case_bulk(start, place):
    """A bulk request gets one item for each action, in order, and only good documents are kept."""
    server = start()
    body = (bulk([{"a": 1}]) + '{"index":{"_index":"other","_id":"7"}}\r\n{"a":2}\r\n'
            + '{"update":{"_id":"1"}}\n{"doc":{}}\n{"delete":{"_id":"1"}}\n'
            + '{"create":{}}\n{"a":3}\n{"create":{"_index":"logs"}}\n[1]\n'
            + '{"create":{"_index":"logs"}}\n{"a":4}')
    answer = server.post("/_bulk", body, Content_Type="application/x-ndjson")
    same(answer.getheader("X-Elastic-Product"), "Elasticsearch", "product")
    reply = body_of(answer)
    same([list(i.items())[0][1]["status"] for i in reply["items"]],
         [201, 201, 400, 400, 400, 400, 201], "statuses")
    same(reply["errors"], True, "errors")
    same([list(i)[0] for i in reply["items"]],
         ["create", "index", "update", "delete", "create", "create", "create"], "verbs")
    packed = server.post("/app/_bulk", gzip.compress(b'{"create":{}}\n{"a":5}\n'),
                         Content_Encoding="gzip")
    same(body_of(packed)["errors"], False, "index from the path, gzip")
    same(server.post("/_bulk?filter_path=errors,items.*.error", bulk([{}])).body,
         b'{"errors":false,"items":[{"create":{}}]}', "filter_path")
    same(server.post("/_bulk", '{"create":{}}x\n{}\n').status, 400, "action with a tail")
    same(server.post("/_bulk", "\n\n").status, 400, "nothing")
    for path in ("/", "/_license?human=false", "/_xpack", "/_nodes/http", "/_cluster/health",
                 "/_index_template/filebeat", "/_ilm/policy/p", "/_data_stream/d"):
        answer = server.ask("GET", path)
        same((answer.status, answer.getheader("X-Elastic-Product")), (200, "Elasticsearch"), path)
        json.loads(answer.body)
        same(server.ask("HEAD", path).status, 200, "HEAD " + path)
    same(server.ask("PUT", "/_index_template/x", b"{}").status, 200, "PUT template")
    server.stop()
    same([(b["stream"], b["body"]) for b in server.journal()],
         [("logs", '{"a": 1}\n{"a":4}\n'), ("other", '{"a":2}\n'), ("app", '{"a":5}\n'),
          ("logs", "{}\n")], "batches")


def case_hec(start, place):
    """HEC: envelopes, raw, codes as Splunk numbers them, acknowledgements told once."""
    server = start("--token", "secret")
    path, auth = "/services/collector", {"Authorization": "Splunk secret"}

    def send(body, tail="", **headers):
        answer = server.post(path + tail, body, **auth, **headers)
        return answer.status, body_of(answer).get("code"), body_of(answer)

    event = '{"time":1426279439.5,"host":"h","event":{"x":1}}'
    same(send(event)[:2], (200, 0), "event")
    same(send(event + event, "/event/1.0", X_Splunk_Request_Channel="c")[2]["ackId"], 0, "ack id")
    same(send("line 1\nline 2\n", "/raw?channel=c&source=/var/log/x")[2]["ackId"], 1, "ack id")
    same(send('{"acks":[0,1,2]}', "/ack?channel=c")[2]["acks"],
         {"0": True, "1": True, "2": False}, "acks")
    same(send('{"acks":[0,1,2]}', "/ack?channel=c")[2]["acks"],
         {"0": False, "1": False, "2": False}, "acks are told once")
    same(send('{"acks":[0]}', "/ack?channel=d")[2]["acks"], {"0": False}, "another channel")
    same(send('{"acks":[0]}', "/ack")[:2], (400, 10), "ack without channel")
    same(send("")[:2], (400, 5), "no data")
    same(send(event + "{")[:2], (400, 6), "cut off")
    same(send(event + '{"host":"h"}')[2],
         {"text": "Event field is required", "code": 12, "invalid-event-number": 1}, "no event")
    same(send('{"event":""}')[:2], (400, 13), "blank")
    same(send('{"event":"x","fields":{"a":{}}}')[:2], (400, 15), "fields")
    same(server.ask("GET", path + "/health").status, 200, "health needs no token")
    for headers, wanted in (({}, (401, 2)), ({"Authorization": "Nonsense x"}, (401, 3)),
                            ({"Authorization": "Splunk wrong"}, (403, 4))):
        answer = server.post(path, event, **headers)
        same((answer.status, body_of(answer)["code"]), wanted, str(headers))
    server.stop()
    batches = server.journal()
    same([(b["source"], b["format"]) for b in batches],
         [("tested", "json"), ("tested", "json"), ("tested", "")], "batches")
    same(json.loads(batches[0]["body"]), {"x": 1, "_time": 1426279439.5, "host": "h"}, "event")
    same(batches[2]["stream"], "/var/log/x", "raw's source")


def case_refusals(start, place):
    """Tokens: every scheme; what is refused says so in the client's own words and stores nothing."""
    server = start("--token", "secret", "--body", "100000")
    basic = "Basic dXNlcjpzZWNyZXQ="  # user:secret
    for value in (basic, "ApiKey aWQ6c2VjcmV0", "Bearer secret", "Splunk secret", "bearer secret"):
        same(server.post("/v1/events", ndjson(1), Authorization=value).status, 200, value)
    answer = server.post("/v1/events", ndjson(1))
    same(answer.status, 401, "no token")
    check(answer.getheader("WWW-Authenticate"), "a challenge")
    same(body_of(answer)["status"], 401, "problem document")
    same(server.post("/v1/events", ndjson(1), Authorization="Bearer viewer").status, 403, "not for events")
    answer = server.post("/_bulk", bulk([{}]), Authorization="Bearer wrong")
    same((answer.status, body_of(answer)["error"]["type"]), (401, "security_exception"), "elastic")
    for size in (100001, 3000000):
        same(server.post("/v1/events", b"x" * size, Authorization=basic).status, 413, f"{size} bytes")
    zeros = gzip.compress(b"0" * 5000000)
    same(server.post("/v1/events", zeros, Authorization=basic, Content_Encoding="gzip").status, 413,
         "packed")
    same(server.post("/v1/events", b"x", Authorization=basic, Content_Encoding="br").status, 415, "br")
    for broken in (b"no gzip", gzip.compress(ndjson(99).encode())[:-9], gzip.compress(b"{}") + b"x"):
        same(server.post("/v1/events", broken, Authorization=basic, Content_Encoding="gzip").status,
             400, "broken gzip")
    deflated = zlib.compress(ndjson(1).encode())
    same(server.post("/v1/events", deflated, Authorization=basic, Content_Encoding="deflate").status,
         200, "deflate")
    twice = gzip.compress(b'{"a":1}\n') + gzip.compress(b'{"a":2}\n')
    same(body_of(server.post("/v1/events", twice, Authorization=basic,
                             Content_Encoding="gzip"))["accepted"], 2, "two gzip members")
    for path in ("/v1/../v1/events", "/v1/%2e%2e/events", "//v1/events", "/v1/events%00", "/v1/ev%zz"):
        same(server.post(path, ndjson(1), Authorization=basic).status, 400, path)
    nothing_held(server)
    server.stop()
    same(len(server.journal()), 7, "batches")


def case_head(start, place):
    """HEAD, OPTIONS, 404, 405, cookies, origin, and the fields every answer has."""
    server = start()
    answer = server.ask("HEAD", "/v1/test/echo/x")
    same((answer.status, answer.body), (200, b""), "HEAD")
    check(int(answer.getheader("Content-Length")) > 0, "HEAD has the length")
    same(server.ask("OPTIONS", "/_bulk").getheader("Allow"), "POST, PUT, OPTIONS", "OPTIONS")
    answer = server.ask("DELETE", "/v1/events")
    same((answer.status, answer.getheader("Allow")), (405, "POST, OPTIONS"), "405")
    answer = server.ask("GET", "/v1/nothing")
    same((answer.status, answer.getheader("Content-Type")), (404, "application/problem+json"), "404")
    same(body_of(answer)["requestId"], answer.getheader("X-Request-Id"), "request id")
    for name in ("X-Content-Type-Options", "Content-Security-Policy", "Cache-Control"):
        check(answer.getheader(name), name)
    host = f"127.0.0.1:{server.port}"
    for headers, origin in (({}, 0), ({"Origin": "http://" + host}, 1),
                            ({"Origin": "https://" + host}, 2), ({"Origin": "http://evil"}, 2),
                            ({"Origin": "null"}, 2), ({"Sec-Fetch-Site": "cross-site"}, 2),
                            ({"Sec-Fetch-Site": "same-origin"}, 1)):
        headers["Cookie"] = "a=b; session=s3; c"
        echo = body_of(server.ask("GET", "/v1/test/echo/a%2Fb?q=x%26+y&q=z", headers=headers))
        same(echo, {"name": "a/b", "path": "/v1/test/echo/a/b", "host": "127.0.0.1",
                    "origin": origin, "q": "x& y", "session": "s3"}, str(headers))
    server.stop()


def case_smuggling(start, place):
    """What two parsers could read as different requests is refused, and nothing of it is stored."""
    server = start()
    post = b"POST /v1/events HTTP/1.1\r\nHost: x\r\n"
    hidden = b'{"smuggled":1}\n'
    length = b"Content-Length: %d\r\n" % len(hidden)
    chunked = b"Transfer-Encoding: chunked\r\n"
    chunk = b"%x\r\n" % len(hidden) + hidden + b"\r\n0\r\n\r\n"
    attempts = {
        "length and chunked": post + length + chunked + b"\r\n" + chunk,
        "chunked and length": post + chunked + length + b"\r\n" + chunk,
        "two lengths": post + length + b"Content-Length: 3\r\n\r\n" + hidden,
        "the same length twice": post + length + length + b"\r\n" + hidden,
        "chunked twice": post + chunked + chunked + b"\r\n" + chunk,
        "a list of codings": post + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + chunk,
        "not quite chunked": post + b"Transfer-Encoding: xchunked\r\n\r\n" + chunk,
        "a signed length": post + b"Content-Length: +15\r\n\r\n" + hidden,
        "a list of lengths": post + b"Content-Length: 15, 15\r\n\r\n" + hidden,
        "a hexadecimal length": post + b"Content-Length: 0xf\r\n\r\n" + hidden,
        "line feeds only": (post + length + b"\r\n").replace(b"\r\n", b"\n") + hidden,
        "one bare line feed": post[:-2] + b"\n" + length + b"\r\n" + hidden,
        "a bare carriage return": post + b"X: a\rContent-Length: 3\r\n" + length + b"\r\n" + hidden,
        "a folded line": post + b"X: a\r\n b\r\n" + length + b"\r\n" + hidden,
        "a folded coding": post + b"Transfer-Encoding:\r\n chunked\r\n" + length + b"\r\n" + hidden,
        "a blank before the colon": post + b"Content-Length : 15\r\n\r\n" + hidden,
        "NUL in a value": post + b"X: a\0b\r\n" + length + b"\r\n" + hidden,
        "two hosts": post + b"Host: y\r\n" + length + b"\r\n" + hidden,
        "no host": b"POST /v1/events HTTP/1.1\r\n" + length + b"\r\n" + hidden,
        "an absolute target": post.replace(b"/v1", b"http://x/v1") + length + b"\r\n" + hidden,
        "chunked in 1.0": post.replace(b"1.1", b"1.0") + chunked + b"\r\n" + chunk,
        "a huge chunk": post + chunked + b"\r\nfffffffffffffffff\r\n" + hidden,
        "a chunk size that is none": post + chunked + b"\r\n-1\r\n" + hidden,
        "a long head": post + b"X: " + b"a" * 20000 + b"\r\n" + length + b"\r\n" + hidden,
        "a longer head": post + b"X: " + b"a" * 300000 + b"\r\n" + length + b"\r\n" + hidden,
    }
    for name, request in attempts.items():
        answer = server.raw(request + b"GET /v1/test/echo/second HTTP/1.1\r\nHost: x\r\n\r\n")
        status = answer[9:12]
        check(status[:1] in (b"4", b"5"), f"{name}: {answer[:100]!r}")
        check(b"second" not in answer, f"{name}: what followed was taken for a request")
        check(b"HTTP/1.1 2" not in answer, f"{name}: a success behind the refusal")
    good = server.raw(post + length + b"\r\n" + hidden)
    check(good.startswith(b"HTTP/1.1 200"), "the sound request is taken")
    good = server.raw(post + chunked + b"\r\n" + chunk)
    check(good.startswith(b"HTTP/1.1 200"), "the sound chunked request is taken")
    server.stop()
    same(len(server.journal()), 2, "batches: the two sound ones")


def case_slowloris(start, place):
    """200 connections that send a byte now and then: others are served, and they are closed in time."""
    server = start("--head-ms", "2000")
    slow = []
    for i in range(200):
        s = socket.create_connection(("127.0.0.1", server.port))
        s.sendall(b"POST /v1/events HTTP/1.1\r\nHost: x\r\n" if i % 2 else b"G")
        slow.append(s)
    began = time.monotonic()
    done = threading.Event()

    def drip():
        while not done.wait(0.3):
            for s in slow:
                try:
                    s.send(b"X")
                except OSError:
                    pass

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        worst = 0.0
        while time.monotonic() - began < 2:
            before = time.monotonic()
            same(server.post("/v1/events", ndjson(1)).status, 200, "others")
            worst = max(worst, time.monotonic() - before)
        check(worst < 1, f"others waited {worst:.2f} s")
        while server.counters()["open_connections"] > 1:
            check(time.monotonic() - began < 6, "slow connections are still open after 6 s")
            time.sleep(0.1)
        check(server.counters()["timed_out"] >= 200, "they were counted")
    finally:
        done.set()
        dripping.join()
        for s in slow:
            s.close()
    server.stop()


def case_overload(start, place):
    """More than the journal can hold: 429 with Retry-After, and exactly what got 200 is stored."""
    server = start("--pending", "300000")
    accepted, refused = [], []

    def send(number):
        body = json.dumps({"id": number, "pad": "x" * 20000}) + "\n"
        if number % 2:
            answer = server.post("/v1/events", body)
        else:
            answer = server.post("/_bulk", '{"create":{"_index":"i"}}\n' + body)
        if answer.status == 200 and b'"errors":true' not in answer.body:
            accepted.append(number)
        else:
            check(answer.status == 429, f"status {answer.status}")
            check(int(answer.getheader("Retry-After")) >= 1, "Retry-After")
            refused.append(number)

    with concurrent.futures.ThreadPoolExecutor(48) as pool:
        list(pool.map(send, range(2000)))
    server.stop()
    same(sorted(documents_of(server)), sorted(accepted), "stored = acknowledged")
    check(refused, "nothing was refused: the test has no overload")
    print(f"{len(accepted)} taken, {len(refused)} refused with 429")


def case_quota(start, place):
    """A source over its quota gets 429 (per item in bulk too), another one is not disturbed."""
    server = start("--rate", "20000")
    big = json.dumps({"pad": "x" * 9000}) + "\n"
    statuses = [server.post("/v1/events?source=noisy", big).status for _ in range(6)]
    check(statuses[0] == 200 and 429 in statuses, f"statuses {statuses}")
    same(server.post("/v1/events?source=quiet", big).status, 200, "another source")
    answer = server.post("/_bulk?source=noisy", '{"create":{"_index":"i"}}\n' + big)
    same(answer.status, 429, "bulk as a whole")
    check(answer.getheader("Retry-After"), "Retry-After")
    answer = server.post("/_bulk?source=noisy", '{"create":{"_index":"i"}}\n' + big
                         + '{"create":{"_index":"i"}}\nbroken\n')
    same([list(i.values())[0]["status"] for i in body_of(answer)["items"]], [429, 400], "per item")
    server.stop()


def case_bodies(start, place):
    """Bodies of all requests together have a cap; one that comes slowly has a deadline."""
    server = start("--bodies", "3000000")
    half = b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 1500000
    holding = []
    for _ in range(3):
        s = socket.create_connection(("127.0.0.1", server.port))
        s.settimeout(10)
        s.sendall(half)
        holding.append(s)
    time.sleep(0.5)
    for s in holding:
        s.sendall(b"x" * 500000)
    answers = sorted(s.recv(12)[9:12] for s in holding)
    check(answers[-1] == b"503", f"answers {answers}")
    for s in holding:
        s.close()
    same(server.post("/v1/events", ndjson(1)).status, 200, "afterwards")
    nothing_held(server)
    server.stop()


def endless(server, path, speed, seconds, chunked=True):
    """Sends a chunk that never ends until the server has had enough: its first words, when they
    came, when it closed, bytes sent. speed: bytes every tenth of a second; 0: all it takes."""
    framing = b"Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n" if chunked else b"Content-Length: 400000\r\n\r\n"
    context = ssl.create_default_context(cafile=server.folder + "/server.crt") if server.tls else None
    began, said_at, sent, said = time.monotonic(), None, 0, b""
    with socket.create_connection(("127.0.0.1", server.port)) as plain:
        s = context.wrap_socket(plain, server_hostname="localhost") if context else plain
        s.sendall(b"POST " + path + b" HTTP/1.1\r\nHost: x\r\n" + framing)
        while time.monotonic() - began < seconds:
            try:
                s.settimeout(5)
                sent += s.send(b"x" * (speed or 65536))
                s.settimeout(0.1 if speed and said_at is None else 0.001)
                got = s.recv(65536)
                if not got:
                    break
                said_at = said_at or time.monotonic() - began
                said += got
            except (TimeoutError, ssl.SSLWantReadError):
                pass
            except OSError:
                break
        s.close()
    return said, said_at, time.monotonic() - began, sent


def case_chunks(start, place):
    """A chunk without end is answered 413 when it is over the limit, while it is still being sent,
    and the connection is closed soon; one that trickles is closed at its deadline, whatever came fast
    before; a refused head is answered at once. Others are served meanwhile."""
    for options in ((), ("--tls",)):
        server = start("--body", "1000000", "--body-ms", "2000", *options)

        def refused(path, want, speed, server=server):
            said, at, closed, sent = endless(server, path, speed, 20)
            what = f"{path} at {speed or 'full'} speed: {said[:40]}, after {at} s, closed {closed:.1f} s, {sent} sent"
            check(said.startswith(b"HTTP/1.1 " + want), what)
            check(at < 3 and closed < 8, what)
            check(b"onnection: close" in said and said.count(b"HTTP/1.1") == 1, what)

        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            tries = [pool.submit(refused, path, want, speed) for speed in (0, 200000) for path, want in
                     ((b"/v1/events", b"413"), (b"/_bulk", b"413"), (b"/nowhere", b"404"))]
            for _ in range(20):
                same(server.post("/v1/events", ndjson(1)).status, 200, "others meanwhile")
                time.sleep(0.05)
            for one in tries:
                one.result()
        same(server.post("/v1/events", ndjson(1)).status, 200, "others")
        nothing_held(server)
        server.stop()
        same(len(server.journal()), 21, "what was refused is not in the journal")
    server = start("--body-ms", "1500")
    for chunked in (True, False):
        said, at, closed, _ = endless(server, b"/v1/events", 1, 20, chunked)
        check(said == b"" and closed < 5, f"a trickle: {said[:40]}, closed after {closed:.1f} s")
        with socket.create_connection(("127.0.0.1", server.port), 10) as s:
            s.sendall(b"POST /v1/events HTTP/1.1\r\nHost: x\r\n"
                      + (b"Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n" if chunked
                         else b"Content-Length: 9000000\r\n\r\n") + b"x" * 4000000)
            began = time.monotonic()
            same(s.recv(10), b"", "nothing is said")
            waited = time.monotonic() - began
            check(waited < 5, f"4 MB and then silence: closed after {waited:.1f} s")
    with socket.create_connection(("127.0.0.1", server.port), 10) as s:
        s.sendall(b"POST /v1/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\nx")
        s.shutdown(socket.SHUT_WR)
        began = time.monotonic()
        same(s.recv(10), b"", "half a chunk, and the client's end")
        check(time.monotonic() - began < 5, "an end within a chunk is noticed")
    nothing_held(server)
    began = time.monotonic()
    while server.counters()["open_connections"] > 1:
        check(time.monotonic() - began < 5, "connections are still open")
        time.sleep(0.05)
    server.stop()
    same(server.journal(), [], "nothing came to its end")


def case_killed(start, place):
    """kill -9 between commit and answer, then the same key again: one batch, for ten keys."""
    folder = tempfile.mkdtemp(prefix="hinomi-ingest-")
    for number in range(10):
        server = start("--die", folder=folder)
        try:
            server.post("/v1/events", ndjson(1, f"k{number}"), Idempotency_Key=f"key-{number}")
            check(False, "the server answered before it died")
        except (ConnectionError, http.client.HTTPException):
            pass
        same(server.process.wait(10), -signal.SIGKILL, "how it ended")
        server = start(folder=folder)
        same(server.post("/v1/events", ndjson(1, f"k{number}"),
                         Idempotency_Key=f"key-{number}").status, 200, "again")
        server.stop()
    same([b["body"] for b in server.journal()], [ndjson(1, f"k{n}") for n in range(10)], "batches")


def case_late(start, place):
    """40 answers that come 300 ms later from other threads need no thread of the server each."""
    server = start()
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda _: server.ask("GET", "/v1/test/late"), range(40)))
    took = time.monotonic() - began
    same({a.status for a in answers}, {200}, "statuses")
    check(took < 3, f"{took:.1f} s: they were answered one after the other")
    with socket.create_connection(("127.0.0.1", server.port)) as s:  # goes away before the answer
        s.sendall(b"GET /v1/test/late HTTP/1.1\r\nHost: x\r\n\r\n")
    time.sleep(0.5)
    same(server.counters()["open_connections"], 1, "connections")
    server.stop()


def case_stream(start, place):
    """A stream's reader gets everything in order; one that does not read is dropped, counted."""
    server = start()
    connection = server.connect()
    connection.request("GET", "/v1/test/stream")
    answer = connection.getresponse()
    same(answer.getheader("Content-Type"), "text/event-stream", "type")
    ids = []
    while len(ids) < 20:
        line = answer.readline()
        if line.startswith(b"id: "):
            ids.append(int(line[4:]))
    same(ids, list(range(20)), "ids")
    connection.close()
    lazy = socket.create_connection(("127.0.0.1", server.port))
    lazy.sendall(b"GET /v1/test/stream HTTP/1.1\r\nHost: x\r\n\r\n")
    deadline = time.monotonic() + 10
    while server.counters()["slow_readers"] == 0:
        check(time.monotonic() < deadline, "the lazy reader still holds its stream")
        time.sleep(0.1)
    while server.counters()["open_streams"] > 0:
        check(time.monotonic() < deadline, "streams are still open")
        time.sleep(0.1)
    lazy.close()
    server.stop()


def case_tls(start, place):
    """TLS 1.2 and 1.3 only; the key is private; a new certificate is used without restart."""
    server = start("--tls")
    same(os.stat(server.folder + "/server.key").st_mode & 0o777, 0o600, "mode of the key")
    answer = server.post("/v1/events", ndjson(1))
    same(answer.status, 200, "with the certificate that was made")
    check(answer.getheader("Strict-Transport-Security"), "HSTS")

    def handshake(low, high):
        context = ssl.create_default_context(cafile=server.folder + "/server.crt")
        context.minimum_version, context.maximum_version = low, high
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as s:
            with context.wrap_socket(s, server_hostname="localhost") as t:
                return t.version(), t.getpeercert(True)

    same(handshake(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)[0], "TLSv1.2", "1.2")
    version, first = handshake(ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3)
    same(version, "TLSv1.3", "1.3")
    old = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-tls1_1",
                          "-cipher", "DEFAULT:@SECLEVEL=0"], input=b"", capture_output=True)
    check(old.returncode != 0, "TLS 1.1 was taken")
    check(server.raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 2)[:4] != b"HTTP", "plain on the TLS port")
    held = server.connect()
    held.request("GET", "/v1/test/echo/a")
    held.getresponse().read()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", server.folder + "/server.key",
                    "-out", server.folder + "/server.crt", "-subj", "/CN=new", "-addext",
                    "subjectAltName=DNS:localhost"], check=True, capture_output=True)
    server.process.send_signal(signal.SIGHUP)
    same(server.process.stdout.readline(), "reloaded\n", "reload")
    check(handshake(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)[1] != first, "the new certificate")
    held.request("GET", "/v1/test/echo/b")
    same(held.getresponse().status, 200, "a connection from before")
    server.stop()


def case_stop(start, place):
    """SIGTERM under load: what is being worked on is answered; exactly what got 200 is stored."""
    server = start()
    accepted, lock = [], threading.Lock()

    def send(number):
        try:
            answer = server.post("/v1/events", json.dumps({"id": number}) + "\n")
        except (OSError, http.client.HTTPException):
            return
        if answer.status == 200:
            with lock:
                accepted.append(number)

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        for number in range(3000):
            pool.submit(send, number)
        time.sleep(0.5)
        server.stop()
    stored = documents_of(server)
    check(set(accepted) <= set(stored), "an acknowledged event is not stored")
    same(len(stored), len(set(stored)), "stored twice")
    check(accepted, "nothing was sent before the end")
    check(len(stored) - len(accepted) <= 16, f"{len(stored)} stored, {len(accepted)} acknowledged")


def case_curl(start, place):
    """curl as docs/shippers.md has it: TLS, gzip, a body that asks first (Expect: 100-continue)."""
    if not shutil.which("curl"):
        print("SKIPPED: curl is not installed")
        sys.exit(SKIPPED)
    server = start("--tls", "--token", "TOKEN")

    def curl(path, body, *options):
        done = subprocess.run(["curl", "-sS", "--cacert", server.folder + "/server.crt", "-w",
                               "\n%{http_code}", *options, "--data-binary", "@-",
                               f"https://localhost:{server.port}{path}"],
                              input=body, capture_output=True, timeout=60)
        check(done.returncode == 0, done.stderr.decode())
        text, status = done.stdout.decode().rsplit("\n", 1)
        return int(status), text

    token = ("-H", "Authorization: Bearer TOKEN")
    long = ndjson(200000).encode()
    status, text = curl("/v1/events", gzip.compress(long), *token, "-H", "Content-Encoding: gzip",
                        "-H", "Idempotency-Key: 1")
    same((status, json.loads(text)["accepted"]), (200, 200000), "gzip")
    asks = ("-H", "Expect: 100-continue")
    same(curl("/v1/events", long, *token, *asks)[0], 200, "100-continue")
    same(curl("/v1/events", long, *asks)[0], 401, "refused before the body is sent")
    same(curl("/v1/events", long, *token, "-H", "Transfer-Encoding: chunked")[0], 200, "chunked")
    same(json.loads(curl("/services/collector/event", b'{"event":{"a":1}}', "-H",
                         "Authorization: Splunk TOKEN")[1])["code"], 0, "HEC")
    server.stop()
    same([len(b["body"]) for b in server.journal()], [len(long)] * 3 + [len('{"a":1}\n')], "batches")


def npm(place):
    """Clients from npm, in the build folder; versions are pinned in npm/package-lock.json. One case
    at a time puts them there: "npm ci" begins by deleting what another one is using."""
    os.makedirs(place, exist_ok=True)
    with open(os.path.join(place, "lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        npm_install(place)


def npm_install(place):
    marker = os.path.join(place, "installed")
    with open(os.path.join(HERE, "npm", "package-lock.json"), encoding="utf-8") as lock_file:
        wanted = lock_file.read()
    if not shutil.which("npm"):
        print("SKIPPED: npm is not installed")
        sys.exit(SKIPPED)
    if not os.path.exists(marker) or open(marker, encoding="utf-8").read() != wanted:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(os.path.join(HERE, "npm", name), place)
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=place,
                              capture_output=True, text=True)
        if done.returncode != 0:
            print("SKIPPED: npm has no network?\n" + done.stderr[-500:])
            sys.exit(SKIPPED)
        with open(marker, "w", encoding="utf-8") as out:
            out.write(wanted)
    for name in ("elastic.mjs", "hec.mjs"):
        shutil.copy(os.path.join(HERE, "npm", name), place)


def run_node(place, script, *arguments):
    done = subprocess.run(["node", script, *map(str, arguments)], cwd=place, capture_output=True,
                          text=True, timeout=120)
    check(done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:])
    print(done.stdout.strip())


def documents_of(server):
    return [json.loads(line)["id"] for b in server.journal() for line in b["body"].splitlines()]


def case_elastic_client(start, place):
    """@elastic/elasticsearch: info, client.bulk, helpers.bulk with gzip, sending again after 429."""
    npm(place)
    server, narrow = start("--token", "secret"), start("--token", "secret", "--pending", "400000")
    run_node(place, "elastic.mjs", server.port, "secret", narrow.port)
    server.stop()
    narrow.stop()
    same(sorted(documents_of(server)), list(range(5003)), "documents")
    same(sorted(documents_of(narrow)), list(range(2000)), "documents that were refused at first")


def case_hec_client(start, place):
    """splunk-logging, the HEC client of Splunk itself."""
    npm(place)
    server = start("--token", "secret")
    run_node(place, "hec.mjs", server.port, "secret")
    server.stop()
    text = "".join(b["body"] for b in server.journal())
    for number in range(300):
        same(text.count(f"event-{number}-"), 1, f"event {number}")


def main():
    program, name, place = sys.argv[1], sys.argv[2], sys.argv[3]
    servers = []

    def start(*options, folder=None):
        servers.append(Server(program, *options, folder=folder))
        return servers[-1]

    try:
        globals()["case_" + name](start, place)
    finally:
        for server in servers:
            server.remove()


if __name__ == "__main__":
    main()
