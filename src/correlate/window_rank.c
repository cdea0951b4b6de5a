/* window_rank.c - value_median and value_percentile: an order statistic of the window. */
#include "correlate/correlate_internal.h"

#include "correlate/rank.h"
#include "correlate/wire.h"

static struct rank *state_of(struct group *group)
{
    return (struct rank *)(void *)group->state;
}

static size_t state_bytes(const struct plan_lane *lane)
{
    (void)lane;
    return sizeof(struct rank);
}

static uint32_t *link_of(void *owner, uint32_t number)
{
    struct group *group = owner;
    struct sample *sample = ring_by_number(&group->ring, sizeof *sample, number);

    return &sample->mark.link;
}

static double share_of(const struct correlate *c, const struct group *group)
{
    const struct sigma_correlation *model = group_lane(c, group)->model;

    return model->type == SIGMA_VALUE_MEDIAN ? 0.5 : model->percentile / 100;
}

static struct rank_owner owner_of(const struct correlate *c, struct group *group)
{
    return (struct rank_owner){ link_of, group, share_of(c, group) };
}

/* Room in the heaps for one more; where there is no memory, the oldest samples go instead. False:
 * *ret_status says why, HN_OK there: not even one fits. */
static bool make_ready(struct correlate *c, struct group *group, enum hn_status *ret_status)
{
    struct rank *rank = state_of(group);

    *ret_status = HN_OK;
    while (group->ring.count == rank->room) {
        if (rank_reserve(rank, &c->budget, rank->room == 0 ? 1 : rank->room * 2))
            break;
        if (c->budget.status != HN_LIMIT) {
            *ret_status = HN_NOMEM;
            return false;
        }
        if (group_evict(c))
            continue;
        if (group->ring.count == 0) {
            c->stats.hits_refused++;
            return false;
        }
        window_lose(c, group, true);
    }
    return true;
}

static enum hn_status enter(struct correlate *c, struct group *group, struct pass *pass)
{
    struct rank_owner owner = owner_of(c, group);
    enum hn_status status = HN_OK;

    for (uint32_t i = 0; i < pass->number_count; i++) {
        struct sample *sample;

        if (!make_ready(c, group, &status))
            return status;
        sample = window_add(c, group, &pass->mark, &status);
        if (sample == NULL)
            return status;
        sample->number = pass->numbers[i];
        rank_add(state_of(group), &owner, number_real(sample->number),
                group->ring.first + group->ring.count - 1);
    }
    return status;
}

static void leave(struct correlate *c, struct group *group, const void *item)
{
    struct rank_owner owner = owner_of(c, group);

    (void)item;
    rank_remove(state_of(group), &owner, group->ring.first);
}

static bool measure(struct correlate *c, struct group *group, double *ret_value)
{
    if (group->ring.count == 0)
        return false;
    *ret_value = rank_value(state_of(group), share_of(c, group));
    return true;
}

static void release(struct correlate *c, struct group *group)
{
    rank_release(state_of(group), &c->budget);
}

static void save(const struct correlate *c, struct group *group, struct hn_buf *out)
{
    (void)c;
    put_u32(out, state_of(group)->room);
}

static enum hn_status restore(struct correlate *c, struct group *group, struct hn_reader *in)
{
    struct rank_owner owner = owner_of(c, group);
    uint32_t room = hn_reader_u32(in);

    if (room < group->ring.count || room > RING_ROOM_MAX)
        return HN_CORRUPT;
    if (room > 0 && !rank_reserve(state_of(group), &c->budget, room))
        return c->budget.status;
    for (uint32_t i = 0; i < group->ring.count; i++) {
        const struct sample *sample = ring_at(&group->ring, sizeof *sample, i);

        rank_add(state_of(group), &owner, number_real(sample->number), group->ring.first + i);
    }
    return HN_OK;
}

const struct window_type window_rank_type = {
    .item_bytes = sizeof(struct sample),
    .state_bytes = state_bytes,
    .enter = enter,
    .leave = leave,
    .measure = measure,
    .tell = window_tell,
    .release = release,
    .save = save,
    .restore = restore,
};
