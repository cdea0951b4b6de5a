/* ole_internal.h - what the parts of the compound file reader share. */
#ifndef HN_OLE_OLE_INTERNAL_H
#define HN_OLE_OLE_INTERNAL_H

#include "ole/ole.h"

#define OLE_SECTOR_MAX   0xFFFFFFFAu /* larger numbers are marks, [MS-CFB] 2.1 */
#define OLE_SECTOR_FAT   0xFFFFFFFDu
#define OLE_SECTOR_DIFAT 0xFFFFFFFCu
#define OLE_SECTOR_END   0xFFFFFFFEu
#define OLE_SECTOR_FREE  0xFFFFFFFFu

#define OLE_HEADER_BYTES    512u
#define OLE_ENTRY_BYTES     128u
#define OLE_DEPTH_MAX       128u        /* storages within storages */
#define OLE_PATHS_BYTES_MAX (16u << 20) /* of all paths of a file */
#define OLE_HEADER_DIFAT    109u        /* FAT sectors that the header itself names */

/* The sectors of a stream, in order. */
struct ole_chain {
    const uint32_t *sectors;
    uint32_t count;
    uint32_t odd; /* OLE_ODD_ bits */
};

/* A table of "next sector" numbers, spread over sectors: the FAT, or the mini FAT. */
struct ole_table {
    struct ole_chain chain;
    uint32_t *marks; /* one per sector the table governs: which walk saw it last */
    uint32_t limit;  /* sectors that exist */
};

struct ole_stream {
    bool known;
    struct ole_chain chain;
    struct hn_bytes bytes; /* ptr NULL: not read yet */
};

struct ole_file {
    struct hn_arena *arena;
    struct hn_bytes in;
    struct ole_limits limits;
    uint32_t odd;
    uint32_t sector_shift;
    uint32_t mini_shift;
    uint32_t mini_cutoff;
    bool large_sizes; /* version 4: all 64 bits of a size count */
    struct ole_table fat;
    struct ole_table mini_fat;
    uint32_t mini_fat_start;
    struct ole_chain mini_stream;
    uint32_t walks; /* number of the last walk through a table */
    uint64_t steps_left;
    struct ole_entry *entries;
    struct ole_stream *streams; /* as many */
    uint32_t count;
};

/* Byte offset of a sector in the file; may lie behind its end. */
HN_INLINE uint64_t ole_sector_offset(const struct ole_file *file, uint32_t sector)
{
    return ((uint64_t)sector + 1) << file->sector_shift;
}

/* What of a sector is there. */
struct hn_bytes ole_sector(const struct ole_file *file, uint32_t sector);

/* Follows a chain in a table for at most max sectors. HN_NOMEM or HN_LIMIT (of the arena) only. */
HN_MUST_USE enum hn_status ole_chain_walk(struct ole_file *file, struct ole_table *table,
        uint32_t start, uint64_t max, struct ole_chain *ret_chain);

/* Finds the FAT sectors, and readies table->marks. */
HN_MUST_USE enum hn_status ole_fat_load(struct ole_file *file, struct hn_err *err);

/* Reads all entries and their tree. */
HN_MUST_USE enum hn_status ole_directory_load(
        struct ole_file *file, uint32_t start, struct hn_err *err);

/* HN_NOMEM where the heap refused, else HN_LIMIT. */
enum hn_status ole_arena_failed(const struct ole_file *file, struct hn_err *err);

#endif
