"""Who may do what: every operation of the document, asked by everybody."""

import json
import os
import re
import shutil
import subprocess

from contract import Contract
from server import HERE, check, same
from world import BITS, DOCUMENT, PASSWORD, ROLES, World

PAGE = os.path.join(HERE, "../../../docs/api.md")

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
    "submitSample": "triage", "deleteSample": "admin", "decideSampleIndicators": "rules",
}
# What reads and is not for everybody who may read.
READS = {"listUsers": "admin", "listTokens": "admin", "listOutbox": "admin", "listAudit": "audit",
         "checkAudit": "audit", "getMe": "any", "getDocument": None, "downloadSample": "triage"}
# What tells of all tenants together, or decides for all of them.
GLOBAL = {"listUsers", "createUser", "updateUser", "setPassword", "listTokens", "createToken",
          "revokeToken", "listAudit", "checkAudit", "listOutbox", "requeueOutbox", "reloadRules",
          "getStatus", "decideSampleIndicators"}
SESSION = {"logout", "changePassword"}


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
                    check(not tells_of_b(answer.body), f"{what} tells of another tenant")
                counts[answer.status] = counts.get(answer.status, 0) + 1
        restore(world, actor)
    lists_are_apart(world)
    print(f"{sum(counts.values())} requests: {counts}")


def restore(world, actor):
    if actor.session and actor.permissions is not None and "self" in actor.permissions:
        world.admin.ok("PUT", f"/v1/users/leaver-{actor.name.split()[1]}/password",
                       {"password": PASSWORD})


def tells_of_b(body):
    """Tokens are called tenant-XXXXXXXX, by chance tenant-bXXXXXXX: they are not meant."""
    return re.search(rb"tenant-b\b", body) is not None


def lists_are_apart(world):
    """Lists, exports, previews and bulk edits of one tenant's token hold nothing of another's."""
    client = world.site.token_client(world.site.planted_token(
        "apart", "rule_editor", sum(BITS[p] for p in ROLES["rule_editor"]), tenant="tenant-a"))
    for operation in world.contract.operations:
        if operation.method != "GET" or "{" in operation.path or operation.id in GLOBAL or (
                operation.public or operation.is_stream):
            continue
        body = client.get(operation.path).body
        check(not tells_of_b(body), f"{operation.path} tells of another tenant: {body[:500]}")
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
            # "stream" is nobody's id, also for the methods that it does not have
            known = {o.method for o in contract.operations if o.path == path}
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
    uses; docs/api.md has the roles, and its examples run."""
    site.write(5)
    site.start()
    site.wait_alerts(5)
    with open(DOCUMENT, "rb") as f:
        text = f.read()
    same(site.client().get("/v1/openapi.json").body, text, "the document")
    contract = Contract(json.loads(text))
    used = set(part.split('"')[0] for part in text.decode().split('"#/components/schemas/')[1:])
    same(used - set(contract.document["components"]["schemas"]), set(), "schemas that are missing")
    ids = [o.id for o in contract.operations]
    same(len(ids), len(set(ids)), "operation ids")
    with open(PAGE, encoding="utf-8") as f:
        page = f.read()
    same(roles_of(page), ROLES, "the roles in docs/api.md")
    examples(site, page)


def roles_of(page):
    rows = [[cell.strip() for cell in line.strip("|\n").split("|")]
            for line in page.split("## Roles")[1].split("\n## ")[0].split("\n") if line.startswith("|")]
    return {row[0].strip("`"): {name for name, cell in zip(rows[0], row) if cell == "x"}
            for row in rows[2:]}


def examples(site, page):
    blocks = re.findall("```sh\n(.*?)```", page, re.S)[1:]
    check(len(blocks) >= 5, "examples")
    if shutil.which("curl") is None:
        print("examples: SKIPPED, curl is missing")
        return
    token = site.admin().headers["Authorization"].split()[1]
    for block in blocks:
        script = (f"set -eu\nurl=http://127.0.0.1:{site.port} token={token}\n"
                  "curl() { command curl --noproxy '*' -w '\\n%{http_code}\\n' \"$@\"; }\n" + block)
        if "$(" in block:  # what is read into a variable is the answer alone
            script = script.replace(" -w '\\n%{http_code}\\n'", "")
        result = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=60)
        same((result.returncode, result.stderr), (0, ""), block + result.stdout)
        codes = set(re.findall(r"^(\d{3})$", result.stdout, re.M))
        check(codes <= {"200", "201", "202", "204"} or "limit=0" in block, f"{block}: {result.stdout}")
        check("limit=0" in block or '"type":"about:blank"' not in result.stdout, result.stdout)
