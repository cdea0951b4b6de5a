/* container_ntfs.c - files of NTFS: the master file table read record by record, contents in the
 * record or in runs, compressed ones unpacked, alternate streams too. Attribute lists (files in
 * very many pieces) and encrypted contents are said not to be read. */
#include "container/container_disk.h"

#include "base/mem.h"
#include "base/utf.h"

#define RECORD_MAX       4096u
#define ATTRIBUTES_MAX   64u
#define RUNS_MAX         65536u
#define UNIT_SHIFT_MAX   8u
#define UNIT_BYTES_MAX   ((uint64_t)1 << 20)
#define RECORDS_FIRST    24u /* those before are the file system's own */
#define ROOT_RECORD      5u
#define PATH_DEPTH_MAX   32u
#define TYPE_NAME        0x30u
#define TYPE_DATA        0x80u
#define TYPE_LIST        0x20u
#define FLAG_COMPRESSED  0x0001u
#define FLAG_ENCRYPTED   0x4000u
#define HIDDEN_OR_SYSTEM 0x06u

struct ntfs {
    struct disk *disk;
    uint64_t offset;
    uint64_t cluster_bytes;
    uint32_t record_bytes;
    struct container_pieces table; /* the master file table */
    struct hn_bytes records;
};

struct attribute {
    uint32_t type;
    struct hn_bytes raw;
    struct hn_bytes name; /* UTF-16 */
    bool resident;
    uint16_t flags;
};

/* The n-th record with its fix-ups applied, in room; false: none. */
static bool read_record(const struct ntfs *ntfs, uint64_t n, uint8_t *room)
{
    struct hn_bytes raw = container_cut(ntfs->records, n * ntfs->record_bytes, ntfs->record_bytes);
    uint16_t fix_at;
    uint16_t fix_count;

    if (raw.len < ntfs->record_bytes || memcmp(raw.ptr, "FILE", 4) != 0)
        return false;
    memcpy(room, raw.ptr, raw.len);
    fix_at = hn_load_u16(room + 4);
    fix_count = hn_load_u16(room + 6);
    for (uint32_t i = 1; i < fix_count && (size_t)i * 512 <= raw.len; i++) {
        size_t from = fix_at + 2 * (size_t)i;
        size_t to = 512 * (size_t)i;

        if (from + 2 > raw.len)
            return false;
        room[to - 2] = room[from];
        room[to - 1] = room[from + 1];
    }
    return true;
}

/* The attribute at *at, which moves behind it. */
static bool next_attribute(struct hn_bytes record, size_t *at, struct attribute *ret)
{
    struct hn_bytes raw;
    uint32_t len;

    if (record.len - *at < 24 || hn_load_u32(record.ptr + *at) == UINT32_MAX)
        return false;
    len = hn_load_u32(record.ptr + *at + 4);
    if (len < 24 || len > record.len - *at)
        return false;
    raw = container_cut(record, *at, len);
    *ret = (struct attribute){ .type = hn_load_u32(raw.ptr),
        .raw = raw,
        .name = container_cut(raw, hn_load_u16(raw.ptr + 10), 2 * (uint64_t)raw.ptr[9]),
        .resident = raw.ptr[8] == 0,
        .flags = hn_load_u16(raw.ptr + 12) };
    *at += len;
    return true;
}

static struct hn_bytes resident_value(const struct attribute *attribute)
{
    return container_cut(attribute->raw, hn_load_u16(attribute->raw.ptr + 20),
            hn_load_u32(attribute->raw.ptr + 16));
}

static uint64_t signed_number(const uint8_t *p, size_t bytes)
{
    uint64_t value = bytes > 0 && (p[bytes - 1] & 0x80u) != 0 ? UINT64_MAX : 0;

    for (size_t i = bytes; i-- > 0;)
        value = value << 8 | p[i];
    return value;
}

/* False: not all of it is there. */
static bool gather(
        const struct ntfs *ntfs, const struct attribute *attribute, struct container_pieces *pieces)
{
    struct hn_bytes runs;
    uint64_t left;
    uint64_t cluster = 0;
    size_t at = 0;

    if (attribute->resident)
        return container_piece(pieces, resident_value(attribute));
    if (attribute->raw.len < 64)
        return false;
    left = hn_load_u64(attribute->raw.ptr + 48);
    runs = container_cut(attribute->raw, hn_load_u16(attribute->raw.ptr + 32), attribute->raw.len);
    for (uint32_t i = 0; i < RUNS_MAX && left > 0 && at < runs.len && runs.ptr[at] != 0; i++) {
        size_t len_bytes = runs.ptr[at] & 0x0Fu;
        size_t place_bytes = runs.ptr[at] >> 4;
        uint64_t count;
        uint64_t len;

        if (len_bytes == 0 || len_bytes > 8 || place_bytes > 8 ||
                runs.len - at - 1 < len_bytes + place_bytes)
            return false;
        count = signed_number(runs.ptr + at + 1, len_bytes);
        cluster += signed_number(runs.ptr + at + 1 + len_bytes, place_bytes);
        at += 1 + len_bytes + place_bytes;
        if (count > ntfs->disk->size / ntfs->cluster_bytes ||
                cluster > ntfs->disk->size / ntfs->cluster_bytes)
            return false;
        len = count * ntfs->cluster_bytes < left ? count * ntfs->cluster_bytes : left;
        left -= len;
        if (!(place_bytes == 0 ? container_piece_zeros(pieces, len)
                               : disk_piece(ntfs->disk, pieces,
                                         ntfs->offset + cluster * ntfs->cluster_bytes, len)))
            return false;
    }
    return left == 0;
}

