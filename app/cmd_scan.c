/* cmd_scan.c - hinomi scan: rules and indicators over logs of any kind. */
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/progress.h"
#include "app/rules_load.h"
#include "app/scan_explain.h"
#include "app/scan_report.h"
#include "app/scan_table.h"
#include "app/ui.h"

#include "base/mem.h"
#include "base/num.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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
    O_LEVEL,
    O_STATUS,
    O_TAG,
    O_RULE,
    O_SINCE,
    O_UNTIL,
    O_TZ,
    O_EXPLAIN,
    O_FOLD,
    O_FAIL_ON,
    O_FORMAT,
    O_LOGSOURCE,
    O_PASSWORD,
    O_THREADS,
    O_NO_CACHE,
    O_COLOR,
    O_QUIET,
};

#define LEVELS "informational|low|medium|high|critical"

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
    { O_LEVEL, "level", 'l', OPT_CHOICE, NULL, LEVELS, "only alerts of this level and above",
            "このレベル以上だけ" },
    { O_STATUS, "status", '\0', OPT_TEXTS, "STATUS", NULL,
            "only rules of this status (stable, test, experimental, ...), repeatable",
            "この status のルールだけ(複数可)" },
    { O_TAG, "tag", '\0', OPT_TEXTS, "TAG", NULL,
            "only rules with a tag that starts so (attack.t1059), repeatable",
            "このタグ(前方一致)のルールだけ(複数可)" },
    { O_RULE, "rule", '\0', OPT_TEXTS, "RULE", NULL,
            "only rules of this id, or with this in their title, repeatable",
            "この ID、または題名にこれを含むルールだけ(複数可)" },
    { O_SINCE, "since", '\0', OPT_TEXT, "TIME", NULL,
            "only events from then on: a time, or how long ago (24h, 7d)",
            "この時刻以降(時刻、または 24h・7d のような長さ)" },
    { O_UNTIL, "until", '\0', OPT_TEXT, "TIME", NULL, "only events up to then", "この時刻まで" },
    { O_TZ, "tz", '\0', OPT_TEXT, "ZONE", NULL,
            "zone of stamps that name none, and of times shown (default: UTC)",
            "タイムゾーン(表示と、ゾーンのない時刻の解釈。既定: UTC)" },
    { O_EXPLAIN, "explain", '\0', OPT_FLAG, NULL, NULL,
            "show for each alert which selection, field, value and bytes matched",
            "アラートごとに一致した条件・項目・値・位置を示す" },
    { O_FOLD, "fold", '\0', OPT_FLAG, NULL, NULL,
            "count repeats of an alert instead of writing them", "同じアラートは数だけ示す" },
    { O_FAIL_ON, "fail-on", '\0', OPT_CHOICE, NULL, LEVELS,
            "exit with 1 when there are alerts of this level or above",
            "このレベル以上のアラートがあれば終了コード 1" },
    { O_FORMAT, "format", 'f', OPT_TEXT, "NAME", NULL,
            "format of all inputs (default: recognised by content)",
            "入力形式を指定(既定: 内容から判定)" },
    { O_LOGSOURCE, "logsource", '\0', OPT_TEXT, "P/C/S", NULL,
            "product/category/service of plain text lines",
            "プレーンテキストの product/category/service" },
    { O_PASSWORD, "password", '\0', OPT_TEXTS, "TEXT", NULL,
            "password to try for encrypted archives, repeatable",
            "暗号化書庫のパスワード(複数可)" },
    { O_THREADS, "threads", 'j', OPT_NUMBER, "N", NULL,
            "worker threads (default: one per processor)", "スレッド数(既定: CPU 数)" },
    { O_NO_CACHE, "no-cache", '\0', OPT_FLAG, NULL, NULL,
            "neither read nor write the cache of parsed rules", "ルールのキャッシュを使わない" },
    { O_COLOR, "color", '\0', OPT_CHOICE, NULL, "auto|yes|no", "colours (default: auto)",
            "色(既定: auto)" },
    { O_QUIET, "quiet", 'q', OPT_FLAG, NULL, NULL, "no progress, warnings or summary",
            "進捗・警告・集計を出さない" },
};

/* Everything one run needs. */
struct run {
    const struct opt_values *values;
    struct sigma_set *set;
    struct match_snapshot *snapshot;
    struct correlate_plan *plan;
    struct ioc_set *iocs;
    struct alert_groups *groups;
    struct hn_zone *zone;
    bool *enabled;
    uint32_t enabled_count;
    struct rules_stats rules;
    struct hn_text *passwords;
    size_t password_count;
    FILE *out;
    bool human;
    bool out_failed;
    unsigned findings_shown;
    struct progress progress;
    struct scan_options scan;
    struct scan_summary summary;
    struct scan_report files; /* --report, --navigator */
    double seconds;
};

