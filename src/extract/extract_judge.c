/* extract_judge.c - which addresses and names are private, reserved, or on everybody's pages, and
 * what the registered domain of a host is.
 *
 * Leaves to others: warning lists, which are data (src/ioc). */
#include "extract/extract_internal.h"

struct range {
    const char *network;
    unsigned marks;
};

/* IANA's registries of special-purpose addresses. */
static const struct range ranges[] = {
    { "10.0.0.0/8", EXTRACT_PRIVATE },
    { "172.16.0.0/12", EXTRACT_PRIVATE },
    { "192.168.0.0/16", EXTRACT_PRIVATE },
    { "100.64.0.0/10", EXTRACT_PRIVATE },
    { "169.254.0.0/16", EXTRACT_PRIVATE },
    { "fc00::/7", EXTRACT_PRIVATE },
    { "fe80::/10", EXTRACT_PRIVATE },
    { "0.0.0.0/8", EXTRACT_RESERVED },
    { "127.0.0.0/8", EXTRACT_RESERVED },
    { "192.0.0.0/24", EXTRACT_RESERVED },
    { "192.0.2.0/24", EXTRACT_RESERVED },
    { "198.18.0.0/15", EXTRACT_RESERVED },
    { "198.51.100.0/24", EXTRACT_RESERVED },
    { "203.0.113.0/24", EXTRACT_RESERVED },
    { "224.0.0.0/4", EXTRACT_RESERVED },
    { "240.0.0.0/4", EXTRACT_RESERVED },
    { "::/127", EXTRACT_RESERVED },
    { "2001:db8::/32", EXTRACT_RESERVED },
    { "3fff::/20", EXTRACT_RESERVED },
    { "ff00::/8", EXTRACT_RESERVED },
};

struct name {
    struct hn_text text; /* it and all below */
    unsigned marks;
};

static const struct name names[] = {
    { HN_TEXT_INIT("example"), EXTRACT_RESERVED },
    { HN_TEXT_INIT("test"), EXTRACT_RESERVED },
    { HN_TEXT_INIT("invalid"), EXTRACT_RESERVED },
    { HN_TEXT_INIT("localhost"), EXTRACT_RESERVED },
    { HN_TEXT_INIT("example.com"), EXTRACT_RESERVED },
    { HN_TEXT_INIT("example.net"), EXTRACT_RESERVED },
    { HN_TEXT_INIT("example.org"), EXTRACT_RESERVED },
    { HN_TEXT_INIT("example.jp"), EXTRACT_RESERVED },
    { HN_TEXT_INIT("arpa"), EXTRACT_RESERVED },
    { HN_TEXT_INIT("local"), EXTRACT_PRIVATE },
    { HN_TEXT_INIT("internal"), EXTRACT_PRIVATE },
    { HN_TEXT_INIT("lan"), EXTRACT_PRIVATE },
    { HN_TEXT_INIT("localdomain"), EXTRACT_PRIVATE },
    { HN_TEXT_INIT("w3.org"), EXTRACT_COMMON },
    { HN_TEXT_INIT("schemas.microsoft.com"), EXTRACT_COMMON },
    { HN_TEXT_INIT("schemas.openxmlformats.org"), EXTRACT_COMMON },
    { HN_TEXT_INIT("schemas.xmlsoap.org"), EXTRACT_COMMON },
    { HN_TEXT_INIT("openoffice.org"), EXTRACT_COMMON },
    { HN_TEXT_INIT("oasis-open.org"), EXTRACT_COMMON },
    { HN_TEXT_INIT("purl.org"), EXTRACT_COMMON },
    { HN_TEXT_INIT("purl.oclc.org"), EXTRACT_COMMON },
    { HN_TEXT_INIT("ns.adobe.com"), EXTRACT_COMMON },
    { HN_TEXT_INIT("iptc.org"), EXTRACT_COMMON },
    { HN_TEXT_INIT("xml.org"), EXTRACT_COMMON },
    { HN_TEXT_INIT("xmlsoap.org"), EXTRACT_COMMON },
    { HN_TEXT_INIT("crl.microsoft.com"), EXTRACT_COMMON },
    { HN_TEXT_INIT("ocsp.digicert.com"), EXTRACT_COMMON },
    { HN_TEXT_INIT("crl3.digicert.com"), EXTRACT_COMMON },
    { HN_TEXT_INIT("crl4.digicert.com"), EXTRACT_COMMON },
};

unsigned extract_judge_ip(const struct hn_ip *ip)
{
    unsigned marks = 0;

    for (size_t i = 0; i < HN_COUNT_OF(ranges); i++) {
        struct hn_cidr cidr;

        if (hn_cidr_parse(hn_text_cstr(ranges[i].network), &cidr, NULL) && hn_cidr_has(&cidr, ip))
            marks |= ranges[i].marks;
    }
    return marks;
}

static bool is_below(struct hn_text host, struct hn_text name)
{
    return hn_text_ends_nocase(host, name) &&
           (host.len == name.len || host.ptr[host.len - name.len - 1] == '.');
}

unsigned extract_judge_host(struct hn_text host)
{
    unsigned marks = 0;
    struct hn_ip ip;

    if (host.len > 0 && hn_ip_parse(host, &ip))
        return extract_judge_ip(&ip);
    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (is_below(host, names[i].text))
            marks |= names[i].marks;
    }
    if (host.len > 0 && hn_text_find_char(host, '.', 0) == SIZE_MAX && marks == 0)
        marks = EXTRACT_PRIVATE; /* one label: a name of a local network */
    return marks;
}

/* Names below those that the list does not have: the label in front of .example and the like. */
static struct hn_text last_two(struct hn_text host)
{
    size_t dots = 0;
    size_t start = host.len;

    while (start > 0 && (dots += host.ptr[start - 1] == '.') < 2)
        start--;
    return hn_text_sub(host, start, host.len);
}

struct hn_text extract_domain(struct hn_text host)
{
    const psl_ctx_t *psl = psl_builtin();
    char name[IOC_HOST_ROOM];
    const char *domain;
    struct hn_ip ip;

    if (host.len == 0 || host.len > IOC_DOMAIN_MAX || hn_ip_parse(host, &ip) ||
            hn_text_find_char(host, '.', 0) == SIZE_MAX)
        return hn_text_of("", 0);
    memcpy(name, host.ptr, host.len);
    name[host.len] = '\0';
    if (psl == NULL)
        return last_two(host);
    domain = psl_registrable_domain(psl, name);
    if (domain == NULL)
        return hn_text_of("", 0);
    return hn_text_sub(host, (size_t)(domain - name), host.len);
}
