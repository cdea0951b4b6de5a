/* test_jail.c - what a jailed child can and cannot do, and that its end is told truthfully. */
#include "base/mem.h"
#include "jail/jail.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define TIMEOUT_MS 20000

/* Runs main in a jail; the status, the exit code and what it wrote. */
static enum hn_status run(
        jail_main *main_fn, void *ctx, struct hn_buf *out, int *ret_exit, struct hn_err *err)
{
    struct jail_task task = { .main = main_fn, .ctx = ctx };

    return jail_run(&task, NULL, TIMEOUT_MS, out, ret_exit, err);
}

static int say_hello(void *ctx, int out)
{
    return jail_write(out, ctx, strlen(ctx)) ? 7 : 8;
}

/* The result comes back, and so does the function's own exit code. */
static void result_comes_back(void **state)
{
    struct hn_buf out = { 0 };
    char hello[] = "hello";
    int code = -1;

    (void)state;
    assert_int_equal(run(say_hello, hello, &out, &code, NULL), HN_OK);
    assert_int_equal(code, 7);
    assert_int_equal(out.len, 5);
    assert_memory_equal(out.ptr, "hello", 5);
    hn_buf_deinit(&out);
}

/* ---- Forbidden things --------------------------------------------------------------------------
 */

static int try_open(void *ctx, int out)
{
    (void)ctx;
    (void)out;
    return open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES ? 1 : 2;
}

static int try_create(void *ctx, int out)
{
    (void)ctx;
    (void)out;
    return open("/tmp/hn_jail_must_not_exist", O_WRONLY | O_CREAT, 0600) < 0 && errno == EACCES ? 1
                                                                                                : 2;
}

/* Files cannot be opened, not even looked at. */
static void files_are_out_of_reach(void **state)
{
    int code = -1;

    (void)state;
    assert_int_equal(run(try_open, NULL, NULL, &code, NULL), HN_OK);
    assert_int_equal(code, 1);
    assert_int_equal(run(try_create, NULL, NULL, &code, NULL), HN_OK);
    assert_int_equal(code, 1);
    assert_int_equal(access("/tmp/hn_jail_must_not_exist", F_OK), -1);
}

static int try_socket(void *ctx, int out)
{
    (void)ctx;
    (void)out;
    return socket(AF_INET, SOCK_STREAM, 0) < 0 ? 1 : 2;
}

static int try_exec(void *ctx, int out)
{
    char *argv[] = { NULL };

    (void)ctx;
    (void)out;
    return execve("/bin/true", argv, argv) < 0 ? 1 : 2;
}

static int try_ptrace(void *ctx, int out)
{
    (void)ctx;
    (void)out;
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 ? 1 : 2;
}

static int try_fork(void *ctx, int out)
{
    (void)ctx;
    (void)out;
    return fork() < 0 ? 1 : 2;
}

static int try_kill(void *ctx, int out)
{
    (void)out;
    return kill(*(pid_t *)ctx, SIGCONT) < 0 ? 1 : 2;
}

static int try_unlink(void *ctx, int out)
{
    (void)ctx;
    (void)out;
    return unlink("/tmp/hn_jail_must_not_exist") < 0 ? 1 : 2;
}

static int try_exec_memory(void *ctx, int out)
{
    void *page = aligned_alloc(4096, 4096);

    (void)ctx;
    (void)out;
    return mprotect(page, 4096, PROT_READ | PROT_EXEC) < 0 ? 1 : 2;
}

/* Each of these ends the child at once, and the parent learns why. */
static void forbidden_calls_kill(void **state)
{
    static jail_main *const tries[] = { try_socket, try_exec, try_ptrace, try_fork, try_kill,
        try_unlink, try_exec_memory };
    pid_t self = getpid();

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(tries); i++) {
        struct hn_err err = { 0 };
        int code = -1;

        assert_int_equal(run(tries[i], &self, NULL, &code, &err), HN_IO);
        assert_non_null(strstr(err.msg, "SIGSYS"));
        assert_int_equal(code, -1);
    }
}

/* ---- Descriptors -------------------------------------------------------------------------------
 */

static int use_descriptors(void *ctx, int out)
{
    char text[4];

    (void)ctx;
    if (pread(JAIL_FD_FIRST, text, sizeof text, 0) != 4 || !jail_write(out, text, 4))
        return 1;
    if (lseek(JAIL_FD_FIRST, 2, SEEK_SET) != 2 || read(JAIL_FD_FIRST, text, 1) != 1)
        return 2;
    for (int fd = 0; fd < 64; fd++) { /* nothing of the parent's is left; 0 to 2 are /dev/null */
        if (fd > out && (read(fd, text, 1) >= 0 || errno != EBADF))
            return 3;
    }
    return read(0, text, 1) == 0 && text[0] == 'c' ? 0 : 4;
}

