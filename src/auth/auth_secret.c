/* auth_secret.c - random secrets, their hashes, and passwords. */
#include "auth/auth_internal.h"

#include <argon2.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <string.h>

#define SECRET_BYTES 32
#define SALT_BYTES   16
#define HASH_BYTES   32

static void write_digits(const uint8_t bytes[SECRET_BYTES], char ret_secret[AUTH_SECRET_LEN + 1])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t bits = 0;
    unsigned have = 0;
    size_t at = 0;

    for (size_t i = 0; i < AUTH_SECRET_LEN; i++) {
        if (have < 6) {
            bits = bits << 8 | (at < SECRET_BYTES ? bytes[at] : 0); /* padding bits are zero */
            at++;
            have += 8;
        }
        have -= 6;
        ret_secret[i] = digits[bits >> have & 63];
    }
    ret_secret[AUTH_SECRET_LEN] = '\0';
}

bool auth_secret_make(char ret_secret[AUTH_SECRET_LEN + 1])
{
    uint8_t bytes[SECRET_BYTES];

    if (RAND_bytes(bytes, SECRET_BYTES) != 1)
        return false;
    write_digits(bytes, ret_secret);
    OPENSSL_cleanse(bytes, sizeof bytes);
    return true;
}

bool auth_secret_csrf(struct hn_text secret, char ret_csrf[AUTH_SECRET_LEN + 1])
{
    static const char purpose[] = "hinomi csrf 1:";
    char text[sizeof purpose - 1 + AUTH_SECRET_LEN];
    uint8_t bytes[SECRET_BYTES];
    bool fine;

    if (secret.len != AUTH_SECRET_LEN)
        return false;
    memcpy(text, purpose, sizeof purpose - 1);
    memcpy(text + sizeof purpose - 1, secret.ptr, AUTH_SECRET_LEN);
    fine = hn_sha256(hn_bytes_of(text, sizeof text), bytes);
    if (fine)
        write_digits(bytes, ret_csrf);
    OPENSSL_cleanse(text, sizeof text);
    OPENSSL_cleanse(bytes, sizeof bytes);
    return fine;
}

bool auth_secret_hash(struct hn_text secret, char ret_hex[HN_SHA256_HEX_LEN])
{
    return hn_sha256_hex(hn_text_as_bytes(secret), ret_hex);
}

bool auth_secret_eq(struct hn_text a, struct hn_text b)
{
    return a.len == b.len && a.len > 0 && CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* ---- Passwords ---- */

static void take_slot(struct auth *auth)
{
    (void)pthread_mutex_lock(&auth->lock);
    while (auth->slots_used == auth->options.hash_slots)
        (void)pthread_cond_wait(&auth->slot_free, &auth->lock);
    auth->slots_used++;
    (void)pthread_mutex_unlock(&auth->lock);
}

static void give_slot(struct auth *auth)
{
    (void)pthread_mutex_lock(&auth->lock);
    auth->slots_used--;
    (void)pthread_cond_signal(&auth->slot_free);
    (void)pthread_mutex_unlock(&auth->lock);
}

static enum hn_status status_of(int code, struct hn_err *err)
{
    if (code == ARGON2_OK)
        return HN_OK;
    if (code == ARGON2_VERIFY_MISMATCH)
        return HN_NOTFOUND;
    if (code == ARGON2_MEMORY_ALLOCATION_ERROR)
        return hn_fail(err, HN_NOMEM, 0, "password hash");
    return hn_fail(err, HN_CORRUPT, 0, "password hash: %s", argon2_error_message(code));
}

enum hn_status auth_password_hash(struct auth *auth, struct hn_text password,
        char ret_encoded[AUTH_ENCODED_MAX], struct hn_err *err)
{
    uint8_t salt[SALT_BYTES];
    int code;

    if (RAND_bytes(salt, sizeof salt) != 1)
        return hn_fail(err, HN_IO, 0, "no random numbers");
    take_slot(auth);
    code = argon2id_hash_encoded(auth->options.hash_passes, auth->options.hash_kib, 1, password.ptr,
            password.len, salt, sizeof salt, HASH_BYTES, ret_encoded, AUTH_ENCODED_MAX);
    give_slot(auth);
    return status_of(code, err);
}

enum hn_status auth_password_check(
        struct auth *auth, struct hn_text password, struct hn_text encoded, struct hn_err *err)
{
    char text[AUTH_ENCODED_MAX];
    int code;

    if (encoded.len >= sizeof text)
        return hn_fail(err, HN_CORRUPT, 0, "password hash is too long");
    auth_copy_name(text, sizeof text, encoded);
    take_slot(auth);
    code = argon2id_verify(text, password.ptr, password.len);
    give_slot(auth);
    return status_of(code, err);
}
