/* map.c - open addressing with linear probing. */
#include "base/map.h"

#include "base/hash.h"
#include "base/mem.h"

void hn_map_deinit(struct hn_map *map)
{
    hn_free(map->slots);
    memset(map, 0, sizeof *map);
}

static struct hn_map_slot *find_slot(const struct hn_map *map, struct hn_text key, uint64_t hash)
{
    size_t pos = (size_t)hash & (map->room - 1);

    for (;;) {
        struct hn_map_slot *slot = &map->slots[pos];

        if (slot->key == NULL)
            return slot;
        if (slot->hash == hash && slot->key_len == key.len &&
                (key.len == 0 || memcmp(slot->key, key.ptr, key.len) == 0))
            return slot;
        pos = (pos + 1) & (map->room - 1);
    }
}

uint32_t hn_map_find(const struct hn_map *map, struct hn_text key)
{
    const struct hn_map_slot *slot;

    if (map->count == 0)
        return HN_MAP_NONE;
    slot = find_slot(map, key, hn_hash_text(key, hn_hash_seed()));
    return slot->key == NULL ? HN_MAP_NONE : slot->value;
}

static bool grow(struct hn_map *map)
{
    struct hn_map bigger = { NULL, map->count, map->room == 0 ? 16 : map->room * 2 };

    bigger.slots = hn_calloc(bigger.room, sizeof *bigger.slots);
    if (bigger.slots == NULL)
        return false;
    for (size_t i = 0; i < map->room; i++) {
        const struct hn_map_slot *slot = &map->slots[i];

        if (slot->key != NULL)
            *find_slot(&bigger, hn_text_of(slot->key, slot->key_len), slot->hash) = *slot;
    }
    hn_free(map->slots);
    *map = bigger;
    return true;
}

bool hn_map_put(struct hn_map *map, struct hn_text key, uint32_t value, uint32_t *ret_value)
{
    uint64_t hash = hn_hash_text(key, hn_hash_seed());
    struct hn_map_slot *slot;

    if (key.len > UINT32_MAX)
        return false;
    if (map->count + 1 > map->room - map->room / 4 && !grow(map))
        return false;
    slot = find_slot(map, key, hash);
    if (slot->key == NULL) {
        slot->key = key.ptr == NULL ? "" : key.ptr;
        slot->key_len = (uint32_t)key.len;
        slot->value = value;
        slot->hash = hash;
        map->count++;
    }
    *ret_value = slot->value;
    return true;
}
