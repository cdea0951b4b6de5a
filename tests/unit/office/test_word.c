/* test_word.c - packages of Word: fields, relations, and the strings that macros read. */
#include "support/office_tree.h"
#include "support/office_writer.h"

#include "base/utf.h"
#include "support/cfb_writer.h"
#include "support/vba_writer.h"
#include "support/zip_writer.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

#define W               "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'"
#define REL(attributes) "<Relationships><Relationship " attributes "/></Relationships>"

struct made {
    struct hn_buf file;
    struct dissect *dissect;
};

static struct made make(const struct office_writer_part *parts, size_t count)
{
    struct made made = { 0 };

    office_writer_package(parts, count, &made.file);
    made.dissect = office_tree(hn_text_as_bytes(hn_buf_text(&made.file)), DISSECT_UNKNOWN);
    assert_non_null(made.dissect);
    return made;
}

static struct made make_body(const char *body)
{
    char xml[8192];
    int len = snprintf(xml, sizeof xml, "<w:document " W "><w:body>%s</w:body></w:document>", body);
    struct office_writer_part parts[] = { { .name = "word/document.xml", .text = xml } };

    assert_in_range(len, 1, sizeof xml - 1);
    return make(parts, 1);
}

static void end(struct made *made)
{
    dissect_free(made->dissect);
    hn_buf_deinit(&made->file);
}

#define BEGIN      "<w:r><w:fldChar w:fldCharType='begin'/></w:r>"
#define SEPARATE   "<w:r><w:fldChar w:fldCharType='separate'/></w:r>"
#define END        "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
#define CODE(text) "<w:r><w:instrText>" text "</w:instrText></w:r>"

/* The code of a field may be cut into runs anywhere. */
static void dde_split_over_runs_is_found(void **state)
{
    struct made m = make_body("<w:p>" BEGIN CODE("DD") CODE("EAU") CODE("TO c:\\\\tools\\\\x.exe ")
                    CODE("\"/k one.example\"") SEPARATE "<w:r><w:t>seen</w:t></w:r>" END "</w:p>");

    (void)state;
    assert_int_equal(dissect_get(m.dissect, 0)->format, DISSECT_DOCX);
    assert_true(office_tree_fact(m.dissect, "dde_application", "c:\\tools\\x.exe"));
    assert_true(office_tree_fact(m.dissect, "dde_command", "c:\\tools\\x.exe /k one.example"));
    assert_true(office_tree_store(m.dissect, "ActiveDocument.Paragraphs(1).Range.Text", "seen\r"));
    assert_non_null(office_tree_object(m.dissect, DISSECT_COMMAND, "DDE"));
    end(&m);
}

/* QUOTE fields give characters by number, SET fields bookmarks, and both hide commands. */
static void nested_fields_are_computed(void **state)
{
    struct made m = make_body("<w:p>" BEGIN CODE(" SET c \"regsvr32\" ") END BEGIN CODE(" DDEAUTO ")
                    BEGIN CODE(" QUOTE 99 109 100 ") END CODE(" \"/c ") BEGIN CODE(" REF c ")
                            SEPARATE "<w:r><w:t>lie</w:t></w:r>" END CODE(" \"") END "</w:p>");

    (void)state;
    assert_true(office_tree_fact(m.dissect, "dde_command", "cmd /c regsvr32"));
    end(&m);
}

/* A field nobody ends, one in an attribute, and a link that is no finding. */
static void odd_fields(void **state)
{
    struct made m =
            make_body("<w:p><w:fldSimple w:instr=' DDE &quot;excel&quot; "
                      "&quot;book.xls&quot; &quot;a1&quot; '/></w:p><w:p>" BEGIN CODE(
                              "HYPERLINK \"http://two.example/\"")
                              END BEGIN CODE("INCLUDETEXT \"http://three.example/t\"") "</w:p>");

    (void)state;
    assert_true(office_tree_fact(m.dissect, "dde_application", "excel"));
    assert_int_equal(office_tree_facts(m.dissect, "dde_command"), 0);
    assert_true(office_tree_text(m.dissect, "link", "http://two.example/"));
    assert_int_equal(office_tree_facts(m.dissect, "external_url"), 1);
    assert_true(
            office_tree_fact(m.dissect, "external_relation", "includetext http://three.example/t"));
    end(&m);
}

