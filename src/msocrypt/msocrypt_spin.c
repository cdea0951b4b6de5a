/* msocrypt_spin.c - a hundred thousand rounds of a hash, each of one block.
 *
 * A password costs as long as these take, and the general functions spend three quarters of it on
 * their own book-keeping. Each round hashes its number and the hash before: 24 or 68 bytes, which
 * with their padding are one block (FIPS 180-4). A round waits for the one before, so that one
 * password leaves most of a processor idle: where there are several, each gets a lane of a vector,
 * and all of them take about as long as two or three would one after the other. */
#define OPENSSL_SUPPRESS_DEPRECATED /* the functions of single blocks have no other names */
#include "msocrypt/msocrypt_internal.h"

#include <openssl/sha.h>

#if defined(__x86_64__)
#    define HAVE_LANES 1
#else
#    define HAVE_LANES 0
#endif

static void put_le32(uint8_t *out, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> 8 * i & 0xFF);
}

static void put_be(uint8_t *out, uint64_t value, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(value >> 8 * (len - 1 - i) & 0xFF);
}

static uint64_t get_be(const uint8_t *in, size_t len)
{
    uint64_t value = 0;

    for (size_t i = 0; i < len; i++)
        value = value << 8 | in[i];
    return value;
}

/* ---- One ---- */

static void spin_sha1(uint32_t count, uint8_t *out)
{
    uint8_t block[SHA_CBLOCK] = { [24] = 0x80, [SHA_CBLOCK - 1] = 24 * 8 };

    memcpy(block + 4, out, SHA_DIGEST_LENGTH);
    for (uint32_t i = 0; i < count; i++) {
        SHA_CTX ctx;
        const SHA_LONG *words[] = { &ctx.h0, &ctx.h1, &ctx.h2, &ctx.h3, &ctx.h4 };

        put_le32(block, i);
        (void)SHA1_Init(&ctx);
        SHA1_Transform(&ctx, block);
        for (size_t w = 0; w < HN_COUNT_OF(words); w++)
            put_be(block + 4 + 4 * w, *words[w], 4);
    }
    memcpy(out, block + 4, SHA_DIGEST_LENGTH);
}

static void spin_sha512(uint32_t count, uint8_t *out)
{
    uint8_t block[SHA512_CBLOCK] = {
        [68] = 0x80, [SHA512_CBLOCK - 2] = 68 * 8 / 256, [SHA512_CBLOCK - 1] = 68 * 8 % 256
    };

    memcpy(block + 4, out, SHA512_DIGEST_LENGTH);
    for (uint32_t i = 0; i < count; i++) {
        SHA512_CTX ctx;

        put_le32(block, i);
        (void)SHA512_Init(&ctx);
        SHA512_Transform(&ctx, block);
        for (size_t w = 0; w < 8; w++)
            put_be(block + 4 + 8 * w, ctx.h[w], 8);
    }
    memcpy(out, block + 4, SHA512_DIGEST_LENGTH);
}

static bool spin_any(struct msocrypt_hash *hash, uint32_t count, uint8_t *out)
{
    uint8_t in[4 + MSOCRYPT_HASH_MAX];

    memcpy(in + 4, out, hash->len);
    for (uint32_t i = 0; i < count; i++) {
        put_le32(in, i);
        if (EVP_DigestInit_ex(hash->ctx, NULL, NULL) != 1 ||
                EVP_DigestUpdate(hash->ctx, in, 4 + hash->len) != 1 ||
                EVP_DigestFinal_ex(hash->ctx, in + 4, NULL) != 1)
            return false;
    }
    memcpy(out, in + 4, hash->len);
    return true;
}

/* ---- A lane each ----
 *
 * With AVX-512. Halves of it take as long as one after the other, as SHA-1 has instructions of its
 * own. Vectors are handed over by address: how they are passed as values depends on the processor.
 */

#if HAVE_LANES
#    define SHA1_LANES   16u
#    define SHA512_LANES 8u

