/* watch_line.h - one alert on one line, and the line below that says how the server is doing. */
#ifndef HN_APP_WATCH_LINE_H
#define HN_APP_WATCH_LINE_H

#include "app/remote_table.h"

/* "10-14 09:42:07  high  #17  HOST  Title": the time of the day in full where there is no terminal.
 */
void watch_line_write(struct hn_text alert, const struct hn_zone *zone, struct hn_arena *arena,
        struct hn_buf *out);

/* What the status said last and before. */
struct watch_status {
    bool known;
    int64_t events;
    int64_t alerts;
    int64_t behind; /* bytes of the journal that are not judged yet */
    int64_t rules;
    double seconds; /* of a clock that only goes on */
    double rate;    /* events a second between the last two */
    double drain;   /* bytes a second by which it catches up; 0: it does not */
};
void watch_status_take(
        struct watch_status *status, struct hn_text json, double seconds, struct hn_arena *arena);
/* connected false: since when in seconds. */
void watch_status_write(const struct watch_status *status, bool connected, double since,
        uint64_t shown, struct hn_buf *out);

#endif
