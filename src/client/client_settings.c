/* client_settings.c - which server, whom to trust and by which token. */
#include "client/client.h"

#include "base/yaml.h"

#include <stdio.h>
#include <string.h>

struct key {
    const char *name;
    size_t offset;
};
static const struct key keys[] = {
    { "server", offsetof(struct client_settings, server) },
    { "ca", offsetof(struct client_settings, ca) },
    { "token", offsetof(struct client_settings, token) },
    { "token_file", offsetof(struct client_settings, token_file) },
};

static const struct key *find(struct hn_text name)
{
    for (size_t i = 0; i < HN_COUNT_OF(keys); i++) {
        if (hn_text_eq(name, hn_text_cstr(keys[i].name)))
            return &keys[i];
    }
    return NULL;
}

static enum hn_status take_pair(struct client_settings *settings, struct hn_yaml_ref name,
        struct hn_yaml_ref value, struct hn_err *err)
{
    const struct hn_yaml_node *node = hn_yaml_node(name);
    const struct key *key = find(hn_yaml_text(name));
    struct hn_text text = hn_yaml_text(value);
    char *place;

    if (key == NULL)
        return hn_fail_at(err, HN_SYNTAX, node->line, node->column,
                "unknown key; there are server, ca, token, token_file");
    if (text.ptr == NULL || hn_text_find_char(text, '\0', 0) != SIZE_MAX)
        return hn_fail_at(err, HN_SYNTAX, node->line, node->column, "%s is a text", key->name);
    if (text.len >= CLIENT_TEXT_MAX)
        return hn_fail_at(err, HN_LIMIT, node->line, node->column, "%s is too long", key->name);
    place = (char *)settings + key->offset;
    if (place[0] == '\0')
        (void)snprintf(place, CLIENT_TEXT_MAX, "%.*s", HN_TEXT_ARG(text));
    return HN_OK;
}

static enum hn_status take_document(
        struct client_settings *settings, const struct hn_yaml *yaml, struct hn_err *err)
{
    struct hn_yaml_ref root = hn_yaml_root(yaml, 0);
    struct hn_yaml_iter pairs = hn_yaml_children(root);
    struct hn_yaml_ref name;
    struct hn_yaml_ref value;

    if (yaml->problem_count > 0)
        return hn_fail_at(err, HN_SYNTAX, yaml->problems[0].line, yaml->problems[0].column, "%.*s",
                HN_TEXT_ARG(hn_text_sub(yaml->problems[0].message, 0, 150)));
    if (!hn_yaml_is(root, HN_YAML_MAP))
        return root.yaml == NULL ? HN_OK : hn_fail(err, HN_SYNTAX, 0, "not a map of settings");
    while (hn_yaml_next_pair(&pairs, &name, &value)) {
        enum hn_status status = take_pair(settings, name, value, err);

        if (status != HN_OK)
            return status;
    }
    return HN_OK;
}

enum hn_status client_settings_read(
        struct client_settings *settings, struct hn_text yaml, struct hn_err *err)
{
    struct hn_arena arena;
    struct hn_yaml tree;
    enum hn_status status;

    if (yaml.len > CLIENT_FILE_MAX)
        return hn_fail(err, HN_LIMIT, 0, "the file is too large");
    hn_arena_init(&arena, (size_t)8 << 20);
    status = hn_yaml_parse(&arena, yaml, NULL, &tree, err);
    if (status == HN_OK)
        status = take_document(settings, &tree, err);
    hn_arena_deinit(&arena);
    return status;
}

enum hn_status client_token_read(
        struct client_settings *settings, struct hn_text file, struct hn_err *err)
{
    struct hn_text line;
    struct hn_text token = { 0 };

    while (token.len == 0 && hn_text_line(&file, &line))
        token = hn_text_trim(line);
    if (token.len == 0 || token.len >= CLIENT_TEXT_MAX)
        return hn_fail(err, HN_SYNTAX, 0, "there is no token in it");
    for (size_t i = 0; i < token.len; i++) {
        /* It becomes part of a header: nothing may begin another one. */
        if (token.ptr[i] <= ' ' || token.ptr[i] > '~')
            return hn_fail(err, HN_SYNTAX, 0, "there is something else than a token in it");
    }
    (void)snprintf(settings->token, CLIENT_TEXT_MAX, "%.*s", HN_TEXT_ARG(token));
    return HN_OK;
}

/* The machine's own name or address, up to a port or the end. */
static bool is_here(struct hn_text host)
{
    static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        struct hn_text name = hn_text_cstr(names[i]);

        if (hn_text_starts_nocase(host, name) &&
                (host.len == name.len || host.ptr[name.len] == ':' || host.ptr[name.len] == '/'))
            return true;
    }
    return false;
}

enum hn_status client_server_check(struct client_settings *settings, struct hn_err *err)
{
    struct hn_text url = hn_text_cstr(settings->server);
    struct hn_text rest;

    while (url.len > 0 && url.ptr[url.len - 1] == '/')
        settings->server[--url.len] = '\0';
    for (size_t i = 0; i < url.len; i++) {
        if (url.ptr[i] <= ' ' || url.ptr[i] > '~' || strchr("@?#\\", url.ptr[i]) != NULL)
            return hn_fail(err, HN_SYNTAX, 0, "an address like https://host:8470 is wanted");
    }
    if (hn_text_starts_nocase(url, HN_TEXT("https://")) && url.len > 8)
        return HN_OK;
    rest = hn_text_sub(url, 7, url.len);
    if (!hn_text_starts_nocase(url, HN_TEXT("http://")) || rest.len == 0)
        return hn_fail(err, HN_SYNTAX, 0, "an address like https://host:8470 is wanted");
    if (!is_here(rest))
        return hn_fail(err, HN_SYNTAX, 0,
                "without https a token would be readable on its way; http is for this machine "
                "only");
    return HN_OK;
}
