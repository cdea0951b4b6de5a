/* store_merge.c - two incidents become one, and one becomes two. */
#include "store/store_internal.h"

struct side {
    int64_t id;
    int64_t version;
    int64_t merged;
    int64_t status;
    int64_t alerts;
    struct hn_text tenant;
    struct hn_text family;
};

static enum hn_status side_read(
        struct store *store, int64_t id, struct side *ret_side, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            "SELECT version,merged,status,alerts,tenant,family FROM incident WHERE id=?1", &stmt,
            err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, id);
    status = db_next(stmt, err);
    if (status == HN_OK) {
        *ret_side = (struct side){ id, db_int(stmt, 0), db_int(stmt, 1), db_int(stmt, 2),
            db_int(stmt, 3), hn_arena_text(&store->scratch, db_text(stmt, 4)),
            hn_arena_text(&store->scratch, db_text(stmt, 5)) };
        if (hn_arena_status(&store->scratch) != HN_OK)
            status = hn_fail(err, HN_NOMEM, 0, "no memory for an incident");
        else if (ret_side->merged != 0)
            status = hn_fail(err, HN_SYNTAX, 0, "incident %lld was merged already", (long long)id);
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND
                   ? hn_fail(err, HN_NOTFOUND, 0, "there is no incident %lld", (long long)id)
                   : status;
}

static enum hn_status note(struct store *store, int64_t id, const struct store_change *change,
        struct hn_text what, int64_t other, struct hn_err *err)
{
    char room[STORE_NUMBER_ROOM];
    struct store_entry entry = { STORE_INCIDENT, id, change->now, change->who, what, HN_TEXT(""),
        store_number(other, room) };

    return store_history_add(store, &entry, err);
}

static enum hn_status merge(struct store *store, const struct side *into, const struct side *from,
        const struct store_change *change, struct hn_err *err)
{
    enum hn_status status = store_run(store, "UPDATE alert SET incident=?2 WHERE incident=?1",
            STORE_INTS(from->id, into->id), err);

    /* Those that were merged into it before follow, so that nobody has to walk a chain. */
    if (status == HN_OK)
        status = store_run(store, "UPDATE incident SET merged=?2 WHERE merged=?1",
                STORE_INTS(from->id, into->id), err);
    if (status == HN_OK) {
        status = store_run(store,
                "UPDATE incident SET merged=?2, status=3, closed=coalesce(closed,?3), "
                "version=version+1 WHERE id=?1",
                STORE_INTS(from->id, into->id, change->now), err);
    }
    if (status == HN_OK)
        status = store_run(store, "UPDATE incident SET version=version+1 WHERE id=?1",
                STORE_INTS(into->id), err);
    if (status == HN_OK)
        status = store_incident_count(store, into->id, err);
    if (status == HN_OK)
        status = store_incident_count(store, from->id, err);
    if (status == HN_OK)
        status = note(store, into->id, change, HN_TEXT("took over"), from->id, err);
    if (status == HN_OK)
        status = note(store, from->id, change, HN_TEXT("merged"), into->id, err);
    return status;
}

enum hn_status store_incident_merge(struct store *store, int64_t into, int64_t from,
        const struct store_change *change, struct hn_err *err)
{
    struct side a = { 0 };
    struct side b = { 0 };
    enum hn_status status;

    if (into == from)
        return hn_fail(err, HN_SYNTAX, 0, "an incident cannot be merged with itself");
    status = store_begin(store, err);
    if (status != HN_OK)
        return status;
    status = side_read(store, into, &a, err);
    if (status == HN_OK)
        status = side_read(store, from, &b, err);
    if (status == HN_OK)
        status = store_version_check(change, a.version, err);
    if (status == HN_OK && !hn_text_eq(a.tenant, b.tenant))
        status = hn_fail(err, HN_SYNTAX, 0, "the incidents are of two tenants");
    if (status == HN_OK && a.status == INCIDENT_CLOSED)
        status = hn_fail(err, HN_SYNTAX, 0, "incident %lld is closed", (long long)into);
    if (status == HN_OK)
        status = merge(store, &a, &b, change, err);
    return store_end(store, status, err);
}

/* ---- Splitting ---- */

static enum hn_status insert_new(struct store *store, const struct side *old,
        const struct store_change *change, int64_t first, int64_t *ret_id, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            "INSERT INTO incident(title,family,tenant,level,confidence,why,status,verdict,assignee,"
            "tags,first,last,opened,alerts,version) SELECT a.title,?2,?3,a.level,0,'[]',0,0,'','',"
            "a.at,a.at,?4,0,1 FROM alert a WHERE a.seq=?1",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, first);
    db_bind_text(stmt, 2, old->family);
    db_bind_text(stmt, 3, old->tenant);
    db_bind_int(stmt, 4, change->now);
    status = db_run(stmt, err);
    *ret_id = db_last_id(store->db);
    return status;
}

static enum hn_status move_alerts(struct store *store, const struct side *old, int64_t id,
        struct store_seqs alerts, struct hn_err *err)
{
    enum hn_status status = HN_OK;
    uint32_t moved = 0;

    for (uint32_t i = 0; i < alerts.count && status == HN_OK; i++) {
        status = store_run(store, "UPDATE alert SET incident=?3 WHERE seq=?1 AND incident=?2",
                STORE_INTS(alerts.ptr[i], old->id, id), err);
        if (status == HN_OK && db_changes(store->db) != 1) {
            status =
                    hn_fail(err, HN_SYNTAX, 0, "alert %lld is not of incident %lld, or named twice",
                            (long long)alerts.ptr[i], (long long)old->id);
        }
        moved++;
    }
    if (status == HN_OK && moved >= old->alerts)
        status = hn_fail(err, HN_SYNTAX, 0, "no alert would remain");
    return status;
}

static enum hn_status split(struct store *store, const struct side *old, struct store_seqs alerts,
        const struct store_change *change, int64_t *ret_id, struct hn_err *err)
{
    enum hn_status status = insert_new(store, old, change, alerts.ptr[0], ret_id, err);

    if (status == HN_OK)
        status = move_alerts(store, old, *ret_id, alerts, err);
    if (status == HN_OK)
        status = store_run(store, "UPDATE incident SET version=version+1 WHERE id=?1",
                STORE_INTS(old->id), err);
    if (status == HN_OK)
        status = store_incident_count(store, old->id, err);
    if (status == HN_OK)
        status = store_incident_count(store, *ret_id, err);
    if (status == HN_OK)
        status = note(store, old->id, change, HN_TEXT("split into"), *ret_id, err);
    if (status == HN_OK)
        status = note(store, *ret_id, change, HN_TEXT("split from"), old->id, err);
    return status;
}

enum hn_status store_incident_split(struct store *store, int64_t id, struct store_seqs alerts,
        const struct store_change *change, int64_t *ret_new, struct hn_err *err)
{
    struct side old = { 0 };
    int64_t made = 0;
    enum hn_status status;

    if (alerts.count == 0)
        return hn_fail(err, HN_SYNTAX, 0, "no alert is named");
    status = store_begin(store, err);
    if (status != HN_OK)
        return status;
    status = side_read(store, id, &old, err);
    if (status == HN_OK)
        status = store_version_check(change, old.version, err);
    if (status == HN_OK)
        status = split(store, &old, alerts, change, &made, err);
    status = store_end(store, status, err);
    if (status == HN_OK)
        *ret_new = made;
    return status;
}
