/* window_each.c - temporal with `not`: what is, and is not, in the timespan that a hit opens.
 *
 * The ring holds the hits whose timespans are not over. When the oldest one's ends, the ring is
 * exactly that timespan, is judged, and lets its oldest hit go (judge.c). */
#include "correlate/correlate_internal.h"

static uint32_t *counts_of(struct group *group)
{
    return (uint32_t *)(void *)group->state;
}

static size_t state_bytes(const struct plan_lane *lane)
{
    return lane->input_count * sizeof(uint32_t);
}

static enum hn_status enter(struct correlate *c, struct group *group, struct pass *pass)
{
    enum hn_status status;
    struct mark *mark = window_add(c, group, &pass->mark, &status);

    if (mark == NULL)
        return status;
    mark->link = pass->input_index;
    counts_of(group)[pass->input_index]++;
    return HN_OK;
}

static void leave(struct correlate *c, struct group *group, const void *item)
{
    const struct mark *mark = item;

    (void)c;
    counts_of(group)[mark->link]--;
}

static bool measure(struct correlate *c, struct group *group, double *ret_value)
{
    const struct plan_lane *lane = group_lane(c, group);
    const uint32_t *counts = counts_of(group);
    uint32_t present = 0;

    for (uint32_t i = 0; i < lane->input_count; i++)
        present += counts[i] < lane->inputs[i].times ? counts[i] : lane->inputs[i].times;
    *ret_value = present;
    return plan_condition_holds(lane, counts);
}

static enum hn_status restore(struct correlate *c, struct group *group, struct hn_reader *in)
{
    const struct plan_lane *lane = group_lane(c, group);

    (void)in;
    for (uint32_t i = 0; i < group->ring.count; i++) {
        const struct mark *mark = ring_at(&group->ring, sizeof *mark, i);

        if (mark->link >= lane->input_count)
            return HN_CORRUPT;
        counts_of(group)[mark->link]++;
    }
    return HN_OK;
}

const struct window_type window_each_type = {
    .item_bytes = sizeof(struct mark),
    .state_bytes = state_bytes,
    .enter = enter,
    .leave = leave,
    .measure = measure,
    .tell = window_tell,
    .restore = restore,
};
