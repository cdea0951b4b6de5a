/* http_past.c - an answer to somebody who is still sending, past libmicrohttpd, which takes none
 * between the head of a request and the end of its body.
 *
 * That is sound because it runs on the thread that has the connection: all of the answer before was
 * sent before this request's head was read, and the connection ends after this one. */
#include "http/http_internal.h"

#include <sys/socket.h>

static enum MHD_Result add_field(
        void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct hn_buf *out = ctx;

    (void)kind;
    if (strcmp(name, "Connection") == 0 || strcmp(name, "Content-Length") == 0)
        return MHD_YES;
    hn_buf_add_cstr(out, name);
    hn_buf_add_lit(out, ": ");
    hn_buf_add_cstr(out, value);
    hn_buf_add_lit(out, "\r\n");
    return MHD_YES;
}

static void write_answer(
        const struct http_request *request, struct MHD_Response *response, struct hn_buf *out)
{
    struct hn_text body = request->refusal;

    hn_buf_addf(out, "HTTP/1.1 %u %s\r\n", request->status, http_status_title(request->status));
    (void)MHD_get_response_headers(response, add_field, out);
    if (request->status != 204)
        hn_buf_addf(out, "Content-Length: %zu\r\n", body.len);
    hn_buf_add_lit(out, "Connection: close\r\n\r\n");
    if (body.len > 0 && !hn_text_eq(request->method, HN_TEXT("HEAD")))
        hn_buf_add(out, body.ptr, body.len);
}

/* It fits into the socket's buffer as a whole, or somebody does not read: then it is lost. */
static bool send_now(struct http_request *request, struct hn_text text)
{
    const union MHD_ConnectionInfo *info;

    if (!request->tls)
        return send(request->connection->fd, text.ptr, text.len, MSG_DONTWAIT | MSG_NOSIGNAL) ==
               (ssize_t)text.len;
    info = MHD_get_connection_info(request->mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return info != NULL &&
           gnutls_record_send(info->tls_session, text.ptr, text.len) == (ssize_t)text.len;
}

bool http_answer_past(struct http_request *request)
{
    pthread_mutex_t *lock = http_lock_of(request->server, request);
    struct MHD_Response *response;
    struct hn_buf out = { 0 };
    bool sent;

    (void)pthread_mutex_lock(lock);
    response = request->response;
    request->response = NULL;
    (void)pthread_mutex_unlock(lock);
    if (response == NULL)
        return false;
    hn_buf_init(&out, HTTP_REQUEST_ARENA_MAX);
    write_answer(request, response, &out);
    sent = hn_buf_ok(&out) && send_now(request, hn_buf_text(&out));
    hn_buf_deinit(&out);
    MHD_destroy_response(response);
    return sent;
}
