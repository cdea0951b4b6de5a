/* test_zip.c - archives as attackers write them: what is listed, what comes out, what is noted. */
#include "zip/zip.h"

#include "base/mem.h"
#include "support/check.h"
#include "support/zip_writer.h"

#define HELLO "hello hello hello hello hello"

struct scene {
    struct hn_arena arena;
    struct zip_writer writer;
    struct zip_file *file;
};

static struct hn_bytes bytes_of(const char *text)
{
    return hn_bytes_of(text, strlen(text));
}

static void start(struct scene *scene)
{
    memset(scene, 0, sizeof *scene);
    hn_arena_init(&scene->arena, (size_t)256 << 20);
}

static void end(struct scene *scene)
{
    hn_arena_deinit(&scene->arena);
    zip_writer_deinit(&scene->writer);
}

static void add(struct scene *scene, const char *name, const char *data, bool deflate)
{
    struct zip_writer_entry entry = {
        .name = hn_text_cstr(name), .data = bytes_of(data), .deflate = deflate
    };

    zip_writer_add(&scene->writer, &entry);
}

static void open_all(struct scene *scene, struct hn_bytes bytes)
{
    struct hn_err err = { 0 };

    assert_int_equal(zip_open(&scene->arena, bytes, NULL, &scene->file, &err), HN_OK);
}

static enum hn_status read_one(
        struct scene *scene, uint32_t index, const char *password, struct hn_bytes *ret_bytes)
{
    struct hn_text text = { password, password != NULL ? strlen(password) : 0 };

    return zip_read(scene->file, index, text, NULL, NULL, ret_bytes, NULL);
}

static void check_entry(
        struct scene *scene, uint32_t index, const char *password, const char *content)
{
    struct hn_bytes bytes;

    assert_int_equal(read_one(scene, index, password, &bytes), HN_OK);
    check_text(hn_bytes_as_text(bytes), content);
}

static void entries_are_listed_and_read(void **state)
{
    struct scene scene;

    (void)state;
    start(&scene);
    add(&scene, "a.txt", HELLO, false);
    add(&scene, "Folder/B.TXT", HELLO "!", true);
    add(&scene, "folder/", "", false);
    add(&scene, "empty", "", true); /* deflated to nothing: its checksum is that of nothing */
    open_all(&scene, zip_writer_end(&scene.writer, true));
    assert_int_equal(zip_odd(scene.file), 0);
    assert_int_equal(zip_count(scene.file), 4);
    check_entry(&scene, 0, NULL, HELLO);
    check_entry(&scene, 1, NULL, HELLO "!");
    check_entry(&scene, 3, NULL, "");
    assert_true(zip_get(scene.file, 2)->folder);
    assert_int_equal(zip_find(scene.file, HN_TEXT("/folder/b.txt")), 1);
    assert_int_equal(zip_find(scene.file, HN_TEXT("folder\\b.txt")), 1);
    assert_int_equal(zip_find(scene.file, HN_TEXT("b.txt")), UINT32_MAX);
    assert_int_equal(zip_get(scene.file, 1)->odd, 0);
    end(&scene);
}

static void descriptors_and_zip64_are_read(void **state)
{
    struct scene scene;
    struct zip_writer_entry entry = {
        .name = HN_TEXT("d"), .data = bytes_of(HELLO), .deflate = true, .descriptor = true
    };
    struct zip_writer_entry wide = { .name = HN_TEXT("w"), .data = bytes_of(HELLO), .zip64 = true };

    (void)state;
    start(&scene);
    zip_writer_add(&scene.writer, &entry);
    zip_writer_add(&scene.writer, &wide);
    open_all(&scene, zip_writer_end(&scene.writer, true));
    check_entry(&scene, 0, NULL, HELLO);
    check_entry(&scene, 1, NULL, HELLO);
    assert_int_equal(zip_get(scene.file, 1)->size, strlen(HELLO));
    assert_int_equal(zip_odd(scene.file), 0);
    end(&scene);
}

