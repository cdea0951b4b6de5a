/* yaml_save.c - a parsed file as bytes and back; see hn_yaml_restore() for what is checked.
 *
 * Layout, little-endian: counts (nodes, documents, problems), lengths (raw, pool), raw, pool, then
 * the arrays item by item; a problem ends with its message. */
#include "base/yaml.h"

#define NODE_BYTES     20u
#define DOCUMENT_BYTES 21u
#define PROBLEM_BYTES  16u

static void add_u32(struct hn_buf *out, uint32_t value)
{
    uint8_t bytes[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
        (uint8_t)(value >> 24) };

    hn_buf_add(out, bytes, sizeof bytes);
}

static void add_node(struct hn_buf *out, const struct hn_yaml_node *node)
{
    add_u32(out, node->span);
    add_u32(out, node->line);
    add_u32(out, node->start);
    add_u32(out, node->len);
    add_u32(out, (uint32_t)node->column | (uint32_t)node->kind << 16 | (uint32_t)node->style << 24);
}

void hn_yaml_save(const struct hn_yaml *yaml, struct hn_buf *out)
{
    if (!hn_buf_reserve(
                out, 20 + yaml->raw.len + yaml->pool.len + (size_t)yaml->node_count * NODE_BYTES))
        return;
    add_u32(out, yaml->node_count);
    add_u32(out, yaml->document_count);
    add_u32(out, yaml->problem_count);
    add_u32(out, (uint32_t)yaml->raw.len);
    add_u32(out, (uint32_t)yaml->pool.len);
    hn_buf_add_text(out, yaml->raw);
    hn_buf_add_text(out, yaml->pool);
    for (uint32_t i = 0; i < yaml->node_count; i++)
        add_node(out, &yaml->nodes[i]);
    for (uint32_t i = 0; i < yaml->document_count; i++) {
        const struct hn_yaml_document *doc = &yaml->documents[i];

        add_u32(out, doc->root);
        add_u32(out, doc->nodes);
        add_u32(out, doc->start);
        add_u32(out, doc->len);
        add_u32(out, doc->line);
        hn_buf_add_char(out, doc->damaged ? 1 : 0);
    }
    for (uint32_t i = 0; i < yaml->problem_count; i++) {
        const struct hn_yaml_problem *problem = &yaml->problems[i];

        add_u32(out, (uint32_t)problem->kind);
        add_u32(out, problem->line);
        add_u32(out, problem->column);
        add_u32(out, (uint32_t)problem->message.len);
        hn_buf_add_text(out, problem->message);
    }
}

/* ---- Back ---- */

static enum hn_status corrupt(const struct hn_reader *in, struct hn_err *err)
{
    return hn_fail(err, HN_CORRUPT, hn_reader_offset(in), "saved YAML is damaged");
}

/* A text lies in raw, or in the pool behind its first byte; never across. */
static bool text_fits(const struct hn_yaml *yaml, const struct hn_yaml_node *node)
{
    size_t start = node->start;

    if (start <= yaml->raw.len)
        return node->len <= yaml->raw.len - start;
    start -= yaml->raw.len;
    return start <= yaml->pool.len && node->len <= yaml->pool.len - start;
}

/* The lists and maps around a node. */
struct levels {
    struct {
        uint32_t end;
        uint32_t children;
        bool is_map;
    } open[HN_YAML_DEPTH_MAX];
    uint32_t depth;
    uint32_t deepest;
};

/* Leaves those that end at a node; false for a key without a value. */
static bool leave_levels(struct levels *levels, uint32_t at)
{
    while (levels->depth > 0 && levels->open[levels->depth - 1].end == at) {
        levels->depth--;
        if (levels->open[levels->depth].is_map && levels->open[levels->depth].children % 2 != 0)
            return false;
    }
    return true;
}

static bool node_fits(
        const struct hn_yaml *yaml, struct levels *levels, uint32_t at, uint32_t root_end)
{
    const struct hn_yaml_node *node = &yaml->nodes[at];
    bool is_root = levels->depth == 0;
    uint32_t room = (is_root ? root_end : levels->open[levels->depth - 1].end) - at;

    if (node->kind > HN_YAML_MAP || node->style > HN_YAML_BLOCK || node->span == 0 ||
            node->span > room || (is_root && node->span != room))
        return false;
    if (!is_root) {
        uint32_t before = levels->open[levels->depth - 1].children++;

        if (levels->open[levels->depth - 1].is_map && before % 2 == 0 &&
                node->kind != HN_YAML_SCALAR)
            return false;
    }
    if (node->kind == HN_YAML_SCALAR)
        return node->span == 1 && text_fits(yaml, node);
    if (levels->depth == HN_YAML_DEPTH_MAX)
        return false;
    levels->open[levels->depth].end = at + node->span;
    levels->open[levels->depth].children = 0;
    levels->open[levels->depth++].is_map = node->kind == HN_YAML_MAP;
    if (levels->depth > levels->deepest)
        levels->deepest = levels->depth;
    return true;
}

