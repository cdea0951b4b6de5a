/* Proves that the reader gives back what the JSON writer wrote, passes over anything, and ends with
 * a failure instead of past the text when the text is cut at any byte. */
#include "base/json_in.h"

#include "base/json_out.h"

#include "support/check.h"

static const char sample[] =
        "{\"a\":\"x\\ny\\u0000\\ud83d\\ude00\\\"\",\"n\": 18446744073709551615 ,"
        "\"l\":[1,[2,{}],\"]\",{\"k\":\"}\"}],\"o\":{},\"e\":[],\"t\":true}";

static void reads_what_is_there(void **state)
{
    struct hn_json_in in = hn_json_in_over(hn_text_of(sample, sizeof sample - 1));
    struct hn_arena arena = { 0 };
    struct hn_text key;
    struct hn_text text;
    uint64_t number;
    unsigned items = 0;

    (void)state;
    hn_arena_init(&arena, 1 << 16);
    assert_true(hn_json_in_open(&in, '{'));
    assert_true(hn_json_in_member(&in, &arena, &key));
    check_text(key, "a");
    assert_true(hn_json_in_text(&in, &arena, &text));
    assert_int_equal(text.len, 9);
    assert_memory_equal(text.ptr, "x\ny\0\xF0\x9F\x98\x80\"", 9);
    assert_true(hn_json_in_member(&in, &arena, &key));
    assert_true(hn_json_in_u64(&in, &number));
    assert_true(number == UINT64_MAX);
    assert_true(hn_json_in_member(&in, &arena, &key));
    assert_true(hn_json_in_open(&in, '['));
    while (hn_json_in_item(&in)) {
        assert_true(hn_json_in_raw(&in, &text));
        items++;
    }
    assert_int_equal(items, 4);
    check_text(text, "{\"k\":\"}\"}");
    assert_true(hn_json_in_member(&in, &arena, &key));
    assert_true(hn_json_in_open(&in, '{'));
    assert_false(hn_json_in_member(&in, &arena, &key));
    assert_true(hn_json_in_member(&in, &arena, &key));
    assert_true(hn_json_in_open(&in, '['));
    assert_false(hn_json_in_item(&in));
    assert_true(hn_json_in_member(&in, &arena, &key));
    check_text(key, "t");
    assert_true(hn_json_in_raw(&in, &text));
    check_text(text, "true");
    assert_false(hn_json_in_member(&in, &arena, &key));
    assert_true(hn_json_in_ok(&in));
    hn_arena_deinit(&arena);
}

/* Every prefix either fails or has no value left to give; none is taken for the whole. */
static void every_cut_fails(void **state)
{
    struct hn_text text;

    (void)state;
    for (size_t len = 0; len + 1 < sizeof sample; len++) {
        struct hn_json_in in = hn_json_in_over(hn_text_of(sample, len));

        assert_false(hn_json_in_raw(&in, &text));
        assert_false(hn_json_in_ok(&in));
    }
}

static void refuses_other_kinds(void **state)
{
    struct hn_arena arena = { 0 };
    struct hn_text text;
    uint64_t number;
    struct hn_json_in in = hn_json_in_over(HN_TEXT("[1 2]"));

    (void)state;
    hn_arena_init(&arena, 1 << 16);
    assert_true(hn_json_in_open(&in, '['));
    assert_true(hn_json_in_item(&in) && hn_json_in_skip(&in));
    assert_false(hn_json_in_item(&in)); /* a comma is missing */
    assert_false(hn_json_in_ok(&in));
    in = hn_json_in_over(HN_TEXT("1"));
    assert_false(hn_json_in_text(&in, &arena, &text));
    in = hn_json_in_over(HN_TEXT("-1"));
    assert_false(hn_json_in_u64(&in, &number));
    in = hn_json_in_over(HN_TEXT("[]"));
    assert_false(hn_json_in_open(&in, '{'));
    hn_arena_deinit(&arena);
}

static void gives_back_what_was_written(void **state)
{
    struct check_random random = { 7 };
    struct hn_arena arena = { 0 };
    struct hn_buf buf = { 0 };

    (void)state;
    hn_arena_init(&arena, 1 << 20);
    for (unsigned round = 0; round < 2000; round++) {
        static const char *const pieces[] = { "a", "\"", "\\", "\n", "\x1b", "日",
            "\xF0\x9F\x98\x80", "\xE2\x80\xAE", "/", "{", "," };
        struct hn_buf text = { 0 };
        struct hn_json_out out;
        struct hn_json_in in;
        struct hn_text back;

        for (uint32_t i = check_random_below(&random, 12); i > 0; i--)
            hn_buf_add_cstr(&text, pieces[check_random_below(&random, HN_COUNT_OF(pieces))]);
        hn_buf_reset(&buf);
        out = hn_json_out_over(&buf);
        hn_json_text(&out, hn_buf_text(&text));
        in = hn_json_in_over(hn_buf_text(&buf));
        assert_true(hn_json_in_text(&in, &arena, &back));
        assert_true(hn_text_eq(back, hn_buf_text(&text)));
        hn_buf_deinit(&text);
    }
    hn_buf_deinit(&buf);
    hn_arena_deinit(&arena);
}

/* A quote ends a string unless an odd number of backslashes stands before it. */
static void quotes_behind_backslashes(void **state)
{
    static const struct {
        const char *json;
        size_t len; /* of the first string; 0: it does not end */
    } cases[] = {
        { "\"\\\\\",\"b\"", 4 },
        { "\"\\\"\",\"b\"", 4 },
        { "\"\\\\\\\"x\" \"", 7 },
        { "\"a\\\"b\\\\\"\\", 8 },
        { "\"\\\"", 0 },
        { "\"\\\\\\\"", 0 },
        { "\"abc\\", 0 },
        { "\"abc", 0 },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct hn_json_in in = hn_json_in_over(hn_text_cstr(cases[i].json));
        struct hn_text raw = { "", 0 };

        assert_int_equal(hn_json_in_raw(&in, &raw), cases[i].len > 0);
        assert_int_equal(raw.len, cases[i].len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_is_there),
        cmocka_unit_test(every_cut_fails),
        cmocka_unit_test(refuses_other_kinds),
        cmocka_unit_test(gives_back_what_was_written),
        cmocka_unit_test(quotes_behind_backslashes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
