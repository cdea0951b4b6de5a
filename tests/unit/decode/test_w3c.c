/* test_w3c.c - W3C extended logs of the products that write them. */
#include "support/decode_case.h"

static const char iis_log[] =
        "#Software: Microsoft Internet Information Services 10.0\r\n"
        "#Version: 1.0\r\n"
        "#Date: 2026-11-23 01:00:00\r\n"
        "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip"
        " cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n"
        "2026-11-23 01:02:03 198.51.100.4 GET /ecp/default.aspx __VIEWSTATE=x&a=b 443 -"
        " 192.0.2.7 Mozilla/5.0+(Windows+NT+10.0) - 200 0 0 31\r\n"
        "2026-11-23 01:02:04 198.51.100.4 POST /mgmt/tm/util/bash - 443 CORP\\u$ 2001:db8::7"
        " curl/8 https://a.example/ 500 0 0 3\r\n";

/* IIS: server names, UTC, both readings of cs-uri-query, the agent as logged and readable. */
static void iis(void **state)
{
    struct decode_case *c = case_text("w3c", iis_log);
    static const char *const with_query[][2] = {
        { "@product", "windows" },
        { "@category", "webserver" },
        { "@service", "iis" },
        { "@time", "2026-11-23T01:02:03Z" },
        { "cs-uri-stem", "/ecp/default.aspx" },
        { "cs-uri-query", "__VIEWSTATE=x&a=b | /ecp/default.aspx?__VIEWSTATE=x&a=b" },
        { "cs-uri", "/ecp/default.aspx?__VIEWSTATE=x&a=b" },
        { "c-ip", "192.0.2.7" },
        { "cs-user-agent", "Mozilla/5.0+(Windows+NT+10.0) | Mozilla/5.0 (Windows NT 10.0)" },
        { "cs-referer", NULL },
        { "cs-username", NULL },
        { "sc-status", "200" },
        { "cs-method", "GET" },
        { "s-port", "443" },
        { NULL, NULL },
    };
    static const char *const without_query[][2] = {
        { "cs-uri-query", "(null) | /mgmt/tm/util/bash" },
        { "cs-username", "CORP\\u$" },
        { "cs-user-agent", "curl/8" },
        { "cs-referer", "https://a.example/" },
        { NULL, NULL },
    };

    (void)state;
    assert_int_equal(c->count, 2);
    case_expect(c, 0, with_query);
    case_expect(c, 1, without_query);
    case_free(c);
}

/* Blue Coat: proxy names, a whole URL made of its parts, quoted values with spaces. */
static void blue_coat(void **state)
{
    struct decode_case *c = case_text("w3c",
            "#Software: SGOS 6.7.5.4\n#Version: 1.0\n"
            "#Fields: date time time-taken c-ip cs-username x-exception-id sc-filter-result"
            " cs-categories cs(Referer) sc-status s-action cs-method rs(Content-Type)"
            " cs-uri-scheme cs-host cs-uri-port cs-uri-path cs-uri-query cs-uri-extension"
            " cs(User-Agent) s-ip sc-bytes cs-bytes r-ip\n"
            "2026-11-23 01:02:03 45 192.0.2.7 CORP\\u - OBSERVED \"Technology/Internet;News\""
            " https://r.example/ 200 TCP_NC_MISS GET application/octet-stream http a.example 8080"
            " /x/y.exe ?q=1 exe \"Mozilla/5.0 (Windows \"\"NT\"\" 10.0)\" 198.51.100.1 100 200"
            " 203.0.113.9\n"
            "2026-11-23 01:02:04 45 192.0.2.7 - - OBSERVED - - 200 TCP_TUNNELED CONNECT - tcp"
            " b.example 443 / - - - 198.51.100.1 100 200 -\n");
    static const char *const get[][2] = {
        { "@product", "" },
        { "@category", "proxy" },
        { "@time", "2026-11-23T01:02:03Z" },
        { "c-uri", "http://a.example:8080/x/y.exe?q=1 | /x/y.exe?q=1" },
        { "cs-uri", "http://a.example:8080/x/y.exe?q=1 | /x/y.exe?q=1" },
        { "cs-host", "a.example" },
        { "c-uri-extension", "exe" },
        { "c-uri-query", "q=1" },
        { "src_ip", "192.0.2.7" },
        { "dst_ip", "203.0.113.9" },
        { "cs-uri-port", "8080" },
        { "c-useragent", "Mozilla/5.0 (Windows \"NT\" 10.0)" },
        { "cs-categories", "Technology/Internet;News" },
        { "rs-content-type", "application/octet-stream" },
        { "cs-referer", "https://r.example/" },
        { NULL, NULL },
    };
    static const char *const tunnel[][2] = {
        { "c-uri", "tcp://b.example:443/ | /" },
        { "cs-host", "b.example" },
        { "c-uri-extension", NULL },
        { "c-useragent", NULL },
        { "dst_ip", NULL },
        { NULL, NULL },
    };

    (void)state;
    assert_int_equal(c->count, 2);
    case_expect(c, 0, get);
    case_expect(c, 1, tunnel);
    assert_int_equal(c->findings[HN_FINDING_FIELD_COUNT], 0);
    case_free(c);
}

