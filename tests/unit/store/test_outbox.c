/* test_outbox.c - rows for sinks, claims that survive, and retention that takes only what it may.
 */
#include "support/store_scene.h"

struct claimed {
    int count;
    int64_t id;
    uint32_t attempts;
    enum store_out_state state;
    char key[64];
    char kind[32];
};

static void on_out(void *ctx, const struct store_out *out)
{
    struct claimed *claimed = ctx;

    claimed->count++;
    claimed->id = out->id;
    claimed->attempts = out->attempts;
    claimed->state = out->state;
    (void)snprintf(claimed->key, sizeof claimed->key, "%.*s", HN_TEXT_ARG(out->key));
    (void)snprintf(claimed->kind, sizeof claimed->kind, "%.*s", HN_TEXT_ARG(out->kind));
}

static enum hn_status claim(struct scene *scene, const char *sink, hn_time now, hn_time *ret_next,
        struct claimed *claimed)
{
    struct store_claim what = { hn_text_cstr(sink), now, HN_MINUTE, 0 };

    memset(claimed, 0, sizeof *claimed);
    return store_out_claim(scene->store, &what, on_out, claimed, ret_next, NULL);
}

static void rows_go_from_pending_to_sent(void **state)
{
    struct scene *scene = *state;
    struct store_alert alert = scene_alert(1, "r1", "pc1");
    struct claimed c;
    char key[64];
    hn_time now = SCENE_NOW + HN_HOUR;
    hn_time next = 0;
    uint64_t count = 0;
    int64_t id;

    alert.level = 3;
    (void)scene_apply(scene, &alert); /* hook: an incident and an alert; mail wants critical ones */
    assert_int_equal(claim(scene, "mail", now, &next, &c), HN_NOTFOUND);
    assert_true(next == HN_TIME_NONE);
    assert_int_equal(claim(scene, "hook", SCENE_NOW, &next, &c), HN_NOTFOUND);
    assert_true(next == alert.received);
    assert_int_equal(claim(scene, "hook", now, &next, &c), HN_OK);
    assert_string_equal(c.kind, "incident.opened");
    id = c.id;
    assert_int_equal(claim(scene, "hook", now, &next, &c), HN_OK);
    assert_string_equal(c.kind, "alert");
    assert_int_equal(c.attempts, 1);
    (void)snprintf(key, sizeof key, "%s", c.key);
    assert_int_equal(claim(scene, "hook", now, &next, &c), HN_NOTFOUND);
    assert_true(next == now + HN_MINUTE);
    assert_int_equal(store_out_sent(scene->store, id, NULL), HN_OK);
    assert_int_equal(store_out_sent(scene->store, id, NULL), HN_NOTFOUND);
    /* The sink died: its claim ends, the row has the same key again. */
    assert_int_equal(claim(scene, "hook", now + HN_MINUTE, &next, &c), HN_OK);
    assert_string_equal(c.key, key);
    assert_int_equal(c.attempts, 2);
    /* The process died: at once after a restart. */
    scene_reopen(scene);
    assert_int_equal(store_out_recover(scene->store, &count, NULL), HN_OK);
    assert_int_equal(count, 1);
    assert_int_equal(claim(scene, "hook", now, &next, &c), HN_OK);
    assert_int_equal(c.attempts, 3);
    assert_int_equal(
            store_out_retry(scene->store, c.id, now + HN_DAY, HN_TEXT("refused"), NULL), HN_OK);
    assert_int_equal(claim(scene, "hook", now + HN_HOUR, &next, &c), HN_NOTFOUND);
    assert_true(next == now + HN_DAY);
    assert_int_equal(claim(scene, "hook", now + HN_DAY, &next, &c), HN_OK);
    assert_int_equal(store_out_dead(scene->store, c.id, HN_TEXT("gone"), NULL), HN_OK);
    assert_int_equal(claim(scene, "hook", now + 9 * HN_DAY, &next, &c), HN_NOTFOUND);
    assert_int_equal(store_out_requeue(scene->store, 0, HN_TEXT("mail"), now, &count, NULL), HN_OK);
    assert_int_equal(count, 0);
    assert_int_equal(store_out_requeue(scene->store, 0, HN_TEXT("hook"), now, &count, NULL), HN_OK);
    assert_int_equal(count, 1);
    assert_int_equal(claim(scene, "hook", now, &next, &c), HN_OK);
    assert_int_equal(c.attempts, 1);
    assert_string_equal(c.key, key);
}

