/* rule_regression.c - SigmaHQ's regression cases: the rule fires often enough on the recorded file
 * and on its JSON twin, and nothing fires on events of another log source. */
#include "app/rule_trial.h"

#include "app/explain_show.h"
#include "app/ui.h"

#include <unistd.h>

#define PATH_ROOM 4096u

struct regression {
    struct trial *trial;
    const struct suite_regression *one;
    const struct trial_regression_test *test;
    const char *file;
    struct test_report *report;
    /* The first event on which a rule of another log source fired. */
    uint64_t stray_number;
    uint32_t stray_rule;
    /* The first event on which engine and interpreter disagree about a rule that fired. */
    uint64_t differs_number;
    uint32_t differs_rule;
};

/* Paths in info.yml start at the root of the repository, which is some folder above. */
static bool find_file(const char *info, struct hn_text path, char *out)
{
    size_t len = strlen(info);

    while (len > 0) {
        while (len > 0 && info[len - 1] != '/')
            len--;
        if (len + path.len < PATH_ROOM) {
            memcpy(out, info, len);
            memcpy(out + len, path.ptr, path.len);
            out[len + path.len] = '\0';
            if (access(out, R_OK) == 0)
                return true;
        }
        if (len > 0)
            len--;
    }
    /* Taken out of its repository, the file lies beside its info.yml. */
    for (size_t i = path.len; i > 0; i--) {
        if (path.ptr[i - 1] == '/')
            return find_file(info, hn_text_sub(path, i, path.len), out);
    }
    return false;
}

static void add_result(struct regression *r, bool passed, struct hn_text rule_id,
        const char *expected, const char *got, const struct nearest_event *nearest)
{
    const struct sigma_set *set = trial_set(r->trial);
    struct hn_buf name = { 0 };
    struct test_result result = { .passed = passed,
        .path = r->one->path,
        .line = r->test == NULL ? 1 : r->test->line,
        .rule = rule_id,
        .id = rule_id,
        .expected = hn_text_cstr(expected),
        .got = hn_text_cstr(got) };

    for (uint32_t i = 0; i < set->rule_count; i++) {
        if (hn_text_eq(set->rules[i].meta.id, rule_id))
            result.rule = set->rules[i].meta.title;
    }
    if (r->test != NULL)
        hn_buf_add_text(&name, r->test->name);
    if (r->file != NULL)
        hn_buf_addf(&name, " (%s)", r->file);
    result.name = hn_buf_text(&name);
    if (nearest != NULL) {
        result.why = hn_buf_text(&nearest->text);
        result.why_json = hn_buf_text(&nearest->json);
    }
    test_report_add(r->report, &result);
    hn_buf_deinit(&name);
}

static void look_at_sources(void *ctx, const struct trial_event *event)
{
    struct regression *r = ctx;
    const struct sigma_set *set = trial_set(r->trial);

    for (uint32_t i = 0; i < event->fired_count; i++) {
        const struct sigma_rule *rule = &set->rules[event->fired[i]];

        if (r->stray_number == 0 && !hn_source_fits(&event->event->source, &rule->logsource)) {
            r->stray_number = event->number;
            r->stray_rule = event->fired[i];
        }
        if (r->differs_number == 0 && !match_interpret(rule, event->event, NULL)) {
            r->differs_number = event->number;
            r->differs_rule = event->fired[i];
        }
    }
}

static enum hn_status feed(struct regression *r, struct hn_bytes bytes, trial_on_event *on_event,
        void *ctx, struct hn_err *err)
{
    struct trial_input input = { .bytes = bytes, .at = HN_TIME_NONE };
    enum hn_status status = trial_reset(r->trial, on_event, ctx);

    input.format = decode_detect(bytes, hn_text_cstr(r->file));
    if (input.format == NULL)
        return hn_fail(err, HN_UNSUPPORTED, 0, "no log that is known");
    if (status == HN_OK)
        status = trial_feed(r->trial, &input, err);
    return status == HN_OK ? trial_finish(r->trial, HN_TIME_NONE) : status;
}

static bool find_rule(const struct sigma_set *set, struct hn_text id, uint32_t *ret_rule)
{
    for (uint32_t i = 0; i < set->rule_count; i++) {
        if (hn_text_eq_nocase(set->rules[i].meta.id, id)) {
            *ret_rule = i;
            return true;
        }
    }
    return false;
}

/* Did the rule fire often enough on what was fed last? */
static enum hn_status judge_rule(
        struct regression *r, struct hn_text id, struct hn_bytes bytes, struct hn_err *err)
{
    const struct sigma_set *set = trial_set(r->trial);
    struct nearest_event nearest = { .file = hn_text_cstr(r->file) };
    enum hn_status status = HN_OK;
    char expected[64];
    char got[64];
    uint32_t rule;

