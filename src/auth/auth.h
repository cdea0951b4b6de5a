/* auth.h - who may do what: users, roles, tokens, sessions, and how often one may guess.
 *
 * The one header of this module. Everything lives in the database, so that it holds for every
 * thread and survives a restart: a session that was ended or a token that was revoked is dead for
 * the next request. Secrets are stored as hashes only (passwords: argon2id; tokens and sessions,
 * which are random, SHA-256), and are compared in constant time.
 *
 * Functions that change something write an entry to the audit log in the same transaction, which is
 * theirs: none may be open on the connection.
 *
 * Life: auth_new() and auth_migrate() once -> the rest -> auth_free().
 * Concurrency: a struct auth may be shared; a connection serves one thread at a time. At most
 * options.hash_slots passwords are hashed at a time, because each takes memory and 20 ms.
 * Errors: HN_NOTFOUND (no such thing, or: not let in), HN_SYNTAX (a name or password that is not
 * allowed; the message says why), HN_LIMIT (too many attempts), and those of the database. */
#ifndef HN_AUTH_AUTH_H
#define HN_AUTH_AUTH_H

#include "base/attr.h"
#include "base/status.h"
#include "base/time.h"
#include "base/view.h"
#include "db/db.h"

#include <stdbool.h>
#include <stdint.h>

#define AUTH_NAME_MAX       64
#define AUTH_ADDRESS_MAX    64
#define AUTH_PASSWORD_MIN   12 /* characters; no rules about which: NIST SP 800-63B 5.1.1.2 */
#define AUTH_PASSWORD_MAX   1024
#define AUTH_SECRET_LEN     43 /* 32 random bytes as base64url */
#define AUTH_TOKEN_PREFIX   "hnm_"
#define AUTH_TOKEN_LEN      (sizeof AUTH_TOKEN_PREFIX - 1 + AUTH_SECRET_LEN)
#define AUTH_TOKEN_LIFE_MAX (400 * HN_DAY)
#define AUTH_LOCAL_PREFIX   "cli-" /* tokens of commands on the server's machine; soon forgotten */

/* How often one may guess (OWASP ASVS 4.0.3, 2.2.1; 5.0, 6.1.1). */
#define AUTH_FAILURES_PAIR_MAX    10  /* a minute, of one name from one address */
#define AUTH_FAILURES_ADDRESS_MAX 100 /* an hour, of one address */
#define AUTH_FAILURES_NAME_MAX    100 /* an hour, of one name: then only from where it was let in */
#define AUTH_KNOWN_ADDRESS_AGE    (30 * HN_DAY)

/* ---- What one may do ---- */

#define AUTH_PERMISSION_LIST(X)                                             \
    X(AUTH_READ, 0, "read")     /* alerts, incidents, events, status */     \
    X(AUTH_TRIAGE, 1, "triage") /* status, verdict, comments, silences */   \
    X(AUTH_RULES, 2, "rules")   /* exceptions, reloading */                 \
    X(AUTH_BLOCK, 3, "block")   /* blocking */                              \
    X(AUTH_ADMIN, 4, "admin")   /* users, tokens, outputs, configuration */ \
    X(AUTH_INGEST, 5, "ingest") /* hand in events */                        \
    X(AUTH_AUDIT, 6, "audit")   /* read the audit log */                    \
    X(AUTH_SELF, 7, "self")     /* one's own account */

enum auth_permission {
#define AUTH_PERMISSION_ENUM(name, bit, text) name = 1 << (bit),
    AUTH_PERMISSION_LIST(AUTH_PERMISSION_ENUM)
#undef AUTH_PERMISSION_ENUM
};

