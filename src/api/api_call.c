/* api_call.c - one request: checked by the document, handled, answered. */
#include "api/api_internal.h"

#include "form/form.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define DETAIL_MAX 512

/* ---- What handlers say ---- */

enum hn_status api_refuse(struct api_call *call, unsigned status, const char *detail, ...)
{
    va_list args;

    call->refused = status;
    va_start(args, detail);
    (void)vsnprintf(call->err.msg, sizeof call->err.msg, detail, args);
    va_end(args);
    return HN_SYNTAX;
}

void api_field_add(struct api_call *call, const char *name, struct hn_text value)
{
    assert(call->field_count < API_FIELDS_MAX);
    call->fields[call->field_count++] = (struct http_field){ name, value };
}

struct auth_actor api_actor(const struct api_call *call)
{
    return (struct auth_actor){
        .name = call->who == NULL ? HN_TEXT("nobody") : hn_text_cstr(call->who->principal.actor),
        .address = http_request_peer(call->request),
        .now = call->now
    };
}

/* ---- The audit log ---- */

/* The newest entry's hash, for a place outside the database; once, however often somebody is
 * refused without an entry. */
static void tell_head(struct api_call *call)
{
    const struct api_options *options = &call->api->options;
    int_fast64_t before = atomic_load(&call->api->told);
    char hash[HN_SHA256_HEX_LEN];
    int64_t seq = 0;

    call->told = true;
    if (options->audited != NULL && audit_head(call->link.db, &seq, hash, NULL) == HN_OK &&
            seq > before && atomic_compare_exchange_strong(&call->api->told, &before, seq))
        options->audited(options->ctx, seq, hn_text_of(hash, sizeof hash));
}

static enum hn_status append(struct api_call *call, const struct audit_entry *entry)
{
    enum hn_status status = db_begin(call->link.db, &call->err);

    if (status != HN_OK)
        return status;
    status = audit_append(call->link.db, entry, &call->err);
    if (status == HN_OK)
        status = db_commit(call->link.db, &call->err);
    else
        db_rollback(call->link.db);
    if (status == HN_OK)
        tell_head(call);
    return status;
}

static enum hn_status note(
        struct api_call *call, struct hn_text action, struct hn_text object, struct hn_text detail)
{
    const struct auth_actor actor = api_actor(call);
    const struct audit_entry entry = { .time = call->now,
        .actor = actor.name,
        .address = actor.address,
        .action = action,
        .object = object,
        .detail = detail };

    return append(call, &entry);
}

enum hn_status api_note(struct api_call *call, const char *kind, int64_t id, struct hn_text detail)
{
    char object[AUDIT_TEXT_MAX];
    int len = id == 0 ? snprintf(object, sizeof object, "%s", kind)
                      : snprintf(object, sizeof object, "%s:%lld", kind, (long long)id);

    assert(call->operation->audit != NULL && len > 0);
    call->noted = true;
    return note(
            call, hn_text_cstr(call->operation->audit), hn_text_of(object, (size_t)len), detail);
}

/* Written anew, in ASCII: what reads the log later need not fear what the client sent. */
enum hn_status api_note_body(struct api_call *call, const char *kind, int64_t id)
{
    char *text = json_dumps(call->body, JSON_COMPACT | JSON_ENSURE_ASCII);
    struct hn_buf detail = { 0 };
    enum hn_status status;

    for (const char *c = text; c != NULL && *c != '\0'; c++) {
        if (*c == 0x7F) /* the one control that JSON lets through */
            hn_buf_add_lit(&detail, "\\u007f");
        else
            hn_buf_add_char(&detail, *c);
    }
    if (detail.len > AUDIT_DETAIL_MAX) { /* then it says how much it was */
        size_t len = detail.len;

        hn_buf_reset(&detail);
        hn_buf_addf(&detail, "{\"bytes\":%zu}", len);
    }
    status = text != NULL && hn_buf_ok(&detail) ? api_note(call, kind, id, hn_buf_text(&detail))
                                                : HN_NOMEM;
    hn_buf_deinit(&detail);
    free(text);
    return status;
}

