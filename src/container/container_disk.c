/* container_disk.c - disk images: VHD and VHDX as bytes of a disk, its partitions. File systems are
 * container_fat.c's and container_ntfs.c's. */
#include "container/container_disk.h"

#define SECTOR         512u
#define PARTITIONS_MAX 128u
#define LOGICAL_MAX    32u
#define VIEWS_MAX      65536u

static uint64_t be(const uint8_t *p, size_t bytes)
{
    uint64_t value = 0;

    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | p[i];
    return value;
}

/* ---- VHD: [MS-VHD] is public as "Virtual Hard Disk Image Format Specification" ---- */

static bool open_vhd(struct disk *disk, const uint8_t *footer)
{
    uint32_t type = (uint32_t)be(footer + 60, 4);
    uint64_t header = be(footer + 16, 8);
    struct hn_bytes head;

    disk->size = be(footer + 48, 8);
    if (type == 2)
        return true;
    head = container_cut(disk->data, header, 1024);
    disk->differs = type == 4;
    if (type != 3 || head.len < 1024 || memcmp(head.ptr, "cxsparse", 8) != 0)
        return false;
    disk->kind = DISK_VHD;
    disk->table = be(head.ptr + 16, 8);
    disk->entries = be(head.ptr + 28, 4);
    disk->block_bytes = be(head.ptr + 32, 4);
    if (disk->block_bytes < SECTOR || disk->block_bytes % SECTOR != 0)
        return false;
    disk->bitmap = (disk->block_bytes / SECTOR / 8 + SECTOR - 1) / SECTOR * SECTOR;
    return true;
}

/* ---- VHDX: [MS-VHDX] ---- */

static const uint8_t region_table[16] = { 0x66, 0x77, 0xC2, 0x2D, 0x23, 0xF6, 0x00, 0x42, 0x9D,
    0x64, 0x11, 0x5E, 0x9B, 0xFD, 0x4A, 0x08 };
static const uint8_t region_metadata[16] = { 0x06, 0xA2, 0x7C, 0x8B, 0x90, 0x47, 0x9A, 0x4B, 0xB8,
    0xFE, 0x57, 0x5F, 0x05, 0x0F, 0x88, 0x6E };
static const uint8_t item_parameters[16] = { 0x37, 0x67, 0xA1, 0xCA, 0x36, 0xFA, 0x43, 0x4D, 0xB3,
    0xB6, 0x33, 0xF0, 0xAA, 0x44, 0xE7, 0x6B };
static const uint8_t item_size[16] = { 0x24, 0x42, 0xA5, 0x2F, 0x1B, 0xCD, 0x76, 0x48, 0xB2, 0x11,
    0x5D, 0xBE, 0xD8, 0x3B, 0xF4, 0xB8 };
static const uint8_t item_sector[16] = { 0x1D, 0xBF, 0x41, 0x81, 0x6F, 0xA9, 0x09, 0x47, 0xBA, 0x47,
    0xF2, 0x33, 0xA8, 0xFA, 0xAB, 0x5F };

/* The value of a metadata item: offsets count from the start of the region. */
static struct hn_bytes metadata_item(struct hn_bytes region, const uint8_t *guid)
{
    uint32_t count = region.len >= 32 ? hn_load_u16(region.ptr + 10) : 0;

    for (uint32_t i = 0; i < count && 64 + 32 * (size_t)i <= region.len; i++) {
        const uint8_t *entry = region.ptr + 32 + 32 * (size_t)i;

        if (memcmp(entry, guid, 16) == 0)
            return container_cut(region, hn_load_u32(entry + 16), hn_load_u32(entry + 20));
    }
    return hn_bytes_of("", 0);
}