/* More fields within fields than are kept: no crash, and the outer ones are still read. */
static void fields_nested_deep(void **state)
{
    struct hn_buf body = { 0 };
    struct made m;

    (void)state;
    hn_buf_add_lit(&body, "<w:p>" BEGIN CODE("DDE cmd x "));
    for (int i = 0; i < 40; i++)
        hn_buf_add_cstr(&body, BEGIN);
    for (int i = 0; i < 41; i++)
        hn_buf_add_cstr(&body, END);
    hn_buf_add_lit(&body, "</w:p>\0");
    m = make_body(body.ptr);
    assert_true(office_tree_fact(m.dissect, "dde_application", "cmd"));
    end(&m);
    hn_buf_deinit(&body);
}

/* What a macro reads: by the names under which it reads it. */
static void strings_are_stores(void **state)
{
    struct office_writer_part parts[] = {
        { .name = "word/document.xml",
                .text = "<w:document " W "><w:body><w:p><w:bookmarkStart w:id='7' w:name='mark'/>"
                        "<w:r><w:t>power</w:t></w:r><w:r><w:t>shell</w:t></w:r>"
                        "<w:bookmarkEnd w:id='7'/></w:p>"
                        "<w:sdt><w:sdtPr><w:alias w:val='box'/><w:tag w:val='t1'/></w:sdtPr>"
                        "<w:sdtContent><w:p><w:r><w:t>inside</w:t></w:r></w:p></w:sdtContent>"
                        "</w:sdt><w:p><w:r><wp:inline><wp:docPr id='1' name='Picture 1' "
                        "descr='alt &amp; text'/></wp:inline></w:r></w:p>"
                        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>cell</w:t></w:r></w:p></w:tc></w:tr>"
                        "</w:tbl><w:p><w:r><wp:anchor><wp:docPr id='2' name='Box'/><w:txbxContent>"
                        "<w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent></wp:anchor></w:r>"
                        "</w:p></w:body></w:document>" },
        { .name = "word/settings.xml",
                .text = "<w:settings " W "><w:docVars><w:docVar w:name='v\"x' w:val='secret'/>"
                        "</w:docVars></w:settings>" },
        { .name = "docProps/core.xml",
                .text = "<cp:coreProperties><dc:title>T &lt;1&gt;</dc:title><dc:description>long"
                        "</dc:description></cp:coreProperties>" },
        { .name = "docProps/custom.xml",
                .text = "<Properties><property name='own'><vt:lpwstr>value</vt:lpwstr></property>"
                        "</Properties>" },
    };
    struct made m = make(parts, HN_COUNT_OF(parts));

    (void)state;
    assert_true(office_tree_store(
            m.dissect, "ActiveDocument.Bookmarks(\"mark\").Range.Text", "powershell"));
    assert_true(
            office_tree_store(m.dissect, "ActiveDocument.ContentControls(1).Range.Text", "inside"));
    assert_true(office_tree_store(m.dissect,
            "ActiveDocument.SelectContentControlsByTitle(\"box\")(1).Range.Text", "inside"));
    assert_true(office_tree_store(
            m.dissect, "ActiveDocument.InlineShapes(1).AlternativeText", "alt & text"));
    assert_true(office_tree_store(
            m.dissect, "ActiveDocument.Tables(1).Cell(1, 1).Range.Text", "cell\r"));
    assert_true(office_tree_store(
            m.dissect, "ActiveDocument.Shapes(\"Box\").TextFrame.TextRange.Text", "boxed\r"));
    assert_true(
            office_tree_store(m.dissect, "ActiveDocument.Variables(\"v\"\"x\").Value", "secret"));
    assert_true(office_tree_store(m.dissect, "BuiltInDocumentProperties(\"Title\")", "T <1>"));
    assert_true(office_tree_store(m.dissect, "BuiltInDocumentProperties(\"Comments\")", "long"));
    assert_true(office_tree_store(m.dissect, "CustomDocumentProperties(\"own\")", "value"));
    assert_true(office_tree_fact(m.dissect, "title", "T <1>"));
    end(&m);
}

