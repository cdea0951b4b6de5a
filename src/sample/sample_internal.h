/* sample_internal.h - what the parts of this module share.
 *
 * sample.c life, counters; sample_workers.c the processes; sample_door.c
 * what somebody sent; sample_schema.c tables; sample_queue.c
 * handing in, claiming, ending; sample_list.c reading; sample_remove.c deleting, retention;
 * sample_work.c a worker's thread; sample_result.c what is kept of an analysis; sample_seen.c the
 * journal; sample_offer.c indicators. */
#ifndef HN_SAMPLE_SAMPLE_INTERNAL_H
#define HN_SAMPLE_SAMPLE_INTERNAL_H

#include "sample/sample.h"

#include "protect/protect.h"
#include "report/report.h"

#include <pthread.h>
#include <stdatomic.h>

#define SAMPLE_PATH_MAX  4096
#define SAMPLE_ARENA_MAX ((size_t)256 << 20)

struct sample_lane {
    struct samples *samples;
    struct analyze_worker *worker; /* NULL: it is gone */
    uint64_t generation;           /* of its rules */
    unsigned deaths;               /* of workers, one after the other */
    struct db *db;
    struct judge_set *set; /* that the judge is over */
    struct analyze_judge *judge;
    pthread_t thread;
};

struct sample_workers {
    struct sample_workers_options options;
    pthread_mutex_t lock; /* of the nursery */
    struct analyze_nursery *nursery;
    uint64_t left_out;               /* files of rules */
    atomic_uint_fast64_t generation; /* how often rules were compiled */
};

struct samples {
    struct sample_options options;
    char dir[SAMPLE_PATH_MAX];
    struct vault *vault;
    /* From putting a file to naming it in a row, and from removing the row to removing the file. */
    pthread_mutex_t files_lock;
    pthread_mutex_t lock; /* of waiting */
    pthread_cond_t woken;
    atomic_bool ending;
    struct sample_lane lanes[SAMPLE_WORKERS_MAX];
    uint32_t started;
    atomic_uint_fast64_t alive;
    atomic_uint_fast64_t submitted;
    atomic_uint_fast64_t analysed;
    atomic_uint_fast64_t failed;
    atomic_uint_fast64_t refused;
    atomic_uint_fast64_t by_verdict[4];
    _Atomic hn_time next_expiry; /* of an accepted indicator; HN_TIME_NONE: none */
};

hn_time sample_now(const struct samples *samples);
void sample_tell(const struct samples *samples, bool bad, const char *what, const char *message,
        struct hn_text id);

/* Sleeps, unless the end comes. */
void sample_wait(struct samples *samples, time_t seconds);

/* ---- sample_workers.c ---- */

/* The lane has a worker with the newest rules, which may have to be made. False: there is none;
 * told, and waited for. */
bool sample_lane_ready(struct sample_lane *lane);
/* Its worker is gone, or of no use: told with why; NULL: it has only old rules. */
void sample_lane_drop(struct sample_lane *lane, const char *why, struct hn_text id);

/* ---- sample_queue.c ---- */

/* A name as it is kept: without folders, at most SAMPLE_NAME_BYTES, never empty. */
struct hn_text sample_base_name(struct hn_text name);

/* What a lane works on; a copy. */
struct sample_job {
    int64_t seq;
    char id[SAMPLE_ID_LEN + 1];
    char sha256[VAULT_NAME_LEN + 1];
    char name[SAMPLE_NAME_BYTES + 1];
    char tenant[256];
    struct hn_buf sealed; /* the passwords */
};
/* HN_NOTFOUND: none is waiting. */
HN_MUST_USE enum hn_status sample_claim(
        struct samples *samples, struct db *db, struct sample_job *ret_job, struct hn_err *err);
/* Back to the queue. counted: this try counts, and after too many of them it is given up. */
HN_MUST_USE enum hn_status sample_give_back(
        struct samples *samples, struct db *db, int64_t seq, bool counted, struct hn_err *err);
HN_MUST_USE enum hn_status sample_give_up(
        struct samples *samples, struct db *db, int64_t seq, const char *why, struct hn_err *err);
/* At the start. */
HN_MUST_USE enum hn_status sample_put_back(struct db *db, hn_time now, struct hn_err *err);

/* ---- sample_work.c ---- */

void *sample_work(void *ctx); /* a struct sample_lane */

/* ---- sample_result.c ---- */

struct sample_result {
    struct analyze_sample sample;
    struct analyze_verdict verdict;
    struct hn_arena arena;
    struct protect_list indicators;
    struct report_sightings sightings;
    bool looked; /* into the journal */
};
/* Files and rows, in one transaction: all of it or nothing. */
HN_MUST_USE enum hn_status sample_keep(struct samples *samples, struct db *db,
        const struct sample_job *job, const struct sample_result *result, struct hn_err *err);

/* ---- sample_seen.c ---- */

/* Fills sightings; texts are in the result's arena. */
HN_MUST_USE enum hn_status sample_look(struct samples *samples, const struct sample_job *job,
        struct sample_result *result, struct hn_err *err);

/* ---- sample_verdict.c ---- */

/* The event about a verdict, where it is one that others should know of. */
HN_MUST_USE enum hn_status sample_tell_verdict(struct samples *samples,
        const struct sample_job *job, const struct sample_result *result, struct hn_err *err);

/* ---- sample_remove.c ---- */

/* Files that no row names. */
HN_MUST_USE enum hn_status sample_sweep(struct samples *samples, struct db *db, struct hn_err *err);

/* ---- sample_offer.c ---- */

/* Inside a transaction. */
HN_MUST_USE enum hn_status sample_offer(struct samples *samples, struct db *db,
        const struct sample_job *job, const struct sample_result *result, struct hn_err *err);
/* The indicator's type as lists of indicators have it; NULL: they have no such thing. */
const char *sample_indicator_type(const struct protect_indicator *one);
HN_MUST_USE enum hn_status sample_write_accepted(
        struct samples *samples, struct db *db, struct hn_err *err);

#endif
