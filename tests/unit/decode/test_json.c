/* test_json.c - the JSON reader: kernels, grammar, places, and what hostile input costs. */
#include "decode/decode_internal.h"
#include "decode/json_index.h"
#include "support/check.h"
#include "support/decode_case.h"
#include "support/json_check.h"

#include <stdio.h>

#define JSON(text) hn_bytes_of((text), sizeof(text) - 1)

/* Mostly JSON's own characters, so that strings, escapes and numbers do come about. */
static size_t random_json(struct check_random *random, char *out, size_t room)
{
    static const char *const pieces[] = { "{", "}", "[", "]", ":", ",", "\"", "\"a\":", "\\",
        "\\\"", "\\\\", "\\u00e9", "\\uD800", "\\x", "true", "null", "false", "0", "-", "1.5e-3",
        "01", " ", "\t", "\r\n", "\n", "\x01", "\xFF", "\xE7\x81\xAB", "{\"b\":1}", "[]", "\"\"" };
    size_t len = 0;
    uint32_t count = check_random_below(random, 60);

    for (uint32_t i = 0; i < count; i++) {
        const char *piece = pieces[check_random_below(random, HN_COUNT_OF(pieces))];
        size_t piece_len = strlen(piece);

        if (len + piece_len > room)
            break;
        memcpy(out + len, piece, piece_len);
        len += piece_len;
    }
    return len;
}

static void expect_same_index(const struct json_index *a, const struct json_index *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->len, b->len);
    assert_int_equal(a->bad_string, b->bad_string);
    assert_int_equal(a->non_ascii, b->non_ascii);
    assert_int_equal(a->unicode_escape, b->unicode_escape);
    assert_memory_equal(a->pos, b->pos, a->count * sizeof *a->pos + sizeof *a->pos);
    assert_memory_equal(a->kind, b->kind, a->count + 1);
    for (uint32_t at = 0; at < a->len; at++)
        assert_int_equal(json_index_escaped(a, at, at + 1), json_index_escaped(b, at, at + 1));
}

/* AVX-512, AVX2 and plain C make the same index of any text, at any alignment. */
static void kernels_agree(void **state)
{
    struct check_random random = { 8259 };
    struct json_index plain = { 0 };
    struct json_index other = { 0 };
    unsigned compared = 0;

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        char *exact;
        char room[400];
        struct hn_text text;
        size_t len = random_json(&random, room, sizeof room);

        exact = malloc(len == 0 ? 1 : len); /* so that reading behind the end is seen */
        assert_non_null(exact);
        memcpy(exact, room, len);
        text = hn_text_of(exact, len);
        assert_int_equal(json_index_make(&plain, text, round % 2 == 0, JSON_KERNEL_PLAIN), HN_OK);
        for (int kernel = JSON_KERNEL_AVX2; kernel <= JSON_KERNEL_AVX512; kernel++) {
            if (!json_kernel_available((enum json_kernel)kernel))
                continue;
            assert_int_equal(
                    json_index_make(&other, text, round % 2 == 0, (enum json_kernel)kernel), HN_OK);
            expect_same_index(&plain, &other);
            compared++;
        }
        free(exact);
    }
    json_index_deinit(&plain);
    json_index_deinit(&other);
    if (compared == 0)
        print_message("this processor has the plain kernel only\n");
}

/* A text is accepted exactly when a byte-by-byte reading of RFC 8259 accepts it. */
static void grammar_is_the_plain_checkers(void **state)
{
    struct check_random random = { 1 };
    unsigned valid = 0;

    (void)state;
    for (unsigned round = 0; round < 100000; round++) {
        char room[400];
        struct hn_text text = hn_text_of(room, random_json(&random, room, sizeof room / 8));
        bool expected = json_check_valid(text);

        if (decode_json_valid(text) != expected)
            fail_msg("%s: %.*s", expected ? "refused" : "accepted", HN_TEXT_ARG(text));
        valid += expected;
    }
    assert_true(valid > 500);
}

