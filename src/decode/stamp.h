/* stamp.h - finds where a time stamp at the start of a line ends, without working out the time.
 *
 * Private to src/decode. Working it out is left to hn_time_parse() and to when somebody asks; here
 * only the shape counts, so that a stamp without a year is found without knowing the year.
 * Concurrency: pure. Memory: the stamp is a view into the line. */
#ifndef HN_DECODE_STAMP_H
#define HN_DECODE_STAMP_H

#include "base/view.h"

#include <stdbool.h>

#define STAMP_LIST(X)                                                                  \
    X(STAMP_BSD)        /* Nov 23 01:02:03, also with a year, fraction, offset */      \
    X(STAMP_ISO)        /* 2026-11-23T01:02:03.456+09:00; the zone may be missing */   \
    X(STAMP_ISO_SPACE)  /* 2026-11-23 01:02:03 */                                      \
    X(STAMP_CTIME)      /* Mon Nov 23 01:02:03 2026 */                                 \
    X(STAMP_FULL)       /* Mon 2026-11-23 01:02:03 JST: the text leaves out the day */ \
    X(STAMP_YEAR_FIRST) /* 2026 Nov 23 01:02:03, see stamp_in_order() */               \
    X(STAMP_EPOCH)      /* 1795400000.123456 */

enum stamp_shape {
#define STAMP_ENUM(name) name,
    STAMP_LIST(STAMP_ENUM)
#undef STAMP_ENUM
};

struct stamp {
    enum stamp_shape shape;
    bool has_zone;
    struct hn_text text;
};

/* Takes a stamp off the front of *rest; false (and nothing taken) when there is none. */
bool stamp_scan(struct hn_text *rest, struct stamp *ret_stamp);

/* Room for the text of STAMP_YEAR_FIRST in the order that hn_time_parse() reads: year behind the
 * day. Returns the length, 0 when it does not fit. */
#define STAMP_TEXT_MAX 64
size_t stamp_in_order(const struct stamp *stamp, char *out);

#endif
