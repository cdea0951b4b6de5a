/* api.c - life of the API: its document, its routes, its threads. */
#include "api/api_internal.h"

const struct api_handler_row api_handlers[] = {
#define API_HANDLER_ROW(operation, function) { operation, function },
    API_HANDLER_LIST(API_HANDLER_ROW)
#undef API_HANDLER_ROW
};
const size_t api_handler_count = HN_COUNT_OF(api_handlers);

enum hn_status api_new(const struct api_options *options, struct api **ret_api, struct hn_err *err)
{
    struct api *api = hn_calloc(1, sizeof *api);
    enum hn_status status;

    if (api == NULL)
        return hn_fail(err, HN_NOMEM, 0, "api");
    api->options = *options;
    api->door = (struct http_door){ .ctx = api, .authenticate = api_authenticate };
    status = api_document_load(api, err);
    if (status == HN_OK)
        status = api_streams_start(api, err);
    if (status == HN_OK)
        status = history_new(options->journal, &api->history, err);
    if (status == HN_OK)
        status = api_search_start(api, err);
    if (status == HN_OK)
        status = api_tails_start(api, err);
    if (status != HN_OK) {
        api_free(api);
        return status;
    }
    *ret_api = api;
    return HN_OK;
}

enum hn_status api_register(struct api *api, struct http_server *server, struct hn_err *err)
{
    return http_server_routes(server, &api->door, api->routes, api->operation_count, err);
}

void api_wake(struct api *api)
{
    api_streams_wake(api);
}

void api_stop(struct api *api)
{
    api_tails_stop(api);
    api_search_stop(api);
    api_streams_stop(api);
}

void api_free(struct api *api)
{
    if (api == NULL)
        return;
    api_stop(api);
    api_tails_free(api);
    api_search_free(api);
    history_free(api->history);
    api_streams_free(api);
    api_document_unload(api);
    hn_free(api);
}
