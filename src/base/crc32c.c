/* crc32c.c - slicing by eight tables, and the instruction of SSE 4.2. */
#include "base/crc32c.h"

#include <pthread.h>
#include <string.h>

#if defined(__x86_64__)
#    include <immintrin.h>
#endif

#define POLYNOMIAL 0x82F63B78u

static uint32_t tables[8][256];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void tables_init(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;

        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (POLYNOMIAL & (0u - (crc & 1u)));
        tables[0][i] = crc;
    }
    for (uint32_t i = 0; i < 256; i++) {
        for (size_t t = 1; t < 8; t++)
            tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xFF];
    }
}

uint32_t hn_crc32c_tables(uint32_t crc, struct hn_bytes bytes)
{
    const uint8_t *p = bytes.ptr;
    size_t len = bytes.len;

    (void)pthread_once(&tables_once, tables_init);
    crc = ~crc;
    for (; len >= 8; len -= 8, p += 8) {
        uint32_t low = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                                     (uint32_t)p[3] << 24);

        crc = tables[7][low & 0xFF] ^ tables[6][low >> 8 & 0xFF] ^ tables[5][low >> 16 & 0xFF] ^
              tables[4][low >> 24] ^ tables[3][p[4]] ^ tables[2][p[5]] ^ tables[1][p[6]] ^
              tables[0][p[7]];
    }
    for (; len > 0; len--, p++)
        crc = (crc >> 8) ^ tables[0][(crc ^ *p) & 0xFF];
    return ~crc;
}

#if defined(__x86_64__)

HN_TARGET("sse4.2") static uint32_t by_instruction(uint32_t crc, const uint8_t *p, size_t len)
{
    uint64_t wide = ~crc;

    for (; len >= 8; len -= 8, p += 8) {
        uint64_t word;

        memcpy(&word, p, sizeof word);
        wide = _mm_crc32_u64(wide, word);
    }
    crc = (uint32_t)wide;
    for (; len > 0; len--, p++)
        crc = _mm_crc32_u8(crc, *p);
    return ~crc;
}

uint32_t hn_crc32c(uint32_t crc, struct hn_bytes bytes)
{
    if (__builtin_cpu_supports("sse4.2"))
        return by_instruction(crc, bytes.ptr, bytes.len);
    return hn_crc32c_tables(crc, bytes);
}

#else

uint32_t hn_crc32c(uint32_t crc, struct hn_bytes bytes)
{
    return hn_crc32c_tables(crc, bytes);
}

#endif
