/* test_search_parse.c - a query as one text becomes the terms that `hinomi search` would get, and
 * back. */
#include "search/search.h"
#include "support/check.h"

#include "base/mem.h"

#include <string.h>

static enum hn_status parse(
        const char *text, struct hn_arena *arena, struct search_query *query, struct hn_err *err)
{
    return search_query_parse(hn_text_cstr(text), arena, query, err);
}

/* terms, then without, each ended by NULL. */
static void expect(const char *text, const char *const *terms, const char *const *without)
{
    struct hn_arena arena = { 0 };
    struct search_query query = { 0 };
    size_t count = 0;

    hn_arena_init(&arena, 1 << 20);
    assert_int_equal(parse(text, &arena, &query, NULL), HN_OK);
    for (; terms[count] != NULL; count++) {
        assert_true(count < query.term_count);
        assert_string_equal(query.terms[count], terms[count]);
    }
    assert_int_equal(query.term_count, count);
    for (count = 0; without[count] != NULL; count++) {
        assert_true(count < query.without_count);
        assert_string_equal(query.without[count], without[count]);
    }
    assert_int_equal(query.without_count, count);
    hn_arena_deinit(&arena);
}

#define TERMS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define NONE       ((const char *const[]){ NULL })

/* Blanks, quotes, doubled quotes, signs; backslashes are what they are. */
static void parse_cuts_terms(void **state)
{
    (void)state;
    expect("", NONE, NONE);
    expect(" \t\r\n ", NONE, NONE);
    expect("evil", TERMS("evil"), NONE);
    expect(" a  b ", TERMS("a", "b"), NONE);
    expect("Image|endswith=\\cmd.exe -user=bob", TERMS("Image|endswith=\\cmd.exe"),
            TERMS("user=bob"));
    expect("user=\"Bob Smith\" x", TERMS("user=Bob Smith", "x"), NONE);
    expect("\"user=Bob Smith\"", TERMS("user=Bob Smith"), NONE);
    expect("\"C:\\Program Files\\\"", TERMS("C:\\Program Files\\"), NONE);
    expect("\"say \"\"hi\"\"\"", TERMS("say \"hi\""), NONE);
    expect("\"-enc\" -\"-enc\"", TERMS("-enc"), TERMS("-enc"));
    expect("- a", TERMS("-", "a"), NONE);
    expect("--x", NONE, TERMS("-x"));
    expect("a\"b c\"d", TERMS("ab cd"), NONE);
}

/* What is wrong is refused, and the query is left alone. */
static void parse_refuses(void **state)
{
    static const char *const wrong[] = { "\"open", "a \"", "\"\"", "-\"\"", "a\"\"\"" };
    struct hn_arena arena = { 0 };
    struct hn_buf many = { 0 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(wrong); i++) {
        struct search_query query = { .term_count = 7 };
        struct hn_err err = { 0 };

        hn_arena_init(&arena, 1 << 20);
        assert_int_equal(parse(wrong[i], &arena, &query, &err), HN_SYNTAX);
        assert_int_equal(query.term_count, 7);
        assert_true(err.msg[0] != '\0');
        hn_arena_deinit(&arena);
    }
    for (unsigned i = 0; i <= SEARCH_TERMS_MAX; i++) {
        struct search_query query = { 0 };

        hn_arena_init(&arena, 1 << 20);
        hn_buf_add_lit(&many, "x ");
        assert_int_equal(search_query_parse(hn_buf_text(&many), &arena, &query, NULL),
                i < SEARCH_TERMS_MAX ? HN_OK : HN_LIMIT);
        hn_arena_deinit(&arena);
    }
    hn_buf_deinit(&many);
    hn_arena_init(&arena, 1 << 20);
    {
        struct search_query query = { 0 };

        assert_int_equal(
                search_query_parse(hn_text_of("a\0b", 3), &arena, &query, NULL), HN_SYNTAX);
    }
    hn_arena_deinit(&arena);
}