/* ---- Compressed files: units of clusters, packed, whole or not there ---- */

/* The runs of an attribute, one after the other. */
struct runs {
    struct hn_bytes raw;
    size_t at;
    uint64_t next;    /* what the next one counts from */
    uint64_t cluster; /* where the current run is */
    uint64_t left;    /* clusters of it */
    bool sparse;
    uint32_t count;
};

/* Clusters of the same kind that come next, at most max; 0: no more, or damaged. */
static uint64_t next_clusters(struct runs *runs, const struct ntfs *ntfs, uint64_t max)
{
    uint64_t clusters = ntfs->disk->size / ntfs->cluster_bytes;

    while (runs->left == 0) {
        const uint8_t *p = runs->raw.ptr + runs->at;
        size_t room = runs->raw.len - runs->at;
        size_t len_bytes;
        size_t place_bytes;

        if (room == 0 || p[0] == 0 || runs->count++ >= RUNS_MAX)
            return 0;
        len_bytes = p[0] & 0x0Fu;
        place_bytes = p[0] >> 4;
        if (len_bytes == 0 || len_bytes > 8 || place_bytes > 8 ||
                room - 1 < len_bytes + place_bytes)
            return 0;
        runs->left = signed_number(p + 1, len_bytes);
        runs->sparse = place_bytes == 0;
        if (!runs->sparse)
            runs->next += signed_number(p + 1 + len_bytes, place_bytes);
        runs->cluster = runs->next;
        runs->at += 1 + len_bytes + place_bytes;
        if (runs->left > clusters || runs->cluster > clusters)
            return 0;
    }
    return runs->left < max ? runs->left : max;
}

/* One unit: its clusters that are there, in room; the number of them. */
static uint64_t read_unit(const struct ntfs *ntfs, struct runs *runs, uint64_t clusters,
        struct container_pieces *pieces)
{
    uint64_t there = 0;

    for (uint64_t seen = 0; seen < clusters;) {
        uint64_t count = next_clusters(runs, ntfs, clusters - seen);

        if (count == 0)
            break;
        if (!runs->sparse) {
            if (!disk_piece(ntfs->disk, pieces, ntfs->offset + runs->cluster * ntfs->cluster_bytes,
                        count * ntfs->cluster_bytes))
                return UINT64_MAX;
            there += count;
            runs->cluster += count;
        }
        runs->left -= count;
        seen += count;
    }
    return there;
}

/* False: not all of it could be unpacked. */
static bool add_unit(const struct ntfs *ntfs, struct runs *runs, uint64_t clusters, uint64_t len,
        uint8_t *room, struct container_pieces *pieces)
{
    struct container_pieces packed = { .ask = pieces->ask };
    uint64_t there = read_unit(ntfs, runs, clusters, &packed);
    struct hn_bytes bytes;
    uint64_t padding;
    bool fine;

    if (there == 0)
        return container_piece_zeros(pieces, len);
    if (container_pieces_end(&packed, &bytes, &padding) != HN_OK || there == UINT64_MAX)
        return false;
    if (there == clusters && bytes.len >= len)
        return container_piece(pieces, container_cut(bytes, 0, len));
    fine = disk_lznt1(bytes, room, (size_t)len);
    /* The room is used again: what is kept has to be a copy. */
    return container_piece_copy(pieces, hn_bytes_of(room, (size_t)len)) && fine;
}

