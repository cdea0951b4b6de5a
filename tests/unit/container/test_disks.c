/* test_disks.c - disks that no tool at hand writes: exFAT with files, UDF with a metadata
 * partition, packed units of NTFS, images that hold differences. */
#include "open.h"

#include "base/mem.h"
#include "base/utf.h"
#include "container/container_disk.h"

#include <stdlib.h>

#define README "hello from an image\n"

/* ---- exFAT: 512-byte sectors, 1 KiB clusters ---- */

#define SECTOR   ((size_t)512)
#define CLUSTER  ((size_t)1024)
#define TABLE_AT 8u  /* sectors */
#define HEAP_AT  16u /* sectors */
#define CLUSTERS 64u
#define IMAGE    (HEAP_AT * SECTOR + CLUSTERS * CLUSTER)

static void put(uint8_t *at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> (8 * i) & 0xFFu);
}

static uint8_t *cluster_at(uint8_t *image, uint32_t cluster)
{
    return image + HEAP_AT * SECTOR + (size_t)(cluster - 2) * CLUSTER;
}

static void chain(uint8_t *image, uint32_t cluster, uint32_t next)
{
    put(image + TABLE_AT * SECTOR + (size_t)cluster * 4, next, 4);
}

struct entry {
    const char *name;
    uint32_t cluster;
    uint64_t size;
    uint64_t valid;
    uint16_t attributes;
    bool contiguous;
    bool deleted;
};

/* A set of entries; where the next one goes. */
static uint8_t *add_set(uint8_t *at, const struct entry *entry)
{
    struct hn_buf name = { 0 };
    uint8_t in_use = entry->deleted ? 0 : 0x80u;
    uint32_t names;

    hn_utf8_to_utf16le(&name, hn_text_cstr(entry->name));
    names = (uint32_t)(name.len / 2 + 14) / 15;
    at[0] = 0x05u | in_use;
    at[1] = (uint8_t)(1 + names);
    put(at + 4, entry->attributes, 2);
    at += 32;
    at[0] = 0x40u | in_use;
    at[1] = entry->contiguous ? 3 : 1;
    at[3] = (uint8_t)(name.len / 2);
    put(at + 8, entry->valid, 8);
    put(at + 20, entry->cluster, 4);
    put(at + 24, entry->size, 8);
    at += 32;
    for (uint32_t i = 0; i < names; i++, at += 32) {
        size_t from = (size_t)i * 30;

        at[0] = 0x41u | in_use;
        memcpy(at + 2, name.ptr + from, name.len - from < 30 ? name.len - from : 30);
    }
    hn_buf_deinit(&name);
    return at;
}

static uint8_t *make_exfat(void)
{
    uint8_t *image = calloc(1, IMAGE);
    uint8_t *at;

    assert_non_null(image);
    memcpy(image,
            "\xEB\x76\x90"
            "EXFAT   ",
            11);
    put(image + 72, IMAGE / SECTOR, 8);
    put(image + 80, TABLE_AT, 4);
    put(image + 84, HEAP_AT - TABLE_AT, 4);
    put(image + 88, HEAP_AT, 4);
    put(image + 92, CLUSTERS, 4);
    put(image + 96, 5, 4); /* the root */
    image[108] = 9;
    image[109] = 1;
    image[110] = 1;
    put(image + 510, 0xAA55, 2);
    chain(image, 5, UINT32_MAX);
    at = cluster_at(image, 5);
    at[0] = 0x83; /* a label, which is no file */
    at += 32;
    at = add_set(
            at, &(struct entry){ .name = "gone.txt", .cluster = 6, .size = 5, .deleted = true });
    at = add_set(at, &(struct entry){ .name = "readme.txt",
                             .cluster = 6,
                             .size = sizeof README - 1,
                             .valid = sizeof README - 1,
                             .contiguous = true });
    at = add_set(at, &(struct entry){ .name = "a name of more than fifteen letters.bin",
                             .cluster = 10,
                             .size = 2500,
                             .valid = 2100,
                             .attributes = 2 });
    (void)add_set(at, &(struct entry){ .name = "folder",
                              .cluster = 20,
                              .size = CLUSTER,
                              .valid = CLUSTER,
                              .attributes = 0x10,
                              .contiguous = true });
    memcpy(cluster_at(image, 6), README, sizeof README - 1);
    chain(image, 10, 12); /* three clusters, out of order */
    chain(image, 12, 11);
    chain(image, 11, UINT32_MAX);
    memset(cluster_at(image, 10), 'a', CLUSTER);
    memset(cluster_at(image, 12), 'b', CLUSTER);
    memset(cluster_at(image, 11), 'c', CLUSTER);
    (void)add_set(cluster_at(image, 20), &(struct entry){ .name = "inner.txt",
                                                 .cluster = 6,
                                                 .size = sizeof README - 1,
                                                 .valid = sizeof README - 1,
                                                 .contiguous = true });
    return image;
}

static struct dissect *open_disk(const uint8_t *image, size_t len)
{
    return open_bytes(container_open_disk, DISSECT_VHD, "a.img", hn_bytes_of(image, len), NULL);
}

