/* api_auth.c - who asks: a token, or a session's cookie with what proves that the session's owner
 * meant it. */
#include "api/api_internal.h"

#include <stdio.h>

/* The prefix is a promise of the browser's: set by this host, for TLS, for all paths. It takes it
 * only over TLS, so on plain loopback the name goes without. */
static const char *cookie_name(const struct api *api)
{
    return api->options.secure ? "__Host-hinomi" : "hinomi";
}

struct hn_text api_cookie(const struct api *api, const struct http_request *request)
{
    struct hn_text secret;

    return http_request_cookie(request, cookie_name(api), &secret) ? secret : HN_TEXT("");
}

void api_cookie_set(struct api_call *call, const char *secret)
{
    struct hn_buf text = { 0 };
    struct hn_text copy;

    hn_buf_addf(&text, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s", cookie_name(call->api),
            secret == NULL ? "" : secret, call->api->options.secure ? "; Secure" : "",
            secret == NULL ? "; Max-Age=0" : "");
    copy = hn_arena_text(&call->arena, hn_buf_text(&text));
    hn_buf_deinit(&text);
    if (copy.ptr != NULL)
        api_field_add(call, "Set-Cookie", copy);
}

static bool is_loopback_name(struct hn_text host)
{
    bool is_number = hn_text_starts(host, HN_TEXT("127."));

    for (size_t i = 0; i < host.len; i++) /* 127.0.0.1.example is a name of somebody's */
        is_number = is_number && ((host.ptr[i] >= '0' && host.ptr[i] <= '9') || host.ptr[i] == '.');
    return is_number || hn_text_eq_nocase(host, HN_TEXT("localhost")) ||
           hn_text_eq(host, HN_TEXT("[::1]"));
}

bool api_is_foreign(const struct api *api, const struct http_request *request)
{
    /* Without TLS nothing else shows that a name of somebody else's leads here (DNS rebinding). */
    if (!api->options.secure && !is_loopback_name(http_request_host(request)))
        return true;
    return http_request_origin(request) == HTTP_ORIGIN_OTHER;
}

static void refuse(struct http_verdict *verdict, unsigned status, const char *detail)
{
    verdict->status = status;
    verdict->detail = detail;
    if (status == 401)
        verdict->challenge = "Bearer";
}

static bool read_bearer(const struct http_request *request, struct hn_text *ret_token)
{
    struct hn_text field;

    if (!http_request_header(request, "Authorization", &field))
        return false;
    *ret_token = hn_text_starts_nocase(field, HN_TEXT("Bearer "))
                         ? hn_text_trim(hn_text_sub(field, 7, field.len))
                         : HN_TEXT("");
    return true;
}

/* HN_NOTFOUND: nobody. */
static enum hn_status identify(
        struct api *api, const struct http_request *request, struct db *db, struct api_who *who)
{
    hn_time now = api->options.now(api->options.ctx);
    struct hn_text text;
    enum hn_status status;

    /* Whoever sends a token means it; the cookie is what a browser adds by itself. */
    if (read_bearer(request, &text)) {
        status = auth_token_check(db, text, now, &who->principal, NULL);
        if (status == HN_OK)
            memcpy(who->secret, text.ptr, text.len);
        return status;
    }
    text = api_cookie(api, request);
    if (text.len != AUTH_SECRET_LEN)
        return HN_NOTFOUND;
    status = auth_session_check(api->options.auth, db, text, now, &who->principal, NULL);
    if (status == HN_OK)
        memcpy(who->secret, text.ptr, text.len);
    return status;
}

bool api_is_still(struct api *api, struct db *db, const struct api_who *who, uint32_t permission)
{
    hn_time now = api->options.now(api->options.ctx);
    struct hn_text secret = hn_text_cstr(who->secret);
    struct auth_principal principal;
    enum hn_status status =
            who->principal.is_token
                    ? auth_token_check(db, secret, now, &principal, NULL)
                    : auth_session_look(api->options.auth, db, secret, now, &principal, NULL);

    return status == HN_OK && (principal.permissions & permission) != 0;
}

static bool changes_something(const struct http_request *request)
{
    struct hn_text method = http_request_method(request);

    return !hn_text_eq(method, HN_TEXT("GET")) && !hn_text_eq(method, HN_TEXT("HEAD"));
}

/* What a cookie alone does not prove. */
static bool is_meant(
        const struct api *api, const struct http_request *request, const struct api_who *who)
{
    struct hn_text csrf;

    if (who->principal.is_token || !changes_something(request))
        return true;
    return !api_is_foreign(api, request) && http_request_origin(request) == HTTP_ORIGIN_SAME &&
           http_request_header(request, "X-CSRF-Token", &csrf) &&
           auth_secret_eq(csrf, hn_text_cstr(who->principal.csrf));
}

static void judge(const struct api *api, const struct http_request *request,
        const struct api_operation *operation, const struct api_who *who,
        struct http_verdict *verdict)
{
    const struct auth_principal *principal = &who->principal;

    if (operation->permission != NULL &&
            (principal->permissions & auth_permission_find(hn_text_cstr(operation->permission))) ==
                    0)
        refuse(verdict, 403, "this needs a permission that is not given");
    else if (operation->is_global && principal->tenant[0] != '\0')
        refuse(verdict, 403, "this is not for a token of one tenant");
    else if (operation->is_session && principal->is_token)
        refuse(verdict, 403, "this is about a session, and a token has none");
    else if (!is_meant(api, request, who))
        refuse(verdict, 403, "a session's change needs X-CSRF-Token and our own origin");
}

static void free_who(void *who)
{
    hn_free(who);
}

void api_authenticate(void *ctx, const struct http_request *request, const struct http_route *route,
        struct http_verdict *ret_verdict)
{
    struct api *api = ctx;
    struct api_who *who = hn_calloc(1, sizeof *who);
    struct api_link link;
    enum hn_status status;

    if (who == NULL || !api->options.take(api->options.ctx, &link)) {
        hn_free(who);
        refuse(ret_verdict, 503, "no memory, or no database");
        ret_verdict->retry_after_s = 1;
        return;
    }
    status = identify(api, request, link.db, who);
    api->options.give(api->options.ctx, &link);
    ret_verdict->principal = who;
    ret_verdict->principal_free = free_who;
    if (status == HN_NOTFOUND) {
        refuse(ret_verdict, 401, "log in, or send a token that is in force");
    } else if (status != HN_OK) {
        refuse(ret_verdict, 503, "the database is busy");
        ret_verdict->retry_after_s = 1;
    } else {
        judge(api, request, &api->operations[route - api->routes], who, ret_verdict);
    }
}
