/* time_part.c - the minute, hour, ... of a stamp as it is written, in its own offset. */
#include "match/match_internal.h"

bool time_part_of(struct hn_text text, enum sigma_time_part part, int64_t *ret_number)
{
    struct hn_calendar calendar;

    if (!hn_time_parse_reading(text, &calendar))
        return false;
    switch (part) {
    case SIGMA_TIME_MINUTE:
        *ret_number = calendar.minute;
        return true;
    case SIGMA_TIME_HOUR:
        *ret_number = calendar.hour;
        return true;
    case SIGMA_TIME_DAY:
        *ret_number = calendar.day;
        return true;
    case SIGMA_TIME_WEEK:
        *ret_number = calendar.iso_week;
        return true;
    case SIGMA_TIME_MONTH:
        *ret_number = calendar.month;
        return true;
    case SIGMA_TIME_YEAR:
        *ret_number = calendar.year;
        return true;
    case SIGMA_TIME_NONE:
        break;
    }
    return false;
}
