/* test_tables.c - the small containers and reports: map, vec, mem, hash, status, finding. */
#include "base/finding.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/status.h"
#include "base/vec.h"
#include "support/check.h"

#include <errno.h>
#include <stdio.h>

/* A map of many keys finds each by its own bytes, none else, and the first value put wins. */
static void map_finds_what_was_put(void **state)
{
    enum { COUNT = 20000 };
    struct hn_map map = { 0 };
    char(*keys)[8] = hn_calloc(COUNT, sizeof *keys);
    uint32_t value = 0;

    (void)state;
    assert_int_equal(hn_map_find(&map, HN_TEXT("x")), HN_MAP_NONE);
    for (uint32_t i = 0; i < COUNT; i++) {
        (void)snprintf(keys[i], sizeof keys[i], "%x", (unsigned)i);
        assert_true(hn_map_put(&map, hn_text_cstr(keys[i]), i, &value));
        assert_int_equal(value, i);
        assert_true(hn_map_put(&map, hn_text_cstr(keys[i]), i + 1, &value));
        assert_int_equal(value, i);
    }
    assert_int_equal(map.count, COUNT);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(hn_map_find(&map, hn_text_cstr(keys[i])), i);
    assert_int_equal(hn_map_find(&map, HN_TEXT("zzz")), HN_MAP_NONE);
    hn_map_deinit(&map);
    hn_free(keys);
}

/* The empty key, NULL or not, is one key; bytes decide, NUL included. */
static void map_keys_are_bytes(void **state)
{
    struct hn_map map = { 0 };
    uint32_t value = 0;

    (void)state;
    assert_true(hn_map_put(&map, (struct hn_text){ NULL, 0 }, 1, &value));
    assert_int_equal(hn_map_find(&map, HN_TEXT("")), 1);
    assert_true(hn_map_put(&map, hn_text_of("a\0b", 3), 2, &value));
    assert_int_equal(hn_map_find(&map, hn_text_of("a\0c", 3)), HN_MAP_NONE);
    assert_int_equal(hn_map_find(&map, HN_TEXT("a")), HN_MAP_NONE);
    assert_int_equal(hn_map_find(&map, hn_text_of("a\0b", 3)), 2);
    hn_map_deinit(&map);
}

/* When an allocation fails the map is as it was before. */
static void map_survives_failing_memory(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= 4; n++) {
        struct hn_map map = { 0 };
        char keys[200][4];
        uint32_t put = 0;
        uint32_t value = 0;

        hn_mem_fail_from(n);
        for (uint32_t i = 0; i < HN_COUNT_OF(keys); i++) {
            (void)snprintf(keys[i], sizeof keys[i], "%u", (unsigned)i);
            if (!hn_map_put(&map, hn_text_cstr(keys[i]), i, &value))
                break;
            put++;
        }
        assert_true(put < HN_COUNT_OF(keys));
        hn_mem_fail_from(0);
        assert_int_equal(map.count, put);
        for (uint32_t i = 0; i < put; i++)
            assert_int_equal(hn_map_find(&map, hn_text_cstr(keys[i])), i);
        assert_true(hn_map_put(&map, HN_TEXT("later"), 7, &value));
        hn_map_deinit(&map);
    }
}

/* A vector keeps its items through growth, gives zeroed ones, and NULL when memory fails. */
static void vec_grows(void **state)
{
    HN_VEC(uint64_t) numbers = { 0 };

    (void)state;
    for (uint64_t i = 0; i < 1000; i++) {
        uint64_t *item = hn_vec_add(&numbers);

        assert_non_null(item);
        assert_true(*item == 0);
        *item = i;
    }
    for (uint64_t i = 0; i < 1000; i++)
        assert_true(numbers.ptr[i] == i);
    hn_vec_reset(&numbers);
    assert_int_equal(numbers.count, 0);
    numbers.ptr[0] = 9;
    assert_non_null(hn_vec_add(&numbers));
    assert_true(numbers.ptr[0] == 0); /* zeroed again though it held a number */
    hn_vec_deinit(&numbers);
    hn_mem_fail_from(1);
    assert_null(hn_vec_add(&numbers));
    hn_mem_fail_from(0);
    assert_int_equal(numbers.count, 0);
    hn_vec_deinit(&numbers);
}

