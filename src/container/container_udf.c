/* container_udf.c - UDF 1.02 to 2.60 (ECMA-167): plain, sparable and metadata partitions. Virtual
 * partitions (packet-written discs) are said not to be read.
 *
 * A place is a partition reference and a block within it, as descriptors say it: the reference in
 * the upper 32 bits. UINT64_MAX is none. */
#include "container/container_iso.h"

#include "base/mem.h"
#include "base/utf.h"

#define ANCHOR_SECTOR     256u
#define SEQUENCE_MAX      256u
#define PARTITIONS_MAX    8u
#define EXTENTS_MAX       4096u
#define METADATA_MAX      64u /* extents of a metadata file */
#define TAG_ANCHOR        2u
#define TAG_PARTITION     5u
#define TAG_VOLUME        6u
#define TAG_END           8u
#define TAG_FILE_SET      256u
#define TAG_FILE_ID       257u
#define TAG_FILE          261u
#define TAG_FILE_EXT      266u
#define FILE_FOLDER       4u
#define CHARACTER_HIDDEN  0x01u
#define CHARACTER_FOLDER  0x02u
#define CHARACTER_DELETED 0x04u
#define CHARACTER_PARENT  0x08u

struct udf {
    struct iso *iso;
    uint32_t block; /* bytes */
    struct {
        uint16_t number;
        uint64_t start; /* block */
    } physical[PARTITIONS_MAX];
    uint32_t physical_count;
    struct {
        uint64_t start; /* block; UINT64_MAX: it is not read */
        struct {
            uint64_t start;
            uint64_t count;
        } extents[METADATA_MAX]; /* of a metadata partition: the pieces of its file */
        uint32_t extent_count;
    } maps[PARTITIONS_MAX];
    uint32_t map_count;
    struct hn_bytes volume; /* the logical volume descriptor */
};

static struct hn_bytes block_at(const struct udf *udf, uint64_t block, uint64_t count)
{
    if (block > udf->iso->data.len / udf->block)
        return hn_bytes_of("", 0);
    return container_cut(udf->iso->data, block * udf->block, count * udf->block);
}

/* A descriptor of that kind: its tag has a checksum of its own bytes (7.2). */
static bool is_tag(struct hn_bytes bytes, uint16_t tag)
{
    uint8_t sum = 0;

    if (bytes.len < 512 || hn_load_u16(bytes.ptr) != tag)
        return false;
    for (size_t i = 0; i < 16; i++)
        sum = (uint8_t)(sum + (i == 4 ? 0 : bytes.ptr[i]));
    return sum == bytes.ptr[4];
}

static uint64_t place_of(uint16_t reference, uint32_t block)
{
    return (uint64_t)reference << 32 | block;
}

static uint64_t place(const uint8_t *long_ad)
{
    return place_of(hn_load_u16(long_ad + 8), hn_load_u32(long_ad + 4));
}

/* The block of the image at a place, and how many follow it there; UINT64_MAX: it has none. */
static uint64_t resolve(const struct udf *udf, uint64_t at, uint64_t *ret_count)
{
    uint64_t block = at & UINT32_MAX;
    uint64_t reference = at >> 32;

    *ret_count = UINT32_MAX;
    if (reference >= udf->map_count || udf->maps[reference].start == UINT64_MAX)
        return UINT64_MAX;
    if (udf->maps[reference].extent_count == 0)
        return udf->maps[reference].start + block;
    for (uint32_t i = 0; i < udf->maps[reference].extent_count; i++) {
        *ret_count = udf->maps[reference].extents[i].count;
        if (block < *ret_count) {
            *ret_count -= block;
            return udf->maps[reference].extents[i].start + block;
        }
        block -= *ret_count;
    }
    return UINT64_MAX;
}

/* One block at a place; empty where there is none. */
static struct hn_bytes block_of(const struct udf *udf, uint64_t at)
{
    uint64_t count;
    uint64_t block = resolve(udf, at, &count);

    return block != UINT64_MAX ? block_at(udf, block, 1) : hn_bytes_of("", 0);
}

