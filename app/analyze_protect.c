/* analyze_protect.c - the report, indicators and rules of one analysed sample as files. */
#include "app/analyze_protect.h"

#include "app/exit_code.h"
#include "app/files.h"
#include "app/rules_load.h"
#include "app/ui.h"
#include "report/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATH_ROOM    4300
#define DIGEST_SHOWN 12

/* One sample being written. */
struct exporting {
    const struct analyze_exports *exports;
    const struct analyze_result *result;
    struct hn_arena arena;
    struct report_result told;
    struct protect_case about;
    struct protect_rules rules;
    bool has_rules;
};

bool analyze_exports_any(const struct analyze_exports *exports)
{
    return exports->report != NULL || exports->iocs != NULL || exports->stix != NULL ||
           exports->misp != NULL || exports->rules != NULL;
}

/* ---- The case ---- */

static void fill_case(struct exporting *x)
{
    x->told = (struct report_result){ .name = hn_text_cstr(x->result->path),
        .version = HN_TEXT(HN_VERSION),
        .made = (hn_time)time(NULL) * HN_SECOND,
        .sample = &x->result->sample,
        .verdict = &x->result->verdict,
        .indicators = &x->result->indicators,
        .sightings = x->result->sightings };
    report_result_case(&x->told, ui.japanese, &x->arena, &x->about);
}

/* ---- Files ---- */

static struct hn_text digest_of(const struct exporting *x)
{
    const struct dissect_fact *fact = dissect_get(x->about.tree, 0)->facts;

    while (fact != NULL && strcmp(fact->name, "sha256") != 0)
        fact = fact->next;
    return fact == NULL ? HN_TEXT("sample") : fact->value;
}

/* "r.html" for one sample, "r-1a2b3c4d5e6f.html" for each of several. */
static void name_file(const struct exporting *x, const char *path, char out[PATH_ROOM])
{
    const char *dot = strrchr(path, '.');
    size_t stem = dot == NULL || strchr(dot, '/') != NULL ? strlen(path) : (size_t)(dot - path);
    struct hn_text digest = hn_text_sub(digest_of(x), 0, DIGEST_SHOWN);

    if (!x->exports->several)
        (void)snprintf(out, PATH_ROOM, "%s", path);
    else
        (void)snprintf(
                out, PATH_ROOM, "%.*s-%.*s%s", (int)stem, path, HN_TEXT_ARG(digest), path + stem);
}

static int write_file(const struct exporting *x, const char *path, struct hn_buf *text)
{
    struct hn_err err = { 0 };
    char name[PATH_ROOM];
    enum hn_status status = hn_buf_ok(text) ? HN_OK : hn_fail(&err, text->status, 0, "no memory");

    name_file(x, path, name);
    if (status == HN_OK)
        status = file_write_atomic(name, hn_buf_text(text), &err);
    if (status != HN_OK)
        ui_error_at(hn_text_cstr(name), &err);
    hn_buf_deinit(text);
    return status == HN_OK ? EXIT_FINE : EXIT_IO;
}

static int write_form(const struct exporting *x, const char *path,
        void (*write)(const struct protect_case *about, struct hn_buf *out))
{
    struct hn_buf text = { 0 };

    if (path == NULL)
        return EXIT_FINE;
    write(&x->about, &text);
    return write_file(x, path, &text);
}

/* ---- Rules ---- */

static int try_rules(struct exporting *x)
{
    const char *const *paths = x->exports->goodware;
    size_t count = x->exports->goodware_count;
    char shipped[2][PATH_ROOM];
    const char *shipped_paths[1];
    struct hn_err err = { 0 };
    uint64_t events = 0;

    if (count == 0) {
        (void)snprintf(shipped[0], sizeof shipped[0], "%s/goodware", data_dir());
        (void)snprintf(shipped[1], sizeof shipped[1], "%s/examples/goodware", data_dir());
        shipped_paths[0] = access(shipped[0], R_OK) == 0 ? shipped[0] : shipped[1];
        paths = shipped_paths;
        count = 1;
    }
    if (protect_rules_try(&x->rules, paths, count, &events, &err) != HN_OK) {
        ui_error_at(hn_text_cstr(paths[0]), &err);
        return EXIT_IO;
    }
    if (events == 0) {
        ui_warn(UI_TEXT("%s: no harmless events to try the rules on",
                        "%s: ルールを試す正常ログがありません"),
                paths[0]);
    }
    return EXIT_FINE;
}

static void tell_held(const struct protect_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++) {
        const struct protect_rule *rule = &rules->rules[i];
        struct hn_buf text = { 0 };

        if (rule->held.len == 0)
            continue;
        ui_add_cell(&text, rule->file, 0);
        hn_buf_add_lit(&text, ": ");
        ui_add_cell(&text, rule->held, 0);
        ui_warn(UI_TEXT("rule held back: %.*s", "保留したルール: %.*s"),
                HN_TEXT_ARG(hn_buf_text(&text)));
        hn_buf_deinit(&text);
    }
}

static int write_rule(const char *folder, const struct protect_rule *rule)
{
    char path[PATH_ROOM];
    struct hn_err err = { 0 };

    (void)snprintf(path, sizeof path, "%s/%.*s", folder, HN_TEXT_ARG(rule->file));
    if (file_write_atomic(path, rule->yaml, &err) == HN_OK)
        return EXIT_FINE;
    ui_error_at(hn_text_cstr(path), &err);
    return EXIT_IO;
}

static int make_rules(struct exporting *x)
{
    struct hn_err err = { 0 };
    int code = EXIT_FINE;

    if (protect_rules_make(&x->about, x->exports->reserved, &x->rules) != HN_OK)
        return EXIT_IO;
    x->has_rules = true;
    if (protect_rules_check(&x->rules, &err) != HN_OK) {
        ui_error_at(HN_TEXT("rules"), &err);
        return EXIT_IO;
    }
    code = try_rules(x);
    for (size_t i = 0; code == EXIT_FINE && i < x->rules.count; i++) {
        if (x->rules.rules[i].held.len == 0)
            code = write_rule(x->exports->rules, &x->rules.rules[i]);
    }
    if (code == EXIT_FINE)
        tell_held(&x->rules);
    return code;
}

/* ---- Report ---- */

static int write_report(struct exporting *x)
{
    struct hn_buf page = { 0 };

    if (report_result_html(&x->told, ui.japanese, x->has_rules ? &x->rules : NULL, &page) !=
                    HN_OK &&
            hn_buf_ok(&page))
        page.status = HN_NOMEM;
    return write_file(x, x->exports->report, &page);
}

#define ARENA_BYTES_MAX ((size_t)256 << 20)

int analyze_exports_write(
        const struct analyze_exports *exports, const struct analyze_result *result)
{
    struct exporting x = { .exports = exports, .result = result };
    int code = EXIT_FINE;

    hn_arena_init(&x.arena, ARENA_BYTES_MAX);
    fill_case(&x);
    if (exports->rules != NULL)
        code = make_rules(&x);
    if (code == EXIT_FINE)
        code = write_form(&x, exports->iocs, protect_write_csv);
    if (code == EXIT_FINE)
        code = write_form(&x, exports->stix, protect_write_stix);
    if (code == EXIT_FINE)
        code = write_form(&x, exports->misp, protect_write_misp);
    if (code == EXIT_FINE && exports->report != NULL)
        code = write_report(&x);
    if (x.has_rules)
        protect_rules_deinit(&x.rules);
    hn_arena_deinit(&x.arena);
    return code;
}
