/* cmd_rules_explain.c - hinomi rules explain: why one rule fires on an event, or does not. */
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/explain_show.h"
#include "app/input_options.h"
#include "app/reading.h"
#include "app/rule_find.h"
#include "app/rule_options.h"
#include "app/ui.h"

#include "base/mem.h"

enum { O_OUTPUT, O_EVENT, O_REASONS };

static const struct opt_spec options[] = {
    OPT_RULE_PATHS_ROW,
    OPT_RULE_MAKING_ROWS,
    { O_EVENT, "event", 'e', OPT_NUMBER, "N", NULL,
            "explain the Nth event (default: the one that comes nearest)",
            "N 番目のイベントを説明する(既定: 最も近いもの)" },
    { O_REASONS, "reasons", '\0', OPT_FLAG, NULL, NULL,
            "show only the parts of the condition that decided", "結果を決めた部分だけを示す" },
    { O_OUTPUT, "output", 'o', OPT_CHOICE, NULL, "human|json",
            "form of the explanation (default: human)", "出力形式(既定: human)" },
    OPT_TIME_ROWS,
    OPT_INPUT_ROWS,
    OPT_UI_ROWS,
};

struct run {
    const struct opt_values *values;
    struct input_settings input;
    struct reading reading;
    struct sigma_set *set;
    const struct sigma_rule *rule;
    struct match_snapshot *snapshot;
    struct explanation explanation;
    uint64_t wanted; /* 0: the nearest */
    uint64_t events;
    uint64_t matches;
    bool found;
    bool json;
    bool reasons_only;
    struct explain_rank rank;
    struct hn_buf text;
};

/* ---- Events ---- */

static void *worker_new(void *ctx)
{
    return ctx; /* one thread */
}

static void worker_free(void *worker)
{
    (void)worker;
}

static bool on_event(void *ctx, struct hn_event *event, const struct scan_place *place,
        struct scan_result *result)
{
    struct run *run = ctx;
    struct explain_view view = { .explanation = &run->explanation, .event = event };
    struct explain_rank rank;

    (void)result;
    hn_event_resolve(event);
    if (!input_settings_in_time(
                &run->input, hn_event_time(event, &run->input.pipeline.decode.time)))
        return true;
    run->events++;
    if (run->wanted != 0 && run->wanted != run->events)
        return true;
    if (explain(&run->explanation, run->rule, event) != HN_OK)
        return false;
    rank = explain_rank(&run->explanation);
    run->matches += rank.matched;
    if (run->found && explain_rank_compare(rank, run->rank) <= 0)
        return true;
    run->found = true;
    run->rank = rank;
    hn_buf_reset(&run->text);
    view.file = place->entry->name;
    view.number = run->events;
    view.reasons_only = run->reasons_only;
    if (run->json)
        explain_show_json(&view, &run->text);
    else
        explain_show(&view, &run->text);
    return hn_buf_ok(&run->text);
}

static bool on_result(void *ctx, struct scan_result *result)
{
    struct run *run = ctx;

    reading_findings(&run->reading, result);
    return true;
}

static void on_problem(void *ctx, struct hn_text name, enum hn_status status,
        enum hn_finding_kind kind, struct hn_text message)
{
    struct run *run = ctx;

    reading_problem(&run->reading, name, status, kind, message);
}

/* ---- Running ---- */

/* A snapshot of this rule alone: its schema has the rule's fields, and what they are filled from.
 */
static int compile_rule(struct run *run, uint32_t rule)
{
    struct match_options match = { .want_context = true };
    bool *enabled = hn_calloc(run->set->rule_count, sizeof *enabled);
    struct hn_err err = { 0 };
    enum hn_status status;

    if (enabled == NULL)
        return EXIT_IO;
    enabled[rule] = true;
    match.enabled = enabled;
    status = match_snapshot_new(run->set, &match, &run->snapshot, &err);
    hn_free(enabled);
    if (status == HN_OK)
        return EXIT_FINE;
    ui_error_at(run->set->rules[rule].meta.place.file, &err);
    return EXIT_RULES;
}

