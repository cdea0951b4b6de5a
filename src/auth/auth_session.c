/* auth_session.c - logging in and out, and whose session a cookie is of. */
#include "auth/auth_internal.h"

#include <stdio.h>
#include <string.h>

#define SEEN_EVERY                                                                 \
    HN_MINUTE /* how exactly the last use is known, where sessions live for longer \
               */

/* The account as it stands in the database. */
struct account {
    int64_t id;
    char name[AUTH_NAME_MAX + 1];
    enum auth_role role;
    bool disabled;
    char password[AUTH_ENCODED_MAX];
};

static enum hn_status find_account(
        struct db *db, struct hn_text name, struct account *ret_account, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(
            db, "SELECT id, name, role, disabled, password FROM user WHERE name = ?1", &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, name);
    status = db_next(stmt, err);
    if (status == HN_OK) {
        ret_account->id = db_int(stmt, 0);
        auth_copy_name(ret_account->name, sizeof ret_account->name, db_text(stmt, 1));
        ret_account->disabled = db_int(stmt, 3) != 0;
        auth_copy_name(ret_account->password, sizeof ret_account->password, db_text(stmt, 4));
        if (!auth_role_find(db_text(stmt, 2), &ret_account->role))
            status = hn_fail(err, HN_CORRUPT, 0, "a user has a role that does not exist");
    }
    db_stmt_done(stmt);
    return status;
}

static void principal_of_user(const struct account *account, struct auth_principal *principal)
{
    memset(principal, 0, sizeof *principal);
    principal->id = account->id;
    auth_copy_name(principal->name, sizeof principal->name, hn_text_cstr(account->name));
    principal->role = account->role;
    principal->permissions = auth_role_permissions(account->role);
    (void)snprintf(principal->actor, sizeof principal->actor, "user:%s", account->name);
}

/* ---- Logging in ---- */

/* Before the password is looked at: may there be another attempt? It counts as one that failed
 * until it has not. */
static enum hn_status start_attempt(struct db *db, const struct auth_attempt *attempt,
        uint32_t *ret_retry_s, struct hn_err *err)
{
    enum hn_status status = db_begin(db, err);

    if (status != HN_OK)
        return status;
    status = auth_throttle_check(db, attempt, ret_retry_s, err);
    if (status == HN_OK)
        status = auth_throttle_count(db, attempt, err);
    return auth_end(db, status, err);
}

static enum hn_status note_attempt(struct db *db, const struct auth_attempt *attempt,
        const char *action, const char *detail, struct hn_err *err)
{
    struct auth_actor actor = { HN_TEXT("anonymous"), attempt->address, attempt->now };

    return auth_note(
            db, &actor, &(struct auth_change){ action, "user", attempt->name, detail }, err);
}

/* The failure that shuts the door has an entry of its own; what is then refused has none, so that
 * nobody fills the audit log by knocking. */
static enum hn_status note_limit(
        struct db *db, const struct auth_attempt *attempt, struct hn_err *err)
{
    const char *limit = NULL;
    char detail[32];
    enum hn_status status = auth_throttle_reached(db, attempt, &limit, err);

    if (status != HN_OK || limit == NULL)
        return status;
    (void)snprintf(detail, sizeof detail, "{\"limit\":\"%s\"}", limit);
    return note_attempt(db, attempt, "login.throttled", detail, err);
}

static enum hn_status fail_attempt(
        struct db *db, const struct auth_attempt *attempt, struct hn_err *err)
{
    enum hn_status status = db_begin(db, err);

    if (status != HN_OK)
        return status;
    status = note_attempt(db, attempt, "login.failed", NULL, err);
    if (status == HN_OK)
        status = note_limit(db, attempt, err);
    status = auth_end(db, status, err);
    return status != HN_OK ? status
                           : hn_fail(err, HN_NOTFOUND, 0, "the name or the password is wrong");
}

static enum hn_status insert_session(struct db *db, const struct auth_attempt *attempt,
        const struct auth_session *session, struct hn_err *err)
{
    char hash[HN_SHA256_HEX_LEN];
    struct db_stmt *stmt = NULL;
    enum hn_status status = HN_OK;

    if (!auth_secret_hash(hn_text_cstr(session->secret), hash))
        return hn_fail(err, HN_NOMEM, 0, "session");
    status = db_prepare(db,
            "INSERT INTO session(hash, user, created, seen, address) VALUES(?1, ?2, ?3, ?3, ?4)",
            &stmt, err);
    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, hn_text_of(hash, sizeof hash));
    db_bind_int(stmt, 2, session->principal.id);
    db_bind_int(stmt, 3, attempt->now);
    db_bind_text(stmt, 4, attempt->address);
    status = db_run(stmt, err);
    if (status == HN_OK)
        status = db_prepare(db, "UPDATE user SET last_login = ?1 WHERE id = ?2", &stmt, err);
    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, attempt->now);
    db_bind_int(stmt, 2, session->principal.id);
    return db_run(stmt, err);
}

