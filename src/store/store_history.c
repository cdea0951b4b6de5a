/* store_history.c - who changed what, when, from what to what. Each row holds the SHA-256 of the
 * chain before it and of itself, so that a row changed behind the program's back shows. */
#include "base/sha256.h"
#include "store/store_internal.h"

static void add_number(struct hn_buf *buf, uint64_t number)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        hn_buf_add_char(buf, (char)(uint8_t)(number >> shift));
}

/* Lengths before texts: what belongs to which column is part of what is hashed. */
static enum hn_status chain_next(struct hn_buf *buf, struct hn_bytes chain, uint64_t number,
        const struct store_entry *entry, uint8_t *ret_chain)
{
    const struct hn_text texts[] = { entry->who, entry->what, entry->from, entry->to };

    hn_buf_reset(buf);
    add_number(buf, chain.len);
    hn_buf_add(buf, chain.ptr, chain.len);
    add_number(buf, entry->object);
    add_number(buf, (uint64_t)entry->id);
    add_number(buf, number);
    add_number(buf, (uint64_t)entry->at);
    for (size_t i = 0; i < HN_COUNT_OF(texts); i++) {
        add_number(buf, texts[i].len);
        hn_buf_add_text(buf, texts[i]);
    }
    if (!hn_buf_ok(buf) || !hn_sha256(hn_text_as_bytes(hn_buf_text(buf)), ret_chain))
        return HN_NOMEM;
    return HN_OK;
}

