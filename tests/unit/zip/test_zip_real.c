/* test_zip_real.c - the packages among the real documents: every entry comes out whole, with the
 * checksum its archive states; what is odd about them is counted. */
#include "zip/zip.h"

#include "base/hash.h"
#include "support/check.h"
#include "support/shared.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct tally {
    uint32_t packages;
    uint32_t entries;
    uint32_t damaged;
    uint32_t unsupported;
};

static void read_package(struct tally *tally, struct hn_bytes bytes, const char *name)
{
    struct hn_arena arena;
    struct zip_file *file;

    hn_arena_init(&arena, (size_t)512 << 20);
    assert_int_equal(zip_open(&arena, bytes, NULL, &file, NULL), HN_OK);
    tally->packages++;
    for (uint32_t i = 0; i < zip_count(file); i++) {
        const struct zip_entry *entry = zip_get(file, i);
        struct hn_bytes content;
        enum hn_status status = zip_read(file, i, HN_TEXT("infected"), NULL, NULL, &content, NULL);

        tally->entries++;
        if (status == HN_UNSUPPORTED || status == HN_NOTFOUND) {
            tally->unsupported++;
            continue;
        }
        if (status != HN_OK || (entry->odd & (ZIP_ODD_CRC | ZIP_ODD_TRUNCATED)) != 0) {
            (void)fprintf(stderr, "%s: %.*s odd 0x%x\n", name, HN_TEXT_ARG(entry->name),
                    (unsigned)entry->odd);
            tally->damaged++;
        }
    }
    hn_arena_deinit(&arena);
}

static void read_folder(struct tally *tally, const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *item;

    assert_non_null(folder);
    while ((item = readdir(folder)) != NULL) {
        char full[1024];
        struct hn_bytes bytes;
        struct stat info;

        if (item->d_name[0] == '.')
            continue;
        (void)snprintf(full, sizeof full, "%s/%s", path, item->d_name);
        if (stat(full, &info) != 0 || !S_ISREG(info.st_mode))
            continue;
        bytes = shared_read(full);
        if (zip_is(bytes))
            read_package(tally, bytes, item->d_name);
        shared_free(bytes);
    }
    (void)closedir(folder);
}

static void real_packages_come_out_whole(void **state)
{
    static const char *const folders[] = { "data/documents/oletools/tests/test-data/oleobj",
        "data/documents/oletools/tests/test-data/oleobj/external_link",
        "data/documents/oletools/tests/test-data/msodde",
        "data/documents/oletools/tests/test-data/excel4-macros", "data/documents/poi" };
    struct tally tally = { 0 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(folders); i++) {
        char *path = shared_path_or_skip(folders[i]);

        read_folder(&tally, path);
        free(path);
    }
    (void)fprintf(stderr, "%u packages, %u entries, %u damaged, %u not read\n", tally.packages,
            tally.entries, tally.damaged, tally.unsupported);
    assert_true(tally.packages > 50);
    assert_int_equal(tally.damaged, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_packages_come_out_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
