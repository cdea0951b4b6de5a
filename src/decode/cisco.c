/* cisco.c - the mark and preamble of Cisco's messages, and the messages of IOS and its relatives.
 *
 * cisco_asa.c has the firewalls. */
#include "decode/cisco.h"

#include "decode/network.h"
#include "decode/pattern.h"
#include "decode/scan.h"
#include "decode/syslog_header.h"

#define PREAMBLE_BYTES_MAX  300
#define PREAMBLE_TOKENS_MAX 10
#define TAG_BYTES_MAX       96

/* ---- The mark ---------------------------------------------------------------------------------
 */

static bool is_tag_char(char c)
{
    return char_is_word(c) || c == '/' || c == '.';
}

/* The facility may itself hold hyphens (IP-TCP-3-BADAUTH), so the severity is looked for: a digit
 * between two hyphens. */
bool cisco_tag_parse(struct hn_text text, struct cisco_tag *ret_tag)
{
    size_t severity_at = 0;
    size_t len = 1;

    if (text_at(text, 0) != '%' || !char_is_upper(text_at(text, 1)))
        return false;
    for (; len < text.len && len <= TAG_BYTES_MAX; len++) {
        char c = text.ptr[len];

        if (c == '-' && severity_at == 0 && text_at(text, len + 1) >= '0' &&
                text_at(text, len + 1) <= '7' && text_at(text, len + 2) == '-')
            severity_at = len + 1;
        if (c != '-' && !is_tag_char(c))
            break;
    }
    if (severity_at == 0 || len > TAG_BYTES_MAX || len <= severity_at + 2)
        return false;
    ret_tag->whole = hn_text_sub(text, 1, len - 1);
    ret_tag->facility = hn_text_sub(text, 1, severity_at - 2);
    ret_tag->mnemonic = hn_text_sub(text, severity_at + 2, len - severity_at - 2);
    ret_tag->severity = text.ptr[severity_at] - '0';
    ret_tag->message = text_from(text, len);
    scan_spaces(&ret_tag->message); /* IOS XR puts a space in front of the colon */
    if (!scan_char(&ret_tag->message, ':') && text_at(text, len) != ' ')
        return false;
    scan_spaces(&ret_tag->message);
    return true;
}

/* ---- The preamble -----------------------------------------------------------------------------
 */

/* 2y10w, 1d02h, 00:00:23: time since the device started, where its clock is not set */
static bool is_uptime(struct hn_text token)
{
    bool any = false;

    while (token.len > 0) {
        if (scan_digits(&token).len == 0)
            return false;
        if (token.len > 0 && memchr("ywdhms:.", token.ptr[0], 8) == NULL)
            return false;
        scan_skip(&token, 1);
        any = true;
    }
    return any;
}

/* " JST:" behind a stamp belongs to it. */
static void scan_zone(struct hn_text *rest, struct stamp *stamp)
{
    struct hn_text at = *rest;
    size_t len = 0;

    if (at.ptr != stamp->text.ptr + stamp->text.len)
        return;
    scan_spaces(&at);
    while (char_is_upper(text_at(at, len)))
        len++;
    if (len < 1 || len > 5 || (text_at(at, len) != ':' && text_at(at, len) != ' '))
        return;
    scan_skip(&at, len);
    stamp->text.len = (size_t)(at.ptr - stamp->text.ptr);
    stamp->has_zone = true;
    *rest = at;
}

/* The device's own stamp, with a mark in front when its clock is not synchronised. The stamp of the
 * receiver, if there is one, is trusted more. */
static bool scan_own_stamp(struct hn_text *rest, struct syslog_header *header)
{
    struct hn_text at = *rest;
    struct stamp stamp;

    if (text_at(at, 0) == '*' || text_at(at, 0) == '.')
        scan_skip(&at, 1);
    if (!stamp_scan(&at, &stamp))
        return false;
    scan_zone(&at, &stamp);
    (void)scan_char(&at, ':');
    *rest = at;
    if (!header->has_stamp) {
        header->has_stamp = true;
        header->stamp = stamp;
    }
    return true;
}

/* "config[65742]" */
static bool take_process(struct hn_text token, struct syslog_header *header)
{
    size_t open = hn_text_find_char(token, '[', 0);

    if (open == SIZE_MAX || open == 0 || text_at(token, token.len - 1) != ']')
        return false;
    header->program = hn_text_sub(token, 0, open);
    header->pid = hn_text_sub(token, open + 1, token.len - open - 2);
    return true;
}

