/* cmd_scan.c - hinomi scan: rules and indicators over logs of any kind. */
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/input_options.h"
#include "app/reading.h"
#include "app/rule_choice.h"
#include "app/rules_load.h"
#include "app/scan_explain.h"
#include "app/scan_report.h"
#include "app/scan_table.h"
#include "app/ui.h"

#include "base/mem.h"

#include <errno.h>
#include <string.h>

enum {
    O_RULES,
    O_PIPELINE,
    O_LISTS,
    O_IOC,
    O_IOC_COLUMNS,
    O_WARNINGLIST,
    O_OUTPUT,
    O_OUT,
    O_REPORT,
    O_NAVIGATOR,
    O_EXPLAIN,
    O_FOLD,
    O_FAIL_ON,
    O_NO_CACHE,
};

static const struct opt_spec options[] = {
    { O_RULES, "rules", 'r', OPT_TEXTS, "PATH", NULL,
            "Sigma rules: files or folders, repeatable (default: the shipped rules)",
            "Sigma ルール(ファイルまたはフォルダー、複数可。既定: 同梱ルール)" },
    { O_PIPELINE, "pipeline", 'p', OPT_TEXTS, "FILE", NULL,
            "pySigma processing pipeline applied to the rules, repeatable",
            "ルールに適用する pySigma パイプライン(複数可)" },
    { O_LISTS, "lists", '\0', OPT_TEXTS, "DIR", NULL,
            "placeholder lists: a folder of <Name>.txt, or Name=FILE, repeatable",
            "プレースホルダーの一覧: <名前>.txt のフォルダー、または 名前=ファイル" },
    { O_IOC, "ioc", '\0', OPT_TEXTS, "PATH", NULL,
            "indicators: plain lists, CSV, MISP, STIX 2.1, OpenIOC; repeatable",
            "指標(IoC): 一覧・CSV・MISP・STIX 2.1・OpenIOC(複数可)" },
    { O_IOC_COLUMNS, "ioc-columns", '\0', OPT_TEXT, "MAPPING", NULL,
            "columns of indicator CSV files, see docs/indicators.md", "指標 CSV の列の対応" },
    { O_WARNINGLIST, "warninglist", '\0', OPT_TEXTS, "PATH", NULL,
            "MISP warning lists: known good things that must not alert, repeatable",
            "MISP warninglist(誤検知になる既知の正常なもの)" },
    { O_OUTPUT, "output", 'o', OPT_CHOICE, NULL, "human|jsonl|csv|ocsf",
            "form of the alerts on stdout (default: human on a terminal, else jsonl)",
            "標準出力の形式(既定: 端末では human、それ以外は jsonl)" },
    { O_OUT, "out", '\0', OPT_TEXT, "FILE", NULL, "write the alerts to FILE instead of stdout",
            "アラートをファイルへ書く" },
    { O_REPORT, "report", '\0', OPT_TEXT, "FILE", NULL,
            "write a self-contained HTML report as well", "HTML レポートも書く" },
    { O_NAVIGATOR, "navigator", '\0', OPT_TEXT, "FILE", NULL,
            "write an ATT&CK Navigator layer as well", "ATT&CK Navigator のレイヤーも書く" },
    OPT_RULE_CHOICE_ROWS,
    OPT_TIME_ROWS,
    { O_EXPLAIN, "explain", '\0', OPT_FLAG, NULL, NULL,
            "show for each alert which selection, field, value and bytes matched",
            "アラートごとに一致した条件・項目・値・位置を示す" },
    { O_FOLD, "fold", '\0', OPT_FLAG, NULL, NULL,
            "count repeats of an alert instead of writing them", "同じアラートは数だけ示す" },
    { O_FAIL_ON, "fail-on", '\0', OPT_CHOICE, NULL, OPT_LEVELS,
            "exit with 1 when there are alerts of this level or above",
            "このレベル以上のアラートがあれば終了コード 1" },
    OPT_INPUT_ROWS,
    { O_NO_CACHE, "no-cache", '\0', OPT_FLAG, NULL, NULL,
            "neither read nor write the cache of parsed rules", "ルールのキャッシュを使わない" },
    OPT_UI_ROWS,
};

/* Everything one run needs. */
struct run {
    const struct opt_values *values;
    struct sigma_set *set;
    struct match_snapshot *snapshot;
    struct correlate_plan *plan;
    struct ioc_set *iocs;
    struct judge_set *judge;
    struct alert_groups *groups;
    bool *enabled;
    uint32_t enabled_count;
    struct rules_stats rules;
    FILE *out;
    bool human;
    struct input_settings input;
    struct reading reading;
    struct scan_options scan;
    struct scan_summary summary;
    struct scan_report files; /* --report, --navigator */
};

/* ---- Options ---- */

