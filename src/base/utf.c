/* utf.c - UTF-8 and UTF-16; hostile bytes in, well-formed text out. */
#include "base/utf.h"

#include "base/fold_table.h"

#if defined(__SSE2__)
#    include <emmintrin.h>
#endif

bool hn_is_ascii(struct hn_text text)
{
    size_t i = 0;

#if defined(__SSE2__)
    for (; text.len - i >= 16; i += 16) {
        if (_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(const void *)(text.ptr + i))) != 0)
            return false;
    }
#endif
    for (; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= 0x80)
            return false;
    }
    return true;
}

/* Lowest allowed second byte and its range depend on the first byte (Unicode 15, table 3-7). */
static size_t sequence_len(const uint8_t *p, size_t left)
{
    uint8_t first = p[0];
    uint8_t low = 0x80;
    uint8_t high = 0xBF;
    size_t len;

    if (first < 0x80)
        return 1;
    if (first < 0xC2 || first > 0xF4)
        return 0;
    len = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (first == 0xE0)
        low = 0xA0;
    else if (first == 0xED)
        high = 0x9F;
    else if (first == 0xF0)
        low = 0x90;
    else if (first == 0xF4)
        high = 0x8F;
    if (left < len || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    }
    return len;
}

bool hn_utf8_valid(struct hn_bytes bytes)
{
    size_t pos = 0;

    while (pos < bytes.len) {
        size_t len;

#if defined(__SSE2__)
        if (bytes.len - pos >= 16 &&
                _mm_movemask_epi8(
                        _mm_loadu_si128((const __m128i *)(const void *)(bytes.ptr + pos))) == 0) {
            pos += 16;
            continue;
        }
#endif
        len = sequence_len(bytes.ptr + pos, bytes.len - pos);
        if (len == 0)
            return false;
        pos += len;
    }
    return true;
}

