/* journal_repair.c - damaged segments written anew: whole records at their offsets, and gaps where
 * records were lost, so that nobody reports the same damage for ever. */
#include "journal/journal_internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define GAP_BYTES_MAX ((uint64_t)1 << 30)
#define BAD_NAMES_MAX 1000u

/* One segment: read, and the second time also written. */
struct repair {
    int dir_fd;
    int out; /* -1: only looked at */
    struct segment_in in;
    uint64_t limit; /* where the next segment begins */
    uint32_t salt;
    bool damaged;
    struct journal_check *check;
    journal_on_damage *on_damage;
    void *ctx;
};

static enum hn_status put(
        struct repair *repair, uint64_t offset, struct hn_bytes bytes, struct hn_err *err)
{
    int error = journal_write_at(repair->out, bytes, segment_in_pos(&repair->in, offset));

    if (error == 0)
        return HN_OK;
    if (journal_errno_is_full(error))
        return hn_fail(err, HN_LIMIT, offset, "no room on disk to repair %s", repair->in.name);
    return hn_fail_sys(err, error, "repairing %s", repair->in.name);
}

static enum hn_status put_frame(
        struct repair *repair, const struct frame *frame, struct hn_err *err)
{
    uint8_t header[FRAME_HEADER_BYTES];
    enum hn_status status;

    frame_write(frame, header);
    frame_seal(header, repair->salt);
    status = put(repair, frame->offset, hn_bytes_of(header, sizeof header), err);
    if (status == HN_OK && frame->kind != FRAME_GAP)
        status = put(repair, frame->offset + sizeof header, frame->payload, err);
    return status;
}

/* What is shorter than a header cannot be said to be a gap; it stays damage. */
static enum hn_status put_gap(
        struct repair *repair, uint64_t start, uint64_t end, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    while (status == HN_OK && end - start >= FRAME_HEADER_BYTES) {
        uint64_t bytes = end - start;
        struct frame gap = { .offset = start, .kind = FRAME_GAP };

        if (bytes > GAP_BYTES_MAX) /* in halves, so that the rest is never too short */
            bytes = bytes / 2 > GAP_BYTES_MAX ? GAP_BYTES_MAX : bytes / 2;
        gap.len = (uint32_t)(bytes - FRAME_HEADER_BYTES);
        status = put_frame(repair, &gap, err);
        start += bytes;
    }
    return status;
}

static void tell(struct repair *repair, uint64_t start, uint64_t end)
{
    struct journal_damage damage = { .start = start, .end = end };

    repair->damaged = true;
    repair->check->damaged++;
    repair->check->damaged_bytes += end - start;
    (void)snprintf(damage.file, sizeof damage.file, "%s", repair->in.name);
    (void)snprintf(damage.reason, sizeof damage.reason, "%s",
            repair->in.readable ? "damaged or missing" : "the segment's header is damaged");
    if (repair->on_damage != NULL)
        repair->on_damage(repair->ctx, &damage);
}

static enum hn_status go_over(struct repair *repair, struct hn_err *err)
{
    uint64_t offset = repair->in.first;
    uint64_t end = segment_in_end(&repair->in);
    enum hn_status status = HN_OK;

    if (end > repair->limit)
        end = repair->limit;
    while (status == HN_OK && offset < repair->limit) {
        uint64_t stop = repair->limit;
        struct frame frame;
        bool whole;

        status = segment_in_frame(&repair->in, offset, end, &whole, &frame, err);
        if (status == HN_OK && whole) {
            offset = frame_next(&frame);
            repair->check->records += repair->out < 0 && frame.kind != FRAME_GAP;
            if (repair->out >= 0)
                status = put_frame(repair, &frame, err);
            continue;
        }
        if (status == HN_OK)
            status = segment_in_resync(&repair->in, offset, end, &stop, err);
        if (stop == end) /* nothing whole comes any more */
            stop = repair->limit;
        if (status == HN_OK && repair->out < 0)
            tell(repair, offset, stop);
        else if (status == HN_OK)
            status = put_gap(repair, offset, stop, err);
        offset = stop;
    }
    return status;
}

