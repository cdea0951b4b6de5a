/* arclock_key.c - keys from passwords, as each format derives them, and AES. */
#include "arclock/arclock_internal.h"

#include "base/utf.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#define PASSWORD_BYTES_MAX 1024u /* as UTF-16 */
#define BATCH_RECORDS      64u
#define RAR3_WORK          18u
#define RAR3_ROUNDS        (1u << RAR3_WORK)
#define RAR5_COST          4u /* two blocks of SHA-256 in each round */
#define RAR3_IV_EVERY      (RAR3_ROUNDS / 16)
/* With more, RAR 3 itself overwrites parts of the password while it hashes (a block of SHA-1 is
 * full): such passwords are not tried. */
#define RAR3_BYTES_MAX    63u
#define DECRYPT_PER_ROUND 64u /* bytes of AES that take as long as a round of hashing */
#define CBC_PIECE         ((size_t)1 << 20)

/* ---- What is known already ---- */

static struct arclock_key *find(
        struct arclock_job *job, size_t password, struct hn_bytes salt, uint32_t work)
{
    for (size_t i = 0; i < ARCLOCK_KEYS_KEPT; i++) {
        struct arclock_key *key = &job->keys[i];

        if (key->set && key->password == password && key->work == work &&
                key->salt_len == salt.len &&
                (salt.len == 0 || memcmp(key->salt, salt.ptr, salt.len) == 0))
            return key;
    }
    return NULL;
}

/* Room for one more key, the oldest gives way; NULL when it may not be derived. cost: of one round,
 * the cheapest being 1. */
static struct arclock_key *take(struct arclock_job *job, size_t password, struct hn_bytes salt,
        uint32_t work, uint32_t cost)
{
    struct arclock_key *key = &job->keys[job->next_key];

    if (salt.len > ARCLOCK_SALT_MAX || work > ARCLOCK_WORK_MAX)
        return NULL;
    if (!job->ask->spend(job->ask->ctx, (uint64_t)cost << work)) {
        job->spent = true;
        return NULL;
    }
    *key = (struct arclock_key){ .password = password, .salt_len = salt.len, .work = work };
    if (salt.len > 0)
        memcpy(key->salt, salt.ptr, salt.len);
    job->next_key = (job->next_key + 1) % ARCLOCK_KEYS_KEPT;
    return key;
}

static bool to_utf16(const struct arclock_job *job, size_t password, struct hn_buf *out)
{
    hn_buf_init(out, PASSWORD_BYTES_MAX);
    hn_utf8_to_utf16le(out, job->ask->passwords[password]);
    return hn_buf_ok(out);
}

/* ---- 7z: SHA-256 over salt, password and a 64-bit counter, again and again ---- */

static bool hash_7z(struct hn_bytes salt, struct hn_text password, uint32_t work, uint8_t *out)
{
    size_t record = salt.len + password.len + 8;
    uint64_t rounds = (uint64_t)1 << work;
    struct hn_buf batch = { 0 };
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;

    for (size_t i = 0; i < BATCH_RECORDS; i++) {
        hn_buf_add(&batch, salt.ptr, salt.len);
        hn_buf_add_text(&batch, password);
        hn_buf_add_repeat(&batch, '\0', 8);
    }
    ok = ok && hn_buf_ok(&batch);
    for (uint64_t at = 0; ok && at < rounds; at += BATCH_RECORDS) {
        size_t count = rounds - at < BATCH_RECORDS ? (size_t)(rounds - at) : BATCH_RECORDS;

        for (size_t i = 0; i < count; i++)
            arclock_set(&batch, (i + 1) * record - 8, at + i, 8);
        ok = EVP_DigestUpdate(ctx, batch.ptr, count * record) == 1;
    }
    ok = ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
    EVP_MD_CTX_free(ctx);
    hn_buf_deinit(&batch);
    return ok;
}

const struct arclock_key *arclock_key_7z(
        struct arclock_job *job, size_t password, struct hn_bytes salt, uint32_t work)
{
    const struct arclock_key *known = find(job, password, salt, work);
    struct arclock_key *key;
    struct hn_buf utf16;

    if (known != NULL)
        return known;
    key = take(job, password, salt, work, 1);
    if (key == NULL)
        return NULL;
    if (to_utf16(job, password, &utf16)) {
        key->set = hash_7z(salt, hn_buf_text(&utf16), work, key->key);
        job->no_memory = job->no_memory || !key->set;
    }
    hn_buf_deinit(&utf16);
    return key->set ? key : NULL;
}

/* ---- rar 3: SHA-1 over password, salt and a 24-bit counter; the IV is taken on the way ---- */

