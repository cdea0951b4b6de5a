/* analyze_protect.h - what an analysis hands on: its HTML report, its indicators in the forms
 * people exchange, and rules that were tried.
 *
 * With several samples, files are written per sample: "r.html" becomes "r-<start of its
 * SHA-256>.html". Errors are shown to the user here; functions return an exit code. */
#ifndef HN_APP_ANALYZE_PROTECT_H
#define HN_APP_ANALYZE_PROTECT_H

#include "app/analyze_run.h"
#include "base/attr.h"

struct analyze_exports {
    const char *report; /* files; NULL: not wanted */
    const char *iocs;
    const char *stix;
    const char *misp;
    const char *rules;           /* folder */
    const char *const *goodware; /* logs in which nothing happened; none: the shipped ones */
    size_t goodware_count;
    bool several; /* samples */
    bool reserved;
};

/* Whether anything is wanted. */
bool analyze_exports_any(const struct analyze_exports *exports);
HN_MUST_USE int analyze_exports_write(
        const struct analyze_exports *exports, const struct analyze_result *result);

#endif
