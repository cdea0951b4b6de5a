/* intake_keys.c - the keys of batches that came in lately, as digests of fixed size.
 *
 * The digests are taken with a seed of this intake, kept with its state: who sends keys cannot
 * prepare one that is mistaken for another's. */
#include "intake/intake_internal.h"

#include "base/mem.h"

#define ROOM_MIN 64u

struct hn_digest intake_key_digest(uint64_t seed, struct hn_text source, struct hn_text key)
{
    uint64_t first = hn_hash_text(source, seed);

    return (struct hn_digest){ hn_hash_text(key, hn_mix64(first)),
        hn_hash_text(key, hn_mix64(first ^ UINT64_C(0x5851F42D4C957F2D))) };
}

static uint32_t slot_mask(const struct intake_keys *keys)
{
    return keys->room * 2 - 1;
}

/* The slot that holds the digest, or the empty one where it would go. */
static uint32_t slot_of(const struct intake_keys *keys, struct hn_digest digest)
{
    uint32_t slot = (uint32_t)digest.high & slot_mask(keys);

    while (keys->slots[slot] != 0 &&
            !hn_digest_eq(keys->ring[keys->slots[slot] - 1].digest, digest))
        slot = (slot + 1) & slot_mask(keys);
    return slot;
}

struct intake_key *intake_keys_find(struct intake_keys *keys, struct hn_digest digest)
{
    uint32_t place = keys->room == 0 ? 0 : keys->slots[slot_of(keys, digest)];

    return place == 0 ? NULL : &keys->ring[place - 1];
}

/* Empties a slot and moves back what stands behind it only because it was taken. */
static void slot_clear(struct intake_keys *keys, uint32_t hole)
{
    uint32_t mask = slot_mask(keys);

    for (uint32_t slot = (hole + 1) & mask; keys->slots[slot] != 0; slot = (slot + 1) & mask) {
        uint32_t home = (uint32_t)keys->ring[keys->slots[slot] - 1].digest.high & mask;

        if (((slot - home) & mask) >= ((slot - hole) & mask)) {
            keys->slots[hole] = keys->slots[slot];
            hole = slot;
        }
    }
    keys->slots[hole] = 0;
}

void intake_keys_forget(struct intake_keys *keys, struct hn_digest digest)
{
    uint32_t slot;

    if (keys->room == 0)
        return;
    slot = slot_of(keys, digest);
    if (keys->slots[slot] == 0)
        return;
    keys->ring[keys->slots[slot] - 1].forgotten = true;
    slot_clear(keys, slot);
}

static void drop_oldest(struct intake_keys *keys)
{
    struct intake_key *oldest = &keys->ring[keys->head];

    if (!oldest->forgotten)
        slot_clear(keys, slot_of(keys, oldest->digest));
    keys->head = (keys->head + 1) & (keys->room - 1);
    keys->count--;
}

static bool grow(struct intake_keys *keys)
{
    struct intake_keys wider = { .room = keys->room == 0 ? ROOM_MIN : keys->room * 2,
        .count_max = keys->count_max };

    wider.ring = hn_malloc(wider.room * sizeof *wider.ring);
    wider.slots = hn_calloc((size_t)wider.room * 2, sizeof *wider.slots);
    if (wider.ring == NULL || wider.slots == NULL) {
        hn_free(wider.ring);
        hn_free(wider.slots);
        return false;
    }
    for (uint32_t i = 0; i < keys->count; i++) {
        const struct intake_key *key = &keys->ring[(keys->head + i) & (keys->room - 1)];

        if (key->forgotten)
            continue;
        wider.ring[wider.count] = *key;
        wider.slots[slot_of(&wider, key->digest)] = ++wider.count;
    }
    hn_free(keys->ring);
    hn_free(keys->slots);
    *keys = wider;
    return true;
}

struct intake_key *intake_keys_add(
        struct intake_keys *keys, struct hn_digest digest, hn_time received)
{
    uint32_t count_max = keys->count_max == 0 ? INTAKE_KEYS_MAX : keys->count_max;
    uint32_t place;

    if (received < 0) /* a clock that was never set; differences below stay in range */
        received = 0;
    while (keys->count > 0 && (keys->count >= count_max ||
                                      received - keys->ring[keys->head].received > INTAKE_KEY_AGE))
        drop_oldest(keys);
    if (keys->count == keys->room && !grow(keys))
        return NULL;
    place = (keys->head + keys->count) & (keys->room - 1);
    keys->ring[place] = (struct intake_key){ .digest = digest, .received = received };
    keys->slots[slot_of(keys, digest)] = place + 1;
    keys->count++;
    return &keys->ring[place];
}

void intake_keys_deinit(struct intake_keys *keys)
{
    hn_free(keys->ring);
    hn_free(keys->slots);
    *keys = (struct intake_keys){ 0 };
}
