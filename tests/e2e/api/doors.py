"""Hostile text through every door."""

import csv
import http.client
import io
import json
import socket

from payloads import raw_bytes, texts
from server import same

FIELDS = ("Computer", "User", "Image", "ParentImage", "ParentCommandLine", "OriginalFileName",
          "Hashes", "Company", "TargetFilename")

RULE = """title: "{title}"
id: 11111111-2222-3333-4444-{number:012d}
status: test
level: {level}
logsource: {source}
detection: {detection}
---
"""


def rules():
    keyed = "{{sel: {{CommandLine|contains: '{0}'}}, condition: sel}}"
    loose = "{sel: ['HNW4H'], condition: sel}"
    windows = "{product: windows, category: process_creation}"
    rows = [("critical", windows, keyed.format("HNW4M")), ("high", windows, keyed.format("HNW4H")),
            ("high", "{product: linux}", loose), ("high", "{product: fortigate}", loose),
            ("high", "{category: webserver}", loose)]
    return "".join(RULE.format(title=f"rule {i} <b>\\u202e=1+1\\r\\nX: y\\e[31m", number=i, level=level,
                               source=source, detection=detection)
                   for i, (level, source, detection) in enumerate(rows)).rstrip("-\n")


def event(mark, text):
    """A process with text in every field, and as a field's name."""
    return {"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1,
            "UtcTime": "2026-11-23 01:02:03.004", "CommandLine": f"{mark} {text}",
            "Name " + text: "x", **{field: text for field in FIELDS}}


def one_line(text, *more):
    for c in ("\r", "\n", "\x00", *more):
        text = text.replace(c, " ")
    return text


class Doors:
    """Every text through every door; what went in, by its mark."""

    def __init__(self, site):
        self.site, self.sent = site, {}
        self.texts = texts()

    def mark(self, door, number, level="H"):
        mark = f"HNW4{level} {door}{number};"
        return mark

    def tell(self, door, level="H", change=lambda text: text):
        for number, text in enumerate(self.texts):
            mark = self.mark(door, number, level)
            self.sent[mark] = change(text)
            yield mark, change(text)

    def all(self):
        self.file_json()
        self.file_raw_json()
        self.http()
        self.hec()
        self.syslog()
        self.cef()
        self.kv()
        self.weblog()
        self.csv()
        self.not_utf8()

    def append(self, name, data):
        with open(self.site.path(f"logs/{name}"), "ab") as f:
            f.write(data)

    def file_json(self):
        self.append("logs.jsonl", b"".join(
            json.dumps(event(mark, text)).encode() + b"\n" for mark, text in self.tell("escaped")))

    def file_raw_json(self):
        self.append("raw.jsonl", b"".join(
            json.dumps(event(mark, text), ensure_ascii=False).encode() + b"\n"
            for mark, text in self.tell("raw")))

    def http(self):
        lines = [json.dumps(event(mark, text), ensure_ascii=False).encode() + b"\n"
                 for mark, text in self.tell("http", "M")]
        self.post("/v1/events", b"".join(lines))

    def not_utf8(self):
        lines = []
        for number, data in enumerate(raw_bytes()):
            mark = self.mark("bytes", number)
            self.sent[mark] = data.decode("utf-8", "replace")
            lines.append(json.dumps(event(mark, "@")).encode().replace(b"@", data) + b"\n")
        self.post("/v1/events", b"".join(lines))

    def hec(self):
        lines = [json.dumps({"event": event(mark, text), "host": text[:200], "source": text[:200],
                             "sourcetype": text[:100]}).encode()
                 for mark, text in self.tell("hec")]
        self.post("/services/collector/event", b"\n".join(lines), "Splunk ")

    def post(self, path, body, scheme="Bearer "):
        token = self.site.planted_token("shipper", "ingest", 32, source="http")
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=60)
        connection.request("POST", path, body, {"Authorization": scheme + token})
        answer = connection.getresponse()
        same(answer.status, 200, path + str(answer.read()[:500]))

    def syslog(self):
        """Counted messages: what is in them may hold line ends."""
        with socket.create_connection(("127.0.0.1", self.site.syslog_port)) as stream:
            for mark, text in self.tell("syslog", change=lambda t: t.replace("\x00", " ")):
                message = f"<13>1 2026-11-23T01:02:03Z {one_line(text)[:40].split(' ')[0] or '-'} "
                message = message.encode("utf-8", "replace")
                message += f'app - - [x@1 a="{mark[6:]}"] {mark} {text}'.encode()
                stream.sendall(b"%d %s" % (len(message), message))

    def cef(self):
        def escape(text):
            return text.replace("\\", "\\\\").replace("=", "\\=")

        lines = []
        for mark, text in self.tell("cef", change=lambda t: one_line(t).strip()):
            header = text.replace("\\", "\\\\").replace("|", "\\|")
            lines.append(f"CEF:0|Fortinet|FortiGate|{header}|1|traffic:forward|5|"
                         f"rt=1795395723000 dvchost={escape(text)} suser={escape(text)} "
                         f"msg={mark} {escape(text)}\n")
        self.append("cef.log", "".join(lines).encode())

    def kv(self):
        lines = []
        for mark, text in self.tell("kv", change=one_line):
            quoted = text.replace("\\", "\\\\").replace('"', '\\"')
            lines.append(f'date=2026-11-23 time=01:02:03 devname="{quoted}" logid="0000000013" '
                         f'type="traffic" subtype="forward" user="{quoted}" msg="{mark} {quoted}"\n')
        self.append("kv.log", "".join(lines).encode())

    def weblog(self):
        lines = []
        for mark, text in self.tell("web", change=one_line):
            quoted = text.replace("\\", "\\\\").replace('"', '\\"')
            lines.append(f'192.0.2.7 - - [23/Nov/2026:01:02:03 +0000] "GET /{quoted} HTTP/1.1" 200 5 '
                         f'"{quoted}" "{mark} {quoted}"\n')
        self.append("web.log", "".join(lines).encode())

    def csv(self):
        out = io.StringIO()
        names = ["Channel", "EventID", "UtcTime", "CommandLine", *FIELDS]
        table = csv.writer(out)
        table.writerow(names)
        for mark, text in self.tell("csv", change=lambda t: t.replace("\x00", " ")):
            fields = event(mark, text)
            table.writerow([fields[name] for name in names])
        self.append("table.csv", out.getvalue().encode())
