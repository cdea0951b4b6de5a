/* text_out.c - the logs that are lines of text, each as its product writes it: Blue Coat SGOS main
 * format, FortiOS 7 syslog, Suricata 7 EVE, a mail gateway in Elastic Common Schema, auth.log of
 * Debian 12, Apache combined. */
#include "example.h"

#include "base/json_out.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* ---- Times as the products write them ----------------------------------------------------------
 */

static struct hn_calendar japan(hn_time time)
{
    return hn_calendar_at(time, JST_OFFSET_S);
}

static void add_iso(struct hn_buf *out, hn_time time, const char *zone)
{
    struct hn_calendar clock = japan(time);

    hn_buf_addf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%06d%s", clock.year, clock.month, clock.day,
            clock.hour, clock.minute, clock.second, clock.nanosecond / 1000, zone);
}

/* ---- Proxy -------------------------------------------------------------------------------------
 */

const char proxy_header[] =
        "#Software: SGOS 7.3.12.1\n"
        "#Version: 1.0\n"
        "#Start-Date: 2026-10-13 15:00:00\n"
        "#Date: 2026-10-13 15:00:01\n"
        "#Fields: date time time-taken c-ip cs-username cs-auth-group x-exception-id"
        " sc-filter-result cs-categories cs(Referer) sc-status s-action cs-method"
        " rs(Content-Type) cs-uri-scheme cs-host cs-uri-port cs-uri-path cs-uri-query"
        " cs-uri-extension cs(User-Agent) s-ip sc-bytes cs-bytes x-virus-id\n"
        "#Remark: 2420260417 \"HW-PRX01\" \"10.10.0.8\" \"main\"\n";

static void add_quoted(struct hn_buf *out, const char *text)
{
    if (text == NULL)
        hn_buf_add_lit(out, "- ");
    else
        hn_buf_addf(out, "\"%s\" ", text);
}

int request_port(const struct request *request)
{
    if (request->port != 0)
        return request->port;
    return strcmp(request->scheme, "http") == 0 ? 80 : 443;
}

void proxy_line(struct world *world, const struct request *request)
{
    struct hn_buf *out = journal_begin(&world->proxy, request->time);
    struct hn_calendar clock = hn_calendar_at(request->time, 0);
    const char *slash = strrchr(request->path, '/');
    const char *extension = slash == NULL ? NULL : strrchr(slash, '.');
    bool denied = strcmp(request->filter, "DENIED") == 0;
    bool tunnel = strcmp(request->method, "CONNECT") == 0;
    uint32_t taken = 20 + request->received / 9000 + request->sent / 4000;

    hn_buf_addf(out, "%04d-%02d-%02d %02d:%02d:%02d %u %s ", clock.year, clock.month, clock.day,
            clock.hour, clock.minute, clock.second, taken, request->machine->ip);
    if (request->person == NULL)
        hn_buf_addf(out, "HINOMI\\%s$ ", request->machine->name);
    else
        hn_buf_addf(out, "HINOMI\\%s ", request->person->login);
    hn_buf_addf(out, "- %s %s ", denied ? "virus_detected" : "-", request->filter);
    add_quoted(out, request->site == NULL ? "none" : request->site->category);
    add_quoted(out, request->referer);
    hn_buf_addf(out, "%d %s %s %s %s %s %d %s %s %s ", request->status,
            denied ? "TCP_DENIED" : (tunnel ? "TCP_TUNNELED" : "TCP_NC_MISS"), request->method,
            request->type == NULL ? "-" : request->type, request->scheme,
            request->site == NULL || request->site->host == NULL ? request->ip
                                                                 : request->site->host,
            request_port(request), request->path, request->query == NULL ? "-" : request->query,
            extension == NULL ? "-" : extension + 1);
    add_quoted(out, request->agent);
    hn_buf_addf(out, "10.10.0.8 %u %u %s", request->received, request->sent,
            denied ? "\"Trojan.Generic\"" : "-");
    journal_end(&world->proxy);
}

/* ---- Firewall ----------------------------------------------------------------------------------
 */

static void add_fortigate_head(struct hn_buf *out, hn_time time, size_t order)
{
    struct hn_calendar clock = japan(time);

    hn_buf_addf(out,
            "%04d-%02d-%02dT%02d:%02d:%02d+09:00 HW-FGT60F date=%04d-%02d-%02d time=%02d:%02d:%02d"
            " devname=\"HW-FGT60F\" devid=\"FGT60FTK26000001\" eventtime=%lld tz=\"+0900\"",
            clock.year, clock.month, clock.day, clock.hour, clock.minute, clock.second, clock.year,
            clock.month, clock.day, clock.hour, clock.minute, clock.second,
            (long long)finer(time, order));
}

