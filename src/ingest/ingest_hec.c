/* ingest_hec.c - Splunk's HTTP Event Collector. Where Splunk's success means "looks valid", ours
 * means durable; so an acknowledgement id, given only then, is good as soon as it is known. */
#include "ingest/ingest_internal.h"

#include "decode/decode.h"

#define CHANNEL_BYTES_MAX 128
#define ACKS_ASKED_MAX    16384u

static void write_code(
        struct hn_buf *body, enum hec_code code, const uint64_t *ack, const uint64_t *bad)
{
    struct hn_json_out out = hn_json_out_over(body);

    hn_json_open(&out, '{');
    hn_json_pair(&out, "text", hn_text_cstr(hec_code_text(code)));
    hn_json_pair_u64(&out, "code", (uint64_t)code);
    if (bad != NULL)
        hn_json_pair_u64(&out, "invalid-event-number", *bad);
    if (ack != NULL)
        hn_json_pair_u64(&out, "ackId", *ack);
    hn_json_close(&out, '}');
}

static void answer_code(struct http_request *request, enum hec_code code, uint32_t retry_after_s)
{
    struct hn_buf body = { 0 };

    write_code(&body, code, NULL, NULL);
    http_answer(request, &(struct http_answer){ .status = hec_code_status(code),
                                 .body = hn_buf_text(&body),
                                 .retry_after_s = retry_after_s });
    hn_buf_deinit(&body);
}

const char *ingest_hec_refusal(void *ctx, const struct http_request *request, unsigned status,
        const char *detail, struct hn_buf *body)
{
    enum hec_code code = HEC_INTERNAL;

    (void)ctx;
    (void)request;
    if (status == 401)
        code = detail == ingest_no_token ? HEC_NO_TOKEN : HEC_BAD_AUTHORIZATION;
    else if (status == 403)
        code = HEC_BAD_TOKEN;
    else if (status == 429)
        code = HEC_FULL;
    else if (status == 503)
        code = HEC_BUSY;
    else if (status < 500)
        code = HEC_BAD_DATA;
    write_code(body, code, NULL, NULL);
    return "application/json";
}

/* Of header or query; empty when there is none. False: it is no sound one. */
static bool find_channel(const struct http_request *request, struct hn_text *ret_channel)
{
    *ret_channel = HN_TEXT("");
    if (!http_request_header(request, "X-Splunk-Request-Channel", ret_channel))
        (void)http_request_query(request, "channel", ret_channel);
    for (size_t i = 0; i < ret_channel->len; i++) {
        if (ret_channel->ptr[i] <= 0x20 || ret_channel->ptr[i] >= 0x7F)
            return false;
    }
    return ret_channel->len <= CHANNEL_BYTES_MAX;
}

/* Channels of one token are no business of another's. */
static struct hn_text own_channel(
        const struct http_request *request, struct hn_text channel, struct hn_arena *arena)
{
    const char *source = ingest_grant_of(request)->source;
    size_t source_len = strlen(source);
    char *name;

    if (channel.len == 0)
        return channel;
    name = hn_arena_raw(arena, source_len + 1 + channel.len, 1);
    if (name == NULL)
        return hn_text_of(NULL, 0);
    memcpy(name, source, source_len + 1);
    memcpy(name + source_len + 1, channel.ptr, channel.len);
    return hn_text_of(name, source_len + 1 + channel.len);
}

static void on_finish(struct ingest_job *job, enum hn_status status)
{
    uint64_t id = 0;
    bool has_id = status == HN_OK && job->channel.len > 0;

    if (status != HN_OK || (has_id && !hec_acks_give(job->ingest->acks, job->channel, &id))) {
        answer_code(job->request, HEC_BUSY, 5);
        return;
    }
    write_code(&job->reply, HEC_OK, has_id ? &id : NULL, NULL);
    if (!hn_buf_ok(&job->reply)) {
        answer_code(job->request, HEC_BUSY, 5);
        return;
    }
    http_answer(
            job->request, &(struct http_answer){ .status = 200, .body = hn_buf_text(&job->reply) });
}

/* A job, or NULL when the request was answered. */
static struct ingest_job *start(struct ingest *ingest, struct http_request *request)
{
    struct ingest_job *job = ingest_job_new(ingest, request, on_finish);
    struct hn_text channel = HN_TEXT("");
    enum hec_code code = HEC_BUSY;

    if (job != NULL && !find_channel(request, &channel)) {
        code = HEC_BAD_CHANNEL;
    } else if (job != NULL) {
        job->channel = own_channel(request, channel, &job->arena);
        if (job->channel.ptr != NULL)
            return job;
    }
    if (job != NULL)
        ingest_job_free(job);
    answer_code(request, code, code == HEC_BUSY ? 1 : 0);
    return NULL;
}

static void submit(struct ingest_job *job, struct intake_batch *batch)
{
    enum hn_status status = ingest_job_submit(job, batch);

    if (status == HN_OK) {
        ingest_job_end(job);
        return;
    }
    answer_code(job->request, status == HN_LIMIT ? HEC_FULL : HEC_BUSY,
            status == HN_LIMIT ? ingest_retry_seconds(job->retry_ms) : 5);
    ingest_job_free(job);
}

