/* api_document.c - docs/openapi.json as a table of operations and routes. */
#include "api/api_internal.h"

#include "api/api_assets.h"
#include "form/form.h"

#include <string.h>

static const char *const methods[][2] = { { "get", "GET" }, { "post", "POST" }, { "put", "PUT" },
    { "patch", "PATCH" }, { "delete", "DELETE" } };

static api_handler *find_handler(const char *operation)
{
    for (size_t i = 0; i < api_handler_count; i++) {
        if (strcmp(api_handlers[i].operation, operation) == 0)
            return api_handlers[i].handler;
    }
    return NULL;
}

static const json_t *body_schema(const json_t *from)
{
    const json_t *content = json_object_get(json_object_get(from, "requestBody"), "content");

    return json_object_get(json_object_get(content, "application/json"), "schema");
}

static bool has_body(const json_t *from, const char *type)
{
    const json_t *content = json_object_get(json_object_get(from, "requestBody"), "content");

    return json_object_get(content, type) != NULL;
}

static enum hn_status check_parameters(const json_t *list, struct hn_err *err)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *parameter = json_array_get(list, i);
        const json_t *schema = json_object_get(parameter, "schema");

        if (json_object_get(parameter, "name") == NULL ||
                json_string_value(json_object_get(schema, "type")) == NULL)
            return hn_fail(err, HN_SYNTAX, 0, "openapi: a parameter without name or type");
    }
    return HN_OK;
}

static enum hn_status read_operation(const json_t *document, const char *pattern,
        const char *method, const json_t *from, struct api_operation *ret, struct hn_err *err)
{
    const char *permission = json_string_value(json_object_get(from, "x-permission"));
    const json_t *security = json_object_get(from, "security");
    enum hn_status status;

    *ret = (struct api_operation){ .id = json_string_value(json_object_get(from, "operationId")),
        .method = method,
        .pattern = pattern,
        .permission = permission,
        .audit = json_string_value(json_object_get(from, "x-audit")),
        .is_public = json_is_array(security) && json_array_size(security) == 0,
        .is_global = json_is_true(json_object_get(from, "x-global")),
        .is_session = json_is_true(json_object_get(from, "x-session")),
        .body = body_schema(from),
        .is_raw = has_body(from, "application/octet-stream"),
        .is_form = has_body(from, FORM_TYPE),
        .body_required =
                json_is_true(json_object_get(json_object_get(from, "requestBody"), "required")),
        .parameters = json_object_get(from, "parameters") };
    if (ret->id == NULL)
        return hn_fail(err, HN_SYNTAX, 0, "openapi: %s %s has no operationId", method, pattern);
    ret->handler = find_handler(ret->id);
    if (ret->handler == NULL)
        return hn_fail(err, HN_SYNTAX, 0, "openapi: nobody handles %s", ret->id);
    if (!ret->is_public && permission == NULL)
        return hn_fail(err, HN_SYNTAX, 0, "openapi: %s has no x-permission", ret->id);
    if (permission != NULL && strcmp(permission, "any") == 0)
        ret->permission = NULL;
    else if (permission != NULL && auth_permission_find(hn_text_cstr(permission)) == 0)
        return hn_fail(err, HN_SYNTAX, 0, "openapi: %s wants the unknown permission %s", ret->id,
                permission);
    status = check_parameters(ret->parameters, err);
    if (status == HN_OK && ret->body != NULL)
        status = api_schema_check(document, ret->body, err);
    return status;
}

static struct http_route route_of(const struct api *api, const struct api_operation *operation)
{
    size_t raw = api->options.samples == NULL ? API_BODY_MAX
                                              : api->options.sample_bytes_max +
                                                        (operation->is_form ? SAMPLE_DOOR_ROOM : 0);

    return (struct http_route){ .method = operation->method,
        .pattern = operation->pattern,
        .operation = operation->id,
        .handler = api_on_request,
        .permission = operation->permission,
        .body_max = operation->is_raw         ? raw
                    : operation->body != NULL ? API_BODY_MAX
                                              : 0,
        .flags = operation->is_public ? HTTP_ROUTE_PUBLIC : 0 };
}

static enum hn_status read_path(
        struct api *api, const char *pattern, const json_t *path, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    for (size_t i = 0; status == HN_OK && i < HN_COUNT_OF(methods); i++) {
        const json_t *from = json_object_get(path, methods[i][0]);
        struct api_operation *operation = &api->operations[api->operation_count];

        if (from == NULL)
            continue;
        if (api->operation_count == api_handler_count)
            return hn_fail(err, HN_SYNTAX, 0, "openapi: more operations than handlers");
        status = read_operation(api->document, pattern, methods[i][1], from, operation, err);
        if (status == HN_OK)
            api->routes[api->operation_count++] = route_of(api, operation);
    }
    return status;
}

enum hn_status api_document_load(struct api *api, struct hn_err *err)
{
    json_error_t error;
    const char *pattern;
    json_t *path;
    enum hn_status status = HN_OK;

    api->document =
            json_loadb((const char *)api_openapi, api_openapi_len, JSON_REJECT_DUPLICATES, &error);
    if (api->document == NULL)
        return hn_fail_at(err, HN_SYNTAX, (uint32_t)error.line, (uint32_t)error.column,
                "openapi: %s", error.text);
    api->operations = hn_calloc(api_handler_count, sizeof *api->operations);
    api->routes = hn_calloc(api_handler_count, sizeof *api->routes);
    if (api->operations == NULL || api->routes == NULL)
        return hn_fail(err, HN_NOMEM, 0, "openapi");
    json_object_foreach(json_object_get(api->document, "paths"), pattern, path)
    {
        status = read_path(api, pattern, path, err);
        if (status != HN_OK)
            return status;
    }
    if (api->operation_count != api_handler_count)
        return hn_fail(err, HN_SYNTAX, 0, "openapi: %zu operations, %zu handlers",
                api->operation_count, api_handler_count);
    return HN_OK;
}

void api_document_unload(struct api *api)
{
    json_decref(api->document);
    hn_free(api->operations);
    hn_free(api->routes);
}

enum hn_status api_document_get(struct api_call *call)
{
    hn_buf_add(&call->text, api_openapi, api_openapi_len);
    return HN_OK;
}
