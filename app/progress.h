/* progress.h - the bar on stderr: share done, rate, time left. Drawn at most ten times a second. */
#ifndef HN_APP_PROGRESS_H
#define HN_APP_PROGRESS_H

#include "scan/scan.h"

#include <stdatomic.h>

struct progress {
    double started;
    double drawn;
    atomic_bool shown; /* warnings clear it from other threads */
};

void progress_init(struct progress *progress);
/* For scan_pipeline_options.on_progress; ctx is the struct progress. */
void progress_draw(void *ctx, const struct scan_progress *now);
void progress_clear(struct progress *progress);

#endif
