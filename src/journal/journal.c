/* journal.c - opening, appending, asking; the threads are in journal_commit.c, journal_keep.c. */
#include "journal/journal_internal.h"

#include "base/crc32c.h"
#include "base/mem.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct timespec journal_deadline(hn_time ahead)
{
    struct timespec now;
    hn_time at;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    at = (hn_time)now.tv_sec * HN_SECOND + now.tv_nsec + ahead;
    return (struct timespec){ .tv_sec = (time_t)(at / HN_SECOND),
        .tv_nsec = (long)(at % HN_SECOND) };
}

/* ---- Opening ---- */

static void options_fill(struct journal_options *options)
{
    if (options->segment_bytes == 0)
        options->segment_bytes = SEGMENT_BYTES_DEFAULT;
    if (options->segment_bytes > SEGMENT_BYTES_MAX)
        options->segment_bytes = SEGMENT_BYTES_MAX;
    if (options->commit_bytes == 0)
        options->commit_bytes = COMMIT_BYTES_DEFAULT;
    if (options->commit_delay_us == 0)
        options->commit_delay_us = COMMIT_DELAY_DEFAULT;
    if (options->pending_bytes_max == 0)
        options->pending_bytes_max = PENDING_BYTES_DEFAULT;
}

/* A new folder is there after a crash once the folder around it is synced. */
static enum hn_status folder_open(const char *dir, int *ret_fd, struct hn_err *err)
{
    int error = 0;
    int parent;
    int fd;

    if (mkdir(dir, 0700) == 0) {
        fd = journal_openat(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, &error);
        parent = fd < 0 ? -1 : journal_openat(fd, "..", O_RDONLY | O_DIRECTORY, &error);
        if (parent >= 0) {
            error = journal_sync(parent);
            (void)close(parent);
        }
    } else {
        error = errno == EEXIST ? 0 : errno;
        fd = error != 0 ? -1 : journal_openat(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, &error);
    }
    if (error == 0) {
        *ret_fd = fd;
        return HN_OK;
    }
    if (fd >= 0)
        (void)close(fd);
    return hn_fail_sys(err, error, "journal folder");
}

static void conditions_init(struct journal *journal)
{
    pthread_condattr_t attr;

    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&journal->lock, NULL);
    (void)pthread_cond_init(&journal->work, &attr);
    (void)pthread_cond_init(&journal->committed, &attr);
    (void)pthread_cond_init(&journal->keep, &attr);
    (void)pthread_condattr_destroy(&attr);
}

static enum hn_status threads_start(struct journal *journal, struct hn_err *err)
{
    int error = pthread_create(&journal->commit_thread, NULL, journal_commit_main, journal);

    journal->commit_started = error == 0;
    if (error == 0) {
        error = pthread_create(&journal->keep_thread, NULL, journal_keep_main, journal);
        journal->keep_started = error == 0;
    }
    return error == 0 ? HN_OK : hn_fail_sys(err, error, "threads of the journal");
}

enum hn_status journal_open(const struct journal_options *options, journal_on_damage *on_damage,
        void *ctx, struct journal **ret_journal, struct hn_err *err)
{
    struct journal *journal = hn_calloc(1, sizeof *journal);
    enum hn_status status;

    if (journal == NULL)
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    journal->options = *options;
    options_fill(&journal->options);
    journal->options.dir = NULL; /* the caller's text may go */
    journal->on_damage = on_damage;
    journal->damage_ctx = ctx;
    journal->dir_fd = -1;
    journal->lock_fd = -1;
    journal->out.fd = -1;
    journal->gathering = &journal->groups[0];
    conditions_init(journal);
    status = folder_open(options->dir, &journal->dir_fd, err);
    if (status == HN_OK)
        status = journal_lock(journal->dir_fd, &journal->lock_fd, err);
    if (status == HN_OK)
        status = journal_recover(journal, err);
    if (status == HN_OK)
        status = threads_start(journal, err);
    if (status != HN_OK) {
        journal_close(journal);
        return status;
    }
    *ret_journal = journal;
    return HN_OK;
}

