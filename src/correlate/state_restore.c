/* state_restore.c - a saved state read back, every byte of it doubted.
 *
 * The digest keeps out accidents, not malice: whatever the body says, what comes of it is a state
 * that this code could be in, or nothing. */
#include "correlate/correlate_internal.h"

#include "base/mem.h"
#include "correlate/wire.h"

#include <assert.h>
#include <math.h>

struct rule_name {
    uint32_t saved;
    uint32_t now; /* UINT32_MAX: gone, or no longer the same */
};

struct numbered {
    struct group *group;
};

struct restore {
    struct correlate *c;
    struct hn_reader *in;
    HN_VEC(struct rule_name) rules; /* by saved */
    HN_VEC(struct numbered) groups; /* of the lane at hand */
    bool *taken;                    /* lanes already found */
};

static struct hn_digest get_digest(struct hn_reader *in)
{
    struct hn_digest digest = { 0, 0 };

    digest.high = hn_reader_u64(in);
    digest.low = hn_reader_u64(in);
    return digest;
}

struct mark correlate_get_mark(
        const struct correlate *c, const struct plan_lane *lane, struct hn_reader *in)
{
    struct mark mark = { 0 };

    mark.time = (hn_time)hn_reader_u64(in);
    mark.order = hn_reader_u64(in);
    mark.ref = hn_reader_u64(in);
    mark.input = hn_reader_u32(in);
    mark.link = hn_reader_u32(in);
    if (mark.time > c->clock || mark.input >= lane->model->ref_count)
        in->failed = true;
    return mark;
}

/* count texts, each with its length, and nothing behind them. */
static bool is_counted(struct hn_text text, uint32_t count)
{
    struct hn_reader in = hn_reader_over(hn_text_as_bytes(text));

    for (uint32_t i = 0; i < count; i++)
        (void)get_text(&in);
    return hn_reader_ok(&in) && hn_reader_left(&in) == 0;
}

static bool is_carried(struct hn_text text, uint32_t count)
{
    struct hn_reader in = hn_reader_over(hn_text_as_bytes(text));

    for (uint32_t i = 0; i < count && hn_reader_ok(&in); i++) {
        uint32_t values = hn_reader_u32(&in);

        for (uint32_t k = 0; k < values && hn_reader_ok(&in); k++)
            (void)get_text(&in);
    }
    return hn_reader_ok(&in) && hn_reader_left(&in) == 0;
}

/* ---- Groups ---- */

static enum hn_status get_ring(struct restore *restore, struct group *group)
{
    struct correlate *c = restore->c;
    const struct plan_lane *lane = group_lane(c, group);
    size_t bytes = lane->type->item_bytes;
    uint32_t room = hn_reader_u32(restore->in);
    uint32_t first = hn_reader_u32(restore->in);
    uint32_t count = hn_reader_u32(restore->in);
    hn_time last = INT64_MIN;

    if (!ring_is_room(room, count) || count > lane->items_cap)
        return HN_CORRUPT;
    group->ring.first = first;
    if (room > 0 && !ring_reserve(&group->ring, &c->budget, bytes, room))
        return c->budget.status;
    for (uint32_t i = 0; i < count && hn_reader_ok(restore->in); i++) {
        struct mark mark = correlate_get_mark(c, lane, restore->in);
        struct sample *sample;

        if (mark.time < last)
            return HN_CORRUPT;
        last = mark.time;
        sample = ring_add(&group->ring, &c->budget, bytes);
        assert(sample != NULL);
        sample->mark = mark;
        if (bytes == sizeof *sample) {
            sample->number.is_real = hn_reader_u8(restore->in) != 0;
            sample->number.as.bits = hn_reader_u64(restore->in);
            if (sample->number.is_real && !isfinite(sample->number.as.real))
                return HN_CORRUPT;
        }
    }
    return HN_OK;
}

static enum hn_status get_episode(struct restore *restore, struct group *group)
{
    struct correlate *c = restore->c;
    struct hn_reader *in = restore->in;
    struct episode *episode;

    if (hn_reader_u8(in) == 0)
        return HN_OK;
    episode = budget_alloc(&c->budget, sizeof *episode);
    if (episode == NULL)
        return c->budget.status;
    group->episode = episode;
    episode->fired = (hn_time)hn_reader_u64(in);
    episode->start = (hn_time)hn_reader_u64(in);
    episode->id = get_digest(in);
    episode->total = hn_reader_u64(in);
    episode->folded = hn_reader_u64(in);
    episode->peak = get_real(in);
    episode->last = correlate_get_mark(c, group_lane(c, group), in);
    return HN_OK;
}

