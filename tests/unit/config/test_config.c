/* test_config.c - the configuration: strict reading, defaults, showing what is in force. */
#include "config/config.h"
#include "support/check.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct told {
    struct hn_buf text; /* "file:line:column: message\n" */
};

static void on_problem(void *ctx, const struct config_problem *problem)
{
    struct told *told = ctx;

    hn_buf_addf(&told->text, "%.*s:%u:%u: %s\n", HN_TEXT_ARG(problem->file), problem->line,
            problem->column, problem->message);
}

/* What is told about a file's text; freed by the caller. */
static char *problems_of(const char *yaml, enum hn_status expected)
{
    struct told told = { 0 };
    struct config *config = NULL;
    enum hn_status status;
    char *copy;

    assert_int_equal(config_new(&config), HN_OK);
    status = config_read(config, HN_TEXT("h.yaml"), hn_text_cstr(yaml), on_problem, &told);
    if (status == HN_OK)
        status = config_check(config, on_problem, &told);
    assert_int_equal(status, expected);
    config_free(config);
    hn_buf_add_char(&told.text, '\0');
    assert_true(hn_buf_ok(&told.text));
    copy = strdup(told.text.ptr);
    hn_buf_deinit(&told.text);
    assert_non_null(copy);
    return copy;
}

static void expect_problem(const char *yaml, const char *message)
{
    char *told = problems_of(yaml, HN_SYNTAX);

    if (strstr(told, message) == NULL)
        fail_msg("expected: %s\ntold: %s", message, told);
    free(told);
}

/* An empty file is the defaults, and the defaults pass their own check. */
static void an_empty_file_is_the_defaults(void **state)
{
    struct config *config = NULL;

    (void)state;
    assert_int_equal(config_new(&config), HN_OK);
    assert_int_equal(config_read(config, HN_TEXT("h"), HN_TEXT(""), NULL, NULL), HN_OK);
    assert_int_equal(config_check(config, NULL, NULL), HN_OK);
    assert_true(hn_text_eq(config->data, HN_TEXT("/var/lib/hinomi")));
    assert_int_equal(config->journal.segment, 64 << 20);
    assert_int_equal(config->journal.commit_delay, 2000000);
    assert_int_equal(config->http.address.port, 8470);
    assert_true(config->http.tls);
    assert_int_equal(config->rules.level, CONFIG_LOW);
    assert_int_equal(config->sources.count, 0);
    config_free(config);
}

/* Every type of value arrives, lists also as single values. */
static void values_of_every_type(void **state)
{
    static const char yaml[] =
            "data: /srv/hinomi\n"
            "rules: {paths: [/a, /b], lists: /lists, level: high, watch: 0}\n"
            "journal: {segment: 1 MiB, keep: 10GB, keep_age: 2w, commit_delay: 500us}\n"
            "http: {address: '[::1]:9000', tls: false}\n"
            "sources:\n"
            "  - name: fw\n"
            "    udp: '*:514'\n"
            "    tcp: ['127.0.0.1:514', '[::]:1514']\n"
            "    peers: [192.0.2.0/24, '2001:db8::/32']\n"
            "    zone: Asia/Tokyo\n"
            "    quota: 10MB\n"
            "outputs:\n"
            "  - {name: soc, kind: webhook, url: 'https://soc.example/', format: ocsf}\n";
    struct config *config = NULL;
    struct told told = { 0 };

    (void)state;
    assert_int_equal(config_new(&config), HN_OK);
    if (config_read(config, HN_TEXT("h"), hn_text_cstr(yaml), on_problem, &told) != HN_OK)
        fail_msg("%.*s", HN_TEXT_ARG(hn_buf_text(&told.text)));
    assert_int_equal(config_check(config, NULL, NULL), HN_OK);
    assert_int_equal(config->rules.paths.count, 2);
    assert_true(hn_text_eq(config->rules.paths.ptr[1], HN_TEXT("/b")));
    assert_int_equal(config->rules.lists.count, 1);
    assert_int_equal(config->rules.level, CONFIG_HIGH);
    assert_int_equal(config->rules.watch, 0);
    assert_int_equal(config->journal.segment, 1 << 20);
    assert_true(config->journal.keep == UINT64_C(10000000000));
    assert_true(config->journal.keep_age == INT64_C(1209600000000000));
    assert_int_equal(config->journal.commit_delay, 500000);
    assert_true(hn_text_eq(config->http.address.host, HN_TEXT("::1")));
    assert_int_equal(config->sources.count, 1);
    assert_int_equal(config->sources.ptr[0].udp.count, 1);
    assert_true(hn_text_eq(config->sources.ptr[0].udp.ptr[0].host, HN_TEXT("*")));
    assert_int_equal(config->sources.ptr[0].tcp.count, 2);
    assert_int_equal(config->sources.ptr[0].tcp.ptr[1].port, 1514);
    assert_int_equal(config->sources.ptr[0].peers.count, 2);
    assert_int_equal(config->sources.ptr[0].quota, 10000000);
    assert_int_equal(config->outputs.ptr[0].kind, CONFIG_OUTPUT_WEBHOOK);
    assert_int_equal(config->outputs.ptr[0].format, CONFIG_OCSF);
    assert_true(hn_text_eq(config->outputs.ptr[0].transport, HN_TEXT("tcp")));
    config_free(config);
}

