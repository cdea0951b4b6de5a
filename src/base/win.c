/* win.c - Windows binary values as text. Plain digit writers: this is on the hot path of dumping.
 */
#include "base/win.h"

#include "base/num.h"
#include "base/reader.h"
#include "base/time.h"

static const char digits[] = "0123456789ABCDEF";

/* Hex digits of bytes first, first + step, ... */
static char *hex(char *out, const uint8_t *first, int count, int step)
{
    for (; count > 0; count--, first += step) {
        *out++ = digits[*first >> 4];
        *out++ = digits[*first & 15];
    }
    return out;
}

size_t hn_guid_write(const uint8_t *guid, char *out)
{
    char *p = out;

    *p++ = '{';
    p = hex(p, guid + 3, 4, -1); /* the first three parts are little-endian numbers */
    *p++ = '-';
    p = hex(p, guid + 5, 2, -1);
    *p++ = '-';
    p = hex(p, guid + 7, 2, -1);
    *p++ = '-';
    p = hex(p, guid + 8, 2, 1);
    *p++ = '-';
    p = hex(p, guid + 10, 6, 1);
    *p++ = '}';
    return (size_t)(p - out);
}

/* ---- SID ---- */

size_t hn_sid_len(struct hn_bytes bytes)
{
    size_t len = bytes.len < 8 ? 0 : 8 + (size_t)bytes.ptr[1] * 4;

    return len <= bytes.len ? len : 0;
}

size_t hn_sid_write(struct hn_bytes sid, char *out)
{
    const uint8_t *p = sid.ptr;
    char *to = out;

    if (hn_sid_len(sid) == 0)
        return 0;
    *to++ = 'S';
    *to++ = '-';
    to += hn_u64_write(p[0], to);
    *to++ = '-';
    if (p[2] != 0 || p[3] != 0) {
        *to++ = '0';
        *to++ = 'x';
        to = hex(to, p + 2, 6, 1);
    } else {
        to += hn_u64_write(
                (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 | (uint64_t)p[6] << 8 | p[7], to);
    }
    for (size_t i = 0; i < p[1]; i++) {
        *to++ = '-';
        to += hn_u64_write(hn_load_u32(p + 8 + i * 4), to);
    }
    return (size_t)(to - out);
}

/* ---- Times ---- */

/* At least min digits. */
static char *number(char *out, uint64_t value, size_t min)
{
    char text[HN_U64_DIGITS_MAX];
    size_t len = hn_u64_write(value, text);

    for (; min > len; min--)
        *out++ = '0';
    memcpy(out, text, len);
    return out + len;
}

static char *two(char *out, uint32_t value)
{
    *out++ = (char)('0' + value / 10);
    *out++ = (char)('0' + value % 10);
    return out;
}

/* Years repeat after 400 of them, 146,097 days. Counted from 1 March 1600, the leap day is the last
 * of its year, and the long century the last of its 400 years. */
static void civil(
        uint64_t days_since_1601, uint64_t *ret_year, uint32_t *ret_month, uint32_t *ret_day)
{
    uint64_t days = days_since_1601 + 306; /* since 1600-03-01 */
    uint64_t era = days / 146097;
    uint32_t day_of_era = (uint32_t)(days % 146097);
    uint32_t year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint32_t mp = (5 * day_of_year + 2) / 153; /* months since March */

    *ret_day = day_of_year - (153 * mp + 2) / 5 + 1;
    *ret_month = mp < 10 ? mp + 3 : mp - 9;
    *ret_year = 1600 + era * 400 + year_of_era + (*ret_month <= 2 ? 1 : 0);
}

size_t hn_filetime_write(uint64_t filetime, char *out)
{
    uint64_t seconds = filetime / 10000000;
    uint32_t units = (uint32_t)(filetime % 10000000);
    uint32_t of_day = (uint32_t)(seconds % 86400);
    uint64_t year;
    uint32_t month;
    uint32_t day;
    char *p = out;

    civil(seconds / 86400, &year, &month, &day);
    p = number(p, year, 4);
    *p++ = '-';
    p = two(p, month);
    *p++ = '-';
    p = two(p, day);
    *p++ = 'T';
    p = two(p, of_day / 3600);
    *p++ = ':';
    p = two(p, of_day / 60 % 60);
    *p++ = ':';
    p = two(p, of_day % 60);
    if (units != 0) {
        *p++ = '.';
        if (units % 10000 == 0)
            p = number(p, units / 10000, 3);
        else if (units % 10 == 0)
            p = number(p, units / 10, 6);
        else
            p = number(p, (uint64_t)units * 100, 9);
    }
    *p++ = 'Z';
    return (size_t)(p - out);
}

size_t hn_systemtime_write(const uint8_t *systemtime, char *out)
{
    uint16_t milliseconds = hn_load_u16(systemtime + 14);
    char *p = out;

    p = number(p, hn_load_u16(systemtime), 4);
    *p++ = '-';
    p = number(p, hn_load_u16(systemtime + 2), 2);
    *p++ = '-';
    p = number(p, hn_load_u16(systemtime + 6), 2); /* the word between is the day of the week */
    *p++ = 'T';
    p = number(p, hn_load_u16(systemtime + 8), 2);
    *p++ = ':';
    p = number(p, hn_load_u16(systemtime + 10), 2);
    *p++ = ':';
    p = number(p, hn_load_u16(systemtime + 12), 2);
    if (milliseconds != 0) {
        *p++ = '.';
        p = number(p, milliseconds, 3);
    }
    *p++ = 'Z';
    return (size_t)(p - out);
}
