/* pipeline_set.c - several conditions of one scope: "and" or "or", negated, or an expression. */
#include "sigma/sigma_pipeline.h"

struct scope_keys {
    const char *conditions;
    const char *op;
    const char *negate;
    const char *expression;
};

static const struct scope_keys scope_keys[] = {
    [SCOPE_RULE] = { "rule_conditions", "rule_cond_op", "rule_cond_not", "rule_cond_expr" },
    [SCOPE_ITEM] = { "detection_item_conditions", "detection_item_cond_op",
            "detection_item_cond_not", "detection_item_cond_expr" },
    [SCOPE_FIELD] = { "field_name_conditions", "field_name_cond_op", "field_name_cond_not",
            "field_name_cond_expr" },
};

/* ---- Reading ---- */

static const struct condition_type *type_find(struct hn_text name, enum condition_scope scope)
{
    const struct condition_type *type;

    for (uint32_t i = 0; (type = condition_type_at(i)) != NULL; i++) {
        if (type->scope == scope && hn_text_eq(name, hn_text_cstr(type->name)))
            return type;
    }
    return NULL;
}

static bool read_condition(struct work *w, struct hn_yaml_ref ref, enum condition_scope scope,
        struct pipeline_condition *condition)
{
    struct hn_text name;

    if (!hn_yaml_is(ref, HN_YAML_MAP))
        return pipeline_fail(w, ref, "a condition is a map");
    if (!sigma_param_text(w, ref, "type", true, &name))
        return false;
    condition->type = type_find(name, scope);
    condition->place = sigma_place_of(w, ref);
    if (condition->type == NULL) {
        issue_add(w, CODE_BAD_PIPELINE, sigma_place_of(w, hn_yaml_get(ref, HN_TEXT("type"))),
                "no condition \"%.*s\" among %s", HN_TEXT_ARG(name), scope_keys[scope].conditions);
        return false;
    }
    return pipeline_keys(w, ref, " type ", condition->type->keys) &&
           (condition->type->read == NULL || condition->type->read(w, ref, condition));
}

static bool read_conditions(struct work *w, struct hn_yaml_ref list, enum condition_scope scope,
        struct condition_set *set)
{
    struct hn_yaml_iter iter = hn_yaml_children(list);
    bool is_map = hn_yaml_is(list, HN_YAML_MAP);
    struct hn_yaml_ref key;
    struct hn_yaml_ref ref;

    if (hn_yaml_is(list, HN_YAML_SCALAR))
        return pipeline_fail(w, list, "conditions are a list or a map");
    set->conditions = hn_new(w->scratch, struct pipeline_condition, hn_yaml_count(list));
    if (set->conditions == NULL)
        return work_nomem(w, w->scratch);
    while (is_map ? hn_yaml_next_pair(&iter, &key, &ref) : hn_yaml_next(&iter, &ref)) {
        if (!read_condition(w, ref, scope, &set->conditions[set->count]))
            return false;
        set->count++;
    }
    return true;
}

static bool read_expression(
        struct work *w, struct hn_yaml_ref list, struct hn_yaml_ref ref, struct condition_set *set)
{
    struct hn_yaml_iter iter = hn_yaml_children(list);
    struct cond_text text = { hn_yaml_text(ref), ref };
    struct cond_names names = { .unknown = CODE_BAD_PIPELINE, .what = "condition" };
    struct hn_text *texts = hn_new(w->scratch, struct hn_text, set->count);
    struct hn_yaml_ref key;
    struct hn_yaml_ref value;
    struct hn_text rest;

    if (texts == NULL)
        return work_nomem(w, w->scratch);
    if (!hn_yaml_is(list, HN_YAML_MAP) || text.text.ptr == NULL)
        return pipeline_fail(w, ref, "an expression needs conditions with names");
    while (hn_yaml_next_pair(&iter, &key, &value))
        texts[names.count++] = hn_yaml_text(key);
    names.names = texts;
    if (!sigma_cond_parse(w, &text, &names, &set->nodes, &set->root, &rest))
        return false;
    if (rest.ptr != NULL)
        return pipeline_fail(w, ref, "\"|\" has no meaning here");
    for (uint32_t i = 0; i < names.count; i++) {
        bool used = false;

        for (uint32_t k = 0; k < set->nodes.count; k++)
            used = used || (set->nodes.ptr[k]->kind == SIGMA_ITEM && set->nodes.ptr[k]->leaf == i);
        if (!used)
            return pipeline_fail(w, ref, "the expression does not use all conditions");
    }
    return true;
}

