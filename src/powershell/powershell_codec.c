/* powershell_codec.c - bytes and text: base64, the encodings of .NET, and the text form of
 * SecureStrings (AES-CBC of UTF-16, behind "76492d1116743f0423413b16050a5345"). */
#include "powershell/powershell_internal.h"

#include "base/enc.h"
#include "base/utf.h"

#include <openssl/evp.h>

struct ps_value ps_base64(struct ps *ps, const struct ps_value *text)
{
    struct hn_buf out = { 0 };
    struct hn_buf clean = { 0 };
    struct hn_text in = ps_flat(ps, text);
    struct ps_value made = ps_unknown(ps, "base64");
    bool good;

    if (text->kind == PS_UNKNOWN) /* where it is from says more than that it is decoded */
        return *text;
    if (!script_spend(ps->run, 1 + in.len / 64))
        return made;
    ps_technique(ps, "base64");
    hn_buf_init(&out, ps->run->limits.text_bytes_max);
    hn_buf_init(&clean, ps->run->limits.text_bytes_max);
    good = hn_base64_decode(&out, in);
    if (!good) { /* damaged: what is there up to the damage */
        size_t len = 0;

        while (len < in.len && in.ptr[len] != '\0' && in.ptr[len] != '=' &&
                strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/ \t\r\n",
                        in.ptr[len]) != NULL) {
            if (strchr(" \t\r\n", in.ptr[len]) == NULL)
                hn_buf_add_char(&clean, in.ptr[len]);
            len++;
        }
        len = clean.len - (clean.len % 4 == 1 ? 1 : 0);
        good = len > 0 && hn_base64_decode(&out, hn_text_sub(hn_buf_text(&clean), 0, len));
    }
    if (good && hn_buf_ok(&out))
        made = ps_bytes_value(
                ps, hn_text_as_bytes(hn_buf_text(&out)), ps_origin(ps, "base64", text));
    hn_buf_deinit(&clean);
    hn_buf_deinit(&out);
    return made;
}

/* ---- Encodings ---- */

static bool wide(struct hn_text encoding)
{
    return hn_text_find_nocase(encoding, T("unicode"), 0) != SIZE_MAX ||
           hn_text_find_nocase(encoding, T("utf-16"), 0) != SIZE_MAX ||
           hn_text_find_nocase(encoding, T("utf16"), 0) != SIZE_MAX ||
           ps_one_of(encoding, "1200|1201");
}

static bool is_big(struct hn_text encoding)
{
    return hn_text_find_nocase(encoding, T("big"), 0) != SIZE_MAX ||
           ps_one_of(encoding, "utf-16be|1201");
}

static const struct script_text *from_wide(
        struct ps *ps, struct hn_bytes bytes, bool big, const struct script_origin *origin)
{
    size_t count = bytes.len / 2;
    uint16_t *units = hn_new(&ps->run->arena, uint16_t, count + 1);

    if (units == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        units[i] = (uint16_t)(big ? (unsigned)bytes.ptr[2 * i] << 8 | bytes.ptr[2 * i + 1]
                                  : bytes.ptr[2 * i] | (unsigned)bytes.ptr[2 * i + 1] << 8);
    return script_text_from_units(ps->run, units, count, origin);
}

struct ps_value ps_decode(struct ps *ps, struct hn_text encoding, const struct ps_value *bytes)
{
    struct hn_bytes in;
    const struct script_origin *origin = ps_origin(ps, "decode", bytes);
    const struct script_text *made;

    if (bytes->kind == PS_TEXT)
        return *bytes;
    if (!ps_bytes_of(ps, bytes, &in) || !script_spend(ps->run, 1 + in.len / 64))
        return bytes->kind == PS_UNKNOWN ? *bytes : ps_unknown(ps, "text");
    if (wide(encoding))
        made = from_wide(ps, in, is_big(encoding), origin);
    else if (hn_utf8_valid(in) && !ps_one_of(encoding, "utf-32|utf32"))
        made = script_text_new(ps->run, hn_bytes_as_text(in), origin);
    else
        made = script_text_from_bytes(ps->run, in, origin);
    return ps_text(made);
}

struct ps_value ps_encode(struct ps *ps, struct hn_text encoding, const struct ps_value *text)
{
    const struct script_origin *origin = ps_origin(ps, "encode", text);
    struct ps_value flat = ps_text(ps_text_from(ps, text));
    struct ps_value made;
    struct hn_buf out = { 0 };
    struct hn_bytes single;

