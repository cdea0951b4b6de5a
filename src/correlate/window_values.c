/* window_values.c - value_count and first_seen: the distinct values of the window.
 *
 * A table of the values, and a queue of sightings: time, and which value. A value knows its latest
 * sighting; the earlier ones in the queue have lost their meaning and are passed over, and when
 * they fill the queue they are swept out. So the set costs memory per value, not per hit, and each
 * hit the same small number of steps, however many values there are.
 *
 * With a million values, what a step costs is waiting for memory. The queue is read in order; what
 * a search will need is asked for before what is too old is taken out; and what will soon be too
 * old is asked for a few hits ahead. */
#include "correlate/correlate_internal.h"

#include "base/hash.h"
#include "base/utf.h"
#include "correlate/wire.h"

#include <assert.h>
#include <stddef.h>

#define AHEAD 4 /* sightings */

struct value {
    uint64_t hash;
    uint32_t latest; /* number of its latest sighting */
    uint32_t input;  /* of that */
    uint32_t bytes;
    char key[]; /* counted folded texts, one per field */
};

struct sighting {
    hn_time time;
    uint64_t order;
    uint64_t ref;
    struct value *value; /* lives at least as long: its latest sighting comes later */
};

struct values_state {
    struct table table;
    struct ring queue; /* the first is always the latest of its value */
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

static struct sighting *sighting_at(const struct ring *queue, uint32_t position)
{
    return ring_at(queue, sizeof(struct sighting), position);
}

/* Whether the sighting at a position is the latest of its value. */
static bool is_latest(const struct ring *queue, uint32_t position)
{
    return sighting_at(queue, position)->value->latest == queue->first + position;
}

/* What is too old in a few hits will be in the cache by then: the value, then its place. */
static void ask_ahead(const struct values_state *state)
{
    if (state->queue.count > AHEAD) {
        __builtin_prefetch(sighting_at(&state->queue, AHEAD)->value);
        table_ask(&state->table, sighting_at(&state->queue, AHEAD / 2)->value->hash);
    }
}

/* The oldest value goes; then the first sighting is the latest of another one again. */
static void drop_oldest(struct correlate *c, struct group *group)
{
    struct values_state *state = state_of(group);
    struct value *value = sighting_at(&state->queue, 0)->value;

    table_remove(&state->table, value->hash, value);
    budget_free(&c->budget, value, value_size(value->bytes));
    ring_drop(&state->queue);
    while (state->queue.count > 0 && !is_latest(&state->queue, 0))
        ring_drop(&state->queue);
    ask_ahead(state);
}

static void lose_oldest(struct correlate *c, struct group *group, bool at_limit)
{
    window_note_loss(c, group, sighting_at(&state_of(group)->queue, 0)->time, at_limit);
    drop_oldest(c, group);
}

static void expire(struct correlate *c, struct group *group)
{
    const struct ring *queue = &state_of(group)->queue;
    hn_time cutoff = time_before(c->clock, group_lane(c, group)->span);

    while (queue->count > 0 && sighting_at(queue, 0)->time < cutoff)
        drop_oldest(c, group);
}

/* Takes out the sightings that are not the latest. */
static void sweep(struct values_state *state)
{
    struct ring *queue = &state->queue;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < queue->count; i++) {
        if (i + 2 * AHEAD < queue->count)
            __builtin_prefetch(sighting_at(queue, i + 2 * AHEAD)->value);
        if (is_latest(queue, i)) {
            struct sighting *to = sighting_at(queue, kept);

            *to = *sighting_at(queue, i);
            to->value->latest = queue->first + kept++;
        }
    }
    queue->count = kept;
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
    if (state_of(group)->queue.count == 0) {
        c->stats.hits_refused++;
        return false;
    }
    lose_oldest(c, group, true);
    return true;
}

