/* wait.h - waiting on a condition for some time, whatever happens to the clock on the wall.
 *
 * A deadline on the wall clock lies an hour away when that clock is set back by an hour; these do
 * not. A condition made by hn_cond_init() takes deadlines of hn_deadline() and no others. */
#ifndef HN_BASE_WAIT_H
#define HN_BASE_WAIT_H

#include "base/attr.h"
#include "base/time.h"

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

HN_INLINE void hn_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;

    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(cond, &attr);
    (void)pthread_condattr_destroy(&attr);
}

/* For pthread_cond_timedwait(): so long from now. */
HN_INLINE struct timespec hn_deadline(hn_time after)
{
    struct timespec at;

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    after += at.tv_nsec;
    at.tv_sec += (time_t)(after / HN_SECOND);
    at.tv_nsec = (long)(after % HN_SECOND);
    return at;
}

/* Whether something that is done every so often is due; also when the clock was set back since. */
HN_INLINE bool hn_is_due(hn_time now, hn_time last, hn_time every)
{
    return now < last || now - last >= every;
}

#endif
