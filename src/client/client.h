/* client.h - talks to a running `hinomi serve` over its API. The one header of this module.
 *
 * Whoever answers is not trusted: certificates are verified, redirects and proxies are not
 * followed, answers have an end, and texts come back as they are, to be escaped by who shows them.
 *
 * Life: client_open() -> client_call() ..., client_stream_*() -> client_close().
 * Concurrency: a struct client serves one thread at a time.
 * Memory: an answer's text is the caller's hn_buf; what is read out of it borrows from it, or lives
 * in the arena that was given.
 * Limits: CLIENT_*_MAX. */
#ifndef HN_CLIENT_CLIENT_H
#define HN_CLIENT_CLIENT_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/json_in.h"
#include "base/status.h"
#include "base/time.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

#define CLIENT_ANSWER_MAX ((size_t)32 << 20) /* bytes of an answer */
#define CLIENT_EVENT_MAX  ((size_t)1 << 20)  /* bytes of an event of a stream */
#define CLIENT_FILE_MAX   ((size_t)64 << 10) /* bytes of client.yaml, of a file with a token */
#define CLIENT_TEXT_MAX   1024               /* of a URL, path or token in the settings */
#define CLIENT_DETAIL_MAX 512                /* of what is told about a problem */

/* ---- Settings ---- */

/* "" where nothing is said. */
struct client_settings {
    char server[CLIENT_TEXT_MAX]; /* https://host:port */
    char ca[CLIENT_TEXT_MAX];     /* PEM file; "": the system's */
    char token[CLIENT_TEXT_MAX];
    char token_file[CLIENT_TEXT_MAX];
};

/* client.yaml: a map of server, ca, token, token_file. Values that are set already are kept.
 * HN_SYNTAX: another key or shape, with its line; HN_LIMIT: too long. */
HN_MUST_USE enum hn_status client_settings_read(
        struct client_settings *settings, struct hn_text yaml, struct hn_err *err);
/* The first line of a file with a token. HN_SYNTAX: it is none. */
HN_MUST_USE enum hn_status client_token_read(
        struct client_settings *settings, struct hn_text file, struct hn_err *err);
/* Is this an address that a token may be sent to: https, or http to this machine? Without a slash
 * at the end. HN_SYNTAX says why not. */
HN_MUST_USE enum hn_status client_server_check(
        struct client_settings *settings, struct hn_err *err);

/* ---- Requests ---- */

/* What went wrong; the one who shows it says what to do. */
enum client_trouble {
    CLIENT_FINE,
    CLIENT_UNREACHABLE, /* nobody answers there */
    CLIENT_UNTRUSTED,   /* the certificate is not one to trust */
    CLIENT_NO_CA,       /* the file with the certificate cannot be used */
    CLIENT_SLOW,        /* no answer in time */
    CLIENT_TOO_LARGE,   /* more than CLIENT_ANSWER_MAX */
    CLIENT_GARBLED,     /* not what a Hinomi server says */
    CLIENT_REFUSED,     /* the server says no: status, detail */
    CLIENT_NO_MEMORY,
};
struct client_problem {
    enum client_trouble trouble;
    unsigned status;                /* of HTTP; 0: there was none */
    char detail[CLIENT_DETAIL_MAX]; /* from outside: escape it */
};

struct client;
HN_MUST_USE enum client_trouble client_open(const struct client_settings *settings,
        struct client **ret_client, struct client_problem *ret_problem);
void client_close(struct client *client); /* NULL is fine */

struct client_request {
    const char *method;
    const char *path;         /* with its query, see client_query() */
    struct hn_text body;      /* "": none */
    int64_t version;          /* for If-Match; 0: none */
    const char *content_type; /* of the body; NULL: application/json */
};
/* Puts the body of the answer into out. A status of 400 and above is CLIENT_REFUSED. An answer
 * that ought to be JSON and is cut off or something else is CLIENT_GARBLED; accept_text: it need
 * not be JSON. */
