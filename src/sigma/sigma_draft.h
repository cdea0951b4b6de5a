/* sigma_draft.h - a rule while it is being loaded: values may still hold placeholders, items can be
 * renamed, replaced and dropped by pipelines, conditions can be added to.
 *
 * Everything is in the work's scratch arena, except texts, which are kept with the set. */
#ifndef HN_SIGMA_SIGMA_DRAFT_H
#define HN_SIGMA_SIGMA_DRAFT_H

#include "sigma/sigma_internal.h"

/* ---- Strings ---- */

enum draft_part_kind { DRAFT_TEXT, DRAFT_MANY, DRAFT_ONE, DRAFT_PLACEHOLDER };

struct draft_part {
    enum draft_part_kind kind;
    struct hn_text text; /* TEXT: its bytes; PLACEHOLDER: its name */
};

/* No two TEXT parts in a row, no empty TEXT; two MANY in a row are one. */
struct draft_string {
    struct draft_part *parts;
    uint32_t count;
};

/* The specification's escaping: '\' before '*', '?' or '\' makes it plain, else it is itself. */
bool sigma_draft_string_parse(struct work *w, struct hn_text text, struct draft_string *ret_string);
/* No escaping, no wildcards: one TEXT part. */
bool sigma_draft_string_plain(struct work *w, struct hn_text text, struct draft_string *ret_string);
/* What sigma_draft_string_parse() would read back as this string. Placeholders as %name%. */
bool sigma_draft_string_write(
        struct work *w, const struct draft_string *string, struct hn_text *ret_text);
/* pySigma's plain form: wildcards and placeholders written out, '*' and '?' of the text escaped,
 * backslashes not. */
bool sigma_draft_string_show(
        struct work *w, const struct draft_string *string, struct hn_text *ret_text);
/* The bytes of the TEXT parts alone, in order. */
bool sigma_draft_string_bytes(
        struct work *w, const struct draft_string *string, struct hn_text *ret_bytes);
bool sigma_draft_string_has(const struct draft_string *string, enum draft_part_kind kind);
HN_INLINE bool draft_string_has_wildcard(const struct draft_string *string)
{
    return sigma_draft_string_has(string, DRAFT_MANY) || sigma_draft_string_has(string, DRAFT_ONE);
}

/* Builds a string part by part. */
struct string_builder {
    struct work *w;
    struct draft_string string;
    uint32_t room;
    bool failed;
};
struct string_builder string_builder_over(struct work *w);
void string_builder_add(struct string_builder *b, enum draft_part_kind kind, struct hn_text text);
bool string_builder_end(struct string_builder *b, struct draft_string *ret_string);

/* ---- Values and items ---- */

enum draft_kind {
    DRAFT_STRING,
    DRAFT_NUMBER,
    DRAFT_BOOL, /* number is 0 or 1 */
    DRAFT_NULL,
    DRAFT_REGEX, /* string is the pattern, without wildcards */
    DRAFT_CIDR,
    DRAFT_COMPARE,
    DRAFT_EXISTS,
    DRAFT_FIELDREF,
    DRAFT_KIND_COUNT
};

struct draft_value {
    enum draft_kind kind;
    bool cased;
    bool exists;     /* EXISTS */
    uint32_t origin; /* the value as written that it comes from: equal ones are alternatives */
    struct sigma_place place;
    struct hn_text written;
    struct draft_string string;  /* STRING, REGEX */
    struct sigma_number number;  /* NUMBER, BOOL, COMPARE */
    enum sigma_compare compare;  /* COMPARE */
    uint32_t regex_flags;        /* REGEX: SIGMA_REGEX_ */
    struct hn_cidr cidr;         /* CIDR */
    struct hn_text field;        /* FIELDREF */
    enum sigma_anchor anchor;    /* FIELDREF, and REGEX (which of its ends is anchored) */
    bool exact_start, exact_end; /* REGEX: must match from the start, to the end */
};

/* Ids of processing items that were applied to something. */
struct applied {
    struct hn_text id;
    const struct applied *next;
};

