/* xlm_fn_date.c - Excel's functions of dates: days since 1899-12-31, with a 29 February 1900 that
 * never was. Of a date that stands there they compute; of the clock they are what the world that is
 * tried says, else unknown. */
#include "xlm/xlm_functions.h"

#include "base/num.h"

#include <math.h>

#define SERIAL_MAX   2958466.0 /* 9999-12-31 and a day */
#define SERIAL_EPOCH 25569     /* 1970-01-01 */

struct date {
    int64_t year;
    int64_t month; /* 1-12 */
    int64_t day;
};

/* Days since 1970-01-01 of the first of a month, which may lie outside of the year. */
static int64_t days_of(int64_t year, int64_t month)
{
    int64_t era;
    int64_t of_era;

    year += (month - 1) / 12;
    month = (month - 1) % 12 + 1;
    if (month < 1) {
        month += 12;
        year--;
    }
    year -= month <= 2; /* years begin in March */
    era = (year >= 0 ? year : year - 399) / 400;
    of_era = year - era * 400;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
           (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 - 719468;
}

static double serial_of(int64_t year, int64_t month, int64_t day)
{
    double serial = (double)(days_of(year, month) + day - 1 + SERIAL_EPOCH);

    return serial < 61.0 ? serial - 1.0 : serial;
}

static struct date date_of(double serial)
{
    int64_t days = (int64_t)floor(serial) - SERIAL_EPOCH + (serial < 60.0);
    int64_t from = days + 719468;
    int64_t era = (from >= 0 ? from : from - 146096) / 146097;
    int64_t of_era = from - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t march = (5 * of_year + 2) / 153;
    struct date date;

    date.day = of_year - (153 * march + 2) / 5 + 1;
    date.month = march < 10 ? march + 3 : march - 9;
    date.year = year + era * 400 + (date.month <= 2);
    return date;
}

static int64_t seconds_of(double serial)
{
    return (int64_t)floor((serial - floor(serial)) * 86400.0 + 0.5) % 86400;
}

static int64_t whole_hours(double serial)
{
    return seconds_of(serial) / 3600;
}

/* ---- Texts ---- */

static bool take_number(struct hn_text *rest, char until, int64_t *ret_number)
{
    size_t end = until != '\0' ? hn_text_find_char(*rest, until, 0) : rest->len;

    if (end == SIZE_MAX || !hn_parse_i64(hn_text_trim(hn_text_sub(*rest, 0, end)), ret_number) ||
            *ret_number < 0 || *ret_number > 9999)
        return false;
    *rest = hn_text_sub(*rest, end + 1, SIZE_MAX);
    return true;
}

/* 2021-03-05, and 3/5/2021 as the United States write it. */
static bool date_of_text(struct hn_text text, double *ret_serial)
{
    bool iso = hn_text_find_char(text, '-', 0) != SIZE_MAX;
    int64_t parts[3];
    struct hn_text rest = hn_text_sub(text, 0, hn_text_find_char(text, ' ', 0));

    for (int i = 0; i < 3; i++)
        if (!take_number(&rest, i == 2 ? '\0' : iso ? '-' : '/', &parts[i]))
            return false;
    *ret_serial =
            iso ? serial_of(parts[0], parts[1], parts[2]) : serial_of(parts[2], parts[0], parts[1]);
    return true;
}

static bool time_of_text(struct hn_text text, double *ret_serial)
{
    int64_t hours;
    int64_t minutes;
    int64_t seconds = 0;

    if (!take_number(&text, ':', &hours))
        return false;
    if (take_number(&text, ':', &minutes)) {
        if (!take_number(&text, '\0', &seconds))
            return false;
    } else if (!take_number(&text, '\0', &minutes)) {
        return false;
    }
    *ret_serial = (double)(hours * 3600 + minutes * 60 + seconds) / 86400.0;
    return true;
}

static void add_month(struct hn_buf *out, int64_t month, size_t letters)
{
    static const char *const names[] = { "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December" };

    hn_buf_add_text(out, hn_text_sub(hn_text_cstr(names[month - 1]), 0, letters == 3 ? 3 : 9));
}

static void add_weekday(struct hn_buf *out, double serial, size_t letters)
{
    static const char *const names[] = { "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday",
        "Thursday", "Friday" };
    int64_t day = (int64_t)floor(serial) % 7;

    hn_buf_add_text(out, hn_text_sub(hn_text_cstr(names[day]), 0, letters == 3 ? 3 : 9));
}

static void add_padded(struct hn_buf *out, int64_t number, size_t letters)
{
    if (letters > 1)
        hn_buf_addf(out, "%02d", (int)number);
    else
        hn_buf_add_i64(out, number);
}

static void add_field(struct hn_buf *out, double serial, char letter, size_t letters, bool minutes)
{
    struct date date = date_of(serial);
    int64_t seconds = seconds_of(serial);

    if (letter == 'y' && letters > 2)
        hn_buf_add_i64(out, date.year);
    else if (letter == 'y')
        add_padded(out, date.year % 100, 2);
    else if (letter == 'm' && minutes)
        add_padded(out, seconds / 60 % 60, letters);
    else if (letter == 'm' && letters > 2)
        add_month(out, date.month, letters);
    else if (letter == 'm')
        add_padded(out, date.month, letters);
    else if (letter == 'd' && letters > 2)
        add_weekday(out, serial, letters);
    else if (letter == 'd')
        add_padded(out, date.day, letters);
    else if (letter == 'h')
        add_padded(out, seconds / 3600, letters);
    else
        add_padded(out, seconds % 60, letters);
}

bool xl_date_text(double serial, struct hn_text format, struct hn_buf *out)
{
    static const struct hn_text letters = HN_TEXT_INIT("ymdhs");
    bool found = false;
    bool time = false;
    size_t i = 0;

    if (serial < 0.0 || serial >= SERIAL_MAX || isnan(serial))
        return false;
    for (i = 0; i < format.len; i++) {
        char c = (char)(format.ptr[i] | 0x20);

        if (hn_text_find_char(letters, c, 0) != SIZE_MAX)
            found = true;
        else if (hn_text_find_char(HN_TEXT("-/:. ,"), format.ptr[i], 0) == SIZE_MAX)
            return false;
    }
    for (i = 0; found && i < format.len;) {
        char c = (char)(format.ptr[i] | 0x20);
        size_t run = 1;

        if (hn_text_find_char(letters, c, 0) == SIZE_MAX) {
            hn_buf_add_char(out, format.ptr[i++]);
            continue;
        }
        while (i + run < format.len && (format.ptr[i + run] | 0x20) == c)
            run++;
        add_field(out, serial, c, run, time);
        time = c == 'h' || (time && c == 'm');
        i += run;
    }
    return found;
}

/* ---- Parts of a date ---- */

enum part { PART_YEAR, PART_MONTH, PART_DAY, PART_WEEKDAY, PART_HOUR, PART_MINUTE, PART_SECOND };

static double weekday_of(struct xl *ev, const struct xl_call *call, double serial)
{
    double type = xl_arg_number(ev, call, 1, 1.0);
    int64_t day = ((int64_t)floor(serial) + 6) % 7; /* Sunday is 0 */

    if (type == 2.0)
        return (double)((day + 6) % 7 + 1);
    if (type == 3.0)
        return (double)((day + 6) % 7);
    return (double)(day + 1);
}

static double part_of(struct xl *ev, const struct xl_call *call, double serial, enum part part)
{
    struct date date = date_of(serial);

    switch (part) {
    case PART_YEAR:
        return (double)date.year;
    case PART_MONTH:
        return serial < 1.0 ? 1.0 : (double)date.month;
    case PART_DAY:
        return serial < 1.0 ? 0.0 : (double)date.day;
    case PART_WEEKDAY:
        return weekday_of(ev, call, serial);
    case PART_HOUR:
        return (double)whole_hours(serial);
    case PART_MINUTE:
        return (double)(seconds_of(serial) / 60 % 60);
    case PART_SECOND:
        break;
    }
    return (double)(seconds_of(serial) % 60);
}

static struct xl_value ask(
        struct xl *ev, const struct xl_call *call, enum part part, enum xl_clock clock)
{
    struct xl_value value = xl_arg_plain(ev, call, 0);
    double serial;

    if (value.kind == XL_TEXT && !xl_is_unknown(value) &&
            (date_of_text(xl_flat(ev, value), &serial) ||
                    time_of_text(xl_flat(ev, value), &serial)))
        value = xl_number(serial);
    if (!xl_is_unknown(value)) {
        if (!xl_to_number(ev, value, &serial))
            return xl_cannot(ev, value, call->name);
        if (serial < 0.0 || serial >= SERIAL_MAX || isnan(serial))
            return xl_error("#NUM!");
        return xl_number(part_of(ev, call, serial, part));
    }
    ev->asked[clock] |= clock != XL_CLOCK_NONE;
    if (ev->world != 0 && clock != XL_CLOCK_NONE && ev->clock == clock)
        return xl_number(ev->clock_value);
    return xl_unknown(ev, "%s", call->name);
}

#define PART(name, part, clock)                                     \
    struct xl_value name(struct xl *ev, const struct xl_call *call) \
    {                                                               \
        return ask(ev, call, part, clock);                          \
    }

PART(xl_fn_year, PART_YEAR, XL_CLOCK_NONE)
PART(xl_fn_month, PART_MONTH, XL_CLOCK_MONTH)
PART(xl_fn_day, PART_DAY, XL_CLOCK_DAY)
PART(xl_fn_weekday, PART_WEEKDAY, XL_CLOCK_WEEKDAY)
PART(xl_fn_hour, PART_HOUR, XL_CLOCK_HOUR)
PART(xl_fn_minute, PART_MINUTE, XL_CLOCK_NONE)
PART(xl_fn_second, PART_SECOND, XL_CLOCK_NONE)

/* ---- Making dates ---- */

/* Three whole numbers; false: *ret_value is what the function gives. */
static bool three(
        struct xl *ev, const struct xl_call *call, int64_t numbers[3], struct xl_value *ret_value)
{
    for (uint32_t i = 0; i < 3; i++) {
        struct xl_value value = xl_arg_plain(ev, call, i);
        double number = 0.0;

        if (value.kind != XL_BLANK && value.kind != XL_MISSING &&
                !xl_to_number(ev, value, &number)) {
            *ret_value = xl_cannot(ev, value, call->name);
            return false;
        }
        if (!(fabs(number) < 1e7)) {
            *ret_value = xl_error("#NUM!");
            return false;
        }
        numbers[i] = (int64_t)floor(number);
    }
    return true;
}

static struct xl_value checked(double serial)
{
    return serial >= 0.0 && serial < SERIAL_MAX ? xl_number(serial) : xl_error("#NUM!");
}

struct xl_value xl_fn_date(struct xl *ev, const struct xl_call *call)
{
    int64_t numbers[3];
    struct xl_value value;

    if (!three(ev, call, numbers, &value))
        return value;
    return checked(
            serial_of(numbers[0] < 1900 ? numbers[0] + 1900 : numbers[0], numbers[1], numbers[2]));
}

struct xl_value xl_fn_time(struct xl *ev, const struct xl_call *call)
{
    int64_t numbers[3];
    struct xl_value value;
    int64_t seconds;

    if (!three(ev, call, numbers, &value))
        return value;
    seconds = numbers[0] * 3600 + numbers[1] * 60 + numbers[2];
    return seconds < 0 ? xl_error("#NUM!") : xl_number((double)(seconds % 86400) / 86400.0);
}

static struct xl_value of_text(struct xl *ev, const struct xl_call *call,
        bool (*read)(struct hn_text text, double *ret_serial))
{
    struct xl_value value = xl_arg_plain(ev, call, 0);
    double serial;

    if (value.kind != XL_TEXT || xl_is_unknown(value))
        return xl_cannot(ev, value, call->name);
    return read(hn_text_trim(xl_flat(ev, value)), &serial) ? checked(serial) : xl_error("#VALUE!");
}

struct xl_value xl_fn_datevalue(struct xl *ev, const struct xl_call *call)
{
    return of_text(ev, call, date_of_text);
}

struct xl_value xl_fn_timevalue(struct xl *ev, const struct xl_call *call)
{
    return of_text(ev, call, time_of_text);
}

/* A date so many months later; at the end of the month where `end` says so. */
static struct xl_value months_later(struct xl *ev, const struct xl_call *call, bool end)
{
    struct xl_value value = xl_arg_plain(ev, call, 0);
    double serial;
    double months = xl_arg_number(ev, call, 1, 0.0);
    struct date date;
    double last;
    double made;

    if (!xl_to_number(ev, value, &serial) || xl_is_unknown(xl_arg_plain(ev, call, 1)))
        return xl_cannot(ev, value, call->name);
    if (serial < 0.0 || serial >= SERIAL_MAX || !(fabs(months) < 1e6))
        return xl_error("#NUM!");
    date = date_of(serial);
    last = serial_of(date.year, date.month + (int64_t)months + 1, 1) - 1.0;
    made = serial_of(date.year, date.month + (int64_t)months, date.day);
    return checked(end || made > last ? last : made);
}

struct xl_value xl_fn_edate(struct xl *ev, const struct xl_call *call)
{
    return months_later(ev, call, false);
}

struct xl_value xl_fn_eomonth(struct xl *ev, const struct xl_call *call)
{
    return months_later(ev, call, true);
}

struct xl_value xl_fn_days(struct xl *ev, const struct xl_call *call)
{
    return xl_binary(ev, '-', xl_arg_plain(ev, call, 0), xl_arg_plain(ev, call, 1));
}
