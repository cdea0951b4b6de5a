/* jail_warm.c - a process that forks a jailed child per task, and the conversation with it.
 *
 * One datagram asks for a task: its request, the pipe for the result and the descriptors. The warm
 * process answers with one datagram when the child has ended. One byte meanwhile, or the end of the
 * socket, has the child killed. */
#include "jail/jail_internal.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PIECE_BYTES 65536

static const char *const end_texts[] = {
#define JAIL_END_ROW(name, text) [name] = (text),
    JAIL_END_LIST(JAIL_END_ROW)
#undef JAIL_END_ROW
};

const char *jail_end_text(enum jail_end_kind kind)
{
    return end_texts[kind];
}

/* What the warm process answers. */
struct answer {
    int state; /* of waitpid(); -1: the child could not be made */
    uint64_t cpu_us;
    uint64_t memory_bytes;
};

/* ---- In the warm process ---- */

struct keeper {
    int fd;
    jail_serve *serve;
    void *ctx;
    struct jail_limits limits;
    struct jail_filter filter;
    char request[JAIL_REQUEST_BYTES_MAX];
};

/* A task: its request is in keeper->request. */
struct task {
    size_t request_len;
    int fds[JAIL_FDS_MAX + 1]; /* the pipe first */
    size_t fd_count;
};

static bool receive(struct keeper *keeper, struct task *ret_task)
{
    union {
        char bytes[CMSG_SPACE(sizeof ret_task->fds)];
        struct cmsghdr align;
    } control;
    struct iovec part = { keeper->request, sizeof keeper->request };
    struct msghdr message = { .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes };
    struct cmsghdr *head;
    ssize_t len;

    do
        len = recvmsg(keeper->fd, &message, MSG_CMSG_CLOEXEC);
    while (len < 0 && errno == EINTR);
    head = len > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    ret_task->request_len = len > 0 ? (size_t)len - 1 : 0; /* one byte in front: none is empty */
    ret_task->fd_count = 0;
    if (head != NULL && head->cmsg_type == SCM_RIGHTS) {
        ret_task->fd_count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(ret_task->fds, CMSG_DATA(head), ret_task->fd_count * sizeof(int));
    }
    return len > 0;
}

static _Noreturn void run_task(struct keeper *keeper, const struct task *task, pid_t parent)
{
    struct hn_bytes request = hn_bytes_of(keeper->request + 1, task->request_len);
    int out = task->fds[0];
    int code;

    if (!jail_bind(parent) || !jail_set_descriptors(task->fds + 1, task->fd_count - 1, out, &out) ||
            !jail_set_limits(&keeper->limits))
        _exit(JAIL_EXIT_SETUP);
    if (!jail_filter_install(&keeper->filter))
        _exit(JAIL_EXIT_FILTER);
    code = keeper->serve(keeper->ctx, request, out);
    _exit(code < 0 || code > JAIL_EXIT_MAX ? JAIL_EXIT_RANGE : code);
}

/* Until the child ends, or we are told to end it. */
static void watch(const struct keeper *keeper, pid_t child)
{
    int fd = (int)syscall(SYS_pidfd_open, child, 0);
    struct pollfd ready[2] = { { .fd = keeper->fd, .events = POLLIN },
        { .fd = fd, .events = POLLIN } };
    bool over = false;

    while (!over) {
        /* Without a descriptor of the process (before Linux 5.3) we look now and then. */
        int count = poll(ready, 2, fd < 0 ? 20 : -1);
        siginfo_t info = { 0 };

        if (count > 0 && ready[0].revents != 0) {
            (void)kill(child, SIGKILL);
            break;
        }
        over = waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
               info.si_pid == child;
    }
    if (fd >= 0)
        (void)close(fd);
}

static struct answer serve_task(struct keeper *keeper, const struct task *task)
{
    struct answer answer = { .state = -1 };
    struct rusage usage = { 0 };
    pid_t self = getpid();
    pid_t child = fork();