static bool open_vhdx(struct disk *disk)
{
    struct hn_bytes regions;
    struct hn_bytes metadata = { 0 };
    uint32_t count;
    struct hn_bytes parameters;
    struct hn_bytes size;
    struct hn_bytes sector;

    disk_replay_log(disk);
    regions = container_cut(disk->data, (uint64_t)192 << 10, (uint64_t)64 << 10);
    count = regions.len >= 16 ? hn_load_u32(regions.ptr + 8) : 0;
    for (uint32_t i = 0; i < count && 48 + 32 * (size_t)i <= regions.len; i++) {
        const uint8_t *entry = regions.ptr + 16 + 32 * (size_t)i;

        if (memcmp(entry, region_table, 16) == 0) {
            disk->table = hn_load_u64(entry + 16);
            disk->entries = hn_load_u32(entry + 24) / 8;
        }
        if (memcmp(entry, region_metadata, 16) == 0)
            metadata = container_cut(disk->data, hn_load_u64(entry + 16), hn_load_u32(entry + 24));
    }
    parameters = metadata_item(metadata, item_parameters);
    size = metadata_item(metadata, item_size);
    sector = metadata_item(metadata, item_sector);
    if (parameters.len < 8 || size.len < 8 || sector.len < 4 || disk->table == 0)
        return false;
    disk->kind = DISK_VHDX;
    disk->differs = (hn_load_u32(parameters.ptr + 4) & 2u) != 0; /* it has a parent */
    if (disk->differs)
        return false;
    disk->block_bytes = hn_load_u32(parameters.ptr);
    disk->size = hn_load_u64(size.ptr);
    if (disk->block_bytes < ((uint64_t)1 << 20))
        return false;
    disk->ratio = (((uint64_t)1 << 23) * hn_load_u32(sector.ptr)) / disk->block_bytes;
    return disk->ratio > 0;
}

bool disk_open(struct disk *disk)
{
    struct hn_bytes in = disk->data;

    disk->kind = DISK_RAW;
    disk->size = in.len;
    if (in.len >= 8 && memcmp(in.ptr, "vhdxfile", 8) == 0)
        return open_vhdx(disk);
    if (in.len >= SECTOR && memcmp(in.ptr + in.len - SECTOR, "conectix", 8) == 0)
        return open_vhd(disk, in.ptr + in.len - SECTOR);
    if (in.len >= SECTOR && memcmp(in.ptr, "conectix", 8) == 0) /* the copy, where the end is cut */
        return open_vhd(disk, in.ptr);
    return true;
}

/* ---- Reading ---- */

/* Where a block's contents begin in the file; UINT64_MAX: it has none, so it is zeros. */
static uint64_t block_start(const struct disk *disk, uint64_t block)
{
    struct hn_bytes entry;

    if (disk->kind == DISK_VHD) {
        entry = container_cut(disk->data, disk->table + block * 4, 4);
        if (block >= disk->entries || entry.len < 4 || hn_load_u32(entry.ptr) == UINT32_MAX)
            return UINT64_MAX;
        return be(entry.ptr, 4) * SECTOR + disk->bitmap;
    }
    block += block / disk->ratio;
    if (block >= disk->entries || disk->table > disk->data.len)
        return UINT64_MAX;
    entry = container_cut(disk->data, disk->table + block * 8, 8);
    if (entry.len < 8 || (hn_load_u64(entry.ptr) & 7u) < 6)
        return UINT64_MAX;
    return (hn_load_u64(entry.ptr) >> 20) << 20;
}

struct hn_bytes disk_view(const struct disk *disk, uint64_t offset, uint64_t len)
{
    uint64_t within;
    uint64_t start;

    if (offset >= disk->size)
        return hn_bytes_of("", 0);
    if (len > disk->size - offset)
        len = disk->size - offset;
    if (disk->kind == DISK_RAW)
        return container_cut(disk->data, offset, len);
    within = offset % disk->block_bytes;
    if (len > disk->block_bytes - within)
        len = disk->block_bytes - within;
    start = block_start(disk, offset / disk->block_bytes);
    if (start == UINT64_MAX)
        return hn_bytes_of(NULL, (size_t)len);
    return container_cut(disk->data, start + within, len);
}

bool disk_piece(struct disk *disk, struct container_pieces *pieces, uint64_t offset, uint64_t len)
{
    for (uint32_t i = 0; len > 0 && i < VIEWS_MAX; i++) {
        struct hn_bytes part = disk_view(disk, offset, len);

        if (part.len == 0 || !(part.ptr != NULL ? container_piece(pieces, part)
                                                : container_piece_zeros(pieces, part.len)))
            return false;
        offset += part.len;
        len -= part.len;
    }
    return len == 0;
}

struct hn_bytes disk_read(struct disk *disk, uint64_t offset, size_t len)
{
    struct container_pieces pieces = { .ask = { disk->iso.dissect, disk->iso.id } };
    struct hn_bytes bytes;
    uint64_t padding;

    (void)disk_piece(disk, &pieces, offset, len);
    if (container_pieces_end(&pieces, &bytes, &padding) == HN_NOMEM)
        disk->iso.status = HN_NOMEM;
    return bytes;
}

