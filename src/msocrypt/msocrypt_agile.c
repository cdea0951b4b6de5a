/* msocrypt_agile.c - ECMA-376 Agile encryption ([MS-OFFCRYPTO] 2.3.4.10 to 2.3.4.15): AES in CBC
 * by segments, parameters in XML, integrity by HMAC. Certificates as key encryptors are passed
 * over: nobody here has their keys. */
#include "msocrypt/msocrypt_internal.h"

#include "base/enc.h"
#include "base/reader.h"
#include "base/xml.h"

#define SEGMENT_BYTES 4096u
#define KEY_URI_END   "/keyEncryptor/password"

/* 2.3.4.13 and 2.3.4.14: what is hashed behind the password's hash for each purpose. */
static const uint8_t block_input[8] = { 0xFE, 0xA7, 0xD2, 0x76, 0x3B, 0x4B, 0x9E, 0x79 };
static const uint8_t block_value[8] = { 0xD7, 0xAA, 0x0F, 0x6D, 0x30, 0x61, 0x34, 0x4E };
static const uint8_t block_key[8] = { 0x14, 0x6E, 0x0B, 0xE7, 0xAB, 0xAC, 0xD0, 0xD6 };
static const uint8_t block_hmac_key[8] = { 0x5F, 0xB2, 0xAD, 0x01, 0x0C, 0xB9, 0xE1, 0xF6 };
static const uint8_t block_hmac_value[8] = { 0xA0, 0x67, 0x7F, 0x02, 0xB2, 0x2C, 0x84, 0x33 };

/* ---- Parameters ---- */

static uint32_t number(const struct hn_xml *xml, struct hn_text name)
{
    struct hn_text text = hn_xml_attr(xml, name);
    uint32_t value = 0;

    for (size_t i = 0; i < text.len && i < 9; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return 0;
        value = value * 10 + (uint32_t)(text.ptr[i] - '0');
    }
    return value;
}

/* The bytes of a base64 attribute; 0 where it is longer than there is room for. */
static size_t bytes_of(
        const struct hn_xml *xml, struct hn_text name, uint8_t *room, size_t room_len)
{
    struct hn_buf out = { 0 };
    struct hn_text text = hn_xml_attr(xml, name);
    size_t len = 0;

    if (text.ptr != NULL && hn_base64_decode(&out, text) && out.len <= room_len && out.len > 0) {
        memcpy(room, out.ptr, out.len);
        len = out.len;
    }
    hn_buf_deinit(&out);
    return len;
}

static bool read_key(struct msocrypt_agile_key *key, const struct hn_xml *xml)
{
    struct hn_text hash = hn_xml_attr(xml, HN_TEXT("hashAlgorithm"));

    key->salt_len = bytes_of(xml, HN_TEXT("saltValue"), key->salt, sizeof key->salt);
    key->block_len = number(xml, HN_TEXT("blockSize"));
    key->key_len = number(xml, HN_TEXT("keyBits")) / 8;
    key->aes = hn_text_eq(hn_xml_attr(xml, HN_TEXT("cipherAlgorithm")), HN_TEXT("AES"));
    key->chained =
            hn_text_eq(hn_xml_attr(xml, HN_TEXT("cipherChaining")), HN_TEXT("ChainingModeCBC"));
    if (hash.ptr == NULL || hash.len >= sizeof key->hash_name)
        return false;
    memcpy(key->hash_name, hash.ptr, hash.len);
    key->hash_name[hash.len] = '\0';
    return key->salt_len > 0 && key->block_len == 16 &&
           (key->key_len == 16 || key->key_len == 24 || key->key_len == 32) && key->aes &&
           key->chained;
}

/* "p:encryptedKey": the prefix is the writer's choice. */
static bool is_named(const struct hn_xml *xml, const char *name)
{
    size_t colon = hn_text_find_char(xml->name, ':', 0);
    struct hn_text local =
            colon == SIZE_MAX ? xml->name : hn_text_sub(xml->name, colon + 1, xml->name.len);

    return hn_text_eq(local, hn_text_cstr(name));
}

struct seen {
    bool data;
    bool own;
    bool password; /* within a keyEncryptor for passwords */
};

