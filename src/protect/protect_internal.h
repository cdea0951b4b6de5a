/* protect_internal.h - how the parts of this module fit together. */
#ifndef HN_PROTECT_INTERNAL_H
#define HN_PROTECT_INTERNAL_H

#include "base/json_out.h"
#include "protect/protect.h"

/* "url", "command", "subject": what an indicator is, in a word. */
const char *protect_kind_id(const struct protect_indicator *indicator);
/* The UUID that STIX demands of observables: version 5 in its own name space, of the JSON of the
 * properties that count. */
void protect_uuid_observable(struct hn_text json, char out[PROTECT_UUID_LEN]);
/* 2026-11-23T01:02:03.000Z */
void protect_add_time(struct hn_buf *out, hn_time time);
/* A fact of an object, or empty. */
struct hn_text protect_fact(const struct dissect_object *object, const char *name);
bool protect_is_hash(const struct protect_indicator *indicator);
bool protect_is(const struct protect_indicator *indicator, enum extract_kind what);

/* ---- Rules (protect_rules.c frames them, protect_kinds_*.c say what each looks at) ---- */

#define PROTECT_FIELDS_MAX 2

/* A field of a log and what its values are compared with. */
struct protect_rule_field {
    const char *name;   /* with modifiers: "c-uri|contains"; NULL: no more */
    const char *before; /* put in front of each value */
};

/* One kind of rule: a list of values in a field of a log source. Texts are our own. */
struct protect_rule_kind {
    const char *slug;
    const char *title;
    const char *description;
    const char *logsource; /* lines of YAML, indented */
    struct protect_rule_field fields[PROTECT_FIELDS_MAX];
    const char *trace;
    const char *level;
    const char *tags; /* apart by spaces */
    const char *why_en;
    const char *why_ja;
    const char *next_en[2];
    const char *next_ja[2];
    const char *false_en;
    const char *false_ja;
    const char *format; /* decoder of the test events */
    /* The value that the field would have, appended to out; false: not of this kind. */
    bool (*value)(const struct protect_case *about, const struct protect_indicator *one,
            struct hn_buf *out);
    /* A line of the log, or several; one NULL: a harmless twin. */
    void (*event)(struct hn_buf *out, const struct protect_indicator *one, struct hn_text value);
};

extern const struct protect_rule_kind protect_network_kinds[];
extern const size_t protect_network_kind_count;
extern const struct protect_rule_kind protect_host_kinds[];
extern const size_t protect_host_kind_count;

/* A rule that is being written. */
struct protect_draft {
    const struct protect_case *about;
    const struct protect_rule_kind *kind;
    struct hn_buf selection; /* YAML below "detection:" */
    struct hn_buf tests;     /* YAML below "tests:" */
    struct hn_buf identity;  /* what makes it this rule and no other */
};

void protect_draft_deinit(struct protect_draft *draft);
/* A string of a rule, in quotes: plain, with its wildcards escaped. */
void protect_add_yaml_value(struct hn_buf *out, struct hn_text value);
void protect_add_yaml_text(struct hn_buf *out, struct hn_text text);
/* A test with its event. */
void protect_draft_test(
        struct protect_draft *draft, const char *name, bool fires, struct hn_text event);
/* Puts the finished rule to the others. */
void protect_draft_end(struct protect_draft *draft, struct protect_rules *rules);
/* protect_process.c: one rule for each shape of command line. */
void protect_rules_process(
        const struct protect_case *about, bool reserved, struct protect_rules *rules);

/* JSON of an event of Sysmon's, with one or more fields. */
void protect_sysmon_open(struct hn_json_out *json, struct hn_buf *out, unsigned event_id);
void protect_sysmon_close(struct hn_json_out *json);

/* Leaves out addresses seen in code alone that are pieces of others, or others with what stands
 * behind them, or names no network has. */
void protect_drop_pieces(struct protect_list *list);

#endif
