/* test_correlate_types.c - the examples of docs/correlation.md, type by type. */
#include "support/correlate_scene.h"

/* Ten failed logons in ten minutes fire at the tenth, whatever the clock's boundaries. */
static void event_count_fires_at_the_hit_that_makes_it_true(void **state)
{
    struct scene s;
    struct sigma_correlation *c;

    (void)state;
    scene_init(&s);
    c = scene_add(&s, SIGMA_EVENT_COUNT, "r0", "User", 600);
    scene_bound(c, SIGMA_BOUND_GTE, 3);
    scene_begin(&s);
    scene_hit(&s, 0, 3590, "User=ann");
    scene_hit(&s, 0, 3595, "User=bob");
    scene_hit(&s, 0, 3600, "User=Ann"); /* the same in another spelling */
    assert_int_equal(scene_fired(&s), 0);
    scene_hit(&s, 0, 4190, "User=ann"); /* exactly a timespan after the first */
    assert_int_equal(scene_fired(&s), 1);
    assert_string_equal(scene_last(&s)->key, "ann|");
    assert_int_equal(scene_last(&s)->total, 3);
    assert_true(scene_last(&s)->start == 3590 * HN_SECOND);
    scene_deinit(&s);
}

/* A flood is one result per timespan, and its size is told at the end under the same id. */
static void a_flood_is_one_result_per_timespan(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    scene_bound(scene_add(&s, SIGMA_EVENT_COUNT, "r0", "User", 600), SIGMA_BOUND_GTE, 10);
    scene_begin(&s);
    for (int i = 0; i < 1000; i++)
        scene_hit(&s, 0, i, "User=ann");
    scene_end(&s);
    /* At 9 s, and at the first hit past 609 s. */
    assert_int_equal(scene_fired(&s), 2);
    assert_int_equal(scene_count(&s, true), 2);
    assert_true(s.log.results.ptr[0].time == 9 * HN_SECOND);
    assert_int_equal(s.log.results.ptr[1].total, 610);
    assert_true(s.log.results.ptr[2].time == 610 * HN_SECOND);
    assert_int_equal(s.log.results.ptr[2].total, 601);
    scene_deinit(&s);
}

/* Fewer than five within an hour of the first is known when the hour is over, not before. */
static void upper_bounds_are_judged_at_the_end_of_the_window(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    scene_bound(scene_add(&s, SIGMA_EVENT_COUNT, "r0", "Host", 3600), SIGMA_BOUND_LT, 5);
    scene_begin(&s);
    for (int i = 0; i < 100; i++)
        scene_hit(&s, 0, i, "Host=busy");
    scene_hit(&s, 0, 10, "Host=quiet");
    scene_hit(&s, 0, 3609, "Host=quiet");
    assert_int_equal(scene_fired(&s), 0);
    scene_hit(&s, 0, 20000, "Host=other"); /* time goes on */
    assert_int_equal(scene_fired(&s), 1);
    assert_string_equal(scene_last(&s)->key, "quiet|");
    assert_int_equal(scene_last(&s)->total, 2);
    scene_end(&s); /* other's hour is not over: nothing is claimed */
    assert_int_equal(scene_fired(&s), 1);
    assert_int_equal(correlate_stats(s.correlate).undecided, 1);
    scene_deinit(&s);
}

/* Between 101 and 200 is no matter of passing through. */
static void ranges_are_of_whole_windows(void **state)
{
    struct scene s;
    struct sigma_correlation *c;

    (void)state;
    scene_init(&s);
    c = scene_add(&s, SIGMA_EVENT_COUNT, "r0", "Host", 60);
    scene_bound(c, SIGMA_BOUND_GT, 3);
    scene_bound(c, SIGMA_BOUND_LTE, 6);
    scene_begin(&s);
    for (int i = 0; i < 10; i++)
        scene_hit(&s, 0, i, "Host=many");
    for (int i = 0; i < 5; i++)
        scene_hit(&s, 0, 10 + i, "Host=some");
    assert_int_equal(correlate_advance(s.correlate, CORRELATE_END_OF_TIME), HN_OK);
    assert_int_equal(scene_fired(&s), 1);
    assert_string_equal(scene_last(&s)->key, "some|");
    scene_deinit(&s);
}