/* Each case a class of RFC 8259, so that the suite is not needed to notice a regression. */
static void grammar_cases(void **state)
{
    static const char *const good[] = { "{}", "[]", "0", "-0", "1e5", "1E-5", "-0.0e+0", "\"\"",
        "true", " null ", "[1,[2,[3]]]", "{\"a\":{\"a\":{\"a\":[]}}}", "\"\\ud83d\\ude00\"",
        "\"\\ud800\"", "\"\xFF\"", "\"\x7F\"", "{\"a\":1,\"a\":2}",
        "123456789012345678901234567890", "1e999", "\t\r\n{\"\":0}\n" };
    static const char *const bad[] = { "", " ", "{", "}", "[", "[1,]", "[,1]", "{\"a\":}",
        "{\"a\"}", "{a:1}", "{\"a\":1,}", "[1 2]", "01", "+1", ".5", "1.", "1e", "1e+", "-", "0x1",
        "tru", "TRUE", "nul", "NaN", "Infinity", "'a'", "\"", "\"\\\"", "\"\\x\"", "\"\\u12\"",
        "\"\\u123g\"", "\"\n\"", "\"\t\"", "[\"a\",\n4\n,1,", "{}{}", "[]]", "{]", "[}", "\xEF\xBB",
        "\xFF", "1\x0B", "[1]x", "\"a\"\"b\"", "[\"a\":1]", "{\"a\",1}", "{1:1}" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(good); i++) {
        if (!decode_json_valid(hn_text_cstr(good[i])) || !json_check_valid(hn_text_cstr(good[i])))
            fail_msg("%s is refused", good[i]);
    }
    for (size_t i = 0; i < HN_COUNT_OF(bad); i++) {
        if (decode_json_valid(hn_text_cstr(bad[i])) || json_check_valid(hn_text_cstr(bad[i])))
            fail_msg("%s is accepted", bad[i]);
    }
    assert_false(decode_json_valid(hn_text_of("\"\0\"", 3)));
}

/* An alert says where its event stands: also inside an array or document over many lines. */
static void places_in_documents(void **state)
{
    static const char array[] = "[\n  {\"a\": 1},\n\n  {\n    \"a\": 2\n  },\n  {\"a\": 3}\n]\n";
    static const char documents[] = "{\n\"a\": 1\n}\n\n{\n\"a\": 2\n}\n";
    struct decode_case *c = case_text("json", array);

    (void)state;
    assert_int_equal(c->count, 3);
    case_expect(
            c, 0, (const char *const[][2]){ { "@place", "4/2" }, { "a", "1" }, { NULL, NULL } });
    case_expect(
            c, 1, (const char *const[][2]){ { "@place", "17/4" }, { "a", "2" }, { NULL, NULL } });
    case_expect(
            c, 2, (const char *const[][2]){ { "@place", "37/7" }, { "a", "3" }, { NULL, NULL } });
    case_free(c);
    c = case_text("json", documents);
    assert_int_equal(c->count, 2);
    case_expect(
            c, 1, (const char *const[][2]){ { "@place", "12/5" }, { "a", "2" }, { NULL, NULL } });
    case_free(c);
    case_pieces_agree("json", JSON(array));
    case_pieces_agree("json", JSON(documents));
}

/* Names given twice, numbers of any size, half a surrogate pair: kept as they stand. */
static void odd_values_are_kept(void **state)
{
    struct decode_case *c = case_text("json",
            "{\"a\":1,\"a\":\"two\",\"big\":18446744073709551615,\"bigger\":18446744073709551616,"
            "\"huge\":1e400,\"lone\":\"x\\ud800y\",\"nul\":\"\\u0000\",\"e\":\"\",\"n\":null}\n");

    (void)state;
    assert_int_equal(c->count, 1);
    case_expect(c, 0,
            (const char *const[][2]){ { "big", "18446744073709551615" },
                    { "bigger", "18446744073709551616" }, { "huge", "1e400" }, { "e", "" },
                    { "n", "(null)" }, { NULL, NULL } });
    assert_non_null(strstr(c->events[0].text, "a=1\na=two\n"));
    assert_non_null(strstr(c->events[0].text, "lone=x\xEF\xBF\xBDy\n"));
    case_free(c);
}

