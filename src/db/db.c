/* db.c - connections, their settings, and transactions.
 *
 * Other files: db_stmt.c statements, db_migrate.c the schema, db_check.c checks and copies.
 * After a failed db_commit() the transaction is gone as far as this connection is concerned. When
 * it was the sync that failed, its pages may still be in the write-ahead log; a crash before the
 * next transaction overwrites them lets recovery find them whole. So whoever needs to know what is
 * stored asks the database, never his memory of what failed. */
#include "db/db_internal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define DB_BUSY_MS 5000

static enum hn_status status_of(sqlite3 *handle, int code)
{
    switch (code & 0xFF) {
    case SQLITE_FULL:
    case SQLITE_TOOBIG:
        return HN_LIMIT;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return HN_CORRUPT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT:
        return HN_CANCELLED;
    case SQLITE_CONSTRAINT:
        return HN_SYNTAX;
    case SQLITE_NOMEM:
        return HN_NOMEM;
    case SQLITE_CANTOPEN:
        return handle != NULL && sqlite3_system_errno(handle) == ENOENT ? HN_NOTFOUND : HN_IO;
    default:
        return code == SQLITE_IOERR_NOMEM ? HN_NOMEM : HN_IO;
    }
}

enum hn_status db_fail(struct db *db, int code, const char *what, struct hn_err *err)
{
    enum hn_status status = status_of(db->handle, code);
    /* The connection's message is of its last call, which need not be the one that failed. */
    const char *detail = db->handle != NULL && sqlite3_extended_errcode(db->handle) == code
                                 ? sqlite3_errmsg(db->handle)
                                 : sqlite3_errstr(code);

    (void)hn_fail(err, status, 0, "%s: %s (SQLite %d)", what, detail, code);
    if (err != NULL && err->status == status && db->handle != NULL && status != HN_SYNTAX)
        err->sys_errno = sqlite3_system_errno(db->handle);
    return status;
}

enum hn_status db_exec(struct db *db, const char *sql, struct hn_err *err)
{
    int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? HN_OK : db_fail(db, code, "database", err);
}

char *db_dup(const char *text)
{
    size_t len = strlen(text) + 1;
    char *copy = hn_malloc(len);

    if (copy != NULL)
        memcpy(copy, text, len);
    return copy;
}

/* SQLite gives the files beside the database the mode of the database; so it is made here. A file
 * that is there is left alone: closing a descriptor of it would drop the locks that other
 * connections of this process hold. */
static enum hn_status make_file(const char *path, struct hn_err *err)
{
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
    int saved = errno;

    if (fd >= 0) {
        (void)close(fd);
        return HN_OK;
    }
    return saved == EEXIST ? HN_OK : hn_fail_sys(err, saved, "cannot make the database");
}

static enum hn_status configure(struct db *db, const struct db_options *options, struct hn_err *err)
{
    enum hn_status status;

    (void)sqlite3_busy_timeout(
            db->handle, (int)(options->busy_ms == 0 ? DB_BUSY_MS : options->busy_ms));
    (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    status = db_exec(db,
            "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA foreign_keys=ON;"
            "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768",
            err);
    if (status == HN_OK && !options->read_only) {
        status = db_exec(db,
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                "PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=67108864",
                err);
    }
    return status;
}

enum hn_status db_open(const struct db_options *options, struct db **ret_db, struct hn_err *err)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (options->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    enum hn_status status;
    struct db *db;
    int code;

    if (!options->read_only) {
        status = make_file(options->path, err);
        if (status != HN_OK)
            return status;
    }
    db = hn_calloc(1, sizeof *db);
    if (db == NULL)
        return hn_fail(err, HN_NOMEM, 0, "no memory for a connection");
    db->path = db_dup(options->path);
    if (db->path == NULL) {
        db_close(db);
        return hn_fail(err, HN_NOMEM, 0, "no memory for a connection");
    }
    code = sqlite3_open_v2(options->path, &db->handle, flags, NULL);
    status = code == SQLITE_OK ? configure(db, options, err)
                               : db_fail(db, code, "cannot open the database", err);
    if (status != HN_OK) {
        db_close(db);
        return status;
    }
    *ret_db = db;
    return HN_OK;
}

void db_close(struct db *db)
{
    int code;

    if (db == NULL)
        return;
    db_rollback(db);
    db_cache_deinit(db);
    code = sqlite3_close(db->handle);
    assert(code == SQLITE_OK); /* else a statement was not given back */
    (void)code;
    hn_free(db->path);
    hn_free(db);
}

enum hn_status db_begin(struct db *db, struct hn_err *err)
{
    enum hn_status status;

    assert(!db->in_transaction);
    status = db_exec(db, "BEGIN IMMEDIATE", err);
    db->in_transaction = status == HN_OK;
    return status;
}

enum hn_status db_commit(struct db *db, struct hn_err *err)
{
    enum hn_status status;

    assert(db->in_transaction);
    if (sqlite3_get_autocommit(db->handle)) {
        db->in_transaction = false;
        return hn_fail(err, HN_IO, 0, "the transaction was given up after an earlier failure");
    }
    status = db_exec(db, "COMMIT", err);
    if (status != HN_OK)
        db_rollback(db);
    db->in_transaction = false;
    return status;
}

void db_rollback(struct db *db)
{
    if (db->in_transaction && !sqlite3_get_autocommit(db->handle))
        (void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
    db->in_transaction = false;
}

int64_t db_changes(struct db *db)
{
    return sqlite3_changes64(db->handle);
}

int64_t db_last_id(struct db *db)
{
    return sqlite3_last_insert_rowid(db->handle);
}
