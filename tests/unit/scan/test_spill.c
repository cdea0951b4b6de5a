/* test_spill.c - hits come back in the order of their time, whether they were held in memory or
 * went through files; and repeats are counted per key. */
#include "scan/fold.h"
#include "scan/scan_internal.h"
#include "support/check.h"

#include "base/mem.h"

#define HITS 5000

static struct correlate_hit hit_of(struct check_random *random, uint32_t number)
{
    return (struct correlate_hit){ .rule = check_random_below(random, 3),
        .time = (hn_time)check_random_below(random, 200) * HN_SECOND,
        .order = number, /* of equal times the earlier in the input comes first */
        .ref = number * 7 };
}

struct replay {
    struct correlate_hit last;
    uint64_t ref_sum;
    uint32_t count;
    uint32_t refuse_at; /* 0: never */
};

static enum hn_status on_hit(void *ctx, const struct correlate_hit *hit)
{
    struct replay *replay = ctx;

    if (replay->count > 0)
        assert_true(correlate_hit_compare(&replay->last, hit) < 0);
    assert_int_equal(hit->ref, hit->order * 7);
    replay->last = *hit;
    replay->ref_sum += hit->ref;
    replay->count++;
    return replay->count == replay->refuse_at ? HN_LIMIT : HN_OK;
}

static struct spill *filled(size_t memory, uint32_t hits)
{
    struct check_random random = { 7 };
    struct spill *spill = spill_new(memory);

    assert_non_null(spill);
    for (uint32_t i = 0; i < hits; i++) {
        struct correlate_hit hit = hit_of(&random, i);

        assert_int_equal(spill_add(spill, &hit, NULL), HN_OK);
    }
    return spill;
}

/* All in memory, a few runs, hundreds of runs, one hit a run: always every hit, always in order. */
static void order_is_that_of_time(void **state)
{
    static const size_t memories[] = { (size_t)32 << 20, 65536, 4096, 700 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(memories); i++) {
        struct spill *spill = filled(memories[i], HITS);
        struct replay replay = { .count = 0 };

        assert_int_equal(spill_replay(spill, on_hit, &replay, NULL), HN_OK);
        assert_int_equal(replay.count, HITS);
        assert_int_equal(replay.ref_sum, 7 * ((uint64_t)HITS * (HITS - 1) / 2));
        spill_free(spill);
    }
}

static void nothing_and_one(void **state)
{
    struct spill *spill = filled(1, 0);
    struct replay replay = { .count = 0 };

    (void)state;
    assert_int_equal(spill_replay(spill, on_hit, &replay, NULL), HN_OK);
    assert_int_equal(replay.count, 0);
    spill_free(spill);
    spill = filled(1, 1);
    assert_int_equal(spill_replay(spill, on_hit, &replay, NULL), HN_OK);
    assert_int_equal(replay.count, 1);
    spill_free(spill);
    spill_free(NULL);
}

/* What the consumer says ends the replay, and is what the caller hears. */
static void a_refusal_is_passed_on(void **state)
{
    static const size_t memories[] = { (size_t)32 << 20, 4096 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(memories); i++) {
        struct spill *spill = filled(memories[i], 100);
        struct replay replay = { .refuse_at = 10 };

        assert_int_equal(spill_replay(spill, on_hit, &replay, NULL), HN_LIMIT);
        assert_int_equal(replay.count, 10);
        spill_free(spill);
    }
}

static enum hn_status fill_and_replay(struct replay *replay)
{
    struct check_random random = { 7 };
    struct spill *spill = spill_new(900);
    enum hn_status status = spill == NULL ? HN_NOMEM : HN_OK;

    for (uint32_t i = 0; status == HN_OK && i < 40; i++) {
        struct correlate_hit hit = hit_of(&random, i);

        status = spill_add(spill, &hit, NULL);
    }
    if (status == HN_OK)
        status = spill_replay(spill, on_hit, replay, NULL);
    spill_free(spill);
    return status;
}

static void memory_may_fail(void **state)
{
    bool failed = true;

    (void)state;
    for (uint64_t n = 1; failed; n++) {
        struct replay replay = { .count = 0 };
        enum hn_status status;

        assert_true(n < 5000);
        hn_mem_fail_from(n);
        status = fill_and_replay(&replay);
        failed = hn_mem_fail_hits() > 0;
        hn_mem_fail_from(0);
        assert_int_equal(status, failed ? HN_NOMEM : HN_OK);
    }
}

/* ---- Folding ---- */

static bool on_fold_bytes(void *ctx, struct hn_text bytes)
{
    hn_buf_add_text(ctx, bytes);
    return true;
}

static struct hn_digest key_of(uint32_t number)
{
    return hn_digest_of(&number, sizeof number);
}

/* Keys by the ten thousand keep their own counts and times; only repeated ones are told. */
static void folds_count_per_key(void **state)
{
    enum { KEYS = 20000 };
    struct fold *fold = fold_new();
    struct hn_buf out = { 0 };
    uint32_t lines = 0;

    (void)state;
    assert_non_null(fold);
    for (uint32_t i = 0; i < KEYS; i++)
        assert_false(fold_is_repeat(fold, key_of(i), (hn_time)i * HN_SECOND));
    for (uint32_t i = 0; i < KEYS; i += 1000) {
        assert_true(fold_is_repeat(fold, key_of(i), HN_TIME_NONE));
        assert_true(fold_is_repeat(fold, key_of(i), 0));
    }
    assert_true(fold_write(fold, NULL, on_fold_bytes, &out));
    for (size_t i = 0; i < out.len; i++)
        lines += out.ptr[i] == '\n';
    assert_int_equal(lines, KEYS / 1000);
    hn_buf_add_char(&out, '\0');
    assert_non_null(strstr(out.ptr, "\"count\":3,\"first\":\"1970-01-01T00:00:00Z\","
                                    "\"last\":\"1970-01-01T00:16:40Z\""));
    hn_buf_deinit(&out);
    fold_free(fold);
    fold_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_that_of_time),
        cmocka_unit_test(nothing_and_one),
        cmocka_unit_test(a_refusal_is_passed_on),
        cmocka_unit_test(memory_may_fail),
        cmocka_unit_test(folds_count_per_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
