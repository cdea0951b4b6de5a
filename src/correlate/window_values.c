/* window_values.c - value_count and first_seen: the distinct values of the window.
 *
 * A set of values (value_set.c) and a queue of sightings: when, which hit, and which value. A
 * value knows its latest sighting; the earlier ones in the queue have lost their meaning and are
 * passed over, and when they fill the queue they are swept out. So the set costs memory per value,
 * not per hit, and each hit the same small number of steps, however many values there are.
 *
 * With a million values, what a step costs is waiting for memory. The queue is read in order; the
 * place of a value is asked for before what is too old is taken out; and what will be too old soon
 * is asked for a few hits ahead. */
#include "correlate/correlate_internal.h"

#include "correlate/value_set.h"
#include "correlate/wire.h"

#include <assert.h>

#define AHEAD 4 /* sightings */

struct sighting {
    hn_time time;
    uint64_t order;
    uint64_t ref;
    uint64_t low; /* of the value's name */
};

struct values_state {
    struct value_set set;
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

static struct sighting *sighting_at(const struct ring *queue, uint32_t position)
{
    return ring_at(queue, sizeof(struct sighting), position);
}

/* The value of the sighting at a position, if that is its latest. */
static struct value *latest_at(const struct values_state *state, uint32_t position)
{
    const struct ring *queue = &state->queue;

    return value_set_by_latest(
            &state->set, sighting_at(queue, position)->low, queue->first + position);
}

/* The first sighting goes; one that soon will be first is asked for. */
static void drop_first(struct values_state *state)
{
    ring_drop(&state->queue);
    if (state->queue.count > AHEAD)
        value_set_ask(&state->set, sighting_at(&state->queue, AHEAD)->low);
}

/* Sightings at the front that are not the latest go. */
static void trim(struct values_state *state)
{
    while (state->queue.count > 0 && latest_at(state, 0) == NULL)
        drop_first(state);
}

static void drop_oldest(struct values_state *state)
{
    value_set_remove(&state->set, latest_at(state, 0));
    drop_first(state);
    trim(state);
}

static void lose_oldest(struct correlate *c, struct group *group, bool at_limit)
{
    struct values_state *state = state_of(group);

    window_note_loss(c, group, sighting_at(&state->queue, 0)->time, at_limit);
    drop_oldest(state);
}

static void expire(struct correlate *c, struct group *group)
{
    struct values_state *state = state_of(group);
    hn_time cutoff = time_before(c->clock, group_lane(c, group)->span);

    while (state->queue.count > 0 && sighting_at(&state->queue, 0)->time < cutoff)
        drop_oldest(state);
}

/* Takes out the sightings that are not the latest. */
static void sweep(struct values_state *state)
{
    struct ring *queue = &state->queue;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < queue->count; i++) {
        struct value *value = latest_at(state, i);

        if (i + 2 * AHEAD < queue->count)
            value_set_ask(&state->set, sighting_at(queue, i + 2 * AHEAD)->low);
        if (value != NULL) {
            struct sighting *to = sighting_at(queue, kept);

            *to = *sighting_at(queue, i);
            value->latest = queue->first + kept++;
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
        if (state->set.count < queue->count - queue->count / 4)
            sweep(state);
        else if (!ring_has_room(queue, &c->budget, sizeof(struct sighting)) &&
                 !make_room(c, group, ret_status))
            return false;
    }
    return true;
}

/* The value of a name, put into the set where it is not there yet. NULL: *ret_status says why,
 * HN_OK there: no room is left for it. */
static struct value *find_value(struct correlate *c, struct group *group, struct value_name name,
        bool *ret_is_new, enum hn_status *ret_status)
{
    const struct plan_lane *lane = group_lane(c, group);
    struct values_state *state = state_of(group);
    struct value *value = value_set_find(&state->set, name);

    *ret_status = HN_OK;
    *ret_is_new = value == NULL;
    if (value != NULL)
        return value;
    if (state->set.count >= lane->items_cap)
        lose_oldest(c, group, !lane->cap_is_design);
    while (!value_set_has_room(&state->set, &c->budget)) {
        if (!make_room(c, group, ret_status))
            return NULL;
    }
    return value_set_put(&state->set, name);
}

/* Takes one value into the set. */
static enum hn_status enter_value(struct correlate *c, struct group *group, const struct mark *mark,
        struct value_name name, bool *ret_is_new)
{
    struct values_state *state = state_of(group);
    struct ring *queue = &state->queue;
    enum hn_status status;
    struct value *value;

    *ret_is_new = false;
    if (!make_ready(c, group, &status))
        return status;
    value = find_value(c, group, name, ret_is_new, &status);
    if (value == NULL)
        return status;
    queue->count++;
    *sighting_at(queue, queue->count - 1) =
            (struct sighting){ mark->time, mark->order, mark->ref, name.low };
    value->latest = queue->first + queue->count - 1;
    value->input = mark->input;
    trim(state);
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
        HN_UNINITIALIZED struct hn_text texts[CORRELATE_GROUP_FIELDS_MAX];
        enum hn_status status;
        struct value_name name;
        bool is_new;