struct draft_item {
    bool keyword; /* field is empty */
    struct hn_text field;
    struct hn_text modifiers; /* as written */
    bool all;                 /* values of each origin must match, not of any */
    bool negated;
    enum sigma_time_part time_part;
    struct draft_value *values;
    uint32_t value_count;
    uint32_t value_room;
    struct sigma_place place;
    struct hn_text selection;
    const struct applied *applied;
};

/* The new value is a copy of *like without its string; NULL past limits or memory. */
struct draft_value *sigma_draft_item_add(
        struct work *w, struct draft_item *item, const struct draft_value *like);

/* ---- Detections ---- */

/* kind is AND, OR, ITEM, or NOT where a pipeline has replaced a negated item. Nodes are in the
 * rule's list in an order in which parents come before their children. */
struct draft_node {
    enum sigma_node_kind kind;
    struct draft_node **children;
    uint32_t count;
    uint32_t room;
    struct draft_item *item;
    bool dropped;
    bool wanted; /* build.c: the condition reaches it */
    struct sigma_node *built;
};

struct draft_detection {
    struct hn_text name;
    struct draft_node *root;
    struct sigma_place place;
    bool hidden; /* added by a filter or pipeline: patterns of the rule do not see it */
    bool used;   /* the condition refers to it */
};

/* ---- Conditions ---- */

/* kind is AND, OR, NOT or ITEM: leaf is then a number from the condition's names. Operands come
 * before their operators in the list of nodes. */
struct cond_node {
    enum sigma_node_kind kind;
    struct cond_node **children;
    uint32_t count;
    uint32_t room;
    uint32_t leaf;
    bool wanted; /* build.c: it is part of the condition */
    void *built; /* struct sigma_node or struct sigma_ref_node */
};

struct cond_nodes {
    struct cond_node **ptr;
    uint32_t count;
    uint32_t room;
};

/* What a condition may refer to. */
struct cond_names {
    const struct hn_text *names;
    const bool *hidden; /* NULL: none is */
    uint32_t count;
    bool selectors;          /* "1 of x*" and "them" are allowed */
    enum sigma_code unknown; /* issue for a name that is not among them */
    const char *what;        /* "selection": for messages */
};

struct cond_text {
    struct hn_text text;
    struct hn_yaml_ref ref; /* where it stands, for places; yaml NULL: nowhere */
};

/* Parses up to the end or to a '|' outside of parentheses; *ret_rest is what is behind that (ptr
 * NULL without one). *ret_root NULL: nothing stands before it. False: an issue says why. */
bool sigma_cond_parse(struct work *w, const struct cond_text *text, const struct cond_names *names,
        struct cond_nodes *nodes, struct cond_node **ret_root, struct hn_text *ret_rest);
struct cond_node *sigma_cond_leaf(struct work *w, struct cond_nodes *nodes, uint32_t leaf);
struct cond_node *sigma_cond_not(struct work *w, struct cond_nodes *nodes, struct cond_node *child);
/* AND or OR; a child of the same kind is taken apart. */
struct cond_node *sigma_cond_join(struct work *w, struct cond_nodes *nodes,
        enum sigma_node_kind kind, struct cond_node *left, struct cond_node *right);

/* "sel*tion" with '*' for any characters. */
bool sigma_cond_pattern_fits(struct hn_text pattern, struct hn_text name);

/* ---- Aggregations of old (aggregation.c) ---- */

enum aggregation_kind {
    AGGREGATION_NONE,
    AGGREGATION_COUNT,
    AGGREGATION_SUM,
    AGGREGATION_MIN,
    AGGREGATION_MAX,
    AGGREGATION_AVG,
    AGGREGATION_NEAR
};

struct aggregation {
    enum aggregation_kind kind;
    struct hn_text field; /* empty: events are counted */
    struct sigma_texts group_by;
    struct sigma_bound bound;
    struct hn_text near; /* the condition behind "near" */
};

/* The text behind the '|'. */
bool aggregation_parse(
        struct work *w, const struct cond_text *text, struct aggregation *ret_aggregation);

