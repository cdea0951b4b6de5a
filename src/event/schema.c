/* schema.c - numbers for field names, and the tree in which decoders of nested formats find them.
 *
 * Every wanted name is entered in all the places where products put it: as it is, nested by its
 * dots, under each known envelope, and under each known other name (names.c). Look-ups of names
 * that nobody wants end at the first probe, which is what nearly all look-ups do. */
#include "event/event_internal.h"

#include "base/mem.h"

#include <assert.h>

#define SCHEMA_BYTES_MAX ((size_t)256 << 20)

static const char *const fixed_names[] = {
#define FIXED_NAME(name, text) text,
    HN_FIELD_LIST(FIXED_NAME)
#undef FIXED_NAME
};

static const char *const mark_names[] = {
#define MARK_NAME(name, text) text,
    MARK_LIST(MARK_NAME)
#undef MARK_NAME
};

struct hn_schema *hn_schema_new(void)
{
    struct hn_schema *schema = hn_calloc(1, sizeof *schema);

    if (schema == NULL)
        return NULL;
    hn_arena_init(&schema->arena, SCHEMA_BYTES_MAX);
    for (size_t i = 0; i < HN_COUNT_OF(fixed_names); i++) {
        if (hn_schema_want(schema, hn_text_cstr(fixed_names[i])) == HN_FIELD_NONE) {
            hn_schema_free(schema);
            return NULL;
        }
    }
    return schema;
}

void hn_schema_free(struct hn_schema *schema)
{
    if (schema == NULL)
        return;
    for (size_t i = 0; i < KIND_COUNT; i++)
        hn_vec_deinit(&schema->programs[i].steps);
    hn_free(schema->edges);
    hn_vec_deinit(&schema->nodes);
    hn_vec_deinit(&schema->names);
    hn_map_deinit(&schema->by_name);
    hn_arena_deinit(&schema->arena);
    hn_free(schema);
}

hn_field hn_schema_want(struct hn_schema *schema, struct hn_text name)
{
    struct hn_text *slot;
    uint32_t value;
    uint32_t found;

    name = name_canonical(name);
    found = hn_map_find(&schema->by_name, name);

    assert(!schema->sealed);
    if (found != HN_MAP_NONE)
        return found;
    name = hn_arena_text(&schema->arena, name);
    if (name.ptr == NULL)
        return HN_FIELD_NONE;
    slot = hn_vec_add(&schema->names);
    if (slot == NULL)
        return HN_FIELD_NONE;
    *slot = name;
    if (!hn_map_put(&schema->by_name, name, (uint32_t)(schema->names.count - 1), &value)) {
        schema->names.count--;
        return HN_FIELD_NONE;
    }
    return value;
}

uint32_t hn_schema_count(const struct hn_schema *schema)
{
    return (uint32_t)schema->names.count;
}

struct hn_text hn_schema_name(const struct hn_schema *schema, hn_field field)
{
    return schema->names.ptr[field];
}

hn_field hn_schema_find(const struct hn_schema *schema, struct hn_text name)
{
    uint32_t found = hn_map_find(&schema->by_name, name_canonical(name));

    return found == HN_MAP_NONE ? HN_FIELD_NONE : found;
}

/* ---- The tree -------------------------------------------------------------------------------- */

/* The names looked up are hostile, those stored are not: a hostile name cannot lengthen a chain. */
HN_INLINE HN_WRAPS uint32_t edge_hash(hn_node parent, const char *name, size_t len)
{
    uint64_t first = 0;
    uint64_t last = 0;
    uint64_t h;

    if (len >= 8) {
        memcpy(&first, name, 8);
        memcpy(&last, name + len - 8, 8);
    } else if (len >= 4) {
        uint32_t a;
        uint32_t b;

        memcpy(&a, name, 4);
        memcpy(&b, name + len - 4, 4);
        first = a;
        last = b;
    } else if (len > 0) {
        first = (uint64_t)(unsigned char)name[0] | (uint64_t)(unsigned char)name[len / 2] << 8 |
                (uint64_t)(unsigned char)name[len - 1] << 16;
    }
    h = (first ^ (last << 32 | last >> 32)) * 0x9E3779B97F4A7C15u;
    h ^= (uint64_t)parent << 40 ^ (uint64_t)len << 3;
    h *= 0xD6E8FEB86659FD93u;
    return (uint32_t)(h >> 32);
}

