/* client.c - requests over libcurl, set up so that the other side decides neither where they go
 * nor how long they take nor how much is read. */
#include "client/client_internal.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CONNECT_MS 10000L
#define CALL_MS    60000L

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void global_init(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

enum client_trouble client_trouble_of(CURLcode code)
{
    switch ((int)code) { /* the list of libcurl is long and grows */
    case CURLE_OK:
        return CLIENT_FINE;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        return CLIENT_UNTRUSTED;
    case CURLE_SSL_CACERT_BADFILE:
        return CLIENT_NO_CA;
    case CURLE_OPERATION_TIMEDOUT:
        return CLIENT_SLOW;
    case CURLE_OUT_OF_MEMORY:
        return CLIENT_NO_MEMORY;
    case CURLE_WRITE_ERROR:
    case CURLE_FILESIZE_EXCEEDED:
        return CLIENT_TOO_LARGE;
    case CURLE_PARTIAL_FILE:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return CLIENT_GARBLED;
    default:
        return CLIENT_UNREACHABLE;
    }
}

enum client_trouble client_fail(struct client_problem *problem, enum client_trouble trouble,
        unsigned status, const char *detail)
{
    problem->trouble = trouble;
    problem->status = status;
    (void)snprintf(problem->detail, sizeof problem->detail, "%s", detail);
    return trouble;
}

/* What all transfers have in common. */
bool client_prepare(const struct client *client, CURL *easy, const char *path)
{
    const struct client_settings *settings = &client->settings;
    struct hn_buf url = { 0 };
    bool fine;

    hn_buf_addf(&url, "%s%s", settings->server, path);
    hn_buf_add_char(&url, '\0');
    fine = hn_buf_ok(&url) && curl_easy_setopt(easy, CURLOPT_URL, url.ptr) == CURLE_OK;
    hn_buf_deinit(&url);
    fine = fine && curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK;
    fine = fine &&
           curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, 30L) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, 10L) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_USERAGENT, "hinomi/" HN_VERSION) == CURLE_OK;
    if (fine && settings->ca[0] != '\0')
        fine = curl_easy_setopt(easy, CURLOPT_CAINFO, settings->ca) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK;
    return fine;
}

/* *list is the caller's also on failure. */
bool client_header(struct curl_slist **list, const char *fmt, const char *value)
{
    char text[2 * CLIENT_TEXT_MAX];
    struct curl_slist *longer;

    (void)snprintf(text, sizeof text, "%s%s", fmt, value);
    longer = curl_slist_append(*list, text);
    if (longer == NULL)
        return false;
    *list = longer;
    return true;
}

bool client_authorize(const struct client *client, struct curl_slist **list)
{
    return client->settings.token[0] == '\0' ||
           client_header(list, "Authorization: Bearer ", client->settings.token);
}

enum client_trouble client_open(const struct client_settings *settings, struct client **ret_client,
        struct client_problem *ret_problem)
{
    struct client *client;

    (void)pthread_once(&once, global_init);
    if (settings->ca[0] != '\0' && access(settings->ca, R_OK) != 0)
        return client_fail(ret_problem, CLIENT_NO_CA, 0, settings->ca);
    client = hn_calloc(1, sizeof *client);
    if (client == NULL)
        return client_fail(ret_problem, CLIENT_NO_MEMORY, 0, "");
    client->settings = *settings;
    client_sse_init(&client->sse);
    client->easy = curl_easy_init();
    if (client->easy == NULL) {
        client_close(client);
        return client_fail(ret_problem, CLIENT_NO_MEMORY, 0, "");
    }
    *ret_client = client;
    return CLIENT_FINE;
}

void client_close(struct client *client)
{
    if (client == NULL)
        return;
    client_stream_close(client);
    client_sse_deinit(&client->sse);
    if (client->easy != NULL)
        curl_easy_cleanup(client->easy);
    memset(&client->settings, 0, sizeof client->settings);
    hn_free(client);
}

/* ---- One request ---- */

struct taking {
    struct hn_buf *out;
    size_t start;
};

