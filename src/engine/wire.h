/* wire.h - little-endian numbers, digests and counted texts into a buffer; private to src/engine.
 *
 * Failure shows in the buffer. Concurrency: pure. */
#ifndef HN_ENGINE_WIRE_H
#define HN_ENGINE_WIRE_H

#include "base/buf.h"
#include "base/hash.h"
#include "base/reader.h"

HN_INLINE void put_u32(struct hn_buf *out, uint32_t value)
{
    uint8_t bytes[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
        (uint8_t)(value >> 24) };

    hn_buf_add(out, bytes, sizeof bytes);
}

HN_INLINE void put_u64(struct hn_buf *out, uint64_t value)
{
    put_u32(out, (uint32_t)value);
    put_u32(out, (uint32_t)(value >> 32));
}

HN_INLINE void put_digest(struct hn_buf *out, struct hn_digest digest)
{
    put_u64(out, digest.high);
    put_u64(out, digest.low);
}

HN_INLINE void put_text(struct hn_buf *out, struct hn_text text)
{
    put_u32(out, (uint32_t)text.len);
    hn_buf_add_text(out, text);
}

HN_INLINE struct hn_digest get_digest(struct hn_reader *in)
{
    struct hn_digest digest;

    digest.high = hn_reader_u64(in);
    digest.low = hn_reader_u64(in);
    return digest;
}

HN_INLINE struct hn_text get_text(struct hn_reader *in)
{
    uint32_t len = hn_reader_u32(in);

    return hn_bytes_as_text(hn_reader_take(in, len));
}

#endif
