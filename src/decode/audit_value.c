/* audit_value.c - takes the values of audit records apart; see audit_value.h. */
#include "decode/audit_value.h"

#include <arpa/inet.h>

#include "base/ip.h"
#include "decode/room.h"
#include "decode/scan.h"

#define GROUP_SEPARATOR '\x1D'

/* rsyslog writes the group separator in octal. */
static const struct hn_text escaped_separator = HN_TEXT_INIT("#035");

static bool is_break(char c)
{
    return c == ' ' || c == GROUP_SEPARATOR;
}

static void skip_breaks(struct hn_text *rest)
{
    while (rest->len > 0 && (is_break(rest->ptr[0]) || scan_text(rest, escaped_separator))) {
        if (rest->len > 0 && is_break(rest->ptr[0]))
            scan_skip(rest, 1);
    }
}

/* Length of what stands without quotes. */
static size_t bare_length(struct hn_text text)
{
    size_t len = 0;

    while (len < text.len && !is_break(text.ptr[len]) &&
            !(text.ptr[len] == '#' && hn_text_starts(text_from(text, len), escaped_separator)))
        len++;
    return len;
}

/* Older user space writes "(hostname=x, addr=192.0.2.1 res=success)'". */
static struct hn_text without_trimmings(struct hn_text value)
{
    bool open = hn_text_find_char(value, '(', 0) != SIZE_MAX;

    while (value.len > 0) {
        char c = value.ptr[value.len - 1];

        if (c != '\'' && c != ',' && (c != ')' || open))
            break;
        value.len--;
    }
    return value;
}

static void scan_value(struct hn_text *rest, struct audit_pair *pair)
{
    pair->quoted = text_at(*rest, 0) == '"';
    if (pair->quoted) {
        size_t end;

        scan_skip(rest, 1);
        end = hn_text_find_char(*rest, '"', 0);
        pair->value = hn_text_sub(*rest, 0, end);
        scan_skip(rest, end == SIZE_MAX ? rest->len : end + 1);
        (void)scan_char(rest, '\'');
        return;
    }
    pair->value = hn_text_sub(*rest, 0, bare_length(*rest));
    scan_skip(rest, pair->value.len);
    pair->value = without_trimmings(pair->value);
}

/* Takes one word; true when it is a pair. */
static bool scan_pair(struct hn_text *rest, struct audit_pair *pair)
{
    struct hn_text word = hn_text_sub(*rest, 0, bare_length(*rest));
    size_t equals = hn_text_find_char(word, '=', 0);
    struct hn_text skipped;

    if (equals == SIZE_MAX || equals == 0) {
        scan_skip(rest, word.len);
        return false;
    }
    pair->key = hn_text_sub(word, 0, equals);
    scan_skip(rest, equals + 1);
    (void)scan_char(&pair->key, '(');
    if (hn_text_eq(pair->key, HN_TEXT("msg")) && scan_char(rest, '\''))
        return false;
    if (hn_text_eq(pair->key, HN_TEXT("SADDR")) && text_at(*rest, 0) == '{') {
        if (!scan_before(rest, '}', &skipped)) /* said by saddr already */
            scan_skip(rest, rest->len);
        return false;
    }
    scan_value(rest, pair);
    return pair->key.len > 0;
}

bool audit_pair_next(struct hn_text *rest, struct audit_pair *ret_pair)
{
    struct audit_pair pair;

    for (skip_breaks(rest); rest->len > 0; skip_breaks(rest)) {
        if (scan_pair(rest, &pair)) {
            *ret_pair = pair;
            return true;
        }
    }
    return false;
}

struct hn_text audit_find(struct hn_text fields, struct hn_text key)
{
    struct audit_pair pair;

    while (audit_pair_next(&fields, &pair)) {
        if (hn_text_eq(pair.key, key))
            return pair.value;
    }
    return HN_TEXT("");
}

/* ---- Hexadecimal ------------------------------------------------------------------------------
 */

