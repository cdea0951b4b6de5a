/* gram_filter.h - which places of a text may hold one of some hundred windows of four bytes.
 *
 * Private to src/match. Two Bloom filters of 1,024 bits each lie in four vector registers, where
 * one instruction looks 64 bytes up at once: seven times as fast as asking a table in memory about
 * one place after the other. It needs AVX-512 with VBMI; elsewhere no filter is made.
 *
 * Concurrency: immutable once filled. */
#ifndef HN_MATCH_GRAM_FILTER_H
#define HN_MATCH_GRAM_FILTER_H

#include "base/attr.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

/* With more windows too many places pass. */
#define GRAM_FILTER_MAX 512u

struct gram_filter {
    uint8_t first[128];
    uint8_t second[128];
};

bool match_gram_filter_available(void);
void match_gram_filter_add(struct gram_filter *filter, uint32_t gram);

/* Looks at the windows that begin at pos and behind it, GRAM_FILTER_STEP for each mask; bit n of
 * ret_masks[m] stands for pos + m * GRAM_FILTER_STEP + n. Stops at end or when the masks are full;
 * returns how many there are. The text has 64 readable bytes behind end; bits from end on mean
 * nothing. */
#define GRAM_FILTER_STEP  61u /* of 64 bytes, the last three begin no whole window */
#define GRAM_FILTER_MASKS 16u
uint32_t match_gram_filter_masks(const struct gram_filter *filter, const char *text, size_t pos,
        size_t end, uint64_t ret_masks[GRAM_FILTER_MASKS]);

#endif
