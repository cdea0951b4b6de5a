/* test_crc32c.c - the checksum against its definition, bit by bit. */
#include "base/crc32c.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static uint32_t by_definition(struct hn_bytes bytes)
{
    uint32_t crc = 0xFFFFFFFFu;

    for (size_t i = 0; i < bytes.len; i++) {
        crc ^= bytes.ptr[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78u : crc >> 1;
    }
    return ~crc;
}

/* The check value that every CRC catalogue lists for "123456789". */
static void check_value(void **state)
{
    struct hn_bytes digits = hn_bytes_of("123456789", 9);

    (void)state;
    assert_int_equal(hn_crc32c(0, digits), 0xE3069283u);
    assert_int_equal(hn_crc32c_tables(0, digits), 0xE3069283u);
    assert_int_equal(hn_crc32c(0, hn_bytes_of("", 0)), 0);
}

/* Every length through all block sizes, at every alignment, by both ways, equals the definition. */
static void every_length_and_alignment(void **state)
{
    static uint8_t data[700];
    uint32_t random = 1;

    (void)state;
    for (size_t i = 0; i < sizeof data; i++) {
        random = random * 1103515245u + 12345u;
        data[i] = (uint8_t)(random >> 16);
    }
    for (size_t len = 0; len < 400; len++) {
        struct hn_bytes bytes = hn_bytes_of(data + len % 17, len);
        uint32_t expected = by_definition(bytes);

        assert_int_equal(hn_crc32c(0, bytes), expected);
        assert_int_equal(hn_crc32c_tables(0, bytes), expected);
    }
}

/* Lengths around those of the stretches that are taken three at a time, with any beginning. */
static void long_ones(void **state)
{
    static const size_t lens[] = { 3071, 3072, 3073, 3080, 6143, 6144, 6145, 9999, 20000 };
    static uint8_t data[20016];
    uint32_t random = 7;

    (void)state;
    for (size_t i = 0; i < sizeof data; i++) {
        random = random * 1103515245u + 12345u;
        data[i] = (uint8_t)(random >> 16);
    }
    for (size_t i = 0; i < HN_COUNT_OF(lens); i++) {
        for (size_t start = 0; start < 16; start++) {
            struct hn_bytes bytes = hn_bytes_of(data + start, lens[i]);
            uint32_t expected = by_definition(bytes);

            assert_int_equal(hn_crc32c(0, bytes), expected);
            assert_int_equal(hn_crc32c(random, bytes), hn_crc32c_tables(random, bytes));
        }
    }
}

/* A checksum continued over two parts is that of the whole, wherever it is cut. */
static void continues(void **state)
{
    static uint8_t data[300];
    uint32_t whole;

    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7 + 3);
    whole = hn_crc32c(0, hn_bytes_of(data, sizeof data));
    for (size_t cut = 0; cut <= sizeof data; cut++) {
        uint32_t crc = hn_crc32c(0, hn_bytes_of(data, cut));

        assert_int_equal(hn_crc32c(crc, hn_bytes_of(data + cut, sizeof data - cut)), whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_value),
        cmocka_unit_test(every_length_and_alignment),
        cmocka_unit_test(long_ones),
        cmocka_unit_test(continues),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
