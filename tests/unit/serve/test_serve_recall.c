/* test_serve_recall.c - a start knows keys and positions: from the saved state and the journal
 * behind it, from the state before, or from the whole journal. */
#include "serve/serve_internal.h"
#include "support/check.h"
#include "support/folder.h"

#include "base/file.h"
#include "base/mem.h"

#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct fixture {
    struct serve serve;
    char *data;
    char *journal;
};

static void open_journal(struct fixture *f)
{
    const struct journal_options options = { .dir = f->journal };

    assert_int_equal(journal_open(&options, NULL, NULL, &f->serve.journal, NULL), HN_OK);
}

static void begin(struct fixture *f)
{
    *f = (struct fixture){ .data = folder_new(), .journal = folder_new() };
    (void)snprintf(f->serve.data, sizeof f->serve.data, "%s", f->data);
    serve_log_init(CONFIG_LOG_JSON, CONFIG_LOG_ERROR, STDERR_FILENO);
    open_journal(f);
}

static void stop(struct fixture *f)
{
    intake_free(f->serve.intake);
    f->serve.intake = NULL;
    journal_close(f->serve.journal);
    f->serve.journal = NULL;
    f->serve.saved = 0;
}

static void path_of(const struct fixture *f, const char *name, char path[SERVE_PATH_MAX])
{
    assert_true(serve_path(&f->serve, name, path));
}

static void end(struct fixture *f)
{
    char path[SERVE_PATH_MAX];

    stop(f);
    path_of(f, "intake/now.hni", path);
    (void)unlink(path);
    path_of(f, "intake/before.hni", path);
    (void)unlink(path);
    path_of(f, "intake", path);
    (void)rmdir(path);
    folder_free(f->data);
    folder_free(f->journal);
}

static void on_done(void *ctx, enum hn_status status)
{
    assert_int_equal(status, HN_OK);
    atomic_store((atomic_int *)ctx, 1);
}

/* One more batch, whose position is its key. */
static void add(struct fixture *f, const char *key)
{
    const struct timespec pause = { 0, 100000 };
    struct intake_batch batch = { .source = HN_TEXT("files"),
        .key = hn_text_cstr(key),
        .stream = HN_TEXT("/a"),
        .position = hn_text_cstr(key),
        .body = hn_bytes_of("x\n", 2) };
    atomic_int done = 0;

    assert_int_equal(intake_submit(f->serve.intake, &batch, on_done, &done, NULL, NULL), HN_OK);
    while (atomic_load(&done) == 0)
        (void)nanosleep(&pause, NULL);
}

/* Both keys are known (nothing is added to the journal), and the position is the last. */
static void expect_all_known(struct fixture *f)
{
    struct hn_buf position = { 0 };
    uint64_t before;

    assert_true(intake_position(f->serve.intake, HN_TEXT("files"), HN_TEXT("/a"), &position));
    check_buf(&position, "three");
    hn_buf_deinit(&position);
    before = journal_end(f->serve.journal);
    add(f, "one");
    add(f, "two");
    add(f, "three");
    assert_int_equal(journal_end(f->serve.journal), before);
}

/* Three batches; the state is saved after each of the first two. */
static void live(struct fixture *f)
{
    assert_int_equal(serve_recall(&f->serve, NULL), HN_OK);
    add(f, "one");
    serve_recall_save(&f->serve);
    add(f, "two");
    serve_recall_save(&f->serve);
    add(f, "three");
    stop(f);
    open_journal(f);
}

static void damage(struct fixture *f, const char *name)
{
    char dir[SERVE_PATH_MAX];

    path_of(f, "intake", dir);
    assert_int_equal(hn_file_write_whole(dir, name, hn_bytes_of("HNIS\1", 5), NULL), HN_OK);
}

static void nothing_is_forgotten(void **state)
{
    static const char *const damaged[][2] = { { NULL, NULL }, { "now.hni", NULL },
        { "before.hni", NULL }, { "now.hni", "before.hni" } };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(damaged); i++) {
        struct fixture f;

        begin(&f);
        live(&f);
        for (size_t k = 0; k < 2; k++) {
            if (damaged[i][k] != NULL)
                damage(&f, damaged[i][k]);
        }
        assert_int_equal(serve_recall(&f.serve, NULL), HN_OK);
        expect_all_known(&f);
        end(&f);
    }
}

/* What the state says is not read from the journal again: a state with a key that the journal does
 * not have stays known. The state of a longer journal, though, is of another one. */
static void state_is_believed_within_the_journal(void **state)
{
    struct fixture f;
    struct intake_batch batch = { .source = HN_TEXT("files"),
        .stream = HN_TEXT("/b"),
        .position = HN_TEXT("said"),
        .key = HN_TEXT("said") };
    struct hn_buf position = { 0 };

    (void)state;
    for (int longer = 0; longer < 2; longer++) {
        begin(&f);
        assert_int_equal(serve_recall(&f.serve, NULL), HN_OK);
        add(&f, "one");
        intake_recall(f.serve.intake, &batch, 1);
        if (longer == 1)
            intake_recalled(f.serve.intake, journal_end(f.serve.journal) + 1);
        serve_recall_save(&f.serve);
        stop(&f);
        open_journal(&f);
        assert_int_equal(serve_recall(&f.serve, NULL), HN_OK);
        assert_true(intake_position(f.serve.intake, HN_TEXT("files"), HN_TEXT("/a"), &position));
        assert_true(intake_position(f.serve.intake, batch.source, batch.stream, &position) ==
                    (longer == 0));
        end(&f);
    }
    hn_buf_deinit(&position);
}

/* While nothing comes in, nothing is written. */
static void idle_writes_nothing(void **state)
{
    struct fixture f;
    char path[SERVE_PATH_MAX];
    struct stat info;

    (void)state;
    begin(&f);
    assert_int_equal(serve_recall(&f.serve, NULL), HN_OK);
    path_of(&f, "intake/now.hni", path);
    serve_recall_save(&f.serve);
    assert_int_not_equal(stat(path, &info), 0);
    add(&f, "one");
    serve_recall_save(&f.serve);
    assert_int_equal(unlink(path), 0);
    serve_recall_save(&f.serve);
    assert_int_not_equal(stat(path, &info), 0);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_forgotten),
        cmocka_unit_test(state_is_believed_within_the_journal),
        cmocka_unit_test(idle_writes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
