/* decode_w3c.c - rows of W3C extended logs: IIS, HTTP.sys, Blue Coat, TMG, CloudFront, Exchange,
 * Windows Firewall.
 *
 * Columns come from "#Fields:", which may change in the middle (decode_w3c_header.c). "-" is an
 * absent field. Times are UTC, as the format demands, but for the Windows Firewall's local ones.
 * The parts of a request are put together again, because rules ask for the whole of it. */
#include "decode/decode_w3c.h"
#include "decode/decode_csv.h"
#include "decode/decode_web.h"

#define STAMP_BYTES_MAX 64

/* Index of the sign that ends a value in quotes or brackets, or SIZE_MAX. A quote ends a value only
 * where a value can end, and not when it is doubled: agents hold quotes of their own. */
static size_t closing_at(struct hn_text text, char closing, bool *ret_doubled)
{
    *ret_doubled = false;
    for (size_t i = 1; i < text.len; i++) {
        char next = i + 1 < text.len ? text.ptr[i + 1] : ' ';

        if (text.ptr[i] != closing)
            continue;
        if (next == ' ')
            return i;
        if (next == closing) {
            *ret_doubled = true;
            i++;
        }
    }
    return SIZE_MAX;
}

static struct hn_text single_quotes(struct hn_event *event, struct hn_text text)
{
    char *out = hn_event_room(event, text.len);
    size_t len = 0;

    if (out == NULL) {
        event->values_dropped++;
        return text;
    }
    for (size_t i = 0; i < text.len; i++) {
        out[len++] = text.ptr[i];
        if (text.ptr[i] == '"' && i + 1 < text.len && text.ptr[i + 1] == '"')
            i++;
    }
    return hn_text_of(out, len);
}

struct row {
    struct hn_event *event;
    const struct w3c_own *own;
    struct hn_text rest;
    bool tabs;
    bool unquoted; /* a quote was never closed: from there on they are ordinary characters */
    struct hn_text part[W3C_ROLE_COUNT]; /* of the request, by role; empty: not logged */
};

/* A value in quotes or brackets; false when it is none. */
static bool take_enclosed(struct row *row, char closing, struct hn_text *ret_value)
{
    struct hn_text text = row->rest;
    bool doubled;
    size_t end = closing_at(text, closing, &doubled);

    if (end == SIZE_MAX) {
        row->unquoted = true;
        return false;
    }
    *ret_value = hn_text_sub(text, 1, end - 1);
    if (doubled)
        *ret_value = single_quotes(row->event, *ret_value);
    row->rest = hn_text_sub(text, end + 1, text.len);
    return true;
}

/* The next value of a row with spaces between them; false behind the last one. */
static bool take_spaced(struct row *row, enum w3c_role role, struct hn_text *ret_value)
{
    char first;

    while (row->rest.len > 0 && row->rest.ptr[0] == ' ')
        row->rest = hn_text_sub(row->rest, 1, row->rest.len);
    if (row->rest.len == 0)
        return false;
    first = row->rest.ptr[0];
    if (!row->unquoted && first == '"' && take_enclosed(row, '"', ret_value))
        return true;
    if (!row->unquoted && first == '[' && role == W3C_STAMP && take_enclosed(row, ']', ret_value))
        return true;
    return web_token_take(&row->rest, ret_value);
}

static bool take_value(struct row *row, enum w3c_role role, struct hn_text *ret_value)
{
    if (row->own->commas)
        return csv_field_take(row->event, &row->rest, ',', ret_value);
    if (row->tabs)
        return hn_text_split(&row->rest, '\t', ret_value);
    return take_spaced(row, role, ret_value);
}

/* ---- Time --------------------------------------------------------------------------------------
 */

static void set_time(struct row *row)
{
    struct hn_text date = row->part[W3C_DATE].len > 0 ? row->part[W3C_DATE] : row->own->date;
    struct hn_text time = row->part[W3C_TIME];
    char *room;

    if (row->part[W3C_STAMP].len > 0) {
        row->event->time_text = row->part[W3C_STAMP];
        return;
    }
    if (date.len == 0 || time.len == 0 || date.len + time.len > STAMP_BYTES_MAX)
        return;
    room = hn_event_room(row->event, date.len + time.len + 2);
    if (room == NULL) {
        row->event->values_dropped++;
        return;
    }
    memcpy(room, date.ptr, date.len);
    room[date.len] = ' ';
    memcpy(room + date.len + 1, time.ptr, time.len);
    room[date.len + 1 + time.len] = 'Z';
    row->event->time_text =
            hn_text_of(room, date.len + 1 + time.len + (row->own->local_time ? 0 : 1));
}

