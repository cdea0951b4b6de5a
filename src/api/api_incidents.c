/* api_incidents.c - lists of incidents, and one with what it is made of. */
#include "api/api_internal.h"

#define NEWEST_ALERTS 50

enum hn_status api_incident_filter(struct api_call *call, struct store_incident_filter *ret_filter)
{
    struct hn_text tenant = api_query(call, "tenant");
    struct store_incident_filter filter = store_incident_filter_all();

    if (call->tenant.len > 0 && tenant.len > 0 && !hn_text_eq(tenant, call->tenant))
        return api_refuse(call, 404, "there is no such tenant");
    filter.tenant = call->tenant.len > 0 ? call->tenant : tenant;
    filter.level_min = (uint32_t)api_level(api_query(call, "level"));
    filter.family = api_query(call, "family");
    filter.assignee = api_query(call, "assignee");
    filter.entity = api_query(call, "entity");
    filter.status = api_status(api_query(call, "status"));
    filter.verdict = api_verdict(api_query(call, "verdict"));
    filter.open = api_query_bool(call, "open");
    filter.from = api_query_time(call, "from");
    filter.to = api_query_time(call, "to");
    *ret_filter = filter;
    return HN_OK;
}

struct listing {
    struct api_call *call;
    struct api_page page;
};

static void on_listed(void *ctx, const struct store_incident_row *row)
{
    struct listing *listing = ctx;

    hn_json_open(&listing->call->json, '{');
    api_json_incident(&listing->call->json, row);
    hn_json_close(&listing->call->json, '}');
    api_page_row(&listing->page, row->last, row->id);
}

enum hn_status api_incidents_list(struct api_call *call)
{
    struct listing listing = { .call = call };
    struct store_incident_filter filter;
    enum hn_status status = api_incident_filter(call, &filter);

    if (status == HN_OK)
        status = api_page_read(call, &listing.page);
    if (status != HN_OK)
        return status;
    hn_json_open(&call->json, '{');
    hn_json_key(&call->json, HN_TEXT("items"));
    hn_json_open(&call->json, '[');
    status = store_incidents(
            call->link.store, &filter, &listing.page.page, on_listed, &listing, &call->err);
    hn_json_close(&call->json, ']');
    api_page_next(call, &listing.page);
    hn_json_close(&call->json, '}');
    return status;
}

/* ---- One ---- */

struct ownership {
    struct hn_text tenant;
    bool is_ours;
};

static void on_owned(void *ctx, const struct store_incident_row *row)
{
    struct ownership *ownership = ctx;

    ownership->is_ours = ownership->tenant.len == 0 || hn_text_eq(ownership->tenant, row->tenant);
}

/* HN_NOTFOUND: there is none, or it is another tenant's. */
static enum hn_status check_ours(struct api_call *call, int64_t id)
{
    struct ownership ownership = { .tenant = call->tenant };
    enum hn_status status =
            store_incident_by_id(call->link.store, id, on_owned, &ownership, &call->err);

    return status == HN_OK && !ownership.is_ours ? HN_NOTFOUND : status;
}

static void on_members(void *ctx, const struct store_incident_row *row)
{
    struct api_call *call = ctx;

    hn_json_open(&call->json, '{');
    api_json_incident(&call->json, row);
    call->version = row->version;
}

static void on_part(void *ctx, struct hn_text kind, struct hn_text value, uint64_t count)
{
    struct hn_json_out *json = ctx;

    hn_json_open(json, '{');
    hn_json_pair(json, "kind", kind);
    hn_json_pair(json, "value", value);
    hn_json_pair_u64(json, "count", count);
    hn_json_close(json, '}');
}

static void on_alert(void *ctx, const struct store_alert_row *row)
{
    struct hn_json_out *json = ctx;

    hn_json_open(json, '{');
    api_json_alert(json, row);
    hn_json_close(json, '}');
}

enum hn_status api_incident_get(struct api_call *call)
{
    int64_t id = api_path_int(call, "id");
    struct store_alert_filter filter = store_alert_filter_all();
    struct store_page page = { .limit = NEWEST_ALERTS };
    enum hn_status status = check_ours(call, id);

    if (status == HN_OK)
        status = store_incident_by_id(call->link.store, id, on_members, call, &call->err);
    if (status != HN_OK)
        return status;
    hn_json_key(&call->json, HN_TEXT("parts"));
    hn_json_open(&call->json, '[');
    status = store_incident_parts(call->link.store, id, on_part, &call->json, &call->err);
    hn_json_close(&call->json, ']');
    hn_json_key(&call->json, HN_TEXT("items"));
    hn_json_open(&call->json, '[');
    filter.incident = id;
    filter.tenant = call->tenant;
    if (status == HN_OK)
        status = store_alerts(call->link.store, &filter, &page, on_alert, &call->json, &call->err);
    hn_json_close(&call->json, ']');
    hn_json_close(&call->json, '}');
    return status;
}

