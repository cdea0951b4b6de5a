/* document_sheet.c - packages of Excel whose macros read cells. */
#include "samples_internal.h"

#include "base/attr.h"
#include "support/office_writer.h"

#define XML  "<?xml version=\"1.0\"?>"
#define RELS "http://schemas.openxmlformats.org/package/2006/relationships"
#define TYPE "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#define MAIN "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""

static void sheet_part(struct hn_buf *out, const struct stores *stores)
{
    hn_buf_add_lit(out, XML "<worksheet " MAIN "><sheetData>");
    for (size_t i = 0; i < stores->count; i++) {
        const struct store *store = &stores->items[i];

        if (store->kind != STORE_CELL)
            continue;
        hn_buf_addf(out,
                "<row r=\"%u\"><c r=\"A%u\"><v>%u</v></c><c r=\"B%u\" t=\"inlineStr\"><is><t "
                "xml:space=\"preserve\">",
                store->number, store->number, store->number, store->number);
        xml_escaped(out, store->value);
        hn_buf_add_lit(out, "</t></is></c></row>");
    }
    hn_buf_add_lit(out, "</sheetData></worksheet>");
    hn_buf_add_char(out, '\0');
}

void write_xlsm(struct macros *macros, struct hn_buf *out)
{
    struct hn_buf project = { 0 };
    struct hn_buf sheet = { 0 };

    macros_package(macros, &project);
    sheet_part(&sheet, macros->stores);
    {
        const struct office_writer_part parts[] = {
            { .name = "_rels/.rels",
                    .text = XML "<Relationships xmlns=\"" RELS
                                "\"><Relationship Id=\"r1\" Type=\"" TYPE
                                "officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>" },
            { .name = "xl/workbook.xml",
                    .text = XML
                    "<workbook " MAIN " xmlns:r=\"http://schemas.openxmlformats.org/"
                    "officeDocument/2006/relationships\"><sheets><sheet name=\"data\" "
                    "sheetId=\"1\" state=\"hidden\" r:id=\"r1\"/></sheets></workbook>" },
            { .name = "xl/_rels/workbook.xml.rels",
                    .text = XML "<Relationships xmlns=\"" RELS
                                "\"><Relationship Id=\"r1\" Type=\"" TYPE
                                "worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship "
                                "Id=\"r2\" Type=\"http://schemas.microsoft.com/office/2006/"
                                "relationships/vbaProject\" Target=\"vbaProject.bin\"/>"
                                "</Relationships>" },
            { .name = "xl/worksheets/sheet1.xml", .text = sheet.ptr },
            { .name = "xl/vbaProject.bin", .bytes = hn_bytes_of(project.ptr, project.len) },
        };

        office_writer_package(parts, HN_COUNT_OF(parts), out);
    }
    hn_buf_deinit(&sheet);
    hn_buf_deinit(&project);
}