static void threads_stop(struct journal *journal)
{
    (void)pthread_mutex_lock(&journal->lock);
    journal->stopping = true;
    (void)pthread_cond_signal(&journal->work);
    (void)pthread_mutex_unlock(&journal->lock);
    if (journal->commit_started)
        (void)pthread_join(journal->commit_thread, NULL);
    (void)pthread_mutex_lock(&journal->lock);
    journal->keep_stopping = true;
    journal->keep_work = true;
    (void)pthread_cond_signal(&journal->keep);
    (void)pthread_mutex_unlock(&journal->lock);
    if (journal->keep_started)
        (void)pthread_join(journal->keep_thread, NULL);
}

void journal_close(struct journal *journal)
{
    if (journal == NULL)
        return;
    threads_stop(journal);
    journal_out_close(journal);
    if (journal->lock_fd >= 0)
        (void)close(journal->lock_fd);
    if (journal->dir_fd >= 0)
        (void)close(journal->dir_fd);
    for (size_t i = 0; i < GROUPS; i++) {
        hn_buf_deinit(&journal->groups[i].bytes);
        hn_vec_deinit(&journal->groups[i].waiters);
    }
    segment_list_deinit(&journal->segments);
    (void)pthread_cond_destroy(&journal->work);
    (void)pthread_cond_destroy(&journal->committed);
    (void)pthread_cond_destroy(&journal->keep);
    (void)pthread_mutex_destroy(&journal->lock);
    hn_free(journal);
}

/* ---- Appending ---- */

/* Adds the frame to the group that gathers. The lock is held. */
static enum hn_status gather(struct journal *journal, struct frame *frame,
        const struct hn_bytes *pieces, const struct waiter *waiter, struct hn_err *err)
{
    struct group *group = journal->gathering;
    size_t bytes = FRAME_HEADER_BYTES + (size_t)frame->len;
    uint8_t header[FRAME_HEADER_BYTES] = { 0 };

    if (!hn_buf_reserve(&group->bytes, bytes)) {
        group->bytes.status = HN_OK; /* what it holds is whole */
        return hn_fail(err, HN_NOMEM, 0, "no memory for a record of %u bytes", frame->len);
    }
    if (waiter->on_done != NULL) {
        struct waiter *added = hn_vec_add(&group->waiters);

        if (added == NULL)
            return hn_fail(err, HN_NOMEM, 0, "out of memory");
        *added = *waiter;
    }
    if (group->records == 0)
        group->first = journal->end;
    frame->offset = journal->end;
    frame_write(frame, header);
    hn_buf_add(&group->bytes, header, sizeof header);
    for (size_t i = 0; i < JOURNAL_PIECES; i++)
        hn_buf_add(&group->bytes, pieces[i].ptr, pieces[i].len);
    group->records++;
    journal->end += bytes;
    if (group->records == 1 || group->bytes.len >= journal->options.commit_bytes)
        (void)pthread_cond_signal(&journal->work);
    return HN_OK;
}

static size_t pending_bytes(const struct journal *journal)
{
    return journal->gathering->bytes.len +
           (journal->writing == NULL ? 0 : journal->writing->bytes.len);
}

