/* test_engine.c - the same journal gives the same alerts: with any number of threads, stopped
 * anywhere, gone on from any snapshot, with rules that change between two events. */
#include "engine/engine_internal.h"
#include "support/engine_case.h"

#include <time.h>

#define SOURCE "level: high\nlogsource: {product: windows, service: security}\n"
#define RULES                                                                             \
    "title: evil\nname: evil\nid: 11111111-1111-4111-8111-111111111111\n" SOURCE          \
    "detection: {s: {CommandLine|contains: evil}, condition: s}\n"                        \
    "---\ntitle: three\nid: 22222222-2222-4222-8222-222222222222\n"                       \
    "level: low\ncorrelation:\n    type: event_count\n    rules: [evil]\n"                \
    "    generate: true\n    group-by: [Computer]\n    timespan: 10m\n"                   \
    "    condition: {gte: 3}\n"                                                           \
    "---\ntitle: start\nname: start\nid: 33333333-3333-4333-8333-333333333333\n" SOURCE   \
    "detection: {s: {CommandLine|contains: started}, condition: s}\n"                     \
    "---\ntitle: finish\nname: finish\nid: 44444444-4444-4444-8444-444444444444\n" SOURCE \
    "detection: {s: {CommandLine|contains: finished}, condition: s}\n"                    \
    "---\ntitle: unfinished\nid: 55555555-5555-4555-8555-555555555555\n"                  \
    "level: medium\ncorrelation:\n    type: absence\n    rules: [start, finish]\n"        \
    "    group-by: [Computer]\n    timespan: 1m\n"
#define OTHER_RULES                                                                   \
    "title: wicked\nname: wicked\nid: 66666666-6666-4666-8666-666666666666\n" SOURCE  \
    "detection: {s: {CommandLine|contains: wicked}, condition: s}\n"                  \
    "---\ntitle: evil\nname: evil\nid: 11111111-1111-4111-8111-111111111111\n" SOURCE \
    "detection: {s: {CommandLine|contains: evil}, condition: s}\n"                    \
    "---\ntitle: three\nid: 22222222-2222-4222-8222-222222222222\n"                   \
    "level: low\ncorrelation:\n    type: event_count\n    rules: [evil]\n"            \
    "    generate: true\n    group-by: [Computer]\n    timespan: 10m\n"               \
    "    condition: {gte: 3}\n"

#define EVENT_LOG "data/evtx/evtx-crate/security.evtx"
#define START     (INT64_C(1709251200) * HN_SECOND) /* 2024-03-01T00:00:00Z */

static void line(struct hn_buf *out, const char *host, unsigned second, const char *command)
{
    hn_buf_addf(out,
            "{\"Channel\":\"Security\",\"EventID\":4688,\"Computer\":\"%s\","
            "\"TimeCreated\":\"2024-03-01T%02u:%02u:%02uZ\",\"CommandLine\":\"%s\"}\n",
            host, second / 3600, second / 60 % 60, second % 60, command);
}

static struct intake_batch batch_of(struct hn_text body)
{
    return (struct intake_batch){ .source = HN_TEXT("http"),
        .tenant = HN_TEXT(""),
        .format = HN_TEXT("json"),
        .zone = HN_TEXT(""),
        .pipeline = HN_TEXT(""),
        .stream = HN_TEXT("198.51.100.7"),
        .key = HN_TEXT(""),
        .position = HN_TEXT(""),
        .line = 1,
        .body = hn_text_as_bytes(body) };
}

/* One event, received a second after it happened. */
static void add_event(struct engine_case *c, const char *host, unsigned second, const char *command)
{
    struct hn_buf body = { 0 };
    struct intake_batch batch;

    line(&body, host, second, command);
    batch = batch_of(hn_buf_text(&body));
    fake_add_batch(&c->journal, START + (hn_time)(second + 1) * HN_SECOND, &batch);
    hn_buf_deinit(&body);
}

/* Everything that happens in a journal: batches of many events, sets, ticks, damage, a CSV with a
 * head, a stream without format. */
