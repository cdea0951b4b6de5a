/* http_request.c - one request: its life, and what handlers may ask it. */
#include "http/http_internal.h"

#include "base/hash.h"

#include <assert.h>

static void make_id(struct http_server *server, char out[16])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t id = hn_mix64(hn_hash_seed() + atomic_fetch_add(&server->last_id, 1));

    for (unsigned i = 0; i < 16; i++)
        out[i] = digits[id >> (60 - 4 * i) & 15];
}

struct http_request *http_request_new(
        struct http_server *server, struct MHD_Connection *mhd, struct hn_text raw_target)
{
    const union MHD_ConnectionInfo *context =
            MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct http_request *request = hn_calloc(1, sizeof *request);

    if (request == NULL || context == NULL || context->socket_context == NULL) {
        hn_free(request);
        return NULL;
    }
    request->server = server;
    request->mhd = mhd;
    request->connection = context->socket_context;
    request->tls = request->connection->tls;
    memcpy(request->peer, request->connection->peer, sizeof request->peer);
    atomic_init(&request->references, 1);
    hn_arena_init(&request->arena, HTTP_REQUEST_ARENA_MAX);
    request->raw_target = hn_arena_text(&request->arena, raw_target);
    if (request->raw_target.ptr == NULL) {
        hn_arena_deinit(&request->arena);
        hn_free(request);
        return NULL;
    }
    make_id(server, request->id);
    atomic_fetch_add(&server->references, 1);
    atomic_fetch_add(&server->active, 1);
    http_deadline_set(request->connection, http_now(), server->limits.head_ms, 0);
    return request;
}

void http_request_unref(struct http_request *request)
{
    struct http_server *server = request->server;

    if (atomic_fetch_sub(&request->references, 1) != 1)
        return;
    if (request->response != NULL) /* decided, but the client had gone */
        MHD_destroy_response(request->response);
    if (request->verdict.principal_free != NULL)
        request->verdict.principal_free(request->verdict.principal);
    atomic_fetch_sub(&server->held_bytes, request->held);
    http_body_deinit(&request->body);
    hn_arena_deinit(&request->arena);
    hn_free(request);
    atomic_fetch_sub(&server->references, 1);
}

void http_request_hold(struct http_request *request)
{
    struct http_server *server = request->server;

    atomic_fetch_add(&request->references, 1);
    atomic_fetch_add(&server->open_requests, 1);
    (void)pthread_mutex_lock(&server->registry);
    request->previous = NULL;
    request->next = server->requests;
    if (request->next != NULL)
        request->next->previous = request;
    server->requests = request;
    (void)pthread_mutex_unlock(&server->registry);
}

void http_request_release(struct http_request *request)
{
    struct http_server *server = request->server;

    (void)pthread_mutex_lock(&server->registry);
    if (request->previous != NULL)
        request->previous->next = request->next;
    else
        server->requests = request->next;
    if (request->next != NULL)
        request->next->previous = request->previous;
    (void)pthread_mutex_unlock(&server->registry);
    atomic_fetch_sub(&server->open_requests, 1);
    http_request_unref(request);
}

/* ---- What handlers ask ---- */

const struct http_route *http_request_route(const struct http_request *request)
{
    return request->entry->route;
}

struct hn_text http_request_method(const struct http_request *request)
{
    return request->method;
}

struct hn_text http_request_path(const struct http_request *request)
{
    return request->target.path;
}

struct hn_text http_request_param(const struct http_request *request, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < request->entry->segment_count; i++) {
        struct hn_text segment = request->entry->segments[i];

        if (segment.len == len + 2 && segment.ptr[0] == '{' &&
                memcmp(segment.ptr + 1, name, len) == 0)
            return request->target.segments[i];
    }
    assert(false); /* a parameter that the route does not have */
    return HN_TEXT("");
}

bool http_request_query(
        const struct http_request *request, const char *name, struct hn_text *ret_value)
{
    struct hn_text wanted = hn_text_cstr(name);

    for (size_t i = 0; i < request->target.query_count; i++) {
        if (hn_text_eq(request->target.query[i].name, wanted)) {
            *ret_value = request->target.query[i].value;
            return true;
        }
    }
    return false;
}

