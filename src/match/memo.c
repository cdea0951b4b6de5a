/* memo.c - the values of most fields repeat (images, users, providers): what an index found in one
 * is remembered. Direct-mapped, one slot per hash; the value's bytes are compared, so nobody can
 * make one value pass for another. */
#include "match/match_internal.h"

#include "base/mem.h"

struct memo {
    uint64_t seed;
    uint32_t mask;
    struct memo_slot *slots;
};

/* The first line of a slot holds all there is to a short value. */
#define CACHE_LINE 64

struct memo *memo_new(uint32_t entries)
{
    struct memo *memo = hn_calloc(1, sizeof *memo);

    if (memo == NULL)
        return NULL;
    memo->mask = entries - 1;
    memo->seed = hn_hash_seed();
    memo->slots = hn_aligned_alloc(CACHE_LINE, entries * sizeof *memo->slots);
    if (memo->slots == NULL) {
        hn_free(memo);
        return NULL;
    }
    memset(memo->slots, 0, entries * sizeof *memo->slots);
    return memo;
}

void memo_free(struct memo *memo)
{
    if (memo == NULL)
        return;
    hn_free(memo->slots);
    hn_free(memo);
}

bool memo_takes(const struct hn_value *value)
{
    return value->len <= MEMO_BYTES_MAX && value->form <= HN_FORM_UTF16;
}

uint64_t memo_hash(
        const struct memo *memo, const struct field_index *index, const struct hn_value *value)
{
    uint64_t hash = hn_hash(value->ptr, value->len, memo->seed + index->number);
    const struct memo_slot *slot = &memo->slots[hash & memo->mask];

    __builtin_prefetch(slot);
    if (value->len > sizeof slot->bytes - (sizeof *slot - CACHE_LINE))
        __builtin_prefetch((const char *)slot + CACHE_LINE);
    return hash;
}

struct memo_slot *memo_find(struct memo *memo, const struct field_index *index,
        const struct hn_value *value, uint64_t hash, bool *ret_known)
{
    struct memo_slot *slot = &memo->slots[hash & memo->mask];

    *ret_known = false;
    if (slot->hash == hash && slot->index == index->number + 1 && slot->len == value->len &&
            slot->form == value->form && memcmp(slot->bytes, value->ptr, value->len) == 0) {
        *ret_known = true;
        return slot;
    }
    slot->hash = hash;
    slot->index = 0; /* until the answer is known */
    slot->len = (uint8_t)value->len;
    slot->form = value->form;
    memcpy(slot->bytes, value->ptr, value->len);
    return slot;
}
