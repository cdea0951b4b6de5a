/* ring.h - a queue of equal items in one array: in at the end, out at the front.
 *
 * Each item has a sequence number that stays its own while it is in the ring, wherever the array
 * moves: other structures refer to items by it.
 * Life: zero-initialise -> ring_add/ring_drop -> ring_release().
 * Memory: one array from the budget, doubled when full; the size of an item is the caller's and
 * the same in every call.
 * Limits: 2^30 items; callers name smaller ones.
 * Concurrency: one thread at a time. */
#ifndef HN_CORRELATE_RING_H
#define HN_CORRELATE_RING_H

#include "base/attr.h"
#include "correlate/budget.h"

#include <stdbool.h>
#include <stdint.h>

#define RING_ROOM_MAX ((uint32_t)1 << 30)

struct ring {
    unsigned char *items;
    uint32_t first; /* sequence number of the oldest item */
    uint32_t count;
    uint32_t room; /* a power of two, or 0 */
};

HN_INLINE void *ring_by_number(const struct ring *ring, size_t item_bytes, uint32_t number)
{
    return ring->items + (number & (ring->room - 1)) * item_bytes;
}

/* The item at a position counted from the oldest. */
HN_INLINE void *ring_at(const struct ring *ring, size_t item_bytes, uint32_t position)
{
    return ring_by_number(ring, item_bytes, ring->first + position);
}

HN_INLINE void *ring_newest(const struct ring *ring, size_t item_bytes)
{
    return ring_at(ring, item_bytes, ring->count - 1);
}

/* Whether a room read from somewhere can be one for so many items. */
HN_INLINE bool ring_is_room(uint32_t room, uint32_t count)
{
    return (room & (room - 1)) == 0 && room <= RING_ROOM_MAX && count <= room;
}

HN_INLINE void ring_drop(struct ring *ring)
{
    ring->first++;
    ring->count--;
}

void ring_release(struct ring *ring, struct budget *budget, size_t item_bytes);
/* Room for at least this many items (a power of two). False without memory: nothing changed. */
HN_MUST_USE bool ring_reserve(
        struct ring *ring, struct budget *budget, size_t item_bytes, uint32_t room);
/* Room for one more; where the array is full, a bigger one. */
HN_MUST_USE bool ring_has_room(struct ring *ring, struct budget *budget, size_t item_bytes);
/* A new newest item, not initialised, or NULL without memory. */
HN_MUST_USE void *ring_add(struct ring *ring, struct budget *budget, size_t item_bytes);

#endif