static atomic_bool interrupted;

static void on_signal(int number)
{
    (void)number;
    atomic_store(&interrupted, true);
}

/* ---- Options ---- */

/* A time, or how long before now. */
static bool parse_time(const char *text, const struct hn_zone *zone, hn_time *ret_time)
{
    struct hn_time_defaults defaults = { .zone = zone };
    struct timespec now;
    hn_time span;

    if (text == NULL) {
        *ret_time = HN_TIME_NONE;
        return true;
    }
    if (hn_duration_parse(hn_text_cstr(text), &span)) {
        (void)clock_gettime(CLOCK_REALTIME, &now);
        *ret_time = (hn_time)now.tv_sec * HN_SECOND + now.tv_nsec - span;
        return true;
    }
    *ret_time = hn_time_parse(hn_text_cstr(text), &defaults);
    if (*ret_time == HN_TIME_NONE)
        ui_error(UI_TEXT("\"%s\" is neither a time nor a duration",
                         "\"%s\" は時刻でも長さでもありません"),
                text);
    return *ret_time != HN_TIME_NONE;
}

static int apply_time(struct run *run)
{
    const char *zone = opt_text(run->values, O_TZ);
    struct hn_err err = { 0 };
    struct timespec now;

    if (zone != NULL && hn_zone_load(hn_text_cstr(zone), &run->zone, &err) != HN_OK) {
        ui_error_at(HN_TEXT("--tz"), &err);
        return EXIT_USAGE;
    }
    if (!parse_time(opt_text(run->values, O_SINCE), run->zone, &run->scan.since) ||
            !parse_time(opt_text(run->values, O_UNTIL), run->zone, &run->scan.until))
        return EXIT_USAGE;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    run->scan.zone = run->zone;
    run->scan.pipeline.decode.time.zone = run->zone;
    run->scan.pipeline.decode.time.year = hn_calendar_at((hn_time)now.tv_sec * HN_SECOND, 0).year;
    return EXIT_FINE;
}

static int apply_format(struct run *run)
{
    const char *format = opt_text(run->values, O_FORMAT);
    const char *logsource = opt_text(run->values, O_LOGSOURCE);
    struct hn_source *source = &run->scan.pipeline.decode.source;

    if (format != NULL) {
        run->scan.pipeline.format = decode_format_find(hn_text_cstr(format));
        if (run->scan.pipeline.format == NULL) {
            ui_error(UI_TEXT("unknown format \"%s\"; known are:",
                             "知らない形式 \"%s\"。使えるのは:"),
                    format);
            for (size_t i = 0; decode_format_at(i) != NULL; i++)
                (void)fprintf(stderr, "  %s\n", decode_format_name(decode_format_at(i)).ptr);
            return EXIT_USAGE;
        }
    }
    if (logsource != NULL) {
        struct hn_text rest = hn_text_cstr(logsource);
        struct hn_text part;

        if (hn_text_split(&rest, '/', &part))
            source->product = part;
        if (hn_text_split(&rest, '/', &part) && part.len > 0)
            hn_source_add_category(source, part);
        if (hn_text_split(&rest, '/', &part) && part.len > 0)
            hn_source_add_service(source, part);
    }
    return EXIT_FINE;
}

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

static int apply_passwords(struct run *run)
{
    const char *const *passwords;
    size_t count = opt_texts(run->values, O_PASSWORD, &passwords);

    run->passwords = hn_calloc(count, sizeof *run->passwords);
    if (run->passwords == NULL)
        return EXIT_IO;
    for (size_t i = 0; i < count; i++)
        run->passwords[i] = hn_text_cstr(passwords[i]);
    run->scan.pipeline.input.passwords = run->passwords;
    run->scan.pipeline.input.password_count = count;
    return EXIT_FINE;
}

/* ---- Rules ---- */

static bool any_tag(const struct sigma_meta *meta, const char *const *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < meta->tags.count; k++) {
            if (hn_text_starts_nocase(meta->tags.ptr[k], hn_text_cstr(wanted[i])))
                return true;
        }
    }
    return count == 0;
}

static bool any_status(const struct sigma_meta *meta, const char *const *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(sigma_rule_status_text(meta->status), wanted[i]) == 0)
            return true;
    }
    return count == 0;
}

static bool any_name(const struct sigma_meta *meta, const char *const *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct hn_text name = hn_text_cstr(wanted[i]);

        if (hn_text_eq_nocase(meta->id, name) || hn_text_eq_nocase(meta->name, name) ||
                hn_text_find_nocase(meta->title, name, 0) != SIZE_MAX)
            return true;
    }
    return count == 0;
}

