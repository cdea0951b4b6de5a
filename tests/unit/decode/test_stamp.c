/* test_stamp.c - every spelling of time in front of log lines is found, ends where it ends, and is
 * one that the time parser understands. */
#include "decode/stamp.h"

#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* 2026-11-23T01:02:03Z */
#define TIME (INT64_C(1795395723) * HN_SECOND)

struct spelling {
    const char *text;
    enum stamp_shape shape;
    bool has_zone;
    hn_time time;
};

static const struct spelling spellings[] = {
    { "Nov 23 01:02:03", STAMP_BSD, false, TIME },
    { "Nov 23 2026 01:02:03", STAMP_BSD, false, TIME },
    { "Nov 23 01:02:03.5", STAMP_BSD, false, TIME + HN_SECOND / 2 },
    { "Nov 23 01:02:03.500+09:00", STAMP_BSD, true, TIME + HN_SECOND / 2 - 9 * HN_HOUR },
    { "Nov 23 01:02:03 2026", STAMP_BSD, false, TIME },
    { "2026-11-23T01:02:03Z", STAMP_ISO, true, TIME },
    { "2026-11-23T01:02:03.123456+09:00", STAMP_ISO, true,
            TIME + 123456 * (HN_MILLISECOND / 1000) - 9 * HN_HOUR },
    { "2026-11-23T01:02:03+0900", STAMP_ISO, true, TIME - 9 * HN_HOUR },
    { "2026-11-23T01:02:03", STAMP_ISO, false, TIME },
    { "2026-11-23 01:02:03", STAMP_ISO_SPACE, false, TIME },
    { "2026-11-23 01:02:03,250", STAMP_ISO_SPACE, false, TIME + HN_SECOND / 4 },
    { "Mon Nov 23 01:02:03 2026", STAMP_CTIME, false, TIME },
    { "Mon 2026-11-23 01:02:03 UTC", STAMP_FULL, true, TIME },
    { "Mon 2026-11-23 01:02:03 JST", STAMP_FULL, true, TIME - 9 * HN_HOUR },
    { "2026 Nov 23 01:02:03", STAMP_YEAR_FIRST, false, TIME },
    { "2026 Nov  3 01:02:03", STAMP_YEAR_FIRST, false, TIME - 20 * HN_DAY },
    { "1795395723.250000", STAMP_EPOCH, true, TIME + HN_SECOND / 4 },
};

static struct hn_text text_to_parse(const struct stamp *stamp, char *room)
{
    if (stamp->shape != STAMP_YEAR_FIRST)
        return stamp->text;
    return hn_text_of(room, stamp_in_order(stamp, room));
}

/* Each spelling, followed by something else, is found up to its end and means the right time. */
static void spellings_are_found(void **state)
{
    const struct hn_time_defaults defaults = { .zone = NULL, .year = 2026 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(spellings); i++) {
        const struct spelling *spelling = &spellings[i];
        char line[128];
        char room[STAMP_TEXT_MAX];
        struct hn_text rest;
        struct stamp stamp;

        (void)snprintf(line, sizeof line, "%s host x", spelling->text);
        rest = hn_text_cstr(line);
        if (!stamp_scan(&rest, &stamp))
            fail_msg("not found: %s", spelling->text);
        assert_int_equal(stamp.shape, spelling->shape);
        assert_int_equal(stamp.has_zone, spelling->has_zone);
        if (!hn_text_eq(rest, HN_TEXT(" host x")))
            fail_msg("%s ends at \"%.*s\"", spelling->text, HN_TEXT_ARG(rest));
        if (hn_time_parse(text_to_parse(&stamp, room), &defaults) != spelling->time)
            fail_msg("%s is another time", spelling->text);
    }
}

/* Nothing is taken off a line that starts like a stamp and is none; a stamp cut off is none or a
 * shorter one, and never reaches past the end. */
static void others_are_left_alone(void **state)
{
    static const char *const lines[] = { "", "Nov", "Nov 23", "Nov 23 01:02", "Nov 23 01:02:3",
        "Nov 123 01:02:03", "Nox 23 01:02:03", "2026-11-23", "2026-1-23T01:02:03Z",
        "20261123 01:02:03", "2026", "1795395723", "1795395723.25", "17953957230.250000",
        "Mon Nov 23 01:02:03", "Mon 2026-11-23 01:02:03", "Monday", "01:02:03",
        "23/Nov/2026:01:02:03", "11/23/2026 01:02:03" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(lines); i++) {
        struct hn_text rest = hn_text_cstr(lines[i]);
        struct stamp stamp;

        if (stamp_scan(&rest, &stamp))
            fail_msg("taken for a stamp: %s", lines[i]);
        assert_ptr_equal(rest.ptr, lines[i]);
    }
    for (size_t i = 0; i < HN_COUNT_OF(spellings); i++) {
        struct hn_text text = hn_text_cstr(spellings[i].text);

        for (size_t len = 0; len < text.len; len++) {
            struct hn_text rest = hn_text_sub(text, 0, len);
            struct stamp stamp;

            if (stamp_scan(&rest, &stamp))
                assert_true(stamp.text.ptr >= text.ptr &&
                            stamp.text.ptr + stamp.text.len <= text.ptr + len);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings_are_found),
        cmocka_unit_test(others_are_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
