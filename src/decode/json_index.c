/* json_index.c - the kernels behind json_index.h.
 *
 * The method is the one made known by simdjson (Langdale and Lemire, "Parsing gigabytes of JSON
 * per second", 2019): byte classes become 64-bit masks, escapes are found by carry arithmetic, the
 * inside of strings by a prefix XOR over the quotes. */
#include "decode/json_index.h"

#include "base/mem.h"

#if defined(__x86_64__)
#    include <immintrin.h>
#    define HAVE_X86 1
#else
#    define HAVE_X86 0
#endif

#define INDEX_TEXT_MAX   (UINT32_MAX - 128u)
#define FIRST_ROOM_BYTES ((size_t)8192)

/* Byte classes of 64 bytes of text. */
struct block {
    uint64_t backslash;
    uint64_t quote;
    uint64_t op;      /* { } [ ] : , */
    uint64_t space;   /* the four of RFC 8259 */
    uint64_t control; /* below 0x20 */
    uint64_t newline;
    uint64_t high; /* 0x80 and above */
};

/* What one block hands to the next. */
struct carry {
    uint64_t escaped;   /* 1: the next byte is escaped */
    uint64_t in_string; /* all ones: the next byte is inside a string */
    uint64_t in_scalar; /* 1: the last byte belonged to a number or literal */
};

void json_index_deinit(struct json_index *index)
{
    hn_free(index->pos);
    hn_free(index->kind);
    hn_free(index->backslash);
    memset(index, 0, sizeof *index);
}

static enum hn_status reserve(struct json_index *index, size_t len)
{
    size_t room = (len + 64) & ~(size_t)63;

    if (len <= index->room_bytes && index->pos != NULL)
        return HN_OK;
    if (room < FIRST_ROOM_BYTES)
        room = FIRST_ROOM_BYTES;
    if (room < (size_t)index->room_bytes * 2)
        room = (size_t)index->room_bytes * 2;
    if (room > INDEX_TEXT_MAX)
        room = INDEX_TEXT_MAX & ~63u;
    json_index_deinit(index);
    /* Every byte may start a token; kernels write up to 64 entries past the last one. */
    index->pos = hn_malloc((room + 128) * sizeof *index->pos);
    index->kind = hn_malloc(room + 128);
    index->backslash = hn_malloc((room / 64 + 2) * sizeof *index->backslash);
    if (index->pos == NULL || index->kind == NULL || index->backslash == NULL) {
        json_index_deinit(index);
        return HN_NOMEM;
    }
    index->room_bytes = (uint32_t)room;
    return HN_OK;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* The byte at pos is escaped: is the escape one of RFC 8259, section 7? */
static bool escape_valid(struct hn_text text, size_t pos)
{
    switch (text.ptr[pos]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return true;
    case 'u':
        return text.len - pos > 4 && is_hex(text.ptr[pos + 1]) && is_hex(text.ptr[pos + 2]) &&
               is_hex(text.ptr[pos + 3]) && is_hex(text.ptr[pos + 4]);
    default:
        return false;
    }
}

static bool escapes_valid(
        struct json_index *index, struct hn_text text, size_t base, uint64_t escaped)
{
    while (escaped != 0) {
        size_t pos = base + (size_t)__builtin_ctzll(escaped);

        escaped &= escaped - 1;
        if (pos >= text.len || !escape_valid(text, pos))
            return false;
        index->unicode_escape = index->unicode_escape || text.ptr[pos] == 'u';
    }
    return true;
}

/* Bits of bytes behind an odd run of backslashes. */
HN_INLINE HN_WRAPS uint64_t find_escaped_always(uint64_t backslash, uint64_t *carry)
{
    const uint64_t even = 0x5555555555555555u;
    uint64_t follows;
    uint64_t odd_starts;
    uint64_t even_carries;

    backslash &= ~*carry;
    follows = backslash << 1 | *carry;
    odd_starts = backslash & ~even & ~follows;
    *carry = __builtin_add_overflow(odd_starts, backslash, &even_carries) ? 1 : 0;
    return (even ^ (even_carries << 1)) & follows;
}

/* The same where a branch is cheaper, as in most blocks. */
HN_INLINE uint64_t find_escaped(uint64_t backslash, uint64_t *carry)
{
    uint64_t escaped = *carry;

    if (backslash != 0)
        return find_escaped_always(backslash, carry);
    *carry = 0;
    return escaped;
}

/* The inside of strings, opening quote included, closing quote not. */
HN_INLINE uint64_t prefix_xor_plain(uint64_t bits)
{
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^= bits << 32;
    return bits;
}

/* Token starts of a block; checks strings. valid masks the bytes that belong to the text. */
HN_INLINE uint64_t block_tokens(
        struct block *b, uint64_t quotes, uint64_t in_string, uint64_t valid, struct carry *carry)
{
    uint64_t outside = ~(in_string | quotes) & valid;
    uint64_t scalar = ~(b->op | b->space) & outside;
    uint64_t starts = scalar & ~(scalar << 1 | carry->in_scalar);

