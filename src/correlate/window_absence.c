/* window_absence.c - absence: what happens and is not followed by what should follow.
 *
 * The first input is what happens and opens a wait; any other ends it. While a group waits, more
 * of the first are counted into the same wait: had each one its own, all of theirs would end
 * within a timespan of the first firing, which stays one result. */
#include "correlate/correlate_internal.h"

#include "correlate/wire.h"

struct absence_state {
    struct mark first; /* of the wait */
};

static struct absence_state *state_of(struct group *group)
{
    return (struct absence_state *)(void *)group->state;
}

static size_t state_bytes(const struct plan_lane *lane)
{
    (void)lane;
    return sizeof(struct absence_state);
}

/* Only what happens gets here; what follows ends the group (judge.c). */
static enum hn_status enter(struct correlate *c, struct group *group, struct pass *pass)
{
    (void)c;
    if (group->count == 1)
        state_of(group)->first = pass->mark;
    return HN_OK;
}

static bool measure(struct correlate *c, struct group *group, double *ret_value)
{
    (void)c;
    *ret_value = (double)group->count;
    return true;
}

static void tell(struct correlate *c, struct group *group, struct evidence *evidence)
{
    (void)c;
    correlate_evidence_add(evidence, &state_of(group)->first);
    if (group->count > 1)
        correlate_evidence_add(evidence, &group->latest);
    evidence->total = group->count;
    evidence->start = group->since;
}

static void save(const struct correlate *c, struct group *group, struct hn_buf *out)
{
    (void)c;
    correlate_put_mark(out, &state_of(group)->first);
}

static enum hn_status restore(struct correlate *c, struct group *group, struct hn_reader *in)
{
    state_of(group)->first = correlate_get_mark(c, group_lane(c, group), in);
    return HN_OK;
}

const struct window_type window_absence_type = {
    .state_bytes = state_bytes,
    .enter = enter,
    .measure = measure,
    .tell = tell,
    .save = save,
    .restore = restore,
};
