/* cmd_rules_test.c - hinomi rules test: the events that rules must and must not fire on. */
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/opt_shared.h"
#include "app/rule_options.h"
#include "app/rule_suite.h"
#include "app/rule_trial.h"
#include "app/test_report.h"
#include "app/ui.h"

#include "base/json_out.h"

enum { O_OUTPUT, O_MISSING, O_VERBOSE };

static const struct opt_spec options[] = {
    { O_RULE_PATHS, "rules", 'r', OPT_TEXTS, "PATH", NULL,
            "more rules, beside those that carry the tests, repeatable",
            "テスト対象以外に読み込むルール(複数可)" },
    OPT_RULE_MAKING_ROWS,
    { O_MISSING, "missing", 'm', OPT_FLAG, NULL, NULL, "list the rules that have no tests",
            "テストのないルールも示す" },
    { O_VERBOSE, "verbose", 'v', OPT_FLAG, NULL, NULL, "list the tests that passed, too",
            "合格したテストも示す" },
    { O_OUTPUT, "output", 'o', OPT_CHOICE, NULL, "human|jsonl",
            "form of the results (default: human)", "出力形式(既定: human)" },
    { O_COLOR, "color", '\0', OPT_CHOICE, NULL, "auto|yes|no", "colours (default: auto)",
            "色(既定: auto)" },
};

struct run {
    const struct opt_values *values;
    struct rule_suite suite;
    HN_VEC(const char *) paths; /* of all rules */
    struct rules_options rules;
    struct sigma_set *set;
    struct trial *trial;
    struct test_report report;
    uint32_t missing;
};

/* ---- Loading ---- */

static int find_tests(struct run *run)
{
    char shipped[4200];
    int code = EXIT_FINE;

    for (size_t i = 0; code == EXIT_FINE && i < run->values->operand_count; i++)
        code = rule_suite_add(&run->suite, run->values->operands[i]);
    if (run->values->operand_count == 0) {
        (void)snprintf(shipped, sizeof shipped, "%s/rules", data_dir());
        code = rule_suite_add(&run->suite, shipped);
    }
    if (code == EXIT_FINE && run->suite.sheets.count + run->suite.regressions.count == 0) {
        ui_error("%s", UI_TEXT("neither rules nor info.yml found there",
                               "ルールも info.yml も見つかりません"));
        return EXIT_RULES;
    }
    return code;
}

/* The rules beside the tests, and those of -r. Cases alone, without -r: the shipped rules. */
static int load_rules(struct run *run)
{
    struct rules_stats stats;
    struct hn_err err = { 0 };
    int code;

    run->rules = rule_options_read(run->values);
    for (size_t i = 0; i < run->suite.rule_paths.count + run->rules.path_count; i++) {
        const char **slot = hn_vec_add(&run->paths);

        if (slot == NULL)
            return EXIT_IO;
        *slot = i < run->suite.rule_paths.count ? run->suite.rule_paths.ptr[i]
                                                : run->rules.paths[i - run->suite.rule_paths.count];
    }
    run->rules.paths = run->paths.ptr;
    run->rules.path_count = run->paths.count;
    code = rules_load(&run->rules, &run->set, &stats);
    if (code != EXIT_FINE)
        return code;
    if (trial_new(run->set, &run->trial, &err) != HN_OK) {
        ui_error_at(HN_TEXT("rules"), &err);
        return EXIT_RULES;
    }
    return EXIT_FINE;
}

/* ---- Rules without tests ---- */

static bool has_regression(const struct rule_suite *suite, struct hn_text id)
{
    for (size_t i = 0; i < suite->regressions.count; i++) {
        const struct sigma_texts *ids = &suite->regressions.ptr[i].regression.rule_ids;

        for (uint32_t k = 0; k < ids->count; k++) {
            if (hn_text_eq_nocase(ids->ptr[k], id))
                return true;
        }
    }
    return false;
}

static bool has_sheet(const struct rule_suite *suite, const struct sigma_meta *meta)
{
    for (size_t i = 0; i < suite->sheets.count; i++) {
        const struct suite_sheet *sheet = &suite->sheets.ptr[i];

        if (sheet->sheet.line == meta->place.line &&
                hn_text_eq(hn_text_cstr(sheet->path), meta->place.file))
            return sheet->sheet.case_count > 0;
    }
    return false;
}

