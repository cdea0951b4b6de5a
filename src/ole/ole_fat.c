/* ole_fat.c - sectors and their chains: the FAT through header and DIFAT, and walks through it.
 *
 * The FAT is not copied: its sectors are listed, and an entry is read where it lies. Each walk has
 * a number, with which it marks the sectors it sees; so a cycle ends at once, and a sector that
 * another walk has seen shows. */
#include "ole/ole_internal.h"

#include "base/reader.h"

struct hn_bytes ole_sector(const struct ole_file *file, uint32_t sector)
{
    uint64_t offset = ole_sector_offset(file, sector);
    size_t size = (size_t)1 << file->sector_shift;

    if (sector >= OLE_SECTOR_MAX || offset >= file->in.len)
        return (struct hn_bytes){ file->in.ptr, 0 };
    if (size > file->in.len - offset)
        size = (size_t)(file->in.len - offset);
    return (struct hn_bytes){ file->in.ptr + offset, size };
}

enum hn_status ole_arena_failed(const struct ole_file *file, struct hn_err *err)
{
    return hn_fail(err, hn_arena_status(file->arena), 0, "no memory left for a compound file");
}

/* The number behind `sector` in a table; false when the table does not reach there. */
static bool table_next(const struct ole_file *file, const struct ole_table *table, uint32_t sector,
        uint32_t *ret_next)
{
    uint32_t per_sector = 1u << (file->sector_shift - 2);
    struct hn_bytes part;
    size_t at = (size_t)(sector % per_sector) * 4;

    if (sector / per_sector >= table->chain.count)
        return false;
    part = ole_sector(file, table->chain.sectors[sector / per_sector]);
    if (part.len < at + 4)
        return false;
    *ret_next = hn_load_u32(part.ptr + at);
    return true;
}

/* One step's checks: may `sector` be added to the walk? */
static bool walk_takes(
        struct ole_file *file, struct ole_table *table, uint32_t sector, uint32_t *odd)
{
    if (sector >= table->limit) {
        *odd |= OLE_ODD_TRUNCATED;
        return false;
    }
    if (table->marks[sector] == file->walks) {
        *odd |= OLE_ODD_CYCLE;
        return false;
    }
    if (file->steps_left == 0) {
        *odd |= OLE_ODD_LIMIT;
        return false;
    }
    file->steps_left--;
    if (table->marks[sector] != 0)
        *odd |= OLE_ODD_SHARED;
    table->marks[sector] = file->walks;
    return true;
}

/* In two passes: one that counts and marks, one that fills a list of just that size. */
enum hn_status ole_chain_walk(struct ole_file *file, struct ole_table *table, uint32_t start,
        uint64_t max, struct ole_chain *ret_chain)
{
    struct ole_chain chain = { 0 };
    uint32_t *sectors;
    uint32_t sector = start;

    file->walks++;
    while (chain.count < max && sector < OLE_SECTOR_MAX &&
            walk_takes(file, table, sector, &chain.odd)) {
        uint32_t next;

        chain.count++;
        if (!table_next(file, table, sector, &next)) {
            chain.odd |= OLE_ODD_TRUNCATED;
            break;
        }
        sector = next;
    }
    if (chain.count < max && sector >= OLE_SECTOR_MAX && sector != OLE_SECTOR_END)
        chain.odd |= OLE_ODD_TRUNCATED; /* it runs into free or FAT sectors */
    sectors = chain.count == 0 ? NULL
                               : hn_arena_raw(file->arena, (size_t)chain.count * sizeof *sectors,
                                         _Alignof(uint32_t));
    if (chain.count != 0 && sectors == NULL)
        return ole_arena_failed(file, NULL);
    sector = start;
    for (uint32_t i = 0; i < chain.count; i++) {
        sectors[i] = sector;
        if (i + 1 < chain.count && !table_next(file, table, sector, &sector))
            break; /* cannot happen: the first pass came by here */
    }
    chain.sectors = sectors;
    *ret_chain = chain;
    return HN_OK;
}

