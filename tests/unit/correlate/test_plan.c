/* test_plan.c - which fields hits carry, what is refused and why, and hits out of events. */
#include "support/correlate_scene.h"

static bool has_field(const struct scene *s, uint32_t rule, const char *name)
{
    struct sigma_texts fields = correlate_plan_fields(s->plan, rule);

    for (uint32_t i = 0; i < fields.count; i++) {
        if (hn_text_eq(fields.ptr[i], hn_text_cstr(name)))
            return true;
    }
    return false;
}

/* Group-by through aliases, counted fields, and what a later correlation wants of an earlier one
 * that does not group by it: each once, from the rules that matter. */
static void hits_carry_what_correlations_need(void **state)
{
    struct hn_text names[2] = { HN_TEXT("dst"), HN_TEXT("") };
    struct sigma_alias alias = { HN_TEXT("ip"), names };
    struct scene s;
    struct sigma_correlation *c;

    (void)state;
    scene_init(&s);
    c = scene_add(&s, SIGMA_VALUE_COUNT, "r0 r1", "ip Host", 60);
    c->aliases = &alias;
    c->alias_count = 1;
    c->fields = scene_names(&s, "User");
    scene_bound(c, SIGMA_BOUND_GTE, 2);
    scene_add(&s, SIGMA_TEMPORAL, "c0 r2", "Host Site", 60);
    scene_begin(&s);
    assert_int_equal(correlate_plan_fields(s.plan, 0).count, 4);
    assert_true(has_field(&s, 0, "dst") && has_field(&s, 0, "Host") && has_field(&s, 0, "User") &&
                has_field(&s, 0, "Site"));
    assert_true(has_field(&s, 1, "ip")); /* its alias is left empty */
    assert_int_equal(correlate_plan_fields(s.plan, 2).count, 2);
    assert_true(correlate_plan_wants(s.plan, 2));
    assert_false(correlate_plan_wants(s.plan, 3));
    scene_deinit(&s);
}

/* A result without a level of its own has the highest of what it refers to. */
static void levels_are_inherited(void **state)
{
    struct scene s;

    (void)state;
    scene_init(&s);
    s.rules[0].meta.level = SIGMA_LEVEL_LOW;
    s.rules[1].meta.level = SIGMA_LEVEL_HIGH;
    scene_add(&s, SIGMA_TEMPORAL, "r0 r1", "", 60);
    scene_begin(&s);
    scene_hit(&s, 0, 0, "");
    scene_hit(&s, 1, 0, "");
    assert_int_equal(scene_fired(&s), 1);
    assert_int_equal(s.log.level, SIGMA_LEVEL_HIGH);
    scene_deinit(&s);
}

static void expect_refused(const struct sigma_correlation *wrong, const char *word)
{
    struct scene s;
    const char *refusal;

    scene_init(&s);
    scene_bound(scene_add(&s, SIGMA_EVENT_COUNT, "r0", "", 60), SIGMA_BOUND_GTE, 1);
    s.correlations[1] = *wrong;
    s.set.correlation_count = 2;
    assert_int_equal(correlate_plan_new(&s.set, NULL, &s.plan, NULL), HN_OK);
    assert_null(correlate_plan_refusal(s.plan, 0)); /* the others are not affected */
    refusal = correlate_plan_refusal(s.plan, 1);
    assert_non_null(refusal);
    if (strstr(refusal, word) == NULL)
        fail_msg("\"%s\" does not speak of \"%s\"", refusal, word);
    scene_deinit(&s);
}

/* A correlation with nothing wrong, to spoil; its refs are all rule 0. */
static struct sigma_correlation sound(enum sigma_correlation_type type)
{
    static struct sigma_ref refs[CORRELATE_REFS_MAX + 20];
    struct sigma_correlation c = {
        .type = type, .refs = refs, .ref_count = 1, .timespan = HN_SECOND, .bound_count = 1
    };

    c.bounds[0] = (struct sigma_bound){ SIGMA_BOUND_GTE, 1 };
    return c;
}

