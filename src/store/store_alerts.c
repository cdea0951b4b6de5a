/* store_alerts.c - lists of alerts.
 *
 * Everything is in the order (at, seq), for which each filter's column has an index; a page is read
 * in the direction that was asked and always given newest first. */
#include "store/store_query.h"

#define WORDS_MAX 16
/* A search for words looks at this many of the newest alerts that have them. */
#define WORD_HITS_MAX 20000

/* Words as FTS5 wants them: each quoted, so that nothing in it is syntax, as the beginning of a
 * word of the alert. */
static void write_match(struct hn_buf *out, struct hn_text text)
{
    size_t pos = 0;

    for (int words = 0; words < WORDS_MAX && pos < text.len;) {
        size_t start = pos;

        while (pos < text.len && (unsigned char)text.ptr[pos] > ' ')
            pos++;
        if (pos > start) {
            hn_buf_add_lit(out, "\"");
            for (size_t i = start; i < pos; i++) {
                if (text.ptr[i] == '"')
                    hn_buf_add_lit(out, "\"");
                hn_buf_add_char(out, text.ptr[i]);
            }
            hn_buf_add_lit(out, "\"* ");
            words++;
        }
        while (pos < text.len && (unsigned char)text.ptr[pos] <= ' ')
            pos++;
    }
}

/* Levels and visibility are written as numbers, so that SQLite knows its partial indexes fit. */
static void filter_number(struct store_query *q, const struct store_alert_filter *filter)
{
    char sql[32];

    if (filter->level_min > 1) {
        (void)snprintf(sql, sizeof sql, "a.level>=%u", (unsigned)filter->level_min);
        store_query_where(q, sql);
    }
    if (filter->hidden == 0)
        store_query_where(q, "a.hidden=0");
    else if (filter->hidden > 0)
        store_query_where(q, "a.hidden>0");
    if (filter->status >= 0)
        store_query_number(q, "a.status=?", filter->status);
    if (filter->verdict >= 0)
        store_query_number(q, "a.verdict=?", filter->verdict);
    if (filter->incident != 0)
        store_query_number(q, "a.incident=?", filter->incident);
    if (filter->seq != 0)
        store_query_number(q, "a.seq=?", filter->seq);
}

static void filter_text(struct store_query *q, const struct store_alert_filter *filter)
{
    store_query_text(q, "a.rule_id=?", filter->rule_id);
    store_query_text(q, "a.host=?", filter->host);
    store_query_text(q, "a.user=?", filter->user);
    store_query_text(q, "a.source=?", filter->source);
    store_query_text(q, "a.tenant=?", filter->tenant);
    store_query_text(q, "a.family=?", filter->family);
    store_query_text(q, "a.assignee<>'' AND a.assignee=?", filter->assignee);
    if (filter->text.len > 0) {
        write_match(&q->words, filter->text);
        store_query_text(q,
                "a.seq IN (SELECT rowid FROM alert_words WHERE alert_words MATCH ? "
                "ORDER BY rowid DESC LIMIT 20000)",
                q->words.len == 0 ? HN_TEXT("\"\"") : hn_buf_text(&q->words));
    }
}

/* An address has a table of its own, with the time in its key. */
static void compose(struct store_query *q, const struct store_alert_filter *filter,
        const struct store_page *page)
{
    bool by_address = filter->address.len > 0;

    hn_buf_add_lit(&q->sql, "SELECT " STORE_ALERT_COLUMNS);
    hn_buf_add_cstr(&q->sql, filter->json ? ",b.json FROM " : ",'' FROM ");
    hn_buf_add_cstr(
            &q->sql, by_address ? "alert_address d CROSS JOIN alert a ON a.seq=d.seq" : "alert a");
    if (filter->json)
        hn_buf_add_lit(&q->sql, " JOIN alert_body b ON b.seq=a.seq");
    store_query_text(q, "d.address=?", filter->address);
    filter_number(q, filter);
    filter_text(q, filter);
    if (filter->from != HN_TIME_NONE)
        store_query_number(q, by_address ? "d.at>=?" : "a.at>=?", filter->from);
    if (filter->to != HN_TIME_NONE)
        store_query_number(q, by_address ? "d.at<=?" : "a.at<=?", filter->to);
    if (by_address) {
        store_query_place(q, page, "(d.at,d.seq)<(?,?)", "(d.at,d.seq)>(?,?)");
        store_query_order(q, page, "d.at", "d.seq");
    } else {
        store_query_place(q, page, "(a.at,a.seq)<(?,?)", "(a.at,a.seq)>(?,?)");
        store_query_order(q, page, "a.at", "a.seq");
    }
}

