/* syslogd.c - the door's life, and the loop of its one thread. */
#include "syslogd/syslogd_internal.h"

#include "base/mem.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX   256
#define SWEEP_MS     1000
#define CLOSE_MAX_MS 3000 /* so long is tried to hand in what is there when the door closes */

int64_t syslogd_door_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void syslogd_door_note(struct syslogd *door, struct hn_text peer, const char *text)
{
    struct syslogd_note note = { peer, text };

    if (door->options.on_note != NULL)
        door->options.on_note(door->options.ctx, &note);
}

void syslogd_watch_set(struct syslogd *door, struct watch *watch, uint32_t events)
{
    struct epoll_event event = { .events = events, .data = { .ptr = watch } };

    if (watch->events == events)
        return;
    /* A descriptor that nothing is asked of would still tell of errors, again and again. */
    if (events == 0)
        (void)epoll_ctl(door->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
    else
        (void)epoll_ctl(
                door->epoll, watch->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, watch->fd, &event);
    watch->events = events;
}

/* ---- The loop ---- */

/* ready starts with its struct watch. */
static void dispatch(struct syslogd *door, void *ready, int64_t now_ms)
{
    const struct watch *watch = ready;

    switch (watch->kind) {
    case WATCH_WAKE:
        break;
    case WATCH_UDP:
        syslogd_udp_read(door, ready, now_ms);
        break;
    case WATCH_ACCEPT:
        syslogd_listener_accept(door, ready, now_ms);
        break;
    case WATCH_CONN:
        syslogd_conn_ready(door, ready, now_ms);
        break;
    }
}

static int64_t flush(struct syslogd *door, int64_t now_ms, bool all)
{
    int64_t next_ms = syslogd_conns_flush(door, now_ms);

    for (size_t i = 0; i < door->listener_count; i++) {
        int64_t at_ms;

        if (door->listeners[i].udp == NULL)
            continue;
        at_ms = syslogd_udp_flush(door, &door->listeners[i], now_ms, all);
        if (at_ms < next_ms)
            next_ms = at_ms;
    }
    return next_ms;
}

static void sweep(struct syslogd *door, int64_t now_ms)
{
    syslogd_conns_sweep(door, now_ms);
    for (size_t i = 0; i < door->listener_count; i++) {
        struct listener *listener = &door->listeners[i];

        syslogd_watch_set(door, &listener->watch, EPOLLIN); /* descriptors may be free again */
        if (listener->udp != NULL)
            syslogd_udp_count_lost(door, listener);
    }
}

/* Nothing new is let in; what is there is handed in, but not waited for without end. */
static void wind_down(struct syslogd *door)
{
    int64_t start_ms = syslogd_door_now_ms();
    int64_t now_ms = start_ms;

    for (size_t i = 0; i < door->listener_count; i++) {
        if (door->listeners[i].udp != NULL) {
            syslogd_udp_read(door, &door->listeners[i], now_ms);
            syslogd_udp_count_lost(door, &door->listeners[i]);
        }
    }
    do {
        int64_t next_ms;

        syslogd_conns_close(door, now_ms);
        next_ms = flush(door, now_ms, true);
        if (next_ms == INT64_MAX && door->conns == NULL)
            break;
        (void)nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
        now_ms = syslogd_door_now_ms();
    } while (now_ms - start_ms < CLOSE_MAX_MS);
}

static void *loop(void *arg)
{
    struct syslogd *door = arg;
    struct epoll_event events[EVENTS_MAX];
    int64_t sweep_ms = syslogd_door_now_ms() + SWEEP_MS;
    int64_t next_ms = sweep_ms;

    while (!atomic_load(&door->stopping)) {
        int64_t now_ms = syslogd_door_now_ms();
        int64_t wait_ms = next_ms > now_ms ? next_ms - now_ms : 0;
        int count = epoll_wait(door->epoll, events, EVENTS_MAX, (int)wait_ms);

        now_ms = syslogd_door_now_ms();
        for (int i = 0; i < count; i++)
            dispatch(door, events[i].data.ptr, now_ms);
        if (now_ms >= sweep_ms) {
            sweep(door, now_ms);
            sweep_ms = now_ms + SWEEP_MS;
        }
        next_ms = flush(door, now_ms, false);
        if (next_ms > sweep_ms)
            next_ms = sweep_ms;
    }
    wind_down(door);
    return NULL;
}

/* ---- Life ---- */

static void set_default(uint32_t *value, uint32_t standard)
{
    if (*value == 0)
        *value = standard;
}

static void set_defaults(struct syslogd_limits *limits)
{
    if (limits->message_bytes == 0)
        limits->message_bytes = (size_t)256 << 10;
    if (limits->message_bytes < (size_t)64 << 10)
        limits->message_bytes = (size_t)64 << 10;
    if (limits->message_bytes > (size_t)1 << 20)
        limits->message_bytes = (size_t)1 << 20;
    set_default(&limits->connections, 4096);
    set_default(&limits->connections_per_peer, 256);
    set_default(&limits->idle_seconds, 3600);
    set_default(&limits->handshake_seconds, 20);
    set_default(&limits->gather_ms, 5);
    set_default(&limits->udp_receive_bytes, 16u << 20);
}

static enum hn_status open_all(struct syslogd *door, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    door->epoll = epoll_create1(EPOLL_CLOEXEC);
    door->wake.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (door->epoll < 0 || door->wake.fd < 0)
        return hn_fail_sys(err, errno, "syslog door");
    syslogd_watch_set(door, &door->wake, EPOLLIN);
    for (size_t i = 0; status == HN_OK && i < door->options.listener_count; i++) {
        struct listener *listener = &door->listeners[i];

        listener->watch.fd = -1;
        listener->config = &door->options.listeners[i];
        (void)pthread_mutex_init(&listener->lock, NULL);
        door->listener_count++;
        status = syslogd_listener_open(door, listener, err);
    }
    if (status == HN_OK && pthread_create(&door->thread, NULL, loop, door) != 0)
        status = hn_fail(err, HN_NOMEM, 0, "thread of the syslog door");
    door->started = status == HN_OK;
    return status;
}

enum hn_status syslogd_open(const struct syslogd_options *options, struct intake *intake,
        struct syslogd **ret_door, struct hn_err *err)
{
    struct syslogd *door = hn_calloc(1, sizeof *door);
    enum hn_status status;

    if (door == NULL)
        return hn_fail(err, HN_NOMEM, 0, "syslog door");
    door->options = *options;
    set_defaults(&door->options.limits);
    door->intake = intake;
    door->epoll = -1;
    door->wake.kind = WATCH_WAKE;
    door->wake.fd = -1;
    door->listeners = hn_calloc(options->listener_count + 1, sizeof *door->listeners);
    status = door->listeners == NULL ? hn_fail(err, HN_NOMEM, 0, "syslog door")
                                     : open_all(door, err);
    if (status != HN_OK) {
        syslogd_close(door);
        return status;
    }
    *ret_door = door;
    return HN_OK;
}

void syslogd_close(struct syslogd *door)
{
    uint64_t one = 1;

    if (door == NULL)
        return;
    if (door->started) {
        atomic_store(&door->stopping, true);
        if (write(door->wake.fd, &one, sizeof one) < 0)
            (void)0; /* it cannot be full; and the loop wakes each second anyway */
        (void)pthread_join(door->thread, NULL);
    }
    syslogd_conns_drop(door);
    for (size_t i = 0; i < door->listener_count; i++)
        syslogd_listener_close(&door->listeners[i]);
    if (door->wake.fd >= 0)
        (void)close(door->wake.fd);
    if (door->epoll >= 0)
        (void)close(door->epoll);
    hn_free(door->listeners);
    hn_free(door);
}

uint16_t syslogd_port(const struct syslogd *door, size_t listener)
{
    return door->listeners[listener].port;
}

enum hn_status syslogd_reload(struct syslogd *door, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    for (size_t i = 0; status == HN_OK && i < door->listener_count; i++) {
        struct listener *listener = &door->listeners[i];
        struct tls_credentials *credentials = NULL;
        struct tls_credentials *old;

        if (listener->config->transport != SYSLOGD_TLS)
            continue;
        status = syslogd_tls_credentials_load(listener->config->tls, &credentials, err);
        if (status != HN_OK)
            break;
        (void)pthread_mutex_lock(&listener->lock);
        old = listener->credentials;
        listener->credentials = credentials;
        (void)pthread_mutex_unlock(&listener->lock);
        syslogd_tls_credentials_unref(old);
    }
    return status;
}

struct syslogd_counters syslogd_counters(const struct syslogd *door)
{
    struct syslogd_counters counters;

#define COUNTER_LOAD(name, text) counters.name = atomic_load(&door->counters.name);
    SYSLOGD_COUNTER_LIST(COUNTER_LOAD)
#undef COUNTER_LOAD
    return counters;
}
