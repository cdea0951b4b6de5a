/* api.h - what people and programs ask a running server: alerts, incidents, events, accounts. The
 * one header of this module; docs/api.md explains it for people.
 *
 * docs/openapi.json is the source: it is part of the program, routes are made of it, parameters and
 * bodies are checked by its schemas, and an operation without a handler (or the other way round)
 * keeps the server from starting.
 *
 * Life: api_new() -> api_register() before the HTTP server starts -> requests -> api_stop() before
 * the HTTP server stops -> api_free() after it has.
 * Concurrency: handlers run on the HTTP server's threads; searches of the journal, and streams, on
 * threads of this module's own, which yield to those that judge. Callbacks of the options may be
 * called from all of them. Security: a session's cookie counts only with its CSRF token and from
 * our own origin where something is changed; whoever is of one tenant sees nothing of others; each
 * change has an entry in the audit log. Limits: API_*_MAX. */
#ifndef HN_API_API_H
#define HN_API_API_H

#include "auth/auth.h"
#include "base/attr.h"
#include "base/json_out.h"
#include "base/status.h"
#include "engine/engine.h"
#include "history/history.h"
#include "http/http.h"
#include "intake/intake.h"
#include "journal/journal.h"
#include "sample/sample.h"
#include "store/store.h"

#include <stdbool.h>

#define API_BODY_MAX    ((size_t)1 << 20) /* bytes of a request's body */
#define API_EXPORT_MAX  100000u           /* rows of an export */
#define API_STREAMS_MAX 256u              /* of alerts */
#define API_TAILS_MAX   16u               /* of events */
#define API_SEARCHES    2u                /* searches of the journal at a time */
#define API_QUEUE_MAX   32u               /* searches that wait; more are answered 429 */

/* A pair of connections to the database; one caller's until given back. */
struct api_link {
    struct store *store;
    struct db *db;
    void *owner; /* the giver's */
};

struct api_options {
    const char *version;
    hn_time started;
    struct auth *auth;
    struct journal *journal;
    struct intake *intake;
    struct engine *engine;
    struct samples *samples; /* NULL: none are taken */
    size_t sample_bytes_max;
    bool secure; /* the listener has TLS: cookies are for TLS alone */

    /* False: the database cannot be opened. */
    bool (*take)(void *ctx, struct api_link *ret_link);
    void (*give)(void *ctx, const struct api_link *link);
    hn_time (*now)(void *ctx);
    bool (*ready)(void *ctx);
    /* The set that judges what comes in now: a new reference. */
    struct judge_set *(*set)(void *ctx);
    /* Reads the sources of rules again. */
    enum hn_status (*reload)(void *ctx, struct hn_err *err);
    /* A new entry of the audit log: for a place outside the database. May be NULL. */
    void (*audited)(void *ctx, int64_t seq, struct hn_text hash);
    void *ctx;
};

#define API_COUNTER_LIST(X)                                            \
    X(searches, "searches and contexts answered")                      \
    X(searches_refused, "refused: too many were waiting")              \
    X(searches_cancelled, "ended because the client had gone")         \
    X(searched_bytes, "bytes of the journal decoded for them")         \
    X(searched_events, "events looked at for them")                    \
    X(searched_nanoseconds, "time they took")                          \
    X(tail_events, "events sent to listeners")                         \
    X(tail_dropped, "events not sent: the listener did not take them") \
    X(tail_left_out, "bytes of the journal left out: too far behind")

struct api_counters {
#define API_COUNTER_FIELD(name, text) uint64_t name;
    API_COUNTER_LIST(API_COUNTER_FIELD)
#undef API_COUNTER_FIELD
    uint64_t waiting; /* searches */
    uint64_t tails;
};

struct api;
/* HN_SYNTAX: document and handlers do not fit each other, which is a bug. */
HN_MUST_USE enum hn_status api_new(
        const struct api_options *options, struct api **ret_api, struct hn_err *err);
HN_MUST_USE enum hn_status api_register(
        struct api *api, struct http_server *server, struct hn_err *err);
/* Alerts were stored: streams go on without delay. Any thread, never waits. */
void api_wake(struct api *api);
struct api_counters api_counters(struct api *api);
/* Ends its threads and streams; what still waits is answered. */
void api_stop(struct api *api);
void api_free(struct api *api); /* NULL is fine; stops if need be */

#endif