    carry->in_scalar = scalar >> 63;
    return ((b->op & outside) | starts | quotes) & valid;
}

/* ---- Plain C ---- */

static void classify_plain(const char *p, size_t len, struct block *b)
{
    memset(b, 0, sizeof *b);
    for (size_t i = 0; i < len; i++) {
        uint64_t bit = (uint64_t)1 << i;
        unsigned char c = (unsigned char)p[i];

        b->backslash |= c == '\\' ? bit : 0;
        b->quote |= c == '"' ? bit : 0;
        b->op |= c == '{' || c == '}' || c == '[' || c == ']' || c == ':' || c == ',' ? bit : 0;
        b->space |= c == ' ' || c == '\t' || c == '\r' || c == '\n' ? bit : 0;
        b->control |= c < 0x20 ? bit : 0;
        b->newline |= c == '\n' ? bit : 0;
        b->high |= c >= 0x80 ? bit : 0;
    }
}

/* Masks of one block against what went before; the same for every kernel. Returns token starts. */
HN_INLINE uint64_t block_step(struct json_index *index, struct hn_text text, size_t base,
        struct block *b, uint64_t valid, struct carry *carry)
{
    uint64_t escaped = find_escaped(b->backslash & valid, &carry->escaped) & valid;
    uint64_t quotes = b->quote & ~escaped & valid;
    uint64_t in_string = prefix_xor_plain(quotes) ^ carry->in_string;

    carry->in_string = (uint64_t)((int64_t)in_string >> 63);
    if (HN_UNLIKELY(escaped != 0) && !escapes_valid(index, text, base, escaped & in_string))
        index->bad_string = true;
    if (HN_UNLIKELY((b->control & in_string & valid) != 0))
        index->bad_string = true;
    return block_tokens(b, quotes, in_string, valid, carry);
}

static void emit_bits(struct json_index *index, const char *p, size_t base, uint64_t bits)
{
    uint32_t count = index->count;

    while (bits != 0) {
        uint32_t i = (uint32_t)__builtin_ctzll(bits);
        char c = p[i];
        bool token =
                c == '"' || c == '{' || c == '}' || c == '[' || c == ']' || c == ':' || c == ',';

        bits &= bits - 1;
        index->pos[count] = (uint32_t)base + i;
        index->kind[count++] = (uint8_t)(token ? c : JSON_SCALAR);
    }
    index->count = count;
}

static void index_plain(struct json_index *index, struct hn_text text, bool stop_at_line)
{
    struct carry carry = { 0 };
    size_t base = 0;
    bool ended = false;

    for (; base < text.len && !ended; base += 64) {
        size_t len = text.len - base < 64 ? text.len - base : 64;
        uint64_t valid = len == 64 ? UINT64_MAX : ((uint64_t)1 << len) - 1;
        struct block b;

        classify_plain(text.ptr + base, len, &b);
        if (stop_at_line && b.newline != 0) {
            uint32_t at = (uint32_t)__builtin_ctzll(b.newline);

            valid &= ((uint64_t)1 << at) - 1;
            index->len = (uint32_t)base + at;
            ended = true;
        }
        index->backslash[base / 64] = b.backslash;
        index->non_ascii = index->non_ascii || (b.high & valid) != 0;
        emit_bits(index, text.ptr + base, base,
                block_step(index, hn_text_of(text.ptr, index->len), base, &b, valid, &carry));
    }
    index->bad_string = index->bad_string || carry.in_string != 0 || carry.escaped != 0;
}

#if HAVE_X86

/* ---- AVX2 ---- */

HN_TARGET("avx2")
HN_INLINE uint64_t mask_eq_avx2(__m256i low, __m256i high, char c)
{
    __m256i want = _mm256_set1_epi8(c);
    uint32_t a = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, want));
    uint32_t b = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, want));

    return a | (uint64_t)b << 32;
}

