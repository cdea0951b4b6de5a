/* decode_weblog.c - logs of Apache httpd and nginx: access logs in the common and combined format,
 * error logs of both.
 *
 *   192.0.2.7 - - [23/Nov/2026:01:02:03 +0900] "GET /x?y=z HTTP/1.1" 200 45 "-" "curl/8"
 *   [Mon Nov 23 01:02:03.123456 2026] [core:error] [pid 7:tid 9] [client 192.0.2.7:4711] AH00037:
 * text 2026/11/23 01:02:03 [error] 7#9: *11 text, client: 192.0.2.7, server: a.example, request:
 * "GET / HTTP/1.1"
 *
 * Each line says itself what it is. Access logs of Squid are left to decode_squid.c, ModSecurity's
 * audit log to decode_modsec.c; its messages in error logs are known here as its own. */
#include "decode/decode_table.h"
#include "decode/decode_web.h"

#include "base/ip.h"

/* ---- Access logs ------------------------------------------------------------------------------
 */

/* Agent and referer: "-" is none, "" is an empty header. */
static void add_header(struct hn_event *event, struct hn_text name, struct hn_text text)
{
    if (text.ptr != NULL && !hn_text_eq(text, HN_TEXT("-")))
        hn_event_add_text(event, name, web_unescape(event, text));
}

/* Columns behind the agent: addresses in quotes are the proxies in front ("$http_x_forwarded_for"),
 * anything else is kept as it is. */
static void add_rest(struct hn_event *event, struct hn_text rest)
{
    struct hn_text after = rest;
    struct hn_text quoted;
    struct hn_ip ip;

    if (web_quoted_take(&after, &quoted)) {
        struct hn_text first =
                hn_text_trim(hn_text_sub(quoted, 0, hn_text_find_char(quoted, ',', 0)));

        if (hn_ip_parse(first, &ip)) {
            hn_event_add_text(event, HN_TEXT("x-forwarded-for"), quoted);
            rest = hn_text_trim(after);
        } else if (hn_text_eq(quoted, HN_TEXT("-"))) {
            rest = hn_text_trim(after);
        }
    }
    if (rest.len > 0)
        table_add_extra(event, rest);
}

static void add_request(struct hn_event *event, struct hn_text line)
{
    struct web_request_line request;
    struct web_url url;

    if (!web_request_split(line, &request)) {
        web_add(event, HN_TEXT("request"), web_unescape(event, line));
        return;
    }
    web_add(event, HN_TEXT("cs-method"), request.method);
    web_add(event, HN_TEXT("cs-version"), request.version);
    url = web_url_split(web_unescape(event, request.target), false);
    web_add_url(event, &url, WEB_SERVER);
}

static bool access_fields(struct hn_event *event, struct hn_text line)
{
    struct web_access access;

    if (!web_access_split(line, &access))
        return false;
    event->origin = HN_ORIGIN_KNOWN;
    hn_source_add_category(&event->source, HN_TEXT("webserver"));
    event->time_text = access.stamp;
    web_add(event, HN_TEXT("s-computername"), access.vhost);
    web_add(event, HN_TEXT("c-ip"), access.client);
    web_add(event, HN_TEXT("cs-username"), web_unescape(event, access.user));
    web_add(event, HN_TEXT("sc-status"), access.status);
    web_add(event, HN_TEXT("sc-bytes"), access.bytes);
    add_request(event, access.request);
    add_header(event, HN_TEXT("cs-referer"), access.referer);
    add_header(event, HN_TEXT("cs-user-agent"), access.agent);
    add_rest(event, access.rest);
    return true;
}

/* ---- Error logs --------------------------------------------------------------------------------
 */

/* A module writes its alerts into the server's log; the rules ask for the module. */
static void set_error_source(struct hn_event *event, struct hn_text server, struct hn_text text)
{
    event->origin = HN_ORIGIN_KNOWN;
    event->source.product = server;
    if (hn_text_find(text, HN_TEXT("ModSecurity"), 0) != SIZE_MAX ||
            hn_text_find(text, HN_TEXT("mod_security"), 0) != SIZE_MAX)
        event->source.product = HN_TEXT("modsecurity");
    hn_source_add_service(&event->source, server);
    hn_source_add_service(&event->source, HN_TEXT("error"));
}

