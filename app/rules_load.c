/* rules_load.c - finds rule files, keeps a cache of their parsed form, applies lists and pipelines.
 */
#include "app/rules_load.h"

#include "app/files.h"
#include "app/ui.h"
#include "base/mem.h"
#include "base/vec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Folders of a rule repository that hold no rules to be run; a folder named on the command line is
 * read whatever its name. */
bool rules_skip_folder(const char *name)
{
    static const char *const names[] = { "unsupported", "deprecated", "tests", "regression_data",
        "documentation", "images", "other", "tools" };

    if (name[0] == '.')
        return true;
    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

bool rules_is_file(const char *name)
{
    struct hn_text text = hn_text_cstr(name);

    return hn_text_ends_nocase(text, HN_TEXT(".yml")) ||
           hn_text_ends_nocase(text, HN_TEXT(".yaml"));
}

const char *data_dir(void)
{
    static char path[4096];
    const char *env = getenv("HINOMI_DATA");
    ssize_t len;
    char *slash;

    if (env != NULL && env[0] != '\0')
        return env;
    if (path[0] != '\0')
        return path;
    len = readlink("/proc/self/exe", path, sizeof path - 32);
    path[len > 0 ? len : 0] = '\0';
    slash = strrchr(path, '/');
    if (slash != NULL) {
        memcpy(slash, "/../share/hinomi", sizeof "/../share/hinomi");
        if (access(path, R_OK) == 0)
            return path;
    }
    (void)snprintf(path, sizeof path, "%s", HN_SOURCE_DIR);
    return path;
}

/* ---- Lists ---- */

struct lists {
    HN_VEC(struct sigma_list) items;
    HN_VEC(struct file_text) texts; /* what the lists borrow from */
    HN_VEC(struct hn_text) values;  /* of all lists, one after the other */
};

/* One value a line; # starts a comment line. */
static int add_list(struct lists *lists, struct hn_text name, const char *path)
{
    struct file_text *file = hn_vec_add(&lists->texts);
    struct hn_err err = { 0 };
    struct sigma_list *list;
    struct hn_text rest;
    struct hn_text line;
    size_t first = lists->values.count;

    if (file == NULL)
        return EXIT_IO;
    if (file_read(path, file, &err) != HN_OK) {
        ui_error_at(hn_text_cstr(path), &err);
        return EXIT_IO;
    }
    rest = file->text;
    while (hn_text_line(&rest, &line)) {
        struct hn_text *slot;

        line = hn_text_trim(line);
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        slot = hn_vec_add(&lists->values);
        if (slot == NULL)
            return EXIT_IO;
        *slot = line;
    }
    list = hn_vec_add(&lists->items);
    if (list == NULL)
        return EXIT_IO;
    list->name = name;
    list->values.count = (uint32_t)(lists->values.count - first); /* ptr follows in lists_load() */
    return EXIT_FINE;
}

static int add_list_folder(struct lists *lists, const char *folder, struct file_list *files)
{
    size_t first = files->count;
    struct hn_err err = { 0 };
    int code = EXIT_FINE;

    if (files_find(folder, NULL, NULL, files, &err) != HN_OK) {
        ui_error_at(hn_text_cstr(folder), &err);
        return EXIT_IO;
    }
    for (size_t i = first; code == EXIT_FINE && i < files->count; i++) {
        const char *path = files->ptr[i];
        const char *slash = strrchr(path, '/');
        struct hn_text name = hn_text_cstr(slash == NULL ? path : slash + 1);

        if (!hn_text_ends(name, HN_TEXT(".txt")))
            continue;
        code = add_list(lists, hn_text_sub(name, 0, name.len - 4), path);
    }
    return code;
}

static int lists_load(
        struct lists *lists, const struct rules_options *options, struct file_list *files)
{
    int code = EXIT_FINE;
    size_t at = 0;

    for (size_t i = 0; code == EXIT_FINE && i < options->list_count; i++) {
        const char *equals = strchr(options->lists[i], '=');

        if (equals != NULL) {
            code = add_list(lists,
                    hn_text_of(options->lists[i], (size_t)(equals - options->lists[i])),
                    equals + 1);
        } else {
            code = add_list_folder(lists, options->lists[i], files);
        }
    }
    for (size_t i = 0; i < lists->items.count; i++) {
        lists->items.ptr[i].values.ptr = lists->values.ptr + at;
        at += lists->items.ptr[i].values.count;
    }
    for (size_t i = 0; code == EXIT_FINE && i < options->value_count; i++) {
        struct sigma_list *list = hn_vec_add(&lists->items);

        if (list == NULL)
            return EXIT_IO;
        *list = options->values[i];
    }
    return code;
}

static void lists_deinit(struct lists *lists)
{
    for (size_t i = 0; i < lists->texts.count; i++)
        file_text_free(&lists->texts.ptr[i]);
    hn_vec_deinit(&lists->texts);
    hn_vec_deinit(&lists->items);
    hn_vec_deinit(&lists->values);
}

/* ---- Cache ---- */

/* $XDG_CACHE_HOME/hinomi/rules-<digest>.bin; empty when there is no home. */
static void cache_path(struct hn_digest digest, char *out, size_t room)
{
    char hex[HN_DIGEST_HEX_LEN];
    char dir[4096];

    hn_digest_hex(digest, hex);
    out[0] = '\0';
    if (files_cache_dir(dir, sizeof dir))
        (void)snprintf(out, room, "%s/rules-%.*s.bin", dir, (int)sizeof hex, hex);
}

static bool restore_cache(struct sigma_loader *loader, const char *path)
{
    struct file_text file = { 0 };
    bool restored = path[0] != '\0' && file_read(path, &file, NULL) == HN_OK &&
                    sigma_loader_restore(loader, hn_text_as_bytes(file.text), NULL) == HN_OK;

    file_text_free(&file);
    return restored;
}

/* A cache that cannot be written is no failure: the next start is slower, that is all. */
static void save_cache(const struct sigma_loader *loader, const char *path)
{
    struct hn_buf bytes = { 0 };

    if (path[0] != '\0' && sigma_loader_save(loader, &bytes) == HN_OK &&
            file_write_atomic(path, hn_buf_text(&bytes), NULL) != HN_OK) {
        ui_warn(UI_TEXT("the cache of parsed rules cannot be written: %s",
                        "ルールのキャッシュを書けません: %s"),
                path);
    }
    hn_buf_deinit(&bytes);
}

/* ---- Rules ---- */

struct rule_files {
    struct file_list paths;
    HN_VEC(struct file_text) texts; /* by path; empty where reading failed */
    struct hn_digest digest;
};

static int read_files(struct rule_files *files)
{
    int code = EXIT_FINE;

    files->digest = hn_digest_of(HN_VERSION, sizeof HN_VERSION);
    for (size_t i = 0; i < files->paths.count; i++) {
        const char *path = files->paths.ptr[i];
        struct file_text *file = hn_vec_add(&files->texts);
        struct hn_err err = { 0 };

        if (file == NULL)
            return EXIT_IO;
        if (file_read(path, file, &err) != HN_OK) {
            ui_error_at(hn_text_cstr(path), &err);
            code = EXIT_IO;
        }
        files->digest = hn_digest_join(files->digest, hn_digest_of(path, strlen(path)));
        files->digest = hn_digest_join(files->digest, hn_digest_of(file->text.ptr, file->text.len));
    }
    return code;
}

static int find_rule_files(const struct rules_options *options, struct rule_files *files)
{
    char shipped[4200];
    const char *shipped_path = shipped;
    const char *const *paths = options->paths;
    size_t count = options->path_count;

    if (count == 0) {
        (void)snprintf(shipped, sizeof shipped, "%s/rules", data_dir());
        paths = &shipped_path;
        count = 1;
    }
    for (size_t i = 0; i < count; i++) {
        struct hn_err err = { 0 };

        if (files_find(paths[i], rules_skip_folder, rules_is_file, &files->paths, &err) != HN_OK) {
            ui_error_at(hn_text_cstr(paths[i]), &err);
            return EXIT_IO;
        }
    }
    return read_files(files);
}

static void rule_files_deinit(struct rule_files *files)
{
    for (size_t i = 0; i < files->texts.count; i++)
        file_text_free(&files->texts.ptr[i]);
    hn_vec_deinit(&files->texts);
    file_list_deinit(&files->paths);
}

static int parse_rules(struct sigma_loader *loader, const struct rule_files *files)
{
    for (size_t i = 0; i < files->texts.count; i++) {
        struct hn_err err = { 0 };

        if (files->texts.ptr[i].text.ptr != NULL &&
                sigma_loader_add_text(loader, hn_text_cstr(files->paths.ptr[i]),
                        files->texts.ptr[i].text, &err) != HN_OK) {
            ui_error_at(hn_text_cstr(files->paths.ptr[i]), &err);
            return EXIT_IO;
        }
    }
    return EXIT_FINE;
}

static int add_pipelines(struct sigma_loader *loader, const struct rules_options *options)
{
    for (size_t i = 0; i < options->pipeline_count; i++) {
        struct file_text file = { 0 };
        struct hn_err err = { 0 };
        enum hn_status status = file_read(options->pipelines[i], &file, &err);

        if (status == HN_OK)
            status = sigma_loader_add_pipeline(
                    loader, hn_text_cstr(options->pipelines[i]), file.text, &err);
        file_text_free(&file);
        if (status != HN_OK) {
            ui_error_at(hn_text_cstr(options->pipelines[i]), &err);
            return status == HN_IO ? EXIT_IO : EXIT_RULES;
        }
    }
    return EXIT_FINE;
}

static int load(const struct rules_options *options, const struct lists *lists,
        struct rule_files *files, struct sigma_set **ret_set, struct rules_stats *stats)
{
    struct sigma_options sigma = { .lists = lists->items.ptr,
        .list_count = (uint32_t)lists->items.count };
    struct sigma_loader *loader = sigma_loader_new(&sigma);
    struct hn_err err = { 0 };
    char cache[4200] = "";
    int code;

    if (loader == NULL) {
        ui_error("%s", UI_TEXT("out of memory", "メモリー不足"));
        return EXIT_IO;
    }
    code = find_rule_files(options, files);
    if (code == EXIT_FINE && !options->no_cache)
        cache_path(files->digest, cache, sizeof cache);
    stats->from_cache = code == EXIT_FINE && restore_cache(loader, cache);
    if (code == EXIT_FINE && !stats->from_cache) {
        code = parse_rules(loader, files);
        if (code == EXIT_FINE)
            save_cache(loader, cache);
    }
    if (code == EXIT_FINE)
        code = add_pipelines(loader, options);
    if (code == EXIT_FINE && sigma_loader_finish(loader, ret_set, &err) != HN_OK) {
        ui_error_at(HN_TEXT("rules"), &err);
        code = EXIT_RULES;
    }
    stats->files = files->paths.count;
    sigma_loader_free(loader);
    return code;
}

static double seconds_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int rules_load(const struct rules_options *options, struct sigma_set **ret_set,
        struct rules_stats *ret_stats)
{
    double start = seconds_now();
    struct lists lists = { 0 };
    struct rule_files files = { 0 };
    struct file_list list_files = { 0 };
    int code = lists_load(&lists, options, &list_files);

    memset(ret_stats, 0, sizeof *ret_stats);
    if (code == EXIT_FINE)
        code = load(options, &lists, &files, ret_set, ret_stats);
    rule_files_deinit(&files);
    lists_deinit(&lists);
    file_list_deinit(&list_files);
    ret_stats->seconds = seconds_now() - start;
    return code;
}
