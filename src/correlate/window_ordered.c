/* window_ordered.c - temporal_ordered: the rules in the order in which they are listed.
 *
 * For each step (listed place) and each number of steps done by then, the chain of hits that began
 * latest is kept: if any chain fits into the timespan, that one does. So a hit is looked at once,
 * and a group costs the same however many hits it has had. Where every step is needed there is one
 * chain per step; where `gte` asks for fewer, one more per step that may be left out.
 *
 * Hits of the same time are in order whichever came first, as stamps are often of whole seconds
 * and come from different machines. Where a rule is listed twice, their order in the input
 * counts, or one hit would do for both.
 *
 * With a condition such as `a and b and not c`, each hit of a step opens a timespan that is judged
 * at its end: is there a chain in it, and no c since that hit? For that, when the last c came is
 * enough. */
#include "correlate/correlate_internal.h"

#include "correlate/wire.h"

/* Chains that can still come to the needed number have left out at most so many steps. */
static uint32_t slack_of(const struct plan_lane *lane)
{
    return lane->step_count - lane->needed;
}

static uint32_t cell_count(const struct plan_lane *lane)
{
    return lane->step_count * (slack_of(lane) + 1);
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

struct barred {
    hn_time time;
    uint64_t number; /* among the hits of the group, from 1; 0: none */
};

/* Behind the cells stands the latest mark of each step, its link telling that there is one, and
 * behind them the last hit that was not to be. */
static size_t latest_offset(const struct plan_lane *lane)
{
    return cell_count(lane) * cell_bytes(lane);
}

static size_t barred_offset(const struct plan_lane *lane)
{
    return latest_offset(lane) + lane->step_count * sizeof(struct mark);
}

static size_t state_bytes(const struct plan_lane *lane)
{
    return barred_offset(lane) + sizeof(struct barred);
}

static struct barred *barred_of(const struct plan_lane *lane, struct group *group)
{
    return (struct barred *)(void *)(group->state + barred_offset(lane));
}

static uint32_t step_input(const struct plan_lane *lane, uint32_t step)
{
    return lane->steps[lane->order[step]];
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

/* Whether a rule is a step more than once. */
static bool repeats(const struct plan_lane *lane)
{
    uint32_t inputs = 0;

    for (uint32_t i = 0; i < lane->input_count; i++)
        inputs += lane->inputs[i].named == NAMED_BARRED ? 0 : 1;
    return inputs < lane->step_count;
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
        chain->marks[len].input = lane->order[step];
        chain->len = len + 1;
        changed = true;
    }
    return changed;
}

static void expire(struct correlate *c, struct group *group, hn_time cutoff)
{
    const struct plan_lane *lane = group_lane(c, group);

    for (uint32_t step = 0; step < lane->step_count; step++) {
        for (uint32_t left_out = 0; left_out <= slack_of(lane); left_out++) {
            struct chain *chain = cell_at(lane, group, step, left_out);

            if (chain->len > 0 && chain->marks[0].time < cutoff)
                chain->len = 0;
        }
    }
}

/* A hit of a step, and what it means for later steps of the same time. */
static void take_step(
        const struct plan_lane *lane, struct group *group, uint32_t step, const struct mark *mark)
{
    *latest_of(lane, group, step) = *mark;
    latest_of(lane, group, step)->link = 1;
    if (!extend(lane, group, step, mark) || repeats(lane))
        return;
    for (uint32_t after = step + 1; after < lane->step_count; after++) {
        const struct mark *latest = latest_of(lane, group, after);

        if (latest->link != 0 && latest->time == mark->time)
            (void)extend(lane, group, after, latest);
    }
}

static enum hn_status enter(struct correlate *c, struct group *group, struct pass *pass)
{
    const struct plan_lane *lane = group_lane(c, group);

    if (lane->judge == JUDGE_EACH)
        expire(c, group, time_before(c->clock, lane->span));
    if (pass->input->named == NAMED_BARRED)
        *barred_of(lane, group) = (struct barred){ pass->mark.time, group->count };
    /* From the last step to the first, so that one hit does not serve two of them. */
    for (uint32_t step = lane->step_count; step-- > 0;) {
        if (step_input(lane, step) == pass->input_index)
            take_step(lane, group, step, &pass->mark);
    }
    return HN_OK;
}

/* The longest chain; of equal ones the one that began latest. */
static const struct chain *longest(const struct plan_lane *lane, struct group *group)
{
    const struct chain *best = NULL;

    for (uint32_t step = 0; step < lane->step_count; step++) {
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

/* Whether what must not occur has occurred in the timespan that is due, after the hit that opened
 * it. */
static bool is_barred(const struct correlate *c, struct group *group)
{
    const struct plan_lane *lane = group_lane(c, group);
    const struct barred *barred = barred_of(lane, group);

    return lane->judge == JUDGE_EACH && barred->number > 0 &&
           barred->time >= time_before(c->clock, lane->span) &&
           (uint32_t)barred->number - c->ticket < UINT32_MAX / 2;
}

static bool measure(struct correlate *c, struct group *group, double *ret_value)
{
    const struct plan_lane *lane = group_lane(c, group);
    const struct chain *chain;

    if (lane->judge == JUDGE_EACH)
        expire(c, group, time_before(c->clock, lane->span));
    chain = longest(lane, group);
    *ret_value = chain == NULL ? 0 : chain->len;
    return chain != NULL && chain->len == lane->needed && !is_barred(c, group);
}

static void tell(struct correlate *c, struct group *group, struct evidence *evidence)
{
    const struct chain *chain = longest(group_lane(c, group), group);

    evidence->start = group->latest.time;
    if (chain == NULL)
        return;
    for (uint32_t i = 0; i < chain->len; i++)
        correlate_evidence_add(evidence, &chain->marks[i]);
    evidence->total = chain->len;
    evidence->start = chain->marks[0].time;
}

static void save(const struct correlate *c, struct group *group, struct hn_buf *out)
{
    const struct plan_lane *lane = group_lane(c, group);

    for (uint32_t step = 0; step < lane->step_count; step++) {
        correlate_put_mark(out, latest_of(lane, group, step));
        for (uint32_t left_out = 0; left_out <= slack_of(lane); left_out++) {
            const struct chain *chain = cell_at(lane, group, step, left_out);

            put_u32(out, chain->len);
            for (uint32_t i = 0; i < chain->len; i++)
                correlate_put_mark(out, &chain->marks[i]);
        }
    }
    put_u64(out, (uint64_t)barred_of(lane, group)->time);
    put_u64(out, barred_of(lane, group)->number);
}

static enum hn_status restore(struct correlate *c, struct group *group, struct hn_reader *in)
{
    const struct plan_lane *lane = group_lane(c, group);

    for (uint32_t step = 0; step < lane->step_count; step++) {
        *latest_of(lane, group, step) = correlate_get_mark(c, group_lane(c, group), in);
        for (uint32_t left_out = 0; left_out <= slack_of(lane); left_out++) {
            struct chain *chain = cell_at(lane, group, step, left_out);

            chain->len = hn_reader_u32(in);
            if (chain->len != 0 && (left_out > step || chain->len != step + 1 - left_out ||
                                           chain->len > lane->needed))
                return HN_CORRUPT;
            for (uint32_t i = 0; i < chain->len; i++)
                chain->marks[i] = correlate_get_mark(c, group_lane(c, group), in);
        }
    }
    barred_of(lane, group)->time = (hn_time)hn_reader_u64(in);
    barred_of(lane, group)->number = hn_reader_u64(in);
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
