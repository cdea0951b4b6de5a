/* decode_evtx_name.c - names of elements and attributes.
 *
 * Names lie anywhere in the chunk and are referred to by offset; where one is used for the first
 * time it follows its reference. The links between names are never followed, so nothing loops. A
 * name that does not fit its hash has been written over: what it named becomes "Data". */
#include "decode/decode_evtx_compile.h"

#include "base/utf.h"

#define NAME_HEADER_BYTES 8u /* next offset, hash, length */

/* The 16 bits that Windows keeps of a name to compare names by. */
static uint16_t name_hash(struct hn_bytes utf16)
{
    uint32_t hash = 0;

    for (size_t i = 0; i + 1 < utf16.len; i += 2)
        hash = hash * 65599u + hn_load_u16(utf16.ptr + i);
    return (uint16_t)hash;
}

static bool name_at(struct hn_bytes chunk, uint32_t offset, struct hn_bytes *ret_utf16)
{
    size_t len;

    if (offset > chunk.len || chunk.len - offset < NAME_HEADER_BYTES)
        return false;
    len = (size_t)hn_load_u16(chunk.ptr + offset + 6) * 2;
    if (len > chunk.len - offset - NAME_HEADER_BYTES || len > (size_t)WIN_NAME_MAX * 2)
        return false;
    *ret_utf16 = hn_bytes_of(chunk.ptr + offset + NAME_HEADER_BYTES, len);
    return name_hash(*ret_utf16) == hn_load_u16(chunk.ptr + offset + 4);
}

/* Where a name is used first, it follows its reference, with a NUL behind it. */
static void skip_inline_name(struct hn_reader *r, uint32_t offset)
{
    size_t units;

    if (offset != hn_reader_offset(r))
        return;
    hn_reader_skip(r, NAME_HEADER_BYTES - 2);
    units = hn_reader_u16(r);
    hn_reader_skip(r, units * 2 + 2);
}

bool evtx_name_next(struct hn_reader *r, struct hn_bytes chunk, struct hn_bytes *ret_utf16)
{
    uint32_t offset = hn_reader_u32(r);
    bool good = hn_reader_ok(r) && name_at(chunk, offset, ret_utf16);

    if (hn_reader_ok(r))
        skip_inline_name(r, offset);
    return good && hn_reader_ok(r);
}

/* The name at an offset, remembered for the rest of the chunk; ptr NULL: it is lost. */
static struct hn_text known_name(struct evtx_compiler *c, uint32_t offset)
{
    struct evtx_worker *worker = c->worker;
    struct evtx_name *slot = &worker->name_slots[offset * 0x9E3779B1u >> 24];
    struct hn_text text = { NULL, 0 };
    struct hn_bytes utf16;

    if (slot->generation == worker->generation && slot->offset == offset)
        return slot->text;
    if (name_at(worker->chunk, offset, &utf16)) {
        char *out = hn_arena_raw(&worker->names_seen, HN_UTF16_TO_UTF8_ROOM(utf16.len), 1);

        if (out == NULL) {
            evtx_no_room(c, &worker->names_seen);
            return text;
        }
        text = hn_text_of(out, hn_utf16le_to_utf8_raw(utf16, out, NULL));
    }
    *slot = (struct evtx_name){ worker->generation, offset, text };
    return text;
}

struct hn_text evtx_read_name(struct evtx_compiler *c, bool *ret_lost)
{
    uint32_t offset = hn_reader_u32(&c->r);
    struct hn_text name = { NULL, 0 };

    if (hn_reader_ok(&c->r)) {
        name = known_name(c, offset);
        skip_inline_name(&c->r, offset);
    }
    if (ret_lost != NULL)
        *ret_lost = name.ptr == NULL;
    if (name.ptr != NULL || c->stop)
        return name;
    evtx_note(c->worker, HN_FINDING_DAMAGED_RECORD);
    return HN_TEXT("Data");
}
