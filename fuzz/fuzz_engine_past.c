/* fuzz: engine support */
/* fuzz_engine_past.c - hits of old events in any order, and hostile states of their lane.
 *
 * Two ways in: the bytes as a state, and the bytes as changes to a state that was really saved.
 * Oracle: refused with a status and then as new; or restored, and then it saves to a state that
 * saves to the same again. Either way it takes hits within its limits, and ends. */
#include "engine/engine_past.h"
#include "support/correlate_run.h"

#define BYTES_MAX ((size_t)4 << 20)
#define HITS_MAX  7u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
    if (!truth)
        abort();
}

static void on_result(void *ctx, const struct correlate_result *result)
{
    struct past *past = ctx;

    if (result->event == CORRELATE_FIRED && !engine_past_is_told(past, result->id))
        must(engine_past_tell(past, result->id, result->order));
}

static void begin(struct past *past, const struct correlate_plan *plan)
{
    *past = (struct past){
        .options = { .hits_max = HITS_MAX }, .on_result = on_result, .ctx = past
    };
    past->options = engine_past_options_resolve(&past->options, 0);
    must(engine_past_begin(past, plan, NULL) == HN_OK);
}

/* The hits of the case; which of them come after a pause is up to the case as well. */
static void take_hits(const struct correlate_case *c, struct past *past)
{
    hn_time received = HN_DAY;

    for (size_t i = 0; i < c->hit_count; i++) {
        struct correlate_hit_box box;

        run_fill(past->plan, &c->hits[i], &box);
        must(engine_past_add(past, &box.hit, received) == HN_OK);
        must(past->hits.count <= HITS_MAX);
        received += box.hit.time % 2 == 0 ? HN_SECOND : HN_MINUTE;
        must(engine_past_time(past, received) == HN_OK);
    }
}

static void go_on(const struct correlate_case *c, struct past *past)
{
    take_hits(c, past);
    must(engine_past_finish(past) == HN_OK);
    must(engine_past_totals(past).waiting == 0);
    must(engine_past_time(past, INT64_MAX) == HN_OK);
    must(engine_past_totals(past).kept == 0 && engine_past_totals(past).groups == 0);
}

static void restore_and_save(
        const struct correlate_plan *plan, const struct hn_buf *saved, struct hn_buf *again)
{
    struct past heir;

    begin(&heir, plan);
    must(engine_past_restore(&heir, hn_text_as_bytes(hn_buf_text(saved)), NULL) == HN_OK);
    must(engine_past_save(&heir, again) == HN_OK);
    engine_past_end(&heir);
}

/* A tree that grew may be another than the one restored, of the same content: hence twice. */
static void expect_stable(const struct past *past)
{
    struct hn_buf grown = { 0 };
    struct hn_buf first = { 0 };
    struct hn_buf second = { 0 };

    must(engine_past_save(past, &grown) == HN_OK);
    restore_and_save(past->plan, &grown, &first);
    restore_and_save(past->plan, &first, &second);
    must(grown.len == first.len && hn_text_eq(hn_buf_text(&first), hn_buf_text(&second)));
    hn_buf_deinit(&grown);
    hn_buf_deinit(&first);
    hn_buf_deinit(&second);
}

static void try_restore(
        const struct correlate_case *c, const struct correlate_plan *plan, struct hn_bytes saved)
{
    struct past past;
    struct hn_err err = { 0 };

    begin(&past, plan);
    if (engine_past_restore(&past, saved, &err) == HN_OK) {
        expect_stable(&past);
    } else {
        must(err.status != HN_OK && engine_past_totals(&past).kept == 0);
        must(engine_past_totals(&past).groups == 0);
    }
    go_on(c, &past);
    engine_past_end(&past);
}

/* First byte: how much of the rest is the case; then the state, or changes of two bytes place, one
 * byte value. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct correlate_limits limits = { 100, 1000, 1000, BYTES_MAX };
    struct correlate_plan *plan = NULL;
    struct hn_buf real = { 0 };
    struct correlate_case c;
    struct past past;
    size_t used;

    if (size < 64 || size > 4096)
        return 0;
    used = 30 + data[0] % 32u;
    correlate_case_build(&c, data + 1, used);
    must(correlate_plan_new(&c.set, &limits, &plan, NULL) == HN_OK);
    try_restore(&c, plan, hn_bytes_of(data + used + 1, size - used - 1));

    begin(&past, plan);
    take_hits(&c, &past);
    expect_stable(&past);
    must(engine_past_save(&past, &real) == HN_OK);
    engine_past_end(&past);
    for (size_t i = used + 1; i + 2 < size && real.len > 0; i += 3) {
        size_t place = (size_t)(data[i] | data[i + 1] << 8) % real.len;

        real.ptr[place] = (char)data[i + 2];
    }
    try_restore(&c, plan, hn_text_as_bytes(hn_buf_text(&real)));
    hn_buf_deinit(&real);
    correlate_plan_free(plan);
    correlate_case_deinit(&c);
    return 0;
}
