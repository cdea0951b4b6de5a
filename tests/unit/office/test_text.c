/* test_text.c - documents that are text: SLK, CSV, MHT, ActiveMime, XML of 2003, Flat OPC; and
 * workbooks, slides and OpenDocument in packages. */
#include "support/office_tree.h"
#include "support/office_writer.h"

#include "base/enc.h"
#include "support/cfb_writer.h"
#include "support/vba_writer.h"
#include "support/zip_writer.h"

#include <zlib.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

static struct dissect *open_as(struct hn_text text, enum dissect_format format)
{
    struct dissect *dissect = office_tree(hn_text_as_bytes(text), format);

    assert_non_null(dissect);
    return dissect;
}

static struct dissect *open_known(struct hn_text text, enum dissect_format format)
{
    struct dissect *dissect = open_as(text, DISSECT_UNKNOWN);

    assert_int_equal(dissect_get(dissect, 0)->format, format);
    return dissect;
}

/* ---- CSV ---- */

static void csv_formulas_that_start_programs(void **state)
{
    static const char *const cells[] = {
        "=cmd|'/C one.example'!A0",
        "+cmd|'/C one.example'!A0",
        "-2+3+cmd|'/C one.example'!D2",
        "@SUM(1+1)*cmd|'/C one.example'!A0",
        "a,b\r\nc,\"=cmd|'/C one.example'!A0\"\r\n",
        "a;=cmd|'/C one.example'!_xlbgnm.A1",
        "x\t =cmd|'/C one.example'!'A 1'",
        "\"=DDE(\"\"cmd\"\";\"\"/C one.example\"\";\"\"x\"\")\"",
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cells); i++) {
        struct dissect *dissect = open_as(hn_text_cstr(cells[i]), DISSECT_CSV);

        assert_true(office_tree_fact(dissect, "dde_command", "cmd /C one.example"));
        dissect_free(dissect);
    }
}

/* Excel goes to a program by way of the folders above. */
static void csv_formula_with_a_path(void **state)
{
    struct dissect *dissect = open_as(
            HN_TEXT("=MSEXCEL|'\\..\\..\\..\\Windows\\System32\\cmd.exe /c one.example'!''"),
            DISSECT_CSV);

    (void)state;
    assert_true(
            office_tree_fact(dissect, "dde_command", "Windows\\System32\\cmd.exe /c one.example"));
    dissect_free(dissect);
}

static void csv_without_false_alarms(void **state)
{
    static const char *const cells[] = {
        "name,value\r\n-1|2,3!\r\n",
        "\"a|b\",\"=SUM(A1:A3)\",-5,+49 30 123|4",
        "=A1&\"cmd|'/c x'!A0\"",
        "@someone wrote: cmd | more !",
        "+---|---!+\n| a | b |",
        "=HYPERLINK(\"http://one.example/\",\"x|y!z\")",
        "=ADDE(\"cmd\";\"x\")",
        "cmd|'/c one.example'!A0",
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cells); i++) {
        struct dissect *dissect = open_as(hn_text_cstr(cells[i]), DISSECT_CSV);

        assert_null(dissect_get(dissect, 0)->facts);
        assert_int_equal(dissect_count(dissect), 1);
        dissect_free(dissect);
    }
}

/* ---- SLK ---- */

static void slk_names_cells_formulas(void **state)
{
    struct dissect *dissect = open_known(
            HN_TEXT("ID;P\r\nO;E\rNN;NAuto_open;ER2C1\nC;X2;Y3;K\"a;;b\";EEXEC(\"x\")\r\n"
                    "C;Y4;X1;K7\r\nC;X1;Y5;K0;Ecmd|'/c one.example'!A0\r\nE\r\n"),
            DISSECT_SLK);

    (void)state;
    assert_true(office_tree_store(dissect, "Sheet1!B3", "a;b"));
    assert_true(office_tree_store(dissect, "Sheets(\"Sheet1\").Range(\"A4\").Value", "7"));
    assert_true(office_tree_fact(dissect, "auto_name", "Auto_open='Sheet1'!$A$2"));
    assert_true(office_tree_fact(dissect, "macro_sheet", "Sheet1"));
    assert_true(office_tree_fact(dissect, "dde_command", "cmd /c one.example"));
    assert_true(office_tree_text(dissect, "cells", "EXEC(\"x\")"));
    dissect_free(dissect);
}

