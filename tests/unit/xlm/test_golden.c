/* test_golden.c - the cases of tests/golden/xlm/: each says all that macro sheets do, and some of
 * what is noted. An act that a case does not list is invented and fails it.
 *
 *   === name          starts a case
 *   --- sheet         the records of the workbook follow
 *   --- expect        lines as script_watch.h writes them follow; "* " in front: part of a line
 *
 * With files as arguments it evaluates these and prints everything. */
#include "xl_dump.h"

#include "support/shared.h"

#include <dirent.h>
#include <stdio.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

static unsigned cases;
static unsigned failures;

static bool has_line(struct hn_text lines, struct hn_text wanted)
{
    struct hn_text line;
    bool part = hn_text_starts(wanted, HN_TEXT("* "));

    if (part)
        wanted = hn_text_sub(wanted, 2, SIZE_MAX);
    while (hn_text_line(&lines, &line))
        if (part ? hn_text_find(line, wanted, 0) != SIZE_MAX : hn_text_eq(line, wanted))
            return true;
    return false;
}

static bool is_expected(struct hn_text expect, struct hn_text line)
{
    struct hn_text wanted;

    while (hn_text_line(&expect, &wanted))
        if (wanted.len > 0 && has_line(line, wanted))
            return true;
    return false;
}

static void check(struct hn_text name, struct hn_text sheet, struct hn_text expect)
{
    struct watch watch;
    struct hn_text rest = expect;
    struct hn_text line;
    bool good = true;

    cases++;
    xl_dump(&watch, sheet, NULL);
    assert_int_equal(watch.status, HN_OK);
    while (hn_text_line(&rest, &line)) {
        if (line.len == 0 || has_line(hn_buf_text(&watch.out), line))
            continue;
        print_error("%.*s: lacks: %.*s\n", HN_TEXT_ARG(name), HN_TEXT_ARG(line));
        good = false;
    }
    rest = hn_buf_text(&watch.out);
    while (hn_text_line(&rest, &line)) {
        if (!hn_text_starts(line, HN_TEXT("act ")) || is_expected(expect, line))
            continue;
        print_error("%.*s: invented: %.*s\n", HN_TEXT_ARG(name), HN_TEXT_ARG(line));
        good = false;
    }
    if (!good) {
        failures++;
        print_error("--- all of %.*s:\n%.*s\n", HN_TEXT_ARG(name),
                HN_TEXT_ARG(hn_buf_text(&watch.out)));
    }
    hn_buf_deinit(&watch.out);
}

/* The text of a section goes on to the next line that starts one. */
static struct hn_text section(struct hn_text *rest)
{
    struct hn_text start = *rest;
    struct hn_text line;

    while (rest->len > 0 && !hn_text_starts(*rest, HN_TEXT("--- ")) &&
            !hn_text_starts(*rest, HN_TEXT("=== ")))
        if (!hn_text_line(rest, &line))
            break;
    return hn_text_sub(start, 0, rest->len > 0 ? (size_t)(rest->ptr - start.ptr) : start.len);
}

static void run_file(struct hn_text rest)
{
    struct hn_text name = { "", 0 };
    struct hn_text sheet = { "", 0 };
    struct hn_text line;

    while (hn_text_line(&rest, &line)) {
        if (hn_text_starts(line, HN_TEXT("=== ")))
            name = hn_text_sub(line, 4, SIZE_MAX);
        else if (hn_text_starts(line, HN_TEXT("--- sheet")))
            sheet = section(&rest);
        else if (hn_text_starts(line, HN_TEXT("--- expect")))
            check(name, sheet, section(&rest));
    }
}

static void cases_do_what_they_say(void **state)
{
    DIR *dir = opendir(HN_TESTS_DIR "/golden/xlm");
    const struct dirent *entry;

    (void)state;
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char path[4096];
        struct hn_bytes bytes;

        if (!hn_text_ends(hn_text_cstr(entry->d_name), HN_TEXT(".txt")))
            continue;
        (void)snprintf(path, sizeof path, HN_TESTS_DIR "/golden/xlm/%s", entry->d_name);
        bytes = shared_read(path);
        run_file(hn_bytes_as_text(bytes));
        shared_free(bytes);
    }
    (void)closedir(dir);
    print_message("%u cases, %u failed\n", cases, failures);
    assert_true(cases >= 30);
    assert_int_equal(failures, 0);
}

static int print_files(int count, char **names)
{
    for (int i = 0; i < count; i++) {
        struct hn_bytes bytes = shared_read(names[i]);
        struct watch watch;

        xl_dump(&watch, hn_bytes_as_text(bytes), NULL);
        printf("%.*ssteps %llu\n", HN_TEXT_ARG(hn_buf_text(&watch.out)),
                (unsigned long long)watch.steps);
        hn_buf_deinit(&watch.out);
        shared_free(bytes);
    }
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(cases_do_what_they_say) };

    if (argc > 1)
        return print_files(argc - 1, argv + 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
