/* num.c - strict number parsing and shortest writing. */
#include "base/num.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

bool hn_parse_u64(struct hn_text text, uint64_t *ret_value)
{
    uint64_t value = 0;

    if (text.len == 0)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned)(unsigned char)text.ptr[i] - '0';

        if (digit > 9 || __builtin_mul_overflow(value, (uint64_t)10, &value) ||
                __builtin_add_overflow(value, (uint64_t)digit, &value))
            return false;
    }
    *ret_value = value;
    return true;
}

bool hn_parse_i64(struct hn_text text, int64_t *ret_value)
{
    uint64_t magnitude;
    bool negative = text.len > 0 && text.ptr[0] == '-';

    if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+'))
        text = hn_text_sub(text, 1, text.len);
    if (!hn_parse_u64(text, &magnitude) || magnitude > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        return false;
    *ret_value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

bool hn_parse_u32(struct hn_text text, uint32_t *ret_value)
{
    uint64_t value;

    if (!hn_parse_u64(text, &value) || value > UINT32_MAX)
        return false;
    *ret_value = (uint32_t)value;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool hn_parse_hex64(struct hn_text text, uint64_t *ret_value)
{
    uint64_t value = 0;

    if (text.len > 2 && text.ptr[0] == '0' && (text.ptr[1] == 'x' || text.ptr[1] == 'X'))
        text = hn_text_sub(text, 2, text.len);
    if (text.len == 0)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        int digit = hex_digit(text.ptr[i]);

        if (digit < 0 || value >> 60 != 0)
            return false;
        value = value << 4 | (uint64_t)digit;
    }
    *ret_value = value;
    return true;
}

static size_t skip_digits(struct hn_text text, size_t pos)
{
    while (pos < text.len && text.ptr[pos] >= '0' && text.ptr[pos] <= '9')
        pos++;
    return pos;
}

/* Length of the JSON number at the start of text, 0 if there is none. */
static size_t json_number_len(struct hn_text text)
{
    size_t pos = text.len > 0 && text.ptr[0] == '-' ? 1 : 0;
    size_t digits = skip_digits(text, pos);

    if (digits == pos || (text.ptr[pos] == '0' && digits > pos + 1))
        return 0;
    pos = digits;
    if (pos < text.len && text.ptr[pos] == '.') {
        digits = skip_digits(text, pos + 1);
        if (digits == pos + 1)
            return 0;
        pos = digits;
    }
    if (pos < text.len && (text.ptr[pos] == 'e' || text.ptr[pos] == 'E')) {
        pos++;
        if (pos < text.len && (text.ptr[pos] == '+' || text.ptr[pos] == '-'))
            pos++;
        digits = skip_digits(text, pos);
        if (digits == pos)
            return 0;
        pos = digits;
    }
    return pos;
}

/* A number of any length as one that strtod() takes without a long copy. No point halfway between
 * two doubles has more than 767 significant digits, so of the digits past REAL_DIGITS_MAX it only
 * matters whether any is not zero: a single 1 stands for them. */
#define REAL_DIGITS_MAX 800

/* The exponent that a number writes behind its 'e' at pos, cut to what matters. */
static int64_t written_exponent(struct hn_text text, size_t pos)
{
    int64_t written;

    if (pos >= text.len)
        return 0;
    if (hn_parse_i64(hn_text_sub(text, pos + 1, text.len), &written) && written <= INT32_MAX &&
            written >= -INT32_MAX)
        return written;
    return text.ptr[pos + 1] == '-' ? -INT32_MAX : INT32_MAX;
}

static double long_real(struct hn_text text)
{
    char copy[REAL_DIGITS_MAX + 40];
    size_t len = 0;
    size_t pos = 0;
    size_t kept = 0;
    int64_t exponent = 0;
    int64_t behind_point = 0; /* 1 once the point has been passed */
    bool more = false;

    if (text.ptr[0] == '-') {
        copy[len++] = '-';
        pos = 1;
    }
    for (; pos < text.len && (text.ptr[pos] | 0x20) != 'e'; pos++) {
        char c = text.ptr[pos];

        if (c == '.') {
            behind_point = 1;
        } else if (kept == 0 && c == '0') {
            exponent -= behind_point;
        } else if (kept < REAL_DIGITS_MAX) {
            copy[len++] = c;
            kept++;
            exponent -= behind_point;
        } else {
            more = more || c != '0';
            exponent += 1 - behind_point;
        }
    }
    if (more) {
        copy[len++] = '1';
        exponent--;
    }
    if (kept == 0)
        copy[len++] = '0';
    exponent += written_exponent(text, pos);
    (void)snprintf(copy + len, sizeof copy - len, "e%lld", (long long)exponent);
    return strtod(copy, NULL);
}

bool hn_parse_real(struct hn_text text, double *ret_value)
{
    char copy[64];
    int64_t integer;

    if (text.len == 0 || json_number_len(text) != text.len)
        return false;
    if (text.len <= 15 && hn_parse_i64(text, &integer)) { /* exact, and the usual case */
        *ret_value = text.ptr[0] == '-' && integer == 0 ? -0.0 : (double)integer;
        return true;
    }
    if (text.len >= sizeof copy) {
        *ret_value = long_real(text);
        return true;
    }
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    *ret_value = strtod(copy, NULL); /* the program never leaves the "C" locale */
    return true;
}

size_t hn_u64_write(uint64_t value, char *out)
{
    char digits[HN_U64_DIGITS_MAX];
    size_t len = 0;

    do {
        digits[len++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    for (size_t i = 0; i < len; i++)
        out[i] = digits[len - 1 - i];
    return len;
}

size_t hn_real_write(double value, char *out)
{
    int len = 0;

    if (isnan(value)) {
        memcpy(out, "nan", 3);
        return 3;
    }
    if (isinf(value)) {
        memcpy(out, value < 0 ? "-inf" : "inf", 4);
        return value < 0 ? 4 : 3;
    }
    for (int digits = 15; digits <= 17; digits++) {
        len = snprintf(out, 32, "%.*g", digits, value);
        if (strtod(out, NULL) == value) /* NOLINT(cert-err34-c): reading back our own text */
            break;
    }
    return (size_t)len;
}
