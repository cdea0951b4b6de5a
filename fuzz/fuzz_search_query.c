/* fuzz: history */
/* fuzz_search_query.c - queries and cursors as whoever asks the API writes them.
 *
 * Oracle: a query that is taken has terms out of the input, none of them empty, within the limit;
 * written and read again it has the same terms. A cursor that is taken is written as it was. The
 * rule of a query is loaded or refused with a reason. */
#include "history/history.h"
#include "search/search.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARENA_BYTES  ((size_t)8 << 20)
#define QUERY_BYTES  ((size_t)4096) /* of the parameter */
#define LOADED_BYTES ((size_t)256)  /* longer ones only take longer */

static void must(bool truth)
{
    if (!truth)
        abort();
}

static void check_terms(
        const char *const *terms, const char *const *again, size_t count, size_t size)
{
    for (size_t i = 0; i < count; i++) {
        must(terms[i][0] != '\0' && strlen(terms[i]) <= size);
        must(strcmp(terms[i], again[i]) == 0);
    }
}

static void check_rule(const struct search_query *query)
{
    struct sigma_set *set = NULL;
    struct hn_err err = { 0 };
    enum hn_status status = search_rule_load(query, NULL, NULL, &set, &err);

    if (status == HN_OK)
        must(set->rule_count == (query->term_count + query->without_count > 0 ? 1u : 0u));
    else
        must(set == NULL && status == HN_SYNTAX && err.msg[0] != '\0');
    sigma_set_unref(set);
}

static void check_query(struct hn_text text, bool regex)
{
    struct hn_arena arena = { 0 };
    struct search_query query = { .regex = regex };
    struct search_query again = { 0 };
    struct hn_buf written = { 0 };

    hn_arena_init(&arena, ARENA_BYTES);
    if (search_query_parse(text, &arena, &query, NULL) == HN_OK) {
        must(query.term_count + query.without_count <= SEARCH_TERMS_MAX);
        search_query_write(&query, &written);
        must(hn_buf_ok(&written));
        must(search_query_parse(hn_buf_text(&written), &arena, &again, NULL) == HN_OK);
        must(query.term_count == again.term_count && query.without_count == again.without_count);
        check_terms(query.terms, again.terms, query.term_count, text.len);
        check_terms(query.without, again.without, query.without_count, text.len);
        if (text.len <= LOADED_BYTES)
            check_rule(&query);
    }
    hn_buf_deinit(&written);
    hn_arena_deinit(&arena);
}

static void check_cursor(struct hn_text text)
{
    char written[HISTORY_CURSOR_ROOM];
    struct history_cursor cursor;

    if (history_cursor_read(text, &cursor))
        must(hn_text_eq(hn_text_of(written, history_cursor_write(&cursor, written)), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text text = hn_text_of((const char *)data, size);

    check_cursor(text);
    if (size <= QUERY_BYTES) {
        check_query(text, false);
        check_query(text, true);
    }
    return 0;
}
