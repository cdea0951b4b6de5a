/* collection.c - the documents of one file in order: what kind each is, and what documents with
 * `action` (rule collections, as older rules have them) lay over others.
 *
 * As pySigma does it: what `action: global` says is laid over every following rule until `reset` or
 * the next `global`; `repeat` lays itself over the rule before. Correlations and filters are left
 * alone. */
#include "sigma/sigma_internal.h"

struct collection {
    struct sigma_loader *loader;
    uint32_t file_index;
    struct sigma_file *file;
    struct hn_yaml_ref global;   /* nothing, or a map */
    struct hn_yaml_ref previous; /* what `repeat` completes */
    enum hn_status status;
};

static bool has(struct hn_yaml_ref root, const char *key)
{
    return hn_yaml_get(root, hn_text_cstr(key)).yaml != NULL;
}

/* ---- Kinds ---- */

static void load_document(struct collection *c, struct hn_yaml_ref root, uint32_t document)
{
    struct work w = work_begin(c->loader, c->file_index);
    struct sigma_meta *meta = hn_new(w.keep, struct sigma_meta, 1);

    c->loader->document_count++;
    if (meta == NULL) {
        c->status = hn_arena_status(w.keep);
        return;
    }
    meta_read(&w, root, meta);
    meta->place =
            sigma_place_of(&w, hn_yaml_root(&c->file->yaml, document)); /* its own, when merged */
    meta->yaml = hn_yaml_document_text(&c->file->yaml, document);
    if (has(root, "correlation")) {
        correlation_load(&w, root, meta);
    } else if (has(root, "filter")) {
        c->loader->document_count--; /* counted on its own */
        filter_load(&w, root, meta);
    } else if (has(root, "detection") || has(root, "logsource") || has(root, "title")) {
        rule_load(&w, root, meta);
    } else {
        issue_add(&w, CODE_NOT_A_RULE, sigma_place_of(&w, root),
                "this is no rule, correlation or filter");
    }
    c->status = w.status;
}

/* ---- Actions ---- */

static struct hn_yaml_ref merged(
        struct collection *c, struct hn_yaml_ref base, struct hn_yaml_ref over)
{
    struct hn_yaml_ref result = base;

    if (over.yaml == NULL)
        return base;
    if (base.yaml == NULL)
        return over;
    c->status = tree_merge(&c->loader->files_arena, base, over, &result);
    if (c->status == HN_LIMIT) {
        struct work w = work_begin(c->loader, c->file_index);

        issue_add(&w, CODE_TOO_LARGE, sigma_place_of(&w, base), "too large to merge with another");
        c->loader->document_count++;
        c->status = w.status;
        result.yaml = NULL;
    }
    return result;
}

static void bad_action(struct collection *c, struct hn_yaml_ref action)
{
    struct work w = work_begin(c->loader, c->file_index);

    c->loader->document_count++;
    issue_add(&w, CODE_BAD_ACTION, sigma_place_of(&w, action), "action is global, reset or repeat");
    c->status = w.status;
}

static void run_action(
        struct collection *c, struct hn_yaml_ref root, struct hn_yaml_ref action, uint32_t document)
{
    struct hn_text name = hn_yaml_text(action);

    if (name.ptr != NULL && hn_text_eq(name, HN_TEXT("global"))) {
        c->global = root;
        c->previous = root;
    } else if (name.ptr != NULL && hn_text_eq(name, HN_TEXT("reset"))) {
        c->global.yaml = NULL;
    } else if (name.ptr != NULL && hn_text_eq(name, HN_TEXT("repeat"))) {
        c->previous = merged(c, c->previous, root);
        if (c->status == HN_OK && c->previous.yaml != NULL)
            load_document(c, c->previous, document);
    } else {
        bad_action(c, action);
    }
}

static void run_document(struct collection *c, uint32_t document, bool filters)
{
    struct hn_yaml_ref root = hn_yaml_root(&c->file->yaml, document);
    struct hn_yaml_ref action;
    struct work w;

    if (root.yaml == NULL ||
            (hn_yaml_is(root, HN_YAML_SCALAR) && hn_yaml_type(root) == HN_YAML_NULL))
        return; /* empty, or damaged and reported */
    if (!hn_yaml_is(root, HN_YAML_MAP)) {
        if (filters)
            return;
        c->loader->document_count++;
        w = work_begin(c->loader, c->file_index);
        issue_add(&w, CODE_NOT_A_RULE, sigma_place_of(&w, root), "a rule is a map");
        c->status = w.status;
        return;
    }
    if (has(root, "filter") != filters)
        return;
    action = hn_yaml_get(root, HN_TEXT("action"));
    if (has(root, "correlation") || has(root, "filter")) {
        load_document(c, root, document);
    } else if (action.yaml != NULL) {
        run_action(c, root, action, document);
    } else {
        root = merged(c, root, c->global);
        c->previous = root;
        if (c->status == HN_OK && root.yaml != NULL)
            load_document(c, root, document);
    }
}

/* What the YAML reader had to say. */
static enum hn_status report_problems(struct sigma_loader *loader, uint32_t file_index)
{
    const struct hn_yaml *yaml = &loader->files.ptr[file_index]->yaml;
    struct work w = work_begin(loader, file_index);

    for (uint32_t i = 0; i < yaml->problem_count; i++) {
        struct sigma_place place = { w.file, yaml->problems[i].line, yaml->problems[i].column };

        issue_add(&w, CODE_YAML, place, "%s: %.*s", hn_yaml_problem_id(yaml->problems[i].kind),
                HN_TEXT_ARG(yaml->problems[i].message));
    }
    for (uint32_t i = 0; i < yaml->document_count; i++) {
        if (yaml->documents[i].damaged)
            loader->document_count++;
    }
    return w.status;
}

static enum hn_status walk(struct sigma_loader *loader, uint32_t file_index, bool filters)
{
    struct collection c = { .loader = loader, .file_index = file_index };

    c.file = loader->files.ptr[file_index];
    for (uint32_t i = 0; i < c.file->yaml.document_count && c.status == HN_OK; i++)
        run_document(&c, i, filters);
    return c.status;
}

enum hn_status collection_load_filters(struct sigma_loader *loader, uint32_t file_index)
{
    enum hn_status status = report_problems(loader, file_index);

    return status == HN_OK ? walk(loader, file_index, true) : status;
}

enum hn_status collection_load_rules(struct sigma_loader *loader, uint32_t file_index)
{
    return walk(loader, file_index, false);
}
