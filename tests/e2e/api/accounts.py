"""Sessions, tokens, and how often one may guess."""

import re
import statistics
import threading
import time

from contract import Contract
from server import PASSWORD, check, same, wait_for
from stream import Stream
from world import DOCUMENT


def add_user(admin, name, role="analyst"):
    admin.ok("POST", "/v1/users", {"name": name, "role": role, "password": PASSWORD})


def alive(client):
    status = client.get("/v1/session").status
    check(status in (200, 401), f"{status}")
    return status == 200


# ---- Sessions ----

def case_sessions(site):
    """A session is new with every login, bound to its cookie, and dead everywhere within a second
    after logout, another login, a new password or role, or disabling; so are tokens and streams."""
    site.start()
    admin = site.admin()
    for name in ("alice", "bob"):
        add_user(admin, name)
    cookie_is_strict(site)
    login_renews(site)
    passwords_end_sessions(site, admin)
    streams_end(site, admin)
    stored_as_hashes(site)


case_sessions.tls = True


def cookie_is_strict(site):
    alice = site.login("alice")
    cookies = alice.login.headers.get_all("Set-Cookie")
    same(len(cookies), 1, "cookies")
    match = re.fullmatch(r"__Host-hinomi=([\w-]{43})((?:; [\w=/-]+)+)", cookies[0])
    check(match, cookies[0])
    same(set(match.group(2).split("; ")[1:]), {"Path=/", "HttpOnly", "Secure", "SameSite=Strict"},
         "attributes of the cookie")
    check(alice.secret not in alice.login.body.decode(), "the body tells the secret")
    same(alice.login.headers["Strict-Transport-Security"], "max-age=31536000", "HSTS")
    other = site.login("alice")
    check(other.headers["X-CSRF-Token"] != alice.headers["X-CSRF-Token"], "one CSRF token for all")
    check(alive(alice) and alive(other), "two sessions of one user")
    # The cookie's secret is good for nothing else, and nothing else is good as the cookie.
    for headers in ({"Authorization": "Bearer " + alice.secret}, {"X-CSRF-Token": alice.secret},
                    {"Cookie": "hinomi=" + alice.secret},
                    {"Cookie": "__host-hinomi=" + alice.secret},
                    {"Cookie": "__Host-hinomi=" + alice.secret[:-1]},
                    {"Cookie": "__Host-hinomi=" + alice.secret + "A"},
                    {"Cookie": "__Host-hinomi=" + alice.headers["X-CSRF-Token"]}):
        same(site.client(headers).get("/v1/session").status, 401, str(headers))
    same(site.client().get("/v1/session?__Host-hinomi=" + alice.secret).status, 401, "in the URL")


def login_renews(site):
    planted = "A" * 43
    client = site.login("alice", headers={"Cookie": "__Host-hinomi=" + planted})
    check(client.secret != planted, "a planted session is used")
    same(site.client({"Cookie": "__Host-hinomi=" + planted}).get("/v1/session").status, 401,
         "the planted session")
    before = client.secret
    answer = client.ask("POST", "/v1/session", {"name": "alice", "password": PASSWORD})
    same(answer.status, 200, "logging in again")
    check(before not in answer.headers["Set-Cookie"], "the same secret again")
    check(not alive(client), "the session before the login is alive after it")
    bob = site.login("bob")
    answer = bob.ask("POST", "/v1/session", {"name": "bob", "password": "wrong"})
    same(answer.status, 401, "a wrong password")
    check(alive(bob), "a failed login ends the session")
    answer = bob.ok("DELETE", "/v1/session")
    check("Max-Age=0" in answer.headers["Set-Cookie"], "the cookie stays after logout")
    check(not alive(bob), "the session lives after logout")
    same(bob.ask("DELETE", "/v1/session").status, 401, "logging out twice")