static bool scan_token(struct hn_text *rest, struct syslog_header *header, bool is_first)
{
    struct hn_text token = scan_word(rest);
    size_t slash = hn_text_find_char(token, '/', 0);
    bool colon;

    if (slash != SIZE_MAX) { /* IOS XR: "RP/0/RSP0/CPU0:Nov 23 01:02:03.456 UTC: ..." */
        size_t end = hn_text_find_char(token, ':', slash);

        if (end == SIZE_MAX)
            return false;
        *rest = hn_text_of(token.ptr + end + 1, rest->len + token.len - end - 1);
        return true;
    }
    colon = text_at(token, token.len - 1) == ':';
    if (colon)
        token.len--;
    if (token.len == 0 || token.len > SYSLOG_HOST_MAX)
        return token.len == 0;
    if (colon && text_digits(token) == token.len)
        header->sequence = token;
    else if (take_process(token, header) || (colon && is_uptime(token)))
        return true;
    else if (colon || is_first)
        header->host = token;
    else
        return false;
    return true;
}

bool cisco_preamble_scan(struct hn_text rest, struct syslog_header *header)
{
    struct syslog_header found = *header;
    struct cisco_tag tag;
    size_t percent = hn_text_find_char(hn_text_sub(rest, 0, PREAMBLE_BYTES_MAX), '%', 0);

    if (percent == SIZE_MAX || !cisco_tag_parse(text_from(rest, percent), &tag))
        return false;
    if (found.has_stamp && found.stamp.shape != STAMP_CTIME)
        scan_zone(&rest, &found.stamp);
    for (size_t i = 0; text_at(rest, 0) != '%'; i++) {
        if (i == PREAMBLE_TOKENS_MAX)
            return false;
        scan_spaces(&rest);
        if (text_at(rest, 0) == '%')
            break;
        if (!scan_own_stamp(&rest, &found) && !scan_token(&rest, &found, i <= 1))
            return false;
    }
    if (!cisco_tag_parse(rest, &tag))
        return false;
    found.message = rest;
    found.sure = true;
    *header = found;
    return true;
}

/* ---- IOS, IOS XE, IOS XR, NX-OS ---------------------------------------------------------------
 */

static const struct message_kind access_lists[] = {
    { "{}list {access_list} {action:w} {protocol:w} {src_ip:h}({src_port:d}){}-> "
      "{dst_ip:h}({dst_port:d}), {packets:d} packet",
            NULL, NULL },
    { "{}list {access_list} {action:w} {protocol:w} {src_ip:h}{}-> {dst_ip:h} "
      "({icmp_type:d}/{icmp_code:d}), {packets:d} packet",
            NULL, NULL },
    { "{}list {access_list} {action:w} {protocol:w} {src_ip:h} -> {dst_ip:h}{}, {packets:d} packet",
            NULL, NULL },
    { "{}list {access_list} {action:w} {src_ip:h} {packets:d} packet", NULL, NULL },
};

static const struct message_kind ios_messages[] = {
    { "Login Success [user: {username}] [Source: {src_ip}] [localport: {dst_port}] at", "outcome",
            "success" },
    { "Login Success [user: {username}] [Source: {src_ip}] at", "outcome", "success" },
    { "Login failed [user: {username}] [Source: {src_ip}] [localport: {dst_port}] "
      "[Reason: {reason}] at",
            "outcome", "failure" },
    { "User:{username}~logged command:{command}", NULL, NULL },
    { "Configured from {terminal} by {username} on {line:w} ({src_ip})", NULL, NULL },
    { "Configured programmatically by process {process} from {terminal} as {username} on {line:w}",
            NULL, NULL },
    { "Configured from {terminal} by {username}", NULL, NULL },
    { "User {username} has exited tty session {tty:d}({src_ip})", NULL, NULL },
    { "User: {username}, Install Operation: {operation}", NULL, NULL },
    { "User '{username}' authentication for SSH2 Session from {src_ip:w} {}' Succeeded", "outcome",
            "success" },
    { "User '{username}' authentication for SSH2 Session from {src_ip:w} {}' Failed", "outcome",
            "failure" },
    { "SSH2 Session request from {src_ip:w}", NULL, NULL },
    { "No MD5 digest from {src_ip:h}({src_port:d}) to {dst_ip:h}({dst_port:d})", "outcome",
            "failure" },
    { "Invalid MD5 digest from {src_ip:h}({src_port:d}) to {dst_ip:h}({dst_port:d})", "outcome",
            "failure" },
    { "Invalid MD5 digest from {src_ip}:{src_port:d} to {dst_ip>}:{dst_port:d}", "outcome",
            "failure" },
    { "neighbor {neighbor:w} {state}", NULL, NULL },
};