/* A log that names no writer is known by its columns; a whole URL is taken apart; a Host header
 * that differs from it stays beside it. */
static void proxy_by_columns(void **state)
{
    struct decode_case *c = case_text("w3c",
            "#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri cs-host sc-status s-action"
            " cs(User-Agent)\n"
            "2026-11-23 01:02:03 192.0.2.7 GET http://front.example/a?b=c hidden.example 200 OK"
            " \"\"\n");
    static const char *const first[][2] = {
        { "@category", "proxy" },
        { "c-uri", "http://front.example/a?b=c | /a?b=c" },
        { "cs-host", "hidden.example | front.example" },
        { "c-useragent", "" },
        { "c-uri-query", "b=c" },
        { NULL, NULL },
    };

    (void)state;
    case_expect(c, 0, first);
    case_free(c);
}

/* Tabs between values (TMG, CloudFront), commas with quotes (Exchange). */
static void other_separators(void **state)
{
    struct decode_case *tmg = case_text("w3c",
            "#Software: Microsoft Forefront Threat Management Gateway\n"
            "#Fields: c-ip\tcs-username\tc-agent\tdate\ttime\tr-host\tr-ip\ts-operation\tcs-uri"
            "\tsc-status\n"
            "192.0.2.7\tanonymous\tMozilla/4.0 (compatible; x)\t2026-11-23\t01:02:03\ta.example"
            "\t203.0.113.9\tGET\thttp://a.example/\t200\n");
    struct decode_case *cloudfront = case_text("w3c",
            "#Version: 1.0\n#Fields: date time x-edge-location c-ip cs-method cs(Host)"
            " cs-uri-stem sc-status cs(User-Agent) cs-uri-query\n"
            "2026-11-23\t01:02:03\tNRT1\t192.0.2.7\tGET\tx.example\t/a\t200"
            "\tMozilla/5.0%20(X)\tb=c\n");
    struct decode_case *exchange = case_text("w3c",
            "\xEF\xBB\xBF#Software: Microsoft Exchange Server\n#Version: 15.0\n"
            "#Log-type: Message Tracking Log\n#Fields: date-time,client-ip,event-id,"
            "message-subject\n"
            "2026-11-23T01:02:03.456Z,192.0.2.7,RECEIVE,\"a, \"\"b\"\"\"\n");
    static const char *const tmg_row[][2] = {
        { "@category", "proxy" },
        { "c-useragent", "Mozilla/4.0 (compatible; x)" },
        { "cs-host", "a.example" },
        { "dst_ip", "203.0.113.9" },
        { "cs-method", "GET" },
        { NULL, NULL },
    };
    static const char *const cloudfront_row[][2] = {
        { "@category", "webserver" },
        { "cs-host", "x.example" },
        { "cs-user-agent", "Mozilla/5.0%20(X) | Mozilla/5.0 (X)" },
        { "cs-uri", "/a?b=c" },
        { NULL, NULL },
    };
    static const char *const exchange_row[][2] = {
        { "@product", "exchange" },
        { "@service", "message tracking log" },
        { "@time", "2026-11-23T01:02:03.456Z" },
        { "message-subject", "a, \"b\"" },
        { NULL, NULL },
    };

    (void)state;
    case_expect(tmg, 0, tmg_row);
    case_expect(cloudfront, 0, cloudfront_row);
    case_expect(exchange, 0, exchange_row);
    case_free(tmg);
    case_free(cloudfront);
    case_free(exchange);
}

