/* decode_zeek.c - Zeek's tab-separated logs.
 *
 * Each file, and each part of concatenated files, says itself how it is written: separator, set
 * separator, marks for empty and unset, name of the log, names and types of its columns. An unset
 * value is an absent field, "(empty)" an empty one; sets and vectors have a value per element;
 * T and F of a bool column are true and false.
 *
 * Zeek writes a backslash twice and every byte that is not printable as \xNN. Backslashes and
 * printable characters (a tab, a comma in a set) are resolved here; control characters stay as
 * written, which is how Zeek's JSON logs show them and what rules ask for ("answers" ending with
 * "\x00"). Zeek's JSON logs are left to the JSON decoder. */
#include "decode/decode_table.h"
#include "decode/decode_web.h"

#include "base/mem.h"

enum zeek_type { ZEEK_PLAIN, ZEEK_BOOL, ZEEK_LIST, ZEEK_BOOL_LIST };

enum zeek_role { ROLE_NONE, ROLE_TIME, ROLE_HOST, ROLE_URI, ROLE_METHOD };

struct zeek_state {
    struct table_directives directives;
    struct hn_buf fields; /* the line behind "#fields" */
    struct hn_buf types;
    struct hn_buf path;
    struct hn_buf set_separator;
    struct hn_buf empty;
    struct hn_buf unset;
    char separator;
};

struct zeek_own {
    struct hn_text set_separator;
    struct hn_text empty;
    struct hn_text unset;
    char separator;
    bool is_http;
};

/* ---- Log sources ------------------------------------------------------------------------------
 */

/* Categories beside product zeek and service = path. Conversions of Sigma rules for Zeek have
 * always taken http.log for proxy and webserver rules, conn.log for firewall rules and dns.log for
 * DNS rules: the same requests, seen on the wire (docs/formats/zeek.md). */
static const struct zeek_category {
    const char *path;
    const char *category;
    const char *service; /* of the generic category "network" */
} zeek_categories[] = {
    { "conn", "network", "connection" },
    { "conn", "firewall", NULL },
    { "dns", "network", NULL },
    { "dns", "dns", NULL },
    { "http", "proxy", NULL },
    { "http", "webserver", NULL },
};

/* Names under which the generic categories know a column. */
static const struct zeek_alias {
    const char *path; /* NULL: any log */
    const char *column;
    const char *name;
} zeek_aliases[] = {
    { NULL, "id.orig_h", "src_ip" },
    { NULL, "id.orig_p", "src_port" },
    { NULL, "id.resp_h", "dst_ip" },
    { NULL, "id.resp_p", "dst_port" },
    { "dns", "qtype_name", "record_type" },
    { "dns", "answers", "answer" },
    { "http", "user_agent", "c-useragent" },
    { "http", "method", "cs-method" },
    { "http", "status_code", "sc-status" },
    { "http", "referrer", "cs-referer" },
    { "http", "request_body_len", "cs-bytes" },
    { "http", "response_body_len", "sc-bytes" },
    { "http", "username", "cs-username" },
};

static struct hn_text alias_of(struct hn_text path, struct hn_text column)
{
    for (size_t i = 0; i < HN_COUNT_OF(zeek_aliases); i++) {
        const struct zeek_alias *alias = &zeek_aliases[i];

        if ((alias->path == NULL || hn_text_eq(path, hn_text_cstr(alias->path))) &&
                hn_text_eq(column, hn_text_cstr(alias->column)))
            return hn_text_cstr(alias->name);
    }
    return (struct hn_text){ "", 0 };
}

static void decode_set_source(struct table_header *header, struct hn_text path)
{
    header->origin = HN_ORIGIN_KNOWN;
    header->source.product = HN_TEXT("zeek");
    if (path.len > 0)
        hn_source_add_service(&header->source, path);
    for (size_t i = 0; i < HN_COUNT_OF(zeek_categories); i++) {
        if (!hn_text_eq(path, hn_text_cstr(zeek_categories[i].path)))
            continue;
        hn_source_add_category(&header->source, hn_text_cstr(zeek_categories[i].category));
        if (zeek_categories[i].service != NULL)
            hn_source_add_service(&header->source, hn_text_cstr(zeek_categories[i].service));
    }
}

/* ---- Header ------------------------------------------------------------------------------------
 */

/* "\x09" or the character itself. */
static char separator_of(struct hn_text text)
{
    if (hn_text_starts(text, HN_TEXT("\\x")) && web_hex_byte(text, 2) >= 0)
        return (char)(unsigned char)web_hex_byte(text, 2);
    return text.len > 0 ? text.ptr[0] : '\t';
}

static bool keep(struct hn_buf *buf, struct hn_text text)
{
    hn_buf_reset(buf);
    hn_buf_add_text(buf, text);
    return hn_buf_ok(buf);
}

