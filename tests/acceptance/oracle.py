"""The oracle itself: every kind of fault that a server could have is put into what it is said to hold, and
must be complained of; without a fault nothing is."""

import collections
import copy

from ledger import GROUP, Ledger, Verdict, is_canary, judge

FIRST = GROUP


class Held:
    """As ledger.Held, of a server that did everything right."""

    def __init__(self, numbers):
        canaries = [n for n in numbers if is_canary(n)]
        self.journal = collections.Counter(numbers)
        self.rows = collections.Counter(canaries)
        self.counts = collections.Counter(canaries)
        self.groups = collections.Counter(n // GROUP for n in numbers if n % GROUP == 0)
        self.integrity, self.start, self.end, self.applied = ["ok"], 0, 100, 100


def acked_lost(_, held):
    del held.journal[FIRST + 1]


def stored_twice(_, held):
    held.journal[FIRST + 1] += 1


def never_sent(_, held):
    held.journal[999999] = 1


def alert_lost(_, held):
    del held.rows[FIRST]
    del held.counts[FIRST]


def alert_twice(_, held):
    held.rows[FIRST] = 2


def judged_twice(_, held):
    held.counts[FIRST] = 2


def alert_of_nothing(_, held):
    held.rows[FIRST + 1] = held.counts[FIRST + 1] = 1


def correlation_lost(_, held):
    del held.groups[FIRST // GROUP]


def correlation_twice(_, held):
    held.groups[FIRST // GROUP] = 2


def file_line_lost(ledger, held):
    """A line of a file was never acknowledged, and must be there all the same."""
    number = next(n for n, door in ledger.sent.items() if door == "files" and not is_canary(n))
    del held.journal[number]


def not_judged(_, held):
    held.applied = 99


def broken_database(_, held):
    held.integrity = ["wrong"]


FAULTS = (acked_lost, stored_twice, never_sent, alert_lost, alert_twice, judged_twice,
          alert_of_nothing, correlation_lost, correlation_twice, file_line_lost, not_judged,
          broken_database)


def test_oracle(program, count, random, options):
    verdict = Verdict()
    ledger = Ledger()
    for door in ("events", "bulk", "files"):
        numbers = ledger.take(2 * GROUP, door)
        if door != "files":
            ledger.ack(numbers)
    sound = Held(list(ledger.sent))
    verdict.must(not judge(ledger, sound).problems, "the oracle complains of a server without fault")
    for fault in FAULTS:
        held = copy.deepcopy(sound)
        fault(ledger, held)
        verdict.must(judge(ledger, held).problems, f"the oracle does not see {fault.__name__}")
    verdict.figures["faults seen"] = len(FAULTS) - len(verdict.problems)
    return verdict
