/* crc32.c - slicing by eight tables, and folding by carry-less multiplication where there is one.
 *
 * The folding is that of Gopal et al., "Fast CRC Computation for Generic Polynomials Using
 * PCLMULQDQ Instruction" (Intel, 2009), with its constants for the reflected polynomial. */
#include "base/crc32.h"

#include "base/crc_tables.h"

#include <pthread.h>

#if defined(__x86_64__)
#    include <immintrin.h>
#endif

#define POLYNOMIAL 0xEDB88320u

static struct hn_crc_tables tables;
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void tables_init(void)
{
    hn_crc_tables_init(&tables, POLYNOMIAL);
}

static uint32_t update(uint32_t crc, struct hn_bytes bytes)
{
    (void)pthread_once(&tables_once, tables_init);
    return hn_crc_tables_update(&tables, crc, bytes);
}

uint32_t hn_crc32_tables(uint32_t crc, struct hn_bytes bytes)
{
    return ~update(~crc, bytes);
}

#if defined(__x86_64__)

#    define FOLD_TARGET HN_TARGET("sse4.1,pclmul")

FOLD_TARGET static inline __m128i load(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* x moved 512 or 128 bits ahead, by the pair of constants k, and added to what stands there. */
FOLD_TARGET static inline __m128i fold(__m128i x, __m128i k, __m128i ahead)
{
    __m128i low = _mm_clmulepi64_si128(x, k, 0x00);
    __m128i high = _mm_clmulepi64_si128(x, k, 0x11);

    return _mm_xor_si128(_mm_xor_si128(low, high), ahead);
}

/* 128 bits to 64 to 32, then Barrett's reduction. */
FOLD_TARGET static uint32_t reduce(__m128i x, __m128i k)
{
    const __m128i k64 = _mm_set_epi64x(0, 0x0163CD6124);
    const __m128i barrett = _mm_set_epi64x(0x01F7011641, 0x01DB710641);
    const __m128i low32 = _mm_setr_epi32(-1, 0, -1, 0);
    __m128i y = _mm_clmulepi64_si128(x, k, 0x10);

    x = _mm_xor_si128(_mm_srli_si128(x, 8), y);
    y = _mm_srli_si128(x, 4);
    x = _mm_clmulepi64_si128(_mm_and_si128(x, low32), k64, 0x00);
    x = _mm_xor_si128(x, y);
    y = _mm_clmulepi64_si128(_mm_and_si128(x, low32), barrett, 0x10);
    y = _mm_clmulepi64_si128(_mm_and_si128(y, low32), barrett, 0x00);
    return (uint32_t)_mm_extract_epi32(_mm_xor_si128(x, y), 1);
}

/* At least 64 bytes; returns what update() would, and how many bytes are left in *ret_left. */
FOLD_TARGET static uint32_t update_folding(
        uint32_t crc, const uint8_t *p, size_t len, size_t *ret_left)
{
    const __m128i k512 = _mm_set_epi64x(0x01C6E41596, 0x0154442BD4);
    const __m128i k128 = _mm_set_epi64x(0x00CCAA009E, 0x01751997D0);
    __m128i x0 = _mm_xor_si128(load(p), _mm_cvtsi32_si128((int)crc));
    __m128i x1 = load(p + 16);
    __m128i x2 = load(p + 32);
    __m128i x3 = load(p + 48);

    for (p += 64, len -= 64; len >= 64; p += 64, len -= 64) {
        x0 = fold(x0, k512, load(p));
        x1 = fold(x1, k512, load(p + 16));
        x2 = fold(x2, k512, load(p + 32));
        x3 = fold(x3, k512, load(p + 48));
    }
    x0 = fold(x0, k128, x1);
    x0 = fold(x0, k128, x2);
    x0 = fold(x0, k128, x3);
    for (; len >= 16; p += 16, len -= 16)
        x0 = fold(x0, k128, load(p));
    *ret_left = len;
    return reduce(x0, k128);
}

uint32_t hn_crc32(uint32_t crc, struct hn_bytes bytes)
{
    size_t left = bytes.len;

    crc = ~crc;
    if (bytes.len >= 64 && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1"))
        crc = update_folding(crc, bytes.ptr, bytes.len, &left);
    return ~update(crc, hn_bytes_of(bytes.ptr + (bytes.len - left), left));
}

#else

uint32_t hn_crc32(uint32_t crc, struct hn_bytes bytes)
{
    return hn_crc32_tables(crc, bytes);
}

#endif
