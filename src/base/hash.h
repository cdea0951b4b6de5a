/* hash.h - one fast hash for tables and digests (XXH3, from libxxhash), and its uses.
 *
 * Tables keyed by hostile input take hn_hash_seed(), random per process, so that nobody can
 * prepare collisions. Ids that must be the same on every run use hn_digest (XXH3-128, no seed):
 * it is no signature and nothing trusts it against forgery.
 * Concurrency: pure; hn_hash_seed() is safe from any thread. */
#ifndef HN_BASE_HASH_H
#define HN_BASE_HASH_H

#include "base/attr.h"
#include "base/view.h"

#include <stdint.h>

struct hn_digest {
    uint64_t high;
    uint64_t low;
};

#define HN_DIGEST_HEX_LEN 32

uint64_t hn_hash(const void *ptr, size_t len, uint64_t seed);
uint64_t hn_hash_seed(void);

HN_INLINE uint64_t hn_hash_text(struct hn_text text, uint64_t seed)
{
    return hn_hash(text.ptr, text.len, seed);
}

struct hn_digest hn_digest_of(const void *ptr, size_t len);
/* Of two digests in this order; for building one digest from many parts. */
struct hn_digest hn_digest_join(struct hn_digest first, struct hn_digest second);
bool hn_digest_eq(struct hn_digest a, struct hn_digest b);
/* Writes HN_DIGEST_HEX_LEN lower-case digits to out; no NUL. */
void hn_digest_hex(struct hn_digest digest, char *out);

/* Spreads the bits of a small key over 64 bits (a bijection). */
HN_INLINE HN_WRAPS uint64_t hn_mix64(uint64_t x)
{
    x ^= x >> 32;
    x *= 0xD6E8FEB86659FD93u;
    x ^= x >> 32;
    x *= 0xD6E8FEB86659FD93u;
    x ^= x >> 32;
    return x;
}

#endif