static bool hash_rar3(struct hn_bytes secret, uint8_t key[16], uint8_t iv[16])
{
    uint8_t digest[EVP_MAX_MD_SIZE] = { 0 };
    uint8_t record[RAR3_BYTES_MAX + 3];
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_MD_CTX *now = EVP_MD_CTX_new();
    bool ok = ctx != NULL && now != NULL && EVP_DigestInit_ex(ctx, EVP_sha1(), NULL) == 1;

    memcpy(record, secret.ptr, secret.len);
    for (uint32_t i = 0; ok && i < RAR3_ROUNDS; i++) {
        record[secret.len] = (uint8_t)(i & 0xFFu);
        record[secret.len + 1] = (uint8_t)(i >> 8 & 0xFFu);
        record[secret.len + 2] = (uint8_t)(i >> 16);
        ok = EVP_DigestUpdate(ctx, record, secret.len + 3) == 1;
        if (ok && i % RAR3_IV_EVERY == 0) {
            ok = EVP_MD_CTX_copy_ex(now, ctx) == 1 && EVP_DigestFinal_ex(now, digest, NULL) == 1;
            iv[i / RAR3_IV_EVERY] = digest[19];
        }
    }
    ok = ok && EVP_DigestFinal_ex(ctx, digest, NULL) == 1;
    for (size_t i = 0; ok && i < 16; i++) /* words of 32 bits, turned round */
        key[i] = digest[i / 4 * 4 + 3 - i % 4];
    EVP_MD_CTX_free(now);
    EVP_MD_CTX_free(ctx);
    return ok;
}

const struct arclock_key *arclock_key_rar3(
        struct arclock_job *job, size_t password, struct hn_bytes salt)
{
    const struct arclock_key *known = find(job, password, salt, RAR3_WORK);
    struct arclock_key *key = NULL;
    struct hn_buf secret;

    if (known != NULL)
        return known;
    if (to_utf16(job, password, &secret))
        hn_buf_add(&secret, salt.ptr, salt.len);
    if (hn_buf_ok(&secret) && secret.len <= RAR3_BYTES_MAX)
        key = take(job, password, salt, RAR3_WORK, 1);
    if (key != NULL) {
        key->set = hash_rar3(hn_text_as_bytes(hn_buf_text(&secret)), key->key, key->iv);
        job->no_memory = job->no_memory || !key->set;
    }
    hn_buf_deinit(&secret);
    return key != NULL && key->set ? key : NULL;
}

/* ---- rar 5: PBKDF2; the check value comes of 32 rounds more ---- */

static bool derive(struct hn_text password, struct hn_bytes salt, uint32_t rounds, uint8_t *out)
{
    return PKCS5_PBKDF2_HMAC(password.ptr, (int)password.len, salt.ptr, (int)salt.len, (int)rounds,
                   EVP_sha256(), (int)ARCLOCK_KEY_MAX, out) == 1;
}

/* A check value is believed when its own checksum is right. */
static bool is_check(struct hn_bytes check)
{
    uint8_t digest[EVP_MAX_MD_SIZE];

    return check.len == ARCLOCK_CHECK_BYTES &&
           EVP_Digest(check.ptr, 8, digest, NULL, EVP_sha256(), NULL) == 1 &&
           memcmp(digest, check.ptr + 8, 4) == 0;
}

static bool check_fits(const struct arclock_key *key, struct hn_bytes check)
{
    uint8_t folded[8] = { 0 };

    for (size_t i = 0; i < ARCLOCK_KEY_MAX; i++)
        folded[i % 8] ^= key->check[i];
    return CRYPTO_memcmp(folded, check.ptr, sizeof folded) == 0;
}

const struct arclock_key *arclock_key_rar5(struct arclock_job *job, size_t password,
        struct hn_bytes salt, uint32_t work, struct hn_bytes check)
{
    struct hn_text text = job->ask->passwords[password];
    struct arclock_key *key = find(job, password, salt, work);
    uint32_t rounds = (uint32_t)1 << (work <= ARCLOCK_WORK_MAX ? work : 0);

    if (key == NULL) {
        key = take(job, password, salt, work, RAR5_COST);
        if (key == NULL)
            return NULL;
        key->set = derive(text, salt, rounds + 32, key->check);
    }
    if (!key->set || (is_check(check) && !check_fits(key, check))) {
        job->no_memory = job->no_memory || !key->set;
        return NULL;
    }
    if (!key->whole) {
        key->whole = derive(text, salt, rounds, key->key);
        job->no_memory = job->no_memory || !key->whole;
    }
    return key->whole ? key : NULL;
}

/* ---- AES ---- */

bool arclock_decrypt(struct arclock_job *job, struct hn_bytes key, const uint8_t *iv,
        struct hn_bytes in, struct hn_buf *out)
{
    EVP_CIPHER_CTX *ctx;
    size_t done = 0;
    bool ok;

    if (in.len >= DECRYPT_PER_ROUND &&
            !job->ask->spend(job->ask->ctx, in.len / DECRYPT_PER_ROUND)) {
        job->spent = true;
        return false;
    }
    ctx = EVP_CIPHER_CTX_new();

    in.len -= in.len % 16;
    ok = ctx != NULL && hn_buf_reserve(out, in.len + 16) &&
         EVP_DecryptInit_ex(ctx, key.len == 16 ? EVP_aes_128_cbc() : EVP_aes_256_cbc(), NULL,
                 key.ptr, iv) == 1 &&
         EVP_CIPHER_CTX_set_padding(ctx, 0) == 1;
    while (ok && done < in.len) {
        size_t piece = in.len - done < CBC_PIECE ? in.len - done : CBC_PIECE;
        int len = 0;

        ok = EVP_DecryptUpdate(
                     ctx, (uint8_t *)out->ptr + out->len, &len, in.ptr + done, (int)piece) == 1 &&
             (size_t)len == piece;
        out->len += ok ? piece : 0;
        done += piece;
    }
    EVP_CIPHER_CTX_free(ctx);
    ERR_clear_error();
    return ok;
}
