/* jail_nursery.c - warm processes for a program that has threads by now: a root that was forked in
 * time, a stem that has prepared what tasks need, warm processes that are copies of the stem.
 *
 * Root and stem do the same: for each byte they are sent they make a socket, fork, and send back
 * one of its ends. A child of the root is a stem, a child of a stem is a warm process. Each ends
 * when the other end of its socket is closed; a stem waits for its children, who end with it. */
#include "jail/jail_internal.h"

#include "base/mem.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct jail_nursery {
    pid_t root_pid;
    int root;
    int stem; /* -1: there is none */
};

union one_fd {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
};

/* ---- In root and stem ---- */

typedef void be_child(const struct jail_breed *breed, int fd, pid_t parent);

static bool send_fd(int to, int fd)
{
    union one_fd control = { { 0 } };
    char byte = fd >= 0;
    struct iovec part = { &byte, 1 };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    ssize_t sent;

    if (fd >= 0) {
        struct cmsghdr *head = &control.align;

        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(head), &fd, sizeof fd);
    }
    do
        sent = sendmsg(to, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == 1;
}

/* The end of the socket for whoever asked; -1: it could not be made. */
static int make_child(const struct jail_breed *breed, be_child *be)
{
    pid_t self = getpid();
    pid_t child;
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return -1;
    child = fork();
    if (child == 0)
        be(breed, ends[1], self);
    (void)close(ends[1]);
    if (child < 0) {
        (void)close(ends[0]);
        return -1;
    }
    return ends[0];
}

static _Noreturn void nurse(const struct jail_breed *breed, int fd, be_child *be)
{
    char byte;
    ssize_t len;

    do {
        len = recv(fd, &byte, 1, 0);
        if (len > 0) {
            int child = make_child(breed, be);
            bool sent = send_fd(fd, child);

            if (child >= 0)
                (void)close(child);
            if (!sent)
                break;
        }
    } while (len > 0 || (len < 0 && errno == EINTR));
    /* Children are ours to wait for: they would be killed if we went before them. */
    while (wait(NULL) > 0 || errno == EINTR)
        continue;
    _exit(0);
}

static bool begin(int *fd)
{
    (void)prctl(PR_SET_NAME, JAIL_NURSE_NAME);
    jail_reset_signals();
    (void)signal(SIGCHLD, SIG_IGN); /* children that have ended leave nothing behind */
    return jail_set_standard() && jail_set_descriptors(NULL, 0, *fd, fd);
}

static void be_warm(const struct jail_breed *breed, int fd, pid_t parent)
{
    jail_warm_keep(breed, fd, parent);
}

/* Not bound to the root: what it has prepared is of use without it. */
static void be_stem(const struct jail_breed *breed, int fd, pid_t parent)
{
    struct hn_buf message = { 0 };
    struct hn_err err = { 0 };
    struct hn_buf told = { 0 };
    enum hn_status status = HN_OK;
    bool sent;

    (void)parent;
    if (!begin(&fd))
        _exit(JAIL_EXIT_SETUP);
    if (breed->prepare != NULL)
        status = breed->prepare(breed->ctx, &told, &err);
    hn_buf_add_char(&message, (char)status);
    if (status != HN_OK)
        hn_buf_add_text(&message, hn_text_cstr(err.msg));
    else
        hn_buf_add(&message, told.ptr,
                told.len < JAIL_TOLD_BYTES_MAX ? told.len : JAIL_TOLD_BYTES_MAX);
    hn_buf_deinit(&told);
    sent = hn_buf_ok(&message) && send(fd, message.ptr, message.len, MSG_NOSIGNAL) > 0;
    hn_buf_deinit(&message);
    if (status != HN_OK || !sent)
        _exit(0);
    nurse(breed, fd, be_warm);
}

static _Noreturn void be_root(const struct jail_breed *breed, int fd, pid_t parent)
{
    if (!jail_bind(parent) || !begin(&fd))
        _exit(JAIL_EXIT_SETUP);
    nurse(breed, fd, be_stem);
}

/* ---- In the parent ---- */

