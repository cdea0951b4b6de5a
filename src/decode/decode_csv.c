/* decode_csv.c - tables with a header row: comma, semicolon, tab or bar between values, UTF-8 or
 * UTF-16, values in quotes that may hold line ends.
 *
 * A record is an event, its values are fields under the names of the header. What well-known
 * exports mean by their columns is in decode_csv_layout.c. A record with another number of values
 * is an event as well, with a finding. Which log source it is, the fields tell (src/event). */
#include "decode/decode_csv.h"

#include "base/mem.h"

/* ---- Cutting -----------------------------------------------------------------------------------
 */

/* The rest of a line that was too long already. */
static size_t skip_line(struct decode_stream *stream, struct hn_bytes in, bool at_end)
{
    const struct csv_state *state = stream->state;
    enum csv_text text = CSV_UTF8;
    size_t step;

    if (state->header != NULL && state->header->own != NULL)
        text = ((const struct csv_own *)state->header->own)->shape.text;
    step = text == CSV_UTF8 ? 1 : 2;
    for (size_t pos = 0; in.len - pos >= step; pos += step) {
        bool low = in.ptr[pos] == '\n' && (step == 1 || in.ptr[pos + 1] == 0);
        bool high = step == 2 && in.ptr[pos] == 0 && in.ptr[pos + 1] == '\n';

        if (text == CSV_UTF16BE ? high : low) {
            stream->in_long_line = false;
            return pos + step;
        }
    }
    stream->in_long_line = !at_end;
    return at_end ? in.len : in.len - in.len % step;
}

/* Whole records, the header before them. */
static size_t take_records(struct decode_stream *stream, struct hn_bytes in, bool at_end)
{
    const struct csv_state *state = stream->state;
    enum csv_end end = CSV_END_WHOLE;
    const struct csv_own *own;
    size_t pos = 0;

    if (!state->started)
        pos = csv_start(stream, in, at_end);
    if (at_end)
        return in.len;
    if (!state->started)
        return 0;
    own = state->header->own;
    if (own == NULL)
        return in.len; /* without a header there is nothing to look for */
    while (end == CSV_END_WHOLE && pos < in.len) {
        struct hn_bytes rest = { in.ptr + pos, in.len - pos };

        pos += csv_record_end(rest, &own->shape, csv_quoted_max(stream), CSV_TAIL_OPEN, &end);
    }
    return pos;
}

static size_t csv_cut(
        struct decode_stream *stream, struct hn_bytes in, bool at_end, struct decode_batch *batch)
{
    const struct csv_state *state = stream->state;
    size_t took;

    if (stream->in_long_line) {
        batch->skip = true;
        took = skip_line(stream, in, at_end);
    } else {
        took = take_records(stream, in, at_end);
    }
    if (took == 0 && in.len > stream->options.limits.event_bytes_max) {
        batch->too_long = true;
        stream->in_long_line = true;
        took = in.len - (in.len & 1);
    }
    if (took > 0 || at_end) /* else there is no batch that would give it back */
        batch->context = table_header_ref(state->header);
    return took;
}

/* ---- Rows --------------------------------------------------------------------------------------
 */

/* "2026-11-23" and "01:02:03" of two columns as one stamp. */
static void join_stamp(struct hn_event *event, struct hn_text date, struct hn_text clock)
{
    char *room = hn_event_room(event, date.len + 1 + clock.len);

    if (room == NULL)
        return;
    memcpy(room, date.ptr, date.len);
    room[date.len] = ' ';
    memcpy(room + date.len + 1, clock.ptr, clock.len);
    event->time_text = hn_text_of(room, date.len + 1 + clock.len);
}

static enum hn_status csv_fill(
        const struct table_header *header, struct hn_text record, struct hn_event *event)
{
    const struct csv_own *own = header->own;
    struct hn_text rest = record;
    struct hn_text date = { "", 0 };
    struct hn_text clock = { "", 0 };
    enum hn_status status = HN_OK;
    struct hn_text value;
    uint32_t index = 0;

    event->origin = header->origin;
    event->source = header->source;
    for (; status == HN_OK && csv_field_take(event, &rest, own->shape.delimiter, &value); index++) {
        const struct table_column *column;

        if (index >= header->count) {
            if (own->has_description && index == header->count)
                hn_event_add_text(event, HN_TEXT("Message"), value);
            else if (value.len > 0)
                table_add_extra(event, value);
            continue;
        }
        if (value.ptr == NULL)
            continue;
        column = &header->columns[index];
        if (value.len > 0 && column->role == CSV_STAMP && event->time_text.ptr == NULL)
            event->time_text = value;
        else if (column->role == CSV_DATE)
            date = value;
        else if (column->role == CSV_CLOCK)
            clock = value;
        status = csv_add_value(event, column, own, value);
    }
    /* One more is the message of Event Viewer, or nothing behind a delimiter at the line's end. */
    if (index != header->count &&
            !(index == header->count + 1 && (own->has_description || value.len == 0)))
        hn_event_note(event, HN_FINDING_FIELD_COUNT);
    if (event->time_text.ptr == NULL && date.len > 0 && clock.len > 0)
        join_stamp(event, date, clock);
    return status;
}

