/* kv_products.c - products that log key=value pairs, recognised by their keys.
 *
 * FortiGate (FortiOS Log Message Reference), Sophos Firewall (SFOS log fields), SonicWall (SonicOS
 * log events). Each keeps its own names; what Sigma names as well gets that name, too. */
#include "decode/kv.h"

#include "decode/network.h"
#include "decode/room.h"
#include "decode/scan.h"

static void add_pairs(struct hn_event *event, const struct kv_set *set,
        const struct field_name *names, size_t count)
{
    for (size_t i = 0; i < set->count; i++)
        decode_add_named(event, names, count, set->pairs[i].key, kv_value(event, &set->pairs[i]));
}

void kv_take_date_and_time(struct hn_event *event, const struct kv_set *set, struct hn_text zone)
{
    struct hn_text date = kv_raw(set, HN_TEXT("date"));
    struct hn_text time = kv_raw(set, HN_TEXT("time"));
    char *out;

    if (date.len == 0 || time.len == 0 || date.len + time.len + zone.len > 64)
        return;
    out = room_take(event, date.len + time.len + zone.len + 2);
    if (out == NULL)
        return;
    memcpy(out, date.ptr, date.len);
    out[date.len] = ' ';
    memcpy(out + date.len + 1, time.ptr, time.len);
    event->time_text = hn_text_of(out, date.len + 1 + time.len);
    if (zone.len == 0)
        return;
    out[event->time_text.len] = ' ';
    memcpy(out + event->time_text.len + 1, zone.ptr, zone.len);
    event->time_text.len += 1 + zone.len;
}

static void take_time(struct hn_event *event, struct hn_text stamp)
{
    if (stamp.len > 0)
        event->time_text = stamp;
}

/* ---- FortiGate --------------------------------------------------------------------------------
 */

static const struct field_name fortigate_names[] = { FIELD_NAME("srcip", "src_ip"),
    FIELD_NAME("srcport", "src_port"), FIELD_NAME("dstip", "dst_ip"),
    FIELD_NAME("dstport", "dst_port"), FIELD_NAME("user", "username"),
    FIELD_NAME("proto", "protocol"), FIELD_NAME("devname", "Computer") };

static const struct field_name fortigate_web_names[] = { FIELD_NAME("agent", "c-useragent"),
    FIELD_NAME("hostname", "cs-host"), FIELD_NAME("httpmethod", "cs-method"),
    FIELD_NAME("referralurl", "cs-referer"), FIELD_NAME("user", "cs-username"),
    FIELD_NAME("sentbyte", "cs-bytes"), FIELD_NAME("rcvdbyte", "sc-bytes") };

static const struct field_name fortigate_other_names[] = { FIELD_NAME("qname", "query"),
    FIELD_NAME("qtype", "record_type"), FIELD_NAME("virus", "Signature"),
    FIELD_NAME("filename", "Filename") };

/* Both kinds of log that a FortiGate writes for its services; labels must be static. */
static const struct hn_text fortigate_services[] = { HN_TEXT_INIT("event"), HN_TEXT_INIT("traffic"),
    HN_TEXT_INIT("utm"), HN_TEXT_INIT("anomaly"), HN_TEXT_INIT("voip"), HN_TEXT_INIT("gtp"),
    HN_TEXT_INIT("virus"), HN_TEXT_INIT("webfilter"), HN_TEXT_INIT("ips"), HN_TEXT_INIT("app-ctrl"),
    HN_TEXT_INIT("dns"), HN_TEXT_INIT("emailfilter"), HN_TEXT_INIT("dlp"), HN_TEXT_INIT("ssh"),
    HN_TEXT_INIT("ssl"), HN_TEXT_INIT("waf"), HN_TEXT_INIT("file-filter") };

static void add_fortigate_service(struct hn_event *event, struct hn_text name)
{
    for (size_t i = 0; i < HN_COUNT_OF(fortigate_services); i++) {
        if (hn_text_eq(fortigate_services[i], name))
            hn_source_add_service(&event->source, fortigate_services[i]);
    }
}

/* A session that was not refused has been let through, however it ended. */
static enum verdict fortigate_verdict(struct hn_text action)
{
    static const struct hn_text ended[] = { HN_TEXT_INIT("close"), HN_TEXT_INIT("timeout"),
        HN_TEXT_INIT("client-rst"), HN_TEXT_INIT("server-rst"), HN_TEXT_INIT("start"),
        HN_TEXT_INIT("dns") };

    for (size_t i = 0; i < HN_COUNT_OF(ended); i++) {
        if (hn_text_eq(action, ended[i]))
            return VERDICT_ALLOWED;
    }
    return decode_verdict_of(action);
}

