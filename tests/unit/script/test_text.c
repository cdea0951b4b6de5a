/* test_text.c - texts of scripts: joins, units, parts, where they came from, budgets. */
#include "script/script.h"

#include "base/mem.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

static struct script_run run;

static int begin(void **state)
{
    (void)state;
    script_run_init(&run, NULL, NULL);
    return 0;
}

static int end(void **state)
{
    (void)state;
    script_run_deinit(&run);
    return 0;
}

static const struct script_text *text(const char *cstr)
{
    return script_text_new(&run, hn_text_cstr(cstr), NULL);
}

static void assert_text(const struct script_text *is, const char *want)
{
    struct hn_text flat;

    assert_non_null(is);
    flat = script_text_flat(&run, is);
    assert_int_equal(flat.len, strlen(want));
    assert_memory_equal(flat.ptr, want, flat.len);
}

/* Joins from the left, from the right, and of joins read as their pieces in order. */
static void joins_read_in_order(void **state)
{
    const struct script_text *left = text("");
    const struct script_text *right = text("");

    (void)state;
    for (int c = 'a'; c <= 'z'; c++) {
        char piece[2] = { (char)c, '\0' };

        left = script_text_join(&run, left, text(piece));
        right = script_text_join(&run, text(piece), right);
    }
    assert_text(left, "abcdefghijklmnopqrstuvwxyz");
    assert_text(right, "zyxwvutsrqponmlkjihgfedcba");
    assert_text(script_text_join(&run, script_text_join(&run, left, right), text("!")),
            "abcdefghijklmnopqrstuvwxyzzyxwvutsrqponmlkjihgfedcba!");
}

/* 100,000 joins of one character each cost work in proportion, whichever side grows. */
static void long_chains_are_flattened_once(void **state)
{
    const struct script_text *all = text("x");

    (void)state;
    for (int i = 0; i < 100000; i++)
        all = script_text_join(&run, all, text("y"));
    assert_int_equal(script_text_flat(&run, all).len, 100001);
    all = text("x");
    for (int i = 0; i < 100000; i++)
        all = script_text_join(&run, text("y"), all);
    assert_int_equal(script_text_flat(&run, all).len, 100001);
    assert_int_equal(run.stop, SCRIPT_STOP_NONE);
}

/* Lengths and parts count UTF-16 units, as the languages do, and halves of a character survive. */
static void units_are_those_of_utf16(void **state)
{
    const struct script_text *clef = text("a\xF0\x9D\x84\x9E"
                                          "b\xE7\x81\xAB");
    const struct script_text *high;
    const struct script_text *low;

    (void)state;
    assert_int_equal(clef->units, 5);
    high = script_text_sub(&run, clef, 0, 2);
    low = script_text_sub(&run, clef, 2, 3);
    assert_int_equal(high->units, 2);
    assert_text(high, "a\xED\xA0\xB4");
    assert_int_equal(script_text_units(&run, high)[1], 0xD834);
    assert_text(script_text_join(&run, high, low), "a\xF0\x9D\x84\x9E"
                                                   "b\xE7\x81\xAB");
    assert_int_equal(script_text_join(&run, high, low)->units, 5);
    assert_text(script_text_sub(&run, clef, 9, 1), "");
}

static void bytes_go_there_and_back(void **state)
{
    static const uint8_t bytes[] = { 0, 'a', 0x7F, 0x80, 0xFF };
    const struct script_text *made =
            script_text_from_bytes(&run, hn_bytes_of(bytes, sizeof bytes), NULL);
    struct hn_bytes back;

    (void)state;
    assert_int_equal(made->units, sizeof bytes);
    assert_true(script_text_bytes(&run, made, &back));
    assert_int_equal(back.len, sizeof bytes);
    assert_memory_equal(back.ptr, bytes, sizeof bytes);
    assert_false(script_text_bytes(&run, text("\xE7\x81\xAB"), &back));
    assert_text(script_text_new(&run, HN_TEXT("a\xFF"), NULL), "a\xC3\xBF");
}

/* What is unknown stays so in whatever it is joined to. */
static void unknown_parts_are_remembered(void **state)
{
    const struct script_text *url =
            script_text_join(&run, text("http://"), script_text_unknown(&run, "now", NULL));

    (void)state;
    assert_true(url->unknown);
    assert_text(url, "http://{now}");
    assert_true(script_text_sub(&run, url, 0, 4)->unknown);
    assert_false(text("x")->unknown);
}