static void refuse_events(struct ingest_job *job, enum hec_code code, uint64_t bad)
{
    struct hn_buf body = { 0 };

    write_code(&body, code, NULL, code == HEC_NO_DATA || code == HEC_BUSY ? NULL : &bad);
    http_answer(job->request, &(struct http_answer){ .status = hec_code_status(code),
                                      .body = hn_buf_text(&body),
                                      .retry_after_s = code == HEC_BUSY ? 1 : 0 });
    hn_buf_deinit(&body);
    ingest_job_free(job);
}

void ingest_on_hec_event(void *ctx, struct http_request *request)
{
    struct ingest_job *job = start(ctx, request);
    struct intake_batch batch = { .stream = http_request_peer(request), .line = 1 };
    hec_events events = { 0 };
    struct hn_buf out = { 0 };
    enum hec_code code;
    uint64_t bad = 0;

    if (job == NULL)
        return;
    code = hec_read(hn_bytes_as_text(http_request_body(request)), &job->arena, &events, &bad);
    if (code == HEC_OK) {
        bool json = hec_write(&events, &job->arena, &out) == HEC_SHAPE_JSON;

        batch.format = json ? HN_TEXT("json") : HN_TEXT("syslog-octets");
        batch.body = hn_text_as_bytes(hn_buf_text(&out));
        if (!hn_buf_ok(&out))
            code = HEC_BUSY;
    }
    if (code == HEC_OK)
        submit(job, &batch);
    else
        refuse_events(job, code, bad);
    hn_vec_deinit(&events);
    hn_buf_deinit(&out);
}

void ingest_on_hec_raw(void *ctx, struct http_request *request)
{
    struct ingest_job *job = start(ctx, request);
    struct intake_batch batch = { .format = hn_text_cstr(ingest_grant_of(request)->format),
        .stream = http_request_peer(request),
        .line = 1,
        .body = http_request_body(request) };
    struct hn_text source;

    if (job == NULL)
        return;
    if (http_request_query(request, "source", &source) && source.len > 0 &&
            source.len <= INTAKE_NAME_MAX)
        batch.stream = source; /* Splunk's word for a path */
    if (batch.body.len == 0)
        refuse_events(job, HEC_NO_DATA, 0);
    else
        submit(job, &batch);
}

void ingest_on_hec_health(void *ctx, struct http_request *request)
{
    (void)ctx;
    answer_code(request, HEC_HEALTHY, 0);
}

/* {"acks":[0,1]} to {"acks":{"0":true,"1":false}}. False: it is no such question. */
static bool write_acks(struct ingest *ingest, const struct http_request *request,
        struct hn_text channel, struct hn_arena *arena, struct hn_buf *body)
{
    struct hn_text question = hn_bytes_as_text(http_request_body(request));
    struct hn_json_in in = hn_json_in_over(question);
    struct hn_json_out out = hn_json_out_over(body);
    struct hn_text key;
    uint32_t count = 0;

    if (!decode_json_valid(question) || !hn_json_in_open(&in, '{') ||
            !hn_json_in_member(&in, arena, &key) || !hn_text_eq(key, HN_TEXT("acks")) ||
            !hn_json_in_open(&in, '['))
        return false;
    hn_json_open(&out, '{');
    hn_json_key(&out, HN_TEXT("acks"));
    hn_json_open(&out, '{');
    while (hn_json_in_item(&in)) {
        char digits[24];
        struct hn_buf name = hn_buf_over(digits, sizeof digits);
        uint64_t id;

        if (++count > ACKS_ASKED_MAX || !hn_json_in_u64(&in, &id))
            return false;
        hn_buf_add_u64(&name, id);
        hn_json_key(&out, hn_buf_text(&name));
        hn_json_bool(&out, hec_acks_take(ingest->acks, channel, id));
    }
    hn_json_close(&out, '}');
    hn_json_close(&out, '}');
    return hn_json_in_ok(&in);
}

void ingest_on_hec_ack(void *ctx, struct http_request *request)
{
    struct ingest *ingest = ctx;
    struct hn_arena arena = { 0 };
    struct hn_buf body = { 0 };
    struct hn_text channel;

    hn_arena_init(&arena, (size_t)1 << 20);
    if (!find_channel(request, &channel)) {
        answer_code(request, HEC_BAD_CHANNEL, 0);
    } else if (channel.len == 0) {
        answer_code(request, HEC_NO_CHANNEL, 0);
    } else {
        channel = own_channel(request, channel, &arena);
        if (channel.ptr == NULL)
            answer_code(request, HEC_BUSY, 1);
        else if (!write_acks(ingest, request, channel, &arena, &body))
            answer_code(request, HEC_BAD_DATA, 0);
        else
            http_answer(request, &(struct http_answer){ .status = hn_buf_ok(&body) ? 200 : 503,
                                         .body = hn_buf_text(&body) });
    }
    hn_buf_deinit(&body);
    hn_arena_deinit(&arena);
}