static enum hn_status get_carried(struct restore *restore, struct group *group)
{
    struct correlate *c = restore->c;
    struct hn_text carried = get_text(restore->in);

    if (carried.len == 0)
        return HN_OK;
    if (!is_carried(carried, group_lane(c, group)->carried.count))
        return HN_CORRUPT;
    group->carried = budget_alloc(&c->budget, carried.len);
    if (group->carried == NULL)
        return c->budget.status;
    memcpy(group->carried, carried.ptr, carried.len);
    group->carried_bytes = (uint32_t)carried.len;
    return HN_OK;
}

static enum hn_status get_times(struct restore *restore, struct group *group)
{
    struct correlate *c = restore->c;
    struct hn_reader *in = restore->in;

    group->since = (hn_time)hn_reader_u64(in);
    group->last = (hn_time)hn_reader_u64(in);
    group->dropped = (hn_time)hn_reader_u64(in);
    group->count = hn_reader_u64(in);
    group->ticket = hn_reader_u32(in);
    group->flags = hn_reader_u32(in);
    group->latest = correlate_get_mark(c, group_lane(c, group), in);
    if (group->last > c->clock || (group->flags & ~(GROUP_OPEN | GROUP_LOSSY)) != 0 ||
            (group->older != NULL && group->older->last > group->last))
        return HN_CORRUPT;
    return HN_OK;
}

/* The key of the next group into c->key and c->shown, checked; the group made. */
static enum hn_status new_group(struct restore *restore, uint32_t lane, struct group **ret_group)
{
    struct correlate *c = restore->c;
    uint32_t names = c->lanes[lane].plan->model->group_by.count;
    struct hn_text key = get_text(restore->in);
    struct hn_text shown = get_text(restore->in);
    enum hn_status status;

    if (!hn_reader_ok(restore->in) || !is_counted(key, names) ||
            (shown.len > 0 && !is_counted(shown, names)))
        return HN_CORRUPT;
    hn_buf_reset(&c->key);
    hn_buf_reset(&c->shown);
    put_u32(&c->key, lane);
    hn_buf_add_text(&c->key, key);
    hn_buf_add_text(&c->shown, shown);
    if (!hn_buf_ok(&c->key) || !hn_buf_ok(&c->shown))
        return HN_NOMEM;
    if (group_find(c) != NULL)
        return HN_CORRUPT;
    if (c->group_count >= c->plan->limits.groups_max)
        return HN_LIMIT;
    *ret_group = group_get(c, lane, &status);
    return status;
}

static enum hn_status get_group(struct restore *restore, uint32_t lane)
{
    struct correlate *c = restore->c;
    const struct window_type *type = c->lanes[lane].plan->type;
    struct numbered *known;
    struct group *group;
    enum hn_status status = new_group(restore, lane, &group);

    if (status == HN_OK)
        status = get_carried(restore, group);
    if (status == HN_OK)
        status = get_times(restore, group);
    if (status == HN_OK)
        status = get_episode(restore, group);
    if (status == HN_OK && type->item_bytes > 0)
        status = get_ring(restore, group);
    if (status == HN_OK && hn_reader_ok(restore->in) && type->restore != NULL)
        status = type->restore(c, group, restore->in);
    if (status != HN_OK || !hn_reader_ok(restore->in))
        return status == HN_OK ? HN_CORRUPT : status;
    known = hn_vec_add(&restore->groups);
    if (known == NULL)
        return HN_NOMEM;
    known->group = group;
    return HN_OK;
}

static enum hn_status get_dues(struct restore *restore, uint32_t lane)
{
    struct correlate *c = restore->c;
    struct hn_reader *in = restore->in;
    uint32_t room = hn_reader_u32(in);
    uint32_t count = hn_reader_u32(in);
    uint32_t stale = hn_reader_u32(in);
    hn_time last = INT64_MIN;
    hn_time latest = time_after(c->clock, c->lanes[lane].plan->span); /* of any made so far */

