/* bench: correlate */
/* bench_correlate.c - nanoseconds per hit for each correlation type, by hits in the window.
 *
 *     bench_correlate [hits to measure, default 1000000]
 *     bench_correlate --figures
 *
 * One group; each window is filled before the clock starts, so that every measured hit enters a
 * full window and another one leaves it. Values are drawn at random from as many as the window
 * holds. The last line is the other direction: as many groups as the column says, few hits each.
 * With --figures it prints what `hinomi bench` reads: value_count alone, with a hundred and a
 * million distinct values in its window. */
#include "base/num.h"
#include "correlate/correlate.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SIZES 5
#define RULES 3

static const uint32_t sizes[SIZES] = { 100, 1000, 10000, 100000, 1000000 };
static struct hn_text value_name = HN_TEXT_INIT("value");
static struct hn_text key_name = HN_TEXT_INIT("key");

struct workload {
    const char *name;
    enum sigma_correlation_type type;
    uint32_t refs;
    bool negated; /* temporal: r0 and not r1 */
    bool text;    /* values are names, not numbers */
    bool groups;  /* as many groups as the size says, one hit each in the window */
    bool mixed;   /* hits of all refs in turn; otherwise of the first alone */
};

static const struct workload workloads[] = {
    { "event_count", SIGMA_EVENT_COUNT, 1, false, false, false, false },
    { "value_count", SIGMA_VALUE_COUNT, 1, false, true, false, false },
    { "temporal", SIGMA_TEMPORAL, 2, false, false, false, false },
    { "temporal with not", SIGMA_TEMPORAL, 2, true, false, false, false },
    { "temporal_ordered", SIGMA_TEMPORAL_ORDERED, 3, false, false, false, true },
    { "value_sum", SIGMA_VALUE_SUM, 1, false, false, false, false },
    { "value_avg", SIGMA_VALUE_AVG, 1, false, false, false, false },
    { "value_median", SIGMA_VALUE_MEDIAN, 1, false, false, false, false },
    { "value_percentile 99", SIGMA_VALUE_PERCENTILE, 1, false, false, false, false },
    { "absence", SIGMA_ABSENCE, 2, false, false, false, true },
    { "first_seen", SIGMA_FIRST_SEEN, 1, false, true, false, false },
    { "periodicity", SIGMA_PERIODICITY, 1, false, false, false, false },
    { "event_count, groups", SIGMA_EVENT_COUNT, 1, false, false, true, false },
};

static void must(enum hn_status status)
{
    if (status != HN_OK) {
        fprintf(stderr, "%s\n", hn_status_text(status));
        exit(1);
    }
}

/* Processor time: other programs on the machine do not count. */
static double now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static uint64_t next_random(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15u;
    return hn_mix64(*state);
}

/* A hit per nanosecond: the timespan is the size of the window. */
static void feed(struct correlate *c, const struct workload *load, uint32_t size, uint64_t i,
        uint64_t *random)
{
    static const char prefix[] = "host-"; /* a name of ordinary length */
    struct correlate_value values[2];
    char text[2][40];
    struct correlate_hit hit = { .order = i, .ref = i, .values = values };
    uint64_t number = next_random(random) % size;
    size_t len = 0;

    hit.rule = load->mixed ? (uint32_t)(i % load->refs) : 0;
    hit.time = (hn_time)i + (load->type == SIGMA_PERIODICITY ? (hn_time)(number % 2) : 0);
    if (load->groups) {
        len = hn_u64_write(i % size, text[0]);
        values[hit.value_count++] = (struct correlate_value){ 0, hn_text_of(text[0], len) };
    } else if (load->type != SIGMA_EVENT_COUNT) {
        len = 0;
        if (load->text) {
            memcpy(text[1], prefix, sizeof prefix - 1);
            len = sizeof prefix - 1;
        }
        len += hn_u64_write(number, text[1] + len);
        values[hit.value_count++] = (struct correlate_value){ 0, hn_text_of(text[1], len) };
    }
    must(correlate_feed(c, &hit));
}

