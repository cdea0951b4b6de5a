/* api_users.c - accounts of people. auth writes their entries of the audit log, in the transaction
 * of the change itself. */
#include "api/api_internal.h"

struct listing {
    struct api_call *call;
    struct hn_text only; /* empty: all */
    bool found;
};

static void on_user(void *ctx, const struct auth_user *user)
{
    struct listing *listing = ctx;
    struct hn_json_out *json = &listing->call->json;

    if (listing->only.len > 0 && !hn_text_eq(listing->only, user->name))
        return;
    listing->found = true;
    hn_json_open(json, '{');
    hn_json_pair(json, "name", user->name);
    hn_json_pair(json, "role", hn_text_cstr(auth_role_text(user->role)));
    hn_json_key(json, HN_TEXT("disabled"));
    hn_json_bool(json, user->disabled);
    api_json_time(json, HN_TEXT("created"), user->created);
    api_json_time(json, HN_TEXT("last_login"), user->last_login);
    hn_json_close(json, '}');
}

enum hn_status api_users_list(struct api_call *call)
{
    struct listing listing = { .call = call };
    enum hn_status status;

    hn_json_open(&call->json, '{');
    hn_json_key(&call->json, HN_TEXT("items"));
    hn_json_open(&call->json, '[');
    status = auth_user_each(call->link.db, on_user, &listing, &call->err);
    hn_json_close(&call->json, ']');
    hn_json_close(&call->json, '}');
    return status;
}

static enum hn_status answer_user(struct api_call *call, struct hn_text name)
{
    struct listing listing = { .call = call, .only = name };
    enum hn_status status = auth_user_each(call->link.db, on_user, &listing, &call->err);

    return status == HN_OK && !listing.found ? HN_NOTFOUND : status;
}

enum hn_status api_user_create(struct api_call *call)
{
    const struct auth_actor actor = api_actor(call);
    struct auth_user_wish wish = { .name = api_member(call->body, "name"),
        .password = api_member(call->body, "password") };
    enum hn_status status;

    if (!auth_role_find(api_member(call->body, "role"), &wish.role))
        return api_refuse(call, 422, "/role: there is no such role");
    status = auth_user_add(call->api->options.auth, call->link.db, &actor, &wish, &call->err);
    if (status != HN_OK)
        return status;
    call->noted = true;
    call->status = 201;
    return answer_user(call, wish.name);
}

struct known {
    struct hn_text name;
    enum auth_role role;
    bool disabled;
    bool found;
};

static void on_known(void *ctx, const struct auth_user *user)
{
    struct known *known = ctx;

    if (!hn_text_eq(known->name, user->name))
        return;
    known->role = user->role;
    known->disabled = user->disabled;
    known->found = true;
}

enum hn_status api_user_update(struct api_call *call)
{
    const struct auth_actor actor = api_actor(call);
    struct known known = { .name = http_request_param(call->request, "name") };
    enum hn_status status = auth_user_each(call->link.db, on_known, &known, &call->err);

    if (status == HN_OK && !known.found)
        status = HN_NOTFOUND;
    if (status != HN_OK)
        return status;
    if (api_member_is(call->body, "role") &&
            !auth_role_find(api_member(call->body, "role"), &known.role))
        return api_refuse(call, 422, "/role: there is no such role");
    if (api_member_is(call->body, "disabled"))
        known.disabled = json_is_true(json_object_get(call->body, "disabled"));
    status = auth_user_set_role(
            call->link.db, &actor, known.name, known.role, known.disabled, &call->err);
    if (status != HN_OK)
        return status;
    call->noted = true;
    return answer_user(call, known.name);
}

enum hn_status api_user_password(struct api_call *call)
{
    const struct auth_actor actor = api_actor(call);
    enum hn_status status = auth_user_set_password(call->api->options.auth, call->link.db, &actor,
            http_request_param(call->request, "name"), api_member(call->body, "password"),
            &call->err);

    call->noted = status == HN_OK;
    return status;
}
