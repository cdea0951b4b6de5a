/* test_reader.c - reading binary input never leaves it and fails once for all. */
#include "base/reader.h"
#include "support/check.h"

struct record {
    uint8_t a;
    uint16_t b;
    uint32_t c;
    uint64_t d;
    struct hn_bytes rest;
};

static bool read_record(struct hn_bytes in, struct record *ret)
{
    struct hn_reader r = hn_reader_over(in);

    ret->a = hn_reader_u8(&r);
    ret->b = hn_reader_u16(&r);
    ret->c = hn_reader_u32(&r);
    ret->d = hn_reader_u64(&r);
    ret->rest = hn_reader_take(&r, 3);
    return hn_reader_ok(&r);
}

static const uint8_t input[18] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
    0xFF };

/* Numbers are little-endian, in order, and the views point into the input. */
static void numbers_are_little_endian(void **state)
{
    struct record record;

    (void)state;
    assert_true(read_record(hn_bytes_of(input, sizeof input), &record));
    assert_int_equal(record.a, 1);
    assert_int_equal(record.b, 0x0302);
    assert_int_equal(record.c, 0x07060504);
    assert_true(record.d == UINT64_C(0x0F0E0D0C0B0A0908));
    assert_ptr_equal(record.rest.ptr, input + 15);
    assert_int_equal(record.rest.len, 3);
}

/* Every truncation fails, and what is read past the end is zero. */
static void every_truncation_fails(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof input; len++) {
        struct record record;

        assert_false(read_record(hn_bytes_of(input, len), &record));
        assert_int_equal(record.rest.len, 0);
        if (len < 15)
            assert_true(record.d == 0);
    }
}

/* After a failure nothing succeeds any more, not even a read of nothing elsewhere. */
static void failure_is_final(void **state)
{
    struct hn_reader r = hn_reader_over(hn_bytes_of(input, sizeof input));

    (void)state;
    hn_reader_skip(&r, 4);
    assert_int_equal(hn_reader_offset(&r), 4);
    assert_int_equal(hn_reader_left(&r), sizeof input - 4);
    hn_reader_seek(&r, sizeof input);
    assert_true(hn_reader_ok(&r));
    hn_reader_seek(&r, 2);
    assert_int_equal(hn_reader_u8(&r), 3);
    hn_reader_seek(&r, sizeof input + 1);
    assert_false(hn_reader_ok(&r));
    hn_reader_seek(&r, 0);
    assert_int_equal(hn_reader_u8(&r), 0);
    assert_false(hn_reader_ok(&r));

    r = hn_reader_over(hn_bytes_of(input, sizeof input));
    assert_int_equal(hn_reader_take(&r, SIZE_MAX).len, 0);
    assert_false(hn_reader_ok(&r));
    assert_int_equal(hn_reader_u64(&r), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_little_endian),
        cmocka_unit_test(every_truncation_fails),
        cmocka_unit_test(failure_is_final),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
