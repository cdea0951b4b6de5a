/* raw_scan.c - words in raw lines by nibble tables ("Teddy", known from Hyperscan's literal
 * matchers): each word is represented by three of its bytes, eight groups of words share a table
 * bit each, and a shuffle looks sixteen to sixty-four bytes up at once. What passes is compared. */
#include "match/raw_scan.h"

#include "base/mem.h"
#include "match/literal_index.h"

#if defined(__x86_64__)
#    include <immintrin.h>
#    define HAVE_X86 1
#else
#    define HAVE_X86 0
#endif

#define WINDOW  3
#define BUCKETS 8

struct raw_word {
    struct hn_text text;
    uint32_t offset; /* of its window */
    uint32_t bucket;
};

struct raw_scan {
    _Alignas(16) uint8_t low[WINDOW][16]; /* by low nibble: buckets that allow it */
    _Alignas(16) uint8_t high[WINDOW][16];
    struct raw_word *words;
    uint32_t count;
    uint32_t len_min;
};

static uint32_t best_window(struct hn_text word)
{
    uint32_t best = 0;
    uint32_t least = UINT32_MAX;

    for (uint32_t i = 0; i + 4 <= word.len; i++) {
        uint32_t common = literal_commonness(hn_text_sub(word, i, 4));

        if (common < least) {
            least = common;
            best = i;
        }
    }
    return best;
}

static void allow(struct raw_scan *scan, uint32_t position, unsigned char c, uint32_t bucket)
{
    scan->low[position][c & 15] |= (uint8_t)(1u << bucket);
    scan->high[position][c >> 4] |= (uint8_t)(1u << bucket);
}

static void add_word(struct raw_scan *scan, struct raw_word *word)
{
    for (uint32_t j = 0; j < WINDOW; j++) {
        unsigned char c = (unsigned char)word->text.ptr[word->offset + j];

        allow(scan, j, c, word->bucket);
        if (c >= 'a' && c <= 'z')
            allow(scan, j, (unsigned char)(c - 32), word->bucket);
    }
}

enum hn_status raw_scan_new(const struct hn_text *words, uint32_t count, struct raw_scan **ret_scan)
{
    struct raw_scan *scan = hn_calloc(1, sizeof *scan);
    size_t bytes = 0;
    char *copy;

    if (scan == NULL)
        return HN_NOMEM;
    for (uint32_t i = 0; i < count; i++)
        bytes += words[i].len;
    scan->words = hn_calloc(1, count * sizeof *scan->words + bytes);
    if (scan->words == NULL) {
        hn_free(scan);
        return HN_NOMEM;
    }
    copy = (char *)(scan->words + count);
    for (uint32_t i = 0; i < count; i++) {
        struct raw_word *word = &scan->words[i];

        memcpy(copy, words[i].ptr, words[i].len);
        word->text = hn_text_of(copy, words[i].len);
        copy += words[i].len;
        word->offset = best_window(word->text);
        word->bucket = (unsigned char)word->text.ptr[word->offset] % BUCKETS;
        add_word(scan, word);
        if (i == 0 || word->text.len < scan->len_min)
            scan->len_min = (uint32_t)word->text.len;
    }
    scan->count = count;
    *ret_scan = scan;
    return HN_OK;
}

void raw_scan_free(struct raw_scan *scan)
{
    if (scan == NULL)
        return;
    hn_free(scan->words);
    hn_free(scan);
}

/* Does a word of these buckets stand around the window at pos? */
HN_NOINLINE static bool verify(
        const struct raw_scan *scan, struct hn_text text, size_t pos, unsigned buckets)
{
    for (uint32_t i = 0; i < scan->count; i++) {
        const struct raw_word *word = &scan->words[i];

        if ((buckets >> word->bucket & 1) != 0 && word->offset <= pos &&
                hn_text_starts_nocase(hn_text_sub(text, pos - word->offset, text.len), word->text))
            return true;
    }
    return false;
}

static unsigned buckets_at(const struct raw_scan *scan, const char *p)
{
    unsigned buckets = 0xFF;

    for (uint32_t j = 0; j < WINDOW; j++) {
        unsigned char c = (unsigned char)p[j];

        buckets &= scan->low[j][c & 15] & scan->high[j][c >> 4];
    }
    return buckets;
}

