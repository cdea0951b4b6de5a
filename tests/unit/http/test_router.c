/* Proves which route answers which request, and that a table that contradicts itself is refused. */
#include "http/http_internal.h"

#include "support/check.h"

static const struct http_door door;

static const struct http_route routes[] = {
    { "GET", "/", "root", NULL, NULL, 0, 0 },
    { "GET", "/v1/{kind}/{id}", "any", NULL, NULL, 0, 0 },
    { "GET", "/v1/alerts/{id}", "alert", NULL, NULL, 0, 0 },
    { "GET", "/v1/{kind}/latest", "latest", NULL, NULL, 0, 0 },
    { "PUT", "/v1/alerts/{id}", "put", NULL, NULL, 0, 0 },
    { "POST", "/{index}/_bulk", "bulk", NULL, NULL, 0, 0 },
    { "GET", "/v1/alerts/stream", "stream", NULL, NULL, 0, 0 },
};

static const char *find(
        const http_entries *entries, const char *method, const char *path, struct hn_buf *allow)
{
    struct hn_arena arena = { 0 };
    struct http_target target;
    const struct http_entry *entry;

    hn_arena_init(&arena, 1 << 16);
    assert_int_equal(http_target_parse(hn_text_cstr(path), &arena, &target, NULL), HN_OK);
    hn_buf_reset(allow);
    entry = http_entry_find(entries, hn_text_cstr(method), &target, allow);
    hn_arena_deinit(&arena);
    return entry == NULL ? "" : entry->route->operation;
}

static void the_most_literal_route_wins(void **state)
{
    http_entries entries = { 0 };
    struct hn_buf allow = { 0 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(routes); i++)
        assert_int_equal(http_entry_add(&entries, &door, &routes[i], NULL), HN_OK);
    assert_string_equal(find(&entries, "GET", "/", &allow), "root");
    assert_string_equal(find(&entries, "GET", "/v1/rules/7", &allow), "any");
    assert_string_equal(find(&entries, "GET", "/v1/alerts/7", &allow), "alert");
    assert_string_equal(find(&entries, "GET", "/v1/alerts/latest", &allow), "alert");
    assert_string_equal(find(&entries, "GET", "/v1/rules/latest", &allow), "latest");
    assert_string_equal(find(&entries, "HEAD", "/v1/alerts/7", &allow), "alert");
    assert_string_equal(find(&entries, "PUT", "/v1/alerts/7/", &allow), "put");
    assert_string_equal(find(&entries, "POST", "/logs%2Fx/_bulk", &allow), "bulk");
    assert_string_equal(find(&entries, "DELETE", "/v1/alerts/7", &allow), "");
    check_text(hn_buf_text(&allow), "GET, HEAD, PUT, OPTIONS");
    assert_string_equal(find(&entries, "GET", "/v1", &allow), "");
    check_text(hn_buf_text(&allow), "");
    assert_string_equal(find(&entries, "get", "/", &allow), ""); /* methods have case */
    /* Literal segments win for the methods that they do not have, too. */
    assert_string_equal(find(&entries, "HEAD", "/v1/alerts/stream", &allow), "stream");
    assert_string_equal(find(&entries, "PUT", "/v1/alerts/stream", &allow), "");
    check_text(hn_buf_text(&allow), "GET, HEAD, OPTIONS");
    hn_vec_deinit(&entries);
    hn_buf_deinit(&allow);
}

static void refuses_bad_tables(void **state)
{
    static const char *const bad[] = { "", "v1", "/a//b", "/a/", "/a{b}", "/{b}c", "/{}",
        "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}" };
    http_entries entries = { 0 };
    struct http_route route = { "GET", "/v1/{other}/{name}", "again", NULL, NULL, 0, 0 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(bad); i++) {
        struct http_route wrong = { "GET", bad[i], "bad", NULL, NULL, 0, 0 };

        assert_int_equal(http_entry_add(&entries, &door, &wrong, NULL), HN_SYNTAX);
    }
    assert_int_equal(http_entry_add(&entries, &door, &routes[1], NULL), HN_OK);
    assert_int_equal(http_entry_add(&entries, &door, &route, NULL), HN_SYNTAX);
    route.method = "PUT";
    assert_int_equal(http_entry_add(&entries, &door, &route, NULL), HN_OK);
    hn_vec_deinit(&entries);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_most_literal_route_wins),
        cmocka_unit_test(refuses_bad_tables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
