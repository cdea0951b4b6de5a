/* program_system.c - messages of programs that serve a machine: cron, systemd, the kernel and its
 * packet filter, virus scanners, name servers, file transfer, databases. */
#include "decode/body.h"
#include "decode/program.h"

#include "decode/kv.h"
#include "decode/network.h"
#include "decode/scan.h"

#define NEITHER NULL, NULL

#define MESSAGES(kinds, category, always)                         \
    {                                                             \
        kinds, HN_COUNT_OF(kinds), HN_TEXT_INIT(category), always \
    }

static const struct message_kind cron_kinds[] = {
    { "({user}) CMD ({command>})", NEITHER },
    { "({user}) CMDOUT ({output>})", NEITHER },
    { "({user}) CMDEND ({command>})", NEITHER },
    { "({user}) {cron_action} ({detail>})", NEITHER },
    { "Job `{job}' started", NEITHER },
};
const struct program_messages decode_cron_messages = MESSAGES(cron_kinds, "", false);

static const struct message_kind clamav_kinds[] = {
    { "instream({src_ip}@{src_port:d}): {Signature:w} FOUND", "outcome", "found" },
    { "{Filename>}: {Signature:w} FOUND", "outcome", "found" },
};
const struct program_messages decode_clamav_messages = MESSAGES(clamav_kinds, "antivirus", false);

static const struct message_kind vsftpd_kinds[] = {
    { "CONNECT: Client \"{src_ip}\"", NEITHER },
    { "[{user}] OK LOGIN: Client \"{src_ip}\"", "outcome", "success" },
    { "[{user}] FAIL LOGIN: Client \"{src_ip}\"", "outcome", "failure" },
    { "[{user}] {outcome:w} {ftp_action}: Client \"{src_ip}\", \"{path>}\"", NEITHER },
    { "[{user}] FTP response: Client \"{src_ip}\", \"{response>}\"", NEITHER },
    { "[{user}] FTP command: Client \"{src_ip}\", \"{command>}\"", NEITHER },
};
const struct program_messages decode_vsftpd_messages = MESSAGES(vsftpd_kinds, "", false);

static const struct message_kind guacamole_kinds[] = {
    { "User \"{user>}\" joined connection \"{connection}\" ({users:d} users now present)",
            NEITHER },
    { "User \"{user>}\" disconnected ({users:d} users remain)", NEITHER },
    { "Creating new client for protocol \"{protocol}\"", NEITHER },
};
const struct program_messages decode_guacamole_messages = MESSAGES(guacamole_kinds, "", false);

static const struct message_kind systemd_kinds[] = {
    { "Starting {unit}...", NEITHER },
    { "Started {unit>}.", NEITHER },
    { "Started {unit}", NEITHER },
    { "Stopping {unit}...", NEITHER },
    { "Stopped {unit>}.", NEITHER },
    { "Stopped {unit}", NEITHER },
    { "Reloading {unit}...", NEITHER },
    { "{unit}: Main process exited, code={exit_code:w} status={exit_status}", NEITHER },
    { "{unit}: Failed with result '{result}'.", NEITHER },
    { "{unit}: Deactivated successfully.", NEITHER },
};
const struct program_messages decode_systemd_messages = MESSAGES(systemd_kinds, "", false);

static const struct message_kind kernel_kinds[] = {
    { "device {interface:w} entered promiscuous mode", NEITHER },
    { "device {interface:w} left promiscuous mode", NEITHER },
    { "{comm}[{comm_pid:d}]: segfault at {address:w} ip {instruction:w} sp {stack:w} error "
      "{error:w} in {object}",
            NEITHER },
    { "traps: {comm}[{comm_pid:d}] {trap} ip:{instruction:w}", NEITHER },
    { "Out of memory: Killed process {comm_pid:d} ({comm})", NEITHER },
    { "usb {device}: New USB device found, idVendor={usb_vendor:h}, idProduct={usb_product:h}",
            NEITHER },
    { "usb {device}: Product: {usb_name}", NEITHER },
    { "{module}: loading out-of-tree module taints kernel.", NEITHER },
    { "{module}: module verification failed: {reason}", NEITHER },
};
const struct program_messages decode_kernel_messages = MESSAGES(kernel_kinds, "", false);

