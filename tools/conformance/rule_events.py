"""Reads log text into flat events for rules_by_pysigma.py: a second, deliberately simple reading of
the formats that rules/ and examples/ use, independent of the product's decoders."""

import base64
import csv
import json
import re
import shlex
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta, timezone

JST = timezone(timedelta(hours=9))


class Event:
    """Fields (name -> list of values), Sigma log source labels, time and the text as it was logged."""

    def __init__(self, raw=""):
        self.fields = {}
        self.product = ""
        self.categories = set()
        self.services = set()
        self.time = None
        self.raw = raw

    def add(self, name, value):
        self.fields.setdefault(name, []).append(value)

    def get(self, name):
        return self.fields.get(name, [])

    def first(self, name, default=""):
        values = self.fields.get(name)
        return values[0] if values else default

    def fill(self, name, source):
        if name not in self.fields and source in self.fields:
            self.fields[name] = self.fields[source]


def parse_time(text):
    text = str(text).strip().replace("/", "-")
    text = re.sub(r"(\.\d{6})\d+", r"\1", text).replace("Z", "+00:00")
    text = re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text)
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        return None
    return stamp if stamp.tzinfo else stamp.replace(tzinfo=timezone.utc)


# ---- Windows --------------------------------------------------------------------------------------

CHANNELS = {
    "security": "security",
    "system": "system",
    "microsoft-windows-sysmon/operational": "sysmon",
    "microsoft-windows-windows defender/operational": "windefend",
    "microsoft-windows-powershell/operational": "powershell",
}
CATEGORIES = {
    ("sysmon", 1): ["process_creation"],
    ("sysmon", 3): ["network_connection"],
    ("sysmon", 4): ["sysmon_status"],
    ("sysmon", 7): ["image_load"],
    ("sysmon", 8): ["create_remote_thread"],
    ("sysmon", 10): ["process_access"],
    ("sysmon", 11): ["file_event"],
    ("sysmon", 13): ["registry_set", "registry_event"],
    ("sysmon", 17): ["pipe_created"],
    ("sysmon", 18): ["pipe_created"],
    ("sysmon", 22): ["dns_query"],
    ("security", 4688): ["process_creation"],
    ("powershell", 4104): ["ps_script"],
}


def decoded_command(command_line):
    match = re.search(r"(?i)[\s][-/\u2013\u2014\u2015]e(?:c|n(?:c[a-z]*)?)?\s+\"?([A-Za-z0-9+/]{8,}=*)", command_line)
    if not match:
        return None
    try:
        return base64.b64decode(match.group(1) + "==").decode("utf-16-le")
    except ValueError:
        return None


def finish_windows(event):
    event.product = "windows"
    service = CHANNELS.get(str(event.first("Channel")).lower())
    try:
        number = int(event.first("EventID", -1))
    except ValueError:
        number = -1
    if service:
        event.services.add(service)
        event.categories.update(CATEGORIES.get((service, number), []))
    if (service, number) == ("security", 4688):
        for name, source in (("Image", "NewProcessName"), ("ParentImage", "ParentProcessName")):
            event.fill(name, source)
        if "User" not in event.fields:
            event.add("User", event.first("SubjectDomainName") + "\\" + event.first("SubjectUserName"))
    for name in [n for n in event.fields if " " in n]:
        event.fill(name.replace(" ", ""), name)
    for pair in str(event.first("Hashes")).split(","):
        kind, equals, value = pair.partition("=")
        if equals:
            event.add(kind.lower() if kind.upper() != "IMPHASH" else "Imphash", value)
    for name, source in (("hinomi.image_name", "Image"), ("hinomi.parent_name", "ParentImage")):
        if source in event.fields:
            event.add(name, re.split(r"[\\/]", str(event.first(source)))[-1])
    decoded = decoded_command(str(event.first("CommandLine")))
    if decoded is not None:
        event.add("hinomi.decoded_command", decoded)
    if "QueryName" in event.fields:
        event.add("hinomi.registered_domain", ".".join(str(event.first("QueryName")).split(".")[-2:]))
    event.time = event.time or parse_time(event.first("TimeCreated")) or parse_time(event.first("UtcTime"))


def strip_namespace(tag):
    return tag.rsplit("}", 1)[-1]


