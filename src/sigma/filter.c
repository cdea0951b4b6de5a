/* filter.c - filter documents: one exclusion for many rules.
 *
 * A filter's condition is joined to the rule's by AND, as pySigma does, so a filter that is to
 * suppress something says "not selection". The specification's example has "condition: selection"
 * under "Filter Administrator account", which by this reading keeps administrators only; there is
 * an issue for filters without a negation. The filter's selections are read again for each rule,
 * because pipelines may change them differently. */
#include "sigma/sigma_draft.h"

struct filter {
    struct hn_yaml_ref section;
    struct hn_logsource logsource;
    struct sigma_meta meta;
    uint32_t file_index;
    struct hn_yaml_ref rules;
    bool any;    /* every rule of the log source */
    bool *found; /* by number in rules: the rule exists */
    uint32_t applied;
};

static bool is_reserved(struct hn_text name)
{
    return hn_text_eq(name, HN_TEXT("condition")) || hn_text_eq(name, HN_TEXT("rules"));
}

/* The filter's selections and condition as part of a rule; the condition's root or NULL. */
static struct cond_node *read_filter(
        struct work *w, struct hn_yaml_ref section, struct draft_rule *rule)
{
    struct hn_yaml_ref condition = hn_yaml_get(section, HN_TEXT("condition"));
    struct hn_yaml_iter iter = hn_yaml_children(section);
    struct cond_text text = { hn_yaml_text(condition), condition };
    uint32_t first = rule->detection_count;
    uint32_t first_node = rule->cond_nodes.count;
    struct cond_names names;
    struct cond_node *root;
    struct hn_yaml_ref key;
    struct hn_yaml_ref value;
    struct hn_text rest;

    while (hn_yaml_next_pair(&iter, &key, &value)) {
        if (!is_reserved(hn_yaml_text(key)) &&
                !detection_read(w, rule, hn_yaml_text(key), value, true))
            return NULL;
    }
    if (!sigma_draft_names(w, rule, &names))
        return NULL;
    names.names += first; /* the filter sees its own selections only */
    names.hidden = NULL;
    names.count -= first;
    if (!sigma_cond_parse(w, &text, &names, &rule->cond_nodes, &root, &rest))
        return NULL;
    if (rest.ptr != NULL) {
        issue_add(w, CODE_BAD_FILTER, sigma_place_of(w, condition),
                "\"|\" has no meaning in a filter");
        return NULL;
    }
    for (uint32_t i = first_node; i < rule->cond_nodes.count; i++) {
        if (rule->cond_nodes.ptr[i]->kind == SIGMA_ITEM)
            rule->cond_nodes.ptr[i]->leaf += first;
    }
    return root;
}

/* ---- Reading ---- */

static bool bad(struct work *w, struct hn_yaml_ref ref, const char *message)
{
    issue_add(w, CODE_BAD_FILTER, sigma_place_of(w, ref), "%s", message);
    return false;
}

static bool read_rules(struct work *w, struct filter *filter)
{
    struct hn_yaml_ref rules = hn_yaml_get(filter->section, HN_TEXT("rules"));
    struct hn_yaml_iter iter = hn_yaml_children(rules);
    struct hn_yaml_ref item;

    filter->rules = rules;
    if (rules.yaml == NULL)
        return bad(w, filter->section, "a filter names its rules, or says: rules: any");
    if (hn_yaml_is(rules, HN_YAML_MAP))
        return bad(w, rules, "rules is \"any\" or a list of ids or names");
    filter->any = hn_yaml_is(rules, HN_YAML_SCALAR)
                          ? hn_text_eq_nocase(hn_yaml_text(rules), HN_TEXT("any"))
                          : hn_yaml_count(rules) == 0;
    filter->found = hn_new(&w->loader->files_arena, bool, (size_t)hn_yaml_count(rules) + 1);
    if (filter->found == NULL)
        return work_nomem(w, &w->loader->files_arena);
    while (hn_yaml_is(rules, HN_YAML_LIST) && hn_yaml_next(&iter, &item)) {
        if (!hn_yaml_is(item, HN_YAML_SCALAR))
            return bad(w, item, "a rule is named by its id or name");
    }
    return true;
}

static bool has_not(const struct cond_nodes *nodes)
{
    for (uint32_t i = 0; i < nodes->count; i++) {
        if (nodes->ptr[i]->kind == SIGMA_NOT)
            return true;
    }
    return false;
}

static bool check_filter(struct work *w, struct hn_yaml_ref root, struct filter *filter)
{
    struct draft_rule probe = { .root = root, .meta = &filter->meta };
    struct hn_yaml_ref condition = hn_yaml_get(filter->section, HN_TEXT("condition"));

    if (!hn_yaml_is(condition, HN_YAML_SCALAR) || hn_yaml_text(condition).len == 0)
        return bad(w, condition.yaml == NULL ? filter->section : condition,
                "a filter has one condition, which is text");
    if (read_filter(w, filter->section, &probe) == NULL)
        return false;
    if (!has_not(&probe.cond_nodes))
        issue_add(w, CODE_FILTER_NARROWS, sigma_place_of(w, condition),
                "the filter lets only what it describes through; to suppress that, negate it");
    return work_fine(w);
}