static const struct message_kind dns_kinds[] = {
    { "{}client @{:w} {src_ip}#{src_port:d} ({}): {}query: {query:w} {record_class:w} "
      "{record_type:w} {}",
            NEITHER },
    { "{}client {src_ip}#{src_port:d} ({}): {}query: {query:w} {record_class:w} {record_type:w} {}",
            NEITHER },
    { "{}client {src_ip}#{src_port:d}: {}query: {query:w} {record_class:w} {record_type:w} {}",
            NEITHER },
    { "{:d} {}/{:d} query[{record_type}] {query:w} from {src_ip:w}", NEITHER },
    { "query[{record_type}] {query:w} from {src_ip:w}", NEITHER },
    { "{}info: {src_ip:h} {query>}. {record_type:w} {record_class:w}", NEITHER },
};
const struct program_messages decode_dns_messages = MESSAGES(dns_kinds, "dns", false);

static const struct message_kind database_kinds[] = {
    { "{}statement: {statement}", NEITHER },
    { "{}connection authorized: user={user:w} database={database:w}", NEITHER },
    { "{}password authentication failed for user \"{user>}\"", "outcome", "failure" },
    { "{}Access denied for user '{user>}'@'{src_ip}'", "outcome", "failure" },
};
const struct program_messages decode_database_messages = MESSAGES(database_kinds, "database", true);

/* ---- The kernel's packet filter (iptables, nftables, UFW) -------------------------------------
 */

/* What stands in front is the rule's own log prefix; its words tell what became of the packet.
 * Vyatta and UniFi name rules "WAN_IN-default-D": drop, accept, reject. */
static enum verdict prefix_verdict(struct hn_text prefix)
{
    static const struct {
        struct hn_text word;
        enum verdict verdict;
    } words[] = { { HN_TEXT_INIT("BLOCK"), VERDICT_DENIED },
        { HN_TEXT_INIT("DROP"), VERDICT_DENIED }, { HN_TEXT_INIT("DENY"), VERDICT_DENIED },
        { HN_TEXT_INIT("DENIED"), VERDICT_DENIED }, { HN_TEXT_INIT("REJECT"), VERDICT_DENIED },
        { HN_TEXT_INIT("-D]"), VERDICT_DENIED }, { HN_TEXT_INIT("-R]"), VERDICT_DENIED },
        { HN_TEXT_INIT("ALLOW"), VERDICT_ALLOWED }, { HN_TEXT_INIT("ACCEPT"), VERDICT_ALLOWED },
        { HN_TEXT_INIT("PASSED"), VERDICT_ALLOWED }, { HN_TEXT_INIT("-A]"), VERDICT_ALLOWED } };

    for (size_t i = 0; i < HN_COUNT_OF(words); i++) {
        if (hn_text_find_nocase(prefix, words[i].word, 0) != SIZE_MAX)
            return words[i].verdict;
    }
    return VERDICT_NONE;
}

/* [UFW BLOCK] IN=eth0 OUT= MAC=... SRC=192.0.2.1 DST=... PROTO=TCP SPT=50000 DPT=22 SYN */
bool decode_netfilter_fields(struct hn_event *event, struct hn_text message, struct hn_text tag)
{
    static const struct field_name names[] = { FIELD_NAME("SRC", "src_ip"),
        FIELD_NAME("DST", "dst_ip"), FIELD_NAME("SPT", "src_port"), FIELD_NAME("DPT", "dst_port"),
        FIELD_NAME("PROTO", "protocol") };
    size_t start = hn_text_find(message, HN_TEXT("IN="), 0);
    struct hn_text prefix;
    struct kv_pair pair;
    size_t inner;

    if (start == SIZE_MAX || hn_text_find(message, HN_TEXT(" OUT="), start) == SIZE_MAX ||
            hn_text_find(message, HN_TEXT(" SRC="), start) == SIZE_MAX)
        return false;
    prefix = hn_text_trim(hn_text_sub(message, 0, start));
    message = text_from(message, start);
    inner = hn_text_find(message, HN_TEXT(" [SRC="), 0); /* the packet an ICMP error is about */
    message = hn_text_sub(message, 0, inner);
    if (prefix.len == 0)
        prefix = tag;
    if (prefix.len > 0)
        hn_event_add_text(event, HN_TEXT("rule"), prefix);
    while (kv_next(&message, &pair)) {
        if (pair.value.len > 0)
            decode_add_named(event, names, HN_COUNT_OF(names), pair.key, pair.value);
    }
    hn_source_add_category(&event->source, HN_TEXT("firewall"));
    hn_source_add_service(&event->source, HN_TEXT("iptables"));
    decode_add_verdict(event, prefix_verdict(prefix), HN_TEXT(""));
    return true;
}
