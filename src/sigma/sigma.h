/* sigma.h - Sigma rules as a model: loaded, checked, placed in files, ready to be compiled.
 *
 * The one header of this module. Implements the Sigma specification 2.1.0 (rules, modifiers,
 * correlations, filters) and what is still found in the field: rule collections with `action`,
 * `| count() by x > n` aggregations. docs/sigma.md says how each sentence of the specification is
 * read where it leaves room; src/match compiles this model and holds the plain interpreter.
 *
 * Life:
 *     sigma_loader_new(&options)
 *     sigma_loader_add_file() / _add_text()  ...      any number; reads, never evaluates
 *     sigma_loader_finish() -> struct sigma_set       pipelines, filters, references, placeholders
 *     sigma_set_unref()
 * Concurrency: a set is immutable and may be shared; the loader serves one thread.
 * Memory: the set owns everything it points to, in one arena.
 * Limits: struct sigma_limits. A rule past one is rejected with its place and reason; the others
 * are not affected. */
#ifndef HN_SIGMA_SIGMA_H
#define HN_SIGMA_SIGMA_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/ip.h"
#include "base/status.h"
#include "base/time.h"
#include "base/view.h"
#include "event/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Where something stands ---- */

struct sigma_place {
    struct hn_text file;
    uint32_t line; /* from 1 */
    uint32_t column;
};

/* ---- Values: what a field is compared with ---- */

/* A string after all modifiers: literal pieces and wildcards in order. Escapes are resolved. */
enum sigma_part_kind {
    SIGMA_PART_TEXT,
    SIGMA_PART_MANY, /* '*': any number of any characters */
    SIGMA_PART_ONE,  /* '?': exactly one code point */
};

struct sigma_part {
    enum sigma_part_kind kind;
    struct hn_text text; /* SIGMA_PART_TEXT; as written, not folded; may hold any byte (base64) */
};

struct sigma_string {
    struct sigma_part *parts; /* no two TEXT and no two MANY in a row */
    uint32_t count;           /* 0: the empty string */
};

#define SIGMA_VALUE_LIST(X)                                                              \
    X(SIGMA_STRING, "string")                                                            \
    X(SIGMA_NUMBER, "number") /* equality with a number or boolean as written in YAML */ \
    X(SIGMA_NULL, "null")                                                                \
    X(SIGMA_REGEX, "regular expression")                                                 \
    X(SIGMA_CIDR, "network")                                                             \
    X(SIGMA_COMPARE, "comparison") /* lt, lte, gt, gte */                                \
    X(SIGMA_EXISTS, "existence")                                                         \
    X(SIGMA_FIELDREF, "field reference")

enum sigma_value_kind {
#define SIGMA_VALUE_ENUM(name, text) name,
    SIGMA_VALUE_LIST(SIGMA_VALUE_ENUM)
#undef SIGMA_VALUE_ENUM
};

/* Exact when it is an integer; `real` otherwise. */
struct sigma_number {
    bool is_integer;
    bool is_bool; /* integer 0 or 1, written true or false */
    bool negative;
    uint64_t magnitude;
    double real; /* always set */
};

enum sigma_compare { SIGMA_LT, SIGMA_LTE, SIGMA_GT, SIGMA_GTE };
enum sigma_anchor { SIGMA_WHOLE, SIGMA_STARTS, SIGMA_ENDS, SIGMA_CONTAINS };

#define SIGMA_REGEX_CASELESS  0x1u
#define SIGMA_REGEX_MULTILINE 0x2u
#define SIGMA_REGEX_DOTALL    0x4u

struct sigma_value {
    enum sigma_value_kind kind;
    bool cased; /* STRING, FIELDREF: exact case */
    struct sigma_place place;
    struct hn_text written; /* as it stands in the rule, for people */
    union {
        struct sigma_string string;
        struct sigma_number number; /* NUMBER and COMPARE */
        struct {
            struct hn_text pattern;
            uint32_t flags; /* SIGMA_REGEX_ */
        } regex;
        struct hn_cidr cidr;
        bool exists;
        struct {
            struct hn_text field;
            enum sigma_anchor anchor;
        } fieldref;
    } as;
    enum sigma_compare compare;
};

/* ---- Conditions ---- */

enum sigma_time_part {
    SIGMA_TIME_NONE,
    SIGMA_TIME_MINUTE,
    SIGMA_TIME_HOUR,
    SIGMA_TIME_DAY,
    SIGMA_TIME_WEEK,
    SIGMA_TIME_MONTH,
    SIGMA_TIME_YEAR
};

/* One field against a list of values: true when any value of the field fits any of the values. A
 * list with `all` is an AND of items, one per value as written; such an item holds several values
 * where a modifier made several of one (windash, base64offset, expand). `neq` is a NOT around the
 * item. */