/* Any terms, written and parsed, are the same terms. */
static void written_queries_read_the_same(void **state)
{
    static const char letters[] = "ab =|\\\"-*?'\t(";
    struct check_random random = { 11 };

    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        char texts[6][8] = { { 0 } };
        const char *terms[6];
        struct search_query query = { .terms = terms, .without = terms + 3 };
        struct search_query again = { 0 };
        struct hn_arena arena = { 0 };
        struct hn_buf text = { 0 };

        query.term_count = check_random_below(&random, 4);
        query.without_count = check_random_below(&random, 4);
        for (size_t i = 0; i < HN_COUNT_OF(texts); i++) {
            size_t len = 1 + check_random_below(&random, 7);

            for (size_t k = 0; k < len; k++)
                texts[i][k] = letters[check_random_below(&random, sizeof letters - 1)];
            terms[i] = texts[i];
        }
        hn_arena_init(&arena, 1 << 20);
        search_query_write(&query, &text);
        assert_int_equal(search_query_parse(hn_buf_text(&text), &arena, &again, NULL), HN_OK);
        assert_int_equal(again.term_count, query.term_count);
        assert_int_equal(again.without_count, query.without_count);
        for (size_t i = 0; i < query.term_count; i++)
            assert_string_equal(again.terms[i], query.terms[i]);
        for (size_t i = 0; i < query.without_count; i++)
            assert_string_equal(again.without[i], query.without[i]);
        hn_arena_deinit(&arena);
        hn_buf_deinit(&text);
    }
}

/* Every prefix of a query is parsed or refused; whatever allocation fails, that is told. */
static void truncated_and_out_of_memory(void **state)
{
    const char *text = "a=\"b c\" -\"d \"\"e\" f|re=\\g \"-h\"";
    struct hn_arena arena = { 0 };
    bool failed = true;

    (void)state;
    for (size_t len = 0; len <= strlen(text); len++) {
        struct search_query query = { 0 };
        char *copy = hn_malloc(len + 1);

        assert_non_null(copy);
        memcpy(copy, text, len); /* so that sanitizers see its end */
        hn_arena_init(&arena, 1 << 20);
        (void)!search_query_parse(hn_text_of(copy, len), &arena, &query, NULL);
        hn_arena_deinit(&arena);
        hn_free(copy);
    }
    for (uint64_t n = 1; failed; n++) {
        struct search_query query = { 0 };
        enum hn_status status;

        hn_arena_init(&arena, 1 << 20);
        hn_mem_fail_from(n);
        status = parse(text, &arena, &query, NULL);
        failed = hn_mem_fail_hits() > 0;
        hn_mem_fail_from(0);
        assert_int_equal(status, failed ? HN_NOMEM : HN_OK);
        hn_arena_deinit(&arena);
    }
}

/* A rule of no terms holds for everything: its set has no rules. What cannot be a rule is refused
 * with the loader's words. */
static void rules_of_queries(void **state)
{
    static const char *const wrong[] = { "x|nosuch=1", "x|re=(", "x|cidr=y" };
    struct search_query query = { 0 };
    struct sigma_set *set = NULL;

    (void)state;
    assert_int_equal(search_rule_load(&query, NULL, NULL, &set, NULL), HN_OK);
    assert_int_equal(set->rule_count, 0);
    sigma_set_unref(set);
    query.term_count = 1;
    for (size_t i = 0; i < HN_COUNT_OF(wrong); i++) {
        struct hn_err err = { 0 };

        query.terms = &wrong[i];
        set = NULL;
        assert_int_equal(search_rule_load(&query, NULL, NULL, &set, &err), HN_SYNTAX);
        assert_null(set);
        assert_true(strncmp(err.msg, "this cannot be searched for: ", 29) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_cuts_terms),
        cmocka_unit_test(parse_refuses),
        cmocka_unit_test(written_queries_read_the_same),
        cmocka_unit_test(truncated_and_out_of_memory),
        cmocka_unit_test(rules_of_queries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
