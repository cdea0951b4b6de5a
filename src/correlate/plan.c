/* plan.c - who listens to whom, and which fields each hit has to carry.
 *
 * Rules and correlations are nodes; a correlation listens to the nodes it refers to. A name that
 * a correlation needs becomes a field of each of its inputs, through aliases. Where the input is
 * itself a correlation, it hands on what it groups by, and asks its own inputs for the rest: so
 * fields are settled from the last correlation to the first. Whether a correlation makes sense is
 * decided in plan_lane.c. */
#include "correlate/correlate_internal.h"

#include "base/mem.h"

#include <assert.h>

#define PLAN_BYTES_MAX ((size_t)1 << 30)

const struct correlate_limits correlate_limits_default = {
    .groups_max = 1000000,
    .items_max = 1u << 21,
    .pending_max = 1000000,
    .bytes_max = (size_t)512 << 20,
};

static struct hn_text resolve_alias(
        const struct sigma_correlation *model, uint32_t ref, struct hn_text name)
{
    for (uint32_t i = 0; i < model->alias_count; i++) {
        const struct sigma_alias *alias = &model->aliases[i];

        if (hn_text_eq(alias->name, name) && alias->fields[ref].len > 0)
            return alias->fields[ref];
    }
    return name;
}

/* Position of a field among those of a node, added when new; UINT32_MAX without memory. */
static uint32_t want_field(struct plan_node *node, struct hn_text name)
{
    struct hn_text *added;

    for (size_t i = 0; i < node->fields.count; i++) {
        if (hn_text_eq(node->fields.ptr[i], name))
            return (uint32_t)i;
    }
    added = hn_vec_add(&node->fields);
    if (added == NULL)
        return UINT32_MAX;
    *added = name;
    return (uint32_t)node->fields.count - 1;
}

/* Positions of several names among the fields of an input's node; NULL without memory. */
static uint32_t *want_fields(struct correlate_plan *plan, const struct plan_lane *lane,
        const struct plan_input *input, const struct sigma_texts *names)
{
    uint32_t *positions = hn_new(&plan->arena, uint32_t, names->count + 1);

    for (uint32_t i = 0; positions != NULL && i < names->count; i++) {
        struct hn_text name = resolve_alias(lane->model, input->ref, names->ptr[i]);

        positions[i] = want_field(&plan->nodes[input->node], name);
        if (positions[i] == UINT32_MAX)
            return NULL;
    }
    return positions;
}

/* What others want of this lane is known by now: settles where it comes from. */
static bool settle_outputs(struct correlate_plan *plan, struct plan_lane *lane, uint32_t node)
{
    const struct hn_text *wanted = plan->nodes[node].fields.ptr;
    size_t count = plan->nodes[node].fields.count;

    lane->outputs = hn_new(&plan->arena, struct plan_output, count + 1);
    lane->carried.ptr = hn_new(&plan->arena, struct hn_text, count + 1);
    if (lane->outputs == NULL || lane->carried.ptr == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct plan_output *output = &lane->outputs[i];

        for (uint32_t k = 0; k < lane->model->group_by.count && !output->is_key; k++) {
            output->is_key = hn_text_eq(lane->model->group_by.ptr[k], wanted[i]);
            output->position = k;
        }
        if (!output->is_key) {
            output->position = lane->carried.count++;
            lane->carried.ptr[output->position] = wanted[i];
        }
    }
    return true;
}

static bool settle_inputs(struct correlate_plan *plan, struct plan_lane *lane)
{
    struct sigma_texts fields = { lane->model->fields.ptr,
        plan_uses_fields(lane->model) ? lane->model->fields.count : 0 };

    for (uint32_t i = 0; i < lane->input_count; i++) {
        struct plan_input *input = &lane->inputs[i];

        input->group = want_fields(plan, lane, input, &lane->model->group_by);
        input->fields = want_fields(plan, lane, input, &fields);
        input->carried = want_fields(plan, lane, input, &lane->carried);
        if (input->group == NULL || input->fields == NULL || input->carried == NULL)
            return false;
    }
    return true;
}

