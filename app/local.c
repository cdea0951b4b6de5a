/* local.c - the database of a server of this machine, opened beside it. */
#include "app/local.h"

#include "app/exit_code.h"
#include "app/ui.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TOKEN_LIFE (10 * HN_MINUTE)

static bool path_of(const char *dir, char path[LOCAL_PATH_MAX])
{
    int len = snprintf(path, LOCAL_PATH_MAX, "%s/hinomi.db", dir);

    return len > 0 && len < LOCAL_PATH_MAX;
}

bool local_usable(const char *dir)
{
    char path[LOCAL_PATH_MAX];

    return path_of(dir, path) && access(path, R_OK | W_OK) == 0;
}

/* The user of this machine, as far as its name is one that may stand in the audit log. */
static void name_user(struct local *local)
{
    const struct passwd *user = getpwuid(getuid());
    const char *name = user == NULL ? "" : user->pw_name;
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    if (len == 0 || name[len] != '\0' || len > 24)
        (void)snprintf(local->name, sizeof local->name, "cli:uid%lu", (unsigned long)getuid());
    else
        (void)snprintf(local->name, sizeof local->name, "cli:%s", name);
}

static hn_time now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_REALTIME, &time);
    return (hn_time)time.tv_sec * HN_SECOND + time.tv_nsec;
}

int local_open(const char *dir, struct local *local)
{
    char path[LOCAL_PATH_MAX];
    const struct db_options options = { .path = path };
    const struct auth_options defaults = { 0 };
    struct hn_err err = { 0 };

    if (!path_of(dir, path) || access(path, F_OK) != 0) {
        ui_error(UI_TEXT("there is no database in %s: start the server once (systemctl start "
                         "hinomi), or name its data folder with --data",
                         "%s にデータベースがありません。サーバーを一度起動する(systemctl start "
                         "hinomi)か、--data でデータフォルダーを指定してください"),
                dir);
        return EXIT_IO;
    }
    if (access(path, R_OK | W_OK) != 0) {
        ui_error(UI_TEXT("%s may only be used by root and the user of the service: use sudo, or a "
                         "token (--token-file)",
                         "%s を使えるのは root とサービスのユーザーだけです。sudo を使うか、"
                         "トークン(--token-file)を指定してください"),
                path);
        return EXIT_IO;
    }
    if (db_open(&options, &local->db, &err) != HN_OK ||
            auth_new(&defaults, &local->auth, &err) != HN_OK) {
        ui_error_at(hn_text_cstr(path), &err);
        local_close(local);
        return EXIT_IO;
    }
    name_user(local);
    local->actor = (struct auth_actor){ .name = hn_text_cstr(local->name), .now = now() };
    return EXIT_FINE;
}

void local_close(struct local *local)
{
    auth_free(local->auth);
    db_close(local->db);
    local->auth = NULL;
    local->db = NULL;
}

int local_token_make(
        struct local *local, char ret_name[AUTH_NAME_MAX + 1], char ret_token[AUTH_TOKEN_LEN + 1])
{
    struct auth_token_wish wish = { .role = AUTH_ADMINISTRATOR, .life = TOKEN_LIFE };
    struct hn_err err = { 0 };
    unsigned char noise[8];

    if (getentropy(noise, sizeof noise) != 0) {
        ui_error("%s", UI_TEXT("no random numbers", "乱数を得られません"));
        return EXIT_IO;
    }
    (void)snprintf(ret_name, AUTH_NAME_MAX + 1, AUTH_LOCAL_PREFIX "%s-%02x%02x%02x%02x%02x%02x",
            local->name + 4, noise[0], noise[1], noise[2], noise[3], noise[4], noise[5]);
    wish.name = hn_text_cstr(ret_name);
    local->actor.now = now();
    if (auth_token_add(local->db, &local->actor, &wish, ret_token, &err) == HN_OK)
        return EXIT_FINE;
    ui_error_at(HN_TEXT("hinomi.db"), &err);
    return EXIT_IO;
}

/* Should it fail, the token ends by itself soon. */
void local_token_revoke(struct local *local, const char *name)
{
    local->actor.now = now();
    if (auth_token_revoke(local->db, &local->actor, hn_text_cstr(name), NULL) != HN_OK)
        ui_warn("%s", UI_TEXT("the token of this command could not be revoked; it ends in ten "
                              "minutes",
                              "この実行用のトークンを失効できませんでした(10分で切れます)"));
}
