/* decode_w3c_header.c - what the '#' lines of a W3C extended log say: who wrote it, which Sigma log
 * source that is, and under which names its columns are known there. */
#include "decode/decode_w3c.h"

#include "base/mem.h"

/* ---- Who writes such logs ----------------------------------------------------------------------
 */

/* The first that fits; product and service as Sigma's log sources name them. */
static const struct w3c_writer {
    const char *software; /* part of "#Software:", any case */
    enum w3c_kind kind;
    const char *product;
    const char *category;
    const char *service;
} writers[] = {
    { "Internet Information Services", W3C_SERVER, "windows", "webserver", "iis" },
    { "IIS Advanced Logging", W3C_SERVER, "windows", "webserver", "iis" },
    { "Microsoft HTTP API", W3C_SERVER, "windows", "webserver", "iis" },
    { "Windows Firewall", W3C_FIREWALL, "windows", "firewall", NULL },
    { "Exchange", W3C_OTHER, "exchange", NULL, NULL },
    { "SGOS", W3C_PROXY, NULL, "proxy", NULL },
    { "Blue Coat", W3C_PROXY, NULL, "proxy", NULL },
    { "ProxySG", W3C_PROXY, NULL, "proxy", NULL },
    { "Threat Management Gateway", W3C_PROXY, NULL, "proxy", NULL },
    { "Internet Security and Acceleration", W3C_PROXY, NULL, "proxy", NULL },
};

/* Columns that only one kind of log has, for logs that do not name their writer. */
static const struct {
    const char *column;
    enum w3c_kind kind;
    const char *category;
} telling_columns[] = {
    { "x-edge-location", W3C_SERVER, "webserver" },
    { "cs-uri-scheme", W3C_PROXY, "proxy" },
    { "cs-categories", W3C_PROXY, "proxy" },
    { "sc-filter-result", W3C_PROXY, "proxy" },
    { "x-exception-id", W3C_PROXY, "proxy" },
    { "s-action", W3C_PROXY, "proxy" },
    { "r-ip", W3C_PROXY, "proxy" },
    { "r-host", W3C_PROXY, "proxy" },
    { "c-uri", W3C_PROXY, "proxy" },
    { "cs-uri-stem", W3C_SERVER, "webserver" },
    { "cs-uri", W3C_SERVER, "webserver" },
    { "src-ip", W3C_FIREWALL, "firewall" },
};

/* Has the line of column names this one among them? */
static bool has_column(struct hn_text fields, struct hn_text wanted)
{
    size_t pos = 0;

    while ((pos = hn_text_find_nocase(fields, wanted, pos)) != SIZE_MAX) {
        size_t end = pos + wanted.len;
        bool starts = pos == 0 || fields.ptr[pos - 1] == ' ' || fields.ptr[pos - 1] == '\t';

        if (starts && (end == fields.len || fields.ptr[end] == ' ' || fields.ptr[end] == '\t'))
            return true;
        pos++;
    }
    return false;
}

static enum w3c_kind decode_set_source(
        struct table_header *header, struct hn_text software, struct hn_text fields)
{
    header->origin = HN_ORIGIN_KNOWN;
    for (size_t i = 0; i < HN_COUNT_OF(writers); i++) {
        const struct w3c_writer *writer = &writers[i];

        if (hn_text_find_nocase(software, hn_text_cstr(writer->software), 0) == SIZE_MAX)
            continue;
        if (writer->product != NULL)
            header->source.product = hn_text_cstr(writer->product);
        if (writer->category != NULL)
            hn_source_add_category(&header->source, hn_text_cstr(writer->category));
        if (writer->service != NULL)
            hn_source_add_service(&header->source, hn_text_cstr(writer->service));
        return writer->kind;
    }
    for (size_t i = 0; i < HN_COUNT_OF(telling_columns); i++) {
        if (!has_column(fields, hn_text_cstr(telling_columns[i].column)))
            continue;
        hn_source_add_category(&header->source, hn_text_cstr(telling_columns[i].category));
        return telling_columns[i].kind;
    }
    return W3C_OTHER;
}

/* ---- Names and roles of columns ---------------------------------------------------------------
 */

