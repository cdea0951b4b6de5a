/* test_time.c - every timestamp shape of time.h, the calendar, zones and durations. */
#include "base/mem.h"
#include "base/time.h"
#include "support/check.h"

#include <stdio.h>

/* What a text means, written back as RFC 3339 in UTC; "none" when it is refused. */
static void check_stamp(
        const char *text, const struct hn_time_defaults *defaults, const char *expected, int line)
{
    char out[HN_TIME_TEXT_MAX];
    hn_time time = hn_time_parse(hn_text_cstr(text), defaults);
    struct hn_text wrote =
            time == HN_TIME_NONE ? HN_TEXT("none") : hn_text_of(out, hn_time_write(time, 0, out));

    if (!hn_text_eq(wrote, hn_text_cstr(expected)))
        print_error("'%s' is read as %.*s\n", text, HN_TEXT_ARG(wrote));
    check_text_at(wrote, expected, __FILE__, line);
}

struct stamp {
    const char *text;
    const char *utc;
};

/* Each shape the header lists, with its variants of fraction, separators and zones. */
static void every_shape_is_read(void **state)
{
    static const struct stamp stamps[] = {
        /* ISO 8601 and its relatives */
        { "2026-11-23T01:02:03.456789+09:00", "2026-11-22T16:02:03.456789Z" },
        { "2026-11-23T01:02:03Z", "2026-11-23T01:02:03Z" },
        { "2026-11-23t01:02:03z", "2026-11-23T01:02:03Z" },
        { "2026-11-23 01:02:03,456", "2026-11-23T01:02:03.456Z" },
        { "2026-11-23 01:02:03.384", "2026-11-23T01:02:03.384Z" },
        { "2026-11-23 01:02:03 UTC", "2026-11-23T01:02:03Z" },
        { "2026-11-23 01:02:03 -0530", "2026-11-23T06:32:03Z" },
        { "2026-11-23T01:02:03-05", "2026-11-23T06:02:03Z" },
        { "2026-11-23T01:02:03.123456789Z", "2026-11-23T01:02:03.123456789Z" },
        { "2026-11-23T01:02:03.1234567899999Z", "2026-11-23T01:02:03.123456789Z" },
        { "2026-11-23T01:02:03.1000000Z", "2026-11-23T01:02:03.100Z" },
        { "2026/11/23 01:02:03", "2026-11-23T01:02:03Z" },
        { "2026/1/2 1:02:03", "2026-01-02T01:02:03Z" },
        { "2026.11.23 01:02:03", "2026-11-23T01:02:03Z" },
        { "2026-11-23_01:02:03", "2026-11-23T01:02:03Z" },
        { "2026-11-23T01:02", "2026-11-23T01:02:00Z" },
        { "2026-11-23", "2026-11-23T00:00:00Z" },
        { " 2026-11-23T01:02:03Z\r\n", "2026-11-23T01:02:03Z" },
        { "20261123T010203Z", "2026-11-23T01:02:03Z" },
        { "20261123T010203.5+0900", "2026-11-22T16:02:03.500Z" },
        { "20261123-010203", "2026-11-23T01:02:03Z" },
        { "20261123010203", "2026-11-23T01:02:03Z" },
        { "20261123010203.250Z", "2026-11-23T01:02:03.250Z" },
        /* NCSA, RFC 5322 */
        { "23/Nov/2026:01:02:03 +0900", "2026-11-22T16:02:03Z" },
        { "23/nov/2026:01:02:03", "2026-11-23T01:02:03Z" },
        { "23-Nov-2026 01:02:03", "2026-11-23T01:02:03Z" },
        { "Mon, 23 Nov 2026 01:02:03 +0900", "2026-11-22T16:02:03Z" },
        { "Mon, 23 Nov 2026 01:02:03 GMT", "2026-11-23T01:02:03Z" },
        { "23 Nov 2026 01:02:03 EST", "2026-11-23T06:02:03Z" },
        /* RFC 3164, Cisco, asctime */
        { "Nov 23 01:02:03", "2026-11-23T01:02:03Z" },
        { "Nov  3 01:02:03", "2026-11-03T01:02:03Z" },
        { "Nov 23 2026 01:02:03.456 JST", "2026-11-22T16:02:03.456Z" },
        { "Nov 23 2026 01:02:03", "2026-11-23T01:02:03Z" },
        { "Nov 23 01:02:03 2025", "2025-11-23T01:02:03Z" },
        { "Nov 23, 2026 1:02:03 AM", "2026-11-23T01:02:03Z" },
        { "2026 Nov 23 01:02:03.123", "2026-11-23T01:02:03.123Z" },
        { "2026 Nov  3 01:02:03 UTC", "2026-11-03T01:02:03Z" },
        { "Mon Nov 23 01:02:03 2026", "2026-11-23T01:02:03Z" },
        { "Mon Nov 23 01:02:03.456789 2026", "2026-11-23T01:02:03.456789Z" },
        { "Mon Nov 23 01:02:03 JST 2026", "2026-11-22T16:02:03Z" },
        /* The order of the region */
        { "11/23/2026 1:02:03 AM", "2026-11-23T01:02:03Z" },
        { "11/23/2026 12:02:03 AM", "2026-11-23T00:02:03Z" },
        { "11/23/2026 12:02:03 PM", "2026-11-23T12:02:03Z" },
        { "11/23/2026 1:02:03 pm", "2026-11-23T13:02:03Z" },
        { "11/23/2026 01:02:03", "2026-11-23T01:02:03Z" },
        { "1/2/2026 1:02 AM", "2026-01-02T01:02:00Z" },
        { "11-23-2026 01:02:03", "2026-11-23T01:02:03Z" },
        { "23.11.2026 01:02:03", "2026-11-23T01:02:03Z" },
        { "05.11.2026 01:02:03", "2026-11-05T01:02:03Z" },
        /* Numbers */
        { "1795400000", "2026-11-23T02:13:20Z" },
        { "1795400000.123", "2026-11-23T02:13:20.123Z" },
        { "1795400000.123456789", "2026-11-23T02:13:20.123456789Z" },
        { "1795400000123", "2026-11-23T02:13:20.123Z" },
        { "1795400000123.5", "2026-11-23T02:13:20.123500Z" },
        { "1795400000123456", "2026-11-23T02:13:20.123456Z" },
        { "1795400000123456789", "2026-11-23T02:13:20.123456789Z" },
        { "/Date(1795400000123)/", "2026-11-23T02:13:20.123Z" },
        { "/Date(1795400000123+0900)/", "2026-11-23T02:13:20.123Z" },
        { "/Date(1795400000123-0500)/", "2026-11-23T02:13:20.123Z" },
        { "134398736001230000", "2026-11-23T02:13:20.123Z" },
        { "0x1DD7AF0359D64B0", "2026-11-23T02:13:20.123Z" },
    };
    struct hn_time_defaults defaults = { .year = 2026 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(stamps); i++)
        check_stamp(stamps[i].text, &defaults, stamps[i].utc, __LINE__);
}

