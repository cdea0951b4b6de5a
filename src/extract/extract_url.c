/* extract_url.c - URLs as people write them: where they start and end, and their normal form.
 *
 * The normal form keeps what an analyst needs (scheme, user name, path and query as written) and
 * puts the host into the form of src/ioc. Leaves to others: hosts without a scheme
 * (extract_host.c). */
#include "base/enc.h"
#include "base/num.h"
#include "base/utf.h"
#include "extract/extract_internal.h"

#define SCHEME_MAX   16
#define USER_MAX     256
#define NESTED_MAX   4  /* URLs inside one URL */
#define WRITTEN_MAX  64 /* bytes of an address in brackets */
#define ENCODED_MARK "%3A%2F%2F"

static bool is_alnum(const struct extract *e, size_t pos)
{
    return extract_is(e, pos, CH_ALPHA | CH_DIGIT);
}

/* ---- Schemes ---- */

/* Where the scheme in front of colon starts, not before first; colon when there is none. What it
 * stands for is in *ret_plain. */
static size_t scheme_start(
        const struct extract *e, size_t first, size_t colon, struct hn_text *ret_plain)
{
    /* "h**p", "http[s]" and "git+ssh" are no runs */
    size_t free = e->nested ? first : e->next_free;
    size_t low = colon - free > SCHEME_MAX ? colon - SCHEME_MAX : free;
    struct hn_text before = extract_slice(e, low, colon);
    size_t len = ioc_web_scheme_len(before, before.len, ret_plain);
    size_t start = colon;

    if (len > 0)
        return colon - len;
    while (start > low && (is_alnum(e, start - 1) || extract_in(e->plain[start - 1], "+-.")))
        start--;
    while (start < colon && !extract_is(e, start, CH_ALPHA))
        start++;
    *ret_plain = extract_slice(e, start, colon);
    return colon - start >= 2 ? start : colon;
}

/* What stands behind is a file or folder of the machine itself. */
static bool is_local(struct hn_text scheme)
{
    static const char *const schemes[] = { "res", "chrome", "ms-appx", "knownfolder" };

    for (size_t i = 0; i < HN_COUNT_OF(schemes); i++)
        if (hn_text_eq_nocase(scheme, hn_text_cstr(schemes[i])))
            return true;
    return false;
}

/* ---- Where it ends ---- */

static bool is_url_char(const struct extract *e, size_t pos)
{
    char c = e->plain[pos];

    if ((unsigned char)c >= 0x80)
        return extract_is(e, pos, CH_WIDE) && !extract_is(e, pos, CH_CJK);
    return c > ' ' && c < 0x7F && !extract_in(c, "\"<>\\^`{|}") && !extract_is_wide_form(e, pos);
}

/* Whether a scheme of the web ends at the colon: the start of another URL. */
static size_t next_url(const struct extract *e, size_t from, size_t colon)
{
    struct hn_text plain;
    size_t low = colon - from > SCHEME_MAX ? colon - SCHEME_MAX : from;
    struct hn_text before = extract_slice(e, low, colon);

    if (!extract_starts(e, colon, HN_TEXT("://")))
        return colon;
    return colon - ioc_web_scheme_len(before, before.len, &plain);
}

/* Length of an HTML entity that stands for a quote or bracket: behind the URL, not in it. */
static bool ends_by_entity(const struct extract *e, size_t pos)
{
    static const char *const entities[] = { "&quot;", "&gt;", "&lt;", "&#39;", "&#34;", "&apos;",
        "&nbsp;", "&#x27;", "&#x22;" };

    if (e->plain[pos] != '&')
        return false;
    for (size_t i = 0; i < HN_COUNT_OF(entities); i++) {
        if (extract_starts(e, pos, hn_text_cstr(entities[i])))
            return true;
    }
    return false;
}

struct tail_counts {
    unsigned round_open;
    unsigned round_closed;
    unsigned square_open;
    unsigned square_closed;
};