static void add_mixed(struct engine_case *c)
{
    static const char *const hosts[] = { "pc1", "pc2", "pc3" };
    struct check_random random = { 7 };
    struct hn_buf body = { 0 };
    struct intake_batch batch;
    unsigned second = 0;

    for (unsigned i = 0; i < 60; i++) {
        unsigned count = 1 + check_random_below(&random, 5);
        hn_time received;

        hn_buf_reset(&body);
        for (unsigned k = 0; k < count; k++) {
            static const char *const commands[] = { "evil", "calm", "started", "finished", "wicked",
                "calm" };

            second += check_random_below(&random, 9);
            line(&body, hosts[check_random_below(&random, 3)], second,
                    commands[check_random_below(&random, 6)]);
        }
        received = START + (hn_time)(second + 2) * HN_SECOND;
        batch = batch_of(hn_buf_text(&body));
        batch.offset = (uint64_t)i * 1000;
        batch.line = (uint64_t)i * 10 + 1;
        if (i % 5 == 0)
            batch.format = HN_TEXT(""); /* by content */
        fake_add_batch(&c->journal, received, &batch);
        if (i % 7 == 3)
            fake_add(&c->journal, JOURNAL_TICK, received + HN_SECOND, hn_bytes_of("", 0));
        if (i % 16 == 9)
            fake_add_set(&c->journal, received, (struct hn_digest){ 0, i % 32 == 9 ? 2 : 1 });
        if (i == 30)
            fake_add(&c->journal, JOURNAL_BATCH, received, hn_bytes_of("no batch", 8));
    }
    fake_add(&c->journal, JOURNAL_TICK, START + HN_HOUR, hn_bytes_of("", 0));
    hn_buf_deinit(&body);
}

static void expect_same(const struct hn_buf *actual, const struct hn_buf *expected)
{
    assert_int_equal(actual->len, expected->len);
    if (expected->len > 0)
        assert_memory_equal(actual->ptr, expected->ptr, expected->len);
}

static struct hn_buf take(struct hn_buf *from)
{
    struct hn_buf taken = *from;

    *from = (struct hn_buf){ 0 };
    return taken;
}

/* Alerts, their ids and their order do not depend on the number of threads. */
static void threads_agree(void **state)
{
    static const unsigned counts[] = { 2, 4, 8, 2 };
    struct engine_case c;
    struct hn_buf ids;
    struct hn_buf lines;
    struct hn_buf problems;

    (void)state;
    engine_case_open(&c, RULES, OTHER_RULES);
    add_mixed(&c);
    engine_case_run(&c, 1);
    assert_non_null(strstr(c.ids.ptr, " evil\n"));
    assert_non_null(strstr(c.ids.ptr, " wicked\n"));
    assert_non_null(strstr(c.ids.ptr, " three\n"));
    assert_non_null(strstr(c.ids.ptr, " unfinished\n"));
    assert_non_null(strstr(c.problems.ptr, "0@"));
    ids = take(&c.ids);
    lines = take(&c.lines);
    problems = take(&c.problems);
    for (size_t i = 0; i < HN_COUNT_OF(counts); i++) {
        engine_case_forget(&c);
        engine_case_run(&c, counts[i]);
        expect_same(&c.ids, &ids);
        expect_same(&c.lines, &lines);
        expect_same(&c.problems, &problems);
    }
    hn_buf_deinit(&ids);
    hn_buf_deinit(&lines);
    hn_buf_deinit(&problems);
    engine_case_close(&c);
}

/* Stopped after any record and taken up from the snapshot left there, the run says what an unbroken
 * one does. */
static void goes_on_from_every_snapshot(void **state)
{
    struct engine_case c;
    struct hn_buf ids;
    struct hn_buf lines;

    (void)state;
    engine_case_open(&c, RULES, OTHER_RULES);
    add_mixed(&c);
    engine_case_run(&c, 1);
    ids = take(&c.ids);
    lines = take(&c.lines);
    for (size_t stop = 0; stop <= c.journal.records.count; stop++) {
        char folder[80];

        (void)snprintf(folder, sizeof folder, "%s/%zu", c.folder, stop);
        c.options.state_dir = folder;
        engine_case_forget(&c);
        c.journal.limit = stop;
        engine_case_run(&c, 1);
        c.journal.limit = SIZE_MAX;
        engine_case_run(&c, 1 + (unsigned)(stop % 3));
        assert_int_equal(c.begun, fake_offset(&c.journal, stop));
        expect_same(&c.ids, &ids);
        expect_same(&c.lines, &lines);
        c.options.state_dir = NULL;
    }
    hn_buf_deinit(&ids);
    hn_buf_deinit(&lines);
    engine_case_close(&c);
}