/* A FILETIME is the same instant in decimal and hexadecimal, and the limits of both hold. */
static void filetimes(void **state)
{
    struct check_random random = { 8 };
    char text[40];

    (void)state;
    for (int i = 0; i < 10000; i++) {
        uint64_t filetime = UINT64_C(116444736000000000) +
                            check_random_next(&random) % UINT64_C(83555264000000000);
        hn_time expected = hn_time_from_filetime(filetime);

        (void)snprintf(text, sizeof text, "%llu", (unsigned long long)filetime);
        assert_true(hn_time_parse(hn_text_cstr(text), NULL) == expected);
        (void)snprintf(text, sizeof text, "0x%llX", (unsigned long long)filetime);
        assert_true(hn_time_parse(hn_text_cstr(text), NULL) == expected);
    }
    assert_true(hn_time_from_filetime(UINT64_C(116444736000000000)) == 0);
    assert_true(hn_time_from_filetime(UINT64_C(116444736000000001)) == 100);
    assert_true(hn_time_from_filetime(0) == HN_TIME_NONE); /* 1601 is before 1678 */
    assert_true(hn_time_from_filetime(UINT64_MAX) == HN_TIME_NONE);
    assert_true(hn_time_from_filetime(INT64_MAX) == HN_TIME_NONE);
    check_stamp("0x0", NULL, "none", __LINE__);
    check_stamp("0xffffffffffffffff", NULL, "none", __LINE__);
    check_stamp("0x", NULL, "none", __LINE__);
}