static void exfat_gives_its_files(void **state)
{
    uint8_t *image = make_exfat();
    struct dissect *dissect = open_disk(image, IMAGE);
    uint32_t id = child_named(dissect, "a name of more than fifteen letters.bin");
    struct hn_bytes data;

    (void)state;
    check_text(fact_of(dissect, 0, "file_system", 0), "exfat");
    check_child(dissect, "readme.txt", README);
    check_child(dissect, "folder/inner.txt", README);
    assert_int_equal(child_named(dissect, "gone.txt"), DISSECT_NONE);
    assert_int_not_equal(id, DISSECT_NONE);
    assert_non_null(note_of(dissect, id, DISSECT_NOTE_HIDDEN).ptr);
    data = dissect_get(dissect, id)->data;
    assert_int_equal(data.len, 2500);
    for (size_t i = 0; i < data.len; i++)
        assert_int_equal(data.ptr[i], i < 1024 ? 'a' : i < 2048 ? 'b' : i < 2100 ? 'c' : 0);
    dissect_free(dissect);
    free(image);
}

/* Chains that run in a circle, folders that hold themselves, sizes beyond the disk: all end. */
static void damaged_exfat_ends(void **state)
{
    struct check_random random = { 11 };

    (void)state;
    for (int round = 0; round < 400; round++) {
        uint8_t *image = make_exfat();
        size_t len = round % 4 == 0 ? 512 + check_random_below(&random, IMAGE - 512) : IMAGE;

        if (round == 1)
            chain(image, 12, 10);
        if (round == 2)
            put(cluster_at(image, 20) + 32 + 20, 20, 4);
        if (round == 3)
            put(cluster_at(image, 5) + (size_t)32 * 5 + 24, UINT64_MAX / 2, 8);
        for (int k = 0; round > 4 && k < round % 7; k++) {
            size_t at = check_random_below(&random, 2) == 0
                                ? check_random_below(&random, 120)
                                : HEAP_AT * SECTOR + 3 * CLUSTER + check_random_below(&random, 600);

            image[at] = (uint8_t)check_random_next(&random);
        }
        dissect_free(open_disk(image, len));
        free(image);
    }
}

/* ---- UDF 2.50: a metadata partition of two pieces ---- */

#define UDF_BLOCK    ((size_t)2048)
#define UDF_PHYSICAL 262u /* where the partition begins */
#define UDF_BLOCKS   300u

static uint8_t *udf_block(uint8_t *image, uint32_t block)
{
    return image + (size_t)block * UDF_BLOCK;
}

static void seal_tag(uint8_t *at, uint16_t tag)
{
    uint8_t sum = 0;

    put(at, tag, 2);
    at[4] = 0;
    for (size_t i = 0; i < 16; i++)
        sum = (uint8_t)(sum + at[i]);
    at[4] = sum;
}

static void long_ad(uint8_t *at, uint32_t len, uint32_t block, uint16_t reference)
{
    put(at, len, 4);
    put(at + 4, block, 4);
    put(at + 8, reference, 2);
}

/* An extended file entry; where its descriptors go. */
static uint8_t *udf_entry(
        uint8_t *at, uint8_t type, uint16_t allocation, uint64_t size, uint32_t len)
{
    at[27] = type;
    put(at + 34, allocation, 2);
    put(at + 56, size, 8);
    put(at + 212, len, 4);
    seal_tag(at, 266);
    return at + 216;
}

static uint8_t *make_udf(void)
{
    uint8_t *image = calloc(UDF_BLOCKS, UDF_BLOCK);
    uint8_t *at;

    assert_non_null(image);
    at = udf_block(image, 256); /* the anchor */
    put(at + 12, 256, 4);
    put(at + 16, 4 * UDF_BLOCK, 4);
    put(at + 20, 32, 4);
    seal_tag(at, 2);
    at = udf_block(image, 32);
    put(at + 188, UDF_PHYSICAL, 4);
    seal_tag(at, 5);
    at = udf_block(image, 33);
    long_ad(at + 248, UDF_BLOCK, 0, 1);
    put(at + 268, 2, 4);
    at[440] = 1;
    at[441] = 6;
    at[446] = 2;
    at[447] = 64;
    memcpy(at + 446 + 5, "*UDF Metadata Partition", 23);
    put(at + 446 + 40, 9, 4); /* the file is not there, its mirror is */
    put(at + 446 + 44, 1, 4);
    seal_tag(at, 6);
    seal_tag(udf_block(image, 34), 8);
    at = udf_entry(udf_block(image, UDF_PHYSICAL + 1), 251, 0, 4 * UDF_BLOCK, 16);
    put(at, 2 * UDF_BLOCK, 4); /* blocks 0 and 1 of it are 2 and 3 */
    put(at + 4, 2, 4);
    put(at + 8, 2 * UDF_BLOCK, 4); /* blocks 2 and 3 are 5 and 6 */
    put(at + 12, 5, 4);
    at = udf_block(image, UDF_PHYSICAL + 2); /* the file set */
    long_ad(at + 400, UDF_BLOCK, 1, 1);
    seal_tag(at, 256);
    at = udf_entry(udf_block(image, UDF_PHYSICAL + 3), 4, 3, 52, 52); /* the root, in itself */
    at[19] = 11;
    long_ad(at + 20, UDF_BLOCK, 2, 1);
    memcpy(at + 38, "\x08readme.txt", 11);
    seal_tag(at, 257);
    at = udf_entry(udf_block(image, UDF_PHYSICAL + 5), 5, 1, sizeof README - 1, 16);
    long_ad(at, sizeof README - 1, 8, 0);
    memcpy(udf_block(image, UDF_PHYSICAL + 8), README, sizeof README - 1);
    return image;
}

