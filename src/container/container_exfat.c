/* container_exfat.c - files of exFAT (Microsoft's specification of 2019). Deleted files are left
 * out. A file's clusters follow each other, or are chained in the table as in FAT. */
#include "container/container_disk.h"

#include "base/utf.h"

#define ENTRY_BYTES      32u
#define CLUSTERS_MAX     ((uint32_t)1 << 20) /* of one chain */
#define NAME_UNITS_MAX   255u
#define NAME_PER_ENTRY   15u
#define SECONDARY_MAX    18u /* one of the stream, up to 17 of the name */
#define ENTRY_FILE       0x85u
#define ENTRY_STREAM     0xC0u
#define ENTRY_NAME       0xC1u
#define ATTRIBUTE_HIDDEN 0x02u
#define ATTRIBUTE_FOLDER 0x10u
#define NO_CHAIN         0x02u
#define UNTIL_END        UINT64_MAX
#define CONTIGUOUS       ((uint64_t)1 << 63) /* in the length of a folder to be read */

struct exfat {
    struct disk *disk;
    uint64_t table; /* from the start of the disk */
    uint64_t heap;  /* where cluster 2 begins */
    uint64_t cluster_bytes;
    uint32_t cluster_count;
};

/* What a set of entries says. */
struct exfat_file {
    uint16_t attributes;
    bool has_stream;
    bool contiguous;
    uint32_t cluster;
    uint64_t size;
    uint64_t valid; /* what is behind it was never written, and reads as zeros */
    uint8_t name[2 * NAME_UNITS_MAX];
    size_t name_len;   /* bytes gathered */
    size_t name_bytes; /* as stated */
};

static uint32_t next_cluster(const struct exfat *exfat, uint32_t cluster)
{
    struct hn_bytes entry =
            disk_read(exfat->disk, exfat->table + (uint64_t)cluster * 4, sizeof(uint32_t));

    return entry.len == 4 ? hn_load_u32(entry.ptr) : 0;
}

/* len UNTIL_END: a whole chain. False: it ends before, or runs in a circle. */
static bool gather(const struct exfat *exfat, uint32_t cluster, uint64_t len, bool contiguous,
        struct container_pieces *pieces)
{
    uint64_t left = len;

    for (uint32_t i = 0; left > 0; i++) {
        uint64_t part = left < exfat->cluster_bytes ? left : exfat->cluster_bytes;

        if (cluster < 2 || cluster - 2 >= exfat->cluster_count)
            return len == UNTIL_END && i > 0;
        if (i > exfat->cluster_count || i > CLUSTERS_MAX ||
                !disk_piece(exfat->disk, pieces,
                        exfat->heap + (uint64_t)(cluster - 2) * exfat->cluster_bytes, part))
            return false;
        left -= part;
        if (left > 0)
            cluster = contiguous ? cluster + 1 : next_cluster(exfat, cluster);
    }
    return true;
}

static void add_name(struct exfat_file *file, const uint8_t *entry)
{
    size_t len = (size_t)NAME_PER_ENTRY * 2;

    if (len > sizeof file->name - file->name_len)
        len = sizeof file->name - file->name_len;
    memcpy(file->name + file->name_len, entry + 2, len);
    file->name_len += len;
}

/* The entries of one file, of which the first is at bytes; how many there are. */
static uint32_t read_set(struct hn_bytes bytes, struct exfat_file *ret)
{
    uint32_t count = bytes.ptr[1];

    *ret = (struct exfat_file){ .attributes = hn_load_u16(bytes.ptr + 4) };
    for (uint32_t i = 1; i <= count && i <= SECONDARY_MAX; i++) {
        const uint8_t *entry;

        if (bytes.len < (size_t)(i + 1) * ENTRY_BYTES)
            return i;
        entry = bytes.ptr + (size_t)i * ENTRY_BYTES;
        if (entry[0] == ENTRY_STREAM && !ret->has_stream) {
            ret->has_stream = true;
            ret->contiguous = (entry[1] & NO_CHAIN) != 0;
            ret->name_bytes = 2 * (size_t)entry[3];
            ret->valid = hn_load_u64(entry + 8);
            ret->cluster = hn_load_u32(entry + 20);
            ret->size = hn_load_u64(entry + 24);
        } else if (entry[0] == ENTRY_NAME) {
            add_name(ret, entry);
        } else if ((entry[0] & 0x80u) == 0) {
            return i; /* the set is cut off; this may begin another */
        }
    }
    return count <= SECONDARY_MAX ? count + 1 : SECONDARY_MAX + 1;
}

