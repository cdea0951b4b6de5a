/* remote.c - finds the server, asks it, and says what is wrong in one line. */
#include "app/remote.h"

#include "app/config_load.h"
#include "app/exit_code.h"
#include "app/ui.h"
#include "base/escape.h"
#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Settings ---- */

static const char *environment(const char *name)
{
    const char *value = getenv(name);

    return value == NULL ? "" : value;
}

/* Takes a value where none is set yet; false after saying that it is too long. */
static bool set(char place[CLIENT_TEXT_MAX], const char *value, const char *name)
{
    if (place[0] != '\0' || value == NULL || value[0] == '\0')
        return true;
    if (strlen(value) >= CLIENT_TEXT_MAX) {
        ui_error(UI_TEXT("%s is too long", "%s が長すぎます"), name);
        return false;
    }
    (void)snprintf(place, CLIENT_TEXT_MAX, "%s", value);
    return true;
}

static int read_small(const char *path, struct hn_buf *out)
{
    const char *slash = strrchr(path, '/');
    struct hn_err err = { 0 };
    char dir[CLIENT_TEXT_MAX + 2];

    (void)snprintf(dir, sizeof dir, "%.*s", slash == NULL ? 1 : (int)(slash - path + 1),
            slash == NULL ? "." : path);
    if (hn_file_read_whole(dir, slash == NULL ? path : slash + 1, CLIENT_FILE_MAX, out, &err) ==
            HN_OK)
        return EXIT_FINE;
    ui_error_at(hn_text_cstr(path), &err);
    return EXIT_IO;
}

static void warn_if_open(const char *path)
{
    struct stat info;

    if (stat(path, &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 077) != 0) {
        ui_warn(UI_TEXT("others can read the token in %s: chmod 600 %s",
                        "%s のトークンをほかのユーザーが読めます: chmod 600 %s"),
                path, path);
    }
}

static int take_token(struct client_settings *settings, struct hn_text text, const char *what)
{
    struct hn_err err = { 0 };

    if (client_token_read(settings, text, &err) == HN_OK)
        return EXIT_FINE;
    ui_error_at(hn_text_cstr(what), &err);
    return EXIT_USAGE;
}

static int read_token_file(struct client_settings *settings)
{
    struct hn_buf text = { 0 };
    int code;

    if (settings->token[0] != '\0' || settings->token_file[0] == '\0')
        return EXIT_FINE;
    code = read_small(settings->token_file, &text);
    if (code == EXIT_FINE)
        code = take_token(settings, hn_buf_text(&text), settings->token_file);
    if (code == EXIT_FINE)
        warn_if_open(settings->token_file);
    hn_buf_deinit(&text);
    return code;
}

static bool file_path(char path[CLIENT_TEXT_MAX])
{
    const char *base = environment("XDG_CONFIG_HOME");
    const char *home = environment("HOME");
    int len = base[0] == '/'
                      ? snprintf(path, CLIENT_TEXT_MAX, "%s/hinomi/client.yaml", base)
                      : snprintf(path, CLIENT_TEXT_MAX, "%s/.config/hinomi/client.yaml", home);

    return len > 0 && len < CLIENT_TEXT_MAX && path[0] == '/' && access(path, F_OK) == 0;
}

/* client.yaml. A token is for the server it stands beside: it is not shown to another one. */
static int read_file(struct client_settings *settings)
{
    struct client_settings file = { .server = "" };
    struct hn_buf text = { 0 };
    struct hn_err err = { 0 };
    char path[CLIENT_TEXT_MAX];
    int code;

    if (!file_path(path))
        return EXIT_FINE;
    code = read_small(path, &text);
    if (code == EXIT_FINE && client_settings_read(&file, hn_buf_text(&text), &err) != HN_OK) {
        ui_error_at(hn_text_cstr(path), &err);
        code = EXIT_USAGE;
    }
    hn_buf_deinit(&text);
    if (code != EXIT_FINE)
        return code;
    if (settings->server[0] != '\0' && strcmp(settings->server, file.server) != 0)
        return EXIT_FINE;
    if (file.token[0] != '\0' && settings->token[0] == '\0') {
        warn_if_open(path);
        code = take_token(settings, hn_text_cstr(file.token), path);
    }
    (void)set(settings->server, file.server, path);
    (void)set(settings->ca, file.ca, path);
    if (settings->token[0] == '\0')
        (void)set(settings->token_file, file.token_file, path);
    return code;
}

