/* yaml_internal.h - what the two halves of the YAML parser share: yaml_parse.c reads events,
 * yaml_build.c makes the tree of them. */
#ifndef HN_BASE_YAML_INTERNAL_H
#define HN_BASE_YAML_INTERNAL_H

#include "base/yaml.h"

#include "base/map.h"
#include "base/vec.h"

#include <yaml.h>

/* A list or map whose end has not been seen. */
struct yaml_open {
    uint32_t node;
    uint32_t children; /* nodes directly below; in a map an even number: a key is next */
    uint32_t anchor;   /* its number, UINT32_MAX without one */
    bool is_map;
    bool merge; /* the key was "<<": what comes is merged */
};

struct yaml_anchor {
    uint32_t node;
    bool closed; /* the node is complete */
};

struct yaml_merge {
    uint32_t depth; /* of the map that takes it */
    uint32_t node;
};

struct yaml_builder {
    struct hn_arena *arena;
    struct hn_yaml_limits limits;
    struct hn_text raw;
    bool ascii; /* raw is: a character's number is its byte's */
    struct hn_buf pool;
    HN_VEC(struct hn_yaml_node) nodes;
    HN_VEC(struct hn_yaml_document) documents;
    HN_VEC(struct hn_yaml_problem) problems;
    uint32_t deepest; /* of all trees, damaged ones included */
    enum hn_status status;

    /* The document being parsed. */
    struct hn_text chunk;
    uint32_t chunk_line; /* lines before it */
    struct hn_yaml_document document;
    uint32_t first_node;
    struct hn_map anchors;
    HN_VEC(struct yaml_anchor) anchor_nodes;
    HN_VEC(struct yaml_merge) merges;
    struct yaml_open open[HN_YAML_DEPTH_MAX];
    uint32_t depth;
    size_t cursor_char; /* a character of the chunk and the byte it starts at */
    size_t cursor_byte;
};

void yaml_problem(struct yaml_builder *b, enum hn_yaml_problem_kind kind, uint32_t line,
        uint32_t column, const char *message);
void yaml_problem_at(struct yaml_builder *b, enum hn_yaml_problem_kind kind,
        const yaml_mark_t *mark, const char *message);

/* The byte in the chunk at which a character starts. */
size_t yaml_byte_of(struct yaml_builder *b, size_t character);

/* Each false: this document is given up (a problem says why, or status is not HN_OK). */
bool yaml_on_alias(struct yaml_builder *b, const yaml_event_t *event);
bool yaml_on_scalar(struct yaml_builder *b, const yaml_event_t *event);
bool yaml_on_start(struct yaml_builder *b, enum hn_yaml_kind kind, const yaml_event_t *event);
bool yaml_on_end(struct yaml_builder *b, const yaml_event_t *event);

#endif