static double measure(const struct workload *load, uint32_t size, uint64_t hits)
{
    struct sigma_ref refs[RULES] = { { .index = 0 }, { .index = 1 }, { .index = 2 } };
    struct sigma_ref_node leaves[2] = { { SIGMA_ITEM, NULL, 0, 0 }, { SIGMA_ITEM, NULL, 0, 1 } };
    struct sigma_ref_node *second[1] = { &leaves[1] };
    struct sigma_ref_node without = { SIGMA_NOT, second, 1, 0 };
    struct sigma_ref_node *both[2] = { &leaves[0], &without };
    struct sigma_ref_node condition = { SIGMA_AND, both, 2, 0 };
    struct sigma_rule rules[RULES] = { { .silent = true } };
    struct sigma_correlation model = { .type = load->type,
        .refs = refs,
        .ref_count = load->refs,
        .timespan = size,
        .percentile = 99,
        .jitter = 0.1,
        .learn = INT64_MAX,
        .condition = load->negated ? &condition : NULL };
    struct sigma_set set = {
        .rules = rules, .rule_count = RULES, .correlations = &model, .correlation_count = 1
    };
    struct correlate_limits limits = { 4000000, 4000000, 1, (size_t)2 << 30 };
    struct correlate_options options = { 0, NULL, NULL };
    struct correlate_plan *plan = NULL;
    struct correlate *c = NULL;
    uint64_t random = size;
    double start;
    double ns;

    model.group_by = (struct sigma_texts){ &key_name, load->groups ? 1 : 0 };
    model.fields = (struct sigma_texts){ &value_name, 1 };
    if (load->type != SIGMA_TEMPORAL && load->type != SIGMA_TEMPORAL_ORDERED) {
        /* Never true, and so high that the whole window has to be kept. */
        model.bounds[0] = (struct sigma_bound){ SIGMA_BOUND_GTE,
            load->type == SIGMA_PERIODICITY ? 60 : 1.9e6 };
        model.bound_count = 1;
        if (load->type == SIGMA_VALUE_SUM)
            model.bounds[0].value = 1e30;
    }
    must(correlate_plan_new(&set, &limits, &plan, NULL));
    if (correlate_plan_refusal(plan, 0) != NULL) {
        fprintf(stderr, "%s: %s\n", load->name, correlate_plan_refusal(plan, 0));
        exit(1);
    }
    must(correlate_new(plan, &options, &c, NULL));
    for (uint64_t i = 0; i < 2 * (uint64_t)size; i++)
        feed(c, load, size, i, &random);
    start = now_ns();
    for (uint64_t i = 0; i < hits; i++)
        feed(c, load, size, 2 * (uint64_t)size + i, &random);
    ns = (now_ns() - start) / (double)hits;
    must(correlate_flush(c));
    correlate_free(c);
    correlate_plan_free(plan);
    return ns;
}

static int figures(void)
{
    static const struct workload values = { "value_count", SIGMA_VALUE_COUNT, 1, false, true, false,
        false };

    printf("hundred_ns %.1f\nmillion_ns %.1f\n", measure(&values, 100, 4000000),
            measure(&values, 1000000, 4000000));
    return 0;
}

int main(int argc, char **argv)
{
    uint64_t hits = 1000000;

    if (argc > 1 && strcmp(argv[1], "--figures") == 0)
        return figures();

    if (argc > 1 && (!hn_parse_u64(hn_text_cstr(argv[1]), &hits) || hits == 0)) {
        fprintf(stderr, "usage: bench_correlate [hits|--figures]\n");
        return 3;
    }
    printf("%-22s", "ns per hit");
    for (size_t s = 0; s < SIZES; s++)
        printf("%10u", sizes[s]);
    printf("\n");
    for (size_t w = 0; w < HN_COUNT_OF(workloads); w++) {
        printf("%-22s", workloads[w].name);
        for (size_t s = 0; s < SIZES; s++) {
            printf("%10.0f", measure(&workloads[w], sizes[s], hits));
            (void)fflush(stdout);
        }
        printf("\n");
    }
    return 0;
}
