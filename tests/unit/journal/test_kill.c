/* test_kill.c - a process that appends is killed, at random and at every named place: what it was
 * told is durable is there afterwards.
 *
 * This program is its own child: with arguments it appends, and writes each acknowledged number to
 * standard output. */
#include "journal/journal.h"
#include "support/check.h"
#include "support/folder.h"

#include "base/mem.h"
#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SEGMENT_BYTES 4000
#define RANDOM_KILLS  20
#define MORE_KILLS    120
#define CHILD_RECORDS 4000u /* where no kill comes, the child ends by itself */

/* ---- The child ---- */

static void on_done(void *ctx, enum hn_status status)
{
    if (status == HN_OK && write(STDOUT_FILENO, ctx, sizeof(uint32_t)) != (ssize_t)sizeof(uint32_t))
        _exit(3);
}

static int child(const char *dir, uint32_t first, bool trim)
{
    struct journal_options options = {
        .dir = dir, .segment_bytes = SEGMENT_BYTES, .compress = true
    };
    const struct timespec pause = { 0, 100000 };
    struct journal *journal;

    options.keep_bytes_max = trim ? 1 : 0;
    if (journal_open(&options, NULL, NULL, &journal, NULL) != HN_OK)
        return 2;
    for (uint32_t n = first; n < first + CHILD_RECORDS; n++) {
        static uint32_t numbers[CHILD_RECORDS]; /* that the callbacks write */
        char text[64];
        int len = snprintf(text, sizeof text, "%u", n);
        enum hn_status status;

        numbers[n - first] = n;
        status = journal_append(journal, JOURNAL_BATCH, 1, hn_bytes_of(text, (size_t)len), on_done,
                &numbers[n - first], NULL, NULL);

        if (status != HN_OK)
            return 2;
        if (n % 10 == 0) /* groups of about ten */
            (void)nanosleep(&pause, NULL);
        if (trim)
            journal_release(journal, journal_committed(journal));
    }
    journal_close(journal);
    return 0;
}

/* ---- The parent ---- */

struct life {
    char *dir;
    uint32_t next;      /* number of the next record */
    int64_t last_acked; /* -1: none yet */
    bool trimmed;       /* the oldest may be gone */
    uint32_t records;   /* as of the last look */
};

static pid_t start(const struct life *life, const char *crash_at, int *ret_pipe)
{
    int ends[2];
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char first[16];

        (void)snprintf(first, sizeof first, "%u", life->next);
        if (crash_at != NULL)
            (void)setenv("HINOMI_CRASH_AT", crash_at, 1);
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execl("/proc/self/exe", "test_kill", "child", life->dir, first,
                life->trimmed ? "trim" : "keep", (char *)NULL);
        _exit(127);
    }
    (void)close(ends[1]);
    *ret_pipe = ends[0];
    return pid;
}

/* Acknowledgements come in order; all of them until the child is gone. */
static void follow(struct life *life, int pipe_fd)
{
    uint32_t number;
    ssize_t got;

    while ((got = read(pipe_fd, &number, sizeof number)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        assert_int_equal(got, sizeof number);
        assert_true((int64_t)number > life->last_acked);
        life->last_acked = number;
    }
    (void)close(pipe_fd);
}

static void on_damage(void *ctx, const struct journal_damage *damage)
{
    (void)ctx;
    fail_msg("damage: %s [%llu, %llu) %s", damage->file, (unsigned long long)damage->start,
            (unsigned long long)damage->end, damage->reason);
}

/* Numbers without a gap, from the first (or where deleting has come to) to at least the last one
 * that was acknowledged. */
static void look(struct life *life)
{
    struct journal_options options = { .dir = life->dir, .segment_bytes = SEGMENT_BYTES };
    struct journal_reader *reader;
    struct journal_record record;
    struct journal *journal;
    uint32_t expected = 0;

    life->records = 0;
    assert_int_equal(journal_open(&options, on_damage, NULL, &journal, NULL), HN_OK);
    assert_int_equal(journal_reader_open(journal, 0, &reader, NULL), HN_OK);
    while (journal_read(reader, 0, &record, NULL) == HN_OK) {
        uint32_t number;

        assert_true(hn_parse_u32(hn_bytes_as_text(record.payload), &number));
        if (life->records == 0 && life->trimmed)
            expected = number;
        assert_int_equal(number, expected);
        expected++;
        life->records++;
    }
    journal_reader_close(reader);
    journal_close(journal);
    assert_true((int64_t)expected > life->last_acked || (life->trimmed && life->records == 0));
    if ((int64_t)expected <= life->last_acked) /* all of it was deleted */
        expected = (uint32_t)(life->last_acked + 1);
    life->next = expected;
}

/* Killed 20 times at random, with the same journal all along; longer lives on a machine so busy
 * that nothing was acknowledged in any of them. */
static void killed_at_random(void **state)
{
    struct life life = { .dir = folder_new(), .last_acked = -1 };
    struct check_random random = { (uint64_t)getpid() };

    (void)state;
    for (int round = 0; round < RANDOM_KILLS || (life.last_acked <= 0 && round < MORE_KILLS);
            round++) {
        uint64_t delay = (500000 + (uint64_t)check_random_below(&random, 60000000))
                         << round / RANDOM_KILLS;
        const struct timespec pause = { (time_t)(delay / 1000000000), (long)(delay % 1000000000) };
        int pipe_fd;
        int status;
        pid_t pid = start(&life, NULL, &pipe_fd);

        (void)nanosleep(&pause, NULL);
        (void)kill(pid, SIGKILL);
        follow(&life, pipe_fd);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
        look(&life);
    }
    assert_true(life.last_acked > 0);
    folder_free(life.dir);
}

struct crash {
    const char *point;
    bool trim;
};

/* At each named place, the first time and a later one; then the journal goes on. */
static void killed_at_each_place(void **state)
{
    static const struct crash crashes[] = { { "journal_before_write", false },
        { "journal_written", false }, { "journal_synced", false },
        { "journal_segment_created", false }, { "journal_segment_renamed", false },
        { "journal_segment_synced", false }, { "journal_sealed", false },
        { "journal_packed", false }, { "journal_pack_renamed", false },
        { "journal_pack_unlinked", false }, { "journal_before_delete", true },
        { "journal_deleted", true } };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(crashes); i++) {
        struct life life = { .dir = folder_new(), .last_acked = -1, .trimmed = crashes[i].trim };

        for (unsigned visit = 1; visit <= 4; visit += 3) {
            char crash_at[64];
            int pipe_fd;
            int status;
            pid_t pid;

            (void)snprintf(crash_at, sizeof crash_at, "%s:%u", crashes[i].point, visit);
            pid = start(&life, crash_at, &pipe_fd);
            follow(&life, pipe_fd);
            assert_int_equal(waitpid(pid, &status, 0), pid);
            if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
                fail_msg("%s is not reached", crash_at);
            look(&life);
        }
        folder_free(life.dir);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_at_random),
        cmocka_unit_test(killed_at_each_place),
    };

    if (argc == 5 && strcmp(argv[1], "child") == 0) {
        uint32_t first;

        return hn_parse_u32(hn_text_cstr(argv[3]), &first)
                       ? child(argv[2], first, strcmp(argv[4], "trim") == 0)
                       : 2;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
