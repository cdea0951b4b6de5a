/* store_incidents.c - lists of incidents, and single ones. */
#include "store/store_query.h"

#define INCIDENT_COLUMNS                                                            \
    "i.id,i.title,i.family,i.tenant,i.level,i.confidence,i.why,i.status,i.verdict," \
    "i.assignee,i.tags,i.first,i.last,i.opened,i.closed,i.alerts,i.former,i.merged,i.version"

#define INCIDENT_COLUMN_COUNT 19

static void incident_row(struct db_stmt *stmt, struct store_incident_row *ret_row)
{
    *ret_row = (struct store_incident_row){ .id = db_int(stmt, 0),
        .title = db_text(stmt, 1),
        .family = db_text(stmt, 2),
        .tenant = db_text(stmt, 3),
        .level = (uint32_t)db_int(stmt, 4),
        .confidence = (uint32_t)db_int(stmt, 5),
        .why = db_text(stmt, 6),
        .status = (enum incident_status)db_int(stmt, 7),
        .verdict = (enum incident_verdict)db_int(stmt, 8),
        .assignee = db_text(stmt, 9),
        .tags = db_text(stmt, 10),
        .first = db_int(stmt, 11),
        .last = db_int(stmt, 12),
        .opened = db_int(stmt, 13),
        .closed = store_time(stmt, 14),
        .alerts = (uint64_t)db_int(stmt, 15),
        .former = db_int(stmt, 16),
        .merged = db_int(stmt, 17),
        .version = db_int(stmt, 18) };
}

struct store_incident_filter store_incident_filter_all(void)
{
    return (struct store_incident_filter){
        .status = -1, .verdict = -1, .from = HN_TIME_NONE, .to = HN_TIME_NONE
    };
}

/* Newer pages come oldest first out of the inner statement, and are turned round by the outer. */
static void compose_incidents(struct store_query *q, const struct store_incident_filter *filter,
        const struct store_page *page)
{
    char level[32];

    hn_buf_add_lit(&q->sql, "SELECT " INCIDENT_COLUMNS " FROM incident i");
    if (filter->level_min > 1) {
        (void)snprintf(level, sizeof level, "i.level>=%u", (unsigned)filter->level_min);
        store_query_where(q, level);
    }
    if (filter->open)
        store_query_where(q, "i.status<3");
    if (filter->status >= 0)
        store_query_number(q, "i.status=?", filter->status);
    if (filter->verdict >= 0)
        store_query_number(q, "i.verdict=?", filter->verdict);
    store_query_text(q, "i.tenant=?", filter->tenant);
    store_query_text(q, "i.family=?", filter->family);
    store_query_text(q, "i.assignee=?", filter->assignee);
    store_query_text(q,
            "i.id IN (SELECT incident FROM incident_part WHERE kind IN (0,1,2) AND value=lower(?))",
            filter->entity);
    if (filter->from != HN_TIME_NONE)
        store_query_number(q, "i.last>=?", filter->from);
    if (filter->to != HN_TIME_NONE)
        store_query_number(q, "i.last<=?", filter->to);
    store_query_place(q, page, "(i.last,i.id)<(?,?)", "(i.last,i.id)>(?,?)");
    store_query_order(q, page, "i.last", "i.id");
}

enum hn_status store_incidents(struct store *store, const struct store_incident_filter *filter,
        struct store_page *page, store_on_incident *on_incident, void *ctx, struct hn_err *err)
{
    struct hn_buf outer = { 0 };
    struct store_query q = { 0 };
    struct db_stmt *stmt = NULL;
    uint32_t count = 0;
    enum hn_status status;

    page->more = false;
    compose_incidents(&q, filter, page);
    if (page->direction == STORE_NEWER) {
        hn_buf_add_lit(&outer, "SELECT *, count(*) OVER () FROM (");
        hn_buf_add_text(&outer, hn_buf_text(&q.sql));
        hn_buf_add_lit(&outer, ") i ORDER BY i.last DESC, i.id DESC");
        hn_buf_reset(&q.sql);
        hn_buf_add_text(&q.sql, hn_buf_text(&outer));
    }
    status = store_query_prepare(store, &q, &stmt, err);
    while (status == HN_OK && (status = db_next(stmt, err)) == HN_OK) {
        struct store_incident_row row;

        /* The row that tells of further ones comes first when the page was turned round, else
         * last. */
        if (page->direction == STORE_NEWER && !page->more &&
                db_int(stmt, INCIDENT_COLUMN_COUNT) > store_page_limit(page)) {
            page->more = true;
            continue;
        }
        if (count++ == store_page_limit(page)) {
            page->more = true;
            break;
        }
        incident_row(stmt, &row);
        on_incident(ctx, &row);
    }
    db_stmt_done(stmt);
    hn_buf_deinit(&outer);
    store_query_deinit(&q);
    return status == HN_NOTFOUND ? HN_OK : status;
}

enum hn_status store_incident_by_id(struct store *store, int64_t id, store_on_incident *on_incident,
        void *ctx, struct hn_err *err)
{
    struct store_incident_row row;
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(
            store->db, "SELECT " INCIDENT_COLUMNS " FROM incident i WHERE i.id=?1", &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, id);
    status = db_next(stmt, err);
    if (status == HN_OK) {
        incident_row(stmt, &row);
        on_incident(ctx, &row);
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND
                   ? hn_fail(err, HN_NOTFOUND, 0, "there is no incident %lld", (long long)id)
                   : status;
}

enum hn_status store_incident_parts(
        struct store *store, int64_t id, store_on_part *on_part, void *ctx, struct hn_err *err)
{
    static const char *const kinds[] = {
        [STORE_PART_HOST] = "host",
        [STORE_PART_ADDRESS] = "address",
        [STORE_PART_USER] = "user",
        [STORE_PART_TRACE] = "trace",
        [STORE_PART_RULE] = "rule",
    };
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            "SELECT kind, value, count FROM incident_part WHERE incident=?1 ORDER BY kind, value",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, id);
    while ((status = db_next(stmt, err)) == HN_OK) {
        size_t kind = (size_t)db_int(stmt, 0);

        if (kind < HN_COUNT_OF(kinds))
            on_part(ctx, hn_text_cstr(kinds[kind]), db_text(stmt, 1), (uint64_t)db_int(stmt, 2));
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}
