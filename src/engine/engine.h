/* engine.h - evaluates the journal: every record through decoder and judge, in order, for ever.
 *
 * The one header of this module. What comes out depends on the journal alone: rules change where
 * a record says so, time is the time of receipt, and results are handed on in the order of the
 * records, whatever the number of threads. So a journal may be replayed from any snapshot of the
 * correlators' state and gives the same alerts with the same ids.
 *
 * Life: engine_new() (takes up the newest whole snapshot) -> a reader of the journal opened at
 * engine_position() -> engine_start() -> on_result() per record, engine_applied() when results are
 * safe -> engine_stop() -> a last engine_applied() -> engine_free() (leaves a last snapshot).
 * Concurrency: callbacks come from the engine's threads, each kind by one at a time. Counters,
 * engine_applied() and engine_position() from any thread.
 * Memory: per thread a few records and their results; the state of correlations within their
 * limits; names of streams that correlations heard of (ENGINE_STREAMS_MAX), sources and rules.
 * Errors: a record or set that cannot be used is told through on_problem and passed over; an
 * engine that ends by itself (no memory, no journal) tells on_end. */
#ifndef HN_ENGINE_ENGINE_H
#define HN_ENGINE_ENGINE_H

#include "base/attr.h"
#include "base/finding.h"
#include "base/hash.h"
#include "base/status.h"
#include "base/time.h"
#include "base/view.h"
#include "journal/journal.h"
#include "judge/judge.h"

#include <stdbool.h>
#include <stdint.h>

#define ENGINE_STREAMS_MAX     ((uint32_t)1 << 20) /* names for the parts of correlations */
#define ENGINE_SOURCES_MAX     4096u  /* with counters of their own; others share one */
#define ENGINE_RULES_MAX       16384u /* the same for rules */
#define ENGINE_ZONES_MAX       256u
#define ENGINE_ALERT_BYTES_MAX ((size_t)256 << 20) /* of texts of alerts about one record */

/* ---- Where records come from ---- */

struct engine_feed {
    void *ctx;
    /* As journal_read(). */
    enum hn_status (*read)(
            void *ctx, int timeout_ms, struct journal_record *ret_record, struct hn_err *err);
    /* As journal_reader_wake(). */
    void (*wake)(void *ctx);
};

/* The payload of a JOURNAL_SET record: which set judges from there on. */
#define ENGINE_SET_RECORD_BYTES 16
void engine_set_record(struct hn_digest digest, uint8_t ret_payload[ENGINE_SET_RECORD_BYTES]);

/* ---- What comes out ---- */

/* Borrowed until the callback returns. */
struct engine_result {
    uint64_t offset; /* of the record */
    uint64_t next;   /* of the one after it: what to give to engine_applied() */
    enum journal_kind kind;
    hn_time received;
    struct hn_digest set;  /* that judged */
    struct hn_text source; /* of the batch; "" for other kinds and damaged ones */
    struct hn_text tenant;
    struct hn_text stream;
    const struct judge_alert *alerts; /* lines are JSON; those of rules first, then correlations */
    size_t alert_count;
    uint64_t events;
};

enum engine_problem {
    ENGINE_PROBLEM_RECORD,   /* not a batch, or of a kind nobody knows: passed over */
    ENGINE_PROBLEM_FORMAT,   /* no decoder of that name, or none that recognises the content */
    ENGINE_PROBLEM_ZONE,     /* no such time zone: UTC is taken */
    ENGINE_PROBLEM_SET,      /* a set cannot be loaded: the one before goes on judging */
    ENGINE_PROBLEM_SNAPSHOT, /* one cannot be read: an older one, or written: tried again */
    ENGINE_PROBLEM_ALERTS,   /* more alerts than fit: those that did are handed on */
    ENGINE_PROBLEM_MAPPING   /* the set has no mapping of that name: its own rules judge */
};

/* Correlations over old events: what was received long after it happened is correlated apart from
 * what comes in as it happens, in order of its own times. 0: the default of each. */
struct engine_past_options {
    hn_time after;    /* received so long after it happened, an event is old; at least lateness */
    hn_time quiet;    /* so long without old hits, those that wait are fed */
    hn_time hold;     /* and after so long in any case */
    hn_time forget;   /* so long without old hits, all of them are forgotten */
    size_t hits_max;  /* kept; beyond it all are fed, and half of them forgotten */
    size_t bytes_max; /* the same in bytes */
};

struct engine_options {
    struct judge_set *set; /* judges until the journal names another; a reference is taken */
    uint64_t from;         /* where to begin without a snapshot */
    uint64_t applied;      /* results of records that end up to here are not handed on again */
    const char *state_dir; /* of snapshots, made if missing; NULL: none */
    hn_time snapshot_interval;
    unsigned threads; /* 0: one per processor */
    hn_time lateness; /* events that come up to so late still count as if in order */
    struct engine_past_options past;
    hn_time ahead_max;         /* time stamps so far ahead of receipt are not believed; 0: never */
    bool end_at_last;          /* end when the feed has no more, instead of waiting */
    hn_time (*now)(void *ctx); /* for lag and intervals; NULL: the system's clock */