void filter_load(struct work *w, struct hn_yaml_ref root, struct sigma_meta *meta)
{
    struct filter *filter = hn_new(&w->loader->files_arena, struct filter, 1);
    struct filter **slot;
    struct hn_text definition = HN_TEXT("");

    if (filter == NULL) {
        (void)work_nomem(w, &w->loader->files_arena);
        return;
    }
    filter->section = hn_yaml_get(root, HN_TEXT("filter"));
    filter->meta = *meta;
    filter->file_index = w->file_index;
    lint_meta(w, root, meta);
    if (!hn_yaml_is(filter->section, HN_YAML_MAP)) {
        (void)bad(w, filter->section, "filter must be a map");
        return;
    }
    if (!sigma_logsource_read(w, root, &filter->logsource, &definition) || !read_rules(w, filter) ||
            !check_filter(w, root, filter))
        return;
    slot = hn_vec_add(&w->loader->filters);
    if (slot == NULL)
        w->status = HN_NOMEM;
    else
        *slot = filter;
}

/* ---- Applying ---- */

static bool label_fits(struct hn_text filter, struct hn_text rule)
{
    return filter.len == 0 || hn_text_eq(filter, rule);
}

static bool named(struct filter *filter, const struct sigma_meta *meta)
{
    struct hn_yaml_iter iter = hn_yaml_children(filter->rules);
    struct hn_yaml_ref item = filter->rules;
    bool is_list = hn_yaml_is(filter->rules, HN_YAML_LIST);
    bool fits = false;

    for (uint32_t i = 0; is_list ? hn_yaml_next(&iter, &item) : i == 0; i++) {
        struct hn_text name = hn_yaml_text(item);
        bool is_it =
                name.len > 0 && (hn_text_eq_nocase(name, meta->id) || hn_text_eq(name, meta->name));

        filter->found[i] = filter->found[i] || is_it;
        fits = fits || is_it;
    }
    return fits;
}

static void apply(struct work *w, struct filter *filter, struct draft_rule *rule)
{
    uint32_t own = w->file_index;
    bool quiet = w->quiet;
    struct hn_text file = w->file;
    struct cond_node *root;

    w->file_index = filter->file_index; /* places of the filter's items are in its own file */
    w->file = w->loader->files.ptr[filter->file_index]->name;
    w->quiet = true; /* what is to be said about it was said when it was read */
    for (uint32_t i = 0; i < rule->condition_count && work_fine(w); i++) {
        root = read_filter(w, filter->section, rule);
        rule->conditions[i] =
                sigma_cond_join(w, &rule->cond_nodes, SIGMA_AND, rule->conditions[i], root);
    }
    w->file_index = own;
    w->file = file;
    w->quiet = quiet;
    if (w->rejected) /* only limits can do that */
        issue_add(w, CODE_TOO_LARGE, rule->meta->place, "too large with the filter \"%.*s\"",
                HN_TEXT_ARG(filter->meta.title));
}

void sigma_filters_apply(struct work *w, struct draft_rule *rule)
{
    for (size_t i = 0; i < w->loader->filters.count && work_fine(w); i++) {
        struct filter *filter = w->loader->filters.ptr[i];
        bool source = label_fits(filter->logsource.product, rule->logsource.product) &&
                      label_fits(filter->logsource.category, rule->logsource.category) &&
                      label_fits(filter->logsource.service, rule->logsource.service);
        bool wanted = filter->any || named(filter, rule->meta);

        if (!wanted || !source)
            continue;
        filter->applied++;
        apply(w, filter, rule);
    }
}

static void report_missing(struct work *w, const struct filter *filter)
{
    struct hn_yaml_iter iter = hn_yaml_children(filter->rules);
    struct hn_yaml_ref item = filter->rules;
    bool is_list = hn_yaml_is(filter->rules, HN_YAML_LIST);

    for (uint32_t i = 0; is_list ? hn_yaml_next(&iter, &item) : i == 0; i++) {
        if (!filter->any && !filter->found[i])
            issue_add(w, CODE_FILTER_UNUSED, sigma_place_of(w, item), "no rule \"%.*s\" was loaded",
                    HN_TEXT_ARG(hn_yaml_text(item)));
    }
    if (filter->applied == 0)
        issue_add(w, CODE_FILTER_UNUSED, sigma_place_of(w, filter->section),
                "the filter changes no rule: none of its rules has its log source");
}

enum hn_status sigma_filters_finish(struct sigma_loader *loader)
{
    loader->box->set.filter_count = (uint32_t)loader->filters.count;
    for (size_t i = 0; i < loader->filters.count; i++) {
        const struct filter *filter = loader->filters.ptr[i];
        struct work w = work_begin(loader, filter->file_index);

        w.id = filter->meta.id;
        w.title = filter->meta.title;
        report_missing(&w, filter);
        if (w.status != HN_OK)
            return w.status;
    }
    return HN_OK;
}
