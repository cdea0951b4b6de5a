/* name_table.h - the look-up that runs for every name of every event: (parent, name) to node.
 *
 * Private to src/event. Most names are wanted by nobody, so a miss must end at the first probe: the
 * table is at most a quarter full and its tags are small enough to stay in the first-level cache.
 * Names looked up are hostile, those stored are not: a hostile name cannot lengthen a chain.
 * Concurrency: any number of readers once nothing is put any more. */
#ifndef HN_EVENT_NAME_TABLE_H
#define HN_EVENT_NAME_TABLE_H

#include "base/attr.h"
#include "base/view.h"
#include "event/event.h"

struct name_edge {
    const char *name;
    uint32_t name_len;
    hn_node parent;
    hn_node child;
};

struct name_table {
    uint32_t *tags; /* 0: an empty slot */
    struct name_edge *edges;
    uint32_t count;
    uint32_t mask; /* room - 1 */
};

HN_INLINE uint64_t name_load(const char *p, size_t len)
{
    uint64_t word = 0;

    memcpy(&word, p, len);
    return word;
}

HN_INLINE HN_WRAPS uint32_t name_tag(hn_node parent, const char *name, size_t len)
{
    uint64_t first;
    uint64_t last;
    uint64_t h;

    if (len >= 8) {
        first = name_load(name, 8);
        last = name_load(name + len - 8, 8);
    } else if (len >= 4) {
        first = name_load(name, 4);
        last = name_load(name + len - 4, 4);
    } else {
        first = len == 0 ? 0
                         : (uint64_t)(unsigned char)name[0] | (uint64_t)(unsigned char)name[len / 2]
                                                                      << 8;
        last = len == 0 ? 0 : (uint64_t)(unsigned char)name[len - 1];
    }
    h = (first ^ (uint64_t)parent << 48 ^ (uint64_t)len << 56) * 0x9E3779B97F4A7C15u;
    h = (h ^ h >> 29 ^ last) * 0xD6E8FEB86659FD93u;
    return (uint32_t)(h >> 32) | 1;
}

HN_INLINE bool name_same(const char *a, const char *b, size_t len)
{
    if (len >= 8) {
        size_t i = 0;

        for (; i + 8 < len; i += 8) {
            if (name_load(a + i, 8) != name_load(b + i, 8))
                return false;
        }
        return name_load(a + len - 8, 8) == name_load(b + len - 8, 8);
    }
    if (len >= 4)
        return name_load(a, 4) == name_load(b, 4) &&
               name_load(a + len - 4, 4) == name_load(b + len - 4, 4);
    return len == 0 || (a[0] == b[0] && a[len / 2] == b[len / 2] && a[len - 1] == b[len - 1]);
}

/* The edge, or NULL. */
HN_INLINE const struct name_edge *name_table_find(
        const struct name_table *table, hn_node parent, struct hn_text name)
{
    uint32_t tag = name_tag(parent, name.ptr, name.len);

    for (uint32_t pos = tag >> 1 & table->mask; table->tags[pos] != 0;
            pos = (pos + 1) & table->mask) {
        const struct name_edge *edge = &table->edges[pos];

        if (table->tags[pos] == tag && edge->name_len == name.len && edge->parent == parent &&
                name_same(edge->name, name.ptr, name.len))
            return edge;
    }
    return NULL;
}

HN_MUST_USE bool name_table_init(struct name_table *table);
void name_table_deinit(struct name_table *table); /* a zeroed table is fine */

/* Enters an edge unless it is there; false when out of memory. name must outlive the table. */
HN_MUST_USE bool name_table_put(
        struct name_table *table, hn_node parent, struct hn_text name, hn_node child);

#endif
