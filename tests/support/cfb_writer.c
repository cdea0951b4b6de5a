/* cfb_writer.c - compound files for tests; see cfb_writer.h. */
#include "support/cfb_writer.h"

#include "base/mem.h"
#include "base/utf.h"
#include "base/vec.h"

#include <assert.h>
#include <stdlib.h>

#define NONE         UINT32_MAX
#define SECTOR_END   0xFFFFFFFEu
#define SECTOR_FAT   0xFFFFFFFDu
#define SECTOR_DIFAT 0xFFFFFFFCu
#define MINI_CUTOFF  4096u
#define HEADER_DIFAT 109u

struct node {
    struct hn_buf name; /* UTF-16LE */
    struct hn_buf data;
    uint8_t clsid[16];
    bool storage;
    bool red;
    uint32_t parent;
    uint32_t left;
    uint32_t right;
    uint32_t child;
    uint32_t start;
};

struct cfb_writer {
    unsigned version;
    HN_VEC(struct node) nodes; /* [0] is the root */
};

static void need(bool condition)
{
    if (!condition)
        abort();
}

static void add_u16(struct hn_buf *buf, uint32_t value)
{
    hn_buf_add_char(buf, (char)(value & 0xFF));
    hn_buf_add_char(buf, (char)(value >> 8 & 0xFF));
}

static void add_u32(struct hn_buf *buf, uint32_t value)
{
    add_u16(buf, value & 0xFFFF);
    add_u16(buf, value >> 16);
}

static uint32_t node_add(struct cfb_writer *writer, uint32_t parent, struct hn_text name)
{
    struct node *node = hn_vec_add(&writer->nodes);

    need(node != NULL);
    hn_utf8_to_utf16le(&node->name, name);
    need(node->name.len <= 62);
    node->parent = parent;
    node->left = node->right = node->child = NONE;
    return (uint32_t)(writer->nodes.count - 1);
}

struct cfb_writer *cfb_writer_new(unsigned version)
{
    struct cfb_writer *writer = hn_calloc(1, sizeof *writer);

    need(writer != NULL && (version == 3 || version == 4));
    writer->version = version;
    (void)node_add(writer, NONE, HN_TEXT("Root Entry"));
    writer->nodes.ptr[0].storage = true;
    return writer;
}

void cfb_writer_free(struct cfb_writer *writer)
{
    if (writer == NULL)
        return;
    for (size_t i = 0; i < writer->nodes.count; i++) {
        hn_buf_deinit(&writer->nodes.ptr[i].name);
        hn_buf_deinit(&writer->nodes.ptr[i].data);
    }
    hn_vec_deinit(&writer->nodes);
    hn_free(writer);
}

/* The node of a path, which comes to be with all storages above it. */
static struct node *node_at(struct cfb_writer *writer, const char *path, bool storage)
{
    struct hn_text rest = hn_text_cstr(path);
    struct hn_text part;
    uint32_t at = 0;

    while (rest.len > 0 && hn_text_split(&rest, '/', &part)) {
        struct hn_buf name = { 0 };
        uint32_t found = NONE;

        hn_utf8_to_utf16le(&name, part);
        for (uint32_t i = 1; i < writer->nodes.count && found == NONE; i++) {
            if (writer->nodes.ptr[i].parent == at &&
                    hn_text_eq(hn_buf_text(&writer->nodes.ptr[i].name), hn_buf_text(&name)))
                found = i;
        }
        hn_buf_deinit(&name);
        if (found == NONE) {
            found = node_add(writer, at, part);
            writer->nodes.ptr[found].storage = rest.ptr != NULL || storage;
        }
        at = found;
    }
    return &writer->nodes.ptr[at];
}

void cfb_writer_stream(struct cfb_writer *writer, const char *path, struct hn_bytes bytes)
{
    struct node *node = node_at(writer, path, false);

    hn_buf_reset(&node->data);
    hn_buf_add(&node->data, bytes.ptr, bytes.len);
}

void cfb_writer_storage(struct cfb_writer *writer, const char *path)
{
    (void)node_at(writer, path, true);
}

void cfb_writer_clsid(struct cfb_writer *writer, const char *path, const uint8_t *clsid)
{
    memcpy(node_at(writer, path, true)->clsid, clsid, 16);
}

/* ---- The trees of siblings ---- */

static uint32_t upper_unit(const char *p)
{
    uint32_t unit = (uint32_t)(uint8_t)p[0] | (uint32_t)(uint8_t)p[1] << 8;

    return unit >= 'a' && unit <= 'z' ? unit - 32 : unit;
}

