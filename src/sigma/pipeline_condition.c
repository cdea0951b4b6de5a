/* pipeline_condition.c - when an item of a pipeline applies: to which rules, detection items and
 * field names. */
#include "sigma/sigma_pipeline.h"

/* ---- Scalars ---- */

bool scalar_read(struct hn_yaml_ref ref, struct scalar *ret_scalar)
{
    memset(ret_scalar, 0, sizeof *ret_scalar);
    ret_scalar->text = HN_TEXT("");
    if (!hn_yaml_is(ref, HN_YAML_SCALAR))
        return false;
    ret_scalar->type = hn_yaml_type(ref);
    ret_scalar->text = hn_yaml_text(ref);
    if (ret_scalar->type == HN_YAML_BOOL) {
        bool truth = false;

        (void)hn_yaml_bool(ref, &truth);
        ret_scalar->number = (struct sigma_number){ true, true, false, truth, truth };
    }
    return ret_scalar->type != HN_YAML_NUMBER ||
           sigma_number_of(ret_scalar->text, &ret_scalar->number);
}

bool scalar_eq(const struct scalar *a, const struct scalar *b)
{
    bool numbers = (a->type == HN_YAML_NUMBER || a->type == HN_YAML_BOOL) &&
                   (b->type == HN_YAML_NUMBER || b->type == HN_YAML_BOOL);

    if (numbers) /* true is 1, as in Python */
        return a->number.real == b->number.real;
    return a->type == b->type && (a->type == HN_YAML_NULL || hn_text_eq(a->text, b->text));
}

bool scalar_order(const struct scalar *a, const struct scalar *b, int *ret_order)
{
    if (a->type == HN_YAML_NUMBER && b->type == HN_YAML_NUMBER) {
        *ret_order = a->number.real < b->number.real ? -1 : a->number.real > b->number.real;
        return true;
    }
    if (a->type == HN_YAML_STRING && b->type == HN_YAML_STRING) {
        *ret_order = hn_text_cmp(a->text, b->text);
        return true;
    }
    return false;
}

bool sigma_relation_holds(enum relation relation, bool equal, bool ordered, int order)
{
    switch (relation) {
    case RELATION_EQ:
    case RELATION_IN:
        return equal;
    case RELATION_NE:
    case RELATION_NOT_IN:
        return !equal;
    case RELATION_GTE:
        return ordered && order >= 0;
    case RELATION_GT:
        return ordered && order > 0;
    case RELATION_LTE:
        return ordered && order <= 0;
    case RELATION_LT:
        return ordered && order < 0;
    }
    return false;
}

/* ---- Readers ---- */

static bool read_relation(
        struct work *w, struct hn_yaml_ref ref, struct pipeline_condition *condition)
{
    static const char *const names[] = { "eq", "ne", "gte", "gt", "lte", "lt", "in", "not_in" };
    struct hn_text name;

    if (!sigma_param_text(w, ref, "op", false, &name))
        return false;
    condition->relation = RELATION_EQ;
    if (name.len == 0)
        return true;
    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        condition->relation = (enum relation)i;
        if (hn_text_eq(name, hn_text_cstr(names[i])))
            return true;
    }
    return pipeline_fail(w, ref, "op is eq, ne, gte, gt, lte, lt, in or not_in");
}

static bool read_scalar(struct work *w, struct hn_yaml_ref ref, const char *key,
        struct pipeline_condition *condition)
{
    struct hn_yaml_ref value = hn_yaml_get(ref, hn_text_cstr(key));

    return scalar_read(value, &condition->value) ||
           pipeline_fail(w, value.yaml == NULL ? ref : value, "a value is expected");
}

static bool read_logsource(
        struct work *w, struct hn_yaml_ref ref, struct pipeline_condition *condition)
{
    struct hn_logsource *logsource = &condition->logsource;

    return (sigma_param_text(w, ref, "category", false, &logsource->category) &&
                   sigma_param_text(w, ref, "product", false, &logsource->product) &&
                   sigma_param_text(w, ref, "service", false, &logsource->service)) &&
           (logsource->category.len + logsource->product.len + logsource->service.len > 0 ||
                   pipeline_fail(w, ref, "a log source is expected"));
}

static bool read_contains_item(
        struct work *w, struct hn_yaml_ref ref, struct pipeline_condition *condition)
{
    return sigma_param_text(w, ref, "field", true, &condition->name) &&
           read_scalar(w, ref, "value", condition);
}