static void count(struct tail_counts *counts, char c, int by)
{
    unsigned *which = c == '('   ? &counts->round_open
                      : c == ')' ? &counts->round_closed
                      : c == '[' ? &counts->square_open
                      : c == ']' ? &counts->square_closed
                                 : NULL;

    if (which != NULL)
        *which = by > 0 ? *which + 1 : *which - 1;
}

/* A character that ends a sentence or list rather than a URL. */
static bool is_trailing(const struct tail_counts *counts, char c)
{
    if (c == ')')
        return counts->round_closed > counts->round_open;
    if (c == ']')
        return counts->square_closed > counts->square_open;
    return extract_in(c, ".,;:!?'*([");
}

/* Whether another URL starts at the colon's scheme, as opposed to one inside this. Then where it
 * does; else the colon. "u=http://" is inside; ",http://", "@http://" and "ahttp://" are others. */
static size_t other_url(const struct extract *e, size_t from, size_t colon)
{
    size_t next = e->plain[colon] == ':' ? next_url(e, from, colon) : colon;

    return next > from && next < colon && extract_in(e->plain[next - 1], "=/?&#") ? colon : next;
}

/* "http://a/b&&curl": a command behind the address; within a query it may be part of it. */
static bool ends_by_and(const struct extract *e, size_t open, size_t pos)
{
    return e->plain[pos] == '&' && pos + 1 < e->len && e->plain[pos + 1] == '&' &&
           memchr(e->plain + open, '?', pos - open) == NULL;
}

/* "'/c mshta http://a/b'!A1": a formula goes on behind a topic. */
static bool ends_by_formula(const struct extract *e, size_t pos)
{
    return e->plain[pos] == '\'' && pos + 1 < e->len && e->plain[pos + 1] == '!';
}

size_t extract_url_tail(const struct extract *e, size_t open, size_t pos)
{
    struct tail_counts counts = { 0 };
    char before = open > 0 ? e->plain[open - 1] : '\0';
    char quote = extract_in(before, "'*_") ? before : '\0';
    bool listed = false; /* another one follows at once */
    size_t end = pos;
    size_t next;

    while (end < e->len && end - open < EXTRACT_URL_MAX && is_url_char(e, end) &&
            !ends_by_entity(e, end) && !ends_by_and(e, open, end) && !ends_by_formula(e, end) &&
            (quote == '\0' || e->plain[end] != quote) && !listed) {
        next = other_url(e, pos, end);
        listed = next < end;
        while (end > next)
            count(&counts, e->plain[--end], -1);
        if (!listed)
            count(&counts, e->plain[end++], 1);
    }
    while (end > pos && (is_trailing(&counts, e->plain[end - 1]) ||
                                (listed && extract_in(e->plain[end - 1], "@$|^~+")))) {
        count(&counts, e->plain[end - 1], -1);
        end--;
    }
    return end;
}

/* ---- Its parts ---- */

size_t extract_port(const struct extract *e, size_t colon, uint16_t *ret_port)
{
    size_t end = colon + 1;
    uint32_t port;

    *ret_port = 0;
    if (extract_at(e, colon) != ':')
        return colon;
    while (extract_is(e, end, CH_DIGIT) && end - colon <= 6)
        end++;
    if (end == colon + 1 || extract_is(e, end, CH_ALPHA) || e->plain[colon + 1] == '0' ||
            !hn_parse_u32(extract_slice(e, colon + 1, end), &port) || port > UINT16_MAX)
        return colon;
    *ret_port = (uint16_t)port;
    return end;
}

struct parts {
    struct hn_text scheme;
    size_t user; /* start, up to host - 1; host when there is none */
    size_t host;
    size_t host_end;
    size_t tail;
    size_t end;
    uint16_t port;
    bool dav; /* the port stands behind an '@' */
};

