/* known_service.c - asks a service with VirusTotal's API 3 what it has on a digest. Nothing but the
 * digest and the key of its user leaves; nothing is ever sent in. */
#include "known/known_internal.h"

#include "base/mem.h"
#include "client/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#define KEY_ROOM   256
#define CONNECT_MS 5000L
#define CALL_MS    15000L
#define PAUSE_MS   60000 /* after it refused or did not answer */

struct known_service {
    pthread_mutex_t lock; /* one question at a time: quotas are small */
    struct client_settings settings;
    char header[KEY_ROOM + 16];
    int64_t pause_end_ms;
    char reason[128]; /* of the pause */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void global_init(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* The first line; letters, digits and the like, as it becomes a line of a header. */
static enum hn_status read_key(const char *path, char *header, size_t room, struct hn_err *err)
{
    char text[KEY_ROOM] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    ssize_t got = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    int saved = errno;
    struct hn_text key;

    if (fd >= 0)
        (void)close(fd);
    if (got < 0)
        return hn_fail_sys(err, saved, "cannot read");
    key = hn_text_of(text, (size_t)got);
    key.len =
            hn_text_find_char(key, '\n', 0) != SIZE_MAX ? hn_text_find_char(key, '\n', 0) : key.len;
    key = hn_text_trim(key);
    for (size_t i = 0; i < key.len; i++)
        if (key.ptr[i] <= ' ' || key.ptr[i] > '~')
            key.len = 0;
    if (key.len == 0)
        return hn_fail(err, HN_SYNTAX, 0, "it holds no key");
    (void)snprintf(header, room, "x-apikey: %.*s", HN_TEXT_ARG(key));
    return HN_OK;
}

enum hn_status known_service_open(const char *key_file, const char *url,
        struct known_service **ret_service, struct hn_err *err)
{
    struct known_service *service = hn_calloc(1, sizeof *service);
    enum hn_status status = HN_OK;

    if (service == NULL)
        return hn_fail(err, HN_NOMEM, 0, "service");
    (void)pthread_once(&once, global_init);
    if (snprintf(service->settings.server, sizeof service->settings.server, "%s", url) >=
            (int)sizeof service->settings.server)
        status = hn_fail(err, HN_SYNTAX, 0, "the address is too long");
    if (status == HN_OK)
        status = client_server_check(&service->settings, err);
    if (status == HN_OK)
        status = read_key(key_file, service->header, sizeof service->header, err);
    if (status != HN_OK) {
        hn_free(service);
        return status;
    }
    (void)pthread_mutex_init(&service->lock, NULL);
    *ret_service = service;
    return HN_OK;
}

void known_service_close(struct known_service *service)
{
    if (service == NULL)
        return;
    (void)pthread_mutex_destroy(&service->lock);
    hn_free(service);
}

static size_t on_answer(char *bytes, size_t size, size_t count, void *ctx)
{
    struct hn_buf *answer = ctx;

    hn_buf_add(answer, bytes, size * count);
    return hn_buf_ok(answer) ? size * count : 0;
}

/* HTTP's status; 0 and reason: there was none. */
static long call(struct known_service *service, const char *url, struct hn_buf *answer)
{
    struct curl_slist *headers = curl_slist_append(NULL, service->header);
    CURL *easy = curl_easy_init();
    long status = 0;
    CURLcode code = CURLE_OUT_OF_MEMORY;
    bool fine = easy != NULL && headers != NULL;

    fine = fine && curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK;
    fine = fine &&
           curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, CALL_MS) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer) == CURLE_OK;
    if (fine)
        code = curl_easy_perform(easy);
    if (code == CURLE_OK)
        (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    else
        (void)snprintf(service->reason, sizeof service->reason, "%s", curl_easy_strerror(code));
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
    return status;
}

static const char *problem_of(long status)
{
    switch (status) {
    case 401:
    case 403:
        return "the key is not taken";
    case 429:
        return "the quota is used up";
    default:
        return "it answers with an error";
    }
}

static enum hn_status ask(struct known_service *service, struct hn_text sha256,
        struct hn_buf *answer, struct hn_err *err)
{
    char url[CLIENT_TEXT_MAX + 80];
    long status;

    if (known_now_ms() < service->pause_end_ms)
        return hn_fail(err, HN_IO, 0, "%s", service->reason);
    (void)snprintf(url, sizeof url, "%s/files/%.*s", service->settings.server, HN_TEXT_ARG(sha256));
    status = call(service, url, answer);
    if (status == 200)
        return HN_OK;
    if (status == 404)
        return HN_NOTFOUND;
    if (status != 0)
        (void)snprintf(service->reason, sizeof service->reason, "%s (HTTP %ld)", problem_of(status),
                status);
    service->pause_end_ms = known_now_ms() + PAUSE_MS;
    return hn_fail(err, HN_IO, 0, "%s", service->reason);
}

enum hn_status known_service_ask(struct known_service *service, struct hn_text sha256,
        struct hn_buf *answer, struct hn_err *err)
{
    enum hn_status status;

    (void)pthread_mutex_lock(&service->lock);
    status = ask(service, sha256, answer, err);
    (void)pthread_mutex_unlock(&service->lock);
    return status;
}
