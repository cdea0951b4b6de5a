/* serve_http.c - the HTTP server: the doors for events, who may use them, and whether the server is
 * alive, ready, and what its numbers are. */
#include "serve/serve_internal.h"

#include <stdio.h>

/* ---- Alive, ready, numbers ---- */

static void answer_text(struct http_request *request, unsigned status, const char *text)
{
    const struct http_answer answer = {
        .status = status, .content_type = "text/plain; charset=utf-8", .body = hn_text_cstr(text)
    };

    http_answer(request, &answer);
}

static void on_livez(void *ctx, struct http_request *request)
{
    (void)ctx;
    answer_text(request, 200, "alive\n");
}

/* Ready: what is handed in becomes durable and is judged. */
static void on_readyz(void *ctx, struct http_request *request)
{
    const char *trouble = serve_trouble(ctx);
    char line[80];

    (void)snprintf(line, sizeof line, "%s\n", trouble == NULL ? "ready" : trouble);
    answer_text(request, trouble == NULL ? 200 : 503, line);
}

static void on_metrics(void *ctx, struct http_request *request)
{
    struct hn_buf out = { 0 };
    struct http_answer answer = { .status = 200,
        .content_type = "text/plain; version=0.0.4; charset=utf-8" };

    serve_metrics_write(ctx, &out);
    if (hn_buf_ok(&out)) {
        answer.body = hn_buf_text(&out);
        http_answer(request, &answer);
    } else {
        http_answer_problem(request, 503, HN_TEXT("no memory"));
    }
    hn_buf_deinit(&out);
}

static const struct http_route own_routes[] = {
    { "GET", "/livez", "getLivez", on_livez, NULL, 0, HTTP_ROUTE_PUBLIC },
    { "GET", "/readyz", "getReadyz", on_readyz, NULL, 0, HTTP_ROUTE_PUBLIC },
    { "GET", "/metrics", "getMetrics", on_metrics, "read", 0, 0 },
};

/* ---- Who may ---- */

/* "Bearer <token>" for what has no session; sessions are the API's. */
static bool bearer(const struct http_request *request, struct hn_text *ret_token)
{
    struct hn_text field;

    if (!http_request_header(request, "Authorization", &field) ||
            !hn_text_starts_nocase(field, HN_TEXT("Bearer ")))
        return false;
    *ret_token = hn_text_trim(hn_text_sub(field, 7, field.len - 7));
    return true;
}

static bool is_loopback(struct hn_text peer)
{
    return hn_text_eq(peer, HN_TEXT("::1")) || hn_text_starts(peer, HN_TEXT("127."));
}

static void authenticate_own(void *ctx, const struct http_request *request,
        const struct http_route *route, struct http_verdict *ret_verdict)
{
    struct serve *serve = ctx;
    struct serve_link *link;
    struct auth_principal principal;
    struct hn_text token;
    enum hn_status status;

    (void)route;
    /* Numbers without names of people: a scraper on the same machine needs no token. */
    if (is_loopback(http_request_peer(request)))
        return;
    ret_verdict->status = 401;
    ret_verdict->challenge = "Bearer";
    ret_verdict->detail = "a token with the permission read is needed";
    if (!bearer(request, &token))
        return;
    link = serve_pool_take(&serve->pool);
    if (link == NULL) {
        ret_verdict->status = 503;
        ret_verdict->detail = "the database cannot be opened";
        return;
    }
    status = auth_token_check(link->db, token, serve_now(), &principal, NULL);
    serve_pool_give(&serve->pool, link);
    if (status == HN_OK)
        ret_verdict->status = (principal.permissions & AUTH_READ) != 0 ? 0 : 403;
}

/* How the source that a token names is read, where the configuration says so. */
static void fill_grant(const struct serve *serve, const struct auth_principal *principal,
        struct ingest_grant *grant)
{
    const struct config_sources *sources = &serve->config->sources;

    (void)snprintf(grant->source, sizeof grant->source, "%s", principal->source);
    (void)snprintf(grant->tenant, sizeof grant->tenant, "%s", principal->tenant);
    for (uint32_t i = 0; i < sources->count; i++) {
        const struct config_source *source = &sources->ptr[i];

        if (!hn_text_eq(source->name, hn_text_cstr(principal->source)))
            continue;
        (void)snprintf(grant->format, sizeof grant->format, "%s", source->format.ptr);
        (void)snprintf(grant->zone, sizeof grant->zone, "%s", source->zone.ptr);
        (void)snprintf(
                grant->pipeline, sizeof grant->pipeline, "%s", config_source_mapping(source).ptr);
        if (grant->tenant[0] == '\0')
            (void)snprintf(grant->tenant, sizeof grant->tenant, "%s", source->tenant.ptr);
    }
}

