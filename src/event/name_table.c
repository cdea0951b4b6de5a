/* name_table.c - building the table of name_table.h. */
#include "event/name_table.h"

#include "base/mem.h"

#define FIRST_ROOM 1024u

bool name_table_init(struct name_table *table)
{
    memset(table, 0, sizeof *table);
    table->tags = hn_calloc(FIRST_ROOM, sizeof *table->tags);
    table->edges = hn_calloc(FIRST_ROOM, sizeof *table->edges);
    table->mask = FIRST_ROOM - 1;
    return table->tags != NULL && table->edges != NULL;
}

void name_table_deinit(struct name_table *table)
{
    hn_free(table->tags);
    hn_free(table->edges);
    memset(table, 0, sizeof *table);
}

static void insert(struct name_table *table, const struct name_edge *edge)
{
    uint32_t tag = name_tag(edge->parent, edge->name, edge->name_len);
    uint32_t pos = tag >> 1 & table->mask;

    while (table->tags[pos] != 0)
        pos = (pos + 1) & table->mask;
    table->tags[pos] = tag;
    table->edges[pos] = *edge;
    table->count++;
}

static bool grow(struct name_table *table)
{
    struct name_table bigger = { .mask = (table->mask + 1) * 2 - 1 };

    bigger.tags = hn_calloc((size_t)bigger.mask + 1, sizeof *bigger.tags);
    bigger.edges = hn_calloc((size_t)bigger.mask + 1, sizeof *bigger.edges);
    if (bigger.tags == NULL || bigger.edges == NULL) {
        name_table_deinit(&bigger);
        return false;
    }
    for (uint32_t i = 0; i <= table->mask; i++) {
        if (table->tags[i] != 0)
            insert(&bigger, &table->edges[i]);
    }
    name_table_deinit(table);
    *table = bigger;
    return true;
}

bool name_table_put(struct name_table *table, hn_node parent, struct hn_text name, hn_node child)
{
    struct name_edge edge = { name.ptr, (uint32_t)name.len, parent, child };

    if (name_table_find(table, parent, name) != NULL)
        return true;
    if ((table->count + 1) * 4 > table->mask + 1 && !grow(table))
        return false;
    insert(table, &edge);
    return true;
}
