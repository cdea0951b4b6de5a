/* map.h - a hash map from text to a 32-bit number (an index into the caller's own array).
 *
 * Keys are borrowed: they must live as long as the map (put them into the same arena).
 * Life: zero-initialise -> put/find -> hn_map_deinit(). Keys are never removed singly.
 * Memory: one table, doubled at 3/4 load.
 * Concurrency: any number of readers once nothing is put any more. */
#ifndef HN_BASE_MAP_H
#define HN_BASE_MAP_H

#include "base/attr.h"
#include "base/view.h"

#include <stddef.h>
#include <stdint.h>

#define HN_MAP_NONE UINT32_MAX

struct hn_map_slot {
    const char *key;
    uint32_t key_len;
    uint32_t value;
    uint64_t hash;
};

struct hn_map {
    struct hn_map_slot *slots;
    size_t count;
    size_t room; /* a power of two, or 0 */
};

void hn_map_deinit(struct hn_map *map);

/* The value put for key, or HN_MAP_NONE. */
uint32_t hn_map_find(const struct hn_map *map, struct hn_text key);

/* Stores value for key unless the key is there already; *ret_value is what the map now holds.
 * False when out of memory (or the key is longer than 4 GiB): nothing changed. */
HN_MUST_USE bool hn_map_put(
        struct hn_map *map, struct hn_text key, uint32_t value, uint32_t *ret_value);

#endif
