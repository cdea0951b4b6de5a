/* transform.c - the table of transformations, those of whole rules, and those refused. */
#include "sigma/sigma_transform.h"

/* ---- Log source, state, attributes ---- */

static bool read_logsource(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    struct hn_logsource *logsource = &item->logsource;

    return (sigma_param_text(w, ref, "category", false, &logsource->category) &&
                   sigma_param_text(w, ref, "product", false, &logsource->product) &&
                   sigma_param_text(w, ref, "service", false, &logsource->service)) &&
           (logsource->category.len + logsource->product.len + logsource->service.len > 0 ||
                   pipeline_fail(w, ref, "a log source is expected"));
}

static bool change_logsource(struct pipeline_run *run, const struct pipeline_item *item)
{
    if (run->rule != NULL)
        run->rule->logsource = item->logsource;
    return true;
}

static bool read_state(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    struct hn_yaml_ref value = hn_yaml_get(ref, HN_TEXT("val"));

    return sigma_param_text(w, ref, "key", true, &item->text) &&
           (scalar_read(value, &item->value) || pipeline_fail(w, ref, "\"val\" is a value"));
}

static bool set_state(struct pipeline_run *run, const struct pipeline_item *item)
{
    return sigma_state_set(run->w, &run->state, item->text, &item->value);
}

static bool read_attribute(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    struct hn_yaml_ref value = hn_yaml_get(ref, HN_TEXT("value"));

    return sigma_param_text(w, ref, "attribute", true, &item->text) &&
           (scalar_read(value, &item->value) || pipeline_fail(w, ref, "\"value\" is a value"));
}

static bool set_attribute(struct pipeline_run *run, const struct pipeline_item *item)
{
    return sigma_state_set(run->w, &run->attributes, item->text, &item->value);
}

/* ---- Failures ---- */

static bool read_message(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    return sigma_param_text(w, ref, "message", true, &item->text);
}

static bool rule_failure(struct pipeline_run *run, const struct pipeline_item *item)
{
    issue_add(run->w, CODE_PIPELINE_FAILURE, run->meta->place, "%.*s", HN_TEXT_ARG(item->text));
    return false;
}

static bool item_failure(
        struct pipeline_run *run, const struct pipeline_item *item, struct draft_node *node)
{
    issue_add(run->w, CODE_PIPELINE_FAILURE, node->item->place, "%.*s", HN_TEXT_ARG(item->text));
    return false;
}

/* Every field of the rule has gone through a mapping. */
static bool strict_mapping(struct pipeline_run *run, const struct pipeline_item *item)
{
    (void)item;
    for (uint32_t i = 0; run->rule != NULL && i < run->rule->node_count; i++) {
        const struct draft_node *node = run->rule->nodes[i];

        if (node->kind != SIGMA_ITEM || node->dropped || node->item->keyword ||
                sigma_applied_has(run->mapped, node->item->field))
            continue;
        issue_add(run->w, CODE_PIPELINE_FAILURE, node->item->place,
                "no pipeline maps the field \"%.*s\"", HN_TEXT_ARG(node->item->field));
        return false;
    }
    return true;
}

/* ---- Items and conditions ---- */

static bool drop_item(
        struct pipeline_run *run, const struct pipeline_item *item, struct draft_node *node)
{
    (void)item;
    run->changed = true;
    node->dropped = true;
    return true;
}

static bool read_condition(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    struct hn_yaml_ref conditions = hn_yaml_get(ref, HN_TEXT("conditions"));
    struct draft_rule probe = { .root = ref };

    if (!sigma_param_text(w, ref, "name", false, &item->text) ||
            !sigma_param_bool(w, ref, "template", &item->flag) ||
            !sigma_param_bool(w, ref, "negated", &item->other_flag))
        return false;
    if (!hn_yaml_is(conditions, HN_YAML_MAP) || hn_yaml_count(conditions) == 0)
        return pipeline_fail(w, ref, "\"conditions\" is a map of fields and values");
    if (detection_read(w, &probe, HN_TEXT("conditions"), conditions, true))
        return true;
    return pipeline_fail(w, conditions, "these conditions are no detection");
}

