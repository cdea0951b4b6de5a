/* ingest.h - the doors for events over HTTP: NDJSON, Elasticsearch's _bulk, Splunk's HEC.
 *
 *     POST /v1/events                         NDJSON, or any format that scan knows
 *     GET /, POST /_bulk, ...                 what Beats, Logstash, Vector, Fluent Bit and
 *                                             Elasticsearch's own clients ask for
 *     POST /services/collector[/event|/raw|/ack], GET /services/collector/health
 *
 * A success is answered when the events are durable in the journal, never before. What cannot be
 * taken is refused with a status that makes the client come again (429, 503) or says what is wrong.
 *
 * Life: ingest_new() -> ingest_register() -> requests -> http_server_stop() -> the journal is
 * closed (answers come from its thread) -> ingest_free() -> http_server_free(). Concurrency: the
 * handlers run on the server's threads and the journal's commit thread. Limits: body_bytes_max per
 * request; documents of INGEST_INDEXES_MAX indexes in one bulk request; INGEST_CHANNELS_MAX
 * channels and INGEST_ACKS_MAX acknowledgements not yet asked for in each. */
#ifndef HN_INGEST_INGEST_H
#define HN_INGEST_INGEST_H

#include "base/attr.h"
#include "base/status.h"
#include "base/view.h"
#include "http/http.h"
#include "intake/intake.h"

#include <stdbool.h>

#define INGEST_INDEXES_MAX  256u
#define INGEST_CHANNELS_MAX 1024u
#define INGEST_ACKS_MAX     65536u

/* What a token stands for. Names are texts with NUL; "" is the default in brackets. */
struct ingest_grant {
    char source[INTAKE_NAME_MAX + 1]; /* [?source=, else "http"] */
    char tenant[INTAKE_NAME_MAX + 1];
    char format[INTAKE_NAME_MAX + 1];   /* [what the door means; for /v1/events ?format=] */
    char zone[INTAKE_NAME_MAX + 1];     /* [UTC] */
    char pipeline[INTAKE_NAME_MAX + 1]; /* [none] */
};

enum ingest_access {
    INGEST_UNKNOWN,   /* no such token, or it has expired: 401 (HEC: 403, as Splunk) */
    INGEST_FORBIDDEN, /* known, but not for this: 403 */
    INGEST_LATER,     /* too many attempts: 429 */
    INGEST_ALLOWED,
};
/* user is the name of Basic or the id of ApiKey, else empty. *ret_grant is zeroed before. */
typedef enum ingest_access ingest_on_token(void *ctx, const struct http_request *request,
        struct hn_text user, struct hn_text secret, struct ingest_grant *ret_grant);

struct ingest_options {
    struct intake *intake;
    ingest_on_token *on_token; /* NULL: everybody may */
    void *ctx;
    const char *elastic_version; /* NULL: "8.17.0" */
    size_t body_bytes_max;       /* 0: 32 MiB */
};

struct ingest;
HN_MUST_USE enum hn_status ingest_new(
        const struct ingest_options *options, struct ingest **ret_ingest, struct hn_err *err);
HN_MUST_USE enum hn_status ingest_register(
        struct ingest *ingest, struct http_server *server, struct hn_err *err);
void ingest_free(struct ingest *ingest); /* NULL is fine */

#endif
