"""Everything at once."""

import http.client
import os
import threading
import time

from server import PASSWORD, RULES, check, free_port
from stream import Stream

LOAD_SECONDS = float(os.environ.get("HN_API_LOAD", "3"))


def case_load(site):
    """Everything at the same time, for races: readers, writers, streams, numbers, reloads and
    logins while events come in and until the server ends, with doors of every kind."""
    site.config["sources"].append({"name": "net", "tcp": [f"127.0.0.1:{free_port()}"],
                                   "udp": [f"127.0.0.1:{free_port()}"]})
    site.config["outputs"] = [{"name": "file", "kind": "file", "path": site.path("out.jsonl"),
                               "sync": False}]
    site.start()
    admin = site.admin()
    site.write(20)
    site.wait_alerts(20)
    admin.ok("POST", "/v1/users", {"name": "many", "role": "analyst", "password": PASSWORD})
    stop, errors, asked = threading.Event(), [], [0]

    def over_and_over(work):
        client = site.client(admin.headers)
        try:
            while not stop.is_set():
                work(client)
                asked[0] += 1
        except Exception as error:  # to be told by the test's thread
            if not stop.is_set():
                errors.append(error)

    def read(client):
        for path in ("/v1/alerts", "/v1/incidents", "/v1/status", "/v1/rules", "/v1/alerts.csv",
                     "/v1/audit", "/v1/outbox", "/v1/mutes"):
            client.ok("GET", path)

    def change(client):
        row = client.ok("GET", "/v1/alerts?limit=1").json["items"][0]
        client.ok("PATCH", f"/v1/alerts/{row['id']}", {"assignee": "x"})
        client.ok("POST", f"/v1/incidents/{row['incident']}/comments", {"text": "x"})

    def watch(client):
        stream = Stream(client, "/v1/alerts/stream")
        time.sleep(0.1)
        stream.close()

    def log_in(client):
        site.login("many").ok("DELETE", "/v1/session")

    def reload(client):
        site.write_rules(RULES.replace("every line", f"every line {time.monotonic()}"))
        client.ok("POST", "/v1/rules:reload")
        time.sleep(0.2)

    works = (read, change, watch, log_in, reload, lambda client: client.ok("GET", "/metrics"),
             lambda client: site.write(5) or time.sleep(0.02))
    threads = [threading.Thread(target=over_and_over, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    time.sleep(LOAD_SECONDS)
    check(not errors, str(errors[:1]))
    stop.set()
    for thread in threads[:-2]:
        thread.join()
    numbers = threading.Thread(target=until_it_ends, args=(site,))
    numbers.start()
    site.stop()
    numbers.join()
    print(f"{asked[0]} rounds, {site.written} events")


def until_it_ends(site):
    """Numbers are asked for while doors close."""
    try:
        while True:
            site.client().get("/metrics")
    except (OSError, AssertionError, http.client.HTTPException):
        pass
