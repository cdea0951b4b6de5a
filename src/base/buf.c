/* buf.c - growing output buffer. */
#include "base/buf.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/utf.h"

#include <stdarg.h>
#include <stdio.h>

#define GROW_BYTES_MIN ((size_t)256)

void hn_buf_init(struct hn_buf *buf, size_t cap_bytes)
{
    memset(buf, 0, sizeof *buf);
    buf->cap_bytes = cap_bytes;
}

void hn_buf_deinit(struct hn_buf *buf)
{
    hn_free(buf->ptr);
    hn_buf_init(buf, buf->cap_bytes);
}

bool hn_buf_grow(struct hn_buf *buf, size_t more)
{
    size_t cap = buf->cap_bytes == 0 ? HN_BUF_CAP_DEFAULT : buf->cap_bytes;
    size_t room;
    char *ptr;

    if (buf->status != HN_OK)
        return false;
    if (buf->len > cap || more > cap - buf->len) {
        buf->status = HN_LIMIT;
        return false;
    }
    if (more <= buf->room - buf->len)
        return true;
    room = buf->room > cap / 2 ? cap : buf->room * 2;
    if (room < buf->len + more)
        room = buf->len + more;
    if (room < GROW_BYTES_MIN && GROW_BYTES_MIN <= cap)
        room = GROW_BYTES_MIN;
    ptr = hn_realloc(buf->ptr, room);
    if (ptr == NULL) {
        buf->status = HN_NOMEM;
        return false;
    }
    buf->ptr = ptr;
    buf->room = room;
    return true;
}

void hn_buf_add_cstr(struct hn_buf *buf, const char *cstr)
{
    hn_buf_add(buf, cstr, strlen(cstr));
}

void hn_buf_add_repeat(struct hn_buf *buf, char c, size_t count)
{
    if (count > 0 && hn_buf_reserve(buf, count)) {
        memset(buf->ptr + buf->len, c, count);
        buf->len += count;
    }
}

void hn_buf_add_u64(struct hn_buf *buf, uint64_t value)
{
    char digits[HN_U64_DIGITS_MAX];

    hn_buf_add(buf, digits, hn_u64_write(value, digits));
}

void hn_buf_add_i64(struct hn_buf *buf, int64_t value)
{
    char digits[HN_U64_DIGITS_MAX];
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    if (value < 0)
        hn_buf_add_char(buf, '-');
    hn_buf_add(buf, digits, hn_u64_write(magnitude, digits));
}

void hn_buf_add_hex(struct hn_buf *buf, const void *ptr, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = ptr;

    if (len > SIZE_MAX / 2 || !hn_buf_reserve(buf, len * 2))
        return;
    for (size_t i = 0; i < len; i++) {
        buf->ptr[buf->len++] = digits[bytes[i] >> 4];
        buf->ptr[buf->len++] = digits[bytes[i] & 15];
    }
}

void hn_buf_add_utf8(struct hn_buf *buf, uint32_t code_point)
{
    char out[4];
    size_t len;

    if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF))
        code_point = 0xFFFD;
    len = hn_utf8_encode(code_point, out);
    hn_buf_add(buf, out, len);
}

void hn_buf_addf(struct hn_buf *buf, const char *fmt, ...)
{
    va_list args;
    int len;

    va_start(args, fmt);
    len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0 || !hn_buf_reserve(buf, (size_t)len + 1))
        return;
    va_start(args, fmt);
    (void)vsnprintf(buf->ptr + buf->len, (size_t)len + 1, fmt, args);
    va_end(args);
    buf->len += (size_t)len;
}
