/* tree_merge.c - one YAML tree laid over another: maps level by level, everything else replaced.
 *
 * For rule collections, where `action: global` and `repeat` complete other documents. Both trees
 * are of one file, so texts are shared and only nodes are made. Nested maps are merged by a stack
 * of levels; each is copied in the order base, then what only over has. */
#include "sigma/sigma_internal.h"

/* Keys of one map looked up in another, pairs that may have to be compared. */
#define MERGE_PAIRS_MAX ((uint64_t)1 << 24)

struct level {
    struct hn_yaml_iter base_iter; /* what is still to be copied of the lower map */
    struct hn_yaml_iter over_iter; /* then what only the upper one has */
    struct hn_yaml_ref base;
    struct hn_yaml_ref over;
    uint32_t node; /* of the merged map */
};

struct merger {
    const struct hn_yaml *yaml; /* texts */
    HN_VEC(struct hn_yaml_node) nodes;
    struct level levels[HN_YAML_DEPTH_MAX];
    uint32_t depth;
    enum hn_status status;
};

static void copy(struct merger *m, struct hn_yaml_ref ref)
{
    const struct hn_yaml_node *from = hn_yaml_node(ref);

    for (uint32_t i = 0; i < from->span; i++) {
        struct hn_yaml_node *node = hn_vec_add(&m->nodes);

        if (node == NULL) {
            m->status = HN_NOMEM;
            return;
        }
        *node = from[i];
    }
}

static void open_level(struct merger *m, struct hn_yaml_ref base, struct hn_yaml_ref over)
{
    struct hn_yaml_node *node = hn_vec_add(&m->nodes);
    struct level *level = &m->levels[m->depth];

    if ((uint64_t)hn_yaml_count(base) * hn_yaml_count(over) > MERGE_PAIRS_MAX ||
            m->depth == HN_YAML_DEPTH_MAX)
        m->status = HN_LIMIT;
    else if (node == NULL)
        m->status = HN_NOMEM;
    if (m->status != HN_OK)
        return;
    *node = *hn_yaml_node(base);
    level->base = base;
    level->over = over;
    level->base_iter = hn_yaml_children(base);
    level->over_iter = hn_yaml_children(over);
    level->node = (uint32_t)m->nodes.count - 1;
    m->depth++;
}

/* One key of the lower map: its value, the upper one's, or both merged. */
static void merge_pair(struct merger *m, struct hn_yaml_ref key, struct hn_yaml_ref value)
{
    struct hn_yaml_ref over = hn_yaml_get(m->levels[m->depth - 1].over, hn_yaml_text(key));

    copy(m, key);
    if (over.yaml == NULL)
        copy(m, value);
    else if (hn_yaml_is(value, HN_YAML_MAP) && hn_yaml_is(over, HN_YAML_MAP))
        open_level(m, value, over);
    else
        copy(m, over);
}

static void step(struct merger *m)
{
    struct level *level = &m->levels[m->depth - 1];
    struct hn_yaml_ref key;
    struct hn_yaml_ref value;

    if (hn_yaml_next_pair(&level->base_iter, &key, &value)) {
        merge_pair(m, key, value);
        return;
    }
    while (hn_yaml_next_pair(&level->over_iter, &key, &value)) {
        if (hn_yaml_get(level->base, hn_yaml_text(key)).yaml == NULL) {
            copy(m, key);
            copy(m, value);
        }
    }
    m->nodes.ptr[level->node].span = (uint32_t)m->nodes.count - level->node;
    m->depth--;
}

enum hn_status tree_merge(struct hn_arena *arena, struct hn_yaml_ref base, struct hn_yaml_ref over,
        struct hn_yaml_ref *ret_merged)
{
    struct merger m = { .yaml = base.yaml };
    struct hn_yaml *merged = hn_new(arena, struct hn_yaml, 1);
    struct hn_yaml_node *nodes = NULL;

    if (merged == NULL)
        return HN_NOMEM;
    open_level(&m, base, over);
    while (m.depth > 0 && m.status == HN_OK)
        step(&m);
    if (m.status == HN_OK) {
        nodes = hn_new(arena, struct hn_yaml_node, m.nodes.count);
        m.status = nodes == NULL ? HN_NOMEM : HN_OK;
    }
    if (nodes != NULL) {
        memcpy(nodes, m.nodes.ptr, m.nodes.count * sizeof *nodes);
        *merged = *base.yaml;
        merged->nodes = nodes;
        merged->node_count = (uint32_t)m.nodes.count;
        *ret_merged = (struct hn_yaml_ref){ merged, 0 };
    }
    hn_vec_deinit(&m.nodes);
    return m.status;
}