static void metadata_partitions_are_read(void **state)
{
    uint8_t *image = make_udf();
    struct hn_bytes bytes = hn_bytes_of(image, (size_t)UDF_BLOCKS * UDF_BLOCK);
    struct dissect *dissect = open_bytes(container_open_iso, DISSECT_UDF, "a.iso", bytes, NULL);

    (void)state;
    if (getenv("HN_SHOW") != NULL)
        print_tree(dissect);
    check_child(dissect, "readme.txt", README);
    assert_null(dissect_get(dissect, 0)->notes);
    dissect_free(dissect);
    put(udf_block(image, UDF_PHYSICAL + 1) + 216, 0, 4); /* a metadata file without extents */
    dissect = open_bytes(container_open_iso, DISSECT_UDF, "a.iso", bytes, NULL);
    assert_non_null(note_of(dissect, 0, DISSECT_NOTE_DAMAGED).ptr);
    dissect_free(dissect);
    free(image);
}

/* ---- LZNT1 ---- */

static void packed_units_come_out(void **state)
{
    /* The example of [MS-XCA] 3.2: a text of repeated words. */
    static const uint8_t packed[] = { 0x38, 0xb0, 0x88, 0x46, 0x23, 0x20, 0x00, 0x20, 0x47, 0x20,
        0x41, 0x00, 0x10, 0xa2, 0x47, 0x01, 0xa0, 0x45, 0x20, 0x44, 0x00, 0x08, 0x45, 0x01, 0x50,
        0x79, 0x00, 0xc0, 0x45, 0x20, 0x05, 0x24, 0x13, 0x88, 0x05, 0xb4, 0x02, 0x4a, 0x44, 0xef,
        0x03, 0x58, 0x02, 0x8c, 0x09, 0x16, 0x01, 0x48, 0x45, 0x00, 0xbe, 0x00, 0x9e, 0x00, 0x04,
        0x01, 0x18, 0x90, 0x00 };
    static const char expected[] = "F# F# G A A G F# E D D E F# F# E E F# F# G A A G F# E D D E F# "
                                   "E D D E E F# D E F# G F# "
                                   "D E F# G F# E D E A F# F# G A A G F# E D D E F# E D D";
    uint8_t out[4096];
    uint8_t raw[7] = { 4, 0x30, 'h', 'e', 'l', 'l', 'o' };

    (void)state;
    assert_true(disk_lznt1(hn_bytes_of(packed, sizeof packed), out, sizeof out));
    assert_memory_equal(out, expected, sizeof expected - 1);
    assert_int_equal(out[sizeof expected + 10], 0);
    assert_true(disk_lznt1(hn_bytes_of(raw, sizeof raw), out, sizeof out));
    assert_memory_equal(out, "hello\0", 6);
    for (size_t len = 0; len < sizeof packed; len++) {
        uint8_t *copy = malloc(len + 1);

        assert_non_null(copy);
        memcpy(copy, packed, len);
        (void)disk_lznt1(hn_bytes_of(copy, len), out, sizeof out);
        free(copy);
    }
}

static void references_before_the_start_are_refused(void **state)
{
    static const uint8_t packed[] = { 0x02, 0xB0, 0x01, 0x00, 0x10 };
    uint8_t out[64];

    (void)state;
    assert_false(disk_lznt1(hn_bytes_of(packed, sizeof packed), out, sizeof out));
}

/* ---- Differences ---- */

static void differences_are_said(void **state)
{
    uint8_t image[2048] = { 0 };
    uint8_t *footer = image + sizeof image - 512;
    struct dissect *dissect;

    (void)state;
    memcpy(footer, "conectix", 8);
    footer[63] = 4;
    dissect = open_disk(image, sizeof image);
    assert_non_null(note_of(dissect, 0, DISSECT_NOTE_UNSUPPORTED).ptr);
    assert_null(note_of(dissect, 0, DISSECT_NOTE_DAMAGED).ptr);
    dissect_free(dissect);
}

static void every_allocation_may_fail(void **state)
{
    uint8_t *image = make_exfat();

    (void)state;
    open_without_memory(container_open_disk, DISSECT_VHD, hn_bytes_of(image, IMAGE));
    free(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exfat_gives_its_files),
        cmocka_unit_test(damaged_exfat_ends),
        cmocka_unit_test(metadata_partitions_are_read),
        cmocka_unit_test(packed_units_come_out),
        cmocka_unit_test(references_before_the_start_are_refused),
        cmocka_unit_test(differences_are_said),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
