/* journal_reader.c - the life of a reader, and its waiting; journal_walk.c goes from record to
 * record. */
#include "journal/journal_reader.h"

#include "base/mem.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#define POLL_NS (20 * HN_MILLISECOND) /* how often a reader of another process looks again */

/* ---- Opening ---- */

static struct journal_reader *reader_new(uint64_t from)
{
    struct journal_reader *reader = hn_calloc(1, sizeof *reader);
    pthread_condattr_t attr;

    if (reader == NULL)
        return NULL;
    reader->dir_fd = -1;
    reader->lock_fd = -1;
    reader->in.fd = -1;
    reader->pos = from;
    reader->from = from;
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&reader->lock, NULL);
    (void)pthread_cond_init(&reader->wake, &attr);
    (void)pthread_condattr_destroy(&attr);
    return reader;
}

enum hn_status journal_reader_open(struct journal *journal, uint64_t from,
        struct journal_reader **ret_reader, struct hn_err *err)
{
    struct journal_reader *reader = reader_new(from);

    if (reader == NULL)
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    reader->journal = journal;
    reader->on_damage = journal->on_damage;
    reader->ctx = journal->damage_ctx;
    reader->dir_fd = journal->dir_fd;
    *ret_reader = reader;
    return HN_OK;
}

enum hn_status journal_reader_open_dir(const char *dir, uint64_t from, journal_on_damage *on_damage,
        void *ctx, struct journal_reader **ret_reader, struct hn_err *err)
{
    struct journal_reader *reader = reader_new(from);
    int error;

    if (reader == NULL)
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    reader->on_damage = on_damage;
    reader->ctx = ctx;
    reader->dir_fd = journal_openat(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, &error);
    if (reader->dir_fd < 0) {
        journal_reader_close(reader);
        return hn_fail_sys(err, error, "journal folder");
    }
    reader->lock_fd = journal_openat(reader->dir_fd, JOURNAL_LOCK_NAME, O_RDONLY, &error);
    *ret_reader = reader;
    return HN_OK;
}

void journal_reader_close(struct journal_reader *reader)
{
    if (reader == NULL)
        return;
    segment_in_close(&reader->in);
    if (reader->journal == NULL && reader->dir_fd >= 0)
        (void)close(reader->dir_fd);
    if (reader->lock_fd >= 0)
        (void)close(reader->lock_fd);
    (void)pthread_cond_destroy(&reader->wake);
    (void)pthread_mutex_destroy(&reader->lock);
    hn_free(reader);
}

void journal_reader_tell(struct journal_reader *reader, journal_on_damage *on_damage, void *ctx)
{
    reader->on_damage = on_damage;
    reader->ctx = ctx;
}

void journal_reader_wake(struct journal_reader *reader)
{
    struct journal *journal = reader->journal;

    (void)pthread_mutex_lock(journal != NULL ? &journal->lock : &reader->lock);
    reader->woken = true;
    (void)pthread_cond_broadcast(journal != NULL ? &journal->committed : &reader->wake);
    (void)pthread_mutex_unlock(journal != NULL ? &journal->lock : &reader->lock);
}

/* ---- Reading ---- */

/* True when something may have come; false after the time, or a wake. */
static bool wait_in_process(struct journal_reader *reader, const struct timespec *until)
{
    struct journal *journal = reader->journal;
    bool more = false;
    int error = 0;

    (void)pthread_mutex_lock(&journal->lock);
    while (!more && !reader->woken && error != ETIMEDOUT) {
        more = journal->committed_end > reader->limit;
        if (more)
            break;
        if (until == NULL)
            error = pthread_cond_wait(&journal->committed, &journal->lock);
        else
            error = pthread_cond_timedwait(&journal->committed, &journal->lock, until);
    }
    if (!more)
        reader->woken = false;
    (void)pthread_mutex_unlock(&journal->lock);
    return more;
}

/* Nobody tells us what another process writes: looks again every now and then. */
static bool wait_in_folder(struct journal_reader *reader, const struct timespec *until)
{
    struct timespec next = journal_deadline(POLL_NS);
    bool last = until != NULL &&
                (next.tv_sec > until->tv_sec ||
                        (next.tv_sec == until->tv_sec && next.tv_nsec > until->tv_nsec));
    bool woken;
    int error = 0;

    (void)pthread_mutex_lock(&reader->lock);
    while (!reader->woken && error != ETIMEDOUT)
        error = pthread_cond_timedwait(&reader->wake, &reader->lock, last ? until : &next);
    woken = reader->woken;
    reader->woken = false;
    (void)pthread_mutex_unlock(&reader->lock);
    return !woken && !last;
}

enum hn_status journal_read(struct journal_reader *reader, int timeout_ms,
        struct journal_record *ret_record, struct hn_err *err)
{
    struct timespec until = { 0 };
    const struct timespec *until_or_null = timeout_ms < 0 ? NULL : &until;

    if (timeout_ms > 0)
        until = journal_deadline(timeout_ms * HN_MILLISECOND);
    for (;;) {
        bool more;
        enum hn_status status = journal_walk(reader, ret_record, err);

        if (status != HN_NOTFOUND || timeout_ms == 0)
            return status;
        more = reader->journal != NULL ? wait_in_process(reader, until_or_null)
                                       : wait_in_folder(reader, until_or_null);
        if (!more)
            return HN_NOTFOUND;
    }
}
