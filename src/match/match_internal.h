/* match_internal.h - the compiled form of rules; private to src/match.
 *
 *   atom       one comparison of a value with a literal, pattern, number, ...
 *   predicate  a field and atoms joined by OR; shared by all rules that ask the same
 *   program    a rule's condition as tests with two exits each
 *   part       the rules that concern events of one log source and event id, with an index per
 *              field that finds their literals
 *
 * A predicate is "resident" when all its atoms are in an index of its field: after the index has
 * seen the field's values, the predicate is true exactly if it was marked. The others are
 * evaluated when a program asks for them. */
#ifndef HN_MATCH_MATCH_INTERNAL_H
#define HN_MATCH_MATCH_INTERNAL_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/vec.h"
#include "match/literal_index.h"
#include "match/match.h"
#include "match/raw_scan.h"

#define NONE UINT32_MAX

/* ---- Atoms and predicates ---------------------------------------------------------------------
 */

enum atom_kind {
    ATOM_WHOLE, /* the four kinds with one literal and no wildcard inside */
    ATOM_STARTS,
    ATOM_ENDS,
    ATOM_INSIDE,
    ATOM_ANY,     /* '*': any text */
    ATOM_PATTERN, /* wildcards inside */
    ATOM_REGEX,
    ATOM_NUMBER,
    ATOM_COMPARE,
    ATOM_CIDR,
    ATOM_NULL,
    ATOM_EXISTS,
    ATOM_FIELDREF,
};

struct pattern_part {
    uint8_t kind; /* enum sigma_part_kind */
    struct hn_text text;
};

struct atom {
    uint8_t kind;
    bool cased;
    bool negative; /* ATOM_EXISTS: must not exist */
    const struct sigma_value *value;
    struct hn_text literal;       /* folded unless cased */
    struct hn_text index_literal; /* folded; what the index waits for; len 0: not indexable */
    uint8_t index_anchor;         /* enum literal_anchor */
    bool verify;                  /* an index hit is not yet a fit */
    struct pattern_part *parts;   /* ATOM_PATTERN: folded unless cased */
    uint32_t part_count;
    pcre2_code *regex;
    hn_field other; /* ATOM_FIELDREF */
};

struct predicate {
    hn_field field;    /* HN_FIELD_NONE: a keyword */
    uint8_t time_part; /* enum sigma_time_part */
    bool resident;
    bool needs_presence; /* false without a value: every atom is positive and not null */
    uint32_t first_atom;
    uint32_t atom_count;
    struct raw_scan *raw;          /* of a keyword: words of its atoms; NULL: not all have one */
    const struct sigma_item *item; /* the first item that asked for it */
};

/* ---- Programs ---- */

#define EXIT_TRUE  (UINT32_MAX - 1)
#define EXIT_FALSE (UINT32_MAX - 2)

struct test {
    uint32_t predicate;
    uint32_t on_true; /* index of the next test, or an exit */
    uint32_t on_false;
};

/* A condition in the form the planner works on: negations pushed to the leaves. */
struct tree {
    enum sigma_node_kind kind;     /* AND, OR, ITEM, TRUE, FALSE */
    bool negated;                  /* ITEM */
    uint32_t predicate;            /* ITEM */
    const struct sigma_item *item; /* ITEM: as this rule has it */
    uint32_t count;
    struct tree **children;
};

/* Predicates of which at least one is true whenever the rule is. */
enum cover_kind {
    COVER_NEVER,    /* the rule can never fire */
    COVER_ALWAYS,   /* nothing can be said */
    COVER_INDEX,    /* predicates[] are all indexable */
    COVER_KEYWORD,  /* a keyword */
    COVER_PRESENCE, /* a field must be there */
};
struct cover {
    enum cover_kind kind;
    uint64_t cost;
    uint32_t *predicates;
    uint32_t count;
};

struct compiled_rule {
    struct tree *tree;
    struct cover cover;
    uint32_t start; /* first test, or an exit */
    uint32_t group;
    bool enabled;
};

/* ---- Parts and groups ---- */

/* What an index hit means: this atom's predicate, and the rules that wait for it. */
struct index_entry {
    uint32_t predicate;
    uint32_t atom;
    uint32_t first_watcher; /* in the field index's watchers */
    uint32_t watcher_count;
    bool verify; /* the atom's, where it is at hand */
};

struct field_index {
    hn_field field;
    struct raw_scan *raw;   /* words of all literals, for long values; NULL: not worth it */
    size_t whole_bytes_max; /* longer raw values cannot equal a literal */
    struct literal_index *literals;
    struct index_entry *entries; /* by literal number */
    uint32_t entry_count;
    uint32_t *watchers; /* rules */
    /* With literals at one end only: the bytes (any case) with which a value must start or end. */
    enum { EDGE_NONE, EDGE_FIRST, EDGE_LAST } edge;
    bool edge_bytes[128];
    uint32_t number; /* among all field indexes of the snapshot, for the memo */
};

