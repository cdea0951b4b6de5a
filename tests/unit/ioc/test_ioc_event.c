/* test_ioc_event.c - whole events: hints by field, URLs in several fields. */
#include "ioc_test.h"

struct field {
    const char *name;
    const char *value;
};

static uint32_t match_fields(const struct ioc_set *set, const struct field *fields, size_t count,
        ioc_on_hit *on_hit, void *ctx)
{
    struct hn_schema *schema = hn_schema_new();
    struct hn_event event;
    uint32_t hits;

    assert_non_null(schema);
    assert_int_equal(hn_schema_seal(schema, NULL), HN_OK);
    assert_int_equal(hn_event_init(&event, schema, NULL, true), HN_OK);
    hn_event_reset(&event);
    for (size_t i = 0; i < count; i++)
        hn_event_add_text(&event, hn_text_cstr(fields[i].name), hn_text_cstr(fields[i].value));
    hn_event_add_i64(&event, HN_TEXT("Number"), 3221225985); /* 192.0.2.1 as a number */
    hits = ioc_match_event(set, &event, on_hit, ctx);
    hn_event_deinit(&event);
    hn_schema_free(schema);
    return hits;
}

static void expect_event(
        const struct ioc_set *set, const struct field *fields, size_t count, const char *wanted)
{
    struct hit_text out = { .set = set };

    (void)match_fields(set, fields, count, write_hit, &out);
    out.text[out.len] = '\0';
    if (strcmp(out.text, wanted) != 0)
        fail_msg("wanted:\n%s\ngot:\n%s", wanted, out.text);
}

#define EXPECT(set, wanted, ...)                                    \
    do {                                                            \
        static const struct field fields[] = { __VA_ARGS__ };       \
        expect_event((set), fields, HN_COUNT_OF(fields), (wanted)); \
    } while (0)

/* Each hit names its field; fields that hold versions or paths give no hosts. */
static void fields_of_windows_events(void **state)
{
    struct ioc_set *set = set_of("evil.example\n10.0.1.2\nreadme.md\n"
                                 "aabbccddeeff00112233445566778899\ndropper.exe\n");

    (void)state;
    EXPECT(set,
            "tail dropper.exe at dropper.exe in Image\n"
            "subdomain evil.example at evil.example in CommandLine\n"
            "exact aabbccddeeff00112233445566778899 at AABBCCDDEEFF00112233445566778899 in Hashes\n"
            "exact readme.md at readme.md in QueryName\n"
            "exact 10.0.1.2 at 10.0.1.2 in DestinationIp",
            { "Image", "C:\\evil.example\\dropper.exe" }, { "FileVersion", "10.0.1.2" },
            { "CommandLine", "dropper -c c2.evil.example readme.md" },
            { "Hashes", "SHA1=00,MD5=AABBCCDDEEFF00112233445566778899" },
            { "QueryName", "readme.md" }, { "DestinationIp", "10.0.1.2" },
            { "OriginalFileName", "readme.md" });
    ioc_set_unref(set);
}

/* Where a log splits the URL, its parts are one again. */
static void urls_in_several_fields(void **state)
{
    struct ioc_set *set = set_of("http://evil.example/a/b.php\nhttp://port.example:8080/x\n"
                                 "http://q.example/p?id=1\npre.example/kit\n");

    (void)state;
    EXPECT(set, "exact http://evil.example/a/b.php at evil.example/a/b.php in cs-uri-stem",
            { "cs-host", "evil.example" }, { "cs-uri-stem", "/a/b.php" }, { "cs-uri-query", "-" });
    EXPECT(set, "exact http://q.example/p?id=1 at q.example/p?id=1 in cs-uri-stem",
            { "cs-uri-query", "id=1" }, { "cs-uri-stem", "/p" }, { "cs-host", "q.example" });
    EXPECT(set, "exact http://port.example:8080/x at port.example:8080/x in http.url",
            { "http.hostname", "port.example" }, { "http.http_port", "8080" },
            { "http.url", "/x" });
    EXPECT(set, "prefix pre.example/kit/* at pre.example:80/kit/1 in uri",
            { "host", "pre.example" }, { "id.resp_p", "80" }, { "uri", "/kit/1" });
    EXPECT(set, "exact http://evil.example/a/b.php at evil.example/a/b.php in url.path",
            { "url.domain", "evil.example" }, { "url.path", "/a/b.php" });
    EXPECT(set, "", { "cs-host", "evil.example" }, { "cs-uri-stem", "/a/c.php" });
    EXPECT(set, "", { "cs-host", "evil.example" });
    ioc_set_unref(set);
}

static bool stay_in_value(void *ctx, const struct ioc_hit *hit)
{
    bool *prefix = ctx;

    assert_true(hit->offset <= hit->value.len && hit->len <= hit->value.len - hit->offset);
    *prefix = hit->how == IOC_HOW_PREFIX;
    return true;
}

/* A path longer than any indicator is cut and matches by what stands in front. */
static void very_long_paths(void **state)
{
    struct ioc_set *set = set_of("pre.example/kit\n");
    struct hn_buf path = { 0 };
    struct field fields[2] = { { "cs-host", "pre.example" }, { "cs-uri-stem", NULL } };
    bool prefix = false;

    (void)state;
    hn_buf_add_lit(&path, "/kit/");
    hn_buf_add_repeat(&path, 'a', 100000);
    hn_buf_add_char(&path, '\0');
    fields[1].value = path.ptr;
    assert_int_equal(match_fields(set, fields, 2, stay_in_value, &prefix), 1);
    assert_true(prefix);
    hn_buf_deinit(&path);
    ioc_set_unref(set);
}

/* Hints do not depend on case, and unknown names have none. */
static void hints_by_name(void **state)
{
    (void)state;
    assert_true(ioc_hints_of_field(HN_TEXT("QUERYNAME")) & IOC_HINT_HOST);
    assert_true(ioc_hints_of_field(HN_TEXT("FileVersion")) & IOC_HINT_NO_BARE_HOST);
    assert_true(ioc_hints_of_field(HN_TEXT("some.product.version")) & IOC_HINT_NO_BARE_HOST);
    assert_true(ioc_hints_of_field(HN_TEXT("RemoteHostname")) & IOC_HINT_HOST);
    assert_true(ioc_hints_of_field(HN_TEXT("cs-uri-stem")) & IOC_HINT_PATH);
    assert_int_equal(ioc_hints_of_field(HN_TEXT("CommandLine")), 0);
    assert_int_equal(ioc_hints_of_field(HN_TEXT("")), 0);
    assert_int_equal(
            ioc_hints_of_field(HN_TEXT("a name that is longer than any that is known here")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_of_windows_events),
        cmocka_unit_test(urls_in_several_fields),
        cmocka_unit_test(very_long_paths),
        cmocka_unit_test(hints_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
