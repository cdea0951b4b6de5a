/* syslogd.h - the syslog door: messages over UDP, TCP and TLS into the intake. The one header of
 * this module.
 *
 * Life: syslogd_open() binds all listeners and starts one thread for them -> syslogd_close() takes
 * in what has arrived, as far as the intake lets it, and ends the thread.
 * Batches: messages of one peer, one a line (or with their lengths, where a message holds line
 * feeds), gathered for gather_ms or SYSLOGD_GATHER_BYTES; the batch's stream is the peer's address.
 * Promises (docs/doors.md): a TCP or TLS connection is not read while its source is over quota or
 * the journal is overloaded, and nothing of it is dropped; of UDP, what the system or the door had
 * to drop is counted to the packet (intake_count_lost()).
 * Concurrency: syslogd_* functions may be called from any thread, but not while syslogd_close()
 * runs.
 * Memory: a connection holds at most a message and two blocks; an UDP listener
 * SYSLOGD_UDP_HELD_MAX besides its receive buffers.
 * Limits: struct syslogd_limits. */
#ifndef HN_SYSLOGD_SYSLOGD_H
#define HN_SYSLOGD_SYSLOGD_H

#include "base/attr.h"
#include "base/ip.h"
#include "base/status.h"
#include "base/view.h"
#include "intake/intake.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYSLOGD_GATHER_BYTES ((size_t)65536)
#define SYSLOGD_UDP_PEERS    256u /* gathered at a time, of one listener */
#define SYSLOGD_UDP_HELD_MAX ((size_t)32 << 20)
#define SYSLOGD_UDP_PEER_MAX ((size_t)1 << 20) /* of them, while its source must wait */

/* Whose messages they are, and how they are read. */
struct syslogd_source {
    struct hn_text name;
    struct hn_text tenant;
    struct hn_text format; /* "": system log lines, and whatever else comes is recognised */
    struct hn_text zone;
    struct hn_text pipeline;
};

/* Messages from these addresses belong to another source than the listener's. The first rule that
 * fits holds. */
struct syslogd_rule {
    struct hn_cidr peers;
    const struct syslogd_source *source;
};

enum syslogd_client { /* certificates of clients */
    SYSLOGD_CLIENT_NONE,
    SYSLOGD_CLIENT_OPTIONAL, /* who shows one must show a good one */
    SYSLOGD_CLIENT_REQUIRED,
};

struct syslogd_tls {
    const char *certificate_file; /* PEM, with its chain */
    const char *key_file;
    const char *ca_file; /* of clients; NULL: fingerprints alone can be good */
    enum syslogd_client client;
    /* Names (of host, as the certificate has them) or fingerprints ("sha-256:AB:CD:..", RFC 5425
     * 4.2.2) that clients may have. None: whoever the authority vouches for. */
    const char *const *peers;
    size_t peer_count;
};

enum syslogd_transport { SYSLOGD_UDP, SYSLOGD_TCP, SYSLOGD_TLS };

struct syslogd_listener {
    enum syslogd_transport transport;
    const char *address; /* numeric; NULL: all, IPv6 and IPv4 */
    uint16_t port;       /* 0: any, see syslogd_port() */
    const struct syslogd_source *source;
    const struct syslogd_rule *rules;
    size_t rule_count;
    const struct syslogd_tls *tls; /* of SYSLOGD_TLS */
};

struct syslogd_limits {            /* 0: the default */
    size_t message_bytes;          /* 64 KiB to 1 MiB; 256 KiB */
    uint32_t connections;          /* 4,096 */
    uint32_t connections_per_peer; /* 256 */
    uint32_t idle_seconds;         /* 3,600 */
    uint32_t handshake_seconds;    /* 20 */
    uint32_t gather_ms;            /* 5 */
    uint32_t udp_receive_bytes;    /* SO_RCVBUF; 16 MiB, or what the system allows */
};

/* What a person should hear of. Valid until the call returns; runs on the door's thread. */
struct syslogd_note {
    struct hn_text peer;
    const char *text; /* harmless English */
};

struct syslogd_options {
    const struct syslogd_listener *listeners;
    size_t listener_count;
    struct syslogd_limits limits;
    void (*on_note)(void *ctx, const struct syslogd_note *note); /* may be NULL */
    void *ctx;
};

struct syslogd;
/* What options point to is borrowed until syslogd_close(). All listeners or none. */
HN_MUST_USE enum hn_status syslogd_open(const struct syslogd_options *options,
        struct intake *intake, struct syslogd **ret_door, struct hn_err *err);
void syslogd_close(struct syslogd *door); /* NULL is fine */

/* The port a listener is bound to. */
uint16_t syslogd_port(const struct syslogd *door, size_t listener);

/* Reads all certificates and keys again, for connections to come. On failure the old ones stay. */
HN_MUST_USE enum hn_status syslogd_reload(struct syslogd *door, struct hn_err *err);

#define SYSLOGD_COUNTER_LIST(X)                                                          \
    X(messages, "messages taken")                                                        \
    X(datagrams, "datagrams read")                                                       \
    X(lost, "datagrams that the system or the door dropped")                             \
    X(too_long, "messages cut off at the limit")                                         \
    X(misframed, "pieces of streams that were no messages by their framing")             \
    X(connections, "connections accepted")                                               \
    X(open, "connections open now")                                                      \
    X(refused, "connections refused: too many")                                          \
    X(idle, "connections closed: nothing came")                                          \
    X(handshakes_failed, "connections closed: no TLS, or not one of the names expected") \
    X(waits, "times that a connection was not read because the intake was full")

struct syslogd_counters {
#define SYSLOGD_COUNTER_FIELD(name, text) uint64_t name;
    SYSLOGD_COUNTER_LIST(SYSLOGD_COUNTER_FIELD)
#undef SYSLOGD_COUNTER_FIELD
};
struct syslogd_counters syslogd_counters(const struct syslogd *door);

#endif
