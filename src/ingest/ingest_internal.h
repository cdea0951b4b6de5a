/* ingest_internal.h - what the doors share: jobs, readers of their bodies, acknowledgements. */
#ifndef HN_INGEST_INGEST_INTERNAL_H
#define HN_INGEST_INGEST_INTERNAL_H

#include "base/arena.h"
#include "base/json_in.h"
#include "base/json_out.h"
#include "base/mem.h"
#include "base/vec.h"
#include "ingest/ingest.h"

#include <pthread.h>
#include <stdatomic.h>

#define INGEST_ARENA_MAX ((size_t)256 << 20)

/* ---- Elasticsearch's bulk bodies (bulk_read.c) ---- */

#define BULK_VERB_LIST(X)    \
    X(BULK_INDEX, "index")   \
    X(BULK_CREATE, "create") \
    X(BULK_UPDATE, "update") \
    X(BULK_DELETE, "delete")

enum bulk_verb {
#define BULK_VERB_ENUM(name, text) name,
    BULK_VERB_LIST(BULK_VERB_ENUM)
#undef BULK_VERB_ENUM
};
struct hn_text bulk_verb_text(enum bulk_verb verb);

/* Texts borrow from the body or live in the reader's arena. */
struct bulk_item {
    enum bulk_verb verb;
    struct hn_text index;
    struct hn_text id;       /* "": none was given */
    struct hn_text document; /* one line, without blanks around it; empty for delete */
    const char *refused;     /* why it is not taken, or NULL: then document is one JSON object */
    uint64_t line;           /* of the action, from 1 */
};

struct bulk_reader {
    struct hn_text rest;
    struct hn_text index; /* from the path, for actions that name none */
    struct hn_arena *arena;
    struct decode_json_checker *checker; /* made when first needed */
    uint64_t line;
    enum hn_status status; /* HN_SYNTAX: an action line is none; msg says which and why */
    char msg[128];
};
/* False at the end, or when the body cannot be read on: reader->status. */
bool bulk_next(struct bulk_reader *reader, struct bulk_item *ret_item);
void bulk_reader_deinit(struct bulk_reader *reader);

/* ---- What it answers (bulk_reply.c) ---- */

struct bulk_result {
    struct bulk_item item;
    uint32_t group; /* of the documents with the same index; UINT32_MAX: none */
    uint16_t status;
};
struct bulk_results {
    const struct bulk_result *ptr;
    size_t count;
    uint64_t took_ms;
    struct hn_text request_id;
};
void bulk_reply_write(
        const struct bulk_results *results, struct hn_text filter_path, struct hn_buf *out);
/* {"error":{"root_cause":[...],"type","reason"},"status"} */
void ingest_elastic_error_write(
        unsigned status, const char *type, struct hn_text reason, struct hn_buf *out);

/* ---- Splunk's event bodies (hec_read.c) ---- */

/* Numbers, texts and HTTP statuses as Splunk's documentation has them. */
#define HEC_CODE_LIST(X)                                           \
    X(HEC_OK, 0, 200, "Success")                                   \
    X(HEC_NO_TOKEN, 2, 401, "Token is required")                   \
    X(HEC_BAD_AUTHORIZATION, 3, 401, "Invalid authorization")      \
    X(HEC_BAD_TOKEN, 4, 403, "Invalid token")                      \
    X(HEC_NO_DATA, 5, 400, "No data")                              \
    X(HEC_BAD_DATA, 6, 400, "Invalid data format")                 \
    X(HEC_INTERNAL, 8, 500, "Internal server error")               \
    X(HEC_BUSY, 9, 503, "Server is busy")                          \
    X(HEC_NO_CHANNEL, 10, 400, "Data channel is missing")          \
    X(HEC_BAD_CHANNEL, 11, 400, "Invalid data channel")            \
    X(HEC_NO_EVENT, 12, 400, "Event field is required")            \
    X(HEC_BLANK_EVENT, 13, 400, "Event field cannot be blank")     \
    X(HEC_BAD_FIELDS, 15, 400, "Error in handling indexed fields") \
    X(HEC_HEALTHY, 17, 200, "HEC is healthy")                      \
    X(HEC_STOPPING, 23, 503, "Server is shutting down")            \
    X(HEC_FULL, 26, 429, "HEC queue is at capacity")

enum hec_code {
#define HEC_CODE_ENUM(name, number, status, text) name = (number),
    HEC_CODE_LIST(HEC_CODE_ENUM)
#undef HEC_CODE_ENUM
};
unsigned hec_code_status(enum hec_code code);
const char *hec_code_text(enum hec_code code);