struct part {
    struct field_index *fields; /* the first witness_count are looked at for every event */
    uint32_t field_count;
    uint32_t witness_count;
    uint16_t *lazy_slot; /* by hn_field: index into fields + 1 of what waits until a program asks */
    struct raw_scan *raw;    /* words of the keyword rules; NULL: none, or not all have a word */
    uint32_t *keyword_rules; /* rules whose witness is a keyword */
    uint32_t keyword_count;
    bool keyword_always; /* some keyword rule has no word to wait for */
    uint32_t *always;    /* rules without a witness */
    uint32_t always_count;
    struct presence {
        hn_field field;
        uint32_t rule;
    } * presence; /* rules whose only witness is that a field is there */
    uint32_t presence_count;
    uint32_t *rules; /* all of them, ascending */
    uint32_t rule_count;
};

struct id_part {
    uint32_t event_id;
    uint32_t part;
};

struct group {
    struct hn_logsource logsource;
    uint32_t *rules;
    uint32_t rule_count;
    struct id_part *by_id; /* ascending event ids */
    uint32_t by_id_count;
    uint32_t default_part; /* other event ids, or none */
    uint32_t full_part;    /* an event id that is not plainly a number */
};

struct match_snapshot {
    _Atomic uint32_t references;
    struct hn_arena arena;
    struct sigma_set *set;
    struct hn_schema *schema;
    struct match_limits limits;
    HN_VEC(struct atom) atoms;
    HN_VEC(struct predicate) predicates;
    HN_VEC(struct test) tests;
    HN_VEC(struct part) parts;
    HN_VEC(struct group) groups;
    struct compiled_rule *rules; /* by rule index */
    struct hn_map predicate_by_key;
    uint32_t entries_max; /* entries of the largest index */
    uint32_t index_count; /* field indexes in all */
};

/* ---- Compiling ---- */

/* compile_atom.c: the predicate(s) of an item as a tree over at most two predicates. */
HN_MUST_USE enum hn_status compile_item(struct match_snapshot *snapshot,
        const struct sigma_item *item, bool negated, struct tree *ret_tree, struct hn_err *err);
/* compile_rule.c: the tree of a rule, and later (when it is known what is resident) its program. */
HN_MUST_USE enum hn_status compile_rule(
        struct match_snapshot *snapshot, uint32_t rule, struct hn_err *err);
HN_MUST_USE enum hn_status compile_program(struct match_snapshot *snapshot, uint32_t rule);

/* cover.c */
HN_MUST_USE enum hn_status cover_find(
        struct match_snapshot *snapshot, const struct tree *tree, struct cover *ret_cover);

/* The event ids without which a rule cannot fire. */
struct id_set {
    bool any; /* no restriction */
    uint32_t *ids;
    uint32_t count;
};
HN_MUST_USE enum hn_status cover_event_ids(
        struct match_snapshot *snapshot, const struct tree *tree, struct id_set *ret_ids);
/* keyword.c: the longest word of a literal that stands in raw JSON and raw lines as it is. */
struct hn_text keyword_raw_word(struct hn_text literal);
HN_MUST_USE enum hn_status keyword_words_make(struct match_snapshot *snapshot);
void keyword_words_free(struct match_snapshot *snapshot);
/* False: none of the words is in the event. Words may be NULL. */
bool keyword_possible(struct match_scratch *scratch, const struct raw_scan *words);

/* True when every atom of the predicate can be in an index. */
bool predicate_indexable(const struct match_snapshot *snapshot, uint32_t predicate);

/* plan.c, part.c: groups, parts, indexes. */
HN_MUST_USE enum hn_status plan_make(struct match_snapshot *snapshot, struct hn_err *err);
void plan_free(struct match_snapshot *snapshot);
HN_MUST_USE enum hn_status part_build(
        struct match_snapshot *snapshot, const uint32_t *rules, uint32_t count, uint32_t *ret_part);
void part_free(struct part *part);

/* regex.c */
HN_MUST_USE enum hn_status regex_compile(
        const struct sigma_value *value, pcre2_code **ret_code, struct hn_err *err);
/* A literal that every match contains, folded, in arena memory; len 0: none known. */
struct hn_text regex_literal(struct hn_arena *arena, const struct sigma_value *value);

/* ---- Evaluating ---- */