static int read_settings(const struct opt_values *values, struct client_settings *settings)
{
    int code = EXIT_FINE;

    if (!set(settings->server, opt_text(values, O_SERVER), "--server") ||
            !set(settings->ca, opt_text(values, O_CA), "--ca") ||
            !set(settings->token_file, opt_text(values, O_TOKEN_FILE), "--token-file") ||
            !set(settings->server, environment("HINOMI_SERVER"), "HINOMI_SERVER") ||
            !set(settings->ca, environment("HINOMI_CA"), "HINOMI_CA"))
        return EXIT_USAGE;
    if (settings->token_file[0] == '\0' && opt_text(values, O_DATA_DIR) == NULL &&
            environment("HINOMI_TOKEN")[0] != '\0')
        code = take_token(settings, hn_text_cstr(environment("HINOMI_TOKEN")), "HINOMI_TOKEN");
    if (code == EXIT_FINE && opt_text(values, O_DATA_DIR) == NULL)
        code = read_file(settings);
    return code == EXIT_FINE ? read_token_file(settings) : code;
}

/* ---- This machine's server ---- */

/* Its address and certificate by its configuration, where this user may read that. */
static int read_own(struct client_settings *settings, const char *data, char folder[LOCAL_PATH_MAX])
{
    struct config *config = NULL;
    bool readable = access(CONFIG_FILE_DEFAULT, R_OK) == 0;
    struct hn_buf url = { 0 };
    struct hn_text host = HN_TEXT("127.0.0.1");
    unsigned port = 8470;
    bool tls = true;
    char ca[CLIENT_TEXT_MAX] = "";

    (void)snprintf(folder, LOCAL_PATH_MAX, "%s", data == NULL ? LOCAL_DATA_DEFAULT : data);
    if (readable && config_load(NULL, &config, NULL) == EXIT_FINE) {
        const struct config_address *address = &config->http.address;

        if (data == NULL)
            (void)snprintf(folder, LOCAL_PATH_MAX, "%s", config->data.ptr);
        if (address->host.len > 0 && !hn_text_eq(address->host, HN_TEXT("*")) &&
                !hn_text_eq(address->host, HN_TEXT("0.0.0.0")) &&
                !hn_text_eq(address->host, HN_TEXT("::")))
            host = address->host;
        port = address->port;
        tls = config->http.tls;
        (void)snprintf(ca, sizeof ca, "%s", config->http.tls_files.certificate.ptr);
    }
    if (ca[0] == '\0' && snprintf(ca, sizeof ca, "%s/tls.crt", folder) >= (int)sizeof ca)
        ca[0] = '\0';
    hn_buf_addf(&url, "%s://%s%.*s%s:%u", tls ? "https" : "http",
            hn_text_find_char(host, ':', 0) != SIZE_MAX ? "[" : "", HN_TEXT_ARG(host),
            hn_text_find_char(host, ':', 0) != SIZE_MAX ? "]" : "", port);
    hn_buf_add_char(&url, '\0');
    if (hn_buf_ok(&url))
        (void)set(settings->server, url.ptr, "--server");
    if (access(ca, R_OK) == 0)
        (void)set(settings->ca, ca, "--ca");
    hn_buf_deinit(&url);
    config_free(config);
    return EXIT_FINE;
}

/* Settings that lack a server or a token get this machine's. */
static int use_own(const struct opt_values *values, struct remote *remote)
{
    struct client_settings *settings = &remote->settings;
    bool named = settings->server[0] != '\0';
    char folder[LOCAL_PATH_MAX];
    int code;

    if (named && opt_text(values, O_DATA_DIR) == NULL)
        return EXIT_FINE;
    code = read_own(settings, opt_text(values, O_DATA_DIR), folder);
    if (code != EXIT_FINE || settings->token[0] != '\0' ||
            (opt_text(values, O_DATA_DIR) == NULL && !local_usable(folder)))
        return code;
    code = local_open(folder, &remote->local);
    if (code == EXIT_FINE)
        code = local_token_make(&remote->local, remote->local_token, settings->token);
    return code;
}

int remote_data_folder(const struct opt_values *values, const char **ret_dir)
{
    struct client_settings settings = { .server = "" };
    const char *data = opt_text(values, O_DATA_DIR);
    int code;

    *ret_dir = NULL;
    if (opt_text(values, O_DATA_DIR) != NULL) {
        *ret_dir = data;
        return EXIT_FINE;
    }
    code = read_settings(values, &settings);
    if (code == EXIT_FINE && settings.server[0] == '\0' && settings.token[0] == '\0')
        *ret_dir = data == NULL ? LOCAL_DATA_DEFAULT : data;
    return code;
}

/* ---- Life ---- */

