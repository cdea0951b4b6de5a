"""Changes and what is kept of them: the audit log, and what must never be in it or anywhere else."""

import collections
import json
import os
import re
import sqlite3
import subprocess

from server import PASSWORD, check, same, wait_for
from world import World

# What belongs to one answer besides the entry the document names.
MORE = {"changePassword": ["login"]}


def case_audit(site):
    """Every change has exactly one entry, with who, from where and what; a refused one has none or
    one that says so; reading has none. Whoever edits, removes or adds a row is found out."""
    world = World(site)
    entries_of_changes(world)
    entries_of_refusals(world)
    outside_as_well(world)
    tampering(world)


def entries(world, after=0):
    rows = world.admin.ok("GET", f"/v1/audit?limit=1000&after={after}").json["items"]
    return rows


def newest(world):
    return world.admin.ok("GET", "/v1/audit:check").json["seq"]


def entries_of_changes(world):
    changed = 0
    for operation in world.contract.operations:
        if operation.is_stream:
            continue
        client, actor = world.admin, "token:test-admin"
        if operation.is_session:
            world.make_user("own-" + operation.id.lower(), "analyst")
            client = world.site.login("own-" + operation.id.lower())
            actor = "user:own-" + operation.id.lower()
        for _ in range(2):
            url, body = world.request(operation, "")
            if operation.id == "login":
                world.make_user(f"in-{world.used}", "viewer")
                body = {"name": f"in-{world.used}", "password": PASSWORD}
                actor = "anonymous"
            before = newest(world)
            client.ok(operation.method, url, body)
            got = entries(world, before)
            expected = [operation.audit] + MORE.get(operation.id, []) if operation.audit else []
            same([e["action"] for e in got], expected, f"entries of {operation.id}")
            for entry in got[:1]:
                check(entry["actor"].startswith(actor), f"{operation.id}: {entry}")
                same(entry["address"], "127.0.0.1", operation.id)
                check(re.match(r"[a-z]+(:|$)", entry["object"]), f"{operation.id}: {entry}")
            changed += operation.audit is not None
            if operation.is_session:
                break
    print(f"{changed} changes")


def entries_of_refusals(world):
    """Refused before it began: none. Announced and then refused: the announcement and its end."""
    counts = collections.Counter()
    reader = world.site.token_client(world.site.planted_token("reader", "viewer", 1))
    for operation in world.contract.operations:
        if operation.audit is None or operation.public:
            continue
        url, body = world.request(operation, "")
        for client, headers, status in ((reader, {}, 403), (world.site.client(), {}, 401),
                                        (world.admin, {"If-Match": '"99-0"'}, 412)):
            if status == 412 and not any(p["name"] == "If-Match" for p in operation.parameters):
                continue
            before = newest(world)
            same(client.ask(operation.method, url, body, headers=headers).status, status, url)
            got = [e["action"] for e in entries(world, before)]
            check(got in ([], [operation.audit, operation.audit + ".refused"]),
                  f"{operation.id}: {got} after {status}")
            check(status == 412 or got == [], f"{operation.id}: {got} after {status}")
            counts[status] += 1
    print(f"refused: {dict(counts)}")


def outside_as_well(world):
    """The newest hash is in the server's log: whoever writes the whole chain anew is found out."""
    world.make_user("last", "viewer")  # an entry that auth writes itself
    for _ in range(30):  # refused without an entry: nobody fills the log by knocking
        world.site.client().ask("POST", "/v1/session", {"name": "last", "password": "wrong"})
        same(world.admin.ask("DELETE", "/v1/tokens/none").status, 404, "no such token")
    head = world.admin.ok("GET", "/v1/audit:check").json
    told = [json.loads(line) for line in world.site.log_text().splitlines() if "audit.entry" in line]
    hashes = {e["seq"]: e["hash"] for e in entries(world, max(0, head["seq"] - 1000))}
    same((told[-1]["seq"], told[-1]["hash"]), (head["seq"], head["hash"]), "the newest in the log")
    same(len({line["seq"] for line in told}), len(told), "hashes told once")
    for line in told:
        if line["seq"] in hashes:
            same(line["hash"], hashes[line["seq"]], f"hash of {line['seq']}")


