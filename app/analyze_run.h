/* analyze_run.h - many samples through several workers; results in the order of the files.
 *
 * Life: analyze_run_start() before anything large is loaded (workers are forked then) ->
 * analyze_run_files() -> analyze_run_end().
 * Concurrency: each thread has a worker and a judge of its own; on_result is called by one thread
 * at a time. */
#ifndef HN_APP_ANALYZE_RUN_H
#define HN_APP_ANALYZE_RUN_H

#include "analyze/analyze.h"
#include "known/known.h"
#include "protect/protect.h"
#include "report/report.h"

#include <stdatomic.h>

#define ANALYZE_THREADS_MAX 64u

/* What came of one file; ends with the call. */
struct analyze_result {
    const char *path;
    enum hn_status status; /* HN_OK: the rest is there */
    struct hn_err err;
    struct analyze_sample sample;
    struct analyze_verdict verdict;
    struct hn_arena arena;
    struct protect_list indicators;
    struct hn_text told; /* the report as a server wrote it; empty: it was made here */
    const struct report_sightings *sightings; /* of a server's journal; NULL: nobody looked */
};

struct analyze_run; /* opaque */

/* What a server sent for a URL, in a file. */
struct analyze_run_reply {
    struct hn_text url;
    const char *path;
};

struct analyze_run_options {
    const char *const *paths;
    size_t path_count;
    struct judge_set *set;
    struct known *known; /* NULL: nobody is asked */
    const struct hn_text *passwords;
    size_t password_count;
    const struct analyze_run_reply *replies;
    size_t reply_count; /* at most ANALYZE_REPLIES_MAX */
    enum dissect_keep keep;
    const atomic_bool *cancel; /* may be NULL */
    /* In order. */
    void (*on_result)(void *ctx, size_t index, struct analyze_result *result);
    void *ctx;
};

HN_MUST_USE enum hn_status analyze_run_start(const struct analyze_limits *limits,
        const struct analyze_tables *tables, unsigned threads, struct analyze_run **ret_run,
        struct hn_err *err);
/* HN_CANCELLED, HN_NOMEM; what concerns one file is in its result. */
HN_MUST_USE enum hn_status analyze_run_files(
        struct analyze_run *run, const struct analyze_run_options *options, struct hn_err *err);
void analyze_run_end(struct analyze_run *run); /* NULL is fine */

#endif