/* len bytes from a place on; false: not all are there. */
static bool add_blocks(
        const struct udf *udf, uint64_t at, uint64_t len, struct container_pieces *pieces)
{
    for (uint32_t i = 0; len > 0 && i <= METADATA_MAX; i++) {
        uint64_t count;
        uint64_t block = resolve(udf, at, &count);
        uint64_t part = len / udf->block < count ? len : count * udf->block;
        struct hn_bytes bytes = { 0 };

        if (block != UINT64_MAX)
            bytes = container_cut(block_at(udf, block, part / udf->block + 1), 0, part);
        if (!container_piece(pieces, bytes) || bytes.len < part || part == 0)
            return false;
        len -= part;
        at += count;
    }
    return len == 0;
}

/* ---- The volume ---- */

static bool find_anchor(struct udf *udf, struct hn_bytes *ret_anchor)
{
    static const uint32_t blocks[] = { 2048, 512, 4096, 1024 };

    for (size_t i = 0; i < HN_COUNT_OF(blocks); i++) {
        uint64_t total = udf->iso->data.len / blocks[i];
        const uint64_t places[] = { ANCHOR_SECTOR, total > 0 ? total - 1 : 0,
            total > ANCHOR_SECTOR ? total - 1 - ANCHOR_SECTOR : 0, 512 };

        udf->block = blocks[i];
        for (size_t k = 0; k < HN_COUNT_OF(places); k++) {
            *ret_anchor = block_at(udf, places[k], 1);
            if (is_tag(*ret_anchor, TAG_ANCHOR) && hn_load_u32(ret_anchor->ptr + 12) == places[k])
                return true;
        }
    }
    return false;
}

static void read_sequence(struct udf *udf, uint32_t len, uint64_t start)
{
    for (uint64_t i = 0; i < len / udf->block && i < SEQUENCE_MAX; i++) {
        struct hn_bytes bytes = block_at(udf, start + i, 1);

        if (is_tag(bytes, TAG_END))
            return;
        if (is_tag(bytes, TAG_VOLUME))
            udf->volume = bytes;
        if (is_tag(bytes, TAG_PARTITION) && udf->physical_count < PARTITIONS_MAX) {
            udf->physical[udf->physical_count].number = hn_load_u16(bytes.ptr + 22);
            udf->physical[udf->physical_count++].start = hn_load_u32(bytes.ptr + 188);
        }
    }
}

static uint64_t start_of(const struct udf *udf, uint16_t number)
{
    for (uint32_t i = 0; i < udf->physical_count; i++)
        if (udf->physical[i].number == number)
            return udf->physical[i].start;
    return UINT64_MAX;
}

/* ---- Files ---- */

struct file_entry {
    bool folder;
    uint32_t allocation; /* 0 short, 1 long, 3 within the entry */
    uint64_t size;
    struct hn_bytes descriptors;
    uint16_t reference; /* of the partition it lies in */
};

static bool read_entry(const struct udf *udf, uint64_t at, struct file_entry *ret)
{
    struct hn_bytes bytes = block_of(udf, at);
    bool extended = is_tag(bytes, TAG_FILE_EXT);
    size_t lengths = extended ? 208 : 168;
    uint32_t skip;

    if (!extended && !is_tag(bytes, TAG_FILE))
        return false;
    skip = hn_load_u32(bytes.ptr + lengths);
    *ret = (struct file_entry){ .folder = bytes.ptr[27] == FILE_FOLDER,
        .allocation = hn_load_u16(bytes.ptr + 34) & 7u,
        .size = hn_load_u64(bytes.ptr + 56),
        .reference = (uint16_t)(at >> 32) };
    ret->descriptors = container_cut(
            bytes, lengths + 8 + (uint64_t)skip, hn_load_u32(bytes.ptr + lengths + 4));
    return true;
}

/* ---- Partitions ---- */

