/* alert_timeline.h - how many alerts of each level there were when; private to src/alert.
 *
 * Memory: a table of 2 * ALERT_SPANS_MAX spans, made at the first alert with a time.
 * Concurrency: one thread at a time. */
#ifndef HN_ALERT_ALERT_TIMELINE_H
#define HN_ALERT_ALERT_TIMELINE_H

#include "alert/alert.h"

struct alert_timeline {
    struct alert_span *slots; /* open addressing by start; HN_TIME_NONE: free */
    uint32_t count;
    hn_time width;
    uint64_t timeless;
};

bool alert_timeline_add(struct alert_timeline *timeline, hn_time time, enum sigma_level level);
/* The spans in order of time, in arena; NULL when there are none or memory is short. */
const struct alert_span *alert_timeline_sorted(
        const struct alert_timeline *timeline, struct hn_arena *arena, uint32_t *ret_count);
void alert_timeline_deinit(struct alert_timeline *timeline);

#endif
