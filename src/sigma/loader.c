/* loader.c - from texts to a set: files are parsed when added and understood when finished. */
#include "sigma/sigma_internal.h"

#include "base/mem.h"

#include <assert.h>

#define KEEP_BYTES_MAX    ((size_t)2 << 30)
#define FILES_BYTES_MAX   ((size_t)2 << 30)
#define SCRATCH_BYTES_MAX ((size_t)512 << 20) /* for one document */

const struct sigma_limits sigma_limits_default = {
    .file_bytes_max = (size_t)16 << 20,
    .documents_max = 4096,
    .nodes_max = 262144,
    .depth_max = 64,
    .values_max = 65536,
    .regex_bytes_max = 16384,
};

static void fill_limits(struct sigma_limits *limits)
{
    const struct sigma_limits *d = &sigma_limits_default;

    if (limits->file_bytes_max == 0)
        limits->file_bytes_max = d->file_bytes_max;
    if (limits->documents_max == 0)
        limits->documents_max = d->documents_max;
    if (limits->nodes_max == 0)
        limits->nodes_max = d->nodes_max;
    if (limits->depth_max == 0)
        limits->depth_max = d->depth_max;
    if (limits->values_max == 0)
        limits->values_max = d->values_max;
    if (limits->regex_bytes_max == 0)
        limits->regex_bytes_max = d->regex_bytes_max;
    assert(limits->depth_max <= HN_YAML_DEPTH_MAX);
}

struct sigma_loader *sigma_loader_new(const struct sigma_options *options)
{
    struct sigma_loader *loader = hn_calloc(1, sizeof *loader);

    if (loader == NULL)
        return NULL;
    loader->box = hn_calloc(1, sizeof *loader->box);
    if (loader->box == NULL) {
        hn_free(loader);
        return NULL;
    }
    if (options != NULL)
        loader->options = *options;
    fill_limits(&loader->options.limits);
    atomic_init(&loader->box->refs, 1);
    hn_arena_init(&loader->box->arena, KEEP_BYTES_MAX);
    hn_arena_init(&loader->files_arena, FILES_BYTES_MAX);
    hn_arena_init(&loader->scratch, SCRATCH_BYTES_MAX);
    return loader;
}

void sigma_loader_free(struct sigma_loader *loader)
{
    if (loader == NULL)
        return;
    if (loader->box != NULL)
        sigma_set_unref(&loader->box->set);
    hn_vec_deinit(&loader->files);
    hn_vec_deinit(&loader->issues);
    hn_vec_deinit(&loader->rules);
    hn_vec_deinit(&loader->correlations);
    hn_vec_deinit(&loader->filters);
    hn_vec_deinit(&loader->pipelines);
    hn_arena_deinit(&loader->files_arena);
    hn_arena_deinit(&loader->scratch);
    hn_free(loader);
}

/* ---- Adding ---- */

struct sigma_file *loader_file_add(
        struct sigma_loader *loader, enum sigma_file_kind kind, struct hn_text name)
{
    struct sigma_file *file = hn_new(&loader->files_arena, struct sigma_file, 1);
    struct sigma_file **slot;

    if (file == NULL)
        return NULL;
    file->kind = kind;
    file->name = hn_arena_text(&loader->box->arena, name);
    if (file->name.ptr == NULL)
        return NULL;
    slot = hn_vec_add(&loader->files);
    if (slot != NULL)
        *slot = file;
    return slot == NULL ? NULL : file;
}

static enum hn_status add_file(struct sigma_loader *loader, enum sigma_file_kind kind,
        struct hn_text name, struct hn_text text, struct hn_err *err)
{
    const struct sigma_limits *limits = &loader->options.limits;
    struct hn_yaml_limits yaml_limits = { limits->file_bytes_max, limits->documents_max,
        limits->nodes_max, limits->depth_max };
    struct sigma_file *file;
    struct hn_yaml yaml;
    enum hn_status status;

