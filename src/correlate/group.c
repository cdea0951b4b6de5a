/* group.c - the state of one correlation for one key: found, made, kept in order, given up.
 *
 * A key is the lane and the folded texts of its group-by fields: two spellings of one user are one
 * group, shown as it was spelt first. */
#include "correlate/correlate_internal.h"

#include "base/hash.h"
#include "base/utf.h"
#include "correlate/wire.h"

#include <assert.h>
#include <stddef.h>

/* Idle groups ended per hit: more than a hit makes. */
#define SWEEP_MAX (CORRELATE_COMBINATIONS_MAX + 1)

struct hn_text correlate_fold_text(struct correlate *c, struct hn_text text)
{
    text = hn_text_sub(text, 0, CORRELATE_TEXT_MAX);
    return hn_text_of(c->folded, hn_fold(text, c->folded));
}

/* In one piece: the struct, the type's state, the key, the texts to show. */
static size_t group_size(const struct group *group)
{
    return (size_t)group->key_offset + group->key_bytes + group->shown_bytes;
}

static struct hn_text key_of(const void *item)
{
    const struct group *group = item;

    return hn_text_of((const char *)group + group->key_offset, group->key_bytes);
}

struct hn_text group_key(const struct group *group)
{
    return hn_text_sub(key_of(group), sizeof(uint32_t), group->key_bytes);
}

struct hn_text group_shown(const struct group *group)
{
    if (group->shown_bytes == 0)
        return group_key(group);
    return hn_text_of(
            (const char *)group + group->key_offset + group->key_bytes, group->shown_bytes);
}

/* ---- The order of last hits ---- */

static void unlink_group(struct lane *lane, const struct group *group)
{
    if (group->older != NULL)
        group->older->newer = group->newer;
    else
        lane->oldest = group->newer;
    if (group->newer != NULL)
        group->newer->older = group->older;
    else
        lane->newest = group->older;
}

static void link_newest(struct lane *lane, struct group *group)
{
    group->older = lane->newest;
    group->newer = NULL;
    if (lane->newest != NULL)
        lane->newest->newer = group;
    else
        lane->oldest = group;
    lane->newest = group;
}

void group_touch(struct correlate *c, struct group *group)
{
    struct lane *lane = &c->lanes[group->lane];

    if (lane->newest == group)
        return;
    unlink_group(lane, group);
    link_newest(lane, group);
}

/* ---- Making ---- */

/* A number for the group that dues can name it by; HN_LIMIT never. */
static enum hn_status take_slot(struct correlate *c, struct group *group)
{
    struct slot *slot;

    if (c->free_slot != SLOT_NONE) {
        group->index = c->free_slot;
        slot = &c->slots.ptr[group->index];
        c->free_slot = slot->next_free;
    } else {
        slot = hn_vec_add(&c->slots);
        if (slot == NULL)
            return HN_NOMEM;
        group->index = (uint32_t)c->slots.count - 1;
    }
    slot->group = group;
    return HN_OK;
}

static void give_slot(struct correlate *c, const struct group *group)
{
    struct slot *slot = &c->slots.ptr[group->index];

    slot->group = NULL;
    slot->generation++;
    slot->next_free = c->free_slot;
    c->free_slot = group->index;
}

/* After an allocation from the budget has failed: true when it is worth another try. */
static bool may_retry(struct correlate *c, enum hn_status *ret_status)
{
    *ret_status = c->budget.status;
    return c->budget.status == HN_LIMIT && group_evict(c);
}

static uint64_t key_hash(const struct correlate *c)
{
    return hn_hash_text(hn_buf_text(&c->key), hn_hash_seed());
}

static struct group *new_group(struct correlate *c, uint32_t lane, enum hn_status *ret_status)
{
    const struct plan_lane *plan = c->lanes[lane].plan;
    size_t key_offset = offsetof(struct group, state) + plan->state_bytes;
    size_t size = key_offset + c->key.len + c->shown.len;
    struct group *group;

