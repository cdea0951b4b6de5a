/* test_rtf.c - compressed RTF by the examples of [MS-OXRTFCP], and what is read in RTF. */
#include "mail_case.h"

#include "base/enc.h"

static enum hn_status unpack(const char *hex, struct hn_buf *out, bool *damaged)
{
    struct hn_buf bytes = { 0 };
    enum hn_status status;

    assert_true(hn_hex_decode(&bytes, hn_text_cstr(hex)));
    status = mail_rtf_decompress(hn_text_as_bytes(hn_buf_text(&bytes)), out, damaged, NULL);
    hn_buf_deinit(&bytes);
    return status;
}

/* [MS-OXRTFCP] 4.1.1 and 4.1.2. */
#define SIMPLE                                                   \
    "2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232" \
    "0af32068656c090020627705b06c647d0a800fa0"
#define CROSSING "1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0"

static void examples_are_decompressed(void **state)
{
    struct hn_buf out = { 0 };
    bool damaged = true;

    (void)state;
    assert_int_equal(unpack(SIMPLE, &out, &damaged), HN_OK);
    assert_true(hn_text_eq(
            hn_buf_text(&out), HN_TEXT("{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n")));
    assert_false(damaged);
    hn_buf_reset(&out);
    assert_int_equal(unpack(CROSSING, &out, &damaged), HN_OK);
    assert_true(hn_text_eq(hn_buf_text(&out), HN_TEXT("{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}")));
    assert_false(damaged);
    hn_buf_deinit(&out);
}

static void damage_is_told(void **state)
{
    struct hn_buf out = { 0 };
    bool damaged = false;

    (void)state;
    /* Another checksum. */
    assert_int_equal(
            unpack("1a0000001c0000004c5a4675e2d44b52410004205758595a0d6e7d010eb0", &out, &damaged),
            HN_OK);
    assert_true(damaged);
    hn_buf_reset(&out);
    /* Stored, with too few bytes. */
    assert_int_equal(unpack("0f000000050000004d454c4100000000616263", &out, &damaged), HN_OK);
    assert_true(damaged);
    assert_true(hn_text_eq(hn_buf_text(&out), HN_TEXT("abc")));
    assert_int_equal(unpack("1a0000001c0000004c5a4676e2d44b51", &out, &damaged), HN_CORRUPT);
    assert_int_equal(unpack("1a000000ffffffff4c5a4675e2d44b51", &out, &damaged), HN_LIMIT);
    assert_int_equal(unpack("1a00", &out, &damaged), HN_TRUNCATED);
    hn_buf_deinit(&out);
}

/* What comes out is bounded by what is stated, within a group of eight as well (found by fuzzing).
 */
static void no_more_than_stated_comes_out(void **state)
{
    struct hn_buf out = { 0 };
    bool damaged = false;
    char hex[33 + 90 * 2];

    (void)state;
    memcpy(hex, "60000000010000004c5a467500000000", 32);
    memset(hex + 32, '0', 180);
    hex[32 + 180] = '\0';
    assert_int_equal(unpack(hex, &out, &damaged), HN_OK);
    assert_true(damaged);
    assert_int_equal(out.len, 1 + 64);
    hn_buf_deinit(&out);
}

/* Every prefix gives the beginning of the same RTF, and says that it is damaged. */
static void every_truncation_is_told(void **state)
{
    struct hn_buf whole = { 0 };
    bool damaged;

    (void)state;
    assert_int_equal(unpack(SIMPLE, &whole, &damaged), HN_OK);
    for (size_t len = 16; len < sizeof SIMPLE / 2; len++) {
        char hex[sizeof SIMPLE];
        struct hn_buf out = { 0 };

        memcpy(hex, SIMPLE, len * 2);
        hex[len * 2] = '\0';
        damaged = false;
        assert_int_equal(unpack(hex, &out, &damaged), HN_OK);
        assert_true(damaged);
        assert_true(hn_text_starts(hn_buf_text(&whole), hn_buf_text(&out)));
        hn_buf_deinit(&out);
    }
    hn_buf_deinit(&whole);
}

struct rtf_case {
    const char *rtf;
    enum mail_rtf_kind kind;
    const char *text;
};

static const struct rtf_case rtf_cases[] = {
    { "{\\rtf1\\ansi hello\\par world}", MAIL_RTF_TEXT, "hello\r\nworld" },
    { "{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}{\\colortbl;\\red0;}{\\*\\generator "
      "x;}{\\info{\\author "
      "a}}text}",
            MAIL_RTF_TEXT, "text" },
    { "{\\rtf1\\ansi\\ansicpg932 \\'83\\'65\\'83\\'58}", MAIL_RTF_TEXT,
            "\xE3\x83\x86\xE3\x82\xB9" },
    { "{\\rtf1\\ansi{\\fonttbl{\\f0\\fcharset0 A;}{\\f1\\fcharset128 B;}}\\f1 \\'83\\'65\\f0 "
      "\\'e4}",
            MAIL_RTF_TEXT, "\xE3\x83\x86\xC3\xA4" },
    { "{\\rtf1\\uc1 \\u12486?\\u-10179?\\u-8704?x}", MAIL_RTF_TEXT,
            "\xE3\x83\x86\xF0\x9F\x98\x80x" },
    { "{\\rtf1\\uc2 \\u228\\'81\\'8fz\\{\\}\\\\}", MAIL_RTF_TEXT, "\xC3\xA4z{}\\" },
    { "{\\rtf1\\bin3 }}}x}", MAIL_RTF_TEXT, "x" },
    /* [MS-OXRTFEX] 4.1, shortened. */
    { "{\\rtf1\\ANSI\\ansicpg1251\\fromhtml1 \\deff0{\\fonttbl {\\f0\\fmodern Courier New;}}"
      "{\\*\\htmltag64}\\htmlrtf \\uc1 \\htmlrtf0 {\\*\\htmltag18 <HTML>}\r\n"
      "{\\*\\htmltag84 <i>}\\htmlrtf {\\i \\htmlrtf0 text\\'e0 {\\*\\htmltag92 "
      "</i>}\\htmlrtf }\\htmlrtf0 {\\*\\htmltag27 </HTML>}{\\*\\mhtmltag27 no}}",
            MAIL_RTF_HTML, "<HTML><i>text\xD0\xB0 </i></HTML>" },
};

static void text_and_html_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(rtf_cases); i++) {
        struct hn_buf out = { 0 };

        assert_int_equal(mail_rtf_read(hn_text_cstr(rtf_cases[i].rtf), &out), rtf_cases[i].kind);
        hn_buf_add_char(&out, '\0');
        assert_string_equal(out.ptr, rtf_cases[i].text);
        hn_buf_deinit(&out);
    }
}

static void deep_groups_are_survived(void **state)
{
    struct hn_buf rtf = { 0 };
    struct hn_buf out = { 0 };

    (void)state;
    hn_buf_add_repeat(&rtf, '{', 100000);
    hn_buf_add_lit(&rtf, "a");
    hn_buf_add_repeat(&rtf, '}', 200000);
    hn_buf_add_lit(&rtf, "b");
    (void)mail_rtf_read(hn_buf_text(&rtf), &out);
    assert_true(hn_text_eq(hn_buf_text(&out), HN_TEXT("ab")));
    hn_buf_deinit(&out);
    hn_buf_deinit(&rtf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_are_decompressed),
        cmocka_unit_test(damage_is_told),
        cmocka_unit_test(no_more_than_stated_comes_out),
        cmocka_unit_test(every_truncation_is_told),
        cmocka_unit_test(text_and_html_are_read),
        cmocka_unit_test(deep_groups_are_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
