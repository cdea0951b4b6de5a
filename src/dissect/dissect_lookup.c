/* dissect_lookup.c - string stores by name. Scripts ask for thousands of cells, so each object has
 * an index of its stores, without regard to case; of several with one name the first counts. */
#include "dissect/dissect_internal.h"

#include "base/mem.h"

#define CASE_BITS UINT64_C(0x2020202020202020) /* letters of ASCII differ by this bit alone */

/* The same for names that differ in case; eight bytes at a time, since names of cells and controls
 * are long, and most that scripts ask for are not there. */
HN_WRAPS static uint64_t hash_of(struct hn_text name)
{
    uint64_t hash = 14695981039346656037u ^ name.len;

    for (size_t i = 0; i < name.len; i += 8) {
        uint64_t word = 0;

        memcpy(&word, name.ptr + i, name.len - i < 8 ? name.len - i : 8);
        hash = (hash ^ (word | CASE_BITS)) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    return hash;
}

/* The slot of the name with this hash, or the empty one where it would stand. */
static size_t slot_of(const struct object_entry *entry, struct hn_text name, uint64_t hash)
{
    size_t slot = (size_t)hash & (entry->index_room - 1);

    while (entry->index[slot] != NULL && !hn_text_eq_nocase(entry->index[slot]->name, name))
        slot = (slot + 1) & (entry->index_room - 1);
    return slot;
}

/* False without memory. */
static bool make_index(struct object_entry *entry)
{
    size_t room = 16;

    while (room < (size_t)entry->stores * 2)
        room *= 2;
    hn_free(entry->index);
    entry->index = hn_calloc(room, sizeof(const struct dissect_store *));
    entry->index_room = room;
    entry->indexed = entry->stores;
    if (entry->index == NULL)
        return false;
    for (const struct dissect_store *store = entry->object.stores; store != NULL;
            store = store->next) {
        size_t slot = slot_of(entry, store->name, hash_of(store->name));

        if (entry->index[slot] == NULL)
            entry->index[slot] = store;
    }
    return true;
}

static const struct dissect_store *find(
        struct object_entry *entry, struct hn_text name, uint64_t hash)
{
    if (entry->stores == 0)
        return NULL;
    if ((entry->index == NULL || entry->indexed != entry->stores) && !make_index(entry))
        return NULL;
    return entry->index[slot_of(entry, name, hash)];
}

bool dissect_lookup(void *scope_ctx, struct hn_text name, struct hn_text *ret_text)
{
    const struct dissect_scope *scope = scope_ctx;
    uint64_t hash = hash_of(name); /* names may be long, and are asked for level by level */
    uint32_t id = scope->id;

    while (id != DISSECT_NONE) {
        struct object_entry *entry = dissect_entry(scope->dissect, id);
        const struct dissect_store *store = find(entry, name, hash);

        if (store != NULL) {
            *ret_text = store->value;
            return true;
        }
        id = entry->object.parent;
    }
    return false;
}
