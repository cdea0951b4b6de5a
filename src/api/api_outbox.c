/* api_outbox.c - what outputs are to be told, and dead letters. */
#include "api/api_internal.h"

struct listing {
    struct hn_json_out *json;
    uint32_t left;
    int64_t last;
    int64_t next; /* ids greater than this; 0: there are no more */
};

static void on_out(void *ctx, const struct store_out *out)
{
    struct listing *listing = ctx;
    struct hn_json_out *json = listing->json;

    if (listing->left == 0) {
        listing->next = listing->last;
        return;
    }
    listing->left--;
    listing->last = out->id;
    hn_json_open(json, '{');
    hn_json_key(json, HN_TEXT("id"));
    hn_json_i64(json, out->id);
    hn_json_pair(json, "sink", out->sink);
    hn_json_pair(json, "kind", out->kind);
    api_json_ref(json, HN_TEXT("alert"), out->alert);
    api_json_ref(json, HN_TEXT("incident"), out->incident);
    hn_json_pair(json, "key", out->key);
    hn_json_pair_u64(json, "attempts", out->attempts);
    hn_json_pair(json, "state", hn_text_cstr(store_out_text(out->state)));
    api_json_time(json, HN_TEXT("next"), out->next);
    api_json_time(json, HN_TEXT("created"), out->created);
    hn_json_pair(json, "error", out->error);
    hn_json_close(json, '}');
}

static int state_of(struct hn_text text)
{
    for (int state = STORE_PENDING; state <= (int)STORE_DEAD; state++) {
        if (hn_text_eq(text, hn_text_cstr(store_out_text((enum store_out_state)state))))
            return state;
    }
    return -1;
}

enum hn_status api_outbox_list(struct api_call *call)
{
    struct listing listing = { .json = &call->json,
        .left = (uint32_t)api_query_int(call, "limit", 100) };
    const struct store_out_filter filter = { .sink = api_query(call, "sink"),
        .state = state_of(api_query(call, "state")),
        .after = api_query_int(call, "after", 0),
        .limit = listing.left + 1 };
    enum hn_status status;

    hn_json_open(&call->json, '{');
    hn_json_key(&call->json, HN_TEXT("items"));
    hn_json_open(&call->json, '[');
    status = store_out_list(call->link.store, &filter, on_out, &listing, &call->err);
    hn_json_close(&call->json, ']');
    api_json_ref(&call->json, HN_TEXT("next"), listing.next);
    hn_json_close(&call->json, '}');
    return status;
}

enum hn_status api_outbox_requeue(struct api_call *call)
{
    int64_t id = api_member_int(call->body, "id", 0);
    struct hn_text sink = api_member(call->body, "sink");
    uint64_t count = 0;
    enum hn_status status;

    if ((id == 0) == (sink.len == 0))
        return api_refuse(call, 422, "either an id or a sink");
    status = api_note_body(call, "outbox", id);
    if (status == HN_OK)
        status = store_out_requeue(call->link.store, id, sink, call->now, &count, &call->err);
    if (status != HN_OK)
        return status;
    hn_json_open(&call->json, '{');
    hn_json_pair_u64(&call->json, "count", count);
    hn_json_close(&call->json, '}');
    return HN_OK;
}
