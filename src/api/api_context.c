/* api_context.c - GET /v1/alerts/{id}/context: what the alert says of itself and how often it was
 * there before, out of the store; the events and processes around it, out of the journal. */
#include "api/api_internal.h"

#include "base/json_in.h"

#define WINDOW_DEFAULT 300
#define LIMIT_DEFAULT  50
#define TIME_MAX       (5 * HN_SECOND)
#define BYTES_MAX      ((uint64_t)192 << 20)

/* ---- What the alert's JSON says ---- */

struct told {
    struct hn_text rule; /* JSON; empty: none */
    struct hn_text guidance;
    struct hn_text *addresses;
    uint32_t address_count;
    uint64_t place;
    bool has_place;
};

static void read_place(struct hn_json_in *in, struct hn_arena *arena, struct told *told)
{
    struct hn_text key;

    if (!hn_json_in_open(in, '{'))
        return;
    while (hn_json_in_member(in, arena, &key)) {
        if (hn_text_eq(key, HN_TEXT("offset")) && hn_json_in_peek(in) >= '0' &&
                hn_json_in_peek(in) <= '9')
            told->has_place = hn_json_in_u64(in, &told->place);
        else
            (void)hn_json_in_skip(in);
    }
}

/* A correlation is completed by the last of its parts. */
static void read_parts(struct hn_json_in *in, struct hn_arena *arena, struct told *told)
{
    struct hn_text key;

    if (!hn_json_in_open(in, '{'))
        return;
    while (hn_json_in_member(in, arena, &key)) {
        if (!hn_text_eq(key, HN_TEXT("parts")) || hn_json_in_peek(in) != '[') {
            (void)hn_json_in_skip(in);
            continue;
        }
        (void)hn_json_in_open(in, '[');
        while (hn_json_in_item(in))
            read_place(in, arena, told);
    }
}

static void add_address(struct told *told, struct hn_text value)
{
    for (uint32_t i = 0; i < told->address_count; i++) {
        if (hn_text_eq(told->addresses[i], value))
            return;
    }
    if (value.len > 1 && told->address_count < STORE_ADDRESSES_MAX)
        told->addresses[told->address_count++] = value;
}

static void read_addresses(struct hn_json_in *in, struct hn_arena *arena, struct told *told)
{
    struct hn_text key;
    struct hn_text value;

    if (!hn_json_in_open(in, '{'))
        return;
    while (hn_json_in_member(in, arena, &key)) {
        if (!alert_is_address_name(key) || hn_json_in_peek(in) != '"')
            (void)hn_json_in_skip(in);
        else if (hn_json_in_text(in, arena, &value))
            add_address(told, value);
    }
}

static enum hn_status read_told(
        const struct api_alert *alert, struct hn_arena *arena, struct told *ret_told)
{
    struct hn_json_in in = hn_json_in_over(alert->json);
    struct told told = { .addresses = hn_new(arena, struct hn_text, STORE_ADDRESSES_MAX) };
    struct hn_text key;

    if (told.addresses == NULL)
        return HN_NOMEM;
    if (alert->json.len > 0 && hn_json_in_open(&in, '{')) {
        while (hn_json_in_member(&in, arena, &key)) {
            char next = hn_json_in_peek(&in);

            if (hn_text_eq(key, HN_TEXT("rule")) && next == '{')
                (void)hn_json_in_raw(&in, &told.rule);
            else if (hn_text_eq(key, HN_TEXT("context")) && next == '{')
                (void)hn_json_in_raw(&in, &told.guidance);
            else if (hn_text_eq(key, HN_TEXT("input")) && next == '{')
                read_place(&in, arena, &told);
            else if (hn_text_eq(key, HN_TEXT("correlation")) && next == '{')
                read_parts(&in, arena, &told);
            else if (hn_text_eq(key, HN_TEXT("event")) && next == '{')
                read_addresses(&in, arena, &told);
            else
                (void)hn_json_in_skip(&in);
        }
    }
    *ret_told = told;
    return hn_arena_status(arena);
}

