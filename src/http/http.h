/* http.h - an HTTP/1.1 server for routes that others register: the doors of ingest, the API.
 *
 * libmicrohttpd does the protocol, this module everything that decides: which routes there are, who
 * may use them, how much one request may hold, how long anybody may take, and what an answer says.
 *
 * Life: http_server_new() -> http_server_routes() ... -> http_server_start() -> handlers run ->
 * http_server_stop() -> (whatever still holds requests ends, e.g. journal_close()) ->
 * http_server_free().
 * A request: its head is checked, its route found, the door's authenticate() asked; then its body
 * is read (unpacked, with caps), then the handler is called on one of the server's threads. The
 * handler answers exactly once, at once or later from any thread; nothing is held by a thread
 * meanwhile.
 * Concurrency: handlers and authenticate() run on several threads at once. http_answer*() and
 * http_stream_*() may be called from any thread.
 * Memory: what the http_request_*() functions give is borrowed until the request is answered.
 * Limits: struct http_limits; a body by its route's body_max, in all bodies_bytes.
 * Security: TLS 1.2 and 1.3 only; a plain listener is refused unless its address is loopback. What
 * two parsers could read differently is refused: both Content-Length and Transfer-Encoding, either
 * of them twice, bare line feeds, folded lines, NUL, absolute targets, dot segments. */
#ifndef HN_HTTP_HTTP_H
#define HN_HTTP_HTTP_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

/* ---- The server ---- */

struct http_listener {
    const char *address; /* an IPv4 or IPv6 address */
    uint16_t port;       /* 0: any, see http_server_port() */
    bool tls;
};

/* 0 stands for the default in brackets. */
struct http_limits {
    uint32_t connections;             /* of each listener [1024] */
    uint32_t connections_per_address; /* [256] */
    uint32_t head_bytes;              /* request line and header fields [16384] */
    uint32_t head_ms; /* from the first byte to the end of the head, TLS included [10000] */
    uint32_t idle_ms; /* between two requests [60000] */
    /* For the body, and a second more for every 16 KiB of it; at no time silent for longer. [30000]
     */
    uint32_t body_ms;
    uint32_t reply_ms;   /* for taking the answer, likewise [30000] */
    size_t bodies_bytes; /* bodies held at a time, in all [256 MiB] */
    uint32_t threads;    /* of each listener [2] */
};

struct http_options {
    const struct http_listener *listeners;
    size_t listener_count;
    struct http_limits limits;
    /* PEM files, read when a listener has tls. When neither is there, a self-signed certificate is
     * made (key file mode 0600). */
    const char *certificate;
    const char *key;
};

struct http_server;
HN_MUST_USE enum hn_status http_server_new(
        const struct http_options *options, struct http_server **ret_server, struct hn_err *err);
HN_MUST_USE enum hn_status http_server_start(struct http_server *server, struct hn_err *err);
/* The port a listener really has. */
uint16_t http_server_port(const struct http_server *server, size_t listener);
/* Reads the certificate files again; connections to come use them. On failure the old ones stay. */
HN_MUST_USE enum hn_status http_server_reload_certificate(
        struct http_server *server, struct hn_err *err);
/* Takes no new connection, lets requests that are being worked on be answered for at most
 * timeout_ms, answers 503 to those left, ends streams, closes. */
void http_server_stop(struct http_server *server, uint32_t timeout_ms);
void http_server_free(struct http_server *server); /* NULL is fine; stops if need be */

#define HTTP_COUNTER_LIST(X)                                                   \
    X(connections, "connections taken")                                        \
    X(timed_out, "connections closed because the peer took too long")          \
    X(requests, "requests with a head that could be read")                     \
    X(malformed, "requests refused for what two parsers may read in two ways") \
    X(unauthorised, "requests answered 401 or 403")                            \
    X(too_large, "requests with a body over its limit")                        \
    X(overload, "requests refused because too much is held already")           \
    X(status_2xx, "answers 200 to 299")                                        \
    X(status_3xx, "answers 300 to 399")                                        \
    X(status_4xx, "answers 400 to 499")                                        \
    X(status_5xx, "answers 500 to 599")                                        \
    X(body_bytes, "bytes of bodies, as they came over the wire")               \
    X(slow_readers, "streams ended because nobody took what they sent")