/* What is no stamp, or none that exists, is refused: never a guess. */
static void everything_else_is_refused(void **state)
{
    static const char *const bad[] = { "", " ", "x", "now", "-", "0", "12345", "99999999",
        "20000000000", "-1795400000", "1795400000x", "1795400000.", "1795400000.x", "2026",
        "2026-11", "2026-13-01", "2026-00-01", "2026-11-00", "2026-11-31", "2026-02-29",
        "2025-02-29T00:00:00Z", "2100-02-29", "2026-11-23T24:00:00Z", "2026-11-23T01:60:00Z",
        "2026-11-23T01:02:61Z", "2026-11-23T01:02:03+15:00", "2026-11-23T01:02:03+09:60",
        "2026-11-23T01:02:03Zx", "2026-11-23T01:02:03 XYZ", "2026-11-23T", "2026-11-23 x",
        "2026-11/23", "2026-1-23T1:2:3", "Nov 23", "Nov 32 01:02:03", "Foo 23", "Mon, 23", "Mon",
        "Mon, ", "23/Nov/2026", "23/Foo/2026:01:02:03 +0900", "23/11/2026 01:02:03",
        "11/23/26 01:02:03", "13/13/2026 01:02:03", "11/23/2026 13:02:03 PM",
        "11/23/2026 0:02:03 AM", "11/23/2026", "1677-12-31T00:00:00Z", "2262-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "99999999999999", "20261323010203",
        "9999999999999999999999", "/Date()/", "/Date(x)/", "/Date(1795400000123)",
        "2026-11-23T01:02:03.Z", "2026-11-23T01:02:03 +9", "2026-11-23T-1:02:03Z", "2026--11-23",
        "2026 Foo 23 01:02:03", "+2026-11-23T01:02:03Z", "0x123",
        "2026-11-23T01:02:03Z 2026-11-23T01:02:03Z" };
    struct hn_time_defaults defaults = { .year = 2026 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(bad); i++)
        check_stamp(bad[i], &defaults, "none", __LINE__);
    assert_true(hn_time_parse(hn_text_of("2026-11-23\0", 11), NULL) == HN_TIME_NONE);
    check_stamp("Nov 23 01:02:03", NULL, "none", __LINE__); /* no year anywhere */
    check_stamp("Feb 29 01:02:03", &defaults, "none", __LINE__);
    defaults.year = 2028;
    check_stamp("Feb 29 01:02:03", &defaults, "2028-02-29T01:02:03Z", __LINE__);
}

/* No prefix of a stamp of any shape reads past its end or is taken for something else: it is
 * refused or a complete stamp itself. Buffers are exact so that sanitizers see the end. */
