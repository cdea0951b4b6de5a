/* journal_walk.c - from record to record, over segments, damage and the committed end. */
#include "journal/journal_reader.h"

#include <stdio.h>

/* ---- What there is ---- */

/* The segment for pos. False: there is none. */
static bool look_up(
        const struct segment_list *list, uint64_t pos, uint64_t *ret_first, uint64_t *ret_next)
{
    size_t index = segment_list_find(list, pos);

    if (list->entries.count == 0)
        return false;
    if (index == SIZE_MAX)
        index = 0;
    *ret_first = list->entries.ptr[index].first;
    *ret_next = index + 1 < list->entries.count ? list->entries.ptr[index + 1].first : UINT64_MAX;
    return true;
}

/* *ret_first UINT64_MAX: there is no segment. */
static enum hn_status find_segment(struct journal_reader *reader, uint64_t pos, uint64_t *ret_first,
        uint64_t *ret_next, struct hn_err *err)
{
    struct segment_list list = { 0 };
    enum hn_status status = HN_OK;
    bool found;

    if (reader->journal != NULL) {
        (void)pthread_mutex_lock(&reader->journal->lock);
        found = look_up(&reader->journal->segments, pos, ret_first, ret_next);
        (void)pthread_mutex_unlock(&reader->journal->lock);
    } else {
        status = segment_list_read(reader->dir_fd, false, &list, err);
        found = look_up(&list, pos, ret_first, ret_next);
        segment_list_deinit(&list);
    }
    if (!found)
        *ret_first = *ret_next = UINT64_MAX;
    return status;
}

/* Looks anew how far records are durable, then which segment comes next: in this order all
 * segments before the limit are known. */
static enum hn_status refresh(struct journal_reader *reader, struct hn_err *err)
{
    uint64_t first;
    uint64_t next;
    enum hn_status status;

    if (reader->journal != NULL) {
        reader->limit = journal_committed(reader->journal);
        reader->sure = reader->limit;
    } else {
        reader->limit = UINT64_MAX;
        reader->sure = 0;
        if (reader->lock_fd >= 0 && journal_note_read(reader->lock_fd, &reader->sure) &&
                journal_lock_is_held(reader->lock_fd))
            reader->limit = reader->sure;
    }
    if (reader->in.fd < 0)
        return HN_OK;
    status = find_segment(reader, reader->in.first, &first, &next, err);
    if (status == HN_OK && first == reader->in.first)
        reader->in_limit = next;
    segment_in_resize(&reader->in);
    return status;
}

/* ---- Damage ---- */

static void report(struct journal_reader *reader, uint64_t start, uint64_t end, const char *reason)
{
    struct journal_damage damage = { .start = start, .end = end };

    if (start < reader->told)
        damage.start = reader->told;
    if (damage.start < reader->from)
        damage.start = reader->from;
    if (damage.start >= end)
        return;
    reader->told = end;
    (void)snprintf(damage.file, sizeof damage.file, "%s", reader->in.name);
    (void)snprintf(damage.reason, sizeof damage.reason, "%s", reason);
    if (reader->on_damage != NULL)
        reader->on_damage(reader->ctx, &damage);
}

/* ---- Segments ---- */

/* A place in the middle, at which somebody wants to begin: where no record begins there, the walk
 * begins at the segment's start, and records before the place are passed over. */
static enum hn_status begin_at(struct journal_reader *reader, struct hn_err *err)
{
    struct frame frame;
    bool whole;
    enum hn_status status;

    if (reader->pos > reader->limit)
        reader->pos = reader->limit;
    if (reader->pos <= reader->in.first || reader->pos == reader->limit ||
            reader->pos == reader->sure)
        return HN_OK;
    status = segment_in_frame(&reader->in, reader->pos,
            reader->limit < UINT64_MAX ? reader->limit : segment_in_end(&reader->in), &whole,
            &frame, err);
    if (status == HN_OK && !whole)
        reader->pos = reader->in.first;
    return status;
}

