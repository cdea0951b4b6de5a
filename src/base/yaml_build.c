/* yaml_build.c - the tree while it grows: texts, limits, anchors and aliases, duplicate and merge
 * keys. Events come from yaml_parse.c. */
#include "base/yaml_internal.h"

#include <assert.h>

#define PROBLEMS_MAX   64 /* per file; more of them say nothing new */
#define SMALL_MAP_KEYS 16 /* up to here comparing all keys is quicker than hashing them */

/* ---- Problems ---- */

void yaml_problem(struct yaml_builder *b, enum hn_yaml_problem_kind kind, uint32_t line,
        uint32_t column, const char *message)
{
    struct hn_yaml_problem *p;

    b->document.damaged = true;
    if (b->problems.count == PROBLEMS_MAX)
        return;
    p = hn_vec_add(&b->problems);
    if (p == NULL) {
        b->status = HN_NOMEM;
        return;
    }
    p->kind = kind;
    p->line = line;
    p->column = column;
    p->message = hn_arena_text(b->arena, hn_text_cstr(message));
    if (p->message.ptr == NULL)
        b->status = hn_arena_status(b->arena);
}

void yaml_problem_at(struct yaml_builder *b, enum hn_yaml_problem_kind kind,
        const yaml_mark_t *mark, const char *message)
{
    yaml_problem(
            b, kind, b->chunk_line + (uint32_t)mark->line + 1, (uint32_t)mark->column + 1, message);
}

/* ---- Places and texts ---- */

/* The byte in the chunk at which a character starts. Marks come in order, so the cursor only moves
 * forward and the whole costs one pass. */
size_t yaml_byte_of(struct yaml_builder *b, size_t character)
{
    if (b->ascii)
        return character < b->chunk.len ? character : b->chunk.len;
    if (character < b->cursor_char) {
        b->cursor_char = 0;
        b->cursor_byte = 0;
    }
    while (b->cursor_char < character && b->cursor_byte < b->chunk.len) {
        b->cursor_byte++;
        while (b->cursor_byte < b->chunk.len &&
                ((unsigned char)b->chunk.ptr[b->cursor_byte] & 0xC0) == 0x80)
            b->cursor_byte++;
        b->cursor_char++;
    }
    return b->cursor_byte;
}

static struct hn_text node_text(const struct yaml_builder *b, const struct hn_yaml_node *node)
{
    if (node->start <= b->raw.len && node->len <= b->raw.len - node->start)
        return hn_text_of(b->raw.ptr + node->start, node->len);
    return hn_text_of(b->pool.ptr + (node->start - b->raw.len), node->len);
}

/* Points into raw where the value stands there as it is; else the value goes to the pool. */
static void set_text(struct yaml_builder *b, struct hn_yaml_node *node, const yaml_event_t *event)
{
    struct hn_text value =
            hn_text_of((const char *)event->data.scalar.value, event->data.scalar.length);
    size_t at = yaml_byte_of(b, event->start_mark.index);
    size_t start;

    if (node->style == HN_YAML_QUOTED)
        at++;
    node->len = (uint32_t)value.len;
    if (at <= b->chunk.len && value.len <= b->chunk.len - at &&
            memcmp(b->chunk.ptr + at, value.ptr, value.len) == 0) {
        node->start = (uint32_t)((size_t)(b->chunk.ptr - b->raw.ptr) + at);
        return;
    }
    /* A text in the pool never starts at raw's end, so that the two are told apart. */
    if (b->pool.len == 0)
        hn_buf_add_char(&b->pool, '\0');
    start = b->raw.len + b->pool.len;
    hn_buf_add_text(&b->pool, value);
    node->start = (uint32_t)start;
    if (!hn_buf_ok(&b->pool))
        b->status = b->pool.status;
}

/* ---- Nodes ---- */

static struct hn_yaml_node *add_node(struct yaml_builder *b)
{
    struct hn_yaml_node *node = hn_vec_add(&b->nodes);

    if (node == NULL)
        b->status = HN_NOMEM;
    return node;
}

static bool nodes_left(struct yaml_builder *b, uint32_t count, const yaml_mark_t *mark)
{
    uint32_t used = (uint32_t)b->nodes.count - b->first_node;

    if (count <= b->limits.nodes_max - used)
        return true;
    yaml_problem_at(b, HN_YAML_TOO_LARGE, mark, "the document has too many nodes");
    return false;
}

/* Counts a child of the innermost open node. */
static void add_child(struct yaml_builder *b)
{
    if (b->depth > 0)
        b->open[b->depth - 1].children++;
}

