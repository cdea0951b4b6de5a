/* raw_scan.h - a fast "could this line hold any of these words" over raw text, any case.
 *
 * Private to src/match. For keyword rules: raw lines are long, the words few, and hardly a line has
 * any, so the scan must cost next to nothing and may be wrong in one direction: it reports words
 * that may be there, and never misses one.
 * Concurrency: immutable once built. */
#ifndef HN_MATCH_RAW_SCAN_H
#define HN_MATCH_RAW_SCAN_H

#include "base/attr.h"
#include "base/status.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

struct raw_scan;

/* words: folded, ASCII only, at least RAW_WORD_MIN bytes each; copied. */
#define RAW_WORD_MIN 3
HN_MUST_USE enum hn_status raw_scan_new(
        const struct hn_text *words, uint32_t count, struct raw_scan **ret_scan);
void raw_scan_free(struct raw_scan *scan); /* NULL is fine */

/* True when some word may stand in text (ASCII letters in any case). */
bool raw_scan_any(const struct raw_scan *scan, struct hn_text text);

#endif
