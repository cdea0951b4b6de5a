/* ingest_elastic_probe.c - what clients of Elasticsearch ask before they send: version, licence,
 * nodes, health, templates. They get answers that let them go on; nothing they set up is needed
 * here. */
#include "ingest/ingest_internal.h"

#define CLUSTER "hinomi"

static void answer(struct http_request *request, struct hn_buf *body)
{
    http_answer(request, &(struct http_answer){ .status = hn_buf_ok(body) ? 200 : 503,
                                 .body = hn_buf_text(body) });
    hn_buf_deinit(body);
}

static void open_object(struct hn_json_out *out, struct hn_text key)
{
    hn_json_key(out, key);
    hn_json_open(out, '{');
}

void ingest_on_elastic_root(void *ctx, struct http_request *request)
{
    struct ingest *ingest = ctx;
    struct hn_buf body = { 0 };
    struct hn_json_out out = hn_json_out_over(&body);

    hn_json_open(&out, '{');
    hn_json_pair(&out, "name", HN_TEXT(CLUSTER));
    hn_json_pair(&out, "cluster_name", HN_TEXT(CLUSTER));
    hn_json_pair(&out, "cluster_uuid", HN_TEXT("hinomihinomihinomihino"));
    open_object(&out, HN_TEXT("version"));
    hn_json_pair(&out, "number", hn_text_cstr(ingest->options.elastic_version));
    hn_json_pair(&out, "build_flavor", HN_TEXT("default"));
    hn_json_pair(&out, "build_type", HN_TEXT("deb"));
    hn_json_pair(&out, "build_hash", HN_TEXT("unknown"));
    hn_json_pair(&out, "build_date", HN_TEXT("2024-01-01T00:00:00.000Z"));
    hn_json_key(&out, HN_TEXT("build_snapshot"));
    hn_json_bool(&out, false);
    hn_json_pair(&out, "lucene_version", HN_TEXT("9.12.0"));
    hn_json_pair(&out, "minimum_wire_compatibility_version", HN_TEXT("7.17.0"));
    hn_json_pair(&out, "minimum_index_compatibility_version", HN_TEXT("7.0.0"));
    hn_json_close(&out, '}');
    hn_json_pair(&out, "tagline", HN_TEXT("You Know, for Search"));
    hn_json_close(&out, '}');
    answer(request, &body);
}

static void write_license(struct hn_json_out *out)
{
    open_object(out, HN_TEXT("license"));
    hn_json_pair(out, "status", HN_TEXT("active"));
    hn_json_pair(out, "uid", HN_TEXT("00000000-0000-0000-0000-000000000000"));
    hn_json_pair(out, "type", HN_TEXT("basic"));
    hn_json_pair(out, "mode", HN_TEXT("basic"));
    hn_json_pair(out, "issued_to", HN_TEXT(CLUSTER));
    hn_json_pair(out, "issuer", HN_TEXT(CLUSTER));
    hn_json_close(out, '}');
}

void ingest_on_elastic_license(void *ctx, struct http_request *request)
{
    struct hn_buf body = { 0 };
    struct hn_json_out out = hn_json_out_over(&body);

    (void)ctx;
    hn_json_open(&out, '{');
    write_license(&out);
    hn_json_close(&out, '}');
    answer(request, &body);
}

void ingest_on_elastic_xpack(void *ctx, struct http_request *request)
{
    struct hn_buf body = { 0 };
    struct hn_json_out out = hn_json_out_over(&body);

    (void)ctx;
    hn_json_open(&out, '{');
    write_license(&out);
    open_object(&out, HN_TEXT("features"));
    open_object(&out, HN_TEXT("ilm"));
    hn_json_key(&out, HN_TEXT("available"));
    hn_json_bool(&out, true);
    hn_json_key(&out, HN_TEXT("enabled"));
    hn_json_bool(&out, true);
    hn_json_close(&out, '}');
    hn_json_close(&out, '}');
    hn_json_close(&out, '}');
    answer(request, &body);
}

