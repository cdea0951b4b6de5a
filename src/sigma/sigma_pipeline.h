/* sigma_pipeline.h - processing pipelines in pySigma's format: read once, run for every rule.
 *
 * Names and meaning of conditions and transformations are pySigma's; docs/sigma.md lists them and
 * the few readings that differ. Everything here lives in the loader's file arena. */
#ifndef HN_SIGMA_SIGMA_PIPELINE_H
#define HN_SIGMA_SIGMA_PIPELINE_H

#include "sigma/sigma_correlation.h"

struct pipeline_run;
struct pipeline_item;

/* ---- Scalars of any type ---- */

/* A value in a pipeline: of a state, an attribute, a parameter. */
struct scalar {
    enum hn_yaml_type type;
    struct hn_text text; /* as written */
    struct sigma_number number;
};

bool scalar_read(struct hn_yaml_ref ref, struct scalar *ret_scalar);
bool scalar_eq(const struct scalar *a, const struct scalar *b);
/* <0, 0, >0; false when the two have no order. */
bool scalar_order(const struct scalar *a, const struct scalar *b, int *ret_order);

enum relation {
    RELATION_EQ,
    RELATION_NE,
    RELATION_GTE,
    RELATION_GT,
    RELATION_LTE,
    RELATION_LT,
    RELATION_IN,
    RELATION_NOT_IN
};
bool sigma_relation_holds(enum relation relation, bool equal, bool ordered, int order);

/* ---- Regular expressions ---- */

struct pattern; /* compiled; freed with the loader */

struct pattern *pattern_read(struct work *w, struct hn_yaml_ref ref);
/* Python's match(): at the start of the text. */
bool pattern_starts(const struct pattern *pattern, struct hn_text text);

struct found {
    size_t start;
    size_t end;
};
#define GROUPS_MAX 32u
struct match {
    struct found groups[GROUPS_MAX]; /* start SIZE_MAX: the group took no part */
    uint32_t count;
};
/* The next match at or after a position; anchored: only there. */
bool pattern_find(const struct pattern *pattern, struct hn_text text, size_t at, bool anchored,
        struct match *ret_match);
/* Appends a replacement with \1, \g<1>, \g<name> put in. */
void pattern_replace(const struct pattern *pattern, struct hn_text text, const struct match *match,
        struct hn_text replacement, struct hn_buf *out);
/* The i-th named group, or ptr NULL past the last. */
struct hn_text pattern_group(const struct pattern *pattern, uint32_t i, uint32_t *ret_number);

/* ---- Conditions ---- */

struct name_list {
    struct sigma_texts names;
    struct pattern **patterns; /* mode re */
};

struct pipeline_condition {
    const struct condition_type *type;
    struct sigma_place place;
    struct hn_logsource logsource;
    struct hn_text name; /* field, tag, attribute, state key, item id */
    struct scalar value;
    enum relation relation;
    struct pattern *pattern;
    bool negate;
    bool any; /* of the values, not all */
    struct name_list fields;
};

enum condition_scope { SCOPE_RULE, SCOPE_ITEM, SCOPE_FIELD };

struct condition_type {
    const char *name;
    enum condition_scope scope;
    const char *keys; /* its parameters, between spaces */
    bool (*read)(struct work *w, struct hn_yaml_ref ref, struct pipeline_condition *condition);
    /* The one for its scope. A field of ptr NULL is a keyword's. */
    bool (*rule)(const struct pipeline_run *run, const struct pipeline_condition *condition);
    bool (*item)(const struct pipeline_run *run, const struct pipeline_condition *condition,
            const struct draft_item *item);
    bool (*field)(const struct pipeline_run *run, const struct pipeline_condition *condition,
            struct hn_text field, const struct draft_item *item);
};

/* The conditions of one scope of an item and how they belong together. */
struct condition_set {
    struct pipeline_condition *conditions;
    uint32_t count;
    bool any;
    bool negate;
    struct cond_nodes nodes; /* an expression over them, or none */
    struct cond_node *root;
};

bool condition_set_read(struct work *w, struct hn_yaml_ref item, enum condition_scope scope,
        struct condition_set *ret_set);
bool rule_conditions_hold(const struct pipeline_run *run, const struct condition_set *set);
/* The item as a whole: item conditions, and field conditions on its field or on a field that one
 * of its values refers to. */
bool item_conditions_hold(const struct pipeline_run *run, const struct condition_set *items,
        const struct condition_set *fields, const struct draft_item *item);
/* item: whose field it is; NULL for other names. */
bool sigma_field_conditions_hold(const struct pipeline_run *run, const struct condition_set *set,
        struct hn_text field, const struct draft_item *item);
