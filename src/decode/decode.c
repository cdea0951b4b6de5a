/* decode.c - the table of formats, recognition, and the steps every stream goes through. */
#include "decode/decode_internal.h"

#include "base/mem.h"
#include "decode/syslog_event.h"

#include <assert.h>

const struct decode_limits decode_limits_default = {
    .event_bytes_max = (size_t)16 << 20,
    .join_events_max = 1024,
};

/* Order decides ties between probes: the more specific first. */
static const struct decode_format *const formats[] = {
    &decode_format_evtx,
    &decode_format_winxml,
    &decode_format_zeek,
    &decode_format_w3c,
    &decode_format_modsec,
    &decode_format_squid,
    &decode_format_weblog,
    &decode_format_auditd,
    &decode_format_cef,
    &decode_format_leef,
    &decode_format_octets,
    &decode_format_syslog,
    &decode_format_csv,
    &decode_format_json,
    &decode_format_kv,
    &decode_format_lines,
};

struct hn_text decode_format_name(const struct decode_format *format)
{
    return format->name;
}

struct hn_text decode_format_title(const struct decode_format *format)
{
    return format->title;
}

uint32_t decode_format_traits(const struct decode_format *format)
{
    return format->traits;
}

const struct decode_format *decode_format_at(size_t index)
{
    return index < HN_COUNT_OF(formats) ? formats[index] : NULL;
}

const struct decode_format *decode_format_find(struct hn_text name)
{
    for (size_t i = 0; i < HN_COUNT_OF(formats); i++) {
        if (hn_text_eq(formats[i]->name, name))
            return formats[i];
    }
    return NULL;
}

const struct decode_format *decode_detect(struct hn_bytes head, struct hn_text name)
{
    const struct decode_format *best = NULL;
    int best_score = PROBE_NO;

    if (head.len > DECODE_DETECT_BYTES)
        head.len = DECODE_DETECT_BYTES;
    for (size_t i = 0; i < HN_COUNT_OF(formats); i++) {
        int score = formats[i]->probe(head, name);

        if (score > best_score) {
            best = formats[i];
            best_score = score;
        }
    }
    return best;
}

enum hn_status decode_stream_new(const struct decode_format *format,
        const struct decode_options *options, struct decode_stream **ret_stream, struct hn_err *err)
{
    struct decode_stream *stream = hn_calloc(1, sizeof *stream);
    enum hn_status status = HN_OK;

    if (stream == NULL)
        return hn_fail(err, HN_NOMEM, 0, "input stream");
    stream->format = format;
    stream->options = *options;
    if (stream->options.limits.event_bytes_max == 0)
        stream->options.limits = decode_limits_default;
    stream->line = 1;
    if (format->open != NULL)
        status = format->open(stream, err);
    if (status != HN_OK) {
        hn_free(stream);
        return status;
    }
    *ret_stream = stream;
    return HN_OK;
}

void decode_stream_free(struct decode_stream *stream)
{
    if (stream == NULL)
        return;
    if (stream->format->close != NULL)
        stream->format->close(stream);
    hn_free(stream);
}

static uint64_t count_lines(struct hn_bytes bytes)
{
    const uint8_t *p = bytes.ptr;
    const uint8_t *end = p + bytes.len;
    uint64_t count = 0;

    while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        count++;
        p++;
    }
    return count;
}

size_t decode_cut(struct decode_stream *stream, struct hn_bytes in, bool at_end,
        struct decode_batch *ret_batch)
{
    struct decode_batch batch = { .stream = stream, .offset = stream->offset };
    size_t took;

    if (in.len == 0 && !at_end)
        return 0;
    if (stream->format->cut != NULL)
        took = stream->format->cut(stream, in, at_end, &batch);
    else
        took = decode_cut_lines(stream, in, at_end, &batch);
    assert(took <= in.len && (took > 0 || !at_end || in.len == 0));
    if (took == 0 && !at_end)
        return 0;
    batch.bytes = hn_bytes_of(in.ptr, took);
    batch.at_end = at_end && took == in.len;
    if ((stream->format->traits & DECODE_LINES) != 0) {
        batch.line = stream->line;
        stream->line += count_lines(batch.bytes);
    }
    stream->offset += took;
    *ret_batch = batch;
    return took;
}

void decode_stream_head(const struct decode_stream *stream, struct hn_buf *out)
{
    if (stream->format->head != NULL)
        stream->format->head(stream, out);
}

void decode_stream_resume(struct decode_stream *stream, struct hn_bytes head)
{
    struct decode_batch batch = { 0 };

    if (head.len == 0)
        return;
    if (stream->format == &decode_format_json) /* an array is seen to be open by an element */
        head = hn_bytes_of("[{}\n", 4);
    if (decode_cut(stream, head, false, &batch) > 0)
        decode_batch_release(&batch);
}

size_t decode_between_events(const struct decode_format *format, struct hn_text lines)
{
    if (format != &decode_format_auditd && format != &decode_format_syslog)
        return lines.len;
    return syslog_cut_between_events(lines, lines.len);
}

void decode_batch_release(struct decode_batch *batch)
{
    if (batch->stream != NULL && batch->stream->format->release != NULL)
        batch->stream->format->release(batch);
    memset(batch, 0, sizeof *batch);
}

enum hn_status decode_run(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink)
{
    return batch->stream->format->run(batch, event, sink);
}

enum hn_status decode_again(
        const struct decode_batch *batch, const struct hn_event *from, struct hn_event *to)
{
    return batch->stream->format->again(batch, from, to);
}

enum hn_status decode_all(const struct decode_format *format, const struct decode_options *options,
        struct hn_bytes in, struct hn_event *event, const struct decode_sink *sink)
{
    struct decode_stream *stream = NULL;
    struct decode_batch batch;
    enum hn_status status = decode_stream_new(format, options, &stream, NULL);
    bool at_end = false;

    while (status == HN_OK && stream != NULL && !at_end) {
        size_t took = decode_cut(stream, in, true, &batch);

        in.ptr += took;
        in.len -= took;
        at_end = batch.at_end;
        status = decode_run(&batch, event, sink);
        decode_batch_release(&batch);
    }
    decode_stream_free(stream);
    return status;
}

void decode_report(
        const struct decode_sink *sink, enum hn_finding_kind kind, uint64_t offset, uint64_t line)
{
    struct hn_finding finding = { .kind = kind, .offset = offset, .line = line };

    if (sink->on_finding != NULL)
        sink->on_finding(sink->ctx, &finding);
}
