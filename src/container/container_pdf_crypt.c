/* container_pdf_crypt.c - the standard security handler (ISO 32000-1, 7.6; revisions 5 and 6 by
 * Adobe's extension level 3 and ISO 32000-2) with the empty user password and those of the tree. */
#include "container/container_pdf.h"

#include <openssl/evp.h>

#define MD5_BYTES    16u
#define PASSWORD_MAX 127u
#define ROUNDS_MAX   2048u /* of the hash of revision 6; it needs 64 and some */

static const uint8_t padding[32] = { 0x28, 0xBF, 0x4E, 0x5E, 0x4E, 0x75, 0x8A, 0x41, 0x64, 0x00,
    0x4E, 0x56, 0xFF, 0xFA, 0x01, 0x08, 0x2E, 0x2E, 0x00, 0xB6, 0xD0, 0x68, 0x3E, 0x80, 0x2F, 0x0C,
    0xA9, 0xFE, 0x64, 0x53, 0x69, 0x7A };

struct handler {
    struct hn_bytes o;
    struct hn_bytes u;
    struct hn_bytes ue;
    struct hn_bytes id;
    uint32_t permissions;
    bool metadata;
    size_t key_len;
    int revision;
};

/* RC4 is gone from OpenSSL's default provider. */
static void rc4(const uint8_t *key, size_t key_len, struct hn_bytes in, uint8_t *out)
{
    uint8_t s[256];
    uint8_t j = 0;
    uint8_t a = 0;

    for (size_t i = 0; i < 256; i++)
        s[i] = (uint8_t)i;
    for (size_t i = 0; i < 256; i++) {
        uint8_t swap = s[i];

        j = (uint8_t)(j + s[i] + key[i % key_len]);
        s[i] = s[j];
        s[j] = swap;
    }
    j = 0;
    for (size_t i = 0; i < in.len; i++) {
        uint8_t swap;

        a = (uint8_t)(a + 1);
        j = (uint8_t)(j + s[a]);
        swap = s[a];
        s[a] = s[j];
        s[j] = swap;
        out[i] = in.ptr[i] ^ s[(uint8_t)(s[a] + s[j])];
    }
}

struct part {
    const void *ptr;
    size_t len;
};

static bool hash(const EVP_MD *md, const struct part *parts, size_t count, uint8_t *out)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx != NULL && EVP_DigestInit_ex(ctx, md, NULL) == 1;

    for (size_t i = 0; ok && i < count; i++)
        ok = EVP_DigestUpdate(ctx, parts[i].ptr, parts[i].len) == 1;
    ok = ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
    EVP_MD_CTX_free(ctx);
    return ok;
}

/* CBC without padding; len is a multiple of 16. */
static bool aes(const EVP_CIPHER *cipher, const uint8_t *key, const uint8_t *iv, struct hn_bytes in,
        uint8_t *out, bool encrypt)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int len = 0;
    bool ok = ctx != NULL && in.len <= INT32_MAX &&
              EVP_CipherInit_ex(ctx, cipher, NULL, key, iv, encrypt) == 1 &&
              EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
              EVP_CipherUpdate(ctx, out, &len, in.ptr, (int)in.len) == 1;

    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

/* ---- Revisions 2 to 4 ---- */

static bool make_key(const struct handler *h, struct hn_text password, uint8_t *key)
{
    uint8_t padded[32];
    uint8_t permissions[4] = { (uint8_t)h->permissions, (uint8_t)(h->permissions >> 8),
        (uint8_t)(h->permissions >> 16), (uint8_t)(h->permissions >> 24) };
    size_t len = password.len < 32 ? password.len : 32;
    struct part parts[] = { { padded, 32 }, { h->o.ptr, 32 }, { permissions, 4 },
        { h->id.ptr, h->id.len }, { "\xFF\xFF\xFF\xFF", 4 } };
    uint8_t digest[MD5_BYTES];
    struct part again = { digest, h->key_len };

    if (len > 0)
        memcpy(padded, password.ptr, len);
    memcpy(padded + len, padding, 32 - len);
    if (!hash(EVP_md5(), parts, h->revision >= 4 && !h->metadata ? 5 : 4, digest))
        return false;
    for (int i = 0; h->revision >= 3 && i < 50; i++)
        if (!hash(EVP_md5(), &again, 1, digest))
            return false;
    memcpy(key, digest, h->key_len);
    return true;
}

