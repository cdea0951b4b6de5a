/* output_curl.h - what both users of libcurl need: addresses that are refused, ends that are
 * noticed, answers that are not read for ever. Private to src/output. */
#ifndef HN_OUTPUT_OUTPUT_CURL_H
#define HN_OUTPUT_OUTPUT_CURL_H

#include "output/output_internal.h"

#include <curl/curl.h>

#define OUTPUT_ANSWER_MAX 65536 /* bytes of an answer that are taken */
#define OUTPUT_ANSWER_LEN 160   /* of which so many are kept for the error */

struct output_curl {
    CURL *easy;
    const struct config_output *config;
    const atomic_bool *ending;
    bool allow_private;
    size_t answer_bytes;
    char answer[OUTPUT_ANSWER_LEN + 1];
    char error[CURL_ERROR_SIZE];
    char refused[96]; /* why the last address was; "" */
};

/* A handle with everything set that is the same for HTTP and SMTP. */
HN_MUST_USE enum hn_status output_curl_open(struct output_curl *curl, struct hn_err *err);
void output_curl_close(struct output_curl *curl); /* a zeroed one is fine */
/* One transfer; what it said is in answer and error. */
CURLcode output_curl_perform(struct output_curl *curl, const atomic_bool *ending);
/* Why it failed, for people. */
const char *output_curl_problem(const struct output_curl *curl, CURLcode code);

#endif