const struct http_pair *http_request_query_all(
        const struct http_request *request, size_t *ret_count)
{
    *ret_count = request->target.query_count;
    return request->target.query;
}

bool http_request_header(
        const struct http_request *request, const char *name, struct hn_text *ret_value)
{
    struct hn_text wanted = hn_text_cstr(name);

    for (size_t i = 0; i < request->field_count; i++) {
        if (hn_text_eq_nocase(request->fields[i].name, wanted)) {
            *ret_value = request->fields[i].value;
            return true;
        }
    }
    return false;
}

bool http_request_cookie(
        const struct http_request *request, const char *name, struct hn_text *ret_value)
{
    struct hn_text wanted = hn_text_cstr(name);
    struct hn_text rest;
    struct hn_text part;

    if (!http_request_header(request, "Cookie", &rest))
        return false;
    while (hn_text_split(&rest, ';', &part)) {
        size_t equals = hn_text_find_char(part, '=', 0);

        if (equals == SIZE_MAX || !hn_text_eq(hn_text_trim(hn_text_sub(part, 0, equals)), wanted))
            continue;
        *ret_value = hn_text_trim(hn_text_sub(part, equals + 1, part.len));
        return true;
    }
    return false;
}

struct hn_bytes http_request_body(const struct http_request *request)
{
    return hn_text_as_bytes(hn_buf_text(&request->body.bytes));
}

struct hn_text http_request_media_type(const struct http_request *request)
{
    struct hn_text value;
    struct hn_text type;

    if (!http_request_header(request, "Content-Type", &value) || !hn_text_split(&value, ';', &type))
        return HN_TEXT("");
    return hn_text_trim(type);
}

struct hn_text http_request_peer(const struct http_request *request)
{
    return hn_text_cstr(request->peer);
}

bool http_request_tls(const struct http_request *request)
{
    return request->tls;
}

struct hn_text http_request_id(const struct http_request *request)
{
    return hn_text_of(request->id, sizeof request->id);
}

void *http_request_principal(const struct http_request *request)
{
    return request->verdict.principal;
}

struct hn_text http_request_host(const struct http_request *request)
{
    struct hn_text host;
    size_t end;

    if (!http_request_header(request, "Host", &host) || host.len == 0)
        return HN_TEXT("");
    if (host.ptr[0] == '[') { /* an IPv6 address */
        end = hn_text_find_char(host, ']', 0);
        end = end == SIZE_MAX ? 0 : end + 1;
    } else {
        end = hn_text_find_char(host, ':', 0);
    }
    host = hn_text_sub(host, 0, end == SIZE_MAX ? host.len : end);
    for (size_t i = 0; i < host.len; i++) {
        if (strchr("/\\@ ,?#", host.ptr[i]) != NULL)
            return HN_TEXT("");
    }
    return host;
}

enum http_origin http_request_origin(const struct http_request *request)
{
    struct hn_text site = HN_TEXT("");
    struct hn_text origin;
    struct hn_text host;
    struct hn_text scheme = http_request_tls(request) ? HN_TEXT("https://") : HN_TEXT("http://");

    if (http_request_header(request, "Sec-Fetch-Site", &site) &&
            !hn_text_eq(site, HN_TEXT("same-origin")))
        return HTTP_ORIGIN_OTHER;
    if (!http_request_header(request, "Origin", &origin))
        return hn_text_eq(site, HN_TEXT("same-origin")) ? HTTP_ORIGIN_SAME : HTTP_ORIGIN_UNKNOWN;
    if (!http_request_header(request, "Host", &host) || !hn_text_starts(origin, scheme))
        return HTTP_ORIGIN_OTHER;
    return hn_text_eq_nocase(hn_text_sub(origin, scheme.len, origin.len), host) ? HTTP_ORIGIN_SAME
                                                                                : HTTP_ORIGIN_OTHER;
}