/* ---- Request -----------------------------------------------------------------------------------
 */

static char *put(char *to, struct hn_text text)
{
    if (text.len > 0)
        memcpy(to, text.ptr, text.len);
    return to + text.len;
}

/* path and query with the question mark that IIS leaves out and Blue Coat leaves in. */
static char *put_target(char *to, struct hn_text path, struct hn_text query)
{
    to = put(to, path);
    if (query.len > 0 && query.ptr[0] != '?')
        *to++ = '?';
    return put(to, query);
}

static bool is_default_port(struct hn_text scheme, struct hn_text port)
{
    return (hn_text_eq(scheme, HN_TEXT("http")) && hn_text_eq(port, HN_TEXT("80"))) ||
           (hn_text_eq(scheme, HN_TEXT("https")) && hn_text_eq(port, HN_TEXT("443")));
}

/* Puts the URL together from its parts; ptr NULL when there are none. */
static struct hn_text join_url(struct row *row)
{
    const struct hn_text *part = row->part;
    bool absolute = row->own->kind == W3C_PROXY && part[W3C_HOST].len > 0 &&
                    hn_text_find(part[W3C_PATH], HN_TEXT("://"), 0) == SIZE_MAX;
    struct hn_text scheme = part[W3C_SCHEME].len > 0 ? part[W3C_SCHEME] : HN_TEXT("http");
    char *room;
    char *to;

    if (part[W3C_URI].len > 0)
        return part[W3C_URI];
    if (part[W3C_PATH].len == 0 && part[W3C_QUERY].len == 0 && !absolute)
        return (struct hn_text){ NULL, 0 };
    if (part[W3C_QUERY].len == 0 && !absolute)
        return part[W3C_PATH];
    room = hn_event_room(row->event, scheme.len + part[W3C_HOST].len + part[W3C_PORT].len +
                                             part[W3C_PATH].len + part[W3C_QUERY].len + 5);
    if (room == NULL) {
        row->event->values_dropped++;
        return part[W3C_PATH];
    }
    to = room;
    if (absolute) {
        to = put(put(put(to, scheme), HN_TEXT("://")), part[W3C_HOST]);
        if (part[W3C_PORT].len > 0 && !is_default_port(scheme, part[W3C_PORT])) {
            *to++ = ':';
            to = put(to, part[W3C_PORT]);
        }
    }
    to = put_target(to, part[W3C_PATH], part[W3C_QUERY]);
    return hn_text_of(room, (size_t)(to - room));
}

static void add_request(struct row *row)
{
    bool is_proxy = row->own->kind == W3C_PROXY;
    struct hn_text whole = join_url(row);
    struct web_url url;

    if (whole.ptr == NULL)
        return;
    url = web_url_split(whole, is_proxy && hn_text_eq(row->part[W3C_METHOD], HN_TEXT("CONNECT")));
    if (row->part[W3C_HOST].len > 0 && hn_text_eq(url.host, row->part[W3C_HOST]))
        url.host = (struct hn_text){ "", 0 }; /* it is there already, from its column */
    web_add_url(row->event, &url, is_proxy ? WEB_PROXY : WEB_SERVER);
}

/* IIS writes '+' for a space, CloudFront percent-encodes; rules are written for either form. */
static void add_readable_agent(struct row *row, const struct table_column *column)
{
    struct hn_text text = row->part[W3C_AGENT];
    char *room;
    size_t len = 0;

    if (hn_text_find_char(text, ' ', 0) != SIZE_MAX ||
            (hn_text_find_char(text, '+', 0) == SIZE_MAX &&
                    hn_text_find(text, HN_TEXT("%20"), 0) == SIZE_MAX))
        return;
    room = hn_event_room(row->event, text.len);
    if (room == NULL) {
        row->event->values_dropped++;
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        int code = c == '%' ? web_hex_byte(text, i + 1) : -1;

        if (c == '+')
            c = ' ';
        if (code >= 0) {
            c = (char)(unsigned char)code;
            i += 2;
        }
        room[len++] = c;
    }
    table_add_text(row->event, column, hn_text_of(room, len));
}