static enum ingest_access on_token(void *ctx, const struct http_request *request,
        struct hn_text user, struct hn_text secret, struct ingest_grant *ret_grant)
{
    struct serve *serve = ctx;
    struct serve_link *link = serve_pool_take(&serve->pool);
    struct auth_principal principal;
    enum hn_status status;

    (void)request;
    (void)user;
    if (link == NULL)
        return INGEST_LATER;
    status = auth_token_check(link->db, secret, serve_now(), &principal, NULL);
    serve_pool_give(&serve->pool, link);
    if (status == HN_NOTFOUND)
        return INGEST_UNKNOWN;
    if (status != HN_OK)
        return INGEST_LATER;
    if ((principal.permissions & AUTH_INGEST) == 0)
        return INGEST_FORBIDDEN;
    fill_grant(serve, &principal, ret_grant);
    return INGEST_ALLOWED;
}

/* ---- Life ---- */

static enum hn_status register_routes(struct serve *serve, struct hn_err *err)
{
    static struct http_door door = { .authenticate = authenticate_own };
    const struct ingest_options ingest = { .intake = serve->intake,
        .on_token = on_token,
        .ctx = serve,
        .elastic_version = serve->config->http.elastic_version.ptr,
        .body_bytes_max = serve->config->http.body };
    enum hn_status status;

    door.ctx = serve;
    status = http_server_routes(serve->http, &door, own_routes, HN_COUNT_OF(own_routes), err);
    if (status == HN_OK)
        status = ingest_new(&ingest, &serve->ingest, err);
    if (status == HN_OK)
        status = ingest_register(serve->ingest, serve->http, err);
    return status == HN_OK ? serve_api_open(serve, err) : status;
}

/* Room for two samples of the largest size beside what events need. */
static size_t bodies_bytes(const struct serve *serve)
{
    return ((size_t)256 << 20) + 2 * (size_t)serve->config->samples.file;
}

enum hn_status serve_http_start(struct serve *serve, struct hn_err *err)
{
    const struct config_http *config = &serve->config->http;
    char certificate[SERVE_PATH_MAX];
    char key[SERVE_PATH_MAX];
    const struct http_listener listener = {
        .address = hn_text_eq(config->address.host, HN_TEXT("*")) ? "::"
                   : hn_text_eq(config->address.host, HN_TEXT("localhost"))
                           ? "127.0.0.1"
                           : config->address.host.ptr,
        .port = config->address.port,
        .tls = config->tls
    };
    const struct http_options options = { .listeners = &listener,
        .listener_count = 1,
        .limits = { .connections = config->connections,
                .connections_per_address = config->connections_per_address,
                .idle_ms = (uint32_t)(config->idle / HN_MILLISECOND),
                .bodies_bytes = bodies_bytes(serve) },
        .certificate = config->tls_files.certificate.len > 0 ? config->tls_files.certificate.ptr
                                                             : certificate,
        .key = config->tls_files.key.len > 0 ? config->tls_files.key.ptr : key };
    enum hn_status status;

    if (!serve_path(serve, "tls.crt", certificate) || !serve_path(serve, "tls.key", key))
        return hn_fail(err, HN_LIMIT, 0, "the data folder's name is too long");
    status = http_server_new(&options, &serve->http, err);
    if (status == HN_OK)
        status = register_routes(serve, err);
    if (status == HN_OK)
        status = http_server_start(serve->http, err);
    if (status == HN_OK) {
        serve_log(CONFIG_LOG_INFO, "http.listening", "the HTTP door is open",
                SERVE_TEXT("address", config->address.host),
                SERVE_COUNT("port", http_server_port(serve->http, 0)));
    }
    return status;
}

void serve_http_stop(struct serve *serve)
{
    atomic_store(&serve->api_open, false);
    if (serve->api != NULL)
        api_stop(serve->api);
    if (serve->http != NULL)
        http_server_stop(serve->http, 5000);
}

void serve_http_free(struct serve *serve)
{
    ingest_free(serve->ingest);
    http_server_free(serve->http);
    api_free(serve->api);
    serve->api = NULL;
    serve->ingest = NULL;
    serve->http = NULL;
}