/* ---- XML ---- */

#define DDE_RUN                                                                             \
    "<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>DDE cmd a.example" \
    "</w:instrText></w:r><w:r><w:fldChar w:fldCharType='end'/></w:r></w:p>"

static void word_2003_xml(void **state)
{
    struct dissect *dissect = open_known(
            HN_TEXT("<?xml version='1.0'?><?mso-application progid=\"Word.Document\"?>"
                    "<w:wordDocument "
                    "xmlns:w='http://schemas.microsoft.com/office/word/2003/wordml'>"
                    "<o:DocumentProperties><o:Title>T</o:Title></o:DocumentProperties>"
                    "<o:CustomDocumentProperties><o:own dt:dt='string'>v</o:own>"
                    "</o:CustomDocumentProperties><w:docPr><w:attachedTemplate "
                    "w:val='http://one.example/t.dot'/><w:docVars><w:docVar w:name='n' w:val='x'/>"
                    "</w:docVars></w:docPr><w:body>" DDE_RUN "</w:body></w:wordDocument>"),
            DISSECT_WORD_XML);

    (void)state;
    assert_true(office_tree_fact(dissect, "title", "T"));
    assert_true(office_tree_fact(dissect, "template_url", "http://one.example/t.dot"));
    assert_true(office_tree_fact(dissect, "dde_command", "cmd a.example"));
    assert_true(office_tree_store(dissect, "CustomDocumentProperties(\"own\")", "v"));
    assert_true(office_tree_store(dissect, "ActiveDocument.Variables(\"n\").Value", "x"));
    dissect_free(dissect);
}

static void flat_opc(void **state)
{
    struct dissect *dissect = open_known(
            HN_TEXT("<pkg:package xmlns:pkg='http://schemas.microsoft.com/office/2006/xmlPackage'>"
                    "<pkg:part pkg:name='/word/_rels/settings.xml.rels'><pkg:xmlData>"
                    "<Relationships><Relationship Id='r' Type='x/attachedTemplate' "
                    "TargetMode='External' Target='http://one.example/t'/></Relationships>"
                    "</pkg:xmlData></pkg:part><pkg:part pkg:name='/word/document.xml'>"
                    "<pkg:xmlData><w:document>" DDE_RUN "</w:document></pkg:xmlData></pkg:part>"
                    "<pkg:part pkg:name='/word/embeddings/o.bin'><pkg:binaryData>TVo\r\nAAA=="
                    "</pkg:binaryData></pkg:part></pkg:package>"),
            DISSECT_WORD_XML);
    const struct dissect_object *object;

    (void)state;
    assert_true(office_tree_fact(dissect, "template_url", "http://one.example/t"));
    assert_true(office_tree_fact(dissect, "dde_command", "cmd a.example"));
    object = office_tree_object(dissect, DISSECT_UNKNOWN, "word/embeddings/o.bin");
    assert_non_null(object);
    assert_true(hn_text_eq(hn_bytes_as_text(object->data), HN_TEXT("MZ\0\0")));
    dissect_free(dissect);
}

