/* ioc_norm.c - what kind of indicator a text is, and its normal form.
 *
 * Where a source names the kind, it is held to it; in plain lists the text decides. Too general
 * ones (everything, the loopback, empty files) are refused here, because one of them drowns all
 * others. Leaves to others: the single forms (ioc_host.c, ioc_url.c, ioc_name.c), public suffixes
 * and warning lists (ioc_build.c, ioc_warn.c). */
#include "base/enc.h"
#include "base/num.h"
#include "ioc/ioc_internal.h"

#include <stddef.h>

#define V4_PREFIX_MIN (96 + 8) /* a network of more than 2^24 addresses is too general */
#define V6_PREFIX_MIN 20

static void key_reset(struct ioc_key *key, enum ioc_type type)
{
    memset(key, 0, offsetof(struct ioc_key, text));
    key->type = type;
}

/* ---- Hashes ---- */

static const struct {
    enum ioc_type type;
    size_t len; /* bytes */
} hash_kinds[] = { { IOC_MD5, 16 }, { IOC_SHA1, 20 }, { IOC_SHA256, 32 }, { IOC_SHA512, 64 } };

/* Of nothing at all, which any log can hold. */
static const char *const empty_hashes[] = { "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ("cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
     "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e") };

static bool is_empty_hash(struct hn_text text)
{
    bool zeros = true;

    for (size_t i = 0; i < text.len; i++)
        zeros = zeros && text.ptr[i] == '0';
    for (size_t i = 0; i < HN_COUNT_OF(empty_hashes); i++) {
        if (hn_text_eq_nocase(text, hn_text_cstr(empty_hashes[i])))
            return true;
    }
    return zeros;
}

static enum ioc_reason hash_normal(enum ioc_type type, struct hn_text text, struct ioc_key *key)
{
    struct hn_buf bytes = ioc_fixed_buf(key->text, sizeof key->text);

    for (size_t i = 0; i < HN_COUNT_OF(hash_kinds); i++) {
        if (text.len != hash_kinds[i].len * 2 || (type != IOC_TYPE_ANY && type != hash_kinds[i].type))
            continue;
        if (!hn_hex_decode(&bytes, text))
            break;
        if (is_empty_hash(text))
            return IOC_REASON_GENERAL;
        key_reset(key, hash_kinds[i].type);
        key->len = hash_kinds[i].len;
        return IOC_FINE;
    }
    return IOC_REASON_HASH;
}

static bool is_hash_type(enum ioc_type type)
{
    return type == IOC_MD5 || type == IOC_SHA1 || type == IOC_SHA256 || type == IOC_SHA512;
}

/* ---- Addresses ---- */

static void key_of_ip(const struct hn_ip *ip, struct ioc_key *key)
{
    bool v4 = hn_ip_is_v4(ip);

    key_reset(key, v4 ? IOC_IPV4 : IOC_IPV6);
    key->len = v4 ? 4 : 16;
    memcpy(key->text, ip->bytes + (v4 ? 12 : 0), key->len);
}

void ioc_key_of_cidr(const struct hn_cidr *cidr, struct ioc_key *ret_key)
{
    if (cidr->prefix_len == 128) {
        key_of_ip(&cidr->address, ret_key);
        return;
    }
    key_reset(ret_key, IOC_CIDR);
    ret_key->len = 17;
    memcpy(ret_key->text, cidr->address.bytes, 16);
    ret_key->text[16] = (char)cidr->prefix_len;
}

/* 0.0.0.0, 127.0.0.0/8, 255.255.255.255, ::, ::1 */
static bool is_nobody(const struct hn_ip *ip)
{
    const uint8_t *b = ip->bytes;
    bool zeros = true;

    if (hn_ip_is_v4(ip))
        return b[12] == 0 || b[12] == 127 || (b[12] & b[13] & b[14] & b[15]) == 255;
    for (int i = 0; i < 15; i++)
        zeros = zeros && b[i] == 0;
    return zeros && b[15] <= 1;
}

