/* store_preview.c - what a mute would have hidden, and whether some of it was an attack. */
#include "store/store_internal.h"

/* Alerts that are looked at; with conditions on the event each one's JSON is read. */
#define LOOK_MAX 200000

struct looking {
    struct store *store;
    const struct store_mute *mute;
    struct hn_arena *arena; /* of the names */
    struct store_preview *preview;
    struct hn_map rules;
    struct hn_map hosts;
    bool deep; /* the event has to be looked at */
};

static enum hn_status name_add(struct hn_map *map, struct hn_arena *arena, struct hn_text name,
        struct hn_text *names, uint32_t *count)
{
    struct hn_text copy;
    uint32_t index;

    if (name.len == 0 || hn_map_find(map, name) != HN_MAP_NONE)
        return HN_OK;
    copy = hn_arena_text(arena, name);
    if (copy.ptr == NULL || !hn_map_put(map, copy, *count, &index))
        return HN_NOMEM;
    if (*count < STORE_NAMES_MAX)
        names[*count] = copy;
    (*count)++;
    return HN_OK;
}

/* Addresses are only needed where a condition names them. */
static enum hn_status addresses_read(
        struct looking *l, int64_t seq, struct store_subject *subject, struct hn_err *err)
{
    struct hn_text *addresses;
    struct db_stmt *stmt = NULL;
    enum hn_status status;
    bool wanted = false;

    for (uint32_t i = 0; i < l->mute->condition_count; i++)
        wanted = wanted || hn_text_eq(l->mute->conditions[i].field, HN_TEXT("address"));
    if (!wanted)
        return HN_OK;
    addresses = hn_new(&l->store->scratch, struct hn_text, STORE_ADDRESSES_MAX);
    if (addresses == NULL)
        return hn_fail(err, HN_NOMEM, 0, "no memory for addresses");
    status = db_prepare(
            l->store->db, "SELECT address FROM alert_address WHERE seq=?1 LIMIT ?2", &stmt, err);
    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, seq);
    db_bind_int(stmt, 2, STORE_ADDRESSES_MAX);
    while ((status = db_next(stmt, err)) == HN_OK)
        addresses[subject->address_count++] = hn_arena_text(&l->store->scratch, db_text(stmt, 0));
    subject->addresses = addresses;
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

/* Whether the conditions on the event fit as well. */
static enum hn_status fits_deep(struct looking *l, int64_t seq, struct store_subject *subject,
        bool *ret_fits, struct hn_err *err)
{
    struct store_fields fields = { NULL, 0 };
    struct db_stmt *stmt = NULL;
    enum hn_status status =
            db_prepare(l->store->db, "SELECT json FROM alert_body WHERE seq=?1", &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, seq);
    status = db_next(stmt, err);
    if (status == HN_OK)
        status = store_fields_read(db_text(stmt, 0), &l->store->scratch, &fields, err);
    if (status == HN_OK) {
        subject->fields = &fields;
        *ret_fits = store_mute_fits(l->mute, subject);
        subject->fields = NULL;
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

static enum hn_status look_at(
        struct looking *l, const struct store_alert_row *row, bool *ret_fits, struct hn_err *err)
{
    struct store_subject subject = { .rule_id = row->rule_id,
        .host = row->host,
        .user = row->user,
        .source = row->source,
        .tenant = row->tenant,
        .family = row->family };
    enum hn_status status;

    hn_arena_reset(&l->store->scratch);
    status = addresses_read(l, row->seq, &subject, err);
    if (status != HN_OK)
        return status;
    *ret_fits = store_mute_fits(l->mute, &subject);
    if (*ret_fits && l->deep)
        status = fits_deep(l, row->seq, &subject, ret_fits, err);
    if (status == HN_OK && hn_arena_status(&l->store->scratch) != HN_OK)
        status = hn_fail(err, HN_NOMEM, 0, "no memory for a preview");
    return status;
}

static enum hn_status note(
        struct looking *l, const struct store_alert_row *row, bool attack, struct hn_err *err)
{
    struct store_preview *preview = l->preview;

    if (attack) {
        if (preview->attack_count < STORE_NAMES_MAX)
            preview->attacks[preview->attack_count] = row->seq;
        preview->attack_count++;
        return HN_OK;
    }
    preview->alerts++;
    if (name_add(&l->rules, l->arena, row->rule_id, preview->rules, &preview->rule_count) !=
                    HN_OK ||
            name_add(&l->hosts, l->arena, row->host, preview->hosts, &preview->host_count) != HN_OK)
        return hn_fail(err, HN_NOMEM, 0, "no memory for a preview");
    return HN_OK;
}

/* Goes through the rows of a statement; attack: they are those judged true positives. */
static enum hn_status look_through(
        struct looking *l, struct db_stmt *stmt, bool attack, struct hn_err *err)
{
    enum hn_status status;

    while ((status = db_next(stmt, err)) == HN_OK) {
        struct store_alert_row row;
        bool fits = false;

        store_alert_row(stmt, false, &row);
        if (!attack && l->preview->looked == LOOK_MAX) {
            l->preview->complete = false;
            status = HN_NOTFOUND;
            break;
        }
        l->preview->looked += !attack;
        status = look_at(l, &row, &fits, err);
        if (status == HN_OK && fits)
            status = note(l, &row, attack, err);
        if (status != HN_OK)
            break;
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

static enum hn_status look_since(struct looking *l, hn_time since, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    uint32_t rules = l->mute->rule_count;
    enum hn_status status = HN_OK;

    for (uint32_t i = 0; (i < rules || (i == 0 && rules == 0)) && status == HN_OK; i++) {
        status = db_prepare(l->store->db,
                rules > 0 ? "SELECT " STORE_ALERT_COLUMNS
                            " FROM alert a WHERE at>=?1 AND rule_id=?2 ORDER BY at DESC"
                          : "SELECT " STORE_ALERT_COLUMNS
                            " FROM alert a WHERE at>=?1 ORDER BY at DESC",
                &stmt, err);
        if (status != HN_OK)
            break;
        db_bind_int(stmt, 1, since);
        if (rules > 0)
            db_bind_text(stmt, 2, l->mute->rules[i]);
        status = look_through(l, stmt, false, err);
    }
    return status;
}

enum hn_status store_exception_preview(struct store *store, const struct store_mute *mute,
        hn_time since, struct hn_arena *arena, struct store_preview *ret_preview,
        struct hn_err *err)
{
    struct store_preview preview = { .complete = true };
    struct looking l = { .store = store,
        .mute = mute,
        .arena = arena,
        .preview = &preview,
        .deep = store_mute_needs_fields(mute) };
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            "SELECT " STORE_ALERT_COLUMNS " FROM alert a WHERE verdict IN (1,2)", &stmt, err);

    if (status == HN_OK)
        status = look_through(&l, stmt, true, err);
    if (status == HN_OK)
        status = look_since(&l, since, err);
    hn_map_deinit(&l.rules);
    hn_map_deinit(&l.hosts);
    if (status == HN_OK)
        *ret_preview = preview;
    return status;
}
