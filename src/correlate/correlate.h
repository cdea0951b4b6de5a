/* correlate.h - correlations: windows over rule hits, and the state they need.
 *
 * The one header of this module. A plan says, for a set of rules, which fields of an event each
 * correlation needs when a rule has matched it. A correlator takes those hits, keeps one window
 * per correlation and group, and reports what fires. docs/correlation.md says when each type
 * fires, with examples; it is the promise this module keeps.
 *
 * Life:
 *     correlate_plan_new(set) -> correlate_plan_bind(schema) before the schema is sealed
 *     correlate_new(plan) -> { correlate_hit_fill() -> correlate_feed() } per hit
 *         -> correlate_advance() where the caller knows more about time than the hits tell
 *         -> correlate_flush() at the end of the input -> correlate_free()
 * The set outlives the plan, the plan its correlators.
 *
 * Time is the events' own. Hits may come in any order within options.lateness; what comes later is
 * taken as of now, or left out where its window has passed, and counted either way.
 * Cost: a constant number of steps per hit for every type, however large the window
 * (value_median, value_percentile: logarithmic).
 * Memory: bounded by struct correlate_limits. At a limit the oldest state goes first; what went is
 * counted in struct correlate_stats, and results that may suffer from it say so.
 * Determinism: the same hits give the same results in the same order with the same ids, whatever
 * order within the lateness they came in, and across correlate_save() and correlate_restore().
 * Concurrency: a plan is immutable once bound and may be shared; a correlator serves one thread.
 * Errors: HN_NOMEM leaves a correlator valid, but the hit may count in some correlations and not
 * in others. */
#ifndef HN_CORRELATE_CORRELATE_H
#define HN_CORRELATE_CORRELATE_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/reader.h"
#include "base/status.h"
#include "base/time.h"
#include "base/view.h"
#include "event/event.h"
#include "sigma/sigma.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Limits ---- */

#define CORRELATE_VALUES_MAX       64   /* texts per hit */
#define CORRELATE_TEXT_MAX         4096 /* bytes of one text; longer ones are cut */
#define CORRELATE_GROUP_FIELDS_MAX 16   /* names in group-by, and fields of value_count */
#define CORRELATE_COMBINATIONS_MAX 16   /* groups, or values, that one hit with lists counts in */
#define CORRELATE_PARTS_MAX        32   /* contributing hits in a result */
#define CORRELATE_REFS_MAX         64   /* rules in a temporal or absence correlation */
#define CORRELATE_NODES_MAX        256  /* operands and operators of a boolean condition */
#define CORRELATE_BEATS_MAX        256  /* intervals that periodicity looks at */

struct correlate_limits {
    uint32_t groups_max;  /* groups in all */
    uint32_t items_max;   /* hits or distinct values kept per group */
    uint32_t pending_max; /* hits waiting for earlier ones */
    size_t bytes_max;     /* all state together */
};
extern const struct correlate_limits correlate_limits_default;

/* ---- The plan: what correlations need from events ---- */

struct correlate_plan;

/* limits zeroed or NULL: the defaults. The set is borrowed. A correlation that cannot run is left
 * out with a reason and takes no other down. */
HN_MUST_USE enum hn_status correlate_plan_new(const struct sigma_set *set,
        const struct correlate_limits *limits, struct correlate_plan **ret_plan,
        struct hn_err *err);
void correlate_plan_free(struct correlate_plan *plan); /* NULL is fine */

/* Why a correlation can never fire, in English; NULL when it can. */
const char *correlate_plan_refusal(const struct correlate_plan *plan, uint32_t correlation);

/* True when some correlation listens to this rule: only such hits need be fed. */
bool correlate_plan_wants(const struct correlate_plan *plan, uint32_t rule);

/* Rules are numbered from 0 up to this. */
uint32_t correlate_plan_rule_count(const struct correlate_plan *plan);

/* What hits of this rule mean: its document, and which fields they carry. Hits that are kept
 * mean the same to another plan where it has a rule of the same digest. */
struct hn_digest correlate_plan_rule_digest(const struct correlate_plan *plan, uint32_t rule);
/* Whether hits filled by another plan, of the same rules with other names of fields, mean the same
 * to this one: positions of values are the same everywhere. rule_of gives for each rule of the
 * other set its number in this one, CORRELATE_RULE_NONE where it has none. */
