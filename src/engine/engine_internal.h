/* engine_internal.h - the parts behind engine.h. */
#ifndef HN_ENGINE_ENGINE_INTERNAL_H
#define HN_ENGINE_ENGINE_INTERNAL_H

#include "engine/engine.h"
#include "engine/engine_past.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"
#include "intake/intake.h"
#include "scan/scan.h"

#include <pthread.h>
#include <stdatomic.h>

/* ---- A record on its way through the threads ---- */

struct record {
    struct engine *engine;
    struct scan_entry entry;   /* its name is the batch's stream */
    struct judge_set *set;     /* that judges it, or from it on */
    struct judge_set *judging; /* set, or the one of its mappings that its source has; borrowed */
    uint64_t offset;
    uint64_t next;
    enum journal_kind kind;
    hn_time received;
    bool damaged;
    struct hn_text source;
    struct hn_text tenant;
    uint64_t body_offset; /* of the body in the source's stream */
    uint64_t body_line;   /* of its first line; 0: unknown */
    size_t head_len;
    uint64_t head_lines;
    uint64_t first; /* events that begin before this offset in bytes are no news */
    struct hn_digest origin;
    struct hn_time_defaults time;
    struct decode_stream *decode; /* NULL: nothing to decode */
    char *bytes;                  /* head, body, room for vector loads; behind the struct */
    size_t len;
    size_t cut; /* bytes handed out as tasks */
    _Atomic uint32_t references;
};

/* ---- engine_record.c: records of the journal as tasks ---- */

struct zone_slot {
    struct hn_text name; /* in the engine's arena */
    struct hn_zone *zone;
};

struct scan_source engine_tasks(struct engine *engine);
void engine_record_unref(struct record *record); /* NULL is fine */

/* ---- engine_counters.c ---- */

struct counters {
    pthread_mutex_t lock;
    struct hn_arena arena;
    struct hn_map source_map;
    HN_VEC(struct hn_text) source_names;
    HN_VEC(struct engine_source_counters) sources;
    struct hn_map rule_map;
    HN_VEC(struct hn_text) rule_names;
    HN_VEC(struct engine_rule_counters) rules;
    struct engine_totals totals;
};

void engine_counters_init(struct counters *counters);
void engine_counters_deinit(struct counters *counters);
/* One record has been handed on (or would have been, had it not been before). */
void engine_counters_add(struct counters *counters, const struct record *record,
        const struct engine_result *result, const uint64_t *findings, hn_time lag);

/* What a judge's rules have cost. */
void engine_counters_take_costs(struct counters *counters, struct judge *judge);

/* ---- engine_snapshot.c: state as bytes, and as files ---- */

struct snapshot {
    uint64_t offset; /* of the record it stands before */
    struct hn_digest set;
    uint32_t stream_count;
    struct hn_bytes streams; /* length and name of each, one after the other */
    struct hn_bytes state;   /* of correlate_save() */
    struct hn_bytes past;    /* of engine_past_save() */
};

void engine_snapshot_write(const struct snapshot *snapshot, struct hn_buf *out);
/* Takes exactly what engine_snapshot_write() gave; borrows from in. */
HN_MUST_USE enum hn_status engine_snapshot_read(
        struct hn_bytes in, struct snapshot *ret_snapshot, struct hn_err *err);
struct hn_text engine_snapshot_stream_next(struct hn_reader *streams);

/* ---- engine_files.c: snapshots in a folder ---- */

#define SNAPSHOTS_KEPT 2u

/* Offsets of the snapshots in the folder, newest first; at most max. */
HN_MUST_USE enum hn_status engine_snapshot_list(
        const char *dir, uint64_t *ret_offsets, size_t max, size_t *ret_count, struct hn_err *err);
HN_MUST_USE enum hn_status engine_snapshot_load(
        const char *dir, uint64_t offset, struct hn_buf *out, struct hn_err *err);
/* Durable when it returns HN_OK; those past SNAPSHOTS_KEPT are gone then. */
HN_MUST_USE enum hn_status engine_snapshot_store(
        const char *dir, uint64_t offset, struct hn_bytes bytes, struct hn_err *err);

/* ---- set_bundle.c: the sources of a set as bytes ---- */

void engine_set_bundle_write(const struct engine_set_sources *sources, struct hn_buf *out);
/* Takes exactly what engine_set_bundle_write() gave; texts are borrowed from in, ret_sources->files
 * is in arena. */
