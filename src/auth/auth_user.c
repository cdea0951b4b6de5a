/* auth_user.c - accounts: made, changed, listed. */
#include "auth/auth_internal.h"

#include <stdio.h>

static enum hn_status check_password(
        struct hn_text name, struct hn_text password, struct hn_err *err)
{
    size_t characters = 0;

    for (size_t i = 0; i < password.len; i++)
        characters += ((unsigned char)password.ptr[i] & 0xC0) != 0x80;
    if (characters < AUTH_PASSWORD_MIN)
        return hn_fail(
                err, HN_SYNTAX, 0, "a password has at least %d characters", AUTH_PASSWORD_MIN);
    if (password.len > AUTH_PASSWORD_MAX)
        return hn_fail(err, HN_SYNTAX, 0, "a password has at most %d bytes", AUTH_PASSWORD_MAX);
    if (hn_text_find_nocase(password, name, 0) < password.len)
        return hn_fail(err, HN_SYNTAX, 0, "the password has the name in it");
    return HN_OK;
}

static enum hn_status insert(struct db *db, const struct auth_user_wish *wish, const char *encoded,
        hn_time now, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db,
            "INSERT INTO user(name, role, password, created) VALUES(?1, ?2, ?3, ?4)", &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, wish->name);
    db_bind_text(stmt, 2, hn_text_cstr(auth_role_text(wish->role)));
    db_bind_text(stmt, 3, hn_text_cstr(encoded));
    db_bind_int(stmt, 4, now);
    status = db_run(stmt, NULL);
    if (status == HN_SYNTAX)
        return hn_fail(err, status, 0, "there is a user of that name");
    return status == HN_OK ? status : hn_fail(err, status, 0, "the user cannot be stored");
}

enum hn_status auth_user_add(struct auth *auth, struct db *db, const struct auth_actor *actor,
        const struct auth_user_wish *wish, struct hn_err *err)
{
    char encoded[AUTH_ENCODED_MAX];
    char detail[64];
    enum hn_status status = auth_name_check(wish->name, err);

    if (status == HN_OK && wish->role == AUTH_INGEST_ONLY)
        status = hn_fail(err, HN_SYNTAX, 0, "only tokens hand in events");
    if (status == HN_OK)
        status = check_password(wish->name, wish->password, err);
    if (status == HN_OK)
        status = auth_password_hash(auth, wish->password, encoded, err);
    if (status == HN_OK)
        status = db_begin(db, err);
    if (status != HN_OK)
        return status;
    status = insert(db, wish, encoded, actor->now, err);
    (void)snprintf(detail, sizeof detail, "{\"role\":\"%s\"}", auth_role_text(wish->role));
    if (status == HN_OK) {
        const struct auth_change change = { "user.create", "user", wish->name, detail };

        status = auth_note(db, actor, &change, err);
    }
    return auth_end(db, status, err);
}

/* ---- Changing ---- */

static enum hn_status end_sessions(struct db *db, struct hn_text name, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db,
            "DELETE FROM session WHERE user = (SELECT id FROM user WHERE name = ?1)", &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, name);
    return db_run(stmt, err);
}

/* Somebody must be able to make the next administrator. */
static enum hn_status check_administrators(struct db *db, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db,
            "SELECT count(*) FROM user WHERE role = 'administrator' AND disabled = 0", &stmt, err);

    if (status != HN_OK)
        return status;
    status = db_next(stmt, err);
    if (status == HN_OK && db_int(stmt, 0) == 0)
        status = hn_fail(err, HN_SYNTAX, 0, "no administrator would be left");
    db_stmt_done(stmt);
    return status;
}

static enum hn_status is_administrator(
        struct db *db, struct hn_text name, bool *ret_is, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db,
            "SELECT role = 'administrator' AND disabled = 0 FROM user WHERE name = ?1", &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, name);
    status = db_next(stmt, err);
    if (status == HN_OK)
        *ret_is = db_int(stmt, 0) != 0;
    else if (status == HN_NOTFOUND)
        (void)hn_fail(err, status, 0, "there is no such user");
    db_stmt_done(stmt);
    return status;
}