/* memo.c: what the index of a field found in a value, remembered by the value's raw bytes. */
#define MEMO_HITS_MAX    8u
#define MEMO_BYTES_MAX   224u
#define DIRECT_ATOMS_MAX 3u /* of a long value, per run of a part */
struct memo_slot {
    uint64_t hash;
    uint32_t index; /* field_index.number + 1; 0: empty */
    uint8_t len;
    uint8_t form;
    uint8_t hit_count;
    uint16_t hits[MEMO_HITS_MAX]; /* entries */
    char bytes[MEMO_BYTES_MAX];
};
#define AWAITED_MAX 16u
struct memo;
struct memo *memo_new(uint32_t entries);
void memo_free(struct memo *memo);
/* Is a value of the kind that is remembered? If so, its hash, by which the processor begins to
 * fetch its slot; and the slot itself: *ret_known tells whether it holds the answer. */
bool memo_takes(const struct hn_value *value);
uint64_t memo_hash(
        const struct memo *memo, const struct field_index *index, const struct hn_value *value);
struct memo_slot *memo_find(struct memo *memo, const struct field_index *index,
        const struct hn_value *value, uint64_t hash, bool *ret_known);

struct part_cache;
struct part_cache *part_cache_new(void);
void part_cache_free(struct part_cache *cache);

/* Groups an event can belong to: its product or any, one of its categories or any, one of its
 * services or any. */
#define PARTS_MAX (2 * (HN_LABELS_MAX + 1) * (HN_LABELS_MAX + 1))
struct part_list {
    uint32_t count;
    uint32_t parts[PARTS_MAX];
};

struct match_scratch {
    struct match_snapshot *snapshot;
    struct match_stats stats;
    struct match_rule_stats *rule_stats; /* by rule */
    bool *group_seen;                    /* by group */
    bool time_rules;
    uint32_t running; /* the rule whose condition is evaluated; NONE */

    /* Of the event at hand. */
    struct hn_event *event;
    struct hn_event *full; /* all-mode, once expanded */
    bool expanded;
    bool folds_known;   /* holds_folds is */
    bool holds_folds;   /* its raw text holds characters that fold to ASCII ones */
    uint32_t raw_value; /* in full: the line itself, or HN_VALUE_NONE */
    match_expand *expand;
    void *ctx;
    const struct part *part;
    uint32_t event_run; /* number of this event, from 1 */
    uint32_t part_run;  /* number of this (event, part), from 1 */

    uint32_t *marked;    /* by predicate: event_run when an index found it */
    uint32_t *evaluated; /* by predicate: event_run when truth is known */
    bool *truth;         /* by predicate */
    uint32_t *scanned;   /* by field: part_run in which its index has seen it */
    struct field_asked { /* by field: atoms asked for without the index */
        uint32_t part_run;
        uint32_t atoms;
    } * asked;
    uint32_t *queued; /* by rule: part_run in which it was queued */
    uint32_t *queue;  /* rules to evaluate */
    uint32_t queue_count;
    uint32_t *fired; /* rules that fired, this event */
    uint32_t fired_count;
    uint32_t *found; /* literals of one scan */
    uint32_t found_room;
    uint32_t *kept; /* entries of one scan that fitted */
    struct memo *memo;
    struct awaited { /* values whose slots of the memo are being fetched */
        const struct field_index *index;
        uint32_t value;
        uint64_t hash;
    } awaited[AWAITED_MAX];
    uint32_t awaited_count;
    struct part_cache *part_cache;
    pcre2_match_data *match_data;
    pcre2_match_context *match_context;
};

/* eval.c: the truth of a predicate for the event at hand, whatever its form. */
bool predicate_true(struct match_scratch *scratch, uint32_t predicate);
/* One atom against one value of the event; ret_start/len (may be NULL) get the range that fitted
 * in the value's text. */
struct span {
    uint32_t start;
    uint32_t len;
};
bool atom_fits(struct match_scratch *scratch, struct hn_event *event, const struct predicate *pred,
        const struct atom *atom, uint32_t value, struct span *ret_span);
/* scan.c: runs the index of a field over the event's values, marking predicates and queueing the
 * rules that wait for them. What is to be looked up in the memo only begins; match_scan_finish()
 * ends it, best for several fields together. */
void field_scan(struct match_scratch *scratch, const struct field_index *index);
void match_scan_finish(struct match_scratch *scratch);
void match_queue_rule(struct match_scratch *scratch, uint32_t rule);
/* engine.c: the event in all-mode; NULL when it cannot be had. */
struct hn_event *match_full_event(struct match_scratch *scratch);

/* time_part.c */
bool time_part_of(struct hn_text text, enum sigma_time_part part, int64_t *ret_number);
/* engine.c: the part in which a rule that fired was evaluated. */
const struct part *part_of_rule(struct match_scratch *scratch, uint32_t rule);

/* pattern.c: a text against literal pieces and wildcards; the text is folded like the parts. */
bool pattern_fits(const struct pattern_part *parts, uint32_t count, struct hn_text text);
/* The same anywhere in text. */
bool pattern_inside(const struct pattern_part *parts, uint32_t count, struct hn_text text);

#endif
