"""Who may do what: every operation of the document, asked by everybody."""

import json
import os
import re
import time

from contract import Contract
from server import HERE, PASSWORD, check, same

TOMORROW = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))
DOCUMENT = os.path.join(HERE, "../../../docs/openapi.json")

# Written by hand from the roles' purpose, not taken from the program.
ROLES = {
    "viewer": {"read", "self"},
    "analyst": {"read", "triage", "self"},
    "rule_editor": {"read", "triage", "rules", "self"},
    "responder": {"read", "triage", "block", "self"},
    "administrator": {"read", "triage", "rules", "block", "admin", "audit", "self"},
    "ingest": {"ingest"},
    "auditor": {"read", "audit", "self"},
}
BITS = {"read": 1, "triage": 2, "rules": 4, "block": 8, "admin": 16, "ingest": 32, "audit": 64,
        "self": 128}

# What each operation that changes something takes. One that is not here has no expectation yet,
# which fails; operations that only read are asked by the document alone.
CHANGES = {
    "logout": "self", "login": None, "changePassword": "self",
    "createUser": "admin", "updateUser": "admin", "setPassword": "admin",
    "createToken": "admin", "revokeToken": "admin",
    "editAlerts": "triage", "updateAlert": "triage", "commentAlert": "triage",
    "showAlert": "triage", "updateIncident": "triage", "commentIncident": "triage",
    "mergeIncident": "triage", "splitIncident": "triage", "createMute": "triage",
    "endMute": "triage", "previewMute": "read", "requeueOutbox": "admin", "reloadRules": "rules",
}
# What reads and is not for everybody who may read.
READS = {"listUsers": "admin", "listTokens": "admin", "listOutbox": "admin", "listAudit": "audit",
         "checkAudit": "audit", "getMe": "any", "getDocument": None}
# What tells of all tenants together, or decides for all of them.
GLOBAL = {"listUsers", "createUser", "updateUser", "setPassword", "listTokens", "createToken",
          "revokeToken", "listAudit", "checkAudit", "listOutbox", "requeueOutbox", "reloadRules",
          "getStatus"}
SESSION = {"logout", "changePassword"}


class Actor:
    """Somebody who asks. permissions None: nobody, answered 401."""

    def __init__(self, name, client, permissions, tenant="", session=False):
        self.name, self.client, self.permissions = name, client, permissions
        self.tenant, self.session = tenant, session


