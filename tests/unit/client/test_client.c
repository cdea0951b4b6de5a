/* Proves that what a server says is read with care: a stream however it is cut, answers of the
 * wrong shape, and settings that would send a token where it must not go. */
#include "client/client.h"

#include "base/mem.h"

#include "support/check.h"

#include <string.h>

/* ---- Streams ---- */

static void on_event(void *ctx, const struct client_event *event)
{
    struct hn_buf *out = ctx;

    hn_buf_add_text(out, event->id);
    hn_buf_add_char(out, '|');
    hn_buf_add_text(out, event->name);
    hn_buf_add_char(out, '|');
    hn_buf_add_text(out, event->data);
    hn_buf_add_char(out, ';');
}

static void feed(struct client_sse *sse, const char *text, struct hn_buf *out)
{
    assert_int_equal(client_sse_feed(sse, hn_text_cstr(text), on_event, out), HN_OK);
}

static const char stream[] = "\xEF\xBB\xBFid: 7\n\n"
                             ": comment\r\n"
                             "id:8\revent: alert\rdata: {\"a\":1}\r\r"
                             "data: one\ndata:two\ndata\nretry: 5\n\n"
                             "event: lost\n\n"
                             "data: \xE3\x81\x82\r\n\r\n";
static const char events[] = "8|alert|{\"a\":1};8|message|one\ntwo\n;8|message|\xE3\x81\x82;";

static void a_stream_reads_the_same_however_it_is_cut(void **state)
{
    (void)state;
    for (size_t cut = 0; cut < sizeof stream; cut++) {
        struct client_sse sse;
        struct hn_buf out = { 0 };

        client_sse_init(&sse);
        assert_int_equal(client_sse_feed(&sse, hn_text_of(stream, cut), on_event, &out), HN_OK);
        assert_int_equal(
                client_sse_feed(&sse,
                        hn_text_of(stream + cut, sizeof stream - 1 - cut + (cut == sizeof stream)),
                        on_event, &out),
                HN_OK);
        check_buf(&out, events);
        client_sse_deinit(&sse);
        hn_buf_deinit(&out);
    }
}

static void an_id_alone_is_kept_without_an_event(void **state)
{
    struct client_sse sse;
    struct hn_buf out = { 0 };

    (void)state;
    client_sse_init(&sse);
    feed(&sse, "id: 41\n\n", &out);
    assert_int_equal(out.len, 0);
    check_text(hn_buf_text(&sse.id), "41");
    feed(&sse, "data: half of an ev", &out);
    client_sse_reset(&sse); /* the connection broke */
    check_text(hn_buf_text(&sse.id), "41");
    feed(&sse, "data: x\n\n", &out);
    check_buf(&out, "41|message|x;");
    client_sse_deinit(&sse);
    hn_buf_deinit(&out);
}

/* A server that never ends a line, or an event, is cut off. */
static void endless_lines_and_events_are_refused(void **state)
{
    static const char *const pieces[] = { "data: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "data: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(pieces); i++) {
        struct client_sse sse;
        struct hn_buf out = { 0 };
        enum hn_status status = HN_OK;
        size_t fed = 0;

        client_sse_init(&sse);
        while (status == HN_OK && fed < 2 * CLIENT_EVENT_MAX) {
            status = client_sse_feed(&sse, hn_text_cstr(pieces[i]), on_event, &out);
            fed += strlen(pieces[i]);
        }
        assert_int_equal(status, HN_LIMIT);
        assert_int_equal(out.len, 0);
        client_sse_deinit(&sse);
        hn_buf_deinit(&out);
    }
}

static void streams_survive_want_of_memory(void **state)
{
    uint64_t hits = 1;

    (void)state;
    for (uint64_t n = 1; hits > 0; n++) {
        struct client_sse sse;
        struct hn_buf out = { 0 };
        enum hn_status status;

        assert_true(n < 1000);
        client_sse_init(&sse);
        assert_true(hn_buf_grow(&out, 4096));
        hn_mem_fail_from(n);
        status = client_sse_feed(&sse, hn_text_of(stream, sizeof stream - 1), on_event, &out);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        assert_int_equal(status, hits > 0 ? HN_NOMEM : HN_OK);
        client_sse_deinit(&sse);
        hn_buf_deinit(&out);
    }
}

