/* decode_squid.c - access logs of the Squid proxy: its native format, and the ones made with
 * logformat that end like Apache's combined with Squid's own codes behind it.
 *
 *   1795400000.123    87 192.0.2.7 TCP_MISS/200 4521 GET http://a.example/x -
 * HIER_DIRECT/198.51.100.2 text/html 192.0.2.7 - u [23/Nov/2026:01:02:03 +0900] "GET
 * http://a.example/x HTTP/1.1" 200 4521 "-" "curl/8" TCP_MISS:HIER_DIRECT
 *
 * Headers logged behind the type (log_mime_hdrs) are kept as they are. */
#include "decode/decode_table.h"
#include "decode/decode_web.h"

#include "base/ip.h"
#include "base/num.h"

/* Squid's result codes; anything else with an underscore in capitals is taken for one, too. */
static const char *const result_starts[] = { "TCP_", "UDP_", "NONE", "ERR_", "TAG_" };

static bool is_result(struct hn_text text)
{
    for (size_t i = 0; i < HN_COUNT_OF(result_starts); i++) {
        if (hn_text_starts(text, hn_text_cstr(result_starts[i])))
            return true;
    }
    return false;
}

/* "TCP_MISS/200": both parts; false when it is something else. */
static bool split_result(struct hn_text token, struct hn_text *ret_result, struct hn_text *ret_code)
{
    size_t slash = hn_text_find_char(token, '/', 0);

    if (slash == SIZE_MAX || !is_result(token))
        return false;
    *ret_result = hn_text_sub(token, 0, slash);
    *ret_code = hn_text_sub(token, slash + 1, token.len);
    return ret_code->len > 0;
}

/* Seconds since 1970 with a fraction: what the native format starts with. */
static bool is_epoch(struct hn_text token)
{
    size_t dot = hn_text_find_char(token, '.', 0);
    uint64_t seconds;

    return dot != SIZE_MAX && dot >= 9 && dot <= 11 &&
           hn_parse_u64(hn_text_sub(token, 0, dot), &seconds) &&
           hn_parse_u64(hn_text_sub(token, dot + 1, token.len), &seconds);
}

static void add_request(struct hn_event *event, struct hn_text method, struct hn_text target)
{
    struct web_url url =
            web_url_split(web_unescape(event, target), hn_text_eq(method, HN_TEXT("CONNECT")));

    web_add(event, HN_TEXT("cs-method"), method);
    web_add_url(event, &url, WEB_PROXY);
}

/* "HIER_DIRECT/198.51.100.2": how, and through or to whom. */
static void add_hierarchy(struct hn_event *event, struct hn_text token)
{
    size_t slash = hn_text_find_char(token, '/', 0);
    struct hn_text peer = hn_text_sub(token, slash == SIZE_MAX ? token.len : slash + 1, token.len);
    struct hn_ip ip;

    web_add(event, HN_TEXT("hierarchy"), hn_text_sub(token, 0, slash));
    if (hn_ip_parse(peer, &ip))
        hn_event_add_text(event, HN_TEXT("dst_ip"), peer);
    else
        web_add(event, HN_TEXT("peer"), peer);
}

static void decode_set_source(struct hn_event *event)
{
    event->origin = HN_ORIGIN_KNOWN;
    hn_source_add_category(&event->source, HN_TEXT("proxy"));
    hn_source_add_service(&event->source, HN_TEXT("squid"));
}

struct native {
    struct hn_text stamp;
    struct hn_text elapsed;
    struct hn_text client;
    struct hn_text result;
    struct hn_text status;
    struct hn_text bytes;
    struct hn_text method;
    struct hn_text url;
    struct hn_text user;
    struct hn_text hierarchy;
    struct hn_text type;
    struct hn_text rest;
};

/* The URL may hold spaces (uri_whitespace allow): what follows it is found from its end, where the
 * hierarchy is the token that holds a code in capitals. */
static bool split_tail(struct hn_text tail, struct native *ret)
{
    struct hn_text before = { "", 0 };
    struct hn_text rest = tail;
    struct hn_text token;

    while (web_token_take(&rest, &token)) {
        bool code = hn_text_starts(token, HN_TEXT("HIER_")) ||
                    hn_text_starts(token, HN_TEXT("NONE/")) ||
                    hn_text_starts(token, HN_TEXT("DIRECT/")) ||
                    hn_text_find(token, HN_TEXT("_PARENT/"), 0) != SIZE_MAX ||
                    hn_text_find(token, HN_TEXT("_HIT/"), 0) != SIZE_MAX;

        if (code && before.len > 0 && before.ptr > tail.ptr) {
            ret->hierarchy = token;
            ret->user = before;
            ret->url = hn_text_trim(hn_text_of(tail.ptr, (size_t)(before.ptr - tail.ptr)));
            (void)web_token_take(&rest, &ret->type);
            ret->rest = hn_text_trim(rest);
            return true;
        }
        before = token;
    }
    return false;
}