struct sigma_item {
    struct hn_text field;           /* empty: a keyword, searched in the whole event */
    struct hn_text modifiers;       /* as written, "contains|all"; for people */
    enum sigma_time_part time_part; /* other than NONE: this part of the field's time is compared */
    struct sigma_value *values;
    uint32_t value_count; /* at least 1 */
    struct sigma_place place;
    struct hn_text selection; /* search identifier it stands in */
    uint32_t index;           /* within the rule, in order of the text */
};

enum sigma_node_kind { SIGMA_AND, SIGMA_OR, SIGMA_NOT, SIGMA_ITEM, SIGMA_TRUE, SIGMA_FALSE };

/* A tree of which parts may be shared (one selection named twice is one node). No path in it is
 * longer than SIGMA_TREE_DEPTH_MAX nodes. */
#define SIGMA_TREE_DEPTH_MAX 512

struct sigma_node {
    enum sigma_node_kind kind;
    struct sigma_node **children; /* AND, OR: at least 1; NOT: 1 */
    uint32_t count;
    const struct sigma_item *item;
};

/* A search identifier that the condition uses, and its part of the tree; for people. */
struct sigma_selection {
    struct hn_text name;
    const struct sigma_node *node;
    struct sigma_place place;
};

/* ---- Rules ---- */

#define SIGMA_LEVEL_LIST(X)                       \
    X(SIGMA_LEVEL_NONE, "")                       \
    X(SIGMA_LEVEL_INFORMATIONAL, "informational") \
    X(SIGMA_LEVEL_LOW, "low")                     \
    X(SIGMA_LEVEL_MEDIUM, "medium")               \
    X(SIGMA_LEVEL_HIGH, "high")                   \
    X(SIGMA_LEVEL_CRITICAL, "critical")

enum sigma_level {
#define SIGMA_LEVEL_ENUM(name, text) name,
    SIGMA_LEVEL_LIST(SIGMA_LEVEL_ENUM)
#undef SIGMA_LEVEL_ENUM
};

#define SIGMA_RULE_STATUS_LIST(X)              \
    X(SIGMA_RULE_STATUS_NONE, "")              \
    X(SIGMA_RULE_UNSUPPORTED, "unsupported")   \
    X(SIGMA_RULE_DEPRECATED, "deprecated")     \
    X(SIGMA_RULE_EXPERIMENTAL, "experimental") \
    X(SIGMA_RULE_TEST, "test")                 \
    X(SIGMA_RULE_STABLE, "stable")

enum sigma_rule_status {
#define SIGMA_RULE_STATUS_ENUM(name, text) name,
    SIGMA_RULE_STATUS_LIST(SIGMA_RULE_STATUS_ENUM)
#undef SIGMA_RULE_STATUS_ENUM
};

struct sigma_texts {
    struct hn_text *ptr;
    uint32_t count;
};

/* What an analyst needs, in two languages; empty where the rule does not say (docs/rules.md). */
struct sigma_context {
    struct hn_text family;               /* malware family or technique name */
    struct hn_text trace;                /* kind of trace on the pyramid of pain */
    struct hn_text why_en, why_ja;       /* why a hit matters */
    struct sigma_texts next_en, next_ja; /* what to check next */
    struct hn_text false_en, false_ja;   /* when it is a false alarm */
    struct hn_text review;               /* date, YYYY-MM-DD */
};

struct sigma_meta {
    struct hn_text id;
    struct hn_text name;
    struct hn_text title;
    struct hn_text description;
    struct hn_text author;
    struct hn_text date;
    struct hn_text modified;
    struct hn_text license;
    struct hn_text taxonomy;
    enum sigma_rule_status status;
    enum sigma_level level;
    struct sigma_texts references;
    struct sigma_texts tags; /* "attack.t1059.001" */
    struct sigma_texts falsepositives;
    struct sigma_texts fields;
    struct sigma_texts scope;
    struct sigma_texts related; /* ids */
    struct sigma_context context;
    struct sigma_place place; /* of the document's first line */
    struct hn_text yaml;      /* the document as it stands in the file */
    struct hn_digest digest;  /* of the document's text after filters and pipelines */
};

struct sigma_rule {
    struct sigma_meta meta;
    struct hn_logsource logsource;
    struct hn_text definition;
    struct sigma_node *condition; /* several conditions are joined by OR */
    struct sigma_item *items;     /* every item of the condition, by item.index */
    uint32_t item_count;
    struct sigma_selection *selections; /* in order of the text */
    uint32_t selection_count;
    bool silent; /* only feeds correlations (spec: generate is false there) */
};