static size_t on_body(char *bytes, size_t size, size_t count, void *ctx)
{
    struct taking *taking = ctx;
    size_t len = size * count;

    if (taking->out->len - taking->start + len > CLIENT_ANSWER_MAX)
        return 0;
    hn_buf_add(taking->out, bytes, len);
    return hn_buf_ok(taking->out) ? len : 0;
}

static bool set_headers(
        struct client *client, const struct client_request *request, struct curl_slist **list)
{
    char tag[32];
    bool fine = client_authorize(client, list) && client_header(list, "Accept: ", "*/*") &&
                client_header(list, "Expect:", "");

    if (fine && request->body.len > 0)
        fine = client_header(list, "Content-Type: ",
                request->content_type != NULL ? request->content_type : "application/json");
    if (fine && request->version > 0) {
        (void)snprintf(tag, sizeof tag, "\"%lld\"", (long long)request->version);
        fine = client_header(list, "If-Match: ", tag);
    }
    return fine && curl_easy_setopt(client->easy, CURLOPT_HTTPHEADER, *list) == CURLE_OK;
}

static bool set_request(struct client *client, const struct client_request *request,
        struct taking *taking, struct curl_slist **list)
{
    CURL *easy = client->easy;
    bool fine;

    curl_easy_reset(easy);
    client->error[0] = '\0';
    fine = client_prepare(client, easy, request->path) && set_headers(client, request, list);
    fine = fine && curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, CALL_MS) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_WRITEDATA, taking) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, client->error) == CURLE_OK;
    if (fine && request->body.len > 0) {
        fine = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len) ==
                       CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.ptr) == CURLE_OK;
    } else if (fine && strcmp(request->method, "POST") == 0) {
        fine = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)0) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "") == CURLE_OK;
    }
    return fine;
}

/* The server's own words: `detail` of a problem document, or its title. */
enum client_trouble client_refusal(
        struct client_problem *problem, unsigned status, struct hn_text body)
{
    struct hn_arena arena;
    struct hn_text detail;
    char text[CLIENT_DETAIL_MAX];

    hn_arena_init(&arena, CLIENT_ANSWER_MAX);
    detail = client_text(&arena, body, "detail");
    if (detail.len == 0)
        detail = client_text(&arena, body, "title");
    for (size_t i = 0; i < detail.len; i++) {
        if (detail.ptr[i] == '\0') /* the text ends with it */
            detail.len = i;
    }
    (void)snprintf(text, sizeof text, "%.*s",
            (int)(detail.len < sizeof text ? detail.len : sizeof text - 1),
            detail.len > 0 ? detail.ptr : "");
    hn_arena_deinit(&arena);
    return client_fail(problem, CLIENT_REFUSED, status, text);
}

static enum client_trouble judge(struct client *client, CURLcode code, bool accept_text,
        const struct taking *taking, struct client_problem *problem)
{
    struct hn_text body = hn_text_sub(hn_buf_text(taking->out), taking->start, SIZE_MAX);
    long status = 0;

    if (taking->out->status == HN_NOMEM)
        return client_fail(problem, CLIENT_NO_MEMORY, 0, "");
    if (code != CURLE_OK)
        return client_fail(problem, client_trouble_of(code), 0,
                client->error[0] != '\0' ? client->error : curl_easy_strerror(code));
    (void)curl_easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 400)
        return client_refusal(problem, (unsigned)status, body);
    if (status < 200 || status >= 300)
        return client_fail(problem, CLIENT_GARBLED, (unsigned)status, "");
    if (!accept_text && status != 204 && !client_json_whole(body))
        return client_fail(problem, CLIENT_GARBLED, (unsigned)status, "");
    return CLIENT_FINE;
}

enum client_trouble client_call(struct client *client, const struct client_request *request,
        bool accept_text, struct hn_buf *out, struct client_problem *ret_problem)
{
    struct taking taking = { .out = out, .start = out->len };
    struct curl_slist *list = NULL;
    enum client_trouble trouble;

    if (!set_request(client, request, &taking, &list)) {
        curl_slist_free_all(list);
        return client_fail(ret_problem, CLIENT_NO_MEMORY, 0, "");
    }
    trouble = judge(client, curl_easy_perform(client->easy), accept_text, &taking, ret_problem);
    curl_slist_free_all(list);
    return trouble;
}
