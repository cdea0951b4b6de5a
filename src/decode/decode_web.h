/* decode_web.h - requests to web servers and through proxies under the names of Sigma's taxonomy;
 * private to src/decode.
 *
 * Rules disagree on what a name holds: "cs-uri-query" of a web server is the query alone in some
 * and the whole of path and query in most; "c-uri" of a proxy is a URL in some and a path in
 * others. Such a field therefore gets both values, the logged one first (docs/formats/weblog.md).
 */
#ifndef HN_DECODE_DECODE_WEB_H
#define HN_DECODE_DECODE_WEB_H

#include "decode/decode_internal.h"

/* Parts of a URL, of the path and query of one, or of a CONNECT target; empty where there is none.
 * Views into the text they were taken from. */
struct web_url {
    struct hn_text whole;
    struct hn_text scheme;
    struct hn_text host; /* without user, port and brackets */
    struct hn_text port;
    struct hn_text target; /* path, query and fragment as one */
    struct hn_text path;
    struct hn_text query; /* without its question mark; ptr NULL: there is none */
};

/* "http://host:80/path?query", "/path?query"; with authority set also "host:443". */
struct web_url web_url_split(struct hn_text text, bool authority);

/* The part of the file name behind its last dot; empty when there is none. */
struct hn_text web_extension(struct hn_text path);

/* What kind of log the request stands in; bits, because a request seen on the wire is both. */
#define WEB_SERVER 0x1u /* cs-uri, cs-uri-stem, cs-uri-query, cs-host */
#define WEB_PROXY  0x2u /* c-uri, c-uri-stem, c-uri-query, c-uri-extension and the cs- forms */

void web_add_url(struct hn_event *event, const struct web_url *url, uint32_t kinds);

/* Text under a name unless it is empty or "-". */
void web_add(struct hn_event *event, struct hn_text name, struct hn_text text);

/* "GET /path HTTP/1.1" into its parts; a target may hold spaces. False when it is no request line:
 * garbage sent to the port, TLS to a plain one. */
struct web_request_line {
    struct hn_text method;
    struct hn_text target;
    struct hn_text version;
};
bool web_request_split(struct hn_text line, struct web_request_line *ret_request);

/* One line of an access log in the common or combined format; texts with their escapes, empty where
 * the log has none, ptr NULL where it has no such column. */
struct web_access {
    struct hn_text vhost;
    struct hn_text client;
    struct hn_text ident;
    struct hn_text user;
    struct hn_text stamp;
    struct hn_text request;
    struct hn_text status;
    struct hn_text bytes;
    struct hn_text referer;
    struct hn_text agent;
    struct hn_text rest; /* what stands behind the agent */
};
bool web_access_split(struct hn_text line, struct web_access *ret_access);

/* A text in double quotes at the start of *rest; the quotes are left out, escapes stay. Moves *rest
 * behind the closing quote, or to its end when there is none (then false). */
bool web_quoted_take(struct hn_text *rest, struct hn_text *ret_text);
/* The text up to the next space; moves *rest behind it. False when nothing is left. */
bool web_token_take(struct hn_text *rest, struct hn_text *ret_token);

/* 0..15, or -1. */
HN_INLINE int web_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that the two hex digits at text[pos] stand for, or -1. */
HN_INLINE int web_hex_byte(struct hn_text text, size_t pos)
{
    int high = pos < text.len && text.len - pos >= 2 ? web_hex_digit(text.ptr[pos]) : -1;
    int low = high >= 0 ? web_hex_digit(text.ptr[pos + 1]) : -1;

    return low >= 0 ? high * 16 + low : -1;
}

/* Resolves \" \\ \n \t \xNN as Apache, nginx and Squid write them. The text itself when it has
 * none, else a copy in the event's scratch. */
struct hn_text web_unescape(struct hn_event *event, struct hn_text text);

#endif