/* Relations are found whatever quotes, prefixes, references, case or encoding they are written in.
 */
static void relations_in_disguise(void **state)
{
    static const char *const forms[] = {
        REL("Id='r1' Type='http://x/attachedTemplate' Target='http://one.example/t.dotm' "
            "TargetMode='External'"),
        REL("Id=\"r1\" TargetMode=\"external\" Type=\"http://x/&#97;ttachedTemplate\" "
            "Target=\"h&#x74;tp://one.example/t.dotm\""),
        "<?xml version='1.0'?><!-- c --><p:Relationships xmlns:p='u'><p:Relationship\r\n Id='r1'\t"
        "Type='attachedTemplate' Target=' http://one.example/t.dotm ' TargetMode='EXTERNAL'>"
        "</p:Relationship></p:Relationships>",
    };

    (void)state;
    for (size_t i = 0; i < 2 * HN_COUNT_OF(forms); i++) {
        struct hn_buf wide = { 0 };
        struct office_writer_part part = { .name = "word/_rels/settings.xml.rels",
            .text = forms[i / 2] };
        struct made m;

        if (i % 2 == 1) {
            hn_buf_add_lit(&wide, "\xFF\xFE");
            hn_utf8_to_utf16le(&wide, hn_text_cstr(forms[i / 2]));
            part.text = NULL;
            part.bytes = hn_text_as_bytes(hn_buf_text(&wide));
        }
        m = make(&part, 1);
        assert_true(office_tree_fact(m.dissect, "template_url", "http://one.example/t.dotm"));
        end(&m);
        hn_buf_deinit(&wide);
    }
}

/* Links are texts; what Office fetches or hands to a protocol is a fact. */
static void relations_by_kind(void **state)
{
    static const struct {
        const char *type;
        const char *target;
        bool is_external;
    } rows[] = {
        { "hyperlink", "https://one.example/", false },
        { "hyperlink", "ms-msdt:/id one.example", true },
        { "oleObject", "mhtml:http://two.example!x-usc:http://two.example", true },
        { "frame", "http://three.example/f", true },
        { "image", "\\\\192.0.2.1\\share\\i.png", true },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        char xml[512];
        struct office_writer_part part = { .name = "word/_rels/document.xml.rels", .text = xml };
        struct made m;

        (void)snprintf(xml, sizeof xml,
                REL("Id='a' Type='http://x/%s' Target='%s' TargetMode='External'"), rows[i].type,
                rows[i].target);
        m = make(&part, 1);
        assert_int_equal(
                office_tree_fact(m.dissect, "external_url", rows[i].target), rows[i].is_external);
        assert_true(office_tree_text(m.dissect, "link", rows[i].target));
        end(&m);
    }
}

/* A part that is there twice is noted, and both are read. */
static void doubled_parts_are_noted(void **state)
{
    struct office_writer_part parts[] = {
        { .name = "word/document.xml", .text = "<w:document><w:t>harmless</w:t></w:document>" },
        { .name = "word/document.xml", .text = "<w:document><w:t>other</w:t></w:document>" },
    };
    struct made m = make(parts, HN_COUNT_OF(parts));

    (void)state;
    assert_true(office_tree_note(m.dissect, DISSECT_NOTE_HIDDEN));
    assert_true(office_tree_text(m.dissect, "body", "harmless"));
    assert_true(office_tree_text(m.dissect, "body", "other"));
    end(&m);
}

/* The macro project is known by its content, not by its name; the ribbon's onLoad runs by itself.
 */