def tampering(world):
    site = world.site
    last = newest(world)
    middle = last // 2
    edits = [(f"UPDATE audit SET {column}={value} WHERE seq={middle}", middle)
             for column, value in (
                 ("time", "time+1"), ("actor", "'user:somebody'"), ("address", "'192.0.2.1'"),
                 ("action", "'login'"), ("object", "object||'1'"), ("detail", "'{\"a\":1}'"), ("detail", "'[1]'"),
                 ("detail", "'}{\u202e'"),
                 ("hash", "'" + "0" * 64 + "'"), ("hash", "upper(hash)"), ("hash", "''"))]
    edits += [(f"DELETE FROM audit WHERE seq={middle}", middle),
              ("DELETE FROM audit WHERE seq=1", 1),
              (f"UPDATE audit SET detail='{{}}' WHERE seq={last}", last),
              (f"UPDATE audit SET seq=-1 WHERE seq={middle};"
               f"UPDATE audit SET seq={middle} WHERE seq={middle + 1};"
               f"UPDATE audit SET seq={middle + 1} WHERE seq=-1", middle),
              (f"INSERT INTO audit SELECT {last + 1}, time, actor, address, action, object, detail,"
               f" hash FROM audit WHERE seq={last}", last + 1),
              ("UPDATE audit_anchor SET hash='" + "1" * 64 + "'", 1)]
    for sql, broken in edits:
        saved = site.rows("SELECT * FROM audit")
        anchor = site.rows("SELECT hash FROM audit_anchor")[0]
        with sqlite3.connect(site.path("data/hinomi.db"), timeout=30) as database:
            database.executescript(sql)
        answer = world.admin.ok("GET", "/v1/audit:check").json
        same((answer["whole"], answer["broken"]), (False, broken), sql)
        answer = world.admin.get("/v1/audit?limit=1000")
        complaint = world.contract.answer_complaint(world.contract.find("listAudit"), answer)
        check(complaint is None or "hash" in sql, f"the list after {sql}: {complaint}")
        with sqlite3.connect(site.path("data/hinomi.db"), timeout=30) as database:
            database.execute("DELETE FROM audit")
            database.executemany("INSERT INTO audit VALUES(?,?,?,?,?,?,?,?)", saved)
            database.execute("UPDATE audit_anchor SET hash=?", anchor)
        same(world.admin.ok("GET", "/v1/audit:check").json["whole"], True, "restored after " + sql)
    print(f"{len(edits)} ways of tampering")


# ---- Secrets ----

def case_secrets(site):
    """Planted passwords, tokens, keys and cookies are in no log, entry, number, answer, file of the
    data folder or dump; the configuration is shown without them."""
    planted = ["Planted%02d-%s" % (i, os.urandom(6).hex()) for i in range(12)]
    for name, secret in (("key", planted[0]), ("mail", planted[1])):
        with open(site.path(name), "w") as f:
            f.write(secret + "\n")
        os.chmod(site.path(name), 0o600)
    site.config["log"] = {"level": "debug"}
    site.config["outputs"] = [
        {"name": "hook", "kind": "webhook", "url": "http://127.0.0.1:1/" + planted[10],
         "allow_private": True, "allow_plain": True, "secret_file": site.path("key"),
         "retry_max": "1s", "give_up": "2s"},
        {"name": "mail", "kind": "smtp", "url": "smtps://127.0.0.1:1", "user": "u", "from": "a@b.cd",
         "to": ["c@d.ef"], "secret_file": site.path("mail"), "retry_max": "1s", "give_up": "2s"}]
    site.start()
    first = site.first_password()
    admin = site.login("admin", first)
    same(admin.login.status, 200, "the first login")
    secrets = use_secrets(site, admin, planted) + [first] + planted[:10]
    site.write(3)
    site.wait_alerts(3)
    wait_for(lambda: site.rows("SELECT 1 FROM outbox WHERE error<>''"), "errors of outputs")
    look_everywhere(site, admin, secrets + [admin.headers["X-CSRF-Token"]])
    site.stop()
    look_at_files(site, secrets)


