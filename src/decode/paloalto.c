/* paloalto.c - PAN-OS logs as the firewall sends them: values without names, between commas.
 *
 * Positions are those of "Syslog Field Descriptions" of PAN-OS 10.1 to 11.1; later versions only
 * append. The names are the documentation's own variable names (src, dport, rule, misc, ...). A log
 * type that is not in the table keeps the head that all types share. */
#include "decode/body.h"

#include "decode/network.h"
#include "decode/room.h"
#include "decode/scan.h"

#define HEAD_FIELDS 7

/* "-" skips a position that the documentation calls FUTURE_USE. */
static const char *const head_names[HEAD_FIELDS] = { "-", "receive_time", "serial", "type",
    "subtype", "-", "time_generated" };

#define SESSION_NAMES                                                                            \
    "src", "dst", "natsrc", "natdst", "rule", "srcuser", "dstuser", "app", "vsys", "from", "to", \
            "inbound_if", "outbound_if", "logset", "-", "sessionid", "repeatcnt", "sport",       \
            "dport", "natsport", "natdport", "flags", "proto", "action"
#define DEVICE_GROUP_NAMES                                                                   \
    "dg_hier_level_1", "dg_hier_level_2", "dg_hier_level_3", "dg_hier_level_4", "vsys_name", \
            "device_name"

static const char *const traffic_names[] = { SESSION_NAMES, "bytes", "bytes_sent", "bytes_received",
    "packets", "start", "elapsed", "category", "-", "seqno", "actionflags", "srcloc", "dstloc", "-",
    "pkts_sent", "pkts_received", "session_end_reason", DEVICE_GROUP_NAMES, "action_source",
    "src_uuid", "dst_uuid", "tunnelid", "monitortag", "parent_session_id", "parent_start_time",
    "tunnel", "assoc_id", "chunks", "chunks_sent", "chunks_received", "rule_uuid",
    "http2_connection", "link_change_count", "policy_id", "link_switches", "sdwan_cluster",
    "sdwan_device_type", "sdwan_cluster_type", "sdwan_site", "dynusergroup_name", "xff_ip",
    "src_category", "src_profile", "src_model", "src_vendor", "src_osfamily", "src_osversion",
    "src_host", "src_mac", "dst_category", "dst_profile", "dst_model", "dst_vendor", "dst_osfamily",
    "dst_osversion", "dst_host", "dst_mac", "container_id", "pod_namespace", "pod_name", "src_edl",
    "dst_edl", "hostid", "serialnumber", "src_dag", "dst_dag", "session_owner",
    "high_res_timestamp" };

static const char *const threat_names[] = { SESSION_NAMES, "misc", "threatid", "category",
    "severity", "direction", "seqno", "actionflags", "srcloc", "dstloc", "-", "contenttype",
    "pcap_id", "filedigest", "cloud", "url_idx", "user_agent", "filetype", "xff", "referer",
    "sender", "subject", "recipient", "reportid", DEVICE_GROUP_NAMES, "-", "src_uuid", "dst_uuid",
    "http_method", "tunnel_id", "monitortag", "parent_session_id", "parent_start_time", "tunnel",
    "thr_category", "contentver", "-", "assoc_id", "ppid", "http_headers", "url_category_list",
    "rule_uuid", "http2_connection", "dynusergroup_name", "xff_ip", "src_category", "src_profile",
    "src_model", "src_vendor", "src_osfamily", "src_osversion", "src_host", "src_mac",
    "dst_category", "dst_profile", "dst_model", "dst_vendor", "dst_osfamily", "dst_osversion",
    "dst_host", "dst_mac", "container_id", "pod_namespace", "pod_name", "src_edl", "dst_edl",
    "hostid", "serialnumber", "domain_edl", "src_dag", "dst_dag", "partial_hash",
    "high_res_timestamp" };

static const char *const system_names[] = { "vsys", "eventid", "object", "-", "-", "module",
    "severity", "opaque", "seqno", "actionflags", DEVICE_GROUP_NAMES, "-", "-",
    "high_res_timestamp" };