/* The process dies: the snapshot is older than what is stored. Records between are judged again,
 * for the correlations, and nothing is handed on twice. */
static void replays_what_is_stored_without_a_word(void **state)
{
    struct engine_case c;
    struct hn_buf ids;

    (void)state;
    engine_case_open(&c, RULES, OTHER_RULES);
    add_mixed(&c);
    engine_case_run(&c, 1);
    ids = take(&c.ids);
    for (size_t stop = 5; stop + 6 < c.journal.records.count; stop += 9) {
        char folder[80];

        (void)snprintf(folder, sizeof folder, "%s/%zu", c.folder, stop);
        c.options.state_dir = folder;
        engine_case_forget(&c);
        c.journal.limit = stop;
        engine_case_run(&c, 2); /* leaves a snapshot */
        c.journal.limit = stop + 6;
        c.forgetful = true; /* and this one leaves none */
        engine_case_run(&c, 2);
        c.forgetful = false;
        c.journal.limit = SIZE_MAX;
        engine_case_run(&c, 2);
        assert_int_equal(c.begun, fake_offset(&c.journal, stop));
        expect_same(&c.ids, &ids);
        c.options.state_dir = NULL;
    }
    hn_buf_deinit(&ids);
    engine_case_close(&c);
}

/* A callback that refuses a result (the store failed) ends the run there; the next run begins with
 * that very record. */
static void a_refused_result_is_handed_on_again(void **state)
{
    struct engine_case c;
    struct hn_buf ids;
    unsigned runs = 0;

    (void)state;
    engine_case_open(&c, RULES, OTHER_RULES);
    add_mixed(&c);
    engine_case_run(&c, 1);
    ids = take(&c.ids);
    engine_case_forget(&c);
    c.options.state_dir = c.folder;
    c.stop_after = 7;
    c.ended = false;
    while (!c.ended && runs++ < 100)
        engine_case_run(&c, 4);
    assert_in_range(runs, 8, 20);
    expect_same(&c.ids, &ids);
    hn_buf_deinit(&ids);
    engine_case_close(&c);
}

/* Rules change between two events of one source: each alert names the set that fired, and state of
 * correlations that are in both goes on. */
static void sets_change_between_two_events(void **state)
{
    struct engine_case c;

    (void)state;
    engine_case_open(&c, RULES, OTHER_RULES);
    add_event(&c, "pc1", 0, "evil wicked");
    add_event(&c, "pc1", 1, "evil wicked");
    fake_add_set(&c.journal, START + 3 * HN_SECOND, (struct hn_digest){ 0, 2 });
    add_event(&c, "pc1", 2, "wicked evil");
    add_event(&c, "pc1", 3, "calm");
    fake_add(&c.journal, JOURNAL_TICK, START + HN_MINUTE, hn_bytes_of("", 0));
    engine_case_run(&c, 4);
    assert_non_null(strstr(c.ids.ptr, " 1 "));
    assert_null(strstr(strstr(c.ids.ptr, " 2 "), " 1 "));
    assert_null(strstr(c.problems.ptr == NULL ? "" : c.problems.ptr, "@"));
    assert_non_null(strstr(strstr(c.ids.ptr, "wicked"), "three")); /* two before, one after */
    engine_case_close(&c);
}

/* A set that cannot be loaded leaves the one before, and says so. */
static void a_broken_set_leaves_the_old_one(void **state)
{
    struct engine_case c;

    (void)state;
    engine_case_open(&c, RULES, NULL);
    fake_add_set(&c.journal, START, (struct hn_digest){ 9, 9 });
    fake_add(&c.journal, JOURNAL_SET, START, hn_bytes_of("short", 5));
    fake_add(&c.journal, (enum journal_kind)9, START, hn_bytes_of("", 0)); /* NOLINT */
    add_event(&c, "pc1", 0, "evil");
    engine_case_run(&c, 2);
    assert_non_null(strstr(c.ids.ptr, " 1 "));
    check_buf(&c.problems,
            "3@0 no such set\n0@48 this is no digest of a set\n0@85 a record of an unknown kind\n");
    engine_case_close(&c);
}

