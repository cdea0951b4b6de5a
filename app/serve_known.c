/* serve_known.c - finds and opens what samples of the server are held against. */
#include "app/serve_known.h"

#include "app/analyze_known.h"
#include "app/files.h"
#include "app/serve_sources.h"

#include <time.h>

/* ---- YARA rules ---- */

static void on_broken(void *ctx, const struct yarascan_problem *problem)
{
    struct hn_buf *told = ctx;

    hn_buf_addf(told, "%s:%u: %s\n", problem->path, (unsigned)problem->line, problem->message);
}

/* What cannot be found is told, and left out like what cannot be compiled. */
static void find_rules(
        const struct config_texts *paths, struct file_list *files, struct hn_buf *told)
{
    for (uint32_t i = 0; i < paths->count; i++) {
        struct hn_err err = { 0 };

        if (files_find(paths->ptr[i].ptr, analyze_known_is_hidden, analyze_known_is_yara, files,
                    &err) != HN_OK)
            hn_buf_addf(told, "%s: %s\n", paths->ptr[i].ptr, err.msg);
    }
}

enum hn_status serve_known_yara(
        void *ctx, struct yarascan_rules **ret_rules, struct hn_buf *told, struct hn_err *err)
{
    const struct config *config = ctx;
    struct hn_buf broken = { 0 };
    struct file_list files = { 0 };
    enum hn_status status;

    find_rules(&config->samples.yara, &files, &broken);
    status = yarascan_compile(
            (const char *const *)files.ptr, files.count, on_broken, &broken, ret_rules, err);
    if (status == HN_OK) {
        hn_buf_addf(
                told, "%u\n", *ret_rules == NULL ? 0 : (unsigned)yarascan_rules_count(*ret_rules));
        hn_buf_add_text(told, hn_buf_text(&broken));
    }
    file_list_deinit(&files);
    hn_buf_deinit(&broken);
    return status;
}

/* ---- The rest ---- */

struct opening {
    const struct serve_known_wish *wish;
    const char *clamd;
    unsigned problems; /* of files; a daemon that is away may come back */
};

static void on_problem(void *ctx, const char *what, const struct hn_err *err)
{
    struct opening *opening = ctx;

    opening->problems += what != opening->clamd;
    opening->wish->on_problem(
            opening->wish->ctx, what, err->msg[0] != '\0' ? err->msg : hn_status_text(err->status));
}

/* The first of them; the count is lowered to what there is room for, which is more than
 * known_open() takes. */
#define PATHS_MAX (KNOWN_LISTS_MAX + 1)
static size_t paths_of(const struct config_texts *texts, const char *ret_paths[PATHS_MAX])
{
    size_t count = texts->count < PATHS_MAX ? texts->count : PATHS_MAX;

    for (size_t i = 0; i < count; i++)
        ret_paths[i] = texts->ptr[i].ptr;
    return count;
}

static const char *text_or_null(struct hn_text text)
{
    return text.len > 0 ? text.ptr : NULL; /* texts of the configuration end with NUL */
}

static bool is_anything(const struct config_samples *samples)
{
    return samples->known_good.count + samples->known_bad.count + samples->vt.count > 0 ||
           samples->clamd.len > 0 || samples->vt_key.len > 0;
}

static void find_reports(
        const struct config_texts *paths, struct file_list *files, struct opening *opening)
{
    for (uint32_t i = 0; i < paths->count; i++) {
        struct hn_err err = { 0 };

        if (files_find(paths->ptr[i].ptr, analyze_known_is_hidden, analyze_known_is_report, files,
                    &err) != HN_OK)
            on_problem(opening, paths->ptr[i].ptr, &err);
    }
}

enum hn_status serve_known_files(void *ctx, const struct serve_known_wish *wish,
        struct known **ret_known, struct hn_err *err)
{
    const struct config_samples *samples = &((const struct config *)ctx)->samples;
    struct opening opening = { .wish = wish, .clamd = text_or_null(samples->clamd) };
    const char *good[PATHS_MAX];
    const char *bad[PATHS_MAX];
    struct file_list reports = { 0 };
    struct known_options options = { .good = good,
        .good_count = paths_of(&samples->known_good, good),
        .bad = bad,
        .bad_count = paths_of(&samples->known_bad, bad),
        .cache_dir = wish->cache_dir,
        .clamd = opening.clamd,
        .key = text_or_null(samples->vt_key),
        .service_url = text_or_null(samples->vt_url),
        .now = (hn_time)time(NULL) * HN_SECOND,
        .on_problem = on_problem,
        .ctx = &opening };
    enum hn_status status;

    if (!is_anything(samples))
        return HN_OK;
    find_reports(&samples->vt, &reports, &opening);
    options.reports = (const char *const *)reports.ptr;
    options.report_count = reports.count;
    status = known_open(&options, ret_known, err);
    file_list_deinit(&reports);
    if (status == HN_OK && wish->strict && opening.problems > 0) {
        known_close(*ret_known);
        *ret_known = NULL;
        return hn_fail(err, HN_SYNTAX, 0,
                "%u lists or files of results cannot be used; the warnings before say why",
                opening.problems);
    }
    return status;
}

/* ---- Have they changed? ---- */

static struct hn_digest add_paths(
        struct hn_digest digest, const struct config_texts *paths, bool (*want)(const char *name))
{
    struct file_list files = { 0 };

    for (uint32_t i = 0; i < paths->count; i++) {
        if (files_find(paths->ptr[i].ptr, analyze_known_is_hidden, want, &files, NULL) != HN_OK)
            digest = hn_digest_join(digest, hn_digest_of("missing", 7));
    }
    for (size_t i = 0; i < files.count; i++)
        digest = serve_sources_add_stamp(digest, files.ptr[i]);
    file_list_deinit(&files);
    return digest;
}

struct hn_digest serve_known_yara_stamp(void *ctx)
{
    const struct config_samples *samples = &((const struct config *)ctx)->samples;

    return add_paths(hn_digest_of("", 0), &samples->yara, analyze_known_is_yara);
}

struct hn_digest serve_known_files_stamp(void *ctx)
{
    const struct config_samples *samples = &((const struct config *)ctx)->samples;
    struct hn_digest digest = hn_digest_of("", 0);

    digest = add_paths(digest, &samples->known_good, NULL);
    digest = add_paths(digest, &samples->known_bad, NULL);
    digest = add_paths(digest, &samples->vt, analyze_known_is_report);
    return samples->vt_key.len > 0 ? serve_sources_add_stamp(digest, samples->vt_key.ptr) : digest;
}
