/* history_question.c - a question compiled, records read for it, events as JSON. */
#include "history/history_internal.h"

#include "base/json_out.h"

#include <string.h>
#include <time.h>

#define BYTES_DEFAULT ((uint64_t)64 << 20)
#define TIME_DEFAULT  (2 * HN_SECOND)
#define CLOCK_EVERY   64u /* events */

/* ---- Questions ---- */

static enum hn_status on_schema(void *ctx, struct hn_schema *schema)
{
    struct history_question *question = ctx;

    for (size_t i = 0; i < hn_normal_names_count; i++) {
        question->added[i] = hn_schema_want(schema, hn_text_cstr(hn_normal_names[i]));
        if (question->added[i] == HN_FIELD_NONE)
            return HN_NOMEM;
    }
    for (size_t i = 0; i < question->name_count; i++) {
        question->fields[i] = hn_schema_want(schema, hn_text_cstr(question->names[i]));
        if (question->fields[i] == HN_FIELD_NONE)
            return HN_NOMEM;
    }
    return HN_OK;
}

void history_question_free(struct history_question *question)
{
    if (question == NULL)
        return;
    match_snapshot_unref(question->snapshot);
    sigma_set_unref(question->set);
    hn_free(question->added);
    hn_free(question->fields);
    hn_free(question);
}

static enum hn_status make(
        struct history_question *question, const struct search_query *query, struct hn_err *err)
{
    const struct match_options match = {
        .want_context = true, .on_schema = on_schema, .ctx = question
    };
    enum hn_status status;

    question->added = hn_calloc(hn_normal_names_count, sizeof *question->added);
    question->fields = hn_calloc(question->name_count + 1, sizeof *question->fields);
    if (question->added == NULL || question->fields == NULL)
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    question->line.added = question->added;
    question->line.added_count = (uint32_t)hn_normal_names_count;
    status = search_rule_load(query, NULL, NULL, &question->set, err);
    return status == HN_OK ? match_snapshot_new(question->set, &match, &question->snapshot, err)
                           : status;
}

static enum hn_status question_new(struct history_question wish, const struct search_query *query,
        struct history_question **ret_question, struct hn_err *err)
{
    struct history_question *question = hn_calloc(1, sizeof *question);
    enum hn_status status;

    if (question == NULL)
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    *question = wish;
    status = make(question, query, err);
    question->names = NULL; /* the caller's */
    if (status == HN_OK)
        *ret_question = question;
    else
        history_question_free(question);
    return status;
}

enum hn_status history_question_new(const struct search_query *query, bool raw,
        struct history_question **ret_question, struct hn_err *err)
{
    const struct history_question wish = { .line = { .raw = raw } };

    return question_new(wish, query, ret_question, err);
}

enum hn_status history_question_of_fields(const char *const *names, size_t count,
        struct history_question **ret_question, struct hn_err *err)
{
    const struct history_question wish = { .names = names, .name_count = count };
    const struct search_query every = { 0 };

    return question_new(wish, &every, ret_question, err);
}

/* ---- Reading ---- */

enum hn_status history_reading_init(
        struct history_reading *reading, const struct history_question *question)
{
    *reading = (struct history_reading){ .question = question,
        .view = engine_view_new(),
        .matcher = search_matcher_new(question->snapshot) };
    if (reading->view == NULL || reading->matcher == NULL)
        return HN_NOMEM;
    return hn_event_init(&reading->event, match_schema(question->snapshot), NULL, false);
}

void history_reading_deinit(struct history_reading *reading)
{
    hn_event_deinit(&reading->event);
    search_matcher_free(reading->matcher);
    engine_view_free(reading->view);
}

bool history_record_is_of(const struct journal_record *record, struct hn_text source,
        struct hn_text tenant, struct intake_batch *ret_batch)
{
    return record->kind == JOURNAL_BATCH &&
           intake_batch_read(record->payload, ret_batch, NULL) == HN_OK &&
           (source.len == 0 || hn_text_eq(source, ret_batch->source)) &&
           (tenant.len == 0 || hn_text_eq(tenant, ret_batch->tenant));
}