/* What any type needs: rules that are there, a timespan, not too much to group by. */
static void incomplete_correlations_are_refused(void **state)
{
    struct sigma_ref unknown = { false, 99, HN_TEXT("nobody") };
    struct sigma_ref itself = { true, 1, HN_TEXT("itself") };
    struct hn_text names[20] = { HN_TEXT("v") };
    struct sigma_correlation c = sound(SIGMA_EVENT_COUNT);

    (void)state;
    c.ref_count = 0;
    expect_refused(&c, "no rule");
    c.ref_count = 1;
    c.refs = &unknown;
    expect_refused(&c, "not in the set");
    c.refs = &itself;
    expect_refused(&c, "not in the set");
    c = sound(SIGMA_EVENT_COUNT);
    c.timespan = 0;
    expect_refused(&c, "timespan");
    c = sound(SIGMA_EVENT_COUNT);
    c.group_by = (struct sigma_texts){ names, CORRELATE_GROUP_FIELDS_MAX + 1 };
    expect_refused(&c, "groups by too many");
}

/* What counts and calculates needs bounds that can be reached, and fields. */
static void impossible_counts_are_refused(void **state)
{
    struct hn_text names[2] = { HN_TEXT("v"), HN_TEXT("w") };
    struct sigma_correlation c = sound(SIGMA_EVENT_COUNT);

    (void)state;
    c.bound_count = 0;
    expect_refused(&c, "no bound");
    c = sound(SIGMA_EVENT_COUNT);
    c.bounds[0].value = 1e12;
    expect_refused(&c, "items_max");
    c = sound(SIGMA_VALUE_COUNT);
    expect_refused(&c, "no field");
    c = sound(SIGMA_FIRST_SEEN);
    expect_refused(&c, "no field");
    c = sound(SIGMA_VALUE_SUM);
    c.fields = (struct sigma_texts){ names, 2 };
    expect_refused(&c, "one field");
    c = sound(SIGMA_VALUE_PERCENTILE);
    c.fields = (struct sigma_texts){ names, 1 };
    c.percentile = 101;
    expect_refused(&c, "percentile");
    c = sound(SIGMA_PERIODICITY);
    c.bounds[0].value = 201;
    expect_refused(&c, "intervals");
    c = sound(SIGMA_PERIODICITY);
    c.jitter = 1.5;
    expect_refused(&c, "jitter");
}

/* What is about several rules needs several, not too many, and a condition about them. */
static void impossible_sequences_are_refused(void **state)
{
    struct sigma_ref_node leaf = { SIGMA_ITEM, NULL, 0, 9 };
    struct sigma_correlation c = sound(SIGMA_TEMPORAL);

    (void)state;
    c.ref_count = CORRELATE_REFS_MAX + 1;
    expect_refused(&c, "more rules");
    c = sound(SIGMA_TEMPORAL);
    c.condition = &leaf;
    expect_refused(&c, "boolean condition");
    c = sound(SIGMA_TEMPORAL);
    c.bounds[0].value = 3;
    expect_refused(&c, "bound is above");
    c = sound(SIGMA_TEMPORAL_ORDERED);
    c.bounds[0].op = SIGMA_BOUND_LT;
    expect_refused(&c, "gt and gte");
    c = sound(SIGMA_TEMPORAL_ORDERED);
    c.condition = &leaf;
    expect_refused(&c, "joined by `and`");
    c = sound(SIGMA_TEMPORAL_ORDERED);
    c.ref_count = 79;
    c.bounds[0].value = 30;
    expect_refused(&c, "more rules");
    c = sound(SIGMA_ABSENCE);
    expect_refused(&c, "what must follow");
}

/* Each allocation that fails is reported, and nothing leaks. */
static void failing_memory_is_reported(void **state)
{
    bool failed = true;

    (void)state;
    for (uint64_t n = 1; failed; n++) {
        struct scene s;
        enum hn_status status;

        scene_init(&s);
        scene_add(&s, SIGMA_TEMPORAL, "r0 r1", "User Host", 60);
        scene_add(&s, SIGMA_TEMPORAL_ORDERED, "c0 r2", "Other", 60);
        hn_mem_fail_from(n);
        status = correlate_plan_new(&s.set, NULL, &s.plan, NULL);
        failed = hn_mem_fail_hits() > 0;
        hn_mem_fail_from(0);
        assert_int_equal(status, failed ? HN_NOMEM : HN_OK);
        scene_deinit(&s);
    }
}

