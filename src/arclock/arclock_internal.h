/* arclock_internal.h - what the formats of this module share. */
#ifndef HN_ARCLOCK_ARCLOCK_INTERNAL_H
#define HN_ARCLOCK_ARCLOCK_INTERNAL_H

#include "arclock/arclock.h"
#include "base/arena.h"
#include "base/reader.h"

#define ARCLOCK_SALT_MAX    16u
#define ARCLOCK_IV_BYTES    16u
#define ARCLOCK_KEY_MAX     32u
#define ARCLOCK_KEYS_KEPT   8u
#define ARCLOCK_WORK_MAX    24u /* of a key: 2 to the power of it rounds */
#define ARCLOCK_CHECK_BYTES 12u
#define ARCLOCK_ARENA_BYTES ((size_t)32 << 20)

/* A key as it was derived: archives use one for many files. */
struct arclock_key {
    bool set;
    bool whole;      /* rar 5: key is there, not only check */
    size_t password; /* index */
    size_t salt_len;
    uint32_t work;
    uint8_t salt[ARCLOCK_SALT_MAX];
    uint8_t key[ARCLOCK_KEY_MAX];
    uint8_t iv[ARCLOCK_IV_BYTES];   /* rar 3 alone */
    uint8_t check[ARCLOCK_KEY_MAX]; /* rar 5 alone: what check values are folded from */
};

struct arclock_job {
    struct hn_bytes in;
    const struct arclock_ask *ask;
    struct hn_arena arena;
    struct arclock_result *result;
    struct arclock_key keys[ARCLOCK_KEYS_KEPT];
    size_t next_key;
    bool spent; /* the budget is used up */
    bool no_memory;
};

/* [start, start + len) of bytes; ok is cleared where they are not all there. */
struct hn_bytes arclock_cut(struct hn_bytes bytes, uint64_t start, uint64_t len, bool *ok);

/* Why no password was found. */
enum hn_status arclock_none(const struct arclock_job *job, struct hn_err *err);

/* ---- Keys (arclock_key.c); NULL: not to be had, see spent and no_memory ---- */
const struct arclock_key *arclock_key_7z(
        struct arclock_job *job, size_t password, struct hn_bytes salt, uint32_t work);
const struct arclock_key *arclock_key_rar3(
        struct arclock_job *job, size_t password, struct hn_bytes salt);
/* check: empty where there is none; a password that it does not fit gives NULL. */
const struct arclock_key *arclock_key_rar5(struct arclock_job *job, size_t password,
        struct hn_bytes salt, uint32_t work, struct hn_bytes check);
/* AES-CBC of whole blocks, appended to out; asked for as work, too. False: out failed, or no. */
bool arclock_decrypt(struct arclock_job *job, struct hn_bytes key, const uint8_t *iv,
        struct hn_bytes in, struct hn_buf *out);

/* ---- Formats ---- */
enum hn_status arclock_open_7z(struct arclock_job *job, struct hn_err *err);
enum hn_status arclock_open_rar3(struct arclock_job *job, struct hn_err *err);
enum hn_status arclock_open_rar5(struct arclock_job *job, struct hn_err *err);

/* ---- Writing ---- */
void arclock_put(struct hn_buf *out, uint64_t value, size_t bytes); /* little-endian */
void arclock_set(struct hn_buf *out, size_t at, uint64_t value, size_t bytes);

#endif
