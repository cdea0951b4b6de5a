/* store_edit.c - what people decide about alerts and incidents; each change is a row of the
 * history. */
#include "store/store_internal.h"

struct editing {
    enum store_object object;
    int64_t id;
    const struct store_edit *edit;
    const struct store_change *change;
    enum incident_status status;
    enum incident_verdict verdict;
    struct hn_text texts[3]; /* assignee, tags, title */
    int64_t version;
    bool changed;
};

static enum hn_status note(struct store *store, struct editing *e, struct hn_text what,
        struct hn_text from, struct hn_text to, struct hn_err *err)
{
    struct store_entry entry = { e->object, e->id, e->change->now, e->change->who, what, from, to };

    if (hn_text_eq(from, to))
        return HN_OK;
    e->changed = true;
    return store_history_add(store, &entry, err);
}

static enum hn_status read_now(struct store *store, struct editing *e, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            e->object == STORE_ALERT
                    ? "SELECT status,verdict,version,assignee FROM alert WHERE seq=?1"
                    : "SELECT status,verdict,version,assignee,tags,title,merged FROM incident "
                      "WHERE id=?1",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, e->id);
    status = db_next(stmt, err);
    if (status == HN_OK) {
        e->status = (enum incident_status)db_int(stmt, 0);
        e->verdict = (enum incident_verdict)db_int(stmt, 1);
        e->version = db_int(stmt, 2);
        for (int i = 0; i < (e->object == STORE_ALERT ? 1 : 3); i++)
            e->texts[i] = hn_arena_text(&store->scratch, db_text(stmt, 3 + i));
        if (e->object == STORE_INCIDENT && !db_is_null(stmt, 6)) {
            status = hn_fail(err, HN_SYNTAX, 0, "it was merged into incident %lld",
                    (long long)db_int(stmt, 6));
        } else if (hn_arena_status(&store->scratch) != HN_OK) {
            status = hn_fail(err, HN_NOMEM, 0, "no memory for a change");
        }
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? hn_fail(err, HN_NOTFOUND, 0, "there is no such object") : status;
}

static enum hn_status note_all(struct store *store, struct editing *e, struct hn_err *err)
{
    const struct hn_text *texts[] = { e->edit->assignee, e->edit->tags, e->edit->title };
    static const char *const names[] = {
        "assignee",
        "tags",
        "title",
    };
    enum incident_status status_before = e->status;
    enum incident_verdict verdict_before = e->verdict;
    enum hn_status status = HN_OK;

    for (size_t i = 0; i < HN_COUNT_OF(texts) && status == HN_OK; i++) {
        if (texts[i] == NULL)
            continue;
        if (texts[i]->len > STORE_TEXT_MAX)
            return hn_fail(err, HN_LIMIT, 0, "%s is too long", names[i]);
        status = note(store, e, hn_text_cstr(names[i]), e->texts[i], *texts[i], err);
        e->texts[i] = *texts[i];
    }
    if (e->edit->status != NULL)
        e->status = *e->edit->status;
    if (e->edit->verdict != NULL)
        e->verdict = *e->edit->verdict;
    if (!incident_may_be(e->status, e->verdict))
        return hn_fail(err, HN_SYNTAX, 0, "closing needs a verdict");
    if (status == HN_OK) {
        status = note(store, e, HN_TEXT("verdict"),
                hn_text_cstr(incident_verdict_text(verdict_before)),
                hn_text_cstr(incident_verdict_text(e->verdict)), err);
    }
    if (status == HN_OK) {
        status =
                note(store, e, HN_TEXT("status"), hn_text_cstr(incident_status_text(status_before)),
                        hn_text_cstr(incident_status_text(e->status)), err);
    }
    return status;
}

static enum hn_status write_now(struct store *store, const struct editing *e, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            e->object == STORE_ALERT
                    ? "UPDATE alert SET status=?2,verdict=?3,version=?4,assignee=?5 WHERE seq=?1"
                    : "UPDATE incident SET status=?2,verdict=?3,version=?4,assignee=?5,"
                      "tags=?6,title=?7,closed=iif(?2<3,NULL,coalesce(closed,?8)) WHERE id=?1",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, e->id);
    db_bind_int(stmt, 2, e->status);
    db_bind_int(stmt, 3, e->verdict);
    db_bind_int(stmt, 4, e->version + 1);
    db_bind_text(stmt, 5, e->texts[0]);
    if (e->object == STORE_INCIDENT) {
        db_bind_text(stmt, 6, e->texts[1]);
        db_bind_text(stmt, 7, e->texts[2]);
        db_bind_int(stmt, 8, e->change->now);
    }
    return db_run(stmt, err);
}

static enum hn_status edit(struct store *store, struct editing *e, struct hn_err *err)
{
    enum hn_status status = read_now(store, e, err);

    if (status == HN_OK)
        status = store_version_check(e->change, e->version, err);
    if (status == HN_OK)
        status = note_all(store, e, err);
    if (status == HN_OK && e->changed) {
        status = write_now(store, e, err);
        e->version++;
    }
    return status;
}

enum hn_status store_alert_edit(struct store *store, int64_t seq, const struct store_edit *changes,
        const struct store_change *change, int64_t *ret_version, struct hn_err *err)
{
    struct editing e = { .object = STORE_ALERT, .id = seq, .edit = changes, .change = change };
    enum hn_status status;

    if (changes->tags != NULL || changes->title != NULL)
        return hn_fail(err, HN_SYNTAX, 0, "an alert has no tags or title to change");
    status = store_begin(store, err);
    if (status != HN_OK)
        return status;
    status = store_end(store, edit(store, &e, err), err);
    if (status == HN_OK && ret_version != NULL)
        *ret_version = e.version;
    return status;
}

/* ---- Closing an incident closes its alerts ---- */

static enum hn_status next_open(
        struct store *store, int64_t incident, int64_t after, int64_t *ret_seq, struct hn_err *err)
{
    return store_int(store,
            "SELECT seq FROM alert WHERE incident=?1 AND seq>?2 AND status<3 ORDER BY seq LIMIT 1",
            STORE_INTS(incident, after), ret_seq, err);
}

static enum hn_status close_alerts(
        struct store *store, const struct editing *incident, struct hn_err *err)
{
    struct store_edit changes = { .status = &incident->status, .verdict = &incident->verdict };
    struct store_change change = { incident->change->who, incident->change->now, 0 };
    int64_t seq = 0;
    enum hn_status status;

    while ((status = next_open(store, incident->id, seq, &seq, err)) == HN_OK) {
        struct editing e = {
            .object = STORE_ALERT, .id = seq, .edit = &changes, .change = &change
        };
        hn_arena_reset(&store->scratch);
        status = edit(store, &e, err);
        if (status != HN_OK)
            break;
    }
    return status == HN_NOTFOUND ? HN_OK : status;
}

enum hn_status store_incident_edit(struct store *store, int64_t id,
        const struct store_edit *changes, const struct store_change *change, int64_t *ret_version,
        struct hn_err *err)
{
    struct editing e = { .object = STORE_INCIDENT, .id = id, .edit = changes, .change = change };
    enum hn_status status = store_begin(store, err);

    if (status != HN_OK)
        return status;
    status = edit(store, &e, err);
    if (status == HN_OK && e.changed && e.status == INCIDENT_CLOSED)
        status = close_alerts(store, &e, err);
    status = store_end(store, status, err);
    if (status == HN_OK && ret_version != NULL)
        *ret_version = e.version;
    return status;
}