static const char *service_of(const struct flow *flow)
{
    switch (flow->dst_port) {
    case 22:
        return "SSH";
    case 25:
        return "SMTP";
    case 53:
        return "DNS";
    case 80:
        return "HTTP";
    case 123:
        return "NTP";
    case 443:
        return flow->udp ? "udp/443" : "HTTPS";
    case 445:
        return "SMB";
    default:
        return NULL;
    }
}

void firewall_line(struct world *world, const struct flow *flow)
{
    struct hn_buf *out = journal_begin(&world->firewall, flow->time);
    bool denied = strcmp(flow->action, "deny") == 0;
    bool local = strcmp(flow->dst_side, "root") == 0;
    bool outside = strncmp(flow->dst_side, "wan", 3) == 0 && !denied;
    const char *service = service_of(flow);

    add_fortigate_head(out, flow->time, world->firewall.records.count);
    hn_buf_addf(out,
            " logid=\"%s\" type=\"traffic\" subtype=\"%s\" level=\"%s\" vd=\"root\""
            " srcip=%s srcport=%d srcintf=\"%s\" srcintfrole=\"%s\" dstip=%s dstport=%d"
            " dstintf=\"%s\" dstintfrole=\"%s\"",
            local ? "0001000014" : "0000000013", local ? "local" : "forward",
            denied ? "warning" : "notice", flow->src, flow->src_port, flow->src_side,
            strncmp(flow->src_side, "wan", 3) == 0 ? "wan" : "lan", flow->dst, flow->dst_port,
            flow->dst_side, strncmp(flow->dst_side, "wan", 3) == 0 ? "wan" : "lan");
    hn_buf_addf(out, " sessionid=%u proto=%d action=\"%s\" policyid=%d policytype=\"policy\"",
            4000000 + world->flow_count++, flow->udp ? 17 : 6, flow->action, flow->policy);
    if (service == NULL)
        hn_buf_addf(out, " service=\"%s/%d\"", flow->udp ? "udp" : "tcp", flow->dst_port);
    else
        hn_buf_addf(out, " service=\"%s\"", service);
    hn_buf_addf(out, " dstcountry=\"Reserved\" srccountry=\"Reserved\" trandisp=\"%s\"",
            outside ? "snat" : "noop");
    if (outside)
        hn_buf_addf(out, " transip=203.0.113.2 transport=%d", flow->src_port);
    hn_buf_addf(out, " duration=%d sentbyte=%u rcvdbyte=%u sentpkt=%u rcvdpkt=%u", flow->seconds,
            flow->sent, flow->received, flow->sent / 600 + (flow->sent > 0),
            flow->received / 900 + (flow->received > 0));
    hn_buf_addf(out, " appcat=\"unscanned\"%s",
            denied ? " crscore=30 craction=131072 crlevel=\"high\"" : "");
    journal_end(&world->firewall);
}

void vpn_line(
        struct world *world, hn_time time, const char *action, const char *user, const char *remote)
{
    struct hn_buf *out = journal_begin(&world->firewall, time);
    bool failed = strcmp(action, "ssl-login-fail") == 0;
    bool up = strcmp(action, "tunnel-up") == 0;

    add_fortigate_head(out, time, world->firewall.records.count);
    hn_buf_addf(out,
            " logid=\"%s\" type=\"event\" subtype=\"vpn\" level=\"%s\" vd=\"root\" logdesc=\"%s\""
            " action=\"%s\" tunneltype=\"%s\" tunnelid=%u remip=%s user=\"%s\" group=\"%s\""
            " dst_host=\"N/A\" reason=\"%s\" msg=\"%s\"",
            failed ? "0101039426" : (up ? "0101039947" : "0101039948"),
            failed ? "alert" : "information",
            failed ? "SSL VPN login fail" : (up ? "SSL VPN tunnel up" : "SSL VPN tunnel down"),
            action, failed ? "ssl-web" : "ssl-tunnel",
            failed ? 0 : 1287741201u + (uint32_t)(time / HN_HOUR % 97), remote, user,
            failed ? "N/A" : "vpn-users", failed ? "sslvpn_login_permission_denied" : "N/A",
            failed ? "SSL user failed to logged in"
                   : (up ? "SSL tunnel established" : "SSL tunnel shutdown"));
    journal_end(&world->firewall);
}

/* ---- IPS ---------------------------------------------------------------------------------------
 */