static int apply_output(struct run *run)
{
    const char *output = opt_text(run->values, O_OUTPUT);
    const char *path = opt_text(run->values, O_OUT);

    run->out = stdout;
    if (path != NULL) {
        run->out = fopen(path, "we");
        if (run->out == NULL) {
            ui_error("%s: %s", path, strerror(errno)); /* NOLINT(concurrency-mt-unsafe) */
            return EXIT_IO;
        }
    }
    if (output == NULL)
        output = path == NULL && ui.width > 0 ? "human" : "jsonl";
    run->human = strcmp(output, "human") == 0;
    run->scan.format = strcmp(output, "csv") == 0    ? ALERT_CSV
                       : strcmp(output, "ocsf") == 0 ? ALERT_OCSF
                                                     : ALERT_JSONL;
    run->scan.write_alerts = !run->human;
    run->scan.fold = opt_flag(run->values, O_FOLD) && run->scan.format == ALERT_JSONL;
    run->files.report_path = opt_text(run->values, O_REPORT);
    run->files.navigator_path = opt_text(run->values, O_NAVIGATOR);
    run->files.zone_name = opt_text(run->values, O_TZ);
    run->scan.keep_json = opt_text(run->values, O_REPORT) != NULL ||
                          (run->human && opt_flag(run->values, O_EXPLAIN));
    return EXIT_FINE;
}

/* ---- Rules ---- */

static int choose_rules(struct run *run)
{
    run->enabled = rule_choice_make(run->values, run->set, &run->enabled_count);
    return run->enabled == NULL ? EXIT_IO : EXIT_FINE;
}

static enum hn_status bind_plan(void *ctx, struct hn_schema *schema)
{
    struct run *run = ctx;

    return correlate_plan_bind(run->plan, schema);
}

static int compile_rules(struct run *run)
{
    struct match_options match = { .enabled = run->enabled, .want_context = true };
    struct hn_err err = { 0 };

    if (run->set->correlation_count > 0) {
        if (correlate_plan_new(run->set, NULL, &run->plan, &err) != HN_OK) {
            ui_error_at(HN_TEXT("correlations"), &err);
            return EXIT_RULES;
        }
        match.on_schema = bind_plan;
        match.ctx = run;
    }
    if (match_snapshot_new(run->set, &match, &run->snapshot, &err) != HN_OK) {
        ui_error_at(HN_TEXT("rules"), &err);
        return EXIT_RULES;
    }
    return EXIT_FINE;
}

static int make_judge_set(struct run *run)
{
    struct judge_set_options judge = { .snapshot = run->snapshot,
        .plan = run->plan,
        .iocs = run->iocs,
        .level_min = rule_choice_level(run->values) };

    run->judge = judge_set_new(&judge);
    if (run->judge == NULL)
        return EXIT_IO;
    run->plan = NULL; /* the set's now */
    return EXIT_FINE;
}

static int load_rules(struct run *run)
{
    struct rules_options rules = { .no_cache = opt_flag(run->values, O_NO_CACHE) };
    const char *const *warninglists;
    const char *const *iocs;
    size_t warninglist_count = opt_texts(run->values, O_WARNINGLIST, &warninglists);
    size_t ioc_count = opt_texts(run->values, O_IOC, &iocs);
    int code;

    rules.path_count = opt_texts(run->values, O_RULES, &rules.paths);
    rules.pipeline_count = opt_texts(run->values, O_PIPELINE, &rules.pipelines);
    rules.list_count = opt_texts(run->values, O_LISTS, &rules.lists);
    code = rules_load(&rules, &run->set, &run->rules);
    if (code == EXIT_FINE && run->set->rule_count == 0) {
        ui_error("%s", UI_TEXT("no rule could be loaded", "読み込めたルールがありません"));
        code = EXIT_RULES;
    }
    if (code == EXIT_FINE)
        code = choose_rules(run);
    if (code == EXIT_FINE)
        code = compile_rules(run);
    if (code == EXIT_FINE)
        code = iocs_load(iocs, ioc_count, opt_text(run->values, O_IOC_COLUMNS), warninglists,
                warninglist_count, &run->iocs);
    return code == EXIT_FINE ? make_judge_set(run) : code;
}

/* ---- Callbacks ---- */

static bool on_bytes(void *ctx, struct hn_text bytes)
{
    struct run *run = ctx;

    return reading_write(&run->reading, run->out, bytes);
}

static bool on_flush(void *ctx)
{
    struct run *run = ctx;

    return reading_flush(&run->reading, run->out);
}

static void on_problem(void *ctx, struct hn_text name, enum hn_status status,
        enum hn_finding_kind kind, struct hn_text message)
{
    struct run *run = ctx;

    scan_report_note(&run->files, name, NULL, message);
    reading_problem(&run->reading, name, status, kind, message);
}

static void on_finding(void *ctx, const struct scan_entry *entry, const struct hn_finding *finding)
{
    struct run *run = ctx;

    scan_report_note(
            &run->files, entry->name, finding, hn_text_cstr(hn_finding_text(finding->kind)));
    reading_finding(&run->reading, entry, finding);
}

/* ---- Running ---- */

