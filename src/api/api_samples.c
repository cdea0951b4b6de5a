/* api_samples.c - samples: handed in, listed, shown, removed. */
#include "api/api_internal.h"

#include "base/sha256.h"

#include <stdio.h>

#define RETRY_AFTER_S 10
#define OBJECT_ROOM   (sizeof "sample:" + SAMPLE_ID_LEN)

enum hn_status api_samples_taken(struct api_call *call)
{
    return call->api->options.samples != NULL
                   ? HN_OK
                   : api_refuse(call, 503, "this server takes no samples: samples.workers is 0");
}

enum hn_status api_sample_note(struct api_call *call, struct hn_text id, struct hn_text detail)
{
    char object[OBJECT_ROOM];

    (void)snprintf(object, sizeof object, "sample:%.*s", HN_TEXT_ARG(id));
    return api_note(call, object, 0, detail);
}

/* ---- As JSON ---- */

static void write_row(struct hn_json_out *json, const struct sample_row *row)
{
    hn_json_pair(json, "id", row->id);
    hn_json_pair(json, "sha256", row->sha256);
    hn_json_pair(json, "name", row->name);
    hn_json_pair_u64(json, "size", row->size);
    hn_json_pair(json, "tenant", row->tenant);
    hn_json_pair(json, "actor", row->actor);
    api_json_time(json, HN_TEXT("received"), row->received);
    api_json_time(json, HN_TEXT("finished"), row->finished);
    hn_json_pair(json, "state", hn_text_cstr(sample_state_text(row->state)));
    hn_json_key_lit(json, "verdict");
    if (row->verdict < 0)
        hn_json_null(json);
    else
        hn_json_text(
                json, hn_text_cstr(analyze_verdict_id((enum analyze_verdict_kind)row->verdict)));
    hn_json_pair_u64(json, "attempts", row->attempts);
    hn_json_pair(json, "error", row->error);
}

/* Leaves the object open. */
struct showing {
    struct api_call *call;
    enum sample_state state;
};

static void on_shown(void *ctx, const struct sample_row *row)
{
    struct showing *showing = ctx;

    hn_json_open(&showing->call->json, '{');
    write_row(&showing->call->json, row);
    showing->state = row->state;
}

static void on_known(void *ctx, const struct sample_row *row)
{
    (void)ctx;
    (void)row;
}

enum hn_status api_sample_known(struct api_call *call, struct hn_text *ret_id)
{
    enum hn_status status = api_samples_taken(call);

    *ret_id = http_request_param(call->request, "id");
    return status == HN_OK
                   ? sample_find(call->link.db, *ret_id, call->tenant, on_known, NULL, &call->err)
                   : status;
}

/* ---- In ---- */

static enum hn_status read_door(struct api_call *call, struct sample_door *ret_door)
{
    struct sample_door_in in = { .name = api_query(call, "name"),
        .passwords = api_query(call, "passwords"),
        .body = http_request_body(call->request),
        .file_max = call->api->options.sample_bytes_max };
    enum hn_status status;

    if (!http_request_header(call->request, "Content-Type", &in.content_type))
        in.content_type = HN_TEXT("");
    status = sample_door_read(&in, ret_door, &call->err);
    if (status == HN_LIMIT)
        call->refused = 413;
    else if (status == HN_UNSUPPORTED)
        call->refused = 415;
    else if (status == HN_TRUNCATED)
        call->refused = 400;
    return status;
}

/* What it was, without its name and passwords: those may be anything. */
static enum hn_status note_submit(struct api_call *call, struct hn_bytes body)
{
    char hex[HN_SHA256_HEX_LEN];
    char detail[128];

    if (!hn_sha256_hex(body, hex))
        return HN_NOMEM;
    (void)snprintf(detail, sizeof detail, "{\"sha256\":\"%.*s\",\"bytes\":%zu}",
            (int)HN_SHA256_HEX_LEN, hex, body.len);
    return api_note(call, "sample", 0, hn_text_cstr(detail));
}

/* Writes the sample as it is there now. */
static enum hn_status submit_one(
        struct api_call *call, const struct sample_door *door, const struct sample_door_file *file)
{
    const struct sample_wish wish = { .bytes = file->bytes,
        .name = file->name,
        .tenant = call->tenant,
        .actor = api_actor(call).name,
        .passwords = door->passwords,
        .password_count = door->password_count };
    struct showing showing = { .call = call };
    char id[SAMPLE_ID_LEN];
    bool is_new = false;
    enum hn_status status = note_submit(call, wish.bytes);

    if (status == HN_OK)
        status = sample_submit(
                call->api->options.samples, call->link.db, &wish, id, &is_new, &call->err);
    if (status == HN_LIMIT) {
        call->retry_after_s = RETRY_AFTER_S;
        call->refused = 429;
        return status;
    }
    if (status == HN_OK)
        status = sample_find(call->link.db, hn_text_of(id, sizeof id), call->tenant, on_shown,
                &showing, &call->err);
    if (status != HN_OK)
        return status == HN_IO ? api_refuse(call, 503, "no room for it, or it cannot be written")
                               : status;
    hn_json_key_lit(&call->json, "new");
    hn_json_bool(&call->json, is_new);
    hn_json_close(&call->json, '}');
    return HN_OK;
}

