/* store_mute_edit.c - making, listing and taking back inhibitions, silences, exceptions. */
#include "store/store_internal.h"

static const char *const kind_texts[] = {
#define KIND_TEXT(name, text) [name] = (text),
    STORE_MUTE_LIST(KIND_TEXT)
#undef KIND_TEXT
};

const char *store_mute_text(enum store_mute_kind kind)
{
    return kind_texts[kind];
}

/* ---- Whether it may be ---- */

static enum hn_status check_end(
        const struct store *store, const struct store_mute *mute, hn_time now, struct hn_err *err)
{
    hn_time longest = mute->kind == STORE_EXCEPTION ? store->options.exception_max
                                                    : store->options.silence_max;

    if (mute->expires == HN_TIME_NONE) {
        if (mute->kind == STORE_INHIBITION)
            return HN_OK;
        return hn_fail(err, HN_SYNTAX, 0, "it needs an end");
    }
    if (mute->expires <= now)
        return hn_fail(err, HN_SYNTAX, 0, "its end has passed");
    if (mute->kind != STORE_INHIBITION && mute->expires - now > longest)
        return hn_fail(err, HN_LIMIT, 0, "it may last for %lld days at most",
                (long long)(longest / HN_DAY));
    return HN_OK;
}

/* '*' alone, however often, is no condition. */
static bool says_something(struct hn_text pattern)
{
    for (size_t i = 0; i < pattern.len; i++) {
        if (pattern.ptr[i] != '*' && pattern.ptr[i] != '?')
            return true;
    }
    return false;
}

static enum hn_status check_scope(const struct store_mute *mute, struct hn_err *err)
{
    bool narrow = mute->rule_count > 0;

    if (mute->condition_count > STORE_CONDITIONS_MAX)
        return hn_fail(err, HN_LIMIT, 0, "it may have %d conditions at most", STORE_CONDITIONS_MAX);
    for (uint32_t i = 0; i < mute->condition_count; i++) {
        const struct store_condition *condition = &mute->conditions[i];

        if (condition->field.len == 0 || condition->field.len > STORE_TEXT_MAX ||
                condition->value.len > STORE_TEXT_MAX)
            return hn_fail(err, HN_SYNTAX, 0, "condition %u needs a field", (unsigned)i + 1);
        narrow = narrow || says_something(condition->value);
    }
    for (uint32_t i = 0; i < mute->rule_count; i++) {
        if (mute->rules[i].len == 0)
            return hn_fail(err, HN_SYNTAX, 0, "a rule's id is empty");
    }
    if (!narrow)
        return hn_fail(err, HN_SYNTAX, 0, "it would fit everything: name rules or a value");
    return HN_OK;
}

static enum hn_status check_attacks(
        struct store *store, const struct store_mute *mute, hn_time now, struct hn_err *err)
{
    struct hn_buf names = { 0 };
    struct store_preview preview;
    struct hn_arena arena;
    enum hn_status status;

    hn_arena_init(&arena, STORE_SCRATCH_BYTES_MAX);
    status = store_exception_preview(store, mute, now, &arena, &preview, err);
    if (status == HN_OK && preview.attack_count > 0) {
        for (uint32_t i = 0; i < preview.attack_count && i < 5; i++)
            hn_buf_addf(&names, "%s%lld", i == 0 ? "" : ", ", (long long)preview.attacks[i]);
        status = hn_fail(err, HN_SYNTAX, 0, "it would hide %u alerts judged true positives: %.*s%s",
                (unsigned)preview.attack_count, HN_TEXT_ARG(hn_buf_text(&names)),
                preview.attack_count > 5 ? ", ..." : "");
        hn_buf_deinit(&names);
    }
    hn_arena_deinit(&arena);
    return status;
}

static enum hn_status check(
        struct store *store, const struct store_mute *mute, hn_time now, struct hn_err *err)
{
    enum hn_status status = check_scope(mute, err);

    if (status == HN_OK)
        status = check_end(store, mute, now, err);
    if (status != HN_OK)
        return status;
    if (mute->reason.len > STORE_TEXT_MAX || mute->owner.len > STORE_TEXT_MAX)
        return hn_fail(err, HN_LIMIT, 0, "the reason is too long");
    if (mute->kind != STORE_EXCEPTION)
        return HN_OK;
    if (mute->reason.len == 0 || mute->owner.len == 0)
        return hn_fail(err, HN_SYNTAX, 0, "an exception needs a reason and an owner");
    return check_attacks(store, mute, now, err);
}

/* ---- Making ---- */

