/* cisco_asa.c - messages of Cisco's firewalls (ASA, FTD, PIX, FWSM) by their number.
 *
 * Texts are those of Cisco's "Syslog Messages" guides; versions differ in spaces, brackets around
 * names and optional parts. Source and destination are those of the connection, so that an
 * outbound connection, which the device writes foreign end first, is turned round. A teardown does
 * not say who began; it is kept in the order written. */
#include "decode/cisco.h"

#include "decode/network.h"
#include "decode/pattern.h"
#include "decode/scan.h"

struct asa_kind {
    const char *id;
    const char *result; /* of a login: success, failure; else what was done; NULL: nothing */
    enum verdict verdict;
    const char *pattern;
};

#define ENDPOINTS_IN_OUT                            \
    "{src_interface}:{src_ip:h}/{src_port:d}{} to " \
    "{dst_interface}:{dst_ip:h}/{dst_port:d}"
#define ENDPOINTS_OUT_IN                            \
    "{dst_interface}:{dst_ip:h}/{dst_port:d}{} to " \
    "{src_interface}:{src_ip:h}/{src_port:d}"
#define GROUP_USER_IP  "Group <{group}> User <{username}> IP <{src_ip}> "
#define GROUP_USER_IP2 "Group {group:w} User {username:w} IP {src_ip:w} "