typedef uint32_t lanes32 __attribute__((vector_size(4 * SHA1_LANES)));
typedef uint64_t lanes64 __attribute__((vector_size(8 * SHA512_LANES)));

_Static_assert(SHA1_LANES == MSOCRYPT_BATCH_MAX && MSOCRYPT_BATCH_MAX % SHA512_LANES == 0,
        "a batch fills whole vectors");

/* One of 80 rounds: f is what the function of this stretch gives. */
HN_INLINE void sha1_round(lanes32 s[5], const lanes32 *f, uint32_t k, const lanes32 *w)
{
    lanes32 next = (s[0] << 5 | s[0] >> 27) + *f + s[4] + k + *w;

    s[4] = s[3];
    s[3] = s[2];
    s[2] = s[1] << 30 | s[1] >> 2;
    s[1] = s[0];
    s[0] = next;
}

HN_INLINE const lanes32 *sha1_word(lanes32 w[16], unsigned i)
{
    if (i >= 16) {
        lanes32 x = w[(i + 13) % 16] ^ w[(i + 8) % 16] ^ w[(i + 2) % 16] ^ w[i % 16];

        w[i % 16] = x << 1 | x >> 31;
    }
    return &w[i % 16];
}

HN_INLINE void sha1_block(lanes32 h[5], lanes32 w[16])
{
    lanes32 s[5] = { h[0], h[1], h[2], h[3], h[4] };
    lanes32 f;

#    pragma GCC unroll 20
    for (unsigned i = 0; i < 20; i++) {
        f = s[3] ^ (s[1] & (s[2] ^ s[3]));
        sha1_round(s, &f, 0x5A827999u, sha1_word(w, i));
    }
#    pragma GCC unroll 20
    for (unsigned i = 20; i < 40; i++) {
        f = s[1] ^ s[2] ^ s[3];
        sha1_round(s, &f, 0x6ED9EBA1u, sha1_word(w, i));
    }
#    pragma GCC unroll 20
    for (unsigned i = 40; i < 60; i++) {
        f = (s[1] & s[2]) | (s[3] & (s[1] | s[2]));
        sha1_round(s, &f, 0x8F1BBCDCu, sha1_word(w, i));
    }
#    pragma GCC unroll 20
    for (unsigned i = 60; i < 80; i++) {
        f = s[1] ^ s[2] ^ s[3];
        sha1_round(s, &f, 0xCA62C1D6u, sha1_word(w, i));
    }
    for (unsigned i = 0; i < 5; i++)
        h[i] += s[i];
}

HN_INLINE void sha1_rounds(uint32_t count, lanes32 hash[5])
{
    const lanes32 zero = { 0 };

    for (uint32_t n = 0; n < count; n++) {
        lanes32 h[5] = { zero + 0x67452301u, zero + 0xEFCDAB89u, zero + 0x98BADCFEu,
            zero + 0x10325476u, zero + 0xC3D2E1F0u };
        lanes32 w[16] = { zero + __builtin_bswap32(n), hash[0], hash[1], hash[2], hash[3], hash[4],
            zero + 0x80000000u, zero, zero, zero, zero, zero, zero, zero, zero,
            zero + 192 /* bits: 24 bytes */ };

        sha1_block(h, w);
        for (unsigned i = 0; i < 5; i++)
            hash[i] = h[i];
    }
}

