/* container_lnk_extra.c - the blocks behind a shortcut ([MS-SHLLINK] 2.5) and its property store
 * ([MS-PROPSTORE]). */
#include "container/container_lnk_internal.h"

#include <stdio.h>

#define BLOCKS_MAX     64u
#define STORAGES_MAX   64u
#define PROPERTIES_MAX 256u
#define STORAGE_MAGIC  0x53505331u

/* ---- Property stores ---- */

static const uint8_t named_format[16] = { 0x05, 0xD5, 0xCD, 0xD5, 0x9C, 0x2E, 0x1B, 0x10, 0x93,
    0x97, 0x08, 0x00, 0x2B, 0x2C, 0xF9, 0xAE };

/* [MS-OLEPS] 2.15, as far as shells write them. */
static void add_value(struct lnk *lnk, struct hn_buf *out, uint16_t type, struct hn_bytes value)
{
    char guid[CONTAINER_GUID_ROOM];

    if (type == 0x1F && value.len >= 4) {
        hn_buf_add_text(
                out, container_utf16(lnk->dissect,
                             container_cut(value, 4, 2 * (uint64_t)hn_load_u32(value.ptr))));
    } else if ((type == 0x1E || type == 0x08) && value.len >= 4) {
        hn_buf_add_text(out, lnk_ansi_text(lnk, container_cut(value, 4, hn_load_u32(value.ptr))));
    } else if ((type == 0x0B || type == 0x12) && value.len >= 2) {
        hn_buf_add_u64(out, hn_load_u16(value.ptr));
    } else if ((type == 0x13 || type == 0x17 || type == 0x03) && value.len >= 4) {
        hn_buf_add_u64(out, hn_load_u32(value.ptr));
    } else if ((type == 0x15 || type == 0x14 || type == 0x40) && value.len >= 8) {
        hn_buf_add_u64(out, hn_load_u64(value.ptr));
    } else if (type == 0x48 && value.len >= 16) {
        container_guid(value.ptr, guid);
        hn_buf_add_cstr(out, guid);
    } else {
        hn_buf_addf(out, "(%llu bytes of type 0x%x)", (unsigned long long)value.len, type);
    }
}

static void read_property(struct lnk *lnk, const char *format, bool named, struct hn_bytes property)
{
    struct hn_buf out = { 0 };
    uint32_t id = hn_load_u32(property.ptr + 4);
    size_t at = 9;

    hn_buf_addf(&out, "%s/", format);
    if (named) {
        hn_buf_add_text(&out, container_utf16(lnk->dissect, container_cut(property, 9, id)));
        at += id < property.len ? id : property.len;
    } else {
        hn_buf_addf(&out, "%lu", (unsigned long)id);
    }
    hn_buf_add_char(&out, '=');
    if (property.len >= at && property.len - at >= 4)
        add_value(lnk, &out, hn_load_u16(property.ptr + at),
                container_cut(property, at + 4, property.len));
    dissect_fact(lnk->dissect, lnk->id, "property", hn_buf_text(&out));
    hn_buf_deinit(&out);
}

static void read_storage(struct lnk *lnk, struct hn_bytes storage)
{
    char format[CONTAINER_GUID_ROOM];
    bool named;
    size_t at = 24;

    if (storage.len < 24 || hn_load_u32(storage.ptr + 4) != STORAGE_MAGIC)
        return;
    container_guid(storage.ptr + 8, format);
    named = memcmp(storage.ptr + 8, named_format, sizeof named_format) == 0;
    for (uint32_t i = 0; i < PROPERTIES_MAX && storage.len - at >= 9; i++) {
        uint32_t len = hn_load_u32(storage.ptr + at);

        if (len < 9 || len > storage.len - at)
            return;
        read_property(lnk, format, named, container_cut(storage, at, len));
        at += len;
    }
}

void lnk_read_properties(struct lnk *lnk, struct hn_bytes store)
{
    size_t at = 0;

    for (uint32_t i = 0; i < STORAGES_MAX && store.len - at >= 4; i++) {
        uint32_t len = hn_load_u32(store.ptr + at);

        if (len < 4 || len > store.len - at)
            return;
        read_storage(lnk, container_cut(store, at, len));
        at += len;
    }
}

/* ---- Blocks ---- */

