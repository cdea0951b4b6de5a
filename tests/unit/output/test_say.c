/* test_say.c - what outputs say, by the book and whatever the log held: CEF, RFC 5424, RFC 2047,
 * mail, signatures, JSON. */
#include "output/output_internal.h"

#include "base/enc.h"
#include "base/mem.h"
#include "support/alert_check.h"
#include "support/check.h"
#include "support/temp_dir.h"

#include <fcntl.h>
#include <sys/stat.h>

static struct alert_match match = { .field = HN_TEXT_INIT("CommandLine"),
    .value = HN_TEXT_INIT("a=b \\ c|d\r\ne") };

static struct output_fact alert_fact(void)
{
    return (struct output_fact){ .id = 1,
        .attempts = 1,
        .created = INT64_C(1795400000123456789),
        .key = HN_TEXT("0123"),
        .kind = HN_TEXT("alert"),
        .alert = 1,
        .incident = 7,
        .level = 4,
        .title = HN_TEXT("a|b\\c=d"),
        .host = HN_TEXT("pc=1"),
        .user = HN_TEXT("u"),
        .source = HN_TEXT("s"),
        .time = INT64_C(1795400000123000000),
        .json = HN_TEXT("{\"id\":\"0123\"}"),
        .read = { .rule_id = HN_TEXT("r|1"), .matches = &match, .match_count = 1 } };
}

/* Pipes and backslashes in the header, equals signs, backslashes and line ends in values: and
 * nothing else. */
static void cef_is_escaped_by_the_book(void **state)
{
    struct output_fact fact = alert_fact();
    struct hn_buf out = { 0 };

    (void)state;
    output_cef_write(&fact, &out);
    check_buf(&out, "CEF:0|Hinomi|Hinomi|" HN_VERSION "|r\\|1|a\\|b\\\\c=d|8|rt=1795400000123"
                    " externalId=0123 cat=alert dhost=pc\\=1 duser=u cs1Label=source cs1=s"
                    " cn1Label=incident cn1=7"
                    " msg=CommandLine: a\\=b \\\\ c|d\\r\\ne");
    fact.title = HN_TEXT("x\n\x1b[0m\xE2\x80\xAE\xFF");
    fact.host = HN_TEXT("");
    fact.read.match_count = 0;
    output_cef_write(&fact, &out);
    check_buf(&out, "CEF:0|Hinomi|Hinomi|" HN_VERSION "|r\\|1|x \\\\u001b[0m\\\\u202e\xEF\xBF\xBD"
                    "|8|rt=1795400000123 externalId=0123 cat=alert duser=u cs1Label=source cs1=s"
                    " cn1Label=incident cn1=7");
    hn_buf_deinit(&out);
}

/* PRI, version, six digits of a second, host without blanks, nil values: section 6. */
static void syslog_header_is_rfc_5424(void **state)
{
    struct output_fact fact = alert_fact();
    struct hn_buf out = { 0 };

    (void)state;
    output_syslog_header(&fact, 16, "host.example", &out);
    check_buf(&out, "<131>1 2026-11-23T02:13:20.123456Z host.example hinomi - alert - ");
    fact.level = 5;
    output_syslog_header(&fact, 23, "bad host\n", &out);
    check_buf(&out, "<186>1 2026-11-23T02:13:20.123456Z bad_host_ hinomi - alert - ");
    fact.level = 99;
    output_syslog_header(&fact, 0, "", &out);
    check_buf(&out, "<2>1 2026-11-23T02:13:20.123456Z - hinomi - alert - ");
    hn_buf_deinit(&out);
}

/* Plain ASCII stays; everything else becomes encoded words of at most 75 characters, cut between
 * characters; no text adds a header. */
static void headers_are_rfc_2047(void **state)
{
    struct hn_buf out = { 0 };
    struct hn_buf text = { 0 };
    struct hn_buf back = { 0 };
    struct hn_text rest;
    struct hn_text line;

    (void)state;
    output_mail_header(&out, "Subject", HN_TEXT("plain (host) 100%"));
    check_buf(&out, "Subject: plain (host) 100%\r\n");
    output_mail_header(&out, "Subject", HN_TEXT("\xE6\x82\xAA\xE6\x84\x8F"));
    check_buf(&out, "Subject: =?UTF-8?B?5oKq5oSP?=\r\n");
    output_mail_header(&out, "Subject", HN_TEXT("a\r\nBcc: x@y.example"));
    check_buf(&out, "Subject: a  Bcc: x@y.example\r\n");
    output_mail_header(&out, "Subject", HN_TEXT("=?UTF-8?B?eA==?="));
    check_buf(&out, "Subject: =?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?=\r\n");
    for (int i = 0; i < 50; i++)
        hn_buf_add_lit(&text, "\xE6\x82\xAAx");
    output_mail_header(&out, "Subject", hn_buf_text(&text));
    rest = hn_buf_text(&out);
    assert_true(hn_text_ends(rest, HN_TEXT("?=\r\n")));
    for (bool first = true; hn_text_line(&rest, &line); first = false) {
        struct hn_text word = first ? hn_text_sub(line, 9, line.len) : hn_text_sub(line, 1, 99);
        size_t before = back.len;

        assert_true(line.len <= 76);
        assert_true(word.len <= 75 && hn_text_starts(word, HN_TEXT("=?UTF-8?B?")));
        assert_true(hn_base64_decode(&back, hn_text_sub(word, 10, word.len - 12)));
        assert_true(hn_utf8_valid(hn_bytes_of(back.ptr + before, back.len - before)));
    }
    assert_true(hn_text_eq(hn_buf_text(&back), hn_buf_text(&text)));
    hn_buf_deinit(&out);
    hn_buf_deinit(&text);
    hn_buf_deinit(&back);
}