/* ---- Answers ---- */

static const char answer[] = "{\"items\":[{\"title\":\"a\\u001b[31m\",\"seq\":7,\"hidden\":\"\","
                             "\"time\":\"2026-11-23T01:02:03Z\",\"on\":true},17,null],"
                             "\"next\":null,\"big\":18446744073709551616}";

static void members_are_found_and_wrong_types_are_nothing(void **state)
{
    struct hn_text json = hn_text_of(answer, sizeof answer - 1);
    struct client_items items;
    struct hn_arena arena;
    struct hn_text item;

    (void)state;
    hn_arena_init(&arena, 1 << 16);
    items = client_items_of(client_get(&arena, json, "items"));
    assert_true(client_items_next(&items, &item));
    check_text(client_text(&arena, item, "title"), "a\x1b[31m");
    check_text(client_text(&arena, item, "seq"), "");
    assert_int_equal(client_int(&arena, item, "seq", -1), 7);
    assert_int_equal(client_int(&arena, item, "title", -1), -1);
    assert_true(client_is(&arena, item, "on"));
    assert_false(client_is(&arena, item, "seq"));
    assert_true(client_time(&arena, item, "time") != HN_TIME_NONE);
    assert_true(client_time(&arena, item, "title") == HN_TIME_NONE);
    assert_true(client_items_next(&items, &item)); /* a number where an object ought to be */
    check_text(client_text(&arena, item, "title"), "");
    assert_true(client_items_next(&items, &item));
    assert_false(client_items_next(&items, &item));
    assert_int_equal(client_int(&arena, json, "big", -1), -1);
    items = client_items_of(json); /* no list */
    assert_false(client_items_next(&items, &item));
    hn_arena_deinit(&arena);
}

static void every_truncation_is_seen(void **state)
{
    (void)state;
    assert_true(client_json_whole(hn_text_of(answer, sizeof answer - 1)));
    for (size_t len = 0; len < sizeof answer - 1; len++)
        assert_false(client_json_whole(hn_text_of(answer, len)));
    assert_false(client_json_whole(HN_TEXT("{} {}")));
    assert_false(client_json_whole(HN_TEXT("<html>")) && client_json_whole(HN_TEXT("")));
}

static void json_that_is_passed_on_is_inert(void **state)
{
    struct hn_buf out = { 0 };

    (void)state;
    client_add_json(&out, HN_TEXT("{\"a\":\"\xC2\x9B"
                                  "31m\x1b[2J\x7f\xE2\x80\xAE\",\n\t\"b\\\"\":1}"));
    check_buf(&out, "{\"a\":\"\\u009b31m\\u001b[2J\\u007f\\u202e\",  \"b\\\"\":1}");
    client_add_json(&out, HN_TEXT("\"\xFF\xE3\x81\"\x1b"));
    check_buf(&out, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\" ");
    client_add_json(&out, HN_TEXT("\"\\\x1b[2J\""));
    check_buf(&out, "\"\\\\u001b[2J\"");
    hn_buf_deinit(&out);
}

/* ---- Paths, settings ---- */

static void queries_are_encoded(void **state)
{
    struct hn_buf path = { 0 };

    (void)state;
    hn_buf_add_lit(&path, "/v1/users");
    client_segment(&path, HN_TEXT("a/../b?c"));
    client_query(&path, "text", HN_TEXT("a b&c=\xE3\x81\x82\r\n"));
    client_query(&path, "none", HN_TEXT(""));
    client_query_u64(&path, "limit", 5);
    check_buf(&path, "/v1/users/a%2F..%2Fb%3Fc?text=a%20b%26c%3D%E3%81%82%0D%0A&limit=5");
    hn_buf_deinit(&path);
}

