"""Reading while things happen: pages, tags, streams."""

import random
import threading
import time

from server import check, same, wait_for
from stream import Stream


def walk(client, path, limit, direction=None, between=lambda: None):
    """All items, page by page."""
    items, cursor = [], ""
    join = "&" if "?" in path else "?"
    while True:
        url = f"{path}{join}limit={limit}" + (f"&cursor={cursor}" if cursor else "") + (
            f"&direction={direction}" if direction else "")
        page = client.ok("GET", url).json
        items.append(page["items"])
        check(len(page["items"]) <= limit, "a page is longer than its limit")
        cursor = page["next"]
        if not cursor:
            return items
        between()


def case_paging(site):
    """Walking through pages while rows come in, before and behind, skips and repeats nothing."""
    site.start()
    admin = site.admin()
    site.write(120)
    site.wait_alerts(120)
    for path, key in (("/v1/alerts", "seq"), ("/v1/incidents", "id")):
        before = {row[key] for page in walk(admin, path, 1000) for row in page}
        target = [site.written]

        def more():
            # Times of the lines wrap, so that new ones come at all places of the order.
            site.write(7)
            target[0] = site.written
            site.wait_alerts(target[0])

        for direction in (None, "older"):
            pages = walk(admin, path, 13, direction, more)
            keys = [row[key] for page in pages for row in page]
            same(len(keys), len(set(keys)), f"{path} repeats {direction}")
            same(before - set(keys), set(), f"{path} skips {direction}")
    newer(site, admin)
    lists_by_number(admin)
    hostile_cursors(admin)


def newer(site, admin):
    """From a place on, towards now: pages follow each other, each newest first."""
    everything = [row["seq"] for page in walk(admin, "/v1/alerts", 1000) for row in page]
    page = admin.ok("GET", "/v1/alerts?limit=50").json
    cursor, seen = page["next"], []
    below = everything[:everything.index(page["items"][-1]["seq"])]
    while cursor:
        page = admin.ok("GET", f"/v1/alerts?limit=9&direction=newer&cursor={cursor}").json
        seen = [row["seq"] for row in page["items"]] + seen
        cursor = page["next"]
    same(seen, below, "what is newer than a place")


def lists_by_number(admin):
    """Lists that go on by number."""
    for i in range(25):
        admin.ok("POST", "/v1/tokens", {"name": f"t{i}", "role": "viewer", "days": 1})
    for path, key in (("/v1/audit", "seq"),):
        whole = [e[key] for e in admin.ok("GET", path + "?limit=1000").json["items"]]
        keys, after, more = [], 0, True
        while more:
            page = admin.ok("GET", f"{path}?limit=4&after={after}").json
            keys += [e[key] for e in page["items"]]
            after, more = keys[-1], page["more"]
            check(len(keys) <= len(whole), "it never ends")
        same(keys, whole, path)
    ids = [admin.ok("POST", "/v1/mutes", {
        "kind": "silence", "rules": [f"r{i}"], "reason": "x", "owner": "o",
        "expires": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))}).json["id"]
           for i in range(15)]
    got, after = [], 0
    while after is not None:
        page = admin.ok("GET", f"/v1/mutes?limit=4&after={after}").json
        got += [m["id"] for m in page["items"]]
        after = page["next"]
    same(sorted(got), sorted(ids), "mutes")
    same(len(got), len(set(got)), "mutes repeat")


def hostile_cursors(admin):
    for cursor in ("0", "x" * 32, "f" * 32, "0" * 32, "7" + "f" * 31, "8" + "0" * 31, "-" * 32,
                   "%00", "'%20OR%201=1", "1" * 64, "0x" + "1" * 30):
        answer = admin.get("/v1/alerts?cursor=" + cursor)
        check(answer.status in (200, 400), f"{cursor}: {answer}")
    for query in ("cursor=", "limit=0", "limit=1001", "limit=-1", "limit=1e3", "limit=+1",
                  "limit=1&limit=2", "after=1", "direction=sideways", "limit", "=1", "limit=%31%30x"):
        same(admin.get("/v1/alerts?" + query).status, 400, query)


# ---- Tags ----

def case_etags(site):
    """If-Match lets one of many who read the same change it, and no change is lost; If-None-Match
    spares what did not change, and only that."""
    site.start()
    admin = site.admin()
    site.write(3, host="pc")
    site.wait_alerts(3)
    alert = admin.ok("GET", "/v1/alerts").json["items"][0]["id"]
    incident = admin.ok("GET", "/v1/incidents").json["items"][0]["id"]
    for path in (f"/v1/alerts/{alert}", f"/v1/incidents/{incident}"):
        tags(admin, path)
        lost_updates(site, admin, path)
    merged(admin, incident)


