/* container_disk.h - disk images as one range of bytes, of which only some are there. */
#ifndef HN_CONTAINER_CONTAINER_DISK_H
#define HN_CONTAINER_CONTAINER_DISK_H

#include "container/container_iso.h"

enum disk_kind { DISK_RAW, DISK_VHD, DISK_VHDX };

struct disk {
    struct iso iso; /* the tree, the folders to read, the count of entries */
    struct hn_bytes data;
    enum disk_kind kind;
    uint64_t size; /* of the disk */
    uint64_t block_bytes;
    uint64_t table;   /* offset of the block table in data */
    uint64_t entries; /* of it */
    uint64_t ratio;   /* VHDX: blocks between two entries of bitmaps */
    uint64_t bitmap;  /* VHD: bytes before a block's contents */
    bool differs;     /* it holds only the differences to another image */
};

/* False: not an image of the kind it says, noted. */
bool disk_open(struct disk *disk);
/* VHDX: what the log of an image holds that was not closed in order is written into a copy of it.
 */
void disk_replay_log(struct disk *disk);
/* Bytes of the disk at offset, as many as lie together, at most len: a view, or with ptr NULL so
 * many zeros. len 0 at the end of the disk or of the file. */
struct hn_bytes disk_view(const struct disk *disk, uint64_t offset, uint64_t len);
/* All of it: a view where it lies together, else a copy in the arena; len smaller when cut. */
struct hn_bytes disk_read(struct disk *disk, uint64_t offset, size_t len);
/* Adds [offset, offset + len) to a file. */
bool disk_piece(struct disk *disk, struct container_pieces *pieces, uint64_t offset, uint64_t len);

/* File systems: false when there is none of that kind at offset. */
bool disk_read_fat(struct disk *disk, uint64_t offset);
bool disk_read_ntfs(struct disk *disk, uint64_t offset);
bool disk_read_exfat(struct disk *disk, uint64_t offset);

/* Unpacks what NTFS packed; what is missing is zeros. False: damaged, what came before is there. */
bool disk_lznt1(struct hn_bytes in, uint8_t *out, size_t out_len);

#endif