static void settings_are_strict(void **state)
{
    struct client_settings settings = { .ca = "mine" };
    struct hn_err err = { 0 };

    (void)state;
    assert_int_equal(client_settings_read(&settings,
                             HN_TEXT("server: https://h:1/\nca: other\ntoken_file: /t\n"), &err),
            HN_OK);
    assert_string_equal(settings.server, "https://h:1/");
    assert_string_equal(settings.ca, "mine");
    assert_string_equal(settings.token_file, "/t");
    assert_int_equal(client_settings_read(&settings, HN_TEXT("a: b\n"), &err), HN_SYNTAX);
    assert_int_equal(err.line, 1);
    assert_int_equal(client_settings_read(&settings, HN_TEXT("server: [x]\n"), NULL), HN_SYNTAX);
    assert_int_equal(client_settings_read(&settings, HN_TEXT("- x\n"), NULL), HN_SYNTAX);
    assert_int_equal(client_settings_read(&settings, HN_TEXT("\"x"), NULL), HN_SYNTAX);
    assert_int_equal(client_settings_read(&settings, HN_TEXT(""), NULL), HN_OK);
}

/* A token must not bring a line of its own into the request's head. */
static void tokens_are_one_word(void **state)
{
    struct client_settings settings = { .ca = "" };

    (void)state;
    assert_int_equal(client_token_read(&settings, HN_TEXT("\n hnm_x \nmore\n"), NULL), HN_OK);
    assert_string_equal(settings.token, "hnm_x");
    assert_int_equal(client_token_read(&settings, HN_TEXT(""), NULL), HN_SYNTAX);
    assert_int_equal(client_token_read(&settings, HN_TEXT("a b"), NULL), HN_SYNTAX);
    assert_int_equal(client_token_read(&settings, HN_TEXT("a\rX: y"), NULL), HN_SYNTAX);
    assert_int_equal(client_token_read(&settings, HN_TEXT("a\0b"), NULL), HN_SYNTAX);
    assert_string_equal(settings.token, "hnm_x");
}

static void tokens_go_over_tls_or_stay_here(void **state)
{
    static const struct {
        const char *server;
        bool fine;
    } cases[] = {
        { "https://a.example:8470", true },
        { "https://a.example///", true },
        { "http://127.0.0.1:80", true },
        { "http://localhost", true },
        { "http://[::1]:80", true },
        { "http://a.example", false },
        { "http://127.0.0.1.evil.example", false },
        { "http://localhost@evil.example", false },
        { "https://u@a.example", false },
        { "https://", false },
        { "ftp://a", false },
        { "a.example", false },
        { "https://a b", false },
        { "https://a\r\nX: y", false },
        { "", false },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct client_settings settings = { .ca = "" };
        struct hn_err err = { 0 };

        memcpy(settings.server, cases[i].server, strlen(cases[i].server) + 1);
        if ((client_server_check(&settings, &err) == HN_OK) != cases[i].fine)
            fail_msg("%s", cases[i].server);
        if (cases[i].fine)
            assert_true(settings.server[strlen(settings.server) - 1] != '/');
    }
}

static void a_certificate_that_is_not_there_is_told(void **state)
{
    struct client_settings settings = { .server = "https://127.0.0.1:1", .ca = "/not/there" };
    struct client_problem problem = { .status = 0 };
    struct client *client = NULL;

    (void)state;
    assert_int_equal(client_open(&settings, &client, &problem), CLIENT_NO_CA);
    assert_string_equal(problem.detail, "/not/there");
    assert_null(client);
    client_close(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_reads_the_same_however_it_is_cut),
        cmocka_unit_test(an_id_alone_is_kept_without_an_event),
        cmocka_unit_test(endless_lines_and_events_are_refused),
        cmocka_unit_test(streams_survive_want_of_memory),
        cmocka_unit_test(members_are_found_and_wrong_types_are_nothing),
        cmocka_unit_test(every_truncation_is_seen),
        cmocka_unit_test(json_that_is_passed_on_is_inert),
        cmocka_unit_test(queries_are_encoded),
        cmocka_unit_test(settings_are_strict),
        cmocka_unit_test(tokens_are_one_word),
        cmocka_unit_test(tokens_go_over_tls_or_stay_here),
        cmocka_unit_test(a_certificate_that_is_not_there_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