/* Each mistake is told with its place, and all of them at once. */
static void mistakes_are_told_with_their_place(void **state)
{
    char *told;

    (void)state;
    told = problems_of(
            "data: /x\nrulez: {}\njournal:\n  segment: 3 parsecs\n  keepage: 1d\n", HN_SYNTAX);
    assert_string_equal(told, "h.yaml:2:1: unknown key \"rulez\"; did you mean rules?\n"
                              "h.yaml:4:12: segment: \"3 parsecs\" is no size like 64MiB or 10GB\n"
                              "h.yaml:5:3: unknown key \"keepage\"; did you mean keep_age?\n");
    free(told);
    expect_problem("journal: {segment: 1}\n", "is not between 1MiB and 4GiB");
    expect_problem("rules: {level: hihg}\n", "is none of informational|low|medium|high|critical");
    expect_problem("rules: {paths: {a: b}}\n", "paths is a list");
    expect_problem("data: [a]\n", "data is a single value");
    expect_problem("data: a\ndata: b\n", "h.yaml:2:");
    expect_problem("journal: 5\n", "journal holds keys and values");
    expect_problem("http: {address: '::1:80'}\n", "needs brackets");
    expect_problem("http: {address: '127.0.0.1:65536'}\n", "is no address");
    expect_problem("sources: [{name: 'a b'}]\n", "may hold letters");
    expect_problem("sources: [{name: a, peers: [192.0.2.0/33]}]\n", "is no network");
    expect_problem("engine: {threads: -1}\n", "is no whole number");
    expect_problem("http: {tls: yes}\n", "is neither true nor false");
}