#define AUTH_ROLE_LIST(X)                                                                 \
    X(AUTH_VIEWER, "viewer", AUTH_READ | AUTH_SELF)                                       \
    X(AUTH_ANALYST, "analyst", AUTH_READ | AUTH_TRIAGE | AUTH_SELF)                       \
    X(AUTH_RULE_EDITOR, "rule_editor", AUTH_READ | AUTH_TRIAGE | AUTH_RULES | AUTH_SELF)  \
    X(AUTH_RESPONDER, "responder", AUTH_READ | AUTH_TRIAGE | AUTH_BLOCK | AUTH_SELF)      \
    X(AUTH_ADMINISTRATOR, "administrator",                                                \
            AUTH_READ | AUTH_TRIAGE | AUTH_RULES | AUTH_BLOCK | AUTH_ADMIN | AUTH_AUDIT | \
                    AUTH_SELF)                                                            \
    X(AUTH_INGEST_ONLY, "ingest", AUTH_INGEST)                                            \
    X(AUTH_AUDITOR, "auditor", AUTH_READ | AUTH_AUDIT | AUTH_SELF)

enum auth_role {
#define AUTH_ROLE_ENUM(name, text, permissions) name,
    AUTH_ROLE_LIST(AUTH_ROLE_ENUM)
#undef AUTH_ROLE_ENUM
            AUTH_ROLE_COUNT
};

const char *auth_role_text(enum auth_role role);
bool auth_role_find(struct hn_text text, enum auth_role *ret_role);
uint32_t auth_role_permissions(enum auth_role role);
/* 0: there is no such permission. */
uint32_t auth_permission_find(struct hn_text text);

/* Who a request is from. */
struct auth_principal {
    bool is_token;
    int64_t id;
    char name[AUTH_NAME_MAX + 1];
    enum auth_role role;
    uint32_t permissions;           /* of the role, or less (tokens) */
    char source[AUTH_NAME_MAX + 1]; /* tokens for handing in events: the source they are of */
    char tenant[AUTH_NAME_MAX + 1];
    char csrf[AUTH_SECRET_LEN + 1]; /* sessions */
    hn_time seen;                   /* sessions: the last use that was noted */
    char actor[AUTH_NAME_MAX + 8];  /* for the audit log: "user:alice" */
};

/* The one who does something, for the audit log. */
struct auth_actor {
    struct hn_text name;    /* struct auth_principal.actor, "system", "cli" */
    struct hn_text address; /* "": none */
    hn_time now;
};

/* ---- Life ---- */

struct auth_options {
    hn_time session_idle; /* 0: 30 minutes */
    hn_time session_max;  /* 0: 12 hours */
    uint32_t hash_kib;    /* argon2id memory; 0: 19456 */
    uint32_t hash_passes; /* 0: 2 */
    uint32_t hash_slots;  /* 0: 2 */
};

struct auth;
HN_MUST_USE enum hn_status auth_new(
        const struct auth_options *options, struct auth **ret_auth, struct hn_err *err);
void auth_free(struct auth *auth); /* NULL is fine */
HN_MUST_USE enum hn_status auth_migrate(struct db *db, struct hn_err *err);

/* ---- Users ---- */

struct auth_user {
    int64_t id;
    struct hn_text name;
    enum auth_role role;
    bool disabled;
    hn_time created;
    hn_time last_login; /* HN_TIME_NONE: never */
};
typedef void auth_on_user(void *ctx, const struct auth_user *user);

/* Names: letters, digits, "-", "_", ".", "@". */
struct auth_user_wish {
    struct hn_text name;
    enum auth_role role;
    struct hn_text password;
};
HN_MUST_USE enum hn_status auth_user_add(struct auth *auth, struct db *db,
        const struct auth_actor *actor, const struct auth_user_wish *wish, struct hn_err *err);
/* Both end all of the user's sessions. The last administrator stays one: HN_SYNTAX. */
HN_MUST_USE enum hn_status auth_user_set_role(struct db *db, const struct auth_actor *actor,
        struct hn_text name, enum auth_role role, bool disabled, struct hn_err *err);
HN_MUST_USE enum hn_status auth_user_set_password(struct auth *auth, struct db *db,
        const struct auth_actor *actor, struct hn_text name, struct hn_text password,
        struct hn_err *err);
HN_MUST_USE enum hn_status auth_user_each(
        struct db *db, auth_on_user *on_user, void *ctx, struct hn_err *err);

/* ---- Sessions ---- */

