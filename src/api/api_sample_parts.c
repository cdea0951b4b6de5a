/* api_sample_parts.c - what belongs to a sample: reports, what was in it, its bytes in a zip that
 * needs a password, and the indicators that are offered. */
#include "api/api_internal.h"

#include "zip/zip.h"

#include <stdio.h>

#define NUMBERS_MAX 1000u
#define ZIP_ROOM    ((size_t)64 << 10) /* that a zip may have more than what is in it */

/* ---- Reports ---- */

/* Always to be saved: a page of our own origin is no place for what attackers wrote. */
static void name_file(struct api_call *call, struct hn_text name, const char *ending)
{
    struct hn_buf text = { 0 };

    hn_buf_addf(&text, "attachment; filename=\"%.*s.%s\"", HN_TEXT_ARG(name), ending);
    api_field_add(call, "Content-Disposition", hn_arena_text(&call->arena, hn_buf_text(&text)));
    hn_buf_deinit(&text);
}

static enum hn_status answer_file(
        struct api_call *call, struct hn_text id, enum sample_file_kind kind)
{
    return sample_read(call->api->options.samples, call->link.db,
            &(struct sample_part){ .id = id, .kind = kind }, &call->text, &call->err);
}

enum hn_status api_sample_report(struct api_call *call)
{
    struct hn_text id;
    enum hn_status status = api_sample_known(call, &id);
    bool japanese = hn_text_eq(api_query(call, "lang"), HN_TEXT("ja"));

    if (status == HN_OK)
        status = answer_file(call, id, japanese ? SAMPLE_HTML_JA : SAMPLE_HTML_EN);
    if (status != HN_OK)
        return status;
    call->content_type = "text/html; charset=utf-8";
    name_file(call, id, "html");
    return HN_OK;
}

enum hn_status api_sample_tree(struct api_call *call)
{
    struct hn_text id;
    enum hn_status status = api_sample_known(call, &id);

    if (status == HN_OK)
        status = answer_file(call, id, SAMPLE_TREE);
    if (status != HN_OK)
        return status;
    call->content_type = "application/octet-stream";
    name_file(call, id, "tree");
    return HN_OK;
}

/* ---- What was in it ---- */

static void on_child(void *ctx, const struct sample_file *file)
{
    struct hn_json_out *json = ctx;

    hn_json_open(json, '{');
    hn_json_pair_u64(json, "object", file->object);
    hn_json_pair(json, "sha256", file->sha256);
    hn_json_pair(json, "name", file->name);
    hn_json_pair(json, "format", file->format);
    hn_json_pair_u64(json, "size", file->size);
    hn_json_key_lit(json, "kept");
    hn_json_bool(json, file->kept);
    hn_json_close(json, '}');
}

enum hn_status api_sample_children(struct api_call *call)
{
    struct hn_text id;
    enum hn_status status = api_sample_known(call, &id);

    if (status != HN_OK)
        return status;
    hn_json_open(&call->json, '{');
    hn_json_key_lit(&call->json, "items");
    hn_json_open(&call->json, '[');
    status = sample_children(call->link.db, id, on_child, &call->json, &call->err);
    hn_json_close(&call->json, ']');
    hn_json_close(&call->json, '}');
    return status;
}

/* ---- Its bytes ---- */

struct naming {
    char sha256[VAULT_NAME_LEN];
};

static void on_named(void *ctx, const struct sample_row *row)
{
    struct naming *naming = ctx;

    memcpy(naming->sha256, row->sha256.ptr,
            row->sha256.len < VAULT_NAME_LEN ? row->sha256.len : VAULT_NAME_LEN);
}

static bool to_answer(void *ctx, struct hn_bytes bytes)
{
    struct hn_buf *out = ctx;

    hn_buf_add(out, bytes.ptr, bytes.len);
    return hn_buf_ok(out);
}

static enum hn_status zip_answer(struct api_call *call, struct hn_text sha256, struct hn_buf *bytes)
{
    struct zip_write write = { .sink = to_answer, .ctx = &call->text };
    enum hn_status status;
    enum hn_status ended;

    hn_buf_deinit(&call->text);
    hn_buf_init(&call->text, bytes->len + ZIP_ROOM);
    status = zip_write_add(
            &write, sha256, hn_text_as_bytes(hn_buf_text(bytes)), HN_TEXT(ZIP_SAMPLE_PASSWORD));
    ended = zip_write_end(&write);
    status = status == HN_OK ? ended : status;
    return status == HN_OK ? HN_OK : hn_fail(&call->err, status, 0, "no memory for a zip");
}

enum hn_status api_sample_download(struct api_call *call)
{
    struct hn_text child = api_query(call, "child");
    struct naming naming = { { 0 } };
    struct hn_text sha256 = child.len > 0 ? child : hn_text_of(naming.sha256, VAULT_NAME_LEN);
    struct hn_buf bytes = { 0 };
    struct hn_buf detail = { 0 };
    struct hn_text id = http_request_param(call->request, "id");
    enum hn_status status = api_samples_taken(call);