static struct schema_edge *edge_slot(
        const struct hn_schema *schema, hn_node parent, struct hn_text name)
{
    uint32_t tag = edge_hash(parent, name.ptr, name.len);
    uint32_t pos = tag & schema->edge_mask;

    for (;;) {
        struct schema_edge *edge = &schema->edges[pos];

        if (edge->child == HN_NODE_NONE)
            return edge;
        if (edge->tag == tag && edge->parent == parent && edge->name_len == name.len &&
                memcmp(edge->name, name.ptr, name.len) == 0)
            return edge;
        pos = (pos + 1) & schema->edge_mask;
    }
}

const struct schema_node *schema_node_at(const struct hn_schema *schema, hn_node node)
{
    return &schema->nodes.ptr[node];
}

hn_field hn_schema_node_field(const struct hn_schema *schema, hn_node node)
{
    return schema->nodes.ptr[node].field;
}

static hn_node child_capitalized(
        const struct hn_schema *schema, hn_node lookup, struct hn_text name)
{
    char copy[128];
    const struct schema_edge *edge;

    if (name.len == 0 || name.len > sizeof copy || name.ptr[0] < 'a' || name.ptr[0] > 'z')
        return HN_NODE_NONE;
    memcpy(copy, name.ptr, name.len);
    copy[0] = (char)(copy[0] - 32);
    edge = edge_slot(schema, lookup, hn_text_of(copy, name.len));
    return edge->child;
}

/* Is there a dot in the name? Most names are short enough for the two loads. */
HN_INLINE bool has_dot(struct hn_text name)
{
    const uint64_t dots = UINT64_C(0x2E2E2E2E2E2E2E2E);
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t first;
    uint64_t last;

    if (name.len < 8 || name.len > 16)
        return hn_text_find_char(name, '.', 0) != SIZE_MAX;
    memcpy(&first, name.ptr, 8);
    memcpy(&last, name.ptr + name.len - 8, 8);
    first ^= dots; /* a dot has become a zero byte */
    last ^= dots;
    return (((first - ones) & ~first) | ((last - ones) & ~last)) & (ones << 7);
}

/* A name with dots that is not entered as a whole: a path written flat. Its parts have none. */
static HN_NOINLINE hn_node child_by_path(const struct hn_schema *schema, struct hn_text path)
{
    hn_node node = HN_NODE_ROOT;
    struct hn_text part;

    while (node != HN_NODE_NONE && hn_text_split(&path, '.', &part))
        node = hn_schema_child(schema, node, part);
    return node;
}

hn_node hn_schema_child(const struct hn_schema *schema, hn_node parent, struct hn_text name)
{
    const struct schema_node *node = &schema->nodes.ptr[parent];
    const struct schema_edge *edge = edge_slot(schema, node->lookup, name);

    if (HN_UNLIKELY(node->capitalize)) {
        hn_node child = child_capitalized(schema, node->lookup, name);

        if (child != HN_NODE_NONE)
            return child;
    }
    if (edge->child != HN_NODE_NONE)
        return edge->child;
    if (HN_UNLIKELY(node->lookup == HN_NODE_ROOT && has_dot(name)))
        return child_by_path(schema, name);
    return node->any_child;
}

static bool grow_edges(struct hn_schema *schema)
{
    uint32_t room = schema->edges == NULL ? 4096 : (schema->edge_mask + 1) * 2;
    struct schema_edge *old = schema->edges;
    uint32_t old_room = old == NULL ? 0 : schema->edge_mask + 1;
    struct schema_edge *edges = hn_malloc(room * sizeof *edges);

    if (edges == NULL)
        return false;
    for (uint32_t i = 0; i < room; i++)
        edges[i] = (struct schema_edge){ .child = HN_NODE_NONE };
    schema->edges = edges;
    schema->edge_mask = room - 1;
    for (uint32_t i = 0; i < old_room; i++) {
        if (old[i].child != HN_NODE_NONE)
            *edge_slot(schema, old[i].parent, hn_text_of(old[i].name, old[i].name_len)) = old[i];
    }
    hn_free(old);
    return true;
}

