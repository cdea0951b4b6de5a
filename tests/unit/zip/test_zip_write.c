/* test_zip_write.c - archives that we write are read back as they were, with their password alone.
 */
#include "zip/zip.h"

#include "base/mem.h"
#include "support/check.h"

#define HELLO "hello hello hello hello hello"

struct target {
    struct hn_buf bytes;
    uint32_t refuse_at; /* the call that fails; 0: none */
    uint32_t calls;
};

static bool to_buf(void *ctx, struct hn_bytes bytes)
{
    struct target *target = ctx;

    if (++target->calls == target->refuse_at)
        return false;
    hn_buf_add(&target->bytes, bytes.ptr, bytes.len);
    return hn_buf_ok(&target->bytes);
}

static void write_two(struct target *target)
{
    static uint8_t noise[70000];
    struct check_random random = { 3 };
    struct zip_write write = { .sink = to_buf, .ctx = target };

    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)check_random_next(&random);
    assert_int_equal(zip_write_add(&write, HN_TEXT("a"), hn_bytes_of(HELLO, sizeof HELLO - 1),
                             HN_TEXT("infected")),
            HN_OK);
    assert_int_equal(zip_write_add(&write, HN_TEXT("noise"), hn_bytes_of(noise, sizeof noise),
                             HN_TEXT("infected")),
            HN_OK);
    assert_int_equal(
            zip_write_add(&write, HN_TEXT("empty"), hn_bytes_of("", 0), HN_TEXT("infected")),
            HN_OK);
    assert_int_equal(zip_write_end(&write), HN_OK);
}

static void what_is_written_is_read_back(void **state)
{
    struct target target = { 0 };
    struct hn_arena arena = { 0 };
    struct zip_file *file = NULL;
    struct hn_bytes bytes = { 0 };
    struct check_random random = { 3 };

    (void)state;
    write_two(&target);
    hn_arena_init(&arena, (size_t)1 << 24);
    assert_int_equal(
            zip_open(&arena, hn_text_as_bytes(hn_buf_text(&target.bytes)), NULL, &file, NULL),
            HN_OK);
    assert_int_equal(zip_odd(file), 0);
    assert_int_equal(zip_count(file), 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_true(zip_get(file, i)->encrypted);
        assert_int_equal(zip_get(file, i)->odd, 0);
        assert_int_equal(
                zip_read(file, i, HN_TEXT("other"), NULL, NULL, &bytes, NULL), HN_NOTFOUND);
    }
    assert_int_equal(zip_read(file, 0, HN_TEXT("infected"), NULL, NULL, &bytes, NULL), HN_OK);
    check_text(hn_bytes_as_text(bytes), HELLO);
    assert_int_equal(zip_read(file, 1, HN_TEXT("infected"), NULL, NULL, &bytes, NULL), HN_OK);
    assert_int_equal(bytes.len, 70000);
    for (size_t i = 0; i < bytes.len; i++)
        assert_int_equal(bytes.ptr[i], (uint8_t)check_random_next(&random));
    assert_int_equal(zip_read(file, 2, HN_TEXT("infected"), NULL, NULL, &bytes, NULL), HN_OK);
    assert_int_equal(bytes.len, 0);
    hn_arena_deinit(&arena);
    hn_buf_deinit(&target.bytes);
}

static void a_sink_that_fails_is_told(void **state)
{
    (void)state;
    for (uint32_t at = 1; at <= 3; at++) {
        struct target target = { .refuse_at = at };
        struct zip_write write = { .sink = to_buf, .ctx = &target };
        enum hn_status added =
                zip_write_add(&write, HN_TEXT("a"), hn_bytes_of(HELLO, 5), HN_TEXT("infected"));

        assert_int_equal(added, at < 3 ? HN_IO : HN_OK);
        assert_int_equal(zip_write_end(&write), HN_IO);
        hn_buf_deinit(&target.bytes);
    }
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct target target = { 0 };
        struct zip_write write = { .sink = to_buf, .ctx = &target };
        enum hn_status status;
        uint64_t hits;

        hn_mem_fail_from(n);
        status = zip_write_add(&write, HN_TEXT("a"), hn_bytes_of(HELLO, 5), HN_TEXT("infected"));
        if (status == HN_OK)
            status = zip_write_end(&write);
        else
            (void)!zip_write_end(&write);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        hn_buf_deinit(&target.bytes);
        if (hits == 0)
            break;
        assert_int_not_equal(status, HN_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(a_sink_that_fails_is_told),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
