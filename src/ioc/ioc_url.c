/* ioc_url.c - the one form of a URL: host[:port]path[?query], by RFC 3986 section 6.2.2.
 *
 * Dropped: scheme (sandboxes and proxies disagree on it), user name, default port, fragment.
 * Normalised: case of the host, percent-encoding (unreserved characters plain, the rest in upper
 * case), dot segments. The path keeps its case.
 * Leaves to others: where a URL ends in running text (ioc_match_url.c). */
#include "base/num.h"
#include "ioc/ioc_internal.h"

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
        return (c | 0x20) - 'a' + 10;
    return -1;
}

/* The byte that "%XX" at pos stands for, or -1. Windows writes "%%4416" for other things. */
static int percent_byte(struct hn_text text, size_t pos)
{
    int high;
    int low;

    if (text.len - pos < 3 || text.ptr[pos] != '%' || (pos > 0 && text.ptr[pos - 1] == '%'))
        return -1;
    high = hex_value(text.ptr[pos + 1]);
    low = hex_value(text.ptr[pos + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

size_t ioc_scheme_len(struct hn_text text)
{
    size_t len = 0;

    while (len < text.len &&
            (is_alpha(text.ptr[len]) ||
                    (len > 0 && (is_digit(text.ptr[len]) || text.ptr[len] == '+' ||
                                        text.ptr[len] == '.' || text.ptr[len] == '-'))))
        len++;
    if (len == 0 || !hn_text_starts(hn_text_sub(text, len, text.len), HN_TEXT("://")))
        return 0;
    return len + 3;
}

static enum ioc_scheme scheme_of(struct hn_text scheme)
{
    if (hn_text_eq_nocase(scheme, HN_TEXT("http://")) ||
            hn_text_eq_nocase(scheme, HN_TEXT("ws://")))
        return IOC_SCHEME_HTTP;
    if (hn_text_eq_nocase(scheme, HN_TEXT("https://")) ||
            hn_text_eq_nocase(scheme, HN_TEXT("wss://")))
        return IOC_SCHEME_HTTPS;
    if (hn_text_eq_nocase(scheme, HN_TEXT("ftp://")))
        return IOC_SCHEME_FTP;
    return IOC_SCHEME_NONE;
}

struct url_parts {
    struct hn_text host;
    struct hn_text port;
    struct hn_text tail; /* from the path on */
};

static bool ends_authority(char c)
{
    return c == '/' || c == '?' || c == '#' || c == '\\';
}

static struct url_parts split_url(struct hn_text url)
{
    struct url_parts parts = { .tail = { url.ptr + url.len, 0 } };
    size_t end = 0;
    size_t colon;

    while (end < url.len && !ends_authority(url.ptr[end]))
        end++;
    parts.tail = hn_text_sub(url, end, url.len);
    url.len = end;
    while (end > 0 && url.ptr[end - 1] != '@')
        end--;
    parts.host = hn_text_sub(url, end, url.len);
    colon = parts.host.len;
    while (colon > 0 && is_digit(parts.host.ptr[colon - 1]))
        colon--;
    if (colon > 0 && parts.host.ptr[colon - 1] == ':' &&
            (parts.host.ptr[0] != '[' || hn_text_find_char(parts.host, ']', 0) + 2 == colon)) {
        parts.port = hn_text_sub(parts.host, colon, parts.host.len);
        parts.host.len = colon - 1;
    }
    return parts;
}

/* Appends a host with percent-encoding undone; false when it does not stand for one. */
static bool add_decoded(struct hn_buf *out, struct hn_text host)
{
    for (size_t pos = 0; pos < host.len; pos++) {
        int byte = percent_byte(host, pos);

        if (byte >= 0x80) /* letters of other scripts are written as they are, or as xn-- */
            return false;
        hn_buf_add_char(out, byte < 0 ? host.ptr[pos] : (char)byte);
        if (byte >= 0)
            pos += 2;
    }
    return hn_buf_ok(out);
}

/* Appends the host in normal form; false when it is none. */
static bool add_host(struct hn_buf *out, struct hn_text host)
{
    HN_UNINITIALIZED char plain_room[IOC_DOMAIN_MAX * 4];
    struct hn_buf plain = ioc_fixed_buf(plain_room, sizeof plain_room);
    HN_UNINITIALIZED char name[IOC_HOST_ROOM];
    struct hn_ip ip;
    size_t len;

    if (hn_text_find_char(host, '%', 0) != SIZE_MAX) {
        if (!add_decoded(&plain, host))
            return false;
        host = hn_buf_text(&plain);
    }
    if (host.len > sizeof plain_room)
        return false;
    if (host.len > 0 && (host.ptr[0] == '[' || is_digit(host.ptr[0])) && hn_ip_parse(host, &ip)) {
        bool v6 = !hn_ip_is_v4(&ip);

        if (v6)
            hn_buf_add_char(out, '[');
        hn_buf_add_ip(out, &ip);
        if (v6)
            hn_buf_add_char(out, ']');
        return hn_buf_ok(out);
    }
    len = ioc_host_normal(host, name);
    hn_buf_add(out, name, len);
    return len > 0 && hn_buf_ok(out);
}

static bool is_unreserved(int byte)
{
    return is_alpha((char)byte) || is_digit((char)byte) || byte == '-' || byte == '.' ||
           byte == '_' || byte == '~';
}

static void add_percent(struct hn_buf *out, unsigned char byte)
{
    static const char digits[] = "0123456789ABCDEF";
    char text[3] = { '%', digits[byte >> 4], digits[byte & 15] };

    hn_buf_add(out, text, sizeof text);
}

#define BIT(c) (UINT64_C(1) << ((c)&63))

/* What stands in a path or query as it is: visible ASCII without '%', '#' and what no URL holds. */
static const uint64_t plain_tail[2] = {
    UINT64_MAX << 0x21 & ~(BIT('"') | BIT('#') | BIT('%') | BIT('<') | BIT('>')),
    ~(BIT('\\') | BIT('^') | BIT('`') | BIT('{') | BIT('|') | BIT('}') | BIT(0x7F)),
};

/* The bytes at the start of text that stand as they are. */
static size_t plain_len(struct hn_text text)
{
    size_t len = 0;

    while (len < text.len && (unsigned char)text.ptr[len] < 0x80 &&
            (plain_tail[(unsigned char)text.ptr[len] >> 6] & BIT(text.ptr[len])) != 0)
        len++;
    return len;
}

/* Appends up to the fragment with percent-encoding normalised, as far as there is room: a longer
 * URL is longer than any indicator already. */
static void add_encoded(struct hn_buf *out, struct hn_text tail)
{
    size_t pos = 0;

    while (pos < tail.len && tail.ptr[pos] != '#' && out->room - out->len >= 3) {
        size_t plain = plain_len(hn_text_sub(tail, pos, out->room - out->len - 2));
        int byte = percent_byte(tail, pos);

        hn_buf_add(out, tail.ptr + pos, plain);
        pos += plain;
        if (plain > 0)
            continue;
        if (byte >= 0 && is_unreserved(byte))
            hn_buf_add_char(out, (char)byte);
        else if (byte < 0 && tail.ptr[pos] == '%')
            hn_buf_add_char(out, '%');
        else
            add_percent(out, byte < 0 ? (unsigned char)tail.ptr[pos] : (unsigned char)byte);
        pos += byte < 0 ? 1 : 3;
    }
}

static bool has_dot_segment(struct hn_text path)
{
    size_t dot = 0;

    while ((dot = hn_text_find_char(path, '.', dot + 1)) != SIZE_MAX) {
        if (path.ptr[dot - 1] == '/')
            return true;
    }
    return false;
}

/* RFC 3986, 5.2.4, in place; text starts with '/'. Returns the new length. */
static size_t remove_dot_segments(char *text, size_t len)
{
    size_t out = 0;
    size_t pos = 0;

    while (pos < len) {
        size_t end = pos + 1;
        size_t segment;

        while (end < len && text[end] != '/')
            end++;
        segment = end - pos - 1;
        if (segment == 1 && text[pos + 1] == '.') {
            if (end == len)
                text[out++] = '/';
        } else if (segment == 2 && text[pos + 1] == '.' && text[pos + 2] == '.') {
            while (out > 0 && text[--out] != '/')
                continue;
            if (end == len)
                text[out++] = '/';
        } else {
            memmove(text + out, text + pos, end - pos);
            out += end - pos;
        }
        pos = end;
    }
    return out;
}

/* Appends path and query at the end of key's text. */
static void add_tail(struct ioc_key *key, struct hn_buf *out, struct hn_text tail)
{
    size_t path = out->len;
    struct hn_text done;
    size_t path_len;
    size_t query;

    if (tail.len == 0 || tail.ptr[0] != '/') {
        hn_buf_add_char(out, '/');
        if (tail.len > 0 && tail.ptr[0] != '?')
            tail.len = 0;
    }
    add_encoded(out, tail);
    done = hn_buf_text(out);
    query = hn_text_find_char(done, '?', path);
    if (query == SIZE_MAX)
        query = done.len;
    path_len = query - path;
    if (has_dot_segment(hn_text_sub(done, path, path_len))) {
        path_len = remove_dot_segments(out->ptr + path, path_len);
        memmove(out->ptr + path + path_len, out->ptr + query, done.len - query);
    }
    key->path_at = (uint16_t)path;
    key->query_at = (uint16_t)(path + path_len);
    key->len = path + path_len + (done.len - query);
}

static bool is_default_port(enum ioc_scheme scheme, uint32_t port)
{
    if (scheme == IOC_SCHEME_FTP)
        return port == 21;
    return port == 80 || port == 443; /* which of the two follows from a scheme nobody agrees on */
}

enum ioc_reason ioc_url_normal(struct hn_text url, struct ioc_key *ret_key)
{
    struct hn_buf out = ioc_fixed_buf(ret_key->text, sizeof ret_key->text);
    size_t scheme = ioc_scheme_len(url);
    struct url_parts parts = split_url(hn_text_sub(url, scheme, url.len));
    uint32_t port = 0;

    ret_key->type = IOC_URL;
    ret_key->scheme = scheme_of(hn_text_sub(url, 0, scheme));
    ret_key->port = 0;
    ret_key->prefix = scheme == 0 || parts.tail.len == 0;
    if (!add_host(&out, parts.host))
        return IOC_REASON_URL;
    ret_key->host_len = (uint16_t)out.len;
    if (parts.port.len > 0 && (!hn_parse_u32(parts.port, &port) || port > UINT16_MAX))
        return IOC_REASON_URL;
    if (port != 0 && !is_default_port(ret_key->scheme, port)) {
        ret_key->port = (uint16_t)port;
        hn_buf_add_char(&out, ':');
        hn_buf_add_u64(&out, port);
    }
    add_tail(ret_key, &out, parts.tail);
    return IOC_FINE;
}

enum ioc_reason ioc_path_normal(struct hn_text path, struct ioc_key *ret_key)
{
    struct hn_buf out = ioc_fixed_buf(ret_key->text, sizeof ret_key->text);

    if (path.len == 0 || path.ptr[0] != '/')
        return IOC_REASON_URL;
    ret_key->type = IOC_PATH;
    ret_key->scheme = IOC_SCHEME_NONE;
    ret_key->port = 0;
    ret_key->prefix = false;
    ret_key->host_len = 0;
    add_tail(ret_key, &out, path);
    return IOC_FINE;
}