/* The head gives no events, events before skip none either; offsets and lines are the source's. */
static void head_and_skip(void **state)
{
    static const char head[] = "Computer,Channel,EventID,CommandLine\n";
    static const char body[] = "pc1,Security,4688,evil one\npc1,Security,4688,evil two\n";
    struct engine_case c;
    struct intake_batch batch = batch_of(hn_text_of(body, sizeof body - 1));

    (void)state;
    engine_case_open(&c, RULES, NULL);
    batch.format = HN_TEXT("csv");
    batch.head = hn_bytes_of(head, sizeof head - 1);
    batch.offset = 5000;
    batch.line = 77;
    fake_add_batch(&c.journal, START, &batch);
    batch.skip = 27; /* the first line */
    fake_add_batch(&c.journal, START, &batch);
    batch.skip = UINT64_MAX;
    fake_add_batch(&c.journal, START, &batch);
    engine_case_run(&c, 1);
    assert_non_null(strstr(c.lines.ptr, "\"offset\":5000"));
    assert_non_null(strstr(c.lines.ptr, "\"line\":77"));
    assert_non_null(strstr(c.lines.ptr, "\"offset\":5027"));
    assert_non_null(strstr(c.lines.ptr, "\"line\":78"));
    {
        size_t count = 0;

        for (const char *p = c.ids.ptr; (p = strstr(p, " evil\n")) != NULL; p++)
            count++;
        assert_int_equal(count, 3); /* two of the first batch, the second of the second */
    }
    engine_case_close(&c);
}

/* The same event from the same source has the same id wherever it comes again; from another source
 * or tenant another. */
static void ids_are_of_event_and_source(void **state)
{
    struct engine_case c;
    struct hn_buf body = { 0 };
    struct intake_batch batch;
    char *first;
    char *second;
    char *third;

    (void)state;
    engine_case_open(&c, RULES, NULL);
    line(&body, "pc1", 1, "evil");
    batch = batch_of(hn_buf_text(&body));
    fake_add_batch(&c.journal, START, &batch);
    batch.stream = HN_TEXT("203.0.113.9");
    batch.offset = 999;
    fake_add_batch(&c.journal, START + HN_SECOND, &batch);
    batch.tenant = HN_TEXT("other");
    fake_add_batch(&c.journal, START + HN_SECOND, &batch);
    engine_case_run(&c, 1);
    first = strstr(c.ids.ptr, " 1 ") + 3;
    second = strstr(first, " 1 ") + 3;
    third = strstr(second, " 1 ") + 3;
    assert_memory_equal(first, second, HN_DIGEST_HEX_LEN);
    assert_memory_not_equal(first, third, HN_DIGEST_HEX_LEN);
    hn_buf_deinit(&body);
    engine_case_close(&c);
}

/* A tick alone lets "no B within T" fire; an alert of a correlation names stream and line. */
static void ticks_let_absence_fire(void **state)
{
    struct engine_case c;

    (void)state;
    engine_case_open(&c, RULES, NULL);
    add_event(&c, "pc1", 0, "started");
    fake_add(&c.journal, JOURNAL_TICK, START + 30 * HN_SECOND, hn_bytes_of("", 0));
    fake_add(&c.journal, JOURNAL_TICK, START + 2 * HN_MINUTE, hn_bytes_of("", 0));
    engine_case_run(&c, 1);
    assert_non_null(strstr(c.ids.ptr, " unfinished\n"));
    assert_non_null(strstr(strstr(c.lines.ptr, "unfinished"), "198.51.100.7"));
    engine_case_close(&c);
}

/* An engine that waits for the journal is woken by a record, and by being stopped. */
static void waits_and_stops(void **state)
{
    struct engine_case c;

    (void)state;
    engine_case_open(&c, RULES, NULL);
    c.options.end_at_last = false;
    c.options.threads = 3;
    engine_case_start(&c);
    add_event(&c, "pc1", 0, "evil");
    while (engine_position(c.engine) == 0)
        (void)nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    assert_int_equal(engine_stop(c.engine, NULL), HN_OK);
    assert_false(c.ended); /* it was asked to */
    assert_non_null(strstr(c.ids.ptr, " evil\n"));
    engine_case_end(&c);
    engine_case_start(&c);
    assert_int_equal(engine_stop(c.engine, NULL), HN_OK);
    engine_case_end(&c);
    engine_case_close(&c);
}

struct counted {
    uint64_t records;
    uint64_t damaged;
    uint64_t events;
    uint64_t alerts;
    uint64_t late; /* in the bucket up to 5 s */
    uint64_t of_rule;
    uint64_t of_others;
};

