/* test_images.c - archives and disk images that the tools of others made (make_images.sh): each
 * gives the same files. */
#include "open.h"

#include "base/crc32c.h"
#include "base/mem.h"
#include "base/reader.h"

#include <stdlib.h>

#define README     "hello from an image\n"
#define LONG_BYTES ((size_t)106890)
#define WHOLE      1u /* readme.txt, folder/long.txt, folder/invoice.pdf.exe */
#define HIDDEN     2u /* folder/hidden.txt is noted as hidden */
#define FLAT       4u /* long.txt without its folder */
#define ONE        8u /* readme.txt alone */
#define NO_PROGRAM 16u

static const struct {
    const char *name;
    dissect_opener *open;
    enum dissect_format format;
    unsigned expected;
} images[] = {
    { "plain.zip", container_open_zip, DISSECT_ZIP, WHOLE },
    { "zipcrypto.zip", container_open_zip, DISSECT_ZIP, WHOLE },
    { "aes.zip", container_open_zip, DISSECT_ZIP, WHOLE },
    { "deflate64.zip", container_open_zip, DISSECT_ZIP, WHOLE },
    { "lzma.zip", container_open_zip, DISSECT_ZIP, WHOLE },
    { "bzip2.zip", container_open_zip, DISSECT_ZIP, WHOLE },
    { "a.7z", container_open_archive, DISSECT_7Z, WHOLE },
    { "a.tar", container_open_archive, DISSECT_TAR, WHOLE },
    { "a.cab", container_open_archive, DISSECT_CAB, FLAT | NO_PROGRAM },
    { "readme.txt.gz", container_open_archive, DISSECT_GZIP, ONE },
    { "readme.txt.bz2", container_open_archive, DISSECT_BZIP2, ONE },
    { "readme.txt.xz", container_open_archive, DISSECT_XZ, ONE },
    { "readme.txt.zst", container_open_archive, DISSECT_ZSTD, ONE },
    { "joliet.iso", container_open_iso, DISSECT_ISO, WHOLE },
    { "bridge.iso", container_open_iso, DISSECT_ISO, WHOLE },
    { "fat12.img", container_open_disk, DISSECT_VHD, WHOLE | HIDDEN },
    { "fat32.img", container_open_disk, DISSECT_VHD, WHOLE | HIDDEN },
    { "fixed.vhd", container_open_disk, DISSECT_VHD, WHOLE | HIDDEN },
    { "dynamic.vhd", container_open_disk, DISSECT_VHD, WHOLE | HIDDEN },
    { "disk.vhdx", container_open_disk, DISSECT_VHDX, WHOLE | HIDDEN },
    { "ntfs.img", container_open_disk, DISSECT_VHD, WHOLE | FLAT },
};

static struct dissect *open_images(char **ret_bytes)
{
    static const struct dissect_limits limits = {
        .memory_bytes_max = (size_t)512 << 20,
        .file_bytes_max = (uint64_t)64 << 20,
        .padded_bytes_max = (uint64_t)1 << 30,
        .inflated_bytes_max = (uint64_t)512 << 20,
        .ratio_free_bytes = (uint64_t)256 << 20,
        .ratio_max = 200,
        .depth_max = 12,
        .objects_max = 2000,
        .entries_max = 65536,
        .facts_max = 512,
        .stores_max = 16,
        .notes_max = 64,
        .acts_max = 16,
        .texts_max = 64,
        .derive_rounds_max = (uint64_t)1 << 22,
    };
    struct hn_text text;

    *ret_bytes = check_read_file(HN_TESTS_DIR "/unit/container/images.zip", &text);
    assert_non_null(*ret_bytes);
    return open_bytes(
            container_open_zip, DISSECT_ZIP, "images.zip", hn_text_as_bytes(text), &limits);
}

static uint32_t child_of(const struct dissect *dissect, uint32_t parent, const char *name)
{
    for (uint32_t id = parent + 1; id < dissect_count(dissect); id++) {
        if (dissect_get(dissect, id)->parent == parent &&
                hn_text_ends(dissect_get(dissect, id)->name, hn_text_cstr(name)))
            return id;
    }
    return DISSECT_NONE;
}

