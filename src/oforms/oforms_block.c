/* oforms_block.c - the common layout of [MS-OFORMS] 2.1.1.2: masks, aligned properties, strings. */
#include "oforms/oforms_internal.h"

#include "base/utf.h"

#include <assert.h>

#define COMPRESSED   0x80000000u
#define STRINGS_MAX  1024u /* tabs of a TabStrip */
#define HEADER_BYTES 4u    /* version and length: alignment counts from before them */

/* Moves to a multiple of `to` from the structure's start. */
static void align(struct hn_reader *r, size_t to)
{
    size_t over = (hn_reader_offset(r) + HEADER_BYTES) % to;

    if (over != 0)
        hn_reader_skip(r, to - over);
}

static uint32_t number_read(struct hn_reader *r, unsigned bytes)
{
    align(r, bytes);
    switch (bytes) {
    case 1:
        return hn_reader_u8(r);
    case 2:
        return hn_reader_u16(r);
    default:
        return hn_reader_u32(r);
    }
}

bool oforms_block_open(struct hn_reader *r, uint16_t version, unsigned mask_bytes,
        const struct oforms_field *fields, size_t field_count, struct oforms_block *ret_block)
{
    struct oforms_block block = { .offset = hn_reader_offset(r) };
    uint16_t stated = hn_reader_u16(r);
    uint16_t len = hn_reader_u16(r);
    struct hn_bytes body = hn_reader_take(r, len);

    if (!hn_reader_ok(r) || stated != version)
        return false;
    block.r = hn_reader_over(body);
    block.mask = mask_bytes == 8 ? hn_reader_u64(&block.r) : hn_reader_u32(&block.r);
    for (size_t i = 0; i < field_count; i++) {
        uint32_t number;

        if (!oforms_has(&block, fields[i].bit))
            continue;
        number = number_read(&block.r, fields[i].bytes);
        assert(fields[i].slot < OFORMS_SLOTS);
        block.slots[fields[i].slot] = number;
    }
    block.slots[0] = 0;
    if (hn_reader_left(&block.r) > 0)
        align(&block.r, 4);
    *ret_block = block;
    return hn_reader_ok(&block.r);
}

static bool text_allowed(struct oforms_sink *sink, size_t bytes)
{
    if (bytes > sink->text_left) {
        sink->odd |= OFORMS_ODD_LIMIT;
        return false;
    }
    sink->text_left -= bytes;
    return true;
}

/* Compressed strings are UTF-16 without the upper bytes, which were all zero: Latin-1, whatever the
 * code page of the project (2.1.1.2.5). */
static void string_write(struct hn_buf *buf, struct hn_bytes bytes, bool compressed)
{
    if (!compressed) {
        (void)hn_utf16le_to_utf8(buf, bytes);
        return;
    }
    for (size_t i = 0; i < bytes.len; i++)
        hn_buf_add_utf8(buf, bytes.ptr[i]);
}

/* The bytes of a string, with the padding behind them; at the end of its structure the padding may
 * be left out. */
static struct hn_bytes string_take(struct hn_reader *r, uint32_t len)
{
    struct hn_bytes bytes = hn_reader_take(r, len);

    if (len % 4 != 0) {
        size_t pad = 4 - len % 4;

        hn_reader_skip(r, pad < hn_reader_left(r) ? pad : hn_reader_left(r));
    }
    return bytes;
}

static struct hn_text text_finish(struct oforms_sink *sink, struct hn_buf *buf)
{
    struct hn_text text = { NULL, 0 };

    if (hn_buf_ok(buf))
        text = hn_arena_text(sink->arena, hn_buf_text(buf));
    if (text.ptr == NULL)
        sink->failed = true;
    hn_buf_deinit(buf);
    return text;
}

struct hn_text oforms_string(struct oforms_sink *sink, struct hn_reader *r, uint32_t stated)
{
    struct hn_bytes bytes = string_take(r, stated & ~COMPRESSED);
    struct hn_buf buf = { 0 };

    if (!hn_reader_ok(r)) {
        sink->odd |= OFORMS_ODD_DAMAGED;
        return (struct hn_text){ NULL, 0 };
    }
    if (!text_allowed(sink, bytes.len))
        return (struct hn_text){ NULL, 0 };
    string_write(&buf, bytes, (stated & COMPRESSED) != 0);
    return text_finish(sink, &buf);
}

struct hn_text oforms_strings(struct oforms_sink *sink, struct hn_reader *r, uint32_t bytes)
{
    struct hn_reader array = hn_reader_over(hn_reader_take(r, bytes));
    struct hn_buf buf = { 0 };

    if (!hn_reader_ok(r) || !text_allowed(sink, bytes)) {
        sink->odd |= OFORMS_ODD_DAMAGED;
        return (struct hn_text){ NULL, 0 };
    }
    for (uint32_t i = 0; i < STRINGS_MAX && hn_reader_left(&array) >= 4; i++) {
        uint32_t stated = hn_reader_u32(&array);
        struct hn_bytes string = string_take(&array, stated & ~COMPRESSED);

        if (!hn_reader_ok(&array)) {
            sink->odd |= OFORMS_ODD_DAMAGED;
            break;
        }
        if (i != 0)
            hn_buf_add_char(&buf, '\n');
        string_write(&buf, string, (stated & COMPRESSED) != 0);
    }
    return text_finish(sink, &buf);
}

struct hn_text oforms_line(struct hn_text lines, size_t index)
{
    struct hn_text line;

    while (lines.ptr != NULL && hn_text_split(&lines, '\n', &line))
        if (index-- == 0)
            return line;
    return (struct hn_text){ NULL, 0 };
}
