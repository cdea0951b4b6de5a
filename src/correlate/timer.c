/* timer.c - what has to happen at a time to come.
 *
 * Each lane's dues come in with rising times (its timespan is the same for all), so a queue per
 * lane and a heap of lanes by their first due keep them in order. A due whose group has ended, or
 * that was called off, stays until its time or until such dues are the greater part. */
#include "correlate/correlate_internal.h"

#include <assert.h>

#define STALE_MIN 64

static struct due *first_due(const struct correlate *c, uint32_t lane)
{
    return ring_at(&c->lanes[lane].dues, sizeof(struct due), 0);
}

static bool is_before(const struct correlate *c, uint32_t a, uint32_t b)
{
    hn_time at_a = first_due(c, a)->at;
    hn_time at_b = first_due(c, b)->at;

    return at_a != at_b ? at_a < at_b : a < b;
}

static void put(struct correlate *c, uint32_t pos, uint32_t lane)
{
    c->timed[pos] = lane;
    c->lanes[lane].timer = pos;
}

static void move_up(struct correlate *c, uint32_t pos, uint32_t lane)
{
    while (pos > 0 && is_before(c, lane, c->timed[(pos - 1) / 2])) {
        put(c, pos, c->timed[(pos - 1) / 2]);
        pos = (pos - 1) / 2;
    }
    put(c, pos, lane);
}

static void move_down(struct correlate *c, uint32_t pos, uint32_t lane)
{
    for (;;) {
        uint32_t child = 2 * pos + 1;

        if (child + 1 < c->timed_count && is_before(c, c->timed[child + 1], c->timed[child]))
            child++;
        if (child >= c->timed_count || !is_before(c, c->timed[child], lane))
            break;
        put(c, pos, c->timed[child]);
        pos = child;
    }
    put(c, pos, lane);
}

/* The first due of a lane in the heap has gone or changed to a later one. */
static void settle(struct correlate *c, uint32_t lane)
{
    uint32_t pos = c->lanes[lane].timer;

    if (c->lanes[lane].dues.count > 0) {
        move_down(c, pos, lane);
        return;
    }
    lane = c->timed[--c->timed_count];
    if (pos < c->timed_count) {
        if (pos > 0 && is_before(c, lane, c->timed[(pos - 1) / 2]))
            move_up(c, pos, lane);
        else
            move_down(c, pos, lane);
    }
}

struct group *timer_group(const struct correlate *c, const struct due *due)
{
    const struct slot *slot;

    if (due->slot == SLOT_NONE)
        return NULL;
    slot = &c->slots.ptr[due->slot];
    return slot->generation == due->generation ? slot->group : NULL;
}

bool timer_is_meant(const struct correlate *c, const struct due *due)
{
    const struct group *group = timer_group(c, due);

    if (group == NULL)
        return false;
    if (due->kind == DUE_CLOSE)
        return group->episode != NULL;
    if (group_lane(c, group)->judge == JUDGE_EACH) {
        /* The due of a hit in the ring: the number must be one that is there. */
        return due->ticket - group->ring.first < group->ring.count;
    }
    return (group->flags & GROUP_OPEN) != 0 && group->ticket == due->ticket;
}

static void drop_stale(struct correlate *c, uint32_t index)
{
    struct ring *dues = &c->lanes[index].dues;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < dues->count; i++) {
        const struct due *due = ring_at(dues, sizeof *due, i);

        if (timer_is_meant(c, due)) {
            struct due *to = ring_at(dues, sizeof *to, kept++);

            *to = *due;
        }
    }
    dues->count = kept;
    c->lanes[index].stale = 0;
    settle(c, index);
}

void timer_stale(struct correlate *c, uint32_t lane, uint32_t count)
{
    c->lanes[lane].stale += count;
}

void timer_put(struct correlate *c, uint32_t index, const struct due *due)
{
    struct ring *dues = &c->lanes[index].dues;
    struct due *added = ring_add(dues, &c->budget, sizeof *added);

    assert(added != NULL); /* there is room */
    assert(dues->count < 2 ||
            ((const struct due *)ring_at(dues, sizeof *due, dues->count - 2))->at <= due->at);
    *added = *due;
    if (dues->count == 1) {
        c->timed_count++;
        move_up(c, c->timed_count - 1, index);
    }
}

enum hn_status timer_add(struct correlate *c, const struct group *group, hn_time at,
        enum due_kind kind, uint32_t ticket)
{
    struct lane *lane = &c->lanes[group->lane];
    struct due due = { at, group->index, c->slots.ptr[group->index].generation, ticket,
        (uint32_t)kind };

    if (lane->dues.count == 0)
        lane->stale = 0;
    if (lane->stale > STALE_MIN && lane->stale > lane->dues.count / 2)
        drop_stale(c, group->lane);
    while (!ring_has_room(&lane->dues, &c->budget, sizeof due)) {
        if (c->budget.status != HN_LIMIT || !group_evict(c))
            return c->budget.status;
    }
    timer_put(c, group->lane, &due);
    return HN_OK;
}

uint32_t timer_first(const struct correlate *c, hn_time *ret_at)
{
    if (c->timed_count == 0)
        return LANE_NONE;
    *ret_at = first_due(c, c->timed[0])->at;
    return c->timed[0];
}

struct due timer_take(struct correlate *c, uint32_t lane)
{
    struct due due = *first_due(c, lane);

    if (!timer_is_meant(c, &due) && c->lanes[lane].stale > 0)
        c->lanes[lane].stale--;
    ring_drop(&c->lanes[lane].dues);
    settle(c, lane);
    return due;
}

void timer_reset(struct correlate *c)
{
    for (uint32_t i = 0; i < c->plan->lane_count; i++) {
        ring_release(&c->lanes[i].dues, &c->budget, sizeof(struct due));
        c->lanes[i].stale = 0;
    }
    c->timed_count = 0;
}
