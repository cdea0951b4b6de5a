/* output_curl.c - libcurl set up so that nobody on the other side decides where it connects, how
 * long it takes, or how much it reads. */
#include "output/output_curl.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void global_init(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* The one place where a connection is made: the address is known here, whatever a name said. */
static curl_socket_t on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct output_curl *curl = ctx;
    const char *problem = output_address_problem(&address->addr, curl->allow_private);

    (void)purpose;
    if (problem != NULL) {
        (void)snprintf(curl->refused, sizeof curl->refused, "address refused: %s", problem);
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int on_progress(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct output_curl *curl = ctx;

    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return curl->ending != NULL && atomic_load(curl->ending) ? 1 : 0;
}

/* Keeps the beginning; too much ends the transfer. */
static size_t on_answer(char *bytes, size_t size, size_t count, void *ctx)
{
    struct output_curl *curl = ctx;
    size_t len = size * count;

    for (size_t i = 0; i < len && curl->answer_bytes + i < OUTPUT_ANSWER_LEN; i++)
        curl->answer[curl->answer_bytes + i] = bytes[i] == '\0' ? ' ' : bytes[i];
    curl->answer_bytes += len;
    return curl->answer_bytes > OUTPUT_ANSWER_MAX ? 0 : len;
}

/* Deprecated spellings are avoided; each option is one that curl 7.85 has. */
static bool set_all(struct output_curl *curl)
{
    CURL *easy = curl->easy;
    bool fine = true;

    fine = fine && curl_easy_setopt(easy, CURLOPT_URL, curl->config->url.ptr) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK;
    fine = fine &&
           curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                           (long)(curl->config->timeout / HN_MILLISECOND)) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, curl) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_XFERINFODATA, curl) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_WRITEDATA, curl) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, curl->error) == CURLE_OK;
    if (fine && curl->config->ca.len > 0) {
        fine = curl_easy_setopt(easy, CURLOPT_CAINFO, curl->config->ca.ptr) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK;
    }
    return fine;
}

enum hn_status output_curl_open(struct output_curl *curl, struct hn_err *err)
{
    (void)pthread_once(&once, global_init);
    if (curl->config->ca.len > 0 && access(curl->config->ca.ptr, R_OK) != 0)
        return hn_fail(err, HN_IO, 0, "%s cannot be read", curl->config->ca.ptr);
    curl->easy = curl_easy_init();
    if (curl->easy == NULL)
        return hn_fail(err, HN_NOMEM, 0, "libcurl has no memory");
    if (!set_all(curl)) {
        output_curl_close(curl);
        return hn_fail(err, HN_SYNTAX, 0, "libcurl refuses its settings");
    }
    return HN_OK;
}

void output_curl_close(struct output_curl *curl)
{
    if (curl->easy != NULL)
        curl_easy_cleanup(curl->easy);
    curl->easy = NULL;
}

CURLcode output_curl_perform(struct output_curl *curl, const atomic_bool *ending)
{
    curl->ending = ending;
    curl->answer_bytes = 0;
    memset(curl->answer, 0, sizeof curl->answer);
    curl->error[0] = '\0';
    curl->refused[0] = '\0';
    return curl_easy_perform(curl->easy);
}

const char *output_curl_problem(const struct output_curl *curl, CURLcode code)
{
    if (curl->refused[0] != '\0')
        return curl->refused;
    return curl->error[0] != '\0' ? curl->error : curl_easy_strerror(code);
}