/* New names for a name that is no detection item's field, its conditions asked and what is done
 * noted; *ret_names NULL: it stays. */
bool pipeline_rename(struct pipeline_run *run, const struct pipeline_item *item,
        struct hn_text field, const struct sigma_texts **ret_names);

/* ---- Items ---- */

struct mapping_entry {
    struct hn_text from; /* ptr NULL: keywords */
    struct sigma_texts to;
};

struct mapping {
    struct mapping_entry *entries; /* in the order of the text */
    uint32_t *sorted;              /* by from */
    uint32_t count;
};
const struct mapping_entry *sigma_mapping_find(const struct mapping *mapping, struct hn_text from);
bool sigma_mapping_read(struct work *w, struct hn_yaml_ref ref, struct mapping *ret_mapping);

struct pipeline_item {
    const struct transformation *type;
    struct hn_yaml_ref ref;
    struct hn_text id;
    uint32_t file_index;
    uint32_t parent; /* enclosing `nest` item, or UINT32_MAX */
    struct condition_set rule_conditions;
    struct condition_set item_conditions;
    struct condition_set field_conditions;

    /* Parameters; each transformation uses its own. */
    struct mapping mapping;
    struct hn_text text;   /* prefix, suffix, message, name, key, replacement, attribute */
    struct hn_text method; /* method, transform_func, target_type, force_type */
    struct scalar value;   /* value, val */
    struct hn_logsource logsource;
    struct sigma_texts texts;   /* fields, valid_hash_algos, include or exclude */
    struct sigma_texts sources; /* field_to_parse */
    struct pattern *pattern;
    bool flag;       /* template, drop_algo_prefix, skip_special, ... */
    bool other_flag; /* negated, interpret_special, apply_keyword */
    bool exclude;    /* texts are to be left out */
};

struct transformation {
    const char *name;
    const char *keys; /* its parameters, between spaces */
    bool (*read)(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item);
    /* Any of them; false: the rule is rejected, or memory is short. */
    bool (*rule)(struct pipeline_run *run, const struct pipeline_item *item);
    bool (*item)(
            struct pipeline_run *run, const struct pipeline_item *item, struct draft_node *node);
    /* New names for a field; nothing: it stays. */
    bool (*field)(struct pipeline_run *run, const struct pipeline_item *item, struct hn_text field,
            const struct sigma_texts **ret_names);
};

const struct transformation *sigma_transformation_find(struct hn_text name);
const struct transformation *sigma_transformation_at(uint32_t index);
const struct condition_type *condition_type_at(uint32_t index);

struct pipeline {
    struct hn_text name;
    int64_t priority;
    uint32_t file_index;
    uint32_t order; /* in which it was added */
    struct hn_yaml_ref vars;
    struct pipeline_item *items;
    uint32_t count;
    uint32_t room;
};

/* ---- A run ---- */

struct state_entry {
    struct hn_text key;
    struct scalar value;
    const struct state_entry *next;
};

/* What was done to a name of the rule's `fields`, of group-by and the like. */
struct field_trace {
    struct hn_text field;
    const struct applied *applied;
    const struct field_trace *next;
};

/* For one rule or correlation. */
struct pipeline_run {
    struct work *w;
    struct sigma_meta *meta;
    struct hn_yaml_ref root;
    struct draft_rule *rule; /* NULL for a correlation */
    struct correlation_draft *correlation;
    const struct state_entry *state;
    const struct state_entry *attributes;
    const struct field_trace *fields;
    const struct applied *applied; /* to the rule */
    const struct applied *mapped;  /* names that mappings took or gave */
    bool changed;                  /* set by a transformation that changed the item it was given */
};

bool sigma_applied_add(struct work *w, const struct applied **list, struct hn_text id);
bool sigma_applied_has(const struct applied *list, struct hn_text id);
bool sigma_state_set(struct work *w, const struct state_entry **list, struct hn_text key,
        const struct scalar *value);
const struct scalar *sigma_state_find(const struct state_entry *list, struct hn_text key);

/* ---- Helpers of readers ---- */

bool pipeline_fail(struct work *w, struct hn_yaml_ref ref, const char *message);
/* Every key is among the words of any of the lists. */
bool pipeline_keys(struct work *w, struct hn_yaml_ref map, const char *keys, const char *more);
bool sigma_param_text(struct work *w, struct hn_yaml_ref ref, const char *key, bool needed,
        struct hn_text *ret_text);
bool sigma_param_texts(struct work *w, struct hn_yaml_ref ref, const char *key, bool needed,
        struct sigma_texts *ret_texts);
bool sigma_param_bool(struct work *w, struct hn_yaml_ref ref, const char *key, bool *ret_truth);
bool sigma_words_have(const char *words, struct hn_text word);

#endif