/* ---- Rows --------------------------------------------------------------------------------------
 */

static void add_value(struct row *row, const struct table_column *column, struct hn_text value)
{
    enum w3c_role role = (enum w3c_role)column->role;

    if (value.ptr == NULL || hn_text_eq(value, HN_TEXT("-")))
        return;
    row->part[role] = value;
    if (role < W3C_URI)
        table_add_text(row->event, column, value);
    if (role == W3C_AGENT)
        add_readable_agent(row, column);
}

bool w3c_find_values(struct hn_event *event, const struct w3c_own *own, struct hn_text line,
        const struct w3c_wanted *wanted)
{
    struct row row = { .event = event, .own = own, .rest = line };
    struct hn_text value;
    uint32_t count = 0;

    for (; count < wanted->count && take_value(&row, W3C_PLAIN, &value); count++) {
        for (size_t i = 0; i < HN_COUNT_OF(wanted->is); i++) {
            if (wanted->is[i].check != NULL && wanted->is[i].index == count &&
                    !wanted->is[i].check(value))
                return false;
        }
    }
    return count == wanted->count && !take_value(&row, W3C_PLAIN, &value);
}

void w3c_row_fields(struct hn_event *event, const struct table_header *header, struct hn_text line)
{
    struct row row = { .event = event, .rest = line };
    struct hn_text value = { "", 0 };
    uint32_t index = 0;

    for (size_t i = 0; i < HN_COUNT_OF(row.part); i++)
        row.part[i] = value;
    row.own = header->own;
    row.tabs = hn_text_find_char(line, '\t', 0) != SIZE_MAX;
    event->origin = header->origin;
    event->source = header->source;
    for (;; index++) {
        enum w3c_role role =
                index < header->count ? (enum w3c_role)header->columns[index].role : W3C_PLAIN;

        if (!take_value(&row, role, &value))
            break;
        if (index < header->count)
            add_value(&row, &header->columns[index], value);
        else
            table_add_extra(event, value);
    }
    if (index != header->count)
        hn_event_note(event, HN_FINDING_FIELD_COUNT);
    set_time(&row);
    if (row.own->kind == W3C_SERVER || row.own->kind == W3C_PROXY)
        add_request(&row);
}

static enum hn_status w3c_parse(
        const struct decode_batch *batch, struct hn_text line, struct hn_event *event)
{
    if (table_is_directive(line))
        return HN_NOTFOUND;
    if (batch->context == NULL)
        return HN_SYNTAX;
    w3c_row_fields(event, batch->context, line);
    return HN_OK;
}

static enum hn_status w3c_run(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink)
{
    const struct table_header *header;

    if (table_header_of(batch, &header) != HN_OK)
        return HN_NOMEM;
    return decode_run_lines(batch, event, sink, w3c_parse);
}

static enum hn_status w3c_again(
        const struct decode_batch *batch, const struct hn_event *from, struct hn_event *to)
{
    return decode_again_line(batch, from, to, w3c_parse);
}

/* "#Fields:" among the directives at the start is what makes it one. */
static int w3c_probe(struct hn_bytes head, struct hn_text name)
{
    struct hn_text rest = hn_bytes_as_text(head);
    struct hn_text line;

    (void)name;
    while (table_is_directive(rest) && hn_text_line(&rest, &line)) {
        if (hn_text_find_nocase(hn_text_sub(line, 0, 16), HN_TEXT("#Fields:"), 0) != SIZE_MAX)
            return PROBE_CERTAIN;
    }
    return PROBE_NO;
}

const struct decode_format decode_format_w3c = {
    .name = HN_TEXT_INIT("w3c"),
    .title = HN_TEXT_INIT("W3C extended log (IIS, Blue Coat, ...)"),
    .traits = DECODE_LINES,
    .probe = w3c_probe,
    .open = w3c_open,
    .close = w3c_close,
    .cut = table_cut_directives,
    .head = w3c_head,
    .release = table_batch_release,
    .run = w3c_run,
    .again = w3c_again,
};