/* The file of a metadata partition, whose blocks are those of the partition (UDF 2.50, 2.2.13). */
static bool read_metadata_file(struct udf *udf, uint64_t physical, uint32_t location)
{
    struct hn_bytes bytes = block_at(udf, physical + location, 1);
    struct file_entry entry;
    struct hn_reader r;
    uint32_t count = 0;

    /* It lies in the physical partition, for which this map stands while it is being read. */
    udf->maps[udf->map_count].start = physical;
    udf->maps[udf->map_count].extent_count = 0;
    udf->map_count++;
    if (!read_entry(udf, place_of((uint16_t)(udf->map_count - 1), location), &entry))
        bytes.len = 0;
    udf->map_count--;
    if (bytes.len == 0 || entry.allocation > 1)
        return false;
    r = hn_reader_over(entry.descriptors);
    while (count < METADATA_MAX && hn_reader_left(&r) >= 8) {
        struct hn_bytes ad = hn_reader_take(&r, entry.allocation == 1 ? 16 : 8);
        uint32_t len = hn_reader_ok(&r) ? hn_load_u32(ad.ptr) : 0;

        if (len == 0 || len >> 30 != 0)
            break;
        udf->maps[udf->map_count].extents[count].start = physical + hn_load_u32(ad.ptr + 4);
        udf->maps[udf->map_count].extents[count++].count = len / udf->block;
    }
    udf->maps[udf->map_count].extent_count = count;
    return count > 0;
}

/* By the file, or by its mirror. */
static uint64_t read_metadata(struct udf *udf, struct hn_bytes map)
{
    uint64_t physical = start_of(udf, hn_load_u16(map.ptr + 36));

    if (physical != UINT64_MAX &&
            (read_metadata_file(udf, physical, hn_load_u32(map.ptr + 38)) ||
                    read_metadata_file(udf, physical, hn_load_u32(map.ptr + 42))))
        return physical;
    dissect_note(udf->iso->dissect, udf->iso->id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE,
            "the metadata of a UDF partition cannot be found");
    return UINT64_MAX;
}

static void read_maps(struct udf *udf)
{
    uint32_t count = hn_load_u32(udf->volume.ptr + 268);
    struct hn_reader r = hn_reader_over(container_cut(udf->volume, 440, udf->volume.len));

    while (udf->map_count < count && udf->map_count < PARTITIONS_MAX) {
        uint8_t type = hn_reader_u8(&r);
        uint8_t len = hn_reader_u8(&r);
        struct hn_bytes map = hn_reader_take(&r, len >= 2 ? len - 2u : 0);
        uint64_t start = UINT64_MAX;

        if (!hn_reader_ok(&r) || len < 6)
            return;
        if (type == 1)
            start = start_of(udf, hn_load_u16(map.ptr + 2));
        else if (map.len >= 62 && memcmp(map.ptr + 3, "*UDF Metadata Partition", 23) == 0)
            start = read_metadata(udf, map);
        else if (map.len >= 62 && memcmp(map.ptr + 3, "*UDF Sparable", 13) == 0)
            start = start_of(udf, hn_load_u16(map.ptr + 36));
        else
            dissect_note(udf->iso->dissect, udf->iso->id, DISSECT_NOTE_UNSUPPORTED, DISSECT_NOWHERE,
                    "a UDF partition of a kind that is not read (virtual)");
        udf->maps[udf->map_count++].start = start;
    }
}

/* ---- Contents ---- */

/* False: it could not be read to its end. */
static bool gather(
        const struct udf *udf, const struct file_entry *entry, struct container_pieces *pieces)
{
    struct hn_reader r = hn_reader_over(entry->descriptors);
    uint64_t left = entry->size;

    if (entry->allocation == 3)
        return container_piece(pieces, container_cut(entry->descriptors, 0, left)) &&
               entry->descriptors.len >= left;
    for (uint32_t i = 0; i < EXTENTS_MAX && left > 0; i++) {
        struct hn_bytes ad = hn_reader_take(&r, entry->allocation == 1 ? 16 : 8);
        uint32_t len;

        if (!hn_reader_ok(&r))
            return false;
        len = hn_load_u32(ad.ptr) & 0x3FFFFFFFu;
        if (len == 0)
            return false;
        if (len > left)
            len = (uint32_t)left;
        left -= len;
        if (hn_load_u32(ad.ptr) >> 30 != 0) { /* a hole, or a further list, which is not followed */
            if (!container_piece_zeros(pieces, len))
                return false;
            continue;
        }
        if (!add_blocks(udf,
                    entry->allocation == 1 ? place(ad.ptr)
                                           : place_of(entry->reference, hn_load_u32(ad.ptr + 4)),
                    len, pieces))
            return false;
    }
    return left == 0;
}

