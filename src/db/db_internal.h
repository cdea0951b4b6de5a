/* db_internal.h - what the files of this module share. */
#ifndef HN_DB_DB_INTERNAL_H
#define HN_DB_DB_INTERNAL_H

#include "base/map.h"
#include "base/vec.h"
#include "db/db.h"

#include <sqlite3.h>

/* Statements kept per connection; what is asked for beyond is prepared each time. */
#define DB_CACHE_MAX 512

struct db {
    sqlite3 *handle;
    char *path;
    bool in_transaction; /* as callers see it; SQLite may have given up on its own */
    struct hn_map by_sql;
    HN_VEC(struct db_stmt *) cache;
};

struct db_stmt {
    struct db *db;
    sqlite3_stmt *handle;
    char *sql;     /* of cached ones: the key in by_sql */
    int bind_code; /* first failure of binding, told by db_next() */
    bool in_use;
    bool cached;
};

/* Turns SQLite's result code into a status, with its message and what was tried. */
HN_MUST_USE enum hn_status db_fail(struct db *db, int code, const char *what, struct hn_err *err);

/* Runs SQL text that gives no rows anybody wants. */
HN_MUST_USE enum hn_status db_exec(struct db *db, const char *sql, struct hn_err *err);

/* Finalises all statements. */
void db_cache_deinit(struct db *db);

/* A copy of a C string, or NULL. */
char *db_dup(const char *text);

#endif
