/* store_mute.c - whether an inhibition, silence or exception fits an alert; which ones are there.
 */
#include "base/utf.h"
#include "store/store_internal.h"

/* ---- Patterns ---- */

/* One character at pos without case; ill-formed bytes stand for themselves. */
static uint32_t folded_at(struct hn_text text, size_t pos, size_t *ret_len)
{
    uint32_t code_point;
    size_t len = hn_utf8_decode(text, pos, &code_point);

    if (len == 0) {
        *ret_len = 1;
        return 0x110000u + (uint8_t)text.ptr[pos];
    }
    *ret_len = len;
    return hn_fold_code_point(code_point);
}

struct glob {
    struct hn_text pattern;
    struct hn_text value;
    size_t p;
    size_t v;
    size_t star; /* behind the last '*', SIZE_MAX: none yet */
    size_t star_v;
};

/* One step that fits, or false. */
static bool glob_step(struct glob *g)
{
    size_t p = g->p;
    size_t p_len;
    size_t v_len;

    if (p >= g->pattern.len)
        return false;
    if (g->pattern.ptr[p] == '?') {
        (void)folded_at(g->value, g->v, &v_len);
        g->p++;
        g->v += v_len;
        return true;
    }
    if (g->pattern.ptr[p] == '\\' && p + 1 < g->pattern.len)
        p++;
    if (folded_at(g->pattern, p, &p_len) != folded_at(g->value, g->v, &v_len))
        return false;
    g->p = p + p_len;
    g->v += v_len;
    return true;
}

/* No backtracking beyond the last '*': quadratic at worst. */
bool store_pattern_fits(struct hn_text pattern, struct hn_text value)
{
    struct glob g = { .pattern = pattern, .value = value, .star = SIZE_MAX };

    while (g.v < value.len) {
        if (g.p < pattern.len && pattern.ptr[g.p] == '*') {
            g.star = ++g.p;
            g.star_v = g.v;
        } else if (!glob_step(&g)) {
            size_t len;

            if (g.star == SIZE_MAX)
                return false;
            (void)folded_at(value, g.star_v, &len);
            g.star_v += len;
            g.v = g.star_v;
            g.p = g.star;
        }
    }
    while (g.p < pattern.len && pattern.ptr[g.p] == '*')
        g.p++;
    return g.p == pattern.len;
}

/* ---- Fitting ---- */

/* The column of an alert that a condition means, or NULL: a field of the event. */
static const struct hn_text *column_of(const struct store_subject *subject, struct hn_text field)
{
    const struct {
        struct hn_text name;
        const struct hn_text *value;
    } columns[] = { { HN_TEXT("host"), &subject->host }, { HN_TEXT("user"), &subject->user },
        { HN_TEXT("source"), &subject->source }, { HN_TEXT("tenant"), &subject->tenant },
        { HN_TEXT("family"), &subject->family } };

    for (size_t i = 0; i < HN_COUNT_OF(columns); i++) {
        if (hn_text_eq(columns[i].name, field))
            return columns[i].value;
    }
    return NULL;
}

static bool condition_fits(
        const struct store_condition *condition, const struct store_subject *subject)
{
    const struct hn_text *column = column_of(subject, condition->field);

    if (column != NULL)
        return store_pattern_fits(condition->value, *column);
    if (hn_text_eq(condition->field, HN_TEXT("address"))) {
        for (size_t i = 0; i < subject->address_count; i++) {
            if (store_pattern_fits(condition->value, subject->addresses[i]))
                return true;
        }
        return false;
    }
    for (size_t i = 0; subject->fields != NULL && i < subject->fields->count; i++) {
        const struct store_field *field = &subject->fields->ptr[i];

        if (hn_text_eq_nocase(field->name, condition->field) &&
                store_pattern_fits(condition->value, field->value))
            return true;
    }
    return false;
}

static bool is_of_event(const struct store_condition *condition)
{
    static const struct store_subject none;

    return column_of(&none, condition->field) == NULL &&
           !hn_text_eq(condition->field, HN_TEXT("address"));
}

bool store_mute_needs_fields(const struct store_mute *mute)
{
    for (uint32_t i = 0; i < mute->condition_count; i++) {
        if (is_of_event(&mute->conditions[i]))
            return true;
    }
    return false;
}

