/* hide_powershell_coded.c - how PowerShell hides texts by a codec: base64, gzip, deflate, AES in
 * the form of a SecureString. */
#include "samples_internal.h"

#include "base/enc.h"
#include "base/utf.h"
#include "support/zip_writer.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <zlib.h>

static void add_base64(struct hn_buf *out, struct hn_text bytes)
{
    hn_buf_add_lit(out, "[Convert]::FromBase64String('");
    hn_base64_encode(out, hn_text_as_bytes(bytes));
    hn_buf_add_lit(out, "')");
}

static void base64_utf8(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    (void)chance;
    (void)depth;
    hn_buf_add_lit(out, "([Text.Encoding]::UTF8.GetString(");
    add_base64(out, text);
    hn_buf_add_lit(out, "))");
}

static void base64_utf16(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    struct hn_buf wide = { 0 };

    (void)chance;
    (void)depth;
    hn_utf8_to_utf16le(&wide, text);
    hn_buf_add_lit(out, "([Text.Encoding]::Unicode.GetString(");
    add_base64(out, hn_buf_text(&wide));
    hn_buf_add_lit(out, "))");
    hn_buf_deinit(&wide);
}

static void base64_nested(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    struct hn_buf inner = { 0 };

    (void)chance;
    (void)depth;
    hn_base64_encode(&inner, hn_text_as_bytes(text));
    hn_buf_add_lit(out, "([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String("
                        "[Text.Encoding]::ASCII.GetString(");
    add_base64(out, hn_buf_text(&inner));
    hn_buf_add_lit(out, "))))");
    hn_buf_deinit(&inner);
}

static void add_u32(struct hn_buf *out, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        hn_buf_add_char(out, (char)(value >> (8 * i) & 0xFF));
}

static void packed(struct hn_buf *out, struct hn_text text, bool gzip)
{
    struct hn_buf bytes = { 0 };

    if (gzip)
        hn_buf_add(&bytes, "\x1F\x8B\x08\0\0\0\0\0\0\x03", 10);
    zip_writer_deflate(&bytes, hn_text_as_bytes(text));
    if (gzip) {
        add_u32(&bytes, (uint32_t)crc32(0, (const Bytef *)text.ptr, (uInt)text.len));
        add_u32(&bytes, (uint32_t)text.len);
    }
    hn_buf_addf(out,
            "((New-Object IO.StreamReader((New-Object IO.Compression.%sStream("
            "[IO.MemoryStream]",
            gzip ? "Gzip" : "Deflate");
    add_base64(out, hn_buf_text(&bytes));
    hn_buf_add_lit(out, ",[IO.Compression.CompressionMode]::Decompress)),[Text.Encoding]::ASCII))"
                        ".ReadToEnd())");
    hn_buf_deinit(&bytes);
}

static void deflate_stream(
        struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    (void)chance;
    (void)depth;
    packed(out, text, false);
}

static void gzip_stream(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    (void)chance;
    (void)depth;
    packed(out, text, true);
}

/* "2|" base64 of the vector "|" hex of the text in AES-CBC, in UTF-16, in base64, behind a mark. */
void hide_secure(struct hn_buf *out, struct chance *chance, struct hn_text text)
{
    uint8_t key[16];
    uint8_t vector[16];
    struct hn_buf wide = { 0 };
    struct hn_buf inner = { 0 };
    struct hn_buf inner_wide = { 0 };
    uint8_t *cipher;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int len = 0;
    int last = 0;

    for (unsigned i = 0; i < 16; i++) {
        key[i] = (uint8_t)(i + 1);
        vector[i] = (uint8_t)chance_next(chance, 256);
    }
    hn_utf8_to_utf16le(&wide, text);
    cipher = malloc(wide.len + 32);
    if (ctx == NULL || cipher == NULL ||
            EVP_EncryptInit_ex(ctx, EVP_aes_128_cbc(), NULL, key, vector) != 1 ||
            EVP_EncryptUpdate(ctx, cipher, &len, (const uint8_t *)wide.ptr, (int)wide.len) != 1 ||
            EVP_EncryptFinal_ex(ctx, cipher + len, &last) != 1)
        abort();
    hn_buf_add_lit(&inner, "2|");
    hn_base64_encode(&inner, hn_bytes_of(vector, sizeof vector));
    hn_buf_add_char(&inner, '|');
    for (int i = 0; i < len + last; i++)
        hn_buf_addf(&inner, "%02x", (unsigned)cipher[i]);
    hn_utf8_to_utf16le(&inner_wide, hn_buf_text(&inner));
    hn_buf_add_lit(out, "76492d1116743f0423413b16050a5345");
    hn_base64_encode(out, hn_bytes_of(inner_wide.ptr, inner_wide.len));
    EVP_CIPHER_CTX_free(ctx);
    free(cipher);
    hn_buf_deinit(&wide);
    hn_buf_deinit(&inner);
    hn_buf_deinit(&inner_wide);
}

static void secure_string(struct hn_buf *out, struct chance *chance, struct hn_text text, int depth)
{
    (void)depth;
    hn_buf_add_lit(out, "([Runtime.InteropServices.Marshal]::PtrToStringAuto([Runtime."
                        "InteropServices.Marshal]::SecureStringToBSTR(('");
    hide_secure(out, chance, text);
    hn_buf_add_lit(out, "'|ConvertTo-SecureString -key (1..16)))))");
}

const struct hide_row hide_powershell_more[] = { { "powershell: base64 UTF-8", base64_utf8 },
    { "powershell: base64 UTF-16LE", base64_utf16 }, { "powershell: base64 nested", base64_nested },
    { "powershell: gzip", gzip_stream }, { "powershell: deflate", deflate_stream },
    { "powershell: SecureString with -key", secure_string }, { NULL, NULL } };