/* "[inside] " off the start of *rest. */
static bool take_bracketed(struct hn_text *rest, struct hn_text *ret_inside)
{
    size_t close;

    if (rest->len == 0 || rest->ptr[0] != '[')
        return false;
    close = hn_text_find_char(*rest, ']', 0);
    if (close == SIZE_MAX)
        return false;
    *ret_inside = hn_text_sub(*rest, 1, close - 1);
    *rest = hn_text_sub(*rest, close + 1, rest->len);
    while (rest->len > 0 && rest->ptr[0] == ' ')
        *rest = hn_text_sub(*rest, 1, rest->len);
    return true;
}

/* Apache 2.4 writes the port behind a colon, also behind an IPv6 address without brackets. */
static void add_client(struct hn_event *event, struct hn_text client, bool with_port)
{
    size_t colon = client.len;

    while (with_port && colon > 0 && client.ptr[colon - 1] != ':')
        colon--;
    if (!with_port || colon == 0) {
        web_add(event, HN_TEXT("c-ip"), client);
        return;
    }
    web_add(event, HN_TEXT("c-ip"), hn_text_sub(client, 0, colon - 1));
    web_add(event, HN_TEXT("c-port"), hn_text_sub(client, colon, client.len));
}

/* What a bracket of an Apache error line holds, by its first word. *modern: it is one of 2.4, which
 * name the module. */
static void add_apache_part(struct hn_event *event, struct hn_text inside, bool *modern)
{
    size_t colon = hn_text_find_char(inside, ':', 0);

    if (hn_text_starts(inside, HN_TEXT("pid "))) {
        web_add(event, HN_TEXT("pid"),
                hn_text_sub(inside, 4, colon == SIZE_MAX ? inside.len : colon - 4));
        return;
    }
    if (hn_text_starts(inside, HN_TEXT("client "))) {
        add_client(event, hn_text_sub(inside, 7, inside.len), *modern);
        return;
    }
    if (colon != SIZE_MAX) {
        *modern = true;
        web_add(event, HN_TEXT("module"), hn_text_sub(inside, 0, colon));
        web_add(event, HN_TEXT("level"), hn_text_sub(inside, colon + 1, inside.len));
    } else {
        web_add(event, HN_TEXT("level"), inside);
    }
}

static bool is_apache_stamp(struct hn_text text)
{
    /* "Mon Nov 23 01:02:03" with or without a fraction, then the year */
    size_t year = text.len >= 24 ? text.len - 4 : 0;

    if (text.len < 24 || text.len > 40 || text.ptr[3] != ' ' || text.ptr[7] != ' ' ||
            text.ptr[13] != ':' || text.ptr[16] != ':' || text.ptr[year - 1] != ' ')
        return false;
    for (size_t i = year; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    }
    return true;
}

static bool apache_error_fields(struct hn_event *event, struct hn_text line)
{
    struct hn_text rest = line;
    struct hn_text inside;
    bool modern = false;
    size_t referer;

    if (!take_bracketed(&rest, &inside) || !is_apache_stamp(inside))
        return false;
    set_error_source(event, HN_TEXT("apache"), rest);
    event->time_text = inside;
    /* Messages have brackets of their own ([id "950107"]); those before it are Apache's. */
    for (int part = 0; part < 4 && take_bracketed(&rest, &inside); part++)
        add_apache_part(event, inside, &modern);
    hn_event_add_text(event, HN_TEXT("Message"), rest);
    referer = hn_text_find(rest, HN_TEXT(", referer: "), 0);
    if (referer != SIZE_MAX)
        web_add(event, HN_TEXT("cs-referer"), hn_text_sub(rest, referer + 11, rest.len));
    return true;
}

/* The value behind ", name: " in an nginx error line, without its quotes; ptr NULL: none. */
static struct hn_text nginx_value(struct hn_text text, struct hn_text name)
{
    size_t pos = hn_text_find(text, name, 0);
    struct hn_text rest = hn_text_sub(text, pos == SIZE_MAX ? text.len : pos + name.len, text.len);
    struct hn_text value;

