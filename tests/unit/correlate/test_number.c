/* test_number.c - numbers out of log text, and sums that come back to zero. */
#include "base/hash.h"
#include "base/mem.h"
#include "correlate/number.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct number parsed(const char *text)
{
    struct number number = { 0 };

    if (!number_parse(hn_text_cstr(text), &number))
        fail_msg("%s is a number", text);
    return number;
}

/* JSON numbers and hexadecimal ones, nothing looser; integers stay exact to 63 bits. */
static void only_numbers_are_numbers(void **state)
{
    static const char *const wrong[] = { "", "-", "+1", "01", "1.", ".5", "1e", "0x", "0xg", " 1",
        "1 ", "1,5", "NaN", "inf", "1e999", "0x11111111111111111", "12abc" };
    struct number number;

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(wrong); i++) {
        if (number_parse(hn_text_cstr(wrong[i]), &number))
            fail_msg("%s is no number", wrong[i]);
    }
    assert_true(!parsed("9223372036854775807").is_real);
    assert_true(parsed("-9223372036854775808").as.integer == INT64_MIN);
    assert_true(parsed("9223372036854775808").is_real);
    assert_true(parsed("0xFFFFFFFFFFFFFFFF").is_real);
    assert_true(parsed("0x3e7").as.integer == 999);
    assert_true(parsed("-1.25e2").as.real == -125.0);
    assert_true(parsed("0").as.integer == 0);
}

static void add(struct exact_sum *sum, struct budget *budget, const char *text)
{
    struct number number = parsed(text);

    assert_true(!number.is_real || exact_sum_need_reals(sum, budget));
    exact_sum_add(sum, number);
}

static void subtract(struct exact_sum *sum, const char *text)
{
    exact_sum_subtract(sum, parsed(text));
}

/* Sums that doubles get wrong: cancellation, beyond 53 bits, beyond 64 bits, halves of a unit. */
static void sums_are_exact(void **state)
{
    struct budget budget = { .cap_bytes = 4096 };
    struct exact_sum sum = { 0 };

    (void)state;
    for (int i = 0; i < 4; i++)
        add(&sum, &budget, "9223372036854775807");
    assert_true(exact_sum_value(&sum) == 36893488147419103232.0);
    for (int i = 0; i < 4; i++)
        subtract(&sum, "9223372036854775807");
    assert_true(exact_sum_value(&sum) == 0);
    add(&sum, &budget, "-9223372036854775808");
    add(&sum, &budget, "-9223372036854775808");
    assert_true(exact_sum_value(&sum) == -18446744073709551616.0);
    subtract(&sum, "-9223372036854775808");
    subtract(&sum, "-9223372036854775808");
    assert_null(sum.reals);

    add(&sum, &budget, "1e308");
    add(&sum, &budget, "0.1");
    add(&sum, &budget, "-4");
    subtract(&sum, "1e308");
    assert_true(exact_sum_value(&sum) == -3.9);
    subtract(&sum, "0.1");
    subtract(&sum, "-4");
    assert_true(exact_sum_value(&sum) == 0);

    /* 2^53 + 1/2 + 1/2 is no double before it is done; ties go to even. */
    add(&sum, &budget, "9007199254740992");
    add(&sum, &budget, "1.0");
    assert_true(exact_sum_value(&sum) == 9007199254740992.0);
    add(&sum, &budget, "1e-300");
    assert_true(exact_sum_value(&sum) == 9007199254740994.0);
    subtract(&sum, "1e-300");
    add(&sum, &budget, "2.0");
    assert_true(exact_sum_value(&sum) == 9007199254740996.0); /* ...995 */
    exact_sum_release(&sum, &budget);

    sum = (struct exact_sum){ 0 };
    add(&sum, &budget, "4.9406564584124654e-324");
    add(&sum, &budget, "4.9406564584124654e-324");
    assert_true(exact_sum_value(&sum) == 9.8813129168249309e-324);
    add(&sum, &budget, "1.7976931348623157e308");
    add(&sum, &budget, "1.7976931348623157e308");
    assert_true(isinf(exact_sum_value(&sum)));
    subtract(&sum, "1.7976931348623157e308");
    subtract(&sum, "1.7976931348623157e308");
    subtract(&sum, "4.9406564584124654e-324");
    assert_true(exact_sum_value(&sum) == 4.9406564584124654e-324);
    exact_sum_release(&sum, &budget);
    assert_int_equal(budget.used_bytes, 0);
    budget_deinit(&budget);
}

static struct number random_number(uint64_t *state)
{
    struct number number = { 0 };

    *state += 0x9E3779B97F4A7C15u;
    number.is_real = hn_mix64(*state) % 3 != 0;
    number.as.bits = hn_mix64(*state ^ 0x5555);
    if (number.is_real && !isfinite(number.as.real))
        number.as.real = 1.5;
    return number;
}

/* What is added and taken away in another order leaves what was there, to the bit, and a sum read
 * back from its bytes is the same sum. */
static void order_is_no_matter(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 500; seed++) {
        struct budget budget = { .cap_bytes = 8192 };
        struct exact_sum sum = { 0 };
        struct exact_sum back = { 0 };
        struct hn_buf saved = { 0 };
        uint64_t forward = seed << 32;
        double before;
        struct hn_reader in;

        assert_true(exact_sum_need_reals(&sum, &budget));
        for (int i = 0; i < 5; i++)
            exact_sum_add(&sum, random_number(&forward));
        before = exact_sum_value(&sum);
        for (int i = 0; i < 200; i++)
            exact_sum_add(&sum, random_number(&forward));
        exact_sum_save(&sum, &saved);
        in = hn_reader_over(hn_bytes_of(saved.ptr, saved.len));
        assert_int_equal(exact_sum_restore(&back, &budget, &in), HN_OK);
        assert_true(exact_sum_value(&back) == exact_sum_value(&sum));
        forward = seed << 32;
        for (int i = 0; i < 5; i++)
            (void)random_number(&forward);
        for (int i = 0; i < 200; i++)
            exact_sum_subtract(&back, random_number(&forward));
        assert_true(exact_sum_value(&back) == before);
        exact_sum_release(&sum, &budget);
        exact_sum_release(&back, &budget);
        hn_buf_deinit(&saved);
        budget_deinit(&budget);
    }
}

/* Rounding agrees with long double wherever that is wide enough to be exact. */
static void rounding_is_to_nearest(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (int i = 0; i < 20000 && LDBL_MANT_DIG >= 64; i++) {
        struct budget budget = { .cap_bytes = 4096 };
        struct exact_sum sum = { 0 };
        long double wide = 0;

        assert_true(exact_sum_need_reals(&sum, &budget));
        for (int k = 0; k < 3; k++) {
            struct number number = { .is_real = true };
            int64_t mantissa;

            seed += 0x9E3779B97F4A7C15u;
            mantissa = (int64_t)(hn_mix64(seed) >> 12) - ((int64_t)1 << 51);
            number.as.real = ldexp((double)mantissa, (int)(hn_mix64(seed ^ 7) % 9));
            exact_sum_add(&sum, number);
            wide += (long double)number.as.real;
        }
        assert_true(exact_sum_value(&sum) == (double)wide);
        exact_sum_release(&sum, &budget);
        budget_deinit(&budget);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_numbers_are_numbers),
        cmocka_unit_test(sums_are_exact),
        cmocka_unit_test(order_is_no_matter),
        cmocka_unit_test(rounding_is_to_nearest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