    if (child == 0)
        run_task(keeper, task, self);
    for (size_t i = 0; i < task->fd_count; i++)
        (void)close(task->fds[i]);
    if (child < 0)
        return answer;
    watch(keeper, child);
    while (wait4(child, &answer.state, 0, &usage) < 0 && errno == EINTR)
        continue;
    answer.cpu_us = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000u +
                    (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    answer.memory_bytes = (uint64_t)usage.ru_maxrss * 1024u;
    return answer;
}

static _Noreturn void keep(struct keeper *keeper, pid_t parent)
{
    struct task task;

    (void)prctl(PR_SET_NAME, JAIL_WARM_NAME);
    jail_reset_signals();
    if (!jail_bind(parent) || !jail_set_standard() ||
            !jail_set_descriptors(NULL, 0, keeper->fd, &keeper->fd) ||
            !jail_filter_prepare(&keeper->filter))
        _exit(JAIL_EXIT_SETUP);
    keeper->limits.used_bytes = jail_used_bytes();
    jail_leave_spaces();
    while (receive(keeper, &task)) {
        struct answer answer;

        if (task.fd_count == 0)
            continue; /* it was to end a child that has ended by itself meanwhile */
        answer = serve_task(keeper, &task);
        if (send(keeper->fd, &answer, sizeof answer, MSG_NOSIGNAL) != (ssize_t)sizeof answer)
            break;
    }
    _exit(0);
}

_Noreturn void jail_warm_keep(const struct jail_breed *breed, int fd, pid_t parent)
{
    struct keeper *keeper = hn_calloc(1, sizeof *keeper);

    if (keeper == NULL)
        _exit(JAIL_EXIT_SETUP);
    keeper->fd = fd;
    keeper->serve = breed->serve;
    keeper->ctx = breed->ctx;
    keeper->limits = breed->limits;
    keep(keeper, parent);
}

/* ---- In the parent ---- */

enum hn_status jail_warm_adopt(int fd, struct jail_warm **ret_warm, struct hn_err *err)
{
    struct jail_warm *warm = hn_calloc(1, sizeof *warm);

    if (warm == NULL)
        return hn_fail(err, HN_NOMEM, 0, "warm jail");
    *warm = (struct jail_warm){ .pid = JAIL_NOT_OURS, .fd = fd };
    *ret_warm = warm;
    return HN_OK;
}

enum hn_status jail_warm_start(jail_serve *serve, void *ctx, const struct jail_limits *limits,
        struct jail_warm **ret_warm, struct hn_err *err)
{
    const struct jail_breed breed = {
        .serve = serve, .ctx = ctx, .limits = limits == NULL ? jail_limits_default : *limits
    };
    struct jail_warm *warm = hn_calloc(1, sizeof *warm);
    pid_t parent = getpid();
    int ends[2];
    int saved;

    if (warm == NULL)
        return hn_fail(err, HN_NOMEM, 0, "warm jail");
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        saved = errno;
        hn_free(warm);
        return hn_fail_sys(err, saved, "socket to a warm jail");
    }
    warm->pid = fork();
    saved = errno;
    if (warm->pid == 0)
        jail_warm_keep(&breed, ends[1], parent);
    (void)close(ends[1]);
    warm->fd = ends[0];
    if (warm->pid < 0) {
        (void)close(ends[0]);
        hn_free(warm);
        return hn_fail_sys(err, saved, "fork of a warm jail");
    }
    *ret_warm = warm;
    return HN_OK;
}

