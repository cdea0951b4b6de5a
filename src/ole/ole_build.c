/* ole_build.c - writes a compound file: what was a storage within another file, or was decrypted,
 * becomes a file of its own that every reader opens. Version 4 ([MS-CFB] 2.2), whose sectors of
 * 4,096 bytes keep 109 FAT sectors enough for the limit below, so that no DIFAT is needed. */
#include "ole/ole.h"

#include "base/utf.h"

#include <stdlib.h>

#define SECTOR          4096u
#define MINI_SECTOR     64u
#define MINI_CUTOFF     4096u
#define ENTRY_BYTES     128u
#define NAME_UNITS_MAX  31u
#define FAT_ENTRIES     (SECTOR / 4u)
#define FAT_SECTORS_MAX 109u

#define SECTOR_END  0xFFFFFFFEu
#define SECTOR_FAT  0xFFFFFFFDu
#define SECTOR_FREE 0xFFFFFFFFu

struct node {
    const struct ole_part *part;
    uint32_t index; /* of the entry: 0 is the root */
    uint32_t parent;
    uint16_t name[NAME_UNITS_MAX + 1];
    size_t units;
    uint32_t left;
    uint32_t right;
    uint32_t child;
    uint32_t start;
};

struct build {
    struct node *nodes; /* in the order of entries */
    struct node **sorted;
    size_t count;
    uint8_t *out;
    size_t fat_sectors;
    size_t sectors; /* given out so far, the FAT's with them */
    uint32_t mini_count;
    uint8_t *mini;
};

static void put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value & 0xFF);
    at[1] = (uint8_t)(value >> 8);
}

static void put_u32(uint8_t *at, uint32_t value)
{
    put_u16(at, (uint16_t)(value & 0xFFFF));
    put_u16(at + 2, (uint16_t)(value >> 16));
}

static size_t pieces(size_t len, size_t piece)
{
    return len / piece + (len % piece != 0 ? 1 : 0);
}

static bool is_mini(const struct node *node)
{
    return !node->part->is_storage && node->part->data.len < MINI_CUTOFF;
}

/* ---- The tree ---- */

static uint16_t upper(uint16_t unit)
{
    return unit >= 'a' && unit <= 'z' ? (uint16_t)(unit - 32) : unit;
}

