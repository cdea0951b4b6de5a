/* store_outbox.c - what sinks have to be told. Rows come in with the alert, in its transaction; a
 * sink claims one, tries, and says what came of it. A claim ends by itself after its lease. */
#include "store/store_internal.h"

#define LEASE_DEFAULT (10 * HN_MINUTE)
#define ERROR_MAX     500 /* bytes of an error that are kept */

static const char *const state_texts[] = {
#define STATE_TEXT(name, text) [name] = (text),
    STORE_OUT_LIST(STATE_TEXT)
#undef STATE_TEXT
};

const char *store_out_text(enum store_out_state state)
{
    return state_texts[state];
}

/* ---- In ---- */

struct telling {
    struct hn_text sink;
    struct hn_text kind;
    int64_t alert;
    int64_t incident;
    struct hn_text key;
    hn_time now;
};

static enum hn_status put(struct store *store, const struct telling *telling, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            "INSERT OR IGNORE INTO outbox(sink,kind,alert,incident,key,attempts,state,next,created,"
            "error) VALUES(?1,?2,?3,?4,?5,0,0,?6,?6,'')",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, telling->sink);
    db_bind_text(stmt, 2, telling->kind);
    store_bind_ref(stmt, 3, telling->alert);
    store_bind_ref(stmt, 4, telling->incident);
    db_bind_text(stmt, 5, telling->key);
    db_bind_int(stmt, 6, telling->now);
    return db_run(stmt, err);
}

static enum hn_status tell_alert(
        struct store *store, int64_t seq, uint32_t level, hn_time now, struct hn_err *err)
{
    struct telling telling = { .kind = HN_TEXT("alert"), .alert = seq, .now = now };
    char hex[HN_DIGEST_HEX_LEN];
    struct db_stmt *stmt = NULL;
    enum hn_status status =
            db_prepare(store->db, "SELECT id,incident FROM alert WHERE seq=?1", &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, seq);
    status = db_next(stmt, err);
    if (status == HN_OK) {
        hn_digest_hex(store_digest(stmt, 0), hex);
        telling.key = hn_text_of(hex, sizeof hex);
        telling.incident = db_int(stmt, 1);
    }
    db_stmt_done(stmt);
    for (uint32_t i = 0; i < store->options.sink_count && status == HN_OK; i++) {
        const struct store_sink *sink = &store->options.sinks[i];

        if (!sink->alerts || level < sink->level_min)
            continue;
        telling.sink = hn_text_cstr(sink->name);
        status = put(store, &telling, err);
    }
    return status;
}

enum hn_status store_tell_alert(
        struct store *store, const struct store_member *member, struct hn_err *err)
{
    if (store->options.sink_count == 0)
        return HN_OK;
    return tell_alert(store, member->seq, member->level, member->now, err);
}

enum hn_status store_tell_alert_seq(
        struct store *store, int64_t seq, hn_time now, struct hn_err *err)
{
    int64_t level = 0;
    enum hn_status status =
            store_int(store, "SELECT level FROM alert WHERE seq=?1", STORE_INTS(seq), &level, err);

    return status == HN_OK ? tell_alert(store, seq, (uint32_t)level, now, err) : status;
}

enum hn_status store_tell_incident(struct store *store, int64_t id, uint32_t level, bool opened,
        hn_time now, struct hn_err *err)
{
    struct telling telling = { .kind = opened ? HN_TEXT("incident.opened")
                                              : HN_TEXT("incident.raised"),
        .incident = id,
        .now = now };
    struct hn_buf key = { 0 };
    enum hn_status status = HN_OK;

    hn_buf_addf(&key, "incident-%lld-%u", (long long)id, (unsigned)level);
    if (!hn_buf_ok(&key))
        return hn_fail(err, HN_NOMEM, 0, "no memory for a key");
    telling.key = hn_buf_text(&key);
    for (uint32_t i = 0; i < store->options.sink_count && status == HN_OK; i++) {
        const struct store_sink *sink = &store->options.sinks[i];

        if (!sink->incidents || level < sink->level_min)
            continue;
        telling.sink = hn_text_cstr(sink->name);
        status = put(store, &telling, err);
    }
    hn_buf_deinit(&key);
    return status;
}

/* ---- Out ---- */

#define OUT_COLUMNS "id,sink,kind,alert,incident,key,attempts,state,next,created,error"

