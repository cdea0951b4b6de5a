/* scan_report.h - the files that `hinomi scan` writes besides its alerts: the HTML report and the
 * layer for the ATT&CK Navigator.
 *
 * Life: zero-initialise -> scan_report_note() while scanning -> scan_report_write() ->
 * scan_report_deinit(). Concurrency: one thread at a time.
 * Limits: SCAN_REPORT_NOTES_MAX notes; the totals of the scan count all. */
#ifndef HN_APP_SCAN_REPORT_H
#define HN_APP_SCAN_REPORT_H

#include "app/rules_load.h"
#include "app/scan_table.h"
#include "base/arena.h"
#include "report/report.h"
#include "scan/scan.h"

#define SCAN_REPORT_NOTES_MAX 100

struct scan_report {
    const char *report_path;    /* NULL: no report */
    const char *navigator_path; /* NULL: no layer */
    const char *zone_name;      /* as given by --tz; NULL: UTC */
    struct hn_arena arena;
    struct report_note notes[SCAN_REPORT_NOTES_MAX];
    size_t note_count;
};

/* What was wrong with an input, at a place (finding) or as a whole (finding NULL). */
void scan_report_note(struct scan_report *report, struct hn_text name,
        const struct hn_finding *finding, struct hn_text message);

/* What a report needs of a finished scan, besides its numbers. */
struct scan_outcome {
    const struct scan_numbers *numbers;
    struct alert_groups *groups;
    const struct hn_zone *zone;
    const char *const *inputs;
    size_t input_count;
    bool interrupted;
};
/* Writes what was asked for, each file whole or not at all. An exit code; errors are shown. */
HN_MUST_USE int scan_report_write(struct scan_report *report, const struct scan_outcome *outcome);
void scan_report_deinit(struct scan_report *report);

#endif
