/* crypt_writer.c - see crypt_writer.h. */
#include "support/crypt_writer.h"

#include "base/enc.h"
#include "base/mem.h"
#include "base/utf.h"
#include "support/cfb_writer.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#define CHECK(condition)  \
    do {                  \
        if (!(condition)) \
            abort();      \
    } while (0)

static const uint8_t salt[16] = { 0xA0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
static const uint8_t data_salt[16] = { 0xB0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
static const uint8_t verifier[16] = { 0xC0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
static const uint8_t secret[32] = { 0xD0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
    18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31 };

/* ---- Pieces ---- */

static void put_u16(struct hn_buf *out, unsigned value)
{
    hn_buf_add_char(out, (char)(value & 0xFF));
    hn_buf_add_char(out, (char)(value >> 8 & 0xFF));
}

static void put_u32(struct hn_buf *out, unsigned value)
{
    put_u16(out, value & 0xFFFF);
    put_u16(out, value >> 16);
}

static void le32(uint8_t out[4], unsigned value)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> 8 * i & 0xFF);
}

static struct hn_bytes view(const struct hn_buf *buf)
{
    return hn_text_as_bytes(hn_buf_text(buf));
}

static const EVP_MD *md_of(const char *name)
{
    const EVP_MD *md = EVP_get_digestbyname(name);

    CHECK(md != NULL);
    return md;
}

/* The digest of two pieces; its length. */
static size_t digest(const char *name, struct hn_bytes a, struct hn_bytes b, uint8_t out[64])
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned len = 0;

    CHECK(ctx != NULL && EVP_DigestInit_ex(ctx, md_of(name), NULL) == 1);
    CHECK(EVP_DigestUpdate(ctx, a.ptr, a.len) == 1 && EVP_DigestUpdate(ctx, b.ptr, b.len) == 1);
    CHECK(EVP_DigestFinal_ex(ctx, out, &len) == 1);
    EVP_MD_CTX_free(ctx);
    return len;
}

/* AES of whole blocks, zeros filled up; iv NULL: ECB. */
static void encrypt(struct hn_buf *out, const uint8_t *key, size_t key_len, const uint8_t *iv,
        struct hn_bytes in)
{
    const EVP_CIPHER *ecb = key_len == 16   ? EVP_aes_128_ecb()
                            : key_len == 24 ? EVP_aes_192_ecb()
                                            : EVP_aes_256_ecb();
    const EVP_CIPHER *cbc = key_len == 16   ? EVP_aes_128_cbc()
                            : key_len == 24 ? EVP_aes_192_cbc()
                                            : EVP_aes_256_cbc();
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    size_t blocks = (in.len + 15) / 16;

    CHECK(ctx != NULL && EVP_EncryptInit_ex(ctx, iv != NULL ? cbc : ecb, NULL, key, iv) == 1);
    EVP_CIPHER_CTX_set_padding(ctx, 0);
    for (size_t i = 0; i < blocks; i++) {
        uint8_t block[16] = { 0 };
        uint8_t packed[32];
        int len = 0;

        memcpy(block, in.ptr + i * 16, in.len - i * 16 < 16 ? in.len - i * 16 : 16);
        CHECK(EVP_EncryptUpdate(ctx, packed, &len, block, 16) == 1 && len == 16);
        hn_buf_add(out, packed, 16);
    }
    EVP_CIPHER_CTX_free(ctx);
}

static void rc4(const uint8_t *key, size_t key_len, size_t skip, uint8_t *bytes, size_t len)
{
    uint8_t s[256];
    unsigned i = 0;
    unsigned j = 0;

    for (unsigned k = 0; k < 256; k++)
        s[k] = (uint8_t)k;
    for (unsigned k = 0; k < 256; k++) {
        uint8_t swap = s[k];

        j = (j + s[k] + key[k % key_len]) & 0xFF;
        s[k] = s[j];
        s[j] = swap;
    }
    j = 0;
    for (size_t n = 0; n < skip + len; n++) {
        uint8_t swap;

        i = (i + 1) & 0xFF;
        j = (j + s[i]) & 0xFF;
        swap = s[i];
        s[i] = s[j];
        s[j] = swap;
        if (n >= skip)
            bytes[n - skip] ^= s[(s[i] + s[j]) & 0xFF];
    }
}

