#!/usr/bin/env python3
"""shells.py HINOMI CASE - logs in the documents of shippers are judged as the logs themselves.

alerts  the example logs as Filebeat 7.17 ships them (the shape is a recording) fire the same rules as
        often, at the same times, as the plain logs do
events  each event of such a document has the log source, the time and all fields of the plain line's
shapes  the same lines in the documents of Logstash, Vector, Fluent Bit and Docker do as well
"""
import collections
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
LOGS = ROOT / "examples/logs"
NAMES = ["proxy.log.gz", "auth.log", "access.log", "fortigate.log.gz", "mail.jsonl", "eve.json"]
# Rules of the pack are quiet on some of these logs alone: one rule a log that is not.
RULE = """title: seen {name}
id: 00000000-0000-4000-8000-{number:012d}
level: low
logsource: {source}
detection: {{s: {{{search}}}, condition: s}}
"""
RULES = {
    "auth": ("{product: linux, service: auth}", "'Message|startswith': pam_unix"),
    "sshd": ("{product: linux, service: sshd}", "'src_ip|exists': true"),
    "access": ("{category: webserver}", "'cs-uri-stem|endswith': .html, sc-status: 200"),
    "proxy": ("{category: proxy}", "cs-method: POST"),
    "fortigate": ("{product: fortigate}", "action: deny"),
    "mail": ("{category: email}", "'@timestamp|exists': true"),
    "eve": ("{product: suricata}", "event_type: alert"),
}


def fail(text):
    print("FAILED:", text)
    sys.exit(1)


def lines_of(name):
    path = LOGS / name
    data = gzip.open(path).read() if name.endswith(".gz") else path.read_bytes()
    return data.decode().splitlines()


def filebeat(line, number):
    """As Filebeat 7.17.27 wrote it to output.file, member by member in its order."""
    text = json.dumps(
        {"@timestamp": "2026-11-23T13:25:39.063Z",
         "@metadata": {"beat": "filebeat", "type": "_doc", "version": "7.17.27"},
         "log": {"file": {"path": "/var/log/example.log"}, "offset": number * 100},
         "message": line, "input": {"type": "filestream"}, "ecs": {"version": "1.12.0"},
         "host": {"name": "shipper"},
         "agent": {"type": "filebeat", "version": "7.17.27", "hostname": "shipper",
                   "ephemeral_id": "6980d1cf-7197-46f6-9402-4cdc33e7da03",
                   "id": "7445a907-7326-44f7-94cd-751dabb00726", "name": "shipper"}},
        ensure_ascii=False, separators=(",", ":"))
    # Go's encoder escapes these, in keys and values.
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


SHAPES = {
    "filebeat": filebeat,
    "logstash": lambda line, number: json.dumps(
        {"@version": "1", "@timestamp": "2026-11-23T13:25:39.063Z", "message": line,
         "event": {"original": line}, "host": {"name": "shipper"},
         "log": {"file": {"path": "/var/log/example.log"}}}),
    "vector": lambda line, number: json.dumps(
        {"file": "/var/log/example.log", "host": "shipper", "message": line, "source_type": "file",
         "timestamp": "2026-11-23T13:25:39.063123456Z"}),
    "fluent-bit": lambda line, number: json.dumps({"date": 1795400000.5, "log": line}),
    "docker": lambda line, number: json.dumps(
        {"log": line + "\n", "stream": "stdout", "time": "2026-11-23T13:25:39.063123456Z"}),
}


class Case:
    def __init__(self, hinomi, folder):
        self.hinomi = hinomi
        self.folder = pathlib.Path(folder)
        self.env = dict(os.environ, XDG_CACHE_HOME=str(self.folder / "cache"))
        (self.folder / "rules").mkdir()
        for number, (name, (source, search)) in enumerate(RULES.items()):
            (self.folder / "rules" / f"{name}.yml").write_text(
                RULE.format(name=name, number=number, source=source, search=search))

    def write(self, name, lines):
        path = self.folder / name
        path.write_text("".join(line + "\n" for line in lines))
        return path

    def run(self, *arguments):
        done = subprocess.run([self.hinomi, *map(str, arguments)], cwd=ROOT, env=self.env,
                              capture_output=True)
        if done.returncode not in (0, 1, 2, 10, 20):
            fail(f"{arguments}: {done.returncode} {done.stderr.decode()[-500:]}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def scan(self, path):
        return self.run("scan", "--output", "jsonl", "--quiet", "-l", "low", "-r", "rules/", "-r",
                        self.folder / "rules", "--lists", "examples/lists", "--ioc",
                        "examples/indicators.txt", path)

    def events(self, path):
        return self.run("events", path)


def rule_of(alert):
    return alert["rule"]["title"] if isinstance(alert.get("rule"), dict) else alert["title"]


def alerts(case):
    for name in NAMES:
        lines = lines_of(name)
        plain = case.scan(case.write("plain-" + name.removesuffix(".gz"), lines))
        shell = case.scan(case.write("shell-" + name.removesuffix(".gz"),
                                     [filebeat(line, i) for i, line in enumerate(lines)]))
        want = collections.Counter((rule_of(a), a["time"]) for a in plain)
        got = collections.Counter((rule_of(a), a["time"]) for a in shell)
        print(f"{name}: {len(lines)} lines, {len(plain)} alerts, in shells {len(shell)}")
        if not want:
            fail(f"{name}: nothing to compare")
        if want != got:
            fail(f"{name}: missing {want - got}, too many {got - want}")


def values(value):
    return value if isinstance(value, list) else [value]


def compare(name, plain, shell):
    for number, event in plain.items():
        other = shell.get(number)
        if other is None:
            fail(f"{name}:{number}: no event")
        if other["time"] != event["time"] or other["logsource"] != event["logsource"]:
            fail(f"{name}:{number}: {event['time']} {event['logsource']} is "
                 f"{other['time']} {other['logsource']}")
        for field, value in event["event"].items():
            missing = [v for v in values(value) if v not in values(other["event"].get(field, []))]
            if missing:
                fail(f"{name}:{number}: {field} lacks {missing}: {other['event'].get(field)}")


def check_events(case, shapes, take):
    for name in NAMES:
        lines = lines_of(name)[:take]
        plain = {e["input"]["line"]: e for e in
                 case.events(case.write("plain-" + name.removesuffix(".gz"), lines))}
        for shape in shapes:
            documents = [SHAPES[shape](line, i) for i, line in enumerate(lines)]
            shell = {e["input"]["line"]: e for e in
                     case.events(case.write(f"{shape}-{name.removesuffix('.gz')}", documents))}
            compare(f"{shape} {name}", plain, shell)
            print(f"{shape} {name}: {len(plain)} events")
            if len(plain) < min(take, 100):
                fail(f"{name}: only {len(plain)} events")


def events(case):
    check_events(case, ["filebeat"], 10**9)


def shapes(case):
    check_events(case, [shape for shape in SHAPES if shape != "filebeat"], 400)


def main():
    folder = tempfile.mkdtemp(prefix="hinomi-shells-")
    try:
        {"alerts": alerts, "events": events, "shapes": shapes}[sys.argv[2]](
            Case(os.path.abspath(sys.argv[1]), folder))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
