/* Proves that every alert is counted in a span that holds its time, however many and far apart they
 * are, in bounded room; and that a flood of low alerts leaves samples of high ones their room. */
#include "alert/alert.h"

#include "support/check.h"

static struct sigma_meta meta = { .id = HN_TEXT_INIT("r"), .title = HN_TEXT_INIT("r") };

static void add_at(struct alert_groups *groups, hn_time time, enum sigma_level level)
{
    struct alert_brief brief = { .meta = &meta, .level = level, .time = time, .title = meta.title };

    assert_int_equal(alert_groups_add(groups, &brief), HN_OK);
}

static void counts_every_time(void **state)
{
    struct check_random random = { 11 };
    struct alert_groups *groups = alert_groups_new(NULL);
    const struct alert_span *spans;
    uint64_t counted[SIGMA_LEVEL_CRITICAL + 1] = { 0 };
    hn_time width;
    uint32_t count;

    (void)state;
    for (uint32_t i = 0; i < 50000; i++)
        add_at(groups, (hn_time)(check_random_next(&random) >> 1) - ((hn_time)1 << 62),
                (enum sigma_level)(i % 5 + 1));
    add_at(groups, INT64_MAX, SIGMA_LEVEL_LOW);
    add_at(groups, INT64_MIN + 1, SIGMA_LEVEL_LOW);
    add_at(groups, HN_TIME_NONE, SIGMA_LEVEL_LOW);
    spans = alert_groups_spans(groups, &count, &width);
    assert_non_null(spans);
    assert_in_range(count, 2, ALERT_SPANS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            assert_true(spans[i].start > spans[i - 1].start);
        for (size_t k = 0; k < HN_COUNT_OF(counted); k++)
            counted[k] += spans[i].counts[k];
    }
    assert_int_equal(counted[SIGMA_LEVEL_LOW], 10002);
    assert_int_equal(counted[SIGMA_LEVEL_CRITICAL], 10000);
    assert_int_equal(alert_groups_timeless(groups), 1);
    alert_groups_free(groups);
}

/* A second is kept apart as long as there is room, and a lone old stamp does not change that. */
static void keeps_seconds_apart(void **state)
{
    struct alert_groups *groups = alert_groups_new(NULL);
    const struct alert_span *spans;
    hn_time width;
    uint32_t count;

    (void)state;
    add_at(groups, -100 * 365 * HN_DAY - 1, SIGMA_LEVEL_LOW);
    for (hn_time i = 0; i < 1000; i++)
        add_at(groups, i * HN_SECOND + 5, SIGMA_LEVEL_HIGH);
    spans = alert_groups_spans(groups, &count, &width);
    assert_int_equal(count, 1001);
    assert_int_equal(width, HN_SECOND);
    assert_true(spans[0].start <= -100 * 365 * HN_DAY - 1 &&
                spans[0].start > -100 * 365 * HN_DAY - 1 - HN_SECOND);
    assert_int_equal(spans[1].start, 0);
    alert_groups_free(groups);
}

static void low_floods_leave_room(void **state)
{
    const struct alert_groups_limits limits = {
        .groups_max = 100, .samples_max = 50, .samples_bytes_max = 100
    };
    struct alert_groups *groups = alert_groups_new(&limits);
    const struct alert_group *const *sorted;
    uint32_t with_json[2] = { 0 };
    uint32_t count;

    (void)state;
    for (uint64_t i = 0; i < 40; i++) {
        struct alert_brief brief = { .meta = &meta,
            .level = i < 30 ? SIGMA_LEVEL_LOW : SIGMA_LEVEL_HIGH,
            .time = 0,
            .title = meta.title,
            .host = i < 30 ? HN_TEXT("low") : HN_TEXT("high"),
            .fold_key = { i, i },
            .json = HN_TEXT("0123456789") };

        assert_int_equal(alert_groups_add(groups, &brief), HN_OK);
    }
    sorted = alert_groups_sorted(groups, &count);
    assert_int_equal(count, 2);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < sorted[i]->sample_count; k++)
            with_json[i] += sorted[i]->samples[k].json.len > 0;
    }
    assert_int_equal(with_json[0], 5); /* high: all that was left */
    assert_int_equal(with_json[1], 5); /* low: half */
    alert_groups_free(groups);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_every_time),
        cmocka_unit_test(keeps_seconds_apart),
        cmocka_unit_test(low_floods_leave_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