static void every_truncation_is_safe(void **state)
{
    static const char *const stamps[] = { "2026-11-23T01:02:03.456789+09:00",
        "Mon, 23 Nov 2026 01:02:03 +0900", "Nov 23 2026 01:02:03.456 JST", "11/23/2026 11:02:03 PM",
        "23/Nov/2026:01:02:03 +0900", "20261123T010203.5Z", "Mon Nov 23 01:02:03.456 2026",
        "/Date(1795400000123+0900)/", "1795400000.123456789", "0x01dd1bb7f5c0c800",
        "2026 Nov 23 01:02:03.123 UTC", "23.11.2026 01:02:03" };
    struct hn_time_defaults defaults = { .year = 2026 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(stamps); i++) {
        for (size_t len = 0; len <= strlen(stamps[i]); len++) {
            char *copy = hn_malloc(len);
            size_t used = SIZE_MAX;

            memcpy(copy, stamps[i], len);
            (void)hn_time_parse(hn_text_of(copy, len), &defaults);
            if (hn_time_parse_prefix(hn_text_of(copy, len), &defaults, &used) != HN_TIME_NONE)
                assert_true(used <= len);
            else
                assert_true(used == SIZE_MAX);
            hn_free(copy);
        }
    }
}

/* A stamp at the start of a line ends where it ends, and what follows is not eaten. */
static void prefixes_end_where_they_end(void **state)
{
    static const struct {
        const char *line;
        const char *rest;
        const char *utc;
    } cases[] = {
        { "Nov 23 01:02:03 host sshd[1]: x", " host sshd[1]: x", "2026-11-23T01:02:03Z" },
        { "Nov 23 01:02:03 2001:db8::1 x", " 2001:db8::1 x", "2026-11-23T01:02:03Z" },
        { "Nov 23 01:02:03 192.0.2.1 x", " 192.0.2.1 x", "2026-11-23T01:02:03Z" },
        { "Nov 23 2026 01:02:03: %ASA-6", ": %ASA-6", "2026-11-23T01:02:03Z" },
        { "Nov 23 01:02:03.123 UTC: %SYS", ": %SYS", "2026-11-23T01:02:03.123Z" },
        { "2026-11-23T01:02:03.456+09:00 h p", " h p", "2026-11-22T16:02:03.456Z" },
        { "2026-11-23 01:02:03 ERROR x", " ERROR x", "2026-11-23T01:02:03Z" },
        { "2026-11-23 01:02:03,456 [main]", " [main]", "2026-11-23T01:02:03.456Z" },
        { "2026/11/23 01:02:03 [error] 7#7", " [error] 7#7", "2026-11-23T01:02:03Z" },
        { "23/Nov/2026:01:02:03 +0900] \"GET", "] \"GET", "2026-11-22T16:02:03Z" },
        { "Mon Nov 23 01:02:03.456 2026] [x", "] [x", "2026-11-23T01:02:03.456Z" },
        { "2026-11-23 x", "", "none" },
        { "1795400000 x", "", "none" },
        { "host x", "", "none" },
    };
    struct hn_time_defaults defaults = { .year = 2026 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct hn_text line = hn_text_cstr(cases[i].line);
        char out[HN_TIME_TEXT_MAX];
        size_t len = 0;
        hn_time time = hn_time_parse_prefix(line, &defaults, &len);

        if (time == HN_TIME_NONE) {
            assert_string_equal(cases[i].utc, "none");
            continue;
        }
        check_text(hn_text_of(out, hn_time_write(time, 0, out)), cases[i].utc);
        check_text(hn_text_sub(line, len, line.len), cases[i].rest);
    }
}

/* ---- Calendar ---- */

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Counting days one by one from 1678 to 2261, each day's reading and weekday follows the one
 * before, and goes back to the same instant. */
static void every_day_follows_the_one_before(void **state)
{
    static const int month_days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    struct hn_calendar first = { .year = 1678, .month = 1, .day = 1 };
    hn_time time = hn_calendar_time(&first, 0);
    int year = 1678;
    int month = 1;
    int day = 1;
    int weekday = 6; /* 1 January 1678 was a Saturday */

    (void)state;
    assert_true(time != HN_TIME_NONE);
    while (year < 2262) {
        struct hn_calendar c = hn_calendar_at(time + 12345678, 0);
        int last = month_days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);

        assert_int_equal(c.year, year);
        assert_int_equal(c.month, month);
        assert_int_equal(c.day, day);
        assert_int_equal(c.weekday, weekday);
        assert_int_equal(c.nanosecond, 12345678);
        assert_true(hn_calendar_time(&c, 0) == time + 12345678);
        time += HN_DAY;
        weekday = (weekday + 1) % 7;
        if (++day > last) {
            day = 1;
            if (++month > 12) {
                month = 1;
                year++;
            }
        }
    }
}

