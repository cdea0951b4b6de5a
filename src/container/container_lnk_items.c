/* container_lnk_items.c - the item list of a shortcut: shell items, which no specification of
 * Microsoft describes but for their envelope ([MS-SHLLINK] 2.2); the layouts are those that
 * libfwsi's documentation collects. */
#include "container/container_lnk_internal.h"

#include <stdio.h>

#define ITEMS_MAX       64u
#define EXTENSION_FILE  0xBEEF0004u
#define FILE_NAME_START 14u

static const uint8_t my_computer[16] = { 0xE0, 0x4F, 0xD0, 0x20, 0xEA, 0x3A, 0x69, 0x10, 0xA2, 0xD8,
    0x08, 0x00, 0x2B, 0x30, 0x30, 0x9D };

static void kind(struct lnk *lnk, const char *text)
{
    dissect_fact(lnk->dissect, lnk->id, "item_kind", hn_text_cstr(text));
}

static void join(struct lnk *lnk, struct hn_text part)
{
    struct hn_buf *path = &lnk->items_path;

    if (part.len == 0)
        return;
    if (path->len > 0 && path->ptr[path->len - 1] != '\\')
        hn_buf_add_char(path, '\\');
    hn_buf_add_text(path, part);
}

/* The long name of a file, in the extension block behind its short one. */
static struct hn_text long_name(struct lnk *lnk, struct hn_bytes item)
{
    for (size_t at = FILE_NAME_START; at + 20 <= item.len; at++) {
        const uint8_t *block = item.ptr + at;
        uint16_t version;
        size_t start;

        if (hn_load_u32(block + 4) != EXTENSION_FILE)
            continue;
        version = hn_load_u16(block + 2);
        start = version < 3   ? item.len
                : version < 7 ? 20u
                : version < 8 ? 38u
                : version < 9 ? 42u
                              : 46u;
        return container_utf16(lnk->dissect, container_cut(item, at + start, item.len));
    }
    return hn_text_of("", 0);
}

static void fat_time(struct lnk *lnk, const char *name, uint16_t date, uint16_t time)
{
    char text[32];

    if (date == 0)
        return;
    (void)snprintf(text, sizeof text, "%04u-%02u-%02uT%02u:%02u:%02uZ", 1980u + (date >> 9),
            (date >> 5) & 15u, date & 31u, (unsigned)time >> 11, (time >> 5) & 63u,
            (time & 31u) * 2u);
    dissect_fact(lnk->dissect, lnk->id, name, hn_text_cstr(text));
}

static void read_file(struct lnk *lnk, struct hn_bytes item)
{
    struct hn_bytes rest = container_cut(item, FILE_NAME_START, item.len);
    struct hn_text name;
    struct hn_text full;

    if (item.len < FILE_NAME_START)
        return;
    dissect_fact_u64(lnk->dissect, lnk->id, "item_size", hn_load_u32(item.ptr + 4));
    fat_time(lnk, "item_modified", hn_load_u16(item.ptr + 8), hn_load_u16(item.ptr + 10));
    dissect_fact_u64(lnk->dissect, lnk->id, "item_attributes", hn_load_u16(item.ptr + 12));
    name = (item.ptr[2] & 4u) != 0 ? container_utf16(lnk->dissect, rest) : lnk_ansi_text(lnk, rest);
    full = long_name(lnk, item);
    dissect_fact(lnk->dissect, lnk->id, "item_name", name);
    if (full.len > 0)
        dissect_fact(lnk->dissect, lnk->id, "item_long_name", full);
    join(lnk, full.len > 0 ? full : name);
}

static void read_network(struct lnk *lnk, struct hn_bytes item)
{
    struct hn_text location = lnk_ansi_text(lnk, container_cut(item, 5, item.len));

    dissect_fact(lnk->dissect, lnk->id, "item_location", location);
    join(lnk, location);
}

static void read_uri(struct lnk *lnk, struct hn_bytes item)
{
    uint16_t skip = item.len >= 6 ? hn_load_u16(item.ptr + 4) : 0;
    struct hn_bytes rest = container_cut(item, 6u + skip, item.len);
    struct hn_text uri = item.len > 3 && (item.ptr[3] & 0x80u) != 0
                                 ? container_utf16(lnk->dissect, rest)
                                 : lnk_ansi_text(lnk, rest);

    dissect_fact(lnk->dissect, lnk->id, "item_uri", uri);
    dissect_text(lnk->dissect, lnk->id, "link", uri, HN_TEXT(""), DISSECT_NOWHERE);
    join(lnk, uri);
}

static void read_volume(struct lnk *lnk, struct hn_bytes item)
{
    if ((item.ptr[2] & 1u) != 0) {
        struct hn_text volume = lnk_ansi_text(lnk, container_cut(item, 3, item.len));

        dissect_fact(lnk->dissect, lnk->id, "item_volume", volume);
        join(lnk, volume);
    } else if (item.len >= 20) {
        lnk_guid(lnk, "item_volume_guid", item.ptr + 4);
    }
}

static void read_root(struct lnk *lnk, struct hn_bytes item)
{
    char guid[CONTAINER_GUID_ROOM];

    if (item.len < 20)
        return;
    lnk_guid(lnk, "item_guid", item.ptr + 4);
    if (memcmp(item.ptr + 4, my_computer, sizeof my_computer) == 0)
        return;
    container_guid(item.ptr + 4, guid);
    join(lnk, HN_TEXT("::{"));
    hn_buf_add_cstr(&lnk->items_path, guid);
    hn_buf_add_char(&lnk->items_path, '}');
}

static void read_item(struct lnk *lnk, struct hn_bytes item)
{
    uint8_t type = item.ptr[2];

    if (type == 0x74 && item.len >= 26 && memcmp(item.ptr + 6, "CFSF", 4) == 0) {
        kind(lnk, "users_files");
        read_file(lnk, container_cut(item, 10, item.len)); /* a file within it */
    } else if (type == 0x1F || type == 0x2E) {
        kind(lnk, type == 0x1F ? "root" : "volume");
        if (type == 0x1F)
            read_root(lnk, item);
        else
            read_volume(lnk, item);
    } else if ((type & 0x70u) == 0x20) {
        kind(lnk, "volume");
        read_volume(lnk, item);
    } else if ((type & 0x70u) == 0x30) {
        kind(lnk, "file");
        read_file(lnk, item);
    } else if ((type & 0x70u) == 0x40) {
        kind(lnk, "network");
        read_network(lnk, item);
    } else if (type == 0x61) {
        kind(lnk, "uri");
        read_uri(lnk, item);
    } else {
        char text[16];

        (void)snprintf(text, sizeof text, "0x%02x", type);
        kind(lnk, text);
        if (type == 0x71 && item.len >= 30)
            lnk_guid(lnk, "item_guid", item.ptr + 14);
    }
}

void lnk_read_items(struct lnk *lnk, struct hn_bytes list)
{
    struct hn_reader r = hn_reader_over(list);

    for (uint32_t i = 0; i < ITEMS_MAX && hn_reader_left(&r) >= 2; i++) {
        size_t at = hn_reader_offset(&r);
        uint16_t len = hn_reader_u16(&r);

        if (len == 0)
            return;
        if (len < 3 || len > list.len - at) {
            dissect_note(lnk->dissect, lnk->id, DISSECT_NOTE_DAMAGED, 78 + at,
                    "an item of the target's path leaves the list");
            return;
        }
        read_item(lnk, hn_bytes_of(r.start + at, len));
        hn_reader_seek(&r, at + len);
    }
}