struct batch {
    int64_t ids[8];
    uint32_t count;
};

static void on_batch(void *ctx, const struct store_out *out)
{
    struct batch *batch = ctx;

    assert_int_equal(out->state, STORE_CLAIMED);
    batch->ids[batch->count++] = out->id;
}

/* Several at once, in the order in which they were written even when an older one was put back;
 * what is before a sink is counted. */
static void rows_are_claimed_in_order(void **state)
{
    struct scene *scene = *state;
    struct store_claim what = { HN_TEXT("hook"), SCENE_NOW + HN_HOUR, HN_MINUTE, 3 };
    struct store_backlog backlog;
    struct batch first = { 0 };
    struct batch second = { 0 };
    hn_time next;

    for (uint64_t i = 0; i < 5; i++) {
        struct store_alert alert = scene_alert(i, "r1", "pc1");

        alert.level = 3;
        (void)scene_apply(scene, &alert);
    }
    assert_int_equal(store_out_claim(scene->store, &what, on_batch, &first, &next, NULL), HN_OK);
    assert_int_equal(first.count, 3);
    assert_int_equal(store_out_retry(scene->store, first.ids[1], what.now + HN_SECOND,
                             HN_TEXT("down"), NULL),
            HN_OK);
    assert_int_equal(store_out_sent_many(scene->store, first.ids, 3, NULL), HN_OK);
    what.now += HN_SECOND;
    assert_int_equal(store_out_claim(scene->store, &what, on_batch, &second, &next, NULL), HN_OK);
    assert_int_equal(second.count, 3);
    assert_int_equal(second.ids[0], first.ids[1]); /* was not claimed: it is not sent */
    assert_true(second.ids[0] < second.ids[1] && second.ids[1] < second.ids[2]);
    assert_int_equal(store_out_dead(scene->store, second.ids[2], HN_TEXT("no"), NULL), HN_OK);
    assert_int_equal(store_out_backlog(scene->store, HN_TEXT("hook"), &backlog, NULL), HN_OK);
    assert_int_equal(backlog.pending, 3);
    assert_int_equal(backlog.dead, 1);
    assert_true(backlog.oldest != HN_TIME_NONE);
    assert_int_equal(store_out_release(scene->store, second.ids, 2, what.now, NULL), HN_OK);
    first.count = 0;
    assert_int_equal(store_out_claim(scene->store, &what, on_batch, &first, &next, NULL), HN_OK);
    assert_int_equal(first.ids[0], second.ids[0]);
    assert_int_equal(store_out_backlog(scene->store, HN_TEXT("nobody"), &backlog, NULL), HN_OK);
    assert_int_equal(backlog.pending, 0);
    assert_true(backlog.oldest == HN_TIME_NONE);
}

/* Raised levels are told once each, to those who want that level. */
static void raised_incidents_are_told(void **state)
{
    static const uint32_t levels[] = { 3, 3, 4, 4, 5, 5, 3 };
    struct scene *scene = *state;
    struct store_out_filter hook = { .sink = HN_TEXT("hook"), .state = -1 };
    struct store_out_filter mail = { .sink = HN_TEXT("mail"), .state = STORE_PENDING };
    struct claimed c = { 0 };

    for (uint64_t i = 0; i < HN_COUNT_OF(levels); i++) {
        struct store_alert alert = scene_alert(i, "r1", "pc1");

        alert.level = levels[i];
        (void)scene_apply(scene, &alert);
        (void)scene_apply(scene, &alert); /* folded: nobody is told again */
    }
    assert_int_equal(store_out_list(scene->store, &hook, on_out, &c, NULL), HN_OK);
    assert_int_equal(c.count, 7 + 3);
    c.count = 0;
    assert_int_equal(store_out_list(scene->store, &mail, on_out, &c, NULL), HN_OK);
    assert_int_equal(c.count, 1);
    assert_string_equal(c.kind, "incident.raised");
}

/* ---- Retention ---- */

static void on_alert(void *ctx, const struct store_alert_row *row)
{
    uint64_t *seen = ctx;

    *seen |= UINT64_C(1) << row->id.low;
}

static uint64_t left(struct scene *scene)
{
    struct store_alert_filter filter = store_alert_filter_all();
    struct store_page page = { 0 };
    uint64_t seen = 0;

    assert_int_equal(store_alerts(scene->store, &filter, &page, on_alert, &seen, NULL), HN_OK);
    return seen;
}

