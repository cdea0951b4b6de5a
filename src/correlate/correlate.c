/* correlate.c - the correlator: hits in, in order of time, through the lanes that listen.
 *
 * Before a hit is processed, everything that was due before its time is. What fires becomes a hit
 * for the correlations that refer to it, processed before the next hit, earlier correlations
 * first. */
#include "correlate/correlate_internal.h"

#include "base/hash.h"
#include "base/mem.h"
#include "correlate/wire.h"

#include <assert.h>
#include <string.h>

/* Longer keys than this many bytes are no keys. */
#define KEY_BYTES_MAX \
    (CORRELATE_GROUP_FIELDS_MAX * (HN_FOLD_ROOM(CORRELATE_TEXT_MAX) + sizeof(uint32_t)) + 64)

/* ---- A hit and a lane ---- */

struct run correlate_find_run(const struct correlate_hit *hit, uint32_t field)
{
    struct run run = { 0, 0 };

    while (run.first < hit->value_count && hit->values[run.first].field < field)
        run.first++;
    while (run.first + run.count < hit->value_count &&
            hit->values[run.first + run.count].field == field)
        run.count++;
    return run;
}

/* False when a field is absent. */
static bool find_runs(const struct correlate_hit *hit, const uint32_t *fields, uint32_t count,
        struct run *ret_runs)
{
    for (uint32_t i = 0; i < count; i++) {
        ret_runs[i] = correlate_find_run(hit, fields[i]);
        if (ret_runs[i].count == 0)
            return false;
    }
    return true;
}

/* The numbers of the field to calculate with. False when there is none. */
static bool find_numbers(struct correlate *c, struct pass *pass)
{
    for (uint32_t i = 0; i < pass->fields[0].count; i++) {
        struct hn_text text = pass->hit->values[pass->fields[0].first + i].text;

        if (number_parse(text, &pass->numbers[pass->number_count]))
            pass->number_count++;
        else
            c->stats.not_numeric++;
    }
    return pass->number_count > 0;
}

/* Whether the hit has what the lane needs of it. */
static bool is_usable(struct correlate *c, const struct plan_lane *lane, struct pass *pass)
{
    const struct sigma_correlation *model = lane->model;

    if (!find_runs(pass->hit, pass->input->group, model->group_by.count, pass->group)) {
        c->stats.no_key++;
        return false;
    }
    if (plan_uses_fields(model) &&
            !find_runs(pass->hit, pass->input->fields, model->fields.count, pass->fields)) {
        c->stats.no_value++;
        return false;
    }
    return !plan_calculates(model) || find_numbers(c, pass);
}

/* The key of one combination of group-by values: folded, and as written where that differs. */
static bool write_key(
        struct correlate *c, uint32_t lane, const struct pass *pass, const uint32_t *chosen)
{
    uint32_t count = c->lanes[lane].plan->model->group_by.count;
    bool differs = false;

    hn_buf_reset(&c->key);
    hn_buf_reset(&c->shown);
    put_u32(&c->key, lane);
    for (uint32_t i = 0; i < count; i++) {
        struct hn_text text = hn_text_sub(
                pass->hit->values[pass->group[i].first + chosen[i]].text, 0, CORRELATE_TEXT_MAX);
        struct hn_text folded = correlate_fold_text(c, text);

        differs = differs || !hn_text_eq(text, folded);
        put_text(&c->key, folded);
        put_text(&c->shown, text);
    }
    if (!differs)
        hn_buf_reset(&c->shown);
    return hn_buf_ok(&c->key) && hn_buf_ok(&c->shown);
}

static enum hn_status take_group(struct correlate *c, uint32_t lane, struct pass *pass)
{
    enum hn_status status = HN_OK;
    struct group *group;

    /* What ends a wait opens none. */
    if (c->lanes[lane].plan->judge == JUDGE_UNANSWERED && pass->input_index != 0) {
        group = group_find(c);
        if (group != NULL)
            group_end(c, group);
        return HN_OK;
    }
    group = group_get(c, lane, &status);
    return group == NULL ? status : judge_hit(c, group, pass);
}

static bool next_combination(const struct pass *pass, uint32_t count, uint32_t *chosen)
{
    for (uint32_t i = count; i-- > 0;) {
        if (++chosen[i] < pass->group[i].count)
            return true;
        chosen[i] = 0;
    }
    return false;
}

/* A list may name the same thing twice, in two spellings: it is one group all the same. */
static bool names_again(
        struct correlate *c, const struct pass *pass, uint32_t count, const uint32_t *chosen)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct correlate_value *values = &pass->hit->values[pass->group[i].first];

        if (chosen[i] == 0)
            continue;
        hn_buf_reset(&c->value_key);
        hn_buf_add_text(&c->value_key, correlate_fold_text(c, values[chosen[i]].text));
        for (uint32_t k = 0; k < chosen[i]; k++) {
            if (hn_text_eq(correlate_fold_text(c, values[k].text), hn_buf_text(&c->value_key)))
                return true;
        }
    }
    return false;
}