static bool add_edges(struct correlate_plan *plan, uint32_t index)
{
    const struct plan_lane *lane = &plan->lanes[index];

    for (uint32_t i = 0; i < lane->input_count; i++) {
        struct plan_edge *edge = hn_vec_add(&plan->nodes[lane->inputs[i].node].edges);

        if (edge == NULL)
            return false;
        *edge = (struct plan_edge){ index, i };
    }
    return true;
}

static enum hn_status build(struct correlate_plan *plan)
{
    uint32_t rules = plan->set->rule_count;

    for (uint32_t i = 0; i < plan->lane_count; i++) {
        enum hn_status status = plan_lane_check(plan, i);

        if (status != HN_OK)
            return status;
        if (plan->lanes[i].refusal == NULL && !add_edges(plan, i))
            return HN_NOMEM;
    }
    for (uint32_t i = plan->lane_count; i-- > 0;) {
        struct plan_lane *lane = &plan->lanes[i];

        if (lane->refusal == NULL &&
                (!settle_outputs(plan, lane, rules + i) || !settle_inputs(plan, lane)))
            return HN_NOMEM;
    }
    return HN_OK;
}

static void take_limits(struct correlate_limits *limits, const struct correlate_limits *given)
{
    *limits = correlate_limits_default;
    if (given == NULL)
        return;
    if (given->groups_max > 0)
        limits->groups_max = given->groups_max;
    if (given->items_max > 0)
        limits->items_max = given->items_max < RING_ROOM_MAX ? given->items_max : RING_ROOM_MAX;
    if (given->pending_max > 0)
        limits->pending_max = given->pending_max;
    if (given->bytes_max > 0)
        limits->bytes_max = given->bytes_max;
}

enum hn_status correlate_plan_new(const struct sigma_set *set,
        const struct correlate_limits *limits, struct correlate_plan **ret_plan, struct hn_err *err)
{
    struct correlate_plan *plan = hn_calloc(1, sizeof *plan);
    enum hn_status status = HN_NOMEM;

    if (plan == NULL)
        return hn_fail(err, HN_NOMEM, 0, "out of memory for the correlation plan");
    plan->set = set;
    take_limits(&plan->limits, limits);
    hn_arena_init(&plan->arena, PLAN_BYTES_MAX);
    plan->lane_count = set->correlation_count;
    plan->node_count = set->rule_count + set->correlation_count;
    plan->nodes = hn_calloc(plan->node_count, sizeof *plan->nodes);
    plan->lanes = hn_calloc(plan->lane_count, sizeof *plan->lanes);
    if (plan->nodes != NULL && plan->lanes != NULL)
        status = build(plan);
    if (status != HN_OK) {
        correlate_plan_free(plan);
        return hn_fail(err, status, 0, "out of memory for the correlation plan");
    }
    *ret_plan = plan;
    return HN_OK;
}

void correlate_plan_free(struct correlate_plan *plan)
{
    if (plan == NULL)
        return;
    for (uint32_t i = 0; plan->nodes != NULL && i < plan->node_count; i++) {
        hn_vec_deinit(&plan->nodes[i].fields);
        hn_vec_deinit(&plan->nodes[i].edges);
    }
    hn_free(plan->nodes);
    hn_free(plan->lanes);
    hn_arena_deinit(&plan->arena);
    hn_free(plan);
}

const char *correlate_plan_refusal(const struct correlate_plan *plan, uint32_t correlation)
{
    assert(correlation < plan->lane_count);
    return plan->lanes[correlation].refusal;
}

bool correlate_plan_wants(const struct correlate_plan *plan, uint32_t rule)
{
    assert(rule < plan->set->rule_count);
    return plan->nodes[rule].edges.count > 0;
}

uint32_t correlate_plan_rule_count(const struct correlate_plan *plan)
{
    return plan->set->rule_count;
}

struct sigma_texts correlate_plan_fields(const struct correlate_plan *plan, uint32_t rule)
{
    assert(rule < plan->set->rule_count);
    return (struct sigma_texts){ plan->nodes[rule].fields.ptr,
        (uint32_t)plan->nodes[rule].fields.count };
}
