/* window_sum.c - value_sum and value_avg: running totals that stay exact.
 *
 * A hit enters once per number its field holds. Judged at its end, a window only ever grows, and
 * the ring holds its latest hits as evidence. */
#include "correlate/correlate_internal.h"

#include "correlate/wire.h"

struct sum_state {
    struct exact_sum sum;
    uint64_t count;
};

static struct sum_state *state_of(struct group *group)
{
    return (struct sum_state *)(void *)group->state;
}

static size_t state_bytes(const struct plan_lane *lane)
{
    (void)lane;
    return sizeof(struct sum_state);
}

/* False without memory: *ret_status says why, HN_OK there: the limit is reached. */
static bool make_ready(
        struct correlate *c, struct group *group, struct number number, enum hn_status *ret_status)
{
    *ret_status = HN_OK;
    while (number.is_real && !exact_sum_need_reals(&state_of(group)->sum, &c->budget)) {
        if (c->budget.status != HN_LIMIT) {
            *ret_status = HN_NOMEM;
            return false;
        }
        if (!group_evict(c)) {
            c->stats.hits_refused++;
            return false;
        }
    }
    return true;
}

static enum hn_status enter(struct correlate *c, struct group *group, struct pass *pass)
{
    struct sum_state *state = state_of(group);
    enum hn_status status = HN_OK;

    for (uint32_t i = 0; i < pass->number_count; i++) {
        struct sample *sample;

        if (!make_ready(c, group, pass->numbers[i], &status))
            return status;
        sample = window_add(c, group, &pass->mark, &status);
        if (sample == NULL)
            return status;
        sample->number = pass->numbers[i];
        exact_sum_add(&state->sum, sample->number);
        state->count++;
    }
    return status;
}

static void leave(struct correlate *c, struct group *group, const void *item)
{
    const struct sample *sample = item;

    if (group_lane(c, group)->judge == JUDGE_AT_END)
        return;
    exact_sum_subtract(&state_of(group)->sum, sample->number);
    state_of(group)->count--;
}

static bool measure(struct correlate *c, struct group *group, double *ret_value)
{
    const struct sum_state *state = state_of(group);

    if (state->count == 0)
        return false;
    *ret_value = exact_sum_value(&state->sum);
    if (group_lane(c, group)->model->type == SIGMA_VALUE_AVG)
        *ret_value /= (double)state->count;
    return true;
}

static void tell(struct correlate *c, struct group *group, struct evidence *evidence)
{
    window_tell(c, group, evidence);
    evidence->total = state_of(group)->count;
}

static void release(struct correlate *c, struct group *group)
{
    exact_sum_release(&state_of(group)->sum, &c->budget);
}

static void save(const struct correlate *c, struct group *group, struct hn_buf *out)
{
    (void)c;
    put_u64(out, state_of(group)->count);
    exact_sum_save(&state_of(group)->sum, out);
}

static enum hn_status restore(struct correlate *c, struct group *group, struct hn_reader *in)
{
    struct sum_state *state = state_of(group);
    bool reals = false;

    state->count = hn_reader_u64(in);
    if (state->count < group->ring.count)
        return HN_CORRUPT;
    for (uint32_t i = 0; i < group->ring.count; i++) {
        const struct sample *sample = ring_at(&group->ring, sizeof *sample, i);

        reals = reals || sample->number.is_real;
    }
    if (reals && !exact_sum_need_reals(&state->sum, &c->budget))
        return c->budget.status;
    return exact_sum_restore(&state->sum, &c->budget, in);
}

const struct window_type window_sum_type = {
    .item_bytes = sizeof(struct sample),
    .state_bytes = state_bytes,
    .enter = enter,
    .leave = leave,
    .measure = measure,
    .tell = tell,
    .release = release,
    .save = save,
    .restore = restore,
};
