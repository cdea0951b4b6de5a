/* test_corpus.c - the rules people really have: SigmaHQ's, its unsupported ones, the
 * specification's own examples. They are read where HN_SHARED says; without it the tests are
 * skipped. */
#include "load.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define PATH_BYTES  2048
#define FOLDERS_MAX 4096

struct corpus {
    struct sigma_loader *loader;
    uint32_t files;
};

static void add_file(struct corpus *corpus, const char *path)
{
    FILE *file = fopen(path, "rb");
    struct hn_buf text = { 0 };
    struct hn_err err = { 0 };
    size_t got;

    assert_non_null(file);
    do {
        assert_true(hn_buf_reserve(&text, 16384));
        got = fread(text.ptr + text.len, 1, 16384, file);
        text.len += got;
    } while (got > 0);
    (void)fclose(file);
    assert_int_equal(
            sigma_loader_add_text(corpus->loader, hn_text_cstr(path), hn_buf_text(&text), &err),
            HN_OK);
    hn_buf_deinit(&text);
    corpus->files++;
}

/* All .yml files below a folder; folders still to be read are kept in a list. */
static void add_folder(struct corpus *corpus, const char *root)
{
    static char folders[FOLDERS_MAX][PATH_BYTES];
    size_t count = 0;

    (void)snprintf(folders[count++], PATH_BYTES, "%s", root);
    for (size_t i = 0; i < count; i++) {
        DIR *dir = opendir(folders[i]);
        const struct dirent *entry;

        assert_non_null(dir);
        while ((entry = readdir(dir)) != NULL) {
            size_t len = strlen(entry->d_name);
            char path[PATH_BYTES * 2];
            struct stat status;

            if (entry->d_name[0] == '.')
                continue;
            (void)snprintf(path, sizeof path, "%s/%s", folders[i], entry->d_name);
            if (len > 4 && strcmp(entry->d_name + len - 4, ".yml") == 0) {
                add_file(corpus, path);
            } else if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
                assert_true(count < FOLDERS_MAX);
                (void)snprintf(folders[count++], PATH_BYTES, "%.*s", PATH_BYTES - 1, path);
            }
        }
        (void)closedir(dir);
    }
}

/* False (and the test is skipped) where the data is not there. */
static bool open_corpus(struct corpus *corpus, const char *folder)
{
    const char *shared = getenv("HN_SHARED");
    char path[PATH_BYTES];
    DIR *dir;

    (void)snprintf(path, sizeof path, "%s/%s", shared == NULL ? "" : shared, folder);
    dir = shared == NULL ? NULL : opendir(path);
    if (dir == NULL) {
        print_message("%s is not there\n", path);
        return false;
    }
    (void)closedir(dir);
    if (corpus->loader == NULL)
        corpus->loader = sigma_loader_new(NULL);
    assert_non_null(corpus->loader);
    add_folder(corpus, path);
    return true;
}

static struct sigma_set *finish(struct corpus *corpus)
{
    struct sigma_set *set = NULL;
    struct hn_err err = { 0 };

    assert_int_equal(sigma_loader_finish(corpus->loader, &set, &err), HN_OK);
    sigma_loader_free(corpus->loader);
    return set;
}

static uint32_t count_issues(
        const struct sigma_set *set, enum sigma_severity severity, const char *except)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < set->issue_count; i++) {
        if (set->issues[i].severity == severity &&
                !hn_text_eq(set->issues[i].code, hn_text_cstr(except))) {
            print_error("%.*s:%u: %.*s: %.*s\n", HN_TEXT_ARG(set->issues[i].place.file),
                    set->issues[i].place.line, HN_TEXT_ARG(set->issues[i].code),
                    HN_TEXT_ARG(set->issues[i].message));
            count++;
        }
    }
    return count;
}

/* Every one of SigmaHQ's rules loads, but for those with a placeholder that has no list; none can
 * never fire; no selection is unused. */