static void finish(struct cfb_writer *cfb, struct hn_buf *out)
{
    cfb_writer_finish(cfb, out);
    cfb_writer_free(cfb);
}

static void add_package(struct hn_buf *out, struct hn_buf *info, struct hn_buf *package)
{
    struct cfb_writer *cfb = cfb_writer_new(3);

    cfb_writer_stream(cfb, "EncryptionInfo", view(info));
    cfb_writer_stream(cfb, "EncryptedPackage", view(package));
    finish(cfb, out);
    hn_buf_deinit(info);
    hn_buf_deinit(package);
}

/* ---- Agile ---- */

struct agile {
    const char *hash;
    size_t hash_len;
    size_t key_len;
    uint8_t base[64];
};

static void fill_up(uint8_t *bytes, size_t has)
{
    memset(bytes + has, 0x36, 64 - has);
}

static void wrapped(struct hn_buf *xml, const char *name, const struct agile *agile,
        const char block[8], struct hn_bytes in)
{
    struct hn_buf packed = { 0 };
    uint8_t key[64];

    fill_up(key, digest(agile->hash, hn_bytes_of(agile->base, agile->hash_len),
                         hn_bytes_of(block, 8), key));
    encrypt(&packed, key, agile->key_len, salt, in);
    hn_buf_addf(xml, " %s=\"", name);
    hn_base64_encode(xml, view(&packed));
    hn_buf_add_char(xml, '"');
    hn_buf_deinit(&packed);
}

static void integrity(struct hn_buf *xml, const char *name, const struct agile *agile,
        const char block[8], struct hn_bytes in)
{
    struct hn_buf packed = { 0 };
    uint8_t iv[64];

    fill_up(iv, digest(agile->hash, hn_bytes_of(data_salt, 16), hn_bytes_of(block, 8), iv));
    encrypt(&packed, secret, agile->key_len, iv, in);
    hn_buf_addf(xml, " %s=\"", name);
    hn_base64_encode(xml, view(&packed));
    hn_buf_add_char(xml, '"');
    hn_buf_deinit(&packed);
}

static void key_attributes(struct hn_buf *xml, const struct agile *agile, const uint8_t *own_salt)
{
    hn_buf_addf(xml,
            " saltSize=\"16\" blockSize=\"16\" keyBits=\"%u\" hashSize=\"%u\" "
            "cipherAlgorithm=\"AES\" cipherChaining=\"ChainingModeCBC\" hashAlgorithm=\"%s\" "
            "saltValue=\"",
            (unsigned)agile->key_len * 8, (unsigned)agile->hash_len, agile->hash);
    hn_base64_encode(xml, hn_bytes_of(own_salt, 16));
    hn_buf_add_char(xml, '"');
}

static void spin(struct agile *agile, const char *password, unsigned spins)
{
    struct hn_buf utf16 = { 0 };
    uint8_t index[4];

    hn_utf8_to_utf16le(&utf16, hn_text_cstr(password));
    agile->hash_len = digest(agile->hash, hn_bytes_of(salt, 16), view(&utf16), agile->base);
    for (unsigned i = 0; i < spins; i++) {
        le32(index, i);
        digest(agile->hash, hn_bytes_of(index, 4), hn_bytes_of(agile->base, agile->hash_len),
                agile->base);
    }
    hn_buf_deinit(&utf16);
}

static void agile_package(struct hn_buf *out, const struct agile *agile, struct hn_bytes package)
{
    put_u32(out, (unsigned)package.len);
    put_u32(out, 0);
    for (size_t at = 0; at < package.len; at += 4096) {
        uint8_t iv[64];
        uint8_t index[4];

        le32(index, (unsigned)(at / 4096));
        fill_up(iv, digest(agile->hash, hn_bytes_of(data_salt, 16), hn_bytes_of(index, 4), iv));
        encrypt(out, secret, agile->key_len, iv,
                hn_bytes_of(package.ptr + at, package.len - at < 4096 ? package.len - at : 4096));
    }
}

