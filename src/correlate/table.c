/* table.c - open addressing with linear probing; removal closes the gap, so nothing piles up. */
#include "correlate/table.h"

#include <assert.h>

/* A search ends at a free slot: there must always be one, which 3/4 of fewer would not leave. */
#define ROOM_MIN 8

void table_release(struct table *table, struct budget *budget)
{
    if (table->slots != NULL)
        budget_free(budget, table->slots, table_bytes(table->room));
    memset(table, 0, sizeof *table);
}

void *table_find(const struct table *table, uint64_t hash, struct hn_text key, table_key *key_of)
{
    uint32_t mask = table->room - 1;

    if (table->count == 0)
        return NULL;
    for (uint32_t pos = (uint32_t)hash & mask;; pos = (pos + 1) & mask) {
        const struct table_slot *slot = &table->slots[pos];

        if (slot->item == NULL)
            return NULL;
        if (slot->hash == hash && hn_text_eq(key_of(slot->item), key))
            return slot->item;
    }
}

static void place(struct table *table, uint64_t hash, void *item)
{
    uint32_t mask = table->room - 1;
    uint32_t pos = (uint32_t)hash & mask;

    while (table->slots[pos].item != NULL)
        pos = (pos + 1) & mask;
    table->slots[pos] = (struct table_slot){ hash, item };
}

bool table_reserve(struct table *table, struct budget *budget, uint32_t room)
{
    struct table bigger = { NULL, table->count, room < ROOM_MIN ? ROOM_MIN : room };

    if (room <= table->room)
        return true;
    assert((room & (room - 1)) == 0);
    bigger.slots = budget_alloc(budget, table_bytes(bigger.room));
    if (bigger.slots == NULL)
        return false;
    for (uint32_t i = 0; i < table->room; i++) {
        if (table->slots[i].item != NULL)
            place(&bigger, table->slots[i].hash, table->slots[i].item);
    }
    table_release(table, budget);
    *table = bigger;
    return true;
}

static bool is_full(const struct table *table)
{
    return table->count >= table->room - table->room / 4;
}

bool table_put(struct table *table, struct budget *budget, uint64_t hash, void *item)
{
    if (is_full(table)) {
        if (table->room > UINT32_MAX / 2) {
            budget->status = HN_LIMIT;
            return false;
        }
        if (!table_reserve(table, budget, table->room == 0 ? ROOM_MIN : table->room * 2))
            return false;
    }
    place(table, hash, item);
    table->count++;
    return true;
}

void table_remove(struct table *table, uint64_t hash, const void *item)
{
    uint32_t mask = table->room - 1;
    uint32_t gap = (uint32_t)hash & mask;

    while (table->slots[gap].item != item) {
        assert(table->slots[gap].item != NULL);
        gap = (gap + 1) & mask;
    }
    /* What follows moves up unless that would put it before its own first position. */
    for (uint32_t pos = (gap + 1) & mask; table->slots[pos].item != NULL; pos = (pos + 1) & mask) {
        uint32_t home = (uint32_t)table->slots[pos].hash & mask;

        if (((pos - home) & mask) >= ((pos - gap) & mask)) {
            table->slots[gap] = table->slots[pos];
            gap = pos;
        }
    }
    table->slots[gap] = (struct table_slot){ 0, NULL };
    table->count--;
}