def use_secrets(site, admin, planted):
    """Everything that takes or gives a secret, well and badly; returns what was given. (CSRF tokens
    are in the database as they are: they are worth nothing without their cookie.)"""
    given = [admin.secret]
    admin.ok("POST", "/v1/users", {"name": "u", "role": "analyst", "password": planted[2]})
    admin.ok("PUT", "/v1/users/u/password", {"password": planted[3]})
    site.login("u", planted[4])
    user = site.login("u", planted[3])
    given.append(user.secret)
    user.ask("PUT", "/v1/session/password", {"old": planted[5], "new": planted[6] + "x"})
    for body in (b'{"name":"u","password":"' + planted[7].encode(),
                 b'{"name":"u","password":' + planted[7].encode() + b'}',
                 json.dumps({"name": "u", "password": [planted[7]]}).encode(),
                 json.dumps({"name": "u", "password": planted[7] * 200}).encode()):
        answer = site.client().ask("POST", "/v1/session", body,
                                   headers={"Content-Type": "application/json"})
        check(answer.status in (400, 401, 422), f"{answer}")
        check(planted[7].encode() not in answer.body, f"an answer repeats what was sent: {answer}")
    made = admin.ok("POST", "/v1/tokens", {"name": "t", "role": "administrator", "days": 1}).json
    given.append(made["token"])
    client = site.token_client(made["token"])
    client.ok("GET", "/v1/session")
    for headers in ({"Authorization": "Bearer " + planted[8]}, {"Cookie": "hinomi=" + planted[8]},
                    {"Authorization": "Basic " + planted[8]}, {"X-CSRF-Token": planted[8]}):
        for path in ("/v1/session", "/metrics", "/nowhere", "/v1/events"):
            site.client(headers).ask("POST", path, b"{}")
    site.client().get("/v1/alerts?token=" + planted[9])
    client.get("/v1/alerts?token=" + planted[9])
    return given


def look_everywhere(site, admin, secrets):
    places = {}
    for path in ("/v1/users", "/v1/tokens", "/v1/audit?limit=1000", "/v1/outbox?limit=1000",
                 "/v1/alerts", "/v1/incidents", "/v1/status", "/v1/rules", "/metrics", "/readyz",
                 "/v1/mutes", "/v1/alerts.csv", "/v1/openapi.json"):
        places[path] = admin.ok("GET", path).body
    pid = site.process.pid
    for name in ("cmdline", "environ"):
        with open(f"/proc/{pid}/{name}", "rb") as f:
            places[name] = f.read()
    with open(f"/proc/{pid}/limits") as f:
        limits = f.read()
    check(re.search(r"Max core file size +0 +0 ", limits), "core dumps are on: " + limits)
    for command in (["config", "show"], ["config", "check"]):
        result = subprocess.run([site.program, *command, "-c", site.path("hinomi.yaml")],
                                capture_output=True)
        places[" ".join(command)] = result.stdout + result.stderr
    for place, data in places.items():
        for secret in secrets:
            check(secret.encode() not in data, f"{place} has {secret}")


def look_at_files(site, secrets):
    looked = 0
    for folder, _, names in os.walk(site.folder):
        for name in names:
            path = os.path.join(folder, name)
            if path in (site.path("key"), site.path("mail"), site.path("data/first-password")):
                continue
            with open(path, "rb") as f:
                data = f.read()
            looked += 1
            for secret in secrets:
                check(secret.encode() not in data, f"{path} has {secret}")
    check(looked > 8, f"only {looked} files")