static bool read_field(struct work *w, struct hn_yaml_ref ref, struct pipeline_condition *condition)
{
    return sigma_param_text(w, ref, "field", true, &condition->name);
}

static bool read_item_id(
        struct work *w, struct hn_yaml_ref ref, struct pipeline_condition *condition)
{
    return sigma_param_text(w, ref, "processing_item_id", true, &condition->name);
}

static bool read_state(struct work *w, struct hn_yaml_ref ref, struct pipeline_condition *condition)
{
    return sigma_param_text(w, ref, "key", true, &condition->name) &&
           read_scalar(w, ref, "val", condition) && read_relation(w, ref, condition);
}

static bool read_attribute(
        struct work *w, struct hn_yaml_ref ref, struct pipeline_condition *condition)
{
    return sigma_param_text(w, ref, "attribute", true, &condition->name) &&
           read_scalar(w, ref, "value", condition) && read_relation(w, ref, condition);
}

static bool read_tag(struct work *w, struct hn_yaml_ref ref, struct pipeline_condition *condition)
{
    return sigma_param_text(w, ref, "tag", true, &condition->name);
}

static bool read_cond(struct work *w, struct hn_yaml_ref ref, struct pipeline_condition *condition)
{
    struct hn_text cond;

    if (!sigma_param_text(w, ref, "cond", true, &cond))
        return false;
    condition->any = hn_text_eq(cond, HN_TEXT("any"));
    return condition->any || hn_text_eq(cond, HN_TEXT("all")) ||
           pipeline_fail(w, ref, "cond is any or all");
}

static bool read_match_string(
        struct work *w, struct hn_yaml_ref ref, struct pipeline_condition *condition)
{
    struct hn_yaml_ref pattern = hn_yaml_get(ref, HN_TEXT("pattern"));

    if (!read_cond(w, ref, condition) || !sigma_param_bool(w, ref, "negate", &condition->negate))
        return false;
    if (pattern.yaml == NULL)
        return pipeline_fail(w, ref, "\"pattern\" is missing");
    condition->pattern = pattern_read(w, pattern);
    return condition->pattern != NULL;
}

static bool read_match_value(
        struct work *w, struct hn_yaml_ref ref, struct pipeline_condition *condition)
{
    return read_cond(w, ref, condition) && read_scalar(w, ref, "value", condition);
}

static bool read_fields(
        struct work *w, struct hn_yaml_ref ref, struct pipeline_condition *condition)
{
    struct name_list *list = &condition->fields;
    struct hn_yaml_ref fields = hn_yaml_get(ref, HN_TEXT("fields"));
    struct hn_yaml_iter iter = hn_yaml_children(fields);
    struct hn_yaml_ref item = fields;
    struct hn_text mode;

    if (!sigma_param_texts(w, ref, "fields", true, &list->names) ||
            !sigma_param_text(w, ref, "mode", false, &mode))
        return false;
    if (mode.len == 0 || hn_text_eq(mode, HN_TEXT("plain")))
        return true;
    if (!hn_text_eq(mode, HN_TEXT("re")))
        return pipeline_fail(w, ref, "mode is plain or re");
    list->patterns = hn_new(w->scratch, struct pattern *, list->names.count);
    if (list->patterns == NULL)
        return work_nomem(w, w->scratch);
    for (uint32_t i = 0; i < list->names.count; i++) {
        if (hn_yaml_is(fields, HN_YAML_LIST) && !hn_yaml_next(&iter, &item))
            return false;
        list->patterns[i] = pattern_read(w, item);
        if (list->patterns[i] == NULL)
            return false;
    }
    return true;
}

/* ---- Rules ---- */

static bool logsource_fits(const struct hn_logsource *wanted, const struct hn_logsource *rule)
{
    return (wanted->product.len == 0 || hn_text_eq_nocase(wanted->product, rule->product)) &&
           (wanted->category.len == 0 || hn_text_eq_nocase(wanted->category, rule->category)) &&
           (wanted->service.len == 0 || hn_text_eq_nocase(wanted->service, rule->service));
}

/* A correlation's log sources are those of the rules it refers to, through others as well; an
 * explicit stack, and correlations that have been looked at are not looked at again. */
