/* test_locked.c - encrypted 7z and rar archives: files come out with the right password, wrong ones
 * are known as such, and damage, truncation and lack of memory are survived. */
#include "open.h"

#include "arclock/arclock.h"
#include "base/mem.h"
#include "support/lock_writer.h"

#include <stdio.h>
#include <stdlib.h>

typedef void write_archive(const struct lock_writer *writer, struct hn_buf *out);

static const struct {
    const char *name;
    write_archive *write;
    enum dissect_format format;
    bool headers;
    bool no_check;
    bool tweaked;
} kinds[] = {
    { "a.7z", lock_write_7z, DISSECT_7Z, false, false, false },
    { "sealed.7z", lock_write_7z, DISSECT_7Z, true, false, false },
    { "a3.rar", lock_write_rar3, DISSECT_RAR, false, false, false },
    { "sealed3.rar", lock_write_rar3, DISSECT_RAR, true, false, false },
    { "a5.rar", lock_write_rar5, DISSECT_RAR, false, false, false },
    { "tweaked5.rar", lock_write_rar5, DISSECT_RAR, false, false, true },
    { "sealed5.rar", lock_write_rar5, DISSECT_RAR, true, false, false },
    { "unchecked5.rar", lock_write_rar5, DISSECT_RAR, true, true, false },
};

#define README  "hello from an archive\n"
#define INVOICE "an invoice of exactly 32 bytes.."

static void write_kind(size_t kind, const char *password, struct hn_buf *out)
{
    static const struct lock_file files[] = {
        { .name = "empty.txt", .data = { (const uint8_t *)"", 0 } },
        { .name = "readme.txt", .data = { (const uint8_t *)README, sizeof README - 1 } },
        { .name = "invoice.pdf", .data = { (const uint8_t *)INVOICE, sizeof INVOICE - 1 } },
    };
    /* Empty files have no stream in 7z. */
    bool sevenzip = kinds[kind].format == DISSECT_7Z;
    struct lock_writer writer = { .files = sevenzip ? files + 1 : files,
        .count = sevenzip ? 2 : 3,
        .password = password,
        .work = 6,
        .headers = kinds[kind].headers,
        .no_check = kinds[kind].no_check,
        .tweaked = kinds[kind].tweaked };

    hn_buf_reset(out);
    kinds[kind].write(&writer, out);
}

static struct dissect *tree_over(struct hn_bytes bytes, enum dissect_format format,
        const char *password, const struct dissect_limits *limits)
{
    struct dissect *dissect = dissect_new(limits);
    struct dissect_child sample = { .format = format,
        .name = HN_TEXT("sample"),
        .relation = "sample",
        .data = bytes,
        .borrowed = true };

    assert_non_null(dissect);
    assert_int_equal(dissect_child(dissect, DISSECT_NONE, &sample, NULL), HN_OK);
    dissect_password_add(dissect, HN_TEXT("wrong"));
    if (password != NULL)
        dissect_password_add(dissect, hn_text_cstr(password));
    assert_int_equal(container_open_archive(dissect, 0, NULL), HN_OK);
    return dissect;
}

static struct hn_bytes bytes_of(const struct hn_buf *buf)
{
    return hn_text_as_bytes(hn_buf_text(buf));
}

static void files_come_out_with_the_right_password(void **state)
{
    static const char password[] = "\xE3\x81\xB2 1234";
    struct hn_buf out = { 0 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++) {
        struct dissect *dissect;

        (void)fprintf(stderr, "%s\n", kinds[i].name);
        write_kind(i, password, &out);
        dissect = tree_over(bytes_of(&out), kinds[i].format, password, NULL);
        if (getenv("HN_SHOW") != NULL)
            print_tree(dissect);
        check_child(dissect, "readme.txt", README);
        check_child(dissect, "invoice.pdf", INVOICE);
        check_text(fact_of(dissect, 0, "password", 0), password);
        check_text(fact_of(dissect, 0, "encrypted", 0), "true");
        check_text(fact_of(dissect, 0, "encrypted_names", 0), kinds[i].headers ? "true" : "false");
        assert_non_null(note_of(dissect, 0, DISSECT_NOTE_DECRYPTED).ptr);
        assert_null(note_of(dissect, 0, DISSECT_NOTE_PASSWORD).ptr);
        assert_null(note_of(dissect, 0, DISSECT_NOTE_DAMAGED).ptr);
        dissect_free(dissect);
    }
    hn_buf_deinit(&out);
}

static void wrong_passwords_give_no_files(void **state)
{
    struct hn_buf out = { 0 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++) {
        struct dissect *dissect;

        write_kind(i, "not told", &out);
        dissect = tree_over(bytes_of(&out), kinds[i].format, "guess", NULL);
        assert_non_null(note_of(dissect, 0, DISSECT_NOTE_PASSWORD).ptr);
        assert_null(note_of(dissect, 0, DISSECT_NOTE_DECRYPTED).ptr);
        assert_null(fact_of(dissect, 0, "password", 0).ptr);
        check_text(fact_of(dissect, 0, "encrypted", 0), "true");
        for (uint32_t id = 1; id < dissect_count(dissect); id++) /* the empty file alone */
            assert_int_equal(dissect_get(dissect, id)->data.len, 0);
        dissect_free(dissect);
    }
    hn_buf_deinit(&out);
}

/* The library's own writer is read by it as it stands, too: what is not encrypted stays as it was.
 */
static void archives_without_encryption_are_left_alone(void **state)
{
    struct hn_buf out = { 0 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++) {
        struct dissect *dissect;

        if (kinds[i].headers)
            continue;
        write_kind(i, NULL, &out);
        dissect = tree_over(bytes_of(&out), kinds[i].format, "guess", NULL);
        check_child(dissect, "readme.txt", README);
        assert_null(fact_of(dissect, 0, "encrypted", 0).ptr);
        dissect_free(dissect);
    }
    hn_buf_deinit(&out);
}

