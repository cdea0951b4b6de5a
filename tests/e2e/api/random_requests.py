"""Requests made from the document: valid ones, ones at the edges, and ones that are wrong somewhere.

Each generated value comes with what is known of it: True, it fits its schema; False, it does not;
None, the schema does not say it all (a time beyond what can be kept, a cursor)."""

import os
import random
import time
import urllib.parse

from contract import Contract
from server import PASSWORD, Raw, check, same
from world import DOCUMENT

REQUESTS = int(os.environ.get("HN_API_REQUESTS", "20000"))
SEED = int(os.environ.get("HN_API_SEED", "20261123"))

# A password takes 20 ms to be looked at, on purpose.
RARE = {"login", "changePassword", "setPassword", "createUser", "reloadRules", "checkAudit",
        "deleteSample", "decideSampleIndicators"}
TEXTS = ["a", "evil", "", " ", "ü", "日本語", "😀" * 3, "<script>alert(1)</script>", "' OR 1=1 --",
         '"', "\\", "%", "%s%n", "../../etc/passwd", "\u202e", "\x1b[31m", "\r\nX: y", "\t", "*",
         "a*b?", "=1+1", "null", "true", "-1", "NaN", "{}", "[]", "$ref", "\ufeff", "\uffff",
         "a:b", "title:evil", '"unclosed', "NEAR(", "AND OR NOT", "^", "evil*", "-evil", "(", ")"]
JUNK = [None, True, False, 0, 1, -1, 2 ** 53, 1.5, 1e300, "", "x", [], {}, [[]], {"a": 1}, [None],
        "\ud800", "a\x00b", 10 ** 30]
BODIES = [b"", b" ", b"{", b"}", b"[]", b"null", b'"x"', b"{}{}", b'{"a":1,"a":2}', b"\xff\xfe",
          b"\xef\xbb\xbf{}", b"[" * 100000, b'{"a":' * 5000, b"1e999", b"NaN", b"{'a':1}", b"\x00",
          b'{"text":"\xed\xa0\x80"}', b'{"text":"\xc0\xaf"}', b"{" + b" " * 1000000 + b"}",
          b'{"text":"' + b"x" * (1 << 20) + b'"}', b"-", b"01", b"{\"\":0}"]


def both(verdicts):
    verdicts = list(verdicts)
    return False if False in verdicts else None if None in verdicts else True