static enum hn_status head_read(struct store *store, const struct store_entry *entry,
        uint64_t *ret_number, uint8_t *ret_chain, size_t *ret_len, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            "SELECT number, chain FROM history WHERE object=?1 AND id=?2 "
            "ORDER BY number DESC LIMIT 1",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, entry->object);
    db_bind_int(stmt, 2, entry->id);
    status = db_next(stmt, err);
    *ret_number = 0;
    *ret_len = 0;
    if (status == HN_OK) {
        struct hn_bytes chain = db_bytes(stmt, 1);

        *ret_number = (uint64_t)db_int(stmt, 0);
        *ret_len = chain.len < HN_SHA256_BYTES ? chain.len : HN_SHA256_BYTES;
        if (*ret_len > 0)
            memcpy(ret_chain, chain.ptr, *ret_len);
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

static enum hn_status row_insert(struct store *store, const struct store_entry *entry,
        uint64_t number, const uint8_t *chain, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            "INSERT INTO history(object,id,number,at,who,what,before,after,chain) "
            "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, entry->object);
    db_bind_int(stmt, 2, entry->id);
    db_bind_int(stmt, 3, (int64_t)number);
    db_bind_int(stmt, 4, entry->at);
    db_bind_text(stmt, 5, entry->who);
    db_bind_text(stmt, 6, entry->what);
    db_bind_text(stmt, 7, entry->from);
    db_bind_text(stmt, 8, entry->to);
    db_bind_bytes(stmt, 9, hn_bytes_of(chain, HN_SHA256_BYTES));
    status = db_run(stmt, err);
    if (status != HN_OK)
        return status;
    return store_run(store,
            "INSERT INTO history_head VALUES(?1,?2,?3) "
            "ON CONFLICT(object,id) DO UPDATE SET number=excluded.number",
            STORE_INTS(entry->object, entry->id, (int64_t)number), err);
}

enum hn_status store_history_add(
        struct store *store, const struct store_entry *entry, struct hn_err *err)
{
    uint8_t chain[HN_SHA256_BYTES];
    uint64_t number;
    size_t len;
    enum hn_status status = head_read(store, entry, &number, chain, &len, err);

    if (status != HN_OK)
        return status;
    if (chain_next(&store->text, hn_bytes_of(chain, len), number + 1, entry, chain) != HN_OK)
        return hn_fail(err, HN_NOMEM, 0, "no memory for the history");
    return row_insert(store, entry, number + 1, chain, err);
}

enum hn_status store_comment(struct store *store, enum store_object object, int64_t id,
        struct hn_text text, const struct store_change *change, struct hn_err *err)
{
    static const char *const exists[] = {
        [STORE_ALERT] = "SELECT 1 FROM alert WHERE seq=?1",
        [STORE_INCIDENT] = "SELECT 1 FROM incident WHERE id=?1",
        [STORE_MUTE] = "SELECT 1 FROM mute WHERE id=?1",
    };
    struct store_entry entry = { .object = object,
        .id = id,
        .at = change->now,
        .who = change->who,
        .what = HN_TEXT("comment"),
        .from = HN_TEXT(""),
        .to = text };
    enum hn_status status;
    int64_t one;

    if (text.len == 0 || text.len > STORE_TEXT_MAX)
        return hn_fail(err, HN_SYNTAX, 0, "a comment has 1 to %zu bytes", STORE_TEXT_MAX);
    status = store_begin(store, err);
    if (status != HN_OK)
        return status;
    status = store_int(store, exists[object], STORE_INTS(id), &one, err);
    if (status == HN_NOTFOUND)
        status = hn_fail(err, HN_NOTFOUND, 0, "there is nothing to comment on");
    if (status == HN_OK)
        status = store_history_add(store, &entry, err);
    return store_end(store, status, err);
}

static void entry_read(struct db_stmt *stmt, struct store_entry *ret_entry)
{
    *ret_entry = (struct store_entry){ .object = (enum store_object)db_int(stmt, 0),
        .id = db_int(stmt, 1),
        .at = db_int(stmt, 3),
        .who = db_text(stmt, 4),
        .what = db_text(stmt, 5),
        .from = db_text(stmt, 6),
        .to = db_text(stmt, 7) };
}

#define HISTORY_COLUMNS "object,id,number,at,who,what,before,after,chain"

enum hn_status store_history(struct store *store, enum store_object object, int64_t id,
        store_on_event *on_event, void *ctx, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(store->db,
            "SELECT " HISTORY_COLUMNS " FROM history WHERE object=?1 AND id=?2 ORDER BY number",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, object);
    db_bind_int(stmt, 2, id);
    while ((status = db_next(stmt, err)) == HN_OK) {
        struct store_entry entry;
        struct store_event event;

        entry_read(stmt, &entry);
        event = (struct store_event){ (uint64_t)db_int(stmt, 2), entry.at, entry.who, entry.what,
            entry.from, entry.to };
        on_event(ctx, &event);
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

/* ---- Checking ---- */

struct checking {
    struct store *store;
    store_on_complaint *on_complaint;
    void *ctx;
    uint64_t *complaints;
    struct hn_buf text;
    uint8_t chain[HN_SHA256_BYTES];
    size_t chain_len;
    struct store_entry last;
    uint64_t number;
};

static void complain(struct checking *c, const struct store_entry *entry, const char *what)
{
    static const char *const objects[] = {
#define OBJECT_TEXT(name, text) [name] = (text),
        STORE_OBJECT_LIST(OBJECT_TEXT)
#undef OBJECT_TEXT
    };
    const char *object = (unsigned)entry->object < HN_COUNT_OF(objects) ? objects[entry->object]
                                                                        : "unknown object";

    hn_buf_reset(&c->text);
    hn_buf_addf(&c->text, "history of %s %lld: %s", object, (long long)entry->id, what);
    c->on_complaint(c->ctx, hn_buf_text(&c->text));
    (*c->complaints)++;
}

static enum hn_status check_row(struct checking *c, struct db_stmt *stmt)
{
    uint8_t expected[HN_SHA256_BYTES];
    struct store_entry entry;
    struct hn_bytes chain = db_bytes(stmt, 8);
    uint64_t number = (uint64_t)db_int(stmt, 2);

    entry_read(stmt, &entry);
    if (entry.object != c->last.object || entry.id != c->last.id) {
        c->chain_len = 0;
        c->number = 0;
        c->last = (struct store_entry){ .object = entry.object, .id = entry.id };
    }
    if (number != c->number + 1)
        complain(c, &entry, "rows are missing");
    if (chain_next(&c->store->text, hn_bytes_of(c->chain, c->chain_len), number, &entry,
                expected) != HN_OK)
        return HN_NOMEM;
    if (chain.len != sizeof expected || memcmp(chain.ptr, expected, sizeof expected) != 0)
        complain(c, &entry, "a row was changed");
    c->number = number;
    c->chain_len = chain.len < sizeof c->chain ? chain.len : sizeof c->chain;
    if (c->chain_len > 0)
        memcpy(c->chain, chain.ptr, c->chain_len);
    return HN_OK;
}

static enum hn_status check_rows(struct checking *c, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(c->store->db,
            "SELECT " HISTORY_COLUMNS " FROM history ORDER BY object,id,number", &stmt, err);

    if (status != HN_OK)
        return status;
    while ((status = db_next(stmt, err)) == HN_OK) {
        status = check_row(c, stmt);
        if (status != HN_OK)
            break;
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

enum hn_status store_history_check(struct store *store, store_on_complaint *on_complaint, void *ctx,
        uint64_t *complaints, struct hn_err *err)
{
    struct checking c = { store, on_complaint, ctx, complaints, .last = { .id = -1 } };
    struct db_stmt *stmt = NULL;
    enum hn_status status = check_rows(&c, err);

    if (status == HN_OK) {
        status = db_prepare(store->db,
                "SELECT h.object, h.id FROM history_head h WHERE h.number IS NOT "
                "(SELECT max(number) FROM history y WHERE y.object=h.object AND y.id=h.id)",
                &stmt, err);
    }
    if (status == HN_OK) {
        while ((status = db_next(stmt, err)) == HN_OK) {
            struct store_entry entry = { .object = (enum store_object)db_int(stmt, 0),
                .id = db_int(stmt, 1) };

            complain(&c, &entry, "its end was cut off");
        }
        db_stmt_done(stmt);
    }
    hn_buf_deinit(&c.text);
    return status == HN_NOTFOUND ? HN_OK : status;
}
