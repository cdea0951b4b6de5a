/* lock_writer.c - encrypted archives, written block by block. */
#include "support/lock_writer.h"

#include "base/crc32.h"
#include "base/utf.h"

#include <openssl/evp.h>
#include <stdlib.h>

static const uint8_t salt_bytes[16] = { 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 11, 12, 13, 14, 15, 16 };
static const uint8_t iv_bytes[16] = { 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35,
    36 };

static void must(bool good)
{
    if (!good)
        abort();
}

static void put(struct hn_buf *out, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        hn_buf_add_char(out, (char)(value >> (8 * i) & 0xFFu));
}

static uint32_t crc_of(const struct hn_buf *buf, size_t from)
{
    return hn_crc32(0, hn_bytes_of((const uint8_t *)buf->ptr + from, buf->len - from));
}

static void set(struct hn_buf *out, size_t at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        out->ptr[at + i] = (char)(value >> (8 * i) & 0xFFu);
}

/* Filled up with zeros to whole blocks. */
static void add_encrypted(struct hn_buf *out, const uint8_t *key, size_t key_len, const uint8_t *iv,
        struct hn_bytes plain)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    size_t len = (plain.len + 15) / 16 * 16;
    struct hn_buf padded = { 0 };
    int done = 0;

    hn_buf_add(&padded, plain.ptr, plain.len);
    hn_buf_add_repeat(&padded, '\0', len - plain.len);
    must(hn_buf_reserve(out, len + 16) && ctx != NULL &&
            EVP_EncryptInit_ex(ctx, key_len == 16 ? EVP_aes_128_cbc() : EVP_aes_256_cbc(), NULL,
                    key, iv) == 1 &&
            EVP_CIPHER_CTX_set_padding(ctx, 0) == 1);
    if (len > 0) {
        must(EVP_EncryptUpdate(ctx, (uint8_t *)out->ptr + out->len, &done,
                     (const uint8_t *)padded.ptr, (int)len) == 1 &&
                (size_t)done == len);
    }
    out->len += len;
    EVP_CIPHER_CTX_free(ctx);
    hn_buf_deinit(&padded);
}

/* ---- 7z ---- */

static void number(struct hn_buf *out, uint64_t value)
{
    must(value < (uint64_t)1 << 28);
    if (value < 0x80) {
        put(out, value, 1);
    } else { /* always three more bytes: as good as any */
        put(out, 0xE0u | value >> 24, 1);
        put(out, value, 3);
    }
}

static void key_7z(const struct lock_writer *writer, uint8_t *key)
{
    struct hn_buf utf16 = { 0 };
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    hn_utf8_to_utf16le(&utf16, hn_text_cstr(writer->password));
    must(ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1);
    for (uint64_t i = 0; i < (uint64_t)1 << writer->work; i++) {
        uint8_t counter[8] = { 0 };

        for (size_t k = 0; k < 8; k++)
            counter[k] = (uint8_t)(i >> (8 * k) & 0xFFu);
        must(EVP_DigestUpdate(ctx, salt_bytes, 4) == 1 &&
                EVP_DigestUpdate(ctx, utf16.ptr, utf16.len) == 1 &&
                EVP_DigestUpdate(ctx, counter, 8) == 1);
    }
    must(EVP_DigestFinal_ex(ctx, key, NULL) == 1);
    EVP_MD_CTX_free(ctx);
    hn_buf_deinit(&utf16);
}

static void aes_coder(struct hn_buf *out, uint32_t work)
{
    hn_buf_add_lit(out, "\x24\x06\xF1\x07\x01");
    number(out, 2 + 4 + 8);
    put(out, 0xC0u | work, 1);
    put(out, 3u << 4 | 7u, 1); /* 4 bytes of salt, 8 of the vector */
    hn_buf_add(out, salt_bytes, 4);
    hn_buf_add(out, iv_bytes, 8);
}

/* A copy after AES, each file in a folder of its own; alone: AES without the copy. */
static void folders(const struct lock_writer *writer, bool alone, struct hn_buf *out)
{
    for (size_t i = 0; i < writer->count; i++) {
        number(out, alone || writer->password == NULL ? 1 : 2);
        if (!alone || writer->password == NULL)
            hn_buf_add_lit(out, "\x01\x00");
        if (writer->password == NULL)
            continue;
        aes_coder(out, writer->work);
        if (!alone)
            hn_buf_add_lit(out, "\x00\x01"); /* what comes in at the copy is what AES gives */
    }
}

