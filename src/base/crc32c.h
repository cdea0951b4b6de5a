/* crc32c.h - CRC-32C (Castagnoli, RFC 3720 appendix B.4), by the processor's instruction where it
 * has one.
 *
 * Damage detection only: it proves nothing against somebody who means to forge.
 * Concurrency: pure. */
#ifndef HN_BASE_CRC32C_H
#define HN_BASE_CRC32C_H

#include "base/view.h"

#include <stdint.h>

/* The checksum of what came before (0 at the start) continued over more bytes. */
uint32_t hn_crc32c(uint32_t crc, struct hn_bytes bytes);

/* The same by tables alone: what hn_crc32c() does where the processor has no instruction. */
uint32_t hn_crc32c_tables(uint32_t crc, struct hn_bytes bytes);

#endif