static void on_source(void *ctx, struct hn_text source, const struct engine_source_counters *n)
{
    struct counted *counted = ctx;

    (void)source;
    counted->records += n->records;
    counted->damaged += n->damaged;
    counted->events += n->events;
    counted->alerts += n->alerts;
    counted->late += n->lag[9];
}

static void on_rule(void *ctx, struct hn_text id, const struct engine_rule_counters *counters)
{
    struct counted *counted = ctx;

    if (hn_text_eq(id, HN_TEXT("11111111-1111-4111-8111-111111111111")))
        counted->of_rule = counters->alerts;
}

/* What the counters say of a few records. */
static void counts_what_was_done(void **state)
{
    struct engine_case c;
    struct counted counted = { 0 };
    struct hn_text picture = HN_TEXT("\x89PNG\r\n\x1a\n\0\0\0\0");
    struct intake_batch batch = batch_of(picture);
    struct engine_totals totals;

    (void)state;
    engine_case_open(&c, RULES, NULL);
    add_event(&c, "pc1", 0, "evil");
    add_event(&c, "pc1", 1, "calm");
    batch.format = HN_TEXT("");
    fake_add_batch(&c.journal, START, &batch);
    batch.format = HN_TEXT("nonsense");
    fake_add_batch(&c.journal, START, &batch);
    c.now = START + 4 * HN_SECOND;
    engine_case_start(&c);
    assert_int_equal(engine_wait(c.engine, NULL), HN_OK);
    engine_each_source(c.engine, on_source, &counted);
    engine_each_rule(c.engine, on_rule, &counted);
    totals = engine_totals(c.engine);
    engine_case_end(&c);
    assert_int_equal(counted.records, 4);
    assert_int_equal(counted.damaged, 2);
    assert_int_equal(counted.events, 2);
    assert_int_equal(counted.alerts, 1);
    assert_int_equal(counted.late, 4);
    assert_int_equal(counted.of_rule, 1);
    assert_int_equal(totals.records, 4);
    assert_int_equal(totals.problems, 2);
    assert_int_equal(totals.position, fake_offset(&c.journal, 4));
    assert_int_equal(totals.applied, totals.position);
    engine_case_close(&c);
}

static void on_rule_time(void *ctx, struct hn_text id, const struct engine_rule_counters *counters)
{
    struct counted *counted = ctx;

    if (hn_text_eq(id, HN_TEXT("11111111-1111-4111-8111-111111111111")))
        counted->of_rule = counters->nanoseconds;
    else
        counted->of_others += counters->nanoseconds;
}

/* Some of many events are measured, and what a rule cost is known though it never fired; what was
 * not evaluated costs nothing. */
static void rules_are_timed_now_and_then(void **state)
{
    struct counted counted = { 0 };
    struct engine_case c;

    (void)state;
    engine_case_open(&c,
            "title: evil\nid: 11111111-1111-4111-8111-111111111111\n" SOURCE
            "detection: {s: {CommandLine|contains: calm}, t: {User: x}, "
            "condition: s and t}\n"
            "---\ntitle: rest\nid: 22222222-2222-4222-8222-222222222222\n" SOURCE
            "detection: {s: {CommandLine|contains: nobody says so}, condition: s}\n",
            NULL);
    for (unsigned i = 0; i < 3000; i++)
        add_event(&c, "pc1", i, "calm");
    engine_case_start(&c);
    assert_int_equal(engine_wait(c.engine, NULL), HN_OK);
    engine_each_rule(c.engine, on_rule_time, &counted);
    engine_case_end(&c);
    assert_int_equal(c.events, 3000);
    assert_true(counted.of_rule > 0);
    assert_int_equal(counted.of_others, 0);
    engine_case_close(&c);
}

struct limited {
    uint64_t values;
    uint64_t steps;
    uint64_t of_others;
};

static void on_rule_limited(
        void *ctx, struct hn_text id, const struct engine_rule_counters *counters)
{
    struct limited *limited = ctx;

    if (hn_text_eq(id, HN_TEXT("11111111-1111-4111-8111-111111111111"))) {
        limited->values = counters->regex_limited;
        limited->steps = counters->regex_steps;
    } else {
        limited->of_others += counters->regex_limited + counters->regex_steps;
    }
}