static enum hn_status update_role(
        struct db *db, struct hn_text name, enum auth_role role, bool disabled, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status =
            db_prepare(db, "UPDATE user SET role = ?2, disabled = ?3 WHERE name = ?1", &stmt, err);

    if (status != HN_OK)
        return status;
    db_bind_text(stmt, 1, name);
    db_bind_text(stmt, 2, hn_text_cstr(auth_role_text(role)));
    db_bind_int(stmt, 3, disabled);
    return db_run(stmt, err);
}

enum hn_status auth_user_set_role(struct db *db, const struct auth_actor *actor,
        struct hn_text name, enum auth_role role, bool disabled, struct hn_err *err)
{
    char detail[96];
    bool was_administrator = false;
    enum hn_status status;

    if (role == AUTH_INGEST_ONLY)
        return hn_fail(err, HN_SYNTAX, 0, "only tokens hand in events");
    status = db_begin(db, err);
    if (status != HN_OK)
        return status;
    status = is_administrator(db, name, &was_administrator, err);
    if (status == HN_OK)
        status = update_role(db, name, role, disabled, err);
    if (status == HN_OK && was_administrator)
        status = check_administrators(db, err);
    if (status == HN_OK)
        status = end_sessions(db, name, err);
    (void)snprintf(detail, sizeof detail, "{\"role\":\"%s\",\"disabled\":%s}", auth_role_text(role),
            disabled ? "true" : "false");
    if (status == HN_OK)
        status = auth_note(
                db, actor, &(struct auth_change){ "user.update", "user", name, detail }, err);
    return auth_end(db, status, err);
}

enum hn_status auth_user_set_password(struct auth *auth, struct db *db,
        const struct auth_actor *actor, struct hn_text name, struct hn_text password,
        struct hn_err *err)
{
    char encoded[AUTH_ENCODED_MAX];
    struct db_stmt *stmt = NULL;
    enum hn_status status = check_password(name, password, err);

    if (status == HN_OK)
        status = auth_password_hash(auth, password, encoded, err);
    if (status == HN_OK)
        status = db_begin(db, err);
    if (status != HN_OK)
        return status;
    status = db_prepare(db, "UPDATE user SET password = ?2 WHERE name = ?1", &stmt, err);
    if (status == HN_OK) {
        db_bind_text(stmt, 1, name);
        db_bind_text(stmt, 2, hn_text_cstr(encoded));
        status = db_run(stmt, err);
    }
    if (status == HN_OK && db_changes(db) == 0)
        status = hn_fail(err, HN_NOTFOUND, 0, "there is no such user");
    if (status == HN_OK)
        status = end_sessions(db, name, err);
    if (status == HN_OK)
        status = auth_note(
                db, actor, &(struct auth_change){ "user.password", "user", name, NULL }, err);
    return auth_end(db, status, err);
}

enum hn_status auth_user_each(struct db *db, auth_on_user *on_user, void *ctx, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db,
            "SELECT id, name, role, disabled, created, last_login FROM user ORDER BY name", &stmt,
            err);

    if (status != HN_OK)
        return status;
    while ((status = db_next(stmt, err)) == HN_OK) {
        struct auth_user user = { .id = db_int(stmt, 0),
            .name = db_text(stmt, 1),
            .disabled = db_int(stmt, 3) != 0,
            .created = db_int(stmt, 4),
            .last_login = db_is_null(stmt, 5) ? HN_TIME_NONE : db_int(stmt, 5) };

        if (auth_role_find(db_text(stmt, 2), &user.role))
            on_user(ctx, &user);
    }
    db_stmt_done(stmt);
    return status == HN_NOTFOUND ? HN_OK : status;
}
