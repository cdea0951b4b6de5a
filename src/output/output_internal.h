/* output_internal.h - what the files of this module share.
 *
 * output.c life of all of them; output_worker.c one output's thread; output_retry.c when to try
 * again; output_fact.c a row's alert or incident out of the store; output_body.c and output_cef.c
 * what is said; output_file.c, output_webhook.c, output_syslog.c, output_smtp.c the kinds;
 * output_tail.c the end of a file; output_mail.c a mail's text; output_net.c, output_tls.c
 * connections; output_curl.c what both users of libcurl need; output_secret.c keys. */
#ifndef HN_OUTPUT_OUTPUT_INTERNAL_H
#define HN_OUTPUT_OUTPUT_INTERNAL_H

#include "alert/alert.h"
#include "base/arena.h"
#include "base/buf.h"
#include "output/output.h"

#include <stdatomic.h>
#include <sys/socket.h>

hn_time output_now(void);

/* ---- What is told (output_fact.c) ---- */

/* A row of the outbox with what it is about, all in the batch's arena. */
struct output_fact {
    int64_t id;
    uint32_t attempts;
    hn_time created;
    struct hn_text key;
    struct hn_text kind;
    int64_t alert; /* 0: an incident is told */
    int64_t incident;

    uint32_t level;
    struct hn_text title;
    struct hn_text host;
    struct hn_text user;
    struct hn_text source;
    struct hn_text tenant;
    struct hn_text family;
    struct hn_text techniques;
    hn_time time;
    struct hn_text json;    /* of an alert */
    struct alert_read read; /* the same, read */
    uint32_t confidence;    /* the rest of an incident */
    uint64_t alerts;
    hn_time last;
    struct hn_text why;

    struct hn_text body; /* in the output's format */
};

/* Copies a claimed row into the arena. False: no memory. */
bool output_fact_take(
        const struct store_out *out, struct hn_arena *arena, struct output_fact *ret_fact);
/* Reads what it is about. HN_NOTFOUND: it was removed. */
HN_MUST_USE enum hn_status output_fact_read(
        struct store *store, struct hn_arena *arena, struct output_fact *fact, struct hn_err *err);

/* ---- What is said: one line without its LF (output_body.c, output_cef.c) ---- */

void output_body_write(
        const struct output_fact *fact, enum config_output_format format, struct hn_buf *out);
void output_cef_write(const struct output_fact *fact, struct hn_buf *out);
const char *output_level_text(uint32_t level);
/* PRI, version, stamp, host, program: RFC 5424, section 6. */
void output_syslog_header(
        const struct output_fact *fact, uint32_t facility, const char *host, struct hn_buf *out);

/* ---- What came of it ---- */

enum output_verdict {
    OUTPUT_SENT,
    OUTPUT_LATER,   /* not this one now; others may go on */
    OUTPUT_DOWN,    /* nothing goes on now */
    OUTPUT_REFUSED, /* this one never */
};

struct output_result {
    enum output_verdict verdict;
    hn_time retry_after; /* what the other side asked for; 0: nothing */
    char error[OUTPUT_ERROR_MAX];
};
/* Fills in and gives the verdict back. */
enum output_verdict output_result_set(struct output_result *result, enum output_verdict verdict,
        const char *fmt, ...) HN_PRINTF(3, 4);

/* ---- Kinds ---- */

struct output_sink;

struct output_class {
    uint32_t batch_max; /* rows claimed at once */
    size_t piece_bytes; /* of facts that are told together, and one fact more */
    bool bodies;        /* facts need their body */
    /* Tells the facts in order. Returns how many were; when not all, *ret_result is about the next
     * one. */
    uint32_t (*send)(struct output_sink *sink, const struct output_fact *facts, uint32_t count,
            struct output_result *ret_result);
    /* Secrets again, connections anew. HN_SYNTAX, HN_IO: the old ones stay. */
    enum hn_status (*reopen)(struct output_sink *sink, struct hn_err *err);
    void (*free)(struct output_sink *sink);
};

struct output_sink {
    const struct output_class *class;
    const struct config_output *config;
    const atomic_bool *ending; /* true: give up waiting */
};

HN_MUST_USE enum hn_status output_file_new(
        const struct config_output *config, struct output_sink **ret_sink, struct hn_err *err);
