/* ingest_elastic.c - POST /_bulk and /{index}/_bulk.
 *
 * The documents of each index are one batch for the journal, with the index as the stream's name.
 * Only documents go there; what the actions said is in the answer. */
#include "ingest/ingest_internal.h"

#include "base/map.h"

#include <time.h>

#define NO_GROUP UINT32_MAX

struct group {
    struct hn_text index;
    struct hn_buf body;
    enum hn_status status; /* of handing it in */
};

struct bulk {
    struct ingest_job *job;
    HN_VEC(struct bulk_result) results;
    HN_VEC(struct group) groups;
    struct hn_map group_of;
};

static uint64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void answer_error(
        struct http_request *request, unsigned status, const char *type, struct hn_text reason)
{
    struct hn_buf body = { 0 };

    ingest_elastic_error_write(status, type, reason, &body);
    http_answer(request, &(struct http_answer){ .status = status,
                                 .body = hn_buf_text(&body),
                                 .retry_after_s = status == 429 || status == 503 ? 1 : 0 });
    hn_buf_deinit(&body);
}

const char *ingest_elastic_refusal(void *ctx, const struct http_request *request, unsigned status,
        const char *detail, struct hn_buf *body)
{
    const char *type = status == 401 || status == 403 ? "security_exception"
                       : status == 429                ? "es_rejected_execution_exception"
                       : status >= 500                ? "unavailable_shards_exception"
                                                      : "illegal_argument_exception";

    (void)ctx;
    (void)request;
    ingest_elastic_error_write(status, type, hn_text_cstr(detail == NULL ? "" : detail), body);
    return "application/json";
}

static void on_finish(struct ingest_job *job, enum hn_status status)
{
    if (status == HN_OK) {
        http_answer(job->request,
                &(struct http_answer){ .status = 200, .body = hn_buf_text(&job->reply) });
    } else {
        answer_error(job->request, 503, "unavailable_shards_exception",
                HN_TEXT("the events could not be made durable"));
    }
}

static void bulk_deinit(struct bulk *bulk)
{
    for (size_t i = 0; i < bulk->groups.count; i++)
        hn_buf_deinit(&bulk->groups.ptr[i].body);
    hn_vec_deinit(&bulk->groups);
    hn_vec_deinit(&bulk->results);
    hn_map_deinit(&bulk->group_of);
}

/* The group of an index, NO_GROUP when there are too many (*ret_status HN_LIMIT) or no memory. */
static uint32_t find_group(struct bulk *bulk, struct hn_text index, enum hn_status *ret_status)
{
    uint32_t found = hn_map_find(&bulk->group_of, index);
    struct group *group;

    *ret_status = HN_LIMIT;
    if (found != HN_MAP_NONE)
        return found;
    if (bulk->groups.count == INGEST_INDEXES_MAX)
        return NO_GROUP;
    *ret_status = HN_NOMEM;
    if (!hn_map_put(&bulk->group_of, index, (uint32_t)bulk->groups.count, &found))
        return NO_GROUP;
    group = hn_vec_add(&bulk->groups);
    if (group == NULL)
        return NO_GROUP;
    group->index = index;
    return found;
}

static enum hn_status add_item(struct bulk *bulk, const struct bulk_item *item)
{
    struct bulk_result *result = hn_vec_add(&bulk->results);
    enum hn_status status = HN_OK;

    if (result == NULL)
        return HN_NOMEM;
    *result = (struct bulk_result){ .item = *item, .group = NO_GROUP, .status = 400 };
    if (item->refused != NULL)
        return HN_OK;
    result->group = find_group(bulk, item->index, &status);
    if (result->group == NO_GROUP) { /* the client sends these again: then they come first */
        result->status = 429;
        return status == HN_NOMEM ? HN_NOMEM : HN_OK;
    }
    result->status = 201;
    hn_buf_add_text(&bulk->groups.ptr[result->group].body, item->document);
    hn_buf_add_char(&bulk->groups.ptr[result->group].body, '\n');
    return bulk->groups.ptr[result->group].body.status;
}

