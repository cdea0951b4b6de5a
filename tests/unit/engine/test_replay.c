/* test_replay.c - the engine over a real journal: while it is written, stopped, opened again. */
#include "support/engine_case.h"

#include <time.h>

#define RULES                                                                          \
    "title: evil\nname: evil\nid: 11111111-1111-4111-8111-111111111111\nlevel: high\n" \
    "logsource: {product: windows, service: security}\n"                               \
    "detection: {s: {CommandLine|contains: evil}, condition: s}\n"                     \
    "---\ntitle: three\nid: 22222222-2222-4222-8222-222222222222\n"                    \
    "level: low\ncorrelation:\n    type: event_count\n    rules: [evil]\n"             \
    "    generate: true\n    group-by: [Computer]\n    timespan: 10m\n"                \
    "    condition: {gte: 3}\n"
#define START   (INT64_C(1709251200) * HN_SECOND)
#define RECORDS 120u

struct replay {
    struct engine_case c;
    struct journal *journal;
    struct journal_reader *reader;
    char journal_dir[96];
    char state_dir[96];
};

static void open_journal(struct replay *r)
{
    struct journal_options options = { .dir = r->journal_dir, .segment_bytes = 4096 };
    struct hn_err err = { 0 };

    if (journal_open(&options, NULL, NULL, &r->journal, &err) != HN_OK)
        fail_msg("%s", err.msg);
}

static void open_all(struct replay *r)
{
    *r = (struct replay){ 0 };
    engine_case_open(&r->c, RULES, NULL);
    (void)snprintf(r->journal_dir, sizeof r->journal_dir, "%s/journal", r->c.folder);
    (void)snprintf(r->state_dir, sizeof r->state_dir, "%s/state", r->c.folder);
    r->c.options.state_dir = r->state_dir;
    r->c.options.end_at_last = false;
    r->c.options.threads = 2;
    r->c.options.snapshot_interval = 0;
    open_journal(r);
}

static void append(struct replay *r, unsigned number)
{
    struct hn_buf body = { 0 };
    struct hn_buf payload = { 0 };
    struct intake_batch batch = { .source = HN_TEXT("http"),
        .tenant = HN_TEXT(""),
        .format = HN_TEXT("json"),
        .zone = HN_TEXT(""),
        .pipeline = HN_TEXT(""),
        .stream = HN_TEXT("peer"),
        .key = HN_TEXT(""),
        .position = HN_TEXT("") };
    hn_time received = START + (hn_time)number * HN_SECOND;
    uint64_t offset;

    hn_buf_addf(&body,
            "{\"Channel\":\"Security\",\"EventID\":4688,\"Computer\":\"pc%u\","
            "\"TimeCreated\":\"2024-03-01T00:%02u:%02uZ\",\"CommandLine\":\"%s %u\"}\n",
            number % 4, number / 60, number % 60, number % 3 == 0 ? "evil" : "calm", number);
    batch.body = hn_text_as_bytes(hn_buf_text(&body));
    intake_batch_write(&batch, &payload);
    assert_int_equal(
            journal_append(r->journal, number % 10 == 9 ? JOURNAL_TICK : JOURNAL_BATCH, received,
                    number % 10 == 9 ? hn_bytes_of("", 0) : hn_text_as_bytes(hn_buf_text(&payload)),
                    NULL, NULL, &offset, NULL),
            HN_OK);
    hn_buf_deinit(&payload);
    hn_buf_deinit(&body);
}

static void start(struct replay *r)
{
    struct engine_feed feed;

    r->c.options.applied = r->c.applied;
    assert_int_equal(engine_new(&r->c.options, &r->c.engine, NULL), HN_OK);
    r->c.begun = engine_position(r->c.engine);
    assert_int_equal(journal_reader_open(r->journal, r->c.begun, &r->reader, NULL), HN_OK);
    feed = engine_feed_of(r->reader);
    assert_int_equal(engine_start(r->c.engine, &feed, NULL), HN_OK);
}

static void stop(struct replay *r)
{
    assert_int_equal(engine_stop(r->c.engine, NULL), HN_OK);
    engine_case_end(&r->c);
    journal_reader_close(r->reader);
}

static void wait_for(struct replay *r, uint64_t offset)
{
    while (engine_position(r->c.engine) < offset)
        (void)nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

static void close_all(struct replay *r)
{
    journal_close(r->journal);
    engine_case_close(&r->c);
}

/* Started and stopped again and again while records come in, with the journal closed and opened in
 * between, the engine says what one run over the whole journal says. */
static void follows_a_journal_through_restarts(void **state)
{
    struct replay r;
    struct hn_buf ids;

    (void)state;
    open_all(&r);
    for (unsigned i = 0; i < RECORDS; i++) {
        if (i % 15 == 0)
            start(&r);
        append(&r, i);
        if (i % 15 != 14)
            continue;
        if (i % 2 == 0)
            wait_for(&r, journal_end(r.journal));
        stop(&r);
        journal_close(r.journal);
        open_journal(&r);
    }
    start(&r);
    wait_for(&r, journal_end(r.journal));
    stop(&r);
    assert_true(r.c.begun > 0);
    ids = r.c.ids;
    r.c.ids = (struct hn_buf){ 0 };
    engine_case_forget(&r.c);
    r.c.options.state_dir = NULL;
    start(&r);
    wait_for(&r, journal_end(r.journal));
    stop(&r);
    assert_int_equal(r.c.begun, 0);
    assert_int_equal(r.c.ids.len, ids.len);
    assert_memory_equal(r.c.ids.ptr, ids.ptr, ids.len);
    assert_non_null(strstr(ids.ptr, " three\n"));
    assert_int_equal(r.c.problems.len, 0);
    hn_buf_deinit(&ids);
    close_all(&r);
}

/* What may be given up of the journal is told in time for it to go. */
static void tells_what_may_be_given_up(void **state)
{
    struct replay r;

    (void)state;
    open_all(&r);
    start(&r);
    for (unsigned i = 0; i < RECORDS; i++) {
        append(&r, i);
        if (i % 10 == 0)
            wait_for(&r, journal_end(r.journal));
    }
    wait_for(&r, journal_end(r.journal));
    stop(&r);
    assert_true(r.c.oldest > 0);
    journal_release(r.journal, r.c.oldest);
    start(&r);
    assert_true(r.c.begun >= r.c.oldest);
    stop(&r);
    close_all(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_a_journal_through_restarts),
        cmocka_unit_test(tells_what_may_be_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
