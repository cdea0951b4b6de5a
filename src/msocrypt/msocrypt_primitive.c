/* msocrypt_primitive.c - hashes and AES by OpenSSL, RC4 here: OpenSSL 3 keeps it in a provider that
 * has to be loaded from a file, which a jailed process cannot. */
#include "msocrypt/msocrypt_internal.h"

#include <openssl/err.h>

bool msocrypt_hash_open(struct msocrypt_hash *hash, const char *name)
{
    static const struct {
        const char *name;
        const EVP_MD *(*md)(void);
    } known[] = {
        { "MD5", EVP_md5 },
        { "SHA1", EVP_sha1 },
        { "SHA-1", EVP_sha1 },
        { "SHA256", EVP_sha256 },
        { "SHA-256", EVP_sha256 },
        { "SHA384", EVP_sha384 },
        { "SHA-384", EVP_sha384 },
        { "SHA512", EVP_sha512 },
        { "SHA-512", EVP_sha512 },
    };

    *hash = (struct msocrypt_hash){ 0 };
    for (size_t i = 0; i < HN_COUNT_OF(known); i++)
        if (strcmp(known[i].name, name) == 0)
            hash->md = known[i].md();
    if (hash->md == NULL)
        return false;
    hash->len = (size_t)EVP_MD_get_size(hash->md);
    hash->ctx = EVP_MD_CTX_new();
    if (hash->ctx != NULL && EVP_DigestInit_ex(hash->ctx, hash->md, NULL) == 1)
        return true;
    msocrypt_hash_close(hash);
    return false;
}

void msocrypt_hash_close(struct msocrypt_hash *hash)
{
    EVP_MD_CTX_free(hash->ctx);
    hash->ctx = NULL;
}

bool msocrypt_hash_of(
        struct msocrypt_hash *hash, struct hn_bytes a, struct hn_bytes b, uint8_t *out)
{
    return EVP_DigestInit_ex(hash->ctx, NULL, NULL) == 1 &&
           (a.len == 0 || EVP_DigestUpdate(hash->ctx, a.ptr, a.len) == 1) &&
           (b.len == 0 || EVP_DigestUpdate(hash->ctx, b.ptr, b.len) == 1) &&
           EVP_DigestFinal_ex(hash->ctx, out, NULL) == 1;
}

/* ---- AES ---- */

bool msocrypt_aes_decrypt(
        const uint8_t *key, size_t key_len, const uint8_t *iv, struct hn_bytes in, uint8_t *out)
{
    const EVP_CIPHER *cipher;
    EVP_CIPHER_CTX *ctx;
    size_t done = 0;
    bool good;

    if (key_len == 16)
        cipher = iv != NULL ? EVP_aes_128_cbc() : EVP_aes_128_ecb();
    else if (key_len == 24)
        cipher = iv != NULL ? EVP_aes_192_cbc() : EVP_aes_192_ecb();
    else if (key_len == 32)
        cipher = iv != NULL ? EVP_aes_256_cbc() : EVP_aes_256_ecb();
    else
        return false;
    ctx = EVP_CIPHER_CTX_new();
    good = ctx != NULL && EVP_DecryptInit_ex(ctx, cipher, NULL, key, iv) == 1 &&
           EVP_CIPHER_CTX_set_padding(ctx, 0) == 1;
    in.len -= in.len % 16;
    while (good && done < in.len) {
        size_t piece = in.len - done > (1u << 20) ? 1u << 20 : in.len - done;
        int len = 0;

        good = EVP_DecryptUpdate(ctx, out + done, &len, in.ptr + done, (int)piece) == 1 &&
               (size_t)len == piece;
        done += piece;
    }
    EVP_CIPHER_CTX_free(ctx);
    ERR_clear_error();
    return good;
}

/* ---- RC4 ---- */

void msocrypt_rc4_init(struct msocrypt_rc4 *rc4, const uint8_t *key, size_t len)
{
    uint8_t j = 0;

    for (size_t i = 0; i < 256; i++)
        rc4->state[i] = (uint8_t)i;
    for (size_t i = 0; i < 256; i++) {
        uint8_t swap = rc4->state[i];

        j = (uint8_t)((j + swap + key[i % len]) & 0xFF);
        rc4->state[i] = rc4->state[j];
        rc4->state[j] = swap;
    }
    rc4->i = 0;
    rc4->j = 0;
}

static uint8_t rc4_next(struct msocrypt_rc4 *rc4)
{
    uint8_t a;
    uint8_t b;

    rc4->i = (uint8_t)((rc4->i + 1) & 0xFF);
    a = rc4->state[rc4->i];
    rc4->j = (uint8_t)((rc4->j + a) & 0xFF);
    b = rc4->state[rc4->j];
    rc4->state[rc4->i] = b;
    rc4->state[rc4->j] = a;
    return rc4->state[(a + b) & 0xFF];
}

void msocrypt_rc4_apply(struct msocrypt_rc4 *rc4, const uint8_t *in, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(in[i] ^ rc4_next(rc4));
}

void msocrypt_rc4_skip(struct msocrypt_rc4 *rc4, size_t len)
{
    for (size_t i = 0; i < len; i++)
        (void)rc4_next(rc4);
}

/* ---- Loading ---- */

void msocrypt_warm(void)
{
    static const char *const names[] = { "MD5", "SHA1", "SHA256", "SHA384", "SHA512" };
    uint8_t bytes[32] = { 0 };
    uint8_t out[MSOCRYPT_HASH_MAX];

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        struct msocrypt_hash hash;

        if (msocrypt_hash_open(&hash, names[i])) {
            (void)msocrypt_hash_of(&hash, hn_bytes_of(bytes, 32), hn_bytes_of(NULL, 0), out);
            msocrypt_hash_close(&hash);
        }
    }
    for (size_t len = 16; len <= 32; len += 8) {
        (void)msocrypt_aes_decrypt(bytes, len, NULL, hn_bytes_of(bytes, 16), out);
        (void)msocrypt_aes_decrypt(bytes, len, bytes, hn_bytes_of(bytes, 16), out);
    }
}