/* Week numbers at the turns of years where ISO 8601 surprises. */
static void iso_weeks(void **state)
{
    static const struct {
        int year, month, day, week;
    } cases[] = { { 2020, 12, 31, 53 }, { 2021, 1, 1, 53 }, { 2021, 1, 3, 53 }, { 2021, 1, 4, 1 },
        { 2018, 12, 31, 1 }, { 2019, 12, 30, 1 }, { 2016, 1, 3, 53 }, { 2026, 1, 1, 1 },
        { 2026, 12, 31, 53 }, { 2027, 1, 1, 53 }, { 2024, 12, 29, 52 }, { 2024, 12, 30, 1 } };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct hn_calendar c = {
            .year = cases[i].year, .month = cases[i].month, .day = cases[i].day
        };

        assert_int_equal(hn_calendar_at(hn_calendar_time(&c, 0), 0).iso_week, cases[i].week);
    }
}

/* The ends of the range, and one step past them, behave: no overflow, no wrap. */
static void extremes(void **state)
{
    struct hn_calendar c = { .year = 2261,
        .month = 12,
        .day = 31,
        .hour = 23,
        .minute = 59,
        .second = 60,
        .nanosecond = 999999999 };
    char out[HN_TIME_TEXT_MAX];

    (void)state;
    assert_true(hn_calendar_time(&c, -86400) != HN_TIME_NONE);
    c.nanosecond = (int32_t)HN_SECOND;
    assert_true(hn_calendar_time(&c, 0) == HN_TIME_NONE);
    assert_int_equal(hn_calendar_at(INT64_MAX, 86400).year, 2262);
    assert_int_equal(hn_calendar_at(INT64_MIN + 1, -86400).year, 1677);
    assert_int_equal(hn_calendar_at(-1, 0).nanosecond, 999999999);
    assert_int_equal(hn_calendar_at(-1, 0).second, 59);
    assert_int_equal(hn_time_write(HN_TIME_NONE, 0, out), 0);
    check_text(hn_text_of(out, hn_time_write(0, 9 * 3600, out)), "1970-01-01T09:00:00+09:00");
    check_text(hn_text_of(out, hn_time_write(0, -5400, out)), "1969-12-31T22:30:00-01:30");
    check_text(hn_text_of(out, hn_time_write(1, 0, out)), "1970-01-01T00:00:00.000000001Z");
    /* a leap second is the next minute's start */
    check_stamp("2016-12-31T23:59:60Z", NULL, "2017-01-01T00:00:00Z", __LINE__);
}

/* Writing and reading back is the identity for any instant and any offset. */
static void write_then_parse_is_identity(void **state)
{
    struct check_random random = { 9 };
    char out[HN_TIME_TEXT_MAX];

    (void)state;
    for (int i = 0; i < 200000; i++) {
        int64_t second =
                (int64_t)(check_random_next(&random) % UINT64_C(18429120000)) - INT64_C(9214560000);
        hn_time time = second * HN_SECOND;
        int32_t offset_s = ((int32_t)check_random_below(&random, 28 * 4 + 1) - 14 * 4) * 900;
        size_t len;

        if (i % 2 == 0)
            time += (int64_t)check_random_below(&random, 1000000000);
        if (hn_calendar_at(time, offset_s).year < 1678 ||
                hn_calendar_at(time, offset_s).year > 2261)
            continue;
        len = hn_time_write(time, offset_s, out);
        assert_true(len <= HN_TIME_TEXT_MAX);
        assert_true(hn_time_parse(hn_text_of(out, len), NULL) == time);
    }
}