/* Without a directory (cut off), local headers alone give everything, sizes behind included. */
static void local_headers_are_enough(void **state)
{
    struct scene scene;
    struct zip_writer_entry entry = {
        .name = HN_TEXT("d"), .data = bytes_of(HELLO), .deflate = true, .descriptor = true
    };

    (void)state;
    start(&scene);
    zip_writer_add(&scene.writer, &entry);
    add(&scene, "e", "second", false);
    open_all(&scene, zip_writer_end(&scene.writer, false));
    assert_int_equal(zip_count(scene.file), 2);
    assert_int_equal(zip_odd(scene.file) & ~(uint32_t)ZIP_ODD_SIZE, ZIP_ODD_NO_CENTRAL);
    check_entry(&scene, 0, NULL, HELLO);
    check_entry(&scene, 1, NULL, "second");
    end(&scene);
}

static void lies_are_noted(void **state)
{
    struct scene scene;
    struct zip_writer_entry hidden = {
        .name = HN_TEXT("hidden.exe"), .data = bytes_of("MZ hidden"), .no_central = true
    };
    struct zip_writer_entry renamed = {
        .name = HN_TEXT("shown.txt"), .local_name = HN_TEXT("real.exe"), .data = bytes_of("renamed")
    };
    struct zip_writer_entry sizes = {
        .name = HN_TEXT("sizes"), .data = bytes_of(HELLO HELLO), .deflate = true, .packed_lie = 5
    };
    struct zip_writer_entry crc = {
        .name = HN_TEXT("crc"), .data = bytes_of("x"), .wrong_crc = true
    };
    struct zip_writer_entry method = {
        .name = HN_TEXT("method"), .data = bytes_of(HELLO), .deflate = true, .method_lie = 77
    };
    struct hn_bytes bytes;

    (void)state;
    start(&scene);
    hn_buf_add_cstr(&scene.writer.out, "MZ a program in front of it");
    scene.writer.start = scene.writer.out.len;
    zip_writer_add(&scene.writer, &hidden);
    zip_writer_add(&scene.writer, &renamed);
    zip_writer_add(&scene.writer, &sizes);
    zip_writer_add(&scene.writer, &crc);
    zip_writer_add(&scene.writer, &method);
    add(&scene, "../../evil.exe", "1", false);
    add(&scene, "C:\\evil.exe", "2", false);
    add(&scene, "twice", "3", false);
    add(&scene, "twice", "4", false);
    (void)zip_writer_end(&scene.writer, true);
    hn_buf_add_cstr(&scene.writer.out, "something behind");
    open_all(&scene, hn_text_as_bytes(hn_buf_text(&scene.writer.out)));
    assert_int_equal(zip_count(scene.file), 9);
    assert_true((zip_odd(scene.file) & ZIP_ODD_PREFIX) != 0);
    assert_true((zip_odd(scene.file) & ZIP_ODD_SUFFIX) != 0);
    check_entry(&scene, 0, NULL, "renamed");
    assert_int_equal(zip_get(scene.file, 0)->odd, ZIP_ODD_NAME);
    check_text(zip_get(scene.file, 0)->local_name, "real.exe");
    check_entry(&scene, 1, NULL, HELLO HELLO);
    assert_int_equal(zip_get(scene.file, 1)->odd, ZIP_ODD_SIZE);
    check_entry(&scene, 2, NULL, "x");
    assert_int_equal(zip_get(scene.file, 2)->odd, ZIP_ODD_CRC);
    check_entry(&scene, 3, NULL, HELLO);
    assert_int_equal(zip_get(scene.file, 4)->odd, ZIP_ODD_PATH);
    assert_int_equal(zip_get(scene.file, 5)->odd, ZIP_ODD_PATH);
    assert_int_equal(zip_get(scene.file, 6)->odd, ZIP_ODD_DOUBLE);
    assert_int_equal(zip_find(scene.file, HN_TEXT("twice")), 7);
    assert_int_equal(zip_get(scene.file, 8)->odd, ZIP_ODD_LOCAL_ONLY);
    check_text(zip_get(scene.file, 8)->name, "hidden.exe");
    check_entry(&scene, 8, NULL, "MZ hidden");
    assert_int_equal(
            zip_open(&scene.arena, bytes_of("no zip at all"), NULL, &scene.file, NULL), HN_CORRUPT);
    assert_int_equal(read_one(&scene, 0, NULL, &bytes), HN_OK);
    end(&scene);
}

