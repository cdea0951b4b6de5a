/* test_enc.c - hex, base64 and percent encoding: exact both ways, strict on hostile text. */
#include "base/enc.h"
#include "base/mem.h"
#include "support/check.h"

/* RFC 4648, section 10, in both directions; and the URL-safe letters in one. */
static void base64_vectors(void **state)
{
    static const char *const pairs[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
        { "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" } };
    struct hn_buf buf = { 0 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(pairs); i++) {
        struct hn_text code = hn_text_cstr(pairs[i][1]);

        hn_base64_encode(&buf, hn_text_as_bytes(hn_text_cstr(pairs[i][0])));
        check_buf(&buf, pairs[i][1]);
        assert_true(hn_base64_decode(&buf, code));
        check_buf(&buf, pairs[i][0]);
        while (code.len > 0 && code.ptr[code.len - 1] == '=') { /* padding may be missing */
            code.len--;
            assert_true(hn_base64_decode(&buf, code));
            check_buf(&buf, pairs[i][0]);
        }
    }
    assert_true(hn_base64_decode(&buf, HN_TEXT("-_ -\r\n_\t")));
    check_buf(&buf, "\xFB\xFF\xBF");
    assert_true(hn_base64_decode(&buf, HN_TEXT(" ")));
    check_buf(&buf, "");
    hn_buf_deinit(&buf);
}

/* What is no base64 is refused as a whole, and what stood in the buffer stays. */
static void base64_refuses(void **state)
{
    static const char *const bad[] = { "A", "AAAAA", "A=", "A===", "AA===", "AAA==", "AAAA=", "=",
        "==", "=AAA", "A=AA", "AA=A", "AA==A", "AA==AA==", "AA*A", "AAA\xC3", "AA\x01" };
    struct hn_buf buf = { 0 };

    (void)state;
    hn_buf_add_lit(&buf, "kept");
    for (size_t i = 0; i < HN_COUNT_OF(bad); i++) {
        assert_false(hn_base64_decode(&buf, hn_text_cstr(bad[i])));
        check_text(hn_buf_text(&buf), "kept");
    }
    assert_false(hn_base64_decode(&buf, hn_text_of("AA\0A", 4)));
    hn_buf_deinit(&buf);
}

/* Encoding then decoding is the identity for bytes of every length and value. */
static void round_trips(void **state)
{
    struct check_random random = { 5 };
    struct hn_buf code = { 0 };
    struct hn_buf back = { 0 };
    char bytes[260];

    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct hn_text text = { bytes, check_random_below(&random, sizeof bytes) };

        for (size_t i = 0; i < text.len; i++)
            bytes[i] = (char)check_random_next(&random);
        hn_buf_reset(&code);
        hn_buf_reset(&back);
        hn_base64_encode(&code, hn_text_as_bytes(text));
        assert_int_equal(code.len, (text.len + 2) / 3 * 4);
        assert_true(hn_base64_decode(&back, hn_buf_text(&code)));
        assert_true(hn_text_eq(hn_buf_text(&back), text));
        hn_buf_reset(&code);
        hn_buf_reset(&back);
        hn_buf_add_hex(&code, text.ptr, text.len);
        assert_int_equal(hn_is_hex(hn_buf_text(&code)), text.len > 0);
        assert_true(hn_hex_decode(&back, hn_buf_text(&code)));
        assert_true(hn_text_eq(hn_buf_text(&back), text));
        hn_buf_reset(&code);
        hn_buf_reset(&back);
        for (size_t i = 0; i < text.len; i++)
            hn_buf_addf(&code, "%%%02X", (unsigned)(unsigned char)text.ptr[i]);
        hn_percent_decode(&back, hn_buf_text(&code));
        assert_true(hn_text_eq(hn_buf_text(&back), text));
    }
    hn_buf_deinit(&code);
    hn_buf_deinit(&back);
}

/* Hex is pairs of digits, all of them or none. */
static void hex_is_strict(void **state)
{
    static const char *const bad[] = { "0", "0g", "00 ", "0x00", "a", "\xC0\xC1", "123" };
    struct hn_buf buf = { 0 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(bad); i++)
        assert_false(hn_hex_decode(&buf, hn_text_cstr(bad[i])));
    assert_true(hn_hex_decode(&buf, HN_TEXT("414bFf")));
    check_buf(&buf, "AK\xFF");
    assert_false(hn_is_hex(HN_TEXT("")));
    for (size_t at = 0; at < 40; at++) { /* every byte at every place around a vector */
        for (int c = 0; c < 256; c++) {
            char text[40];

            memset(text, 'A', sizeof text);
            text[at] = (char)c;
            assert_int_equal(hn_is_hex(hn_text_of(text, sizeof text)),
                    (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'));
        }
    }
    hn_buf_deinit(&buf);
}

/* A '%' without two digits stays; nothing is decoded twice. */
static void percent_is_lenient(void **state)
{
    struct hn_buf buf = { 0 };

    (void)state;
    hn_percent_decode(&buf, HN_TEXT("%41%2e%2E%252e%zz%4"));
    check_buf(&buf, "A..%2e%zz%4");
    hn_percent_decode(&buf, HN_TEXT("%"));
    check_buf(&buf, "%");
    hn_percent_decode(&buf, HN_TEXT("a+b%20c"));
    check_buf(&buf, "a+b c");
    hn_buf_deinit(&buf);
}

/* Without memory nothing is appended and decoders say no. */
static void failing_memory_is_reported(void **state)
{
    struct hn_buf buf = { 0 };

    (void)state;
    hn_mem_fail_from(1);
    assert_false(hn_base64_decode(&buf, HN_TEXT("Zm9v")));
    assert_false(hn_hex_decode(&buf, HN_TEXT("00")));
    hn_base64_encode(&buf, hn_bytes_of("abc", 3));
    hn_percent_decode(&buf, HN_TEXT("abc"));
    hn_mem_fail_from(0);
    assert_int_equal(buf.status, HN_NOMEM);
    assert_int_equal(buf.len, 0);
    hn_buf_deinit(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_vectors),
        cmocka_unit_test(base64_refuses),
        cmocka_unit_test(round_trips),
        cmocka_unit_test(hex_is_strict),
        cmocka_unit_test(percent_is_lenient),
        cmocka_unit_test(failing_memory_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
