/* test_past.c - correlations over old events: the same as a scan's, whatever order the events come
 * in, however often the engine is stopped, and without harm to what comes in as it happens. */
#include "past_case.h"

#define SEEDS 40u

/* Events of some hours, shuffled over the records; gap_max between these. */
static void make_journal(struct past_case *p, unsigned events, hn_time gap_max)
{
    hn_time span = (hn_time)(1 + check_random_below(&p->random, 600)) * HN_MINUTE;

    while (p->count < events) {
        struct hn_buf body = { 0 };
        unsigned size = 1 + check_random_below(&p->random, 8);

        for (unsigned i = 0; i < size; i++) {
            char host[16];
            hn_time at = (hn_time)check_random_below(&p->random, (uint32_t)(span / HN_SECOND));

            (void)snprintf(host, sizeof host, "pc%u", (unsigned)check_random_below(&p->random, 3));
            past_event(p, past_moment(p, at), host, &body);
        }
        p->received += (hn_time)check_random_below(&p->random, 1000) * (gap_max / 1000);
        past_record(p, &body);
        hn_buf_deinit(&body);
        if (check_random_below(&p->random, 4) == 0)
            past_tick(p, JOURNAL_TICK);
    }
}

static void expect_ids_once(const struct hn_buf *ids)
{
    struct hn_text rest = hn_buf_text(ids);

    while (rest.len > 0) {
        char id[64] = "";
        unsigned long long offset;
        unsigned long long set;

        assert_int_equal(sscanf(rest.ptr, "%llu %llu %63s", &offset, &set, id), 3); /* NOLINT */
        rest = hn_text_sub(rest,
                (size_t)((const char *)memchr(rest.ptr, '\n', rest.len) - rest.ptr) + 1, rest.len);
        if (rest.len > 0 && strstr(rest.ptr, id) != NULL)
            fail_msg("%s was told twice", id);
    }
}

/* Read in one go and in any order, old events give what a scan of them gives: nothing else, nothing
 * less. */
static void says_what_a_scan_says(void **state)
{
    size_t told = 0;

    (void)state;
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        struct past_case p;
        struct past_keys wanted;
        struct past_keys got;

        past_open(&p, seed);
        make_journal(&p, 200, HN_SECOND);
        past_tick(&p, JOURNAL_END);
        engine_case_run(&p.e, 1 + seed % 4);
        wanted = past_scan(&p, true);
        got = past_keys(&p.e.lines, NULL, true);
        assert_int_equal(past_expect_within(&wanted, &got), 0);
        told += got.keys.count;
        past_keys_free(&wanted);
        past_keys_free(&got);
        past_close(&p);
    }
    assert_true(told > (size_t)20 * SEEDS);
}

/* Read with pauses, everything a scan of them all gives is told as well, and nothing twice. What
 * was told with the events known then stays as it was told, so the windows may differ. */
static void pauses_lose_nothing(void **state)
{
    size_t rewinds = 0;

    (void)state;
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        struct past_case p;
        struct past_keys wanted;
        struct past_keys got;

        past_open(&p, seed);
        make_journal(&p, 200, 30 * HN_SECOND);
        past_tick(&p, JOURNAL_END);
        p.e.options.threads = 1 + seed % 4;
        engine_case_start(&p.e);
        assert_int_equal(engine_wait(p.e.engine, NULL), HN_OK);
        rewinds += engine_totals(p.e.engine).past.rewinds;
        engine_case_end(&p.e);
        wanted = past_scan(&p, false);
        got = past_keys(&p.e.lines, NULL, false);
        (void)past_expect_within(&wanted, &got);
        expect_ids_once(&p.e.ids);
        past_keys_free(&wanted);
        past_keys_free(&got);
        past_close(&p);
    }
    assert_true(rewinds > SEEDS);
}

/* Other rules in the middle of it, restarts around them: what stayed the same sees the events from
 * before and from after. */
