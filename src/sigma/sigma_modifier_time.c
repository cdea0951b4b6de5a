/* sigma_modifier_time.c - minute, hour, day, week, month, year: a part of the time in the field. */
#include "sigma/sigma_modifiers.h"

/* Bounds are the specification's; ISO years have a week 53, which it forgets. */
static bool time_part(const struct modifier_use *use, struct draft_value *value,
        enum sigma_time_part part, uint64_t lowest, uint64_t highest)
{
    if (!value->number.is_integer || value->number.negative || value->number.magnitude < lowest ||
            value->number.magnitude > highest) {
        issue_add(use->w, CODE_MODIFIER_VALUE, value->place, "\"%s\" goes from %llu to %llu",
                use->name, (unsigned long long)lowest, (unsigned long long)highest);
        return false;
    }
    use->item->time_part = part;
    return true;
}

static bool apply_minute(const struct modifier_use *use, struct draft_value *value)
{
    return time_part(use, value, SIGMA_TIME_MINUTE, 0, 59);
}

static bool apply_hour(const struct modifier_use *use, struct draft_value *value)
{
    return time_part(use, value, SIGMA_TIME_HOUR, 0, 23);
}

static bool apply_day(const struct modifier_use *use, struct draft_value *value)
{
    return time_part(use, value, SIGMA_TIME_DAY, 1, 31);
}

static bool apply_week(const struct modifier_use *use, struct draft_value *value)
{
    return time_part(use, value, SIGMA_TIME_WEEK, 1, 53);
}

static bool apply_month(const struct modifier_use *use, struct draft_value *value)
{
    return time_part(use, value, SIGMA_TIME_MONTH, 1, 12);
}

static bool apply_year(const struct modifier_use *use, struct draft_value *value)
{
    return time_part(use, value, SIGMA_TIME_YEAR, 0, 9999);
}

#define TIME_PART(text, fn)                                                               \
    {                                                                                     \
        .name = (text), .takes = TAKES(DRAFT_NUMBER), .wants = "a number without quotes", \
        .first = true, .value = (fn)                                                      \
    }

const struct modifier modifier_minute = TIME_PART("minute", apply_minute);
const struct modifier modifier_hour = TIME_PART("hour", apply_hour);
const struct modifier modifier_day = TIME_PART("day", apply_day);
const struct modifier modifier_week = TIME_PART("week", apply_week);
const struct modifier modifier_month = TIME_PART("month", apply_month);
const struct modifier modifier_year = TIME_PART("year", apply_year);
