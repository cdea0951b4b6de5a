/* compile_rule.c - a rule's condition as a program of tests with two exits each.
 *
 * Negations are pushed down to the leaves, so that the planner sees which predicates a rule cannot
 * do without. Then the tree becomes tests from the back: each test knows where to go when it is
 * true and when it is false, and nothing is ever asked that cannot matter any more. */
#include "match/match_internal.h"

/* Conditions are nested at most as deep as sigma_limits.depth_max, so recursion is bounded. */

static struct tree *tree_of(struct match_snapshot *snapshot, const struct sigma_node *node,
        bool negated, enum hn_status *status, struct hn_err *err);

static enum sigma_node_kind kind_of(const struct sigma_node *node, bool negated)
{
    switch (node->kind) {
    case SIGMA_AND:
        return negated ? SIGMA_OR : SIGMA_AND;
    case SIGMA_OR:
        return negated ? SIGMA_AND : SIGMA_OR;
    case SIGMA_TRUE:
        return negated ? SIGMA_FALSE : SIGMA_TRUE;
    case SIGMA_FALSE:
        return negated ? SIGMA_TRUE : SIGMA_FALSE;
    case SIGMA_NOT:
    case SIGMA_ITEM:
        break;
    }
    return node->kind;
}

static struct tree *tree_of(struct match_snapshot *snapshot, const struct sigma_node *node,
        bool negated, enum hn_status *status, struct hn_err *err)
{
    struct tree *tree;

    while (node->kind == SIGMA_NOT) {
        negated = !negated;
        node = node->children[0];
    }
    tree = hn_new(&snapshot->arena, struct tree, 1);
    if (tree == NULL) {
        *status = hn_arena_status(&snapshot->arena);
        return NULL;
    }
    if (node->kind == SIGMA_ITEM) {
        *status = compile_item(snapshot, node->item, negated, tree, err);
        return *status == HN_OK ? tree : NULL;
    }
    tree->kind = kind_of(node, negated);
    if (tree->kind == SIGMA_TRUE || tree->kind == SIGMA_FALSE)
        return tree;
    tree->count = node->count;
    tree->children = hn_new(&snapshot->arena, struct tree *, node->count);
    if (tree->children == NULL)
        *status = hn_arena_status(&snapshot->arena);
    for (uint32_t i = 0; *status == HN_OK && i < node->count; i++)
        tree->children[i] = tree_of(snapshot, node->children[i], negated, status, err);
    return *status == HN_OK ? tree : NULL;
}

/* How much a test costs, roughly in nanoseconds. */
static uint32_t predicate_cost(const struct match_snapshot *snapshot, uint32_t number)
{
    const struct predicate *predicate = &snapshot->predicates.ptr[number];
    uint32_t cost = 1;

    if (predicate->field == HN_FIELD_NONE)
        return 100000;
    if (predicate->resident)
        return cost;
    for (uint32_t i = 0; i < predicate->atom_count; i++) {
        switch ((enum atom_kind)snapshot->atoms.ptr[predicate->first_atom + i].kind) {
        case ATOM_REGEX:
            cost += 200;
            break;
        case ATOM_INSIDE:
        case ATOM_PATTERN:
            cost += 30;
            break;
        case ATOM_WHOLE:
        case ATOM_STARTS:
        case ATOM_ENDS:
        case ATOM_ANY:
        case ATOM_NUMBER:
        case ATOM_COMPARE:
        case ATOM_CIDR:
        case ATOM_NULL:
        case ATOM_EXISTS:
        case ATOM_FIELDREF:
            cost += 5;
            break;
        }
    }
    return cost;
}

static uint32_t tree_cost(const struct match_snapshot *snapshot, const struct tree *tree)
{
    uint32_t cost = 0;

    if (tree->kind == SIGMA_ITEM)
        return predicate_cost(snapshot, tree->predicate) + (tree->negated ? 1 : 0);
    for (uint32_t i = 0; i < tree->count; i++)
        cost += tree_cost(snapshot, tree->children[i]);
    return cost;
}

/* Cheap children first; a rule has few, so insertion is as good as any sort. */
static void order_children(const struct match_snapshot *snapshot, struct tree *tree)
{
    for (uint32_t i = 1; i < tree->count; i++) {
        struct tree *child = tree->children[i];
        uint32_t cost = tree_cost(snapshot, child);
        uint32_t k = i;

        while (k > 0 && tree_cost(snapshot, tree->children[k - 1]) > cost) {
            tree->children[k] = tree->children[k - 1];
            k--;
        }
        tree->children[k] = child;
    }
}

/* Where to start evaluating tree, given where to go afterwards; NONE without memory. */
static uint32_t emit(
        struct match_snapshot *snapshot, struct tree *tree, uint32_t on_true, uint32_t on_false)
{
    struct test *test;

    order_children(snapshot, tree);
    switch (tree->kind) {
    case SIGMA_TRUE:
        return on_true;
    case SIGMA_FALSE:
        return on_false;
    case SIGMA_AND:
        for (uint32_t i = tree->count; i-- > 0 && on_true != NONE;)
            on_true = emit(snapshot, tree->children[i], on_true, on_false);
        return on_true;
    case SIGMA_OR:
        for (uint32_t i = tree->count; i-- > 0 && on_false != NONE;)
            on_false = emit(snapshot, tree->children[i], on_true, on_false);
        return on_false;
    case SIGMA_NOT:
    case SIGMA_ITEM:
        break;
    }
    test = hn_vec_add(&snapshot->tests);
    if (test == NULL)
        return NONE;
    test->predicate = tree->predicate;
    test->on_true = tree->negated ? on_false : on_true;
    test->on_false = tree->negated ? on_true : on_false;
    return (uint32_t)(snapshot->tests.count - 1);
}

enum hn_status compile_rule(struct match_snapshot *snapshot, uint32_t rule, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    snapshot->rules[rule].tree =
            tree_of(snapshot, snapshot->set->rules[rule].condition, false, &status, err);
    return status;
}

enum hn_status compile_program(struct match_snapshot *snapshot, uint32_t rule)
{
    struct compiled_rule *compiled = &snapshot->rules[rule];

    compiled->start = emit(snapshot, compiled->tree, EXIT_TRUE, EXIT_FALSE);
    return compiled->start == NONE ? HN_NOMEM : HN_OK;
}