struct http_counters {
#define HTTP_COUNTER_FIELD(name, text) uint64_t name;
    HTTP_COUNTER_LIST(HTTP_COUNTER_FIELD)
#undef HTTP_COUNTER_FIELD
    uint64_t open_connections;
    uint64_t open_requests; /* with a handler, not yet answered */
    uint64_t open_streams;
    uint64_t held_bytes; /* of bodies */
};
struct http_counters http_server_counters(struct http_server *server);

/* ---- Routes ---- */

struct http_request;
/* Answers with one http_answer*() or http_stream_start(), now or later. */
typedef void http_handler(void *ctx, struct http_request *request);

#define HTTP_ROUTE_PUBLIC 0x1u /* authenticate() is not asked */

struct http_route {
    const char *method;    /* GET also answers HEAD */
    const char *pattern;   /* "/v1/alerts/{id}": a parameter is one whole segment */
    const char *operation; /* operationId, the route's name in documents, metrics and audit */
    http_handler *handler;
    const char *permission; /* what authenticate() has to find; NULL: being known is enough */
    size_t body_max;        /* bytes after unpacking; 0: no body is taken */
    uint32_t flags;
};

/* Whether a request may go on. */
struct http_verdict {
    unsigned status;        /* 0: yes; else the answer's: 401, 403, 429, 503 */
    const char *detail;     /* for people, literal */
    const char *challenge;  /* WWW-Authenticate for 401, or NULL */
    uint32_t retry_after_s; /* for 429, 503 */
    void *principal;        /* whoever it is: http_request_principal() */
    void (*principal_free)(void *principal);
};

/* What a table of routes has in common. */
struct http_door {
    void *ctx; /* of its handlers and of these two */
    /* NULL: every route is public. Sees the head only. */
    void (*authenticate)(void *ctx, const struct http_request *request,
            const struct http_route *route, struct http_verdict *ret_verdict);
    /* What the server itself answers on a route of this door (401, 413, 429, ...) in the words of
     * its clients; NULL: problem+json. Returns the content type. */
    const char *(*refusal)(void *ctx, const struct http_request *request, unsigned status,
            const char *detail, struct hn_buf *body);
    /* Put on every answer: { "X-Elastic-Product", "Elasticsearch" }; name NULL: none. */
    const char *field_name;
    const char *field_value;
};

/* Before the start. The door and the table are kept as they are: they live as long as the server.
 * Where several patterns fit, literal segments win over parameters, from left to right, whatever
 * the method: one that the winner does not have is answered 405. HN_SYNTAX: a pattern is wrong, or
 * the same as another's. */
HN_MUST_USE enum hn_status http_server_routes(struct http_server *server,
        const struct http_door *door, const struct http_route *routes, size_t count,
        struct hn_err *err);

/* ---- Requests ---- */

const struct http_route *http_request_route(const struct http_request *request);
struct hn_text http_request_method(const struct http_request *request);
/* With percent signs resolved; it has no NUL, no control characters, no dot segments. */
struct hn_text http_request_path(const struct http_request *request);
/* A parameter of the pattern. Asking for one it does not have is a bug. */
struct hn_text http_request_param(const struct http_request *request, const char *name);
/* The first value of a name in the query, resolved; false when there is none. */
bool http_request_query(
        const struct http_request *request, const char *name, struct hn_text *ret_value);
struct http_pair {
    struct hn_text name;
    struct hn_text value;
};
const struct http_pair *http_request_query_all(
        const struct http_request *request, size_t *ret_count);
