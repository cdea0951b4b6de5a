/* http_flow.c - a request's way through the server, as libmicrohttpd calls us: target, head, pieces
 * of the body, end, completion.
 *
 * A refusal is decided as early as possible. Where the client is about to send a body that is small
 * enough, it is read and thrown away first: an answer to somebody who is still sending may be lost
 * when the connection is closed, and the connection can then be used again. */
#include "http/http_internal.h"

#define EARLY_BYTES   HTTP_DRAIN_MAX
#define BODY_ROOM_MAX ((size_t)1 << 20) /* taken at once for a body of known length */
#define LINGER_MS     2000 /* for reading an answer that came before the end of the body */

void *http_on_target(void *ctx, const char *uri, struct MHD_Connection *mhd)
{
    return http_request_new(ctx, mhd, hn_text_cstr(uri == NULL ? "" : uri));
}

void http_on_completed(void *ctx, struct MHD_Connection *mhd, void **request_context,
        enum MHD_RequestTerminationCode code)
{
    struct http_request *request = *request_context;

    (void)ctx;
    (void)mhd;
    (void)code;
    if (request == NULL)
        return;
    *request_context = NULL;
    atomic_fetch_sub(&request->server->active, 1);
    http_deadline_set(request->connection, http_now(), request->server->limits.idle_ms, 0);
    http_request_unref(request);
}

static void count_status(struct http_server *server, unsigned status)
{
    struct http_atomic_counters *c = &server->counters;

    if (status == 401 || status == 403)
        http_count(&c->unauthorised, 1);
    if (status < 300)
        http_count(&c->status_2xx, 1);
    else if (status < 400)
        http_count(&c->status_3xx, 1);
    else if (status < 500)
        http_count(&c->status_4xx, 1);
    else
        http_count(&c->status_5xx, 1);
}

/* Gives the answer to libmicrohttpd. Without one (no memory) the connection is closed. */
static enum MHD_Result send_answer(struct http_request *request)
{
    pthread_mutex_t *lock = http_lock_of(request->server, request);
    struct MHD_Response *response;
    enum MHD_Result result;
    unsigned status;
    uint64_t len;

    (void)pthread_mutex_lock(lock);
    response = request->response;
    status = request->status;
    len = request->answer_len;
    request->response = NULL;
    (void)pthread_mutex_unlock(lock);
    if (response == NULL)
        return MHD_NO;
    if (len == HTTP_ENDLESS)
        http_deadline_none(request->connection);
    else
        http_deadline_set(request->connection, http_now(), request->server->limits.reply_ms, len);
    count_status(request->server, status);
    result = MHD_queue_response(request->mhd, status, response);
    MHD_destroy_response(response);
    return result;
}

static void refuse(struct http_request *request, unsigned status, const char *detail)
{
    http_refuse(request, &(struct http_refusal){ .status = status, .detail = detail });
}

static void refuse_malformed(struct http_request *request, unsigned status, const char *detail)
{
    http_count(&request->server->counters.malformed, 1);
    request->closes = true;
    refuse(request, status, detail);
}

/* ---- The head ---- */

static void answer_options(struct http_request *request, const struct hn_buf *allow)
{
    struct MHD_Response *response =
            MHD_create_response_from_buffer(0, http_unconst(""), MHD_RESPMEM_PERSISTENT);
    struct http_field field = { "Allow", hn_buf_text(allow) };

    if (response != NULL)
        http_response_fields(request, response,
                &(struct http_answer){ .status = 204, .fields = &field, .field_count = 1 });
    http_answer_with(request, 204, response, 0);
}

/* Finds the route, or decides the answer. */
static void find_route(struct http_request *request)
{
    char room[256];
    struct hn_buf allow = hn_buf_over(room, sizeof room - 1);

    request->entry =
            http_entry_find(&request->server->entries, request->method, &request->target, &allow);
    if (request->entry != NULL)
        return;
    room[allow.len] = '\0';
    if (hn_text_eq(request->method, HN_TEXT("OPTIONS")) && allow.len > 0) {
        answer_options(request, &allow);
    } else if (allow.len > 0) {
        http_refuse(request, &(struct http_refusal){ .status = 405,
                                     .detail = "the path does not take this method",
                                     .field_name = "Allow",
                                     .field_value = room });
    } else {
        refuse(request, 404, "there is nothing at this path");
    }
}