static bool correlation_fits(
        const struct pipeline_run *run, const struct pipeline_condition *condition)
{
    const struct sigma_loader *loader = run->w->loader;
    struct work_stack stack = { 0 };
    bool *seen = hn_new(run->w->scratch, bool, loader->correlations.count);

    if (seen == NULL || !sigma_stack_push(run->w, &stack, run->correlation))
        return false;
    while (stack.count > 0) {
        const struct correlation_draft *draft = stack.ptr[--stack.count];

        for (uint32_t i = 0; i < draft->model.ref_count && !draft->rejected; i++) {
            const struct sigma_ref *ref = &draft->model.refs[i];

            if (!ref->is_correlation) {
                if (logsource_fits(&condition->logsource, &loader->rules.ptr[ref->index].logsource))
                    return true;
            } else if (!seen[ref->index]) {
                seen[ref->index] = true;
                if (!sigma_stack_push(run->w, &stack, loader->correlations.ptr[ref->index]))
                    return false;
            }
        }
    }
    return false;
}

static bool rule_logsource(
        const struct pipeline_run *run, const struct pipeline_condition *condition)
{
    return run->rule != NULL ? logsource_fits(&condition->logsource, &run->rule->logsource)
                             : correlation_fits(run, condition);
}

static bool value_is(struct work *w, const struct draft_value *value, const struct scalar *scalar)
{
    struct hn_text text;

    switch (value->kind) {
    case DRAFT_STRING:
        return scalar->type == HN_YAML_STRING &&
               sigma_draft_string_write(w, &value->string, &text) && hn_text_eq(text, scalar->text);
    case DRAFT_NUMBER:
        return scalar->type == HN_YAML_NUMBER && scalar->number.real == value->number.real;
    case DRAFT_BOOL:
        return scalar->type == HN_YAML_BOOL && scalar->number.real == value->number.real;
    case DRAFT_NULL:
    case DRAFT_REGEX:
    case DRAFT_CIDR:
    case DRAFT_COMPARE:
    case DRAFT_EXISTS:
    case DRAFT_FIELDREF:
    case DRAFT_KIND_COUNT:
        break;
    }
    return false;
}

/* An item of the rule with this field, and with this value where one is asked for. */
static bool has_item(
        const struct pipeline_run *run, const struct pipeline_condition *condition, bool with_value)
{
    for (uint32_t i = 0; run->rule != NULL && i < run->rule->node_count; i++) {
        const struct draft_node *node = run->rule->nodes[i];

        if (node->kind != SIGMA_ITEM || node->dropped || node->item->keyword ||
                !hn_text_eq(node->item->field, condition->name))
            continue;
        if (!with_value)
            return true;
        for (uint32_t k = 0; k < node->item->value_count; k++) {
            if (value_is(run->w, &node->item->values[k], &condition->value))
                return true;
        }
    }
    return false;
}

static bool rule_contains_item(
        const struct pipeline_run *run, const struct pipeline_condition *condition)
{
    return has_item(run, condition, true);
}

static bool rule_contains_field(
        const struct pipeline_run *run, const struct pipeline_condition *condition)
{
    return has_item(run, condition, false);
}

static bool rule_applied(const struct pipeline_run *run, const struct pipeline_condition *condition)
{
    return sigma_applied_has(run->applied, condition->name);
}

static bool state_holds(const struct pipeline_run *run, const struct pipeline_condition *condition)
{
    const struct scalar *value = sigma_state_find(run->state, condition->name);
    int order = 0;
    bool ordered;

    if (value == NULL)
        return false;
    ordered = scalar_order(value, &condition->value, &order);
    return sigma_relation_holds(
            condition->relation, scalar_eq(value, &condition->value), ordered, order);
}

static bool rule_is_rule(const struct pipeline_run *run, const struct pipeline_condition *condition)
{
    (void)condition;
    return run->rule != NULL;
}

static bool rule_is_correlation(
        const struct pipeline_run *run, const struct pipeline_condition *condition)
{
    (void)condition;
    return run->rule == NULL;
}

static bool rule_tag(const struct pipeline_run *run, const struct pipeline_condition *condition)
{
    for (uint32_t i = 0; i < run->meta->tags.count; i++) {
        if (hn_text_eq(run->meta->tags.ptr[i], condition->name))
            return true;
    }
    return false;
}

