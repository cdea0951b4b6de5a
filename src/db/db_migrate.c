/* db_migrate.c - brings the schema forward, one numbered step per transaction.
 *
 * An owner touches only its own tables, so the first steps of a new owner change nothing that was
 * there, and need no copy. The version is read under the write lock: of two processes that start
 * together one migrates and the other finds it done. */
#include "base/buf.h"
#include "base/crash.h"
#include "db/db_internal.h"

static enum hn_status version_get(
        struct db *db, const char *owner, uint32_t *ret_version, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_exec(db,
            "CREATE TABLE IF NOT EXISTS db_schema(owner TEXT PRIMARY KEY, "
            "version INTEGER NOT NULL) STRICT, WITHOUT ROWID",
            err);

    if (status == HN_OK)
        status = db_prepare(db, "SELECT version FROM db_schema WHERE owner=?1", &stmt, err);
    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, hn_text_cstr(owner));
    status = db_next(stmt, err);
    *ret_version = status == HN_OK ? (uint32_t)db_int(stmt, 0) : 0;
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

static enum hn_status version_set(
        struct db *db, const char *owner, uint32_t version, struct hn_err *err)
{
    struct db_stmt *stmt;
    enum hn_status status = db_prepare(db,
            "INSERT INTO db_schema(owner, version) VALUES(?1, ?2) "
            "ON CONFLICT(owner) DO UPDATE SET version=excluded.version",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, hn_text_cstr(owner));
    db_bind_int(stmt, 2, version);
    return db_run(stmt, err);
}

/* Another connection, because SQLite copies nothing out of one that holds the write lock. It sees
 * what was committed before. */
static enum hn_status copy_before(
        struct db *db, const char *owner, uint32_t number, struct hn_err *err)
{
    struct db_options options = { .path = db->path, .read_only = true };
    struct hn_buf path = { 0 };
    struct db *reader = NULL;
    enum hn_status status;

    hn_buf_addf(&path, "%s.before-%s-%u", db->path, owner, (unsigned)number);
    hn_buf_add_char(&path, '\0');
    status = hn_buf_ok(&path) ? db_open(&options, &reader, err)
                              : hn_fail(err, HN_NOMEM, 0, "no memory for a path");
    if (status == HN_OK)
        status = db_backup(reader, path.ptr, err);
    db_close(reader);
    hn_buf_deinit(&path);
    return status;
}

/* HN_NOTFOUND: nothing is left to do. */
static enum hn_status step_next(struct db *db, const char *owner, const struct db_step *steps,
        uint32_t step_count, bool *copied, struct hn_err *err)
{
    uint32_t version;
    enum hn_status status = version_get(db, owner, &version, err);

    if (status != HN_OK)
        return status;
    if (version > step_count) {
        return hn_fail(err, HN_UNSUPPORTED, 0,
                "the database is of a newer version: %s %u, this program knows %u", owner,
                (unsigned)version, (unsigned)step_count);
    }
    if (version == step_count)
        return HN_NOTFOUND;
    if (version == 0) /* whatever comes now changes nothing that anybody has stored */
        *copied = true;
    if (!*copied) {
        status = copy_before(db, owner, version + 1, err);
        *copied = status == HN_OK;
    }
    if (status == HN_OK)
        status = db_exec(db, steps[version].sql, err);
    if (status == HN_OK)
        status = version_set(db, owner, version + 1, err);
    return status;
}

enum hn_status db_migrate(struct db *db, const char *owner, const struct db_step *steps,
        uint32_t step_count, struct hn_err *err)
{
    enum hn_status status;
    bool copied = false;

    do {
        status = db_begin(db, err);
        if (status != HN_OK)
            return status;
        status = step_next(db, owner, steps, step_count, &copied, err);
        if (status == HN_OK)
            status = db_commit(db, err);
        else
            db_rollback(db);
        HN_CRASH_POINT("db_migrated");
    } while (status == HN_OK);
    return status == HN_NOTFOUND ? HN_OK : status;
}
