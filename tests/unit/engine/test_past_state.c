/* test_past_state.c - the past lane as bytes: damaged ones are refused, other rules find their hits
 * again, and it survives without memory. */
#include "engine/engine_past.h"
#include "past_case.h"

static bool keep_told(void *ctx, const struct correlate_result *result)
{
    struct past *past = ctx;

    return result->event != CORRELATE_FIRED || engine_past_is_told(past, result->id) ||
           engine_past_tell(past, result->id, result->order);
}

static void on_result(void *ctx, const struct correlate_result *result)
{
    (void)keep_told(ctx, result);
}

static enum hn_status begin(struct past *past, const struct judge_set *set)
{
    *past = (struct past){ .on_result = on_result, .ctx = past };
    past->options = engine_past_options_resolve(&past->options, 0);
    return engine_past_begin(past, judge_set_plan(set), NULL);
}

/* Hits of the first two rules, on one host, one a minute; the last one belongs before them. */
static enum hn_status take_hits(struct past *past, uint64_t count)
{
    enum hn_status status = HN_OK;

    for (uint64_t i = 0; status == HN_OK && i < count; i++) {
        struct correlate_hit_box box = { .hit = { .rule = (uint32_t)(i % 2),
                                                 .time = PAST_START + (hn_time)i * HN_MINUTE,
                                                 .order = i * 100 } };

        if (i + 1 == count)
            box.hit.time = PAST_START - HN_MINUTE;
        box.hit.values = box.values;
        for (uint32_t k = 0; k < correlate_plan_fields(past->plan, box.hit.rule).count; k++)
            box.values[box.hit.value_count++] = (struct correlate_value){ k, HN_TEXT("1") };
        status = engine_past_add(past, &box.hit, PAST_NOW);
        if (status == HN_OK && i % 5 == 4)
            status = engine_past_time(past, PAST_NOW + HN_MINUTE);
    }
    return status;
}

/* Every prefix and every byte more is refused, and what refused it is as new. A flipped bit is
 * refused or taken; either way it goes on. */
static void damage_is_refused(void **state)
{
    struct past_case p;
    struct past past;
    struct past heir;
    struct hn_buf saved = { 0 };

    (void)state;
    past_open(&p, 1);
    assert_int_equal(begin(&past, p.e.sets[0]), HN_OK);
    assert_int_equal(take_hits(&past, 12), HN_OK);
    assert_true(engine_past_totals(&past).waiting > 0 && past.fed > 0 && past.told.count > 0);
    assert_int_equal(engine_past_save(&past, &saved), HN_OK);
    assert_int_equal(begin(&heir, p.e.sets[0]), HN_OK);
    for (size_t len = 1; len <= saved.len + 1; len++) {
        char *copy = hn_calloc(len, 1); /* so that sanitizers see the end */

        assert_non_null(copy);
        memcpy(copy, saved.ptr, len < saved.len ? len : saved.len);
        if (len != saved.len) {
            assert_int_not_equal(engine_past_restore(&heir, hn_bytes_of(copy, len), NULL), HN_OK);
            assert_int_equal(engine_past_totals(&heir).kept, 0);
            assert_int_equal(engine_past_totals(&heir).hits, 0);
        }
        hn_free(copy);
    }
    engine_past_end(&heir);
    for (size_t bit = 0; bit < saved.len * 8; bit += 3) {
        saved.ptr[bit / 8] = (char)(saved.ptr[bit / 8] ^ (char)(1 << bit % 8));
        assert_int_equal(begin(&heir, p.e.sets[0]), HN_OK);
        if (engine_past_restore(&heir, hn_text_as_bytes(hn_buf_text(&saved)), NULL) != HN_OK)
            assert_int_equal(engine_past_totals(&heir).kept, 0);
        assert_int_equal(take_hits(&heir, 4), HN_OK);
        assert_int_equal(engine_past_finish(&heir), HN_OK);
        engine_past_end(&heir);
        saved.ptr[bit / 8] = (char)(saved.ptr[bit / 8] ^ (char)(1 << bit % 8));
    }
    hn_buf_deinit(&saved);
    engine_past_end(&past);
    past_close(&p);
}

/* Other rules before and one of them gone: hits are those of the rule that they were of. */
static void other_rules_find_their_hits(void **state)
{
    static const char other[] = PAST_RULE("b") PAST_RULE("z") PAST_CORRELATION(
            "zs", "event_count", "z", "    condition: {gte: 2}\n") PAST_CORRELATION("few",
            "event_count", "b", "    condition: {lt: 3}\n") PAST_CORRELATION("users", "value_count",
            "b, z", "    condition: {field: User, gte: 3}\n")
            PAST_CORRELATION("large", "value_avg", "b", "    condition: {field: Size, gte: 40}\n");
    struct past_case p;
    struct past past;
    struct past heir;
    struct judge_set *set;
    struct hn_buf saved = { 0 };

    (void)state;
    past_open(&p, 1);
    set = judge_make(other, NULL, (struct hn_digest){ 0, 9 });
    assert_int_equal(begin(&past, p.e.sets[0]), HN_OK);
    assert_int_equal(take_hits(&past, 12), HN_OK);
    assert_int_equal(engine_past_save(&past, &saved), HN_OK);
    assert_int_equal(begin(&heir, set), HN_OK);
    assert_int_equal(
            engine_past_restore(&heir, hn_text_as_bytes(hn_buf_text(&saved)), NULL), HN_OK);
    assert_int_equal(engine_past_totals(&heir).unmatched, 6);
    assert_int_equal(engine_past_totals(&heir).kept, 6);
    for (size_t i = 0; i < heir.hits.count; i++) {
        assert_int_equal(heir.hits.ptr[i].rule, 0);
        assert_int_equal(heir.hits.ptr[i].order / 100 % 2, 1);
    }
    assert_int_equal(engine_past_finish(&heir), HN_OK);
    engine_past_end(&heir);
    engine_past_end(&past);
    hn_buf_deinit(&saved);
    judge_set_unref(set);
    past_close(&p);
}

static enum hn_status whole_life(const struct judge_set *set)
{
    struct past past;
    struct past heir = { 0 };
    struct hn_buf saved = { 0 };
    enum hn_status status = begin(&past, set);

    past.options.hits_max = 9;
    if (status == HN_OK)
        status = take_hits(&past, 12);
    if (status == HN_OK)
        status = engine_past_finish(&past);
    if (status == HN_OK)
        status = engine_past_save(&past, &saved);
    if (status == HN_OK)
        status = begin(&heir, set);
    if (status == HN_OK)
        status = engine_past_restore(&heir, hn_text_as_bytes(hn_buf_text(&saved)), NULL);
    engine_past_end(&heir);
    engine_past_end(&past);
    hn_buf_deinit(&saved);
    return status;
}

/* Without memory for any allocation it says so; nothing leaks. */
static void survives_every_failing_allocation(void **state)
{
    struct past_case p;
    uint64_t n = 1;
    bool done = false;

    (void)state;
    past_open(&p, 1);
    while (!done) {
        enum hn_status status;

        hn_mem_fail_from(n++);
        status = whole_life(p.e.sets[0]);
        done = hn_mem_fail_hits() == 0;
        hn_mem_fail_from(0);
        assert_int_equal(status, done ? HN_OK : HN_NOMEM);
    }
    assert_true(n > 50);
    past_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damage_is_refused),
        cmocka_unit_test(other_rules_find_their_hits),
        cmocka_unit_test(survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