static void new_file(struct zeek_state *state)
{
    state->separator = '\t';
    hn_buf_reset(&state->path);
    hn_buf_reset(&state->types);
    hn_buf_reset(&state->fields);
}

static bool zeek_learn(struct table_directives *directives, struct hn_text line)
{
    struct zeek_state *state = (struct zeek_state *)directives;
    struct hn_text rest;
    struct hn_text name;

    if (line.len > TABLE_HEADER_BYTES_MAX)
        return true; /* its rows will not fit their header, and say so */
    if (hn_text_starts(line, HN_TEXT("#separator "))) {
        new_file(state);
        state->separator = separator_of(hn_text_sub(line, 11, line.len));
        return true;
    }
    rest = hn_text_sub(line, 1, line.len);
    (void)hn_text_split(&rest, state->separator, &name);
    if (rest.ptr == NULL)
        return true;
    if (hn_text_eq(name, HN_TEXT("set_separator")))
        return keep(&state->set_separator, rest);
    if (hn_text_eq(name, HN_TEXT("empty_field")))
        return keep(&state->empty, rest);
    if (hn_text_eq(name, HN_TEXT("unset_field")))
        return keep(&state->unset, rest);
    if (hn_text_eq(name, HN_TEXT("path")))
        return keep(&state->path, rest);
    if (hn_text_eq(name, HN_TEXT("types")))
        return keep(&state->types, rest);
    if (hn_text_eq(name, HN_TEXT("fields"))) {
        directives->changed = true;
        return keep(&state->fields, rest);
    }
    return true;
}

static enum zeek_type type_of(struct hn_text type)
{
    if (hn_text_eq(type, HN_TEXT("bool")))
        return ZEEK_BOOL;
    if (hn_text_eq(type, HN_TEXT("set[bool]")) || hn_text_eq(type, HN_TEXT("vector[bool]")))
        return ZEEK_BOOL_LIST;
    if (hn_text_starts(type, HN_TEXT("set[")) || hn_text_starts(type, HN_TEXT("vector[")) ||
            hn_text_starts(type, HN_TEXT("table[")))
        return ZEEK_LIST;
    return ZEEK_PLAIN;
}

static enum zeek_role role_of(struct hn_text path, struct hn_text column)
{
    if (hn_text_eq(column, HN_TEXT("ts")))
        return ROLE_TIME;
    if (!hn_text_eq(path, HN_TEXT("http")))
        return ROLE_NONE;
    if (hn_text_eq(column, HN_TEXT("host")))
        return ROLE_HOST;
    if (hn_text_eq(column, HN_TEXT("uri")))
        return ROLE_URI;
    return hn_text_eq(column, HN_TEXT("method")) ? ROLE_METHOD : ROLE_NONE;
}

static bool add_columns(struct table_header *header, const struct zeek_state *state)
{
    struct hn_text path = header->source.service[0];
    struct hn_text names = hn_arena_text(&header->arena, hn_buf_text(&state->fields));
    struct hn_text types = hn_buf_text(&state->types);
    uint32_t count = 1;
    struct hn_text name;
    struct hn_text type;

    if (names.ptr == NULL)
        return false;
    for (size_t i = 0; i < names.len && count < TABLE_COLUMNS_MAX; i++)
        count += names.ptr[i] == state->separator;
    if (!table_columns_new(header, count))
        return false;
    while (header->count < count && hn_text_split(&names, state->separator, &name)) {
        struct table_column *column = &header->columns[header->count++];

        column->name = name;
        column->also = alias_of(path, name);
        column->role = (uint8_t)role_of(path, name);
        if (types.len > 0 && hn_text_split(&types, state->separator, &type))
            column->type = (uint8_t)type_of(type);
    }
    return true;
}

static struct table_header *zeek_build(struct decode_stream *stream)
{
    const struct zeek_state *state = stream->state;
    struct table_header *header = table_header_new();
    struct zeek_own *own;
    struct hn_text path;

    if (header == NULL)
        return NULL;
    own = hn_new(&header->arena, struct zeek_own, 1);
    path = table_lower(header, hn_buf_text(&state->path));
    if (own == NULL || path.ptr == NULL)
        goto fail;
    own->separator = state->separator;
    own->set_separator = hn_arena_text(&header->arena, hn_buf_text(&state->set_separator));
    own->empty = hn_arena_text(&header->arena, hn_buf_text(&state->empty));
    own->unset = hn_arena_text(&header->arena, hn_buf_text(&state->unset));
    own->is_http = hn_text_eq(path, HN_TEXT("http"));
    header->own = own;
    if (!table_source_given(&stream->options, header))
        decode_set_source(header, path);
    if (own->set_separator.ptr == NULL || own->empty.ptr == NULL || own->unset.ptr == NULL ||
            !add_columns(header, state))
        goto fail;
    return header;
fail:
    table_header_unref(header);
    return NULL;
}

