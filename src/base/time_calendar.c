/* time_calendar.c - the Gregorian calendar and RFC 3339 output. */
#include "base/time.h"

/* Days since 1970-01-01 of a civil date; works on eras of 400 years that start on 1 March, so that
 * the leap day is the last of its year. */
static int64_t days_from_civil(int64_t year, int32_t month, int32_t day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t days, struct hn_calendar *ret)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t mp = (5 * day_of_year + 2) / 153;

    ret->day = (int32_t)(day_of_year - (153 * mp + 2) / 5 + 1);
    ret->month = (int32_t)(mp < 10 ? mp + 3 : mp - 9);
    ret->year = (int32_t)(year_of_era + era * 400 + (ret->month <= 2 ? 1 : 0));
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

static int32_t iso_week_of(int64_t days, const struct hn_calendar *c)
{
    int64_t thursday = days - (c->weekday + 6) % 7 + 3; /* the week's year is its Thursday's */
    struct hn_calendar t = { 0 };

    civil_from_days(thursday, &t);
    return (int32_t)((thursday - days_from_civil(t.year, 1, 1)) / 7 + 1);
}

struct hn_calendar hn_calendar_at(hn_time time, int32_t offset_s)
{
    struct hn_calendar c = { 0 };
    int64_t seconds = floor_div(time, HN_SECOND);
    int64_t days;
    int64_t rest;

    c.nanosecond = (int32_t)(time % HN_SECOND);
    if (c.nanosecond < 0) /* not by seconds * HN_SECOND: that is past INT64_MIN in 1677 */
        c.nanosecond += (int32_t)HN_SECOND;
    seconds += offset_s;
    days = floor_div(seconds, 86400);
    rest = seconds - days * 86400;
    civil_from_days(days, &c);
    c.hour = (int32_t)(rest / 3600);
    c.minute = (int32_t)(rest / 60 % 60);
    c.second = (int32_t)(rest % 60);
    c.weekday = (int32_t)(((days + 4) % 7 + 7) % 7);
    c.iso_week = iso_week_of(days, &c);
    return c;
}

static int32_t days_in_month(int32_t year, int32_t month)
{
    static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

hn_time hn_calendar_time(const struct hn_calendar *c, int32_t offset_s)
{
    int64_t seconds;

    if (c->year < 1678 || c->year > 2261 || c->month < 1 || c->month > 12 || c->day < 1 ||
            c->day > days_in_month(c->year, c->month))
        return HN_TIME_NONE;
    if (c->hour < 0 || c->hour > 23 || c->minute < 0 || c->minute > 59 || c->second < 0 ||
            c->second > 60 || c->nanosecond < 0 || c->nanosecond >= HN_SECOND ||
            offset_s < -86400 || offset_s > 86400)
        return HN_TIME_NONE;
    seconds = days_from_civil(c->year, c->month, c->day) * 86400 + (int64_t)c->hour * 3600 +
              (int64_t)c->minute * 60 + c->second - offset_s;
    return seconds * HN_SECOND + c->nanosecond;
}

hn_time hn_time_from_filetime(uint64_t filetime)
{
    /* 11,644,473,600 seconds lie between 1601 and 1970. */
    const uint64_t epoch = UINT64_C(116444736000000000);
    const uint64_t max = epoch + (uint64_t)(INT64_MAX / 100);
    int64_t units;

    if (filetime > max || (filetime < epoch && epoch - filetime > (uint64_t)(INT64_MAX / 100)))
        return HN_TIME_NONE;
    units = (int64_t)(filetime - epoch);
    return units * 100;
}

hn_time hn_time_from_epoch(double value)
{
    int64_t unit;
    int64_t whole;
    int64_t part;

    if (value >= 1e8 && value < 1e10)
        unit = HN_SECOND;
    else if (value >= 1e11 && value < 1e13)
        unit = HN_MILLISECOND;
    else if (value >= 1e14 && value < 1e16)
        unit = 1000;
    else if (value >= 1e17 && value < 9.2e18)
        unit = 1;
    else
        return HN_TIME_NONE;
    /* Whole units stay exact; of the fraction a double of this size holds microseconds. */
    whole = (int64_t)value;
    part = (int64_t)((value - (double)whole) * (double)unit / 1000 + 0.5) * 1000;
    if (__builtin_mul_overflow(whole, unit, &whole) || __builtin_add_overflow(whole, part, &whole))
        return HN_TIME_NONE;
    return whole;
}

/* A number with leading zeros and what stands behind it. By hand, as every alert has stamps. */
static char *put(char *out, int32_t number, int digits, char behind)
{
    for (int i = digits - 1; i >= 0; i--) {
        out[i] = (char)('0' + number % 10);
        number /= 10;
    }
    out[digits] = behind;
    return out + digits + 1;
}

size_t hn_time_write(hn_time time, int32_t offset_s, char *out)
{
    struct hn_calendar c;
    int32_t fraction;
    int digits = 9;
    char *p = out;

    if (time == HN_TIME_NONE)
        return 0;
    c = hn_calendar_at(time, offset_s);
    p = put(p, c.year, 4, '-'); /* years of a 64-bit time have four digits */
    p = put(p, c.month, 2, '-');
    p = put(p, c.day, 2, 'T');
    p = put(p, c.hour, 2, ':');
    p = put(p, c.minute, 2, ':');
    fraction = c.nanosecond;
    while (digits > 0 && fraction % 1000 == 0) {
        fraction /= 1000;
        digits -= 3;
    }
    p = put(p, c.second, 2, digits > 0 ? '.' : 'Z');
    if (digits > 0)
        p = put(p, fraction, digits, 'Z');
    if (offset_s != 0) {
        int32_t magnitude = offset_s < 0 ? -offset_s : offset_s;

        p[-1] = offset_s < 0 ? '-' : '+'; /* in place of Z */
        p = put(p, magnitude / 3600, 2, ':');
        p = put(p, magnitude / 60 % 60, 2, ' ') - 1;
    }
    return (size_t)(p - out);
}

void hn_buf_add_time(struct hn_buf *buf, hn_time time, const struct hn_zone *zone)
{
    char text[HN_TIME_TEXT_MAX];

    hn_buf_add(buf, text, hn_time_write(time, hn_zone_offset_at(zone, time), text));
}
