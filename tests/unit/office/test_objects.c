/* test_objects.c - objects in documents: packages, OLE 1, links, classes, forms; and which kind of
 * document something is. */
#include "support/office_tree.h"
#include "support/office_writer.h"

#include "support/cfb_writer.h"

#include <zlib.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

static struct dissect *open_as(const struct hn_buf *file, enum dissect_format format)
{
    struct dissect *dissect = office_tree(hn_text_as_bytes(hn_buf_text(file)), format);

    assert_non_null(dissect);
    return dissect;
}

/* The names in UTF-16 are the true ones; the child has the file's name without its folders. */
static void package_names(void **state)
{
    struct hn_buf native = { 0 };
    struct dissect *dissect;

    (void)state;
    office_writer_native(&native, "in????.pdf", "C:\\in.pdf", "C:\\t\\in.exe",
            hn_text_as_bytes(HN_TEXT("data")), "invoice.pdf");
    dissect = open_as(&native, DISSECT_OLE_OBJECT);
    assert_true(office_tree_fact(dissect, "package_label", "invoice.pdf"));
    assert_true(office_tree_note(dissect, DISSECT_NOTE_MISMATCH)); /* pdf is put as exe */
    assert_int_equal(dissect_get(dissect, 1)->data.len, 4);
    assert_true(hn_text_eq(dissect_get(dissect, 1)->name, HN_TEXT("invoice.pdf")));
    dissect_free(dissect);
    hn_buf_deinit(&native);
}

/* A package that leads to a program instead of holding a file. */
static void package_that_is_a_link(void **state)
{
    static const char bytes[] = "\x2F\0\0\0\2\0a.exe\0C:\\w\\a.exe\0\0\0\1\0\1\0C:\\w\\a.exe";
    struct hn_buf native = { 0 };
    struct dissect *dissect;

    (void)state;
    hn_buf_add(&native, bytes, sizeof bytes);
    dissect = open_as(&native, DISSECT_OLE_OBJECT);
    assert_true(office_tree_fact(dissect, "external_relation", "package C:\\w\\a.exe"));
    assert_non_null(office_tree_object(dissect, DISSECT_COMMAND, "a.exe"));
    dissect_free(dissect);
    hn_buf_deinit(&native);
}

/* What Word 2003 keeps objects in: a compound file of compressed ones. */
static void objects_of_word_2003(void **state)
{
    struct hn_buf native = { 0 };
    struct hn_buf object = { 0 };
    struct hn_buf stream = { 0 };
    struct hn_buf file = { 0 };
    struct dissect *dissect;
    uint8_t packed[8192];
    uLongf len = sizeof packed;

    (void)state;
    office_writer_native(&native, "a.txt", "b", "c.txt", hn_text_as_bytes(HN_TEXT("data")), NULL);
    office_writer_stream("\001Ole10Native", hn_text_as_bytes(hn_buf_text(&native)), &object);
    assert_int_equal(compress(packed, &len, (const Bytef *)object.ptr, object.len), Z_OK);
    office_writer_u32(&stream, (uint32_t)object.len);
    hn_buf_add(&stream, packed, len);
    office_writer_stream("_1234", hn_text_as_bytes(hn_buf_text(&stream)), &file);
    dissect = open_as(&file, DISSECT_UNKNOWN);
    assert_non_null(office_tree_object(dissect, DISSECT_UNKNOWN, "a.txt"));
    dissect_free(dissect);
    hn_buf_deinit(&native);
    hn_buf_deinit(&object);
    hn_buf_deinit(&stream);
    hn_buf_deinit(&file);
}

/* A package that says it is longer than what is there gives what is there, and says so. */
static void package_sizes_that_lie(void **state)
{
    struct hn_buf native = { 0 };
    struct dissect *dissect;

    (void)state;
    office_writer_native(&native, "a", "b", "c", hn_text_as_bytes(HN_TEXT("12345678")), NULL);
    native.len -= 3;
    dissect = open_as(&native, DISSECT_OLE_OBJECT);
    assert_int_equal(dissect_get(dissect, 1)->data.len, 5);
    assert_true(office_tree_note(dissect, DISSECT_NOTE_TRUNCATED));
    dissect_free(dissect);
    hn_buf_deinit(&native);
}

