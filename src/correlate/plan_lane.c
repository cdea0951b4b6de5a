/* plan_lane.c - what a correlation means: is it complete, when is it judged, how much must it keep.
 *
 * A correlation that cannot work is refused with a sentence for people, and takes no other down:
 * what refers to it just never hears from it. */
#include "correlate/correlate_internal.h"

#include <assert.h>
#include <math.h>

/* Verdicts about counts stay exact when only so many of the latest hits are kept; some more let
 * results tell how far above its bound a count is. */
#define DESIGN_CAP_MIN 1024
/* Hits kept of a window that is judged at its end by running totals: as evidence only. */
#define EVIDENCE_CAP CORRELATE_PARTS_MAX
/* State of one group of a temporal_ordered correlation. */
#define ORDERED_BYTES_MAX ((size_t)64 << 10)
/* Of the beats that periodicity looks at, one in five may be missing, extra or out of step. */
#define BEATS_NEEDED_MIN 3
#define BEATS_NEEDED_MAX 200
#define BEATS_DEFAULT    8

bool plan_calculates(const struct sigma_correlation *model)
{
    return model->type == SIGMA_VALUE_SUM || model->type == SIGMA_VALUE_AVG ||
           model->type == SIGMA_VALUE_MEDIAN || model->type == SIGMA_VALUE_PERCENTILE;
}

bool plan_uses_fields(const struct sigma_correlation *model)
{
    return plan_calculates(model) || model->type == SIGMA_VALUE_COUNT ||
           model->type == SIGMA_FIRST_SEEN;
}

bool plan_bounds_rise(const struct sigma_correlation *model)
{
    for (uint32_t i = 0; i < model->bound_count; i++) {
        if (model->bounds[i].op != SIGMA_BOUND_GT && model->bounds[i].op != SIGMA_BOUND_GTE)
            return false;
    }
    return true;
}

double plan_bounds_least(const struct sigma_correlation *model)
{
    double least = 1;

    for (uint32_t i = 0; i < model->bound_count; i++) {
        const struct sigma_bound *bound = &model->bounds[i];
        double whole = least;

        if (bound->op == SIGMA_BOUND_GT)
            whole = floor(bound->value) + 1;
        else if (bound->op == SIGMA_BOUND_GTE)
            whole = ceil(bound->value);
        least = whole > least ? whole : least;
    }
    return least;
}

static bool bound_holds(const struct sigma_bound *bound, double value)
{
    switch (bound->op) {
    case SIGMA_BOUND_LT:
        return value < bound->value;
    case SIGMA_BOUND_LTE:
        return value <= bound->value;
    case SIGMA_BOUND_GT:
        return value > bound->value;
    case SIGMA_BOUND_GTE:
        return value >= bound->value;
    case SIGMA_BOUND_EQ:
        return value == bound->value;
    case SIGMA_BOUND_NEQ:
        return value != bound->value;
    }
    return false;
}

bool plan_bounds_hold(const struct sigma_correlation *model, double value)
{
    for (uint32_t i = 0; i < model->bound_count; i++) {
        if (!bound_holds(&model->bounds[i], value))
            return false;
    }
    return true;
}

/* ---- Inputs ---- */

static uint32_t node_of(const struct correlate_plan *plan, const struct sigma_ref *ref)
{
    return ref->is_correlation ? plan->set->rule_count + ref->index : ref->index;
}

static bool refs_are_known(const struct correlate_plan *plan, uint32_t index)
{
    const struct sigma_correlation *model = plan->lanes[index].model;

    for (uint32_t i = 0; i < model->ref_count; i++) {
        const struct sigma_ref *ref = &model->refs[i];

        if (ref->index >= (ref->is_correlation ? index : plan->set->rule_count))
            return false;
    }
    return true;
}

/* One input per rule or correlation, however often it is listed. */
static bool find_inputs(struct correlate_plan *plan, struct plan_lane *lane)
{
    const struct sigma_correlation *model = lane->model;

    lane->inputs = hn_new(&plan->arena, struct plan_input, model->ref_count);
    lane->steps = hn_new(&plan->arena, uint32_t, model->ref_count);
    lane->order = hn_new(&plan->arena, uint32_t, model->ref_count);
    if (lane->inputs == NULL || lane->steps == NULL || lane->order == NULL)
        return false;
    lane->step_count = model->ref_count;
    for (uint32_t i = 0; i < model->ref_count; i++) {
        uint32_t node = node_of(plan, &model->refs[i]);
        uint32_t k = 0;

        while (k < lane->input_count && lane->inputs[k].node != node)
            k++;
        if (k == lane->input_count) {
            lane->inputs[k].ref = i;
            lane->inputs[k].node = node;
            lane->input_count++;
        }
        lane->inputs[k].times++;
        lane->steps[i] = k;
        lane->order[i] = i;
    }
    for (uint32_t k = 1; k < lane->input_count; k++)
        lane->inputs[k].offset = lane->inputs[k - 1].offset + lane->inputs[k - 1].times;
    return true;
}

