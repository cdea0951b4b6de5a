/* test_reach.c - where outputs may connect to, when they try again, and what stands at the end of
 * their files. */
#include "output/output_internal.h"

#include "base/mem.h"
#include "support/check.h"
#include "support/temp_dir.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>

/* ---- Addresses ---- */

enum reach { ALWAYS, PRIVATE, NEVER };

static const char *problem_of(const char *text, bool allow_private)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return output_address_problem((const struct sockaddr *)&v4, allow_private);
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    return output_address_problem((const struct sockaddr *)&v6, allow_private);
}

/* First and last address of each range and their neighbours, and IPv4 hidden in IPv6. */
static void addresses_are_refused_by_range(void **state)
{
    static const struct {
        const char *address;
        enum reach reach;
    } rows[] = {
        { "169.254.0.0", NEVER },
        { "169.254.169.254", NEVER },
        { "169.254.255.255", NEVER },
        { "169.253.255.255", ALWAYS },
        { "169.255.0.0", ALWAYS },
        { "fe80::1", NEVER },
        { "febf::1", NEVER },
        { "fec0::1", PRIVATE },
        { "100.100.100.200", NEVER },
        { "100.100.100.201", PRIVATE },
        { "192.0.0.192", NEVER },
        { "fd00:ec2::254", NEVER },
        { "fd00:ec3::1", PRIVATE },
        { "168.63.129.16", NEVER },
        { "224.0.0.1", NEVER },
        { "255.255.255.255", NEVER },
        { "ff02::1", NEVER },
        { "127.0.0.1", PRIVATE },
        { "127.255.255.255", PRIVATE },
        { "128.0.0.1", ALWAYS },
        { "0.0.0.0", PRIVATE },
        { "::", PRIVATE },
        { "::1", PRIVATE },
        { "10.0.0.0", PRIVATE },
        { "10.255.255.255", PRIVATE },
        { "11.0.0.0", ALWAYS },
        { "172.15.255.255", ALWAYS },
        { "172.16.0.0", PRIVATE },
        { "172.31.255.255", PRIVATE },
        { "172.32.0.0", ALWAYS },
        { "192.168.0.0", PRIVATE },
        { "192.168.255.255", PRIVATE },
        { "192.169.0.0", ALWAYS },
        { "100.63.255.255", ALWAYS },
        { "100.64.0.0", PRIVATE },
        { "100.127.255.255", PRIVATE },
        { "100.128.0.0", ALWAYS },
        { "fc00::1", PRIVATE },
        { "fdff::1", PRIVATE },
        { "fe00::1", ALWAYS },
        { "2001:db8::1", ALWAYS },
        { "2606:4700::1111", ALWAYS },
        { "::ffff:169.254.169.254", NEVER },
        { "::ffff:127.0.0.1", PRIVATE },
        { "::ffff:8.8.8.8", ALWAYS },
        { "::169.254.169.254", NEVER },
        { "::127.0.0.1", PRIVATE },
        { "64:ff9b::169.254.169.254", NEVER },
        { "64:ff9b::10.0.0.1", PRIVATE },
        { "64:ff9b::8.8.8.8", ALWAYS },
        { "2002:a9fe:a9fe::1", NEVER },
        { "2002:7f00:1::", PRIVATE },
        { "2002:808:808::", ALWAYS },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        bool strict = problem_of(rows[i].address, false) == NULL;
        bool lax = problem_of(rows[i].address, true) == NULL;

        if (strict != (rows[i].reach == ALWAYS) || lax != (rows[i].reach != NEVER))
            fail_msg("%s: %d %d", rows[i].address, strict, lax);
    }
    assert_non_null(output_address_problem(&(struct sockaddr){ .sa_family = AF_UNIX }, true));
}

/* ---- Waiting ---- */

static void waits_double_up_to_the_longest(void **state)
{
    const hn_time max = 60 * HN_SECOND;
    hn_time whole = HN_SECOND;
    bool spread = false;

    (void)state;
    for (uint32_t failures = 1; failures < 100; failures++) {
        for (uint64_t random = 0; random < 20; random++) {
            hn_time wait = output_retry_wait(failures, max, random);

            assert_true(wait >= whole / 2 && wait <= whole);
            spread = spread || wait != output_retry_wait(failures, max, random + 1);
        }
        whole = whole * 2 > max ? max : whole * 2;
    }
    assert_true(spread);
    assert_true(output_retry_wait(UINT32_MAX, INT64_MAX, 1) > 0);
}

/* ---- The end of a file ---- */

#define JSON_LINE "{\"key\":\"k1\",\"kind\":\"alert\"}\n"
#define OCSF_LINE                                                                                  \
    "{\"class_uid\":2004,\"message\":\"},\\\"uid\\\":\\\"no\\\"},\\\"finding_info\",\"metadata\":" \
    "{"                                                                                            \
    "\"product\":{\"name\":\"Hinomi\"},\"uid\":\"k2\"},\"finding_info\":{\"uid\":\"x\"}}\n"
