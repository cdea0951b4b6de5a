/* scan.h - reading a line of text from left to right.
 *
 * Private to src/decode. Each scan_ function takes what it reads off the front of *rest and leaves
 * *rest alone when that is not there.
 * Concurrency, memory: values; the texts returned are views into the line. */
#ifndef HN_DECODE_SCAN_H
#define HN_DECODE_SCAN_H

#include "base/attr.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>

HN_INLINE bool char_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

HN_INLINE bool char_is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

HN_INLINE bool char_is_letter(char c)
{
    return char_is_upper(c) || (c >= 'a' && c <= 'z');
}

HN_INLINE bool char_is_word(char c)
{
    return char_is_letter(c) || char_is_digit(c) || c == '_';
}

/* The character at index, or NUL past the end. */
HN_INLINE char text_at(struct hn_text text, size_t index)
{
    return index < text.len ? text.ptr[index] : '\0';
}

/* What follows the first count bytes. */
HN_INLINE struct hn_text text_from(struct hn_text text, size_t count)
{
    return hn_text_sub(text, count, text.len);
}

HN_INLINE void scan_skip(struct hn_text *rest, size_t count)
{
    *rest = text_from(*rest, count);
}

HN_INLINE bool scan_char(struct hn_text *rest, char c)
{
    if (text_at(*rest, 0) != c || rest->len == 0)
        return false;
    scan_skip(rest, 1);
    return true;
}

HN_INLINE bool scan_text(struct hn_text *rest, struct hn_text text)
{
    if (!hn_text_starts(*rest, text))
        return false;
    scan_skip(rest, text.len);
    return true;
}

HN_INLINE void scan_spaces(struct hn_text *rest)
{
    while (scan_char(rest, ' '))
        continue;
}

HN_INLINE size_t text_digits(struct hn_text text)
{
    size_t count = 0;

    while (char_is_digit(text_at(text, count)))
        count++;
    return count;
}

HN_INLINE struct hn_text scan_digits(struct hn_text *rest)
{
    struct hn_text digits = hn_text_sub(*rest, 0, text_digits(*rest));

    scan_skip(rest, digits.len);
    return digits;
}

/* Everything before the next space, which stays. */
HN_INLINE struct hn_text scan_word(struct hn_text *rest)
{
    size_t end = hn_text_find_char(*rest, ' ', 0);
    struct hn_text word = hn_text_sub(*rest, 0, end);

    scan_skip(rest, word.len);
    return word;
}

/* Everything before the next c, which is taken as well; false when there is none. */
HN_INLINE bool scan_before(struct hn_text *rest, char c, struct hn_text *ret_text)
{
    size_t end = hn_text_find_char(*rest, c, 0);

    if (end == SIZE_MAX)
        return false;
    *ret_text = hn_text_sub(*rest, 0, end);
    scan_skip(rest, end + 1);
    return true;
}

/* Index of the last occurrence, or SIZE_MAX. */
HN_INLINE size_t text_find_last_char(struct hn_text text, char c)
{
    for (size_t i = text.len; i > 0; i--) {
        if (text.ptr[i - 1] == c)
            return i - 1;
    }
    return SIZE_MAX;
}

#endif
