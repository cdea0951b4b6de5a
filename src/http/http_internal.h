/* http_internal.h - what the parts of the server share.
 *
 * Locks, in the order they may be taken: server->locks[] (one request's answer; many requests share
 * one lock), then libmicrohttpd's own; server->registry alone. */
#ifndef HN_HTTP_HTTP_INTERNAL_H
#define HN_HTTP_HTTP_INTERNAL_H

#include "base/arena.h"
#include "base/mem.h"
#include "base/vec.h"
#include "http/http.h"
#include "http/http_target.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#define HTTP_LOCKS             64u
#define HTTP_LISTENERS_MAX     16u
#define HTTP_REQUEST_ARENA_MAX ((size_t)1 << 20)
#define HTTP_PARAMS_MAX        8u
#define HTTP_FIELDS_MAX        100u
/* What is read and thrown away so that the client can read why it was refused. */
#define HTTP_DRAIN_MAX ((uint64_t)64 << 20)
/* Unpacked bytes per packed byte, asked once HTTP_RATIO_FROM bytes came out. */
#define HTTP_RATIO_MAX  400u
#define HTTP_RATIO_FROM ((size_t)4 << 20)

/* For libmicrohttpd and zlib, whose parameters are not const where they only read. */
void *http_unconst(const void *ptr);

/* ---- Routes ---- */

struct http_entry {
    const struct http_route *route;
    const struct http_door *door;
    struct hn_text segments[HTTP_SEGMENTS_MAX]; /* of the pattern; a parameter keeps its braces */
    size_t segment_count;
};
typedef HN_VEC(struct http_entry) http_entries;

HN_MUST_USE enum hn_status http_entry_add(http_entries *entries, const struct http_door *door,
        const struct http_route *route, struct hn_err *err);
/* The entry for a method and path; NULL: allow then lists the methods that the path has (empty:
 * there is no such path). */
const struct http_entry *http_entry_find(const http_entries *entries, struct hn_text method,
        const struct http_target *target, struct hn_buf *allow);

/* ---- Connections and their deadlines (http_watch.c) ---- */

struct http_connection {
    struct http_connection *next;
    struct http_connection *previous;
    int fd;
    _Atomic int64_t deadline; /* monotonic nanoseconds; 0: none */
    char peer[INET6_ADDRSTRLEN];
    bool tls;
};

int64_t http_now(void);
/* ms after from, and a second more for every 16 KiB of bytes. */
void http_deadline_set(
        struct http_connection *connection, int64_t from, uint32_t ms, uint64_t bytes);
/* The same for a body that began at from, but bytes that came early earn no pause: nobody may stay
 * silent for more than ms. */
void http_deadline_body(
        struct http_connection *connection, int64_t from, uint32_t ms, uint64_t bytes);
void http_deadline_none(struct http_connection *connection);
/* libmicrohttpd's MHD_NotifyConnectionCallback. */
void http_on_connection(void *ctx, struct MHD_Connection *connection, void **socket_context,
        enum MHD_ConnectionNotificationCode code);
HN_MUST_USE enum hn_status http_watch_start(struct http_server *server, struct hn_err *err);
void http_watch_stop(struct http_server *server);

/* ---- The server ---- */

struct http_socket {
    struct http_listener listener;
    struct MHD_Daemon *daemon;
    int fd;
    uint16_t port;
};

#define HTTP_ATOMIC_FIELD(name, text) _Atomic uint64_t name;
struct http_atomic_counters {
    HTTP_COUNTER_LIST(HTTP_ATOMIC_FIELD)
};
#undef HTTP_ATOMIC_FIELD

struct http_tls; /* certificate and key in force */

struct http_server {
    struct http_limits limits;
    struct http_socket sockets[HTTP_LISTENERS_MAX];
    size_t socket_count;
    http_entries entries;
    struct http_tls *tls; /* NULL: no listener has it */
    pthread_mutex_t locks[HTTP_LOCKS];
    struct http_atomic_counters counters;
    _Atomic uint64_t held_bytes;
    _Atomic uint64_t open_connections;
    _Atomic uint64_t open_requests; /* with a handler */
    _Atomic uint64_t active;        /* from the request line to the end of the answer */
    _Atomic uint64_t references;    /* requests and streams that somebody still holds */
    _Atomic uint64_t last_id;
    _Atomic bool stopping;
    _Atomic bool abandoned; /* no request may wait any more */
    bool started;

    pthread_mutex_t registry; /* guards what follows */
    pthread_cond_t registry_changed;
    struct http_connection *connections;
    struct http_stream *streams;
    struct http_request *requests; /* with a handler */
    bool watch_ends;
    bool watching;
    pthread_t watcher;
};

HN_INLINE void http_count(_Atomic uint64_t *counter, uint64_t add)
{
    atomic_fetch_add_explicit(counter, add, memory_order_relaxed);
}

/* The lock of whatever lives at ptr; it outlives it. */
pthread_mutex_t *http_lock_of(struct http_server *server, const void *ptr);

/* ---- Bodies (http_body.c) ---- */

enum http_coding { HTTP_CODING_NONE, HTTP_CODING_GZIP, HTTP_CODING_DEFLATE, HTTP_CODING_ZSTD };

struct http_body {
    enum http_coding coding;
    struct hn_buf bytes;
    uint64_t wire_bytes;
    size_t max;
    void *unpacker;       /* z_stream or ZSTD_DStream */
    uint32_t header_left; /* zstd: bytes of a frame's header that may still come */
    bool ended;           /* the packed stream is complete */
};