def tags(admin, path):
    first = admin.ok("GET", path)
    tag = first.headers["ETag"]
    same(admin.get(path, headers={"If-None-Match": tag}).status, 304, "nothing changed")
    same(admin.get(path, headers={"If-None-Match": f'"x", {tag}'}).status, 304, "one of two tags")
    for other in ('"1-0"', tag[:-2] + '0"', '""', "W/x"):
        if other != tag:
            same(admin.get(path, headers={"If-None-Match": other}).status, 200, other)
    for bad in ("1", '"x"', '"-1-0"', '""', '"0-0"', '"99999999999999999999-0"', "x" * 64):
        same(admin.ask("PATCH", path, {"assignee": "z"}, headers={"If-Match": bad}).status, 412, bad)
    same(admin.ok("GET", path).json["assignee"], first.json["assignee"], "a refused change")
    admin.ok("PATCH", path, {"assignee": "z"}, headers={"If-Match": tag})
    changed = admin.get(path, headers={"If-None-Match": tag})
    same(changed.status, 200, "after a change")
    same(admin.ask("PATCH", path, {"assignee": "y"}, headers={"If-Match": tag}).status, 412,
         "the tag of before")
    admin.ok("PATCH", path, {"assignee": "y"}, headers={"If-Match": "*"})


def lost_updates(site, admin, path):
    """Six writers, each of whom adds to what he read: nothing that was answered 200 is missing."""
    admin.ok("PATCH", path, {"assignee": ""})
    won, lost, errors = [], [], []

    def writer(number):
        client = site.client(admin.headers)
        try:
            for turn in range(8):
                read = client.ok("GET", path)
                text = read.json["assignee"]
                answer = client.ask("PATCH", path, {"assignee": (text + chr(97 + number))[-64:]},
                                    headers={"If-Match": read.headers["ETag"]})
                check(answer.status in (200, 412), f"{answer}")
                (won if answer.status == 200 else lost).append(number)
        except Exception as error:  # to be told by the test's thread
            errors.append(error)

    threads = [threading.Thread(target=writer, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(not errors, str(errors[:1]))
    same(sorted(admin.ok("GET", path).json["assignee"]), sorted(chr(97 + n) for n in won),
         "changes that were answered 200")
    check(lost, "the writers never met")
    same(len(won) + len(lost), 48, "answers")


def merged(admin, incident):
    """A merge and a split are changes too."""
    tag = admin.ok("GET", f"/v1/incidents/{incident}").headers["ETag"]
    alerts = admin.ok("GET", f"/v1/alerts?incident={incident}").json["items"]
    admin.ok("POST", f"/v1/incidents/{incident}/split", {"alerts": [alerts[0]["id"]]},
             headers={"If-Match": tag})
    same(admin.ask("POST", f"/v1/incidents/{incident}/split", {"alerts": [alerts[1]["id"]]},
                   headers={"If-Match": tag}).status, 412, "a split by the tag of before")


# ---- Streams ----

def case_stream(site):
    """Readers whose connection breaks again and again, at any place, get every alert once and in
    order when they come back with Last-Event-ID."""
    site.start()
    admin = site.admin()
    pick = random.Random(7)
    got, stop = [], threading.Event()

    def feed():
        while not stop.is_set() and site.written < 600:
            site.write(pick.randrange(1, 40))
            time.sleep(0.05)

    feeder = threading.Thread(target=feed)
    feeder.start()
    breaks = 0
    while len(got) < site.written or feeder.is_alive():
        headers = {"Last-Event-ID": str(got[-1])} if got else {}
        stream = Stream(admin, "/v1/alerts/stream?after=0", headers)
        same(stream.response.status, 200, "a stream")
        time.sleep(pick.choice((0.01, 0.05, 0.2)))
        stream.close()
        ids = stream.ids()
        check(not got or not ids or ids[0] == got[-1] + 1, f"{got[-1:]} and then {ids[:1]}")
        got += ids
        breaks += 1
        check(breaks < 500, "it does not come to an end")
    stop.set()
    feeder.join()
    seqs = [seq for seq, in site.rows("SELECT seq FROM alert ORDER BY seq")]
    same(got, seqs, "alerts by streams")
    print(f"{len(got)} alerts over {breaks} connections")
    only_new(site, admin)
    refusals(admin)


def only_new(site, admin):
    """Without a place to start from a stream tells what comes from now on, by level, at once."""
    now = Stream(admin, "/v1/alerts/stream")
    critical = Stream(admin, "/v1/alerts/stream?level=critical")
    time.sleep(0.3)
    began = time.monotonic()
    site.write(5)
    wait_for(lambda: len(now.ids()) == 5, "new alerts", 20)
    check(time.monotonic() - began < 3, "a new alert took long")
    for count in range(6, 60):  # one by one: each is the end of what was there
        site.write(1)
        wait_for(lambda: len(now.ids()) == count, f"alert {count}", 20)
    same(now.ids(), list(range(now.ids()[0], now.ids()[0] + 59)), "alerts one by one")
    same(critical.ids(), [], "alerts of a lower level")
    for _, alert in now.events:
        same(alert["title"], 'evil <script>alert(1)</script> =cmd()', "title")
    same(now.response.headers["Content-Type"], "text/event-stream", "type")
    same(now.response.headers["X-Content-Type-Options"], "nosniff", "sniffing")
    now.close()
    critical.close()


def refusals(admin):
    for bad in ("x", "-1", "1\tx", "99999999999999999999", "1e3"):
        same(admin.get("/v1/alerts/stream", headers={"Last-Event-ID": bad}).status, 400, bad)
    far = Stream(admin, "/v1/alerts/stream", {"Last-Event-ID": str(2 ** 63 - 1)})
    same(far.response.status, 200, "a place far ahead")
    time.sleep(0.2)
    same(far.ids(), [], "from far ahead")
    far.close()