static enum hn_status insert_lists(
        struct store *store, const struct store_mute *mute, int64_t id, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = HN_OK;

    for (uint32_t i = 0; i < mute->rule_count && status == HN_OK; i++) {
        status = db_prepare(store->db,
                "INSERT OR IGNORE INTO mute_rule(mute,rule_id) VALUES(?1,?2)", &stmt, err);
        if (status != HN_OK)
            break;
        db_bind_int(stmt, 1, id);
        db_bind_text(stmt, 2, mute->rules[i]);
        status = db_run(stmt, err);
    }
    for (uint32_t i = 0; i < mute->condition_count && status == HN_OK; i++) {
        status = db_prepare(store->db,
                "INSERT INTO mute_condition(mute,number,field,value) VALUES(?1,?2,?3,?4)", &stmt,
                err);
        if (status != HN_OK)
            break;
        db_bind_int(stmt, 1, id);
        db_bind_int(stmt, 2, i);
        db_bind_text(stmt, 3, mute->conditions[i].field);
        db_bind_text(stmt, 4, mute->conditions[i].value);
        status = db_run(stmt, err);
    }
    return status;
}

static enum hn_status insert(struct store *store, const struct store_mute *mute,
        const struct store_change *change, int64_t *ret_id, struct hn_err *err)
{
    struct store_entry entry = { .object = STORE_MUTE,
        .at = change->now,
        .who = change->who,
        .what = HN_TEXT("made"),
        .from = HN_TEXT(""),
        .to = mute->reason };
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            "INSERT INTO mute(kind,level,incident,reason,owner,created,expires,hits,version) "
            "VALUES(?1,?2,?3,?4,?5,?6,?7,0,1)",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, mute->kind);
    db_bind_int(stmt, 2, mute->level == 0 ? STORE_LEVELS - 1 : mute->level);
    store_bind_ref(stmt, 3, mute->incident);
    db_bind_text(stmt, 4, mute->reason);
    db_bind_text(stmt, 5, mute->owner);
    db_bind_int(stmt, 6, change->now);
    store_bind_time(stmt, 7, mute->expires);
    status = db_run(stmt, err);
    if (status != HN_OK)
        return status;
    entry.id = db_last_id(store->db);
    status = insert_lists(store, mute, entry.id, err);
    if (status == HN_OK)
        status = store_history_add(store, &entry, err);
    *ret_id = entry.id;
    return status;
}

enum hn_status store_mute_add(struct store *store, const struct store_mute *mute,
        const struct store_change *change, int64_t *ret_id, struct hn_err *err)
{
    int64_t id = 0;
    enum hn_status status = store_begin(store, err);

    if (status != HN_OK)
        return status;
    status = check(store, mute, change->now, err);
    if (status == HN_OK)
        status = insert(store, mute, change, &id, err);
    store->mutes_known = false;
    status = store_end(store, status, err);
    if (status == HN_OK)
        *ret_id = id;
    return status;
}

/* ---- Taking back ---- */

struct hidden_seqs {
    int64_t *ptr;
    size_t count;
};

/* What a mute has hidden, as far as it is still hidden by it. */
static enum hn_status hidden_read(struct store *store, int64_t id, enum store_hidden hidden,
        struct hidden_seqs *ret_seqs, struct hn_err *err)
{
    HN_VEC(int64_t) seqs = { 0 };
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            "SELECT seq FROM alert WHERE hidden_by=?1 AND hidden=?2 ORDER BY seq", &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, id);
    db_bind_int(stmt, 2, hidden);
    while ((status = db_next(stmt, err)) == HN_OK) {
        int64_t *seq = hn_vec_add(&seqs);

        if (seq == NULL) {
            status = hn_fail(err, HN_NOMEM, 0, "no memory for alerts");
            break;
        }
        *seq = db_int(stmt, 0);
    }
    db_stmt_done(stmt);
    if (status != HN_NOTFOUND) {
        hn_vec_deinit(&seqs);
        return status;
    }
    *ret_seqs = (struct hidden_seqs){ seqs.ptr, seqs.count };
    return HN_OK;
}

/* Within a transaction: the alert is shown from now on. */
static enum hn_status show(struct store *store, int64_t seq, enum store_hidden hidden,
        const struct store_change *change, struct hn_err *err)
{
    struct store_entry entry = { .object = STORE_ALERT,
        .id = seq,
        .at = change->now,
        .who = change->who,
        .what = HN_TEXT("shown"),
        .from = hn_text_cstr(store_hidden_text(hidden)),
        .to = HN_TEXT("") };
    enum hn_status status = store_run(store,
            "UPDATE alert SET hidden=0, hidden_by=NULL, version=version+1 WHERE seq=?1",
            STORE_INTS(seq), err);
    int64_t incident = 0;

    if (status == HN_OK)
        status = store_counter_add(store, hn_text_cstr(store_hidden_text(hidden)), -1, err);
    if (status == HN_OK)
        status = store_history_add(store, &entry, err);
    if (status == HN_OK)
        status = store_int(store, "SELECT coalesce(incident,0) FROM alert WHERE seq=?1",
                STORE_INTS(seq), &incident, err);
    if (status != HN_OK)
        return status;
    hn_arena_reset(&store->scratch);
    return incident != 0 ? store_tell_alert_seq(store, seq, change->now, err)
                         : store_group_stored(store, seq, change->now, err);
}