def windows_element(element):
    event = Event(ET.tostring(element, encoding="unicode"))
    for part in element:
        tag = strip_namespace(part.tag)
        if tag == "System":
            for item in part:
                name = strip_namespace(item.tag)
                if name == "Provider":
                    event.add("Provider_Name", item.get("Name"))
                elif name == "TimeCreated":
                    event.add("TimeCreated", item.get("SystemTime"))
                elif item.text:
                    event.add(name, item.text)
        elif tag == "EventData":
            for item in part:
                event.add(item.get("Name") or "Data", item.text or "")
        elif tag == "UserData":
            for inner in part:
                for item in inner:
                    event.add(strip_namespace(item.tag), item.text or "")
    event.time = parse_time(event.first("TimeCreated"))
    if event.first("Provider_Name") == "Linux-Sysmon":
        finish_linux_sysmon(event)
    else:
        finish_windows(event)
    return event


def finish_linux_sysmon(event):
    event.product = "linux"
    event.services.add("sysmon")
    event.categories.update({1: ["process_creation"], 3: ["network_connection"], 11: ["file_event"]}
                            .get(int(event.first("EventID", 0)), []))


def read_winxml(text):
    text = re.sub(r"<\?xml[^>]*\?>|</?Events[^>]*>", "", text)
    for match in re.finditer(r"<Event[ >].*?</Event>", text, re.S):
        yield windows_element(ET.fromstring(match.group(0)))


def read_evtx(data):
    """By the Rust evtx crate (`pip install evtx`); its JSON has what the XML has."""
    import io

    import evtx

    for record in evtx.PyEvtxParser(io.BytesIO(data)).records_json():
        document = json.loads(record["data"])["Event"]
        event = Event(record["data"])
        system = document["System"]
        number = system["EventID"]
        event.add("EventID", number["#text"] if isinstance(number, dict) else number)
        event.add("Channel", system["Channel"])
        event.add("Computer", system["Computer"])
        event.add("Provider_Name", system["Provider"]["#attributes"]["Name"])
        event.time = parse_time(system["TimeCreated"]["#attributes"]["SystemTime"])
        for name, value in (document.get("EventData") or {}).items():
            event.add(name, value)
        for inner in (document.get("UserData") or {}).values():
            for name, value in inner.items():
                if name != "#attributes":
                    event.add(name, value)
        finish_windows(event)
        yield event


# ---- JSON -----------------------------------------------------------------------------------------

def flatten(event, prefix, value):
    if isinstance(value, dict):
        for key, inner in value.items():
            flatten(event, f"{prefix}.{key}" if prefix else key, inner)
    elif isinstance(value, list):
        for inner in value:
            flatten(event, prefix, inner)
    else:
        event.add(prefix, value)


def read_json(text):
    decoder = json.JSONDecoder()
    at = 0
    while at < len(text):
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            return
        document, end = decoder.raw_decode(text, at)
        event = Event(text[at:end])
        at = end
        flatten(event, "", document)
        if "Channel" in event.fields and "EventID" in event.fields:
            finish_windows(event)
        elif "event_type" in event.fields:
            event.product = "suricata"
            event.time = parse_time(event.first("timestamp"))
            event.fill("dst_ip", "dest_ip")
        elif "transaction.messages.message" in event.fields:
            event.product = "modsecurity"
        elif any(name.startswith("email.") for name in event.fields):
            event.categories.add("email")
            event.time = parse_time(event.first("@timestamp"))
        yield event


# ---- Web and proxy --------------------------------------------------------------------------------

def finish_w3c(event, software):
    fields = event.fields
    if software.startswith("SGOS"):
        event.categories.add("proxy")
        event.product = "bluecoat"
        for name, source in (("src_ip", "c-ip"), ("c-useragent", "cs(user-agent)"), ("cs-referer", "cs(referer)"),
                             ("cs-cookie", "cs(cookie)"), ("rs-content-type", "rs(content-type)"),
                             ("c-uri-extension", "cs-uri-extension"), ("c-uri-query", "cs-uri-query")):
            event.fill(name, source)
        if "cs-host" in fields:
            scheme = event.first("cs-uri-scheme")
            port = event.first("cs-uri-port")
            usual = {"http": "80", "https": "443", "tcp": ""}.get(scheme)
            uri = f"{scheme}://{event.first('cs-host')}"
            if port and port != usual:
                uri += ":" + port
            event.add("c-uri", uri + event.first("cs-uri-path") + event.first("cs-uri-query"))
        if re.fullmatch(r"[0-9.]+", event.first("cs-host")):
            event.add("dst_ip", event.first("cs-host"))
    else:
        event.categories.add("webserver")
        event.services.add("iis")
        for name, source in (("cs-user-agent", "cs(user-agent)"), ("cs-referer", "cs(referer)")):
            event.fill(name, source)
    event.time = parse_time(f"{event.first('date')}T{event.first('time')}")