static void rules_may_change_meanwhile(void **state)
{
    static const char more[] = PAST_RULE("z")
            PAST_CORRELATION("zs", "event_count", "z", "    condition: {gte: 2}\n") PAST_RULES;

    (void)state;
    for (unsigned seed = 1; seed <= 5; seed++) {
        struct past_case p;
        struct past_keys wanted;
        struct past_keys got;

        past_open(&p, seed);
        p.e.sets[1] = judge_make(more, NULL, (struct hn_digest){ 0, 2 });
        make_journal(&p, 60, HN_SECOND);
        fake_add_set(&p.e.journal, p.received, (struct hn_digest){ 0, 2 });
        make_journal(&p, 120, HN_SECOND);
        past_tick(&p, JOURNAL_END);
        p.e.options.state_dir = p.e.folder;
        for (p.e.journal.limit = 10; p.e.journal.limit < p.e.journal.records.count;
                p.e.journal.limit += 7)
            engine_case_run(&p.e, 2);
        p.e.journal.limit = SIZE_MAX;
        engine_case_run(&p.e, 2);
        assert_int_equal(p.e.problems.len, 0);
        wanted = past_scan(&p, true);
        got = past_keys(&p.e.lines, NULL, true);
        assert_int_equal(past_expect_within(&wanted, &got), 0);
        past_keys_free(&wanted);
        past_keys_free(&got);
        past_close(&p);
    }
}

/* Stopped after any number of records and started again from its snapshot, with any number of
 * threads, the engine tells the same alerts at the same records; with limits reached as without. */
static void restarts_change_nothing(void **state)
{
    static const struct engine_past_options limits[] = { { 0 }, { .hits_max = 20 },
        { .bytes_max = 3000 }, { .hits_max = 1 }, { .forget = 40 * HN_SECOND } };

    (void)state;
    for (unsigned i = 0; i < HN_COUNT_OF(limits); i++) {
        struct past_case p;
        struct hn_buf ids;

        past_open(&p, 77 + i);
        make_journal(&p, 150, 15 * HN_SECOND);
        p.received += 3 * HN_HOUR;
        past_tick(&p, JOURNAL_TICK);
        past_tick(&p, JOURNAL_END);
        p.e.options.past = limits[i];
        engine_case_run(&p.e, 1);
        assert_true(p.e.ids.len > 0);
        expect_ids_once(&p.e.ids);
        ids = p.e.ids;
        p.e.ids = (struct hn_buf){ 0 };
        p.e.options.state_dir = p.e.folder;
        engine_case_forget(&p.e);
        for (size_t limit = 1; limit <= p.e.journal.records.count; limit++) {
            p.e.journal.limit = limit;
            engine_case_run(&p.e, 1 + (unsigned)limit % 4);
            assert_int_equal(p.e.begun, fake_offset(&p.e.journal, limit - 1));
        }
        assert_int_equal(p.e.problems.len, 0);
        assert_int_equal(p.e.ids.len, ids.len);
        assert_memory_equal(p.e.ids.ptr, ids.ptr, ids.len);
        hn_buf_deinit(&ids);
        past_close(&p);
    }
}

/* Three of rule a and one more, all of one minute, received in the same moment. */
static void four_at_once(struct past_case *p)
{
    static const char four[] = "{\"Channel\":\"Security\",\"EventID\":4688,\"Computer\":\"pc1\","
                               "\"CommandLine\":\"x -a- \","
                               "\"TimeCreated\":\"2024-03-01T00:00:%02uZ\"}\n";
    struct hn_buf body = { 0 };

    for (unsigned i = 0; i < 4; i++)
        hn_buf_addf(&body, four, i);
    past_record(p, &body);
    hn_buf_deinit(&body);
}

/* An old event that means nothing but that more are coming. */
static void one_more(struct past_case *p)
{
    struct hn_buf body = { 0 };

    hn_buf_add_lit(&body, "{\"Channel\":\"Security\",\"EventID\":4688,\"Computer\":\"pc2\","
                          "\"CommandLine\":\"x -b- \",\"TimeCreated\":\"2024-03-01T01:00:00Z\"}\n");
    past_record(p, &body);
    hn_buf_deinit(&body);
}

/* Old events are correlated once no more have come for ten seconds, or five minutes after the first
 * of them; whatever the clock did in between. */
