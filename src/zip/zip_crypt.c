/* zip_crypt.c - the traditional encryption of PKWARE (APPNOTE 6.1) and WinZip's AES (AE-1, AE-2).
 */
#include "zip/zip_internal.h"

#include "base/mem.h"
#include "base/reader.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define TRADITIONAL_HEADER_BYTES 12u
#define AES_BLOCK                16u
#define AES_VERIFIER_BYTES       2u
#define AES_MAC_BYTES            10u
#define AES_ROUNDS               1000
#define AES_BATCH_BLOCKS         256u

/* ---- Traditional ---- */

struct keys {
    uint32_t key[3];
};

static void make_table(uint32_t table[256])
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;

        for (int bit = 0; bit < 8; bit++)
            value = (value & 1u) != 0 ? value >> 1 ^ 0xedb88320u : value >> 1;
        table[i] = value;
    }
}

HN_WRAPS static void update(struct keys *keys, uint8_t byte, const uint32_t *table)
{
    keys->key[0] = table[(keys->key[0] ^ byte) & 0xffu] ^ keys->key[0] >> 8;
    keys->key[1] = (keys->key[1] + (keys->key[0] & 0xffu)) * 134775813u + 1u;
    keys->key[2] = table[(keys->key[2] ^ keys->key[1] >> 24) & 0xffu] ^ keys->key[2] >> 8;
}

HN_WRAPS static uint8_t decrypt_byte(struct keys *keys, uint8_t byte, const uint32_t *table)
{
    uint32_t mix = (keys->key[2] | 2u) & 0xffffu;
    uint8_t plain = (uint8_t)(byte ^ (uint8_t)((mix * (mix ^ 1u)) >> 8));

    update(keys, plain, table);
    return plain;
}

static enum hn_status decrypt_traditional(const struct zip_slot *slot, struct hn_bytes packed,
        struct hn_text password, struct hn_bytes *ret_packed, uint8_t **ret_owned)
{
    uint32_t table[256];
    struct keys keys = { { 0x12345678u, 0x23456789u, 0x34567890u } };
    uint8_t last = 0;
    uint8_t *out;
    size_t len;

    if (packed.len < TRADITIONAL_HEADER_BYTES)
        return HN_TRUNCATED;
    make_table(table);
    for (size_t i = 0; i < password.len; i++)
        update(&keys, (uint8_t)password.ptr[i], table);
    for (size_t i = 0; i < TRADITIONAL_HEADER_BYTES; i++)
        last = decrypt_byte(&keys, packed.ptr[i], table);
    /* Which of the two is there depends on who wrote it, not only on the flag. */
    if (last != slot->entry.crc >> 24 && last != (slot->entry.dos_time >> 8 & 0xffu))
        return HN_NOTFOUND;
    len = packed.len - TRADITIONAL_HEADER_BYTES;
    out = hn_malloc(len + 1);
    if (out == NULL)
        return HN_NOMEM;
    for (size_t i = 0; i < len; i++)
        out[i] = decrypt_byte(&keys, packed.ptr[TRADITIONAL_HEADER_BYTES + i], table);
    *ret_owned = out;
    *ret_packed = hn_bytes_of(out, len);
    return HN_OK;
}

void zip_encrypt(struct hn_text password, uint8_t *bytes, size_t len)
{
    uint32_t table[256];
    struct keys keys = { { 0x12345678u, 0x23456789u, 0x34567890u } };

    make_table(table);
    for (size_t i = 0; i < password.len; i++)
        update(&keys, (uint8_t)password.ptr[i], table);
    for (size_t i = 0; i < len; i++) {
        uint8_t plain = bytes[i];
        struct keys before = keys;

        /* The stream depends on the keys alone: what decrypts zeros is the stream. */
        bytes[i] = (uint8_t)(plain ^ decrypt_byte(&before, 0, table));
        update(&keys, plain, table);
    }
}

/* ---- AES ---- */

struct aes_parts {
    struct hn_bytes salt;
    struct hn_bytes verifier;
    struct hn_bytes data;
    struct hn_bytes mac;
    size_t key_len;
};