HN_MUST_USE enum hn_status engine_set_bundle_read(struct hn_bytes in, struct hn_arena *arena,
        struct engine_set_sources *ret_sources, struct hn_digest *ret_digest, struct hn_err *err);

/* ---- engine_keep.c: when snapshots are made and become files ---- */

struct keeper {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    pthread_t thread;
    bool started;
    bool ending;
    uint64_t applied;
    bool pending; /* bytes wait for applied to reach offset */
    uint64_t offset;
    struct hn_digest set;
    struct hn_buf bytes;
    hn_time last; /* when a snapshot was made */
    bool has_durable;
    uint64_t durable; /* the newest */
    struct hn_digest durable_set;
};

void engine_keeper_init(struct engine *engine);
void engine_keeper_deinit(struct engine *engine);
HN_MUST_USE enum hn_status engine_keeper_start(struct engine *engine, struct hn_err *err);
void engine_keeper_stop(struct engine *engine);
/* At the border of a record, with the state as it is there. */
void engine_keeper_offer(struct engine *engine, bool now);
/* Writes what is pending, if it may be. */
void engine_keeper_flush(struct engine *engine);

/* ---- engine_correlate.c: correlations of the set at hand, in the order of the records ---- */

struct correlating {
    struct correlate *correlate; /* of what comes in as it happens; NULL: no correlations */
    struct past past;            /* of what does not */
    struct correlate_stamper stamper;
    struct judge_set *set;
    struct alert_writer *writer;
    struct hn_map stream_map;
    HN_VEC(struct hn_text) streams; /* 0: not known */
    struct hn_arena arena;          /* their names */
    struct hn_buf line;
    struct hn_buf state; /* on its way from one set to the next, or into a snapshot */
    struct hn_buf past_state;
    enum hn_status status;
};

/* Also back to a new one. */
HN_MUST_USE enum hn_status engine_correlation_begin(
        struct engine *engine, struct judge_set *set, struct hn_err *err);
void engine_correlation_end(struct engine *engine);
/* The state goes over to the correlations of another set. */
HN_MUST_USE enum hn_status engine_correlation_switch(struct engine *engine, struct judge_set *set);
/* The hits of a record, which are written one after the other, and the time it was received. */
HN_MUST_USE enum hn_status engine_correlation_feed(
        struct engine *engine, const struct record *record, const struct hn_buf *hits);
struct correlate_stats engine_correlation_stats(const struct correlating *c);
HN_MUST_USE enum hn_status engine_correlation_save(
        struct engine *engine, uint64_t offset, struct hn_buf *out);
HN_MUST_USE enum hn_status engine_correlation_restore(
        struct engine *engine, const struct snapshot *snapshot, struct hn_err *err);

/* ---- engine_result.c: results in order ---- */

bool engine_on_task_result(void *ctx, struct scan_result *result);
/* What has been gathered of a record that did not come to its end. */
void engine_forget(struct engine *engine);

/* ---- All together ---- */

struct engine {
    struct engine_options options;
    struct engine_feed feed;
    struct hn_arena arena; /* names of zones */

    /* Of reading; under the pipeline's lock of the source. */
    struct judge_set *reading_set;
    struct record *reading; /* not yet cut to its end */
    HN_VEC(struct zone_slot) zones;

    /* Of results; in order, one at a time. */
    struct correlating correlating;
    HN_VEC(struct judge_alert) alerts; /* of the record at hand */
    struct hn_arena texts;             /* of alerts that came with earlier tasks */
    struct hn_buf hits;
    uint64_t record_events;
    uint64_t record_dropped; /* alerts past ENGINE_ALERT_BYTES_MAX */
    uint64_t record_findings[HN_FINDING_COUNT];
    bool whole; /* the state stands at the border of a record */

    pthread_mutex_t problem_lock;
    struct counters counters;
    struct keeper keeper;
    atomic_uint_fast64_t position;
    atomic_bool stopping;
    pthread_t thread;
    bool started;
    enum hn_status status;
    struct hn_err err;
};

void engine_problem_tell(struct engine *engine, enum engine_problem problem, uint64_t offset,
        const char *fmt, ...) HN_PRINTF(4, 5);
hn_time engine_now(const struct engine *engine);
/* One more alert of the record at hand; its texts are copied with copy. */
HN_MUST_USE bool engine_alert_add(
        struct engine *engine, const struct judge_alert *alert, bool copy);

#endif