/* The first that fits counts. */
static const struct asa_kind kinds[] = {
    { "106001", "denied", VERDICT_DENIED,
            "Inbound {protocol:w} connection denied from {src_ip:h}/{src_port:d} to "
            "{dst_ip:h}/{dst_port:d} flags {tcp_flags} on interface {src_interface:w}" },
    { "106006", "denied", VERDICT_DENIED,
            "Deny inbound {protocol:w} from {src_ip:h}/{src_port:d} to {dst_ip:h}/{dst_port:d} on "
            "interface {src_interface:w}" },
    { "106007", "denied", VERDICT_DENIED,
            "Deny inbound {protocol:w} from {src_ip:h}/{src_port:d} to {dst_ip:h}/{dst_port:d} due "
            "to {reason}" },
    { "106010", "denied", VERDICT_DENIED,
            "Deny inbound {protocol} src {src_interface}:{src_ip:h}/{src_port:d} dst "
            "{dst_interface}:{dst_ip:h}/{dst_port:d}" },
    { "106010", "denied", VERDICT_DENIED,
            "Deny inbound {protocol} src {src_interface}:{src_ip:h} dst "
            "{dst_interface}:{dst_ip:h}" },
    { "106014", "denied", VERDICT_DENIED,
            "Deny inbound {protocol:w} src {src_interface}:{src_ip:h} dst "
            "{dst_interface}:{dst_ip:h}~(type {icmp_type:d}, code {icmp_code:d})" },
    { "106015", "denied", VERDICT_DENIED,
            "Deny {protocol:w} (no connection) from {src_ip:h}/{src_port:d} to "
            "{dst_ip:h}/{dst_port:d} flags {tcp_flags} on interface {src_interface:w}" },
    { "106016", "denied", VERDICT_DENIED,
            "Deny IP spoof from ({src_ip:h}) to {dst_ip:h} on interface {src_interface:w}" },
    { "106021", "denied", VERDICT_DENIED,
            "Deny {protocol:w} reverse path check from {src_ip:h} to {dst_ip:h} on interface "
            "{src_interface:w}" },
    { "106023", "denied", VERDICT_DENIED,
            "Deny {protocol} src {src_interface}:{src_ip:h}/{src_port:d}{} dst "
            "{dst_interface}:{dst_ip:h}/{dst_port:d}{} by access-group \"{access_group}\"" },
    { "106023", "denied", VERDICT_DENIED,
            "Deny {protocol} src {src_interface}:{src_ip:h}{} dst {dst_interface}:{dst_ip:h}~(type "
            "{icmp_type:d}, code {icmp_code:d}){} by access-group \"{access_group}\"" },
    { "106023", "denied", VERDICT_DENIED,
            "Deny {protocol} src {src_interface}:{src_ip:h}{} dst {dst_interface}:{dst_ip:h} by "
            "access-group \"{access_group}\"" },
    { "106100", NULL, VERDICT_NONE,
            "access-list {access_list} {action:w} {protocol:w} "
            "{src_interface}/{src_ip:h}({src_port:d}){} -> "
            "{dst_interface}/{dst_ip:h}({dst_port:d})" },
    { "111008", NULL, VERDICT_NONE, "User '{username}' executed the '{command>}' command." },
    { "111009", NULL, VERDICT_NONE, "User '{username}' executed cmd: {command}" },
    { "111010", NULL, VERDICT_NONE,
            "User '{username}', running '{application}' from IP {src_ip}, executed '{command>}'" },
    { "113004", "success", VERDICT_NONE,
            "AAA user {aaa_type:w} Successful~: server = {server}~:~user = {username}" },
    { "113004", "success", VERDICT_NONE,
            "AAA user {aaa_type:w} Successful~: server = {server}~, User = {username}" },
    { "113005", "failure", VERDICT_NONE,
            "AAA user {aaa_type:w} Rejected~: reason = {reason}~: server = {server}~: user = "
            "{username>}~: user IP = {src_ip:h}" },
    { "113005", "failure", VERDICT_NONE,
            "AAA user {aaa_type:w} Rejected~: reason = {reason}~: server = {server}~: user = "
            "{username}" },
    { "113012", "success", VERDICT_NONE,
            "AAA user {aaa_type:w} Successful~: local database~: user = {username}" },
    { "113015", "failure", VERDICT_NONE,
            "AAA user {aaa_type:w} Rejected~: reason = {reason}~: local database~: user = "
            "{username>}~: user IP = {src_ip:h}" },
    { "113015", "failure", VERDICT_NONE,
            "AAA user {aaa_type:w} Rejected~: reason = {reason}~: local database~: user = "
            "{username}" },
    { "113019", "disconnected", VERDICT_NONE,
            "Group = {group}, Username = {username}, IP = {src_ip}, Session disconnected. Session "
            "Type: {session_type}, Duration: {duration}, Bytes xmt: {bytes_out:d}, Bytes rcv: "
            "{bytes_in:d}, Reason: {reason}" },
    { "113039", "connected", VERDICT_NONE, GROUP_USER_IP },
    { "302013", "built", VERDICT_ALLOWED,
            "Built inbound {protocol:w} connection {connection_id:d} for " ENDPOINTS_IN_OUT },
    { "302013", "built", VERDICT_ALLOWED,
            "Built outbound {protocol:w} connection {connection_id:d} for " ENDPOINTS_OUT_IN },
    { "302014", "teardown", VERDICT_NONE,
            "Teardown {protocol:w} connection {connection_id:d} for " ENDPOINTS_IN_OUT
            "{} duration {duration:w} bytes {bytes:d}" },
    { "302015", "built", VERDICT_ALLOWED,
            "Built inbound {protocol:w} connection {connection_id:d} for " ENDPOINTS_IN_OUT },
    { "302015", "built", VERDICT_ALLOWED,
            "Built outbound {protocol:w} connection {connection_id:d} for " ENDPOINTS_OUT_IN },
    { "302016", "teardown", VERDICT_NONE,
            "Teardown {protocol:w} connection {connection_id:d} for " ENDPOINTS_IN_OUT
            "{} duration {duration:w} bytes {bytes:d}" },
    { "302020", "built", VERDICT_ALLOWED,
            "Built inbound {protocol:w} connection for faddr {src_ip:h}/{}laddr {dst_ip:h}/" },
    { "302020", "built", VERDICT_ALLOWED,
            "Built outbound {protocol:w} connection for faddr {dst_ip:h}/{}laddr {src_ip:h}/" },
    { "302021", "teardown", VERDICT_NONE,
            "Teardown {protocol:w} connection for faddr {src_ip:h}/{}laddr {dst_ip:h}/" },
    { "304001", NULL, VERDICT_ALLOWED, "{src_ip:h}{}Accessed {}URL {dst_ip}:{url}" },
    { "304002", "denied", VERDICT_DENIED,
            "Access denied URL {url:w} SRC {src_ip:h} DEST {dst_ip:h} on interface "
            "{src_interface:w}" },
    { "305011", "built", VERDICT_NONE,
            "Built {translation:w} {protocol:w} translation from "
            "{src_interface}:{src_ip:h}/{src_port:d}{} to "
            "{dst_interface}:{nat_ip:h}/{nat_port:d}" },
    { "305012", "teardown", VERDICT_NONE,
            "Teardown {translation:w} {protocol:w} translation from "
            "{src_interface}:{src_ip:h}/{src_port:d}{} to {dst_interface}:{nat_ip:h}/{nat_port:d} "
            "duration {duration:w}" },
    { "315011", "disconnected", VERDICT_NONE,
            "SSH session from {src_ip:h} on interface {src_interface:w} for user "
            "\"{username>}\" {}" },
    { "605004", "failure", VERDICT_NONE,
            "Login denied from {src_ip:h}/{src_port:d} to {dst_interface}:{dst_ip:h}/{service:w} "
            "for user \"{username>}\"" },
    { "605005", "success", VERDICT_NONE,
            "Login permitted from {src_ip:h}/{src_port:d} to "
            "{dst_interface}:{dst_ip:h}/{service:w} "
            "for user \"{username>}\"" },
    { "611101", "success", VERDICT_NONE,
            "User authentication succeeded: IP address: {src_ip:h}, Uname: {username}" },
    { "611101", "success", VERDICT_NONE, "User authentication succeeded: Uname: {username}" },
    { "611102", "failure", VERDICT_NONE,
            "User authentication failed: IP address: {src_ip:h}, Uname: {username}" },
    { "611102", "failure", VERDICT_NONE, "User authentication failed: Uname: {username}" },
    { "710003", "denied", VERDICT_DENIED,
            "{protocol:w} access denied by ACL from {src_ip:h}/{src_port:d} to "
            "{dst_interface}:{dst_ip:h}/{dst_port:d}" },
    { "716001", "connected", VERDICT_NONE, GROUP_USER_IP "WebVPN session started" },
    { "716001", "connected", VERDICT_NONE, GROUP_USER_IP2 "WebVPN session started" },
    { "716002", "disconnected", VERDICT_NONE, GROUP_USER_IP "WebVPN session terminated: {reason}" },
    { "716002", "disconnected", VERDICT_NONE,
            GROUP_USER_IP2 "WebVPN session terminated: {reason}" },
    { "716039", "failure", VERDICT_NONE,
            GROUP_USER_IP "Authentication: rejected, Session Type: {session_type}" },
    { "722022", "connected", VERDICT_NONE,
            GROUP_USER_IP "{protocol:w} {}connection established {detail}" },
    { "722022", "connected", VERDICT_NONE,
            GROUP_USER_IP2 "{protocol:w} {}connection established {detail}" },
    { "722023", "disconnected", VERDICT_NONE,
            GROUP_USER_IP "{protocol:w} {}connection terminated {detail}" },
    { "722051", "connected", VERDICT_NONE,
            GROUP_USER_IP "{}Address <{assigned_ip}> {}assigned to" },
    { "722051", "connected", VERDICT_NONE,
            GROUP_USER_IP2 "{}Address {assigned_ip:w} {}assigned to" },
    { "733100", NULL, VERDICT_NONE,
            "[{object}] drop rate-{rate_id:d} exceeded. Current burst rate is {burst_rate:d} per "
            "second, {}Current average rate is {average_rate:d} per second, {}Cumulative total "
            "count is {total_count:d}" },
};

