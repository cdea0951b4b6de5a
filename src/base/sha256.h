/* sha256.h - SHA-256 (FIPS 180-4), for holding a download to the checksum that somebody published.
 *
 * Not for secrets: no attention is paid to timing. Concurrency: pure; a state serves one thread. */
#ifndef HN_BASE_SHA256_H
#define HN_BASE_SHA256_H

#include "base/view.h"

#include <stdint.h>

#define HN_SHA256_BYTES   32
#define HN_SHA256_HEX_LEN 64

struct hn_sha256 {
    uint32_t state[8];
    uint64_t len; /* bytes so far */
    uint8_t block[64];
};

void hn_sha256_init(struct hn_sha256 *sha);
void hn_sha256_add(struct hn_sha256 *sha, const void *ptr, size_t len);
void hn_sha256_end(struct hn_sha256 *sha, uint8_t ret_digest[HN_SHA256_BYTES]);
/* All in one; lower-case digits, no NUL. */
void hn_sha256_hex(struct hn_bytes bytes, char ret_hex[HN_SHA256_HEX_LEN]);

#endif
