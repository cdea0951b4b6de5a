/* analyze_server.h - samples handed to a running server, and what it says of them in the form that
 * analyses made here have: shown, written and exported the same way.
 *
 * The server's tree of contents is read by the reader that believes nothing (dissect_load), so a
 * server that was taken over can lie about a sample, and no more than that. */
#ifndef HN_APP_ANALYZE_SERVER_H
#define HN_APP_ANALYZE_SERVER_H

#include "app/analyze_run.h"
#include "app/remote.h"

struct analyze_server {
    const struct opt_values *values; /* OPT_SERVER_ROWS */
    const char *const *paths;
    size_t path_count;
    const struct hn_text *passwords;
    size_t password_count;
    bool no_wait; /* ids are printed, and nothing else */
    /* As in struct analyze_run_options. */
    void (*on_result)(void *ctx, size_t index, struct analyze_result *result);
    void *ctx;
};

/* A server was named, or the one of this machine. */
bool analyze_server_wanted(const struct opt_values *values);
HN_MUST_USE int analyze_server_files(const struct analyze_server *ask);

/* ---- analyze_told.c: a verdict out of a report ---- */

/* Hits, gaps and what was seen in the journal, out of the server's JSON and for result's tree.
 * Texts are in the result's arena. HN_CORRUPT: it is no report; HN_NOMEM. */
HN_MUST_USE enum hn_status analyze_told_read(
        struct hn_text report, struct analyze_result *result, struct hn_err *err);

#endif
