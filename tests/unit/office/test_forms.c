/* test_forms.c - the strings of forms and controls, as a macro finds them. */
#include "support/office_tree.h"
#include "support/office_writer.h"

#include "support/cfb_writer.h"
#include "support/oforms_writer.h"
#include "support/vba_writer.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

static const struct oforms_writer_control inner[] = {
    { .kind = OFORMS_TEXT_BOX, .name = "Box", .value = "pay", .tip = "tip", .tag = "tag" },
};
static const struct oforms_writer_control controls[] = {
    { .kind = OFORMS_FRAME, .name = "Frame1", .caption = "f", .children = inner, .child_count = 1 },
    { .kind = OFORMS_LABEL, .name = "Label1", .caption = "load" },
};

static void put_project(struct cfb_writer *cfb, const char *parent, const char *form_path)
{
    static const struct vba_writer_module modules[] = {
        { .name = "Module1", .source = "Sub A()\r\nEnd Sub\r\n" },
        { .name = "UserForm1", .type = VBA_WRITER_FORM, .source = "" },
    };
    struct vba_writer_project project = { .name = "P", .modules = modules, .count = 2 };
    struct oforms_writer_form form = { .caption = "Form", .controls = controls, .count = 2 };

    vba_writer_put(cfb, parent, &project);
    oforms_writer_put(cfb, form_path, &form);
}

/* A module asks for the strings of its project's forms by any of their names. */
static void assert_found(const struct dissect *dissect)
{
    static const char *const asked[][2] = {
        { "UserForm1.Box.Text", "pay" },
        { "userform1.frame1.box.value", "pay" },
        { "UserForm1.Box.ControlTipText", "tip" },
        { "UserForm1.Box.Tag", "tag" },
        { "UserForm1.Label1.Caption", "load" },
        { "UserForm1.Caption", "Form" },
    };
    const struct dissect_object *module =
            office_tree_object(dissect, DISSECT_VBA_MODULE, "Module1");
    union {
        const struct dissect *found;
        struct dissect *asking;
    } tree = { dissect };
    struct dissect_scope scope = { .dissect = tree.asking };

    assert_non_null(module);
    scope.id = module->id;
    for (size_t i = 0; i < HN_COUNT_OF(asked); i++) {
        struct hn_text value = { 0 };

        assert_true(dissect_lookup(&scope, hn_text_cstr(asked[i][0]), &value));
        assert_true(hn_text_eq(value, hn_text_cstr(asked[i][1])));
    }
    assert_true(office_tree_fact(dissect, "form", "UserForm1"));
    assert_true(office_tree_text(dissect, "form", "load"));
}

static void forms_in_packages(void **state)
{
    struct cfb_writer *cfb = cfb_writer_new(3);
    struct office_writer_part part = { .name = "word/vbaProject.bin" };
    struct hn_buf vba = { 0 };
    struct hn_buf file = { 0 };
    struct dissect *dissect;

    (void)state;
    put_project(cfb, "", "UserForm1");
    cfb_writer_finish(cfb, &vba);
    cfb_writer_free(cfb);
    part.bytes = hn_text_as_bytes(hn_buf_text(&vba));
    office_writer_package(&part, 1, &file);
    dissect = office_tree(hn_text_as_bytes(hn_buf_text(&file)), DISSECT_UNKNOWN);
    assert_non_null(dissect);
    assert_found(dissect);
    dissect_free(dissect);
    hn_buf_deinit(&vba);
    hn_buf_deinit(&file);
}

static void forms_in_binary_documents(void **state)
{
    struct cfb_writer *cfb = cfb_writer_new(3);
    struct hn_buf file = { 0 };
    struct dissect *dissect;

    (void)state;
    put_project(cfb, "_VBA_PROJECT_CUR", "_VBA_PROJECT_CUR/UserForm1");
    cfb_writer_stream(cfb, "Workbook", hn_text_as_bytes(HN_TEXT("\11\10\0\0")));
    cfb_writer_finish(cfb, &file);
    cfb_writer_free(cfb);
    dissect = office_tree(hn_text_as_bytes(hn_buf_text(&file)), DISSECT_UNKNOWN);
    assert_non_null(dissect);
    assert_int_equal(dissect_get(dissect, 0)->format, DISSECT_XLS);
    assert_found(dissect);
    dissect_free(dissect);
    hn_buf_deinit(&file);
}

/* ---- Controls on pages ---- */

static const uint8_t text_box[16] = { 0x10, 0x1D, 0xD2, 0x8B, 0x42, 0xEC, 0xCE, 0x11, 0x9E, 0x0D,
    0x00, 0xAA, 0x00, 0x60, 0x02, 0xF3 };

