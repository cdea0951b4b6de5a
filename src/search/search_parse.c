/* search_parse.c - a query as one text: cut into terms, and written so that it is cut the same. */
#include "search/search.h"

#include <string.h>

/* Tabs and line ends come from queries that were pasted. */
static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Takes the next term off *rest. NULL: no memory, or (*err says so) it does not end. */
static char *take_term(struct hn_text *rest, struct hn_arena *arena, const struct hn_text whole,
        struct hn_err *err)
{
    char *term = hn_new(arena, char, rest->len + 1);
    size_t len = 0;
    size_t at = 0;
    bool quoted = false;

    if (term == NULL)
        return NULL;
    for (; at < rest->len && (quoted || !is_blank(rest->ptr[at])); at++) {
        if (rest->ptr[at] != '"') {
            term[len++] = rest->ptr[at];
        } else if (quoted && at + 1 < rest->len && rest->ptr[at + 1] == '"') {
            term[len++] = '"';
            at++;
        } else {
            quoted = !quoted;
        }
    }
    term[len] = '\0';
    if (quoted) {
        (void)hn_fail(err, HN_SYNTAX, whole.len, "the query has a quote that does not end");
        return NULL;
    }
    *rest = hn_text_sub(*rest, at, rest->len);
    return term;
}

enum hn_status search_query_parse(
        struct hn_text text, struct hn_arena *arena, struct search_query *query, struct hn_err *err)
{
    const char **terms = hn_new(arena, const char *, SEARCH_TERMS_MAX);
    const char **without = hn_new(arena, const char *, SEARCH_TERMS_MAX);
    struct hn_text rest = text;
    size_t term_count = 0;
    size_t without_count = 0;

    if (terms == NULL || without == NULL)
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    if (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL)
        return hn_fail(err, HN_SYNTAX, 0, "the query has a NUL in it");
    for (;;) {
        bool negated;
        char *term;

        while (rest.len > 0 && is_blank(rest.ptr[0]))
            rest = hn_text_sub(rest, 1, rest.len);
        if (rest.len == 0)
            break;
        negated = rest.ptr[0] == '-' && rest.len > 1 && !is_blank(rest.ptr[1]);
        if (negated)
            rest = hn_text_sub(rest, 1, rest.len);
        if (term_count + without_count == SEARCH_TERMS_MAX)
            return hn_fail(err, HN_LIMIT, 0, "the query has more than %u terms", SEARCH_TERMS_MAX);
        term = take_term(&rest, arena, text, err);
        if (term == NULL)
            return hn_arena_status(arena) != HN_OK ? HN_NOMEM : HN_SYNTAX;
        if (term[0] == '\0')
            return hn_fail(err, HN_SYNTAX, text.len - rest.len, "the query has an empty term");
        if (negated)
            without[without_count++] = term;
        else
            terms[term_count++] = term;
    }
    query->terms = terms;
    query->term_count = term_count;
    query->without = without;
    query->without_count = without_count;
    return HN_OK;
}

static void write_terms(
        const char *const *terms, size_t count, const char *before, struct hn_buf *out)
{
    for (size_t i = 0; i < count; i++) {
        if (out->len > 0)
            hn_buf_add_char(out, ' ');
        hn_buf_add_cstr(out, before);
        hn_buf_add_char(out, '"');
        for (const char *p = terms[i]; *p != '\0'; p++) {
            if (*p == '"')
                hn_buf_add_char(out, '"');
            hn_buf_add_char(out, *p);
        }
        hn_buf_add_char(out, '"');
    }
}

void search_query_write(const struct search_query *query, struct hn_buf *out)
{
    write_terms(query->terms, query->term_count, "", out);
    write_terms(query->without, query->without_count, "-", out);
}