/* Levels and statuses have an order of their own. */
static bool ranked(
        const struct pipeline_run *run, const struct pipeline_condition *condition, bool *ret_holds)
{
    int ours = 0;
    int theirs = 0;

    if (hn_text_eq(condition->name, HN_TEXT("level"))) {
        ours = (int)run->meta->level;
        theirs = (int)sigma_level_of(condition->value.text);
    } else if (hn_text_eq(condition->name, HN_TEXT("status"))) {
        ours = (int)run->meta->status;
        for (enum sigma_rule_status status = SIGMA_RULE_STATUS_NONE; status <= SIGMA_RULE_STABLE;
                status++) {
            if (hn_text_eq_nocase(
                        condition->value.text, hn_text_cstr(sigma_rule_status_text(status))))
                theirs = (int)status;
        }
    } else {
        return false;
    }
    *ret_holds = ours != 0 && sigma_relation_holds(condition->relation, ours == theirs, true,
                                      ours < theirs ? -1 : ours > theirs);
    return true;
}

/* An attribute of the rule as it stands in its document, or one that a pipeline has set. */
static bool rule_attribute(
        const struct pipeline_run *run, const struct pipeline_condition *condition)
{
    const struct scalar *set = sigma_state_find(run->attributes, condition->name);
    struct hn_yaml_ref ref = hn_yaml_get(run->root, condition->name);
    struct hn_yaml_iter iter = hn_yaml_children(ref);
    struct hn_yaml_ref item;
    struct scalar value = { .type = HN_YAML_NULL };
    int order = 0;
    bool holds;

    if (ranked(run, condition, &holds))
        return holds;
    if (set == NULL && hn_yaml_is(ref, HN_YAML_LIST)) {
        bool among = false;

        while (hn_yaml_next(&iter, &item)) {
            if (scalar_read(item, &value) && scalar_eq(&value, &condition->value))
                among = true;
        }
        return condition->relation == RELATION_IN       ? among
               : condition->relation == RELATION_NOT_IN ? !among
                                                        : condition->relation == RELATION_NE;
    }
    if (set != NULL)
        value = *set;
    else if (!scalar_read(ref, &value))
        return false;
    holds = scalar_order(&value, &condition->value, &order);
    return sigma_relation_holds(condition->relation,
            scalar_eq(&value, &condition->value) ||
                    (value.type != HN_YAML_NULL && hn_text_eq(value.text, condition->value.text)),
            holds, order);
}

/* ---- Detection items ---- */

static bool match_values(const struct pipeline_run *run, const struct pipeline_condition *condition,
        const struct draft_item *item,
        bool (*fits)(const struct pipeline_run *run, const struct pipeline_condition *condition,
                const struct draft_value *value))
{
    for (uint32_t i = 0; i < item->value_count; i++) {
        if (fits(run, condition, &item->values[i]) == condition->any)
            return condition->any;
    }
    return !condition->any;
}

static bool value_matches(const struct pipeline_run *run,
        const struct pipeline_condition *condition, const struct draft_value *value)
{
    struct hn_text text;
    bool fits = value->kind == DRAFT_STRING &&
                sigma_draft_string_show(run->w, &value->string, &text) &&
                pattern_starts(condition->pattern, text);

    return fits != condition->negate;
}

static bool value_equals(const struct pipeline_run *run, const struct pipeline_condition *condition,
        const struct draft_value *value)
{
    return value_is(run->w, value, &condition->value);
}

static bool value_wild(const struct pipeline_run *run, const struct pipeline_condition *condition,
        const struct draft_value *value)
{
    (void)run;
    (void)condition;
    return value->kind == DRAFT_STRING && draft_string_has_wildcard(&value->string);
}

static bool value_null(const struct pipeline_run *run, const struct pipeline_condition *condition,
        const struct draft_value *value)
{
    (void)run;
    (void)condition;
    return value->kind == DRAFT_NULL;
}

static bool item_match_string(const struct pipeline_run *run,
        const struct pipeline_condition *condition, const struct draft_item *item)
{
    return match_values(run, condition, item, value_matches);
}

static bool item_match_value(const struct pipeline_run *run,
        const struct pipeline_condition *condition, const struct draft_item *item)
{
    return match_values(run, condition, item, value_equals);
}

static bool item_wildcard(const struct pipeline_run *run,
        const struct pipeline_condition *condition, const struct draft_item *item)
{
    return match_values(run, condition, item, value_wild);
}

static bool item_null(const struct pipeline_run *run, const struct pipeline_condition *condition,
        const struct draft_item *item)
{
    return match_values(run, condition, item, value_null);
}

