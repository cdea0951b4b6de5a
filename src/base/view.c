/* view.c - searching and cutting borrowed text. */
#include "base/view.h"

#include <stdint.h>

#if defined(__SSE2__)
#    include <emmintrin.h>
#endif

HN_INLINE unsigned char lower_ascii(char c)
{
    unsigned char u = (unsigned char)c;

    return u >= 'A' && u <= 'Z' ? (unsigned char)(u | 0x20) : u;
}

static bool same_nocase(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (lower_ascii(a[i]) != lower_ascii(b[i]))
            return false;
    }
    return true;
}

bool hn_text_eq_nocase(struct hn_text a, struct hn_text b)
{
    return a.len == b.len && same_nocase(a.ptr, b.ptr, a.len);
}

bool hn_text_starts(struct hn_text text, struct hn_text prefix)
{
    return prefix.len <= text.len && hn_text_eq(hn_text_of(text.ptr, prefix.len), prefix);
}

bool hn_text_ends(struct hn_text text, struct hn_text suffix)
{
    return suffix.len <= text.len &&
           hn_text_eq(hn_text_sub(text, text.len - suffix.len, suffix.len), suffix);
}

bool hn_text_starts_nocase(struct hn_text text, struct hn_text prefix)
{
    return prefix.len <= text.len && same_nocase(text.ptr, prefix.ptr, prefix.len);
}

bool hn_text_ends_nocase(struct hn_text text, struct hn_text suffix)
{
    return suffix.len <= text.len &&
           hn_text_eq_nocase(hn_text_sub(text, text.len - suffix.len, suffix.len), suffix);
}

static size_t find_by_first(struct hn_text text, struct hn_text needle, size_t pos)
{
    while (needle.len <= text.len - pos) {
        const char *hit = memchr(text.ptr + pos, needle.ptr[0], text.len - pos - needle.len + 1);

        if (hit == NULL)
            return SIZE_MAX;
        pos = (size_t)(hit - text.ptr);
        if (memcmp(hit, needle.ptr, needle.len) == 0)
            return pos;
        pos++;
    }
    return SIZE_MAX;
}

/* Sixteen places at a time where both the first and the last byte fit; in logs either of them alone
 * is often everywhere. */
size_t hn_text_find(struct hn_text text, struct hn_text needle, size_t start)
{
    size_t pos = start;

    if (start > text.len || needle.len > text.len - start)
        return SIZE_MAX;
    if (needle.len == 0)
        return start;
#if defined(__SSE2__)
    if (needle.len > 1) {
        __m128i first = _mm_set1_epi8(needle.ptr[0]);
        __m128i last = _mm_set1_epi8(needle.ptr[needle.len - 1]);

        for (; pos + needle.len - 1 + 16 <= text.len; pos += 16) {
            const char *p = text.ptr + pos;
            __m128i a = _mm_loadu_si128((const __m128i *)(const void *)p);
            __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(p + needle.len - 1));
            unsigned mask = (unsigned)_mm_movemask_epi8(
                    _mm_and_si128(_mm_cmpeq_epi8(a, first), _mm_cmpeq_epi8(b, last)));

            for (; mask != 0; mask &= mask - 1) {
                size_t at = (size_t)__builtin_ctz(mask);

                if (memcmp(p + at, needle.ptr, needle.len) == 0)
                    return pos + at;
            }
        }
    }
#endif
    return find_by_first(text, needle, pos);
}

size_t hn_text_find_char(struct hn_text text, char c, size_t start)
{
    const char *hit;

    if (start >= text.len)
        return SIZE_MAX;
    hit = memchr(text.ptr + start, c, text.len - start);
    return hit == NULL ? SIZE_MAX : (size_t)(hit - text.ptr);
}

#if defined(__SSE2__)
/* Which of the 16 bytes at p are the letter in either case. */
HN_INLINE unsigned letter_mask(const char *p, __m128i lower, __m128i upper)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);

    return (unsigned)_mm_movemask_epi8(
            _mm_or_si128(_mm_cmpeq_epi8(v, lower), _mm_cmpeq_epi8(v, upper)));
}
#endif

HN_INLINE char upper_ascii(char c)
{
    return (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
}

/* Compares only where the first and the last byte of the needle fit. */
size_t hn_text_find_nocase(struct hn_text text, struct hn_text needle, size_t start)
{
    size_t pos = start;
    size_t last;

    if (start > text.len || needle.len > text.len - start)
        return SIZE_MAX;
    if (needle.len == 0)
        return start;
    last = text.len - needle.len; /* the last position where it fits */
#if defined(__SSE2__)
    {
        char first_byte = (char)lower_ascii(needle.ptr[0]);
        char last_byte = (char)lower_ascii(needle.ptr[needle.len - 1]);
        __m128i first_lower = _mm_set1_epi8(first_byte);
        __m128i first_upper = _mm_set1_epi8(upper_ascii(first_byte));
        __m128i last_lower = _mm_set1_epi8(last_byte);
        __m128i last_upper = _mm_set1_epi8(upper_ascii(last_byte));

        for (; pos + 15 <= last; pos += 16) {
            unsigned mask = letter_mask(text.ptr + pos, first_lower, first_upper) &
                            letter_mask(text.ptr + pos + needle.len - 1, last_lower, last_upper);

            for (; mask != 0; mask &= mask - 1) {
                size_t at = pos + (size_t)__builtin_ctz(mask);

                if (same_nocase(text.ptr + at, needle.ptr, needle.len))
                    return at;
            }
        }
    }
#endif
    for (; pos <= last; pos++) {
        if (same_nocase(text.ptr + pos, needle.ptr, needle.len))
            return pos;
    }
    return SIZE_MAX;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct hn_text hn_text_trim(struct hn_text text)
{
    while (text.len > 0 && is_space(text.ptr[0])) {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && is_space(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

bool hn_text_split(struct hn_text *rest, char sep, struct hn_text *ret_part)
{
    size_t pos;

    if (rest->ptr == NULL)
        return false;
    pos = hn_text_find_char(*rest, sep, 0);
    if (pos == SIZE_MAX) {
        *ret_part = *rest;
        *rest = (struct hn_text){ NULL, 0 };
        return true;
    }
    *ret_part = hn_text_of(rest->ptr, pos);
    rest->ptr += pos + 1;
    rest->len -= pos + 1;
    return true;
}

bool hn_text_line(struct hn_text *rest, struct hn_text *ret_line)
{
    if (rest->len == 0)
        return false;
    (void)hn_text_split(rest, '\n', ret_line);
    if (ret_line->len > 0 && ret_line->ptr[ret_line->len - 1] == '\r')
        ret_line->len--;
    return true;
}

int hn_text_cmp(struct hn_text a, struct hn_text b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len == 0 ? 0 : memcmp(a.ptr, b.ptr, len);

    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

size_t hn_text_distance(struct hn_text a, struct hn_text b)
{
    size_t row[64];
    size_t previous;

    if (a.len >= HN_COUNT_OF(row) || b.len >= HN_COUNT_OF(row))
        return SIZE_MAX;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        previous = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t keep = row[j];
            size_t best = previous + (a.ptr[i - 1] == b.ptr[j - 1] ? 0 : 1);

            best = row[j] + 1 < best ? row[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            row[j] = best;
            previous = keep;
        }
    }
    return row[b.len];
}
