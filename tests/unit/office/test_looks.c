/* test_looks.c - what macros read that is no text: how cells look, which cells are in use, lists
 * by number, custom XML. */
#include "support/office_tree.h"
#include "support/office_writer.h"

#include "base/mem.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

#define MAIN "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define RELATIONS                                                                              \
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relations\""        \
    "><Relationship Id=\"rId1\" Type=\"http://x/xlMacrosheet\" Target=\"macrosheets/s.xml\"/>" \
    "</Relationships>"

static const struct office_writer_part workbook[] = {
    { .name = "xl/workbook.xml",
            .text = "<workbook xmlns=\"" MAIN "\" xmlns:r=\"http://r\"><sheets>"
                    "<sheet name=\"M\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>" },
    { .name = "xl/_rels/workbook.xml.rels", .text = RELATIONS },
    { .name = "xl/styles.xml",
            .text = "<styleSheet xmlns=\"" MAIN "\"><numFmts><numFmt numFmtId=\"164\" "
                    "formatCode=\"0.0&quot;x&quot;\"/></numFmts><fonts>"
                    "<font><sz val=\"11\"/><name val=\"Calibri\"/></font>"
                    "<font><b/><i val=\"0\"/><u/><strike/><sz val=\"20.5\"/>"
                    "<color rgb=\"FFFF0000\"/><name val=\"Arial\"/></font></fonts>"
                    "<fills><fill/><fill><patternFill><fgColor indexed=\"13\"/></patternFill>"
                    "</fill></fills><cellStyleXfs><xf fontId=\"1\"/></cellStyleXfs>"
                    "<cellXfs><xf fontId=\"0\" numFmtId=\"0\"/>"
                    "<xf fontId=\"1\" fillId=\"1\" numFmtId=\"164\"><alignment "
                    "horizontal=\"right\" vertical=\"top\"/><protection locked=\"0\" "
                    "hidden=\"1\"/></xf></cellXfs></styleSheet>" },
    { .name = "xl/macrosheets/s.xml",
            .text = "<xm:macrosheet xmlns=\"" MAIN "\" xmlns:xm=\"http://m\">"
                    "<sheetFormatPr defaultRowHeight=\"15\"/>"
                    "<cols><col min=\"2\" max=\"3\" width=\"20.7109375\"/></cols><sheetData>"
                    "<row r=\"1\"><c r=\"A1\"><f>GET.CELL(19,B2)</f></c></row>"
                    "<row r=\"2\" ht=\"33.75\"><c r=\"B2\" s=\"1\"/></row>"
                    "</sheetData></xm:macrosheet>" },
};

static const char *const looks =
        "LOOKS 'M' 17=15 7=\"General\" 8=1 14=TRUE 15=FALSE 18=\"Calibri\" 19=11 20=FALSE "
        "21=FALSE 22=FALSE 23=FALSE 24=0 38=0 50=3 63=0\n"
        "LOOK 'M'!B1 16=20\nLOOK 'M'!C1 16=20\nLOOK 'M'!A2 17=33.75\n"
        "LOOK 'M'!B2 7=\"0.0\"\"x\"\"\" 8=4 14=FALSE 15=TRUE 18=\"Arial\" 19=20.5 20=TRUE "
        "21=FALSE 22=TRUE 23=TRUE 24=3 38=6 50=1 63=6\n";

static struct hn_text xlm_text(const struct dissect *dissect)
{
    for (uint32_t id = 0; id < dissect_count(dissect); id++)
        if (dissect_get(dissect, id)->format == DISSECT_XLM)
            return hn_bytes_as_text(dissect_get(dissect, id)->data);
    return HN_TEXT("");
}

static struct dissect *opened(const struct hn_buf *file)
{
    struct dissect *dissect = office_tree(hn_text_as_bytes(hn_buf_text(file)), DISSECT_UNKNOWN);

    assert_non_null(dissect);
    return dissect;
}

static void assert_has(struct hn_text text, const char *wanted)
{
    if (hn_text_find(text, hn_text_cstr(wanted), 0) == SIZE_MAX)
        fail_msg("not in: %.*s\nis: %s", HN_TEXT_ARG(text), wanted);
}

/* ---- How cells look ---- */

static void styles_of_a_package(void **state)
{
    struct hn_buf file = { 0 };
    struct dissect *dissect;

    (void)state;
    office_writer_package(workbook, HN_COUNT_OF(workbook), &file);
    dissect = opened(&file);
    assert_has(xlm_text(dissect), looks);
    dissect_free(dissect);
    hn_buf_deinit(&file);
}

