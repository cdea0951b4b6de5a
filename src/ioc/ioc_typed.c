/* ioc_typed.c - the words by which feeds name kinds of indicators, roles and nothing at all.
 *
 * Composites of MISP hold two values: where each stands alone ("domain|ip") both are taken; where
 * one only qualifies the other (the name of a file with this hash, a port) that other is taken.
 * Leaves to others: reading the formats. */
#include "base/num.h"
#include "base/utf.h"
#include "ioc/ioc_internal.h"

#include <stdlib.h>

enum part {
    WHOLE,
    BOTH,       /* first | second, each an indicator of whatever kind it is */
    SECOND,     /* first | second: the second */
    WITH_PORT,  /* first | port */
    CONTEXT,    /* nothing to match */
};

struct type_word {
    const char *word;
    enum ioc_type type;
    enum part part;
};

/* Sorted. What is not here is a kind that we do not match. */
static const struct type_word type_words[] = {
    { "address", IOC_IPV4, WHOLE },
    { "as", IOC_TYPE_ANY, CONTEXT },
    { "attachment", IOC_FILENAME, WHOLE },
    { "campaign-name", IOC_TYPE_ANY, CONTEXT },
    { "cidr", IOC_CIDR, WHOLE },
    { "comment", IOC_TYPE_ANY, CONTEXT },
    { "counter", IOC_TYPE_ANY, CONTEXT },
    { "datetime", IOC_TYPE_ANY, CONTEXT },
    { "domain", IOC_DOMAIN, WHOLE },
    { "domain-name", IOC_DOMAIN, WHOLE },
    { "domainname", IOC_DOMAIN, WHOLE },
    { "domain|ip", IOC_TYPE_ANY, BOTH },
    { "email", IOC_EMAIL, WHOLE },
    { "email-addr", IOC_EMAIL, WHOLE },
    { "email-attachment", IOC_FILENAME, WHOLE },
    { "email-dst", IOC_EMAIL, WHOLE },
    { "email-reply-to", IOC_EMAIL, WHOLE },
    { "email-src", IOC_EMAIL, WHOLE },
    { "email_address", IOC_EMAIL, WHOLE },
    { "file_hash", IOC_TYPE_ANY, WHOLE },
    { "file_name", IOC_FILENAME, WHOLE },
    { "filemd5", IOC_MD5, WHOLE },
    { "filename", IOC_FILENAME, WHOLE },
    { "filename|md5", IOC_MD5, SECOND },
    { "filename|sha1", IOC_SHA1, SECOND },
    { "filename|sha256", IOC_SHA256, SECOND },
    { "filename|sha512", IOC_SHA512, SECOND },
    { "filesha1", IOC_SHA1, WHOLE },
    { "filesha256", IOC_SHA256, WHOLE },
    { "float", IOC_TYPE_ANY, CONTEXT },
    { "fqdn", IOC_DOMAIN, WHOLE },
    { "hash", IOC_TYPE_ANY, WHOLE },
    { "hex", IOC_TYPE_ANY, CONTEXT },
    { "host", IOC_DOMAIN, WHOLE },
    { "hostname", IOC_DOMAIN, WHOLE },
    { "hostname|port", IOC_DOMAIN, WITH_PORT },
    { "intel::addr", IOC_IPV4, WHOLE },
    { "intel::domain", IOC_DOMAIN, WHOLE },
    { "intel::email", IOC_EMAIL, WHOLE },
    { "intel::file_hash", IOC_TYPE_ANY, WHOLE },
    { "intel::file_name", IOC_FILENAME, WHOLE },
    { "intel::subnet", IOC_CIDR, WHOLE },
    { "intel::url", IOC_URL, WHOLE },
    { "ip", IOC_IPV4, WHOLE },
    { "ip-dst", IOC_IPV4, WHOLE },
    { "ip-dst|port", IOC_IPV4, WITH_PORT },
    { "ip-src", IOC_IPV4, WHOLE },
    { "ip-src|port", IOC_IPV4, WITH_PORT },
    { "ip:port", IOC_IPV4, WHOLE },
    { "ip_address", IOC_IPV4, WHOLE },
    { "ipaddress", IOC_IPV4, WHOLE },
    { "ipv4", IOC_IPV4, WHOLE },
    { "ipv4-addr", IOC_IPV4, WHOLE },
    { "ipv6", IOC_IPV6, WHOLE },
    { "ipv6-addr", IOC_IPV6, WHOLE },
    { "link", IOC_TYPE_ANY, CONTEXT },
    { "malware-sample", IOC_MD5, SECOND },
    { "md5", IOC_MD5, WHOLE },
    { "md5_hash", IOC_MD5, WHOLE },
    { "other", IOC_TYPE_ANY, CONTEXT },
    { "port", IOC_TYPE_ANY, CONTEXT },
    { "sha1", IOC_SHA1, WHOLE },
    { "sha1_hash", IOC_SHA1, WHOLE },
    { "sha256", IOC_SHA256, WHOLE },
    { "sha256_hash", IOC_SHA256, WHOLE },
    { "sha512", IOC_SHA512, WHOLE },
    { "size-in-bytes", IOC_TYPE_ANY, CONTEXT },
    { "subnet", IOC_CIDR, WHOLE },
    { "target-email", IOC_TYPE_ANY, CONTEXT },
    { "target-external", IOC_TYPE_ANY, CONTEXT },
    { "target-location", IOC_TYPE_ANY, CONTEXT },
    { "target-machine", IOC_TYPE_ANY, CONTEXT },
    { "target-org", IOC_TYPE_ANY, CONTEXT },
    { "target-user", IOC_TYPE_ANY, CONTEXT },
    { "text", IOC_TYPE_ANY, CONTEXT },
    { "threat-actor", IOC_TYPE_ANY, CONTEXT },
    { "uri", IOC_URL, WHOLE },
    { "url", IOC_URL, WHOLE },
    { "vulnerability", IOC_TYPE_ANY, CONTEXT },
};