/* "... (LOCAL\alice) to ...": the user of the source; for connections "... (alice)" at the end. */
static void add_identity(struct hn_event *event, const struct cisco_tag *tag)
{
    struct hn_text message = tag->message;
    size_t local = hn_text_find(message, HN_TEXT("(LOCAL\\"), 0);
    size_t open = text_find_last_char(message, '(');
    struct hn_text rest;
    struct hn_text user;

    if (local != SIZE_MAX) {
        rest = text_from(message, local + 7);
        if (scan_before(&rest, ')', &user))
            hn_event_add_text(event, HN_TEXT("username"), user);
        return;
    }
    if (open == SIZE_MAX || !hn_text_starts(tag->mnemonic, HN_TEXT("3020")) ||
            !hn_text_ends(message, HN_TEXT(")")))
        return;
    user = hn_text_sub(message, open + 1, message.len - open - 2);
    if (user.len > 0 && hn_text_find_char(user, '/', 0) == SIZE_MAX)
        hn_event_add_text(event, HN_TEXT("username"), user);
}

/* FTD's connection events (430001 to 430005): "SrcIP: 192.0.2.1, DstIP: ..., Protocol: tcp" */
static void add_colon_pairs(struct hn_event *event, struct hn_text message)
{
    static const struct field_name names[] = { FIELD_NAME("SrcIP", "src_ip"),
        FIELD_NAME("DstIP", "dst_ip"), FIELD_NAME("SrcPort", "src_port"),
        FIELD_NAME("DstPort", "dst_port"), FIELD_NAME("Protocol", "protocol"),
        FIELD_NAME("User", "username"), FIELD_NAME("URL", "url") };
    struct hn_text rest = message;
    struct hn_text logged = { "", 0 };
    struct hn_text key;

    while (rest.len > 0 && scan_before(&rest, ':', &key)) {
        size_t end = hn_text_find(rest, HN_TEXT(", "), 0);
        struct hn_text value = hn_text_trim(hn_text_sub(rest, 0, end));

        key = hn_text_trim(key);
        decode_add_named(event, names, HN_COUNT_OF(names), key, value);
        if (hn_text_eq(key, HN_TEXT("AccessControlRuleAction")))
            logged = value;
        scan_skip(&rest, end == SIZE_MAX ? rest.len : end + 2);
    }
    if (logged.len > 0)
        decode_add_verdict(event, decode_verdict_of(logged), HN_TEXT(""));
}