static bool gather_packed(
        const struct ntfs *ntfs, const struct attribute *attribute, struct container_pieces *pieces)
{
    uint32_t shift = attribute->raw.len >= 64 ? hn_load_u16(attribute->raw.ptr + 34) : 0;
    uint64_t clusters = (uint64_t)1 << (shift <= UNIT_SHIFT_MAX ? shift : 0);
    uint64_t unit = clusters * ntfs->cluster_bytes;
    struct runs runs = { 0 };
    uint64_t left;
    uint8_t *room;
    bool fine = true;

    if (attribute->raw.len < 64 || shift == 0 || shift > UNIT_SHIFT_MAX || unit > UNIT_BYTES_MAX)
        return false;
    left = hn_load_u64(attribute->raw.ptr + 48);
    runs.raw =
            container_cut(attribute->raw, hn_load_u16(attribute->raw.ptr + 32), attribute->raw.len);
    room = hn_malloc((size_t)unit);
    if (room == NULL)
        ntfs->disk->iso.status = HN_NOMEM;
    while (room != NULL && fine && left > 0) {
        uint64_t len = left < unit ? left : unit;

        if (next_clusters(&runs, ntfs, 1) == 0)
            fine = false; /* the runs end before the file does */
        else
            fine = add_unit(ntfs, &runs, clusters, len, room, pieces);
        left -= len;
    }
    hn_free(room);
    return fine && room != NULL;
}

/* ---- Names ---- */

struct file_name {
    uint64_t parent;
    struct hn_text name; /* in the arena; ptr NULL: it has none */
    bool hidden;
};

/* The long name of a record; DOS names only where there is no other. */
static struct file_name name_of(struct ntfs *ntfs, struct hn_bytes record)
{
    struct file_name found = { 0 };
    struct attribute attribute;
    size_t at = hn_load_u16(record.ptr + 20);

    for (uint32_t i = 0;
            i < ATTRIBUTES_MAX && at < record.len && next_attribute(record, &at, &attribute); i++) {
        struct hn_bytes value;

        if (attribute.type != TYPE_NAME || !attribute.resident)
            continue;
        value = resident_value(&attribute);
        if (value.len < 66 || (found.name.ptr != NULL && value.ptr[65] == 2))
            continue;
        found.parent = hn_load_u64(value.ptr) & 0xFFFFFFFFFFFFu;
        found.hidden = (hn_load_u32(value.ptr + 56) & HIDDEN_OR_SYSTEM) != 0;
        found.name = container_utf16(
                ntfs->disk->iso.dissect, container_cut(value, 66, 2 * (uint64_t)value.ptr[64]));
    }
    return found;
}

/* "a/b/" of the folder; a circle ends at PATH_DEPTH_MAX. */
static struct hn_text path_of(struct ntfs *ntfs, uint64_t parent)
{
    struct hn_text parts[PATH_DEPTH_MAX];
    uint8_t room[RECORD_MAX];
    struct hn_buf out = { 0 };
    struct hn_text path;
    size_t count = 0;

    while (parent != ROOT_RECORD && count < PATH_DEPTH_MAX && read_record(ntfs, parent, room)) {
        struct file_name name = name_of(ntfs, hn_bytes_of(room, ntfs->record_bytes));

        if (name.name.ptr == NULL)
            break;
        parts[count++] = name.name;
        parent = name.parent;
    }
    while (count > 0) {
        hn_buf_add_text(&out, parts[--count]);
        hn_buf_add_char(&out, '/');
    }
    path = hn_arena_text(dissect_arena(ntfs->disk->iso.dissect), hn_buf_text(&out));
    hn_buf_deinit(&out);
    return path;
}

/* ---- Files ---- */

static void on_data(struct ntfs *ntfs, const struct file_name *name, struct hn_text path,
        const struct attribute *attribute)
{
    struct iso *iso = &ntfs->disk->iso;
    struct container_pieces pieces = { .ask = { iso->dissect, iso->id } };
    struct hn_buf full = { 0 };
    struct hn_text text;
    bool whole;

    hn_buf_add_text(&full, name->name);
    if (attribute->name.len > 0) {
        hn_buf_add_char(&full, ':');
        hn_buf_add_text(&full, container_utf16(iso->dissect, attribute->name));
    }
    if ((attribute->flags & FLAG_ENCRYPTED) != 0) {
        dissect_note(iso->dissect, iso->id, DISSECT_NOTE_UNSUPPORTED, DISSECT_NOWHERE,
                "the file system encrypts %.*s", (int)full.len, full.ptr);
        hn_buf_deinit(&full);
        return;
    }
    text = iso_join(iso, path, hn_buf_text(&full), false);
    hn_buf_deinit(&full);
    whole = (attribute->flags & FLAG_COMPRESSED) != 0 && !attribute->resident
                    ? gather_packed(ntfs, attribute, &pieces)
                    : gather(ntfs, attribute, &pieces);
    /* What stands in the record stands in our copy of it. */
    if (attribute->resident && !pieces.copied) {
        struct hn_text kept =
                hn_arena_text(dissect_arena(iso->dissect), hn_bytes_as_text(pieces.whole));

        pieces.whole = hn_text_as_bytes(kept);
        if (kept.ptr == NULL)
            return;
    }
    iso_file(iso, text, &pieces, name->hidden, !whole);
}

