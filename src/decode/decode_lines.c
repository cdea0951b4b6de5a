/* decode_lines.c - what all formats of one event a line share, and the format of last resort:
 * text nothing else recognises, one event a line, searchable and matched by keyword rules. */
#include "decode/decode_internal.h"

size_t decode_cut_lines(
        struct decode_stream *stream, struct hn_bytes in, bool at_end, struct decode_batch *batch)
{
    size_t pos = in.len;

    if (stream->in_long_line) { /* up to its end, if that has come */
        const uint8_t *end = memchr(in.ptr, '\n', in.len);

        batch->skip = true;
        stream->in_long_line = end == NULL && !at_end;
        return end == NULL ? in.len : (size_t)(end - in.ptr) + 1;
    }
    if (at_end)
        return in.len;
    while (pos > 0 && in.ptr[pos - 1] != '\n')
        pos--;
    if (pos == 0 && in.len > stream->options.limits.event_bytes_max) {
        batch->too_long = true;
        stream->in_long_line = true;
        return in.len;
    }
    return pos;
}

static void line_event(const struct decode_batch *batch, struct hn_event *event,
        struct hn_text line, uint64_t offset, uint64_t number)
{
    (void)batch;
    hn_event_reset(event);
    event->raw = hn_text_as_bytes(line);
    event->raw_is_text = true;
    event->offset = offset;
    event->line = number;
}

void decode_event_as_message(struct hn_event *event)
{
    struct hn_text line = hn_bytes_as_text(event->raw);
    struct hn_bytes raw = event->raw;
    uint64_t offset = event->offset;
    uint64_t number = event->line;

    hn_event_reset(event);
    event->raw = raw;
    event->raw_is_text = true;
    event->offset = offset;
    event->line = number;
    hn_event_note(event, HN_FINDING_UNDECODABLE);
    hn_event_add_text(event, HN_TEXT("Message"), line);
}

/* What is odd about a line is evidence with a place, whoever noted it. */
void decode_report_noted(const struct hn_event *event, const struct decode_sink *sink)
{
    for (uint32_t left = event->findings; left != 0; left &= left - 1)
        decode_report(sink, (enum hn_finding_kind)__builtin_ctz(left), event->offset, event->line);
}

static enum hn_status one_line(const struct decode_batch *batch, struct hn_text line,
        struct hn_event *event, const struct decode_sink *sink, decode_line_parse *parse)
{
    enum hn_status status;

    if (memchr(line.ptr, '\0', line.len) != NULL)
        decode_report(sink, HN_FINDING_NUL, event->offset, event->line);
    status = parse(batch, line, event);
    if (status == HN_NOTFOUND)
        return HN_OK;
    if (status == HN_NOMEM)
        return status;
    if (status != HN_OK)
        decode_event_as_message(event);
    decode_report_noted(event, sink);
    return sink->on_event(sink->ctx, event) ? HN_OK : HN_CANCELLED;
}

enum hn_status decode_run_lines(const struct decode_batch *batch, struct hn_event *event,
        const struct decode_sink *sink, decode_line_parse *parse)
{
    struct hn_text rest = hn_bytes_as_text(batch->bytes);
    const char *start = rest.ptr;
    uint64_t number = batch->line;
    enum hn_status status = HN_OK;
    struct hn_text line;

    if (batch->too_long)
        decode_report(sink, HN_FINDING_TOO_LONG, batch->offset, batch->line);
    if (batch->too_long || batch->skip)
        return HN_OK;
    for (; status == HN_OK && hn_text_line(&rest, &line); number++) {
        uint64_t offset = batch->offset + (uint64_t)(line.ptr - start);

        if (line.len == 0)
            continue;
        if (line.len > batch->stream->options.limits.event_bytes_max) {
            decode_report(sink, HN_FINDING_TOO_LONG, offset, number);
            continue;
        }
        line_event(batch, event, line, offset, number);
        status = one_line(batch, line, event, sink, parse);
    }
    return status;
}

enum hn_status decode_again_line(const struct decode_batch *batch, const struct hn_event *from,
        struct hn_event *to, decode_line_parse *parse)
{
    struct hn_text line = hn_bytes_as_text(from->raw);
    enum hn_status status;

    line_event(batch, to, line, from->offset, from->line);
    status = parse(batch, line, to);
    if (status == HN_NOMEM)
        return status;
    if (status != HN_OK)
        decode_event_as_message(to);
    return HN_OK;
}

size_t decode_probe_lines(struct hn_bytes head, struct hn_text *ret_lines, size_t count)
{
    struct hn_text rest = hn_bytes_as_text(head);
    bool whole = head.len < DECODE_DETECT_BYTES; /* then the last line is complete without an LF */
    size_t found = 0;

    while (found < count && rest.len > 0) {
        struct hn_text line;

        if (!whole && hn_text_find_char(rest, '\n', 0) == SIZE_MAX)
            break;
        (void)hn_text_line(&rest, &line);
        if (line.len > 0)
            ret_lines[found++] = line;
        if (rest.ptr == NULL)
            break;
    }
    return found;
}

/* ---- The format "lines" ------------------------------------------------------------------------
 */

/* Text holds hardly any control characters; binary files do within a few bytes. */
static int lines_probe(struct hn_bytes head, struct hn_text name)
{
    size_t controls = 0;

    (void)name;
    for (size_t i = 0; i < head.len; i++) {
        uint8_t c = head.ptr[i];

        if (c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != 0x1B)
            controls++;
    }
    return head.len > 0 && controls <= head.len / 100 ? 1 : PROBE_NO;
}

static enum hn_status lines_parse(
        const struct decode_batch *batch, struct hn_text line, struct hn_event *event)
{
    event->origin = HN_ORIGIN_KNOWN;
    event->source = batch->stream->options.source;
    hn_event_add_text(event, HN_TEXT("Message"), line);
    return HN_OK;
}

static enum hn_status lines_run(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink)
{
    return decode_run_lines(batch, event, sink, lines_parse);
}

static enum hn_status lines_again(
        const struct decode_batch *batch, const struct hn_event *from, struct hn_event *to)
{
    return decode_again_line(batch, from, to, lines_parse);
}

const struct decode_format decode_format_lines = {
    .name = HN_TEXT_INIT("lines"),
    .title = HN_TEXT_INIT("Plain text, one event a line"),
    .traits = DECODE_LINES,
    .probe = lines_probe,
    .run = lines_run,
    .again = lines_again,
};