/* Behind the last '@' of the authority at pos; pos when there is none. */
static size_t behind_user(const struct extract *e, size_t pos)
{
    size_t host = pos;

    for (size_t at = pos; at < e->len && at - pos < USER_MAX && is_url_char(e, at) &&
                          !extract_in(e->plain[at], "/?#");
            at++) {
        struct hn_text plain;

        if (e->plain[at] == ':' && extract_starts(e, at, HN_TEXT("://")) &&
                ioc_web_scheme_len(extract_slice(e, pos, at), at - pos, &plain) > 0)
            break; /* a list: http://a.example@http://b.example */
        if (e->plain[at] == '@')
            host = at + 1;
    }
    return host;
}

/* "http://evil.exampleへ": a label is of one script, and the last one of names in text ASCII. */
static size_t without_cjk(const struct extract *e, size_t start, size_t end)
{
    size_t label = end;
    size_t pos;

    while (label > start && e->plain[label - 1] != '.')
        label--;
    if (!extract_is(e, label, CH_ASCII))
        return end;
    pos = label;
    while (pos < end && !extract_is(e, pos, CH_CJK))
        pos++;
    return pos;
}

static size_t host_end(const struct extract *e, size_t start)
{
    size_t end = start;

    if (extract_at(e, start) == '[') {
        while (end < e->len && end - start < WRITTEN_MAX && e->plain[end] != ']')
            end++;
        return extract_at(e, end) == ']' ? end + 1 : start;
    }
    while (end - start <= (size_t)IOC_DOMAIN_MAX * 4 &&
            (extract_is(e, end, CH_LABEL) || extract_at(e, end) == '.' ||
                    (extract_at(e, end) == '%' && extract_is(e, end + 1, CH_HEX))))
        end++;
    end = without_cjk(e, start, end);
    while (end > start && extract_in(e->plain[end - 1], ".-"))
        end--;
    return end;
}

void extract_url_add_tail(struct hn_buf *out, struct hn_text tail)
{
    for (size_t pos = 0; pos < tail.len; pos++) {
        hn_buf_add_char(out, tail.ptr[pos]);
        if (tail.ptr[pos] != '&')
            continue;
        while (hn_text_starts_nocase(hn_text_sub(tail, pos + 1, 4), HN_TEXT("amp;")))
            pos += 4; /* HTML's way to write it, perhaps several times over */
    }
}

/* Appends the host in normal form; its length, or 0. */
static size_t add_host(struct hn_buf *out, struct hn_text host, unsigned *marks)
{
    char plain_room[IOC_DOMAIN_MAX * 4 + 1];
    struct hn_buf plain = hn_buf_over(plain_room, sizeof plain_room);
    char name[IOC_HOST_ROOM];
    size_t before = out->len;
    struct hn_ip ip;
    size_t len;

    if (hn_text_find_char(host, '%', 0) != SIZE_MAX) {
        hn_percent_decode(&plain, host);
        host = hn_buf_text(&plain);
        *marks |= EXTRACT_ENCODED;
    }
    if (host.len == 0)
        return 0;
    if (hn_ip_parse(host, &ip)) {
        bool v6 = !hn_ip_is_v4(&ip);

        hn_buf_add_text(out, v6 ? HN_TEXT("[") : HN_TEXT(""));
        hn_buf_add_ip(out, &ip);
        hn_buf_add_text(out, v6 ? HN_TEXT("]") : HN_TEXT(""));
        return out->len - before;
    }
    if (extract_aton(host, &ip)) {
        *marks |= EXTRACT_ENCODED;
        hn_buf_add_ip(out, &ip);
        return out->len - before;
    }
    len = ioc_host_normal(host, name);
    hn_buf_add(out, name, len);
    return len;
}

/* Windows writes the port of a WebDAV share behind the host: "file://host@8080/a", "host@SSL",
 * "host@SSL@8443". What stands there is no host. */
