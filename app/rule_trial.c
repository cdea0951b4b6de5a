/* rule_trial.c - tests beside rules: found in the set, run, and explained where they fail. */
#include "app/rule_trial.h"

#include "app/explain_show.h"
#include "app/ui.h"

#define WHY_INDENT 5

/* ---- Why ---- */

void nearest_event_look(void *ctx, const struct trial_event *event)
{
    struct nearest_event *nearest = ctx;
    struct explain_view view = { .explanation = &nearest->explanation,
        .event = event->event,
        .file = nearest->file,
        .number = event->number,
        .reasons_only = true,
        .indent = WHY_INDENT };
    struct explain_rank rank;

    if (explain(&nearest->explanation, nearest->rule, event->event) != HN_OK)
        return;
    rank = explain_rank(&nearest->explanation);
    if (nearest->found && explain_rank_compare(rank, nearest->rank) <= 0)
        return;
    nearest->found = true;
    nearest->rank = rank;
    hn_buf_reset(&nearest->text);
    hn_buf_reset(&nearest->json);
    explain_show(&view, &nearest->text);
    explain_show_json(&view, &nearest->json);
}

void nearest_event_deinit(struct nearest_event *nearest)
{
    explanation_deinit(&nearest->explanation);
    hn_buf_deinit(&nearest->text);
    hn_buf_deinit(&nearest->json);
}

/* Whether engine and interpreter say the same about a rule, event by event. */
struct second_opinion {
    const struct sigma_rule *rule;
    uint32_t index;
    uint64_t differs; /* number of the first event on which they do not; 0: none */
};

static bool fired(const struct trial_event *event, uint32_t rule)
{
    for (uint32_t i = 0; i < event->fired_count; i++) {
        if (event->fired[i] == rule)
            return true;
    }
    return false;
}

static void ask_interpreter(void *ctx, const struct trial_event *event)
{
    struct second_opinion *opinion = ctx;

    if (opinion->differs == 0 &&
            match_interpret(opinion->rule, event->event, NULL) != fired(event, opinion->index))
        opinion->differs = event->number;
}

/* ---- Finding what a test is about ---- */

struct subject {
    bool found;
    bool is_correlation;
    uint32_t index;
};

static bool is_document(const struct sigma_meta *meta, const struct suite_sheet *sheet)
{
    return meta->place.line == sheet->sheet.line &&
           hn_text_eq(meta->place.file, hn_text_cstr(sheet->path)) &&
           hn_text_eq(meta->id, sheet->sheet.id);
}

static struct subject find_subject(const struct sigma_set *set, const struct suite_sheet *sheet)
{
    for (uint32_t i = 0; i < set->rule_count; i++) {
        if (is_document(&set->rules[i].meta, sheet))
            return (struct subject){ true, false, i };
    }
    for (uint32_t i = 0; i < set->correlation_count; i++) {
        if (is_document(&set->correlations[i].meta, sheet))
            return (struct subject){ true, true, i };
    }
    return (struct subject){ .found = false };
}

/* ---- One test ---- */

struct judge {
    struct trial *trial;
    const struct suite_sheet *sheet;
    const struct trial_case *test;
    struct subject subject;
    struct test_report *report;
    struct hn_buf why;
    struct hn_buf why_json;
};

static void add_result(struct judge *judge, bool passed, const char *expected, const char *got)
{
    const struct suite_sheet *sheet = judge->sheet;
    struct test_result result = { .passed = passed,
        .path = sheet->path,
        .line = judge->test == NULL ? sheet->sheet.line : judge->test->line,
        .rule = sheet->sheet.title.len > 0 ? sheet->sheet.title : sheet->sheet.id,
        .id = sheet->sheet.id,
        .name = judge->test == NULL ? hn_text_cstr(UI_TEXT("all tests", "すべてのテスト"))
                                    : judge->test->name,
        .expected = hn_text_cstr(expected),
        .got = hn_text_cstr(got),
        .why = hn_buf_text(&judge->why),
        .why_json = hn_buf_text(&judge->why_json) };

    test_report_add(judge->report, &result);
    hn_buf_reset(&judge->why);
    hn_buf_reset(&judge->why_json);
}

static const char *fires_text(bool fires)
{
    return fires ? UI_TEXT("fires", "発火する") : UI_TEXT("does not fire", "発火しない");
}