size_t hn_utf8_decode(struct hn_text text, size_t pos, uint32_t *ret_code_point)
{
    const uint8_t *p = (const uint8_t *)text.ptr + pos;
    size_t len = sequence_len(p, text.len - pos);

    switch (len) {
    case 1:
        *ret_code_point = p[0];
        break;
    case 2:
        *ret_code_point = (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
        break;
    case 3:
        *ret_code_point =
                (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
        break;
    case 4:
        *ret_code_point = (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 |
                          (uint32_t)(p[2] & 0x3F) << 6 | (p[3] & 0x3F);
        break;
    default:
        break;
    }
    return len;
}

size_t hn_utf8_count(struct hn_text text)
{
    size_t count = 0;

    for (size_t pos = 0; pos < text.len; count++) {
        uint32_t code_point;
        size_t len = hn_utf8_decode(text, pos, &code_point);

        pos += len == 0 ? 1 : len;
    }
    return count;
}

/* Blocks that Unicode's EastAsianWidth gives as W or F, as terminals draw them. */
static bool is_wide(uint32_t c)
{
    return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0x303E) ||
           (c >= 0x3041 && c <= 0xA4CF) || (c >= 0xA960 && c <= 0xA97F) ||
           (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
           (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1F64F) ||
           (c >= 0x1F900 && c <= 0x1F9FF) || (c >= 0x20000 && c <= 0x3FFFD);
}

static bool is_mark(uint32_t c)
{
    return (c >= 0x0300 && c <= 0x036F) || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x20D0 && c <= 0x20FF) || (c >= 0x3099 && c <= 0x309A) ||
           (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF;
}

size_t hn_utf8_code_point_columns(uint32_t code_point)
{
    if (is_mark(code_point))
        return 0;
    return is_wide(code_point) ? 2 : 1;
}

size_t hn_utf8_columns(struct hn_text text)
{
    size_t columns = 0;

    for (size_t pos = 0; pos < text.len;) {
        uint32_t code_point = 0xFFFD;
        size_t len = hn_utf8_decode(text, pos, &code_point);

        columns += hn_utf8_code_point_columns(code_point);
        pos += len == 0 ? 1 : len;
    }
    return columns;
}

bool hn_utf8_repair(struct hn_buf *buf, struct hn_text text)
{
    const uint8_t *bytes = (const uint8_t *)text.ptr;
    bool well_formed = true;
    size_t start = 0;
    size_t pos = 0;

    while (pos < text.len) {
        size_t len = sequence_len(bytes + pos, text.len - pos);

        if (len == 0) {
            hn_buf_add(buf, text.ptr + start, pos - start);
            hn_buf_add_lit(buf, HN_UTF8_REPLACEMENT);
            well_formed = false;
            pos++;
            start = pos;
        } else {
            pos += len;
        }
    }
    hn_buf_add(buf, text.ptr + start, text.len - start);
    return well_formed;
}

size_t hn_utf8_encode(uint32_t c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

size_t hn_utf16le_to_utf8_raw(struct hn_bytes utf16, char *out, bool *ret_well_formed)
{
    const uint8_t *p = utf16.ptr;
    size_t units = utf16.len / 2;
    size_t len = 0;
    bool well_formed = utf16.len % 2 == 0;

    for (size_t i = 0; i < units; i++) {
        uint32_t c;

#if defined(__SSE2__)
        while (units - i >= 8) { /* eight units at a time while they are ASCII */
            __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i * 2));

            if (_mm_movemask_epi8(_mm_cmpeq_epi16(_mm_and_si128(v, _mm_set1_epi16((short)0xFF80)),
                        _mm_setzero_si128())) != 0xFFFF)
                break;
            _mm_storel_epi64((__m128i *)(void *)(out + len), _mm_packus_epi16(v, v));
            len += 8;
            i += 8;
        }
        if (i == units)
            break;
#endif
        c = (uint32_t)(p[i * 2] | p[i * 2 + 1] << 8);
        if (c >= 0xD800 && c <= 0xDFFF) {
            uint32_t low = i + 1 < units ? (uint32_t)(p[i * 2 + 2] | p[i * 2 + 3] << 8) : 0;

            if (c <= 0xDBFF && low >= 0xDC00 && low <= 0xDFFF) {
                c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
                i++;
            } else {
                c = 0xFFFD;
                well_formed = false;
            }
        }
        len += hn_utf8_encode(c, out + len);
    }
    if (utf16.len % 2 != 0)
        len += hn_utf8_encode(0xFFFD, out + len);
    if (ret_well_formed != NULL)
        *ret_well_formed = well_formed;
    return len;
}

bool hn_utf16le_to_utf8(struct hn_buf *buf, struct hn_bytes utf16)
{
    bool well_formed = false;

    if (!hn_buf_reserve(buf, HN_UTF16_TO_UTF8_ROOM(utf16.len)))
        return false;
    buf->len += hn_utf16le_to_utf8_raw(utf16, buf->ptr + buf->len, &well_formed);
    return well_formed;
}

static void add_utf16(struct hn_buf *buf, uint32_t unit, bool big_endian)
{
    char low = (char)(unit & 0xFF);
    char high = (char)(unit >> 8 & 0xFF);

    hn_buf_add_char(buf, big_endian ? high : low);
    hn_buf_add_char(buf, big_endian ? low : high);
}

static void utf8_to_utf16(struct hn_buf *buf, struct hn_text text, bool big_endian)
{
    for (size_t pos = 0; pos < text.len;) {
        uint32_t c = 0xFFFD;
        size_t len = hn_utf8_decode(text, pos, &c);

        if (c >= 0x10000) {
            add_utf16(buf, 0xD800 + ((c - 0x10000) >> 10), big_endian);
            add_utf16(buf, 0xDC00 + ((c - 0x10000) & 0x3FF), big_endian);
        } else {
            add_utf16(buf, c, big_endian);
        }
        pos += len == 0 ? 1 : len;
    }
}

void hn_utf8_to_utf16le(struct hn_buf *buf, struct hn_text text)
{
    utf8_to_utf16(buf, text, false);
}

void hn_utf8_to_utf16be(struct hn_buf *buf, struct hn_text text)
{
    utf8_to_utf16(buf, text, true);
}

uint32_t hn_fold_code_point(uint32_t code_point)
{
    size_t low = 0;
    size_t high = HN_COUNT_OF(fold_ranges);

    if (code_point < 0x80)
        return code_point >= 'A' && code_point <= 'Z' ? code_point + 32 : code_point;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct fold_range *range = &fold_ranges[mid];

        if (code_point > range->last)
            low = mid + 1;
        else if (code_point < range->first)
            high = mid;
        else if ((code_point - range->first) % range->step != 0)
            return code_point;
        else
            return (uint32_t)((int32_t)code_point + range->delta);
    }
    return code_point;
}

void hn_lower_ascii(struct hn_text text, char *out)
{
    size_t i = 0;

#if defined(__SSE2__)
    for (; text.len - i >= 16; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text.ptr + i));
        __m128i upper = _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8('A' - 1)),
                _mm_cmplt_epi8(v, _mm_set1_epi8('Z' + 1)));

        v = _mm_or_si128(v, _mm_and_si128(upper, _mm_set1_epi8(0x20)));
        _mm_storeu_si128((__m128i *)(void *)(out + i), v);
    }
#endif
    for (; i < text.len; i++) {
        char c = text.ptr[i];

        out[i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
}

size_t hn_fold(struct hn_text text, char *out)
{
    size_t len = 0;

    if (hn_is_ascii(text)) {
        hn_lower_ascii(text, out);
        return text.len;
    }
    for (size_t pos = 0; pos < text.len;) {
        uint32_t c = 0;
        size_t took = hn_utf8_decode(text, pos, &c);

        if (took == 0) {
            out[len++] = text.ptr[pos++];
        } else {
            len += hn_utf8_encode(hn_fold_code_point(c), out + len);
            pos += took;
        }
    }
    return len;
}