static bool fits_old(const struct handler *h, const uint8_t *key)
{
    uint8_t digest[MD5_BYTES];
    uint8_t out[32];
    struct part parts[] = { { padding, 32 }, { h->id.ptr, h->id.len } };

    if (h->revision == 2) {
        rc4(key, h->key_len, hn_bytes_of(padding, 32), out);
        return memcmp(out, h->u.ptr, 32) == 0;
    }
    if (!hash(EVP_md5(), parts, 2, digest))
        return false;
    for (unsigned i = 0; i < 20; i++) {
        uint8_t step[16];

        for (size_t k = 0; k < h->key_len; k++)
            step[k] = (uint8_t)(key[k] ^ i);
        rc4(step, h->key_len, hn_bytes_of(digest, sizeof digest), out);
        memcpy(digest, out, sizeof digest);
    }
    return memcmp(digest, h->u.ptr, sizeof digest) == 0;
}

/* ---- Revisions 5 and 6 ---- */

/* 64 times the password and what was hashed before. */
static void repeat(struct hn_text password, const uint8_t *k, size_t k_len, uint8_t *block)
{
    for (size_t i = 0; i < 64; i++) {
        if (password.len > 0)
            memcpy(block, password.ptr, password.len);
        memcpy(block + password.len, k, k_len);
        block += password.len + k_len;
    }
}

/* ISO 32000-2, algorithm 2.B, for user passwords. */
static bool hash_hardened(struct hn_text password, const uint8_t *salt, uint8_t *out)
{
    uint8_t k[64];
    size_t k_len = 32;
    struct part parts[] = { { password.ptr, password.len }, { salt, 8 } };
    uint8_t block[(PASSWORD_MAX + 64) * 64];
    uint8_t e[sizeof block];

    if (!hash(EVP_sha256(), parts, 2, k))
        return false;
    for (unsigned round = 0; round < ROUNDS_MAX; round++) {
        size_t len = (password.len + k_len) * 64;
        unsigned sum = 0;
        struct part whole = { e, len };
        const EVP_MD *md;

        repeat(password, k, k_len, block);
        if (!aes(EVP_aes_128_cbc(), k, k + 16, hn_bytes_of(block, len), e, true))
            return false;
        for (size_t i = 0; i < 16; i++)
            sum += e[i];
        md = sum % 3 == 0 ? EVP_sha256() : sum % 3 == 1 ? EVP_sha384() : EVP_sha512();
        k_len = sum % 3 == 0 ? 32 : sum % 3 == 1 ? 48 : 64;
        if (!hash(md, &whole, 1, k))
            return false;
        if (round >= 63 && e[len - 1] <= round - 31)
            break;
    }
    memcpy(out, k, 32);
    return true;
}

static bool hash_new(
        const struct handler *h, struct hn_text password, const uint8_t *salt, uint8_t *out)
{
    struct part parts[] = { { password.ptr, password.len }, { salt, 8 } };

    return h->revision == 5 ? hash(EVP_sha256(), parts, 2, out)
                            : hash_hardened(password, salt, out);
}

static bool open_new(const struct handler *h, struct hn_text password, uint8_t *ret_secret)
{
    static const uint8_t zero[16];
    uint8_t digest[32];

    if (h->u.len < 48 || h->ue.len < 32)
        return false;
    return hash_new(h, password, h->u.ptr + 32, digest) && memcmp(digest, h->u.ptr, 32) == 0 &&
           hash_new(h, password, h->u.ptr + 40, digest) &&
           aes(EVP_aes_256_cbc(), digest, zero, hn_bytes_of(h->ue.ptr, 32), ret_secret, false);
}