#define CORRELATE_RULE_NONE UINT32_MAX
bool correlate_plan_is_like(const struct correlate_plan *plan, const struct correlate_plan *other,
        const uint32_t *rule_of);

/* The fields that hits of this rule carry, by position (struct correlate_value.field). */
struct sigma_texts correlate_plan_fields(const struct correlate_plan *plan, uint32_t rule);

/* Numbers the plan's fields in a schema that is not sealed yet, for correlate_hit_fill(). */
HN_MUST_USE enum hn_status correlate_plan_bind(
        struct correlate_plan *plan, struct hn_schema *schema);

/* ---- Hits ---- */

struct correlate_value {
    uint32_t field; /* position in correlate_plan_fields() */
    struct hn_text text;
};

struct correlate_hit {
    uint32_t rule;  /* index in the set */
    hn_time time;   /* HN_TIME_NONE: taken as of the last time known */
    uint64_t order; /* position in the input: decides between equal times, and is the identity */
    uint64_t ref;   /* of the event, for the caller alone */
    const struct correlate_value *values; /* ascending by field; a list repeats its field */
    uint32_t value_count;
};

/* A hit with room for its values. */
struct correlate_hit_box {
    struct correlate_hit hit;
    struct correlate_value values[CORRELATE_VALUES_MAX];
};

/* Fills box with the fields that correlations want of an event which matched this rule; needs a
 * bound plan and an event of that schema. Texts are borrowed from the event. time, order and ref
 * are the caller's to set. */
void correlate_hit_fill(const struct correlate_plan *plan, uint32_t rule, struct hn_event *event,
        struct correlate_hit_box *box);

/* A hit as bytes (no place or length in front), for spill files and journals; failure shows in the
 * buffer. Reading takes exactly what writing gave, borrows texts from the input, and refuses with
 * HN_TRUNCATED or HN_CORRUPT what writing did not give. */
void correlate_hit_write(const struct correlate_hit *hit, struct hn_buf *out);
HN_MUST_USE enum hn_status correlate_hit_read(
        struct hn_reader *in, struct correlate_hit_box *ret_box, struct hn_err *err);

/* The order in which hits are processed: by time, order, rule. <0, 0, >0. */
int correlate_hit_compare(const struct correlate_hit *a, const struct correlate_hit *b);

/* Times made usable, in the order of the input: what has none, or one past the horizon (a clock
 * gone wrong, or a forged one), gets the last good time. correlate_feed() does this itself; a
 * pipeline that sorts its hits first has to do it before sorting. Zeroed: no horizon, no time
 * known. */
struct correlate_stamper {
    bool has_last;
    bool has_horizon;
    hn_time last;
    hn_time horizon;
    uint64_t timeless;
    uint64_t ahead;
};
hn_time correlate_stamp(struct correlate_stamper *stamper, hn_time time);

/* ---- Results ---- */

enum correlate_event {
    CORRELATE_FIRED,
    CORRELATE_ENDED, /* hits went on after it fired: final counts, under the same id */
};

#define CORRELATE_CUT_SHORT 0x1u /* the input ended before the window did */
#define CORRELATE_AT_LEAST  0x2u /* value and total are lower bounds: no more was kept */
#define CORRELATE_LOSSY     0x4u /* state of this group was evicted: a limit was reached */

/* A contributing hit. Of a correlation that contributed, order and ref are those of the hit that
 * completed it. */
struct correlate_part {
    hn_time time;
    uint64_t order;
    uint64_t ref;
    uint32_t input; /* position in the correlation's refs */
};

/* Borrowed: valid until the callback returns. */
struct correlate_result {
    enum correlate_event event;
    uint32_t correlation;
    enum sigma_level level;    /* its own, else the highest of what it refers to */
    struct hn_digest id;       /* of correlation, group, time and order: the same in every run */
    const struct hn_text *key; /* one per group-by name, as first seen */
    uint32_t key_count;
    hn_time start;  /* of the window: its first contributing hit */
    hn_time end;    /* its last moment */
    hn_time time;   /* when it fired */
    uint64_t order; /* of the hit that completed it */
    uint64_t ref;
    double value;   /* what the bounds are about; ENDED: the most it came to */
    uint64_t total; /* contributing hits */
    uint32_t flags;
    const struct correlate_part *parts; /* oldest first; of many the first and last ones */
    uint32_t part_count;
    const struct hn_text *values; /* first_seen: the new value, one per field */
    uint32_t value_count;
    hn_time period;   /* periodicity */
    double variation; /* periodicity: coefficient of variation */
};

