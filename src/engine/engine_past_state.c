/* engine_past_state.c - the past lane as bytes: for snapshots, and from one set of rules to the
 * next.
 *
 * Hits name their rule by a number of the plan they are of; a table says which rule that is and
 * which fields its hits carry, so that another plan finds it again or knows that it is gone. */
#include "engine/engine_past.h"

#include "base/mem.h"
#include "engine/wire.h"

/* ---- Writing ---- */

static void put_totals(const struct past *past, struct hn_buf *out)
{
    put_u64(out, (uint64_t)past->frontier);
    put_u64(out, (uint64_t)past->last);
    put_u64(out, (uint64_t)past->waiting);
    put_u64(out, past->totals.hits);
    put_u64(out, past->totals.rewinds);
    put_u64(out, past->totals.forced);
    put_u64(out, past->totals.forgotten);
    put_u64(out, past->totals.unmatched);
    put_u64(out, past->totals.evicted);
}

static void put_rules(const struct correlate_plan *plan, uint32_t rule_count, struct hn_buf *out)
{
    size_t start = out->len;
    uint32_t count = 0;

    put_u32(out, 0);
    for (uint32_t i = 0; i < rule_count; i++) {
        if (!correlate_plan_wants(plan, i))
            continue;
        put_u32(out, i);
        put_digest(out, correlate_plan_rule_digest(plan, i));
        count++;
    }
    if (hn_buf_ok(out)) {
        for (unsigned i = 0; i < 4; i++)
            out->ptr[start + i] = (char)(uint8_t)(count >> 8 * i);
    }
}

enum hn_status engine_past_save(const struct past *past, struct hn_buf *out)
{
    struct hn_buf state = { 0 };
    enum hn_status status;

    if (past->plan == NULL)
        return HN_OK;
    put_totals(past, out);
    put_rules(past->plan, past->hits.count > 0 ? correlate_plan_rule_count(past->plan) : 0, out);
    put_u64(out, past->hits.count);
    put_u64(out, past->fed);
    for (size_t i = 0; i < past->hits.count; i++)
        hn_buf_add(out, past->hits.ptr[i].written, past->hits.ptr[i].bytes);
    put_u64(out, past->told.count);
    for (size_t i = 0; i < past->told.count; i++) {
        put_digest(out, past->told.ptr[i].id);
        put_u64(out, past->told.ptr[i].order);
    }
    status = correlate_save(past->correlate, &state);
    put_u64(out, state.len);
    hn_buf_add_text(out, hn_buf_text(&state));
    hn_buf_deinit(&state);
    return status == HN_OK && !hn_buf_ok(out) ? HN_NOMEM : status;
}

/* ---- Reading ---- */

struct rule_name {
    uint32_t saved;
    uint32_t now; /* UINT32_MAX: gone, or changed */
};

struct names {
    HN_VEC(struct rule_name) rules; /* ascending */
};

static uint32_t find_rule(
        const struct correlate_plan *plan, struct hn_digest digest, uint32_t *hint)
{
    uint32_t count = correlate_plan_rule_count(plan);

    /* Mostly the rules are the same, and the next one found is the next one looked at. */
    for (uint32_t i = 0; i < count; i++) {
        uint32_t rule = (*hint + i) % count;

        if (correlate_plan_wants(plan, rule) &&
                hn_digest_eq(correlate_plan_rule_digest(plan, rule), digest)) {
            *hint = rule + 1;
            return rule;
        }
    }
    return UINT32_MAX;
}

static enum hn_status get_rules(const struct past *past, struct hn_reader *in, struct names *names)
{
    uint32_t count = hn_reader_u32(in);
    uint32_t hint = 0;

    for (uint32_t i = 0; i < count; i++) {
        struct rule_name name = { .saved = hn_reader_u32(in) };
        struct hn_digest digest = get_digest(in);
        struct rule_name *slot;

        if (!hn_reader_ok(in) || (i > 0 && names->rules.ptr[i - 1].saved >= name.saved))
            return HN_CORRUPT;
        name.now = find_rule(past->plan, digest, &hint);
        slot = hn_vec_add(&names->rules);
        if (slot == NULL)
            return HN_NOMEM;
        *slot = name;
    }
    return HN_OK;
}

