/* detection.c - the detection section: maps are AND, lists are OR, plain values are keywords. */
#include "sigma/sigma_draft.h"

#define DETECTIONS_MAX 4096u
#define NAME_BYTES_MAX 512u

struct draft_node *sigma_draft_node_add(
        struct work *w, struct draft_rule *rule, enum sigma_node_kind kind)
{
    struct draft_node *node = hn_new(w->scratch, struct draft_node, 1);
    struct draft_node **slot = arena_vec_add(w, rule->nodes, rule->node_count, rule->node_room);

    if (node == NULL || slot == NULL) {
        (void)work_nomem(w, w->scratch);
        return NULL;
    }
    node->kind = kind;
    *slot = node;
    return node;
}

bool sigma_draft_node_adopt(struct work *w, struct draft_node *parent, struct draft_node *child)
{
    struct draft_node **slot;

    if (child == NULL)
        return false;
    slot = arena_vec_add(w, parent->children, parent->count, parent->room);
    if (slot != NULL)
        *slot = child;
    return slot != NULL;
}

bool sigma_draft_names(struct work *w, const struct draft_rule *rule, struct cond_names *ret_names)
{
    struct hn_text *names = hn_new(w->scratch, struct hn_text, rule->detection_count);
    bool *hidden = hn_new(w->scratch, bool, rule->detection_count);

    if (names == NULL || hidden == NULL)
        return work_nomem(w, w->scratch);
    for (uint32_t i = 0; i < rule->detection_count; i++) {
        names[i] = rule->detections[i].name;
        hidden[i] = rule->detections[i].hidden;
    }
    *ret_names = (struct cond_names){ .names = names,
        .hidden = hidden,
        .count = rule->detection_count,
        .selectors = true,
        .unknown = CODE_UNKNOWN_SELECTION,
        .what = "selection" };
    return true;
}

/* ---- Definitions ---- */

static struct draft_node *item_node(struct work *w, struct draft_rule *rule, struct hn_yaml_ref key,
        struct hn_text name, struct hn_yaml_ref values)
{
    struct draft_node *node = sigma_draft_node_add(w, rule, SIGMA_ITEM);

    if (node == NULL)
        return NULL;
    node->item = item_read(w, rule, key, name, values);
    return node->item == NULL ? NULL : node;
}

/* A list of nothing but scalars is one keyword item; any other list is an OR of its parts. */
static bool is_keywords(struct hn_yaml_ref ref)
{
    struct hn_yaml_iter iter = hn_yaml_children(ref);
    struct hn_yaml_ref item;

    if (hn_yaml_is(ref, HN_YAML_SCALAR))
        return true;
    if (!hn_yaml_is(ref, HN_YAML_LIST))
        return false;
    while (hn_yaml_next(&iter, &item)) {
        if (!hn_yaml_is(item, HN_YAML_SCALAR))
            return false;
    }
    return true;
}

static struct draft_node *map_node(struct work *w, struct draft_rule *rule, struct hn_yaml_ref map)
{
    struct hn_yaml_iter iter = hn_yaml_children(map);
    struct draft_node *node = sigma_draft_node_add(w, rule, SIGMA_AND);
    struct hn_yaml_ref key;
    struct hn_yaml_ref value;

    if (node != NULL && hn_yaml_count(map) == 0) {
        issue_add(w, CODE_EMPTY_SELECTION, sigma_place_of(w, map), "the map is empty");
        return NULL;
    }
    while (node != NULL && hn_yaml_next_pair(&iter, &key, &value)) {
        if (!sigma_draft_node_adopt(w, node, item_node(w, rule, key, hn_yaml_text(key), value)))
            return NULL;
    }
    return node;
}

/* The list being taken apart, for each level of nesting. */
struct level {
    struct hn_yaml_iter iter;
    struct draft_node *node;
};

/* The node for one definition; *ret_open is set when it is a list whose parts are still to come. */
static struct draft_node *start_node(
        struct work *w, struct draft_rule *rule, struct hn_yaml_ref ref, bool *ret_open)
{
    static const struct hn_yaml_ref nothing = { NULL, 0 };

    *ret_open = false;
    if (hn_yaml_is(ref, HN_YAML_MAP))
        return map_node(w, rule, ref);
    if (hn_yaml_is(ref, HN_YAML_LIST) && hn_yaml_count(ref) == 0) {
        issue_add(w, CODE_EMPTY_SELECTION, sigma_place_of(w, ref), "the list is empty");
        return NULL;
    }
    if (is_keywords(ref))
        return item_node(w, rule, nothing, HN_TEXT(""), ref);
    *ret_open = true;
    return sigma_draft_node_add(w, rule, SIGMA_OR);
}

static struct draft_node *definition_node(
        struct work *w, struct draft_rule *rule, struct hn_yaml_ref definition)
{
    struct level levels[HN_YAML_DEPTH_MAX];
    uint32_t depth = 0;
    bool open;
    struct draft_node *root = start_node(w, rule, definition, &open);

    if (root == NULL)
        return NULL;
    if (open)
        levels[depth++] = (struct level){ hn_yaml_children(definition), root };
    while (depth > 0) {
        struct level *level = &levels[depth - 1];
        struct hn_yaml_ref item;
        struct draft_node *node;

        if (!hn_yaml_next(&level->iter, &item)) {
            depth--;
            continue;
        }
        node = start_node(w, rule, item, &open);
        if (!sigma_draft_node_adopt(w, level->node, node))
            return NULL;
        if (open) /* no deeper than the tree, which is not deeper than HN_YAML_DEPTH_MAX */
            levels[depth++] = (struct level){ hn_yaml_children(item), node };
    }
    return root;
}

bool detection_read(struct work *w, struct draft_rule *rule, struct hn_text name,
        struct hn_yaml_ref definition, bool hidden)
{
    struct draft_detection *detection;
    uint32_t index = rule->detection_count;

    if (index >= DETECTIONS_MAX || name.len > NAME_BYTES_MAX) {
        issue_add(w, CODE_TOO_LARGE, sigma_place_of(w, definition),
                "too many selections, or long names");
        return false;
    }
    detection = arena_vec_add(w, rule->detections, rule->detection_count, rule->detection_room);
    if (detection == NULL)
        return false;
    memset(detection, 0, sizeof *detection);
    detection->name = name;
    detection->place = sigma_place_of(w, definition);
    detection->hidden = hidden;
    detection->root = definition_node(w, rule, definition);
    return rule->detections[index].root != NULL && work_fine(w);
}
