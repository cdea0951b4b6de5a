/* cmd_stats.c - hinomi stats: what is in these logs, from when to when, and what is missing. */
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/input_options.h"
#include "app/reading.h"
#include "app/stats_show.h"
#include "app/ui.h"

#include "base/mem.h"
#include "base/num.h"

#include <string.h>

enum { O_OUTPUT, O_TOP };

#define TOP_DEFAULT 15u

static const struct opt_spec options[] = {
    { O_OUTPUT, "output", 'o', OPT_CHOICE, NULL, "human|json",
            "form of the statistics (default: human)", "出力形式(既定: human)" },
    { O_TOP, "top", 'n', OPT_NUMBER, "N", NULL,
            "rows per table, 0 for all (default: 15, with json all)",
            "各表の行数。0 はすべて(既定: 15、json ではすべて)" },
    OPT_TIME_ROWS,
    OPT_INPUT_ROWS,
    OPT_UI_ROWS,
};

struct stats_run {
    struct input_settings input;
    struct reading reading;
    struct stats stats;
    struct scan_totals totals;
    hn_field record_field;
};

struct worker {
    const struct stats_run *run;
    struct hn_buf kind;
};

/* What a worker leaves for each event: this, then its texts. */
struct packed {
    hn_time time;
    uint64_t record;
    bool recovered;
    uint32_t kind_len;
    uint32_t host_len;
    uint32_t user_len;
    uint32_t channel_len;
};

/* ---- Workers ---- */

static uint64_t record_of(const struct stats_run *run, struct hn_event *event)
{
    uint64_t record;

    return hn_parse_u64(hn_event_field_text(event, run->record_field), &record) ? record : 0;
}

static bool on_event(void *ctx, struct hn_event *event, const struct scan_place *place,
        struct scan_result *result)
{
    struct worker *worker = ctx;
    const struct stats_run *run = worker->run;
    struct hn_buf *side = &result->side;
    struct packed packed = { .time = HN_TIME_NONE };
    struct hn_text channel;
    struct hn_text host;
    struct hn_text user;

    (void)place;
    hn_event_resolve(event);
    packed.time = hn_event_time(event, &run->input.pipeline.decode.time);
    if (!input_settings_in_time(&run->input, packed.time))
        return true;
    channel = hn_text_sub(hn_event_field_text(event, HN_FIELD_CHANNEL), 0, STATS_TEXT_MAX);
    host = hn_text_sub(hn_event_host(event), 0, STATS_TEXT_MAX);
    user = hn_text_sub(hn_event_user(event), 0, STATS_TEXT_MAX);
    hn_buf_reset(&worker->kind);
    stats_kind_write(&event->source, channel, hn_event_field_text(event, HN_FIELD_PROVIDER_NAME),
            hn_event_field_text(event, HN_FIELD_EVENT_ID), &worker->kind);
    packed.record = record_of(run, event);
    packed.recovered = (event->findings >> HN_FINDING_RECOVERED & 1u) != 0;
    packed.kind_len = (uint32_t)worker->kind.len;
    packed.host_len = (uint32_t)host.len;
    packed.user_len = (uint32_t)user.len;
    packed.channel_len = (uint32_t)channel.len;
    hn_buf_add(side, &packed, sizeof packed);
    hn_buf_add_text(side, hn_buf_text(&worker->kind));
    hn_buf_add_text(side, host);
    hn_buf_add_text(side, user);
    hn_buf_add_text(side, channel);
    return hn_buf_ok(&worker->kind) && hn_buf_ok(side);
}

static void *worker_new(void *ctx)
{
    struct worker *worker = hn_calloc(1, sizeof *worker);

    if (worker != NULL)
        worker->run = ctx;
    return worker;
}

static void worker_free(void *ctx)
{
    struct worker *worker = ctx;

    hn_buf_deinit(&worker->kind);
    hn_free(worker);
}

/* ---- In order ---- */

static const char *take(const char *p, struct hn_text *ret_text, uint32_t len)
{
    *ret_text = hn_text_of(p, len);
    return p + len;
}

