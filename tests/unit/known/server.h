/* server.h - a server of a test's own, in a thread: it takes one connection after the other and
 * answers each as the test says. Header only. */
#ifndef HN_TESTS_KNOWN_SERVER_H
#define HN_TESTS_KNOWN_SERVER_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SERVER_TAKEN_MAX 65536

struct server {
    int fd;
    unsigned port; /* of 127.0.0.1; 0: it has a path */
    const char *answer;
    size_t answer_len;
    /* Whether it has read all that it waits for. */
    int (*is_whole)(const char *taken, size_t len);
    char taken[SERVER_TAKEN_MAX]; /* of the last connection */
    size_t taken_len;
    atomic_uint connections;
    pthread_t thread;
};

static inline void server_talk(struct server *server, int fd)
{
    server->taken_len = 0;
    while (!server->is_whole(server->taken, server->taken_len)) {
        ssize_t got = recv(
                fd, server->taken + server->taken_len, sizeof server->taken - server->taken_len, 0);

        if (got <= 0)
            break;
        server->taken_len += (size_t)got;
    }
    (void)send(fd, server->answer, server->answer_len, MSG_NOSIGNAL);
    (void)shutdown(fd, SHUT_WR);
    while (recv(fd, server->taken, 1, MSG_DONTWAIT) > 0)
        continue;
}

static inline void *server_run(void *ctx)
{
    struct server *server = ctx;
    int fd;

    while ((fd = accept(server->fd, NULL, NULL)) >= 0) {
        (void)atomic_fetch_add(&server->connections, 1);
        server_talk(server, fd);
        (void)close(fd);
    }
    return NULL;
}

/* path NULL: on a port of this machine. False: it could not be started. */
static inline int server_start(struct server *server, const char *path)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    struct sockaddr_in address = { .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof address;
    int done;

    server->fd = socket(path != NULL ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
    server->port = 0;
    if (path != NULL) {
        (void)snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
        done = bind(server->fd, (const struct sockaddr *)&name, sizeof name) == 0;
    } else {
        done = bind(server->fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
               getsockname(server->fd, (struct sockaddr *)&address, &len) == 0;
        server->port = ntohs(address.sin_port);
    }
    return done && listen(server->fd, 8) == 0 &&
           pthread_create(&server->thread, NULL, server_run, server) == 0;
}

static inline void server_stop(struct server *server)
{
    (void)shutdown(server->fd, SHUT_RDWR);
    (void)pthread_join(server->thread, NULL);
    (void)close(server->fd);
}

#endif
