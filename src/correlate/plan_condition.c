/* plan_condition.c - boolean conditions over rules, as a tree and as a list of operations.
 *
 * The list is evaluated with a small stack and no recursion, whatever the tree's depth was. */
#include "correlate/correlate_internal.h"

#include <assert.h>

struct visit {
    const struct sigma_ref_node *node;
    uint32_t child; /* next one to go to */
};

struct walk {
    struct plan_op ops[CORRELATE_NODES_MAX];
    uint32_t op_count;
    struct visit stack[CORRELATE_NODES_MAX];
    uint32_t depth;
};

static bool emit(const struct plan_lane *lane, struct walk *walk, const struct sigma_ref_node *node)
{
    struct plan_op op = { node->kind, node->count };

    if (walk->op_count == CORRELATE_NODES_MAX)
        return false;
    switch (node->kind) {
    case SIGMA_ITEM:
        if (node->ref >= lane->model->ref_count)
            return false;
        op.arg = lane->steps[node->ref];
        break;
    case SIGMA_NOT:
        if (node->count != 1)
            return false;
        break;
    case SIGMA_AND:
    case SIGMA_OR:
        if (node->count == 0)
            return false;
        break;
    case SIGMA_TRUE:
    case SIGMA_FALSE:
        op.arg = 0;
        break;
    }
    walk->ops[walk->op_count++] = op;
    return true;
}

static bool push(struct walk *walk, const struct sigma_ref_node *node)
{
    if (walk->depth == CORRELATE_NODES_MAX)
        return false;
    walk->stack[walk->depth++] = (struct visit){ node, 0 };
    return true;
}

static bool has_children(const struct sigma_ref_node *node)
{
    return node->kind == SIGMA_AND || node->kind == SIGMA_OR || node->kind == SIGMA_NOT;
}

static bool flatten(const struct plan_lane *lane, struct walk *walk)
{
    if (!push(walk, lane->model->condition))
        return false;
    while (walk->depth > 0) {
        struct visit *visit = &walk->stack[walk->depth - 1];

        if (has_children(visit->node) && visit->child < visit->node->count) {
            if (!push(walk, visit->node->children[visit->child++]))
                return false;
            continue;
        }
        if (!emit(lane, walk, visit->node))
            return false;
        walk->depth--;
    }
    return true;
}

enum hn_status plan_condition(struct correlate_plan *plan, struct plan_lane *lane)
{
    struct walk walk = { .op_count = 0 };

    if (!flatten(lane, &walk))
        return HN_LIMIT;
    lane->ops = hn_new(&plan->arena, struct plan_op, walk.op_count);
    if (lane->ops == NULL)
        return HN_NOMEM;
    memcpy(lane->ops, walk.ops, walk.op_count * sizeof *walk.ops);
    lane->op_count = walk.op_count;
    return HN_OK;
}

bool plan_condition_holds(const struct plan_lane *lane, const uint32_t *counts)
{
    bool stack[CORRELATE_NODES_MAX] = { false };
    uint32_t depth = 0;

    for (uint32_t i = 0; i < lane->op_count; i++) {
        const struct plan_op *op = &lane->ops[i];
        bool value = op->kind == SIGMA_TRUE;

        if (op->kind == SIGMA_ITEM) {
            value = counts[op->arg] > 0;
        } else if (op->kind == SIGMA_NOT) {
            assert(depth >= 1);
            value = !stack[--depth];
        } else if (op->kind == SIGMA_AND || op->kind == SIGMA_OR) {
            bool end = op->kind == SIGMA_OR; /* what one operand decides alone */

            assert(depth >= op->arg);
            value = !end;
            for (uint32_t k = 0; k < op->arg; k++)
                value = stack[--depth] == end ? end : value;
        }
        stack[depth++] = value;
    }
    return depth > 0 && stack[depth - 1];
}