/* A link kept as a moniker, with the class of an object that fetches it. */
static void links_in_compound_files(void **state)
{
    static const uint8_t url_moniker[16] = { 0xE0, 0xC9, 0xEA, 0x79, 0xF9, 0xBA, 0xCE, 0x11, 0x8C,
        0x82, 0x00, 0xAA, 0x00, 0x4B, 0xA9, 0x0B };
    static const uint8_t equation[16] = { 0x02, 0xCE, 0x02, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0,
        0x46 };
    struct cfb_writer *cfb = cfb_writer_new(3);
    struct hn_buf stream = { 0 };
    struct hn_buf file = { 0 };
    struct dissect *dissect;

    (void)state;
    hn_buf_add_lit(&stream, "\1\0\0\2\1\0\0\0");
    hn_buf_add(&stream, url_moniker, 16);
    office_writer_u32(&stream, 44);
    office_writer_wide(&stream, "http://one.example/a.h");
    office_writer_u16(&stream, 0);
    cfb_writer_stream(cfb, "ObjectPool/_1/\001Ole", hn_text_as_bytes(hn_buf_text(&stream)));
    cfb_writer_clsid(cfb, "ObjectPool/_1", equation);
    cfb_writer_finish(cfb, &file);
    cfb_writer_free(cfb);
    dissect = open_as(&file, DISSECT_UNKNOWN);
    assert_int_equal(dissect_get(dissect, 0)->format, DISSECT_OLE);
    assert_true(office_tree_fact(dissect, "external_relation", "ole_link http://one.example/a.h"));
    assert_true(office_tree_fact(dissect, "ole_class", "Equation.3"));
    assert_true(office_tree_fact(dissect, "ole_clsid", "{0002ce02-0000-0000-c000-000000000046}"));
    dissect_free(dissect);
    hn_buf_deinit(&stream);
    hn_buf_deinit(&file);
}

/* Files somebody put into a stream are children; streams of no known kind are not. */
static void streams_that_are_files(void **state)
{
    struct cfb_writer *cfb = cfb_writer_new(3);
    struct hn_buf file = { 0 };
    struct dissect *dissect;

    (void)state;
    cfb_writer_stream(cfb, "a/CONTENTS", hn_text_as_bytes(HN_TEXT("%PDF-1.4 nothing")));
    cfb_writer_stream(cfb, "b", hn_text_as_bytes(HN_TEXT("MZ nothing")));
    cfb_writer_stream(cfb, "c", hn_text_as_bytes(HN_TEXT("nothing")));
    cfb_writer_finish(cfb, &file);
    cfb_writer_free(cfb);
    dissect = open_as(&file, DISSECT_UNKNOWN);
    assert_int_equal(dissect_count(dissect), 3);
    dissect_free(dissect);
    hn_buf_deinit(&file);
}

static void assert_kind(struct hn_text text, enum dissect_format format)
{
    assert_int_equal(office_recognise(hn_text_as_bytes(text)), format);
}

static void kinds_are_told_apart(void **state)
{
    static const struct {
        const char *stream;
        enum dissect_format format;
    } streams[] = {
        { "WordDocument", DISSECT_DOC },
        { "Workbook", DISSECT_XLS },
        { "BOOK", DISSECT_XLS },
        { "PowerPoint Document", DISSECT_PPT },
        { "EncryptedPackage", DISSECT_OFFICE_ENCRYPTED },
        { "__properties_version1.0", DISSECT_MSG },
        { "else", DISSECT_OLE },
    };
    static const struct {
        const char *part;
        enum dissect_format format;
    } parts[] = {
        { "word/document.xml", DISSECT_DOCX },
        { "/Word\\document.xml", DISSECT_DOCX },
        { "xl/workbook.xml", DISSECT_XLSX },
        { "xl/workbook.bin", DISSECT_XLSB },
        { "ppt/presentation.xml", DISSECT_PPTX },
        { "visio/document.xml", DISSECT_VSDX },
        { "Documents/1/FixedDocument.fdoc", DISSECT_OPC },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(streams); i++) {
        struct hn_buf file = { 0 };

        office_writer_stream(streams[i].stream, hn_text_as_bytes(HN_TEXT("x")), &file);
        assert_kind(hn_buf_text(&file), streams[i].format);
        hn_buf_deinit(&file);
    }
    for (size_t i = 0; i < HN_COUNT_OF(parts); i++) {
        struct office_writer_part part = { .name = parts[i].part, .text = "<x/>" };
        struct hn_buf file = { 0 };

        office_writer_package(&part, 1, &file);
        assert_kind(hn_buf_text(&file), parts[i].format);
        hn_buf_deinit(&file);
    }
    assert_kind(HN_TEXT("{\\rt"), DISSECT_RTF);
    assert_kind(HN_TEXT(" \r\n{\\rtf1}"), DISSECT_RTF);
    assert_kind(HN_TEXT("ID;PX\r\nE\r\n"), DISSECT_SLK);
    assert_kind(HN_TEXT("IDEA;"), DISSECT_UNKNOWN);
    assert_kind(HN_TEXT("plain"), DISSECT_UNKNOWN);
    assert_kind(HN_TEXT(""), DISSECT_UNKNOWN);
    assert_kind(HN_TEXT("PK\3\4"), DISSECT_UNKNOWN);
    assert_kind(HN_TEXT("<html xmlns:x='urn:schemas-microsoft-com:office:spreadsheet'>"),
            DISSECT_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(package_names),
        cmocka_unit_test(package_that_is_a_link),
        cmocka_unit_test(objects_of_word_2003),
        cmocka_unit_test(package_sizes_that_lie),
        cmocka_unit_test(links_in_compound_files),
        cmocka_unit_test(streams_that_are_files),
        cmocka_unit_test(kinds_are_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