void crypt_writer_agile(struct hn_buf *out, struct hn_bytes package, const char *password,
        const char *hash, unsigned key_bits, unsigned spins)
{
    struct agile agile = { .hash = hash, .key_len = key_bits / 8 };
    struct hn_buf xml = { 0 };
    struct hn_buf data = { 0 };
    uint8_t value[64];
    uint8_t hmac_key[64] = { 0xE0, 1, 2 };
    uint8_t mac[64];
    unsigned mac_len = 0;

    spin(&agile, password, spins);
    agile_package(&data, &agile, package);
    CHECK(HMAC(md_of(hash), hmac_key, (int)agile.hash_len, view(&data).ptr, data.len, mac,
                  &mac_len) != NULL);
    put_u16(&xml, 4);
    put_u16(&xml, 4);
    put_u32(&xml, 0x40);
    hn_buf_add_lit(&xml,
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n"
            "<encryption xmlns=\"http://schemas.microsoft.com/office/2006/encryption\" "
            "xmlns:p=\"http://schemas.microsoft.com/office/2006/keyEncryptor/password\">"
            "<keyData");
    key_attributes(&xml, &agile, data_salt);
    hn_buf_add_lit(&xml, "/><dataIntegrity");
    integrity(&xml, "encryptedHmacKey", &agile, "\x5f\xb2\xad\x01\x0c\xb9\xe1\xf6",
            hn_bytes_of(hmac_key, agile.hash_len));
    integrity(&xml, "encryptedHmacValue", &agile, "\xa0\x67\x7f\x02\xb2\x2c\x84\x33",
            hn_bytes_of(mac, mac_len));
    hn_buf_addf(&xml,
            "/><keyEncryptors><keyEncryptor "
            "uri=\"http://schemas.microsoft.com/office/2006/keyEncryptor/password\">"
            "<p:encryptedKey spinCount=\"%u\"",
            spins);
    key_attributes(&xml, &agile, salt);
    wrapped(&xml, "encryptedVerifierHashInput", &agile, "\xfe\xa7\xd2\x76\x3b\x4b\x9e\x79",
            hn_bytes_of(verifier, 16));
    digest(hash, hn_bytes_of(verifier, 16), hn_bytes_of("", 0), value);
    wrapped(&xml, "encryptedVerifierHashValue", &agile, "\xd7\xaa\x0f\x6d\x30\x61\x34\x4e",
            hn_bytes_of(value, agile.hash_len));
    wrapped(&xml, "encryptedKeyValue", &agile, "\x14\x6e\x0b\xe7\xab\xac\xd0\xd6",
            hn_bytes_of(secret, agile.key_len));
    hn_buf_add_lit(&xml, "/></keyEncryptor></keyEncryptors></encryption>");
    add_package(out, &xml, &data);
}

/* ---- Standard ---- */

void crypt_writer_standard(
        struct hn_buf *out, struct hn_bytes package, const char *password, unsigned key_bits)
{
    struct agile base = { .hash = "SHA1" };
    struct hn_buf info = { 0 };
    struct hn_buf data = { 0 };
    uint8_t hash[64];
    uint8_t pad[64];
    uint8_t key[128];

    spin(&base, password, 50000);
    digest("SHA1", hn_bytes_of(base.base, 20), hn_bytes_of("\0\0\0\0", 4), hash);
    for (size_t half = 0; half < 2; half++) {
        memset(pad, half == 0 ? 0x36 : 0x5C, sizeof pad);
        for (unsigned i = 0; i < 20; i++)
            pad[i] ^= hash[i];
        digest("SHA1", hn_bytes_of(pad, 64), hn_bytes_of("", 0), key + half * 20);
    }
    put_u16(&info, 4);
    put_u16(&info, 2);
    put_u32(&info, 0x24);
    put_u32(&info, 34); /* header: eight numbers and an empty name */
    put_u32(&info, 0x24);
    put_u32(&info, 0);
    put_u32(&info, key_bits == 128 ? 0x660E : key_bits == 192 ? 0x660F : 0x6610);
    put_u32(&info, 0x8004);
    put_u32(&info, key_bits);
    put_u32(&info, 0x18);
    put_u32(&info, 0);
    put_u32(&info, 0);
    put_u16(&info, 0);
    put_u32(&info, 16);
    hn_buf_add(&info, salt, 16);
    encrypt(&info, key, key_bits / 8, NULL, hn_bytes_of(verifier, 16));
    put_u32(&info, 20);
    digest("SHA1", hn_bytes_of(verifier, 16), hn_bytes_of("", 0), hash);
    encrypt(&info, key, key_bits / 8, NULL, hn_bytes_of(hash, 20));
    put_u32(&data, (unsigned)package.len);
    put_u32(&data, 0);
    encrypt(&data, key, key_bits / 8, NULL, package);
    add_package(out, &info, &data);
}

