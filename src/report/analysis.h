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

#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "protect/protect.h"

/* Something that could not be opened or understood. */
struct report_gap {
    uint32_t object;
    struct hn_text why; /* in the report's language */
};

struct report_analysis {
    const struct protect_case *about; /* with its tree */
    const struct hn_zone *zone;       /* of times shown; NULL: UTC */
    struct hn_text zone_name;
    const struct report_gap *gaps;
    size_t gap_count;
    const struct protect_rules *rules; /* that were written; NULL: none */
};

/* Appends the page. HN_NOMEM; failure shows in out as well. */
HN_MUST_USE enum hn_status report_analysis_write(
        const struct report_analysis *analysis, struct hn_buf *out);

#endif
