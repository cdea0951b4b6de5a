"""What browsers and networks bring along: other sites, other protocols, other certificates.

Smuggling, slow and torn heads, limits of HTTP/1.1: e2e/ingest_head, _smuggling, _slowloris, _bodies
(the same server and parser). Webhooks to forbidden addresses, redirections: e2e/outputs_unreachable,
_tls."""

import os
import socket
import ssl
import subprocess
import threading

from contract import Contract
from server import PASSWORD, check, free_port, same, wait_for
from stream import Stream
from world import DOCUMENT


def case_csrf(site):
    """A session's change needs its CSRF token and our origin, for every operation that changes
    something; other sites, frames and names that lead here get nothing."""
    contract = Contract.load(DOCUMENT)
    site.start()
    site.write(1)
    site.wait_alerts(1)
    site.admin().ok("POST", "/v1/users",
                    {"name": "root", "role": "administrator", "password": PASSWORD})
    root, other = site.login("root"), site.login("root")
    cookie = {"Cookie": root.headers["Cookie"]}
    csrf, origin = root.headers["X-CSRF-Token"], root.headers["Origin"]
    foreign = ("https://evil.example", "null", "http://127.0.0.1", origin + ".evil.example",
               origin.replace("http", "https"), "http://localhost:%d" % site.port, origin + "0",
               "http://127.0.0.1:80@evil.example", "file://")
    wrong = [{}, {"X-CSRF-Token": csrf}, {"Origin": origin}, {"Origin": origin, "X-CSRF-Token": ""},
             {"Origin": origin, "X-CSRF-Token": csrf[:-1]},
             {"Origin": origin, "X-CSRF-Token": csrf + "A"},
             {"Origin": origin, "X-CSRF-Token": other.headers["X-CSRF-Token"]},
             {"Origin": origin, "X-CSRF-Token": csrf, "Sec-Fetch-Site": "cross-site"},
             {"Origin": origin, "X-CSRF-Token": csrf, "Sec-Fetch-Site": "same-site"},
             {"Origin": origin, "X-CSRF-Token": csrf, "Host": "evil.example"}]
    wrong += [{"Origin": o, "X-CSRF-Token": csrf} for o in foreign]
    tried = 0
    for operation in contract.operations:
        if operation.method == "GET" or operation.public:
            continue
        url = operation.url({"id": "1", "name": "x"})
        for headers in wrong:
            answer = site.client(cookie).ask(operation.method, url, {}, headers=headers)
            same(answer.status, 403, f"{operation.method} {url} with {headers}: {answer}")
            tried += 1
    login_from_elsewhere(site, foreign)
    simple_requests(site, cookie, csrf, origin)
    same(root.get("/v1/session").status, 200, "the session")
    own = {**cookie, "X-CSRF-Token": csrf, "Sec-Fetch-Site": "same-origin"}
    same(site.client(own).ask("POST", "/v1/rules:reload").status, 200, "a browser of our own")
    print(f"{tried} refused")


def login_from_elsewhere(site, foreign):
    """Nobody is logged in as somebody else by a page of a stranger's."""
    for origin in foreign:
        answer = site.client({"Origin": origin}).ask(
            "POST", "/v1/session", {"name": "root", "password": PASSWORD})
        same((answer.status, answer.headers["Set-Cookie"]), (403, None), "a login from " + origin)
    answer = site.client({"Host": f"rebound.example:{site.port}"}).ask(
        "POST", "/v1/session", {"name": "root", "password": PASSWORD})
    same(answer.status, 403, "a login under another name")


