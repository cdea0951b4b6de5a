/* fuzz: correlate support */
/* fuzz_correlate_state.c - hostile saved states, given the digest that fits.
 *
 * Two ways in: the bytes as a body, and the bytes as changes to a state that was really saved.
 * Oracle: refused with a status and then as new; or restored, and then it saves to a state that
 * saves to the same again, takes hits, judges and ends within its limits. */
#include "support/correlate_run.h"

#define HEADER_BYTES 32
#define BYTES_MAX    ((size_t)4 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
    if (!truth)
        abort();
}

static void put(struct hn_buf *out, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        hn_buf_add_char(out, (char)(uint8_t)(value >> 8 * i));
}

static void wrap(struct hn_buf *out, struct hn_bytes body)
{
    struct hn_digest digest = hn_digest_of(body.ptr, body.len);

    put(out, 0x534e4948u, 4);
    put(out, 1, 4);
    put(out, body.len, 8);
    put(out, digest.high, 8);
    put(out, digest.low, 8);
    hn_buf_add(out, body.ptr, body.len);
}

/* Feeds the case's hits from one on, with times that go on from the last. */
static void go_on(const struct correlate_case *c, const struct correlate_plan *plan,
        struct correlate *correlate)
{
    for (size_t i = 0; i < c->hit_count; i++) {
        struct correlate_hit_box box;

        run_fill(plan, &c->hits[i], &box);
        box.hit.time += 5;
        must(correlate_feed(correlate, &box.hit) == HN_OK);
        must(correlate_stats(correlate).bytes <= BYTES_MAX);
    }
    must(correlate_advance(correlate, CORRELATE_END_OF_TIME) == HN_OK);
    must(correlate_flush(correlate) == HN_OK);
    must(correlate_stats(correlate).bytes == 0);
}

static void expect_stable(const struct correlate_plan *plan,
        const struct correlate_options *options, const struct correlate *correlate)
{
    struct correlate *heir = NULL;
    struct hn_buf first = { 0 };
    struct hn_buf second = { 0 };

    must(correlate_save(correlate, &first) == HN_OK);
    must(correlate_new(plan, options, &heir, NULL) == HN_OK);
    must(correlate_restore(heir, hn_bytes_of(first.ptr, first.len), NULL) == HN_OK);
    must(correlate_save(heir, &second) == HN_OK);
    must(hn_text_eq(hn_buf_text(&first), hn_buf_text(&second)));
    correlate_free(heir);
    hn_buf_deinit(&first);
    hn_buf_deinit(&second);
}

static void try_restore(
        const struct correlate_case *c, const struct correlate_plan *plan, struct hn_bytes body)
{
    struct run_log log = { 0 };
    struct correlate_options options = { 3, run_on_result, &log };
    struct correlate *correlate = NULL;
    struct hn_buf saved = { 0 };
    struct hn_err err = { 0 };

    wrap(&saved, body);
    must(correlate_new(plan, &options, &correlate, NULL) == HN_OK);
    if (correlate_restore(correlate, hn_bytes_of(saved.ptr, saved.len), &err) == HN_OK) {
        expect_stable(plan, &options, correlate);
    } else {
        must(err.status != HN_OK && correlate_stats(correlate).bytes == 0);
    }
    go_on(c, plan, correlate);
    correlate_free(correlate);
    hn_buf_deinit(&saved);
    run_log_deinit(&log);
}

/* The state after all hits of the case. */
static void save_real(
        const struct correlate_case *c, const struct correlate_plan *plan, struct hn_buf *out)
{
    struct correlate_options options = { .lateness = 3 };
    struct correlate *correlate = NULL;

    must(correlate_new(plan, &options, &correlate, NULL) == HN_OK);
    for (size_t i = 0; i < c->hit_count; i++) {
        struct correlate_hit_box box;

        run_fill(plan, &c->hits[i], &box);
        must(correlate_feed(correlate, &box.hit) == HN_OK);
    }
    must(correlate_save(correlate, out) == HN_OK);
    correlate_free(correlate);
}

/* First byte: how much of the rest is the case; then the body, or changes of two bytes place, one
 * byte value. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct correlate_limits limits = { 100, 1000, 1000, BYTES_MAX };
    struct correlate_plan *plan = NULL;
    struct hn_buf real = { 0 };
    struct correlate_case c;
    size_t used;

    if (size < 64 || size > 4096)
        return 0;
    used = 30 + data[0] % 32u;
    correlate_case_build(&c, data + 1, used);
    must(correlate_plan_new(&c.set, &limits, &plan, NULL) == HN_OK);
    try_restore(&c, plan, hn_bytes_of(data + used + 1, size - used - 1));

    save_real(&c, plan, &real);
    for (size_t i = used + 1; i + 2 < size && real.len > HEADER_BYTES; i += 3) {
        size_t place = (size_t)(data[i] | data[i + 1] << 8) % (real.len - HEADER_BYTES);

        real.ptr[HEADER_BYTES + place] = (char)data[i + 2];
    }
    try_restore(&c, plan, hn_bytes_of(real.ptr + HEADER_BYTES, real.len - HEADER_BYTES));
    hn_buf_deinit(&real);
    correlate_plan_free(plan);
    correlate_case_deinit(&c);
    return 0;
}