static void add_match(
        struct hn_event *event, const struct asa_kind *kind, const struct pattern_match *match)
{
    struct hn_text action = pattern_captured(match, HN_TEXT("action"));

    for (size_t i = 0; i < match->count; i++)
        hn_event_add_text(event, match->captures[i].name, match->captures[i].value);
    if (action.ptr != NULL) {
        decode_add_verdict(event, decode_verdict_of(action), action);
        return;
    }
    action = hn_text_cstr(kind->result == NULL ? "" : kind->result);
    if (hn_text_eq(action, HN_TEXT("success")) || hn_text_eq(action, HN_TEXT("failure")))
        hn_event_add_text(event, HN_TEXT("outcome"), action);
    else if (action.len > 0)
        hn_event_add_text(event, HN_TEXT("action"), action);
    decode_add_verdict(event, kind->verdict, action);
}

void cisco_asa_fields(struct hn_event *event, const struct cisco_tag *tag)
{
    struct pattern_match match;

    decode_set_source(event, HN_TEXT("cisco"), HN_TEXT("firewall"), HN_TEXT("asa"));
    if (hn_text_starts(tag->facility, HN_TEXT("FTD")))
        hn_source_add_service(&event->source, HN_TEXT("ftd"));
    hn_event_add_text(event, HN_TEXT("message_id"), tag->mnemonic);
    if (hn_text_starts(tag->mnemonic, HN_TEXT("43000"))) {
        add_colon_pairs(event, tag->message);
        return;
    }
    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++) {
        if (!hn_text_eq(tag->mnemonic, hn_text_cstr(kinds[i].id)) ||
                !pattern_match(kinds[i].pattern, tag->message, &match))
            continue;
        add_match(event, &kinds[i], &match);
        if (pattern_captured(&match, HN_TEXT("username")).ptr == NULL)
            add_identity(event, tag);
        return;
    }
}