static void read_tracker(struct lnk *lnk, struct hn_bytes block)
{
    if (block.len < 96)
        return;
    lnk_ansi(lnk, "machine_id", container_cut(block, 16, 16));
    lnk_guid(lnk, "droid_volume", block.ptr + 32);
    lnk_guid(lnk, "droid_file", block.ptr + 48);
    lnk_guid(lnk, "birth_droid_volume", block.ptr + 64);
    lnk_guid(lnk, "birth_droid_file", block.ptr + 80);
}

/* Two forms of one path: 260 bytes, then 260 units. */
static struct hn_text read_path(
        struct lnk *lnk, struct hn_bytes block, const char *ansi_name, const char *wide_name)
{
    struct hn_text ansi = lnk_ansi_text(lnk, container_cut(block, 8, 260));
    struct hn_text wide = container_utf16(lnk->dissect, container_cut(block, 268, 520));

    dissect_fact(lnk->dissect, lnk->id, ansi_name, ansi);
    dissect_fact(lnk->dissect, lnk->id, wide_name, wide);
    return wide.len > 0 ? wide : ansi;
}

static void read_console(struct lnk *lnk, struct hn_bytes block)
{
    char text[64];

    if (block.len < 204)
        return;
    (void)snprintf(text, sizeof text, "%ux%u window, %ux%u buffer",
            (unsigned)hn_load_u16(block.ptr + 16), (unsigned)hn_load_u16(block.ptr + 18),
            (unsigned)hn_load_u16(block.ptr + 12), (unsigned)hn_load_u16(block.ptr + 14));
    dissect_fact(lnk->dissect, lnk->id, "console", hn_text_cstr(text));
    lnk_utf16(lnk, "console_font", container_cut(block, 44, 64));
}

static void read_block(struct lnk *lnk, uint32_t signature, struct hn_bytes block, size_t offset)
{
    switch (signature) {
    case 0xA0000001u:
        lnk->expanded = read_path(lnk, block, "environment_target_ansi", "environment_target");
        return;
    case 0xA0000002u:
        read_console(lnk, block);
        return;
    case 0xA0000003u:
        read_tracker(lnk, block);
        return;
    case 0xA0000005u:
        if (block.len >= 16)
            dissect_fact_u64(lnk->dissect, lnk->id, "special_folder", hn_load_u32(block.ptr + 8));
        return;
    case 0xA0000006u:
        (void)read_path(lnk, block, "darwin_ansi", "darwin");
        return;
    case 0xA0000007u:
        (void)read_path(lnk, block, "icon_environment_ansi", "icon_environment");
        return;
    case 0xA0000008u:
        lnk_utf16(lnk, "shim", container_cut(block, 8, block.len));
        return;
    case 0xA0000009u:
        lnk_read_properties(lnk, container_cut(block, 8, block.len));
        return;
    case 0xA000000Bu:
        if (block.len >= 28)
            lnk_guid(lnk, "known_folder", block.ptr + 8);
        return;
    case 0xA000000Cu:
        if (lnk->items_path.len == 0) /* the list as Vista writes it, besides or instead */
            lnk_read_items(lnk, container_cut(block, 8, block.len));
        return;
    case 0xA0000004u: /* the code page of the console */
        return;
    default:
        dissect_note(lnk->dissect, lnk->id, DISSECT_NOTE_UNSUPPORTED, offset,
                "a block of the unknown kind 0x%08lx, %llu bytes", (unsigned long)signature,
                (unsigned long long)block.len);
    }
}

size_t lnk_read_extra(struct lnk *lnk, size_t offset)
{
    for (uint32_t i = 0; i < BLOCKS_MAX && lnk->data.len - offset >= 4; i++) {
        uint32_t len = hn_load_u32(lnk->data.ptr + offset);

        if (len < 4)
            return offset + 4;
        if (len < 8 || len > lnk->data.len - offset) {
            dissect_note(lnk->dissect, lnk->id, DISSECT_NOTE_DAMAGED, offset,
                    "a block behind the shortcut leaves it");
            return offset;
        }
        read_block(lnk, hn_load_u32(lnk->data.ptr + offset + 4),
                container_cut(lnk->data, offset, len), offset);
        offset += len;
    }
    return offset;
}
