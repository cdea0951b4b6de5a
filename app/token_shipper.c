/* token_shipper.c - lines to be pasted into a shipper's configuration. */
#include "app/token_shipper.h"

#include <string.h>

/* {S} the server's address, {H} its host, {P} its port, {T} the token. */
static const struct shipper {
    const char *name;
    const char *lines;
} shippers[] = {
    { "filebeat",
            "setup.ilm.enabled: false\nsetup.template.enabled: false\n"
            "output.elasticsearch:\n  hosts: [\"{S}\"]\n  username: beat\n  password: \"{T}\"\n"
            "  ssl.certificate_authorities: [/etc/filebeat/hinomi.crt]\n"
            "  compression_level: 3\n  bulk_max_size: 1000\n" },
    { "winlogbeat",
            "setup.ilm.enabled: false\nsetup.template.enabled: false\n"
            "output.elasticsearch:\n  hosts: [\"{S}\"]\n  username: beat\n  password: \"{T}\"\n"
            "  ssl.certificate_authorities: ['C:\\ProgramData\\winlogbeat\\hinomi.crt']\n"
            "  compression_level: 3\n  bulk_max_size: 1000\n" },
    { "logstash",
            "output {\n  elasticsearch {\n    hosts => [\"{S}\"]\n    user => \"logstash\"\n"
            "    password => \"{T}\"\n"
            "    ssl_certificate_authorities => [\"/etc/logstash/hinomi.crt\"]\n"
            "    index => \"logstash\"\n    action => \"create\"\n    manage_template => false\n"
            "    ilm_enabled => false\n    http_compression => true\n  }\n}\n" },
    { "vector",
            "sinks:\n  hinomi:\n    type: http\n    inputs: [my_source]\n    uri: {S}/v1/events\n"
            "    method: post\n    encoding: { codec: json }\n"
            "    framing: { method: newline_delimited }\n    compression: gzip\n"
            "    auth: { strategy: bearer, token: \"{T}\" }\n"
            "    tls: { ca_file: /etc/vector/hinomi.crt }\n"
            "    acknowledgements: { enabled: true }\n"
            "    buffer: { type: disk, max_size: 536870912 }\n" },
    { "fluent-bit", "[OUTPUT]\n    Name                es\n    Match               *\n"
                    "    Host                {H}\n    Port                {P}\n"
                    "    HTTP_User           fluentbit\n    HTTP_Passwd         {T}\n"
                    "    Index               fluentbit\n    Suppress_Type_Name  On\n"
                    "    Write_Operation     create\n    Compress            gzip\n"
                    "    Retry_Limit         no_limits\n    tls                 On\n"
                    "    tls.ca_file         /etc/fluent-bit/hinomi.crt\n" },
    { "hec", "url: {S}/services/collector\ntoken: {T}\nAuthorization: Splunk {T}\n" },
    { "curl", "curl --cacert hinomi.crt -H 'Authorization: Bearer {T}' "
              "--retry 10 --retry-all-errors --data-binary @events.jsonl '{S}/v1/events'\n" },
};

struct parts {
    struct hn_text server;
    struct hn_text host;
    struct hn_text port;
    struct hn_text token;
};

static struct parts parts_of(struct hn_text server, struct hn_text token)
{
    struct parts parts = { .server = server, .token = token, .port = HN_TEXT("8470") };
    size_t start = hn_text_find(server, HN_TEXT("://"), 0);
    struct hn_text rest = start == SIZE_MAX ? server : hn_text_sub(server, start + 3, server.len);
    size_t colon = SIZE_MAX;

    for (size_t i = rest.len; i > 0 && colon == SIZE_MAX && rest.ptr[i - 1] != ']'; i--) {
        if (rest.ptr[i - 1] == ':')
            colon = i - 1;
    }
    parts.host = hn_text_sub(rest, 0, colon);
    if (colon != SIZE_MAX)
        parts.port = hn_text_sub(rest, colon + 1, rest.len);
    return parts;
}

void token_shipper_write(
        const char *shipper, struct hn_text server, struct hn_text token, struct hn_buf *out)
{
    struct parts parts = parts_of(server, token);

    for (size_t i = 0; i < HN_COUNT_OF(shippers); i++) {
        const char *p = shippers[i].lines;

        if (strcmp(shippers[i].name, shipper) != 0)
            continue;
        for (; *p != '\0'; p++) {
            if (p[0] != '{' || p[1] == '\0' || p[2] != '}') {
                hn_buf_add_char(out, *p);
                continue;
            }
            hn_buf_add_text(out, p[1] == 'S'   ? parts.server
                                 : p[1] == 'H' ? parts.host
                                 : p[1] == 'P' ? parts.port
                                               : parts.token);
            p += 2;
        }
    }
}
