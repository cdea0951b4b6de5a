/* test_state.c - saved state: refused where damaged, matched where rules have changed. */
#include "support/correlate_scene.h"

#define HEADER_BYTES 32

/* One correlation of each way of keeping state, with something in each. */
static void fill(struct scene *s, bool changed)
{
    struct sigma_correlation *c;

    scene_init(s);
    c = scene_add(s, SIGMA_VALUE_SUM, "r0", "User", 600);
    c->fields = scene_names(s, "n");
    scene_bound(c, SIGMA_BOUND_GTE, 100);
    c = scene_add(s, SIGMA_VALUE_COUNT, "r1", "User", 600);
    c->fields = scene_names(s, "n");
    scene_bound(c, SIGMA_BOUND_GTE, 3);
    if (changed)
        c->meta.digest.low = 99;
    scene_add(s, SIGMA_TEMPORAL_ORDERED, "r2 r3", "User", 600);
    scene_add(s, SIGMA_ABSENCE, "r3 r0", "User", 600);
    s->options.lateness = 20 * HN_SECOND;
    scene_begin(s);
}

static void play(struct scene *s)
{
    for (int i = 0; i < 25; i++) {
        scene_hit(s, 0, 100 + i, i % 3 == 0 ? "User=Ann n=0.5" : "User=bob n=7");
        scene_hit(s, 1, 100 + i, "User=ann n=1");
        scene_hit(s, 2, 100 + i, "User=ann");
        scene_hit(s, 3, 100 + i, i % 2 == 0 ? "User=carl" : "User=dora");
    }
}

static void save(const struct scene *s, struct hn_buf *out)
{
    assert_int_equal(correlate_save(s->correlate, out), HN_OK);
}

/* Whatever state was restored, it takes hits, judges and ends. */
static void go_on(struct scene *s, struct correlate *c)
{
    struct correlate *mine = s->correlate;

    s->correlate = c;
    for (uint32_t rule = 0; rule < SCENE_RULES; rule++) {
        scene_hit(s, rule, 200, "User=ann n=1");
        scene_hit(s, rule, 300, "User=bob n=0.25");
    }
    assert_int_equal(correlate_advance(c, CORRELATE_END_OF_TIME), HN_OK);
    scene_end(s);
    s->correlate = mine;
}

static enum hn_status restore(struct scene *s, const void *ptr, size_t len)
{
    struct correlate *c = NULL;
    enum hn_status status;

    assert_int_equal(correlate_new(s->plan, &s->options, &c, NULL), HN_OK);
    status = correlate_restore(c, hn_bytes_of(ptr, len), NULL);
    if (status != HN_OK) { /* then it is as new */
        assert_int_equal(correlate_stats(c).groups, 0);
        assert_int_equal(correlate_stats(c).pending, 0);
        assert_int_equal(correlate_stats(c).bytes, 0);
        assert_int_equal(correlate_stats(c).hits, 0);
    } else {
        go_on(s, c);
        s->log.results.count = 0;
    }
    correlate_free(c);
    return status;
}

/* Gives the body a digest that fits, as malice would. */
static void sign(struct hn_buf *saved)
{
    struct hn_digest digest = hn_digest_of(saved->ptr + HEADER_BYTES, saved->len - HEADER_BYTES);
    uint64_t words[3] = { saved->len - HEADER_BYTES, digest.high, digest.low };

    for (size_t i = 0; i < sizeof words; i++)
        saved->ptr[8 + i] = (char)(uint8_t)(words[i / 8] >> 8 * (i % 8));
}

/* Every truncation and every flipped bit is noticed. */
static void damage_is_refused(void **state)
{
    struct hn_buf saved = { 0 };
    struct scene s;

    (void)state;
    fill(&s, false);
    play(&s);
    save(&s, &saved);
    assert_int_equal(restore(&s, saved.ptr, saved.len), HN_OK);
    for (size_t len = 0; len < saved.len; len++)
        assert_int_equal(restore(&s, saved.ptr, len), HN_TRUNCATED);
    for (size_t i = 0; i < saved.len; i++) {
        saved.ptr[i] = (char)(saved.ptr[i] ^ 0x10);
        assert_int_not_equal(restore(&s, saved.ptr, saved.len), HN_OK);
        saved.ptr[i] = (char)(saved.ptr[i] ^ 0x10);
    }
    saved.ptr[4]++;
    assert_int_equal(restore(&s, saved.ptr, saved.len), HN_UNSUPPORTED);
    hn_buf_deinit(&saved);
    scene_deinit(&s);
}

