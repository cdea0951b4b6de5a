/* wire.h - little-endian numbers and counted texts into a buffer; hn_reader reads them back.
 *
 * Failure shows in the buffer. Concurrency: pure. */
#ifndef HN_CORRELATE_WIRE_H
#define HN_CORRELATE_WIRE_H

#include "base/buf.h"
#include "base/reader.h"

#include <stdint.h>

HN_INLINE void put_u8(struct hn_buf *out, uint8_t value)
{
    hn_buf_add(out, &value, 1);
}

HN_INLINE void put_u32(struct hn_buf *out, uint32_t value)
{
    uint8_t bytes[4];

    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
    hn_buf_add(out, bytes, sizeof bytes);
}

HN_INLINE void put_u64(struct hn_buf *out, uint64_t value)
{
    put_u32(out, (uint32_t)value);
    put_u32(out, (uint32_t)(value >> 32));
}

HN_INLINE void put_real(struct hn_buf *out, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    put_u64(out, bits);
}

/* Over what stands at an offset already. */
HN_INLINE void set_u32(struct hn_buf *out, size_t offset, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        out->ptr[offset + i] = (char)(uint8_t)(value >> 8 * i);
}

HN_INLINE void set_u64(struct hn_buf *out, size_t offset, uint64_t value)
{
    set_u32(out, offset, (uint32_t)value);
    set_u32(out, offset + 4, (uint32_t)(value >> 32));
}

HN_INLINE void put_text(struct hn_buf *out, struct hn_text text)
{
    put_u32(out, (uint32_t)text.len);
    hn_buf_add_text(out, text);
}

HN_INLINE double get_real(struct hn_reader *in)
{
    uint64_t bits = hn_reader_u64(in);
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

HN_INLINE struct hn_text get_text(struct hn_reader *in)
{
    uint32_t len = hn_reader_u32(in);

    return hn_bytes_as_text(hn_reader_take(in, len));
}

#endif
