/* api_tokens.c - tokens of shippers and programs. auth writes their entries of the audit log, in
 * the transaction of the change itself. */
#include "api/api_internal.h"

static void on_token(void *ctx, const struct auth_token *token)
{
    struct hn_json_out *json = ctx;

    hn_json_open(json, '{');
    hn_json_pair(json, "name", token->name);
    hn_json_pair(json, "role", hn_text_cstr(auth_role_text(token->role)));
    api_json_permissions(json, token->permissions);
    hn_json_pair(json, "source", token->source);
    hn_json_pair(json, "tenant", token->tenant);
    api_json_time(json, HN_TEXT("created"), token->created);
    api_json_time(json, HN_TEXT("expires"), token->expires);
    api_json_time(json, HN_TEXT("last_used"), token->last_used);
    hn_json_key(json, HN_TEXT("revoked"));
    hn_json_bool(json, token->revoked);
    hn_json_close(json, '}');
}

enum hn_status api_tokens_list(struct api_call *call)
{
    enum hn_status status;

    hn_json_open(&call->json, '{');
    hn_json_key(&call->json, HN_TEXT("items"));
    hn_json_open(&call->json, '[');
    status = auth_token_each(call->link.db, on_token, &call->json, &call->err);
    hn_json_close(&call->json, ']');
    hn_json_close(&call->json, '}');
    return status;
}

enum hn_status api_token_create(struct api_call *call)
{
    const struct auth_actor actor = api_actor(call);
    const json_t *permissions = json_object_get(call->body, "permissions");
    struct auth_token_wish wish = { .name = api_member(call->body, "name"),
        .source = api_member(call->body, "source"),
        .tenant = api_member(call->body, "tenant"),
        .life = api_member_int(call->body, "days", 1) * HN_DAY };
    char token[AUTH_TOKEN_LEN + 1];
    enum hn_status status;

    if (!auth_role_find(api_member(call->body, "role"), &wish.role))
        return api_refuse(call, 422, "/role: there is no such role");
    for (size_t i = 0; i < json_array_size(permissions); i++)
        wish.permissions |= auth_permission_find(
                hn_text_cstr(json_string_value(json_array_get(permissions, i))));
    status = auth_token_add(call->link.db, &actor, &wish, token, &call->err);
    if (status != HN_OK)
        return status;
    call->noted = true;
    call->status = 201;
    hn_json_open(&call->json, '{');
    hn_json_pair(&call->json, "name", wish.name);
    hn_json_pair(&call->json, "token", hn_text_cstr(token));
    hn_json_close(&call->json, '}');
    return HN_OK;
}

enum hn_status api_token_revoke(struct api_call *call)
{
    const struct auth_actor actor = api_actor(call);
    enum hn_status status = auth_token_revoke(
            call->link.db, &actor, http_request_param(call->request, "name"), &call->err);

    call->noted = status == HN_OK;
    return status;
}
