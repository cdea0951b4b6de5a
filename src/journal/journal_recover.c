/* journal_recover.c - from the files of a folder to a journal that can be appended to.
 *
 * Only the last segment is read; the ones before were sealed after their last byte was durable. */
#include "journal/journal_internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum hn_status journal_find_end(struct segment_in *in, uint64_t *ret_end, struct hn_err *err)
{
    uint64_t end = segment_in_end(in);
    uint64_t offset = in->first;
    uint64_t whole_end = offset;

    while (offset < end) {
        struct frame frame;
        bool whole;
        enum hn_status status = segment_in_frame(in, offset, end, &whole, &frame, err);

        if (status == HN_OK && !whole)
            status = segment_in_resync(in, offset, end, &offset, err);
        if (status != HN_OK)
            return status;
        if (whole) {
            offset = frame_next(&frame);
            whole_end = offset;
        }
    }
    *ret_end = whole_end;
    return HN_OK;
}

/* What a process that died left in memory goes to disk, and what the disk refused then is
 * forgotten: reading sees what is there. */
static int settle(int fd)
{
    int error = journal_sync_data(fd);

    if (error == 0)
        (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    return error;
}

/* Goes on writing behind the last record. */
static int go_on(struct journal *journal, int fd, const struct segment_in *in, uint64_t end)
{
    uint64_t bytes = SEGMENT_HEADER_BYTES + end - in->first;
    uint64_t room = SEGMENT_HEADER_BYTES + journal->options.segment_bytes;
    int error = journal_truncate(fd, bytes);

    if (error == 0 && bytes < room && journal_reserve(fd, room) != 0)
        error = journal_truncate(fd, bytes); /* a full disk shows when something is written */
    if (error == 0)
        error = journal_sync(fd);
    if (error != 0)
        return error;
    journal->out = (struct segment_out){
        .fd = fd, .first = in->first, .reserved = bytes, .salt = in->header.salt
    };
    journal->out_open = true;
    return 0;
}

/* Where the journal goes on; what was durable and is not there any more, from lost on, is kept for
 * journal_missing(). */
static uint64_t noted_end(struct journal *journal, const struct segment_in *in, uint64_t lost,
        uint64_t end, uint64_t noted)
{
    struct journal_damage *missing = &journal->missing;

    missing->start = lost;
    missing->end = noted > end ? noted : end;
    (void)snprintf(missing->file, sizeof missing->file, "%s", in->name);
    (void)snprintf(missing->reason, sizeof missing->reason, "%s",
            in->readable ? "the end is missing" : "the segment's header is damaged");
    return missing->end;
}

static enum hn_status open_last(struct journal *journal, struct segment_in *in, uint64_t noted,
        uint64_t *ret_end, struct hn_err *err)
{
    enum hn_status status;
    int error = 0;
    int fd;

    /* Without its header nothing of a segment can be read; no offset of it is given out again. */
    *ret_end = segment_in_end(in);
    if (!in->readable) {
        *ret_end = noted_end(journal, in, in->first, *ret_end, noted);
        return HN_OK;
    }
    if (in->packed) {
        status = journal_find_end(in, ret_end, err);
        if (status == HN_OK)
            *ret_end = noted_end(journal, in, *ret_end, *ret_end, noted);
        return status;
    }
    fd = journal_openat(journal->dir_fd, in->name, O_RDWR, &error);
    if (fd >= 0)
        error = settle(fd);
    status = error != 0 ? hn_fail_sys(err, error, "%s", in->name)
                        : journal_find_end(in, ret_end, err);
    if (status == HN_OK && noted > *ret_end) { /* what was durable is gone: its place stays empty */
        *ret_end = noted_end(journal, in, *ret_end, *ret_end, noted);
        (void)close(fd);
        return HN_OK;
    }
    if (status == HN_OK) {
        error = go_on(journal, fd, in, *ret_end);
        if (error == 0)
            return HN_OK;
        status = hn_fail_sys(err, error, "%s", in->name);
    }
    if (fd >= 0)
        (void)close(fd);
    return status;
}

enum hn_status journal_recover(struct journal *journal, struct hn_err *err)
{
    struct segment_in in = { .fd = -1 };
    uint64_t noted = 0;
    uint64_t end = 0;
    enum hn_status status = segment_list_read(journal->dir_fd, true, &journal->segments, err);

    if (status != HN_OK)
        return status;
    if (!journal_note_read(journal->lock_fd, &noted))
        noted = 0;
    end = noted;
    if (journal->segments.entries.count > 0) {
        struct segment_entry *last =
                &journal->segments.entries.ptr[journal->segments.entries.count - 1];

        status = segment_in_open(journal->dir_fd, last->first, &in, err);
        if (status == HN_OK)
            status = open_last(journal, &in, noted, &end, err);
        segment_in_close(&in);
    }
    if (status != HN_OK)
        return status;
    journal->end = end;
    journal->committed_end = end;
    journal_note_write(journal->lock_fd, end);
    return HN_OK;
}
