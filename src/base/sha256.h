/* sha256.h - SHA-256 of bytes that are there as a whole, for digests that others check or publish.
 *
 * Tables and ids of our own use hash.h, which is much faster.
 * Concurrency: pure. */
#ifndef HN_BASE_SHA256_H
#define HN_BASE_SHA256_H

#include "base/attr.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

#define HN_SHA256_BYTES   32
#define HN_SHA256_HEX_LEN 64

/* False when the library has no memory. */
HN_MUST_USE bool hn_sha256(struct hn_bytes bytes, uint8_t ret_digest[HN_SHA256_BYTES]);
/* Lower-case digits, no NUL. */
HN_MUST_USE bool hn_sha256_hex(struct hn_bytes bytes, char ret_hex[HN_SHA256_HEX_LEN]);

#endif
