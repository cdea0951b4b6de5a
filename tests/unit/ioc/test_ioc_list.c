/* test_ioc_list.c - plain lists as they come. */
#include "ioc_test.h"

/* Comments, references, ports, ranges, hosts files, hash sums and names with spaces, each line for
 * itself; what cannot be used is told with its line. */
static void lines_of_every_kind(void **state)
{
    static const char text[] = "# Aliases: Geodo, Heodo\r\n"
                               "# Reference: https://r.example/1\r\n"
                               "# Reference: https://r.example/2\r\n"
                               "\r\n"
                               "evil.example\r\n"
                               "192.0.2.1:8080\r\n"
                               "; a comment\r\n"
                               "// another\r\n"
                               "hxxp://bad[.]example/a.php   # dropper\r\n"
                               "192.0.2.4-192.0.2.6\r\n"
                               "198.51.100.0/24 ; whole net\r\n"
                               "0.0.0.0 ads.example tracker.example localhost\r\n"
                               "aabbccddeeff00112233445566778899  some file.exe\r\n"
                               "my evil tool.exe\r\n"
                               "evil dot example\r\n"
                               "nonsense\r\n"
                               "co.jp\r\n"
                               "\xFF\xFE.example\r\n"
                               "last.example";

    (void)state;
    expect_file(NULL, file_of("feeds/emotet.txt", text),
            "5 domain evil.example family=emotet tags=Geodo, Heodo reference=https://r.example/1\n"
            "6 ipv4 192.0.2.1 port=8080 family=emotet tags=Geodo, Heodo "
            "reference=https://r.example/1\n"
            "9 url http://bad.example/a.php family=emotet tags=Geodo, Heodo comment=dropper "
            "reference=https://r.example/1\n"
            "10 cidr 192.0.2.4/31 family=emotet tags=Geodo, Heodo reference=https://r.example/1\n"
            "10 ipv4 192.0.2.6 family=emotet tags=Geodo, Heodo reference=https://r.example/1\n"
            "11 cidr 198.51.100.0/24 family=emotet tags=Geodo, Heodo comment=whole net "
            "reference=https://r.example/1\n"
            "12 domain ads.example family=emotet tags=Geodo, Heodo reference=https://r.example/1\n"
            "12 domain tracker.example family=emotet tags=Geodo, Heodo "
            "reference=https://r.example/1\n"
            "13 md5 aabbccddeeff00112233445566778899 family=emotet tags=Geodo, Heodo "
            "comment=some file.exe reference=https://r.example/1\n"
            "14 filename my evil tool.exe family=emotet tags=Geodo, Heodo comment=evil tool.exe "
            "reference=https://r.example/1\n"
            "19 domain last.example family=emotet tags=Geodo, Heodo "
            "reference=https://r.example/1\n",
            "12 context localhost\n"
            "16 unknown nonsense\n"
            "17 suffix co.jp\n"
            "18 utf8 \xFF\xFE.example\n");
}

/* A new reference holds for the lines below it. */
static void references_hold_downwards(void **state)
{
    (void)state;
    expect_file(NULL,
            file_of("x.txt",
                    "a1.example\n# Reference: u\na2.example\n\n# Reference: v\na3.example\n"),
            "1 domain a1.example family=x\n"
            "3 domain a2.example family=x reference=u\n"
            "6 domain a3.example family=x reference=v\n",
            "");
}

/* A line of the greatest length is read; a longer one is one finding, and the next line is read. */
static void long_lines(void **state)
{
    struct ioc_options options = ioc_options_default;
    struct hn_buf text = { 0 };
    struct ioc_builder *builder;
    struct ioc_report report;
    struct ioc_stats stats;
    struct ioc_set *set;

    (void)state;
    options.limits.line_bytes_max = 100;
    builder = ioc_builder_new(&options);
    hn_buf_add_lit(&text, "http://h.example/");
    hn_buf_add_repeat(&text, 'a', 83);
    hn_buf_add_lit(&text, "\nhttp://h.example/");
    hn_buf_add_repeat(&text, 'a', 84);
    hn_buf_add_lit(&text, "\nb.example\n");
    report = load_as(builder, IOC_FORMAT_AUTO, "x", hn_buf_text(&text));
    assert_int_equal(report.by_reason[IOC_REASON_LENGTH], 1);
    assert_int_equal(report.findings.ptr[0].line, 2);
    assert_int_equal(report.findings.ptr[0].excerpt_len, IOC_EXCERPT_MAX);
    ioc_report_deinit(&report);
    set = seal_and_free(builder);
    ioc_set_stats(set, &stats);
    assert_int_equal(stats.indicators, 2);
    ioc_set_unref(set);
    hn_buf_deinit(&text);
}

/* Only the first findings are kept, but all are counted. */
static void findings_are_bounded(void **state)
{
    struct ioc_options options = ioc_options_default;
    struct ioc_builder *builder;
    struct hn_buf text = { 0 };
    struct ioc_report report;

    (void)state;
    options.limits.findings_max = 3;
    builder = ioc_builder_new(&options);
    for (int i = 0; i < 100; i++)
        hn_buf_add_lit(&text, "nonsense\n");
    report = load_as(builder, IOC_FORMAT_LIST_PLAIN, "x", hn_buf_text(&text));
    assert_int_equal(report.findings.count, 3);
    assert_int_equal(report.rejected, 100);
    assert_int_equal(report.entries, 100);
    ioc_report_deinit(&report);
    ioc_builder_free(builder);
    hn_buf_deinit(&text);
}

/* Files with a byte order mark, as UTF-8 or UTF-16, are read; empty ones give nothing. */
static void byte_order_marks(void **state)
{
    static const char utf16[] = "\xFF\xFE"
                                "e\0.\0e\0x\0a\0m\0p\0l\0e\0\r\0\n\0";
    struct ioc_input input = { .name = HN_TEXT("x"),
        .bytes = hn_bytes_of(utf16, sizeof utf16 - 1) };

    (void)state;
    expect_file(NULL,
            file_of("x", "\xEF\xBB\xBF"
                         "evil.example\n"),
            "1 domain evil.example family=x\n", "");
    expect_file(NULL, input, "1 domain e.example family=x\n", "");
    expect_file(NULL, file_of("x", ""), "", "");
    expect_file(NULL, file_of("x", "\n\n# nothing\n"), "", "");
}

/* What is larger than the limit is refused as a whole. */
static void large_files(void **state)
{
    struct ioc_options options = ioc_options_default;
    struct ioc_input input = file_of("x", "evil.example\n");
    struct ioc_builder *builder;
    struct hn_err err = { 0 };

    (void)state;
    options.limits.file_bytes_max = 5;
    builder = ioc_builder_new(&options);
    assert_int_equal(ioc_load(builder, &input, NULL, &err), HN_LIMIT);
    assert_true(err.msg[0] != '\0');
    ioc_builder_free(builder);
}

static void every_truncation(void **state)
{
    (void)state;
    read_every_prefix(IOC_FORMAT_LIST_PLAIN,
            "# Reference: x\nhxxp://a[.]example/b # c\n0.0.0.0 a.example b.example\n"
            "192.0.2.1-192.0.2.9\nmy file.exe\n\xE3\x80\x82");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_every_kind),
        cmocka_unit_test(references_hold_downwards),
        cmocka_unit_test(long_lines),
        cmocka_unit_test(findings_are_bounded),
        cmocka_unit_test(byte_order_marks),
        cmocka_unit_test(large_files),
        cmocka_unit_test(every_truncation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