/* ---- The rule ---- */

struct draft_rule {
    struct hn_yaml_ref root;
    struct sigma_meta *meta;
    struct hn_logsource logsource;
    struct hn_text definition;

    struct draft_detection *detections;
    uint32_t detection_count;
    uint32_t detection_room;
    struct draft_node **nodes;
    uint32_t node_count;
    uint32_t node_room;
    uint32_t value_total; /* for limits.values_max */

    struct cond_nodes cond_nodes;
    struct cond_node **conditions; /* joined by OR */
    uint32_t condition_count;
    uint32_t condition_room;

    struct aggregation aggregation;
    struct cond_text near; /* where aggregation.near stands */
    hn_time timeframe;     /* 0: none given */

    const struct applied *applied; /* processing items that were applied to the rule */
};

/* One search identifier of a detection section. */
bool detection_read(struct work *w, struct draft_rule *rule, struct hn_text name,
        struct hn_yaml_ref definition, bool hidden);
struct draft_node *sigma_draft_node_add(
        struct work *w, struct draft_rule *rule, enum sigma_node_kind kind);
bool sigma_draft_node_adopt(struct work *w, struct draft_node *parent, struct draft_node *child);
/* The names of the rule's detections, for its conditions. */
bool sigma_draft_names(struct work *w, const struct draft_rule *rule, struct cond_names *ret_names);

/* "Field|modifier|modifier" and its values. */
struct draft_item *item_read(struct work *w, struct draft_rule *rule, struct hn_yaml_ref key,
        struct hn_text name, struct hn_yaml_ref values);
/* A scalar as a value; raw: no wildcards and escapes. False: an issue says why. */
bool value_read(struct work *w, struct hn_yaml_ref scalar, bool raw, struct draft_value *ret_value);

/* ---- Modifiers ---- */

struct modifier_use {
    struct work *w;
    struct draft_item *item;
    const char *name;
    struct sigma_place place;
    uint32_t position; /* 0: the first value modifier */
};

#define TAKES(kind) ((uint32_t)1 << (kind))

struct modifier {
    const char *name;
    uint32_t takes;    /* kinds of value, bits TAKES() */
    const char *wants; /* the same in words */
    bool first;        /* only on unmodified values (time parts excepted) */
    bool repeats;      /* may stand twice */
    /* One of them. value changes a value and may add alternatives to the item. False: an issue
     * says why. */
    bool (*value)(const struct modifier_use *use, struct draft_value *value);
    bool (*list)(const struct modifier_use *use);
};

const struct modifier *modifier_find(struct hn_text name);
const struct modifier *modifier_at(uint32_t index); /* NULL past the last */

/* ---- Between draft and set ---- */

/* Adds to the rule's condition what filters say about it. */
void sigma_filters_apply(struct work *w, struct draft_rule *rule);
void sigma_pipelines_apply(struct work *w, struct draft_rule *rule);
/* Replaces placeholders by the lists of the options; an issue for one without a list. */
void sigma_placeholders_apply(struct work *w, struct draft_rule *rule);
/* Alternatives of one value for one list of texts (each read as a Sigma string). */
bool placeholder_expand(struct work *w, struct draft_item *item, uint32_t index,
        struct hn_text name, const struct sigma_texts *texts);

/* The draft as a rule of the set. Only while work_fine(). */
bool rule_build(struct work *w, struct draft_rule *draft, struct sigma_rule *ret_rule);
/* A part of its condition alone. */
bool rule_build_part(struct work *w, struct draft_rule *draft, struct cond_node *condition,
        struct sigma_rule *ret_rule);

bool regex_check(struct work *w, struct hn_text pattern, uint32_t flags, struct sigma_place place);

/* Looks at an item as it is written, before modifiers change its values. */
void lint_item(struct work *w, const struct draft_item *item);
void lint_rule(struct work *w, const struct draft_rule *draft, const struct sigma_rule *rule);
void lint_fields(struct work *w, const struct sigma_rule *rule);

#endif