/* before_change_detail and after_change_detail are there only with a custom log format. */
static const char *const config_names[] = { "host", "vsys", "cmd", "admin", "client", "result",
    "path", "seqno", "actionflags", DEVICE_GROUP_NAMES, "dg_id", "comment", "-",
    "high_res_timestamp" };
static const char *const config_detail_names[] = { "host", "vsys", "cmd", "admin", "client",
    "result", "path", "before_change_detail", "after_change_detail", "seqno", "actionflags",
    DEVICE_GROUP_NAMES, "dg_id", "comment", "-", "high_res_timestamp" };

static const char *const globalprotect_names[] = { "vsys", "eventid", "stage", "auth_method",
    "tunnel_type", "srcuser", "srcregion", "machinename", "public_ip", "public_ipv6", "private_ip",
    "private_ipv6", "hostid", "serialnumber", "client_ver", "client_os", "client_os_ver",
    "repeatcnt", "reason", "error", "opaque", "status", "location", "login_duration",
    "connect_method", "error_code", "portal", "seqno", "actionflags", "high_res_timestamp",
    "selection_type", "response_time", "priority", "attempted_gateways", "gateway",
    DEVICE_GROUP_NAMES, "vsys_id", "cluster_name" };

static const struct field_name sigma_names[] = { FIELD_NAME("src", "src_ip"),
    FIELD_NAME("dst", "dst_ip"), FIELD_NAME("sport", "src_port"), FIELD_NAME("dport", "dst_port"),
    FIELD_NAME("srcuser", "username"), FIELD_NAME("proto", "protocol"),
    FIELD_NAME("admin", "username"), FIELD_NAME("public_ip", "src_ip"),
    FIELD_NAME("device_name", "Computer") };

static const struct field_name url_names[] = { FIELD_NAME("misc", "c-uri"),
    FIELD_NAME("user_agent", "c-useragent"), FIELD_NAME("referer", "cs-referer"),
    FIELD_NAME("http_method", "cs-method"), FIELD_NAME("srcuser", "cs-username") };

struct log_kind {
    struct hn_text type;
    struct hn_text category;
    struct hn_text service;
    const char *const *names;
    size_t count;
};

#define LOG_KIND(type, category, service, names)                                  \
    {                                                                             \
        HN_TEXT_INIT(type), HN_TEXT_INIT(category), HN_TEXT_INIT(service), names, \
                HN_COUNT_OF(names)                                                \
    }

static const struct log_kind kinds[] = {
    LOG_KIND("TRAFFIC", "firewall", "traffic", traffic_names),
    LOG_KIND("THREAT", "", "threat", threat_names),
    LOG_KIND("SYSTEM", "", "system", system_names),
    LOG_KIND("CONFIG", "", "config", config_names),
    LOG_KIND("GLOBALPROTECT", "appliance", "globalprotect", globalprotect_names),
};

/* The next value between commas; quotes around it are taken off, doubled ones inside are one. */
static bool scan_value(struct hn_event *event, struct hn_text *rest, struct hn_text *ret_value)
{
    size_t len = 0;
    bool doubled = false;
    char *out;

    if (rest->ptr == NULL)
        return false;
    if (text_at(*rest, 0) != '"')
        return hn_text_split(rest, ',', ret_value);
    scan_skip(rest, 1);
    while (len < rest->len && (rest->ptr[len] != '"' || text_at(*rest, len + 1) == '"')) {
        doubled = doubled || rest->ptr[len] == '"';
        len += rest->ptr[len] == '"' ? 2 : 1;
    }
    *ret_value = hn_text_sub(*rest, 0, len);
    scan_skip(rest, len + 1);
    if (!scan_char(rest, ','))
        rest->ptr = NULL;
    out = doubled ? room_take(event, len) : NULL;
    if (out == NULL)
        return true;
    len = 0;
    for (size_t i = 0; i < ret_value->len; i++) {
        out[len++] = ret_value->ptr[i];
        i += ret_value->ptr[i] == '"' ? 1 : 0;
    }
    *ret_value = hn_text_of(out, len);
    return true;
}

static bool is_skipped(const char *name)
{
    return name[0] == '-';
}