HN_TARGET("avx2")
HN_INLINE void classify_avx2(const char *p, struct block *b)
{
    __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
    __m256i bit5 = _mm256_set1_epi8(0x20);
    __m256i low5 = _mm256_or_si256(low, bit5); /* [ ] become { } */
    __m256i high5 = _mm256_or_si256(high, bit5);
    __m256i limit = _mm256_set1_epi8(0x1F);

    b->backslash = mask_eq_avx2(low, high, '\\');
    b->quote = mask_eq_avx2(low, high, '"');
    b->op = mask_eq_avx2(low5, high5, '{') | mask_eq_avx2(low5, high5, '}') |
            mask_eq_avx2(low, high, ':') | mask_eq_avx2(low, high, ',');
    b->newline = mask_eq_avx2(low, high, '\n');
    b->space = mask_eq_avx2(low, high, ' ') | mask_eq_avx2(low, high, '\t') |
               mask_eq_avx2(low, high, '\r') | b->newline;
    b->control =
            (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(low, limit), low)) |
            (uint64_t)(uint32_t)_mm256_movemask_epi8(
                    _mm256_cmpeq_epi8(_mm256_min_epu8(high, limit), high))
                    << 32;
    b->high = (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high)
                                                            << 32;
}

HN_TARGET("avx2,bmi,bmi2,lzcnt,popcnt")
static void index_avx2(struct json_index *index, struct hn_text text, bool stop_at_line)
{
    struct carry carry = { 0 };
    bool ended = false;

    for (size_t base = 0; base < text.len && !ended; base += 64) {
        size_t len = text.len - base;
        uint64_t valid = UINT64_MAX;
        const char *p = text.ptr + base;
        char tail[64];
        struct block b;

        if (HN_UNLIKELY(len < 64)) {
            memset(tail, ' ', sizeof tail);
            memcpy(tail, p, len);
            p = tail;
            valid = ((uint64_t)1 << len) - 1;
        }
        classify_avx2(p, &b);
        if (stop_at_line && b.newline != 0) {
            uint32_t at = (uint32_t)__builtin_ctzll(b.newline);

            valid &= ((uint64_t)1 << at) - 1;
            index->len = (uint32_t)base + at;
            ended = true;
        }
        index->backslash[base / 64] = b.backslash;
        index->non_ascii |= (b.high & valid) != 0;
        emit_bits(index, p, base,
                block_step(index, hn_text_of(text.ptr, index->len), base, &b, valid, &carry));
    }
    index->bad_string = index->bad_string || carry.in_string != 0 || carry.escaped != 0;
}

/* ---- AVX-512 ---- */

#    define AVX512_ISA \
        "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,pclmul,bmi,bmi2,lzcnt,popcnt"

enum {
    CLASS_OP = 1,
    CLASS_SPACE = 2,
    CLASS_ESCAPE = 4, /* behind a backslash: the usual ones, which need no closer look */
};

