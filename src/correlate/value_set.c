/* value_set.c - open addressing with linear probing; removal closes the gap. */
#include "correlate/value_set.h"

#include <assert.h>

/* A search ends at a free place: there must always be one. */
#define ROOM_MIN 8

#define SECOND_SEED 0x9FB21C651E98DF25u

struct value_name correlate_value_name_of(struct hn_text text, uint64_t seed)
{
    struct value_name name = { hn_hash_text(text, seed),
        hn_hash_text(text, hn_mix64(seed ^ SECOND_SEED)) };

    if (name.low == 0)
        name.low = 1;
    return name;
}

struct value *value_set_find(const struct value_set *set, struct value_name name)
{
    uint32_t mask = set->room - 1;

    if (set->count == 0)
        return NULL;
    for (uint32_t pos = (uint32_t)name.low & mask;; pos = (pos + 1) & mask) {
        struct value *value = &set->places[pos];

        if (value->name.low == name.low && value->name.high == name.high)
            return value;
        if (value->name.low == 0)
            return NULL;
    }
}

struct value *value_set_by_latest(const struct value_set *set, uint64_t low, uint32_t latest)
{
    uint32_t mask = set->room - 1;

    if (set->count == 0)
        return NULL;
    for (uint32_t pos = (uint32_t)low & mask;; pos = (pos + 1) & mask) {
        struct value *value = &set->places[pos];

        if (value->name.low == low && value->latest == latest)
            return value;
        if (value->name.low == 0)
            return NULL;
    }
}

static struct value *free_place(const struct value_set *set, uint64_t low)
{
    uint32_t mask = set->room - 1;
    uint32_t pos = (uint32_t)low & mask;

    while (set->places[pos].name.low != 0)
        pos = (pos + 1) & mask;
    return &set->places[pos];
}

bool value_set_reserve(struct value_set *set, struct budget *budget, uint32_t room)
{
    struct value_set bigger = { NULL, set->count, room < ROOM_MIN ? ROOM_MIN : room };

    if (room <= set->room)
        return true;
    assert((room & (room - 1)) == 0);
    bigger.places = budget_alloc(budget, bigger.room * sizeof(struct value));
    if (bigger.places == NULL)
        return false;
    for (uint32_t i = 0; i < set->room; i++) {
        if (set->places[i].name.low != 0)
            *free_place(&bigger, set->places[i].name.low) = set->places[i];
    }
    value_set_release(set, budget);
    *set = bigger;
    return true;
}

bool value_set_has_room(struct value_set *set, struct budget *budget)
{
    if (set->count < set->room - set->room / 4)
        return true;
    if (set->room > UINT32_MAX / 2) {
        budget->status = HN_LIMIT;
        return false;
    }
    return value_set_reserve(set, budget, set->room == 0 ? ROOM_MIN : set->room * 2);
}

struct value *value_set_put(struct value_set *set, struct value_name name)
{
    struct value *value = free_place(set, name.low);

    value->name = name;
    set->count++;
    return value;
}

void value_set_remove(struct value_set *set, struct value *value)
{
    uint32_t mask = set->room - 1;
    uint32_t gap = (uint32_t)(value - set->places);
    uint32_t pos = (gap + 1) & mask;

    /* What follows moves up unless that would put it before its own first place. */
    for (; set->places[pos].name.low != 0; pos = (pos + 1) & mask) {
        uint32_t home = (uint32_t)set->places[pos].name.low & mask;

        if (((pos - home) & mask) >= ((pos - gap) & mask)) {
            set->places[gap] = set->places[pos];
            gap = pos;
        }
    }
    memset(&set->places[gap], 0, sizeof *set->places);
    set->count--;
}

void value_set_release(struct value_set *set, struct budget *budget)
{
    budget_free(budget, set->places, set->room * sizeof(struct value));
    memset(set, 0, sizeof *set);
}
