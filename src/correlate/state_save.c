/* state_save.c - the whole state as bytes: for daemons that stop and go on.
 *
 * Layout, little-endian: magic, version, bytes of the body, digest of the body, body. The body
 * names rules and correlations by digest, so that it can be read where others have come or gone;
 * groups stand in the order of their last hits, everything else in the order in which it will be
 * used, so that the state read back goes on exactly as this one would. */
#include "correlate/correlate_internal.h"

#include "correlate/wire.h"

struct hn_digest correlate_plan_rule_digest(const struct correlate_plan *plan, uint32_t rule)
{
    struct sigma_texts fields = correlate_plan_fields(plan, rule);
    struct hn_digest digest = plan->set->rules[rule].meta.digest;

    for (uint32_t i = 0; i < fields.count; i++)
        digest = hn_digest_join(digest, hn_digest_of(fields.ptr[i].ptr, fields.ptr[i].len));
    return digest;
}

static void put_digest(struct hn_buf *out, struct hn_digest digest)
{
    put_u64(out, digest.high);
    put_u64(out, digest.low);
}

void correlate_put_mark(struct hn_buf *out, const struct mark *mark)
{
    put_u64(out, (uint64_t)mark->time);
    put_u64(out, mark->order);
    put_u64(out, mark->ref);
    put_u32(out, mark->input);
    put_u32(out, mark->link);
}

static void put_ring(struct hn_buf *out, const struct ring *ring, size_t item_bytes)
{
    put_u32(out, ring->room);
    put_u32(out, ring->first);
    put_u32(out, ring->count);
    for (uint32_t i = 0; i < ring->count; i++) {
        correlate_put_mark(out, ring_at(ring, item_bytes, i));
        if (item_bytes == sizeof(struct sample)) {
            const struct sample *sample = ring_at(ring, item_bytes, i);

            put_u8(out, sample->number.is_real ? 1 : 0);
            put_u64(out, sample->number.as.bits);
        }
    }
}

static void put_episode(struct hn_buf *out, const struct episode *episode)
{
    put_u8(out, episode != NULL ? 1 : 0);
    if (episode == NULL)
        return;
    put_u64(out, (uint64_t)episode->fired);
    put_u64(out, (uint64_t)episode->start);
    put_digest(out, episode->id);
    put_u64(out, episode->total);
    put_u64(out, episode->folded);
    put_real(out, episode->peak);
    correlate_put_mark(out, &episode->last);
}

static void put_group(const struct correlate *c, struct group *group, struct hn_buf *out)
{
    const struct window_type *type = group_lane(c, group)->type;

    put_text(out, group_key(group));
    put_text(out, group->shown_bytes == 0 ? HN_TEXT("") : group_shown(group));
    put_text(out, hn_text_of(group->carried, group->carried_bytes));
    put_u64(out, (uint64_t)group->since);
    put_u64(out, (uint64_t)group->last);
    put_u64(out, (uint64_t)group->dropped);
    put_u64(out, group->count);
    put_u32(out, group->ticket);
    put_u32(out, group->flags);
    correlate_put_mark(out, &group->latest);
    put_episode(out, group->episode);
    if (type->item_bytes > 0)
        put_ring(out, &group->ring, type->item_bytes);
    if (type->save != NULL)
        type->save(c, group, out);
}

/* All of them: one that has lost its meaning still takes room until its time. */
static void put_dues(const struct correlate *c, const struct lane *lane, struct hn_buf *out)
{
    put_u32(out, lane->dues.room);
    put_u32(out, lane->dues.count);
    put_u32(out, lane->stale);
    for (uint32_t i = 0; i < lane->dues.count; i++) {
        const struct due *due = ring_at(&lane->dues, sizeof *due, i);
        const struct group *group = timer_group(c, due);

        put_u64(out, (uint64_t)due->at);
        put_u32(out, group == NULL ? UINT32_MAX : group->number);
        put_u32(out, due->ticket);
        put_u32(out, due->kind);
    }
}

/* Digest, length, groups by last hit, dues. */
static void put_lane(const struct correlate *c, const struct lane *lane, struct hn_buf *out)
{
    size_t start;
    uint32_t count = 0;

    put_digest(out, lane->plan->digest);
    start = out->len;
    put_u64(out, 0);
    put_u32(out, 0);
    for (struct group *group = lane->oldest; group != NULL; group = group->newer) {
        group->number = count++;
        put_group(c, group, out);
    }
    put_dues(c, lane, out);
    if (hn_buf_ok(out)) {
        set_u64(out, start, out->len - start - sizeof(uint64_t));
        set_u32(out, start + sizeof(uint64_t), count);
    }
}

static void put_rules(const struct correlate_plan *plan, struct hn_buf *out)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < plan->set->rule_count; i++)
        count += correlate_plan_wants(plan, i) ? 1 : 0;
    put_u32(out, count);
    for (uint32_t i = 0; i < plan->set->rule_count; i++) {
        if (!correlate_plan_wants(plan, i))
            continue;
        put_u32(out, i);
        put_digest(out, correlate_plan_rule_digest(plan, i));
    }
}

static void put_time(const struct correlate *c, struct hn_buf *out)
{
    put_u64(out, (uint64_t)c->clock);
    put_u64(out, (uint64_t)c->watermark);
    put_u64(out, c->value_seed);
    put_u32(out, c->sweep);
    put_u8(out, c->stamper.has_last ? 1 : 0);
    put_u64(out, (uint64_t)c->stamper.last);
    put_u64(out, c->stamper.timeless);
    put_u64(out, c->stamper.ahead);
    put_u32(out, c->reorder.recent_count);
    put_u32(out, c->reorder.recent_next);
    for (uint32_t i = 0; i < BULK_HITS; i++)
        put_u64(out, (uint64_t)c->reorder.recent[i]);
}

static void put_body(const struct correlate *c, struct hn_buf *out)
{
    put_time(c, out);
#define PUT_STAT(name, text) put_u64(out, c->stats.name);
    CORRELATE_STAT_LIST(PUT_STAT)
#undef PUT_STAT
    put_rules(c->plan, out);
    put_u32(out, (uint32_t)c->reorder.heap.count);
    for (size_t i = 0; i < c->reorder.heap.count; i++)
        hn_buf_add(out, c->reorder.heap.ptr[i].written, c->reorder.heap.ptr[i].bytes);
    put_u32(out, c->groups.room);
    put_u32(out, c->plan->lane_count);
    for (uint32_t i = 0; i < c->plan->lane_count; i++)
        put_lane(c, &c->lanes[i], out);
}

enum hn_status correlate_save(const struct correlate *c, struct hn_buf *out)
{
    size_t start = out->len;
    struct hn_digest digest;

    put_u32(out, STATE_MAGIC);
    put_u32(out, STATE_VERSION);
    put_u64(out, 0);
    put_digest(out, (struct hn_digest){ 0, 0 });
    put_body(c, out);
    if (!hn_buf_ok(out)) {
        out->len = start;
        return out->status;
    }
    digest = hn_digest_of(
            out->ptr + start + STATE_HEADER_BYTES, out->len - start - STATE_HEADER_BYTES);
    set_u64(out, start + 8, out->len - start - STATE_HEADER_BYTES);
    set_u64(out, start + 16, digest.high);
    set_u64(out, start + 24, digest.low);
    return HN_OK;
}
