/* test_build.c - compound files that are written are read as what was put in. */
#include "ole/ole.h"

#include "base/mem.h"

#include <stdio.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

static uint8_t bytes[3 * 4096 + 1];

static void check_stream(struct ole_file *file, const char *path, struct hn_bytes data)
{
    uint32_t entry = ole_find(file, hn_text_cstr(path));
    struct hn_bytes read;

    assert_true(entry != OLE_NONE);
    assert_int_equal(ole_read(file, entry, &read, NULL), HN_OK);
    assert_int_equal(read.len, data.len);
    assert_memory_equal(read.ptr, data.ptr, data.len);
}

/* Streams of every size around the borders of sectors and of the mini stream. */
static void sizes_are_kept(void **state)
{
    static const size_t sizes[] = { 0, 1, 63, 64, 65, 4095, 4096, 4097, 8192, sizeof bytes };
    struct ole_part parts[HN_COUNT_OF(sizes) + 1] = { 0 };
    char names[HN_COUNT_OF(sizes)][8];
    struct hn_arena arena;
    struct hn_bytes out;
    struct ole_file *file;

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 31 / 7 & 0xFF);
    parts[0].name = HN_TEXT("Storage");
    parts[0].parent = OLE_NONE;
    parts[0].is_storage = true;
    parts[0].clsid[3] = 7;
    for (size_t i = 0; i < HN_COUNT_OF(sizes); i++) {
        (void)snprintf(names[i], sizeof names[i], "s%u", (unsigned)i);
        parts[i + 1].name = hn_text_cstr(names[i]);
        parts[i + 1].parent = i % 2 == 0 ? OLE_NONE : 0;
        parts[i + 1].data = hn_bytes_of(bytes, sizes[i]);
    }
    hn_arena_init(&arena, (size_t)16 << 20);
    assert_int_equal(ole_build(&arena, parts, HN_COUNT_OF(parts), NULL, &out, NULL), HN_OK);
    assert_int_equal(ole_open(&arena, out, NULL, &file, NULL), HN_OK);
    assert_int_equal(ole_odd(file), 0);
    assert_int_equal(ole_count(file), HN_COUNT_OF(parts) + 1);
    for (size_t i = 0; i < HN_COUNT_OF(sizes); i++) {
        char path[24];

        (void)snprintf(path, sizeof path, "%s%s", i % 2 == 0 ? "" : "Storage/", names[i]);
        check_stream(file, path, parts[i + 1].data);
    }
    assert_int_equal(ole_get(file, ole_find(file, HN_TEXT("Storage")))->clsid[3], 7);
    hn_arena_deinit(&arena);
}

/* Many entries: the tree is in order, and more than one sector of directory and FAT is written. */
static void many_entries_are_found(void **state)
{
    enum { COUNT = 3000 };
    static struct ole_part parts[COUNT];
    static char names[COUNT][12];
    struct hn_arena arena;
    struct hn_bytes out;
    struct ole_file *file;

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        (void)snprintf(
                names[i], sizeof names[i], "%c%u", (char)('a' + i % 26), (unsigned)(i * 7919));
        parts[i] = (struct ole_part){
            .name = hn_text_cstr(names[i]), .parent = OLE_NONE, .data = hn_bytes_of(names[i], 4)
        };
    }
    hn_arena_init(&arena, (size_t)16 << 20);
    assert_int_equal(ole_build(&arena, parts, COUNT, NULL, &out, NULL), HN_OK);
    assert_int_equal(ole_open(&arena, out, NULL, &file, NULL), HN_OK);
    assert_int_equal(ole_odd(file), 0);
    for (size_t i = 0; i < COUNT; i += 97)
        check_stream(file, names[i], parts[i].data);
    hn_arena_deinit(&arena);
}

static void parents_come_first(void **state)
{
    struct ole_part parts[2] = { { .name = HN_TEXT_INIT("a"), .parent = 1 },
        { .name = HN_TEXT_INIT("b"), .parent = OLE_NONE, .is_storage = true } };
    struct hn_arena arena;
    struct hn_bytes out;
    struct ole_file *file;

    (void)state;
    hn_arena_init(&arena, (size_t)1 << 20);
    assert_int_equal(ole_build(&arena, parts, 2, NULL, &out, NULL), HN_CORRUPT);
    assert_int_equal(ole_build(&arena, NULL, 0, NULL, &out, NULL), HN_OK);
    assert_int_equal(ole_open(&arena, out, NULL, &file, NULL), HN_OK);
    assert_int_equal(ole_count(file), 1);
    hn_arena_deinit(&arena);
}

static void every_allocation_may_fail(void **state)
{
    const struct ole_part part = {
        .name = HN_TEXT_INIT("a"), .parent = OLE_NONE, .data = { (const uint8_t *)"x", 1 }
    };

    (void)state;
    for (uint64_t n = 1;; n++) {
        struct hn_arena arena;
        struct hn_bytes out;
        uint64_t hits;
        enum hn_status status;

        hn_arena_init(&arena, (size_t)1 << 20);
        hn_mem_fail_from(n);
        status = ole_build(&arena, &part, 1, NULL, &out, NULL);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        hn_arena_deinit(&arena);
        assert_int_equal(status, hits == 0 ? HN_OK : HN_NOMEM);
        if (hits == 0)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_kept),
        cmocka_unit_test(many_entries_are_found),
        cmocka_unit_test(parents_come_first),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
