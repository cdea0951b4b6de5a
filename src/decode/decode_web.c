/* decode_web.c - the parts of requests, and the fields that rules for web servers and proxies read.
 *
 * URLs are taken apart as logged, not as a browser would: nothing is decoded, nothing is refused.
 * Names that are mere synonyms (r-dns for cs-host) are left to the aliases of src/event. */
#include "decode/decode_web.h"

#include "decode/decode_table.h"

static bool is_scheme(struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.')))
            return false;
    }
    return text.len > 0 && text.len <= 32;
}

/* "user@host:port" or "[::1]:port" */
static void split_authority(struct hn_text authority, struct web_url *url)
{
    size_t at = hn_text_find_char(authority, '@', 0);
    size_t end;

    while (at != SIZE_MAX) { /* the last one counts: what stands before it is user information */
        authority = hn_text_sub(authority, at + 1, authority.len);
        at = hn_text_find_char(authority, '@', 0);
    }
    if (authority.len > 0 && authority.ptr[0] == '[') {
        end = hn_text_find_char(authority, ']', 0);
        if (end == SIZE_MAX)
            end = authority.len;
        url->host = hn_text_sub(authority, 1, end - 1);
        authority = hn_text_sub(authority, end + 1, authority.len);
        if (authority.len > 0 && authority.ptr[0] == ':')
            url->port = hn_text_sub(authority, 1, authority.len);
        return;
    }
    end = hn_text_find_char(authority, ':', 0);
    url->host = hn_text_sub(authority, 0, end);
    if (end != SIZE_MAX)
        url->port = hn_text_sub(authority, end + 1, authority.len);
}

static void split_target(struct hn_text target, struct web_url *url)
{
    size_t mark = hn_text_find_char(target, '?', 0);

    url->target = target;
    url->path = hn_text_sub(target, 0, mark);
    url->query = mark == SIZE_MAX ? (struct hn_text){ NULL, 0 }
                                  : hn_text_sub(target, mark + 1, target.len);
}

struct web_url web_url_split(struct hn_text text, bool authority)
{
    struct web_url url = { .whole = text };
    size_t colon = hn_text_find(text, HN_TEXT("://"), 0);
    size_t slash;
    struct hn_text rest;

    if (colon != SIZE_MAX && is_scheme(hn_text_sub(text, 0, colon))) {
        url.scheme = hn_text_sub(text, 0, colon);
        rest = hn_text_sub(text, colon + 3, text.len);
        for (slash = 0; slash < rest.len; slash++) {
            if (rest.ptr[slash] == '/' || rest.ptr[slash] == '?' || rest.ptr[slash] == '#')
                break;
        }
        split_authority(hn_text_sub(rest, 0, slash), &url);
        split_target(hn_text_sub(rest, slash, rest.len), &url);
    } else if (authority) {
        split_authority(text, &url);
    } else {
        split_target(text, &url);
    }
    return url;
}

struct hn_text web_extension(struct hn_text path)
{
    for (size_t i = path.len; i > 0; i--) {
        if (path.ptr[i - 1] == '/' || path.ptr[i - 1] == '\\')
            break;
        if (path.ptr[i - 1] == '.')
            return hn_text_sub(path, i, path.len);
    }
    return (struct hn_text){ "", 0 };
}

void web_add(struct hn_event *event, struct hn_text name, struct hn_text text)
{
    if (text.len > 0 && !hn_text_eq(text, HN_TEXT("-")))
        hn_event_add_text(event, name, text);
}

/* The logged value and, where it differs, the form that other rules expect. */
static void add_both(
        struct hn_event *event, struct hn_text name, struct hn_text first, struct hn_text second)
{
    web_add(event, name, first);
    if (!hn_text_eq(first, second))
        web_add(event, name, second);
}

/* A proxy rule means the query alone; of the rules for servers some do (and ask for null where
 * there is none), most mean path and query. */
static void add_query(struct hn_event *event, const struct web_url *url, uint32_t kinds)
{
    static const struct hn_text name = HN_TEXT_INIT("cs-uri-query");

    if (url->query.ptr != NULL)
        hn_event_add_text(event, name, url->query);
    else if ((kinds & WEB_SERVER) != 0)
        hn_event_add_null(event, name);
    if ((kinds & WEB_SERVER) != 0)
        web_add(event, name, url->target);
}

