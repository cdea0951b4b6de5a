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
    name_table_deinit(&schema->children);
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

    name = hn_name_canonical(name);
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
    uint32_t found = hn_map_find(&schema->by_name, hn_name_canonical(name));

    return found == HN_MAP_NONE ? HN_FIELD_NONE : found;
}

/* ---- The tree ---- */

const struct schema_node *event_schema_node_at(const struct hn_schema *schema, hn_node node)
{
    return &schema->nodes.ptr[node];
}

hn_field hn_schema_node_field(const struct hn_schema *schema, hn_node node)
{
    return schema->nodes.ptr[node].field;
}

struct hn_text hn_schema_node_canonical(const struct hn_schema *schema, hn_node node)
{
    return schema->nodes.ptr[node].canonical;
}

uint32_t hn_schema_node_shape(const struct hn_schema *schema, hn_node node)
{
    return schema->nodes.ptr[node].shape;
}

static hn_node child_capitalized(
        const struct hn_schema *schema, hn_node lookup, struct hn_text name)
{
    char copy[128];
    const struct name_edge *edge;

    if (name.len == 0 || name.len > sizeof copy || name.ptr[0] < 'a' || name.ptr[0] > 'z')
        return HN_NODE_NONE;
    memcpy(copy, name.ptr, name.len);
    copy[0] = (char)(copy[0] - 32);
    edge = name_table_find(&schema->children, lookup, hn_text_of(copy, name.len));
    return edge == NULL ? HN_NODE_NONE : edge->child;
}

/* A name that is not entered: a path written flat, or a name with a collector's prefix. */
static hn_node child_otherwise(const struct hn_schema *schema, hn_node parent, struct hn_text name)
{
    hn_node child = parent;
    struct hn_text part;

    if (HN_UNLIKELY(name_has_dot(name.ptr, name.len))) {
        struct hn_text path = name;

        while (child != HN_NODE_NONE && hn_text_split(&path, '.', &part))
            child = hn_schema_child(schema, child, part); /* its parts have no dots */
        if (child != HN_NODE_NONE)
            return child;
    }
    if (parent == HN_NODE_ROOT && name_strip_prefix(&name))
        return hn_schema_child(schema, parent, name);
    return schema->nodes.ptr[parent].any_child;
}

hn_node hn_schema_child(const struct hn_schema *schema, hn_node parent, struct hn_text name)
{
    const struct schema_node *node = &schema->nodes.ptr[parent];
    const struct name_edge *edge = name_table_find(&schema->children, node->lookup, name);

    if (HN_UNLIKELY(node->capitalize)) {
        hn_node child = child_capitalized(schema, node->lookup, name);

        if (child != HN_NODE_NONE)
            return child;
    }
    if (edge != NULL)
        return edge->child;
    return child_otherwise(schema, parent, name);
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
    const struct name_edge *edge;
    hn_node child;

    parent = schema->nodes.ptr[parent].lookup;
    edge = name_table_find(&schema->children, parent, name);
    if (edge != NULL)
        return edge->child;
    child = add_node(schema);
    if (child == HN_NODE_NONE || !name_table_put(&schema->children, parent, name, child))
        return HN_NODE_NONE;
    return child;
}

/* The node of a dotted path. */
static hn_node put_path(struct hn_schema *schema, struct hn_text path)
{
    struct hn_text part;
    hn_node node = HN_NODE_ROOT;

    while (node != HN_NODE_NONE && hn_text_split(&path, '.', &part))
        node = put_child(schema, node, part);
    return node;
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

static enum hn_status put_names(struct hn_schema *schema)
{
    for (size_t i = 0; i < schema->names.count; i++) {
        hn_node leaf = put_path(schema, schema->names.ptr[i]);

        if (leaf == HN_NODE_NONE)
            return HN_NOMEM;
        if (schema->nodes.ptr[leaf].field == HN_FIELD_NONE)
            schema->nodes.ptr[leaf].field = (hn_field)i;
    }
    return HN_OK;
}

static enum hn_status build_tree(struct hn_schema *schema)
{
    enum hn_status status = HN_OK;

    if (!name_table_init(&schema->children) || add_node(schema) != HN_NODE_ROOT)
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
        status = event_signature_compile(schema);
    if (status == HN_OK)
        status = build_tree(schema);
    if (status != HN_OK)
        return hn_fail(err, status, 0, "field names need too much memory");
    schema->sealed = true;
    return HN_OK;
}