static void excel_2003_xml(void **state)
{
    struct dissect *dissect = open_known(
            HN_TEXT("<?xml version='1.0'?><Workbook "
                    "xmlns='urn:schemas-microsoft-com:office:spreadsheet'><SupBook>"
                    "<Path>cmd|/c one.example</Path></SupBook><Worksheet ss:Name='S 1'><Table>"
                    "<Row ss:Index='3'><Cell ss:Index='2' ss:Formula='=1'><Data>v</Data></Cell>"
                    "<Cell><Data>w</Data></Cell></Row></Table><WorksheetOptions><Visible>"
                    "SheetVeryHidden</Visible></WorksheetOptions></Worksheet></Workbook>"),
            DISSECT_EXCEL_XML);

    (void)state;
    assert_true(office_tree_fact(dissect, "dde_command", "cmd /c one.example"));
    assert_true(office_tree_fact(dissect, "very_hidden_sheet", "S 1"));
    assert_true(office_tree_store(dissect, "Sheets(\"S 1\").Range(\"B3\").Value", "v"));
    assert_true(office_tree_store(dissect, "S 1!C3", "w"));
    dissect_free(dissect);
}

/* ---- MHT ---- */

/* A project of macros as Word puts it beside a page: compressed in an ActiveMime file. */
static void make_activemime(struct hn_buf *out)
{
    static const struct vba_writer_module modules[] = {
        { .name = "Module1", .source = "Sub AutoOpen()\r\nEnd Sub\r\n" },
    };
    struct vba_writer_project project = { .name = "P", .modules = modules, .count = 1 };
    struct cfb_writer *cfb = cfb_writer_new(3);
    struct hn_buf file = { 0 };
    uint8_t packed[32768];
    uLongf len = sizeof packed;

    vba_writer_put(cfb, "", &project);
    cfb_writer_finish(cfb, &file);
    cfb_writer_free(cfb);
    assert_int_equal(compress(packed, &len, (const Bytef *)file.ptr, file.len), Z_OK);
    hn_buf_add_lit(out, "ActiveMime\0\0\1\xF0");
    hn_buf_add_repeat(out, '\0', 0x32 - out->len);
    hn_buf_add(out, packed, len);
    hn_buf_deinit(&file);
}

