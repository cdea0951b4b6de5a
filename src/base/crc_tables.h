/* crc_tables.h - reflected CRCs of 32 bits, eight bytes at a time by eight tables ("slicing by
 * eight"). For crc32.c and crc32c.c, which say by which polynomial.
 *
 * Concurrency: tables are constant once they are filled, which the owner does once. */
#ifndef HN_BASE_CRC_TABLES_H
#define HN_BASE_CRC_TABLES_H

#include "base/view.h"

struct hn_crc_tables {
    uint32_t of[8][256];
};

void hn_crc_tables_init(struct hn_crc_tables *tables, uint32_t polynomial);
/* The register after these bytes; whoever calls inverts it before and after. */
uint32_t hn_crc_tables_update(
        const struct hn_crc_tables *tables, uint32_t crc, struct hn_bytes bytes);

#endif