static void memory_may_fail_at_any_time(void **state)
{
    struct hn_buf file = { 0 };
    bool whole = false;

    (void)state;
    office_writer_package(workbook, HN_COUNT_OF(workbook), &file);
    for (uint64_t n = 1; n < 100000 && !whole; n++) {
        struct dissect *dissect;

        hn_mem_fail_from(n);
        dissect = office_tree(hn_text_as_bytes(hn_buf_text(&file)), DISSECT_UNKNOWN);
        whole = dissect != NULL;
        hn_mem_fail_from(0);
        dissect_free(dissect);
    }
    assert_true(whole);
    hn_buf_deinit(&file);
}

static void biff(struct hn_buf *out, uint16_t type, const char *bytes, size_t len)
{
    office_writer_biff(out, type, bytes, len);
}

#define BIFF(out, type, bytes) biff(out, type, bytes, sizeof(bytes) - 1)

/* Globals, fonts and formats; one macro sheet at `sheet_at` bytes. */
static void binary_workbook(struct hn_buf *out, uint32_t sheet_at)
{
    char place[12] = { (char)sheet_at, (char)(sheet_at >> 8), 0, 0, 0, 1, 1, 0, 'M' };

    BIFF(out, 0x0809, "\x00\x06\x05\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00");
    for (int i = 0; i < 4; i++) {
        BIFF(out, 0x0031,
                "\xC8\x00\x00\x00\xFF\x7F\x90\x01\x00\x00\x00\x00\x00\x00\x05\x00"
                "Arial");
    }
    BIFF(out, 0x0031,
            "\x90\x01\x0A\x00\x0A\x00\xBC\x02\x00\x00\x01\x00\x00\x00\x05\x00"
            "Tahom");
    for (int i = 0; i < 16; i++) {
        BIFF(out, 0x00E0,
                "\x00\x00\x00\x00\x01\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00");
    }
    BIFF(out, 0x00E0,
            "\x05\x00\x01\x00\x02\x00\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x04\x0D\x00");
    biff(out, 0x0085, place, 9);
    BIFF(out, 0x000A, "");
}

static void binary_sheet(struct hn_buf *out)
{
    BIFF(out, 0x0809, "\x00\x06\x40\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00");
    BIFF(out, 0x0225, "\x00\x00\xFF\x00");                                 /* 12.75 points */
    BIFF(out, 0x0055, "\x08\x00");                                         /* 8 characters */
    BIFF(out, 0x007D, "\x02\x00\x02\x00\xB6\x14\x0F\x00\x00\x00\x00\x00"); /* C: 20 */
    BIFF(out, 0x0208, "\x04\x00\x00\x00\x01\x00\x94\x02\x00\x00\x00\x00\x00\x00\x00\x00");
    BIFF(out, 0x0208, "\x05\x00\x00\x00\x01\x00\xFF\x80\x00\x00\x00\x00\x00\x00\x00\x00");
    /* A1: =GET.CELL(5), a name with an argument: ptgInt 5, ptgFuncVar 1 argument of 0x00B9 */
    BIFF(out, 0x0006,
            "\x00\x00\x00\x00\x0F\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x07"
            "\x00"
            "\x1E\x05\x00\x42\x01\xB9\x00");
    BIFF(out, 0x0201, "\x02\x00\x01\x00\x10\x00");                 /* B3 */
    BIFF(out, 0x00BE, "\x03\x00\x00\x00\x0F\x00\x10\x00\x01\x00"); /* A4, B4 */
    BIFF(out, 0x000A, "");
}

static void fonts_of_a_binary_workbook(void **state)
{
    struct hn_buf stream = { 0 };
    struct hn_buf file = { 0 };
    struct dissect *dissect;
    struct hn_text text;
    uint32_t sheet_at;

    (void)state;
    binary_workbook(&stream, 0);
    sheet_at = (uint32_t)stream.len;
    hn_buf_reset(&stream);
    binary_workbook(&stream, sheet_at);
    binary_sheet(&stream);
    office_writer_stream("Workbook", hn_text_as_bytes(hn_buf_text(&stream)), &file);
    dissect = opened(&file);
    text = xlm_text(dissect);
    assert_has(text,
            "LOOKS 'M' 16=8 17=12.75 7=\"General\" 8=1 14=TRUE 15=FALSE 18=\"Arial\" 19=10 "
            "20=FALSE");
    assert_has(text, "LOOK 'M'!C1 16=20\n");
    assert_has(text, "LOOK 'M'!A5 17=33\n");
    assert_has(text, "LOOK 'M'!B3 7=\"0\" 8=4 14=FALSE 15=TRUE 18=\"Tahom\" 19=20 20=TRUE 21=TRUE "
                     "22=TRUE 23=TRUE 24=3 38=6 50=1 63=6\n");
    assert_has(text, "LOOK 'M'!B4 7=\"0\"");
    assert_true(hn_text_find(text, HN_TEXT("LOOK 'M'!A4"), 0) == SIZE_MAX);
    assert_true(hn_text_find(text, HN_TEXT("LOOK 'M'!A6"), 0) == SIZE_MAX);
    dissect_free(dissect);
    for (size_t len = 0; len < stream.len; len++) { /* every truncation ends, and leaks nothing */
        hn_buf_reset(&file);
        office_writer_stream("Workbook", hn_bytes_of((const uint8_t *)stream.ptr, len), &file);
        dissect = office_tree(hn_text_as_bytes(hn_buf_text(&file)), DISSECT_XLS);
        assert_non_null(dissect);
        dissect_free(dissect);
    }
    hn_buf_deinit(&stream);
    hn_buf_deinit(&file);
}

