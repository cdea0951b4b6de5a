/* test_auth.c - accounts, sessions, tokens, guessing: what is dead is dead at once, an attacker
 * locks nobody out, no secret is stored, and every change has its entry. */
#include "audit/audit.h"
#include "auth/auth.h"
#include "support/check.h"
#include "support/temp_dir.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define NOW      (1000 * HN_DAY)
#define PASSWORD HN_TEXT("correct horse battery")
#define OTHER    HN_TEXT("another long password")

struct scene {
    struct temp_dir dir;
    char path[512];
    struct db *db;
    struct auth *auth;
    struct auth_actor actor;
};

static void open_db(struct scene *scene)
{
    struct db_options options = { .path = scene->path };

    assert_int_equal(db_open(&options, &scene->db, NULL), HN_OK);
    assert_int_equal(auth_migrate(scene->db, NULL), HN_OK);
}

static int setup(void **state)
{
    /* Cheap hashes: the strength of argon2 is not what is tested. */
    const struct auth_options options = { .hash_kib = 64, .hash_passes = 1 };
    struct scene *scene = calloc(1, sizeof *scene);

    if (scene == NULL)
        return -1;
    temp_dir_make(&scene->dir);
    (void)snprintf(scene->path, sizeof scene->path, "%s/auth.db", scene->dir.path);
    open_db(scene);
    assert_int_equal(auth_new(&options, &scene->auth, NULL), HN_OK);
    scene->actor = (struct auth_actor){ HN_TEXT("cli"), HN_TEXT(""), NOW };
    assert_int_equal(
            auth_user_add(scene->auth, scene->db, &scene->actor,
                    &(struct auth_user_wish){ HN_TEXT("alice"), AUTH_ADMINISTRATOR, PASSWORD },
                    NULL),
            HN_OK);
    assert_int_equal(
            auth_user_add(scene->auth, scene->db, &scene->actor,
                    &(struct auth_user_wish){ HN_TEXT("bob"), AUTH_ANALYST, PASSWORD }, NULL),
            HN_OK);
    *state = scene;
    return 0;
}

static int teardown(void **state)
{
    struct scene *scene = *state;
    int64_t broken = 0;

    assert_int_equal(audit_check(scene->db, &broken, NULL), HN_OK);
    auth_free(scene->auth);
    db_close(scene->db);
    temp_dir_remove(&scene->dir);
    free(scene);
    return 0;
}

static enum hn_status login(struct scene *scene, const char *name, struct hn_text password,
        const char *address, hn_time now, struct auth_session *ret_session)
{
    const struct auth_attempt attempt = { .name = hn_text_cstr(name),
        .password = password,
        .address = hn_text_cstr(address),
        .now = now };
    struct auth_session session;
    uint32_t retry_s = 0;
    enum hn_status status = auth_login(scene->auth, scene->db, &attempt,
            ret_session == NULL ? &session : ret_session, &retry_s, NULL);

    assert_true((status == HN_LIMIT) == (retry_s > 0));
    return status;
}

static enum hn_status check(struct scene *scene, const struct auth_session *session, hn_time now)
{
    struct auth_principal principal;

    return auth_session_check(
            scene->auth, scene->db, hn_text_cstr(session->secret), now, &principal, NULL);
}

static void last_action(void *ctx, const struct audit_entry *entry)
{
    (void)snprintf(ctx, 128, "%.*s %.*s", HN_TEXT_ARG(entry->action), HN_TEXT_ARG(entry->object));
}

/* What the newest entry of the audit log is about. */
static void expect_entry(struct scene *scene, const char *expected)
{
    char seen[128] = "";

    assert_int_equal(audit_read(scene->db, 0, UINT32_MAX, last_action, seen, NULL), HN_OK);
    assert_string_equal(seen, expected);
}

/* ---- Sessions ---- */

