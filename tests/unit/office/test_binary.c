/* test_binary.c - the binary documents: doc, xls, ppt. */
#include "support/office_tree.h"
#include "support/office_writer.h"

#include <zlib.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

static struct dissect *open_tree(const struct hn_buf *file)
{
    struct dissect *dissect = office_tree(hn_text_as_bytes(hn_buf_text(file)), DISSECT_UNKNOWN);

    assert_non_null(dissect);
    return dissect;
}

/* ---- Word ---- */

static void doc_strings_and_fields(void **state)
{
    static const struct office_writer_pair variables[] = { { "one", "payload" }, { "two", "" },
        { "three", "x" } };
    struct office_writer_doc doc = { .text = "first mark\r\x13 DDEAUTO cmd \"/c one.example\" \x14"
                                             "gone\x15 behind\r",
        .template_path = "http://one.example/t.dot",
        .variables = variables,
        .variable_count = 3,
        .bookmark = { "bm", "mark" } };

    (void)state;
    for (int with_nul = 0; with_nul < 2; with_nul++) {
        struct hn_buf file = { 0 };
        struct dissect *dissect;

        doc.nul_behind_values = with_nul != 0;
        office_writer_doc(&doc, &file);
        dissect = open_tree(&file);
        assert_int_equal(dissect_get(dissect, 0)->format, DISSECT_DOC);
        assert_true(office_tree_fact(dissect, "dde_command", "cmd /c one.example"));
        assert_true(office_tree_fact(dissect, "template_url", "http://one.example/t.dot"));
        assert_true(
                office_tree_store(dissect, "ActiveDocument.Variables(\"one\").Value", "payload"));
        assert_true(office_tree_store(dissect, "ActiveDocument.Variables(\"three\").Value", "x"));
        assert_true(
                office_tree_store(dissect, "ActiveDocument.Bookmarks(\"bm\").Range.Text", "mark"));
        assert_true(office_tree_store(
                dissect, "ActiveDocument.Content.Text", "first mark\rgone behind\r"));
        assert_true(office_tree_store(
                dissect, "ActiveDocument.Paragraphs(2).Range.Text", "gone behind\r"));
        dissect_free(dissect);
        hn_buf_deinit(&file);
    }
}

/* ---- Excel ---- */

static void add_sheet(
        struct hn_buf *out, uint32_t at, uint8_t state, uint8_t kind, const char *name)
{
    struct hn_buf data = { 0 };

    office_writer_u32(&data, at);
    hn_buf_add_char(&data, (char)state);
    hn_buf_add_char(&data, (char)kind);
    hn_buf_add_char(&data, (char)strlen(name));
    hn_buf_add_char(&data, 0);
    hn_buf_add_cstr(&data, name);
    office_writer_biff(out, 0x0085, data.ptr, data.len);
    hn_buf_deinit(&data);
}

static void add_bof(struct hn_buf *out, uint16_t kind)
{
    struct hn_buf data = { 0 };

    office_writer_u16(&data, 0x0600);
    office_writer_u16(&data, kind);
    hn_buf_add_repeat(&data, '\0', 12);
    office_writer_biff(out, 0x0809, data.ptr, data.len);
    hn_buf_deinit(&data);
}

/* "abcdef" in two records with a change to UTF-16 in the middle, then "rich" with a run. */
static void add_strings(struct hn_buf *out)
{
    struct hn_buf data = { 0 };

    office_writer_u32(&data, 3);
    office_writer_u32(&data, 2);
    office_writer_u16(&data, 6);
    hn_buf_add_lit(&data, "\0abc");
    office_writer_biff(out, 0x00FC, data.ptr, data.len);
    hn_buf_reset(&data);
    hn_buf_add_char(&data, 1);
    office_writer_wide(&data, "def");
    office_writer_u16(&data, 4);
    hn_buf_add_char(&data, 8);
    office_writer_u16(&data, 1);
    hn_buf_add_lit(&data, "rich");
    office_writer_u32(&data, 0);
    office_writer_biff(out, 0x003C, data.ptr, data.len);
    hn_buf_deinit(&data);
}

static void add_label_sst(struct hn_buf *out, uint16_t row, uint16_t column, uint32_t index)
{
    struct hn_buf data = { 0 };

    office_writer_u16(&data, row);
    office_writer_u16(&data, column);
    office_writer_u16(&data, 0);
    office_writer_u32(&data, index);
    office_writer_biff(out, 0x00FD, data.ptr, data.len);
    hn_buf_deinit(&data);
}

/* SUPBOOK cmd<03>/c one.example, and a hidden Auto_Open that stands for the first cell of the
 * second sheet. */
static void add_links(struct hn_buf *out)
{
    static const char book[] = "\0\0\022\0\0cmd\003/c one.example";
    static const char itself[] = "\2\0\1\4";
    static const char sheets[] = "\1\0\1\0\1\0\1\0";
    static const char name[] = "\x21\0\0\1\7\0\0\0\0\0\0\0\0\0\0\1\x3A\0\0\0\0\0\0";

    office_writer_biff(out, 0x01AE, book, 5 + 3 + 1 + 14);
    office_writer_biff(out, 0x01AE, itself, 4);
    office_writer_biff(out, 0x0017, sheets, 8);
    office_writer_biff(out, 0x0018, name, sizeof name - 1);
}

