/* bench.h - the parts of `hinomi bench`: running programs and measuring them, and making the
 * streams they read.
 *
 * Everything is measured from outside, in processes of its own, so that figures are those of the
 * program that users run and peaks of memory do not mix.
 * Concurrency: one thread. Memory: small on purpose, because what this process holds when it starts
 * another one counts in that one's peak. */
#ifndef HN_APP_BENCH_H
#define HN_APP_BENCH_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a process took. Processor time is that of user and system together. */
struct bench_usage {
    bool ok; /* it ran and ended with one of the statuses for success */
    double wall_s;
    double cpu_s;
    double peak_mb; /* 10^6 bytes */
};

struct bench_command {
    const char *const *argv;   /* NULL-terminated; argv[0] is a path */
    const char *out_path;      /* its standard output is appended; NULL: dropped */
    const char *feed_path;     /* repeated into its standard input, whole lines... */
    uint64_t feed_bytes;       /* ...until so many bytes have gone */
    struct hn_buf *ret_output; /* its standard output instead; may be NULL */
};

/* Runs to the end; nothing of its standard error is shown. hinomi's statuses 1 and 5 (findings,
 * damaged input) count as success. */
struct bench_usage bench_run(const struct bench_command *command);

/* Runs work in a process of its own. */
struct bench_usage bench_fork(bool (*work)(void *ctx), void *ctx);

/* True from the first SIGINT or SIGTERM on; bench_run() then starts nothing any more. */
bool bench_interrupted(void);
void bench_catch_signals(void);

/* The value behind name in lines of "name value"; negative when it is not there. */
double bench_value(struct hn_text output, const char *name);

double bench_median(double *values, size_t count); /* sorts; 0 when there are none */

/* ---- Streams (bench_streams.c); false: the data is not there, or could not be written ---- */

/* The Windows events of data/otrf as JSON lines. */
bool bench_write_otrf(const char *data, const char *path);

/* Process creations of the JSON twins in data/sigma-regression on which some rule of data/sigma
 * fires, one line each, again and again until there are so many. Each repeat has numbers of its own
 * in what varies in real logs (process numbers and GUIDs, times, the record's number). */
bool bench_write_matching(const char *data, const char *path, uint64_t events);

#endif
