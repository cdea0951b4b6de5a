/* journal_commit.c - the one thread that writes: a group at a time, durable before it is told. */
#include "journal/journal_internal.h"

#include "base/crash.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define SLICE_NS (50 * INT64_C(1000))
#define GROUP_BYTES_KEEP                                                    \
    ((size_t)8 << 20) /* memory kept for the next group; a burst gives back \
                       */

/* ---- Segments ---- */

void journal_out_close(struct journal *journal)
{
    if (journal->out.fd < 0)
        return;
    /* Its records are durable; where it ends readers know from the next segment, or from the last
     * whole record. So nothing depends on this. */
    (void)!journal_truncate(
            journal->out.fd, SEGMENT_HEADER_BYTES + journal->committed_end - journal->out.first);
    HN_CRASH_POINT("journal_sealed");
    (void)close(journal->out.fd);
    journal->out.fd = -1;
}

/* The entry is taken first, so that running out of memory leaves nothing half done. */
static enum hn_status rotate(struct journal *journal, uint64_t first, struct hn_err *err)
{
    uint64_t room = journal->options.segment_bytes + SEGMENT_HEADER_BYTES;
    struct segment_entry *entry;
    enum hn_status status;
    uint32_t salt = 0;
    int fd = -1;

    (void)pthread_mutex_lock(&journal->lock);
    entry = hn_vec_add(&journal->segments.entries);
    if (entry != NULL)
        journal->segments.entries.count--;
    (void)pthread_mutex_unlock(&journal->lock);
    if (entry == NULL)
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    status = segment_create(journal->dir_fd, first, room, &fd, &salt, err);
    if (status != HN_OK)
        return status;
    journal_out_close(journal);
    journal->out = (struct segment_out){ .fd = fd, .first = first, .reserved = room, .salt = salt };
    (void)pthread_mutex_lock(&journal->lock);
    if (journal->out_open && journal->segments.entries.count > 0) {
        entry = &journal->segments.entries.ptr[journal->segments.entries.count - 1];
        entry->bytes = SEGMENT_HEADER_BYTES + first - entry->first;
    }
    if (journal->segments.entries.count > 0 &&
            journal->segments.entries.ptr[journal->segments.entries.count - 1].first == first)
        journal->segments.entries.count--; /* one without a single record, replaced */
    entry = hn_vec_add(&journal->segments.entries);
    if (entry != NULL)
        *entry = (struct segment_entry){ .first = first, .bytes = room };
    journal->out_open = true;
    journal->keep_work = true;
    (void)pthread_cond_signal(&journal->keep);
    (void)pthread_mutex_unlock(&journal->lock);
    return HN_OK;
}

/* ---- One group ---- */

static void seal_frames(struct group *group, uint32_t salt)
{
    size_t pos = 0;

    while (pos < group->bytes.len) {
        uint8_t *header = (uint8_t *)group->bytes.ptr + pos;

        frame_seal(header, salt);
        pos += FRAME_HEADER_BYTES + frame_len(header);
    }
}

/* Ends the journal, whatever the errno: after a sync that failed the pages count as clean, and a
 * second one would lie; after a write nobody knows how much of it is there. */
static enum hn_status final(int error, const char *what, struct hn_err *err)
{
    (void)hn_fail_sys(err, error, "%s", what);
    if (err != NULL)
        err->status = HN_IO; /* never HN_NOMEM, which would be a group refused */
    return HN_IO;
}

/* Nothing of a refused group may stay: the next one begins at its place. */
static enum hn_status write_failed(
        struct journal *journal, uint64_t pos, int error, struct hn_err *err)
{
    if (!journal_errno_is_full(error))
        return final(error, "writing the journal", err);
    error = journal_truncate(journal->out.fd, pos);
    if (error != 0)
        return final(error, "cutting off a group that had no room", err);
    journal->out.reserved = pos;
    return hn_fail(err, HN_LIMIT, 0, "no room on disk");
}

static enum hn_status group_write(struct journal *journal, struct group *group, struct hn_err *err)
{
    struct hn_bytes bytes = hn_text_as_bytes(hn_buf_text(&group->bytes));
    uint64_t pos;
    int error;

    if (journal->out.fd < 0 ||
            (group->first > journal->out.first && group->first - journal->out.first + bytes.len >
                                                          journal->options.segment_bytes)) {
        enum hn_status status = rotate(journal, group->first, err);

        if (status != HN_OK)
            return status;
    }
    pos = SEGMENT_HEADER_BYTES + group->first - journal->out.first;
    seal_frames(group, journal->out.salt);
    HN_CRASH_POINT("journal_before_write");
    error = journal_write_at(journal->out.fd, bytes, pos);
    if (error != 0)
        return write_failed(journal, pos, error, err);
    if (pos + bytes.len > journal->out.reserved)
        journal->out.reserved = pos + bytes.len;
    HN_CRASH_POINT("journal_written");
    error = journal_sync_data(journal->out.fd);
    if (error != 0)
        return final(error, "syncing the journal", err);
    HN_CRASH_POINT("journal_synced");
    journal_note_write(journal->lock_fd, group->first + bytes.len);
    return HN_OK;
}

