/* syslogd_conn.c - one TCP or TLS connection: read, framed, gathered, handed in.
 *
 * When the intake refuses a batch the connection is not read until it takes it: the sender's system
 * sees a full window and holds the rest. What is there when the peer closes is handed in, the
 * start of a message that never ended included. */
#include "syslogd/syslogd_internal.h"

#include "base/mem.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#define READ_BYTES ((size_t)65536)
#define READS_MAX  4 /* before others have their turn */

enum stage {
    STAGE_HANDSHAKE,
    STAGE_OPEN,
    STAGE_ENDED, /* nothing more comes; what is there has to be handed in */
};

struct conn {
    struct watch watch; /* first */
    enum stage stage;
    struct listener *listener;
    struct hn_ip ip;
    char peer[PEER_TEXT_MAX];
    gnutls_session_t session; /* NULL: plain */
    struct tls_credentials *credentials;
    struct syslogd_framer framer;
    struct hn_buf in; /* from in_start on: not yet framed */
    size_t in_start;
    struct gather gather;
    int64_t seen_ms; /* when it was opened, or something came */
    struct conn *next;
    struct conn *previous;
    bool busy;
    bool dead;
    struct conn *next_busy;
    struct conn *previous_busy;
};

/* ---- Lists ---- */

static void set_busy(struct syslogd *door, struct conn *conn, bool busy)
{
    if (conn->busy == busy)
        return;
    conn->busy = busy;
    if (busy) {
        conn->previous_busy = NULL;
        conn->next_busy = door->busy;
        if (door->busy != NULL)
            door->busy->previous_busy = conn;
        door->busy = conn;
        return;
    }
    if (conn->previous_busy == NULL)
        door->busy = conn->next_busy;
    else
        conn->previous_busy->next_busy = conn->next_busy;
    if (conn->next_busy != NULL)
        conn->next_busy->previous_busy = conn->previous_busy;
}

static void conn_free(struct conn *conn)
{
    if (conn->session != NULL)
        gnutls_deinit(conn->session);
    syslogd_tls_credentials_unref(conn->credentials);
    if (conn->watch.fd >= 0)
        (void)close(conn->watch.fd);
    hn_buf_deinit(&conn->in);
    syslogd_gather_deinit(&conn->gather);
    hn_free(conn);
}

/* The memory stays until the end of this turn of the loop: epoll may still name it. */
static void conn_end(struct syslogd *door, struct conn *conn)
{
    if (conn->dead)
        return;
    conn->dead = true;
    set_busy(door, conn, false);
    syslogd_watch_set(door, &conn->watch, 0);
    if (conn->session != NULL && conn->stage != STAGE_HANDSHAKE)
        (void)gnutls_bye(conn->session, GNUTLS_SHUT_WR);
    if (conn->previous == NULL)
        door->conns = conn->next;
    else
        conn->previous->next = conn->next;
    if (conn->next != NULL)
        conn->next->previous = conn->previous;
    conn->next = door->dead;
    door->dead = conn;
    (void)atomic_fetch_sub(&door->counters.open, 1);
}

static void free_dead(struct syslogd *door)
{
    while (door->dead != NULL) {
        struct conn *conn = door->dead;

        door->dead = conn->next;
        conn_free(conn);
    }
}

uint32_t syslogd_conns_of(const struct syslogd *door, const struct hn_ip *peer)
{
    uint32_t count = 0;

    for (const struct conn *conn = door->conns; conn != NULL; conn = conn->next)
        count += hn_ip_cmp(&conn->ip, peer) == 0;
    return count;
}

/* ---- Opening ---- */

static bool start_tls(struct listener *listener, struct conn *conn, int fd)
{
    (void)pthread_mutex_lock(&listener->lock);
    conn->credentials = listener->credentials;
    (void)atomic_fetch_add(&conn->credentials->references, 1);
    (void)pthread_mutex_unlock(&listener->lock);
    conn->session = syslogd_tls_session_new(listener->config->tls, conn->credentials, fd);
    conn->stage = STAGE_HANDSHAKE;
    return conn->session != NULL;
}

