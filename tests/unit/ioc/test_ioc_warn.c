/* test_ioc_warn.c - warning lists suppress what they name, flag what is near, and spare URLs. */
#include "ioc_test.h"

#define LIST(name, type, attributes, entries)                                                      \
    "{\"name\":\"" name "\",\"description\":\"d\",\"version\":1,\"type\":\"" type "\",\"matching_" \
    "attributes\":[" attributes "],\"list\":[" entries "]}"

static void add_list(struct ioc_builder *builder, const char *json, enum ioc_warn_use use)
{
    struct hn_err err = { 0 };

    if (ioc_warnlist_load(builder, hn_bytes_of(json, strlen(json)), use, NULL, &err) != HN_OK)
        fail_msg("%s", err.msg);
}

static void add_lines(struct ioc_builder *builder, const char *lines)
{
    struct ioc_report report = load_as(builder, IOC_FORMAT_LIST_PLAIN, "", hn_text_cstr(lines));

    if (report.rejected > 0)
        fail_msg("%.*s", (int)report.findings.ptr[0].excerpt_len, report.findings.ptr[0].excerpt);
    ioc_report_deinit(&report);
}

static void expect_set(struct ioc_builder *builder, const char *wanted)
{
    struct ioc_set *set = seal_and_free(builder);
    struct hn_buf got = { 0 };

    dump(set, &got);
    if (!hn_text_eq(hn_buf_text(&got), hn_text_cstr(wanted)))
        fail_msg("wanted:\n%s\ngot:\n%.*s", wanted, (int)got.len, got.ptr);
    hn_buf_deinit(&got);
    ioc_set_unref(set);
}

/* Each type of list finds its entries, in any case; exactly listed values are suppressed. */
static void every_type_of_list(void **state)
{
    struct ioc_builder *builder = ioc_builder_new(NULL);

    (void)state;
    add_list(builder,
            LIST("S", "string", "\"domain\",\"md5\",\"url\"",
                    "\"Good.example\",\"AABBCCDDEEFF00112233445566778899\",\"http://x.example/"
                    "ok\""),
            IOC_WARN_AUTO);
    add_list(builder,
            LIST("H", "hostname", "\"domain\",\"hostname\"", "\".host.example\",\"www2.example\""),
            IOC_WARN_AUTO);
    add_list(builder,
            LIST("C", "cidr", "\"ip-dst\"",
                    "\"192.0.2.0/25\",\"198.51.100.7\","
                    "\"2001:db8:1::/48\""),
            IOC_WARN_AUTO);
    add_list(builder, LIST("R", "regex", "\"email-src\"", "\"/^(noc|abuse)\\\\@.*$/i\""),
            IOC_WARN_AUTO);
    add_list(builder, LIST("T", "substring", "\"domain\"", "\"sandbox.example\""), IOC_WARN_AUTO);
    add_lines(builder, "good.example\nsub.good.example\nhost.example\nwww.host.example\n"
                       "a.host.example\n192.0.2.5\n192.0.2.200\n192.0.2.64/26\n192.0.2.0/24\n"
                       "198.51.100.7\n2001:db8:1:2::3\nabuse@any.example\nme@any.example\n"
                       "sandbox.example\nmysandbox.example\naabbccddeeff00112233445566778899\n"
                       "http://x.example/ok\n");
    expect_set(builder, "1 domain good.example suppressed warning=S\n"
                        "2 domain sub.good.example\n"
                        "3 domain host.example suppressed warning=H\n"
                        "4 domain www.host.example suppressed warning=H\n"
                        "5 domain a.host.example warning=H\n"
                        "6 ipv4 192.0.2.5 suppressed warning=C\n"
                        "7 ipv4 192.0.2.200\n"
                        "8 cidr 192.0.2.64/26 suppressed warning=C\n"
                        "9 cidr 192.0.2.0/24\n"
                        "10 ipv4 198.51.100.7 suppressed warning=C\n"
                        "11 ipv6 2001:db8:1:2::3 suppressed warning=C\n"
                        "12 email abuse@any.example suppressed warning=R\n"
                        "13 email me@any.example\n"
                        "14 domain sandbox.example suppressed warning=T\n"
                        "15 domain mysandbox.example warning=T\n"
                        "16 md5 aabbccddeeff00112233445566778899 suppressed warning=S\n"
                        "17 url http://x.example/ok suppressed warning=S\n");
}

