/* container_fat.c - files of FAT12, FAT16 and FAT32 (Microsoft's FAT specification of 2000), with
 * long names. Deleted files are left out. */
#include "container/container_disk.h"

#include "base/utf.h"

#define ENTRY_BYTES      32u
#define CLUSTERS_MAX     ((uint32_t)1 << 20) /* of one file or folder */
#define LONG_PARTS_MAX   20u
#define ATTRIBUTE_HIDDEN 0x02u
#define ATTRIBUTE_LABEL  0x08u
#define ATTRIBUTE_FOLDER 0x10u
#define ATTRIBUTE_LONG   0x0Fu
#define CASE_BASE        0x08u
#define CASE_EXTENSION   0x10u

struct fat {
    struct disk *disk;
    uint64_t offset; /* of the volume */
    uint64_t table;  /* of the first FAT, from the start of the disk */
    uint64_t root;   /* FAT12/16: the root folder */
    uint32_t root_bytes;
    uint64_t clusters; /* where cluster 2 begins */
    uint64_t cluster_bytes;
    uint32_t cluster_count;
    uint32_t bits;
    uint8_t long_name[LONG_PARTS_MAX * 26];
    bool has_long;
};

static uint32_t next_cluster(const struct fat *fat, uint32_t cluster)
{
    uint64_t at = fat->table + (fat->bits == 12          ? cluster + cluster / 2
                                       : fat->bits == 16 ? cluster * 2ull
                                                         : cluster * 4ull);
    uint8_t raw[4] = { 0 };
    uint32_t value;

    for (size_t i = 0; i < (fat->bits == 32 ? 4u : 2u); i++) {
        struct hn_bytes byte = disk_view(fat->disk, at + i, 1);

        if (byte.len == 1 && byte.ptr != NULL)
            raw[i] = byte.ptr[0];
    }
    value = hn_load_u32(raw);
    if (fat->bits == 12)
        return cluster % 2 == 1 ? value >> 4 & 0xFFFu : value & 0xFFFu;
    return fat->bits == 16 ? value & 0xFFFFu : value & 0x0FFFFFFFu;
}

/* Gathers a chain; len UINT64_MAX: to its end. False: it ends before, or runs in a circle. */
static bool gather(
        const struct fat *fat, uint32_t cluster, uint64_t len, struct container_pieces *pieces)
{
    for (uint32_t i = 0; len > 0; i++) {
        uint64_t part = len < fat->cluster_bytes ? len : fat->cluster_bytes;

        if (cluster < 2 || cluster - 2 >= fat->cluster_count)
            return len == UINT64_MAX || len > UINT64_MAX / 2;
        if (i > fat->cluster_count || i > CLUSTERS_MAX)
            return false;
        if (!disk_piece(fat->disk, pieces,
                    fat->clusters + (uint64_t)(cluster - 2) * fat->cluster_bytes, part))
            return false;
        len -= part;
        cluster = next_cluster(fat, cluster);
    }
    return true;
}

/* ---- Names ---- */

static void keep_long(struct fat *fat, const uint8_t *entry)
{
    uint32_t number = entry[0] & 0x1Fu;
    uint8_t *out;

    if (number < 1 || number > LONG_PARTS_MAX)
        return;
    if ((entry[0] & 0x40u) != 0)
        memset(fat->long_name, 0, sizeof fat->long_name);
    out = fat->long_name + (size_t)(number - 1) * 26;
    memcpy(out, entry + 1, 10);
    memcpy(out + 10, entry + 14, 12);
    memcpy(out + 22, entry + 28, 4);
    fat->has_long = true;
}