/* host:port and [v6]:port. text is cut to the host. False when what follows the colon is no port. */
static bool take_port(struct hn_text *text, uint16_t *ret_port)
{
    size_t colon = text->len;
    uint32_t port;

    *ret_port = 0;
    while (colon > 0 && text->ptr[colon - 1] >= '0' && text->ptr[colon - 1] <= '9')
        colon--;
    if (colon == 0 || text->ptr[colon - 1] != ':')
        return true;
    if (text->ptr[0] == '[') {
        if (colon < 2 || text->ptr[colon - 2] != ']')
            return true;
    } else if (hn_text_find_char(*text, ':', 0) != colon - 1) {
        return true; /* an IPv6 address */
    }
    if (!hn_parse_u32(hn_text_sub(*text, colon, text->len), &port) || port > UINT16_MAX)
        return false;
    *ret_port = (uint16_t)port;
    text->len = colon - 1;
    return true;
}

static enum ioc_reason address_normal(struct hn_text text, struct ioc_key *key)
{
    struct hn_cidr cidr;
    uint16_t port = 0;

    if (!take_port(&text, &port) || !hn_cidr_parse(text, &cidr, NULL))
        return IOC_REASON_IP;
    if (cidr.prefix_len == 128 && is_nobody(&cidr.address))
        return IOC_REASON_GENERAL;
    if (cidr.prefix_len < V6_PREFIX_MIN ||
            (hn_ip_is_v4(&cidr.address) && cidr.prefix_len < V4_PREFIX_MIN))
        return IOC_REASON_GENERAL;
    ioc_key_of_cidr(&cidr, key);
    key->port = port;
    return IOC_FINE;
}

bool ioc_is_range(struct hn_text text, struct hn_ip *ret_first, struct hn_ip *ret_last)
{
    size_t dash = hn_text_find_char(text, '-', 0);

    return dash != SIZE_MAX && hn_ip_parse(hn_text_trim(hn_text_sub(text, 0, dash)), ret_first) &&
            hn_ip_parse(hn_text_trim(hn_text_sub(text, dash + 1, text.len)), ret_last) &&
            hn_ip_is_v4(ret_first) == hn_ip_is_v4(ret_last) && hn_ip_cmp(ret_first, ret_last) <= 0;
}

/* The last address of the network of this prefix length that starts at address; false when the
 * address does not start one. */
static bool network_end(const struct hn_ip *address, unsigned prefix_len, struct hn_ip *ret_end)
{
    *ret_end = *address;
    for (unsigned i = 0; i < 16; i++) {
        unsigned keep = prefix_len > i * 8 ? prefix_len - i * 8 : 0;
        unsigned host_bits = keep >= 8 ? 0 : 0xFFu >> keep;

        if ((address->bytes[i] & host_bits) != 0)
            return false;
        ret_end->bytes[i] = (uint8_t)(ret_end->bytes[i] | host_bits);
    }
    return true;
}

bool ioc_range_next(struct hn_ip *first, const struct hn_ip *last, struct hn_cidr *ret_cidr)
{
    unsigned shortest = hn_ip_is_v4(first) ? 96 : 0;
    unsigned prefix_len = 128;
    struct hn_ip end = *first;
    struct hn_ip wider;
    int i = 15;

    while (prefix_len > shortest && network_end(first, prefix_len - 1, &wider) &&
            hn_ip_cmp(&wider, last) <= 0) {
        prefix_len--;
        end = wider;
    }
    *ret_cidr = (struct hn_cidr){ *first, (uint8_t)prefix_len };
    if (hn_ip_cmp(&end, last) >= 0)
        return false;
    while (end.bytes[i] == 0xFF) /* below last, so not all of them */
        end.bytes[i--] = 0;
    end.bytes[i]++;
    *first = end;
    return true;
}

/* ---- Names and URLs ---- */

static enum ioc_reason domain_normal(struct hn_text text, struct ioc_key *key)
{
    char host[IOC_HOST_ROOM];
    uint16_t port;
    size_t len;

    if (!take_port(&text, &port))
        return IOC_REASON_DOMAIN;
    if (hn_text_starts(text, HN_TEXT("*.")))
        text = hn_text_sub(text, 2, text.len);
    else if (hn_text_starts(text, HN_TEXT(".")))
        text = hn_text_sub(text, 1, text.len);
    if (hn_text_find_char(text, '*', 0) != SIZE_MAX)
        return IOC_REASON_WILDCARD;
    len = ioc_host_normal(text, host);
    if (len == 0)
        return IOC_REASON_DOMAIN;
    key_reset(key, IOC_DOMAIN);
    key->port = port;
    key->len = len;
    memcpy(key->text, host, len);
    return IOC_FINE;
}

