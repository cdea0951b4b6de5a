/* value_set.h - a set of values, each known by a 128-bit name instead of its text.
 *
 * Two values with the same name would be taken for one. A name is two 64-bit hashes with seeds
 * that nobody outside knows: among a million values, the chance is 1 in 2^88. In exchange a value
 * is 24 bytes in one array, found with one wait for memory however many there are.
 * Life: zero-initialise -> has_room/put/find/remove -> value_set_release().
 * Memory: one array from the budget, doubled at 3/4 load, never shrunk. Pointers to values end
 * with the next put, remove or reserve.
 * Concurrency: one thread at a time. */
#ifndef HN_CORRELATE_VALUE_SET_H
#define HN_CORRELATE_VALUE_SET_H

#include "base/hash.h"
#include "base/view.h"
#include "correlate/budget.h"

#include <stdbool.h>
#include <stdint.h>

struct value_name {
    uint64_t low; /* never 0 */
    uint64_t high;
};

struct value {
    struct value_name name; /* low 0: a free place */
    uint32_t latest;        /* the owner's number for it, one no other value has */
    uint32_t input;         /* the owner's */
};

struct value_set {
    struct value *places;
    uint32_t count;
    uint32_t room; /* a power of two, or 0 */
};

struct value_name correlate_value_name_of(struct hn_text text, uint64_t seed);

/* Has the place of a value in the cache for what comes next. */
HN_INLINE void value_set_ask(const struct value_set *set, uint64_t low)
{
    if (set->room > 0)
        __builtin_prefetch(&set->places[(uint32_t)low & (set->room - 1)]);
}

struct value *value_set_find(const struct value_set *set, struct value_name name);
/* By half its name and the owner's number. */
struct value *value_set_by_latest(const struct value_set *set, uint64_t low, uint32_t latest);

/* Room for one more; false without memory: nothing changed. */
HN_MUST_USE bool value_set_has_room(struct value_set *set, struct budget *budget);
HN_MUST_USE bool value_set_reserve(struct value_set *set, struct budget *budget, uint32_t room);
/* A value that is not in the set; there must be room. */
struct value *value_set_put(struct value_set *set, struct value_name name);
void value_set_remove(struct value_set *set, struct value *value);
void value_set_release(struct value_set *set, struct budget *budget);

#endif