/* The right name and password give a session that says who it is; any case of the name will do. */
static void a_login_gives_a_session(void **state)
{
    struct scene *scene = *state;
    struct auth_session session;
    struct auth_session second;
    struct auth_principal principal;

    assert_int_equal(login(scene, "Bob", PASSWORD, "192.0.2.1", NOW, &session), HN_OK);
    expect_entry(scene, "login user:Bob");
    assert_int_equal(auth_session_check(scene->auth, scene->db, hn_text_cstr(session.secret), NOW,
                             &principal, NULL),
            HN_OK);
    assert_string_equal(principal.name, "bob");
    assert_string_equal(principal.actor, "user:bob");
    assert_int_equal(principal.role, AUTH_ANALYST);
    assert_int_equal(principal.permissions, AUTH_READ | AUTH_TRIAGE | AUTH_SELF);
    assert_string_equal(principal.csrf, session.principal.csrf);
    /* Never the same one again. */
    assert_int_equal(login(scene, "bob", PASSWORD, "192.0.2.1", NOW, &second), HN_OK);
    assert_string_not_equal(second.secret, session.secret);
    assert_string_not_equal(second.principal.csrf, session.principal.csrf);
}

/* Wrong names and wrong passwords are told apart neither by status nor by message. */
static void wrong_is_wrong(void **state)
{
    struct scene *scene = *state;
    const struct auth_attempt attempts[] = {
        { HN_TEXT("bob"), OTHER, HN_TEXT("192.0.2.1"), NOW, HN_TEXT("") },
        { HN_TEXT("nobody"), PASSWORD, HN_TEXT("192.0.2.1"), NOW, HN_TEXT("") },
        { HN_TEXT(""), PASSWORD, HN_TEXT("192.0.2.1"), NOW, HN_TEXT("") },
        { HN_TEXT("bob"), HN_TEXT(""), HN_TEXT("192.0.2.1"), NOW, HN_TEXT("") },
        { HN_TEXT("bob' OR 1=1 --"), PASSWORD, HN_TEXT("192.0.2.1"), NOW, HN_TEXT("") },
    };

    for (size_t i = 0; i < HN_COUNT_OF(attempts); i++) {
        struct auth_session session = { 0 };
        struct hn_err err = { 0 };
        uint32_t retry_s;

        assert_int_equal(auth_login(scene->auth, scene->db, &attempts[i], &session, &retry_s, &err),
                HN_NOTFOUND);
        assert_string_equal(err.msg, "the name or the password is wrong");
        assert_int_equal(session.secret[0], '\0');
    }
    assert_int_equal(login(scene, "bob", PASSWORD, "192.0.2.1", NOW, NULL), HN_OK);
}

/* A login ends the session it comes with; a failed one ends nothing. */
static void a_login_ends_the_session_before(void **state)
{
    struct scene *scene = *state;
    struct auth_session first;
    struct auth_session second;
    uint32_t retry_s;
    struct auth_attempt attempt = {
        .name = HN_TEXT("bob"), .password = OTHER, .address = HN_TEXT("192.0.2.1"), .now = NOW
    };

    assert_int_equal(login(scene, "bob", PASSWORD, "192.0.2.1", NOW, &first), HN_OK);
    attempt.ends = hn_text_cstr(first.secret);
    assert_int_equal(
            auth_login(scene->auth, scene->db, &attempt, &second, &retry_s, NULL), HN_NOTFOUND);
    assert_int_equal(check(scene, &first, NOW), HN_OK);
    attempt.password = PASSWORD;
    assert_int_equal(auth_login(scene->auth, scene->db, &attempt, &second, &retry_s, NULL), HN_OK);
    assert_int_equal(check(scene, &first, NOW), HN_NOTFOUND);
    assert_int_equal(check(scene, &second, NOW), HN_OK);
}