/* NULL: the saved state names no such rule. */
static const struct rule_name *name_of(const struct names *names, uint32_t saved)
{
    size_t low = 0;
    size_t high = names->rules.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (names->rules.ptr[middle].saved < saved)
            low = middle + 1;
        else
            high = middle;
    }
    return low < names->rules.count && names->rules.ptr[low].saved == saved ? &names->rules.ptr[low]
                                                                            : NULL;
}

static void get_totals(struct past *past, struct hn_reader *in)
{
    past->frontier = (hn_time)hn_reader_u64(in);
    past->last = (hn_time)hn_reader_u64(in);
    past->waiting = (hn_time)hn_reader_u64(in);
    past->totals.hits = hn_reader_u64(in);
    past->totals.rewinds = hn_reader_u64(in);
    past->totals.forced = hn_reader_u64(in);
    past->totals.forgotten = hn_reader_u64(in);
    past->totals.unmatched = hn_reader_u64(in);
    past->totals.evicted = hn_reader_u64(in);
}

static enum hn_status get_hits(struct past *past, struct hn_reader *in, const struct names *names)
{
    uint64_t count = hn_reader_u64(in);
    uint64_t fed = hn_reader_u64(in);
    hn_time time = INT64_MIN;

    if (!hn_reader_ok(in) || fed > count)
        return HN_CORRUPT;
    for (uint64_t i = 0; i < count; i++) {
        struct correlate_hit_box box;
        enum hn_status status = correlate_hit_read(in, &box, NULL);
        const struct rule_name *name = status == HN_OK ? name_of(names, box.hit.rule) : NULL;

        if (name == NULL || (i < fed && (box.hit.time < time || box.hit.time > past->frontier)))
            return HN_CORRUPT;
        time = box.hit.time;
        if (name->now == UINT32_MAX) {
            past->totals.unmatched++;
            continue;
        }
        box.hit.rule = name->now;
        status = engine_past_keep(past, &box.hit);
        if (status != HN_OK)
            return status;
        if (i < fed)
            past->fed++;
    }
    return HN_OK;
}

static enum hn_status get_told(struct past *past, struct hn_reader *in)
{
    uint64_t count = hn_reader_u64(in);

    if (!hn_reader_ok(in) || count > hn_reader_left(in))
        return HN_CORRUPT;
    for (uint64_t i = 0; i < count; i++) {
        struct hn_digest id = get_digest(in);

        if (!engine_past_tell(past, id, hn_reader_u64(in)))
            return HN_NOMEM;
    }
    return hn_reader_ok(in) ? HN_OK : HN_CORRUPT;
}

static enum hn_status get_all(struct past *past, struct hn_reader *in, struct names *names)
{
    enum hn_status status;
    uint64_t len;

    get_totals(past, in);
    status = get_rules(past, in, names);
    if (status == HN_OK)
        status = get_hits(past, in, names);
    if (status == HN_OK)
        status = get_told(past, in);
    if (status != HN_OK)
        return status;
    len = hn_reader_u64(in);
    if (!hn_reader_ok(in) || len != hn_reader_left(in))
        return HN_CORRUPT;
    return correlate_restore(past->correlate, hn_reader_take(in, (size_t)len), NULL);
}

enum hn_status engine_past_restore(struct past *past, struct hn_bytes saved, struct hn_err *err)
{
    struct hn_reader in = hn_reader_over(saved);
    struct names names = { 0 };
    enum hn_status status;

    if (past->plan == NULL || saved.len == 0)
        return HN_OK;
    status = get_all(past, &in, &names);
    hn_vec_deinit(&names.rules);
    if (status == HN_OK)
        return HN_OK;
    engine_past_clear(past);
    past->totals = (struct engine_past_totals){ 0 };
    return hn_fail(err, status, hn_reader_offset(&in), "the state of the past lane is damaged");
}