bool store_mute_fits(const struct store_mute *mute, const struct store_subject *subject)
{
    bool fits = mute->rule_count == 0;

    for (uint32_t i = 0; i < mute->rule_count && !fits; i++)
        fits = hn_text_eq(mute->rules[i], subject->rule_id);
    for (uint32_t i = 0; i < mute->condition_count && fits; i++) {
        if (subject->fields != NULL || !is_of_event(&mute->conditions[i]))
            fits = condition_fits(&mute->conditions[i], subject);
    }
    return fits;
}

/* ---- Reading ---- */

static enum hn_status list_count(
        struct store *store, const char *sql, int64_t id, size_t *ret_count, struct hn_err *err)
{
    int64_t count = 0;
    enum hn_status status = store_int(store, sql, STORE_INTS(id), &count, err);

    *ret_count = (size_t)count;
    return status;
}

static enum hn_status rules_read(
        struct store *store, struct hn_arena *arena, struct store_mute *mute, struct hn_err *err)
{
    struct hn_text *rules;
    struct db_stmt *stmt = NULL;
    size_t count;
    enum hn_status status = list_count(
            store, "SELECT count(*) FROM mute_rule WHERE mute=?1", mute->id, &count, err);

    if (status != HN_OK || count == 0)
        return status;
    rules = hn_new(arena, struct hn_text, count);
    if (rules == NULL)
        return hn_fail(err, hn_arena_status(arena), 0, "no memory for a mute");
    status = db_prepare(
            store->db, "SELECT rule_id FROM mute_rule WHERE mute=?1 ORDER BY rule_id", &stmt, err);
    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, mute->id);
    while (mute->rule_count < count && (status = db_next(stmt, err)) == HN_OK)
        rules[mute->rule_count++] = hn_arena_text(arena, db_text(stmt, 0));
    db_stmt_done(stmt);
    mute->rules = rules;
    return status == HN_NOTFOUND ? HN_OK : status;
}

static enum hn_status conditions_read(
        struct store *store, struct hn_arena *arena, struct store_mute *mute, struct hn_err *err)
{
    struct store_condition *conditions;
    struct db_stmt *stmt = NULL;
    size_t count;
    enum hn_status status = list_count(
            store, "SELECT count(*) FROM mute_condition WHERE mute=?1", mute->id, &count, err);

    if (status != HN_OK || count == 0)
        return status;
    conditions = hn_new(arena, struct store_condition, count);
    if (conditions == NULL)
        return hn_fail(err, hn_arena_status(arena), 0, "no memory for a mute");
    status = db_prepare(store->db,
            "SELECT field, value FROM mute_condition WHERE mute=?1 ORDER BY number", &stmt, err);
    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, mute->id);
    while (mute->condition_count < count && (status = db_next(stmt, err)) == HN_OK) {
        conditions[mute->condition_count].field = hn_arena_text(arena, db_text(stmt, 0));
        conditions[mute->condition_count].value = hn_arena_text(arena, db_text(stmt, 1));
        mute->condition_count++;
    }
    db_stmt_done(stmt);
    mute->conditions = conditions;
    return status == HN_NOTFOUND ? HN_OK : status;
}

enum hn_status store_mute_read(struct store *store, struct db_stmt *stmt, struct hn_arena *arena,
        struct store_mute *ret_mute, struct hn_err *err)
{
    struct store_mute mute = { .id = db_int(stmt, 0),
        .kind = (enum store_mute_kind)db_int(stmt, 1),
        .level = (uint32_t)db_int(stmt, 2),
        .incident = db_int(stmt, 3),
        .reason = hn_arena_text(arena, db_text(stmt, 4)),
        .owner = hn_arena_text(arena, db_text(stmt, 5)),
        .created = db_int(stmt, 6),
        .expires = store_time(stmt, 7),
        .ended = store_time(stmt, 8),
        .hits = (uint64_t)db_int(stmt, 9),
        .last_hit = store_time(stmt, 10),
        .version = db_int(stmt, 11) };
    enum hn_status status = rules_read(store, arena, &mute, err);

    if (status == HN_OK)
        status = conditions_read(store, arena, &mute, err);
    if (status == HN_OK && hn_arena_status(arena) != HN_OK)
        status = hn_fail(err, hn_arena_status(arena), 0, "no memory for a mute");
    if (status == HN_OK)
        *ret_mute = mute;
    return status;
}

/* ---- What is not over ---- */