/* ---- The answer: first what the store says ---- */

static void write_raw(struct hn_json_out *json, struct hn_text key, struct hn_text value)
{
    hn_json_key(json, key);
    if (value.len > 0)
        hn_json_raw(json, value);
    else
        hn_json_null(json);
}

static enum hn_status write_known(
        struct api_call *call, const struct api_alert *alert, const struct told *told)
{
    struct hn_json_out *json = &call->json;
    hn_time time = alert->time == HN_TIME_NONE ? alert->received : alert->time;
    enum hn_status status;

    hn_json_open(json, '{');
    api_json_digest(json, HN_TEXT("id"), alert->id);
    write_raw(json, HN_TEXT("rule"), told->rule);
    write_raw(json, HN_TEXT("guidance"), told->guidance);
    hn_json_key(json, HN_TEXT("seen"));
    status = api_seen_write(call, alert);
    hn_json_key(json, HN_TEXT("about"));
    hn_json_open(json, '{');
    api_json_time(json, HN_TEXT("time"), time);
    hn_json_pair(json, "host", alert->host);
    hn_json_pair(json, "user", alert->user);
    hn_json_key(json, HN_TEXT("addresses"));
    hn_json_open(json, '[');
    for (uint32_t i = 0; i < told->address_count; i++)
        hn_json_text(json, told->addresses[i]);
    hn_json_close(json, ']');
    hn_json_close(json, '}');
    return status;
}

/* ---- Then what the journal says ---- */

static void write_events(struct hn_json_out *json, const struct history_context *context)
{
    hn_json_key(json, HN_TEXT("events"));
    hn_json_open(json, '[');
    for (size_t i = 0; i < context->events.count; i++)
        hn_json_raw(json, context->events.ptr[i].json);
    hn_json_close(json, ']');
    hn_json_key(json, HN_TEXT("found"));
    hn_json_open(json, '{');
    hn_json_pair_u64(json, "host", context->found[HISTORY_HOST]);
    hn_json_pair_u64(json, "user", context->found[HISTORY_USER]);
    hn_json_pair_u64(json, "address", context->found[HISTORY_ADDRESS]);
    hn_json_close(json, '}');
}

static void write_process(struct hn_json_out *json, const struct history_process *process)
{
    static const char *const kins[] = { [HISTORY_ANCESTOR] = "ancestor",
        [HISTORY_SELF] = "self",
        [HISTORY_SIBLING] = "sibling",
        [HISTORY_CHILD] = "child" };

    hn_json_open(json, '{');
    hn_json_pair(json, "relation", hn_text_cstr(kins[process->kin]));
    hn_json_key(json, HN_TEXT("parent"));
    if (process->parent == HISTORY_NO_PARENT)
        hn_json_null(json);
    else
        hn_json_u64(json, process->parent);
    hn_json_key(json, HN_TEXT("offset"));
    if (process->recorded)
        hn_json_u64(json, process->offset);
    else
        hn_json_null(json);
    api_json_time(json, HN_TEXT("time"), process->recorded ? process->time : HN_TIME_NONE);
    hn_json_pair(json, "user", process->user);
    hn_json_pair(json, "guid", process->guid);
    hn_json_pair(json, "pid", process->pid);
    hn_json_pair(json, "image", process->image);
    hn_json_pair(json, "command", process->command);
    hn_json_close(json, '}');
}