static bool any_plain(const struct raw_scan *scan, struct hn_text text, size_t pos)
{
    for (; pos + WINDOW <= text.len; pos++) {
        unsigned buckets = buckets_at(scan, text.ptr + pos);

        if (buckets != 0 && verify(scan, text, pos, buckets))
            return true;
    }
    return false;
}

/* Positions found by a kernel, bit n is base + n. */
static bool verify_bits(
        const struct raw_scan *scan, struct hn_text text, size_t base, uint64_t bits)
{
    while (bits != 0) {
        size_t pos = base + (size_t)__builtin_ctzll(bits);

        bits &= bits - 1;
        if (verify(scan, text, pos, buckets_at(scan, text.ptr + pos)))
            return true;
    }
    return false;
}

#if HAVE_X86
#    define AVX512_ISA "avx512f,avx512bw,avx512vl"

HN_TARGET(AVX512_ISA)
HN_INLINE __m512i table512(const uint8_t *table)
{
    return _mm512_broadcast_i32x4(_mm_load_si128((const __m128i *)(const void *)table));
}

HN_TARGET(AVX512_ISA)
HN_INLINE __m512i allowed512(__m512i v, __m512i low, __m512i high)
{
    __m512i nibble = _mm512_set1_epi8(15);

    return _mm512_and_si512(_mm512_shuffle_epi8(low, _mm512_and_si512(v, nibble)),
            _mm512_shuffle_epi8(high, _mm512_and_si512(_mm512_srli_epi16(v, 4), nibble)));
}

HN_TARGET(AVX512_ISA)
static bool any_avx512(const struct raw_scan *scan, struct hn_text text)
{
    __m512i low[WINDOW];
    __m512i high[WINDOW];
    size_t pos = 0;

    for (int j = 0; j < WINDOW; j++) {
        low[j] = table512(scan->low[j]);
        high[j] = table512(scan->high[j]);
    }
    for (; pos + 64 + WINDOW - 1 <= text.len; pos += 64) {
        const char *p = text.ptr + pos;
        __m512i buckets = allowed512(_mm512_loadu_si512(p), low[0], high[0]);
        uint64_t bits;

        buckets = _mm512_and_si512(buckets, allowed512(_mm512_loadu_si512(p + 1), low[1], high[1]));
        buckets = _mm512_and_si512(buckets, allowed512(_mm512_loadu_si512(p + 2), low[2], high[2]));
        bits = _mm512_test_epi8_mask(buckets, buckets);
        if (HN_UNLIKELY(bits != 0) && verify_bits(scan, text, pos, bits))
            return true;
    }
    return any_plain(scan, text, pos);
}

HN_TARGET("avx2")
HN_INLINE __m256i table256(const uint8_t *table)
{
    return _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)(const void *)table));
}

HN_TARGET("avx2")
HN_INLINE __m256i allowed256(const char *p, __m256i low, __m256i high)
{
    __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i nibble = _mm256_set1_epi8(15);

    return _mm256_and_si256(_mm256_shuffle_epi8(low, _mm256_and_si256(v, nibble)),
            _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(v, 4), nibble)));
}

HN_TARGET("avx2")
static bool any_avx2(const struct raw_scan *scan, struct hn_text text)
{
    __m256i low[WINDOW];
    __m256i high[WINDOW];
    size_t pos = 0;

    for (int j = 0; j < WINDOW; j++) {
        low[j] = table256(scan->low[j]);
        high[j] = table256(scan->high[j]);
    }
    for (; pos + 32 + WINDOW - 1 <= text.len; pos += 32) {
        const char *p = text.ptr + pos;
        __m256i buckets = allowed256(p, low[0], high[0]);
        uint32_t none;

        buckets = _mm256_and_si256(buckets, allowed256(p + 1, low[1], high[1]));
        buckets = _mm256_and_si256(buckets, allowed256(p + 2, low[2], high[2]));
        none = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(buckets, _mm256_setzero_si256()));
        if (HN_UNLIKELY(none != UINT32_MAX) && verify_bits(scan, text, pos, ~none))
            return true;
    }
    return any_plain(scan, text, pos);
}
#endif

bool raw_scan_any(const struct raw_scan *scan, struct hn_text text)
{
    if (text.len < scan->len_min)
        return false;
#if HAVE_X86
    if (__builtin_cpu_supports("avx512bw"))
        return any_avx512(scan, text);
    if (__builtin_cpu_supports("avx2"))
        return any_avx2(scan, text);
#endif
    return any_plain(scan, text, 0);
}
