/* test_engine.c - the compiled engine's promises besides being right: every log source, shared
 * between threads, no allocation once warm, and an orderly end when memory is short. */
#include "base/mem.h"
#include "support/check.h"
#include "support/match_run.h"

#include <pthread.h>

/* A loaded set, its snapshot, a scratch, and the event the rules want. */
struct bench {
    struct sigma_set *set;
    struct match_snapshot *snapshot;
    struct match_scratch *scratch;
    struct hn_event event;
    struct hn_event full;
    uint32_t fired[512];
    uint32_t fired_count;
};

static struct sigma_set *load(struct hn_text yaml)
{
    struct sigma_loader *loader = sigma_loader_new(NULL);
    struct sigma_set *set = NULL;

    assert_non_null(loader);
    assert_int_equal(sigma_loader_add_text(loader, HN_TEXT("r.yml"), yaml, NULL), HN_OK);
    assert_int_equal(sigma_loader_finish(loader, &set, NULL), HN_OK);
    sigma_loader_free(loader);
    for (uint32_t i = 0; i < set->issue_count; i++) {
        if (set->issues[i].severity == SIGMA_REJECTED)
            fail_msg("%.*s", HN_TEXT_ARG(set->issues[i].message));
    }
    return set;
}

static void bench_open(struct bench *bench, struct hn_text yaml, const struct match_options *given)
{
    struct match_options options = { .limits = { 0 } };

    memset(bench, 0, sizeof *bench);
    bench->set = load(yaml);
    assert_int_equal(match_snapshot_new(
                             bench->set, given == NULL ? &options : given, &bench->snapshot, NULL),
            HN_OK);
    assert_int_equal(match_scratch_new(bench->snapshot, &bench->scratch), HN_OK);
    assert_int_equal(
            hn_event_init(&bench->event, match_schema(bench->snapshot), NULL, false), HN_OK);
    assert_int_equal(hn_event_init(&bench->full, match_schema(bench->snapshot), NULL, true), HN_OK);
}

static void bench_close(struct bench *bench)
{
    hn_event_deinit(&bench->event);
    hn_event_deinit(&bench->full);
    match_scratch_free(bench->scratch);
    match_snapshot_unref(bench->snapshot);
    sigma_set_unref(bench->set);
}

static void on_hit(void *ctx, uint32_t rule)
{
    struct bench *bench = ctx;

    assert_true(bench->fired_count < HN_COUNT_OF(bench->fired));
    bench->fired[bench->fired_count++] = rule;
}

static struct hn_event *expand(void *ctx, const struct hn_event *event)
{
    struct bench *bench = ctx;

    (void)event;
    return &bench->full;
}

static void start_event(struct hn_event *event)
{
    hn_event_reset(event);
    event->origin = HN_ORIGIN_KNOWN;
    event->source.product = HN_TEXT("p");
}

static uint32_t run(struct bench *bench)
{
    bench->fired_count = 0;
    return match_event(bench->scratch, &bench->event, expand, on_hit, bench);
}

/* An event with every label there is room for meets the rules of all its log sources: any mix of
 * its product, categories and services, or none. */
static void every_log_source_is_met(void **state)
{
    static const char *const labels[] = { "", "a", "b", "c", "d" };
    struct hn_buf yaml = { 0 };
    struct bench bench;
    uint32_t rules = 0;

    (void)state;
    for (size_t product = 0; product < 2; product++) {
        for (size_t category = 0; category < HN_COUNT_OF(labels); category++) {
            for (size_t service = 0; service < HN_COUNT_OF(labels); service++) {
                if (product + category + service == 0)
                    continue;
                hn_buf_addf(&yaml, "---\ntitle: r%u\nlogsource:\n", rules++);
                if (product > 0)
                    hn_buf_add_lit(&yaml, "    product: p\n");
                if (category > 0)
                    hn_buf_addf(&yaml, "    category: %s\n", labels[category]);
                if (service > 0)
                    hn_buf_addf(&yaml, "    service: %s\n", labels[service]);
                hn_buf_add_lit(&yaml, "detection: {s: {f: x}, condition: s}\n");
            }
        }
    }
    bench_open(&bench, hn_buf_text(&yaml), NULL);
    start_event(&bench.event);
    for (size_t i = 1; i < HN_COUNT_OF(labels); i++) {
        hn_source_add_category(&bench.event.source, hn_text_cstr(labels[i]));
        hn_source_add_service(&bench.event.source, hn_text_cstr(labels[i]));
    }
    hn_event_add_text(&bench.event, HN_TEXT("f"), HN_TEXT("X"));
    assert_int_equal(run(&bench), rules);
    for (uint32_t i = 0; i < rules; i++)
        assert_int_equal(bench.fired[i], i);
    bench_close(&bench);
    hn_buf_deinit(&yaml);
}

