/* http_answer.c - what goes back: status, the fields every answer has, problem documents. */
#include "http/http_internal.h"

#include "base/json_out.h"
#include "base/num.h"

static const struct {
    unsigned status;
    const char *title;
} titles[] = {
    { 200, "OK" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 408, "Request Timeout" },
    { 409, "Conflict" },
    { 412, "Precondition Failed" },
    { 413, "Content Too Large" },
    { 415, "Unsupported Media Type" },
    { 422, "Unprocessable Content" },
    { 428, "Precondition Required" },
    { 429, "Too Many Requests" },
    { 431, "Request Header Fields Too Large" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 503, "Service Unavailable" },
    { 507, "Insufficient Storage" },
};

const char *http_status_title(unsigned status)
{
    for (size_t i = 0; i < HN_COUNT_OF(titles); i++) {
        if (titles[i].status == status)
            return titles[i].title;
    }
    return status < 400 ? "OK" : "Error";
}

void http_problem_write(
        struct hn_buf *body, unsigned status, struct hn_text detail, struct hn_text request_id)
{
    struct hn_json_out out = hn_json_out_over(body);

    hn_json_open(&out, '{');
    hn_json_pair(&out, "type", HN_TEXT("about:blank"));
    hn_json_pair(&out, "title", hn_text_cstr(http_status_title(status)));
    hn_json_pair_u64(&out, "status", status);
    if (detail.len > 0)
        hn_json_pair(&out, "detail", detail);
    hn_json_pair(&out, "requestId", request_id);
    hn_json_close(&out, '}');
}

/* libmicrohttpd's parameter is not const where it only reads or copies. */
void *http_unconst(const void *ptr)
{
    void *plain;

    memcpy(&plain, &ptr, sizeof plain);
    return plain;
}

/* A header field; controls in the value are left out, so that it stays one line. */
static void add_field(struct MHD_Response *response, const char *name, struct hn_text value)
{
    char text[1024];
    size_t len = 0;

    for (size_t i = 0; i < value.len && len + 1 < sizeof text; i++) {
        if ((unsigned char)value.ptr[i] >= 0x20 && value.ptr[i] != 0x7F)
            text[len++] = value.ptr[i];
    }
    text[len] = '\0';
    (void)MHD_add_response_header(response, name, text);
}

static void add_default(struct MHD_Response *response, const char *name, const char *value)
{
    if (MHD_get_response_header(response, name) == NULL)
        (void)MHD_add_response_header(response, name, value);
}

void http_response_fields(struct http_request *request, struct MHD_Response *response,
        const struct http_answer *answer)
{
    const struct http_door *door = request->entry == NULL ? NULL : request->entry->door;

    for (size_t i = 0; i < answer->field_count; i++)
        add_field(response, answer->fields[i].name, answer->fields[i].value);
    if (door != NULL && door->field_name != NULL)
        add_default(response, door->field_name, door->field_value);
    if (answer->retry_after_s > 0) {
        char seconds[HN_U64_DIGITS_MAX];

        add_field(response, "Retry-After",
                hn_text_of(seconds, hn_u64_write(answer->retry_after_s, seconds)));
    }
    add_default(response, "Content-Type",
            answer->content_type == NULL ? "application/json" : answer->content_type);
    add_default(response, "X-Content-Type-Options", "nosniff");
    add_default(response, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    add_default(response, "X-Frame-Options", "DENY");
    add_default(response, "Referrer-Policy", "no-referrer");
    add_default(response, "Cache-Control", "no-store");
    if (request->tls)
        add_default(response, "Strict-Transport-Security", "max-age=31536000");
    add_field(response, "X-Request-Id", http_request_id(request));
    if (request->closes || atomic_load(&request->server->stopping))
        add_default(response, "Connection", "close");
}

void http_answer_with(
        struct http_request *request, unsigned status, struct MHD_Response *response, uint64_t len)
{
    pthread_mutex_t *lock = http_lock_of(request->server, request);

    (void)pthread_mutex_lock(lock);
    if (request->answered) {
        if (response != NULL)
            MHD_destroy_response(response);
    } else {
        request->answered = true;
        request->status = status;
        request->response = response;
        request->answer_len = len;
        if (request->suspended) {
            request->suspended = false;
            MHD_resume_connection(request->mhd);
        }
    }
    (void)pthread_mutex_unlock(lock);
}

static void give(struct http_request *request, const struct http_answer *answer)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(answer->body.len,
            http_unconst(answer->body.len == 0 ? "" : answer->body.ptr), MHD_RESPMEM_MUST_COPY);

    if (response != NULL)
        http_response_fields(request, response, answer);
    http_answer_with(request, answer->status, response, answer->body.len);
}

void http_answer(struct http_request *request, const struct http_answer *answer)
{
    give(request, answer);
    http_request_release(request);
}

void http_answer_retry(
        struct http_request *request, unsigned status, struct hn_text detail, uint32_t after_s)
{
    struct hn_buf body = { 0 };

    http_problem_write(&body, status, detail, http_request_id(request));
    http_answer(request, &(struct http_answer){ .status = status,
                                 .content_type = "application/problem+json",
                                 .body = hn_buf_text(&body),
                                 .retry_after_s = after_s });
    hn_buf_deinit(&body);
}

void http_answer_problem(struct http_request *request, unsigned status, struct hn_text detail)
{
    http_answer_retry(request, status, detail, 0);
}

void http_refuse(struct http_request *request, const struct http_refusal *refusal)
{
    const struct http_door *door = request->entry == NULL ? NULL : request->entry->door;
    struct hn_buf body = { 0 };
    struct http_field field = { refusal->field_name,
        hn_text_cstr(refusal->field_value == NULL ? "" : refusal->field_value) };
    struct http_answer what = { .status = refusal->status,
        .fields = &field,
        .field_count = refusal->field_name != NULL,
        .retry_after_s = refusal->retry_after_s };

    if (door != NULL && door->refusal != NULL) {
        what.content_type =
                door->refusal(door->ctx, request, refusal->status, refusal->detail, &body);
    } else {
        http_problem_write(&body, refusal->status,
                hn_text_cstr(refusal->detail == NULL ? "" : refusal->detail),
                http_request_id(request));
        what.content_type = "application/problem+json";
    }
    what.body = hn_buf_text(&body);
    if (request->head.chunked && !request->handled)
        request->refusal = hn_arena_text(&request->arena, what.body);
    give(request, &what);
    hn_buf_deinit(&body);
}
