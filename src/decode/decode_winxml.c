/* decode_winxml.c - Windows events as XML text: wevtutil, Event Viewer's "save as XML", collectors.
 *
 * Documents of <Events>, or <Event> elements one behind the other, on one line each or printed over
 * many; UTF-8, or UTF-16 with a byte order mark, which is what Windows redirects into files. Fields
 * are those of winxml_fields.c; here is how a stream becomes events. */
#include "decode/winxml_fields.h"

#include "base/mem.h"
#include "base/utf.h"
#include "base/xml.h"

#define PROBE_BYTES 4096u

enum encoding {
    ENCODING_UTF8,
    ENCODING_UTF16LE,
    ENCODING_UTF16BE,
};

struct state {
    enum encoding encoding;
    bool in_long_event;
};

/* UTF-16 is converted when it is cut: the text lives as long as the batch. */
struct context {
    size_t skipped; /* bytes of the byte order mark before the text */
    size_t len;
    char text[];
};

static enum encoding encoding_of(struct hn_bytes head, size_t *ret_mark_len)
{
    *ret_mark_len = 2;
    if (head.len >= 2 && head.ptr[0] == 0xFF && head.ptr[1] == 0xFE)
        return ENCODING_UTF16LE;
    if (head.len >= 2 && head.ptr[0] == 0xFE && head.ptr[1] == 0xFF)
        return ENCODING_UTF16BE;
    *ret_mark_len = 0;
    if (head.len >= 2 && head.ptr[0] == '<' && head.ptr[1] == 0)
        return ENCODING_UTF16LE;
    return head.len >= 2 && head.ptr[0] == 0 && head.ptr[1] == '<' ? ENCODING_UTF16BE
                                                                   : ENCODING_UTF8;
}

/* ---- Recognition ------------------------------------------------------------------------------
 */

/* ASCII is enough to recognise the first elements; all else becomes '?'. */
static struct hn_text ascii_of(struct hn_bytes utf16, size_t low, char *out, size_t room)
{
    size_t len = utf16.len / 2 < room ? utf16.len / 2 : room;

    for (size_t i = 0; i < len; i++) {
        uint8_t c = utf16.ptr[i * 2 + low];

        out[i] = (char)(utf16.ptr[i * 2 + 1 - low] == 0 && c < 0x80 ? c : '?');
    }
    return hn_text_of(out, len);
}

static int winxml_probe(struct hn_bytes head, struct hn_text name)
{
    char ascii[PROBE_BYTES];
    struct hn_xml xml;
    struct hn_text text = hn_bytes_as_text(head);
    struct hn_text ns;
    size_t mark_len;
    enum encoding encoding = encoding_of(head, &mark_len);

    (void)name;
    if (encoding != ENCODING_UTF8)
        text = ascii_of(hn_bytes_of(head.ptr + mark_len, head.len - mark_len),
                encoding == ENCODING_UTF16LE ? 0 : 1, ascii, sizeof ascii);
    hn_xml_init(&xml, hn_text_sub(text, 0, PROBE_BYTES));
    for (;;) {
        enum hn_xml_kind kind = hn_xml_next(&xml);

        if (kind == HN_XML_TEXT && hn_xml_is_blank(xml.text))
            continue;
        if (kind != HN_XML_START)
            return PROBE_NO;
        if (hn_text_eq(xml.name, HN_TEXT("Event")))
            break;
        if (!hn_text_eq(xml.name, HN_TEXT("Events")))
            return PROBE_NO;
    }
    ns = hn_xml_attr(&xml, HN_TEXT("xmlns"));
    if (ns.ptr != NULL &&
            hn_text_find(ns, HN_TEXT("schemas.microsoft.com/win/2004/08/events"), 0) != SIZE_MAX)
        return PROBE_CERTAIN;
    while (hn_xml_next(&xml) == HN_XML_TEXT && hn_xml_is_blank(xml.text))
        continue;
    return xml.status == HN_OK && hn_text_eq(xml.name, HN_TEXT("System")) ? PROBE_LIKELY : PROBE_NO;
}

/* ---- Cutting ----------------------------------------------------------------------------------
 */

static enum hn_status winxml_open(struct decode_stream *stream, struct hn_err *err)
{
    stream->state = hn_calloc(1, sizeof(struct state));
    return stream->state == NULL ? hn_fail(err, HN_NOMEM, 0, "XML stream") : HN_OK;
}

static void winxml_close(struct decode_stream *stream)
{
    hn_free(stream->state);
}