static void add_fortigate_web(struct hn_event *event, const struct kv_set *set)
{
    hn_source_add_category(&event->source, HN_TEXT("proxy"));
    for (size_t i = 0; i < set->count; i++) {
        for (size_t k = 0; k < HN_COUNT_OF(fortigate_web_names); k++) {
            if (hn_text_eq(set->pairs[i].key, fortigate_web_names[k].name))
                hn_event_add_text(
                        event, fortigate_web_names[k].sigma, kv_value(event, &set->pairs[i]));
        }
    }
    decode_add_url(event, kv_raw(set, HN_TEXT("service")), kv_raw(set, HN_TEXT("hostname")),
            kv_raw(set, HN_TEXT("url")));
}

/* The VPN's own process, as Sigma's rules on FortiOS call it. */
static bool is_sslvpnd(const struct kv_set *set)
{
    return hn_text_find(kv_raw(set, HN_TEXT("msg")), HN_TEXT("sslvpnd"), 0) != SIZE_MAX ||
           hn_text_eq(kv_raw(set, HN_TEXT("process")), HN_TEXT("sslvpnd")) ||
           hn_text_eq(kv_raw(set, HN_TEXT("daemon")), HN_TEXT("sslvpnd"));
}

static bool fortigate_fields(struct hn_event *event, const struct kv_set *set)
{
    struct hn_text type = kv_raw(set, HN_TEXT("type"));
    struct hn_text subtype = kv_raw(set, HN_TEXT("subtype"));
    struct hn_text action = kv_raw(set, HN_TEXT("action"));
    struct hn_text stamp = kv_raw(set, HN_TEXT("eventtime"));

    if (type.len == 0 || subtype.len == 0 ||
            (kv_find(set, HN_TEXT("logid")) == NULL && kv_find(set, HN_TEXT("log_id")) == NULL))
        return false;
    decode_set_source(event, HN_TEXT("fortigate"), HN_TEXT(""), HN_TEXT(""));
    if (is_sslvpnd(set))
        decode_set_source(event, HN_TEXT("fortios"), HN_TEXT(""), HN_TEXT("sslvpnd"));
    add_fortigate_service(event, type);
    if (hn_text_eq(type, HN_TEXT("utm")))
        add_fortigate_service(event, subtype);
    add_pairs(event, set, fortigate_names, HN_COUNT_OF(fortigate_names));
    if (hn_text_eq(type, HN_TEXT("traffic"))) {
        hn_source_add_category(&event->source, HN_TEXT("firewall"));
        decode_add_verdict(event, fortigate_verdict(action), action);
    } else if (hn_text_eq(subtype, HN_TEXT("webfilter"))) {
        add_fortigate_web(event, set);
    } else if (hn_text_eq(subtype, HN_TEXT("dns"))) {
        hn_source_add_category(&event->source, HN_TEXT("dns"));
    } else if (hn_text_eq(subtype, HN_TEXT("virus"))) {
        hn_source_add_category(&event->source, HN_TEXT("antivirus"));
    }
    for (size_t i = 0; i < HN_COUNT_OF(fortigate_other_names); i++) {
        const struct kv_pair *pair = kv_find(set, fortigate_other_names[i].name);

        if (pair != NULL && !hn_text_eq(type, HN_TEXT("traffic")))
            hn_event_add_text(event, fortigate_other_names[i].sigma, kv_value(event, pair));
    }
    if (stamp.len >= 10 && text_digits(stamp) == stamp.len)
        event->time_text = stamp;
    else
        kv_take_date_and_time(event, set, kv_raw(set, HN_TEXT("tz")));
    return true;
}

/* ---- Sophos Firewall --------------------------------------------------------------------------
 */

