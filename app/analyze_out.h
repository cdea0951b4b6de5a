/* analyze_out.h - what an analysis writes into files: reports, children, indicators.
 *
 * Errors are shown to the user here; functions return an exit code. */
#ifndef HN_APP_ANALYZE_OUT_H
#define HN_APP_ANALYZE_OUT_H

#include "app/analyze_run.h"
#include "base/attr.h"

/* One document and its LF. Failure shows in buf. */
void analyze_json(const struct analyze_result *result, struct hn_buf *buf);

/* Every object below the sample as DIR/<sha256>, mode 0600, never under its own name. */
HN_MUST_USE int analyze_extract(const struct analyze_result *result, const char *dir);

#endif
