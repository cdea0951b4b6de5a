/* test_arena.c - lifetimes and limits of the arena. */
#include "base/arena.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* What is allocated is zeroed, aligned, and stays apart from everything else. */
static void objects_do_not_overlap(void **state)
{
    struct hn_arena arena;
    uint64_t *numbers[300];

    (void)state;
    hn_arena_init(&arena, (size_t)1 << 20);
    for (size_t i = 0; i < HN_COUNT_OF(numbers); i++) {
        numbers[i] = hn_new(&arena, uint64_t, i % 7 + 1);
        assert_non_null(numbers[i]);
        assert_int_equal((uintptr_t)numbers[i] % _Alignof(uint64_t), 0);
        for (size_t k = 0; k <= i % 7; k++) {
            assert_int_equal(numbers[i][k], 0);
            numbers[i][k] = i;
        }
    }
    for (size_t i = 0; i < HN_COUNT_OF(numbers); i++)
        assert_int_equal(numbers[i][i % 7], i);
    hn_arena_deinit(&arena);
}

/* At the cap an allocation fails with HN_LIMIT and what was there stays valid. */
static void cap_is_a_limit(void **state)
{
    struct hn_arena arena;
    char *first;

    (void)state;
    hn_arena_init(&arena, 8192);
    first = hn_arena_alloc(&arena, 100, 1);
    assert_non_null(first);
    first[99] = 'x';
    assert_null(hn_arena_alloc(&arena, 1 << 20, 1));
    assert_int_equal(hn_arena_status(&arena), HN_LIMIT);
    assert_int_equal(first[99], 'x');
    hn_arena_deinit(&arena);
}

/* Every failing allocation gives NULL and HN_NOMEM, and nothing leaks. */
static void failing_memory_is_reported(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= 4; n++) {
        struct hn_arena arena;
        bool failed = false;

        hn_arena_init(&arena, (size_t)1 << 20);
        hn_mem_fail_from(n);
        for (int i = 0; i < 200; i++)
            failed = hn_arena_alloc(&arena, 1000, 8) == NULL || failed;
        assert_true(failed);
        assert_true(hn_mem_fail_hits() > 0);
        hn_mem_fail_from(0);
        assert_int_equal(hn_arena_status(&arena), HN_NOMEM);
        hn_arena_deinit(&arena);
    }
}

/* An arena that is reset after each use soon has all it needs: no use allocates any more, whatever
 * sizes the objects have, as long as they fit in a quarter of the largest block. */
static void resets_stop_allocating(void **state)
{
#ifdef HN_ARENA_MALLOC
    (void)state;
    skip(); /* in this build each object is one allocation */
#else
    (void)state;
    for (size_t size = 1; size <= (size_t)200 << 10; size = size * 3 + 1) {
        struct hn_arena arena;

        hn_arena_init(&arena, (size_t)64 << 20);
        for (int use = 0; use < 20; use++) {
            hn_mem_fail_from(use < 19 ? 0 : 1);
            for (int i = 0; i < 4; i++)
                assert_non_null(hn_arena_raw(&arena, size, 1));
            hn_arena_reset(&arena);
        }
        assert_int_equal(hn_mem_fail_hits(), 0);
        hn_mem_fail_from(0);
        hn_arena_deinit(&arena);
    }
#endif
}

static void count_end(void *ctx)
{
    int *count = ctx;

    ++*count;
}

/* Hooks run at reset and at the end, once each. */
static void hooks_run_once(void **state)
{
    struct hn_arena arena;
    int ends = 0;

    (void)state;
    hn_arena_init(&arena, 65536);
    assert_int_equal(hn_arena_on_end(&arena, count_end, &ends), HN_OK);
    hn_arena_reset(&arena);
    assert_int_equal(ends, 1);
    assert_int_equal(hn_arena_on_end(&arena, count_end, &ends), HN_OK);
    hn_arena_deinit(&arena);
    assert_int_equal(ends, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_do_not_overlap),
        cmocka_unit_test(cap_is_a_limit),
        cmocka_unit_test(failing_memory_is_reported),
        cmocka_unit_test(resets_stop_allocating),
        cmocka_unit_test(hooks_run_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