class World:
    """A server with something of everything, and everybody."""

    def __init__(self, site):
        self.site = site
        self.contract = Contract.load(DOCUMENT)
        site.write(150, host="host{}")
        for log in "ab":
            site.write(60, log, host=log + "{}")
        site.start()
        site.wait_alerts(270)
        self.admin = site.admin()
        self.used = 0
        self.alerts = {tenant: site.rows("SELECT id, incident FROM alert WHERE tenant=?", tenant)
                       for tenant in ("", "tenant-a", "tenant-b")}
        self.alerts = {tenant: [(i.hex() if isinstance(i, bytes) else i, n) for i, n in rows]
                       for tenant, rows in self.alerts.items()}

    def take(self, tenant):
        """An alert and its incident that nobody else is given."""
        self.used += 1
        rows = self.alerts[tenant]
        return rows[self.used % len(rows)]

    # ---- Everybody ----

    def actors(self):
        site = self.site
        for role, permissions in ROLES.items():
            bits = sum(BITS[p] for p in permissions)
            token = site.planted_token("role", role, bits, source="logs" * (role == "ingest"))
            yield Actor("token " + role, site.token_client(token), permissions)
            if role != "ingest":
                self.make_user("user-" + role, role)
                self.make_user("leaver-" + role, role)  # for what ends sessions
                yield Actor("session " + role, site.login("user-" + role), permissions,
                            session=True)
        for role in ("analyst", "rule_editor", "administrator"):
            token = site.planted_token("tenant", role, sum(BITS[p] for p in ROLES[role]),
                                       tenant="tenant-a")
            yield Actor("tenant-a " + role, site.token_client(token), ROLES[role], "tenant-a")
        yield Actor("administrator's token for reading", site.token_client(
            site.planted_token("less", "administrator", BITS["read"])), {"read"})
        yield from self.nobodies()

    def make_user(self, name, role, **more):
        self.admin.ok("POST", "/v1/users", {"name": name, "role": role, "password": PASSWORD})

    def nobodies(self):
        site = self.site
        yield Actor("nobody", site.client(), None)
        yield Actor("expired", site.token_client(
            site.planted_token("old", "administrator", 0xDF, life=-1)), None)
        made = self.admin.ok("POST", "/v1/tokens", {
            "name": "gone", "role": "administrator", "days": 1}).json
        self.admin.ok("DELETE", "/v1/tokens/gone")
        yield Actor("revoked", site.token_client(made["token"]), None)
        self.make_user("disabled", "administrator")
        disabled = site.login("disabled")
        self.admin.ok("PATCH", "/v1/users/disabled", {"disabled": True})
        yield Actor("disabled", disabled, None)
        self.make_user("left", "administrator")
        left = site.login("left")
        left.ok("DELETE", "/v1/session")
        yield Actor("logged out", left, None)
        yield Actor("made up", site.token_client("hnm_" + "A" * 43), None)
        yield Actor("token in the cookie", site.client(
            {"Cookie": "hinomi=" + made["token"]}), None)
        yield Actor("Basic", site.client({"Authorization": "Basic YWRtaW46YWRtaW4="}), None)

    # ---- What is asked ----

    def request(self, operation, tenant):
        """URL and body that work for who may, on something of this tenant."""
        alert, incident = self.take(tenant)
        values = {"id": alert if "/alerts/" in operation.path else incident}
        make = getattr(self, "body_" + operation.id, None)
        body = make(alert, incident, values) if make else None
        if "/mutes/" in operation.path:
            values["id"] = self.mute(tenant)
        for parameter in operation.path_parameters():
            check(parameter["name"] in values, f"{operation.id}: a value for {parameter}")
        query = "&".join(f"{p['name']}={self.query_value(p)}" for p in operation.parameters
                         if p["in"] == "query" and p.get("required"))
        return operation.url(values) + ("?" + query if query else ""), body

    @staticmethod
    def query_value(parameter):
        schema = parameter["schema"]
        return schema.get("enum", [schema.get("minimum", 1)])[0] if (
            schema["type"] != "string" or "enum" in schema) else "evil"

    def mute(self, tenant):
        wish = {"kind": "silence", "rules": ["r"], "reason": "test", "owner": "o",
                "conditions": [{"field": "tenant", "value": tenant}] if tenant else [],
                "expires": TOMORROW}
        return self.admin.ok("POST", "/v1/mutes", wish).json["id"]

    def body_login(self, alert, incident, values):
        return {"name": f"nobody-{self.used}", "password": "x"}

    def body_createUser(self, alert, incident, values):
        return {"name": f"made-{self.used}", "role": "viewer", "password": PASSWORD}

    def body_updateUser(self, alert, incident, values):
        values["name"] = self.victim()
        return {"role": "analyst"}

    def body_setPassword(self, alert, incident, values):
        values["name"] = self.victim()
        return {"password": PASSWORD + "x"}

    def victim(self):
        self.make_user(f"victim-{self.used}", "viewer")
        return f"victim-{self.used}"

    def body_changePassword(self, alert, incident, values):
        return {"old": PASSWORD, "new": PASSWORD + " anew"}

    def body_createToken(self, alert, incident, values):
        return {"name": f"made-{self.used}", "role": "viewer", "days": 1}

    def body_revokeToken(self, alert, incident, values):
        values["name"] = f"victim-{self.used}"
        self.admin.ok("POST", "/v1/tokens", {"name": values["name"], "role": "viewer", "days": 1})

    def body_editAlerts(self, alert, incident, values):
        return {"ids": [alert], "change": {"assignee": f"u{self.used}"}}

    def body_updateAlert(self, alert, incident, values):
        return {"assignee": f"u{self.used}"}

    body_updateIncident = body_updateAlert

    def body_commentAlert(self, alert, incident, values):
        return {"text": "seen"}

    body_commentIncident = body_commentAlert

    def body_mergeIncident(self, alert, incident, values):
        tenant = next(t for t, rows in self.alerts.items() if (alert, incident) in rows)
        rows = self.alerts[tenant]
        rows.remove((alert, incident))  # afterwards it is gone
        values["id"] = rows[0][1]
        return {"from": incident}

    def body_splitIncident(self, alert, incident, values):
        """All of it is refused; two are merged first, so that one can be split off."""
        tenant = next(t for t, rows in self.alerts.items() if (alert, incident) in rows)
        rows = self.alerts[tenant]
        other = next(row for row in reversed(rows) if row[0] != alert)
        rows.remove((alert, incident))
        rows.remove(other)
        self.admin.ok("POST", f"/v1/incidents/{incident}/merge", {"from": other[1]})
        values["id"] = incident
        return {"alerts": [other[0]]}

    def body_createMute(self, alert, incident, values):
        return {"kind": "silence", "rules": ["no-such-rule"], "reason": "test", "owner": "o",
                "expires": TOMORROW}

    def body_previewMute(self, alert, incident, values):
        return {"rules": ["no-such-rule"]}

    def body_endMute(self, alert, incident, values):
        return {"show": False}

    def body_requeueOutbox(self, alert, incident, values):
        return {"sink": "none"}