/* The Windows Firewall logs local time and has names of firewall rules. */
static void windows_firewall(void **state)
{
    struct decode_case *c = case_text("w3c",
            "#Version: 1.5\r\n#Software: Microsoft Windows Firewall\r\n#Time Format: Local\r\n"
            "#Fields: date time action protocol src-ip dst-ip src-port dst-port size path pid\r\n"
            "\r\n"
            "2026-11-23 01:02:03 DROP TCP 192.0.2.7 198.51.100.4 1172 3389 48 RECEIVE 4\r\n");
    static const char *const first[][2] = {
        { "@product", "windows" },
        { "@category", "firewall" },
        { "src_ip", "192.0.2.7" },
        { "dst_port", "3389" },
        { "action", "DROP" },
        { "path", "RECEIVE" },
        { NULL, NULL },
    };

    (void)state;
    case_expect(c, 0, first);
    assert_int_equal(c->findings[HN_FINDING_FIELD_COUNT], 0);
    case_free(c);
}

/* Fields change in the middle; a row too short or too long is an event with a finding. */
static void fields_change(void **state)
{
    struct decode_case *c = case_text("w3c",
            "#Date: 2026-11-23\n#Fields: time cs-method cs-uri-stem\n01:02:03 GET /a\n"
            "#Fields: time cs-uri-stem sc-status\n01:02:04 /b 200\n01:02:05 /c\n"
            "01:02:06 /d 200 more\n");

    (void)state;
    assert_int_equal(c->count, 4);
    assert_string_equal(case_value(c, 0, "cs-method"), "GET");
    assert_string_equal(case_value(c, 0, "@time"), "2026-11-23T01:02:03Z");
    assert_null(case_value(c, 1, "cs-method"));
    assert_string_equal(case_value(c, 1, "sc-status"), "200");
    assert_string_equal(case_value(c, 3, "extra"), "more");
    assert_int_equal(c->findings[HN_FINDING_FIELD_COUNT], 2);
    case_free(c);
}

static void arrives_in_pieces(void **state)
{
    (void)state;
    case_pieces_agree("w3c", hn_bytes_of(iis_log, sizeof iis_log - 1));
}

static void wanted_equals_all(void **state)
{
    static const char *const names[] = { "cs-uri-query", "cs-uri", "cs-uri-stem", "cs-user-agent",
        "cs-referer", "c-ip", "sc-status", "time-taken" };

    (void)state;
    case_modes_agree("w3c", hn_bytes_of(iis_log, sizeof iis_log - 1), names, HN_COUNT_OF(names));
}

static void truncated_anywhere(void **state)
{
    (void)state;
    case_truncations_hold("w3c", hn_bytes_of(iis_log, sizeof iis_log - 1));
}

static void memory_runs_out(void **state)
{
    (void)state;
    case_memory_fails("w3c", hn_bytes_of(iis_log, sizeof iis_log - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iis),
        cmocka_unit_test(blue_coat),
        cmocka_unit_test(proxy_by_columns),
        cmocka_unit_test(other_separators),
        cmocka_unit_test(windows_firewall),
        cmocka_unit_test(fields_change),
        cmocka_unit_test(arrives_in_pieces),
        cmocka_unit_test(wanted_equals_all),
        cmocka_unit_test(truncated_anywhere),
        cmocka_unit_test(memory_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
