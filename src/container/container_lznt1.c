/* container_lznt1.c - LZNT1, as NTFS compresses files ([MS-XCA] 2.5): chunks of 4 KiB, in which the
 * more is out already, the more bits of a reference say where. */
#include "container/container_disk.h"

#define CHUNK_BYTES   4096u
#define CHUNK_LEN     0x0FFFu
#define CHUNK_PACKED  0x8000u
#define SHORTEST_COPY 3u

/* One packed chunk at out, of which room bytes may be filled; false: damaged. */
static bool unpack_chunk(struct hn_bytes in, uint8_t *out, size_t room, size_t *ret_len)
{
    struct hn_reader r = hn_reader_over(in);
    size_t len = 0;

    while (hn_reader_left(&r) > 0 && len < room) {
        uint32_t flags = hn_reader_u8(&r);

        for (uint32_t bit = 0; bit < 8 && hn_reader_left(&r) > 0 && len < room; bit++) {
            uint32_t shift = 12;
            uint16_t token;
            size_t back;
            size_t copy;

            if ((flags >> bit & 1u) == 0) {
                out[len++] = hn_reader_u8(&r);
                continue;
            }
            token = hn_reader_u16(&r);
            for (size_t at = len > 0 ? len - 1 : 0; at >= 0x10; at >>= 1)
                shift--;
            back = ((size_t)token >> shift) + 1;
            copy = (token & (((uint32_t)1 << shift) - 1)) + SHORTEST_COPY;
            if (!hn_reader_ok(&r) || back > len)
                return false;
            for (; copy > 0 && len < room; copy--, len++)
                out[len] = out[len - back];
        }
    }
    *ret_len = len;
    return hn_reader_ok(&r);
}

bool disk_lznt1(struct hn_bytes in, uint8_t *out, size_t out_len)
{
    struct hn_reader r = hn_reader_over(in);
    size_t at = 0;

    memset(out, 0, out_len);
    while (at < out_len && hn_reader_left(&r) >= 2) {
        uint16_t header = hn_reader_u16(&r);
        struct hn_bytes chunk;
        size_t room = out_len - at < CHUNK_BYTES ? out_len - at : CHUNK_BYTES;
        size_t len;

        if (header == 0)
            break;
        chunk = hn_reader_take(&r, (size_t)(header & CHUNK_LEN) + 1);
        if (!hn_reader_ok(&r))
            return false;
        if ((header & CHUNK_PACKED) == 0) {
            len = chunk.len < room ? chunk.len : room;
            memcpy(out + at, chunk.ptr, len);
        } else if (!unpack_chunk(chunk, out + at, room, &len)) {
            return false;
        }
        at += room; /* a short chunk is filled up with zeros */
    }
    return true;
}