#define LAST_LINE "{\"key\":\"k3\",\"kind\":\"alert\"}\n"

static int file_with(struct temp_dir *dir, struct hn_text text)
{
    int fd = open(temp_file(dir, "out"), O_RDWR | O_APPEND | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text.ptr, text.len), (ssize_t)text.len);
    return fd;
}

/* Cut anywhere, a file of ours ends with a whole line, keeps those before, and knows their keys. */
static void torn_files_are_mended(void **state)
{
    static const char whole[] = JSON_LINE OCSF_LINE LAST_LINE;
    static const size_t ends[] = { sizeof JSON_LINE - 1, sizeof JSON_LINE OCSF_LINE - 1,
        sizeof whole - 1 };
    static const char *const keys[] = { "k1", "k2", "k3" };
    struct temp_dir dir;

    (void)state;
    temp_dir_make(&dir);
    for (size_t cut = 0; cut < sizeof whole; cut++) {
        int fd = file_with(&dir, hn_text_of(whole, cut));
        struct output_tail *tail = NULL;
        struct stat stat;
        size_t left = 0;

        assert_int_equal(output_tail_read(fd, &tail, NULL), HN_OK);
        for (size_t i = 0; i < HN_COUNT_OF(ends); i++) {
            if (cut >= ends[i])
                left = ends[i];
            assert_int_equal(output_tail_has(tail, hn_text_cstr(keys[i])), cut >= ends[i]);
        }
        assert_false(output_tail_has(tail, HN_TEXT("no")));
        assert_int_equal(fstat(fd, &stat), 0);
        assert_int_equal(stat.st_size, left);
        output_tail_free(tail);
        (void)close(fd);
    }
    temp_dir_remove(&dir);
}

/* What somebody else has written is ended, not cut. */
static void foreign_files_are_kept(void **state)
{
    struct output_tail *tail = NULL;
    struct hn_text text;
    struct temp_dir dir;
    char *bytes;
    int fd;

    (void)state;
    temp_dir_make(&dir);
    fd = file_with(&dir, HN_TEXT("hello\nworld {\"key\":\"k1\"}"));
    assert_int_equal(output_tail_read(fd, &tail, NULL), HN_OK);
    assert_false(output_tail_has(tail, HN_TEXT("k1")));
    output_tail_free(tail);
    (void)close(fd);
    bytes = check_read_file(temp_file(&dir, "out"), &text);
    assert_non_null(bytes);
    check_text(text, "hello\nworld {\"key\":\"k1\"}\n");
    hn_free(bytes);
    temp_dir_remove(&dir);
}

/* Of a long file only the end is looked at, from a whole line on. */
static void long_files_are_read_from_behind(void **state)
{
    struct output_tail *tail = NULL;
    struct hn_buf text = { 0 };
    struct temp_dir dir;
    int fd;

    (void)state;
    temp_dir_make(&dir);
    for (int i = 0; i < 2000; i++) {
        hn_buf_addf(&text, "{\"key\":\"n%d\",\"pad\":\"", i);
        hn_buf_add_repeat(&text, 'x', 8000);
        hn_buf_add_lit(&text, "\"}\n");
    }
    fd = file_with(&dir, hn_buf_text(&text));
    assert_int_equal(output_tail_read(fd, &tail, NULL), HN_OK);
    assert_true(output_tail_has(tail, HN_TEXT("n1999")));
    assert_true(output_tail_has(tail, HN_TEXT("n1000")));
    assert_false(output_tail_has(tail, HN_TEXT("n900")));
    output_tail_free(tail);
    (void)close(fd);
    hn_buf_deinit(&text);
    temp_dir_remove(&dir);
}

static void any_failed_allocation_is_told(void **state)
{
    struct temp_dir dir;
    enum hn_status status = HN_NOMEM;
    int fd;

    (void)state;
    temp_dir_make(&dir);
    fd = file_with(&dir, HN_TEXT(JSON_LINE));
    for (uint64_t n = 1; status != HN_OK; n++) {
        struct output_tail *tail = NULL;

        hn_mem_fail_from(n);
        status = output_tail_read(fd, &tail, NULL);
        hn_mem_fail_from(0);
        assert_true(status == HN_OK || (status == HN_NOMEM && tail == NULL));
        output_tail_free(tail);
    }
    (void)close(fd);
    temp_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_refused_by_range),
        cmocka_unit_test(waits_double_up_to_the_longest),
        cmocka_unit_test(torn_files_are_mended),
        cmocka_unit_test(foreign_files_are_kept),
        cmocka_unit_test(long_files_are_read_from_behind),
        cmocka_unit_test(any_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
