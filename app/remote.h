/* remote.h - the server that a command talks to: where it is, whom to trust, by which right.
 *
 * Looked for in this order: options; the environment (HINOMI_SERVER, HINOMI_CA, HINOMI_TOKEN);
 * ~/.config/hinomi/client.yaml; and on the server's own machine its configuration
 * and data folder, if this user may read them. What the file says about one server is not used for
 * another.
 *
 * Errors are shown to the user here, escaped; functions return an exit code.
 * Concurrency: one thread. Memory: answers live until the next one, what is read out of them in
 * arena until remote_close() or hn_arena_reset(). */
#ifndef HN_APP_REMOTE_H
#define HN_APP_REMOTE_H

#include "app/local.h"
#include "app/opt_shared.h"
#include "base/attr.h"
#include "client/client.h"

#include <stdbool.h>

#define REMOTE_ARENA_MAX ((size_t)256 << 20)

/* clang-format off */
#define OPT_SERVER_ROWS                                                                            \
    { O_SERVER, "server", '\0', OPT_TEXT, "URL", NULL,                                             \
            "the server, https://host:8470 (default: HINOMI_SERVER, client.yaml, this machine)",   \
            "サーバー https://host:8470(既定: HINOMI_SERVER、client.yaml、このマシン)" },         \
    { O_CA, "ca", '\0', OPT_TEXT, "FILE", NULL,                                                    \
            "certificate to trust, such as the server's tls.crt (default: HINOMI_CA)",             \
            "信頼する証明書(サーバーの tls.crt など。既定: HINOMI_CA)" },                         \
    { O_TOKEN_FILE, "token-file", '\0', OPT_TEXT, "FILE", NULL,                                    \
            "file with the token (default: HINOMI_TOKEN, which is the token itself)",              \
            "トークンのファイル(既定: HINOMI_TOKEN のトークン)" },                               \
    { O_DATA_DIR, "data", '\0', OPT_TEXT, "DIR", NULL,                                                 \
            "data folder of the server on this machine: then no token is needed",                  \
            "このマシンのサーバーのデータフォルダー(トークン不要になる)" }
#define OPT_SHOW_ROWS                                                                              \
    { O_TZ, "tz", '\0', OPT_TEXT, "ZONE", NULL, "zone of times shown (default: UTC)",              \
            "表示する時刻のタイムゾーン(既定: UTC)" },                                           \
    { O_COLOR, "color", '\0', OPT_CHOICE, NULL, "auto|yes|no", "colours (default: auto)",          \
            "色(既定: auto)" },                                                                  \
    { O_QUIET, "quiet", 'q', OPT_FLAG, NULL, NULL, "only what was asked for, no remarks",          \
            "結果だけを出し、補足を出さない" }
/* clang-format on */

struct remote {
    struct client *client;
    struct client_settings settings;
    struct client_problem problem; /* of the last call that failed */
    struct hn_arena arena;
    struct hn_buf answer;
    struct hn_zone *zone; /* NULL: UTC */
    struct local local;
    char local_token[AUTH_NAME_MAX + 1];
};

/* remote is zeroed before, and closed by the caller whatever this returns. */
HN_MUST_USE int remote_open(const struct opt_values *values, struct remote *remote);
/* Only what OPT_SHOW_ROWS say. */
HN_MUST_USE int remote_show_options(const struct opt_values *values, struct remote *remote);
void remote_close(struct remote *remote);
/* Opens the server and hands it each operand, until one fails. None at all is a mistake, of which
 * the two texts tell. */
typedef int remote_each_fn(
        struct remote *remote, const struct opt_values *values, const char *operand);
HN_MUST_USE int remote_each(
        const struct opt_values *values, const char *none, const char *none_ja, remote_each_fn *fn);

/* Another token in place of the one that was made for this command on this machine. */
#define REMOTE_RENEW_SECONDS 300.0
HN_MUST_USE int remote_renew(struct remote *remote);

/* The data folder to be used directly: --data, or where no server is named anywhere that of this
 * machine; NULL: the server is to be asked. */
HN_MUST_USE int remote_data_folder(const struct opt_values *values, const char **ret_dir);

/* ret_json borrows from the next call's buffer. */
HN_MUST_USE int remote_get(
        struct remote *remote, const struct hn_buf *path, struct hn_text *ret_json);
HN_MUST_USE int remote_send(struct remote *remote, const struct client_request *request,
        struct hn_text *ret_json); /* may be NULL */
/* With a body of JSON; behind is what follows path. */
HN_MUST_USE int remote_send_json(struct remote *remote, const char *method,
        const struct hn_buf *path, const char *behind, const struct hn_buf *body,
        struct hn_text *ret_json);
/* Without a word: for what is tried again. */
HN_MUST_USE enum client_trouble remote_try(
        struct remote *remote, const struct client_request *request, struct hn_text *ret_json);
/* What is wrong and what to do about it, on one line; which exit code that is. */
int remote_problem(const struct remote *remote);

/* "NAME: changed" on stderr, not with --quiet. */
void remote_say(const char *en, const char *ja, struct hn_text name);
/* "one ID is wanted" and the like. */
int remote_usage(const char *en, const char *ja);

#endif