/* ---- Events as JSON ---- */

static void write_time(struct hn_json_out *json, hn_time time)
{
    char text[HN_TIME_TEXT_MAX];

    hn_json_text(json, hn_text_of(text, hn_time_write(time, 0, text)));
}

static void write_place(const struct journal_record *record, const struct intake_batch *batch,
        const struct engine_viewed *viewed, struct hn_buf *out)
{
    struct hn_json_out json = hn_json_out_over(out);

    hn_buf_add_lit(out, "{\"journal\":");
    hn_json_open(&json, '{');
    hn_json_pair_u64(&json, "offset", record->offset);
    hn_json_pair_u64(&json, "index", viewed->index);
    hn_json_key(&json, HN_TEXT("received"));
    write_time(&json, record->received);
    hn_json_pair(&json, "source", batch->source);
    hn_json_pair(&json, "tenant", batch->tenant);
    hn_json_close(&json, '}');
}

/* The line of `hinomi events`, whose opening bracket becomes a comma and whose end stays open. */
static void write_line(struct history_reading *reading, struct hn_event *event,
        const struct engine_viewed *viewed, const struct alert_line_options *options,
        struct hn_buf *out)
{
    struct alert_line line = { .event = event,
        .file = viewed->stream,
        .time = hn_event_time(event, viewed->time),
        .host = hn_event_host(event),
        .user = hn_event_user(event) };
    size_t start = out->len;

    line.matches = search_matcher_evidence(reading->matcher, &line.match_count);
    if (options->only != NULL)
        line.match_count = 0;
    alert_line_json(&line, options, out);
    if (hn_buf_ok(out)) {
        out->ptr[start] = ',';
        out->len -= 2; /* "}\n" */
    }
}

void history_reading_event_write(struct history_reading *reading,
        const struct journal_record *record, const struct intake_batch *batch,
        const struct engine_viewed *viewed, struct hn_text more, struct hn_buf *out)
{
    static const hn_field none[1] = { 0 };
    const struct alert_line_options cut = { .only = none };
    struct hn_event *event = search_matcher_full(reading->matcher);
    size_t start = out->len;

    if (event == NULL)
        return;
    event->offset = viewed->offset;
    event->line = viewed->line;
    write_place(record, batch, viewed, out);
    write_line(reading, event, viewed, &reading->question->line, out);
    if (out->len - start > HISTORY_EVENT_BYTES) {
        out->len = start;
        write_place(record, batch, viewed, out);
        write_line(reading, event, viewed, &cut, out);
        hn_buf_add_lit(out, ",\"cut\":true");
    }
    hn_buf_add_text(out, more);
    hn_buf_add_char(out, '}');
}

/* ---- Time and cancelling ---- */

hn_time history_work_clock(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (hn_time)now.tv_sec * HN_SECOND + now.tv_nsec;
}

void history_work_begin(struct history_work *work, const struct history_budget *budget,
        struct history_scanned *scanned)
{
    *work = (struct history_work){ .budget = budget,
        .scanned = scanned,
        .started = history_work_clock(),
        .bytes_max = budget->bytes_max > 0 ? budget->bytes_max : BYTES_DEFAULT,
        .time_max = budget->time_max > 0 ? budget->time_max : TIME_DEFAULT };
    *scanned = (struct history_scanned){ 0 };
}

void history_work_end(struct history_work *work)
{
    work->scanned->took = history_work_clock() - work->started;
}

bool history_work_is_done(struct history_work *work)
{
    return work->scanned->bytes >= work->bytes_max ||
           history_work_clock() - work->started >= work->time_max;
}

bool history_work_is_cancelled(const struct history_work *work)
{
    return work->budget->cancelled != NULL && work->budget->cancelled(work->budget->ctx);
}

enum hn_status history_work_event(struct history_work *work)
{
    work->scanned->events++;
    if (++work->ticks < CLOCK_EVERY)
        return HN_OK;
    work->ticks = 0;
    if (history_work_is_cancelled(work))
        return HN_CANCELLED;
    return history_work_clock() - work->started > 10 * work->time_max ? HN_LIMIT : HN_OK;
}
