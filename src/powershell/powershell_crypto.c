/* powershell_crypto.c - System.Security.Cryptography as scripts use it: symmetric ciphers with a
 * key that stands in the script, and digests. */
#include "powershell/powershell_internal.h"

#include <openssl/evp.h>

struct cipher_row {
    const char *types;
    size_t key_bytes;
    const char *mode;
    const char *name; /* OpenSSL's */
};

static const struct cipher_row ciphers[] = {
    { "aes", 16, "cbc", "AES-128-CBC" },
    { "aes", 24, "cbc", "AES-192-CBC" },
    { "aes", 32, "cbc", "AES-256-CBC" },
    { "aes", 16, "ecb", "AES-128-ECB" },
    { "aes", 24, "ecb", "AES-192-ECB" },
    { "aes", 32, "ecb", "AES-256-ECB" },
    { "aes", 16, "cfb", "AES-128-CFB8" },
    { "aes", 32, "cfb", "AES-256-CFB8" },
    { "des3", 24, "cbc", "DES-EDE3-CBC" },
    { "des3", 16, "cbc", "DES-EDE-CBC" },
    { "des3", 24, "ecb", "DES-EDE3-ECB" },
};

#define CRYPTO "security.cryptography."
#define AES_TYPES                                                                \
    CRYPTO "aesmanaged|" CRYPTO "aes|" CRYPTO "aescryptoserviceprovider|" CRYPTO \
           "rijndaelmanaged|" CRYPTO "rijndael|" CRYPTO "aescng"
#define DES_TYPES CRYPTO "tripledescryptoserviceprovider|" CRYPTO "tripledes"

static const char *family(struct hn_text type)
{
    return ps_one_of(type, DES_TYPES) ? "des3" : "aes";
}

static struct hn_text mode_of(struct ps *ps, struct ps_object *cipher)
{
    struct ps_value mode = ps_prop(cipher, "mode");
    struct hn_text text = mode.kind == PS_NULL ? T("cbc") : ps_flat(ps, &mode);

    if (ps_same_text(text, "1"))
        return T("cbc");
    if (ps_same_text(text, "2"))
        return T("ecb");
    return ps_same_text(text, "4") ? T("cfb") : text;
}

static const EVP_CIPHER *cipher_of(struct ps *ps, struct ps_object *cipher, size_t key_bytes)
{
    struct hn_text mode = mode_of(ps, cipher);
    const char *wanted = family(cipher->type);

    for (size_t i = 0; i < sizeof ciphers / sizeof ciphers[0]; i++) {
        if (strcmp(ciphers[i].types, wanted) == 0 && ciphers[i].key_bytes == key_bytes &&
                ps_same_text(mode, ciphers[i].mode))
            return EVP_get_cipherbyname(ciphers[i].name);
    }
    return NULL;
}

struct keys {
    struct hn_bytes key;
    struct hn_bytes iv;
    bool padded;
};

static bool keys_of(struct ps *ps, struct ps_object *transform, struct keys *keys)
{
    struct ps_value key = ps_prop(transform, "key");
    struct ps_value iv = ps_prop(transform, "iv");
    struct ps_value padding = ps_prop(transform, "padding");
    struct hn_text name = padding.kind == PS_NULL ? T("pkcs7") : ps_flat(ps, &padding);

    if (!ps_bytes_of(ps, &key, &keys->key))
        return false;
    if (!ps_bytes_of(ps, &iv, &keys->iv))
        keys->iv = (struct hn_bytes){ NULL, 0 };
    keys->padded = ps_one_of(name, "pkcs7|2");
    return true;
}

static bool run_cipher(
        struct ps *ps, struct ps_object *transform, struct hn_bytes in, struct hn_buf *out)
{
    static const uint8_t zeros[16];
    struct keys keys;
    EVP_CIPHER_CTX *ctx;
    const EVP_CIPHER *cipher;
    struct ps_value way = ps_prop(transform, "decrypt");
    int encrypt = way.kind == PS_BOOL && way.as.number != 0 ? 0 : 1;
    int len = 0;
    int last = 0;
    bool good;

    if (!keys_of(ps, transform, &keys) || !script_spend(ps->run, 8 + in.len / 64) ||
            in.len > (1u << 26))
        return false;
    cipher = cipher_of(ps, transform, keys.key.len);
    ctx = cipher != NULL ? EVP_CIPHER_CTX_new() : NULL;
    good = ctx != NULL && hn_buf_reserve(out, in.len + 64) &&
           EVP_CipherInit_ex(ctx, cipher, NULL, keys.key.ptr,
                   keys.iv.len >= 8 ? keys.iv.ptr : zeros, encrypt) == 1;
    if (good)
        (void)EVP_CIPHER_CTX_set_padding(ctx, keys.padded ? 1 : 0);
    good = good && EVP_CipherUpdate(ctx, (uint8_t *)out->ptr, &len, in.ptr, (int)in.len) == 1;
    if (good && EVP_CipherFinal_ex(ctx, (uint8_t *)out->ptr + len, &last) == 1)
        len += last;
    if (good)
        out->len = (size_t)len;
    EVP_CIPHER_CTX_free(ctx);
    return good;
}

/* What is transformed is found by the object the stream is over, too. */
struct ps_value ps_crypto_transform(
        struct ps *ps, struct ps_object *transform, const struct ps_value *data)
{
    struct hn_bytes in;
    struct hn_buf out = { 0 };
    struct ps_value made = ps_unknown(ps, "plain text");

