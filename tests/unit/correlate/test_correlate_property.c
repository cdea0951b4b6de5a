/* test_correlate_property.c - random correlations over random streams: the correlator against the
 * reference, in any order within the lateness, and handed over from one to the next. */
#include "support/correlate_naive_internal.h"
#include "support/correlate_run.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CASE_BYTES_MAX 700
#define TYPES          (SIGMA_PERIODICITY + 1)

static void random_case(uint64_t seed, struct correlate_case *ret_case)
{
    uint8_t bytes[CASE_BYTES_MAX];
    /* Every other case is short: what goes wrong there is easy to see. */
    size_t more = seed % 2 == 0 ? CASE_BYTES_MAX - 50 : 40;
    size_t size = 50 + run_random(&seed) % more;

    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)run_random(&seed);
    correlate_case_build(ret_case, bytes, size);
}

/* The correlator fires exactly what the reference does, for streams that end and for such after
 * which time goes on: every type, chains, lists, aliases. */
static void agrees_with_reference(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 10000; seed++) {
        struct correlate_case c;

        random_case(seed, &c);
        if (!run_agrees(&c, false) || !run_agrees(&c, true))
            fail_msg("seed %llu differs", (unsigned long long)seed);
        correlate_case_deinit(&c);
    }
}

/* What the random cases say is no silence: each type fires in them, at its end and not, again
 * after its timespan, and over cut windows. */
static void every_type_fires(void **state)
{
    size_t fired[TYPES] = { 0 };
    size_t ended[TYPES] = { 0 };
    size_t negated[TYPES] = { 0 };
    size_t cut = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct run_options how = { .save_at = RUN_NEVER };
        struct correlate_case c;
        struct run_log log;

        random_case(seed, &c);
        assert_int_equal(run_case(&c, NULL, &how, &log, NULL), HN_OK);
        for (size_t i = 0; i < log.results.count; i++) {
            const struct naive_result *result = &log.results.ptr[i];
            const struct sigma_correlation *model = &c.set.correlations[result->correlation];

            if (result->ended)
                ended[model->type]++;
            else
                fired[model->type]++;
            if (model->condition != NULL && naive_negates(model->condition))
                negated[model->type]++;
            cut += result->cut_short ? 1 : 0;
        }
        run_log_deinit(&log);
        correlate_case_deinit(&c);
    }
    for (size_t type = 0; type < TYPES; type++)
        assert_true(fired[type] > 50);
    for (size_t type = 0; type <= SIGMA_VALUE_PERCENTILE; type++)
        assert_true(ended[type] > 50);
    assert_true(ended[SIGMA_PERIODICITY] > 50);
    assert_true(negated[SIGMA_TEMPORAL] > 50);
    assert_true(negated[SIGMA_TEMPORAL_ORDERED] > 50);
    assert_true(cut > 50);
}

/* A stream in any order within its lateness gives the same results in the same order, with the
 * same ids and evidence, and none of it is late. */
static void order_of_arrival_is_no_matter(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 1500; seed++) {
        struct run_options how = { .save_at = RUN_NEVER };
        struct correlate_stats stats;
        size_t order[CASE_HITS_MAX];
        struct correlate_case c;
        struct run_log sorted;
        struct run_log mixed;

        random_case(seed, &c);
        assert_int_equal(run_case(&c, NULL, &how, &sorted, NULL), HN_OK);
        how.lateness = 1 + c.lateness;
        run_shuffle(&c, how.lateness, seed, order);
        assert_int_equal(run_case(&c, order, &how, &mixed, &stats), HN_OK);
        assert_int_equal(stats.late, 0);
        assert_int_equal(mixed.results.count, sorted.results.count);
        assert_true(hn_digest_eq(mixed.digest, sorted.digest));
        run_log_deinit(&sorted);
        run_log_deinit(&mixed);
        correlate_case_deinit(&c);
    }
}

/* Saved after any hit and restored, the state goes on as if nothing had happened, hits that wait
 * for earlier ones included. */
static void handing_over_is_no_matter(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct run_options how = { .save_at = RUN_NEVER, .complete = seed % 2 == 0 };
        size_t order[CASE_HITS_MAX];
        struct correlate_case c;
        struct run_log whole;

        random_case(seed, &c);
        how.lateness = c.lateness;
        run_shuffle(&c, how.lateness, seed, order);
        assert_int_equal(run_case(&c, order, &how, &whole, NULL), HN_OK);
        for (how.save_at = 0; how.save_at < c.hit_count; how.save_at += 1 + c.hit_count / 40) {
            struct run_log parts;

            assert_int_equal(run_case(&c, order, &how, &parts, NULL), HN_OK);
            assert_int_equal(parts.results.count, whole.results.count);
            assert_true(hn_digest_eq(parts.digest, whole.digest));
            run_log_deinit(&parts);
        }
        run_log_deinit(&whole);
        correlate_case_deinit(&c);
    }
}

/* The same under limits so tight that state is evicted all the time: what is evicted depends on
 * nothing but the stream. */
static void evictions_are_handed_over_too(void **state)
{
    uint64_t evicted = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct run_options how = { .save_at = RUN_NEVER };
        struct correlate_stats stats;
        struct correlate_case c;
        struct run_log whole;

        random_case(seed * 2, &c);
        how.limits.groups_max = 2;
        how.limits.items_max = 4;
        how.limits.bytes_max = 6000;
        assert_int_equal(run_case(&c, NULL, &how, &whole, &stats), HN_OK);
        evicted += stats.groups_evicted + stats.items_evicted;
        assert_true(stats.bytes_peak <= how.limits.bytes_max);
        for (how.save_at = 0; how.save_at < c.hit_count; how.save_at += 1 + c.hit_count / 10) {
            struct run_log parts;

            assert_int_equal(run_case(&c, NULL, &how, &parts, NULL), HN_OK);
            assert_true(hn_digest_eq(parts.digest, whole.digest));
            run_log_deinit(&parts);
        }
        run_log_deinit(&whole);
        correlate_case_deinit(&c);
    }
    assert_true(evicted > 1000);
}

/* With every failing allocation: no crash, no leak, and HN_NOMEM or the right answer. */
static void failing_memory_is_reported(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 30; seed += 2) {
        struct run_options how = { .save_at = 3, .lateness = seed % 4 };
        struct correlate_case c;
        struct run_log whole;
        uint64_t n = 1;
        bool failed = true;

        random_case(seed, &c);
        assert_int_equal(run_case(&c, NULL, &how, &whole, NULL), HN_OK);
        for (; failed; n++) {
            struct run_log log;
            enum hn_status status;

            hn_mem_fail_from(n);
            status = run_case(&c, NULL, &how, &log, NULL);
            failed = hn_mem_fail_hits() > 0;
            hn_mem_fail_from(0);
            assert_true(status == HN_OK || status == HN_NOMEM);
            if (!failed)
                assert_true(hn_digest_eq(log.digest, whole.digest));
            run_log_deinit(&log);
        }
        run_log_deinit(&whole);
        correlate_case_deinit(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_reference),
        cmocka_unit_test(every_type_fires),
        cmocka_unit_test(order_of_arrival_is_no_matter),
        cmocka_unit_test(handing_over_is_no_matter),
        cmocka_unit_test(evictions_are_handed_over_too),
        cmocka_unit_test(failing_memory_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
