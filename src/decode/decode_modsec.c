/* decode_modsec.c - ModSecurity's audit log as one text file (serial): transactions of several
 * parts, each part behind a line with the transaction's own boundary and a letter.
 *
 *   --6b253045-A--                      A  stamp, transaction id, client, server
 *   [23/Nov/2026:01:02:03 +0900] Xid 192.0.2.7 4711 198.51.100.2 80
 *   --6b253045-B--                      B  request line and headers      C, I  request body
 *   GET /x HTTP/1.1                     F  response line and headers     E     response body
 *   ...                                 H  messages of the rules that matched
 *   --6b253045-Z--                      Z  the end
 *
 * A transaction is one event. Bodies hold whatever the client sent: only lines with the very
 * boundary of the transaction count. Version 3 writes three dashes. The JSON form of the log is
 * left to the JSON decoder. */
#include "decode/decode_table.h"
#include "decode/decode_web.h"

#define BOUNDARY_MAX 64

/* "--6b253045-A--": its boundary with the dashes before and the one behind it, and the letter. */
static bool boundary_line(struct hn_text line, struct hn_text *ret_boundary, char *ret_letter)
{
    size_t tail = line.len;

    while (tail > 0 && line.ptr[tail - 1] == '-')
        tail--;
    if (line.len < 8 || line.len > BOUNDARY_MAX || !hn_text_starts(line, HN_TEXT("--")) ||
            line.len - tail < 2 || tail < 2 || line.ptr[tail - 2] != '-')
        return false;
    *ret_letter = line.ptr[tail - 1];
    *ret_boundary = hn_text_sub(line, 0, tail - 1);
    return *ret_letter >= 'A' && *ret_letter <= 'Z';
}

/* How far the end of a transaction is looked for, and how often in vain in one batch: a log whose
 * transactions all lack their end is split at their starts without looking further. */
#define UNIT_BYTES_MAX ((size_t)4 << 20)
#define PATIENCE       8u

/* Length of the unit at the start of in: a transaction, or a line outside of any. 0: its end is not
 * there yet. */
static size_t unit_length(struct hn_text in, bool final, uint32_t *patience)
{
    struct hn_text rest = hn_text_sub(in, 0, UNIT_BYTES_MAX);
    struct hn_text boundary = { NULL, 0 };
    size_t other = 0; /* start of another transaction inside of this one */
    struct hn_text line;

    while (hn_text_find_char(rest, '\n', 0) != SIZE_MAX && (other == 0 || *patience > 0)) {
        size_t start = (size_t)(rest.ptr - in.ptr);
        struct hn_text found = { NULL, 0 };
        char letter = '\0';
        bool marks;

        (void)hn_text_line(&rest, &line);
        marks = boundary_line(line, &found, &letter);
        if (start == 0 && (!marks || letter != 'A'))
            return (size_t)(rest.ptr - in.ptr);
        if (start == 0)
            boundary = found;
        else if (marks && letter == 'A' && other == 0)
            other = start;
        else if (marks && letter == 'Z' && hn_text_eq(found, boundary))
            return (size_t)(rest.ptr - in.ptr);
    }
    if (!final && in.len <= UNIT_BYTES_MAX && *patience > 0)
        return 0;
    if (*patience > 0)
        --*patience;
    return other > 0 || !final ? other : in.len;
}

static size_t modsec_cut(
        struct decode_stream *stream, struct hn_bytes in, bool at_end, struct decode_batch *batch)
{
    struct hn_text rest = hn_bytes_as_text(in);
    uint32_t patience = PATIENCE;
    size_t len;

    if (at_end)
        return in.len;
    while (rest.len > 0 && (len = unit_length(rest, false, &patience)) > 0)
        rest = hn_text_sub(rest, len, rest.len);
    if (rest.len == in.len && in.len > stream->options.limits.event_bytes_max) {
        batch->too_long = true;
        return in.len;
    }
    return in.len - rest.len;
}

/* ---- Parts -------------------------------------------------------------------------------------
 */

/* "[stamp] id client port server port" */
static void add_part_a(struct hn_event *event, struct hn_text line)
{
    size_t close = hn_text_find_char(line, ']', 0);
    struct hn_text rest = hn_text_sub(line, close == SIZE_MAX ? 0 : close + 1, line.len);
    static const struct hn_text names[] = { HN_TEXT_INIT("unique_id"), HN_TEXT_INIT("c-ip"),
        HN_TEXT_INIT("c-port"), HN_TEXT_INIT("s-ip"), HN_TEXT_INIT("s-port") };
    struct hn_text token;

    if (line.len > 0 && line.ptr[0] == '[' && close != SIZE_MAX)
        event->time_text = hn_text_sub(line, 1, close - 1);
    for (size_t i = 0; i < HN_COUNT_OF(names) && web_token_take(&rest, &token); i++)
        web_add(event, names[i], token);
}