        if (combinations++ == CORRELATE_COMBINATIONS_MAX) {
            c->stats.combinations++;
            break;
        }
        hn_buf_reset(&c->value_key);
        for (uint32_t i = 0; i < fields; i++) {
            texts[i] = pass->hit->values[pass->fields[i].first + chosen[i]].text;
            put_text(&c->value_key, correlate_fold_text(c, texts[i]));
        }
        if (!hn_buf_ok(&c->value_key))
            return HN_NOMEM;
        name = correlate_value_name_of(hn_buf_text(&c->value_key), c->value_seed);
        value_set_ask(&state_of(group)->set, name.low);
        if (combinations == 1 && lane->judge != JUDGE_AT_END)
            expire(c, group);
        if (state_of(group)->set.count == 0)
            group->since = c->clock;
        status = enter_value(c, group, &pass->mark, name, &is_new);
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
    HN_UNINITIALIZED struct hn_text texts[CORRELATE_GROUP_FIELDS_MAX];
    bool is_new;

    return window_values_enter(c, group, pass, texts, &is_new);
}

static bool measure(struct correlate *c, struct group *group, double *ret_value)
{
    (void)c;
    *ret_value = state_of(group)->set.count;
    return true;
}

/* The last hit of each value: for many values, of those seen last. */
static void tell(struct correlate *c, struct group *group, struct evidence *evidence)
{
    const struct values_state *state = state_of(group);
    struct mark marks[CORRELATE_PARTS_MAX];
    uint32_t count = 0;

    for (uint32_t i = state->queue.count; i-- > 0 && count < CORRELATE_PARTS_MAX;) {
        const struct sighting *at = sighting_at(&state->queue, i);
        const struct value *value = latest_at(state, i);

        if (value != NULL)
            marks[count++] = (struct mark){ at->time, at->order, at->ref, value->input, 0 };
    }
    while (count > 0)
        correlate_evidence_add(evidence, &marks[--count]);
    evidence->total = state->set.count;
    evidence->start = c->clock;
    if (group_lane(c, group)->judge == JUDGE_AT_END)
        evidence->start = group->since;
    else if (state->queue.count > 0)
        evidence->start = sighting_at(&state->queue, 0)->time;
}

static void release(struct correlate *c, struct group *group)
{
    ring_release(&state_of(group)->queue, &c->budget, sizeof(struct sighting));
    value_set_release(&state_of(group)->set, &c->budget);
}

static void save(const struct correlate *c, struct group *group, struct hn_buf *out)
{
    const struct values_state *state = state_of(group);

    (void)c;
    put_u32(out, state->set.room);
    put_u32(out, state->queue.room);
    put_u32(out, state->queue.count);
    for (uint32_t i = 0; i < state->queue.count; i++) {
        const struct sighting *at = sighting_at(&state->queue, i);
        const struct value *value = latest_at(state, i);

        put_u64(out, (uint64_t)at->time);
        put_u64(out, at->order);
        put_u64(out, at->ref);
        put_u64(out, at->low);
        put_u64(out, value != NULL ? value->name.high : 0);
        put_u32(out, value != NULL ? value->input : UINT32_MAX);
    }
}

static enum hn_status get_sighting(
        struct correlate *c, struct group *group, struct hn_reader *in, hn_time last)
{
    struct values_state *state = state_of(group);
    struct sighting *at = ring_add(&state->queue, &c->budget, sizeof *at);
    struct value_name name;
    struct value *value;
    uint32_t input;

    assert(at != NULL); /* there is room */
    at->time = (hn_time)hn_reader_u64(in);
    at->order = hn_reader_u64(in);
    at->ref = hn_reader_u64(in);
    at->low = hn_reader_u64(in);
    name = (struct value_name){ at->low, hn_reader_u64(in) };
    input = hn_reader_u32(in);
    if (!hn_reader_ok(in) || at->time < last || at->time > c->clock || name.low == 0)
        return HN_CORRUPT;
    if (input == UINT32_MAX) /* seen again later */
        return HN_OK;
    if (input >= group_lane(c, group)->model->ref_count ||
            value_set_find(&state->set, name) != NULL)
        return HN_CORRUPT;
    if (!value_set_has_room(&state->set, &c->budget))
        return c->budget.status;
    value = value_set_put(&state->set, name);
    value->latest = state->queue.first + state->queue.count - 1;
    value->input = input;
    return HN_OK;
}

static enum hn_status restore(struct correlate *c, struct group *group, struct hn_reader *in)
{
    struct values_state *state = state_of(group);
    uint32_t set_room = hn_reader_u32(in);
    uint32_t room = hn_reader_u32(in);
    uint32_t count = hn_reader_u32(in);
    enum hn_status status = HN_OK;
    hn_time last = INT64_MIN;

    if (!ring_is_room(set_room, 0) || !ring_is_room(room, count))
        return HN_CORRUPT;
    if (!value_set_reserve(&state->set, &c->budget, set_room) ||
            !ring_reserve(&state->queue, &c->budget, sizeof(struct sighting), room))
        return c->budget.status;
    for (uint32_t i = 0; i < count && status == HN_OK; i++) {
        status = get_sighting(c, group, in, last);
        last = sighting_at(&state->queue, i)->time;
    }
    if (status == HN_OK && (state->set.count > group_lane(c, group)->items_cap ||
                                   (count > 0 && latest_at(state, 0) == NULL)))
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
