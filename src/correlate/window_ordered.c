/* window_ordered.c - temporal_ordered: the rules in the order in which they are listed.
 *
 * For each step (listed place) and each number of steps done by then, the chain of hits that began
 * latest is kept: if any chain fits into the timespan, that one does. So a hit is looked at once,
 * and a group costs the same however many hits it has had. Where every step is needed there is one
 * chain per step; where `gte` asks for fewer, one more per step that may be left out.
 *
 * Hits of the same time are in order whichever came first, as stamps are often of whole seconds
 * and come from different machines. Where a rule is listed twice, their order in the input
 * counts, or one hit would do for both. */
#include "correlate/correlate_internal.h"

#include "correlate/wire.h"

/* Chains that can still come to the needed number have left out at most so many steps. */
static uint32_t slack_of(const struct plan_lane *lane)
{
    return lane->model->ref_count - lane->needed;
}

static uint32_t cell_count(const struct plan_lane *lane)
{
    return lane->model->ref_count * (slack_of(lane) + 1);
}

struct chain {
    uint32_t len; /* 0: none */
    uint32_t unused[3];
    struct mark marks[]; /* room for one per needed step */
};

static size_t cell_bytes(const struct plan_lane *lane)
{
    return sizeof(struct chain) + lane->needed * sizeof(struct mark);
}

/* Behind the cells stands the latest mark of each step; its link tells that there is one. */

static size_t latest_offset(const struct plan_lane *lane)
{
    return cell_count(lane) * cell_bytes(lane);
}

static size_t state_bytes(const struct plan_lane *lane)
{
    return latest_offset(lane) + lane->model->ref_count * sizeof(struct mark);
}

/* The chain that ends at a step and has left out so many before it. */
static struct chain *cell_at(
        const struct plan_lane *lane, struct group *group, uint32_t step, uint32_t left_out)
{
    size_t index = (size_t)step * (slack_of(lane) + 1) + left_out;

    return (struct chain *)(void *)(group->state + index * cell_bytes(lane));
}

static struct mark *latest_of(const struct plan_lane *lane, struct group *group, uint32_t step)
{
    unsigned char *latest = group->state + latest_offset(lane);

    return (struct mark *)(void *)(latest + step * sizeof(struct mark));
}

static bool repeats(const struct plan_lane *lane)
{
    return lane->input_count < lane->model->ref_count;
}

/* The latest-beginning chain before a step from which it would have left out so many. */
static const struct chain *best_before(
        const struct plan_lane *lane, struct group *group, uint32_t step, uint32_t left_out)
{
    const struct chain *best = NULL;

    /* The step before may have left out as many; the one before that, one fewer, and so on. */
    for (uint32_t skip = 0; skip <= left_out && skip < step; skip++) {
        const struct chain *chain = cell_at(lane, group, step - 1 - skip, left_out - skip);

        if (chain->len > 0 && (best == NULL || chain->marks[0].time > best->marks[0].time))
            best = chain;
    }
    return best;
}

/* A hit of a step: extends what came before, or begins a chain. True when a chain has changed. */
static bool extend(
        const struct plan_lane *lane, struct group *group, uint32_t step, const struct mark *mark)
{
    bool changed = false;

    for (uint32_t left_out = 0; left_out <= slack_of(lane) && left_out <= step; left_out++) {
        struct chain *chain = cell_at(lane, group, step, left_out);
        uint32_t len = step - left_out; /* steps done before this one */

        if (len >= lane->needed)
            continue; /* longer than anyone asks for */
        if (len > 0) {
            const struct chain *before = best_before(lane, group, step, left_out);

            if (before == NULL)
                continue;
            memcpy(chain->marks, before->marks, len * sizeof *mark);
        }
        chain->marks[len] = *mark;
        chain->marks[len].input = step;
        chain->len = len + 1;
        changed = true;
    }
    return changed;
}

static enum hn_status enter(struct correlate *c, struct group *group, struct pass *pass)
{
    const struct plan_lane *lane = group_lane(c, group);
    uint32_t steps = lane->model->ref_count;

