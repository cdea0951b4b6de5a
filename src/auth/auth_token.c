/* auth_token.c - tokens: for shippers that hand in events, and for programs that use the API. */
#include "auth/auth_internal.h"

#include <stdio.h>
#include <string.h>

#define USED_EVERY HN_MINUTE /* how exactly the last use is known */

static enum hn_status check_wish(const struct auth_token_wish *wish, struct hn_err *err)
{
    enum hn_status status = auth_name_check(wish->name, err);

    if (status != HN_OK)
        return status;
    if (wish->life <= 0 || wish->life > AUTH_TOKEN_LIFE_MAX)
        return hn_fail(err, HN_SYNTAX, 0, "a token lives for at most 400 days");
    if ((wish->permissions & ~auth_role_permissions(wish->role)) != 0)
        return hn_fail(err, HN_SYNTAX, 0, "a token cannot do more than its role %s",
                auth_role_text(wish->role));
    if (wish->role == AUTH_INGEST_ONLY && wish->source.len == 0)
        return hn_fail(err, HN_SYNTAX, 0, "a token for events names the source they are of");
    if (wish->source.len > 0)
        status = auth_name_check(wish->source, err);
    if (status == HN_OK && wish->tenant.len > 0)
        status = auth_name_check(wish->tenant, err);
    return status;
}

static enum hn_status insert(struct db *db, hn_time now, const struct auth_token_wish *wish,
        const char *token, struct hn_err *err)
{
    char hash[HN_SHA256_HEX_LEN];
    uint32_t permissions =
            wish->permissions == 0 ? auth_role_permissions(wish->role) : wish->permissions;
    struct db_stmt *stmt = NULL;
    enum hn_status status;

    if (!auth_secret_hash(hn_text_cstr(token), hash))
        return hn_fail(err, HN_NOMEM, 0, "token");
    status = db_prepare(db,
            "INSERT INTO token(name, hash, role, permissions, source, tenant, created, expires)"
            " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            &stmt, err);
    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, wish->name);
    db_bind_text(stmt, 2, hn_text_of(hash, sizeof hash));
    db_bind_text(stmt, 3, hn_text_cstr(auth_role_text(wish->role)));
    db_bind_int(stmt, 4, permissions);
    db_bind_text(stmt, 5, wish->source.ptr == NULL ? HN_TEXT("") : wish->source);
    db_bind_text(stmt, 6, wish->tenant.ptr == NULL ? HN_TEXT("") : wish->tenant);
    db_bind_int(stmt, 7, now);
    db_bind_int(stmt, 8, now + wish->life);
    status = db_run(stmt, NULL);
    if (status == HN_SYNTAX)
        return hn_fail(err, status, 0, "there is a token of that name");
    return status == HN_OK ? status : hn_fail(err, status, 0, "the token cannot be stored");
}

enum hn_status auth_token_add(struct db *db, const struct auth_actor *actor,
        const struct auth_token_wish *wish, char ret_token[AUTH_TOKEN_LEN + 1], struct hn_err *err)
{
    char secret[AUTH_SECRET_LEN + 1];
    char token[AUTH_TOKEN_LEN + 1];
    char detail[64 + AUTH_NAME_MAX];
    enum hn_status status = check_wish(wish, err);

    if (status == HN_OK && !auth_secret_make(secret))
        status = hn_fail(err, HN_IO, 0, "no random numbers");
    if (status == HN_OK)
        status = db_begin(db, err);
    if (status != HN_OK)
        return status;
    (void)snprintf(token, sizeof token, "%s%s", AUTH_TOKEN_PREFIX, secret);
    status = insert(db, actor->now, wish, token, err);
    (void)snprintf(detail, sizeof detail, "{\"role\":\"%s\",\"source\":\"%.*s\"}",
            auth_role_text(wish->role), HN_TEXT_ARG(wish->source));
    if (status == HN_OK)
        status = auth_note(db, actor,
                &(struct auth_change){ "token.create", "token", wish->name, detail }, err);
    status = auth_end(db, status, err);
    if (status == HN_OK)
        memcpy(ret_token, token, sizeof token);
    return status;
}