/* What only several keys together can tell. */
static void what_does_not_go_together(void **state)
{
    (void)state;
    expect_problem("http: {address: '192.0.2.1:80', tls: false}\n", "loopback");
    expect_problem("sources: [{name: a}, {name: a}]\n", "two sources are called a");
    expect_problem("sources: [{format: json}]\n", "source 1 has no name");
    expect_problem("outputs: [{name: a, kind: file}]\n", "output a has no path");
    expect_problem("outputs: [{name: a}]\n", "output a has no kind");
    expect_problem("samples: {clamd: nowhere}\n", "samples.clamd: nowhere is neither");
    expect_problem("samples: {clamd: 'host:70000'}\n", "samples.clamd: host:70000 is neither");
    expect_problem("samples: {vt_url: 'https://x.example/'}\n", "samples.vt_url needs a vt_key");
    expect_problem(
            "samples: {vt_key: /k, vt_url: 'ftp://x.example/'}\n", "does not begin with https");
    expect_problem("outputs: [{name: a, kind: file, path: /x, format: cef}]\n",
            "format cef is for syslog");
    expect_problem("outputs: [{name: a, kind: webhook, url: 'http://x/'}]\n",
            "http:// needs allow_plain: true");
    expect_problem("outputs: [{name: a, kind: webhook, url: 'file:///etc/passwd'}]\n",
            "its url does not begin with https://");
    expect_problem("outputs: [{name: a, kind: smtp, url: 'smtp://x', from: a@b, to: c@d,"
                   " user: u, secret_file: /s, allow_plain: true}]\n",
            "a password is not sent without TLS");
    expect_problem("outputs: [{name: a, kind: smtp, url: 'smtps://x', from: a@b, to: c@d,"
                   " user: u}]\n",
            "a user needs a secret_file");
    expect_problem("http: {tls_files: {key: /k}}\n", "belong together");
    expect_problem("sources: [{name: a, standard_input: true}, {name: b, standard_input: true}]\n",
            "only one source");
}

/* A later file replaces single values and adds to lists. */
static void later_files_add(void **state)
{
    struct config *config = NULL;

    (void)state;
    assert_int_equal(config_new(&config), HN_OK);
    assert_int_equal(config_read(config, HN_TEXT("a"),
                             HN_TEXT("data: /a\nrules: {paths: [/r1]}\nsources: [{name: s1}]\n"),
                             NULL, NULL),
            HN_OK);
    assert_int_equal(config_read(config, HN_TEXT("b"),
                             HN_TEXT("data: /b\nrules: {paths: [/r2]}\nsources: [{name: s2}]\n"),
                             NULL, NULL),
            HN_OK);
    assert_true(hn_text_eq(config->data, HN_TEXT("/b")));
    assert_int_equal(config->rules.paths.count, 2);
    assert_int_equal(config->sources.count, 2);
    assert_true(hn_text_eq(config->sources.ptr[0].name, HN_TEXT("s1")));
    assert_true(hn_text_eq(config->sources.ptr[1].name, HN_TEXT("s2")));
    config_free(config);
}

/* Variables set single values; a wrong one is told, others are left alone. */
static void environment_variables(void **state)
{
    static const char *const good[] = { "HOME=/root", "HINOMI_DATA=/e", "HINOMI_LANG=ja",
        "HINOMI_HTTP_ADDRESS=127.0.0.2:1", "HINOMI_JOURNAL_KEEP_AGE=3d", NULL };
    static const char *const unknown[] = { "HINOMI_HTTP_ADRESS=127.0.0.2:1", NULL };
    static const char *const wrong[] = { "HINOMI_JOURNAL_KEEP_AGE=soon", NULL };
    static const char *const list[] = { "HINOMI_RULES_PATHS=/a", NULL };
    struct config *config = NULL;
    struct told told = { 0 };

    (void)state;
    assert_int_equal(config_new(&config), HN_OK);
    assert_int_equal(config_environment(config, good, on_problem, &told), HN_OK);
    assert_true(hn_text_eq(config->data, HN_TEXT("/e")));
    assert_int_equal(config->http.address.port, 1);
    assert_true(config->journal.keep_age == INT64_C(3) * 86400 * 1000000000);
    assert_int_equal(config_environment(config, unknown, on_problem, &told), HN_SYNTAX);
    assert_int_equal(config_environment(config, wrong, on_problem, &told), HN_SYNTAX);
    assert_int_equal(config_environment(config, list, on_problem, &told), HN_SYNTAX);
    hn_buf_add_char(&told.text, '\0');
    assert_string_equal(told.text.ptr,
            "HINOMI_HTTP_ADRESS:0:0: there is no such key\n"
            "HINOMI_JOURNAL_KEEP_AGE:0:0: \"soon\" is no duration like 10s, 5m, 2h, 30d\n"
            "HINOMI_RULES_PATHS:0:0: paths takes more than one value: use a file\n");
    hn_buf_deinit(&told.text);
    config_free(config);
}