static struct hn_json_out begin_eve(struct world *world, hn_time time, const char *event_type)
{
    struct hn_buf *out = journal_begin(&world->ips, time);
    struct hn_json_out json = hn_json_out_over(out);
    struct hn_buf stamp = { 0 };

    add_iso(&stamp, finer(time, world->ips.records.count), "+0900");
    hn_json_open(&json, '{');
    hn_json_pair(&json, "timestamp", hn_buf_text(&stamp));
    hn_json_pair_u64(&json, "flow_id",
            UINT64_C(1187423300000000) + world->ips.records.count * UINT64_C(7919));
    hn_json_pair(&json, "in_iface", HN_TEXT("ens19"));
    hn_json_pair(&json, "event_type", hn_text_cstr(event_type));
    hn_buf_deinit(&stamp);
    return json;
}

static void add_tuple(struct hn_json_out *json, const struct ips_alert *alert, const char *protocol)
{
    hn_json_pair(json, "src_ip", hn_text_cstr(alert->src));
    hn_json_pair_u64(json, "src_port", (uint64_t)alert->src_port);
    hn_json_pair(json, "dest_ip", hn_text_cstr(alert->dst));
    hn_json_pair_u64(json, "dest_port", (uint64_t)alert->dst_port);
    hn_json_pair(json, "proto", hn_text_cstr(protocol));
}

void ips_alert_line(struct world *world, const struct ips_alert *alert)
{
    struct hn_json_out json = begin_eve(world, alert->time, "alert");

    add_tuple(&json, alert, "TCP");
    hn_json_pair(&json, "pkt_src", HN_TEXT("wire/pcap"));
    hn_json_key(&json, HN_TEXT("alert"));
    hn_json_open(&json, '{');
    hn_json_pair(&json, "action", HN_TEXT("allowed"));
    hn_json_pair_u64(&json, "gid", 1);
    hn_json_pair_u64(&json, "signature_id", alert->signature_id);
    hn_json_pair_u64(&json, "rev", 3);
    hn_json_pair(&json, "signature", hn_text_cstr(alert->signature));
    hn_json_pair(&json, "category", hn_text_cstr(alert->category));
    hn_json_pair_u64(&json, "severity", (uint64_t)alert->severity);
    hn_json_close(&json, '}');
    hn_json_pair(&json, "app_proto", HN_TEXT("http"));
    hn_json_pair(&json, "direction", HN_TEXT("to_server"));
    hn_json_close(&json, '}');
    journal_end(&world->ips);
}

void ips_dns_line(
        struct world *world, hn_time time, const char *src, const char *name, const char *ip)
{
    struct hn_json_out json = begin_eve(world, time, "dns");
    struct ips_alert tuple = { .src = src, .src_port = 53001, .dst = "10.10.0.10", .dst_port = 53 };

    tuple.src_port += (int)(world->ips.records.count % 9000);
    add_tuple(&json, &tuple, "UDP");
    hn_json_key(&json, HN_TEXT("dns"));
    hn_json_open(&json, '{');
    hn_json_pair_u64(&json, "version", 2);
    hn_json_pair(&json, "type", HN_TEXT("answer"));
    hn_json_pair_u64(&json, "id", world->ips.records.count * 77 % 65536);
    hn_json_pair(&json, "flags", HN_TEXT("8180"));
    hn_json_key(&json, HN_TEXT("qr"));
    hn_json_bool(&json, true);
    hn_json_pair(&json, "rrname", hn_text_cstr(name));
    hn_json_pair(&json, "rrtype", HN_TEXT("A"));
    hn_json_pair(&json, "rcode", HN_TEXT("NOERROR"));
    hn_json_key(&json, HN_TEXT("grouped"));
    hn_json_open(&json, '{');
    hn_json_key(&json, HN_TEXT("A"));
    hn_json_open(&json, '[');
    hn_json_text(&json, hn_text_cstr(ip));
    hn_json_close(&json, ']');
    hn_json_close(&json, '}');
    hn_json_close(&json, '}');
    hn_json_close(&json, '}');
    journal_end(&world->ips);
}

/* ---- Mail --------------------------------------------------------------------------------------
 */

static void add_address(struct hn_json_out *json, const char *role, const char *address)
{
    hn_json_key(json, hn_text_cstr(role));
    hn_json_open(json, '{');
    hn_json_key(json, HN_TEXT("address"));
    hn_json_open(json, '[');
    hn_json_text(json, hn_text_cstr(address));
    hn_json_close(json, ']');
    hn_json_close(json, '}');
}

