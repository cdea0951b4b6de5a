/* serve_sources.c - finds and reads the files of a set, in an order that depends on names alone. */
#include "app/serve_sources.h"

#include "app/files.h"
#include "app/rules_load.h"

#include "base/mem.h"
#include "base/vec.h"
#include "sample/sample.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Everything that struct serve_sources borrows. */
struct gathered {
    HN_VEC(struct engine_set_file) files;
    HN_VEC(struct file_text) texts;
    struct file_list paths;
};

/* Which files there are; a path of its kind each. */
struct found {
    enum engine_set_kind kind;
    size_t path;            /* in paths */
    struct hn_text list;    /* name of a placeholder; "": none */
    struct hn_text mapping; /* whose pipeline it is; "": everybody's */
    bool accepted;          /* our own list of indicators */
};
struct finding {
    const struct config *config;
    struct file_list paths;
    HN_VEC(struct found) files;
};

static void deinit_finding(struct finding *finding)
{
    hn_vec_deinit(&finding->files);
    file_list_deinit(&finding->paths);
}

static enum hn_status note(struct finding *finding, enum engine_set_kind kind, size_t path,
        struct hn_text list, struct hn_err *err)
{
    struct found *found = hn_vec_add(&finding->files);

    if (found == NULL)
        return hn_fail(err, HN_NOMEM, 0, "list of files");
    *found = (struct found){ kind, path, list, HN_TEXT(""), false };
    return HN_OK;
}

static enum hn_status find_below(
        struct finding *finding, const char *path, enum engine_set_kind kind, struct hn_err *err)
{
    size_t first = finding->paths.count;
    bool rules = kind == ENGINE_SET_RULES;
    enum hn_status status = files_find(path, rules ? rules_skip_folder : NULL,
            rules ? rules_is_file : NULL, &finding->paths, err);

    for (size_t i = first; status == HN_OK && i < finding->paths.count; i++)
        status = note(finding, kind, i, HN_TEXT(""), err);
    return status;
}

static enum hn_status find_kind(struct finding *finding, const struct config_texts *paths,
        enum engine_set_kind kind, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    for (uint32_t i = 0; status == HN_OK && i < paths->count; i++)
        status = find_below(finding, paths->ptr[i].ptr, kind, err);
    return status;
}

/* "Name=FILE", or a folder of <Name>.txt. */
static enum hn_status find_list(struct finding *finding, struct hn_text list, struct hn_err *err)
{
    size_t equals = hn_text_find_char(list, '=', 0);
    size_t first = finding->paths.count;
    enum hn_status status = files_find(
            equals < list.len ? list.ptr + equals + 1 : list.ptr, NULL, NULL, &finding->paths, err);

    for (size_t i = first; status == HN_OK && i < finding->paths.count; i++) {
        const char *path = finding->paths.ptr[i];
        const char *slash = strrchr(path, '/');
        struct hn_text name = hn_text_cstr(slash == NULL ? path : slash + 1);

        if (equals < list.len)
            status = note(finding, ENGINE_SET_LIST, i, hn_text_sub(list, 0, equals), err);
        else if (hn_text_ends(name, HN_TEXT(".txt")))
            status = note(finding, ENGINE_SET_LIST, i, hn_text_sub(name, 0, name.len - 4), err);
    }
    return status;
}

static enum hn_status find_mappings(struct finding *finding, struct hn_err *err)
{
    const struct config_sources *sources = &finding->config->sources;
    enum hn_status status = HN_OK;

    for (uint32_t i = 0; status == HN_OK && i < sources->count; i++) {
        size_t first = finding->files.count;

        status = find_kind(finding, &sources->ptr[i].pipelines, ENGINE_SET_MAPPING, err);
        for (size_t k = first; k < finding->files.count; k++)
            finding->files.ptr[k].mapping = config_source_mapping(&sources->ptr[i]);
    }
    return status;
}

/* What people accepted of samples, once there is such a list. */
static enum hn_status find_accepted(struct finding *finding, struct hn_err *err)
{
    char path[4200];
    size_t first = finding->files.count;
    enum hn_status status;

    (void)snprintf(path, sizeof path, "%.*s/samples/" SAMPLE_INDICATORS,
            HN_TEXT_ARG(finding->config->data));
    if (access(path, F_OK) != 0)
        return HN_OK;
    status = find_below(finding, path, ENGINE_SET_INDICATORS, err);
    for (size_t i = first; i < finding->files.count; i++)
        finding->files.ptr[i].accepted = true;
    return status;
}

static enum hn_status find_all(struct finding *finding, struct hn_err *err)
{
    const struct config_rules *rules = &finding->config->rules;
    char shipped[4200];
    enum hn_status status;