/* The child has what it was handed, at known numbers, and nothing else. */
static void only_handed_descriptors(void **state)
{
    char path[] = "/tmp/hn_jail_test_XXXXXX";
    int file = mkstemp(path);
    int extra = dup2(file, 40);
    struct jail_task task = { .main = use_descriptors, .fds = { file }, .fd_count = 1 };
    struct hn_buf out = { 0 };
    int code = -1;

    (void)state;
    assert_true(file >= 0 && extra == 40);
    (void)unlink(path);
    assert_int_equal(write(file, "abcd", 4), 4);
    assert_int_equal(jail_run(&task, NULL, TIMEOUT_MS, &out, &code, NULL), HN_OK);
    assert_int_equal(code, 0);
    assert_int_equal(out.len, 4);
    assert_memory_equal(out.ptr, "abcd", 4);
    hn_buf_deinit(&out);
    (void)close(extra);
    (void)close(file);
}

/* ---- Ends --------------------------------------------------------------------------------------
 */

static int crash(void *ctx, int out)
{
    (void)ctx;
    (void)jail_write(out, "half", 4);
    abort();
}

/* A crash is an error with its signal; what came before it is there. */
static void crash_is_an_error(void **state)
{
    struct hn_buf out = { 0 };
    struct hn_err err = { 0 };
    int code = -1;

    (void)state;
    assert_int_equal(run(crash, NULL, &out, &code, &err), HN_IO);
    assert_non_null(strstr(err.msg, "SIGABRT"));
    assert_int_equal(out.len, 4);
    hn_buf_deinit(&out);
}

static int hang(void *ctx, int out)
{
    volatile bool forever = true;

    (void)ctx;
    (void)out;
    while (forever)
        continue;
    return 0;
}

/* A child that goes nowhere is stopped: by the clock, and by its own processor time. */
static void hanging_child_is_stopped(void **state)
{
    struct jail_task task = { .main = hang };
    struct jail_limits limits = jail_limits_default;
    struct hn_err err = { 0 };
    int code = -1;

    (void)state;
    assert_int_equal(jail_run(&task, NULL, 200, NULL, &code, &err), HN_IO);
    assert_non_null(strstr(err.msg, "no progress"));
    memset(&err, 0, sizeof err);
    limits.cpu_seconds = 1;
    assert_int_equal(jail_run(&task, &limits, TIMEOUT_MS, NULL, &code, &err), HN_IO);
    assert_non_null(strstr(err.msg, "used up its time"));
}