static void streams(const struct lock_writer *writer, uint64_t at, bool alone, struct hn_buf *out)
{
    hn_buf_add_lit(out, "\x06");
    number(out, at);
    number(out, writer->count);
    hn_buf_add_lit(out, "\x09");
    for (size_t i = 0; i < writer->count; i++)
        number(out, writer->password == NULL ? writer->files[i].data.len
                                             : (writer->files[i].data.len + 15) / 16 * 16);
    put(out, 0, 1);
    hn_buf_add_lit(out, "\x07\x0B");
    number(out, writer->count);
    put(out, 0, 1);
    folders(writer, alone, out);
    hn_buf_add_lit(out, "\x0C");
    for (size_t i = 0; i < writer->count; i++)
        for (int k = 0; k < (alone || writer->password == NULL ? 1 : 2); k++)
            number(out, writer->files[i].data.len);
    hn_buf_add_lit(out, "\x0A\x01");
    for (size_t i = 0; i < writer->count; i++)
        put(out, hn_crc32(0, writer->files[i].data), 4);
    put(out, 0, 1);
}

static void pack(const struct lock_writer *writer, const uint8_t *key, struct hn_buf *out)
{
    uint8_t iv[16] = { 0 };

    memcpy(iv, iv_bytes, 8);
    for (size_t i = 0; i < writer->count; i++) {
        if (writer->password == NULL)
            hn_buf_add(out, writer->files[i].data.ptr, writer->files[i].data.len);
        else
            add_encrypted(out, key, 32, iv, writer->files[i].data);
    }
}

static void header_7z(const struct lock_writer *writer, struct hn_buf *out)
{
    struct hn_buf names = { 0 };

    hn_buf_add_lit(out, "\x01\x04");
    streams(writer, 0, false, out);
    hn_buf_add_lit(out, "\x08\x00\x00\x05");
    number(out, writer->count);
    put(&names, 0, 1);
    for (size_t i = 0; i < writer->count; i++) {
        hn_utf8_to_utf16le(&names, hn_text_cstr(writer->files[i].name));
        put(&names, 0, 2);
    }
    hn_buf_add_lit(out, "\x11");
    number(out, names.len);
    hn_buf_add(out, names.ptr, names.len);
    hn_buf_add_lit(out, "\x00\x00");
    hn_buf_deinit(&names);
}

void lock_write_7z(const struct lock_writer *writer, struct hn_buf *out)
{
    size_t start = out->len;
    struct hn_buf header = { 0 };
    struct hn_buf outer = { 0 };
    uint8_t key[32] = { 0 };

    if (writer->password != NULL)
        key_7z(writer, key);
    hn_buf_add_repeat(out, '\0', 32);
    pack(writer, key, out);
    header_7z(writer, &header);
    if (writer->headers) { /* the header is the only file of a folder of its own */
        struct lock_file file = { .data = hn_text_as_bytes(hn_buf_text(&header)) };
        struct lock_writer inner = {
            .files = &file, .count = 1, .password = writer->password, .work = writer->work
        };
        uint64_t at = out->len - start - 32;

        pack(&inner, key, out);
        hn_buf_add_lit(&outer, "\x17");
        streams(&inner, at, true, &outer);
        put(&outer, 0, 1);
    } else {
        hn_buf_add(&outer, header.ptr, header.len);
    }
    must(hn_buf_ok(out) && hn_buf_ok(&outer) && hn_buf_ok(&header));
    memcpy(out->ptr + start, "7z\xBC\xAF\x27\x1C\x00\x04", 8);
    set(out, start + 12, out->len - start - 32, 8);
    set(out, start + 20, outer.len, 8);
    set(out, start + 28, crc_of(&outer, 0), 4);
    set(out, start + 8, hn_crc32(0, hn_bytes_of((const uint8_t *)out->ptr + start + 12, 20)), 4);
    hn_buf_add(out, outer.ptr, outer.len);
    hn_buf_deinit(&header);
    hn_buf_deinit(&outer);
}

/* ---- rar 3 ---- */

