/* store_check.c - whether what is stored agrees with itself. Reads only. */
#include "store/store_internal.h"

/* Each gives a row per thing that is wrong: what it is about, and how. */
static const char *const invariants[] = {
    ("SELECT 'alert '||a.seq, 'has no body' FROM alert a WHERE NOT EXISTS("
     "SELECT 1 FROM alert_body b WHERE b.seq=a.seq)"),
    ("SELECT 'alert '||a.seq, 'cannot be found by words' FROM alert a WHERE NOT EXISTS("
     "SELECT 1 FROM alert_words_docsize w WHERE w.id=a.seq)"),
    ("SELECT 'words of alert '||w.id, 'have no alert' FROM alert_words_docsize w WHERE NOT EXISTS("
     "SELECT 1 FROM alert a WHERE a.seq=w.id)"),
    ("SELECT 'incident '||i.id, 'counts '||i.alerts||' alerts and has '||n FROM (SELECT i.id, "
     "i.alerts, (SELECT count(*) FROM alert a WHERE a.incident=i.id) AS n FROM incident i) i "
     "WHERE i.alerts<>n"),
    ("SELECT 'incident '||i.id, 'is below the level of its alerts' FROM incident i WHERE i.level<("
     "SELECT max(a.level) FROM alert a WHERE a.incident=i.id)"),
    ("SELECT 'incident '||i.id, 'is closed without a verdict' FROM incident i WHERE i.status=3 AND "
     "i.verdict=0 AND i.merged IS NULL"),
    ("SELECT 'incident '||i.id, 'is merged into one that is not there' FROM incident i WHERE "
     "i.merged IS NOT NULL AND NOT EXISTS(SELECT 1 FROM incident j WHERE j.id=i.merged)"),
    "SELECT 'alert '||seq, 'is closed without a verdict' FROM alert WHERE status=3 AND verdict=0",
    ("SELECT 'level '||l, 'counts '||c||' alerts and has '||n FROM (WITH RECURSIVE v(l) AS (SELECT "
     "0 UNION ALL SELECT l+1 FROM v WHERE l<5) SELECT l, coalesce((SELECT value FROM store_counter "
     "WHERE name='level.'||l),0) AS c, (SELECT count(*) FROM alert WHERE level=l) AS n FROM v) "
     "WHERE c<>n"),
    ("SELECT 'counter', 'alerts is '||c||' and there are '||n FROM (SELECT coalesce((SELECT value "
     "FROM store_counter WHERE name='alerts'),0) AS c, (SELECT count(*) FROM alert) AS n) "
     "WHERE c<>n"),
    ("SELECT 'hidden alerts', c||' are counted as '||t||' and there are '||n FROM (SELECT "
     "column2 AS t, coalesce((SELECT value FROM store_counter WHERE name=column2),0) AS c, "
     "(SELECT count(*) FROM alert WHERE hidden=column1) AS n FROM (VALUES(1,'inhibited'),"
     "(2,'silenced'),(3,'exception'),(4,'repeated'))) WHERE c<>n"),
    ("SELECT 'outbox '||o.id, 'waits for an alert that is not there' FROM outbox o WHERE "
     "o.alert IS NOT NULL AND o.state<2 AND NOT EXISTS(SELECT 1 FROM alert a WHERE a.seq=o.alert)"),
    ("SELECT 'history of '||iif(object=0,'alert ','incident ')||id, 'has no object' FROM "
     "history_head WHERE (object=0 AND id NOT IN (SELECT seq FROM alert)) OR "
     "(object=1 AND id NOT IN (SELECT id FROM incident)) OR "
     "(object=2 AND id NOT IN (SELECT id FROM mute))"),
};

#define COMPLAINTS_MAX 100 /* per invariant */

struct checking {
    store_on_complaint *on_complaint;
    void *ctx;
    uint64_t count;
};

static void on_damage(void *ctx, struct hn_text complaint)
{
    struct checking *c = ctx;

    c->count++;
    c->on_complaint(c->ctx, complaint);
}

static enum hn_status check_one(
        struct store *store, const char *sql, struct checking *c, struct hn_err *err)
{
    struct hn_buf text = { 0 };
    struct db_stmt *stmt = NULL;
    uint32_t told = 0;
    enum hn_status status = db_prepare(store->db, sql, &stmt, err);

    if (status != HN_OK)
        return status;
    while ((status = db_next(stmt, err)) == HN_OK && told < COMPLAINTS_MAX) {
        hn_buf_reset(&text);
        hn_buf_add_text(&text, db_text(stmt, 0));
        hn_buf_add_char(&text, ' ');
        hn_buf_add_text(&text, db_text(stmt, 1));
        on_damage(c, hn_buf_ok(&text) ? hn_buf_text(&text) : HN_TEXT("out of memory"));
        told++;
    }
    hn_buf_deinit(&text);
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

enum hn_status store_check(
        struct store *store, store_on_complaint *on_complaint, void *ctx, struct hn_err *err)
{
    struct checking c = { on_complaint, ctx, 0 };
    enum hn_status status = db_check(store->db, on_damage, &c, err);

    if (status != HN_OK && (status != HN_CORRUPT || c.count == 0))
        return status;
    status = HN_OK; /* what can be checked of a damaged file is checked as well */
    for (size_t i = 0; i < HN_COUNT_OF(invariants) && status == HN_OK; i++)
        status = check_one(store, invariants[i], &c, err);
    if (status == HN_OK)
        status = store_history_check(store, on_complaint, ctx, &c.count, err);
    if (status != HN_OK)
        return status;
    return c.count == 0
                   ? HN_OK
                   : hn_fail(err, HN_CORRUPT, 0, "%llu complaints", (unsigned long long)c.count);
}
