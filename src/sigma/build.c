/* build.c - the finished draft as a rule of the set: items in order of the text, a condition tree
 * of which shared parts are one node. */
#include "sigma/sigma_draft.h"

/* Nodes a walk over the condition meets, shared ones counted each time. */
#define TREE_NODES_MAX 1000000u

struct build {
    struct work *w;
    struct draft_rule *draft;
    struct sigma_item *items;
    uint32_t next_item;
};

/* A built node, how many nodes a walk over it meets, and how deep it is. */
struct sized_node {
    struct sigma_node node; /* first: a pointer to it is a pointer to this */
    uint64_t size;
    uint32_t depth;
};

static struct sigma_node *new_node(struct work *w, enum sigma_node_kind kind, uint32_t child_count)
{
    struct sized_node *node = hn_new(w->keep, struct sized_node, 1);

    if (node != NULL && child_count > 0) {
        node->node.children = hn_new(w->keep, struct sigma_node *, child_count);
        if (node->node.children == NULL)
            node = NULL;
    }
    if (node == NULL) {
        (void)work_nomem(w, w->keep);
        return NULL;
    }
    node->node.kind = kind;
    node->size = 1;
    node->depth = 1;
    return &node->node;
}

static bool add_child(struct work *w, struct sigma_node *parent, struct sigma_node *child)
{
    struct sized_node *sized = (struct sized_node *)(void *)parent;
    const struct sized_node *below = (const struct sized_node *)(const void *)child;

    parent->children[parent->count++] = child;
    sized->size += below->size;
    if (below->depth + 1 > sized->depth)
        sized->depth = below->depth + 1;
    if (sized->size <= TREE_NODES_MAX && sized->depth <= SIGMA_TREE_DEPTH_MAX)
        return true;
    issue_add(w, CODE_TOO_LARGE, (struct sigma_place){ w->file, 1, 1 },
            "the condition is too large when its selections are put in");
    return false;
}

/* ---- Values ---- */

static bool build_string(
        struct work *w, const struct draft_string *string, struct sigma_string *ret_string)
{
    ret_string->count = string->count;
    ret_string->parts = hn_new(w->keep, struct sigma_part, string->count);
    if (ret_string->parts == NULL)
        return work_nomem(w, w->keep);
    for (uint32_t i = 0; i < string->count; i++) {
        struct sigma_part *part = &ret_string->parts[i];

        part->text = string->parts[i].text;
        switch (string->parts[i].kind) {
        case DRAFT_TEXT:
            part->kind = SIGMA_PART_TEXT;
            break;
        case DRAFT_MANY:
            part->kind = SIGMA_PART_MANY;
            break;
        case DRAFT_ONE:
            part->kind = SIGMA_PART_ONE;
            break;
        case DRAFT_PLACEHOLDER: /* sigma_placeholders_apply() leaves none */
            return false;
        }
    }
    return true;
}

static bool build_regex(struct work *w, const struct draft_value *draft, struct sigma_value *value)
{
    struct hn_buf pattern = { 0 };
    bool fine;

    if (!sigma_draft_string_bytes(w, &draft->string, &value->as.regex.pattern))
        return false;
    value->as.regex.flags = draft->regex_flags;
    if (draft->exact_start || draft->exact_end) {
        hn_buf_addf(&pattern, "%s(?:", draft->exact_start ? "\\A" : "");
        hn_buf_add_text(&pattern, value->as.regex.pattern);
        hn_buf_addf(&pattern, ")%s", draft->exact_end ? "\\z" : "");
        fine = hn_buf_ok(&pattern);
        if (fine)
            value->as.regex.pattern = sigma_keep_text(w, hn_buf_text(&pattern));
        else
            w->status = HN_NOMEM;
        hn_buf_deinit(&pattern);
        if (!fine || value->as.regex.pattern.ptr == NULL)
            return false;
    }
    return regex_check(w, value->as.regex.pattern, draft->regex_flags, draft->place);
}

