/* jail.c - starts, feeds on, and ends jailed children (jail_filter.c says what they may do). */
#include "jail/jail_internal.h"

#include "base/mem.h"
#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

const struct jail_limits jail_limits_default = {
    .memory_bytes = (uint64_t)1 << 30,
    .cpu_seconds = 3600,
};

struct jail {
    pid_t pid;
    int fd; /* where the child's writing comes out */
};

/* ---- In the child -----------------------------------------------------------------------------
 */

static bool limit(__rlimit_resource_t resource, uint64_t value)
{
    struct rlimit rlimit = { .rlim_cur = (rlim_t)value, .rlim_max = (rlim_t)value };

    return setrlimit(resource, &rlimit) == 0;
}

/* Pages of address space in use: the first number of /proc/self/statm. */
uint64_t jail_used_bytes(void)
{
    char text[64];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text);
    uint64_t pages = 0;
    size_t digits = 0;

    if (fd >= 0)
        (void)close(fd);
    while (len > 0 && digits < (size_t)len && text[digits] >= '0' && text[digits] <= '9')
        digits++;
    (void)hn_parse_u64(hn_text_of(text, digits), &pages);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

bool jail_set_limits(const struct jail_limits *limits)
{
    uint64_t used = limits->used_bytes != 0 ? limits->used_bytes : jail_used_bytes();
    struct rlimit cpu = { limits->cpu_seconds, (rlim_t)limits->cpu_seconds + 1 };

    if (!JAIL_SANITIZED && (used == 0 || !limit(RLIMIT_AS, used + limits->memory_bytes)))
        return false;
    /* At the soft limit SIGXCPU tells the reason; one second later SIGKILL does not. */
    return setrlimit(RLIMIT_CPU, &cpu) == 0 && limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) &&
           limit(RLIMIT_NOFILE, 0) && limit(RLIMIT_NPROC, 0);
}

bool jail_set_standard(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (int i = 0; null >= 0 && i < 3; i++) { /* sanitizers report on 2 */
        if ((i != 2 || !JAIL_SANITIZED) && dup2(null, i) < 0)
            return false;
    }
    return null >= 0; /* closed with all others */
}

/* Moves the descriptors to their numbers, the pipe behind them, and closes all others. */
bool jail_set_descriptors(const int *fds, size_t fd_count, int out, int *ret_out)
{
    int moved[JAIL_FDS_MAX + 1];
    int beyond = JAIL_FD_FIRST + JAIL_FDS_MAX + 1;
    int count = (int)fd_count;

    for (int i = 0; i <= count; i++) { /* first out of each other's way */
        moved[i] = fcntl(i < count ? fds[i] : out, F_DUPFD, beyond);
        if (moved[i] < 0)
            return false;
    }
    for (int i = 0; i <= count; i++) {
        if (dup2(moved[i], JAIL_FD_FIRST + i) < 0)
            return false;
    }
    *ret_out = JAIL_FD_FIRST + count;
    return close_range((unsigned)*ret_out + 1, ~0u, 0) == 0;
}

