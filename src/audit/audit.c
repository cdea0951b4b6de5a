/* audit.c - the chain of entries in a table.
 *
 * An entry's hash is SHA-256 over the hash before it and all its fields, each with its length in
 * front, so that no two entries have the same bytes. audit_anchor keeps what retention cut off. */
#include "audit/audit.h"

#include "base/buf.h"

#include <string.h>

static const struct db_step steps[] = {
    { "CREATE TABLE audit(seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, actor TEXT NOT NULL,"
      " address TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL, detail TEXT NOT NULL,"
      " hash TEXT NOT NULL) STRICT;"
      "CREATE INDEX audit_time ON audit(time);"
      "CREATE TABLE audit_anchor(id INTEGER PRIMARY KEY CHECK(id = 1), seq INTEGER NOT NULL,"
      " hash TEXT NOT NULL) STRICT;"
      "INSERT INTO audit_anchor VALUES(1, 0,"
      " '0000000000000000000000000000000000000000000000000000000000000000');" },
};

enum hn_status audit_migrate(struct db *db, struct hn_err *err)
{
    return db_migrate(db, "audit", steps, HN_COUNT_OF(steps), err);
}

static void add_part(struct hn_buf *out, struct hn_text text)
{
    hn_buf_addf(out, "%zu:", text.len);
    hn_buf_add_text(out, text);
}

static enum hn_status hash_entry(const struct audit_entry *entry, const char *before,
        char ret_hash[HN_SHA256_HEX_LEN], struct hn_err *err)
{
    struct hn_buf bytes = { 0 };
    bool fine;

    add_part(&bytes, hn_text_of(before, HN_SHA256_HEX_LEN));
    hn_buf_addf(&bytes, "%lld:%lld:", (long long)entry->seq, (long long)entry->time);
    add_part(&bytes, entry->actor);
    add_part(&bytes, entry->address);
    add_part(&bytes, entry->action);
    add_part(&bytes, entry->object);
    add_part(&bytes, entry->detail);
    fine = hn_buf_ok(&bytes) && hn_sha256_hex(hn_bytes_of(bytes.ptr, bytes.len), ret_hash);
    hn_buf_deinit(&bytes);
    return fine ? HN_OK : hn_fail(err, HN_NOMEM, 0, "audit entry");
}

static enum hn_status read_anchor(
        struct db *db, int64_t *ret_seq, char ret_hash[HN_SHA256_HEX_LEN], struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status =
            db_prepare(db, "SELECT seq, hash FROM audit_anchor WHERE id = 1", &stmt, err);

    if (status != HN_OK)
        return status;
    status = db_next(stmt, err);
    if (status == HN_OK && db_text(stmt, 1).len == HN_SHA256_HEX_LEN) {
        *ret_seq = db_int(stmt, 0);
        memcpy(ret_hash, db_text(stmt, 1).ptr, HN_SHA256_HEX_LEN);
    } else if (status == HN_OK || status == HN_NOTFOUND) {
        status = hn_fail(err, HN_CORRUPT, 0, "the anchor of the audit log is damaged");
    }
    db_stmt_done(stmt);
    return status;
}

/* The end of the chain: the newest entry, or the anchor. */
static enum hn_status read_end(
        struct db *db, int64_t *ret_seq, char ret_hash[HN_SHA256_HEX_LEN], struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status =
            db_prepare(db, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", &stmt, err);

    if (status != HN_OK)
        return status;
    status = db_next(stmt, err);
    if (status == HN_OK && db_text(stmt, 1).len == HN_SHA256_HEX_LEN) {
        *ret_seq = db_int(stmt, 0);
        memcpy(ret_hash, db_text(stmt, 1).ptr, HN_SHA256_HEX_LEN);
    } else if (status == HN_OK) {
        status = hn_fail(err, HN_CORRUPT, 0, "the newest entry of the audit log is damaged");
    } else if (status == HN_NOTFOUND) {
        status = read_anchor(db, ret_seq, ret_hash, err);
    }
    db_stmt_done(stmt);
    return status;
}

static bool fits(const struct audit_entry *entry)
{
    return entry->actor.len <= AUDIT_TEXT_MAX && entry->address.len <= AUDIT_TEXT_MAX &&
           entry->action.len <= AUDIT_TEXT_MAX && entry->object.len <= AUDIT_TEXT_MAX &&
           entry->detail.len <= AUDIT_DETAIL_MAX;
}

enum hn_status audit_append(struct db *db, const struct audit_entry *entry, struct hn_err *err)
{
    struct audit_entry filled = *entry;
    char before[HN_SHA256_HEX_LEN];
    struct db_stmt *stmt = NULL;
    enum hn_status status = HN_OK;

    if (!fits(entry))
        return hn_fail(err, HN_LIMIT, 0, "a text of the audit entry is too long");
    status = read_end(db, &filled.seq, before, err);
    if (status != HN_OK)
        return status;
    filled.seq++;
    status = hash_entry(&filled, before, filled.hash, err);
    if (status == HN_OK) {
        status = db_prepare(
                db, "INSERT INTO audit VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", &stmt, err);
    }
    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, filled.seq);
    db_bind_int(stmt, 2, filled.time);
    db_bind_text(stmt, 3, filled.actor);
    db_bind_text(stmt, 4, filled.address);
    db_bind_text(stmt, 5, filled.action);
    db_bind_text(stmt, 6, filled.object);
    db_bind_text(stmt, 7, filled.detail);
    db_bind_text(stmt, 8, hn_text_of(filled.hash, sizeof filled.hash));
    return db_run(stmt, err);
}