/* ---- Partitions ---- */

static bool read_volume(struct disk *disk, uint64_t offset)
{
    return disk_read_ntfs(disk, offset) || disk_read_exfat(disk, offset) ||
           disk_read_fat(disk, offset);
}

static void read_gpt(struct disk *disk)
{
    struct hn_bytes head = disk_read(disk, SECTOR, SECTOR);
    uint64_t table;
    uint32_t count;
    uint32_t entry_bytes;

    if (head.len < 92 || memcmp(head.ptr, "EFI PART", 8) != 0)
        return;
    table = hn_load_u64(head.ptr + 72);
    count = hn_load_u32(head.ptr + 80);
    entry_bytes = hn_load_u32(head.ptr + 84);
    if (entry_bytes < 128 || entry_bytes > 4096 || table > disk->size / SECTOR)
        return;
    for (uint32_t i = 0; i < count && i < PARTITIONS_MAX && disk->iso.status == HN_OK; i++) {
        struct hn_bytes entry = disk_read(disk, table * SECTOR + (uint64_t)i * entry_bytes, 128);

        if (entry.len == 128 && hn_load_u64(entry.ptr + 32) > 0 &&
                hn_load_u64(entry.ptr + 32) <= disk->size / SECTOR)
            (void)read_volume(disk, hn_load_u64(entry.ptr + 32) * SECTOR);
    }
}

/* A logical partition stands in a table of its own, which names the next table. */
static void read_extended(struct disk *disk, uint64_t base)
{
    uint64_t at = base;

    for (uint32_t i = 0; i < LOGICAL_MAX && disk->iso.status == HN_OK; i++) {
        struct hn_bytes table = disk_read(disk, at * SECTOR, SECTOR);
        uint32_t next;

        if (table.len < SECTOR || table.ptr[510] != 0x55 || table.ptr[511] != 0xAA)
            return;
        (void)read_volume(disk, (at + hn_load_u32(table.ptr + 454)) * SECTOR);
        next = hn_load_u32(table.ptr + 470);
        if (next == 0)
            return;
        at = base + next;
    }
}

static void read_partitions(struct disk *disk)
{
    struct hn_bytes table = disk_read(disk, 0, SECTOR);

    if (read_volume(disk, 0)) /* a disk without partitions */
        return;
    if (table.len < SECTOR || table.ptr[510] != 0x55 || table.ptr[511] != 0xAA) {
        dissect_note(disk->iso.dissect, disk->iso.id, DISSECT_NOTE_UNSUPPORTED, 0,
                "no table of partitions and no file system that is read");
        return;
    }
    for (uint32_t i = 0; i < 4 && disk->iso.status == HN_OK; i++) {
        const uint8_t *entry = table.ptr + 446 + 16 * (size_t)i;
        uint32_t start = hn_load_u32(entry + 8);

        if (entry[4] == 0xEE)
            read_gpt(disk);
        else if (entry[4] == 0x05 || entry[4] == 0x0F)
            read_extended(disk, start);
        else if (entry[4] != 0 && start > 0 && !read_volume(disk, (uint64_t)start * SECTOR))
            dissect_note(disk->iso.dissect, disk->iso.id, DISSECT_NOTE_UNSUPPORTED,
                    (uint64_t)start * SECTOR, "a partition of type 0x%02x is not read", entry[4]);
    }
}

enum hn_status container_open_disk(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct disk disk = {
        .iso = { .dissect = dissect, .id = id, .data = dissect_get(dissect, id)->data }
    };

    disk.data = disk.iso.data;
    if (disk_open(&disk)) {
        read_partitions(&disk);
    } else if (disk.differs) {
        dissect_note(dissect, id, DISSECT_NOTE_UNSUPPORTED, 0,
                "it holds only the differences to another image: merge both, analyse the result");
    } else {
        dissect_note(dissect, id, DISSECT_NOTE_DAMAGED, 0, "the image is damaged");
    }
    dissect_fact_u64(dissect, id, "disk_bytes", disk.size);
    dissect_fact_u64(dissect, id, "entry_count", disk.iso.entries);
    hn_vec_deinit(&disk.iso.folders);
    return disk.iso.status == HN_NOMEM ? hn_fail(err, HN_NOMEM, 0, "out of memory") : HN_OK;
}
