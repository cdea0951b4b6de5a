/* cmd_search.c - hinomi search: one question, asked of every event, with the engine that judges by
 * rules. */
#include "app/commands.h"
#include "app/event_output.h"
#include "app/exit_code.h"
#include "app/input_options.h"
#include "app/reading.h"
#include "app/remote.h"
#include "app/search_server.h"
#include "app/search_show.h"
#include "app/ui.h"

#include "base/mem.h"
#include "search/search.h"

#include <string.h>

enum { O_TERM, O_NOT, O_OR, O_REGEX, O_CASE, O_TEXT, O_OUTPUT, O_COUNT, O_MAX, O_HISTORY };

static const struct opt_spec options[] = {
    { O_TERM, "term", 'e', OPT_TEXTS, "PATTERN", NULL,
            "what to look for; repeatable, all must fit (then there is no PATTERN operand)",
            "検索語。複数可で、すべて満たすもの(この場合 PATTERN は書かない)" },
    { O_NOT, "not", '\0', OPT_TEXTS, "PATTERN", NULL, "only events this does not fit, repeatable",
            "これに当たらないものだけ(複数可)" },
    { O_OR, "or", '\0', OPT_FLAG, NULL, NULL, "one of several patterns is enough",
            "検索語のどれか一つでよい" },
    { O_REGEX, "regex", 'E', OPT_FLAG, NULL, NULL, "texts are regular expressions (PCRE)",
            "検索語を正規表現(PCRE)とする" },
    { O_CASE, "case", '\0', OPT_FLAG, NULL, NULL, "upper and lower case differ",
            "大文字と小文字を区別する" },
    { O_TEXT, "text", 't', OPT_FLAG, NULL, NULL, "FIELD=VALUE is text as well",
            "項目=値 もただの文字列とする" },
    { O_OUTPUT, "output", 'o', OPT_CHOICE, NULL, "human|jsonl|csv",
            "form of what is found (default: human on a terminal, else jsonl)",
            "出力形式(既定: 端末では human、それ以外は jsonl)" },
    { O_COUNT, "count", 'c', OPT_FLAG, NULL, NULL, "only how many events fit", "件数だけ出力" },
    { O_MAX, "max", 'n', OPT_NUMBER, "N", NULL, "stop after so many", "この件数で終える" },
    { O_HISTORY, "history", '\0', OPT_FLAG, NULL, NULL,
            "search what a server has received; so does --server",
            "サーバーが受信したイベントを検索(--server の指定でも同じ)" },
    OPT_SERVER_ROWS,
    OPT_EVENT_ROWS,
    OPT_TIME_ROWS,
    OPT_INPUT_ROWS,
    OPT_UI_ROWS,
};

struct search {
    const struct opt_values *values;
    struct input_settings input;
    struct event_output output;
    struct reading reading;
    struct sigma_set *set;
    struct match_snapshot *snapshot;
    bool human;
    bool count_only;
    uint64_t max; /* 0: no limit */
    uint64_t found;
    struct scan_totals totals;
};

struct worker {
    const struct search *search;
    struct search_matcher *matcher;
};

/* ---- Workers ---- */

static void show(const struct search *search, struct hn_event *event,
        const struct scan_place *place, const struct alert_match *matches, uint32_t match_count,
        struct hn_buf *out)
{
    struct alert_line found = { .event = event,
        .file = place->entry->name,
        .time = hn_event_time(event, search->output.time),
        .host = hn_event_host(event),
        .user = hn_event_user(event),
        .matches = matches,
        .match_count = match_count };

    search_show(&found, search->input.zone, out);
}

/* Leaves the event in out, and in side where it ends there. */
static void write_found(
        struct worker *worker, const struct scan_place *place, struct scan_result *result)
{
    const struct search *search = worker->search;
    const struct alert_match *matches = NULL;
    struct hn_event *event = NULL;
    uint32_t match_count = 0;
    size_t end;

    if (!search->count_only) {
        matches = search_matcher_evidence(worker->matcher, &match_count);
        event = search_matcher_full(worker->matcher);
    }
    if (event != NULL && search->human)
        show(search, event, place, matches, match_count, &result->out);
    else if (event != NULL)
        event_output_write(
                &search->output, event, place->entry->name, matches, match_count, &result->out);
    end = result->out.len;
    hn_buf_add(&result->side, &end, sizeof end);
}

