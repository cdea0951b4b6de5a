/* extract_address.c - IPv4 and IPv6 addresses and networks, told from versions and times.
 *
 * Leaves to others: what an address is for (extract_judge.c). */
#include "base/num.h"
#include "extract/extract_internal.h"

#define V4_TEXT_MAX 15
#define V6_TEXT_MAX 45
#define WORD_MAX    10

/* ---- IPv4 ---- */

/* One part: decimal, 0x hexadecimal or 0 octal. */
static bool parse_part(struct hn_text part, uint64_t *ret_number)
{
    uint64_t number = 0;

    if (hn_text_starts_nocase(part, HN_TEXT("0x")))
        return hn_parse_hex64(part, ret_number);
    if (part.len < 2 || part.ptr[0] != '0')
        return hn_parse_u64(part, ret_number);
    for (size_t i = 0; i < part.len; i++) {
        if (part.ptr[i] < '0' || part.ptr[i] > '7' || number > UINT32_MAX)
            return false;
        number = number * 8 + (unsigned)(part.ptr[i] - '0');
    }
    *ret_number = number;
    return true;
}

bool extract_aton(struct hn_text text, struct hn_ip *ret_ip)
{
    static const uint64_t last_max[] = { 0xFFFFFFFFu, 0xFFFFFFu, 0xFFFFu, 0xFFu };
    uint64_t value = 0;
    unsigned parts = 0;
    struct hn_text part;
    uint64_t number = 0;

    while (hn_text_split(&text, '.', &part)) {
        if (parts == 4 || (parts > 0 && number > 0xFF))
            return false;
        if (parts > 0)
            value |= number << (32 - 8 * parts);
        if (!parse_part(part, &number))
            return false;
        parts++;
    }
    if (parts == 0 || number > last_max[parts - 1])
        return false;
    value |= number;
    *ret_ip = (struct hn_ip){ { [10] = 0xFF, [11] = 0xFF } };
    for (unsigned i = 0; i < 4; i++)
        ret_ip->bytes[12 + i] = (uint8_t)(value >> (24 - 8 * i));
    return true;
}

/* The end of four decimal parts at start, or 0. */
static size_t quad_end(const struct extract *e, size_t start)
{
    size_t pos = start;

    for (unsigned part = 0; part < 4; part++) {
        size_t first = pos;

        while (extract_is(e, pos, CH_DIGIT) && pos - first < 4)
            pos++;
        if (pos == first || pos - first > 3)
            return 0;
        if (part < 3 && extract_at(e, pos++) != '.')
            return 0;
    }
    return pos;
}

/* "version 10.0.1.2", "Chrome/91.0.4.2", "v1.2.3.4", "バージョン 1.2.3.4". */
static bool is_version(const struct extract *e, size_t start, struct hn_text quad)
{
    static const char *const words[] = { "version", "ver", "v", "build", "release", "rev",
        "firmware", "fw", "sdk", "net", "assemblyversion", "fileversion", "productversion",
        "\xE3\x83\xA7\xE3\x83\xB3", "oid" };
    size_t end = start;
    size_t low;

    if (start > 0 && e->plain[start - 1] == '/')
        return start > 1 && extract_is(e, start - 2, CH_ALPHA);
    while (end > 0 && start - end < 3 && extract_in(e->plain[end - 1], " :=.\"'("))
        end--;
    low = end;
    while (low > 0 && end - low <= WORD_MAX + 5 && extract_is(e, low - 1, CH_ALPHA | CH_WIDE))
        low--;
    for (size_t i = 0; i < HN_COUNT_OF(words); i++) {
        struct hn_text word = hn_text_cstr(words[i]);
        struct hn_text before = extract_slice(e, low, end);

        if (hn_text_eq_nocase(before, word) ||
                ((unsigned char)word.ptr[0] >= 0x80 && hn_text_ends(before, word)))
            return true;
    }
    return hn_text_ends(quad, HN_TEXT(".0.0.0")) || hn_text_ends(quad, HN_TEXT(".0.0"));
}

