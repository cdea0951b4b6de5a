/* scan.h - inputs through decoders and a job, on several threads, with the output of one.
 *
 * The one header of this module. A pipeline takes batches from a source (files: source.c; others
 * have their own), in order, has workers decode the batches and do the job's work on each event,
 * and hands the workers' results on in the order of the input. Whatever the number of threads, the
 * result is the same.
 *
 * Life: fill struct scan_pipeline_options and a struct scan_job -> scan_pipeline_run().
 * Concurrency: scan_pipeline_run() starts and joins its own threads. Of the job's functions,
 * on_event runs on many threads, each with its own worker; on_result runs in order, never twice at
 * a time.
 * Memory: some blocks of 256 KiB per thread, however long the input; a block grows for an event
 * that does not fit, up to limits.event_bytes_max. Errors: what concerns one input is a finding or
 * a failed entry, and the next goes on. */
#ifndef HN_SCAN_SCAN_H
#define HN_SCAN_SCAN_H

#include "alert/alert.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/finding.h"
#include "base/status.h"
#include "correlate/correlate.h"
#include "decode/decode.h"
#include "event/event.h"
#include "input/input.h"
#include "judge/judge.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* ---- The pipeline ---- */

/* An input stream: a file, or an entry of an archive. Lives as long as any batch of it. */
struct scan_entry {
    struct hn_text name; /* as shown: "logs/case.zip!/a.evtx" */
    uint32_t number;     /* from 0, in input order */
    const struct decode_format *format;
};

/* A finding with its entry. */
struct scan_finding {
    const struct scan_entry *entry;
    struct hn_finding finding;
};

/* A piece of input for one worker. */
struct scan_task {
    const struct scan_entry *entry;
    struct decode_batch batch; /* its stream NULL: nothing to decode, only a place among results */
    void *block;               /* the source's: what batch borrows from, until task_done */
    void *stream;              /* the source's: what entry is part of, until stream_done */
};

/* Where tasks come from. next is called by one thread at a time and may wait; while it waits nobody
 * else can ask, but results are handed on. The others are called from any thread. */
struct scan_source {
    void *ctx;
    /* HN_NOTFOUND at the end of everything; HN_CANCELLED, HN_NOMEM, HN_IO end the run at once. */
    enum hn_status (*next)(void *ctx, struct scan_task *ret_task);
    /* The batch has been decoded. */
    void (*task_done)(struct scan_task *task);
    /* The result of one of its tasks, which names the entry, has been handed on. */
    void (*stream_done)(void *stream);
    /* Somebody stops the run: a next that waits is to end, and later ones not to wait. May be NULL
     * where next never waits for long. */
    void (*wake)(void *ctx);
    /* Bytes read, and of how many; may be NULL. */
    void (*progress)(void *ctx, uint64_t *ret_done, uint64_t *ret_total);
};

/* What a worker has at hand besides the event. */
struct scan_place {
    const struct scan_entry *entry;
    const struct decode_batch *batch;
    void *stream; /* of the task */
};

/* A worker's results for one batch; both buffers are the job's to fill. */
struct scan_result {
    const struct scan_entry *entry;
    void *stream;       /* of the task */
    bool at_end;        /* of the stream's last task */
    struct hn_buf out;  /* bytes for the output */
    struct hn_buf side; /* records for on_result */
    uint64_t events;
    uint64_t bytes; /* of input */
    uint64_t findings[HN_FINDING_COUNT];
    HN_VEC(struct hn_finding) kept; /* the first of them */
};

/* A finding of the job itself about the event at hand, counted and told like the decoder's. */
void scan_result_note(
        struct scan_result *result, enum hn_finding_kind kind, const struct hn_event *event);

struct scan_job {
    void *ctx;
    const struct hn_schema *schema; /* of the pipeline's own events, one per worker */
    bool want_all;

    /* One per thread; NULL: out of memory. */
    void *(*worker_new)(void *ctx);
    void (*worker_free)(void *worker);

    /* A task begins: the event to decode it into, which the worker keeps; NULL: out of memory. May
     * be NULL: then events are the pipeline's. */
    struct hn_event *(*on_task)(void *worker, const struct scan_task *task);