static hn_node add_node(struct hn_schema *schema)
{
    struct schema_node *node = hn_vec_add(&schema->nodes);

    if (node == NULL)
        return HN_NODE_NONE;
    node->field = HN_FIELD_NONE;
    node->lookup = (hn_node)(schema->nodes.count - 1);
    node->any_child = HN_NODE_NONE;
    return node->lookup;
}

/* The child of that name, made when it is not there; name must live as long as the schema. */
static hn_node put_child(struct hn_schema *schema, hn_node parent, struct hn_text name)
{
    struct schema_edge *edge;
    hn_node child;

    if ((schema->edge_count + 1) * 4 > schema->edge_mask + 1 && !grow_edges(schema))
        return HN_NODE_NONE; /* a quarter full at most: misses end at the first probe */
    parent = schema->nodes.ptr[parent].lookup;
    edge = edge_slot(schema, parent, name);
    if (edge->child != HN_NODE_NONE)
        return edge->child;
    child = add_node(schema);
    if (child == HN_NODE_NONE)
        return HN_NODE_NONE;
    edge->name = name.ptr;
    edge->name_len = (uint32_t)name.len;
    edge->parent = parent;
    edge->child = child;
    edge->tag = edge_hash(parent, name.ptr, name.len);
    schema->edge_count++;
    return child;
}

/* Enters the rest of a flat name ("event_data.Image") at parent for the same child. */
static bool put_flat(struct hn_schema *schema, hn_node parent, struct hn_text name, hn_node child)
{
    struct schema_edge *edge;

    if ((schema->edge_count + 1) * 4 > schema->edge_mask + 1 && !grow_edges(schema))
        return false;
    parent = schema->nodes.ptr[parent].lookup;
    edge = edge_slot(schema, parent, name);
    if (edge->child != HN_NODE_NONE)
        return true;
    edge->name = name.ptr;
    edge->name_len = (uint32_t)name.len;
    edge->parent = parent;
    edge->child = child;
    edge->tag = edge_hash(parent, name.ptr, name.len);
    schema->edge_count++;
    return true;
}

/* The node of a dotted path, reachable nested and with any tail of it written flat. */
static hn_node put_path(struct hn_schema *schema, struct hn_text path)
{
    struct hn_text rest = path;
    struct hn_text part;
    hn_node node = HN_NODE_ROOT;
    hn_node leaf = HN_NODE_ROOT;

    while (leaf != HN_NODE_NONE && hn_text_split(&rest, '.', &part))
        leaf = put_child(schema, leaf, part);
    rest = path;
    while (leaf != HN_NODE_NONE && hn_text_find_char(rest, '.', 0) != SIZE_MAX) {
        if (!put_flat(schema, node, rest, leaf))
            return HN_NODE_NONE;
        (void)hn_text_split(&rest, '.', &part);
        node = put_child(schema, node, part);
    }
    return leaf;
}

static enum hn_status put_envelope(struct hn_schema *schema, const struct name_envelope *envelope)
{
    hn_node node = put_path(schema, hn_text_cstr(envelope->path));
    hn_node inner;

    if (node == HN_NODE_NONE)
        return HN_NOMEM;
    schema->nodes.ptr[node].shape = envelope->shape;
    if (envelope->any_child) {
        inner = add_node(schema);
        if (inner == HN_NODE_NONE)
            return HN_NOMEM;
        schema->nodes.ptr[inner].lookup = HN_NODE_ROOT;
        schema->nodes.ptr[inner].capitalize = envelope->capitalize;
        schema->nodes.ptr[inner].canonical = HN_TEXT("");
        schema->nodes.ptr[node].any_child = inner;
    } else {
        schema->nodes.ptr[node].lookup = HN_NODE_ROOT;
        schema->nodes.ptr[node].capitalize = envelope->capitalize;
    }
    schema->nodes.ptr[node].canonical = HN_TEXT("");
    return HN_OK;
}

