/* test_weblog.c - access and error logs of Apache httpd and nginx. */
#include "support/decode_case.h"

static const char access_log[] =
        "192.0.2.7 - - [23/Nov/2026:01:02:03 +0900] \"GET /a/b.php?x=%27y HTTP/1.1\" 200 45"
        " \"https://r.example/\" \"Mozilla/5.0 (X; \\\"Y\\\" \\x41)\"\n"
        "a.example:443 2001:db8::7 - u v [23/Nov/2026:01:02:03 +0000] \"POST /c HTTP/2.0\" 404 -"
        " \"-\" \"-\"\n"
        "192.0.2.8 - - [23/Nov/2026:01:02:03 +0000] \"\\x16\\x03\\x01\\x02\" 400 157 \"-\" \"-\"\n"
        "192.0.2.8 - - [23/Nov/2026:01:02:03 +0000] \"-\" 408 -\n"
        "192.0.2.8 - - [23/Nov/2026:01:02:03 +0000] \"GET /a\"b HTTP/1.1\" 200 1\n"
        "192.0.2.8 - - [23/Nov/2026:01:02:03 +0000] \"GET http://x.example/p HTTP/1.1\" 200 1"
        " \"-\" \"\" \"198.51.100.9, 192.0.2.1\" 0.003\n";

/* Combined, with a virtual host, IPv6, a user with a space, TLS to a plain port, no request, a
 * quote inside the request, an absolute target with columns behind the agent. */
static void access_lines(void **state)
{
    struct decode_case *c = case_text("weblog", access_log);
    static const char *const get[][2] = {
        { "@category", "webserver" },
        { "@product", "" },
        { "@time", "2026-11-22T16:02:03Z" },
        { "c-ip", "192.0.2.7" },
        { "cs-username", NULL },
        { "cs-method", "GET" },
        { "cs-uri-stem", "/a/b.php" },
        { "cs-uri-query", "x=%27y | /a/b.php?x=%27y" },
        { "cs-uri", "/a/b.php?x=%27y" },
        { "cs-version", "HTTP/1.1" },
        { "sc-status", "200" },
        { "sc-bytes", "45" },
        { "cs-referer", "https://r.example/" },
        { "cs-user-agent", "Mozilla/5.0 (X; \"Y\" A)" },
        { NULL, NULL },
    };
    static const char *const vhost[][2] = {
        { "s-computername", "a.example:443" },
        { "c-ip", "2001:db8::7" },
        { "cs-username", "u v" },
        { "cs-uri-query", "(null) | /c" },
        { "cs-referer", NULL },
        { "cs-user-agent", NULL },
        { "sc-bytes", NULL },
        { NULL, NULL },
    };
    static const char *const tls[][2] = {
        { "request", "\x16\x03\x01\x02" },
        { "cs-method", NULL },
        { "cs-uri-stem", NULL },
        { "sc-status", "400" },
        { NULL, NULL },
    };
    static const char *const none[][2] = { { "request", NULL }, { "sc-status", "408" },
        { NULL, NULL } };
    static const char *const quote[][2] = { { "cs-uri-stem", "/a\"b" }, { NULL, NULL } };
    static const char *const absolute[][2] = {
        { "cs-host", "x.example" },
        { "cs-uri-stem", "/p" },
        { "cs-uri", "http://x.example/p | /p" },
        { "cs-user-agent", "" },
        { "x-forwarded-for", "198.51.100.9, 192.0.2.1" },
        { "extra", "0.003" },
        { NULL, NULL },
    };

    (void)state;
    assert_int_equal(c->count, 6);
    case_expect(c, 0, get);
    case_expect(c, 1, vhost);
    case_expect(c, 2, tls);
    case_expect(c, 3, none);
    case_expect(c, 4, quote);
    case_expect(c, 5, absolute);
    assert_int_equal(c->findings[HN_FINDING_UNDECODABLE], 0);
    case_free(c);
}

