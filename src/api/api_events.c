/* api_events.c - GET /v1/events: the parameters as a search, and its page as the answer. */
#include "api/api_internal.h"

#define LIMIT_DEFAULT 100
/* Nothing is received before it happened, but for clocks that are wrong. */
#define CLOCKS_APART HN_DAY

enum hn_status api_question_read(
        struct api_call *call, struct hn_arena *arena, struct history_question **ret_question)
{
    struct search_query query = { .any = api_query_bool(call, "any"),
        .cased = api_query_bool(call, "case"),
        .regex = api_query_bool(call, "regex"),
        .text = api_query_bool(call, "text") };
    enum hn_status status = search_query_parse(api_query(call, "query"), arena, &query, &call->err);

    if (status == HN_OK)
        status =
                history_question_new(&query, api_query_bool(call, "raw"), ret_question, &call->err);
    if (status == HN_LIMIT)
        status = HN_SYNTAX;
    return status;
}

static enum hn_status run(struct api *api, struct api_job *job, struct hn_err *err)
{
    struct hn_json_out *json = &job->json;
    char cursor[HISTORY_CURSOR_ROOM];
    struct history_page page;
    enum hn_status status = history_search_run(api->history, &job->search, &page, err);

    hn_json_open(json, '{');
    hn_json_key(json, HN_TEXT("items"));
    hn_json_open(json, '[');
    if (page.count > 0)
        hn_json_raw(json, hn_buf_text(&page.items));
    hn_json_close(json, ']');
    hn_json_key(json, HN_TEXT("next"));
    if (page.more)
        hn_json_text(json, hn_text_of(cursor, history_cursor_write(&page.next, cursor)));
    else
        hn_json_null(json);
    api_json_time(json, HN_TEXT("reached"), page.reached);
    hn_json_key(json, HN_TEXT("scanned"));
    hn_json_open(json, '{');
    api_scanned_write(api, json, &page.scanned);
    hn_json_close(json, '}');
    hn_json_close(json, '}');
    hn_buf_deinit(&page.items);
    return status;
}

/* Texts of parameters live until the request is answered. */
static enum hn_status read_search(struct api_call *call, struct api_job *job)
{
    struct history_search *search = &job->search;
    struct hn_text cursor = api_query(call, "cursor");

    *search = (struct history_search){ .source = api_query(call, "source"),
        .tenant = hn_arena_text(&job->arena, call->tenant),
        .from = api_query_time(call, "from"),
        .to = api_query_time(call, "to"),
        .received_from = api_query_time(call, "received_from"),
        .received_to = api_query_time(call, "received_to"),
        .newest = !hn_text_eq(api_query(call, "order"), HN_TEXT("oldest")),
        .limit = (uint32_t)api_query_int(call, "limit", LIMIT_DEFAULT) };
    if (search->received_from == HN_TIME_NONE && search->from > INT64_MIN + CLOCKS_APART)
        search->received_from = search->from - CLOCKS_APART;
    if (cursor.len > 0) {
        if (!history_cursor_read(cursor, &job->cursor))
            return api_refuse(call, 400, "parameter cursor: it is none of ours");
        search->cursor = &job->cursor;
    }
    if (hn_arena_status(&job->arena) != HN_OK)
        return HN_NOMEM;
    return api_question_read(call, &job->arena, &job->question);
}

enum hn_status api_events_search(struct api_call *call)
{
    struct api_job *job = api_job_new(call, run);
    enum hn_status status = job == NULL ? HN_NOMEM : read_search(call, job);

    if (status != HN_OK) {
        api_job_free(job);
        return status;
    }
    job->search.question = job->question;
    return api_job_submit(call, job);
}