def expected(operation, actor, foreign):
    """The status, by the tables above."""
    if operation.id == "login":
        return 401  # nobody has these words
    if operation.public:
        return operation.success
    if actor.permissions is None:
        return 401
    wanted = CHANGES.get(operation.id) or READS.get(operation.id, "read")
    if operation.id == "logout":
        wanted = "any"
    if wanted != "any" and wanted not in actor.permissions:
        return 403
    if operation.id in GLOBAL and actor.tenant:
        return 403
    if operation.id in SESSION and not actor.session:
        return 403
    return 404 if foreign else operation.success


def ask(world, operation, actor, foreign):
    tenant = "tenant-b" if foreign else actor.tenant
    url, body = world.request(operation, tenant)
    client, headers = actor.client, {}
    if operation.id in SESSION and actor.session:  # they end the session
        client = world.site.login("leaver-" + actor.name.split()[1])
        same(client.login.status, 200, "login of " + actor.name)
    if operation.is_stream:
        method = "HEAD"
    else:
        method = operation.method
    return client.ask(method, url, body, headers=headers)


def case_matrix(site):
    """Every operation of the document × every role, by token and session, × own and foreign tenant:
    exactly the expected status; an operation without an expectation fails."""
    world = World(site)
    counts = {}
    for operation in world.contract.operations:
        if operation.method != "GET":
            check(operation.id in CHANGES, f"{operation.id} has no expectation in CHANGES")
        if not operation.public:
            wanted = CHANGES.get(operation.id) or READS.get(operation.id, "read")
            if operation.id == "logout":
                wanted = "any"
            same(operation.permission, wanted, "x-permission of " + operation.id)
        same(operation.is_global, operation.id in GLOBAL, "x-global of " + operation.id)
        same(operation.is_session, operation.id in SESSION, "x-session of " + operation.id)
    for actor in list(world.actors()):
        for operation in world.contract.operations:
            for foreign in (False, True):
                has_id = "{id}" in operation.path or operation.id == "editAlerts"
                if foreign and not (actor.tenant and has_id and operation.id not in GLOBAL):
                    continue
                answer = ask(world, operation, actor, foreign)
                what = f"{actor.name}: {operation.method} {operation.path}" + foreign * " (foreign)"
                same(answer.status, expected(operation, actor, foreign), f"{what}: {answer}")
                if not operation.is_stream:
                    complaint = world.contract.answer_complaint(operation, answer)
                    check(complaint is None, f"{what}: {complaint}")
                if answer.status == 401 and operation.id != "login":
                    same(answer.headers["WWW-Authenticate"], "Bearer", what)
                if foreign:
                    check(b"tenant-b" not in answer.body, f"{what} tells of another tenant")
                counts[answer.status] = counts.get(answer.status, 0) + 1
        restore(world, actor)
    lists_are_apart(world)
    print(f"{sum(counts.values())} requests: {counts}")


def restore(world, actor):
    if actor.session and actor.permissions is not None and "self" in actor.permissions:
        world.admin.ok("PUT", f"/v1/users/leaver-{actor.name.split()[1]}/password",
                       {"password": PASSWORD})


