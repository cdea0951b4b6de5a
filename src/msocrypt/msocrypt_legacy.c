/* msocrypt_legacy.c - the keys of binary documents: RC4 with 40 bits ([MS-OFFCRYPTO] 2.3.6), RC4 by
 * CryptoAPI (2.3.5), XOR obfuscation (2.3.7). Which bytes of a document they are for is said in
 * msocrypt_doc.c, msocrypt_xls.c and msocrypt_ppt.c. */
#include "msocrypt/msocrypt_internal.h"

#include "base/reader.h"

#define SHA1_BYTES 20u
#define MD5_BYTES  16u
#define ALG_RC4    0x6801u

/* ---- Structures ---- */

static bool read_cryptoapi(
        struct msocrypt_legacy *legacy, struct msocrypt_job *job, struct hn_reader *r)
{
    struct hn_reader header;
    uint32_t header_len;
    uint32_t algorithm;
    uint32_t bits;

    hn_reader_skip(r, 4); /* flags */
    header_len = hn_reader_u32(r);
    header = hn_reader_over(hn_reader_take(r, header_len));
    hn_reader_skip(&header, 8);
    algorithm = hn_reader_u32(&header);
    hn_reader_skip(&header, 4);
    bits = hn_reader_u32(&header);
    if (hn_reader_u32(r) != 16) /* the salt's size */
        return false;
    legacy->salt = hn_reader_take(r, 16);
    legacy->verifier = hn_reader_take(r, 16);
    (void)hn_reader_u32(r);
    legacy->verifier_hash = hn_reader_take(r, SHA1_BYTES);
    legacy->key_len = bits == 0 ? 5 : bits / 8; /* 2.3.5.1: 0 stands for 40 bits */
    if (!hn_reader_ok(r) || !hn_reader_ok(&header) || (algorithm != ALG_RC4 && algorithm != 0) ||
            legacy->key_len < 5 || legacy->key_len > 16)
        return false;
    legacy->kind = MSOCRYPT_CRYPTOAPI;
    msocrypt_scheme(job, "CryptoAPI, RC4 with %lu bits, SHA1", (unsigned long)legacy->key_len * 8);
    return true;
}

bool msocrypt_legacy_read(
        struct msocrypt_legacy *legacy, struct msocrypt_job *job, struct hn_bytes info)
{
    struct hn_reader r = hn_reader_over(info);
    uint16_t major = hn_reader_u16(&r);
    uint16_t minor = hn_reader_u16(&r);

    legacy->kind = MSOCRYPT_OTHER;
    if (major == 1 && minor == 1) {
        legacy->salt = hn_reader_take(&r, 16);
        legacy->verifier = hn_reader_take(&r, 16);
        legacy->verifier_hash = hn_reader_take(&r, 16);
        if (hn_reader_ok(&r)) {
            legacy->kind = MSOCRYPT_RC4;
            msocrypt_scheme(job, "RC4 with 40 bits, MD5");
        }
    } else if (major >= 2 && major <= 4 && minor == 2) {
        (void)read_cryptoapi(legacy, job, &r);
    }
    return legacy->kind != MSOCRYPT_OTHER;
}

/* ---- RC4 ---- */

/* 2.3.6.2: five bytes of MD5, sixteen times with the salt, hashed again. */
static bool rc4_base(struct msocrypt_legacy *legacy, const struct msocrypt_password *pw)
{
    struct msocrypt_hash md5;
    uint8_t hash[MSOCRYPT_HASH_MAX];
    uint8_t both[16 * 21];
    bool good;

    if (!msocrypt_hash_open(&md5, "MD5"))
        return false;
    good = msocrypt_hash_of(&md5, hn_bytes_of(pw->utf16, pw->len), hn_bytes_of(NULL, 0), hash);
    for (size_t i = 0; i < 16; i++) {
        memcpy(both + i * 21, hash, 5);
        memcpy(both + i * 21 + 5, legacy->salt.ptr, 16);
    }
    good = good &&
           msocrypt_hash_of(&md5, hn_bytes_of(both, sizeof both), hn_bytes_of(NULL, 0), hash);
    memcpy(legacy->base, hash, 5);
    msocrypt_hash_close(&md5);
    return good;
}

static bool cryptoapi_base(struct msocrypt_legacy *legacy, const struct msocrypt_password *pw)
{
    struct msocrypt_hash sha1;
    uint8_t hash[MSOCRYPT_HASH_MAX];
    bool good;

    if (!msocrypt_hash_open(&sha1, "SHA1"))
        return false;
    good = msocrypt_hash_of(&sha1, legacy->salt, hn_bytes_of(pw->utf16, pw->len), hash);
    memcpy(legacy->base, hash, SHA1_BYTES);
    msocrypt_hash_close(&sha1);
    return good;
}

