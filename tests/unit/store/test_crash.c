/* test_crash.c - kill -9 in the middle of applying, and an engine beside people and sinks: the
 * ledger (what the journal's records give) and the store agree. */
#include "base/hash.h"
#include "support/store_scene.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

/* ---- A journal that gives the same results whenever it is read ---- */

#define RECORD_BYTES 10

/* Record k gives: every seventh nothing, every fifth the alert of the one before once more, others
 * their own. 0: nothing. */
static uint64_t alert_of(uint64_t k)
{
    if (k % 7 == 0)
        return 0;
    return k % 5 == 0 ? k - 1 : k;
}

static enum hn_status apply_record(struct store *store, uint64_t k)
{
    char host[16];
    struct store_alert alert;

    if (alert_of(k) == 0)
        return HN_OK;
    (void)snprintf(host, sizeof host, "pc%u", (unsigned)(k % 11));
    alert = scene_alert(alert_of(k), "r1", host);
    alert.offset = k * RECORD_BYTES;
    return store_apply_alert(store, &alert, NULL, NULL);
}

/* From where the store says on, in transactions of different sizes. */
static enum hn_status engine(struct store *store, uint64_t end)
{
    enum hn_status status = HN_OK;
    uint64_t k = 0;

    while (status == HN_OK && k < end) {
        uint64_t applied;

        status = store_apply_begin(store, &applied, NULL);
        if (status != HN_OK)
            break;
        /* Replays a little of what is in, as after a snapshot of correlation state. */
        k = applied / RECORD_BYTES;
        k = k > 3 ? k - 3 : 0;
        for (uint64_t last = k + 4 + hn_mix64(k) % 20; k < last && status == HN_OK; k++)
            status = apply_record(store, k);
        if (status == HN_OK)
            status = store_apply_commit(store, k * RECORD_BYTES, NULL);
        else
            store_apply_cancel(store);
    }
    return status;
}

struct ledger {
    uint64_t alerts;
    uint64_t hits;
};

static void on_alert(void *ctx, const struct store_alert_row *row)
{
    struct ledger *found = ctx;

    found->alerts++;
    found->hits += row->count;
}

static void count_all(struct store *store, struct ledger *ret_found)
{
    int64_t seq = 0;

    memset(ret_found, 0, sizeof *ret_found);
    for (uint64_t before = UINT64_MAX; before != ret_found->alerts;) {
        before = ret_found->alerts;
        assert_int_equal(store_alerts_after(store, seq, 0, on_alert, ret_found, NULL), HN_OK);
        seq += STORE_PAGE_MAX;
    }
}

static void compare(struct scene *scene)
{
    struct ledger expected = { 0, 0 };
    struct ledger found;
    uint64_t applied;
    int complaints = 0;

    scene_reopen(scene);
    assert_int_equal(store_applied_get(scene->store, &applied, NULL), HN_OK);
    for (uint64_t k = 0; k < applied / RECORD_BYTES; k++) {
        expected.alerts += alert_of(k) == k && k > 0;
        expected.hits += alert_of(k) != 0;
        /* The one before may have given nothing; then the repeat is the first. */
        expected.alerts += alert_of(k) == k - 1 && k > 0 && alert_of(k - 1) != k - 1;
    }
    count_all(scene->store, &found);
    assert_int_equal(found.alerts, expected.alerts);
    assert_int_equal(found.hits, expected.hits);
    assert_int_equal(store_check(scene->store, scene_complain, &complaints, NULL), HN_OK);
    store_close(scene->store);
    scene->store = NULL;
}

static void nothing_is_lost_or_stored_twice(void **state)
{
    struct scene *scene = *state;
    uint64_t applied_before = 0;
    int moved = 0;

    store_close(scene->store);
    scene->store = NULL;
    for (unsigned round = 0; round < 20; round++) {
        struct timespec wait = { 0, 0 };
        uint64_t applied;
        int status;
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0) {
            struct store *store;

            if (store_open(&scene->options, &store, NULL) == HN_OK)
                (void)!engine(store, UINT64_MAX);
            _exit(1); /* only the kill below is meant to end it */
        }
        wait.tv_nsec = (long)(20 + hn_mix64(round) % 60) * 1000000;
        (void)nanosleep(&wait, NULL);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        compare(scene);
        scene_reopen(scene);
        assert_int_equal(store_applied_get(scene->store, &applied, NULL), HN_OK);
        store_close(scene->store);
        scene->store = NULL;
        assert_true(applied >= applied_before);
        moved += applied > applied_before;
        applied_before = applied;
    }
    assert_true(moved >= 10);
    scene_reopen(scene);
}

/* ---- An engine, people, sinks at once ---- */

struct party {
    struct scene *scene;
    unsigned number;
    pthread_t thread;
    uint64_t done;
    uint64_t conflicts;
    enum hn_status status;
};

static bool stop_now; /* with __atomic functions */

