/* test_modsec.c - ModSecurity's serial audit log: transactions, hostile bodies, broken ends. */
#include "support/decode_case.h"

static const char audit_log[] =
        "--6b253045-A--\n"
        "[23/Nov/2026:01:02:03 +0900] Xid1 192.0.2.7 4711 198.51.100.2 80\n"
        "--6b253045-B--\n"
        "POST /x?y=z HTTP/1.1\n"
        "Host: a.example\n"
        "User-Agent: curl/8\n"
        "Content-Type: text/plain\n"
        "\n"
        "--6b253045-C--\n"
        "one\n--deadbeef-A--\n[fake] x\n--deadbeef-Z--\ntwo\n"
        "--6b253045-F--\n"
        "HTTP/1.1 403 Forbidden\n"
        "--6b253045-H--\n"
        "Message: Access denied with code 403 (phase 2). Pattern match \"x\" [file \"/f\"]"
        " [id \"950107\"] [msg \"URL \\\"Encoding\\\"\"] [severity \"WARNING\"] [tag \"a\"]"
        " [tag \"b\"]\n"
        "Action: Intercepted (phase 2)\n"
        "Server: Apache\n"
        "\n"
        "--6b253045-Z--\n"
        "\n"
        "---rH5bFain---A--\n"
        "[23/Nov/2026:01:02:04 +0900] Xid2 192.0.2.8 4712 198.51.100.2 80\n"
        "---rH5bFain---H--\n"
        "ModSecurity: Warning. Matched [id \"2\"]\n"
        "---rH5bFain---Z--\n";

/* A transaction is one event; boundaries inside a body are the client's; both dash styles. */
static void transactions(void **state)
{
    struct decode_case *c = case_text("modsec", audit_log);
    static const char *const first[][2] = {
        { "@product", "modsecurity" },
        { "@category", "application" },
        { "@time", "2026-11-22T16:02:03Z" },
        { "unique_id", "Xid1" },
        { "c-ip", "192.0.2.7" },
        { "s-port", "80" },
        { "cs-method", "POST" },
        { "cs-uri-stem", "/x" },
        { "cs-uri-query", "y=z | /x?y=z" },
        { "cs-host", "a.example" },
        { "cs-user-agent", "curl/8" },
        { "cs-content-type", "text/plain" },
        { "sc-status", "403" },
        { "id", "950107" },
        { "msg", "URL \"Encoding\"" },
        { "severity", "WARNING" },
        { "tag", "a | b" },
        { "action", "Intercepted (phase 2)" },
        { "Server", "Apache" },
        { "@findings", "0" },
        { NULL, NULL },
    };
    static const char *const second[][2] = { { "id", "2" }, { "c-ip", "192.0.2.8" },
        { "cs-method", NULL }, { NULL, NULL } };

    (void)state;
    assert_int_equal(c->count, 2);
    case_expect(c, 0, first);
    case_expect(c, 1, second);
    assert_non_null(strstr(case_value(c, 0, "@place"), "0/1"));
    assert_non_null(strstr(case_value(c, 1, "@place"), "/24"));
    case_free(c);
}

/* A transaction without its end does not hide the next one; lines outside keep their text. */
static void broken_ends(void **state)
{
    struct decode_case *c = case_text("modsec",
            "garbage\n--aaaaaaaa-A--\n[23/Nov/2026:01:02:03 +0900] X1 192.0.2.7 1 198.51.100.2 80\n"
            "--bbbbbbbb-A--\n[23/Nov/2026:01:02:03 +0900] X2 192.0.2.7 1 198.51.100.2 80\n"
            "--bbbbbbbb-Z--\n--cccccccc-A--\n[x] X3");

    (void)state;
    assert_int_equal(c->count, 4);
    assert_non_null(strstr(case_value(c, 0, "Message"), "garbage"));
    assert_string_equal(case_value(c, 1, "unique_id"), "X1");
    assert_string_equal(case_value(c, 2, "unique_id"), "X2");
    assert_string_equal(case_value(c, 3, "unique_id"), "X3");
    assert_int_equal(c->findings[HN_FINDING_INCOMPLETE], 2);
    assert_int_equal(c->findings[HN_FINDING_UNDECODABLE], 1);
    case_free(c);
}

/* A log of nothing but starts costs no more than its length allows and loses none of them. */
static void many_broken_ends(void **state)
{
    struct hn_buf buf = { 0 };
    struct case_options options = { .format = "modsec" };
    struct decode_case *c;

    (void)state;
    for (int i = 0; i < 4000; i++)
        hn_buf_addf(&buf, "--%08x-A--\n[x] X%d\n", (unsigned)i, i);
    c = case_run(&options, hn_text_as_bytes(hn_buf_text(&buf)));
    assert_int_equal(c->count, 4000);
    assert_string_equal(case_value(c, 3999, "unique_id"), "X3999");
    case_free(c);
    hn_buf_deinit(&buf);
}

static void arrives_in_pieces(void **state)
{
    (void)state;
    case_pieces_agree("modsec", hn_bytes_of(audit_log, sizeof audit_log - 1));
}

static void wanted_equals_all(void **state)
{
    static const char *const names[] = { "id", "tag", "msg", "Message", "request_body", "cs-uri",
        "action", "Server" };

    (void)state;
    case_modes_agree(
            "modsec", hn_bytes_of(audit_log, sizeof audit_log - 1), names, HN_COUNT_OF(names));
}

static void truncated_anywhere(void **state)
{
    (void)state;
    case_truncations_hold("modsec", hn_bytes_of(audit_log, sizeof audit_log - 1));
}

static void memory_runs_out(void **state)
{
    (void)state;
    case_memory_fails("modsec", hn_bytes_of(audit_log, sizeof audit_log - 1));
}

static void scratch_fills(void **state)
{
    (void)state;
    case_scratch_fills("modsec", hn_bytes_of(audit_log, sizeof audit_log - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transactions),
        cmocka_unit_test(broken_ends),
        cmocka_unit_test(many_broken_ends),
        cmocka_unit_test(arrives_in_pieces),
        cmocka_unit_test(wanted_equals_all),
        cmocka_unit_test(truncated_anywhere),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(scratch_fills),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
