/* test_ole.c - compound files: valid ones exactly, hostile ones within bounds and with what is odd
 * named; every truncation and every failing allocation ends well. */
#include "base/mem.h"
#include "base/reader.h"
#include "ole/ole.h"
#include "support/cfb_writer.h"
#include "support/check.h"

#define CAP ((size_t)256 << 20)

static uint8_t pattern(size_t i, unsigned seed)
{
    return (uint8_t)(i * 7 + (i >> 8) + seed);
}

static void put(struct cfb_writer *w, const char *path, size_t len, unsigned seed)
{
    uint8_t *data = hn_malloc(len + 1);

    assert_non_null(data);
    for (size_t i = 0; i < len; i++)
        data[i] = pattern(i, seed);
    cfb_writer_stream(w, path, hn_bytes_of(data, len));
    hn_free(data);
}

static void check_stream(struct ole_file *file, const char *path, size_t len, unsigned seed)
{
    uint32_t index = ole_find(file, hn_text_cstr(path));
    struct hn_bytes bytes;

    assert_int_not_equal(index, OLE_NONE);
    assert_int_equal(ole_read(file, index, &bytes, NULL), HN_OK);
    assert_int_equal(bytes.len, len);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(bytes.ptr[i], pattern(i, seed));
    assert_int_equal(ole_get(file, index)->odd, 0);
}

static struct hn_buf small_file(void)
{
    struct cfb_writer *w = cfb_writer_new(3);
    struct hn_buf out = { 0 };

    put(w, "Macros/VBA/dir", 100, 1);
    put(w, "WordDocument", 5000, 2);
    put(w, "\001CompObj", 64, 3);
    cfb_writer_storage(w, "Empty");
    cfb_writer_finish(w, &out);
    cfb_writer_free(w);
    return out;
}

static void valid_files_are_read_exactly(void **state)
{
    static const size_t lengths[] = { 0, 1, 63, 64, 65, 511, 512, 4095, 4096, 4097, 70000 };

    (void)state;
    for (unsigned version = 3; version <= 4; version++) {
        struct cfb_writer *w = cfb_writer_new(version);
        struct hn_buf out = { 0 };
        struct hn_arena arena;
        struct ole_file *file;

        for (size_t i = 0; i < HN_COUNT_OF(lengths); i++) {
            char path[64];

            (void)snprintf(path, sizeof path, "A/Storage%zu/Stream%zu", i % 3, i);
            put(w, path, lengths[i], (unsigned)i);
        }
        cfb_writer_finish(w, &out);
        cfb_writer_free(w);
        hn_arena_init(&arena, CAP);
        assert_int_equal(
                ole_open(&arena, hn_text_as_bytes(hn_buf_text(&out)), NULL, &file, NULL), HN_OK);
        assert_int_equal(ole_odd(file), 0);
        assert_int_equal(ole_count(file), 1 + 1 + 3 + HN_COUNT_OF(lengths));
        for (size_t i = 0; i < HN_COUNT_OF(lengths); i++) {
            char path[64];

            (void)snprintf(path, sizeof path, "a/STORAGE%zu/stream%zu", i % 3, i);
            check_stream(file, path, lengths[i], (unsigned)i);
        }
        hn_arena_deinit(&arena);
        hn_buf_deinit(&out);
    }
}

/* More than 109 FAT sectors: the rest is named by DIFAT sectors. */
static void large_files_have_a_difat(void **state)
{
    struct cfb_writer *w = cfb_writer_new(3);
    struct hn_buf out = { 0 };
    struct hn_arena arena;
    struct ole_file *file;

    (void)state;
    put(w, "large", 17u << 20, 5);
    put(w, "small", 10, 6);
    cfb_writer_finish(w, &out);
    cfb_writer_free(w);
    hn_arena_init(&arena, CAP);
    assert_int_equal(
            ole_open(&arena, hn_text_as_bytes(hn_buf_text(&out)), NULL, &file, NULL), HN_OK);
    assert_int_equal(ole_odd(file), 0);
    check_stream(file, "large", 17u << 20, 5);
    check_stream(file, "small", 10, 6);
    hn_arena_deinit(&arena);
    hn_buf_deinit(&out);
}

