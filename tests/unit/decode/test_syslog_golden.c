/* test_syslog_golden.c - system logs and what is inside them, case by case as data.
 *
 * tests/golden/syslog/ holds files of cases: lines starting with "> " are the input, what follows
 * is the events that must come of it, printed by check_print(). The file's "format" line names the
 * decoder; a "fields" line names the fields to print from there on. With HN_GOLDEN_WRITE=1 in the
 * environment the files are written anew, to be read by a person before they are committed. */
#include "check_decode.h"

#include "base/num.h"

#include <dirent.h>

#define FILES_MAX 64

static char *read_file(const char *path, size_t *ret_len)
{
    FILE *file = fopen(path, "rb");
    struct hn_buf buf = { 0 };
    char part[4096];
    size_t got;

    assert_non_null(file);
    while ((got = fread(part, 1, sizeof part, file)) > 0)
        hn_buf_add(&buf, part, got);
    (void)fclose(file);
    *ret_len = buf.len;
    return buf.ptr;
}

/* The folder of cases, found from this file's own place in the tree. */
static struct hn_text golden_folder(void)
{
    static char path[4096];
    const char *end = strstr(__FILE__, "/unit/decode/");

    assert_non_null(end);
    (void)snprintf(path, sizeof path, "%.*s/golden/syslog", (int)(end - __FILE__), __FILE__);
    return hn_text_cstr(path);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static size_t list_files(char names[FILES_MAX][256])
{
    DIR *dir = opendir(golden_folder().ptr);
    const struct dirent *entry;
    size_t count = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL && count < FILES_MAX) {
        if (entry->d_name[0] != '.')
            (void)snprintf(names[count++], 256, "%s", entry->d_name);
    }
    (void)closedir(dir);
    qsort(names, count, 256, by_name);
    return count;
}

/* What the escape at text stands for; *ret_len is its length behind the backslash. */
static char escaped(struct hn_text text, size_t *ret_len)
{
    static const char names[] = "tnr0\\";
    static const char values[] = "\t\n\r\0\\";
    const char *name = memchr(names, text.ptr[0], sizeof names - 1);
    uint64_t value = 0;

    *ret_len = 1;
    if (name != NULL)
        return values[name - names];
    assert_true(text.len >= 3 && text.ptr[0] == 'x');
    assert_true(hn_parse_hex64(hn_text_sub(text, 1, 2), &value));
    *ret_len = 3;
    return (char)value;
}

/* Input may hold bytes that no editor keeps: \t \n \r \0 \xNN and \\ stand for them. Any other
 * backslash stands for itself. */
static void add_input(struct hn_buf *input, struct hn_text line)
{
    for (size_t i = 0; i < line.len; i++) {
        char c = line.ptr[i];

        if (c == '\\' && i + 1 < line.len && strchr("tnr0x\\", line.ptr[i + 1]) != NULL) {
            size_t len;

            c = escaped(hn_text_sub(line, i + 1, line.len), &len);
            i += len;
        }
        hn_buf_add_char(input, c);
    }
    hn_buf_add_char(input, '\n');
}

struct golden {
    const struct decode_format *format;
    struct check check;
    struct hn_buf input;
    struct hn_buf written; /* the file as it would be now */
};

/* Decodes the case's input, at once and in pieces, and writes what came out. */
static void end_case(struct golden *golden)
{
    const struct decode_options options = { .limits = { 0, 0 } };
    struct hn_text input = hn_buf_text(&golden->input);
    size_t whole;

    if (input.len == 0)
        return;
    if (hn_text_eq(decode_format_name(golden->format), HN_TEXT("syslog-octets")))
        input.len--; /* the last line feed is the editor's */
    assert_int_equal(check_decode(&golden->check, golden->format, &options, input, 0), HN_OK);
    hn_buf_add_text(&golden->written, hn_buf_text(&golden->check.out));
    whole = golden->check.out.len;
    assert_int_equal(check_decode(&golden->check, golden->format, &options, input, 7), HN_OK);
    assert_int_equal(golden->check.out.len, whole);
    hn_buf_reset(&golden->input);
}

static void run_lines(struct golden *golden, struct hn_text rest)
{
    struct hn_text line;

    while (hn_text_line(&rest, &line)) {
        if (hn_text_starts(line, HN_TEXT("> "))) {
            add_input(&golden->input, hn_text_sub(line, 2, line.len));
        } else if (hn_text_starts(line, HN_TEXT("=")) || hn_text_starts(line, HN_TEXT("  ")) ||
                   hn_text_starts(line, HN_TEXT("!"))) {
            continue; /* what was expected; compared as a whole */
        } else {
            end_case(golden);
            if (hn_text_starts(line, HN_TEXT("format ")))
                golden->format = decode_format_find(hn_text_sub(line, 7, line.len));
            if (hn_text_starts(line, HN_TEXT("fields ")))
                golden->check.only = hn_text_sub(line, 7, line.len);
        }
        hn_buf_add_text(&golden->written, line);
        hn_buf_add_char(&golden->written, '\n');
    }
    end_case(golden);
}

static void run_file(const char *name)
{
    struct golden golden = { .format = NULL };
    char path[4096];
    size_t len;
    char *text;
    bool same;

    (void)snprintf(path, sizeof path, "%s/%s", golden_folder().ptr, name);
    text = read_file(path, &len);
    check_init(&golden.check);
    run_lines(&golden, hn_text_of(text, len));
    same = hn_text_eq(hn_buf_text(&golden.written), hn_text_of(text, len));
    if (!same && getenv("HN_GOLDEN_WRITE") != NULL) {
        FILE *file = fopen(path, "wb");

        assert_non_null(file);
        assert_int_equal(
                fwrite(golden.written.ptr, 1, golden.written.len, file), golden.written.len);
        assert_int_equal(fclose(file), 0);
    } else if (!same) {
        print_error("%s: got\n%.*s\n", path, (int)golden.written.len, golden.written.ptr);
        fail();
    }
    check_deinit(&golden.check);
    hn_buf_deinit(&golden.input);
    hn_buf_deinit(&golden.written);
    hn_free(text);
}

/* Every case gives exactly the events written down, at once and in pieces of seven bytes, in
 * all-mode, in wanted-mode and when decoded again. */
static void cases_give_what_is_written(void **state)
{
    static char names[FILES_MAX][256];
    size_t count = list_files(names);

    (void)state;
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++)
        run_file(names[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_give_what_is_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
