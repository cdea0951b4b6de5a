/* test_view.c - cutting and searching borrowed text, absent text included. */
#include "support/check.h"

static const struct hn_text absent = { NULL, 0 };

/* A part never leaves the text, wherever it is asked for. */
static void parts_stay_inside(void **state)
{
    struct hn_text text = HN_TEXT("abcdef");

    (void)state;
    check_text(hn_text_sub(text, 2, 3), "cde");
    check_text(hn_text_sub(text, 4, SIZE_MAX), "ef");
    check_text(hn_text_sub(text, 6, 1), "");
    check_text(hn_text_sub(text, SIZE_MAX, SIZE_MAX), "");
    assert_null(hn_text_sub(absent, 0, 9).ptr);
    assert_null(hn_text_sub(absent, 5, 9).ptr);
}

/* Absent text (NULL, 0) is a text like any other to every function. */
static void absent_text_is_empty(void **state)
{
    struct hn_text part = absent;
    struct hn_text rest = absent;

    (void)state;
    assert_true(hn_text_eq(absent, HN_TEXT("")));
    assert_true(hn_text_eq_nocase(absent, HN_TEXT("")));
    assert_true(hn_text_starts(absent, HN_TEXT("")));
    assert_true(hn_text_ends(absent, HN_TEXT("")));
    assert_true(hn_text_ends_nocase(absent, HN_TEXT("")));
    assert_true(hn_text_ends(HN_TEXT("a"), absent));
    assert_false(hn_text_starts(absent, HN_TEXT("a")));
    assert_int_equal(hn_text_find(absent, HN_TEXT("a"), 0), SIZE_MAX);
    assert_int_equal(hn_text_find_nocase(absent, HN_TEXT("a"), 0), SIZE_MAX);
    assert_int_equal(hn_text_find_char(absent, 'a', 0), SIZE_MAX);
    assert_int_equal(hn_text_trim(absent).len, 0);
    assert_int_equal(hn_text_cmp(absent, HN_TEXT("")), 0);
    assert_false(hn_text_split(&rest, ',', &part));
    assert_false(hn_text_line(&rest, &part));
}

/* Case is ignored for ASCII letters only, and for no other byte. */
static void nocase_is_ascii(void **state)
{
    (void)state;
    for (int a = 0; a < 256; a++) {
        for (int b = 0; b < 256; b++) {
            char left = (char)a;
            char right = (char)b;
            bool letter = (a >= 'a' && a <= 'z') || (a >= 'A' && a <= 'Z');
            bool same = a == b || (letter && (a ^ b) == 0x20);

            assert_int_equal(hn_text_eq_nocase(hn_text_of(&left, 1), hn_text_of(&right, 1)), same);
        }
    }
    assert_true(hn_text_starts_nocase(HN_TEXT("PowerShell.exe"), HN_TEXT("POWERSHELL")));
    assert_true(hn_text_ends_nocase(HN_TEXT("PowerShell.exe"), HN_TEXT(".EXE")));
    assert_false(hn_text_ends_nocase(HN_TEXT("exe"), HN_TEXT(".exe")));
    assert_false(hn_text_starts(HN_TEXT("Abc"), HN_TEXT("a")));
    assert_true(hn_text_ends(HN_TEXT("Abc"), HN_TEXT("bc")));
}

static size_t naive_find(struct hn_text text, struct hn_text needle, size_t start, bool nocase)
{
    for (size_t i = start; i <= text.len && needle.len <= text.len - i; i++) {
        struct hn_text at = hn_text_sub(text, i, needle.len);

        if (nocase ? hn_text_eq_nocase(at, needle) : hn_text_eq(at, needle))
            return i;
    }
    return SIZE_MAX;
}

/* Searching finds what a plain loop finds: over all short texts of two letters in both cases. */
static void find_equals_a_plain_loop(void **state)
{
    static const char letters[] = "aAb";
    struct check_random random = { 1 };

    (void)state;
    for (int round = 0; round < 20000; round++) {
        char text[64];
        char needle[4];
        struct hn_text t = { text, check_random_below(&random, round % 2 == 0 ? 13 : 65) };
        struct hn_text n = { needle, check_random_below(&random, 5) };
        size_t start = check_random_below(&random, 14);

        for (size_t i = 0; i < t.len; i++)
            text[i] = letters[check_random_below(&random, 3)];
        for (size_t i = 0; i < n.len; i++)
            needle[i] = letters[check_random_below(&random, 3)];
        assert_int_equal(hn_text_find(t, n, start), naive_find(t, n, start, false));
        assert_int_equal(hn_text_find_nocase(t, n, start), naive_find(t, n, start, true));
    }
    assert_int_equal(hn_text_find_char(HN_TEXT("a,b"), ',', 2), SIZE_MAX);
    assert_int_equal(hn_text_find_char(HN_TEXT("a,b"), ',', 1), 1);
}

/* Splitting gives every part, the empty ones at both ends included, and joined again the text. */
static void split_gives_every_part(void **state)
{
    struct hn_text rest = HN_TEXT(",a,,b,");
    static const char *const parts[] = { "", "a", "", "b", "" };
    struct hn_text part;

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(parts); i++) {
        assert_true(hn_text_split(&rest, ',', &part));
        check_text(part, parts[i]);
    }
    assert_false(hn_text_split(&rest, ',', &part));
    rest = HN_TEXT("");
    assert_true(hn_text_split(&rest, ',', &part)); /* an empty text is one empty part */
    check_text(part, "");
    assert_false(hn_text_split(&rest, ',', &part));
}

/* Lines end with LF or CRLF; the last needs neither, and a lone CR is part of its line. */
static void lines_end_with_lf_or_crlf(void **state)
{
    struct hn_text rest = HN_TEXT("one\r\n\ntw\ro\n\r\nlast");
    static const char *const lines[] = { "one", "", "tw\ro", "", "last" };
    struct hn_text line;

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(lines); i++) {
        assert_true(hn_text_line(&rest, &line));
        check_text(line, lines[i]);
    }
    assert_false(hn_text_line(&rest, &line));
    rest = HN_TEXT("a\n");
    assert_true(hn_text_line(&rest, &line));
    assert_false(hn_text_line(&rest, &line)); /* nothing behind the last LF is no line */
}

/* Order is by unsigned bytes, then by length. */
static void order_is_by_bytes(void **state)
{
    (void)state;
    assert_true(hn_text_cmp(HN_TEXT("a"), HN_TEXT("b")) < 0);
    assert_true(hn_text_cmp(HN_TEXT("\x80"), HN_TEXT("z")) > 0);
    assert_true(hn_text_cmp(HN_TEXT("ab"), HN_TEXT("a")) > 0);
    assert_int_equal(hn_text_cmp(HN_TEXT("ab"), HN_TEXT("ab")), 0);
    check_text(hn_text_trim(HN_TEXT(" \t\r\n a b \n")), "a b");
    check_text(hn_text_trim(HN_TEXT(" \t ")), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_stay_inside),
        cmocka_unit_test(absent_text_is_empty),
        cmocka_unit_test(nocase_is_ascii),
        cmocka_unit_test(find_equals_a_plain_loop),
        cmocka_unit_test(split_gives_every_part),
        cmocka_unit_test(lines_end_with_lf_or_crlf),
        cmocka_unit_test(order_is_by_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