/* Labels are compared as text, not by where they lie: a stream's memory is used again. */
static void labels_may_change_under_one_address(void **state)
{
    static const char rules[] =
            "title: a\nlogsource: {service: aaa}\ndetection: {s: {f: x}, condition: s}\n---\n"
            "title: b\nlogsource: {service: bbb}\ndetection: {s: {f: x}, condition: s}\n";
    struct bench bench;
    char label[4] = "aaa";

    (void)state;
    bench_open(&bench, hn_text_cstr(rules), NULL);
    for (uint32_t round = 0; round < 4; round++) {
        memset(label, round % 2 == 0 ? 'a' : 'b', 3);
        start_event(&bench.event);
        bench.event.source.service[0] = hn_text_of(label, 3);
        hn_event_add_text(&bench.event, HN_TEXT("f"), HN_TEXT("x"));
        assert_int_equal(run(&bench), 1);
        assert_int_equal(bench.fired[0], round % 2);
    }
    bench_close(&bench);
}

/* Rules that are switched off neither fire nor cost; the others keep their numbers. */
static void disabled_rules_stay_silent(void **state)
{
    static const char rules[] =
            "title: a\nlogsource: {product: p}\ndetection: {s: {f: x}, condition: s}\n---\n"
            "title: b\nlogsource: {product: p}\ndetection: {s: {f: x}, condition: s}\n---\n"
            "title: c\nlogsource: {product: p}\ndetection: {s: {f: x}, condition: s}\n";
    const bool enabled[] = { false, true, false };
    struct match_options options = { .enabled = enabled };
    struct match_rule_stats stats[3] = { { .hits = 5 } };
    struct bench bench;

    (void)state;
    bench_open(&bench, hn_text_cstr(rules), &options);
    start_event(&bench.event);
    hn_event_add_text(&bench.event, HN_TEXT("f"), HN_TEXT("x"));
    assert_int_equal(run(&bench), 1);
    assert_int_equal(bench.fired[0], 1);
    match_scratch_add_rule_stats(bench.scratch, stats);
    assert_int_equal(stats[0].hits, 5); /* added to, not overwritten */
    assert_int_equal(stats[1].hits, 1);
    assert_int_equal(stats[1].evaluated, 1);
    assert_true(stats[1].source_seen);
    assert_int_equal(stats[2].evaluated, 0);
    bench_close(&bench);
}

/* ---- Memory ---- */

static const char mixed_rules[] =
        "title: a\nlogsource: {product: p}\n"
        "detection: {s: {f|contains: [abc, def], g|endswith: '.exe'}, condition: s}\n---\n"
        "title: b\nlogsource: {product: p}\ndetection: {s: {f|re: 'a[0-9]+b'}, condition: s}\n---\n"
        "title: c\nlogsource: {product: p}\ndetection: {k: [needle], condition: k}\n---\n"
        "title: d\nlogsource: {product: p}\n"
        "detection: {s: {g: 'a*b? c', EventID: 4}, n: {h: null}, condition: s and not n}\n---\n"
        "title: e\nlogsource: {product: p}\n"
        "detection: {s: {ip|cidr: 10.0.0.0/8}, t: {n|gt: 5, h|fieldref: f}, condition: 1 of "
        "them}\n";

static void fill_mixed(struct hn_event *event, unsigned variant)
{
    static const char *const texts[] = { "xABCx", "a12b", "the Needle", "axxb\xC3\x89 c",
        "c:\\p.EXE", "" };
    static const char line[] = "a line with a needle in it";

    start_event(event);
    event->raw = hn_bytes_of(line, sizeof line - 1);
    event->raw_is_text = true;
    hn_event_add_text(event, HN_TEXT("f"), hn_text_cstr(texts[variant % HN_COUNT_OF(texts)]));
    hn_event_add_text(
            event, HN_TEXT("g"), hn_text_cstr(texts[(size_t)variant * 5 % HN_COUNT_OF(texts)]));
    hn_event_add_text(event, HN_TEXT("h"), hn_text_cstr(texts[variant % HN_COUNT_OF(texts)]));
    hn_event_add_i64(event, HN_TEXT("EventID"), variant % 6);
    hn_event_add_i64(event, HN_TEXT("n"), variant % 9);
    hn_event_add_text(event, HN_TEXT("ip"), variant % 2 == 0 ? HN_TEXT("10.2.3.4") : HN_TEXT("x"));
}

static uint32_t run_variants(struct bench *bench)
{
    uint32_t hits = 0;

    for (unsigned variant = 0; variant < 54; variant++) {
        fill_mixed(&bench->event, variant);
        fill_mixed(&bench->full, variant);
        hits += run(bench);
    }
    return hits;
}