enum hn_status syslogd_conn_open(struct syslogd *door, struct listener *listener, int fd,
        const struct hn_ip *peer, int64_t now_ms)
{
    struct conn *conn = hn_calloc(1, sizeof *conn);

    if (conn == NULL)
        return HN_NOMEM;
    conn->watch.kind = WATCH_CONN;
    conn->watch.fd = -1;
    conn->stage = STAGE_OPEN;
    conn->listener = listener;
    conn->ip = *peer;
    conn->framer.message_max = door->options.limits.message_bytes;
    conn->gather.peer = syslogd_peer_text(peer, conn->peer);
    conn->gather.source = syslogd_listener_source(listener, peer);
    conn->seen_ms = now_ms;
    if (listener->credentials != NULL && !start_tls(listener, conn, fd)) {
        conn_free(conn);
        return HN_NOMEM;
    }
    conn->watch.fd = fd;
    conn->next = door->conns;
    if (door->conns != NULL)
        door->conns->previous = conn;
    door->conns = conn;
    door_count(door, connections, 1);
    door_count(door, open, 1);
    syslogd_watch_set(door, &conn->watch, EPOLLIN);
    return HN_OK;
}

/* ---- Handing in ---- */

static void forget_taken(struct conn *conn)
{
    if (conn->in_start == conn->in.len) {
        hn_buf_deinit(&conn->in); /* many connections are idle most of the time */
        conn->in_start = 0;
        return;
    }
    if (conn->in_start >= READ_BYTES) {
        memmove(conn->in.ptr, conn->in.ptr + conn->in_start, conn->in.len - conn->in_start);
        conn->in.len -= conn->in_start;
        conn->in_start = 0;
    }
}

static bool submit(struct syslogd *door, struct conn *conn, int64_t now_ms)
{
    if (conn->gather.retry_ms > now_ms)
        return false;
    if (!syslogd_gather_submit(door, &conn->gather, now_ms)) {
        door_count(door, waits, 1);
        return false;
    }
    hn_buf_deinit(&conn->gather.body);
    return true;
}

/* Frames what is there into batches. False: the intake must take one first. */
static bool frame_all(struct syslogd *door, struct conn *conn, int64_t now_ms)
{
    bool at_end = conn->stage == STAGE_ENDED;
    int64_t due_ms = now_ms + door->options.limits.gather_ms;
    struct syslogd_frame frame;

    for (;;) {
        struct syslogd_framer before = conn->framer;
        struct hn_bytes rest =
                hn_bytes_of(conn->in.ptr + conn->in_start, conn->in.len - conn->in_start);

        if (rest.len == 0 || !syslogd_frame_next(&conn->framer, rest, at_end, &frame))
            return true;
        if (frame.message.len > 0 &&
                !syslogd_gather_add(&conn->gather, frame.message, due_ms, SYSLOGD_GATHER_BYTES)) {
            conn->framer = before; /* the same message again, when there is room */
            if (!submit(door, conn, now_ms) || conn->gather.body.len > 0)
                return false;
            continue;
        }
        conn->in_start += frame.bytes;
        door_count(door, too_long, frame.cut ? 1 : 0);
        door_count(door, misframed, frame.misframed ? 1 : 0);
    }
}

/* Hands in what is due, and frames and reads on when the way is free again. */
static bool step(struct syslogd *door, struct conn *conn, int64_t now_ms, bool all)
{
    bool free = frame_all(door, conn, now_ms);

    if (free && conn->gather.body.len > 0 &&
            (all || conn->stage == STAGE_ENDED || conn->gather.due_ms <= now_ms ||
                    conn->gather.retry_ms != 0))
        free = submit(door, conn, now_ms);
    if (!free && conn->gather.retry_ms == 0) /* without memory even for one message */
        conn->gather.retry_ms = now_ms + 100;
    forget_taken(conn);
    if (free && conn->stage == STAGE_ENDED && conn->gather.body.len == 0) {
        conn_end(door, conn);
        return false;
    }
    set_busy(door, conn, !free || conn->gather.body.len > 0);
    if (free && conn->gather.body.len == 0)
        conn->gather.retry_ms = 0;
    if (conn->stage != STAGE_HANDSHAKE)
        syslogd_watch_set(door, &conn->watch, free && conn->stage == STAGE_OPEN ? EPOLLIN : 0);
    return free;
}

/* ---- Reading ---- */

static void handshake(struct syslogd *door, struct conn *conn)
{
    const char *problem = NULL;
    int result = gnutls_handshake(conn->session);

    if (result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED) {
        syslogd_watch_set(door, &conn->watch,
                gnutls_record_get_direction(conn->session) == 0 ? EPOLLIN : EPOLLOUT);
        return;
    }
    if (result < 0 && gnutls_error_is_fatal(result) == 0)
        return;
    if (result < 0)
        problem = gnutls_strerror(result);
    else
        problem = syslogd_tls_client_problem(conn->listener->config->tls, conn->session);
    if (problem == NULL) {
        conn->stage = STAGE_OPEN;
        syslogd_watch_set(door, &conn->watch, EPOLLIN);
        return;
    }
    if (result == 0)
        (void)gnutls_alert_send(conn->session, GNUTLS_AL_FATAL, GNUTLS_A_BAD_CERTIFICATE);
    door_count(door, handshakes_failed, 1);
    syslogd_door_note(door, conn->gather.peer, problem);
    conn_end(door, conn);
}

