/* store_row.c - columns of an alert, and single alerts. */
#include "store/store_internal.h"

void store_alert_row(struct db_stmt *stmt, bool json, struct store_alert_row *ret_row)
{
    int i = 0;
    struct store_alert_row row = { 0 };

    row.seq = db_int(stmt, i++);
    row.id = store_digest(stmt, i++);
    row.rule_id = db_text(stmt, i++);
    row.title = db_text(stmt, i++);
    row.level = (uint32_t)db_int(stmt, i++);
    row.kind = db_text(stmt, i++);
    row.host = db_text(stmt, i++);
    row.user = db_text(stmt, i++);
    row.source = db_text(stmt, i++);
    row.tenant = db_text(stmt, i++);
    row.set = db_text(stmt, i++);
    row.family = db_text(stmt, i++);
    row.trace = db_text(stmt, i++);
    row.techniques = db_text(stmt, i++);
    row.time = store_time(stmt, i++);
    row.received = db_int(stmt, i++);
    row.first_seen = db_int(stmt, i++);
    row.last_seen = db_int(stmt, i++);
    row.count = (uint64_t)db_int(stmt, i++);
    row.offset = (uint64_t)db_int(stmt, i++);
    row.len = (uint32_t)db_int(stmt, i++);
    row.incident = db_int(stmt, i++);
    row.status = (enum incident_status)db_int(stmt, i++);
    row.verdict = (enum incident_verdict)db_int(stmt, i++);
    row.assignee = db_text(stmt, i++);
    row.hidden = (enum store_hidden)db_int(stmt, i++);
    row.hidden_by = db_int(stmt, i++);
    row.version = db_int(stmt, i++);
    row.json = json ? db_text(stmt, i) : HN_TEXT("");
    *ret_row = row;
}

static enum hn_status give_one(
        struct db_stmt *stmt, store_on_alert *on_alert, void *ctx, struct hn_err *err)
{
    struct store_alert_row row;
    enum hn_status status = db_next(stmt, err);

    if (status == HN_OK) {
        store_alert_row(stmt, true, &row);
        on_alert(ctx, &row);
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? hn_fail(err, HN_NOTFOUND, 0, "there is no such alert") : status;
}

enum hn_status store_alert_by_id(struct store *store, struct hn_digest id, store_on_alert *on_alert,
        void *ctx, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            "SELECT " STORE_ALERT_COLUMNS
            ",b.json FROM alert a JOIN alert_body b ON b.seq=a.seq WHERE a.id=?1",
            &stmt, err);

    if (status != HN_OK)
        return status;
    store_bind_digest(stmt, 1, id);
    return give_one(stmt, on_alert, ctx, err);
}

enum hn_status store_alert_by_seq(
        struct store *store, int64_t seq, store_on_alert *on_alert, void *ctx, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            "SELECT " STORE_ALERT_COLUMNS
            ",b.json FROM alert a JOIN alert_body b ON b.seq=a.seq WHERE a.seq=?1",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, seq);
    return give_one(stmt, on_alert, ctx, err);
}

enum hn_status store_alerts_after(struct store *store, int64_t seq, uint32_t limit,
        store_on_alert *on_alert, void *ctx, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            "SELECT " STORE_ALERT_COLUMNS ",b.json FROM alert a JOIN alert_body b ON b.seq=a.seq "
            "WHERE a.seq>?1 AND a.hidden=0 ORDER BY a.seq LIMIT ?2",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, seq);
    db_bind_int(stmt, 2, limit == 0 || limit > STORE_PAGE_MAX ? STORE_PAGE_MAX : limit);
    while ((status = db_next(stmt, err)) == HN_OK) {
        struct store_alert_row row;

        store_alert_row(stmt, true, &row);
        on_alert(ctx, &row);
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

enum hn_status store_alert_last(struct store *store, int64_t *ret_seq, struct hn_err *err)
{
    return store_int(store, "SELECT coalesce(max(seq),0) FROM alert", (struct store_ints){ 0 },
            ret_seq, err);
}