static void key_rar3(const char *password, uint8_t *key, uint8_t *iv)
{
    struct hn_buf secret = { 0 };
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint8_t digest[20];

    hn_utf8_to_utf16le(&secret, hn_text_cstr(password));
    hn_buf_add(&secret, salt_bytes, 8);
    must(ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha1(), NULL) == 1);
    for (uint32_t i = 0; i < 262144; i++) {
        uint8_t counter[3] = { (uint8_t)(i & 0xFF), (uint8_t)(i >> 8 & 0xFF), (uint8_t)(i >> 16) };

        must(EVP_DigestUpdate(ctx, secret.ptr, secret.len) == 1 &&
                EVP_DigestUpdate(ctx, counter, 3) == 1);
        if (i % 16384 == 0) {
            EVP_MD_CTX *now = EVP_MD_CTX_new();

            must(now != NULL && EVP_MD_CTX_copy(now, ctx) == 1 &&
                    EVP_DigestFinal_ex(now, digest, NULL) == 1);
            iv[i / 16384] = digest[19];
            EVP_MD_CTX_free(now);
        }
    }
    must(EVP_DigestFinal_ex(ctx, digest, NULL) == 1);
    for (size_t word = 0; word < 4; word++)
        for (size_t k = 0; k < 4; k++)
            key[4 * word + k] = digest[4 * word + 3 - k];
    EVP_MD_CTX_free(ctx);
    hn_buf_deinit(&secret);
}

/* A header from its type on, with its checksum; behind a salt and encrypted where that is asked. */
static void block_rar3(const struct lock_writer *writer, const struct hn_buf *body, bool sealed,
        struct hn_buf *out)
{
    struct hn_buf whole = { 0 };
    uint8_t key[16];
    uint8_t iv[16];

    put(&whole, crc_of(body, 0) & 0xFFFFu, 2);
    hn_buf_add(&whole, body->ptr, body->len);
    if (sealed) {
        key_rar3(writer->password, key, iv);
        hn_buf_add(out, salt_bytes, 8);
        add_encrypted(out, key, 16, iv, hn_text_as_bytes(hn_buf_text(&whole)));
    } else {
        hn_buf_add(out, whole.ptr, whole.len);
    }
    hn_buf_deinit(&whole);
}

static void file_rar3(
        const struct lock_writer *writer, const struct lock_file *file, struct hn_buf *out)
{
    const char *password = file->password != NULL ? file->password : writer->password;
    struct hn_buf body = { 0 };
    uint8_t key[16];
    uint8_t iv[16];
    size_t packed = password != NULL ? (file->data.len + 15) / 16 * 16 : file->data.len;

    put(&body, 0x74, 1);
    put(&body, 0x8000u | (password != NULL ? 0x0404u : 0), 2);
    put(&body, 32 + strlen(file->name) + (password != NULL ? 8 : 0), 2);
    put(&body, packed, 4);
    put(&body, file->data.len, 4);
    put(&body, 3, 1);
    put(&body, hn_crc32(0, file->data), 4);
    put(&body, 0x58000000u, 4);
    put(&body, 29, 1);
    put(&body, 0x30, 1);
    put(&body, strlen(file->name), 2);
    put(&body, 0x81A4, 4);
    hn_buf_add_cstr(&body, file->name);
    if (password != NULL)
        hn_buf_add(&body, salt_bytes, 8);
    block_rar3(writer, &body, writer->headers, out);
    if (password != NULL) {
        key_rar3(password, key, iv);
        add_encrypted(out, key, 16, iv, file->data);
    } else {
        hn_buf_add(out, file->data.ptr, file->data.len);
    }
    hn_buf_deinit(&body);
}

void lock_write_rar3(const struct lock_writer *writer, struct hn_buf *out)
{
    struct hn_buf body = { 0 };

    hn_buf_add_lit(out, "Rar!\x1A\x07\x00");
    put(&body, 0x73, 1);
    put(&body, writer->headers ? 0x0080 : 0, 2);
    put(&body, 13, 2);
    put(&body, 0, 6);
    block_rar3(writer, &body, false, out);
    for (size_t i = 0; i < writer->count; i++)
        file_rar3(writer, &writer->files[i], out);
    hn_buf_reset(&body);
    put(&body, 0x7B, 1);
    put(&body, 0x4000, 2);
    put(&body, 7, 2);
    block_rar3(writer, &body, writer->headers, out);
    must(hn_buf_ok(out));
    hn_buf_deinit(&body);
}

/* ---- rar 5 ---- */

static void vint(struct hn_buf *out, uint64_t value)
{
    while (value >= 0x80) {
        put(out, 0x80u | (value & 0x7Fu), 1);
        value >>= 7;
    }
    put(out, value, 1);
}

static void derive(const char *password, uint32_t rounds, uint8_t *out)
{
    must(password != NULL);
    must(PKCS5_PBKDF2_HMAC(password, (int)strlen(password), salt_bytes, 16, (int)rounds,
                 EVP_sha256(), 32, out) == 1);
}