/* Bytes read, 0 when none are there; *ret_ended: no more will come. */
static size_t receive(struct conn *conn, char *to, size_t room, bool *ret_ended)
{
    ssize_t got;

    if (conn->session != NULL) {
        got = gnutls_record_recv(conn->session, to, room);
        *ret_ended = got == 0 || (got < 0 && gnutls_error_is_fatal((int)got) != 0);
        if (got == GNUTLS_E_REHANDSHAKE)
            *ret_ended = true; /* never needed, always costly */
    } else {
        got = recv(conn->watch.fd, to, room, 0);
        *ret_ended =
                got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
    }
    return got > 0 ? (size_t)got : 0;
}

static void read_on(struct syslogd *door, struct conn *conn, int64_t now_ms)
{
    for (int i = 0; i < READS_MAX && conn->stage == STAGE_OPEN; i++) {
        bool ended = false;
        size_t got;

        if (!hn_buf_reserve(&conn->in, READ_BYTES)) {
            conn->in.status = HN_OK;
            return; /* without memory: the bytes stay in the system */
        }
        got = receive(conn, conn->in.ptr + conn->in.len, READ_BYTES, &ended);
        conn->in.len += got;
        if (got > 0)
            conn->seen_ms = now_ms;
        if (ended)
            conn->stage = STAGE_ENDED;
        if (!step(door, conn, now_ms, false) || got == 0)
            return;
    }
}

void syslogd_conn_ready(struct syslogd *door, struct conn *conn, int64_t now_ms)
{
    if (conn->dead)
        return;
    if (conn->stage == STAGE_HANDSHAKE)
        handshake(door, conn);
    if (!conn->dead && conn->stage == STAGE_OPEN && conn->gather.retry_ms == 0)
        read_on(door, conn, now_ms);
}

/* ---- All of them ---- */

int64_t syslogd_conns_flush(struct syslogd *door, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;
    struct conn *next;

    for (struct conn *conn = door->busy; conn != NULL; conn = next) {
        bool waited = conn->gather.retry_ms != 0;
        int64_t at_ms = waited ? conn->gather.retry_ms : conn->gather.due_ms;

        next = conn->next_busy;
        if (at_ms <= now_ms) {
            /* TLS may hold bytes that epoll does not see any more. */
            if (step(door, conn, now_ms, false) && waited && conn->session != NULL)
                read_on(door, conn, now_ms);
            if (conn->dead || !conn->busy)
                continue;
            at_ms = conn->gather.retry_ms != 0 ? conn->gather.retry_ms : conn->gather.due_ms;
        }
        if (at_ms < next_ms)
            next_ms = at_ms;
    }
    free_dead(door);
    return next_ms;
}

void syslogd_conns_sweep(struct syslogd *door, int64_t now_ms)
{
    const struct syslogd_limits *limits = &door->options.limits;
    struct conn *next;

    for (struct conn *conn = door->conns; conn != NULL; conn = next) {
        bool shaking = conn->stage == STAGE_HANDSHAKE;
        int64_t seconds = shaking ? limits->handshake_seconds : limits->idle_seconds;

        next = conn->next;
        if (conn->busy || conn->stage == STAGE_ENDED || now_ms - conn->seen_ms < seconds * 1000)
            continue;
        if (shaking) {
            door_count(door, handshakes_failed, 1);
            syslogd_door_note(door, conn->gather.peer, "the TLS handshake took too long");
            conn_end(door, conn);
            continue;
        }
        door_count(door, idle, 1);
        conn->stage = STAGE_ENDED;
        (void)step(door, conn, now_ms, true);
    }
    free_dead(door);
}

void syslogd_conns_close(struct syslogd *door, int64_t now_ms)
{
    struct conn *next;

    for (struct conn *conn = door->conns; conn != NULL; conn = next) {
        next = conn->next;
        if (conn->stage == STAGE_OPEN && conn->gather.retry_ms == 0)
            read_on(door, conn, now_ms);
        if (conn->dead)
            continue;
        if (conn->stage == STAGE_HANDSHAKE) {
            conn_end(door, conn);
            continue;
        }
        conn->stage = STAGE_ENDED;
        (void)step(door, conn, now_ms, true);
    }
    free_dead(door);
}

void syslogd_conns_drop(struct syslogd *door)
{
    while (door->conns != NULL)
        conn_end(door, door->conns);
    free_dead(door);
}