static void only_plain_addresses_are_taken(void **state)
{
    static const char *const good[] = { "a@b.example", "first.last+tag@b", "a_b@[127" };
    static const char *const bad[] = { "", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\r\nRCPT TO:<x>",
        "<a@b>", "a@b>", "a,b@c", "a@b;c", "\"a\"@b", "a(b)@c", "a\\@b", "\xC3\xA4@b" };

    (void)state;
    for (size_t i = 0; i < 2; i++)
        assert_true(output_mail_address(hn_text_cstr(good[i])));
    assert_false(output_mail_address(hn_text_cstr(good[2]))); /* address literals: not taken */
    for (size_t i = 0; i < HN_COUNT_OF(bad); i++) {
        if (output_mail_address(hn_text_cstr(bad[i])))
            fail_msg("taken: %s", bad[i]);
    }
}

/* HMAC-SHA256 over "<timestamp>.<body>", as docs/outputs.md has it; checked with Python's hmac. */
static void signature_is_hmac(void **state)
{
    struct output_secret secret = { .bytes = "Jefe", .len = 4 };
    char hex[65];

    (void)state;
    assert_true(output_sign(&secret, 1795400000, HN_TEXT("what do ya want for nothing?"), hex));
    assert_string_equal(hex, "dbd16cd62cb75314bae3e1052501d5858bfb3ff04e1cb7d1f734554b6c5872e4");
}

/* A secret that others may read is none; a last line end is not part of it. */
static void secrets_are_checked(void **state)
{
    static const struct {
        const char *text;
        mode_t mode;
        enum hn_status status;
    } rows[] = {
        { "key\r\n", 0600, HN_OK },
        { "key", 0640, HN_OK },
        { "key", 0604, HN_SYNTAX },
        { "key", 0602, HN_SYNTAX },
        { "\n", 0600, HN_SYNTAX },
    };
    struct temp_dir dir;

    (void)state;
    temp_dir_make(&dir);
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        const char *path = temp_file(&dir, "secret");
        struct output_secret secret = { .len = 0 };
        struct hn_err err = { 0 };
        FILE *file = fopen(path, "w");

        assert_non_null(file);
        assert_true(fputs(rows[i].text, file) >= 0);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(chmod(path, rows[i].mode), 0);
        assert_int_equal(output_secret_read(path, &secret, &err), rows[i].status);
        assert_true(strstr(err.msg, "key") == NULL);
        if (rows[i].status == HN_OK)
            assert_string_equal((const char *)secret.bytes, "key");
        else
            assert_int_equal(secret.len, 0);
    }
    assert_int_not_equal(output_secret_read(dir.path, &(struct output_secret){ 0 }, NULL), HN_OK);
    temp_dir_remove(&dir);
}

/* The envelope begins with the key, holds the alert as it is, and is one line. */
static void bodies_are_lines(void **state)
{
    struct output_fact fact = alert_fact();
    struct hn_buf out = { 0 };

    (void)state;
    output_body_write(&fact, CONFIG_JSONL, &out);
    check_buf(&out, "{\"key\":\"0123\",\"kind\":\"alert\","
                    "\"created\":\"2026-11-23T02:13:20.123456789Z\",\"incident_id\":7,"
                    "\"source\":\"s\",\"tenant\":\"\",\"alert\":{\"id\":\"0123\"}}");
    fact.json = HN_TEXT("");
    fact.kind = HN_TEXT("incident.raised");
    fact.title = HN_TEXT("t\n\x1b\"");
    for (int format = CONFIG_JSONL; format <= CONFIG_OCSF; format++) {
        output_body_write(&fact, (enum config_output_format)format, &out);
        hn_buf_add_char(&out, '\n');
        assert_true(alert_check_json(hn_buf_text(&out)));
        hn_buf_reset(&out);
    }
    hn_buf_deinit(&out);
}

/* Every writer says so when memory is short, at every allocation. */
static void any_failed_allocation_is_told(void **state)
{
    struct hn_text to[] = { HN_TEXT_INIT("b@example") };
    const struct config_output config = { .from = HN_TEXT("a@example"), .to = { to, 1 } };
    struct output_fact fact = alert_fact();
    const struct output_letter letter = { &config, &fact, 1, 0 };
    bool failed = true;

    (void)state;
    for (uint64_t n = 1; failed; n++) {
        struct hn_buf cef = { 0 };
        struct hn_buf mail = { 0 };

        hn_mem_fail_from(n);
        output_cef_write(&fact, &cef);
        output_mail_write(&letter, &mail);
        failed = hn_mem_fail_hits() > 0;
        hn_mem_fail_from(0);
        assert_int_equal(failed, !hn_buf_ok(&cef) || !hn_buf_ok(&mail));
        hn_buf_deinit(&cef);
        hn_buf_deinit(&mail);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cef_is_escaped_by_the_book),
        cmocka_unit_test(syslog_header_is_rfc_5424),
        cmocka_unit_test(headers_are_rfc_2047),
        cmocka_unit_test(only_plain_addresses_are_taken),
        cmocka_unit_test(signature_is_hmac),
        cmocka_unit_test(secrets_are_checked),
        cmocka_unit_test(bodies_are_lines),
        cmocka_unit_test(any_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