static void zeek_close(struct decode_stream *stream)
{
    struct zeek_state *state = stream->state;

    table_header_unref(state->directives.header);
    hn_buf_deinit(&state->fields);
    hn_buf_deinit(&state->types);
    hn_buf_deinit(&state->path);
    hn_buf_deinit(&state->set_separator);
    hn_buf_deinit(&state->empty);
    hn_buf_deinit(&state->unset);
    hn_free(state);
}

static enum hn_status zeek_open(struct decode_stream *stream, struct hn_err *err)
{
    struct zeek_state *state = hn_calloc(1, sizeof *state);

    if (state == NULL)
        return hn_fail(err, HN_NOMEM, 0, "state of a Zeek log");
    state->directives.learn = zeek_learn;
    state->directives.build = zeek_build;
    stream->state = state;
    new_file(state);
    if (!keep(&state->set_separator, HN_TEXT(",")) || !keep(&state->empty, HN_TEXT("(empty)")) ||
            !keep(&state->unset, HN_TEXT("-"))) {
        zeek_close(stream);
        return hn_fail(err, HN_NOMEM, 0, "state of a Zeek log");
    }
    return HN_OK;
}

/* ---- Rows --------------------------------------------------------------------------------------
 */

/* What the parts of an http.log row are needed for together. */
struct zeek_parts {
    struct hn_text host;
    struct hn_text uri;
    struct hn_text method;
};

/* See the head of this file for what is resolved and what stays. */
static struct hn_text resolve_escapes(struct hn_event *event, struct hn_text text)
{
    char *out = hn_event_room(event, text.len);
    size_t len = 0;

    if (out == NULL) {
        event->values_dropped++;
        return text;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        char next = i + 1 < text.len ? text.ptr[i + 1] : '\0';
        int code = c == '\\' && next == 'x' ? web_hex_byte(text, i + 2) : -1;

        if (c == '\\' && next == '\\') {
            i++;
        } else if (code == '\t' || (code >= 0x20 && code != 0x7F)) {
            c = (char)(unsigned char)code;
            i += 3;
        }
        out[len++] = c;
    }
    return hn_text_of(out, len);
}

static struct hn_text resolved(struct hn_event *event, struct hn_text text)
{
    return memchr(text.ptr, '\\', text.len) == NULL ? text : resolve_escapes(event, text);
}

static void add_element(struct hn_event *event, const struct table_column *column,
        struct hn_text text, const struct zeek_own *own)
{
    bool is_bool = column->type == ZEEK_BOOL || column->type == ZEEK_BOOL_LIST;
    struct hn_value value = { .ptr = "", .form = HN_FORM_TEXT };

    if (is_bool && (hn_text_eq(text, HN_TEXT("T")) || hn_text_eq(text, HN_TEXT("F")))) {
        value.type = HN_TYPE_BOOL;
        value.form = HN_FORM_NUMBER;
        value.number.i = text.ptr[0] == 'T';
    } else if (hn_text_eq(text, own->unset)) {
        value.type = HN_TYPE_NULL; /* in a list; alone it is absent */
    } else {
        if (hn_text_eq(text, own->empty))
            text = (struct hn_text){ "", 0 };
        else
            text = resolved(event, text);
        value.ptr = text.ptr;
        value.len = (uint32_t)text.len; /* a line is shorter than event_bytes_max */
        value.type = HN_TYPE_STRING;
    }
    table_add(event, column, &value);
}

static void add_list(struct hn_event *event, const struct table_column *column, struct hn_text text,
        const struct zeek_own *own)
{
    if (own->set_separator.len == 0) {
        add_element(event, column, text, own);
        return;
    }
    for (;;) {
        size_t end = hn_text_find(text, own->set_separator, 0);

        add_element(event, column, hn_text_sub(text, 0, end), own);
        if (end == SIZE_MAX)
            return;
        text = hn_text_sub(text, end + own->set_separator.len, text.len);
    }
}

static void add_value(struct hn_event *event, const struct table_column *column,
        struct hn_text text, const struct zeek_own *own)
{
    if (hn_text_eq(text, own->unset))
        return;
    if (column->type == ZEEK_LIST || column->type == ZEEK_BOOL_LIST)
        add_list(event, column, text, own);
    else
        add_element(event, column, text, own);
}

static void note_role(
        struct hn_event *event, enum zeek_role role, struct hn_text text, struct zeek_parts *parts)
{
    switch (role) {
    case ROLE_TIME:
        event->time_text = text;
        break;
    case ROLE_HOST:
        parts->host = resolved(event, text);
        break;
    case ROLE_URI:
        parts->uri = resolved(event, text);
        break;
    case ROLE_METHOD:
        parts->method = text;
        break;
    case ROLE_NONE:
        break;
    }
}

