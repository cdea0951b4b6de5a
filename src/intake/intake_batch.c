/* intake_batch.c - a batch as bytes: docs/formats/journal.md has the table. */
#include "intake/intake.h"

#include "base/reader.h"

#include <stddef.h>

#define BATCH_VERSION 1u

/* Each text of a batch in its order in the bytes, with its limit. */
struct text_field {
    size_t at;
    size_t len_max;
    const char *name;
};

static const struct text_field text_fields[] = {
    { offsetof(struct intake_batch, source), INTAKE_NAME_MAX, "source" },
    { offsetof(struct intake_batch, tenant), INTAKE_NAME_MAX, "tenant" },
    { offsetof(struct intake_batch, format), INTAKE_NAME_MAX, "format" },
    { offsetof(struct intake_batch, zone), INTAKE_NAME_MAX, "zone" },
    { offsetof(struct intake_batch, pipeline), INTAKE_NAME_MAX, "pipeline" },
    { offsetof(struct intake_batch, stream), INTAKE_PATH_MAX, "stream" },
    { offsetof(struct intake_batch, key), INTAKE_KEY_MAX, "key" },
    { offsetof(struct intake_batch, position), INTAKE_PATH_MAX, "position" },
};

static struct hn_text text_get(const struct intake_batch *batch, size_t field)
{
    struct hn_text text;

    memcpy(&text, (const char *)batch + text_fields[field].at, sizeof text);
    return text;
}

static void text_set(struct intake_batch *batch, size_t field, struct hn_bytes bytes)
{
    struct hn_text text = hn_bytes_as_text(bytes);

    memcpy((char *)batch + text_fields[field].at, &text, sizeof text);
}

static void add_number(struct hn_buf *out, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        hn_buf_add_char(out, (char)(value >> (8 * i) & 0xFF));
}

void intake_batch_write_front(const struct intake_batch *batch, struct hn_buf *out)
{
    for (size_t i = 0; i < HN_COUNT_OF(text_fields); i++) {
        if (text_get(batch, i).len > text_fields[i].len_max && out->status == HN_OK)
            out->status = HN_LIMIT;
    }
    if ((batch->head.len > UINT32_MAX || batch->body.len > UINT32_MAX) && out->status == HN_OK)
        out->status = HN_LIMIT;
    add_number(out, BATCH_VERSION, 1);
    for (size_t i = 0; i < HN_COUNT_OF(text_fields); i++)
        add_number(out, text_get(batch, i).len, 2);
    add_number(out, batch->offset, 8);
    add_number(out, batch->line, 8);
    add_number(out, batch->skip, 8);
    add_number(out, batch->head.len, 4);
    add_number(out, batch->body.len, 4);
    for (size_t i = 0; i < HN_COUNT_OF(text_fields); i++)
        hn_buf_add_text(out, text_get(batch, i));
    hn_buf_add(out, batch->head.ptr, batch->head.len);
}

void intake_batch_write(const struct intake_batch *batch, struct hn_buf *out)
{
    intake_batch_write_front(batch, out);
    hn_buf_add(out, batch->body.ptr, batch->body.len);
}

enum hn_status intake_batch_read(
        struct hn_bytes in, struct intake_batch *ret_batch, struct hn_err *err)
{
    struct hn_reader r = hn_reader_over(in);
    struct intake_batch batch = { 0 };
    uint16_t lens[HN_COUNT_OF(text_fields)];
    uint8_t version = hn_reader_u8(&r);
    uint32_t head_len;
    uint32_t body_len;

    if (hn_reader_ok(&r) && version != BATCH_VERSION)
        return hn_fail(err, HN_CORRUPT, 0, "a batch of version %u", version);
    for (size_t i = 0; i < HN_COUNT_OF(text_fields); i++) {
        lens[i] = hn_reader_u16(&r);
        if (lens[i] > text_fields[i].len_max)
            return hn_fail(err, HN_CORRUPT, hn_reader_offset(&r), "%s of %u bytes",
                    text_fields[i].name, lens[i]);
    }
    batch.offset = hn_reader_u64(&r);
    batch.line = hn_reader_u64(&r);
    batch.skip = hn_reader_u64(&r);
    head_len = hn_reader_u32(&r);
    body_len = hn_reader_u32(&r);
    for (size_t i = 0; i < HN_COUNT_OF(text_fields); i++)
        text_set(&batch, i, hn_reader_take(&r, lens[i]));
    batch.head = hn_reader_take(&r, head_len);
    batch.body = hn_reader_take(&r, body_len);
    if (!hn_reader_ok(&r))
        return hn_fail(err, HN_TRUNCATED, in.len, "a batch is cut off");
    if (hn_reader_left(&r) > 0)
        return hn_fail(err, HN_CORRUPT, hn_reader_offset(&r), "bytes behind a batch");
    *ret_batch = batch;
    return HN_OK;
}
