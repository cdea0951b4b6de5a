/* test_nursery.c - warm processes made by a program that may have threads: what was prepared, what
 * replaces what, and what is left when one of them dies. */
#include "jail/jail_internal.h"

#include "support/check.h"

#include "base/mem.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

/* In memory that all processes share, but for prepared. */
struct wishes {
    char letter; /* what is to be prepared next; 'X': it fails, 'K': it dies */
    pid_t stem;  /* that has prepared last */
};
struct breeding {
    struct wishes *wishes;
    char prepared;
};
static struct breeding breeding;

static int serve(void *ctx, struct hn_bytes request, int out)
{
    const struct breeding *mine = ctx;

    (void)request;
    return jail_write(out, &mine->prepared, 1) ? 0 : 1;
}

static enum hn_status prepare(void *ctx, struct hn_buf *told, struct hn_err *err)
{
    struct breeding *mine = ctx;

    if (mine->wishes->letter == 'X')
        return hn_fail(err, HN_SYNTAX, 0, "nothing can be prepared");
    if (mine->wishes->letter == 'K')
        (void)raise(SIGKILL);
    mine->prepared = mine->wishes->letter;
    mine->wishes->stem = getpid();
    hn_buf_addf(told, "letter %c", mine->prepared);
    return HN_OK;
}

static void wish(char letter)
{
    breeding.wishes->letter = letter;
}

