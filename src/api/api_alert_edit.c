/* api_alert_edit.c - what people decide about alerts, one by one or many at once. */
#include "api/api_internal.h"

/* ---- What is to be changed ---- */

struct store_change api_change(const struct api_call *call, int64_t version)
{
    return (struct store_change){
        .who = api_actor(call).name, .now = call->now, .version = version
    };
}

/* The tags of a list as the store keeps them: a line each. */
static struct hn_text join_tags(struct api_call *call, const json_t *list)
{
    struct hn_buf lines = { 0 };
    struct hn_text text;

    for (size_t i = 0; i < json_array_size(list); i++) {
        if (i > 0)
            hn_buf_add_char(&lines, '\n');
        hn_buf_add_cstr(&lines, json_string_value(json_array_get(list, i)));
    }
    text = hn_arena_text(&call->arena, hn_buf_text(&lines));
    hn_buf_deinit(&lines);
    return text;
}

static bool has_line_end(const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (strpbrk(json_string_value(json_array_get(list, i)), "\r\n") != NULL)
            return true;
    }
    return false;
}

enum hn_status api_edit_read(struct api_call *call, const json_t *body, struct api_edit *ret_edit)
{
    const json_t *tags = json_object_get(body, "tags");

    *ret_edit = (struct api_edit){ .assignee = api_member(body, "assignee"),
        .title = api_member(body, "title") };
    if (json_object_size(body) == 0)
        return api_refuse(call, 422, "nothing is to be changed");
    if (has_line_end(tags))
        return api_refuse(call, 422, "/tags: a tag is one line");
    if (api_member_is(body, "status")) {
        ret_edit->status = (enum incident_status)api_status(api_member(body, "status"));
        ret_edit->edit.status = &ret_edit->status;
    }
    if (api_member_is(body, "verdict")) {
        (void)incident_verdict_find(api_member(body, "verdict"), &ret_edit->verdict);
        ret_edit->edit.verdict = &ret_edit->verdict;
    }
    if (api_member_is(body, "assignee"))
        ret_edit->edit.assignee = &ret_edit->assignee;
    if (api_member_is(body, "title"))
        ret_edit->edit.title = &ret_edit->title;
    if (tags != NULL) {
        ret_edit->tags = join_tags(call, tags);
        ret_edit->edit.tags = &ret_edit->tags;
    }
    return HN_OK;
}

/* ---- One alert ---- */

static enum hn_status find_in_path(struct api_call *call, struct api_alert *ret_alert)
{
    return api_alert_find(call, api_digest(http_request_param(call->request, "id")), ret_alert);
}

enum hn_status api_alert_update(struct api_call *call)
{
    struct api_alert alert;
    struct api_edit edit;
    struct store_change change;
    int64_t version = 0;
    enum hn_status status = find_in_path(call, &alert);

    if (status == HN_OK)
        status = api_if_match(call, &version);
    if (status == HN_OK)
        status = api_edit_read(call, call->body, &edit);
    if (status == HN_OK)
        status = api_note_body(call, "alert", alert.seq);
    if (status != HN_OK)
        return status;
    change = api_change(call, version);
    status = store_alert_edit(call->link.store, alert.seq, &edit.edit, &change, NULL, &call->err);
    return status == HN_OK ? api_alert_answer(call, alert.seq) : status;
}

enum hn_status api_alert_comment(struct api_call *call)
{
    const struct store_change change = api_change(call, 0);
    struct api_alert alert;
    enum hn_status status = find_in_path(call, &alert);

    if (status == HN_OK)
        status = api_note_body(call, "alert", alert.seq);
    if (status != HN_OK)
        return status;
    return store_comment(call->link.store, STORE_ALERT, alert.seq, api_member(call->body, "text"),
            &change, &call->err);
}

enum hn_status api_alert_show(struct api_call *call)
{
    const struct store_change change = api_change(call, 0);
    struct api_alert alert;
    enum hn_status status = find_in_path(call, &alert);

    if (status == HN_OK)
        status = api_note(call, "alert", alert.seq, HN_TEXT(""));
    if (status == HN_OK)
        status = store_alert_show(call->link.store, alert.seq, &change, &call->err);
    return status == HN_OK ? api_alert_answer(call, alert.seq) : status;
}

/* ---- History ---- */

static void on_event(void *ctx, const struct store_event *event)
{
    struct hn_json_out *json = ctx;

    hn_json_open(json, '{');
    hn_json_pair_u64(json, "number", event->number);
    api_json_time(json, HN_TEXT("at"), event->at);
    hn_json_pair(json, "who", event->who);
    hn_json_pair(json, "what", event->what);
    hn_json_pair(json, "from", event->from);
    hn_json_pair(json, "to", event->to);
    hn_json_close(json, '}');
}

enum hn_status api_history_answer(struct api_call *call, enum store_object object, int64_t id)
{
    enum hn_status status;

    hn_json_open(&call->json, '{');
    hn_json_key(&call->json, HN_TEXT("items"));
    hn_json_open(&call->json, '[');
    status = store_history(call->link.store, object, id, on_event, &call->json, &call->err);
    hn_json_close(&call->json, ']');
    hn_json_close(&call->json, '}');
    return status;
}

enum hn_status api_alert_history(struct api_call *call)
{
    struct api_alert alert;
    enum hn_status status = find_in_path(call, &alert);

    return status == HN_OK ? api_history_answer(call, STORE_ALERT, alert.seq) : status;
}
