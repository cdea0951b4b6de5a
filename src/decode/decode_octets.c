/* decode_octets.c - system log messages with their length in front (RFC 6587, 3.4.1), as recorded
 * from a TCP connection: "83 <34>1 2026-11-23T...". A message may hold line feeds.
 *
 * Where a length does not lead to another message, the stream is damaged: what is there up to the
 * next line feed is taken for a message, as receivers do, and reported. */
#include "decode/decode_internal.h"

#include "decode/audit_join.h"
#include "decode/scan.h"
#include "decode/syslog_event.h"

#define LENGTH_DIGITS_MAX 7

/* Reads "83 " in front of '<'; 0 when there is none. *ret_head is the length of the prefix. */
static size_t frame_length(struct hn_text text, size_t *ret_head)
{
    size_t digits = text_digits(text);
    size_t len = 0;

    if (digits == 0 || digits > LENGTH_DIGITS_MAX || text.ptr[0] == '0' ||
            text_at(text, digits) != ' ' || text_at(text, digits + 1) != '<')
        return 0;
    for (size_t i = 0; i < digits; i++)
        len = len * 10 + (size_t)(text.ptr[i] - '0');
    *ret_head = digits + 1;
    return len;
}

/* What may stand behind a message: the next one, or nothing yet. */
static bool may_follow(struct hn_text text)
{
    size_t digits = text_digits(text);
    size_t head;

    return text.len == 0 || frame_length(text, &head) > 0 || text_at(text, 0) == '<' ||
           text_at(text, 0) == '\n' ||
           (digits > 0 && digits <= LENGTH_DIGITS_MAX && digits + 1 >= text.len);
}

struct frame {
    struct hn_text message;
    size_t bytes; /* of the input, with what belongs to the framing */
    bool damaged;
};

/* The message at the start of text; false when more input is needed to see its end. */
static bool frame_next(struct hn_text text, bool at_end, struct frame *ret_frame)
{
    size_t head = 0;
    size_t len = frame_length(text, &head);
    size_t end;

    ret_frame->damaged = false;
    if (len > 0 && len <= text.len - head && may_follow(text_from(text, head + len))) {
        ret_frame->message = hn_text_sub(text, head, len);
        ret_frame->bytes = head + len;
        return true;
    }
    if (len > 0 && len > text.len - head && !at_end)
        return false;
    end = hn_text_find_char(text, '\n', 0);
    if (end == SIZE_MAX && !at_end)
        return false;
    ret_frame->damaged = text_at(text, 0) != '<'; /* some senders mix both framings */
    ret_frame->message = text_from(hn_text_sub(text, 0, end), len > 0 ? head : 0);
    ret_frame->bytes = end == SIZE_MAX ? text.len : end + 1;
    return true;
}

static size_t octets_cut(
        struct decode_stream *stream, struct hn_bytes in, bool at_end, struct decode_batch *batch)
{
    struct hn_text text = hn_bytes_as_text(in);
    struct frame frame;
    size_t took = 0;

    if (stream->in_long_line)
        return decode_cut_lines(stream, in, at_end, batch);
    while (took < text.len && frame_next(text_from(text, took), at_end, &frame))
        took += frame.bytes;
    if (took == 0 && text.len > stream->options.limits.event_bytes_max)
        return decode_cut_lines(stream, in, at_end, batch);
    return took;
}

static int octets_probe(struct hn_bytes head, struct hn_text name)
{
    struct hn_text text = hn_bytes_as_text(head);
    struct frame frame;
    size_t frames = 0;

    (void)name; /* the last message may be cut off, be it by the head's end or the stream's */
    for (; frames < 16 && text.len > 0 && frame_next(text, false, &frame); frames++) {
        if (frame.damaged || frame.message.ptr == text.ptr)
            return PROBE_NO;
        scan_skip(&text, frame.bytes);
        while (scan_char(&text, '\n'))
            continue;
    }
    return frames > 0 ? PROBE_CERTAIN : PROBE_NO;
}

static void message_start(struct hn_event *event, struct hn_text message, uint64_t offset)
{
    hn_event_reset(event);
    event->raw = hn_text_as_bytes(message);
    event->raw_is_text = true;
    event->offset = offset;
}

/* A message that the format does not explain is an event all the same. */
static enum hn_status fill(const struct decode_batch *batch, struct hn_event *event)
{
    struct hn_text message = hn_bytes_as_text(event->raw);
    enum hn_status status = syslog_event_fill(event, message, &batch->stream->options.source);

    if (status == HN_OK || status == HN_NOMEM)
        return status;
    decode_event_as_message(event);
    return HN_OK;
}

static enum hn_status run_frames(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink)
{
    struct hn_text rest = hn_bytes_as_text(batch->bytes);
    enum hn_status status;
    struct frame frame;

    if (batch->too_long)
        decode_report(sink, HN_FINDING_TOO_LONG, batch->offset, 0);
    if (batch->too_long || batch->skip)
        return HN_OK;
    while (rest.len > 0 && frame_next(rest, true, &frame)) {
        uint64_t offset =
                batch->offset + (uint64_t)(frame.message.ptr - (const char *)batch->bytes.ptr);
        struct hn_text message = hn_text_trim(frame.message);

        scan_skip(&rest, frame.bytes);
        if (message.len == 0)
            continue;
        if (frame.damaged)
            decode_report(sink, HN_FINDING_DAMAGED_RECORD, offset, 0);
        if (memchr(message.ptr, '\0', message.len) != NULL)
            decode_report(sink, HN_FINDING_NUL, offset, 0);
        message_start(event, message, offset);
        status = fill(batch, event);
        if (status != HN_OK)
            return status;
        for (uint32_t left = event->findings; left != 0; left &= left - 1)
            decode_report(sink, (enum hn_finding_kind)__builtin_ctz(left), offset, 0);
        if (!sink->on_event(sink->ctx, event))
            return HN_CANCELLED;
    }
    return HN_OK;
}

static enum hn_status octets_run(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink)
{
    const struct audit_between between = {
        .join = batch->stream->state, .run = run_frames, .flush = batch->at_end
    };

    return audit_join_run(&between, batch, event, sink);
}

static enum hn_status octets_again(
        const struct decode_batch *batch, const struct hn_event *from, struct hn_event *to)
{
    if (from->private_ref == AUDIT_JOINED) {
        audit_again(from, to);
        return HN_OK;
    }
    message_start(to, hn_bytes_as_text(from->raw), from->offset);
    return fill(batch, to);
}

const struct decode_format decode_format_octets = {
    .name = HN_TEXT_INIT("syslog-octets"),
    .title = HN_TEXT_INIT("System log with octet counts (RFC 6587)"),
    .traits = DECODE_ORDERED,
    .probe = octets_probe,
    .open = audit_stream_open,
    .close = audit_stream_close,
    .cut = octets_cut,
    .run = octets_run,
    .again = octets_again,
};