static int share(void **state)
{
    int fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
    void *memory = mmap(NULL, sizeof(struct wishes), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    (void)state;
    (void)close(fd);
    assert_true(memory != MAP_FAILED);
    breeding.wishes = memory;
    return 0;
}

static struct jail_nursery *start(void)
{
    const struct jail_breed breed = {
        .serve = serve, .prepare = prepare, .ctx = &breeding, .limits = jail_limits_default
    };
    struct jail_nursery *nursery = NULL;

    assert_int_equal(jail_nursery_start(&breed, &nursery, NULL), HN_OK);
    return nursery;
}

static enum hn_status on_told(void *ctx, struct hn_text told, struct hn_err *err)
{
    struct hn_text want = hn_text_cstr(ctx);

    return hn_text_eq(told, want) ? HN_OK : hn_fail(err, HN_LIMIT, 0, "not accepted");
}

static char letter_a[] = "letter a";
static char letter_d[] = "letter d";

static char answer_of(struct jail_warm *warm)
{
    const struct jail_request request = { .timeout_ms = 20000 };
    struct hn_buf out = { 0 };
    struct jail_end end;
    struct hn_err err = { 0 };
    char answer = '?';

    if (jail_warm_run(warm, &request, &out, &end, &err) == HN_OK && out.len == 1)
        answer = out.ptr[0];
    hn_buf_deinit(&out);
    return answer;
}

static void *thread_main(void *ctx)
{
    struct jail_warm *warm = NULL;

    assert_int_equal(jail_nursery_warm(ctx, &warm, NULL), HN_OK);
    return warm;
}

/* Workers have what was prepared last when they were made; those of before go on with theirs. */
static void workers_have_what_was_prepared(void **state)
{
    struct jail_nursery *nursery = start();
    struct jail_warm *first = NULL;
    void *second = NULL;
    pthread_t thread;

    (void)state;
    assert_int_equal(jail_nursery_warm(nursery, &first, NULL), HN_IO); /* nothing is prepared */
    wish('a');
    assert_int_equal(jail_nursery_prepare(nursery, on_told, letter_a, NULL), HN_OK);
    assert_int_equal(jail_nursery_warm(nursery, &first, NULL), HN_OK);
    assert_int_equal(answer_of(first), 'a');
    wish('b');
    assert_int_equal(jail_nursery_prepare(nursery, NULL, NULL, NULL), HN_OK);
    assert_int_equal(pthread_create(&thread, NULL, thread_main, nursery), 0);
    assert_int_equal(pthread_join(thread, &second), 0);
    assert_int_equal(answer_of(second), 'b');
    assert_int_equal(answer_of(first), 'a');
    jail_warm_stop(first);
    jail_nursery_stop(nursery); /* before the last worker */
    assert_int_equal(answer_of(second), 'b');
    jail_warm_stop(second);
}

/* What cannot be prepared, is not accepted, or dies meanwhile leaves the old in force. */
static void the_old_one_stays(void **state)
{
    struct jail_nursery *nursery = start();
    struct jail_warm *warm = NULL;
    struct hn_err err = { 0 };

    (void)state;
    wish('a');
    assert_int_equal(jail_nursery_prepare(nursery, NULL, NULL, NULL), HN_OK);
    wish('X');
    assert_int_equal(jail_nursery_prepare(nursery, NULL, NULL, &err), HN_SYNTAX);
    assert_string_equal(err.msg, "nothing can be prepared");
    wish('c');
    assert_int_equal(jail_nursery_prepare(nursery, on_told, letter_d, NULL), HN_LIMIT);
    wish('K');
    err = (struct hn_err){ 0 };
    assert_int_equal(jail_nursery_prepare(nursery, NULL, NULL, &err), HN_IO);
    assert_string_equal(err.msg, "the process that prepares workers ended");
    assert_int_equal(jail_nursery_warm(nursery, &warm, NULL), HN_OK);
    assert_int_equal(answer_of(warm), 'a');
    jail_warm_stop(warm);
    jail_nursery_stop(nursery);
}

/* False: still there after some seconds. */
static bool is_gone(int fd)
{
    struct pollfd ready = { .fd = fd, .events = POLLIN };

    return poll(&ready, 1, 20000) == 1 && (ready.revents & POLLHUP) != 0;
}

/* A stem that was killed takes its workers along, and another one replaces it; the root being gone
 * is told. */
static void what_dies_is_told(void **state)
{
    struct jail_nursery *nursery = start();
    struct jail_warm *warm = NULL;
    const struct jail_request request = { .timeout_ms = 20000 };
    struct hn_buf out = { 0 };
    struct jail_end end;
    struct hn_err err = { 0 };

    (void)state;
    wish('a');
    assert_int_equal(jail_nursery_prepare(nursery, NULL, NULL, NULL), HN_OK);
    assert_int_equal(jail_nursery_warm(nursery, &warm, NULL), HN_OK);
    assert_int_equal(answer_of(warm), 'a');
    assert_int_equal(kill(breeding.wishes->stem, SIGKILL), 0);
    assert_true(is_gone(warm->fd));
    assert_int_equal(jail_warm_run(warm, &request, &out, &end, &err), HN_IO);
    jail_warm_stop(warm);
    assert_int_equal(jail_nursery_warm(nursery, &warm, NULL), HN_IO);
    assert_int_equal(jail_nursery_prepare(nursery, NULL, NULL, NULL), HN_OK);
    assert_int_equal(jail_nursery_warm(nursery, &warm, NULL), HN_OK);
    assert_int_equal(answer_of(warm), 'a');
    jail_warm_stop(warm);
    jail_nursery_stop(nursery);
}

/* Without memory there is no nursery, and none of its parts is left behind. */
static void no_memory_is_told(void **state)
{
    const struct jail_breed breed = { .serve = serve, .prepare = prepare, .ctx = &breeding };
    enum hn_status status = HN_NOMEM;
    unsigned failed = 0;

    (void)state;
    wish('a');
    for (uint64_t n = 1; status != HN_OK && n < 100; n++) { /* in the stem it is HN_IO */
        struct jail_nursery *nursery = NULL;
        struct jail_warm *warm = NULL;

        hn_mem_fail_from(n);
        status = jail_nursery_start(&breed, &nursery, NULL);
        if (status == HN_OK)
            status = jail_nursery_prepare(nursery, NULL, NULL, NULL);
        if (status == HN_OK)
            status = jail_nursery_warm(nursery, &warm, NULL);
        hn_mem_fail_from(0);
        failed += status != HN_OK;
        jail_warm_stop(warm);
        jail_nursery_stop(nursery);
    }
    assert_int_equal(status, HN_OK);
    assert_true(failed >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(workers_have_what_was_prepared),
        cmocka_unit_test(the_old_one_stays),
        cmocka_unit_test(what_dies_is_told),
        cmocka_unit_test(no_memory_is_told),
    };

    return cmocka_run_group_tests(tests, share, NULL);
}
