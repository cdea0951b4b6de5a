/* fuzz_ooxml.c - parts of a package: the first byte says which, the rest is its XML (or, for binary
 * ones, its records). Besides the oracle, XML says the same in UTF-16. */
/* fuzz: office support */
#include "office_fuzz.h"

#include "base/utf.h"
#include "support/zip_writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = { "word/document.xml", "word/_rels/document.xml.rels",
    "word/settings.xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml",
    "ppt/slides/slide1.xml", "docProps/core.xml", "customUI/customUI.xml", "xl/workbook.bin",
    "xl/worksheets/sheet1.bin" };

static void package(struct hn_buf *out, const char *name, struct hn_bytes bytes)
{
    static const char rels[] = "<Relationships><Relationship Id='rId1' Type='x/worksheet' "
                               "Target='worksheets/sheet1.xml'/></Relationships>";
    struct zip_writer zip = { 0 };
    struct zip_writer_entry part = { .name = hn_text_cstr(name), .data = bytes };
    struct zip_writer_entry other = { .name = HN_TEXT("xl/_rels/workbook.xml.rels"),
        .data = hn_bytes_of(rels, sizeof rels - 1) };

    zip_writer_add(&zip, &other);
    zip_writer_add(&zip, &part);
    hn_buf_add_text(out, hn_bytes_as_text(zip_writer_end(&zip, true)));
    zip_writer_deinit(&zip);
}

static bool is_plain_xml(struct hn_text text)
{
    return text.len > 1 && text.ptr[0] == '<' && text.ptr[1] != '\0' &&
           hn_utf8_valid(hn_text_as_bytes(text)) &&
           hn_text_find(text, HN_TEXT("html"), 0) ==
                   SIZE_MAX; /* a child with the bytes as they are */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_buf file = { 0 };
    struct hn_buf wide = { 0 };
    struct hn_buf wide_file = { 0 };
    struct hn_text xml;
    struct dissect *first;
    const char *name;

    if (size < 1)
        return 0;
    name = names[data[0] % HN_COUNT_OF(names)];
    xml = hn_bytes_as_text(hn_bytes_of(data + 1, size - 1));
    package(&file, name, hn_text_as_bytes(xml));
    first = office_fuzz_open(hn_text_as_bytes(hn_buf_text(&file)), DISSECT_DOCX);
    if (is_plain_xml(xml)) {
        struct dissect *second;

        hn_buf_add_lit(&wide, "\xFF\xFE");
        hn_utf8_to_utf16le(&wide, xml);
        package(&wide_file, name, hn_text_as_bytes(hn_buf_text(&wide)));
        second = office_tree(hn_text_as_bytes(hn_buf_text(&wide_file)), DISSECT_DOCX);
        assert(second != NULL);
        office_fuzz_same(first, second);
        dissect_free(second);
    }
    dissect_free(first);
    hn_buf_deinit(&file);
    hn_buf_deinit(&wide);
    hn_buf_deinit(&wide_file);
    return 0;
}