static int read_events(struct run *run, struct scan_totals *totals)
{
    struct scan_job job = { .ctx = run,
        .schema = match_schema(run->snapshot),
        .want_all = true,
        .worker_new = worker_new,
        .worker_free = worker_free,
        .on_event = on_event,
        .on_result = on_result,
        .on_problem = on_problem };
    struct hn_err err = { 0 };
    enum hn_status status;

    run->input.pipeline.threads = 1;
    reading_begin(&run->reading, &run->input.pipeline);
    status = scan_pipeline_run(&run->input.pipeline, &job, totals, &err);
    return reading_end(&run->reading, status, &err);
}

static void heading(const struct run *run, struct hn_buf *out)
{
    const struct sigma_meta *meta = &run->rule->meta;

    hn_buf_add_cstr(out, ui_style(UI_BOLD, ui.color_out));
    ui_add_cell(out, meta->title, 0);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_lit(out, "  ");
    ui_add_cell(out, meta->id, 0);
    hn_buf_add_char(out, '\n');
    ui_add_cell(out, meta->place.file, 0);
    hn_buf_addf(out, ":%u\n", (unsigned)meta->place.line);
}

static int show(struct run *run, const struct scan_totals *totals)
{
    struct hn_buf out = { 0 };
    bool written;

    if (!run->found) {
        ui_error(UI_TEXT("there are %llu events, none of them to explain",
                         "イベントは %llu 件で、説明できるものがありません"),
                (unsigned long long)run->events);
        return run->wanted == 0 ? EXIT_IO : EXIT_USAGE;
    }
    if (!run->json)
        heading(run, &out);
    hn_buf_add_text(&out, hn_buf_text(&run->text));
    written = hn_buf_ok(&out) && ui_write(stdout, hn_buf_text(&out));
    hn_buf_deinit(&out);
    if (!ui.quiet && run->wanted == 0 && run->events > 1) {
        (void)fprintf(stderr,
                UI_TEXT("The rule fires on %llu of %llu events; --event N explains another.\n",
                        "ルールは %llu / %llu 件で発火。--event N で他のイベントを説明します。\n"),
                (unsigned long long)run->matches, (unsigned long long)run->events);
    }
    return written ? reading_exit_code(totals) : EXIT_IO;
}

static int explain_rule(struct run *run)
{
    struct rules_options rules = rule_options_read(run->values);
    struct scan_totals totals = { 0 };
    uint32_t index = 0;
    int code = rule_find(run->values->operands[0], &rules, &run->set, &index);

    if (code != EXIT_FINE)
        return code;
    run->rule = &run->set->rules[index];
    code = compile_rule(run, index);
    if (code == EXIT_FINE)
        code = read_events(run, &totals);
    return code == EXIT_FINE ? show(run, &totals) : code;
}

static int rules_explain(const struct opt_values *values)
{
    const char *output = opt_text(values, O_OUTPUT);
    struct run run = { .values = values };
    int code;

    run.json = output != NULL && strcmp(output, "json") == 0;
    run.reasons_only = opt_flag(values, O_REASONS);
    run.wanted = opt_number(values, O_EVENT, 0);
    if (values->operand_count < 2) {
        ui_error("%s", UI_TEXT("a rule and an event are needed: rules explain RULE EVENT",
                               "ルールとイベントが必要です: rules explain RULE EVENT"));
        return EXIT_USAGE;
    }
    code = input_settings_read(values, 1, &run.input);
    if (code == EXIT_FINE)
        code = explain_rule(&run);
    hn_buf_deinit(&run.text);
    explanation_deinit(&run.explanation);
    match_snapshot_unref(run.snapshot);
    sigma_set_unref(run.set);
    input_settings_deinit(&run.input);
    return code;
}

const struct opt_command cmd_rules_explain = {
    .name = "rules explain",
    .operands = "RULE EVENT...",
    .summary = "Shows why a rule fires on an event, or why it does not",
    .summary_ja = "ルールがイベントで発火する理由、しない理由を示す",
    .details = "RULE is a file, or the id, name or title of a rule (with -r, of those). EVENT is a "
               "log of any format, or - for standard input. Of several events the one that comes "
               "nearest to the rule is explained.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = rules_explain,
};