/* ---- Reading ---- */

static bool row_read(struct db_stmt *stmt, struct audit_entry *ret_entry)
{
    struct hn_text hash = db_text(stmt, 7);

    ret_entry->seq = db_int(stmt, 0);
    ret_entry->time = db_int(stmt, 1);
    ret_entry->actor = db_text(stmt, 2);
    ret_entry->address = db_text(stmt, 3);
    ret_entry->action = db_text(stmt, 4);
    ret_entry->object = db_text(stmt, 5);
    ret_entry->detail = db_text(stmt, 6);
    if (hash.len != HN_SHA256_HEX_LEN)
        return false;
    memcpy(ret_entry->hash, hash.ptr, HN_SHA256_HEX_LEN);
    return true;
}

enum hn_status audit_read(struct db *db, int64_t after, uint32_t count, audit_on_entry *on_entry,
        void *ctx, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    struct audit_entry entry;
    enum hn_status status = db_prepare(db,
            "SELECT seq, time, actor, address, action, object, detail, hash FROM audit"
            " WHERE seq > ?1 ORDER BY seq LIMIT ?2",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, after);
    db_bind_int(stmt, 2, count);
    while ((status = db_next(stmt, err)) == HN_OK) {
        /* A damaged hash is for audit_check() to tell; the entry is shown. */
        if (!row_read(stmt, &entry))
            memset(entry.hash, '?', sizeof entry.hash);
        on_entry(ctx, &entry);
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

enum hn_status audit_head(
        struct db *db, int64_t *ret_seq, char ret_hash[HN_SHA256_HEX_LEN], struct hn_err *err)
{
    return read_end(db, ret_seq, ret_hash, err);
}

enum hn_status audit_check(struct db *db, int64_t *ret_broken, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    struct audit_entry entry;
    char before[HN_SHA256_HEX_LEN];
    char hash[HN_SHA256_HEX_LEN];
    int64_t seq = 0;
    enum hn_status status = read_anchor(db, &seq, before, err);
    enum hn_status row = HN_OK;

    if (status == HN_OK) {
        status = db_prepare(db,
                "SELECT seq, time, actor, address, action, object, detail, hash FROM audit"
                " ORDER BY seq",
                &stmt, err);
    }
    if (status != HN_OK)
        return status;
    while (status == HN_OK && (row = db_next(stmt, err)) == HN_OK) {
        bool whole = row_read(stmt, &entry);

        whole = entry.seq == ++seq && whole;
        if (whole)
            status = hash_entry(&entry, before, hash, err);
        if (whole && status == HN_OK)
            whole = memcmp(hash, entry.hash, sizeof hash) == 0;
        if (!whole) {
            *ret_broken = seq;
            status = hn_fail(err, HN_CORRUPT, 0,
                    "the audit log does not fit together at entry %lld", (long long)seq);
        }
        memcpy(before, entry.hash, sizeof before);
    }
    db_stmt_done(stmt);
    if (status == HN_OK && row != HN_NOTFOUND)
        status = row;
    return status;
}

enum hn_status audit_forget(struct db *db, hn_time before, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    /* The newest entry always stays, so that the chain has an end. Entries are in order of seq, not
     * of time, when the clock was set back: everything up to the last old one goes. */
    enum hn_status status = db_prepare(db,
            "UPDATE audit_anchor SET (seq, hash) = (SELECT seq, hash FROM audit WHERE time < ?1"
            " AND seq < (SELECT max(seq) FROM audit) ORDER BY seq DESC LIMIT 1)"
            " WHERE EXISTS(SELECT 1 FROM audit WHERE time < ?1"
            " AND seq < (SELECT max(seq) FROM audit))",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, before);
    status = db_run(stmt, err);
    if (status == HN_OK) {
        status = db_prepare(db,
                "DELETE FROM audit WHERE seq <= (SELECT seq FROM audit_anchor WHERE id = 1)", &stmt,
                err);
    }
    return status == HN_OK ? db_run(stmt, err) : status;
}
