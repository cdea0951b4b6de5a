/* test_warm.c - jailed children of a warm process: tasks, their ends, and what no child reaches. */
#include "jail/jail.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define TIMEOUT_MS 20000

/* ---- What the children do: the first byte of the request says ---- */

static int serve_open(void)
{
    return open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES ? 1 : 2;
}

static int serve_connect(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(80) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    return connect(fd, (struct sockaddr *)&to, sizeof to);
}

static int serve_exec(void)
{
    char *argv[] = { NULL };

    return execve("/bin/true", argv, argv);
}

static int serve_forks(void)
{
    for (int i = 0; i < 1000; i++)
        (void)fork();
    return 3;
}

static int serve_hang(void)
{
    volatile bool forever = true;

    while (forever)
        continue;
    return 0;
}

static void **eaten;

static int serve_eat(void)
{
    for (size_t got = 0; got < 4096; got++) {
        void **block = malloc((size_t)1 << 20);

        if (block == NULL)
            return got < 200 ? 1 : 2;
        memset(block, 1, (size_t)1 << 20);
        *block = eaten;
        eaten = block;
    }
    return 3;
}

static int serve_flood(int out)
{
    static const char zeros[65536];

    while (jail_write(out, zeros, sizeof zeros))
        continue;
    return 0;
}

static int serve_file(int out)
{
    char text[5];

    return pread(JAIL_FD_FIRST, text, sizeof text, 0) == 5 && jail_write(out, text, 5) ? 0 : 1;
}

static uint32_t seen; /* by this child: nothing, whatever others did before */

static int serve(void *ctx, struct hn_bytes request, int out)
{
    (void)ctx;
    seen++;
    switch (request.len > 0 ? request.ptr[0] : 0) {
    case 'e':
        return jail_write(out, request.ptr, request.len) ? (int)seen : 2;
    case 'o':
        return serve_open();
    case 'c':
        return serve_connect();
    case 'x':
        return serve_exec();
    case 'p':
        return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    case 'k':
        return kill(getppid(), SIGKILL);
    case 'f':
        return serve_forks();
    case 'h':
        return serve_hang();
    case 'm':
        return serve_eat();
    case 'w':
        return serve_flood(out);
    case 'r':
        return serve_file(out);
    case 'a':
        abort();
    default:
        return 9;
    }
}

static struct jail_warm *warm_up(uint32_t cpu_seconds)
{
    struct jail_limits limits = { .memory_bytes = (uint64_t)64 << 20, .cpu_seconds = cpu_seconds };
    struct jail_warm *warm = NULL;

    assert_int_equal(jail_warm_start(serve, NULL, &limits, &warm, NULL), HN_OK);
    return warm;
}

static struct jail_end run(struct jail_warm *warm, const char *request, struct hn_buf *out)
{
    struct hn_buf own = { 0 };
    struct jail_end end = { 0 };

    assert_int_equal(jail_warm_run(warm,
                             &(struct jail_request){ .bytes = hn_bytes_of(request, strlen(request)),
                                     .timeout_ms = TIMEOUT_MS },
                             out != NULL ? out : &own, &end, NULL),
            HN_OK);
    hn_buf_deinit(&own);
    return end;
}

/* Results come back, and no child sees what another one did. */
static void tasks_come_back_one_after_the_other(void **state)
{
    struct jail_warm *warm = warm_up(5);

    (void)state;
    for (int i = 0; i < 50; i++) {
        struct hn_buf out = { 0 };
        struct jail_end end = run(warm, "echo", &out);

        assert_int_equal(end.kind, JAIL_END_EXIT);
        assert_int_equal(end.code, 1);
        assert_true(hn_text_eq(hn_buf_text(&out), HN_TEXT("echo")));
        hn_buf_deinit(&out);
    }
    assert_int_equal(run(warm, "", NULL).code, 9);
    jail_warm_stop(warm);
}

