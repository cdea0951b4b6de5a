/* test_queue.c - the queue without workers: each sample once, in order, whatever ends when; limits,
 * expiry, and files that belong to rows. */
#include "sample/sample_internal.h"

#include "support/check.h"
#include "support/temp_dir.h"

#include "base/mem.h"

#include <sys/stat.h>

struct scene {
    struct temp_dir dir;
    char folder[128];
    char database[128];
    struct db *db;
    struct sample_workers workers; /* none */
    struct sample_options options;
    struct samples *samples;
    hn_time now;
};

static hn_time clock_now(void *ctx)
{
    return ((struct scene *)ctx)->now;
}

static void open_samples(struct scene *scene)
{
    assert_int_equal(sample_new(&scene->options, scene->db, &scene->samples, NULL), HN_OK);
}

static int scene_open(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);

    temp_dir_make(&scene->dir);
    (void)snprintf(scene->folder, sizeof scene->folder, "%s/samples", scene->dir.path);
    (void)snprintf(scene->database, sizeof scene->database, "%s/x.db", scene->dir.path);
    scene->now = 1000 * HN_DAY;
    scene->options = (struct sample_options){ .dir = scene->folder,
        .database = scene->database,
        .version = "0",
        .workers = &scene->workers,
        .queue_max = 5,
        .file_max = 1000,
        .expires = 10 * HN_DAY,
        .now = clock_now,
        .ctx = scene };
    assert_int_equal(
            db_open(&(struct db_options){ .path = scene->database }, &scene->db, NULL), HN_OK);
    assert_int_equal(sample_migrate(scene->db, NULL), HN_OK);
    open_samples(scene);
    *state = scene;
    return 0;
}

static void on_name(void *ctx, struct hn_text name, uint64_t bytes)
{
    (void)bytes;
    assert_int_equal(vault_remove(ctx, name, NULL), HN_OK);
}

static int scene_close(void **state)
{
    struct scene *scene = *state;
    char path[200];

    assert_int_equal(
            vault_each(scene->samples->vault, on_name, scene->samples->vault, NULL), HN_OK);
    sample_free(scene->samples);
    db_close(scene->db);
    (void)snprintf(path, sizeof path, "%s/files", scene->folder);
    (void)rmdir(path);
    (void)snprintf(path, sizeof path, "%s/key", scene->folder);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s/" SAMPLE_INDICATORS, scene->folder);
    (void)unlink(path);
    (void)rmdir(scene->folder);
    temp_dir_remove(&scene->dir);
    free(scene);
    return 0;
}

static enum hn_status submit(struct scene *scene, const char *bytes, const char *password,
        const char *tenant, char *id, bool *is_new)
{
    struct hn_text passwords[1] = { hn_text_cstr(password) };
    const struct sample_wish wish = { .bytes = hn_text_as_bytes(hn_text_cstr(bytes)),
        .name = HN_TEXT("C:\\a/b.doc"),
        .tenant = hn_text_cstr(tenant),
        .actor = HN_TEXT("user:x"),
        .passwords = passwords,
        .password_count = password[0] != '\0' };

    return sample_submit(scene->samples, scene->db, &wish, id, is_new, NULL);
}

static void take(struct scene *scene, const char *bytes, char *id)
{
    bool is_new = false;

    assert_int_equal(submit(scene, bytes, "", "", id, &is_new), HN_OK);
    assert_true(is_new);
}

static void on_row(void *ctx, const struct sample_row *row)
{
    struct sample_row *kept = ctx;

    *kept = *row;
    kept->id = kept->sha256 = kept->name = kept->tenant = kept->actor = HN_TEXT("");
    kept->error = row->error.len > 0 ? HN_TEXT("error") : HN_TEXT("");
    if (row->state == SAMPLE_QUEUED)
        check_text(row->name, "b.doc");
}

static struct sample_row row_of(struct scene *scene, const char *id)
{
    struct sample_row row = { 0 };

    assert_int_equal(
            sample_find(scene->db, hn_text_of(id, SAMPLE_ID_LEN), HN_TEXT(""), on_row, &row, NULL),
            HN_OK);
    return row;
}

static unsigned files_of(struct scene *scene)
{
    struct db_stmt *stmt = NULL;
    unsigned count;

    assert_int_equal(
            db_prepare(scene->db, "SELECT count(DISTINCT sha256) FROM sample_file WHERE kept=1",
                    &stmt, NULL),
            HN_OK);
    assert_int_equal(db_next(stmt, NULL), HN_OK);
    count = (unsigned)db_int(stmt, 0);
    db_stmt_done(stmt);
    return count;
}

static void on_count(void *ctx, struct hn_text name, uint64_t bytes)
{
    (void)name;
    (void)bytes;
    ++*(unsigned *)ctx;
}

static unsigned on_disk(struct scene *scene)
{
    unsigned count = 0;

    assert_int_equal(vault_each(scene->samples->vault, on_count, &count, NULL), HN_OK);
    return count;
}

/* The same bytes with the same passwords of the same tenant are one sample, anything else another;
 * the bytes are on disk once. */