/* Below each other's parents, shorter names first, then by their upper case ([MS-CFB] 2.6.4). */
static int compare(const void *a, const void *b)
{
    const struct node *x = *(const struct node *const *)a;
    const struct node *y = *(const struct node *const *)b;

    if (x->parent != y->parent)
        return x->parent < y->parent ? -1 : 1;
    if (x->units != y->units)
        return x->units < y->units ? -1 : 1;
    for (size_t i = 0; i < x->units; i++)
        if (upper(x->name[i]) != upper(y->name[i]))
            return upper(x->name[i]) < upper(y->name[i]) ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

struct range {
    size_t low;
    size_t high;
    uint32_t *slot; /* where the index of its middle goes */
};

/* Balanced by halving; the ranges that are pending are at most one more than the depth. */
static void link_children(struct build *build, size_t low, size_t high, uint32_t *root)
{
    struct range pending[64];
    size_t count = 0;

    pending[count++] = (struct range){ low, high, root };
    while (count > 0) {
        struct range range = pending[--count];
        size_t middle = range.low + (range.high - range.low) / 2;
        struct node *node;

        if (range.low >= range.high) {
            *range.slot = OLE_NONE;
            continue;
        }
        node = build->sorted[middle];
        *range.slot = node->index;
        pending[count++] = (struct range){ range.low, middle, &node->left };
        pending[count++] = (struct range){ middle + 1, range.high, &node->right };
    }
}

static void link_all(struct build *build)
{
    size_t low = 0;

    qsort(build->sorted, build->count - 1, sizeof(struct node *), compare);
    while (low < build->count - 1) {
        size_t high = low;

        while (high < build->count - 1 && build->sorted[high]->parent == build->sorted[low]->parent)
            high++;
        link_children(build, low, high, &build->nodes[build->sorted[low]->parent].child);
        low = high;
    }
}

/* ---- Sectors ---- */

static uint8_t *sector_at(const struct build *build, size_t sector)
{
    return build->out + (sector + 1) * SECTOR;
}

/* A chain of sectors for len bytes, which are next to each other; its first. */
static uint32_t chain(struct build *build, size_t len)
{
    size_t count = pieces(len, SECTOR);
    uint32_t start = (uint32_t)build->sectors;

    if (count == 0)
        return SECTOR_END;
    for (size_t i = 0; i < count; i++) {
        size_t sector = build->sectors++;

        put_u32(sector_at(build, sector / FAT_ENTRIES) + sector % FAT_ENTRIES * 4,
                i + 1 < count ? (uint32_t)(sector + 1) : SECTOR_END);
    }
    return start;
}

static void write_mini(struct build *build, struct node *node, uint8_t *mini_fat)
{
    size_t count = pieces(node->part->data.len, MINI_SECTOR);

    if (count == 0) {
        node->start = SECTOR_END;
        return;
    }
    node->start = build->mini_count;
    memcpy(build->mini + (size_t)build->mini_count * MINI_SECTOR, node->part->data.ptr,
            node->part->data.len);
    for (size_t i = 0; i < count; i++) {
        uint32_t sector = build->mini_count++;

        put_u32(mini_fat + (size_t)sector * 4, i + 1 < count ? sector + 1 : SECTOR_END);
    }
}

static void write_entry(uint8_t *at, const struct node *node, uint32_t start, size_t len)
{
    const struct ole_part *part = node->part;

    for (size_t i = 0; i < node->units; i++)
        put_u16(at + i * 2, node->name[i]);
    put_u16(at + 64, (uint16_t)((node->units + 1) * 2));
    at[66] = node->index == 0 ? OLE_ROOT : part->is_storage ? OLE_STORAGE : OLE_STREAM;
    at[67] = 1; /* black */
    put_u32(at + 68, node->left);
    put_u32(at + 72, node->right);
    put_u32(at + 76, node->child);
    if (part->is_storage)
        memcpy(at + 80, part->clsid, 16);
    put_u32(at + 116, start);
    put_u32(at + 120, (uint32_t)(len & 0xFFFFFFFF));
}

static void write_header(
        struct build *build, uint32_t directory, uint32_t mini_fat, size_t mini_fat_sectors)
{
    static const uint8_t magic[8] = { 0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1 };
    uint8_t *out = build->out;

    memcpy(out, magic, sizeof magic);
    put_u16(out + 24, 0x3E);
    put_u16(out + 26, 4);
    put_u16(out + 28, 0xFFFE);
    put_u16(out + 30, 12);
    put_u16(out + 32, 6);
    put_u32(out + 40, (uint32_t)pieces(build->count * ENTRY_BYTES, SECTOR));
    put_u32(out + 44, (uint32_t)build->fat_sectors);
    put_u32(out + 48, directory);
    put_u32(out + 56, MINI_CUTOFF);
    put_u32(out + 60, mini_fat_sectors > 0 ? mini_fat : SECTOR_END);
    put_u32(out + 64, (uint32_t)mini_fat_sectors);
    put_u32(out + 68, SECTOR_END);
    for (size_t i = 0; i < FAT_SECTORS_MAX; i++)
        put_u32(out + 76 + i * 4, i < build->fat_sectors ? (uint32_t)i : SECTOR_FREE);
}

/* ---- All of it ---- */

static void write_all(struct build *build, size_t mini_sectors)
{
    size_t mini_fat_len = mini_sectors * 4;
    uint32_t directory;
    uint32_t mini_fat;
    uint32_t mini;

    memset(sector_at(build, 0), 0xFF, build->fat_sectors * SECTOR);
    for (size_t i = 0; i < build->fat_sectors; i++)
        put_u32(sector_at(build, i / FAT_ENTRIES) + i % FAT_ENTRIES * 4, SECTOR_FAT);
    build->sectors = build->fat_sectors;
    directory = chain(build, build->count * ENTRY_BYTES);
    mini_fat = chain(build, mini_fat_len);
    mini = chain(build, mini_sectors * MINI_SECTOR);
    if (mini_sectors > 0) {
        memset(sector_at(build, mini_fat), 0xFF, pieces(mini_fat_len, SECTOR) * SECTOR);
        build->mini = sector_at(build, mini);
    }
    for (size_t i = 1; i < build->count; i++) {
        struct node *node = &build->nodes[i];

        if (node->part->is_storage) {
            node->start = 0;
        } else if (is_mini(node)) {
            write_mini(build, node, mini_sectors > 0 ? sector_at(build, mini_fat) : NULL);
        } else {
            node->start = chain(build, node->part->data.len);
            memcpy(sector_at(build, node->start), node->part->data.ptr, node->part->data.len);
        }
    }
    /* Entries that are not used have no neighbours either. */
    for (size_t i = 0; i < pieces(build->count * ENTRY_BYTES, SECTOR) * SECTOR / ENTRY_BYTES; i++)
        memset(sector_at(build, directory) + i * ENTRY_BYTES + 68, 0xFF, 12);
    for (size_t i = 0; i < build->count; i++) {
        const struct node *node = &build->nodes[i];

        write_entry(sector_at(build, directory) + i * ENTRY_BYTES, node,
                i == 0 ? mini : node->start,
                i == 0 ? mini_sectors * MINI_SECTOR : node->part->data.len);
    }
    write_header(build, directory, mini_fat, pieces(mini_fat_len, SECTOR));
}

static enum hn_status take_name(struct node *node, struct hn_text name)
{
    struct hn_buf utf16 = { 0 };

    hn_utf8_to_utf16le(&utf16, name);
    if (!hn_buf_ok(&utf16)) {
        hn_buf_deinit(&utf16);
        return HN_NOMEM;
    }
    node->units = utf16.len / 2 > NAME_UNITS_MAX ? NAME_UNITS_MAX : utf16.len / 2;
    for (size_t i = 0; i < node->units; i++)
        node->name[i] = (uint16_t)((uint8_t)utf16.ptr[i * 2] |
                                   (uint16_t)((uint8_t)utf16.ptr[i * 2 + 1] << 8));
    hn_buf_deinit(&utf16);
    return HN_OK;
}

/* The nodes, and how many sectors and mini sectors their streams take. */
static enum hn_status take_parts(
        struct build *build, const struct ole_part *parts, size_t *ret_big, size_t *ret_mini)
{
    *ret_big = 0;
    *ret_mini = 0;
    for (size_t i = 0; i < build->count; i++) {
        struct node *node = &build->nodes[i];
        enum hn_status status = take_name(node, i == 0 ? HN_TEXT("Root Entry") : parts[i - 1].name);

        if (status != HN_OK)
            return status;
        node->index = (uint32_t)i;
        node->left = OLE_NONE;
        node->right = OLE_NONE;
        node->child = OLE_NONE;
        if (i == 0)
            continue;
        node->part = &parts[i - 1];
        node->parent = node->part->parent == OLE_NONE ? 0 : node->part->parent + 1;
        if (node->parent >= i)
            return HN_CORRUPT;
        build->sorted[i - 1] = node;
        if (is_mini(node))
            *ret_mini += pieces(node->part->data.len, MINI_SECTOR);
        else
            *ret_big += pieces(node->part->data.len, SECTOR);
    }
    return HN_OK;
}

enum hn_status ole_build(struct hn_arena *arena, const struct ole_part *parts, size_t count,
        const uint8_t *root_clsid, struct hn_bytes *ret_bytes, struct hn_err *err)
{
    struct ole_part root = { .is_storage = true };
    struct build build = { .count = count + 1 };
    size_t others;
    size_t mini;
    size_t total;
    enum hn_status status;

    if (root_clsid != NULL)
        memcpy(root.clsid, root_clsid, sizeof root.clsid);
    build.nodes = hn_new(arena, struct node, build.count);
    build.sorted = hn_new(arena, struct node *, build.count);
    if (build.nodes == NULL || build.sorted == NULL)
        return hn_fail(err, HN_NOMEM, 0, "no memory for a compound file");
    build.nodes[0].part = &root;
    status = take_parts(&build, parts, &others, &mini);
    if (status != HN_OK)
        return hn_fail(err, status, 0, "a part stands before the storage it is in");
    others += pieces(build.count * ENTRY_BYTES, SECTOR) + pieces(mini * 4, SECTOR) +
              pieces(mini * MINI_SECTOR, SECTOR);
    build.fat_sectors = pieces(others, FAT_ENTRIES - 1); /* each holds itself as well */
    if (build.fat_sectors > FAT_SECTORS_MAX)
        return hn_fail(err, HN_LIMIT, 0, "a compound file of more than 109 FAT sectors");
    total = (1 + build.fat_sectors + others) * SECTOR;
    build.out = hn_arena_alloc(arena, total, 8);
    if (build.out == NULL)
        return hn_fail(err, HN_NOMEM, 0, "no memory for a compound file");
    link_all(&build);
    write_all(&build, mini);
    *ret_bytes = (struct hn_bytes){ build.out, total };
    return HN_OK;
}