/* Seconds, milli-, micro- and nanoseconds are told apart by size; what fits none is refused. */
static void epochs_by_size(void **state)
{
    (void)state;
    assert_true(hn_time_from_epoch(1795400000) == INT64_C(1795400000) * HN_SECOND);
    assert_true(hn_time_from_epoch(1795400000.5) == INT64_C(1795400000500000000));
    assert_true(hn_time_from_epoch(1795400000123) == INT64_C(1795400000123) * 1000000);
    assert_true(hn_time_from_epoch(1795400000123456) == INT64_C(1795400000123456) * 1000);
    assert_true(hn_time_from_epoch(0) == HN_TIME_NONE);
    assert_true(hn_time_from_epoch(-1795400000) == HN_TIME_NONE);
    assert_true(hn_time_from_epoch(5e10) == HN_TIME_NONE);
    assert_true(hn_time_from_epoch(1e300) == HN_TIME_NONE);
    assert_true(hn_time_from_epoch((double)__builtin_nanf("")) == HN_TIME_NONE);
    assert_true(hn_time_from_epoch(9.3e9) == HN_TIME_NONE); /* past 2261 */
}

/* ---- Zones ---- */

static void check_zone(const char *name, const char *wall, const char *utc, int line)
{
    struct hn_zone *zone = NULL;
    struct hn_err err = { 0 };
    struct hn_time_defaults defaults = { 0 };

    if (hn_zone_load(hn_text_cstr(name), &zone, &err) != HN_OK) {
        print_error("%s: %s\n", name, err.msg);
        fail();
    }
    defaults.zone = zone;
    check_stamp(wall, &defaults, utc, line);
    hn_zone_free(zone);
}

/* Zones by name and offset, standard and summer time, hours that the clock repeats or skips. */
static void zones_apply(void **state)
{
    (void)state;
    check_zone("UTC", "2026-11-23 01:02:03", "2026-11-23T01:02:03Z", __LINE__);
    check_zone("Z", "2026-11-23 01:02:03", "2026-11-23T01:02:03Z", __LINE__);
    check_zone("JST", "2026-11-23 01:02:03", "2026-11-22T16:02:03Z", __LINE__);
    check_zone("+09:00", "2026-11-23 01:02:03", "2026-11-22T16:02:03Z", __LINE__);
    check_zone("-0530", "2026-11-23 01:02:03", "2026-11-23T06:32:03Z", __LINE__);
    check_zone("Asia/Tokyo", "2026-11-23 01:02:03", "2026-11-22T16:02:03Z", __LINE__);
    check_zone("America/New_York", "2026-01-15 12:00:00", "2026-01-15T17:00:00Z", __LINE__);
    check_zone("America/New_York", "2026-07-15 12:00:00", "2026-07-15T16:00:00Z", __LINE__);
    /* 8 March 2026: 02:00 becomes 03:00; the hour between exists on no clock */
    check_zone("America/New_York", "2026-03-08 01:59:59", "2026-03-08T06:59:59Z", __LINE__);
    check_zone("America/New_York", "2026-03-08 02:30:00", "2026-03-08T07:30:00Z", __LINE__);
    check_zone("America/New_York", "2026-03-08 03:00:00", "2026-03-08T07:00:00Z", __LINE__);
    check_zone("America/New_York", "2026-03-08 23:00:00", "2026-03-09T03:00:00Z", __LINE__);
    /* 1 November 2026: 01:00 to 02:00 happens twice; the first counts */
    check_zone("America/New_York", "2026-11-01 00:59:59", "2026-11-01T04:59:59Z", __LINE__);
    check_zone("America/New_York", "2026-11-01 01:30:00", "2026-11-01T05:30:00Z", __LINE__);
    check_zone("America/New_York", "2026-11-01 02:00:00", "2026-11-01T07:00:00Z", __LINE__);
    /* half an hour, and a whole day skipped (Samoa crossed the date line) */
    check_zone("Australia/Lord_Howe", "2026-10-04 02:15:00", "2026-10-03T15:45:00Z", __LINE__);
    check_zone("Pacific/Apia", "2011-12-31 12:00:00", "2011-12-30T22:00:00Z", __LINE__);
    /* a stamp with its own zone is not touched */
    check_zone("Asia/Tokyo", "2026-11-23T01:02:03Z", "2026-11-23T01:02:03Z", __LINE__);
    check_zone("Asia/Tokyo", "1795400000", "2026-11-23T02:13:20Z", __LINE__);
}

