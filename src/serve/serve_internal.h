/* serve_internal.h - the parts of the server, and who owns what. */
#ifndef HN_SERVE_SERVE_INTERNAL_H
#define HN_SERVE_SERVE_INTERNAL_H

#include "serve/serve.h"

#include "api/api.h"
#include "auth/auth.h"
#include "engine/engine.h"
#include "follow/follow.h"
#include "http/http.h"
#include "ingest/ingest.h"
#include "intake/intake.h"
#include "journal/journal.h"
#include "output/output.h"
#include "sample/sample.h"
#include "serve/serve_log.h"
#include "serve/serve_metrics.h"
#include "store/store.h"
#include "syslogd/syslogd.h"

#include <pthread.h>
#include <stdatomic.h>

#define SERVE_PATH_MAX 4096

/* ---- serve_commit.c: results of the engine into the store ---- */

struct committer;

/* ---- serve_pool.c: connections to the database, one per thread that needs one at a time ---- */

struct serve_link {
    struct serve_link *next;
    struct store *store;
    struct db *db; /* for accounts and the audit log */
};

struct serve_pool {
    pthread_mutex_t lock;
    struct serve_link *idle;
    struct store_options store;
    char path[SERVE_PATH_MAX];
};

void serve_pool_init(struct serve_pool *pool, const struct store_options *store);
void serve_pool_deinit(struct serve_pool *pool);
/* NULL: the database cannot be opened, which has been logged. */
struct serve_link *serve_pool_take(struct serve_pool *pool);
void serve_pool_give(struct serve_pool *pool, struct serve_link *link);

/* ---- The server ---- */

/* What serve_health.c has seen last; written by the clock's thread. */
struct serve_health {
    bool no_room; /* of the journal, as it was told */
    _Atomic double bytes_used;
    _Atomic double inodes_used;
    atomic_int mark; /* 0, 1 (80 %), 2 (90 %) */
};

struct serve {
    const struct serve_options *options;
    const struct config *config;
    char data[SERVE_PATH_MAX];
    char state[SERVE_PATH_MAX]; /* the engine borrows it */
    int lock_fd;

    struct journal *journal;
    struct journal_reader *reader;
    struct intake *intake;
    uint64_t saved; /* end of the journal when the intake's state was saved last */
    struct auth *auth;
    struct serve_pool pool;
    struct store_sink *sinks;

    struct engine_sets *sets;
    pthread_mutex_t set_lock; /* one reload at a time */
    struct judge_set *set;    /* the newest that was compiled; the journal has been told */
    uint32_t issues;          /* rules and files that it leaves out */
    struct hn_digest stamp;   /* of the files it was made of */
    uint64_t switched;        /* offset of the record that put it in force */
    atomic_uint_fast64_t reloads;
    atomic_uint_fast64_t reloads_failed;

    struct engine *engine;
    bool engine_started;
    struct committer *committer;

    _Atomic(struct output_pool *) outputs; /* the committer runs before they do */

    struct sample_workers *sample_workers; /* NULL: no samples are taken */
    struct samples *samples;
    struct history *history;     /* for samples; the API has its own */
    pthread_mutex_t known_lock;  /* of opened */
    struct serve_opened *opened; /* what samples are held against */
    pthread_mutex_t renew_lock;  /* one renewal at a time; of what follows */
    struct hn_digest yara_stamp; /* of the files that are in force, or were refused last */
    struct hn_digest known_stamp;
    hn_time known_opened;

    struct http_server *http;
    struct ingest *ingest;
    struct api *api;
    atomic_bool api_open;
    /* The numbers of both are read on the HTTP server's threads, while the main one opens and
     * closes them: it writes with the lock, and all others read with it. */
    pthread_mutex_t doors_lock;
    struct syslogd *syslogd;
    struct follow *follow;
    struct serve_doors *doors; /* what syslogd and follow borrow */

    struct serve_health health;
    hn_time started;
    atomic_bool ready;
    atomic_bool ending;
    _Atomic enum hn_status failure; /* what ends the process */
};

hn_time serve_now(void);
/* Something that cannot go on: the process ends with it. */
void serve_fail(struct serve *serve, const char *id, const char *message, const struct hn_err *err);
/* <data>/<name>. False: too long. */
bool serve_path(const struct serve *serve, const char *name, char ret_path[SERVE_PATH_MAX]);

/* ---- serve_commit.c ---- */

HN_MUST_USE enum hn_status serve_committer_new(
        struct serve *serve, struct committer **ret_committer, struct hn_err *err);
/* For engine_options.on_result. Waits while too much is queued. */
bool serve_committer_add(struct committer *committer, const struct engine_result *result);
/* Stores what is queued, and ends. */
void serve_committer_free(struct committer *committer); /* NULL is fine */