static uint64_t disk_free(int dir_fd)
{
    struct statvfs info;

    return fstatvfs(dir_fd, &info) == 0 ? (uint64_t)info.f_bavail * info.f_frsize : 0;
}

static void group_finish(struct group *group, enum hn_status status)
{
    for (size_t i = 0; i < group->waiters.count; i++)
        group->waiters.ptr[i].on_done(group->waiters.ptr[i].ctx, status);
}

static void group_reset(struct group *group)
{
    hn_buf_reset(&group->bytes);
    if (group->bytes.room > GROUP_BYTES_KEEP)
        hn_buf_deinit(&group->bytes);
    hn_vec_reset(&group->waiters);
    group->records = 0;
}

static struct group *group_free(struct journal *journal, const struct group *other)
{
    for (size_t i = 0; i < GROUPS; i++) {
        struct group *group = &journal->groups[i];

        if (group != journal->gathering && group != journal->writing && group != other)
            return group;
    }
    return NULL; /* not reached: at most two are taken */
}

/* A group that is not in the journal takes what came after it along: offsets are without gaps, and
 * those given out are not durable, so that they may be given again. The lock is held. */
static struct group *refuse(
        struct journal *journal, enum hn_status status, const struct hn_err *err)
{
    struct group *behind = journal->gathering;

    journal->stats.refused += journal->writing->records + behind->records;
    if (status != HN_LIMIT && status != HN_NOMEM) {
        journal->failed = true;
        /* ENOMEM would read as a group that was refused. */
        journal->failed_errno =
                err->sys_errno != 0 && err->sys_errno != ENOMEM ? err->sys_errno : EIO;
        (void)pthread_cond_broadcast(&journal->committed);
    }
    journal->stats.no_room = status == HN_LIMIT;
    journal->end = journal->committed_end;
    journal->gathering = group_free(journal, behind);
    return behind;
}

static void accept(struct journal *journal, const struct group *group, uint64_t nanoseconds)
{
    struct segment_entry *current;

    journal->committed_end = group->first + group->bytes.len;
    journal->stats.records += group->records;
    journal->stats.bytes += group->bytes.len;
    journal->stats.commits++;
    journal->stats.no_room = false;
    journal->stats.commit_nanoseconds += nanoseconds;
    current = &journal->segments.entries.ptr[journal->segments.entries.count - 1];
    current->bytes = journal->out.reserved;
    (void)pthread_cond_broadcast(&journal->committed);
}

static uint64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * HN_SECOND + (uint64_t)now.tv_nsec;
}

static void commit(struct journal *journal, struct group *group)
{
    struct hn_err err = { 0 };
    struct group *behind = NULL;
    uint64_t started = now_ns();
    enum hn_status status = journal->failed ? HN_IO : group_write(journal, group, &err);
    uint64_t room = disk_free(journal->dir_fd);

    (void)pthread_mutex_lock(&journal->lock);
    journal->stats.disk_free = room;
    if (status == HN_OK)
        accept(journal, group, now_ns() - started);
    else
        behind = refuse(journal, status, &err);
    (void)pthread_mutex_unlock(&journal->lock);
    group_finish(group, status);
    if (behind != NULL)
        group_finish(behind, status);
    (void)pthread_mutex_lock(&journal->lock);
    group_reset(group);
    if (behind != NULL)
        group_reset(behind);
    journal->writing = NULL;
    (void)pthread_mutex_unlock(&journal->lock);
}

/* ---- The thread ---- */

/* Several appenders at once come back in one group when it waits a moment for them; one alone would
 * only wait. So it waits as long as more comes, within the delay. The lock is held. */
static void wait_for_company(struct journal *journal, uint32_t last_records)
{
    struct group *group = journal->gathering;
    hn_time waited = 0;
    hn_time delay = (hn_time)journal->options.commit_delay_us * 1000;
    uint32_t seen = group->records;

    if (last_records <= 1 && group->records <= 1)
        return;
    while (waited < delay && group->bytes.len < journal->options.commit_bytes &&
            !journal->stopping) {
        struct timespec until = journal_deadline(SLICE_NS);

        (void)pthread_cond_timedwait(&journal->work, &journal->lock, &until);
        waited += SLICE_NS;
        if (group->records == seen)
            break;
        seen = group->records;
    }
}

void *journal_commit_main(void *ctx)
{
    struct journal *journal = ctx;
    uint32_t last_records = 0;

    (void)pthread_mutex_lock(&journal->lock);
    for (;;) {
        struct group *group;

        while (journal->gathering->records == 0 && !journal->stopping)
            (void)pthread_cond_wait(&journal->work, &journal->lock);
        if (journal->gathering->records == 0)
            break;
        wait_for_company(journal, last_records);
        group = journal->gathering;
        last_records = group->records;
        journal->writing = group;
        journal->gathering = group_free(journal, group);
        (void)pthread_mutex_unlock(&journal->lock);
        commit(journal, group);
        (void)pthread_mutex_lock(&journal->lock);
    }
    (void)pthread_mutex_unlock(&journal->lock);
    return NULL;
}