/* To look at a session keeps it alive no longer than its owner does. */
static void a_look_keeps_no_session_alive(void **state)
{
    struct scene *scene = *state;
    struct auth_principal principal;
    struct auth_session session;
    hn_time now = NOW;

    assert_int_equal(login(scene, "bob", PASSWORD, "192.0.2.1", NOW, &session), HN_OK);
    for (; now <= NOW + 30 * HN_MINUTE; now += 5 * HN_MINUTE) {
        assert_int_equal(auth_session_look(scene->auth, scene->db, hn_text_cstr(session.secret),
                                 now, &principal, NULL),
                HN_OK);
    }
    assert_int_equal(check(scene, &session, now), HN_NOTFOUND);
}

/* A password that is asked for again: no session, no entry, and guesses count as at the login. */
static void a_password_is_proven(void **state)
{
    struct scene *scene = *state;
    struct auth_session session;
    uint32_t retry_s;
    struct auth_attempt attempt = {
        .name = HN_TEXT("bob"), .password = PASSWORD, .address = HN_TEXT("192.0.2.1"), .now = NOW
    };

    assert_int_equal(login(scene, "bob", PASSWORD, "192.0.2.1", NOW, &session), HN_OK);
    assert_int_equal(auth_password_prove(scene->auth, scene->db, &attempt, &retry_s, NULL), HN_OK);
    expect_entry(scene, "login user:bob");
    attempt.password = OTHER;
    for (int i = 0; i < AUTH_FAILURES_PAIR_MAX; i++) {
        assert_int_equal(
                auth_password_prove(scene->auth, scene->db, &attempt, &retry_s, NULL), HN_NOTFOUND);
    }
    expect_entry(scene, "login.throttled user:bob");
    assert_int_equal(login(scene, "bob", PASSWORD, "192.0.2.1", NOW, NULL), HN_LIMIT);
    assert_int_equal(auth_counters(scene->auth).let_in, 1);
    assert_int_equal(auth_counters(scene->auth).failed, AUTH_FAILURES_PAIR_MAX);
    assert_int_equal(auth_counters(scene->auth).throttled, 1);
}

/* Idle for too long, too old, logged out: all dead. Use keeps a session alive, for a time. */
static void sessions_end(void **state)
{
    struct scene *scene = *state;
    struct auth_session session;
    hn_time now = NOW;

    assert_int_equal(login(scene, "bob", PASSWORD, "a", NOW, &session), HN_OK);
    assert_int_equal(check(scene, &session, NOW + 29 * HN_MINUTE), HN_OK);
    assert_int_equal(check(scene, &session, NOW + 58 * HN_MINUTE), HN_OK);
    assert_int_equal(check(scene, &session, NOW + 90 * HN_MINUTE), HN_NOTFOUND);
    assert_int_equal(login(scene, "bob", PASSWORD, "a", NOW, &session), HN_OK);
    for (now = NOW; now <= NOW + 12 * HN_HOUR; now += 20 * HN_MINUTE)
        assert_int_equal(check(scene, &session, now), HN_OK);
    assert_int_equal(check(scene, &session, now), HN_NOTFOUND);
    assert_int_equal(login(scene, "bob", PASSWORD, "a", NOW, &session), HN_OK);
    assert_int_equal(
            auth_logout(scene->db, &scene->actor, hn_text_cstr(session.secret), NULL), HN_OK);
    assert_int_equal(check(scene, &session, NOW), HN_NOTFOUND);
}