static bool item_applied(const struct pipeline_run *run, const struct pipeline_condition *condition,
        const struct draft_item *item)
{
    (void)run;
    return sigma_applied_has(item->applied, condition->name);
}

static bool item_state(const struct pipeline_run *run, const struct pipeline_condition *condition,
        const struct draft_item *item)
{
    (void)item;
    return state_holds(run, condition);
}

/* ---- Field names ---- */

static bool name_listed(const struct name_list *list, struct hn_text field)
{
    for (uint32_t i = 0; field.ptr != NULL && i < list->names.count; i++) {
        if (list->patterns != NULL ? pattern_starts(list->patterns[i], field)
                                   : hn_text_eq(list->names.ptr[i], field))
            return true;
    }
    return false;
}

static bool field_include(const struct pipeline_run *run,
        const struct pipeline_condition *condition, struct hn_text field,
        const struct draft_item *item)
{
    (void)run;
    (void)item;
    return name_listed(&condition->fields, field);
}

static bool field_exclude(const struct pipeline_run *run,
        const struct pipeline_condition *condition, struct hn_text field,
        const struct draft_item *item)
{
    (void)run;
    (void)item;
    return !name_listed(&condition->fields, field);
}

static bool field_applied(const struct pipeline_run *run,
        const struct pipeline_condition *condition, struct hn_text field,
        const struct draft_item *item)
{
    if (item != NULL)
        return sigma_applied_has(item->applied, condition->name);
    for (const struct field_trace *trace = run->fields; trace != NULL; trace = trace->next) {
        if (hn_text_eq(trace->field, field))
            return sigma_applied_has(trace->applied, condition->name);
    }
    return false;
}

static bool field_state(const struct pipeline_run *run, const struct pipeline_condition *condition,
        struct hn_text field, const struct draft_item *item)
{
    (void)field;
    (void)item;
    return state_holds(run, condition);
}

/* ---- The table ---- */

static const struct condition_type types[] = {
    { "logsource", SCOPE_RULE, " category product service ", read_logsource, rule_logsource, NULL,
            NULL },
    { "contains_detection_item", SCOPE_RULE, " field value ", read_contains_item,
            rule_contains_item, NULL, NULL },
    { "contains_field", SCOPE_RULE, " field ", read_field, rule_contains_field, NULL, NULL },
    { "processing_item_applied", SCOPE_RULE, " processing_item_id ", read_item_id, rule_applied,
            NULL, NULL },
    { "processing_state", SCOPE_RULE, " key val op ", read_state, state_holds, NULL, NULL },
    { "is_sigma_rule", SCOPE_RULE, " ", NULL, rule_is_rule, NULL, NULL },
    { "is_sigma_correlation_rule", SCOPE_RULE, " ", NULL, rule_is_correlation, NULL, NULL },
    { "rule_attribute", SCOPE_RULE, " attribute value op ", read_attribute, rule_attribute, NULL,
            NULL },
    { "tag", SCOPE_RULE, " tag ", read_tag, rule_tag, NULL, NULL },
    { "match_string", SCOPE_ITEM, " cond pattern negate ", read_match_string, NULL,
            item_match_string, NULL },
    { "match_value", SCOPE_ITEM, " cond value ", read_match_value, NULL, item_match_value, NULL },
    { "contains_wildcard", SCOPE_ITEM, " cond ", read_cond, NULL, item_wildcard, NULL },
    { "is_null", SCOPE_ITEM, " cond ", read_cond, NULL, item_null, NULL },
    { "processing_item_applied", SCOPE_ITEM, " processing_item_id ", read_item_id, NULL,
            item_applied, NULL },
    { "processing_state", SCOPE_ITEM, " key val op ", read_state, NULL, item_state, NULL },
    { "include_fields", SCOPE_FIELD, " fields mode ", read_fields, NULL, NULL, field_include },
    { "exclude_fields", SCOPE_FIELD, " fields mode ", read_fields, NULL, NULL, field_exclude },
    { "processing_item_applied", SCOPE_FIELD, " processing_item_id ", read_item_id, NULL, NULL,
            field_applied },
    { "field_name_processing_item_applied", SCOPE_FIELD, " processing_item_id ", read_item_id, NULL,
            NULL, field_applied },
    { "processing_state", SCOPE_FIELD, " key val op ", read_state, NULL, NULL, field_state },
};

const struct condition_type *condition_type_at(uint32_t index)
{
    return index < HN_COUNT_OF(types) ? &types[index] : NULL;
}