static int by_value(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static int sort_much(void *ctx, int out)
{
    static int values[1 << 18];

    (void)ctx;
    (void)out;
    for (size_t i = 0; i < HN_COUNT_OF(values); i++)
        values[i] = (int)(HN_COUNT_OF(values) - i);
    qsort(values, HN_COUNT_OF(values), sizeof values[0], by_value);
    return values[0] == 1 ? 0 : 1;
}

/* What the C library asks the system for on its own does not end the child. */
static void libraries_work(void **state)
{
    int code = -1;

    (void)state;
    assert_int_equal(run(sort_much, NULL, NULL, &code, NULL), HN_OK);
    assert_int_equal(code, 0);
}

static void **eaten; /* each block points to the one before it */

static int eat_memory(void *ctx, int out)
{
    size_t got = 0;

    (void)ctx;
    (void)out;
    while (got < 4096) {
        void **block = malloc((size_t)1 << 20);

        if (block == NULL)
            return got < 100 ? 1 : 2;
        memset(block, 1, (size_t)1 << 20);
        *block = eaten;
        eaten = block;
        got++;
    }
    return 3;
}

/* Memory ends at its limit: the child is told NULL, the parent notices nothing. */
static void memory_is_limited(void **state)
{
    struct jail_task task = { .main = eat_memory };
    struct jail_limits limits = { .memory_bytes = (uint64_t)64 << 20, .cpu_seconds = 60 };
    int code = -1;

    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    (void)fprintf(stderr, "SKIPPED: sanitizers reserve terabytes of address space\n");
    skip();
#endif
    assert_int_equal(jail_run(&task, &limits, TIMEOUT_MS, NULL, &code, NULL), HN_OK);
    assert_int_equal(code, 1);
}

static int flood(void *ctx, int out)
{
    static const char zeros[65536];

    (void)ctx;
    while (jail_write(out, zeros, sizeof zeros))
        continue;
    return 0;
}

/* A flood of output ends at the buffer's cap; an abandoned child is gone. */
static void flood_is_bounded(void **state)
{
    struct jail_task task = { .main = flood };
    struct hn_buf out;
    struct jail *jail = NULL;
    int code = -1;
    char byte;
    size_t len = 0;

    (void)state;
    hn_buf_init(&out, (size_t)1 << 20);
    assert_int_equal(jail_run(&task, NULL, TIMEOUT_MS, &out, &code, NULL), HN_LIMIT);
    hn_buf_deinit(&out);
    assert_int_equal(jail_start(&task, NULL, &jail, NULL), HN_OK);
    assert_int_equal(jail_read(jail, &byte, 1, TIMEOUT_MS, &len, NULL), HN_OK);
    assert_int_equal(len, 1);
    jail_abandon(jail);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left to wait for */
    assert_int_equal(errno, ECHILD);
}

static int wide_exit(void *ctx, int out)
{
    (void)ctx;
    (void)out;
    return 1000;
}

/* An exit code out of range is no success. */
static void odd_exit_is_an_error(void **state)
{
    int code = -1;

    (void)state;
    assert_int_equal(run(wide_exit, NULL, NULL, &code, NULL), HN_IO);
}

static int tell_pid_and_hang(void *ctx, int out)
{
    pid_t self = getpid();

    (void)jail_write(out, &self, sizeof self);
    return hang(ctx, out);
}

static bool is_alive(pid_t pid)
{
    char path[64];
    char text[256] = "";
    FILE *file;
    const char *state;

    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    file = fopen(path, "r");
    if (file == NULL)
        return false;
    if (fgets(text, sizeof text, file) == NULL)
        text[0] = '\0';
    (void)fclose(file);
    state = strrchr(text, ')');
    return state != NULL && state[2] != 'Z'; /* a zombie is only not reaped yet */
}

/* When the parent is killed, its jailed child does not live on. */
static void child_dies_with_its_parent(void **state)
{
    int ends[2];
    pid_t parent;
    pid_t child = 0;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    parent = fork();
    assert_true(parent >= 0);
    if (parent == 0) {
        struct jail_task task = { .main = tell_pid_and_hang };
        struct jail *jail = NULL;
        size_t len = 0;

        if (jail_start(&task, NULL, &jail, NULL) != HN_OK ||
                jail_read(jail, &child, sizeof child, TIMEOUT_MS, &len, NULL) != HN_OK)
            _exit(1);
        if (write(ends[1], &child, sizeof child) != (ssize_t)sizeof child)
            _exit(1);
        for (;;)
            (void)pause();
    }
    assert_int_equal(read(ends[0], &child, sizeof child), sizeof child);
    assert_true(is_alive(child));
    assert_int_equal(kill(parent, SIGKILL), 0);
    assert_int_equal(waitpid(parent, NULL, 0), parent);
    for (int i = 0; i < 200 && is_alive(child); i++) {
        struct timespec wait = { .tv_nsec = 20000000 };

        (void)nanosleep(&wait, NULL);
    }
    assert_false(is_alive(child));
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static size_t open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(dir);
    while (readdir(dir) != NULL)
        count++;
    (void)closedir(dir);
    return count;
}

/* Starting fails in an orderly way: without memory, with too many descriptors, with a bad one. */
static void failing_starts(void **state)
{
    struct jail_task task = { .main = hang, .fd_count = JAIL_FDS_MAX + 1 };
    struct jail *jail = NULL;
    struct hn_err err = { 0 };
    size_t before = open_descriptors();
    int code = -1;

    (void)state;
    assert_int_equal(jail_start(&task, NULL, &jail, NULL), HN_LIMIT);
    task.fd_count = 1;
    task.fds[0] = 999;
    assert_int_equal(jail_run(&task, NULL, TIMEOUT_MS, NULL, &code, &err), HN_IO);
    assert_non_null(strstr(err.msg, "could not be locked in"));
    hn_mem_fail_from(1);
    assert_int_equal(jail_start(&task, NULL, &jail, NULL), HN_NOMEM);
    hn_mem_fail_from(0);
    assert_null(jail);
    assert_int_equal(open_descriptors(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(result_comes_back),
        cmocka_unit_test(files_are_out_of_reach),
        cmocka_unit_test(forbidden_calls_kill),
        cmocka_unit_test(only_handed_descriptors),
        cmocka_unit_test(crash_is_an_error),
        cmocka_unit_test(hanging_child_is_stopped),
        cmocka_unit_test(libraries_work),
        cmocka_unit_test(memory_is_limited),
        cmocka_unit_test(flood_is_bounded),
        cmocka_unit_test(odd_exit_is_an_error),
        cmocka_unit_test(child_dies_with_its_parent),
        cmocka_unit_test(failing_starts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