HN_MUST_USE enum hn_status output_webhook_new(
        const struct config_output *config, struct output_sink **ret_sink, struct hn_err *err);
HN_MUST_USE enum hn_status output_syslog_new(
        const struct config_output *config, struct output_sink **ret_sink, struct hn_err *err);
HN_MUST_USE enum hn_status output_smtp_new(
        const struct config_output *config, struct output_sink **ret_sink, struct hn_err *err);

/* ---- When to try again (output_retry.c) ---- */

/* After so many failures in a row: 1 s, 2 s, 4 s ... up to max, each between a half and the whole
 * of it by random, so that many outputs do not come at once. */
hn_time output_retry_wait(uint32_t failures, hn_time max, uint64_t random);

/* ---- The end of a file (output_tail.c) ---- */

/* The keys of the last lines, so that none is written twice. */
struct output_tail;
/* Reads the end of the file and mends it: a last line that a crash has cut short is taken away; a
 * foreign one without LF gets one. HN_IO, HN_NOMEM. */
HN_MUST_USE enum hn_status output_tail_read(
        int fd, struct output_tail **ret_tail, struct hn_err *err);
bool output_tail_has(const struct output_tail *tail, struct hn_text key);
void output_tail_free(struct output_tail *tail); /* NULL is fine */

/* ---- Secrets (output_secret.c) ---- */

struct output_secret {
    uint8_t bytes[OUTPUT_SECRET_MAX + 1];
    size_t len; /* a NUL follows */
};
/* The file's bytes without a last line end. HN_SYNTAX: empty, too long, or others may read it. */
HN_MUST_USE enum hn_status output_secret_read(
        const char *path, struct output_secret *ret_secret, struct hn_err *err);
void output_secret_wipe(struct output_secret *secret);
/* HMAC-SHA256 over "<timestamp>.<body>" as lower-case hex with its NUL. False: no memory. */
bool output_sign(const struct output_secret *secret, int64_t timestamp, struct hn_text body,
        char ret_hex[65]);

/* ---- Connections (output_net.c, output_tls.c) ---- */

/* Why this address must not be connected to; NULL: it may. Link-local, metadata and multicast
 * addresses never; loopback and private ones only when allowed. IPv4 within IPv6 is seen. */
const char *output_address_problem(const struct sockaddr *address, bool allow_private);

/* Waits in short steps. HN_CANCELLED: ending; HN_IO: until is over. */
HN_MUST_USE enum hn_status output_wait(
        int fd, short events, hn_time until, const atomic_bool *ending, struct hn_err *err);

struct output_target {
    const char *host;
    uint16_t port;
    int type; /* SOCK_STREAM, SOCK_DGRAM */
    hn_time until;
    const atomic_bool *ending;
};
/* A connected, non-blocking socket. */
HN_MUST_USE enum hn_status output_connect(
        const struct output_target *target, int *ret_fd, struct hn_err *err);

struct output_tls;
/* ca "": the system's. */
HN_MUST_USE enum hn_status output_tls_new(
        const char *ca, struct output_tls **ret_tls, struct hn_err *err);
void output_tls_free(struct output_tls *tls); /* NULL is fine */
/* A session over a connected socket, with the certificate checked against host. */
HN_MUST_USE enum hn_status output_tls_open(
        struct output_tls *tls, int fd, const struct output_target *target, struct hn_err *err);
void output_tls_close(struct output_tls *tls); /* of the session; the socket stays */
/* All of it, or an error after which the session is of no use. */
HN_MUST_USE enum hn_status output_tls_write(struct output_tls *tls, struct hn_bytes bytes,
        const struct output_target *target, struct hn_err *err);
/* The other side has closed, or said something fatal. */
bool output_tls_is_over(struct output_tls *tls);

/* ---- Mail (output_mail.c) ---- */

struct output_letter {
    const struct config_output *config;
    const struct output_fact *facts;
    uint32_t count;
    hn_time now;
};
void output_mail_write(const struct output_letter *letter, struct hn_buf *out);
/* A header's text, RFC 2047 where it is not plain ASCII; never a line end but where it is folded.
 * name is "Subject". */
void output_mail_header(struct hn_buf *out, const char *name, struct hn_text text);
/* An address that may stand in an envelope: no blanks, controls or angle brackets, one '@'. */
bool output_mail_address(struct hn_text address);

#endif
