/* fill_url.c - URLs and host names taken apart and put together.
 *
 * Nothing is decoded or judged here: rules compare what was logged. A URL is anything from
 * "https://user@host:443/a/b.exe?x#y" over "host:443" (CONNECT) to "/a/b.exe?x". */
#include "event/event_internal.h"

#include "base/ip.h"

#include <libpsl.h>

#define DOMAIN_MAX 253 /* RFC 1035 */

struct url {
    struct hn_text host;
    struct hn_text path; /* from its slash on */
    struct hn_text query;
};

/* "user@host:port" or "[2001:db8::1]:443" without what is not the host. */
static struct hn_text host_of(struct hn_text authority)
{
    size_t at = SIZE_MAX;
    size_t colon;

    for (size_t i = 0; i < authority.len; i++) {
        if (authority.ptr[i] == '@')
            at = i;
    }
    if (at != SIZE_MAX)
        authority = hn_text_sub(authority, at + 1, authority.len);
    if (authority.len > 0 && authority.ptr[0] == '[') {
        colon = hn_text_find_char(authority, ']', 0);
        return hn_text_sub(authority, 1, colon == SIZE_MAX ? 0 : colon - 1);
    }
    colon = hn_text_find_char(authority, ':', 0);
    if (colon == SIZE_MAX || hn_text_find_char(authority, ':', colon + 1) != SIZE_MAX)
        return authority; /* a bare IPv6 address keeps its colons */
    for (size_t i = colon + 1; i < authority.len; i++) {
        if (authority.ptr[i] < '0' || authority.ptr[i] > '9')
            return hn_text_sub(authority, 0, 0); /* Squid's "error:invalid-request" */
    }
    return hn_text_sub(authority, 0, colon);
}

static struct url url_parse(struct hn_text text)
{
    struct url url = { { text.ptr, 0 }, { text.ptr, 0 }, { text.ptr, 0 } };
    size_t scheme = hn_text_find(text, HN_TEXT("://"), 0);
    struct hn_text rest = text;
    size_t end = 0;

    if (scheme < 16)
        rest = hn_text_sub(text, scheme + 3, text.len);
    if (rest.len > 0 && rest.ptr[0] != '/') {
        while (end < rest.len && strchr("/?#", rest.ptr[end]) == NULL)
            end++;
        url.host = host_of(hn_text_sub(rest, 0, end));
        rest = hn_text_sub(rest, end, rest.len);
    }
    end = hn_text_find_char(rest, '#', 0);
    if (end != SIZE_MAX)
        rest = hn_text_sub(rest, 0, end);
    end = hn_text_find_char(rest, '?', 0);
    url.path = hn_text_sub(rest, 0, end == SIZE_MAX ? rest.len : end);
    if (end != SIZE_MAX)
        url.query = hn_text_sub(rest, end + 1, rest.len);
    return url;
}

static struct hn_text extension_of(struct hn_text path)
{
    size_t dot = path.len;

    while (dot > 0 && path.ptr[dot - 1] != '.' && path.ptr[dot - 1] != '/')
        dot--;
    if (dot == 0 || path.ptr[dot - 1] == '/')
        return hn_text_sub(path, path.len, 0);
    return hn_text_sub(path, dot, path.len);
}

/* One part of the URL in src: arg is host, path, query or extension. */
void fill_url_part(struct hn_event *event, const struct fill *step)
{
    struct url url = url_parse(fill_source(event, step->src));
    struct hn_text part = url.path;

    if (hn_text_eq(step->arg, HN_TEXT("host")))
        part = url.host;
    else if (hn_text_eq(step->arg, HN_TEXT("query")))
        part = url.query;
    else if (hn_text_eq(step->arg, HN_TEXT("extension")))
        part = extension_of(url.path);
    if (part.len > 0)
        fill_text(event, step->dst, part);
}

/* The method (arg "method"), target or version of "GET /x?y HTTP/1.1". */
void fill_request_part(struct hn_event *event, const struct fill *step)
{
    struct hn_text request = fill_source(event, step->src);
    size_t first = hn_text_find_char(request, ' ', 0);
    size_t last = request.len;

    while (last > 0 && request.ptr[last - 1] != ' ')
        last--;
    if (first == SIZE_MAX) { /* logstash keeps the target alone under this name */
        if (request.len > 0 && request.ptr[0] == '/' && hn_text_eq(step->arg, HN_TEXT("target")))
            fill_text(event, step->dst, request);
        return;
    }
    if (!hn_text_starts(hn_text_sub(request, last, request.len), HN_TEXT("HTTP/")) ||
            last <= first + 1)
        last = request.len + 1; /* HTTP/0.9, or a target with blanks: no version */
    if (hn_text_eq(step->arg, HN_TEXT("method")))
        fill_text(event, step->dst, hn_text_sub(request, 0, first));
    else if (hn_text_eq(step->arg, HN_TEXT("target")))
        fill_text(event, step->dst, hn_text_sub(request, first + 1, last - first - 2));
    else if (last <= request.len)
        fill_text(event, step->dst, hn_text_sub(request, last, request.len));
}