/* The event of the test that came nearest to a rule. */
static enum hn_status explain_rule(struct judge *judge, uint32_t rule)
{
    struct nearest_event nearest = { .rule = &trial_set(judge->trial)->rules[rule] };
    enum hn_status status =
            trial_run(judge->trial, judge->test, nearest_event_look, &nearest, NULL);

    hn_buf_add_text(&judge->why, hn_buf_text(&nearest.text));
    if (judge->why_json.len == 0)
        hn_buf_add_text(&judge->why_json, hn_buf_text(&nearest.json));
    nearest_event_deinit(&nearest);
    return status;
}

static void why_line(struct judge *judge, const char *what, uint64_t count)
{
    hn_buf_add_repeat(&judge->why, ' ', WHY_INDENT);
    hn_buf_add_cstr(&judge->why, what);
    hn_buf_addf(&judge->why, ": %llu\n", (unsigned long long)count);
}

/* What the correlator counted that may be the reason. */
static void explain_stats(struct judge *judge, const struct correlate_stats *stats)
{
#define STAT_LINE(name, text) \
    if (stats->name > 0)      \
        why_line(judge, (text), stats->name);
    CORRELATE_STAT_LIST(STAT_LINE)
#undef STAT_LINE
}

static enum hn_status explain_correlation(struct judge *judge)
{
    const struct sigma_set *set = trial_set(judge->trial);
    const struct sigma_correlation *correlation = &set->correlations[judge->subject.index];
    const char *refusal = trial_refusal(judge->trial, judge->subject.index);
    struct correlate_stats stats = trial_correlate_stats(judge->trial);
    enum hn_status status = HN_OK;
    uint32_t silent = UINT32_MAX;

    if (refusal != NULL) {
        hn_buf_add_repeat(&judge->why, ' ', WHY_INDENT);
        hn_buf_addf(&judge->why, "%s\n", refusal);
    }
    for (uint32_t i = 0; i < correlation->ref_count; i++) {
        const struct sigma_ref *ref = &correlation->refs[i];
        uint64_t hits = ref->is_correlation ? trial_correlation_hits(judge->trial, ref->index)
                                            : trial_rule_hits(judge->trial, ref->index);

        hn_buf_add_repeat(&judge->why, ' ', WHY_INDENT);
        hn_buf_add_cstr(&judge->why, UI_TEXT("hits of ", "発火数 "));
        ui_add_cell(&judge->why, ref->name, 0);
        hn_buf_addf(&judge->why, ": %llu\n", (unsigned long long)hits);
        if (hits == 0 && !ref->is_correlation && silent == UINT32_MAX)
            silent = ref->index;
    }
    explain_stats(judge, &stats);
    if (silent != UINT32_MAX && judge->test->fires)
        status = explain_rule(judge, silent);
    return status;
}

static uint64_t subject_hits(const struct judge *judge)
{
    return judge->subject.is_correlation
                   ? trial_correlation_hits(judge->trial, judge->subject.index)
                   : trial_rule_hits(judge->trial, judge->subject.index);
}

/* Something else than whether it fires is wrong; false: nothing is. */
static bool judge_reading(struct judge *judge, const struct second_opinion *opinion)
{
    struct trial_counts counts = trial_counts(judge->trial);
    char got[160];

    if (counts.events == 0 || counts.undecodable > 0) {
        (void)snprintf(got, sizeof got,
                UI_TEXT("%llu events, and %llu places that could not be decoded",
                        "イベント %llu 件、解読できない箇所 %llu 件"),
                (unsigned long long)counts.events, (unsigned long long)counts.undecodable);
        add_result(judge, false, UI_TEXT("readable events", "読めるイベント"), got);
        return true;
    }
    if (opinion->differs > 0) {
        (void)snprintf(got, sizeof got,
                UI_TEXT("they differ on event %llu", "イベント %llu で食い違う"),
                (unsigned long long)opinion->differs);
        add_result(judge, false,
                UI_TEXT("engine and interpreter agree", "エンジンとインタープリターが一致"), got);
        return true;
    }
    return false;
}

