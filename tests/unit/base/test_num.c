/* test_num.c - numbers from text and back, exactly or not at all. */
#include "base/num.h"
#include "support/check.h"

#include <math.h>
#include <stdlib.h>

static bool u64_is(const char *text, uint64_t expected)
{
    uint64_t value = 0;

    return hn_parse_u64(hn_text_cstr(text), &value) && value == expected;
}

static bool i64_is(const char *text, int64_t expected)
{
    int64_t value = 0;

    return hn_parse_i64(hn_text_cstr(text), &value) && value == expected;
}

static bool hex_is(const char *text, uint64_t expected)
{
    uint64_t value = 0;

    return hn_parse_hex64(hn_text_cstr(text), &value) && value == expected;
}

/* The ends of each type's range are read, one past them is refused. */
static void ranges_end_where_the_type_ends(void **state)
{
    uint64_t u = 7;
    int64_t i = 7;
    uint32_t u32 = 7;

    (void)state;
    assert_true(u64_is("0", 0));
    assert_true(u64_is("18446744073709551615", UINT64_MAX));
    assert_true(u64_is("000000000000000000000000000042", 42));
    assert_false(hn_parse_u64(HN_TEXT("18446744073709551616"), &u));
    assert_false(hn_parse_u64(HN_TEXT("99999999999999999999"), &u));
    assert_true(i64_is("-9223372036854775808", INT64_MIN));
    assert_true(i64_is("+9223372036854775807", INT64_MAX));
    assert_false(hn_parse_i64(HN_TEXT("9223372036854775808"), &i));
    assert_false(hn_parse_i64(HN_TEXT("-9223372036854775809"), &i));
    assert_true(hn_parse_u32(HN_TEXT("4294967295"), &u32));
    assert_int_equal(u32, UINT32_MAX);
    assert_false(hn_parse_u32(HN_TEXT("4294967296"), &u32));
    assert_true(hex_is("0x0", 0));
    assert_true(hex_is("ffffFFFFffffFFFF", UINT64_MAX));
    assert_true(hex_is("0X00000000000000000000001F", 31));
    assert_false(hn_parse_hex64(HN_TEXT("1ffffffffffffffff"), &u));
    assert_int_equal(u, 7); /* outputs are written on success only */
    assert_int_equal(i, 7);
}

/* Anything but the whole number is refused: signs, spaces, prefixes, tails, NUL, nothing. */
static void only_whole_numbers(void **state)
{
    static const char *const bad[] = { "", " 1", "1 ", "1.", "+", "-", "--1", "+-1", "1a", "0x",
        "0x1g", "x", "\xEF\xBC\x91", "1,000", "1e3", "0x-1" };
    uint64_t u;
    int64_t i;
    double real;

    (void)state;
    for (size_t k = 0; k < HN_COUNT_OF(bad); k++) {
        struct hn_text text = hn_text_cstr(bad[k]);

        assert_false(hn_parse_u64(text, &u));
        assert_false(hn_parse_i64(text, &i));
        if (k != 8 && k != 14) /* "1a" and "1e3" are hexadecimal */
            assert_false(hn_parse_hex64(text, &u));
        if (k != 14)
            assert_false(hn_parse_real(text, &real));
    }
    assert_false(hn_parse_u64(HN_TEXT("+1"), &u));
    assert_false(hn_parse_u64(hn_text_of("1\0", 2), &u));
    assert_false(hn_parse_real(hn_text_of("1\0", 2), &real));
}

/* The JSON number grammar, to the letter (RFC 8259, section 6). */
static void real_grammar_is_json(void **state)
{
    static const char *const good[] = { "0", "-0", "1", "10", "0.5", "-1.25", "1e5", "1E+5",
        "1.5e-3", "0e0", "0.0e-0" };
    static const char *const bad[] = { "01", "-01", "+1", ".5", "5.", "1.e1", "1e", "1e+", "e1",
        "-", "0x1", "NaN", "Infinity", "inf", "1_0", "--1", "1..2", "1e1.5", "1 " };
    double value;

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(good); i++) {
        assert_true(hn_parse_real(hn_text_cstr(good[i]), &value));
        assert_true(value == strtod(good[i], NULL)); /* NOLINT(cert-err34-c): our own literals */
    }
    for (size_t i = 0; i < HN_COUNT_OF(bad); i++)
        assert_false(hn_parse_real(hn_text_cstr(bad[i]), &value));
    assert_true(hn_parse_real(HN_TEXT("-0"), &value) && signbit(value));
}