/* Two archives one behind the other: Windows shows the last, the first is found as hidden. */
static void archives_behind_each_other(void **state)
{
    struct scene scene;
    struct zip_writer second = { 0 };
    struct zip_writer_entry entry = { .name = HN_TEXT("b"), .data = bytes_of("second") };
    struct hn_bytes bytes;

    (void)state;
    start(&scene);
    add(&scene, "a", "first", false);
    (void)zip_writer_end(&scene.writer, true);
    zip_writer_add(&second, &entry);
    bytes = zip_writer_end(&second, true);
    hn_buf_add(&scene.writer.out, bytes.ptr, bytes.len);
    open_all(&scene, hn_text_as_bytes(hn_buf_text(&scene.writer.out)));
    assert_int_equal(zip_count(scene.file), 2);
    check_entry(&scene, 0, NULL, "second");
    check_entry(&scene, 1, NULL, "first");
    assert_int_equal(zip_get(scene.file, 1)->odd, ZIP_ODD_LOCAL_ONLY);
    zip_writer_deinit(&second);
    end(&scene);
}

static void passwords_open_what_they_fit(void **state)
{
    struct scene scene;
    uint32_t index = 0;
    struct hn_bytes bytes;

    (void)state;
    start(&scene);
    for (uint8_t strength = 0; strength <= 3; strength++) {
        for (uint16_t version = 1; version <= 2; version++) {
            struct zip_writer_entry entry = { .name = HN_TEXT("e"),
                .data = bytes_of(HELLO),
                .deflate = version == 1,
                .password = "infected",
                .aes_strength = strength,
                .aes_version = version };

            zip_writer_add(&scene.writer, &entry);
        }
    }
    open_all(&scene, zip_writer_end(&scene.writer, true));
    for (index = 0; index < zip_count(scene.file); index++) {
        assert_true(zip_get(scene.file, index)->encrypted);
        assert_int_equal(zip_get(scene.file, index)->aes, index >= 2);
        assert_int_equal(read_one(&scene, index, NULL, &bytes), HN_NOTFOUND);
        assert_int_equal(read_one(&scene, index, "", &bytes), HN_NOTFOUND);
        check_entry(&scene, index, "infected", HELLO);
        assert_int_equal(zip_get(scene.file, index)->odd & ~(uint32_t)ZIP_ODD_DOUBLE, 0);
    }
    /* Of a thousand wrong ones some pass the check byte: none opens it. */
    for (int i = 0; i < 1000; i++) {
        char wrong[24];

        (void)snprintf(wrong, sizeof wrong, "wrong%d", i);
        assert_int_equal(read_one(&scene, (uint32_t)i % 2, wrong, &bytes), HN_NOTFOUND);
    }
    assert_int_equal(zip_get(scene.file, 0)->odd & ~(uint32_t)ZIP_ODD_DOUBLE, 0);
    end(&scene);
}

static void unknown_methods_are_named(void **state)
{
    struct scene scene;
    struct hn_err err = { 0 };
    struct hn_bytes bytes;
    struct zip_writer_entry entry = { .name = HN_TEXT("l"),
        .data = bytes_of("?"),
        .packed_given = true,
        .raw_method = 14,
        .raw_size = 9 };

    (void)state;
    start(&scene);
    zip_writer_add(&scene.writer, &entry);
    open_all(&scene, zip_writer_end(&scene.writer, true));
    assert_int_equal(
            zip_read(scene.file, 0, hn_text_of(NULL, 0), NULL, NULL, &bytes, &err), HN_UNSUPPORTED);
    assert_string_equal(err.msg, "lzma (method 14)");
    end(&scene);
}