/* Once every kind of event has been seen, matching asks for no memory: it could not have any. */
static void a_warm_engine_allocates_nothing(void **state)
{
    struct bench bench;
    uint32_t warm;
    uint32_t cold;
    uint32_t bare;
    uint64_t refused;

    (void)state;
#ifdef HN_ARENA_MALLOC
    (void)fprintf(stderr, "SKIPPED: every arena object is a malloc in this build\n");
    skip();
#endif
    bench_open(&bench, hn_text_cstr(mixed_rules), NULL);
    cold = run_variants(&bench);
    warm = run_variants(&bench);
    hn_mem_fail_from(1);
    bare = run_variants(&bench);
    refused = hn_mem_fail_hits();
    hn_mem_fail_from(0);
    assert_true(cold > 20);
    assert_int_equal(warm, cold);
    assert_int_equal(bare, cold);
    assert_int_equal(refused, 0);
    assert_true(match_scratch_stats(bench.scratch)->memo_hits > 0);
    bench_close(&bench);
}

/* Whichever allocation fails, compiling ends with HN_NOMEM or succeeds, and nothing leaks. */
static void compiling_survives_any_failure(void **state)
{
    struct match_options options = { .want_context = true };
    struct sigma_set *set = load(hn_text_cstr(mixed_rules));
    bool failed = true;

    (void)state;
    for (uint64_t n = 1; failed; n++) {
        struct match_snapshot *snapshot = NULL;
        struct match_scratch *scratch = NULL;
        struct hn_err err = { 0 };
        enum hn_status status;

        hn_mem_fail_from(n);
        status = match_snapshot_new(set, &options, &snapshot, &err);
        if (status == HN_OK)
            status = match_scratch_new(snapshot, &scratch);
        failed = hn_mem_fail_hits() > 0;
        hn_mem_fail_from(0);
        assert_int_equal(status, failed ? HN_NOMEM : HN_OK);
        match_scratch_free(scratch);
        match_snapshot_unref(snapshot);
        assert_true(n < 20000);
    }
    sigma_set_unref(set);
}

/* When the whole event cannot be had, keyword rules do not fire; the others do. */
static struct hn_event *expand_fails(void *ctx, const struct hn_event *event)
{
    (void)ctx;
    (void)event;
    return NULL;
}

static void a_failed_expansion_costs_keywords_only(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench, hn_text_cstr(mixed_rules), NULL);
    fill_mixed(&bench.event, 1);
    bench.fired_count = 0;
    assert_int_equal(match_event(bench.scratch, &bench.event, expand_fails, on_hit, &bench), 1);
    assert_int_equal(bench.fired[0], 1);
    fill_mixed(&bench.full, 1);
    assert_int_equal(run(&bench), 2);
    assert_int_equal(bench.fired[1], 2);
    bench_close(&bench);
}

/* A keyword among alternatives is looked for in the raw text first; only where it may stand, in
 * whatever case or escape, the event is expanded. */
static void keywords_are_looked_for_in_raw_text_first(void **state)
{
    static const char rule[] = "title: t\nlogsource: {product: p}\ndetection:\n"
                               "  a: {F: x}\n  b: ['\\kerfc.dat']\n  condition: 1 of them\n";
    static const struct {
        const char *raw;
        const char *value;
        bool escapes;
        bool expanded;
        bool fires;
    } cases[] = {
        { "{\"V\":\"C:\\\\other.dat\"}", "C:\\other.dat", false, false, false },
        { "{\"V\":\"C:\\\\KerFC.dat\"}", "C:\\KerFC.dat", false, true, true },
        { "{\"V\":\"C:/kerfc.dat\"}", "C:/kerfc.dat", false, true, false },
        { "{\"V\":\"C:\\\\\\u006berfc.dat\"}", "C:\\kerfc.dat", true, true, true },
        { "{\"V\":\"C:\\\\\xE2\x84\xAA"
          "erfc.dat\"}",
                "C:\\\xE2\x84\xAA"
                "erfc.dat",
                false, true, true },
        { "{\"V\":\"\xE7\x81\xAB\"}", "\xE7\x81\xAB", false, false, false },
    };
    struct bench bench;

    (void)state;
    bench_open(&bench, hn_text_of(rule, sizeof rule - 1), NULL);
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        uint64_t before = match_scratch_stats(bench.scratch)->expanded;

        start_event(&bench.event);
        bench.event.raw = hn_text_as_bytes(hn_text_cstr(cases[i].raw));
        bench.event.raw_is_text = true;
        bench.event.raw_is_json = true;
        bench.event.raw_escapes_ascii = cases[i].escapes;
        start_event(&bench.full);
        hn_event_add_text(&bench.full, HN_TEXT("V"), hn_text_cstr(cases[i].value));
        assert_int_equal(run(&bench), cases[i].fires ? 1 : 0);
        assert_int_equal(
                match_scratch_stats(bench.scratch)->expanded - before, cases[i].expanded ? 1 : 0);
    }
    bench_close(&bench);
}

