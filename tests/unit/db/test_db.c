/* test_db.c - values, transactions, migrations, checks and copies, and all of it with the n-th
 * system call or allocation failing. */
#include "db/db.h"
#include "support/fault_sqlite.h"
#include "support/temp_dir.h"

#include "base/mem.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include <cmocka.h>

static const struct db_step steps[] = {
    { "CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, body BLOB);" },
    { "CREATE TABLE part(id INTEGER PRIMARY KEY, item INTEGER NOT NULL REFERENCES item(id)) STRICT;"
      "INSERT INTO item(name) VALUES('made by step 2');" },
    { "CREATE INDEX part_item ON part(item);" },
};

static enum hn_status open_at(const char *path, struct db **ret_db)
{
    struct db_options options = { .path = path, .busy_ms = 50 };

    return db_open(&options, ret_db, NULL);
}

static int setup(void **state)
{
    struct temp_dir *dir = calloc(1, sizeof *dir);

    if (dir == NULL)
        return -1;
    temp_dir_make(dir);
    *state = dir;
    return 0;
}

static int teardown(void **state)
{
    temp_dir_remove(*state);
    free(*state);
    return 0;
}

static enum hn_status put(struct db *db, struct hn_text name)
{
    struct db_stmt *stmt;
    enum hn_status status = db_prepare(db, "INSERT INTO item(name) VALUES(?1)", &stmt, NULL);

    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, name);
    return db_run(stmt, NULL);
}

/* -1: the question failed. */
static int64_t count(struct db *db)
{
    struct db_stmt *stmt;
    int64_t items = -1;

    if (db_prepare(db, "SELECT count(*) FROM item", &stmt, NULL) != HN_OK)
        return -1;
    if (db_next(stmt, NULL) == HN_OK)
        items = db_int(stmt, 0);
    db_stmt_done(stmt);
    return items;
}

/* What goes in comes out, byte by byte: NUL, ill-formed UTF-8, SQL, a megabyte, nothing. */
static void values_come_back_as_they_went_in(void **state)
{
    static char large[1 << 20];
    const struct hn_text texts[] = { HN_TEXT(""), HN_TEXT("a\0b"), HN_TEXT("\xFF\xC0\x80"),
        HN_TEXT("'); DROP TABLE item; --"), { large, sizeof large }, { NULL, 0 } };
    struct db_stmt *stmt;
    struct db *db;

    memset(large, '\'', sizeof large);
    assert_int_equal(open_at(temp_file(*state, "db"), &db), HN_OK);
    for (size_t i = 0; i < HN_COUNT_OF(texts); i++) {
        assert_int_equal(db_prepare(db, "SELECT ?1, ?2, ?3, ?4, ?5", &stmt, NULL), HN_OK);
        db_bind_text(stmt, 1, texts[i]);
        db_bind_bytes(stmt, 2, hn_text_as_bytes(texts[i]));
        db_bind_int(stmt, 3, INT64_MIN);
        db_bind_real(stmt, 4, 0.1);
        db_bind_null(stmt, 5);
        assert_int_equal(db_next(stmt, NULL), HN_OK);
        assert_true(hn_text_eq(db_text(stmt, 0), texts[i]));
        assert_true(hn_text_eq(hn_bytes_as_text(db_bytes(stmt, 1)), texts[i]));
        assert_false(db_is_null(stmt, 0) || db_is_null(stmt, 1));
        assert_true(db_int(stmt, 2) == INT64_MIN && db_real(stmt, 3) == 0.1);
        assert_true(db_is_null(stmt, 4));
        assert_int_equal(db_next(stmt, NULL), HN_NOTFOUND);
        db_stmt_done(stmt);
    }
    db_close(db);
}

