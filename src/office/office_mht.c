/* office_mht.c - web archives (RFC 2557) as Word writes them and opens them whatever their name
 * says, and ActiveMime, the compressed compound file that macros are in. */
#include "office/office_internal.h"

#define MIME_DEPTH_MAX 4u
#define MIME_PARTS_MAX 1024u
#define FIELD_SCAN_MAX 4096u /* bytes of HTML in which a field's code is looked for */

/* ---- Headers ---- */

static struct hn_text take_headers(struct hn_text *rest)
{
    struct hn_text all = *rest;
    struct hn_text line;

    while (hn_text_line(rest, &line)) {
        if (line.len == 0)
            return hn_text_sub(all, 0, all.len - rest->len);
    }
    return all;
}

/* The value of a header, folded lines joined. */
static struct hn_text header(struct office *o, struct hn_text headers, const char *name)
{
    struct hn_buf buf;
    struct hn_text line;
    bool found = false;

    hn_buf_init(&buf, OFFICE_SCRATCH_BYTES_MAX);
    while (hn_text_line(&headers, &line)) {
        bool folded = line.len > 0 && (line.ptr[0] == ' ' || line.ptr[0] == '\t');
        size_t colon = hn_text_find_char(line, ':', 0);

        if (found && !folded)
            break;
        if (!folded && colon != SIZE_MAX)
            found = hn_text_eq_nocase(
                    hn_text_trim(hn_text_sub(line, 0, colon)), hn_text_cstr(name));
        if (found)
            hn_buf_add_text(&buf, folded ? line : hn_text_sub(line, colon + 1, line.len));
    }
    return hn_text_trim(office_take(o, &buf));
}

static struct hn_text parameter(struct hn_text value, const char *name)
{
    size_t at = hn_text_find_nocase(value, hn_text_cstr(name), 0);
    struct hn_text rest;
    size_t end;

    if (at == SIZE_MAX)
        return HN_TEXT("");
    rest = hn_text_trim(hn_text_sub(value, at + strlen(name), value.len));
    if (!hn_text_starts(rest, HN_TEXT("=")))
        return HN_TEXT("");
    rest = hn_text_trim(hn_text_sub(rest, 1, rest.len));
    if (hn_text_starts(rest, HN_TEXT("\""))) {
        end = hn_text_find_char(rest, '"', 1);
        return hn_text_sub(rest, 1, end == SIZE_MAX ? rest.len : end - 1);
    }
    end = hn_text_find_char(rest, ';', 0);
    return hn_text_trim(hn_text_sub(rest, 0, end));
}

/* ---- Bodies ---- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct hn_bytes quoted_printable(struct office *o, struct hn_text text)
{
    char *out = hn_arena_raw(&o->scratch, text.len + 1, 1);
    size_t len = 0;

    if (out == NULL)
        return (struct hn_bytes){ 0 };
    for (size_t i = 0; i < text.len; i++) {
        struct hn_text next = hn_text_sub(text, i + 1, 2);

        if (text.ptr[i] != '=') {
            out[len++] = text.ptr[i];
        } else if (hn_text_starts(next, HN_TEXT("\r\n"))) {
            i += 2;
        } else if (hn_text_starts(next, HN_TEXT("\n"))) {
            i += 1;
        } else if (next.len == 2 && hex_value(next.ptr[0]) >= 0 && hex_value(next.ptr[1]) >= 0) {
            out[len++] = (char)(hex_value(next.ptr[0]) << 4 | hex_value(next.ptr[1]));
            i += 2;
        } else {
            out[len++] = '=';
        }
    }
    return hn_bytes_of(out, len);
}

/* Text without tags, its references resolved. */
static struct hn_text without_tags(struct office *o, struct hn_text html)
{
    char *out = hn_arena_raw(&o->scratch, html.len + 1, 1);
    char *plain = hn_arena_raw(&o->scratch, html.len + 1, 1);
    bool in_tag = false;
    size_t len = 0;

    if (out == NULL || plain == NULL)
        return HN_TEXT("");
    for (size_t i = 0; i < html.len; i++) {
        if (html.ptr[i] == '<')
            in_tag = true;
        else if (html.ptr[i] == '>')
            in_tag = false;
        else if (!in_tag)
            out[len++] = html.ptr[i];
    }
    return hn_text_of(plain, hn_xml_unescape(hn_text_of(out, len), plain, NULL));
}

/* Word writes the marks of fields into styles of its HTML. */
static void html_fields(struct office *o, struct hn_text html)
{
    size_t at = 0;

    while ((at = hn_text_find_nocase(html, HN_TEXT("field-begin"), at)) != SIZE_MAX) {
        struct hn_text rest = hn_text_sub(html, at, FIELD_SCAN_MAX);
        size_t start = hn_text_find_char(rest, '>', 0);
        size_t end = hn_text_find_nocase(rest, HN_TEXT("field-separator"), 0);
        struct hn_text code;

        at += 11;
        if (end == SIZE_MAX)
            end = hn_text_find_nocase(rest, HN_TEXT("field-end"), 0);
        if (start == SIZE_MAX || end == SIZE_MAX || start > end)
            continue;
        code = hn_text_sub(rest, start + 1, end - start - 1);
        while (code.len > 0 && code.ptr[code.len - 1] != '<') /* the tag the mark stands in */
            code.len--;
        if (code.len > 0) {
            struct office_fields *fields = hn_new(&o->scratch, struct office_fields, 1);

            if (fields == NULL)
                return;
            office_fields_init(fields, o);
            code.len--;
            office_field_simple(fields, without_tags(o, code));
            office_fields_deinit(fields);
        }
    }
}

