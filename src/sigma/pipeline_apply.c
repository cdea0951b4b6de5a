/* pipeline_apply.c - runs all pipelines over a rule's draft, and over what a correlation reads. */
#include "sigma/sigma_pipeline.h"

/* ---- What was done ---- */

bool sigma_applied_has(const struct applied *list, struct hn_text id)
{
    for (; list != NULL; list = list->next) {
        if (hn_text_eq(list->id, id))
            return true;
    }
    return false;
}

bool sigma_applied_add(struct work *w, const struct applied **list, struct hn_text id)
{
    struct applied *entry;

    if (id.len == 0 || sigma_applied_has(*list, id))
        return true;
    entry = hn_new(w->scratch, struct applied, 1);
    if (entry == NULL)
        return work_nomem(w, w->scratch);
    entry->id = id;
    entry->next = *list;
    *list = entry;
    return true;
}

const struct scalar *sigma_state_find(const struct state_entry *list, struct hn_text key)
{
    for (; list != NULL; list = list->next) {
        if (hn_text_eq(list->key, key))
            return &list->value;
    }
    return NULL;
}

bool sigma_state_set(struct work *w, const struct state_entry **list, struct hn_text key,
        const struct scalar *value)
{
    struct state_entry *entry = hn_new(w->scratch, struct state_entry, 1);

    if (entry == NULL)
        return work_nomem(w, w->scratch);
    entry->key = key;
    entry->value = *value;
    entry->next = *list; /* found before an older value of the same key */
    *list = entry;
    return true;
}

/* ---- Names ---- */

static const struct field_trace *trace_find(const struct pipeline_run *run, struct hn_text field)
{
    for (const struct field_trace *trace = run->fields; trace != NULL; trace = trace->next) {
        if (hn_text_eq(trace->field, field))
            return trace;
    }
    return NULL;
}

/* The new names have seen what the old one has, and this item. */
static bool trace_names(struct pipeline_run *run, const struct pipeline_item *item,
        struct hn_text field, const struct sigma_texts *names)
{
    const struct field_trace *old = trace_find(run, field);

    for (uint32_t i = 0; i < names->count; i++) {
        struct field_trace *trace = hn_new(run->w->scratch, struct field_trace, 1);

        if (trace == NULL)
            return work_nomem(run->w, run->w->scratch);
        trace->field = names->ptr[i];
        trace->applied = old == NULL ? NULL : old->applied;
        trace->next = run->fields;
        run->fields = trace;
        if (!sigma_applied_add(run->w, &trace->applied, item->id))
            return false;
    }
    return true;
}

bool pipeline_rename(struct pipeline_run *run, const struct pipeline_item *item,
        struct hn_text field, const struct sigma_texts **ret_names)
{
    *ret_names = NULL;
    if (!item->type->field(run, item, field, ret_names))
        return false;
    if (*ret_names == NULL)
        return true;
    if (!sigma_field_conditions_hold(run, &item->field_conditions, field, NULL)) {
        *ret_names = NULL;
        return true;
    }
    return trace_names(run, item, field, *ret_names);
}

/* A list of names, each of which may become several or none. */
static bool rename_list(struct pipeline_run *run, const struct pipeline_item *item,
        struct sigma_texts *texts, bool (*keep)(const struct pipeline_run *, struct hn_text))
{
    struct sigma_texts renamed = { NULL, 0 };
    uint32_t room = 0;

    for (uint32_t i = 0; i < texts->count; i++) {
        const struct sigma_texts one = { &texts->ptr[i], 1 };
        const struct sigma_texts *names = NULL;

        if (!keep(run, texts->ptr[i]) && !pipeline_rename(run, item, texts->ptr[i], &names))
            return false;
        if (names == NULL)
            names = &one;
        for (uint32_t k = 0; k < names->count; k++) {
            struct hn_text *slot = arena_vec_add(run->w, renamed.ptr, renamed.count, room);

            if (slot == NULL)
                return false;
            *slot = names->ptr[k];
        }
    }
    texts->ptr = hn_new(run->w->keep, struct hn_text, renamed.count);
    if (texts->ptr == NULL)
        return work_nomem(run->w, run->w->keep);
    if (renamed.count > 0)
        memcpy(texts->ptr, renamed.ptr, renamed.count * sizeof *texts->ptr);
    texts->count = renamed.count;
    return true;
}

/* A name that has to stay one name. */
static bool rename_single(struct pipeline_run *run, const struct pipeline_item *item,
        struct hn_text *name, const char *what)
{
    const struct sigma_texts *names = NULL;