/* By character; 0x7F stands for all that is not ASCII. */
static const uint8_t ascii_classes[128] = {
    ['{'] = CLASS_OP,
    ['}'] = CLASS_OP,
    ['['] = CLASS_OP,
    [']'] = CLASS_OP,
    [':'] = CLASS_OP,
    [','] = CLASS_OP,
    [' '] = CLASS_SPACE,
    ['\t'] = CLASS_SPACE,
    ['\r'] = CLASS_SPACE,
    ['\n'] = CLASS_SPACE,
    ['"'] = CLASS_ESCAPE,
    ['\\'] = CLASS_ESCAPE,
    ['/'] = CLASS_ESCAPE,
    ['n'] = CLASS_ESCAPE,
    ['r'] = CLASS_ESCAPE,
    ['t'] = CLASS_ESCAPE,
};

HN_TARGET(AVX512_ISA)
HN_INLINE uint64_t prefix_xor_clmul(uint64_t bits)
{
    __m128i all = _mm_set1_epi8((char)0xFF);
    __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)bits), all, 0);

    return (uint64_t)_mm_cvtsi128_si64(product);
}

/* The index being written, in registers. */
struct out512 {
    uint32_t *pos;
    uint8_t *kind;
    uint32_t count;
};

/* Positions and characters of the set bits, packed by the processor. */
HN_TARGET(AVX512_ISA)
HN_INLINE void emit_avx512(
        struct out512 *out, __m512i v, size_t base, uint64_t bits, uint64_t tokens)
{
    const __m512i iota = _mm512_set_epi8(63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49,
            48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27,
            26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3,
            2, 1, 0);
    uint32_t count = (uint32_t)_mm_popcnt_u64(bits);
    __m512i where = _mm512_maskz_compress_epi8(bits, iota);
    __m512i kinds = _mm512_maskz_compress_epi8(
            bits, _mm512_mask_blend_epi8(tokens, _mm512_set1_epi8(JSON_SCALAR), v));
    __m512i start = _mm512_set1_epi32((int)base);
    uint32_t *pos = out->pos + out->count;

    _mm512_storeu_si512(out->kind + out->count, kinds);
    _mm512_storeu_si512(
            pos, _mm512_add_epi32(start, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(where))));
    if (HN_UNLIKELY(count > 16)) {
        _mm512_storeu_si512(pos + 16,
                _mm512_add_epi32(start, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(where, 1))));
        _mm512_storeu_si512(pos + 32,
                _mm512_add_epi32(start, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(where, 2))));
        _mm512_storeu_si512(pos + 48,
                _mm512_add_epi32(start, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(where, 3))));
    }
    out->count += count;
}

HN_TARGET(AVX512_ISA)
static void index_avx512(struct json_index *index, struct hn_text text, bool stop_at_line)
{
    const __m512i low_half = _mm512_loadu_si512(ascii_classes);
    const __m512i high_half = _mm512_loadu_si512(ascii_classes + 64);
    struct out512 out = { index->pos, index->kind, 0 };
    struct carry carry = { 0 };
    uint64_t newline_wanted = stop_at_line ? UINT64_MAX : 0;
    uint64_t *backslashes = index->backslash;
    uint64_t high = 0;
    uint64_t bad = 0;
    bool ended = false;

    for (size_t base = 0; base < text.len && !ended; base += 64) {
        size_t len = text.len - base;
        uint64_t valid = HN_LIKELY(len >= 64) ? UINT64_MAX : ((uint64_t)1 << len) - 1;
        __m512i v = _mm512_maskz_loadu_epi8(valid, text.ptr + base); /* masked bytes never fault */
        __m512i classes = _mm512_permutex2var_epi8(
                low_half, _mm512_min_epu8(v, _mm512_set1_epi8(0x7F)), high_half);
        uint64_t newline = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\n'));
        uint64_t backslash = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\\'));
        uint64_t quotes = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"'));
        uint64_t control = _mm512_cmplt_epu8_mask(v, _mm512_set1_epi8(0x20));
        uint64_t escaped;
        uint64_t in_string;
        struct block b;
        uint64_t bits;

        if (HN_UNLIKELY((newline & newline_wanted) != 0)) {
            valid &= ((uint64_t)1 << __builtin_ctzll(newline)) - 1;
            index->len = (uint32_t)(base + (size_t)__builtin_ctzll(newline));
            backslash &= valid;
            quotes &= valid;
            ended = true;
        }
        b.op = _mm512_test_epi8_mask(classes, _mm512_set1_epi8(CLASS_OP));
        b.space = _mm512_test_epi8_mask(classes, _mm512_set1_epi8(CLASS_SPACE));
        backslashes[base / 64] = backslash;
        high |= _mm512_movepi8_mask(v) & valid;
        escaped = find_escaped_always(backslash, &carry.escaped) & valid;
        quotes &= ~escaped;
        in_string = prefix_xor_clmul(quotes) ^ carry.in_string;
        carry.in_string = (uint64_t)((int64_t)in_string >> 63);
        escaped &= in_string & ~_mm512_test_epi8_mask(classes, _mm512_set1_epi8(CLASS_ESCAPE));
        if (HN_UNLIKELY(escaped != 0) &&
                !escapes_valid(index, hn_text_of(text.ptr, index->len), base, escaped))
            bad = 1;
        bad |= control & in_string & valid;
        bits = block_tokens(&b, quotes, in_string, valid, &carry);
        emit_avx512(&out, v, base, bits, b.op | quotes);
    }
    index->count = out.count;
    index->non_ascii = high != 0;
    index->bad_string = bad != 0 || carry.in_string != 0 || carry.escaped != 0;
}