static bool on_event(void *ctx, struct hn_event *event, const struct scan_place *place,
        struct scan_result *result)
{
    struct worker *worker = ctx;
    const struct search *search = worker->search;

    hn_event_resolve(event);
    if ((search->input.since != HN_TIME_NONE || search->input.until != HN_TIME_NONE) &&
            !input_settings_in_time(&search->input, hn_event_time(event, search->output.time)))
        return true;
    if (search_matcher_fits(worker->matcher, event, place->batch))
        write_found(worker, place, result);
    return hn_buf_ok(&result->out) && hn_buf_ok(&result->side);
}

static void worker_free(void *ctx)
{
    struct worker *worker = ctx;

    search_matcher_free(worker->matcher);
    hn_free(worker);
}

static void *worker_new(void *ctx)
{
    struct search *search = ctx;
    struct worker *worker = hn_calloc(1, sizeof *worker);

    if (worker == NULL)
        return NULL;
    worker->search = search;
    worker->matcher = search_matcher_new(search->snapshot);
    if (worker->matcher == NULL) {
        worker_free(worker);
        return NULL;
    }
    return worker;
}

/* ---- In order ---- */

static bool on_result(void *ctx, struct scan_result *result)
{
    struct search *search = ctx;
    uint64_t hits = result->side.len / sizeof(size_t);
    uint64_t left = search->max == 0 ? UINT64_MAX : search->max - search->found;
    size_t end = result->out.len;

    reading_findings(&search->reading, result);
    if (hits > left) {
        memcpy(&end, result->side.ptr + (left - 1) * sizeof(size_t), sizeof end);
        hits = left;
    }
    search->found += hits;
    return reading_write(
                   &search->reading, stdout, hn_text_sub(hn_buf_text(&result->out), 0, end)) &&
           reading_flush(&search->reading, stdout) &&
           (search->max == 0 || search->found < search->max);
}

static void on_problem(void *ctx, struct hn_text name, enum hn_status status,
        enum hn_finding_kind kind, struct hn_text message)
{
    struct search *search = ctx;

    reading_problem(&search->reading, name, status, kind, message);
}

static enum hn_status on_schema(void *ctx, struct hn_schema *schema)
{
    struct search *search = ctx;

    return event_output_want(&search->output, schema);
}

/* ---- The command ---- */

static void on_issue(void *ctx, struct hn_text message)
{
    struct hn_buf line = { 0 };

    (void)ctx;
    ui_add_cell(&line, message, 0);
    hn_buf_add_char(&line, '\0');
    ui_error("%s: %s", UI_TEXT("this cannot be searched for", "この条件では検索できません"),
            hn_buf_ok(&line) ? line.ptr : "");
    hn_buf_deinit(&line);
}

static int read_query(struct search *search)
{
    const struct opt_values *values = search->values;
    struct match_options match = { .want_context = true, .on_schema = on_schema, .ctx = search };
    struct search_query query = { .any = opt_flag(values, O_OR),
        .cased = opt_flag(values, O_CASE),
        .regex = opt_flag(values, O_REGEX),
        .text = opt_flag(values, O_TEXT) };
    struct hn_err err = { 0 };
    enum hn_status status;

    query.term_count = opt_texts(values, O_TERM, &query.terms);
    query.without_count = opt_texts(values, O_NOT, &query.without);
    if (query.term_count == 0) {
        query.terms = values->operands;
        query.term_count = 1;
    }
    status = search_rule_load(&query, on_issue, NULL, &search->set, &err);
    if (status == HN_SYNTAX)
        return EXIT_USAGE;
    if (status == HN_OK)
        status = match_snapshot_new(search->set, &match, &search->snapshot, &err);
    if (status == HN_OK)
        return EXIT_FINE;
    ui_error_at(HN_TEXT(""), &err);
    return search->set == NULL ? EXIT_IO : EXIT_USAGE;
}