/* With a digest that fits, truncations are refused and changed bytes give a state or a refusal,
 * never anything else. */
static void malice_is_survived(void **state)
{
    struct hn_buf saved = { 0 };
    struct scene s;

    (void)state;
    fill(&s, false);
    play(&s);
    save(&s, &saved);
    for (size_t len = saved.len - 1; len > HEADER_BYTES; len--) {
        struct hn_buf cut = { 0 };

        hn_buf_add(&cut, saved.ptr, len);
        sign(&cut);
        assert_int_not_equal(restore(&s, cut.ptr, cut.len), HN_OK);
        hn_buf_deinit(&cut);
    }
    for (size_t i = HEADER_BYTES; i < saved.len; i++) {
        static const char bytes[] = { 0, 1, 0x7F, (char)0x80, (char)0xFF };
        char old = saved.ptr[i];

        for (size_t k = 0; k < sizeof bytes; k++) {
            saved.ptr[i] = bytes[k];
            sign(&saved);
            (void)restore(&s, saved.ptr, saved.len);
        }
        saved.ptr[i] = old;
    }
    hn_buf_deinit(&saved);
    scene_deinit(&s);
}

/* State of a correlation that has changed is left out and counted; the others go on. */
static void changed_rules_lose_only_their_own_state(void **state)
{
    struct hn_buf saved = { 0 };
    struct scene old;
    struct scene changed;
    int waits = 0;

    (void)state;
    fill(&old, false);
    play(&old);
    save(&old, &saved);
    fill(&changed, true);
    assert_int_equal(
            correlate_restore(changed.correlate, hn_bytes_of(saved.ptr, saved.len), NULL), HN_OK);
    assert_int_equal(correlate_stats(changed.correlate).unmatched, 1);
    assert_int_equal(
            correlate_stats(changed.correlate).groups, correlate_stats(old.correlate).groups - 1);
    assert_int_equal(
            correlate_stats(changed.correlate).pending, correlate_stats(old.correlate).pending);
    /* The waits go on: nothing answered carl and dora. */
    assert_int_equal(correlate_advance(changed.correlate, CORRELATE_END_OF_TIME), HN_OK);
    for (size_t i = 0; i < changed.log.results.count; i++)
        waits += changed.log.results.ptr[i].correlation == 3 ? 1 : 0;
    assert_int_equal(waits, 2);
    hn_buf_deinit(&saved);
    scene_deinit(&old);
    scene_deinit(&changed);
}

/* A correlator that may keep less than the state needs refuses it. */
static void limits_hold_for_restored_state(void **state)
{
    struct hn_buf saved = { 0 };
    struct scene s;

    (void)state;
    fill(&s, false);
    play(&s);
    save(&s, &saved);
    scene_deinit(&s);
    fill(&s, false);
    correlate_free(s.correlate);
    s.correlate = NULL;
    correlate_plan_free(s.plan);
    s.limits.groups_max = 2;
    assert_int_equal(correlate_plan_new(&s.set, &s.limits, &s.plan, NULL), HN_OK);
    assert_int_equal(restore(&s, saved.ptr, saved.len), HN_LIMIT);
    hn_buf_deinit(&saved);
    scene_deinit(&s);
}

/* Saving into a buffer that is full gives its status and leaves what was in it. */
static void a_full_buffer_is_reported(void **state)
{
    struct hn_buf out;
    struct scene s;

    (void)state;
    fill(&s, false);
    play(&s);
    hn_buf_init(&out, 300);
    hn_buf_add_lit(&out, "before");
    assert_int_equal(correlate_save(s.correlate, &out), HN_LIMIT);
    assert_int_equal(out.len, 6);
    hn_buf_deinit(&out);
    scene_deinit(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damage_is_refused),
        cmocka_unit_test(malice_is_survived),
        cmocka_unit_test(changed_rules_lose_only_their_own_state),
        cmocka_unit_test(limits_hold_for_restored_state),
        cmocka_unit_test(a_full_buffer_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
