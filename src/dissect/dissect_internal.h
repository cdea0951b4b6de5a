/* dissect_internal.h - the tree, for the parts of this module. */
#ifndef HN_DISSECT_DISSECT_INTERNAL_H
#define HN_DISSECT_DISSECT_INTERNAL_H

#include "base/mem.h"
#include "base/vec.h"
#include "dissect/dissect.h"

/* An object and the ends of its lists. */
struct object_entry {
    struct dissect_object object;
    struct dissect_fact *last_fact;
    struct dissect_note *last_note;
    struct dissect_store *last_store;
    struct dissect_text *last_text;
    struct dissect_act *last_act;
    uint32_t facts;
    uint32_t notes;
    uint32_t stores;
    uint32_t texts;
    uint32_t acts;
    /* Stores by name, made when somebody looks for one: as many as were there then. */
    const struct dissect_store **index; /* index_room slots, a power of two; NULL: empty */
    size_t index_room;
    uint32_t indexed;
    uint32_t limits_said; /* bit per LIMIT_ below */
    uint64_t inflated_bytes;
    bool bomb_said;
};

enum limit_kind {
    LIMIT_DEPTH,
    LIMIT_OBJECTS,
    LIMIT_FILE_BYTES,
    LIMIT_MEMORY,
    LIMIT_FACTS,
    LIMIT_STORES,
    LIMIT_DERIVE,
};

struct dissect {
    struct hn_arena arena;
    struct dissect_limits limits;
    HN_VEC(struct object_entry *) objects; /* entries in the arena: pointers stay */
    HN_VEC(struct hn_text) passwords;
    uint64_t inflated_bytes;
    uint64_t derived_rounds;
};

struct object_entry *dissect_entry(const struct dissect *dissect, uint32_t id);
/* A limit with the room for what others know. */
HN_INLINE uint32_t dissect_max_known(uint32_t max)
{
    return max > UINT32_MAX - DISSECT_KNOWN_MAX ? UINT32_MAX : max + DISSECT_KNOWN_MAX;
}
/* A note on the object, once per kind of limit. */
void dissect_limit_note(struct dissect *dissect, uint32_t id, enum limit_kind kind);

#endif
