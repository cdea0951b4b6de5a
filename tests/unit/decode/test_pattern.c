/* test_pattern.c - messages are taken apart as their templates say, and hostile ones cannot pass
 * their own words for the program's, nor take long. */
#include "decode/pattern.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

/* Matches, and writes the captures as "name=value|...". */
static const char *match(const char *pattern, const char *message)
{
    static char out[512];
    struct pattern_match found;
    size_t len = 0;

    if (!pattern_match(pattern, hn_text_cstr(message), &found))
        return "no";
    out[0] = '\0';
    for (size_t i = 0; i < found.count; i++)
        len += (size_t)snprintf(out + len, sizeof out - len, "%.*s=%.*s|",
                HN_TEXT_ARG(found.captures[i].name), HN_TEXT_ARG(found.captures[i].value));
    return out;
}

/* Each kind of capture takes what its letter says, and no more. */
static void captures_take_their_kind(void **state)
{
    (void)state;
    assert_string_equal(match("a {x} b", "a 1 2 b"), "x=1 2|");
    assert_string_equal(match("a {x:w}", "a 1 2 b"), "x=1|");
    assert_string_equal(match("port {x:d}", "port 22x"), "x=22|");
    assert_string_equal(match("port {x:d}", "port x"), "no");
    assert_string_equal(match("{x:h}/{y:d}", "192.0.2.5/80"), "x=192.0.2.5|y=80|");
    assert_string_equal(match("({x:h})", "(2001:db8::1)"), "x=2001:db8::1|");
    assert_string_equal(match("{}: {x}", "skipped: kept"), "x=kept|");
    assert_string_equal(match("{x}", ""), "");
    assert_string_equal(match("a{x}", "a \t 1 "), "x=1|");
}

/* A space in a template stands for one or more, a tilde for none or more; all else for itself. */
static void blanks_are_lenient(void **state)
{
    (void)state;
    assert_string_equal(match("a b{x:w}", "a \t  b1"), "x=1|");
    assert_string_equal(match("a b", "ab"), "no");
    assert_string_equal(match("a~b{x:w}", "ab1"), "x=1|");
    assert_string_equal(match("a~b{x:w}", "a   b1"), "x=1|");
    assert_string_equal(match("A b", "a b"), "no");
    assert_string_equal(match("a {x} b {y:w}", "a 1   b   2"), "x=1|y=2|");
}

/* A template matches the start of a message; what follows it is nobody's. */
static void templates_are_prefixes(void **state)
{
    (void)state;
    assert_string_equal(match("a {x:w} b", "a 1 b and more"), "x=1|");
    assert_string_equal(match("a {x:w} b", "a 1"), "no");
    assert_string_equal(match("a {x:w} b", " a 1 b"), "no");
    assert_string_equal(match("", "anything"), "");
}

/* A name that holds the words that follow is still the whole name: what the program wrote last
 * wins. */
static void chosen_names_do_not_mislead(void **state)
{
    static const char pattern[] = "invalid user {user>} from {src:w} port {port:d}";

    (void)state;
    assert_string_equal(match(pattern, "invalid user eve from 192.0.2.66 port 1 from 192.0.2.5 "
                                       "port 22"),
            "user=eve from 192.0.2.66 port 1|src=192.0.2.5|port=22|");
    assert_string_equal(
            match(pattern, "invalid user  from 192.0.2.5 port 22"), "src=192.0.2.5|port=22|");
    assert_string_equal(match(pattern, "invalid user eve from x"), "no");
    assert_string_equal(match("{x>}", "all of it"), "x=all of it|");
}

/* No template yields more captures than there is room for. */
static void captures_are_limited(void **state)
{
    struct pattern_match found;
    struct hn_buf pattern = { 0 };

    (void)state;
    for (int i = 0; i < PATTERN_CAPTURES_MAX + 5; i++)
        hn_buf_add_lit(&pattern, "{x:d},");
    hn_buf_add_char(&pattern, '\0');
    assert_true(pattern_match(
            pattern.ptr, HN_TEXT("1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,"), &found));
    assert_int_equal(found.count, PATTERN_CAPTURES_MAX);
    assert_string_equal(found.captures[0].name.ptr == NULL ? "" : "set", "set");
    hn_buf_deinit(&pattern);
}

static double seconds_for(const char *pattern, struct hn_text message)
{
    struct pattern_match found;
    clock_t start = clock();

    (void)pattern_match(pattern, message, &found);
    return (double)(clock() - start) / CLOCKS_PER_SEC;
}

/* Messages made to be nearly matched in very many places take time in proportion to their length:
 * a megabyte is done in well under a second, which a quadratic search would take an hour for. */
static void hostile_messages_are_quick(void **state)
{
    static const char *const patterns[] = { "user {user>} from {src:w} port {port:d}", "{x} b {y}",
        "{x}: {y>} a b", "{x>}  b" };
    static const char *const pieces[] = { " ", " from", " from x", " b", "a ", ": ",
        " from x port " };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(patterns); i++) {
        for (size_t k = 0; k < HN_COUNT_OF(pieces); k++) {
            struct hn_buf message = { 0 };

            hn_buf_add_lit(&message, "user ");
            while (message.len < (size_t)1 << 20)
                hn_buf_add_text(&message, hn_text_cstr(pieces[k]));
            assert_true(seconds_for(patterns[i], hn_buf_text(&message)) < 5.0);
            hn_buf_deinit(&message);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(captures_take_their_kind),
        cmocka_unit_test(blanks_are_lenient),
        cmocka_unit_test(templates_are_prefixes),
        cmocka_unit_test(chosen_names_do_not_mislead),
        cmocka_unit_test(captures_are_limited),
        cmocka_unit_test(hostile_messages_are_quick),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
