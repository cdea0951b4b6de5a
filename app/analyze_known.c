/* analyze_known.c - finds and opens what samples are held against. What is broken is told and left
 * out; when nothing is left of what was asked for, that is an error. */
#include "app/analyze_known.h"

#include "app/exit_code.h"
#include "app/files.h"
#include "app/ui.h"

#include <sys/stat.h>
#include <time.h>

#define SLOW_BYTES ((off_t)64 << 20) /* a list from this size on takes some time */

bool analyze_known_is_hidden(const char *name)
{
    return name[0] == '.';
}

bool analyze_known_is_yara(const char *name)
{
    struct hn_text text = hn_text_cstr(name);

    return hn_text_ends_nocase(text, HN_TEXT(".yar")) ||
           hn_text_ends_nocase(text, HN_TEXT(".yara")) ||
           hn_text_ends_nocase(text, HN_TEXT(".rule"));
}

bool analyze_known_is_report(const char *name)
{
    return hn_text_ends_nocase(hn_text_cstr(name), HN_TEXT(".json")) ||
           hn_text_ends_nocase(hn_text_cstr(name), HN_TEXT(".jsonl"));
}

static int find_all(const char *const *paths, size_t count, bool (*want)(const char *name),
        struct file_list *files)
{
    for (size_t i = 0; i < count; i++) {
        struct hn_err err = { 0 };

        if (files_find(paths[i], analyze_known_is_hidden, want, files, &err) != HN_OK) {
            ui_error_at(hn_text_cstr(paths[i]), &err);
            return EXIT_IO;
        }
    }
    return EXIT_FINE;
}

static void on_yara_problem(void *ctx, const struct yarascan_problem *problem)
{
    struct hn_err err = { 0 };
    size_t *broken = ctx;

    (*broken)++;
    (void)hn_fail_at(&err, HN_SYNTAX, problem->line, 0, "%.150s", problem->message);
    ui_error_at(hn_text_cstr(problem->path), &err);
}

int analyze_known_yara(
        const struct analyze_known_options *options, struct yarascan_rules **ret_rules)
{
    struct file_list files = { 0 };
    struct hn_err err = { 0 };
    size_t broken = 0;
    int code = find_all(options->yara, options->yara_count, analyze_known_is_yara, &files);

    if (code == EXIT_FINE && options->yara_count > 0) {
        if (yarascan_compile((const char *const *)files.ptr, files.count, on_yara_problem, &broken,
                    ret_rules, &err) != HN_OK) {
            ui_error_at(HN_TEXT("--yara"), &err);
            code = EXIT_RULES;
        } else if (*ret_rules == NULL) {
            ui_error("%s",
                    UI_TEXT("--yara: no rule could be loaded", "--yara: 使えるルールがありません"));
            code = EXIT_RULES;
        } else if (broken > 0) {
            ui_warn(UI_TEXT("--yara: %zu of %zu files are left out",
                            "--yara: %zu / %zu ファイルを除外しました"),
                    broken, files.count);
        }
    }
    file_list_deinit(&files);
    return code;
}

struct opening {
    const struct analyze_known_options *options;
    bool failed;
};

/* A list that is named and missing is a mistake of the command line; a report or a daemon less is
 * told and noted. */
static void on_problem(void *ctx, const char *what, const struct hn_err *err)
{
    struct opening *opening = ctx;
    const struct analyze_known_options *options = opening->options;

    for (size_t i = 0; i < options->good_count; i++)
        opening->failed = opening->failed || what == options->good[i];
    for (size_t i = 0; i < options->bad_count; i++)
        opening->failed = opening->failed || what == options->bad[i];
    ui_error_at(hn_text_cstr(what), err);
}

/* Compiling a list of many millions is worth a word. */
static void say_slow(const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct stat state;

        if (stat(paths[i], &state) == 0 && state.st_size > SLOW_BYTES) {
            ui_warn(UI_TEXT("%s: sorted once, kept in the cache; this takes a while the first time",
                            "%s: 初回のみ並べ替えてキャッシュに保存します(時間がかかります)"),
                    paths[i]);
        }
    }
}

int analyze_known_open(const struct analyze_known_options *options, struct known **ret_known)
{
    struct known_options known = { .good = options->good,
        .good_count = options->good_count,
        .bad = options->bad,
        .bad_count = options->bad_count,
        .clamd = options->clamd,
        .key = options->key,
        .service_url = options->url,
        .now = (hn_time)time(NULL) * HN_SECOND,
        .on_problem = on_problem };
    struct file_list files = { 0 };
    char cache[4096];
    struct opening opening = { .options = options };
    struct hn_err err = { 0 };
    int code;

    if (options->good_count + options->bad_count + options->report_count == 0 &&
            options->clamd == NULL && options->key == NULL)
        return EXIT_FINE;
    code = find_all(options->reports, options->report_count, analyze_known_is_report, &files);
    known.reports = (const char *const *)files.ptr;
    known.report_count = files.count;
    known.ctx = &opening;
    if (!options->no_cache && files_cache_dir(cache, sizeof cache)) {
        known.cache_dir = cache;
        say_slow(options->good, options->good_count);
        say_slow(options->bad, options->bad_count);
    }
    if (code == EXIT_FINE && known_open(&known, ret_known, &err) != HN_OK) {
        ui_error_at(HN_TEXT("analyze"), &err);
        code = err.status == HN_SYNTAX ? EXIT_USAGE : EXIT_IO;
    } else if (code == EXIT_FINE && opening.failed) {
        code = EXIT_IO;
    }
    file_list_deinit(&files);
    return code;
}
