/* auth.c - roles, the schema, and what users, sessions and tokens share. */
#include "auth/auth_internal.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static const struct db_step steps[] = {
    { "CREATE TABLE user(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE,"
      " role TEXT NOT NULL, password TEXT NOT NULL, disabled INTEGER NOT NULL DEFAULT 0,"
      " created INTEGER NOT NULL, last_login INTEGER) STRICT;"
      "CREATE TABLE session(hash TEXT PRIMARY KEY, user INTEGER NOT NULL REFERENCES user(id),"
      " csrf TEXT NOT NULL, created INTEGER NOT NULL, seen INTEGER NOT NULL,"
      " address TEXT NOT NULL) STRICT;"
      "CREATE INDEX session_user ON session(user);"
      "CREATE TABLE token(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, hash TEXT NOT NULL"
      " UNIQUE, role TEXT NOT NULL, permissions INTEGER NOT NULL, source TEXT NOT NULL,"
      " tenant TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL,"
      " last_used INTEGER, revoked INTEGER NOT NULL DEFAULT 0) STRICT;"
      "CREATE TABLE login_failure(id INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE,"
      " address TEXT NOT NULL, time INTEGER NOT NULL) STRICT;"
      "CREATE INDEX login_failure_name ON login_failure(name, time);"
      "CREATE INDEX login_failure_address ON login_failure(address, time);"
      "CREATE INDEX login_failure_time ON login_failure(time);"
      "CREATE TABLE known_address(name TEXT NOT NULL COLLATE NOCASE, address TEXT NOT NULL,"
      " time INTEGER NOT NULL, PRIMARY KEY(name, address)) STRICT, WITHOUT ROWID;" },
    /* The token against forged requests comes from the session's secret and is kept nowhere. */
    { "DELETE FROM session; ALTER TABLE session DROP COLUMN csrf;" },
};

enum hn_status auth_migrate(struct db *db, struct hn_err *err)
{
    enum hn_status status = audit_migrate(db, err);

    return status == HN_OK ? db_migrate(db, "auth", steps, HN_COUNT_OF(steps), err) : status;
}

/* ---- Roles and permissions ---- */

struct role_row {
    const char *text;
    uint32_t permissions;
};
static const struct role_row roles[] = {
#define ROLE_ROW(name, text, permissions) [name] = { text, permissions },
    AUTH_ROLE_LIST(ROLE_ROW)
#undef ROLE_ROW
};

const char *auth_role_text(enum auth_role role)
{
    return roles[role].text;
}

uint32_t auth_role_permissions(enum auth_role role)
{
    return roles[role].permissions;
}

bool auth_role_find(struct hn_text text, enum auth_role *ret_role)
{
    for (size_t i = 0; i < HN_COUNT_OF(roles); i++) {
        if (hn_text_eq(hn_text_cstr(roles[i].text), text)) {
            *ret_role = (enum auth_role)i;
            return true;
        }
    }
    return false;
}

uint32_t auth_permission_find(struct hn_text text)
{
    static const struct {
        const char *text;
        uint32_t bit;
    } permissions[] = {
#define PERMISSION_ROW(name, number, text) { text, name },
        AUTH_PERMISSION_LIST(PERMISSION_ROW)
#undef PERMISSION_ROW
    };

    for (size_t i = 0; i < HN_COUNT_OF(permissions); i++) {
        if (hn_text_eq(hn_text_cstr(permissions[i].text), text))
            return permissions[i].bit;
    }
    return 0;
}

/* ---- Life ---- */

enum hn_status auth_new(
        const struct auth_options *options, struct auth **ret_auth, struct hn_err *err)
{
    struct auth *auth = hn_calloc(1, sizeof *auth);
    char unknown[AUTH_SECRET_LEN + 1];
    enum hn_status status;

    if (auth == NULL)
        return hn_fail(err, HN_NOMEM, 0, "accounts");
    auth->options = *options;
    auth->options.session_idle =
            options->session_idle == 0 ? 30 * HN_MINUTE : options->session_idle;
    auth->options.session_max = options->session_max == 0 ? 12 * HN_HOUR : options->session_max;
    auth->options.hash_kib = options->hash_kib == 0 ? 19456 : options->hash_kib;
    auth->options.hash_passes = options->hash_passes == 0 ? 2 : options->hash_passes;
    auth->options.hash_slots = options->hash_slots == 0 ? 2 : options->hash_slots;
    (void)pthread_mutex_init(&auth->lock, NULL);
    (void)pthread_cond_init(&auth->slot_free, NULL);
    if (auth_secret_make(unknown))
        status = auth_password_hash(auth, hn_text_cstr(unknown), auth->nobody, err);
    else
        status = hn_fail(err, HN_IO, 0, "no random numbers");
    if (status != HN_OK) {
        auth_free(auth);
        return status;
    }
    *ret_auth = auth;
    return HN_OK;
}

void auth_free(struct auth *auth)
{
    if (auth == NULL)
        return;
    (void)pthread_cond_destroy(&auth->slot_free);
    (void)pthread_mutex_destroy(&auth->lock);
    hn_free(auth);
}

struct auth_counters auth_counters(struct auth *auth)
{
    return (struct auth_counters){
#define COUNTER_READ(name, text) .name = atomic_load(&auth->name),
        AUTH_COUNTER_LIST(COUNTER_READ)
#undef COUNTER_READ
    };
}

/* ---- Shared ---- */

void auth_copy_name(char *out, size_t room, struct hn_text text)
{
    size_t len = text.len < room - 1 ? text.len : room - 1;

    if (len > 0)
        memcpy(out, text.ptr, len);
    out[len] = '\0';
}

enum hn_status auth_name_check(struct hn_text name, struct hn_err *err)
{
    if (name.len == 0 || name.len > AUTH_NAME_MAX)
        return hn_fail(err, HN_SYNTAX, 0, "a name has 1 to %d characters", AUTH_NAME_MAX);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '_' || c == '.' || c == '@';

        if (!fine)
            return hn_fail(
                    err, HN_SYNTAX, i, "a name holds letters, digits, '-', '_', '.' and '@' only");
    }
    return HN_OK;
}

enum hn_status auth_note(struct db *db, const struct auth_actor *actor,
        const struct auth_change *change, struct hn_err *err)
{
    char name[AUTH_NAME_MAX + 1];
    char object[AUTH_NAME_MAX + 32];
    struct audit_entry entry = { .time = actor->now,
        .actor = actor->name,
        .address = actor->address,
        .action = hn_text_cstr(change->action),
        .detail = hn_text_cstr(change->detail == NULL ? "" : change->detail) };

    auth_copy_name(name, sizeof name, change->name);
    (void)snprintf(object, sizeof object, "%s:%s", change->kind, name);
    entry.object = hn_text_cstr(object);
    return audit_append(db, &entry, err);
}

enum hn_status auth_end(struct db *db, enum hn_status status, struct hn_err *err)
{
    if (status == HN_OK)
        return db_commit(db, err);
    db_rollback(db);
    return status;
}