    /* Results of one record, in order. False: stop; the record counts as not handed on. */
    bool (*on_result)(void *ctx, const struct engine_result *result);
    /* The set of this digest as a new reference, or NULL after filling *err. Events wait for it. */
    struct judge_set *(*load_set)(void *ctx, struct hn_digest digest, struct hn_err *err);
    /* May be NULL. */
    void (*on_problem)(
            void *ctx, enum engine_problem problem, uint64_t offset, const char *message);
    /* A snapshot has become durable: nobody will replay from before oldest, which was made while
     * oldest_set judged. May be NULL. */
    void (*on_snapshot)(void *ctx, uint64_t oldest, struct hn_digest oldest_set);
    /* The engine has ended by itself. May be NULL. */
    void (*on_end)(void *ctx, enum hn_status status, const struct hn_err *err);
    void *ctx;
};

struct engine;
HN_MUST_USE enum hn_status engine_new(
        const struct engine_options *options, struct engine **ret_engine, struct hn_err *err);
/* After engine_stop(), where it was started. */
void engine_free(struct engine *engine); /* NULL is fine */

/* The next record to be read, or the next one whose result is due. */
uint64_t engine_position(struct engine *engine);

/* Starts the threads. feed begins at engine_position(). */
HN_MUST_USE enum hn_status engine_start(
        struct engine *engine, const struct engine_feed *feed, struct hn_err *err);
/* Ends them, after the record at hand, and joins them. HN_OK, or why they had ended before. */
enum hn_status engine_stop(struct engine *engine, struct hn_err *err);
/* Waits until they end by themselves (end_at_last), and joins them. */
enum hn_status engine_wait(struct engine *engine, struct hn_err *err);

/* Results up to this offset are safe: snapshots may name it. */
void engine_applied(struct engine *engine, uint64_t offset);

/* The feed of a reader. */
struct engine_feed engine_feed_of(struct journal_reader *reader);

/* ---- Sets of rules: what they are made of, kept for as long as the journal names them ---- */

#define ENGINE_SET_FILES_MAX 65536u
#define ENGINE_MAPPINGS_MAX  256u /* names; each different list of pipelines is compiled once */

#define ENGINE_SET_KIND_LIST(X)                                                            \
    X(ENGINE_SET_RULES, "rules")             /* YAML: Sigma rules */                       \
    X(ENGINE_SET_PIPELINE, "pipeline")       /* YAML: applied to the rules */              \
    X(ENGINE_SET_LIST, "list")               /* of a placeholder: one value a line */      \
    X(ENGINE_SET_DISABLED, "disabled")       /* ids of rules not to be used, one a line */ \
    X(ENGINE_SET_INDICATORS, "indicators")   /* in any form ioc.h reads */                 \
    X(ENGINE_SET_WARNINGLIST, "warninglist") /* MISP, as JSON */                           \
    X(ENGINE_SET_MAPPING, "mapping")         /* a pipeline for one source's events alone */

enum engine_set_kind {
#define ENGINE_SET_KIND_ENUM(name, text) name,
    ENGINE_SET_KIND_LIST(ENGINE_SET_KIND_ENUM)
#undef ENGINE_SET_KIND_ENUM
            ENGINE_SET_KIND_COUNT
};
const char *engine_set_kind_text(enum engine_set_kind kind);

/* Borrowed. */
struct engine_set_file {
    enum engine_set_kind kind;
    struct hn_text name; /* of the file; of a list: of the placeholder */
    /* Of indicators in CSV their columns, may be empty; of a mapping its name, which batches carry
     * as their pipeline. Files of one name are run together, behind the pipelines of all. */
    struct hn_text columns;
    struct hn_text text;
};

struct engine_set_sources {
    const struct engine_set_file *files;
    size_t file_count;
    enum sigma_level level_min;
};

/* Why something in the sources is not used. file is borrowed. */
struct engine_set_issue {
    struct hn_text file;
    uint32_t line; /* 0: of the file as a whole */
    const char *message;
};

struct engine_set_check {
    bool strict; /* a rule or file that cannot be used refuses the whole set */
    void (*on_issue)(void *ctx, const struct engine_set_issue *issue); /* may be NULL */
    void *ctx;
};

/* The set, named by the digest of its sources: the same sources in the same order are the same set.
 * HN_SYNTAX when strict refuses it (the first reason in *err), HN_NOMEM, HN_LIMIT. check may be
 * NULL. */
HN_MUST_USE enum hn_status engine_set_compile(const struct engine_set_sources *sources,
        const struct engine_set_check *check, struct judge_set **ret_set, struct hn_err *err);
struct hn_digest engine_set_digest(const struct engine_set_sources *sources);

