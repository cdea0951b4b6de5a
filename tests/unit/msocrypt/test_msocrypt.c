/* test_msocrypt.c - documents that tests/support/crypt_writer encrypted are opened with the right
 * password and no other; then damage. */
#include "msocrypt/msocrypt.h"

#include "base/mem.h"
#include "support/crypt_writer.h"
#include "support/shared.h"

#include <stdio.h>
#include <stdlib.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

/* A package of several segments and an odd length. */
static struct hn_bytes package(void)
{
    static uint8_t bytes[9001];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)((i * 7 + i / 256) & 0xFF);
    return hn_bytes_of(bytes, sizeof bytes);
}

static enum hn_status open_with(struct hn_arena *arena, const struct hn_buf *file,
        const char *password, struct msocrypt_result *ret_result)
{
    const struct hn_text passwords[] = { HN_TEXT_INIT("wrong"), hn_text_cstr(password) };
    struct ole_file *ole = NULL;
    enum hn_status status = ole_open(arena, hn_text_as_bytes(hn_buf_text(file)), NULL, &ole, NULL);

    if (status != HN_OK)
        return status;
    return msocrypt_open(arena, ole, passwords, HN_COUNT_OF(passwords), ret_result, NULL);
}

static void check_package(struct hn_buf *file, const char *password, enum msocrypt_kind kind)
{
    struct hn_arena arena;
    struct msocrypt_result result = { 0 };

    hn_arena_init(&arena, (size_t)64 << 20);
    assert_int_equal(open_with(&arena, file, "not it", &result), HN_OK);
    assert_int_equal(result.kind, kind);
    assert_false(result.opened);
    assert_true(result.bytes.len == 0 && result.tried >= 10);
    assert_int_equal(open_with(&arena, file, password, &result), HN_OK);
    assert_int_equal(result.kind, kind);
    assert_true(result.opened && !result.usual_password && !result.forged && !result.damaged);
    assert_true(hn_text_eq(result.password, hn_text_cstr(password)));
    assert_int_equal(result.bytes.len, package().len);
    assert_memory_equal(result.bytes.ptr, package().ptr, package().len);
    hn_arena_deinit(&arena);
    hn_buf_deinit(file);
}

#define JAPANESE "\xE5\xAF\x86\xE3\x81\xAE\xE8\xA8\x80\xE8\x91\x89"

static void agile_packages_are_opened(void **state)
{
    static const char *const hashes[] = { "SHA1", "SHA256", "SHA384", "SHA512" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(hashes); i++) {
        for (unsigned bits = 128; bits <= 256; bits += 64) {
            struct hn_buf file = { 0 };

            crypt_writer_agile(&file, package(), JAPANESE, hashes[i], bits, 100);
            check_package(&file, JAPANESE, MSOCRYPT_AGILE);
        }
    }
}

static void standard_packages_are_opened(void **state)
{
    (void)state;
    for (unsigned bits = 128; bits <= 256; bits += 64) {
        struct hn_buf file = { 0 };

        crypt_writer_standard(&file, package(), JAPANESE, bits);
        check_package(&file, JAPANESE, MSOCRYPT_STANDARD);
    }
}

/* Several are tried at once: the one that fits is found wherever it stands among them, as it is in
 * batches that are full, begun or of one. */
static void the_place_of_a_password_does_not_matter(void **state)
{
    static const char *const hashes[] = { "SHA1", "SHA256", "SHA512" };
    enum { MOST = 37 };

    (void)state;
    for (size_t h = 0; h < HN_COUNT_OF(hashes); h++) {
        struct hn_buf file = { 0 };

        crypt_writer_agile(&file, package(), JAPANESE, hashes[h], 256, 1001);
        for (size_t place = 0; place < MOST; place += 1 + place / 4) {
            struct hn_text passwords[MOST];
            struct hn_arena arena;
            struct msocrypt_result result = { 0 };
            struct ole_file *ole = NULL;

            for (size_t i = 0; i < MOST; i++)
                passwords[i] = i == place ? HN_TEXT(JAPANESE) : HN_TEXT("wrong");
            hn_arena_init(&arena, (size_t)64 << 20);
            assert_int_equal(
                    ole_open(&arena, hn_text_as_bytes(hn_buf_text(&file)), NULL, &ole, NULL),
                    HN_OK);
            assert_int_equal(msocrypt_open(&arena, ole, passwords, MOST, &result, NULL), HN_OK);
            assert_true(result.opened && !result.usual_password && !result.gave_up);
            assert_int_equal(result.tried, 1 + place + 1);
            assert_true(hn_text_eq(result.password, HN_TEXT(JAPANESE)));
            assert_memory_equal(result.bytes.ptr, package().ptr, package().len);
            hn_arena_deinit(&arena);
        }
        hn_buf_deinit(&file);
    }
}

