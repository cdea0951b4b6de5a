/* output.h - who is told of alerts and incidents: files, webhooks, syslog, mail.
 *
 * The one header of this module; docs/outputs.md is for those who run it. The store writes a row of
 * its outbox for each output in the transaction of the alert; here each output works its rows off
 * in a thread of its own, with a connection of its own, so that one that is dead, slow or hanging
 * delays nobody. A row is told at least once, with the same key at each attempt.
 *
 * Order: rows go out in the order in which they were written, as long as the other side takes
 * them. While it is down nothing overtakes; a row that is refused for the moment (HTTP 500) or that
 * has failed OUTPUT_ATTEMPTS_IN_ORDER times is passed by.
 * Life: output_pool_new() -> output_pool_start() -> output_pool_wake() after each commit ->
 * output_pool_stop() -> output_pool_free().
 * Concurrency: all but _new, _start and _free from any thread.
 * Memory: a batch of rows per output, OUTPUT_BATCH_BYTES and one alert at most.
 * Limits: OUTPUT_*. Secrets are read from files, are never logged, and are wiped at the end. */
#ifndef HN_OUTPUT_OUTPUT_H
#define HN_OUTPUT_OUTPUT_H

#include "base/attr.h"
#include "base/status.h"
#include "base/time.h"
#include "base/view.h"
#include "config/config.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

#define OUTPUT_BATCH_BYTES       ((size_t)1 << 20)
#define OUTPUT_ATTEMPTS_IN_ORDER 20 /* then a row no longer holds up those behind it */
#define OUTPUT_ATTEMPTS_LEAST    3  /* before a row is given up for its age */
#define OUTPUT_ERROR_MAX         256
#define OUTPUT_SECRET_MAX        4096

enum output_event {
    OUTPUT_EVENT_DOWN, /* the first failure after a success; further ones are counted only */
    OUTPUT_EVENT_UP,   /* and the end of it */
    OUTPUT_EVENT_DEAD, /* a row became a dead letter */
    OUTPUT_EVENT_STORE /* the outbox cannot be read or written */
};

/* From the output's thread; message holds no secrets, and what the other side said is escaped. */
typedef void output_on_event(
        void *ctx, struct hn_text output, enum output_event event, const char *message);

struct output_options {
    const struct config_outputs *config; /* borrowed until output_pool_free() */
    const struct store_options *store;   /* the same; sinks are not used */
    output_on_event *on_event;           /* may be NULL */
    void *ctx;
};

struct output_pool;

/* Reads secrets and authorities. HN_SYNTAX, HN_IO: *err names the output and what is wrong. */
HN_MUST_USE enum hn_status output_pool_new(
        const struct output_options *options, struct output_pool **ret_pool, struct hn_err *err);
/* Claims of a process that is gone are given back; a thread for each output. */
HN_MUST_USE enum hn_status output_pool_start(struct output_pool *pool, struct hn_err *err);
/* There may be new rows. Without it they are found within a second. */
void output_pool_wake(struct output_pool *pool); /* NULL is fine */
/* Files are opened again, connections made anew, secrets read again, before the next row. */
void output_pool_reopen(struct output_pool *pool); /* NULL is fine */
/* What waits is told for so long still, by those whose other side takes it; then threads end. */
void output_pool_stop(struct output_pool *pool, hn_time grace); /* NULL is fine */
void output_pool_free(struct output_pool *pool);                /* NULL is fine; stops first */

struct output_counters {
    struct hn_text name;
    uint64_t sent;
    uint64_t failed; /* attempts */
    uint64_t dead;   /* since the start; the store knows all that there are */
};
/* False: there is no such output. */
bool output_pool_counters(
        const struct output_pool *pool, uint32_t index, struct output_counters *ret_counters);

#endif
