/* enc.h - hex, base64 and percent encoding as found in logs, rules and indicators.
 *
 * Decoders take hostile text and say how much of it was well-formed; encoders are exact.
 * Memory: they append to an hn_buf. Concurrency: pure. */
#ifndef HN_BASE_ENC_H
#define HN_BASE_ENC_H

#include "base/buf.h"
#include "base/view.h"

#include <stdbool.h>

/* Appends the bytes of pairs of hex digits. False (nothing appended) unless all of text is pairs.
 */
bool hn_hex_decode(struct hn_buf *buf, struct hn_text text);
bool hn_is_hex(struct hn_text text); /* only hex digits, at least one */

/* RFC 4648 section 4, with padding. */
void hn_base64_encode(struct hn_buf *buf, struct hn_bytes bytes);
/* Accepts missing padding, the URL-safe alphabet, and white space between characters. False
 * (nothing appended) when anything else stands in text, a lone character is left over, or there is
 * more padding than the last group lacks. */
bool hn_base64_decode(struct hn_buf *buf, struct hn_text text);

/* Appends text with %XX resolved; a '%' that is none stays as it is. */
void hn_percent_decode(struct hn_buf *buf, struct hn_text text);

#endif