bool msocrypt_legacy_block(
        const struct msocrypt_legacy *legacy, uint32_t block, struct msocrypt_rc4 *ret_rc4)
{
    bool is_rc4 = legacy->kind == MSOCRYPT_RC4;
    struct msocrypt_hash hash;
    uint8_t index[4] = { (uint8_t)(block & 0xFF), (uint8_t)(block >> 8 & 0xFF),
        (uint8_t)(block >> 16 & 0xFF), (uint8_t)(block >> 24) };
    uint8_t key[MSOCRYPT_HASH_MAX];
    size_t key_len = is_rc4 ? MD5_BYTES : legacy->key_len;
    bool good;

    if (!msocrypt_hash_open(&hash, is_rc4 ? "MD5" : "SHA1"))
        return false;
    good = msocrypt_hash_of(&hash, hn_bytes_of(legacy->base, is_rc4 ? 5 : SHA1_BYTES),
            hn_bytes_of(index, sizeof index), key);
    if (!is_rc4 && key_len == 5) { /* 2.3.5.2: 40 bits are filled up with zeros */
        memset(key + 5, 0, 11);
        key_len = 16;
    }
    msocrypt_rc4_init(ret_rc4, key, key_len);
    msocrypt_hash_close(&hash);
    return good;
}

bool msocrypt_legacy_range(const struct msocrypt_legacy *legacy, size_t block_len, size_t offset,
        uint8_t *bytes, size_t len)
{
    while (len > 0) {
        size_t within = offset % block_len;
        size_t piece = block_len - within < len ? block_len - within : len;
        struct msocrypt_rc4 rc4;

        if (!msocrypt_legacy_block(legacy, (uint32_t)(offset / block_len), &rc4))
            return false;
        msocrypt_rc4_skip(&rc4, within);
        msocrypt_rc4_apply(&rc4, bytes, bytes, piece);
        bytes += piece;
        offset += piece;
        len -= piece;
    }
    return true;
}

static bool rc4_fits(const struct msocrypt_legacy *legacy)
{
    bool is_rc4 = legacy->kind == MSOCRYPT_RC4;
    struct msocrypt_rc4 rc4;
    struct msocrypt_hash hash;
    uint8_t verifier[16];
    uint8_t stated[SHA1_BYTES];
    uint8_t own[MSOCRYPT_HASH_MAX];
    size_t len = is_rc4 ? MD5_BYTES : SHA1_BYTES;
    bool good;

    if (!msocrypt_legacy_block(legacy, 0, &rc4) ||
            !msocrypt_hash_open(&hash, is_rc4 ? "MD5" : "SHA1"))
        return false;
    msocrypt_rc4_apply(&rc4, legacy->verifier.ptr, verifier, sizeof verifier);
    msocrypt_rc4_apply(&rc4, legacy->verifier_hash.ptr, stated, len);
    good = msocrypt_hash_of(
                   &hash, hn_bytes_of(verifier, sizeof verifier), hn_bytes_of(NULL, 0), own) &&
           memcmp(own, stated, len) == 0;
    msocrypt_hash_close(&hash);
    return good;
}

/* ---- Trying ---- */

/* Method 1 takes one byte of each UTF-16 unit, the low one unless it is 0 (2.3.7.4). */
static bool xor_fits(struct msocrypt_legacy *legacy, const struct msocrypt_password *pw)
{
    uint8_t narrow[15];
    size_t len = pw->len / 2;

    if (len == 0 || len > sizeof narrow)
        return false;
    for (size_t i = 0; i < len; i++)
        narrow[i] = pw->utf16[i * 2] != 0 ? pw->utf16[i * 2] : pw->utf16[i * 2 + 1];
    if (msocrypt_xor_verifier(narrow, len) != legacy->xor_verifier ||
            msocrypt_xor_key(narrow, len) != legacy->xor_key)
        return false;
    msocrypt_xor_array(narrow, len, legacy->xor_array);
    return true;
}

static bool fits(struct msocrypt_legacy *legacy, const struct msocrypt_password *pw)
{
    if (legacy->kind == MSOCRYPT_XOR)
        return xor_fits(legacy, pw);
    if (legacy->kind == MSOCRYPT_RC4)
        return rc4_base(legacy, pw) && rc4_fits(legacy);
    return legacy->kind == MSOCRYPT_CRYPTOAPI && cryptoapi_base(legacy, pw) && rc4_fits(legacy);
}

size_t msocrypt_legacy_try(void *ctx, const struct msocrypt_password *passwords, size_t count)
{
    size_t i = 0;

    while (i < count && !fits(ctx, &passwords[i]))
        i++;
    return i;
}