/* An envelope; texts are JSON as it stands in the body, empty where a member is missing. */
struct hec_event {
    struct hn_text event;
    struct hn_text time;
    struct hn_text host;
    struct hn_text source;
    struct hn_text sourcetype;
    struct hn_text index;
    struct hn_text fields;
};
typedef HN_VEC(struct hec_event) hec_events;

/* Reads JSON objects one behind the other. Else *ret_bad is the number, from 0, of the event that
 * is wrong. HEC_BUSY: no memory. */
enum hec_code hec_read(
        struct hn_text body, struct hn_arena *arena, hec_events *events, uint64_t *ret_bad);

/* All events in one stream that decodes alone. Objects only: one JSON document a line, the
 * envelope's members beside the event's own. Otherwise octet-counted syslog (RFC 6587) with time,
 * host and the rest in the header, whatever the event is as the message. */
enum hec_shape { HEC_SHAPE_JSON, HEC_SHAPE_SYSLOG };
enum hec_shape hec_write(const hec_events *events, struct hn_arena *arena, struct hn_buf *out);

/* ---- Acknowledgements (hec_ack.c) ---- */

struct hec_acks;
struct hec_acks *hec_acks_new(void); /* NULL: no memory */
void hec_acks_free(struct hec_acks *acks);
/* The next id of a channel, for something that is durable. False: no memory. */
bool hec_acks_give(struct hec_acks *acks, struct hn_text channel, uint64_t *ret_id);
/* Whether this id was given, and not asked for since: true once. */
bool hec_acks_take(struct hec_acks *acks, struct hn_text channel, uint64_t id);

/* ---- Jobs: from the request to the answer ---- */

struct ingest {
    struct ingest_options options;
    struct http_door door; /* /v1 */
    struct http_door elastic_door;
    struct http_door hec_door;
    struct http_route *routes;
    struct hec_acks *acks;
};

/* A request whose batches are on their way. All of them are durable, or it fails as a whole. */
struct ingest_job {
    struct ingest *ingest;
    struct http_request *request;
    /* Called once, on any thread, when nothing is under way any more; answers and is followed by
     * ingest_job_free(). status: HN_OK, or why one of them did not become durable. */
    void (*finish)(struct ingest_job *job, enum hn_status status);
    struct hn_buf reply;    /* of success, made before */
    struct hn_text channel; /* HEC; in the arena */
    struct hn_arena arena;
    _Atomic uint32_t left;
    _Atomic int status;
    uint32_t retry_ms; /* the longest that intake asked for */
};
struct ingest_job *ingest_job_new(struct ingest *ingest, struct http_request *request,
        void (*finish)(struct ingest_job *job, enum hn_status status));
void ingest_job_free(struct ingest_job *job);
/* What intake says. The batch's source, tenant, zone, pipeline are the grant's. */
enum hn_status ingest_job_submit(struct ingest_job *job, struct intake_batch *batch);
/* Nothing more will be handed in. The job may be gone when this returns. */
void ingest_job_end(struct ingest_job *job);
uint32_t ingest_retry_seconds(uint32_t retry_ms);
const struct ingest_grant *ingest_grant_of(const struct http_request *request);

/* ---- The doors ---- */

void ingest_on_events(void *ctx, struct http_request *request);
void ingest_on_bulk(void *ctx, struct http_request *request);
void ingest_on_bulk_index(void *ctx, struct http_request *request);
void ingest_on_elastic_root(void *ctx, struct http_request *request);
void ingest_on_elastic_license(void *ctx, struct http_request *request);
void ingest_on_elastic_xpack(void *ctx, struct http_request *request);
void ingest_on_elastic_nodes(void *ctx, struct http_request *request);
void ingest_on_elastic_health(void *ctx, struct http_request *request);
void ingest_on_elastic_put(void *ctx, struct http_request *request);
void ingest_on_elastic_get(void *ctx, struct http_request *request);
void ingest_on_hec_event(void *ctx, struct http_request *request);
void ingest_on_hec_raw(void *ctx, struct http_request *request);
void ingest_on_hec_ack(void *ctx, struct http_request *request);
void ingest_on_hec_health(void *ctx, struct http_request *request);
const char *ingest_elastic_refusal(void *ctx, const struct http_request *request, unsigned status,
        const char *detail, struct hn_buf *body);
const char *ingest_hec_refusal(void *ctx, const struct http_request *request, unsigned status,
        const char *detail, struct hn_buf *body);
/* http_door's authenticate, for every door. */
void ingest_authenticate(void *ctx, const struct http_request *request,
        const struct http_route *route, struct http_verdict *ret_verdict);
void ingest_authenticate_hec(void *ctx, const struct http_request *request,
        const struct http_route *route, struct http_verdict *ret_verdict);
extern const char ingest_no_token[]; /* a verdict's detail */

#endif
