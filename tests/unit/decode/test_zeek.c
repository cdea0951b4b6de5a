/* test_zeek.c - Zeek's tab-separated logs: header, types, escapes, log sources. */
#include "support/decode_case.h"

#define HEADER(path, fields, types)                                                  \
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n"                   \
    "#unset_field\t-\n#path\t" path "\n#open\t2026-11-23-01-00-00\n#fields\t" fields \
    "\n#types\t" types "\n"

static const char dns_log[] = HEADER("dns",
        "ts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tquery\tqtype_name\tAA\trejected"
        "\tanswers\tTTLs",
        "time\tstring\taddr\tport\taddr\tport\tstring\tstring\tbool\tbool\tvector[string]"
        "\tvector[interval]") "1795400000.250000\tCx1\t192.0.2.7\t5353\t198.51.100.53\t53\ta."
                              "example\tA\tF\tT"
                              "\t203.0.113.9,a\\x2cb,-\t60.0,1.5,2.0\n"
                              "1795400001.000000\tCx2\t2001:db8::7\t5353\t198.51.100.53\t53\t-\t-"
                              "\tT\tF\t(empty)\t-\n"
                              "#close\t2026-11-23-02-00-00\n";

/* Unset is absent, empty is empty, lists have a value per element, bools are bools, and an escaped
 * separator inside an element stays inside. */
static void values_by_type(void **state)
{
    struct decode_case *c = case_text("zeek", dns_log);
    static const char *const first[][2] = {
        { "@product", "zeek" },
        { "@category", "network dns" },
        { "@service", "dns" },
        { "@time", "2026-11-23T02:13:20.250Z" },
        { "query", "a.example" },
        { "AA", "false" },
        { "rejected", "true" },
        { "answers", "203.0.113.9 | a,b | (null)" },
        { "TTLs", "60.0 | 1.5 | 2.0" },
        { "id.orig_h", "192.0.2.7" },
        { NULL, NULL },
    };
    static const char *const second[][2] = {
        { "query", NULL },
        { "qtype_name", NULL },
        { "answers", "" },
        { "TTLs", NULL },
        { "AA", "true" },
        { "id.orig_h", "2001:db8::7" },
        { NULL, NULL },
    };

    (void)state;
    assert_int_equal(c->count, 2);
    case_expect(c, 0, first);
    case_expect(c, 1, second);
    case_free(c);
}

/* Generic categories find the columns under their own names, where a rule wants them. */
static void generic_names(void **state)
{
    static const char *const names[] = { "src_ip", "dst_port", "record_type", "answer" };
    struct case_options options = { .format = "zeek", .names = names, .name_count = 4 };
    struct decode_case *c = case_run(&options, hn_bytes_of(dns_log, sizeof dns_log - 1));
    static const char *const first[][2] = {
        { "src_ip", "192.0.2.7" },
        { "dst_port", "53" },
        { "record_type", "A" },
        { "answer", "203.0.113.9 | a,b | (null)" },
        { NULL, NULL },
    };

    (void)state;
    case_expect(c, 0, first);
    case_free(c);
}

/* Backslashes are single again, printable bytes and UTF-8 come back, control bytes stay written. */
static void escapes(void **state)
{
    struct decode_case *c = case_text("zeek",
            HEADER("smb_files", "ts\tpath\tname\tnote",
                    "time\tstring\tstring\tstring") "1795400000.0\t\\\\\\\\192.0.2.9\\\\IPC$"
                                                    "\t\\xe7\\x81\\xab.txt\tx\\x00y\\x09z\\x2d\n"
                                                    "1795400000."
                                                    "0\t\\x\\xzz\\\ta\\x2\t\\\\x41\t\\x2d\n");
    static const char *const first[][2] = {
        { "path", "\\\\192.0.2.9\\IPC$" },
        { "name", "\xE7\x81\xAB.txt" },
        { "note", "x\\x00y\tz-" },
        { "@service", "smb_files" },
        { "@category", "" },
        { NULL, NULL },
    };
    static const char *const second[][2] = {
        { "path", "\\x\\xzz\\" },
        { "name", "a\\x2" },
        { "note", "\\x41" },
        { "extra", "\\x2d" },
        { NULL, NULL },
    };

    (void)state;
    case_expect(c, 0, first);
    case_expect(c, 1, second);
    assert_int_equal(c->findings[HN_FINDING_FIELD_COUNT], 1);
    case_free(c);
}

/* An http.log request has the names of proxy and of webserver rules. */
static void http_requests(void **state)
{
    struct decode_case *c =
            case_text("zeek", HEADER("http",
                                      "ts\tid.orig_h\tmethod\thost\turi\tuser_"
                                      "agent\tstatus_code",
                                      "time\taddr\tstring\tstring\tstring\tstring\tcoun"
                                      "t") "1795400000.0\t192.0.2.7\tGET\ta.example\t/"
                                           "x/y.exe?a=b\tcurl/8\t200\n"
                                           "1795400000.0\t192.0.2.7\tCONNECT\t-\ta."
                                           "example:443\t-\t200\n"
                                           "1795400000.0\t192.0.2.7\tGET\ta."
                                           "example\thttp://b.example/z\t-\t200\n"
                                           "1795400000.0\t192.0.2.7\tGET\t-\t-\t-"
                                           "\t400\n");
    static const char *const get[][2] = {
        { "@category", "proxy webserver" },
        { "@service", "http" },
        { "c-uri", "http://a.example/x/y.exe?a=b | /x/y.exe?a=b" },
        { "cs-host", "a.example" },
        { "c-uri-extension", "exe" },
        { "c-uri-query", "a=b" },
        { "cs-uri-query", "a=b | /x/y.exe?a=b" },
        { "cs-uri-stem", "/x/y.exe" },
        { NULL, NULL },
    };
    static const char *const tunnel[][2] = {
        { "c-uri", "a.example:443" },
        { "cs-host", "a.example" },
        { "cs-uri-port", "443" },
        { "c-uri-extension", NULL },
        { NULL, NULL },
    };
    static const char *const absolute[][2] = {
        { "c-uri", "http://b.example/z | /z" },
        { "cs-host", "b.example" },
        { NULL, NULL },
    };
    static const char *const none[][2] = { { "c-uri", NULL }, { "cs-host", NULL }, { NULL, NULL } };

    (void)state;
    assert_int_equal(c->count, 4);
    case_expect(c, 0, get);
    case_expect(c, 1, tunnel);
    case_expect(c, 2, absolute);
    case_expect(c, 3, none);
    case_free(c);
}

