/* rule.c - a document with a detection section becomes a rule of the set. */
#include "sigma/sigma_correlation.h"

static bool is_reserved(struct hn_text name)
{
    return hn_text_eq(name, HN_TEXT("condition")) || hn_text_eq(name, HN_TEXT("timeframe"));
}

static bool read_detections(struct work *w, struct draft_rule *rule, struct hn_yaml_ref detection)
{
    struct hn_yaml_iter iter = hn_yaml_children(detection);
    struct hn_yaml_ref key;
    struct hn_yaml_ref value;

    while (hn_yaml_next_pair(&iter, &key, &value)) {
        struct hn_text name = hn_yaml_text(key);

        if (is_reserved(name))
            continue;
        if (!detection_read(w, rule, name, value, false))
            return false;
        rule->detections[rule->detection_count - 1].place = sigma_place_of(w, key);
    }
    if (rule->detection_count == 0)
        issue_add(
                w, CODE_NO_DETECTION, sigma_place_of(w, detection), "there is nothing to look for");
    return rule->detection_count > 0;
}

static bool add_condition(struct work *w, struct draft_rule *rule, struct hn_yaml_ref ref,
        const struct cond_names *names)
{
    struct cond_text text = { hn_yaml_text(ref), ref };
    struct cond_node *root;
    struct cond_node **slot;
    struct hn_text rest;

    if (!hn_yaml_is(ref, HN_YAML_SCALAR)) {
        issue_add(w, CODE_NO_CONDITION, sigma_place_of(w, ref), "a condition is text");
        return false;
    }
    if (!sigma_cond_parse(w, &text, names, &rule->cond_nodes, &root, &rest))
        return false;
    slot = arena_vec_add(w, rule->conditions, rule->condition_count, rule->condition_room);
    if (slot == NULL)
        return false;
    *slot = root;
    if (rest.ptr == NULL)
        return true;
    if (rule->aggregation.kind != AGGREGATION_NONE) {
        issue_add(
                w, CODE_AGGREGATION, sigma_place_of(w, ref), "a rule has one aggregation at most");
        return false;
    }
    text.text = rest;
    rule->near = text;
    return aggregation_parse(w, &text, &rule->aggregation);
}

static bool read_conditions(struct work *w, struct draft_rule *rule, struct hn_yaml_ref detection)
{
    struct hn_yaml_ref ref = hn_yaml_get(detection, HN_TEXT("condition"));
    struct hn_yaml_ref timeframe = hn_yaml_get(detection, HN_TEXT("timeframe"));
    struct hn_yaml_iter iter = hn_yaml_children(ref);
    struct cond_names names;
    struct hn_yaml_ref item;

    if (ref.yaml == NULL || (hn_yaml_is(ref, HN_YAML_SCALAR) && hn_yaml_text(ref).len == 0) ||
            (hn_yaml_is(ref, HN_YAML_LIST) && hn_yaml_count(ref) == 0)) {
        issue_add(w, CODE_NO_CONDITION, sigma_place_of(w, detection), "there is no condition");
        return false;
    }
    if (timeframe.yaml != NULL &&
            !sigma_timespan_read(w, timeframe, CODE_AGGREGATION, "timeframe", &rule->timeframe))
        return false;
    if (!sigma_draft_names(w, rule, &names))
        return false;
    if (!hn_yaml_is(ref, HN_YAML_LIST))
        return add_condition(w, rule, ref, &names);
    while (hn_yaml_next(&iter, &item)) {
        if (!add_condition(w, rule, item, &names))
            return false;
    }
    if (rule->condition_count > 1 && rule->aggregation.kind != AGGREGATION_NONE) {
        issue_add(w, CODE_AGGREGATION, sigma_place_of(w, ref),
                "an aggregation cannot be one of several conditions");
        return false;
    }
    return true;
}

/* Which selections the condition reaches, itself or behind "near". */
static void find_unused(struct work *w, struct draft_rule *rule)
{
    for (uint32_t i = 0; i < rule->cond_nodes.count; i++) {
        const struct cond_node *node = rule->cond_nodes.ptr[i];

        if (node->kind == SIGMA_ITEM)
            rule->detections[node->leaf].used = true;
    }
    for (uint32_t i = 0; i < rule->detection_count; i++) {
        const struct draft_detection *detection = &rule->detections[i];
        bool near = rule->aggregation.kind == AGGREGATION_NEAR &&
                    hn_text_find(rule->aggregation.near, detection->name, 0) != SIZE_MAX;

        if (!detection->used && !near)
            issue_add(w, CODE_UNUSED_SELECTION, detection->place,
                    "the condition does not use \"%.*s\"", HN_TEXT_ARG(detection->name));
    }
}

static bool add_rule(struct work *w, struct draft_rule *draft)
{
    struct sigma_rule built;
    struct sigma_rule *rule;

    if (draft->aggregation.kind != AGGREGATION_NONE)
        return aggregation_build(w, draft);
    if (!rule_build(w, draft, &built))
        return false;
    rule = hn_vec_add(&w->loader->rules);
    if (rule == NULL) {
        w->status = HN_NOMEM;
        return false;
    }
    *rule = built;
    lint_rule(w, draft, rule);
    return true;
}

void rule_load(struct work *w, struct hn_yaml_ref root, struct sigma_meta *meta)
{
    struct draft_rule rule = { .root = root, .meta = meta };
    struct hn_yaml_ref detection = hn_yaml_get(root, HN_TEXT("detection"));
    bool has_source = sigma_logsource_read(w, root, &rule.logsource, &rule.definition);

    lint_meta(w, root, meta);
    if (has_source)
        lint_logsource(w, root, &rule.logsource);
    if (!hn_yaml_is(detection, HN_YAML_MAP)) {
        issue_add(w, CODE_NO_DETECTION,
                sigma_place_of(w, detection.yaml == NULL ? root : detection),
                "detection must be a map");
        return;
    }
    if (!read_detections(w, &rule, detection) || !read_conditions(w, &rule, detection))
        return;
    find_unused(w, &rule);
    if (!work_fine(w))
        return;
    sigma_filters_apply(w, &rule);
    if (work_fine(w))
        sigma_pipelines_apply(w, &rule);
    if (work_fine(w))
        sigma_placeholders_apply(w, &rule);
    if (work_fine(w))
        (void)add_rule(w, &rule);
}
