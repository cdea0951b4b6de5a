/* test_threads.c - many appenders and readers at once, allocations that fail, room that runs out.
 *
 * What the preset tsan is for. */
#include "journal/journal.h"
#include "support/check.h"
#include "support/folder.h"

#include "base/mem.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define APPENDERS 8u
#define EACH      300u

struct shared {
    struct journal *journal;
    atomic_uint done;
};

struct appender {
    struct shared *shared;
    uint32_t id;
};

static void on_done(void *ctx, enum hn_status status)
{
    struct shared *shared = ctx;

    if (status == HN_OK)
        atomic_fetch_add(&shared->done, 1);
}

static void *append_main(void *ctx)
{
    const struct appender *appender = ctx;
    const struct timespec pause = { 0, 100000 };

    for (uint32_t i = 0; i < EACH; i++) {
        uint32_t payload[30] = { appender->id, i };

        while (journal_append(appender->shared->journal, JOURNAL_BATCH, 1,
                       hn_bytes_of(payload, sizeof payload), on_done, appender->shared, NULL,
                       NULL) != HN_OK)
            (void)nanosleep(&pause, NULL); /* too much is pending */
        if (i % 16 == 0)
            (void)nanosleep(&pause, NULL);
    }
    return NULL;
}

/* Each appender's records in its order, all of them, offsets without a gap. */
static void *read_main(void *ctx)
{
    struct shared *shared = ctx;
    struct journal_reader *reader;
    uint32_t next[APPENDERS] = { 0 };
    uint64_t offset = 0;

    if (journal_reader_open(shared->journal, 0, &reader, NULL) != HN_OK)
        return NULL;
    for (unsigned seen = 0; seen < APPENDERS * EACH; seen++) {
        struct journal_record record;
        uint32_t payload[2];

        if (journal_read(reader, 20000, &record, NULL) != HN_OK || record.offset != offset)
            return NULL;
        memcpy(payload, record.payload.ptr, sizeof payload);
        if (payload[0] >= APPENDERS || payload[1] != next[payload[0]]++)
            return NULL;
        offset = record.next;
    }
    journal_reader_close(reader);
    return ctx;
}

/* Eight threads append, two read along, segments are sealed and packed behind them. */
static void appenders_and_readers(void **state)
{
    struct journal_options options = {
        .segment_bytes = 20000, .compress = true, .pending_bytes_max = 20000
    };
    char *dir = folder_new();
    struct shared shared = { .done = 0 };
    struct appender appenders[APPENDERS];
    pthread_t threads[APPENDERS];
    pthread_t readers[2];

    (void)state;
    options.dir = dir;
    assert_int_equal(journal_open(&options, NULL, NULL, &shared.journal, NULL), HN_OK);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_main, &shared), 0);
    for (uint32_t i = 0; i < APPENDERS; i++) {
        appenders[i] = (struct appender){ &shared, i };
        assert_int_equal(pthread_create(&threads[i], NULL, append_main, &appenders[i]), 0);
    }
    for (size_t i = 0; i < APPENDERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (size_t i = 0; i < 2; i++) {
        void *fine = NULL;

        assert_int_equal(pthread_join(readers[i], &fine), 0);
        assert_non_null(fine);
    }
    assert_true(journal_stats(shared.journal).records == (uint64_t)APPENDERS * EACH);
    assert_true(journal_stats(shared.journal).commits > 1);
    journal_close(shared.journal);
    assert_int_equal(atomic_load(&shared.done), APPENDERS * EACH);
    folder_free(dir);
}

/* Opens, appends, reads, checks, repairs; the first failure ends it. */
static enum hn_status use_all(const struct journal_options *options, bool *ret_appended)
{
    static const uint8_t payload[3000];
    struct journal *journal = NULL;
    struct journal_reader *reader = NULL;
    struct journal_record record;
    struct journal_check check;
    enum hn_status status = journal_open(options, NULL, NULL, &journal, NULL);

    *ret_appended = false;
    if (status == HN_OK) {
        status = journal_append(journal, JOURNAL_BATCH, 1, hn_bytes_of(payload, sizeof payload),
                NULL, NULL, NULL, NULL);
        *ret_appended = status == HN_OK;
    }
    if (status == HN_OK)
        status = journal_reader_open(journal, 0, &reader, NULL);
    while (status == HN_OK)
        status = journal_read(reader, 0, &record, NULL);
    journal_reader_close(reader);
    journal_close(journal);
    if (status == HN_NOTFOUND)
        status = journal_check(options->dir, NULL, NULL, &check, NULL);
    if (status == HN_OK)
        status = journal_repair(options->dir, NULL, NULL, &check, NULL);
    return status;
}

