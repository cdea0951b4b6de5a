/* client_stream.c - a stream of events that is looked at between other things. */
#include "client/client_internal.h"

#include <string.h>

#define REFUSAL_MAX ((size_t)64 << 10)

static long http_status(CURL *easy)
{
    long status = 0;

    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static size_t on_bytes(char *bytes, size_t size, size_t count, void *ctx)
{
    struct client *client = ctx;
    size_t len = size * count;

    if (http_status(client->stream) != 200) { /* a problem document, most likely */
        hn_buf_add(&client->refusal, bytes, len);
        return hn_buf_ok(&client->refusal) ? len : 0;
    }
    client->sse_status =
            client_sse_feed(&client->sse, hn_text_of(bytes, len), client->on_event, client->ctx);
    return client->sse_status == HN_OK ? len : 0;
}

static bool set_stream(struct client *client, const char *path, const char *last_id)
{
    CURL *easy = client->stream;
    bool fine = client_prepare(client, easy, path) &&
                client_authorize(client, &client->stream_headers) &&
                client_header(&client->stream_headers, "Accept: ", "text/event-stream");

    if (fine && last_id[0] != '\0')
        fine = client_header(&client->stream_headers, "Last-Event-ID: ", last_id);
    fine = fine && curl_easy_setopt(easy, CURLOPT_HTTPHEADER, client->stream_headers) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_bytes) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_WRITEDATA, client) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, client->stream_error) == CURLE_OK;
    return fine && curl_multi_add_handle(client->multi, easy) == CURLM_OK;
}

enum client_trouble client_stream_open(struct client *client, const char *path, const char *last_id,
        client_on_event *on_event, void *ctx, struct client_problem *ret_problem)
{
    client_stream_close(client);
    client_sse_reset(&client->sse);
    client->on_event = on_event;
    client->ctx = ctx;
    client->sse_status = HN_OK;
    client->stream_error[0] = '\0';
    hn_buf_init(&client->refusal, REFUSAL_MAX);
    client->multi = curl_multi_init();
    client->stream = curl_easy_init();
    if (client->multi == NULL || client->stream == NULL || !set_stream(client, path, last_id)) {
        client_stream_close(client);
        return client_fail(ret_problem, CLIENT_NO_MEMORY, 0, "");
    }
    return CLIENT_FINE;
}

static enum client_trouble ended(
        struct client *client, CURLcode code, struct client_problem *problem)
{
    long status = http_status(client->stream);

    if (client->sse_status != HN_OK)
        return client_fail(problem,
                client->sse_status == HN_NOMEM ? CLIENT_NO_MEMORY : CLIENT_TOO_LARGE, 0, "");
    if (status >= 400)
        return client_refusal(problem, (unsigned)status, hn_buf_text(&client->refusal));
    if (status != 0 && status != 200)
        return client_fail(problem, CLIENT_GARBLED, (unsigned)status, "");
    if (code == CURLE_OK || code == CURLE_PARTIAL_FILE)
        return client_fail(problem, CLIENT_UNREACHABLE, 0, "the server ended the stream");
    return client_fail(problem, client_trouble_of(code), 0,
            client->stream_error[0] != '\0' ? client->stream_error : curl_easy_strerror(code));
}

enum client_trouble client_stream_wait(
        struct client *client, int timeout_ms, struct client_problem *ret_problem)
{
    int running = 0;
    int left = 0;
    CURLMsg *message;

    if (client->stream == NULL)
        return client_fail(ret_problem, CLIENT_UNREACHABLE, 0, "");
    if (curl_multi_perform(client->multi, &running) != CURLM_OK)
        return client_fail(ret_problem, CLIENT_NO_MEMORY, 0, "");
    if (running > 0 && timeout_ms > 0) {
        (void)curl_multi_poll(
                client->multi, NULL, 0, timeout_ms, NULL); /* a signal ends it early */
        (void)curl_multi_perform(client->multi, &running);
    }
    while ((message = curl_multi_info_read(client->multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE)
            return ended(client, message->data.result, ret_problem);
    }
    return running > 0 ? CLIENT_FINE : client_fail(ret_problem, CLIENT_UNREACHABLE, 0, "");
}

struct hn_text client_stream_id(const struct client *client)
{
    return hn_buf_text(&client->sse.id);
}

void client_stream_close(struct client *client)
{
    if (client->multi != NULL && client->stream != NULL)
        (void)curl_multi_remove_handle(client->multi, client->stream);
    if (client->stream != NULL)
        curl_easy_cleanup(client->stream);
    if (client->multi != NULL)
        (void)curl_multi_cleanup(client->multi);
    curl_slist_free_all(client->stream_headers);
    hn_buf_deinit(&client->refusal);
    client->stream = NULL;
    client->multi = NULL;
    client->stream_headers = NULL;
}