static void the_way_is_told_from_its_start(void **state)
{
    const struct script_origin *steps[8];
    const struct script_text *made = script_text_new(
            &run, HN_TEXT("aGk="), script_origin_new(&run, "literal", 12, HN_TEXT(""), NULL, NULL));

    (void)state;
    made = script_text_join(&run, made, text(" "));
    made = script_text_step(&run, made, "base64", 20, HN_TEXT(""));
    assert_int_equal(script_text_path(made, steps, 8), 3);
    assert_string_equal(steps[0]->step, "literal");
    assert_int_equal(steps[0]->offset, 12);
    assert_string_equal(steps[1]->step, "join");
    assert_string_equal(steps[2]->step, "base64");
}

/* s = s & s for ever ends at the limit of a text, and the run says so. */
static void growth_ends_at_its_limit(void **state)
{
    const struct script_text *all = text("0123456789");

    (void)state;
    while (all != NULL)
        all = script_text_join(&run, all, all);
    assert_int_equal(run.stop, SCRIPT_STOP_BYTES);
    assert_false(script_goes_on(&run));
    assert_false(script_spend(&run, 1));
}

static void steps_end_at_their_limit(void **state)
{
    (void)state;
    assert_true(script_spend(&run, run.limits.steps_max));
    assert_false(script_spend(&run, 1));
    assert_int_equal(run.stop, SCRIPT_STOP_STEPS);
}

static void packed_bytes_are_unpacked(void **state)
{
    static const uint8_t gzip[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xcb, 0xc8, 0x04, 0x00,
        0xac, 0x2a, 0x93, 0xd8, 2, 0, 0, 0 };
    static const uint8_t raw[] = { 0xcb, 0xc8, 0x04, 0x00 };
    struct hn_bytes out;

    (void)state;
    assert_true(script_inflate(&run, hn_bytes_of(gzip, sizeof gzip), &out));
    assert_int_equal(out.len, 2);
    assert_memory_equal(out.ptr, "hi", 2);
    assert_true(script_inflate(&run, hn_bytes_of(raw, sizeof raw), &out));
    assert_memory_equal(out.ptr, "hi", 2);
    assert_false(script_inflate(&run, hn_text_as_bytes(HN_TEXT("no")), &out));
}

static void languages_are_guessed(void **state)
{
    (void)state;
    assert_int_equal(
            script_language_guess(HN_TEXT("$a = New-Object Net.WebClient")), SCRIPT_POWERSHELL);
    assert_int_equal(script_language_guess(HN_TEXT("@echo off\r\nset x=1")), SCRIPT_BATCH);
    assert_int_equal(
            script_language_guess(HN_TEXT("var x = new ActiveXObject('a');")), SCRIPT_JSCRIPT);
    assert_int_equal(
            script_language_guess(HN_TEXT("Dim a\r\nOn Error Resume Next\r\n")), SCRIPT_VBSCRIPT);
    assert_int_equal(
            script_language_guess(HN_TEXT("Attribute VB_Name = \"x\"\r\nDim a\r\n")), SCRIPT_VBA);
    assert_int_equal(script_language_guess(HN_TEXT("\xEF\xBB\xBF <HTML>")), SCRIPT_HTML);
    assert_int_equal(script_language_guess(HN_TEXT("dear sir")), SCRIPT_UNKNOWN);
    assert_int_equal(script_language_of_file(HN_TEXT("C:\\x\\A.PS1")), SCRIPT_POWERSHELL);
}

/* Whichever allocation fails, a text is NULL and the run has ended; nothing is left half made. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct script_run small;
        const struct script_text *made;

        script_run_init(&small, NULL, NULL);
        hn_mem_fail_from(n);
        made = script_text_new(&small, HN_TEXT("abc"), NULL);
        for (int i = 0; i < 200; i++)
            made = script_text_join(&small, made, script_text_new(&small, HN_TEXT("x"), NULL));
        made = script_text_sub(&small, made, 1, 100);
        if (hn_mem_fail_hits() == 0) {
            hn_mem_fail_from(0);
            script_run_deinit(&small);
            break;
        }
        hn_mem_fail_from(0);
        assert_null(made);
        assert_int_equal(small.stop, SCRIPT_STOP_MEMORY);
        script_run_deinit(&small);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(joins_read_in_order, begin, end),
        cmocka_unit_test_setup_teardown(long_chains_are_flattened_once, begin, end),
        cmocka_unit_test_setup_teardown(units_are_those_of_utf16, begin, end),
        cmocka_unit_test_setup_teardown(bytes_go_there_and_back, begin, end),
        cmocka_unit_test_setup_teardown(unknown_parts_are_remembered, begin, end),
        cmocka_unit_test_setup_teardown(the_way_is_told_from_its_start, begin, end),
        cmocka_unit_test_setup_teardown(growth_ends_at_its_limit, begin, end),
        cmocka_unit_test_setup_teardown(steps_end_at_their_limit, begin, end),
        cmocka_unit_test_setup_teardown(packed_bytes_are_unpacked, begin, end),
        cmocka_unit_test_setup_teardown(languages_are_guessed, begin, end),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