static void says_it_when_no_more_come(void **state)
{
    struct past_case p;

    (void)state;
    past_open(&p, 1);
    four_at_once(&p);
    p.received += 9 * HN_SECOND;
    past_tick(&p, JOURNAL_TICK);
    engine_case_run(&p.e, 1);
    assert_null(strstr(p.e.ids.ptr == NULL ? "" : p.e.ids.ptr, " many\n"));
    p.received += HN_SECOND;
    past_tick(&p, JOURNAL_TICK);
    engine_case_forget(&p.e);
    engine_case_run(&p.e, 1);
    assert_non_null(strstr(p.e.ids.ptr, " many\n"));
    past_close(&p);

    past_open(&p, 1);
    four_at_once(&p);
    for (unsigned i = 0; i < 61; i++) {
        assert_true(i < 60 || p.e.ids.len == 0);
        p.received += 5 * HN_SECOND;
        one_more(&p);
        if (i == 58)
            engine_case_run(&p.e, 1);
    }
    engine_case_forget(&p.e);
    engine_case_run(&p.e, 1);
    assert_non_null(strstr(p.e.ids.ptr, " many\n"));
    past_close(&p);

    past_open(&p, 1);
    four_at_once(&p);
    p.received -= HN_DAY;
    past_tick(&p, JOURNAL_TICK);
    p.received += 10 * HN_SECOND;
    past_tick(&p, JOURNAL_TICK);
    engine_case_run(&p.e, 1);
    assert_non_null(strstr(p.e.ids.ptr, " many\n"));
    past_close(&p);
}

/* Kept hits stay within the limit, and what it costs is counted. */
static void limits_hold(void **state)
{
    struct past_case p;
    struct engine_totals totals;

    (void)state;
    past_open(&p, 5);
    make_journal(&p, 1000, HN_SECOND);
    p.e.options.past.hits_max = 50;
    engine_case_start(&p.e);
    assert_int_equal(engine_wait(p.e.engine, NULL), HN_OK);
    totals = engine_totals(p.e.engine);
    engine_case_end(&p.e);
    assert_true(totals.past.hits > 500);
    assert_true(totals.past.kept <= 50);
    assert_true(totals.past.forced > 10);
    assert_int_equal(totals.past.forgotten + totals.past.kept, totals.past.hits);
    assert_int_equal(totals.correlations.hits, 0);
    past_close(&p);
}

static void live_events(struct past_case *p, unsigned events, bool with_old)
{
    struct check_random own = { 99 };

    for (unsigned i = 0; i < events; i++) {
        struct check_random random = p->random;
        struct hn_buf body = { 0 };

        p->received += (hn_time)check_random_below(&own, 30000) * HN_MILLISECOND;
        p->random = own;
        past_event(p,
                p->received - (hn_time)check_random_below(&own, 4) * HN_SECOND +
                        (hn_time)i * (HN_MILLISECOND / 1000),
                "live", &body);
        own = p->random;
        p->random = random;
        past_record(p, &body);
        hn_buf_reset(&body);
        if (with_old) {
            for (unsigned k = 0; k < 5; k++)
                past_event(p, past_moment(p, check_random_below(&p->random, 9000)), "old", &body);
            past_record(p, &body);
        }
        hn_buf_deinit(&body);
    }
}

/* What comes in as it happens gives the same alerts whether or not old events are read as well. */
static void live_ones_are_left_alone(void **state)
{
    struct past_case alone;
    struct past_case both;
    struct past_keys wanted;
    struct past_keys got;

    (void)state;
    past_open(&alone, 3);
    past_open(&both, 3);
    live_events(&alone, 400, false);
    live_events(&both, 400, true);
    engine_case_run(&alone.e, 2);
    engine_case_run(&both.e, 2);
    wanted = past_keys(&alone.e.lines, "\"live\"", true);
    got = past_keys(&both.e.lines, "\"live\"", true);
    assert_true(wanted.keys.count > 20);
    assert_int_equal(past_expect_within(&wanted, &got), 0);
    past_keys_free(&got);
    got = past_keys(&both.e.lines, "\"old\"", true);
    assert_true(got.keys.count > 20);
    past_keys_free(&got);
    past_keys_free(&wanted);
    past_close(&alone);
    past_close(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_a_scan_says),
        cmocka_unit_test(pauses_lose_nothing),
        cmocka_unit_test(rules_may_change_meanwhile),
        cmocka_unit_test(restarts_change_nothing),
        cmocka_unit_test(says_it_when_no_more_come),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(live_ones_are_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
