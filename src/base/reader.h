/* reader.h - bounds-checked reading of binary input, little-endian unless the name says otherwise.
 *
 * The reader fails once and stays failed: after a short read every later read gives zeros and
 * empty views, so one hn_reader_ok() at the end covers a whole record.
 * Memory: none; views returned point into the input.
 * Concurrency: one thread at a time. */
#ifndef HN_BASE_READER_H
#define HN_BASE_READER_H

#include "base/attr.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

struct hn_reader {
    const uint8_t *start;
    const uint8_t *next;
    const uint8_t *end;
    bool failed;
};

HN_INLINE struct hn_reader hn_reader_over(struct hn_bytes in)
{
    if (in.ptr == NULL) /* an empty view; even adding 0 to a null pointer is undefined */
        in.ptr = (const uint8_t *)"";
    return (struct hn_reader){ in.ptr, in.ptr, in.ptr + in.len, false };
}

HN_INLINE bool hn_reader_ok(const struct hn_reader *r)
{
    return !r->failed;
}

HN_INLINE size_t hn_reader_left(const struct hn_reader *r)
{
    return (size_t)(r->end - r->next);
}

/* Bytes from the start of the input to the next read. */
HN_INLINE size_t hn_reader_offset(const struct hn_reader *r)
{
    return (size_t)(r->next - r->start);
}

/* len bytes, or on failure an empty view. */
HN_INLINE struct hn_bytes hn_reader_take(struct hn_reader *r, size_t len)
{
    struct hn_bytes view = { r->next, len };

    if (HN_UNLIKELY(len > hn_reader_left(r))) {
        r->failed = true;
        r->next = r->end;
        return (struct hn_bytes){ r->end, 0 };
    }
    r->next += len;
    return view;
}

HN_INLINE void hn_reader_skip(struct hn_reader *r, size_t len)
{
    (void)hn_reader_take(r, len);
}

/* Moves to an absolute offset; behind the end it fails. */
HN_INLINE void hn_reader_seek(struct hn_reader *r, size_t offset)
{
    if (HN_UNLIKELY(r->failed || offset > (size_t)(r->end - r->start))) {
        r->failed = true;
        r->next = r->end;
        return;
    }
    r->next = r->start + offset;
}

HN_INLINE uint16_t hn_load_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] | (uint16_t)(p[1] << 8));
}

HN_INLINE uint32_t hn_load_u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

HN_INLINE uint64_t hn_load_u64(const uint8_t *p)
{
    return (uint64_t)hn_load_u32(p) | (uint64_t)hn_load_u32(p + 4) << 32;
}

HN_INLINE uint8_t hn_reader_u8(struct hn_reader *r)
{
    struct hn_bytes b = hn_reader_take(r, 1);

    return b.len == 1 ? b.ptr[0] : 0;
}

HN_INLINE uint16_t hn_reader_u16(struct hn_reader *r)
{
    struct hn_bytes b = hn_reader_take(r, 2);

    return b.len == 2 ? hn_load_u16(b.ptr) : 0;
}

HN_INLINE uint32_t hn_reader_u32(struct hn_reader *r)
{
    struct hn_bytes b = hn_reader_take(r, 4);

    return b.len == 4 ? hn_load_u32(b.ptr) : 0;
}

HN_INLINE uint64_t hn_reader_u64(struct hn_reader *r)
{
    struct hn_bytes b = hn_reader_take(r, 8);

    return b.len == 8 ? hn_load_u64(b.ptr) : 0;
}

#endif