static void read_element(struct msocrypt_agile *agile, const struct hn_xml *xml, struct seen *seen)
{
    if (is_named(xml, "keyData")) {
        seen->data = read_key(&agile->data, xml);
    } else if (is_named(xml, "dataIntegrity")) {
        agile->hmac_key_len =
                bytes_of(xml, HN_TEXT("encryptedHmacKey"), agile->hmac_key, sizeof agile->hmac_key);
        agile->hmac_value_len = bytes_of(
                xml, HN_TEXT("encryptedHmacValue"), agile->hmac_value, sizeof agile->hmac_value);
    } else if (is_named(xml, "keyEncryptor")) {
        seen->password = hn_text_ends(hn_xml_attr(xml, HN_TEXT("uri")), HN_TEXT(KEY_URI_END));
    } else if (is_named(xml, "encryptedKey") && seen->password && !seen->own) {
        agile->spins = number(xml, HN_TEXT("spinCount"));
        agile->verifier_input_len = bytes_of(xml, HN_TEXT("encryptedVerifierHashInput"),
                agile->verifier_input, sizeof agile->verifier_input);
        agile->verifier_value_len = bytes_of(xml, HN_TEXT("encryptedVerifierHashValue"),
                agile->verifier_value, sizeof agile->verifier_value);
        agile->key_value_len = bytes_of(
                xml, HN_TEXT("encryptedKeyValue"), agile->key_value, sizeof agile->key_value);
        seen->own = read_key(&agile->own, xml) && agile->verifier_input_len > 0 &&
                    agile->verifier_value_len > 0 && agile->key_value_len > 0;
    }
}

bool msocrypt_agile_read(
        struct msocrypt_agile *agile, struct msocrypt_job *job, struct hn_text text)
{
    struct hn_xml *xml = hn_new(job->arena, struct hn_xml, 1);
    struct seen seen = { 0 };
    enum hn_xml_kind kind;

    if (xml == NULL)
        return false;
    if (hn_text_starts(text, HN_TEXT("\xEF\xBB\xBF")))
        text = hn_text_sub(text, 3, text.len);
    hn_xml_init(xml, text);
    while ((kind = hn_xml_next(xml)) > HN_XML_END_OF_INPUT)
        if (kind == HN_XML_START)
            read_element(agile, xml, &seen);
    job->result->kind = MSOCRYPT_AGILE;
    job->spins = agile->spins;
    msocrypt_scheme(job, "Agile, AES-%lu, %s, %lu rounds", (unsigned long)agile->data.key_len * 8,
            agile->own.hash_name, (unsigned long)agile->spins);
    return seen.data && seen.own && agile->key_value_len >= agile->data.key_len;
}

/* ---- Keys ---- */

/* Cut to len, or filled up with 0x36 (2.3.4.11). */
static void fit(uint8_t *bytes, size_t has, size_t len)
{
    if (has < len)
        memset(bytes + has, 0x36, len - has);
}

/* Decrypts with a key made of the password's hash for one purpose; the IV is the salt. */
static bool unwrap(struct msocrypt_agile *agile, struct msocrypt_hash *hash, const uint8_t *base,
        const uint8_t block[8], struct hn_bytes in, uint8_t *out)
{
    uint8_t key[MSOCRYPT_HASH_MAX];
    uint8_t iv[MSOCRYPT_SALT_MAX];

    memcpy(iv, agile->own.salt, agile->own.salt_len);
    fit(iv, agile->own.salt_len, agile->own.block_len);
    if (!msocrypt_hash_of(hash, hn_bytes_of(base, hash->len), hn_bytes_of(block, 8), key))
        return false;
    fit(key, hash->len, agile->own.key_len);
    return msocrypt_aes_decrypt(key, agile->own.key_len, iv, in, out);
}

/* Whether a password fits, by its hash after all rounds. */
static bool fits(struct msocrypt_agile *agile, struct msocrypt_hash *hash, const uint8_t *base)
{
    uint8_t input[64];
    uint8_t value[64];
    uint8_t own[MSOCRYPT_HASH_MAX];
    size_t input_len = agile->verifier_input_len - agile->verifier_input_len % 16;

    /* The verifier is as long as the salt ([MS-OFFCRYPTO] 2.3.4.13). */
    if (agile->own.salt_len < input_len)
        input_len = agile->own.salt_len;
    if (!unwrap(agile, hash, base, block_input,
                hn_bytes_of(agile->verifier_input, agile->verifier_input_len), input) ||
            !unwrap(agile, hash, base, block_value,
                    hn_bytes_of(agile->verifier_value, agile->verifier_value_len), value) ||
            !msocrypt_hash_of(hash, hn_bytes_of(input, input_len), hn_bytes_of(NULL, 0), own) ||
            memcmp(own, value, hash->len) != 0)
        return false;
    return unwrap(agile, hash, base, block_key, hn_bytes_of(agile->key_value, agile->key_value_len),
            agile->secret);
}

static size_t first_fitting(struct msocrypt_agile *agile, struct msocrypt_hash *hash,
        const struct msocrypt_password *passwords, size_t count)
{
    uint8_t bases[MSOCRYPT_BATCH_MAX][MSOCRYPT_HASH_MAX];
    size_t i;

    for (i = 0; i < count; i++) {
        if (!msocrypt_hash_of(hash, hn_bytes_of(agile->own.salt, agile->own.salt_len),
                    hn_bytes_of(passwords[i].utf16, passwords[i].len), bases[i]))
            return count;
    }
    if (!msocrypt_hash_spin(hash, agile->spins, bases, count))
        return count;
    for (i = 0; i < count; i++)
        if (fits(agile, hash, bases[i]))
            break;
    return i;
}