    (void)snprintf(shipped, sizeof shipped, "%s/rules", data_dir());
    status = rules->paths.count == 0 ? find_below(finding, shipped, ENGINE_SET_RULES, err)
                                     : find_kind(finding, &rules->paths, ENGINE_SET_RULES, err);
    if (status == HN_OK)
        status = find_kind(finding, &rules->pipelines, ENGINE_SET_PIPELINE, err);
    if (status == HN_OK)
        status = find_mappings(finding, err);
    for (uint32_t i = 0; status == HN_OK && i < rules->lists.count; i++)
        status = find_list(finding, rules->lists.ptr[i], err);
    if (status == HN_OK)
        status = find_kind(finding, &rules->indicators, ENGINE_SET_INDICATORS, err);
    if (status == HN_OK)
        status = find_accepted(finding, err);
    if (status == HN_OK)
        status = find_kind(finding, &rules->warninglists, ENGINE_SET_WARNINGLIST, err);
    return status;
}

/* ---- Reading ---- */

static void release(struct serve_sources *sources)
{
    struct gathered *gathered = sources->owner;

    for (size_t i = 0; i < gathered->texts.count; i++)
        file_text_free(&gathered->texts.ptr[i]);
    hn_vec_deinit(&gathered->texts);
    hn_vec_deinit(&gathered->files);
    file_list_deinit(&gathered->paths);
    hn_free(gathered);
}

static struct hn_text columns_of(const struct finding *finding, const struct found *found)
{
    if (found->kind != ENGINE_SET_INDICATORS)
        return found->mapping;
    return found->accepted ? HN_TEXT(SAMPLE_COLUMNS) : finding->config->rules.indicator_columns;
}

static enum hn_status read_one(struct gathered *gathered, const struct finding *finding,
        const struct found *found, struct hn_err *err)
{
    const char *path = finding->paths.ptr[found->path];
    struct engine_set_file *file = hn_vec_add(&gathered->files);
    struct file_text *text = hn_vec_add(&gathered->texts);
    struct hn_err reason = { 0 };
    enum hn_status status;

    if (file == NULL || text == NULL)
        return hn_fail(err, HN_NOMEM, 0, "files of rules");
    *text = (struct file_text){ 0 };
    status = file_read(path, text, &reason);
    if (status != HN_OK)
        return hn_fail(err, status, 0, "%s: %s", path, reason.msg);
    *file = (struct engine_set_file){ .kind = found->kind,
        .name = found->list.len > 0 ? found->list : hn_text_cstr(path),
        .columns = columns_of(finding, found),
        .text = text->text };
    return HN_OK;
}

enum hn_status serve_sources_gather(
        void *ctx, struct serve_sources *ret_sources, struct hn_err *err)
{
    struct finding finding = { .config = ctx };
    struct gathered *gathered = hn_calloc(1, sizeof *gathered);
    struct serve_sources sources = { .release = release, .owner = gathered };
    enum hn_status status = gathered == NULL ? hn_fail(err, HN_NOMEM, 0, "files of rules")
                                             : find_all(&finding, err);

    for (size_t i = 0; status == HN_OK && i < finding.files.count; i++)
        status = read_one(gathered, &finding, &finding.files.ptr[i], err);
    if (gathered != NULL) {
        gathered->paths = finding.paths; /* names of files and lists are borrowed from them */
        finding.paths = (struct file_list){ 0 };
    }
    deinit_finding(&finding);
    if (gathered == NULL)
        return HN_NOMEM;
    if (status != HN_OK) {
        release(&sources);
        return status;
    }
    sources.set.files = gathered->files.ptr;
    sources.set.file_count = gathered->files.count;
    /* The levels of the configuration are those of sigma.h, from 1. */
    sources.set.level_min = (enum sigma_level)finding.config->rules.level;
    *ret_sources = sources;
    return HN_OK;
}

struct hn_digest serve_sources_add_stamp(struct hn_digest digest, const char *path)
{
    struct stat info;
    int64_t parts[4] = { 0 };

    if (stat(path, &info) == 0) {
        parts[0] = info.st_size;
        parts[1] = info.st_mtim.tv_sec;
        parts[2] = info.st_mtim.tv_nsec;
        parts[3] = (int64_t)info.st_ino;
    }
    digest = hn_digest_join(digest, hn_digest_of(path, strlen(path)));
    return hn_digest_join(digest, hn_digest_of(parts, sizeof parts));
}

struct hn_digest serve_sources_stamp(void *ctx)
{
    struct finding finding = { .config = ctx };
    struct hn_digest digest = hn_digest_of("", 0);

    /* What cannot be found is a change as well, and told by gathering. */
    if (find_all(&finding, NULL) != HN_OK)
        digest = hn_digest_of("missing", 7);
    for (size_t i = 0; i < finding.paths.count; i++)
        digest = serve_sources_add_stamp(digest, finding.paths.ptr[i]);
    deinit_finding(&finding);
    return digest;
}