static int compare_names(const struct node *a, const struct node *b)
{
    if (a->name.len != b->name.len)
        return a->name.len < b->name.len ? -1 : 1;
    for (size_t i = 0; i < a->name.len; i += 2) {
        uint32_t x = upper_unit(a->name.ptr + i);
        uint32_t y = upper_unit(b->name.ptr + i);

        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

/* The middle one is the root of [low, high); those of the lowest, unfilled level are red. Depth is
 * the logarithm of the count. */
static uint32_t tree_make(
        struct cfb_writer *writer, const uint32_t *ids, size_t count, unsigned levels)
{
    size_t middle = count / 2;
    struct node *node;

    if (count == 0)
        return NONE;
    node = &writer->nodes.ptr[ids[middle]];
    node->red = levels == 1;
    node->left = tree_make(writer, ids, middle, levels - 1);
    node->right = tree_make(writer, ids + middle + 1, count - middle - 1, levels - 1);
    return ids[middle];
}

static void children_sort(const struct cfb_writer *writer, uint32_t *ids, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint32_t id = ids[i];
        size_t j = i;

        while (j > 0 && compare_names(&writer->nodes.ptr[id], &writer->nodes.ptr[ids[j - 1]]) < 0) {
            ids[j] = ids[j - 1];
            j--;
        }
        ids[j] = id;
    }
}

static void trees_make(struct cfb_writer *writer)
{
    uint32_t *ids = hn_calloc(writer->nodes.count, sizeof *ids);

    need(ids != NULL);
    for (uint32_t parent = 0; parent < writer->nodes.count; parent++) {
        size_t count = 0;
        unsigned levels = 0;

        for (uint32_t i = 1; i < writer->nodes.count; i++)
            if (writer->nodes.ptr[i].parent == parent)
                ids[count++] = i;
        children_sort(writer, ids, count);
        while (((size_t)1 << levels) <= count)
            levels++;
        /* A full tree has no red level: then the last one is one deeper than it is. */
        if (((size_t)1 << levels) - 1 == count)
            levels++;
        writer->nodes.ptr[parent].child = tree_make(writer, ids, count, levels);
    }
    hn_free(ids);
}

/* ---- Sectors ---- */

struct layout {
    unsigned shift;
    struct hn_buf body; /* sectors behind the header */
    HN_VEC(uint32_t) fat;
    HN_VEC(uint32_t) mini_fat;
    struct hn_buf mini;
};

static size_t sectors_of(size_t bytes, unsigned shift)
{
    return (bytes + ((size_t)1 << shift) - 1) >> shift;
}

/* Appends whole sectors and their chain; returns the first, or the end mark for nothing. */
static uint32_t sectors_add(struct layout *l, const struct hn_buf *data, char fill)
{
    size_t count = sectors_of(data->len, l->shift);
    uint32_t first = (uint32_t)l->fat.count;

    if (count == 0)
        return SECTOR_END;
    hn_buf_add(&l->body, data->ptr, data->len);
    hn_buf_add_repeat(&l->body, fill, (count << l->shift) - data->len);
    for (size_t i = 0; i < count; i++) {
        uint32_t *next = hn_vec_add(&l->fat);

        need(next != NULL);
        *next = i + 1 < count ? (uint32_t)(first + i + 1) : SECTOR_END;
    }
    return first;
}

static uint32_t mini_add(struct layout *l, const struct hn_buf *data)
{
    size_t count = sectors_of(data->len, 6);
    uint32_t first = (uint32_t)l->mini_fat.count;

    if (count == 0)
        return SECTOR_END;
    hn_buf_add(&l->mini, data->ptr, data->len);
    hn_buf_add_repeat(&l->mini, 0, (count << 6) - data->len);
    for (size_t i = 0; i < count; i++) {
        uint32_t *next = hn_vec_add(&l->mini_fat);

        need(next != NULL);
        *next = i + 1 < count ? (uint32_t)(first + i + 1) : SECTOR_END;
    }
    return first;
}

static uint32_t numbers_add(struct layout *l, const uint32_t *numbers, size_t count)
{
    struct hn_buf buf = { 0 };
    uint32_t first;

    for (size_t i = 0; i < count; i++)
        add_u32(&buf, numbers[i]);
    first = sectors_add(l, &buf, (char)0xFF);
    hn_buf_deinit(&buf);
    return first;
}

static void directory_write(const struct cfb_writer *writer, size_t mini_bytes, struct hn_buf *out)
{
    for (size_t i = 0; i < writer->nodes.count; i++) {
        const struct node *node = &writer->nodes.ptr[i];

        hn_buf_add(out, node->name.ptr, node->name.len);
        hn_buf_add_repeat(out, 0, 64 - node->name.len);
        add_u16(out, (uint32_t)node->name.len + 2);
        hn_buf_add_char(out, i == 0 ? 5 : node->storage ? 1 : 2);
        hn_buf_add_char(out, node->red ? 0 : 1);
        add_u32(out, node->left);
        add_u32(out, node->right);
        add_u32(out, node->child);
        hn_buf_add(out, node->clsid, 16);
        hn_buf_add_repeat(out, 0, 20); /* state, times */
        add_u32(out, node->start);
        add_u32(out, i == 0 ? (uint32_t)mini_bytes : (uint32_t)node->data.len);
        add_u32(out, 0);
    }
    /* The rest of the last sector is unused entries. */
    while (out->len % (writer->version == 4 ? 4096 : 512) != 0) {
        hn_buf_add_repeat(out, 0, 68);
        hn_buf_add_repeat(out, (char)0xFF, 12);
        hn_buf_add_repeat(out, 0, 48);
    }
}

static void header_write(const struct layout *l, unsigned version, const uint32_t *fat_sectors,
        const uint32_t fields[7], struct hn_buf *out)
{
    hn_buf_add(out, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8);
    hn_buf_add_repeat(out, 0, 16);
    add_u16(out, 0x3E);
    add_u16(out, version);
    add_u16(out, 0xFFFE);
    add_u16(out, l->shift);
    add_u16(out, 6);
    hn_buf_add_repeat(out, 0, 6);
    add_u32(out, version == 4 ? fields[6] : 0);
    add_u32(out, fields[0]); /* FAT sectors */
    add_u32(out, fields[1]); /* directory */
    add_u32(out, 0);
    add_u32(out, MINI_CUTOFF);
    add_u32(out, fields[2]); /* mini FAT */
    add_u32(out, fields[3]);
    add_u32(out, fields[4]); /* DIFAT */
    add_u32(out, fields[5]);
    for (size_t i = 0; i < HEADER_DIFAT; i++)
        add_u32(out, i < fields[0] ? fat_sectors[i] : NONE);
    hn_buf_add_repeat(out, 0, ((size_t)1 << l->shift) - 512);
}

/* FAT and DIFAT sectors stand in the FAT themselves; their number is found by trying. */
static void fat_write(struct layout *l, unsigned version, uint32_t fields[7], struct hn_buf *out)
{
    size_t per = (size_t)1 << (l->shift - 2);
    size_t used = l->fat.count;
    size_t fats = 0;
    size_t difats = 0;
    uint32_t *sectors;

    while (fats * per < used + fats + difats) {
        fats++;
        difats = fats <= HEADER_DIFAT ? 0 : (fats - HEADER_DIFAT + per - 2) / (per - 1);
    }
    sectors = hn_calloc(fats, sizeof *sectors);
    need(sectors != NULL);
    for (size_t i = 0; i < fats * per - used; i++) {
        uint32_t *next = hn_vec_add(&l->fat);

        need(next != NULL);
        *next = i < fats ? SECTOR_FAT : i < fats + difats ? SECTOR_DIFAT : NONE;
        if (i < fats)
            sectors[i] = (uint32_t)(used + i);
    }
    for (size_t i = 0; i < l->fat.count; i++)
        add_u32(&l->body, l->fat.ptr[i]);
    for (size_t i = 0; i < difats; i++) {
        for (size_t k = 0; k < per - 1; k++) {
            size_t fat = HEADER_DIFAT + i * (per - 1) + k;

            add_u32(&l->body, fat < fats ? sectors[fat] : NONE);
        }
        add_u32(&l->body, i + 1 < difats ? (uint32_t)(used + fats + i + 1) : SECTOR_END);
    }
    fields[0] = (uint32_t)fats;
    fields[4] = difats > 0 ? (uint32_t)(used + fats) : SECTOR_END;
    fields[5] = (uint32_t)difats;
    header_write(l, version, sectors, fields, out);
    hn_free(sectors);
}

void cfb_writer_finish(const struct cfb_writer *writer, struct hn_buf *out)
{
    struct cfb_writer w = *writer;
    struct layout l = { .shift = writer->version == 4 ? 12 : 9 };
    struct hn_buf directory = { 0 };
    uint32_t fields[7] = { 0 };

    trees_make(&w);
    for (size_t i = 1; i < w.nodes.count; i++) {
        struct node *node = &w.nodes.ptr[i];

        if (node->storage)
            node->start = 0;
        else if (node->data.len < MINI_CUTOFF)
            node->start = mini_add(&l, &node->data);
        else
            node->start = sectors_add(&l, &node->data, 0);
    }
    w.nodes.ptr[0].start = sectors_add(&l, &l.mini, 0);
    fields[2] = numbers_add(&l, l.mini_fat.ptr, l.mini_fat.count);
    fields[3] = (uint32_t)sectors_of(l.mini_fat.count * 4, l.shift);
    directory_write(&w, l.mini.len, &directory);
    fields[6] = (uint32_t)sectors_of(directory.len, l.shift);
    fields[1] = sectors_add(&l, &directory, 0);
    fat_write(&l, writer->version, fields, out);
    hn_buf_add(out, l.body.ptr, l.body.len);
    need(hn_buf_ok(out) && hn_buf_ok(&l.body) && hn_buf_ok(&l.mini));
    hn_buf_deinit(&directory);
    hn_buf_deinit(&l.body);
    hn_buf_deinit(&l.mini);
    hn_vec_deinit(&l.fat);
    hn_vec_deinit(&l.mini_fat);
}