/* From an event, lists come as lists, null as absent, numbers as text. */
static void hits_are_filled_from_events(void **state)
{
    struct hn_schema *schema = hn_schema_new();
    struct correlate_hit_box box;
    struct hn_event event;
    struct scene s;

    (void)state;
    assert_non_null(schema);
    scene_init(&s);
    scene_bound(scene_add(&s, SIGMA_EVENT_COUNT, "r0", "ip port user", 60), SIGMA_BOUND_GTE, 1);
    scene_begin(&s);
    assert_int_equal(correlate_plan_bind(s.plan, schema), HN_OK);
    assert_int_equal(hn_schema_seal(schema, NULL), HN_OK);
    assert_int_equal(hn_event_init(&event, schema, &hn_event_limits_default, false), HN_OK);
    hn_event_reset(&event);
    hn_event_add_i64(&event, HN_TEXT("port"), 443);
    hn_event_add_text(&event, HN_TEXT("ip"), HN_TEXT("192.0.2.1"));
    hn_event_add_text(&event, HN_TEXT("ip"), HN_TEXT("192.0.2.2"));
    hn_event_add_null(&event, HN_TEXT("user"));
    correlate_hit_fill(s.plan, 0, &event, &box);
    assert_int_equal(box.hit.value_count, 3);
    assert_true(hn_text_eq(box.values[0].text, HN_TEXT("192.0.2.1")));
    assert_true(hn_text_eq(box.values[1].text, HN_TEXT("192.0.2.2")));
    assert_true(hn_text_eq(box.values[2].text, HN_TEXT("443")));
    assert_int_equal(box.values[0].field, box.values[1].field);
    assert_true(box.values[1].field < box.values[2].field);
    hn_event_deinit(&event);
    hn_schema_free(schema);
    scene_deinit(&s);
}

/* What is written is read back the same; every truncation is refused; so is what is too much. */
static void hits_survive_as_bytes(void **state)
{
    const struct correlate_value values[] = { { 0, HN_TEXT("a") }, { 0, HN_TEXT("") },
        { 7, HN_TEXT("longer\n") } };
    struct correlate_hit hit = { 3, -5, UINT64_MAX, 77, values, 3 };
    struct correlate_hit_box box;
    struct hn_buf out = { 0 };
    struct hn_reader in;

    (void)state;
    correlate_hit_write(&hit, &out);
    assert_true(hn_buf_ok(&out));
    in = hn_reader_over(hn_bytes_of(out.ptr, out.len));
    assert_int_equal(correlate_hit_read(&in, &box, NULL), HN_OK);
    assert_int_equal(hn_reader_left(&in), 0);
    assert_int_equal(correlate_hit_compare(&box.hit, &hit), 0);
    assert_int_equal(box.hit.ref, 77);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(box.values[i].field, values[i].field);
        assert_true(hn_text_eq(box.values[i].text, values[i].text));
    }
    for (size_t len = 0; len < out.len; len++) {
        in = hn_reader_over(hn_bytes_of(out.ptr, len));
        assert_int_equal(correlate_hit_read(&in, &box, NULL), HN_TRUNCATED);
    }
    out.ptr[28] = CORRELATE_VALUES_MAX + 1;
    in = hn_reader_over(hn_bytes_of(out.ptr, out.len));
    assert_int_equal(correlate_hit_read(&in, &box, NULL), HN_CORRUPT);
    hn_buf_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_carry_what_correlations_need),
        cmocka_unit_test(levels_are_inherited),
        cmocka_unit_test(incomplete_correlations_are_refused),
        cmocka_unit_test(impossible_counts_are_refused),
        cmocka_unit_test(impossible_sequences_are_refused),
        cmocka_unit_test(failing_memory_is_reported),
        cmocka_unit_test(hits_are_filled_from_events),
        cmocka_unit_test(hits_survive_as_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
