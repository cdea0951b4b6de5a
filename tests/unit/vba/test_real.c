/* test_real.c - macros of real documents: modules equal to their published source, and no stomping
 * alarm on any. */
#include "vba/vba.h"

#include "support/check.h"
#include "support/shared.h"

#include <stdlib.h>

#define CAP ((size_t)256 << 20)

struct scene {
    struct hn_bytes bytes;
    struct hn_arena arena;
    struct ole_file *ole;
    const struct vba_project *project;
};

static struct scene scene_of(const char *below)
{
    char *path = shared_path_or_skip(below);
    struct scene s = { .bytes = shared_read(path) };
    uint32_t storage = 0;

    free(path);
    hn_arena_init(&s.arena, CAP);
    assert_int_equal(ole_open(&s.arena, s.bytes, NULL, &s.ole, NULL), HN_OK);
    assert_int_equal(ole_odd(s.ole), 0);
    assert_int_equal(vba_find(s.ole, &storage, 1), 1);
    assert_int_equal(vba_project_read(&s.arena, s.ole, storage, NULL, &s.project, NULL), HN_OK);
    assert_int_equal(s.project->odd, 0);
    return s;
}

static void scene_end(struct scene *s)
{
    hn_arena_deinit(&s->arena);
    shared_free(s->bytes);
}

/* Line by line, without what editors change at the ends of lines and of the text. */
static void check_lines(struct hn_text actual, struct hn_text expected)
{
    struct hn_text a;
    struct hn_text b;

    actual = hn_text_trim(actual);
    expected = hn_text_trim(expected);
    while (hn_text_line(&expected, &b)) {
        do { /* attributes within procedures: editors do not show them */
            assert_true(hn_text_line(&actual, &a));
        } while (hn_text_starts(a, HN_TEXT("Attribute ")));
        assert_true(hn_text_eq(hn_text_trim(a), hn_text_trim(b)));
    }
    assert_true(actual.ptr == NULL || actual.len == 0);
}

static void check_macro(const char *document, const char *source)
{
    struct scene s = scene_of(document);
    char *path = shared_path_or_skip(source);
    struct hn_bytes expected = shared_read(path);
    bool found = false;

    free(path);
    for (size_t i = 0; i < s.project->module_count; i++) {
        const struct vba_module *module = &s.project->modules[i];

        assert_int_equal(module->odd, 0);
        assert_int_not_equal(module->pcode.stomp, VBA_STOMP_YES);
        if (!hn_text_eq(module->name, HN_TEXT("Module1")))
            continue;
        found = true;
        check_lines(module->code, hn_bytes_as_text(expected));
        assert_true(module->pcode.present && module->pcode.whole);
        assert_int_equal(module->pcode.stomp, VBA_STOMP_NO);
    }
    assert_true(found);
    shared_free(expected);
    scene_end(&s);
}

static void word_macros_equal_their_source(void **state)
{
    (void)state;
    check_macro("data/documents/poi/test-data_document_SimpleMacro.doc",
            "data/documents/poi/test-data_document_SimpleMacro.vba");
}

static void excel_macros_equal_their_source(void **state)
{
    (void)state;
    check_macro("data/documents/poi/test-data_spreadsheet_SimpleMacro.xls",
            "data/documents/poi/test-data_spreadsheet_SimpleMacro.vba");
}

/* 2,873 lines of p-code in one module, forms, a password, an add-in's references. */
static void a_large_project_is_read(void **state)
{
    struct scene s = scene_of("data/documents/poi/test-data_spreadsheet_31749.xls");
    uint32_t lines = 0;

    (void)state;
    check_text(s.project->name, "UW");
    assert_int_equal(s.project->module_count, 6);
    assert_true(s.project->has_password);
    for (size_t i = 0; i < s.project->module_count; i++) {
        const struct vba_module *module = &s.project->modules[i];

        assert_int_equal(module->odd, 0);
        assert_true(module->pcode.whole);
        assert_int_equal(module->pcode.stomp, VBA_STOMP_NO);
        lines += module->pcode.line_count;
    }
    assert_int_equal(s.project->modules[0].type, VBA_MODULE_FORM);
    assert_int_equal(lines, 68 + 11 + 2873 + 3 + 373 + 13);
    scene_end(&s);
}

/* The same module with another source in its place is seen. */
static void a_real_project_that_is_stomped_alarms(void **state)
{
    struct scene s = scene_of("data/documents/poi/test-data_document_SimpleMacro.doc");
    struct hn_bytes copy;
    char *changed;
    const struct vba_module *module = NULL;
    struct hn_bytes stream;
    size_t module_bytes;
    uint64_t at;
    static const char wiped[] = "\x01\x11\xB0\x00"
                                "Attribut\x00"
                                "e VB_N=1";

    (void)state;
    for (size_t i = 0; i < s.project->module_count; i++)
        if (hn_text_eq(s.project->modules[i].name, HN_TEXT("Module1")))
            module = &s.project->modules[i];
    assert_non_null(module);
    if (module == NULL) /* for those who read code, not tests */
        return;
    changed = malloc(s.bytes.len);
    assert_non_null(changed);
    memcpy(changed, s.bytes.ptr, s.bytes.len);
    assert_int_equal(ole_read(s.ole, module->entry, &stream, NULL), HN_OK);
    assert_true(
            stream.ptr >= s.bytes.ptr && stream.ptr < s.bytes.ptr + s.bytes.len); /* one piece */
    module_bytes = stream.len;
    at = ole_where(s.ole, module->entry, module->offset);
    memcpy(changed + at, wiped, sizeof wiped - 1);
    memset(changed + at + sizeof wiped - 1, 0, module_bytes - module->offset - (sizeof wiped - 1));
    copy = s.bytes;
    s.bytes = hn_bytes_of(changed, copy.len);
    assert_int_equal(ole_open(&s.arena, s.bytes, NULL, &s.ole, NULL), HN_OK);
    assert_int_equal(vba_project_read(&s.arena, s.ole, ole_find(s.ole, HN_TEXT("Macros/VBA")), NULL,
                             &s.project, NULL),
            HN_OK);
    for (size_t i = 0; i < s.project->module_count; i++) {
        if (hn_text_eq(s.project->modules[i].stream_name, HN_TEXT("Module1"))) {
            assert_int_equal(s.project->modules[i].pcode.stomp, VBA_STOMP_YES);
            assert_true(hn_text_find(s.project->modules[i].pcode.missing,
                                HN_TEXT("word processing document"), 0) != SIZE_MAX);
        }
    }
    s.bytes = copy;
    scene_end(&s);
    free(changed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(word_macros_equal_their_source),
        cmocka_unit_test(excel_macros_equal_their_source),
        cmocka_unit_test(a_large_project_is_read),
        cmocka_unit_test(a_real_project_that_is_stomped_alarms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