static bool wants_key(const struct yaml_builder *b)
{
    return b->depth > 0 && b->open[b->depth - 1].is_map &&
           b->open[b->depth - 1].children % 2 == 0 && !b->open[b->depth - 1].merge;
}

static struct hn_yaml_node *new_node(
        struct yaml_builder *b, enum hn_yaml_kind kind, const yaml_mark_t *mark)
{
    struct hn_yaml_node *node;

    if (!nodes_left(b, 1, mark))
        return NULL;
    node = add_node(b);
    if (node == NULL)
        return NULL;
    node->span = 1;
    node->kind = (uint8_t)kind;
    node->line = b->chunk_line + (uint32_t)mark->line + 1;
    node->column = mark->column >= UINT16_MAX ? UINT16_MAX : (uint16_t)(mark->column + 1);
    return node;
}

/* Returns the anchor's number, or UINT32_MAX when there is none. */
static uint32_t set_anchor(
        struct yaml_builder *b, const yaml_char_t *name, uint32_t node, bool closed)
{
    struct hn_text key;
    uint32_t index;

    if (name == NULL)
        return UINT32_MAX;
    key = hn_arena_text(b->arena, hn_text_cstr((const char *)name));
    if (key.ptr == NULL) {
        b->status = hn_arena_status(b->arena);
        return UINT32_MAX;
    }
    if (!hn_map_put(&b->anchors, key, (uint32_t)b->anchor_nodes.count, &index)) {
        b->status = HN_NOMEM;
        return UINT32_MAX;
    }
    if (index == b->anchor_nodes.count && hn_vec_add(&b->anchor_nodes) == NULL) {
        b->status = HN_NOMEM;
        return UINT32_MAX;
    }
    b->anchor_nodes.ptr[index].node = node;
    b->anchor_nodes.ptr[index].closed = closed;
    return index;
}

/* Tags of YAML itself change nothing (style_of() has seen to "str"); others are a problem. */
static void check_tag(struct yaml_builder *b, const yaml_char_t *tag, const yaml_mark_t *mark)
{
    static const char *const known[] = { "str", "int", "float", "bool", "null", "map", "seq",
        "timestamp" };
    static const char prefix[] = "tag:yaml.org,2002:";

    if (tag == NULL || strcmp((const char *)tag, "!") == 0)
        return;
    if (strncmp((const char *)tag, prefix, sizeof prefix - 1) == 0) {
        for (size_t i = 0; i < HN_COUNT_OF(known); i++) {
            if (strcmp((const char *)tag + sizeof prefix - 1, known[i]) == 0)
                return;
        }
    }
    yaml_problem_at(b, HN_YAML_TAG, mark, "this tag is not known");
}

static enum hn_yaml_style style_of(const yaml_event_t *event)
{
    const char *tag = (const char *)event->data.scalar.tag;

    if (tag != NULL && (strcmp(tag, "!") == 0 || strcmp(tag, YAML_STR_TAG) == 0))
        return HN_YAML_QUOTED; /* said to be text */
    switch (event->data.scalar.style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
        return HN_YAML_QUOTED;
    case YAML_LITERAL_SCALAR_STYLE:
    case YAML_FOLDED_SCALAR_STYLE:
        return HN_YAML_BLOCK;
    case YAML_ANY_SCALAR_STYLE:
    case YAML_PLAIN_SCALAR_STYLE:
        break;
    }
    return HN_YAML_PLAIN;
}

/* ---- Aliases and merge keys ---- */

static uint32_t height_of(const struct yaml_builder *b, uint32_t index)
{
    uint32_t ends[HN_YAML_DEPTH_MAX];
    uint32_t depth = 0;
    uint32_t height = 0;
    uint32_t end = index + b->nodes.ptr[index].span;

    for (uint32_t i = index; i < end; i++) {
        while (depth > 0 && ends[depth - 1] == i)
            depth--;
        if (b->nodes.ptr[i].kind == HN_YAML_SCALAR)
            continue;
        assert(depth < HN_YAML_DEPTH_MAX);
        ends[depth++] = i + b->nodes.ptr[i].span;
        height = depth > height ? depth : height;
    }
    return height;
}

