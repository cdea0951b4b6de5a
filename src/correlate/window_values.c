/* window_values.c - value_count and first_seen: the distinct values of the window.
 *
 * A set of values in the order in which they were last seen. A value that comes again moves to the
 * end; what leaves the window leaves at the front. So the set costs memory per value, not per hit,
 * and each hit the same small number of steps, however many values there are. */
#include "correlate/correlate_internal.h"

#include "base/hash.h"
#include "base/utf.h"
#include "correlate/wire.h"

#include <stddef.h>

struct value {
    struct value *older;
    struct value *newer;
    struct mark mark; /* of the last hit with it */
    uint64_t hash;
    uint32_t bytes;
    char key[]; /* counted folded texts, one per field */
};

struct values_state {
    struct table table;
    struct value *oldest;
    struct value *newest;
};

static struct values_state *state_of(struct group *group)
{
    return (struct values_state *)(void *)group->state;
}

static size_t state_bytes(const struct plan_lane *lane)
{
    (void)lane;
    return sizeof(struct values_state);
}

static size_t value_size(uint32_t bytes)
{
    return offsetof(struct value, key) + bytes;
}

static struct hn_text key_of(const void *item)
{
    const struct value *value = item;

    return hn_text_of(value->key, value->bytes);
}

static void unlink_value(struct values_state *state, const struct value *value)
{
    if (value->older != NULL)
        value->older->newer = value->newer;
    else
        state->oldest = value->newer;
    if (value->newer != NULL)
        value->newer->older = value->older;
    else
        state->newest = value->older;
}

static void link_newest(struct values_state *state, struct value *value)
{
    value->older = state->newest;
    value->newer = NULL;
    if (state->newest != NULL)
        state->newest->newer = value;
    else
        state->oldest = value;
    state->newest = value;
}

static void drop_oldest(struct correlate *c, struct group *group)
{
    struct values_state *state = state_of(group);
    struct value *value = state->oldest;

    unlink_value(state, value);
    table_remove(&state->table, value->hash, value);
    budget_free(&c->budget, value, value_size(value->bytes));
}

static void lose_oldest(struct correlate *c, struct group *group, bool at_limit)
{
    window_note_loss(c, group, state_of(group)->oldest->mark.time, at_limit);
    drop_oldest(c, group);
}

static void expire(struct correlate *c, struct group *group, hn_time cutoff)
{
    const struct values_state *state = state_of(group);

    while (state->oldest != NULL && state->oldest->mark.time < cutoff)
        drop_oldest(c, group);
}

/* Something did not fit: makes room in other groups, then in this one. False: *ret_status says
 * why, HN_OK there: there is nothing left to give up. */
static bool make_room(struct correlate *c, struct group *group, enum hn_status *ret_status)
{
    if (c->budget.status != HN_LIMIT) {
        *ret_status = HN_NOMEM;
        return false;
    }
    if (group_evict(c))
        return true;
    if (state_of(group)->oldest == NULL) {
        c->stats.hits_refused++;
        return false;
    }
    lose_oldest(c, group, true);
    return true;
}

static struct value *new_value(
        struct correlate *c, struct group *group, struct hn_text key, uint64_t hash)
{
    struct values_state *state = state_of(group);
    struct value *value = budget_alloc(&c->budget, value_size((uint32_t)key.len));

    if (value == NULL)
        return NULL;
    value->hash = hash;
    value->bytes = (uint32_t)key.len;
    memcpy(value->key, key.ptr, key.len);
    if (!table_put(&state->table, &c->budget, hash, value)) {
        budget_free(&c->budget, value, value_size(value->bytes));
        return NULL;
    }
    return value;
}

/* Takes one value, its key in c->value_key, into the set. */
static enum hn_status enter_value(
        struct correlate *c, struct group *group, const struct mark *mark, bool *ret_is_new)
{
    const struct plan_lane *lane = group_lane(c, group);
    struct values_state *state = state_of(group);
    struct hn_text key = hn_buf_text(&c->value_key);
    uint64_t hash = hn_hash_text(key, hn_hash_seed());
    struct value *value = table_find(&state->table, hash, key, key_of);
    enum hn_status status = HN_OK;

    *ret_is_new = value == NULL;
    if (value != NULL) {
        unlink_value(state, value);
    } else {
        if (state->table.count >= lane->items_cap)
            lose_oldest(c, group, !lane->cap_is_design);
        while ((value = new_value(c, group, key, hash)) == NULL) {
            if (!make_room(c, group, &status)) {
                *ret_is_new = false;
                return status;
            }
        }
    }
    value->mark = *mark;
    link_newest(state, value);
    return HN_OK;
}

