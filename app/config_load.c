/* config_load.c - finds the files of the configuration and says what is wrong with them. */
#include "app/config_load.h"

#include "app/exit_code.h"
#include "app/files.h"
#include "app/ui.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static void on_problem(void *ctx, const struct config_problem *problem)
{
    struct hn_err err = { .line = problem->line, .column = problem->column };

    (void)ctx;
    (void)snprintf(err.msg, sizeof err.msg, "%.*s", (int)sizeof err.msg - 1, problem->message);
    ui_error_at(problem->file.len > 0 ? problem->file : HN_TEXT("configuration"), &err);
}

static int read_one(struct config *config, const char *path)
{
    struct file_text file = { 0 };
    struct hn_err err = { 0 };
    enum hn_status status = file_read(path, &file, &err);

    if (status != HN_OK) {
        ui_error_at(hn_text_cstr(path), &err);
        return EXIT_IO;
    }
    status = config_read(config, hn_text_cstr(path), file.text, on_problem, NULL);
    file_text_free(&file);
    return status == HN_OK ? EXIT_FINE : status == HN_NOMEM ? EXIT_IO : EXIT_USAGE;
}

static bool is_yaml(const char *name)
{
    return name[0] != '.' && hn_text_ends(hn_text_cstr(name), HN_TEXT(".yaml"));
}

/* The files beside path, in conf.d. */
static int read_more(struct config *config, const char *path, uint32_t *files)
{
    const char *slash = strrchr(path, '/');
    struct file_list list = { 0 };
    struct hn_err err = { 0 };
    char folder[4096];
    int code = EXIT_FINE;
    int len = snprintf(
            folder, sizeof folder, "%.*sconf.d", slash == NULL ? 0 : (int)(slash - path + 1), path);

    if (len < 0 || (size_t)len >= sizeof folder || access(folder, F_OK) != 0)
        return EXIT_FINE;
    if (files_find(folder, NULL, is_yaml, &list, &err) != HN_OK) {
        ui_error_at(hn_text_cstr(folder), &err);
        return EXIT_IO;
    }
    for (size_t i = 0; i < list.count; i++) {
        int one = read_one(config, list.ptr[i]);

        *files += 1;
        code = code == EXIT_FINE ? one : code; /* all mistakes are told at once */
    }
    file_list_deinit(&list);
    return code;
}

/* The environment, and what only the whole can tell. */
static int finish(const struct config *config)
{
    enum hn_status status = config_check(config, on_problem, NULL);

    return status == HN_OK ? EXIT_FINE : EXIT_USAGE;
}

int config_load(const char *path, struct config **ret_config, uint32_t *ret_files)
{
    struct config *config = NULL;
    uint32_t files = 0;
    int code = EXIT_FINE;

    if (config_new(&config) != HN_OK) {
        ui_error("%s", UI_TEXT("out of memory", "メモリー不足"));
        return EXIT_IO;
    }
    if (path != NULL || access(CONFIG_FILE_DEFAULT, F_OK) == 0) {
        const char *file = path == NULL ? CONFIG_FILE_DEFAULT : path;
        int more;

        files = 1;
        code = read_one(config, file);
        more = read_more(config, file, &files);
        code = code == EXIT_FINE ? more : code;
    }
    if (config_environment(config, (const char *const *)environ, on_problem, NULL) != HN_OK &&
            code == EXIT_FINE)
        code = EXIT_USAGE;
    if (code == EXIT_FINE)
        code = finish(config);
    if (code == EXIT_FINE)
        *ret_config = config;
    else
        config_free(config);
    if (ret_files != NULL)
        *ret_files = files;
    return code;
}
