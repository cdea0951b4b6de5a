/* rank.h - a percentile of a changing set of numbers: two heaps that meet at it.
 *
 * The lower heap holds the smallest values up to the wanted rank, largest on top; the upper heap
 * the others, smallest on top. Each value knows its place in them by a link that the owner keeps,
 * so that any value can be taken out: O(log n) for both, O(1) for the percentile.
 * Life: zero-initialise -> add/remove -> rank_release().
 * Memory: two arrays from the budget; their room follows rank_reserve().
 * Concurrency: one thread at a time. */
#ifndef HN_CORRELATE_RANK_H
#define HN_CORRELATE_RANK_H

#include "correlate/budget.h"

#include <stdbool.h>
#include <stdint.h>

struct rank_entry {
    double value;
    uint32_t number; /* the owner's name for it */
};

struct rank_heap {
    struct rank_entry *entries;
    uint32_t count;
};

struct rank {
    struct rank_heap half[2]; /* lower, upper */
    uint32_t room;            /* of each */
};

/* Where the owner keeps the link of a value. */
typedef uint32_t *rank_link(void *owner, uint32_t number);

/* Room for this many values in all; growing only. False without memory: nothing changed. */
HN_MUST_USE bool rank_reserve(struct rank *rank, struct budget *budget, uint32_t room);
void rank_release(struct rank *rank, struct budget *budget);

struct rank_owner {
    rank_link *link_of;
    void *owner;
    double share; /* the percentile, 0..1 */
};

/* The value must be finite and there must be room. */
void rank_add(struct rank *rank, const struct rank_owner *owner, double value, uint32_t number);
void rank_remove(struct rank *rank, const struct rank_owner *owner, uint32_t number);
/* Linear interpolation between the two values next to rank share * (n - 1), as PERCENTILE_CONT of
 * SQL; 0.5 is the median. The rank must not be empty. */
double rank_value(const struct rank *rank, double share);

#endif
