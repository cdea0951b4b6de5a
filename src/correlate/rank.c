/* rank.c - the two heaps. Links hold the position in a heap, and in the top bit which heap. */
#include "correlate/rank.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define LOWER      0u
#define UPPER      1u
#define UPPER_LINK 0x80000000u

/* Which of two values is nearer to the top of a half. */
static bool is_above(uint32_t half, double a, double b)
{
    return half == LOWER ? a > b : a < b;
}

static void put(struct rank *rank, const struct rank_owner *owner, uint32_t half, uint32_t pos,
        struct rank_entry entry)
{
    rank->half[half].entries[pos] = entry;
    *owner->link_of(owner->owner, entry.number) = half == UPPER ? pos | UPPER_LINK : pos;
}

static void move_up(struct rank *rank, const struct rank_owner *owner, uint32_t half, uint32_t pos,
        struct rank_entry entry)
{
    const struct rank_entry *entries = rank->half[half].entries;

    while (pos > 0 && is_above(half, entry.value, entries[(pos - 1) / 2].value)) {
        put(rank, owner, half, pos, entries[(pos - 1) / 2]);
        pos = (pos - 1) / 2;
    }
    put(rank, owner, half, pos, entry);
}

static void move_down(struct rank *rank, const struct rank_owner *owner, uint32_t half,
        uint32_t pos, struct rank_entry entry)
{
    const struct rank_entry *entries = rank->half[half].entries;
    uint32_t count = rank->half[half].count;

    for (;;) {
        uint32_t child = 2 * pos + 1;

        if (child + 1 < count && is_above(half, entries[child + 1].value, entries[child].value))
            child++;
        if (child >= count || !is_above(half, entries[child].value, entry.value))
            break;
        put(rank, owner, half, pos, entries[child]);
        pos = child;
    }
    put(rank, owner, half, pos, entry);
}

static void insert(
        struct rank *rank, const struct rank_owner *owner, uint32_t half, struct rank_entry entry)
{
    move_up(rank, owner, half, rank->half[half].count++, entry);
}

static struct rank_entry take(
        struct rank *rank, const struct rank_owner *owner, uint32_t half, uint32_t pos)
{
    struct rank_heap *heap = &rank->half[half];
    struct rank_entry taken = heap->entries[pos];
    struct rank_entry last = heap->entries[--heap->count];

    if (pos == heap->count)
        return taken;
    if (pos > 0 && is_above(half, last.value, heap->entries[(pos - 1) / 2].value))
        move_up(rank, owner, half, pos, last);
    else
        move_down(rank, owner, half, pos, last);
    return taken;
}

/* 0-based rank of the value at or below the percentile. */
static double position(uint32_t count, double share)
{
    return share * (double)(count - 1);
}

static void balance(struct rank *rank, const struct rank_owner *owner)
{
    uint32_t count = rank->half[LOWER].count + rank->half[UPPER].count;
    uint32_t want = count == 0 ? 0 : (uint32_t)floor(position(count, owner->share)) + 1;

    while (rank->half[LOWER].count > want)
        insert(rank, owner, UPPER, take(rank, owner, LOWER, 0));
    while (rank->half[LOWER].count < want)
        insert(rank, owner, LOWER, take(rank, owner, UPPER, 0));
}

bool rank_reserve(struct rank *rank, struct budget *budget, uint32_t room)
{
    struct rank bigger = *rank;

    if (room <= rank->room)
        return true;
    bigger.room = room;
    for (uint32_t i = LOWER; i <= UPPER; i++) {
        bigger.half[i].entries = budget_alloc(budget, room * sizeof(struct rank_entry));
        if (bigger.half[i].entries == NULL) {
            if (i == UPPER)
                budget_free(budget, bigger.half[LOWER].entries, room * sizeof(struct rank_entry));
            return false;
        }
        if (rank->half[i].count > 0)
            memcpy(bigger.half[i].entries, rank->half[i].entries,
                    rank->half[i].count * sizeof(struct rank_entry));
    }
    rank_release(rank, budget);
    *rank = bigger;
    return true;
}

void rank_release(struct rank *rank, struct budget *budget)
{
    for (uint32_t i = LOWER; i <= UPPER; i++)
        budget_free(budget, rank->half[i].entries, rank->room * sizeof(struct rank_entry));
    memset(rank, 0, sizeof *rank);
}

void rank_add(struct rank *rank, const struct rank_owner *owner, double value, uint32_t number)
{
    struct rank_entry entry = { value, number };
    bool lower = rank->half[LOWER].count > 0 && value <= rank->half[LOWER].entries[0].value;

    insert(rank, owner, lower ? LOWER : UPPER, entry);
    balance(rank, owner);
}

void rank_remove(struct rank *rank, const struct rank_owner *owner, uint32_t number)
{
    uint32_t link = *owner->link_of(owner->owner, number);
    uint32_t half = (link & UPPER_LINK) != 0 ? UPPER : LOWER;

    assert((link & ~UPPER_LINK) < rank->half[half].count);
    (void)take(rank, owner, half, link & ~UPPER_LINK);
    balance(rank, owner);
}

double rank_value(const struct rank *rank, double share)
{
    double at = position(rank->half[LOWER].count + rank->half[UPPER].count, share);
    double part = at - floor(at);
    double low;

    assert(rank->half[LOWER].count > 0);
    low = rank->half[LOWER].entries[0].value;
    if (part <= 0 || rank->half[UPPER].count == 0)
        return low;
    return low * (1 - part) + rank->half[UPPER].entries[0].value * part;
}