def lists_are_apart(world):
    """Lists, exports, previews and bulk edits of one tenant's token hold nothing of another's."""
    client = world.site.token_client(world.site.planted_token(
        "apart", "rule_editor", sum(BITS[p] for p in ROLES["rule_editor"]), tenant="tenant-a"))
    for operation in world.contract.operations:
        if operation.method != "GET" or "{" in operation.path or operation.id in GLOBAL or (
                operation.public or operation.is_stream):
            continue
        body = client.get(operation.path).body
        check(b"tenant-b" not in body, f"{operation.path} tells of another tenant: {body[:500]}")
        if operation.id in ("listAlerts", "listIncidents"):
            check(b"tenant-a" in body, f"{operation.path} tells nothing of one's own")
            same(client.get(operation.path + "?tenant=tenant-b").status, 404, "a foreign tenant")
            same(client.get(operation.path + "?tenant=").status, 200, "no tenant")
    for rule in client.get("/v1/rules?limit=1000").json["items"]:
        same((rule["alerts"], rule["last"]), (None, None), "numbers of all tenants")
    answer = client.ok("POST", "/v1/alerts:edit", {
        "filter": {"level": "informational"}, "change": {"assignee": "x"}, "preview": True}).json
    same(answer["found"], len(world.site.rows("SELECT 1 FROM alert WHERE tenant='tenant-a'")),
         "alerts that a bulk edit finds")
    incident = world.alerts["tenant-b"][0][1]
    own = world.alerts["tenant-a"][0][1]
    same(client.ask("POST", f"/v1/incidents/{own}/merge", {"from": incident}).status, 404,
         "merging a foreign incident")
    same(client.ask("POST", f"/v1/incidents/{own}/split",
                    {"alerts": [world.alerts["tenant-b"][0][0]]}).status, 422,
         "splitting off a foreign alert")


def case_methods(site):
    """Methods that are not in the document are answered 405 with what is, paths that are not 404,
    to whoever asks, whatever the path looks like."""
    contract = Contract.load(DOCUMENT)
    site.start()
    for client in (site.client(), site.admin()):
        for path in contract.document["paths"]:
            # "stream" is an id for the method that has no such path of its own
            known = {o.method for o in contract.operations
                     if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", o.path), path)}
            known |= {"POST"} if path == "/v1/events" else set()  # the door for events
            known |= {"HEAD"} if "GET" in known else set()
            url = path.replace("{id}", "1").replace("{name}", "x")
            for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND",
                           "get", "BREW"):
                if method in known:
                    continue
                answer = client.ask(method, url)
                same(answer.status, 405, f"{method} {url}")
                same(set(answer.headers["Allow"].split(", ")) - {"OPTIONS"}, known,
                     f"Allow of {method} {url}")
            answer = client.ask("OPTIONS", url, headers={"Origin": "https://evil.example",
                                                         "Access-Control-Request-Method": "PUT"})
            same((answer.status, answer.body), (204, b""), f"OPTIONS {url}")
            for name in answer.headers:
                check(not name.lower().startswith("access-control"), f"{name} of {url}")
        for path in ("/v1", "/v1/", "/v2/alerts", "/V1/alerts", "/v1//alerts",
                     "/v1/alerts/1/2/3/4", "/v1/alerts:Edit", "/v1/audit%3Acheck/x", "/admin",
                     "/.git/config", "/hinomi.db", "/v1/../hinomi.db", "/v1/%2e%2e/hinomi.db",
                     "/v1/..%2f..%2fetc/passwd", "/v1/alerts/%00", "/%5c..%5cx", "/v1/alerts;a=b",
                     "/v1/alerts/..;/users", "//evil.example/v1/alerts"):
            answer = client.get(path)
            check(answer.status in (400, 401, 404), f"{path}: {answer}")
            check("Location" not in answer.headers, f"{path} leads elsewhere")


def case_document(site):
    """The document that is served is the one in docs/, needs no token, and names every schema it
    uses."""
    site.start()
    with open(DOCUMENT, "rb") as f:
        text = f.read()
    same(site.client().get("/v1/openapi.json").body, text, "the document")
    contract = Contract(json.loads(text))
    used = set(part.split('"')[0] for part in text.decode().split('"#/components/schemas/')[1:])
    same(used - set(contract.document["components"]["schemas"]), set(), "schemas that are missing")
    ids = [o.id for o in contract.operations]
    same(len(ids), len(set(ids)), "operation ids")
