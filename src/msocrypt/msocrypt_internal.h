/* msocrypt_internal.h - what the schemes of this module share. */
#ifndef HN_MSOCRYPT_MSOCRYPT_INTERNAL_H
#define HN_MSOCRYPT_MSOCRYPT_INTERNAL_H

#include "msocrypt/msocrypt.h"

#include <openssl/evp.h>

#define MSOCRYPT_HASH_MAX  64u
#define MSOCRYPT_SALT_MAX  64u
#define MSOCRYPT_BATCH_MAX 16u /* passwords tried at once */

/* ---- Primitives (msocrypt_primitive.c) ---- */

/* Digest of up to three pieces; false when the library fails. */
struct msocrypt_hash {
    const EVP_MD *md;
    EVP_MD_CTX *ctx;
    size_t len;
};
bool msocrypt_hash_open(
        struct msocrypt_hash *hash, const char *name); /* "SHA512"; false: unknown */
void msocrypt_hash_close(struct msocrypt_hash *hash);
bool msocrypt_hash_of(
        struct msocrypt_hash *hash, struct hn_bytes a, struct hn_bytes b, uint8_t *out);
/* h = H(le32(i) + h) for i below count, for each of n hashes, at most MSOCRYPT_BATCH_MAX: in it is
 * H0 and gets the last (msocrypt_spin.c). */
bool msocrypt_hash_spin(
        struct msocrypt_hash *hash, uint32_t count, uint8_t (*hashes)[MSOCRYPT_HASH_MAX], size_t n);

/* AES without padding; len is cut to whole blocks. iv NULL: ECB. out may be in. */
bool msocrypt_aes_decrypt(
        const uint8_t *key, size_t key_len, const uint8_t *iv, struct hn_bytes in, uint8_t *out);

struct msocrypt_rc4 {
    uint8_t state[256];
    uint8_t i;
    uint8_t j;
};
void msocrypt_rc4_init(struct msocrypt_rc4 *rc4, const uint8_t *key, size_t len);
void msocrypt_rc4_apply(struct msocrypt_rc4 *rc4, const uint8_t *in, uint8_t *out, size_t len);
void msocrypt_rc4_skip(struct msocrypt_rc4 *rc4, size_t len);

/* A password as UTF-16LE. */
struct msocrypt_password {
    struct hn_text utf8;
    uint8_t utf16[MSOCRYPT_PASSWORD_UNITS * 2];
    size_t len;
    bool usual; /* not one that was given */
};

/* ---- A document that is being opened ---- */

struct msocrypt_job {
    struct hn_arena *arena;
    struct ole_file *file;
    struct msocrypt_result *result;
    uint32_t spins; /* rounds of a password; 0: none are counted */
    uint64_t spins_left;
};

/* A stream's bytes; empty when it is not there. */
struct hn_bytes msocrypt_stream(struct msocrypt_job *job, const char *path);
void msocrypt_scheme(struct msocrypt_job *job, const char *fmt, ...) HN_PRINTF(2, 3);

/* The first of the passwords, at most MSOCRYPT_BATCH_MAX, that fits, or count; what follows from it
 * is kept in ctx. */
typedef size_t msocrypt_try(void *ctx, const struct msocrypt_password *passwords, size_t count);

/* ---- Schemes: each reads what it needs, and knows how to try and to decrypt ---- */

struct msocrypt_standard {
    struct hn_bytes salt;
    struct hn_bytes verifier;
    struct hn_bytes verifier_hash;
    size_t key_len;
    uint8_t key[32];
};
/* Of an EncryptionHeader and EncryptionVerifier; false: not this scheme. */
bool msocrypt_standard_read(
        struct msocrypt_standard *standard, struct msocrypt_job *job, struct hn_bytes info);
msocrypt_try msocrypt_standard_try;
void msocrypt_standard_decrypt(
        struct msocrypt_standard *standard, struct msocrypt_job *job, struct hn_bytes package);