/* The next combination of one text per field; false after the last. */
static bool next_combination(const struct pass *pass, uint32_t count, uint32_t *chosen)
{
    for (uint32_t i = count; i-- > 0;) {
        if (++chosen[i] < pass->fields[i].count)
            return true;
        chosen[i] = 0;
    }
    return false;
}

enum hn_status window_values_enter(struct correlate *c, struct group *group, struct pass *pass,
        struct hn_text *ret_texts, bool *ret_is_new)
{
    uint32_t fields = group_lane(c, group)->model->fields.count;
    uint32_t chosen[CORRELATE_GROUP_FIELDS_MAX] = { 0 };
    uint32_t combinations = 0;

    *ret_is_new = false;
    do {
        struct hn_text texts[CORRELATE_GROUP_FIELDS_MAX];
        enum hn_status status;
        bool is_new;

        if (combinations++ == CORRELATE_COMBINATIONS_MAX) {
            c->stats.combinations++;
            break;
        }
        hn_buf_reset(&c->value_key);
        for (uint32_t i = 0; i < fields; i++) {
            texts[i] = pass->hit->values[pass->fields[i].first + chosen[i]].text;
            put_text(&c->value_key, fold_text(c, texts[i]));
        }
        if (!hn_buf_ok(&c->value_key))
            return HN_NOMEM;
        status = enter_value(c, group, &pass->mark, &is_new);
        if (status != HN_OK)
            return status;
        if (is_new && !*ret_is_new) {
            *ret_is_new = true;
            memcpy(ret_texts, texts, fields * sizeof *texts);
        }
    } while (next_combination(pass, fields, chosen));
    return HN_OK;
}

static enum hn_status enter(struct correlate *c, struct group *group, struct pass *pass)
{
    struct hn_text texts[CORRELATE_GROUP_FIELDS_MAX];
    bool is_new;

    return window_values_enter(c, group, pass, texts, &is_new);
}

static bool measure(struct correlate *c, struct group *group, double *ret_value)
{
    (void)c;
    *ret_value = state_of(group)->table.count;
    return true;
}

/* The last hit of each value: for many values, of those seen last. */
static void tell(struct correlate *c, struct group *group, struct evidence *evidence)
{
    const struct values_state *state = state_of(group);
    const struct value *value = state->newest;

    if (value == NULL)
        return;
    for (uint32_t i = 1; i < CORRELATE_PARTS_MAX && value->older != NULL; i++)
        value = value->older;
    for (; value != NULL; value = value->newer)
        evidence_add(evidence, &value->mark);
    evidence->total = state->table.count;
    evidence->start =
            group_lane(c, group)->judge == JUDGE_AT_END ? group->since : state->oldest->mark.time;
}

static void release(struct correlate *c, struct group *group)
{
    struct values_state *state = state_of(group);
    struct value *value = state->oldest;

    while (value != NULL) {
        struct value *newer = value->newer;

        budget_free(&c->budget, value, value_size(value->bytes));
        value = newer;
    }
    state->oldest = NULL;
    state->newest = NULL;
    table_release(&state->table, &c->budget);
}

static void save(const struct correlate *c, struct group *group, struct hn_buf *out)
{
    const struct values_state *state = state_of(group);

    (void)c;
    put_u32(out, state->table.room);
    put_u32(out, state->table.count);
    for (const struct value *value = state->oldest; value != NULL; value = value->newer) {
        put_mark(out, &value->mark);
        put_text(out, key_of(value));
    }
}

static enum hn_status restore(struct correlate *c, struct group *group, struct hn_reader *in)
{
    struct values_state *state = state_of(group);
    uint32_t room = hn_reader_u32(in);
    uint32_t count = hn_reader_u32(in);
    hn_time last = INT64_MIN;

    if ((room & (room - 1)) != 0 || room > RING_ROOM_MAX || count > group_lane(c, group)->items_cap)
        return HN_CORRUPT;
    if (room > 0 && !table_reserve(&state->table, &c->budget, room))
        return c->budget.status;
    for (uint32_t i = 0; i < count; i++) {
        struct mark mark = get_mark(c, group_lane(c, group), in);
        struct hn_text key = get_text(in);
        uint64_t hash = hn_hash_text(key, hn_hash_seed());
        struct value *value;

        if (!hn_reader_ok(in))
            return HN_TRUNCATED;
        if (mark.time < last || mark.time > c->clock || key.len == 0 ||
                table_find(&state->table, hash, key, key_of) != NULL)
            return HN_CORRUPT;
        value = new_value(c, group, key, hash);
        if (value == NULL)
            return c->budget.status;
        value->mark = mark;
        link_newest(state, value);
        last = mark.time;
    }
    return HN_OK;
}

const struct window_type window_values_type = {
    .state_bytes = state_bytes,
    .enter = enter,
    .expire = expire,
    .measure = measure,
    .tell = tell,
    .release = release,
    .save = save,
    .restore = restore,
};
