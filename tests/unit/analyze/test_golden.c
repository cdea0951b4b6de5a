/* test_golden.c - scripts and command lines as whole chains: tests/golden/script/<case>/input.* and
 * what must be told of the tree that becomes of it.
 *
 * Each line of `expected` must be told, as a whole line or, with a * at its end, as the beginning
 * of one. The addresses requested must be those of its "act http_request" lines and no others. The
 * ending of the input's name says what it is: .cmd is one command line, everything else is
 * recognised as a file of that name is. With a file as argument the program shows what is told:
 *
 *   object jscript layer eval
 *   act http_request? Url=http://a.example/x|Method=GET
 *   note evasion hidden window
 *   text decoded http://a.example/x */
#include "analyze/analyze.h"
#include "support/golden_lines.h"
#include "support/shared.h"

#include <dirent.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

#define CASES HN_TESTS_DIR "/golden/script"

static void add_visible(struct hn_buf *out, struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];

        if (c == '\n')
            hn_buf_add_lit(out, "\\n");
        else if (c < 0x20)
            hn_buf_addf(out, "\\x%02x", c);
        else
            hn_buf_add_char(out, (char)c);
    }
}

static void add_acts(struct hn_buf *out, const struct dissect_object *object)
{
    for (const struct dissect_act *act = object->acts; act != NULL; act = act->next) {
        hn_buf_addf(out, "act %s%s ", script_act_id(act->kind), act->conditional ? "?" : "");
        for (size_t i = 0; i < act->field_count; i++) {
            hn_buf_addf(out, "%s%s=", i > 0 ? "|" : "", act->fields[i].name);
            add_visible(out, act->fields[i].value);
        }
        hn_buf_add_char(out, '\n');
    }
}

static void add_object(struct hn_buf *out, const struct dissect_object *object)
{
    hn_buf_addf(out, "object %s %s ", dissect_format_id(object->format), object->relation);
    add_visible(out, object->name);
    hn_buf_add_char(out, '\n');
    hn_buf_add_lit(out, "data ");
    add_visible(out, hn_text_sub(hn_bytes_as_text(object->data), 0, 160));
    hn_buf_add_char(out, '\n');
    add_acts(out, object);
    for (const struct dissect_note *note = object->notes; note != NULL; note = note->next) {
        hn_buf_addf(out, "note %s ", dissect_note_id(note->kind));
        add_visible(out, note->detail);
        hn_buf_add_char(out, '\n');
    }
    for (const struct dissect_text *text = object->texts; text != NULL; text = text->next) {
        hn_buf_addf(out, "text %s ", text->what);
        add_visible(out, text->text);
        hn_buf_add_char(out, '\n');
    }
}

static void tell(const char *path, struct hn_buf *out)
{
    struct hn_bytes input = shared_read(path);
    const char *slash = strrchr(path, '/');
    struct hn_text name = hn_text_cstr(slash != NULL ? slash + 1 : path);
    bool command = hn_text_ends(name, HN_TEXT(".cmd"));
    struct dissect *dissect = dissect_new(NULL);
    struct dissect_child sample = { .format = command ? DISSECT_COMMAND : DISSECT_UNKNOWN,
        .name = command ? HN_TEXT("") : name,
        .relation = "sample",
        .data = input,
        .offset = DISSECT_NOWHERE };

    assert_non_null(dissect);
    assert_int_equal(dissect_child(dissect, DISSECT_NONE, &sample, NULL), HN_OK);
    assert_int_equal(analyze_take_apart(dissect, NULL, NULL), HN_OK);
    for (uint32_t id = 0; id < dissect_count(dissect); id++)
        add_object(out, dissect_get(dissect, id));
    dissect_free(dissect);
    shared_free(input);
}

/* The path of the case's one file input.*. */
static bool input_of(const char *name, char *path, size_t room)
{
    DIR *dir;
    const struct dirent *entry;
    bool found = false;

    (void)snprintf(path, room, CASES "/%s", name);
    dir = opendir(path);
    assert_non_null(dir);
    for (entry = readdir(dir); entry != NULL && !found; entry = readdir(dir)) {
        found = strncmp(entry->d_name, "input.", 6) == 0;
        if (found)
            (void)snprintf(path, room, CASES "/%s/%s", name, entry->d_name);
    }
    (void)closedir(dir);
    return found;
}

static size_t run_case(const char *name)
{
    char path[1024];
    struct hn_buf out = { 0 };
    struct hn_bytes expected;
    struct hn_text rest;
    struct hn_text line;
    size_t failures = 0;

    assert_true(input_of(name, path, sizeof path));
    tell(path, &out);
    (void)snprintf(path, sizeof path, CASES "/%s/expected", name);
    expected = shared_read(path);
    rest = hn_bytes_as_text(expected);
    while (hn_text_line(&rest, &line)) {
        if (line.len > 0 && !golden_told(hn_buf_text(&out), line)) {
            print_error("%s: not told: %.*s\n", name, HN_TEXT_ARG(line));
            failures++;
        }
    }
    failures += golden_invented(hn_buf_text(&out), hn_bytes_as_text(expected));
    if (failures > 0)
        print_error("%s: %.*s\n", name, HN_TEXT_ARG(hn_buf_text(&out)));
    hn_buf_deinit(&out);
    shared_free(expected);
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
    assert_true(count >= 40);
    assert_int_equal(failures, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(cases_are_told_as_expected) };
    struct hn_buf out = { 0 };

    if (argc < 2)
        return cmocka_run_group_tests(tests, NULL, NULL);
    for (int i = 1; i < argc; i++)
        tell(argv[i], &out);
    (void)fwrite(out.ptr, 1, out.len, stdout);
    hn_buf_deinit(&out);
    return 0;
}