bool condition_set_read(struct work *w, struct hn_yaml_ref item, enum condition_scope scope,
        struct condition_set *ret_set)
{
    const struct scope_keys *keys = &scope_keys[scope];
    struct hn_yaml_ref list = hn_yaml_get(item, hn_text_cstr(keys->conditions));
    struct hn_yaml_ref expression = hn_yaml_get(item, hn_text_cstr(keys->expression));
    struct condition_set set = { .count = 0 };
    struct hn_text op;

    if (list.yaml != NULL && !read_conditions(w, list, scope, &set))
        return false;
    if (!sigma_param_text(w, item, keys->op, false, &op) ||
            !sigma_param_bool(w, item, keys->negate, &set.negate))
        return false;
    set.any = hn_text_eq(op, HN_TEXT("or"));
    if (op.len > 0 && !set.any && !hn_text_eq(op, HN_TEXT("and")))
        return pipeline_fail(w, item, "conditions are joined by and, or");
    if (expression.yaml != NULL) {
        if (op.len > 0)
            return pipeline_fail(w, expression, "either an expression or and, or; not both");
        if (!read_expression(w, list, expression, &set))
            return false;
    }
    *ret_set = set;
    return true;
}

/* ---- Evaluation ---- */

struct question {
    const struct pipeline_run *run;
    struct hn_text field;
    const struct draft_item *item;
    bool in_values; /* does the field of a reference fit? */
};

static bool holds_one(const struct pipeline_condition *condition, const struct question *q)
{
    if (condition->type->rule != NULL)
        return condition->type->rule(q->run, condition);
    if (condition->type->item != NULL)
        return condition->type->item(q->run, condition, q->item);
    if (condition->type->field(q->run, condition, q->field, q->item))
        return true;
    for (uint32_t i = 0; q->in_values && i < q->item->value_count; i++) {
        const struct draft_value *value = &q->item->values[i];

        if (value->kind == DRAFT_FIELDREF &&
                condition->type->field(q->run, condition, value->field, q->item))
            return true;
    }
    return false;
}

/* Operands stand before operators, so one pass gives the value of each node (kept in wanted). */
static bool holds_expression(const struct condition_set *set, const struct question *q)
{
    for (uint32_t i = 0; i < set->nodes.count; i++) {
        struct cond_node *node = set->nodes.ptr[i];

        node->wanted = node->kind == SIGMA_AND;
        if (node->kind == SIGMA_ITEM)
            node->wanted = holds_one(&set->conditions[node->leaf], q);
        for (uint32_t k = 0; k < node->count; k++) {
            bool child = node->children[k]->wanted;

            if (node->kind == SIGMA_NOT)
                node->wanted = !child;
            else
                node->wanted =
                        node->kind == SIGMA_AND ? node->wanted && child : node->wanted || child;
        }
    }
    return set->root->wanted;
}

static bool holds(const struct condition_set *set, const struct question *q)
{
    bool result = !set->any;

    if (set->root != NULL) {
        result = holds_expression(set, q);
    } else {
        for (uint32_t i = 0; i < set->count; i++) {
            bool one = holds_one(&set->conditions[i], q);

            result = set->any ? result || one : result && one;
        }
    }
    if (set->count == 0) /* nothing is asked */
        return true;
    return result != set->negate;
}

bool rule_conditions_hold(const struct pipeline_run *run, const struct condition_set *set)
{
    struct question q = { .run = run };

    return holds(set, &q);
}

bool item_conditions_hold(const struct pipeline_run *run, const struct condition_set *items,
        const struct condition_set *fields, const struct draft_item *item)
{
    struct question q = { .run = run, .item = item, .in_values = true };

    if (!item->keyword)
        q.field = item->field;
    return holds(items, &q) && holds(fields, &q);
}

bool sigma_field_conditions_hold(const struct pipeline_run *run, const struct condition_set *set,
        struct hn_text field, const struct draft_item *item)
{
    struct question q = { .run = run, .field = field, .item = item };

    return holds(set, &q);
}
