/* test_squid.c - Squid's native format and the logformats that end with its codes. */
#include "support/decode_case.h"

static const char native_log[] =
        "1795400000.123     87 192.0.2.7 TCP_MISS/200 4521 GET"
        " http://a.example:8080/x/y.exe?q=1 CORP\\u HIER_DIRECT/198.51.100.2"
        " application/octet-stream\n"
        "1795400000.124      0 2001:db8::7 TCP_DENIED/407 3921 CONNECT b.example:443 - HIER_NONE/-"
        " text/html\n"
        "1795400000.125   1022 192.0.2.7 TCP_TUNNEL/200 90 CONNECT [2001:db8::9]:443 -"
        " FIRSTUP_PARENT/up.example -\n"
        "1795400000.126      3 192.0.2.7 NONE/400 3921 NONE error:invalid-request - HIER_NONE/-"
        " text/html [Host: x\\r\\n] [none]\n"
        "1795400000.127      3 192.0.2.7 TCP_MISS/200 3921 GET http://c.example/a b.php - "
        "DIRECT/198.51.100.3 text/html\n";

/* Every column has its name; the result code and the peer are split. */
static void native(void **state)
{
    struct decode_case *c = case_text("squid", native_log);
    static const char *const get[][2] = {
        { "@category", "proxy" },
        { "@service", "squid" },
        { "@product", "" },
        { "@time", "2026-11-23T02:13:20.123Z" },
        { "src_ip", "192.0.2.7" },
        { "s-action", "TCP_MISS" },
        { "sc-status", "200" },
        { "sc-bytes", "4521" },
        { "cs-method", "GET" },
        { "c-uri", "http://a.example:8080/x/y.exe?q=1 | /x/y.exe?q=1" },
        { "cs-host", "a.example" },
        { "cs-uri-port", "8080" },
        { "c-uri-extension", "exe" },
        { "c-uri-query", "q=1" },
        { "cs-username", "CORP\\u" },
        { "hierarchy", "HIER_DIRECT" },
        { "dst_ip", "198.51.100.2" },
        { "rs-content-type", "application/octet-stream" },
        { NULL, NULL },
    };
    static const char *const denied[][2] = {
        { "c-uri", "b.example:443" },
        { "cs-host", "b.example" },
        { "cs-uri-port", "443" },
        { "sc-status", "407" },
        { "cs-username", NULL },
        { "dst_ip", NULL },
        { "c-uri-extension", NULL },
        { "src_ip", "2001:db8::7" },
        { NULL, NULL },
    };
    static const char *const parent[][2] = {
        { "cs-host", "2001:db8::9" },
        { "peer", "up.example" },
        { "rs-content-type", NULL },
        { NULL, NULL },
    };
    static const char *const headers[][2] = {
        { "extra", "[Host: x\\r\\n] [none]" },
        { "cs-method", "NONE" },
        { NULL, NULL },
    };
    static const char *const spaces[][2] = {
        { "c-uri", "http://c.example/a b.php | /a b.php" },
        { "dst_ip", "198.51.100.3" },
        { NULL, NULL },
    };

    (void)state;
    assert_int_equal(c->count, 5);
    case_expect(c, 0, get);
    case_expect(c, 1, denied);
    case_expect(c, 2, parent);
    case_expect(c, 3, headers);
    case_expect(c, 4, spaces);
    assert_int_equal(c->findings[HN_FINDING_UNDECODABLE], 0);
    case_free(c);
}

/* The combined form has the agent, under the name of proxy rules; an empty one is empty. */
static void combined(void **state)
{
    struct decode_case *c = case_text("squid",
            "192.0.2.7 - u [23/Nov/2026:01:02:03 +0900] \"GET http://a.example/x HTTP/1.1\" 200"
            " 4521 \"http://r.example/\" \"Mozilla/5.0 (X; \\\"Y\\\")\" TCP_MISS:HIER_DIRECT\n"
            "192.0.2.7 - - [23/Nov/2026:01:02:03 +0900] \"CONNECT b.example:443 HTTP/1.1\" 200 39"
            " \"-\" \"\" TCP_TUNNEL:HIER_DIRECT\n");
    static const char *const get[][2] = {
        { "@category", "proxy" },
        { "@time", "2026-11-22T16:02:03Z" },
        { "c-useragent", "Mozilla/5.0 (X; \"Y\")" },
        { "cs-referer", "http://r.example/" },
        { "cs-username", "u" },
        { "s-action", "TCP_MISS" },
        { "hierarchy", "HIER_DIRECT" },
        { "cs-version", "HTTP/1.1" },
        { "c-uri", "http://a.example/x | /x" },
        { NULL, NULL },
    };
    static const char *const tunnel[][2] = {
        { "c-useragent", "" },
        { "cs-referer", NULL },
        { "cs-host", "b.example" },
        { NULL, NULL },
    };

    (void)state;
    case_expect(c, 0, get);
    case_expect(c, 1, tunnel);
    case_free(c);
}

/* What is no access line keeps its text. */
static void other_lines(void **state)
{
    struct decode_case *c = case_text("squid",
            "2026/11/23 01:02:03 kid1| Starting Squid Cache version 5.7\n"
            "1795400000.123 87 192.0.2.7 TCP_MISS/200 4521 GET\n"
            "1795400000 87 192.0.2.7 TCP_MISS/200 4521 GET http://a.example/ - HIER_NONE/- -\n");

    (void)state;
    assert_int_equal(c->count, 3);
    assert_int_equal(c->findings[HN_FINDING_UNDECODABLE], 3);
    assert_non_null(strstr(case_value(c, 0, "Message"), "Starting Squid"));
    case_free(c);
}

static void arrives_in_pieces(void **state)
{
    (void)state;
    case_pieces_agree("squid", hn_bytes_of(native_log, sizeof native_log - 1));
}

static void wanted_equals_all(void **state)
{
    static const char *const names[] = { "c-uri", "cs-uri", "cs-host", "c-uri-extension", "dst_ip",
        "sc-status", "cs-method", "cs-uri-query", "extra" };

    (void)state;
    case_modes_agree(
            "squid", hn_bytes_of(native_log, sizeof native_log - 1), names, HN_COUNT_OF(names));
}

static void truncated_anywhere(void **state)
{
    (void)state;
    case_truncations_hold("squid", hn_bytes_of(native_log, sizeof native_log - 1));
}

static void memory_runs_out(void **state)
{
    (void)state;
    case_memory_fails("squid", hn_bytes_of(native_log, sizeof native_log - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(native),
        cmocka_unit_test(combined),
        cmocka_unit_test(other_lines),
        cmocka_unit_test(arrives_in_pieces),
        cmocka_unit_test(wanted_equals_all),
        cmocka_unit_test(truncated_anywhere),
        cmocka_unit_test(memory_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