static bool sophos_fields(struct hn_event *event, const struct kv_set *set)
{
    static const struct field_name names[] = { FIELD_NAME("user_name", "username"),
        FIELD_NAME("virus", "Signature"), FIELD_NAME("domain", "cs-host"),
        FIELD_NAME("domainname", "cs-host"), FIELD_NAME("user_agent", "c-useragent"),
        FIELD_NAME("http_status", "sc-status"), FIELD_NAME("httpresponsecode", "sc-status"),
        FIELD_NAME("url", "c-uri"), FIELD_NAME("referer", "cs-referer"),
        FIELD_NAME("ftp_file", "Filename"), FIELD_NAME("filename", "Filename"),
        FIELD_NAME("device_name", "Computer") };
    struct hn_text type = kv_raw(set, HN_TEXT("log_type"));
    struct hn_text result = kv_raw(set, HN_TEXT("log_subtype"));

    if (type.len == 0 || kv_find(set, HN_TEXT("log_component")) == NULL)
        return false;
    decode_set_source(event, HN_TEXT("sophos"), HN_TEXT(""), HN_TEXT(""));
    add_pairs(event, set, names, HN_COUNT_OF(names));
    if (hn_text_eq(type, HN_TEXT("Firewall"))) {
        hn_source_add_category(&event->source, HN_TEXT("firewall"));
        hn_event_add_text(event, HN_TEXT("action"), result);
        decode_add_verdict(event, decode_verdict_of(result), result);
    } else if (hn_text_eq(type, HN_TEXT("Content Filtering"))) {
        hn_source_add_category(&event->source, HN_TEXT("proxy"));
    } else if (hn_text_eq(type, HN_TEXT("Anti-Virus"))) {
        hn_source_add_category(&event->source, HN_TEXT("antivirus"));
    }
    kv_take_date_and_time(event, set, HN_TEXT(""));
    take_time(event, kv_raw(set, HN_TEXT("timestamp")));
    return true;
}

/* ---- SonicWall --------------------------------------------------------------------------------
 */

/* src=192.0.2.1:50000:X0:host, dst=:443:X1 with the address in dstV6 */
static void add_sonicwall_end(
        struct hn_event *event, const struct kv_set *set, const char *names[4])
{
    struct hn_text rest = kv_raw(set, hn_text_cstr(names[0]));
    struct hn_text v6 = kv_raw(set, hn_text_cstr(names[1]));
    struct hn_text part;

    if (v6.len > 0)
        hn_event_add_text(event, hn_text_cstr(names[2]), v6);
    if (rest.len == 0)
        return;
    if (!hn_text_split(&rest, ':', &part))
        return;
    if (part.len > 0)
        hn_event_add_text(event, hn_text_cstr(names[2]), part);
    if (rest.ptr != NULL && hn_text_split(&rest, ':', &part) && part.len > 0)
        hn_event_add_text(event, hn_text_cstr(names[3]), part);
}

static enum verdict sonicwall_verdict(const struct kv_set *set)
{
    enum verdict verdict = decode_verdict_of(kv_raw(set, HN_TEXT("fw_action")));
    struct hn_text msg = kv_raw(set, HN_TEXT("msg"));

    if (verdict != VERDICT_NONE)
        return verdict;
    if (hn_text_eq(msg, HN_TEXT("Connection Opened")))
        return VERDICT_ALLOWED;
    if (hn_text_ends(msg, HN_TEXT("dropped")) || hn_text_ends(msg, HN_TEXT("denied")))
        return VERDICT_DENIED;
    return VERDICT_NONE;
}

static bool sonicwall_fields(struct hn_event *event, const struct kv_set *set)
{
    static const char *source[4] = { "src", "srcV6", "src_ip", "src_port" };
    static const char *target[4] = { "dst", "dstV6", "dst_ip", "dst_port" };
    static const struct field_name names[] = { FIELD_NAME("usr", "username"),
        FIELD_NAME("fw_action", "action"), FIELD_NAME("dstname", "cs-host"),
        FIELD_NAME("proto", "protocol"), FIELD_NAME("sent", "cs-bytes"),
        FIELD_NAME("rcvd", "sc-bytes"), FIELD_NAME("fw", "Computer") };

    if (kv_find(set, HN_TEXT("sn")) == NULL || kv_find(set, HN_TEXT("fw")) == NULL ||
            kv_find(set, HN_TEXT("pri")) == NULL)
        return false;
    decode_set_source(event, HN_TEXT("sonicwall"), HN_TEXT("firewall"), HN_TEXT(""));
    add_pairs(event, set, names, HN_COUNT_OF(names));
    add_sonicwall_end(event, set, source);
    add_sonicwall_end(event, set, target);
    decode_add_verdict(event, sonicwall_verdict(set), kv_raw(set, HN_TEXT("fw_action")));
    if (kv_find(set, HN_TEXT("arg")) != NULL) { /* "Web site hit", "Web site access denied" */
        hn_source_add_category(&event->source, HN_TEXT("proxy"));
        decode_add_url(event, kv_raw(set, HN_TEXT("proto")), kv_raw(set, HN_TEXT("dstname")),
                kv_raw(set, HN_TEXT("arg")));
    }
    take_time(event, kv_raw(set, HN_TEXT("time")));
    return true;
}

bool kv_product_fields(struct hn_event *event, const struct kv_set *set)
{
    return fortigate_fields(event, set) || sophos_fields(event, set) ||
           sonicwall_fields(event, set);
}
