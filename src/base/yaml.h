/* yaml.h - YAML 1.2 text as a compact tree that knows the line and column of everything.
 *
 * Parsed by libyaml's event interface under our own limits. The tree is one array in the order of
 * the text, without pointers, so that it can be written to a cache and read back
 * (hn_yaml_save(), hn_yaml_restore()). Aliases are replaced by copies of what they stand for and
 * count as often as they are used; merge keys ("<<") are resolved.
 *
 * Life: hn_yaml_parse() or hn_yaml_restore() into an arena -> reading -> the arena's end.
 * Memory: everything is in the arena, except the text parsed, which is borrowed.
 * Limits: struct hn_yaml_limits. What is wrong with a document becomes a problem with its place;
 * the document is then empty, and the documents behind the next "---" are still read.
 * Concurrency: a parsed file is immutable. */
#ifndef HN_BASE_YAML_H
#define HN_BASE_YAML_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/reader.h"
#include "base/status.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

#define HN_YAML_DEPTH_MAX 256 /* limits.depth_max may not be larger */

struct hn_yaml_limits {
    size_t bytes_max; /* below 1 GiB */
    uint32_t documents_max;
    uint32_t nodes_max; /* per document */
    uint32_t depth_max;
};
extern const struct hn_yaml_limits hn_yaml_limits_default;

enum hn_yaml_kind { HN_YAML_SCALAR, HN_YAML_LIST, HN_YAML_MAP };
enum hn_yaml_style { HN_YAML_PLAIN, HN_YAML_QUOTED, HN_YAML_BLOCK };

/* Children follow their parent; a map's are key, value, key, value. */
struct hn_yaml_node {
    uint32_t span;  /* nodes from this one to the end of what is in it; 1 for a scalar */
    uint32_t line;  /* from 1 */
    uint32_t start; /* scalar: its text, see hn_yaml_text() */
    uint32_t len;
    uint16_t column; /* from 1; 65535 stands for more */
    uint8_t kind;    /* enum hn_yaml_kind */
    uint8_t style;   /* enum hn_yaml_style */
};

struct hn_yaml_document {
    uint32_t root;  /* index of its first node */
    uint32_t nodes; /* 0: an empty or damaged document */
    uint32_t start; /* its bytes in the text parsed */
    uint32_t len;
    uint32_t line;
    bool damaged; /* there is a problem in it */
};

#define HN_YAML_PROBLEM_LIST(X)                    \
    X(HN_YAML_SYNTAX, "yaml-syntax")               \
    X(HN_YAML_ENCODING, "yaml-encoding")           \
    X(HN_YAML_TAB, "yaml-tab")                     \
    X(HN_YAML_KEY, "yaml-key")                     \
    X(HN_YAML_DUPLICATE_KEY, "yaml-duplicate-key") \
    X(HN_YAML_ALIAS, "yaml-alias")                 \
    X(HN_YAML_TAG, "yaml-tag")                     \
    X(HN_YAML_TOO_LARGE, "yaml-too-large")         \
    X(HN_YAML_TOO_DEEP, "yaml-too-deep")

enum hn_yaml_problem_kind {
#define HN_YAML_PROBLEM_ENUM(name, id) name,
    HN_YAML_PROBLEM_LIST(HN_YAML_PROBLEM_ENUM)
#undef HN_YAML_PROBLEM_ENUM
            HN_YAML_PROBLEM_COUNT
};

struct hn_yaml_problem {
    enum hn_yaml_problem_kind kind;
    uint32_t line;
    uint32_t column;
    struct hn_text message;
};

struct hn_yaml {
    struct hn_text raw;  /* the text parsed, without a byte order mark */
    struct hn_text pool; /* scalars that do not stand in raw as they are (escapes, folding) */
    const struct hn_yaml_node *nodes;
    const struct hn_yaml_document *documents;
    struct hn_yaml_problem *problems;
    uint32_t node_count;
    uint32_t document_count;
    uint32_t problem_count;
    uint32_t depth; /* of the deepest tree */
};

/* HN_NOMEM, or HN_LIMIT of the arena, and then *ret_yaml is untouched; everything else that can be
 * wrong is a problem in the result. limits NULL: the defaults. */
HN_MUST_USE enum hn_status hn_yaml_parse(struct hn_arena *arena, struct hn_text text,
        const struct hn_yaml_limits *limits, struct hn_yaml *ret_yaml, struct hn_err *err);

const char *hn_yaml_problem_id(enum hn_yaml_problem_kind kind);

/* ---- Reading the tree ---- */

/* A place in a tree; yaml NULL: nothing there. All readers accept nothing and give nothing. */
struct hn_yaml_ref {
    const struct hn_yaml *yaml;
    uint32_t index;
};

HN_INLINE bool hn_yaml_is(struct hn_yaml_ref ref, enum hn_yaml_kind kind)
{
    return ref.yaml != NULL && ref.yaml->nodes[ref.index].kind == (uint8_t)kind;
}

HN_INLINE const struct hn_yaml_node *hn_yaml_node(struct hn_yaml_ref ref)
{
    return &ref.yaml->nodes[ref.index];
}

/* The document's root; nothing where it is empty or damaged. */
struct hn_yaml_ref hn_yaml_root(const struct hn_yaml *yaml, uint32_t document);

/* The text of a scalar; ptr NULL for anything else. */
struct hn_text hn_yaml_text(struct hn_yaml_ref ref);

/* The value of a key; nothing where ref is no map or has no such key. */
struct hn_yaml_ref hn_yaml_get(struct hn_yaml_ref ref, struct hn_text key);

/* The document's own bytes. */
struct hn_text hn_yaml_document_text(const struct hn_yaml *yaml, uint32_t document);

/* Walks the children of a list or a map; anything else has none. */
struct hn_yaml_iter {
    const struct hn_yaml *yaml;
    uint32_t next;
    uint32_t end;
};
struct hn_yaml_iter hn_yaml_children(struct hn_yaml_ref ref);
bool hn_yaml_next(struct hn_yaml_iter *iter, struct hn_yaml_ref *ret_item);
bool hn_yaml_next_pair(
        struct hn_yaml_iter *iter, struct hn_yaml_ref *ret_key, struct hn_yaml_ref *ret_value);
uint32_t hn_yaml_count(struct hn_yaml_ref ref); /* items of a list, pairs of a map; else 0 */

/* What a plain scalar means by YAML 1.2's core schema, with two readings of PyYAML kept because
 * rules are written against it: an exponent needs a decimal point ("1e5" is text), and an empty
 * scalar is null. Quoted and block scalars are text. */
enum hn_yaml_type { HN_YAML_NULL, HN_YAML_BOOL, HN_YAML_NUMBER, HN_YAML_STRING };
enum hn_yaml_type hn_yaml_type(struct hn_yaml_ref ref);
/* For lists and maps, and scalars of another type, these give false. */
bool hn_yaml_bool(struct hn_yaml_ref ref, bool *ret_truth);
bool hn_yaml_u64(struct hn_yaml_ref ref, uint64_t *ret_number);

/* ---- Cache ---- */

/* Appends everything, problems included; a failed buffer tells of itself. */
void hn_yaml_save(const struct hn_yaml *yaml, struct hn_buf *out);

/* Takes it back from where the reader stands. HN_CORRUPT for anything hn_yaml_save() would not
 * have written; the tree is then safe from loops and wild indices. raw, pool and messages borrow
 * the reader's bytes until the caller puts copies in their place. */
HN_MUST_USE enum hn_status hn_yaml_restore(
        struct hn_arena *arena, struct hn_reader *in, struct hn_yaml *ret_yaml, struct hn_err *err);

#endif
