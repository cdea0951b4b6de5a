/* test_incidents.c - grouping as it is stored, work on incidents, versions, merging, splitting, and
 * a history that cannot be changed. */
#include "support/store_scene.h"

#include <sqlite3.h>

struct seen {
    struct store_incident_row row;
    char why[2048];
    char events[4096]; /* "number:who:what:from>to\n" */
    char parts[4096];  /* "kind=value*count\n" */
    int alerts;
    int closed_alerts;
};

static void on_incident(void *ctx, const struct store_incident_row *row)
{
    struct seen *seen = ctx;

    seen->row = *row;
    (void)snprintf(seen->why, sizeof seen->why, "%.*s", HN_TEXT_ARG(row->why));
}

static void on_part(void *ctx, struct hn_text kind, struct hn_text value, uint64_t count)
{
    struct seen *seen = ctx;
    size_t len = strlen(seen->parts);

    (void)snprintf(seen->parts + len, sizeof seen->parts - len, "%.*s=%.*s*%u\n", HN_TEXT_ARG(kind),
            HN_TEXT_ARG(value), (unsigned)count);
}

static void on_event(void *ctx, const struct store_event *event)
{
    struct seen *seen = ctx;
    size_t len = strlen(seen->events);

    (void)snprintf(seen->events + len, sizeof seen->events - len, "%u:%.*s:%.*s:%.*s>%.*s\n",
            (unsigned)event->number, HN_TEXT_ARG(event->who), HN_TEXT_ARG(event->what),
            HN_TEXT_ARG(event->from), HN_TEXT_ARG(event->to));
}

static void on_alert(void *ctx, const struct store_alert_row *row)
{
    struct seen *seen = ctx;

    seen->alerts++;
    seen->closed_alerts += row->status == INCIDENT_CLOSED && row->verdict == INCIDENT_FP;
}

static void look(struct scene *scene, int64_t id, struct seen *seen)
{
    struct store_alert_filter filter = store_alert_filter_all();
    struct store_page page = { 0 };

    memset(seen, 0, sizeof *seen);
    filter.incident = id;
    assert_int_equal(store_incident_by_id(scene->store, id, on_incident, seen, NULL), HN_OK);
    assert_int_equal(store_incident_parts(scene->store, id, on_part, seen, NULL), HN_OK);
    assert_int_equal(store_history(scene->store, STORE_INCIDENT, id, on_event, seen, NULL), HN_OK);
    assert_int_equal(store_alerts(scene->store, &filter, &page, on_alert, seen, NULL), HN_OK);
    assert_int_equal(seen->alerts, seen->row.alerts);
}

static int64_t apply(struct scene *scene, uint64_t number, const char *host, const char *family,
        const char *trace, uint32_t level)
{
    struct store_alert alert = scene_alert(number, trace, host);

    alert.family = hn_text_cstr(family);
    alert.trace = hn_text_cstr(trace);
    alert.level = level;
    return scene_apply(scene, &alert)->incident;
}

static const struct store_change yuki = { { "yuki", 4 }, SCENE_NOW, 0 };

static enum hn_status set(struct scene *scene, int64_t id, enum incident_status status,
        enum incident_verdict verdict, int64_t version)
{
    struct store_edit edit = { .status = &status, .verdict = &verdict };
    struct store_change change = yuki;

    change.version = version;
    return store_incident_edit(scene->store, id, &edit, &change, NULL, NULL);
}

/* Kinds of trace of one family raise confidence, and the incident says so. */
static void traces_raise_confidence_and_say_why(void **state)
{
    struct scene *scene = *state;
    struct seen seen;
    int64_t id = apply(scene, 1, "PC1", "Emotet", "hash", 4);

    look(scene, id, &seen);
    assert_int_equal(seen.row.confidence, 55);
    assert_int_equal(apply(scene, 2, "pc1", "Emotet", "network_artefact", 3), id);
    assert_int_equal(apply(scene, 3, "pc9", "Emotet", "ttp", 2), id); /* by its user */
    look(scene, id, &seen);
    assert_int_equal(seen.row.confidence, 88);
    assert_int_equal(seen.row.level, 4);
    assert_non_null(strstr(seen.why, "{\"reason\":\"traces\",\"count\":3,\"points\":28,\"values\":"
                                     "[\"hash\",\"network_artefact\",\"ttp\"]}"));
    assert_string_equal(seen.parts, "host=pc1*2\nhost=pc9*1\nuser=corp\\yuki*3\ntrace=hash*1\n"
                                    "trace=network_artefact*1\ntrace=ttp*1\nrule=hash*1\n"
                                    "rule=network_artefact*1\nrule=ttp*1\n");
    /* Another family, and none, are other stories. */
    assert_int_not_equal(apply(scene, 4, "pc1", "Qakbot", "hash", 3), id);
    assert_int_not_equal(apply(scene, 5, "pc1", "", "", 3), id);
}