    /* The event is decoded, not yet resolved. False stops everything. */
    bool (*on_event)(void *worker, struct hn_event *event, const struct scan_place *place,
            struct scan_result *result);

    /* In order. False stops everything (a full disk, a closed pipe). */
    bool (*on_result)(void *ctx, struct scan_result *result);

    /* An entry begins; called in order of input, but ahead of its results. May be NULL. */
    void (*on_entry)(void *ctx, const struct scan_entry *entry);

    /* An input could not be read, or a finding of the input layer. In order of reading. */
    void (*on_problem)(void *ctx, struct hn_text name, enum hn_status status,
            enum hn_finding_kind kind, struct hn_text message);
};

struct scan_progress {
    uint64_t bytes_done;  /* of what lies on disk */
    uint64_t bytes_total; /* 0: unknown */
    uint64_t events;
};

struct scan_pipeline_options {
    const char *const *inputs;
    size_t input_count;
    struct input_options input;
    const struct decode_format *format;  /* NULL: recognised by content */
    struct decode_options decode;        /* source_name is filled in */
    struct hn_event_limits event_limits; /* zeroed: the defaults */
    unsigned threads;                    /* 0: one per processor */
    const atomic_bool *cancel;           /* may be NULL; set by a signal handler */
    void (*on_progress)(
            void *ctx, const struct scan_progress *progress); /* in order; may be NULL */
    void *progress_ctx;
};

struct scan_totals {
    uint64_t entries;
    uint64_t entries_unknown; /* no decoder recognised them */
    uint64_t entries_failed;
    uint64_t events;
    uint64_t bytes;
    uint64_t findings[HN_FINDING_COUNT];
    bool cancelled;
};

/* Runs the job over options->inputs. HN_OK also when single inputs failed (see totals);
 * HN_CANCELLED when stopped; HN_NOMEM. */
HN_MUST_USE enum hn_status scan_pipeline_run(const struct scan_pipeline_options *options,
        const struct scan_job *job, struct scan_totals *ret_totals, struct hn_err *err);
/* The same over any source; of the options nothing about inputs is read. */
HN_MUST_USE enum hn_status scan_source_run(const struct scan_source *source,
        const struct scan_pipeline_options *options, const struct scan_job *job,
        struct scan_totals *ret_totals, struct hn_err *err);

/* ---- Scanning: rules and indicators over inputs ---- */

struct scan_options {
    struct scan_pipeline_options pipeline;
    struct judge_set *set;
    hn_time since; /* HN_TIME_NONE: open */
    hn_time until;
    enum alert_format format;
    bool write_alerts;           /* through on_bytes */
    bool fold;                   /* repeats of an alert are counted, not written */
    bool keep_json;              /* groups keep whole alerts as JSON, whatever the format */
    const struct hn_zone *zone;  /* for times shown */
    struct alert_groups *groups; /* may be NULL */
    bool time_rules;             /* measure each rule */

    bool (*on_bytes)(void *ctx, struct hn_text bytes); /* whole lines, in order; false stops */
    /* The alerts so far may be shown: more may be long in coming. False stops. May be NULL. */
    bool (*on_flush)(void *ctx);
    /* A finding of some input, in order; at most limits apply upstream. May be NULL. */
    void (*on_finding)(void *ctx, const struct scan_entry *entry, const struct hn_finding *finding);
    void (*on_problem)(void *ctx, struct hn_text name, enum hn_status status,
            enum hn_finding_kind kind, struct hn_text message);
    void *ctx;
};

struct scan_summary {
    struct scan_totals totals;
    struct match_stats match;
    struct match_rule_stats *rules; /* one per rule of the set; to be freed with hn_free() */
    struct correlate_stats correlations;
    uint64_t alerts[SIGMA_LEVEL_CRITICAL + 1];
    uint64_t folded;          /* alerts not written because they repeat one */
    uint64_t events_in_time;  /* within since and until, where one is given */
    uint64_t events_timeless; /* no readable time, with since or until given */
    hn_time first;            /* of events looked at for time: alerts, or all with since/until */
    hn_time last;
};

HN_MUST_USE enum hn_status scan_run(
        const struct scan_options *options, struct scan_summary *ret_summary, struct hn_err *err);

#endif