/* Whichever allocation fails first, all of them fail cleanly, and nothing is lost by it. The
 * journal has a packed segment, a plain one, and one that is damaged. */
static void failing_allocations(void **state)
{
    char *model = folder_new();
    char *dir = folder_new();
    struct journal_options options = { .segment_bytes = 3500, .compress = true };
    const struct timespec pause = { 0, 100000 };
    char path[4096];
    bool appended;
    bool ended = false;

    (void)state;
    options.dir = model;
    assert_int_equal(use_all(&options, &appended), HN_OK);
    assert_int_equal(use_all(&options, &appended), HN_OK);
    while (folder_file(model, ".hnj", 1, path, sizeof path)) {
        struct journal *journal;

        assert_int_equal(journal_open(&options, NULL, NULL, &journal, NULL), HN_OK);
        (void)nanosleep(&pause, NULL);
        journal_close(journal);
    }
    options.compress = false;
    assert_int_equal(use_all(&options, &appended), HN_OK);
    options.dir = dir;
    for (uint64_t n = 1; !ended && n < 1000; n++) {
        struct journal_check check;
        enum hn_status status;

        folder_copy(model, dir);
        assert_true(folder_file(dir, ".hnj", 0, path, sizeof path));
        assert_int_equal(truncate(path, 1000), 0);
        hn_mem_fail_from(n);
        status = use_all(&options, &appended);
        ended = hn_mem_fail_hits() == 0;
        hn_mem_fail_from(0);
        assert_int_equal(status, ended ? HN_OK : HN_NOMEM);
        assert_int_equal(journal_check(dir, NULL, NULL, &check, NULL), HN_OK);
        assert_int_equal(check.records, appended ? 3 : 2);
        assert_in_range(check.damaged, 0, ended ? 0 : 1);
    }
    assert_true(ended);
    folder_free(model);
    folder_free(dir);
}

static uint64_t start_of(struct journal *journal, uint64_t at_least)
{
    const struct timespec pause = { 0, 1000000 };

    for (int i = 0; i < 5000 && journal_start(journal) < at_least; i++)
        (void)nanosleep(&pause, NULL);
    return journal_start(journal);
}

/* What is released goes when there is more of it than shall be kept, or when it is old; what is
 * not released stays. A reader that is behind goes on at what is there. */
static void old_segments_go(void **state)
{
    char *dir = folder_new();
    struct journal_options options = { .dir = dir, .segment_bytes = 1000, .keep_bytes_max = 2500 };
    static const uint8_t payload[968]; /* a segment each */
    struct journal_reader *reader;
    struct journal_record record;
    struct journal *journal;
    struct timespec old[2] = { { .tv_sec = 1000000 }, { .tv_sec = 1000000 } };
    char path[4096];

    (void)state;
    assert_int_equal(journal_open(&options, NULL, NULL, &journal, NULL), HN_OK);
    assert_int_equal(journal_reader_open(journal, 0, &reader, NULL), HN_OK);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(journal_append(journal, JOURNAL_BATCH, 1,
                                 hn_bytes_of(payload, sizeof payload), NULL, NULL, NULL, NULL),
                HN_OK);
        while (journal_committed(journal) < journal_end(journal)) {
        }
    }
    assert_int_equal(journal_read(reader, 1000, &record, NULL), HN_OK);
    assert_true(journal_start(journal) == 0);
    journal_release(journal, 4500);
    assert_true(start_of(journal, 2000) == 2000); /* segments 2 and 3 are kept: 2128 bytes */
    while (journal_read(reader, 0, &record, NULL) == HN_OK)
        assert_true(record.offset == 1000 || record.offset >= 2000);
    journal_reader_close(reader);
    journal_close(journal);

    options.keep_age_max = HN_HOUR;
    assert_true(folder_file(dir, ".hnj", 0, path, sizeof path));
    assert_int_equal(utimensat(-1, path, old, 0), 0);
    assert_int_equal(journal_open(&options, NULL, NULL, &journal, NULL), HN_OK);
    assert_true(journal_start(journal) == 2000);
    journal_release(journal, 3000);
    assert_true(start_of(journal, 3000) == 3000);
    journal_close(journal);
    folder_free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appenders_and_readers),
        cmocka_unit_test(failing_allocations),
        cmocka_unit_test(old_segments_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
