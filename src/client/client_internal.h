/* client_internal.h - what the parts of this module share. */
#ifndef HN_CLIENT_CLIENT_INTERNAL_H
#define HN_CLIENT_CLIENT_INTERNAL_H

#include "client/client.h"

#include "base/mem.h"

#include <curl/curl.h>

struct client {
    struct client_settings settings;
    CURL *easy;
    char error[CURL_ERROR_SIZE];
    /* The stream. */
    CURLM *multi;
    CURL *stream;
    struct curl_slist *stream_headers;
    char stream_error[CURL_ERROR_SIZE];
    struct client_sse sse;
    struct hn_buf refusal; /* what comes instead of a stream */
    client_on_event *on_event;
    void *ctx;
    enum hn_status sse_status;
};

enum client_trouble client_trouble_of(CURLcode code);
enum client_trouble client_fail(struct client_problem *problem, enum client_trouble trouble,
        unsigned status, const char *detail);
enum client_trouble client_refusal(
        struct client_problem *problem, unsigned status, struct hn_text body);
bool client_prepare(const struct client *client, CURL *easy, const char *path);
bool client_header(struct curl_slist **list, const char *name, const char *value);
bool client_authorize(const struct client *client, struct curl_slist **list);

#endif