/* The bytes of a text box by itself: what a form keeps in its stream "o". */
static void text_box_bytes(struct hn_buf *out)
{
    struct oforms_writer_form form = { .caption = "x", .controls = inner, .count = 1 };
    struct cfb_writer *cfb = cfb_writer_new(3);
    struct hn_arena arena;
    struct ole_file *file;
    struct hn_bytes bytes;
    struct hn_buf all = { 0 };

    oforms_writer_put(cfb, "F", &form);
    cfb_writer_finish(cfb, &all);
    cfb_writer_free(cfb);
    hn_arena_init(&arena, (size_t)1 << 20);
    assert_int_equal(
            ole_open(&arena, hn_text_as_bytes(hn_buf_text(&all)), NULL, &file, NULL), HN_OK);
    assert_int_equal(ole_read(file, ole_find(file, HN_TEXT("F/o")), &bytes, NULL), HN_OK);
    hn_buf_add_text(out, hn_bytes_as_text(bytes));
    hn_arena_deinit(&arena);
    hn_buf_deinit(&all);
}

static void controls_in_binary_documents(void **state)
{
    struct cfb_writer *cfb = cfb_writer_new(3);
    struct hn_buf contents = { 0 };
    struct hn_buf name = { 0 };
    struct hn_buf file = { 0 };
    struct dissect *dissect;

    (void)state;
    text_box_bytes(&contents);
    office_writer_wide(&name, "Text7");
    office_writer_u16(&name, 0);
    cfb_writer_stream(cfb, "ObjectPool/_1/contents", hn_text_as_bytes(hn_buf_text(&contents)));
    cfb_writer_stream(cfb, "ObjectPool/_1/\003OCXNAME", hn_text_as_bytes(hn_buf_text(&name)));
    cfb_writer_clsid(cfb, "ObjectPool/_1", text_box);
    cfb_writer_finish(cfb, &file);
    cfb_writer_free(cfb);
    dissect = office_tree(hn_text_as_bytes(hn_buf_text(&file)), DISSECT_UNKNOWN);
    assert_non_null(dissect);
    assert_true(office_tree_store(dissect, "ThisDocument.Text7.Text", "pay"));
    assert_true(office_tree_store(dissect, "Text7.Value", "pay"));
    assert_true(office_tree_fact(dissect, "control", "TextBox Text7"));
    dissect_free(dissect);
    hn_buf_deinit(&contents);
    hn_buf_deinit(&name);
    hn_buf_deinit(&file);
}

/* In packages the name stands in the page, the class in front of the bytes, and relations between.
 */
static void controls_in_packages(void **state)
{
    struct hn_buf binary = { 0 };
    struct hn_buf file = { 0 };
    struct dissect *dissect;
    struct office_writer_part parts[] = {
        { .name = "word/document.xml",
                .text = "<w:document xmlns:r='u'><w:control r:id='c' w:name='Text7'/>"
                        "</w:document>" },
        { .name = "word/_rels/document.xml.rels",
                .text = "<Relationships><Relationship Id='c' Type='x/control' "
                        "Target='activeX/activeX1.xml'/></Relationships>" },
        { .name = "word/activeX/activeX1.xml",
                .text = "<ax:ocx ax:classid='{8BD21D10-EC42-11CE-9E0D-00AA006002F3}'/>" },
        { .name = "word/activeX/_rels/activeX1.xml.rels",
                .text = "<Relationships><Relationship Id='b' Type='x/activeXControlBinary' "
                        "Target='activeX1.bin'/></Relationships>" },
        { .name = "word/activeX/activeX1.bin" },
    };

    (void)state;
    hn_buf_add(&binary, text_box, 16);
    text_box_bytes(&binary);
    parts[4].bytes = hn_text_as_bytes(hn_buf_text(&binary));
    office_writer_package(parts, HN_COUNT_OF(parts), &file);
    dissect = office_tree(hn_text_as_bytes(hn_buf_text(&file)), DISSECT_UNKNOWN);
    assert_non_null(dissect);
    assert_true(office_tree_store(dissect, "ThisDocument.Text7.Text", "pay"));
    assert_true(
            office_tree_fact(dissect, "activex_clsid", "{8BD21D10-EC42-11CE-9E0D-00AA006002F3}"));
    dissect_free(dissect);
    hn_buf_deinit(&binary);
    hn_buf_deinit(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_in_packages),
        cmocka_unit_test(forms_in_binary_documents),
        cmocka_unit_test(controls_in_binary_documents),
        cmocka_unit_test(controls_in_packages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
