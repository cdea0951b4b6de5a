/* db_stmt.c - prepared statements: the cache, binding, stepping, columns. */
#include "db/db_internal.h"

#include <assert.h>

static void stmt_free(struct db_stmt *stmt)
{
    (void)sqlite3_finalize(stmt->handle);
    hn_free(stmt->sql);
    hn_free(stmt);
}

void db_cache_deinit(struct db *db)
{
    for (size_t i = 0; i < db->cache.count; i++)
        stmt_free(db->cache.ptr[i]);
    hn_vec_deinit(&db->cache);
    hn_map_deinit(&db->by_sql);
}

/* Without memory to keep it, the statement serves this once. */
static void keep(struct db *db, struct db_stmt *stmt)
{
    struct db_stmt **slot;
    uint32_t index;

    if (db->cache.count >= DB_CACHE_MAX)
        return;
    slot = hn_vec_add(&db->cache);
    if (slot == NULL)
        return;
    if (!hn_map_put(&db->by_sql, hn_text_cstr(stmt->sql), (uint32_t)db->cache.count - 1, &index)) {
        db->cache.count--;
        return;
    }
    *slot = stmt;
    stmt->cached = true;
}

enum hn_status db_prepare(
        struct db *db, const char *sql, struct db_stmt **ret_stmt, struct hn_err *err)
{
    uint32_t index = hn_map_find(&db->by_sql, hn_text_cstr(sql));
    struct db_stmt *stmt;
    int code;

    if (index != HN_MAP_NONE && !db->cache.ptr[index]->in_use) {
        stmt = db->cache.ptr[index];
        stmt->in_use = true;
        *ret_stmt = stmt;
        return HN_OK;
    }
    stmt = hn_calloc(1, sizeof *stmt);
    if (stmt == NULL || (stmt->sql = db_dup(sql)) == NULL) {
        hn_free(stmt);
        return hn_fail(err, HN_NOMEM, 0, "no memory for a statement");
    }
    code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt->handle, NULL);
    if (code != SQLITE_OK) {
        enum hn_status status = db_fail(db, code, "cannot prepare a statement", err);

        stmt_free(stmt);
        return status;
    }
    stmt->db = db;
    stmt->in_use = true;
    if (index == HN_MAP_NONE)
        keep(db, stmt);
    *ret_stmt = stmt;
    return HN_OK;
}

void db_stmt_done(struct db_stmt *stmt)
{
    if (stmt == NULL)
        return;
    assert(stmt->in_use);
    if (!stmt->cached) {
        stmt_free(stmt);
        return;
    }
    (void)sqlite3_reset(stmt->handle);
    (void)sqlite3_clear_bindings(stmt->handle);
    stmt->bind_code = SQLITE_OK;
    stmt->in_use = false;
}

static void bound(struct db_stmt *stmt, int code)
{
    assert(code != SQLITE_RANGE && code != SQLITE_MISUSE);
    if (stmt->bind_code == SQLITE_OK)
        stmt->bind_code = code;
}

void db_bind_int(struct db_stmt *stmt, int index, int64_t value)
{
    bound(stmt, sqlite3_bind_int64(stmt->handle, index, value));
}

void db_bind_real(struct db_stmt *stmt, int index, double value)
{
    bound(stmt, sqlite3_bind_double(stmt->handle, index, value));
}

/* SQLITE_TRANSIENT is a cast of -1 to a pointer to a function: SQLite's way to say "copy". */
void db_bind_text(struct db_stmt *stmt, int index, struct hn_text text)
{
    bound(stmt, sqlite3_bind_text64(stmt->handle, index, text.ptr == NULL ? "" : text.ptr, text.len,
                        SQLITE_TRANSIENT, SQLITE_UTF8)); /* NOLINT(performance-no-int-to-ptr) */
}

void db_bind_bytes(struct db_stmt *stmt, int index, struct hn_bytes bytes)
{
    bound(stmt, sqlite3_bind_blob64(stmt->handle, index,
                        bytes.ptr == NULL ? (const void *)"" : bytes.ptr, bytes.len,
                        SQLITE_TRANSIENT)); /* NOLINT(performance-no-int-to-ptr) */
}

void db_bind_null(struct db_stmt *stmt, int index)
{
    bound(stmt, sqlite3_bind_null(stmt->handle, index));
}

enum hn_status db_next(struct db_stmt *stmt, struct hn_err *err)
{
    struct db *db = stmt->db;
    int code;

    if (stmt->bind_code != SQLITE_OK)
        return db_fail(db, stmt->bind_code, "cannot bind a value", err);
    /* After some failures SQLite rolls back by itself. What the caller believes to be part of his
     * transaction must not be committed alone. */
    if (db->in_transaction && sqlite3_get_autocommit(db->handle))
        return hn_fail(err, HN_IO, 0, "the transaction was given up after an earlier failure");
    code = sqlite3_step(stmt->handle);
    if (code == SQLITE_ROW)
        return HN_OK;
    if (code == SQLITE_DONE)
        return HN_NOTFOUND;
    return db_fail(db, code, "database", err);
}

enum hn_status db_run(struct db_stmt *stmt, struct hn_err *err)
{
    enum hn_status status;

    do {
        status = db_next(stmt, err);
    } while (status == HN_OK);
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}

int64_t db_int(struct db_stmt *stmt, int column)
{
    return sqlite3_column_int64(stmt->handle, column);
}

double db_real(struct db_stmt *stmt, int column)
{
    return sqlite3_column_double(stmt->handle, column);
}

/* Order matters: the pointer first, the length after (SQLite may convert in between). */
struct hn_text db_text(struct db_stmt *stmt, int column)
{
    const unsigned char *ptr = sqlite3_column_text(stmt->handle, column);
    int len = sqlite3_column_bytes(stmt->handle, column);

    return ptr == NULL ? HN_TEXT("") : hn_text_of((const char *)ptr, (size_t)len);
}

struct hn_bytes db_bytes(struct db_stmt *stmt, int column)
{
    const void *ptr = sqlite3_column_blob(stmt->handle, column);
    int len = sqlite3_column_bytes(stmt->handle, column);

    return hn_bytes_of(ptr, ptr == NULL ? 0 : (size_t)len);
}

bool db_is_null(struct db_stmt *stmt, int column)
{
    return sqlite3_column_type(stmt->handle, column) == SQLITE_NULL;
}
