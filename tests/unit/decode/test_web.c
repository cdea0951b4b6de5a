/* test_web.c - URLs, request lines and access lines taken apart, also the odd ones. */
#include "decode/decode_web.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void same(struct hn_text text, const char *wanted)
{
    if (!hn_text_eq(text, hn_text_cstr(wanted)))
        fail_msg("\"%.*s\", not \"%s\"", HN_TEXT_ARG(text), wanted);
}

/* Each part is where it should be, or empty; nothing is decoded or refused. */
static void urls(void **state)
{
    static const struct {
        const char *text;
        bool authority;
        const char *scheme, *host, *port, *target, *path, *query;
    } cases[] = {
        { "http://a.example/x?y", false, "http", "a.example", "", "/x?y", "/x", "y" },
        { "https://u:p@a.example:8443/x", false, "https", "a.example", "8443", "/x", "/x", NULL },
        { "http://a@b@c.example/", false, "http", "c.example", "", "/", "/", NULL },
        { "ftp://[2001:db8::7]:21/x", false, "ftp", "2001:db8::7", "21", "/x", "/x", NULL },
        { "http://[2001:db8::7", false, "http", "2001:db8::7", "", "", "", NULL },
        { "http://a.example?x", false, "http", "a.example", "", "?x", "", "x" },
        { "http://a.example#f", false, "http", "a.example", "", "#f", "#f", NULL },
        { "http://", false, "http", "", "", "", "", NULL },
        { "://x", false, "", "", "", "://x", "://x", NULL },
        { "a b://x", false, "", "", "", "a b://x", "a b://x", NULL },
        { "9p://x", false, "", "", "", "9p://x", "9p://x", NULL },
        { "/x?y?z", false, "", "", "", "/x?y?z", "/x", "y?z" },
        { "/x?", false, "", "", "", "/x?", "/x", "" },
        { "*", false, "", "", "", "*", "*", NULL },
        { "", false, "", "", "", "", "", NULL },
        { "a.example:443", true, "", "a.example", "443", "", "", NULL },
        { "a.example", true, "", "a.example", "", "", "", NULL },
        { "[2001:db8::7]", true, "", "2001:db8::7", "", "", "", NULL },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct web_url url = web_url_split(hn_text_cstr(cases[i].text), cases[i].authority);

        same(url.whole, cases[i].text);
        same(url.scheme, cases[i].scheme);
        same(url.host, cases[i].host);
        same(url.port, cases[i].port);
        same(url.target, cases[i].target);
        same(url.path, cases[i].path);
        assert_int_equal(url.query.ptr == NULL, cases[i].query == NULL);
        if (cases[i].query != NULL && url.query.ptr != NULL)
            same(url.query, cases[i].query);
    }
}

/* The extension is of the file alone, never of a host or folder. */
static void extensions(void **state)
{
    static const char *const cases[][2] = { { "/a/b.tar.gz", "gz" }, { "/a.b/c", "" },
        { "/a.b\\c", "" }, { "/.x", "x" }, { "/x.", "" }, { "", "" }, { "x.exe", "exe" } };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++)
        same(web_extension(hn_text_cstr(cases[i][0])), cases[i][1]);
}

/* Method, target and version; a target may hold spaces, a version may be missing. */
static void request_lines(void **state)
{
    static const struct {
        const char *line;
        const char *method; /* NULL: none */
        const char *target, *version;
    } cases[] = {
        { "GET / HTTP/1.1", "GET", "/", "HTTP/1.1" },
        { "GET /a b c HTTP/1.0", "GET", "/a b c", "HTTP/1.0" },
        { "GET /old", "GET", "/old", "" },
        { "GET /x HTTQ/1.1", "GET", "/x HTTQ/1.1", "" },
        { "M-SEARCH * HTTP/1.1", "M-SEARCH", "*", "HTTP/1.1" },
        { "BPROPFIND_X /x HTTP/1.1", "BPROPFIND_X", "/x", "HTTP/1.1" },
        { "GET", NULL, NULL, NULL },
        { "GET ", NULL, NULL, NULL },
        { " / HTTP/1.1", NULL, NULL, NULL },
        { "-", NULL, NULL, NULL },
        { "", NULL, NULL, NULL },
        { "\x16\x03 x", NULL, NULL, NULL },
        { "G3T / HTTP/1.1", NULL, NULL, NULL },
        { "AVERYLONGMETHODTHATISNONEATALLREALLY / HTTP/1.1", NULL, NULL, NULL },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct web_request_line request = { 0 };
        bool found = web_request_split(hn_text_cstr(cases[i].line), &request);

        assert_int_equal(found, cases[i].method != NULL);
        if (!found)
            continue;
        same(request.method, cases[i].method);
        same(request.target, cases[i].target);
        same(request.version, cases[i].version);
    }
}