def simple_requests(site, cookie, csrf, origin):
    """What a form of any page can send is not taken, not even from our own."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "",
                 "application/json-patch+json", "text/json"):
        answer = site.client({**cookie, "X-CSRF-Token": csrf, "Origin": origin}).ask(
            "POST", "/v1/tokens", b'{"name": "x", "role": "viewer", "days": 1}',
            headers={"Content-Type": kind})
        same(answer.status, 415, kind)
    for path in ("/v1/session?next=https://evil.example", "/v1/alerts?callback=alert(1)",
                 "/v1/alerts?redirect=//evil.example", "/v1/alerts.csv?format=html"):
        answer = site.client(cookie).get(path)
        same((answer.status, answer.headers["Location"]), (400, None), path)


# ---- TLS ----

PROTOCOLS = {"ssl3": False, "tls1": False, "tls1_1": False, "tls1_2": True, "tls1_3": True}
WEAK = ("NULL", "aNULL", "eNULL", "EXPORT", "RC4", "3DES", "MD5", "PSK", "SRP", "AES128-SHA",
        "AES256-SHA256", "AES128-GCM-SHA256", "DHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES128-SHA",
        "CAMELLIA", "ARIA", "SEED", "IDEA")


def openssl(site, *arguments):
    return subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{site.port}", *arguments],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=30, text=True, errors="replace")


def shakes_hands(site, *arguments):
    """None: this openssl cannot even ask."""
    result = openssl(site, *arguments)
    text = result.stdout + result.stderr
    if any(word in text for word in ("nknown option", "no cipher match", "no protocols available",
                                     "Error with command", "no ciphers available")):
        return None
    return "Cipher is (NONE)" not in text and "-----BEGIN CERTIFICATE" in text


def case_tls(site):
    """TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers, nothing older or weaker; made
    at the first start with a key nobody else reads; no plain HTTP; a new certificate is used
    without a restart and without breaking a connection."""
    if subprocess.run(["which", "openssl"], capture_output=True).returncode != 0:
        return 77
    site.start()
    asked = 0
    for name, wanted in PROTOCOLS.items():
        got = shakes_hands(site, "-" + name, "-cipher", "ALL:@SECLEVEL=0")
        check(got in (None, wanted), f"{name}: {got}")
        asked += got is not None
    check(shakes_hands(site, "-tls1_2") and shakes_hands(site, "-tls1_3"), "TLS 1.2 and 1.3")
    for cipher in WEAK:
        got = shakes_hands(site, "-tls1_2", "-cipher", cipher + ":@SECLEVEL=0")
        check(not got, f"{cipher} is taken")
        asked += got is not None
    result = openssl(site, "-tls1_2")
    check("Secure Renegotiation IS supported" in result.stdout, "renegotiation")
    check("Compression: NONE" in result.stdout, "compression")
    same(os.stat(site.path("data/tls.key")).st_mode & 0o777, 0o600, "mode of the key")
    same(os.stat(site.path("data")).st_mode & 0o777, 0o700, "mode of the data folder")
    same(os.stat(site.path("data/first-password")).st_mode & 0o777, 0o600, "the first password")
    not_plain(site)
    certificate_changes(site)
    off_loopback(site)
    print(f"{asked} protocols and ciphers asked for")


case_tls.tls = True


def not_plain(site):
    with socket.create_connection(("127.0.0.1", site.port), 10) as plain:
        plain.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        plain.settimeout(10)
        data = b""
        try:
            data = plain.recv(4096)
        except OSError:
            pass
        check(b"HTTP" not in data and b"alive" not in data, f"plain HTTP is answered: {data!r}")


def fingerprint(site):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", site.port), 10) as raw:
        with context.wrap_socket(raw, server_hostname="localhost") as secure:
            return secure.getpeercert(True)


def certificate_changes(site):
    admin = site.admin()
    admin.get("/livez")
    stream = Stream(admin, "/v1/alerts/stream")
    before, failures, stop = fingerprint(site), [], threading.Event()
    asked = [0]

    def ask():
        while not stop.is_set():
            try:
                fingerprint(site)
                asked[0] += 1
            except OSError as error:
                failures.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    for turn in range(3):
        make_certificate(site)
        site.process.send_signal(1)
        wait_for(lambda: fingerprint(site) != before, "the new certificate", 10)
        before = fingerprint(site)
    with open(site.path("data/tls.crt"), "w") as f:
        f.write("no certificate")
    site.process.send_signal(1)
    wait_for(lambda: '"id":"tls.refused"' in site.log_text(), "word of the broken certificate", 10)
    same(fingerprint(site), before, "the certificate after a broken one")
    stop.set()
    thread.join()
    check(not failures, f"{failures[:1]} in {asked[0]} handshakes")
    same(admin.connection is not None and admin.get("/livez").status, 200, "the old connection")
    site.write(1)
    wait_for(lambda: stream.ids(), "an alert on the old connection", 20)
    stream.close()


def make_certificate(site):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost", "-keyout", site.path("new.key"),
                    "-out", site.path("new.crt")], check=True, capture_output=True)
    for kind in ("key", "crt"):
        os.replace(site.path("new." + kind), site.path("data/tls." + kind))


def off_loopback(site):
    """Plain HTTP for others than this machine is a mistake in the configuration."""
    site.stop()
    for host in ("0.0.0.0", "*", "[::]", "192.0.2.1"):
        site.config["http"].update(address=f"{host}:{free_port()}", tls=False)
        site.spawn()
        same(site.process.wait(30), 3, f"the exit status with plain HTTP on {host}")
        site.process = None
    check("loopback" in site.log_text(), site.log_text()[-500:])
