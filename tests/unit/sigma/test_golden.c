/* test_golden.c - the cases of tests/golden/sigma: every issue with its place, every rule's model.
 */
#include "load.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define CASES_MAX  256
#define PATH_BYTES 1024

/* The folder of this source file leads to the cases, wherever the build is. */
static void golden_path(char *path, const char *name)
{
    const char *end = strstr(__FILE__, "tests/unit/");

    assert_non_null(end);
    (void)snprintf(
            path, PATH_BYTES, "%.*stests/golden/sigma/%s", (int)(end - __FILE__), __FILE__, name);
}

static bool read_file(const char *name, struct hn_buf *out)
{
    char path[PATH_BYTES];
    FILE *file;
    size_t got;

    golden_path(path, name);
    file = fopen(path, "rb");
    if (file == NULL)
        return false;
    do {
        assert_true(hn_buf_reserve(out, 4096));
        got = fread(out->ptr + out->len, 1, 4096, file);
        out->len += got;
    } while (got > 0);
    (void)fclose(file);
    return true;
}

/* Lines of the case that start with a mark, without it. */
static void collect(struct hn_text text, struct hn_text mark, struct hn_buf *out)
{
    struct hn_text line;

    while (hn_text_line(&text, &line)) {
        if (!hn_text_starts(line, mark))
            continue;
        hn_buf_add_text(out, hn_text_sub(line, mark.len, line.len));
        hn_buf_add_char(out, '\n');
    }
    hn_buf_add_char(out, '\0');
}

static void dump_places(struct hn_buf *out, const struct sigma_set *set)
{
    for (uint32_t i = 0; i < set->issue_count; i++) {
        const struct sigma_issue *issue = &set->issues[i];

        hn_buf_addf(out, "%s%u:%u %.*s\n",
                hn_text_ends(issue->place.file, HN_TEXT(".pipeline")) ? "pipeline " : "",
                issue->place.line, issue->place.column, HN_TEXT_ARG(issue->code));
    }
    hn_buf_add_char(out, '\0');
}

static int compare_lines(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Issues come in order of place; the case may list them in any. */
static void sort_lines(struct hn_buf *text)
{
    char *lines[512];
    size_t count = 0;
    struct hn_buf sorted = { 0 };

    for (char *line = text->ptr; *line != '\0' && count < HN_COUNT_OF(lines);) {
        char *end = strchr(line, '\n');

        lines[count++] = line;
        *end = '\0';
        line = end + 1;
    }
    qsort(lines, count, sizeof(char *), compare_lines);
    for (size_t i = 0; i < count; i++)
        hn_buf_addf(&sorted, "%s\n", lines[i]);
    hn_buf_add_char(&sorted, '\0');
    hn_buf_deinit(text);
    *text = sorted;
}

static void run_case(const char *name)
{
    struct hn_buf rule = { 0 };
    struct hn_buf pipeline = { 0 };
    struct hn_buf expected = { 0 };
    struct hn_buf got = { 0 };
    struct sigma_loader *loader = sigma_loader_new(NULL);
    struct sigma_set *set = NULL;
    struct hn_err err = { 0 };
    char pipeline_name[PATH_BYTES];

    assert_true(read_file(name, &rule));
    (void)snprintf(
            pipeline_name, sizeof pipeline_name, "%.*s.pipeline", (int)strlen(name) - 4, name);
    if (read_file(pipeline_name, &pipeline)) {
        assert_int_equal(sigma_loader_add_pipeline(
                                 loader, hn_text_cstr(pipeline_name), hn_buf_text(&pipeline), &err),
                HN_OK);
    }
    assert_int_equal(
            sigma_loader_add_text(loader, hn_text_cstr(name), hn_buf_text(&rule), &err), HN_OK);
    assert_int_equal(sigma_loader_finish(loader, &set, &err), HN_OK);
    collect(hn_buf_text(&rule), HN_TEXT("# expect "), &expected);
    dump_places(&got, set);
    sort_lines(&expected);
    sort_lines(&got);
    if (strcmp(expected.ptr, got.ptr) != 0) {
        print_error("%s\n", name);
        print_issues(set);
    }
    assert_string_equal(got.ptr, expected.ptr);
    hn_buf_reset(&expected);
    hn_buf_reset(&got);
    collect(hn_buf_text(&rule), HN_TEXT("# model "), &expected);
    dump_set(&got, set);
    hn_buf_add_char(&got, '\0');
    if (strcmp(expected.ptr, got.ptr) != 0)
        print_error("%s\n", name);
    assert_string_equal(got.ptr, expected.ptr);
    sigma_set_unref(set);
    sigma_loader_free(loader);
    hn_buf_deinit(&rule);
    hn_buf_deinit(&pipeline);
    hn_buf_deinit(&expected);
    hn_buf_deinit(&got);
}

/* Every case gives the issues and the model that it says. */
static void cases_give_what_they_say(void **state)
{
    char path[PATH_BYTES];
    char *names[CASES_MAX];
    size_t count = 0;
    const struct dirent *entry;
    DIR *dir;

    (void)state;
    golden_path(path, "");
    dir = opendir(path);
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL && count < CASES_MAX) {
        size_t len = strlen(entry->d_name);

        if (len < 5 || strcmp(entry->d_name + len - 4, ".yml") != 0)
            continue;
        names[count] = malloc(len + 1);
        assert_non_null(names[count]);
        memcpy(names[count++], entry->d_name, len + 1);
    }
    (void)closedir(dir);
    assert_true(count >= 5);
    qsort(names, count, sizeof(char *), compare_lines);
    for (size_t i = 0; i < count; i++) {
        run_case(names[i]);
        free(names[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_give_what_they_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