/* The damaged file under a name of its own first, then the new one in its place. */
static int swap(struct repair *repair, const char *temporary)
{
    char plain[JOURNAL_NAME_MAX];
    char bad[JOURNAL_NAME_MAX + 16];
    int error = EEXIST;

    segment_name(repair->in.first, false, plain);
    for (unsigned n = 0; n < BAD_NAMES_MAX && error == EEXIST; n++) {
        if (n == 0)
            (void)snprintf(bad, sizeof bad, "%s.bad", repair->in.name);
        else
            (void)snprintf(bad, sizeof bad, "%s.bad.%u", repair->in.name, n);
        error = linkat(repair->dir_fd, repair->in.name, repair->dir_fd, bad, 0) != 0 ? errno : 0;
    }
    if (error == 0)
        error = journal_sync(repair->dir_fd);
    if (error == 0 && renameat(repair->dir_fd, temporary, repair->dir_fd, plain) != 0) {
        error = errno;
        (void)unlinkat(repair->dir_fd, bad, 0); /* it is still the file itself */
    }
    if (error == 0)
        error = journal_sync(repair->dir_fd);
    if (error == 0 && repair->in.packed && unlinkat(repair->dir_fd, repair->in.name, 0) != 0)
        error = errno;
    return error;
}

static enum hn_status rewrite(struct repair *repair, struct hn_err *err)
{
    struct segment_header header = { .first = repair->in.first, .version = SEGMENT_VERSION };
    uint8_t bytes[SEGMENT_HEADER_BYTES];
    char temporary[JOURNAL_NAME_MAX + 8];
    enum hn_status status;
    int error;

    (void)snprintf(temporary, sizeof temporary, "%s.tmp", repair->in.name);
    repair->salt = repair->in.readable ? repair->in.header.salt : segment_salt(repair->in.first);
    header.salt = repair->salt;
    segment_header_write(&header, bytes);
    repair->out = journal_openat(repair->dir_fd, temporary, O_RDWR | O_CREAT | O_TRUNC, &error);
    if (repair->out < 0)
        return hn_fail_sys(err, error, "%s", temporary);
    error = journal_write_at(repair->out, hn_bytes_of(bytes, sizeof bytes), 0);
    status = error != 0 ? hn_fail_sys(err, error, "%s", temporary) : go_over(repair, err);
    if (status == HN_OK) { /* the last gap has no bytes of its own */
        error = journal_truncate(repair->out, segment_in_pos(&repair->in, repair->limit));
        if (error == 0)
            error = journal_sync(repair->out);
        if (error == 0)
            error = swap(repair, temporary);
        if (error != 0)
            status = hn_fail_sys(err, error, "repairing %s", repair->in.name);
    }
    (void)close(repair->out);
    repair->out = -1;
    if (status != HN_OK)
        (void)unlinkat(repair->dir_fd, temporary, 0);
    return status;
}

/* Where the last segment ends: what was durable, and what is whole behind that. */
static enum hn_status last_end(
        struct segment_in *in, uint64_t noted, uint64_t *ret_end, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    *ret_end = segment_in_end(in);
    if (in->readable)
        status = journal_find_end(in, ret_end, err);
    if (noted > *ret_end)
        *ret_end = noted;
    return status;
}

static enum hn_status repair_all(
        struct repair *repair, const struct segment_list *list, uint64_t noted, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    for (size_t i = 0; i < list->entries.count && status == HN_OK; i++) {
        repair->damaged = false;
        status = segment_in_open(repair->dir_fd, list->entries.ptr[i].first, &repair->in, err);
        if (status != HN_OK)
            break;
        if (i + 1 < list->entries.count)
            repair->limit = list->entries.ptr[i + 1].first;
        else
            status = last_end(&repair->in, noted, &repair->limit, err);
        if (status == HN_OK)
            status = go_over(repair, err);
        if (status == HN_OK && repair->damaged)
            status = rewrite(repair, err);
        segment_in_close(&repair->in);
        repair->check->end = repair->limit;
    }
    return status;
}

enum hn_status journal_repair(const char *dir, journal_on_damage *on_damage, void *ctx,
        struct journal_check *ret_check, struct hn_err *err)
{
    struct journal_check check = { 0 };
    struct repair repair = { .out = -1, .check = &check, .on_damage = on_damage, .ctx = ctx };
    struct segment_list list = { 0 };
    uint64_t noted = 0;
    enum hn_status status;
    int lock_fd = -1;
    int error;

    repair.dir_fd = journal_openat(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, &error);
    if (repair.dir_fd < 0)
        return hn_fail_sys(err, error, "journal folder");
    status = journal_lock(repair.dir_fd, &lock_fd, err);
    if (status == HN_OK && !journal_note_read(lock_fd, &noted))
        noted = 0;
    if (status == HN_OK)
        status = segment_list_read(repair.dir_fd, true, &list, err);
    check.segments = list.entries.count;
    if (list.entries.count > 0)
        check.start = list.entries.ptr[0].first;
    if (status == HN_OK)
        status = repair_all(&repair, &list, noted, err);
    segment_list_deinit(&list);
    if (lock_fd >= 0)
        (void)close(lock_fd);
    (void)close(repair.dir_fd);
    if (status == HN_OK)
        *ret_check = check;
    return status;
}
