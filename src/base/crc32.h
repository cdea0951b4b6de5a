/* crc32.h - CRC-32 of RFC 1952 (gzip, zip, PNG, EVTX), as fast as the processor can.
 *
 * Damage detection only: it proves nothing against somebody who means to forge.
 * Concurrency: pure. */
#ifndef HN_BASE_CRC32_H
#define HN_BASE_CRC32_H

#include "base/view.h"

#include <stdint.h>

/* The checksum of what came before (0 at the start) continued over more bytes. */
uint32_t hn_crc32(uint32_t crc, struct hn_bytes bytes);

/* The same by tables alone: what hn_crc32() does where the processor has no carry-less multiply. */
uint32_t hn_crc32_tables(uint32_t crc, struct hn_bytes bytes);

#endif
