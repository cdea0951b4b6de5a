/* serve.h - `hinomi serve`: doors, journal, engine, store and API as one process. The one header of
 * this module, beside serve_log.h and serve_metrics.h.
 *
 *     doors -> intake -> journal -> engine -> committer -> store -> outputs, API
 *
 * A door's client is answered when the journal has made its batch durable. The engine replays the
 * journal from its last snapshot on; the committer stores what it finds, many records in one
 * transaction, and tells the engine how far that has come. docs/decisions/0009-serve.md has the
 * reasons.
 *
 * Life: fill struct serve_options -> serve_run(), which returns when the process is told to end.
 * Threads: the caller's looks after signals and time; each door, the engine, the committer, each
 * output has its own. SIGTERM and SIGINT end it, SIGHUP reads rules and certificates again; they
 * are blocked by serve_run() before any thread is started.
 * Errors: what keeps it from starting is returned; later ones are logged and counted, and what
 * cannot go on (a journal that failed to sync) ends the process with an error, so that the next
 * start reads what is really there. */
#ifndef HN_SERVE_SERVE_H
#define HN_SERVE_SERVE_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/status.h"
#include "config/config.h"
#include "engine/engine.h"
#include "known/known.h"
#include "yarascan/yarascan.h"

#include <stdbool.h>

/* The files of a set of rules, read. */
struct serve_sources {
    struct engine_set_sources set;
    void (*release)(struct serve_sources *sources);
    void *owner; /* the giver's */
};

struct serve_known_wish {
    const char *cache_dir; /* of compiled lists */
    bool strict;           /* HN_SYNTAX where a list or a file of reports cannot be used */
    void (*on_problem)(void *ctx, const char *what, const char *why);
    void *ctx;
};

struct serve_options {
    const struct config *config;
    const char *version;

    /* Reads what the configuration names. *err says which file could not be read. */
    enum hn_status (*gather)(void *ctx, struct serve_sources *ret_sources, struct hn_err *err);
    /* A digest over names, sizes and times of all these files: cheap. */
    struct hn_digest (*stamp)(void *ctx);

    /* What samples are held against; NULL where nothing is. yara() finds and compiles YARA rules,
     * in a process of its own (sample_workers_options); known() opens the rest, and refuses with
     * told problems where strict. The stamps are like stamp(), of the files of each. */
    enum hn_status (*yara)(
            void *ctx, struct yarascan_rules **ret_rules, struct hn_buf *told, struct hn_err *err);
    enum hn_status (*known)(void *ctx, const struct serve_known_wish *wish,
            struct known **ret_known, struct hn_err *err);
    struct hn_digest (*yara_stamp)(void *ctx);
    struct hn_digest (*known_stamp)(void *ctx);
    void *ctx;

    bool end_at_input_end; /* for demos and tests: end when files and pipes have been judged */
};

/* HN_OK: it was told to end, and has stored everything. */
HN_MUST_USE enum hn_status serve_run(const struct serve_options *options, struct hn_err *err);

#endif