/* Two files of two passwords in one rar: both come out; a third stays locked, and is told. */
static void each_file_may_have_its_password(void **state)
{
    static const struct lock_file files[] = {
        { "one", { (const uint8_t *)README, sizeof README - 1 }, "first" },
        { "two", { (const uint8_t *)INVOICE, sizeof INVOICE - 1 }, "wrong" },
        { "three", { (const uint8_t *)README, sizeof README - 1 }, "nobody knows" },
    };
    struct lock_writer writer = { .files = files, .count = 3, .password = "first", .work = 6 };
    struct hn_buf out = { 0 };
    struct dissect *dissect;

    (void)state;
    lock_write_rar5(&writer, &out);
    dissect = tree_over(bytes_of(&out), DISSECT_RAR, "first", NULL);
    check_child(dissect, "one", README);
    check_child(dissect, "two", INVOICE);
    check_text(note_of(dissect, 0, DISSECT_NOTE_PASSWORD),
            "1 files are encrypted with another password");
    dissect_free(dissect);
    hn_buf_deinit(&out);
}

/* Deriving keys has a limit over all of a sample, and it is told. */
static void work_has_a_limit(void **state)
{
    static const struct lock_file file = { .name = "a",
        .data = { (const uint8_t *)README, sizeof README - 1 } };
    struct lock_writer writer = { .files = &file, .count = 1, .password = "late", .work = 16 };
    struct dissect_limits limits = dissect_limits_default;
    struct hn_buf out = { 0 };

    (void)state;
    limits.derive_rounds_max = 100000; /* one password, not two */
    for (int i = 0; i < 2; i++) {
        struct dissect *dissect;

        hn_buf_reset(&out);
        if (i == 0)
            lock_write_7z(&writer, &out);
        else
            lock_write_rar5(&writer, &out);
        dissect = tree_over(bytes_of(&out), i == 0 ? DISSECT_7Z : DISSECT_RAR, "late", &limits);
        check_text(note_of(dissect, 0, DISSECT_NOTE_LIMIT), "derive_rounds_max");
        assert_non_null(note_of(dissect, 0, DISSECT_NOTE_PASSWORD).ptr);
        dissect_free(dissect);
    }
    hn_buf_deinit(&out);
}

/* Every prefix, in memory of exactly its size, is opened or refused; no file gets other bytes. */
static void every_truncation_is_survived(void **state)
{
    struct hn_buf out = { 0 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++) {
        size_t step = kinds[i].write == lock_write_rar3 ? 11 : 1; /* its rounds are many */

        write_kind(i, "wrong", &out);
        for (size_t len = 8; len < out.len; len += step) {
            uint8_t *copy = malloc(len);
            struct dissect *dissect;
            uint32_t id;

            assert_non_null(copy);
            memcpy(copy, out.ptr, len);
            dissect = tree_over(hn_bytes_of(copy, len), kinds[i].format, NULL, NULL);
            id = child_named(dissect, "readme.txt");
            if (id != DISSECT_NONE && dissect_get(dissect, id)->data.len == sizeof README - 1)
                check_child(dissect, "readme.txt", README);
            dissect_free(dissect);
            free(copy);
        }
    }
    hn_buf_deinit(&out);
}

static void damage_is_survived(void **state)
{
    struct check_random random = { 5 };
    struct hn_buf out = { 0 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++) {
        int rounds = kinds[i].write == lock_write_rar3 ? 10 : 300;

        for (int round = 0; round < rounds; round++) {
            write_kind(i, "wrong", &out);
            for (int k = 0; k <= round % 5; k++)
                out.ptr[8 + check_random_below(&random, (uint32_t)out.len - 8)] =
                        (char)check_random_next(&random);
            dissect_free(tree_over(bytes_of(&out), kinds[i].format, NULL, NULL));
        }
    }
    hn_buf_deinit(&out);
}

static void every_allocation_may_fail(void **state)
{
    static const size_t tried[] = { 0, 1, 4, 6 };
    struct hn_buf out = { 0 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(tried); i++) {
        write_kind(tried[i], "wrong", &out);
        open_without_memory(container_open_archive, kinds[tried[i]].format, bytes_of(&out));
    }
    hn_buf_deinit(&out);
}

/* For tools/conformance/locked_archives.py: the archives as files, in the folder it names. */
static void archives_are_written_for_others(void **state)
{
    const char *folder = getenv("HN_LOCKED_DIR");
    struct hn_buf out = { 0 };

    (void)state;
    for (size_t i = 0; folder != NULL && i < HN_COUNT_OF(kinds); i++) {
        char path[512];
        FILE *file;

        if (kinds[i].tweaked)
            continue; /* their checksums are noise */
        write_kind(i, "secret", &out);
        (void)snprintf(path, sizeof path, "%s/%s", folder, kinds[i].name);
        file = fopen(path, "wbe");
        assert_non_null(file);
        assert_int_equal(fwrite(out.ptr, 1, out.len, file), out.len);
        assert_int_equal(fclose(file), 0);
    }
    hn_buf_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_come_out_with_the_right_password),
        cmocka_unit_test(wrong_passwords_give_no_files),
        cmocka_unit_test(archives_without_encryption_are_left_alone),
        cmocka_unit_test(each_file_may_have_its_password),
        cmocka_unit_test(work_has_a_limit),
        cmocka_unit_test(every_truncation_is_survived),
        cmocka_unit_test(damage_is_survived),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(archives_are_written_for_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