    if (!ring_is_room(room, count))
        return HN_CORRUPT;
    if (room > 0 && !ring_reserve(&c->lanes[lane].dues, &c->budget, sizeof(struct due), room))
        return c->budget.status;
    for (uint32_t i = 0; i < count; i++) {
        struct due due = { .at = (hn_time)hn_reader_u64(in), .slot = SLOT_NONE };
        uint32_t number = hn_reader_u32(in);

        due.ticket = hn_reader_u32(in);
        due.kind = hn_reader_u32(in);
        if (!hn_reader_ok(in) || due.at < last || due.at > latest ||
                (number != UINT32_MAX && number >= restore->groups.count) ||
                due.kind > (uint32_t)DUE_CLOSE)
            return HN_CORRUPT;
        if (number != UINT32_MAX)
            due.slot = restore->groups.ptr[number].group->index;
        timer_put(c, lane, &due);
        last = due.at;
    }
    c->lanes[lane].stale = stale;
    return HN_OK;
}

/* ---- Lanes ---- */

static uint32_t find_lane(struct restore *restore, struct hn_digest digest)
{
    const struct correlate_plan *plan = restore->c->plan;

    for (uint32_t i = 0; i < plan->lane_count; i++) {
        if (!restore->taken[i] && hn_digest_eq(plan->lanes[i].digest, digest)) {
            restore->taken[i] = true;
            return plan->lanes[i].refusal == NULL ? i : LANE_NONE;
        }
    }
    return LANE_NONE;
}

static enum hn_status get_lane(struct restore *restore)
{
    struct hn_reader *whole = restore->in;
    struct hn_digest digest = get_digest(whole);
    uint64_t bytes = hn_reader_u64(whole);
    struct hn_reader in = hn_reader_over(hn_reader_take(whole, bytes));
    uint32_t lane = find_lane(restore, digest);
    uint32_t count = hn_reader_u32(&in);
    enum hn_status status = HN_OK;

    if (!hn_reader_ok(whole) || !hn_reader_ok(&in))
        return HN_CORRUPT;
    if (lane == LANE_NONE) {
        restore->c->stats.unmatched += count;
        return HN_OK;
    }
    restore->in = &in;
    hn_vec_reset(&restore->groups);
    for (uint32_t i = 0; i < count && status == HN_OK; i++)
        status = get_group(restore, lane);
    if (status == HN_OK)
        status = get_dues(restore, lane);
    if (status == HN_OK && (!hn_reader_ok(&in) || hn_reader_left(&in) > 0))
        status = HN_CORRUPT;
    restore->in = whole;
    return status;
}

static enum hn_status get_lanes(struct restore *restore)
{
    struct correlate *c = restore->c;
    uint32_t room = hn_reader_u32(restore->in);
    uint32_t count = hn_reader_u32(restore->in);
    enum hn_status status = HN_OK;

    if (!ring_is_room(room, 0))
        return HN_CORRUPT;
    if (room > 0 && !table_reserve(&c->groups, &c->budget, room))
        return c->budget.status;
    for (uint32_t i = 0; i < count && status == HN_OK; i++)
        status = get_lane(restore);
    return status;
}

/* ---- Hits that wait ---- */

static enum hn_status get_rules(struct restore *restore)
{
    const struct correlate_plan *plan = restore->c->plan;
    uint32_t count = hn_reader_u32(restore->in);
    uint32_t hint = 0;

    for (uint32_t i = 0; i < count; i++) {
        struct rule_name name = { hn_reader_u32(restore->in), UINT32_MAX };
        struct hn_digest digest = get_digest(restore->in);
        struct rule_name *added;

        if (!hn_reader_ok(restore->in) || (i > 0 && restore->rules.ptr[i - 1].saved >= name.saved))
            return HN_CORRUPT;
        /* Mostly the rules are the same, and the next one found is the next one looked at. */
        for (uint32_t k = 0; k < plan->set->rule_count && name.now == UINT32_MAX; k++) {
            uint32_t rule = (hint + k) % plan->set->rule_count;

            if (correlate_plan_wants(plan, rule) &&
                    hn_digest_eq(correlate_plan_rule_digest(plan, rule), digest)) {
                name.now = rule;
                hint = rule + 1;
            }
        }
        added = hn_vec_add(&restore->rules);
        if (added == NULL)
            return HN_NOMEM;
        *added = name;
    }
    return HN_OK;
}

static uint32_t find_rule(const struct restore *restore, uint32_t saved)
{
    size_t low = 0;
    size_t high = restore->rules.count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (restore->rules.ptr[middle].saved < saved)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == restore->rules.count || restore->rules.ptr[low].saved != saved)
        return UINT32_MAX;
    return restore->rules.ptr[low].now;
}

static enum hn_status get_pending(struct restore *restore)
{
    struct correlate *c = restore->c;
    uint32_t count = hn_reader_u32(restore->in);

