/* similarity.c - digests that stay alike when files do: TLSH and ssdeep. */
#include "program/program.h"

#include "base/buf.h"

#include <math.h>
#include <stdlib.h>

/* ---- TLSH ---- */

#define TLSH_BUCKETS   128u
#define TLSH_CODE      32u
#define TLSH_BYTES_MIN 50u

/* Pearson's permutation, Communications of the ACM 33 (1990). */
static const uint8_t pearson[256] = { 1, 87, 49, 12, 176, 178, 102, 166, 121, 193, 6, 84, 249, 230,
    44, 163, 14, 197, 213, 181, 161, 85, 218, 80, 64, 239, 24, 226, 236, 142, 38, 200, 110, 177,
    104, 103, 141, 253, 255, 50, 77, 101, 81, 18, 45, 96, 31, 222, 25, 107, 190, 70, 86, 237, 240,
    34, 72, 242, 20, 214, 244, 227, 149, 235, 97, 234, 57, 22, 60, 250, 82, 175, 208, 5, 127, 199,
    111, 62, 135, 248, 174, 169, 211, 58, 66, 154, 106, 195, 245, 171, 17, 187, 182, 179, 0, 243,
    132, 56, 148, 75, 128, 133, 158, 100, 130, 126, 91, 13, 153, 246, 216, 219, 119, 68, 223, 78,
    83, 88, 201, 99, 122, 11, 92, 32, 136, 114, 52, 10, 138, 30, 48, 183, 156, 35, 61, 26, 143, 74,
    251, 94, 129, 162, 63, 152, 170, 7, 115, 167, 241, 206, 3, 150, 55, 59, 151, 220, 90, 53, 23,
    131, 125, 173, 15, 238, 79, 95, 89, 16, 105, 137, 225, 224, 217, 160, 37, 123, 118, 73, 2, 157,
    46, 116, 9, 145, 134, 228, 207, 212, 202, 215, 69, 229, 27, 188, 67, 124, 168, 252, 42, 4, 29,
    108, 21, 247, 19, 205, 39, 203, 233, 40, 186, 147, 198, 192, 155, 33, 164, 191, 98, 204, 165,
    180, 117, 76, 140, 36, 210, 172, 41, 54, 159, 8, 185, 232, 113, 196, 231, 47, 146, 120, 51, 65,
    28, 144, 254, 221, 93, 189, 194, 139, 112, 43, 71, 109, 184, 209 };