/* The usual password is found although others are given, and said to be the usual one. */
static void usual_passwords_are_tried(void **state)
{
    struct hn_buf file = { 0 };
    struct hn_arena arena;
    struct msocrypt_result result = { 0 };

    (void)state;
    crypt_writer_agile(&file, package(), "VelvetSweatshop", "SHA512", 256, 1000);
    hn_arena_init(&arena, (size_t)64 << 20);
    assert_int_equal(open_with(&arena, &file, "x", &result), HN_OK);
    assert_true(result.opened && result.usual_password && result.tried == 1);
    assert_true(hn_text_eq(result.scheme, HN_TEXT("Agile, AES-256, SHA512, 1000 rounds")));
    hn_arena_deinit(&arena);
    hn_buf_deinit(&file);
}

static void rounds_are_bounded(void **state)
{
    struct hn_buf file = { 0 };
    struct hn_arena arena;
    struct msocrypt_result result = { 0 };
    char *spins;

    (void)state;
    crypt_writer_agile(&file, package(), "x", "SHA1", 128, 9999);
    /* The document now asks for 99,999,999 rounds: more digits where spaces are no harm. */
    for (size_t i = 0; i + 24 < file.len; i++) {
        if (memcmp(file.ptr + i, "spinCount=\"9999\" saltSize", 24) == 0) {
            spins = file.ptr + i;
            memcpy(spins, "spinCount=\"99999999\"    ", 21);
            memmove(spins + 21, "      ", 3);
        }
    }
    hn_arena_init(&arena, (size_t)64 << 20);
    assert_int_equal(open_with(&arena, &file, "x", &result), HN_OK);
    assert_int_equal(result.kind, MSOCRYPT_AGILE);
    assert_true(result.gave_up && !result.opened);
    hn_arena_deinit(&arena);
    hn_buf_deinit(&file);
}

static void forged_packages_are_told(void **state)
{
    struct hn_buf file = { 0 };
    struct hn_arena arena;
    struct msocrypt_result result = { 0 };
    size_t at = 0;

    (void)state;
    crypt_writer_agile(&file, package(), "x", "SHA512", 256, 10);
    /* A byte of the encrypted data, which lies in the only stream this long. */
    for (size_t i = 512; i + 8 < file.len && at == 0; i += 512)
        if (memcmp(file.ptr + i, "\x29\x23\0\0\0\0\0\0", 8) == 0)
            at = i + 100;
    assert_true(at > 0);
    file.ptr[at] = (char)(file.ptr[at] ^ 1);
    hn_arena_init(&arena, (size_t)64 << 20);
    assert_int_equal(open_with(&arena, &file, "x", &result), HN_OK);
    assert_true(result.opened && result.forged);
    hn_arena_deinit(&arena);
    hn_buf_deinit(&file);
}

/* ---- Binary documents ---- */

static struct hn_bytes stream_of(struct hn_arena *arena, struct hn_bytes file, const char *path)
{
    struct ole_file *ole = NULL;
    struct hn_bytes bytes = { 0 };
    uint32_t entry;

    assert_int_equal(ole_open(arena, file, NULL, &ole, NULL), HN_OK);
    assert_int_equal(ole_odd(ole), 0);
    entry = ole_find(ole, hn_text_cstr(path));
    assert_true(entry != OLE_NONE);
    assert_int_equal(ole_read(ole, entry, &bytes, NULL), HN_OK);
    return bytes;
}