/* Each probe is refused or ends its child, and the next task goes on as before. */
static void escapes_are_refused(void **state)
{
    static const struct {
        const char *request;
        enum jail_end_kind kind;
    } probes[] = {
        { "o", JAIL_END_EXIT },
        { "c", JAIL_END_CALL },
        { "x", JAIL_END_CALL },
        { "p", JAIL_END_CALL },
        { "k", JAIL_END_CALL },
        { "f", JAIL_END_CALL },
        { "a", JAIL_END_CRASH },
    };
    struct jail_warm *warm = warm_up(5);

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(probes); i++) {
        struct jail_end end = run(warm, probes[i].request, NULL);

        assert_int_equal(end.kind, probes[i].kind);
        assert_int_equal(end.code, end.kind == JAIL_END_EXIT   ? 1
                                   : end.kind == JAIL_END_CALL ? SIGSYS
                                                               : SIGABRT);
        assert_int_equal(run(warm, "e", NULL).kind, JAIL_END_EXIT);
    }
    jail_warm_stop(warm);
}

/* Time, processor time and output end at their limits, which are named; the rest goes on. */
static void limits_end_a_task(void **state)
{
    struct jail_warm *warm = warm_up(1);
    struct jail_end end = { 0 };
    struct hn_buf out = { 0 };

    (void)state;
    assert_int_equal(run(warm, "h", NULL).kind, JAIL_END_CPU);
    assert_int_equal(
            jail_warm_run(warm,
                    &(struct jail_request){ .bytes = hn_bytes_of("h", 1), .timeout_ms = 100 }, &out,
                    &end, NULL),
            HN_OK);
    assert_int_equal(end.kind, JAIL_END_TIME);
    hn_buf_deinit(&out);
    hn_buf_init(&out, (size_t)1 << 20);
    assert_int_equal(run(warm, "w", &out).kind, JAIL_END_OUTPUT);
    hn_buf_deinit(&out);
    assert_int_equal(run(warm, "e", NULL).kind, JAIL_END_EXIT);
    jail_warm_stop(warm);
}

static void memory_ends_at_its_limit(void **state)
{
    struct jail_warm *warm;

    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    (void)fprintf(stderr, "SKIPPED: sanitizers reserve terabytes of address space\n");
    skip();
#endif
    warm = warm_up(5);
    assert_int_equal(run(warm, "m", NULL).code, 1);
    jail_warm_stop(warm);
}

static void descriptors_are_handed_over(void **state)
{
    char path[] = "/tmp/hn_warm_test_XXXXXX";
    int file = mkstemp(path);
    struct jail_warm *warm = warm_up(5);
    struct hn_buf out = { 0 };
    struct jail_end end = { 0 };

    (void)state;
    assert_true(file >= 0);
    (void)unlink(path);
    assert_int_equal(write(file, "hello", 5), 5);
    for (int i = 0; i < 3; i++) {
        hn_buf_reset(&out);
        assert_int_equal(jail_warm_run(warm,
                                 &(struct jail_request){ .bytes = hn_bytes_of("r", 1),
                                         .fds = &file,
                                         .fd_count = 1,
                                         .timeout_ms = TIMEOUT_MS },
                                 &out, &end, NULL),
                HN_OK);
        assert_int_equal(end.code, 0);
        assert_true(hn_text_eq(hn_buf_text(&out), HN_TEXT("hello")));
    }
    hn_buf_deinit(&out);
    (void)close(file);
    jail_warm_stop(warm);
}

/* Too much to ask for is a failure of the asking, not of the warm process. */
static void large_requests_are_refused(void **state)
{
    static char request[JAIL_REQUEST_BYTES_MAX];
    struct jail_warm *warm = warm_up(5);
    struct hn_buf out = { 0 };
    struct jail_end end = { 0 };

    (void)state;
    memset(request, 'e', sizeof request);
    assert_int_equal(jail_warm_run(warm,
                             &(struct jail_request){ .bytes = hn_bytes_of(request, sizeof request),
                                     .timeout_ms = TIMEOUT_MS },
                             &out, &end, NULL),
            HN_LIMIT);
    assert_int_equal(
            jail_warm_run(warm,
                    &(struct jail_request){ .bytes = hn_bytes_of(request, sizeof request - 1),
                            .timeout_ms = TIMEOUT_MS },
                    &out, &end, NULL),
            HN_OK);
    assert_int_equal(out.len, sizeof request - 1);
    hn_buf_deinit(&out);
    jail_warm_stop(warm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tasks_come_back_one_after_the_other),
        cmocka_unit_test(escapes_are_refused),
        cmocka_unit_test(limits_end_a_task),
        cmocka_unit_test(memory_ends_at_its_limit),
        cmocka_unit_test(descriptors_are_handed_over),
        cmocka_unit_test(large_requests_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
