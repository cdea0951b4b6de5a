/* faults: linked */
/* test_faults.c - the n-th system call of each kind fails, for every n: nothing is acknowledged
 * that is not there afterwards, and the journal goes on as soon as it can. */
#include "journal/journal.h"
#include "support/check.h"
#include "support/faults/faults.h"
#include "support/folder.h"

#include "base/mem.h"
#include "base/num.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#define RECORDS 24u
#define CALLS   400u /* more than are made */

struct run {
    char *dir;
    bool acknowledged[RECORDS];
    unsigned acknowledged_count;
    unsigned refused_full; /* with HN_LIMIT */
    unsigned refused_failed;
    unsigned after_failure; /* acknowledged after one failed with HN_IO */
};

static void on_done(void *ctx, enum hn_status status)
{
    atomic_int *done = ctx;

    atomic_store(done, 100 + (int)status);
}

static enum hn_status append_and_wait(struct journal *journal, unsigned n)
{
    const struct timespec pause = { 0, 20000 };
    atomic_int done = 0;
    char text[64];
    int len = snprintf(text, sizeof text, "record %u", n);
    enum hn_status status = journal_append(
            journal, JOURNAL_BATCH, 1, hn_bytes_of(text, (size_t)len), on_done, &done, NULL, NULL);

    while (status == HN_OK && atomic_load(&done) == 0)
        (void)nanosleep(&pause, NULL);
    return status != HN_OK ? status : (enum hn_status)(atomic_load(&done) - 100);
}

static enum hn_status open_in(const char *dir, bool compress, struct journal **ret_journal)
{
    struct journal_options options = { .dir = dir, .segment_bytes = 250, .compress = compress };

    return journal_open(&options, NULL, NULL, ret_journal, NULL);
}

static void append_all(struct run *run, struct journal *journal)
{
    for (unsigned n = 0; n < RECORDS; n++) {
        enum hn_status status = append_and_wait(journal, n);

        run->acknowledged[n] = status == HN_OK;
        run->acknowledged_count += status == HN_OK;
        run->refused_full += status == HN_LIMIT;
        run->refused_failed += status == HN_IO;
        run->after_failure += status == HN_OK && run->refused_failed > 0;
    }
}

static void on_damage(void *ctx, const struct journal_damage *damage)
{
    (void)ctx;
    fail_msg("damage: %s [%llu, %llu) %s", damage->file, (unsigned long long)damage->start,
            (unsigned long long)damage->end, damage->reason);
}

/* Everything acknowledged is there, in order; nothing is damaged; a new record is taken. */
static void verify(const struct run *run)
{
    struct journal_reader *reader;
    struct journal_record record;
    struct journal *journal;
    bool seen[RECORDS] = { false };
    unsigned next = 0;
    enum hn_status status;

    assert_int_equal(open_in(run->dir, false, &journal), HN_OK);
    assert_int_equal(append_and_wait(journal, RECORDS), HN_OK);
    journal_close(journal);
    assert_int_equal(journal_reader_open_dir(run->dir, 0, on_damage, NULL, &reader, NULL), HN_OK);
    while ((status = journal_read(reader, 0, &record, NULL)) == HN_OK) {
        struct hn_text text = hn_bytes_as_text(record.payload);
        uint32_t n = 0;

        assert_true(hn_text_starts(text, HN_TEXT("record ")));
        assert_true(hn_parse_u32(hn_text_sub(text, 7, SIZE_MAX), &n));
        assert_in_range(n, next, RECORDS);
        next = n + 1;
        if (n < RECORDS)
            seen[n] = true;
    }
    assert_int_equal(status, HN_NOTFOUND);
    assert_int_equal(next, RECORDS + 1);
    for (unsigned n = 0; n < RECORDS; n++) {
        if (run->acknowledged[n])
            assert_true(seen[n]);
    }
    journal_reader_close(reader);
}

/* What must hold beside that, by what kind of failure it was. */
static void judge(const struct run *run, enum fault_call call, int error, bool lasting, bool opened)
{
    assert_int_equal(run->after_failure, 0);
    if (error == EINTR || error == FAULT_SHORT) {
        assert_true(opened);
        assert_int_equal(run->acknowledged_count, RECORDS);
    }
    if ((error == ENOSPC || error == EDQUOT) && opened && !lasting &&
            (call == FAULT_WRITE || call == FAULT_RESERVE || call == FAULT_OPEN)) {
        assert_int_equal(run->refused_failed, 0); /* goes on when there is room */
        assert_in_range(run->acknowledged_count, RECORDS - 1, RECORDS);
    }
}

