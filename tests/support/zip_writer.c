/* zip_writer.c - see zip_writer.h. */
#include "support/zip_writer.h"

#include "base/crc32.h"
#include "base/mem.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>

static void must(bool condition)
{
    if (!condition)
        abort();
}

static void put(struct hn_buf *out, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        hn_buf_add_char(out, (char)(uint8_t)(value >> (8 * i)));
}

void zip_writer_deflate(struct hn_buf *out, struct hn_bytes data)
{
    uint8_t piece[65536];
    z_stream stream = { 0 };
    int status;

    must(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) == Z_OK);
    must(data.len <= UINT_MAX);
    stream.next_in = data.ptr;
    stream.avail_in = (uInt)data.len;
    do {
        stream.next_out = piece;
        stream.avail_out = sizeof piece;
        status = deflate(&stream, Z_FINISH);
        hn_buf_add(out, piece, sizeof piece - stream.avail_out);
    } while (status == Z_OK);
    must(status == Z_STREAM_END && hn_buf_ok(out));
    (void)deflateEnd(&stream);
}

/* ---- Encryption ---- */

static uint32_t crc_step(uint32_t crc, uint8_t byte)
{
    crc ^= byte;
    for (int bit = 0; bit < 8; bit++)
        crc = (crc & 1u) != 0 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
    return crc;
}

static void key_step(uint32_t *key, uint8_t byte)
{
    key[0] = crc_step(key[0], byte);
    key[1] = (uint32_t)((uint64_t)(key[1] + (key[0] & 0xffu)) * 134775813u + 1u);
    key[2] = crc_step(key[2], (uint8_t)(key[1] >> 24));
}

static void encrypt_traditional(
        struct hn_buf *out, struct hn_bytes data, const char *password, uint32_t crc, uint32_t seed)
{
    uint32_t key[3] = { 0x12345678u, 0x23456789u, 0x34567890u };

    for (const char *p = password; *p != '\0'; p++)
        key_step(key, (uint8_t)*p);
    for (size_t i = 0; i < 12 + data.len; i++) {
        uint8_t plain = i < 11    ? (uint8_t)((size_t)seed * 31 + i * 7)
                        : i == 11 ? (uint8_t)(crc >> 24)
                                  : data.ptr[i - 12];
        uint32_t mix = (key[2] | 2u) & 0xffffu;

        hn_buf_add_char(out, (char)(plain ^ (uint8_t)((mix * (mix ^ 1u)) >> 8)));
        key_step(key, plain);
    }
}

static void encrypt_aes(struct hn_buf *out, struct hn_bytes data, const char *password,
        uint8_t strength, uint32_t seed)
{
    size_t key_len = 8u + 8u * strength;
    uint8_t keys[66];
    uint8_t salt[16];
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned mac_len = 0;
    uint8_t *coded = hn_malloc(data.len + 1);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int len;

    must(coded != NULL && ctx != NULL);
    for (size_t i = 0; i < sizeof salt; i++)
        salt[i] = (uint8_t)((size_t)seed * 17 + i * 29 + 5);
    must(PKCS5_PBKDF2_HMAC(password, (int)strlen(password), salt, (int)key_len / 2, 1000,
                 EVP_sha1(), (int)(2 * key_len + 2), keys) == 1);
    must(EVP_EncryptInit_ex(ctx,
                 key_len == 16   ? EVP_aes_128_ecb()
                 : key_len == 24 ? EVP_aes_192_ecb()
                                 : EVP_aes_256_ecb(),
                 NULL, keys, NULL) == 1);
    (void)EVP_CIPHER_CTX_set_padding(ctx, 0);
    for (size_t done = 0; done < data.len; done += 16) {
        uint64_t counter = done / 16 + 1;
        uint8_t block[16] = { 0 };
        uint8_t stream[32];

        for (size_t i = 0; i < 8; i++)
            block[i] = (uint8_t)(counter >> (8 * i));
        must(EVP_EncryptUpdate(ctx, stream, &len, block, 16) == 1 && len == 16);
        for (size_t i = 0; i < 16 && done + i < data.len; i++)
            coded[done + i] = data.ptr[done + i] ^ stream[i];
    }
    EVP_CIPHER_CTX_free(ctx);
    must(HMAC(EVP_sha1(), keys + key_len, (int)key_len, coded, data.len, mac, &mac_len) != NULL);
    hn_buf_add(out, salt, key_len / 2);
    hn_buf_add(out, keys + 2 * key_len, 2);
    hn_buf_add(out, coded, data.len);
    hn_buf_add(out, mac, 10);
    hn_free(coded);
}

/* ---- Headers ---- */

struct facts {
    uint16_t flags;
    uint16_t method; /* inside the encryption */
    uint32_t crc;
    uint64_t size;
    uint64_t packed;
};

static void put_extra(
        struct hn_buf *out, const struct zip_writer_entry *entry, const struct facts *facts)
{
    if (entry->zip64) {
        put(out, 1, 2);
        put(out, 16, 2);
        put(out, facts->size, 8);
        put(out, facts->packed, 8);
    }
    if (entry->password != NULL && entry->aes_strength != 0) {
        put(out, 0x9901, 2);
        put(out, 7, 2);
        put(out, entry->aes_version != 0 ? entry->aes_version : 2, 2);
        put(out, 0x4541, 2);
        put(out, entry->aes_strength, 1);
        put(out, facts->method, 2);
    }
}