/* ---- The handler ---- */

static bool try_password(struct pdf *pdf, const struct handler *h, struct hn_text password)
{
    if (password.len > PASSWORD_MAX)
        return false;
    if (h->revision >= 5)
        return open_new(h, password, pdf->crypt.key);
    return h->o.len >= 32 && h->u.len >= 32 && make_key(h, password, pdf->crypt.key) &&
           fits_old(h, pdf->crypt.key);
}

static void read_method(struct pdf *pdf, const struct pdf_value *encrypt, const char *key,
        bool *ret_aes, bool *ret_plain)
{
    const struct pdf_value *name = pdf_get(pdf, encrypt, key);
    const struct pdf_value *filters = pdf_get(pdf, encrypt, "CF");
    char filter[64];
    const struct pdf_value *method;

    *ret_aes = pdf->crypt.version >= 5;
    *ret_plain = pdf->crypt.version >= 4 && (name == NULL || pdf_is_name(name, "Identity"));
    if (pdf->crypt.version < 4 || name == NULL || name->kind != PDF_NAME ||
            name->text.len >= sizeof filter)
        return;
    memcpy(filter, name->text.ptr, name->text.len);
    filter[name->text.len] = '\0';
    method = pdf_get(pdf, pdf_get(pdf, filters, filter), "CFM");
    *ret_aes = pdf_is_name(method, "AESV2") || pdf_is_name(method, "AESV3");
    *ret_plain = *ret_plain || pdf_is_name(method, "None");
}

static struct hn_bytes string_of(struct pdf *pdf, const struct pdf_value *dict, const char *key)
{
    const struct pdf_value *value = pdf_get(pdf, dict, key);

    return value != NULL && value->kind == PDF_STRING ? hn_text_as_bytes(value->text)
                                                      : hn_bytes_of("", 0);
}

static void read_handler(
        struct pdf *pdf, const struct pdf_value *encrypt, struct handler *ret_handler)
{
    const struct pdf_value *ids = pdf_get(pdf, pdf->trailer, "ID");
    const struct pdf_value *id = ids != NULL && ids->kind == PDF_ARRAY && ids->items != NULL
                                         ? pdf_follow(pdf, ids->items->value)
                                         : NULL;
    const struct pdf_value *metadata = pdf_get(pdf, encrypt, "EncryptMetadata");
    int64_t bits = pdf_number(pdf, encrypt, "Length", 40);
    struct handler h = { .o = string_of(pdf, encrypt, "O"),
        .u = string_of(pdf, encrypt, "U"),
        .ue = string_of(pdf, encrypt, "UE"),
        .id = id != NULL && id->kind == PDF_STRING ? hn_text_as_bytes(id->text)
                                                   : hn_bytes_of("", 0),
        .permissions = (uint32_t)pdf_number(pdf, encrypt, "P", 0),
        .metadata = metadata == NULL || metadata->number != 0,
        .revision = (int)pdf_number(pdf, encrypt, "R", 2) };

    if (pdf->crypt.version == 4 || bits < 40 || bits > 128)
        bits = pdf->crypt.version == 4 ? 128 : 40;
    h.key_len = h.revision >= 5 ? 32 : h.revision == 2 ? 5 : (size_t)bits / 8;
    pdf->crypt.key_len = h.key_len;
    *ret_handler = h;
}