/* Appends a copy of a complete node. */
static bool copy_node(struct yaml_builder *b, uint32_t index, const yaml_mark_t *mark)
{
    uint32_t span = b->nodes.ptr[index].span;
    uint32_t depth;

    if (!nodes_left(b, span, mark))
        return false;
    depth = b->depth + height_of(b, index);
    if (depth > b->limits.depth_max) {
        yaml_problem_at(b, HN_YAML_TOO_DEEP, mark, "nesting is too deep");
        return false;
    }
    if (depth > b->deepest)
        b->deepest = depth;
    for (uint32_t i = 0; i < span; i++) {
        struct hn_yaml_node *copy = add_node(b);

        if (copy == NULL)
            return false;
        *copy = b->nodes.ptr[index + i];
    }
    return true;
}

static bool on_merge(struct yaml_builder *b, uint32_t node, const yaml_mark_t *mark)
{
    struct yaml_merge *merge;

    if (b->nodes.ptr[node].kind != HN_YAML_MAP) {
        yaml_problem_at(b, HN_YAML_KEY, mark, "a merge key takes maps only");
        return true;
    }
    merge = hn_vec_add(&b->merges);
    if (merge == NULL) {
        b->status = HN_NOMEM;
        return false;
    }
    merge->node = node;
    merge->depth = b->depth;
    return true;
}

bool yaml_on_alias(struct yaml_builder *b, const yaml_event_t *event)
{
    uint32_t index = hn_map_find(&b->anchors, hn_text_cstr((const char *)event->data.alias.anchor));
    struct yaml_open *open = b->depth > 0 ? &b->open[b->depth - 1] : NULL;
    uint32_t node;

    if (index == HN_MAP_NONE || !b->anchor_nodes.ptr[index].closed) {
        yaml_problem_at(b, HN_YAML_ALIAS, &event->start_mark,
                index == HN_MAP_NONE ? "no such anchor" : "an alias stands inside what it names");
        return false;
    }
    node = b->anchor_nodes.ptr[index].node;
    if (open != NULL && open->merge) {
        if (open->is_map)
            open->merge = false;
        return on_merge(b, node, &event->start_mark);
    }
    if (wants_key(b) && b->nodes.ptr[node].kind != HN_YAML_SCALAR) {
        yaml_problem_at(b, HN_YAML_KEY, &event->start_mark, "a key is a scalar");
        return false;
    }
    add_child(b);
    return copy_node(b, node, &event->start_mark);
}

/* ---- Maps: duplicate keys, merging ---- */

static void duplicate_key(struct yaml_builder *b, const struct hn_yaml_node *key)
{
    yaml_problem(b, HN_YAML_DUPLICATE_KEY, key->line, key->column, "this key stands here already");
}

static void check_small_map(struct yaml_builder *b, uint32_t map)
{
    uint32_t keys[SMALL_MAP_KEYS];
    uint32_t count = 0;

    for (uint32_t i = map + 1; i < b->nodes.count;) {
        struct hn_text text = node_text(b, &b->nodes.ptr[i]);

        for (uint32_t k = 0; k < count; k++) {
            if (hn_text_eq(node_text(b, &b->nodes.ptr[keys[k]]), text))
                duplicate_key(b, &b->nodes.ptr[i]);
        }
        keys[count++] = i;
        i += 1 + b->nodes.ptr[i + 1].span;
    }
}

static bool put_keys(struct yaml_builder *b, uint32_t map, struct hn_map *keys)
{
    for (uint32_t i = map + 1; i < b->nodes.count;) {
        uint32_t first;

        if (!hn_map_put(keys, node_text(b, &b->nodes.ptr[i]), i, &first)) {
            b->status = HN_NOMEM;
            return false;
        }
        if (first != i)
            duplicate_key(b, &b->nodes.ptr[i]);
        i += 1 + b->nodes.ptr[i + 1].span;
    }
    return true;
}

/* Appends what a merged map has and this one has not. */
static bool merge_map(
        struct yaml_builder *b, uint32_t source, struct hn_map *keys, const yaml_mark_t *mark)
{
    uint32_t end = source + b->nodes.ptr[source].span;

    for (uint32_t i = source + 1; i < end;) {
        uint32_t value = i + 1;
        uint32_t next = value + b->nodes.ptr[value].span;
        uint32_t ours = (uint32_t)b->nodes.count;
        uint32_t first;

        if (!hn_map_put(keys, node_text(b, &b->nodes.ptr[i]), ours, &first)) {
            b->status = HN_NOMEM;
            return false;
        }
        if (first == ours && (!copy_node(b, i, mark) || !copy_node(b, value, mark)))
            return false;
        i = next;
    }
    return true;
}

