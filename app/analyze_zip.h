/* analyze_zip.h - what is in samples, in one zip with the password "infected": as people pass
 * malware on, so that no scanner deletes it and no click starts it.
 *
 * Errors are shown to the user here; functions return an exit code. */
#ifndef HN_APP_ANALYZE_ZIP_H
#define HN_APP_ANALYZE_ZIP_H

#include "app/analyze_run.h"
#include "base/attr.h"

struct analyze_zip;

/* Makes the file, mode 0600; one that is there is replaced. NULL: shown. */
struct analyze_zip *analyze_zip_open(const char *path);
/* Every object below the sample as <sha256>, each once in the archive. */
HN_MUST_USE int analyze_zip_add(struct analyze_zip *zip, const struct analyze_result *result);
/* NULL is fine. A file that could not be written whole is removed. */
HN_MUST_USE int analyze_zip_end(struct analyze_zip *zip);

#endif