static enum hn_status csv_record(const struct decode_batch *batch, struct hn_bytes record,
        uint64_t offset, uint64_t line, struct hn_event *event)
{
    const struct table_header *header = batch->context;
    const struct csv_own *own = header->own;

    hn_event_reset(event);
    event->raw = record;
    event->raw_is_text = own->shape.text == CSV_UTF8;
    event->offset = offset;
    event->line = event->raw_is_text ? line : 0; /* a line feed is not one byte in UTF-16 */
    return csv_fill(header, csv_record_text(event, record, &own->shape), event);
}

static enum hn_status one_record(const struct decode_batch *batch, struct hn_bytes record,
        uint64_t line, struct hn_event *event, const struct decode_sink *sink)
{
    const struct csv_own *own = ((const struct table_header *)batch->context)->own;
    uint64_t offset = batch->offset + (uint64_t)(record.ptr - batch->bytes.ptr);

    if (csv_is_blank(record) ||
            (record.len == own->raw.len && memcmp(record.ptr, own->raw.ptr, record.len) == 0))
        return HN_OK;
    if (record.len > batch->stream->options.limits.event_bytes_max) {
        decode_report(sink, HN_FINDING_TOO_LONG, offset, line);
        return HN_OK;
    }
    if (csv_record(batch, record, offset, line, event) != HN_OK)
        return HN_NOMEM;
    if (event->raw_is_text && memchr(record.ptr, '\0', record.len) != NULL)
        decode_report(sink, HN_FINDING_NUL, offset, event->line);
    if ((event->findings & (uint32_t)1 << HN_FINDING_FIELD_COUNT) != 0)
        decode_report(sink, HN_FINDING_FIELD_COUNT, offset, event->line);
    return sink->on_event(sink->ctx, event) ? HN_OK : HN_CANCELLED;
}

static uint64_t lines_in(struct hn_bytes bytes)
{
    uint64_t count = 0;

    const uint8_t *p = bytes.ptr;
    const uint8_t *end = p + bytes.len;

    while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        count++;
        p++;
    }
    return count;
}

static enum hn_status csv_run(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink)
{
    const struct table_header *header;
    const struct csv_own *own;
    struct hn_bytes rest = batch->bytes;
    uint64_t line = batch->line;
    enum hn_status status = table_header_of(batch, &header);

    if (status != HN_OK)
        return status;
    if (batch->too_long)
        decode_report(sink, HN_FINDING_TOO_LONG, batch->offset, batch->line);
    if (batch->too_long || batch->skip || header == NULL)
        return HN_OK;
    own = header->own;
    if (batch->offset < own->body_offset) { /* preamble and header, cut with another delimiter */
        size_t before = (size_t)(own->body_offset - batch->offset);

        line += lines_in((struct hn_bytes){ rest.ptr, before });
        rest.ptr += before;
        rest.len -= before;
    }
    while (status == HN_OK && rest.len > 0) {
        enum csv_tail tail = batch->at_end ? CSV_TAIL_STREAM : CSV_TAIL_BATCH;
        enum csv_end end;
        size_t len = csv_record_end(rest, &own->shape, csv_quoted_max(batch->stream), tail, &end);
        struct hn_bytes record = { rest.ptr, len };

        if (end == CSV_END_CUT)
            decode_report(sink, HN_FINDING_TRUNCATED,
                    batch->offset + (uint64_t)(rest.ptr - batch->bytes.ptr), line);
        status = one_record(batch, record, line, event, sink);
        line += lines_in(record);
        rest.ptr += len;
        rest.len -= len;
    }
    return status;
}

static enum hn_status csv_again(
        const struct decode_batch *batch, const struct hn_event *from, struct hn_event *to)
{
    return csv_record(batch, from->raw, from->offset, from->line, to);
}

static enum hn_status csv_open(struct decode_stream *stream, struct hn_err *err)
{
    stream->state = hn_calloc(1, sizeof(struct csv_state));
    return stream->state == NULL ? hn_fail(err, HN_NOMEM, 0, "state of a CSV file") : HN_OK;
}

static void csv_close(struct decode_stream *stream)
{
    struct csv_state *state = stream->state;

    table_header_unref(state->header);
    hn_free(state);
}

static void csv_head(const struct decode_stream *stream, struct hn_buf *out)
{
    const struct csv_state *state = stream->state;
    const struct csv_own *own = state->header == NULL ? NULL : state->header->own;

    if (own != NULL)
        hn_buf_add(out, own->head.ptr, own->head.len);
}

const struct decode_format decode_format_csv = {
    .name = HN_TEXT_INIT("csv"),
    .title = HN_TEXT_INIT("Table with a header row (CSV, TSV)"),
    .traits = DECODE_LINES,
    .probe = csv_probe,
    .open = csv_open,
    .close = csv_close,
    .cut = csv_cut,
    .head = csv_head,
    .release = table_batch_release,
    .run = csv_run,
    .again = csv_again,
};
