/* db_check.c - whether a database is whole, and copies of it. */
#include "base/buf.h"
#include "db/db_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <unistd.h>

#define DB_COPY_TRIES   600 /* of a step that found the database busy */
#define DB_COPY_WAIT_MS 50

static enum hn_status check_integrity(
        struct db *db, db_on_complaint *on_complaint, void *ctx, struct hn_err *err)
{
    struct db_stmt *stmt;
    enum hn_status status = db_prepare(db, "PRAGMA integrity_check(100)", &stmt, err);
    bool complained = false;

    if (status != HN_OK)
        return status;
    while ((status = db_next(stmt, err)) == HN_OK) {
        if (hn_text_eq(db_text(stmt, 0), HN_TEXT("ok")))
            continue;
        on_complaint(ctx, db_text(stmt, 0));
        complained = true;
    }
    db_stmt_done(stmt);
    if (status != HN_NOTFOUND)
        return status;
    return complained ? hn_fail(err, HN_CORRUPT, 0, "the database is damaged") : HN_OK;
}

static enum hn_status check_foreign_keys(
        struct db *db, db_on_complaint *on_complaint, void *ctx, struct hn_err *err)
{
    struct db_stmt *stmt;
    enum hn_status status = db_prepare(db, "PRAGMA foreign_key_check", &stmt, err);
    struct hn_buf text = { 0 };
    bool complained = false;

    if (status != HN_OK)
        return status;
    while ((status = db_next(stmt, err)) == HN_OK) {
        hn_buf_reset(&text);
        hn_buf_add_lit(&text, "row ");
        hn_buf_add_i64(&text, db_int(stmt, 1));
        hn_buf_add_lit(&text, " of ");
        hn_buf_add_text(&text, db_text(stmt, 0));
        hn_buf_add_lit(&text, " names a row that is not in ");
        hn_buf_add_text(&text, db_text(stmt, 2));
        on_complaint(ctx, hn_buf_ok(&text) ? hn_buf_text(&text) : HN_TEXT("foreign key"));
        complained = true;
    }
    hn_buf_deinit(&text);
    db_stmt_done(stmt);
    if (status != HN_NOTFOUND)
        return status;
    return complained ? hn_fail(err, HN_CORRUPT, 0, "rows name rows that are not there") : HN_OK;
}

enum hn_status db_check(struct db *db, db_on_complaint *on_complaint, void *ctx, struct hn_err *err)
{
    enum hn_status whole = check_integrity(db, on_complaint, ctx, err);
    enum hn_status keys;

    if (whole != HN_OK && whole != HN_CORRUPT)
        return whole;
    keys = check_foreign_keys(db, on_complaint, ctx, err);
    return whole != HN_OK ? whole : keys;
}

/* ---- Copies ---- */

static enum hn_status copy_pages(struct db *from, struct db *to, struct hn_err *err)
{
    sqlite3_backup *backup = sqlite3_backup_init(to->handle, "main", from->handle, "main");
    int tries = 0;
    int code;

    if (backup == NULL)
        return db_fail(to, sqlite3_extended_errcode(to->handle), "cannot copy", err);
    /* All pages in one step are one snapshot, and in WAL mode writers do not wait for it. Pages in
     * several steps would start again with every write that comes between. */
    do {
        code = sqlite3_backup_step(backup, -1);
        if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
            (void)sqlite3_sleep(DB_COPY_WAIT_MS);
    } while ((code == SQLITE_BUSY || code == SQLITE_LOCKED) && ++tries < DB_COPY_TRIES);
    (void)sqlite3_backup_finish(backup);
    return code == SQLITE_DONE ? HN_OK : db_fail(to, code, "cannot copy", err);
}

static enum hn_status sync_path(const char *path, int flags, struct hn_err *err)
{
    int fd = open(path, flags | O_CLOEXEC);
    enum hn_status status = HN_OK;

    if (fd < 0)
        return hn_fail_sys(err, errno, "cannot open the copy");
    if (fsync(fd) != 0)
        status = hn_fail_sys(err, errno, "cannot sync the copy");
    (void)close(fd);
    return status;
}

/* part is made new, filled, synced, renamed to path: a copy is there whole or not at all. */
static enum hn_status copy_to(struct db *db, const char *part, const char *path, struct hn_err *err)
{
    struct db to = { 0 };
    enum hn_status status;
    int code;
    int fd;

    (void)unlink(part);
    fd = open(part, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return hn_fail_sys(err, errno, "cannot make the copy");
    (void)close(fd);
    code = sqlite3_open_v2(part, &to.handle,
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    status = code == SQLITE_OK ? copy_pages(db, &to, err)
                               : db_fail(&to, code, "cannot make the copy", err);
    code = sqlite3_close(to.handle);
    if (status == HN_OK && code != SQLITE_OK)
        status = hn_fail(err, HN_IO, 0, "cannot close the copy");
    if (status == HN_OK)
        status = sync_path(part, O_RDONLY, err);
    if (status == HN_OK && rename(part, path) != 0)
        status = hn_fail_sys(err, errno, "cannot rename the copy");
    if (status != HN_OK)
        (void)unlink(part);
    return status;
}

enum hn_status db_backup(struct db *db, const char *path, struct hn_err *err)
{
    size_t len = strlen(path);
    struct hn_buf part = { 0 };
    enum hn_status status;
    char *folder = db_dup(path);

    hn_buf_add(&part, path, len);
    hn_buf_add(&part, ".part", sizeof ".part");
    if (folder == NULL || !hn_buf_ok(&part))
        status = hn_fail(err, HN_NOMEM, 0, "no memory for a path");
    else
        status = copy_to(db, part.ptr, path, err);
    if (status == HN_OK)
        status = sync_path(dirname(folder), O_RDONLY | O_DIRECTORY, err);
    hn_buf_deinit(&part);
    hn_free(folder);
    return status;
}