static const struct {
    enum crypt_writer_kind kind;
    enum msocrypt_kind is;
    unsigned key_bits;
    const char *password;
} legacy_kinds[] = {
    { CRYPT_WRITER_RC4, MSOCRYPT_RC4, 40, JAPANESE },
    { CRYPT_WRITER_CRYPTOAPI, MSOCRYPT_CRYPTOAPI, 40, JAPANESE },
    { CRYPT_WRITER_CRYPTOAPI, MSOCRYPT_CRYPTOAPI, 56, "p" },
    { CRYPT_WRITER_CRYPTOAPI, MSOCRYPT_CRYPTOAPI, 128, "a longer password with spaces" },
    { CRYPT_WRITER_XOR, MSOCRYPT_XOR, 0, "abc" },
};

/* Records longer and shorter than a block of 1,024, among them some that stay as they are. */
static size_t make_workbook(uint8_t *out, size_t filepass)
{
    static const struct {
        unsigned type;
        size_t len;
    } records[] = { { 0x809, 16 }, { 0x42, 2 }, { 0xE1, 2 }, { 0x85, 20 }, { 0xFC, 2500 },
        { 0x85, 3 }, { 0x3C, 0 }, { 0xFD, 1020 }, { 0x0A, 0 } };
    size_t at = 0;

    for (size_t i = 0; i < HN_COUNT_OF(records); i++) {
        out[at++] = (uint8_t)(records[i].type & 0xFF);
        out[at++] = (uint8_t)(records[i].type >> 8);
        out[at++] = (uint8_t)(records[i].len & 0xFF);
        out[at++] = (uint8_t)(records[i].len >> 8);
        for (size_t k = 0; k < records[i].len; k++)
            out[at++] = (uint8_t)((k * 5 + i) & 0xFF);
        if (i == 0)
            at += filepass;
    }
    return at;
}

static void workbooks_are_opened(void **state)
{
    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(legacy_kinds); i++) {
        static uint8_t plain[8192];
        static uint8_t wanted[8192];
        struct hn_buf file = { 0 };
        struct hn_arena arena;
        struct msocrypt_result result = { 0 };
        struct hn_bytes stream;
        size_t len = make_workbook(plain, 0);
        size_t filepass;

        crypt_writer_xls(&file, hn_bytes_of(plain, len), legacy_kinds[i].password,
                legacy_kinds[i].kind, legacy_kinds[i].key_bits);
        hn_arena_init(&arena, (size_t)64 << 20);
        assert_int_equal(open_with(&arena, &file, "no", &result), HN_OK);
        assert_int_equal(result.kind, legacy_kinds[i].is);
        assert_false(result.opened);
        assert_int_equal(open_with(&arena, &file, legacy_kinds[i].password, &result), HN_OK);
        assert_true(result.opened && !result.damaged);
        stream = stream_of(&arena, result.bytes, "Workbook");
        filepass = stream.len - len;
        memset(wanted, 0, sizeof wanted);
        assert_int_equal(make_workbook(wanted, filepass), stream.len);
        assert_memory_equal(stream.ptr, wanted, 20);
        assert_int_equal(stream.ptr[20], 0); /* FILEPASS no more */
        assert_memory_equal(
                stream.ptr + 20 + filepass, wanted + 20 + filepass, stream.len - 20 - filepass);
        stream = stream_of(&arena, result.bytes, "Other/Stream");
        assert_memory_equal(stream.ptr, "left alone", 10);
        hn_arena_deinit(&arena);
        hn_buf_deinit(&file);
    }
}