static int run_case(struct judge *judge)
{
    const struct sigma_set *set = trial_set(judge->trial);
    struct second_opinion opinion = { .index = judge->subject.index };
    struct hn_err err = { 0 };
    enum hn_status status;
    bool did;

    if (!judge->subject.is_correlation)
        opinion.rule = &set->rules[judge->subject.index];
    status = trial_run(judge->trial, judge->test, opinion.rule == NULL ? NULL : ask_interpreter,
            &opinion, &err);
    if (status != HN_OK) {
        ui_error_at(hn_text_cstr(judge->sheet->path), &err);
        return EXIT_IO;
    }
    if (judge_reading(judge, &opinion))
        return EXIT_FINE;
    did = subject_hits(judge) > 0;
    if (did != judge->test->fires)
        status = judge->subject.is_correlation ? explain_correlation(judge)
                                               : explain_rule(judge, judge->subject.index);
    add_result(judge, did == judge->test->fires, fires_text(judge->test->fires), fires_text(did));
    return status == HN_OK ? EXIT_FINE : EXIT_IO;
}

/* ---- All tests of a document ---- */

/* Why the loader did not take the document. */
static void not_loaded(struct judge *judge)
{
    const struct sigma_set *set = trial_set(judge->trial);
    struct hn_buf reason = { 0 };

    for (uint32_t i = 0; i < set->issue_count; i++) {
        const struct sigma_issue *issue = &set->issues[i];

        if (issue->severity != SIGMA_REJECTED ||
                !hn_text_eq(issue->place.file, hn_text_cstr(judge->sheet->path)))
            continue;
        hn_buf_add_cstr(&reason, reason.len > 0 ? "; " : "");
        hn_buf_addf(&reason, "%u: ", (unsigned)issue->place.line);
        hn_buf_add_text(&reason, issue->message);
    }
    if (reason.len == 0)
        hn_buf_add_cstr(&reason, UI_TEXT("not among the rules", "ルールの中にない"));
    hn_buf_add_char(&reason, '\0');
    add_result(judge, false, UI_TEXT("the rule loads", "ルールが読み込める"),
            hn_buf_ok(&reason) ? reason.ptr : "");
    hn_buf_deinit(&reason);
}

static int run_sheet(struct judge *judge)
{
    const struct trial_sheet *sheet = &judge->sheet->sheet;
    int code = EXIT_FINE;

    judge->subject = find_subject(trial_set(judge->trial), judge->sheet);
    if (!judge->subject.found) {
        not_loaded(judge);
        return EXIT_FINE;
    }
    for (uint32_t i = 0; code == EXIT_FINE && i < sheet->case_count; i++) {
        judge->test = &sheet->cases[i];
        code = run_case(judge);
    }
    return code;
}

static int run_with_lists(struct judge *judge, const struct rules_options *rules)
{
    struct rules_options options = *rules;
    struct sigma_set *set = NULL;
    struct rules_stats stats;
    struct hn_err err = { 0 };
    int code;

    /* The tests' lists alone: what a site has in its own must not decide. */
    options.list_count = 0;
    options.values = judge->sheet->sheet.lists;
    options.value_count = judge->sheet->sheet.list_count;
    code = rules_load(&options, &set, &stats);
    if (code != EXIT_FINE)
        return code;
    if (trial_new(set, &judge->trial, &err) != HN_OK) {
        ui_error_at(hn_text_cstr(judge->sheet->path), &err);
        code = EXIT_RULES;
    } else {
        code = run_sheet(judge);
    }
    trial_free(judge->trial);
    sigma_set_unref(set);
    return code;
}

int rule_trial_sheet(struct trial *main, const struct rules_options *rules,
        const struct suite_sheet *sheet, struct test_report *report)
{
    struct judge judge = { .trial = main, .sheet = sheet, .report = report };
    int code = EXIT_FINE;

    if (sheet->err.status != HN_OK) {
        char got[260];

        (void)snprintf(got, sizeof got, "%u:%u: %s", (unsigned)sheet->err.line,
                (unsigned)sheet->err.column, sheet->err.msg);
        add_result(&judge, false, UI_TEXT("readable tests", "読めるテスト"), got);
    } else if (sheet->sheet.case_count > 0) {
        report->rules++;
        code = sheet->sheet.list_count > 0 ? run_with_lists(&judge, rules) : run_sheet(&judge);
    }
    hn_buf_deinit(&judge.why);
    hn_buf_deinit(&judge.why_json);
    return code;
}