static void out_row(struct db_stmt *stmt, struct store_out *ret_out)
{
    *ret_out = (struct store_out){ .id = db_int(stmt, 0),
        .sink = db_text(stmt, 1),
        .kind = db_text(stmt, 2),
        .alert = db_int(stmt, 3),
        .incident = db_int(stmt, 4),
        .key = db_text(stmt, 5),
        .attempts = (uint32_t)db_int(stmt, 6),
        .state = (enum store_out_state)db_int(stmt, 7),
        .next = db_int(stmt, 8),
        .created = db_int(stmt, 9),
        .error = db_text(stmt, 10) };
}

/* The rows that may be tried, oldest first; HN_NOTFOUND with the time of the next one. */
static enum hn_status find_due(struct store *store, const struct store_claim *claim,
        int64_t ids[STORE_CLAIM_MAX], uint32_t *ret_count, hn_time *ret_next, struct hn_err *err)
{
    uint32_t limit = claim->limit == 0                ? 1
                     : claim->limit < STORE_CLAIM_MAX ? claim->limit
                                                      : STORE_CLAIM_MAX;
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            "SELECT id FROM outbox INDEXED BY outbox_due WHERE sink=?1 AND state<2 AND next<=?2 "
            "ORDER BY id LIMIT ?3",
            &stmt, err);

    *ret_count = 0;
    *ret_next = HN_TIME_NONE;
    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, claim->sink);
    db_bind_int(stmt, 2, claim->now);
    db_bind_int(stmt, 3, limit);
    while ((status = db_next(stmt, err)) == HN_OK && *ret_count < limit)
        ids[(*ret_count)++] = db_int(stmt, 0);
    db_stmt_done(stmt);
    if (*ret_count > 0 || status != HN_NOTFOUND)
        return status == HN_NOTFOUND ? HN_OK : status;
    status = db_prepare(store->db,
            "SELECT min(next) FROM outbox INDEXED BY outbox_due WHERE sink=?1 AND state<2", &stmt,
            err);
    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, claim->sink);
    status = db_next(stmt, err);
    if (status == HN_OK)
        *ret_next = store_time(stmt, 0);
    db_stmt_done(stmt);
    return status == HN_OK ? HN_NOTFOUND : status;
}

static enum hn_status show_row(
        struct store *store, int64_t id, store_on_out *on_out, void *ctx, struct hn_err *err)
{
    struct store_out out;
    struct db_stmt *stmt = NULL;
    enum hn_status status =
            db_prepare(store->db, "SELECT " OUT_COLUMNS " FROM outbox WHERE id=?1", &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, id);
    status = db_next(stmt, err);
    if (status == HN_OK) {
        out_row(stmt, &out);
        on_out(ctx, &out);
    }
    db_stmt_done(stmt);
    return status;
}

/* A look without the write lock first: sinks that have nothing to do disturb nobody. */
enum hn_status store_out_claim(struct store *store, const struct store_claim *claim,
        store_on_out *on_out, void *ctx, hn_time *ret_next, struct hn_err *err)
{
    hn_time lease = claim->lease == 0 ? LEASE_DEFAULT : claim->lease;
    int64_t ids[STORE_CLAIM_MAX];
    uint32_t count;
    enum hn_status status = find_due(store, claim, ids, &count, ret_next, err);

    if (status == HN_OK)
        status = store_begin(store, err);
    if (status != HN_OK)
        return status;
    status = find_due(store, claim, ids, &count, ret_next, err);
    for (uint32_t i = 0; i < count && status == HN_OK; i++) {
        status = store_run(store,
                "UPDATE outbox SET state=1, next=?2, attempts=attempts+1 WHERE id=?1",
                STORE_INTS(ids[i], claim->now + lease), err);
    }
    if (status == HN_NOTFOUND) {
        db_rollback(store->db);
        return status;
    }
    status = store_end(store, status, err);
    for (uint32_t i = 0; i < count && status == HN_OK; i++)
        status = show_row(store, ids[i], on_out, ctx, err);
    return status;
}

static enum hn_status settle(struct store *store, const char *sql, int64_t id, hn_time next,
        struct hn_text error, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = store_begin(store, err);

    if (status != HN_OK)
        return status;
    status = db_prepare(store->db, sql, &stmt, err);
    if (status == HN_OK) {
        db_bind_int(stmt, 1, id);
        db_bind_int(stmt, 2, next);
        db_bind_text(stmt, 3, hn_text_sub(error, 0, ERROR_MAX));
        status = db_run(stmt, err);
    }
    if (status == HN_OK && db_changes(store->db) == 0)
        status = hn_fail(err, HN_NOTFOUND, 0, "row %lld is not claimed", (long long)id);
    return store_end(store, status, err);
}

