/* bench_run.c - other programs, run and measured. */
#include "app/bench.h"

#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

void bench_catch_signals(void)
{
    struct sigaction action = { .sa_handler = on_signal };

    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

bool bench_interrupted(void)
{
    return interrupted != 0;
}

static double seconds_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

/* ---- Pipes ---- */

static bool write_all(int fd, const char *ptr, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(fd, ptr, len);

        if (wrote < 0 && errno == EINTR && !bench_interrupted())
            continue;
        if (wrote <= 0)
            return false;
        ptr += wrote;
        len -= (size_t)wrote;
    }
    return true;
}

/* Small reads and writes: the file is never held. */
static void feed(int fd, const char *path, uint64_t bytes)
{
    static char block[65536];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool go_on = file >= 0;

    while (go_on && bytes > 0) {
        ssize_t got = read(file, block, sizeof block);

        if (got <= 0) { /* at its end: once more, as long as there was something */
            go_on = got == 0 && lseek(file, 0, SEEK_CUR) > 0 && lseek(file, 0, SEEK_SET) == 0;
            continue;
        }
        go_on = write_all(fd, block, (size_t)got);
        bytes -= bytes < (uint64_t)got ? bytes : (uint64_t)got;
    }
    if (file >= 0)
        (void)close(file);
}

static void drain(int fd, struct hn_buf *out)
{
    ssize_t got = 1;

    while (got > 0 && hn_buf_reserve(out, 4096)) {
        got = read(fd, out->ptr + out->len, 4096);
        out->len += got > 0 ? (size_t)got : 0;
    }
}

/* ---- Processes ---- */

struct ends {
    int in[2]; /* -1: none */
    int out[2];
};

static void close_end(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static void close_ends(struct ends *ends)
{
    close_end(&ends->in[0]);
    close_end(&ends->in[1]);
    close_end(&ends->out[0]);
    close_end(&ends->out[1]);
}

static bool open_ends(const struct bench_command *command, struct ends *ends)
{
    bool ok = true;

    *ends = (struct ends){ { -1, -1 }, { -1, -1 } };
    if (command->feed_path != NULL)
        ok = pipe(ends->in) == 0;
    else
        ends->in[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (command->ret_output != NULL)
        ok = ok && pipe(ends->out) == 0;
    else if (command->out_path != NULL)
        ends->out[1] = open(command->out_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    else
        ends->out[1] = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (ok && ends->in[0] >= 0 && ends->out[1] >= 0)
        return true;
    close_ends(ends);
    return false;
}

/* In the child. */
static void become(const struct bench_command *command, struct ends *ends)
{
    union {
        const char *const *borrowed;
        char *const *argv;
    } args = { command->argv };
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

    if (dup2(ends->in[0], 0) == 0 && dup2(ends->out[1], 1) == 1 && dup2(nowhere, 2) == 2) {
        close_ends(ends);
        (void)execv(command->argv[0], args.argv);
    }
    _exit(127);
}

static struct bench_usage wait_for(pid_t child, double start)
{
    struct bench_usage usage = { 0 };
    struct rusage used;
    int status = 0;

    while (wait4(child, &status, 0, &used) < 0) {
        if (errno != EINTR)
            return usage;
        if (bench_interrupted())
            (void)kill(child, SIGTERM);
    }
    usage.wall_s = seconds_now() - start;
    usage.cpu_s = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
    usage.peak_mb = (double)used.ru_maxrss * 1024 / 1e6;
    usage.ok = WIFEXITED(status) &&
               (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 1 || WEXITSTATUS(status) == 5);
    return usage;
}

struct bench_usage bench_run(const struct bench_command *command)
{
    struct bench_usage usage = { 0 };
    struct ends ends;
    double start = seconds_now();
    pid_t child;

    if (bench_interrupted() || !open_ends(command, &ends))
        return usage;
    child = fork();
    if (child == 0)
        become(command, &ends);
    close_end(&ends.in[0]);
    close_end(&ends.out[1]);
    if (child > 0) {
        if (command->feed_path != NULL)
            feed(ends.in[1], command->feed_path, command->feed_bytes);
        close_end(&ends.in[1]);
        if (command->ret_output != NULL)
            drain(ends.out[0], command->ret_output);
        usage = wait_for(child, start);
    }
    close_ends(&ends);
    return usage;
}

struct bench_usage bench_fork(bool (*work)(void *ctx), void *ctx)
{
    struct bench_usage usage = { 0 };
    double start = seconds_now();
    pid_t child;

    if (bench_interrupted())
        return usage;
    (void)fflush(NULL); /* else the child would write again what waits in buffers */
    child = fork();
    if (child == 0)
        _exit(work(ctx) ? 0 : 2);
    return child > 0 ? wait_for(child, start) : usage;
}

/* ---- Numbers ---- */

double bench_value(struct hn_text output, const char *name)
{
    struct hn_text line;
    double value;

    while (hn_text_line(&output, &line)) {
        struct hn_text key;

        if (hn_text_split(&line, ' ', &key) && hn_text_eq(key, hn_text_cstr(name)) &&
                hn_parse_real(hn_text_trim(line), &value))
            return value;
    }
    return -1;
}

static int by_size(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

double bench_median(double *values, size_t count)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof *values, by_size);
    return count % 2 != 0 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}
