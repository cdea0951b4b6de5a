/* bench: journal db */
/* bench_journal.c - durable records per second: the journal, and a table of SQLite in its place.
 *
 *     bench_journal DIR [seconds per figure, default 2]
 *
 * Records of 600 bytes. "1 .. 4096": one thread appends so many, waits until all are durable, and
 * goes on. "8 threads": each appends one and waits. SQLite has the same batches as rows of one
 * table (WAL, synchronous=FULL), a transaction per group, since that is how it would be used: one
 * connection, under a lock for the threads. Turns alternate; each figure is the median of three,
 * the ratio that of the turns' ratios. A floor for both: write() and fdatasync() of as many bytes.
 */
#include "journal/journal.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#define RECORD_BYTES 600u
#define THREADS      8u
#define TURNS        3u
#define GROUP_MAX    4096u

static uint8_t record[RECORD_BYTES];

static double now_s(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(int fine, const char *what)
{
    if (!fine) {
        fprintf(stderr, "%s\n", what);
        exit(1);
    }
}

/* ---- Waiting for a group ---- */

struct group {
    pthread_mutex_t lock;
    pthread_cond_t done;
    unsigned left;
};

static void on_done(void *ctx, enum hn_status status)
{
    struct group *group = ctx;

    must(status == HN_OK, "not durable");
    (void)pthread_mutex_lock(&group->lock);
    if (--group->left == 0)
        (void)pthread_cond_signal(&group->done);
    (void)pthread_mutex_unlock(&group->lock);
}

static void append_group(struct journal *journal, struct group *group, unsigned count)
{
    group->left = count;
    for (unsigned i = 0; i < count; i++) {
        enum hn_status status = journal_append(journal, JOURNAL_BATCH, 1,
                hn_bytes_of(record, sizeof record), on_done, group, NULL, NULL);

        must(status == HN_OK, "append");
    }
    (void)pthread_mutex_lock(&group->lock);
    while (group->left > 0)
        (void)pthread_cond_wait(&group->done, &group->lock);
    (void)pthread_mutex_unlock(&group->lock);
}

/* ---- What is measured: each appends `count` durably ---- */

struct target {
    struct journal *journal;
    sqlite3 *db;
    sqlite3_stmt *begin;
    sqlite3_stmt *insert;
    sqlite3_stmt *commit;
    pthread_mutex_t lock;
    int fd;
};

static void into_journal(struct target *target, unsigned count)
{
    struct group group = { .lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER };

    append_group(target->journal, &group, count);
}

static void run_statement(sqlite3_stmt *statement)
{
    must(sqlite3_step(statement) == SQLITE_DONE, "sqlite step");
    (void)sqlite3_reset(statement);
}

static void into_sqlite(struct target *target, unsigned count)
{
    (void)pthread_mutex_lock(&target->lock);
    run_statement(target->begin);
    for (unsigned i = 0; i < count; i++) {
        (void)sqlite3_bind_int64(target->insert, 1, 1);
        (void)sqlite3_bind_blob(target->insert, 2, record, sizeof record, SQLITE_STATIC);
        run_statement(target->insert);
    }
    run_statement(target->commit);
    (void)pthread_mutex_unlock(&target->lock);
}

static void into_file(struct target *target, unsigned count)
{
    static uint8_t block[GROUP_MAX * RECORD_BYTES];
    size_t len = (size_t)count * RECORD_BYTES;

    (void)pthread_mutex_lock(&target->lock);
    must(write(target->fd, block, len) == (ssize_t)len && fdatasync(target->fd) == 0, "write");
    (void)pthread_mutex_unlock(&target->lock);
}

typedef void append_durably(struct target *target, unsigned count);

static void prepare(struct target *target, const char *sql, sqlite3_stmt **ret_statement)
{
    must(sqlite3_prepare_v2(target->db, sql, -1, ret_statement, NULL) == SQLITE_OK, sql);
}

static void open_target(struct target *target, const char *dir)
{
    struct journal_options options = { .compress = false };
    struct hn_err err = { 0 };
    char path[4096];

    (void)pthread_mutex_init(&target->lock, NULL);
    (void)snprintf(path, sizeof path, "%s/journal", dir);
    options.dir = path;
    must(journal_open(&options, NULL, NULL, &target->journal, &err) == HN_OK, err.msg);
    (void)snprintf(path, sizeof path, "%s/batches.sqlite", dir);
    must(sqlite3_open(path, &target->db) == SQLITE_OK, "sqlite open");
    must(sqlite3_exec(target->db,
                 "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                 "CREATE TABLE IF NOT EXISTS batches(id INTEGER PRIMARY KEY, received INTEGER, "
                 "body BLOB)",
                 NULL, NULL, NULL) == SQLITE_OK,
            "sqlite schema");
    prepare(target, "BEGIN IMMEDIATE", &target->begin);
    prepare(target, "INSERT INTO batches(received, body) VALUES(?,?)", &target->insert);
    prepare(target, "COMMIT", &target->commit);
    (void)snprintf(path, sizeof path, "%s/floor", dir);
    target->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(target->fd >= 0, "file");
}

static void close_target(struct target *target)
{
    journal_close(target->journal);
    (void)sqlite3_finalize(target->begin);
    (void)sqlite3_finalize(target->insert);
    (void)sqlite3_finalize(target->commit);
    (void)sqlite3_close(target->db);
    (void)close(target->fd);
}

/* ---- Measuring ---- */

struct worker {
    append_durably *append;
    struct target *target;
    unsigned count;
    double seconds;
    atomic_ullong *records;
};

static void *work(void *ctx)
{
    const struct worker *worker = ctx;
    double until = now_s() + worker->seconds;

    while (now_s() < until) {
        worker->append(worker->target, worker->count);
        atomic_fetch_add(worker->records, worker->count);
    }
    return NULL;
}

static double per_second(struct worker *worker, unsigned threads)
{
    atomic_ullong records = 0;
    pthread_t ids[THREADS];
    double started = now_s();

    worker->records = &records;
    for (unsigned i = 0; i < threads; i++)
        must(pthread_create(&ids[i], NULL, work, worker) == 0, "thread");
    for (unsigned i = 0; i < threads; i++)
        (void)pthread_join(ids[i], NULL);
    return (double)atomic_load(&records) / (now_s() - started);
}

static double median(const double *values)
{
    double a = values[0];
    double b = values[1];
    double c = values[2];

    if ((a >= b) == (a <= c))
        return a;
    return (b >= a) == (b <= c) ? b : c;
}

static void compare(
        struct target *target, const char *name, unsigned count, unsigned threads, double seconds)
{
    append_durably *const appends[] = { into_journal, into_sqlite, into_file };
    double rates[3][TURNS];
    double ratios[TURNS];

    for (unsigned turn = 0; turn < TURNS; turn++) {
        for (unsigned i = 0; i < 3; i++) {
            struct worker worker = {
                .append = appends[i], .target = target, .count = count, .seconds = seconds
            };

            rates[i][turn] = per_second(&worker, threads);
        }
        ratios[turn] = rates[0][turn] / rates[1][turn];
    }
    printf("%-10s %12.0f %8.1f %12.0f %12.0f %8.2f\n", name, median(rates[0]),
            median(rates[0]) * RECORD_BYTES / 1e6, median(rates[1]), median(rates[2]),
            median(ratios));
    (void)fflush(stdout);
}

int main(int argc, char **argv)
{
    static const unsigned counts[] = { 1, 16, 256, GROUP_MAX };
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 2;
    struct target target = { .fd = -1 };

    if (argc < 2) {
        fprintf(stderr, "bench_journal DIR [seconds per figure]\n");
        return 1;
    }
    memset(record, 'x', sizeof record);
    open_target(&target, argv[1]);
    printf("%-10s %12s %8s %12s %12s %8s\n", "group", "journal/s", "MB/s", "sqlite/s", "floor/s",
            "ratio");
    for (size_t i = 0; i < HN_COUNT_OF(counts); i++) {
        char name[16];

        (void)snprintf(name, sizeof name, "%u", counts[i]);
        compare(&target, name, counts[i], 1, seconds);
    }
    compare(&target, "8 threads", 1, THREADS, seconds);
    close_target(&target);
    return 0;
}