static void add_file(struct exfat *exfat, const struct exfat_file *file, struct hn_text name)
{
    struct iso *iso = &exfat->disk->iso;
    struct container_pieces pieces = { .ask = { iso->dissect, iso->id } };
    uint64_t valid = file->valid < file->size ? file->valid : file->size;
    bool whole = valid <= exfat->disk->size &&
                 gather(exfat, file->cluster, valid, file->contiguous, &pieces) &&
                 container_piece_zeros(&pieces, file->size - valid);

    iso_file(iso, name, &pieces, (file->attributes & ATTRIBUTE_HIDDEN) != 0, !whole);
}

static void on_set(
        struct exfat *exfat, const struct iso_folder *folder, const struct exfat_file *file)
{
    struct iso *iso = &exfat->disk->iso;
    size_t len = file->name_bytes < file->name_len ? file->name_bytes : file->name_len;
    struct hn_buf name = { 0 };

    if (!file->has_stream || !iso_count(iso))
        return;
    (void)hn_utf16le_to_utf8(&name, hn_bytes_of(file->name, len));
    if ((file->attributes & ATTRIBUTE_FOLDER) != 0) {
        iso_push(iso, file->cluster,
                (file->size & ~CONTIGUOUS) | (file->contiguous ? CONTIGUOUS : 0),
                iso_join(iso, folder->path, hn_buf_text(&name), true), folder->depth + 1);
    } else {
        add_file(exfat, file, iso_join(iso, folder->path, hn_buf_text(&name), false));
    }
    hn_buf_deinit(&name);
}

static void read_folder(struct exfat *exfat, const struct iso_folder *folder)
{
    struct iso *iso = &exfat->disk->iso;
    struct container_pieces pieces = { .ask = { iso->dissect, iso->id } };
    uint64_t len = folder->len & ~CONTIGUOUS;
    struct hn_bytes bytes;
    uint64_t padding;
    size_t at = 0;

    (void)gather(exfat, (uint32_t)folder->place, len > 0 ? len : UNTIL_END,
            (folder->len & CONTIGUOUS) != 0, &pieces);
    if (container_pieces_end(&pieces, &bytes, &padding) == HN_NOMEM) {
        iso->status = HN_NOMEM;
        return;
    }
    while (bytes.len - at >= ENTRY_BYTES && iso->status == HN_OK && !iso->limit_said) {
        struct exfat_file file;

        if (bytes.ptr[at] == 0)
            return;
        if (bytes.ptr[at] != ENTRY_FILE) {
            at += ENTRY_BYTES;
            continue;
        }
        at += (size_t)read_set(hn_bytes_of(bytes.ptr + at, bytes.len - at), &file) * ENTRY_BYTES;
        on_set(exfat, folder, &file);
    }
}

static bool read_boot(struct exfat *exfat, uint64_t offset, struct hn_bytes boot)
{
    uint32_t sector_shift = boot.ptr[108];
    uint32_t cluster_shift = boot.ptr[109];

    if (sector_shift < 9 || sector_shift > 12 || cluster_shift > 25 - sector_shift)
        return false;
    exfat->cluster_bytes = (uint64_t)1 << (sector_shift + cluster_shift);
    exfat->cluster_count = hn_load_u32(boot.ptr + 92);
    exfat->table = offset + ((uint64_t)hn_load_u32(boot.ptr + 80) << sector_shift);
    exfat->heap = offset + ((uint64_t)hn_load_u32(boot.ptr + 88) << sector_shift);
    return true;
}

bool disk_read_exfat(struct disk *disk, uint64_t offset)
{
    struct exfat exfat = { .disk = disk };
    struct hn_bytes boot = disk_read(disk, offset, 512);
    struct iso *iso = &disk->iso;

    if (boot.len < 512 || memcmp(boot.ptr + 3, "EXFAT   ", 8) != 0 ||
            !read_boot(&exfat, offset, boot))
        return false;
    dissect_fact(iso->dissect, iso->id, "file_system", HN_TEXT("exfat"));
    hn_vec_reset(&iso->folders);
    iso_push(iso, hn_load_u32(boot.ptr + 96), 0, HN_TEXT(""), 0);
    for (size_t i = 0; i < iso->folders.count && iso->status == HN_OK; i++) {
        struct iso_folder folder = iso->folders.ptr[i];

        read_folder(&exfat, &folder);
    }
    return true;
}