static void check_files(const struct dissect *dissect, uint32_t image, unsigned expected)
{
    uint32_t id = child_of(dissect, image, "readme.txt");

    assert_int_not_equal(id, DISSECT_NONE);
    check_text(hn_bytes_as_text(dissect_get(dissect, id)->data), README);
    if ((expected & ONE) != 0)
        return;
    id = child_of(dissect, image, (expected & FLAT) != 0 ? "long.txt" : "folder/long.txt");
    assert_int_not_equal(id, DISSECT_NONE);
    assert_int_equal(dissect_get(dissect, id)->data.len, LONG_BYTES);
    assert_true(hn_text_ends(hn_bytes_as_text(dissect_get(dissect, id)->data),
            HN_TEXT("line 3999 of a longer file\n")));
    if ((expected & NO_PROGRAM) == 0) {
        id = child_of(dissect, image, "invoice.pdf.exe");
        assert_int_not_equal(id, DISSECT_NONE);
        assert_non_null(note_of(dissect, id, DISSECT_NOTE_MISMATCH).ptr);
    }
    if ((expected & HIDDEN) != 0) {
        id = child_of(dissect, image, "folder/hidden.txt");
        assert_int_not_equal(id, DISSECT_NONE);
        assert_non_null(note_of(dissect, id, DISSECT_NOTE_HIDDEN).ptr);
    }
}

static void images_give_their_files(void **state)
{
    char *bytes;
    struct dissect *dissect = open_images(&bytes);

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(images); i++) {
        uint32_t id = child_named(dissect, images[i].name);

        assert_int_not_equal(id, DISSECT_NONE);
        dissect_set_format(dissect, id, images[i].format);
        (void)fprintf(stderr, "%s\n", images[i].name);
        assert_int_equal(images[i].open(dissect, id, NULL), HN_OK);
        if (getenv("HN_SHOW") != NULL)
            print_tree(dissect);
        check_files(dissect, id, images[i].expected);
    }
    dissect_free(dissect);
    hn_free(bytes);
}

/* Without its ISO 9660 half, an image gives the same files by UDF. */
static void udf_alone_is_enough(void **state)
{
    char *bytes;
    struct dissect *dissect = open_images(&bytes);
    struct hn_bytes image = dissect_get(dissect, child_named(dissect, "bridge.iso"))->data;
    uint8_t *copy = malloc(image.len);
    struct dissect *alone;

    (void)state;
    assert_non_null(copy);
    memcpy(copy, image.ptr, image.len);
    for (size_t at = 32768; at + 6 < image.len && at < 65536; at += 2048)
        if (memcmp(copy + at + 1, "CD001", 5) == 0)
            copy[at + 1] = 'X';
    alone = open_bytes(
            container_open_iso, DISSECT_UDF, "a.img", hn_bytes_of(copy, image.len), NULL);
    check_text(fact_of(alone, 0, "udf", 0), "true");
    check_files(alone, 0, WHOLE);
    dissect_free(alone);
    free(copy);
    dissect_free(dissect);
    hn_free(bytes);
}

/* ---- The log of a VHDX ---- */

#define VHDX_HEADERS ((size_t)64 << 10)
#define VHDX_SECTOR  ((size_t)4096)

static void put(uint8_t *at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> (8 * i) & 0xFFu);
}

static void seal(uint8_t *at, size_t len)
{
    put(at + 4, 0, 4);
    put(at + 4, hn_crc32c(0, hn_bytes_of(at, len)), 4);
}

/* The first sector of the block table goes into the log, and is wiped where it belongs; a sector of
 * zeros goes where nothing is. */
static void move_to_log(uint8_t *image, uint64_t table)
{
    uint8_t *header = image + VHDX_HEADERS;
    uint8_t *log = image + hn_load_u64(header + 72);
    uint8_t *sector = log + VHDX_SECTOR;
    uint8_t *moved = image + table;

    memset(log, 0, 2 * VHDX_SECTOR);
    memcpy(log, "loge", 4);
    put(log + 8, 2 * VHDX_SECTOR, 4);
    put(log + 16, 7, 8);
    put(log + 24, 2, 4);
    memset(log + 32, 0xAB, 16);
    memcpy(log + 64, "desc", 4);
    memcpy(log + 68, moved + VHDX_SECTOR - 4, 4);
    memcpy(log + 72, moved, 8);
    put(log + 80, table, 8);
    put(log + 88, 7, 8);
    memcpy(log + 96, "zero", 4);
    put(log + 104, VHDX_SECTOR, 8);
    put(log + 112, UINT64_MAX - 100, 8);
    memcpy(sector, "data", 4);
    memcpy(sector + 8, moved + 8, VHDX_SECTOR - 12);
    memset(moved, 0, VHDX_SECTOR);
    seal(log, 2 * VHDX_SECTOR);
    for (int i = 0; i < 2; i++, header += VHDX_HEADERS) {
        memset(header + 48, 0xAB, 16);
        seal(header, VHDX_SECTOR);
    }
}