/* OSTA compressed Unicode: 8 or 16 bits a character. */
static void add_name(struct hn_buf *out, struct hn_bytes raw)
{
    size_t step = raw.len > 0 && (raw.ptr[0] == 16 || raw.ptr[0] == 255) ? 2 : 1;
    struct hn_buf utf16 = { 0 };

    for (size_t i = 1; i + step <= raw.len; i += step) {
        hn_buf_add_char(&utf16, (char)raw.ptr[i + step - 1]);
        hn_buf_add_char(&utf16, step == 2 ? (char)raw.ptr[i] : '\0');
    }
    (void)hn_utf16le_to_utf8(out, hn_text_as_bytes(hn_buf_text(&utf16)));
    hn_buf_deinit(&utf16);
}

static void on_file(struct udf *udf, const struct iso_folder *folder, struct hn_bytes record)
{
    struct container_pieces pieces = { .ask = { udf->iso->dissect, udf->iso->id } };
    uint64_t at = place(record.ptr + 20);
    size_t skip = hn_load_u16(record.ptr + 36);
    struct file_entry entry;
    struct hn_buf name = { 0 };
    bool whole;

    if (!read_entry(udf, at, &entry)) {
        dissect_note(udf->iso->dissect, udf->iso->id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE,
                "a file entry is not where its folder says");
        return;
    }
    add_name(&name, container_cut(record, 38 + skip, record.ptr[19]));
    if (entry.folder) {
        iso_push(udf->iso, at, 0, iso_join(udf->iso, folder->path, hn_buf_text(&name), true),
                folder->depth + 1);
    } else {
        whole = gather(udf, &entry, &pieces);
        iso_file(udf->iso, iso_join(udf->iso, folder->path, hn_buf_text(&name), false), &pieces,
                (record.ptr[18] & CHARACTER_HIDDEN) != 0, !whole);
    }
    hn_buf_deinit(&name);
}

static void read_folder(struct udf *udf, const struct iso_folder *folder)
{
    struct container_pieces pieces = { .ask = { udf->iso->dissect, udf->iso->id } };
    struct file_entry entry;
    struct hn_bytes bytes;
    uint64_t padding;
    size_t at = 0;

    if (!read_entry(udf, folder->place, &entry))
        return;
    (void)gather(udf, &entry, &pieces);
    if (container_pieces_end(&pieces, &bytes, &padding) == HN_NOMEM) {
        udf->iso->status = HN_NOMEM;
        return;
    }
    while (bytes.len - at >= 38 && udf->iso->status == HN_OK) {
        struct hn_bytes record = container_cut(bytes, at, bytes.len);
        size_t len;

        if (hn_load_u16(record.ptr) != TAG_FILE_ID)
            return;
        len = (38u + (size_t)record.ptr[19] + hn_load_u16(record.ptr + 36) + 3u) & ~(size_t)3;
        if (len > record.len)
            len = record.len;
        record.len = len;
        at += len;
        if ((record.ptr[18] & (CHARACTER_PARENT | CHARACTER_DELETED)) != 0)
            continue;
        if (!iso_count(udf->iso))
            return;
        on_file(udf, folder, record);
    }
}

bool iso_read_udf(struct iso *iso)
{
    struct udf udf = { .iso = iso };
    struct hn_bytes anchor;
    struct hn_bytes set;
    uint64_t root;

    if (!find_anchor(&udf, &anchor))
        return false;
    read_sequence(&udf, hn_load_u32(anchor.ptr + 16), hn_load_u32(anchor.ptr + 20));
    if (udf.volume.ptr == NULL) /* the reserve of the sequence */
        read_sequence(&udf, hn_load_u32(anchor.ptr + 24), hn_load_u32(anchor.ptr + 28));
    if (udf.volume.ptr == NULL || udf.physical_count == 0)
        return false;
    read_maps(&udf);
    set = block_of(&udf, place(udf.volume.ptr + 248));
    if (!is_tag(set, TAG_FILE_SET))
        return false;
    root = place(set.ptr + 400);
    iso_push(iso, root, 0, HN_TEXT(""), 0);
    for (size_t i = 0; i < iso->folders.count && iso->status == HN_OK; i++) {
        struct iso_folder folder = iso->folders.ptr[i];

        read_folder(&udf, &folder);
    }
    return true;
}