enum hn_status auth_token_revoke(
        struct db *db, const struct auth_actor *actor, struct hn_text name, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_begin(db, err);

    if (status != HN_OK)
        return status;
    status = db_prepare(
            db, "UPDATE token SET revoked = 1 WHERE name = ?1 AND revoked = 0", &stmt, err);
    if (status == HN_OK) {
        db_bind_text(stmt, 1, name);
        status = db_run(stmt, err);
    }
    if (status == HN_OK && db_changes(db) == 0)
        status = hn_fail(err, HN_NOTFOUND, 0, "there is no such token in force");
    if (status == HN_OK)
        status = auth_note(
                db, actor, &(struct auth_change){ "token.revoke", "token", name, NULL }, err);
    return auth_end(db, status, err);
}

/* ---- Checking ---- */

static enum hn_status touch(struct db *db, int64_t id, hn_time now, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status =
            db_prepare(db, "UPDATE token SET last_used = ?1 WHERE id = ?2", &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_int(stmt, 1, now);
    db_bind_int(stmt, 2, id);
    return db_run(stmt, err);
}

static bool principal_of_row(struct db_stmt *stmt, struct auth_principal *principal)
{
    memset(principal, 0, sizeof *principal);
    principal->is_token = true;
    principal->id = db_int(stmt, 0);
    auth_copy_name(principal->name, sizeof principal->name, db_text(stmt, 1));
    principal->permissions = (uint32_t)db_int(stmt, 3);
    auth_copy_name(principal->source, sizeof principal->source, db_text(stmt, 4));
    auth_copy_name(principal->tenant, sizeof principal->tenant, db_text(stmt, 5));
    (void)snprintf(principal->actor, sizeof principal->actor, "token:%s", principal->name);
    return auth_role_find(db_text(stmt, 2), &principal->role);
}

enum hn_status auth_token_check(struct db *db, struct hn_text token, hn_time now,
        struct auth_principal *ret_principal, struct hn_err *err)
{
    char hash[HN_SHA256_HEX_LEN];
    struct auth_principal principal = { 0 };
    struct db_stmt *stmt = NULL;
    bool fine = false;
    bool note_use = false;
    enum hn_status status;

    if (token.len != AUTH_TOKEN_LEN || !hn_text_starts(token, HN_TEXT(AUTH_TOKEN_PREFIX)))
        return HN_NOTFOUND;
    if (!auth_secret_hash(token, hash))
        return hn_fail(err, HN_NOMEM, 0, "token");
    status = db_prepare(db,
            "SELECT id, name, role, permissions, source, tenant, last_used FROM token"
            " WHERE hash = ?1 AND revoked = 0 AND expires > ?2",
            &stmt, err);
    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, hn_text_of(hash, sizeof hash));
    db_bind_int(stmt, 2, now);
    status = db_next(stmt, err);
    if (status == HN_OK) {
        fine = principal_of_row(stmt, &principal);
        note_use = db_is_null(stmt, 6) || now - db_int(stmt, 6) > USED_EVERY;
    }
    db_stmt_done(stmt);
    if (status != HN_OK)
        return status;
    if (!fine)
        return HN_NOTFOUND;
    if (note_use)
        status = touch(db, principal.id, now, err);
    if (status == HN_OK)
        *ret_principal = principal;
    return status;
}

enum hn_status auth_token_each(
        struct db *db, auth_on_token *on_token, void *ctx, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db,
            "SELECT id, name, role, permissions, source, tenant, created, expires, last_used,"
            " revoked FROM token ORDER BY name",
            &stmt, err);

    if (status != HN_OK)
        return status;
    while ((status = db_next(stmt, err)) == HN_OK) {
        struct auth_token token = { .id = db_int(stmt, 0),
            .name = db_text(stmt, 1),
            .permissions = (uint32_t)db_int(stmt, 3),
            .source = db_text(stmt, 4),
            .tenant = db_text(stmt, 5),
            .created = db_int(stmt, 6),
            .expires = db_int(stmt, 7),
            .last_used = db_is_null(stmt, 8) ? HN_TIME_NONE : db_int(stmt, 8),
            .revoked = db_int(stmt, 9) != 0 };

        if (auth_role_find(db_text(stmt, 2), &token.role))
            on_token(ctx, &token);
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}