static enum hn_status delete_session(struct db *db, struct hn_text secret, struct hn_err *err)
{
    char hash[HN_SHA256_HEX_LEN];
    struct db_stmt *stmt = NULL;
    enum hn_status status;

    if (!auth_secret_hash(secret, hash))
        return hn_fail(err, HN_NOMEM, 0, "session");
    status = db_prepare(db, "DELETE FROM session WHERE hash = ?1", &stmt, err);
    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, hn_text_of(hash, sizeof hash));
    return db_run(stmt, err);
}

static enum hn_status let_in(struct db *db, const struct auth_attempt *attempt,
        const struct auth_session *session, struct hn_err *err)
{
    enum hn_status status = db_begin(db, err);

    if (status != HN_OK)
        return status;
    status = auth_throttle_let_in(db, attempt, err);
    if (status == HN_OK && attempt->ends.len > 0)
        status = delete_session(db, attempt->ends, err);
    if (status == HN_OK)
        status = insert_session(db, attempt, session, err);
    if (status == HN_OK)
        status = note_attempt(db, attempt, "login", NULL, err);
    return auth_end(db, status, err);
}

static bool sound(const struct auth_attempt *attempt)
{
    return attempt->name.len > 0 && attempt->name.len <= AUTH_NAME_MAX &&
           attempt->password.len > 0 && attempt->password.len <= AUTH_PASSWORD_MAX &&
           attempt->address.len <= AUTH_ADDRESS_MAX;
}

/* Whose name and password this is; every failure counts and is noted. */
static enum hn_status prove(struct auth *auth, struct db *db, const struct auth_attempt *attempt,
        struct account *ret_account, uint32_t *ret_retry_s, struct hn_err *err)
{
    enum hn_status found;
    enum hn_status status;

    *ret_retry_s = 0;
    if (!sound(attempt))
        return hn_fail(err, HN_NOTFOUND, 0, "the name or the password is wrong");
    status = start_attempt(db, attempt, ret_retry_s, err);
    if (status == HN_LIMIT)
        atomic_fetch_add(&auth->throttled, 1);
    if (status != HN_OK)
        return status;
    found = find_account(db, attempt->name, ret_account, err);
    if (found != HN_OK && found != HN_NOTFOUND)
        return found;
    /* An unknown name costs as much time as a known one. */
    status = auth_password_check(auth, attempt->password,
            hn_text_cstr(found == HN_OK ? ret_account->password : auth->nobody), err);
    if (status != HN_OK && status != HN_NOTFOUND)
        return status;
    if (status != HN_OK || found != HN_OK || ret_account->disabled) {
        atomic_fetch_add(&auth->failed, 1);
        return fail_attempt(db, attempt, err);
    }
    return HN_OK;
}

enum hn_status auth_login(struct auth *auth, struct db *db, const struct auth_attempt *attempt,
        struct auth_session *ret_session, uint32_t *ret_retry_s, struct hn_err *err)
{
    struct account account = { 0 };
    struct auth_session session = { 0 };
    enum hn_status status = prove(auth, db, attempt, &account, ret_retry_s, err);

    if (status != HN_OK)
        return status;
    principal_of_user(&account, &session.principal);
    if (!auth_secret_make(session.secret) ||
            !auth_secret_csrf(hn_text_cstr(session.secret), session.principal.csrf))
        return hn_fail(err, HN_IO, 0, "no random numbers");
    status = let_in(db, attempt, &session, err);
    if (status == HN_OK) {
        atomic_fetch_add(&auth->let_in, 1);
        *ret_session = session;
    }
    return status;
}

enum hn_status auth_password_prove(struct auth *auth, struct db *db,
        const struct auth_attempt *attempt, uint32_t *ret_retry_s, struct hn_err *err)
{
    struct account account = { 0 };
    enum hn_status status = prove(auth, db, attempt, &account, ret_retry_s, err);

    if (status == HN_OK)
        status = db_begin(db, err);
    if (status != HN_OK)
        return status;
    return auth_end(db, auth_throttle_let_in(db, attempt, err), err);
}

/* ---- Sessions ---- */