struct fat_list {
    uint32_t *sectors;
    uint32_t count;
    uint32_t room;
};

static void fat_list_add(struct ole_file *file, struct fat_list *list, uint32_t sector)
{
    if (list->count == list->room) {
        file->odd |= OLE_ODD_HEADER; /* more FAT than sectors to govern */
        return;
    }
    if (sector >= file->fat.limit || ole_sector(file, sector).len < 1u << file->sector_shift)
        file->odd |= OLE_ODD_TRUNCATED; /* kept, so that those behind it keep their places */
    list->sectors[list->count++] = sector;
}

/* The chain of DIFAT sectors: numbers of FAT sectors, the last number the next DIFAT sector. */
static void difat_read(struct ole_file *file, struct fat_list *list, uint32_t sector)
{
    uint32_t numbers = (1u << (file->sector_shift - 2)) - 1;

    file->walks++;
    while (sector < OLE_SECTOR_MAX && list->count < list->room) {
        struct hn_bytes part = ole_sector(file, sector);

        if (!walk_takes(file, &file->fat, sector, &file->odd))
            return;
        for (uint32_t i = 0; i < numbers; i++) {
            if (part.len < (size_t)i * 4 + 4)
                return;
            if (hn_load_u32(part.ptr + (size_t)i * 4) != OLE_SECTOR_FREE)
                fat_list_add(file, list, hn_load_u32(part.ptr + (size_t)i * 4));
        }
        if (part.len < (size_t)numbers * 4 + 4)
            return;
        sector = hn_load_u32(part.ptr + (size_t)numbers * 4);
    }
}

/* The last sector that is in use, to tell cut files and bytes behind the end. */
static void fat_measure(struct ole_file *file)
{
    uint32_t per_sector = 1u << (file->sector_shift - 2);
    uint64_t sector = (uint64_t)file->fat.chain.count * per_sector;
    uint64_t end;

    while (sector > 0) {
        uint32_t next;

        if (sector <= OLE_SECTOR_MAX &&
                table_next(file, &file->fat, (uint32_t)(sector - 1), &next) &&
                next != OLE_SECTOR_FREE)
            break;
        sector--;
    }
    end = (sector + 1) << file->sector_shift;
    if (end > file->in.len)
        file->odd |= OLE_ODD_TRUNCATED;
    else if (file->in.len - end >= (uint64_t)1 << file->sector_shift)
        file->odd |= OLE_ODD_SLACK;
}

enum hn_status ole_fat_load(struct ole_file *file, struct hn_err *err)
{
    uint64_t sectors = ((uint64_t)file->in.len - 1) >> file->sector_shift; /* behind the header */
    uint32_t per_sector = 1u << (file->sector_shift - 2);
    struct fat_list list = { 0 };

    if (sectors > file->limits.sectors_max) {
        sectors = file->limits.sectors_max;
        file->odd |= OLE_ODD_LIMIT;
    }
    file->fat.limit = (uint32_t)sectors;
    file->steps_left = 16 * sectors + 65536;
    file->fat.marks = hn_new(file->arena, uint32_t, sectors + 1);
    /* A FAT may be larger than the file needs, but not without end. */
    list.room = (uint32_t)(sectors / per_sector) + 1 + OLE_HEADER_DIFAT;
    list.sectors = hn_new(file->arena, uint32_t, list.room);
    if (file->fat.marks == NULL || list.sectors == NULL)
        return ole_arena_failed(file, err);
    for (uint32_t i = 0; i < OLE_HEADER_DIFAT; i++) {
        uint32_t sector = hn_load_u32(file->in.ptr + 76 + (size_t)i * 4);

        if (sector != OLE_SECTOR_FREE)
            fat_list_add(file, &list, sector);
    }
    difat_read(file, &list, hn_load_u32(file->in.ptr + 68));
    file->fat.chain = (struct ole_chain){ list.sectors, list.count, 0 };
    if (list.count == 0)
        return hn_fail(err, HN_CORRUPT, 76, "the compound file has no FAT");
    fat_measure(file);
    return HN_OK;
}
