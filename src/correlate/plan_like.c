/* plan_like.c - do hits of one plan fit another?
 *
 * The rules of a source may have other names of fields than those of all others, and their hits go
 * to the same correlator. It reads values by position, so both plans have to have settled every
 * position in the same way; they have not where a mapping gives two names to a field that a
 * correlation groups by, or one name to two of them. */
#include "correlate/correlate_internal.h"

static uint32_t node_here(const struct correlate_plan *plan, const struct correlate_plan *other,
        const uint32_t *rule_of, uint32_t node)
{
    if (node >= other->set->rule_count)
        return node - other->set->rule_count + plan->set->rule_count;
    return rule_of[node];
}

static bool same_positions(const uint32_t *a, const uint32_t *b, uint32_t count)
{
    return count == 0 || memcmp(a, b, count * sizeof *a) == 0;
}

static bool lanes_alike(const struct plan_lane *a, const struct plan_lane *b)
{
    return hn_text_eq(a->model->meta.place.file, b->model->meta.place.file) &&
           a->model->meta.place.line == b->model->meta.place.line &&
           (a->refusal == NULL) == (b->refusal == NULL) && a->input_count == b->input_count &&
           a->model->group_by.count == b->model->group_by.count &&
           a->model->fields.count == b->model->fields.count && a->carried.count == b->carried.count;
}

static bool inputs_alike(
        const struct plan_lane *lane, const struct plan_input *a, const struct plan_input *b)
{
    uint32_t fields = plan_uses_fields(lane->model) ? lane->model->fields.count : 0;

    return a->times == b->times &&
           same_positions(a->group, b->group, lane->model->group_by.count) &&
           same_positions(a->fields, b->fields, fields) &&
           same_positions(a->carried, b->carried, lane->carried.count);
}

bool correlate_plan_is_like(const struct correlate_plan *plan, const struct correlate_plan *other,
        const uint32_t *rule_of)
{
    if (plan->lane_count != other->lane_count)
        return false;
    for (uint32_t i = 0; i < plan->lane_count; i++) {
        const struct plan_lane *a = &plan->lanes[i];
        const struct plan_lane *b = &other->lanes[i];

        if (!lanes_alike(a, b))
            return false;
        for (uint32_t k = 0; a->refusal == NULL && k < a->input_count; k++) {
            if (a->inputs[k].node != node_here(plan, other, rule_of, b->inputs[k].node) ||
                    !inputs_alike(a, &a->inputs[k], &b->inputs[k]))
                return false;
        }
    }
    return true;
}
