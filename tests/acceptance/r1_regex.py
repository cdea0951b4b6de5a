#!/usr/bin/env python3
"""R1: regular expressions that take for ever, as rules, and the texts on which they do.

200 rules with expressions of the known kinds, then L1 with evil texts among its events (one event
a second): every search ends within its steps and is counted for its rule, nothing is lost, and L1's numbers hold. COUNT is L1's length in seconds.

    r1_regex.py build/clang/app/hinomi"""

import json
import sys
import threading

import doors
import kit
import l1_hold
from server import HERE

# Nested and overlapping repetition, alternatives that agree, back references, look-arounds. None of them
# fires: "#" stands in the evil texts, so that nobody knows before trying, but never behind the letter.
KINDS = (
    "({a}+)+#", "^({a}|{a})*#", "({a}|{a}{a})+#", "^({a}*)*#", "(.*{a}){{12}}#", "^(({a}+)+)+#",
    "({a}+){{10}}y#", "([{a}-z]+)+#", "({a}?){{30}}{a}{{30}}#", "({a}+)+\\1#", "(?=({a}+)+#)({a}*)*#",
    "^(({a}+)?)*#", "^({a}|{a}?)+#", "^(\\w+\\s?)*#", "^({a}+)*b({a}+)*#", "(?:{a}+)+(?:{a}+)+!#",
    "^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){{1}}#", "({a}+{a}+)+y#", "^(\\(?{a}+\\)?)+#",
    "^(.*)*{a}(.*)*!#",
)
LETTERS = "abcdefghij"


def rules():
    for number in range(200):
        pattern = KINDS[number % len(KINDS)]
        letter = LETTERS[number // len(KINDS)]
        yield f"""title: Evil {number}
id: 5b3f7a3e-0000-4000-8001-{number:012}
status: test
level: high
logsource: {{product: windows, category: process_creation}}
detection:
    s:
        CommandLine|re: '{pattern.format(a=letter)}'
    condition: s
---
"""


class Evil(threading.Thread):
    """Texts of every kind, one event a post, steadily."""

    def __init__(self, run, pause):
        super().__init__(daemon=True)
        self.server, self.ledger, self.pause = run.server, run.ledger, pause
        self.ending = threading.Event()
        self.sent = 0

    def run(self):
        door = doors.Events(self.server, self.ledger)
        while not self.ending.is_set():
            letter = LETTERS[self.sent % len(LETTERS)]
            text = letter * (40 + self.sent % 4000) + "\u00a7#"
            event = {"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1,
                     "Image": "C:\\evil.exe", "CommandLine": text, "Computer": "pc9"}
            try:
                status, _ = door.ask("/v1/events?source=noisy", json.dumps(event))
                self.sent += status == 200
            except doors.AWAY:
                pass
            self.ending.wait(self.pause)


def run(program, count, seed):
    evil = []

    def prepare(run):
        with open(run.server.folder + "/rules/evil.yml", "w", encoding="utf-8") as out:
            out.write("".join(rules()).removesuffix("---\n"))

    def begin(run):
        evil.append(Evil(run, 1.0))
        evil[0].start()
        return evil[0].ending.set

    verdict, numbers = l1_hold.hold(program, count, prepare, begin=begin)
    limited = sum(v for name, v in numbers.items() if name.startswith("hinomi_findings_total") and "regex_limit" in name)
    values = {name: v for name, v in numbers.items() if name.startswith("hinomi_rule_regex_limited_total")}
    verdict.figures.update({
        "evil events": evil[0].sent, "events with a search that ended at its limit": f"{limited:.0f}",
        "rules named for it": len(values), "values they gave up on": f"{sum(values.values()):.0f}"})
    verdict.must(evil[0].sent >= count / 2, f"only {evil[0].sent} evil events")
    verdict.must(limited > 0, "no search reached its limit: the test says nothing")
    verdict.must(values and all("5b3f7a3e-0000-4000-8001-" in name for name in values),
                 f"the rules that gave up are not named: {list(values)[:3]}")
    verdict.must(sum(values.values()) >= limited, "fewer values than events were given up on")
    return verdict


if __name__ == "__main__":
    sys.path.insert(0, HERE)
    sys.exit(kit.main(run, 6, 300, __doc__))
