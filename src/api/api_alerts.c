/* api_alerts.c - lists of alerts, and one with everything it says. */
#include "api/api_internal.h"

#include "base/json_in.h"

/* ---- Filters ---- */

enum hn_status api_alert_filter(struct api_call *call, struct store_alert_filter *ret_filter)
{
    struct hn_text tenant = api_query(call, "tenant");
    struct hn_text hidden = api_query(call, "hidden");
    struct store_alert_filter filter = store_alert_filter_all();

    /* A foreign tenant has nothing that could be seen, which is what is said. */
    if (call->tenant.len > 0 && tenant.len > 0 && !hn_text_eq(tenant, call->tenant))
        return api_refuse(call, 404, "there is no such tenant");
    filter.tenant = call->tenant.len > 0 ? call->tenant : tenant;
    filter.level_min = (uint32_t)api_level(api_query(call, "level"));
    filter.rule_id = api_query(call, "rule_id");
    filter.host = api_query(call, "host");
    filter.user = api_query(call, "user");
    filter.address = api_query(call, "address");
    filter.source = api_query(call, "source");
    filter.family = api_query(call, "family");
    filter.assignee = api_query(call, "assignee");
    filter.text = api_query(call, "text");
    filter.status = api_status(api_query(call, "status"));
    filter.verdict = api_verdict(api_query(call, "verdict"));
    filter.hidden = hn_text_eq(hidden, HN_TEXT("only"))   ? 1
                    : hn_text_eq(hidden, HN_TEXT("also")) ? -1
                                                          : 0;
    filter.incident = api_query_int(call, "incident", 0);
    filter.seq = api_query_int(call, "seq", 0);
    filter.from = api_query_time(call, "from");
    filter.to = api_query_time(call, "to");
    *ret_filter = filter;
    return HN_OK;
}

/* ---- Lists ---- */

struct listing {
    struct api_call *call;
    struct api_page page;
};

static void on_listed(void *ctx, const struct store_alert_row *row)
{
    struct listing *listing = ctx;

    hn_json_open(&listing->call->json, '{');
    api_json_alert(&listing->call->json, row);
    hn_json_close(&listing->call->json, '}');
    api_page_row(&listing->page, row->time == HN_TIME_NONE ? row->received : row->time, row->seq);
}

enum hn_status api_alerts_list(struct api_call *call)
{
    struct listing listing = { .call = call };
    struct store_alert_filter filter;
    enum hn_status status = api_alert_filter(call, &filter);

    if (status == HN_OK)
        status = api_page_read(call, &listing.page);
    if (status != HN_OK)
        return status;
    hn_json_open(&call->json, '{');
    hn_json_key(&call->json, HN_TEXT("items"));
    hn_json_open(&call->json, '[');
    status = store_alerts(
            call->link.store, &filter, &listing.page.page, on_listed, &listing, &call->err);
    hn_json_close(&call->json, ']');
    api_page_next(call, &listing.page);
    hn_json_close(&call->json, '}');
    return status;
}

/* ---- One ---- */

struct finding {
    struct api_call *call;
    struct api_alert alert;
};

static void on_found(void *ctx, const struct store_alert_row *row)
{
    struct finding *finding = ctx;
    struct hn_arena *arena = &finding->call->arena;

    finding->alert = (struct api_alert){ .seq = row->seq,
        .id = row->id,
        .version = row->version,
        .offset = row->offset,
        .time = row->time,
        .received = row->received,
        .rule_id = hn_arena_text(arena, row->rule_id),
        .host = hn_arena_text(arena, row->host),
        .user = hn_arena_text(arena, row->user),
        .source = hn_arena_text(arena, row->source),
        .tenant = hn_arena_text(arena, row->tenant),
        .json = hn_arena_text(arena, row->json) };
}

enum hn_status api_alert_find(
        struct api_call *call, struct hn_digest id, struct api_alert *ret_alert)
{
    struct finding finding = { .call = call };
    enum hn_status status = store_alert_by_id(call->link.store, id, on_found, &finding, &call->err);

    if (status != HN_OK)
        return status;
    if (hn_arena_status(&call->arena) != HN_OK)
        return HN_NOMEM;
    if (call->tenant.len > 0 && !hn_text_eq(call->tenant, finding.alert.tenant))
        return HN_NOTFOUND;
    *ret_alert = finding.alert;
    return HN_OK;
}

static void on_answered(void *ctx, const struct store_alert_row *row)
{
    struct api_call *call = ctx;

    hn_json_open(&call->json, '{');
    api_json_alert(&call->json, row);
    hn_json_close(&call->json, '}');
    call->version = row->version;
}

enum hn_status api_alert_answer(struct api_call *call, int64_t seq)
{
    return store_alert_by_seq(call->link.store, seq, on_answered, call, &call->err);
}