static bool is_wanted(const struct run *run, const struct sigma_meta *meta)
{
    const char *const *statuses;
    const char *const *tags;
    const char *const *names;
    size_t status_count = opt_texts(run->values, O_STATUS, &statuses);
    size_t tag_count = opt_texts(run->values, O_TAG, &tags);
    size_t name_count = opt_texts(run->values, O_RULE, &names);
    enum sigma_level level = meta->level == SIGMA_LEVEL_NONE ? SIGMA_LEVEL_MEDIUM : meta->level;

    return level >= run->scan.level_min && any_status(meta, statuses, status_count) &&
           any_tag(meta, tags, tag_count) && any_name(meta, names, name_count);
}

/* Rules that pass the filters, and those that wanted correlations need. */
static int choose_rules(struct run *run)
{
    const struct sigma_set *set = run->set;

    run->enabled = hn_calloc(set->rule_count, sizeof *run->enabled);
    if (run->enabled == NULL)
        return EXIT_IO;
    for (uint32_t i = 0; i < set->rule_count; i++)
        run->enabled[i] = !set->rules[i].silent && is_wanted(run, &set->rules[i].meta);
    for (uint32_t i = set->correlation_count; i-- > 0;) {
        const struct sigma_correlation *correlation = &set->correlations[i];

        if (!correlation->silent && !is_wanted(run, &correlation->meta))
            continue;
        for (uint32_t k = 0; k < correlation->ref_count; k++) {
            if (!correlation->refs[k].is_correlation)
                run->enabled[correlation->refs[k].index] = true;
        }
    }
    for (uint32_t i = 0; i < set->rule_count; i++)
        run->enabled_count += run->enabled[i];
    return EXIT_FINE;
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
    return code;
}

/* ---- Callbacks ---- */

static bool on_bytes(void *ctx, struct hn_text bytes)
{
    struct run *run = ctx;

    if (fwrite(bytes.ptr, 1, bytes.len, run->out) == bytes.len)
        return true;
    run->out_failed = true;
    return false;
}

static void on_problem(void *ctx, struct hn_text name, enum hn_status status,
        enum hn_finding_kind kind, struct hn_text message)
{
    struct run *run = ctx;
    struct hn_err err = { .status = status };

    progress_clear(&run->progress);
    scan_report_note(&run->files, name, NULL, message);
    if (ui.quiet)
        return;
    if (kind == HN_FINDING_UNKNOWN_FORMAT) {
        struct hn_buf line = { 0 };

        ui_add_cell(&line, name, 0);
        hn_buf_add_char(&line, '\0');
        ui_warn(UI_TEXT("%s: not a log that is known; skipped", "%s: 知らない形式なので飛ばします"),
                line.ptr == NULL ? "" : line.ptr);
        hn_buf_deinit(&line);
        return;
    }
    (void)snprintf(err.msg, sizeof err.msg, "%.*s", HN_TEXT_ARG(message));
    ui_error_at(name, &err);
}

#define FINDINGS_SHOWN_MAX 20u

static void on_finding(void *ctx, const struct scan_entry *entry, const struct hn_finding *finding)
{
    struct run *run = ctx;
    struct hn_buf line = { 0 };

    scan_report_note(
            &run->files, entry->name, finding, hn_text_cstr(hn_finding_text(finding->kind)));
    if (ui.quiet || run->findings_shown == FINDINGS_SHOWN_MAX)
        return;
    run->findings_shown++;
    progress_clear(&run->progress);
    ui_add_cell(&line, entry->name, 0);
    if (finding->line > 0)
        hn_buf_addf(&line, ":%llu", (unsigned long long)finding->line);
    hn_buf_addf(&line, " (%s %llu): %s", UI_TEXT("offset", "位置"),
            (unsigned long long)finding->offset, hn_finding_text(finding->kind));
    if (run->findings_shown == FINDINGS_SHOWN_MAX)
        hn_buf_add_cstr(&line, UI_TEXT("; more are only counted", "(以降は数のみ)"));
    hn_buf_add_char(&line, '\0');
    ui_warn("%s", hn_buf_ok(&line) ? line.ptr : "");
    hn_buf_deinit(&line);
}

/* ---- Running
 * ------------------------------------------------------------------------------------------------
 */