/* The same value again is no new one; pairs are counted as pairs. */
static void value_count_counts_distinct_values(void **state)
{
    struct scene s;
    struct sigma_correlation *c;

    (void)state;
    scene_init(&s);
    c = scene_add(&s, SIGMA_VALUE_COUNT, "r0", "Src", 60);
    c->fields = scene_names(&s, "User Host");
    scene_bound(c, SIGMA_BOUND_GTE, 3);
    scene_begin(&s);
    scene_hit(&s, 0, 1, "Src=x User=a Host=1");
    scene_hit(&s, 0, 2, "Src=x User=A Host=1");
    scene_hit(&s, 0, 3, "Src=x User=a Host=2");
    scene_hit(&s, 0, 4, "Src=x User=a");
    assert_int_equal(scene_fired(&s), 0);
    scene_hit(&s, 0, 5, "Src=x User=b Host=1");
    assert_int_equal(scene_fired(&s), 1);
    assert_int_equal(correlate_stats(s.correlate).no_value, 1);
    scene_deinit(&s);
}

/* The sum is over the window alone, and exact: what has left has left without a trace. */
static void value_sum_slides(void **state)
{
    struct scene s;
    struct sigma_correlation *c;

    (void)state;
    scene_init(&s);
    c = scene_add(&s, SIGMA_VALUE_SUM, "r0", "", 60);
    c->fields = scene_names(&s, "bytes");
    scene_bound(c, SIGMA_BOUND_GT, 1000);
    scene_begin(&s);
    scene_hit(&s, 0, 0, "bytes=1e300");
    assert_int_equal(scene_fired(&s), 1);
    scene_hit(&s, 0, 100, "bytes=0.1");
    scene_hit(&s, 0, 101, "bytes=n/a");
    scene_hit(&s, 0, 120, "bytes=999.9");
    assert_int_equal(scene_fired(&s), 1);
    scene_hit(&s, 0, 121, "bytes=0x1");
    assert_int_equal(scene_fired(&s), 2);
    assert_true(scene_last(&s)->value == 1001);
    assert_int_equal(correlate_stats(s.correlate).not_numeric, 1);
    scene_deinit(&s);
}

/* One large value at the start is no average; after a whole timespan it is judged at each hit. */
static void averages_wait_for_a_whole_window(void **state)
{
    struct scene s;
    struct sigma_correlation *c;

    (void)state;
    scene_init(&s);
    c = scene_add(&s, SIGMA_VALUE_AVG, "r0", "Src", 60);
    c->fields = scene_names(&s, "bytes");
    scene_bound(c, SIGMA_BOUND_GT, 500);
    scene_begin(&s);
    scene_hit(&s, 0, 0, "Src=x bytes=900");
    scene_hit(&s, 0, 10, "Src=x bytes=100");
    scene_hit(&s, 0, 50, "Src=x bytes=100");
    scene_hit(&s, 0, 69, "Src=x bytes=701");
    assert_int_equal(scene_fired(&s), 0);
    scene_hit(&s, 0, 80, "Src=x bytes=701"); /* 100, 701, 701 */
    assert_int_equal(scene_fired(&s), 1);
    assert_int_equal(scene_last(&s)->total, 3);
    scene_hit(&s, 0, 80, "Src=y bytes=501");
    scene_end(&s); /* what there is of y's window is told, as cut short */
    assert_int_equal(scene_fired(&s), 2);
    assert_true(scene_last(&s)->cut_short);
    scene_deinit(&s);
}

