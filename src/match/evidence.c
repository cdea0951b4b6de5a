/* evidence.c - after a rule has fired: which field, which value, which bytes. */
#include "match/match_internal.h"

struct evidence_walk {
    struct match_scratch *scratch;
    match_on_evidence *on_evidence;
    void *ctx;
};

/* The first value of the event that an atom fits, told to the caller. */
static bool report_value(const struct evidence_walk *walk, struct hn_event *event,
        const struct tree *leaf, struct hn_text field, uint32_t index)
{
    const struct match_snapshot *snapshot = walk->scratch->snapshot;
    const struct predicate *predicate = &snapshot->predicates.ptr[leaf->predicate];

    for (uint32_t i = 0; i < predicate->atom_count; i++) {
        const struct atom *atom = &snapshot->atoms.ptr[predicate->first_atom + i];
        struct match_evidence evidence = { .item = leaf->item, .value = atom->value };
        struct span span = { 0, 0 };

        if (!atom_fits(walk->scratch, event, predicate, atom, index, &span))
            continue;
        evidence.field = field;
        evidence.text = hn_event_text(event, index);
        evidence.start = span.start;
        evidence.len = span.len;
        walk->on_evidence(walk->ctx, &evidence);
        return true;
    }
    return false;
}

static void report_keyword(const struct evidence_walk *walk, const struct tree *leaf)
{
    struct match_scratch *scratch = walk->scratch;
    struct hn_event *event = match_full_event(scratch);

    for (size_t i = 0; event != NULL && i < event->named.count; i++) {
        if (report_value(walk, event, leaf, event->named.ptr[i].name, event->named.ptr[i].index))
            return;
    }
    if (event != NULL && scratch->raw_value != HN_VALUE_NONE)
        (void)report_value(walk, event, leaf, HN_TEXT(""), scratch->raw_value);
}

static void report_leaf(const struct evidence_walk *walk, const struct tree *leaf)
{
    const struct match_snapshot *snapshot = walk->scratch->snapshot;
    const struct predicate *predicate = &snapshot->predicates.ptr[leaf->predicate];
    struct hn_event *event = walk->scratch->event;
    struct match_evidence presence = { .item = leaf->item };
    uint32_t index;

    if (predicate->field == HN_FIELD_NONE) {
        report_keyword(walk, leaf);
        return;
    }
    index = hn_event_first(event, predicate->field);
    for (; index != HN_VALUE_NONE; index = hn_event_next(event, index)) {
        if (report_value(walk, event, leaf, leaf->item->field, index))
            return;
    }
    /* True by presence or absence alone. */
    presence.value = snapshot->atoms.ptr[predicate->first_atom].value;
    presence.field = leaf->item->field;
    presence.text = hn_event_field_text(event, predicate->field);
    walk->on_evidence(walk->ctx, &presence);
}

static bool tree_true(struct match_scratch *scratch, const struct tree *tree)
{
    switch (tree->kind) {
    case SIGMA_TRUE:
        return true;
    case SIGMA_FALSE:
    case SIGMA_NOT:
        return false;
    case SIGMA_ITEM:
        return predicate_true(scratch, tree->predicate) != tree->negated;
    case SIGMA_AND:
        for (uint32_t i = 0; i < tree->count; i++) {
            if (!tree_true(scratch, tree->children[i]))
                return false;
        }
        return true;
    case SIGMA_OR:
        for (uint32_t i = 0; i < tree->count; i++) {
            if (tree_true(scratch, tree->children[i]))
                return true;
        }
        return false;
    }
    return false;
}

static void report_tree(const struct evidence_walk *walk, const struct tree *tree)
{
    if (tree->kind == SIGMA_ITEM) {
        if (!tree->negated && predicate_true(walk->scratch, tree->predicate))
            report_leaf(walk, tree);
        return;
    }
    for (uint32_t i = 0; i < tree->count; i++) {
        if (tree->kind == SIGMA_AND || tree_true(walk->scratch, tree->children[i]))
            report_tree(walk, tree->children[i]);
    }
}

/* A rule is evaluated in the one part of its group that the event met; residents it asks for have
 * been scanned there. */
void match_evidence(
        struct match_scratch *scratch, uint32_t rule, match_on_evidence *on_evidence, void *ctx)
{
    struct evidence_walk walk = { scratch, on_evidence, ctx };

    scratch->part = part_of_rule(scratch, rule);
    report_tree(&walk, scratch->snapshot->rules[rule].tree);
}