static int compare_type_word(const void *key, const void *item)
{
    const struct hn_text *word = key;
    const struct type_word *listed = item;

    return hn_text_cmp(*word, hn_text_cstr(listed->word));
}

static const struct type_word *find_type_word(struct hn_text word)
{
    char room[32];
    struct hn_text lower = { room, word.len };

    word = hn_text_trim(word);
    lower.len = word.len;
    if (word.len > sizeof room)
        return NULL;
    hn_lower_ascii(word, room);
    return bsearch(&lower, type_words, HN_COUNT_OF(type_words), sizeof *type_words,
            compare_type_word);
}

static bool take_with_port(struct ioc_reading *reading, enum ioc_type type, struct hn_text first,
        struct hn_text second)
{
    uint16_t before = reading->about.port;
    uint32_t port;
    bool goes_on;

    if (hn_parse_u32(hn_text_trim(second), &port) && port <= UINT16_MAX)
        reading->about.port = (uint16_t)port;
    goes_on = ioc_take(reading, type, first);
    reading->about.port = before;
    return goes_on;
}

static bool take_both(struct ioc_reading *reading, struct hn_text first, struct hn_text second)
{
    return ioc_take(reading, IOC_DOMAIN, first) && ioc_take(reading, IOC_IPV4, second);
}

bool ioc_take_typed(struct ioc_reading *reading, struct hn_text type_word, struct hn_text value)
{
    const struct type_word *known = find_type_word(type_word);
    size_t bar = hn_text_find_char(value, '|', 0);
    struct hn_text first = hn_text_sub(value, 0, bar == SIZE_MAX ? value.len : bar);
    struct hn_text second = hn_text_sub(value, first.len + 1, value.len);

    if (known == NULL) {
        ioc_refuse(reading, IOC_REASON_TYPE, value);
        return true;
    }
    if (known->part != WHOLE && known->part != CONTEXT && bar == SIZE_MAX) {
        ioc_refuse(reading, IOC_REASON_SHAPE, value);
        return true;
    }
    switch (known->part) {
    case WHOLE:
        return ioc_take(reading, known->type, value);
    case BOTH:
        return take_both(reading, first, second);
    case SECOND:
        return ioc_take(reading, known->type, second);
    case WITH_PORT:
        return take_with_port(reading, known->type, first, second);
    case CONTEXT:
        break;
    }
    ioc_refuse(reading, IOC_REASON_CONTEXT, value);
    return true;
}

struct role_word {
    const char *part;
    enum ioc_role role;
};

/* The first that occurs in the word decides. */
static const struct role_word role_words[] = {
    { "botnet_cc", IOC_ROLE_C2 },
    { "command-and-control", IOC_ROLE_C2 },
    { "c2", IOC_ROLE_C2 },
    { "c&c", IOC_ROLE_C2 },
    { "cnc", IOC_ROLE_C2 },
    { "payload_delivery", IOC_ROLE_DELIVERY },
    { "payload delivery", IOC_ROLE_DELIVERY },
    { "malware_download", IOC_ROLE_DELIVERY },
    { "delivery", IOC_ROLE_DELIVERY },
    { "payload", IOC_ROLE_PAYLOAD },
    { "artifacts dropped", IOC_ROLE_PAYLOAD },
    { "phishing", IOC_ROLE_PHISHING },
    { "scan", IOC_ROLE_SCANNING },
};

enum ioc_role ioc_role_of(struct hn_text word)
{
    for (size_t i = 0; i < HN_COUNT_OF(role_words); i++) {
        if (hn_text_find_nocase(word, hn_text_cstr(role_words[i].part), 0) != SIZE_MAX)
            return role_words[i].role;
    }
    return IOC_ROLE_UNKNOWN;
}

bool ioc_is_null(struct hn_text value)
{
    static const char *const words[] = { "none", "null", "unknown", "unknown malware", "n/a", "-" };

    if (value.len == 0)
        return true;
    for (size_t i = 0; i < HN_COUNT_OF(words); i++) {
        if (hn_text_eq_nocase(value, hn_text_cstr(words[i])))
            return true;
    }
    return false;
}

hn_time ioc_time_of(struct hn_text stamp)
{
    static const struct hn_time_defaults utc = { 0 };

    stamp = hn_text_trim(stamp);
    if (hn_text_ends_nocase(stamp, HN_TEXT(" UTC")))
        stamp.len -= 4;
    return ioc_is_null(stamp) ? HN_TIME_NONE : hn_time_parse(stamp, &utc);
}
