/* serve_api.c - the API over this server's parts, and the first account. */
#include "serve/serve_internal.h"

#include "base/file.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

/* ---- What the API asks ---- */

static bool take(void *ctx, struct api_link *ret_link)
{
    struct serve *serve = ctx;
    struct serve_link *link = serve_pool_take(&serve->pool);

    if (link == NULL)
        return false;
    *ret_link = (struct api_link){ .store = link->store, .db = link->db, .owner = link };
    return true;
}

static void give(void *ctx, const struct api_link *link)
{
    struct serve *serve = ctx;

    serve_pool_give(&serve->pool, link->owner);
}

static hn_time now(void *ctx)
{
    (void)ctx;
    return serve_now();
}

static bool ready(void *ctx)
{
    struct serve *serve = ctx;

    return serve_trouble(serve) == NULL;
}

static struct judge_set *current_set(void *ctx)
{
    struct serve *serve = ctx;
    struct judge_set *set;

    (void)pthread_mutex_lock(&serve->set_lock);
    set = judge_set_ref(serve->set);
    (void)pthread_mutex_unlock(&serve->set_lock);
    return set;
}

static enum hn_status reload(void *ctx, struct hn_err *err)
{
    enum hn_status status = serve_set_reload(ctx, err);

    return status == HN_OK ? serve_known_renew(ctx, false, err) : status;
}

/* The newest hash belongs outside the database: whoever can write that can write all of the chain
 * anew. */
static void audited(void *ctx, int64_t seq, struct hn_text hash)
{
    (void)ctx;
    serve_log(CONFIG_LOG_INFO, SERVE_LOG_AUDIT, "the audit log has an entry",
            SERVE_COUNT("seq", seq), SERVE_TEXT("hash", hash));
}

/* ---- The first account ---- */

static void on_user(void *ctx, const struct auth_user *user)
{
    (void)user;
    *(bool *)ctx = true;
}

#define FIRST_NAME     "admin"
#define PASSWORD_BYTES 16

static bool make_password(char ret_password[2 * PASSWORD_BYTES + 1])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[PASSWORD_BYTES];

    if (getentropy(bytes, sizeof bytes) != 0)
        return false;
    for (size_t i = 0; i < sizeof bytes; i++) {
        ret_password[2 * i] = digits[bytes[i] >> 4];
        ret_password[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret_password[2 * sizeof bytes] = '\0';
    return true;
}

/* <data>/first-password, readable by whoever runs the server, and by nobody else. */
static enum hn_status write_password(struct serve *serve, const char *password, struct hn_err *err)
{
    char path[SERVE_PATH_MAX];
    struct hn_buf text = { 0 };
    enum hn_status status;

    if (!serve_path(serve, "first-password", path))
        return hn_fail(err, HN_LIMIT, 0, "the data folder's name is too long");
    hn_buf_addf(&text, "%s %s\n", FIRST_NAME, password);
    status = hn_buf_ok(&text) ? hn_file_write_whole(serve->data, "first-password",
                                        hn_text_as_bytes(hn_buf_text(&text)), err)
                              : hn_fail(err, HN_NOMEM, 0, "no memory for the first password");
    hn_buf_deinit(&text);
    if (status != HN_OK)
        return status;
    serve_log(CONFIG_LOG_INFO, "auth.first",
            "there was no account: the first one is in this file, to be changed and deleted",
            SERVE_TEXT("file", hn_text_cstr(path)));
    return HN_OK;
}

/* The password is written before the account is made: one without a known password would lock
 * everybody out. */
enum hn_status serve_account_first(struct serve *serve, struct hn_err *err)
{
    const struct auth_actor actor = { .name = HN_TEXT("system"), .now = serve_now() };
    struct auth_user_wish wish = { .name = HN_TEXT(FIRST_NAME), .role = AUTH_ADMINISTRATOR };
    struct serve_link *link = serve_pool_take(&serve->pool);
    char password[2 * PASSWORD_BYTES + 1];
    bool any = false;
    enum hn_status status;

    if (link == NULL)
        return hn_fail(err, HN_IO, 0, "the database cannot be opened");
    status = auth_user_each(link->db, on_user, &any, err);
    if (status == HN_OK && !any) {
        if (!make_password(password))
            status = hn_fail_sys(err, errno, "no random numbers");
        if (status == HN_OK)
            status = write_password(serve, password, err);
        if (status == HN_OK) {
            wish.password = hn_text_cstr(password);
            status = auth_user_add(serve->auth, link->db, &actor, &wish, err);
        }
    }
    serve_pool_give(&serve->pool, link);
    return status;
}

enum hn_status serve_api_open(struct serve *serve, struct hn_err *err)
{
    const struct api_options options = { .version = serve->options->version,
        .started = serve->started,
        .auth = serve->auth,
        .journal = serve->journal,
        .intake = serve->intake,
        .engine = serve->engine,
        .samples = serve->samples,
        .sample_bytes_max = (size_t)serve->config->samples.file,
        .secure = serve->config->http.tls,
        .take = take,
        .give = give,
        .now = now,
        .ready = ready,
        .set = current_set,
        .reload = reload,
        .audited = audited,
        .ctx = serve };
    enum hn_status status = api_new(&options, &serve->api, err);

    if (status == HN_OK)
        status = api_register(serve->api, serve->http, err);
    /* The committer runs already. */
    if (status == HN_OK)
        atomic_store(&serve->api_open, true);
    return status;
}