/* HN_UNSUPPORTED: a coding we do not know. */
HN_MUST_USE enum hn_status http_body_init(
        struct http_body *body, struct hn_text content_encoding, size_t max);
/* HN_LIMIT: over max or too good a ratio; HN_CORRUPT: not what its coding says; HN_NOMEM. */
HN_MUST_USE enum hn_status http_body_feed(struct http_body *body, struct hn_bytes piece);
/* HN_TRUNCATED: the packed stream ends too early. */
HN_MUST_USE enum hn_status http_body_end(struct http_body *body);
void http_body_deinit(struct http_body *body); /* a zeroed one is fine */

/* ---- Heads (http_head.c) ---- */

/* What the fields say about the request's length and shape, or why it is refused. */
struct http_head {
    bool has_length;
    bool chunked;
    uint64_t length;
    unsigned refused; /* status; 0: it is sound */
    const char *reason;
};
void http_head_check(struct http_request *request, const char *version, struct http_head *ret_head);

/* ---- Requests ---- */

struct http_request {
    struct http_server *server;
    struct MHD_Connection *mhd;
    struct http_connection *connection;
    struct http_request *next; /* in server->requests */
    struct http_request *previous;
    _Atomic unsigned references; /* libmicrohttpd's, and the handler's until it has answered */
    struct hn_arena arena;
    /* Copies: a handler may ask after the connection has gone, when the server did not wait. */
    struct http_pair fields[HTTP_FIELDS_MAX];
    size_t field_count;
    char peer[INET6_ADDRSTRLEN];
    bool tls;
    struct hn_text raw_target;
    struct hn_text method;
    struct http_target target;
    const struct http_entry *entry; /* NULL: there is no such route */
    struct http_head head;
    struct http_body body;
    struct http_verdict verdict;
    uint64_t wire_bytes; /* of the body so far */
    int64_t body_started;
    size_t held; /* of server->held_bytes */
    char id[16];
    bool head_done;
    bool handled;    /* the handler was called */
    bool closes;     /* who sends that is not listened to any longer */
    bool discarding; /* the answer is decided; what still comes is thrown away */
    bool told;       /* the answer went out before the end of the body; the connection ends */

    /* Guarded by http_lock_of(request). */
    bool suspended;
    bool answered;
    struct MHD_Response *response; /* NULL once answered: no memory for it */
    struct hn_text refusal;        /* its body, in the arena, when the server itself answered */
    unsigned status;
    uint64_t answer_len;
};

struct http_request *http_request_new(
        struct http_server *server, struct MHD_Connection *mhd, struct hn_text raw_target);
void http_request_unref(struct http_request *request);
/* The handler has it now, and until http_request_release(). */
void http_request_hold(struct http_request *request);
void http_request_release(struct http_request *request);

/* An answer that the server itself gives. */
struct http_refusal {
    unsigned status;
    const char *detail;
    const char *field_name; /* NULL: none */
    const char *field_value;
    uint32_t retry_after_s;
};
/* Decides the answer before a handler was called, or instead of one that takes too long. */
void http_refuse(struct http_request *request, const struct http_refusal *refusal);
/* Takes response over (NULL: no memory for one). The first answer counts. len decides how long the
 * client may take for it; HTTP_ENDLESS: a stream. */
#define HTTP_ENDLESS UINT64_MAX
void http_answer_with(
        struct http_request *request, unsigned status, struct MHD_Response *response, uint64_t len);
/* Writes the decided refusal to the client past libmicrohttpd, on the thread that has its
 * connection. False: there was none, or no room for it. */
bool http_answer_past(struct http_request *request);
/* The fields that every answer has, and those of this one. */
void http_response_fields(struct http_request *request, struct MHD_Response *response,
        const struct http_answer *answer);

/* libmicrohttpd's callbacks (http_flow.c). */
void *http_on_target(void *ctx, const char *uri, struct MHD_Connection *mhd);
enum MHD_Result http_on_request(void *ctx, struct MHD_Connection *mhd, const char *url,
        const char *method, const char *version, const char *upload, size_t *upload_len,
        void **request_context);
void http_on_completed(void *ctx, struct MHD_Connection *mhd, void **request_context,
        enum MHD_RequestTerminationCode code);
/* Answers 503 to every request that a handler holds. */
void http_flow_abandon(struct http_server *server);

/* ---- Streams ---- */

/* Once a quarter of a second: heartbeats. */
void http_streams_tick(struct http_server *server, int64_t now);
/* All of them end after what was sent; server->streams is empty when their owners closed them. */
void http_streams_end(struct http_server *server);
/* With server->registry held. */
struct http_stream *http_stream_next(const struct http_stream *stream);

/* ---- TLS ---- */

HN_MUST_USE enum hn_status http_tls_new(
        const char *certificate, const char *key, struct http_tls **ret_tls, struct hn_err *err);
HN_MUST_USE enum hn_status http_tls_reload(struct http_tls *tls, struct hn_err *err);
void http_tls_free(struct http_tls *tls);
extern const char http_tls_priorities[];
/* GnuTLS's callback, which has no context: the session's user pointer is libmicrohttpd's. There is
 * one certificate per process. */
int http_tls_retrieve(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
        gnutls_pcert_st **certs, unsigned int *cert_count, gnutls_ocsp_data_st **ocsp,
        unsigned int *ocsp_count, gnutls_privkey_t *key, unsigned int *flags);
/* Writes a self-signed certificate and its key. */
HN_MUST_USE enum hn_status http_tls_make(
        const char *certificate, const char *key, struct hn_err *err);

#endif
