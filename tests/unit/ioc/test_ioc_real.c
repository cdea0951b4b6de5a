/* test_ioc_real.c - real feeds and warning lists load, every file of them, and are found again.
 *
 * Reads the folder that HN_SHARED names; without it the tests are skipped, loudly. */
#include "ioc_test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#define PATH_ROOM  1024
#define STACK_ROOM 512

static const char *shared(void)
{
    const char *path = getenv("HN_SHARED");
    struct stat status;

    if (path == NULL || stat(path, &status) != 0) {
        print_message("SKIPPED: HN_SHARED names no folder with real data\n");
        skip();
    }
    return path;
}

static struct hn_buf read_file(const char *path)
{
    struct hn_buf buf = { 0 };
    FILE *file = fopen(path, "rb");
    size_t got;

    assert_non_null(file);
    do {
        assert_true(hn_buf_reserve(&buf, 1 << 16));
        got = fread(buf.ptr + buf.len, 1, 1 << 16, file);
        buf.len += got;
    } while (got > 0);
    (void)fclose(file);
    return buf;
}

struct totals {
    unsigned files;
    unsigned errors;
    char error_files[1024];
    struct ioc_report report;
};

static void load_file(struct ioc_builder *builder, const char *path, struct totals *totals)
{
    struct hn_buf buf = read_file(path);
    struct ioc_input input = { .name = hn_text_cstr(path),
        .bytes = hn_text_as_bytes(hn_buf_text(&buf)) };
    struct hn_err err = { 0 };

    totals->files++;
    if (ioc_load(builder, &input, &totals->report, &err) != HN_OK) {
        size_t used = strlen(totals->error_files);

        totals->errors++;
        (void)snprintf(totals->error_files + used, sizeof totals->error_files - used, "  %s: %s\n",
                path, err.msg);
    }
    hn_buf_deinit(&buf);
}

static void load_folder(struct ioc_builder *builder, const char *root, struct totals *totals)
{
    static char stack[STACK_ROOM][PATH_ROOM];
    size_t count = 0;

    (void)snprintf(stack[count++], PATH_ROOM, "%s", root);
    while (count > 0) {
        char folder[PATH_ROOM];
        const struct dirent *entry;
        DIR *dir;

        memcpy(folder, stack[--count], sizeof folder);
        dir = opendir(folder);
        assert_non_null(dir);
        while ((entry = readdir(dir)) != NULL) {
            char path[PATH_ROOM + 300];
            struct stat status = { 0 };
            int len;

            if (entry->d_name[0] == '.' || strcmp(entry->d_name, "LICENSE") == 0 ||
                    strcmp(entry->d_name, "README.md") == 0)
                continue;
            len = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            assert_true(len > 0 && len < PATH_ROOM && stat(path, &status) == 0);
            if (!S_ISDIR(status.st_mode)) {
                load_file(builder, path, totals);
            } else {
                assert_true(count < STACK_ROOM);
                memcpy(stack[count++], path, (size_t)len + 1);
            }
        }
        (void)closedir(dir);
    }
}

static void print_totals(const char *what, const struct totals *totals)
{
    print_message("%s: %u files, %u errors, %llu entries, %llu indicators, %llu rejected, "
                  "%llu skipped\n%s",
            what, totals->files, totals->errors, (unsigned long long)totals->report.entries,
            (unsigned long long)totals->report.accepted,
            (unsigned long long)totals->report.rejected, (unsigned long long)totals->report.skipped,
            totals->error_files);
    for (unsigned i = 0; i < IOC_REASON_COUNT; i++) {
        if (totals->report.by_reason[i] > 0)
            print_message("  %s %llu\n", ioc_reason_id((enum ioc_reason)i),
                    (unsigned long long)totals->report.by_reason[i]);
    }
}

static void load_below(struct ioc_builder *builder, const char *folder, struct totals *totals)
{
    char path[PATH_ROOM];

    assert_true(snprintf(path, sizeof path, "%s/%s", shared(), folder) < PATH_ROOM);
    load_folder(builder, path, totals);
    print_totals(folder, totals);
}

static bool remember(void *ctx, const struct ioc_hit *hit)
{
    uint32_t *index = ctx;

    *index = hit->index;
    return false;
}