    if (count > c->plan->limits.pending_max)
        return HN_LIMIT;
    for (uint32_t i = 0; i < count; i++) {
        struct correlate_hit_box box;
        enum hn_status status = correlate_hit_read(restore->in, &box, NULL);

        if (status != HN_OK)
            return HN_CORRUPT;
        box.hit.rule = find_rule(restore, box.hit.rule);
        if (box.hit.rule == UINT32_MAX) {
            c->stats.unmatched++;
            continue;
        }
        status = reorder_hold(c, &box.hit);
        if (status != HN_OK)
            return status;
    }
    return HN_OK;
}

/* ---- The whole ---- */

static enum hn_status get_time(struct restore *restore)
{
    struct correlate *c = restore->c;
    struct hn_reader *in = restore->in;

    c->clock = (hn_time)hn_reader_u64(in);
    c->watermark = (hn_time)hn_reader_u64(in);
    c->value_seed = hn_reader_u64(in);
    c->sweep = hn_reader_u32(in);
    c->stamper.has_last = hn_reader_u8(in) != 0;
    c->stamper.last = (hn_time)hn_reader_u64(in);
    c->stamper.timeless = hn_reader_u64(in);
    c->stamper.ahead = hn_reader_u64(in);
    c->reorder.recent_count = hn_reader_u32(in);
    c->reorder.recent_next = hn_reader_u32(in);
    for (uint32_t i = 0; i < BULK_HITS; i++)
        c->reorder.recent[i] = (hn_time)hn_reader_u64(in);
#define GET_STAT(name, text) c->stats.name = hn_reader_u64(in);
    CORRELATE_STAT_LIST(GET_STAT)
#undef GET_STAT
    if (!hn_reader_ok(in) || c->reorder.recent_count > BULK_HITS ||
            c->reorder.recent_next >= BULK_HITS)
        return HN_CORRUPT;
    if (c->sweep >= c->plan->lane_count)
        c->sweep = 0;
    return HN_OK;
}

static enum hn_status get_body(struct correlate *c, struct hn_reader *in)
{
    struct restore restore = { .c = c, .in = in };
    enum hn_status status = HN_NOMEM;

    restore.taken = hn_calloc(c->plan->lane_count, sizeof *restore.taken);
    if (restore.taken != NULL)
        status = get_time(&restore);
    if (status == HN_OK)
        status = get_rules(&restore);
    if (status == HN_OK)
        status = get_pending(&restore);
    if (status == HN_OK)
        status = get_lanes(&restore);
    if (status == HN_OK && (!hn_reader_ok(in) || hn_reader_left(in) > 0))
        status = HN_CORRUPT;
    hn_vec_deinit(&restore.rules);
    hn_vec_deinit(&restore.groups);
    hn_free(restore.taken);
    return status;
}

enum hn_status correlate_restore(struct correlate *c, struct hn_bytes saved, struct hn_err *err)
{
    struct hn_reader in = hn_reader_over(saved);
    uint32_t magic = hn_reader_u32(&in);
    uint32_t version = hn_reader_u32(&in);
    uint64_t bytes = hn_reader_u64(&in);
    struct hn_digest digest = get_digest(&in);
    enum hn_status status;

    assert(c->group_count == 0 && c->reorder.heap.count == 0);
    if (!hn_reader_ok(&in) || bytes > hn_reader_left(&in))
        return hn_fail(err, HN_TRUNCATED, saved.len, "saved correlation state is cut off");
    if (magic != STATE_MAGIC)
        return hn_fail(err, HN_CORRUPT, 0, "this is no saved correlation state");
    if (version != STATE_VERSION)
        return hn_fail(err, HN_UNSUPPORTED, 4, "saved correlation state has version %u, not %u",
                version, STATE_VERSION);
    if (bytes < hn_reader_left(&in) || !hn_digest_eq(digest, hn_digest_of(in.next, bytes)))
        return hn_fail(err, HN_CORRUPT, 16, "saved correlation state is damaged");

    c->restoring = true;
    status = get_body(c, &in);
    c->restoring = false;
    if (status == HN_OK)
        return HN_OK;
    correlate_reset(c);
    memset(&c->stats, 0, sizeof c->stats);
    c->stamper.timeless = 0;
    c->stamper.ahead = 0;
    return hn_fail(err, status, hn_reader_offset(&in), "saved correlation state: %s",
            hn_status_text(status));
}