static void retain_all(struct scene *scene, const struct store_retention *policy, hn_time now)
{
    bool more = true;

    for (int i = 0; more; i++) {
        assert_true(i < 50);
        assert_int_equal(store_retain(scene->store, policy, now, 3, &more, NULL), HN_OK);
    }
}

static void settle_all(struct scene *scene)
{
    struct claimed c;
    hn_time next;

    while (claim(scene, "hook", SCENE_NOW + 100 * HN_DAY, &next, &c) == HN_OK)
        assert_int_equal(store_out_sent(scene->store, c.id, NULL), HN_OK);
}

static void retention_takes_only_what_it_may(void **state)
{
    struct scene *scene = *state;
    struct store_retention policy = { .age_max = { [3] = HN_DAY }, .count_max = { [4] = 2 } };
    struct store_change yuki = { HN_TEXT("yuki"), SCENE_NOW, 0 };
    enum incident_status closed = INCIDENT_CLOSED;
    enum incident_verdict verdict = INCIDENT_FP;
    struct store_edit edit = { .status = &closed, .verdict = &verdict };
    hn_time now = SCENE_NOW + HN_DAY + 5 * HN_SECOND;

    /* Ten of level 3 on pc1, ten of level 4 on pc2, ten of level 3 on pc3. */
    for (uint64_t i = 0; i < 30; i++) {
        struct store_alert alert = scene_alert(i, "r1", i < 10 ? "pc1" : i < 20 ? "pc2" : "pc3");

        alert.time = SCENE_NOW + (hn_time)(i % 10) * HN_SECOND;
        alert.level = i / 10 == 1 ? 4 : 3;
        (void)scene_apply(scene, &alert);
    }
    retain_all(scene, &policy, now);
    assert_int_equal(left(scene), 0x3FFFFFFF); /* all incidents are open */
    assert_int_equal(store_incident_edit(scene->store, 1, &edit, &yuki, NULL, NULL), HN_OK);
    assert_int_equal(store_incident_edit(scene->store, 2, &edit, &yuki, NULL, NULL), HN_OK);
    retain_all(scene, &policy, now);
    assert_int_equal(left(scene), 0x3FFFFFFF); /* the hook still waits for all */
    settle_all(scene);
    retain_all(scene, &policy, now);
    /* Older than a day: five of pc1; all but two of pc2; none of pc3. */
    assert_int_equal(left(scene), 0x3FF00000 | 0xC0000 | 0x3E0);
    /* With its last alert the incident goes, its history with it. */
    retain_all(scene, &policy, now + HN_DAY);
    assert_int_equal(left(scene), 0x3FF00000 | 0xC0000);
    assert_int_equal(store_incident_by_id(scene->store, 1, NULL, NULL, NULL), HN_NOTFOUND);
}

/* Merged incidents go with the one that took their alerts over; nothing is left that names them. */
static void merged_incidents_go_together(void **state)
{
    struct scene *scene = *state;
    struct store_retention policy = { .age_max = { [3] = HN_DAY } };
    struct store_change yuki = { HN_TEXT("yuki"), SCENE_NOW, 0 };
    enum incident_status closed = INCIDENT_CLOSED;
    enum incident_verdict verdict = INCIDENT_FP;
    struct store_edit edit = { .status = &closed, .verdict = &verdict };
    static const char *const hosts[] = { "pc1", "pc2", "pc3" };

    for (uint64_t i = 0; i < 3; i++) {
        struct store_alert alert = scene_alert(i, "r1", hosts[i]);

        assert_int_equal(scene_apply(scene, &alert)->incident, i + 1);
    }
    assert_int_equal(store_incident_merge(scene->store, 2, 1, &yuki, NULL), HN_OK);
    assert_int_equal(store_incident_merge(scene->store, 3, 2, &yuki, NULL), HN_OK);
    assert_int_equal(store_incident_edit(scene->store, 3, &edit, &yuki, NULL, NULL), HN_OK);
    settle_all(scene);
    retain_all(scene, &policy, SCENE_NOW + 9 * HN_DAY);
    assert_int_equal(left(scene), 0);
    for (int64_t id = 1; id <= 3; id++)
        assert_int_equal(store_incident_by_id(scene->store, id, NULL, NULL, NULL), HN_NOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_go_from_pending_to_sent, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(rows_are_claimed_in_order, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(raised_incidents_are_told, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(merged_incidents_go_together, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(retention_takes_only_what_it_may, scene_open, scene_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