static bool facility_starts(const struct cisco_tag *tag, const char *const *starts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (hn_text_starts(tag->facility, hn_text_cstr(starts[i])))
            return true;
    }
    return false;
}

/* Every message is one of service syslog; what Sigma has a name of its own for is that as well. */
static void ios_source(struct hn_event *event, const struct cisco_tag *tag)
{
    static const char *const aaa[] = { "AAA", "SEC_LOGIN", "TAC", "RADIUS", "PARSER", "MGBL-PARSER",
        "SECURITY-LOGIN" };
    static const char *const bgp[] = { "BGP", "ROUTING-BGP" };
    static const char *const ldp[] = { "LDP", "TDP", "MPLS_LDP", "ROUTING-LDP" };
    bool bad_auth = hn_text_eq(tag->mnemonic, HN_TEXT("BADAUTH"));

    decode_set_source(event, HN_TEXT("cisco"), HN_TEXT(""), HN_TEXT("syslog"));
    if (facility_starts(tag, aaa, HN_COUNT_OF(aaa)))
        hn_source_add_service(&event->source, HN_TEXT("aaa"));
    if (facility_starts(tag, bgp, HN_COUNT_OF(bgp)) ||
            (bad_auth && hn_text_find(tag->message, HN_TEXT("179"), 0) != SIZE_MAX))
        hn_source_add_service(&event->source, HN_TEXT("bgp"));
    if (facility_starts(tag, ldp, HN_COUNT_OF(ldp)) ||
            hn_text_find(tag->message, HN_TEXT("LDP"), 0) != SIZE_MAX)
        hn_source_add_service(&event->source, HN_TEXT("ldp"));
}

static void ios_fields(struct hn_event *event, const struct cisco_tag *tag)
{
    struct pattern_match match;

    ios_source(event, tag);
    if (hn_text_find(tag->mnemonic, HN_TEXT("ACCESSLOG"), 0) == SIZE_MAX) {
        (void)decode_message_fields(event, ios_messages, HN_COUNT_OF(ios_messages), tag->message);
        return;
    }
    hn_source_add_category(&event->source, HN_TEXT("firewall"));
    (void)decode_message_fields(event, access_lists, HN_COUNT_OF(access_lists), tag->message);
    if (pattern_match("{}list {access_list} {action:w} ", tag->message, &match)) {
        struct hn_text action = pattern_captured(&match, HN_TEXT("action"));

        decode_add_verdict(event, decode_verdict_of(action), action);
    }
}

bool cisco_fields(struct hn_event *event, struct hn_text message)
{
    static const char *const firewalls[] = { "ASA", "FTD", "PIX", "FWSM" };
    struct cisco_tag tag;

    if (!cisco_tag_parse(message, &tag))
        return false;
    hn_event_add_text(event, HN_TEXT("mnemonic"), tag.whole);
    if (facility_starts(&tag, firewalls, HN_COUNT_OF(firewalls)) &&
            text_digits(tag.mnemonic) == tag.mnemonic.len)
        cisco_asa_fields(event, &tag);
    else
        ios_fields(event, &tag);
    return true;
}

/* ---- Huawei, H3C ------------------------------------------------------------------------------
 */

/* %%01BGP/3/BGP_AUTH_FAILED(l)[12]:text: dialect, module, severity, brief, kind */
bool decode_huawei_fields(struct hn_event *event, struct hn_text message)
{
    static const struct hn_text services[] = { HN_TEXT_INIT("bgp"), HN_TEXT_INIT("ldp"),
        HN_TEXT_INIT("aaa") };
    struct pattern_match match;
    struct hn_text module;
    bool h3c = hn_text_starts(message, HN_TEXT("%%10"));

    if ((!h3c && !hn_text_starts(message, HN_TEXT("%%01"))) ||
            !pattern_match("%%{:d}", hn_text_sub(message, 0, 4), &match) ||
            !pattern_match("{module}/{level:d}/{mnemonic}:", text_from(message, 4), &match))
        return false;
    for (size_t i = 0; i < match.count; i++)
        hn_event_add_text(event, match.captures[i].name, match.captures[i].value);
    module = pattern_captured(&match, HN_TEXT("module"));
    decode_set_source(
            event, h3c ? HN_TEXT("h3c") : HN_TEXT("huawei"), HN_TEXT(""), HN_TEXT("syslog"));
    for (size_t i = 0; i < HN_COUNT_OF(services); i++) {
        if (hn_text_eq_nocase(module, services[i]))
            hn_source_add_service(&event->source, services[i]);
    }
    return true;
}
