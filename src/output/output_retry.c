/* output_retry.c - when a row, or an output that is down, is tried again. */
#include "output/output_internal.h"

#include "base/hash.h"

#define DOUBLINGS_MAX 30

hn_time output_retry_wait(uint32_t failures, hn_time max, uint64_t random)
{
    hn_time wait = HN_SECOND;

    for (uint32_t i = 1; i < failures && i < DOUBLINGS_MAX && wait < max; i++)
        wait *= 2;
    if (wait > max)
        wait = max;
    return wait / 2 + (hn_time)(hn_mix64(random) % (uint64_t)(wait / 2 + 1));
}