static size_t unit_of(enum encoding encoding)
{
    return encoding == ENCODING_UTF8 ? 1 : 2;
}

/* Whether "</Event>" stands at an offset. */
static bool ends_event(struct hn_bytes in, size_t offset, enum encoding encoding)
{
    static const char tag[] = "</Event>";
    size_t unit = unit_of(encoding);
    size_t low = encoding == ENCODING_UTF16BE ? 1 : 0;

    if (in.len - offset < (sizeof tag - 1) * unit)
        return false;
    for (size_t i = 0; i < sizeof tag - 1; i++) {
        const uint8_t *p = in.ptr + offset + i * unit;

        if (p[low] != (uint8_t)tag[i] || (unit == 2 && p[1 - low] != 0))
            return false;
    }
    return true;
}

/* Bytes up to and with the last event's end; 0 when no event ends. */
static size_t up_to_last_end(struct hn_bytes in, enum encoding encoding)
{
    size_t unit = unit_of(encoding);

    for (size_t offset = in.len / unit * unit; offset > 0; offset -= unit) {
        if (ends_event(in, offset - unit, encoding))
            return offset - unit + 8 * unit;
    }
    return 0;
}

/* The rest of an event that is too long: with its end, or what cannot be part of that end. */
static size_t up_to_first_end(struct hn_bytes in, enum encoding encoding, bool *ret_found)
{
    size_t unit = unit_of(encoding);
    size_t offset = 0;

    *ret_found = false;
    for (; offset + 8 * unit <= in.len; offset += unit) {
        if (ends_event(in, offset, encoding)) {
            *ret_found = true;
            return offset + 8 * unit;
        }
    }
    return offset;
}

/* A batch's text as UTF-8; NULL when out of memory. */
static struct context *convert(struct hn_bytes in, enum encoding encoding, size_t mark_len)
{
    struct hn_bytes utf16 = hn_bytes_of(in.ptr + mark_len, in.len - mark_len);
    struct context *context = hn_malloc(sizeof *context + HN_UTF16_TO_UTF8_ROOM(utf16.len));
    uint8_t *swapped = NULL;

    if (context == NULL)
        return NULL;
    if (encoding == ENCODING_UTF16BE) {
        swapped = hn_malloc(utf16.len);
        if (swapped == NULL) {
            hn_free(context);
            return NULL;
        }
        for (size_t i = 0; i < utf16.len; i++)
            swapped[i] = i % 2 == 0 && i + 1 == utf16.len ? utf16.ptr[i] : utf16.ptr[i ^ 1];
        utf16.ptr = swapped;
    }
    context->skipped = mark_len;
    context->len = hn_utf16le_to_utf8_raw(utf16, context->text, NULL);
    hn_free(swapped);
    return context;
}

/* How many bytes the next batch has; 0: none yet. */
static size_t batch_len(
        struct decode_stream *stream, struct hn_bytes in, bool at_end, struct decode_batch *batch)
{
    struct state *state = stream->state;
    size_t len;
    bool found;

    if (state->in_long_event) {
        len = up_to_first_end(in, state->encoding, &found);
        state->in_long_event = !found;
        batch->skip = true;
        return at_end && !found ? in.len : len;
    }
    len = up_to_last_end(in, state->encoding);
    if (len == 0 && in.len > stream->options.limits.event_bytes_max) {
        batch->too_long = true;
        len = in.len / 2; /* an end may have begun to arrive */
        len -= len % 2;
        state->in_long_event = true;
        return len;
    }
    return at_end ? in.len : len;
}

static size_t winxml_cut(
        struct decode_stream *stream, struct hn_bytes in, bool at_end, struct decode_batch *batch)
{
    struct state *state = stream->state;
    size_t mark_len = 0;
    size_t len;

    if (stream->offset == 0) {
        if (in.len < 2 && !at_end)
            return 0;
        state->encoding = encoding_of(in, &mark_len);
    }
    len = batch_len(stream, in, at_end, batch);
    if (len == 0 && !at_end)
        return 0;
    if (mark_len > len)
        mark_len = len;
    if (state->encoding != ENCODING_UTF8 && !batch->skip && !batch->too_long)
        batch->context = convert(hn_bytes_of(in.ptr, len), state->encoding, mark_len);
    return len;
}

static void winxml_release(struct decode_batch *batch)
{
    hn_free(batch->context);
}

/* ---- Running ----------------------------------------------------------------------------------
 */

/* A walk over a batch's text that knows where in the stream it is. */
struct walk {
    const struct decode_batch *batch;
    struct hn_text text;
    bool converted;
    bool careful;
    size_t pos;
    uint64_t offset; /* of pos */
};