/* Sniffing clients get the name by which they have reached us. */
void ingest_on_elastic_nodes(void *ctx, struct http_request *request)
{
    struct ingest *ingest = ctx;
    struct hn_text host = HN_TEXT("127.0.0.1");
    struct hn_buf body = { 0 };
    struct hn_json_out out = hn_json_out_over(&body);

    (void)http_request_header(request, "Host", &host);
    hn_json_open(&out, '{');
    open_object(&out, HN_TEXT("_nodes"));
    hn_json_pair_u64(&out, "total", 1);
    hn_json_pair_u64(&out, "successful", 1);
    hn_json_pair_u64(&out, "failed", 0);
    hn_json_close(&out, '}');
    hn_json_pair(&out, "cluster_name", HN_TEXT(CLUSTER));
    open_object(&out, HN_TEXT("nodes"));
    open_object(&out, HN_TEXT(CLUSTER));
    hn_json_pair(&out, "name", HN_TEXT(CLUSTER));
    hn_json_pair(&out, "version", hn_text_cstr(ingest->options.elastic_version));
    hn_json_key(&out, HN_TEXT("roles"));
    hn_json_raw(&out, HN_TEXT("[\"ingest\",\"data\"]"));
    open_object(&out, HN_TEXT("http"));
    hn_json_pair(&out, "publish_address", host);
    hn_json_close(&out, '}');
    hn_json_close(&out, '}');
    hn_json_close(&out, '}');
    hn_json_close(&out, '}');
    answer(request, &body);
}

void ingest_on_elastic_health(void *ctx, struct http_request *request)
{
    struct hn_buf body = { 0 };
    struct hn_json_out out = hn_json_out_over(&body);

    (void)ctx;
    hn_json_open(&out, '{');
    hn_json_pair(&out, "cluster_name", HN_TEXT(CLUSTER));
    hn_json_pair(&out, "status", HN_TEXT("green"));
    hn_json_key(&out, HN_TEXT("timed_out"));
    hn_json_bool(&out, false);
    hn_json_pair_u64(&out, "number_of_nodes", 1);
    hn_json_pair_u64(&out, "number_of_data_nodes", 1);
    hn_json_close(&out, '}');
    answer(request, &body);
}

void ingest_on_elastic_put(void *ctx, struct http_request *request)
{
    struct hn_buf body = { 0 };

    (void)ctx;
    hn_buf_add_lit(&body, "{\"acknowledged\":true}");
    answer(request, &body);
}

/* Whatever is asked for is there already, so that nobody insists on setting it up. */
void ingest_on_elastic_get(void *ctx, struct http_request *request)
{
    struct hn_text name = http_request_param(request, "name");
    struct hn_text path = http_request_path(request);
    struct hn_buf body = { 0 };
    struct hn_json_out out = hn_json_out_over(&body);

    (void)ctx;
    hn_json_open(&out, '{');
    if (hn_text_starts(path, HN_TEXT("/_index_template/"))) {
        hn_json_key(&out, HN_TEXT("index_templates"));
        hn_json_open(&out, '[');
        hn_json_open(&out, '{');
        hn_json_pair(&out, "name", name);
        hn_json_key(&out, HN_TEXT("index_template"));
        hn_json_raw(&out, HN_TEXT("{\"index_patterns\":[\"*\"]}"));
        hn_json_close(&out, '}');
        hn_json_close(&out, ']');
    } else if (hn_text_starts(path, HN_TEXT("/_data_stream/"))) {
        hn_json_key(&out, HN_TEXT("data_streams"));
        hn_json_open(&out, '[');
        hn_json_open(&out, '{');
        hn_json_pair(&out, "name", name);
        hn_json_pair(&out, "status", HN_TEXT("GREEN"));
        hn_json_close(&out, '}');
        hn_json_close(&out, ']');
    } else {
        hn_json_key(&out, name);
        hn_json_raw(&out, HN_TEXT("{\"version\":1,\"policy\":{\"phases\":{}}}"));
    }
    hn_json_close(&out, '}');
    answer(request, &body);
}
