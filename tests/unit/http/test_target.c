/* Proves that a request target is resolved exactly once, that nothing climbs, and that whatever is
 * not plainly an origin form is refused. */
#include "http/http_target.h"

#include "base/mem.h"

#include "support/check.h"

static enum hn_status parse(
        const char *raw, size_t len, struct hn_arena *arena, struct http_target *target)
{
    struct hn_err err = { 0 };

    hn_arena_reset(arena);
    return http_target_parse(hn_text_of(raw, len), arena, target, &err);
}

static void resolves_once(void **state)
{
    static const char raw[] = "/v1/a%2fb/%252e%252e/?q=a+b%26&empty&=x&q=%25";
    struct hn_arena arena = { 0 };
    struct http_target target;

    (void)state;
    hn_arena_init(&arena, 1 << 16);
    assert_int_equal(parse(raw, sizeof raw - 1, &arena, &target), HN_OK);
    check_text(target.path, "/v1/a/b/%2e%2e");
    assert_int_equal(target.segment_count, 3);
    check_text(target.segments[1], "a/b");
    check_text(target.segments[2], "%2e%2e");
    assert_int_equal(target.query_count, 4);
    check_text(target.query[0].name, "q");
    check_text(target.query[0].value, "a b&");
    check_text(target.query[1].name, "empty");
    check_text(target.query[1].value, "");
    check_text(target.query[2].name, "");
    check_text(target.query[3].value, "%");
    assert_int_equal(parse("/", 1, &arena, &target), HN_OK);
    check_text(target.path, "/");
    assert_int_equal(target.segment_count, 0);
    assert_int_equal(parse("/?", 2, &arena, &target), HN_OK);
    assert_int_equal(target.query_count, 0);
    assert_int_equal(parse("/%E6%97%A5", 10, &arena, &target), HN_OK);
    check_text(target.segments[0], "日");
    hn_arena_deinit(&arena);
}

static void refuses_what_is_not_plain(void **state)
{
    static const char *const bad[] = { "", "*", "a", "http://x/", "//", "/a//b", "/.", "/..",
        "/a/../b", "/a/./b", "/%2e", "/%2E%2e/x", "/a%2f..%2fb", "/..%5cx", "/a%5c..", "/%", "/%1",
        "/%g1", "/a%00", "/a%0a", "/a%7f", "/a#b", "/a b", "/a\tb", "/\xE6\x97\xA5", "/%ff",
        "/a?b=%00", "/a?b=%f", "/a?b=%ff", "/a?b c" };
    struct hn_arena arena = { 0 };
    struct http_target target = { .segment_count = 77 };

    (void)state;
    hn_arena_init(&arena, 1 << 16);
    for (size_t i = 0; i < HN_COUNT_OF(bad); i++) {
        if (parse(bad[i], strlen(bad[i]), &arena, &target) != HN_SYNTAX)
            fail_msg("taken: %s", bad[i]);
        assert_int_equal(target.segment_count, 77); /* untouched */
    }
    assert_int_equal(parse("/a\0b", 4, &arena, &target), HN_SYNTAX);
    hn_arena_deinit(&arena);
}

static void keeps_its_limits(void **state)
{
    struct hn_arena arena = { 0 };
    struct http_target *target = malloc(sizeof *target);
    struct hn_buf raw = { 0 };

    (void)state;
    assert_non_null(target);
    hn_arena_init(&arena, 1 << 16);
    for (unsigned i = 0; i < HTTP_SEGMENTS_MAX; i++)
        hn_buf_add_lit(&raw, "/a");
    assert_int_equal(parse(raw.ptr, raw.len, &arena, target), HN_OK);
    hn_buf_add_lit(&raw, "/a");
    assert_int_equal(parse(raw.ptr, raw.len, &arena, target), HN_LIMIT);
    hn_buf_reset(&raw);
    hn_buf_add_lit(&raw, "/?");
    for (unsigned i = 0; i < HTTP_QUERY_MAX; i++)
        hn_buf_add_lit(&raw, "a&");
    assert_int_equal(parse(raw.ptr, raw.len, &arena, target), HN_OK);
    hn_buf_add_lit(&raw, "a");
    assert_int_equal(parse(raw.ptr, raw.len, &arena, target), HN_LIMIT);
    hn_buf_reset(&raw);
    hn_buf_add_char(&raw, '/');
    hn_buf_add_repeat(&raw, 'a', HTTP_TARGET_BYTES);
    assert_int_equal(parse(raw.ptr, raw.len, &arena, target), HN_LIMIT);
    hn_mem_fail_from(1);
    hn_arena_deinit(&arena);
    assert_int_equal(parse("/a", 2, &arena, target), HN_NOMEM);
    hn_mem_fail_from(0);
    hn_buf_deinit(&raw);
    hn_arena_deinit(&arena);
    free(target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resolves_once),
        cmocka_unit_test(refuses_what_is_not_plain),
        cmocka_unit_test(keeps_its_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