static bool split(const struct zip_slot *slot, struct hn_bytes packed, struct aes_parts *ret)
{
    struct hn_reader r = hn_reader_over(packed);

    ret->key_len = 8u + 8u * slot->aes_strength;
    ret->salt = hn_reader_take(&r, ret->key_len / 2);
    ret->verifier = hn_reader_take(&r, AES_VERIFIER_BYTES);
    if (!hn_reader_ok(&r) || hn_reader_left(&r) < AES_MAC_BYTES)
        return false;
    ret->data = hn_reader_take(&r, hn_reader_left(&r) - AES_MAC_BYTES);
    ret->mac = hn_reader_take(&r, AES_MAC_BYTES);
    return true;
}

/* Counter mode as WinZip has it: the counter is little-endian and starts at 1, which OpenSSL's is
 * not, so the counters are encrypted in batches. */
static bool run_counter(const uint8_t *key, size_t key_len, struct hn_bytes data, uint8_t *out)
{
    uint8_t counters[AES_BATCH_BLOCKS * AES_BLOCK];
    uint8_t stream[AES_BATCH_BLOCKS * AES_BLOCK];
    const EVP_CIPHER *cipher = key_len == 16   ? EVP_aes_128_ecb()
                               : key_len == 24 ? EVP_aes_192_ecb()
                                               : EVP_aes_256_ecb();
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool ok = ctx != NULL && EVP_EncryptInit_ex(ctx, cipher, NULL, key, NULL) == 1 &&
              EVP_CIPHER_CTX_set_padding(ctx, 0) == 1;
    uint64_t counter = 1;

    memset(counters, 0, sizeof counters);
    for (size_t done = 0; ok && done < data.len;) {
        size_t piece = data.len - done < sizeof stream ? data.len - done : sizeof stream;
        int len = 0;

        for (size_t block = 0; block < AES_BATCH_BLOCKS; block++, counter++)
            for (size_t i = 0; i < 8; i++)
                counters[block * AES_BLOCK + i] = (uint8_t)(counter >> (8 * i));
        ok = EVP_EncryptUpdate(ctx, stream, &len, counters, (int)sizeof counters) == 1;
        for (size_t i = 0; ok && i < piece; i++)
            out[done + i] = data.ptr[done + i] ^ stream[i];
        done += piece;
    }
    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

static enum hn_status decrypt_aes(const struct zip_slot *slot, struct hn_bytes packed,
        struct hn_text password, struct hn_bytes *ret_packed, uint8_t **ret_owned,
        bool *ret_authentic)
{
    struct aes_parts parts;
    uint8_t keys[32 + 32 + AES_VERIFIER_BYTES];
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned mac_len = 0;
    uint8_t *out;

    if (!split(slot, packed, &parts))
        return HN_TRUNCATED;
    if (PKCS5_PBKDF2_HMAC(password.ptr, (int)password.len, parts.salt.ptr, (int)parts.salt.len,
                AES_ROUNDS, EVP_sha1(), (int)(2 * parts.key_len + AES_VERIFIER_BYTES), keys) != 1)
        return HN_NOMEM;
    if (memcmp(keys + 2 * parts.key_len, parts.verifier.ptr, AES_VERIFIER_BYTES) != 0)
        return HN_NOTFOUND;
    if (HMAC(EVP_sha1(), keys + parts.key_len, (int)parts.key_len, parts.data.ptr, parts.data.len,
                mac, &mac_len) == NULL)
        return HN_NOMEM;
    *ret_authentic = memcmp(mac, parts.mac.ptr, AES_MAC_BYTES) == 0;
    out = hn_malloc(parts.data.len + 1);
    if (out == NULL)
        return HN_NOMEM;
    if (!run_counter(keys, parts.key_len, parts.data, out)) {
        hn_free(out);
        return HN_NOMEM;
    }
    *ret_owned = out;
    *ret_packed = hn_bytes_of(out, parts.data.len);
    return HN_OK;
}

enum hn_status zip_decrypt(const struct zip_slot *slot, struct hn_bytes packed,
        struct hn_text password, struct hn_bytes *ret_packed, uint8_t **ret_owned,
        bool *ret_authentic)
{
    *ret_authentic = true;
    if (slot->aes_strength != 0)
        return decrypt_aes(slot, packed, password, ret_packed, ret_owned, ret_authentic);
    return decrypt_traditional(slot, packed, password, ret_packed, ret_owned);
}