/* The first line of B, or one of its headers. */
static void add_part_b(struct hn_event *event, struct hn_text line, bool first)
{
    static const struct {
        struct hn_text header;
        struct hn_text name;
    } headers[] = { { HN_TEXT_INIT("Host:"), HN_TEXT_INIT("cs-host") },
        { HN_TEXT_INIT("User-Agent:"), HN_TEXT_INIT("cs-user-agent") },
        { HN_TEXT_INIT("Referer:"), HN_TEXT_INIT("cs-referer") },
        { HN_TEXT_INIT("Cookie:"), HN_TEXT_INIT("cs-cookie") },
        { HN_TEXT_INIT("Content-Type:"), HN_TEXT_INIT("cs-content-type") },
        { HN_TEXT_INIT("X-Forwarded-For:"), HN_TEXT_INIT("x-forwarded-for") } };
    struct web_request_line request;

    if (first && web_request_split(line, &request)) {
        struct web_url url = web_url_split(request.target, false);

        web_add(event, HN_TEXT("cs-method"), request.method);
        web_add(event, HN_TEXT("cs-version"), request.version);
        web_add_url(event, &url, WEB_SERVER);
        return;
    }
    for (size_t i = 0; i < HN_COUNT_OF(headers); i++) {
        if (hn_text_starts_nocase(line, headers[i].header))
            web_add(event, headers[i].name,
                    hn_text_trim(hn_text_sub(line, headers[i].header.len, line.len)));
    }
}

/* The tags of a message: [id "950107"] [msg "..."] [severity "WARNING"] */
static void add_tags(struct hn_event *event, struct hn_text line)
{
    static const struct hn_text tags[] = { HN_TEXT_INIT("id"), HN_TEXT_INIT("msg"),
        HN_TEXT_INIT("severity"), HN_TEXT_INIT("tag"), HN_TEXT_INIT("data") };
    size_t pos = 0;

    while ((pos = hn_text_find(line, HN_TEXT(" ["), pos)) != SIZE_MAX) {
        struct hn_text rest = hn_text_sub(line, pos + 2, line.len);
        struct hn_text name = hn_text_sub(rest, 0, hn_text_find_char(rest, ' ', 0));
        struct hn_text value;

        rest = hn_text_sub(rest, name.len + 1, rest.len);
        pos += 2;
        for (size_t i = 0; i < HN_COUNT_OF(tags); i++) {
            if (hn_text_eq(name, tags[i]) && web_quoted_take(&rest, &value))
                web_add(event, tags[i], web_unescape(event, value));
        }
    }
}

static void add_part_h(struct hn_event *event, struct hn_text line)
{
    size_t colon = hn_text_find_char(line, ':', 0);
    struct hn_text name = hn_text_sub(line, 0, colon);
    struct hn_text value =
            hn_text_trim(hn_text_sub(line, colon == SIZE_MAX ? line.len : colon + 1, line.len));

    if (colon == SIZE_MAX)
        return;
    if (hn_text_eq(name, HN_TEXT("Message")) || hn_text_starts(line, HN_TEXT("ModSecurity: "))) {
        hn_event_add_text(event, HN_TEXT("Message"), line);
        add_tags(event, line);
    } else if (hn_text_eq(name, HN_TEXT("Action"))) {
        web_add(event, HN_TEXT("action"), value);
    } else {
        web_add(event, name, value);
    }
}

static void add_line(struct hn_event *event, char part, struct hn_text line, bool first)
{
    struct hn_text rest;
    struct hn_text token;

    switch (part) {
    case 'A':
        if (first)
            add_part_a(event, line);
        break;
    case 'B':
        add_part_b(event, line, first);
        break;
    case 'F':
        rest = line;
        if (first && web_token_take(&rest, &token) && web_token_take(&rest, &token))
            web_add(event, HN_TEXT("sc-status"), token);
        break;
    case 'H':
        add_part_h(event, line);
        break;
    default:
        break;
    }
}

/* A part that is kept whole: the request's body. */
static bool is_body(char part)
{
    return part == 'C' || part == 'I';
}

