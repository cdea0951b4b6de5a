/* output_smtp.c - mail through libcurl: one for each alert or incident, or a digest of what came
 * within a span (output_worker.c keeps the span).
 *
 * A refusal for good (5yz) of sender, recipients or text is one; what a server says to a login, and
 * anything before it, is a matter of configuration and tried again. */
#include "output/output_curl.h"

#include "base/mem.h"

struct smtp_sink {
    struct output_sink base;
    struct output_curl curl;
    struct curl_slist *to;
    struct output_secret secret;
    struct hn_buf mail;
    size_t sent_bytes; /* of the mail */
};

static struct smtp_sink *smtp_of(struct output_sink *sink)
{
    return (struct smtp_sink *)sink;
}

static size_t on_read(char *room, size_t size, size_t count, void *ctx)
{
    struct smtp_sink *smtp = ctx;
    struct hn_text piece = hn_text_sub(hn_buf_text(&smtp->mail), smtp->sent_bytes, size * count);

    if (piece.len > 0)
        memcpy(room, piece.ptr, piece.len);
    smtp->sent_bytes += piece.len;
    return piece.len;
}

static uint32_t smtp_send(struct output_sink *sink, const struct output_fact *facts, uint32_t count,
        struct output_result *ret_result)
{
    struct smtp_sink *smtp = smtp_of(sink);
    const struct output_letter letter = { sink->config, facts, count, output_now() };
    CURLcode outcome;
    bool refused;
    long code = 0;

    hn_buf_reset(&smtp->mail);
    smtp->sent_bytes = 0;
    output_mail_write(&letter, &smtp->mail);
    if (!hn_buf_ok(&smtp->mail)) {
        (void)output_result_set(ret_result, OUTPUT_DOWN, "no memory for a mail");
        return 0;
    }
    outcome = output_curl_perform(&smtp->curl, sink->ending);
    if (outcome == CURLE_OK)
        return count;
    (void)curl_easy_getinfo(smtp->curl.easy, CURLINFO_RESPONSE_CODE, &code);
    refused = code >= 500 && code < 600 &&
              (outcome == CURLE_SEND_ERROR || outcome == CURLE_WEIRD_SERVER_REPLY ||
                      outcome == CURLE_RECV_ERROR);
    (void)output_result_set(ret_result, refused ? OUTPUT_REFUSED : OUTPUT_DOWN, "SMTP %ld: %s",
            code, output_curl_problem(&smtp->curl, outcome));
    return 0;
}

/* ---- Life ---- */

static bool set_up(struct smtp_sink *smtp)
{
    const struct config_output *config = smtp->base.config;
    CURL *easy = smtp->curl.easy;
    bool fine = true;

    fine = fine && curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtps,smtp") == CURLE_OK;
    fine = fine &&
           curl_easy_setopt(easy, CURLOPT_USE_SSL,
                   config->allow_plain ? (long)CURLUSESSL_TRY : (long)CURLUSESSL_ALL) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_MAIL_FROM, config->from.ptr) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, smtp->to) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read) == CURLE_OK;
    fine = fine && curl_easy_setopt(easy, CURLOPT_READDATA, smtp) == CURLE_OK;
    if (fine && config->user.len > 0) {
        fine = curl_easy_setopt(easy, CURLOPT_USERNAME, config->user.ptr) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_PASSWORD, (const char *)smtp->secret.bytes) ==
                       CURLE_OK;
    }
    return fine;
}

static enum hn_status smtp_reopen(struct output_sink *sink, struct hn_err *err)
{
    struct smtp_sink *smtp = smtp_of(sink);
    struct output_curl curl = { .config = sink->config, .allow_private = true };
    enum hn_status status = HN_OK;

    if (sink->config->secret_file.len > 0)
        status = output_secret_read(sink->config->secret_file.ptr, &smtp->secret, err);
    if (status != HN_OK)
        return status;
    output_curl_close(&smtp->curl);
    smtp->curl = curl; /* in place first: its address goes into its callbacks */
    status = output_curl_open(&smtp->curl, err);
    if (status == HN_OK && !set_up(smtp))
        status = hn_fail(err, HN_SYNTAX, 0, "libcurl refuses its settings");
    return status;
}

static enum hn_status take_addresses(struct smtp_sink *smtp, struct hn_err *err)
{
    const struct config_output *config = smtp->base.config;

    if (!output_mail_address(config->from))
        return hn_fail(err, HN_SYNTAX, 0, "from is no plain mail address");
    for (uint32_t i = 0; i < config->to.count; i++) {
        struct curl_slist *longer;

        if (!output_mail_address(config->to.ptr[i]))
            return hn_fail(err, HN_SYNTAX, 0, "to: item %u is no plain mail address", i + 1);
        longer = curl_slist_append(smtp->to, config->to.ptr[i].ptr);
        if (longer == NULL)
            return hn_fail(err, HN_NOMEM, 0, "no memory");
        smtp->to = longer;
    }
    return HN_OK;
}

static void smtp_free(struct output_sink *sink)
{
    struct smtp_sink *smtp = smtp_of(sink);

    output_curl_close(&smtp->curl);
    curl_slist_free_all(smtp->to);
    output_secret_wipe(&smtp->secret);
    hn_buf_deinit(&smtp->mail);
    hn_free(smtp);
}

static const struct output_class single_class = {
    .batch_max = 1,
    .piece_bytes = 1,
    .bodies = false,
    .send = smtp_send,
    .reopen = smtp_reopen,
    .free = smtp_free,
};

static const struct output_class digest_class = {
    .batch_max = 256,
    .piece_bytes = (size_t)64 << 20,
    .bodies = false,
    .send = smtp_send,
    .reopen = smtp_reopen,
    .free = smtp_free,
};

enum hn_status output_smtp_new(
        const struct config_output *config, struct output_sink **ret_sink, struct hn_err *err)
{
    struct smtp_sink *smtp = hn_calloc(1, sizeof *smtp);
    enum hn_status status;

    if (smtp == NULL)
        return hn_fail(err, HN_NOMEM, 0, "no memory");
    smtp->base = (struct output_sink){ .class = config->digest > 0 ? &digest_class : &single_class,
        .config = config };
    status = take_addresses(smtp, err);
    if (status == HN_OK)
        status = smtp_reopen(&smtp->base, err);
    if (status != HN_OK) {
        smtp_free(&smtp->base);
        return status;
    }
    *ret_sink = &smtp->base;
    return HN_OK;
}