/* What is grouped by a new alert one by one is what counting all of them again gives. */
static void counting_again_changes_nothing(void **state)
{
    struct scene *scene = *state;
    struct seen before;
    struct seen after;
    int64_t id = apply(scene, 1, "PC1", "Emotet", "hash", 4);
    int64_t other;

    (void)apply(scene, 2, "pc1", "Emotet", "ttp", 5);
    look(scene, id, &before);
    other = apply(scene, 3, "pc5", "Qakbot", "ttp", 5);
    /* There and back again. */
    assert_int_equal(store_incident_merge(scene->store, other, id, &yuki, NULL), HN_OK);
    assert_int_equal(store_incident_split(scene->store, other,
                             (struct store_seqs){ (int64_t[]){ 1, 2 }, 2 }, &yuki, &id, NULL),
            HN_OK);
    look(scene, id, &after);
    assert_string_equal(before.parts, after.parts);
    assert_string_equal(before.why, after.why);
    assert_int_equal(before.row.confidence, after.row.confidence);
    assert_true(before.row.first == after.row.first && before.row.last == after.row.last);
}

static void alerts_about_nobody_group_by_rule(void **state)
{
    struct scene *scene = *state;
    struct store_alert alert = scene_alert(1, "r1", "");
    int64_t id;

    alert.user = HN_TEXT("SYSTEM");
    id = scene_apply(scene, &alert)->incident;
    assert_int_not_equal(id, 0);
    alert.id.low = 2;
    assert_int_equal(scene_apply(scene, &alert)->incident, id);
    alert.id.low = 3;
    alert.rule_id = HN_TEXT("r2");
    assert_int_not_equal(scene_apply(scene, &alert)->incident, id);
    alert.id.low = 4;
    alert.tenant = HN_TEXT("other");
    assert_int_not_equal(scene_apply(scene, &alert)->incident, id + 1);
}

/* A new alert for a closed incident opens another one that names it; past the window it does not.
 */
static void closed_incidents_are_continued(void **state)
{
    struct scene *scene = *state;
    struct seen seen;
    int64_t first = apply(scene, 1, "pc1", "", "", 4);
    int64_t second;
    int64_t third;

    assert_int_equal(set(scene, first, INCIDENT_CLOSED, INCIDENT_NO_VERDICT, 0), HN_SYNTAX);
    assert_int_equal(set(scene, first, INCIDENT_CLOSED, INCIDENT_FP, 0), HN_OK);
    second = apply(scene, 2, "pc1", "", "", 4);
    assert_int_not_equal(second, first);
    look(scene, second, &seen);
    assert_int_equal(seen.row.former, first);
    assert_string_equal(
            seen.events, "1:hinomi:opened:>Encoded PowerShell\n2:hinomi:continues:>1\n");
    look(scene, first, &seen);
    assert_int_equal(seen.alerts, 1);
    assert_int_equal(seen.closed_alerts, 1);
    third = apply(scene, 2 + 86400, "pc1", "", "", 4);
    assert_int_equal(third, second); /* exactly the window */
    third = apply(scene, UINT64_C(2) * (2 + 86400), "pc1", "", "", 4);
    look(scene, third, &seen);
    assert_int_equal(seen.row.former, 0);
    assert_int_not_equal(third, second);
}