static int run_search(struct search *search)
{
    struct scan_job job = { .ctx = search,
        .schema = match_schema(search->snapshot),
        .worker_new = worker_new,
        .worker_free = worker_free,
        .on_event = on_event,
        .on_result = on_result,
        .on_problem = on_problem };
    struct hn_buf text = { 0 };
    struct hn_err err = { 0 };
    enum hn_status status;
    int code;

    ui.progress = ui.progress && (ui.width == 0 || search->count_only);
    reading_begin(&search->reading, &search->input.pipeline);
    if (search->output.csv && !search->count_only)
        alert_line_csv_header(&search->output.line, &text);
    (void)reading_write(&search->reading, stdout, hn_buf_text(&text));
    status = scan_pipeline_run(&search->input.pipeline, &job, &search->totals, &err);
    if (search->max > 0 && search->found == search->max && status == HN_CANCELLED)
        status = HN_OK; /* enough */
    progress_clear(&search->reading.progress);
    hn_buf_reset(&text);
    if (search->count_only)
        hn_buf_addf(&text, "%llu\n", (unsigned long long)search->found);
    (void)reading_write(&search->reading, stdout, hn_buf_text(&text));
    (void)reading_flush(&search->reading, stdout);
    hn_buf_deinit(&text);
    code = reading_end(&search->reading, status, &err);
    if (code == EXIT_FINE)
        code = reading_exit_code(&search->totals);
    return code == EXIT_FINE && search->found == 0 ? EXIT_FINDINGS : code;
}

/* All operands are patterns then: there are no files. */
static int search_history(const struct opt_values *values)
{
    struct search_server search = { .values = values,
        .form = opt_text(values, O_OUTPUT),
        .count_only = opt_flag(values, O_COUNT),
        .raw = opt_flag(values, O_RAW),
        .max = opt_number(values, O_MAX, 0),
        .query = { .any = opt_flag(values, O_OR),
                .cased = opt_flag(values, O_CASE),
                .regex = opt_flag(values, O_REGEX),
                .text = opt_flag(values, O_TEXT) } };

    search.query.term_count = opt_texts(values, O_TERM, &search.query.terms);
    search.query.without_count = opt_texts(values, O_NOT, &search.query.without);
    if (search.query.term_count > 0 && values->operand_count > 0)
        return remote_usage("patterns are given with -e or without, not both",
                "検索語は -e か引数のどちらか一方で指定してください");
    if (search.query.term_count == 0) {
        search.query.terms = values->operands;
        search.query.term_count = values->operand_count;
    }
    return search_server_run(&search);
}

static int search_command(const struct opt_values *values)
{
    struct search search = { .values = values };
    const char *const *terms;
    const char *form = opt_text(values, O_OUTPUT);
    size_t first = opt_texts(values, O_TERM, &terms) == 0 ? 1 : 0;
    int code;

    if (search_server_wanted(values, O_HISTORY))
        return search_history(values);
    code = input_settings_read(values, first, &search.input);
    if (form == NULL)
        form = ui.width > 0 && opt_text(values, O_FIELDS) == NULL ? "human" : "jsonl";
    search.human = strcmp(form, "human") == 0;
    search.count_only = opt_flag(values, O_COUNT);
    search.max = opt_number(values, O_MAX, 0);
    if (code == EXIT_FINE)
        code = event_output_read(values, &search.input, strcmp(form, "csv") == 0, &search.output);
    if (code == EXIT_FINE)
        code = read_query(&search);
    if (code == EXIT_FINE)
        code = run_search(&search);
    match_snapshot_unref(search.snapshot);
    sigma_set_unref(search.set);
    event_output_deinit(&search.output);
    input_settings_deinit(&search.input);
    return code;
}

const struct opt_command cmd_search = {
    .name = "search",
    .operands = "PATTERN PATH...",
    .summary = "Finds events: text anywhere in them, or FIELD=VALUE as a Sigma rule would",
    .summary_ja = "イベントを検索する(どこかに含まれる文字列、または Sigma と同じ意味の 項目=値)",
    .details =
            "PATTERN is text, looked for in every decoded value and in the raw line without regard "
            "to case, or FIELD=VALUE: a field under any name that a rule may use, and a value with "
            "Sigma's wildcards * and ?. FIELD|MODIFIER=VALUE takes Sigma's modifiers, such as "
            "Image|endswith=\\cmd.exe, CommandLine|contains|windash=-enc, "
            "DestinationIp|cidr=203.0.113.0/24, ScriptBlockText|re=I[Ee][Xx]. FIELD=null finds "
            "events without the field.\n"
            "Several patterns are given with -e. With --history, --server or --data the events "
            "that a "
            "server still has are searched, newest first; then all operands are patterns. The exit "
            "code is 0 when something was found, and "
            "1 when nothing was.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = search_command,
};