/* Another password, another role, or being disabled ends every session at once. */
static void changes_end_sessions(void **state)
{
    struct scene *scene = *state;
    struct auth_session one;
    struct auth_session two;

    assert_int_equal(login(scene, "bob", PASSWORD, "a", NOW, &one), HN_OK);
    assert_int_equal(login(scene, "bob", PASSWORD, "b", NOW, &two), HN_OK);
    assert_int_equal(auth_user_set_password(
                             scene->auth, scene->db, &scene->actor, HN_TEXT("bob"), OTHER, NULL),
            HN_OK);
    expect_entry(scene, "user.password user:bob");
    assert_int_equal(check(scene, &one, NOW), HN_NOTFOUND);
    assert_int_equal(check(scene, &two, NOW), HN_NOTFOUND);
    assert_int_equal(login(scene, "bob", PASSWORD, "a", NOW, NULL), HN_NOTFOUND);
    assert_int_equal(login(scene, "bob", OTHER, "a", NOW, &one), HN_OK);
    assert_int_equal(
            auth_user_set_role(scene->db, &scene->actor, HN_TEXT("bob"), AUTH_VIEWER, false, NULL),
            HN_OK);
    assert_int_equal(check(scene, &one, NOW), HN_NOTFOUND);
    assert_int_equal(login(scene, "bob", OTHER, "a", NOW, &one), HN_OK);
    assert_int_equal(one.principal.permissions, AUTH_READ | AUTH_SELF);
    assert_int_equal(
            auth_user_set_role(scene->db, &scene->actor, HN_TEXT("bob"), AUTH_VIEWER, true, NULL),
            HN_OK);
    assert_int_equal(check(scene, &one, NOW), HN_NOTFOUND);
    assert_int_equal(login(scene, "bob", OTHER, "a", NOW, NULL), HN_NOTFOUND);
}

/* ---- Guessing ---- */

/* Ten wrong guesses a minute of one name from one address; then not even the right one is heard. A
 * restart forgives nothing; a minute later it goes on. */
static void guessing_is_slowed_down(void **state)
{
    struct scene *scene = *state;

    for (int i = 0; i < AUTH_FAILURES_PAIR_MAX; i++)
        assert_int_equal(login(scene, "bob", OTHER, "192.0.2.9", NOW, NULL), HN_NOTFOUND);
    assert_int_equal(login(scene, "bob", PASSWORD, "192.0.2.9", NOW, NULL), HN_LIMIT);
    db_close(scene->db);
    open_db(scene);
    assert_int_equal(login(scene, "BOB", PASSWORD, "192.0.2.9", NOW + 1, NULL), HN_LIMIT);
    assert_int_equal(login(scene, "bob", PASSWORD, "192.0.2.10", NOW + 1, NULL), HN_OK);
    assert_int_equal(login(scene, "bob", PASSWORD, "192.0.2.9", NOW + 61 * HN_SECOND, NULL), HN_OK);
}

/* Guesses from a hundred addresses close the name to strangers, and not to its owner. */
static void an_attacker_locks_nobody_out(void **state)
{
    struct scene *scene = *state;
    char address[32];

    assert_int_equal(login(scene, "bob", PASSWORD, "192.0.2.1", NOW, NULL), HN_OK);
    for (int i = 0; i < AUTH_FAILURES_NAME_MAX; i++) {
        (void)snprintf(address, sizeof address, "198.51.100.%d", i);
        assert_int_equal(login(scene, "bob", OTHER, address, NOW, NULL), HN_NOTFOUND);
    }
    assert_int_equal(login(scene, "bob", OTHER, "203.0.113.1", NOW + 1, NULL), HN_LIMIT);
    assert_int_equal(login(scene, "bob", PASSWORD, "192.0.2.1", NOW + 1, NULL), HN_OK);
    assert_int_equal(login(scene, "alice", PASSWORD, "203.0.113.1", NOW + 1, NULL), HN_OK);
}

/* One address that tries many names is stopped as well. */
static void spraying_is_slowed_down(void **state)
{
    struct scene *scene = *state;
    char name[32];

    for (int i = 0; i < AUTH_FAILURES_ADDRESS_MAX; i++) {
        (void)snprintf(name, sizeof name, "user%d", i);
        assert_int_equal(login(scene, name, OTHER, "192.0.2.9", NOW, NULL), HN_NOTFOUND);
    }
    assert_int_equal(login(scene, "bob", PASSWORD, "192.0.2.9", NOW + 1, NULL), HN_LIMIT);
    assert_int_equal(auth_tidy(scene->auth, scene->db, NOW + 2 * HN_HOUR, NULL), HN_OK);
    assert_int_equal(login(scene, "bob", PASSWORD, "192.0.2.9", NOW + 2 * HN_HOUR, NULL), HN_OK);
}

