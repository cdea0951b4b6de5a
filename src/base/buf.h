/* buf.h - a growing output buffer with a hard cap; all writers of text end in one.
 *
 * Life: zero-initialise or hn_buf_init() -> append -> hn_buf_deinit(); hn_buf_reset() keeps the
 * capacity for the next use. It fails once and stays failed, so that one hn_buf_ok() after many
 * appends is enough; a failed buffer never holds half a piece.
 * Memory: owns its bytes; hn_buf_text() borrows them until the next append.
 * Limits: cap_bytes, HN_BUF_CAP_DEFAULT where it is 0.
 * Concurrency: one thread at a time. */
#ifndef HN_BASE_BUF_H
#define HN_BASE_BUF_H

#include "base/attr.h"
#include "base/status.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HN_BUF_CAP_DEFAULT ((size_t)1 << 30)

struct hn_buf {
    char *ptr;
    size_t len;
    size_t room; /* allocated bytes */
    size_t cap_bytes;
    enum hn_status status;
};

void hn_buf_init(struct hn_buf *buf, size_t cap_bytes);
void hn_buf_deinit(struct hn_buf *buf);

/* A buffer over the caller's memory, which it fills and never outgrows; not to be deinitialised. */
HN_INLINE struct hn_buf hn_buf_over(char *ptr, size_t room)
{
    return (struct hn_buf){ .ptr = ptr, .room = room, .cap_bytes = room };
}

HN_INLINE void hn_buf_reset(struct hn_buf *buf)
{
    buf->len = 0;
    buf->status = HN_OK;
}

HN_INLINE bool hn_buf_ok(const struct hn_buf *buf)
{
    return buf->status == HN_OK;
}

HN_INLINE struct hn_text hn_buf_text(const struct hn_buf *buf)
{
    return (struct hn_text){ buf->ptr, buf->len };
}

/* Room for more bytes behind the end; false (and failed) at the cap or without memory. */
bool hn_buf_grow(struct hn_buf *buf, size_t more);

HN_INLINE bool hn_buf_reserve(struct hn_buf *buf, size_t more)
{
    if (HN_LIKELY(more <= buf->room - buf->len) && HN_LIKELY(buf->status == HN_OK))
        return true;
    return hn_buf_grow(buf, more);
}

HN_INLINE void hn_buf_add(struct hn_buf *buf, const void *ptr, size_t len)
{
    if (len > 0 && hn_buf_reserve(buf, len)) {
        memcpy(buf->ptr + buf->len, ptr, len);
        buf->len += len;
    }
}

HN_INLINE void hn_buf_add_text(struct hn_buf *buf, struct hn_text text)
{
    hn_buf_add(buf, text.ptr, text.len);
}

HN_INLINE void hn_buf_add_char(struct hn_buf *buf, char c)
{
    if (hn_buf_reserve(buf, 1))
        buf->ptr[buf->len++] = c;
}

#define hn_buf_add_lit(buf, literal) hn_buf_add((buf), "" literal "", sizeof(literal) - 1)

void hn_buf_add_cstr(struct hn_buf *buf, const char *cstr);
void hn_buf_add_repeat(struct hn_buf *buf, char c, size_t count);
void hn_buf_add_u64(struct hn_buf *buf, uint64_t value);
void hn_buf_add_i64(struct hn_buf *buf, int64_t value);
void hn_buf_add_hex(struct hn_buf *buf, const void *ptr, size_t len); /* lower case */
/* One code point as UTF-8; a surrogate or a value past U+10FFFF becomes U+FFFD. */
void hn_buf_add_utf8(struct hn_buf *buf, uint32_t code_point);
void hn_buf_addf(struct hn_buf *buf, const char *fmt, ...) HN_PRINTF(2, 3);

#endif
