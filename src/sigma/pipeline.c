/* pipeline.c - reads processing pipelines: their items, in order of priority, ready to run.
 *
 * A pipeline with anything in it that is not understood is not used at all, since half of one would
 * change rules in ways nobody wrote down. */
#include "sigma/sigma_pipeline.h"

#include "base/num.h"

#include <stdlib.h>

#define ITEMS_MAX 10000u /* of one pipeline */
#define NEST_MAX  8u     /* `nest` within `nest` */

#define BASE_KEYS                                                               \
    " type id rule_conditions rule_cond_op rule_cond_not rule_cond_expr "       \
    "detection_item_conditions detection_item_cond_op detection_item_cond_not " \
    "detection_item_cond_expr field_name_conditions field_name_cond_op "        \
    "field_name_cond_not field_name_cond_expr "

/* ---- Helpers ---- */

bool pipeline_fail(struct work *w, struct hn_yaml_ref ref, const char *message)
{
    issue_add(w, CODE_BAD_PIPELINE, sigma_place_of(w, ref), "%s", message);
    return false;
}

bool sigma_words_have(const char *words, struct hn_text word)
{
    struct hn_text all = hn_text_cstr(words);
    size_t at = 0;

    while ((at = hn_text_find(all, word, at)) != SIZE_MAX) {
        if (word.len > 0 && words[at - 1] == ' ' && words[at + word.len] == ' ')
            return true;
        at++;
    }
    return false;
}

bool pipeline_keys(struct work *w, struct hn_yaml_ref map, const char *keys, const char *more)
{
    struct hn_yaml_iter iter = hn_yaml_children(map);
    struct hn_yaml_ref key;
    struct hn_yaml_ref value;

    while (hn_yaml_next_pair(&iter, &key, &value)) {
        struct hn_text name = hn_yaml_text(key);

        if (sigma_words_have(keys, name) || sigma_words_have(more, name))
            continue;
        issue_add(w, CODE_BAD_PIPELINE, sigma_place_of(w, key), "\"%.*s\" has no meaning here",
                HN_TEXT_ARG(name));
        return false;
    }
    return true;
}

static bool missing(struct work *w, struct hn_yaml_ref ref, const char *key)
{
    issue_add(w, CODE_BAD_PIPELINE, sigma_place_of(w, ref), "\"%s\" is missing", key);
    return false;
}

bool sigma_param_text(struct work *w, struct hn_yaml_ref ref, const char *key, bool needed,
        struct hn_text *ret_text)
{
    struct hn_yaml_ref value = hn_yaml_get(ref, hn_text_cstr(key));

    if (value.yaml == NULL && needed)
        return missing(w, ref, key);
    return sigma_read_text(w, value, CODE_BAD_PIPELINE, key, ret_text);
}

bool sigma_param_texts(struct work *w, struct hn_yaml_ref ref, const char *key, bool needed,
        struct sigma_texts *ret_texts)
{
    struct hn_yaml_ref value = hn_yaml_get(ref, hn_text_cstr(key));

    if (value.yaml == NULL && needed)
        return missing(w, ref, key);
    return sigma_read_texts(w, value, CODE_BAD_PIPELINE, key, ret_texts);
}

bool sigma_param_bool(struct work *w, struct hn_yaml_ref ref, const char *key, bool *ret_truth)
{
    struct hn_yaml_ref value = hn_yaml_get(ref, hn_text_cstr(key));

    if (value.yaml == NULL || hn_yaml_bool(value, ret_truth))
        return true;
    return pipeline_fail(w, value, "true or false is expected");
}

/* ---- Mappings ---- */

/* qsort() has no context, so it sorts entries with their place. */
struct sorting {
    struct hn_text from;
    uint32_t index;
};

static int compare_sorting(const void *left, const void *right)
{
    const struct sorting *a = left;
    const struct sorting *b = right;
    int order = hn_text_cmp(a->from, b->from);

    return order != 0 ? order : a->index < b->index ? -1 : 1;
}

static bool sort_mapping(struct work *w, struct mapping *mapping)
{
    struct sorting *sorting = hn_new(w->scratch, struct sorting, mapping->count);

    mapping->sorted = hn_new(w->scratch, uint32_t, mapping->count);
    if (sorting == NULL || mapping->sorted == NULL)
        return work_nomem(w, w->scratch);
    for (uint32_t i = 0; i < mapping->count; i++)
        sorting[i] = (struct sorting){ mapping->entries[i].from, i };
    if (mapping->count > 0)
        qsort(sorting, mapping->count, sizeof *sorting, compare_sorting);
    for (uint32_t i = 0; i < mapping->count; i++)
        mapping->sorted[i] = sorting[i].index;
    return true;
}