size_t extract_ipv4(struct extract *e, size_t start, size_t end)
{
    struct extract_found found = { .kind = EXTRACT_IPV4, .start = start };
    struct hn_buf out = hn_buf_over(e->value, sizeof e->value);
    size_t pos = quad_end(e, start);
    struct hn_cidr cidr;
    struct hn_ip ip;
    size_t net;

    if (pos == 0 || pos > end || !hn_ip_parse(extract_slice(e, start, pos), &ip))
        return 0;
    if (extract_is(e, pos, CH_ALPHA) || extract_at(e, pos) == '_' ||
            (extract_at(e, pos) == '.' && extract_is(e, pos + 1, CH_ALPHA | CH_DIGIT)) ||
            (extract_at(e, pos) == '-' && extract_is(e, pos + 1, CH_ALPHA)))
        return 0;
    net = pos;
    if (extract_at(e, pos) == '/' && extract_is(e, pos + 1, CH_DIGIT)) {
        net = pos + 2;
        if (extract_is(e, net, CH_DIGIT))
            net++;
        if (extract_is(e, net, CH_LABEL) || extract_at(e, net) == '/' ||
                !hn_cidr_parse(extract_slice(e, start, net), &cidr, NULL))
            net = pos;
    }
    if (net == pos && !extract_defanged(e, start, pos) && extract_at(e, pos) != ':' &&
            is_version(e, start, extract_slice(e, start, pos)))
        return 0;
    hn_buf_add_ip(&out, &ip);
    if (net > pos) {
        found.kind = EXTRACT_NETWORK;
        hn_buf_add_text(&out, extract_slice(e, pos, net));
        found.end = net;
    } else {
        found.end = extract_port(e, pos, &found.port);
        if (extract_at(e, found.end) == '/' && extract_is(e, found.end + 1, CH_ASCII)) {
            size_t tail = extract_url_tail(e, start, found.end);

            found.kind = EXTRACT_URL; /* a scheme is missing */
            found.host = hn_text_of(e->value, out.len);
            hn_buf_add_text(&out, extract_slice(e, pos, tail));
            found.end = tail;
        }
    }
    found.value = hn_buf_text(&out);
    extract_tell(e, &found);
    return found.end;
}

/* ---- IPv6 ---- */

/* "::", and the deprecated form ::/96 of which only ::1 is used: "::add:1" is no address. */
static bool is_nobody(const struct hn_ip *ip)
{
    bool zeros = true;

    for (size_t i = 0; i < 12; i++)
        zeros = zeros && ip->bytes[i] == 0;
    return zeros && (ip->bytes[12] | ip->bytes[13] | ip->bytes[14]) + (ip->bytes[15] != 1) != 0;
}

/* Where the hex digits, colons and dots end that start here. */
static size_t v6_end(const struct extract *e, size_t start)
{
    size_t end = start;

    while (end < e->len && end - start <= V6_TEXT_MAX &&
            (extract_is(e, end, CH_HEX) || extract_in(e->plain[end], ":.")))
        end++;
    while (end > start &&
            (e->plain[end - 1] == '.' ||
                    (e->plain[end - 1] == ':' && (end - start < 2 || e->plain[end - 2] != ':'))))
        end--;
    return end;
}

/* Behind "/32" at slash, when that makes a network of the address that starts at start; else slash.
 */
static size_t network_end(const struct extract *e, size_t start, size_t slash)
{
    struct hn_cidr cidr;
    size_t end = slash + 1;

    if (extract_at(e, slash) != '/')
        return slash;
    while (extract_is(e, end, CH_DIGIT) && end - slash <= 3)
        end++;
    return end > slash + 1 && !extract_is(e, end, CH_LABEL) &&
                           hn_cidr_parse(extract_slice(e, start, end), &cidr, NULL)
                   ? end
                   : slash;
}

/* Whether it is an address rather than the name of something in a program ("::add", "4::", "a::b"),
 * told from its one normal form. */
static bool is_address(struct hn_text form, const struct hn_ip *ip, bool network)
{
    unsigned groups = 0;
    bool digit = false;

    for (size_t i = 0; i < form.len; i++) {
        groups += form.ptr[i] != ':' && (i == 0 || form.ptr[i - 1] == ':');
        digit = digit || (form.ptr[i] >= '0' && form.ptr[i] <= '9');
    }
    if (hn_text_eq(form, HN_TEXT("::1")))
        return true;
    return digit && !is_nobody(ip) && (network || (groups >= 2 && (groups >= 3 || form.len >= 7)));
}

size_t extract_ipv6(struct extract *e, size_t start)
{
    struct extract_found found = { .kind = EXTRACT_IPV6, .start = start };
    struct hn_buf out = hn_buf_over(e->value, sizeof e->value);
    size_t behind = v6_end(e, start);
    struct hn_ip ip;
    size_t net;

    if (start > 0 && (extract_is(e, start - 1, CH_LABEL) || extract_in(e->plain[start - 1], ":.")))
        return 0;
    if (extract_is(e, behind, CH_LABEL) || memchr(e->plain + start, ':', behind - start) == NULL ||
            !hn_ip_parse(extract_slice(e, start, behind), &ip) || hn_ip_is_v4(&ip))
        return 0;
    net = network_end(e, start, behind);
    hn_buf_add_ip(&out, &ip);
    if (!is_address(hn_buf_text(&out), &ip, net > behind))
        return 0;
    found.end = behind;
    if (start > 0 && e->plain[start - 1] == '[' && extract_at(e, behind) == ']') {
        size_t after = extract_port(e, behind + 1, &found.port);

        if (found.port != 0) {
            found.start--;
            found.end = after;
        }
    } else if (net > behind) {
        hn_buf_add_text(&out, extract_slice(e, behind, net));
        found.kind = EXTRACT_NETWORK;
        found.end = net;
    }
    found.value = hn_buf_text(&out);
    extract_tell(e, &found);
    return found.end;
}