/* Every listing, written as text, is found in that text: hundreds of thousands of real ones. */
static void find_all_again(const struct ioc_set *set)
{
    struct ioc_stats stats;
    struct hn_buf text = { 0 };
    unsigned missed = 0;

    ioc_set_stats(set, &stats);
    for (uint32_t i = 0; i < stats.listings; i++) {
        struct ioc_indicator got;
        uint32_t index = IOC_NONE;
        uint32_t hints = IOC_HINT_HOST;

        if (!ioc_set_get(set, i, &got) || got.suppressed || got.type == IOC_CIDR)
            continue;
        hn_buf_reset(&text);
        ioc_set_write(set, i, false, &text);
        if (got.prefix) /* "host/path/STAR": what is below it */
            text.ptr[text.len - 1] = 'x';
        if (got.type == IOC_PATH || got.type == IOC_URL)
            hints |= IOC_HINT_PATH;
        if (got.type == IOC_FILENAME) {
            memmove(text.ptr + 1, text.ptr, text.len < text.room ? text.len : text.len - 1);
            text.ptr[0] = '\\';
            text.len += text.len < text.room;
            hints = 0;
        }
        if (ioc_match_value(set, hn_buf_text(&text), hints, remember, &index) == 0 && missed++ < 20)
            print_message("not found again: %.*s\n", (int)text.len, text.ptr);
    }
    hn_buf_deinit(&text);
    assert_int_equal(missed, 0);
}

/* 2,984 lists of maltrail: more than 99.9 % of the lines are indicators, and each is found again.
 */
static void maltrail(void **state)
{
    struct ioc_builder *builder;
    struct totals totals = { 0 };
    struct ioc_set *set;

    (void)state;
    (void)shared();
    builder = ioc_builder_new(NULL);
    load_below(builder, "data/intel/maltrail", &totals);
    assert_int_equal(totals.errors, 0);
    assert_true(totals.report.accepted > 1500000);
    assert_true(totals.report.rejected * 1000 < totals.report.entries);
    ioc_report_deinit(&totals.report);
    set = seal_and_free(builder);
    find_all_again(set);
    ioc_set_unref(set);
}

/* MISP events: all but the cut-off file and the one that is no event load. */
static void eset(void **state)
{
    struct ioc_options options = ioc_options_default;
    struct ioc_builder *builder;
    struct totals totals = { 0 };
    struct totals all = { 0 };
    struct ioc_set *set;

    (void)state;
    (void)shared();
    builder = ioc_builder_new(NULL);
    load_below(builder, "data/intel/eset", &totals);
    assert_int_equal(totals.errors, 2);
    assert_true(totals.report.accepted > 1000);
    set = seal_and_free(builder);
    find_all_again(set);
    ioc_set_unref(set);
    options.ignore_to_ids = true;
    builder = ioc_builder_new(&options);
    load_below(builder, "data/intel/eset", &all);
    assert_true(all.report.accepted > totals.report.accepted);
    set = seal_and_free(builder);
    find_all_again(set);
    ioc_set_unref(set);
    ioc_report_deinit(&totals.report);
    ioc_report_deinit(&all.report);
}

/* OpenIOC and the examples of the STIX standard load. */
static void openioc_and_stix(void **state)
{
    struct ioc_builder *builder;
    struct totals totals = { 0 };
    struct totals stix = { 0 };
    struct ioc_set *set;

    (void)state;
    (void)shared();
    builder = ioc_builder_new(NULL);
    load_below(builder, "data/intel/openioc", &totals);
    assert_int_equal(totals.errors, 0);
    assert_true(totals.report.accepted > 500);
    load_below(builder, "specs/stix/examples", &stix);
    assert_true(stix.report.accepted > 70);
    ioc_report_deinit(&totals.report);
    ioc_report_deinit(&stix.report);
    set = seal_and_free(builder);
    find_all_again(set);
    ioc_set_unref(set);
}

/* All warning lists load, and judge a feed: private and public resolver addresses are suppressed.
 */
static void warninglists(void **state)
{
    struct ioc_builder *builder;
    struct totals totals = { 0 };
    struct ioc_report report;
    struct ioc_indicator got;
    struct ioc_set *set;
    clock_t start = clock();

    (void)state;
    (void)shared();
    builder = ioc_builder_new(NULL);
    load_below(builder, "data/warninglists", &totals);
    print_message("  %.2f s of processor time\n", (double)(clock() - start) / CLOCKS_PER_SEC);
    assert_int_equal(totals.errors, 0);
    assert_true(totals.files >= 136);
    assert_true(totals.report.accepted > 500000);
    ioc_report_deinit(&totals.report);
    report = load_as(builder, IOC_FORMAT_LIST_PLAIN, "x",
            HN_TEXT("10.1.2.3\n8.8.8.8\nwww.google.com\nhttps://docs.google.com/document/bad\n"
                    "evil-name-nobody-has.example\n"));
    ioc_report_deinit(&report);
    set = seal_and_free(builder);
    assert_true(ioc_set_get(set, 0, &got) && got.suppressed);
    assert_true(ioc_set_get(set, 1, &got) && got.suppressed);
    assert_true(ioc_set_get(set, 2, &got) && got.suppressed);
    assert_true(ioc_set_get(set, 3, &got) && !got.suppressed && got.legitimate_host);
    assert_true(ioc_set_get(set, 4, &got) && !got.suppressed && got.warning.len == 0);
    ioc_set_unref(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maltrail),
        cmocka_unit_test(eset),
        cmocka_unit_test(openioc_and_stix),
        cmocka_unit_test(warninglists),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