enum hn_status api_incident_history(struct api_call *call)
{
    int64_t id = api_path_int(call, "id");
    enum hn_status status = check_ours(call, id);

    return status == HN_OK ? api_history_answer(call, STORE_INCIDENT, id) : status;
}

/* ---- Decisions ---- */

static enum hn_status answer_incident(struct api_call *call, int64_t id)
{
    enum hn_status status =
            store_incident_by_id(call->link.store, id, on_members, call, &call->err);

    if (status == HN_OK)
        hn_json_close(&call->json, '}');
    return status;
}

enum hn_status api_incident_update(struct api_call *call)
{
    int64_t id = api_path_int(call, "id");
    struct store_change change;
    struct api_edit edit;
    int64_t version = 0;
    enum hn_status status = check_ours(call, id);

    if (status == HN_OK)
        status = api_if_match(call, &version);
    if (status == HN_OK)
        status = api_edit_read(call, call->body, &edit);
    if (status == HN_OK)
        status = api_note_body(call, "incident", id);
    if (status != HN_OK)
        return status;
    change = api_change(call, version);
    status = store_incident_edit(call->link.store, id, &edit.edit, &change, NULL, &call->err);
    return status == HN_OK ? answer_incident(call, id) : status;
}

enum hn_status api_incident_comment(struct api_call *call)
{
    const struct store_change change = api_change(call, 0);
    int64_t id = api_path_int(call, "id");
    enum hn_status status = check_ours(call, id);

    if (status == HN_OK)
        status = api_note_body(call, "incident", id);
    if (status != HN_OK)
        return status;
    return store_comment(call->link.store, STORE_INCIDENT, id, api_member(call->body, "text"),
            &change, &call->err);
}

enum hn_status api_incident_merge(struct api_call *call)
{
    int64_t into = api_path_int(call, "id");
    int64_t from = api_member_int(call->body, "from", 0);
    struct store_change change;
    int64_t version = 0;
    enum hn_status status = check_ours(call, into);

    if (status == HN_OK)
        status = check_ours(call, from);
    if (status == HN_OK)
        status = api_if_match(call, &version);
    if (status == HN_OK)
        status = api_note_body(call, "incident", into);
    if (status != HN_OK)
        return status;
    change = api_change(call, version);
    status = store_incident_merge(call->link.store, into, from, &change, &call->err);
    return status == HN_OK ? answer_incident(call, into) : status;
}

/* The alerts that are named, as the store knows them. */
static enum hn_status read_alerts(struct api_call *call, struct store_seqs *ret_seqs)
{
    const json_t *list = json_object_get(call->body, "alerts");
    size_t count = json_array_size(list);
    int64_t *seqs = hn_new(&call->arena, int64_t, count);
    enum hn_status status = seqs == NULL ? HN_NOMEM : HN_OK;

    for (size_t i = 0; status == HN_OK && i < count; i++) {
        struct api_alert alert;

        status = api_alert_find(
                call, api_digest(hn_text_cstr(json_string_value(json_array_get(list, i)))), &alert);
        if (status == HN_NOTFOUND)
            return api_refuse(call, 422, "/alerts/%zu: there is no such alert", i);
        if (status == HN_OK)
            seqs[i] = alert.seq;
    }
    *ret_seqs = (struct store_seqs){ seqs, (uint32_t)count };
    return status;
}

enum hn_status api_incident_split(struct api_call *call)
{
    int64_t id = api_path_int(call, "id");
    struct store_seqs alerts = { 0 };
    struct store_change change;
    int64_t version = 0;
    int64_t made = 0;
    enum hn_status status = check_ours(call, id);

    if (status == HN_OK)
        status = read_alerts(call, &alerts);
    if (status == HN_OK)
        status = api_if_match(call, &version);
    if (status == HN_OK)
        status = api_note_body(call, "incident", id);
    if (status != HN_OK)
        return status;
    change = api_change(call, version);
    status = store_incident_split(call->link.store, id, alerts, &change, &made, &call->err);
    if (status != HN_OK)
        return status;
    call->status = 201;
    hn_json_open(&call->json, '{');
    hn_json_key(&call->json, HN_TEXT("id"));
    hn_json_i64(&call->json, made);
    hn_json_close(&call->json, '}');
    return HN_OK;
}
