/* msocrypt_standard.c - ECMA-376 Standard encryption ([MS-OFFCRYPTO] 2.3.4.5 to 2.3.4.9): AES in
 * ECB with a key of 50,000 rounds of SHA-1. */
#include "msocrypt/msocrypt_internal.h"

#include "base/reader.h"

#define SPINS        50000u
#define SHA1_BYTES   20u
#define ALG_AES_128  0x660Eu
#define ALG_AES_192  0x660Fu
#define ALG_AES_256  0x6610u
#define HEADER_BYTES 32u

bool msocrypt_standard_read(
        struct msocrypt_standard *standard, struct msocrypt_job *job, struct hn_bytes info)
{
    struct hn_reader r = hn_reader_over(info);
    struct hn_reader header;
    uint32_t header_len;
    uint32_t algorithm;
    uint32_t bits;
    uint32_t salt_len;

    hn_reader_skip(&r, 8); /* version, flags */
    header_len = hn_reader_u32(&r);
    header = hn_reader_over(hn_reader_take(&r, header_len));
    hn_reader_skip(&header, 8); /* flags, extra size */
    algorithm = hn_reader_u32(&header);
    hn_reader_skip(&header, 4); /* SHA-1; nothing else is allowed */
    bits = hn_reader_u32(&header);
    salt_len = hn_reader_u32(&r);
    if (salt_len != 16)
        return false;
    standard->salt = hn_reader_take(&r, 16);
    standard->verifier = hn_reader_take(&r, 16);
    (void)hn_reader_u32(&r); /* size of the hash: that of SHA-1 */
    standard->verifier_hash = hn_reader_take(&r, 32);
    if (!hn_reader_ok(&r) || !hn_reader_ok(&header) || header_len < HEADER_BYTES)
        return false;
    if (algorithm == ALG_AES_128 || (algorithm == 0 && bits == 128))
        standard->key_len = 16;
    else if (algorithm == ALG_AES_192)
        standard->key_len = 24;
    else if (algorithm == ALG_AES_256)
        standard->key_len = 32;
    else
        return false;
    job->result->kind = MSOCRYPT_STANDARD;
    job->spins = SPINS;
    msocrypt_scheme(
            job, "Standard, AES-%lu, SHA1, 50000 rounds", (unsigned long)standard->key_len * 8);
    return true;
}

/* The key, of a password's hash after all rounds. */
static bool derive(struct msocrypt_standard *standard, struct msocrypt_hash *sha1, uint8_t *hash)
{
    static const uint8_t zero[4] = { 0 };
    uint8_t pad[64];
    uint8_t key[2 * SHA1_BYTES];

    if (!msocrypt_hash_of(sha1, hn_bytes_of(hash, SHA1_BYTES), hn_bytes_of(zero, 4), hash))
        return false;
    for (size_t half = 0; half < 2; half++) {
        memset(pad, half == 0 ? 0x36 : 0x5C, sizeof pad);
        for (size_t i = 0; i < SHA1_BYTES; i++)
            pad[i] ^= hash[i];
        if (!msocrypt_hash_of(sha1, hn_bytes_of(pad, sizeof pad), hn_bytes_of(NULL, 0),
                    key + half * SHA1_BYTES))
            return false;
    }
    memcpy(standard->key, key, standard->key_len);
    return true;
}

static bool fits(struct msocrypt_standard *standard, struct msocrypt_hash *sha1, uint8_t *base)
{
    uint8_t verifier[16];
    uint8_t stated[32];
    uint8_t hash[MSOCRYPT_HASH_MAX];

    return derive(standard, sha1, base) &&
           msocrypt_aes_decrypt(
                   standard->key, standard->key_len, NULL, standard->verifier, verifier) &&
           msocrypt_aes_decrypt(
                   standard->key, standard->key_len, NULL, standard->verifier_hash, stated) &&
           msocrypt_hash_of(
                   sha1, hn_bytes_of(verifier, sizeof verifier), hn_bytes_of(NULL, 0), hash) &&
           memcmp(hash, stated, SHA1_BYTES) == 0;
}

static size_t first_fitting(struct msocrypt_standard *standard, struct msocrypt_hash *sha1,
        const struct msocrypt_password *passwords, size_t count)
{
    uint8_t bases[MSOCRYPT_BATCH_MAX][MSOCRYPT_HASH_MAX];
    size_t i;

    for (i = 0; i < count; i++) {
        if (!msocrypt_hash_of(sha1, standard->salt,
                    hn_bytes_of(passwords[i].utf16, passwords[i].len), bases[i]))
            return count;
    }
    if (!msocrypt_hash_spin(sha1, SPINS, bases, count))
        return count;
    for (i = 0; i < count; i++)
        if (fits(standard, sha1, bases[i]))
            break;
    return i;
}

size_t msocrypt_standard_try(void *ctx, const struct msocrypt_password *passwords, size_t count)
{
    struct msocrypt_hash sha1;
    size_t found = count;

    if (msocrypt_hash_open(&sha1, "SHA1")) {
        found = first_fitting(ctx, &sha1, passwords, count);
        msocrypt_hash_close(&sha1);
    }
    return found;
}

void msocrypt_standard_decrypt(
        struct msocrypt_standard *standard, struct msocrypt_job *job, struct hn_bytes package)
{
    struct hn_bytes data;
    uint64_t size;
    uint8_t *out;

    if (package.len < 8) {
        job->result->damaged = true;
        return;
    }
    size = hn_load_u64(package.ptr);
    data = hn_bytes_of(package.ptr + 8, package.len - 8);
    data.len -= data.len % 16;
    out = hn_arena_raw(job->arena, data.len + 1, 16);
    if (out == NULL || !msocrypt_aes_decrypt(standard->key, standard->key_len, NULL, data, out))
        return;
    if (size > data.len) {
        job->result->damaged = true;
        size = data.len;
    }
    job->result->bytes = hn_bytes_of(out, (size_t)size);
}