void jail_reset_signals(void)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD, SIGXCPU, SIGUSR1,
        SIGUSR2, SIGALRM };
    sigset_t none;

    for (size_t i = 0; i < HN_COUNT_OF(signals); i++)
        (void)signal(signals[i], SIG_DFL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

bool jail_bind(pid_t parent)
{
    /* The parent may have died before the first call took effect: then nobody would end us. */
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent &&
           prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0 &&
           setenv("TZ", "UTC0", 1) == 0;
}

static _Noreturn void child(
        const struct jail_task *task, const struct jail_limits *limits, int out, pid_t parent)
{
    struct jail_limits all = *limits;
    struct jail_filter filter;
    int code;

    all.used_bytes = jail_used_bytes();
    jail_reset_signals();
    if (!jail_bind(parent) || !jail_filter_prepare(&filter))
        _exit(JAIL_EXIT_SETUP);
    if (!jail_set_standard() || !jail_set_descriptors(task->fds, task->fd_count, out, &out))
        _exit(JAIL_EXIT_SETUP);
    jail_leave_spaces();
    if (!jail_set_limits(&all))
        _exit(JAIL_EXIT_SETUP);
    if (!jail_filter_install(&filter))
        _exit(JAIL_EXIT_FILTER);
    code = task->main(task->ctx, out);
    _exit(code < 0 || code > JAIL_EXIT_MAX ? JAIL_EXIT_RANGE : code);
}

bool jail_write(int out, const void *ptr, size_t len)
{
    const char *p = ptr;

    while (len > 0) {
        ssize_t wrote = write(out, p, len);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        p += wrote;
        len -= (size_t)wrote;
    }
    return true;
}

/* ---- In the parent ----------------------------------------------------------------------------
 */

enum hn_status jail_start(const struct jail_task *task, const struct jail_limits *limits,
        struct jail **ret_jail, struct hn_err *err)
{
    struct jail *jail = hn_calloc(1, sizeof *jail);
    pid_t parent = getpid();
    int ends[2];

    if (jail == NULL)
        return hn_fail(err, HN_NOMEM, 0, "jailed worker");
    if (task->fd_count > JAIL_FDS_MAX) {
        hn_free(jail);
        return hn_fail(err, HN_LIMIT, 0, "too many descriptors for a jailed worker");
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        hn_free(jail);
        return hn_fail_sys(err, errno, "pipe to a jailed worker");
    }
    (void)fcntl(ends[1], F_SETPIPE_SZ, JAIL_PIPE_BYTES); /* a smaller one works as well */
    jail->pid = fork();
    if (jail->pid == 0)
        child(task, limits == NULL ? &jail_limits_default : limits, ends[1], parent);
    (void)close(ends[1]);
    jail->fd = ends[0];
    if (jail->pid < 0) {
        int saved = errno;

        (void)close(ends[0]);
        hn_free(jail);
        return hn_fail_sys(err, saved, "fork of a jailed worker");
    }
    *ret_jail = jail;
    return HN_OK;
}

bool jail_has_more(const struct jail *jail)
{
    struct pollfd ready = { .fd = jail->fd, .events = POLLIN };

    return poll(&ready, 1, 0) != 0; /* an error shows when it is read */
}

int jail_descriptor(const struct jail *jail)
{
    return jail->fd;
}

enum hn_status jail_read(struct jail *jail, void *buf, size_t room, int timeout_ms, size_t *ret_len,
        struct hn_err *err)
{
    for (;;) {
        struct pollfd ready = { .fd = jail->fd, .events = POLLIN };
        int count = poll(&ready, 1, timeout_ms);
        ssize_t len;

        if (count == 0)
            return hn_fail(err, HN_IO, 0, "the worker made no progress for %d ms", timeout_ms);
        if (count > 0) {
            len = read(jail->fd, buf, room);
            if (len >= 0) {
                *ret_len = (size_t)len;
                return HN_OK;
            }
        }
        if (errno != EINTR)
            return hn_fail_sys(err, errno, "reading from a jailed worker");
    }
}

static enum hn_status end_of(pid_t pid, int *ret_exit, struct hn_err *err)
{
    int state = 0;

    while (waitpid(pid, &state, 0) < 0) {
        if (errno != EINTR)
            return hn_fail_sys(err, errno, "waiting for a jailed worker");
    }
    if (WIFSIGNALED(state)) {
        int number = WTERMSIG(state);
        const char *name = sigabbrev_np(number);
        const char *why = "";

        if (number == SIGSYS)
            why = ": it made a system call that it may not make";
        else if (number == SIGXCPU || number == SIGKILL)
            why = ": it used up its time or was stopped";
        return hn_fail(
                err, HN_IO, 0, "the worker was ended by SIG%s%s", name == NULL ? "?" : name, why);
    }
    if (WEXITSTATUS(state) > JAIL_EXIT_MAX)
        return hn_fail(err, HN_IO, 0, "the worker could not be locked in (step %d)",
                WEXITSTATUS(state) - JAIL_EXIT_MAX);
    *ret_exit = WEXITSTATUS(state);
    return HN_OK;
}

enum hn_status jail_finish(struct jail *jail, int *ret_exit, struct hn_err *err)
{
    enum hn_status status;

    (void)close(jail->fd); /* a child that still writes ends by that */
    status = end_of(jail->pid, ret_exit, err);
    hn_free(jail);
    return status;
}

void jail_abandon(struct jail *jail)
{
    int ignored;

    if (jail == NULL)
        return;
    (void)kill(jail->pid, SIGKILL);
    (void)close(jail->fd);
    (void)end_of(jail->pid, &ignored, NULL);
    hn_free(jail);
}

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

enum hn_status jail_run(const struct jail_task *task, const struct jail_limits *limits,
        int timeout_ms, struct hn_buf *out, int *ret_exit, struct hn_err *err)
{
    int64_t end = now_ms() + timeout_ms;
    struct jail *jail = NULL;
    enum hn_status status = jail_start(task, limits, &jail, err);
    size_t len = 1;

    while (status == HN_OK && jail != NULL && len > 0) {
        char piece[65536];
        int64_t left = end - now_ms();

        status = jail_read(jail, piece, sizeof piece, left > 0 ? (int)left : 0, &len, err);
        if (status != HN_OK)
            break;
        if (out != NULL)
            hn_buf_add(out, piece, len);
        if (out != NULL && !hn_buf_ok(out))
            status = hn_fail(err, out->status, out->len, "the worker's result is too large");
    }
    if (status == HN_OK && jail != NULL)
        return jail_finish(jail, ret_exit, err);
    jail_abandon(jail);
    return status;
}