/* Apache's error log, old and 2.4; ModSecurity's messages in it are its own. */
static void apache_errors(void **state)
{
    struct decode_case *c = case_text("weblog",
            "[Mon Nov 23 01:02:03.123456 2026] [core:error] [pid 7:tid 9]"
            " [client 2001:db8::7:4711] AH00037: text [x] y, referer: http://r.example/\n"
            "[Mon Nov 23 01:02:03 2026] [error] [client 192.0.2.7] File does not exist: /x\n"
            "[Mon Nov 23 01:02:03 2026] [notice] child pid 11 exit signal Segmentation fault\n"
            "[Mon Nov 23 01:02:03.1 2026] [security2:error] [pid 7] [client 192.0.2.7:1]"
            " ModSecurity: Access denied with code 403 [id \"950107\"]\n");
    static const char *const modern[][2] = {
        { "@product", "apache" },
        { "@service", "apache error" },
        { "@category", "" },
        { "@time", "2026-11-23T01:02:03.123456Z" },
        { "module", "core" },
        { "level", "error" },
        { "pid", "7" },
        { "c-ip", "2001:db8::7" },
        { "c-port", "4711" },
        { "Message", "AH00037: text [x] y, referer: http://r.example/" },
        { "cs-referer", "http://r.example/" },
        { NULL, NULL },
    };
    static const char *const old[][2] = {
        { "c-ip", "192.0.2.7" },
        { "level", "error" },
        { "@time", "2026-11-23T01:02:03Z" },
        { "Message", "File does not exist: /x" },
        { NULL, NULL },
    };
    static const char *const waf[][2] = {
        { "@product", "modsecurity" },
        { "@service", "apache error" },
        { "c-port", "1" },
        { "Message", "ModSecurity: Access denied with code 403 [id \"950107\"]" },
        { NULL, NULL },
    };

    (void)state;
    case_expect(c, 0, modern);
    case_expect(c, 1, old);
    assert_string_equal(case_value(c, 2, "Message"), "child pid 11 exit signal Segmentation fault");
    case_expect(c, 3, waf);
    case_free(c);
}

/* nginx's error log: the request it names is taken apart; lines of others keep their text. */
static void nginx_errors(void **state)
{
    struct decode_case *c = case_text("weblog",
            "2026/11/23 01:02:03 [error] 7#9: *11 open() \"/x\" failed (2: No such file),"
            " client: 192.0.2.7, server: s.example, request: \"GET /x?y HTTP/1.1\","
            " host: \"h.example:80\", referrer: \"http://r.example/\"\n"
            "2026/11/23 01:02:03 [alert] 7#0: worker process 9 exited on signal 6 (core dumped)\n"
            "something a module printed\n");
    static const char *const error[][2] = {
        { "@product", "nginx" },
        { "@service", "nginx error" },
        { "@time", "2026-11-23T01:02:03Z" },
        { "level", "error" },
        { "pid", "7" },
        { "c-ip", "192.0.2.7" },
        { "s-computername", "s.example" },
        { "cs-host", "h.example:80" },
        { "cs-referer", "http://r.example/" },
        { "cs-uri-stem", "/x" },
        { "cs-method", "GET" },
        { NULL, NULL },
    };

    (void)state;
    case_expect(c, 0, error);
    assert_null(case_value(c, 1, "c-ip"));
    assert_string_equal(case_value(c, 1, "level"), "alert");
    assert_string_equal(case_value(c, 2, "Message"), "something a module printed");
    assert_int_equal(c->findings[HN_FINDING_UNDECODABLE], 1);
    case_free(c);
}

static void arrives_in_pieces(void **state)
{
    (void)state;
    case_pieces_agree("weblog", hn_bytes_of(access_log, sizeof access_log - 1));
}

static void wanted_equals_all(void **state)
{
    static const char *const names[] = { "cs-uri-query", "cs-uri", "cs-uri-stem", "cs-host",
        "cs-user-agent", "request", "extra", "c-ip", "s-computername" };

    (void)state;
    case_modes_agree(
            "weblog", hn_bytes_of(access_log, sizeof access_log - 1), names, HN_COUNT_OF(names));
}

static void truncated_anywhere(void **state)
{
    (void)state;
    case_truncations_hold("weblog", hn_bytes_of(access_log, sizeof access_log - 1));
}

static void memory_runs_out(void **state)
{
    (void)state;
    case_memory_fails("weblog", hn_bytes_of(access_log, sizeof access_log - 1));
}

/* NUL and invalid UTF-8 stay in the values, byte for byte. */
static void odd_bytes_survive(void **state)
{
    static const char line[] =
            "192.0.2.7 - - [23/Nov/2026:01:02:03 +0900] \"GET /a\0b\xFF HTTP/1.1\" 200 4\n";
    struct case_options options = { .format = "weblog" };
    struct decode_case *c = case_run(&options, hn_bytes_of(line, sizeof line - 1));
    struct hn_text all = hn_text_of(c->events[0].text, c->events[0].len);

    (void)state;
    assert_int_equal(c->count, 1);
    assert_true(hn_text_find(all, hn_text_of("cs-uri-stem=/a\0b\xFF\n", 18), 0) != SIZE_MAX);
    assert_int_equal(c->findings[HN_FINDING_NUL], 1);
    case_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(access_lines),
        cmocka_unit_test(apache_errors),
        cmocka_unit_test(nginx_errors),
        cmocka_unit_test(arrives_in_pieces),
        cmocka_unit_test(wanted_equals_all),
        cmocka_unit_test(truncated_anywhere),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(odd_bytes_survive),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
