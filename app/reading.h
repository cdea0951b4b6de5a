/* reading.h - what every command that reads logs shows and minds while it reads: progress, damaged
 * and unreadable inputs, Ctrl-C, the exit code.
 *
 *     reading_begin(&reading, &settings.pipeline);
 *     status = scan_pipeline_run(&settings.pipeline, &job, &totals, &err);
 *     code = reading_end(&reading, status, &err);
 *
 * Concurrency: one reading per process at a time, since signals and terminal are the process's. */
#ifndef HN_APP_READING_H
#define HN_APP_READING_H

#include "app/progress.h"
#include "base/attr.h"
#include "scan/scan.h"

#include <stdbool.h>
#include <stdio.h>

struct reading {
    struct progress progress;
    unsigned findings_shown;
    uint32_t entry_shown;  /* number of the input whose findings came last, plus 1 */
    uint32_t kinds_shown;  /* of its findings, as bits */
    struct hn_buf waiting; /* output that is not written yet */
    int output_errno;      /* why the output failed; 0: it did not */
    double started;
    double seconds; /* how long it took; set by reading_end() */
};

/* Catches SIGINT and SIGTERM, gives the pipeline its flag to stop by and its progress bar. */
void reading_begin(struct reading *reading, struct scan_pipeline_options *pipeline);

/* For scan_job.on_problem, and for the findings that a result has kept. */
void reading_problem(struct reading *reading, struct hn_text name, enum hn_status status,
        enum hn_finding_kind kind, struct hn_text message);
/* Of what is lost, the first of each kind in an input is told; the others, and what was gained from
 * remains, are only counted. */
void reading_finding(
        struct reading *reading, const struct scan_entry *entry, const struct hn_finding *finding);
void reading_findings(struct reading *reading, const struct scan_result *result);

/* Writes results and remembers the first failure. False: it is of no use to go on. Many texts are
 * written in one call and none in two, so that a program that is killed hardly ever leaves half a
 * line (the kernel may end a call at a page); nobody else may write to file before the flush. */
bool reading_write(struct reading *reading, FILE *file, struct hn_text text);
bool reading_flush(struct reading *reading, FILE *file);

/* EXIT_FINE, or EXIT_IO after saying why the output failed. A reader that has gone away (a closed
 * pipe) had enough and needs no message. For output behind reading_end(). */
HN_MUST_USE int reading_output_code(const struct reading *reading);

/* Says what went wrong, if anything. EXIT_FINE, EXIT_PARTIAL after Ctrl-C, EXIT_IO. */
HN_MUST_USE int reading_end(
        struct reading *reading, enum hn_status status, const struct hn_err *err);

/* EXIT_PARTIAL when something could not be read or decoded. Files that are no logs are passed over
 * without it, unless there was nothing else. */
int reading_exit_code(const struct scan_totals *totals);

#endif
