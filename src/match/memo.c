/* memo.c - the values of most fields repeat (images, users, providers): what an index found in one
 * is remembered. Direct-mapped, one slot per hash; the value's bytes are compared, so nobody can
 * make one value pass for another. */
#include "match/match_internal.h"

#include "base/mem.h"

struct memo {
    uint64_t seed;
    uint32_t mask;
    struct memo_slot slots[];
};

struct memo *memo_new(uint32_t entries)
{
    struct memo *memo = hn_calloc(1, sizeof *memo + (size_t)entries * sizeof memo->slots[0]);

    if (memo != NULL) {
        memo->mask = entries - 1;
        memo->seed = hn_hash_seed();
    }
    return memo;
}

void memo_free(struct memo *memo)
{
    hn_free(memo);
}

struct memo_slot *memo_find(struct memo *memo, const struct field_index *index,
        const struct hn_value *value, bool *ret_known)
{
    struct memo_slot *slot;
    uint64_t hash;

    *ret_known = false;
    if (value->len > MEMO_BYTES_MAX || value->form > HN_FORM_UTF16)
        return NULL;
    hash = hn_hash(value->ptr, value->len, memo->seed + index->number);
    slot = &memo->slots[hash & memo->mask];
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
