/* judge.h - what one event gives: the rules and indicators that hit it, their evidence, the alerts
 * as they are written, and the hits that correlations listen to. The one header of this module.
 *
 * `hinomi scan` and `hinomi serve` judge here and nowhere else; they differ in where events come
 * from and where results go.
 *
 * Life: judge_set_new() -> one judge_new() per worker -> { judge_event() per event } -> the results
 * through judge_records_next(), in the order of the events -> what correlations make of the hits
 * through judge_correlation().
 * Concurrency: a set is immutable and shared; a judge serves one thread at a time.
 * Memory: a set holds what it is made of and goes with its last reference; a judge holds a
 * reference to its set. Results are bytes in the caller's buffers.
 * Limits: ALERT_MATCHES_MAX pieces of evidence per alert. */
#ifndef HN_JUDGE_JUDGE_H
#define HN_JUDGE_JUDGE_H

#include "alert/alert.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/time.h"
#include "base/view.h"
#include "correlate/correlate.h"
#include "decode/decode.h"
#include "event/event.h"
#include "ioc/ioc.h"
#include "match/match.h"

#include <stdbool.h>
#include <stdint.h>

/* ---- The set: everything that decides what fires ---- */

struct judge_set_options {
    struct match_snapshot *snapshot; /* a reference is taken */
    struct correlate_plan *plan; /* bound to the snapshot's schema, now the set's; may be NULL */
    struct ioc_set *iocs;        /* a reference is taken; NULL: none */
    enum sigma_level level_min;  /* of what is reported */
    struct hn_digest digest;     /* names the set, where somebody has to name it */
    const struct judge_mapping *mappings; /* references are taken, names copied */
    size_t mapping_count;
    /* Of a mapping: for each rule its number in the set it belongs to, CORRELATE_RULE_NONE where
     * that has no such rule. Copied. NULL: rules have their own numbers. */
    const uint32_t *rule_of;
};

struct judge_set;

/* The same rules with the names that some sources give their fields; a set of its own, whose hits
 * go to the correlator of the set it belongs to. Several names may have the same one. */
struct judge_mapping {
    struct hn_text name;
    struct judge_set *set;
};

/* NULL: out of memory; the plan is then still the caller's. */
HN_MUST_USE struct judge_set *judge_set_new(const struct judge_set_options *options);
struct judge_set *judge_set_ref(struct judge_set *set);
void judge_set_unref(struct judge_set *set); /* NULL is fine */

const struct hn_schema *judge_set_schema(const struct judge_set *set);
const struct sigma_set *judge_set_rules(const struct judge_set *set);
const struct correlate_plan *judge_set_plan(const struct judge_set *set); /* NULL: none */
bool judge_set_has_iocs(const struct judge_set *set);
struct hn_digest judge_set_digest(const struct judge_set *set);
/* The mapping of this name, without a new reference: it lives as long as the set. NULL: none. */
struct judge_set *judge_set_mapped(const struct judge_set *set, struct hn_text name);

/* ---- Judging ---- */

struct judge_options {
    enum alert_format format;
    bool keep_json;             /* alerts also as JSON, whatever the format */
    const struct hn_zone *zone; /* for times shown; NULL is UTC */
    bool time_rules;            /* measure each rule */
    uint32_t time_every;        /* measure rules in one of so many events; 0: none */
};

struct judge;
/* NULL: out of memory. */
HN_MUST_USE struct judge *judge_new(struct judge_set *set, const struct judge_options *options);
void judge_free(struct judge *judge);                       /* NULL is fine */
struct judge_set *judge_get_set(const struct judge *judge); /* no new reference */

/* Order of a hit: where the stream it is of stands among others, plus its offset there. */
#define JUDGE_OFFSET_BITS 44
#define JUDGE_OFFSET_MASK (((uint64_t)1 << JUDGE_OFFSET_BITS) - 1)

/* Where the event stands. */
struct judge_place {
    struct hn_text file;                 /* as alerts name it */
    const struct decode_batch *batch;    /* the event is of */
    const struct hn_time_defaults *time; /* for stamps that leave something out */
    uint64_t order;                      /* of an event at offset 0, for correlations */
    uint64_t offset_shift;               /* added to offsets: where the stream begins in file */
    uint64_t line_shift;                 /* the same for lines */
    bool no_lines;                       /* nobody knows lines */
    /* NULL: ids name the event's place as well. Else the same event from the same origin has the
     * same ids, wherever it stands. */
    const struct hn_digest *origin;
    bool hits_only; /* alerts are not wanted (again) */
};

/* Judges an event of the set's schema that has been resolved. Alerts are added to lines as they
 * are to be written, one line each; what is to be known of them, and hits of correlations, to
 * records. False: out of memory. *ret_limited: a regular expression reached its limit. */
HN_MUST_USE bool judge_event(struct judge *judge, struct hn_event *event,
        const struct judge_place *place, struct hn_buf *lines, struct hn_buf *records,
        bool *ret_limited);

/* Since the judge was made. */
const struct match_stats *judge_stats(const struct judge *judge);
/* What rules have cost since the last time; with time_every times as if every event had been
 * measured. True: there may be something to take. */
bool judge_has_rule_costs(const struct judge *judge);
void judge_take_rule_costs(struct judge *judge, match_on_rule_cost *on_cost, void *ctx);
/* Adds to total[], one per rule of the set. */
void judge_add_rule_stats(const struct judge *judge, struct match_rule_stats *total);

/* ---- Results ---- */

/* An alert as it comes out of the records. Borrowed from both buffers. */
struct judge_alert {
    struct hn_digest id;
    struct hn_text user;
    struct alert_brief brief; /* json: with judge_options.keep_json, where line is not JSON */
    struct hn_text line;      /* as written, with its end */
};

struct judge_record {
    bool is_hit;
    struct judge_alert alert;
    struct hn_bytes hit; /* for correlate_hit_read() */
};

/* Goes over what judge_event() has left. Zeroed position: the start. False: no more. */
bool judge_records_next(const struct hn_buf *lines, const struct hn_buf *records, size_t *position,
        struct judge_record *ret_record);

/* ---- Correlations ---- */

/* Where an event that a correlation names stands; file is borrowed. */
struct judge_where {
    struct hn_text file;
    uint64_t offset;
    uint64_t line;
};
struct judge_finder {
    struct judge_where (*find)(void *ctx, uint64_t order, uint64_t ref);
    void *ctx;
};

/* What a correlator of the set's plan has found, as an alert: its line is added to line. False:
 * nothing that is reported. finder tells where the event of an order and ref stands. */
bool judge_correlation(const struct judge_set *judge_set, const struct correlate_result *result,
        const struct judge_finder *finder, struct alert_writer *writer, struct hn_buf *line,
        struct judge_alert *ret_alert);

#endif
