"""Load for the tests of load: what a network really sends, with the ledger's events among it, and
somebody who writes down when alerts can be read."""

import json
import os
import sqlite3
import subprocess
import threading
import time

import doors
import kit
import ledger as ledgers

# Events of several shippers, one line each; none of them fires a rule of the ledger.
NOISE = [json.dumps(event) for event in (
    {"Channel": "Security", "EventID": 4624, "Computer": "pc3", "TargetUserName": "alice",
     "LogonType": 3, "IpAddress": "192.0.2.10", "Provider_Name": "Microsoft-Windows-Security-Auditing"},
    {"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 3, "Image": "C:\\Windows\\explorer.exe",
     "DestinationIp": "198.51.100.7", "DestinationPort": 443, "Computer": "pc1", "User": "alice"},
    {"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1, "Computer": "pc2",
     "Image": "C:\\Windows\\System32\\svchost.exe", "CommandLine": "svchost.exe -k netsvcs -p -s Themes",
     "ParentImage": "C:\\Windows\\System32\\services.exe", "User": "NT AUTHORITY\\SYSTEM"},
    {"event_type": "dns", "src_ip": "192.0.2.4", "dest_ip": "192.0.2.1", "proto": "UDP",
     "dns": {"type": "query", "rrname": "www.example.org", "rrtype": "A"}},
    {"event_type": "http", "src_ip": "192.0.2.4", "dest_ip": "198.51.100.9", "http": {
        "hostname": "www.example.net", "url": "/index.html", "http_method": "GET", "status": 200,
        "http_user_agent": "Mozilla/5.0 (X11; Linux x86_64)"}},
    {"_path": "conn", "id.orig_h": "192.0.2.8", "id.resp_h": "203.0.113.5", "id.resp_p": 80,
     "proto": "tcp", "duration": 0.5, "orig_bytes": 500, "resp_bytes": 90000},
    {"type": "SYSCALL", "hostname": "web1", "exe": "/usr/bin/cat", "comm": "cat", "uid": 1000},
    {"c-ip": "192.0.2.5", "cs-method": "GET", "cs-host": "www.example.com", "sc-status": 200,
     "cs-uri-stem": "/app/list", "cs-uri-query": "page=2", "c-useragent": "curl/7.88.1"},
)]


class Mixed(doors.Events):
    """The ledger's events, each behind some of others."""

    noise = 9

    def documents(self, numbers):
        for number, text in zip(numbers, super().documents(numbers)):
            for k in range(self.noise):
                yield NOISE[(number + k) % len(NOISE)]
            yield text

    def acknowledged(self, numbers, began):
        super().acknowledged(numbers, began)


class AlertWatch(threading.Thread):
    """When the canaries' alerts are in the store: number -> time. Looks every 20 ms."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.path = server.data + "/hinomi.db"
        self.seen = {}
        self.ending = threading.Event()

    def run(self):
        database = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=5)
        last = 0
        while not self.ending.wait(0.02):
            rows = database.execute(
                "SELECT seq, rule_id, json FROM alert JOIN alert_body USING(seq) WHERE seq > ?",
                (last,)).fetchall()
            now = time.time()
            for seq, rule, text in rows:
                last = max(last, seq)
                if rule in ledgers.RULES:
                    self.seen.setdefault(int(ledgers.NUMBER.search(text).group(1)), now)
        database.close()

    def delays(self, ledger):
        """Seconds from the acknowledgement to the alert; it may be there first."""
        with ledger.lock:
            return [max(0.0, when - ledger.acked[number]) for number, when in list(self.seen.items())
                    if number in ledger.acked]


def whole_rule_set(run):
    """Public rules where they are here, else ours; indicators with them. What was used, as text."""
    sigma = kit.SHARED + "/data/sigma/rules"
    rules = sigma if os.path.isdir(sigma) else os.path.normpath(kit.HERE + "/../../rules")
    feed = run.server.folder + "/indicators.txt"
    with open(feed, "w", encoding="utf-8") as out:
        for number in range(20000):
            out.write(f"bad{number}.example.invalid\n")
    path = run.server.folder + "/hinomi.yaml"
    with open(path, encoding="utf-8") as text:
        config = text.read()
    ours = f'rules: {{paths: ["{run.server.folder}/rules"'
    assert ours in config
    with open(path, "w", encoding="utf-8") as out:
        out.write(config.replace(ours, f'{ours}, "{rules}"').replace(
            f'{run.server.folder}/rules", "{rules}"]',
            f'{run.server.folder}/rules", "{rules}"], indicators: ["{feed}"], level: high'))
    files = subprocess.run(["find", rules, "-name", "*.yml"], capture_output=True, text=True,
                           check=True).stdout.count("\n")
    return f"{files} rule files, 20000 indicators"


def figures(run, watch, seconds):
    """Delays, memory, rate, with their pass lines."""
    delays = watch.delays(run.ledger)
    run.verdict.figures.update({
        "ingest to alert p50 ms": f"{kit.percentile(delays, 0.5) * 1000:.0f}",
        "p99 ms": f"{kit.percentile(delays, 0.99) * 1000:.0f}",
        "MB at most": f"{kit.resident(run.server.process.pid)[1] / 1e6:.0f}",
        "events/s": f"{run.server.metric('hinomi_events_total') / seconds:.0f}"})
    return delays