static bool build_value(struct work *w, const struct draft_value *draft, struct sigma_value *value)
{
    value->cased = draft->cased;
    value->place = draft->place;
    value->written = draft->written;
    switch (draft->kind) {
    case DRAFT_STRING:
        value->kind = SIGMA_STRING;
        return build_string(w, &draft->string, &value->as.string);
    case DRAFT_NUMBER:
    case DRAFT_BOOL:
        value->kind = SIGMA_NUMBER;
        value->as.number = draft->number;
        return true;
    case DRAFT_NULL:
        value->kind = SIGMA_NULL;
        return true;
    case DRAFT_REGEX:
        value->kind = SIGMA_REGEX;
        return build_regex(w, draft, value);
    case DRAFT_CIDR:
        value->kind = SIGMA_CIDR;
        value->as.cidr = draft->cidr;
        return true;
    case DRAFT_COMPARE:
        value->kind = SIGMA_COMPARE;
        value->as.number = draft->number;
        value->compare = draft->compare;
        return true;
    case DRAFT_EXISTS:
        value->kind = SIGMA_EXISTS;
        value->as.exists = draft->exists;
        return true;
    case DRAFT_FIELDREF:
        value->kind = SIGMA_FIELDREF;
        value->as.fieldref.field = draft->field;
        value->as.fieldref.anchor = draft->anchor;
        return true;
    case DRAFT_KIND_COUNT:
        break;
    }
    return false;
}

/* ---- Items ---- */

/* Values of one origin stand apart after expansions; this brings them together. */
static uint32_t *group_values(struct work *w, const struct draft_item *item, uint32_t *ret_groups)
{
    uint32_t *starts; /* per origin, then the order of values */
    uint32_t origins = 0;
    uint32_t *order;

    for (uint32_t i = 0; i < item->value_count; i++)
        origins = item->values[i].origin + 1 > origins ? item->values[i].origin + 1 : origins;
    starts = hn_new(w->scratch, uint32_t, (size_t)origins + 1);
    order = hn_new(w->scratch, uint32_t, item->value_count);
    if (starts == NULL || order == NULL) {
        (void)work_nomem(w, w->scratch);
        return NULL;
    }
    for (uint32_t i = 0; i < item->value_count; i++)
        starts[item->values[i].origin + 1]++;
    for (uint32_t i = 0; i < origins; i++)
        starts[i + 1] += starts[i];
    for (uint32_t i = 0; i < item->value_count; i++)
        order[starts[item->values[i].origin]++] = i;
    *ret_groups = origins;
    return order;
}

static uint32_t count_groups(const struct draft_item *item)
{
    uint32_t last = 0;

    if (item->value_count == 0)
        return 0;
    if (!item->all)
        return 1;
    for (uint32_t i = 0; i < item->value_count; i++)
        last = item->values[i].origin > last ? item->values[i].origin : last;
    return last + 1; /* at most: values that a pipeline dropped leave gaps */
}

static struct sigma_node *build_group(
        struct build *b, const struct draft_item *draft, const uint32_t *order, uint32_t count)
{
    struct sigma_item *item = &b->items[b->next_item];
    struct sigma_node *node = new_node(b->w, SIGMA_ITEM, 0);

    item->values = hn_new(b->w->keep, struct sigma_value, count);
    if (item->values == NULL || node == NULL) {
        (void)work_nomem(b->w, b->w->keep);
        return NULL;
    }
    item->field = draft->field;
    item->modifiers = draft->modifiers;
    item->time_part = draft->time_part;
    item->place = draft->place;
    item->selection = draft->selection;
    item->index = b->next_item++;
    for (uint32_t i = 0; i < count; i++) {
        if (!build_value(b->w, &draft->values[order[i]], &item->values[item->value_count++]))
            return NULL;
    }
    node->item = item;
    return node;
}