/* The median of an even number lies between; the percentile likewise. */
static void percentiles_interpolate(void **state)
{
    struct scene s;
    struct sigma_correlation *c;

    (void)state;
    scene_init(&s);
    c = scene_add(&s, SIGMA_VALUE_MEDIAN, "r0", "", 60);
    c->fields = scene_names(&s, "ms");
    scene_bound(c, SIGMA_BOUND_EQ, 25);
    c = scene_add(&s, SIGMA_VALUE_PERCENTILE, "r0", "", 60);
    c->fields = scene_names(&s, "ms");
    c->percentile = 90;
    scene_bound(c, SIGMA_BOUND_EQ, 37);
    scene_begin(&s);
    scene_hit(&s, 0, 1, "ms=40");
    scene_hit(&s, 0, 2, "ms=20");
    scene_hit(&s, 0, 3, "ms=10");
    scene_hit(&s, 0, 4, "ms=30");
    scene_end(&s);
    assert_int_equal(scene_fired(&s), 2);
    scene_deinit(&s);
}

/* All rules in any order, through aliases; a rule listed twice must hit twice. */
static void temporal_needs_all_rules(void **state)
{
    struct scene s;
    struct sigma_correlation *c;
    struct hn_text names[3] = { HN_TEXT("dst_ip"), HN_TEXT("src_ip"), HN_TEXT("dst_ip") };
    struct sigma_alias alias = { HN_TEXT("ip"), names };

    (void)state;
    scene_init(&s);
    c = scene_add(&s, SIGMA_TEMPORAL, "r0 r1 r0", "ip", 60);
    c->aliases = &alias;
    c->alias_count = 1;
    scene_begin(&s);
    scene_hit(&s, 1, 0, "src_ip=192.0.2.1 dst_ip=192.0.2.9");
    scene_hit(&s, 0, 1, "dst_ip=192.0.2.1 src_ip=192.0.2.9");
    scene_hit(&s, 1, 2, "src_ip=192.0.2.1");
    assert_int_equal(scene_fired(&s), 0);
    scene_hit(&s, 0, 3, "dst_ip=192.0.2.1");
    assert_int_equal(scene_fired(&s), 1);
    assert_int_equal(scene_last(&s)->total, 3);
    scene_deinit(&s);
}

/* In the listed order only; of equal times either order will do. */
static void temporal_ordered_needs_the_order(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    scene_add(&s, SIGMA_TEMPORAL_ORDERED, "r0 r1 r2", "User", 60);
    scene_begin(&s);
    scene_hit(&s, 2, 0, "User=a");
    scene_hit(&s, 1, 1, "User=a");
    scene_hit(&s, 0, 2, "User=a");
    assert_int_equal(scene_fired(&s), 0);
    scene_hit(&s, 2, 10, "User=a");
    scene_hit(&s, 1, 10, "User=a"); /* stamps of whole seconds */
    assert_int_equal(scene_fired(&s), 1);
    assert_true(scene_last(&s)->start == 2 * HN_SECOND);
    scene_hit(&s, 0, 100, "User=b");
    scene_hit(&s, 1, 130, "User=b");
    scene_hit(&s, 2, 161, "User=b"); /* too long after the first */
    assert_int_equal(scene_fired(&s), 1);
    scene_deinit(&s);
}

/* A rule that comes twice in the order needs two hits, on both sides of what is between. */
static void temporal_ordered_takes_repeated_rules(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    scene_add(&s, SIGMA_TEMPORAL_ORDERED, "r0 r1 r0", "", 60);
    scene_begin(&s);
    scene_hit(&s, 0, 0, "");
    scene_hit(&s, 0, 1, "");
    scene_hit(&s, 1, 2, "");
    assert_int_equal(scene_fired(&s), 0);
    scene_hit(&s, 0, 2, "");
    assert_int_equal(scene_fired(&s), 1);
    assert_true(scene_last(&s)->start == HN_SECOND); /* the chain that began latest */
    scene_deinit(&s);
}

