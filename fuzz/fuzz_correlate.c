/* fuzz: correlate support */
/* fuzz_correlate.c - any set of correlations over any stream, with the reference as oracle; the
 * same stream out of order, handed over on the way, and under tight limits. */
#include "support/correlate_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Late arrivals, hit by hit, by what the bytes say; the order in which they then come. */
static void shuffle(const struct correlate_case *c, const uint8_t *data, size_t size,
        hn_time lateness, size_t *order)
{
    hn_time arrival[CASE_HITS_MAX];

    for (size_t i = 0; i < c->hit_count; i++) {
        size_t pos = i;

        arrival[i] = c->hits[i].time + data[(i * 7 + 3) % size] % (lateness + 1);
        for (; pos > 0 && arrival[order[pos - 1]] > arrival[i]; pos--)
            order[pos] = order[pos - 1];
        order[pos] = i;
    }
}

static void expect_same(const struct run_log *a, const struct run_log *b)
{
    if (a->results.count != b->results.count || !hn_digest_eq(a->digest, b->digest)) {
        run_print("one way", &a->results);
        run_print("the other way", &b->results);
        abort();
    }
}

static enum hn_status run(const struct correlate_case *c, const size_t *order,
        const struct run_options *how, struct run_log *ret_log)
{
    struct correlate_stats stats;
    enum hn_status status = run_case(c, order, how, ret_log, &stats);

    if (status != HN_OK || (how->limits.bytes_max > 0 && stats.bytes_peak > how->limits.bytes_max))
        abort();
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run_options how = { .save_at = RUN_NEVER };
    size_t order[CASE_HITS_MAX];
    struct correlate_case c;
    struct run_log sorted;
    struct run_log other;

    if (size < 8 || size > 1200)
        return 0;
    correlate_case_build(&c, data, size);
    if (!run_agrees(&c, false) || !run_agrees(&c, true))
        abort();

    (void)run(&c, NULL, &how, &sorted);
    how.lateness = 1 + c.lateness;
    how.save_at = data[size - 1] % (c.hit_count + 1);
    shuffle(&c, data, size, how.lateness, order);
    (void)run(&c, order, &how, &other);
    expect_same(&sorted, &other);
    run_log_deinit(&sorted);
    run_log_deinit(&other);

    /* What is evicted at a limit must not depend on a hand-over. */
    how = (struct run_options){ .save_at = RUN_NEVER };
    how.limits = (struct correlate_limits){ 1 + data[0] % 4u, 1 + data[1] % 8u, 8,
        1000 + data[2] * 40u };
    (void)run(&c, NULL, &how, &sorted);
    how.save_at = data[size - 1] % (c.hit_count + 1);
    (void)run(&c, NULL, &how, &other);
    expect_same(&sorted, &other);
    run_log_deinit(&sorted);
    run_log_deinit(&other);
    correlate_case_deinit(&c);
    return 0;
}