    if (!ps_bytes_of(ps, data, &in))
        return made;
    ps_technique(ps, "cipher");
    hn_buf_init(&out, ps->run->limits.text_bytes_max + 64);
    if (run_cipher(ps, transform, in, &out))
        made = ps_bytes_value(
                ps, hn_text_as_bytes(hn_buf_text(&out)), ps_origin(ps, "decrypt", data));
    hn_buf_deinit(&out);
    return made;
}

static struct ps_value make_transform(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count, bool decrypt)
{
    struct ps_object *made = ps_object_new(ps, "security.cryptography.icryptotransform");
    struct ps_object *from = base.as.object;

    ps_prop_set(ps, made, "key", count > 0 ? args[0] : ps_prop(from, "key"));
    ps_prop_set(ps, made, "iv", count > 1 ? args[1] : ps_prop(from, "iv"));
    ps_prop_set(ps, made, "mode", ps_prop(from, "mode"));
    ps_prop_set(ps, made, "padding", ps_prop(from, "padding"));
    ps_prop_set(ps, made, "decrypt", ps_bool(decrypt));
    if (ps_one_of(from->type, DES_TYPES))
        made->type = T(CRYPTO "tripledes");
    return ps_of_object(made);
}

static struct ps_value create_decryptor(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return make_transform(ps, base, args, count, true);
}

static struct ps_value create_encryptor(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return make_transform(ps, base, args, count, false);
}

/* TransformFinalBlock(bytes, start, count) */
static struct ps_value transform_block(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    size_t start = count > 1 ? ps_size_of(ps, &args[1], 0) : 0;
    size_t len = count > 2 ? ps_size_of(ps, &args[2], SIZE_MAX) : SIZE_MAX;
    struct hn_bytes bytes;
    struct ps_value part;

    if (count == 0 || !ps_bytes_of(ps, &args[0], &bytes))
        return ps_unknown(ps, "plain text");
    start = start < bytes.len ? start : bytes.len;
    len = len < bytes.len - start ? len : bytes.len - start;
    part = ps_bytes_value(ps, hn_bytes_of(bytes.ptr + start, len), ps_origin_of(&args[0]));
    return ps_crypto_transform(ps, base.as.object, &part);
}

static struct ps_value cipher_nothing(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)ps;
    (void)base;
    (void)args;
    (void)count;
    return ps_null();
}

/* ---- Digests ---- */

static const EVP_MD *digest_of(struct hn_text type)
{
    static const struct {
        const char *word;
        const char *name;
    } rows[] = { { "sha512", "SHA512" }, { "sha384", "SHA384" }, { "sha256", "SHA256" },
        { "sha1", "SHA1" }, { "md5", "MD5" } };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (hn_text_find_nocase(type, hn_text_cstr(rows[i].word), 0) != SIZE_MAX)
            return EVP_get_digestbyname(rows[i].name);
    return NULL;
}

static struct ps_value digest(struct ps *ps, struct hn_text type, const struct ps_value *data)
{
    uint8_t out[EVP_MAX_MD_SIZE];
    unsigned int len = 0;
    struct hn_bytes in;
    const EVP_MD *md = digest_of(type);

    if (md == NULL || !ps_bytes_of(ps, data, &in) || !script_spend(ps->run, 1 + in.len / 64) ||
            EVP_Digest(in.ptr, in.len, out, &len, md, NULL) != 1)
        return ps_unknown(ps, "digest");
    return ps_bytes_value(ps, hn_bytes_of(out, len), ps_origin(ps, "digest", data));
}

static struct ps_value compute_hash(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return count > 0 ? digest(ps, base.as.object->type, &args[0]) : ps_null();
}

static struct ps_value hash_data(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return count > 0 ? digest(ps, ps_flat(ps, &base), &args[0]) : ps_null();
}

static struct ps_value create(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_object *made = ps_object_new(ps, "");

    made->type = ps_flat(ps, &base);
    if (count > 0 && args[0].kind == PS_TEXT)
        made->type = ps_normal_type(ps->run, ps_flat(ps, &args[0]));
    return ps_of_object(made);
}

#define HASHES                                                                                    \
    CRYPTO "sha256|" CRYPTO "sha256managed|" CRYPTO "sha256cryptoserviceprovider|" CRYPTO         \
           "sha1|" CRYPTO "sha1managed|" CRYPTO "sha1cryptoserviceprovider|" CRYPTO "md5|" CRYPTO \
           "md5cryptoserviceprovider|" CRYPTO "sha512|" CRYPTO "sha512managed|" CRYPTO            \
           "sha384|" CRYPTO "sha384managed|" CRYPTO "hashalgorithm|md5|sha1|sha256|sha384|sha512"
#define TRANSFORMS CRYPTO "icryptotransform|" CRYPTO "tripledes"

const struct ps_method ps_methods_crypto[] = {
    { AES_TYPES "|" DES_TYPES, "createdecryptor", create_decryptor },
    { AES_TYPES "|" DES_TYPES, "createencryptor", create_encryptor },
    { AES_TYPES "|" DES_TYPES, "clear", cipher_nothing },
    { AES_TYPES "|" DES_TYPES "|" HASHES, "dispose", cipher_nothing },
    { TRANSFORMS, "transformfinalblock", transform_block },
    { TRANSFORMS, "dispose", cipher_nothing },
    { HASHES, "computehash", compute_hash },
    { NULL, NULL, NULL },
};

const struct ps_method ps_statics_crypto[] = {
    { AES_TYPES "|" DES_TYPES "|" HASHES, "create", create },
    { HASHES, "hashdata", hash_data },
    { NULL, NULL, NULL },
};
