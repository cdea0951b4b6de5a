/* Proves that text from outside stays text in every place of the markup: escaped, defanged, marked
 * on whole characters, cut around what matched and never without saying so. */
#include "report/html.h"

#include "support/check.h"

static struct hn_buf out;
static struct hn_buf scratch;

static void show(struct hn_text text, struct html_value how)
{
    report_html_value(&out, &scratch, text, &how);
}

static void escapes(void **state)
{
    (void)state;
    report_html_text(&out, HN_TEXT("<a href=\"x\">&'</a>"));
    check_buf(&out, "&lt;a href=&quot;x&quot;&gt;&amp;&#39;&lt;/a&gt;");
    report_html_text(&out, hn_text_of("\0\x1b\x7f", 3));
    check_buf(&out, "\xE2\x90\x80\xE2\x90\x9B\\u007f");
    report_html_text(&out, HN_TEXT("\xE2\x80\xAEgnp\xEF\xBF\xBE\xFF"));
    check_buf(&out, "\\u202egnp\\ufffe\xEF\xBF\xBD");
}

static void defangs_addresses(void **state)
{
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        { "http://a.example", "hxxp://a.example" },
        { "see HTTPS://b.example/, ftp://c", "see HxxPS://b.example/, fxp://c" },
        { "http://", "http://" }, /* a rule's pattern, no address */
        { "ttp://a", "ttp://a" },
        { "://", "://" },
        { "shttp://a", "shxxp://a" },
        { "file://a", "file://a" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        report_html_defanged(&out, &scratch, hn_text_cstr(cases[i].text));
        check_buf(&out, cases[i].expected);
    }
}

static void marks_ranges(void **state)
{
    const struct html_range overlapping[] = { { 4, 6 }, { 0, 2 }, { 1, 3 }, { 9, 99 }, { 5, 5 } };
    const struct html_range inside[] = { { 1, 2 } };
    const struct html_range address[] = { { 0, 4 } };

    (void)state;
    show(HN_TEXT("a<cdefghij"), (struct html_value){ .ranges = overlapping, .range_count = 5 });
    check_buf(&out, "<mark>a&lt;c</mark>d<mark>ef</mark>ghi<mark>j</mark>");
    show(HN_TEXT("日本"), (struct html_value){ .ranges = inside, .range_count = 1 });
    check_buf(&out, "<mark>日</mark>本");
    show(HN_TEXT("http://x"), (struct html_value){ .ranges = address, .range_count = 1 });
    check_buf(&out, "<mark>hxxp</mark>://x");
}

static void cuts_around_the_mark(void **state)
{
    const struct html_range far[] = { { 90, 92 } };
    struct html_value how = { .ranges = far, .range_count = 1, .bytes_max = 20 };
    char text[100];

    (void)state;
    memset(text, 'x', sizeof text);
    show(hn_text_of(text, sizeof text), how);
    check_buf(&out, "<span class=\"cut\">… 85 bytes before … </span>xxxxx<mark>xx</mark>xxxxxxxx");
    how.range_count = 0;
    show(hn_text_of(text, sizeof text), how);
    check_buf(&out, "xxxxxxxxxxxxxxxxxxxx<span class=\"cut\">… 80 more bytes</span>");
    show(hn_text_of(text, 20), how);
    check_buf(&out, "xxxxxxxxxxxxxxxxxxxx");
}

/* Whatever the ranges and the limit, what is shown is a part of the text and nothing is lost
 * without a word. */
static void any_range_and_limit(void **state)
{
    struct check_random random = { 3 };
    static const char sample[] = "aé日\xF0\x9F\x98\x80\xFF<&http://z.example/ü";

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        struct html_range ranges[4];
        struct html_value how = { .ranges = ranges,
            .range_count = check_random_below(&random, 5),
            .bytes_max = check_random_below(&random, 30) };
        size_t opened = 0;
        size_t closed = 0;

        for (size_t i = 0; i < how.range_count; i++) {
            ranges[i].start = check_random_below(&random, 40);
            ranges[i].end = check_random_below(&random, 40);
        }
        show(hn_text_of(sample, sizeof sample - 1), how);
        assert_true(hn_buf_ok(&out));
        for (size_t at = 0;
                (at = hn_text_find(hn_buf_text(&out), HN_TEXT("<mark>"), at)) != SIZE_MAX; at++)
            opened++;
        for (size_t at = 0;
                (at = hn_text_find(hn_buf_text(&out), HN_TEXT("</mark>"), at)) != SIZE_MAX; at++)
            closed++;
        assert_int_equal(opened, closed);
        if (how.bytes_max == 0)
            assert_int_equal(
                    hn_text_find(hn_buf_text(&out), HN_TEXT("class=\"cut\""), 0), SIZE_MAX);
        hn_buf_reset(&out);
    }
}

static void links_only_what_is_one(void **state)
{
    static const char *const texts[] = { "javascript:alert(1)", "https://a\"b", "https://a b",
        "http://日本.example", "//a.example", "HTTPS://a.example", "https://a.example/\\x",
        "data:text/html,x", " https://a.example" };

    (void)state;
    report_html_reference(&out, HN_TEXT("https://a.example/?b=1&c=2"));
    check_buf(&out, "<a rel=\"noopener noreferrer\" target=\"_blank\" "
                    "href=\"https://a.example/?b=1&amp;c=2\">https://a.example/?b=1&amp;c=2</a>");
    for (size_t i = 0; i < HN_COUNT_OF(texts); i++) {
        report_html_reference(&out, hn_text_cstr(texts[i]));
        assert_int_equal(hn_text_find(hn_buf_text(&out), HN_TEXT("<a "), 0), SIZE_MAX);
        hn_buf_reset(&out);
    }
}

static int clean_up(void **state)
{
    (void)state;
    hn_buf_deinit(&out);
    hn_buf_deinit(&scratch);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes),
        cmocka_unit_test(defangs_addresses),
        cmocka_unit_test(marks_ranges),
        cmocka_unit_test(cuts_around_the_mark),
        cmocka_unit_test(any_range_and_limit),
        cmocka_unit_test(links_only_what_is_one),
    };

    return cmocka_run_group_tests(tests, NULL, clean_up);
}
