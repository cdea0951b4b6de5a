/* http_gone.c - has the client of a request that waits for its answer gone? libmicrohttpd does not
 * look at a suspended connection, so that work for nobody would be done to its end. */
#include "http/http_internal.h"

#include <poll.h>

/* The end of what the client sends is its end: nobody sends half a connection's end and then still
 * wants the answer, but browsers and programs that are stopped do. */
static bool has_ended(int fd)
{
    struct pollfd poll_fd = { .fd = fd, .events = POLLRDHUP };

    return poll(&poll_fd, 1, 0) > 0 &&
           (poll_fd.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

bool http_request_gone(struct http_request *request)
{
    pthread_mutex_t *lock = http_lock_of(request->server, request);
    bool gone;

    (void)pthread_mutex_lock(lock);
    if (request->answered) /* by a server that stops */
        gone = true;
    else if (request->suspended) /* then the connection is there */
        gone = has_ended(request->connection->fd);
    else
        gone = atomic_load(&request->server->abandoned);
    (void)pthread_mutex_unlock(lock);
    return gone;
}
