/* budget.h - memory for correlation state: counted, capped, and recycled.
 *
 * Life: zero-initialise with a cap -> alloc/free in any order -> budget_deinit().
 * Memory: pieces given back are kept for the next piece of that size, so that windows in steady
 * state ask the heap for nothing; what is kept does not count as used. With HN_ARENA_MALLOC
 * nothing is kept, so that sanitizers see every end of life.
 * Limits: cap_bytes of used pieces. The count is of the sizes asked for, rounded up, and so the
 * same on every machine: which state is evicted at the cap does not depend on the heap.
 * Concurrency: one thread at a time. */
#ifndef HN_CORRELATE_BUDGET_H
#define HN_CORRELATE_BUDGET_H

#include "base/attr.h"
#include "base/status.h"

#include <stddef.h>

#define BUDGET_STEP_BYTES 16
#define BUDGET_CLASSES    32 /* sizes up to 512 bytes are recycled */

struct budget_piece {
    struct budget_piece *next;
};

struct budget {
    size_t cap_bytes;
    size_t used_bytes;
    size_t peak_bytes;
    size_t kept_bytes;
    enum hn_status status; /* of the last failure: HN_LIMIT or HN_NOMEM */
    struct budget_piece *kept[BUDGET_CLASSES];
};

void budget_deinit(struct budget *budget);

/* Zeroed memory, or NULL with budget->status set. */
HN_MUST_USE void *budget_alloc(struct budget *budget, size_t size);
/* size as it was asked for; NULL is fine. */
void budget_free(struct budget *budget, void *ptr, size_t size);

#endif