def passwords_end_sessions(site, admin):
    alice, elsewhere = site.login("alice"), site.login("alice")
    answer = alice.ask("PUT", "/v1/session/password", {"old": "wrong", "new": "x" * 20})
    same(answer.status, 422, "a wrong old password")
    for new in ("short", "alice and her rabbit"):
        answer = alice.ask("PUT", "/v1/session/password", {"old": PASSWORD, "new": new})
        same(answer.status, 422, "the new password " + new)
    check(alive(alice) and alive(elsewhere), "sessions after a refused change")
    answer = alice.ok("PUT", "/v1/session/password", {"old": PASSWORD, "new": PASSWORD + "2"})
    check(not alive(alice) and not alive(elsewhere), "old sessions live after a new password")
    secret = re.match(r"[^=]+=([^;]+)", answer.headers["Set-Cookie"]).group(1)
    renewed = site.client(site.session_headers(secret, answer.json["csrf"]))
    check(alive(renewed), "the new session")
    same(site.login("alice").login.status, 401, "the old password")
    changes = [("PUT", "/v1/users/alice/password", {"password": PASSWORD}),
               ("PATCH", "/v1/users/alice", {"role": "viewer"}),
               ("PATCH", "/v1/users/alice", {"disabled": True})]
    for method, path, body in changes:
        admin.ok(method, path, body)
        check(not alive(renewed), f"the session after {body}")
        renewed = site.login("alice")
    same(renewed.login.status, 401, "a disabled user's login")
    admin.ok("PATCH", "/v1/users/alice", {"disabled": False})
    check(alive(site.login("alice")), "a user who is enabled again")


def streams_end(site, admin):
    """Within a second, every kind of stream in the document, also where nothing happens."""
    for operation in Contract.load(DOCUMENT).operations:
        if operation.is_stream:
            one_stream_ends(site, admin, operation.path)


def one_stream_ends(site, admin, path):
    def ends(stream, what):
        began = time.monotonic()
        wait_for(lambda: stream.ended, what, 10)
        check(stream.ended - began < 1.2, f"{what} {stream.ended - began:.2f} s later")

    name = "t" + path.replace("/", ".")
    token = admin.ok("POST", "/v1/tokens", {"name": name, "role": "viewer", "days": 1}).json["token"]
    reader = site.token_client(token)
    stream = Stream(reader, path)
    alice = site.login("alice")
    second = Stream(alice, path)
    time.sleep(1.5)
    check(stream.ended is None and second.ended is None, "a stream ended")
    admin.ok("DELETE", "/v1/tokens/" + name)
    ends(stream, "a stream ends after its token")
    same(reader.get("/v1/session").status, 401, "a revoked token")
    alice.ok("DELETE", "/v1/session")
    ends(second, "a stream ends after its session")
    same(admin.ask("DELETE", "/v1/tokens/" + name).status, 404, "revoking twice")


def stored_as_hashes(site):
    alice = site.login("alice")
    made = site.admin().ok("POST", "/v1/tokens", {"name": "s", "role": "viewer", "days": 1}).json
    for name in ("hinomi.db", "hinomi.db-wal"):
        with open(site.path("data/" + name), "rb") as f:
            data = f.read()
        for secret in (alice.secret, alice.headers["X-CSRF-Token"], made["token"], PASSWORD):
            check(secret.encode() not in data, f"{name} has a secret as it is")
    hashes = site.rows("SELECT password FROM user")
    check(all(h.startswith("$argon2id$") for h, in hashes), f"{hashes}")


def case_timeouts(site):
    """A session ends when it was idle for too long, with a stream open as well, and after its
    longest time whatever is asked; use keeps it alive in between."""
    site.config["http"].update(session_idle="2s", session_max="6s")
    site.start()
    add_user(site.admin(), "alice")
    began = time.monotonic()
    busy, idle, watching = (site.login("alice") for _ in range(3))
    stream = Stream(watching, "/v1/alerts/stream")
    while time.monotonic() - began < 4:
        check(alive(busy), f"a session in use ended after {time.monotonic() - began:.1f} s")
        time.sleep(0.2)
    check(not alive(idle), "an idle session lives")
    check(stream.ended is not None and stream.ended - began < 3.5, "a stream keeps a session alive")
    check(not alive(watching), "an idle session with a stream lives")
    wait_for(lambda: not alive(busy), "the longest time of a session to end", 10)
    took = time.monotonic() - began
    check(5.9 < took < 8, f"a session ended after {took:.1f} s instead of 6")


# ---- Guessing ----

def guess(site, name, address, password="wrong"):
    answer = site.client(address=address).ask("POST", "/v1/session",
                                              {"name": name, "password": password})
    check(answer.status in (200, 401, 429), f"{answer}")
    if answer.status == 429:
        check(int(answer.headers["Retry-After"]) >= 60, "429 without a time")
    return answer.status


