/* known_clamd.c - clamd's protocol: a question with 'z' in front and NUL behind, bytes in pieces
 * (INSTREAM), an answer that ends in NUL. Every wait has an end, and whatever comes in is held to
 * KNOWN_REPLY_ROOM. */
#include "known/known_internal.h"

#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define PIECE_BYTES ((size_t)1 << 20)

int64_t known_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- Replies ---- */

bool known_clamd_reply_read(struct hn_text line, struct known_clamd_reply *ret_reply)
{
    static const struct {
        struct hn_text end;
        enum known_clamd_kind kind;
    } ends[] = {
        { HN_TEXT_INIT(" FOUND"), KNOWN_CLAMD_FOUND },
        { HN_TEXT_INIT(" ERROR"), KNOWN_CLAMD_ERROR },
    };
    struct hn_text text = hn_text_trim(line);
    struct hn_text stream = HN_TEXT("stream: ");

    if (text.len == 0 || hn_text_find_char(text, '\0', 0) != SIZE_MAX)
        return false;
    if (hn_text_eq(text, HN_TEXT("stream: OK"))) {
        *ret_reply = (struct known_clamd_reply){ KNOWN_CLAMD_FINE, hn_text_sub(text, 8, 2) };
        return true;
    }
    for (size_t i = 0; i < HN_COUNT_OF(ends); i++) {
        struct hn_text name = text;

        if (!hn_text_ends(text, ends[i].end))
            continue;
        name.len -= ends[i].end.len;
        if (hn_text_starts(name, stream))
            name = hn_text_sub(name, stream.len, SIZE_MAX);
        else if (ends[i].kind == KNOWN_CLAMD_FOUND)
            return false;
        if (name.len == 0)
            return false;
        *ret_reply = (struct known_clamd_reply){ ends[i].kind, name };
        return true;
    }
    return false;
}

/* ---- Addresses ---- */

enum hn_status known_clamd_init(
        struct known_clamd *clamd, const char *address, int timeout_ms, struct hn_err *err)
{
    struct hn_text text = hn_text_cstr(address);
    size_t colon = text.len;
    uint64_t port = 0;

    memset(clamd, 0, sizeof *clamd);
    clamd->timeout_ms = timeout_ms;
    if (text.len >= sizeof clamd->host)
        return hn_fail(err, HN_SYNTAX, 0, "the address is too long");
    if (text.len > 0 && text.ptr[0] == '/') {
        if (text.len >= sizeof((struct sockaddr_un *)NULL)->sun_path)
            return hn_fail(err, HN_SYNTAX, 0, "the path of a socket is too long");
        memcpy(clamd->host, text.ptr, text.len);
        return HN_OK;
    }
    while (colon > 0 && text.ptr[colon - 1] != ':')
        colon--;
    if (colon < 2 || !hn_parse_u64(hn_text_sub(text, colon, SIZE_MAX), &port) || port == 0 ||
            port > 65535)
        return hn_fail(err, HN_SYNTAX, 0, "a path (/run/clamav/clamd.ctl) or HOST:PORT is wanted");
    text.len = colon - 1;
    if (text.len > 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']')
        text = hn_text_sub(text, 1, text.len - 2);
    memcpy(clamd->host, text.ptr, text.len);
    (void)snprintf(clamd->port, sizeof clamd->port, "%u", (unsigned)port);
    return HN_OK;
}

/* ---- Connections ---- */

/* False, and errno: not in time, or it failed. */
static bool wait_for(int fd, short events, int64_t end_ms)
{
    for (;;) {
        struct pollfd ready = { .fd = fd, .events = events };
        int64_t left = end_ms - known_now_ms();
        int count = left > 0 ? poll(&ready, 1, left < 3600000 ? (int)left : 3600000) : 0;

        if (count > 0)
            return true;
        if (count == 0) {
            errno = ETIMEDOUT;
            return false;
        }
        if (errno != EINTR)
            return false;
    }
}

/* -1 and errno. */
static int connect_to(int family, const struct sockaddr *address, socklen_t len, int64_t end_ms)
{
    int fd = socket(family, SOCK_STREAM, 0);
    int error = 0;
    socklen_t error_len = sizeof error;

    if (fd < 0)
        return -1;
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    if (connect(fd, address, len) == 0)
        return fd;
    if (errno == EINPROGRESS && wait_for(fd, POLLOUT, end_ms) &&
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_len) == 0) {
        if (error == 0)
            return fd;
        errno = error;
    }
    error = errno;
    (void)close(fd);
    errno = error;
    return -1;
}

static int open_path(const struct known_clamd *clamd, int64_t end_ms)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    memcpy(address.sun_path, clamd->host, strlen(clamd->host) + 1);
    return connect_to(AF_UNIX, (const struct sockaddr *)&address, sizeof address, end_ms);
}