/* Which rule gave up on values, on how many and at what price, whatever the number of threads; the
 * others go on. */
static void rules_that_give_up_are_named(void **state)
{
    char evil[3001];

    (void)state;
    memset(evil, 'a', sizeof evil - 1);
    evil[sizeof evil - 2] = 'b';
    evil[sizeof evil - 1] = '\0';
    for (unsigned threads = 1; threads <= 4; threads += 3) {
        struct limited limited = { 0 };
        struct engine_case c;

        engine_case_open(&c,
                "title: evil\nid: 11111111-1111-4111-8111-111111111111\n" SOURCE
                "detection: {s: {CommandLine|re: '^(a|aa)+(a|aa)+(a|aa)+$'}, condition: s}\n"
                "---\ntitle: rest\nid: 22222222-2222-4222-8222-222222222222\n" SOURCE
                "detection: {s: {CommandLine|contains: ab}, condition: s}\n",
                NULL);
        c.options.threads = threads;
        for (unsigned i = 0; i < 6; i++)
            add_event(&c, "pc1", i, i % 2 == 0 ? evil : "calm");
        engine_case_start(&c);
        assert_int_equal(engine_wait(c.engine, NULL), HN_OK);
        engine_each_rule(c.engine, on_rule_limited, &limited);
        assert_int_equal(engine_totals(c.engine).alerts, 3);
        engine_case_end(&c);
        assert_int_equal(limited.values, 3);
        assert_true(limited.steps > 3 * (uint64_t)SIGMA_REGEX_STEPS_CHEAP);
        assert_int_equal(limited.of_others, 0);
        engine_case_close(&c);
    }
}

/* A zone that nobody knows is told once, and UTC is taken. */
static void unknown_zones_are_told_once(void **state)
{
    struct engine_case c;
    struct hn_buf body = { 0 };
    struct intake_batch batch;

    (void)state;
    engine_case_open(&c, RULES, NULL);
    line(&body, "pc1", 1, "evil");
    batch = batch_of(hn_buf_text(&body));
    batch.zone = HN_TEXT("Asia/Nowhere");
    fake_add_batch(&c.journal, START, &batch);
    fake_add_batch(&c.journal, START, &batch);
    batch.zone = HN_TEXT("Asia/Tokyo");
    fake_add_batch(&c.journal, START, &batch);
    engine_case_run(&c, 1);
    assert_non_null(strstr(c.problems.ptr, "2@0 "));
    assert_null(strstr(c.problems.ptr + 1, "\n2@"));
    hn_buf_deinit(&body);
    engine_case_close(&c);
}

/* An event log of Windows: the file header and the chunk before (a chunk may begin with leftovers
 * of it) go before every piece of it and give no events; the pieces give what the whole file does.
 */
static void pieces_of_an_event_log(void **state)
{
    enum { HEADER = 4096, CHUNK = 65536 };
    const char *shared = check_shared();
    struct engine_case c;
    struct intake_batch batch;
    struct hn_text file;
    char path[512];
    char *bytes;
    uint64_t whole;

    (void)state;
    (void)snprintf(path, sizeof path, "%s/" EVENT_LOG, shared == NULL ? "" : shared);
    bytes = check_read_file(path, &file);
    if (bytes == NULL) {
        skip();
        return; /* for the analyser */
    }
    engine_case_open(&c, RULES, NULL);
    batch = batch_of(file);
    batch.format = HN_TEXT("");
    batch.line = 0;
    fake_add_batch(&c.journal, START, &batch);
    engine_case_run(&c, 1);
    whole = c.events;
    assert_true(whole > 10);
    fake_deinit(&c.journal);
    fake_init(&c.journal);
    engine_case_forget(&c);
    for (size_t at = HEADER; at + CHUNK <= file.len; at += CHUNK) {
        struct hn_buf head = { 0 };

        hn_buf_add(&head, bytes, HEADER);
        if (at > HEADER)
            hn_buf_add(&head, bytes + at - CHUNK, CHUNK);
        batch.head = hn_text_as_bytes(hn_buf_text(&head));
        batch.body = hn_bytes_of(bytes + at, CHUNK);
        batch.offset = at;
        fake_add_batch(&c.journal, START, &batch);
        hn_buf_deinit(&head);
    }
    engine_case_run(&c, 4);
    assert_int_equal(c.events, whole);
    assert_int_equal(c.problems.len, 0);
    hn_free(bytes);
    engine_case_close(&c);
}

