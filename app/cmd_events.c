/* cmd_events.c - hinomi events: logs of any kind as normalised JSON lines. */
#include "app/commands.h"
#include "app/event_output.h"
#include "app/exit_code.h"
#include "app/input_options.h"
#include "app/reading.h"
#include "app/ui.h"

#include <string.h>

enum { O_OUTPUT };

static const struct opt_spec options[] = {
    { O_OUTPUT, "output", 'o', OPT_CHOICE, NULL, "jsonl|csv",
            "form of the events; csv needs --fields (default: jsonl)",
            "出力形式。csv には --fields が必要(既定: jsonl)" },
    OPT_EVENT_ROWS,
    OPT_TIME_ROWS,
    OPT_INPUT_ROWS,
    OPT_UI_ROWS,
};

struct events_run {
    struct input_settings input;
    struct event_output output;
    struct reading reading;
    struct scan_totals totals;
};

/* A worker needs nothing of its own. */
static void *worker_new(void *ctx)
{
    return ctx;
}

static void worker_free(void *worker)
{
    (void)worker;
}

static bool on_event(void *worker, struct hn_event *event, const struct scan_place *place,
        struct scan_result *result)
{
    const struct events_run *run = worker;

    hn_event_resolve(event);
    if ((run->input.since != HN_TIME_NONE || run->input.until != HN_TIME_NONE) &&
            !input_settings_in_time(&run->input, hn_event_time(event, run->output.time)))
        return true;
    event_output_write(&run->output, event, place->entry->name, NULL, 0, &result->out);
    return hn_buf_ok(&result->out);
}

static bool on_result(void *ctx, struct scan_result *result)
{
    struct events_run *run = ctx;

    reading_findings(&run->reading, result);
    return reading_write(&run->reading, stdout, hn_buf_text(&result->out)) &&
           reading_flush(&run->reading, stdout);
}

static void on_problem(void *ctx, struct hn_text name, enum hn_status status,
        enum hn_finding_kind kind, struct hn_text message)
{
    struct events_run *run = ctx;

    reading_problem(&run->reading, name, status, kind, message);
}

static int write_events(struct events_run *run, struct hn_schema *schema)
{
    struct scan_job job = { .ctx = run,
        .schema = schema,
        .want_all = run->output.all,
        .worker_new = worker_new,
        .worker_free = worker_free,
        .on_event = on_event,
        .on_result = on_result,
        .on_problem = on_problem };
    struct hn_buf header = { 0 };
    struct hn_err err = { 0 };
    enum hn_status status = HN_OK;
    int code;

    ui.progress = ui.progress && ui.width == 0; /* no bar between lines on the same terminal */
    reading_begin(&run->reading, &run->input.pipeline);
    if (run->output.csv) {
        alert_line_csv_header(&run->output.line, &header);
        if (!reading_write(&run->reading, stdout, hn_buf_text(&header)))
            status = HN_CANCELLED;
    }
    hn_buf_deinit(&header);
    if (status == HN_OK)
        status = scan_pipeline_run(&run->input.pipeline, &job, &run->totals, &err);
    (void)reading_flush(&run->reading, stdout);
    code = reading_end(&run->reading, status, &err);
    return code == EXIT_FINE ? reading_exit_code(&run->totals) : code;
}

static int events_command(const struct opt_values *values)
{
    struct events_run run = { 0 };
    struct hn_schema *schema = hn_schema_new();
    const char *form = opt_text(values, O_OUTPUT);
    int code = schema == NULL ? EXIT_IO : input_settings_read(values, 0, &run.input);

    if (code == EXIT_FINE)
        code = event_output_read(
                values, &run.input, form != NULL && strcmp(form, "csv") == 0, &run.output);
    if (code == EXIT_FINE && (event_output_want(&run.output, schema) != HN_OK ||
                                     hn_schema_seal(schema, NULL) != HN_OK))
        code = EXIT_IO;
    if (code == EXIT_FINE)
        code = write_events(&run, schema);
    event_output_deinit(&run.output);
    input_settings_deinit(&run.input);
    hn_schema_free(schema);
    return code;
}

const struct opt_command cmd_events = {
    .name = "events",
    .operands = "PATH...",
    .summary = "Writes logs of any kind as normalised JSON lines, in the order of the input",
    .summary_ja = "どんな形式のログも、入力順に正規化した JSON 行にして出力する",
    .details = "Each line has the members time, host, user, logsource (product, category, service: "
               "what rules ask for), input (file, offset, line), findings (what is damaged in the "
               "event), event (its fields as decoded, with their types), added (what normalisation "
               "adds under the names that rules use, and the computed hinomi.* fields), and raw "
               "with --raw. Members are called as in the alerts of scan.\n"
               "With --fields the event holds just these fields, looked up under any name that a "
               "rule may use.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = events_command,
};