/* The n-th allocation fails and every one after it, of every kind, until switched off. */
static void memory_fails_on_demand(void **state)
{
    void *first;
    void *kept;

    (void)state;
    hn_mem_fail_from(2);
    first = hn_malloc(1);
    assert_non_null(first);
    assert_null(hn_malloc(1));
    assert_null(hn_calloc(1, 1));
    assert_null(hn_realloc(first, 100));
    assert_null(hn_aligned_alloc(64, 64));
    assert_int_equal(hn_mem_fail_hits(), 4);
    hn_mem_fail_from(0);
    assert_null(hn_calloc(SIZE_MAX / 2, 3));
    assert_null(hn_realloc_array(NULL, SIZE_MAX / 2, 3));
    assert_null(hn_aligned_alloc(64, SIZE_MAX));
    kept = hn_aligned_alloc(64, 1);
    assert_non_null(kept);
    assert_int_equal((uintptr_t)kept % 64, 0);
    hn_free(kept);
    hn_free(first);
    hn_free(NULL);
}

/* Digests are the published XXH3-128 values, so ids stay the same between versions and machines. */
static void digests_are_stable(void **state)
{
    char hex[HN_DIGEST_HEX_LEN];

    (void)state;
    hn_digest_hex(hn_digest_of("", 0), hex);
    check_text(hn_text_of(hex, sizeof hex), "99aa06d3014798d86001c324468d497f");
    assert_true(hn_digest_eq(hn_digest_of("abc", 3), hn_digest_of("abc", 3)));
    assert_false(hn_digest_eq(hn_digest_of("abc", 3), hn_digest_of("abd", 3)));
    assert_false(hn_digest_eq(hn_digest_join(hn_digest_of("a", 1), hn_digest_of("b", 1)),
            hn_digest_join(hn_digest_of("b", 1), hn_digest_of("a", 1))));
    assert_true(hn_hash_seed() == hn_hash_seed());
    assert_true(hn_hash("abc", 3, 1) != hn_hash("abc", 3, 2));
    assert_true(hn_mix64(1) != hn_mix64(2));
}

/* The first failure is kept, with its place; a second does not replace it; NULL is fine. */
static void first_failure_is_kept(void **state)
{
    struct hn_err err = { 0 };
    char long_text[400];

    (void)state;
    assert_int_equal(hn_fail(&err, HN_CORRUPT, 12, "bad %s", "magic"), HN_CORRUPT);
    assert_int_equal(hn_fail_at(&err, HN_SYNTAX, 3, 4, "later"), HN_SYNTAX);
    assert_int_equal(err.status, HN_CORRUPT);
    assert_int_equal(err.offset, 12);
    assert_int_equal(err.line, 0);
    assert_string_equal(err.msg, "bad magic");
    assert_int_equal(hn_fail(NULL, HN_LIMIT, 0, "x"), HN_LIMIT);
    memset(&err, 0, sizeof err);
    memset(long_text, 'y', sizeof long_text);
    (void)hn_fail_at(&err, HN_SYNTAX, 3, 4, "%.*s", (int)sizeof long_text, long_text);
    assert_int_equal(err.line, 3);
    assert_int_equal(err.column, 4);
    assert_int_equal(strlen(err.msg), sizeof err.msg - 1);
    memset(&err, 0, sizeof err);
    assert_int_equal(hn_fail_sys(&err, ENOENT, "cannot open it"), HN_IO);
    assert_int_equal(err.sys_errno, ENOENT);
    assert_non_null(strstr(err.msg, "cannot open it: "));
    assert_int_equal(hn_fail_sys(NULL, ENOMEM, "x"), HN_NOMEM);
}

/* Every status and finding has a text, and no two findings share an id. */
static void every_kind_has_a_text(void **state)
{
    (void)state;
    for (int status = HN_OK; status <= HN_CANCELLED; status++)
        assert_true(strlen(hn_status_text((enum hn_status)status)) > 0);
    for (int i = 0; i < HN_FINDING_COUNT; i++) {
        assert_true(strlen(hn_finding_text((enum hn_finding_kind)i)) > 0);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(
                    hn_finding_id((enum hn_finding_kind)i), hn_finding_id((enum hn_finding_kind)k));
    }
    assert_true(HN_FINDING_COUNT <= 32); /* an event keeps them as bits of a 32-bit number */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map_finds_what_was_put),
        cmocka_unit_test(map_keys_are_bytes),
        cmocka_unit_test(map_survives_failing_memory),
        cmocka_unit_test(vec_grows),
        cmocka_unit_test(memory_fails_on_demand),
        cmocka_unit_test(digests_are_stable),
        cmocka_unit_test(first_failure_is_kept),
        cmocka_unit_test(every_kind_has_a_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