static void show(const struct config *config, bool all, struct hn_buf *out)
{
    hn_buf_reset(out);
    config_show(config, all, out);
    assert_true(hn_buf_ok(out));
}

/* What is shown can be read, and shows the same again; without `all` only what was set. */
static void what_is_shown_reads_back(void **state)
{
    static const char yaml[] = "data: \"/srv/\\u3042 \\\"x\\\"\"\n"
                               "journal:\n"
                               "  keep: 10GB\n"
                               "sources:\n"
                               "  - name: \"a\"\n"
                               "    tls:\n"
                               "      - \"[::1]:6514\"\n"
                               "    tls_files:\n"
                               "      client_ca: \"/ca.pem\"\n"
                               "    standard_input: true\n"
                               "outputs:\n"
                               "  - name: \"b\"\n"
                               "    kind: file\n"
                               "    path: \"/out\"\n";
    struct config *first = NULL;
    struct config *second = NULL;
    struct hn_buf one = { 0 };
    struct hn_buf two = { 0 };

    (void)state;
    assert_int_equal(config_new(&first), HN_OK);
    assert_int_equal(config_read(first, HN_TEXT("a"), hn_text_cstr(yaml), NULL, NULL), HN_OK);
    show(first, false, &one);
    hn_buf_add_char(&one, '\0');
    assert_non_null(strstr(one.ptr, "keep: 10GB\n"));
    assert_non_null(strstr(one.ptr, "      client_ca: \"/ca.pem\"\n"));
    assert_null(strstr(one.ptr, "commit_delay"));
    for (int all = 0; all < 2; all++) {
        assert_int_equal(config_new(&second), HN_OK);
        show(first, all == 1, &one);
        assert_int_equal(config_read(second, HN_TEXT("a"), hn_buf_text(&one), NULL, NULL), HN_OK);
        show(first, true, &one);
        show(second, true, &two);
        assert_true(hn_text_eq(hn_buf_text(&one), hn_buf_text(&two)));
        config_free(second);
    }
    config_free(first);
    hn_buf_deinit(&one);
    hn_buf_deinit(&two);
}

/* Every prefix of a file is read or refused, and never crashes. */
static void every_truncation(void **state)
{
    static const char yaml[] = "data: /x\nhttp: {address: '[::1]:80', tls: true}\nsources:\n- "
                               "name: a\n  udp: ['*:1']\n";

    (void)state;
    for (size_t len = 0; len < sizeof yaml; len++) {
        struct config *config = NULL;
        enum hn_status status;

        assert_int_equal(config_new(&config), HN_OK);
        status = config_read(config, HN_TEXT("t"), hn_text_of(yaml, len), NULL, NULL);
        assert_true(status == HN_OK || status == HN_SYNTAX);
        config_free(config);
    }
}

static enum hn_status read_all(void)
{
    struct config *config = NULL;
    enum hn_status status = config_new(&config);

    if (status == HN_OK) {
        status = config_read(config, HN_TEXT("t"),
                HN_TEXT("data: /x\nrules: {paths: [/a, /b]}\nsources:\n- name: a\n  udp: '*:1'\n"),
                NULL, NULL);
    }
    config_free(config);
    return status;
}

/* Any allocation may fail: it is said, and nothing leaks. */
static void every_failing_allocation(void **state)
{
    enum hn_status status = HN_NOMEM;

    (void)state;
    for (uint64_t n = 1; status != HN_OK; n++) {
        hn_mem_fail_from(n);
        status = read_all();
        hn_mem_fail_from(0);
        assert_true(status == HN_OK || status == HN_NOMEM);
        assert_true(n < 10000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_is_the_defaults),
        cmocka_unit_test(values_of_every_type),
        cmocka_unit_test(mistakes_are_told_with_their_place),
        cmocka_unit_test(what_does_not_go_together),
        cmocka_unit_test(later_files_add),
        cmocka_unit_test(environment_variables),
        cmocka_unit_test(what_is_shown_reads_back),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