static enum hn_status touch(struct db *db, struct hn_text secret, hn_time now, struct hn_err *err)
{
    char hash[HN_SHA256_HEX_LEN];
    struct db_stmt *stmt = NULL;
    enum hn_status status;

    if (!auth_secret_hash(secret, hash))
        return hn_fail(err, HN_NOMEM, 0, "session");
    status = db_prepare(db, "UPDATE session SET seen = ?1 WHERE hash = ?2", &stmt, err);
    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, now);
    db_bind_text(stmt, 2, hn_text_of(hash, sizeof hash));
    return db_run(stmt, err);
}

enum hn_status auth_session_look(struct auth *auth, struct db *db, struct hn_text secret,
        hn_time now, struct auth_principal *ret_principal, struct hn_err *err)
{
    char hash[HN_SHA256_HEX_LEN];
    struct account account = { 0 };
    struct db_stmt *stmt = NULL;
    hn_time created = 0;
    enum hn_status status = HN_NOTFOUND;

    if (secret.len != AUTH_SECRET_LEN)
        return HN_NOTFOUND;
    if (!auth_secret_hash(secret, hash))
        return hn_fail(err, HN_NOMEM, 0, "session");
    status = db_prepare(db,
            "SELECT user.id, user.name, user.role, session.created, session.seen"
            " FROM session JOIN user ON user.id = session.user"
            " WHERE session.hash = ?1 AND user.disabled = 0",
            &stmt, err);
    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, hn_text_of(hash, sizeof hash));
    status = db_next(stmt, err);
    if (status == HN_OK && auth_role_find(db_text(stmt, 2), &account.role)) {
        account.id = db_int(stmt, 0);
        auth_copy_name(account.name, sizeof account.name, db_text(stmt, 1));
        principal_of_user(&account, ret_principal);
        created = db_int(stmt, 3);
        ret_principal->seen = db_int(stmt, 4);
        if (!auth_secret_csrf(secret, ret_principal->csrf))
            status = hn_fail(err, HN_NOMEM, 0, "session");
    }
    db_stmt_done(stmt);
    if (status != HN_OK)
        return status;
    /* A clock that was set back ends no session early, and keeps none alive for ever. */
    return account.id == 0 || now - ret_principal->seen > auth->options.session_idle ||
                           now - created > auth->options.session_max
                   ? HN_NOTFOUND
                   : HN_OK;
}

enum hn_status auth_session_check(struct auth *auth, struct db *db, struct hn_text secret,
        hn_time now, struct auth_principal *ret_principal, struct hn_err *err)
{
    /* Not with every request, but often enough that no session in use ends. */
    hn_time exact = auth->options.session_idle / 8;
    enum hn_status status = auth_session_look(auth, db, secret, now, ret_principal, err);

    if (status != HN_OK)
        return status;
    if (exact > SEEN_EVERY)
        exact = SEEN_EVERY;
    return now - ret_principal->seen > exact ? touch(db, secret, now, err) : HN_OK;
}

enum hn_status auth_logout(
        struct db *db, const struct auth_actor *actor, struct hn_text secret, struct hn_err *err)
{
    enum hn_status status = db_begin(db, err);

    if (status != HN_OK)
        return status;
    status = delete_session(db, secret, err);
    if (status == HN_OK)
        status = auth_note(
                db, actor, &(struct auth_change){ "logout", "session", HN_TEXT(""), NULL }, err);
    return auth_end(db, status, err);
}

/* Tokens that single commands made for themselves; what they did stays in the audit log. */
static enum hn_status forget_local_tokens(struct db *db, hn_time now, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db,
            "DELETE FROM token WHERE substr(name, 1, ?1) = ?2 AND (revoked = 1 OR expires < ?3)",
            &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, sizeof AUTH_LOCAL_PREFIX - 1);
    db_bind_text(stmt, 2, HN_TEXT(AUTH_LOCAL_PREFIX));
    db_bind_int(stmt, 3, now);
    return db_run(stmt, err);
}

enum hn_status auth_tidy(struct auth *auth, struct db *db, hn_time now, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_begin(db, err);

    if (status != HN_OK)
        return status;
    status = db_prepare(db, "DELETE FROM session WHERE seen < ?1 OR created < ?2", &stmt, err);
    if (status == HN_OK) {
        db_bind_int(stmt, 1, now - auth->options.session_idle);
        db_bind_int(stmt, 2, now - auth->options.session_max);
        status = db_run(stmt, err);
    }
    if (status == HN_OK)
        status = auth_throttle_tidy(db, now, err);
    if (status == HN_OK)
        status = forget_local_tokens(db, now, err);
    return auth_end(db, status, err);
}
