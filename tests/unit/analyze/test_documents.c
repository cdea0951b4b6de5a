/* test_documents.c - real documents with the shipped rules: harmless ones must not be called
 * malicious, and what demonstrates an attack is at least suspicious. */
#include "analyze/analyze.h"

#include "base/mem.h"
#include "support/shared.h"

#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define FILES_MAX 1000

static char *files[FILES_MAX];
static size_t file_count;

static int on_file(const char *path, const struct stat *state, int kind)
{
    (void)state;
    if (kind == FTW_F && file_count < FILES_MAX)
        files[file_count++] = strdup(path);
    return 0;
}

static struct judge_set *shipped_rules(void)
{
    struct sigma_loader *loader = sigma_loader_new(NULL);
    struct match_options match = { .want_context = true };
    struct judge_set_options options = { 0 };
    struct sigma_set *rules = NULL;
    struct judge_set *set;
    glob_t found;

    assert_int_equal(glob(HN_TESTS_DIR "/../rules/*/*.yml", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct hn_bytes text = shared_read(found.gl_pathv[i]);

        assert_int_equal(sigma_loader_add_text(loader, hn_text_cstr(found.gl_pathv[i]),
                                 hn_bytes_as_text(text), NULL),
                HN_OK);
        shared_free(text);
    }
    globfree(&found);
    assert_int_equal(sigma_loader_finish(loader, &rules, NULL), HN_OK);
    sigma_loader_free(loader);
    assert_true(rules->rule_count > 100);
    assert_int_equal(match_snapshot_new(rules, &match, &options.snapshot, NULL), HN_OK);
    set = judge_set_new(&options);
    assert_non_null(set);
    match_snapshot_unref(options.snapshot);
    sigma_set_unref(rules);
    return set;
}

/* Demonstrations of attacks among oletools' own tests: commands by DDE, an embedded program or
 * shortcut, an Equation Editor object. */
static bool demonstrates(const char *path)
{
    static const char *const marks[] = { "/msodde/dde-", "dde-in-excel2003.xml", "/dde-test-",
        "calc_embedded", "sample_with_lnk", "issue_251", "dde-in-word" };

    for (size_t i = 0; i < HN_COUNT_OF(marks); i++)
        if (strstr(path, marks[i]) != NULL)
            return true;
    return false;
}

static void every_document_is_judged_fairly(void **state)
{
    char *folder = shared_path_or_skip("data/documents");
    struct analyze_worker *worker = NULL;
    struct judge_set *set;
    struct analyze_judge *judge;
    size_t kinds[4] = { 0 };
    unsigned wrong = 0;

    (void)state;
    assert_int_equal(analyze_worker_start(NULL, NULL, &worker, NULL), HN_OK);
    assert_int_equal(ftw(folder, on_file, 16), 0);
    set = shipped_rules();
    judge = analyze_judge_new(set);
    assert_non_null(judge);
    for (size_t i = 0; i < file_count; i++) {
        struct analyze_task task = { .fd = open(files[i], O_RDONLY),
            .name = hn_text_cstr(strrchr(files[i], '/') + 1),
            .keep = DISSECT_KEEP_SCRIPTS };
        struct analyze_sample sample;
        struct analyze_verdict verdict;

        assert_true(task.fd >= 0);
        assert_int_equal(analyze_worker_run(worker, &task, &sample, NULL), HN_OK);
        assert_int_equal(analyze_judge_tree(judge, sample.dissect, &verdict, NULL), HN_OK);
        kinds[verdict.kind]++;
        if (verdict.kind >= ANALYZE_SUSPICIOUS && !demonstrates(files[i])) {
            print_error("%s: %s, %.*s\n", files[i], analyze_verdict_id(verdict.kind),
                    HN_TEXT_ARG(verdict.hits[0].title));
            wrong++;
        }
        for (size_t k = 0; k < verdict.gap_count; k++) {
            if (verdict.gaps[k].note != NULL && verdict.gaps[k].note->kind == DISSECT_NOTE_WORKER) {
                print_error("%s: %.*s\n", files[i], HN_TEXT_ARG(verdict.gaps[k].note->detail));
                wrong++;
            }
        }
        analyze_verdict_deinit(&verdict);
        analyze_sample_deinit(&sample);
        (void)close(task.fd);
        free(files[i]);
    }
    print_message("%zu documents: %zu clean, %zu unknown, %zu suspicious, %zu malicious\n",
            file_count, kinds[0], kinds[1], kinds[2], kinds[3]);
    assert_int_equal(wrong, 0);
    assert_true(kinds[ANALYZE_SUSPICIOUS] >= 15);
    analyze_judge_free(judge);
    judge_set_unref(set);
    analyze_worker_stop(worker);
    free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_document_is_judged_fairly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