static const char sample[] =
        "{\"Event\":{\"System\":{\"Provider\":{\"#attributes\":{\"Name\":\"P\"}},\"EventID\":1},"
        "\"EventData\":{\"Image\":\"C:\\\\a\\u00e9.exe\",\"Data\":[\"x\",2.5,null,true]}}}\n"
        "{\"Image\":\"y\",\"deep\":[[{\"a\":[]}]]}\n{\"broken\":\"\n{\"Image\":\"\xFF\"}\n";

static void truncations_hold(void **state)
{
    (void)state;
    case_truncations_hold("json", JSON(sample));
    case_truncations_hold("json", JSON("[\n{\"a\":1},\n{\"a\":\"\\u00e9\"}\n]"));
}

static void pieces_and_modes_agree(void **state)
{
    static const char *const names[] = { "Image", "Provider_Name", "EventID", "Data", "deep" };

    (void)state;
    case_pieces_agree("json", JSON(sample));
    case_modes_agree("json", JSON(sample), names, HN_COUNT_OF(names));
}

/* Values "right" joined count times, as case_value() does. */
static void expect_repeated(const char *value, const char *right, unsigned count)
{
    struct hn_buf joined = { 0 };

    assert_int_equal(value == NULL, count == 0);
    if (value == NULL)
        return;
    for (unsigned i = 0; i < count; i++)
        hn_buf_addf(&joined, "%s%s", i == 0 ? "" : " | ", right);
    hn_buf_add_char(&joined, '\0');
    assert_string_equal(value, joined.ptr);
    hn_buf_deinit(&joined);
}

/* Which key comes next is expected from the events before: whatever the order, each value is found
 * under its own name. */
static void keys_come_in_any_order(void **state)
{
    enum { EVENTS = 2000, NAMES = 5 };
    static const char *const names[NAMES] = { "Image", "EventID", "CommandLine", "User",
        "a name of more bytes than any key that is remembered has" };
    static const struct {
        const char *json;
        unsigned values[NAMES];
    } members[] = {
        { "\"Image\":\"Image\"", { 1 } },
        { "\"Im\\u0061ge\":\"Image\"", { 1 } },
        { "\"EventID\":\"EventID\"", { 0, 1 } },
        { "\"CommandLine\":\"CommandLine\"", { 0, 0, 1 } },
        { "\"EventData\":{\"User\":\"User\",\"Image\":\"Image\"}", { 1, 0, 0, 1 } },
        { "\"a name of more bytes than any key that is remembered has\":"
          "\"a name of more bytes than any key that is remembered has\"",
                { 0, 0, 0, 0, 1 } },
        { "\"other\":[1,{\"Image\":2}]", { 0 } },
        { "\"\":\"\",\"Imag\":\"\",\"ImageX\":1", { 0 } },
    };
    static unsigned expected[EVENTS][NAMES];
    struct check_random random = { 17 };
    struct case_options wanted = { .format = "json", .names = names, .name_count = NAMES };
    struct hn_buf text = { 0 };
    struct decode_case *c;

    (void)state;
    for (unsigned event = 0; event < EVENTS; event++) {
        uint32_t count = 1 + check_random_below(&random, 6);

        for (uint32_t i = 0; i < count; i++) {
            uint32_t m = check_random_below(&random, HN_COUNT_OF(members));

            hn_buf_addf(&text, "%s%s", i == 0 ? "{" : ",", members[m].json);
            for (unsigned n = 0; n < NAMES; n++)
                expected[event][n] += members[m].values[n];
        }
        hn_buf_add_lit(&text, "}\n");
    }
    assert_true(hn_buf_ok(&text));
    c = case_run(&wanted, hn_bytes_of(text.ptr, text.len));
    assert_int_equal(c->count, EVENTS);
    for (size_t event = 0; event < EVENTS; event++) {
        for (unsigned n = 0; n < NAMES; n++)
            expect_repeated(case_value(c, event, names[n]), names[n], expected[event][n]);
    }
    case_free(c);
    hn_buf_deinit(&text);
}