static void the_same_is_there_once(void **state)
{
    static const struct {
        const char *bytes, *password, *tenant;
        bool is_new;
    } rows[] = { { "a", "", "", true }, { "a", "", "", false }, { "a", "p", "", true },
        { "a", "", "t", true }, { "b", "", "", true }, { "a", "p", "", false },
        { "a", "", "t", false } };
    struct scene *scene = *state;

    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        char id[SAMPLE_ID_LEN];
        bool is_new = !rows[i].is_new;

        assert_int_equal(
                submit(scene, rows[i].bytes, rows[i].password, rows[i].tenant, id, &is_new), HN_OK);
        assert_int_equal(is_new, rows[i].is_new);
    }
    assert_int_equal(on_disk(scene), 2);
}

/* A full queue, nothing at all and too much are refused and leave nothing. */
static void what_is_refused_leaves_nothing(void **state)
{
    struct scene *scene = *state;
    char id[SAMPLE_ID_LEN];
    char large[1002];
    bool is_new;

    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    assert_int_equal(submit(scene, "", "", "", id, &is_new), HN_LIMIT);
    assert_int_equal(submit(scene, large, "", "", id, &is_new), HN_LIMIT);
    for (unsigned i = 0; i < 5; i++) {
        const char bytes[2] = { (char)('a' + i), '\0' };

        take(scene, bytes, id);
    }
    assert_int_equal(submit(scene, "z", "", "", id, &is_new), HN_LIMIT);
    assert_int_equal(submit(scene, "a", "", "", id, &is_new), HN_OK); /* it is there */
    assert_int_equal(files_of(scene), 5);
    /* The file of the one that was refused goes with the next start at the latest. */
    sample_free(scene->samples);
    open_samples(scene);
    assert_int_equal(on_disk(scene), 5);
}

/* Oldest first; what was being looked at goes back at the next start, behind the others, and is
 * given up after several times; what was given back without fault may come any number of times. */
static void the_queue_survives_ends(void **state)
{
    struct scene *scene = *state;
    struct sample_job job = { 0 };
    char a[SAMPLE_ID_LEN];
    char b[SAMPLE_ID_LEN];

    take(scene, "a", a);
    take(scene, "c", b);
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(sample_claim(scene->samples, scene->db, &job, NULL), HN_OK);
        assert_memory_equal(job.id, a, SAMPLE_ID_LEN);
        assert_int_equal(sample_give_back(scene->samples, scene->db, job.seq, false, NULL), HN_OK);
    }
    assert_int_equal(sample_claim(scene->samples, scene->db, &job, NULL), HN_OK);
    sample_free(scene->samples);
    open_samples(scene);
    assert_int_equal(sample_claim(scene->samples, scene->db, &job, NULL), HN_OK);
    assert_memory_equal(job.id, b, SAMPLE_ID_LEN);
    assert_int_equal(sample_give_up(scene->samples, scene->db, job.seq, "why", NULL), HN_OK);
    for (unsigned i = 1; i < SAMPLE_TRIES_MAX; i++) {
        assert_int_equal(row_of(scene, a).attempts, i);
        assert_int_equal(sample_claim(scene->samples, scene->db, &job, NULL), HN_OK);
        assert_memory_equal(job.id, a, SAMPLE_ID_LEN);
        sample_free(scene->samples);
        open_samples(scene);
    }
    assert_int_equal(row_of(scene, a).state, SAMPLE_FAILED);
    assert_int_equal(row_of(scene, a).error.len, 5);
    assert_int_equal(sample_claim(scene->samples, scene->db, &job, NULL), HN_NOTFOUND);
    assert_int_equal(row_of(scene, b).state, SAMPLE_FAILED);
    hn_buf_deinit(&job.sealed);
}

/* A worker that ends again and again takes the sample with it, and not the others. */
static void a_worker_that_ends_counts(void **state)
{
    struct scene *scene = *state;
    struct sample_job job = { 0 };
    char a[SAMPLE_ID_LEN];

    take(scene, "a", a);
    for (unsigned i = 0; i < SAMPLE_TRIES_MAX; i++) {
        assert_int_equal(row_of(scene, a).state, SAMPLE_QUEUED);
        assert_int_equal(sample_claim(scene->samples, scene->db, &job, NULL), HN_OK);
        assert_int_equal(sample_give_back(scene->samples, scene->db, job.seq, true, NULL), HN_OK);
    }
    assert_int_equal(row_of(scene, a).state, SAMPLE_FAILED);
    hn_buf_deinit(&job.sealed);
}

static void finish(struct scene *scene)
{
    struct sample_job job = { 0 };

    assert_int_equal(sample_claim(scene->samples, scene->db, &job, NULL), HN_OK);
    assert_int_equal(sample_give_up(scene->samples, scene->db, job.seq, "done with", NULL), HN_OK);
    hn_buf_deinit(&job.sealed);
}

