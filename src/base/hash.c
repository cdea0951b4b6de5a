/* hash.c - XXH3 behind our own names. */
#include "base/hash.h"

#include <pthread.h>
#include <sys/random.h>
#include <time.h>

#if defined(__clang__)
#    pragma clang diagnostic push
#    pragma clang diagnostic ignored "-Weverything"
#else
#    pragma GCC diagnostic push
#    pragma GCC diagnostic ignored "-Wcast-align"
#    pragma GCC diagnostic ignored "-Wcast-qual"
#    pragma GCC diagnostic ignored "-Wconversion"
#    pragma GCC diagnostic ignored "-Wsign-conversion"
#    pragma GCC diagnostic ignored "-Wpedantic"
#endif
#define XXH_INLINE_ALL
#include <xxhash.h>
#if defined(__clang__)
#    pragma clang diagnostic pop
#else
#    pragma GCC diagnostic pop
#endif

static pthread_once_t seed_once = PTHREAD_ONCE_INIT;
static uint64_t process_seed;

static void seed_init(void)
{
    if (getrandom(&process_seed, sizeof process_seed, GRND_NONBLOCK) != sizeof process_seed) {
        struct timespec now; /* early boot without entropy: better than a constant */

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        process_seed = hn_mix64((uint64_t)now.tv_nsec ^ (uint64_t)(uintptr_t)&now);
    }
}

uint64_t hn_hash_seed(void)
{
    (void)pthread_once(&seed_once, seed_init);
    return process_seed;
}

HN_WRAPS uint64_t hn_hash(const void *ptr, size_t len, uint64_t seed)
{
    return XXH3_64bits_withSeed(ptr, len, seed);
}

HN_WRAPS struct hn_digest hn_digest_of(const void *ptr, size_t len)
{
    XXH128_hash_t hash = XXH3_128bits(ptr, len);

    return (struct hn_digest){ hash.high64, hash.low64 };
}

struct hn_digest hn_digest_join(struct hn_digest first, struct hn_digest second)
{
    struct hn_digest both[2] = { first, second };

    return hn_digest_of(both, sizeof both);
}

bool hn_digest_eq(struct hn_digest a, struct hn_digest b)
{
    return a.high == b.high && a.low == b.low;
}

void hn_digest_hex(struct hn_digest digest, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (int i = 0; i < 16; i++) {
        out[i] = digits[digest.high >> (60 - 4 * i) & 15];
        out[16 + i] = digits[digest.low >> (60 - 4 * i) & 15];
    }
}