static enum hn_status put_rename(struct hn_schema *schema, const struct name_rename *rename)
{
    hn_node node = put_path(schema, hn_text_cstr(rename->path));
    struct schema_node *place;

    if (node == HN_NODE_NONE)
        return HN_NOMEM;
    place = &schema->nodes.ptr[node];
    place->canonical = hn_text_cstr(rename->canonical);
    place->field = hn_schema_find(schema, place->canonical);
    return HN_OK;
}

/* Enters prefix and name as one top-level name for leaf. */
static enum hn_status put_joined(
        struct hn_schema *schema, struct hn_text prefix, struct hn_text name, hn_node leaf)
{
    char *flat = hn_arena_raw(&schema->arena, prefix.len + name.len, 1);

    if (flat == NULL)
        return hn_arena_status(&schema->arena);
    memcpy(flat, prefix.ptr, prefix.len);
    memcpy(flat + prefix.len, name.ptr, name.len);
    return put_flat(schema, HN_NODE_ROOT, hn_text_of(flat, prefix.len + name.len), leaf) ? HN_OK
                                                                                         : HN_NOMEM;
}

/* "_Image" for each prefix. */
static enum hn_status put_prefixes(struct hn_schema *schema, struct hn_text name, hn_node leaf)
{
    enum hn_status status = HN_OK;

    for (size_t i = 0; status == HN_OK && i < name_prefixes_count; i++)
        status = put_joined(schema, hn_text_cstr(name_prefixes[i]), name, leaf);
    return status;
}

/* Every name before any prefixed one: "_path" is Zeek's own, not "path" with GELF's underscore. */
static enum hn_status put_names(struct hn_schema *schema)
{
    enum hn_status status = HN_OK;
    hn_node leaf;

    for (size_t i = 0; i < schema->names.count; i++) {
        leaf = put_path(schema, schema->names.ptr[i]);
        if (leaf == HN_NODE_NONE)
            return HN_NOMEM;
        if (schema->nodes.ptr[leaf].field == HN_FIELD_NONE)
            schema->nodes.ptr[leaf].field = (hn_field)i;
    }
    for (size_t i = 0; status == HN_OK && i < schema->names.count; i++) {
        leaf = put_path(schema, schema->names.ptr[i]);
        status = leaf == HN_NODE_NONE ? HN_NOMEM : put_prefixes(schema, schema->names.ptr[i], leaf);
    }
    return status;
}

static enum hn_status build_tree(struct hn_schema *schema)
{
    enum hn_status status = HN_OK;

    if (!grow_edges(schema) || add_node(schema) != HN_NODE_ROOT)
        return HN_NOMEM;
    for (size_t i = 0; status == HN_OK && i < name_envelopes_count; i++)
        status = put_envelope(schema, &name_envelopes[i]);
    for (size_t i = 0; status == HN_OK && i < name_renames_count; i++)
        status = put_rename(schema, &name_renames[i]);
    return status == HN_OK ? put_names(schema) : status;
}

static enum hn_status want_marks(struct hn_schema *schema)
{
    for (size_t i = 0; i < MARK_COUNT; i++) {
        schema->marks[i] = hn_schema_want(schema, hn_text_cstr(mark_names[i]));
        if (schema->marks[i] == HN_FIELD_NONE)
            return HN_NOMEM;
    }
    return HN_OK;
}

enum hn_status hn_schema_seal(struct hn_schema *schema, struct hn_err *err)
{
    enum hn_status status;

    assert(!schema->sealed);
    status = alias_compile(schema); /* before anything is wanted that nobody asked for */
    if (status == HN_OK)
        status = want_marks(schema);
    if (status == HN_OK)
        status = signature_compile(schema);
    if (status == HN_OK)
        status = build_tree(schema);
    if (status != HN_OK)
        return hn_fail(err, status, 0, "field names need too much memory");
    schema->sealed = true;
    return HN_OK;
}
