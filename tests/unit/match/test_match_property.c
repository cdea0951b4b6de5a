/* test_match_property.c - the compiled engine is the plain interpreter, only faster. */
#include "support/check.h"
#include "support/match_run.h"

#define ROUNDS     1000
#define CASE_BYTES 640

/* Random rules on random events: the same rules fire, and the evidence holds. */
static void engine_is_the_interpreter(void **state)
{
    struct check_random random = { 20240229 };
    struct match_run_total total = { 0, 0, 0, 0 };
    uint8_t bytes[CASE_BYTES];

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)check_random_below(&random, 256);
        if (!match_run_agrees(bytes, sizeof bytes, &total))
            fail_msg("round %u", round);
    }
    print_message("%u rules, %u events, %u hits, %u pieces of evidence\n", total.rules,
            total.events, total.hits, total.evidences);
    /* A generator whose rules are all refused, or never fire, would prove nothing. */
    assert_true(total.rules > ROUNDS * 2);
    assert_true(total.hits > ROUNDS * 4);
    assert_true(total.evidences > ROUNDS * 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(engine_is_the_interpreter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
