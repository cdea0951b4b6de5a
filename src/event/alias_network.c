/* alias_network.c - names that network, web and DNS logs have for the same things.
 *
 * Groups of synonyms: whichever name a rule wants is filled from the first of the others that the
 * event has. Only names that mean the same in every log of these kinds are in a group. */
#include "event/event_internal.h"

#define WEB      KIND_BIT(KIND_WEB)
#define NETWORK  KIND_BIT(KIND_NETWORK)
#define DNS      KIND_BIT(KIND_DNS)
#define ZEEK     KIND_BIT(KIND_ZEEK_HTTP)
#define SURICATA KIND_BIT(KIND_SURICATA)
#define VIRUS    KIND_BIT(KIND_ANTIVIRUS)
#define AUDITD   KIND_BIT(KIND_AUDITD)

static const struct alias aliases[] = {
    /* words that mean something else in other web logs */
    ALIAS(ZEEK, "cs-host", "host"),
    ALIAS(ZEEK, "cs-uri", "uri"),
    /* Suricata nests by protocol; rules for its alerts use the names as they are */
    ALIAS(SURICATA, "query", "dns.rrname"),
    ALIAS(SURICATA, "query", "dns.queries.rrname"),
    ALIAS(SURICATA, "query", "dns.query.rrname"),
    ALIAS(SURICATA, "record_type", "dns.rrtype"),
    ALIAS(SURICATA, "record_type", "dns.queries.rrtype"),
    ALIAS(SURICATA, "answer", "dns.answers.rdata"),
    ALIAS(SURICATA, "answer", "dns.grouped.A"),
    ALIAS(SURICATA, "cs-uri", "http.url"),
    /* what auditd's records say under Sigma's names */
    ALIAS(AUDITD, "Image", "exe"),
    ALIAS(AUDITD, "CurrentDirectory", "cwd"),
    ALIAS(AUDITD, "ProcessId", "pid"),
    ALIAS(AUDITD, "ParentProcessId", "ppid"),
    ALIAS(AUDITD, "CommandLine", "proctitle"),
    ALIAS(AUDITD, "CommandLine", "cmdline"),
    ALIAS(AUDITD, "cmdline", "CommandLine"),
    ALIAS(AUDITD, "cmdline", "proctitle"),
};
const struct alias_table alias_network = { aliases, HN_COUNT_OF(aliases) };