/* Of two who change the same version one is told; what he wanted is not done. */
static void versions_conflict(void **state)
{
    struct scene *scene = *state;
    struct hn_text who = HN_TEXT("kenji");
    struct hn_text tags = HN_TEXT("phishing\nvip");
    struct store_edit edit = { .assignee = &who, .tags = &tags };
    struct store_change change = { HN_TEXT("kenji"), SCENE_NOW, 1 };
    struct hn_err err = { 0 };
    int64_t version = 0;
    struct seen seen;
    int64_t id = apply(scene, 1, "pc1", "", "", 4);

    assert_int_equal(store_incident_edit(scene->store, id, &edit, &change, &version, &err), HN_OK);
    assert_int_equal(version, 2);
    assert_int_equal(set(scene, id, INCIDENT_CLOSED, INCIDENT_TP_IMPACT, 1), HN_UNSUPPORTED);
    assert_int_equal(set(scene, id, INCIDENT_IN_PROGRESS, INCIDENT_NO_VERDICT, 2), HN_OK);
    /* Nothing new is no change. */
    assert_int_equal(set(scene, id, INCIDENT_IN_PROGRESS, INCIDENT_NO_VERDICT, 3), HN_OK);
    assert_int_equal(
            store_comment(scene->store, STORE_INCIDENT, id, HN_TEXT("called him"), &yuki, NULL),
            HN_OK);
    assert_int_equal(store_comment(scene->store, STORE_INCIDENT, 77, HN_TEXT("x"), &yuki, NULL),
            HN_NOTFOUND);
    assert_int_equal(
            store_comment(scene->store, STORE_INCIDENT, id, HN_TEXT(""), &yuki, NULL), HN_SYNTAX);
    look(scene, id, &seen);
    assert_int_equal(seen.row.version, 3);
    assert_string_equal(seen.events,
            "1:hinomi:opened:>Encoded PowerShell\n2:kenji:assignee:>kenji\n"
            "3:kenji:tags:>phishing\nvip\n4:yuki:status:new>in_progress\n"
            "5:yuki:comment:>called him\n");
    assert_int_equal(store_incident_edit(scene->store, 77, &edit, &yuki, NULL, NULL), HN_NOTFOUND);
    assert_int_equal(store_alert_edit(scene->store, 1, &edit, &yuki, NULL, NULL), HN_SYNTAX);
}

static void merging_and_splitting_move_alerts(void **state)
{
    struct scene *scene = *state;
    int64_t all[] = { 1, 2 };
    struct seen seen;
    int64_t made = 0;
    int64_t a = apply(scene, 1, "pc1", "", "", 3);

    (void)apply(scene, 2, "pc1", "", "", 3);
    assert_int_equal(apply(scene, 3, "pc2", "", "", 5), a + 1);
    assert_int_equal(store_incident_merge(scene->store, a, a, &yuki, NULL), HN_SYNTAX);
    assert_int_equal(store_incident_merge(scene->store, a, 99, &yuki, NULL), HN_NOTFOUND);
    assert_int_equal(store_incident_merge(scene->store, a, a + 1, &yuki, NULL), HN_OK);
    look(scene, a, &seen);
    assert_int_equal(seen.alerts, 3);
    assert_int_equal(seen.row.level, 5);
    assert_int_equal(store_incident_merge(scene->store, a, a + 1, &yuki, NULL), HN_SYNTAX);
    assert_int_equal(set(scene, a + 1, INCIDENT_NEW, INCIDENT_NO_VERDICT, 0), HN_SYNTAX);
    /* What comes for the merged one goes to where its alerts are. */
    assert_int_equal(apply(scene, 4, "pc2", "", "", 3), a);
    look(scene, a + 1, &seen);
    assert_int_equal(seen.row.merged, a);
    assert_int_equal(seen.row.status, INCIDENT_CLOSED);
    assert_int_equal(store_incident_split(
                             scene->store, a, (struct store_seqs){ all, 2 }, &yuki, &made, NULL),
            HN_OK);
    look(scene, made, &seen);
    assert_int_equal(seen.alerts, 2);
    assert_int_equal(seen.row.level, 3);
    assert_string_equal(seen.events, "1:yuki:split from:>1\n");
    assert_int_equal(store_incident_split(
                             scene->store, made, (struct store_seqs){ all, 2 }, &yuki, &made, NULL),
            HN_SYNTAX);
    assert_int_equal(store_incident_split(
                             scene->store, a, (struct store_seqs){ all, 1 }, &yuki, &made, NULL),
            HN_SYNTAX);
}

static void on_id(void *ctx, const struct store_incident_row *row)
{
    int64_t **next = ctx;

    *(*next)++ = row->id;
}