def read_w3c(text):
    names, software = [], ""
    for line in text.splitlines():
        if line.startswith("#Software:"):
            software = line.split(":", 1)[1].strip()
        elif line.startswith("#Fields:"):
            names = [name.lower() for name in line.split(":", 1)[1].split()]
        elif line and not line.startswith("#"):
            event = Event(line)
            for name, value in zip(names, next(csv.reader([line], delimiter=" "))):
                if value != "-":
                    event.add(name, value)
            finish_w3c(event, software)
            yield event


WEBLOG = re.compile(r'(\S+) \S+ (\S+) \[([^\]]+)\] "(\S+) (\S+) (\S+)" (\d+) (\S+)(?: "([^"]*)" "([^"]*)")?')


def read_weblog(text):
    for line in text.splitlines():
        event = Event(line)
        match = WEBLOG.match(line)
        if match:
            names = ("c-ip", "cs-username", "stamp", "cs-method", "cs-uri", "cs-version", "sc-status", "sc-bytes",
                     "cs-referer", "cs-user-agent")
            for name, value in zip(names, match.groups()):
                if value not in (None, "-"):
                    event.add(name, value)
            stem, question, query = event.first("cs-uri").partition("?")
            event.add("cs-uri-stem", stem)
            if question:
                event.add("cs-uri-query", query)
            event.time = datetime.strptime(event.first("stamp"), "%d/%b/%Y:%H:%M:%S %z")
        event.categories.add("webserver")
        yield event


# ---- syslog and what is inside --------------------------------------------------------------------

def fill_key_values(event, text):
    for match in re.finditer(r'(\w+)=("((?:[^"\\]|\\.)*)"|\S*)', text):
        event.add(match.group(1), match.group(3) if match.group(3) is not None else match.group(2))
    if "devid" not in event.fields or "type" not in event.fields:
        return
    event.product = "fortigate"
    event.services.add(event.first("type"))
    if event.first("type") == "traffic":
        event.categories.add("firewall")
    for name, source in (("src_ip", "srcip"), ("dst_ip", "dstip"), ("src_port", "srcport"), ("dst_port", "dstport")):
        event.fill(name, source)
    event.time = parse_time(f"{event.first('date')}T{event.first('time')}{event.first('tz', '+0000')}")


def read_kv(text):
    for line in text.splitlines():
        event = Event(line)
        fill_key_values(event, line)
        yield event


SYSLOG = re.compile(r"(?:<\d+>)?(\d{4}-\d\d-\d\dT\S+) (\S+) (?:([\w./-]+)(?:\[(\d+)\])?: )?(.*)$", re.S)


def read_syslog(text):
    for line in text.splitlines():
        event = Event(line)
        match = SYSLOG.match(line)
        if match:
            stamp, host, program, pid, message = match.groups()
            if message.startswith("<Event>"):
                yield windows_element(ET.fromstring(message))
                continue
            event.time = parse_time(stamp)
            event.add("hostname", host)
            event.add("Message", message)
            if program:
                event.product = "linux"
                event.services.add("auth" if program in ("sshd", "sudo", "su") else "syslog")
                event.services.add(program.lower())
            else:
                fill_key_values(event, message)
            found = re.search(r"(?:for(?: invalid user)?|user) (\S+) from (\S+)", message)
            if program == "sshd" and found:
                event.add("user", found.group(1))
                event.add("src_ip", found.group(2))
        yield event


def read_auditd(text):
    event = Event(text)
    event.product = "linux"
    event.services.add("auditd")
    argv = {}
    for line in text.splitlines():
        pairs = dict(p.partition("=")[::2] for p in shlex.split(line.split(": ", 1)[1], posix=False))
        kind = line.split(" ", 1)[0].partition("=")[2]
        event.add("type", kind)
        for name, value in pairs.items():
            text_value = value.strip('"')
            if kind == "EXECVE" and re.fullmatch(r"a\d+", name):
                if not value.startswith('"') and re.fullmatch(r"([0-9A-F]{2})+", value):
                    text_value = bytes.fromhex(value).decode()
                argv[int(name[1:])] = text_value
            elif not (kind == "SYSCALL" and re.fullmatch(r"a\d", name)):
                event.add(name, text_value)
    if argv:
        event.categories.add("process_creation")
        event.fill("Image", "exe")
        event.add("CommandLine", " ".join(argv[i] for i in sorted(argv)))
    yield event


READERS = {
    "json": read_json, "winxml": read_winxml, "evtx": read_evtx, "w3c": read_w3c, "weblog": read_weblog,
    "kv": read_kv, "syslog": read_syslog, "auditd": read_auditd,
}


def read_events(format_name, text):
    return READERS[format_name](text)