void jail_warm_stop(struct jail_warm *warm)
{
    if (warm == NULL)
        return;
    (void)close(warm->fd); /* it ends by that, and its child with it */
    while (warm->pid != JAIL_NOT_OURS && waitpid(warm->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    hn_free(warm);
}

static enum hn_status ask(struct jail_warm *warm, struct hn_bytes request, const int *fds,
        size_t fd_count, struct hn_err *err)
{
    union {
        char bytes[CMSG_SPACE((JAIL_FDS_MAX + 1) * sizeof(int))];
        struct cmsghdr align;
    } control = { { 0 } };
    char text[JAIL_REQUEST_BYTES_MAX]; /* sendmsg() wants memory that it might write to */
    struct iovec part = { text, request.len + 1 };
    struct msghdr message = { .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = CMSG_SPACE(fd_count * sizeof(int)) };
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);

    text[0] = 0;
    if (request.len > 0)
        memcpy(text + 1, request.ptr, request.len);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
    memcpy(CMSG_DATA(head), fds, fd_count * sizeof(int));
    while (sendmsg(warm->fd, &message, MSG_NOSIGNAL) < 0) {
        if (errno != EINTR)
            return hn_fail_sys(err, errno, "task for a warm jail");
    }
    return HN_OK;
}

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What the child writes, until it closes the pipe. JAIL_END_TIME, JAIL_END_OUTPUT: it has to be
 * killed. */
static enum jail_end_kind collect(int fd, int64_t end, struct hn_buf *out)
{
    for (;;) {
        int64_t left = end - now_ms();
        struct pollfd ready = { .fd = fd, .events = POLLIN };
        ssize_t len;

        if (left <= 0 || poll(&ready, 1, (int)left) == 0)
            return JAIL_END_TIME;
        if (!hn_buf_reserve(out, PIECE_BYTES))
            return JAIL_END_OUTPUT;
        len = read(fd, out->ptr + out->len, PIECE_BYTES);
        if (len == 0)
            return JAIL_END_EXIT;
        if (len > 0)
            out->len += (size_t)len;
        else if (errno != EINTR)
            return JAIL_END_CRASH;
    }
}

/* What a signal means; a limit that made us send it is known already. */
static enum jail_end_kind kind_of_signal(enum jail_end_kind known, int number)
{
    if (known != JAIL_END_EXIT)
        return known;
    if (number == SIGSYS)
        return JAIL_END_CALL;
    return number == SIGXCPU ? JAIL_END_CPU : JAIL_END_CRASH;
}

static void explain(const struct answer *answer, struct jail_end *end)
{
    end->cpu_ms = (uint32_t)(answer->cpu_us / 1000);
    end->memory_bytes = answer->memory_bytes;
    if (answer->state == -1) {
        end->kind = JAIL_END_SETUP;
    } else if (WIFSIGNALED(answer->state)) {
        end->code = WTERMSIG(answer->state);
        end->kind = kind_of_signal(end->kind, end->code);
    } else {
        end->code = WEXITSTATUS(answer->state);
        if (end->code > JAIL_EXIT_MAX)
            end->kind = JAIL_END_SETUP;
    }
}

/* The result, and how the child ended, whom we end where it goes on too long. */
static enum hn_status follow(struct jail_warm *warm, int fd, int64_t end, struct hn_buf *out,
        struct jail_end *ret_end, struct hn_err *err)
{
    struct answer answer;
    ssize_t len;

    ret_end->kind = collect(fd, end, out);
    if (ret_end->kind != JAIL_END_EXIT)
        (void)send(warm->fd, "k", 1, MSG_NOSIGNAL);
    do
        len = recv(warm->fd, &answer, sizeof answer, 0);
    while (len < 0 && errno == EINTR);
    if (len != (ssize_t)sizeof answer)
        return hn_fail(err, HN_IO, 0, "a warm jail is gone");
    explain(&answer, ret_end);
    return HN_OK;
}

enum hn_status jail_warm_run(struct jail_warm *warm, const struct jail_request *request,
        struct hn_buf *out, struct jail_end *ret_end, struct hn_err *err)
{
    int64_t end = now_ms() + request->timeout_ms;
    int all[JAIL_FDS_MAX + 1];
    enum hn_status status;
    int ends[2];

    if (request->fd_count > JAIL_FDS_MAX || request->bytes.len > JAIL_REQUEST_BYTES_MAX - 1)
        return hn_fail(err, HN_LIMIT, 0, "request to a warm jail is too large");
    if (pipe2(ends, O_CLOEXEC) != 0)
        return hn_fail_sys(err, errno, "pipe to a jailed worker");
    (void)fcntl(ends[1], F_SETPIPE_SZ, JAIL_PIPE_BYTES); /* a smaller one works as well */
    all[0] = ends[1];
    for (size_t i = 0; i < request->fd_count; i++)
        all[i + 1] = request->fds[i];
    status = ask(warm, request->bytes, all, request->fd_count + 1, err);
    (void)close(ends[1]);
    *ret_end = (struct jail_end){ .kind = JAIL_END_EXIT };
    if (status == HN_OK)
        status = follow(warm, ends[0], end, out, ret_end, err);
    (void)close(ends[0]);
    return status;
}