void pdf_crypt_open(struct pdf *pdf)
{
    const struct pdf_value *encrypt = pdf_get(pdf, pdf->trailer, "Encrypt");
    size_t count = dissect_password_count(pdf->dissect);
    struct handler handler;

    if (encrypt == NULL)
        return;
    dissect_fact_bool(pdf->dissect, pdf->id, "encrypted", true);
    pdf->crypt.version = (int)pdf_number(pdf, encrypt, "V", 0);
    if (!pdf_is_name(pdf_get(pdf, encrypt, "Filter"), "Standard") || pdf->crypt.version < 1 ||
            pdf->crypt.version > 5 || pdf->crypt.version == 3) {
        dissect_note(pdf->dissect, pdf->id, DISSECT_NOTE_UNSUPPORTED, DISSECT_NOWHERE,
                "encrypted by a handler or version that is not known");
        pdf->crypt.locked = true;
        return;
    }
    read_handler(pdf, encrypt, &handler);
    pdf->crypt.revision = handler.revision;
    read_method(pdf, encrypt, "StmF", &pdf->crypt.stream_aes, &pdf->crypt.stream_plain);
    read_method(pdf, encrypt, "StrF", &pdf->crypt.string_aes, &pdf->crypt.string_plain);
    for (size_t i = 0; i <= count && !pdf->crypt.on; i++) {
        struct hn_text password =
                i == 0 ? hn_text_of("", 0) : dissect_password(pdf->dissect, i - 1);

        pdf->crypt.on = try_password(pdf, &handler, password);
        if (pdf->crypt.on && i > 0) {
            dissect_fact(pdf->dissect, pdf->id, "password", password);
            dissect_note(pdf->dissect, pdf->id, DISSECT_NOTE_DECRYPTED, DISSECT_NOWHERE,
                    "with a password of the tree");
        }
    }
    pdf->crypt.locked = !pdf->crypt.on;
    if (pdf->crypt.locked)
        dissect_note(pdf->dissect, pdf->id, DISSECT_NOTE_PASSWORD, DISSECT_NOWHERE,
                "%llu passwords tried", (unsigned long long)count + 1);
}

/* ---- Decrypting ---- */

static struct hn_bytes decrypt_aes(
        struct pdf *pdf, const uint8_t *key, size_t key_len, struct hn_bytes bytes)
{
    size_t len = bytes.len >= 32 ? (bytes.len - 16) & ~(size_t)15 : 0;
    uint8_t *out = len > 0 ? hn_arena_raw(&pdf->arena, len, 1) : NULL;

    if (out == NULL || !aes(key_len == 32 ? EVP_aes_256_cbc() : EVP_aes_128_cbc(), key, bytes.ptr,
                               hn_bytes_of(bytes.ptr + 16, len), out, false))
        return hn_bytes_of("", 0);
    if (out[len - 1] >= 1 && out[len - 1] <= 16)
        len -= out[len - 1];
    return hn_bytes_of(out, len);
}

struct hn_bytes pdf_decrypt(
        struct pdf *pdf, const struct pdf_object *object, struct hn_bytes bytes, bool stream)
{
    const struct pdf_crypt *crypt = &pdf->crypt;
    bool use_aes = stream ? crypt->stream_aes : crypt->string_aes;
    uint8_t of_object[5] = { (uint8_t)object->number, (uint8_t)(object->number >> 8),
        (uint8_t)(object->number >> 16), (uint8_t)object->generation,
        (uint8_t)(object->generation >> 8) };
    struct part parts[] = { { crypt->key, crypt->key_len }, { of_object, sizeof of_object },
        { "sAlT", 4 } };
    uint8_t key[MD5_BYTES];
    size_t key_len = crypt->key_len + 5 < 16 ? crypt->key_len + 5 : 16;
    uint8_t *out;

    if (crypt->locked)
        return hn_bytes_of("", 0);
    if (!crypt->on || (stream ? crypt->stream_plain : crypt->string_plain) || bytes.len == 0)
        return bytes;
    if (crypt->version >= 5)
        return decrypt_aes(pdf, crypt->key, 32, bytes);
    if (!hash(EVP_md5(), parts, use_aes ? 3 : 2, key))
        return bytes;
    if (use_aes)
        return decrypt_aes(pdf, key, 16, bytes);
    out = hn_arena_raw(&pdf->arena, bytes.len, 1);
    if (out == NULL)
        return bytes;
    rc4(key, key_len, bytes, out);
    return hn_bytes_of(out, bytes.len);
}
