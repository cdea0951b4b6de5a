/* journal_frame.h - the bytes of a segment: its header and the frames around records.
 *
 * docs/formats/journal.md describes them. Checksums of frame headers start from the segment's
 * salt, a random number: bytes in a payload that look like a frame of this place are not taken for
 * one when the frame around them is damaged, since their author cannot know it. */
#ifndef HN_JOURNAL_FRAME_H
#define HN_JOURNAL_FRAME_H

#include "base/attr.h"
#include "base/time.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

#define SEGMENT_HEADER_BYTES 64u /* the header twice */
#define SEGMENT_VERSION      1u
#define FRAME_HEADER_BYTES   32u
#define FRAME_GAP            0u /* kind of a frame that stands for lost bytes, made by repair */

struct segment_header {
    uint64_t first; /* offset of the first frame */
    uint32_t version;
    uint32_t salt;
};

void segment_header_write(const struct segment_header *header, uint8_t out[SEGMENT_HEADER_BYTES]);
/* From what there is of the file's start; either copy will do. False when neither is whole. */
bool segment_header_read(struct hn_bytes in, struct segment_header *ret_header);

struct frame {
    uint64_t offset;
    hn_time received;
    uint32_t len; /* of the payload */
    uint32_t kind;
    uint32_t payload_crc;
    struct hn_bytes payload; /* set by segment_in_frame() */
};

HN_INLINE uint64_t frame_next(const struct frame *frame)
{
    return frame->offset + FRAME_HEADER_BYTES + frame->len;
}

/* Without the checksum of the header, which frame_seal() adds once the segment is known. */
void frame_write(const struct frame *frame, uint8_t out[FRAME_HEADER_BYTES]);
void frame_seal(uint8_t header[FRAME_HEADER_BYTES], uint32_t salt);
/* The length of a header written by frame_write(), sealed or not. */
uint32_t frame_len(const uint8_t header[FRAME_HEADER_BYTES]);
/* False unless it is the sealed header of a frame at this offset. */
bool frame_read(const uint8_t in[FRAME_HEADER_BYTES], uint64_t offset, uint32_t salt,
        struct frame *ret_frame);

/* Index of the next place at or after start where a header of a frame may begin, by its magic;
 * in.len when there is none. */
size_t frame_find(struct hn_bytes in, size_t start);

#endif