/* Numbers of thousands of digits are the double that their value rounds to. */
static void long_numbers_round_correctly(void **state)
{
    static const struct {
        const char *head;
        char fill;
        size_t count;
        const char *tail;
        double expected;
    } cases[] = {
        { "1", '0', 300, "", 1e300 },
        { "1", '0', 5000, "", HUGE_VAL },
        { "-1", '0', 5000, "", -HUGE_VAL },
        { "0.", '0', 300, "1", 1e-301 },
        { "0.", '0', 5000, "1", 0 },
        { "1", '0', 400, "e-400", 1 },
        { "0.", '0', 5000, "1e5001", 1 },
        { "1.", '0', 900, "", 1 },
        { "0.3", '3', 900, "", 1.0 / 3 },
        { "9", '9', 700, "e-700", 10 },
        { "1e0", '0', 90, "5", 100000 },
        { "1e-0", '0', 90, "5", 0.00001 },
        { "1e9", '9', 90, "", HUGE_VAL },
        { "1e-9", '9', 90, "", 0 },
        { "0", '.', 1, "0e99999999999999999999999999999999999999999999999999999999999999", 0 },
        /* halfway between two doubles, decided by a digit far behind */
        { "9007199254740993", '.', 1, "0000000000000000000000000000000000000000000000000000000001",
                9007199254740994.0 },
        { "9007199254740993.", '0', 900, "1", 9007199254740994.0 },
        { "9007199254740993.", '0', 900, "0", 9007199254740992.0 },
    };
    struct hn_buf buf = { 0 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        double value = -1;

        hn_buf_reset(&buf);
        hn_buf_add_cstr(&buf, cases[i].head);
        hn_buf_add_repeat(&buf, cases[i].fill, cases[i].count);
        hn_buf_add_cstr(&buf, cases[i].tail);
        assert_true(hn_parse_real(hn_buf_text(&buf), &value));
        if (value != cases[i].expected)
            print_error("case %zu: %.17g\n", i, value);
        assert_true(value == cases[i].expected);
    }
    hn_buf_deinit(&buf);
}

/* Writing and reading back is the identity: all interesting integers and a million doubles. */
static void write_then_parse_is_identity(void **state)
{
    struct check_random random = { 2 };
    char out[32];

    (void)state;
    for (int i = 0; i < 200000; i++) {
        uint64_t bits = check_random_next(&random) >> check_random_below(&random, 64);
        uint64_t back = 0;
        double real;
        double again = 0;

        assert_true(hn_parse_u64(hn_text_of(out, hn_u64_write(bits, out)), &back));
        assert_true(back == bits);
        bits = check_random_next(&random);
        memcpy(&real, &bits, sizeof real);
        if (i % 3 == 0)
            real = (double)(int64_t)bits / 1000;
        if (!isfinite(real))
            continue;
        assert_true(hn_parse_real(hn_text_of(out, hn_real_write(real, out)), &again));
        assert_true(real == again && signbit(real) == signbit(again));
    }
}

/* Doubles are written as short as reads back the same. */
static void reals_are_short(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = { { 0, "0" }, { 1, "1" }, { 0.1, "0.1" }, { -1.5, "-1.5" }, { 1e300, "1e+300" },
        { 1.0 / 3, "0.3333333333333333" }, { 1795400000.123456, "1795400000.123456" },
        { (double)NAN, "nan" }, { HUGE_VAL, "inf" }, { -HUGE_VAL, "-inf" } };
    char out[32];

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++)
        check_text(hn_text_of(out, hn_real_write(cases[i].value, out)), cases[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_end_where_the_type_ends),
        cmocka_unit_test(only_whole_numbers),
        cmocka_unit_test(real_grammar_is_json),
        cmocka_unit_test(long_numbers_round_correctly),
        cmocka_unit_test(write_then_parse_is_identity),
        cmocka_unit_test(reals_are_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