static double seconds_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int do_scan(struct run *run)
{
    struct sigaction action = { .sa_handler = on_signal };
    struct hn_err err = { 0 };
    enum hn_status status;
    double start = seconds_now();

    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    run->scan.pipeline.inputs = run->values->operands;
    run->scan.pipeline.input_count = run->values->operand_count;
    run->scan.pipeline.threads = (unsigned)opt_number(run->values, O_THREADS, 0);
    run->scan.pipeline.cancel = &interrupted;
    run->scan.snapshot = run->snapshot;
    run->scan.plan = run->plan;
    run->scan.iocs = run->iocs;
    run->scan.groups = run->groups;
    run->scan.on_bytes = on_bytes;
    run->scan.on_problem = on_problem;
    run->scan.on_finding = on_finding;
    run->scan.ctx = run;
    progress_init(&run->progress);
    if (ui.progress) {
        run->scan.pipeline.on_progress = progress_draw;
        run->scan.pipeline.progress_ctx = &run->progress;
    }
    status = scan_run(&run->scan, &run->summary, &err);
    progress_clear(&run->progress);
    run->seconds = seconds_now() - start;
    if (fflush(run->out) != 0)
        run->out_failed = true;
    if (run->out_failed) {
        ui_error("%s", UI_TEXT("output could not be written", "出力できませんでした"));
        return EXIT_IO;
    }
    if (status == HN_CANCELLED && atomic_load(&interrupted)) {
        ui_warn("%s",
                UI_TEXT("interrupted; results so far follow", "中断しました。ここまでの結果です"));
        return EXIT_PARTIAL;
    }
    if (status != HN_OK) {
        ui_error_at(HN_TEXT(""), &err);
        return EXIT_IO;
    }
    return EXIT_FINE;
}

static struct scan_numbers numbers_of(const struct run *run)
{
    struct scan_numbers numbers = { .summary = &run->summary,
        .set = run->set,
        .seconds = run->seconds,
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
        .zone = run->zone,
        .inputs = run->values->operands,
        .input_count = run->values->operand_count,
        .interrupted = partial };
    struct hn_buf text = { 0 };
    bool written = true;

    if (run->human) {
        scan_table_write(run->groups, run->zone, &text);
        if (opt_flag(run->values, O_EXPLAIN))
            scan_explain_write(run->groups, &text);
        written = hn_buf_ok(&text) && ui_write(run->out, hn_buf_text(&text));
    }
    if (!written)
        ui_error("%s", UI_TEXT("output could not be written", "出力できませんでした"));
    hn_buf_reset(&text);
    if (run->human)
        hn_buf_add_char(&text, '\n');
    scan_summary_write(&numbers, &text);
    if (!ui.quiet)
        (void)ui_write(stderr, hn_buf_text(&text));
    hn_buf_deinit(&text);
    return written ? scan_report_write(&run->files, &outcome) : EXIT_IO;
}

static bool was_partial(const struct scan_totals *totals)
{
    static const enum hn_finding_kind losses[] = { HN_FINDING_UNDECODABLE, HN_FINDING_TRUNCATED,
        HN_FINDING_TOO_LONG, HN_FINDING_TOO_DEEP, HN_FINDING_DAMAGED_HEADER,
        HN_FINDING_DAMAGED_RECORD, HN_FINDING_BOMB, HN_FINDING_PASSWORD };

    if (totals->entries_failed > 0)
        return true;
    for (size_t i = 0; i < HN_COUNT_OF(losses); i++) {
        if (totals->findings[losses[i]] > 0)
            return true;
    }
    return false;
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
    return was_partial(&run->summary.totals) ? EXIT_PARTIAL : EXIT_FINE;
}

static void run_deinit(struct run *run)
{
    if (run->out != NULL && run->out != stdout)
        (void)fclose(run->out);
    scan_report_deinit(&run->files);
    hn_free(run->summary.rules);
    alert_groups_free(run->groups);
    match_snapshot_unref(run->snapshot);
    correlate_plan_free(run->plan);
    ioc_set_unref(run->iocs);
    sigma_set_unref(run->set);
    hn_zone_free(run->zone);
    hn_free(run->enabled);
    hn_free(run->passwords);
}

static int prepare(struct run *run)
{
    const char *level = opt_text(run->values, O_LEVEL);
    int code;

    if (run->values->operand_count == 0) {
        ui_error("%s",
                UI_TEXT("nothing to scan: give files, folders or - for standard input",
                        "対象がありません: ファイル・フォルダー・-(標準入力)を指定してください"));
        return EXIT_USAGE;
    }
    ui_set_color(opt_text(run->values, O_COLOR));
    ui.quiet = opt_flag(run->values, O_QUIET);
    ui.progress = ui.progress && !ui.quiet;
    run->scan.level_min = level == NULL ? SIGMA_LEVEL_NONE : sigma_level_of(hn_text_cstr(level));
    code = apply_time(run);
    if (code == EXIT_FINE)
        code = apply_format(run);
    if (code == EXIT_FINE)
        code = apply_output(run);
    if (code == EXIT_FINE)
        code = apply_passwords(run);
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
        int after;

        after = show(&run, code == EXIT_PARTIAL);
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
