/* sigma_internal.h - what the files of this module share: the loader and one document's work.
 *
 * The way of a document: yaml -> collection.c (which kind, global parts) -> rule.c (metadata,
 * detection, condition into a draft, sigma_draft.h) -> filter.c -> pipeline_apply.c ->
 * placeholder.c -> build.c (the draft into the set's model) -> correlation_resolve.c. */
#ifndef HN_SIGMA_SIGMA_INTERNAL_H
#define HN_SIGMA_SIGMA_INTERNAL_H

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"
#include "base/yaml.h"
#include "sigma/sigma.h"
#include "sigma/sigma_codes.h"

#include <stdatomic.h>

/* ---- The loader ---- */

enum sigma_file_kind { SIGMA_FILE_RULES, SIGMA_FILE_PIPELINE };

struct sigma_file {
    struct hn_text name;
    enum sigma_file_kind kind;
    struct hn_yaml yaml;
};

/* What sigma_loader_finish() hands out. */
struct set_box {
    struct sigma_set set;
    struct hn_arena arena;
    atomic_uint refs;
};

struct filter;
struct pipeline;
struct correlation_draft;

/* An issue on its way into the set. */
struct issue_draft {
    struct sigma_issue issue;
    uint32_t file; /* order of the file, for sorting */
};

struct sigma_loader {
    struct sigma_options options; /* limits filled in */
    struct set_box *box;          /* texts and model; the set takes it over */
    struct hn_arena files_arena;  /* trees of all files */
    struct hn_arena scratch;      /* one document at a time */
    HN_VEC(struct sigma_file *) files;
    HN_VEC(struct issue_draft) issues;
    HN_VEC(struct sigma_rule) rules;
    HN_VEC(struct correlation_draft *) correlations;
    HN_VEC(struct filter *) filters;
    HN_VEC(struct pipeline *) pipelines;
    uint32_t document_count;
    bool finished;
};

/* A new file at the end of loader->files, without its tree; NULL without memory. */
struct sigma_file *loader_file_add(
        struct sigma_loader *loader, enum sigma_file_kind kind, struct hn_text name);

/* ---- One document's work ---- */

struct work {
    struct sigma_loader *loader;
    struct hn_arena *keep;    /* lives as long as the set */
    struct hn_arena *scratch; /* until the next document */
    const struct sigma_limits *limits;
    struct hn_text file;
    uint32_t file_index;
    struct hn_text id; /* of the document, for its issues; as far as known */
    struct hn_text title;
    bool rejected;         /* an issue said so */
    bool quiet;            /* issues are known already: do not add them again */
    enum hn_status status; /* HN_OK, or why memory ran out */
};

/* Work on a document of loader->files[file_index]; resets the scratch. */
struct work work_begin(struct sigma_loader *loader, uint32_t file_index);

/* True while the document may still become part of the set. */
HN_INLINE bool work_fine(const struct work *w)
{
    return !w->rejected && w->status == HN_OK;
}

/* Notes that an allocation failed. Returns false, for `return work_nomem(w, arena)`. */
bool work_nomem(struct work *w, const struct hn_arena *arena);

struct sigma_place sigma_place_of(const struct work *w, struct hn_yaml_ref ref);
/* The same, some characters into a scalar that stands on one line. */
struct sigma_place sigma_place_in(const struct work *w, struct hn_yaml_ref ref, size_t offset);

void issue_add(struct work *w, enum sigma_code code, struct sigma_place place, const char *fmt, ...)
        HN_PRINTF(4, 5);
const char *issue_code_text(enum sigma_code code);
enum sigma_severity issue_code_severity(enum sigma_code code);
/* Orders loader->issues by place and moves them into the set. */
enum hn_status sigma_issues_finish(struct sigma_loader *loader);

/* Text made up while loading, kept with the set. ptr NULL (and w->status set) on failure. */
struct hn_text sigma_keep_text(struct work *w, struct hn_text text);

/* ---- Arrays that grow in an arena ---- */

/* Room for one more item at *items, or false (and w->status set). */
bool sigma_grow_array(
        struct work *w, void *items, uint32_t count, uint32_t *room, size_t item_bytes);

#define arena_vec_add(w, ptr, count, room)                                       \
    (sigma_grow_array((w), &(ptr), (count), &(room), sizeof(__typeof__(*(ptr)))) \
                    ? &(ptr)[(count)++]                                          \
                    : NULL)

/* For walks over trees: what is still to be visited, in the scratch. */
struct work_stack {
    const void **ptr;
    uint32_t count;
    uint32_t room;
};
bool sigma_stack_push(struct work *w, struct work_stack *stack, const void *item);

/* ---- Readers of common shapes ---- */

/* A scalar or a list of scalars as texts in the set; anything else is an issue of this code. */
bool sigma_read_texts(struct work *w, struct hn_yaml_ref ref, enum sigma_code code,
        const char *what, struct sigma_texts *ret_texts);
/* A scalar's text; empty where nothing or null stands; otherwise an issue. */
bool sigma_read_text(struct work *w, struct hn_yaml_ref ref, enum sigma_code code, const char *what,
        struct hn_text *ret_text);
bool sigma_read_number(struct hn_yaml_ref ref, struct sigma_number *ret_number);
/* A JSON, YAML or plain decimal text as a number; false when it is none. */
bool sigma_number_of(struct hn_text text, struct sigma_number *ret_number);

/* ---- Parts ---- */

void meta_read(struct work *w, struct hn_yaml_ref root, struct sigma_meta *ret_meta);
void context_read(struct work *w, struct hn_yaml_ref block, struct sigma_context *ret_context);
bool sigma_logsource_read(struct work *w, struct hn_yaml_ref root,
        struct hn_logsource *ret_logsource, struct hn_text *ret_definition);

/* The documents of a file, global and repeated parts merged: first the filters of all files, then
 * the rules they apply to. */
enum hn_status collection_load_filters(struct sigma_loader *loader, uint32_t file_index);
enum hn_status collection_load_rules(struct sigma_loader *loader, uint32_t file_index);
enum hn_status sigma_pipelines_load(struct sigma_loader *loader);

/* A tree holding over's entries laid over base's, level by level; both of one file. */
enum hn_status tree_merge(struct hn_arena *arena, struct hn_yaml_ref base, struct hn_yaml_ref over,
        struct hn_yaml_ref *ret_merged);

void rule_load(struct work *w, struct hn_yaml_ref root, struct sigma_meta *meta);
void filter_load(struct work *w, struct hn_yaml_ref root, struct sigma_meta *meta);
void correlation_load(struct work *w, struct hn_yaml_ref root, struct sigma_meta *meta);
enum hn_status sigma_correlations_finish(struct sigma_loader *loader);
enum hn_status sigma_filters_finish(struct sigma_loader *loader);

/* Digest of what makes a rule fire. */
struct hn_digest rule_digest(struct work *w, const struct sigma_rule *rule);
struct hn_digest correlation_digest(struct work *w, const struct sigma_correlation *correlation);

/* ---- Lint ---- */

void lint_meta(struct work *w, struct hn_yaml_ref root, const struct sigma_meta *meta);
void lint_logsource(struct work *w, struct hn_yaml_ref root, const struct hn_logsource *logsource);
enum hn_status lint_set(struct sigma_loader *loader);

#endif