static uint64_t vhdx_table(struct hn_bytes image)
{
    for (size_t at = (size_t)192 << 10; at < (size_t)256 << 10; at += 32)
        if (hn_load_u32(image.ptr + at + 16) == 0x2DC27766u)
            return hn_load_u64(image.ptr + at + 32);
    return 0;
}

/* What only the log has is found; a log that is damaged is said to be. */
static void logs_are_replayed(void **state)
{
    char *bytes;
    struct dissect *dissect = open_images(&bytes);
    struct hn_bytes image = dissect_get(dissect, child_named(dissect, "disk.vhdx"))->data;
    uint64_t table = vhdx_table(image);
    uint8_t *copy = malloc(image.len);
    struct dissect *alone;

    (void)state;
    assert_non_null(copy);
    assert_int_not_equal(table, 0);
    memcpy(copy, image.ptr, image.len);
    move_to_log(copy, table);
    alone = open_bytes(
            container_open_disk, DISSECT_VHDX, "a.vhdx", hn_bytes_of(copy, image.len), NULL);
    check_text(fact_of(alone, 0, "log_replayed", 0), "true");
    check_files(alone, 0, WHOLE);
    dissect_free(alone);
    put(copy + hn_load_u64(copy + VHDX_HEADERS + 72) + 12, VHDX_SECTOR, 4); /* another tail */
    seal(copy + hn_load_u64(copy + VHDX_HEADERS + 72), 2 * VHDX_SECTOR);
    alone = open_bytes(
            container_open_disk, DISSECT_VHDX, "a.vhdx", hn_bytes_of(copy, image.len), NULL);
    assert_non_null(note_of(alone, 0, DISSECT_NOTE_DAMAGED).ptr);
    assert_null(fact_of(alone, 0, "log_replayed", 0).ptr);
    dissect_free(alone);
    free(copy);
    dissect_free(dissect);
    hn_free(bytes);
}

/* What 7-Zip encrypted comes out with the password everybody uses; without work being allowed it
 * stays locked, and says so. */
static void locked_archives_open(void **state)
{
    char *bytes;
    struct dissect *dissect = open_images(&bytes);
    uint32_t id = child_named(dissect, "secret.7z");
    struct dissect_limits limits = dissect_limits_default;
    struct dissect *alone;

    (void)state;
    dissect_set_format(dissect, id, DISSECT_7Z);
    assert_int_equal(container_open_archive(dissect, id, NULL), HN_OK);
    check_text(fact_of(dissect, id, "password", 0), "infected");
    check_files(dissect, id, WHOLE);
    limits.derive_rounds_max = 1000;
    alone = open_bytes(
            container_open_archive, DISSECT_7Z, "a.7z", dissect_get(dissect, id)->data, &limits);
    assert_int_equal(dissect_count(alone), 1);
    assert_non_null(note_of(alone, 0, DISSECT_NOTE_PASSWORD).ptr);
    check_text(fact_of(alone, 0, "encrypted", 0), "true");
    dissect_free(alone);
    dissect_free(dissect);
    hn_free(bytes);
}

/* Cut and changed images are read as far as they go, in memory of exactly their size. */
static void damaged_images_are_survived(void **state)
{
    char *bytes;
    struct dissect *dissect = open_images(&bytes);
    struct check_random random = { 7 };

    (void)state;
    for (size_t i = 13; i < HN_COUNT_OF(images); i++) {
        struct hn_bytes image = dissect_get(dissect, child_named(dissect, images[i].name))->data;

        for (int round = 0; round < 12; round++) {
            size_t len = image.len > (size_t)2 << 20 ? (size_t)2 << 20 : image.len;
            uint8_t *copy;

            len = round % 2 == 0 ? len : 1 + check_random_below(&random, (uint32_t)len);
            copy = malloc(len);
            assert_non_null(copy);
            memcpy(copy, image.ptr, len);
            for (int k = 0; k < round * 20; k++) /* the first sectors hold all the tables */
                copy[check_random_below(&random, len < 65536 ? (uint32_t)len : 65536)] =
                        (uint8_t)check_random_next(&random);
            dissect_free(open_bytes(images[i].open, images[i].format, images[i].name,
                    hn_bytes_of(copy, len), NULL));
            free(copy);
        }
    }
    dissect_free(dissect);
    hn_free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_give_their_files),
        cmocka_unit_test(udf_alone_is_enough),
        cmocka_unit_test(logs_are_replayed),
        cmocka_unit_test(locked_archives_open),
        cmocka_unit_test(damaged_images_are_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
