/* test_ioc_refang.c - defanged writing is undone, and nothing else is. */
#include "ioc_test.h"

static void expect_plain(const char *written, const char *wanted)
{
    struct hn_buf out = { 0 };

    ioc_refang(&out, hn_text_cstr(written));
    hn_buf_add_char(&out, '\0');
    assert_true(hn_buf_ok(&out));
    if (strcmp(out.ptr, wanted) != 0)
        fail_msg("\"%s\"\nwanted: %s\ngot:    %s", written, wanted, out.ptr);
    hn_buf_deinit(&out);
}

/* Each way of defanging that reports use gives the plain indicator. */
static void every_way_of_writing(void **state)
{
    static const struct {
        const char *written;
        const char *plain;
    } cases[] = {
        { "evil[.]example", "evil.example" },
        { "evil(.)example", "evil.example" },
        { "evil{.}example", "evil.example" },
        { "evil[dot]example", "evil.example" },
        { "evil(DOT)example", "evil.example" },
        { "evil [.] example", "evil.example" },
        { "evil[ . ]example", "evil.example" },
        { "evil dot example", "evil.example" },
        { "evil[.example", "evil.example" },
        { "evil.]example", "evil.example" },
        { "192[.]0[.]2[.]1", "192.0.2.1" },
        { "192.0.2[.]1[:]443", "192.0.2.1:443" },
        { "hxxp://evil.example/a", "http://evil.example/a" },
        { "hXXps://evil.example", "https://evil.example" },
        { "h**p://evil.example", "http://evil.example" },
        { "hxtp://evil.example", "http://evil.example" },
        { "meow://evil.example", "http://evil.example" },
        { "fxp://evil.example", "ftp://evil.example" },
        { "hxxp[:]//evil[.]example", "http://evil.example" },
        { "hxxp[://]evil[.]example[/]a", "http://evil.example/a" },
        { "user[@]evil.example", "user@evil.example" },
        { "user(at)evil[.]example", "user@evil.example" },
        { "user at evil dot example", "user@evil.example" },
        { "\xEF\xBD\x85\xEF\xBD\x96il\xEF\xBC\x8E" "example", "evil.example" }, /* full width */
        { "evil\xE3\x80\x82" "example", "evil.example" },                       /* ideographic stop */
        { "ev\xE2\x80\x8Bil\xC2\xAD.exa\xEF\xBB\xBFmple", "evil.example" },     /* zero width */
        { "\"evil.example\",", "evil.example" },
        { "<evil.example>", "evil.example" },
        { "(evil.example).", "evil.example" },
        { "  evil.example;\r\n", "evil.example" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++)
        expect_plain(cases[i].written, cases[i].plain);
}

/* What looks like defanging but is part of the indicator stays. */
static void leaves_the_rest_alone(void **state)
{
    static const char *const unchanged[] = { "http://h.example/a(b)", "[2001:db8::1]:443",
        "2001:db8::", "http://h.example/a?b=[c]", "/ohsh!t.sh", "the dotted line",
        "C:\\temp\\.hidden\\x.exe", "look at this. or not" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(unchanged); i++)
        expect_plain(unchanged[i], unchanged[i]);
}

/* Any mixture of marks and broken characters ends, and never grows. */
static void never_grows(void **state)
{
    static const char pieces[][8] = { "[", ".", "]", "dot", " ", "a", "hxxp", ":", "/", "(", ")",
        "\xFF", "\xE3\x80", "@", "at" };
    uint64_t seed = 99;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct hn_buf text = { 0 };
        struct hn_buf once = { 0 };

        for (uint64_t n = next_random(&seed) % 12; n > 0; n--)
            hn_buf_add_cstr(&text, pieces[next_random(&seed) % HN_COUNT_OF(pieces)]);
        ioc_refang(&once, hn_buf_text(&text));
        assert_true(once.len <= text.len);
        hn_buf_deinit(&text);
        hn_buf_deinit(&once);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_of_writing),
        cmocka_unit_test(leaves_the_rest_alone),
        cmocka_unit_test(never_grows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