    if (text->kind == PS_UNKNOWN)
        return *text;
    if (text->kind == PS_ARRAY)
        flat = ps_join(ps, *text, ps_null());
    if (!wide(encoding)) {
        bool latin = ps_one_of(
                encoding, "ascii|default|iso-8859-1|28591|latin1|us-ascii|1252|windows-1252");

        if (latin && script_text_bytes(ps->run, flat.as.text, &single))
            return ps_bytes_value(ps, single, origin);
        return ps_bytes_value(ps, hn_text_as_bytes(ps_flat(ps, &flat)), origin);
    }
    hn_buf_init(&out, ps->run->limits.text_bytes_max);
    if (is_big(encoding))
        hn_utf8_to_utf16be(&out, ps_flat(ps, &flat));
    else
        hn_utf8_to_utf16le(&out, ps_flat(ps, &flat));
    made = ps_bytes_value(ps, hn_text_as_bytes(hn_buf_text(&out)), origin);
    hn_buf_deinit(&out);
    return made;
}

/* ---- SecureStrings ---- */

#define SECURE_HEAD "76492d1116743f0423413b16050a5345"

/* "2|<iv in base64>|<hex>" */
static bool secure_parts(struct ps *ps, struct hn_text text, uint8_t iv[16], struct hn_buf *cipher)
{
    struct ps_value packed;
    struct ps_value inner;
    struct hn_text rest;
    struct hn_text part;
    struct hn_buf vector = { 0 };
    bool good;

    packed = ps_text_of(ps, hn_text_sub(text, sizeof SECURE_HEAD - 1, SIZE_MAX), NULL);
    packed = ps_base64(ps, &packed);
    inner = ps_decode(ps, T("unicode"), &packed);
    rest = ps_flat(ps, &inner);
    if (inner.kind != PS_TEXT || !hn_text_split(&rest, '|', &part) ||
            !hn_text_split(&rest, '|', &part))
        return false;
    hn_buf_init(&vector, 64);
    good = hn_base64_decode(&vector, part) && vector.len == 16 && rest.ptr != NULL &&
           hn_hex_decode(cipher, hn_text_trim(rest));
    if (good)
        memcpy(iv, vector.ptr, 16);
    hn_buf_deinit(&vector);
    return good;
}

static const EVP_CIPHER *aes_of(size_t key_bytes)
{
    if (key_bytes == 16)
        return EVP_aes_128_cbc();
    if (key_bytes == 24)
        return EVP_aes_192_cbc();
    return key_bytes == 32 ? EVP_aes_256_cbc() : NULL;
}

static bool decrypt(
        struct hn_bytes key, const uint8_t iv[16], struct hn_bytes in, struct hn_buf *out)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int len = 0;
    int last = 0;
    bool good = ctx != NULL && aes_of(key.len) != NULL && in.len < (1u << 26) &&
                hn_buf_reserve(out, in.len + 32) &&
                EVP_DecryptInit_ex(ctx, aes_of(key.len), NULL, key.ptr, iv) == 1 &&
                EVP_DecryptUpdate(ctx, (uint8_t *)out->ptr, &len, in.ptr, (int)in.len) == 1;

    /* A last block that is padded wrongly is a wrong key, but what is there may still be read. */
    if (good && EVP_DecryptFinal_ex(ctx, (uint8_t *)out->ptr + len, &last) == 1)
        len += last;
    if (good)
        out->len = (size_t)len;
    EVP_CIPHER_CTX_free(ctx);
    return good;
}

static struct ps_value secure(struct ps *ps, struct ps_value text)
{
    struct ps_object *object = ps_object_new(ps, "security.securestring");

    object->state = text;
    return ps_of_object(object);
}

/* Without a key the text is bound to a user of a host (DPAPI): unknown. */
struct ps_value ps_secure_from(
        struct ps *ps, const struct ps_value *text, const struct ps_value *key)
{
    struct hn_text in = hn_text_trim(ps_flat(ps, text));
    struct hn_bytes key_bytes;
    struct hn_buf cipher = { 0 };
    struct hn_buf plain = { 0 };
    struct ps_value key_value = key->kind == PS_TEXT ? ps_encode(ps, T("unicode"), key) : *key;
    struct ps_value made = ps_unknown(ps, "secure string");
    uint8_t iv[16];

    ps_technique(ps, "securestring");
    if (!hn_text_starts_nocase(in, T(SECURE_HEAD)) || !ps_bytes_of(ps, &key_value, &key_bytes))
        return secure(ps, made);
    hn_buf_init(&cipher, ps->run->limits.text_bytes_max);
    hn_buf_init(&plain, ps->run->limits.text_bytes_max);
    if (secure_parts(ps, in, iv, &cipher) && script_spend(ps->run, cipher.len / 32) &&
            decrypt(key_bytes, iv, hn_text_as_bytes(hn_buf_text(&cipher)), &plain))
        made = ps_text(from_wide(ps, hn_text_as_bytes(hn_buf_text(&plain)), false,
                ps_origin(ps, "securestring", text)));
    hn_buf_deinit(&plain);
    hn_buf_deinit(&cipher);
    return secure(ps, made);
}

/* The other way round nobody needs the cipher text: it reads back to what it was made of. */
struct ps_value ps_secure_to(struct ps *ps, const struct ps_value *text, const struct ps_value *key)
{
    (void)key;
    return ps_is_object(text, "security.securestring")
                   ? *text
                   : secure(ps, ps_text(ps_text_from(ps, text)));
}