/* ---- Binary documents ---- */

struct legacy {
    enum crypt_writer_kind kind;
    uint8_t base[64];
    size_t key_len; /* CryptoAPI */
    uint8_t array[16];
    uint16_t xor_key;
    uint16_t xor_verifier;
};

static void block_key(const struct legacy *legacy, unsigned block, uint8_t key[64], size_t *len)
{
    uint8_t index[4];

    le32(index, block);
    memset(key, 0, 64);
    if (legacy->kind == CRYPT_WRITER_RC4) {
        *len = digest("MD5", hn_bytes_of(legacy->base, 5), hn_bytes_of(index, 4), key);
        return;
    }
    digest("SHA1", hn_bytes_of(legacy->base, 20), hn_bytes_of(index, 4), key);
    *len = legacy->key_len;
    if (*len == 5) {
        memset(key + 5, 0, 11);
        *len = 16;
    }
}

/* [MS-OFFCRYPTO] 2.3.7.1 and 2.3.7.2, by the words of the specification. */
static uint16_t rotated(uint16_t value, unsigned by)
{
    return (uint16_t)((value << by | value >> (15 - by)) & 0x7FFF);
}

static void start_xor(struct legacy *legacy, const char *password)
{
    /* The key of "abc" as msoffcrypto-tool has it; the verifier by rotation, which is another way
     * to say what the specification's loop does. */
    size_t len = strlen(password);
    uint16_t sum = 0;
    static const uint8_t pad[15] = { 0xBB, 0xFF, 0xFF, 0xBA, 0xFF, 0xFF, 0xB9, 0x80, 0x00, 0xBE,
        0x0F, 0x00, 0xBF, 0x0F, 0x00 };

    CHECK(strcmp(password, "abc") == 0);
    legacy->xor_key = 0x514A;
    for (size_t i = 0; i < len; i++)
        sum ^= rotated((uint16_t)(unsigned char)password[i], (unsigned)i + 1);
    legacy->xor_verifier = (uint16_t)(sum ^ len ^ 0xCE4B);
    for (size_t i = 0; i < 16; i++) {
        unsigned byte = i < len ? (unsigned char)password[i] : pad[i - len];

        byte ^= i % 2 == 0 ? legacy->xor_key & 0xFFu : (unsigned)legacy->xor_key >> 8;
        legacy->array[i] = (uint8_t)((byte >> 1 | byte << 7) & 0xFF);
    }
}

static void start(
        struct legacy *legacy, const char *password, enum crypt_writer_kind kind, unsigned key_bits)
{
    struct hn_buf utf16 = { 0 };

    legacy->kind = kind;
    legacy->key_len = key_bits / 8;
    hn_utf8_to_utf16le(&utf16, hn_text_cstr(password));
    if (kind == CRYPT_WRITER_XOR) {
        start_xor(legacy, password);
    } else if (kind == CRYPT_WRITER_RC4) {
        struct hn_buf both = { 0 };
        uint8_t hash[64];

        digest("MD5", view(&utf16), hn_bytes_of("", 0), hash);
        for (unsigned i = 0; i < 16; i++) {
            hn_buf_add(&both, hash, 5);
            hn_buf_add(&both, salt, 16);
        }
        digest("MD5", view(&both), hn_bytes_of("", 0), legacy->base);
        hn_buf_deinit(&both);
    } else {
        digest("SHA1", hn_bytes_of(salt, 16), view(&utf16), legacy->base);
    }
    hn_buf_deinit(&utf16);
}

