/* ip.c - strict address parsing: what inet_pton() accepts, plus brackets and zone ids. */
#include "base/ip.h"

#include "base/num.h"

#include <arpa/inet.h>
#include <string.h>

static const uint8_t v4_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF };

bool hn_ip_is_v4(const struct hn_ip *ip)
{
    return memcmp(ip->bytes, v4_prefix, sizeof v4_prefix) == 0;
}

int hn_ip_cmp(const struct hn_ip *a, const struct hn_ip *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

static bool parse_v4(struct hn_text text, uint8_t out[4])
{
    size_t pos = 0;

    for (int part = 0; part < 4; part++) {
        unsigned value = 0;
        size_t start = pos;

        while (pos < text.len && text.ptr[pos] >= '0' && text.ptr[pos] <= '9' && pos - start < 3)
            value = value * 10 + (unsigned)(text.ptr[pos++] - '0');
        if (pos == start || value > 255 || (text.ptr[start] == '0' && pos - start > 1))
            return false;
        out[part] = (uint8_t)value;
        if (part < 3 && (pos >= text.len || text.ptr[pos++] != '.'))
            return false;
    }
    return pos == text.len;
}

bool hn_ip_parse(struct hn_text text, struct hn_ip *ret_ip)
{
    char copy[INET6_ADDRSTRLEN];
    struct hn_ip ip = { { 0 } };
    size_t zone;

    if (text.len >= 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']')
        text = hn_text_sub(text, 1, text.len - 2);
    if (text.len < 2 || text.len > 64)
        return false;
    if (hn_text_find_char(text, ':', 0) == SIZE_MAX) {
        memcpy(ip.bytes, v4_prefix, sizeof v4_prefix);
        if (!parse_v4(text, ip.bytes + 12))
            return false;
        *ret_ip = ip;
        return true;
    }
    zone = hn_text_find_char(text, '%', 0);
    if (zone != SIZE_MAX)
        text.len = zone;
    if (text.len >= sizeof copy || memchr(text.ptr, '\0', text.len) != NULL)
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET6, copy, ip.bytes) != 1)
        return false;
    *ret_ip = ip;
    return true;
}

static void clear_host_bits(struct hn_cidr *cidr, bool *ret_had_host_bits)
{
    struct hn_ip before = cidr->address;
    unsigned keep = cidr->prefix_len;

    for (unsigned i = 0; i < 16; i++) {
        unsigned bits = keep >= 8 ? 8 : keep;

        cidr->address.bytes[i] = (uint8_t)(cidr->address.bytes[i] & (0xFF00u >> bits));
        keep -= bits;
    }
    if (ret_had_host_bits != NULL)
        *ret_had_host_bits = hn_ip_cmp(&before, &cidr->address) != 0;
}

bool hn_cidr_parse(struct hn_text text, struct hn_cidr *ret_cidr, bool *ret_had_host_bits)
{
    size_t slash = hn_text_find_char(text, '/', 0);
    struct hn_cidr cidr = { .prefix_len = 128 };
    uint32_t bits;
    bool v4;

    if (!hn_ip_parse(hn_text_sub(text, 0, slash == SIZE_MAX ? text.len : slash), &cidr.address))
        return false;
    v4 = hn_ip_is_v4(&cidr.address) && hn_text_find_char(text, ':', 0) == SIZE_MAX;
    if (slash != SIZE_MAX) {
        if (!hn_parse_u32(hn_text_sub(text, slash + 1, text.len), &bits) || bits > (v4 ? 32 : 128))
            return false;
        cidr.prefix_len = (uint8_t)(v4 ? bits + 96 : bits);
    }
    clear_host_bits(&cidr, ret_had_host_bits);
    *ret_cidr = cidr;
    return true;
}

bool hn_cidr_has(const struct hn_cidr *cidr, const struct hn_ip *ip)
{
    unsigned whole = cidr->prefix_len / 8u;
    unsigned rest = cidr->prefix_len % 8u;
    unsigned mask = 0xFF00u >> rest & 0xFFu;

    if (memcmp(cidr->address.bytes, ip->bytes, whole) != 0)
        return false;
    return rest == 0 || (ip->bytes[whole] & mask) == cidr->address.bytes[whole];
}

void hn_buf_add_ip(struct hn_buf *buf, const struct hn_ip *ip)
{
    char text[INET6_ADDRSTRLEN];

    if (hn_ip_is_v4(ip))
        (void)inet_ntop(AF_INET, ip->bytes + 12, text, sizeof text);
    else
        (void)inet_ntop(AF_INET6, ip->bytes, text, sizeof text);
    hn_buf_add_cstr(buf, text);
}