static void *run_engine(void *ctx)
{
    struct party *party = ctx;
    struct store *store;

    party->status = store_open(&party->scene->options, &store, NULL);
    if (party->status != HN_OK)
        return NULL;
    party->status = engine(store, 3000);
    store_close(store);
    __atomic_store_n(&stop_now, true, __ATOMIC_SEQ_CST);
    return NULL;
}

static void note_version(void *ctx, const struct store_incident_row *row)
{
    int64_t *version = ctx;

    *version = row->version;
}

/* Reads an incident and changes what it has read. */
static void *run_person(void *ctx)
{
    struct party *party = ctx;
    struct store *store;

    party->status = store_open(&party->scene->options, &store, NULL);
    while (party->status == HN_OK && !__atomic_load_n(&stop_now, __ATOMIC_SEQ_CST)) {
        char name[32];
        struct hn_text assignee = hn_text_of(name, 0);
        struct store_edit edit = { .assignee = &assignee };
        struct store_change change = { HN_TEXT("yuki"), SCENE_NOW, 0 };
        enum hn_status status = store_incident_by_id(store, 1, note_version, &change.version, NULL);

        if (status == HN_NOTFOUND)
            continue;
        assignee.len =
                (size_t)snprintf(name, sizeof name, "%u-%u", party->number, (unsigned)party->done);
        if (status == HN_OK)
            status = store_incident_edit(store, 1, &edit, &change, NULL, NULL);
        party->conflicts += status == HN_UNSUPPORTED;
        party->done += status == HN_OK;
        party->status = status == HN_UNSUPPORTED ? HN_OK : status;
    }
    store_close(store);
    return NULL;
}

static void note_out(void *ctx, const struct store_out *out)
{
    int64_t *id = ctx;

    *id = out->id;
}

static void *run_sink(void *ctx)
{
    struct party *party = ctx;
    struct store *store;
    bool over = false;

    party->status = store_open(&party->scene->options, &store, NULL);
    while (party->status == HN_OK && !over) {
        struct store_claim claim = { HN_TEXT("hook"), SCENE_NOW + HN_DAY, 0, 0 };
        bool ending = __atomic_load_n(&stop_now, __ATOMIC_SEQ_CST);
        hn_time next;
        int64_t id;
        enum hn_status status = store_out_claim(store, &claim, note_out, &id, &next, NULL);

        if (status == HN_OK) {
            status = store_out_sent(store, id, NULL);
            party->done += status == HN_OK;
        } else if (status == HN_NOTFOUND) {
            over = ending;
            status = HN_OK;
        }
        party->status = status;
    }
    store_close(store);
    return NULL;
}

static void count_sent(void *ctx, const struct store_out *out)
{
    uint64_t *count = ctx;

    (*count)++;
    assert_int_equal(out->attempts, 1);
}

static void count_edit(void *ctx, const struct store_event *event)
{
    uint64_t *count = ctx;

    *count += hn_text_eq(event->what, HN_TEXT("assignee"));
}

static void everybody_works_at_once(void **state)
{
    static void *(*const roles[])(
            void *) = { run_engine, run_person, run_person, run_sink, run_sink };
    struct scene *scene = *state;
    struct party parties[HN_COUNT_OF(roles)] = { 0 };
    struct store_out_filter sent = { .state = STORE_SENT, .limit = 1000 };
    uint64_t edits = 0;
    uint64_t rows = 0;
    int64_t version = 0;

    store_close(scene->store);
    scene->store = NULL;
    scene->options.busy_ms = 60000;
    for (unsigned i = 0; i < HN_COUNT_OF(roles); i++) {
        parties[i].scene = scene;
        parties[i].number = i;
        assert_int_equal(pthread_create(&parties[i].thread, NULL, roles[i], &parties[i]), 0);
    }
    for (unsigned i = 0; i < HN_COUNT_OF(roles); i++) {
        assert_int_equal(pthread_join(parties[i].thread, NULL), 0);
        assert_int_equal(parties[i].status, HN_OK);
    }
    compare(scene);
    scene_reopen(scene);
    /* Each edit that was said to be done is one row of the history and one version. */
    assert_int_equal(
            store_history(scene->store, STORE_INCIDENT, 1, count_edit, &edits, NULL), HN_OK);
    assert_int_equal(store_incident_by_id(scene->store, 1, note_version, &version, NULL), HN_OK);
    assert_int_equal(edits, parties[1].done + parties[2].done);
    assert_int_equal(version, 1 + (int64_t)edits);
    /* Each row was sent by one of the two, once. */
    for (uint64_t before = UINT64_MAX; before != rows; sent.after += 1000) {
        before = rows;
        assert_int_equal(store_out_list(scene->store, &sent, count_sent, &rows, NULL), HN_OK);
    }
    assert_int_equal(rows, parties[3].done + parties[4].done);
    assert_true(rows > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_lost_or_stored_twice, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(everybody_works_at_once, scene_open, scene_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