/* Places at which a look-up of a longer URL would have to try this one. */
static unsigned parts_of(struct hn_text text)
{
    unsigned parts = 0;

    for (size_t i = 0; i < text.len; i++)
        parts += ioc_in(text.ptr[i], "/?&=");
    return parts;
}

static enum ioc_reason path_normal(struct hn_text text, struct ioc_key *key)
{
    char room[IOC_KEY_MAX];
    struct ioc_path_anchor anchor;
    enum ioc_reason reason;
    struct hn_text path;

    if (hn_text_find_char(text, '*', 0) != SIZE_MAX)
        return IOC_REASON_WILDCARD;
    reason = ioc_path_normal(text, key);
    if (reason != IOC_FINE)
        return reason;
    path = hn_text_of(key->text, key->len);
    if (path.len > IOC_URL_MAX || parts_of(path) > IOC_URL_PARTS_MAX)
        return IOC_REASON_LENGTH;
    return ioc_anchor_of_path(path, room, &anchor) ? IOC_FINE : IOC_REASON_GENERAL;
}

static enum ioc_reason url_normal(struct hn_text text, struct ioc_key *key)
{
    bool star = hn_text_ends(text, HN_TEXT("/*"));
    size_t scheme = ioc_scheme_len(text);
    enum ioc_reason reason;

    if (scheme == 0 && text.len > 0 && text.ptr[0] == '/')
        return path_normal(text, key);
    if (star)
        text.len--;
    reason = ioc_url_normal(text, key);
    if (reason != IOC_FINE)
        return reason;
    if (hn_text_find_char(hn_text_of(key->text, key->query_at), '*', 0) != SIZE_MAX)
        return IOC_REASON_WILDCARD;
    if (key->len > IOC_URL_MAX || parts_of(hn_text_of(key->text, key->len)) > IOC_URL_PARTS_MAX)
        return IOC_REASON_LENGTH;
    key->prefix = (key->prefix || star) && key->query_at == key->len;
    if (key->prefix && key->text[key->len - 1] == '/') { /* "h/a" and "h/a/" cover the same */
        key->len--;
        key->query_at--;
    }
    return IOC_FINE;
}

/* "tcp://192.0.2.1:4444": no path, so it is the host that is meant. */
static enum ioc_reason other_scheme(struct hn_text text, size_t scheme, struct ioc_key *key)
{
    struct hn_text host = hn_text_sub(text, scheme, text.len);

    if (address_normal(host, key) == IOC_FINE)
        return IOC_FINE;
    return domain_normal(host, key) == IOC_FINE ? IOC_FINE : IOC_REASON_URL;
}

static struct hn_text after_last(struct hn_text text, char c)
{
    size_t pos = text.len;

    while (pos > 0 && text.ptr[pos - 1] != c)
        pos--;
    return hn_text_sub(text, pos, text.len);
}

/* ---- Any ---- */

static bool is_web_scheme(struct hn_text text)
{
    return hn_text_starts_nocase(text, HN_TEXT("http")) ||
            hn_text_starts_nocase(text, HN_TEXT("ftp://")) ||
            hn_text_starts_nocase(text, HN_TEXT("ws"));
}

static enum ioc_reason any_with_slash(struct hn_text text, struct ioc_key *key)
{
    size_t slash = hn_text_find_char(text, '/', 0);
    struct hn_text host = hn_text_sub(text, 0, slash);
    enum ioc_reason reason;

    if (slash == 0)
        return path_normal(text, key);
    reason = address_normal(text, key); /* a network */
    if (reason != IOC_REASON_IP)
        return reason;
    if (hn_text_find_char(host, '.', 0) == SIZE_MAX && host.ptr[0] != '[')
        return IOC_REASON_UNKNOWN;
    return url_normal(text, key);
}

static enum ioc_reason any_normal(struct hn_text text, struct ioc_key *key)
{
    size_t scheme = ioc_scheme_len(text);
    enum ioc_reason reason;