static void write_ranges(struct hn_json_out *json, const struct history_context *context)
{
    static const char *const names[] = {
#define RANGE_NAME(name, text) text,
        HISTORY_RANGE_LIST(RANGE_NAME)
#undef RANGE_NAME
    };
    uint64_t from = UINT64_MAX;
    uint64_t to = 0;

    hn_json_key(json, HN_TEXT("ranges"));
    hn_json_open(json, '[');
    for (size_t i = 0; i < HISTORY_RANGES; i++) {
        const struct history_range *range = &context->ranges[i];

        if (range->from == range->to)
            continue;
        hn_json_open(json, '{');
        hn_json_pair(json, "why", hn_text_cstr(names[i]));
        hn_json_pair_u64(json, "from_offset", range->from);
        hn_json_pair_u64(json, "to_offset", range->to);
        hn_json_pair_u64(json, "searched_from", range->searched_from);
        hn_json_pair_u64(json, "searched_to", range->searched_to);
        hn_json_close(json, '}');
        from = range->searched_from < from ? range->searched_from : from;
        to = range->searched_to > to ? range->searched_to : to;
    }
    hn_json_close(json, ']');
    hn_json_pair_u64(json, "from_offset", from == UINT64_MAX ? 0 : from);
    hn_json_pair_u64(json, "to_offset", to);
}

static enum hn_status run(struct api *api, struct api_job *job, struct hn_err *err)
{
    struct hn_json_out *json = &job->json;
    struct history_context context;
    enum hn_status status = history_context_find(api->history, &job->ask, &context, err);

    json->buf = &job->text;
    write_events(json, &context);
    hn_json_key(json, HN_TEXT("processes"));
    hn_json_open(json, '[');
    for (uint32_t i = 0; i < context.process_count; i++)
        write_process(json, &context.processes[i]);
    hn_json_close(json, ']');
    hn_json_key(json, HN_TEXT("searched"));
    hn_json_open(json, '{');
    api_scanned_write(api, json, &context.scanned);
    api_json_time(json, HN_TEXT("from"), context.from);
    api_json_time(json, HN_TEXT("to"), context.to);
    write_ranges(json, &context);
    hn_json_key(json, HN_TEXT("complete"));
    hn_json_bool(json, context.complete);
    hn_json_close(json, '}');
    hn_json_close(json, '}');
    history_context_deinit(&context);
    return status;
}

/* ---- The request ---- */

static void fill_ask(struct api_call *call, struct api_job *job, const struct api_alert *alert,
        const struct told *told)
{
    struct hn_arena *arena = &job->arena;
    struct hn_text *addresses = hn_new(arena, struct hn_text, STORE_ADDRESSES_MAX);

    for (uint32_t i = 0; addresses != NULL && i < told->address_count; i++)
        addresses[i] = hn_arena_text(arena, told->addresses[i]);
    job->ask = (struct history_context_ask){
        .about = { .offset = alert->offset,
                .time = alert->time,
                .received = alert->received,
                .host = hn_arena_text(arena, alert->host),
                .user = hn_arena_text(arena, alert->user),
                .addresses = addresses,
                .address_count = told->address_count,
                /* An alert of one tenant is not explained by another's events. */
                .tenant = hn_arena_text(arena, alert->tenant),
                .place = told->place,
                .has_place = told->has_place },
        .window = api_query_int(call, "window", WINDOW_DEFAULT) * HN_SECOND,
        .limit = (uint32_t)api_query_int(call, "limit", LIMIT_DEFAULT)
    };
    job->search.budget = (struct history_budget){ .bytes_max = BYTES_MAX, .time_max = TIME_MAX };
}

enum hn_status api_alert_context(struct api_call *call)
{
    struct api_alert alert;
    struct told told;
    struct api_job *job;
    enum hn_status status =
            api_alert_find(call, api_digest(http_request_param(call->request, "id")), &alert);

    if (status == HN_OK)
        status = read_told(&alert, &call->arena, &told);
    if (status == HN_OK)
        status = write_known(call, &alert, &told);
    if (status != HN_OK)
        return status;
    job = api_job_new(call, run);
    if (job == NULL)
        return HN_NOMEM;
    fill_ask(call, job, &alert, &told);
    /* The rest is written behind it. */
    hn_buf_add_text(&job->text, hn_buf_text(&call->text));
    job->json = call->json;
    if (hn_arena_status(&job->arena) != HN_OK || !hn_buf_ok(&job->text)) {
        api_job_free(job);
        return HN_NOMEM;
    }
    return api_job_submit(call, job);
}