    if (pos == SIZE_MAX)
        return (struct hn_text){ NULL, 0 };
    if (web_quoted_take(&rest, &value))
        return value;
    return hn_text_sub(rest, 0, hn_text_find_char(rest, ',', 0));
}

static bool is_nginx_stamp(struct hn_text line)
{
    static const char shape[] = "dddd/dd/dd dd:dd:dd [";

    if (line.len < sizeof shape - 1)
        return false;
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        bool digit = line.ptr[i] >= '0' && line.ptr[i] <= '9';

        if (shape[i] == 'd' ? !digit : line.ptr[i] != shape[i])
            return false;
    }
    return true;
}

static bool nginx_error_fields(struct hn_event *event, struct hn_text line)
{
    struct hn_text rest = hn_text_sub(line, 20, line.len);
    struct hn_text level;
    struct hn_text value;

    if (!is_nginx_stamp(line) || !take_bracketed(&rest, &level))
        return false;
    set_error_source(event, HN_TEXT("nginx"), rest);
    event->time_text = hn_text_sub(line, 0, 19);
    web_add(event, HN_TEXT("level"), level);
    web_add(event, HN_TEXT("pid"), hn_text_sub(rest, 0, hn_text_find_char(rest, '#', 0)));
    hn_event_add_text(event, HN_TEXT("Message"), rest);
    add_client(event, nginx_value(rest, HN_TEXT(", client: ")), false);
    web_add(event, HN_TEXT("s-computername"), nginx_value(rest, HN_TEXT(", server: ")));
    web_add(event, HN_TEXT("cs-host"), nginx_value(rest, HN_TEXT(", host: ")));
    web_add(event, HN_TEXT("cs-referer"), nginx_value(rest, HN_TEXT(", referrer: ")));
    value = nginx_value(rest, HN_TEXT(", request: "));
    if (value.len > 0)
        add_request(event, value);
    return true;
}

/* ---- The format --------------------------------------------------------------------------------
 */

enum hn_status decode_weblog_fields(struct hn_event *event, struct hn_text line)
{
    if (access_fields(event, line) || apache_error_fields(event, line) ||
            nginx_error_fields(event, line))
        return HN_OK;
    return HN_SYNTAX;
}

static enum hn_status weblog_parse(
        const struct decode_batch *batch, struct hn_text line, struct hn_event *event)
{
    (void)batch;
    return decode_weblog_fields(event, line);
}

static enum hn_status weblog_run(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink)
{
    return decode_run_lines(batch, event, sink, weblog_parse);
}

static enum hn_status weblog_again(
        const struct decode_batch *batch, const struct hn_event *from, struct hn_event *to)
{
    return decode_again_line(batch, from, to, weblog_parse);
}

static bool fits(struct hn_text line)
{
    struct web_access access;
    struct hn_text rest = line;
    struct hn_text inside;

    return web_access_split(line, &access) || is_nginx_stamp(line) ||
           (take_bracketed(&rest, &inside) && is_apache_stamp(inside) && rest.len > 0 &&
                   rest.ptr[0] == '[');
}

static int weblog_probe(struct hn_bytes head, struct hn_text name)
{
    struct hn_text lines[8];
    size_t count = decode_probe_lines(head, lines, HN_COUNT_OF(lines));
    size_t fitting = 0;

    (void)name;
    for (size_t i = 0; i < count; i++)
        fitting += fits(lines[i]);
    /* nginx writes what its programs print between its own lines: half of them are enough. */
    if (fitting == 0 || fitting * 2 < count)
        return PROBE_NO;
    return fitting == count ? PROBE_LIKELY + 20 : PROBE_LIKELY - 10;
}

const struct decode_format decode_format_weblog = {
    .name = HN_TEXT_INIT("weblog"),
    .title = HN_TEXT_INIT("Apache or nginx log"),
    .traits = DECODE_LINES,
    .probe = weblog_probe,
    .run = weblog_run,
    .again = weblog_again,
};