/* Reading the clock of a zone and turning it back gives the instant, or in the repeated hour the
 * one an hour earlier: over ten years, every half hour. */
static void wall_clock_comes_back(void **state)
{
    static const char *const names[] = { "America/New_York", "Europe/London", "Asia/Tokyo",
        "Australia/Lord_Howe" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        struct hn_zone *zone = NULL;
        hn_time start = hn_time_parse(HN_TEXT("2020-01-01"), NULL);

        assert_int_equal(hn_zone_load(hn_text_cstr(names[i]), &zone, NULL), HN_OK);
        for (hn_time t = start; t < start + 3650 * HN_DAY; t += 30 * HN_MINUTE) {
            hn_time wall = t + hn_zone_offset_at(zone, t) * HN_SECOND;
            hn_time back = hn_zone_to_utc(zone, wall);

            assert_true(back + hn_zone_offset_at(zone, back) * HN_SECOND == wall);
            assert_true(back == t || back == t - HN_HOUR || back == t - 30 * HN_MINUTE);
        }
        hn_zone_free(zone);
    }
    assert_true(hn_zone_to_utc(NULL, 5) == 5);
    assert_int_equal(hn_zone_offset_at(NULL, 5), 0);
}

/* A name that is no zone is refused and cannot lead out of the zone folder. */
static void bad_zone_names(void **state)
{
    static const char *const bad[] = { "", " ", "Asia/Nowhere", "../../etc/passwd", "/etc/passwd",
        "Asia/../../etc/passwd", "Asia", "zone.tab", "+25:00", "+9", "UTC ", "\xFF",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
    struct hn_zone *zone = NULL;

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(bad); i++) {
        struct hn_err err = { 0 };

        assert_int_not_equal(hn_zone_load(hn_text_cstr(bad[i]), &zone, &err), HN_OK);
        assert_null(zone);
        assert_true(strlen(err.msg) > 0);
    }
    assert_int_not_equal(hn_zone_load(hn_text_of("UTC\0x", 5), &zone, NULL), HN_OK);
    hn_zone_free(NULL);
}

/* Each failing allocation gives HN_NOMEM. */
static void failing_memory_is_reported(void **state)
{
    static const char *const names[] = { "UTC", "Asia/Tokyo" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        for (uint64_t n = 1;; n++) {
            struct hn_zone *zone = NULL;
            enum hn_status status;

            hn_mem_fail_from(n);
            status = hn_zone_load(hn_text_cstr(names[i]), &zone, NULL);
            hn_mem_fail_from(0);
            hn_zone_free(zone);
            if (status == HN_OK)
                break;
            assert_int_equal(status, HN_NOMEM);
        }
    }
}

/* Durations have a number and one letter; nothing without a fixed length is taken. */
static void durations(void **state)
{
    static const char *const bad[] = { "", "s", "5", "5M", "5y", "-5s", "5 s", "1.5h", "5ss",
        "99999999999s", "2147483647w", "5S" };
    hn_time duration = 0;

    (void)state;
    assert_true(hn_duration_parse(HN_TEXT("90s"), &duration) && duration == 90 * HN_SECOND);
    assert_true(hn_duration_parse(HN_TEXT("15m"), &duration) && duration == 15 * HN_MINUTE);
    assert_true(hn_duration_parse(HN_TEXT("1h"), &duration) && duration == HN_HOUR);
    assert_true(hn_duration_parse(HN_TEXT("2d"), &duration) && duration == 2 * HN_DAY);
    assert_true(hn_duration_parse(HN_TEXT("1w"), &duration) && duration == 7 * HN_DAY);
    for (size_t i = 0; i < HN_COUNT_OF(bad); i++)
        assert_false(hn_duration_parse(hn_text_cstr(bad[i]), &duration));
}

