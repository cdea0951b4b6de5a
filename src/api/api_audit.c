/* api_audit.c - the audit log, read and checked. */
#include "api/api_internal.h"

struct listing {
    struct hn_json_out *json;
    uint32_t left; /* rows still to be shown */
    bool more;
};

/* Ours, written by api_note_body() or by auth, unless somebody changed it: then it is shown as
 * text, and the answer is still JSON. */
static void write_detail(struct hn_json_out *json, struct hn_text detail)
{
    json_t *value = json_loadb(detail.ptr, detail.len, JSON_REJECT_DUPLICATES, NULL);
    bool is_ours = json_is_object(value);

    json_decref(value);
    hn_json_key(json, HN_TEXT("detail"));
    if (detail.len == 0) {
        hn_json_null(json);
    } else if (is_ours) {
        hn_json_raw(json, detail);
    } else {
        hn_json_open(json, '{');
        hn_json_pair(json, "damaged", detail);
        hn_json_close(json, '}');
    }
}

static void on_entry(void *ctx, const struct audit_entry *entry)
{
    struct listing *listing = ctx;
    struct hn_json_out *json = listing->json;

    if (listing->left == 0) {
        listing->more = true;
        return;
    }
    listing->left--;
    hn_json_open(json, '{');
    hn_json_key(json, HN_TEXT("seq"));
    hn_json_i64(json, entry->seq);
    api_json_time(json, HN_TEXT("time"), entry->time);
    hn_json_pair(json, "actor", entry->actor);
    hn_json_pair(json, "address", entry->address);
    hn_json_pair(json, "action", entry->action);
    hn_json_pair(json, "object", entry->object);
    write_detail(json, entry->detail);
    hn_json_pair(json, "hash", hn_text_of(entry->hash, sizeof entry->hash));
    hn_json_close(json, '}');
}

enum hn_status api_audit_list(struct api_call *call)
{
    struct listing listing = { .json = &call->json,
        .left = (uint32_t)api_query_int(call, "limit", 100) };
    enum hn_status status;

    hn_json_open(&call->json, '{');
    hn_json_key(&call->json, HN_TEXT("items"));
    hn_json_open(&call->json, '[');
    status = audit_read(call->link.db, api_query_int(call, "after", 0), listing.left + 1, on_entry,
            &listing, &call->err);
    hn_json_close(&call->json, ']');
    hn_json_key(&call->json, HN_TEXT("more"));
    hn_json_bool(&call->json, listing.more);
    hn_json_close(&call->json, '}');
    return status;
}

enum hn_status api_audit_walk(struct api_call *call)
{
    int64_t broken = 0;
    int64_t seq = 0;
    char hash[HN_SHA256_HEX_LEN] = { 0 };
    struct hn_err reason = { 0 };
    enum hn_status walked = audit_check(call->link.db, &broken, &reason);
    enum hn_status status;

    if (walked != HN_OK && walked != HN_CORRUPT) {
        call->err = reason;
        return walked;
    }
    status = audit_head(call->link.db, &seq, hash, &call->err);
    if (status != HN_OK)
        return status;
    hn_json_open(&call->json, '{');
    hn_json_key(&call->json, HN_TEXT("whole"));
    hn_json_bool(&call->json, walked == HN_OK);
    api_json_ref(&call->json, HN_TEXT("broken"), walked == HN_OK ? 0 : broken);
    hn_json_key(&call->json, HN_TEXT("seq"));
    hn_json_i64(&call->json, seq);
    hn_json_pair(&call->json, "hash", hn_text_of(hash, seq == 0 ? 0 : sizeof hash));
    hn_json_close(&call->json, '}');
    return HN_OK;
}