#endif

/* ---- Choice ------------------------------------------------------------------------------------
 */

bool json_kernel_available(enum json_kernel kernel)
{
    switch (kernel) {
    case JSON_KERNEL_BEST:
    case JSON_KERNEL_PLAIN:
        return true;
    case JSON_KERNEL_AVX2:
#if HAVE_X86
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
#else
        return false;
#endif
    case JSON_KERNEL_AVX512:
#if HAVE_X86
        return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
               __builtin_cpu_supports("pclmul");
#else
        return false;
#endif
    }
    return false;
}

static enum json_kernel best_kernel(void)
{
    if (json_kernel_available(JSON_KERNEL_AVX512))
        return JSON_KERNEL_AVX512;
    if (json_kernel_available(JSON_KERNEL_AVX2))
        return JSON_KERNEL_AVX2;
    return JSON_KERNEL_PLAIN;
}

static void run_kernel(
        struct json_index *index, struct hn_text text, bool stop_at_line, enum json_kernel kernel)
{
    index->count = 0;
    index->len = (uint32_t)text.len;
    index->bad_string = false;
    index->non_ascii = false;
    index->unicode_escape = false;
#if HAVE_X86
    if (kernel == JSON_KERNEL_AVX512) {
        index_avx512(index, text, stop_at_line);
        return;
    }
    if (kernel == JSON_KERNEL_AVX2) {
        index_avx2(index, text, stop_at_line);
        return;
    }
#endif
    (void)kernel;
    index_plain(index, text, stop_at_line);
}

enum hn_status json_index_make(
        struct json_index *index, struct hn_text text, bool stop_at_line, enum json_kernel kernel)
{
    static _Atomic int chosen; /* a race only makes two threads find the same answer */
    enum hn_status status;
    size_t limit;

    if (text.len > INDEX_TEXT_MAX)
        return HN_LIMIT;
    if (kernel == JSON_KERNEL_BEST) {
        if (chosen == 0)
            chosen = (int)best_kernel();
        kernel = (enum json_kernel)chosen;
    }
    /* A line is usually much shorter than what is left of its batch. */
    limit = index->room_bytes < FIRST_ROOM_BYTES ? FIRST_ROOM_BYTES : index->room_bytes;
    for (;; limit *= 4) {
        struct hn_text part = hn_text_sub(text, 0, stop_at_line ? limit : text.len);

        status = reserve(index, part.len);
        if (status != HN_OK)
            return status;
        run_kernel(index, part, stop_at_line, kernel);
        if (part.len == text.len || index->len < part.len)
            break;
    }
    index->pos[index->count] = index->len;
    index->kind[index->count] = JSON_END;
    return HN_OK;
}