HN_MUST_USE enum client_trouble client_call(struct client *client,
        const struct client_request *request, bool accept_text, struct hn_buf *out,
        struct client_problem *ret_problem);

/* Appends "?name=value" or "&name=value", percent-encoded; an empty value appends nothing. */
void client_query(struct hn_buf *path, const char *name, struct hn_text value);
void client_query_u64(struct hn_buf *path, const char *name, uint64_t value);
void client_query_time(struct hn_buf *path, const char *name, hn_time time); /* none: nothing */
/* One segment of a path. */
void client_segment(struct hn_buf *path, struct hn_text segment);

/* ---- Streams ---- */

/* Server-sent events, as the HTML standard (9.2.6) reads them. Fed with whatever comes in. */
struct client_event {
    struct hn_text id;   /* the last one that was named */
    struct hn_text name; /* "message" where none is given */
    struct hn_text data;
};
typedef void client_on_event(void *ctx, const struct client_event *event);
struct client_sse {
    struct hn_buf line;
    struct hn_buf data;
    struct hn_buf name;
    struct hn_buf id;
    bool after_cr;
    bool any_data;
    bool begun; /* behind a byte order mark, should there be one */
};
void client_sse_init(struct client_sse *sse);
void client_sse_deinit(struct client_sse *sse);
/* Forgets what is not complete; the id is kept. */
void client_sse_reset(struct client_sse *sse);
/* HN_LIMIT: an event larger than CLIENT_EVENT_MAX; HN_NOMEM. Then the stream is of no more use. */
HN_MUST_USE enum hn_status client_sse_feed(
        struct client_sse *sse, struct hn_text bytes, client_on_event *on_event, void *ctx);

/* One stream at a time, beside the calls of the same client. path's stream begins behind last_id
 * where that is not "". */
HN_MUST_USE enum client_trouble client_stream_open(struct client *client, const char *path,
        const char *last_id, client_on_event *on_event, void *ctx,
        struct client_problem *ret_problem);
/* Takes what comes within timeout_ms. CLIENT_FINE: it goes on; anything else: it has ended, also
 * when the server ended it (CLIENT_UNREACHABLE). */
HN_MUST_USE enum client_trouble client_stream_wait(
        struct client *client, int timeout_ms, struct client_problem *ret_problem);
/* The last id that the stream named, "": none yet; kept when it is closed. */
struct hn_text client_stream_id(const struct client *client);
void client_stream_close(struct client *client);

/* ---- What answers say ---- */

/* A member of an object as it stands; ptr NULL: there is none, or json is no object. */
struct hn_text client_get(struct hn_arena *arena, struct hn_text json, const char *name);
/* A text; "" for anything else. */
struct hn_text client_text(struct hn_arena *arena, struct hn_text json, const char *name);
/* A text that stands alone. */
struct hn_text client_own_text(struct hn_arena *arena, struct hn_text json);
int64_t client_int(struct hn_arena *arena, struct hn_text json, const char *name, int64_t without);
bool client_is(struct hn_arena *arena, struct hn_text json, const char *name); /* true */
hn_time client_time(struct hn_arena *arena, struct hn_text json, const char *name);

/*     struct client_items items = client_items_of(client_get(&arena, json, "items"));
 *     while (client_items_next(&items, &item)) ...
 * Anything but a list has none. */
struct client_items {
    struct hn_json_in in;
    bool is_list;
};
struct client_items client_items_of(struct hn_text json);
bool client_items_next(struct client_items *items, struct hn_text *ret_item);
/* The members of an object, in its order. */
struct client_items client_members_of(struct hn_text json);
bool client_members_next(struct client_items *members, struct hn_arena *arena,
        struct hn_text *ret_key, struct hn_text *ret_value);

/* The JSON on one line, for a terminal or a file: what a terminal may not see is escaped. */
void client_add_json(struct hn_buf *out, struct hn_text json);
/* Is this one whole JSON value, all of whose brackets and strings are closed, and nothing more? */
bool client_json_whole(struct hn_text json);

#endif