static void places_in_the_file_are_told(void **state)
{
    struct hn_buf out = small_file();
    struct hn_arena arena;
    struct ole_file *file;
    struct hn_bytes bytes;
    static const char *const paths[] = { "Macros/VBA/dir", "WordDocument", "\001CompObj" };

    (void)state;
    hn_arena_init(&arena, CAP);
    assert_int_equal(
            ole_open(&arena, hn_text_as_bytes(hn_buf_text(&out)), NULL, &file, NULL), HN_OK);
    for (size_t i = 0; i < HN_COUNT_OF(paths); i++) {
        uint32_t index = ole_find(file, hn_text_cstr(paths[i]));

        check_text(ole_get(file, index)->path, paths[i]);
        assert_true(ole_where(file, index, 0) == UINT64_MAX); /* not read yet */
        assert_int_equal(ole_read(file, index, &bytes, NULL), HN_OK);
        for (size_t at = 0; at < bytes.len; at++)
            assert_int_equal((uint8_t)out.ptr[ole_where(file, index, at)], bytes.ptr[at]);
        assert_true(ole_where(file, index, bytes.len) == UINT64_MAX);
    }
    assert_int_equal(ole_find(file, HN_TEXT("Macros/VBA/none")), OLE_NONE);
    assert_int_equal(ole_find(file, HN_TEXT("")), 0);
    hn_arena_deinit(&arena);
    hn_buf_deinit(&out);
}

/* All that can be asked, so that sanitizers see every path. Returns bytes read. */
static uint64_t read_all(struct hn_bytes in, uint32_t *ret_odd, enum hn_status *ret_status)
{
    struct hn_arena arena;
    struct ole_file *file = NULL;
    uint64_t total = 0;

    hn_arena_init(&arena, CAP);
    *ret_odd = 0;
    *ret_status = ole_open(&arena, in, NULL, &file, NULL);
    if (*ret_status == HN_OK) {
        for (uint32_t i = 0; i < ole_count(file); i++) {
            struct hn_bytes bytes;

            if (ole_read(file, i, &bytes, NULL) == HN_OK)
                total += bytes.len;
            assert_true(ole_get(file, i)->path.ptr != NULL);
            (void)ole_where(file, i, bytes.len / 2);
            *ret_odd |= ole_get(file, i)->odd;
        }
        *ret_odd |= ole_odd(file);
    }
    hn_arena_deinit(&arena);
    return total;
}

static void every_truncation_ends_well(void **state)
{
    struct hn_buf out = small_file();

    (void)state;
    for (size_t len = 0; len < out.len; len++) {
        uint8_t *copy = hn_malloc(len + 1);
        uint32_t odd;
        enum hn_status status;

        assert_non_null(copy);
        memcpy(copy, out.ptr, len);
        (void)read_all(hn_bytes_of(copy, len), &odd, &status);
        assert_true(status == HN_CORRUPT || status == HN_TRUNCATED ||
                    (status == HN_OK && (odd & OLE_ODD_TRUNCATED) != 0));
        hn_free(copy);
    }
    hn_buf_deinit(&out);
}

static void every_failing_allocation_is_reported(void **state)
{
    struct hn_buf out = small_file();
    struct hn_bytes in = hn_text_as_bytes(hn_buf_text(&out));
    uint64_t n = 1;

    (void)state;
    for (;; n++) {
        struct hn_arena arena;
        struct ole_file *file = NULL;
        enum hn_status status;
        uint64_t hits;

        hn_arena_init(&arena, CAP);
        hn_mem_fail_from(n);
        status = ole_open(&arena, in, NULL, &file, NULL);
        for (uint32_t i = 0; status == HN_OK && i < ole_count(file); i++) {
            struct hn_bytes bytes;

            status = ole_read(file, i, &bytes, NULL);
        }
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        hn_arena_deinit(&arena);
        if (hits == 0)
            break;
        assert_int_equal(status, HN_NOMEM);
    }
    assert_true(n > 1);
    hn_buf_deinit(&out);
}