/* Pages forwards and backwards are the same list. */
static void incidents_are_listed_in_pages(void **state)
{
    struct scene *scene = *state;
    struct store_incident_filter filter = store_incident_filter_all();
    int64_t ids[64];
    int64_t *next = ids;
    struct store_page page = { .limit = 7 };
    struct store_cursor cursor;
    struct seen seen;

    for (uint64_t i = 0; i < 30; i++) {
        char host[16];

        (void)snprintf(host, sizeof host, "pc%u", (unsigned)i);
        (void)apply(scene, i, host, "", "", 3 + (uint32_t)(i % 3));
    }
    do {
        int64_t *start = next;

        assert_int_equal(store_incidents(scene->store, &filter, &page, on_id, &next, NULL), HN_OK);
        assert_true(next > start);
        look(scene, next[-1], &seen);
        cursor = (struct store_cursor){ seen.row.last, seen.row.id };
        page.cursor = &cursor;
    } while (page.more);
    assert_int_equal(next - ids, 30);
    for (int i = 0; i < 30; i++)
        assert_int_equal(ids[i], 30 - i);
    page.direction = STORE_NEWER;
    next = ids;
    assert_int_equal(store_incidents(scene->store, &filter, &page, on_id, &next, NULL), HN_OK);
    assert_true(page.more);
    assert_int_equal(next - ids, 7);
    assert_int_equal(ids[0], 8);
    assert_int_equal(ids[6], 2);
    filter.level_min = 5;
    filter.open = true;
    filter.entity = HN_TEXT("PC5");
    page = (struct store_page){ 0 };
    next = ids;
    assert_int_equal(store_incidents(scene->store, &filter, &page, on_id, &next, NULL), HN_OK);
    assert_int_equal(next - ids, 1);
    assert_int_equal(ids[0], 6);
}

static void count_complaint(void *ctx, struct hn_text complaint)
{
    int *count = ctx;

    (void)complaint;
    (*count)++;
}

static void tamper(struct scene *scene, const char *sql, bool refused)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(scene->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK, refused);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* The database itself refuses; who goes round that is found out by the check, as is everything
 * else that does not agree. */
static void what_is_tampered_with_is_found(void **state)
{
    static const char *const done[] = {
        "DROP TRIGGER history_stays; UPDATE history SET who='nobody' WHERE number=1",
        "DROP TRIGGER history_is_kept; DELETE FROM history WHERE number=2 AND object=1",
        "DROP TRIGGER history_is_kept; DELETE FROM history WHERE number=1 AND object=1",
        "UPDATE incident SET alerts=7",
        "UPDATE incident SET level=1",
        "UPDATE incident SET status=3",
        "UPDATE alert SET status=3",
        "UPDATE alert SET hidden=2",
        "DELETE FROM alert_body",
        "DELETE FROM incident",
        "DELETE FROM store_counter",
        "UPDATE outbox SET alert=99",
    };
    struct scene *scene = *state;
    char saved[160];
    char command[640];

    (void)apply(scene, 1, "pc1", "", "", 4);
    assert_int_equal(
            store_comment(scene->store, STORE_INCIDENT, 1, HN_TEXT("x"), &yuki, NULL), HN_OK);
    tamper(scene, "UPDATE history SET who='nobody'", true);
    tamper(scene, "DELETE FROM history", true);
    (void)snprintf(saved, sizeof saved, "%s.saved", scene->path);
    assert_int_equal(store_backup(scene->store, saved, NULL), HN_OK);
    for (size_t i = 0; i < HN_COUNT_OF(done); i++) {
        int complaints = 0;

        tamper(scene, done[i], false);
        assert_int_equal(store_check(scene->store, count_complaint, &complaints, NULL), HN_CORRUPT);
        assert_true(complaints > 0);
        store_close(scene->store);
        scene->store = NULL;
        (void)snprintf(command, sizeof command, "cp %s %s && rm -f %s-wal %s-shm", saved,
                scene->path, scene->path, scene->path);
        assert_int_equal(system(command), 0); /* NOLINT(bugprone-command-processor) */
        scene_reopen(scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                traces_raise_confidence_and_say_why, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(counting_again_changes_nothing, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(alerts_about_nobody_group_by_rule, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(closed_incidents_are_continued, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(versions_conflict, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(merging_and_splitting_move_alerts, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(incidents_are_listed_in_pages, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(what_is_tampered_with_is_found, scene_open, scene_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