/* Each group that the hit belongs to: where group-by fields hold lists, each combination. */
static enum hn_status take_hit(struct correlate *c, uint32_t lane, struct pass *pass)
{
    uint32_t count = c->lanes[lane].plan->model->group_by.count;
    uint32_t chosen[CORRELATE_GROUP_FIELDS_MAX] = { 0 };
    uint32_t combinations = 0;

    do {
        enum hn_status status;

        if (names_again(c, pass, count, chosen))
            continue;
        if (combinations++ == CORRELATE_COMBINATIONS_MAX) {
            c->stats.combinations++;
            break;
        }
        if (!write_key(c, lane, pass, chosen))
            return HN_NOMEM;
        status = take_group(c, lane, pass);
        if (status != HN_OK)
            return status;
    } while (next_combination(pass, count, chosen));
    return HN_OK;
}

/* Gives a hit of a node (rule or correlation) to the lanes that listen to it. */
static enum hn_status feed_node(struct correlate *c, uint32_t node, const struct correlate_hit *hit)
{
    for (size_t i = 0; i < c->plan->nodes[node].edges.count; i++) {
        const struct plan_edge *edge = &c->plan->nodes[node].edges.ptr[i];
        const struct plan_lane *lane = c->lanes[edge->lane].plan;
        HN_UNINITIALIZED struct pass pass;
        enum hn_status status;

        pass.hit = hit;
        pass.input_index = edge->input;
        pass.number_count = 0; /* numbers, which are many, need no more */
        memset(pass.group, 0, sizeof pass.group);
        memset(pass.fields, 0, sizeof pass.fields);
        pass.input = &lane->inputs[edge->input];
        pass.mark = (struct mark){ c->clock, hit->order, hit->ref, pass.input->ref, 0 };
        if (hit->time < time_before(c->clock, lane->span)) {
            c->stats.too_late++;
            continue;
        }
        group_sweep(c, edge->lane);
        if (!is_usable(c, lane, &pass))
            continue;
        status = take_hit(c, edge->lane, &pass);
        if (status != HN_OK)
            return status;
    }
    return HN_OK;
}

/* ---- What fired, on its way to what listens ---- */

static enum hn_status feed_work(struct correlate *c, const struct work *work)
{
    struct correlate_value values[CORRELATE_VALUES_MAX];
    struct correlate_hit hit = {
        .time = work->time,
        .order = work->order,
        .ref = work->ref,
        .values = values,
        .value_count = work->value_count,
    };

    for (uint32_t i = 0; i < work->value_count; i++) {
        const struct work_value *value = &c->work_values.ptr[work->values_offset + i];

        values[i].field = value->field;
        values[i].text = hn_text_sub(hn_buf_text(&c->work_text), value->offset, value->len);
    }
    return feed_node(c, c->plan->set->rule_count + work->lane, &hit);
}

/* Unless something has failed before: then what is left is dropped. */
static enum hn_status drain_work(struct correlate *c, enum hn_status status)
{
    while (status == HN_OK && c->work_next < c->work.count) {
        struct work work = c->work.ptr[c->work_next++];

        status = feed_work(c, &work);
    }
    c->work_next = 0;
    hn_vec_reset(&c->work);
    hn_vec_reset(&c->work_values);
    hn_buf_reset(&c->work_text);
    return status;
}

/* ---- Time ---- */

/* Judges what is due before a time. */
static enum hn_status run_dues(struct correlate *c, hn_time limit)
{
    enum hn_status status = HN_OK;
    hn_time at;
    uint32_t lane;

    while (status == HN_OK && (lane = timer_first(c, &at)) != LANE_NONE && at < limit) {
        struct due due = timer_take(c, lane);

        if (!timer_is_meant(c, &due))
            continue;
        c->clock = due.at > c->clock ? due.at : c->clock;
        status = drain_work(c, judge_due(c, &due));
    }
    return status;
}

enum hn_status correlate_run_hit(struct correlate *c, const struct correlate_hit *hit)
{
    enum hn_status status;

    if (hit->time > c->clock) {
        status = run_dues(c, hit->time);
        if (status != HN_OK)
            return status;
        c->clock = hit->time;
    } else if (hit->time < c->clock) {
        c->stats.late++;
    }
    if (c->plan->lane_count > 0) {
        c->sweep = (c->sweep + 1) % c->plan->lane_count;
        group_sweep(c, c->sweep);
    }
    return drain_work(c, feed_node(c, hit->rule, hit));
}

enum hn_status correlate_feed(struct correlate *c, const struct correlate_hit *hit)
{
    struct correlate_hit timed = *hit;

