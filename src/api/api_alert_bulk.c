/* api_alert_bulk.c - one decision about many alerts, counted before it is made.
 *
 * Each alert is a transaction of its own, so that thousands of them never keep the engine's results
 * from being stored; one entry of the audit log announces all of them. */
#include "api/api_internal.h"

#include "base/vec.h"

struct chosen {
    int64_t seq;
    struct hn_digest id;
};

struct bulk {
    struct api_call *call;
    HN_VEC(struct chosen) alerts;
    bool more;
    bool no_memory;
};

static void on_chosen(void *ctx, const struct store_alert_row *row)
{
    struct bulk *bulk = ctx;
    struct chosen *chosen = hn_vec_add(&bulk->alerts);

    if (chosen == NULL)
        bulk->no_memory = true;
    else
        *chosen = (struct chosen){ row->seq, row->id };
}

static enum hn_status choose_by_ids(struct bulk *bulk, const json_t *ids)
{
    enum hn_status status = HN_OK;

    for (size_t i = 0; status == HN_OK && i < json_array_size(ids); i++) {
        struct api_alert alert;
        struct chosen *chosen;

        status = api_alert_find(bulk->call,
                api_digest(hn_text_cstr(json_string_value(json_array_get(ids, i)))), &alert);
        if (status == HN_NOTFOUND)
            return api_refuse(bulk->call, 404, "/ids/%zu: there is no such alert", i);
        if (status != HN_OK)
            return status;
        chosen = hn_vec_add(&bulk->alerts);
        if (chosen == NULL)
            return HN_NOMEM;
        *chosen = (struct chosen){ alert.seq, alert.id };
    }
    return status;
}

static enum hn_status choose_by_filter(struct bulk *bulk, const json_t *from)
{
    struct api_call *call = bulk->call;
    struct store_alert_filter filter = store_alert_filter_all();
    struct store_page page = { .limit = STORE_PAGE_MAX };
    enum hn_status status;

    filter.tenant = call->tenant;
    filter.hidden = 0;
    filter.level_min = (uint32_t)api_level(api_member(from, "level"));
    filter.rule_id = api_member(from, "rule_id");
    filter.host = api_member(from, "host");
    filter.user = api_member(from, "user");
    filter.address = api_member(from, "address");
    filter.source = api_member(from, "source");
    filter.family = api_member(from, "family");
    filter.assignee = api_member(from, "assignee");
    filter.status = api_status(api_member(from, "status"));
    filter.verdict = api_verdict(api_member(from, "verdict"));
    filter.incident = api_member_int(from, "incident", 0);
    filter.from = api_member_time(from, "from");
    filter.to = api_member_time(from, "to");
    status = store_alerts(call->link.store, &filter, &page, on_chosen, bulk, &call->err);
    bulk->more = page.more;
    return status == HN_OK && bulk->no_memory ? HN_NOMEM : status;
}

static enum hn_status choose(struct bulk *bulk)
{
    const json_t *ids = json_object_get(bulk->call->body, "ids");
    const json_t *filter = json_object_get(bulk->call->body, "filter");
    int64_t expected = api_member_int(bulk->call->body, "expect", -1);
    enum hn_status status;

    if ((ids == NULL) == (filter == NULL))
        return api_refuse(bulk->call, 422, "either ids or a filter");
    status = ids != NULL ? choose_by_ids(bulk, ids) : choose_by_filter(bulk, filter);
    if (status == HN_OK && expected >= 0 && (size_t)expected != bulk->alerts.count)
        return api_refuse(bulk->call, 409, "%zu alerts are meant, not %lld", bulk->alerts.count,
                (long long)expected);
    return status;
}

static void write_refused(struct api_call *call, struct hn_digest id)
{
    hn_json_open(&call->json, '{');
    api_json_digest(&call->json, HN_TEXT("id"), id);
    hn_json_pair(&call->json, "detail", hn_text_cstr(call->err.msg));
    hn_json_close(&call->json, '}');
    call->err = (struct hn_err){ 0 };
}

/* Writes what is refused, and counts the rest. */
static enum hn_status change_all(
        struct bulk *bulk, const struct api_edit *edit, uint64_t *ret_changed)
{
    struct api_call *call = bulk->call;
    const struct store_change change = api_change(call, 0);

    for (size_t i = 0; i < bulk->alerts.count; i++) {
        enum hn_status status = store_alert_edit(
                call->link.store, bulk->alerts.ptr[i].seq, &edit->edit, &change, NULL, &call->err);

        if (status == HN_OK)
            (*ret_changed)++;
        else if (status == HN_SYNTAX || status == HN_NOTFOUND)
            write_refused(call, bulk->alerts.ptr[i].id);
        else
            return status;
    }
    return HN_OK;
}

static enum hn_status run(struct bulk *bulk, const struct api_edit *edit)
{
    struct api_call *call = bulk->call;
    bool preview = json_is_true(json_object_get(call->body, "preview"));
    uint64_t changed = 0;
    enum hn_status status = choose(bulk);

    if (status != HN_OK)
        return status;
    if (preview)
        call->noted = true; /* nothing is changed */
    else
        status = api_note_body(call, "alerts", 0);
    hn_json_open(&call->json, '{');
    hn_json_key(&call->json, HN_TEXT("refused"));
    hn_json_open(&call->json, '[');
    if (status == HN_OK && !preview)
        status = change_all(bulk, edit, &changed);
    hn_json_close(&call->json, ']');
    hn_json_pair_u64(&call->json, "found", bulk->alerts.count);
    hn_json_pair_u64(&call->json, "changed", changed);
    hn_json_key(&call->json, HN_TEXT("more"));
    hn_json_bool(&call->json, bulk->more);
    hn_json_close(&call->json, '}');
    return status;
}

enum hn_status api_alerts_edit(struct api_call *call)
{
    struct bulk bulk = { .call = call };
    struct api_edit edit;
    enum hn_status status = api_edit_read(call, json_object_get(call->body, "change"), &edit);

    if (status == HN_OK)
        status = run(&bulk, &edit);
    hn_vec_deinit(&bulk.alerts);
    return status;
}