class Generator:
    def __init__(self, contract, seed, ids, incidents):
        self.contract, self.random = contract, random.Random(seed)
        self.ids, self.incidents = ids, incidents
        self.wild = 0.0

    def odds(self, chance):
        return self.random.random() < chance

    # ---- Values by schema ----

    def value(self, schema, name=""):
        schema = self.contract.resolve(schema)
        if self.odds(self.wild):
            junk = self.random.choice(JUNK)
            fits = self.contract.complaint(schema, junk) is None
            odd = isinstance(junk, str) and any(c in junk for c in "\x00\ud800")
            huge = isinstance(junk, int) and abs(junk) >= 2 ** 63
            return junk, None if huge and fits else fits and not odd
        kind = schema["type"]
        if isinstance(kind, list):
            kind = self.random.choice(kind)
        if "enum" in schema:
            return self.random.choice(schema["enum"]), True
        return getattr(self, "some_" + kind)(schema, name)

    def some_null(self, schema, name):
        return None, True

    def some_boolean(self, schema, name):
        return self.odds(0.5), True

    def some_integer(self, schema, name):
        low, high = schema.get("minimum", -2 ** 63), schema.get("maximum", 2 ** 63 - 1)
        if name in ("id", "incident", "from") and self.odds(0.7):
            return self.random.choice(self.incidents), True
        pick = self.random.choice(("low", "high", "small", "any", "outside"))
        if pick == "outside" and self.odds(self.wild * 4):
            if low > -2 ** 63 and self.odds(0.5):
                return low - 1, False
            return (high + 1, False) if high < 2 ** 63 - 1 else (2 ** 63, None)
        return {"low": low, "high": high, "small": max(low, min(high, self.random.randrange(20))),
                "any": self.random.randint(low, high), "outside": low}[pick], True

    def some_string(self, schema, name):
        form = schema.get("format")
        if form == "digest":
            return self.digest()
        if form == "date-time":
            return self.moment()
        if name == "cursor":
            return self.random.choice(["%032x" % self.random.getrandbits(128), "0" * 32, "x"]), None
        low, high = schema.get("minLength", 0), schema.get("maxLength", 1000)
        pick = self.random.random()
        if pick < 0.05:
            text = "é" * high
        elif pick < 0.10 and self.odds(self.wild * 8):
            text = "é" * (high + 1)
        elif pick < 0.15:
            text = "x" * low
        else:
            text = self.random.choice(TEXTS)
        return text, low <= len(text) <= high

    def digest(self):
        pick = self.random.random()
        if pick < 0.7:
            return self.random.choice(self.ids), True
        if pick < 0.8:
            return "%032x" % self.random.getrandbits(128), True
        text = self.random.choice(["0" * 31, "0" * 33, "g" * 32, "A" * 32, "0x" + "0" * 30, "", " " * 32])
        return text, None if text == "A" * 32 else False

    def moment(self):
        pick = self.random.random()
        if pick < 0.8:
            seconds = self.random.choice([0, 2 ** 31, int(time.time()), 4102444800,
                                          self.random.randrange(2 ** 32)])
            text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
            return text + self.random.choice(["Z", ".5Z", ".123456789Z", "+09:00", "-12:59"]), None
        return self.random.choice(["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "x",
                                   "2026-02-30T00:00:00Z", "2026-01-01", "1700000000", "",
                                   "2026-01-01T00:00:00", "2026-13-01T00:00:00Z",
                                   "-292277022399-01-01T00:00:00Z"]), None

    def some_array(self, schema, name):
        low, high = schema.get("minItems", 0), schema.get("maxItems", 20)
        count = self.random.choice([low, low + 1, min(high, 3)])
        if self.odds(self.wild):
            count = high + 1
        items = [self.value(schema["items"], name) for _ in range(min(count, 1200))]
        return [v for v, _ in items], both([f for _, f in items] + [low <= len(items) <= high])

    def some_object(self, schema, name):
        result, verdicts = {}, []
        for key, inner in schema.get("properties", {}).items():
            needed = key in schema.get("required", ())
            if needed and self.odds(self.wild):
                verdicts.append(False)
            elif needed or self.odds(0.5):
                result[key], fits = self.value(inner, key)
                verdicts.append(fits)
        if self.odds(self.wild):
            result[self.random.choice(["x", "", "__proto__", "id "])] = 1
            verdicts.append(False)
        return result, both(verdicts)

    # ---- Requests ----

    def text(self, value):
        """A parameter's value as bytes of the URL."""
        if isinstance(value, bool):
            value = "true" if value else "false"
        raw = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
        return urllib.parse.quote(raw, safe="")

    def parameter(self, parameter):
        if self.odds(self.wild / 2):
            return self.random.choice([b"\xff", b"\xc0\x80", b"a\xed\xa0\x80"]), False
        value, fits = self.value(parameter["schema"], parameter["name"])
        kind = self.contract.resolve(parameter["schema"])["type"]
        if fits is not True or isinstance(value, (list, dict)) or value is None:
            # As text "1" is a number again: nobody knows.
            return ("x" if isinstance(value, (list, dict)) else value), None
        if kind == "string" and parameter["in"] == "path" and value in ("", ".", ".."):
            return "x", None
        return value, True

    def request(self, operation):
        """(method, url, body, headers, does it fit)"""
        self.wild = self.random.choice((0, 0, 0, 0.02, 0.1))
        verdicts, values, query, headers = [], {}, [], {}
        for parameter in operation.parameters:
            if parameter["in"] == "query" and not parameter.get("required") and self.odds(0.75):
                continue
            value, fits = self.parameter(parameter)
            if parameter["in"] == "path":
                values[parameter["name"]] = self.text(value) or "%20"
                fits = fits if values[parameter["name"]] != "%20" else None
                if "/" in str(value) or any(c < " " for c in str(value)):
                    fits = None
            elif parameter["in"] == "query":
                query.append((parameter["name"], self.text(value)))
                fits = None if value == "" or "%00" in self.text(value) else fits
            else:
                fits = None
                if self.odds(0.3):
                    headers[parameter["name"]] = self.random.choice(
                        ['"1-0"', "*", "x", '"1"', '"' + "9" * 40 + '"'])
            verdicts.append(fits)
        if self.odds(self.wild):
            query.append(self.random.choice([("x", "1"), ("", ""), ("limit", "1"), ("LIMIT", "2")]))
            verdicts.append(None)
        body, fits = self.body(operation, headers)
        verdicts.append(fits)
        url = operation.url(values) + ("?" + "&".join(f"{n}={v}" for n, v in query) if query else "")
        return operation.method, url, body, headers, both(verdicts)

    def body(self, operation, headers):
        if operation.raw:
            return Raw(self.random.randbytes(self.random.choice((1, 30, 3000)))), True
        if operation.body is None:
            if self.odds(self.wild):
                return b"{}", None
            return None, True
        if self.odds(self.wild):
            headers["Content-Type"] = self.random.choice(
                ["application/json", "text/plain", "application/json; charset=utf-8", ""])
            return self.random.choice(BODIES), None
        value, fits = self.value(operation.body)
        return value, fits


