/* http_server.c - listeners, start and stop; http_flow.c has what happens to a request. */
#include "http/http_internal.h"

#include "base/wait.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BACKLOG      1024
#define POOL_BYTES   ((size_t)128 << 10) /* of a connection: its head and what is being read */
#define STOP_TICK_MS 5
#define STOP_LAST_MS 200

static void default_u32(uint32_t *value, uint32_t otherwise)
{
    if (*value == 0)
        *value = otherwise;
}

static void set_defaults(struct http_limits *limits)
{
    default_u32(&limits->connections, 1024);
    default_u32(&limits->connections_per_address, 256);
    default_u32(&limits->head_bytes, 16384);
    default_u32(&limits->head_ms, 10000);
    default_u32(&limits->idle_ms, 60000);
    default_u32(&limits->body_ms, 30000);
    default_u32(&limits->reply_ms, 30000);
    default_u32(&limits->threads, 2);
    if (limits->bodies_bytes == 0)
        limits->bodies_bytes = (size_t)256 << 20;
}

pthread_mutex_t *http_lock_of(struct http_server *server, const void *ptr)
{
    return &server->locks[((uintptr_t)ptr >> 6) % HTTP_LOCKS];
}

/* ---- Listening ---- */

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, address, sizeof in);
        return ntohl(in.sin_addr.s_addr) >> 24 == 127;
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;

        memcpy(&in6, address, sizeof in6);
        return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr);
    }
    return false;
}

static int open_socket(const struct addrinfo *info)
{
    int fd = socket(info->ai_family, info->ai_socktype, info->ai_protocol);
    int on = 1;

    if (fd < 0)
        return -1;
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (info->ai_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, info->ai_addr, info->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0 ||
            fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        int saved_errno = errno;

        (void)close(fd);
        errno = saved_errno;
        return -1;
    }
    return fd;
}

static uint16_t bound_port(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } address = { .any = { 0 } };
    socklen_t len = sizeof address;

    if (getsockname(fd, &address.any, &len) != 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.in6.sin6_port : address.in.sin_port);
}

static enum hn_status listen_on(struct http_socket *socket, struct hn_err *err)
{
    const struct http_listener *listener = &socket->listener;
    struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
        .ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM };
    struct addrinfo *info = NULL;
    char port[8];
    bool refused;

    (void)snprintf(port, sizeof port, "%u", (unsigned)listener->port);
    if (getaddrinfo(listener->address, port, &hints, &info) != 0)
        return hn_fail(err, HN_SYNTAX, 0, "%s is no IP address", listener->address);
    refused = !listener->tls && !is_loopback(info->ai_addr);
    if (!refused)
        socket->fd = open_socket(info);
    freeaddrinfo(info);
    if (refused)
        return hn_fail(err, HN_UNSUPPORTED, 0,
                "plain HTTP on %s: only loopback addresses may do without TLS", listener->address);
    if (socket->fd < 0)
        return hn_fail_sys(err, errno, "listening on %s port %s", listener->address, port);
    socket->port = bound_port(socket->fd);
    return HN_OK;
}

/* Ours: what comes out of a percent sign is decided once, in http_target.c. */
static size_t keep_escapes(void *ctx, struct MHD_Connection *connection, char *text)
{
    (void)ctx;
    (void)connection;
    return strlen(text);
}

static struct MHD_Daemon *daemon_start(struct http_server *server, const struct http_socket *socket)
{
    const struct http_limits *limits = &server->limits;
    struct MHD_OptionItem common[] = {
        { MHD_OPTION_LISTEN_SOCKET, socket->fd, NULL },
        { MHD_OPTION_THREAD_POOL_SIZE, limits->threads > 1 ? limits->threads : 0, NULL },
        { MHD_OPTION_CONNECTION_LIMIT, limits->connections, NULL },
        { MHD_OPTION_PER_IP_CONNECTION_LIMIT, limits->connections_per_address, NULL },
        { MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)POOL_BYTES, NULL },
        { MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (intptr_t)(POOL_BYTES / 4), NULL },
        { MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL },
        { MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)http_on_target, server },
        { MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)keep_escapes, NULL },
        { MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)http_on_connection, server },
        { MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)http_on_completed, server },
        { MHD_OPTION_END, 0, NULL },
    };
    unsigned int flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;

    if (!socket->listener.tls)
        return MHD_start_daemon(flags, 0, NULL, NULL, http_on_request, server, MHD_OPTION_ARRAY,
                common, MHD_OPTION_END);
    return MHD_start_daemon(flags | MHD_USE_TLS, 0, NULL, NULL, http_on_request, server,
            MHD_OPTION_ARRAY, common, MHD_OPTION_HTTPS_CERT_CALLBACK2, http_tls_retrieve,
            MHD_OPTION_HTTPS_PRIORITIES, http_tls_priorities, MHD_OPTION_END);
}

/* ---- Life ---- */