static enum hn_status end(struct store *store, int64_t id, bool shows,
        const struct store_change *change, uint64_t *ret_shown, struct hn_err *err)
{
    static const enum store_hidden reasons[] = { [STORE_INHIBITION] = STORE_INHIBITED,
        [STORE_SILENCE] = STORE_SILENCED,
        [STORE_EXCEPTION] = STORE_EXCEPTED };
    struct store_entry entry = { .object = STORE_MUTE,
        .id = id,
        .at = change->now,
        .who = change->who,
        .what = HN_TEXT("ended"),
        .from = HN_TEXT(""),
        .to = shows ? HN_TEXT("what it hid is shown") : HN_TEXT("") };
    struct hidden_seqs seqs = { NULL, 0 };
    int64_t version = 0;
    int64_t kind = 0;
    enum hn_status status =
            store_int(store, "SELECT version FROM mute WHERE id=?1", STORE_INTS(id), &version, err);

    if (status == HN_NOTFOUND)
        return hn_fail(err, HN_NOTFOUND, 0, "there is no mute %lld", (long long)id);
    if (status == HN_OK)
        status = store_version_check(change, version, err);
    if (status == HN_OK)
        status = store_int(store, "SELECT kind FROM mute WHERE id=?1", STORE_INTS(id), &kind, err);
    if (status == HN_OK) {
        status = store_run(store,
                "UPDATE mute SET ended=coalesce(ended,?2), version=version+1 WHERE id=?1",
                STORE_INTS(id, change->now), err);
    }
    if (status == HN_OK)
        status = store_history_add(store, &entry, err);
    if (status == HN_OK && shows)
        status = hidden_read(store, id, reasons[kind], &seqs, err);
    for (size_t i = 0; i < seqs.count && status == HN_OK; i++)
        status = show(store, seqs.ptr[i], reasons[kind], change, err);
    *ret_shown = seqs.count;
    hn_free(seqs.ptr);
    return status;
}

enum hn_status store_mute_end(struct store *store, int64_t id, bool shows,
        const struct store_change *change, uint64_t *ret_shown, struct hn_err *err)
{
    uint64_t shown = 0;
    enum hn_status status = store_begin(store, err);

    if (status != HN_OK)
        return status;
    status = end(store, id, shows, change, &shown, err);
    store->mutes_known = false;
    status = store_end(store, status, err);
    if (status == HN_OK && ret_shown != NULL)
        *ret_shown = shown;
    return status;
}

enum hn_status store_alert_show(
        struct store *store, int64_t seq, const struct store_change *change, struct hn_err *err)
{
    int64_t hidden = 0;
    int64_t version = 0;
    enum hn_status status = store_begin(store, err);

    if (status != HN_OK)
        return status;
    status = store_int(
            store, "SELECT version FROM alert WHERE seq=?1", STORE_INTS(seq), &version, err);
    if (status == HN_NOTFOUND)
        status = hn_fail(err, HN_NOTFOUND, 0, "there is no alert %lld", (long long)seq);
    if (status == HN_OK)
        status = store_version_check(change, version, err);
    if (status == HN_OK)
        status = store_int(
                store, "SELECT hidden FROM alert WHERE seq=?1", STORE_INTS(seq), &hidden, err);
    if (status == HN_OK && hidden != STORE_SHOWN)
        status = show(store, seq, (enum store_hidden)hidden, change, err);
    return store_end(store, status, err);
}

/* ---- Listing ---- */

enum hn_status store_mutes(struct store *store, const struct store_mute_filter *filter,
        store_on_mute *on_mute, void *ctx, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status;

    hn_arena_reset(&store->scratch);
    status = db_prepare(store->db,
            "SELECT " STORE_MUTE_COLUMNS " FROM mute WHERE (?1<0 OR kind=?1) AND "
            "(?2=0 OR (ended IS NULL AND (expires IS NULL OR expires>?3))) AND (?4 IS NULL OR "
            "(created<=?4 AND coalesce(last_hit,created)<=?4)) AND id>=?5 ORDER BY id LIMIT ?6",
            &stmt, err);
    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, filter->kind);
    db_bind_int(stmt, 2, filter->active);
    db_bind_int(stmt, 3, filter->now);
    store_bind_time(stmt, 4, filter->idle);
    db_bind_int(stmt, 5, filter->id);
    db_bind_int(stmt, 6, STORE_PAGE_MAX);
    while ((status = db_next(stmt, err)) == HN_OK) {
        struct store_mute mute;

        status = store_mute_read(store, stmt, &store->scratch, &mute, err);
        if (status != HN_OK)
            break;
        on_mute(ctx, &mute);
        hn_arena_reset(&store->scratch);
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}
