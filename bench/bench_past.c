/* bench: engine */
/* bench_past.c - what the past lane costs the engine: hits kept, fed, begun anew, saved.
 *
 *     bench_past [hits to keep, default 262144]
 *
 * Hits of one rule that three correlations listen to, over a hundred hosts and ten thousand names.
 * The engine stands still while hits are fed; that is the figure that matters. */
#include "base/num.h"
#include "engine/engine_past.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define TYPES 3

static struct hn_text host_name = HN_TEXT_INIT("host");
static struct hn_text user_name = HN_TEXT_INIT("user");

static void must(enum hn_status status)
{
    if (status != HN_OK) {
        fprintf(stderr, "%s\n", hn_status_text(status));
        exit(1);
    }
}

/* Processor time: other programs on the machine do not count. */
static double now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void on_result(void *ctx, const struct correlate_result *result)
{
    struct past *past = ctx;

    if (result->event == CORRELATE_FIRED && !engine_past_is_told(past, result->id) &&
            !engine_past_tell(past, result->id, result->order))
        exit(1);
}

static void add(struct past *past, hn_time time, uint64_t order)
{
    static uint64_t state;
    char texts[2][32] = { "host-", "user-" };
    struct correlate_value values[2];
    struct correlate_hit hit = { .time = time, .order = order, .values = values, .value_count = 2 };
    uint64_t random = hn_mix64(state += 0x9E3779B97F4A7C15u);

    values[0] = (struct correlate_value){ 0,
        hn_text_of(texts[0], 5 + hn_u64_write(random % 100, texts[0] + 5)) };
    values[1] = (struct correlate_value){ 1,
        hn_text_of(texts[1], 5 + hn_u64_write(random / 100 % 10000, texts[1] + 5)) };
    must(engine_past_add(past, &hit, HN_DAY));
}

static void measure(const struct correlate_plan *plan, size_t count)
{
    struct past past = {
        .options = { .hits_max = count + 2, .bytes_max = (size_t)1 << 30 },
        .on_result = on_result,
        .ctx = &past,
    };
    struct hn_buf saved = { 0 };
    double start = now_ms();

    past.options = engine_past_options_resolve(&past.options, 0);
    must(engine_past_begin(&past, plan, NULL));
    for (size_t i = 0; i < count; i++)
        add(&past, (hn_time)(i * 7919 % count) * HN_MILLISECOND, i);
    printf("%-28s %9.1f ms  %zu hits, %.1f MiB\n", "kept", now_ms() - start, past.hits.count,
            (double)engine_past_totals(&past).bytes / (1 << 20));
    start = now_ms();
    must(engine_past_time(&past, HN_DAY + HN_MINUTE));
    printf("%-28s %9.1f ms  %zu alerts\n", "sorted and fed", now_ms() - start, past.told.count);
    add(&past, -HN_MILLISECOND, count);
    start = now_ms();
    must(engine_past_time(&past, HN_DAY + HN_MINUTE));
    printf("%-28s %9.1f ms  %zu alerts\n", "begun anew and fed", now_ms() - start, past.told.count);
    start = now_ms();
    must(engine_past_save(&past, &saved));
    printf("%-28s %9.1f ms  %.1f MiB\n", "saved", now_ms() - start, (double)saved.len / (1 << 20));
    hn_buf_deinit(&saved);
    engine_past_end(&past);
}

int main(int argc, char **argv)
{
    size_t count = argc > 1 ? (size_t)strtoull(argv[1], NULL, 10) : (size_t)1 << 18;
    struct sigma_ref ref = { .index = 0 };
    struct sigma_rule rule = { .silent = true };
    struct sigma_correlation models[TYPES] = { { .type = SIGMA_EVENT_COUNT },
        { .type = SIGMA_VALUE_COUNT }, { .type = SIGMA_FIRST_SEEN } };
    struct sigma_set set = {
        .rules = &rule, .rule_count = 1, .correlations = models, .correlation_count = TYPES
    };
    struct correlate_plan *plan = NULL;

    for (unsigned i = 0; i < TYPES; i++) {
        models[i].refs = &ref;
        models[i].ref_count = 1;
        models[i].timespan = 10 * HN_SECOND;
        models[i].group_by = (struct sigma_texts){ &host_name, 1 };
        if (models[i].type != SIGMA_EVENT_COUNT)
            models[i].fields = (struct sigma_texts){ &user_name, 1 };
        if (models[i].type != SIGMA_FIRST_SEEN) {
            models[i].bounds[0] = (struct sigma_bound){ SIGMA_BOUND_GTE, 80 };
            models[i].bound_count = 1;
        }
    }
    must(correlate_plan_new(&set, NULL, &plan, NULL));
    measure(plan, count);
    correlate_plan_free(plan);
    return 0;
}