static bool on_result(void *ctx, struct scan_result *result)
{
    struct stats_run *run = ctx;
    uint32_t input = stats_input_of(&run->stats, result->entry);
    const char *p = result->side.ptr;
    const char *end = p + result->side.len;
    uint64_t findings = 0;

    while (p < end) {
        struct stats_event event = { 0 };
        struct packed packed;

        memcpy(&packed, p, sizeof packed);
        p += sizeof packed;
        event.time = packed.time;
        event.record = packed.record;
        event.recovered = packed.recovered;
        p = take(p, &event.kind, packed.kind_len);
        p = take(p, &event.host, packed.host_len);
        p = take(p, &event.user, packed.user_len);
        p = take(p, &event.channel, packed.channel_len);
        stats_add_event(&run->stats, input, &event);
    }
    for (size_t i = 0; i < result->kept.count; i++)
        stats_add_finding(&run->stats, input, &result->kept.ptr[i]);
    for (unsigned i = 0; i < HN_FINDING_COUNT; i++) {
        stats_add_findings(&run->stats, (enum hn_finding_kind)i, result->findings[i]);
        findings += result->findings[i];
    }
    if (input != UINT32_MAX) {
        run->stats.inputs.ptr[input].bytes += result->bytes;
        run->stats.inputs.ptr[input].findings += findings;
    }
    return !run->stats.failed;
}

static void on_problem(void *ctx, struct hn_text name, enum hn_status status,
        enum hn_finding_kind kind, struct hn_text message)
{
    struct stats_run *run = ctx;

    (void)status; /* shown with the results */
    stats_add_problem(&run->stats, name, kind, message);
}

/* ---- The command ---- */

static int show(struct stats_run *run, const struct opt_values *values)
{
    const char *form = opt_text(values, O_OUTPUT);
    bool json = form != NULL && strcmp(form, "json") == 0;
    unsigned long top = opt_number(values, O_TOP, json ? 0 : TOP_DEFAULT);
    struct stats_view view = { .stats = &run->stats,
        .totals = &run->totals,
        .zone = run->input.zone,
        .top = top == 0 ? UINT32_MAX : (uint32_t)top };
    struct hn_buf text = { 0 };

    stats_finish(&run->stats);
    if (json)
        stats_json_write(&view, &text);
    else
        stats_table_write(&view, &text);
    if (hn_buf_ok(&text)) {
        (void)reading_write(&run->reading, stdout, hn_buf_text(&text));
        (void)reading_flush(&run->reading, stdout);
    }
    hn_buf_deinit(&text);
    return reading_output_code(&run->reading);
}

static int collect(struct stats_run *run, struct hn_schema *schema)
{
    struct scan_job job = { .ctx = run,
        .schema = schema,
        .worker_new = worker_new,
        .worker_free = worker_free,
        .on_event = on_event,
        .on_result = on_result,
        .on_problem = on_problem };
    struct hn_err err = { 0 };
    enum hn_status status;

    reading_begin(&run->reading, &run->input.pipeline);
    status = scan_pipeline_run(&run->input.pipeline, &job, &run->totals, &err);
    return reading_end(&run->reading, status, &err);
}

static int stats_command(const struct opt_values *values)
{
    struct stats_run run = { 0 };
    struct hn_schema *schema = hn_schema_new();
    int code = schema == NULL ? EXIT_IO : input_settings_read(values, 0, &run.input);
    int after;

    stats_init(&run.stats);
    if (code == EXIT_FINE) {
        run.record_field = hn_schema_want(schema, HN_TEXT("EventRecordID"));
        if (run.record_field == HN_FIELD_NONE || hn_schema_want_context(schema) != HN_OK ||
                hn_schema_seal(schema, NULL) != HN_OK)
            code = EXIT_IO;
    }
    if (code == EXIT_FINE)
        code = collect(&run, schema);
    if (code == EXIT_FINE || code == EXIT_PARTIAL) {
        after = show(&run, values);
        if (after != EXIT_FINE)
            code = after;
        else if (code == EXIT_FINE)
            code = reading_exit_code(&run.totals);
    }
    stats_deinit(&run.stats);
    input_settings_deinit(&run.input);
    hn_schema_free(schema);
    return code;
}

const struct opt_command cmd_stats = {
    .name = "stats",
    .operands = "PATH...",
    .summary =
            "Shows what is in logs: sources, event ids, hosts, accounts, time span, gaps, damage",
    .summary_ja =
            "ログの中身を調べる(ログソース・イベント ID・ホスト・アカウント・期間・欠落・破損)",
    .details =
            "A stream is a channel of a host for Windows events, and an input for everything else. "
            "A pause in a stream of at least 50 events is shown when it lasts ten minutes or more "
            "and eight times as long as 99 of 100 pauses of that stream. Records are missing when "
            "the record numbers of a channel are not without gaps over all inputs together. A "
            "clock was set back when an event is a minute or more before the one logged before it.",
    .options = options,
    .option_count = HN_COUNT_OF(options),
    .run = stats_command,
};