/* Entries of one local header, as in the bombs of David Fifield. */
static void shared_bytes_are_noted(void **state)
{
    struct scene scene;
    struct zip_writer_entry again = {
        .name = HN_TEXT("b"), .data = bytes_of(HELLO), .deflate = true, .same_place = true
    };

    (void)state;
    start(&scene);
    add(&scene, "a", HELLO, true);
    zip_writer_add(&scene.writer, &again);
    open_all(&scene, zip_writer_end(&scene.writer, true));
    assert_true((zip_get(scene.file, 0)->odd & ZIP_ODD_OVERLAP) != 0);
    assert_int_equal(zip_get(scene.file, 1)->odd, ZIP_ODD_OVERLAP | ZIP_ODD_NAME);
    end(&scene);
}

/* ---- Limits ---- */

struct allowance {
    uint64_t left;
    uint64_t asked;
};

static bool allow_some(void *ctx, uint64_t packed_bytes, uint64_t more)
{
    struct allowance *allowance = ctx;

    (void)packed_bytes;
    allowance->asked += more;
    if (more > allowance->left)
        return false;
    allowance->left -= more;
    return true;
}

static void what_is_not_allowed_stops(void **state)
{
    struct scene scene;
    struct allowance allowance = { .left = 300000 };
    struct hn_bytes bytes;
    char *data = test_malloc(1 << 20);
    struct zip_writer_entry entry = { .name = HN_TEXT("big"), .deflate = true };

    (void)state;
    for (size_t i = 0; i < 1 << 20; i++)
        data[i] = (char)(i * i >> 3);
    entry.data = hn_bytes_of(data, 1 << 20);
    start(&scene);
    zip_writer_add(&scene.writer, &entry);
    open_all(&scene, zip_writer_end(&scene.writer, true));
    assert_int_equal(
            zip_read(scene.file, 0, hn_text_of(NULL, 0), allow_some, &allowance, &bytes, NULL),
            HN_LIMIT);
    assert_in_range(bytes.len, 1, 300000);
    assert_memory_equal(bytes.ptr, data, bytes.len);
    assert_int_equal(zip_get(scene.file, 0)->odd, ZIP_ODD_LIMIT);
    test_free(data);
    end(&scene);
}

/* Half a gigabyte of zeros behind a document: the document comes out, the zeros are not kept. */
static void padding_is_left_out(void **state)
{
    struct scene scene;
    struct allowance allowance = { .left = 16 << 20 };
    struct hn_bytes bytes;
    size_t size = (size_t)200 << 20;
    uint8_t *data = calloc(1, size);
    struct zip_writer_entry entry = { .name = HN_TEXT("padded.doc"), .deflate = true };

    (void)state;
    assert_non_null(data);
    memcpy(data, HELLO, sizeof HELLO);
    entry.data = hn_bytes_of(data, size);
    start(&scene);
    zip_writer_add(&scene.writer, &entry);
    open_all(&scene, zip_writer_end(&scene.writer, true));
    assert_int_equal(
            zip_read(scene.file, 0, hn_text_of(NULL, 0), allow_some, &allowance, &bytes, NULL),
            HN_OK);
    assert_int_equal(zip_get(scene.file, 0)->odd, ZIP_ODD_PADDED);
    assert_int_equal(bytes.len + zip_get(scene.file, 0)->padding, size);
    assert_in_range(bytes.len, ZIP_RUN_BYTES, ZIP_RUN_BYTES + (1 << 20));
    assert_memory_equal(bytes.ptr, HELLO, sizeof HELLO);
    free(data);
    end(&scene);
}

/* A run with something behind it is part of the file. */
static void runs_in_the_middle_stay(void **state)
{
    struct scene scene;
    struct hn_bytes bytes;
    size_t size = (size_t)20 << 20;
    uint8_t *data = calloc(1, size);
    struct zip_writer_entry entry = { .name = HN_TEXT("disk"), .deflate = true };

    (void)state;
    assert_non_null(data);
    memcpy(data, HELLO, sizeof HELLO);
    data[size - 1] = 7;
    entry.data = hn_bytes_of(data, size);
    start(&scene);
    zip_writer_add(&scene.writer, &entry);
    open_all(&scene, zip_writer_end(&scene.writer, true));
    assert_int_equal(read_one(&scene, 0, NULL, &bytes), HN_OK);
    assert_int_equal(bytes.len, size);
    assert_memory_equal(bytes.ptr, data, size);
    assert_int_equal(zip_get(scene.file, 0)->odd, 0);
    free(data);
    end(&scene);
}