/* A record of some megabytes goes through in pieces, with the same result for any number of
 * threads; alerts past the limit are left out, told, and stop nothing. */
static void large_records(void **state)
{
    struct engine_case c;
    struct hn_buf body = { 0 };
    struct hn_buf ids;
    struct intake_batch batch;
    struct engine_feed feed;

    (void)state;
    engine_case_open(&c, RULES, NULL);
    for (unsigned i = 0; i < 20000; i++)
        line(&body, "pc1", i % 80000, i % 100 == 0 ? "evil" : "calm");
    batch = batch_of(hn_buf_text(&body));
    assert_true(body.len > (size_t)2 << 20);
    fake_add_batch(&c.journal, START, &batch);
    add_event(&c, "pc9", 9, "evil at last");
    engine_case_run(&c, 1);
    assert_int_equal(c.events, 20001);
    ids = take(&c.ids);
    engine_case_forget(&c);
    engine_case_run(&c, 4);
    assert_int_equal(c.events, 20001);
    expect_same(&c.ids, &ids);
    assert_int_equal(c.problems.len, 0);
    engine_case_forget(&c);
    c.options.applied = 0;
    assert_int_equal(engine_new(&c.options, &c.engine, NULL), HN_OK);
    c.engine->texts.cap_bytes = 20000;
    feed = fake_feed(&c.journal, 0);
    assert_int_equal(engine_start(c.engine, &feed, NULL), HN_OK);
    assert_int_equal(engine_wait(c.engine, NULL), HN_OK);
    engine_case_end(&c);
    assert_non_null(strstr(c.problems.ptr, "left out"));
    assert_true(c.ids.len > 0 && c.ids.len < ids.len);
    assert_memory_equal(c.ids.ptr + c.ids.len - 20, ids.ptr + ids.len - 20, 20);
    hn_buf_deinit(&ids);
    hn_buf_deinit(&body);
    engine_case_close(&c);
}

/* Events of several lines, whose format is decoded in order: every record is a stream of its own,
 * so none waits for the lines of another. */
static void records_of_joined_lines(void **state)
{
    static const unsigned counts[] = { 1, 4 };
    struct engine_case c;

    (void)state;
    engine_case_open(&c, RULES, NULL);
    for (unsigned i = 0; i < 40; i++) {
        struct hn_buf body = { 0 };
        struct intake_batch batch;

        for (unsigned k = 0; k < 3; k++) {
            hn_buf_addf(&body,
                    "type=SYSCALL msg=audit(17092512%02u.123:%u): arch=c000003e syscall=59 "
                    "success=yes exit=0 pid=7 uid=0 comm=\"ls\" exe=\"/bin/ls\"\n"
                    "type=EXECVE msg=audit(17092512%02u.123:%u): argc=1 a0=\"ls\"\n",
                    i, i * 3 + k, i, i * 3 + k);
        }
        batch = batch_of(hn_buf_text(&body));
        batch.format = HN_TEXT("auditd");
        fake_add_batch(&c.journal, START, &batch);
        hn_buf_deinit(&body);
    }
    for (size_t i = 0; i < HN_COUNT_OF(counts); i++) {
        engine_case_forget(&c);
        engine_case_run(&c, counts[i]);
        assert_int_equal(c.events, 120);
        assert_int_equal(c.problems.len, 0);
    }
    engine_case_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_agree),
        cmocka_unit_test(goes_on_from_every_snapshot),
        cmocka_unit_test(replays_what_is_stored_without_a_word),
        cmocka_unit_test(a_refused_result_is_handed_on_again),
        cmocka_unit_test(sets_change_between_two_events),
        cmocka_unit_test(a_broken_set_leaves_the_old_one),
        cmocka_unit_test(head_and_skip),
        cmocka_unit_test(ids_are_of_event_and_source),
        cmocka_unit_test(ticks_let_absence_fire),
        cmocka_unit_test(waits_and_stops),
        cmocka_unit_test(counts_what_was_done),
        cmocka_unit_test(rules_are_timed_now_and_then),
        cmocka_unit_test(rules_that_give_up_are_named),
        cmocka_unit_test(unknown_zones_are_told_once),
        cmocka_unit_test(pieces_of_an_event_log),
        cmocka_unit_test(records_of_joined_lines),
        cmocka_unit_test(large_records),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
