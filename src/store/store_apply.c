/* store_apply.c - what the engine found, together with how far it has read: both or neither.
 *
 * An alert passes inhibitions, silences, exceptions, the search for repeats, and grouping, in this
 * order, and is stored whatever comes of it. */
#include "store/store_internal.h"

#include <assert.h>

enum hn_status store_applied_get(struct store *store, uint64_t *ret_applied, struct hn_err *err)
{
    int64_t applied;
    enum hn_status status = store_int(store, "SELECT value FROM store_state WHERE name='applied'",
            (struct store_ints){ 0 }, &applied, err);

    if (status == HN_OK)
        *ret_applied = (uint64_t)applied;
    return status;
}

enum hn_status store_applied_lower(struct store *store, uint64_t journal_end, struct hn_err *err)
{
    enum hn_status status = store_begin(store, err);

    if (status != HN_OK)
        return status;
    status = store_run(store, "UPDATE store_state SET value=?1 WHERE name='applied' AND value>?1",
            STORE_INTS((int64_t)journal_end), err);
    return store_end(store, status, err);
}

enum hn_status store_apply_begin(struct store *store, uint64_t *ret_applied, struct hn_err *err)
{
    enum hn_status status = store_begin(store, err);

    if (status != HN_OK)
        return status;
    status = store_applied_get(store, &store->applied, err);
    if (status != HN_OK) {
        db_rollback(store->db);
        return status;
    }
    store->applying = true;
    *ret_applied = store->applied;
    return HN_OK;
}

enum hn_status store_apply_commit(struct store *store, uint64_t next, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    assert(store->applying);
    if (next > store->applied) /* a replay that ends early changes nothing */
        status = store_run(store, "UPDATE store_state SET value=?1 WHERE name='applied'",
                STORE_INTS((int64_t)next), err);
    store->applying = false;
    return store_end(store, status, err);
}

void store_apply_cancel(struct store *store)
{
    store->applying = false;
    store->mutes_known = false;
    db_rollback(store->db);
}

/* ---- One alert ---- */

struct applying {
    const struct store_alert *alert;
    hn_time at;
    struct store_fields fields;
    struct store_member member;
    enum store_hidden hidden;
    int64_t hidden_by;
    int64_t prefer; /* incident of the alert that it repeats */
};

/* The same id again: a client that repeated itself, or a rule that saw the same bytes twice. */
static enum hn_status fold(struct store *store, const struct applying *a,
        struct store_applied *applied, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(
            store->db, "SELECT seq, incident, hidden FROM alert WHERE id=?1", &stmt, err);

    if (status != HN_OK)
        return status;
    store_bind_digest(stmt, 1, a->alert->id);
    status = db_next(stmt, err);
    if (status == HN_OK) {
        applied->repeated = true;
        applied->seq = db_int(stmt, 0);
        applied->incident = db_int(stmt, 1);
        applied->hidden = (enum store_hidden)db_int(stmt, 2);
    }
    db_stmt_done(stmt);
    if (status != HN_OK)
        return status;
    return store_run(store,
            "UPDATE alert SET count=count+1, first_seen=min(first_seen,?2), "
            "last_seen=max(last_seen,?2) WHERE seq=?1",
            STORE_INTS(applied->seq, a->alert->received), err);
}

/* A repeat is measured from the first one that was shown: something that goes on is shown again
 * once per window. */
static enum hn_status find_repeat(struct store *store, struct applying *a, struct hn_err *err)
{
    struct hn_digest none = { 0, 0 };
    struct db_stmt *stmt = NULL;
    enum hn_status status;