/* ---- Correlations ---- */

#define SIGMA_CORRELATION_LIST(X)                                                                 \
    X(SIGMA_EVENT_COUNT, "event_count")                                                           \
    X(SIGMA_VALUE_COUNT, "value_count")                                                           \
    X(SIGMA_TEMPORAL, "temporal")                                                                 \
    X(SIGMA_TEMPORAL_ORDERED, "temporal_ordered")                                                 \
    X(SIGMA_VALUE_SUM, "value_sum")                                                               \
    X(SIGMA_VALUE_AVG, "value_avg")                                                               \
    X(SIGMA_VALUE_MEDIAN, "value_median")                                                         \
    X(SIGMA_VALUE_PERCENTILE, "value_percentile")                                                 \
    X(SIGMA_ABSENCE, "absence")         /* extension: rules[0], then no rules[1..] in timespan */ \
    X(SIGMA_FIRST_SEEN, "first_seen")   /* extension: a value never seen for its group */         \
    X(SIGMA_PERIODICITY, "periodicity") /* extension: regular intervals */

enum sigma_correlation_type {
#define SIGMA_CORRELATION_ENUM(name, text) name,
    SIGMA_CORRELATION_LIST(SIGMA_CORRELATION_ENUM)
#undef SIGMA_CORRELATION_ENUM
};

enum sigma_bound_op {
    SIGMA_BOUND_LT,
    SIGMA_BOUND_LTE,
    SIGMA_BOUND_GT,
    SIGMA_BOUND_GTE,
    SIGMA_BOUND_EQ,
    SIGMA_BOUND_NEQ
};

struct sigma_bound {
    enum sigma_bound_op op;
    double value;
};
#define SIGMA_BOUNDS_MAX 6

/* A rule or correlation that a correlation refers to. */
struct sigma_ref {
    bool is_correlation;
    uint32_t index;      /* in the set's rules or correlations */
    struct hn_text name; /* as written */
};

/* alias: for each ref (by its position) the field to read instead; empty: the alias' own name. */
struct sigma_alias {
    struct hn_text name;
    struct hn_text *fields; /* one per ref */
};

/* Boolean condition over refs (temporal with `condition: a and b and not c`): kind ITEM means
 * refs[ref]. */
struct sigma_ref_node {
    enum sigma_node_kind kind;
    struct sigma_ref_node **children;
    uint32_t count;
    uint32_t ref;
};

struct sigma_correlation {
    struct sigma_meta meta;
    struct sigma_ref *refs;
    struct sigma_alias *aliases;
    uint32_t ref_count;
    uint32_t alias_count;
    struct sigma_texts group_by;
    hn_time timespan;
    hn_time learn; /* first_seen: values of this long a start are only learnt; 0: none */
    /* All must hold; of what the type measures. temporal and temporal_ordered count the refs that
     * have fired; without bounds and condition they want all. periodicity counts intervals. */
    struct sigma_bound bounds[SIGMA_BOUNDS_MAX];
    enum sigma_correlation_type type;
    uint32_t bound_count;
    struct sigma_texts fields;        /* value_*: the counted or summed field(s) */
    double percentile;                /* value_percentile: 0..100 */
    struct sigma_ref_node *condition; /* temporal: NULL means bounds or all refs */
    double jitter;                    /* periodicity: largest coefficient of variation */
    hn_time burst;  /* periodicity: hits less than this behind the first of a beat belong to it */
    bool silent;    /* only feeds other correlations */
    uint32_t depth; /* 0: refers to rules only; n: to correlations of depth n - 1 */
};

/* ---- What was wrong ---- */

enum sigma_severity {
    SIGMA_REJECTED, /* the document is not in the set */
    SIGMA_NEVER,    /* it is in the set and can never fire */
    SIGMA_WARNING,
};

/* Everything said about a document, for `rules lint`. code is stable ("unknown-modifier"). */
struct sigma_issue {
    enum sigma_severity severity;
    struct sigma_place place;
    struct hn_text rule_id;
    struct hn_text title;
    struct hn_text code;
    struct hn_text message;
};

/* ---- The set ---- */

struct sigma_set {
    struct sigma_rule *rules;
    uint32_t rule_count;
    struct sigma_correlation *correlations; /* a correlation comes after those it refers to */
    uint32_t correlation_count;
    struct sigma_issue *issues; /* in order of place */
    uint32_t issue_count;
    uint32_t document_count; /* rules and correlations seen, rejected ones included */
    uint32_t filter_count;
    struct hn_digest digest; /* of everything that decides what fires */
};

