/* time.h - points in time as nanoseconds since 1970-01-01T00:00:00Z, from every shape logs use.
 *
 * What a stamp leaves out is filled from struct hn_time_defaults: the zone where it names none
 * (RFC 3164, IIS, NXLog), the year where it has none (RFC 3164).
 * Limits: years 1678 to 2261 (what 63 bits of nanoseconds hold).
 * Concurrency: pure, except hn_zone_load(), which reads a file. */
#ifndef HN_BASE_TIME_H
#define HN_BASE_TIME_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

typedef int64_t hn_time; /* nanoseconds since the epoch, UTC */

#define HN_TIME_NONE   INT64_MIN
#define HN_SECOND      INT64_C(1000000000)
#define HN_MINUTE      (60 * HN_SECOND)
#define HN_HOUR        (60 * HN_MINUTE)
#define HN_DAY         (24 * HN_HOUR)
#define HN_MILLISECOND INT64_C(1000000)

/* Offsets of a zone over time. Immutable once loaded; share freely. */
struct hn_zone;

/* Accepts "UTC", "Z", "local", "JST", "+09:00", "-0530" and names of the system's time zone
 * database ("Asia/Tokyo"). HN_NOTFOUND says what was asked for. */
HN_MUST_USE enum hn_status hn_zone_load(
        struct hn_text name, struct hn_zone **ret_zone, struct hn_err *err);
void hn_zone_free(struct hn_zone *zone); /* NULL is fine */
/* Seconds east of UTC in force at a point in time; NULL is UTC. */
int32_t hn_zone_offset_at(const struct hn_zone *zone, hn_time time);
/* Turns a wall-clock reading (as if it were UTC) into time. In the hour that the clock skips or
 * repeats, the earlier offset holds. */
hn_time hn_zone_to_utc(const struct hn_zone *zone, hn_time wall_clock);

struct hn_time_defaults {
    const struct hn_zone *zone; /* for stamps that name none; NULL is UTC */
    int32_t year;               /* for stamps without a year; 0: such a stamp is refused */
    /* When the stamps were seen; 0: unknown. Then a stamp without a year is of the latest year that
     * does not put it more than a day behind that: what is written on 31 December at midnight and
     * read a moment later is no year ahead. The day is for clocks and zones that are wrong. */
    hn_time seen;
};

/* A calendar reading. month and day count from 1; weekday 0 is Sunday. */
struct hn_calendar {
    int32_t year;
    int32_t month;
    int32_t day;
    int32_t hour;
    int32_t minute;
    int32_t second;
    int32_t nanosecond;
    int32_t weekday;
    int32_t iso_week; /* 1..53, ISO 8601 */
};

/* The reading of a clock offset_s seconds east of UTC. */
struct hn_calendar hn_calendar_at(hn_time time, int32_t offset_s);
/* The other way; HN_TIME_NONE when a field is out of range. weekday and iso_week are not read.
 * A second of 60 is taken as the next minute's 0. */
hn_time hn_calendar_time(const struct hn_calendar *calendar, int32_t offset_s);

/* Parses the whole of text as one stamp, or gives HN_TIME_NONE. The shapes:
 * - ISO 8601 and its relatives: 2026-11-23T01:02:03.456789+09:00, 2026-11-23 01:02:03,456,
 *   2026/11/23 01:02:03, 20261123T010203Z, 20261123010203, 2026-11-23 (midnight)
 * - NCSA: 23/Nov/2026:01:02:03 +0900; RFC 5322: Mon, 23 Nov 2026 01:02:03 +0900
 * - RFC 3164 and Cisco: Nov 23 01:02:03, Nov 23 2026 01:02:03.456 JST, 2026 Nov 23 01:02:03
 * - asctime: Mon Nov 23 01:02:03.456 2026
 * - month first with slashes: 11/23/2026 1:02:03 AM; day first with dots: 23.11.2026 01:02:03
 * - since 1970: 1795400000, 1795400000.123, also in ms, us, ns by size; /Date(1795400000123)/
 * - FILETIME: 0x01dc5c... or decimal */
hn_time hn_time_parse(struct hn_text text, const struct hn_time_defaults *defaults);

/* The same; *ret_offset_s is the offset that the stamp itself names (seconds east of UTC), 0 where
 * it names none: hn_calendar_at() with it gives the reading as it is written. */
hn_time hn_time_parse_zoned(
        struct hn_text text, const struct hn_time_defaults *defaults, int32_t *ret_offset_s);

/* The same for a stamp at the start of text; *ret_len is how many bytes belonged to it. Numbers
 * alone are not taken for stamps here. */
hn_time hn_time_parse_prefix(
        struct hn_text text, const struct hn_time_defaults *defaults, size_t *ret_len);

/* Seconds, milli-, micro- or nanoseconds since 1970 by size of the number (years 1973 to 2261), or
 * HN_TIME_NONE. */
hn_time hn_time_from_epoch(double value);
/* 100-nanosecond units since 1601-01-01 (FILETIME, [MS-DTYP] 2.3.3). */
hn_time hn_time_from_filetime(uint64_t filetime);

/* RFC 3339: 2026-11-23T01:02:03.456789Z, with as many fraction digits (0, 3, 6 or 9) as it takes;
 * offset_s other than 0 gives +09:00. out holds HN_TIME_TEXT_MAX bytes; returns the length. */
#define HN_TIME_TEXT_MAX 40
size_t hn_time_write(hn_time time, int32_t offset_s, char *out);
void hn_buf_add_time(struct hn_buf *buf, hn_time time, const struct hn_zone *zone);

/* A duration as people write it: 90s, 15m, 1h, 2d, 1w; months (M) and years (y) are refused because
 * they have no fixed length. False on anything else. */
bool hn_duration_parse(struct hn_text text, hn_time *ret_duration);

#endif