static enum hn_status load(struct store *store, hn_time now, struct hn_err *err)
{
    HN_VEC(struct store_mute) mutes = { 0 };
    struct db_stmt *stmt = NULL;
    enum hn_status status;

    hn_arena_reset(&store->mute_arena);
    store->mute_count = 0;
    status = db_prepare(store->db,
            "SELECT " STORE_MUTE_COLUMNS " FROM mute WHERE ended IS NULL AND "
            "(expires IS NULL OR expires>?1) ORDER BY kind, id",
            &stmt, err);
    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, now - HN_DAY); /* clocks of doors may differ by a little */
    while ((status = db_next(stmt, err)) == HN_OK) {
        struct store_mute *mute = hn_vec_add(&mutes);

        if (mute == NULL)
            status = hn_fail(err, HN_NOMEM, 0, "no memory for mutes");
        else
            status = store_mute_read(store, stmt, &store->mute_arena, mute, err);
        if (status != HN_OK)
            break;
    }
    db_stmt_done(stmt);
    if (status == HN_NOTFOUND && mutes.count > 0) {
        store->mutes = hn_new(&store->mute_arena, struct store_mute, mutes.count);
        if (store->mutes == NULL) {
            status = hn_fail(err, hn_arena_status(&store->mute_arena), 0, "no memory for mutes");
        } else {
            memcpy(store->mutes, mutes.ptr, mutes.count * sizeof *mutes.ptr);
            store->mute_count = mutes.count;
        }
    }
    hn_vec_deinit(&mutes);
    return status == HN_NOTFOUND ? HN_OK : status;
}

/* data_version changes when another connection has committed; our own changes say so themselves. */
enum hn_status store_mutes_load(struct store *store, hn_time now, struct hn_err *err)
{
    int64_t version;
    enum hn_status status =
            store_int(store, "PRAGMA data_version", (struct store_ints){ 0 }, &version, err);

    if (status != HN_OK || (store->mutes_known && version == store->data_version))
        return status;
    store->mutes_known = false;
    status = load(store, now, err);
    store->mutes_known = status == HN_OK;
    store->data_version = version;
    return status;
}

/* Whether the incident that an inhibition waits for is there, on the subject's host. */
static enum hn_status is_inhibited(struct store *store, const struct store_mute *mute,
        const struct store_subject *subject, bool *ret_yes, struct hn_err *err)
{
    struct hn_text host = subject->host;
    struct db_stmt *stmt = NULL;
    enum hn_status status;
    char *lower;

    *ret_yes = false;
    if (host.len == 0)
        return HN_OK;
    lower = hn_arena_raw(&store->scratch, host.len, 1);
    if (lower == NULL)
        return hn_fail(err, hn_arena_status(&store->scratch), 0, "no memory for a host");
    hn_lower_ascii(host, lower);
    status = db_prepare(store->db,
            "SELECT 1 FROM incident_part p CROSS JOIN incident i ON i.id=p.incident WHERE p.kind=0 "
            "AND p.value=?1 AND i.status<3 AND i.level>=?2 AND i.tenant=?3 AND "
            "(?4 IS NULL OR i.id=?4) LIMIT 1",
            &stmt, err);
    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, hn_text_of(lower, host.len));
    db_bind_int(stmt, 2, mute->level);
    db_bind_text(stmt, 3, subject->tenant);
    store_bind_ref(stmt, 4, mute->incident);
    status = db_next(stmt, err);
    *ret_yes = status == HN_OK;
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

enum hn_status store_mute_find(struct store *store, const struct store_subject *subject,
        hn_time now, const struct store_mute **ret_mute, struct hn_err *err)
{
    *ret_mute = NULL;
    for (size_t i = 0; i < store->mute_count; i++) {
        const struct store_mute *mute = &store->mutes[i];
        bool active = mute->expires == HN_TIME_NONE || now < mute->expires;
        enum hn_status status = HN_OK;

        if (!active || !store_mute_fits(mute, subject))
            continue;
        if (mute->kind == STORE_INHIBITION)
            status = is_inhibited(store, mute, subject, &active, err);
        if (status != HN_OK)
            return status;
        if (!active)
            continue;
        *ret_mute = mute;
        return store_run(store,
                "UPDATE mute SET hits=hits+1, last_hit=max(coalesce(last_hit,?2),?2) WHERE id=?1",
                STORE_INTS(mute->id, now), err);
    }
    return HN_OK;
}