static bool split_dav(const struct extract *e, size_t pos, struct parts *parts)
{
    size_t end = host_end(e, pos);
    size_t at = end;
    uint32_t port = 80;

    if (end == pos || extract_at(e, at) != '@')
        return false;
    at++;
    if (extract_starts(e, at, HN_TEXT("ssl"))) {
        port = 443;
        at += 3;
        at += extract_at(e, at) == '@';
    }
    if (extract_is(e, at, CH_DIGIT)) {
        size_t digits = at;

        while (extract_is(e, at, CH_DIGIT) && at - digits < 6)
            at++;
        if (!hn_parse_u32(extract_slice(e, digits, at), &port) || port > UINT16_MAX)
            return false;
    }
    if (at < e->len && is_url_char(e, at) && !extract_in(e->plain[at], "/?#"))
        return false;
    parts->user = pos;
    parts->host = pos;
    parts->host_end = end;
    parts->tail = end;
    parts->port = (uint16_t)port;
    parts->dav = true;
    return true;
}

static bool split(const struct extract *e, size_t pos, struct parts *parts)
{
    size_t after;

    if (hn_text_eq_nocase(parts->scheme, HN_TEXT("file")) && split_dav(e, pos, parts))
        return true;
    parts->user = pos;
    parts->host = behind_user(e, pos);
    parts->host_end = host_end(e, parts->host);
    if (parts->host_end == parts->host && parts->host != pos) { /* that '@' was not of the host */
        parts->host = pos;
        parts->host_end = host_end(e, pos);
    }
    if (parts->host_end == parts->host)
        return false;
    after = extract_port(e, parts->host_end, &parts->port);
    parts->tail = after;
    return true;
}

static void tell_nested(struct extract *e, size_t from, size_t end)
{
    unsigned nested = 0;

    if (e->nested)
        return;
    e->nested = true;
    for (size_t pos = from; pos < end && nested < NESTED_MAX; pos++) {
        struct hn_text plain;

        if (e->plain[pos] == ':' && extract_starts(e, pos, HN_TEXT("://"))) {
            size_t start = scheme_start(e, from, pos, &plain);

            if (start < pos && extract_url(e, start, pos) != 0)
                nested++;
        } else if (e->plain[pos] == '%' && extract_starts(e, pos, HN_TEXT(ENCODED_MARK))) {
            if (extract_url_encoded(e, from, pos) != 0)
                nested++;
        }
    }
    e->nested = false;
}

/* A digest that names a file on a page: ".../gui/file/<sha256>". */
static void tell_digests(struct extract *e, size_t from, size_t end)
{
    size_t start = from;

    for (size_t pos = from; pos <= end; pos++) {
        if (pos < end && extract_is(e, pos, CH_ASCII))
            continue;
        if (pos - start == 64)
            (void)extract_hash(e, start, pos, EXTRACT_NESTED);
        start = pos + 1;
    }
}

size_t extract_url(struct extract *e, size_t first, size_t colon)
{
    struct hn_buf out = hn_buf_over(e->value, sizeof e->value);
    struct parts parts = { 0 };
    struct extract_found found = { .kind = EXTRACT_URL };
    size_t start = scheme_start(e, first, colon, &parts.scheme);
    char scheme[SCHEME_MAX];
    size_t host_at;
    size_t host_len;

    if (start == colon || parts.scheme.len > sizeof scheme || is_local(parts.scheme) ||
            !split(e, colon + 3, &parts))
        return 0;
    hn_lower_ascii(parts.scheme, scheme);
    hn_buf_add(&out, scheme, parts.scheme.len);
    hn_buf_add_lit(&out, "://");
    hn_buf_add_text(&out, extract_slice(e, parts.user, parts.host));
    host_at = out.len;
    host_len = add_host(&out, extract_slice(e, parts.host, parts.host_end), &found.marks);
    if (host_len == 0)
        return 0;
    if (parts.port != 0 && !parts.dav) {
        hn_buf_add_char(&out, ':');
        hn_buf_add_u64(&out, parts.port);
    }
    parts.end = parts.tail;
    if (parts.dav || extract_in(extract_at(e, parts.tail), "/?#"))
        parts.end = extract_url_tail(e, start, parts.tail);
    extract_url_add_tail(&out, extract_slice(e, parts.tail, parts.end));
    if (!hn_buf_ok(&out))
        return 0;
    found.start = start;
    found.end = parts.end;
    found.value = hn_buf_text(&out);
    found.host = hn_text_sub(found.value, host_at, host_len);
    found.port = parts.port;
    if (!hn_text_eq_nocase(parts.scheme, extract_slice(e, start, colon)))
        found.marks |= EXTRACT_DEFANGED;
    extract_tell(e, &found);
    tell_nested(e, parts.tail, parts.end);
    tell_digests(e, parts.tail, parts.end);
    return parts.end;
}

