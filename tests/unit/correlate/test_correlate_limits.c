/* test_correlate_limits.c - bounded memory, counted evictions, times that are missing or wrong. */
#include "support/correlate_scene.h"

/* At groups_max the group longest without a hit goes, and is counted. */
static void groups_are_evicted_oldest_first(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    scene_bound(scene_add(&s, SIGMA_EVENT_COUNT, "r0", "Ip", 600), SIGMA_BOUND_GTE, 2);
    s.limits.groups_max = 3;
    scene_begin(&s);
    scene_hit(&s, 0, 1, "Ip=a");
    scene_hit(&s, 0, 2, "Ip=b");
    scene_hit(&s, 0, 3, "Ip=c");
    scene_hit(&s, 0, 4, "Ip=a"); /* fires, and is the latest now */
    assert_int_equal(scene_fired(&s), 1);
    scene_hit(&s, 0, 5, "Ip=d"); /* b goes */
    assert_int_equal(correlate_stats(s.correlate).groups_evicted, 1);
    assert_int_equal(correlate_stats(s.correlate).groups, 3);
    scene_hit(&s, 0, 6, "Ip=c");
    assert_int_equal(scene_fired(&s), 2);
    scene_hit(&s, 0, 7, "Ip=b"); /* its first hit is forgotten */
    assert_int_equal(scene_fired(&s), 2);
    scene_deinit(&s);
}

/* Verdicts on counts are exact though only some hits are kept; the value says that it is a lower
 * bound. */
static void counts_keep_no_more_than_they_need(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    scene_bound(scene_add(&s, SIGMA_EVENT_COUNT, "r0", "", 10000), SIGMA_BOUND_GTE, 3);
    scene_begin(&s);
    for (int i = 0; i < 20000; i++)
        scene_hit(&s, 0, i, "");
    assert_true(correlate_stats(s.correlate).bytes_peak < 200000);
    assert_int_equal(correlate_stats(s.correlate).items_evicted, 0);
    assert_int_equal(scene_fired(&s), 2); /* after 3 hits, and a timespan later */
    assert_true(scene_last(&s)->value == 1024);
    assert_int_equal(s.log.flags, CORRELATE_AT_LEAST);
    scene_end(&s);
    assert_int_equal(scene_last(&s)->total, 1024 + 20000 - 10004);
    scene_deinit(&s);
}

/* Where what is dropped matters, it is counted and the result says so. */
static void lossy_results_say_so(void **state)
{
    struct scene s;
    struct sigma_correlation *c;

    (void)state;
    scene_init(&s);
    c = scene_add(&s, SIGMA_VALUE_SUM, "r0", "", 10000);
    c->fields = scene_names(&s, "n");
    scene_bound(c, SIGMA_BOUND_GTE, 30);
    s.limits.items_max = 4;
    scene_begin(&s);
    for (int i = 0; i < 10; i++)
        scene_hit(&s, 0, i, "n=5");
    assert_int_equal(scene_fired(&s), 0); /* never more than 20 at once */
    assert_int_equal(correlate_stats(s.correlate).items_evicted, 6);
    scene_hit(&s, 0, 10, "n=15");
    assert_int_equal(scene_fired(&s), 1);
    assert_int_equal(s.log.flags, CORRELATE_LOSSY);
    scene_deinit(&s);
}

/* All state of all types stays under bytes_max, whatever comes. */
static void bytes_are_bounded(void **state)
{
    struct scene s;
    struct sigma_correlation *c;

    (void)state;
    scene_init(&s);
    c = scene_add(&s, SIGMA_VALUE_COUNT, "r0", "Ip", 100000);
    c->fields = scene_names(&s, "v");
    scene_bound(c, SIGMA_BOUND_GTE, 900);
    c = scene_add(&s, SIGMA_VALUE_MEDIAN, "r0", "Ip", 100000);
    c->fields = scene_names(&s, "n");
    scene_bound(c, SIGMA_BOUND_GTE, 1e9);
    c = scene_add(&s, SIGMA_FIRST_SEEN, "r0", "", 0);
    c->fields = scene_names(&s, "v");
    c->learn = INT64_MAX;
    scene_add(&s, SIGMA_ABSENCE, "r0 r1", "v", 50000);
    s.limits.bytes_max = 100000;
    s.options.lateness = 60 * HN_SECOND;
    scene_begin(&s);
    for (int i = 0; i < 20000; i++) {
        char fields[100];

        (void)snprintf(fields, sizeof fields, "Ip=%d v=%d n=%d", i % 7, i, i * 31 % 1000);
        scene_hit(&s, 0, i, fields);
        assert_true(correlate_stats(s.correlate).bytes <= 100000);
    }
    scene_end(&s);
    assert_true(correlate_stats(s.correlate).groups_evicted > 100);
    assert_int_equal(correlate_stats(s.correlate).bytes, 0);
    scene_deinit(&s);
}