static void macros_and_ribbon(void **state)
{
    static const struct vba_writer_module modules[] = {
        { .name = "Module1", .source = "Sub OnLoad()\r\nEnd Sub\r\n" },
    };
    struct vba_writer_project project = { .name = "P", .modules = modules, .count = 1 };
    struct cfb_writer *cfb = cfb_writer_new(3);
    struct hn_buf vba = { 0 };
    struct office_writer_part parts[] = {
        { .name = "word/media/image1.png" },
        { .name = "customUI/customUI.xml", .text = "<customUI onLoad='OnLoad'/>" },
    };
    const struct dissect_object *module;
    struct made m;

    (void)state;
    vba_writer_put(cfb, "", &project);
    cfb_writer_finish(cfb, &vba);
    cfb_writer_free(cfb);
    parts[0].bytes = hn_text_as_bytes(hn_buf_text(&vba));
    m = make(parts, HN_COUNT_OF(parts));
    module = office_tree_object(m.dissect, DISSECT_VBA_MODULE, "Module1");
    assert_non_null(module);
    assert_true(
            hn_text_ends(hn_bytes_as_text(module->data), HN_TEXT("Sub OnLoad()\r\nEnd Sub\r\n")));
    assert_int_equal(dissect_get(m.dissect, module->parent)->format, DISSECT_VBA_PROJECT);
    assert_true(office_tree_fact(m.dissect, "custom_ui_onload", "OnLoad"));
    assert_true(office_tree_note(m.dissect, DISSECT_NOTE_AUTORUN));
    end(&m);
    hn_buf_deinit(&vba);
}

/* A page of HTML that Word takes in is a child, be it XML or not; a link that updates itself. */
static void pages_within_and_links(void **state)
{
    struct office_writer_part parts[] = {
        { .name = "word/afchunk.htm", .text = "<!DOCTYPE html><p>one<br></html>" },
        { .name = "word/afchunk2.htm", .text = "<html><p>two</p></html>" },
        { .name = "word/document.xml",
                .text = "<w:document><o:OLEObject Type='Link' ProgID='htmlfile' "
                        "UpdateMode='Always'/></w:document>" },
    };
    struct made m = make(parts, HN_COUNT_OF(parts));

    (void)state;
    assert_non_null(office_tree_object(m.dissect, DISSECT_UNKNOWN, "word/afchunk.htm"));
    assert_non_null(office_tree_object(m.dissect, DISSECT_UNKNOWN, "word/afchunk2.htm"));
    assert_true(office_tree_fact(m.dissect, "object_class", "htmlfile"));
    assert_true(office_tree_fact(m.dissect, "object_update", "true"));
    end(&m);
}

/* Damage in one part is noted with its name; the others are read. */
static void a_damaged_part_is_noted(void **state)
{
    struct office_writer_part parts[] = {
        { .name = "word/document.xml", .text = "<w:document><w:t>before</w:t><w:p></w:q>" },
        { .name = "docProps/core.xml", .text = "<cp:coreProperties><dc:title>T</dc:title>" },
    };
    struct made m = make(parts, HN_COUNT_OF(parts));

    (void)state;
    assert_true(office_tree_note(m.dissect, DISSECT_NOTE_SYNTAX));
    assert_true(office_tree_note(m.dissect, DISSECT_NOTE_TRUNCATED));
    assert_true(office_tree_text(m.dissect, "body", "before"));
    assert_true(office_tree_fact(m.dissect, "title", "T"));
    end(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dde_split_over_runs_is_found),
        cmocka_unit_test(nested_fields_are_computed),
        cmocka_unit_test(odd_fields),
        cmocka_unit_test(fields_nested_deep),
        cmocka_unit_test(strings_are_stores),
        cmocka_unit_test(relations_in_disguise),
        cmocka_unit_test(relations_by_kind),
        cmocka_unit_test(doubled_parts_are_noted),
        cmocka_unit_test(macros_and_ribbon),
        cmocka_unit_test(pages_within_and_links),
        cmocka_unit_test(a_damaged_part_is_noted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