static void every_call(enum fault_call call, int error, bool lasting, bool compress)
{
    unsigned n = 1;
    unsigned hits = 1;

    for (; hits > 0 && n < CALLS; n++) {
        struct run run = { .dir = folder_new() };
        struct journal *journal = NULL;
        bool opened;

        faults_arm(call, n, error, lasting);
        opened = open_in(run.dir, compress, &journal) == HN_OK;
        if (opened) {
            append_all(&run, journal);
            journal_close(journal);
        }
        hits = faults_hits();
        faults_arm(call, 0, 0, 0);
        judge(&run, call, error, lasting, opened);
        verify(&run);
        folder_free(run.dir);
    }
    assert_int_equal(hits, 0);
    assert_true(n > 2);
}

static void input_output_errors(void **state)
{
    (void)state;
    for (int call = 0; call < FAULT_CALLS; call++) {
        every_call((enum fault_call)call, EIO, false, false);
        every_call((enum fault_call)call, EIO, true, false);
        every_call((enum fault_call)call, EIO, false, true);
    }
}

static void full_disk(void **state)
{
    static const int errors[] = { ENOSPC, EDQUOT };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(errors); i++) {
        for (int call = 0; call < FAULT_CALLS; call++) {
            every_call((enum fault_call)call, errors[i], false, false);
            every_call((enum fault_call)call, errors[i], true, i == 0);
        }
    }
}

static void interruptions_and_short_writes(void **state)
{
    (void)state;
    for (int call = 0; call < FAULT_CALLS; call++)
        every_call((enum fault_call)call, EINTR, false, false);
    every_call(FAULT_WRITE, FAULT_SHORT, false, false);
    every_call(FAULT_WRITE, FAULT_SHORT, true, false);
}

/* After a sync that failed nothing more is acknowledged, and the journal says so. */
static void one_failed_sync(int error)
{
    struct run run = { .dir = folder_new() };
    struct journal *journal;

    assert_int_equal(open_in(run.dir, false, &journal), HN_OK);
    assert_int_equal(append_and_wait(journal, 0), HN_OK);
    run.acknowledged[0] = true;
    assert_false(journal_stats(journal).failed);
    faults_arm(FAULT_SYNC, 1, error, 0);
    assert_int_equal(append_and_wait(journal, 1), HN_IO);
    assert_true(journal_stats(journal).failed);
    for (unsigned n = 2; n < 5; n++)
        assert_int_equal(append_and_wait(journal, n), HN_IO);
    faults_arm(FAULT_SYNC, 0, 0, 0);
    journal_close(journal);
    verify(&run);
    folder_free(run.dir);
}

static void failed_sync_is_final(void **state)
{
    (void)state;
    one_failed_sync(EIO);
    one_failed_sync(ENOSPC);
    one_failed_sync(ENOMEM); /* elsewhere a group that is refused, here never */
}

/* A disk that is full for a while: refused, then taken again, and nothing between is there. */
static void resumes_when_there_is_room(void **state)
{
    struct run run = { .dir = folder_new() };
    struct journal *journal;

    (void)state;
    assert_int_equal(open_in(run.dir, false, &journal), HN_OK);
    for (unsigned n = 0; n < RECORDS; n++) {
        bool full = n >= 8 && n < 16;

        if (n == 8)
            faults_arm(FAULT_WRITE, 1, ENOSPC, 1);
        if (n == 16)
            faults_arm(FAULT_WRITE, 0, 0, 0);
        assert_int_equal(append_and_wait(journal, n), full ? HN_LIMIT : HN_OK);
        assert_int_equal(journal_stats(journal).no_room, full);
        run.acknowledged[n] = !full;
    }
    assert_int_equal(journal_stats(journal).refused, 8);
    assert_int_equal(journal_stats(journal).records, RECORDS - 8);
    journal_close(journal);
    verify(&run);
    folder_free(run.dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(input_output_errors),
        cmocka_unit_test(full_disk),
        cmocka_unit_test(interruptions_and_short_writes),
        cmocka_unit_test(failed_sync_is_final),
        cmocka_unit_test(resumes_when_there_is_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