/* A stamp without a year is of the year in which it was seen, or of the one before where the new
 * year came between; a clock that is a little ahead, or a zone nobody configured, makes no
 * difference of a year. */
static void years_by_when_it_was_seen(void **state)
{
    static const struct {
        const char *seen;
        const char *stamp;
        const char *zone;
        const char *expected;
    } cases[] = {
        { "2027-01-01T00:00:05Z", "Dec 31 23:59:59", "UTC", "2026-12-31T23:59:59Z" },
        { "2026-12-31T23:59:59Z", "Jan  1 00:00:02", "UTC", "2027-01-01T00:00:02Z" },
        { "2026-12-31T20:00:00Z", "Jan  1 05:00:00", "UTC", "2027-01-01T05:00:00Z" },
        { "2026-12-31T20:00:00Z", "Jan  1 05:00:00", "Asia/Tokyo", "2026-12-31T20:00:00Z" },
        { "2026-12-31T15:00:05Z", "Dec 31 23:59:59", "Asia/Tokyo", "2026-12-31T14:59:59Z" },
        { "2027-01-01T05:00:05Z", "Dec 31 23:59:59", "America/New_York", "2027-01-01T04:59:59Z" },
        { "2027-01-01T00:00:05Z", "Dec 31 15:00:00 PST", "UTC", "2026-12-31T23:00:00Z" },
        { "2027-03-01T00:00:00Z", "Nov 23 01:02:03", "UTC", "2026-11-23T01:02:03Z" },
        { "2026-11-23T00:00:00Z", "Nov 23 23:59:59", "UTC", "2026-11-23T23:59:59Z" },
        { "2026-11-23T00:00:00Z", "Nov 24 00:00:01", "UTC", "2025-11-24T00:00:01Z" },
        { "2027-03-01T00:00:00Z", "Feb 29 01:02:03", "UTC", "2024-02-29T01:02:03Z" },
        { "2028-02-29T02:00:00Z", "Feb 29 01:02:03", "UTC", "2028-02-29T01:02:03Z" },
        { "2027-01-01T00:00:05Z", "Dec 31 2030 23:59:59", "UTC", "2030-12-31T23:59:59Z" },
        { "2027-01-01T00:00:05Z", "Feb 30 01:02:03", "UTC", "none" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct hn_time_defaults defaults = { .year = 1999 };
        struct hn_zone *zone = NULL;

        if (hn_zone_load(hn_text_cstr(cases[i].zone), &zone, NULL) != HN_OK)
            continue; /* no time zone database here */
        defaults.zone = zone;
        defaults.seen = hn_time_parse(hn_text_cstr(cases[i].seen), NULL);
        check_stamp(cases[i].stamp, &defaults, cases[i].expected, (int)(1000 + i));
        hn_zone_free(zone);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shape_is_read),
        cmocka_unit_test(filetimes),
        cmocka_unit_test(everything_else_is_refused),
        cmocka_unit_test(years_by_when_it_was_seen),
        cmocka_unit_test(every_truncation_is_safe),
        cmocka_unit_test(prefixes_end_where_they_end),
        cmocka_unit_test(every_day_follows_the_one_before),
        cmocka_unit_test(iso_weeks),
        cmocka_unit_test(extremes),
        cmocka_unit_test(write_then_parse_is_identity),
        cmocka_unit_test(epochs_by_size),
        cmocka_unit_test(zones_apply),
        cmocka_unit_test(wall_clock_comes_back),
        cmocka_unit_test(bad_zone_names),
        cmocka_unit_test(failing_memory_is_reported),
        cmocka_unit_test(durations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