/* What was announced did not happen. */
static void note_refusal(struct api_call *call, enum hn_status status)
{
    struct hn_buf action = { 0 };
    struct hn_buf detail = { 0 };
    struct hn_json_out json = hn_json_out_over(&detail);
    struct hn_err why = call->err;

    hn_buf_addf(&action, "%s.refused", call->operation->audit);
    hn_json_open(&json, '{');
    hn_json_pair(
            &json, "reason", hn_text_cstr(why.msg[0] != '\0' ? why.msg : hn_status_text(status)));
    hn_json_close(&json, '}');
    if (hn_buf_ok(&action) && hn_buf_ok(&detail))
        (void)!note(
                call, hn_buf_text(&action), http_request_path(call->request), hn_buf_text(&detail));
    call->err = why;
    hn_buf_deinit(&action);
    hn_buf_deinit(&detail);
}

/* ---- Answers ---- */

static unsigned status_of(enum hn_status status)
{
    switch (status) {
    case HN_NOTFOUND:
        return 404;
    case HN_UNSUPPORTED:
        return 412;
    case HN_SYNTAX:
        return 422;
    case HN_LIMIT:
    case HN_CANCELLED:
    case HN_NOMEM:
        return 503;
    case HN_OK:
    case HN_TRUNCATED:
    case HN_CORRUPT:
    case HN_IO:
        break;
    }
    return 500;
}

static const char *detail_of(const struct api_call *call, unsigned status)
{
    if (status == 404 && call->refused == 0)
        return "there is no such thing";
    if (call->err.msg[0] != '\0' && status < 500)
        return call->err.msg;
    if (status == 503)
        return "busy, or out of room; try again";
    return status < 500 ? "" : "the server could not do it; its log says why";
}

static void answer_failure(struct api_call *call, enum hn_status failure)
{
    unsigned status = call->refused != 0 ? call->refused : status_of(failure);
    const char *detail = detail_of(call, status);

    if (status == 503 && call->retry_after_s == 0)
        call->retry_after_s = 1;
    http_answer_retry(call->request, status, hn_text_cstr(detail), call->retry_after_s);
}

/* The tag changes with every byte of the answer; If-Match looks at its number alone. */
static bool is_unchanged(struct api_call *call)
{
    struct hn_text wanted;
    struct hn_text etag;

    (void)snprintf(call->etag, sizeof call->etag, "\"%lld-%016llx\"", (long long)call->version,
            (unsigned long long)hn_hash(call->text.ptr, call->text.len, 0));
    etag = hn_text_cstr(call->etag);
    api_field_add(call, "ETag", etag);
    return call->operation->method[0] == 'G' &&
           http_request_header(call->request, "If-None-Match", &wanted) &&
           (hn_text_eq(wanted, HN_TEXT("*")) || hn_text_find(wanted, etag, 0) != SIZE_MAX);
}

static void answer_success(struct api_call *call)
{
    struct http_answer answer = {
        .status = call->status, .content_type = call->content_type, .body = hn_buf_text(&call->text)
    };

    if (answer.status == 0)
        answer.status = answer.body.len == 0 ? 204 : 200;
    if (call->version != 0 && is_unchanged(call)) {
        answer.status = 304;
        answer.body = HN_TEXT("");
    }
    answer.fields = call->fields;
    answer.field_count = call->field_count;
    http_answer(call->request, &answer);
}

/* ---- Against the document ---- */

static const json_t *find_parameter(
        const struct api_operation *operation, const char *where, struct hn_text name)
{
    for (size_t i = 0; i < json_array_size(operation->parameters); i++) {
        const json_t *parameter = json_array_get(operation->parameters, i);

        if (strcmp(json_string_value(json_object_get(parameter, "in")), where) == 0 &&
                hn_text_eq(
                        name, hn_text_cstr(json_string_value(json_object_get(parameter, "name")))))
            return parameter;
    }
    return NULL;
}

static bool named_before(const struct http_pair *pairs, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (hn_text_eq(pairs[i].name, pairs[index].name))
            return true;
    }
    return false;
}

static enum hn_status check_query(struct api_call *call)
{
    struct api_complaint complaint;
    size_t count;
    const struct http_pair *pairs = http_request_query_all(call->request, &count);