static bool end_map(struct yaml_builder *b, const struct yaml_open *open, const yaml_mark_t *mark)
{
    bool merging = b->merges.count > 0 && b->merges.ptr[b->merges.count - 1].depth == b->depth;
    struct hn_map keys = { 0 };
    bool fine;
    size_t first;

    if (open->children <= (size_t)SMALL_MAP_KEYS * 2 && !merging) {
        check_small_map(b, open->node);
        return true;
    }
    fine = put_keys(b, open->node, &keys);
    for (first = b->merges.count; first > 0 && b->merges.ptr[first - 1].depth == b->depth;)
        first--;
    for (size_t i = first; fine && i < b->merges.count; i++) /* the first named wins */
        fine = merge_map(b, b->merges.ptr[i].node, &keys, mark);
    b->merges.count = first;
    hn_map_deinit(&keys);
    return fine;
}

/* ---- Events ---- */

bool yaml_on_scalar(struct yaml_builder *b, const yaml_event_t *event)
{
    enum hn_yaml_style style = style_of(event);
    struct hn_yaml_node *node;

    if (wants_key(b) && style == HN_YAML_PLAIN && event->data.scalar.length == 2 &&
            memcmp(event->data.scalar.value, "<<", 2) == 0) {
        b->open[b->depth - 1].merge = true;
        return true;
    }
    if (b->depth > 0 && b->open[b->depth - 1].merge) {
        yaml_problem_at(b, HN_YAML_KEY, &event->start_mark, "a merge key takes an alias");
        return false;
    }
    node = new_node(b, HN_YAML_SCALAR, &event->start_mark);
    if (node == NULL)
        return false;
    check_tag(b, event->data.scalar.tag, &event->start_mark);
    node->style = (uint8_t)style;
    set_text(b, node, event);
    add_child(b);
    (void)set_anchor(b, event->data.scalar.anchor, (uint32_t)b->nodes.count - 1, true);
    return true;
}

bool yaml_on_start(struct yaml_builder *b, enum hn_yaml_kind kind, const yaml_event_t *event)
{
    bool is_map = kind == HN_YAML_MAP;
    const yaml_char_t *anchor =
            is_map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
    const yaml_char_t *tag =
            is_map ? event->data.mapping_start.tag : event->data.sequence_start.tag;
    struct yaml_open *outer = b->depth > 0 ? &b->open[b->depth - 1] : NULL;
    struct yaml_open *open;
    bool merge = outer != NULL && outer->merge;

    if (b->depth == b->limits.depth_max) {
        yaml_problem_at(b, HN_YAML_TOO_DEEP, &event->start_mark, "nesting is too deep");
        return false;
    }
    if (wants_key(b) || (merge && is_map)) {
        yaml_problem_at(b, HN_YAML_KEY, &event->start_mark,
                merge ? "a merge key takes an alias" : "a key is a scalar");
        return false;
    }
    open = &b->open[b->depth];
    memset(open, 0, sizeof *open);
    if (merge) { /* "<<: [*a, *b]": a list that leaves no node */
        if (!outer->is_map) {
            yaml_problem_at(b, HN_YAML_KEY, &event->start_mark, "a merge key takes an alias");
            return false;
        }
        open->merge = true;
        open->node = UINT32_MAX;
        b->depth++;
        return true;
    }
    if (new_node(b, kind, &event->start_mark) == NULL)
        return false;
    check_tag(b, tag, &event->start_mark);
    add_child(b);
    open->node = (uint32_t)b->nodes.count - 1;
    open->is_map = is_map;
    open->anchor = set_anchor(b, anchor, open->node, false);
    b->depth++;
    if (b->depth > b->deepest)
        b->deepest = b->depth;
    return true;
}

/* Merges named in "<<: [*a, *b]" belong to the map around the list. */
static void end_merge_list(struct yaml_builder *b)
{
    for (size_t i = b->merges.count; i > 0 && b->merges.ptr[i - 1].depth == b->depth; i--)
        b->merges.ptr[i - 1].depth = b->depth - 1;
    b->depth--;
    b->open[b->depth - 1].merge = false;
}

bool yaml_on_end(struct yaml_builder *b, const yaml_event_t *event)
{
    const struct yaml_open *open = &b->open[b->depth - 1];
    uint32_t node = open->node;

    if (open->merge && !open->is_map) {
        end_merge_list(b);
        return true;
    }
    if (open->is_map && !end_map(b, open, &event->start_mark))
        return false;
    b->nodes.ptr[node].span = (uint32_t)b->nodes.count - node;
    if (open->anchor != UINT32_MAX && b->anchor_nodes.ptr[open->anchor].node == node)
        b->anchor_nodes.ptr[open->anchor].closed = true;
    b->depth--;
    return true;
}