    (void)snprintf(expected, sizeof expected, UI_TEXT("at least %llu hits", "%llu 件以上の発火"),
            (unsigned long long)r->test->match_count);
    if (!find_rule(set, id, &rule)) {
        add_result(r, false, id, expected,
                UI_TEXT("the rule is not among those loaded", "ルールが読み込まれていない"), NULL);
        return HN_OK;
    }
    (void)snprintf(got, sizeof got, UI_TEXT("%llu hits", "%llu 件"),
            (unsigned long long)trial_rule_hits(r->trial, rule));
    if (trial_rule_hits(r->trial, rule) >= r->test->match_count) {
        add_result(r, true, id, expected, got, NULL);
        return HN_OK;
    }
    nearest.rule = &set->rules[rule];
    status = feed(r, bytes, nearest_event_look, &nearest, err);
    add_result(r, false, id, expected, got, &nearest);
    nearest_event_deinit(&nearest);
    return status;
}

static void judge_others(struct regression *r)
{
    const struct sigma_set *set = trial_set(r->trial);
    char got[64];

    if (r->stray_number > 0) {
        (void)snprintf(got, sizeof got, UI_TEXT("fires on event %llu", "イベント %llu で発火"),
                (unsigned long long)r->stray_number);
        add_result(r, false, set->rules[r->stray_rule].meta.id,
                UI_TEXT("no rule of another log source fires",
                        "他のログソースのルールが発火しない"),
                got, NULL);
    }
    if (r->differs_number > 0) {
        (void)snprintf(got, sizeof got,
                UI_TEXT("they differ on event %llu", "イベント %llu で食い違う"),
                (unsigned long long)r->differs_number);
        add_result(r, false, set->rules[r->differs_rule].meta.id,
                UI_TEXT("engine and interpreter agree", "エンジンとインタープリターが一致"), got,
                NULL);
    }
}

static int run_file(struct regression *r, const char *path)
{
    struct file_text file = { 0 };
    struct hn_err err = { 0 };
    enum hn_status status = file_read(path, &file, &err);
    struct hn_bytes bytes = hn_text_as_bytes(file.text);

    r->file = path;
    r->stray_number = 0;
    r->differs_number = 0;
    if (status == HN_OK)
        status = feed(r, bytes, look_at_sources, r, &err);
    for (uint32_t i = 0; status == HN_OK && i < r->one->regression.rule_ids.count; i++)
        status = judge_rule(r, r->one->regression.rule_ids.ptr[i], bytes, &err);
    if (status == HN_OK)
        judge_others(r);
    r->file = NULL;
    file_text_free(&file);
    if (status == HN_OK)
        return EXIT_FINE;
    ui_error_at(hn_text_cstr(path), &err);
    return EXIT_IO;
}

static int run_test(struct regression *r)
{
    char path[PATH_ROOM + 8];
    char *dot;
    int code;

    r->file = NULL;
    if (!find_file(r->one->path, r->test->path, path)) {
        add_result(r, false, HN_TEXT(""), UI_TEXT("its file", "対象のファイル"),
                UI_TEXT("the file is missing", "ファイルがない"), NULL);
        return EXIT_FINE;
    }
    code = run_file(r, path);
    dot = strrchr(path, '.');
    if (code != EXIT_FINE || dot == NULL || strcmp(dot, ".json") == 0)
        return code;
    memcpy(dot, ".json", sizeof ".json");
    return access(path, R_OK) == 0 ? run_file(r, path) : EXIT_FINE;
}

int rule_trial_regression(
        struct trial *main, const struct suite_regression *one, struct test_report *report)
{
    struct regression r = { .trial = main, .one = one, .report = report };
    uint32_t failed = report->failed;
    int code = EXIT_FINE;

    report->cases++;
    if (one->err.status != HN_OK) {
        char got[260];

        (void)snprintf(got, sizeof got, "%u:%u: %s", (unsigned)one->err.line,
                (unsigned)one->err.column, one->err.msg);
        add_result(&r, false, HN_TEXT(""), UI_TEXT("a readable info.yml", "読める info.yml"), got,
                NULL);
    }
    for (uint32_t i = 0;
            code == EXIT_FINE && one->err.status == HN_OK && i < one->regression.test_count; i++) {
        r.test = &one->regression.tests[i];
        code = run_test(&r);
    }
    report->cases_bad += report->failed > failed;
    return code;
}