static void make_workbook(struct hn_buf *stream)
{

    add_bof(stream, 5);
    for (int pass = 0; pass < 2; pass++) { /* the second knows where the sheets are */
        size_t first = stream->len;

        hn_buf_reset(stream);
        add_bof(stream, 5);
        add_sheet(stream, (uint32_t)first, 0, 0, "Data");
        add_sheet(stream, 0, 2, 1, "Macro1");
        add_strings(stream);
        add_links(stream);
        office_writer_biff(stream, 0x000A, "", 0);
    }
    add_bof(stream, 0x10);
    add_label_sst(stream, 1, 27, 0);
    add_label_sst(stream, 2, 0, 1);
    office_writer_biff(stream, 0x01BA, "\4\0\0Tab1", 7);
    office_writer_biff(stream, 0x027E, "\3\0\0\0\0\0\x2B\0\0\0", 10);
    office_writer_biff(stream, 0x000A, "", 0);
}

static void xls_cells_names_links(void **state)
{
    struct hn_buf stream = { 0 };
    struct hn_buf file = { 0 };
    struct dissect *dissect;

    (void)state;
    make_workbook(&stream);
    office_writer_stream("Workbook", hn_text_as_bytes(hn_buf_text(&stream)), &file);
    dissect = open_tree(&file);
    assert_int_equal(dissect_get(dissect, 0)->format, DISSECT_XLS);
    assert_true(office_tree_fact(dissect, "very_hidden_sheet", "Macro1"));
    assert_true(office_tree_fact(dissect, "macro_sheet", "Macro1"));
    assert_true(office_tree_fact(dissect, "dde_command", "cmd /c one.example"));
    assert_true(office_tree_fact(dissect, "auto_name", "Auto_Open='Macro1'!$A$1"));
    assert_true(office_tree_note(dissect, DISSECT_NOTE_AUTORUN));
    assert_true(office_tree_store(dissect, "Sheets(\"Data\").Range(\"AB2\").Value", "abcdef"));
    assert_true(office_tree_store(dissect, "Data!A3", "rich"));
    assert_true(office_tree_store(dissect, "Tab1!A3", "rich"));
    assert_true(office_tree_store(dissect, "Sheets(1)!A3", "rich"));
    assert_true(office_tree_store(dissect, "Tab1.Name", "Data"));
    assert_true(office_tree_store(dissect, "Data!A4", "0.1"));
    dissect_free(dissect);
    hn_buf_deinit(&stream);
    hn_buf_deinit(&file);
}

/* A table of strings that says it has four billion costs what it has. */
static void xls_strings_that_lie(void **state)
{
    struct hn_buf stream = { 0 };
    struct hn_buf file = { 0 };
    struct dissect *dissect;

    (void)state;
    add_bof(&stream, 5);
    office_writer_biff(
            &stream, 0x00FC, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\4\0\0abcd\xFF\xFF\0x", 18);
    add_bof(&stream, 0x10);
    add_label_sst(&stream, 0, 0, 0);
    add_label_sst(&stream, 0, 1, 5);
    office_writer_stream("Workbook", hn_text_as_bytes(hn_buf_text(&stream)), &file);
    dissect = open_tree(&file);
    assert_true(office_tree_store(dissect, "!A1", "abcd"));
    dissect_free(dissect);
    hn_buf_deinit(&stream);
    hn_buf_deinit(&file);
}

/* ---- PowerPoint ---- */

static void ppt_texts_actions_objects(void **state)
{
    struct hn_buf native = { 0 };
    struct hn_buf object = { 0 };
    struct hn_buf stream = { 0 };
    struct hn_buf wide = { 0 };
    struct hn_buf file = { 0 };
    struct dissect *dissect;
    uint8_t packed[8192];
    uLongf packed_len = sizeof packed;

    (void)state;
    office_writer_native(&native, "a.txt", "C:\\a.txt", "C:\\t\\a.txt",
            hn_text_as_bytes(HN_TEXT("harmless")), NULL);
    office_writer_stream("\001Ole10Native", hn_text_as_bytes(hn_buf_text(&native)), &object);
    assert_int_equal(compress(packed, &packed_len, (const Bytef *)object.ptr, object.len), Z_OK);

    office_writer_ppt(&stream, 0x000F, 0x03EE, "", 0); /* a slide */
    office_writer_ppt(&stream, 0, 0x0FA8, "bytes", 5);
    office_writer_wide(&wide, "chars");
    office_writer_ppt(&stream, 0, 0x0FA0, wide.ptr, wide.len);
    office_writer_ppt(&stream, 0x001F, 0x0FF2, "", 0); /* when the mouse passes */
    office_writer_ppt(&stream, 0, 0x0FF3, "\0\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", 16);
    hn_buf_reset(&wide);
    office_writer_wide(&wide, "cmd /c one.example");
    office_writer_ppt(&stream, 0, 0x0FBA, wide.ptr, wide.len);
    hn_buf_reset(&wide);
    office_writer_u32(&wide, (uint32_t)object.len);
    hn_buf_add(&wide, packed, packed_len);
    office_writer_ppt(&stream, 0x0010, 0x1011, wide.ptr, wide.len);
    office_writer_stream("PowerPoint Document", hn_text_as_bytes(hn_buf_text(&stream)), &file);

    dissect = open_tree(&file);
    assert_int_equal(dissect_get(dissect, 0)->format, DISSECT_PPT);
    assert_true(office_tree_text(dissect, "slide", "bytes\nchars\n"));
    assert_true(office_tree_fact(
            dissect, "slide_action", "mouse_over ppaction://program cmd /c one.example"));
    assert_non_null(office_tree_object(dissect, DISSECT_COMMAND, NULL));
    assert_non_null(office_tree_object(dissect, DISSECT_UNKNOWN, "a.txt"));
    dissect_free(dissect);
    hn_buf_deinit(&native);
    hn_buf_deinit(&object);
    hn_buf_deinit(&stream);
    hn_buf_deinit(&wide);
    hn_buf_deinit(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doc_strings_and_fields),
        cmocka_unit_test(xls_cells_names_links),
        cmocka_unit_test(xls_strings_that_lie),
        cmocka_unit_test(ppt_texts_actions_objects),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
