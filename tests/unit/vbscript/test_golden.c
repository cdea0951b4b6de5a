/* test_golden.c - the cases of tests/golden/vba/: each says all that a script does, and some of
 * what is noted. An act that a case does not list is invented and fails it. Acts that only make an
 * object (com_create) need no listing.
 *
 *   === name language         starts a case; language is vba or vbscript
 *   --- store name = value    a string of the document
 *   --- module name           the source of a module follows (vbscript: of the script)
 *   --- expect                lines as vb_dump.h writes them follow; "* " in front: part of a line
 *
 * With files as arguments it evaluates these as modules and prints everything. */
#include "vb_dump.h"

#include "support/shared.h"

#include <dirent.h>
#include <stdlib.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

#define PARTS_MAX 16

struct golden {
    struct hn_text name;
    enum script_language language;
    struct script_part parts[PARTS_MAX];
    size_t part_count;
    struct hn_text expect;
    struct vb_dump dump;
};

static unsigned cases;
static unsigned failures;

static bool is_act(struct hn_text line)
{
    static const struct hn_text others[] = { HN_TEXT_INIT("note "), HN_TEXT_INIT("layer "),
        HN_TEXT_INIT("text "), HN_TEXT_INIT("com_create ") };

    for (size_t i = 0; i < HN_COUNT_OF(others); i++)
        if (hn_text_starts(line, others[i]))
            return false;
    return line.len > 0;
}

/* Whether a line of `lines` is `wanted`, or holds what follows its star. */
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
        if (has_line(line, wanted))
            return true;
    return false;
}

static void check(struct golden *golden)
{
    struct hn_text rest = golden->expect;
    struct hn_text line;
    bool good = true;

    cases++;
    assert_int_equal(
            vb_dump_run(&golden->dump, golden->language, golden->parts, golden->part_count, NULL),
            HN_OK);
    while (hn_text_line(&rest, &line)) {
        line = hn_text_trim(line);
        if (line.len == 0 || has_line(hn_buf_text(&golden->dump.lines), line))
            continue;
        print_error("%.*s: lacks: %.*s\n", HN_TEXT_ARG(golden->name), HN_TEXT_ARG(line));
        good = false;
    }
    rest = hn_buf_text(&golden->dump.lines);
    while (hn_text_line(&rest, &line)) {
        if (!is_act(line) || is_expected(golden->expect, line))
            continue;
        print_error("%.*s: invented: %.*s\n", HN_TEXT_ARG(golden->name), HN_TEXT_ARG(line));
        good = false;
    }
    if (!good) {
        failures++;
        print_error("--- all of %.*s:\n%.*s\n", HN_TEXT_ARG(golden->name),
                HN_TEXT_ARG(hn_buf_text(&golden->dump.lines)));
    }
    hn_buf_deinit(&golden->dump.lines);
}

static void add_store(struct golden *golden, struct hn_text rest)
{
    size_t equals = hn_text_find(rest, HN_TEXT(" = "), 0);
    struct vb_store *store = &golden->dump.stores[golden->dump.store_count++];

    assert_true(equals != SIZE_MAX);
    store->name = hn_text_sub(rest, 0, equals);
    store->value = hn_text_sub(rest, equals + 3, SIZE_MAX);
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
    struct golden golden = { 0 };
    struct hn_text line;

    while (hn_text_line(&rest, &line)) {
        if (hn_text_starts(line, HN_TEXT("=== "))) {
            if (golden.name.len > 0)
                check(&golden);
            golden = (struct golden){ .language = SCRIPT_VBA };
            line = hn_text_sub(line, 4, SIZE_MAX);
            golden.name = hn_text_sub(line, 0, hn_text_find_char(line, ' ', 0));
            if (hn_text_ends(line, HN_TEXT(" vbscript")))
                golden.language = SCRIPT_VBSCRIPT;
        } else if (hn_text_starts(line, HN_TEXT("--- store "))) {
            add_store(&golden, hn_text_sub(line, 10, SIZE_MAX));
        } else if (hn_text_starts(line, HN_TEXT("--- module "))) {
            assert_true(golden.part_count < PARTS_MAX);
            golden.parts[golden.part_count].name = hn_text_sub(line, 11, SIZE_MAX);
            golden.parts[golden.part_count++].text = section(&rest);
        } else if (hn_text_starts(line, HN_TEXT("--- expect"))) {
            golden.expect = section(&rest);
        }
    }
    if (golden.name.len > 0)
        check(&golden);
}

static void cases_do_what_they_say(void **state)
{
    DIR *dir = opendir(HN_TESTS_DIR "/golden/vba");
    const struct dirent *entry;

    (void)state;
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char path[4096];
        struct hn_bytes bytes;

        if (!hn_text_ends(hn_text_cstr(entry->d_name), HN_TEXT(".txt")))
            continue;
        (void)snprintf(path, sizeof path, HN_TESTS_DIR "/golden/vba/%s", entry->d_name);
        bytes = shared_read(path);
        run_file(hn_bytes_as_text(bytes));
        shared_free(bytes);
    }
    (void)closedir(dir);
    print_message("%u cases, %u failed\n", cases, failures);
    assert_true(cases >= 80);
    assert_int_equal(failures, 0);
}

static int print_files(int count, char **names)
{
    struct script_part parts[256] = { 0 };
    struct vb_dump dump = { 0 };
    size_t len = strlen(names[0]);
    bool vbs = len > 4 && strcmp(names[0] + len - 4, ".vbs") == 0;

    for (int i = 0; i < count && i < 256; i++)
        parts[i].text = hn_bytes_as_text(shared_read(names[i]));
    if (vb_dump_run(&dump, vbs ? SCRIPT_VBSCRIPT : SCRIPT_VBA, parts, (size_t)count, NULL) != HN_OK)
        return 1;
    printf("%.*sstop %s steps %llu bytes %zu\n", HN_TEXT_ARG(hn_buf_text(&dump.lines)),
            script_stop_id(dump.stop), (unsigned long long)dump.steps, dump.bytes);
    hn_buf_deinit(&dump.lines);
    for (int i = 0; i < count && i < 256; i++)
        shared_free(hn_text_as_bytes(parts[i].text));
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(cases_do_what_they_say) };

    if (argc > 1)
        return print_files(argc - 1, argv + 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