/* Opens the segment that holds pos; none is open after this when there is none yet. */
static enum hn_status enter(struct journal_reader *reader, struct hn_err *err)
{
    for (;;) {
        struct hn_err why = { 0 };
        uint64_t first;
        uint64_t next;
        enum hn_status status = find_segment(reader, reader->pos, &first, &next, err);

        if (status != HN_OK || first == UINT64_MAX)
            return status;
        if (reader->pos < first) /* older ones were deleted: their time was over */
            reader->pos = first;
        status = segment_in_open(reader->dir_fd, first, &reader->in, &why);
        if (status == HN_OK) {
            reader->in_limit = next;
            return begin_at(reader, err);
        }
        reader->in.fd = -1;
        if (status != HN_NOTFOUND)
            return hn_fail(err, status, why.offset, "%s", why.msg);
        if (reader->journal == NULL || journal_start(reader->journal) > first)
            continue; /* deleted since the list was made */
        segment_name(first, false, reader->in.name);
        if (next == UINT64_MAX)
            return hn_fail(err, HN_IO, first, "%s", why.msg);
        report(reader, reader->pos, next, "the file is gone");
        reader->pos = next;
    }
}

/* ---- Records ---- */

/* No whole record at pos. False: there may be one later. */
static enum hn_status pass_over(
        struct journal_reader *reader, uint64_t end, bool *ret_moved, struct hn_err *err)
{
    const char *reason = "a damaged record";
    uint64_t stop = reader->limit < reader->in_limit ? reader->limit : reader->in_limit;
    uint64_t found;
    enum hn_status status = segment_in_resync(&reader->in, reader->pos, end, &found, err);

    if (status != HN_OK)
        return status;
    if (found < end)
        stop = found;
    else if (stop == UINT64_MAX) /* the last segment, and nobody writes */
        stop = reader->sure > reader->pos ? reader->sure : reader->pos;
    if (!reader->in.readable)
        reason = "the segment's header is damaged";
    else if (reader->pos >= segment_in_end(&reader->in))
        reason = "missing";
    report(reader, reader->pos, stop, reason);
    *ret_moved = stop > reader->pos;
    reader->pos = stop;
    return HN_OK;
}

static uint64_t readable_end(const struct journal_reader *reader)
{
    uint64_t end = segment_in_end(&reader->in);

    if (end > reader->limit)
        end = reader->limit;
    return end < reader->in_limit ? end : reader->in_limit;
}

/* One frame or one stretch of damage. *ret_moved false: nothing there yet. */
static enum hn_status step(
        struct journal_reader *reader, bool *ret_moved, struct frame *ret_frame, struct hn_err *err)
{
    bool whole = false;
    enum hn_status status = HN_OK;

    *ret_moved = false;
    ret_frame->kind = FRAME_GAP;
    ret_frame->offset = reader->pos;
    if (reader->pos < reader->limit)
        status = segment_in_frame(
                &reader->in, reader->pos, readable_end(reader), &whole, ret_frame, err);
    if (status == HN_OK && !whole) { /* more may have come since */
        status = refresh(reader, err);
        if (status == HN_OK && reader->pos < reader->limit && reader->pos < reader->in_limit)
            status = segment_in_frame(
                    &reader->in, reader->pos, readable_end(reader), &whole, ret_frame, err);
    }
    if (status != HN_OK)
        return status;
    if (whole) {
        reader->pos = frame_next(ret_frame);
        *ret_moved = true;
        return HN_OK;
    }
    ret_frame->kind = FRAME_GAP;
    if (reader->pos >= reader->in_limit) {
        *ret_moved = true;
        return HN_OK;
    }
    return reader->pos < reader->limit ? pass_over(reader, readable_end(reader), ret_moved, err)
                                       : HN_OK;
}

enum hn_status journal_walk(
        struct journal_reader *reader, struct journal_record *ret_record, struct hn_err *err)
{
    for (;;) {
        struct frame frame;
        enum hn_status status = HN_OK;
        bool moved = false;

        if (reader->in.fd < 0) {
            status = refresh(reader, err);
            if (status == HN_OK)
                status = enter(reader, err);
            if (status == HN_OK && reader->in.fd < 0)
                return HN_NOTFOUND;
        }
        if (status == HN_OK)
            status = step(reader, &moved, &frame, err);
        if (status != HN_OK)
            return status;
        if (!moved)
            return HN_NOTFOUND;
        if (frame.kind != FRAME_GAP && frame.offset >= reader->from) {
            *ret_record = (struct journal_record){ .offset = frame.offset,
                .next = reader->pos,
                .kind = (enum journal_kind)frame.kind,
                .received = frame.received,
                .payload = frame.payload };
            return HN_OK;
        }
        if (reader->pos >= reader->in_limit)
            segment_in_close(&reader->in);
    }
}