bool sigma_mapping_read(struct work *w, struct hn_yaml_ref ref, struct mapping *ret_mapping)
{
    struct hn_yaml_iter iter = hn_yaml_children(ref);
    struct mapping mapping = { .count = 0 };
    struct hn_yaml_ref key;
    struct hn_yaml_ref value;

    if (!hn_yaml_is(ref, HN_YAML_MAP))
        return pipeline_fail(w, ref, "a mapping is a map");
    mapping.entries = hn_new(w->scratch, struct mapping_entry, hn_yaml_count(ref));
    if (mapping.entries == NULL)
        return work_nomem(w, w->scratch);
    while (hn_yaml_next_pair(&iter, &key, &value)) {
        struct mapping_entry *entry = &mapping.entries[mapping.count++];

        entry->from = hn_yaml_type(key) == HN_YAML_NULL ? hn_text_of(NULL, 0) : hn_yaml_text(key);
        if (!sigma_read_texts(w, value, CODE_BAD_PIPELINE, "mapping", &entry->to))
            return false;
    }
    *ret_mapping = mapping;
    return sort_mapping(w, ret_mapping);
}

const struct mapping_entry *sigma_mapping_find(const struct mapping *mapping, struct hn_text from)
{
    uint32_t low = 0;
    uint32_t high = mapping->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct mapping_entry *entry = &mapping->entries[mapping->sorted[middle]];
        int order = hn_text_cmp(entry->from, from);

        if (order == 0)
            return (entry->from.ptr == NULL) == (from.ptr == NULL) ? entry : NULL;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* ---- Items ---- */

static bool read_type(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item)
{
    struct hn_text name;

    if (!sigma_param_text(w, ref, "type", true, &name))
        return false;
    item->type = sigma_transformation_find(name);
    if (item->type != NULL)
        return true;
    issue_add(w, CODE_BAD_PIPELINE, sigma_place_of(w, hn_yaml_get(ref, HN_TEXT("type"))),
            "no transformation \"%.*s\"", HN_TEXT_ARG(name));
    return false;
}

static bool read_item(
        struct work *w, struct pipeline *pipeline, struct hn_yaml_ref ref, uint32_t parent)
{
    struct pipeline_item read = { .ref = ref, .file_index = w->file_index, .parent = parent };
    struct pipeline_item *item;

    if (!hn_yaml_is(ref, HN_YAML_MAP))
        return pipeline_fail(w, ref, "a transformation is a map");
    if (pipeline->count == ITEMS_MAX)
        return pipeline_fail(w, ref, "too many transformations");
    if (!read_type(w, ref, &read) || !pipeline_keys(w, ref, BASE_KEYS, read.type->keys) ||
            !sigma_param_text(w, ref, "id", false, &read.id) ||
            !condition_set_read(w, ref, SCOPE_RULE, &read.rule_conditions) ||
            !condition_set_read(w, ref, SCOPE_ITEM, &read.item_conditions) ||
            !condition_set_read(w, ref, SCOPE_FIELD, &read.field_conditions))
        return false;
    if (read.type->read != NULL && !read.type->read(w, ref, &read))
        return false;
    item = arena_vec_add(w, pipeline->items, pipeline->count, pipeline->room);
    if (item != NULL)
        *item = read;
    return item != NULL;
}

/* Lists of items: the pipeline's own, and those of `nest` inside. An item of `nest` stands before
 * the ones in it, which run when it did. */
static bool read_items(struct work *w, struct pipeline *pipeline, struct hn_yaml_ref list)
{
    struct {
        struct hn_yaml_iter iter;
        uint32_t parent;
    } levels[NEST_MAX];
    uint32_t depth = 0;

    levels[depth].iter = hn_yaml_children(list);
    levels[depth++].parent = UINT32_MAX;
    while (depth > 0) {
        struct hn_yaml_ref ref;
        struct hn_yaml_ref nested;

        if (!hn_yaml_next(&levels[depth - 1].iter, &ref)) {
            depth--;
            continue;
        }
        if (!read_item(w, pipeline, ref, levels[depth - 1].parent))
            return false;
        nested = hn_yaml_get(ref, HN_TEXT("items"));
        if (strcmp(pipeline->items[pipeline->count - 1].type->name, "nest") != 0)
            continue;
        if (!hn_yaml_is(nested, HN_YAML_LIST))
            return pipeline_fail(w, ref, "\"items\" is a list of transformations");
        if (depth == NEST_MAX)
            return pipeline_fail(w, nested, "nest goes too deep");
        levels[depth].iter = hn_yaml_children(nested);
        levels[depth++].parent = pipeline->count - 1;
    }
    return true;
}

/* ---- Pipelines ---- */

static bool read_priority(struct work *w, struct hn_yaml_ref root, struct pipeline *pipeline)
{
    struct hn_yaml_ref ref = hn_yaml_get(root, HN_TEXT("priority"));

    return ref.yaml == NULL ||
           (hn_yaml_is(ref, HN_YAML_SCALAR) &&
                   hn_parse_i64(hn_yaml_text(ref), &pipeline->priority)) ||
           pipeline_fail(w, ref, "priority is a whole number");
}

/* Queries are what other tools make; here rules are matched as they are. */
static void warn_queries(struct work *w, struct hn_yaml_ref root)
{
    static const char *const keys[] = { "postprocessing", "finalizers" };

    for (size_t i = 0; i < HN_COUNT_OF(keys); i++) {
        struct hn_yaml_ref ref = hn_yaml_get(root, hn_text_cstr(keys[i]));

        if (ref.yaml != NULL)
            issue_add(w, CODE_PIPELINE_IGNORED, sigma_place_of(w, ref),
                    "%s changes queries, of which there are none", keys[i]);
    }
}

static bool read_pipeline(struct work *w, struct hn_yaml_ref root, struct pipeline *pipeline)
{
    struct hn_yaml_ref items = hn_yaml_get(root, HN_TEXT("transformations"));

    if (!hn_yaml_is(root, HN_YAML_MAP))
        return pipeline_fail(w, root, "a pipeline is a map");
    if (!pipeline_keys(w, root,
                " name priority vars transformations postprocessing finalizers allowed_backends ",
                " ") ||
            !sigma_param_text(w, root, "name", false, &pipeline->name) ||
            !read_priority(w, root, pipeline))
        return false;
    w->title = pipeline->name;
    pipeline->vars = hn_yaml_get(root, HN_TEXT("vars"));
    if (pipeline->vars.yaml != NULL && !hn_yaml_is(pipeline->vars, HN_YAML_MAP))
        return pipeline_fail(w, pipeline->vars, "vars is a map");
    warn_queries(w, root);
    if (items.yaml == NULL)
        return true;
    if (!hn_yaml_is(items, HN_YAML_LIST))
        return pipeline_fail(w, items, "transformations is a list");
    return read_items(w, pipeline, items);
}

static enum hn_status load_document(
        struct sigma_loader *loader, uint32_t file_index, struct hn_yaml_ref root)
{
    struct work w = work_begin(loader, file_index);
    struct pipeline *pipeline = hn_new(&loader->files_arena, struct pipeline, 1);
    struct pipeline **slot;

    if (pipeline == NULL)
        return hn_arena_status(&loader->files_arena);
    w.scratch = &loader->files_arena; /* it is there for every rule */
    pipeline->file_index = file_index;
    pipeline->order = (uint32_t)loader->pipelines.count;
    if (read_pipeline(&w, root, pipeline) && work_fine(&w)) {
        slot = hn_vec_add(&loader->pipelines);
        if (slot == NULL)
            return HN_NOMEM;
        *slot = pipeline;
    }
    return w.status;
}

static int compare_pipelines(const void *left, const void *right)
{
    const struct pipeline *const *a = left;
    const struct pipeline *const *b = right;

    if ((*a)->priority != (*b)->priority)
        return (*a)->priority < (*b)->priority ? -1 : 1;
    return (*a)->order < (*b)->order ? -1 : 1;
}

static enum hn_status report_problems(struct sigma_loader *loader, uint32_t file_index)
{
    const struct hn_yaml *yaml = &loader->files.ptr[file_index]->yaml;
    struct work w = work_begin(loader, file_index);

    for (uint32_t i = 0; i < yaml->problem_count; i++) {
        struct sigma_place place = { w.file, yaml->problems[i].line, yaml->problems[i].column };

        issue_add(&w, CODE_YAML, place, "%s: %.*s", hn_yaml_problem_id(yaml->problems[i].kind),
                HN_TEXT_ARG(yaml->problems[i].message));
    }
    return w.status;
}

enum hn_status sigma_pipelines_load(struct sigma_loader *loader)
{
    for (uint32_t i = 0; i < loader->files.count; i++) {
        const struct sigma_file *file = loader->files.ptr[i];
        enum hn_status status = HN_OK;

        if (file->kind != SIGMA_FILE_PIPELINE)
            continue;
        status = report_problems(loader, i);
        for (uint32_t k = 0; k < file->yaml.document_count && status == HN_OK; k++) {
            struct hn_yaml_ref root = hn_yaml_root(&file->yaml, k);

            if (root.yaml != NULL)
                status = load_document(loader, i, root);
        }
        if (status != HN_OK)
            return status;
    }
    if (loader->pipelines.count > 0)
        qsort(loader->pipelines.ptr, loader->pipelines.count, sizeof(struct pipeline *),
                compare_pipelines);
    return HN_OK;
}