enum hn_status store_out_sent(struct store *store, int64_t id, struct hn_err *err)
{
    return settle(store,
            "UPDATE outbox SET state=2,next=iif(?2>next,?2,next),error=?3 WHERE id=?1 AND state=1",
            id, 0, HN_TEXT(""), err);
}

enum hn_status store_out_sent_many(
        struct store *store, const int64_t *ids, uint32_t count, struct hn_err *err)
{
    enum hn_status status = store_begin(store, err);

    if (status != HN_OK)
        return status;
    for (uint32_t i = 0; i < count && status == HN_OK; i++) {
        status = store_run(store, "UPDATE outbox SET state=2,error='' WHERE id=?1 AND state=1",
                STORE_INTS(ids[i]), err);
    }
    return store_end(store, status, err);
}

enum hn_status store_out_release(
        struct store *store, const int64_t *ids, uint32_t count, hn_time now, struct hn_err *err)
{
    enum hn_status status = store_begin(store, err);

    if (status != HN_OK)
        return status;
    for (uint32_t i = 0; i < count && status == HN_OK; i++) {
        status = store_run(store,
                "UPDATE outbox SET state=0,next=?2,attempts=attempts-1 WHERE id=?1 AND state=1",
                STORE_INTS(ids[i], now), err);
    }
    return store_end(store, status, err);
}

enum hn_status store_out_retry(
        struct store *store, int64_t id, hn_time next, struct hn_text error, struct hn_err *err)
{
    return settle(store, "UPDATE outbox SET state=0,next=?2,error=?3 WHERE id=?1 AND state=1", id,
            next, error, err);
}

enum hn_status store_out_dead(
        struct store *store, int64_t id, struct hn_text error, struct hn_err *err)
{
    return settle(store,
            "UPDATE outbox SET state=3,next=iif(?2>next,?2,next),error=?3 WHERE id=?1 AND state=1",
            id, 0, error, err);
}

enum hn_status store_out_recover(struct store *store, uint64_t *ret_count, struct hn_err *err)
{
    enum hn_status status = store_begin(store, err);

    if (status != HN_OK)
        return status;
    status = store_run(store, "UPDATE outbox SET state=0,next=created WHERE state=1",
            (struct store_ints){ 0 }, err);
    if (status == HN_OK && ret_count != NULL)
        *ret_count = (uint64_t)db_changes(store->db);
    return store_end(store, status, err);
}

enum hn_status store_out_requeue(struct store *store, int64_t id, struct hn_text sink, hn_time now,
        uint64_t *ret_count, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = store_begin(store, err);

    if (status != HN_OK)
        return status;
    status = db_prepare(store->db,
            "UPDATE outbox SET state=0,attempts=0,next=?3 WHERE state=3 AND "
            "iif(?1<>0,id=?1,sink=?2)",
            &stmt, err);
    if (status == HN_OK) {
        db_bind_int(stmt, 1, id);
        db_bind_text(stmt, 2, sink);
        db_bind_int(stmt, 3, now);
        status = db_run(stmt, err);
    }
    if (status == HN_OK && ret_count != NULL)
        *ret_count = (uint64_t)db_changes(store->db);
    return store_end(store, status, err);
}

enum hn_status store_out_backlog(struct store *store, struct hn_text sink,
        struct store_backlog *ret_backlog, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            "SELECT count(*),min(created),"
            "(SELECT count(*) FROM outbox WHERE state=3 AND sink=?1) "
            "FROM outbox INDEXED BY outbox_due WHERE sink=?1 AND state<2",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, sink);
    status = db_next(stmt, err);
    if (status == HN_OK) {
        *ret_backlog = (struct store_backlog){ .pending = (uint64_t)db_int(stmt, 0),
            .oldest = store_time(stmt, 1),
            .dead = (uint64_t)db_int(stmt, 2) };
    }
    db_stmt_done(stmt);
    return status;
}

enum hn_status store_out_list(struct store *store, const struct store_out_filter *filter,
        store_on_out *on_out, void *ctx, struct hn_err *err)
{
    uint32_t limit = filter->limit == 0 ? 100 : filter->limit;
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            "SELECT " OUT_COLUMNS " FROM outbox WHERE id>?1 AND (?2='' OR sink=?2) AND "
            "(?3<0 OR state=?3) ORDER BY id LIMIT ?4",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, filter->after);
    db_bind_text(stmt, 2, filter->sink);
    db_bind_int(stmt, 3, filter->state);
    db_bind_int(stmt, 4, limit < STORE_PAGE_MAX ? limit : STORE_PAGE_MAX);
    while ((status = db_next(stmt, err)) == HN_OK) {
        struct store_out out;

        out_row(stmt, &out);
        on_out(ctx, &out);
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}
