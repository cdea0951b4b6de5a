/* journal_segment.c - reading a segment by position, and finding frames in it. */
#include "journal/journal_segment.h"

#include "base/crc32c.h"
#include "base/mem.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WINDOW_BYTES ((size_t)256 << 10)

/* ---- Opening ---- */

/* Packing renames the packed form into place before it removes the plain one: in this order one of
 * them is found. */
static int open_either(int dir_fd, uint64_t first, struct segment_in *in)
{
    int error = ENOENT;

    for (int form = 0; form < 2 && error == ENOENT; form++) {
        in->packed = form == 1;
        segment_name(first, in->packed, in->name);
        in->fd = journal_openat(dir_fd, in->name, O_RDONLY, &error);
    }
    return error;
}

enum hn_status segment_in_open(
        int dir_fd, uint64_t first, struct segment_in *ret_in, struct hn_err *err)
{
    struct segment_in in = { .fd = -1, .first = first };
    struct hn_bytes header = { 0 };
    enum hn_status status = HN_OK;
    struct stat info;
    int error = open_either(dir_fd, first, &in);

    if (error == ENOENT)
        return hn_fail(err, HN_NOTFOUND, first, "%s is gone", in.name);
    if (error == 0 && fstat(in.fd, &info) != 0)
        error = errno;
    if (error != 0) {
        status = hn_fail_sys(err, error, "%s", in.name);
        segment_in_close(&in);
        return status;
    }
    in.bytes = (uint64_t)info.st_size;
    if (in.packed)
        status = segment_unpack_open(&in, err);
    if (status == HN_OK)
        status = segment_in_bytes(&in, 0, SEGMENT_HEADER_BYTES, SEGMENT_HEADER_BYTES, &header, err);
    if (status != HN_OK) {
        segment_in_close(&in);
        return status;
    }
    in.readable = segment_header_read(header, &in.header) && in.header.first == first &&
                  in.header.version == SEGMENT_VERSION;
    *ret_in = in;
    return HN_OK;
}

void segment_in_close(struct segment_in *in)
{
    if (in->fd >= 0)
        (void)close(in->fd);
    segment_unpack_close(in);
    hn_free(in->window);
    *in = (struct segment_in){ .fd = -1 };
}

void segment_in_resize(struct segment_in *in)
{
    struct stat info;

    if (in->packed || in->fd < 0)
        return;
    in->window_len = 0; /* what was nothing yet may be a record now */
    if (fstat(in->fd, &info) == 0)
        in->bytes = (uint64_t)info.st_size;
}

/* ---- Bytes ---- */

enum hn_status segment_in_room(struct segment_in *in, size_t len, struct hn_err *err)
{
    uint8_t *window;

    if (len <= in->window_room)
        return HN_OK;
    window = hn_malloc(len);
    if (window == NULL)
        return hn_fail(err, HN_NOMEM, 0, "no memory for %zu bytes of %s", len, in->name);
    hn_free(in->window);
    in->window = window;
    in->window_room = len;
    in->window_len = 0;
    return HN_OK;
}

static enum hn_status read_plain(
        struct segment_in *in, uint64_t pos, size_t len, uint64_t limit, struct hn_err *err)
{
    enum hn_status status;
    int error;

    if (len < WINDOW_BYTES) /* reads ahead, but never over the limit: it may not be written yet */
        len = limit - pos < WINDOW_BYTES ? (size_t)(limit - pos) : WINDOW_BYTES;
    status = segment_in_room(in, len, err);
    if (status != HN_OK)
        return status;
    in->window_pos = pos;
    in->window_len = 0;
    error = journal_read_at(in->fd, in->window, len, pos, &in->window_len);
    return error == 0 ? HN_OK : hn_fail_sys(err, error, "%s", in->name);
}

enum hn_status segment_in_bytes(struct segment_in *in, uint64_t pos, size_t len, uint64_t limit,
        struct hn_bytes *ret_bytes, struct hn_err *err)
{
    size_t before;

    if (limit > in->bytes)
        limit = in->bytes;
    if (pos > limit)
        pos = limit;
    if (len > limit - pos)
        len = (size_t)(limit - pos);
    if (pos < in->window_pos || pos - in->window_pos > in->window_len ||
            len > in->window_len - (size_t)(pos - in->window_pos)) {
        enum hn_status status = in->packed ? segment_unpack(in, pos, len, err)
                                           : read_plain(in, pos, len, limit, err);

        if (status != HN_OK)
            return status;
    }
    before = (size_t)(pos - in->window_pos);
    if (len > in->window_len - before) /* the file is shorter than it was */
        len = in->window_len - before;
    *ret_bytes = hn_bytes_of(in->window == NULL ? NULL : in->window + before, len);
    return HN_OK;
}

/* ---- Frames ---- */

enum hn_status segment_in_frame(struct segment_in *in, uint64_t offset, uint64_t end,
        bool *ret_whole, struct frame *ret_frame, struct hn_err *err)
{
    uint64_t limit = segment_in_pos(in, end);
    struct hn_bytes bytes;
    enum hn_status status;

    *ret_whole = false;
    if (!in->readable || offset >= end)
        return HN_OK;
    status = segment_in_bytes(
            in, segment_in_pos(in, offset), FRAME_HEADER_BYTES, limit, &bytes, err);
    if (status != HN_OK || bytes.len < FRAME_HEADER_BYTES ||
            !frame_read(bytes.ptr, offset, in->header.salt, ret_frame) ||
            end - offset - FRAME_HEADER_BYTES < ret_frame->len)
        return status;
    if (ret_frame->kind == FRAME_GAP) {
        *ret_whole = true;
        return HN_OK;
    }
    status = segment_in_bytes(in, segment_in_pos(in, offset + FRAME_HEADER_BYTES), ret_frame->len,
            limit, &bytes, err);
    if (status != HN_OK)
        return status;
    *ret_whole = bytes.len == ret_frame->len && hn_crc32c(0, bytes) == ret_frame->payload_crc;
    ret_frame->payload = bytes;
    return HN_OK;
}

enum hn_status segment_in_resync(struct segment_in *in, uint64_t offset, uint64_t end,
        uint64_t *ret_offset, struct hn_err *err)
{
    uint64_t limit = segment_in_pos(in, end);
    uint64_t next = offset + 1;

    while (in->readable && next < end) {
        struct hn_bytes bytes;
        struct frame frame;
        size_t found;
        bool whole;
        enum hn_status status =
                segment_in_bytes(in, segment_in_pos(in, next), WINDOW_BYTES, limit, &bytes, err);

        if (status != HN_OK)
            return status;
        if (bytes.len == 0)
            break;
        found = frame_find(bytes, 0);
        next += found;
        if (found == bytes.len)
            continue;
        status = segment_in_frame(in, next, end, &whole, &frame, err);
        if (status != HN_OK)
            return status;
        if (whole) {
            *ret_offset = next;
            return HN_OK;
        }
        next++;
    }
    *ret_offset = end;
    return HN_OK;
}