/* a and b, and c not within a timespan of the first of them; an earlier c says nothing. */
static void not_is_about_what_follows(void **state)
{
    struct sigma_ref_node leaves[3] = { { SIGMA_ITEM, NULL, 0, 0 }, { SIGMA_ITEM, NULL, 0, 1 },
        { SIGMA_ITEM, NULL, 0, 2 } };
    struct sigma_ref_node *negated[1] = { &leaves[2] };
    struct sigma_ref_node without = { SIGMA_NOT, negated, 1, 0 };
    struct sigma_ref_node *all[3] = { &leaves[0], &leaves[1], &without };
    struct sigma_ref_node condition = { SIGMA_AND, all, 3, 0 };
    struct scene s;

    (void)state;
    scene_init(&s);
    scene_add(&s, SIGMA_TEMPORAL, "r0 r1 r2", "User", 60)->condition = &condition;
    scene_begin(&s);
    scene_hit(&s, 2, 0, "User=early");
    scene_hit(&s, 0, 1, "User=early");
    scene_hit(&s, 1, 2, "User=early");
    scene_hit(&s, 0, 1, "User=met");
    scene_hit(&s, 1, 2, "User=met");
    scene_hit(&s, 2, 61, "User=met");
    assert_int_equal(scene_fired(&s), 0);
    scene_hit(&s, 0, 62, "User=other");
    assert_int_equal(scene_fired(&s), 1);
    assert_string_equal(scene_last(&s)->key, "early|");
    assert_true(scene_last(&s)->time == 61 * HN_SECOND);
    scene_deinit(&s);
}

/* A and no B within the timespan fires when it is over; B in time, or with A, ends the wait. */
static void absence_fires_when_the_wait_is_over(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    scene_add(&s, SIGMA_ABSENCE, "r0 r1", "Job", 60);
    scene_begin(&s);
    scene_hit(&s, 1, 0, "Job=a"); /* B before A does not count */
    scene_hit(&s, 0, 1, "Job=a");
    scene_hit(&s, 0, 1, "Job=b");
    scene_hit(&s, 1, 61, "Job=b"); /* exactly in time */
    assert_int_equal(scene_fired(&s), 0);
    scene_hit(&s, 0, 100, "Job=c");
    assert_int_equal(scene_fired(&s), 1);
    assert_string_equal(scene_last(&s)->key, "a|");
    assert_true(scene_last(&s)->time == 61 * HN_SECOND);
    scene_end(&s); /* whether c is followed, nobody knows */
    assert_int_equal(scene_fired(&s), 1);
    assert_int_equal(correlate_stats(s.correlate).undecided, 1);
    scene_deinit(&s);
}

/* New for its group after the learning period; forgotten when not seen for a timespan. */
static void first_seen_learns_and_forgets(void **state)
{
    struct scene s;
    struct sigma_correlation *c;

    (void)state;
    scene_init(&s);
    c = scene_add(&s, SIGMA_FIRST_SEEN, "r0", "User", 1000);
    c->fields = scene_names(&s, "Country");
    c->learn = 100 * HN_SECOND;
    scene_begin(&s);
    scene_hit(&s, 0, 0, "User=a Country=JP");
    scene_hit(&s, 0, 50, "User=a Country=DE");
    scene_hit(&s, 0, 200, "User=a Country=jp");
    assert_int_equal(scene_fired(&s), 0);
    scene_hit(&s, 0, 201, "User=a Country=BR");
    assert_int_equal(scene_fired(&s), 1);
    assert_string_equal(scene_last(&s)->news, "BR|");
    scene_hit(&s, 0, 300, "User=b Country=BR"); /* b is still being learnt */
    scene_hit(&s, 0, 1100, "User=a Country=JP");
    assert_int_equal(scene_fired(&s), 1);
    scene_hit(&s, 0, 1102, "User=a Country=DE"); /* not seen for more than 1000 s */
    assert_int_equal(scene_fired(&s), 2);
    scene_deinit(&s);
}