/* Those before one that is refused are taken, and are there when all are handed in again. */
static enum hn_status submit_all(struct api_call *call, const struct sample_door *door)
{
    enum hn_status status = HN_OK;

    hn_json_open(&call->json, '{');
    hn_json_key_lit(&call->json, "items");
    hn_json_open(&call->json, '[');
    for (size_t i = 0; status == HN_OK && i < door->file_count; i++)
        status = submit_one(call, door, &door->files[i]);
    hn_json_close(&call->json, ']');
    hn_json_close(&call->json, '}');
    return status;
}

enum hn_status api_sample_submit(struct api_call *call)
{
    struct sample_door *door = hn_new(&call->arena, struct sample_door, 1);
    enum hn_status status = api_samples_taken(call);

    if (door == NULL)
        return HN_NOMEM;
    if (status == HN_OK)
        status = read_door(call, door);
    if (status != HN_OK)
        return status;
    status = door->is_form ? submit_all(call, door) : submit_one(call, door, &door->files[0]);
    sample_door_deinit(door);
    call->status = 202;
    return status;
}

/* ---- Lists ---- */

struct listing {
    struct api_call *call;
    struct api_page page;
    uint32_t left;
};

static void on_listed(void *ctx, const struct sample_row *row)
{
    struct listing *listing = ctx;

    if (listing->left == 0) { /* one more was asked for, to know that there is one */
        listing->page.page.more = true;
        return;
    }
    listing->left--;
    hn_json_open(&listing->call->json, '{');
    write_row(&listing->call->json, row);
    hn_json_close(&listing->call->json, '}');
    api_page_row(&listing->page, row->received, row->seq);
}

static int state_of(struct hn_text text)
{
    for (int state = SAMPLE_QUEUED; state <= (int)SAMPLE_FAILED; state++) {
        if (hn_text_eq(text, hn_text_cstr(sample_state_text((enum sample_state)state))))
            return state;
    }
    return -1;
}

static int verdict_of(struct hn_text text)
{
    for (int kind = ANALYZE_CLEAN; kind <= (int)ANALYZE_MALICIOUS; kind++) {
        if (hn_text_eq(text, hn_text_cstr(analyze_verdict_id((enum analyze_verdict_kind)kind))))
            return kind;
    }
    return -1;
}

enum hn_status api_samples_list(struct api_call *call)
{
    struct listing listing = { .call = call };
    struct sample_filter filter = { .tenant = call->tenant,
        .state = state_of(api_query(call, "state")),
        .verdict = verdict_of(api_query(call, "verdict")) };
    enum hn_status status = api_samples_taken(call);

    if (status == HN_OK)
        status = api_page_read(call, &listing.page);
    if (status != HN_OK)
        return status;
    filter.before = listing.page.page.cursor == NULL ? 0 : listing.page.page.cursor->seq;
    listing.left = listing.page.page.limit;
    filter.limit = listing.left + 1;
    hn_json_open(&call->json, '{');
    hn_json_key_lit(&call->json, "items");
    hn_json_open(&call->json, '[');
    status = sample_list(call->link.db, &filter, on_listed, &listing, &call->err);
    hn_json_close(&call->json, ']');
    api_page_next(call, &listing.page);
    hn_json_close(&call->json, '}');
    return status;
}

/* ---- One ---- */

enum hn_status api_sample_get(struct api_call *call)
{
    struct hn_text id = http_request_param(call->request, "id");
    struct showing showing = { .call = call };
    struct hn_buf report = { 0 };
    enum hn_status status = api_samples_taken(call);

    if (status == HN_OK)
        status = sample_find(call->link.db, id, call->tenant, on_shown, &showing, &call->err);
    if (status == HN_OK && showing.state == SAMPLE_DONE) {
        status = sample_read(call->api->options.samples, call->link.db,
                &(struct sample_part){ .id = id, .kind = SAMPLE_REPORT }, &report, &call->err);
    }
    if (status == HN_OK) {
        struct hn_text json = hn_text_trim(hn_buf_text(&report)); /* our own, authenticated */

        hn_json_key_lit(&call->json, "report");
        hn_json_raw(&call->json, json.len > 0 ? json : HN_TEXT("null"));
        hn_json_close(&call->json, '}');
    }
    hn_buf_deinit(&report);
    return status;
}

enum hn_status api_sample_remove(struct api_call *call)
{
    struct hn_text id;
    enum hn_status status = api_sample_known(call, &id);

    if (status == HN_OK)
        status = api_sample_note(call, id, HN_TEXT(""));
    return status == HN_OK
                   ? sample_remove(call->api->options.samples, call->link.db, id, &call->err)
                   : status;
}
