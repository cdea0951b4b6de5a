/* bench_streams.c - the streams that `hinomi bench` measures with, made from the shared data. */
#include "app/bench.h"
#include "app/rules_load.h"

#include "base/mem.h"
#include "scan/scan.h"

#include <stdio.h>
#include <string.h>

#define PATH_ROOM   4200
#define LINES_BYTES ((size_t)64 << 20)

/* ---- OTRF ---- */

static bool copy_entry(struct input *input, FILE *out)
{
    static char block[65536];
    size_t len = 0;
    char last = '\n';

    do {
        if (input_read(input, block, sizeof block, &len, NULL) != HN_OK ||
                fwrite(block, 1, len, out) != len)
            return false;
        last = len > 0 ? block[len - 1] : last;
    } while (len > 0);
    return last == '\n' || fputc('\n', out) != EOF;
}

bool bench_write_otrf(const char *data, const char *path)
{
    struct input_options options = { 0 };
    struct input_entry entry;
    struct input *input;
    char folder[PATH_ROOM];
    struct hn_text arg;
    enum hn_status status;
    uint64_t entries = 0;
    FILE *out;

    (void)snprintf(folder, sizeof folder, "%s/otrf/datasets", data);
    arg = hn_text_cstr(folder);
    if (input_open(&arg, 1, &options, &input, NULL) != HN_OK)
        return false;
    out = fopen(path, "we");
    status = out == NULL ? HN_IO : HN_OK;
    while (status == HN_OK && (status = input_next(input, &entry, NULL)) == HN_OK) {
        if (!entry.packed || hn_text_find(entry.name, HN_TEXT("/linux/"), 0) != SIZE_MAX)
            continue;
        entries++;
        if (!copy_entry(input, out))
            status = HN_IO;
    }
    input_close(input);
    if (out != NULL && fclose(out) != 0)
        status = HN_IO;
    return status == HN_NOTFOUND && entries > 0;
}

/* ---- Process creations that match ---- */

struct matching {
    const char *data;
    const char *path;
    uint64_t events;
    struct match_snapshot *snapshot;
    struct hn_buf lines; /* the events found, one line each */
};

static void on_hit(void *ctx, uint32_t rule)
{
    (void)ctx;
    (void)rule;
}

static bool is_process_creation(const struct hn_event *event)
{
    for (size_t i = 0; i < HN_LABELS_MAX; i++) {
        if (hn_text_eq(event->source.category[i], HN_TEXT("process_creation")))
            return true;
    }
    return false;
}

/* The document without white space between its tokens. */
static void add_line(struct hn_buf *out, struct hn_bytes json)
{
    bool in_string = false;

    for (size_t i = 0; i < json.len; i++) {
        char c = (char)json.ptr[i];

        if (in_string && c == '\\' && i + 1 < json.len) {
            hn_buf_add_char(out, c);
            c = (char)json.ptr[++i];
        } else if (c == '"') {
            in_string = !in_string;
        } else if (!in_string && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) {
            continue;
        }
        hn_buf_add_char(out, c);
    }
    hn_buf_add_char(out, '\n');
}

static bool on_event(
        void *ctx, struct hn_event *event, const struct scan_place *place, struct scan_result *out)
{
    struct match_scratch *scratch = ctx;

    (void)place;
    hn_event_resolve(event);
    if (event->raw_is_json && is_process_creation(event) &&
            match_event(scratch, event, NULL, on_hit, NULL) > 0)
        add_line(&out->out, event->raw);
    return true;
}

static void *worker_new(void *ctx)
{
    struct matching *matching = ctx;
    struct match_scratch *scratch = NULL;

    return match_scratch_new(matching->snapshot, &scratch) == HN_OK ? scratch : NULL;
}

static void worker_free(void *worker)
{
    match_scratch_free(worker);
}

static bool on_result(void *ctx, struct scan_result *result)
{
    struct matching *matching = ctx;

    hn_buf_add_text(&matching->lines, hn_buf_text(&result->out));
    return hn_buf_ok(&matching->lines);
}