static int do_scan(struct run *run)
{
    struct hn_err err = { 0 };
    enum hn_status status;

    reading_begin(&run->reading, &run->input.pipeline);
    run->scan.pipeline = run->input.pipeline;
    run->scan.since = run->input.since;
    run->scan.until = run->input.until;
    run->scan.zone = run->input.zone;
    run->scan.set = run->judge;
    run->scan.groups = run->groups;
    run->scan.on_bytes = on_bytes;
    run->scan.on_flush = on_flush;
    run->scan.on_problem = on_problem;
    run->scan.on_finding = on_finding;
    run->scan.ctx = run;
    status = scan_run(&run->scan, &run->summary, &err);
    (void)reading_flush(&run->reading, run->out);
    return reading_end(&run->reading, status, &err);
}

static struct scan_numbers numbers_of(const struct run *run)
{
    struct scan_numbers numbers = { .summary = &run->summary,
        .set = run->set,
        .seconds = run->reading.seconds,
        .rules_seconds = run->rules.seconds,
        .rules_enabled = run->enabled_count };
    struct ioc_stats iocs;

    if (run->iocs != NULL) {
        ioc_set_stats(run->iocs, &iocs);
        numbers.indicators = iocs.indicators;
    }
    return numbers;
}

/* Table, evidence and summary for people, then the files asked for. */
static int show(struct run *run, bool partial)
{
    struct scan_numbers numbers = numbers_of(run);
    struct scan_outcome outcome = { .numbers = &numbers,
        .groups = run->groups,
        .zone = run->input.zone,
        .inputs = run->values->operands,
        .input_count = run->values->operand_count,
        .interrupted = partial };
    struct hn_buf text = { 0 };
    bool table;
    int code;

    if (run->human) {
        scan_table_write(run->groups, run->input.zone, &text);
        if (opt_flag(run->values, O_EXPLAIN))
            scan_explain_write(run->groups, &text);
        (void)reading_write(&run->reading, run->out, hn_buf_text(&text));
        (void)reading_flush(&run->reading, run->out);
    }
    table = text.len > 0;
    hn_buf_reset(&text);
    if (table)
        hn_buf_add_char(&text, '\n');
    scan_summary_write(&numbers, &text);
    if (!ui.quiet)
        (void)ui_write(stderr, hn_buf_text(&text));
    hn_buf_deinit(&text);
    code = reading_output_code(&run->reading);
    return code == EXIT_FINE ? scan_report_write(&run->files, &outcome) : code;
}

static int exit_code(const struct run *run)
{
    const char *fail_on = opt_text(run->values, O_FAIL_ON);

    if (fail_on != NULL) {
        enum sigma_level level = sigma_level_of(hn_text_cstr(fail_on));

        for (unsigned i = (unsigned)level; i <= SIGMA_LEVEL_CRITICAL; i++) {
            if (run->summary.alerts[i] > 0)
                return EXIT_FINDINGS;
        }
    }
    return reading_exit_code(&run->summary.totals);
}

static void run_deinit(struct run *run)
{
    if (run->out != NULL && run->out != stdout)
        (void)fclose(run->out);
    scan_report_deinit(&run->files);
    hn_free(run->summary.rules);
    alert_groups_free(run->groups);
    judge_set_unref(run->judge);
    correlate_plan_free(run->plan);
    match_snapshot_unref(run->snapshot);
    ioc_set_unref(run->iocs);
    sigma_set_unref(run->set);
    input_settings_deinit(&run->input);
    hn_free(run->enabled);
}

static int prepare(struct run *run)
{
    int code = input_settings_read(run->values, 0, &run->input);

    if (code == EXIT_FINE)
        code = apply_output(run);
    if (code == EXIT_FINE)
        code = load_rules(run);
    if (code == EXIT_FINE) {
        run->groups = alert_groups_new(NULL);
        code = run->groups == NULL ? EXIT_IO : EXIT_FINE;
    }
    return code;
}

static int scan_command(const struct opt_values *values)
{
    struct run run = { .values = values };
    int code = prepare(&run);

    if (code == EXIT_FINE)
        code = do_scan(&run);
    if (code == EXIT_FINE || code == EXIT_PARTIAL) {
        int after = show(&run, code == EXIT_PARTIAL);

        if (after == EXIT_FINE)
            after = exit_code(&run);
        code = after == EXIT_FINDINGS || after == EXIT_IO || code == EXIT_FINE ? after : code;
    }
    run_deinit(&run);
    return code;
}

const struct opt_command cmd_scan = {
    .name = "scan",
    .operands = "PATH...",
    .summary = "Finds what is wrong in logs: Sigma rules and indicators over files, folders, "
               "archives or standard input (-)",
    .summary_ja = "ログの中の異常を見つける(ファイル・フォルダー・書庫・標準入力 -)",
    .details = "Formats are recognised by content. Alerts go to standard output, progress and the "
               "summary to standard error.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = scan_command,
};
