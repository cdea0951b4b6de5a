/* journal_frame.c - headers to bytes and back. */
#include "journal/journal_frame.h"

#include "base/crc32c.h"
#include "base/reader.h"
#include "journal/journal.h"

#include <string.h>

static const uint8_t segment_magic[8] = { 'H', 'N', 'J', 'O', 'U', 'R', 'N', '\n' };

#define FRAME_MAGIC_0 0xF5u /* no byte of UTF-8: rare in what logs hold */
#define FRAME_MAGIC_1 0x4Au

static void store_u32(uint8_t *p, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(value >> (8 * i));
}

static void store_u64(uint8_t *p, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        p[i] = (uint8_t)(value >> (8 * i));
}

void segment_header_write(const struct segment_header *header, uint8_t out[SEGMENT_HEADER_BYTES])
{
    memcpy(out, segment_magic, sizeof segment_magic);
    store_u32(out + 8, header->version);
    store_u32(out + 12, header->salt);
    store_u64(out + 16, header->first);
    store_u32(out + 24, 0);
    store_u32(out + 28, hn_crc32c(0, hn_bytes_of(out, 28)));
    memcpy(out + SEGMENT_HEADER_BYTES / 2, out, SEGMENT_HEADER_BYTES / 2);
}

bool segment_header_read(struct hn_bytes in, struct segment_header *ret_header)
{
    for (size_t copy = 0; copy < 2; copy++) {
        size_t start = copy * (SEGMENT_HEADER_BYTES / 2);
        const uint8_t *p;

        if (in.len < start + SEGMENT_HEADER_BYTES / 2)
            return false;
        p = in.ptr + start;
        if (memcmp(p, segment_magic, sizeof segment_magic) != 0 ||
                hn_load_u32(p + 28) != hn_crc32c(0, hn_bytes_of(p, 28)))
            continue;
        ret_header->version = hn_load_u32(p + 8);
        ret_header->salt = hn_load_u32(p + 12);
        ret_header->first = hn_load_u64(p + 16);
        return true;
    }
    return false;
}

void frame_write(const struct frame *frame, uint8_t out[FRAME_HEADER_BYTES])
{
    out[0] = FRAME_MAGIC_0;
    out[1] = FRAME_MAGIC_1;
    out[2] = (uint8_t)frame->kind;
    out[3] = (uint8_t)(frame->kind >> 8);
    store_u32(out + 4, frame->len);
    store_u64(out + 8, frame->offset);
    store_u64(out + 16, (uint64_t)frame->received);
    store_u32(out + 24, frame->payload_crc);
}

void frame_seal(uint8_t header[FRAME_HEADER_BYTES], uint32_t salt)
{
    store_u32(header + 28, hn_crc32c(salt, hn_bytes_of(header, 28)));
}

uint32_t frame_len(const uint8_t header[FRAME_HEADER_BYTES])
{
    return hn_load_u32(header + 4);
}

bool frame_read(const uint8_t in[FRAME_HEADER_BYTES], uint64_t offset, uint32_t salt,
        struct frame *ret_frame)
{
    if (in[0] != FRAME_MAGIC_0 || in[1] != FRAME_MAGIC_1 || hn_load_u64(in + 8) != offset ||
            hn_load_u32(in + 28) != hn_crc32c(salt, hn_bytes_of(in, 28)))
        return false;
    ret_frame->kind = hn_load_u16(in + 2);
    ret_frame->len = hn_load_u32(in + 4);
    ret_frame->offset = offset;
    ret_frame->received = (hn_time)hn_load_u64(in + 16);
    ret_frame->payload_crc = hn_load_u32(in + 24);
    ret_frame->payload = (struct hn_bytes){ 0 };
    return ret_frame->kind == FRAME_GAP || ret_frame->len <= JOURNAL_RECORD_BYTES_MAX;
}

size_t frame_find(struct hn_bytes in, size_t start)
{
    while (start < in.len) {
        const uint8_t *p = memchr(in.ptr + start, FRAME_MAGIC_0, in.len - start);

        if (p == NULL)
            return in.len;
        start = (size_t)(p - in.ptr);
        if (start + 1 == in.len || p[1] == FRAME_MAGIC_1)
            return start;
        start++;
    }
    return in.len;
}
