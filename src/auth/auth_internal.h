/* auth_internal.h - what the files of this module share. */
#ifndef HN_AUTH_AUTH_INTERNAL_H
#define HN_AUTH_AUTH_INTERNAL_H

#include "audit/audit.h"
#include "auth/auth.h"

#include <pthread.h>
#include <stdatomic.h>

#define AUTH_ENCODED_MAX 256 /* an argon2id hash with its parameters */

struct auth {
    struct auth_options options;
    pthread_mutex_t lock;
    pthread_cond_t slot_free;
    uint32_t slots_used;
    char nobody[AUTH_ENCODED_MAX]; /* hash that the password of an unknown user is tried against */
#define AUTH_COUNTER_ATOMIC(name, text) atomic_uint_fast64_t name;
    AUTH_COUNTER_LIST(AUTH_COUNTER_ATOMIC)
#undef AUTH_COUNTER_ATOMIC
};

/* ---- auth_secret.c ---- */

/* 32 random bytes as base64url, NUL-terminated. */
HN_MUST_USE bool auth_secret_make(char ret_secret[AUTH_SECRET_LEN + 1]);
/* What a session's changes need besides its cookie: made from the cookie's secret, so that nobody
 * has to keep it, and nobody who has only one of the two gets the other. */
HN_MUST_USE bool auth_secret_csrf(struct hn_text secret, char ret_csrf[AUTH_SECRET_LEN + 1]);
HN_MUST_USE bool auth_secret_hash(struct hn_text secret, char ret_hex[HN_SHA256_HEX_LEN]);
HN_MUST_USE enum hn_status auth_password_hash(struct auth *auth, struct hn_text password,
        char ret_encoded[AUTH_ENCODED_MAX], struct hn_err *err);
/* HN_NOTFOUND: it is another password. */
HN_MUST_USE enum hn_status auth_password_check(
        struct auth *auth, struct hn_text password, struct hn_text encoded, struct hn_err *err);

/* ---- auth_throttle.c; all inside a transaction ---- */

/* HN_LIMIT: no more attempts for now. */
HN_MUST_USE enum hn_status auth_throttle_check(struct db *db, const struct auth_attempt *attempt,
        uint32_t *ret_retry_s, struct hn_err *err);
/* Which limit the attempts that have been counted have reached: a word for the audit log; NULL:
 * none. */
HN_MUST_USE enum hn_status auth_throttle_reached(struct db *db, const struct auth_attempt *attempt,
        const char **ret_limit, struct hn_err *err);
/* The attempt is counted before the password is looked at, so that many at a time count as well;
 * success takes it back and remembers the address. */
HN_MUST_USE enum hn_status auth_throttle_count(
        struct db *db, const struct auth_attempt *attempt, struct hn_err *err);
HN_MUST_USE enum hn_status auth_throttle_let_in(
        struct db *db, const struct auth_attempt *attempt, struct hn_err *err);
HN_MUST_USE enum hn_status auth_throttle_tidy(struct db *db, hn_time now, struct hn_err *err);

/* ---- Shared by users, sessions, tokens (auth.c) ---- */

void auth_copy_name(char *out, size_t room, struct hn_text text); /* cut, NUL-terminated */
HN_MUST_USE enum hn_status auth_name_check(struct hn_text name, struct hn_err *err);
/* One entry in the audit log, inside a transaction. */
struct auth_change {
    const char *action; /* "user.create" */
    const char *kind;   /* "user" */
    struct hn_text name;
    const char *detail; /* JSON; NULL: none */
};
HN_MUST_USE enum hn_status auth_note(struct db *db, const struct auth_actor *actor,
        const struct auth_change *change, struct hn_err *err);
/* Ends the caller's transaction: commits when status is HN_OK, otherwise rolls back. */
HN_MUST_USE enum hn_status auth_end(struct db *db, enum hn_status status, struct hn_err *err);

#endif