struct auth_attempt {
    struct hn_text name;
    struct hn_text password;
    struct hn_text address;
    hn_time now;
    struct hn_text ends; /* secret of the session that the client had until now; may be empty */
};
struct auth_session {
    char secret[AUTH_SECRET_LEN + 1]; /* for the cookie */
    struct auth_principal principal;
};

/* A new session, whatever cookie came along; the one that attempt->ends names is over. HN_NOTFOUND:
 * name or password is wrong, or the user is disabled (which of them is not said, nor can it be told
 * from the time taken). HN_LIMIT: too many attempts, *ret_retry_s tells when to come back. */
HN_MUST_USE enum hn_status auth_login(struct auth *auth, struct db *db,
        const struct auth_attempt *attempt, struct auth_session *ret_session, uint32_t *ret_retry_s,
        struct hn_err *err);
/* The same for who is in already: a password is asked for, and no session begins. */
HN_MUST_USE enum hn_status auth_password_prove(struct auth *auth, struct db *db,
        const struct auth_attempt *attempt, uint32_t *ret_retry_s, struct hn_err *err);
/* Whose session this is. HN_NOTFOUND: nobody's, or it has ended. */
HN_MUST_USE enum hn_status auth_session_check(struct auth *auth, struct db *db,
        struct hn_text secret, hn_time now, struct auth_principal *ret_principal,
        struct hn_err *err);
/* The same for who does nothing himself, such as a stream: it keeps no session alive. */
HN_MUST_USE enum hn_status auth_session_look(struct auth *auth, struct db *db,
        struct hn_text secret, hn_time now, struct auth_principal *ret_principal,
        struct hn_err *err);
HN_MUST_USE enum hn_status auth_logout(
        struct db *db, const struct auth_actor *actor, struct hn_text secret, struct hn_err *err);

/* Are both the same secret? Takes as long whatever they are. */
bool auth_secret_eq(struct hn_text a, struct hn_text b);

/* ---- Tokens ---- */

struct auth_token {
    int64_t id;
    struct hn_text name;
    enum auth_role role;
    uint32_t permissions;
    struct hn_text source;
    struct hn_text tenant;
    hn_time created;
    hn_time expires;
    hn_time last_used; /* HN_TIME_NONE: never; to the minute */
    bool revoked;
};
typedef void auth_on_token(void *ctx, const struct auth_token *token);

struct auth_token_wish {
    struct hn_text name;
    enum auth_role role;
    uint32_t permissions;  /* a part of the role's; 0: all */
    struct hn_text source; /* role ingest: required */
    struct hn_text tenant;
    hn_time life; /* at most AUTH_TOKEN_LIFE_MAX */
};
/* The token itself is given this once. */
HN_MUST_USE enum hn_status auth_token_add(struct db *db, const struct auth_actor *actor,
        const struct auth_token_wish *wish, char ret_token[AUTH_TOKEN_LEN + 1], struct hn_err *err);
HN_MUST_USE enum hn_status auth_token_revoke(
        struct db *db, const struct auth_actor *actor, struct hn_text name, struct hn_err *err);
HN_MUST_USE enum hn_status auth_token_check(struct db *db, struct hn_text token, hn_time now,
        struct auth_principal *ret_principal, struct hn_err *err);
HN_MUST_USE enum hn_status auth_token_each(
        struct db *db, auth_on_token *on_token, void *ctx, struct hn_err *err);

/* ---- Looking after it ---- */

#define AUTH_COUNTER_LIST(X)                 \
    X(let_in, "with the right password")     \
    X(failed, "name or password were wrong") \
    X(throttled, "refused without being looked at, as there were too many")
struct auth_counters {
#define AUTH_COUNTER_MEMBER(name, text) uint64_t name;
    AUTH_COUNTER_LIST(AUTH_COUNTER_MEMBER)
#undef AUTH_COUNTER_MEMBER
};
/* Since the start. Any thread. */
struct auth_counters auth_counters(struct auth *auth);

/* Forgets sessions that have ended and failures that count no more. */
HN_MUST_USE enum hn_status auth_tidy(
        struct auth *auth, struct db *db, hn_time now, struct hn_err *err);

#endif
