/* num.h - numbers from text and back, without locale, without errno, without leniency.
 *
 * Each parser takes the whole text or refuses it. Concurrency: pure. */
#ifndef HN_BASE_NUM_H
#define HN_BASE_NUM_H

#include "base/attr.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

#define HN_U64_DIGITS_MAX 20

/* Decimal digits only; false on anything else, on empty text, or past the type's range. */
bool hn_parse_u64(struct hn_text text, uint64_t *ret_value);
bool hn_parse_i64(struct hn_text text, int64_t *ret_value); /* with an optional '-' or '+' */
bool hn_parse_u32(struct hn_text text, uint32_t *ret_value);
/* Hexadecimal digits, with or without 0x. */
bool hn_parse_hex64(struct hn_text text, uint64_t *ret_value);
/* The JSON number grammar (RFC 8259, section 6): -?int frac? exp?, no leading zeros or '+'. */
bool hn_parse_real(struct hn_text text, double *ret_value);

/* Writes decimal digits to out (HN_U64_DIGITS_MAX bytes), returns how many; no NUL. */
size_t hn_u64_write(uint64_t value, char *out);
/* The shortest text that reads back as the same double ("1", "0.1", "1e+300"); no NUL.
 * out holds at least 32 bytes; NaN and infinities give "nan", "inf", "-inf". */
size_t hn_real_write(double value, char *out);

#endif