static void too_many_entries_are_a_limit(void **state)
{
    struct scene scene;
    struct zip_limits limits = zip_limits_default;

    (void)state;
    limits.entries_max = 10;
    start(&scene);
    for (int i = 0; i < 20; i++)
        add(&scene, "n", "x", false);
    assert_int_equal(
            zip_open(&scene.arena, zip_writer_end(&scene.writer, true), &limits, &scene.file, NULL),
            HN_OK);
    assert_int_equal(zip_count(scene.file), 10);
    assert_true((zip_odd(scene.file) & ZIP_ODD_LIMIT) != 0);
    end(&scene);
}

/* ---- Damage and memory ---- */

static struct hn_bytes mixed(struct scene *scene)
{
    struct zip_writer_entry secret = { .name = HN_TEXT("s"),
        .data = bytes_of(HELLO),
        .deflate = true,
        .password = "p",
        .aes_strength = 1 };
    struct zip_writer_entry old = {
        .name = HN_TEXT("o"), .data = bytes_of(HELLO), .descriptor = true, .password = "p"
    };

    add(scene, "a.txt", HELLO, true);
    zip_writer_add(&scene->writer, &secret);
    zip_writer_add(&scene->writer, &old);
    add(scene, "b/c.txt", "stored", false);
    return zip_writer_end(&scene->writer, true);
}

static void read_all(struct scene *scene, struct hn_bytes bytes)
{
    if (zip_open(&scene->arena, bytes, NULL, &scene->file, NULL) != HN_OK)
        return;
    for (uint32_t i = 0; i < zip_count(scene->file); i++) {
        struct hn_bytes content;

        (void)!zip_read(scene->file, i, HN_TEXT("p"), NULL, NULL, &content, NULL);
    }
    (void)zip_find(scene->file, HN_TEXT("b/c.txt"));
}

/* Every prefix is read as far as it goes, in memory of exactly its size. */
static void every_truncation_is_survived(void **state)
{
    struct scene scene;
    struct hn_bytes whole;

    (void)state;
    start(&scene);
    whole = mixed(&scene);
    for (size_t len = 0; len < whole.len; len++) {
        uint8_t *copy = malloc(len + (len == 0));

        assert_non_null(copy);
        memcpy(copy, whole.ptr, len);
        read_all(&scene, hn_bytes_of(copy, len));
        hn_arena_reset(&scene.arena);
        free(copy);
    }
    end(&scene);
}

static void every_allocation_may_fail(void **state)
{
    struct scene scene;
    struct hn_bytes whole;

    (void)state;
    start(&scene);
    whole = mixed(&scene);
    for (uint64_t n = 1;; n++) {
        uint64_t hits;

        hn_arena_deinit(&scene.arena);
        hn_arena_init(&scene.arena, (size_t)1 << 20);
        hn_mem_fail_from(n);
        read_all(&scene, whole);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        if (hits == 0)
            break;
    }
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_listed_and_read),
        cmocka_unit_test(descriptors_and_zip64_are_read),
        cmocka_unit_test(local_headers_are_enough),
        cmocka_unit_test(lies_are_noted),
        cmocka_unit_test(archives_behind_each_other),
        cmocka_unit_test(passwords_open_what_they_fit),
        cmocka_unit_test(unknown_methods_are_named),
        cmocka_unit_test(shared_bytes_are_noted),
        cmocka_unit_test(what_is_not_allowed_stops),
        cmocka_unit_test(padding_is_left_out),
        cmocka_unit_test(runs_in_the_middle_stay),
        cmocka_unit_test(too_many_entries_are_a_limit),
        cmocka_unit_test(every_truncation_is_survived),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