    /* From the last step to the first, so that one hit does not serve two of them. */
    for (uint32_t step = steps; step-- > 0;) {
        if (lane->steps[step] != pass->input_index)
            continue;
        *latest_of(lane, group, step) = pass->mark;
        latest_of(lane, group, step)->link = 1;
        if (!extend(lane, group, step, &pass->mark) || repeats(lane))
            continue;
        for (uint32_t after = step + 1; after < steps; after++) {
            const struct mark *mark = latest_of(lane, group, after);

            if (mark->link != 0 && mark->time == pass->mark.time)
                (void)extend(lane, group, after, mark);
        }
    }
    return HN_OK;
}

static void expire(struct correlate *c, struct group *group, hn_time cutoff)
{
    const struct plan_lane *lane = group_lane(c, group);

    for (uint32_t step = 0; step < lane->model->ref_count; step++) {
        for (uint32_t left_out = 0; left_out <= slack_of(lane); left_out++) {
            struct chain *chain = cell_at(lane, group, step, left_out);

            if (chain->len > 0 && chain->marks[0].time < cutoff)
                chain->len = 0;
        }
    }
}

/* The longest chain; of equal ones the one that began latest. */
static const struct chain *longest(const struct plan_lane *lane, struct group *group)
{
    const struct chain *best = NULL;

    for (uint32_t step = 0; step < lane->model->ref_count; step++) {
        for (uint32_t left_out = 0; left_out <= slack_of(lane); left_out++) {
            const struct chain *chain = cell_at(lane, group, step, left_out);

            if (chain->len > 0 && (best == NULL || chain->len > best->len ||
                                          (chain->len == best->len &&
                                                  chain->marks[0].time > best->marks[0].time)))
                best = chain;
        }
    }
    return best;
}

static bool measure(struct correlate *c, struct group *group, double *ret_value)
{
    const struct plan_lane *lane = group_lane(c, group);
    const struct chain *chain = longest(lane, group);

    *ret_value = chain == NULL ? 0 : chain->len;
    return chain != NULL && chain->len == lane->needed;
}

static void tell(struct correlate *c, struct group *group, struct evidence *evidence)
{
    const struct chain *chain = longest(group_lane(c, group), group);

    evidence->start = group->latest.time;
    if (chain == NULL)
        return;
    for (uint32_t i = 0; i < chain->len; i++)
        evidence_add(evidence, &chain->marks[i]);
    evidence->total = chain->len;
    evidence->start = chain->marks[0].time;
}

static void save(const struct correlate *c, struct group *group, struct hn_buf *out)
{
    const struct plan_lane *lane = group_lane(c, group);

    for (uint32_t step = 0; step < lane->model->ref_count; step++) {
        put_mark(out, latest_of(lane, group, step));
        for (uint32_t left_out = 0; left_out <= slack_of(lane); left_out++) {
            const struct chain *chain = cell_at(lane, group, step, left_out);

            put_u32(out, chain->len);
            for (uint32_t i = 0; i < chain->len; i++)
                put_mark(out, &chain->marks[i]);
        }
    }
}

static enum hn_status restore(struct correlate *c, struct group *group, struct hn_reader *in)
{
    const struct plan_lane *lane = group_lane(c, group);

    for (uint32_t step = 0; step < lane->model->ref_count; step++) {
        *latest_of(lane, group, step) = get_mark(c, group_lane(c, group), in);
        for (uint32_t left_out = 0; left_out <= slack_of(lane); left_out++) {
            struct chain *chain = cell_at(lane, group, step, left_out);

            chain->len = hn_reader_u32(in);
            if (chain->len != 0 && (left_out > step || chain->len != step + 1 - left_out ||
                                           chain->len > lane->needed))
                return HN_CORRUPT;
            for (uint32_t i = 0; i < chain->len; i++)
                chain->marks[i] = get_mark(c, group_lane(c, group), in);
        }
    }
    return HN_OK;
}

const struct window_type window_ordered_type = {
    .state_bytes = state_bytes,
    .enter = enter,
    .expire = expire,
    .measure = measure,
    .tell = tell,
    .save = save,
    .restore = restore,
};