/* A quoted text ends at its quote, not at an escaped one; without an end it is no quoted text. */
static void quoted_texts(void **state)
{
    static const struct {
        const char *text;
        bool closed;
        const char *inside, *rest;
    } cases[] = { { "\"a\" b", true, "a", " b" }, { "\"\"", true, "", "" },
        { "\"a\\\"b\" c", true, "a\\\"b", " c" }, { "\"a\\\\\" c", true, "a\\\\", " c" },
        { "\"open", false, "open", "" }, { "\"open\\", false, "open\\", "" } };
    struct hn_text rest = HN_TEXT("plain");
    struct hn_text inside;

    (void)state;
    assert_false(web_quoted_take(&rest, &inside));
    same(rest, "plain");
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        rest = hn_text_cstr(cases[i].text);
        assert_int_equal(web_quoted_take(&rest, &inside), cases[i].closed);
        same(inside, cases[i].inside);
        same(rest, cases[i].rest);
    }
}

#define STAMP "[23/Nov/2026:01:02:03 +0900]"

/* Lines that are no access lines are refused, however near they come. */
static void no_access_lines(void **state)
{
    static const char *const lines[] = { "", "192.0.2.7", "192.0.2.7 - - " STAMP,
        "192.0.2.7 - - " STAMP " \"GET / HTTP/1.1\"",
        "192.0.2.7 - - " STAMP " \"GET / HTTP/1.1\" 200",
        "192.0.2.7 - - " STAMP " \"GET / HTTP/1.1\" 20 1",
        "192.0.2.7 - - " STAMP " \"GET / HTTP/1.1\" 2000 1",
        "192.0.2.7 - - " STAMP " \"GET / HTTP/1.1\" 200 x",
        "192.0.2.7 - - " STAMP " \"GET / HTTP/1.1\" -x 1",
        "192.0.2.7 - - " STAMP " GET / HTTP/1.1 200 1", "192.0.2.7 - - " STAMP "\"GET / HTTP/1.1",
        STAMP " \"GET / HTTP/1.1\" 200 1", "192.0.2.7 - - [23/Nov/2026] \"GET / HTTP/1.1\" 200 1",
        "192.0.2.7 - - [23-Nov-2026:01:02:03 +0900] \"GET / HTTP/1.1\" 200 1",
        "192.0.2.7 - - [23/N0v/2026:01:02:03 +0900] \"GET / HTTP/1.1\" 200 1",
        "192.0.2.7 - - [23/Nov/2026:01:02:03 +0900 \"GET / HTTP/1.1\" 200 1" };
    struct web_access access;

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(lines); i++) {
        if (web_access_split(hn_text_cstr(lines[i]), &access))
            fail_msg("taken: %s", lines[i]);
    }
}

/* What stands in front: client, ident, a user with spaces, a virtual host with or without port. */
static void access_fronts(void **state)
{
    static const struct {
        const char *front;
        const char *vhost, *client, *user;
    } cases[] = {
        { "192.0.2.7 - -", "", "192.0.2.7", "-" },
        { "host.example - bob", "", "host.example", "bob" },
        { "192.0.2.7 - a b c", "", "192.0.2.7", "a b c" },
        { "v.example 192.0.2.7 - -", "v.example", "192.0.2.7", "-" },
        { "v.example:80 c.example - -", "v.example:80", "c.example", "-" },
        { "192.0.2.1:443 192.0.2.7 - -", "192.0.2.1:443", "192.0.2.7", "-" },
        { "host.example - [x] bob", "", "host.example", "[x] bob" },
        { "192.0.2.7", "", "192.0.2.7", "" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct web_access access;
        char line[256];

        (void)snprintf(line, sizeof line, "%s " STAMP " \"-\" - -", cases[i].front);
        assert_true(web_access_split(hn_text_cstr(line), &access));
        same(access.vhost, cases[i].vhost);
        same(access.client, cases[i].client);
        same(access.user, cases[i].user);
        assert_null(access.agent.ptr);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls),
        cmocka_unit_test(extensions),
        cmocka_unit_test(request_lines),
        cmocka_unit_test(quoted_texts),
        cmocka_unit_test(no_access_lines),
        cmocka_unit_test(access_fronts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