struct msocrypt_agile_key {
    char hash_name[16];
    uint8_t salt[MSOCRYPT_SALT_MAX];
    size_t salt_len;
    size_t block_len;
    size_t key_len;
    bool chained; /* CBC; else unknown */
    bool aes;
};
struct msocrypt_agile {
    struct msocrypt_agile_key data; /* of the package */
    struct msocrypt_agile_key own;  /* of the password */
    uint32_t spins;
    uint8_t verifier_input[64];
    size_t verifier_input_len;
    uint8_t verifier_value[64];
    size_t verifier_value_len;
    uint8_t key_value[64];
    size_t key_value_len;
    uint8_t hmac_key[96];
    size_t hmac_key_len;
    uint8_t hmac_value[96];
    size_t hmac_value_len;
    uint8_t secret[64];
};
bool msocrypt_agile_read(
        struct msocrypt_agile *agile, struct msocrypt_job *job, struct hn_text xml);
msocrypt_try msocrypt_agile_try;
void msocrypt_agile_decrypt(
        struct msocrypt_agile *agile, struct msocrypt_job *job, struct hn_bytes package);

/* The three schemes of binary documents. */
struct msocrypt_legacy {
    enum msocrypt_kind kind;
    struct hn_bytes salt;
    struct hn_bytes verifier;
    struct hn_bytes verifier_hash;
    size_t key_len;   /* CryptoAPI */
    uint16_t xor_key; /* as stated; XOR */
    uint16_t xor_verifier;
    uint8_t base[20]; /* of the password that fits */
    uint8_t xor_array[16];
};
/* The structures behind a version field (2.3.5.1, 2.3.6.1). */
bool msocrypt_legacy_read(
        struct msocrypt_legacy *legacy, struct msocrypt_job *job, struct hn_bytes info);
msocrypt_try msocrypt_legacy_try;
/* RC4 of a block from its beginning. */
bool msocrypt_legacy_block(
        const struct msocrypt_legacy *legacy, uint32_t block, struct msocrypt_rc4 *ret_rc4);
/* Decrypts bytes that lie at `offset` of a stream, with a new key each block_len bytes. */
bool msocrypt_legacy_range(const struct msocrypt_legacy *legacy, size_t block_len, size_t offset,
        uint8_t *bytes, size_t len);
/* XOR method 1 of 16-bit words (2.3.7.2, 2.3.7.3). */
uint16_t msocrypt_xor_key(const uint8_t *password, size_t len);
uint16_t msocrypt_xor_verifier(const uint8_t *password, size_t len);
void msocrypt_xor_array(const uint8_t *password, size_t len, uint8_t ret_array[16]);

/* ---- Kinds of binary documents: recognise, decrypt, rebuild ---- */

struct msocrypt_replacement {
    uint32_t entry;
    struct hn_bytes bytes;
};
/* The file again, with streams replaced, as the result's bytes. */
enum hn_status msocrypt_rebuild(
        struct msocrypt_job *job, const struct msocrypt_replacement *replacements, size_t count);

/* True: encrypted, and legacy is filled (kind MSOCRYPT_OTHER where it could not be). */
bool msocrypt_doc_find(struct msocrypt_legacy *legacy, struct msocrypt_job *job);
enum hn_status msocrypt_doc_decrypt(struct msocrypt_legacy *legacy, struct msocrypt_job *job);
bool msocrypt_xls_find(struct msocrypt_legacy *legacy, struct msocrypt_job *job);
enum hn_status msocrypt_xls_decrypt(struct msocrypt_legacy *legacy, struct msocrypt_job *job);
bool msocrypt_ppt_find(struct msocrypt_legacy *legacy, struct msocrypt_job *job);
enum hn_status msocrypt_ppt_decrypt(struct msocrypt_legacy *legacy, struct msocrypt_job *job);

#endif