static void advance(struct walk *walk, size_t pos)
{
    if (!walk->converted) {
        walk->offset += pos - walk->pos;
        walk->pos = pos;
        return;
    }
    for (; walk->pos < pos; walk->pos++) {
        unsigned char c = (unsigned char)walk->text.ptr[walk->pos];

        if (c < 0x80 || c >= 0xC0)
            walk->offset += c >= 0xF0 ? 4 : 2;
    }
}

static void event_start(struct hn_event *event, struct hn_text raw, uint64_t offset)
{
    hn_event_reset(event);
    event->raw = hn_text_as_bytes(raw);
    event->offset = offset;
}

/* After one event without an end every other one is only looked for up to the next end tag: what is
 * broken must not cost a scan of the whole batch each time. */
static struct hn_text bounded(const struct walk *walk)
{
    struct hn_text rest = hn_text_sub(walk->text, walk->pos, walk->text.len);
    size_t end = walk->careful ? hn_text_find(rest, HN_TEXT("</Event>"), 0) : SIZE_MAX;

    if (end != SIZE_MAX)
        rest.len = end + 8;
    return rest;
}

static enum hn_status one_event(
        struct walk *walk, struct hn_event *event, const struct decode_sink *sink, size_t *ret_end)
{
    struct hn_text rest = bounded(walk);
    size_t len = 0;
    uint32_t notes;

    event_start(event, rest, walk->offset);
    if (winxml_fill(event, rest, &len) == HN_NOMEM)
        return HN_NOMEM;
    if (event->findings != 0 && len < rest.len) { /* an event is what its own bytes say */
        rest.len = len;
        event_start(event, rest, walk->offset);
        if (winxml_fill(event, rest, &len) == HN_NOMEM)
            return HN_NOMEM;
        len = rest.len;
    }
    event->raw.len = len;
    *ret_end = walk->pos + len;
    if (len > walk->batch->stream->options.limits.event_bytes_max) {
        decode_report(sink, HN_FINDING_TOO_LONG, walk->offset, 0);
        return HN_OK;
    }
    walk->careful = walk->careful || event->findings != 0;
    if (!hn_utf8_valid(event->raw))
        hn_event_note(event, HN_FINDING_INVALID_UTF8);
    notes = event->findings;
    for (uint32_t kind = 0; notes != 0; kind++, notes >>= 1) {
        if ((notes & 1) != 0)
            decode_report(sink, (enum hn_finding_kind)kind, walk->offset, 0);
    }
    return sink->on_event(sink->ctx, event) ? HN_OK : HN_CANCELLED;
}

static enum hn_status winxml_run(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink)
{
    const struct state *state = batch->stream->state;
    const struct context *context = batch->context;
    struct walk walk = { .batch = batch, .offset = batch->offset };
    enum hn_status status = HN_OK;

    if (batch->too_long)
        decode_report(sink, HN_FINDING_TOO_LONG, batch->offset, 0);
    if (batch->too_long || batch->skip)
        return HN_OK;
    walk.text = hn_bytes_as_text(batch->bytes);
    if (state->encoding != ENCODING_UTF8) {
        if (context == NULL)
            return HN_NOMEM;
        walk.text = hn_text_of(context->text, context->len);
        walk.converted = true;
        walk.offset += context->skipped;
    }
    while (status == HN_OK) {
        size_t start = winxml_find_event(walk.text, walk.pos);
        size_t end;

        if (start == SIZE_MAX)
            break;
        advance(&walk, start);
        status = one_event(&walk, event, sink, &end);
        if (status == HN_OK)
            advance(&walk, end);
    }
    return status;
}

static enum hn_status winxml_again(
        const struct decode_batch *batch, const struct hn_event *from, struct hn_event *to)
{
    (void)batch;
    event_start(to, hn_bytes_as_text(from->raw), from->offset);
    if (decode_winxml_fields(to, hn_bytes_as_text(from->raw)) == HN_NOMEM)
        return HN_NOMEM;
    to->findings |= from->findings;
    return HN_OK;
}

const struct decode_format decode_format_winxml = {
    .name = HN_TEXT_INIT("winxml"),
    .title = HN_TEXT_INIT("Windows events as XML"),
    .probe = winxml_probe,
    .open = winxml_open,
    .close = winxml_close,
    .cut = winxml_cut,
    .release = winxml_release,
    .run = winxml_run,
    .again = winxml_again,
};