/* A statement asked for while it is in use is another one, and a used one carries nothing over. */
static void statements_do_not_disturb_each_other(void **state)
{
    struct db_stmt *first;
    struct db_stmt *second;
    struct db *db;

    assert_int_equal(open_at(temp_file(*state, "db"), &db), HN_OK);
    assert_int_equal(db_prepare(db, "SELECT ?1", &first, NULL), HN_OK);
    db_bind_int(first, 1, 1);
    assert_int_equal(db_next(first, NULL), HN_OK);
    assert_int_equal(db_prepare(db, "SELECT ?1", &second, NULL), HN_OK);
    assert_ptr_not_equal(first, second);
    assert_int_equal(db_next(second, NULL), HN_OK);
    assert_true(db_is_null(second, 0));
    db_stmt_done(second);
    assert_int_equal(db_int(first, 0), 1);
    db_stmt_done(first);
    assert_int_equal(db_prepare(db, "SELECT ?1", &second, NULL), HN_OK);
    assert_ptr_equal(first, second);
    assert_int_equal(db_next(second, NULL), HN_OK);
    assert_true(db_is_null(second, 0));
    db_stmt_done(second);
    /* More statements than the cache keeps. */
    for (int i = 0; i < 600; i++) {
        char sql[32];

        (void)snprintf(sql, sizeof sql, "SELECT %d", i);
        assert_int_equal(db_prepare(db, sql, &first, NULL), HN_OK);
        assert_int_equal(db_next(first, NULL), HN_OK);
        assert_int_equal(db_int(first, 0), i);
        db_stmt_done(first);
    }
    db_close(db);
}