/* The digest that saved state is found by, and the level where the correlation has none. */
static void inherit(const struct correlate_plan *plan, struct plan_lane *lane)
{
    const struct sigma_set *set = plan->set;
    enum sigma_level highest = SIGMA_LEVEL_NONE;

    lane->digest = lane->model->meta.digest;
    for (uint32_t i = 0; i < lane->model->ref_count; i++) {
        const struct sigma_ref *ref = &lane->model->refs[i];
        enum sigma_level level = ref->is_correlation ? plan->lanes[ref->index].level
                                                     : set->rules[ref->index].meta.level;

        lane->digest = hn_digest_join(lane->digest, ref->is_correlation
                                                            ? plan->lanes[ref->index].digest
                                                            : set->rules[ref->index].meta.digest);
        highest = level > highest ? level : highest;
    }
    lane->level = lane->model->meta.level != SIGMA_LEVEL_NONE ? lane->model->meta.level : highest;
}

/* ---- Types ---- */

/* Keeps what a rising bound on a count needs, and some more to tell how far it was passed. */
static const char *cap_by_need(const struct correlate_plan *plan, struct plan_lane *lane)
{
    double least = plan_bounds_least(lane->model);
    uint32_t cap = plan->limits.items_max;

    if (!(least <= (double)cap))
        return "the bound is above the number of hits kept per group (items_max)";
    lane->cap_is_design = true;
    if (2 * least < DESIGN_CAP_MIN)
        lane->items_cap = DESIGN_CAP_MIN < cap ? DESIGN_CAP_MIN : cap;
    else
        lane->items_cap = 2 * least < (double)cap ? (uint32_t)(2 * least) : cap;
    return NULL;
}

static const char *check_count(const struct correlate_plan *plan, struct plan_lane *lane)
{
    bool values = lane->model->type == SIGMA_VALUE_COUNT;

    lane->type = values ? &window_values_type : &window_count_type;
    if (lane->model->bound_count == 0)
        return "the condition has no bound";
    if (values && lane->model->fields.count == 0)
        return "the condition names no field to count values of";
    if (plan_bounds_rise(lane->model)) {
        lane->judge = JUDGE_AT_HIT;
        return cap_by_need(plan, lane);
    }
    lane->judge = JUDGE_AT_END;
    lane->items_cap = values ? plan->limits.items_max : EVIDENCE_CAP;
    lane->cap_is_design = !values;
    return NULL;
}

static const char *check_metric(const struct correlate_plan *plan, struct plan_lane *lane)
{
    bool sum = lane->model->type == SIGMA_VALUE_SUM;
    bool average = lane->model->type == SIGMA_VALUE_AVG;

    lane->type = sum || average ? &window_sum_type : &window_rank_type;
    lane->items_cap = plan->limits.items_max;
    if (lane->model->bound_count == 0)
        return "the condition has no bound";
    if (lane->model->fields.count != 1)
        return "the condition must name one field to calculate with";
    if (lane->model->type == SIGMA_VALUE_PERCENTILE &&
            !(lane->model->percentile >= 0 && lane->model->percentile <= 100))
        return "the percentile is not between 0 and 100";
    if (!sum) {
        lane->judge = JUDGE_WHOLE;
    } else if (plan_bounds_rise(lane->model)) {
        lane->judge = JUDGE_AT_HIT;
    } else {
        lane->judge = JUDGE_AT_END;
        lane->items_cap = EVIDENCE_CAP;
        lane->cap_is_design = true;
    }
    return NULL;
}

static bool has_not(const struct plan_lane *lane)
{
    for (uint32_t i = 0; i < lane->op_count; i++) {
        if (lane->ops[i].kind == SIGMA_NOT)
            return true;
    }
    return false;
}

static const char *check_temporal(const struct correlate_plan *plan, struct plan_lane *lane)
{
    const struct sigma_correlation *model = lane->model;

    lane->type = &window_recent_type;
    lane->judge = JUDGE_AT_HIT;
    lane->needed = model->ref_count;
    if (model->ref_count > CORRELATE_REFS_MAX)
        return "it refers to more rules than a temporal correlation can hold";
    if (model->condition != NULL && lane->op_count == 0)
        return "its boolean condition is too large, or refers to a rule it does not list";
    if (has_not(lane)) {
        lane->type = &window_each_type;
        lane->judge = JUDGE_EACH;
        lane->items_cap = plan->limits.items_max;
    } else if (model->condition == NULL && !plan_bounds_rise(model)) {
        lane->judge = JUDGE_AT_END;
    } else if (model->condition == NULL && plan_bounds_least(model) > model->ref_count) {
        return "its bound is above the number of rules it lists";
    }
    return NULL;
}