/* ---- Threads ---- */

struct thread_run {
    struct match_snapshot *snapshot;
    uint32_t hits;
};

static void *thread_main(void *ctx)
{
    struct thread_run *thread = ctx;
    struct bench bench = { .snapshot = thread->snapshot };

    if (match_scratch_new(thread->snapshot, &bench.scratch) != HN_OK ||
            hn_event_init(&bench.event, match_schema(thread->snapshot), NULL, false) != HN_OK ||
            hn_event_init(&bench.full, match_schema(thread->snapshot), NULL, true) != HN_OK)
        abort();
    for (unsigned round = 0; round < 200; round++)
        thread->hits += run_variants(&bench);
    hn_event_deinit(&bench.event);
    hn_event_deinit(&bench.full);
    match_scratch_free(bench.scratch);
    match_snapshot_unref(thread->snapshot);
    return NULL;
}

/* One snapshot, many threads, each with its scratch: the same hits, no race (ThreadSanitizer). */
static void threads_share_a_snapshot(void **state)
{
    enum { THREADS = 4 };
    struct thread_run runs[THREADS];
    pthread_t threads[THREADS];
    struct bench bench;
    uint32_t expected;

    (void)state;
    bench_open(&bench, hn_text_cstr(mixed_rules), NULL);
    expected = run_variants(&bench) * 200;
    for (unsigned i = 0; i < THREADS; i++) {
        runs[i] = (struct thread_run){ match_snapshot_ref(bench.snapshot), 0 };
        assert_int_equal(pthread_create(&threads[i], NULL, thread_main, &runs[i]), 0);
    }
    bench_close(&bench); /* the threads' references keep it */
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(runs[i].hits, expected);
    }
}

/* ---- Hostile rules and events ---- */

/* A pattern that explodes stops at its limit: the event says so, the other rules fire. */
static void evil_expressions_end(void **state)
{
    static const char rules[] =
            "title: evil\nlogsource: {product: p}\n"
            "detection: {s: {f|re: '^(a|aa)+(a|aa)+(a|aa)+$'}, condition: s}\n---\n"
            "title: good\nlogsource: {product: p}\ndetection: {s: {f|contains: b}, condition: s}\n";
    struct match_rule_stats stats[2] = { { .hits = 0 } };
    struct bench bench;
    char text[4000];

    (void)state;
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = 'b';
    bench_open(&bench, hn_text_cstr(rules), NULL);
    start_event(&bench.event);
    hn_event_add_text(&bench.event, HN_TEXT("f"), hn_text_of(text, sizeof text));
    assert_int_equal(run(&bench), 1);
    assert_int_equal(bench.fired[0], 1);
    assert_int_equal(match_scratch_stats(bench.scratch)->regex_limited, 1);
    match_scratch_add_rule_stats(bench.scratch, stats);
    assert_int_equal(stats[0].regex_limited, 1);
    assert_true(stats[0].regex_steps > SIGMA_REGEX_STEPS_CHEAP);
    assert_true(stats[0].regex_steps <= 2 * (uint64_t)SIGMA_REGEX_STEPS_TOTAL);
    assert_int_equal(stats[1].regex_limited, 0);
    assert_int_equal(stats[1].regex_steps, 0);
    assert_true((bench.event.findings & (uint32_t)1 << HN_FINDING_REGEX_LIMIT) != 0);
    bench_close(&bench);
}

/* The run counters wrap around without a rule firing from what an earlier event left. Reached by
 * more events than 32 bits count in the field; here the memory of one event is enough. */
static void what_one_event_left_is_forgotten(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench, hn_text_cstr(mixed_rules), NULL);
    fill_mixed(&bench.event, 0);
    fill_mixed(&bench.full, 0);
    (void)run(&bench);
    start_event(&bench.event);
    start_event(&bench.full);
    assert_int_equal(run(&bench), 0);
    bench.event.source.product = HN_TEXT("another");
    assert_int_equal(run(&bench), 0);
    assert_int_equal(match_scratch_stats(bench.scratch)->events_without_rules, 1);
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_log_source_is_met),
        cmocka_unit_test(labels_may_change_under_one_address),
        cmocka_unit_test(disabled_rules_stay_silent),
        cmocka_unit_test(a_warm_engine_allocates_nothing),
        cmocka_unit_test(compiling_survives_any_failure),
        cmocka_unit_test(a_failed_expansion_costs_keywords_only),
        cmocka_unit_test(keywords_are_looked_for_in_raw_text_first),
        cmocka_unit_test(threads_share_a_snapshot),
        cmocka_unit_test(evil_expressions_end),
        cmocka_unit_test(what_one_event_left_is_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