static const uint64_t sha512_k[80] = {
    0x428A2F98D728AE22,
    0x7137449123EF65CD,
    0xB5C0FBCFEC4D3B2F,
    0xE9B5DBA58189DBBC,
    0x3956C25BF348B538,
    0x59F111F1B605D019,
    0x923F82A4AF194F9B,
    0xAB1C5ED5DA6D8118,
    0xD807AA98A3030242,
    0x12835B0145706FBE,
    0x243185BE4EE4B28C,
    0x550C7DC3D5FFB4E2,
    0x72BE5D74F27B896F,
    0x80DEB1FE3B1696B1,
    0x9BDC06A725C71235,
    0xC19BF174CF692694,
    0xE49B69C19EF14AD2,
    0xEFBE4786384F25E3,
    0x0FC19DC68B8CD5B5,
    0x240CA1CC77AC9C65,
    0x2DE92C6F592B0275,
    0x4A7484AA6EA6E483,
    0x5CB0A9DCBD41FBD4,
    0x76F988DA831153B5,
    0x983E5152EE66DFAB,
    0xA831C66D2DB43210,
    0xB00327C898FB213F,
    0xBF597FC7BEEF0EE4,
    0xC6E00BF33DA88FC2,
    0xD5A79147930AA725,
    0x06CA6351E003826F,
    0x142929670A0E6E70,
    0x27B70A8546D22FFC,
    0x2E1B21385C26C926,
    0x4D2C6DFC5AC42AED,
    0x53380D139D95B3DF,
    0x650A73548BAF63DE,
    0x766A0ABB3C77B2A8,
    0x81C2C92E47EDAEE6,
    0x92722C851482353B,
    0xA2BFE8A14CF10364,
    0xA81A664BBC423001,
    0xC24B8B70D0F89791,
    0xC76C51A30654BE30,
    0xD192E819D6EF5218,
    0xD69906245565A910,
    0xF40E35855771202A,
    0x106AA07032BBD1B8,
    0x19A4C116B8D2D0C8,
    0x1E376C085141AB53,
    0x2748774CDF8EEB99,
    0x34B0BCB5E19B48A8,
    0x391C0CB3C5C95A63,
    0x4ED8AA4AE3418ACB,
    0x5B9CCA4F7763E373,
    0x682E6FF3D6B2B8A3,
    0x748F82EE5DEFB2FC,
    0x78A5636F43172F60,
    0x84C87814A1F0AB72,
    0x8CC702081A6439EC,
    0x90BEFFFA23631E28,
    0xA4506CEBDE82BDE9,
    0xBEF9A3F7B2C67915,
    0xC67178F2E372532B,
    0xCA273ECEEA26619C,
    0xD186B8C721C0C207,
    0xEADA7DD6CDE0EB1E,
    0xF57D4F7FEE6ED178,
    0x06F067AA72176FBA,
    0x0A637DC5A2C898A6,
    0x113F9804BEF90DAE,
    0x1B710B35131C471B,
    0x28DB77F523047D84,
    0x32CAAB7B40C72493,
    0x3C9EBE0A15C9BEBC,
    0x431D67C49C100D4C,
    0x4CC5D4BECB3E42B6,
    0x597F299CFC657E2A,
    0x5FCB6FAB3AD6FAEC,
    0x6C44198C4A475817,
};

HN_INLINE void sha512_round(lanes64 s[8], uint64_t k, const lanes64 *w)
{
    lanes64 e = s[4];
    lanes64 a = s[0];
    lanes64 one = s[7] + ((e >> 14 | e << 50) ^ (e >> 18 | e << 46) ^ (e >> 41 | e << 23)) +
                  (s[6] ^ (e & (s[5] ^ s[6]))) + k + *w;
    lanes64 two = ((a >> 28 | a << 36) ^ (a >> 34 | a << 30) ^ (a >> 39 | a << 25)) +
                  ((a & s[1]) | (s[2] & (a | s[1])));

    s[7] = s[6];
    s[6] = s[5];
    s[5] = e;
    s[4] = s[3] + one;
    s[3] = s[2];
    s[2] = s[1];
    s[1] = a;
    s[0] = one + two;
}

HN_INLINE const lanes64 *sha512_word(lanes64 w[16], unsigned i)
{
    if (i >= 16) {
        lanes64 x = w[(i + 1) % 16];
        lanes64 y = w[(i + 14) % 16];

        w[i % 16] += ((x >> 1 | x << 63) ^ (x >> 8 | x << 56) ^ x >> 7) + w[(i + 9) % 16] +
                     ((y >> 19 | y << 45) ^ (y >> 61 | y << 3) ^ y >> 6);
    }
    return &w[i % 16];
}

