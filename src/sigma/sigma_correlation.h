/* sigma_correlation.h - correlations between being read and being resolved against all rules. */
#ifndef HN_SIGMA_SIGMA_CORRELATION_H
#define HN_SIGMA_SIGMA_CORRELATION_H

#include "sigma/sigma_draft.h"

/* One entry of an alias: in events of this rule, that field is meant. */
struct alias_entry {
    struct hn_text rule;
    struct hn_text field;
    struct sigma_place place;
};

struct alias_draft {
    struct hn_text name;
    struct alias_entry *entries;
    uint32_t count;
};

/* Lives in the loader's file arena. */
struct correlation_draft {
    struct hn_yaml_ref root;
    struct sigma_correlation model; /* refs have their names; indices once resolved */
    struct sigma_place *places;     /* of each ref */
    struct alias_draft *aliases;
    uint32_t alias_count;
    uint32_t file_index;
    bool generate; /* what it refers to also fires by itself */
    bool resolved; /* refs are known: made from an old aggregation */
    bool rejected;
    struct sigma_place place;
};

/* A new draft at the end of loader->correlations; NULL without memory. */
struct correlation_draft *correlation_draft_add(struct work *w);

/* The rule with the aggregation of old in its condition: rules and a correlation over them. */
bool aggregation_build(struct work *w, struct draft_rule *draft);

/* "90m" as a time; an issue of this code for what is none. */
bool sigma_timespan_read(struct work *w, struct hn_yaml_ref ref, enum sigma_code code,
        const char *what, hn_time *ret_time);

/* A condition tree over refs, in the set's arena. */
bool sigma_ref_tree_build(struct work *w, const struct cond_nodes *nodes,
        const struct cond_node *root, struct sigma_ref_node **ret_tree);

/* Number of the correlation's bounds that hold at no value. */
bool sigma_bounds_possible(const struct sigma_correlation *correlation);

/* Renames what a correlation reads: group-by (aliases excepted), alias fields, value fields. */
void sigma_pipelines_apply_correlation(struct work *w, struct correlation_draft *draft);

#endif