static bool modsec_fill(struct hn_event *event, struct hn_text unit)
{
    struct hn_text rest = unit;
    struct hn_text boundary;
    struct hn_text line;
    struct hn_text body = { NULL, 0 };
    char part = '\0';
    bool first = true;

    if (!hn_text_line(&rest, &line) || !boundary_line(line, &boundary, &part) || part != 'A')
        return false;
    event->origin = HN_ORIGIN_KNOWN;
    event->source.product = HN_TEXT("modsecurity");
    event->source.category[0] = HN_TEXT("application");
    while (rest.ptr != NULL && hn_text_line(&rest, &line)) {
        struct hn_text found;
        char letter;

        if (hn_text_starts(line, boundary) && boundary_line(line, &found, &letter) &&
                hn_text_eq(found, boundary)) {
            if (is_body(part) && body.len > 0)
                hn_event_add_text(event, HN_TEXT("request_body"), hn_text_trim(body));
            part = letter;
            first = true;
            body = (struct hn_text){ NULL, 0 };
            continue;
        }
        if (body.ptr == NULL)
            body.ptr = line.ptr;
        body.len = (size_t)(line.ptr - body.ptr) + line.len;
        add_line(event, part, line, first);
        first = false;
    }
    if (part != 'Z')
        hn_event_note(event, HN_FINDING_INCOMPLETE);
    return true;
}

static void modsec_unit(struct hn_text unit, uint64_t offset, uint64_t line, struct hn_event *event)
{
    hn_event_reset(event);
    event->raw = hn_text_as_bytes(unit);
    event->raw_is_text = true;
    event->offset = offset;
    event->line = line;
    if (!modsec_fill(event, unit))
        decode_event_as_message(event);
}

static uint64_t lines_in(struct hn_text text)
{
    uint64_t count = 0;
    size_t pos = 0;

    while ((pos = hn_text_find_char(text, '\n', pos)) != SIZE_MAX) {
        count++;
        pos++;
    }
    return count;
}

static enum hn_status modsec_run(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink)
{
    static const enum hn_finding_kind kinds[] = { HN_FINDING_UNDECODABLE, HN_FINDING_INCOMPLETE };
    struct hn_text rest = hn_bytes_as_text(batch->bytes);
    uint64_t line = batch->line;
    uint32_t patience = PATIENCE;

    if (batch->too_long) {
        decode_report(sink, HN_FINDING_TOO_LONG, batch->offset, batch->line);
        return HN_OK;
    }
    while (rest.len > 0) {
        uint64_t offset = batch->offset + batch->bytes.len - rest.len;
        struct hn_text unit = hn_text_sub(rest, 0, unit_length(rest, true, &patience));

        rest = hn_text_sub(rest, unit.len, rest.len);
        if (unit.len > batch->stream->options.limits.event_bytes_max) {
            decode_report(sink, HN_FINDING_TOO_LONG, offset, line);
        } else if (hn_text_trim(unit).len > 0) {
            modsec_unit(unit, offset, line, event);
            for (size_t i = 0; i < HN_COUNT_OF(kinds); i++) {
                if ((event->findings & (uint32_t)1 << kinds[i]) != 0)
                    decode_report(sink, kinds[i], offset, line);
            }
            if (!sink->on_event(sink->ctx, event))
                return HN_CANCELLED;
        }
        line += lines_in(unit);
    }
    return HN_OK;
}

static enum hn_status modsec_again(
        const struct decode_batch *batch, const struct hn_event *from, struct hn_event *to)
{
    (void)batch;
    modsec_unit(hn_bytes_as_text(from->raw), from->offset, from->line, to);
    return HN_OK;
}

static int modsec_probe(struct hn_bytes head, struct hn_text name)
{
    struct hn_text lines[2];
    size_t count = decode_probe_lines(head, lines, HN_COUNT_OF(lines));
    struct hn_text boundary;
    char letter;

    (void)name;
    return count == 2 && boundary_line(lines[0], &boundary, &letter) && letter == 'A' &&
                           lines[1].ptr[0] == '['
                   ? PROBE_CERTAIN
                   : PROBE_NO;
}

const struct decode_format decode_format_modsec = {
    .name = HN_TEXT_INIT("modsec"),
    .title = HN_TEXT_INIT("ModSecurity audit log"),
    .traits = DECODE_LINES,
    .probe = modsec_probe,
    .cut = modsec_cut,
    .run = modsec_run,
    .again = modsec_again,
};
