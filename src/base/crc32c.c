/* crc32c.c - slicing by eight tables, and the instruction of SSE 4.2, three stretches at a time. */
#include "base/crc32c.h"

#include "base/crc_tables.h"

#include <pthread.h>
#include <string.h>

#if defined(__x86_64__)
#    include <immintrin.h>
#endif

#define POLYNOMIAL 0x82F63B78u

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

uint32_t hn_crc32c_tables(uint32_t crc, struct hn_bytes bytes)
{
    return ~update(~crc, bytes);
}

#if defined(__x86_64__)

/* The instruction takes three cycles, but one can begin in each: three stretches at a time, whose
 * checksums are then joined. A checksum moved over so many zero bytes is a linear function of its
 * bits, so that a table per byte of it says what becomes of it. */
#    define STRETCH_BYTES ((size_t)1024)

static uint32_t moved[4][256];
static pthread_once_t moved_once = PTHREAD_ONCE_INIT;

HN_TARGET("sse4.2") static void moved_init(void)
{
    uint32_t bits[32];

    for (unsigned bit = 0; bit < 32; bit++) {
        uint64_t crc = UINT64_C(1) << bit;

        for (size_t i = 0; i < STRETCH_BYTES; i += 8)
            crc = _mm_crc32_u64(crc, 0);
        bits[bit] = (uint32_t)crc;
    }
    for (unsigned at = 0; at < 4; at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            for (unsigned bit = 0; bit < 8; bit++)
                moved[at][byte] ^= (byte >> bit & 1) != 0 ? bits[8 * at + bit] : 0;
        }
    }
}

static uint64_t move(uint64_t crc)
{
    return moved[0][crc & 0xFF] ^ moved[1][crc >> 8 & 0xFF] ^ moved[2][crc >> 16 & 0xFF] ^
           moved[3][crc >> 24 & 0xFF];
}

static uint64_t load(const uint8_t *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof word);
    return word;
}

HN_TARGET("sse4.2") static uint64_t by_stretches(uint64_t crc, const uint8_t *p)
{
    uint64_t second = 0;
    uint64_t third = 0;

    for (size_t i = 0; i < STRETCH_BYTES; i += 8) {
        crc = _mm_crc32_u64(crc, load(p + i));
        second = _mm_crc32_u64(second, load(p + STRETCH_BYTES + i));
        third = _mm_crc32_u64(third, load(p + 2 * STRETCH_BYTES + i));
    }
    return move(move(crc) ^ second) ^ third;
}

HN_TARGET("sse4.2") static uint32_t by_instruction(uint32_t crc, const uint8_t *p, size_t len)
{
    uint64_t wide = (uint32_t)~crc;

    if (len >= 3 * STRETCH_BYTES)
        (void)pthread_once(&moved_once, moved_init);
    for (; len >= 3 * STRETCH_BYTES; len -= 3 * STRETCH_BYTES, p += 3 * STRETCH_BYTES)
        wide = by_stretches(wide, p);
    for (; len >= 8; len -= 8, p += 8)
        wide = _mm_crc32_u64(wide, load(p));
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
