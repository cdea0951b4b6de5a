/* ring.c - growth of the queues in ring.h. */
#include "correlate/ring.h"

#include <assert.h>
#include <string.h>

void ring_release(struct ring *ring, struct budget *budget, size_t item_bytes)
{
    if (ring->items != NULL)
        budget_free(budget, ring->items, ring->room * item_bytes);
    memset(ring, 0, sizeof *ring);
}

bool ring_reserve(struct ring *ring, struct budget *budget, size_t item_bytes, uint32_t room)
{
    struct ring bigger = { NULL, ring->first, ring->count, room };

    if (room <= ring->room)
        return true;
    assert((room & (room - 1)) == 0);
    if (room > RING_ROOM_MAX) {
        budget->status = HN_LIMIT;
        return false;
    }
    bigger.items = budget_alloc(budget, room * item_bytes);
    if (bigger.items == NULL)
        return false;
    for (uint32_t i = 0; i < ring->count; i++)
        memcpy(ring_at(&bigger, item_bytes, i), ring_at(ring, item_bytes, i), item_bytes);
    ring_release(ring, budget, item_bytes);
    *ring = bigger;
    return true;
}

bool ring_has_room(struct ring *ring, struct budget *budget, size_t item_bytes)
{
    return ring->count < ring->room ||
           ring_reserve(ring, budget, item_bytes, ring->room == 0 ? 1 : ring->room * 2);
}

void *ring_add(struct ring *ring, struct budget *budget, size_t item_bytes)
{
    if (!ring_has_room(ring, budget, item_bytes))
        return NULL;
    ring->count++;
    return ring_newest(ring, item_bytes);
}