static const struct log_kind *find_kind(struct hn_text type)
{
    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++) {
        if (hn_text_eq(kinds[i].type, type))
            return &kinds[i];
    }
    return NULL;
}

/* With the custom format, two free texts stand where the counters do otherwise. */
static const char *const *kind_names(
        const struct log_kind *kind, struct hn_text values, size_t *ret_count)
{
    struct hn_text rest = values;
    struct hn_text value = { "", 0 };

    *ret_count = kind->count;
    if (kind->names != config_names)
        return kind->names;
    for (size_t i = 0; i < 9 && rest.ptr != NULL; i++) {
        if (!hn_text_split(&rest, ',', &value))
            break;
    }
    if (hn_text_starts(value, HN_TEXT("0x")))
        return kind->names;
    *ret_count = HN_COUNT_OF(config_detail_names);
    return config_detail_names;
}

static void add_values(
        struct hn_event *event, const struct log_kind *kind, struct hn_text rest, bool is_url)
{
    size_t count;
    const char *const *names = kind_names(kind, rest, &count);
    struct hn_text value;

    for (size_t i = 0; i < count && scan_value(event, &rest, &value); i++) {
        struct hn_text name = hn_text_cstr(names[i]);

        if (is_skipped(names[i]) || value.len == 0)
            continue;
        decode_add_named(event, sigma_names, HN_COUNT_OF(sigma_names), name, value);
        for (size_t k = 0; is_url && k < HN_COUNT_OF(url_names); k++) {
            if (hn_text_eq(url_names[k].name, name))
                hn_event_add_text(event, url_names[k].sigma, value);
        }
        if (hn_text_eq(name, HN_TEXT("action")))
            decode_add_verdict(event, decode_verdict_of(value), value);
        if (hn_text_eq(name, HN_TEXT("high_res_timestamp")) && value.ptr[0] != '1')
            event->time_text = value; /* "1970-..." where the firewall has none */
    }
}

bool paloalto_fits(struct hn_text text)
{
    struct hn_text rest = text;
    struct hn_text digits = scan_digits(&rest);
    struct hn_text value;

    if (digits.len == 0 || digits.len > 10 || !scan_char(&rest, ',') || text_digits(rest) != 4 ||
            !scan_before(&rest, ',', &value) || !scan_before(&rest, ',', &value) || value.len < 3 ||
            value.len > 20)
        return false;
    for (size_t i = 0; i < rest.len && rest.ptr[i] != ','; i++) {
        if (!char_is_upper(rest.ptr[i]) && rest.ptr[i] != '-' && rest.ptr[i] != '_')
            return false;
    }
    return char_is_upper(text_at(rest, 0));
}

enum hn_status paloalto_fields(struct hn_event *event, struct hn_text text)
{
    struct hn_text head[HEAD_FIELDS];
    const struct log_kind *kind;
    bool is_url;

    if (!paloalto_fits(text))
        return HN_SYNTAX;
    for (size_t i = 0; i < HEAD_FIELDS; i++) {
        if (!scan_value(event, &text, &head[i]))
            return HN_SYNTAX;
    }
    for (size_t i = 0; i < HEAD_FIELDS; i++) {
        if (!is_skipped(head_names[i]))
            hn_event_add_text(event, hn_text_cstr(head_names[i]), head[i]);
    }
    decode_set_source(event, HN_TEXT("paloalto"), HN_TEXT(""), HN_TEXT(""));
    event->time_text = head[6];
    kind = find_kind(head[3]);
    if (kind == NULL)
        return HN_OK;
    is_url = hn_text_eq(head[4], HN_TEXT("url"));
    decode_set_source(
            event, HN_TEXT("paloalto"), is_url ? HN_TEXT("proxy") : kind->category, kind->service);
    if (hn_text_eq(head[4], HN_TEXT("globalprotect"))) {
        hn_source_add_category(&event->source, HN_TEXT("appliance"));
        hn_source_add_service(&event->source, HN_TEXT("globalprotect"));
    }
    add_values(event, kind, text, is_url);
    return HN_OK;
}