static void mht_macros_and_fields(void **state)
{
    static const char *const boundaries[] = { "; boundary=\"--=x\"", ";\r\n\tboundary=--=x", "" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(boundaries); i++) {
        struct hn_buf mime = { 0 };
        struct hn_buf file = { 0 };
        struct dissect *dissect;

        make_activemime(&mime);
        hn_buf_addf(&file, "MIME-Version: 1.0\r\nContent-Type: multipart/related%s\r\n\r\n",
                boundaries[i]);
        hn_buf_add_lit(&file,
                "----=x\r\nContent-Location: file:///C:/a.htm\r\nContent-Type: text/html\r\n"
                "Content-Transfer-Encoding: quoted-printable\r\n\r\n<html><span style=3D'mso-"
                "element:field-begin'></span> DDE cmd <b>a.ex=\r\nample</b><span style=3D'mso-"
                "element:field-separator'></span></html>\r\n----=x\r\nContent-Location: "
                "file:///C:/editdata.mso\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        hn_base64_encode(&file, hn_text_as_bytes(hn_buf_text(&mime)));
        hn_buf_add_lit(&file, "\r\n----=x--\r\n");
        dissect = open_known(hn_buf_text(&file), DISSECT_MHT);
        assert_non_null(office_tree_object(dissect, DISSECT_VBA_MODULE, "Module1"));
        assert_true(office_tree_fact(dissect, "dde_command", "cmd a.example"));
        dissect_free(dissect);
        hn_buf_deinit(&file);
        hn_buf_deinit(&mime);
    }
}

/* ---- Packages ---- */

static struct dissect *open_package(
        struct hn_buf *file, const struct office_writer_part *parts, size_t count)
{
    office_writer_package(parts, count, file);
    return open_as(hn_buf_text(file), DISSECT_UNKNOWN);
}

static void workbook_of_parts(void **state)
{
    static const struct office_writer_part parts[] = {
        { .name = "xl/workbook.xml",
                .text = "<workbook xmlns:r='u'><sheets><sheet name='Data' sheetId='1' r:id='a'/>"
                        "<sheet name='M' sheetId='2' state='veryHidden' r:id='b'/></sheets>"
                        "<definedNames><definedName name='_xlnm.Auto_Open' hidden='1'>M!$A$1"
                        "</definedName></definedNames></workbook>" },
        { .name = "xl/_rels/workbook.xml.rels",
                .text = "<Relationships><Relationship Id='a' Type='x/worksheet' "
                        "Target='worksheets/s1.xml'/><Relationship Id='b' Type='x/xlMacrosheet' "
                        "Target='/xl/macrosheets/m.xml'/></Relationships>" },
        { .name = "xl/worksheets/s1.xml",
                .text = "<worksheet><sheetPr codeName='Tabelle1'/><sheetData><row r='2'>"
                        "<c r='B2' t='s'><v>1</v></c><c t='inlineStr'><is><t>in</t></is></c>"
                        "<c r='D2'><f>cmd|'/c one.example'!A0</f><v>3.5</v></c></row></sheetData>"
                        "</worksheet>" },
        { .name = "xl/macrosheets/m.xml", .text = "<xm:macrosheet><sheetData/></xm:macrosheet>" },
        { .name = "xl/sharedStrings.xml",
                .text = "<sst><si><t>zero</t></si><si><r><t>o</t></r><r><t>ne</t></r>"
                        "<rPh><t>phonetic</t></rPh></si></sst>" },
        { .name = "xl/externalLinks/externalLink1.xml",
                .text = "<externalLink><ddeLink ddeService='wscript' ddeTopic='x.js'/>"
                        "</externalLink>" },
        { .name = "xl/drawings/drawing1.xml",
                .text = "<xdr:wsDr><xdr:cNvPr id='1' name='Box 1' descr='alt'/><a:t>text</a:t>"
                        "</xdr:wsDr>" },
    };
    struct hn_buf file = { 0 };
    struct dissect *dissect = open_package(&file, parts, HN_COUNT_OF(parts));

    (void)state;
    assert_int_equal(dissect_get(dissect, 0)->format, DISSECT_XLSX);
    assert_true(office_tree_store(dissect, "Sheets(\"Data\").Range(\"B2\").Value", "one"));
    assert_true(office_tree_store(dissect, "Data!B2", "one"));
    assert_true(office_tree_store(dissect, "Tabelle1!B2", "one"));
    assert_true(office_tree_store(dissect, "Sheets(1)!B2", "one"));
    assert_true(office_tree_store(dissect, "Data!D2", "3.5"));
    assert_true(office_tree_store(dissect, "Tabelle1.Name", "Data"));
    assert_true(office_tree_store(dissect, "Shapes(\"Box 1\").AlternativeText", "alt"));
    assert_true(office_tree_store(dissect, "Shapes(\"Box 1\").TextFrame.Characters.Text", "text"));
    assert_true(office_tree_fact(dissect, "macro_sheet", "M"));
    assert_true(office_tree_fact(dissect, "very_hidden_sheet", "M"));
    assert_true(office_tree_fact(dissect, "auto_name", "Auto_Open='M'!$A$1"));
    assert_true(office_tree_fact(dissect, "dde_command", "cmd /c one.example"));
    assert_true(office_tree_fact(dissect, "dde_command", "wscript x.js"));
    dissect_free(dissect);
    hn_buf_deinit(&file);
}

static void slides_of_parts(void **state)
{
    static const struct office_writer_part parts[] = {
        { .name = "ppt/presentation.xml",
                .text = "<p:presentation xmlns:r='u'><p:sldIdLst><p:sldId id='256' r:id='s'/>"
                        "</p:sldIdLst></p:presentation>" },
        { .name = "ppt/_rels/presentation.xml.rels",
                .text = "<Relationships><Relationship Id='s' Type='x/slide' "
                        "Target='slides/one.xml'/></Relationships>" },
        { .name = "ppt/slides/one.xml",
                .text = "<p:sld xmlns:r='u'><p:cNvPr id='2' name='Title' descr='d'>"
                        "<a:hlinkHover r:id='h' action='ppaction://program'/></p:cNvPr>"
                        "<a:p><a:r><a:t>text</a:t></a:r></a:p></p:sld>" },
        { .name = "ppt/slides/_rels/one.xml.rels",
                .text = "<Relationships><Relationship Id='h' Type='x/hyperlink' "
                        "TargetMode='External' Target='cmd%20/c%20one.example'/></Relationships>" },
    };
    struct hn_buf file = { 0 };
    struct dissect *dissect = open_package(&file, parts, HN_COUNT_OF(parts));

    (void)state;
    assert_int_equal(dissect_get(dissect, 0)->format, DISSECT_PPTX);
    assert_true(office_tree_fact(dissect, "action_command", "cmd /c one.example"));
    assert_true(office_tree_note(dissect, DISSECT_NOTE_AUTORUN));
    assert_true(office_tree_store(dissect,
            "ActivePresentation.Slides(1).Shapes(\"Title\").TextFrame.TextRange.Text", "text\r"));
    dissect_free(dissect);
    hn_buf_deinit(&file);
}

/* A record of a binary part: type and length below 128. */
static void biff12(struct hn_buf *out, uint32_t type, struct hn_buf *data)
{
    if (type < 128) {
        hn_buf_add_char(out, (char)type);
    } else {
        hn_buf_add_char(out, (char)((type & 0x7F) | 0x80));
        hn_buf_add_char(out, (char)(type >> 7));
    }
    assert_in_range(data->len, 0, 127);
    hn_buf_add_char(out, (char)data->len);
    hn_buf_add_text(out, hn_buf_text(data));
    hn_buf_reset(data);
}

static void wide(struct hn_buf *out, const char *text)
{
    office_writer_u32(out, (uint32_t)strlen(text));
    office_writer_wide(out, text);
}

static void workbook_of_binary_parts(void **state)
{
    struct hn_buf strings = { 0 };
    struct hn_buf link = { 0 };
    struct hn_buf sheet = { 0 };
    struct hn_buf book = { 0 };
    struct hn_buf file = { 0 };
    struct hn_buf d = { 0 };
    struct dissect *dissect;

    (void)state;
    office_writer_u32(&d, 2);
    office_writer_u32(&d, 1);
    wide(&d, "a");
    wide(&d, "M");
    biff12(&book, 156, &d);
    hn_buf_add_char(&d, 0);
    wide(&d, "shared");
    biff12(&strings, 19, &d);
    office_writer_u32(&d, 4); /* row 5 */
    biff12(&sheet, 0, &d);
    office_writer_u32(&d, 2);
    office_writer_u32(&d, 0);
    office_writer_u32(&d, 0);
    biff12(&sheet, 7, &d);
    office_writer_u16(&d, 1);
    wide(&d, "cmd");
    wide(&d, "/c one.example");
    biff12(&link, 360, &d);
    {
        struct office_writer_part parts[] = {
            { .name = "xl/workbook.bin", .bytes = hn_text_as_bytes(hn_buf_text(&book)) },
            { .name = "xl/_rels/workbook.bin.rels",
                    .text = "<Relationships><Relationship Id='a' Type='x/xlMacrosheet' "
                            "Target='macrosheets/s.bin'/></Relationships>" },
            { .name = "xl/macrosheets/s.bin", .bytes = hn_text_as_bytes(hn_buf_text(&sheet)) },
            { .name = "xl/sharedStrings.bin", .bytes = hn_text_as_bytes(hn_buf_text(&strings)) },
            { .name = "xl/externalLinks/e.bin", .bytes = hn_text_as_bytes(hn_buf_text(&link)) },
        };

        dissect = open_package(&file, parts, HN_COUNT_OF(parts));
    }
    assert_int_equal(dissect_get(dissect, 0)->format, DISSECT_XLSB);
    assert_true(office_tree_fact(dissect, "macro_sheet", "M"));
    assert_true(office_tree_fact(dissect, "very_hidden_sheet", "M"));
    assert_true(office_tree_store(dissect, "Sheets(\"M\").Range(\"C5\").Value", "shared"));
    assert_true(office_tree_fact(dissect, "dde_command", "cmd /c one.example"));
    dissect_free(dissect);
    hn_buf_deinit(&strings);
    hn_buf_deinit(&link);
    hn_buf_deinit(&sheet);
    hn_buf_deinit(&book);
    hn_buf_deinit(&file);
    hn_buf_deinit(&d);
}

static void open_document(void **state)
{
    static const struct office_writer_part parts[] = {
        { .name = "mimetype", .text = "application/vnd.oasis.opendocument.spreadsheet" },
        { .name = "content.xml",
                .text = "<office:document-content><script:event-listener "
                        "script:event-name='dom:load' xlink:href='vnd.sun.star.script:S.M.Main'/>"
                        "<text:p>body</text:p><table:table table:name='T'><table:table-row>"
                        "<table:table-cell table:formula=\"of:=DDE(&quot;cmd&quot;;&quot;/c "
                        "one.example&quot;;&quot;x&quot;)\" office:string-value='v'/>"
                        "</table:table-row></table:table></office:document-content>" },
        { .name = "Basic/Standard/M.xml",
                .text = "<?xml version='1.0'?><!DOCTYPE script:module PUBLIC 'x' 'module.dtd'>"
                        "<script:module script:name='M'>Sub Main&#10;End Sub</script:module>" },
        { .name = "meta.xml",
                .text = "<office:document-meta><meta:template xlink:href='http://one.example/t'/>"
                        "<dc:title>T</dc:title><meta:user-defined meta:name='n'>u"
                        "</meta:user-defined></office:document-meta>" },
    };
    struct hn_buf file = { 0 };
    struct dissect *dissect = open_package(&file, parts, HN_COUNT_OF(parts));
    const struct dissect_object *module;

    (void)state;
    assert_int_equal(dissect_get(dissect, 0)->format, DISSECT_ODF);
    assert_true(office_tree_fact(dissect, "event_macro", "dom:load vnd.sun.star.script:S.M.Main"));
    assert_true(office_tree_note(dissect, DISSECT_NOTE_AUTORUN));
    assert_true(office_tree_fact(dissect, "dde_command", "cmd /c one.example"));
    assert_true(office_tree_fact(dissect, "template_url", "http://one.example/t"));
    assert_true(office_tree_store(dissect, "T!A1", "v"));
    assert_true(office_tree_store(dissect, "CustomDocumentProperties(\"n\")", "u"));
    module = office_tree_object(dissect, DISSECT_VBA_MODULE, "M");
    assert_non_null(module);
    assert_true(hn_text_eq(hn_bytes_as_text(module->data), HN_TEXT("Sub Main\nEnd Sub")));
    dissect_free(dissect);
    hn_buf_deinit(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_formulas_that_start_programs),
        cmocka_unit_test(csv_formula_with_a_path),
        cmocka_unit_test(csv_without_false_alarms),
        cmocka_unit_test(slk_names_cells_formulas),
        cmocka_unit_test(word_2003_xml),
        cmocka_unit_test(flat_opc),
        cmocka_unit_test(excel_2003_xml),
        cmocka_unit_test(mht_macros_and_fields),
        cmocka_unit_test(workbook_of_parts),
        cmocka_unit_test(slides_of_parts),
        cmocka_unit_test(workbook_of_binary_parts),
        cmocka_unit_test(open_document),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