struct sigma_limits {
    size_t file_bytes_max;
    uint32_t documents_max; /* per file */
    uint32_t nodes_max;     /* YAML nodes per document, aliases counted each time */
    uint32_t depth_max;     /* YAML nesting and parentheses of conditions */
    uint32_t values_max;    /* values per rule after expansion */
    uint32_t regex_bytes_max;
};
extern const struct sigma_limits sigma_limits_default;

/* Values of a placeholder, "Administrators" for %Administrators%. */
struct sigma_list {
    struct hn_text name;
    struct sigma_texts values;
};

struct sigma_options {
    struct sigma_limits limits; /* zeroed: the defaults */
    const struct sigma_list *lists;
    uint32_t list_count;
};

struct sigma_loader;
HN_MUST_USE struct sigma_loader *sigma_loader_new(const struct sigma_options *options);
void sigma_loader_free(struct sigma_loader *loader); /* NULL is fine */

/* One YAML stream of documents; file names it in places. Fails only for want of memory: what is
 * wrong with the text becomes issues. */
HN_MUST_USE enum hn_status sigma_loader_add_text(
        struct sigma_loader *loader, struct hn_text file, struct hn_text yaml, struct hn_err *err);

/* A pySigma processing pipeline, applied in order of priority to every rule at finish. */
HN_MUST_USE enum hn_status sigma_loader_add_pipeline(
        struct sigma_loader *loader, struct hn_text file, struct hn_text yaml, struct hn_err *err);

/* Compact form of everything added so far, keyed by digest (base of the on-disk cache); and the
 * way back, which checks every offset and refuses with HN_CORRUPT what it did not write. */
HN_MUST_USE enum hn_status sigma_loader_save(const struct sigma_loader *loader, struct hn_buf *out);
HN_MUST_USE enum hn_status sigma_loader_restore(
        struct sigma_loader *loader, struct hn_bytes saved, struct hn_err *err);

/* Ends loading. The loader is used up and still has to be freed. */
HN_MUST_USE enum hn_status sigma_loader_finish(
        struct sigma_loader *loader, struct sigma_set **ret_set, struct hn_err *err);

/* How many documents have an issue of that severity; one may have several. */
uint32_t sigma_documents_with(const struct sigma_set *set, enum sigma_severity severity);

struct sigma_set *sigma_set_ref(struct sigma_set *set);
void sigma_set_unref(struct sigma_set *set); /* NULL is fine */

/* ---- Small helpers shared with match, alert and app ---- */

const char *sigma_level_text(enum sigma_level level);
enum sigma_level sigma_level_of(struct hn_text text); /* SIGMA_LEVEL_NONE when unknown */
const char *sigma_rule_status_text(enum sigma_rule_status status);
const char *sigma_correlation_text(enum sigma_correlation_type type);

/* The one way in which a regular expression of a rule is compiled (a pcre2_code of 8 bits, to be
 * freed with pcre2_code_free()), so that loading, engine and interpreter agree: UTF, tolerant of
 * ill-formed text, unanchored. NULL when the pattern is wrong (message says why, *ret_offset
 * where); never for a pattern of a loaded set, unless memory is short. */
struct pcre2_real_code_8;
struct pcre2_real_match_data_8;
struct pcre2_real_match_context_8;
HN_MUST_USE struct pcre2_real_code_8 *sigma_regex_compile(
        struct hn_text pattern, uint32_t flags, size_t *ret_offset, char *message, size_t room);

/* pcre2_match() with an end: PCRE2 limits the work at one place of the text, and a text has many
 * places. Here each place may take SIGMA_REGEX_STEPS_MAX steps, and all together about
 * SIGMA_REGEX_STEPS_TOTAL, or SIGMA_REGEX_STEPS_CHEAP each in a very long text. Returns what
 * pcre2_match() does; PCRE2_ERROR_MATCHLIMIT and other errors than PCRE2_ERROR_NOMATCH mean that
 * nobody knows. The limits of the context are changed. code may have been given to
 * pcre2_jit_compile(). *ret_steps, which may be NULL: the steps at places that took all they were
 * allowed; 0 for a search that was cheap everywhere. */
#define SIGMA_REGEX_STEPS_CHEAP  2000u
#define SIGMA_REGEX_STEPS_MAX    1000000u
#define SIGMA_REGEX_STEPS_TOTAL  20000000u
#define SIGMA_REGEX_HEAP_KIB_MAX 16384u
HN_MUST_USE int sigma_regex_match(const struct pcre2_real_code_8 *code, struct hn_text text,
        struct pcre2_real_match_data_8 *data, struct pcre2_real_match_context_8 *context,
        uint64_t *ret_steps);

/* The YAML text of the rule's document, as it stood in the file; for reports. */
struct hn_text sigma_rule_yaml(const struct sigma_set *set, const struct sigma_meta *meta);

#endif
