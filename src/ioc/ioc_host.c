/* ioc_host.c - the one form of a host name: lower case, labels in other scripts as xn--, no dot at
 * the end.
 *
 * International names are mapped as far as matching needs it: full-width forms, look-alike dots,
 * simple case folding, Punycode. Unicode normalisation (NFC) is not done: browsers and resolvers do
 * it before a name reaches a log.
 * Leaves to others: whether a name makes a sensible indicator (ioc_norm.c). */
#include "base/utf.h"
#include "ioc/ioc_internal.h"

#define LABEL_BYTES_MAX 63 /* RFC 1035 */
#define ACE_PREFIX      "xn--"
#define WIDE_LABEL_ROOM (IOC_LABEL_MAX * 4)

static bool is_label_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* What is ASCII in a label must be a label character; the rest is letters of other scripts. */
static bool is_label(struct hn_text label)
{
    for (size_t i = 0; i < label.len; i++) {
        if ((unsigned char)label.ptr[i] < 0x80 && !is_label_char(label.ptr[i]))
            return false;
    }
    return label.len > 0;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool add_label(struct hn_buf *out, struct hn_text label)
{
    size_t start = out->len;

    if (!is_label(label))
        return false;
    if (hn_is_ascii(label)) { /* an xn-- label as it is: no look-up in the DNS decodes it */
        hn_buf_add_text(out, label);
    } else {
        hn_buf_add_lit(out, ACE_PREFIX);
        if (!ioc_punycode_encode(out, label))
            return false;
    }
    return hn_buf_ok(out) && out->len - start <= LABEL_BYTES_MAX;
}

/* Names with letters outside ASCII. */
static size_t wide_normal(struct hn_text host, char out[IOC_HOST_ROOM])
{
    struct hn_buf done = ioc_fixed_buf(out, IOC_HOST_ROOM);
    char label_room[WIDE_LABEL_ROOM];
    struct hn_buf label = ioc_fixed_buf(label_room, sizeof label_room);
    size_t pos = 0;

    for (;;) {
        uint32_t code_point = '.';
        size_t len = pos < host.len ? hn_utf8_decode(host, pos, &code_point) : 1;

        if (len == 0)
            return 0;
        code_point = ioc_plain_code_point(code_point);
        if (code_point != '.') {
            if (code_point != 0)
                hn_buf_add_utf8(&label, hn_fold_code_point(code_point));
        } else if (pos >= host.len && label.len == 0 && done.len > 0) {
            return done.len - 1; /* a dot at the end */
        } else {
            if (!hn_buf_ok(&label) || !add_label(&done, hn_buf_text(&label)))
                return 0;
            hn_buf_add_char(&done, '.');
            hn_buf_reset(&label);
        }
        if (pos >= host.len)
            break;
        pos += len;
    }
    return hn_buf_ok(&done) ? done.len - 1 : 0;
}

/* True for names of plain lower-case or upper-case labels, written to out. */
static bool plain_normal(struct hn_text host, char *out)
{
    size_t label = 0;

    for (size_t i = 0; i < host.len; i++) {
        char c = lower(host.ptr[i]);

        out[i] = c;
        if (c == '.') {
            if (i == label)
                return false;
            label = i + 1;
        } else if (!is_label_char(c) || i - label >= LABEL_BYTES_MAX) {
            return false;
        }
    }
    return label < host.len;
}

static bool last_label_is_number(const char *host, size_t len)
{
    while (len > 0 && host[len - 1] >= '0' && host[len - 1] <= '9')
        len--;
    return len == 0 || host[len - 1] == '.';
}

size_t ioc_host_normal(struct hn_text host, char out[IOC_HOST_ROOM])
{
    size_t len;

    if (host.len > 0 && host.ptr[host.len - 1] == '.')
        host.len--;
    /* Letters outside ASCII shrink at most from four bytes to about one. */
    if (host.len == 0 || host.ptr[host.len - 1] == '.' || host.len > (size_t)IOC_DOMAIN_MAX * 4)
        return 0;
    if (host.len <= IOC_DOMAIN_MAX && plain_normal(host, out))
        len = host.len;
    else
        len = wide_normal(host, out);
    if (len == 0 || len > IOC_DOMAIN_MAX || last_label_is_number(out, len))
        return 0;
    return len;
}

void ioc_host_write_unicode(struct hn_buf *buf, struct hn_text host)
{
    struct hn_text ace = HN_TEXT(ACE_PREFIX);
    struct hn_text label;
    bool first = true;

    while (hn_text_split(&host, '.', &label)) {
        char room[WIDE_LABEL_ROOM];
        struct hn_buf letters = ioc_fixed_buf(room, sizeof room);

        if (!first)
            hn_buf_add_char(buf, '.');
        first = false;
        if (hn_text_starts(label, ace) &&
                ioc_punycode_decode(&letters, hn_text_sub(label, ace.len, label.len)) &&
                hn_buf_ok(&letters))
            hn_buf_add_text(buf, hn_buf_text(&letters));
        else
            hn_buf_add_text(buf, label);
    }
}