def case_random(site):
    """Requests generated from the document never get a 5xx; every answer is what the document says;
    what does not fit the document is refused, and what fits is not refused for its form."""
    print(f"HN_API_REQUESTS={REQUESTS} HN_API_SEED={SEED}")
    contract = Contract.load(DOCUMENT)
    site.config["outputs"] = [{"name": "file", "kind": "file", "path": site.path("out.jsonl")}]
    site.start()
    site.write(60)
    site.wait_alerts(60)
    admin = site.admin()
    admin.ok("POST", "/v1/users", {"name": "evil", "role": "analyst", "password": PASSWORD})
    rows = admin.ok("GET", "/v1/alerts?limit=1000").json["items"]
    generator = Generator(contract, SEED, [r["id"] for r in rows], [r["incident"] for r in rows])
    operations = [o for o in contract.operations for _ in range(1 if o.id in RARE else 20)]
    counts, fitting, reached = {}, 0, set()
    for number in range(REQUESTS):
        operation = generator.random.choice(operations)
        method, url, body, headers, fits = generator.request(operation)
        if operation.is_stream:
            method = "HEAD"
        try:
            answer = admin.ask(method, url, body, headers=headers)
        except ConnectionError as error:
            # A head that is refused ends the connection; who still sends may not see why.
            check(isinstance(body, bytes) and len(body) > 65536, f"{error}: {method} {url}")
            admin.close()
            counts["closed"] = counts.get("closed", 0) + 1
            continue
        except Exception as error:
            raise AssertionError(f"request {number}: {method} {url} {body!r:.2000}") from error
        what = f"request {number}: {method} {url} {headers} {str(body)[:2000]}: {answer}"
        check(answer.status < 500, what)
        if not operation.is_stream:
            complaint = contract.answer_complaint(operation, answer)
            check(complaint is None, f"{complaint}: {what}")
        if fits is False:
            check(answer.status >= 400, "taken: " + what)
        if fits is True:
            check(answer.status not in (400, 405, 413, 415), "refused for its form: " + what)
            fitting += 1
        if operation.id == "submitSample" and answer.status == 202:
            generator.ids.append(answer.json["id"])
        if answer.status < 300:
            reached.add(operation.id)
        counts[answer.status] = counts.get(answer.status, 0) + 1
    never = {o.id for o in contract.operations} - reached - {"login", "logout", "changePassword"}
    print(f"{counts}, {fitting} fit, never done: {sorted(never)}")
    check(REQUESTS < 5000 or len(never) <= 4, f"hardly tested: {never}")
    same(admin.ok("GET", "/v1/audit:check").json["whole"], True, "the audit log afterwards")
    same(site.rows("PRAGMA integrity_check"), [("ok",)], "the database afterwards")