    if (store->options.repeat_window < 0 || hn_digest_eq(a->alert->fold_key, none))
        return HN_OK;
    status = db_prepare(store->db,
            "SELECT seq, incident FROM alert WHERE fold_key=?1 AND hidden=0 AND at>?2 AND at<=?3 "
            "AND tenant=?4 ORDER BY at DESC LIMIT 1",
            &stmt, err);
    if (status != HN_OK)
        return status;
    store_bind_digest(stmt, 1, a->alert->fold_key);
    db_bind_int(stmt, 2,
            a->at < INT64_MIN + store->options.repeat_window
                    ? INT64_MIN
                    : a->at - store->options.repeat_window);
    db_bind_int(stmt, 3, a->at);
    db_bind_text(stmt, 4, a->alert->tenant);
    status = db_next(stmt, err);
    if (status == HN_OK) {
        a->hidden = STORE_REPEATED;
        a->hidden_by = db_int(stmt, 0);
        a->prefer = db_int(stmt, 1);
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

static enum hn_status treat(struct store *store, struct applying *a, struct hn_err *err)
{
    static const enum store_hidden reasons[] = { [STORE_INHIBITION] = STORE_INHIBITED,
        [STORE_SILENCE] = STORE_SILENCED,
        [STORE_EXCEPTION] = STORE_EXCEPTED };
    const struct store_mute *mute = NULL;
    enum hn_status status = store_mutes_load(store, a->alert->received, err);

    if (status == HN_OK)
        status = store_mute_find(store, &a->member.subject, a->alert->received, &mute, err);
    if (status != HN_OK)
        return status;
    if (mute == NULL)
        return find_repeat(store, a, err);
    a->hidden = reasons[mute->kind];
    a->hidden_by = mute->id;
    return HN_OK;
}

static enum hn_status insert_alert(
        struct store *store, const struct applying *a, int64_t *ret_seq, struct hn_err *err)
{
    const struct store_alert *alert = a->alert;
    struct hn_digest none = { 0, 0 };
    struct db_stmt *stmt = NULL;
    int i = 1;
    enum hn_status status = db_prepare(store->db,
            "INSERT INTO alert(id,fold_key,rule_id,title,level,kind,host,user,source,tenant,"
            "rules_digest,family,trace,techniques,time,received,at,first_seen,last_seen,count,"
            "place,len,status,verdict,assignee,hidden,hidden_by,version) VALUES(?1,?2,?3,?4,?5,?6,"
            "?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?16,?16,1,?18,?19,0,0,'',?20,?21,1)",
            &stmt, err);

    if (status != HN_OK)
        return status;
    store_bind_digest(stmt, i++, alert->id);
    if (hn_digest_eq(alert->fold_key, none))
        db_bind_null(stmt, i++);
    else
        store_bind_digest(stmt, i++, alert->fold_key);
    db_bind_text(stmt, i++, alert->rule_id);
    db_bind_text(stmt, i++, alert->title);
    db_bind_int(stmt, i++, alert->level);
    db_bind_text(stmt, i++, alert->kind);
    db_bind_text(stmt, i++, alert->host);
    db_bind_text(stmt, i++, alert->user);
    db_bind_text(stmt, i++, alert->source);
    db_bind_text(stmt, i++, alert->tenant);
    db_bind_text(stmt, i++, alert->set);
    db_bind_text(stmt, i++, alert->family);
    db_bind_text(stmt, i++, alert->trace);
    db_bind_text(stmt, i++, alert->techniques);
    store_bind_time(stmt, i++, alert->time);
    db_bind_int(stmt, i++, alert->received);
    db_bind_int(stmt, i++, a->at);
    db_bind_int(stmt, i++, (int64_t)alert->offset);
    db_bind_int(stmt, i++, alert->len);
    db_bind_int(stmt, i++, a->hidden);
    store_bind_ref(stmt, i, a->hidden_by);
    status = db_run(stmt, err);
    *ret_seq = db_last_id(store->db);
    return status;
}

/* What a search for words looks at. */
static void write_words(const struct applying *a, struct hn_buf *out)
{
    const struct store_alert *alert = a->alert;

    hn_buf_reset(out);
    hn_buf_add_text(out, alert->title);
    hn_buf_add_char(out, '\n');
    hn_buf_add_text(out, alert->rule_id);
    hn_buf_add_char(out, '\n');
    hn_buf_add_text(out, alert->host);
    hn_buf_add_char(out, '\n');
    hn_buf_add_text(out, alert->user);
    for (size_t i = 0; i < a->member.subject.address_count; i++) {
        hn_buf_add_char(out, '\n');
        hn_buf_add_text(out, alert->addresses[i]);
    }
    for (size_t i = 0; i < a->fields.count && out->len < STORE_TEXT_MAX; i++) {
        if (!a->fields.ptr[i].evidence)
            continue;
        hn_buf_add_char(out, '\n');
        hn_buf_add_text(out, hn_text_sub(a->fields.ptr[i].value, 0, STORE_TEXT_MAX));
    }
}

static enum hn_status insert_body(
        struct store *store, const struct applying *a, int64_t seq, struct hn_err *err)
{
    static const char *const into[] = {
        "INSERT INTO alert_body(seq,words,json) VALUES(?1,?2,?3)",
        "INSERT INTO alert_words(rowid,words) VALUES(?1,?2)",
    };
    enum hn_status status = HN_OK;

    write_words(a, &store->text);
    if (!hn_buf_ok(&store->text))
        return hn_fail(err, store->text.status, 0, "no memory for an alert's words");
    for (int i = 0; i < 2 && status == HN_OK; i++) {
        struct db_stmt *stmt = NULL;

        status = db_prepare(store->db, into[i], &stmt, err);
        if (status != HN_OK)
            break;
        db_bind_int(stmt, 1, seq);
        db_bind_text(stmt, 2, hn_buf_text(&store->text));
        if (i == 0)
            db_bind_text(stmt, 3, a->alert->json);
        status = db_run(stmt, err);
    }
    return status;
}

static enum hn_status insert_addresses(
        struct store *store, const struct applying *a, int64_t seq, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    for (size_t i = 0; i < a->member.subject.address_count && status == HN_OK; i++) {
        struct db_stmt *stmt = NULL;

        status = db_prepare(store->db,
                "INSERT OR IGNORE INTO alert_address(address,at,seq) VALUES(?1,?2,?3)", &stmt, err);
        if (status != HN_OK)
            break;
        db_bind_text(stmt, 1, a->alert->addresses[i]);
        db_bind_int(stmt, 2, a->at);
        db_bind_int(stmt, 3, seq);
        status = db_run(stmt, err);
    }
    return status;
}

static enum hn_status count_it(struct store *store, const struct applying *a, struct hn_err *err)
{
    enum hn_status status = store_counter_add(store, HN_TEXT("alerts"), 1, err);

    if (status == HN_OK)
        status = store_counter_level(store, a->alert->level, 1, err);
    if (status == HN_OK && a->hidden != STORE_SHOWN)
        status = store_counter_add(store, hn_text_cstr(store_hidden_text(a->hidden)), 1, err);
    if (status == HN_OK)
        status = store_seen_add(store, a->alert->rule_id, &a->fields, a->at, err);
    return status;
}

static enum hn_status store_new(
        struct store *store, struct applying *a, struct store_applied *applied, struct hn_err *err)
{
    enum hn_status status = treat(store, a, err);

    if (status == HN_OK)
        status = insert_alert(store, a, &applied->seq, err);
    if (status == HN_OK)
        status = insert_body(store, a, applied->seq, err);
    if (status == HN_OK)
        status = insert_addresses(store, a, applied->seq, err);
    if (status == HN_OK)
        status = count_it(store, a, err);
    if (status != HN_OK)
        return status;
    applied->hidden = a->hidden;
    a->member.seq = applied->seq;
    a->member.quiet = a->hidden != STORE_SHOWN;
    if (a->hidden != STORE_SILENCED && a->hidden != STORE_EXCEPTED)
        status = store_group(store, &a->member, a->prefer, applied, err);
    if (status == HN_OK && a->hidden == STORE_SHOWN)
        status = store_tell_alert(store, &a->member, err);
    return status;
}

static void fill(struct applying *a, const struct store_alert *alert)
{
    a->alert = alert;
    a->at = alert->time == HN_TIME_NONE ? alert->received : alert->time;
    a->member = (struct store_member){ .title = alert->title,
        .trace = alert->trace,
        .level = alert->level,
        .at = a->at,
        .now = alert->received,
        .subject = { .rule_id = alert->rule_id,
                .host = alert->host,
                .user = alert->user,
                .addresses = alert->addresses,
                .address_count = alert->address_count < STORE_ADDRESSES_MAX ? alert->address_count
                                                                            : STORE_ADDRESSES_MAX,
                .source = alert->source,
                .tenant = alert->tenant,
                .family = alert->family,
                .fields = &a->fields } };
}

enum hn_status store_apply_alert(struct store *store, const struct store_alert *alert,
        struct store_applied *ret_applied, struct hn_err *err)
{
    struct store_applied applied = { 0 };
    struct applying a = { 0 };
    enum hn_status status;

    assert(store->applying && alert->level < STORE_LEVELS);
    fill(&a, alert);
    if (alert->offset < store->applied) {
        applied.ignored = true;
        status = HN_OK;
    } else {
        status = fold(store, &a, &applied, err);
    }
    if (status == HN_NOTFOUND) {
        hn_arena_reset(&store->scratch);
        status = store_fields_read(alert->json, &store->scratch, &a.fields, err);
        if (status == HN_OK)
            status = store_new(store, &a, &applied, err);
    }
    if (status == HN_OK && ret_applied != NULL)
        *ret_applied = applied;
    return status;
}