/* ---- Damage on purpose ---- */

static void store_u32(struct hn_buf *buf, size_t at, uint32_t value)
{
    assert_true(at + 4 <= buf->len);
    for (size_t i = 0; i < 4; i++)
        buf->ptr[at + i] = (char)(value >> (8 * i));
}

static uint32_t load_at(const struct hn_buf *buf, size_t at)
{
    assert_true(at + 4 <= buf->len);
    return hn_load_u32((const uint8_t *)buf->ptr + at);
}

/* Where entry `id` of the directory stands; it is one run in our files. */
static size_t entry_at(const struct hn_buf *buf, uint32_t id)
{
    return ((size_t)load_at(buf, 48) + 1) * 512 + (size_t)id * 128;
}

static size_t fat_at(const struct hn_buf *buf, uint32_t sector)
{
    return ((size_t)load_at(buf, 76) + 1) * 512 + (size_t)sector * 4;
}

static uint32_t entry_named(const struct hn_buf *buf, const char *name)
{
    for (uint32_t id = 0; id < 16; id++) {
        size_t at = entry_at(buf, id);
        size_t i = 0;

        while (name[i] != 0 && buf->ptr[at + i * 2] == name[i])
            i++;
        if (name[i] == 0 && buf->ptr[at + i * 2] == 0)
            return id;
    }
    fail();
    return 0;
}

static uint32_t odd_of(const struct hn_buf *buf)
{
    uint32_t odd;
    enum hn_status status;

    (void)read_all(hn_text_as_bytes(hn_buf_text(buf)), &odd, &status);
    assert_int_equal(status, HN_OK);
    return odd;
}

static void hostile_chains_end(void **state)
{
    struct hn_buf buf = small_file();
    uint32_t start = load_at(&buf, entry_at(&buf, entry_named(&buf, "WordDocument")) + 116);

    (void)state;
    store_u32(&buf, fat_at(&buf, start + 3), start); /* a cycle */
    assert_int_equal(odd_of(&buf), OLE_ODD_CYCLE | OLE_ODD_SIZE);
    store_u32(&buf, fat_at(&buf, start + 3), start + 3); /* on itself */
    assert_int_equal(odd_of(&buf), OLE_ODD_CYCLE | OLE_ODD_SIZE);
    store_u32(&buf, fat_at(&buf, start + 3), 0x00FFFFFF); /* behind the end */
    assert_int_equal(odd_of(&buf), OLE_ODD_TRUNCATED | OLE_ODD_SIZE);
    store_u32(&buf, fat_at(&buf, start + 3), 0xFFFFFFFD); /* a FAT mark */
    assert_int_equal(odd_of(&buf), OLE_ODD_TRUNCATED | OLE_ODD_SIZE);
    store_u32(&buf, fat_at(&buf, start + 3), load_at(&buf, 48)); /* into the directory */
    assert_true((odd_of(&buf) & OLE_ODD_SHARED) != 0);
    hn_buf_deinit(&buf);
}

static void hostile_tables_end(void **state)
{
    struct hn_buf buf = small_file();
    uint32_t mini = load_at(&buf, 60);

    (void)state;
    store_u32(&buf, fat_at(&buf, mini), mini); /* the mini FAT on itself */
    assert_true((odd_of(&buf) & OLE_ODD_CYCLE) != 0);
    store_u32(&buf, fat_at(&buf, mini), 0xFFFFFFFE);
    store_u32(&buf, ((size_t)mini + 1) * 512, 0); /* and a chain in it */
    assert_true((odd_of(&buf) & OLE_ODD_CYCLE) != 0);
    hn_buf_deinit(&buf);

    buf = small_file();
    store_u32(&buf, 68, load_at(&buf, 48)); /* a DIFAT that is no DIFAT, and on itself */
    store_u32(&buf, ((size_t)load_at(&buf, 48) + 1) * 512 + 508, load_at(&buf, 48));
    assert_true((odd_of(&buf) & (OLE_ODD_CYCLE | OLE_ODD_HEADER)) != 0);
    hn_buf_deinit(&buf);

    buf = small_file();
    store_u32(&buf, 80, 0x00ABCDEF); /* a FAT sector behind the end of the file */
    assert_int_equal(odd_of(&buf), OLE_ODD_TRUNCATED);
    hn_buf_deinit(&buf);

    buf = small_file();
    store_u32(&buf, entry_at(&buf, entry_named(&buf, "dir")) + 120, 3000); /* more than is there */
    assert_true((odd_of(&buf) & OLE_ODD_SIZE) != 0);
    hn_buf_deinit(&buf);
}