enum hn_status http_server_new(
        const struct http_options *options, struct http_server **ret_server, struct hn_err *err)
{
    struct http_server *server;
    enum hn_status status = HN_OK;
    bool tls = false;

    if (options->listener_count > HTTP_LISTENERS_MAX)
        return hn_fail(err, HN_LIMIT, 0, "more than %u listeners", HTTP_LISTENERS_MAX);
    server = hn_calloc(1, sizeof *server);
    if (server == NULL)
        return hn_fail(err, HN_NOMEM, 0, "HTTP server");
    server->limits = options->limits;
    set_defaults(&server->limits);
    for (unsigned i = 0; i < HTTP_LOCKS; i++)
        (void)pthread_mutex_init(&server->locks[i], NULL);
    (void)pthread_mutex_init(&server->registry, NULL);
    hn_cond_init(&server->registry_changed);
    for (size_t i = 0; i < options->listener_count && status == HN_OK; i++) {
        struct http_socket *socket = &server->sockets[server->socket_count++];

        socket->listener = options->listeners[i];
        socket->fd = -1;
        tls |= socket->listener.tls;
        status = listen_on(socket, err);
    }
    if (status == HN_OK && tls)
        status = http_tls_new(options->certificate, options->key, &server->tls, err);
    if (status == HN_OK)
        *ret_server = server;
    else
        http_server_free(server);
    return status;
}

enum hn_status http_server_routes(struct http_server *server, const struct http_door *door,
        const struct http_route *routes, size_t count, struct hn_err *err)
{
    assert(!server->started);
    for (size_t i = 0; i < count; i++) {
        enum hn_status status = http_entry_add(&server->entries, door, &routes[i], err);

        if (status != HN_OK)
            return status;
    }
    return HN_OK;
}

enum hn_status http_server_start(struct http_server *server, struct hn_err *err)
{
    enum hn_status status = http_watch_start(server, err);

    if (status != HN_OK)
        return status;
    server->started = true;
    for (size_t i = 0; i < server->socket_count; i++) {
        struct http_socket *socket = &server->sockets[i];

        socket->daemon = daemon_start(server, socket);
        if (socket->daemon == NULL) {
            http_server_stop(server, 0);
            return hn_fail(err, HN_IO, 0, "starting the listener on %s port %u",
                    socket->listener.address, (unsigned)socket->port);
        }
    }
    return HN_OK;
}

uint16_t http_server_port(const struct http_server *server, size_t listener)
{
    return server->sockets[listener].port;
}

enum hn_status http_server_reload_certificate(struct http_server *server, struct hn_err *err)
{
    return server->tls == NULL ? HN_OK : http_tls_reload(server->tls, err);
}

/* Until every request that has begun is answered, for at most timeout_ms. */
static void wait_idle(struct http_server *server, uint32_t timeout_ms)
{
    const struct timespec tick = { 0, STOP_TICK_MS * 1000000L };
    int64_t end = http_now() + (int64_t)timeout_ms * 1000000;

    while (atomic_load(&server->active) > 0 && http_now() < end)
        (void)nanosleep(&tick, NULL);
}

void http_server_stop(struct http_server *server, uint32_t timeout_ms)
{
    if (!server->started)
        return;
    atomic_store(&server->stopping, true);
    for (size_t i = 0; i < server->socket_count; i++) {
        if (server->sockets[i].daemon != NULL)
            (void)MHD_quiesce_daemon(server->sockets[i].daemon);
    }
    http_streams_end(server);
    wait_idle(server, timeout_ms);
    http_flow_abandon(server);
    wait_idle(server, STOP_LAST_MS); /* answers on their way get out */
    for (size_t i = 0; i < server->socket_count; i++) {
        if (server->sockets[i].daemon != NULL)
            MHD_stop_daemon(server->sockets[i].daemon);
        server->sockets[i].daemon = NULL;
    }
    http_watch_stop(server);
    server->started = false;
}

void http_server_free(struct http_server *server)
{
    if (server == NULL)
        return;
    http_server_stop(server, 0);
    assert(atomic_load(&server->references) == 0); /* whoever holds requests must have ended */
    for (size_t i = 0; i < server->socket_count; i++) {
        if (server->sockets[i].fd >= 0)
            (void)close(server->sockets[i].fd);
    }
    http_tls_free(server->tls);
    hn_vec_deinit(&server->entries);
    for (unsigned i = 0; i < HTTP_LOCKS; i++)
        (void)pthread_mutex_destroy(&server->locks[i]);
    (void)pthread_mutex_destroy(&server->registry);
    (void)pthread_cond_destroy(&server->registry_changed);
    hn_free(server);
}

struct http_counters http_server_counters(struct http_server *server)
{
    struct http_counters counters = {
#define HTTP_COUNTER_READ(name, text) .name = atomic_load(&server->counters.name),
        HTTP_COUNTER_LIST(HTTP_COUNTER_READ)
#undef HTTP_COUNTER_READ
                .open_connections = atomic_load(&server->open_connections),
        .open_requests = atomic_load(&server->open_requests),
        .held_bytes = atomic_load(&server->held_bytes)
    };

    (void)pthread_mutex_lock(&server->registry);
    for (struct http_stream *s = server->streams; s != NULL; s = http_stream_next(s))
        counters.open_streams++;
    (void)pthread_mutex_unlock(&server->registry);
    return counters;
}
