/* test_shared.c - real documents: what is in each, counted. The figures agree with oletools and
 * msoffcrypto but where docs/conformance-documents.md says who is wrong. */
#include "support/office_tree.h"

#include "support/shared.h"
#include "zip/zip.h"

#include <stdio.h>
#include <stdlib.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

enum { DDE, EXTERNAL, PACKAGES, MODULES, FORMS, MACRO_SHEETS, ENCRYPTED, OPENED, COUNTS };

/* clang-format off */
static const struct {
    const char *path;
    enum dissect_format format;
    size_t counts[COUNTS];
} documents[] = {
    { "oletools/tests/test-data/basic/encrypted.docx", DISSECT_OFFICE_ENCRYPTED, { 0, 0, 0, 0, 0, 0, 1, 0 } },
    { "oletools/tests/test-data/encrypted/autostart-encrypt-standardpassword.xls", DISSECT_XLS, { 0, 0, 0, 3, 0, 0, 1, 1 } },
    { "oletools/tests/test-data/encrypted/autostart-encrypt-standardpassword.xlsb", DISSECT_OFFICE_ENCRYPTED, { 0, 0, 0, 3, 0, 0, 1, 1 } },
    { "oletools/tests/test-data/encrypted/autostart-encrypt-standardpassword.xlsm", DISSECT_OFFICE_ENCRYPTED, { 0, 0, 0, 3, 0, 0, 1, 1 } },
    { "oletools/tests/test-data/encrypted/dde-test-encrypt-standardpassword.xls", DISSECT_XLS, { 1, 0, 0, 0, 0, 0, 1, 1 } },
    { "oletools/tests/test-data/encrypted/dde-test-encrypt-standardpassword.xlsb", DISSECT_OFFICE_ENCRYPTED, { 1, 0, 0, 0, 0, 0, 1, 1 } },
    { "oletools/tests/test-data/encrypted/dde-test-encrypt-standardpassword.xlsm", DISSECT_OFFICE_ENCRYPTED, { 1, 0, 0, 0, 0, 0, 1, 1 } },
    { "oletools/tests/test-data/encrypted/dde-test-encrypt-standardpassword.xlsx", DISSECT_OFFICE_ENCRYPTED, { 1, 0, 0, 0, 0, 0, 1, 1 } },
    { "oletools/tests/test-data/encrypted/encrypted.doc", DISSECT_DOC, { 0, 0, 0, 0, 0, 0, 1, 0 } },
    { "oletools/tests/test-data/encrypted/encrypted.docm", DISSECT_OFFICE_ENCRYPTED, { 0, 0, 0, 0, 0, 0, 1, 0 } },
    { "oletools/tests/test-data/encrypted/encrypted.docx", DISSECT_OFFICE_ENCRYPTED, { 0, 0, 0, 0, 0, 0, 1, 0 } },
    { "oletools/tests/test-data/encrypted/encrypted.ppt", DISSECT_PPT, { 0, 0, 0, 0, 0, 0, 1, 0 } },
    { "oletools/tests/test-data/encrypted/encrypted.pptm", DISSECT_OFFICE_ENCRYPTED, { 0, 0, 0, 0, 0, 0, 1, 0 } },
    { "oletools/tests/test-data/encrypted/encrypted.pptx", DISSECT_OFFICE_ENCRYPTED, { 0, 0, 0, 0, 0, 0, 1, 0 } },
    { "oletools/tests/test-data/encrypted/encrypted.xls", DISSECT_XLS, { 0, 0, 0, 0, 0, 0, 1, 0 } },
    { "oletools/tests/test-data/encrypted/encrypted.xlsb", DISSECT_OFFICE_ENCRYPTED, { 0, 0, 0, 0, 0, 0, 1, 0 } },
    { "oletools/tests/test-data/encrypted/encrypted.xlsm", DISSECT_OFFICE_ENCRYPTED, { 0, 0, 0, 0, 0, 0, 1, 0 } },
    { "oletools/tests/test-data/encrypted/encrypted.xlsx", DISSECT_OFFICE_ENCRYPTED, { 0, 0, 0, 0, 0, 0, 1, 0 } },
    { "oletools/tests/test-data/excel4-macros/excel4_sample_macro.slk", DISSECT_SLK, { 0, 0, 0, 0, 0, 1, 0, 0 } },
    { "oletools/tests/test-data/excel4-macros/excel4_sample_macro.xls", DISSECT_XLS, { 0, 0, 0, 0, 0, 1, 0, 0 } },
    { "oletools/tests/test-data/excel4-macros/excel4_sample_macro.xlsb", DISSECT_XLSB, { 0, 0, 0, 0, 0, 1, 0, 0 } },
    { "oletools/tests/test-data/excel4-macros/excel4_sample_macro.xlsm", DISSECT_XLSX, { 0, 0, 0, 0, 0, 1, 0, 0 } },
    { "oletools/tests/test-data/excel4-macros/excel4_sample_macro.xlt", DISSECT_XLS, { 0, 0, 0, 0, 0, 1, 0, 0 } },
    { "oletools/tests/test-data/excel4-macros/excel4_sample_macro.xltm", DISSECT_XLSX, { 0, 0, 0, 0, 0, 1, 0, 0 } },
    { "oletools/tests/test-data/excel4-macros/excel4_sample_macro_excel5_format.xls", DISSECT_XLS, { 0, 0, 0, 0, 0, 1, 0, 0 } },
    { "oletools/tests/test-data/msodde/RTF-Spec-1.7.rtf", DISSECT_RTF, { 0, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/msodde/dde-in-csv.csv", DISSECT_CSV, { 1, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/msodde/dde-in-excel2003.xml", DISSECT_EXCEL_XML, { 2, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/msodde/dde-in-word2003.xml.zip", DISSECT_WORD_XML, { 1, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/msodde/dde-in-word2007.xml.zip", DISSECT_WORD_XML, { 1, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/msodde/dde-test-from-office2003.doc.zip", DISSECT_DOC, { 3, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/msodde/dde-test-from-office2013-utf_16le-korean.doc.zip", DISSECT_DOC, { 1, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/msodde/dde-test-from-office2016.doc.zip", DISSECT_DOC, { 3, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/msodde/dde-test.docm", DISSECT_DOCX, { 3, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/msodde/dde-test.docx", DISSECT_DOCX, { 3, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/msodde/dde-test.xlsb", DISSECT_XLSB, { 1, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/msodde/dde-test.xlsm", DISSECT_XLSX, { 1, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/msodde/dde-test.xlsx", DISSECT_XLSX, { 1, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/msodde/harmless-clean-2003.xml", DISSECT_WORD_XML, { 0, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/msodde/harmless-clean.doc", DISSECT_DOC, { 0, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/msodde/harmless-clean.docm", DISSECT_DOCX, { 0, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/msodde/harmless-clean.docx", DISSECT_DOCX, { 0, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/msodde/harmless-clean.xml", DISSECT_WORD_XML, { 0, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleform/oleform-PR314.docm", DISSECT_DOCX, { 0, 0, 0, 4, 2, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007-as2003.xml", DISSECT_WORD_XML, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.doc", DISSECT_DOC, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.docm", DISSECT_DOCX, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.docx", DISSECT_DOCX, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.dot", DISSECT_DOC, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.dotm", DISSECT_DOCX, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.dotx", DISSECT_DOCX, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.odp", DISSECT_ODF, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.ods", DISSECT_ODF, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.odt", DISSECT_ODF, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.pot", DISSECT_PPT, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.potm", DISSECT_PPTX, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.potx", DISSECT_PPTX, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.pps", DISSECT_PPT, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.ppsm", DISSECT_PPTX, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.ppsx", DISSECT_PPTX, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.ppt", DISSECT_PPT, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.pptm", DISSECT_PPTX, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.pptx", DISSECT_PPTX, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.xla", DISSECT_XLS, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.xlam", DISSECT_XLSX, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.xls", DISSECT_XLS, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.xlsb", DISSECT_XLSB, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.xlsm", DISSECT_XLSX, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.xlsx", DISSECT_XLSX, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.xlt", DISSECT_XLS, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.xltm", DISSECT_XLSX, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.xltx", DISSECT_XLSX, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-simple-2007.xml", DISSECT_WORD_XML, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-unicode-2007.docx", DISSECT_DOCX, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/embedded-unicode.doc", DISSECT_DOC, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/external_link/sample_with_external_link_to_doc.docm", DISSECT_DOCX, { 0, 1, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/external_link/sample_with_external_link_to_doc.docx", DISSECT_DOCX, { 0, 1, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/external_link/sample_with_external_link_to_doc.dotm", DISSECT_DOCX, { 0, 1, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/external_link/sample_with_external_link_to_doc.dotx", DISSECT_DOCX, { 0, 1, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/external_link/sample_with_external_link_to_doc.potm", DISSECT_PPTX, { 0, 1, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/external_link/sample_with_external_link_to_doc.potx", DISSECT_PPTX, { 0, 1, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/external_link/sample_with_external_link_to_doc.ppsm", DISSECT_PPTX, { 0, 1, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/external_link/sample_with_external_link_to_doc.ppsx", DISSECT_PPTX, { 0, 1, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/external_link/sample_with_external_link_to_doc.pptm", DISSECT_PPTX, { 0, 1, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/external_link/sample_with_external_link_to_doc.pptx", DISSECT_PPTX, { 0, 1, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/external_link/sample_with_external_link_to_doc.xlsb", DISSECT_XLSB, { 0, 1, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/external_link/sample_with_external_link_to_doc.xlsm", DISSECT_XLSX, { 0, 1, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/external_link/sample_with_external_link_to_doc.xlsx", DISSECT_XLSX, { 0, 1, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/sample_with_calc_embedded.doc", DISSECT_DOC, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/sample_with_lnk_file.doc", DISSECT_DOC, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/sample_with_lnk_file.pps", DISSECT_PPT, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/sample_with_lnk_file.ppt", DISSECT_PPT, { 0, 0, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/oleobj/sample_with_lnk_to_calc.doc", DISSECT_DOC, { 0, 1, 1, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/olevba/sample_with_vba.ppt", DISSECT_PPT, { 0, 0, 0, 1, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/ooxml/dde-in-excel2003.xml", DISSECT_EXCEL_XML, { 2, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/ooxml/dde-in-word2003.xml.zip", DISSECT_WORD_XML, { 1, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/ooxml/harmless-clean-2003.xml", DISSECT_WORD_XML, { 0, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/ooxml/harmless-clean.xml", DISSECT_WORD_XML, { 0, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/other/presentation.xps", DISSECT_OPC, { 0, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/rtfobj/issue_185.rtf.zip", DISSECT_RTF, { 0, 0, 0, 0, 0, 0, 0, 0 } },
    { "oletools/tests/test-data/rtfobj/issue_251.rtf", DISSECT_RTF, { 0, 0, 0, 0, 0, 0, 0, 0 } },
    { "poi/test-data_diagram_SimpleMacro.vsd", DISSECT_OLE, { 0, 0, 0, 0, 0, 0, 0, 0 } },
    { "poi/test-data_diagram_SimpleMacro.vsdm", DISSECT_VSDX, { 0, 0, 0, 2, 0, 0, 0, 0 } },
    { "poi/test-data_document_45690.docm", DISSECT_DOCX, { 0, 0, 0, 2, 0, 0, 0, 0 } },
    { "poi/test-data_document_60158.docm", DISSECT_DOCX, { 0, 0, 0, 2, 0, 0, 0, 0 } },
    { "poi/test-data_document_HeaderWithMacros.doc", DISSECT_DOC, { 0, 0, 0, 0, 0, 0, 0, 0 } },
    { "poi/test-data_document_SimpleMacro.doc", DISSECT_DOC, { 0, 0, 0, 2, 0, 0, 0, 0 } },
    { "poi/test-data_document_SimpleMacro.docm", DISSECT_DOCX, { 0, 0, 0, 2, 0, 0, 0, 0 } },
    { "poi/test-data_slideshow_SimpleMacro.ppt", DISSECT_PPT, { 0, 0, 0, 1, 0, 0, 0, 0 } },
    { "poi/test-data_slideshow_SimpleMacro.pptm", DISSECT_PPTX, { 0, 0, 0, 1, 0, 0, 0, 0 } },
    { "poi/test-data_slideshow_WithMacros.ppt", DISSECT_PPT, { 0, 0, 0, 1, 0, 0, 0, 0 } },
    { "poi/test-data_slideshow_testPPT.pptm", DISSECT_PPTX, { 0, 0, 0, 0, 0, 0, 0, 0 } },
    { "poi/test-data_spreadsheet_31749.xls", DISSECT_XLS, { 0, 0, 0, 6, 3, 0, 0, 0 } },
    { "poi/test-data_spreadsheet_45431.xlsm", DISSECT_XLSX, { 0, 0, 0, 5, 0, 0, 0, 0 } },
    { "poi/test-data_spreadsheet_47026.xlsm", DISSECT_XLSX, { 0, 0, 0, 0, 0, 0, 0, 0 } },
    { "poi/test-data_spreadsheet_54686_fraction_formats.xls", DISSECT_XLS, { 0, 0, 0, 0, 0, 0, 0, 0 } },
    { "poi/test-data_spreadsheet_57181.xlsm", DISSECT_XLSX, { 0, 0, 0, 10, 0, 0, 0, 0 } },
    { "poi/test-data_spreadsheet_60512.xlsm", DISSECT_XLSX, { 0, 0, 0, 0, 0, 0, 0, 0 } },
    { "poi/test-data_spreadsheet_61495-test.xlsm", DISSECT_XLSX, { 0, 0, 0, 2, 0, 0, 0, 0 } },
    { "poi/test-data_spreadsheet_64420.xlsm", DISSECT_XLSX, { 0, 0, 0, 0, 0, 1, 0, 0 } },
    { "poi/test-data_spreadsheet_ConditionalFormattingSamples.xls", DISSECT_XLS, { 0, 0, 0, 0, 0, 0, 0, 0 } },
    { "poi/test-data_spreadsheet_ExcelWithAttachments.xlsm", DISSECT_XLSX, { 0, 0, 0, 5, 0, 0, 0, 0 } },
    { "poi/test-data_spreadsheet_SimpleMacro.xls", DISSECT_XLS, { 0, 0, 0, 5, 0, 0, 0, 0 } },
    { "poi/test-data_spreadsheet_SimpleMacro.xlsm", DISSECT_XLSX, { 0, 0, 0, 5, 0, 0, 0, 0 } },
};
/* clang-format on */

static bool allow(void *ctx, uint64_t packed_bytes, uint64_t more)
{
    (void)ctx;
    (void)packed_bytes;
    (void)more;
    return true;
}

/* oletools keeps what virus scanners would delete in zips under this password. */
static struct hn_bytes unzipped(struct hn_arena *arena, struct hn_bytes bytes)
{
    struct hn_bytes inside = { 0 };
    struct zip_file *zip;

    assert_int_equal(zip_open(arena, bytes, NULL, &zip, NULL), HN_OK);
    assert_int_equal(zip_read(zip, 0, HN_TEXT("infected-test"), allow, NULL, &inside, NULL), HN_OK);
    return inside;
}

static size_t objects_of(const struct dissect *dissect, enum dissect_format format)
{
    size_t count = 0;

    for (uint32_t id = 0; id < dissect_count(dissect); id++)
        count += dissect_get(dissect, id)->format == format;
    return count;
}

static void count_all(const struct dissect *dissect, size_t *counts)
{
    counts[DDE] = office_tree_facts(dissect, "dde");
    counts[EXTERNAL] =
            office_tree_facts(dissect, "external_url") + office_tree_facts(dissect, "template_url");
    counts[PACKAGES] = office_tree_facts(dissect, "package_label");
    counts[MODULES] = objects_of(dissect, DISSECT_VBA_MODULE);
    counts[FORMS] = office_tree_facts(dissect, "form");
    counts[MACRO_SHEETS] = office_tree_facts(dissect, "macro_sheet");
    counts[ENCRYPTED] = office_tree_facts(dissect, "encrypted");
    counts[OPENED] = office_tree_facts(dissect, "password");
}

/* None of them is damaged in a way that should stop anybody, and none is stomped. */
static void check_notes(const char *path, const struct dissect *dissect)
{
    if (office_tree_note(dissect, DISSECT_NOTE_STOMPED) ||
            office_tree_note(dissect, DISSECT_NOTE_LIMIT) ||
            office_tree_note(dissect, DISSECT_NOTE_BOMB) ||
            office_tree_note(dissect, DISSECT_NOTE_SYNTAX))
        fail_msg("%s: an alarm nobody should give", path);
}

static void every_document_gives_its_parts(void **state)
{
    char *folder = shared_path_or_skip("data/documents");

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(documents); i++) {
        struct hn_arena arena;
        size_t counts[COUNTS];
        char path[1024];
        struct hn_bytes bytes;
        struct dissect *dissect;

        (void)snprintf(path, sizeof path, "%s/%s", folder, documents[i].path);
        bytes = shared_read(path);
        hn_arena_init(&arena, (size_t)64 << 20);
        dissect = office_tree(
                hn_text_ends(hn_text_cstr(path), HN_TEXT(".zip")) ? unzipped(&arena, bytes) : bytes,
                documents[i].format == DISSECT_CSV ? DISSECT_CSV : DISSECT_UNKNOWN);
        assert_non_null(dissect);
        if (dissect_get(dissect, 0)->format != documents[i].format)
            fail_msg("%s is taken for %s", documents[i].path,
                    dissect_format_id(dissect_get(dissect, 0)->format));
        count_all(dissect, counts);
        for (size_t c = 0; c < COUNTS; c++) {
            if (counts[c] != documents[i].counts[c])
                fail_msg("%s: count %zu is %zu, not %zu", documents[i].path, c, counts[c],
                        documents[i].counts[c]);
        }
        check_notes(documents[i].path, dissect);
        dissect_free(dissect);
        hn_arena_deinit(&arena);
        shared_free(bytes);
    }
    free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_document_gives_its_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
