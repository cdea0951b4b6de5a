/* test_codepage.c - code pages by number, name and language; damage becomes U+FFFD, never more. */
#include "base/codepage.h"
#include "support/check.h"

static void check_page(
        uint32_t codepage, const char *bytes, size_t len, const char *expected, bool good)
{
    struct hn_buf buf = { 0 };

    assert_int_equal(hn_codepage_to_utf8(&buf, codepage, hn_bytes_of(bytes, len)), good);
    hn_buf_add_char(&buf, 0);
    assert_string_equal(buf.ptr, expected);
    hn_buf_deinit(&buf);
}

#define CHECK(page, bytes, expected)     check_page(page, bytes, sizeof(bytes) - 1, expected, true)
#define CHECK_BAD(page, bytes, expected) check_page(page, bytes, sizeof(bytes) - 1, expected, false)

static void pages_decode(void **state)
{
    (void)state;
    CHECK(1252, "a\x80\x93\xE9\x81", "a\xE2\x82\xAC\xE2\x80\x9C\xC3\xA9\xC2\x81");
    CHECK(1251, "\xCF\xF0\xE8", "При");
    CHECK(932, "\x83p\x83X \xB1 \x87\x40 \\", "パス ｱ ① \\"); /* p is a second byte here */
    CHECK(936, "\xD6\xD0\xCE\xC4", "中文");
    CHECK(949, "\xC7\xD1\xB1\xDB", "한글");
    CHECK(950, "\xA4\xA4\xA4\xE5", "中文");
    CHECK(1200, "a\0\x42\x30", "aあ");
    CHECK(1201, "\0a\x30\x42\xD8\x3D\xDE\x00", "aあ😀");
    CHECK(65001, "\xE3\x81\x82", "あ");
    CHECK(50220, "\x1B$B%Q%9\x1B(B!", "パス!");
    CHECK(51932, "\xA5\xD1\xA5\xB9", "パス");
    CHECK(20866, "\xF0\xD2\xC9", "При");
    CHECK(10000, "\x8E", "é");
    CHECK(37, "\xC1\xC2", "AB");
}

static void damage_is_marked(void **state)
{
    (void)state;
    CHECK_BAD(932, "a\x83", "a\xEF\xBF\xBD");
    CHECK_BAD(932, "\xFF z", "\xEF\xBF\xBD z");
    CHECK_BAD(1201, "\xD8\x00\x00z\x01", "\xEF\xBF\xBDz\xEF\xBF\xBD");
    CHECK_BAD(1200, "z\0\x01", "z\xEF\xBF\xBD");
    CHECK_BAD(65001, "\xE3\x81", "\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK_BAD(4711, "\xE9", "\xC3\xA9"); /* nobody knows it: as 1252 */
    CHECK(4711, "plain", "plain");
}

static void names_are_known(void **state)
{
    (void)state;
    assert_int_equal(hn_codepage_of_name(HN_TEXT("ISO-2022-JP")), 50220);
    assert_int_equal(hn_codepage_of_name(HN_TEXT(" shift_jis ")), 932);
    assert_int_equal(hn_codepage_of_name(HN_TEXT("Windows-1251")), 1251);
    assert_int_equal(hn_codepage_of_name(HN_TEXT("cp850")), 850);
    assert_int_equal(hn_codepage_of_name(HN_TEXT("iso-8859-15")), 28605);
    assert_int_equal(hn_codepage_of_name(HN_TEXT("iso-8859-99")), 0);
    assert_int_equal(hn_codepage_of_name(HN_TEXT("cp4711")), 0);
    assert_int_equal(hn_codepage_of_name(HN_TEXT("")), 0);
    assert_int_equal(hn_codepage_of_lcid(0x0411), 932);
    assert_int_equal(hn_codepage_of_lcid(0x0404), 950);
    assert_int_equal(hn_codepage_of_lcid(0x0804), 936);
    assert_int_equal(hn_codepage_of_lcid(0x0419), 1251);
    assert_int_equal(hn_codepage_of_lcid(0x0409), 1252);
    assert_true(hn_codepage_known(1200));
    assert_false(hn_codepage_known(1));
}

/* Every row has a decoder on this system; and long text crosses the pieces iconv works in. */
static void every_page_opens(void **state)
{
    struct hn_buf buf = { 0 };
    char text[5000];
    uint32_t known = 0;

    (void)state;
    for (uint32_t page = 0; page < 66000; page++)
        known += hn_codepage_known(page) ? 1 : 0;
    assert_int_equal(hn_codepage_warm(), known - 5); /* five need no iconv */
    memset(text, '\xCF', sizeof text);
    assert_true(hn_codepage_to_utf8(&buf, 1251, hn_bytes_of(text, sizeof text)));
    assert_int_equal(buf.len, 2 * sizeof text);
    hn_buf_deinit(&buf);
}

/* ISO-2022-JP as it is written: half-width kana by ESC ( I and by SO, a vendor's row, JIS X 0212, a
 * line that forgets to end its kanji, eight-bit kana in between. */
static void japanese_mail_is_read(void **state)
{
    static const struct {
        const char *bytes;
        const char *utf8;
    } cases[] = {
        { "\033$B%F%9%H\033(B ok", "\xE3\x83\x86\xE3\x82\xB9\xE3\x83\x88 ok" },
        { "\033(I1\033(B!", "\xEF\xBD\xB1!" },
        { "\0161\017!", "\xEF\xBD\xB1!" },
        { "\xB1!", "\xEF\xBD\xB1!" },
        { "\033$B-!\033(B", "\xE2\x91\xA0" },
        { "\033$(D0!\033(B", "\xE4\xB8\x82" },
        { "\033$B%F\nab", "\xE3\x83\x86\nab" },
        { "\033(J\\~", "\\~" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct hn_buf out = { 0 };

        assert_true(hn_codepage_to_utf8(
                &out, 50221, hn_bytes_of(cases[i].bytes, strlen(cases[i].bytes))));
        hn_buf_add_char(&out, '\0');
        assert_string_equal(out.ptr, cases[i].utf8);
        hn_buf_deinit(&out);
    }
}

/* Every byte, every two bytes (of a sample of them), as before the tables were made. */
static void tables_say_what_the_library_says(void **state)
{
    static const uint32_t last = 70000;
    static uint8_t bytes[256 * 17];
    struct hn_buf before[128] = { 0 };
    uint32_t known[128];
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i < 256 ? i : i * 167 + i / 256);
    for (uint32_t page = 0; page < last; page++) {
        if (!hn_codepage_known(page))
            continue;
        assert_true(count < 128);
        known[count] = page;
        (void)hn_codepage_to_utf8(&before[count++], page, hn_bytes_of(bytes, sizeof bytes));
    }
    assert_true(hn_codepage_warm() > 60);
    for (size_t i = 0; i < count; i++) {
        struct hn_buf after = { 0 };

        (void)hn_codepage_to_utf8(&after, known[i], hn_bytes_of(bytes, sizeof bytes));
        assert_int_equal(after.len, before[i].len);
        assert_memory_equal(after.ptr, before[i].ptr, after.len);
        hn_buf_deinit(&after);
        hn_buf_deinit(&before[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_say_what_the_library_says), /* before anything else is warm */
        cmocka_unit_test(pages_decode),
        cmocka_unit_test(damage_is_marked),
        cmocka_unit_test(names_are_known),
        cmocka_unit_test(every_page_opens),
        cmocka_unit_test(japanese_mail_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
