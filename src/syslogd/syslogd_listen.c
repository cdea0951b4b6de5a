/* syslogd_listen.c - sockets that are bound, and which source a peer's messages belong to. */
#include "syslogd/syslogd_internal.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#define BACKLOG     1024
#define ACCEPTS_MAX 64 /* before others have their turn */

struct hn_ip syslogd_peer_ip(const struct sockaddr_storage *address)
{
    struct hn_ip ip = { { 0 } };

    if (address->ss_family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, address, sizeof in);
        ip.bytes[10] = 0xFF;
        ip.bytes[11] = 0xFF;
        memcpy(ip.bytes + 12, &in.sin_addr, 4);
    } else if (address->ss_family == AF_INET6) {
        struct sockaddr_in6 in6;

        memcpy(&in6, address, sizeof in6);
        memcpy(ip.bytes, &in6.sin6_addr, 16);
    }
    return ip;
}

struct hn_text syslogd_peer_text(const struct hn_ip *ip, char room[PEER_TEXT_MAX])
{
    struct hn_buf text = hn_buf_over(room, PEER_TEXT_MAX);

    hn_buf_add_ip(&text, ip);
    return hn_buf_text(&text);
}

const struct syslogd_source *syslogd_listener_source(
        const struct listener *listener, const struct hn_ip *peer)
{
    const struct syslogd_listener *config = listener->config;

    for (size_t i = 0; i < config->rule_count; i++) {
        if (hn_cidr_has(&config->rules[i].peers, peer))
            return config->rules[i].source;
    }
    return config->source;
}

/* ---- Binding ---- */

static void set_option(int fd, int level, int option, int value)
{
    (void)setsockopt(fd, level, option, &value, sizeof value);
}

/* As much as asked for, as far as the system lets us: beyond its limit is for root alone. */
static void set_receive_bytes(int fd, uint32_t bytes)
{
    int value = bytes > INT32_MAX / 2 ? INT32_MAX / 2 : (int)bytes;

    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &value, sizeof value) != 0)
        set_option(fd, SOL_SOCKET, SO_RCVBUF, value);
}

static int bind_to(const struct addrinfo *info, const struct syslogd_listener *config)
{
    int fd = socket(info->ai_family, info->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    set_option(fd, SOL_SOCKET, SO_REUSEADDR, config->transport != SYSLOGD_UDP);
    if (info->ai_family == AF_INET6)
        set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, config->address != NULL);
    if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 &&
            (config->transport == SYSLOGD_UDP || listen(fd, BACKLOG) == 0))
        return fd;
    (void)close(fd);
    return -1;
}

/* All addresses means one socket for both families, or IPv4 alone where there is no IPv6. */
static enum hn_status bind_socket(struct listener *listener, struct hn_err *err)
{
    const struct syslogd_listener *config = listener->config;
    struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
    struct addrinfo *infos = NULL;
    const char *name = config->address == NULL ? "::" : config->address;
    char port[8];
    int result;

    hints.ai_socktype = config->transport == SYSLOGD_UDP ? SOCK_DGRAM : SOCK_STREAM;
    (void)snprintf(port, sizeof port, "%u", config->port);
    result = getaddrinfo(name, port, &hints, &infos);
    if (result != 0)
        return hn_fail(err, HN_SYNTAX, 0, "address %s: %s", name, gai_strerror(result));
    listener->watch.fd = bind_to(infos, config);
    result = errno;
    freeaddrinfo(infos);
    if (listener->watch.fd < 0 && config->address == NULL && result == EAFNOSUPPORT) {
        if (getaddrinfo("0.0.0.0", port, &hints, &infos) != 0)
            return hn_fail_sys(err, result, "port %s cannot be opened", port);
        listener->watch.fd = bind_to(infos, config);
        result = errno;
        freeaddrinfo(infos);
    }
    if (listener->watch.fd < 0)
        return hn_fail_sys(err, result, "%s port %s cannot be opened", name, port);
    return HN_OK;
}

static void learn_port(struct listener *listener)
{
    struct sockaddr_storage bound = { 0 };
    socklen_t len = sizeof bound;
    struct sockaddr_in6 in6;

    if (getsockname(listener->watch.fd, (struct sockaddr *)&bound, &len) != 0)
        return;
    memcpy(&in6, &bound, sizeof in6); /* the port is at the same place in both families */
    listener->port = ntohs(in6.sin6_port);
}

enum hn_status syslogd_listener_open(
        struct syslogd *door, struct listener *listener, struct hn_err *err)
{
    const struct syslogd_listener *config = listener->config;
    enum hn_status status;

    if (config->transport == SYSLOGD_TLS) {
        status = syslogd_tls_credentials_load(config->tls, &listener->credentials, err);
        if (status != HN_OK)
            return status;
    }
    status = bind_socket(listener, err);
    if (status != HN_OK)
        return status;
    listener->watch.kind = config->transport == SYSLOGD_UDP ? WATCH_UDP : WATCH_ACCEPT;
    learn_port(listener);
    if (config->transport == SYSLOGD_UDP) {
        set_receive_bytes(listener->watch.fd, door->options.limits.udp_receive_bytes);
        listener->udp = syslogd_udp_new(door);
        if (listener->udp == NULL)
            return hn_fail(err, HN_NOMEM, 0, "buffers of an UDP socket");
    }
    syslogd_watch_set(door, &listener->watch, EPOLLIN);
    return HN_OK;
}

void syslogd_listener_close(struct listener *listener)
{
    if (listener->watch.fd >= 0)
        (void)close(listener->watch.fd);
    syslogd_udp_free(listener->udp);
    syslogd_tls_credentials_unref(listener->credentials);
    (void)pthread_mutex_destroy(&listener->lock);
}

/* ---- Accepting ---- */

void syslogd_listener_accept(struct syslogd *door, struct listener *listener, int64_t now_ms)
{
    const struct syslogd_limits *limits = &door->options.limits;

    for (int i = 0; i < ACCEPTS_MAX; i++) {
        struct sockaddr_storage address = { 0 };
        socklen_t len = sizeof address;
        int fd = accept4(listener->watch.fd, (struct sockaddr *)&address, &len,
                SOCK_NONBLOCK | SOCK_CLOEXEC);
        struct hn_ip ip;

        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
                syslogd_watch_set(door, &listener->watch, 0); /* until the next sweep */
            return;
        }
        ip = syslogd_peer_ip(&address);
        set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
        if (atomic_load(&door->counters.open) >= limits->connections ||
                syslogd_conns_of(door, &ip) >= limits->connections_per_peer ||
                syslogd_conn_open(door, listener, fd, &ip, now_ms) != HN_OK) {
            door_count(door, refused, 1);
            (void)close(fd);
        }
    }
}
