/* stamp.c - the shapes of time stamps in front of log lines; see stamp.h. */
#include "decode/stamp.h"

#include "decode/scan.h"

static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char day_names[] = "SunMonTueWedThuFriSat";

/* Takes one of the three-letter names. */
static bool scan_name(struct hn_text *rest, const char *names)
{
    if (rest->len < 3)
        return false;
    for (; *names != '\0'; names += 3) {
        if (memcmp(rest->ptr, names, 3) == 0) {
            scan_skip(rest, 3);
            return true;
        }
    }
    return false;
}

/* Between min and max digits, and no more digits behind them. */
static bool scan_number(struct hn_text *rest, size_t min, size_t max)
{
    size_t count = text_digits(*rest);

    if (count < min || count > max)
        return false;
    scan_skip(rest, count);
    return true;
}

static bool scan_gap(struct hn_text *rest)
{
    if (!scan_char(rest, ' '))
        return false;
    scan_spaces(rest);
    return true;
}

/* hh:mm:ss with an optional fraction */
static bool scan_clock(struct hn_text *rest)
{
    if (!scan_number(rest, 1, 2) || !scan_char(rest, ':') || !scan_number(rest, 2, 2) ||
            !scan_char(rest, ':') || !scan_number(rest, 2, 2))
        return false;
    if ((text_at(*rest, 0) == '.' || text_at(*rest, 0) == ',') &&
            char_is_digit(text_at(*rest, 1))) {
        scan_skip(rest, 1);
        (void)scan_digits(rest);
    }
    return true;
}

/* Z, +09:00 or +0900, directly behind the clock */
static bool scan_offset(struct hn_text *rest)
{
    struct hn_text at = *rest;

    if (scan_char(&at, 'Z') && !char_is_word(text_at(at, 0))) {
        *rest = at;
        return true;
    }
    at = *rest;
    if (!scan_char(&at, '+') && !scan_char(&at, '-'))
        return false;
    if (scan_number(&at, 4, 4) ||
            (scan_number(&at, 2, 2) && scan_char(&at, ':') && scan_number(&at, 2, 2))) {
        *rest = at;
        return true;
    }
    return false;
}

static bool scan_zone_name(struct hn_text *rest)
{
    size_t len = 0;

    while (char_is_upper(text_at(*rest, len)))
        len++;
    if (len < 1 || len > 5 || char_is_word(text_at(*rest, len)))
        return false;
    scan_skip(rest, len);
    return true;
}

/* Nov 23 [2026 ]01:02:03[.456][+09:00] */
static bool scan_bsd(struct hn_text *rest, bool *ret_zone)
{
    struct hn_text year;

    if (!scan_name(rest, month_names) || !scan_gap(rest) || !scan_number(rest, 1, 2) ||
            !scan_gap(rest))
        return false;
    year = *rest;
    if (scan_number(&year, 4, 4) && (scan_gap(&year) || scan_char(&year, ':')))
        *rest = year;
    if (!scan_clock(rest))
        return false;
    *ret_zone = scan_offset(rest);
    return true;
}

/* H3C writes the year behind the clock: "Nov 23 01:02:03 2026 host". */
static void scan_year_behind(struct hn_text *rest)
{
    struct hn_text at = *rest;

    if (scan_gap(&at) && (text_at(at, 0) == '1' || text_at(at, 0) == '2') &&
            scan_number(&at, 4, 4) && text_at(at, 0) == ' ')
        *rest = at;
}

static bool scan_iso(struct hn_text *rest, struct stamp *stamp)
{
    if (!scan_number(rest, 4, 4) || !scan_char(rest, '-') || !scan_number(rest, 2, 2) ||
            !scan_char(rest, '-') || !scan_number(rest, 2, 2))
        return false;
    stamp->shape = text_at(*rest, 0) == 'T' ? STAMP_ISO : STAMP_ISO_SPACE;
    if ((!scan_char(rest, 'T') && !scan_char(rest, ' ')) || !scan_clock(rest))
        return false;
    stamp->has_zone = scan_offset(rest);
    return true;
}

/* What follows the name of the day: a date as in ctime(3), or as journalctl -o short-full has it.
 * *text moves to where the stamp starts that hn_time_parse() understands. */
static bool scan_behind_day(struct hn_text *rest, struct stamp *stamp, struct hn_text *text)
{
    struct hn_text zone;

    if (!scan_gap(rest))
        return false;
    if (!char_is_digit(text_at(*rest, 0))) {
        stamp->shape = STAMP_CTIME;
        if (!scan_bsd(rest, &stamp->has_zone) || !scan_gap(rest))
            return false;
        zone = *rest;
        if (scan_zone_name(&zone) && scan_gap(&zone))
            *rest = zone;
        return scan_number(rest, 4, 4);
    }
    *text = *rest;
    if (!scan_iso(rest, stamp) || stamp->shape != STAMP_ISO_SPACE)
        return false;
    stamp->shape = STAMP_FULL;
    zone = *rest;
    stamp->has_zone = stamp->has_zone || (scan_gap(&zone) && scan_zone_name(&zone));
    if (!stamp->has_zone)
        return false;
    *rest = zone.ptr > rest->ptr ? zone : *rest;
    return true;
}

static bool scan_year_first(struct hn_text *rest, struct stamp *stamp)
{
    stamp->shape = STAMP_YEAR_FIRST;
    return scan_number(rest, 4, 4) && scan_gap(rest) && scan_bsd(rest, &stamp->has_zone);
}

static bool scan_epoch(struct hn_text *rest, struct stamp *stamp)
{
    stamp->shape = STAMP_EPOCH;
    stamp->has_zone = true;
    return scan_number(rest, 10, 10) && scan_char(rest, '.') && scan_number(rest, 6, 6);
}

bool stamp_scan(struct hn_text *rest, struct stamp *ret_stamp)
{
    struct hn_text at = *rest;
    struct hn_text text = *rest;
    struct stamp stamp = { .shape = STAMP_BSD };
    bool found;

    if (text_digits(at) == 10)
        found = scan_epoch(&at, &stamp);
    else if (text_digits(at) == 4 && text_at(at, 4) == ' ')
        found = scan_year_first(&at, &stamp);
    else if (text_digits(at) == 4)
        found = scan_iso(&at, &stamp);
    else if (scan_name(&at, day_names))
        found = scan_behind_day(&at, &stamp, &text);
    else
        found = scan_bsd(&at, &stamp.has_zone);
    if (!found)
        return false;
    if (stamp.shape == STAMP_BSD)
        scan_year_behind(&at);
    stamp.text = hn_text_of(text.ptr, (size_t)(at.ptr - text.ptr));
    *ret_stamp = stamp;
    *rest = at;
    return true;
}

size_t stamp_in_order(const struct stamp *stamp, char *out)
{
    struct hn_text year = hn_text_sub(stamp->text, 0, 4);
    struct hn_text rest = hn_text_trim(text_from(stamp->text, 4));
    size_t day_end = 3; /* behind the name of the month */
    size_t len = 0;

    while (text_at(rest, day_end) == ' ')
        day_end++;
    while (char_is_digit(text_at(rest, day_end)))
        day_end++;
    if (rest.len + 1 + year.len > STAMP_TEXT_MAX)
        return 0;
    memcpy(out, rest.ptr, day_end);
    len = day_end;
    out[len++] = ' ';
    memcpy(out + len, year.ptr, year.len);
    len += year.len;
    memcpy(out + len, rest.ptr + day_end, rest.len - day_end);
    return len + rest.len - day_end;
}