/* Names of the taxonomy for W3C names; the W3C name stays known as well. */
static const struct {
    enum w3c_kind kind;
    const char *column;
    const char *name;
} renames[] = {
    { W3C_PROXY, "c-ip", "src_ip" },
    { W3C_PROXY, "r-ip", "dst_ip" },
    { W3C_PROXY, "s-supplier-ip", "dst_ip" },
    { W3C_PROXY, "r-port", "dst_port" },
    { W3C_PROXY, "r-host", "cs-host" },
    { W3C_PROXY, "cs-user-agent", "c-useragent" },
    { W3C_PROXY, "c-agent", "c-useragent" },
    { W3C_PROXY, "cs-referred", "cs-referer" },
    { W3C_PROXY, "s-operation", "cs-method" },
    { W3C_FIREWALL, "src-ip", "src_ip" },
    { W3C_FIREWALL, "dst-ip", "dst_ip" },
    { W3C_FIREWALL, "src-port", "src_port" },
    { W3C_FIREWALL, "dst-port", "dst_port" },
};

static const struct {
    const char *column;
    enum w3c_role role;
} roles[] = {
    { "date", W3C_DATE },
    { "time", W3C_TIME },
    { "date-time", W3C_STAMP },
    { "datetime", W3C_STAMP },
    { "timestamp", W3C_STAMP },
    { "localtime", W3C_STAMP },
    { "gmttime", W3C_STAMP },
    { "cs-user-agent", W3C_AGENT },
    { "c-agent", W3C_AGENT },
    { "cs-method", W3C_METHOD },
    { "s-operation", W3C_METHOD },
    { "cs-host", W3C_HOST },
    { "r-host", W3C_HOST },
    { "c-uri", W3C_URI },
    { "cs-uri", W3C_URI },
    { "cs-uri-scheme", W3C_SCHEME },
    { "cs-uri-port", W3C_PORT },
    { "cs-uri-stem", W3C_PATH },
    { "cs-uri-path", W3C_PATH },
    { "c-uri-stem", W3C_PATH },
    { "cs-uri-query", W3C_QUERY },
    { "c-uri-query", W3C_QUERY },
    { "cs-uri-extension", W3C_DERIVED },
    { "c-uri-extension", W3C_DERIVED },
};

static enum w3c_role role_of(struct hn_text name, enum w3c_kind kind)
{
    for (size_t i = 0; i < HN_COUNT_OF(roles); i++) {
        if (!hn_text_eq(name, hn_text_cstr(roles[i].column)))
            continue;
        /* In other logs than those of web traffic, URIs are ordinary values. */
        if (kind != W3C_SERVER && kind != W3C_PROXY && roles[i].role > W3C_STAMP)
            return W3C_PLAIN;
        return roles[i].role;
    }
    return W3C_PLAIN;
}

/* "cs(User-Agent)" is "cs-user-agent", everything else stays; in lower case. */
static struct hn_text plain_name(struct table_header *header, struct hn_text name)
{
    size_t open = hn_text_find_char(name, '(', 0);
    struct hn_text lower = table_lower(header, name);
    char *copy;

    if (lower.ptr == NULL || open == SIZE_MAX || name.ptr[name.len - 1] != ')')
        return lower;
    copy = hn_arena_raw(&header->arena, name.len, 1);
    if (copy == NULL)
        return (struct hn_text){ NULL, 0 };
    memcpy(copy, lower.ptr, name.len);
    copy[open] = '-';
    return hn_text_of(copy, name.len - 1);
}

static bool add_column(struct table_header *header, struct hn_text name, enum w3c_kind kind)
{
    struct table_column *column = &header->columns[header->count];
    struct hn_text plain = plain_name(header, name);

    if (plain.ptr == NULL)
        return false;
    column->role = (uint8_t)role_of(plain, kind);
    column->name = plain;
    for (size_t i = 0; i < HN_COUNT_OF(renames); i++) {
        if (renames[i].kind == kind && hn_text_eq(plain, hn_text_cstr(renames[i].column))) {
            column->name = hn_text_cstr(renames[i].name);
            column->also = plain;
        }
    }
    header->count++;
    return true;
}

/* What separates the names: commas (Exchange), tabs (TMG), spaces. */
static char separator_of(struct hn_text fields)
{
    if (hn_text_find_char(fields, ',', 0) != SIZE_MAX)
        return ',';
    return hn_text_find_char(fields, '\t', 0) != SIZE_MAX ? '\t' : ' ';
}