/* A folder of sources, one file per set, and the sets used last in memory. Any thread. */
struct engine_sets;
HN_MUST_USE struct engine_sets *engine_sets_new(const char *dir); /* NULL: out of memory */
void engine_sets_free(struct engine_sets *sets);                  /* NULL is fine */

/* Compiles the sources and keeps them; durable when it returns HN_OK. Then a JOURNAL_SET record of
 * its digest lets the engine change over, without waiting. *ret_set is a new reference. */
HN_MUST_USE enum hn_status engine_sets_put(struct engine_sets *sets,
        const struct engine_set_sources *sources, const struct engine_set_check *check,
        struct judge_set **ret_set, struct hn_err *err);
/* As load_set wants it: from memory, or compiled again. HN_CORRUPT for a damaged file. */
HN_MUST_USE enum hn_status engine_sets_get(struct engine_sets *sets, struct hn_digest digest,
        struct judge_set **ret_set, struct hn_err *err);
/* Deletes the sources of all sets but these. */
HN_MUST_USE enum hn_status engine_sets_prune(struct engine_sets *sets, const struct hn_digest *kept,
        size_t kept_count, struct hn_err *err);

/* ---- A record looked at outside the engine: searches, context of alerts ---- */

/* Records as the engine reads them, event by event, without judging. One thread at a time. */
struct engine_view;
HN_MUST_USE struct engine_view *engine_view_new(void); /* NULL: out of memory */
void engine_view_free(struct engine_view *view);       /* NULL is fine */

/* Where an event stands. Borrowed until the callback returns. */
struct engine_viewed {
    struct hn_text stream;
    const struct hn_time_defaults *time; /* for hn_event_time() */
    const struct decode_batch *batch;
    uint64_t index;  /* among the events of the record */
    uint64_t offset; /* in the stream, as alerts have it */
    uint64_t line;   /* 0: none */
};
/* The event has not been resolved. False: enough. */
typedef bool engine_on_viewed(
        void *ctx, struct hn_event *event, const struct engine_viewed *viewed);

/* The events of a JOURNAL_BATCH record, one after the other into event; none where it is damaged or
 * nothing recognises its content. HN_CANCELLED: on_event had enough; HN_NOMEM. */
HN_MUST_USE enum hn_status engine_view_events(struct engine_view *view,
        const struct journal_record *record, struct hn_event *event, engine_on_viewed *on_event,
        void *ctx);

/* ---- Counters ---- */

/* Upper bounds of how long a record waited from receipt until its results were handed on. */
#define ENGINE_LAG_COUNT 12
extern const hn_time engine_lag_bounds[ENGINE_LAG_COUNT];

struct engine_source_counters {
    uint64_t records;
    uint64_t bytes;
    uint64_t damaged; /* records that are no batches, or of no known format */
    uint64_t events;
    uint64_t alerts;
    uint64_t findings[HN_FINDING_COUNT];
    uint64_t lag[ENGINE_LAG_COUNT + 1]; /* by bucket; the last is beyond all bounds */
    hn_time lag_sum;
    hn_time received; /* of the last record */
};
typedef void engine_on_source(
        void *ctx, struct hn_text source, const struct engine_source_counters *counters);
void engine_each_source(struct engine *engine, engine_on_source *on_source, void *ctx);

struct engine_rule_counters {
    uint64_t alerts;
    uint64_t nanoseconds;   /* spent on it, by all threads, extrapolated from some events */
    uint64_t regex_limited; /* values that its expressions gave up on */
    uint64_t regex_steps;   /* at places of texts that took all they were allowed */
    hn_time last;           /* receipt of the last event that fired it */
};
/* id is the rule's, or its title where it has none. */
typedef void engine_on_rule(
        void *ctx, struct hn_text id, const struct engine_rule_counters *counters);
void engine_each_rule(struct engine *engine, engine_on_rule *on_rule, void *ctx);

/* Of the past lane. */
struct engine_past_totals {
    uint64_t hits;      /* taken */
    uint64_t rewinds;   /* times it began anew, because hits came from before what was fed */
    uint64_t forced;    /* times a limit was reached */
    uint64_t forgotten; /* hits no longer kept because of a limit */
    uint64_t unmatched; /* hits no longer kept because their rule is gone or has changed */
    uint64_t evicted;   /* groups given up at a limit */
    /* As of now: */
    uint64_t waiting; /* hits not yet fed */
    uint64_t kept;    /* hits, with those that wait */
    uint64_t groups;
    uint64_t bytes;
};

struct engine_totals {
    uint64_t position; /* as engine_position() */
    uint64_t applied;
    uint64_t snapshot; /* offset of the newest durable one */
    uint64_t records;
    uint64_t events;
    uint64_t alerts;
    uint64_t problems;
    struct hn_digest set;
    struct correlate_stats correlations; /* of what comes in as it happens; as of the last record */
    struct engine_past_totals past;
};
struct engine_totals engine_totals(struct engine *engine);

#endif
