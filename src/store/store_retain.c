/* store_retain.c - removes what is too old or too many, a little at a time.
 *
 * Nothing of an incident that is not closed, nothing that a sink still waits for. With an alert go
 * its body, words, addresses, history; with the last alert of a closed incident the incident. */
#include "store/store_internal.h"

#define SENT_DEFAULT (7 * HN_DAY)

struct doomed {
    int64_t seq;
    int64_t incident;
    int64_t level;
    int64_t hidden;
};

struct retaining {
    HN_VEC(struct doomed) alerts;
    uint32_t rows;
    bool more;
};

/* The oldest of a level that may go; older than `before` only. */
static enum hn_status find(struct store *store, struct retaining *r, uint32_t level, hn_time before,
        int64_t limit, struct hn_err *err)
{
    int64_t room = (int64_t)r->rows - (int64_t)r->alerts.count;
    struct db_stmt *stmt = NULL;
    enum hn_status status;

    if (limit > room) {
        r->more = true;
        limit = room;
    }
    if (limit <= 0)
        return HN_OK;
    status = db_prepare(store->db,
            "SELECT a.seq,a.incident,a.level,a.hidden FROM alert a WHERE a.level=?1 AND a.at<?2 "
            "AND NOT EXISTS(SELECT 1 FROM incident i WHERE i.id=a.incident AND i.status<3) AND "
            "NOT EXISTS(SELECT 1 FROM outbox o WHERE o.alert=a.seq AND o.state<2) "
            "ORDER BY a.at LIMIT ?3",
            &stmt, err);
    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, level);
    db_bind_int(stmt, 2, before);
    db_bind_int(stmt, 3, limit);
    while ((status = db_next(stmt, err)) == HN_OK) {
        struct doomed *doomed = hn_vec_add(&r->alerts);

        if (doomed == NULL) {
            status = hn_fail(err, HN_NOMEM, 0, "no memory for retention");
            break;
        }
        *doomed = (struct doomed){ db_int(stmt, 0), db_int(stmt, 1), db_int(stmt, 2),
            db_int(stmt, 3) };
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

static enum hn_status level_count(
        struct store *store, uint32_t level, int64_t *ret_count, struct hn_err *err)
{
    enum hn_status status =
            store_int(store, "SELECT value FROM store_counter WHERE name='level.'||?1",
                    STORE_INTS(level), ret_count, err);

    if (status != HN_NOTFOUND)
        return status;
    *ret_count = 0;
    return HN_OK;
}

/* Too old ones first; what they leave room for is not counted twice. */
static enum hn_status find_level(struct store *store, struct retaining *r,
        const struct store_retention *policy, hn_time now, uint32_t level, struct hn_err *err)
{
    size_t before = r->alerts.count;
    int64_t count = 0;
    enum hn_status status = HN_OK;

    if (policy->age_max[level] > 0)
        status = find(store, r, level, now - policy->age_max[level], (int64_t)r->rows + 1, err);
    if (status != HN_OK || policy->count_max[level] == 0 || r->alerts.count > before)
        return status;
    status = level_count(store, level, &count, err);
    if (status == HN_OK && count > (int64_t)policy->count_max[level])
        status = find(store, r, level, INT64_MAX, count - (int64_t)policy->count_max[level], err);
    return status;
}

static enum hn_status remove_alert(
        struct store *store, const struct doomed *doomed, struct hn_err *err)
{
    static const char *const steps[] = {
        ("INSERT INTO alert_words(alert_words,rowid,words) "
         "SELECT 'delete',seq,words FROM alert_body WHERE seq=?1"),
        "DELETE FROM outbox WHERE alert=?1",
        "UPDATE alert SET hidden_by=NULL WHERE hidden_by=?1 AND hidden=4",
        "DELETE FROM alert WHERE seq=?1",
        "DELETE FROM history WHERE object=0 AND id=?1",
        "DELETE FROM history_head WHERE object=0 AND id=?1",
    };
    enum hn_status status = HN_OK;

    for (size_t i = 0; i < HN_COUNT_OF(steps) && status == HN_OK; i++)
        status = store_run(store, steps[i], STORE_INTS(doomed->seq), err);
    if (status == HN_OK)
        status = store_counter_add(store, HN_TEXT("alerts"), -1, err);
    if (status == HN_OK)
        status = store_counter_level(store, (uint32_t)doomed->level, -1, err);
    if (status == HN_OK && doomed->hidden != STORE_SHOWN)
        status = store_counter_add(
                store, hn_text_cstr(store_hidden_text((enum store_hidden)doomed->hidden)), -1, err);
    if (status == HN_OK && doomed->incident != 0)
        status = store_run(store, "UPDATE incident SET alerts=alerts-1 WHERE id=?1",
                STORE_INTS(doomed->incident), err);
    return status;
}

static enum hn_status remove_one(struct store *store, int64_t id, struct hn_err *err)
{
    static const char *const steps[] = {
        "DELETE FROM outbox WHERE incident=?1 AND alert IS NULL",
        "UPDATE incident SET former=NULL WHERE former=?1",
        "DELETE FROM incident WHERE id=?1",
        "DELETE FROM history WHERE object=1 AND id=?1",
        "DELETE FROM history_head WHERE object=1 AND id=?1",
    };
    enum hn_status status = HN_OK;

    for (size_t i = 0; i < HN_COUNT_OF(steps) && status == HN_OK; i++)
        status = store_run(store, steps[i], STORE_INTS(id), err);
    return status;
}

/* A closed incident without alerts, and those that were merged into it. */
static enum hn_status remove_incident(struct store *store, int64_t id, struct hn_err *err)
{
    int64_t merged = 0;
    int64_t one = 0;
    enum hn_status status = store_int(store,
            "SELECT 1 FROM incident i WHERE id=?1 AND alerts=0 AND status=3 AND NOT EXISTS("
            "SELECT 1 FROM outbox o WHERE o.state<2 AND o.alert IS NULL AND (o.incident=i.id OR "
            "o.incident IN (SELECT id FROM incident j WHERE j.merged=i.id)))",
            STORE_INTS(id), &one, err);

    if (status != HN_OK)
        return status == HN_NOTFOUND ? HN_OK : status;
    while ((status = store_int(store, "SELECT id FROM incident WHERE merged=?1 LIMIT 1",
                    STORE_INTS(id), &merged, err)) == HN_OK) {
        status = remove_one(store, merged, err);
        if (status != HN_OK)
            return status;
    }
    return status == HN_NOTFOUND ? remove_one(store, id, err) : status;
}

static enum hn_status retain(struct store *store, struct retaining *r,
        const struct store_retention *policy, hn_time now, struct hn_err *err)
{
    hn_time sent = policy->sent_max == 0 ? SENT_DEFAULT : policy->sent_max;
    enum hn_status status = HN_OK;

    for (uint32_t level = 0; level < STORE_LEVELS && status == HN_OK; level++)
        status = find_level(store, r, policy, now, level, err);
    for (size_t i = 0; i < r->alerts.count && status == HN_OK; i++)
        status = remove_alert(store, &r->alerts.ptr[i], err);
    for (size_t i = 0; i < r->alerts.count && status == HN_OK; i++) {
        if (r->alerts.ptr[i].incident != 0)
            status = remove_incident(store, r->alerts.ptr[i].incident, err);
    }
    if (status == HN_OK) {
        status = store_run(store,
                "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE state=2 AND "
                "created<?1 ORDER BY created LIMIT ?2)",
                STORE_INTS(now - sent, r->rows), err);
    }
    if (status == HN_OK && db_changes(store->db) == r->rows)
        r->more = true;
    if (status == HN_OK)
        status = store_seen_trim(store, r->rows, &r->more, err);
    return status;
}

enum hn_status store_retain(struct store *store, const struct store_retention *policy, hn_time now,
        uint32_t rows, bool *ret_more, struct hn_err *err)
{
    struct retaining r = { .rows = rows };
    enum hn_status status = store_begin(store, err);

    if (status != HN_OK)
        return status;
    status = store_end(store, retain(store, &r, policy, now, err), err);
    if (status == HN_OK)
        *ret_more = r.more && r.alerts.count > 0;
    hn_vec_deinit(&r.alerts);
    return status;
}