    while (c->group_count >= c->plan->limits.groups_max && group_evict(c))
        continue;
    do {
        group = budget_alloc(&c->budget, size);
    } while (group == NULL && may_retry(c, ret_status));
    if (group == NULL)
        return NULL;
    group->hash = key_hash(c);
    group->lane = lane;
    group->key_offset = (uint32_t)key_offset;
    group->key_bytes = (uint32_t)c->key.len;
    group->shown_bytes = (uint32_t)c->shown.len;
    group->dropped = INT64_MIN;
    memcpy((char *)group + key_offset, c->key.ptr, c->key.len);
    if (c->shown.len > 0)
        memcpy((char *)group + key_offset + c->key.len, c->shown.ptr, c->shown.len);
    *ret_status = take_slot(c, group);
    if (*ret_status != HN_OK)
        budget_free(&c->budget, group, size);
    return *ret_status == HN_OK ? group : NULL;
}

struct group *group_find(const struct correlate *c)
{
    return table_find(&c->groups, key_hash(c), hn_buf_text(&c->key), key_of);
}

struct group *group_get(struct correlate *c, uint32_t lane, enum hn_status *ret_status)
{
    struct group *group = group_find(c);

    *ret_status = HN_OK;
    if (group != NULL)
        return group;
    group = new_group(c, lane, ret_status);
    while (group != NULL && !table_put(&c->groups, &c->budget, group->hash, group)) {
        if (!may_retry(c, ret_status)) {
            give_slot(c, group);
            budget_free(&c->budget, group, group_size(group));
            group = NULL;
        }
    }
    if (group != NULL) {
        link_newest(&c->lanes[lane], group);
        c->group_count++;
        *ret_status = HN_OK;
    } else if (*ret_status == HN_LIMIT && !c->restoring) {
        c->stats.hits_refused++;
        *ret_status = HN_OK;
    }
    return group;
}

/* ---- Ending ---- */

/* Dues of the group that nothing will come of any more. */
static uint32_t open_dues(const struct correlate *c, const struct group *group)
{
    uint32_t count = group->episode != NULL ? 1 : 0;

    if (group_lane(c, group)->judge == JUDGE_EACH)
        return count + group->ring.count;
    return count + ((group->flags & GROUP_OPEN) != 0 ? 1 : 0);
}

void group_discard(struct correlate *c, struct group *group)
{
    const struct window_type *type = group_lane(c, group)->type;

    if (type->release != NULL)
        type->release(c, group);
    ring_release(&group->ring, &c->budget, type->item_bytes);
    budget_free(&c->budget, group->carried, group->carried_bytes);
    budget_free(&c->budget, group->episode, sizeof *group->episode);
    unlink_group(&c->lanes[group->lane], group);
    table_remove(&c->groups, group->hash, group);
    give_slot(c, group);
    c->group_count--;
    budget_free(&c->budget, group, group_size(group));
}

void group_end(struct correlate *c, struct group *group)
{
    timer_stale(c, group->lane, open_dues(c, group));
    result_end(c, group, 0);
    group_discard(c, group);
}

void group_sweep(struct correlate *c, uint32_t lane)
{
    hn_time cutoff = time_before(c->clock, c->lanes[lane].plan->span);

    for (int i = 0; i < SWEEP_MAX; i++) {
        struct group *oldest = c->lanes[lane].oldest;

        /* One that fired at the end of its window is kept quiet for longer. */
        if (oldest == NULL || oldest->last >= cutoff || oldest->episode != NULL)
            break;
        group_end(c, oldest);
    }
}

bool group_evict(struct correlate *c)
{
    struct group *victim = NULL;

    if (c->restoring)
        return false;
    for (uint32_t i = 0; i < c->plan->lane_count; i++) {
        struct group *oldest = c->lanes[i].oldest;

        if (oldest != NULL && oldest == c->pinned)
            oldest = oldest->newer;
        if (oldest != NULL && (victim == NULL || oldest->last < victim->last))
            victim = oldest;
    }
    if (victim == NULL)
        return false;
    result_end(c, victim, CORRELATE_LOSSY);
    group_end(c, victim);
    c->stats.groups_evicted++;
    return true;
}