static void ask_door(struct http_request *request)
{
    const struct http_entry *entry = request->entry;

    if (entry->door->authenticate == NULL || (entry->route->flags & HTTP_ROUTE_PUBLIC) != 0)
        return;
    entry->door->authenticate(entry->door->ctx, request, entry->route, &request->verdict);
    if (request->verdict.status != 0) {
        http_refuse(request,
                &(struct http_refusal){ .status = request->verdict.status,
                        .detail = request->verdict.detail,
                        .field_name =
                                request->verdict.challenge == NULL ? NULL : "WWW-Authenticate",
                        .field_value = request->verdict.challenge,
                        .retry_after_s = request->verdict.retry_after_s });
    }
}

static void open_body(struct http_request *request)
{
    struct hn_text coding = HN_TEXT("");
    size_t max = request->entry->route->body_max;
    enum hn_status status;

    (void)http_request_header(request, "Content-Encoding", &coding);
    status = http_body_init(&request->body, coding, max);
    if (status == HN_UNSUPPORTED) {
        http_refuse(request, &(struct http_refusal){ .status = 415,
                                     .detail = "bodies may be gzip, deflate or zstd",
                                     .field_name = "Accept-Encoding",
                                     .field_value = "gzip, deflate, zstd" });
    } else if (status != HN_OK) {
        refuse(request, 503, "no memory");
    } else if (request->head.length > max) { /* packed is shorter than unpacked, or as good as */
        http_count(&request->server->counters.too_large, 1);
        refuse(request, 413, "the body is longer than this route takes");
    } else if (coding.len == 0 && request->head.length > 0) {
        /* Growing by doubling copies a body about once. What is only announced is no memory used.
         */
        size_t room =
                request->head.length < BODY_ROOM_MAX ? (size_t)request->head.length : BODY_ROOM_MAX;

        if (!hn_buf_reserve(&request->body.bytes, room))
            refuse(request, 503, "no memory");
    }
}

/* A body in chunks says nowhere how long it will be, and libmicrohttpd takes no answer before its
 * end: so a refusal goes out past it. What still comes is read and thrown away for a moment, as an
 * answer may be lost to somebody whose bytes nobody took. */
static void refuse_chunks(struct http_request *request)
{
    request->discarding = true;
    request->told = true;
    if (http_answer_past(request))
        count_status(request->server, request->status);
    http_deadline_set(request->connection, http_now(), LINGER_MS, 0);
}

/* Everything that can be known before the body. */
static void judge_head(struct http_request *request, const char *version)
{
    struct http_server *server = request->server;
    struct hn_err err = { 0 };

    http_head_check(request, version, &request->head);
    http_count(&server->counters.requests, 1);
    if (request->head.refused != 0) {
        refuse_malformed(request, request->head.refused, request->head.reason);
    } else if (atomic_load(&server->stopping)) {
        http_refuse(request, &(struct http_refusal){ .status = 503,
                                     .detail = "the server is shutting down",
                                     .retry_after_s = 5 });
    } else if (http_target_parse(request->raw_target, &request->arena, &request->target, &err) !=
               HN_OK) {
        refuse_malformed(request, err.status == HN_NOMEM ? 503 : 400, err.msg);
    } else {
        find_route(request);
        if (!request->answered)
            ask_door(request);
        if (!request->answered)
            open_body(request);
    }
}

static enum MHD_Result on_head(
        struct http_request *request, const char *method, const char *version)
{
    struct hn_text expect;
    bool waits;

    request->head_done = true;
    request->method = hn_arena_text(&request->arena, hn_text_cstr(method));
    if (request->method.ptr == NULL)
        return MHD_NO;
    request->body_started = http_now();
    http_deadline_set(
            request->connection, request->body_started, request->server->limits.body_ms, 0);
    judge_head(request, version);
    if (!request->answered)
        return MHD_YES;
    request->discarding = true;
    waits = http_request_header(request, "Expect", &expect);
    if (request->closes || waits || request->head.length > EARLY_BYTES)
        return send_answer(request); /* and the connection ends */
    if (request->head.chunked)
        refuse_chunks(request);
    return MHD_YES;
}

/* ---- The body ---- */