static bool find_lines(struct matching *matching)
{
    char rules[PATH_ROOM];
    char logs[PATH_ROOM];
    const char *rules_path = rules;
    const char *logs_path = logs;
    struct rules_options options = { .paths = &rules_path, .path_count = 1 };
    struct scan_pipeline_options pipeline = { .inputs = &logs_path,
        .input_count = 1,
        .format = decode_format_find(HN_TEXT("json")),
        .threads = 1 };
    struct scan_job job = { .ctx = matching,
        .worker_new = worker_new,
        .worker_free = worker_free,
        .on_event = on_event,
        .on_result = on_result };
    struct match_options match = { 0 };
    struct scan_totals totals;
    struct rules_stats stats;
    struct sigma_set *set;
    bool ok;

    (void)snprintf(rules, sizeof rules, "%s/sigma", matching->data);
    (void)snprintf(logs, sizeof logs, "%s/sigma-regression", matching->data);
    if (rules_load(&options, &set, &stats) != EXIT_FINE)
        return false;
    ok = match_snapshot_new(set, &match, &matching->snapshot, NULL) == HN_OK;
    if (ok) {
        job.schema = match_schema(matching->snapshot);
        ok = scan_pipeline_run(&pipeline, &job, &totals, NULL) == HN_OK;
    }
    match_snapshot_unref(matching->snapshot);
    sigma_set_unref(set);
    return ok && matching->lines.len > 0;
}

/* Members whose values differ from event to event in a real log. */
static const char *const varying[] = { "\"ProcessGuid\":\"", "\"ParentProcessGuid\":\"",
    "\"LogonGuid\":\"", "\"UtcTime\":\"", "\"SystemTime\":\"",
    "\"EventRecordID\":", "\"ProcessId\":", "\"ParentProcessId\":", "\"ProcessID\":" };

/* Gives the digits of those members the number's, from the last one on; lengths stay. */
static void number_line(char *line, size_t len, uint64_t number)
{
    struct hn_text text = hn_text_of(line, len);

    for (size_t i = 0; i < HN_COUNT_OF(varying); i++) {
        struct hn_text name = hn_text_cstr(varying[i]);
        size_t from = hn_text_find(text, name, 0);
        uint64_t rest = number;
        size_t end;

        if (from == SIZE_MAX)
            continue;
        from += name.len;
        for (end = from; end < len && line[end] != '"' && line[end] != ',' && line[end] != '}';
                end++)
            continue;
        /* The first digit stays, so that a number does not come to begin with 0. */
        for (size_t at = end; at > from + 1 && rest > 0; at--) {
            if (line[at - 1] >= '0' && line[at - 1] <= '9') {
                line[at - 1] = (char)('0' + rest % 10);
                rest /= 10;
            }
        }
    }
}

static bool write_repeated(const struct matching *matching)
{
    FILE *out = fopen(matching->path, "we");
    struct hn_buf line = { 0 };
    uint64_t written = 0;
    bool ok = out != NULL;

    while (ok && written < matching->events) {
        struct hn_text rest = hn_buf_text(&matching->lines);
        struct hn_text one;

        while (ok && written < matching->events && hn_text_line(&rest, &one)) {
            hn_buf_reset(&line);
            hn_buf_add_text(&line, one);
            hn_buf_add_char(&line, '\n');
            ok = hn_buf_ok(&line);
            if (ok)
                number_line(line.ptr, line.len, written);
            ok = ok && fwrite(line.ptr, 1, line.len, out) == line.len;
            written++;
        }
    }
    hn_buf_deinit(&line);
    return out != NULL && fclose(out) == 0 && ok;
}

static bool write_matching(void *ctx)
{
    struct matching *matching = ctx;
    bool ok;

    hn_buf_init(&matching->lines, LINES_BYTES);
    ok = find_lines(matching) && write_repeated(matching);
    hn_buf_deinit(&matching->lines);
    return ok;
}

bool bench_write_matching(const char *data, const char *path, uint64_t events)
{
    struct matching matching = { .data = data, .path = path, .events = events };

    return bench_fork(write_matching, &matching).ok; /* what it holds is not to count elsewhere */
}
