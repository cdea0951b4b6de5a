/* analyze_export.h - what protects, out of an analysis: indicators, rules, the page for people.
 *
 * Errors are shown to the user here; functions return an exit code. */
#ifndef HN_APP_ANALYZE_EXPORT_H
#define HN_APP_ANALYZE_EXPORT_H

#include "app/analyze_run.h"
#include "base/attr.h"

#include <stdbool.h>

/* Paths; NULL: not wanted. */
struct analyze_export {
    const char *report; /* HTML */
    const char *iocs;   /* CSV */
    const char *stix;
    const char *misp;
    const char *rules;           /* a folder */
    const char *const *goodware; /* harmless logs on which written rules are tried */
    size_t goodware_count;
    bool reserved; /* see protect_is_usable() */
};

HN_MUST_USE bool analyze_export_wanted(const struct analyze_export *exports);
HN_MUST_USE int analyze_export_write(
        const struct analyze_export *exports, const struct analyze_result *result);

#endif