/* Counts what the body holds against the server's whole; false: it is too much. */
static bool reserve(struct http_request *request, size_t before)
{
    struct http_server *server = request->server;
    size_t more = request->body.bytes.room - before;

    request->held += more;
    return atomic_fetch_add(&server->held_bytes, more) + more <= server->limits.bodies_bytes;
}

static void drop_body(struct http_request *request)
{
    http_body_deinit(&request->body);
    atomic_fetch_sub(&request->server->held_bytes, request->held);
    request->held = 0;
    request->discarding = true;
    if (request->head.chunked)
        refuse_chunks(request);
    else
        http_deadline_set(request->connection, http_now(), request->server->limits.body_ms, 0);
}

static void refuse_body(struct http_request *request, enum hn_status status)
{
    if (status == HN_LIMIT) {
        http_count(&request->server->counters.too_large, 1);
        refuse(request, 413, "the body is longer than this route takes, or packed too well");
    } else if (status == HN_NOMEM) {
        refuse(request, 503, "no memory");
    } else {
        refuse(request, 400, "the body is not what its Content-Encoding says");
    }
    drop_body(request);
}

static enum MHD_Result on_piece(struct http_request *request, const char *ptr, size_t len)
{
    size_t before = request->body.bytes.room;
    enum hn_status status;

    http_count(&request->server->counters.body_bytes, len);
    request->wire_bytes += len;
    if (request->discarding)
        return request->told || request->wire_bytes <= HTTP_DRAIN_MAX ? MHD_YES : MHD_NO;
    http_deadline_body(request->connection, request->body_started, request->server->limits.body_ms,
            request->wire_bytes);
    status = http_body_feed(&request->body, hn_bytes_of(ptr, len));
    if (status != HN_OK) {
        refuse_body(request, status);
    } else if (!reserve(request, before)) {
        http_count(&request->server->counters.overload, 1);
        http_refuse(request, &(struct http_refusal){ .status = 503,
                                     .detail = "too many bodies are being held",
                                     .retry_after_s = 1 });
        drop_body(request);
    }
    return MHD_YES;
}

/* ---- The end ---- */

static void on_end(struct http_request *request)
{
    enum hn_status status = http_body_end(&request->body);

    request->handled = true;
    if (request->answered)
        return;
    if (status != HN_OK) {
        refuse(request, 400, "the packed body is cut off");
        return;
    }
    http_deadline_none(request->connection);
    http_request_hold(request);
    request->entry->route->handler(request->entry->door->ctx, request);
}

/* Waits for the answer without a thread, unless it is there. */
static enum MHD_Result answer_or_wait(struct http_request *request)
{
    pthread_mutex_t *lock = http_lock_of(request->server, request);
    bool answered;

    (void)pthread_mutex_lock(lock);
    answered = request->answered;
    if (!answered) {
        if (atomic_load(&request->server->abandoned)) {
            request->answered = true; /* no answer at all: the connection is closed */
            answered = true;
        } else {
            request->suspended = true;
            MHD_suspend_connection(request->mhd);
        }
    }
    (void)pthread_mutex_unlock(lock);
    return answered ? send_answer(request) : MHD_YES;
}

/* NOLINTNEXTLINE(readability-function-size): libmicrohttpd's parameters */
enum MHD_Result http_on_request(void *ctx, struct MHD_Connection *mhd, const char *url,
        const char *method, const char *version, const char *upload, size_t *upload_len,
        void **request_context)
{
    struct http_request *request = *request_context;

    (void)ctx;
    (void)mhd;
    (void)url;
    if (request == NULL) /* there was no memory for it */
        return MHD_NO;
    if (!request->head_done)
        return on_head(request, method, version);
    if (*upload_len > 0) {
        size_t len = *upload_len;

        *upload_len = 0;
        return on_piece(request, upload, len);
    }
    if (request->told)
        return MHD_NO; /* the connection ends */
    if (!request->handled)
        on_end(request);
    return answer_or_wait(request);
}

void http_flow_abandon(struct http_server *server)
{
    atomic_store(&server->abandoned, true);
    (void)pthread_mutex_lock(&server->registry);
    for (struct http_request *r = server->requests; r != NULL; r = r->next) {
        http_refuse(r, &(struct http_refusal){ .status = 503,
                               .detail = "the server stops; whether this was done is not known",
                               .retry_after_s = 5 });
    }
    (void)pthread_mutex_unlock(&server->registry);
}