/* A list is about the kinds it names; without matching_attributes about all. */
static void matching_attributes_are_kept_to(void **state)
{
    struct ioc_builder *builder = ioc_builder_new(NULL);

    (void)state;
    add_list(builder, LIST("A", "string", "\"md5\"", "\"a.example\""), IOC_WARN_AUTO);
    add_list(builder, LIST("P", "string", "\"phone-number\"", "\"b.example\""), IOC_WARN_AUTO);
    add_list(builder,
            "{\"name\":\"N\",\"description\":\"\",\"version\":1,\"type\":\"string\","
            "\"list\":[\"c.example\"]}",
            IOC_WARN_AUTO);
    add_lines(builder, "a.example\nb.example\nc.example\n");
    expect_set(builder, "1 domain a.example\n2 domain b.example\n"
                        "3 domain c.example suppressed warning=N\n");
}

/* A URL on a listed host still hits, as being on a legitimate host; its bare host does not. */
static void urls_are_not_their_hosts(void **state)
{
    struct ioc_builder *builder = ioc_builder_new(NULL);
    struct ioc_set *set;
    struct ioc_indicator got;

    (void)state;
    add_list(builder, LIST("H", "hostname", "\"domain\",\"url\"", "\"docs.example\""),
            IOC_WARN_AUTO);
    add_list(
            builder, LIST("S", "string", "\"domain\",\"url\"", "\"share.example\""), IOC_WARN_AUTO);
    add_list(builder, LIST("I", "cidr", "\"ip-dst\",\"url\"", "\"192.0.2.0/24\""), IOC_WARN_AUTO);
    add_lines(builder, "docs.example\nhttp://docs.example/bad/x.doc\nhttp://docs.example\n"
                       "https://a.docs.example/y\nhttp://share.example/z\nhttp://192.0.2.9/q\n");
    set = seal_and_free(builder);
    assert_true(ioc_set_get(set, 0, &got) && got.suppressed);
    assert_true(ioc_set_get(set, 1, &got) && !got.suppressed && got.legitimate_host);
    assert_true(hn_text_eq(got.warning, HN_TEXT("H")));
    assert_true(ioc_set_get(set, 2, &got) && got.suppressed);
    assert_true(ioc_set_get(set, 3, &got) && !got.suppressed && got.legitimate_host);
    assert_true(ioc_set_get(set, 4, &got) && !got.suppressed && got.legitimate_host);
    assert_true(ioc_set_get(set, 5, &got) && !got.suppressed && got.legitimate_host);
    expect(set, "http://docs.example/bad/x.doc", 0,
            "exact http://docs.example/bad/x.doc at http://docs.example/bad/x.doc");
    expect(set, "http://docs.example/", 0, "");
    ioc_set_unref(set);
}

/* Lists that only say where a value is (clouds, dynamic DNS) flag; the caller's word goes before.
 */
static void lists_that_only_inform(void **state)
{
    static const char dynamic[] =
            LIST("List of known dynamic DNS domains", "hostname", "\"domain\"", "\"dyn.example\"");
    struct ioc_builder *builder = ioc_builder_new(NULL);

    (void)state;
    add_list(builder, dynamic, IOC_WARN_AUTO);
    add_list(builder, LIST("X", "hostname", "\"domain\"", "\"x.example\""), IOC_WARN_FLAG);
    add_list(builder, LIST("Y", "hostname", "\"domain\"", "\"y.example\""), IOC_WARN_SUPPRESS);
    add_lines(builder, "dyn.example\nc2.dyn.example\nx.example\nc2.y.example\n");
    expect_set(builder, "1 domain dyn.example warning=List of known dynamic DNS domains\n"
                        "2 domain c2.dyn.example warning=List of known dynamic DNS domains\n"
                        "3 domain x.example warning=X\n"
                        "4 domain c2.y.example suppressed warning=Y\n");
    /* Of two lists the one that suppresses names the verdict. */
    builder = ioc_builder_new(NULL);
    add_list(builder, LIST("F", "string", "\"domain\"", "\"z.example\""), IOC_WARN_FLAG);
    add_list(builder, LIST("G", "string", "\"domain\"", "\"z.example\""), IOC_WARN_SUPPRESS);
    add_lines(builder, "z.example\n");
    expect_set(builder, "1 domain z.example suppressed warning=G\n");
}