int remote_show_options(const struct opt_values *values, struct remote *remote)
{
    const char *zone = opt_text(values, O_TZ);
    struct hn_err err = { 0 };

    ui_set_color(opt_text(values, O_COLOR));
    ui.quiet = opt_flag(values, O_QUIET);
    ui.progress = ui.progress && !ui.quiet;
    if (remote->arena.cap_bytes == 0)
        hn_arena_init(&remote->arena, REMOTE_ARENA_MAX);
    if (zone == NULL || hn_zone_load(hn_text_cstr(zone), &remote->zone, &err) == HN_OK)
        return EXIT_FINE;
    ui_error_at(HN_TEXT("--tz"), &err);
    return EXIT_USAGE;
}

int remote_open(const struct opt_values *values, struct remote *remote)
{
    struct hn_err err = { 0 };
    int code = remote_show_options(values, remote);

    if (code == EXIT_FINE)
        code = read_settings(values, &remote->settings);
    if (code == EXIT_FINE)
        code = use_own(values, remote);
    if (code != EXIT_FINE)
        return code;
    if (client_server_check(&remote->settings, &err) != HN_OK) {
        ui_error_at(hn_text_cstr(remote->settings.server), &err);
        return EXIT_USAGE;
    }
    if (client_open(&remote->settings, &remote->client, &remote->problem) != CLIENT_FINE)
        return remote_problem(remote);
    return EXIT_FINE;
}

int remote_renew(struct remote *remote)
{
    char former[AUTH_NAME_MAX + 1];
    int code;

    memcpy(former, remote->local_token, sizeof former);
    code = local_token_make(&remote->local, remote->local_token, remote->settings.token);
    if (code != EXIT_FINE)
        return code;
    local_token_revoke(&remote->local, former);
    client_close(remote->client);
    remote->client = NULL;
    if (client_open(&remote->settings, &remote->client, &remote->problem) != CLIENT_FINE)
        return remote_problem(remote);
    return EXIT_FINE;
}

void remote_close(struct remote *remote)
{
    client_close(remote->client);
    remote->client = NULL;
    if (remote->local_token[0] != '\0')
        local_token_revoke(&remote->local, remote->local_token);
    remote->local_token[0] = '\0';
    local_close(&remote->local);
    hn_zone_free(remote->zone);
    hn_buf_deinit(&remote->answer);
    hn_arena_deinit(&remote->arena);
    memset(&remote->settings, 0, sizeof remote->settings);
}

/* ---- Asking ---- */

enum client_trouble remote_try(
        struct remote *remote, const struct client_request *request, struct hn_text *ret_json)
{
    enum client_trouble trouble;

    hn_buf_reset(&remote->answer);
    trouble = client_call(remote->client, request, false, &remote->answer, &remote->problem);
    if (trouble == CLIENT_FINE && ret_json != NULL)
        *ret_json = hn_buf_text(&remote->answer);
    return trouble;
}

int remote_send(
        struct remote *remote, const struct client_request *request, struct hn_text *ret_json)
{
    return remote_try(remote, request, ret_json) == CLIENT_FINE ? EXIT_FINE
                                                                : remote_problem(remote);
}

int remote_send_json(struct remote *remote, const char *method, const struct hn_buf *path,
        const char *behind, const struct hn_buf *body, struct hn_text *ret_json)
{
    struct client_request request = { .method = method, .body = hn_buf_text(body) };
    struct hn_buf text = { 0 };
    int code = EXIT_IO;

    hn_buf_add_text(&text, hn_buf_text(path));
    hn_buf_add_cstr(&text, behind);
    hn_buf_add_char(&text, '\0');
    request.path = text.ptr;
    if (hn_buf_ok(&text) && hn_buf_ok(body) && hn_buf_ok(path))
        code = remote_send(remote, &request, ret_json);
    hn_buf_deinit(&text);
    return code;
}

int remote_get(struct remote *remote, const struct hn_buf *path, struct hn_text *ret_json)
{
    static const struct hn_buf none = { .ptr = NULL };

    return remote_send_json(remote, "GET", path, "", &none, ret_json);
}

int remote_usage(const char *en, const char *ja)
{
    ui_error("%s", UI_TEXT(en, ja));
    return EXIT_USAGE;
}

int remote_each(
        const struct opt_values *values, const char *none, const char *none_ja, remote_each_fn *fn)
{
    struct remote remote = { .client = NULL };
    int code;

    if (values->operand_count == 0)
        return remote_usage(none, none_ja);
    code = remote_open(values, &remote);
    for (size_t i = 0; i < values->operand_count && code == EXIT_FINE; i++)
        code = fn(&remote, values, values->operands[i]);
    remote_close(&remote);
    return code;
}