static void one_part(struct office *o, struct hn_text headers, struct hn_text body)
{
    struct hn_text encoding = header(o, headers, "Content-Transfer-Encoding");
    struct hn_text location = header(o, headers, "Content-Location");
    struct hn_text type = header(o, headers, "Content-Type");
    struct hn_bytes bytes = hn_text_as_bytes(body);

    if (hn_text_starts_nocase(encoding, HN_TEXT("base64")))
        bytes = office_base64(o, body);
    else if (hn_text_starts_nocase(encoding, HN_TEXT("quoted-printable")))
        bytes = quoted_printable(o, body);
    if (location.len == 0)
        location = parameter(type, "name");
    if (hn_text_starts_nocase(type, HN_TEXT("text/html")))
        html_fields(o, hn_bytes_as_text(bytes));
    if (bytes.len > 0 && !hn_text_starts_nocase(type, HN_TEXT("image/")))
        (void)office_child(o, "entry", location, bytes, DISSECT_UNKNOWN);
}

/* ---- Parts ---- */

static void multipart(
        struct office *o, struct hn_text headers, struct hn_text body, uint32_t depth);

static void part(struct office *o, struct hn_text text, uint32_t depth)
{
    struct hn_text rest = text;
    struct hn_text headers = take_headers(&rest);

    if (hn_text_find_nocase(headers, HN_TEXT("multipart/"), 0) != SIZE_MAX &&
            depth < MIME_DEPTH_MAX)
        multipart(o, headers, rest, depth + 1);
    else
        one_part(o, headers, rest);
}

static void multipart(struct office *o, struct hn_text headers, struct hn_text body, uint32_t depth)
{
    struct hn_text boundary = parameter(header(o, headers, "Content-Type"), "boundary");
    struct hn_text mark;
    size_t at;

    if (boundary.len == 0) { /* the first line that looks like one */
        struct hn_text rest = body;
        struct hn_text line;

        while (boundary.len == 0 && hn_text_line(&rest, &line)) {
            if (line.len > 4 && hn_text_starts(line, HN_TEXT("--")))
                boundary = hn_text_sub(line, 2, line.len);
        }
    }
    if (boundary.len == 0)
        return;
    mark = office_print(o, "--%.*s", HN_TEXT_ARG(boundary));
    at = hn_text_find(body, mark, 0);
    for (uint32_t count = 0; at != SIZE_MAX && count < MIME_PARTS_MAX; count++) {
        size_t start = at + mark.len;
        size_t next = hn_text_find(body, mark, start);
        size_t line = hn_text_find_char(body, '\n', start);

        if (hn_text_starts(hn_text_sub(body, start, 2), HN_TEXT("--")))
            return;
        if (line != SIZE_MAX && (next == SIZE_MAX || line < next))
            part(o, hn_text_sub(body, line + 1, (next == SIZE_MAX ? body.len : next) - line - 1),
                    depth);
        at = next;
    }
}

enum hn_status office_open_mht(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct office o;
    struct hn_text text;
    struct hn_text headers;
    size_t start;

    office_begin(&o, dissect, id);
    text = hn_bytes_as_text(office_data(&o));
    start = hn_text_find_nocase(text, HN_TEXT("MIME-Version"), 0); /* anything may come before */
    if (start != SIZE_MAX && start > 0)
        dissect_note(dissect, id, DISSECT_NOTE_HIDDEN, 0, "%zu bytes before the headers", start);
    text = hn_text_sub(text, start == SIZE_MAX ? 0 : start, text.len);
    headers = take_headers(&text);
    multipart(&o, headers, text, 1);
    return office_end(&o, err);
}

/* ---- ActiveMime ---- */

enum { ACTIVEMIME_USUAL_START = 0x32, ACTIVEMIME_SCAN_MAX = 0x400 };

enum hn_status office_open_activemime(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct office o;
    struct hn_bytes bytes;
    struct hn_bytes inside = { 0 };

    office_begin(&o, dissect, id);
    bytes = office_data(&o);
    for (size_t i = ACTIVEMIME_USUAL_START; i < bytes.len && i < ACTIVEMIME_SCAN_MAX; i++) {
        if (bytes.ptr[i] != 0x78) /* how a zlib stream begins */
            continue;
        inside = office_inflate(&o, hn_bytes_of(bytes.ptr + i, bytes.len - i));
        if (ole_is(inside))
            break;
    }
    if (inside.len > 0)
        (void)office_child(&o, "embedded", HN_TEXT("ActiveMime"), inside, DISSECT_UNKNOWN);
    else
        dissect_note(dissect, id, DISSECT_NOTE_DAMAGED, 0, "nothing compressed is in it");
    return office_end(&o, err);
}
