/* enc.c - hex, base64, percent encoding. */
#include "base/enc.h"

#if defined(__SSE2__)
#    include <emmintrin.h>
#endif

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

/* The byte of two hex digits. */
static unsigned hex_pair(const char *p)
{
    return (unsigned)hex_digit(p[0]) << 4 | (unsigned)hex_digit(p[1]);
}

bool hn_is_hex(struct hn_text text)
{
    size_t i = 0;

#if defined(__SSE2__)
    for (; text.len - i >= 16; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text.ptr + i));
        __m128i letter = _mm_or_si128(v, _mm_set1_epi8(0x20));
        __m128i is_digit = _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8('0' - 1)),
                _mm_cmplt_epi8(v, _mm_set1_epi8('9' + 1)));
        __m128i is_letter = _mm_and_si128(_mm_cmpgt_epi8(letter, _mm_set1_epi8('a' - 1)),
                _mm_cmplt_epi8(letter, _mm_set1_epi8('f' + 1)));

        if (_mm_movemask_epi8(_mm_or_si128(is_digit, is_letter)) != 0xFFFF)
            return false;
    }
#endif
    for (; i < text.len; i++) {
        if (hex_digit(text.ptr[i]) < 0)
            return false;
    }
    return text.len > 0;
}

bool hn_hex_decode(struct hn_buf *buf, struct hn_text text)
{
    if (text.len % 2 != 0 || (text.len > 0 && !hn_is_hex(text)) ||
            !hn_buf_reserve(buf, text.len / 2))
        return false;
    for (size_t i = 0; i < text.len; i += 2)
        buf->ptr[buf->len++] = (char)hex_pair(text.ptr + i);
    return true;
}

static const char base64_digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void hn_base64_encode(struct hn_buf *buf, struct hn_bytes bytes)
{
    size_t i = 0;

    if (bytes.len > SIZE_MAX / 2 || !hn_buf_reserve(buf, (bytes.len + 2) / 3 * 4))
        return;
    for (; bytes.len - i >= 3; i += 3) {
        uint32_t group =
                (uint32_t)bytes.ptr[i] << 16 | (uint32_t)bytes.ptr[i + 1] << 8 | bytes.ptr[i + 2];

        buf->ptr[buf->len++] = base64_digits[group >> 18];
        buf->ptr[buf->len++] = base64_digits[group >> 12 & 63];
        buf->ptr[buf->len++] = base64_digits[group >> 6 & 63];
        buf->ptr[buf->len++] = base64_digits[group & 63];
    }
    if (i < bytes.len) {
        bool two = bytes.len - i == 2;
        uint32_t group = (uint32_t)bytes.ptr[i] << 16 | (two ? (uint32_t)bytes.ptr[i + 1] << 8 : 0);

        buf->ptr[buf->len++] = base64_digits[group >> 18];
        buf->ptr[buf->len++] = base64_digits[group >> 12 & 63];
        buf->ptr[buf->len++] = two ? base64_digits[group >> 6 & 63] : '=';
        buf->ptr[buf->len++] = '=';
    }
}

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    if (c == '/' || c == '_')
        return 63;
    return -1;
}

bool hn_base64_decode(struct hn_buf *buf, struct hn_text text)
{
    size_t start = buf->len;
    uint32_t group = 0;
    unsigned digits = 0;
    size_t pads = 0;

    if (!hn_buf_reserve(buf, text.len / 4 * 3 + 3))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        int digit = base64_digit(c);

        if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            continue;
        if (c == '=' && pads < 2) {
            pads++;
            continue;
        }
        if (digit < 0 || pads > 0) {
            buf->len = start;
            return false;
        }
        group = group << 6 | (uint32_t)digit;
        digits++;
        if (digits == 4) {
            buf->ptr[buf->len++] = (char)(group >> 16);
            buf->ptr[buf->len++] = (char)(group >> 8);
            buf->ptr[buf->len++] = (char)group;
            group = 0;
            digits = 0;
        }
    }
    if (digits == 1 || pads > (4 - digits) % 4) {
        buf->len = start;
        return false;
    }
    if (digits >= 2)
        buf->ptr[buf->len++] = (char)(group >> (digits == 2 ? 4 : 10));
    if (digits == 3)
        buf->ptr[buf->len++] = (char)(group >> 2);
    return true;
}

void hn_percent_decode(struct hn_buf *buf, struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '%' && text.len - i > 2 && hex_digit(text.ptr[i + 1]) >= 0 &&
                hex_digit(text.ptr[i + 2]) >= 0) {
            hn_buf_add_char(buf, (char)hex_pair(text.ptr + i + 1));
            i += 2;
        } else {
            hn_buf_add_char(buf, text.ptr[i]);
        }
    }
}
