/* sigma_transform.h - transformations by family; transform.c has the table. */
#ifndef HN_SIGMA_SIGMA_TRANSFORM_H
#define HN_SIGMA_SIGMA_TRANSFORM_H

#include "sigma/sigma_pipeline.h"

typedef bool transform_read(struct work *w, struct hn_yaml_ref ref, struct pipeline_item *item);
typedef bool transform_rule(struct pipeline_run *run, const struct pipeline_item *item);
typedef bool transform_item(
        struct pipeline_run *run, const struct pipeline_item *item, struct draft_node *node);
typedef bool transform_name(struct pipeline_run *run, const struct pipeline_item *item,
        struct hn_text field, const struct sigma_texts **ret_names);

/* transform_field.c: names of fields. */
transform_read transform_read_mapping, transform_read_function, transform_read_suffix,
        transform_read_prefix, transform_read_field, transform_read_fields;
transform_item transform_rename;
transform_name transform_map_name, transform_map_prefix, transform_function, transform_suffix,
        transform_prefix;
transform_rule transform_add_field, transform_remove_field, transform_set_field;

/* transform_value.c: values. */
transform_read transform_read_regex, transform_read_value, transform_read_type, transform_read_case,
        transform_read_placeholders;
transform_item transform_map_string, transform_regex, transform_set_value, transform_convert,
        transform_case, transform_wildcards, transform_lists;

/* transform_replace.c: parts of strings by regular expression. */
transform_read transform_read_replace;
transform_item transform_replace;

/* transform_split.c: one item into several by what its values hold. */
transform_read transform_read_hashes, transform_read_extract;
transform_item transform_hashes, transform_extract;

/* The item of a node becomes what is below another node; a NOT around it stays. */
bool transform_replace_node(
        struct pipeline_run *run, struct draft_node *node, const struct draft_node *by);
/* "prefix.name", kept with the set. */
struct hn_text transform_dotted(
        struct pipeline_run *run, struct hn_text prefix, struct hn_text name);
/* A new item like another one, with no values, below a node. */
struct draft_item *transform_new_item(
        struct pipeline_run *run, struct draft_node *parent, const struct draft_item *like);

#endif