/* ---- "http%3A%2F%2Fevil.example%2Fa", as redirectors hold it ---- */

/* What stands behind a decoded host: nothing, a path, or a port and perhaps a path. */
static bool has_sound_tail(struct hn_text tail)
{
    size_t digits = 0;
    uint32_t port;

    if (tail.len > 0 && tail.ptr[0] == ':') {
        tail = hn_text_sub(tail, 1, tail.len);
        while (digits < tail.len && tail.ptr[digits] >= '0' && tail.ptr[digits] <= '9')
            digits++;
        if (digits == 0 || tail.ptr[0] == '0' ||
                !hn_parse_u32(hn_text_sub(tail, 0, digits), &port) || port > UINT16_MAX)
            return false;
        tail = hn_text_sub(tail, digits, tail.len);
    }
    return tail.len == 0 || extract_in(tail.ptr[0], "/?#");
}

size_t extract_url_encoded(struct extract *e, size_t first, size_t colon)
{
    char room[EXTRACT_URL_MAX + 1];
    struct hn_buf out = hn_buf_over(room, sizeof room - 1);
    struct extract_found found = { .kind = EXTRACT_URL, .marks = EXTRACT_ENCODED };
    struct hn_buf value = hn_buf_over(e->value, sizeof e->value);
    struct hn_text plain;
    size_t low = colon - first > SCHEME_MAX ? colon - SCHEME_MAX : first;
    struct hn_text before = extract_slice(e, low, colon);
    size_t scheme = ioc_web_scheme_len(before, before.len, &plain);
    size_t end = colon;
    struct hn_text host;
    struct hn_text rest;

    if (scheme == 0)
        return 0;
    while (end < e->len && end - colon < EXTRACT_URL_MAX &&
            (extract_is(e, end, CH_ASCII) || extract_in(e->plain[end], ".~%+")))
        end++;
    while (end > colon && extract_in(e->plain[end - 1], ".%+"))
        end--;
    hn_percent_decode(&out, extract_slice(e, colon, end));
    rest = hn_text_sub(hn_buf_text(&out), 3, out.len);
    room[out.len] = '\0';
    for (size_t i = 0; i < rest.len; i++) {
        if ((unsigned char)rest.ptr[i] <= ' ' || (unsigned char)rest.ptr[i] >= 0x7F ||
                extract_in(rest.ptr[i], "\"<>\\^`{|}"))
            return 0; /* a text rather than an address */
    }
    while (rest.len > 0 && extract_in(rest.ptr[rest.len - 1], ".,;:!?'*()[]"))
        rest.len--; /* as where it is not encoded */
    host = hn_text_sub(rest, 0, strcspn(rest.ptr, "/?#:@"));
    while (host.len == rest.len && host.len > 0 && extract_in(host.ptr[host.len - 1], ".-"))
        rest.len = --host.len; /* as host_end() */
    if (host.len > 0 && host.ptr[host.len - 1] == '-')
        return 0;
    if (!has_sound_tail(hn_text_sub(rest, host.len, rest.len)))
        return 0;
    hn_buf_add_text(&value, plain);
    hn_buf_add_lit(&value, "://");
    if (host.len == 0 || add_host(&value, host, &found.marks) == 0)
        return 0;
    found.host = hn_text_sub(hn_buf_text(&value), plain.len + 3, value.len);
    hn_buf_add_text(&value, hn_text_sub(rest, host.len, rest.len));
    found.start = colon - scheme;
    found.end = end;
    found.value = hn_buf_text(&value);
    extract_tell(e, &found);
    return end;
}