/* Every node ends where its parent lets it, keys are scalars and have values. */
static bool tree_fits(struct hn_yaml *yaml, uint32_t root, uint32_t end)
{
    struct levels levels;

    levels.depth = 0;
    levels.deepest = 0;
    for (uint32_t i = root; i < end; i++) {
        if (!leave_levels(&levels, i) || (levels.depth == 0 && i != root) ||
                !node_fits(yaml, &levels, i, end))
            return false;
    }
    if (levels.deepest > yaml->depth)
        yaml->depth = levels.deepest;
    return leave_levels(&levels, end);
}

static bool documents_fit(struct hn_yaml *yaml)
{
    uint32_t next = 0;

    for (uint32_t i = 0; i < yaml->document_count; i++) {
        const struct hn_yaml_document *doc = &yaml->documents[i];

        if (doc->root != next || doc->nodes > yaml->node_count - next ||
                doc->start > yaml->raw.len || doc->len > yaml->raw.len - doc->start ||
                (doc->damaged && doc->nodes > 0) || !tree_fits(yaml, next, next + doc->nodes))
            return false;
        next += doc->nodes;
    }
    return next == yaml->node_count;
}

static struct hn_yaml_node read_node(struct hn_reader *in)
{
    struct hn_yaml_node node;
    uint32_t rest;

    node.span = hn_reader_u32(in);
    node.line = hn_reader_u32(in);
    node.start = hn_reader_u32(in);
    node.len = hn_reader_u32(in);
    rest = hn_reader_u32(in);
    node.column = (uint16_t)rest;
    node.kind = (uint8_t)(rest >> 16);
    node.style = (uint8_t)(rest >> 24);
    return node;
}

static bool read_problem(struct hn_reader *in, struct hn_yaml_problem *problem)
{
    uint32_t kind = hn_reader_u32(in);

    if (kind >= HN_YAML_PROBLEM_COUNT)
        return false;
    problem->kind = (enum hn_yaml_problem_kind)kind;
    problem->line = hn_reader_u32(in);
    problem->column = hn_reader_u32(in);
    problem->message = hn_bytes_as_text(hn_reader_take(in, hn_reader_u32(in)));
    return hn_reader_ok(in);
}

enum hn_status hn_yaml_restore(
        struct hn_arena *arena, struct hn_reader *in, struct hn_yaml *ret_yaml, struct hn_err *err)
{
    struct hn_yaml yaml = { .node_count = hn_reader_u32(in) };
    struct hn_yaml_node *nodes;
    struct hn_yaml_document *documents;
    struct hn_yaml_problem *problems;
    uint32_t raw_len;
    uint32_t pool_len;

    yaml.document_count = hn_reader_u32(in);
    yaml.problem_count = hn_reader_u32(in);
    raw_len = hn_reader_u32(in);
    pool_len = hn_reader_u32(in);
    yaml.raw = hn_bytes_as_text(hn_reader_take(in, raw_len));
    yaml.pool = hn_bytes_as_text(hn_reader_take(in, pool_len));
    /* What is claimed must be there before memory is taken for it. */
    if (!hn_reader_ok(in) || raw_len > (uint32_t)1 << 30 || pool_len > (uint32_t)1 << 30 ||
            yaml.node_count > hn_reader_left(in) / NODE_BYTES ||
            yaml.document_count > hn_reader_left(in) / DOCUMENT_BYTES ||
            yaml.problem_count > hn_reader_left(in) / PROBLEM_BYTES)
        return corrupt(in, err);
    nodes = hn_new(arena, struct hn_yaml_node, yaml.node_count);
    documents = hn_new(arena, struct hn_yaml_document, yaml.document_count);
    problems = hn_new(arena, struct hn_yaml_problem, yaml.problem_count);
    if (nodes == NULL || documents == NULL || problems == NULL)
        return hn_fail(err, hn_arena_status(arena), 0, "no room for saved YAML");
    for (uint32_t i = 0; i < yaml.node_count; i++)
        nodes[i] = read_node(in);
    for (uint32_t i = 0; i < yaml.document_count; i++) {
        documents[i].root = hn_reader_u32(in);
        documents[i].nodes = hn_reader_u32(in);
        documents[i].start = hn_reader_u32(in);
        documents[i].len = hn_reader_u32(in);
        documents[i].line = hn_reader_u32(in);
        documents[i].damaged = hn_reader_u8(in) != 0;
    }
    for (uint32_t i = 0; i < yaml.problem_count; i++) {
        if (!read_problem(in, &problems[i]))
            return corrupt(in, err);
    }
    yaml.nodes = nodes;
    yaml.documents = documents;
    yaml.problems = problems;
    if (!hn_reader_ok(in) || !documents_fit(&yaml))
        return corrupt(in, err);
    *ret_yaml = yaml;
    return HN_OK;
}