/* ---- Users ---- */

static enum hn_status add(struct scene *scene, const char *name, const char *password)
{
    const struct auth_user_wish wish = { hn_text_cstr(name), AUTH_VIEWER, hn_text_cstr(password) };

    return auth_user_add(scene->auth, scene->db, &scene->actor, &wish, NULL);
}

/* Names and passwords that are not allowed, and names that are taken in any case. */
static void what_is_refused(void **state)
{
    struct scene *scene = *state;
    static char long_name[AUTH_NAME_MAX + 2];

    memset(long_name, 'a', sizeof long_name - 1);
    assert_int_equal(add(scene, "carol", "short"), HN_SYNTAX);
    assert_int_equal(add(scene, "carol", "elevenchars"), HN_SYNTAX);
    assert_int_equal(add(scene, "carol", "xxCAROLxxxxxxx"), HN_SYNTAX);
    assert_int_equal(add(scene, "", "long enough password"), HN_SYNTAX);
    assert_int_equal(add(scene, "car ol", "long enough password"), HN_SYNTAX);
    assert_int_equal(add(scene, long_name, "long enough password"), HN_SYNTAX);
    assert_int_equal(add(scene, "BOB", "long enough password"), HN_SYNTAX);
    /* Twelve characters of three bytes each are twelve. */
    assert_int_equal(
            add(scene, "carol", "\xE3\x81\x82\xE3\x81\x84\xE3\x81\x86\xE3\x81\x88"), HN_SYNTAX);
    assert_int_equal(add(scene, "carol", "long enough password"), HN_OK);
    expect_entry(scene, "user.create user:carol");
}

/* The last administrator can be neither disabled nor made something else. */
static void an_administrator_stays(void **state)
{
    struct scene *scene = *state;
    struct hn_text alice = HN_TEXT("alice");

    assert_int_equal(auth_user_set_role(scene->db, &scene->actor, alice, AUTH_VIEWER, false, NULL),
            HN_SYNTAX);
    assert_int_equal(
            auth_user_set_role(scene->db, &scene->actor, alice, AUTH_ADMINISTRATOR, true, NULL),
            HN_SYNTAX);
    assert_int_equal(auth_user_set_role(scene->db, &scene->actor, HN_TEXT("bob"),
                             AUTH_ADMINISTRATOR, false, NULL),
            HN_OK);
    assert_int_equal(
            auth_user_set_role(scene->db, &scene->actor, alice, AUTH_VIEWER, false, NULL), HN_OK);
    assert_int_equal(auth_user_set_role(
                             scene->db, &scene->actor, HN_TEXT("nobody"), AUTH_VIEWER, false, NULL),
            HN_NOTFOUND);
}

/* ---- Tokens ---- */

static enum hn_status token_check(struct scene *scene, const char *token, hn_time now)
{
    struct auth_principal principal;

    return auth_token_check(scene->db, hn_text_cstr(token), now, &principal, NULL);
}

static void count_token(void *ctx, const struct auth_token *token)
{
    uint64_t *count = ctx;

    assert_true(hn_text_eq(token->name, HN_TEXT("shipper")) ||
                hn_text_eq(token->name, HN_TEXT(AUTH_LOCAL_PREFIX "new")));
    *count += 1;
}