/* "$category", "${category}" and so on; "$$" is a dollar. */
static void substitute(
        struct hn_text text, const struct hn_logsource *logsource, struct hn_buf *out)
{
    const struct {
        struct hn_text name;
        struct hn_text value;
    } names[] = { { HN_TEXT_INIT("category"), logsource->category },
        { HN_TEXT_INIT("product"), logsource->product },
        { HN_TEXT_INIT("service"), logsource->service } };
    size_t at = 0;

    while (at < text.len) {
        struct hn_text rest = hn_text_sub(text, at + 1, text.len);
        bool brace = rest.len > 0 && rest.ptr[0] == '{';
        size_t used = 0;

        if (text.ptr[at] != '$') {
            hn_buf_add_char(out, text.ptr[at++]);
            continue;
        }
        if (brace)
            rest = hn_text_sub(rest, 1, rest.len);
        for (size_t i = 0; i < HN_COUNT_OF(names) && used == 0; i++) {
            if (!hn_text_starts(rest, names[i].name) ||
                    (brace &&
                            (rest.len == names[i].name.len || rest.ptr[names[i].name.len] != '}')))
                continue;
            hn_buf_add_text(out, names[i].value);
            used = 1 + names[i].name.len + (brace ? 2 : 0);
        }
        if (used == 0) {
            hn_buf_add_char(out, '$');
            used = hn_text_starts(rest, HN_TEXT("$")) && !brace ? 2 : 1;
        }
        at += used;
    }
}

static bool substitute_values(struct pipeline_run *run, struct draft_item *item)
{
    for (uint32_t i = 0; i < item->value_count; i++) {
        struct draft_string *string = &item->values[i].string;

        for (uint32_t k = 0; item->values[i].kind == DRAFT_STRING && k < string->count; k++) {
            struct hn_buf out = { 0 };

            if (string->parts[k].kind != DRAFT_TEXT)
                continue;
            substitute(string->parts[k].text, &run->rule->logsource, &out);
            if (!hn_buf_ok(&out))
                run->w->status = out.status;
            string->parts[k].text = sigma_keep_text(run->w, hn_buf_text(&out));
            hn_buf_deinit(&out);
        }
    }
    return run->w->status == HN_OK;
}

/* The rule's file for a while is the pipeline's, whose places the new items have. */
static bool read_added(struct pipeline_run *run, const struct pipeline_item *item)
{
    struct work *w = run->w;
    uint32_t file_index = w->file_index;
    struct hn_text file = w->file;
    bool quiet = w->quiet;
    bool fine;

    w->file_index = item->file_index;
    w->file = w->loader->files.ptr[item->file_index]->name;
    w->quiet = true; /* all was said when the pipeline was read */
    fine = detection_read(w, run->rule, item->text.len > 0 ? item->text : HN_TEXT("_condition"),
            hn_yaml_get(item->ref, HN_TEXT("conditions")), true);
    w->file_index = file_index;
    w->file = file;
    w->quiet = quiet;
    if (!fine && w->status == HN_OK)
        issue_add(w, CODE_TOO_LARGE, run->meta->place, "too large with an added condition");
    return fine;
}

static bool add_condition(struct pipeline_run *run, const struct pipeline_item *item)
{
    struct draft_rule *rule = run->rule;
    uint32_t first_node;
    uint32_t detection;

    if (rule == NULL)
        return true;
    first_node = rule->node_count;
    detection = rule->detection_count;
    if (!read_added(run, item))
        return false;
    for (uint32_t i = first_node; i < rule->node_count; i++) {
        if (rule->nodes[i]->kind != SIGMA_ITEM)
            continue;
        if (!sigma_applied_add(run->w, &rule->nodes[i]->item->applied, item->id) ||
                (item->flag && !substitute_values(run, rule->nodes[i]->item)))
            return false;
    }
    for (uint32_t i = 0; i < rule->condition_count; i++) {
        struct cond_node *added = sigma_cond_leaf(run->w, &rule->cond_nodes, detection);

        if (item->other_flag)
            added = sigma_cond_not(run->w, &rule->cond_nodes, added);
        rule->conditions[i] =
                sigma_cond_join(run->w, &rule->cond_nodes, SIGMA_AND, added, rule->conditions[i]);
        if (rule->conditions[i] == NULL)
            return false;
    }
    return true;
}