static void documents_are_opened(void **state)
{
    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(legacy_kinds); i++) {
        static uint8_t word[1500] = { 0xEC, 0xA5 };
        static uint8_t table[1300];
        struct hn_buf file = { 0 };
        struct hn_arena arena;
        struct msocrypt_result result = { 0 };
        struct hn_bytes stream;

        for (size_t k = 68; k < sizeof word; k++)
            word[k] = (uint8_t)(k * 3 & 0xFF);
        for (size_t k = 0; k < sizeof table; k++)
            table[k] = (uint8_t)(k * 11 & 0xFF);
        word[11] = i % 2 == 0 ? 0x02 : 0x00; /* which table stream */
        crypt_writer_doc(&file, hn_bytes_of(word, sizeof word), hn_bytes_of(table, sizeof table),
                legacy_kinds[i].password, legacy_kinds[i].kind, legacy_kinds[i].key_bits);
        hn_arena_init(&arena, (size_t)64 << 20);
        assert_int_equal(open_with(&arena, &file, "no", &result), HN_OK);
        assert_int_equal(result.kind, legacy_kinds[i].is);
        assert_false(result.opened);
        assert_int_equal(open_with(&arena, &file, legacy_kinds[i].password, &result), HN_OK);
        assert_true(result.opened && !result.damaged);
        stream = stream_of(&arena, result.bytes, "WordDocument");
        assert_int_equal(stream.len, sizeof word);
        assert_memory_equal(stream.ptr, word, sizeof word);
        stream = stream_of(&arena, result.bytes, i % 2 == 0 ? "1Table" : "0Table");
        assert_true(stream.len >= sizeof table);
        assert_memory_equal(stream.ptr + stream.len - sizeof table, table, sizeof table);
        stream = stream_of(&arena, result.bytes, "Macros/VBA/dir");
        assert_memory_equal(stream.ptr, "left alone", 10);
        hn_arena_deinit(&arena);
        hn_buf_deinit(&file);
    }
}

static void presentations_are_opened(void **state)
{
    static uint8_t record[3008] = { 0x0F, 0, 0xE8, 0x03, 0xB8, 0x0B, 0, 0 };

    (void)state;
    for (size_t k = 8; k < sizeof record; k++)
        record[k] = (uint8_t)(k * 13 & 0xFF);
    for (unsigned bits = 40; bits <= 128; bits += 88) {
        struct hn_buf file = { 0 };
        struct hn_arena arena;
        struct msocrypt_result result = { 0 };
        struct hn_bytes stream;

        crypt_writer_ppt(&file, hn_bytes_of(record, sizeof record), "/01Hannes Ruescher/01", bits);
        hn_arena_init(&arena, (size_t)64 << 20);
        assert_int_equal(open_with(&arena, &file, "no", &result), HN_OK);
        assert_int_equal(result.kind, MSOCRYPT_CRYPTOAPI);
        assert_true(result.opened && result.usual_password);
        stream = stream_of(&arena, result.bytes, "PowerPoint Document");
        assert_memory_equal(stream.ptr + 8, record, sizeof record);
        stream = stream_of(&arena, result.bytes, "Current User");
        assert_memory_equal(stream.ptr + 12, "\x5F\xC0\x91\xE3", 4);
        hn_arena_deinit(&arena);
        hn_buf_deinit(&file);
    }
}

/* ---- Damage ---- */

static void write_one(struct hn_buf *out, unsigned which)
{
    static uint8_t workbook[8192];
    static const uint8_t record[24] = { 0x0F, 0, 0xE8, 0x03, 16, 0, 0, 0 };

    if (which == 0)
        crypt_writer_agile(out, hn_bytes_of("PK package", 10), "x", "SHA1", 128, 2);
    else if (which == 1) {
        crypt_writer_xls(out, hn_bytes_of(workbook, make_workbook(workbook, 0)), "x",
                CRYPT_WRITER_CRYPTOAPI, 128);
    } else {
        crypt_writer_ppt(out, hn_bytes_of(record, sizeof record), "x", 40);
    }
}

static void every_truncation_is_survived(void **state)
{
    (void)state;
    for (unsigned which = 0; which < 3; which++) {
        struct hn_buf file = { 0 };

        write_one(&file, which);
        for (size_t len = 0; len < file.len; len += 61) {
            struct hn_arena arena;
            struct msocrypt_result result = { 0 };
            struct hn_buf copy = { 0 };

            hn_buf_add(&copy, file.ptr, len);
            hn_arena_init(&arena, (size_t)64 << 20);
            (void)open_with(&arena, &copy, "x", &result);
            assert_true(result.bytes.len == 0 || result.opened);
            hn_arena_deinit(&arena);
            hn_buf_deinit(&copy);
        }
        hn_buf_deinit(&file);
    }
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (unsigned which = 0; which < 3; which++) {
        struct hn_buf file = { 0 };

        write_one(&file, which);
        for (uint64_t n = 1;; n++) {
            struct hn_arena arena;
            struct msocrypt_result result = { 0 };
            uint64_t hits;
            enum hn_status status;

            hn_arena_init(&arena, (size_t)64 << 20);
            hn_mem_fail_from(n);
            status = open_with(&arena, &file, "x", &result);
            hits = hn_mem_fail_hits();
            hn_mem_fail_from(0);
            hn_arena_deinit(&arena);
            if (hits == 0) {
                assert_true(status == HN_OK && result.opened);
                break;
            }
        }
        hn_buf_deinit(&file);
    }
}