size_t msocrypt_agile_try(void *ctx, const struct msocrypt_password *passwords, size_t count)
{
    struct msocrypt_agile *agile = ctx;
    struct msocrypt_hash hash;
    size_t found = count;

    if (msocrypt_hash_open(&hash, agile->own.hash_name)) {
        if (agile->verifier_value_len >= hash.len)
            found = first_fitting(agile, &hash, passwords, count);
        msocrypt_hash_close(&hash);
    }
    return found;
}

/* ---- The package ---- */

/* IV of a purpose or segment: the hash of the salt and what it is for (2.3.4.12). */
static bool make_iv(const struct msocrypt_agile_key *key, struct msocrypt_hash *hash,
        struct hn_bytes block, uint8_t *iv)
{
    if (!msocrypt_hash_of(hash, hn_bytes_of(key->salt, key->salt_len), block, iv))
        return false;
    fit(iv, hash->len, key->block_len);
    return true;
}

static bool check_integrity(
        struct msocrypt_agile *agile, struct msocrypt_hash *hash, struct hn_bytes package)
{
    uint8_t iv[MSOCRYPT_HASH_MAX];
    uint8_t key[96];
    uint8_t value[96];
    uint8_t pad[2][128];
    uint8_t own[MSOCRYPT_HASH_MAX];
    size_t block = hash->len > 32 ? 128 : 64; /* of the hash function */

    if (agile->hmac_key_len < hash->len || agile->hmac_value_len < hash->len)
        return false;
    if (!make_iv(&agile->data, hash, hn_bytes_of(block_hmac_key, 8), iv) ||
            !msocrypt_aes_decrypt(agile->secret, agile->data.key_len, iv,
                    hn_bytes_of(agile->hmac_key, agile->hmac_key_len), key) ||
            !make_iv(&agile->data, hash, hn_bytes_of(block_hmac_value, 8), iv) ||
            !msocrypt_aes_decrypt(agile->secret, agile->data.key_len, iv,
                    hn_bytes_of(agile->hmac_value, agile->hmac_value_len), value))
        return false;
    memset(pad[0], 0x36, sizeof pad[0]); /* HMAC, RFC 2104 */
    memset(pad[1], 0x5C, sizeof pad[1]);
    for (size_t i = 0; i < hash->len; i++) {
        pad[0][i] ^= key[i];
        pad[1][i] ^= key[i];
    }
    return msocrypt_hash_of(hash, hn_bytes_of(pad[0], block), package, own) &&
           msocrypt_hash_of(hash, hn_bytes_of(pad[1], block), hn_bytes_of(own, hash->len), own) &&
           memcmp(own, value, hash->len) == 0;
}

static bool decrypt_segments(struct msocrypt_agile *agile, struct msocrypt_hash *hash,
        struct hn_bytes data, uint8_t *out)
{
    uint8_t iv[MSOCRYPT_HASH_MAX];

    for (size_t at = 0; at < data.len; at += SEGMENT_BYTES) {
        uint32_t segment = (uint32_t)(at / SEGMENT_BYTES);
        uint8_t index[4] = { (uint8_t)(segment & 0xFF), (uint8_t)(segment >> 8 & 0xFF),
            (uint8_t)(segment >> 16 & 0xFF), (uint8_t)(segment >> 24) };
        size_t len = data.len - at < SEGMENT_BYTES ? data.len - at : SEGMENT_BYTES;

        if (!make_iv(&agile->data, hash, hn_bytes_of(index, sizeof index), iv) ||
                !msocrypt_aes_decrypt(agile->secret, agile->data.key_len, iv,
                        hn_bytes_of(data.ptr + at, len), out + at))
            return false;
    }
    return true;
}

void msocrypt_agile_decrypt(
        struct msocrypt_agile *agile, struct msocrypt_job *job, struct hn_bytes package)
{
    struct msocrypt_hash hash;
    struct hn_bytes data;
    uint64_t size;
    uint8_t *out;

    if (package.len < 8 || !msocrypt_hash_open(&hash, agile->data.hash_name)) {
        job->result->damaged = true;
        return;
    }
    size = hn_load_u64(package.ptr);
    data = hn_bytes_of(package.ptr + 8, package.len - 8);
    data.len -= data.len % 16;
    if (size > data.len) {
        job->result->damaged = true;
        size = data.len;
    }
    out = hn_arena_raw(job->arena, data.len + 1, 16);
    if (out != NULL && decrypt_segments(agile, &hash, data, out)) {
        job->result->bytes = hn_bytes_of(out, (size_t)size);
        job->result->forged = !check_integrity(agile, &hash, package);
    }
    msocrypt_hash_close(&hash);
}