def case_throttle(site):
    """Guessing is slowed down by name and address, by address, and by name; who is attacked keeps
    his session and comes in from where he is known; a restart forgives nothing; the audit log and
    the metrics tell."""
    site.start()
    admin = site.admin()
    add_user(admin, "victim")
    victim = site.login("victim", address="127.0.0.9")
    # One name from one address: ten, and then not even the right password.
    same([guess(site, "victim", "127.0.0.2") for _ in range(10)], [401] * 10, "guesses")
    same(guess(site, "victim", "127.0.0.2", PASSWORD), 429, "the right password after ten wrong")
    same(guess(site, "VICTIM", "127.0.0.2"), 429, "the same name in capitals")
    same(guess(site, "other", "127.0.0.2"), 401, "another name")
    check(alive(victim), "the victim's session")
    same(guess(site, "victim", "127.0.0.3", PASSWORD), 200, "the victim elsewhere")
    at_once(site)
    by_address(site)
    by_name(site, victim)
    by_old_password(site)
    told(site, admin)
    site.stop()
    site.start()
    same(guess(site, "nobody", "127.0.0.4"), 429, "an address after a restart")
    same(guess(site, "victim", "127.0.2.1", PASSWORD), 429, "a name after a restart")
    same(guess(site, "victim", "127.0.0.9", PASSWORD), 200, "the victim after a restart")
    check(alive(victim), "the victim's session after a restart")
    same_time(site)


def at_once(site):
    """Thirty at the same time are no more than ten."""
    results = []
    threads = [threading.Thread(target=lambda: results.append(guess(site, "many", "127.0.0.5")))
               for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    same((results.count(401), results.count(429)), (10, 20), "guesses at the same time")


def by_address(site):
    statuses = [guess(site, f"name{i}", "127.0.0.4") for i in range(101)]
    same(statuses, [401] * 100 + [429], "guesses at many names")


def by_name(site, victim):
    """Ten failures are there already."""
    statuses = [guess(site, "victim", f"127.0.1.{1 + i // 10}") for i in range(90)]
    same(statuses, [401] * 90, "guesses from many addresses")
    same(guess(site, "victim", "127.0.2.1", PASSWORD), 429, "one more address")
    same(guess(site, "victim", "127.0.0.9", PASSWORD), 200, "where the victim is known")
    check(alive(victim), "the victim's session")


def by_old_password(site):
    """Who finds a browser open has no second way to guess."""
    add_user(site.admin(), "open")
    browser = site.login("open", address="127.0.0.6")
    statuses = [browser.ask("PUT", "/v1/session/password", {"old": "wrong", "new": "y" * 20}).status
                for _ in range(11)]
    same(statuses, [422] * 10 + [429], "guesses at the old password")
    check(alive(browser), "the session after guesses at its password")


def told(site, admin):
    entries = admin.get("/v1/audit?limit=1000").json["items"]
    limits = [(e["object"], e["address"], e["detail"]["limit"]) for e in entries
              if e["action"] == "login.throttled"]
    same(set(limits), {("user:victim", "127.0.0.2", "pair"), ("user:many", "127.0.0.5", "pair"),
                       ("user:name99", "127.0.0.4", "address"),
                       ("user:open", "127.0.0.6", "pair"), ("user:victim", "127.0.1.9", "name")} |
         {("user:victim", f"127.0.1.{i}", "pair") for i in range(1, 9)}, "limits in the audit log")
    same(len([e for e in entries if e["action"] == "login.failed"]),
         site.metric('hinomi_logins_total{what="failed"}'), "failures in audit log and metrics")
    check(site.metric('hinomi_logins_total{what="throttled"}') >= 20, "throttled, in the metrics")


def same_time(site):
    """Whether there is such a name cannot be told by the time taken."""
    times = {"open": [], "nobody": []}
    for i in range(8):
        for name in times:
            client = site.client(address=f"127.0.3.{1 + i}")
            client.get("/livez")
            began = time.monotonic()
            client.ask("POST", "/v1/session", {"name": name, "password": "wrong"})
            times[name].append(time.monotonic() - began)
    known, unknown = (statistics.median(times[name]) for name in ("open", "nobody"))
    check(0.4 < known / unknown < 2.5, f"{known:.4f} s and {unknown:.4f} s")