/* Groups that have been silent for a timespan cost nothing any more, without any limit. */
static void idle_groups_go(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    scene_bound(scene_add(&s, SIGMA_EVENT_COUNT, "r0", "Ip", 60), SIGMA_BOUND_GTE, 100);
    scene_bound(scene_add(&s, SIGMA_EVENT_COUNT, "r1", "Ip", 60), SIGMA_BOUND_GTE, 100);
    scene_begin(&s);
    for (int i = 0; i < 10000; i++) {
        char fields[40];

        (void)snprintf(fields, sizeof fields, "Ip=%d", i);
        scene_hit(&s, i < 5000 ? 0 : 1, i, fields);
        assert_true(correlate_stats(s.correlate).groups <= 130);
    }
    scene_hit(&s, 1, 20000, "Ip=x");
    for (int i = 0; i < 10; i++)
        scene_hit(&s, 1, 20001, "Ip=x");
    assert_int_equal(correlate_stats(s.correlate).groups, 1);
    assert_int_equal(correlate_stats(s.correlate).groups_evicted, 0);
    scene_deinit(&s);
}

/* A late hit counts as of now where its window is still open, and is left out where it is not. */
static void late_hits_are_counted(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    scene_bound(scene_add(&s, SIGMA_EVENT_COUNT, "r0", "", 60), SIGMA_BOUND_GTE, 3);
    scene_begin(&s);
    scene_hit(&s, 0, 1000, "");
    scene_hit(&s, 0, 939, "");
    scene_hit(&s, 0, 940, "");
    assert_int_equal(correlate_stats(s.correlate).late, 2);
    assert_int_equal(correlate_stats(s.correlate).too_late, 1);
    assert_int_equal(scene_fired(&s), 0);
    scene_hit(&s, 0, 1060, "");
    assert_int_equal(scene_fired(&s), 1);
    scene_deinit(&s);
}

/* One stamp from the far future makes no honest hit late and judges no open window. */
static void far_future_moves_nothing(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    scene_bound(scene_add(&s, SIGMA_EVENT_COUNT, "r0", "", 60), SIGMA_BOUND_GTE, 40);
    scene_add(&s, SIGMA_ABSENCE, "r1 r2", "", 60);
    s.options.lateness = 5 * HN_SECOND;
    scene_begin(&s);
    scene_hit(&s, 1, 99, "");
    for (int i = 0; i < 40; i++) {
        scene_hit(&s, 0, 100 + i / 4.0, "");
        if (i % 3 == 0)
            scene_hit(&s, 0, 7e9 + i, ""); /* the year 2191 */
    }
    scene_hit(&s, 2, 120, "");
    for (int i = 0; i < 20; i++)
        scene_hit(&s, 3, 130, "");
    assert_int_equal(correlate_advance(s.correlate, 130 * HN_SECOND), HN_OK);
    assert_int_equal(scene_fired(&s), 1);
    assert_int_equal(scene_last(&s)->correlation, 0);
    assert_int_equal(correlate_stats(s.correlate).late, 0);
    assert_int_equal(correlate_stats(s.correlate).pending, 14);
    scene_deinit(&s);
}

/* With a horizon, such stamps are not believed at all: the hit counts as of the last good time. */
static void past_the_horizon_is_not_believed(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    scene_bound(scene_add(&s, SIGMA_EVENT_COUNT, "r0", "", 60), SIGMA_BOUND_GTE, 3);
    scene_begin(&s);
    correlate_set_horizon(s.correlate, 1000 * HN_SECOND);
    scene_hit(&s, 0, 100, "");
    scene_hit(&s, 0, 7e9, "");
    scene_hit(&s, 0, 101, "");
    assert_int_equal(scene_fired(&s), 1);
    assert_true(scene_last(&s)->start == 100 * HN_SECOND);
    assert_int_equal(correlate_stats(s.correlate).ahead, 1);
    assert_int_equal(correlate_stats(s.correlate).late, 0);
    scene_deinit(&s);
}

/* Hits without a time come when the last one with a time came. */
static void timeless_hits_take_the_last_time(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    scene_bound(scene_add(&s, SIGMA_EVENT_COUNT, "r0", "", 60), SIGMA_BOUND_GTE, 3);
    scene_begin(&s);
    scene_hit(&s, 0, 500, "");
    assert_int_equal(scene_feed(&s, 0, HN_TIME_NONE, ""), HN_OK);
    assert_int_equal(scene_feed(&s, 0, HN_TIME_NONE, ""), HN_OK);
    assert_int_equal(scene_fired(&s), 1);
    assert_true(scene_last(&s)->time == 500 * HN_SECOND);
    assert_int_equal(correlate_stats(s.correlate).timeless, 2);
    scene_deinit(&s);
}

/* Too many waiting: the earliest goes early; where all are ahead of the bulk, the new one is
 * dropped instead, so that honest hits stay in time. */