/* The hash before begins four bytes into the block, so that its words stand across two of those of
 * the block. */
HN_INLINE void sha512_rounds(uint32_t count, lanes64 hash[8])
{
    static const uint64_t begin[8] = { 0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B,
        0xA54FF53A5F1D36F1, 0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B,
        0x5BE0CD19137E2179 };
    const lanes64 zero = { 0 };

    for (uint32_t n = 0; n < count; n++) {
        lanes64 w[16] = { zero + ((uint64_t)__builtin_bswap32(n) << 32) };
        lanes64 s[8];

        for (unsigned i = 0; i < 8; i++) {
            w[i] |= hash[i] >> 32;
            w[i + 1] = hash[i] << 32;
            s[i] = zero + begin[i];
        }
        w[8] |= zero + 0x80000000u;
        w[15] = zero + 544; /* bits: 68 bytes */
#    pragma GCC unroll 80
        for (unsigned i = 0; i < 80; i++)
            sha512_round(s, sha512_k[i], sha512_word(w, i));
        for (unsigned i = 0; i < 8; i++)
            hash[i] = s[i] + begin[i];
    }
}

__attribute__((target("avx512f"))) static void sha1_lanes(
        uint32_t count, uint8_t (*hashes)[MSOCRYPT_HASH_MAX], size_t n)
{
    lanes32 hash[5] = { { 0 } };

    for (size_t lane = 0; lane < n; lane++)
        for (size_t i = 0; i < 5; i++)
            hash[i][lane] = (uint32_t)get_be(hashes[lane] + 4 * i, 4);
    sha1_rounds(count, hash);
    for (size_t lane = 0; lane < n; lane++)
        for (size_t i = 0; i < 5; i++)
            put_be(hashes[lane] + 4 * i, hash[i][lane], 4);
}

__attribute__((target("avx512f"))) static void sha512_lanes(
        uint32_t count, uint8_t (*hashes)[MSOCRYPT_HASH_MAX], size_t n)
{
    lanes64 hash[8] = { { 0 } };

    for (size_t lane = 0; lane < n; lane++)
        for (size_t i = 0; i < 8; i++)
            hash[i][lane] = get_be(hashes[lane] + 8 * i, 8);
    sha512_rounds(count, hash);
    for (size_t lane = 0; lane < n; lane++)
        for (size_t i = 0; i < 8; i++)
            put_be(hashes[lane] + 8 * i, hash[i][lane], 8);
}
#endif

/* ---- All ---- */

#define LANES_FROM 3u /* below, one after the other is as fast */

/* How many of n were done at once, from the first on. */
static size_t spin_lanes(int hash, uint32_t count, uint8_t (*hashes)[MSOCRYPT_HASH_MAX], size_t n)
{
#if HAVE_LANES
    if (n < LANES_FROM || !__builtin_cpu_supports("avx512f"))
        return 0;
    if (hash == NID_sha1) {
        sha1_lanes(count, hashes, n);
        return n;
    }
    if (hash == NID_sha512) {
        size_t done = n < SHA512_LANES ? n : SHA512_LANES;

        sha512_lanes(count, hashes, done);
        return done + spin_lanes(hash, count, hashes + done, n - done);
    }
#else
    (void)hash;
    (void)count;
    (void)hashes;
    (void)n;
#endif
    return 0;
}

bool msocrypt_hash_spin(
        struct msocrypt_hash *hash, uint32_t count, uint8_t (*hashes)[MSOCRYPT_HASH_MAX], size_t n)
{
    int type = EVP_MD_get_type(hash->md);

    for (size_t i = spin_lanes(type, count, hashes, n); i < n; i++) {
        if (type == NID_sha1)
            spin_sha1(count, hashes[i]);
        else if (type == NID_sha512)
            spin_sha512(count, hashes[i]);
        else if (!spin_any(hash, count, hashes[i]))
            return false;
    }
    return true;
}