static int open_host(const struct known_clamd *clamd, int64_t end_ms)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
    struct addrinfo *list = NULL;
    int fd = -1;

    if (getaddrinfo(clamd->host, clamd->port, &hints, &list) != 0) {
        errno = EHOSTUNREACH;
        return -1;
    }
    for (const struct addrinfo *one = list; one != NULL && fd < 0; one = one->ai_next)
        fd = connect_to(one->ai_family, one->ai_addr, one->ai_addrlen, end_ms);
    freeaddrinfo(list);
    return fd;
}

static enum hn_status open_clamd(
        const struct known_clamd *clamd, int64_t end_ms, int *ret_fd, struct hn_err *err)
{
    int fd = clamd->port[0] == '\0' ? open_path(clamd, end_ms) : open_host(clamd, end_ms);

    if (fd < 0)
        return hn_fail_sys(err, errno, "clamd at %.100s is not there", clamd->host);
    *ret_fd = fd;
    return HN_OK;
}

/* ---- Talking ---- */

static bool send_all(int fd, const void *ptr, size_t len, int64_t end_ms)
{
    const uint8_t *at = ptr;

    while (len > 0) {
        ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);

        if (sent > 0) {
            at += sent;
            len -= (size_t)sent;
            continue;
        }
        if ((sent < 0 && errno != EAGAIN && errno != EINTR) || !wait_for(fd, POLLOUT, end_ms))
            return false;
    }
    return true;
}

/* Up to its NUL, or the end of the connection. */
static enum hn_status receive(int fd, int64_t end_ms, struct hn_buf *reply, struct hn_err *err)
{
    char room[KNOWN_REPLY_ROOM];
    size_t len = 0;

    while (len < sizeof room) {
        ssize_t got = recv(fd, room + len, sizeof room - len, 0);
        const char *end;

        if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            if (!wait_for(fd, POLLIN, end_ms))
                return hn_fail_sys(err, errno, "clamd does not answer");
            continue;
        }
        if (got < 0)
            return hn_fail_sys(err, errno, "clamd does not answer");
        if (got == 0)
            break;
        end = memchr(room + len, '\0', (size_t)got);
        len = end != NULL ? (size_t)(end - room) : len + (size_t)got;
        if (end != NULL) {
            hn_buf_add(reply, room, len);
            return HN_OK;
        }
    }
    if (len == 0)
        return hn_fail(err, HN_IO, 0, "clamd ended the conversation");
    return hn_fail(err, HN_IO, 0, "clamd's answer has no end");
}

enum hn_status known_clamd_ask(const struct known_clamd *clamd, const char *command, int64_t end_ms,
        struct hn_buf *reply, struct hn_err *err)
{
    int fd = -1;
    enum hn_status status = open_clamd(clamd, end_ms, &fd, err);

    if (status != HN_OK)
        return status;
    if (send_all(fd, command, strlen(command) + 1, end_ms))
        status = receive(fd, end_ms, reply, err);
    else
        status = hn_fail_sys(err, errno, "clamd does not listen");
    (void)close(fd);
    return status;
}

/* Pieces with their length in front, the most significant byte first; one of none ends them. */
static bool send_stream(int fd, struct hn_bytes bytes, int64_t end_ms)
{
    bool fine = send_all(fd, "zINSTREAM", sizeof "zINSTREAM", end_ms);

    for (;;) {
        size_t len = bytes.len < PIECE_BYTES ? bytes.len : PIECE_BYTES;
        uint8_t head[4] = { (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
            (uint8_t)len };

        fine = fine && send_all(fd, head, sizeof head, end_ms);
        if (!fine || len == 0)
            return fine;
        fine = send_all(fd, bytes.ptr, len, end_ms);
        bytes = hn_bytes_of(bytes.ptr + len, bytes.len - len);
    }
}

enum hn_status known_clamd_scan(const struct known_clamd *clamd, struct hn_bytes bytes,
        int64_t end_ms, struct hn_buf *reply, struct hn_err *err)
{
    int fd = -1;
    enum hn_status status = open_clamd(clamd, end_ms, &fd, err);
    bool sent;
    int saved;

    if (status != HN_OK)
        return status;
    sent = send_stream(fd, bytes, end_ms);
    saved = errno;
    /* Where clamd takes no more (its StreamMaxLength), it says so before it hangs up. */
    if (sent || saved == EPIPE || saved == ECONNRESET)
        status = receive(fd, end_ms, reply, err);
    else
        status = hn_fail_sys(err, saved, "clamd does not take the bytes");
    (void)close(fd);
    return status;
}
