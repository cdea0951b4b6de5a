/* vba_container.c - the compression of [MS-OVBA] 2.4.1: chunks of 4,096 bytes, in each literals and
 * copies of what the chunk held before. */
#include "vba/vba.h"

#include "base/reader.h"

#define CHUNK_BYTES    4096u
#define CONTAINER_MARK 0x01
#define CHUNK_MARK     3u

/* Bits of a copy token that tell the offset: just as many as the chunk so far needs, 4 to 12. */
static unsigned offset_bits(size_t done)
{
    unsigned bits = 4;

    while (bits < 12 && ((size_t)1 << bits) < done)
        bits++;
    return bits;
}

static bool copy_back(char *chunk, size_t *done, uint16_t token)
{
    unsigned bits = offset_bits(*done);
    size_t len = (token & (0xFFFFu >> bits)) + 3;
    size_t back = ((size_t)token >> (16 - bits)) + 1;

    if (back > *done)
        return false;
    if (len > CHUNK_BYTES - *done)
        len = CHUNK_BYTES - *done;
    for (size_t i = 0; i < len; i++, (*done)++) /* byte by byte: it may overlap itself */
        chunk[*done] = chunk[*done - back];
    return true;
}

/* One compressed chunk; false when a token is cut off or points before the chunk. */
static bool chunk_expand(struct hn_bytes in, char *chunk, size_t *ret_len)
{
    struct hn_reader r = hn_reader_over(in);
    size_t done = 0;
    bool good = true;

    while (good && hn_reader_left(&r) > 0 && done < CHUNK_BYTES) {
        uint8_t flags = hn_reader_u8(&r);

        for (unsigned bit = 0; bit < 8 && good && hn_reader_left(&r) > 0 && done < CHUNK_BYTES;
                bit++) {
            if ((flags >> bit & 1) == 0)
                chunk[done++] = (char)hn_reader_u8(&r);
            else
                good = hn_reader_left(&r) >= 2 && copy_back(chunk, &done, hn_reader_u16(&r));
        }
    }
    *ret_len = done;
    return good;
}

/* Zeros behind the last chunk are what is left of a larger stream, no damage. */
static bool all_zero(struct hn_reader r)
{
    while (hn_reader_left(&r) > 0)
        if (hn_reader_u8(&r) != 0)
            return false;
    return true;
}

uint32_t vba_decompress(struct hn_bytes in, struct hn_buf *buf, size_t *ret_used)
{
    struct hn_reader r = hn_reader_over(in);
    char chunk[CHUNK_BYTES] = { 0 };
    uint32_t odd = 0;

    if (hn_reader_u8(&r) != CONTAINER_MARK || hn_reader_left(&r) == 0)
        odd = VBA_ODD_DAMAGED;
    while (odd == 0 && hn_reader_left(&r) >= 2) {
        size_t start = hn_reader_offset(&r);
        uint16_t header = hn_reader_u16(&r);
        size_t size = (header & 0xFFFu) + 1; /* without the header */
        size_t len;

        if ((header >> 12 & 7) != CHUNK_MARK) {
            hn_reader_seek(&r, start);
            if (!all_zero(r))
                odd |= VBA_ODD_DAMAGED;
            break;
        }
        if (size > hn_reader_left(&r)) {
            odd |= VBA_ODD_DAMAGED;
            size = hn_reader_left(&r);
        }
        if ((header >> 15) != 0) {
            if (!chunk_expand(hn_reader_take(&r, size), chunk, &len))
                odd |= VBA_ODD_DAMAGED;
            hn_buf_add(buf, chunk, len);
        } else {
            hn_buf_add_text(buf, hn_bytes_as_text(hn_reader_take(&r, size)));
        }
        if (!hn_buf_ok(buf))
            odd |= VBA_ODD_LIMIT;
    }
    if (ret_used != NULL)
        *ret_used = hn_reader_offset(&r);
    return odd;
}

/* A source begins with "Attribut": in a compressed chunk eight literals behind a flag byte of 0, in
 * a raw chunk at once. Then comes "e ", which may be a copy. */
size_t vba_source_find(struct hn_bytes stream, size_t start)
{
    static const struct hn_text word = HN_TEXT_INIT("Attribut");
    struct hn_text text = hn_bytes_as_text(stream);
    size_t at = hn_text_find(text, word, start < 3 ? 3 : start);

    for (; at != SIZE_MAX; at = hn_text_find(text, word, at + 1)) {
        const uint8_t *p = stream.ptr + at;

        if (at >= start + 4 && p[-1] == 0 && p[-4] == CONTAINER_MARK && (p[-2] & 0xF0) == 0xB0)
            return at - 4;
        if (at >= start + 3 && p[-3] == CONTAINER_MARK && (p[-1] & 0xF0) == 0x30)
            return at - 3;
    }
    return SIZE_MAX;
}
