/* ingest.c - the table of the doors. */
#include "ingest/ingest_internal.h"

#define PERMISSION  "ingest"
#define SMALL_BYTES ((size_t)1 << 20)
#define BODY_BYTES  ((size_t)32 << 20)

/* body_max SIZE_MAX stands for the limit of the options. */
static const struct http_route events_routes[] = {
    { "POST", "/v1/events", "ingestEvents", ingest_on_events, PERMISSION, SIZE_MAX, 0 },
};

static const struct http_route elastic_routes[] = {
    { "GET", "/", "elasticRoot", ingest_on_elastic_root, PERMISSION, 0, 0 },
    { "GET", "/_license", "elasticLicense", ingest_on_elastic_license, PERMISSION, 0, 0 },
    { "GET", "/_xpack", "elasticXpack", ingest_on_elastic_xpack, PERMISSION, 0, 0 },
    { "GET", "/_nodes/http", "elasticNodes", ingest_on_elastic_nodes, PERMISSION, 0, 0 },
    { "GET", "/_nodes/_all/http", "elasticNodesAll", ingest_on_elastic_nodes, PERMISSION, 0, 0 },
    { "GET", "/_cluster/health", "elasticHealth", ingest_on_elastic_health, PERMISSION, 0, 0 },
    { "POST", "/_bulk", "elasticBulk", ingest_on_bulk, PERMISSION, SIZE_MAX, 0 },
    { "PUT", "/_bulk", "elasticBulkPut", ingest_on_bulk, PERMISSION, SIZE_MAX, 0 },
    { "POST", "/{index}/_bulk", "elasticBulkIndex", ingest_on_bulk_index, PERMISSION, SIZE_MAX, 0 },
    { "PUT", "/{index}/_bulk", "elasticBulkIndexPut", ingest_on_bulk_index, PERMISSION, SIZE_MAX,
            0 },
#define SETTING(path, name)                                                                       \
    { "GET", path "/{name}", "elasticGet" name, ingest_on_elastic_get, PERMISSION, 0, 0 },        \
    {                                                                                             \
        "PUT", path "/{name}", "elasticPut" name, ingest_on_elastic_put, PERMISSION, SMALL_BYTES, \
                0                                                                                 \
    }
    SETTING("/_index_template", "IndexTemplate"),
    SETTING("/_template", "Template"),
    SETTING("/_component_template", "ComponentTemplate"),
    SETTING("/_ilm/policy", "IlmPolicy"),
    SETTING("/_ingest/pipeline", "IngestPipeline"),
    SETTING("/_data_stream", "DataStream"),
#undef SETTING
};

static const struct http_route hec_routes[] = {
#define HEC(method, path, name, handler, max, flags)                                    \
    {                                                                                   \
        method, "/services/collector" path, "hec" name, handler, PERMISSION, max, flags \
    }
    HEC("POST", "", "Collector", ingest_on_hec_event, SIZE_MAX, 0),
    HEC("POST", "/event", "Event", ingest_on_hec_event, SIZE_MAX, 0),
    HEC("POST", "/event/1.0", "Event10", ingest_on_hec_event, SIZE_MAX, 0),
    HEC("POST", "/raw", "Raw", ingest_on_hec_raw, SIZE_MAX, 0),
    HEC("POST", "/raw/1.0", "Raw10", ingest_on_hec_raw, SIZE_MAX, 0),
    HEC("POST", "/ack", "Ack", ingest_on_hec_ack, SMALL_BYTES, 0),
    HEC("GET", "/health", "Health", ingest_on_hec_health, 0, HTTP_ROUTE_PUBLIC),
    HEC("GET", "/health/1.0", "Health10", ingest_on_hec_health, 0, HTTP_ROUTE_PUBLIC),
#undef HEC
};

#define ROUTES_COUNT \
    (HN_COUNT_OF(events_routes) + HN_COUNT_OF(elastic_routes) + HN_COUNT_OF(hec_routes))

enum hn_status ingest_new(
        const struct ingest_options *options, struct ingest **ret_ingest, struct hn_err *err)
{
    struct ingest *ingest = hn_calloc(1, sizeof *ingest);

    if (ingest != NULL) {
        ingest->options = *options;
        if (options->elastic_version == NULL)
            ingest->options.elastic_version = "8.17.0";
        if (options->body_bytes_max == 0)
            ingest->options.body_bytes_max = BODY_BYTES;
        ingest->door = (struct http_door){ .ctx = ingest, .authenticate = ingest_authenticate };
        ingest->elastic_door = (struct http_door){ .ctx = ingest,
            .authenticate = ingest_authenticate,
            .refusal = ingest_elastic_refusal,
            .field_name = "X-Elastic-Product",
            .field_value = "Elasticsearch" };
        ingest->hec_door = (struct http_door){
            .ctx = ingest, .authenticate = ingest_authenticate_hec, .refusal = ingest_hec_refusal
        };
        ingest->routes = hn_calloc(ROUTES_COUNT, sizeof *ingest->routes);
        ingest->acks = hec_acks_new();
    }
    if (ingest == NULL || ingest->routes == NULL || ingest->acks == NULL) {
        ingest_free(ingest);
        return hn_fail(err, HN_NOMEM, 0, "ingest");
    }
    *ret_ingest = ingest;
    return HN_OK;
}

/* A table with the option's limit where the row has SIZE_MAX. */
static struct http_route *copy_routes(struct ingest *ingest, struct http_route *out,
        const struct http_route *routes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = routes[i];
        if (out[i].body_max == SIZE_MAX)
            out[i].body_max = ingest->options.body_bytes_max;
    }
    return out + count;
}

enum hn_status ingest_register(
        struct ingest *ingest, struct http_server *server, struct hn_err *err)
{
    struct http_route *events = ingest->routes;
    struct http_route *elastic =
            copy_routes(ingest, events, events_routes, HN_COUNT_OF(events_routes));
    struct http_route *hec =
            copy_routes(ingest, elastic, elastic_routes, HN_COUNT_OF(elastic_routes));
    enum hn_status status;

    (void)copy_routes(ingest, hec, hec_routes, HN_COUNT_OF(hec_routes));
    status = http_server_routes(server, &ingest->door, events, HN_COUNT_OF(events_routes), err);
    if (status == HN_OK)
        status = http_server_routes(
                server, &ingest->elastic_door, elastic, HN_COUNT_OF(elastic_routes), err);
    if (status == HN_OK)
        status = http_server_routes(server, &ingest->hec_door, hec, HN_COUNT_OF(hec_routes), err);
    return status;
}

void ingest_free(struct ingest *ingest)
{
    if (ingest == NULL)
        return;
    hec_acks_free(ingest->acks);
    hn_free(ingest->routes);
    hn_free(ingest);
}
