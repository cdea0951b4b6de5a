/* test_journal.c - appending, committing, reading, opening again. */
#include "journal/journal.h"
#include "support/check.h"
#include "support/folder.h"

#include "base/mem.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define RECEIVED (INT64_C(1795400000) * HN_SECOND)

struct seen {
    unsigned damages;
    struct journal_damage last;
};

static void on_damage(void *ctx, const struct journal_damage *damage)
{
    struct seen *seen = ctx;

    seen->damages++;
    seen->last = *damage;
}

static struct journal *open_in(const char *dir, const struct journal_options *more)
{
    struct journal_options options = more == NULL ? (struct journal_options){ 0 } : *more;
    struct journal *journal = NULL;
    struct hn_err err = { 0 };

    options.dir = dir;
    if (journal_open(&options, NULL, NULL, &journal, &err) != HN_OK)
        fail_msg("%s", err.msg);
    return journal;
}

static void on_done(void *ctx, enum hn_status status)
{
    atomic_int *done = ctx;

    atomic_store(done, 100 + (int)status);
}

static void append(struct journal *journal, const char *text, uint64_t *ret_offset)
{
    assert_int_equal(journal_append(journal, JOURNAL_BATCH, RECEIVED,
                             hn_text_as_bytes(hn_text_cstr(text)), NULL, NULL, ret_offset, NULL),
            HN_OK);
}

static enum hn_status append_and_wait(struct journal *journal, const char *text)
{
    const struct timespec pause = { 0, 50000 };
    atomic_int done = 0;
    enum hn_status status = journal_append(journal, JOURNAL_BATCH, RECEIVED,
            hn_text_as_bytes(hn_text_cstr(text)), on_done, &done, NULL, NULL);

    if (status != HN_OK)
        return status;
    while (atomic_load(&done) == 0)
        (void)nanosleep(&pause, NULL);
    return (enum hn_status)(atomic_load(&done) - 100);
}

static void expect(struct journal_reader *reader, const char *text)
{
    struct journal_record record;
    struct hn_err err = { 0 };
    enum hn_status status = journal_read(reader, 5000, &record, &err);

    if (status != HN_OK)
        fail_msg("\"%s\" is not read: %s %s", text, hn_status_text(status), err.msg);
    check_text(hn_bytes_as_text(record.payload), text);
    assert_int_equal(record.kind, JOURNAL_BATCH);
    assert_true(record.received == RECEIVED);
}

static void expect_nothing(struct journal_reader *reader)
{
    struct journal_record record;

    assert_int_equal(journal_read(reader, 0, &record, NULL), HN_NOTFOUND);
}

/* What was appended is read in order, follows the end, and is there after opening again. */
static void appended_is_read(void **state)
{
    char *dir = folder_new();
    struct journal *journal = open_in(dir, NULL);
    struct journal_reader *reader;
    uint64_t offset;

    (void)state;
    assert_int_equal(journal_reader_open(journal, 0, &reader, NULL), HN_OK);
    expect_nothing(reader);
    assert_int_equal(append_and_wait(journal, "one"), HN_OK);
    expect(reader, "one");
    expect_nothing(reader);
    append(journal, "two", &offset);
    assert_true(offset == 35);
    expect(reader, "two");
    assert_int_equal(append_and_wait(journal, ""), HN_OK);
    expect(reader, "");
    assert_true(journal_end(journal) == 35 * 2 + 32);
    assert_true(journal_committed(journal) == journal_end(journal));
    journal_reader_close(reader);
    journal_close(journal);

    journal = open_in(dir, NULL);
    assert_true(journal_end(journal) == 35 * 2 + 32);
    assert_int_equal(journal_reader_open(journal, 35, &reader, NULL), HN_OK);
    expect(reader, "two");
    journal_reader_close(reader);
    assert_int_equal(append_and_wait(journal, "three"), HN_OK);
    assert_int_equal(journal_reader_open(journal, 1, &reader, NULL), HN_OK);
    expect(reader, "two");
    expect(reader, "");
    expect(reader, "three");
    expect_nothing(reader);
    journal_reader_close(reader);
    journal_close(journal);
    folder_free(dir);
}

/* Many small segments, packed or not: every record is read from every offset at which one begins,
 * and from the places between. */
