/* journal_segment.h - one segment, plain or packed, read by position; and how one is made.
 *
 * A position counts bytes from the start of the plain file: its header, then frames, so that the
 * frame at an offset lies at SEGMENT_HEADER_BYTES + offset - first.
 * Concurrency: one thread at a time. */
#ifndef HN_JOURNAL_SEGMENT_H
#define HN_JOURNAL_SEGMENT_H

#include "journal/journal.h"
#include "journal/journal_frame.h"
#include "journal/journal_io.h"

/* Of a packed segment. */
struct segment_chunk {
    uint64_t packed_pos;
    uint64_t pos;
    uint32_t packed_len;
    uint32_t len;
};

struct segment_in {
    int fd;
    bool packed;
    bool readable; /* the header is whole and says what the name says */
    struct segment_header header;
    uint64_t first; /* from the name */
    uint64_t bytes; /* as a plain file */
    char name[JOURNAL_NAME_MAX];
    uint8_t *window; /* bytes [window_pos, window_pos + window_len) */
    size_t window_room;
    uint64_t window_pos;
    size_t window_len;
    HN_VEC(struct segment_chunk) chunks;
    uint8_t *raw; /* a packed chunk */
    size_t raw_room;
    void *unpacker;
};

/* HN_NOTFOUND: there is no such segment. A damaged header is no failure: readable is false. */
HN_MUST_USE enum hn_status segment_in_open(
        int dir_fd, uint64_t first, struct segment_in *ret_in, struct hn_err *err);
void segment_in_close(struct segment_in *in); /* a zeroed one with fd -1 is fine */

/* [pos, pos + len) cut to what there is before limit; borrowed until the next call. What cannot be
 * unpacked is zeros. Bytes from limit on are not looked at. HN_NOMEM, HN_IO. */
HN_MUST_USE enum hn_status segment_in_bytes(struct segment_in *in, uint64_t pos, size_t len,
        uint64_t limit, struct hn_bytes *ret_bytes, struct hn_err *err);

HN_INLINE uint64_t segment_in_pos(const struct segment_in *in, uint64_t offset)
{
    return SEGMENT_HEADER_BYTES + (offset - in->first);
}
/* The offset behind the last byte of the file. */
HN_INLINE uint64_t segment_in_end(const struct segment_in *in)
{
    return in->bytes < SEGMENT_HEADER_BYTES ? in->first
                                            : in->first + (in->bytes - SEGMENT_HEADER_BYTES);
}

/* Looks anew at a plain file, which may have grown: views into it end. */
void segment_in_resize(struct segment_in *in);

/* The record at offset. *ret_whole is false where there is no whole one that ends at or before end.
 * A gap is a frame like any other (kind FRAME_GAP). The payload is borrowed until the next call. */
HN_MUST_USE enum hn_status segment_in_frame(struct segment_in *in, uint64_t offset, uint64_t end,
        bool *ret_whole, struct frame *ret_frame, struct hn_err *err);
/* The offset of the next whole frame after offset, or end. */
HN_MUST_USE enum hn_status segment_in_resync(struct segment_in *in, uint64_t offset, uint64_t end,
        uint64_t *ret_offset, struct hn_err *err);

/* A number that nobody can guess, for a new segment. */
uint32_t segment_salt(uint64_t first);

/* Makes an empty segment with room for bytes, durable when this returns; *ret_fd is open for
 * writing. A full disk is HN_LIMIT, and leaves nothing behind. */
HN_MUST_USE enum hn_status segment_create(int dir_fd, uint64_t first, uint64_t bytes, int *ret_fd,
        uint32_t *ret_salt, struct hn_err *err);

/* Writes the packed form of a sealed plain segment that ends at offset end, checks that it unpacks
 * to the same, and removes the plain form. *ret_bytes is its size. */
HN_MUST_USE enum hn_status segment_pack(
        int dir_fd, uint64_t first, uint64_t end, uint64_t *ret_bytes, struct hn_err *err);

/* ---- Packed segments, journal_pack.c; used by journal_segment.c ---- */

/* Finds the chunks; in->bytes becomes the size of the plain form. */
HN_MUST_USE enum hn_status segment_unpack_open(struct segment_in *in, struct hn_err *err);
/* Makes the window hold the chunks over [pos, pos + len). */
HN_MUST_USE enum hn_status segment_unpack(
        struct segment_in *in, uint64_t pos, size_t len, struct hn_err *err);
void segment_unpack_close(struct segment_in *in);
/* Room for len bytes in the window; its content may be lost. */
HN_MUST_USE enum hn_status segment_in_room(struct segment_in *in, size_t len, struct hn_err *err);

#endif