static void list_missing(struct run *run, const struct sigma_meta *meta, bool silent)
{
    struct test_report *report = &run->report;

    /* What only feeds a correlation is proven by the correlation's tests. */
    if (silent || has_sheet(&run->suite, meta) || has_regression(&run->suite, meta->id))
        return;
    run->missing++;
    if (!opt_flag(run->values, O_MISSING))
        return;
    if (report->json) {
        struct hn_json_out json = hn_json_out_over(&report->out);

        hn_json_open(&json, '{');
        hn_json_pair(&json, "result", HN_TEXT("missing"));
        hn_json_pair(&json, "file", meta->place.file);
        hn_json_pair_u64(&json, "line", meta->place.line);
        hn_json_pair(&json, "rule", meta->id);
        hn_json_pair(&json, "title", meta->title);
        hn_json_close(&json, '}');
    } else {
        hn_buf_add_cstr(&report->out, UI_TEXT("none ", "なし "));
        ui_add_cell(&report->out, meta->place.file, 0);
        hn_buf_addf(&report->out, ":%u: ", (unsigned)meta->place.line);
        ui_add_cell(&report->out, meta->title, 0);
    }
    hn_buf_add_char(&report->out, '\n');
}

static void find_missing(struct run *run)
{
    for (uint32_t i = 0; i < run->set->rule_count; i++)
        list_missing(run, &run->set->rules[i].meta, run->set->rules[i].silent);
    for (uint32_t i = 0; i < run->set->correlation_count; i++)
        list_missing(run, &run->set->correlations[i].meta, run->set->correlations[i].silent);
}

/* ---- Running ---- */

static int run_tests(struct run *run)
{
    int code = EXIT_FINE;

    for (size_t i = 0; code == EXIT_FINE && i < run->suite.sheets.count; i++)
        code = rule_trial_sheet(run->trial, &run->rules, &run->suite.sheets.ptr[i], &run->report);
    for (size_t i = 0; code == EXIT_FINE && i < run->suite.regressions.count; i++)
        code = rule_trial_regression(run->trial, &run->suite.regressions.ptr[i], &run->report);
    return code;
}

static void summary(const struct run *run)
{
    const struct test_report *report = &run->report;

    (void)fprintf(stderr,
            UI_TEXT("%u tests of %u rules and %u regression cases: %u passed, %u failed; "
                    "%u rules without tests\n",
                    "テスト %u 件(ルール %u、回帰事例 %u): 合格 %u、失敗 %u。"
                    "テストのないルール %u\n"),
            (unsigned)(report->passed + report->failed), (unsigned)report->rules,
            (unsigned)report->cases, (unsigned)report->passed, (unsigned)report->failed,
            (unsigned)run->missing);
}

static int rules_test(const struct opt_values *values)
{
    const char *output = opt_text(values, O_OUTPUT);
    struct run run = { .values = values };
    int code;

    ui_set_color(opt_text(values, O_COLOR));
    run.report.json = output != NULL && strcmp(output, "jsonl") == 0;
    run.report.verbose = opt_flag(values, O_VERBOSE);
    code = find_tests(&run);
    if (code == EXIT_FINE)
        code = load_rules(&run);
    if (code == EXIT_FINE)
        code = run_tests(&run);
    if (code == EXIT_FINE) {
        find_missing(&run);
        code = run.report.failed > 0 ? EXIT_RULES : EXIT_FINE;
        if (!hn_buf_ok(&run.report.out) || !ui_write(stdout, hn_buf_text(&run.report.out)))
            code = EXIT_IO;
        summary(&run);
    }
    hn_buf_deinit(&run.report.out);
    trial_free(run.trial);
    sigma_set_unref(run.set);
    hn_vec_deinit(&run.paths);
    rule_suite_deinit(&run.suite);
    return code;
}

const struct opt_command cmd_rules_test = {
    .name = "rules test",
    .operands = "[PATH...]",
    .summary = "Runs the test events of rules, and SigmaHQ's regression cases (info.yml)",
    .summary_ja = "ルールのテスト用イベントと SigmaHQ の回帰事例(info.yml)を実行する",
    .details = "Tests stand beside a rule in its hinomi block; docs/rules.md describes them. Exit "
               "status 2 when one failed; each failure says which condition decided.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = rules_test,
};
