/* view.h - borrowed ranges of memory: hn_bytes (unjudged) and hn_text (meant to be read).
 *
 * A view owns nothing and ends with what it points into. Neither is NUL-terminated. hn_text is
 * UTF-8 where its producer says so; text taken straight from a log may hold any byte until
 * hn_utf8_valid() or an escaping writer has seen it.
 * Concurrency: values, safe to copy anywhere. */
#ifndef HN_BASE_VIEW_H
#define HN_BASE_VIEW_H

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct hn_bytes {
    const uint8_t *ptr;
    size_t len;
};

struct hn_text {
    const char *ptr;
    size_t len;
};

/* A literal as a view: HN_TEXT("Channel"). */
#define HN_TEXT(literal) ((struct hn_text){ "" literal "", sizeof(literal) - 1 })
#define HN_TEXT_INIT(literal)              \
    {                                      \
        "" literal "", sizeof(literal) - 1 \
    }

/* For printf: printf("%.*s", HN_TEXT_ARG(t)). Only for text already made harmless. */
#define HN_TEXT_ARG(text) (int)(text).len, (text).ptr

HN_INLINE struct hn_text hn_text_of(const char *ptr, size_t len)
{
    return (struct hn_text){ ptr, len };
}

HN_INLINE struct hn_text hn_text_cstr(const char *cstr)
{
    return (struct hn_text){ cstr, strlen(cstr) };
}

HN_INLINE struct hn_bytes hn_bytes_of(const void *ptr, size_t len)
{
    return (struct hn_bytes){ (const uint8_t *)ptr, len };
}

HN_INLINE struct hn_text hn_bytes_as_text(struct hn_bytes bytes)
{
    return (struct hn_text){ (const char *)bytes.ptr, bytes.len };
}

HN_INLINE struct hn_bytes hn_text_as_bytes(struct hn_text text)
{
    return (struct hn_bytes){ (const uint8_t *)text.ptr, text.len };
}

HN_INLINE bool hn_text_eq(struct hn_text a, struct hn_text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* [start, start + len) cut to what is there; start past the end gives an empty view. */
HN_INLINE struct hn_text hn_text_sub(struct hn_text text, size_t start, size_t len)
{
    if (start > text.len)
        start = text.len;
    if (len > text.len - start)
        len = text.len - start;
    if (start != 0) /* an absent text is NULL, to which nothing may be added */
        text.ptr += start;
    return (struct hn_text){ text.ptr, len };
}

bool hn_text_eq_nocase(struct hn_text a, struct hn_text b); /* ASCII letters only */
bool hn_text_starts(struct hn_text text, struct hn_text prefix);
bool hn_text_ends(struct hn_text text, struct hn_text suffix);
bool hn_text_starts_nocase(struct hn_text text, struct hn_text prefix);
bool hn_text_ends_nocase(struct hn_text text, struct hn_text suffix);

/* Index of the first occurrence at or after start, or SIZE_MAX. */
size_t hn_text_find(struct hn_text text, struct hn_text needle, size_t start);
size_t hn_text_find_char(struct hn_text text, char c, size_t start);
size_t hn_text_find_nocase(struct hn_text text, struct hn_text needle, size_t start);

/* Without leading and trailing space, tab, CR, LF. */
struct hn_text hn_text_trim(struct hn_text text);

/* Takes what stands before the first sep off *rest (all of it where there is none) and moves *rest
 * behind the sep. False when *rest was already used up (ptr NULL). */
bool hn_text_split(struct hn_text *rest, char sep, struct hn_text *ret_part);

/* The next line without its LF or CRLF; a last line needs none. False at the end. */
bool hn_text_line(struct hn_text *rest, struct hn_text *ret_line);

/* Order by bytes, shorter first on a tie: <0, 0, >0. */
int hn_text_cmp(struct hn_text a, struct hn_text b);

/* Edits (insert, delete, replace a byte) that turn one short word into the other, for "did you
 * mean"; SIZE_MAX for words of 64 bytes and more. */
size_t hn_text_distance(struct hn_text a, struct hn_text b);

#endif
