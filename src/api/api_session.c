/* api_session.c - logging in and out, and one's own password. */
#include "api/api_internal.h"

static struct auth_attempt attempt_of(
        const struct api_call *call, struct hn_text name, struct hn_text password)
{
    return (struct auth_attempt){ .name = name,
        .password = password,
        .address = http_request_peer(call->request),
        .now = call->now };
}

/* What auth_login() said, in the words of HTTP. */
static enum hn_status refuse_login(struct api_call *call, enum hn_status status, uint32_t retry_s)
{
    if (status == HN_NOTFOUND)
        return api_refuse(call, 401, "the name or the password is wrong");
    if (status != HN_LIMIT)
        return status;
    call->retry_after_s = retry_s;
    return api_refuse(call, 429, "too many attempts");
}

static void answer_session(struct api_call *call, const struct auth_session *session)
{
    api_cookie_set(call, session->secret);
    api_json_me(&call->json, &session->principal);
}

enum hn_status api_login(struct api_call *call)
{
    struct auth_attempt attempt =
            attempt_of(call, api_member(call->body, "name"), api_member(call->body, "password"));
    struct auth_session session;
    uint32_t retry_s = 0;
    enum hn_status status;

    /* Somebody else's page must not log a browser in: its user would work for a stranger. */
    if (api_is_foreign(call->api, call->request))
        return api_refuse(call, 403, "not from this origin");
    attempt.ends = api_cookie(call->api, call->request);
    status = auth_login(
            call->api->options.auth, call->link.db, &attempt, &session, &retry_s, &call->err);
    if (status != HN_OK)
        return refuse_login(call, status, retry_s);
    call->noted = true;
    answer_session(call, &session);
    return HN_OK;
}

enum hn_status api_me_get(struct api_call *call)
{
    api_json_me(&call->json, &call->who->principal);
    return HN_OK;
}

enum hn_status api_logout(struct api_call *call)
{
    const struct auth_actor actor = api_actor(call);
    enum hn_status status =
            auth_logout(call->link.db, &actor, hn_text_cstr(call->who->secret), &call->err);

    if (status != HN_OK)
        return status;
    call->noted = true;
    api_cookie_set(call, NULL);
    return HN_OK;
}

/* Guesses at the old password are throttled together with those at the login: whoever found a
 * browser open has no second way to guess. */
enum hn_status api_password_change(struct api_call *call)
{
    struct auth *auth = call->api->options.auth;
    struct hn_text name = hn_text_cstr(call->who->principal.name);
    struct auth_attempt attempt = attempt_of(call, name, api_member(call->body, "old"));
    const struct auth_actor actor = api_actor(call);
    struct auth_session session;
    uint32_t retry_s = 0;
    enum hn_status status =
            auth_password_prove(auth, call->link.db, &attempt, &retry_s, &call->err);

    if (status == HN_NOTFOUND)
        return api_refuse(call, 422, "the old password is wrong");
    if (status != HN_OK)
        return refuse_login(call, status, retry_s);
    attempt.password = api_member(call->body, "new");
    status =
            auth_user_set_password(auth, call->link.db, &actor, name, attempt.password, &call->err);
    if (status != HN_OK)
        return status;
    call->noted = true;
    status = auth_login(auth, call->link.db, &attempt, &session, &retry_s, &call->err);
    if (status != HN_OK)
        return refuse_login(call, status, retry_s);
    answer_session(call, &session);
    return HN_OK;
}