/* HN_SYNTAX: reader->msg. */
static enum hn_status read_all(struct bulk *bulk, struct bulk_reader *reader)
{
    struct bulk_item item;
    enum hn_status status = HN_OK;

    while (status == HN_OK && bulk_next(reader, &item))
        status = add_item(bulk, &item);
    return status == HN_OK ? reader->status : status;
}

static void submit_groups(struct bulk *bulk)
{
    for (size_t i = 0; i < bulk->groups.count; i++) {
        struct group *group = &bulk->groups.ptr[i];
        struct intake_batch batch = { .format = HN_TEXT("json"),
            .stream = group->index,
            .line = 1,
            .body = hn_text_as_bytes(hn_buf_text(&group->body)) };

        group->status = ingest_job_submit(bulk->job, &batch);
    }
}

/* Notes which items were not taken. The status of the whole answer: 0 when at least one was taken
 * or is wrong by itself, else why none was. */
static unsigned judge_items(struct bulk *bulk)
{
    unsigned worst = 0;
    bool any = false;

    for (size_t i = 0; i < bulk->results.count; i++) {
        struct bulk_result *result = &bulk->results.ptr[i];
        enum hn_status handed =
                result->group == NO_GROUP ? HN_OK : bulk->groups.ptr[result->group].status;

        if (handed != HN_OK)
            result->status = handed == HN_LIMIT ? 429 : 503;
        any |= result->status < 429;
        worst = result->status > worst ? result->status : worst;
    }
    return any ? 0 : worst;
}

static void hand_in(struct bulk *bulk, uint64_t started)
{
    struct ingest_job *job = bulk->job;
    struct hn_text filter = HN_TEXT("");
    struct bulk_results results = { bulk->results.ptr, bulk->results.count, 0,
        http_request_id(job->request) };
    unsigned status;

    (void)http_request_query(job->request, "filter_path", &filter);
    submit_groups(bulk);
    status = judge_items(bulk);
    if (status != 0) { /* nothing was taken: nothing is under way */
        struct hn_buf body = { 0 };

        ingest_elastic_error_write(status, "es_rejected_execution_exception",
                HN_TEXT("too much is waiting to become durable, or the source is over its quota"),
                &body);
        http_answer(job->request, &(struct http_answer){ .status = status,
                                          .body = hn_buf_text(&body),
                                          .retry_after_s = ingest_retry_seconds(job->retry_ms) });
        hn_buf_deinit(&body);
        ingest_job_free(job);
        return;
    }
    results.took_ms = now_ms() - started;
    bulk_reply_write(&results, filter, &job->reply);
    if (!hn_buf_ok(&job->reply)) /* then it is not known to be a success */
        atomic_store(&job->status, HN_NOMEM);
    ingest_job_end(job);
}

static void on_bulk(struct ingest *ingest, struct http_request *request, struct hn_text index)
{
    uint64_t started = now_ms();
    struct bulk bulk = { .job = ingest_job_new(ingest, request, on_finish) };
    struct bulk_reader reader = { .rest = hn_bytes_as_text(http_request_body(request)),
        .index = index };
    enum hn_status status = HN_NOMEM;

    if (bulk.job != NULL) {
        reader.arena = &bulk.job->arena;
        status = read_all(&bulk, &reader);
        bulk_reader_deinit(&reader);
    }
    if (status == HN_OK && bulk.results.count > 0) {
        hand_in(&bulk, started);
        bulk_deinit(&bulk);
        return;
    }
    if (status == HN_OK)
        answer_error(request, 400, "parse_exception", HN_TEXT("request body is required"));
    else if (status == HN_SYNTAX)
        answer_error(request, 400, "illegal_argument_exception", hn_text_cstr(reader.msg));
    else
        answer_error(request, 503, "circuit_breaking_exception", HN_TEXT("no memory"));
    if (bulk.job != NULL)
        ingest_job_free(bulk.job);
    bulk_deinit(&bulk);
}

void ingest_on_bulk(void *ctx, struct http_request *request)
{
    on_bulk(ctx, request, HN_TEXT(""));
}

void ingest_on_bulk_index(void *ctx, struct http_request *request)
{
    on_bulk(ctx, request, http_request_param(request, "index"));
}
