/* table.h - a hash table of pointers to items that carry their own key.
 *
 * Life: zero-initialise -> put/find/remove -> table_release(). The items are the caller's.
 * Memory: one array from the budget, doubled at 3/4 load, never shrunk.
 * Hashes must be seeded (hn_hash_seed): keys come from hostile input.
 * Concurrency: one thread at a time. */
#ifndef HN_CORRELATE_TABLE_H
#define HN_CORRELATE_TABLE_H

#include "base/view.h"
#include "correlate/budget.h"

#include <stdbool.h>
#include <stdint.h>

struct table_slot {
    uint64_t hash;
    void *item; /* NULL: free */
};

struct table {
    struct table_slot *slots;
    uint32_t count;
    uint32_t room; /* a power of two, or 0 */
};

/* The key of an item, as it was put. */
typedef struct hn_text table_key(const void *item);

HN_INLINE size_t table_bytes(uint32_t room)
{
    return room * sizeof(struct table_slot);
}

/* Has the place of a hash in the cache for what comes next. */
HN_INLINE void table_ask(const struct table *table, uint64_t hash)
{
    if (table->room > 0)
        __builtin_prefetch(&table->slots[(uint32_t)hash & (table->room - 1)]);
}

void table_release(struct table *table, struct budget *budget);
void *table_find(const struct table *table, uint64_t hash, struct hn_text key, table_key *key_of);
/* The key must not be in the table. False without memory: nothing changed. */
HN_MUST_USE bool table_put(struct table *table, struct budget *budget, uint64_t hash, void *item);
/* The item must be in the table. */
void table_remove(struct table *table, uint64_t hash, const void *item);
/* Room for at least this many slots (a power of two), for a restored table. */
HN_MUST_USE bool table_reserve(struct table *table, struct budget *budget, uint32_t room);

#endif
