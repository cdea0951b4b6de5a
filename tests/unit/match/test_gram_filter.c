/* test_gram_filter.c - the filter passes every window it was given, and few others. */
#include "match/gram_filter.h"
#include "support/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GRAMS    GRAM_FILTER_MAX
#define PADDING  64
#define TEXT_MAX 1500u

static uint32_t gram_at(const char *p)
{
    uint32_t gram;

    memcpy(&gram, p, sizeof gram);
    return gram;
}

static bool is_among(const uint32_t *grams, uint32_t count, uint32_t gram)
{
    for (uint32_t i = 0; i < count; i++) {
        if (grams[i] == gram)
            return true;
    }
    return false;
}

static void nothing_is_missed(void **state)
{
    struct check_random random = { 64 };
    uint32_t grams[GRAMS];
    size_t places = 0;
    size_t wrong = 0;

    (void)state;
    if (!match_gram_filter_available()) {
        print_message("this processor has no filter\n");
        skip();
    }
    for (unsigned round = 0; round < 400; round++) {
        struct gram_filter filter = { { 0 }, { 0 } };
        uint32_t count = 1 + check_random_below(&random, round % 2 == 0 ? 64 : GRAMS);
        size_t len = 4 + check_random_below(&random, TEXT_MAX);
        char *text = malloc(len + PADDING); /* exact, so that reading behind it is seen */
        uint64_t masks[GRAM_FILTER_MASKS];
        uint32_t got;

        assert_non_null(text);
        for (size_t i = 0; i < len + PADDING; i++)
            text[i] = (char)('a' + check_random_below(&random, 26));
        for (uint32_t i = 0; i < count; i++) { /* every other one stands in the text */
            grams[i] = i % 2 == 0 ? (uint32_t)check_random_next(&random)
                                  : gram_at(text + check_random_below(&random, (uint32_t)len - 3));
            match_gram_filter_add(&filter, grams[i]);
        }
        for (size_t pos = 0; pos < len - 3; pos += (size_t)got * GRAM_FILTER_STEP) {
            got = match_gram_filter_masks(&filter, text, pos, len - 3, masks);
            assert_in_range(got, 1, GRAM_FILTER_MASKS);
            for (size_t at = pos; at < len - 3 && at < pos + (size_t)got * GRAM_FILTER_STEP; at++) {
                size_t n = at - pos;
                bool passed = (masks[n / GRAM_FILTER_STEP] >> n % GRAM_FILTER_STEP & 1) != 0;
                bool right = is_among(grams, count, gram_at(text + at));

                assert_true(passed || !right);
                places++;
                wrong += passed && !right;
            }
            for (uint32_t m = 0; m < got; m++)
                assert_int_equal(masks[m] >> GRAM_FILTER_STEP, 0);
        }
        free(text);
    }
    assert_true(wrong < places / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_is_missed) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