static const char *check_ordered(const struct correlate_plan *plan, struct plan_lane *lane)
{
    const struct sigma_correlation *model = lane->model;

    lane->type = &window_ordered_type;
    lane->judge = JUDGE_AT_HIT;
    if (model->ref_count > CORRELATE_REFS_MAX)
        return "it refers to more rules than a temporal correlation can hold";
    if (model->condition != NULL && !plan_conjunction(lane))
        return "its boolean condition is not one of rules joined by `and`, with `not` before some";
    if (!plan_bounds_rise(model))
        return "an order that has been kept cannot be undone: only gt and gte make sense";
    if (has_not(lane)) {
        lane->judge = JUDGE_EACH;
        lane->items_cap = plan->limits.items_max;
    }
    lane->needed = lane->step_count;
    if (model->bound_count > 0) {
        double least = plan_bounds_least(model);

        if (least > lane->step_count)
            return "its bound is above the number of rules it lists";
        lane->needed = (uint32_t)least;
    }
    if (lane->type->state_bytes(lane) > ORDERED_BYTES_MAX)
        return "it lists more rules than an ordered correlation can hold";
    return NULL;
}

static const char *check_beat(struct plan_lane *lane)
{
    const struct sigma_correlation *model = lane->model;
    double least = model->bound_count == 0 ? BEATS_DEFAULT : plan_bounds_least(model);

    lane->type = &window_beat_type;
    lane->judge = JUDGE_AT_HIT;
    if (!(least <= BEATS_NEEDED_MAX))
        return "its bound is above the number of intervals that are looked at";
    if (!(model->jitter >= 0 && model->jitter <= 1))
        return "its jitter is not between 0 and 1";
    if (model->burst < 0 || (model->burst > 0 && model->burst >= model->timespan))
        return "its burst is not shorter than its timespan";
    lane->needed = least < BEATS_NEEDED_MIN ? BEATS_NEEDED_MIN : (uint32_t)least;
    /* One more hit than intervals, a fifth of which may be out of step. */
    lane->items_cap = lane->needed * 5 / 4 + 2;
    assert(lane->items_cap <= CORRELATE_BEATS_MAX);
    lane->cap_is_design = true;
    return NULL;
}

static const char *check_type(const struct correlate_plan *plan, struct plan_lane *lane)
{
    switch (lane->model->type) {
    case SIGMA_EVENT_COUNT:
    case SIGMA_VALUE_COUNT:
        return check_count(plan, lane);
    case SIGMA_VALUE_SUM:
    case SIGMA_VALUE_AVG:
    case SIGMA_VALUE_MEDIAN:
    case SIGMA_VALUE_PERCENTILE:
        return check_metric(plan, lane);
    case SIGMA_TEMPORAL:
        return check_temporal(plan, lane);
    case SIGMA_TEMPORAL_ORDERED:
        return check_ordered(plan, lane);
    case SIGMA_ABSENCE:
        lane->type = &window_absence_type;
        lane->judge = JUDGE_UNANSWERED;
        return lane->input_count < 2 ? "it must refer to what happens and to what must follow"
                                     : NULL;
    case SIGMA_FIRST_SEEN:
        lane->type = &window_values_type;
        lane->judge = JUDGE_NEW;
        lane->items_cap = plan->limits.items_max;
        return lane->model->fields.count == 0 ? "it names no field to look at" : NULL;
    case SIGMA_PERIODICITY:
        return check_beat(lane);
    }
    return "its type is not known";
}

static const char *check_frame(const struct correlate_plan *plan, uint32_t index)
{
    const struct sigma_correlation *model = plan->lanes[index].model;

    if (model->ref_count == 0)
        return "it refers to no rule";
    if (!refs_are_known(plan, index))
        return "it refers to a rule that is not in the set";
    if (model->timespan < 0 || (model->timespan == 0 && model->type != SIGMA_FIRST_SEEN))
        return "it has no timespan";
    if (model->group_by.count > CORRELATE_GROUP_FIELDS_MAX)
        return "it groups by too many fields";
    if (model->fields.count > CORRELATE_GROUP_FIELDS_MAX)
        return "it counts values of too many fields";
    return NULL;
}

enum hn_status plan_lane_check(struct correlate_plan *plan, uint32_t index)
{
    struct plan_lane *lane = &plan->lanes[index];

    lane->model = &plan->set->correlations[index];
    lane->refusal = check_frame(plan, index);
    if (lane->refusal != NULL)
        return HN_OK;
    lane->span = lane->model->timespan == 0 ? INT64_MAX : lane->model->timespan;
    if (!find_inputs(plan, lane))
        return HN_NOMEM;
    if (lane->model->condition != NULL && plan_condition(plan, lane) == HN_NOMEM)
        return HN_NOMEM;
    inherit(plan, lane);
    lane->refusal = check_type(plan, lane);
    if (lane->refusal == NULL)
        lane->state_bytes = lane->type->state_bytes(lane);
    return HN_OK;
}