static bool add_columns(struct table_header *header, struct hn_text fields, struct w3c_own *own)
{
    char separator = separator_of(fields);
    struct hn_text rest = fields;
    struct hn_text name;

    own->commas = separator == ',';
    if (!table_columns_new(header, TABLE_COLUMNS_MAX))
        return false;
    while (header->count < TABLE_COLUMNS_MAX && hn_text_split(&rest, separator, &name)) {
        name = hn_text_trim(name);
        if (name.len == 0 && separator == ' ')
            continue;
        if (!add_column(header, name, own->kind))
            return false;
    }
    return true;
}

/* ---- Directives --------------------------------------------------------------------------------
 */

static bool keep(struct hn_buf *buf, struct hn_text text)
{
    hn_buf_reset(buf);
    hn_buf_add_text(buf, hn_text_trim(text));
    return hn_buf_ok(buf);
}

bool w3c_learn(struct table_directives *directives, struct hn_text line)
{
    struct w3c_state *state = (struct w3c_state *)directives;
    size_t colon = hn_text_find_char(line, ':', 0);
    struct hn_text name = hn_text_sub(line, 1, colon == SIZE_MAX ? 0 : colon - 1);
    struct hn_text value = hn_text_sub(line, colon == SIZE_MAX ? line.len : colon + 1, line.len);

    if (line.len > TABLE_HEADER_BYTES_MAX)
        return true;
    if (hn_text_eq_nocase(name, HN_TEXT("Fields"))) {
        directives->changed = true;
        return keep(&state->fields, value);
    }
    if (hn_text_eq_nocase(name, HN_TEXT("Software")))
        return keep(&state->software, value);
    if (hn_text_eq_nocase(name, HN_TEXT("Date")))
        return keep(&state->date, value);
    if (hn_text_eq_nocase(name, HN_TEXT("Log-type")))
        return keep(&state->log_type, value);
    if (hn_text_eq_nocase(name, HN_TEXT("Time Format")))
        state->local_time = hn_text_eq_nocase(hn_text_trim(value), HN_TEXT("Local"));
    return true;
}

struct table_header *w3c_build(struct decode_stream *stream)
{
    const struct w3c_state *state = stream->state;
    struct table_header *header = table_header_new();
    struct hn_text log_type = hn_buf_text(&state->log_type);
    struct hn_text date = hn_buf_text(&state->date);
    struct w3c_own *own;

    if (header == NULL)
        return NULL;
    own = hn_new(&header->arena, struct w3c_own, 1);
    if (own == NULL)
        goto fail;
    header->own = own;
    own->local_time = state->local_time;
    own->kind =
            decode_set_source(header, hn_buf_text(&state->software), hn_buf_text(&state->fields));
    if (own->kind == W3C_OTHER && log_type.len > 0) {
        log_type = table_lower(header, log_type);
        if (log_type.ptr == NULL)
            goto fail;
        hn_source_add_service(&header->source, log_type);
    }
    (void)table_source_given(&stream->options, header);
    if (date.len > 10)
        date.len = 10; /* the day alone */
    own->date = hn_arena_text(&header->arena, date);
    if (own->date.ptr == NULL || !add_columns(header, hn_buf_text(&state->fields), own))
        goto fail;
    return header;
fail:
    table_header_unref(header);
    return NULL;
}

enum hn_status w3c_open(struct decode_stream *stream, struct hn_err *err)
{
    struct w3c_state *state = hn_calloc(1, sizeof *state);

    if (state == NULL)
        return hn_fail(err, HN_NOMEM, 0, "state of a W3C log");
    state->directives.learn = w3c_learn;
    state->directives.build = w3c_build;
    stream->state = state;
    return HN_OK;
}

void w3c_close(struct decode_stream *stream)
{
    struct w3c_state *state = stream->state;

    table_header_unref(state->directives.header);
    hn_buf_deinit(&state->fields);
    hn_buf_deinit(&state->software);
    hn_buf_deinit(&state->date);
    hn_buf_deinit(&state->log_type);
    hn_free(state);
}

static void directive(struct hn_buf *out, const char *name, const struct hn_buf *value)
{
    if (value->len == 0)
        return;
    hn_buf_add_cstr(out, name);
    hn_buf_add_text(out, hn_buf_text(value));
    hn_buf_add_char(out, '\n');
}

void w3c_head(const struct decode_stream *stream, struct hn_buf *out)
{
    const struct w3c_state *state = stream->state;

    directive(out, "#Software: ", &state->software);
    directive(out, "#Log-type: ", &state->log_type);
    directive(out, "#Date: ", &state->date);
    if (state->local_time)
        hn_buf_add_lit(out, "#Time Format: Local\n");
    directive(out, "#Fields: ", &state->fields);
}