static void errors_have_their_status(void **state)
{
    struct temp_dir *dir = *state;
    struct db_options absent = { .path = temp_file(dir, "absent"), .read_only = true };
    struct hn_err err = { 0 };
    struct db_stmt *stmt;
    struct stat info;
    struct db *other;
    struct db *db;

    assert_int_equal(db_open(&absent, &db, &err), HN_NOTFOUND);
    assert_int_equal(open_at(temp_file(dir, "db"), &db), HN_OK);
    assert_int_equal(stat(temp_file(dir, "db"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(db_migrate(db, "test", steps, 1, NULL), HN_OK);
    assert_int_equal(put(db, HN_TEXT("a")), HN_OK);
    assert_int_equal(put(db, HN_TEXT("a")), HN_SYNTAX);
    assert_int_equal(db_prepare(db, "SELEKT", &stmt, &err), HN_IO);
    /* One writes, the other has to wait, and is told when it takes too long. */
    assert_int_equal(open_at(temp_file(dir, "db"), &other), HN_OK);
    assert_int_equal(db_begin(db, NULL), HN_OK);
    assert_int_equal(db_begin(other, NULL), HN_CANCELLED);
    assert_int_equal(put(db, HN_TEXT("b")), HN_OK);
    assert_int_equal(count(other), 1);
    assert_int_equal(db_commit(db, NULL), HN_OK);
    assert_int_equal(count(other), 2);
    assert_int_equal(db_begin(other, NULL), HN_OK);
    assert_int_equal(put(other, HN_TEXT("c")), HN_OK);
    db_rollback(other);
    db_rollback(other);
    assert_int_equal(count(db), 2);
    db_close(other);
    db_close(db);
    db_close(NULL);
}

/* When SQLite has rolled back by itself, what follows is refused instead of being committed alone.
 */
static void nothing_follows_a_lost_transaction(void **state)
{
    struct db_stmt *stmt;
    struct db *db;

    assert_int_equal(open_at(temp_file(*state, "db"), &db), HN_OK);
    assert_int_equal(db_migrate(db, "test", steps, 1, NULL), HN_OK);
    assert_int_equal(db_begin(db, NULL), HN_OK);
    assert_int_equal(put(db, HN_TEXT("a")), HN_OK);
    assert_int_equal(
            db_prepare(db, "INSERT OR ROLLBACK INTO item(name) VALUES('a')", &stmt, NULL), HN_OK);
    assert_int_equal(db_run(stmt, NULL), HN_SYNTAX);
    assert_int_equal(put(db, HN_TEXT("b")), HN_IO);
    assert_int_equal(db_commit(db, NULL), HN_IO);
    assert_int_equal(count(db), 0);
    assert_int_equal(put(db, HN_TEXT("c")), HN_OK);
    assert_int_equal(count(db), 1);
    db_close(db);
}

/* Forward in steps, each once; with a copy of what was before; never back. */
static void migrations_go_forward_only(void **state)
{
    static const struct db_step broken[] = { { "" }, { "" }, { "" },
        { "CREATE TABLE more(id INTEGER); SELEKT" } };
    static const struct db_step other[] = { { "CREATE TABLE x(id INTEGER)" },
        { "CREATE TABLE y(id INTEGER)" } };
    struct temp_dir *dir = *state;
    struct db_options copy = { .path = temp_file(dir, "db.before-test-2"), .read_only = true };
    char copy_path[128];
    struct db_stmt *stmt;
    struct db *db;
    struct db *old;

    (void)snprintf(copy_path, sizeof copy_path, "%s", copy.path);
    copy.path = copy_path;
    assert_int_equal(open_at(temp_file(dir, "db"), &db), HN_OK);
    assert_int_equal(db_migrate(db, "test", steps, 1, NULL), HN_OK);
    assert_int_equal(access(temp_file(dir, "db.before-test-1"), F_OK), -1);
    assert_int_equal(db_migrate(db, "second", other, 2, NULL), HN_OK);
    assert_int_equal(access(temp_file(dir, "db.before-second-2"), F_OK), -1);
    assert_int_equal(put(db, HN_TEXT("kept")), HN_OK);
    assert_int_equal(db_migrate(db, "test", steps, 3, NULL), HN_OK);
    assert_int_equal(db_migrate(db, "test", steps, 3, NULL), HN_OK);
    assert_int_equal(count(db), 2);
    assert_int_equal(access(temp_file(dir, "db.before-test-3"), F_OK), -1);
    assert_int_equal(db_migrate(db, "test", steps, 2, NULL), HN_UNSUPPORTED);
    assert_int_equal(db_migrate(db, "other", NULL, 0, NULL), HN_OK);
    /* A step that fails leaves nothing of it. */
    assert_int_not_equal(db_migrate(db, "test", broken, 4, NULL), HN_OK);
    assert_int_not_equal(db_prepare(db, "SELECT * FROM more", &stmt, NULL), HN_OK);
    assert_int_equal(db_migrate(db, "test", steps, 3, NULL), HN_OK);
    db_close(db);
    assert_int_equal(db_open(&copy, &old, NULL), HN_OK);
    assert_int_equal(count(old), 1);
    db_close(old);
}

static void on_complaint(void *ctx, struct hn_text complaint)
{
    int *complaints = ctx;

    assert_true(complaint.len > 0);
    (*complaints)++;
}

/* A row without its partner and a page of rubbish are told; a whole database is not complained of.
 */
static void check_finds_what_is_wrong(void **state)
{
    struct temp_dir *dir = *state;
    int complaints = 0;
    char rubbish[4096];
    struct db_stmt *stmt;
    struct stat info;
    struct db *db;
    int fd;

    assert_int_equal(open_at(temp_file(dir, "db"), &db), HN_OK);
    assert_int_equal(db_migrate(db, "test", steps, 3, NULL), HN_OK);
    for (int i = 0; i < 1000; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "item number %d of many", i);
        assert_int_equal(put(db, hn_text_cstr(name)), HN_OK);
    }
    assert_int_equal(db_check(db, on_complaint, &complaints, NULL), HN_OK);
    assert_int_equal(complaints, 0);
    assert_int_equal(db_prepare(db, "PRAGMA foreign_keys=OFF", &stmt, NULL), HN_OK);
    assert_int_equal(db_run(stmt, NULL), HN_OK);
    assert_int_equal(db_prepare(db, "INSERT INTO part(item) VALUES(777777)", &stmt, NULL), HN_OK);
    assert_int_equal(db_run(stmt, NULL), HN_OK);
    assert_int_equal(db_check(db, on_complaint, &complaints, NULL), HN_CORRUPT);
    assert_int_equal(complaints, 1);
    db_close(db);
    fd = open(temp_file(dir, "db"), O_RDWR);
    assert_int_equal(fstat(fd, &info), 0);
    memset(rubbish, 0xA5, sizeof rubbish);
    assert_int_equal(pwrite(fd, rubbish, sizeof rubbish, (info.st_size / 4096 - 2) * 4096), 4096);
    assert_int_equal(close(fd), 0);
    complaints = 0;
    assert_int_equal(open_at(temp_file(dir, "db"), &db), HN_OK);
    assert_int_equal(db_check(db, on_complaint, &complaints, NULL), HN_CORRUPT);
    assert_true(complaints > 0);
    db_close(db);
}

/* Each with a transaction open elsewhere: the copy has what was committed, nothing else. */
static void backup_has_what_was_committed(void **state)
{
    struct temp_dir *dir = *state;
    char path[128];
    struct db *writer;
    struct db *copy;
    struct db *db;

    (void)snprintf(path, sizeof path, "%s/copy", dir->path);
    assert_int_equal(open_at(temp_file(dir, "db"), &db), HN_OK);
    assert_int_equal(open_at(temp_file(dir, "db"), &writer), HN_OK);
    assert_int_equal(db_migrate(db, "test", steps, 1, NULL), HN_OK);
    assert_int_equal(put(writer, HN_TEXT("in")), HN_OK);
    assert_int_equal(db_begin(writer, NULL), HN_OK);
    assert_int_equal(put(writer, HN_TEXT("not yet")), HN_OK);
    assert_int_equal(db_backup(db, path, NULL), HN_OK);
    assert_int_equal(db_commit(writer, NULL), HN_OK);
    assert_int_equal(open_at(path, &copy), HN_OK);
    assert_int_equal(count(copy), 1);
    db_close(copy);
    assert_int_equal(db_backup(db, path, NULL), HN_OK);
    assert_int_equal(open_at(path, &copy), HN_OK);
    assert_int_equal(count(copy), 2);
    assert_int_equal(put(copy, HN_TEXT("a copy can be used")), HN_OK);
    db_close(copy);
    assert_int_equal(db_backup(db, "/nowhere/copy", NULL), HN_IO);
    db_close(writer);
    db_close(db);
}

/* Ten pairs of rows, a transaction each. */
static void pairs_put(const char *path, int *ret_committed)
{
    struct db *db = NULL;
    enum hn_status status = open_at(path, &db);

    if (status == HN_OK)
        status = db_migrate(db, "test", steps, 3, NULL);
    for (int i = 0; i < 10 && status == HN_OK; i++) {
        char name[2][16];

        (void)snprintf(name[0], sizeof name[0], "%d-a", i);
        (void)snprintf(name[1], sizeof name[1], "%d-b", i);
        status = db_begin(db, NULL);
        if (status != HN_OK)
            break;
        status = put(db, hn_text_cstr(name[0]));
        if (status == HN_OK)
            status = put(db, hn_text_cstr(name[1]));
        if (status != HN_OK)
            break;
        status = db_commit(db, NULL);
        *ret_committed += status == HN_OK;
    }
    db_close(db);
}

/* What was committed is there afterwards; of what failed at the last moment all or nothing. */
static void failures_leave_whole_transactions(void **state)
{
    struct temp_dir *dir = *state;

    for (int kind = FAULT_IO; kind <= FAULT_MALLOC; kind++) {
        for (uint64_t n = 1;; n += n < 400 ? 1 : 37) {
            int committed = 0;
            int complaints = 0;
            uint64_t hits;
            int64_t rows;
            struct db *db;

            fault_sqlite_arm((enum fault_kind)kind, n, n % 2 == 0);
            pairs_put(temp_file(dir, "db"), &committed);
            hits = fault_sqlite_disarm();
            assert_int_equal(open_at(temp_file(dir, "db"), &db), HN_OK);
            assert_int_equal(db_check(db, on_complaint, &complaints, NULL), HN_OK);
            assert_int_equal(db_migrate(db, "test", steps, 3, NULL), HN_OK);
            rows = count(db);
            db_close(db);
            /* One row is of step 2. */
            assert_true(rows == 1 + 2 * committed || rows == 3 + 2 * committed);
            temp_dir_remove(dir);
            assert_int_equal(mkdir(dir->path, 0700), 0);
            if (hits == 0)
                break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_come_back_as_they_went_in, setup, teardown),
        cmocka_unit_test_setup_teardown(statements_do_not_disturb_each_other, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_have_their_status, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_follows_a_lost_transaction, setup, teardown),
        cmocka_unit_test_setup_teardown(migrations_go_forward_only, setup, teardown),
        cmocka_unit_test_setup_teardown(check_finds_what_is_wrong, setup, teardown),
        cmocka_unit_test_setup_teardown(backup_has_what_was_committed, setup, teardown),
        cmocka_unit_test_setup_teardown(failures_leave_whole_transactions, setup, teardown),
    };

    fault_sqlite_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