static void heights_of_a_symbolic_link(void **state)
{
    static const char text[] = "ID;P\r\nF;W3 4 30\r\nF;M400;R7\r\nO;E\r\nNN;NAuto_open;ER1C1\r\n"
                               "C;X1;Y1;K0;EGET.CELL(17,R7C2)\r\nE\r\n";
    struct dissect *dissect = office_tree(hn_text_as_bytes(hn_text_cstr(text)), DISSECT_SLK);

    (void)state;
    assert_non_null(dissect);
    assert_has(xlm_text(dissect), "!C1 16=30\n");
    assert_has(xlm_text(dissect), "!D1 16=30\n");
    assert_has(xlm_text(dissect), "!A7 17=20\n");
    dissect_free(dissect);
}

/* ---- Lists ---- */

static void used_cells_and_numbered_lists(void **state)
{
    static const struct office_writer_part parts[] = {
        { .name = "xl/workbook.xml",
                .text = "<workbook xmlns=\"" MAIN "\" xmlns:r=\"http://r\"><sheets>"
                        "<sheet name=\"Data\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>" },
        { .name = "xl/_rels/workbook.xml.rels",
                .text = "<Relationships><Relationship Id=\"rId1\" Type=\"http://x/worksheet\" "
                        "Target=\"worksheets/s.xml\"/></Relationships>" },
        { .name = "xl/worksheets/s.xml",
                .text = "<worksheet xmlns=\"" MAIN "\"><sheetPr codeName=\"S7\"/><sheetData>"
                        "<row r=\"2\"><c r=\"C2\"><v>1</v></c><c r=\"AB2\"><v>2</v></c></row>"
                        "<row r=\"9\"><c r=\"D9\"><v>3</v></c></row></sheetData></worksheet>" },
        { .name = "docProps/custom.xml",
                .text = "<Properties><property name=\"a\"><lpwstr>x</lpwstr></property>"
                        "<property name=\"b\"><lpwstr>y</lpwstr></property></Properties>" },
        { .name = "docProps/core.xml",
                .text = "<coreProperties><keywords>k</keywords></coreProperties>" },
        { .name = "customXml/item1.xml",
                .text = "<r xmlns=\"urn:x\"><d>one</d><e><f>two</f></e></r>" },
    };
    static const char *const stores[][2] = {
        { "Data!UsedRange", "C2:AB9" },
        { "S7!UsedRange", "C2:AB9" },
        { "Sheets(1)!UsedRange", "C2:AB9" },
        { "Sheets(1).Name", "Data" },
        { "CustomDocumentProperties(2).Name", "b" },
        { "CustomDocumentProperties(2).Value", "y" },
        { "BuiltInDocumentProperties(4)", "k" },
        { "ActiveDocument.CustomXMLParts(4).NamespaceURI", "urn:x" },
        { "ActiveDocument.CustomXMLParts(4).DocumentElement.Text", "onetwo" },
        { "ActiveDocument.CustomXMLParts.SelectByNamespace(\"urn:x\")(1)."
          "SelectSingleNode(\"d\").Text",
                "one" },
        { "ActiveDocument.CustomXMLParts(4).SelectSingleNode(\"e\").Text", "two" },
    };
    struct hn_buf file = { 0 };
    struct dissect *dissect;

    (void)state;
    office_writer_package(parts, HN_COUNT_OF(parts), &file);
    dissect = opened(&file);
    for (size_t i = 0; i < HN_COUNT_OF(stores); i++)
        if (!office_tree_store(dissect, stores[i][0], stores[i][1]))
            fail_msg("%s is not %s", stores[i][0], stores[i][1]);
    dissect_free(dissect);
    hn_buf_deinit(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(styles_of_a_package),
        cmocka_unit_test(memory_may_fail_at_any_time),
        cmocka_unit_test(fonts_of_a_binary_workbook),
        cmocka_unit_test(heights_of_a_symbolic_link),
        cmocka_unit_test(used_cells_and_numbered_lists),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
