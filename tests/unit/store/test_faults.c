/* test_faults.c - the n-th call of the system or of an allocator fails: what is stored afterwards
 * agrees with itself and with what was said to be stored. */
#include "support/fault_sqlite.h"
#include "support/store_scene.h"

#include <sys/stat.h>

#define ROUNDS 4 /* transactions of the engine, of three alerts each */

struct said {
    uint64_t next; /* of the last transaction that was committed */
    bool muted;
    bool commented;
    bool closed;
    bool sent;
};

static enum hn_status apply_round(struct store *store, uint64_t round, struct said *said)
{
    uint64_t applied;
    enum hn_status status = store_apply_begin(store, &applied, NULL);

    if (status != HN_OK)
        return status;
    for (uint64_t i = 0; i < 3 && status == HN_OK; i++) {
        struct store_alert alert = scene_alert(round * 3 + i, "r1", i == 2 ? "pc2" : "pc1");

        alert.offset = round * 100 + i;
        alert.level = 4;
        status = store_apply_alert(store, &alert, NULL, NULL);
    }
    if (status != HN_OK) {
        store_apply_cancel(store);
        return status;
    }
    status = store_apply_commit(store, (round + 1) * 100, NULL);
    if (status == HN_OK)
        said->next = (round + 1) * 100;
    return status;
}

static void ignore_out(void *ctx, const struct store_out *out)
{
    int64_t *id = ctx;

    *id = out->id;
}

/* A day in the life of a store; each step goes on whatever became of the one before. */
static void live(const struct store_options *options, struct said *said)
{
    static const struct store_change yuki = { { "yuki", 4 }, SCENE_NOW, 0 };
    struct store_condition host = { HN_TEXT("host"), HN_TEXT("pc9") };
    struct store_mute mute = { .kind = STORE_EXCEPTION,
        .conditions = &host,
        .condition_count = 1,
        .reason = HN_TEXT("r"),
        .owner = HN_TEXT("yuki"),
        .expires = SCENE_NOW + HN_DAY };
    struct store_claim claim = { HN_TEXT("hook"), SCENE_NOW + HN_HOUR, 0, 0 };
    struct store_retention policy = { .count_max = { [4] = 9 } };
    enum incident_status closed = INCIDENT_CLOSED;
    enum incident_verdict verdict = INCIDENT_FP;
    struct store_edit edit = { .status = &closed, .verdict = &verdict };
    struct store *store = NULL;
    hn_time next;
    int64_t id = 0;
    bool more;

    if (store_open(options, &store, NULL) != HN_OK)
        return;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        if (apply_round(store, round, said) != HN_OK)
            break;
    }
    said->muted = store_mute_add(store, &mute, &yuki, &id, NULL) == HN_OK;
    said->commented = store_comment(store, STORE_INCIDENT, 1, HN_TEXT("c"), &yuki, NULL) == HN_OK;
    if (store_out_claim(store, &claim, ignore_out, &id, &next, NULL) == HN_OK)
        said->sent = store_out_sent(store, id, NULL) == HN_OK;
    said->closed = store_incident_edit(store, 1, &edit, &yuki, NULL, NULL) == HN_OK;
    (void)!store_retain(store, &policy, SCENE_NOW, 5, &more, NULL);
    store_close(store);
}

struct found {
    uint64_t alerts;
    int events;
    int closed;
    int sent;
    int mutes;
};

static void on_alert(void *ctx, const struct store_alert_row *row)
{
    struct found *found = ctx;

    assert_int_equal(row->count, 1);
    found->alerts++;
}

static void on_event(void *ctx, const struct store_event *event)
{
    struct found *found = ctx;

    found->events += hn_text_eq(event->what, HN_TEXT("comment"));
}

static void on_incident(void *ctx, const struct store_incident_row *row)
{
    struct found *found = ctx;

    found->closed += row->status == INCIDENT_CLOSED;
}

static void on_mute(void *ctx, const struct store_mute *mute)
{
    struct found *found = ctx;

    (void)mute;
    found->mutes++;
}

static void on_sent(void *ctx, const struct store_out *out)
{
    struct found *found = ctx;

    (void)out;
    found->sent++;
}

/* Without faults: what was said is there; at most one thing more is (the last commit's failure may
 * have come after its pages were written). */
static void examine(const struct store_options *options, const struct said *said)
{
    struct store_alert_filter all = store_alert_filter_all();
    struct store_incident_filter incidents = store_incident_filter_all();
    struct store_mute_filter mutes = { .kind = -1, .idle = HN_TIME_NONE };
    struct store_out_filter sent = { .state = STORE_SENT };
    struct store_page page = { 0 };
    struct found found = { 0 };
    struct store *store;
    uint64_t applied = 0;
    int complaints = 0;

    assert_int_equal(store_open(options, &store, NULL), HN_OK);
    assert_int_equal(store_check(store, scene_complain, &complaints, NULL), HN_OK);
    assert_int_equal(store_applied_get(store, &applied, NULL), HN_OK);
    assert_true(applied == said->next || applied == said->next + 100);
    assert_int_equal(store_alerts(store, &all, &page, on_alert, &found, NULL), HN_OK);
    assert_int_equal(found.alerts, applied / 100 * 3);
    assert_int_equal(store_history(store, STORE_INCIDENT, 1, on_event, &found, NULL), HN_OK);
    assert_int_equal(store_incidents(store, &incidents, &page, on_incident, &found, NULL), HN_OK);
    assert_int_equal(store_mutes(store, &mutes, on_mute, &found, NULL), HN_OK);
    assert_int_equal(store_out_list(store, &sent, on_sent, &found, NULL), HN_OK);
    assert_true(found.events >= said->commented && found.closed >= said->closed);
    assert_true(found.mutes >= said->muted && found.sent >= said->sent);
    store_close(store);
}

static uint64_t fail_at(struct scene *scene, int kind, uint64_t n)
{
    struct said said = { 0 };
    uint64_t hits;

    if (kind > FAULT_MALLOC) {
        hn_mem_fail_from(n);
        live(&scene->options, &said);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
    } else {
        fault_sqlite_arm((enum fault_kind)kind, n, n % 2 == 0);
        live(&scene->options, &said);
        hits = fault_sqlite_disarm();
    }
    examine(&scene->options, &said);
    return hits;
}

static void every_failure_leaves_a_store_that_agrees(void **state)
{
    struct scene *scene = *state;

    store_close(scene->store);
    scene->store = NULL;
    for (int kind = FAULT_IO; kind <= FAULT_MALLOC + 1; kind++) {
        uint64_t hits = 1;

        for (uint64_t n = 1; hits > 0; n += n < 40 ? 1 : 1 + n / 16) {
            /* Every third one begins with a store that is there, so that small n reach further. */
            temp_dir_remove(&scene->dir);
            assert_int_equal(mkdir(scene->dir.path, 0700), 0);
            if (n % 3 == 0) {
                scene_reopen(scene);
                store_close(scene->store);
                scene->store = NULL;
            }
            hits = fail_at(scene, kind, n);
        }
    }
    scene_reopen(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
                every_failure_leaves_a_store_that_agrees, scene_open, scene_close),
    };

    fault_sqlite_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