static uint16_t extra_len(const struct zip_writer_entry *entry)
{
    return (uint16_t)((entry->zip64 ? 20 : 0) +
                      (entry->password != NULL && entry->aes_strength != 0 ? 11 : 0));
}

static void put_common(struct hn_buf *out, const struct zip_writer_entry *entry,
        const struct facts *facts, uint16_t method)
{
    put(out, facts->flags, 2);
    put(out, entry->password != NULL && entry->aes_strength != 0 ? 99 : method, 2);
    put(out, 0x58A36000u, 4); /* 2024-05-03 12:00 */
    put(out, facts->crc, 4);
    put(out, entry->zip64 ? UINT32_MAX : facts->packed, 4);
    put(out, entry->zip64 ? UINT32_MAX : facts->size, 4);
}

static void put_local(
        struct zip_writer *writer, const struct zip_writer_entry *entry, const struct facts *facts)
{
    struct hn_text name = entry->local_name.len > 0 ? entry->local_name : entry->name;
    struct facts told = *facts;

    if (entry->descriptor) {
        told.crc = 0;
        told.size = 0;
        told.packed = 0;
    }
    writer->last_offset = writer->out.len - writer->start;
    put(&writer->out, 0x04034b50u, 4);
    put(&writer->out, 20, 2);
    put_common(&writer->out, entry, &told, facts->method);
    put(&writer->out, name.len, 2);
    put(&writer->out, extra_len(entry), 2);
    hn_buf_add_text(&writer->out, name);
    put_extra(&writer->out, entry, &told);
}

static void put_central(
        struct zip_writer *writer, const struct zip_writer_entry *entry, const struct facts *facts)
{
    struct facts told = *facts;

    told.packed -= entry->packed_lie;
    put(&writer->central, 0x02014b50u, 4);
    put(&writer->central, 20, 2);
    put(&writer->central, 20, 2);
    put_common(&writer->central, entry, &told,
            entry->method_lie != 0 ? entry->method_lie : facts->method);
    put(&writer->central, entry->name.len, 2);
    put(&writer->central, extra_len(entry), 2);
    put(&writer->central, 0, 2); /* comment */
    put(&writer->central, 0, 2);
    put(&writer->central, 0, 2);
    put(&writer->central, 0, 4);
    put(&writer->central, writer->last_offset, 4);
    hn_buf_add_text(&writer->central, entry->name);
    put_extra(&writer->central, entry, &told);
    writer->count++;
}

void zip_writer_add(struct zip_writer *writer, const struct zip_writer_entry *entry)
{
    struct hn_buf packed = { 0 };
    struct hn_buf coded = { 0 };
    struct facts facts = { 0 };

    facts.flags = (uint16_t)((entry->password != NULL ? 1 : 0) | (entry->descriptor ? 8 : 0) |
                             (entry->name_utf8 ? 0x800 : 0));
    facts.method = entry->deflate ? 8 : 0;
    facts.crc = hn_crc32(0, entry->data) ^ (entry->wrong_crc ? 1u : 0);
    facts.size = entry->data.len + entry->size_lie;
    if (entry->packed_given) {
        facts.method = entry->raw_method;
        facts.size = entry->raw_size;
        facts.crc = entry->raw_crc;
    }
    if (entry->deflate && !entry->packed_given)
        zip_writer_deflate(&packed, entry->data);
    else
        hn_buf_add(&packed, entry->data.ptr, entry->data.len);
    if (entry->password != NULL) {
        struct hn_bytes plain = hn_text_as_bytes(hn_buf_text(&packed));

        if (entry->aes_strength != 0)
            encrypt_aes(&coded, plain, entry->password, entry->aes_strength, writer->count);
        else
            encrypt_traditional(&coded, plain, entry->password, facts.crc, writer->count);
        if (entry->aes_strength != 0 && entry->aes_version != 1)
            facts.crc = 0;
    }
    facts.packed = entry->password != NULL ? coded.len : packed.len;
    if (!entry->same_place) {
        put_local(writer, entry, &facts);
        hn_buf_add_text(&writer->out, hn_buf_text(entry->password != NULL ? &coded : &packed));
        if (entry->descriptor) {
            put(&writer->out, 0x08074b50u, 4);
            put(&writer->out, facts.crc, 4);
            put(&writer->out, facts.packed, 4);
            put(&writer->out, facts.size, 4);
        }
    }
    if (!entry->no_central)
        put_central(writer, entry, &facts);
    must(hn_buf_ok(&writer->out) && hn_buf_ok(&writer->central));
    hn_buf_deinit(&packed);
    hn_buf_deinit(&coded);
}

struct hn_bytes zip_writer_end(struct zip_writer *writer, bool with_central)
{
    size_t at = writer->out.len - writer->start;

    if (with_central) {
        hn_buf_add_text(&writer->out, hn_buf_text(&writer->central));
        put(&writer->out, 0x06054b50u, 4);
        put(&writer->out, 0, 4);
        put(&writer->out, writer->count & 0xffffu, 2);
        put(&writer->out, writer->count & 0xffffu, 2);
        put(&writer->out, writer->central.len, 4);
        put(&writer->out, at, 4);
        put(&writer->out, 0, 2);
    }
    must(hn_buf_ok(&writer->out));
    return hn_text_as_bytes(hn_buf_text(&writer->out));
}

void zip_writer_deinit(struct zip_writer *writer)
{
    hn_buf_deinit(&writer->out);
    hn_buf_deinit(&writer->central);
    memset(writer, 0, sizeof *writer);
}