    if (scheme > 0) {
        if (is_web_scheme(text) || hn_text_find_char(text, '/', scheme) != SIZE_MAX)
            return url_normal(text, key);
        return other_scheme(text, scheme, key);
    }
    reason = hash_normal(IOC_TYPE_ANY, text, key);
    if (reason != IOC_REASON_HASH)
        return reason;
    if (hn_text_find_char(text, '\\', 0) != SIZE_MAX) {
        /* Lists hold patterns, too: "name[0-9]\.example". */
        return hn_text_find_char(text, '[', 0) == SIZE_MAX ? ioc_filename_normal(text, key)
                                                           : IOC_REASON_WILDCARD;
    }
    if (hn_text_find_char(text, '/', 0) != SIZE_MAX)
        return any_with_slash(text, key);
    if (hn_text_find_char(text, '@', 0) != SIZE_MAX)
        return ioc_email_normal(text, key);
    reason = address_normal(text, key);
    if (reason != IOC_REASON_IP)
        return reason;
    if (hn_text_find_char(text, '.', 0) == SIZE_MAX)
        return IOC_REASON_UNKNOWN;
    if (ioc_is_file_extension(after_last(text, '.')))
        return ioc_filename_normal(text, key);
    return domain_normal(text, key);
}

static enum ioc_reason typed_normal(enum ioc_type type, struct hn_text text, struct ioc_key *key)
{
    switch (type) {
    case IOC_DOMAIN:
        /* Feeds put addresses where they promise names. */
        return address_normal(text, key) == IOC_FINE ? IOC_FINE : domain_normal(text, key);
    case IOC_URL:
        return url_normal(text, key);
    case IOC_PATH:
        return path_normal(text, key);
    case IOC_IPV4:
    case IOC_IPV6:
    case IOC_CIDR:
        return address_normal(text, key);
    case IOC_EMAIL:
        return ioc_email_normal(text, key);
    case IOC_FILENAME:
        return ioc_filename_normal(text, key);
    case IOC_MD5:
    case IOC_SHA1:
    case IOC_SHA256:
    case IOC_SHA512:
        return hash_normal(type, text, key);
    case IOC_TYPE_ANY:
        break;
    }
    return any_normal(text, key);
}

enum ioc_reason ioc_normal(enum ioc_type type, struct hn_text text, struct ioc_key *ret_key)
{
    key_reset(ret_key, type);
    if (text.len == 0)
        return IOC_REASON_UNKNOWN;
    if (memchr(text.ptr, '\0', text.len) != NULL)
        return IOC_REASON_NUL;
    if (text.len > IOC_KEY_MAX)
        return IOC_REASON_LENGTH;
    return typed_normal(type, text, ret_key);
}

/* ---- Back to text ---- */

static void write_url(const struct ioc_key *key, bool unicode, struct hn_buf *buf)
{
    static const char *const schemes[] = { [IOC_SCHEME_NONE] = "",
        [IOC_SCHEME_HTTP] = "http://",
        [IOC_SCHEME_HTTPS] = "https://",
        [IOC_SCHEME_FTP] = "ftp://" };
    struct hn_text text = { key->text, key->len };

    hn_buf_add_cstr(buf, schemes[key->scheme]);
    if (unicode)
        ioc_host_write_unicode(buf, hn_text_sub(text, 0, key->host_len));
    else
        hn_buf_add_text(buf, hn_text_sub(text, 0, key->host_len));
    hn_buf_add_text(buf, hn_text_sub(text, key->host_len, text.len));
    if (key->prefix)
        hn_buf_add_lit(buf, "/*");
}

static void write_address(const struct ioc_key *key, struct hn_buf *buf)
{
    struct hn_ip ip = { { [10] = 0xFF, [11] = 0xFF } };

    if (key->type == IOC_IPV4) {
        memcpy(ip.bytes + 12, key->text, 4);
        hn_buf_add_ip(buf, &ip);
        return;
    }
    memcpy(ip.bytes, key->text, 16);
    hn_buf_add_ip(buf, &ip);
    if (key->type == IOC_CIDR) {
        unsigned prefix_len = (unsigned char)key->text[16];

        hn_buf_add_char(buf, '/');
        hn_buf_add_u64(buf, hn_ip_is_v4(&ip) ? prefix_len - 96 : prefix_len);
    }
}

void ioc_key_write(const struct ioc_key *key, bool unicode, struct hn_buf *buf)
{
    struct hn_text text = { key->text, key->len };

    if (is_hash_type(key->type))
        hn_buf_add_hex(buf, key->text, key->len);
    else if (key->type == IOC_IPV4 || key->type == IOC_IPV6 || key->type == IOC_CIDR)
        write_address(key, buf);
    else if (key->type == IOC_URL)
        write_url(key, unicode, buf);
    else if (key->type == IOC_DOMAIN && unicode)
        ioc_host_write_unicode(buf, text);
    else
        hn_buf_add_text(buf, text);
}
