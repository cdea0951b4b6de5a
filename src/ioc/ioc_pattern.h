/* ioc_pattern.h - STIX patterns (STIX 2.1, part 9), as far as they name indicators. */
#ifndef HN_IOC_IOC_PATTERN_H
#define HN_IOC_IOC_PATTERN_H

#include "ioc/ioc_internal.h"

#define IOC_PATTERN_LEAVES_MAX 4096 /* values compared in one pattern */

/* Takes each value of the pattern that is an indicator by itself: all that stand above it are OR.
 * Those that hold only together with others, or by operators that no indicator has, go into the
 * report, each by itself. False at a failure. */
HN_MUST_USE bool ioc_pattern_take(struct ioc_reading *reading, struct hn_text pattern);

#endif