/* Room for one more sighting. A full queue is swept where that frees a quarter of it. */
static bool make_ready(struct correlate *c, struct group *group, enum hn_status *ret_status)
{
    struct values_state *state = state_of(group);
    struct ring *queue = &state->queue;

    *ret_status = HN_OK;
    while (queue->count == queue->room) {
        if (state->table.count < queue->count - queue->count / 4)
            sweep(state);
        else if (!ring_has_room(queue, &c->budget, sizeof(struct sighting)) &&
                 !make_room(c, group, ret_status))
            return false;
    }
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

/* The value of the key, put into the table where it is not there yet. NULL: *ret_status says why,
 * HN_OK there: no room is left for it. */
static struct value *find_value(struct correlate *c, struct group *group, uint64_t hash,
        bool *ret_is_new, enum hn_status *ret_status)
{
    const struct plan_lane *lane = group_lane(c, group);
    struct values_state *state = state_of(group);
    struct hn_text key = hn_buf_text(&c->value_key);
    struct value *value = table_find(&state->table, hash, key, key_of);

    *ret_status = HN_OK;
    *ret_is_new = value == NULL;
    if (value != NULL)
        return value;
    if (state->table.count >= lane->items_cap)
        lose_oldest(c, group, !lane->cap_is_design);
    while ((value = new_value(c, group, key, hash)) == NULL) {
        if (!make_room(c, group, ret_status))
            return NULL;
    }
    return value;
}

/* Takes one value, its key in c->value_key, into the set. */
static enum hn_status enter_value(struct correlate *c, struct group *group, const struct mark *mark,
        uint64_t hash, bool *ret_is_new)
{
    struct values_state *state = state_of(group);
    struct ring *queue = &state->queue;
    enum hn_status status;
    struct value *value;

    *ret_is_new = false;
    if (!make_ready(c, group, &status))
        return status;
    value = find_value(c, group, hash, ret_is_new, &status);
    if (value == NULL)
        return status;
    queue->count++;
    *sighting_at(queue, queue->count - 1) =
            (struct sighting){ mark->time, mark->order, mark->ref, value };
    value->latest = queue->first + queue->count - 1;
    value->input = mark->input;
    while (!is_latest(queue, 0))
        ring_drop(queue);
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
    const struct plan_lane *lane = group_lane(c, group);
    uint32_t fields = lane->model->fields.count;
    uint32_t chosen[CORRELATE_GROUP_FIELDS_MAX] = { 0 };
    uint32_t combinations = 0;

    *ret_is_new = false;
    do {
        struct hn_text texts[CORRELATE_GROUP_FIELDS_MAX];
        enum hn_status status;
        uint64_t hash;
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
        hash = hn_hash_text(hn_buf_text(&c->value_key), hn_hash_seed());
        table_ask(&state_of(group)->table, hash);
        if (combinations == 1 && lane->judge != JUDGE_AT_END)
            expire(c, group);
        if (state_of(group)->table.count == 0)
            group->since = c->clock;
        status = enter_value(c, group, &pass->mark, hash, &is_new);
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
    uint32_t positions[CORRELATE_PARTS_MAX];
    uint32_t count = 0;

    for (uint32_t i = state->queue.count; i-- > 0 && count < CORRELATE_PARTS_MAX;) {
        if (is_latest(&state->queue, i))
            positions[count++] = i;
    }
    while (count > 0) {
        const struct sighting *at = sighting_at(&state->queue, positions[--count]);
        struct mark mark = { at->time, at->order, at->ref, at->value->input, 0 };

        evidence_add(evidence, &mark);
    }
    evidence->total = state->table.count;
    evidence->start = c->clock;
    if (group_lane(c, group)->judge == JUDGE_AT_END)
        evidence->start = group->since;
    else if (state->queue.count > 0)
        evidence->start = sighting_at(&state->queue, 0)->time;
}

static void release(struct correlate *c, struct group *group)
{
    struct values_state *state = state_of(group);

    for (uint32_t i = 0; i < state->queue.count; i++) {
        if (is_latest(&state->queue, i)) {
            struct value *value = sighting_at(&state->queue, i)->value;

            /* Behind it stands none of its sightings that would still ask. */
            budget_free(&c->budget, value, value_size(value->bytes));
        }
    }
    ring_release(&state->queue, &c->budget, sizeof(struct sighting));
    table_release(&state->table, &c->budget);
}

/* Newest first, so that each value comes with its latest sighting and the others refer back. */
static void save(const struct correlate *c, struct group *group, struct hn_buf *out)
{
    const struct values_state *state = state_of(group);
    const struct ring *queue = &state->queue;

    (void)c;
    put_u32(out, state->table.room);
    put_u32(out, queue->room);
    put_u32(out, queue->count);
    for (uint32_t i = queue->count; i-- > 0;) {
        const struct sighting *at = sighting_at(queue, i);

        put_u64(out, (uint64_t)at->time);
        put_u64(out, at->order);
        put_u64(out, at->ref);
        put_u32(out, at->value->latest - queue->first);
        if (is_latest(queue, i)) {
            put_u32(out, at->value->input);
            put_text(out, key_of(at->value));
        }
    }
}

/* The value of a sighting that is its latest. */
static enum hn_status get_value(
        struct correlate *c, struct group *group, struct hn_reader *in, struct value **ret_value)
{
    uint32_t input = hn_reader_u32(in);
    struct hn_text key = get_text(in);
    uint64_t hash = hn_hash_text(key, hn_hash_seed());

    if (!hn_reader_ok(in) || input >= group_lane(c, group)->model->ref_count || key.len == 0 ||
            table_find(&state_of(group)->table, hash, key, key_of) != NULL)
        return HN_CORRUPT;
    *ret_value = new_value(c, group, key, hash);
    if (*ret_value == NULL)
        return c->budget.status;
    (*ret_value)->input = input;
    return HN_OK;
}

static enum hn_status get_sighting(
        struct correlate *c, struct group *group, struct hn_reader *in, uint32_t position)
{
    struct ring *queue = &state_of(group)->queue;
    struct sighting *at = sighting_at(queue, position);
    hn_time last = c->clock;
    uint32_t latest;
    enum hn_status status;

    if (position + 1 < queue->count)
        last = sighting_at(queue, position + 1)->time;
    at->time = (hn_time)hn_reader_u64(in);
    at->order = hn_reader_u64(in);
    at->ref = hn_reader_u64(in);
    latest = hn_reader_u32(in);
    if (!hn_reader_ok(in) || at->time > last || latest < position || latest >= queue->count)
        return HN_CORRUPT;
    if (latest > position) {
        at->value = sighting_at(queue, latest)->value;
        return at->value->latest == queue->first + latest ? HN_OK : HN_CORRUPT;
    }
    status = get_value(c, group, in, &at->value);
    if (status == HN_OK)
        at->value->latest = queue->first + position;
    return status;
}

static enum hn_status restore(struct correlate *c, struct group *group, struct hn_reader *in)
{
    struct values_state *state = state_of(group);
    uint32_t table_room = hn_reader_u32(in);
    uint32_t room = hn_reader_u32(in);
    uint32_t count = hn_reader_u32(in);
    enum hn_status status = HN_OK;

    if (!ring_is_room(table_room, 0) || !ring_is_room(room, count))
        return HN_CORRUPT;
    if ((table_room > 0 && !table_reserve(&state->table, &c->budget, table_room)) ||
            (room > 0 && !ring_reserve(&state->queue, &c->budget, sizeof(struct sighting), room)))
        return c->budget.status;
    state->queue.count = count;
    for (uint32_t i = count; i-- > 0 && status == HN_OK;) {
        status = get_sighting(c, group, in, i);
        if (status != HN_OK) {
            /* What has not been read is taken off the front. */
            state->queue.first += i + 1;
            state->queue.count -= i + 1;
        }
    }
    if (status == HN_OK && (state->table.count > group_lane(c, group)->items_cap ||
                                   (count > 0 && !is_latest(&state->queue, 0))))
        status = HN_CORRUPT;
    return status;
}

const struct window_type window_values_type = {
    .state_bytes = state_bytes,
    .enter = enter,
    .measure = measure,
    .tell = tell,
    .release = release,
    .save = save,
    .restore = restore,
};
