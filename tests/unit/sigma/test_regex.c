/* test_regex.c - regular expressions of rules: what compiles, and that a search always ends. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/arena.h"
#include "sigma/sigma.h"

#include <pcre2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

struct found {
    int result;
    size_t start;
    double seconds;
    uint64_t steps;
};

static struct found search(const char *pattern, struct hn_text text, bool jit)
{
    size_t offset;
    pcre2_code *code = sigma_regex_compile(hn_text_cstr(pattern), 0, &offset, NULL, 0);
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    struct found found = { 0 };
    clock_t begin = clock();

    assert_non_null(code);
    assert_non_null(data);
    assert_non_null(context);
    if (jit)
        (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    found.result = sigma_regex_match(code, text, data, context, &found.steps);
    found.seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    if (found.result >= 0)
        found.start = pcre2_get_ovector_pointer(data)[0];
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    pcre2_code_free(code);
    return found;
}

/* unit, again and again up to len bytes, then tail. */
static struct hn_text long_text(struct hn_buf *buf, const char *unit, size_t len, const char *tail)
{
    hn_buf_reset(buf);
    while (buf->len < len)
        hn_buf_add_cstr(buf, unit);
    hn_buf_add_cstr(buf, tail);
    assert_true(hn_buf_ok(buf));
    return hn_buf_text(buf);
}

/* Patterns that take for ever at one place, or long at each of many, give up within fixed steps and
 * memory; PCRE2's own limit would let some of these run for minutes. */
static void evil_patterns_end(void **state)
{
    static const struct {
        const char *pattern;
        const char *unit;
    } cases[] = {
        { "(a+)+[bd]", "a" },
        { "(a+)+[bd]", "aaaaaaaaaaaaaaaaac" },
        { "x(a|aa)*[bd]", "aaaaaaaaaaaaaaaax" },
        { "x(a|aa)*[bd]", "aaaaaaaaaaaaaaaaaaaaaaaax" },
        { "(a|b|ab)*[cd]", "ab" },
        { "a.*.*.*[bd]", "a" },
        { "(?:a?){20}a{20}[bd]", "a" },
        { "(.*)\\1{3}[bd]", "ac" },
    };
    struct hn_buf buf = { 0 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        for (int jit = 0; jit < 2; jit++) {
            struct hn_text text = long_text(&buf, cases[i].unit, 200000, "");
            struct found found = search(cases[i].pattern, text, jit != 0);

            bool limit =
                    found.result == PCRE2_ERROR_MATCHLIMIT || found.result == PCRE2_ERROR_HEAPLIMIT;

            if (!limit || found.seconds > 60) {
                print_error("%s on %s: %d after %.1f s\n", cases[i].pattern, cases[i].unit,
                        found.result, found.seconds);
            }
            assert_true(limit);
            assert_true(found.seconds < 60); /* about 1 without sanitizers */
        }
    }
    hn_buf_deinit(&buf);
}

/* Places that need more steps than the others are paid for one by one, and what stands behind them
 * is still found; the leftmost match wins; characters of several bytes are not cut. */
static void costly_places_are_passed(void **state)
{
    static const struct {
        const char *pattern, *head, *unit, *tail;
        int result; /* 1: found at the tail; 0: at the head; -1: nowhere */
    } cases[] = {
        { "x(?:a|aa)*[bd]", "xaaaaaaaaaaaaaaaac", "caaaaaaa", "xaab", 1 },
        { "x(?:a|aa)*[bd]", "xaaaaaaaaaaaaaaaab", "caaaaaaa", "xaab", 0 },
        { "x(?:a|aa)*[bd]", "xaaaaaaaaaaaaaaaac", "caaaaaaa", "", -1 },
        { "x(?:a|aa)*[bd]", "xaaaaaaaaaaaaaaaac", "\xE7\x81\xAB\xF0\x9F\x98\x80\xC3\xA4", "xaab",
                1 },
        { "x(?:a|aa)*[bd]", "xaaaaaaaaaaaaaaaac", "\x80\xFF\xE7\x81 ", "xaab", 1 },
        { "(?<=\xE7\x81\xAB)x(?:a|aa)*[bd]", "\xE7\x81\xABxaaaaaaaaaaaaaaaac", "\xE7\x81\xABy",
                "\xE7\x81\xABxaab", 2 },
        { "^(?:a|aa)*[bd]", "aaaaaaaaaaaaaaaaac", "a", "\nab", -1 },
        { "(?m)^(?:a|aa)*[bd]", "aaaaaaaaaaaaaaaaac", "a", "\nab", 3 },
        { "(?:a|aa)*$", "aaaaaaaaaaaaaaaaac", "c", "", 4 },
    };
    struct hn_buf buf = { 0 };
    struct hn_buf all = { 0 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        for (int jit = 0; jit < 2; jit++) {
            struct hn_text text = long_text(&buf, cases[i].unit, 100000, cases[i].tail);
            size_t tail = strlen(cases[i].head) + text.len - strlen(cases[i].tail);
            size_t expected[] = { 0, tail, tail + 3, tail + 1, tail };
            struct found found;

            hn_buf_reset(&all);
            hn_buf_add_cstr(&all, cases[i].head);
            hn_buf_add_text(&all, text);
            found = search(cases[i].pattern, hn_buf_text(&all), jit != 0);
            if ((cases[i].result < 0) != (found.result == PCRE2_ERROR_NOMATCH))
                print_error("%s: %d\n", cases[i].pattern, found.result);
            if (cases[i].result < 0) {
                assert_int_equal(found.result, PCRE2_ERROR_NOMATCH);
                continue;
            }
            assert_true(found.result >= 0);
            assert_int_equal(found.start, expected[cases[i].result]);
        }
    }
    hn_buf_deinit(&buf);
    hn_buf_deinit(&all);
}

/* What is wrong is told with its offset; what could look inside characters is wrong. */
static void wrong_patterns_are_told(void **state)
{
    static const struct {
        const char *pattern;
        size_t offset;
    } cases[] = {
        { "a(b", 3 },
        { "a)b", 1 },
        { "[z-a]", 3 },
        { "a**b", 2 },
        { "\\C", 2 },
        { "\\", 1 },
        { "(?<x>a)\\k<y>", 10 },
    };
    char message[120];

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        size_t offset = SIZE_MAX;

        assert_null(sigma_regex_compile(
                hn_text_cstr(cases[i].pattern), 0, &offset, message, sizeof message));
        if (offset != cases[i].offset)
            print_error("%s: %zu %s\n", cases[i].pattern, offset, message);
        assert_int_equal(offset, cases[i].offset);
        assert_true(strlen(message) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evil_patterns_end),
        cmocka_unit_test(costly_places_are_passed),
        cmocka_unit_test(wrong_patterns_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