/* A header field, without blanks around it; names regardless of case. False: none. */
bool http_request_header(
        const struct http_request *request, const char *name, struct hn_text *ret_value);
bool http_request_cookie(
        const struct http_request *request, const char *name, struct hn_text *ret_value);
struct hn_bytes http_request_body(const struct http_request *request); /* unpacked */
/* The content type's media type alone: "application/json". */
struct hn_text http_request_media_type(const struct http_request *request);
struct hn_text http_request_peer(const struct http_request *request); /* the address */
bool http_request_tls(const struct http_request *request);
struct hn_text http_request_id(const struct http_request *request);
void *http_request_principal(const struct http_request *request);

/* Where a browser says that the request comes from (Sec-Fetch-Site, Origin against Host). A request
 * that changes something on the strength of a cookie must be HTTP_ORIGIN_SAME. */
enum http_origin { HTTP_ORIGIN_UNKNOWN, HTTP_ORIGIN_SAME, HTTP_ORIGIN_OTHER };
enum http_origin http_request_origin(const struct http_request *request);
/* The name in Host, without port; empty: not a sound one. A server that answers browsers compares
 * it with the names it has, against DNS rebinding. */
struct hn_text http_request_host(const struct http_request *request);

/* Of a request that is answered later: has the client closed its connection meanwhile? */
bool http_request_gone(struct http_request *request);

/* ---- Answers ---- */

struct http_field {
    const char *name;
    struct hn_text value; /* line ends and other controls in it are left out */
};

struct http_answer {
    unsigned status;
    const char *content_type; /* NULL: application/json */
    struct hn_text body;      /* copied */
    const struct http_field *fields;
    size_t field_count;
    uint32_t retry_after_s; /* 0: none */
};

/* Ends the handler's hold on the request. When there is no memory for the answer the connection is
 * closed without one: that is never a false success. */
void http_answer(struct http_request *request, const struct http_answer *answer);
/* RFC 9457: { "type": "about:blank", "title", "status", "detail", "requestId" }. detail may hold
 * text from outside. */
void http_answer_problem(struct http_request *request, unsigned status, struct hn_text detail);
/* The same with Retry-After: 429, 503. */
void http_answer_retry(
        struct http_request *request, unsigned status, struct hn_text detail, uint32_t after_s);
const char *http_status_title(unsigned status);
/* The document alone. */
void http_problem_write(
        struct hn_buf *body, unsigned status, struct hn_text detail, struct hn_text request_id);

/* ---- Streams: server-sent events, exports ---- */

struct http_stream;
struct http_stream_options {
    const char *content_type; /* NULL: text/event-stream */
    size_t queue_bytes_max;   /* sent, not yet taken by the client; 0: 1 MiB */
    /* Sent when nothing else was for 15 s, so that a client that has gone is noticed; NULL: the
     * comment ":\n\n". */
    const char *heartbeat;
};
/* Answers the request with 200 and what http_stream_send() gives. HN_NOMEM, HN_LIMIT: the request
 * has been answered with an error instead. The handle stays valid until http_stream_close(). */
HN_MUST_USE enum hn_status http_stream_start(struct http_request *request,
        const struct http_stream_options *options, struct http_stream **ret_stream);
/* Never waits. HN_CANCELLED: the client has gone, or was too slow before: close the stream.
 * HN_LIMIT: the queue is full; the stream is ended, as a client that missed something must ask
 * again where it stopped. HN_NOMEM likewise. */
HN_MUST_USE enum hn_status http_stream_send(struct http_stream *stream, struct hn_text text);
/* Bytes that were sent and that the client has not taken yet; SIZE_MAX: nothing more can be sent.
 */
size_t http_stream_queued(struct http_stream *stream);
/* What was sent is still delivered. The handle is gone. */
void http_stream_close(struct http_stream *stream); /* NULL is fine */

#endif
