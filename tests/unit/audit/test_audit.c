/* test_audit.c - every change has its entry, and any tampering shows where. */
#include "audit/audit.h"
#include "support/check.h"
#include "support/temp_dir.h"

#include <stdio.h>
#include <string.h>

#define ENTRIES 20

struct scene {
    struct temp_dir dir;
    struct db *db;
};

static void exec(struct db *db, const char *sql)
{
    struct db_stmt *stmt;

    assert_int_equal(db_prepare(db, sql, &stmt, NULL), HN_OK);
    assert_int_equal(db_run(stmt, NULL), HN_OK);
}

static void append(struct db *db, int64_t n)
{
    char object[32];
    struct audit_entry entry = { .time = n * HN_SECOND,
        .actor = HN_TEXT("user:alice"),
        .address = HN_TEXT("192.0.2.1"),
        .action = HN_TEXT("incident.update"),
        .detail = HN_TEXT("{\"status\":\"closed\"}") };

    (void)snprintf(object, sizeof object, "incident:%lld", (long long)n);
    entry.object = hn_text_cstr(object);
    assert_int_equal(db_begin(db, NULL), HN_OK);
    assert_int_equal(audit_append(db, &entry, NULL), HN_OK);
    assert_int_equal(db_commit(db, NULL), HN_OK);
}

static int setup(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);
    struct db_options options = { 0 };
    char path[512];

    if (scene == NULL)
        return -1;
    temp_dir_make(&scene->dir);
    (void)snprintf(path, sizeof path, "%s/a.db", scene->dir.path);
    options.path = path;
    if (db_open(&options, &scene->db, NULL) != HN_OK || audit_migrate(scene->db, NULL) != HN_OK)
        return -1;
    for (int64_t n = 1; n <= ENTRIES; n++)
        append(scene->db, n);
    *state = scene;
    return 0;
}

static int teardown(void **state)
{
    struct scene *scene = *state;

    db_close(scene->db);
    temp_dir_remove(&scene->dir);
    free(scene);
    return 0;
}

static void count_entry(void *ctx, const struct audit_entry *entry)
{
    int64_t *last = ctx;

    assert_int_equal(entry->seq, *last + 1);
    assert_true(hn_text_eq(entry->actor, HN_TEXT("user:alice")));
    *last = entry->seq;
}

/* Everything that was appended is read, in order, and fits together. */
static void entries_are_read_in_order(void **state)
{
    struct scene *scene = *state;
    int64_t last = 5;
    int64_t broken = 0;

    assert_int_equal(audit_read(scene->db, 5, 10, count_entry, &last, NULL), HN_OK);
    assert_int_equal(last, 15);
    assert_int_equal(audit_check(scene->db, &broken, NULL), HN_OK);
}

/* A change that is rolled back leaves no entry, and no gap. */
static void a_rolled_back_change_has_no_entry(void **state)
{
    struct scene *scene = *state;
    struct audit_entry entry = { .actor = HN_TEXT("system") };
    char hash[HN_SHA256_HEX_LEN];
    int64_t seq = 0;

    assert_int_equal(db_begin(scene->db, NULL), HN_OK);
    assert_int_equal(audit_append(scene->db, &entry, NULL), HN_OK);
    db_rollback(scene->db);
    assert_int_equal(audit_head(scene->db, &seq, hash, NULL), HN_OK);
    assert_int_equal(seq, ENTRIES);
    append(scene->db, 99);
    assert_int_equal(audit_check(scene->db, &seq, NULL), HN_OK);
}

/* Editing any field of any entry, removing one, or adding one shows where it was. */
static void tampering_shows_where(void **state)
{
    static const struct {
        const char *sql;
        int64_t broken;
    } attempts[] = {
        { "UPDATE audit SET actor = 'user:mallory' WHERE seq = 7", 7 },
        { "UPDATE audit SET time = time + 1 WHERE seq = 1", 1 },
        { "UPDATE audit SET detail = '' WHERE seq = 20", 20 },
        { "UPDATE audit SET action = 'incident.updat', object = 'eincident:3' WHERE seq = 3", 3 },
        { "UPDATE audit SET hash = replace(hash, 'a', 'b') WHERE seq = 9", 9 },
        { "UPDATE audit SET hash = 'short' WHERE seq = 4", 4 },
        { "DELETE FROM audit WHERE seq = 10", 10 },
        { "DELETE FROM audit WHERE seq = 1", 1 },
        { "UPDATE audit SET seq = seq + 1 WHERE seq = 20", 20 },
    };
    struct scene *scene = *state;
    int64_t broken = 0;

    for (size_t i = 0; i < HN_COUNT_OF(attempts); i++) {
        assert_int_equal(db_begin(scene->db, NULL), HN_OK);
        exec(scene->db, attempts[i].sql);
        assert_int_equal(audit_check(scene->db, &broken, NULL), HN_CORRUPT);
        assert_int_equal(broken, attempts[i].broken);
        db_rollback(scene->db);
    }
    assert_int_equal(audit_check(scene->db, &broken, NULL), HN_OK);
}

/* Retention cuts off the start; the rest still fits together, and one more missing shows. */
static void forgetting_keeps_the_chain(void **state)
{
    struct scene *scene = *state;
    int64_t broken = 0;

    assert_int_equal(db_begin(scene->db, NULL), HN_OK);
    assert_int_equal(audit_forget(scene->db, 8 * HN_SECOND, NULL), HN_OK);
    assert_int_equal(db_commit(scene->db, NULL), HN_OK);
    assert_int_equal(audit_check(scene->db, &broken, NULL), HN_OK);
    append(scene->db, 50);
    assert_int_equal(audit_check(scene->db, &broken, NULL), HN_OK);
    assert_int_equal(db_begin(scene->db, NULL), HN_OK);
    exec(scene->db, "DELETE FROM audit WHERE seq = 8");
    assert_int_equal(audit_check(scene->db, &broken, NULL), HN_CORRUPT);
    assert_int_equal(broken, 8);
    db_rollback(scene->db);
    /* The newest stays, however old. */
    assert_int_equal(db_begin(scene->db, NULL), HN_OK);
    assert_int_equal(audit_forget(scene->db, 9999 * HN_SECOND, NULL), HN_OK);
    assert_int_equal(db_commit(scene->db, NULL), HN_OK);
    assert_int_equal(audit_check(scene->db, &broken, NULL), HN_OK);
    append(scene->db, 51);
    assert_int_equal(audit_check(scene->db, &broken, NULL), HN_OK);
}

/* An entry that could not be kept whole is refused. */
static void too_long_is_refused(void **state)
{
    static char big[AUDIT_DETAIL_MAX + 1];
    struct scene *scene = *state;
    struct audit_entry entry = { .actor = HN_TEXT("a"), .detail = { big, sizeof big } };

    memset(big, 'x', sizeof big);
    assert_int_equal(db_begin(scene->db, NULL), HN_OK);
    assert_int_equal(audit_append(scene->db, &entry, NULL), HN_LIMIT);
    db_rollback(scene->db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(entries_are_read_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_rolled_back_change_has_no_entry, setup, teardown),
        cmocka_unit_test_setup_teardown(tampering_shows_where, setup, teardown),
        cmocka_unit_test_setup_teardown(forgetting_keeps_the_chain, setup, teardown),
        cmocka_unit_test_setup_teardown(too_long_is_refused, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