struct committer_counters {
    bool failing; /* the last transaction failed, and is tried again */
    uint64_t commits;
    uint64_t alerts;
    uint64_t failures;
    uint64_t queued_bytes;
};
struct committer_counters serve_committer_counters(struct committer *committer);

/* ---- serve_sets.c: what judges ---- */

/* The first set. */
HN_MUST_USE enum hn_status serve_set_first(struct serve *serve, struct hn_err *err);
/* Tells the journal: what comes in from here on is judged by it. */
HN_MUST_USE enum hn_status serve_set_announce(struct serve *serve, struct hn_err *err);
/* Reads the files again and compiles them aside. When that gives another set the journal is told,
 * and it judges what comes behind that record; when it fails, or would leave out more than the one
 * in force does, the old one goes on. */
HN_MUST_USE enum hn_status serve_set_reload(struct serve *serve, struct hn_err *err);
/* The same when the files look changed. */
void serve_set_watch(struct serve *serve);
/* For engine_options.load_set. */
struct judge_set *serve_set_load(void *ctx, struct hn_digest digest, struct hn_err *err);
/* Nobody replays from before oldest any more: sets no longer needed are forgotten. */
void serve_set_prune(struct serve *serve, uint64_t oldest);

/* ---- serve_recall.c: what doors have to know of earlier runs ---- */

/* Makes the intake, with the keys and positions of what is in the journal. */
HN_MUST_USE enum hn_status serve_recall(struct serve *serve, struct hn_err *err);
/* So that the next start reads only what comes behind. Nothing to do: nothing is written. */
void serve_recall_save(struct serve *serve);

/* ---- serve_engine.c ---- */

HN_MUST_USE enum hn_status serve_engine_start(struct serve *serve, struct hn_err *err);
void serve_engine_stop(struct serve *serve);

/* ---- serve_outputs.c: who is told ---- */

HN_MUST_USE enum hn_status serve_outputs_start(struct serve *serve, struct hn_err *err);
void serve_outputs_stop(struct serve *serve);
void serve_outputs_metrics(struct serve *serve, struct serve_metrics *metrics);

/* ---- serve_samples.c: samples that people hand in ---- */

/* Before anything else: warm processes are copies of this one while it is small and has no
 * threads. HN_SYNTAX: a limit of the configuration is none. */
HN_MUST_USE enum hn_status serve_samples_workers(struct serve *serve, struct hn_err *err);
HN_MUST_USE enum hn_status serve_samples_open(struct serve *serve, struct hn_err *err);
/* Waits for what is being looked at. */
void serve_samples_stop(struct serve *serve);
void serve_samples_free(struct serve *serve);
void serve_samples_tidy(struct serve *serve);
void serve_samples_metrics(struct serve *serve, struct serve_metrics *metrics);

/* ---- serve_known.c: what samples are held against besides rules ---- */

HN_MUST_USE enum hn_status serve_known_open(struct serve *serve, struct hn_err *err);
void serve_known_free(struct serve *serve);
/* From any thread. */
void serve_known_look(struct serve *serve, struct dissect *dissect);
/* For sample_workers_options. */
void serve_known_told(void *ctx, struct hn_text told);
/* Reads again what looks changed, or all of it. What cannot be used is logged, and leaves the old
 * in force. From any thread. */
HN_MUST_USE enum hn_status serve_known_renew(struct serve *serve, bool always, struct hn_err *err);

/* ---- serve_doors.c: everything that takes events, by the configuration ---- */

HN_MUST_USE enum hn_status serve_doors_open(struct serve *serve, struct hn_err *err);
void serve_doors_close(struct serve *serve);
void serve_doors_free(struct serve *serve);

/* ---- serve_http.c: the HTTP server, its own routes, who may use them ---- */

HN_MUST_USE enum hn_status serve_http_start(struct serve *serve, struct hn_err *err);
void serve_http_stop(struct serve *serve);
void serve_http_free(struct serve *serve);

/* ---- serve_api.c: accounts, alerts, incidents, events for people and programs ---- */

/* Makes the first account if there is none; before the engine starts, which after a long outage
 * keeps the database busy for longer than anybody waits for it. */
HN_MUST_USE enum hn_status serve_account_first(struct serve *serve, struct hn_err *err);
/* Registers the routes. */
HN_MUST_USE enum hn_status serve_api_open(struct serve *serve, struct hn_err *err);

/* ---- serve_status.c: /metrics ---- */

void serve_metrics_write(struct serve *serve, struct hn_buf *out);

/* ---- serve_health.c: whether it can do its work ---- */

/* Why what is handed in does not become durable or is not judged; NULL when it does and is. */
const char *serve_trouble(struct serve *serve);
/* Once a second: tells what has changed. */
void serve_health_watch(struct serve *serve);
void serve_health_metrics(struct serve *serve, struct serve_metrics *metrics);

/* ---- serve_clock.c: what happens every now and then ---- */

/* Returns when the server is told to end. */
void serve_clock_run(struct serve *serve);

#endif