/* An AND of one item per origin. */
static struct sigma_node *build_all(
        struct build *b, const struct draft_item *draft, const uint32_t *order, uint32_t groups)
{
    struct sigma_node *node = new_node(b->w, SIGMA_AND, groups);
    uint32_t start = 0;

    while (node != NULL && start < draft->value_count) {
        uint32_t origin = draft->values[order[start]].origin;
        uint32_t end = start;
        struct sigma_node *child;

        while (end < draft->value_count && draft->values[order[end]].origin == origin)
            end++;
        child = build_group(b, draft, order + start, end - start);
        if (child == NULL || !add_child(b->w, node, child))
            return NULL;
        start = end;
    }
    return node != NULL && node->count == 1 ? node->children[0] : node;
}

static struct sigma_node *negate(struct work *w, struct sigma_node *node)
{
    struct sigma_node *not = node == NULL ? NULL : new_node(w, SIGMA_NOT, 1);

    return not != NULL && add_child(w, not, node) ? not : NULL;
}

static struct sigma_node *build_item(struct build *b, const struct draft_item *draft)
{
    uint32_t groups = 0;
    uint32_t *order;
    struct sigma_node *node;

    if (draft->value_count == 0) {
        issue_add(b->w, CODE_NEVER_EMPTY_LIST, draft->place, "no value of an empty list ever fits");
        node = new_node(b->w, SIGMA_FALSE, 0);
    } else {
        order = group_values(b->w, draft, &groups);
        if (order == NULL)
            return NULL;
        node = draft->all ? build_all(b, draft, order, groups)
                          : build_group(b, draft, order, draft->value_count);
    }
    return draft->negated ? negate(b->w, node) : node;
}

/* ---- Trees ---- */

/* Marks what the condition reaches: operands stand before operators in the one list, parents before
 * children in the other. */
static void mark_wanted(struct draft_rule *draft, const struct cond_node *condition)
{
    for (uint32_t i = 0; i < draft->node_count; i++) {
        draft->nodes[i]->wanted = false;
        draft->nodes[i]->built = NULL;
    }
    for (uint32_t i = 0; i < draft->cond_nodes.count; i++) {
        draft->cond_nodes.ptr[i]->wanted = draft->cond_nodes.ptr[i] == condition;
        draft->cond_nodes.ptr[i]->built = NULL;
    }
    for (uint32_t i = draft->cond_nodes.count; i-- > 0;) {
        const struct cond_node *node = draft->cond_nodes.ptr[i];

        if (node->wanted && node->kind == SIGMA_ITEM)
            draft->detections[node->leaf].root->wanted = true;
        for (uint32_t k = 0; node->wanted && k < node->count; k++)
            node->children[k]->wanted = true;
    }
    for (uint32_t i = 0; i < draft->node_count; i++) {
        const struct draft_node *node = draft->nodes[i];

        for (uint32_t k = 0; node->wanted && k < node->count; k++)
            node->children[k]->wanted = true;
    }
}

/* Children that were not dropped, under one node. */
struct gather {
    struct sigma_node *node;
    struct sigma_node *only; /* the last of them */
    uint32_t count;
};

static bool gather_add(struct work *w, struct gather *gather, struct sigma_node *child)
{
    if (child == NULL)
        return true;
    gather->only = child;
    gather->count++;
    return add_child(w, gather->node, child);
}

/* A node of one child is the child, of none is nothing; NOT stays. */
static struct sigma_node *gather_end(const struct gather *gather)
{
    if (gather->count == 0)
        return NULL;
    return gather->count == 1 && gather->node->kind != SIGMA_NOT ? gather->only : gather->node;
}

static bool build_items(struct build *b)
{
    for (uint32_t i = 0; i < b->draft->node_count; i++) {
        struct draft_node *node = b->draft->nodes[i];

        if (node->kind != SIGMA_ITEM || node->dropped || !node->wanted)
            continue;
        node->built = build_item(b, node->item);
        if (node->built == NULL)
            return false;
    }
    return true;
}