/* Suppressed indicators are kept and counted, and never hit; flagged ones hit. */
static void suppressed_ones_never_hit(void **state)
{
    struct ioc_builder *builder = ioc_builder_new(NULL);
    struct ioc_stats stats;
    struct ioc_set *set;

    (void)state;
    add_list(builder, LIST("S", "string", "\"domain\"", "\"good.example\""), IOC_WARN_AUTO);
    add_list(builder, LIST("F", "string", "\"domain\"", "\"odd.example\""), IOC_WARN_FLAG);
    add_lines(builder, "good.example\nodd.example\n");
    set = seal_and_free(builder);
    ioc_set_stats(set, &stats);
    assert_int_equal(stats.listings, 2);
    assert_int_equal(stats.suppressed, 1);
    assert_int_equal(stats.flagged, 1);
    assert_int_equal(stats.indicators, 1);
    expect(set, "good.example a.good.example", IOC_HINT_HOST, "");
    expect(set, "odd.example", IOC_HINT_HOST, "exact odd.example at odd.example");
    ioc_set_unref(set);
}

/* A wrong entry costs itself; a wrong list is an error. */
static void wrong_lists(void **state)
{
    static const char *const wrong[] = { "{}", "[]", "{\"name\":\"x\",\"type\":\"string\"}",
        "{\"name\":\"x\",\"type\":\"other\",\"list\":[]}", "{\"type\":\"string\",\"list\":[]}",
        "{\"name\":\"x\",\"type\":\"string\",\"list\":{}}" };
    static const char mixed[] = "{\"name\":\"M\",\"type\":\"cidr\",\"list\":"
                                "[\"x\",17,\"\",\"192.0.2.0/33\",\"192.0.2.0/24\"]}";
    static const char regexes[] = "{\"name\":\"M\",\"type\":\"regex\",\"list\":"
                                  "[\"x\",\"/(/\",\"//\",\"/^(a+)+$/\"]}";
    struct ioc_builder *builder = ioc_builder_new(NULL);
    struct ioc_report report = { 0 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(wrong); i++) {
        struct hn_err err = { 0 };

        assert_int_equal(ioc_warnlist_load(builder, hn_bytes_of(wrong[i], strlen(wrong[i])),
                                 IOC_WARN_AUTO, NULL, &err),
                HN_UNSUPPORTED);
    }
    assert_int_equal(ioc_warnlist_load(builder, hn_bytes_of(mixed, sizeof mixed - 1), IOC_WARN_AUTO,
                             &report, NULL),
            HN_OK);
    assert_int_equal(report.accepted, 1);
    assert_int_equal(report.rejected, 4);
    assert_int_equal(ioc_warnlist_load(builder, hn_bytes_of(regexes, sizeof regexes - 1),
                             IOC_WARN_AUTO, &report, NULL),
            HN_OK);
    assert_int_equal(report.rejected, 4 + 2);
    /* An evil regular expression ends at its limit. */
    add_lines(builder, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example\n");
    ioc_set_unref(seal_and_free(builder));
    ioc_report_deinit(&report);
}

/* ioc_load() recognises a warning list by its content. */
static void recognised_by_content(void **state)
{
    static const char list[] = LIST("S", "string", "\"domain\"", "\"good.example\"");

    (void)state;
    assert_int_equal(ioc_format_detect(hn_bytes_of(list, sizeof list - 1)), IOC_FORMAT_WARNINGLIST);
    read_every_prefix(IOC_FORMAT_WARNINGLIST, list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_of_list),
        cmocka_unit_test(matching_attributes_are_kept_to),
        cmocka_unit_test(urls_are_not_their_hosts),
        cmocka_unit_test(lists_that_only_inform),
        cmocka_unit_test(suppressed_ones_never_hit),
        cmocka_unit_test(wrong_lists),
        cmocka_unit_test(recognised_by_content),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
