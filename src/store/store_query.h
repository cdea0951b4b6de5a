/* store_query.h - composing a statement from what is asked; values are bound, never written. */
#ifndef HN_STORE_STORE_QUERY_H
#define HN_STORE_STORE_QUERY_H

#include "store/store_internal.h"

#define STORE_BINDS_MAX 24

struct store_bind {
    bool is_text;
    int64_t number;
    struct hn_text text;
};

struct store_query {
    struct hn_buf sql;
    struct hn_buf words;
    struct store_bind binds[STORE_BINDS_MAX];
    int bind_count;
    bool any; /* a condition was written */
};

void store_query_deinit(struct store_query *q);
/* Conditions, joined by AND; each has as many '?' as it binds. Empty texts ask nothing. */
void store_query_where(struct store_query *q, const char *sql);
void store_query_text(struct store_query *q, const char *sql, struct hn_text text);
void store_query_number(struct store_query *q, const char *sql, int64_t number);
/* Behind the cursor, in the direction of the page. */
void store_query_place(
        struct store_query *q, const struct store_page *page, const char *older, const char *newer);
/* One row more than asked tells whether there are further ones. */
void store_query_order(
        struct store_query *q, const struct store_page *page, const char *at, const char *id);
uint32_t store_page_limit(const struct store_page *page);
HN_MUST_USE enum hn_status store_query_prepare(
        struct store *store, struct store_query *q, struct db_stmt **ret_stmt, struct hn_err *err);

#endif