/* Limits of age, count and bytes take the oldest finished ones, never one that waits. */
static void limits_take_the_oldest(void **state)
{
    struct scene *scene = *state;
    char ids[4][SAMPLE_ID_LEN];
    struct sample_row row = { 0 };

    for (unsigned i = 0; i < 4; i++) {
        const char bytes[3] = { (char)('a' + i), 'x', '\0' };

        take(scene, bytes, ids[i]);
        if (i < 3)
            finish(scene);
        scene->now += HN_DAY;
    }
    scene->samples->options.age_max = 3 * HN_DAY + 1;
    assert_int_equal(sample_tidy(scene->samples, scene->db, NULL), HN_OK);
    assert_int_equal(sample_find(scene->db, hn_text_of(ids[0], SAMPLE_ID_LEN), HN_TEXT(""), on_row,
                             &row, NULL),
            HN_NOTFOUND);
    assert_int_equal(on_disk(scene), 3);
    scene->samples->options.count_max = 2;
    assert_int_equal(sample_tidy(scene->samples, scene->db, NULL), HN_OK);
    assert_int_equal(on_disk(scene), 2);
    scene->samples->options.bytes_max = 1;
    assert_int_equal(sample_tidy(scene->samples, scene->db, NULL), HN_OK);
    assert_int_equal(on_disk(scene), 1);
    assert_int_equal(row_of(scene, ids[3]).state, SAMPLE_QUEUED);
}

static void insert_indicator(struct scene *scene, const char *id, const char *value)
{
    struct db_stmt *stmt = NULL;

    assert_int_equal(db_prepare(scene->db,
                             "INSERT INTO sample_indicator(sample,type,value,role,decision,actor)"
                             " VALUES(?1,'domain',?2,'c2',0,'')",
                             &stmt, NULL),
            HN_OK);
    db_bind_text(stmt, 1, hn_text_of(id, SAMPLE_ID_LEN));
    db_bind_text(stmt, 2, hn_text_cstr(value));
    assert_int_equal(db_run(stmt, NULL), HN_OK);
}

static bool list_has(struct scene *scene, const char *value)
{
    char path[200];
    struct hn_text text;
    char *bytes;
    bool has;

    (void)snprintf(path, sizeof path, "%s/" SAMPLE_INDICATORS, scene->folder);
    bytes = check_read_file(path, &text);
    assert_non_null(bytes);
    has = hn_text_find(text, hn_text_cstr(value), 0) != SIZE_MAX;
    hn_free(bytes);
    return has;
}

/* Accepted ones are in the list until they expire, also when their sample is gone; one number that
 * is wrong undoes all of a decision. */
static void accepted_ones_expire(void **state)
{
    struct scene *scene = *state;
    const int64_t numbers[] = { 1, 3 };
    struct sample_verdict verdict = { .numbers = numbers,
        .count = 2,
        .decision = SAMPLE_ACCEPTED,
        .actor = HN_TEXT("user:x"),
        .expires = HN_TIME_NONE };
    char id[SAMPLE_ID_LEN];
    struct hn_text name = hn_text_of(id, SAMPLE_ID_LEN);

    take(scene, "a", id);
    finish(scene);
    insert_indicator(scene, id, "one.example");
    insert_indicator(scene, id, "two.example");
    assert_int_equal(sample_decide(scene->samples, scene->db, name, &verdict, NULL), HN_NOTFOUND);
    assert_false(list_has(scene, "one.example"));
    verdict.count = 1;
    assert_int_equal(sample_decide(scene->samples, scene->db, name, &verdict, NULL), HN_OK);
    assert_true(list_has(scene, "one.example,domain,"));
    assert_false(list_has(scene, "two.example"));
    assert_int_equal(sample_remove(scene->samples, scene->db, name, NULL), HN_OK);
    sample_free(scene->samples);
    open_samples(scene);
    assert_true(list_has(scene, "one.example"));
    scene->now += 10 * HN_DAY - 1;
    assert_int_equal(sample_tidy(scene->samples, scene->db, NULL), HN_OK);
    assert_true(list_has(scene, "one.example"));
    scene->now += 1;
    assert_int_equal(sample_tidy(scene->samples, scene->db, NULL), HN_OK);
    assert_false(list_has(scene, "one.example"));
}

/* Memory may end anywhere while one is handed in: it is there as a whole or not at all, and the
 * next one is taken. */
static void memory_may_end(void **state)
{
    struct scene *scene = *state;
    uint64_t hits = 1;

    for (uint64_t n = 1; hits > 0; n++) {
        char id[SAMPLE_ID_LEN];
        bool is_new = false;
        enum hn_status status;

        hn_mem_fail_from(n);
        status = submit(scene, "a", "p", "", id, &is_new);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        assert_true(status == HN_OK || hits > 0);
        assert_int_equal(files_of(scene), status == HN_OK ? 1 : 0);
        assert_true(n < 500);
        if (status == HN_OK)
            break;
    }
    assert_int_equal(files_of(scene), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_same_is_there_once, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(what_is_refused_leaves_nothing, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(the_queue_survives_ends, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(a_worker_that_ends_counts, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(limits_take_the_oldest, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(accepted_ones_expire, scene_open, scene_close),
        cmocka_unit_test_setup_teardown(memory_may_end, scene_open, scene_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