/* The URL in src; behind its origin (other) when it is only the path that a server was asked for.
 */
void fill_whole_url(struct hn_event *event, const struct fill *step)
{
    struct hn_text url = fill_source(event, step->src);
    struct hn_text origin =
            step->other == HN_FIELD_NONE ? HN_TEXT("") : fill_source(event, step->other);
    char *out;

    if (url.len == 0)
        return;
    if (url.ptr[0] != '/' || origin.len == 0) {
        fill_text(event, step->dst, url);
        return;
    }
    out = hn_event_room(event, origin.len + url.len);
    if (out == NULL) {
        event->values_dropped++;
        return;
    }
    memcpy(out, origin.ptr, origin.len);
    memcpy(out + origin.len, url.ptr, url.len);
    fill_text(event, step->dst, hn_text_of(out, origin.len + url.len));
}

/* "http://host" from a host (src) and a scheme (other), http where the log does not say. */
void fill_origin(struct hn_event *event, const struct fill *step)
{
    struct hn_text host = fill_source(event, step->src);
    struct hn_text scheme =
            step->other == HN_FIELD_NONE ? HN_TEXT("") : fill_source(event, step->other);
    char *out;

    if (scheme.len == 0)
        scheme = HN_TEXT("http");
    if (host.len == 0)
        return;
    out = hn_event_room(event, scheme.len + 3 + host.len);
    if (out == NULL) {
        event->values_dropped++;
        return;
    }
    memcpy(out, scheme.ptr, scheme.len);
    memcpy(out + scheme.len, "://", 3);
    memcpy(out + scheme.len + 3, host.ptr, host.len);
    fill_text(event, step->dst, hn_text_of(out, scheme.len + 3 + host.len));
}

/* Web server rules look for paths in cs-uri-query, because the servers they were written on log
 * path and query as one field. The path (src) with the query (other) is added as a second value. */
void fill_query_whole(struct hn_event *event, const struct fill *step)
{
    struct hn_text stem = fill_source(event, step->src);
    struct hn_text query = fill_source(event, step->other);
    char *out;

    if (stem.len == 0 || !source_has_label(event->source.category, HN_TEXT("webserver")))
        return;
    for (uint32_t i = hn_event_first(event, step->dst); i != HN_VALUE_NONE;
            i = hn_event_next(event, i)) {
        if (hn_text_starts(hn_event_text(event, i), stem))
            return; /* the decoder has done it */
    }
    fill_own(event, step->dst);
    if (query.len == 0) {
        fill_text(event, step->dst, stem);
        return;
    }
    out = hn_event_room(event, stem.len + 1 + query.len);
    if (out == NULL) {
        event->values_dropped++;
        return;
    }
    memcpy(out, stem.ptr, stem.len);
    out[stem.len] = '?';
    memcpy(out + stem.len + 1, query.ptr, query.len);
    fill_text(event, step->dst, hn_text_of(out, stem.len + 1 + query.len));
}

/* The part of a host name that somebody registered: "www.a.example.co.uk" gives "example.co.uk"
 * (Public Suffix List of libpsl). None for addresses and for public suffixes themselves. */
void fill_registered_domain(struct hn_event *event, const struct fill *step)
{
    struct hn_text host = fill_source(event, step->src);
    const psl_ctx_t *psl = psl_builtin();
    char copy[DOMAIN_MAX + 1];
    const char *domain;
    struct hn_text text;
    struct hn_ip ip;

    if (host.len > 0 && host.ptr[host.len - 1] == '.')
        host.len--;
    if (psl == NULL || host.len == 0 || host.len > DOMAIN_MAX || hn_ip_parse(host, &ip) ||
            memchr(host.ptr, '\0', host.len) != NULL)
        return;
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];

        if (c <= ' ' && c >= 0)
            return;
        copy[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    copy[host.len] = '\0';
    domain = psl_registrable_domain(psl, copy);
    if (domain == NULL)
        return;
    text = hn_event_copy(event, hn_text_cstr(domain));
    if (text.ptr != NULL)
        fill_text(event, step->dst, text);
}

/* A host name without its first label. */
void fill_parent_domain(struct hn_event *event, const struct fill *step)
{
    struct hn_text host = fill_source(event, step->src);
    size_t dot = hn_text_find_char(host, '.', 0);

    if (dot != SIZE_MAX && dot + 1 < host.len)
        fill_text(event, step->dst, hn_text_sub(host, dot + 1, host.len));
}

/* Number of bytes of a text. */
void fill_length(struct hn_event *event, const struct fill *step)
{
    struct hn_value value = { .type = HN_TYPE_INT, .form = HN_FORM_NUMBER };

    value.number.i = (int64_t)fill_source(event, step->src).len;
    fill_value(event, step->dst, &value);
}