static void on_record(struct ntfs *ntfs, struct hn_bytes record)
{
    struct iso *iso = &ntfs->disk->iso;
    struct file_name name;
    struct attribute attribute;
    struct hn_text path;
    size_t at = hn_load_u16(record.ptr + 20);

    if ((hn_load_u16(record.ptr + 22) & 3u) != 1 || hn_load_u64(record.ptr + 32) != 0)
        return; /* not in use, a folder, or a part of another record */
    name = name_of(ntfs, record);
    if (name.name.ptr == NULL || !iso_count(iso))
        return;
    path = path_of(ntfs, name.parent);
    for (uint32_t i = 0; i < ATTRIBUTES_MAX && at < record.len &&
                         next_attribute(record, &at, &attribute) && iso->status == HN_OK;
            i++) {
        if (attribute.type == TYPE_DATA && path.ptr != NULL)
            on_data(ntfs, &name, path, &attribute);
        if (attribute.type == TYPE_LIST)
            dissect_note(iso->dissect, iso->id, DISSECT_NOTE_UNSUPPORTED, DISSECT_NOWHERE,
                    "the parts of %.*s are in several records", (int)name.name.len, name.name.ptr);
    }
}

static bool read_boot(struct ntfs *ntfs, struct hn_bytes boot, uint64_t *ret_table)
{
    uint32_t sector = hn_load_u16(boot.ptr + 11);
    uint32_t per_cluster = boot.ptr[13];
    int8_t per_record = (int8_t)boot.ptr[64];

    if (per_cluster > 128) /* a negative power of two */
        per_cluster = 1u << (256u - per_cluster > 16 ? 16 : 256u - per_cluster);
    if (sector < 512 || sector > 4096 || (sector & (sector - 1)) != 0 || per_cluster == 0)
        return false;
    ntfs->cluster_bytes = (uint64_t)sector * per_cluster;
    if (per_record < 0 && per_record >= -12)
        ntfs->record_bytes = 1u << -per_record;
    else if (per_record > 0)
        ntfs->record_bytes = (uint32_t)per_record * (uint32_t)ntfs->cluster_bytes;
    *ret_table = hn_load_u64(boot.ptr + 48);
    return ntfs->record_bytes >= 512 && ntfs->record_bytes <= RECORD_MAX &&
           *ret_table <= ntfs->disk->size / ntfs->cluster_bytes;
}

/* The table is a file too: its first record says where all of them are. */
static bool read_table(struct ntfs *ntfs, uint64_t cluster)
{
    struct attribute attribute;
    uint8_t room[RECORD_MAX];
    struct hn_bytes record = hn_bytes_of(room, ntfs->record_bytes);
    uint64_t padding;
    size_t at;

    ntfs->records =
            disk_read(ntfs->disk, ntfs->offset + cluster * ntfs->cluster_bytes, ntfs->record_bytes);
    if (!read_record(ntfs, 0, room))
        return false;
    at = hn_load_u16(room + 20);
    ntfs->table =
            (struct container_pieces){ .ask = { ntfs->disk->iso.dissect, ntfs->disk->iso.id } };
    while (at < record.len && next_attribute(record, &at, &attribute))
        if (attribute.type == TYPE_DATA && !attribute.resident)
            (void)gather(ntfs, &attribute, &ntfs->table);
    if (container_pieces_end(&ntfs->table, &ntfs->records, &padding) == HN_NOMEM)
        ntfs->disk->iso.status = HN_NOMEM;
    return ntfs->records.len > 0;
}

bool disk_read_ntfs(struct disk *disk, uint64_t offset)
{
    struct ntfs ntfs = { .disk = disk, .offset = offset };
    struct hn_bytes boot = disk_read(disk, offset, 512);
    uint64_t cluster;
    uint8_t room[RECORD_MAX];

    if (boot.len < 512 || memcmp(boot.ptr + 3, "NTFS    ", 8) != 0)
        return false;
    dissect_fact(disk->iso.dissect, disk->iso.id, "file_system", HN_TEXT("ntfs"));
    if (!read_boot(&ntfs, boot, &cluster) || !read_table(&ntfs, cluster)) {
        dissect_note(disk->iso.dissect, disk->iso.id, DISSECT_NOTE_DAMAGED, offset,
                "the master file table cannot be found");
        return true;
    }
    for (uint64_t n = RECORDS_FIRST; n < ntfs.records.len / ntfs.record_bytes &&
                                     disk->iso.status == HN_OK && !disk->iso.limit_said;
            n++)
        if (read_record(&ntfs, n, room))
            on_record(&ntfs, hn_bytes_of(room, ntfs.record_bytes));
    return true;
}
