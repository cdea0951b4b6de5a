/* dissect_lookup.c - string stores by name. Scripts ask for thousands of cells, so each object has
 * an index of its stores, without regard to case; of several with one name the first counts. */
#include "dissect/dissect_internal.h"

#include "base/mem.h"

/* Of the name in lower case (ASCII). */
HN_WRAPS static uint64_t hash_of(struct hn_text name)
{
    uint64_t hash = 14695981039346656037u;

    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];

        if (c >= 'A' && c <= 'Z')
            c = (unsigned char)(c - 'A' + 'a');
        hash = (hash ^ c) * (uint64_t)1099511628211u;
    }
    return hash ^ hash >> 32;
}

/* The slot of this name, or the empty one where it would stand. */
static size_t slot_of(const struct object_entry *entry, struct hn_text name)
{
    size_t slot = (size_t)hash_of(name) & (entry->index_room - 1);

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
        size_t slot = slot_of(entry, store->name);

        if (entry->index[slot] == NULL)
            entry->index[slot] = store;
    }
    return true;
}

static const struct dissect_store *find(struct object_entry *entry, struct hn_text name)
{
    if (entry->stores == 0)
        return NULL;
    if ((entry->index == NULL || entry->indexed != entry->stores) && !make_index(entry))
        return NULL;
    return entry->index[slot_of(entry, name)];
}

bool dissect_lookup(void *scope_ctx, struct hn_text name, struct hn_text *ret_text)
{
    const struct dissect_scope *scope = scope_ctx;
    uint32_t id = scope->id;

    while (id != DISSECT_NONE) {
        struct object_entry *entry = dissect_entry(scope->dissect, id);
        const struct dissect_store *store = find(entry, name);

        if (store != NULL) {
            *ret_text = store->value;
            return true;
        }
        id = entry->object.parent;
    }
    return false;
}