static bool split_native(struct hn_text line, struct native *ret)
{
    struct hn_text rest = line;
    struct hn_text result;

    return web_token_take(&rest, &ret->stamp) && is_epoch(ret->stamp) &&
           web_token_take(&rest, &ret->elapsed) && web_token_take(&rest, &ret->client) &&
           web_token_take(&rest, &result) && split_result(result, &ret->result, &ret->status) &&
           web_token_take(&rest, &ret->bytes) && web_token_take(&rest, &ret->method) &&
           split_tail(hn_text_trim(rest), ret);
}

static bool native_fields(struct hn_event *event, struct hn_text line)
{
    struct native parts = { 0 };

    if (!split_native(line, &parts))
        return false;
    decode_set_source(event);
    event->time_text = parts.stamp;
    web_add(event, HN_TEXT("time-taken"), parts.elapsed);
    web_add(event, HN_TEXT("src_ip"), parts.client);
    web_add(event, HN_TEXT("s-action"), parts.result);
    web_add(event, HN_TEXT("sc-status"), parts.status);
    web_add(event, HN_TEXT("sc-bytes"), parts.bytes);
    add_request(event, parts.method, parts.url);
    web_add(event, HN_TEXT("cs-username"), web_unescape(event, parts.user));
    add_hierarchy(event, parts.hierarchy);
    web_add(event, HN_TEXT("rs-content-type"), parts.type);
    if (parts.rest.len > 0)
        table_add_extra(event, parts.rest);
    return true;
}

/* The last token, "TCP_MISS:HIER_DIRECT", sets it apart from a web server's log. */
static bool take_codes(struct hn_text *line, struct hn_text *ret_result, struct hn_text *ret_how)
{
    struct hn_text text = hn_text_trim(*line);
    size_t start = text.len;
    size_t colon;

    while (start > 0 && text.ptr[start - 1] != ' ')
        start--;
    *ret_result = hn_text_sub(text, start, text.len);
    colon = hn_text_find_char(*ret_result, ':', 0);
    if (start == 0 || colon == SIZE_MAX || !is_result(*ret_result))
        return false;
    *ret_how = hn_text_sub(*ret_result, colon + 1, ret_result->len);
    *ret_result = hn_text_sub(*ret_result, 0, colon);
    *line = hn_text_sub(text, 0, start - 1);
    return true;
}

static bool combined_fields(struct hn_event *event, struct hn_text line)
{
    struct web_access access;
    struct web_request_line request;
    struct hn_text result;
    struct hn_text how;

    if (!take_codes(&line, &result, &how) || !web_access_split(line, &access))
        return false;
    decode_set_source(event);
    event->time_text = access.stamp;
    web_add(event, HN_TEXT("src_ip"), access.client);
    web_add(event, HN_TEXT("cs-username"), web_unescape(event, access.user));
    web_add(event, HN_TEXT("sc-status"), access.status);
    web_add(event, HN_TEXT("sc-bytes"), access.bytes);
    web_add(event, HN_TEXT("s-action"), result);
    web_add(event, HN_TEXT("hierarchy"), how);
    web_add(event, HN_TEXT("cs-referer"), web_unescape(event, access.referer));
    if (access.agent.ptr != NULL && !hn_text_eq(access.agent, HN_TEXT("-")))
        hn_event_add_text(event, HN_TEXT("c-useragent"), web_unescape(event, access.agent));
    if (web_request_split(access.request, &request)) {
        add_request(event, request.method, request.target);
        web_add(event, HN_TEXT("cs-version"), request.version);
    } else {
        web_add(event, HN_TEXT("request"), web_unescape(event, access.request));
    }
    if (access.rest.len > 0)
        table_add_extra(event, access.rest);
    return true;
}

enum hn_status decode_squid_fields(struct hn_event *event, struct hn_text line)
{
    return native_fields(event, line) || combined_fields(event, line) ? HN_OK : HN_SYNTAX;
}

static enum hn_status squid_parse(
        const struct decode_batch *batch, struct hn_text line, struct hn_event *event)
{
    (void)batch;
    return decode_squid_fields(event, line);
}

static enum hn_status squid_run(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink)
{
    return decode_run_lines(batch, event, sink, squid_parse);
}

static enum hn_status squid_again(
        const struct decode_batch *batch, const struct hn_event *from, struct hn_event *to)
{
    return decode_again_line(batch, from, to, squid_parse);
}

static int squid_probe(struct hn_bytes head, struct hn_text name)
{
    struct hn_text lines[8];
    size_t count = decode_probe_lines(head, lines, HN_COUNT_OF(lines));
    size_t fitting = 0;

    (void)name;
    for (size_t i = 0; i < count; i++) {
        struct native parts = { 0 };
        struct web_access access;
        struct hn_text line = lines[i];
        struct hn_text result;
        struct hn_text how;

        fitting += split_native(line, &parts) ||
                   (take_codes(&line, &result, &how) && web_access_split(line, &access));
    }
    if (count == 0 || fitting * 4 < count * 3)
        return PROBE_NO;
    return fitting == count ? PROBE_LIKELY + 30 : PROBE_LIKELY;
}

const struct decode_format decode_format_squid = {
    .name = HN_TEXT_INIT("squid"),
    .title = HN_TEXT_INIT("Squid access log"),
    .traits = DECODE_LINES,
    .probe = squid_probe,
    .run = squid_run,
    .again = squid_again,
};
