/* http_watch.c - connections and how long each may take.
 *
 * libmicrohttpd counts idle time only, which a client that sends a byte now and then never spends.
 * Here every phase has a deadline (head, body, taking the answer, idle); one thread looks at all of
 * them and shuts the sockets of those that are over it, which wakes libmicrohttpd to close them.
 * The entry leaves the list before the socket is closed, under the same lock. */
#include "http/http_internal.h"

#include "base/wait.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <time.h>

#define TICK_MS              250
#define BYTES_PER_SECOND_MIN 16384

int64_t http_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t deadline_after(int64_t from, uint32_t ms, uint64_t bytes)
{
    uint64_t more = bytes / BYTES_PER_SECOND_MIN * 1000;

    if (more > 86400000)
        more = 86400000;
    return from + ((int64_t)ms + (int64_t)more) * 1000000;
}

void http_deadline_set(
        struct http_connection *connection, int64_t from, uint32_t ms, uint64_t bytes)
{
    atomic_store(&connection->deadline, deadline_after(from, ms, bytes));
}

void http_deadline_body(
        struct http_connection *connection, int64_t from, uint32_t ms, uint64_t bytes)
{
    int64_t whole = deadline_after(from, ms, bytes);
    int64_t silent = deadline_after(http_now(), ms, 0);

    atomic_store(&connection->deadline, whole < silent ? whole : silent);
}

void http_deadline_none(struct http_connection *connection)
{
    atomic_store(&connection->deadline, 0);
}

static void peer_name(struct http_connection *entry, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info == NULL ? NULL : info->client_addr;

    if (address != NULL && address->sa_family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, address, sizeof in);
        (void)inet_ntop(AF_INET, &in.sin_addr, entry->peer, sizeof entry->peer);
    } else if (address != NULL && address->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;

        memcpy(&in6, address, sizeof in6);
        if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr))
            (void)inet_ntop(AF_INET, &in6.sin6_addr.s6_addr[12], entry->peer, sizeof entry->peer);
        else
            (void)inet_ntop(AF_INET6, &in6.sin6_addr, entry->peer, sizeof entry->peer);
    }
}

static struct http_connection *connection_new(
        struct http_server *server, struct MHD_Connection *connection)
{
    struct http_connection *entry = hn_calloc(1, sizeof *entry);
    const union MHD_ConnectionInfo *fd =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    if (entry == NULL || fd == NULL) {
        hn_free(entry);
        return NULL;
    }
    entry->fd = fd->connect_fd;
    entry->tls = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION) != NULL;
    peer_name(entry, connection);
    http_deadline_set(entry, http_now(), server->limits.head_ms, 0);
    return entry;
}

void http_on_connection(void *ctx, struct MHD_Connection *connection, void **socket_context,
        enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = ctx;
    struct http_connection *entry = *socket_context;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        entry = connection_new(server, connection);
        *socket_context = entry;
        if (entry == NULL) /* requests on it are refused: http_on_target() finds no entry */
            return;
        http_count(&server->counters.connections, 1);
        atomic_fetch_add(&server->open_connections, 1);
        (void)pthread_mutex_lock(&server->registry);
        entry->next = server->connections;
        if (entry->next != NULL)
            entry->next->previous = entry;
        server->connections = entry;
        (void)pthread_mutex_unlock(&server->registry);
    } else if (entry != NULL) {
        (void)pthread_mutex_lock(&server->registry);
        if (entry->previous != NULL)
            entry->previous->next = entry->next;
        else
            server->connections = entry->next;
        if (entry->next != NULL)
            entry->next->previous = entry->previous;
        (void)pthread_mutex_unlock(&server->registry);
        atomic_fetch_sub(&server->open_connections, 1);
        hn_free(entry);
        *socket_context = NULL;
    }
}

static void close_late(struct http_server *server, int64_t now)
{
    for (struct http_connection *c = server->connections; c != NULL; c = c->next) {
        int64_t deadline = atomic_load(&c->deadline);

        if (deadline == 0 || now < deadline)
            continue;
        atomic_store(&c->deadline, 0);
        http_count(&server->counters.timed_out, 1);
        (void)shutdown(c->fd, SHUT_RDWR);
    }
}

static void *watch(void *ctx)
{
    struct http_server *server = ctx;

    (void)pthread_mutex_lock(&server->registry);
    while (!server->watch_ends) {
        const struct timespec until = hn_deadline(TICK_MS * HN_MILLISECOND);

        (void)pthread_cond_timedwait(&server->registry_changed, &server->registry, &until);
        close_late(server, http_now());
        http_streams_tick(server, http_now());
    }
    (void)pthread_mutex_unlock(&server->registry);
    return NULL;
}

enum hn_status http_watch_start(struct http_server *server, struct hn_err *err)
{
    int result;

    server->watch_ends = false;
    result = pthread_create(&server->watcher, NULL, watch, server);
    if (result != 0)
        return hn_fail_sys(err, result, "starting a thread");
    server->watching = true;
    return HN_OK;
}

void http_watch_stop(struct http_server *server)
{
    if (!server->watching)
        return;
    (void)pthread_mutex_lock(&server->registry);
    server->watch_ends = true;
    (void)pthread_cond_broadcast(&server->registry_changed);
    (void)pthread_mutex_unlock(&server->registry);
    (void)pthread_join(server->watcher, NULL);
    server->watching = false;
}