static bool build_detections(struct build *b)
{
    for (uint32_t i = b->draft->node_count; i-- > 0;) {
        struct draft_node *node = b->draft->nodes[i];
        struct gather gather = { NULL, NULL, 0 };

        if (node->kind == SIGMA_ITEM || node->dropped || !node->wanted)
            continue;
        gather.node = new_node(b->w, node->kind, node->count);
        if (gather.node == NULL)
            return false;
        for (uint32_t k = 0; k < node->count; k++) {
            if (!gather_add(b->w, &gather, node->children[k]->built))
                return false;
        }
        node->built = gather_end(&gather);
    }
    return true;
}

static bool build_conditions(struct build *b)
{
    for (uint32_t i = 0; i < b->draft->cond_nodes.count; i++) {
        struct cond_node *cond = b->draft->cond_nodes.ptr[i];
        struct gather gather = { NULL, NULL, 0 };

        if (!cond->wanted)
            continue;
        if (cond->kind == SIGMA_ITEM) {
            cond->built = b->draft->detections[cond->leaf].root->built;
            continue;
        }
        gather.node = new_node(b->w, cond->kind, cond->count);
        if (gather.node == NULL)
            return false;
        for (uint32_t k = 0; k < cond->count; k++) {
            if (!gather_add(b->w, &gather, cond->children[k]->built))
                return false;
        }
        cond->built = gather_end(&gather);
    }
    return true;
}

static uint32_t count_items(const struct draft_rule *draft)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < draft->node_count; i++) {
        const struct draft_node *node = draft->nodes[i];

        if (node->kind == SIGMA_ITEM && !node->dropped && node->wanted)
            count += count_groups(node->item);
    }
    return count;
}

static bool add_selections(struct work *w, const struct draft_rule *draft, struct sigma_rule *rule)
{
    rule->selections = hn_new(w->keep, struct sigma_selection, draft->detection_count);
    if (rule->selections == NULL)
        return work_nomem(w, w->keep);
    for (uint32_t i = 0; i < draft->detection_count; i++) {
        const struct draft_detection *detection = &draft->detections[i];

        if (detection->root->wanted && detection->root->built != NULL)
            rule->selections[rule->selection_count++] = (struct sigma_selection){ detection->name,
                detection->root->built, detection->place };
    }
    return true;
}

bool rule_build_part(struct work *w, struct draft_rule *draft, struct cond_node *condition,
        struct sigma_rule *ret_rule)
{
    struct build b = { .w = w, .draft = draft };
    struct sigma_rule rule = {
        .meta = *draft->meta, .logsource = draft->logsource, .definition = draft->definition
    };

    if (condition == NULL) /* there was no memory for it */
        return false;
    mark_wanted(draft, condition);
    b.items = hn_new(w->keep, struct sigma_item, count_items(draft));
    if (b.items == NULL)
        return work_nomem(w, w->keep);
    if (!build_items(&b) || !build_detections(&b) || !build_conditions(&b))
        return false;
    if (condition->built == NULL) {
        issue_add(w, CODE_NOTHING_LEFT, draft->meta->place,
                "pipelines have dropped everything the condition asks for");
        return false;
    }
    rule.condition = condition->built;
    rule.items = b.items;
    rule.item_count = b.next_item;
    rule.meta.digest = rule_digest(w, &rule);
    if (!add_selections(w, draft, &rule) || !work_fine(w))
        return false;
    *ret_rule = rule;
    return true;
}

bool rule_build(struct work *w, struct draft_rule *draft, struct sigma_rule *ret_rule)
{
    struct cond_node *root = draft->conditions[0];

    for (uint32_t i = 1; i < draft->condition_count; i++)
        root = sigma_cond_join(w, &draft->cond_nodes, SIGMA_OR, root, draft->conditions[i]);
    return root != NULL && rule_build_part(w, draft, root, ret_rule);
}
