/* test_ioc_hostile.c - input made to hurt costs time and memory in proportion to its size. */
#include "ioc_test.h"

#include <time.h>

static bool count_hit(void *ctx, const struct ioc_hit *hit)
{
    uint64_t *hits = ctx;

    (void)hit;
    ++*hits;
    return true;
}

/* Values of a megabyte that repeat what makes the scanner and the matcher work: each ends soon, as
 * text and as raw line. The bound is far above what is needed, and far below what anything
 * quadratic would take. */
static void long_values_take_linear_time(void **state)
{
    static const char *const units[] = { "a.", ".", "a", "1.", "192.0.2.1.", ":", "::", "a:", "%2F",
        "%", "\\", "\\u", "\\u0041", "&#", "@", "a@", "://", "a://", "http://", "\xE3\x81\x82",
        "\xE3\x81\x82.", "a.\xD0\xB0.", "aabbccddeeff0011", "/", "/a", "evil.example",
        "x.evil.example ", "://evil.example/", "u@evil.example ", "wordpath", "/wordpath/",
        "dir/tool_x.exe ", "tool_x.exe/", "[", "\xFF", "\xF0\x9F" };
    struct ioc_set *set = set_of("evil.example\n192.0.2.0/24\n2001:db8::1\nhttp://evil.example/a\n"
                                 "u@evil.example\n/wordpath/a\ntool_x.exe\ndir\\tool_x.exe\n"
                                 "aabbccddeeff0011aabbccddeeff0011\nb\xC3\xBC"
                                 "cher.example\n");

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(units); i++) {
        struct hn_buf text = { 0 };
        uint64_t hits = 0;
        clock_t start = clock();

        while (text.len < (size_t)1 << 20)
            hn_buf_add_cstr(&text, units[i]);
        (void)ioc_prefilter(set, hn_text_as_bytes(hn_buf_text(&text)));
        (void)ioc_match_value(set, hn_buf_text(&text), 0, count_hit, &hits);
        if (clock() - start > 30 * CLOCKS_PER_SEC)
            fail_msg("\"%s\" repeated takes %ld s", units[i],
                    (long)((clock() - start) / CLOCKS_PER_SEC));
        hn_buf_deinit(&text);
    }
    ioc_set_unref(set);
}

/* Whether a file is read, or refused, in bounded time and with bounded findings. */
static bool load_ends(struct hn_text text, enum ioc_format format)
{
    struct ioc_builder *builder = ioc_builder_new(NULL);
    struct ioc_input input = { .name = HN_TEXT("x"), .format = format };
    struct ioc_report report = { 0 };
    clock_t start = clock();

    input.bytes = hn_text_as_bytes(text);
    (void)!ioc_load(builder, &input, &report, NULL);
    assert_true(report.findings.count <= ioc_limits_default.findings_max);
    ioc_report_deinit(&report);
    ioc_builder_free(builder);
    return clock() - start < 30 * CLOCKS_PER_SEC;
}

/* Files of two megabytes that are one line, one quote, one bracket, one bar: each is read to its
 * end or refused. */
static void odd_files_end(void **state)
{
    static const char *const units[] = { "a", "\"", "\",", ",", "[", "{\"a\":", "<", "<a ", "&a;",
        "#", "\n", " ", "[.]", "[ ", " dot ", "hxxp://", "(", "'", "\t", "|", "1.2.3.4-", "\\",
        "\0", "\xFF", "\xE2\x80\x8B", "<!--", "<![CDATA[", "<!DOCTYPE [", "{\"list\":[",
        "\"a\",\n" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(units); i++) {
        struct hn_buf text = { 0 };

        while (text.len < (size_t)2 << 20)
            hn_buf_add(&text, units[i], units[i][0] == '\0' ? 1 : strlen(units[i]));
        for (unsigned format = IOC_FORMAT_AUTO; format < IOC_FORMAT_UNKNOWN; format++) {
            bool ends = load_ends(hn_buf_text(&text), (enum ioc_format)format);

            if (!ends)
                print_error("\"%s\" repeated as %s\n", units[i],
                        ioc_format_name((enum ioc_format)format));
            assert_true(ends);
        }
        hn_buf_deinit(&text);
    }
}

/* A feed of many different names below one parent, and of one name in many spellings, seals in
 * proportion; look-alikes stay apart. */
static void crowded_feeds(void **state)
{
    struct hn_buf list = { 0 };
    struct ioc_set *set;
    struct ioc_stats stats;

    (void)state;
    for (unsigned i = 0; i < 200000; i++)
        hn_buf_addf(&list, "%x.evil.example\nEVIL.example:%u\n", i, i % 65536);
    hn_buf_add_char(&list, '\0');
    set = set_of(list.ptr);
    ioc_set_stats(set, &stats);
    assert_int_equal(stats.indicators, 200001);
    expect(set, "1f.evil.example", IOC_HINT_HOST,
            "exact 1f.evil.example at 1f.evil.example\nsubdomain evil.example at evil.example");
    ioc_set_unref(set);
    hn_buf_deinit(&list);
}

/* Names that look alike are different indicators, and none matches another. */
static void homographs(void **state)
{
    struct ioc_set *set = set_of("\xD0\xB0pple.example\n"); /* Cyrillic a */

    (void)state;
    expect(set, "apple.example", IOC_HINT_HOST, "");
    expect(set, "pple.example", IOC_HINT_HOST, "");
    expect(set, "\xD0\xB0pple.example", IOC_HINT_HOST,
            "exact xn--pple-43d.example at \xD0\xB0pple.example");
    expect(set, "xn--pple-43d.example", IOC_HINT_HOST,
            "exact xn--pple-43d.example at xn--pple-43d.example");
    ioc_set_unref(set);
}

/* Random bytes as file of each format and as value: no crash, no hit outside the value. */
static void random_bytes(void **state)
{
    struct ioc_set *set = set_of("evil.example\n192.0.2.1\n/wordpath/a\ntool_x.exe\n"
                                 "b\xC3\xBC"
                                 "cher.example\nhttp://h.example/x\n");
    uint64_t seed = 8;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        static const char alphabet[] =
                "aevil.example:/\\%u0123[](){}<>\"',;@#&=?-_ \n\t\xD0\xB0\xE3\x81\xFF";
        char text[300];
        size_t len = (size_t)(next_random(&seed) % sizeof text);
        struct ioc_builder *builder = ioc_builder_new(NULL);
        struct ioc_input input = { .name = HN_TEXT("x"),
            .bytes = hn_bytes_of(text, len),
            .format = (enum ioc_format)(next_random(&seed) % IOC_FORMAT_UNKNOWN) };

        for (size_t i = 0; i < len; i++)
            text[i] = alphabet[next_random(&seed) % (sizeof alphabet - 1)];
        (void)!ioc_load(builder, &input, NULL, NULL);
        (void)hits_in(set, hn_text_of(text, len), (uint32_t)(next_random(&seed) % 16));
        ioc_builder_free(builder);
    }
    ioc_set_unref(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_values_take_linear_time),
        cmocka_unit_test(odd_files_end),
        cmocka_unit_test(crowded_feeds),
        cmocka_unit_test(homographs),
        cmocka_unit_test(random_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