/* Concatenated logs: each row is read with the header above it, whatever the separator. */
static void headers_change(void **state)
{
    struct decode_case *c = case_text("zeek",
            HEADER("conn", "ts\tuid\tconn_state",
                    "time\tstring\tstring") "1795400000.0\tC1\tSF\n"
                                            "#close\tx\n"
                                            "#separator "
                                            "\\x7c\n#set_separator|;\n#unset_field|none\n#path|"
                                            "weird\n"
                                            "#fields|ts|name|peers\n#types|time|string|set[string]"
                                            "\n"
                                            "1795400001.0|odd|a;b\n1795400001.0|none|c\n");
    static const char *const conn[][2] = { { "@service", "conn connection" },
        { "@category", "network firewall" }, { "conn_state", "SF" }, { NULL, NULL } };
    static const char *const weird[][2] = { { "@service", "weird" }, { "peers", "a | b" },
        { "name", "odd" }, { "@place", NULL }, { NULL, NULL } };

    (void)state;
    assert_int_equal(c->count, 3);
    case_expect(c, 0, conn);
    assert_string_equal(case_value(c, 1, "peers"), "a | b");
    assert_string_equal(case_value(c, 1, "@service"), weird[0][1]);
    assert_null(case_value(c, 2, "name"));
    case_free(c);
}

/* Rows without a header are not lost: their text is there, with a finding. */
static void rows_without_header(void **state)
{
    struct decode_case *c = case_text("zeek", "1795400000.0\tC1\tSF\n");

    (void)state;
    assert_int_equal(c->count, 1);
    assert_string_equal(case_value(c, 0, "Message"), "1795400000.0\tC1\tSF");
    assert_int_equal(c->findings[HN_FINDING_UNDECODABLE], 1);
    case_free(c);
}

/* What the user says about the source wins over what the log says. */
static void given_source_wins(void **state)
{
    struct case_options options = { .format = "zeek" };
    struct decode_case *c;

    (void)state;
    options.source.product = HN_TEXT("mine");
    c = case_run(&options, hn_bytes_of(dns_log, sizeof dns_log - 1));
    assert_string_equal(case_value(c, 0, "@product"), "mine");
    assert_string_equal(case_value(c, 0, "@service"), "");
    case_free(c);
}

static void arrives_in_pieces(void **state)
{
    (void)state;
    case_pieces_agree("zeek", hn_bytes_of(dns_log, sizeof dns_log - 1));
}

static void wanted_equals_all(void **state)
{
    static const char *const names[] = { "query", "answers", "AA", "rejected", "TTLs", "id.orig_h",
        "ts", "qtype_name" };

    (void)state;
    case_modes_agree("zeek", hn_bytes_of(dns_log, sizeof dns_log - 1), names, HN_COUNT_OF(names));
}

static void truncated_anywhere(void **state)
{
    (void)state;
    case_truncations_hold("zeek", hn_bytes_of(dns_log, sizeof dns_log - 1));
}

static void memory_runs_out(void **state)
{
    (void)state;
    case_memory_fails("zeek", hn_bytes_of(dns_log, sizeof dns_log - 1));
}

/* A header of more columns than the limit loses no value: the rest is extra. */
static void too_many_columns(void **state)
{
    struct hn_buf buf = { 0 };
    struct case_options options = { .format = "zeek" };
    struct decode_case *c;

    (void)state;
    hn_buf_add_lit(&buf, "#separator \\x09\n#path\tx\n#fields");
    for (int i = 0; i < 1500; i++)
        hn_buf_addf(&buf, "\tf%d", i);
    hn_buf_add_lit(&buf, "\n");
    for (int i = 0; i < 1500; i++)
        hn_buf_addf(&buf, "%sv%d", i == 0 ? "" : "\t", i);
    hn_buf_add_lit(&buf, "\n");
    c = case_run(&options, hn_text_as_bytes(hn_buf_text(&buf)));
    assert_int_equal(c->count, 1);
    assert_string_equal(case_value(c, 0, "f1023"), "v1023");
    assert_null(case_value(c, 0, "f1024"));
    assert_non_null(strstr(case_value(c, 0, "extra"), "v1024"));
    assert_int_equal(c->findings[HN_FINDING_FIELD_COUNT], 1);
    case_free(c);
    hn_buf_deinit(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_by_type),
        cmocka_unit_test(generic_names),
        cmocka_unit_test(escapes),
        cmocka_unit_test(http_requests),
        cmocka_unit_test(headers_change),
        cmocka_unit_test(rows_without_header),
        cmocka_unit_test(given_source_wins),
        cmocka_unit_test(arrives_in_pieces),
        cmocka_unit_test(wanted_equals_all),
        cmocka_unit_test(truncated_anywhere),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(too_many_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