/* Tokens that single commands made for themselves do not pile up; others stay to be looked at. */
static void tokens_of_commands_are_forgotten(void **state)
{
    static const char *const names[] = { AUTH_LOCAL_PREFIX "old", AUTH_LOCAL_PREFIX "revoked",
        AUTH_LOCAL_PREFIX "new", "shipper" };
    struct scene *scene = *state;
    struct auth_token_wish wish = { .role = AUTH_VIEWER };
    char token[AUTH_TOKEN_LEN + 1];
    uint64_t left = 0;

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        wish.name = hn_text_cstr(names[i]);
        wish.life = i == 2 ? HN_DAY : HN_MINUTE;
        assert_int_equal(auth_token_add(scene->db, &scene->actor, &wish, token, NULL), HN_OK);
    }
    assert_int_equal(
            auth_token_revoke(scene->db, &scene->actor, hn_text_cstr(names[1]), NULL), HN_OK);
    assert_int_equal(auth_tidy(scene->auth, scene->db, NOW + HN_HOUR, NULL), HN_OK);
    assert_int_equal(auth_token_each(scene->db, count_token, &left, NULL), HN_OK);
    assert_int_equal(left, 2); /* "new" and "shipper" */
}

/* A token says what it may do, until it is revoked or too old. */
static void tokens_live_and_die(void **state)
{
    struct scene *scene = *state;
    struct auth_token_wish wish = { .name = HN_TEXT("shipper"),
        .role = AUTH_INGEST_ONLY,
        .source = HN_TEXT("proxy"),
        .life = HN_DAY };
    char token[AUTH_TOKEN_LEN + 1];
    char other[AUTH_TOKEN_LEN + 1];
    struct auth_principal principal;

    assert_int_equal(auth_token_add(scene->db, &scene->actor, &wish, token, NULL), HN_OK);
    expect_entry(scene, "token.create token:shipper");
    assert_int_equal(strlen(token), AUTH_TOKEN_LEN);
    assert_int_equal(
            auth_token_check(scene->db, hn_text_cstr(token), NOW, &principal, NULL), HN_OK);
    assert_true(principal.is_token);
    assert_string_equal(principal.source, "proxy");
    assert_string_equal(principal.actor, "token:shipper");
    assert_int_equal(principal.permissions, AUTH_INGEST);
    assert_int_equal(auth_token_add(scene->db, &scene->actor, &wish, other, NULL), HN_SYNTAX);
    assert_int_equal(token_check(scene, token, NOW + HN_DAY), HN_NOTFOUND);
    memcpy(other, token, sizeof token);
    other[AUTH_TOKEN_LEN - 2] = other[AUTH_TOKEN_LEN - 2] == 'A' ? 'B' : 'A';
    assert_int_equal(token_check(scene, other, NOW), HN_NOTFOUND);
    assert_int_equal(token_check(scene, "", NOW), HN_NOTFOUND);
    assert_int_equal(auth_token_revoke(scene->db, &scene->actor, HN_TEXT("shipper"), NULL), HN_OK);
    expect_entry(scene, "token.revoke token:shipper");
    assert_int_equal(token_check(scene, token, NOW), HN_NOTFOUND);
    assert_int_equal(
            auth_token_revoke(scene->db, &scene->actor, HN_TEXT("shipper"), NULL), HN_NOTFOUND);
}

/* No token can do more than its role, live for ever, or hand in events of no source. */
static void tokens_are_limited(void **state)
{
    struct scene *scene = *state;
    char token[AUTH_TOKEN_LEN + 1];
    struct auth_token_wish wish = { .name = HN_TEXT("t"), .role = AUTH_VIEWER, .life = HN_DAY };

    wish.permissions = AUTH_READ | AUTH_ADMIN;
    assert_int_equal(auth_token_add(scene->db, &scene->actor, &wish, token, NULL), HN_SYNTAX);
    wish.permissions = AUTH_READ;
    wish.life = AUTH_TOKEN_LIFE_MAX + 1;
    assert_int_equal(auth_token_add(scene->db, &scene->actor, &wish, token, NULL), HN_SYNTAX);
    wish.life = 0;
    assert_int_equal(auth_token_add(scene->db, &scene->actor, &wish, token, NULL), HN_SYNTAX);
    wish = (struct auth_token_wish){
        .name = HN_TEXT("t"), .role = AUTH_INGEST_ONLY, .life = HN_DAY
    };
    assert_int_equal(auth_token_add(scene->db, &scene->actor, &wish, token, NULL), HN_SYNTAX);
}