/* The request as proxy and webserver rules name its parts; host and URI are apart in the log. */
static void add_http(
        struct hn_event *event, const struct zeek_parts *parts, const struct zeek_own *own)
{
    static const char *const names[] = { "c-uri", "cs-uri", "cs-host", "cs-uri-stem",
        "cs-uri-query", "c-uri-stem", "c-uri-query", "c-uri-extension" };
    bool wanted = event->want_all;
    bool has_host = parts->host.len > 0 && !hn_text_eq(parts->host, own->unset);
    struct web_url url;
    struct hn_text whole;
    char *room;

    for (size_t i = 0; !wanted && i < HN_COUNT_OF(names); i++)
        wanted = hn_event_wants(event, hn_text_cstr(names[i]));
    if (!wanted || parts->uri.len == 0 || hn_text_eq(parts->uri, own->unset))
        return;
    url = web_url_split(parts->uri, hn_text_eq(parts->method, HN_TEXT("CONNECT")));
    room = url.scheme.len > 0 || url.host.len > 0 || !has_host
                   ? NULL
                   : hn_event_room(event, 7 + parts->host.len + parts->uri.len);
    if (room != NULL) {
        memcpy(room, "http://", 7);
        memcpy(room + 7, parts->host.ptr, parts->host.len);
        memcpy(room + 7 + parts->host.len, parts->uri.ptr, parts->uri.len);
        whole = hn_text_of(room, 7 + parts->host.len + parts->uri.len);
        url = web_url_split(whole, false);
    }
    web_add_url(event, &url, WEB_PROXY | WEB_SERVER);
}

static enum hn_status zeek_parse(
        const struct decode_batch *batch, struct hn_text line, struct hn_event *event)
{
    const struct table_header *header = batch->context;
    const struct zeek_own *own;
    struct zeek_parts parts = { 0 };
    struct hn_text rest = line;
    struct hn_text text;
    uint32_t index = 0;

    if (table_is_directive(line))
        return HN_NOTFOUND;
    if (header == NULL)
        return HN_SYNTAX;
    own = header->own;
    event->origin = header->origin;
    event->source = header->source;
    for (; hn_text_split(&rest, own->separator, &text); index++) {
        if (index >= header->count) {
            table_add_extra(event, text);
            continue;
        }
        note_role(event, (enum zeek_role)header->columns[index].role, text, &parts);
        add_value(event, &header->columns[index], text, own);
    }
    if (index != header->count)
        hn_event_note(event, HN_FINDING_FIELD_COUNT);
    if (own->is_http)
        add_http(event, &parts, own);
    return HN_OK;
}

static enum hn_status zeek_run(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink)
{
    const struct table_header *header;

    if (table_header_of(batch, &header) != HN_OK)
        return HN_NOMEM;
    return decode_run_lines(batch, event, sink, zeek_parse);
}

static enum hn_status zeek_again(
        const struct decode_batch *batch, const struct hn_event *from, struct hn_event *to)
{
    return decode_again_line(batch, from, to, zeek_parse);
}

static int zeek_probe(struct hn_bytes head, struct hn_text name)
{
    struct hn_text text = hn_bytes_as_text(head);

    (void)name;
    if (hn_text_starts(text, HN_TEXT("#separator ")))
        return PROBE_CERTAIN;
    return hn_text_starts(text, HN_TEXT("#fields\tts\t")) ? PROBE_LIKELY : PROBE_NO;
}

static void directive(const struct zeek_state *state, struct hn_buf *out, const char *name,
        const struct hn_buf *value)
{
    if (value->len == 0)
        return;
    hn_buf_add_cstr(out, name);
    hn_buf_add_char(out, state->separator);
    hn_buf_add_text(out, hn_buf_text(value));
    hn_buf_add_char(out, '\n');
}

static void zeek_head(const struct decode_stream *stream, struct hn_buf *out)
{
    const struct zeek_state *state = stream->state;

    if (state->fields.len == 0)
        return;
    hn_buf_addf(out, "#separator \\x%02x\n", (unsigned char)state->separator);
    directive(state, out, "#set_separator", &state->set_separator);
    directive(state, out, "#empty_field", &state->empty);
    directive(state, out, "#unset_field", &state->unset);
    directive(state, out, "#path", &state->path);
    directive(state, out, "#fields", &state->fields);
    directive(state, out, "#types", &state->types);
}

const struct decode_format decode_format_zeek = {
    .name = HN_TEXT_INIT("zeek"),
    .title = HN_TEXT_INIT("Zeek log, tab-separated"),
    .traits = DECODE_LINES,
    .probe = zeek_probe,
    .open = zeek_open,
    .close = zeek_close,
    .cut = table_cut_directives,
    .head = zeek_head,
    .release = table_batch_release,
    .run = zeek_run,
    .again = zeek_again,
};
