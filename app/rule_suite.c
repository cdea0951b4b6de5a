/* rule_suite.c - reads every YAML file below a path and sorts what it holds. */
#include "app/rule_suite.h"

#include "app/exit_code.h"
#include "app/ui.h"
#include "base/yaml.h"

#define SUITE_BYTES_MAX ((size_t)1 << 30)

/* What rules_load() skips, except the folder of regression cases. */
static bool skip_folder(const char *name)
{
    static const char *const names[] = { "unsupported", "deprecated", "tests", "documentation",
        "images", "other", "tools" };

    if (name[0] == '.')
        return true;
    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static bool is_yaml(const char *name)
{
    struct hn_text text = hn_text_cstr(name);

    return hn_text_ends_nocase(text, HN_TEXT(".yml")) ||
           hn_text_ends_nocase(text, HN_TEXT(".yaml"));
}

static bool out_of_memory(void)
{
    ui_error("%s", UI_TEXT("out of memory", "メモリー不足"));
    return false;
}

static bool add_sheet(struct rule_suite *suite, const char *path, struct hn_yaml_ref root)
{
    struct suite_sheet *sheet = hn_vec_add(&suite->sheets);

    if (sheet == NULL)
        return out_of_memory();
    sheet->path = path;
    if (trial_sheet_read(&suite->arena, root, &sheet->sheet, &sheet->err) == HN_NOMEM)
        return out_of_memory();
    return true;
}

static bool add_regression(
        struct rule_suite *suite, const char *path, struct hn_yaml_ref root, bool *ret_is_one)
{
    struct suite_regression one = { .path = path };
    enum hn_status status = trial_regression_read(&suite->arena, root, &one.regression, &one.err);
    struct suite_regression *slot;

    *ret_is_one = status != HN_NOTFOUND;
    if (status == HN_NOTFOUND)
        return true;
    slot = status == HN_NOMEM ? NULL : hn_vec_add(&suite->regressions);
    if (slot == NULL)
        return out_of_memory();
    *slot = one;
    return true;
}

/* A document without these keys may still say how others are read (action: global). */
static bool is_rule(struct hn_yaml_ref root)
{
    return hn_yaml_get(root, HN_TEXT("detection")).yaml != NULL ||
           hn_yaml_get(root, HN_TEXT("correlation")).yaml != NULL ||
           hn_yaml_get(root, HN_TEXT("filter")).yaml != NULL ||
           hn_yaml_get(root, HN_TEXT("action")).yaml != NULL;
}

static bool add_file(struct rule_suite *suite, const char *path, struct hn_text text)
{
    struct hn_yaml *yaml = hn_new(&suite->arena, struct hn_yaml, 1);
    bool has_rules = false;

    if (yaml == NULL || hn_yaml_parse(&suite->arena, text, NULL, yaml, NULL) != HN_OK)
        return out_of_memory();
    for (uint32_t i = 0; i < yaml->document_count; i++) {
        struct hn_yaml_ref root = hn_yaml_root(yaml, i);
        bool is_regression;

        if (!add_regression(suite, path, root, &is_regression))
            return false;
        if (is_regression || !is_rule(root))
            continue;
        has_rules = true;
        if (!add_sheet(suite, path, root))
            return false;
    }
    /* A damaged file is for the rule loader to complain about. */
    if (has_rules || yaml->problem_count > 0) {
        const char **slot = hn_vec_add(&suite->rule_paths);

        if (slot == NULL)
            return out_of_memory();
        *slot = path;
    }
    return true;
}

int rule_suite_add(struct rule_suite *suite, const char *path)
{
    size_t first = suite->files.count;
    struct hn_err err = { 0 };

    if (suite->arena.cap_bytes == 0)
        hn_arena_init(&suite->arena, SUITE_BYTES_MAX);
    if (files_find(path, skip_folder, is_yaml, &suite->files, &err) != HN_OK) {
        ui_error_at(hn_text_cstr(path), &err);
        return EXIT_IO;
    }
    for (size_t i = first; i < suite->files.count; i++) {
        struct file_text *file = hn_vec_add(&suite->texts);

        if (file == NULL)
            return EXIT_IO;
        if (file_read(suite->files.ptr[i], file, &err) != HN_OK) {
            ui_error_at(hn_text_cstr(suite->files.ptr[i]), &err);
            return EXIT_IO;
        }
        if (!add_file(suite, suite->files.ptr[i], file->text))
            return EXIT_IO;
    }
    return EXIT_FINE;
}

void rule_suite_deinit(struct rule_suite *suite)
{
    for (size_t i = 0; i < suite->texts.count; i++)
        file_text_free(&suite->texts.ptr[i]);
    hn_vec_deinit(&suite->texts);
    hn_vec_deinit(&suite->rule_paths);
    hn_vec_deinit(&suite->sheets);
    hn_vec_deinit(&suite->regressions);
    hn_arena_deinit(&suite->arena);
    file_list_deinit(&suite->files);
}