    if (status == HN_OK)
        status = sample_find(call->link.db, id, call->tenant, on_named, &naming, &call->err);
    if (status == HN_OK) {
        const struct sample_part part = {
            .id = id, .kind = child.len > 0 ? SAMPLE_CHILD : SAMPLE_SAMPLE, .sha256 = child
        };

        status = sample_read(call->api->options.samples, call->link.db, &part, &bytes, &call->err);
    }
    if (status == HN_OK) {
        hn_buf_addf(&detail, "{\"sha256\":\"%.*s\"}", HN_TEXT_ARG(sha256));
        status = api_sample_note(call, id, hn_buf_text(&detail));
    }
    if (status == HN_OK)
        status = zip_answer(call, sha256, &bytes);
    hn_buf_deinit(&detail);
    hn_buf_deinit(&bytes);
    if (status != HN_OK)
        return status;
    call->content_type = "application/zip";
    name_file(call, sha256, "zip");
    return HN_OK;
}

/* ---- Indicators ---- */

static void on_indicator(void *ctx, const struct sample_indicator *one)
{
    struct hn_json_out *json = ctx;

    hn_json_open(json, '{');
    hn_json_key_lit(json, "number");
    hn_json_i64(json, one->number);
    hn_json_pair(json, "type", one->type);
    hn_json_pair(json, "value", one->value);
    hn_json_pair(json, "role", one->role);
    hn_json_pair(json, "state", hn_text_cstr(sample_decision_text(one->decision)));
    hn_json_pair(json, "actor", one->actor);
    api_json_time(json, HN_TEXT("decided"), one->decided);
    api_json_time(json, HN_TEXT("expires"), one->expires);
    hn_json_close(json, '}');
}

static enum hn_status answer_indicators(struct api_call *call, struct hn_text id)
{
    enum hn_status status;

    hn_json_open(&call->json, '{');
    hn_json_key_lit(&call->json, "items");
    hn_json_open(&call->json, '[');
    status = sample_indicators(call->link.db, id, on_indicator, &call->json, &call->err);
    hn_json_close(&call->json, ']');
    hn_json_close(&call->json, '}');
    return status;
}

enum hn_status api_sample_indicators(struct api_call *call)
{
    struct hn_text id;
    enum hn_status status = api_sample_known(call, &id);

    return status == HN_OK ? answer_indicators(call, id) : status;
}

static enum sample_decision decision_of(struct hn_text text)
{
    return hn_text_eq(text, HN_TEXT("accepted"))   ? SAMPLE_ACCEPTED
           : hn_text_eq(text, HN_TEXT("rejected")) ? SAMPLE_REJECTED
                                                   : SAMPLE_OFFERED;
}

static enum hn_status read_verdict(
        struct api_call *call, int64_t *numbers, struct sample_verdict *ret_verdict)
{
    const json_t *list = json_object_get(call->body, "numbers");

    *ret_verdict = (struct sample_verdict){ .numbers = numbers,
        .count = json_array_size(list),
        .decision = decision_of(api_member(call->body, "state")),
        .actor = api_actor(call).name,
        .expires = api_member_time(call->body, "expires") };
    for (size_t i = 0; i < ret_verdict->count && i < NUMBERS_MAX; i++)
        numbers[i] = json_integer_value(json_array_get(list, i));
    if (ret_verdict->expires != HN_TIME_NONE && ret_verdict->expires <= call->now)
        return api_refuse(call, 422, "/expires: has passed");
    return HN_OK;
}

/* What is accepted judges from the next event on; rules that cannot be read again for another
 * reason do not undo it, and the server's log says why. */
enum hn_status api_sample_decide(struct api_call *call)
{
    const struct api_options *options = &call->api->options;
    int64_t *numbers = hn_new(&call->arena, int64_t, NUMBERS_MAX);
    char object[sizeof "sample:" + SAMPLE_ID_LEN];
    struct sample_verdict verdict;
    struct hn_err unread = { 0 };
    struct hn_text id = HN_TEXT("");
    enum hn_status status = numbers == NULL ? HN_NOMEM : api_sample_known(call, &id);

    if (status == HN_OK)
        status = read_verdict(call, numbers, &verdict);
    if (status == HN_OK) {
        (void)snprintf(object, sizeof object, "sample:%.*s", HN_TEXT_ARG(id));
        status = api_note_body(call, object, 0);
    }
    if (status == HN_OK)
        status = sample_decide(options->samples, call->link.db, id, &verdict, &call->err);
    if (status == HN_NOTFOUND)
        return api_refuse(call, 422, "/numbers: no such indicator of this sample");
    if (status != HN_OK)
        return status;
    (void)!options->reload(options->ctx, &unread);
    return answer_indicators(call, id);
}