/* Windows NT keeps in a reserved byte which half of a short name was written in small letters. */
static char small(uint8_t c, bool is_small)
{
    return (char)(is_small && c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static void add_short(struct hn_buf *out, const uint8_t *entry)
{
    char name[13];
    size_t len = 0;

    for (size_t i = 0; i < 8 && entry[i] != ' '; i++)
        name[len++] =
                small(i == 0 && entry[i] == 0x05 ? 0xE5 : entry[i], (entry[12] & CASE_BASE) != 0);
    if (entry[8] != ' ')
        name[len++] = '.';
    for (size_t i = 8; i < 11 && entry[i] != ' '; i++)
        name[len++] = small(entry[i], (entry[12] & CASE_EXTENSION) != 0);
    container_name_utf8(out, hn_text_of(name, len), false);
}

static void add_name(struct fat *fat, struct hn_buf *out, const uint8_t *entry)
{
    size_t len = 0;

    if (!fat->has_long) {
        add_short(out, entry);
        return;
    }
    while (len + 1 < sizeof fat->long_name && hn_load_u16(fat->long_name + len) != 0 &&
            hn_load_u16(fat->long_name + len) != 0xFFFFu)
        len += 2;
    (void)hn_utf16le_to_utf8(out, hn_bytes_of(fat->long_name, len));
}

/* ---- Folders ---- */

static void on_entry(struct fat *fat, const struct iso_folder *folder, const uint8_t *entry)
{
    struct iso *iso = &fat->disk->iso;
    uint32_t cluster = (fat->bits == 32 ? (uint32_t)hn_load_u16(entry + 20) << 16 : 0) |
                       hn_load_u16(entry + 26);
    struct hn_buf name = { 0 };

    add_name(fat, &name, entry);
    if ((entry[11] & ATTRIBUTE_FOLDER) != 0) {
        iso_push(iso, cluster, 0, iso_join(iso, folder->path, hn_buf_text(&name), true),
                folder->depth + 1);
    } else {
        struct container_pieces pieces = { .ask = { iso->dissect, iso->id } };
        bool whole = gather(fat, cluster, hn_load_u32(entry + 28), &pieces);

        iso_file(iso, iso_join(iso, folder->path, hn_buf_text(&name), false), &pieces,
                (entry[11] & ATTRIBUTE_HIDDEN) != 0, !whole);
    }
    hn_buf_deinit(&name);
}

static void read_folder(struct fat *fat, const struct iso_folder *folder)
{
    struct iso *iso = &fat->disk->iso;
    struct container_pieces pieces = { .ask = { iso->dissect, iso->id } };
    struct hn_bytes bytes;
    uint64_t padding;

    if (folder->place == 0)
        (void)disk_piece(fat->disk, &pieces, fat->root, fat->root_bytes);
    else
        (void)gather(fat, (uint32_t)folder->place, UINT64_MAX, &pieces);
    if (container_pieces_end(&pieces, &bytes, &padding) == HN_NOMEM) {
        iso->status = HN_NOMEM;
        return;
    }
    fat->has_long = false;
    for (size_t at = 0; bytes.len - at >= ENTRY_BYTES && iso->status == HN_OK; at += ENTRY_BYTES) {
        const uint8_t *entry = bytes.ptr + at;

        if (entry[0] == 0)
            return;
        if (entry[0] != 0xE5 && (entry[11] & 0x3Fu) == ATTRIBUTE_LONG) {
            keep_long(fat, entry);
            continue;
        }
        if (entry[0] != 0xE5 && entry[0] != '.' && (entry[11] & ATTRIBUTE_LABEL) == 0) {
            if (!iso_count(iso))
                return;
            on_entry(fat, folder, entry);
        }
        fat->has_long = false;
    }
}

static bool read_boot(struct fat *fat, struct hn_bytes boot)
{
    uint32_t sector = hn_load_u16(boot.ptr + 11);
    uint32_t per_cluster = boot.ptr[13];
    uint32_t reserved = hn_load_u16(boot.ptr + 14);
    uint32_t tables = boot.ptr[16];
    uint32_t root_entries = hn_load_u16(boot.ptr + 17);
    uint64_t total = hn_load_u16(boot.ptr + 19);
    uint64_t table_sectors = hn_load_u16(boot.ptr + 22);
    uint64_t before;

    if (total == 0)
        total = hn_load_u32(boot.ptr + 32);
    if (table_sectors == 0)
        table_sectors = hn_load_u32(boot.ptr + 36);
    if ((sector != 512 && sector != 1024 && sector != 2048 && sector != 4096) || per_cluster == 0 ||
            (per_cluster & (per_cluster - 1)) != 0 || reserved == 0 || tables == 0 || tables > 4 ||
            table_sectors == 0)
        return false;
    fat->root_bytes = root_entries * ENTRY_BYTES;
    before = reserved + tables * table_sectors + (fat->root_bytes + sector - 1) / sector;
    if (total <= before)
        return false;
    fat->cluster_bytes = (uint64_t)per_cluster * sector;
    fat->cluster_count = (uint32_t)((total - before) / per_cluster);
    fat->bits = fat->cluster_count < 4085 ? 12 : fat->cluster_count < 65525 ? 16 : 32;
    fat->table = fat->offset + (uint64_t)reserved * sector;
    fat->root = fat->table + tables * table_sectors * sector;
    fat->clusters = fat->offset + before * sector;
    return true;
}

bool disk_read_fat(struct disk *disk, uint64_t offset)
{
    struct fat fat = { .disk = disk, .offset = offset };
    struct hn_bytes boot = disk_read(disk, offset, 512);
    struct iso *iso = &disk->iso;

    if (boot.len < 512 || boot.ptr[510] != 0x55 || boot.ptr[511] != 0xAA ||
            (boot.ptr[0] != 0xEB && boot.ptr[0] != 0xE9) || !read_boot(&fat, boot))
        return false;
    dissect_fact(iso->dissect, iso->id, "file_system",
            fat.bits == 12   ? HN_TEXT("fat12")
            : fat.bits == 16 ? HN_TEXT("fat16")
                             : HN_TEXT("fat32"));
    hn_vec_reset(&iso->folders);
    iso_push(iso, fat.bits == 32 ? hn_load_u32(boot.ptr + 44) : 0, 0, HN_TEXT(""), 0);
    for (size_t i = 0; i < iso->folders.count && iso->status == HN_OK; i++) {
        struct iso_folder folder = iso->folders.ptr[i];

        read_folder(&fat, &folder);
    }
    return true;
}