    assert(!loader->finished);
    if (text.len > limits->file_bytes_max)
        text.len = limits->file_bytes_max + 1; /* the parser says so; the rest is not kept */
    text = hn_arena_text(&loader->box->arena, text);
    if (text.ptr == NULL)
        return hn_fail(err, hn_arena_status(&loader->box->arena), 0, "no room for %.*s",
                HN_TEXT_ARG(name));
    status = hn_yaml_parse(&loader->files_arena, text, &yaml_limits, &yaml, err);
    if (status != HN_OK)
        return status;
    yaml.pool = hn_arena_text(&loader->box->arena, yaml.pool);
    file = yaml.pool.ptr == NULL ? NULL : loader_file_add(loader, kind, name);
    if (file == NULL)
        return hn_fail(err, HN_NOMEM, 0, "no room for %.*s", HN_TEXT_ARG(name));
    file->yaml = yaml;
    return HN_OK;
}

enum hn_status sigma_loader_add_text(
        struct sigma_loader *loader, struct hn_text file, struct hn_text yaml, struct hn_err *err)
{
    return add_file(loader, SIGMA_FILE_RULES, file, yaml, err);
}

enum hn_status sigma_loader_add_pipeline(
        struct sigma_loader *loader, struct hn_text file, struct hn_text yaml, struct hn_err *err)
{
    return add_file(loader, SIGMA_FILE_PIPELINE, file, yaml, err);
}

/* ---- Finishing ---- */

static enum hn_status load_all(struct sigma_loader *loader)
{
    enum hn_status status = sigma_pipelines_load(loader);

    for (uint32_t i = 0; i < loader->files.count && status == HN_OK; i++) {
        if (loader->files.ptr[i]->kind == SIGMA_FILE_RULES)
            status = collection_load_filters(loader, i);
    }
    for (uint32_t i = 0; i < loader->files.count && status == HN_OK; i++) {
        if (loader->files.ptr[i]->kind == SIGMA_FILE_RULES)
            status = collection_load_rules(loader, i);
    }
    if (status == HN_OK)
        status = sigma_filters_finish(loader);
    return status == HN_OK ? sigma_correlations_finish(loader) : status;
}

static struct hn_digest set_digest(const struct sigma_set *set)
{
    struct hn_digest digest = hn_digest_of("sigma", 5);

    for (uint32_t i = 0; i < set->rule_count; i++)
        digest = hn_digest_join(digest, set->rules[i].meta.digest);
    for (uint32_t i = 0; i < set->correlation_count; i++)
        digest = hn_digest_join(digest, set->correlations[i].meta.digest);
    return digest;
}

static enum hn_status fill_set(struct sigma_loader *loader)
{
    struct sigma_set *set = &loader->box->set;
    size_t count = loader->rules.count;

    set->rules = hn_new(&loader->box->arena, struct sigma_rule, count);
    if (set->rules == NULL)
        return hn_arena_status(&loader->box->arena);
    if (count > 0)
        memcpy(set->rules, loader->rules.ptr, count * sizeof *set->rules);
    set->rule_count = (uint32_t)count;
    set->document_count = loader->document_count;
    set->digest = set_digest(set);
    return HN_OK;
}

enum hn_status sigma_loader_finish(
        struct sigma_loader *loader, struct sigma_set **ret_set, struct hn_err *err)
{
    enum hn_status status;

    assert(!loader->finished);
    loader->finished = true;
    status = load_all(loader);
    if (status == HN_OK)
        status = lint_set(loader);
    if (status == HN_OK)
        status = fill_set(loader);
    if (status == HN_OK)
        status = sigma_issues_finish(loader);
    if (status != HN_OK)
        return hn_fail(err, status, 0, "%s while loading rules", hn_status_text(status));
    *ret_set = &loader->box->set;
    loader->box = NULL;
    return HN_OK;
}

/* ---- Sets ---- */

static struct set_box *box_of(struct sigma_set *set)
{
    return (struct set_box *)(void *)set; /* its first member */
}

struct sigma_set *sigma_set_ref(struct sigma_set *set)
{
    atomic_fetch_add_explicit(&box_of(set)->refs, 1, memory_order_relaxed);
    return set;
}

void sigma_set_unref(struct sigma_set *set)
{
    struct set_box *box = box_of(set);

    if (set == NULL || atomic_fetch_sub_explicit(&box->refs, 1, memory_order_acq_rel) != 1)
        return;
    hn_arena_deinit(&box->arena);
    hn_free(box);
}