bool audit_is_encoded_key(struct hn_text key)
{
    static const struct hn_text keys[] = { HN_TEXT_INIT("name"), HN_TEXT_INIT("comm"),
        HN_TEXT_INIT("exe"), HN_TEXT_INIT("cwd"), HN_TEXT_INIT("proctitle"), HN_TEXT_INIT("key"),
        HN_TEXT_INIT("acct"), HN_TEXT_INIT("cmd"), HN_TEXT_INIT("data"), HN_TEXT_INIT("path"),
        HN_TEXT_INIT("file"), HN_TEXT_INIT("dir"), HN_TEXT_INIT("watch"), HN_TEXT_INIT("ocomm"),
        HN_TEXT_INIT("profile"), HN_TEXT_INIT("sw"), HN_TEXT_INIT("root_dir"), HN_TEXT_INIT("vm"),
        HN_TEXT_INIT("unit"), HN_TEXT_INIT("new_group"), HN_TEXT_INIT("grp") };

    for (size_t i = 0; i < HN_COUNT_OF(keys); i++) {
        if (hn_text_eq(keys[i], key))
            return true;
    }
    return false;
}

#define NO_DIGIT 16u

/* Lower case is not what the kernel writes: such a value is a word. */
static unsigned hex_digit(char c)
{
    if (char_is_digit(c))
        return (unsigned)(c - '0');
    return c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10 : NO_DIGIT;
}

bool audit_is_encoded(struct hn_text value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (hex_digit(value.ptr[i]) == NO_DIGIT)
            return false;
    }
    return value.len >= 2 && value.len % 2 == 0;
}

size_t audit_decode_to(struct hn_text value, char *out)
{
    for (size_t i = 0; i + 1 < value.len; i += 2)
        out[i / 2] = (char)(hex_digit(value.ptr[i]) << 4 | hex_digit(value.ptr[i + 1]));
    return value.len / 2;
}

struct hn_text audit_decode(struct hn_event *event, struct hn_text value, char separator)
{
    char *out = room_take(event, value.len / 2);
    size_t len;

    if (out == NULL)
        return value;
    len = audit_decode_to(value, out);
    for (size_t i = 0; separator != '\0' && i < len; i++)
        out[i] = out[i] == '\0' ? separator : out[i];
    return hn_text_of(out, len);
}

/* ---- Socket addresses -------------------------------------------------------------------------
 */

#define ADDRESS_BYTES_MAX 128

static struct hn_text ip_text(struct hn_event *event, const struct hn_ip *ip)
{
    char text[INET6_ADDRSTRLEN];
    bool v4 = hn_ip_is_v4(ip);

    (void)inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? ip->bytes + 12 : ip->bytes, text, sizeof text);
    return room_copy(event, hn_text_cstr(text));
}

bool audit_address_parse(
        struct hn_event *event, struct hn_text saddr, struct audit_address *ret_address)
{
    struct audit_address address = { .family = { "", 0 }, .ip = { "", 0 } };
    struct hn_ip ip = { { 0 } };
    uint8_t bytes[ADDRESS_BYTES_MAX] = { 0 };
    size_t len;

    if (!audit_is_encoded(saddr) || saddr.len / 2 > sizeof bytes || saddr.len < 4)
        return false;
    len = audit_decode_to(saddr, (char *)bytes);
    if (bytes[1] != 0)
        return false;
    switch (bytes[0]) {
    case 1:
        address.family = HN_TEXT("local");
        address.ip = room_copy(event, hn_text_trim(hn_text_of((char *)bytes + 2, len - 2)));
        while (address.ip.len > 0 && address.ip.ptr[address.ip.len - 1] == '\0')
            address.ip.len--;
        break;
    case 2:
        if (len < 8)
            return false;
        address.family = HN_TEXT("inet");
        ip.bytes[10] = 0xFF;
        ip.bytes[11] = 0xFF;
        memcpy(ip.bytes + 12, bytes + 4, 4);
        break;
    case 10:
        if (len < 24)
            return false;
        address.family = HN_TEXT("inet6");
        memcpy(ip.bytes, bytes + 8, 16);
        break;
    default:
        return false;
    }
    if (bytes[0] != 1) {
        address.port = (uint16_t)(bytes[2] << 8 | bytes[3]);
        address.ip = ip_text(event, &ip);
    }
    *ret_address = address;
    return address.ip.ptr != NULL;
}