static void check_rar5(const char *password, uint32_t work, struct hn_buf *out)
{
    uint8_t value[32];
    uint8_t check[8] = { 0 };
    uint8_t digest[32];

    derive(password, ((uint32_t)1 << work) + 32, value);
    for (size_t i = 0; i < 32; i++)
        check[i % 8] ^= value[i];
    must(EVP_Digest(check, 8, digest, NULL, EVP_sha256(), NULL) == 1);
    hn_buf_add(out, check, 8);
    hn_buf_add(out, digest, 4);
}

static void block_rar5(const struct lock_writer *writer, const struct hn_buf *body, bool sealed,
        struct hn_buf *out)
{
    struct hn_buf whole = { 0 };
    uint8_t key[32];

    put(&whole, 0, 4);
    vint(&whole, body->len);
    hn_buf_add(&whole, body->ptr, body->len);
    must(hn_buf_ok(&whole));
    set(&whole, 0, crc_of(&whole, 4), 4);
    if (sealed) {
        derive(writer->password, (uint32_t)1 << writer->work, key);
        hn_buf_add(out, iv_bytes, 16);
        add_encrypted(out, key, 32, iv_bytes, hn_text_as_bytes(hn_buf_text(&whole)));
    } else {
        hn_buf_add(out, whole.ptr, whole.len);
    }
    hn_buf_deinit(&whole);
}

static void extra_rar5(const struct lock_writer *writer, const char *password, struct hn_buf *extra)
{
    struct hn_buf record = { 0 };

    vint(&record, 1);
    vint(&record, 0);
    vint(&record, (writer->no_check ? 0u : 1u) | (writer->tweaked ? 2u : 0u));
    put(&record, writer->work, 1);
    hn_buf_add(&record, salt_bytes, 16);
    hn_buf_add(&record, iv_bytes, 16);
    if (!writer->no_check)
        check_rar5(password, writer->work, &record);
    vint(extra, record.len);
    hn_buf_add(extra, record.ptr, record.len);
    hn_buf_deinit(&record);
}

static void file_rar5(
        const struct lock_writer *writer, const struct lock_file *file, struct hn_buf *out)
{
    const char *password = file->password != NULL ? file->password : writer->password;
    struct hn_buf body = { 0 };
    struct hn_buf extra = { 0 };
    uint8_t key[32];

    if (password != NULL)
        extra_rar5(writer, password, &extra);
    vint(&body, 2);
    vint(&body, 2u | (extra.len > 0 ? 1u : 0u));
    if (extra.len > 0)
        vint(&body, extra.len);
    vint(&body, password != NULL ? (file->data.len + 15) / 16 * 16 : file->data.len);
    vint(&body, 4); /* with a checksum */
    vint(&body, file->data.len);
    vint(&body, 0x20);
    put(&body, hn_crc32(0, file->data) ^ (writer->tweaked ? 0x5A5A5A5Au : 0), 4);
    vint(&body, 0);
    vint(&body, 1);
    vint(&body, strlen(file->name));
    hn_buf_add_cstr(&body, file->name);
    hn_buf_add(&body, extra.ptr, extra.len);
    block_rar5(writer, &body, writer->headers, out);
    if (password != NULL) {
        derive(password, (uint32_t)1 << writer->work, key);
        add_encrypted(out, key, 32, iv_bytes, file->data);
    } else {
        hn_buf_add(out, file->data.ptr, file->data.len);
    }
    hn_buf_deinit(&body);
    hn_buf_deinit(&extra);
}

void lock_write_rar5(const struct lock_writer *writer, struct hn_buf *out)
{
    struct hn_buf body = { 0 };

    hn_buf_add_lit(out, "Rar!\x1A\x07\x01\x00");
    if (writer->headers) {
        vint(&body, 4);
        vint(&body, 0);
        vint(&body, 0);
        vint(&body, writer->no_check ? 0 : 1);
        put(&body, writer->work, 1);
        hn_buf_add(&body, salt_bytes, 16);
        if (!writer->no_check)
            check_rar5(writer->password, writer->work, &body);
        block_rar5(writer, &body, false, out);
        hn_buf_reset(&body);
    }
    if (writer->password == NULL)
        hn_buf_add_lit(&body, "\x01\x01\x03\x00\x02\x01\x00"); /* as RAR: with a locator */
    else
        hn_buf_add_lit(&body, "\x01\x00\x00");
    block_rar5(writer, &body, writer->headers, out);
    for (size_t i = 0; i < writer->count; i++)
        file_rar5(writer, &writer->files[i], out);
    hn_buf_reset(&body);
    hn_buf_add_lit(&body, "\x05\x00\x00");
    block_rar5(writer, &body, writer->headers, out);
    must(hn_buf_ok(out));
    hn_buf_deinit(&body);
}