/* ---- Secrets ---- */

/* No password, token or session is in the files, in any form but a hash. */
static void no_secret_is_stored(void **state)
{
    struct scene *scene = *state;
    struct auth_token_wish wish = { .name = HN_TEXT("t"), .role = AUTH_VIEWER, .life = HN_DAY };
    char token[AUTH_TOKEN_LEN + 1];
    struct auth_session session;
    static const char *const suffixes[] = { "", "-wal" };
    size_t total = 0;

    assert_int_equal(auth_token_add(scene->db, &scene->actor, &wish, token, NULL), HN_OK);
    assert_int_equal(login(scene, "bob", PASSWORD, "a", NOW, &session), HN_OK);
    for (size_t i = 0; i < HN_COUNT_OF(suffixes); i++) {
        char path[600];
        static char bytes[1 << 22];
        FILE *file;
        struct hn_text text;

        (void)snprintf(path, sizeof path, "%s%s", scene->path, suffixes[i]);
        file = fopen(path, "rb");
        if (file == NULL)
            continue;
        text = hn_text_of(bytes, fread(bytes, 1, sizeof bytes, file));
        (void)fclose(file);
        total += text.len;
        assert_true(hn_text_find(text, PASSWORD, 0) >= text.len);
        assert_true(hn_text_find(text, hn_text_cstr(token + 4), 0) >= text.len);
        assert_true(hn_text_find(text, hn_text_cstr(session.secret), 0) >= text.len);
        assert_true(hn_text_find(text, hn_text_cstr(session.principal.csrf), 0) >= text.len);
    }
    assert_true(total > 0);
    assert_int_equal(strlen(session.principal.csrf), AUTH_SECRET_LEN);
    assert_string_not_equal(session.principal.csrf, session.secret);
    assert_true(auth_secret_eq(HN_TEXT("abc"), HN_TEXT("abc")));
    assert_false(auth_secret_eq(HN_TEXT("abc"), HN_TEXT("abd")));
    assert_false(auth_secret_eq(HN_TEXT(""), HN_TEXT("")));
}

/* Whatever allocation fails, nothing is half done: the audit chain holds, nobody is let in. */
static void every_failing_allocation(void **state)
{
    struct scene *scene = *state;
    enum hn_status status = HN_NOMEM;

    for (uint64_t n = 1; status != HN_OK; n++) {
        int64_t broken = 0;

        hn_mem_fail_from(n);
        status = login(scene, "bob", PASSWORD, "a", NOW + (hn_time)n * HN_DAY, NULL);
        hn_mem_fail_from(0);
        assert_true(status == HN_OK || status == HN_NOMEM);
        assert_int_equal(audit_check(scene->db, &broken, NULL), HN_OK);
        assert_true(n < 1000);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_login_gives_a_session),
        TEST(wrong_is_wrong),
        TEST(a_login_ends_the_session_before),
        TEST(a_look_keeps_no_session_alive),
        TEST(a_password_is_proven),
        TEST(sessions_end),
        TEST(changes_end_sessions),
        TEST(guessing_is_slowed_down),
        TEST(an_attacker_locks_nobody_out),
        TEST(spraying_is_slowed_down),
        TEST(what_is_refused),
        TEST(an_administrator_stays),
        TEST(tokens_live_and_die),
        TEST(tokens_of_commands_are_forgotten),
        TEST(tokens_are_limited),
        TEST(no_secret_is_stored),
        TEST(every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