/* ---- Seen before ---- */

static void write_seen(struct hn_json_out *json, struct hn_text key, const struct store_seen *seen)
{
    hn_json_key(json, key);
    hn_json_open(json, '{');
    hn_json_pair_u64(json, "count", seen->count);
    api_json_time(json, HN_TEXT("first"), seen->count == 0 ? HN_TIME_NONE : seen->first);
    api_json_time(json, HN_TEXT("last"), seen->count == 0 ? HN_TIME_NONE : seen->last);
    hn_json_close(json, '}');
}

/* The pieces of evidence of an alert, out of its `matches`. */
struct evidence {
    struct hn_text field;
    struct hn_text value;
};

static uint32_t read_match(
        struct hn_json_in *in, struct hn_arena *arena, struct evidence *ret_evidence)
{
    struct hn_text key;
    struct evidence evidence = { 0 };

    if (!hn_json_in_open(in, '{'))
        return 0;
    while (hn_json_in_member(in, arena, &key)) {
        if (hn_text_eq(key, HN_TEXT("field")))
            (void)hn_json_in_text(in, arena, &evidence.field);
        else if (hn_text_eq(key, HN_TEXT("value")) && hn_json_in_peek(in) == '"')
            (void)hn_json_in_text(in, arena, &evidence.value);
        else
            (void)hn_json_in_skip(in);
    }
    *ret_evidence = evidence;
    return evidence.field.len > 0 && evidence.value.len > 0;
}

static uint32_t read_matches(
        struct hn_text json, struct hn_arena *arena, struct evidence ret_evidence[STORE_VALUES_MAX])
{
    struct hn_json_in in = hn_json_in_over(json);
    uint32_t count = 0;
    struct hn_text key;

    if (!hn_json_in_open(&in, '{'))
        return 0;
    while (hn_json_in_member(&in, arena, &key)) {
        if (!hn_text_eq(key, HN_TEXT("matches")) || hn_json_in_peek(&in) != '[') {
            (void)hn_json_in_skip(&in);
            continue;
        }
        (void)hn_json_in_open(&in, '[');
        while (count < STORE_VALUES_MAX && hn_json_in_item(&in))
            count += read_match(&in, arena, &ret_evidence[count]);
        return count;
    }
    return count;
}

/* The counts are of all tenants together, so that one tenant does not see them. */
enum hn_status api_seen_write(struct api_call *call, const struct api_alert *alert)
{
    struct evidence evidence[STORE_VALUES_MAX];
    uint32_t count = read_matches(alert->json, &call->arena, evidence);
    struct hn_json_out *json = &call->json;
    struct store_seen_before seen = { 0 };
    enum hn_status status = store_seen_get(
            call->link.store, alert->rule_id, HN_TEXT(""), HN_TEXT(""), &seen, &call->err);

    if (call->tenant.len > 0) {
        hn_json_null(json);
        return HN_OK;
    }
    hn_json_open(json, '{');
    write_seen(json, HN_TEXT("rule"), &seen.rule);
    hn_json_key(json, HN_TEXT("evidence"));
    hn_json_open(json, '[');
    for (uint32_t i = 0; status == HN_OK && i < count; i++) {
        seen = (struct store_seen_before){ 0 };
        status = store_seen_get(call->link.store, alert->rule_id, evidence[i].field,
                evidence[i].value, &seen, &call->err);
        hn_json_open(json, '{');
        hn_json_pair(json, "field", evidence[i].field);
        hn_json_pair(json, "value", evidence[i].value);
        write_seen(json, HN_TEXT("anywhere"), &seen.value);
        write_seen(json, HN_TEXT("by_rule"), &seen.pair);
        hn_json_close(json, '}');
    }
    hn_json_close(json, ']');
    hn_json_close(json, '}');
    return status;
}

static void on_detail(void *ctx, const struct store_alert_row *row)
{
    struct api_call *call = ctx;

    hn_json_open(&call->json, '{');
    api_json_alert(&call->json, row);
    hn_json_key(&call->json, HN_TEXT("alert")); /* the line that the engine wrote */
    if (row->json.len > 0)
        hn_json_raw(&call->json, hn_text_trim(row->json));
    else
        hn_json_null(&call->json);
    call->version = row->version;
}

enum hn_status api_alert_get(struct api_call *call)
{
    struct api_alert alert;
    enum hn_status status =
            api_alert_find(call, api_digest(http_request_param(call->request, "id")), &alert);

    if (status == HN_OK)
        status = store_alert_by_seq(call->link.store, alert.seq, on_detail, call, &call->err);
    if (status != HN_OK)
        return status;
    hn_json_key(&call->json, HN_TEXT("seen"));
    status = api_seen_write(call, &alert);
    hn_json_close(&call->json, '}');
    return status;
}