/* The encryption header of RC4 and CryptoAPI. */
static void add_header(struct hn_buf *out, const struct legacy *legacy)
{
    bool is_rc4 = legacy->kind == CRYPT_WRITER_RC4;
    uint8_t both[36];
    uint8_t hash[64];
    uint8_t key[64];
    size_t key_len;

    memcpy(both, verifier, 16);
    digest(is_rc4 ? "MD5" : "SHA1", hn_bytes_of(verifier, 16), hn_bytes_of("", 0), hash);
    memcpy(both + 16, hash, 20);
    block_key(legacy, 0, key, &key_len);
    rc4(key, key_len, 0, both, sizeof both);
    put_u16(out, is_rc4 ? 1 : 2);
    put_u16(out, is_rc4 ? 1 : 2);
    if (!is_rc4) {
        put_u32(out, 4);
        put_u32(out, 34);
        put_u32(out, 4);
        put_u32(out, 0);
        put_u32(out, 0x6801);
        put_u32(out, 0x8004);
        put_u32(out, (unsigned)legacy->key_len * 8);
        put_u32(out, 1);
        put_u32(out, 0);
        put_u32(out, 0);
        put_u16(out, 0);
        put_u32(out, 16);
    }
    hn_buf_add(out, salt, 16);
    hn_buf_add(out, both, 16);
    if (!is_rc4)
        put_u32(out, 20);
    hn_buf_add(out, both + 16, is_rc4 ? 16 : 20);
}

/* RC4 of one byte at a time, so that no block arithmetic is shared with what is tested. */
static void mask_byte(const struct legacy *legacy, size_t block_len, size_t offset, uint8_t *byte)
{
    uint8_t key[64];
    size_t key_len;

    block_key(legacy, (unsigned)(offset / block_len), key, &key_len);
    rc4(key, key_len, offset % block_len, byte, 1);
}

static bool is_clear(unsigned type, size_t index)
{
    return type == 0x809 || type == 0x2F || type == 0xE1 || type == 0x194 || type == 0x195 ||
           type == 0x196 || type == 0x138 || (type == 0x85 && index < 4);
}

static void mask_records(const struct legacy *legacy, uint8_t *stream, size_t len)
{
    for (size_t at = 0; at + 4 <= len;) {
        unsigned type = stream[at] | (unsigned)stream[at + 1] << 8;
        size_t size = stream[at + 2] | (size_t)stream[at + 3] << 8;

        at += 4;
        for (size_t i = 0; i < size && at + i < len; i++) {
            if (is_clear(type, i))
                continue;
            if (legacy->kind == CRYPT_WRITER_XOR) {
                unsigned byte = stream[at + i];

                byte = (byte << 5 | byte >> 3) & 0xFF;
                stream[at + i] = (uint8_t)(byte ^ legacy->array[(at + i + size) % 16]);
            } else {
                mask_byte(legacy, 1024, at + i, stream + at + i);
            }
        }
        at += size;
    }
}

void crypt_writer_xls(struct hn_buf *out, struct hn_bytes workbook, const char *password,
        enum crypt_writer_kind kind, unsigned key_bits)
{
    struct legacy legacy = { 0 };
    struct hn_buf header = { 0 };
    struct hn_buf stream = { 0 };
    struct cfb_writer *cfb = cfb_writer_new(3);
    size_t first = 4u + workbook.ptr[2] + ((size_t)workbook.ptr[3] << 8);

    start(&legacy, password, kind, key_bits);
    put_u16(&header, kind == CRYPT_WRITER_XOR ? 0 : 1);
    if (kind == CRYPT_WRITER_XOR) {
        put_u16(&header, legacy.xor_key);
        put_u16(&header, legacy.xor_verifier);
    } else {
        add_header(&header, &legacy);
    }
    hn_buf_add(&stream, workbook.ptr, first);
    put_u16(&stream, 0x2F);
    put_u16(&stream, (unsigned)header.len);
    hn_buf_add_text(&stream, hn_buf_text(&header));
    hn_buf_add(&stream, workbook.ptr + first, workbook.len - first);
    mask_records(&legacy, (uint8_t *)stream.ptr, stream.len);
    cfb_writer_stream(cfb, "Workbook", view(&stream));
    cfb_writer_stream(cfb, "Other/Stream", hn_bytes_of("left alone", 10));
    finish(cfb, out);
    hn_buf_deinit(&header);
    hn_buf_deinit(&stream);
}

static void mask_doc(const struct legacy *legacy, struct hn_buf *stream, size_t clear)
{
    uint8_t *bytes = (uint8_t *)stream->ptr;

    for (size_t i = clear; i < stream->len; i++) {
        uint8_t masked = (uint8_t)(bytes[i] ^ legacy->array[i % 16]);

        if (legacy->kind != CRYPT_WRITER_XOR)
            mask_byte(legacy, 512, i, bytes + i);
        else if (bytes[i] != 0 && masked != 0)
            bytes[i] = masked;
    }
}