const struct synonyms event_network_synonyms[] = {
    { NETWORK, { "src_ip", "c-ip", "source.ip", "SourceIp", "id.orig_h", "srcip", "src",
                       "source_ip", "client_ip", "clientip", "remote_addr", "client.ip",
                       "source.address", "ClientIP", "ClientHost", "SrcIP", "srcaddr", "saddr",
                       "remote_host", "request.remote_ip", "httpRequest.clientIp",
                       "httpRequest.remoteIp", "sourceAddress", "cs-ip" } },
    { NETWORK,
            { "dst_ip", "s-ip", "destination.ip", "DestinationIp", "id.resp_h", "dstip", "dst",
                    "dest_ip", "destination_ip", "server_ip", "r-ip", "cs-dip",
                    "destination.address", "server.ip", "DstIP", "dstaddr", "daddr", "server_addr",
                    "destinationAddress", "s-supplier-ip", "httpRequest.serverIp", "OriginIP" } },
    { NETWORK, { "src_port", "source.port", "SourcePort", "id.orig_p", "srcport", "spt",
                       "source_port", "c-port", "client_port", "client.port", "ClientPort" } },
    { NETWORK, { "dst_port", "destination.port", "DestinationPort", "id.resp_p", "dstport", "dpt",
                       "dest_port", "destination_port", "s-port", "server_port", "server.port",
                       "cs-uri-port", "r-port" } },
    { NETWORK,
            { "username", "cs-username", "user.name", "User", "user", "suser", "duser", "srcuser",
                    "remote_user", "source.user.name", "client_user", "authenticated_user" } },
    { NETWORK,
            { "protocol", "proto", "network.transport", "Protocol", "ip_protocol", "transport" } },
    { NETWORK, { "action", "event.action", "act", "Action", "disposition", "policy_action" } },
    { NETWORK, { "hostname", "dhost", "destination.domain", "DestinationHostname",
                       "server_hostname" } },

    { WEB, { "c-useragent", "cs-user-agent", "cs(User-Agent)", "user_agent.original", "user_agent",
                   "http_user_agent", "http.http_user_agent", "userAgent", "useragent", "agent",
                   "requestClientApplication", "UserAgent", "ClientRequestUserAgent",
                   "httpRequest.userAgent", "request_User-Agent", "request.headers.User-Agent",
                   "http.user_agent", "cs_user_agent" } },
    { WEB, { "cs-referer", "cs-referrer", "cs(Referer)", "http.request.referrer", "http_referer",
                   "http.http_refer", "referrer", "referer", "Referer", "requestContext",
                   "ClientRequestReferer", "httpRequest.referer", "request_Referer",
                   "request.headers.Referer", "cs_referer" } },
    { WEB, { "cs-method", "method", "http.request.method", "request_method", "http.http_method",
                   "verb", "requestMethod", "http_method", "RequestMethod", "ClientRequestMethod",
                   "httpRequest.requestMethod", "httpRequest.httpMethod", "request.method",
                   "cs_method" } },
    { WEB, { "sc-status", "status_code", "http.response.status_code", "http.status", "status",
                   "response", "http_status", "DownstreamStatus", "OriginStatus",
                   "EdgeResponseStatus", "httpRequest.status", "elb_status_code", "sc_status",
                   "response_code" } },
    { WEB, { "cs-host", "r-dns", "http.hostname", "url.domain", "http_host", "cs(Host)",
                   "ClientRequestHost", "RequestHost", "request.host", "destination.domain",
                   "dhost", "DestinationHostname", "vhost", "cs_host" } },
    { WEB, { "cs-uri", "url.original", "url.full", "url", "request_url", "requestURL",
                   "request_uri", "http.url", "cs-url", "RequestPath", "ClientRequestURI",
                   "httpRequest.requestUrl", "httpRequest.uri", "request.uri", "destinationUrl" } },
    { WEB, { "cs-uri-stem", "c-uri-stem", "url.path", "cs-uri-path", "uri_path", "cs_uri_stem" } },
    { WEB, { "cs-uri-query", "c-uri-query", "url.query", "query_string", "uri_query", "args",
                   "cs_uri_query" } },
    { WEB, { "cs-uri-scheme", "url.scheme", "scheme", "ClientRequestScheme" } },
    { WEB, { "cs-cookie", "cs(Cookie)", "http_cookie", "http.cookie" } },
    { WEB, { "cs-version", "http.version", "http_version", "cs-protocol", "http.protocol",
                   "RequestProtocol" } },
    { WEB, { "sc-bytes", "http.response.body.bytes", "body_bytes_sent", "bytes_sent",
                   "response_body_len", "http.length", "bytes" } },
    { WEB, { "cs-bytes", "http.request.body.bytes", "request_body_len", "request_length",
                   "bytes_received" } },
    { WEB, { "cs-content-type", "cs(Content-Type)", "http.request.mime_type" } },

    { DNS, { "query", "QueryName", "dns.question.name", "qname", "QNAME", "query_name", "dns_query",
                   "dns.rrname", "Query", "QName" } },
    { DNS, { "record_type", "qtype_name", "dns.question.type", "qtype", "QTYPE", "QueryType",
                   "query_type" } },
    { DNS, { "answer", "answers", "QueryResults", "dns.answers.data", "dns.resolved_ip",
                   "rdata" } },
    { DNS, { "response_code", "rcode_name", "dns.response_code", "rcode" } },

    { VIRUS, { "Signature", "signature", "threat_name", "virus_name", "ThreatName", "threatname",
                     "VirusName", "virus", "malware_name" } },
    { VIRUS,
            { "Filename", "file.path", "filePath", "file_path", "filename", "FilePath", "fname" } },
};
const size_t event_network_synonyms_count = HN_COUNT_OF(event_network_synonyms);
