/* store_seen.c - how often a rule, a value and the two together were there: the first time is worth
 * a look. Keys are digests, so that the table is small whatever the values are. */
#include "store/store_internal.h"

enum seen_kind { SEEN_RULE, SEEN_VALUE, SEEN_PAIR };

static struct hn_digest key_of(
        enum seen_kind kind, struct hn_text rule_id, struct hn_text field, struct hn_text value)
{
    struct hn_digest rule = hn_digest_of(rule_id.ptr, rule_id.len);
    struct hn_digest of_value =
            hn_digest_join(hn_digest_of(field.ptr, field.len), hn_digest_of(value.ptr, value.len));
    struct hn_digest key = kind == SEEN_RULE    ? rule
                           : kind == SEEN_VALUE ? of_value
                                                : hn_digest_join(rule, of_value);
    uint8_t tag = (uint8_t)kind;

    return hn_digest_join(hn_digest_of(&tag, 1), key);
}

static enum hn_status add(struct store *store, struct hn_digest key, hn_time at, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            "INSERT INTO seen VALUES(?1,1,?2,?2) ON CONFLICT(key) DO UPDATE SET count=count+1,"
            "first=min(first,?2),last=max(last,?2)",
            &stmt, err);

    if (status != HN_OK)
        return status;
    store_bind_digest(stmt, 1, key);
    db_bind_int(stmt, 2, at);
    return db_run(stmt, err);
}

/* The same value twice in one alert counts once. */
static bool is_repeat(const struct store_fields *fields, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (fields->ptr[i].evidence && hn_text_eq(fields->ptr[i].name, fields->ptr[index].name) &&
                hn_text_eq(fields->ptr[i].value, fields->ptr[index].value))
            return true;
    }
    return false;
}

enum hn_status store_seen_add(struct store *store, struct hn_text rule_id,
        const struct store_fields *fields, hn_time at, struct hn_err *err)
{
    struct hn_text none = HN_TEXT("");
    enum hn_status status = add(store, key_of(SEEN_RULE, rule_id, none, none), at, err);
    uint32_t values = 0;

    for (size_t i = 0; i < fields->count && values < STORE_VALUES_MAX && status == HN_OK; i++) {
        const struct store_field *field = &fields->ptr[i];

        if (!field->evidence || is_repeat(fields, i))
            continue;
        values++;
        status = add(store, key_of(SEEN_VALUE, rule_id, field->name, field->value), at, err);
        if (status == HN_OK)
            status = add(store, key_of(SEEN_PAIR, rule_id, field->name, field->value), at, err);
    }
    return status;
}

static enum hn_status get(
        struct store *store, struct hn_digest key, struct store_seen *ret_seen, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status =
            db_prepare(store->db, "SELECT count,first,last FROM seen WHERE key=?1", &stmt, err);

    if (status != HN_OK)
        return status;
    *ret_seen = (struct store_seen){ 0, HN_TIME_NONE, HN_TIME_NONE };
    store_bind_digest(stmt, 1, key);
    status = db_next(stmt, err);
    if (status == HN_OK)
        *ret_seen =
                (struct store_seen){ (uint64_t)db_int(stmt, 0), db_int(stmt, 1), db_int(stmt, 2) };
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

enum hn_status store_seen_get(struct store *store, struct hn_text rule_id, struct hn_text field,
        struct hn_text value, struct store_seen_before *ret_seen, struct hn_err *err)
{
    struct store_seen_before seen;
    enum hn_status status = get(store, key_of(SEEN_RULE, rule_id, field, value), &seen.rule, err);

    if (status == HN_OK)
        status = get(store, key_of(SEEN_VALUE, rule_id, field, value), &seen.value, err);
    if (status == HN_OK)
        status = get(store, key_of(SEEN_PAIR, rule_id, field, value), &seen.pair, err);
    if (status == HN_OK)
        *ret_seen = seen;
    return status;
}

enum hn_status store_seen_trim(
        struct store *store, uint32_t rows, bool *ret_more, struct hn_err *err)
{
    int64_t count = 0;
    int64_t surplus;
    enum hn_status status =
            store_int(store, "SELECT count(*) FROM seen", (struct store_ints){ 0 }, &count, err);

    surplus = count - (int64_t)store->options.seen_max;
    if (status != HN_OK || surplus <= 0)
        return status;
    *ret_more = *ret_more || surplus > rows;
    return store_run(store,
            "DELETE FROM seen WHERE key IN (SELECT key FROM seen ORDER BY last LIMIT ?1)",
            STORE_INTS(surplus < rows ? surplus : rows), err);
}