/* A beacon of a minute with jitter, a missing and an extra beat is found; random hits are not. */
static void periodicity_finds_beacons(void **state)
{
    static const double beats[] = { 0, 60.5, 119, 181, 240, 299.5, 420, 481, 540, 560, 601, 659,
        720 };
    static const double noise[] = { 3, 10, 95, 97, 150, 171, 312, 333, 470, 471, 590, 702, 710 };
    struct scene s;
    struct sigma_correlation *c;

    (void)state;
    scene_init(&s);
    c = scene_add(&s, SIGMA_PERIODICITY, "r0", "Host", 3600);
    scene_bound(c, SIGMA_BOUND_GTE, 9);
    c->jitter = 0.1;
    scene_begin(&s);
    for (size_t i = 0; i < HN_COUNT_OF(noise); i++) {
        scene_hit(&s, 0, noise[i] < beats[i] ? noise[i] : beats[i],
                noise[i] < beats[i] ? "Host=noise" : "Host=beacon");
        scene_hit(&s, 0, noise[i] < beats[i] ? beats[i] : noise[i],
                noise[i] < beats[i] ? "Host=beacon" : "Host=noise");
    }
    scene_end(&s);
    assert_true(scene_fired(&s) >= 1);
    for (size_t i = 0; i < s.log.results.count; i++)
        assert_string_equal(s.log.results.ptr[i].key, "beacon|");
    scene_deinit(&s);
}

/* The specification's example: many failures, then success; the later rule groups by a field that
 * the earlier correlation does not, and gets it from the hit that completed it. */
static void correlations_feed_each_other(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    scene_bound(scene_add(&s, SIGMA_EVENT_COUNT, "r0", "Host", 600), SIGMA_BOUND_GTE, 3);
    scene_add(&s, SIGMA_TEMPORAL_ORDERED, "c0 r1", "User", 600);
    scene_begin(&s);
    scene_hit(&s, 1, 0, "Host=h User=ann");
    scene_hit(&s, 0, 1, "Host=h User=ann");
    scene_hit(&s, 0, 2, "Host=h User=ann");
    scene_hit(&s, 0, 3, "Host=h User=ann");
    scene_hit(&s, 1, 4, "Host=x User=bob");
    assert_int_equal(scene_fired(&s), 1);
    scene_hit(&s, 1, 5, "Host=y User=Ann");
    assert_int_equal(scene_fired(&s), 2);
    assert_int_equal(scene_last(&s)->correlation, 1);
    assert_string_equal(scene_last(&s)->key, "ann|");
    assert_true(scene_last(&s)->start == 3 * HN_SECOND);
    scene_deinit(&s);
}

/* No group-by is one group of all; a hit without a group-by field belongs to none; a list of
 * values belongs to each, once. */
static void groups_are_of_what_is_there(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    scene_bound(scene_add(&s, SIGMA_EVENT_COUNT, "r0", "", 60), SIGMA_BOUND_GTE, 4);
    scene_bound(scene_add(&s, SIGMA_EVENT_COUNT, "r0", "Ip", 60), SIGMA_BOUND_GTE, 2);
    scene_begin(&s);
    scene_hit(&s, 0, 0, "");
    scene_hit(&s, 0, 1, "");
    scene_hit(&s, 0, 2, "Ip=x Ip=y Ip=X");
    assert_int_equal(scene_fired(&s), 0);
    scene_hit(&s, 0, 3, "Ip=y");
    assert_int_equal(scene_fired(&s), 2);
    assert_string_equal(scene_last(&s)->key, "y|");
    assert_int_equal(correlate_stats(s.correlate).no_key, 2);
    scene_deinit(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(event_count_fires_at_the_hit_that_makes_it_true),
        cmocka_unit_test(a_flood_is_one_result_per_timespan),
        cmocka_unit_test(upper_bounds_are_judged_at_the_end_of_the_window),
        cmocka_unit_test(ranges_are_of_whole_windows),
        cmocka_unit_test(value_count_counts_distinct_values),
        cmocka_unit_test(value_sum_slides),
        cmocka_unit_test(averages_wait_for_a_whole_window),
        cmocka_unit_test(percentiles_interpolate),
        cmocka_unit_test(temporal_needs_all_rules),
        cmocka_unit_test(temporal_ordered_needs_the_order),
        cmocka_unit_test(temporal_ordered_takes_repeated_rules),
        cmocka_unit_test(not_is_about_what_follows),
        cmocka_unit_test(absence_fires_when_the_wait_is_over),
        cmocka_unit_test(first_seen_learns_and_forgets),
        cmocka_unit_test(periodicity_finds_beacons),
        cmocka_unit_test(correlations_feed_each_other),
        cmocka_unit_test(groups_are_of_what_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
