/* output_webhook.c - each alert or incident as one POST, signed, with the same idempotency key at
 * each attempt.
 *
 * 2xx: sent. 408, 429, 502, 503, 504 and no answer: it is down, Retry-After is kept to. Other 5xx:
 * this one later, others go on. Other 4xx: never. Redirections are not followed: where alerts go is
 * decided here, not there. */
#include "output/output_curl.h"

#include "base/mem.h"

#include <stdio.h>

struct webhook_sink {
    struct output_sink base;
    struct output_curl curl;
    bool signs;
    struct output_secret secret;
};

static struct webhook_sink *webhook_of(struct output_sink *sink)
{
    return (struct webhook_sink *)sink;
}

/* False: no memory, and the list is gone. */
static bool add_header(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);

    if (longer == NULL) {
        curl_slist_free_all(*list);
        *list = NULL;
        return false;
    }
    *list = longer;
    return true;
}

static struct curl_slist *headers_of(
        const struct webhook_sink *webhook, const struct output_fact *fact)
{
    static const char *const fixed[] = { "Content-Type: application/json",
        ("User-Agent: hinomi/" HN_VERSION), "Expect:" };
    int64_t now = output_now() / HN_SECOND;
    struct curl_slist *list = NULL;
    char hex[65];
    char line[160];

    for (size_t i = 0; i < HN_COUNT_OF(fixed); i++) {
        if (!add_header(&list, fixed[i]))
            return NULL;
    }
    (void)snprintf(line, sizeof line, "Idempotency-Key: %.*s", HN_TEXT_ARG(fact->key));
    if (!add_header(&list, line))
        return NULL;
    if (!webhook->signs)
        return list;
    (void)snprintf(line, sizeof line, "Hinomi-Timestamp: %lld", (long long)now);
    if (!add_header(&list, line))
        return NULL;
    if (!output_sign(&webhook->secret, now, fact->body, hex)) {
        curl_slist_free_all(list);
        return NULL;
    }
    (void)snprintf(line, sizeof line, "Hinomi-Signature: v1=%s", hex);
    return add_header(&list, line) ? list : NULL;
}

static enum output_verdict judge_code(
        struct webhook_sink *webhook, long code, struct output_result *result)
{
    curl_off_t after = 0;

    if (curl_easy_getinfo(webhook->curl.easy, CURLINFO_RETRY_AFTER, &after) == CURLE_OK &&
            after > 0 && after < INT64_MAX / HN_SECOND)
        result->retry_after = (hn_time)after * HN_SECOND;
    if (code >= 300 && code < 400) {
        return output_result_set(
                result, OUTPUT_DOWN, "HTTP %ld: a redirection, which is not followed", code);
    }
    if (code == 408 || code == 429 || (code >= 502 && code <= 504))
        return output_result_set(result, OUTPUT_DOWN, "HTTP %ld: %s", code, webhook->curl.answer);
    if (code >= 500)
        return output_result_set(result, OUTPUT_LATER, "HTTP %ld: %s", code, webhook->curl.answer);
    return output_result_set(result, OUTPUT_REFUSED, "HTTP %ld: %s", code, webhook->curl.answer);
}

static enum output_verdict post(
        struct webhook_sink *webhook, const struct output_fact *fact, struct output_result *result)
{
    CURL *easy = webhook->curl.easy;
    struct curl_slist *headers = headers_of(webhook, fact);
    CURLcode outcome;
    long code = 0;

    if (headers == NULL)
        return output_result_set(result, OUTPUT_DOWN, "no memory for headers");
    if (curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers) != CURLE_OK ||
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)fact->body.len) !=
                    CURLE_OK ||
            curl_easy_setopt(easy, CURLOPT_POSTFIELDS, fact->body.ptr) != CURLE_OK)
        outcome = CURLE_OUT_OF_MEMORY;
    else
        outcome = output_curl_perform(&webhook->curl, webhook->base.ending);
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
    /* A 2xx counts even when its body is too long or breaks off: the answer was given. */
    if (code >= 200 && code < 300)
        return OUTPUT_SENT;
    if (code >= 300 && (outcome == CURLE_OK || outcome == CURLE_WRITE_ERROR))
        return judge_code(webhook, code, result);
    return output_result_set(
            result, OUTPUT_DOWN, "%s", output_curl_problem(&webhook->curl, outcome));
}

static uint32_t webhook_send(struct output_sink *sink, const struct output_fact *facts,
        uint32_t count, struct output_result *ret_result)
{
    for (uint32_t i = 0; i < count; i++) {
        if (post(webhook_of(sink), &facts[i], ret_result) != OUTPUT_SENT)
            return i;
    }
    return count;
}

/* ---- Life ---- */

static enum hn_status webhook_reopen(struct output_sink *sink, struct hn_err *err)
{
    struct webhook_sink *webhook = webhook_of(sink);
    struct output_curl curl = { .config = sink->config,
        .allow_private = sink->config->allow_private };
    enum hn_status status = HN_OK;

    if (sink->config->secret_file.len > 0) {
        status = output_secret_read(sink->config->secret_file.ptr, &webhook->secret, err);
        webhook->signs = webhook->signs || status == HN_OK;
    }
    if (status != HN_OK)
        return status;
    output_curl_close(&webhook->curl);
    webhook->curl = curl; /* in place first: its address goes into its callbacks */
    status = output_curl_open(&webhook->curl, err);
    if (status == HN_OK &&
            (curl_easy_setopt(webhook->curl.easy, CURLOPT_PROTOCOLS_STR,
                     sink->config->allow_plain ? "https,http" : "https") != CURLE_OK ||
                    curl_easy_setopt(webhook->curl.easy, CURLOPT_POST, 1L) != CURLE_OK))
        status = hn_fail(err, HN_SYNTAX, 0, "libcurl refuses its settings");
    return status;
}

static void webhook_free(struct output_sink *sink)
{
    struct webhook_sink *webhook = webhook_of(sink);

    output_curl_close(&webhook->curl);
    output_secret_wipe(&webhook->secret);
    hn_free(webhook);
}

static const struct output_class webhook_class = {
    .batch_max = 16,
    .piece_bytes = OUTPUT_BATCH_BYTES,
    .bodies = true,
    .send = webhook_send,
    .reopen = webhook_reopen,
    .free = webhook_free,
};

enum hn_status output_webhook_new(
        const struct config_output *config, struct output_sink **ret_sink, struct hn_err *err)
{
    struct webhook_sink *webhook = hn_calloc(1, sizeof *webhook);
    enum hn_status status;

    if (webhook == NULL)
        return hn_fail(err, HN_NOMEM, 0, "no memory");
    webhook->base = (struct output_sink){ .class = &webhook_class, .config = config };
    status = webhook_reopen(&webhook->base, err);
    if (status != HN_OK) {
        webhook_free(&webhook->base);
        return status;
    }
    *ret_sink = &webhook->base;
    return HN_OK;
}
