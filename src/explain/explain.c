/* explain.c - the tree of a condition in the order of the rule, judged from its leaves upwards.
 *
 * Unlike the interpreter, which stops where the value is known, every part is looked at: a reader
 * wants to know what else is missing. */
#include "explain/explain.h"

#include <assert.h>

/* A part whose children are being listed. */
struct frame {
    const struct sigma_node *node;
    uint32_t index; /* in explanation.nodes */
    uint32_t next;  /* child to look at */
    bool all;
    bool any;
    double sum;
    double most;
};

static const struct sigma_selection *selection_of(
        const struct sigma_rule *rule, const struct sigma_node *node)
{
    for (uint32_t i = 0; i < rule->selection_count; i++) {
        if (rule->selections[i].node == node)
            return &rule->selections[i];
    }
    return NULL;
}

static bool open_node(struct explanation *x, const struct sigma_node *node, uint32_t parent,
        struct frame *ret_frame)
{
    struct explain_node *out = hn_vec_add(&x->nodes);

    if (out == NULL)
        return false;
    out->kind = node->kind;
    out->parent = parent;
    out->depth = parent == EXPLAIN_NONE ? 0 : x->nodes.ptr[parent].depth + 1;
    out->selection = selection_of(x->rule, node);
    if (node->kind == SIGMA_ITEM && node->item->index < x->trace.items.count)
        out->item = &x->trace.items.ptr[node->item->index];
    *ret_frame =
            (struct frame){ .node = node, .index = (uint32_t)(x->nodes.count - 1), .all = true };
    return true;
}

/* The truth of a part of which all children are known, and how near it is to being true. */
static bool close_node(struct explanation *x, const struct frame *frame, double *ret_closeness)
{
    struct explain_node *out = &x->nodes.ptr[frame->index];
    double closeness = 0;

    switch (frame->node->kind) {
    case SIGMA_AND:
        out->holds = frame->all;
        closeness = frame->node->count == 0 ? 1 : frame->sum / frame->node->count;
        break;
    case SIGMA_OR:
        out->holds = frame->any;
        closeness = frame->most;
        break;
    case SIGMA_NOT:
        out->holds = !frame->any;
        closeness = out->holds ? 1 : 0;
        break;
    case SIGMA_ITEM:
        out->holds = out->item != NULL && out->item->matched;
        closeness = out->holds ? 1 : 0;
        break;
    case SIGMA_TRUE:
        out->holds = true;
        closeness = 1;
        break;
    case SIGMA_FALSE:
        break;
    }
    *ret_closeness = closeness;
    return out->holds;
}

static enum hn_status walk(struct explanation *x)
{
    struct frame frames[SIGMA_TREE_DEPTH_MAX];
    uint32_t depth = 0;

    if (!open_node(x, x->rule->condition, EXPLAIN_NONE, &frames[depth++]))
        return HN_NOMEM;
    while (depth > 0) {
        struct frame *frame = &frames[depth - 1];
        double closeness;
        bool holds;

        if (frame->next < frame->node->count && x->nodes.count < EXPLAIN_NODES_MAX) {
            assert(depth < SIGMA_TREE_DEPTH_MAX);
            if (!open_node(x, frame->node->children[frame->next++], frame->index, &frames[depth++]))
                return HN_NOMEM;
            continue;
        }
        x->cut = x->cut || frame->next < frame->node->count;
        holds = close_node(x, frame, &closeness);
        x->closeness = closeness; /* of the root in the end */
        if (--depth == 0)
            break;
        frame = &frames[depth - 1];
        frame->all = frame->all && holds;
        frame->any = frame->any || holds;
        frame->sum += closeness;
        if (closeness > frame->most)
            frame->most = closeness;
    }
    return HN_OK;
}

/* A part decides when what it is in decides and has its value because of it: a false AND because
 * of its false parts, a true OR because of its true ones, the others because of all. */
static void find_reasons(struct explanation *x)
{
    for (size_t i = 0; i < x->nodes.count; i++) {
        struct explain_node *node = &x->nodes.ptr[i];
        const struct explain_node *parent;

        if (node->parent == EXPLAIN_NONE) {
            node->decides = true;
            continue;
        }
        parent = &x->nodes.ptr[node->parent];
        node->decides =
                parent->decides && (parent->kind == SIGMA_NOT || parent->holds == node->holds);
    }
}

enum hn_status explain(
        struct explanation *explanation, const struct sigma_rule *rule, struct hn_event *event)
{
    enum hn_status status;

    explanation->rule = rule;
    explanation->closeness = 0;
    explanation->cut = false;
    hn_vec_reset(&explanation->nodes);
    (void)match_interpret(rule, event, &explanation->trace);
    if (explanation->trace.incomplete)
        return HN_NOMEM;
    status = walk(explanation);
    if (status == HN_OK)
        find_reasons(explanation);
    return status;
}

void explanation_deinit(struct explanation *explanation)
{
    match_trace_deinit(&explanation->trace);
    hn_vec_deinit(&explanation->nodes);
}

struct explain_rank explain_rank(const struct explanation *explanation)
{
    return (struct explain_rank){ explanation->trace.matched, explanation->trace.fits_source,
        explanation->closeness };
}

int explain_rank_compare(struct explain_rank a, struct explain_rank b)
{
    if (a.matched != b.matched)
        return a.matched ? 1 : -1;
    if (a.fits_source != b.fits_source)
        return a.fits_source ? 1 : -1;
    return a.closeness < b.closeness ? -1 : a.closeness > b.closeness;
}

struct explain_field explain_field(const struct hn_event *event, struct hn_text field)
{
    hn_field number = hn_schema_find(event->schema, field);
    struct explain_field found = { .first = HN_VALUE_NONE };

    found.first = number == HN_FIELD_NONE ? hn_event_find_name(event, field)
                                          : hn_event_first(event, number);
    found.present = found.first != HN_VALUE_NONE;
    for (size_t i = 0; found.present && i < event->named.count; i++) {
        if (event->named.ptr[i].index == found.first) {
            found.logged_as = event->named.ptr[i].name;
            break;
        }
    }
    return found;
}