void crypt_writer_doc(struct hn_buf *out, struct hn_bytes word, struct hn_bytes table,
        const char *password, enum crypt_writer_kind kind, unsigned key_bits)
{
    struct legacy legacy = { 0 };
    struct hn_buf fib = { 0 };
    struct hn_buf header = { 0 };
    struct cfb_writer *cfb = cfb_writer_new(3);
    size_t header_len;

    start(&legacy, password, kind, key_bits);
    if (kind != CRYPT_WRITER_XOR)
        add_header(&header, &legacy);
    header_len = header.len;
    hn_buf_add(&header, table.ptr, table.len);
    mask_doc(&legacy, &header, header_len);
    hn_buf_add(&fib, word.ptr, word.len);
    CHECK(fib.ptr != NULL && fib.len >= 68);
    fib.ptr[11] = (char)(fib.ptr[11] | (kind == CRYPT_WRITER_XOR ? 0x81 : 0x01));
    if (kind == CRYPT_WRITER_XOR) {
        fib.ptr[14] = (char)(legacy.xor_verifier & 0xFF);
        fib.ptr[15] = (char)(legacy.xor_verifier >> 8);
        fib.ptr[16] = (char)(legacy.xor_key & 0xFF);
        fib.ptr[17] = (char)(legacy.xor_key >> 8);
    } else {
        fib.ptr[14] = (char)header_len;
        fib.ptr[15] = fib.ptr[16] = fib.ptr[17] = 0;
    }
    mask_doc(&legacy, &fib, 68);
    cfb_writer_stream(cfb, "WordDocument", view(&fib));
    cfb_writer_stream(cfb, (fib.ptr[11] & 2) != 0 ? "1Table" : "0Table", view(&header));
    cfb_writer_stream(cfb, "Macros/VBA/dir", hn_bytes_of("left alone", 10));
    finish(cfb, out);
    hn_buf_deinit(&fib);
    hn_buf_deinit(&header);
}

void crypt_writer_ppt(
        struct hn_buf *out, struct hn_bytes record, const char *password, unsigned key_bits)
{
    struct legacy legacy = { 0 };
    struct hn_buf stream = { 0 };
    struct hn_buf header = { 0 };
    struct hn_buf user = { 0 };
    struct cfb_writer *cfb = cfb_writer_new(3);
    uint8_t key[64];
    size_t key_len;
    unsigned session;
    unsigned directory;
    unsigned edit;

    start(&legacy, password, CRYPT_WRITER_CRYPTOAPI, key_bits);
    hn_buf_add_lit(&stream, "\0\0\0\0\0\0\0\0"); /* offset 0 stands for no object */
    hn_buf_add(&stream, record.ptr, record.len);
    CHECK(stream.ptr != NULL);
    block_key(&legacy, 1, key, &key_len);
    rc4(key, key_len, 0, (uint8_t *)stream.ptr + 8, record.len);
    session = (unsigned)stream.len;
    add_header(&header, &legacy);
    put_u32(&stream, 0x2F14000F);
    put_u32(&stream, (unsigned)header.len);
    hn_buf_add_text(&stream, hn_buf_text(&header));
    directory = (unsigned)stream.len;
    put_u32(&stream, 0x17720000);
    put_u32(&stream, 12);
    put_u32(&stream, 2u << 20 | 1u); /* two from id 1 */
    put_u32(&stream, 8);
    put_u32(&stream, session);
    edit = (unsigned)stream.len;
    put_u32(&stream, 0x0FF50000);
    put_u32(&stream, 32);
    put_u32(&stream, 0);
    put_u32(&stream, 0x03000000);
    put_u32(&stream, 0);
    put_u32(&stream, directory);
    put_u32(&stream, 1);
    put_u32(&stream, 3);
    put_u32(&stream, 0);
    put_u32(&stream, 2);
    put_u32(&user, 0x0FF60000);
    put_u32(&user, 24);
    put_u32(&user, 20);
    put_u32(&user, 0xF3D1C4DF);
    put_u32(&user, edit);
    cfb_writer_stream(cfb, "PowerPoint Document", view(&stream));
    cfb_writer_stream(cfb, "Current User", view(&user));
    finish(cfb, out);
    hn_buf_deinit(&stream);
    hn_buf_deinit(&header);
    hn_buf_deinit(&user);
}
