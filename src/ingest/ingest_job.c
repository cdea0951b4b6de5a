/* ingest_job.c - a request between its batches being handed in and its answer. */
#include "ingest/ingest_internal.h"

struct ingest_job *ingest_job_new(struct ingest *ingest, struct http_request *request,
        void (*finish)(struct ingest_job *job, enum hn_status status))
{
    struct ingest_job *job = hn_calloc(1, sizeof *job);

    if (job == NULL)
        return NULL;
    job->ingest = ingest;
    job->request = request;
    job->finish = finish;
    atomic_init(&job->left, 1);
    atomic_init(&job->status, HN_OK);
    hn_arena_init(&job->arena, INGEST_ARENA_MAX);
    return job;
}

void ingest_job_free(struct ingest_job *job)
{
    hn_buf_deinit(&job->reply);
    hn_arena_deinit(&job->arena);
    hn_free(job);
}

void ingest_job_end(struct ingest_job *job)
{
    if (atomic_fetch_sub(&job->left, 1) != 1)
        return;
    job->finish(job, (enum hn_status)atomic_load(&job->status));
    ingest_job_free(job);
}

static void on_done(void *ctx, enum hn_status status)
{
    struct ingest_job *job = ctx;

    if (status != HN_OK)
        atomic_store(&job->status, (int)status);
    ingest_job_end(job);
}

const struct ingest_grant *ingest_grant_of(const struct http_request *request)
{
    static const struct ingest_grant everybody;
    const struct ingest_grant *grant = http_request_principal(request);

    return grant == NULL ? &everybody : grant;
}

enum hn_status ingest_job_submit(struct ingest_job *job, struct intake_batch *batch)
{
    const struct ingest_grant *grant = ingest_grant_of(job->request);
    uint32_t retry_ms = 0;
    enum hn_status status;

    batch->source = hn_text_cstr(grant->source);
    if (batch->source.len == 0 && !http_request_query(job->request, "source", &batch->source))
        batch->source = HN_TEXT("http");
    batch->tenant = hn_text_cstr(grant->tenant);
    batch->zone = hn_text_cstr(grant->zone);
    batch->pipeline = hn_text_cstr(grant->pipeline);
    atomic_fetch_add(&job->left, 1);
    status = intake_submit(job->ingest->options.intake, batch, on_done, job, &retry_ms, NULL);
    if (status != HN_OK) { /* on_done is not called: this was not the last one, end() is to come */
        atomic_fetch_sub(&job->left, 1);
        if (retry_ms > job->retry_ms)
            job->retry_ms = retry_ms;
    }
    return status;
}

uint32_t ingest_retry_seconds(uint32_t retry_ms)
{
    return retry_ms <= 1000 ? 1 : (retry_ms - 1) / 1000 + 1;
}
