/* ioc_punycode.c - Punycode (RFC 3492) for one label, both ways.
 *
 * Leaves to others: splitting names, case, and which characters a label should hold
 * (ioc_host.c). Arithmetic is checked, because labels come from feeds and logs. */
#include "base/utf.h"
#include "ioc/ioc_internal.h"

/* RFC 3492, section 5. */
#define BASE         36u
#define T_MIN        1u
#define T_MAX        26u
#define SKEW         38u
#define DAMP         700u
#define INITIAL_BIAS 72u
#define INITIAL_N    128u

static uint32_t adapt(uint32_t delta, uint32_t count, bool first)
{
    uint32_t k = 0;

    delta = first ? delta / DAMP : delta / 2;
    delta += delta / count;
    for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
        delta /= BASE - T_MIN;
    return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static uint32_t threshold(uint32_t k, uint32_t bias)
{
    if (k <= bias)
        return T_MIN;
    return k - bias >= T_MAX ? T_MAX : k - bias;
}

static char digit_of(uint32_t value)
{
    return (char)(value < 26 ? 'a' + value : '0' + (value - 26));
}

static uint32_t value_of(char digit)
{
    if (digit >= 'a' && digit <= 'z')
        return (uint32_t)(digit - 'a');
    if (digit >= 'A' && digit <= 'Z')
        return (uint32_t)(digit - 'A');
    if (digit >= '0' && digit <= '9')
        return (uint32_t)(digit - '0') + 26;
    return BASE;
}

static void write_delta(struct hn_buf *out, uint32_t delta, uint32_t bias)
{
    for (uint32_t k = BASE;; k += BASE) {
        uint32_t t = threshold(k, bias);

        if (delta < t)
            break;
        hn_buf_add_char(out, digit_of(t + (delta - t) % (BASE - t)));
        delta = (delta - t) / (BASE - t);
    }
    hn_buf_add_char(out, digit_of(delta));
}

static size_t split(struct hn_text label, uint32_t points[IOC_LABEL_MAX])
{
    size_t count = 0;
    size_t pos = 0;

    while (pos < label.len) {
        size_t len;

        if (count == IOC_LABEL_MAX || (len = hn_utf8_decode(label, pos, &points[count])) == 0)
            return 0;
        count++;
        pos += len;
    }
    return count;
}

static uint32_t next_code_point(const uint32_t *points, size_t count, uint32_t at_least)
{
    uint32_t least = UINT32_MAX;

    for (size_t i = 0; i < count; i++) {
        if (points[i] >= at_least && points[i] < least)
            least = points[i];
    }
    return least;
}

bool ioc_punycode_encode(struct hn_buf *out, struct hn_text utf8_label)
{
    uint32_t points[IOC_LABEL_MAX];
    size_t count = split(utf8_label, points);
    uint32_t delta = 0;
    uint32_t bias = INITIAL_BIAS;
    uint32_t n = INITIAL_N;
    uint32_t basic = 0;
    uint32_t done;

    if (count == 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (points[i] < INITIAL_N) {
            hn_buf_add_char(out, (char)points[i]);
            basic++;
        }
    }
    if (basic > 0)
        hn_buf_add_char(out, '-');
    for (done = basic; done < count;) {
        uint32_t next = next_code_point(points, count, n);

        /* At most 63 code points below 0x110000: the product stays below 2^27. */
        delta += (next - n) * (done + 1);
        n = next;
        for (size_t i = 0; i < count; i++) {
            if (points[i] < n)
                delta++;
            if (points[i] == n) {
                write_delta(out, delta, bias);
                bias = adapt(delta, done + 1, done == basic);
                delta = 0;
                done++;
            }
        }
        delta++;
        n++;
    }
    return true;
}

/* One generalised variable-length integer; false when it is cut off, ill-formed or too large. */
static bool read_delta(struct hn_text code, size_t *pos, uint32_t bias, uint32_t *i)
{
    uint64_t weight = 1;
    uint64_t sum = *i;

    for (uint32_t k = BASE;; k += BASE) {
        uint32_t t = threshold(k, bias);
        uint32_t digit;

        if (*pos == code.len || (digit = value_of(code.ptr[*pos])) == BASE)
            return false;
        (*pos)++;
        sum += digit * weight;
        if (sum > UINT32_MAX)
            return false;
        if (digit < t)
            break;
        weight *= BASE - t;
        if (weight > UINT32_MAX)
            return false;
    }
    *i = (uint32_t)sum;
    return true;
}

bool ioc_punycode_decode(struct hn_buf *out, struct hn_text punycode)
{
    uint32_t points[IOC_LABEL_MAX];
    uint32_t count = 0;
    uint32_t n = INITIAL_N;
    uint32_t bias = INITIAL_BIAS;
    size_t basic = punycode.len;
    size_t pos;
    uint32_t i = 0;

    while (basic > 0 && punycode.ptr[basic - 1] != '-')
        basic--;
    pos = basic;
    for (size_t at = 0; at + 1 < basic; at++) {
        if (count == IOC_LABEL_MAX || (unsigned char)punycode.ptr[at] >= 0x80)
            return false;
        points[count++] = (unsigned char)punycode.ptr[at];
    }
    while (pos < punycode.len) {
        uint32_t before = i;

        if (count == IOC_LABEL_MAX || !read_delta(punycode, &pos, bias, &i))
            return false;
        bias = adapt(i - before, count + 1, before == 0);
        if (i / (count + 1) > 0x10FFFF - n)
            return false;
        n += i / (count + 1);
        i %= count + 1;
        if (n >= 0xD800 && n <= 0xDFFF)
            return false;
        memmove(&points[i + 1], &points[i], (count - i) * sizeof points[0]);
        points[i++] = n;
        count++;
    }
    for (uint32_t at = 0; at < count; at++)
        hn_buf_add_utf8(out, points[at]);
    return count > 0;
}
