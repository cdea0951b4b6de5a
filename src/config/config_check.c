/* config_check.c - what no single key can tell. */
#include "base/ip.h"
#include "base/num.h"
#include "config/config_internal.h"

static const struct hn_yaml_ref nowhere;

static bool is_loopback(const struct config_address *address)
{
    struct hn_cidr v4;
    struct hn_cidr v6;
    struct hn_ip ip;

    if (hn_text_eq(address->host, HN_TEXT("localhost")))
        return true;
    return hn_ip_parse(address->host, &ip) &&
           ((hn_cidr_parse(HN_TEXT("127.0.0.0/8"), &v4, NULL) && hn_cidr_has(&v4, &ip)) ||
                   (hn_cidr_parse(HN_TEXT("::1/128"), &v6, NULL) && hn_cidr_has(&v6, &ip)));
}

static void check_tls(
        struct config_reading *reading, const struct config_tls *tls, struct hn_text name)
{
    if ((tls->certificate.len == 0) != (tls->key.len == 0))
        config_problem(
                reading, nowhere, "%.*s: certificate and key belong together", HN_TEXT_ARG(name));
    if (tls->client_names.count > 0 && tls->client_ca.len == 0)
        config_problem(reading, nowhere, "%.*s: client_names need a client_ca", HN_TEXT_ARG(name));
}

static void check_sources(struct config_reading *reading, const struct config_sources *sources)
{
    uint32_t standard_input = 0;

    for (uint32_t i = 0; i < sources->count; i++) {
        const struct config_source *source = &sources->ptr[i];

        if (source->name.len == 0)
            config_problem(reading, nowhere, "source %u has no name", i + 1);
        check_tls(reading, &source->tls_files, source->name);
        standard_input += source->standard_input;
        for (uint32_t k = 0; k < i && source->name.len > 0; k++) {
            if (hn_text_eq(sources->ptr[k].name, source->name))
                config_problem(
                        reading, nowhere, "two sources are called %.*s", HN_TEXT_ARG(source->name));
        }
    }
    if (standard_input > 1)
        config_problem(reading, nowhere, "only one source can read standard input");
}

/* What this kind of output cannot do without; NULL: nothing is missing. */
static const char *lacks(const struct config_output *output)
{
    switch ((enum config_output_kind)output->kind) {
    case CONFIG_OUTPUT_NONE:
        return "kind";
    case CONFIG_OUTPUT_FILE:
        return output->path.len == 0 ? "path" : NULL;
    case CONFIG_OUTPUT_WEBHOOK:
        return output->url.len == 0 ? "url" : NULL;
    case CONFIG_OUTPUT_SYSLOG:
        return output->address.host.len == 0 ? "address" : NULL;
    case CONFIG_OUTPUT_SMTP:
        return output->url.len == 0    ? "url"
               : output->from.len == 0 ? "from"
               : output->to.count == 0 ? "to"
                                       : NULL;
    }
    return NULL;
}

/* What does not go together; NULL: all does. */
static const char *clashes(const struct config_output *output)
{
    bool secure = hn_text_starts_nocase(output->url, HN_TEXT("https://")) ||
                  hn_text_starts_nocase(output->url, HN_TEXT("smtps://"));

    if (output->format == CONFIG_CEF && output->kind != CONFIG_OUTPUT_SYSLOG)
        return "format cef is for syslog";
    if (output->kind == CONFIG_OUTPUT_WEBHOOK && !secure && output->url.len > 0) {
        if (!hn_text_starts_nocase(output->url, HN_TEXT("http://")))
            return "its url does not begin with https://";
        if (!output->allow_plain)
            return "http:// needs allow_plain: true";
    }
    if (output->kind == CONFIG_OUTPUT_SMTP && output->url.len > 0) {
        if (!secure && !hn_text_starts_nocase(output->url, HN_TEXT("smtp://")))
            return "its url begins with neither smtps:// nor smtp://";
        if (output->user.len > 0 && output->secret_file.len == 0)
            return "a user needs a secret_file";
        if (output->user.len > 0 && output->allow_plain && !secure)
            return "a password is not sent without TLS: no user with allow_plain";
    }
    return NULL;
}

static void check_outputs(struct config_reading *reading, const struct config_outputs *outputs)
{
    for (uint32_t i = 0; i < outputs->count; i++) {
        const struct config_output *output = &outputs->ptr[i];
        const char *missing = lacks(output);

        if (output->name.len == 0)
            config_problem(reading, nowhere, "output %u has no name", i + 1);
        if (missing != NULL)
            config_problem(
                    reading, nowhere, "output %.*s has no %s", HN_TEXT_ARG(output->name), missing);
        if (clashes(output) != NULL)
            config_problem(reading, nowhere, "output %.*s: %s", HN_TEXT_ARG(output->name),
                    clashes(output));
        for (uint32_t k = 0; k < i && output->name.len > 0; k++) {
            if (hn_text_eq(outputs->ptr[k].name, output->name))
                config_problem(
                        reading, nowhere, "two outputs are called %.*s", HN_TEXT_ARG(output->name));
        }
    }
}

/* A socket's path, or HOST:PORT. */
static bool is_clamd(struct hn_text address)
{
    size_t colon = address.len;
    uint64_t port = 0;

    if (hn_text_starts(address, HN_TEXT("/")))
        return true;
    while (colon > 0 && address.ptr[colon - 1] != ':')
        colon--;
    return colon > 1 && hn_parse_u64(hn_text_sub(address, colon, address.len), &port) && port > 0 &&
           port <= UINT16_MAX;
}

static void check_samples(struct config_reading *reading, const struct config_samples *samples)
{
    if (samples->clamd.len > 0 && !is_clamd(samples->clamd)) {
        config_problem(reading, nowhere,
                "samples.clamd: %.*s is neither the path of a socket nor HOST:PORT",
                HN_TEXT_ARG(samples->clamd));
    }
    if (samples->vt_url.len > 0 && samples->vt_key.len == 0)
        config_problem(reading, nowhere, "samples.vt_url needs a vt_key");
    if (samples->vt_url.len > 0 && !hn_text_starts_nocase(samples->vt_url, HN_TEXT("https://")) &&
            !hn_text_starts_nocase(samples->vt_url, HN_TEXT("http://")))
        config_problem(reading, nowhere, "samples.vt_url does not begin with https://");
}

enum hn_status config_check(const struct config *config, config_on_problem *on_problem, void *ctx)
{
    struct config_reading reading = { .on_problem = on_problem, .ctx = ctx };

    if (config->data.len == 0)
        config_problem(&reading, nowhere, "data is empty");
    if (!config->http.tls && !is_loopback(&config->http.address)) {
        config_problem(&reading, nowhere,
                "http.tls: false is accepted on loopback addresses only, not on %.*s",
                HN_TEXT_ARG(config->http.address.host));
    }
    check_tls(&reading, &config->http.tls_files, HN_TEXT("http"));
    check_sources(&reading, &config->sources);
    check_outputs(&reading, &config->outputs);
    check_samples(&reading, &config->samples);
    return reading.problems > 0 ? HN_SYNTAX : HN_OK;
}

struct hn_text config_source_mapping(const struct config_source *source)
{
    return source->pipelines.count > 0 ? source->name : HN_TEXT("");
}
