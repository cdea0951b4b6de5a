/* test_golden.c - scripts as data: tests/golden/powershell/<case>/input.ps1 and what must be told
 * of them.
 *
 * Each line of `expected` must be told, as a whole line or, with a * at its end, as the beginning
 * of one. The addresses requested must be those of its "act http_request" lines and no others. With
 * a file as argument the program shows what is told of that. */
#include "powershell/powershell.h"
#include "support/golden_lines.h"
#include "support/script_watch.h"
#include "support/shared.h"

#include <dirent.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

#define CASES HN_TESTS_DIR "/golden/powershell"

static size_t run_case(const char *name)
{
    char path[1024];
    struct watch watch = { .evaluate = powershell_evaluate };
    struct hn_bytes input;
    struct hn_bytes expected;
    struct hn_text rest;
    struct hn_text line;
    size_t failures = 0;

    (void)snprintf(path, sizeof path, CASES "/%s/input.ps1", name);
    input = shared_read(path);
    (void)snprintf(path, sizeof path, CASES "/%s/expected", name);
    expected = shared_read(path);
    watch_run(&watch, SCRIPT_POWERSHELL, hn_bytes_as_text(input), NULL);
    rest = hn_bytes_as_text(expected);
    while (hn_text_line(&rest, &line)) {
        if (line.len > 0 && !golden_told(hn_buf_text(&watch.out), line)) {
            print_error("%s: not told: %.*s\n", name, HN_TEXT_ARG(line));
            failures++;
        }
    }
    failures += golden_invented(hn_buf_text(&watch.out), hn_bytes_as_text(expected));
    if (failures > 0)
        print_error("%s: %.*s\n", name, HN_TEXT_ARG(hn_buf_text(&watch.out)));
    hn_buf_deinit(&watch.out);
    shared_free(expected);
    shared_free(input);
    return failures;
}

static void cases_are_told_as_expected(void **state)
{
    DIR *dir = opendir(CASES);
    const struct dirent *entry;
    size_t failures = 0;
    size_t count = 0;

    (void)state;
    assert_non_null(dir);
    for (entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] == '.')
            continue;
        failures += run_case(entry->d_name) > 0;
        count++;
    }
    (void)closedir(dir);
    print_message("%zu cases, %zu failed\n", count, failures);
    assert_true(count >= 80);
    assert_int_equal(failures, 0);
}

static int show(const char *path)
{
    struct watch watch = { .evaluate = powershell_evaluate };
    struct hn_bytes input = shared_read(path);

    watch_run(&watch, SCRIPT_POWERSHELL, hn_bytes_as_text(input), NULL);
    (void)fwrite(watch.out.ptr, 1, watch.out.len, stdout);
    (void)printf("steps %llu\n", (unsigned long long)watch.steps);
    hn_buf_deinit(&watch.out);
    shared_free(input);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(cases_are_told_as_expected) };

    if (argc > 1)
        return show(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