static void reads_over_segments(void **state)
{
    const struct journal_options kinds[] = { { .segment_bytes = 300 },
        { .segment_bytes = 300, .compress = true } };

    (void)state;
    for (size_t k = 0; k < HN_COUNT_OF(kinds); k++) {
        char *dir = folder_new();
        struct journal *journal = open_in(dir, &kinds[k]);
        struct journal_reader *reader;
        char text[32];

        for (int i = 0; i < 100; i++) {
            (void)snprintf(text, sizeof text, "record %03d", i);
            assert_int_equal(append_and_wait(journal, text), HN_OK);
        }
        for (uint64_t from = 0; from <= (uint64_t)42 * 100; from += 7) {
            assert_int_equal(journal_reader_open(journal, from, &reader, NULL), HN_OK);
            for (int i = (int)((from + 41) / 42); i < 100; i++) {
                (void)snprintf(text, sizeof text, "record %03d", i);
                expect(reader, text);
            }
            expect_nothing(reader);
            journal_reader_close(reader);
        }
        journal_close(journal);
        assert_int_equal(journal_reader_open_dir(dir, 42, NULL, NULL, &reader, NULL), HN_OK);
        for (int i = 1; i < 100; i++) {
            (void)snprintf(text, sizeof text, "record %03d", i);
            expect(reader, text);
        }
        expect_nothing(reader);
        journal_reader_close(reader);
        folder_free(dir);
    }
}

/* A second writer is refused while the first has the folder, and taken afterwards. */
static void one_writer(void **state)
{
    char *dir = folder_new();
    struct journal *journal = open_in(dir, NULL);
    struct journal_options options = { .dir = dir };
    struct journal *second = NULL;

    (void)state;
    assert_int_equal(journal_open(&options, NULL, NULL, &second, NULL), HN_LIMIT);
    assert_null(second);
    journal_close(journal);
    journal = open_in(dir, NULL);
    journal_close(journal);
    folder_free(dir);
}

/* A reader of the folder sees what the writer of it has committed. */
static void folder_reader_follows(void **state)
{
    char *dir = folder_new();
    struct journal *journal = open_in(dir, NULL);
    struct journal_reader *reader;
    struct seen seen = { 0 };

    (void)state;
    assert_int_equal(journal_reader_open_dir(dir, 0, on_damage, &seen, &reader, NULL), HN_OK);
    expect_nothing(reader);
    assert_int_equal(append_and_wait(journal, "a"), HN_OK);
    expect(reader, "a");
    expect_nothing(reader);
    assert_int_equal(append_and_wait(journal, "b"), HN_OK);
    expect(reader, "b");
    journal_reader_close(reader);
    journal_close(journal);
    assert_int_equal(seen.damages, 0);
    folder_free(dir);
}

/* A reader that has seen the zeros behind the last record of a journal that was left by a crash
 * sees what a writer that starts later puts there. */
static void folder_reader_outlives_a_crash(void **state)
{
    char *dir = folder_new();
    char *copy = folder_new();
    const struct journal_options options = { .segment_bytes = 4096 };
    struct journal *journal = open_in(dir, &options);
    struct journal_reader *reader;
    struct seen seen = { 0 };

    (void)state;
    assert_int_equal(append_and_wait(journal, "before"), HN_OK);
    folder_copy(dir, copy); /* as a crash would leave it */
    journal_close(journal);
    assert_int_equal(journal_reader_open_dir(copy, 0, on_damage, &seen, &reader, NULL), HN_OK);
    expect(reader, "before");
    expect_nothing(reader);
    journal = open_in(copy, &options);
    expect_nothing(reader);
    assert_int_equal(append_and_wait(journal, "after"), HN_OK);
    expect(reader, "after");
    expect_nothing(reader);
    assert_int_equal(seen.damages, 0);
    journal_reader_close(reader);
    journal_close(journal);
    folder_free(dir);
    folder_free(copy);
}

static void *waker(void *ctx)
{
    const struct timespec pause = { 0, 20000000 };

    (void)nanosleep(&pause, NULL);
    journal_reader_wake(ctx);
    return NULL;
}

/* A wait without end is ended by a wake, one with an end by its time. */
static void waits_end(void **state)
{
    char *dir = folder_new();
    struct journal *journal = open_in(dir, NULL);
    struct journal_reader *readers[2];
    struct journal_record record;

    (void)state;
    assert_int_equal(journal_reader_open(journal, 0, &readers[0], NULL), HN_OK);
    assert_int_equal(journal_reader_open_dir(dir, 0, NULL, NULL, &readers[1], NULL), HN_OK);
    for (size_t i = 0; i < 2; i++) {
        pthread_t thread;

        assert_int_equal(pthread_create(&thread, NULL, waker, readers[i]), 0);
        assert_int_equal(journal_read(readers[i], -1, &record, NULL), HN_NOTFOUND);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal(journal_read(readers[i], 30, &record, NULL), HN_NOTFOUND);
        journal_reader_wake(readers[i]);
        assert_int_equal(journal_read(readers[i], -1, &record, NULL), HN_NOTFOUND);
        journal_reader_close(readers[i]);
    }
    journal_close(journal);
    folder_free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appended_is_read),
        cmocka_unit_test(reads_over_segments),
        cmocka_unit_test(one_writer),
        cmocka_unit_test(folder_reader_follows),
        cmocka_unit_test(folder_reader_outlives_a_crash),
        cmocka_unit_test(waits_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
