/* window.c - what the window types share: a ring of hits, evidence from it, what is dropped.
 *
 * What is in the window between entering and leaving is each type's own affair. */
#include "correlate/correlate_internal.h"

#include <string.h>

void window_drop(struct correlate *c, struct group *group)
{
    const struct window_type *type = group_lane(c, group)->type;

    if (type->leave != NULL)
        type->leave(c, group, ring_at(&group->ring, type->item_bytes, 0));
    ring_drop(&group->ring);
}

void window_note_loss(struct correlate *c, struct group *group, hn_time time, bool at_limit)
{
    group->dropped = time;
    if (at_limit) {
        group->flags |= GROUP_LOSSY;
        c->stats.items_evicted++;
    } else {
        group->flags &= ~GROUP_LOSSY;
    }
}

void window_lose(struct correlate *c, struct group *group, bool at_limit)
{
    const struct mark *oldest = ring_at(&group->ring, group_lane(c, group)->type->item_bytes, 0);

    window_note_loss(c, group, oldest->time, at_limit);
    if (group_lane(c, group)->judge == JUDGE_EACH)
        timer_stale(c, group->lane, 1);
    window_drop(c, group);
}

uint32_t window_flags(const struct correlate *c, const struct group *group, hn_time cutoff)
{
    const struct plan_lane *lane = group_lane(c, group);

    if (group->dropped == INT64_MIN || group->dropped < cutoff)
        return 0;
    if ((group->flags & GROUP_LOSSY) != 0)
        return CORRELATE_LOSSY;
    /* Judged at its end, a window is counted as it goes; its ring is evidence alone. */
    return lane->judge == JUDGE_AT_END ? 0 : CORRELATE_AT_LEAST;
}

void *window_add(struct correlate *c, struct group *group, const struct mark *mark,
        enum hn_status *ret_status)
{
    const struct plan_lane *lane = group_lane(c, group);
    struct mark *item;

    *ret_status = HN_OK;
    if (group->ring.count >= lane->items_cap)
        window_lose(c, group, !lane->cap_is_design);
    for (;;) {
        item = ring_add(&group->ring, &c->budget, lane->type->item_bytes);
        if (item != NULL)
            break;
        if (c->budget.status != HN_LIMIT) {
            *ret_status = HN_NOMEM;
            return NULL;
        }
        if (group_evict(c))
            continue;
        if (group->ring.count == 0) {
            c->stats.hits_refused++;
            return NULL;
        }
        window_lose(c, group, true);
    }
    memset(item, 0, lane->type->item_bytes);
    *item = *mark;
    return item;
}

void window_expire(struct correlate *c, struct group *group, hn_time cutoff)
{
    size_t bytes = group_lane(c, group)->type->item_bytes;

    while (group->ring.count > 0 &&
            ((const struct mark *)ring_at(&group->ring, bytes, 0))->time < cutoff)
        window_drop(c, group);
}

static struct correlate_part part_of(const struct mark *mark)
{
    return (struct correlate_part){ mark->time, mark->order, mark->ref, mark->input };
}

void correlate_evidence_add(struct evidence *evidence, const struct mark *mark)
{
    if (evidence->count == CORRELATE_PARTS_MAX) {
        struct correlate_part *last = &evidence->parts[CORRELATE_PARTS_MAX / 2];

        memmove(last, last + 1, (CORRELATE_PARTS_MAX / 2 - 1) * sizeof *last);
        evidence->count--;
    }
    evidence->parts[evidence->count++] = part_of(mark);
}

void window_tell(struct correlate *c, struct group *group, struct evidence *evidence)
{
    size_t bytes = group_lane(c, group)->type->item_bytes;
    uint32_t count = group->ring.count;
    uint32_t half = CORRELATE_PARTS_MAX / 2;

    for (uint32_t i = 0; i < count; i++) {
        if (i == half && count > CORRELATE_PARTS_MAX)
            i = count - half;
        correlate_evidence_add(evidence, ring_at(&group->ring, bytes, i));
    }
    evidence->total = count;
    evidence->start = count > 0 ? evidence->parts[0].time : group->latest.time;
    if (group_lane(c, group)->judge == JUDGE_AT_END) {
        evidence->total = group->count;
        evidence->start = group->since;
    }
}
