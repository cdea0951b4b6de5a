/* db.h - SQLite as Hinomi uses it: one file, WAL, durable transactions, migrations forward only.
 *
 * The one header of this module; nobody else includes sqlite3.h. Statements are prepared once per
 * connection and text (a cache), values are bound, never put into the text.
 *
 * Life: db_open() -> db_migrate() once -> db_begin() ... db_commit() -> db_close().
 * Concurrency: a connection serves one thread at a time; open one per thread. Writers wait for each
 * other for at most busy_ms.
 * Durability: WAL with synchronous=FULL: db_commit() returns after the sync.
 * Errors: HN_LIMIT for a full disk or a value that is too large, HN_CORRUPT for a damaged file,
 * HN_CANCELLED when the database was busy for too long, HN_IO for the rest; the message names
 * SQLite's own. */
#ifndef HN_DB_DB_H
#define HN_DB_DB_H

#include "base/attr.h"
#include "base/status.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

struct db;
struct db_options {
    const char *path; /* made if missing, mode 0600 */
    bool read_only;
    uint32_t busy_ms; /* 0: 5000 */
};
HN_MUST_USE enum hn_status db_open(
        const struct db_options *options, struct db **ret_db, struct hn_err *err);
void db_close(struct db *db); /* NULL is fine */

/* One step of the schema: SQL text run in one transaction. Steps are numbered from 1 per owner
 * ("store", "auth"), never changed once released, only added. Before the first step that changes
 * an existing database a copy is made beside it: <path>.before-<owner>-<number>. */
struct db_step {
    const char *sql;
};
/* HN_UNSUPPORTED when the file is of a newer version than steps know. */
HN_MUST_USE enum hn_status db_migrate(struct db *db, const char *owner, const struct db_step *steps,
        uint32_t step_count, struct hn_err *err);

/* Transactions do not nest. db_begin() takes the write lock at once (BEGIN IMMEDIATE). A failed
 * db_commit() has rolled back. */
HN_MUST_USE enum hn_status db_begin(struct db *db, struct hn_err *err);
HN_MUST_USE enum hn_status db_commit(struct db *db, struct hn_err *err);
void db_rollback(struct db *db); /* fine when none is open */

/* A statement from the connection's cache, reset and without values; one caller's until
 * db_stmt_done(). sql is copied. */
struct db_stmt;
HN_MUST_USE enum hn_status db_prepare(
        struct db *db, const char *sql, struct db_stmt **ret_stmt, struct hn_err *err);
void db_stmt_done(struct db_stmt *stmt); /* NULL is fine */

/* index counts from 1. Texts and bytes are copied. A failure shows in db_next(). */
void db_bind_int(struct db_stmt *stmt, int index, int64_t value);
void db_bind_real(struct db_stmt *stmt, int index, double value);
void db_bind_text(struct db_stmt *stmt, int index, struct hn_text text);
void db_bind_bytes(struct db_stmt *stmt, int index, struct hn_bytes bytes);
void db_bind_null(struct db_stmt *stmt, int index);

/* HN_OK: a row; HN_NOTFOUND: no (more) rows, done; HN_SYNTAX: a constraint refused it. */
HN_MUST_USE enum hn_status db_next(struct db_stmt *stmt, struct hn_err *err);
/* Steps a statement without rows to its end and gives it back: HN_OK. */
HN_MUST_USE enum hn_status db_run(struct db_stmt *stmt, struct hn_err *err);

/* Columns count from 0. Borrowed until the next step. */
int64_t db_int(struct db_stmt *stmt, int column);
double db_real(struct db_stmt *stmt, int column);
struct hn_text db_text(struct db_stmt *stmt, int column);
struct hn_bytes db_bytes(struct db_stmt *stmt, int column);
bool db_is_null(struct db_stmt *stmt, int column);

int64_t db_changes(struct db *db); /* rows changed by the last statement */
int64_t db_last_id(struct db *db);

/* `hinomi db check`: SQLite's own integrity check and foreign keys; each complaint is told. HN_OK:
 * there was none; HN_CORRUPT: there were. */
typedef void db_on_complaint(void *ctx, struct hn_text complaint);
HN_MUST_USE enum hn_status db_check(
        struct db *db, db_on_complaint *on_complaint, void *ctx, struct hn_err *err);
/* A consistent copy while others write. */
HN_MUST_USE enum hn_status db_backup(struct db *db, const char *path, struct hn_err *err);

#endif
