/* match.h - all rules against one event, compiled once.
 *
 * A snapshot holds everything that decides what fires: the rules of a sigma_set, grouped by log
 * source and event id, their predicates shared, one literal index per field. match_event() looks
 * at the fields of an event once, learns which rules could fire at all, and evaluates only those.
 * The plain interpreter (interpret.h) says what is right; tests hold the two together.
 *
 * Life: sigma_set -> match_snapshot_new() -> one match_scratch per worker -> match_event() ...
 * Concurrency: a snapshot is immutable and may be shared; a scratch serves one thread at a time.
 * Memory: the snapshot holds a reference to its set and owns the rest. After the first events
 * matching allocates nothing.
 * Limits: struct match_limits. */
#ifndef HN_MATCH_MATCH_H
#define HN_MATCH_MATCH_H

#include "base/attr.h"
#include "base/status.h"
#include "base/view.h"
#include "event/event.h"
#include "match/interpret.h"
#include "sigma/sigma.h"

#include <stdbool.h>
#include <stdint.h>

struct match_limits {
    uint32_t memo_entries; /* remembered field values per worker, a power of two */
};
extern const struct match_limits match_limits_default;

struct match_options {
    struct match_limits limits;   /* zeroed: the defaults */
    const bool *enabled;          /* per rule of the set; NULL: all */
    const struct hn_text *fields; /* wanted besides those of the rules (correlation, output) */
    uint32_t field_count;
    /* Called before the schema is sealed, for others who want fields of their own. May be NULL. */
    enum hn_status (*on_schema)(void *ctx, struct hn_schema *schema);
    void *ctx;
    bool want_context; /* also the fields of hn_event_time(), _host() and _user() */
};

struct match_snapshot;
HN_MUST_USE enum hn_status match_snapshot_new(struct sigma_set *set,
        const struct match_options *options, struct match_snapshot **ret_snapshot,
        struct hn_err *err);
struct match_snapshot *match_snapshot_ref(struct match_snapshot *snapshot);
void match_snapshot_unref(struct match_snapshot *snapshot); /* NULL is fine */

/* The schema events must be initialised with. */
const struct hn_schema *match_schema(const struct match_snapshot *snapshot);
const struct sigma_set *match_set(const struct match_snapshot *snapshot);
size_t match_snapshot_bytes(const struct match_snapshot *snapshot);

/* How a rule was compiled: what has to be seen in an event before it is evaluated at all. */
#define MATCH_WAIT_LIST(X)                                                                 \
    X(MATCH_WAIT_NEVER, "never")       /* it can never fire, and costs nothing */          \
    X(MATCH_WAIT_LITERAL, "literal")   /* one of some literals in their fields' indexes */ \
    X(MATCH_WAIT_KEYWORD, "keyword")   /* a word anywhere in the event */                  \
    X(MATCH_WAIT_PRESENCE, "presence") /* a field that is there */                         \
    X(MATCH_WAIT_NOTHING, "nothing")   /* evaluated for every event of its log source */

enum match_wait {
#define MATCH_WAIT_ENUM(name, text) name,
    MATCH_WAIT_LIST(MATCH_WAIT_ENUM)
#undef MATCH_WAIT_ENUM
};
const char *match_wait_text(enum match_wait wait);

struct match_rule_info {
    enum match_wait wait;
    uint32_t waits;       /* literals or words waited for, any of which will do */
    uint64_t commonness;  /* of these in ordinary logs; only good for comparing rules */
    uint32_t comparisons; /* in the whole condition */
    uint32_t literals;    /* of these: with a literal an index can find */
    uint32_t regexes;
    uint32_t keywords;
};
struct match_rule_info match_rule_info(const struct match_snapshot *snapshot, uint32_t rule);

struct match_scratch;
HN_MUST_USE enum hn_status match_scratch_new(
        struct match_snapshot *snapshot, struct match_scratch **ret_scratch);
void match_scratch_free(struct match_scratch *scratch); /* NULL is fine */

/* Gives the same event in all-mode, resolved; needed by keyword rules only. NULL when that fails.
 * Called at most once per match_event(). */
typedef struct hn_event *match_expand(void *ctx, const struct hn_event *event);

/* rule is an index into the set's rules. */
typedef void match_on_hit(void *ctx, uint32_t rule);

/* Calls on_hit once per rule that fires, in order of rule index. event has been resolved. Returns
 * the number of hits. */
uint32_t match_event(struct match_scratch *scratch, struct hn_event *event, match_expand *expand,
        match_on_hit *on_hit, void *ctx);

/* Why a rule that just fired did: one piece of evidence per condition that held, in rule order.
 * Only valid in on_hit, or after match_event() until the event is reset. */
struct match_evidence {
    const struct sigma_item *item;
    const struct sigma_value *value; /* the value of the item that fitted */
    struct hn_text field;            /* name of the event's field; empty: the raw line */
    struct hn_text text;             /* the field's value */
    uint32_t start;                  /* range of the fit in text, in bytes */
    uint32_t len;
};
typedef void match_on_evidence(void *ctx, const struct match_evidence *evidence);
void match_evidence(
        struct match_scratch *scratch, uint32_t rule, match_on_evidence *on_evidence, void *ctx);

/* Counters since the scratch was made; add those of all workers. */
struct match_stats {
    uint64_t events;
    uint64_t events_without_rules; /* no rule has their log source */
    uint64_t candidates;           /* rules evaluated */
    uint64_t hits;
    uint64_t expanded;      /* events decoded again for keyword rules */
    uint64_t regex_limited; /* regular expressions that reached their limit */
    uint64_t memo_hits;
    uint64_t memo_misses;
};
const struct match_stats *match_scratch_stats(const struct match_scratch *scratch);

/* Per rule: whether its log source occurred, how often it was evaluated and fired, (with
 * match_scratch_time_rules) for how long, and what its regular expressions cost. An expression that
 * several rules have is searched once for an event, and the first that asks pays. */
struct match_rule_stats {
    bool source_seen;
    uint64_t evaluated;
    uint64_t hits;
    uint64_t nanoseconds;
    uint64_t regex_limited; /* values that an expression gave up on */
    uint64_t regex_steps;   /* as of sigma_regex_match() */
};
void match_scratch_time_rules(struct match_scratch *scratch, bool on);
/* Adds to total[], one per rule of the set. */
void match_scratch_add_rule_stats(
        const struct match_scratch *scratch, struct match_rule_stats *total);
/* Hands over what rules have cost since the last time, and forgets it. */
struct match_rule_cost {
    uint64_t nanoseconds;
    uint64_t regex_limited;
    uint64_t regex_steps;
};
typedef void match_on_rule_cost(void *ctx, uint32_t rule, const struct match_rule_cost *cost);
void match_scratch_take_rule_costs(
        struct match_scratch *scratch, match_on_rule_cost *on_rule_cost, void *ctx);

#endif
