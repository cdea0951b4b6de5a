/* store_query.c - statements composed from what is asked. */
#include "store/store_query.h"

void store_query_deinit(struct store_query *q)
{
    hn_buf_deinit(&q->sql);
    hn_buf_deinit(&q->words);
}

void store_query_where(struct store_query *q, const char *sql)
{
    hn_buf_add_cstr(&q->sql, q->any ? " AND " : " WHERE ");
    hn_buf_add_cstr(&q->sql, sql);
    q->any = true;
}

void store_query_text(struct store_query *q, const char *sql, struct hn_text text)
{
    if (text.len == 0)
        return;
    store_query_where(q, sql);
    q->binds[q->bind_count++] = (struct store_bind){ .is_text = true, .text = text };
}

void store_query_number(struct store_query *q, const char *sql, int64_t number)
{
    store_query_where(q, sql);
    q->binds[q->bind_count++] = (struct store_bind){ .number = number };
}

enum hn_status store_query_prepare(
        struct store *store, struct store_query *q, struct db_stmt **ret_stmt, struct hn_err *err)
{
    enum hn_status status;

    hn_buf_add_char(&q->sql, '\0');
    if (!hn_buf_ok(&q->sql) || !hn_buf_ok(&q->words))
        return hn_fail(err, HN_NOMEM, 0, "no memory for a query");
    status = db_prepare(store->db, q->sql.ptr, ret_stmt, err);
    for (int i = 0; i < q->bind_count && status == HN_OK; i++) {
        if (q->binds[i].is_text)
            db_bind_text(*ret_stmt, i + 1, q->binds[i].text);
        else
            db_bind_int(*ret_stmt, i + 1, q->binds[i].number);
    }
    return status;
}

void store_query_place(
        struct store_query *q, const struct store_page *page, const char *older, const char *newer)
{
    const struct store_cursor *cursor = page->cursor;

    if (cursor == NULL)
        return;
    store_query_where(q, page->direction == STORE_OLDER ? older : newer);
    q->binds[q->bind_count++] = (struct store_bind){ .number = cursor->at };
    q->binds[q->bind_count++] = (struct store_bind){ .number = cursor->seq };
}

uint32_t store_page_limit(const struct store_page *page)
{
    if (page->limit == 0)
        return 100;
    return page->limit < STORE_PAGE_MAX ? page->limit : STORE_PAGE_MAX;
}

void store_query_order(
        struct store_query *q, const struct store_page *page, const char *at, const char *id)
{
    const char *way = page->direction == STORE_OLDER ? "DESC" : "ASC";

    hn_buf_addf(&q->sql, " ORDER BY %s %s, %s %s LIMIT %u", at, way, id, way,
            (unsigned)store_page_limit(page) + 1);
}