/* ---- What cannot be ---- */

static bool refuse_query(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    (void)item;
    return pipeline_fail(w, ref, "a query expression needs a query language; there is none here");
}

static bool refuse_external(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    (void)item;
    return pipeline_fail(w, ref,
            "pipelines do not read files, ask servers or run commands; give the list as a list");
}

/* ---- The table ---- */

static const struct transformation transformations[] = {
    { "field_name_mapping", " mapping ", transform_read_mapping, NULL, transform_rename,
            transform_map_name },
    { "field_name_prefix_mapping", " mapping ", transform_read_mapping, NULL, transform_rename,
            transform_map_prefix },
    { "field_name_transform", " transform_func mapping apply_keyword ", transform_read_function,
            NULL, transform_rename, transform_function },
    { "field_name_suffix", " suffix ", transform_read_suffix, NULL, transform_rename,
            transform_suffix },
    { "field_name_prefix", " prefix ", transform_read_prefix, NULL, transform_rename,
            transform_prefix },
    { "drop_detection_item", " ", NULL, NULL, drop_item, NULL },
    { "hashes_fields", " valid_hash_algos field_prefix drop_algo_prefix field_to_parse ",
            transform_read_hashes, NULL, transform_hashes, NULL },
    { "extract_fields", " regex field_prefix preserve_unmatched ", transform_read_extract, NULL,
            transform_extract, NULL },
    { "wildcard_placeholders", " include exclude ", transform_read_placeholders, NULL,
            transform_wildcards, NULL },
    { "value_placeholders", " include exclude ", transform_read_placeholders, NULL, transform_lists,
            NULL },
    { "query_expression_placeholders", " expression mapping include exclude ", refuse_query, NULL,
            NULL, NULL },
    { "file_placeholders", " include exclude path format ", refuse_external, NULL, NULL, NULL },
    { "http_placeholders", " include exclude url ", refuse_external, NULL, NULL, NULL },
    { "command_placeholders", " include exclude command ", refuse_external, NULL, NULL, NULL },
    { "add_condition", " conditions name template negated ", read_condition, add_condition, NULL,
            NULL },
    { "change_logsource", " category product service ", read_logsource, change_logsource, NULL,
            NULL },
    { "add_field", " field ", transform_read_field, transform_add_field, NULL, NULL },
    { "remove_field", " field ", transform_read_field, transform_remove_field, NULL, NULL },
    { "set_field", " fields ", transform_read_fields, transform_set_field, NULL, NULL },
    { "replace_string", " regex replacement skip_special interpret_special ",
            transform_read_replace, NULL, transform_replace, NULL },
    { "map_string", " mapping ", transform_read_mapping, NULL, transform_map_string, NULL },
    { "set_state", " key val ", read_state, set_state, NULL, NULL },
    { "regex", " method ", transform_read_regex, NULL, transform_regex, NULL },
    { "set_value", " value force_type ", transform_read_value, NULL, transform_set_value, NULL },
    { "convert_type", " target_type ", transform_read_type, NULL, transform_convert, NULL },
    { "case", " method ", transform_read_case, NULL, transform_case, NULL },
    { "rule_failure", " message ", read_message, rule_failure, NULL, NULL },
    { "detection_item_failure", " message ", read_message, NULL, item_failure, NULL },
    { "strict_field_mapping_failure", " ", NULL, strict_mapping, NULL, NULL },
    { "set_custom_attribute", " attribute value ", read_attribute, set_attribute, NULL, NULL },
    { "nest", " items ", NULL, NULL, NULL, NULL },
};

const struct transformation *sigma_transformation_at(uint32_t index)
{
    return index < HN_COUNT_OF(transformations) ? &transformations[index] : NULL;
}

const struct transformation *sigma_transformation_find(struct hn_text name)
{
    for (size_t i = 0; i < HN_COUNT_OF(transformations); i++) {
        if (hn_text_eq(name, hn_text_cstr(transformations[i].name)))
            return &transformations[i];
    }
    return NULL;
}