    for (size_t i = 0; i < count; i++) {
        const json_t *parameter = find_parameter(call->operation, "query", pairs[i].name);

        if (parameter == NULL)
            return api_refuse(call, 400, "there is no parameter of that name");
        if (named_before(pairs, i))
            return api_refuse(call, 400, "a parameter is there twice");
        if (!api_schema_fits_text(json_object_get(parameter, "schema"), pairs[i].value, &complaint))
            return api_refuse(call, 400, "parameter %s: %s",
                    json_string_value(json_object_get(parameter, "name")), complaint.reason);
    }
    return HN_OK;
}

static enum hn_status check_path(struct api_call *call)
{
    struct api_complaint complaint;

    for (size_t i = 0; i < json_array_size(call->operation->parameters); i++) {
        const json_t *parameter = json_array_get(call->operation->parameters, i);
        const char *name = json_string_value(json_object_get(parameter, "name"));

        if (strcmp(json_string_value(json_object_get(parameter, "in")), "path") != 0)
            continue;
        if (!api_schema_fits_text(json_object_get(parameter, "schema"),
                    http_request_param(call->request, name), &complaint))
            return api_refuse(call, 400, "%s in the path: %s", name, complaint.reason);
    }
    return HN_OK;
}

static enum hn_status check_body(struct api_call *call)
{
    struct hn_bytes body = http_request_body(call->request);
    struct api_complaint complaint = { 0 };
    json_error_t error;

    if (call->operation->is_raw) {
        struct hn_text type = http_request_media_type(call->request);

        if (hn_text_eq_nocase(type, HN_TEXT("application/octet-stream")) ||
                (call->operation->is_form && form_is_type(type)))
            return HN_OK;
        return api_refuse(call, 415, "the body has to be application/octet-stream%s",
                call->operation->is_form ? " or " FORM_TYPE : "");
    }
    if (call->operation->body == NULL)
        return HN_OK;
    if (!hn_text_eq_nocase(http_request_media_type(call->request), HN_TEXT("application/json")))
        return api_refuse(call, 415, "the body has to be application/json");
    call->body = json_loadb((const char *)(body.len == 0 ? (const void *)"" : body.ptr), body.len,
            JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (call->body == NULL) /* without what stands there: it may be a password */
        return api_refuse(
                call, 400, "body: line %d, column %d: not JSON", error.line, error.column);
    if (!api_schema_fits(call->api->document, call->operation->body, call->body, &complaint))
        return api_refuse(call, 422, "%s: %s",
                complaint.place[0] == '\0' ? "body" : complaint.place, complaint.reason);
    return HN_OK;
}

/* ---- All of it ---- */

static enum hn_status handle(struct api_call *call)
{
    const struct api_options *options = &call->api->options;
    enum hn_status status = check_path(call);

    if (status == HN_OK)
        status = check_query(call);
    if (status == HN_OK)
        status = check_body(call);
    if (status != HN_OK)
        return status;
    if (!options->take(options->ctx, &call->link))
        return api_refuse(call, 503, "the database cannot be opened");
    status = call->operation->handler(call);
    if (status == HN_OK && !call->kept && !hn_buf_ok(&call->text))
        status = HN_NOMEM;
    if (status != HN_OK && call->noted)
        note_refusal(call, status);
    /* A change without an entry is a bug; changes that accounts make of themselves are noted by
     * auth, in their own transactions. */
    assert(status != HN_OK || call->operation->audit == NULL || call->noted);
    if (call->operation->audit != NULL && !call->told) /* auth wrote entries of its own */
        tell_head(call);
    options->give(options->ctx, &call->link);
    return status;
}

static void end(struct api_call *call)
{
    json_decref(call->body);
    hn_buf_deinit(&call->text);
    hn_arena_deinit(&call->arena);
}

void api_on_request(void *ctx, struct http_request *request)
{
    struct api *api = ctx;
    struct api_call call = { .api = api,
        .request = request,
        .operation = &api->operations[http_request_route(request) - api->routes],
        .who = http_request_principal(request),
        .now = api->options.now(api->options.ctx) };
    enum hn_status status;

    call.tenant = call.who == NULL ? HN_TEXT("") : hn_text_cstr(call.who->principal.tenant);
    hn_arena_init(&call.arena, API_ARENA_MAX);
    hn_buf_init(&call.text, API_ANSWER_MAX);
    call.json = hn_json_out_over(&call.text);
    status = handle(&call);
    if (!call.kept && status != HN_OK)
        answer_failure(&call, status);
    else if (!call.kept)
        answer_success(&call);
    end(&call);
}