/* Must not call back into the correlator. */
typedef void correlate_on_result(void *ctx, const struct correlate_result *result);

/* ---- The correlator ---- */

struct correlate_options {
    hn_time lateness; /* 0: hits come in order */
    correlate_on_result *on_result;
    void *ctx;
};

#define CORRELATE_STAT_LIST(X)                                                                   \
    X(hits, "hits taken")                                                                        \
    X(fired, "correlations that fired")                                                          \
    X(late, "hits that came after later ones had been processed; taken as of then")              \
    X(too_late, "late hits left out of a correlation because their window had passed")           \
    X(timeless, "hits without a time; taken as of the last time known")                          \
    X(ahead, "hits with a time past the horizon; taken as of the last time known")               \
    X(no_key, "hits left out of a correlation because a group-by field is absent")               \
    X(no_value, "hits left out of a correlation because the counted field is absent")            \
    X(not_numeric, "values left out of a correlation because they are no numbers")               \
    X(combinations, "hits with more combinations of listed values than are counted")             \
    X(undecided, "windows and waits that the end of the input cut short; not judged")            \
    X(groups_evicted, "groups given up at a limit, oldest first")                                \
    X(items_evicted, "hits and values given up at a limit, oldest first")                        \
    X(hits_refused, "hits left out of a correlation because no memory was left for their group") \
    X(forced, "hits processed early because too many were waiting")                              \
    X(ahead_dropped, "hits far ahead of the others dropped because too many were waiting")       \
    X(unmatched, "saved state left out because its rules are gone or have changed")

struct correlate_stats {
#define CORRELATE_STAT_FIELD(name, text) uint64_t name;
    CORRELATE_STAT_LIST(CORRELATE_STAT_FIELD)
#undef CORRELATE_STAT_FIELD
    /* As of now: */
    uint64_t groups;
    uint64_t pending;
    uint64_t bytes;
    uint64_t bytes_peak;
};

struct correlate;

HN_MUST_USE enum hn_status correlate_new(const struct correlate_plan *plan,
        const struct correlate_options *options, struct correlate **ret_correlate,
        struct hn_err *err);
void correlate_free(struct correlate *correlate); /* NULL is fine */

/* Times after the horizon are not believed (struct correlate_stamper): now and a little for a
 * daemon, the plausible end of the logs for a scan. */
void correlate_set_horizon(struct correlate *correlate, hn_time horizon);

/* A hit of a rule that no correlation listens to is ignored, its time too. */
HN_MUST_USE enum hn_status correlate_feed(
        struct correlate *correlate, const struct correlate_hit *hit);

/* The caller's word that no hit from before this time will come any more: what waits from before
 * it is processed, and windows that ended before it are judged. CORRELATE_END_OF_TIME judges them
 * all. */
#define CORRELATE_END_OF_TIME INT64_MAX
HN_MUST_USE enum hn_status correlate_advance(struct correlate *correlate, hn_time watermark);

/* End of the input: processes what waits, judges what can be judged, and forgets everything but
 * the counters. */
HN_MUST_USE enum hn_status correlate_flush(struct correlate *correlate);

struct correlate_stats correlate_stats(const struct correlate *correlate);

/* The whole state, and back into a new correlator: of the same rules, or of others, where state of
 * correlations that are gone or changed is left out and counted. What was not written by
 * correlate_save() is refused with HN_CORRUPT, HN_TRUNCATED or HN_UNSUPPORTED (another version),
 * and what needs more than this correlator's limits with HN_LIMIT; the correlator is then as new.
 */
HN_MUST_USE enum hn_status correlate_save(const struct correlate *correlate, struct hn_buf *out);
HN_MUST_USE enum hn_status correlate_restore(
        struct correlate *correlate, struct hn_bytes saved, struct hn_err *err);

#endif