static uint8_t mix(uint8_t salt, uint8_t a, uint8_t b, uint8_t c)
{
    return pearson[pearson[pearson[pearson[salt] ^ a] ^ b] ^ c];
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* The length on a scale that grows ever slower. */
static uint8_t length_class(size_t len)
{
    double l = log((double)len);

    if (len <= 656) {
        l = floor(l / 0.4054651);
    } else if (len <= 3199) {
        l = floor(l / 0.26236426 - 8.72777);
    } else {
        l = floor(l / 0.095310180 - 62.5472);
    }
    return (uint8_t)((uint32_t)l & 0xFFu);
}

static void put_hex(char *out, uint8_t byte)
{
    static const char digits[] = "0123456789ABCDEF";

    out[0] = digits[byte >> 4];
    out[1] = digits[byte & 15];
}

static uint8_t swapped(uint8_t byte)
{
    return (uint8_t)(byte << 4 | byte >> 4);
}

bool program_tlsh(struct hn_bytes bytes, char ret_digest[PROGRAM_TLSH_BYTES])
{
    uint32_t buckets[256] = { 0 };
    uint32_t sorted[TLSH_BUCKETS];
    uint32_t quartiles[3];
    uint32_t filled = 0;
    uint8_t checksum = 0;

    if (bytes.len < TLSH_BYTES_MIN || bytes.len > UINT32_MAX)
        return false;
    for (size_t i = 4; i < bytes.len; i++) {
        const uint8_t *w = bytes.ptr + i;

        checksum = mix(0, w[0], w[-1], checksum);
        buckets[mix(2, w[0], w[-1], w[-2])]++;
        buckets[mix(3, w[0], w[-1], w[-3])]++;
        buckets[mix(5, w[0], w[-2], w[-3])]++;
        buckets[mix(7, w[0], w[-2], w[-4])]++;
        buckets[mix(11, w[0], w[-1], w[-4])]++;
        buckets[mix(13, w[0], w[-3], w[-4])]++;
    }
    for (size_t i = 0; i < TLSH_BUCKETS; i++)
        filled += buckets[i] > 0;
    memcpy(sorted, buckets, sizeof sorted);
    qsort(sorted, TLSH_BUCKETS, sizeof sorted[0], by_value);
    for (size_t i = 0; i < 3; i++)
        quartiles[i] = sorted[TLSH_BUCKETS / 4 * (i + 1) - 1];
    if (filled <= TLSH_BUCKETS / 2 || quartiles[2] == 0)
        return false;
    memcpy(ret_digest, "T1", 2);
    put_hex(ret_digest + 2, swapped(checksum));
    put_hex(ret_digest + 4, swapped(length_class(bytes.len)));
    put_hex(ret_digest + 6, (uint8_t)(((uint64_t)quartiles[0] * 100 / quartiles[2]) % 16 << 4 |
                                      ((uint64_t)quartiles[1] * 100 / quartiles[2]) % 16));
    for (size_t i = 0; i < TLSH_CODE; i++) {
        uint32_t code = 0;

        for (size_t k = 0; k < 4; k++) {
            uint32_t bucket = buckets[4 * i + k];
            uint32_t quarter = 0;

            for (size_t q = 0; q < 3; q++)
                quarter += bucket > quartiles[q];
            code |= quarter << 2 * k;
        }
        put_hex(ret_digest + 8 + 2 * (TLSH_CODE - 1 - i), (uint8_t)code);
    }
    ret_digest[72] = '\0';
    return true;
}

/* ---- ssdeep ---- */

#define SSDEEP_LENGTH     64u
#define SSDEEP_BLOCK_MIN  3u /* times powers of two */
#define SSDEEP_WINDOW     7u
#define SSDEEP_HASH_PRIME 0x01000193u
#define SSDEEP_HASH_START 0x28021967u

struct roll {
    uint32_t a;
    uint32_t b;
    uint32_t c;
};

/* last: the byte that leaves the window. */
HN_WRAPS static uint32_t roll_on(struct roll *roll, uint8_t byte, uint8_t last)
{
    roll->b -= roll->a;
    roll->b += SSDEEP_WINDOW * byte;
    roll->a += byte;
    roll->a -= last;
    roll->c <<= 5;
    roll->c ^= byte;
    return roll->a + roll->b + roll->c;
}

HN_WRAPS static uint32_t sum_on(uint32_t sum, uint8_t byte)
{
    return (sum * SSDEEP_HASH_PRIME) ^ byte;
}

struct half {
    char text[SSDEEP_LENGTH + 1];
    size_t len; /* of those that are settled */
    size_t max;
    uint32_t sum;
};

static void half_end(struct half *half)
{
    static const char letters[] =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    half->text[half->len] = letters[half->sum % 64];
    if (half->len < half->max - 1) {
        half->len++;
        half->sum = SSDEEP_HASH_START;
    }
}

/* A piece ends where the rolling hash plus one is a multiple of the block's length, which is asked
 * by bits first: this is done for every byte, and several times. */
static void pass(struct hn_bytes bytes, uint64_t block, struct half *one, struct half *two)
{
    uint64_t power = block / SSDEEP_BLOCK_MIN;
    struct roll roll = { 0 };
    uint32_t h = 0;

    *one = (struct half){ .max = SSDEEP_LENGTH, .sum = SSDEEP_HASH_START };
    *two = (struct half){ .max = SSDEEP_LENGTH / 2, .sum = SSDEEP_HASH_START };
    for (size_t i = 0; i < bytes.len; i++) {
        uint64_t next;

        h = roll_on(&roll, bytes.ptr[i], i >= SSDEEP_WINDOW ? bytes.ptr[i - SSDEEP_WINDOW] : 0);
        one->sum = sum_on(one->sum, bytes.ptr[i]);
        two->sum = sum_on(two->sum, bytes.ptr[i]);
        next = (uint64_t)h + 1;
        if ((next & (power - 1)) != 0 || next % block != 0)
            continue;
        half_end(one);
        if (next % (block * 2) == 0)
            half_end(two);
    }
    if (h != 0) {
        size_t settled = one->len;

        half_end(two);
        half_end(one);
        one->len = settled; /* whether the block was too large is asked without the rest */
    }
}

bool program_ssdeep(struct hn_bytes bytes, char ret_digest[PROGRAM_SSDEEP_BYTES])
{
    struct hn_buf out = hn_buf_over(ret_digest, PROGRAM_SSDEEP_BYTES);
    uint64_t block = SSDEEP_BLOCK_MIN;
    struct half one;
    struct half two;

    while (block * SSDEEP_LENGTH < bytes.len)
        block *= 2;
    for (;;) {
        pass(bytes, block, &one, &two);
        if (block == SSDEEP_BLOCK_MIN || one.len >= SSDEEP_LENGTH / 2)
            break;
        block /= 2;
    }
    hn_buf_addf(&out, "%llu:%s:%s", (unsigned long long)block, one.text, two.text);
    hn_buf_add_char(&out, '\0');
    return hn_buf_ok(&out);
}