static void add_attachment(struct hn_json_out *json, const struct mail *mail)
{
    const char *dot = strrchr(mail->file, '.');

    hn_json_key(json, HN_TEXT("attachments"));
    hn_json_open(json, '[');
    hn_json_open(json, '{');
    hn_json_key(json, HN_TEXT("file"));
    hn_json_open(json, '{');
    hn_json_pair(json, "name", hn_text_cstr(mail->file));
    hn_json_pair(json, "extension", hn_text_cstr(dot == NULL ? "" : dot + 1));
    hn_json_pair(json, "mime_type", hn_text_cstr(mail->type));
    hn_json_pair_u64(json, "size", mail->size);
    hn_json_close(json, '}');
    hn_json_close(json, '}');
    hn_json_close(json, ']');
}

static void add_gateway_part(struct hn_json_out *json, const struct mail *mail)
{
    hn_json_key(json, HN_TEXT("ecs"));
    hn_json_open(json, '{');
    hn_json_pair(json, "version", HN_TEXT("8.17.0"));
    hn_json_close(json, '}');
    hn_json_key(json, HN_TEXT("event"));
    hn_json_open(json, '{');
    hn_json_pair(json, "kind", HN_TEXT("event"));
    hn_json_key(json, HN_TEXT("category"));
    hn_json_open(json, '[');
    hn_json_text(json, HN_TEXT("email"));
    hn_json_close(json, ']');
    hn_json_pair(json, "dataset", HN_TEXT("mailgateway.message"));
    hn_json_pair(json, "action", HN_TEXT("delivered"));
    if (mail->reason != NULL)
        hn_json_pair(json, "reason", hn_text_cstr(mail->reason));
    hn_json_close(json, '}');
    hn_json_key(json, HN_TEXT("observer"));
    hn_json_open(json, '{');
    hn_json_pair(json, "hostname", HN_TEXT("hw-mgw01"));
    hn_json_close(json, '}');
}

void mail_line(struct world *world, const struct mail *mail)
{
    struct hn_buf *out = journal_begin(&world->mail, mail->time);
    struct hn_json_out json = hn_json_out_over(out);
    bool inbound = strcmp(mail->direction, "inbound") == 0;
    char text[80];
    size_t len = hn_time_write(mail->time, 0, text);

    hn_json_open(&json, '{');
    hn_json_pair(&json, "@timestamp", hn_text_of(text, len));
    add_gateway_part(&json, mail);
    hn_json_key(&json, HN_TEXT("email"));
    hn_json_open(&json, '{');
    hn_json_pair(&json, "direction", hn_text_cstr(mail->direction));
    (void)snprintf(text, sizeof text, "<%08x.%u@%s>", 0x5e1f0000u + world->mail_count * 257,
            world->mail_count, inbound ? "mx.partner.example" : "hw-mgw01.hinomi-works.example");
    world->mail_count++;
    hn_json_pair(&json, "message_id", hn_text_cstr(text));
    add_address(&json, "from", mail->from);
    add_address(&json, "to", mail->to);
    hn_json_pair(&json, "subject", hn_text_cstr(mail->subject));
    if (mail->file != NULL)
        add_attachment(&json, mail);
    hn_json_close(&json, '}');
    hn_json_close(&json, '}');
    journal_end(&world->mail);
}

/* ---- web01 -------------------------------------------------------------------------------------
 */

void auth_line(
        struct world *world, hn_time time, const char *program, uint32_t pid, const char *fmt, ...)
{
    struct hn_buf *out = journal_begin(&world->auth, time);
    char message[512];
    va_list args;
    int len;

    va_start(args, fmt);
    len = vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    assert(len >= 0 && (size_t)len < sizeof message);
    add_iso(out, finer(time, world->auth.records.count), "+09:00");
    if (pid == 0)
        hn_buf_addf(out, " web01 %s: %s", program, message);
    else
        hn_buf_addf(out, " web01 %s[%u]: %s", program, pid, message);
    journal_end(&world->auth);
}

void access_line(struct world *world, const struct visit *visit)
{
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
        "Sep", "Oct", "Nov", "Dec" };
    struct hn_buf *out = journal_begin(&world->access, visit->time);
    struct hn_calendar clock = japan(visit->time);

    hn_buf_addf(out,
            "%s - - [%02d/%s/%04d:%02d:%02d:%02d +0900] \"%s %s HTTP/1.1\" %d %u \"%s\" \"%s\"",
            visit->client, clock.day, months[clock.month - 1], clock.year, clock.hour, clock.minute,
            clock.second, visit->method, visit->uri, visit->status, visit->bytes,
            visit->referer == NULL ? "-" : visit->referer, visit->agent);
    journal_end(&world->access);
}