static void waiting_is_bounded(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    scene_bound(scene_add(&s, SIGMA_EVENT_COUNT, "r0", "", 60), SIGMA_BOUND_GTE, 1000);
    s.options.lateness = 100 * HN_SECOND;
    s.limits.pending_max = 50;
    scene_begin(&s);
    for (int i = 0; i < 100; i++)
        scene_hit(&s, 0, 1000 + i / 10.0, "");
    assert_int_equal(correlate_stats(s.correlate).pending, 50);
    assert_int_equal(correlate_stats(s.correlate).forced, 50);
    assert_int_equal(correlate_advance(s.correlate, 1100 * HN_SECOND), HN_OK);
    for (int i = 0; i < 200; i++) {
        scene_hit(&s, 0, 1100 + i / 10.0, "");
        scene_hit(&s, 0, 1100 + i / 10.0, "");
        scene_hit(&s, 0, 7e9, "");
    }
    assert_true(correlate_stats(s.correlate).pending <= 50);
    assert_true(correlate_stats(s.correlate).ahead_dropped > 0);
    assert_int_equal(correlate_stats(s.correlate).late, 0);
    scene_deinit(&s);
}

/* Times at both ends of what 64 bits hold, and timespans that reach past them. */
static void extreme_times_do_not_overflow(void **state)
{
    static const hn_time times[] = { INT64_MIN + 1, INT64_MIN + 2, -1, 0, 1, INT64_MAX - 1,
        INT64_MAX };
    static const enum sigma_correlation_type types[] = { SIGMA_EVENT_COUNT, SIGMA_VALUE_AVG,
        SIGMA_ABSENCE, SIGMA_PERIODICITY, SIGMA_FIRST_SEEN, SIGMA_TEMPORAL_ORDERED };

    (void)state;
    for (size_t t = 0; t < HN_COUNT_OF(types); t++) {
        struct scene s;
        struct sigma_correlation *c;

        scene_init(&s);
        c = scene_add(&s, types[t], "r0 r1", "", 1);
        c->timespan = t % 2 == 0 ? INT64_MAX : INT64_MAX / 2;
        c->fields = scene_names(&s, "v");
        c->learn = INT64_MAX;
        scene_bound(c, SIGMA_BOUND_GTE, 1);
        scene_begin(&s);
        for (size_t i = 0; i < HN_COUNT_OF(times) * 2; i++)
            assert_int_equal(scene_feed(&s, (uint32_t)i % 2, times[i / 2], "v=1"), HN_OK);
        assert_int_equal(correlate_advance(s.correlate, CORRELATE_END_OF_TIME), HN_OK);
        scene_end(&s);
        assert_int_equal(correlate_stats(s.correlate).late, 0);
        scene_deinit(&s);
    }
}

/* Long texts, many values and many combinations are cut where the limits are, and counted. */
static void lists_and_texts_are_bounded(void **state)
{
    static char long_text[CORRELATE_TEXT_MAX * 2];
    struct correlate_hit_box box = { .hit = { .rule = 0 } };
    struct scene s;

    (void)state;
    memset(long_text, 'x', sizeof long_text);
    scene_init(&s);
    scene_bound(scene_add(&s, SIGMA_EVENT_COUNT, "r0", "a b", 60), SIGMA_BOUND_GTE, 1);
    scene_begin(&s);
    box.hit.values = box.values;
    box.hit.value_count = CORRELATE_VALUES_MAX;
    for (uint32_t i = 0; i < CORRELATE_VALUES_MAX; i++) {
        box.values[i].field = i / (CORRELATE_VALUES_MAX / 2);
        box.values[i].text = hn_text_of(long_text, CORRELATE_TEXT_MAX + i);
    }
    assert_int_equal(correlate_feed(s.correlate, &box.hit), HN_OK);
    assert_int_equal(scene_fired(&s), 1); /* cut, they are all the same */
    for (uint32_t i = 0; i < CORRELATE_VALUES_MAX; i++)
        box.values[i].text = hn_text_of(long_text, i % 32 + 1);
    assert_int_equal(correlate_feed(s.correlate, &box.hit), HN_OK);
    assert_int_equal(scene_fired(&s), 1 + CORRELATE_COMBINATIONS_MAX);
    assert_int_equal(correlate_stats(s.correlate).combinations, 1);
    scene_deinit(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_evicted_oldest_first),
        cmocka_unit_test(counts_keep_no_more_than_they_need),
        cmocka_unit_test(lossy_results_say_so),
        cmocka_unit_test(bytes_are_bounded),
        cmocka_unit_test(idle_groups_go),
        cmocka_unit_test(late_hits_are_counted),
        cmocka_unit_test(far_future_moves_nothing),
        cmocka_unit_test(past_the_horizon_is_not_believed),
        cmocka_unit_test(timeless_hits_take_the_last_time),
        cmocka_unit_test(waiting_is_bounded),
        cmocka_unit_test(extreme_times_do_not_overflow),
        cmocka_unit_test(lists_and_texts_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