void web_add_url(struct hn_event *event, const struct web_url *url, uint32_t kinds)
{
    if ((kinds & WEB_PROXY) != 0) {
        add_both(event, HN_TEXT("c-uri"), url->whole, url->target);
        web_add(event, HN_TEXT("c-uri-stem"), url->path);
        web_add(event, HN_TEXT("c-uri-extension"), web_extension(url->path));
        web_add(event, HN_TEXT("cs-uri-scheme"), url->scheme);
        web_add(event, HN_TEXT("cs-uri-port"), url->port);
        if (url->query.ptr != NULL)
            hn_event_add_text(event, HN_TEXT("c-uri-query"), url->query);
    }
    add_both(event, HN_TEXT("cs-uri"), url->whole, url->target);
    web_add(event, HN_TEXT("cs-uri-stem"), url->path);
    web_add(event, HN_TEXT("cs-host"), url->host);
    add_query(event, url, kinds);
}

static bool is_method(struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_'))
            return false;
    }
    return text.len > 0 && text.len <= 32;
}

bool web_request_split(struct hn_text line, struct web_request_line *ret_request)
{
    struct web_request_line request = { .method = hn_text_sub(
                                                line, 0, hn_text_find_char(line, ' ', 0)) };
    struct hn_text rest = hn_text_sub(line, request.method.len + 1, line.len);
    size_t space = rest.len;

    if (!is_method(request.method) || rest.len == 0)
        return false;
    while (space > 0 && rest.ptr[space - 1] != ' ')
        space--;
    if (space > 0 && hn_text_starts(hn_text_sub(rest, space, rest.len), HN_TEXT("HTTP/"))) {
        request.version = hn_text_sub(rest, space, rest.len);
        rest = hn_text_sub(rest, 0, space - 1);
    }
    request.target = rest;
    *ret_request = request;
    return true;
}

bool web_quoted_take(struct hn_text *rest, struct hn_text *ret_text)
{
    struct hn_text text = *rest;
    size_t pos = 1;

    if (text.len == 0 || text.ptr[0] != '"')
        return false;
    while (pos < text.len && text.ptr[pos] != '"')
        pos += text.ptr[pos] == '\\' ? 2 : 1;
    *ret_text = hn_text_sub(text, 1, pos - 1);
    *rest = hn_text_sub(text, pos + 1, text.len);
    return pos < text.len;
}

bool web_token_take(struct hn_text *rest, struct hn_text *ret_token)
{
    while (rest->len > 0 && rest->ptr[0] == ' ')
        *rest = hn_text_sub(*rest, 1, rest->len);
    if (rest->len == 0)
        return false;
    *ret_token = hn_text_sub(*rest, 0, hn_text_find_char(*rest, ' ', 0));
    *rest = hn_text_sub(*rest, ret_token->len, rest->len);
    return true;
}

/* Resolves the escape behind a backslash at text[pos]; returns how many bytes it took. What is none
 * keeps its backslash. */
static size_t unescape_one(struct hn_text text, size_t pos, char *out, size_t *ret_len)
{
    char c = pos < text.len ? text.ptr[pos] : '\0';
    int code = web_hex_byte(text, pos + 1);

    *ret_len = 1;
    switch (c) {
    case 'n':
        *out = '\n';
        return 1;
    case 'r':
        *out = '\r';
        return 1;
    case 't':
        *out = '\t';
        return 1;
    case '"':
    case '\\':
        *out = c;
        return 1;
    case 'x':
        if (code < 0)
            break;
        *out = (char)(unsigned char)code;
        return 3;
    default:
        break;
    }
    *out = '\\';
    return 0;
}

struct hn_text web_unescape(struct hn_event *event, struct hn_text text)
{
    size_t pos = hn_text_find_char(text, '\\', 0);
    char *out;
    size_t len = 0;

    if (pos == SIZE_MAX)
        return text;
    out = hn_event_room(event, text.len);
    if (out == NULL) {
        event->values_dropped++;
        return text;
    }
    for (pos = 0; pos < text.len;) {
        size_t wrote = 1;

        if (text.ptr[pos] == '\\')
            pos += 1 + unescape_one(text, pos + 1, out + len, &wrote);
        else
            out[len] = text.ptr[pos++];
        len += wrote;
    }
    return hn_text_of(out, len);
}