enum hn_status jail_nursery_start(
        const struct jail_breed *breed, struct jail_nursery **ret_nursery, struct hn_err *err)
{
    struct jail_nursery *nursery = hn_calloc(1, sizeof *nursery);
    pid_t self = getpid();
    int ends[2];
    int saved;

    if (nursery == NULL)
        return hn_fail(err, HN_NOMEM, 0, "nursery");
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        saved = errno;
        hn_free(nursery);
        return hn_fail_sys(err, saved, "socket to a nursery");
    }
    nursery->stem = -1;
    nursery->root = ends[0];
    nursery->root_pid = fork();
    saved = errno;
    if (nursery->root_pid == 0)
        be_root(breed, ends[1], self);
    (void)close(ends[1]);
    if (nursery->root_pid < 0) {
        (void)close(ends[0]);
        hn_free(nursery);
        return hn_fail_sys(err, saved, "fork of a nursery");
    }
    *ret_nursery = nursery;
    return HN_OK;
}

void jail_nursery_stop(struct jail_nursery *nursery)
{
    if (nursery == NULL)
        return;
    if (nursery->stem >= 0)
        (void)close(nursery->stem);
    (void)close(nursery->root);
    (void)kill(nursery->root_pid, SIGKILL); /* it may wait for a stem, who waits for warm ones */
    while (waitpid(nursery->root_pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    hn_free(nursery);
}

/* One byte there, a descriptor back. */
static enum hn_status ask(int nurse_fd, int *ret_fd, struct hn_err *err)
{
    union one_fd control;
    char byte = 0;
    struct iovec part = { &byte, 1 };
    struct msghdr message = { .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes };
    struct cmsghdr *head;
    ssize_t len;

    do
        len = send(nurse_fd, &byte, 1, MSG_NOSIGNAL);
    while (len < 0 && errno == EINTR);
    while (len > 0) {
        len = recvmsg(nurse_fd, &message, MSG_CMSG_CLOEXEC);
        if (len >= 0 || errno != EINTR)
            break;
        len = 1;
    }
    if (len <= 0)
        return hn_fail(err, HN_IO, 0, "the process that makes workers is gone");
    head = CMSG_FIRSTHDR(&message);
    if (head == NULL || head->cmsg_type != SCM_RIGHTS)
        return hn_fail(err, HN_IO, 0, "no process for a worker could be made");
    memcpy(ret_fd, CMSG_DATA(head), sizeof *ret_fd);
    return HN_OK;
}

/* What a stem says when it has prepared everything, or could not. */
static enum hn_status hear(int stem, jail_nursery_accept *accept, void *ctx, struct hn_err *err)
{
    size_t room = JAIL_TOLD_BYTES_MAX + 1;
    char *text = hn_malloc(room);
    enum hn_status status;
    struct pollfd ready = { .fd = stem, .events = POLLIN };
    ssize_t len;
    int count;

    if (text == NULL)
        return hn_fail(err, HN_NOMEM, 0, "nursery");
    do
        count = poll(&ready, 1, JAIL_PREPARE_MS);
    while (count < 0 && errno == EINTR);
    do
        len = count > 0 ? recv(stem, text, room, 0) : 0;
    while (len < 0 && errno == EINTR);
    if (count == 0) {
        status = hn_fail(err, HN_IO, 0, "preparing workers takes too long");
    } else if (len <= 0) {
        status = hn_fail(err, HN_IO, 0, "the process that prepares workers ended");
    } else if (text[0] != HN_OK) {
        status = hn_fail(err, (enum hn_status)text[0], 0, "%.*s", (int)len - 1, text + 1);
    } else {
        status = accept == NULL ? HN_OK : accept(ctx, hn_text_of(text + 1, (size_t)len - 1), err);
    }
    hn_free(text);
    return status;
}

enum hn_status jail_nursery_prepare(
        struct jail_nursery *nursery, jail_nursery_accept *accept, void *ctx, struct hn_err *err)
{
    int stem = -1;
    enum hn_status status = ask(nursery->root, &stem, err);

    if (status != HN_OK)
        return status;
    status = hear(stem, accept, ctx, err);
    if (status != HN_OK) {
        (void)close(stem); /* it ends by that */
        return status;
    }
    if (nursery->stem >= 0)
        (void)close(nursery->stem);
    nursery->stem = stem;
    return HN_OK;
}

enum hn_status jail_nursery_warm(
        struct jail_nursery *nursery, struct jail_warm **ret_warm, struct hn_err *err)
{
    int fd = -1;
    enum hn_status status = nursery->stem < 0 ? hn_fail(err, HN_IO, 0, "nothing has been prepared")
                                              : ask(nursery->stem, &fd, err);

    if (status == HN_OK)
        status = jail_warm_adopt(fd, ret_warm, err);
    if (status != HN_OK && fd >= 0)
        (void)close(fd);
    return status;
}