    assert(hit->rule < c->plan->set->rule_count && hit->value_count <= CORRELATE_VALUES_MAX);
    if (!correlate_plan_wants(c->plan, hit->rule))
        return HN_OK;
    c->stats.hits++;
    timed.time = correlate_stamp(&c->stamper, hit->time);
    if (c->options.lateness <= 0 && c->reorder.heap.count == 0)
        return correlate_run_hit(c, &timed);
    return reorder_push(c, &timed);
}

enum hn_status correlate_advance(struct correlate *c, hn_time watermark)
{
    enum hn_status status;

    if (watermark > c->watermark)
        c->watermark = watermark;
    status = reorder_release(c, c->watermark);
    if (status == HN_OK && c->watermark > c->clock) {
        status = run_dues(c, c->watermark);
        c->clock = status == HN_OK ? c->watermark : c->clock;
    }
    return status;
}

/* What is open at the end is cut short, correlation by correlation, so that each has heard from
 * those it refers to. */
static enum hn_status end_lane(struct correlate *c, uint32_t lane)
{
    enum hn_status status = HN_OK;

    while (status == HN_OK && c->lanes[lane].dues.count > 0) {
        struct due due = timer_take(c, lane);

        if (timer_is_meant(c, &due))
            status = drain_work(c, judge_due(c, &due));
    }
    for (struct group *group = c->lanes[lane].oldest; group != NULL; group = group->newer)
        result_end(c, group, 0);
    return status;
}

enum hn_status correlate_flush(struct correlate *c)
{
    enum hn_status status = reorder_release_all(c);

    c->ending = true;
    for (uint32_t i = 0; i < c->plan->lane_count && status == HN_OK; i++)
        status = end_lane(c, i);
    c->ending = false;
    correlate_reset(c);
    return status;
}

/* ---- Life ---- */

void correlate_reset(struct correlate *c)
{
    for (uint32_t i = 0; i < c->plan->lane_count; i++) {
        while (c->lanes[i].oldest != NULL)
            group_discard(c, c->lanes[i].oldest);
    }
    timer_reset(c);
    reorder_reset(c);
    table_release(&c->groups, &c->budget);
    hn_vec_reset(&c->slots);
    c->free_slot = SLOT_NONE;
    c->sweep = 0;
    c->clock = INT64_MIN;
    c->watermark = INT64_MIN;
    c->stamper.has_last = false;
    c->stamper.last = 0;
}

enum hn_status correlate_new(const struct correlate_plan *plan,
        const struct correlate_options *options, struct correlate **ret_correlate,
        struct hn_err *err)
{
    struct correlate *c = hn_calloc(1, sizeof *c);

    if (c == NULL)
        return hn_fail(err, HN_NOMEM, 0, "out of memory for correlations");
    c->plan = plan;
    c->options = *options;
    c->value_seed = hn_mix64(hn_hash_seed());
    c->budget.cap_bytes = plan->limits.bytes_max;
    hn_buf_init(&c->key, KEY_BYTES_MAX);
    hn_buf_init(&c->shown, KEY_BYTES_MAX);
    hn_buf_init(&c->value_key, 0);
    hn_buf_init(&c->work_text, 0);
    c->lanes = hn_calloc(plan->lane_count, sizeof *c->lanes);
    c->timed = hn_calloc(plan->lane_count, sizeof *c->timed);
    if (c->lanes == NULL || c->timed == NULL) {
        correlate_free(c);
        return hn_fail(err, HN_NOMEM, 0, "out of memory for correlations");
    }
    for (uint32_t i = 0; i < plan->lane_count; i++)
        c->lanes[i].plan = &plan->lanes[i];
    correlate_reset(c);
    *ret_correlate = c;
    return HN_OK;
}

void correlate_free(struct correlate *c)
{
    if (c == NULL)
        return;
    if (c->lanes != NULL && c->timed != NULL)
        correlate_reset(c);
    hn_vec_deinit(&c->reorder.heap);
    hn_vec_deinit(&c->slots);
    hn_vec_deinit(&c->work);
    hn_vec_deinit(&c->work_values);
    hn_buf_deinit(&c->key);
    hn_buf_deinit(&c->shown);
    hn_buf_deinit(&c->value_key);
    hn_buf_deinit(&c->work_text);
    budget_deinit(&c->budget);
    hn_free(c->lanes);
    hn_free(c->timed);
    hn_free(c);
}

void correlate_set_horizon(struct correlate *c, hn_time horizon)
{
    c->stamper.has_horizon = true;
    c->stamper.horizon = horizon;
}

struct correlate_stats correlate_stats(const struct correlate *c)
{
    struct correlate_stats stats = c->stats;

    stats.timeless = c->stamper.timeless;
    stats.ahead = c->stamper.ahead;
    stats.groups = c->group_count;
    stats.pending = c->reorder.heap.count;
    stats.bytes = c->budget.used_bytes;
    stats.bytes_peak = c->budget.peak_bytes;
    return stats;
}
