/* sha256.h - SHA-256 (FIPS 180-4) of bytes that are there as a whole.
 *
 * For digests that others check: the content security policy of a report names its own script and
 * style by theirs. Tables and ids of our own use hash.h, which is much faster.
 * Concurrency: pure. Memory: none. */
#ifndef HN_BASE_SHA256_H
#define HN_BASE_SHA256_H

#include "base/attr.h"
#include "base/view.h"

#include <stdint.h>

#define HN_SHA256_BYTES 32

void hn_sha256(struct hn_bytes bytes, uint8_t ret_digest[HN_SHA256_BYTES]);

#endif