/* NOLINTNEXTLINE(readability-function-size): the header promises these parameters */
enum hn_status journal_append_pieces(struct journal *journal, enum journal_kind kind,
        hn_time received, const struct hn_bytes pieces[JOURNAL_PIECES], journal_on_done *on_done,
        void *ctx, uint64_t *ret_offset, struct hn_err *err)
{
    struct waiter waiter = { on_done, ctx };
    struct frame frame = { .received = received, .kind = (uint32_t)kind };
    enum hn_status status = HN_OK;
    size_t pending;

    for (size_t i = 0; i < JOURNAL_PIECES; i++) {
        if (pieces[i].len > JOURNAL_RECORD_BYTES_MAX - frame.len)
            return hn_fail(
                    err, HN_LIMIT, 0, "a record has at most %zu bytes", JOURNAL_RECORD_BYTES_MAX);
        frame.len += (uint32_t)pieces[i].len;
        /* Before the lock: it takes as long as copying. */
        frame.payload_crc = hn_crc32c(frame.payload_crc, pieces[i]);
    }
    (void)pthread_mutex_lock(&journal->lock);
    pending = pending_bytes(journal);
    if (journal->failed)
        status = hn_fail_sys(err, journal->failed_errno, "the journal has failed");
    else if (pending > 0 &&
             (pending > journal->options.pending_bytes_max ||
                     frame.len + FRAME_HEADER_BYTES > journal->options.pending_bytes_max - pending))
        status = hn_fail(err, HN_LIMIT, 0, "too much is waiting to become durable");
    else
        status = gather(journal, &frame, pieces, &waiter, err);
    if (status == HN_OK && ret_offset != NULL)
        *ret_offset = frame.offset;
    if (status != HN_OK)
        journal->stats.refused++;
    (void)pthread_mutex_unlock(&journal->lock);
    return status;
}

/* NOLINTNEXTLINE(readability-function-size): the header promises these parameters */
enum hn_status journal_append(struct journal *journal, enum journal_kind kind, hn_time received,
        struct hn_bytes payload, journal_on_done *on_done, void *ctx, uint64_t *ret_offset,
        struct hn_err *err)
{
    const struct hn_bytes pieces[JOURNAL_PIECES] = { payload, { NULL, 0 } };

    return journal_append_pieces(journal, kind, received, pieces, on_done, ctx, ret_offset, err);
}

/* ---- Asking ---- */

bool journal_missing(const struct journal *journal, struct journal_damage *ret_damage)
{
    *ret_damage = journal->missing;
    return journal->missing.start < journal->missing.end;
}

uint64_t journal_end(struct journal *journal)
{
    uint64_t end;

    (void)pthread_mutex_lock(&journal->lock);
    end = journal->end;
    (void)pthread_mutex_unlock(&journal->lock);
    return end;
}

uint64_t journal_start(struct journal *journal)
{
    uint64_t start;

    (void)pthread_mutex_lock(&journal->lock);
    start = journal->segments.entries.count > 0 ? journal->segments.entries.ptr[0].first
                                                : journal->committed_end;
    (void)pthread_mutex_unlock(&journal->lock);
    return start;
}

enum hn_status journal_segments(struct journal *journal, uint64_t **ret_firsts, size_t *ret_count)
{
    uint64_t *firsts;
    size_t count;

    (void)pthread_mutex_lock(&journal->lock);
    count = journal->segments.entries.count;
    firsts = hn_calloc(count + 1, sizeof *firsts);
    for (size_t i = 0; firsts != NULL && i < count; i++)
        firsts[i] = journal->segments.entries.ptr[i].first;
    (void)pthread_mutex_unlock(&journal->lock);
    if (firsts == NULL)
        return HN_NOMEM;
    *ret_firsts = firsts;
    *ret_count = count;
    return HN_OK;
}

uint64_t journal_committed(struct journal *journal)
{
    uint64_t committed;

    (void)pthread_mutex_lock(&journal->lock);
    committed = journal->committed_end;
    (void)pthread_mutex_unlock(&journal->lock);
    return committed;
}

size_t journal_pending_bytes_max(const struct journal *journal)
{
    return journal->options.pending_bytes_max;
}

void journal_release(struct journal *journal, uint64_t offset)
{
    (void)pthread_mutex_lock(&journal->lock);
    if (offset > journal->released) {
        journal->released = offset;
        journal->keep_work = true;
        (void)pthread_cond_signal(&journal->keep);
    }
    (void)pthread_mutex_unlock(&journal->lock);
}

struct journal_stats journal_stats(struct journal *journal)
{
    struct journal_stats stats;

    (void)pthread_mutex_lock(&journal->lock);
    stats = journal->stats;
    stats.failed = journal->failed;
    for (size_t i = 0; i < journal->segments.entries.count; i++)
        stats.disk_bytes += journal->segments.entries.ptr[i].bytes;
    (void)pthread_mutex_unlock(&journal->lock);
    return stats;
}
