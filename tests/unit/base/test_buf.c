/* test_buf.c - the output buffer: whole pieces or failure, never more than its cap. */
#include "base/mem.h"
#include "support/check.h"

/* Every way to append gives its exact bytes. */
static void appends_are_exact(void **state)
{
    struct hn_buf buf = { 0 };

    (void)state;
    hn_buf_add_lit(&buf, "a");
    hn_buf_add(&buf, NULL, 0);
    hn_buf_add_text(&buf, HN_TEXT("bc"));
    hn_buf_add_cstr(&buf, "d");
    hn_buf_add_char(&buf, 'e');
    hn_buf_add_repeat(&buf, '-', 3);
    hn_buf_add_repeat(&buf, 'x', 0);
    check_buf(&buf, "abcde---");
    hn_buf_add_u64(&buf, UINT64_MAX);
    hn_buf_add_char(&buf, ' ');
    hn_buf_add_i64(&buf, INT64_MIN);
    hn_buf_add_char(&buf, ' ');
    hn_buf_add_i64(&buf, 0);
    check_buf(&buf, "18446744073709551615 -9223372036854775808 0");
    hn_buf_add_hex(&buf, "\x00\xFF\x1a", 3);
    check_buf(&buf, "00ff1a");
    hn_buf_add_utf8(&buf, 0x41);
    hn_buf_add_utf8(&buf, 0xE9);
    hn_buf_add_utf8(&buf, 0x706B);
    hn_buf_add_utf8(&buf, 0x1F525);
    hn_buf_add_utf8(&buf, 0xD800);
    hn_buf_add_utf8(&buf, 0x110000);
    check_buf(&buf, "A\xC3\xA9\xE7\x81\xAB\xF0\x9F\x94\xA5\xEF\xBF\xBD\xEF\xBF\xBD");
    hn_buf_addf(&buf, "%d-%s", 42, "z");
    check_buf(&buf, "42-z");
    hn_buf_deinit(&buf);
}

/* At the cap the piece that does not fit is not there at all, and what follows is not either. */
static void cap_keeps_whole_pieces(void **state)
{
    (void)state;
    for (size_t cap = 1; cap < 24; cap++) {
        struct hn_buf buf;

        hn_buf_init(&buf, cap);
        for (int i = 0; i < 10; i++)
            hn_buf_add_lit(&buf, "abc");
        hn_buf_add_char(&buf, 'x');
        assert_false(hn_buf_ok(&buf));
        assert_int_equal(buf.status, HN_LIMIT);
        assert_int_equal(buf.len, cap / 3 * 3);
        assert_true(buf.room <= cap);
        hn_buf_reset(&buf);
        hn_buf_add_char(&buf, 'y'); /* a reset buffer works again */
        check_buf(&buf, "y");
        hn_buf_deinit(&buf);
    }
}

/* Over borrowed memory the buffer keeps to it and never asks the heap. */
static void borrowed_memory_is_enough(void **state)
{
    char memory[10];
    struct hn_buf buf = hn_buf_over(memory, sizeof memory);

    (void)state;
    hn_mem_fail_from(1);
    hn_buf_add_lit(&buf, "12345");
    hn_buf_add_lit(&buf, "67890");
    assert_true(hn_buf_ok(&buf));
    hn_buf_add_char(&buf, 'x');
    assert_int_equal(hn_mem_fail_hits(), 0);
    hn_mem_fail_from(0);
    assert_int_equal(buf.status, HN_LIMIT);
    assert_memory_equal(memory, "1234567890", 10);
    assert_ptr_equal(buf.ptr, memory);
}

/* Sizes near SIZE_MAX are refused, not wrapped. */
static void huge_sizes_are_refused(void **state)
{
    struct hn_buf buf = { 0 };

    (void)state;
    hn_buf_add_lit(&buf, "abc");
    assert_false(hn_buf_reserve(&buf, SIZE_MAX));
    assert_false(hn_buf_ok(&buf));
    hn_buf_reset(&buf);
    hn_buf_add_repeat(&buf, 'x', SIZE_MAX - 1);
    assert_false(hn_buf_ok(&buf));
    hn_buf_reset(&buf);
    hn_buf_add_hex(&buf, "a", SIZE_MAX / 2 + 1);
    assert_int_equal(buf.len, 0);
    hn_buf_deinit(&buf);
}

/* For every failing allocation the buffer says HN_NOMEM and holds a prefix of whole pieces. */
static void failing_memory_is_reported(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct hn_buf buf = { 0 };
        bool hit;

        hn_mem_fail_from(n);
        for (int i = 0; i < 1000; i++)
            hn_buf_add_lit(&buf, "0123456789");
        hit = hn_mem_fail_hits() > 0;
        hn_mem_fail_from(0);
        assert_int_equal(buf.status, hit ? HN_NOMEM : HN_OK);
        assert_int_equal(buf.len % 10, 0);
        hn_buf_deinit(&buf);
        if (!hit)
            break;
        assert_true(n < 30);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_are_exact),
        cmocka_unit_test(cap_keeps_whole_pieces),
        cmocka_unit_test(borrowed_memory_is_enough),
        cmocka_unit_test(huge_sizes_are_refused),
        cmocka_unit_test(failing_memory_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
