/* fuzz: alert decode */
/* fuzz_alert.c - events of a JSON log as alerts in every form, with pieces of the input wherever an
 * alert holds text from outside.
 *
 * Oracle: tests/support/alert_check.h. */
#include "alert/alert.h"
#include "decode/decode.h"

#include "../tests/support/alert_check.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PIECES 8

struct job {
    struct hn_text pieces[PIECES];
    struct alert_writer *writers[3];
    struct hn_buf out;
};

static void write_all(struct job *job, struct alert *alert)
{
    for (size_t i = 0; i < HN_COUNT_OF(job->writers); i++) {
        hn_buf_reset(&job->out);
        alert_write(job->writers[i], alert, &job->out);
        if (!hn_buf_ok(&job->out) || !(i == ALERT_CSV ? alert_check_csv(hn_buf_text(&job->out))
                                                      : alert_check_json(hn_buf_text(&job->out))))
            abort();
    }
}

static bool on_event(void *ctx, struct hn_event *event)
{
    struct job *job = ctx;
    struct hn_text *p = job->pieces;
    struct sigma_meta meta = { .id = p[0], .title = p[1], .description = p[2], .level = 3 };
    struct sigma_texts tags = { p, PIECES };
    struct alert_match match = { .selection = p[3], .field = p[4], .pattern = p[5], .value = p[6] };
    struct alert alert = { .meta = &meta,
        .time = HN_TIME_NONE,
        .level = SIGMA_LEVEL_HIGH,
        .host = p[7],
        .user = p[6],
        .file = p[5],
        .matches = &match,
        .match_count = 1 };

    meta.tags = tags;
    meta.references = tags;
    hn_event_resolve(event);
    alert.event = event;
    alert.source = event->source;
    alert.time = hn_event_time(event, NULL);
    alert.line = event->line;
    write_all(job, &alert);
    alert.kind = ALERT_CORRELATION;
    alert.event = NULL;
    alert.group_by = tags;
    alert.group_key = p;
    write_all(job, &alert);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct hn_schema *schema;
    static struct hn_event event;
    const struct decode_options options = { .limits = { 0, 0 } };
    struct job job = { .out = { 0 } };
    const struct decode_sink sink = { .on_event = on_event, .ctx = &job };

    if (size > 16384)
        return 0;
    if (schema == NULL) {
        schema = hn_schema_new();
        if (schema == NULL || hn_schema_seal(schema, NULL) != HN_OK ||
                hn_event_init(&event, schema, NULL, true) != HN_OK)
            abort();
    }
    for (size_t i = 0; i < PIECES; i++)
        job.pieces[i] = hn_text_sub(
                hn_bytes_as_text(hn_bytes_of(data, size)), size * i / PIECES, size / PIECES);
    for (size_t i = 0; i < HN_COUNT_OF(job.writers); i++) {
        job.writers[i] = alert_writer_new((enum alert_format)i, NULL);
        if (job.writers[i] == NULL)
            abort();
    }
    if (decode_all(decode_format_find(HN_TEXT("json")), &options, hn_bytes_of(data, size), &event,
                &sink) != HN_OK)
        abort();
    for (size_t i = 0; i < HN_COUNT_OF(job.writers); i++)
        alert_writer_free(job.writers[i]);
    hn_buf_deinit(&job.out);
    return 0;
}