static void every_rule_loads(void **state)
{
    static const char *const folders[] = { "data/sigma/rules", "data/sigma/rules-compliance",
        "data/sigma/rules-emerging-threats", "data/sigma/rules-placeholder",
        "data/sigma/rules-threat-hunting" };
    struct corpus corpus = { NULL, 0 };
    struct sigma_set *set;
    uint32_t placeholders = 0;

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(folders); i++) {
        if (!open_corpus(&corpus, folders[i]))
            skip();
    }
    set = finish(&corpus);
    assert_true(corpus.files > 3000);
    assert_int_equal(set->document_count, corpus.files);
    assert_int_equal(count_issues(set, SIGMA_REJECTED, "placeholder"), 0);
    assert_int_equal(count_issues(set, SIGMA_NEVER, ""), 0);
    for (uint32_t i = 0; i < set->issue_count; i++) { /* several of one rule count once */
        placeholders += set->issues[i].severity == SIGMA_REJECTED &&
                                        (i == 0 || !hn_text_eq(set->issues[i].rule_id,
                                                           set->issues[i - 1].rule_id))
                                ? 1
                                : 0;
    }
    assert_int_equal(set->rule_count, corpus.files - placeholders);
    assert_null(find_issue(set, "unused-selection"));
    assert_null(find_issue(set, "unknown-logsource"));
    print_message(
            "%u files, %u rules, %u without lists\n", corpus.files, set->rule_count, placeholders);
    sigma_set_unref(set);
}

/* With a list for every placeholder, nothing is rejected. */
static void placeholders_are_all_that_lacks(void **state)
{
    static struct hn_text value[] = { HN_TEXT_INIT("value") };
    struct sigma_list lists[64];
    struct sigma_options options = { .lists = lists };
    struct corpus corpus = { NULL, 0 };
    struct sigma_set *set;

    (void)state;
    if (!open_corpus(&corpus, "data/sigma/rules-placeholder"))
        skip();
    set = finish(&corpus);
    for (uint32_t i = 0; i < set->issue_count && options.list_count < HN_COUNT_OF(lists); i++) {
        struct hn_text message = set->issues[i].message;
        size_t start = hn_text_find_char(message, '%', 0);

        if (set->issues[i].severity != SIGMA_REJECTED || start == SIZE_MAX)
            continue;
        lists[options.list_count].name = hn_text_sub(message, start + 1, message.len - start - 2);
        lists[options.list_count++].values = (struct sigma_texts){ value, 1 };
    }
    corpus = (struct corpus){ sigma_loader_new(&options), 0 };
    assert_true(open_corpus(&corpus, "data/sigma/rules-placeholder"));
    {
        struct sigma_set *filled = finish(&corpus);

        assert_int_equal(count_issues(filled, SIGMA_REJECTED, ""), 0);
        assert_int_equal(filled->rule_count, corpus.files);
        sigma_set_unref(filled);
    }
    sigma_set_unref(set);
}

/* Old aggregations become correlations; what is rejected is no condition in any version. */
static void unsupported_rules_are_understood(void **state)
{
    struct corpus corpus = { NULL, 0 };
    struct sigma_set *set;

    (void)state;
    if (!open_corpus(&corpus, "data/sigma/unsupported"))
        skip();
    set = finish(&corpus);
    assert_int_equal(count_issues(set, SIGMA_REJECTED, "unknown-selection"), 0);
    assert_true(set->correlation_count >= 50);
    for (uint32_t i = 0; i < set->correlation_count; i++) {
        assert_true(set->correlations[i].timespan > 0);
        for (uint32_t k = 0; k < set->correlations[i].ref_count; k++)
            assert_true(set->rules[set->correlations[i].refs[k].index].silent);
    }
    print_message("%u files, %u rules, %u correlations\n", corpus.files, set->rule_count,
            set->correlation_count);
    sigma_set_unref(set);
}

/* The specification's own test files: rules and filters load, correlations lack only the rules
 * that the files do not hold. */
static void specification_examples_load(void **state)
{
    struct corpus corpus = { NULL, 0 };
    struct sigma_set *set;

    (void)state;
    if (!open_corpus(&corpus, "specs/sigma/tests/schema"))
        skip();
    set = finish(&corpus);
    assert_int_equal(count_issues(set, SIGMA_REJECTED, "unknown-rule"), 0);
    assert_int_equal(set->rule_count, 2);
    assert_int_equal(set->filter_count, 2);
    sigma_set_unref(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_loads),
        cmocka_unit_test(placeholders_are_all_that_lacks),
        cmocka_unit_test(unsupported_rules_are_understood),
        cmocka_unit_test(specification_examples_load),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
