/* syslogd_internal.h - how the parts of the syslog door fit together; private to src/syslogd.
 *
 *   syslogd.c         life, the thread's loop
 *   syslogd_listen.c  sockets, and who accepts
 *   syslogd_conn.c    one TCP or TLS connection
 *   syslogd_udp.c     one UDP socket
 *   syslogd_gather.c  messages into batches
 *   syslogd_frame.c   messages out of a stream
 *   syslogd_tls.c     certificates, and whom they let in
 *
 * All of it runs on the door's thread, except what is said otherwise. */
#ifndef HN_SYSLOGD_SYSLOGD_INTERNAL_H
#define HN_SYSLOGD_SYSLOGD_INTERNAL_H

#include "syslogd/syslogd.h"
#include "syslogd/syslogd_frame.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include <gnutls/gnutls.h>

#define PEER_TEXT_MAX 64

/* ---- syslogd_gather.c ---- */

/* How the messages of a batch stand in it. */
enum gather_kind {
    GATHER_LINES,  /* a line each */
    GATHER_PLAIN,  /* the same, of messages that do not start like system log messages */
    GATHER_OCTETS, /* "83 <34>1 ...", because messages hold line feeds */
    GATHER_ALONE,  /* one message with line feeds and no length */
};

/* Messages of one peer on their way into one batch; zero-initialise, then set source and peer. */
struct gather {
    const struct syslogd_source *source;
    struct hn_text peer;
    struct hn_buf body;
    enum gather_kind kind;
    uint64_t count;
    int64_t due_ms;   /* when the batch is to be handed in */
    int64_t retry_ms; /* not before; 0: nobody has refused it */
};

void syslogd_gather_deinit(struct gather *gather);
/* False when the message has to wait for what is gathered to be handed in: it does not fit, or is
 * of another kind. size_max is SYSLOGD_GATHER_BYTES or more. */
bool syslogd_gather_add(
        struct gather *gather, struct hn_bytes message, int64_t due_ms, size_t size_max);
/* Hands the batch in; nothing to hand in is success. False: refused, retry_ms says until when. */
bool syslogd_gather_submit(struct syslogd *door, struct gather *gather, int64_t now_ms);

/* ---- syslogd_tls.c ---- */

struct tls_credentials {
    _Atomic uint32_t references;
    gnutls_certificate_credentials_t certificates;
};

HN_MUST_USE enum hn_status syslogd_tls_credentials_load(const struct syslogd_tls *tls,
        struct tls_credentials **ret_credentials, struct hn_err *err);
void syslogd_tls_credentials_unref(struct tls_credentials *credentials); /* NULL is fine */

/* A server's session on a socket. The session holds a reference. NULL without memory. */
gnutls_session_t syslogd_tls_session_new(
        const struct syslogd_tls *tls, struct tls_credentials *credentials, int fd);
/* After the handshake: NULL when the client is welcome, or why not. */
const char *syslogd_tls_client_problem(const struct syslogd_tls *tls, gnutls_session_t session);

/* ---- What the loop waits for ---- */

enum watch_kind { WATCH_WAKE, WATCH_UDP, WATCH_ACCEPT, WATCH_CONN };

struct watch {
    enum watch_kind kind;
    int fd;
    uint32_t events; /* that epoll is asked for; 0: it does not know the descriptor */
};

void syslogd_watch_set(struct syslogd *door, struct watch *watch, uint32_t events);

struct listener {
    struct watch watch; /* first */
    const struct syslogd_listener *config;
    uint16_t port;
    struct udp *udp;
    pthread_mutex_t lock;                /* credentials: replaced from any thread */
    struct tls_credentials *credentials; /* in force */
};

/* ---- syslogd_listen.c ---- */

HN_MUST_USE enum hn_status syslogd_listener_open(
        struct syslogd *door, struct listener *listener, struct hn_err *err);
void syslogd_listener_close(struct listener *listener);
void syslogd_listener_accept(struct syslogd *door, struct listener *listener, int64_t now_ms);
const struct syslogd_source *syslogd_listener_source(
        const struct listener *listener, const struct hn_ip *peer);
struct hn_ip syslogd_peer_ip(const struct sockaddr_storage *address);
/* The address as text in room; the text. */
struct hn_text syslogd_peer_text(const struct hn_ip *ip, char room[PEER_TEXT_MAX]);

/* ---- syslogd_udp.c ---- */

HN_MUST_USE struct udp *syslogd_udp_new(struct syslogd *door);
void syslogd_udp_free(struct udp *udp); /* NULL is fine */
void syslogd_udp_read(struct syslogd *door, struct listener *listener, int64_t now_ms);
/* Hands in what is due; the time of the next, INT64_MAX: nothing waits. */
int64_t syslogd_udp_flush(
        struct syslogd *door, struct listener *listener, int64_t now_ms, bool all);
/* What the system has dropped since the last time. */
void syslogd_udp_count_lost(struct syslogd *door, struct listener *listener);

/* ---- syslogd_conn.c ---- */

struct conn;
HN_MUST_USE enum hn_status syslogd_conn_open(struct syslogd *door, struct listener *listener,
        int fd, const struct hn_ip *peer, int64_t now_ms);
void syslogd_conn_ready(struct syslogd *door, struct conn *conn, int64_t now_ms);
/* The same for all connections with something to hand in. */
int64_t syslogd_conns_flush(struct syslogd *door, int64_t now_ms);
/* Closes those that have been silent for too long. */
void syslogd_conns_sweep(struct syslogd *door, int64_t now_ms);
/* All: what has arrived is read and handed in first, as far as that is possible. */
void syslogd_conns_close(struct syslogd *door, int64_t now_ms);
/* Lets go of what is left, as it is. */
void syslogd_conns_drop(struct syslogd *door);
uint32_t syslogd_conns_of(const struct syslogd *door, const struct hn_ip *peer);

/* ---- The door ---- */

struct syslogd {
    struct syslogd_options options;
    struct intake *intake;
    struct listener *listeners;
    size_t listener_count;
    int epoll;
    struct watch wake;
    pthread_t thread;
    bool started;
    atomic_bool stopping;

    struct conn *conns; /* all */
    struct conn *busy;  /* those with something to hand in */
    struct conn *dead;  /* closed in this turn of the loop, freed at its end */

#define SYSLOGD_COUNTER_ATOMIC(name, text) _Atomic uint64_t name;
    struct {
        SYSLOGD_COUNTER_LIST(SYSLOGD_COUNTER_ATOMIC)
    } counters;
#undef SYSLOGD_COUNTER_ATOMIC
};

#define door_count(door, name, by) \
    ((void)atomic_fetch_add_explicit(&(door)->counters.name, (by), memory_order_relaxed))

int64_t syslogd_door_now_ms(void);
void syslogd_door_note(struct syslogd *door, struct hn_text peer, const char *text);

#endif
