/* analysis.h - the result of the analysis of one sample as an HTML file that is read offline: the
 * verdict with its evidence, a picture of what was in the sample, how each indicator came about,
 * the scripts layer by layer, and what to do now.
 *
 * The page runs no script and fetches nothing; its content security policy allows its own style and
 * nothing else. Everything of the sample is escaped text, addresses are defanged.
 * Life: fill struct report_analysis -> report_analysis_write() -> write the buffer to a file.
 * Memory: borrows everything. Limits: the ANALYSIS_*_MAX of analysis_internal.h; what is cut is
 * said in the page. Concurrency: pure. */
#ifndef HN_REPORT_ANALYSIS_H
#define HN_REPORT_ANALYSIS_H

#include "analyze/analyze.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/time.h"
#include "protect/protect.h"

#include <stdbool.h>

/* Something that could not be opened or understood. */
struct report_gap {
    uint32_t object;
    struct hn_text why; /* in the report's language */
};

/* An event of a server's journal with something that was found in the sample. */
struct report_sighting {
    struct hn_text value; /* that is in both */
    struct hn_text time;  /* as the event has it; "": none */
    struct hn_text host;
    struct hn_text user;
    struct hn_text source;
    uint64_t offset; /* of its record in the journal */
    uint64_t index;  /* among the events of that record */
};

struct report_sightings {
    const struct report_sighting *rows; /* newest first */
    size_t count;
    bool complete;   /* all of the journal was looked at */
    hn_time reached; /* receipt of the oldest record that was; HN_TIME_NONE: none was */
    uint64_t events; /* looked at */
};

struct report_analysis {
    const struct protect_case *about; /* with its tree */
    const struct hn_zone *zone;       /* of times shown; NULL: UTC */
    struct hn_text zone_name;
    const struct report_gap *gaps;
    size_t gap_count;
    const struct protect_rules *rules;        /* that were written; NULL: none */
    const struct report_sightings *sightings; /* NULL: nobody looked */
};

/* Appends the page. HN_NOMEM; failure shows in out as well. */
HN_MUST_USE enum hn_status report_analysis_write(
        const struct report_analysis *analysis, struct hn_buf *out);

/* ---- From what src/analyze gives ---- */

struct report_result {
    struct hn_text name;    /* of the sample */
    struct hn_text version; /* of Hinomi */
    hn_time made;
    const struct analyze_sample *sample;
    const struct analyze_verdict *verdict;
    const struct protect_list *indicators;
    const struct report_sightings *sightings; /* NULL: nobody looked */
};
/* One line of JSON: docs/analysis-report.md. Failure shows in out. */
void report_result_json(const struct report_result *result, struct hn_buf *buf);
/* For the writers of src/protect; texts are in the arena, and what finds no room there is left out.
 */
void report_result_case(const struct report_result *result, bool japanese, struct hn_arena *arena,
        struct protect_case *ret_case);
/* rules: that were written; NULL: none. HN_NOMEM; failure shows in out as well. */
HN_MUST_USE enum hn_status report_result_html(const struct report_result *result, bool japanese,
        const struct protect_rules *rules, struct hn_buf *out);

#endif