static void memory_may_fail(void **state)
{
    (void)state;
    case_memory_fails("json", JSON(sample));
    case_scratch_fills("json", JSON(sample));
}

/* 100,000 levels: one finding and the text as message; what stands around it is read. */
static void depth_ends_at_the_limit(void **state)
{
    const size_t depth = 100000;
    static const char *const openers[] = { "[", "{\"a\":", "[{\"a\":" };

    (void)state;
    for (size_t o = 0; o < HN_COUNT_OF(openers); o++) {
        struct hn_buf text = { 0 };
        struct decode_case *c;

        hn_buf_add_lit(&text, "{\"Image\":\"before\"}\n{\"x\":");
        for (size_t i = 0; i < depth; i++)
            hn_buf_add_cstr(&text, openers[o]);
        hn_buf_add_lit(&text, "\n{\"Image\":\"after\"}\n");
        hn_buf_add_char(&text, '\0');
        assert_true(hn_buf_ok(&text));
        c = case_text("json", text.ptr);
        assert_int_equal(c->count, 3);
        assert_int_equal(c->findings[HN_FINDING_TOO_DEEP], 1);
        case_expect(c, 0, (const char *const[][2]){ { "Image", "before" }, { NULL, NULL } });
        case_expect(c, 2, (const char *const[][2]){ { "Image", "after" }, { NULL, NULL } });
        case_free(c);
        hn_buf_deinit(&text);
    }
}

/* A line of one gigabyte, as a stream: one finding, no event, no memory, and the next line is read.
 */
static void a_line_of_a_gigabyte(void **state)
{
    enum { BLOCK = 1 << 20, BLOCKS = 1024 };
    const struct decode_options options = { .limits = decode_limits_default };
    struct decode_stream *stream = NULL;
    char *block = malloc(BLOCK);
    size_t held = 0; /* what a reader must keep because nothing was taken */
    size_t held_max = 0;
    unsigned too_long = 0;

    (void)state;
    assert_non_null(block);
    memset(block, 'x', BLOCK);
    memcpy(block, "{\"a\":\"", 6);
    assert_int_equal(
            decode_stream_new(decode_format_find(HN_TEXT("json")), &options, &stream, NULL), HN_OK);
    for (unsigned i = 0; i < BLOCKS; i++) {
        struct decode_batch batch = { 0 };
        size_t room = held + BLOCK;
        char *in = malloc(room); /* held bytes are x's but for the first block */
        size_t took;

        assert_non_null(in);
        memset(in, 'x', room);
        if (i * (size_t)BLOCK == held)
            memcpy(in, block, 6);
        took = decode_cut(stream, hn_bytes_of(in, room), false, &batch);
        if (took > 0) {
            too_long += batch.too_long;
            assert_true(batch.too_long || batch.skip);
            decode_batch_release(&batch);
        }
        held = room - took;
        held_max = held > held_max ? held : held_max;
        free(in);
    }
    assert_int_equal(too_long, 1);
    assert_true(held_max <= decode_limits_default.event_bytes_max);
    decode_stream_free(stream);
    free(block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels_agree),
        cmocka_unit_test(grammar_is_the_plain_checkers),
        cmocka_unit_test(grammar_cases),
        cmocka_unit_test(places_in_documents),
        cmocka_unit_test(odd_values_are_kept),
        cmocka_unit_test(truncations_hold),
        cmocka_unit_test(pieces_and_modes_agree),
        cmocka_unit_test(keys_come_in_any_order),
        cmocka_unit_test(memory_may_fail),
        cmocka_unit_test(depth_ends_at_the_limit),
        cmocka_unit_test(a_line_of_a_gigabyte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