static void hostile_trees_end(void **state)
{
    struct hn_buf buf = small_file();
    size_t word = entry_at(&buf, entry_named(&buf, "WordDocument"));
    struct hn_arena arena;
    struct ole_file *file;

    (void)state;
    store_u32(&buf, word + 68, entry_named(&buf, "WordDocument")); /* its own sibling */
    assert_true((odd_of(&buf) & OLE_ODD_CYCLE) != 0);
    store_u32(&buf, word + 68, 0); /* the root */
    assert_true((odd_of(&buf) & OLE_ODD_CYCLE) != 0);
    store_u32(&buf, word + 68, 4711); /* no entry */
    assert_true((odd_of(&buf) & OLE_ODD_TREE) != 0);
    hn_buf_deinit(&buf);

    /* What no tree reaches is found as orphans, with what is below them. */
    buf = small_file();
    store_u32(&buf, entry_at(&buf, 0) + 76, 0xFFFFFFFF);
    hn_arena_init(&arena, CAP);
    assert_int_equal(
            ole_open(&arena, hn_text_as_bytes(hn_buf_text(&buf)), NULL, &file, NULL), HN_OK);
    assert_int_equal(ole_odd(file), OLE_ODD_ORPHAN);
    assert_int_equal(ole_find(file, HN_TEXT("Macros")), OLE_NONE);
    for (uint32_t i = 1; i < ole_count(file); i++) {
        assert_true(ole_get(file, i)->orphan);
        if (hn_text_eq(ole_get(file, i)->name, HN_TEXT("dir")))
            check_text(ole_get(file, i)->path, "Macros/VBA/dir");
    }
    hn_arena_deinit(&arena);
    hn_buf_deinit(&buf);
}

/* Two orphan storages, each the other's child. */
static void orphan_cycles_end(void **state)
{
    struct hn_buf buf = small_file();
    uint32_t macros = entry_named(&buf, "Macros");
    uint32_t vba = entry_named(&buf, "VBA");

    (void)state;
    store_u32(&buf, entry_at(&buf, 0) + 76, 0xFFFFFFFF);
    store_u32(&buf, entry_at(&buf, vba) + 76, macros);
    store_u32(&buf, entry_at(&buf, macros) + 76, vba);
    assert_true(
            (odd_of(&buf) & (OLE_ODD_ORPHAN | OLE_ODD_CYCLE)) == (OLE_ODD_ORPHAN | OLE_ODD_CYCLE));
    hn_buf_deinit(&buf);
}