    if (!pipeline_rename(run, item, *name, &names))
        return false;
    if (names == NULL)
        return true;
    if (names->count == 1) {
        *name = names->ptr[0];
        return true;
    }
    issue_add(run->w, CODE_PIPELINE_FAILURE, run->meta->place,
            "a pipeline gives \"%.*s\" %u names, and %s needs one", HN_TEXT_ARG(*name),
            names->count, what);
    return false;
}

static bool keep_none(const struct pipeline_run *run, struct hn_text name)
{
    (void)run;
    (void)name;
    return false;
}

static bool is_alias(const struct pipeline_run *run, struct hn_text name)
{
    const struct sigma_correlation *model = &run->correlation->model;

    for (uint32_t i = 0; i < model->alias_count; i++) {
        if (hn_text_eq(model->aliases[i].name, name))
            return true;
    }
    return false;
}

static bool rename_correlation(struct pipeline_run *run, const struct pipeline_item *item)
{
    struct sigma_correlation *model = &run->correlation->model;

    for (uint32_t i = 0; i < model->alias_count; i++) {
        for (uint32_t k = 0; k < model->ref_count; k++) {
            struct hn_text *field = &model->aliases[i].fields[k];

            if (field->len > 0 && !rename_single(run, item, field, "an alias"))
                return false;
        }
    }
    if (!rename_list(run, item, &model->group_by, is_alias))
        return false;
    for (uint32_t i = 0; i < model->fields.count; i++) {
        if (!is_alias(run, model->fields.ptr[i]) &&
                !rename_single(run, item, &model->fields.ptr[i], "a condition"))
            return false;
    }
    return true;
}

/* ---- Items ---- */

/* Marks an item, and those that have been made of it: they stand at the end of the list. */
static bool mark(struct pipeline_run *run, const struct draft_node *node, uint32_t first_new,
        struct hn_text id)
{
    if (node->kind == SIGMA_ITEM && !sigma_applied_add(run->w, &node->item->applied, id))
        return false;
    for (uint32_t i = first_new; i < run->rule->node_count; i++) {
        const struct draft_node *made = run->rule->nodes[i];

        if (made->kind == SIGMA_ITEM && !sigma_applied_add(run->w, &made->item->applied, id))
            return false;
    }
    return true;
}

static bool run_on_items(struct pipeline_run *run, const struct pipeline_item *item)
{
    uint32_t count = run->rule->node_count; /* those that it adds are not for it */

    for (uint32_t i = 0; i < count; i++) {
        struct draft_node *node = run->rule->nodes[i];
        uint32_t first_new = run->rule->node_count;

        if (node->kind != SIGMA_ITEM || node->dropped ||
                !item_conditions_hold(
                        run, &item->item_conditions, &item->field_conditions, node->item))
            continue;
        run->changed = false;
        if (!item->type->item(run, item, node) ||
                (run->changed && !mark(run, node, first_new, item->id)))
            return false;
    }
    return run->w->status == HN_OK;
}

static bool run_item(struct pipeline_run *run, const struct pipeline_item *item)
{
    if (!sigma_applied_add(run->w, &run->applied, item->id))
        return false;
    if (item->type->rule != NULL && !item->type->rule(run, item))
        return false;
    if (item->type->field != NULL) {
        if (!rename_list(run, item, &run->meta->fields, keep_none))
            return false;
        if (run->correlation != NULL && !rename_correlation(run, item))
            return false;
    }
    return item->type->item == NULL || run->rule == NULL || run_on_items(run, item);
}

static bool run_pipeline(struct pipeline_run *run, const struct pipeline *pipeline)
{
    bool *done = hn_new(run->w->scratch, bool, pipeline->count);

    if (done == NULL)
        return work_nomem(run->w, run->w->scratch);
    for (uint32_t i = 0; i < pipeline->count && work_fine(run->w); i++) {
        const struct pipeline_item *item = &pipeline->items[i];

        if (item->parent != UINT32_MAX && !done[item->parent])
            continue;
        done[i] = rule_conditions_hold(run, &item->rule_conditions);
        if (done[i] && !run_item(run, item))
            return false;
    }
    return work_fine(run->w);
}

static void run_all(struct pipeline_run *run)
{
    const struct sigma_loader *loader = run->w->loader;

    for (size_t i = 0; i < loader->pipelines.count; i++) {
        if (!run_pipeline(run, loader->pipelines.ptr[i]))
            return;
    }
}

void sigma_pipelines_apply(struct work *w, struct draft_rule *rule)
{
    struct pipeline_run run = { .w = w, .meta = rule->meta, .root = rule->root, .rule = rule };

    run_all(&run);
}

void sigma_pipelines_apply_correlation(struct work *w, struct correlation_draft *draft)
{
    struct pipeline_run run = {
        .w = w, .meta = &draft->model.meta, .root = draft->root, .correlation = draft
    };

    if (w->loader->pipelines.count > 0)
        run_all(&run);
}