/* ---- Real files ---- */

static const struct {
    const char *name;
    enum msocrypt_kind kind;
    bool opens; /* with a usual password; nobody tells those of the others */
    size_t len; /* of the package, equal to msoffcrypto-tool's; 0: a compound file */
} real_files[] = {
    { "autostart-encrypt-standardpassword.xls", MSOCRYPT_RC4, true, 0 },
    { "autostart-encrypt-standardpassword.xlsb", MSOCRYPT_AGILE, true, 12550 },
    { "autostart-encrypt-standardpassword.xlsm", MSOCRYPT_AGILE, true, 13247 },
    { "dde-test-encrypt-standardpassword.xls", MSOCRYPT_RC4, true, 0 },
    { "dde-test-encrypt-standardpassword.xlsb", MSOCRYPT_AGILE, true, 8378 },
    { "dde-test-encrypt-standardpassword.xlsm", MSOCRYPT_AGILE, true, 9138 },
    { "dde-test-encrypt-standardpassword.xlsx", MSOCRYPT_AGILE, true, 9121 },
    { "encrypted.doc", MSOCRYPT_RC4, false, 0 },
    { "encrypted.docm", MSOCRYPT_AGILE, false, 0 },
    { "encrypted.docx", MSOCRYPT_AGILE, false, 0 },
    { "encrypted.ppt", MSOCRYPT_CRYPTOAPI, false, 0 },
    { "encrypted.pptm", MSOCRYPT_AGILE, false, 0 },
    { "encrypted.pptx", MSOCRYPT_AGILE, false, 0 },
    { "encrypted.xls", MSOCRYPT_RC4, false, 0 },
    { "encrypted.xlsb", MSOCRYPT_AGILE, false, 0 },
    { "encrypted.xlsm", MSOCRYPT_AGILE, false, 0 },
    { "encrypted.xlsx", MSOCRYPT_AGILE, false, 0 },
};

static void real_files_are_opened(void **state)
{
    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(real_files); i++) {
        char below[200];
        char *path;
        struct hn_bytes bytes;
        struct hn_buf file = { 0 };
        struct hn_arena arena;
        struct msocrypt_result result = { 0 };

        (void)snprintf(below, sizeof below, "data/documents/oletools/tests/test-data/encrypted/%s",
                real_files[i].name);
        path = shared_path_or_skip(below);
        bytes = shared_read(path);
        free(path);
        hn_buf_add(&file, bytes.ptr, bytes.len);
        hn_arena_init(&arena, (size_t)64 << 20);
        assert_int_equal(open_with(&arena, &file, "no", &result), HN_OK);
        assert_int_equal(result.kind, real_files[i].kind);
        assert_int_equal(result.opened, real_files[i].opens);
        assert_false(result.forged || result.damaged || result.gave_up);
        if (real_files[i].len > 0)
            assert_int_equal(result.bytes.len, real_files[i].len);
        if (real_files[i].opens && real_files[i].len == 0)
            assert_true(stream_of(&arena, result.bytes, "Workbook").len > 0);
        hn_arena_deinit(&arena);
        hn_buf_deinit(&file);
        shared_free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agile_packages_are_opened),
        cmocka_unit_test(standard_packages_are_opened),
        cmocka_unit_test(the_place_of_a_password_does_not_matter),
        cmocka_unit_test(usual_passwords_are_tried),
        cmocka_unit_test(rounds_are_bounded),
        cmocka_unit_test(forged_packages_are_told),
        cmocka_unit_test(workbooks_are_opened),
        cmocka_unit_test(documents_are_opened),
        cmocka_unit_test(presentations_are_opened),
        cmocka_unit_test(every_truncation_is_survived),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(real_files_are_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
