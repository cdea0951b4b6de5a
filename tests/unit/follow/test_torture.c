/* A writer that rotates its file in every way, and a follower that is killed again and again: every
 * line is in the journal exactly once. The journal and the intake are the real ones. */
#include "support/check.h"

#include "base/num.h"
#include "follow/follow.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KILLS    20
#define ROUNDS   60
#define LINES    50 /* a round */
#define KEPT     9  /* rotated files */
#define LINE_FMT "line %06u of those that must be there once and only once\n"

static char folder[64];

static const char *path_of(const char *name)
{
    static char paths[4][128];
    static unsigned turn;
    char *path = paths[turn++ % 4];

    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void nap(unsigned ms)
{
    struct timespec time = { .tv_nsec = (long)ms * 1000000 };

    (void)nanosleep(&time, NULL);
}

/* ---- The follower, a process of its own ---- */

static void recall(struct journal *journal, struct intake *intake)
{
    struct journal_reader *reader = NULL;
    struct journal_record record;
    struct intake_batch batch;

    if (journal_reader_open(journal, 0, &reader, NULL) != HN_OK)
        _exit(3);
    while (journal_read(reader, 0, &record, NULL) == HN_OK) {
        if (intake_batch_read(record.payload, &batch, NULL) != HN_OK)
            _exit(4);
        intake_recall(intake, &batch, record.received);
    }
    journal_reader_close(reader);
}

static void run_follower(const char *pattern)
{
    char journal_path[128];
    const char *paths[1] = { pattern };
    struct follow_source source = { .name = HN_TEXT("torture"),
        .tenant = HN_TEXT(""),
        .format = HN_TEXT(""),
        .zone = HN_TEXT(""),
        .pipeline = HN_TEXT(""),
        .paths = paths,
        .path_count = 1 };
    struct follow_options options = { .sources = &source, .source_count = 1 };
    struct journal_options journal_options = { .dir = journal_path };
    struct journal *journal = NULL;
    struct intake *intake = NULL;
    struct follow *follow = NULL;
    uint64_t looks;

    (void)snprintf(journal_path, sizeof journal_path, "%s/journal", folder);
    options.limits.poll_ms = 50;
    options.limits.rest_ms = 2000;
    if (journal_open(&journal_options, NULL, NULL, &journal, NULL) != HN_OK ||
            intake_new(journal, &intake, NULL) != HN_OK)
        _exit(2);
    recall(journal, intake);
    if (follow_open(&options, intake, &follow, NULL) != HN_OK)
        _exit(5);
    while (access(path_of("stop"), F_OK) != 0)
        nap(5);
    looks = follow_counters(follow).looks;
    while (follow_counters(follow).looks < looks + 3 || !follow_is_idle(follow))
        nap(5);
    follow_close(follow);
    journal_close(journal);
    intake_free(intake);
    _exit(0);
}

static pid_t start_follower(const char *pattern)
{
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        run_follower(pattern);
    return child;
}

/* ---- The writer ---- */

static unsigned written;

static void write_lines(int fd, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char line[128];
        int len = snprintf(line, sizeof line, LINE_FMT, written++);

        assert_int_equal(write(fd, line, (size_t)len), len);
    }
}

static int open_log(void)
{
    int fd = open(path_of("a.log"), O_WRONLY | O_CREAT | O_APPEND, 0600);

    assert_true(fd >= 0);
    return fd;
}

static void shift(void)
{
    for (unsigned i = KEPT; i > 0; i--) {
        char from[16];
        char to[16];

        (void)snprintf(from, sizeof from, "a.log.%u", i);
        (void)snprintf(to, sizeof to, "a.log.%u", i + 1);
        (void)rename(path_of(from), path_of(to));
    }
}

static void copy_and_truncate(int fd)
{
    char command[320];

    shift();
    (void)snprintf(command, sizeof command, "cp '%s' '%s'", path_of("a.log"), path_of("a.log.1"));
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
    assert_int_equal(ftruncate(fd, 0), 0);
}

static int rotate(int fd, unsigned way)
{
    int old = fd;

    if (way == 0) {
        copy_and_truncate(fd);
        return fd;
    }
    shift();
    assert_int_equal(rename(path_of("a.log"), path_of("a.log.1")), 0);
    if (way == 1) { /* the writer goes on with the old file until it is told */
        fd = open_log();
        write_lines(old, 7);
    } else {
        fd = open_log();
    }
    (void)close(old);
    return fd;
}

/* ---- The ledger ---- */

static void read_ledger(unsigned *ret_missing, unsigned *ret_twice)
{
    unsigned char *count = calloc(written + 1, 1);
    struct journal_reader *reader = NULL;
    struct journal_record record;
    struct intake_batch batch;

    assert_non_null(count);
    assert_int_equal(
            journal_reader_open_dir(path_of("journal"), 0, NULL, NULL, &reader, NULL), HN_OK);
    while (journal_read(reader, 0, &record, NULL) == HN_OK) {
        struct hn_text rest;
        struct hn_text line;

        assert_int_equal(intake_batch_read(record.payload, &batch, NULL), HN_OK);
        rest = hn_bytes_as_text(batch.body);
        while (hn_text_line(&rest, &line)) {
            uint64_t number;

            assert_int_equal(line.len, 58);
            assert_true(hn_parse_u64(hn_text_sub(line, 5, 6), &number) && number < written);
            count[number]++;
        }
    }
    journal_reader_close(reader);
    *ret_missing = 0;
    *ret_twice = 0;
    for (unsigned i = 0; i < written; i++) {
        *ret_missing += count[i] == 0;
        *ret_twice += count[i] > 1;
    }
    free(count);
}

static void torture(const char *pattern, unsigned pause_ms)
{
    struct check_random random = { .state = 20261123 };
    char command[128];
    unsigned kills = 0;
    unsigned missing;
    unsigned twice;
    char whole[128];
    int status;
    pid_t child;
    int fd;

    (void)snprintf(folder, sizeof folder, "/tmp/hn_torture_XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(whole, sizeof whole, "%s/%s", folder, pattern);
    written = 0;
    fd = open_log();
    child = start_follower(whole);
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < 5; i++) {
            write_lines(fd, LINES / 5);
            nap(1 + check_random_below(&random, 8));
        }
        if (check_random_below(&random, 2) == 0) {
            nap(pause_ms);
            fd = rotate(fd, check_random_below(&random, 3));
        }
        if (round % (ROUNDS / KILLS) == 0) {
            assert_int_equal(kill(child, SIGKILL), 0);
            assert_int_equal(waitpid(child, &status, 0), child);
            kills++;
            child = start_follower(whole);
            nap(check_random_below(&random, 60));
        }
    }
    (void)close(fd);
    assert_true(close(open(path_of("stop"), O_WRONLY | O_CREAT, 0600)) == 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    read_ledger(&missing, &twice);
    print_message("%s: %u lines, %u kills: %u missing, %u twice\n", pattern, written, kills,
            missing, twice);
    assert_int_equal(kills, KILLS);
    assert_int_equal(missing, 0);
    assert_int_equal(twice, 0);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
}

static void nothing_is_lost_or_doubled(void **state)
{
    (void)state;
    /* A file that comes and is rotated away while nobody watches has no name that is followed. */
    torture("a.log", 400);
}

static void nor_where_rotated_files_are_followed_too(void **state)
{
    (void)state;
    torture("a.log*", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_or_doubled),
        cmocka_unit_test(nor_where_rotated_files_are_followed_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
