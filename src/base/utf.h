/* utf.h - UTF-8 and UTF-16, validity, conversion and case folding.
 *
 * Case folding here is Unicode's simple folding (CaseFolding.txt, status C and S): one code point
 * to one, so that "no case" means the same everywhere in the program: rules, indicators, search.
 * Memory: writers append to an hn_buf or into room the caller states.
 * Concurrency: pure. */
#ifndef HN_BASE_UTF_H
#define HN_BASE_UTF_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

/* U+FFFD, written for what cannot be decoded. */
#define HN_UTF8_REPLACEMENT "\xEF\xBF\xBD"

/* Well-formed as Unicode 15, table 3-7: no surrogates, no overlong forms, nothing past U+10FFFF. */
bool hn_utf8_valid(struct hn_bytes bytes);

/* All bytes < 0x80. */
bool hn_is_ascii(struct hn_text text);

/* Decodes one code point at text[pos] (pos < text.len): its length 1..4, or 0 when ill-formed. */
size_t hn_utf8_decode(struct hn_text text, size_t pos, uint32_t *ret_code_point);

/* Writes a code point (a scalar value, not a surrogate) to out, 1..4 bytes; returns the length. */
size_t hn_utf8_encode(uint32_t code_point, char *out);

/* Number of code points, ill-formed bytes counting one each. */
size_t hn_utf8_count(struct hn_text text);

/* Columns that a terminal uses for it: East Asian wide characters two, combining marks none. */
size_t hn_utf8_columns(struct hn_text text);
size_t hn_utf8_code_point_columns(uint32_t code_point);

/* Appends text with each ill-formed byte replaced by U+FFFD. True when it was well-formed. */
bool hn_utf8_repair(struct hn_buf *buf, struct hn_text text);

/* Appends little-endian UTF-16 as UTF-8; an unpaired surrogate or odd last byte becomes U+FFFD.
 * True when it was well-formed. */
bool hn_utf16le_to_utf8(struct hn_buf *buf, struct hn_bytes utf16);
/* The same into caller's room; room must be at least HN_UTF16_TO_UTF8_ROOM(utf16.len). */
#define HN_UTF16_TO_UTF8_ROOM(bytes) ((bytes) / 2 * 3 + 3 + 32)
size_t hn_utf16le_to_utf8_raw(struct hn_bytes utf16, char *out, bool *ret_well_formed);

/* Appends UTF-8 as UTF-16 (no byte order mark). Ill-formed bytes become U+FFFD. */
void hn_utf8_to_utf16le(struct hn_buf *buf, struct hn_text text);
void hn_utf8_to_utf16be(struct hn_buf *buf, struct hn_text text);

/* Simple case folding of one code point. */
uint32_t hn_fold_code_point(uint32_t code_point);

/* Folds text into out, which holds HN_FOLD_ROOM(text.len) bytes; returns the length written.
 * Ill-formed bytes are kept as they are. Folding never makes a character longer than 3 bytes per
 * 2 bytes of input, hence the room. */
#define HN_FOLD_ROOM(len) ((len) / 2 * 3 + 3 + 64)
size_t hn_fold(struct hn_text text, char *out);

/* ASCII letters only, in place of out (out may be text.ptr). */
void hn_lower_ascii(struct hn_text text, char *out);

#endif