/* Entries, sectors and bytes over their limits are left out, and that is told. */
static void limits_hold(void **state)
{
    struct cfb_writer *w = cfb_writer_new(3);
    struct hn_buf buf = { 0 };
    struct ole_limits limits = ole_limits_default;
    struct hn_arena arena;
    struct ole_file *file;
    struct hn_bytes bytes;

    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        char path[16];

        (void)snprintf(path, sizeof path, "s%u", i);
        put(w, path, 200, i);
    }
    put(w, "large", 9000, 1);
    cfb_writer_finish(w, &buf);
    cfb_writer_free(w);
    hn_arena_init(&arena, CAP);
    limits.entries_max = 10;
    assert_int_equal(
            ole_open(&arena, hn_text_as_bytes(hn_buf_text(&buf)), &limits, &file, NULL), HN_OK);
    assert_int_equal(ole_count(file), 10);
    assert_true((ole_odd(file) & OLE_ODD_LIMIT) != 0);
    limits = ole_limits_default;
    limits.stream_bytes_max = 8999;
    assert_int_equal(
            ole_open(&arena, hn_text_as_bytes(hn_buf_text(&buf)), &limits, &file, NULL), HN_OK);
    assert_int_equal(ole_read(file, ole_find(file, HN_TEXT("large")), &bytes, NULL), HN_LIMIT);
    limits = ole_limits_default;
    limits.sectors_max = 20;
    if (ole_open(&arena, hn_text_as_bytes(hn_buf_text(&buf)), &limits, &file, NULL) == HN_OK)
        assert_true((ole_odd(file) & OLE_ODD_LIMIT) != 0);
    hn_arena_deinit(&arena);
    hn_buf_deinit(&buf);
}

/* A million entries that all name one chain: bounded in time and memory by the entries' limit and
 * the budget of steps. */
static void a_million_entries_are_bounded(void **state)
{
    struct hn_buf buf = { 0 };
    size_t sectors = 1000000 / 4 + 2;
    uint32_t odd;
    enum hn_status status;
    size_t fats = (sectors + 2500 + 127) / 128;

    (void)state;
    hn_buf_add(&buf, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8);
    hn_buf_add_repeat(&buf, 0, 504);
    buf.ptr[26] = 3;
    buf.ptr[28] = (char)0xFE;
    buf.ptr[29] = (char)0xFF;
    buf.ptr[30] = 9;
    buf.ptr[32] = 6;
    buf.ptr[57] = 0x10;
    store_u32(&buf, 48, 2048); /* the directory, behind the FAT */
    store_u32(&buf, 68, 0);    /* one DIFAT sector is enough to name the FAT of sectors 1.. */
    for (uint32_t i = 0; i < 109; i++)
        store_u32(&buf, 76 + (size_t)i * 4, 100 + i);
    hn_buf_add_repeat(&buf, 0, (2048 + sectors) * 512);
    for (uint32_t i = 0; i < 127; i++)
        store_u32(&buf, 512 + (size_t)i * 4, 100 + 109 + i);
    store_u32(&buf, 512 + 508, 0xFFFFFFFE);
    for (uint32_t i = 0; i < fats * 128 && i < 236 * 128; i++)
        store_u32(&buf, (size_t)101 * 512 + (size_t)i * 4, i + 1);
    for (size_t i = 0; i < 100000; i++) {
        size_t at = (size_t)2049 * 512 + i * 128;

        buf.ptr[at] = 'x';
        buf.ptr[at + 64] = 4;
        buf.ptr[at + 66] = i == 0 ? 5 : 2;
        store_u32(&buf, at + 68, i == 0 ? 0xFFFFFFFF : (uint32_t)i + 1);
        store_u32(&buf, at + 72, 0xFFFFFFFF);
        store_u32(&buf, at + 76, i == 0 ? 1 : 0xFFFFFFFF);
        store_u32(&buf, at + 116, 300);
        store_u32(&buf, at + 120, 4000000);
    }
    (void)read_all(hn_text_as_bytes(hn_buf_text(&buf)), &odd, &status);
    assert_int_equal(status, HN_OK);
    assert_true((odd & OLE_ODD_LIMIT) != 0);
    hn_buf_deinit(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_files_are_read_exactly),
        cmocka_unit_test(large_files_have_a_difat),
        cmocka_unit_test(places_in_the_file_are_told),
        cmocka_unit_test(every_truncation_ends_well),
        cmocka_unit_test(every_failing_allocation_is_reported),
        cmocka_unit_test(hostile_chains_end),
        cmocka_unit_test(hostile_tables_end),
        cmocka_unit_test(hostile_trees_end),
        cmocka_unit_test(orphan_cycles_end),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(a_million_entries_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
