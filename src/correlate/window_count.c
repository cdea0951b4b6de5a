/* window_count.c - event_count: how many hits are in the window.
 *
 * Sliding, the ring is the window; judged at its end, the window is the group's own count and the
 * ring holds its latest hits as evidence. */
#include "correlate/correlate_internal.h"

static size_t state_bytes(const struct plan_lane *lane)
{
    (void)lane;
    return 0;
}

static enum hn_status enter(struct correlate *c, struct group *group, struct pass *pass)
{
    enum hn_status status;

    (void)window_add(c, group, &pass->mark, &status);
    return status;
}

static bool measure(struct correlate *c, struct group *group, double *ret_value)
{
    bool at_end = group_lane(c, group)->judge == JUDGE_AT_END;

    *ret_value = at_end ? (double)group->count : (double)group->ring.count;
    return true;
}

const struct window_type window_count_type = {
    .item_bytes = sizeof(struct mark),
    .state_bytes = state_bytes,
    .enter = enter,
    .measure = measure,
    .tell = window_tell,
};
