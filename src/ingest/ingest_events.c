/* ingest_events.c - POST /v1/events: lines of any format that scan knows, NDJSON by default. */
#include "ingest/ingest_internal.h"

#include "base/hash.h"
#include "decode/decode.h"

static bool is_visible(struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= 0x20 || text.ptr[i] >= 0x7F)
            return false;
    }
    return text.len > 0;
}

static void on_finish(struct ingest_job *job, enum hn_status status)
{
    if (status == HN_OK) {
        http_answer(job->request,
                &(struct http_answer){ .status = 200, .body = hn_buf_text(&job->reply) });
    } else {
        http_answer_retry(job->request, 503, HN_TEXT("the events could not be made durable"), 5);
    }
}

/* The format's name, "" for recognition by content; false: there is no such format. */
static bool format_of(const struct http_request *request, struct hn_text *ret_format)
{
    struct hn_text format = hn_text_cstr(ingest_grant_of(request)->format);

    if (format.len == 0 && !http_request_query(request, "format", &format))
        format = HN_TEXT("json");
    if (hn_text_eq(format, HN_TEXT("auto")))
        format = HN_TEXT("");
    *ret_format = format;
    return format.len == 0 || decode_format_find(format) != NULL;
}

/* Lines that hold something, and how many of them are no JSON document. They are kept all the same:
 * what is damaged is evidence. */
static void count_lines(struct hn_text body, bool json, uint64_t *ret_lines, uint64_t *ret_warnings)
{
    struct decode_json_checker *checker = json ? decode_json_checker_new() : NULL;
    struct hn_text line;

    *ret_lines = 0;
    *ret_warnings = 0;
    while (hn_text_line(&body, &line)) {
        line = hn_text_trim(line);
        if (line.len == 0)
            continue;
        ++*ret_lines;
        *ret_warnings += checker != NULL && decode_json_check(checker, line) != HN_OK;
    }
    decode_json_checker_free(checker);
}

static void write_reply(struct ingest_job *job, struct hn_text body, struct hn_text format)
{
    struct hn_json_out out = hn_json_out_over(&job->reply);
    uint64_t lines;
    uint64_t warnings;

    count_lines(body, hn_text_eq(format, HN_TEXT("json")), &lines, &warnings);
    hn_json_open(&out, '{');
    hn_json_pair_u64(&out, "accepted", lines);
    hn_json_pair_u64(&out, "warnings", warnings);
    hn_json_pair_u64(&out, "bytes", body.len);
    hn_json_close(&out, '}');
}

static void submit(struct ingest_job *job, struct intake_batch *batch)
{
    struct http_request *request = job->request;
    struct hn_text body = hn_bytes_as_text(batch->body);
    enum hn_status status = HN_OK;

    write_reply(job, body, batch->format);
    if (!hn_buf_ok(&job->reply))
        status = HN_NOMEM;
    else if (body.len > 0)
        status = ingest_job_submit(job, batch);
    if (status == HN_OK) {
        ingest_job_end(job);
        return;
    }
    if (status == HN_LIMIT) {
        http_answer_retry(request, 429,
                HN_TEXT("too much is waiting to become durable, or the source is over its quota"),
                ingest_retry_seconds(job->retry_ms));
    } else {
        http_answer_retry(request, 503, HN_TEXT("the events could not be made durable"), 5);
    }
    ingest_job_free(job);
}

/* The journal's key is made of the client's key and of the body: a client that uses a key for two
 * different bodies, against the rules, must not lose the second. */
static struct hn_text key_of(struct hn_text key, struct hn_bytes body, char room[HN_DIGEST_HEX_LEN])
{
    hn_digest_hex(
            hn_digest_join(hn_digest_of(key.ptr, key.len), hn_digest_of(body.ptr, body.len)), room);
    return hn_text_of(room, HN_DIGEST_HEX_LEN);
}

void ingest_on_events(void *ctx, struct http_request *request)
{
    struct intake_batch batch = {
        .stream = http_request_peer(request), .line = 1, .body = http_request_body(request)
    };
    struct hn_text source = HN_TEXT("");
    struct hn_text key;
    char digest[HN_DIGEST_HEX_LEN];
    struct ingest_job *job;
    bool has_key;

    (void)http_request_query(request, "source", &source);
    if (!format_of(request, &batch.format)) {
        http_answer_problem(request, 400, HN_TEXT("there is no such format"));
        return;
    }
    if (source.len > INTAKE_NAME_MAX) {
        http_answer_problem(request, 400, HN_TEXT("the source's name is too long"));
        return;
    }
    has_key = http_request_header(request, "Idempotency-Key", &key);
    if (has_key && (!is_visible(key) || key.len > INTAKE_KEY_MAX)) {
        http_answer_problem(
                request, 400, HN_TEXT("Idempotency-Key must be 1 to 128 visible ASCII characters"));
        return;
    }
    if (has_key)
        batch.key = key_of(key, batch.body, digest);
    job = ingest_job_new(ctx, request, on_finish);
    if (job == NULL)
        http_answer_retry(request, 503, HN_TEXT("no memory"), 1);
    else
        submit(job, &batch);
}
