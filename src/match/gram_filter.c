/* gram_filter.c - the filter of gram_filter.h: each window is multiplied, and the two upper bytes
 * of the product say which bit it has in one table, and crosswise in the other. */
#include "match/gram_filter.h"

#include <assert.h>

#if defined(__x86_64__)
#    include <immintrin.h>
#    define HAVE_X86 1
#else
#    define HAVE_X86 0
#endif

#define FACTOR 0x9E3779B1u

bool match_gram_filter_available(void)
{
#if HAVE_X86
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi");
#else
    return false;
#endif
}

HN_WRAPS void match_gram_filter_add(struct gram_filter *filter, uint32_t gram)
{
    uint32_t h = gram * FACTOR;

    filter->first[h >> 24 & 127] |= (uint8_t)(1u << (h >> 16 & 7));
    filter->second[h >> 16 & 127] |= (uint8_t)(1u << (h >> 28 & 7));
}

#if HAVE_X86
#    define GRAM_ISA "avx512f,avx512bw,avx512vbmi"

/* Numbers of the bytes of 16 windows, the first at byte from. */
HN_TARGET(GRAM_ISA)
HN_INLINE __m512i windows_from(char from)
{
    const __m512i windows = _mm512_set_epi32(0x1211100F, 0x11100F0E, 0x100F0E0D, 0x0F0E0D0C,
            0x0E0D0C0B, 0x0D0C0B0A, 0x0C0B0A09, 0x0B0A0908, 0x0A090807, 0x09080706, 0x08070605,
            0x07060504, 0x06050403, 0x05040302, 0x04030201, 0x03020100);

    return _mm512_add_epi8(windows, _mm512_set1_epi8(from));
}

/* Byte n of each of the 64 products, in the order of the text. */
HN_TARGET(GRAM_ISA)
HN_INLINE __m512i byte_of(const __m512i products[4], __m512i pick)
{
    __m512i low = _mm512_permutex2var_epi8(products[0], pick, products[1]);
    __m512i high = _mm512_permutex2var_epi8(products[2], pick, products[3]);

    return _mm512_shuffle_i64x2(low, high, 0x44);
}

/* Bit n of byte k of a table, for the lower seven bits of each k and the lower three of each n. */
HN_TARGET(GRAM_ISA)
HN_INLINE uint64_t looked_up(__m512i low, __m512i high, __m512i k, __m512i n)
{
    const __m512i powers = _mm512_set1_epi64((long long)0x8040201008040201u);
    __m512i bytes = _mm512_permutex2var_epi8(low, k, high);

    return _mm512_test_epi8_mask(
            bytes, _mm512_shuffle_epi8(powers, _mm512_and_si512(n, _mm512_set1_epi8(7))));
}

HN_TARGET(GRAM_ISA)
uint32_t match_gram_filter_masks(const struct gram_filter *filter, const char *text, size_t pos,
        size_t end, uint64_t ret_masks[GRAM_FILTER_MASKS])
{
    /* Every fourth byte of two vectors, the first 32 numbers; what is above them is not used. */
    const __m512i fourths = _mm512_set_epi64(0x7C7874706C686460, 0x5C5854504C484440,
            0x3C3834302C282420, 0x1C1814100C080400, 0x7C7874706C686460, 0x5C5854504C484440,
            0x3C3834302C282420, 0x1C1814100C080400);
    const __m512i upper = _mm512_add_epi8(fourths, _mm512_set1_epi8(3));
    const __m512i lower = _mm512_add_epi8(fourths, _mm512_set1_epi8(2));
    const __m512i first[2] = { _mm512_loadu_si512(filter->first),
        _mm512_loadu_si512(filter->first + 64) };
    const __m512i second[2] = { _mm512_loadu_si512(filter->second),
        _mm512_loadu_si512(filter->second + 64) };
    const __m512i factor = _mm512_set1_epi32((int)FACTOR);
    const uint64_t whole = ((uint64_t)1 << GRAM_FILTER_STEP) - 1;
    uint32_t count = 0;

    for (; pos < end && count < GRAM_FILTER_MASKS; pos += GRAM_FILTER_STEP) {
        __m512i v = _mm512_loadu_si512(text + pos);
        __m512i products[4];
        __m512i a;
        __m512i b;

        for (int i = 0; i < 4; i++)
            products[i] = _mm512_mullo_epi32(
                    _mm512_permutexvar_epi8(windows_from((char)(16 * i)), v), factor);
        a = byte_of(products, upper);
        b = byte_of(products, lower);
        ret_masks[count] = looked_up(first[0], first[1], a, b) &
                           looked_up(second[0], second[1], b, _mm512_srli_epi16(a, 4)) & whole;
        count++;
    }
    return count;
}
#else
uint32_t match_gram_filter_masks(const struct gram_filter *filter, const char *text, size_t pos,
        size_t end, uint64_t ret_masks[GRAM_FILTER_MASKS])
{
    (void)filter;
    (void)text;
    (void)pos;
    (void)end;
    (void)ret_masks;
    assert(false);
    return 0;
}
#endif