struct store_alert_filter store_alert_filter_all(void)
{
    return (struct store_alert_filter){
        .status = -1, .verdict = -1, .hidden = -1, .from = HN_TIME_NONE, .to = HN_TIME_NONE
    };
}

/* ---- Giving rows ---- */

/* Rows in the opposite order have to wait until the last one is there. */
static enum hn_status keep_row(
        struct hn_arena *arena, const struct store_alert_row *row, struct store_alert_row *ret_kept)
{
    struct hn_text *texts[] = { &ret_kept->rule_id, &ret_kept->title, &ret_kept->kind,
        &ret_kept->host, &ret_kept->user, &ret_kept->source, &ret_kept->tenant, &ret_kept->set,
        &ret_kept->family, &ret_kept->trace, &ret_kept->techniques, &ret_kept->assignee,
        &ret_kept->json };

    *ret_kept = *row;
    for (size_t i = 0; i < HN_COUNT_OF(texts); i++)
        *texts[i] = hn_arena_text(arena, *texts[i]);
    return hn_arena_status(arena);
}

struct giving {
    struct store_page *page;
    store_on_alert *on_alert;
    void *ctx;
    struct hn_arena arena;
    struct store_alert_row *kept; /* NULL: rows come newest first */
    uint32_t count;
};

static enum hn_status give(struct giving *g, struct db_stmt *stmt, bool json, struct hn_err *err)
{
    enum hn_status status;

    while ((status = db_next(stmt, err)) == HN_OK) {
        struct store_alert_row row;

        if (g->count == store_page_limit(g->page)) {
            g->page->more = true;
            return HN_OK;
        }
        store_alert_row(stmt, json, &row);
        if (g->kept == NULL)
            g->on_alert(g->ctx, &row);
        else if (keep_row(&g->arena, &row, &g->kept[g->count]) != HN_OK)
            return hn_fail(err, hn_arena_status(&g->arena), 0, "no memory for a page");
        g->count++;
    }
    return status == HN_NOTFOUND ? HN_OK : status;
}

enum hn_status store_alerts(struct store *store, const struct store_alert_filter *filter,
        struct store_page *page, store_on_alert *on_alert, void *ctx, struct hn_err *err)
{
    struct giving g = { .page = page, .on_alert = on_alert, .ctx = ctx };
    struct store_query q = { 0 };
    struct db_stmt *stmt = NULL;
    enum hn_status status;

    page->more = false;
    hn_arena_init(&g.arena, (size_t)1 << 30);
    compose(&q, filter, page);
    status = store_query_prepare(store, &q, &stmt, err);
    if (status == HN_OK && page->direction == STORE_NEWER) {
        g.kept = hn_new(&g.arena, struct store_alert_row, store_page_limit(page));
        if (g.kept == NULL)
            status = hn_fail(err, HN_NOMEM, 0, "no memory for a page");
    }
    if (status == HN_OK)
        status = give(&g, stmt, filter->json, err);
    db_stmt_done(stmt);
    if (status == HN_OK && g.kept != NULL) {
        for (uint32_t i = g.count; i > 0; i--)
            on_alert(ctx, &g.kept[i - 1]);
    }
    store_query_deinit(&q);
    hn_arena_deinit(&g.arena);
    return status;
}

enum hn_status store_alerts_explain(struct store *store, const struct store_alert_filter *filter,
        const struct store_page *page, struct hn_buf *out, struct hn_err *err)
{
    struct store_query q = { 0 };
    struct db_stmt *stmt = NULL;
    enum hn_status status;

    hn_buf_add_lit(&q.sql, "EXPLAIN QUERY PLAN ");
    compose(&q, filter, page);
    status = store_query_prepare(store, &q, &stmt, err);
    if (status == HN_OK) {
        while ((status = db_next(stmt, err)) == HN_OK) {
            hn_buf_add_text(out, db_text(stmt, 3));
            hn_buf_add_char(out, '\n');
        }
        db_stmt_done(stmt);
    }
    store_query_deinit(&q);
    return status == HN_NOTFOUND ? HN_OK : status;
}
