/* xlm_writer_package.c - workbooks with macro sheets as packages: xlsm and xlsb. */
#include "support/xlm_writer_internal.h"

#include "support/office_writer.h"

/* ---- xlsm ---- */

static void escaped(struct hn_buf *out, struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '&')
            hn_buf_add_lit(out, "&amp;");
        else if (text.ptr[i] == '<')
            hn_buf_add_lit(out, "&lt;");
        else
            hn_buf_add_char(out, text.ptr[i]);
    }
}

static void xml_macro_sheet(const struct xlm_writer_book *book, struct hn_buf *out)
{
    static const char *const beside[] = {
        "<c r='B1'><v>12.5</v></c><c r='C1' t='str'><f t='shared' si='0' ref='C1:C2'>A1&amp;B$1"
        "</f><v>r</v></c><c r='D1'><f t='array' ref='D1:D2'>B1*2</f><v>25</v></c>",
        "<c r='B2' t='inlineStr'><is><t>te\"xt</t></is></c><c r='C2' t='str'><f t='shared' si='0'/>"
        "<v>r</v></c><c r='D2'><v>25</v></c>",
        "<c r='B3' t='b'><v>1</v></c>",
        "<c r='B4' t='e'><v>#N/A</v></c>",
    };

    hn_buf_add_lit(out, "<xm:macrosheet xmlns:xm='x'><sheetData>");
    for (uint32_t i = 0; i < XLM_WRITER_FORMULAS; i++) {
        hn_buf_addf(out, "<row r='%u'><c r='A%u'><f>", i + 1, i + 1);
        escaped(out, hn_buf_text(&book->formulas[i].xml));
        hn_buf_addf(out, "</f><v>%u.5</v></c>", i);
        hn_buf_add_cstr(out, i < HN_COUNT_OF(beside) ? beside[i] : "");
        hn_buf_add_lit(out, "</row>");
    }
    hn_buf_add_lit(out, "</sheetData></xm:macrosheet>");
}

static const char workbook_xml[] =
        "<workbook xmlns:r='r'><sheets><sheet name='Macro1' state='veryHidden' r:id='a'/>"
        "<sheet name='Sheet 2' state='hidden' r:id='b'/><sheet name=\"It's\" r:id='c'/></sheets>"
        "<externalReferences><externalReference r:id='d'/></externalReferences><definedNames>"
        "<definedName name='_xlnm.Auto_Open' hidden='1'>Macro1!$A$1</definedName>"
        "<definedName name='call_it' function='1'>Macro1!$A$5</definedName>"
        "<definedName name='fn' localSheetId='1'>Macro1!$A$3:$B$4</definedName>"
        "<definedName name='go'>\"x\"</definedName></definedNames></workbook>";

#define MICROSOFT "http://schemas.microsoft.com/office/2006/relationships/"
#define OPEN      "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#define RELATIONS(ending)                                                                  \
    "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>" \
    "<Relationship Id='a' Type='" MICROSOFT "xlMacrosheet' Target='macrosheets/s1." ending \
    "'/><Relationship Id='b' Type='" OPEN "worksheet' Target='worksheets/s2." ending       \
    "'/><Relationship Id='c' Type='" OPEN "worksheet' Target='worksheets/s3." ending       \
    "'/><Relationship Id='d' Type='" OPEN "externalLink' Target='externalLinks/e." ending  \
    "'/></Relationships>"

static const char book_relations[] =
        "<Relationships><Relationship Id='p' Type='" OPEN "externalLinkPath' TargetMode='External' "
        "Target='file:///C:\\data\\Book1.xls'/></Relationships>";

void xlm_writer_xlsm(const struct xlm_writer_book *book, struct hn_buf *out)
{
    struct hn_buf sheet = { 0 };

    xml_macro_sheet(book, &sheet);
    {
        const struct office_writer_part parts[] = {
            { .name = "xl/workbook.xml", .text = workbook_xml },
            { .name = "xl/_rels/workbook.xml.rels", .text = RELATIONS("xml") },
            { .name = "xl/macrosheets/s1.xml", .bytes = hn_text_as_bytes(hn_buf_text(&sheet)) },
            { .name = "xl/worksheets/s2.xml",
                    .text = "<worksheet><sheetData><row r='1'><c r='A1'><v>7</v></c></row>"
                            "</sheetData></worksheet>" },
            { .name = "xl/worksheets/s3.xml",
                    .text = "<worksheet><sheetData><row r='1'><c r='A1'><f>SUM(B1:B2)</f><v>0</v>"
                            "</c></row></sheetData></worksheet>" },
            { .name = "xl/externalLinks/e.xml",
                    .text = "<externalLink xmlns:r='r'><externalBook r:id='p'/></externalLink>" },
            { .name = "xl/externalLinks/_rels/e.xml.rels", .text = book_relations },
        };

        office_writer_package(parts, HN_COUNT_OF(parts), out);
    }
    hn_buf_deinit(&sheet);
}

/* ---- xlsb ---- */

struct biff12 {
    struct hn_buf part;
    struct hn_buf data;
};

static void record(struct biff12 *b, uint32_t type)
{
    size_t len = b->data.len;

    if (type < 128) {
        hn_buf_add_char(&b->part, (char)type);
    } else {
        hn_buf_add_char(&b->part, (char)((type & 0x7F) | 0x80));
        hn_buf_add_char(&b->part, (char)(type >> 7));
    }
    for (; len >= 128; len >>= 7)
        hn_buf_add_char(&b->part, (char)((len & 0x7F) | 0x80));
    hn_buf_add_char(&b->part, (char)len);
    hn_buf_add_text(&b->part, hn_buf_text(&b->data));
    hn_buf_reset(&b->data);
}

static void u32(struct biff12 *b, uint32_t value)
{
    office_writer_u32(&b->data, value);
}

static void wide(struct biff12 *b, const char *text)
{
    u32(b, (uint32_t)strlen(text));
    office_writer_wide(&b->data, text);
}

static void tokens(struct biff12 *b, struct hn_text tokens_text, struct hn_text extra)
{
    u32(b, (uint32_t)tokens_text.len);
    hn_buf_add_text(&b->data, tokens_text);
    u32(b, (uint32_t)extra.len);
    hn_buf_add_text(&b->data, extra);
}

static void name(
        struct biff12 *b, uint32_t flags, uint32_t sheet, const char *text, struct hn_text formula)
{
    u32(b, flags);
    hn_buf_add_char(&b->data, 0);
    u32(b, sheet);
    wide(b, text);
    tokens(b, formula, HN_TEXT(""));
    u32(b, UINT32_MAX);
    record(b, 39);
}

static void links(struct biff12 *b)
{
    record(b, 353);
    record(b, 357); /* the workbook itself */
    record(b, 667); /* add-ins */
    wide(b, "Ext");
    record(b, 361);
    wide(b, "d");
    record(b, 355);
    u32(b, 5);
    for (uint32_t i = 0; i < 3; i++) {
        u32(b, 0);
        u32(b, i);
        u32(b, i);
    }
    hn_buf_add(&b->data, "\2\0\0\0\0\0\0\0\0\0\0\0", 12);
    hn_buf_add(&b->data, "\1\0\0\0\xFE\xFF\xFF\xFF\xFE\xFF\xFF\xFF", 12);
    record(b, 362);
    record(b, 354);
}

static void workbook(struct biff12 *b)
{
    static const uint32_t states[] = { 2, 1, 0 };
    static const char *const ids[] = { "a", "b", "c" };

    for (uint32_t i = 0; i < XLM_WRITER_SHEETS; i++) {
        u32(b, states[i]);
        u32(b, i + 1);
        wide(b, ids[i]);
        wide(b, xlm_writer_sheets[i]);
        record(b, 156);
    }
    links(b);
    name(b, 0x21, UINT32_MAX, "_xlnm.Auto_Open", hn_text_of("\x3A\0\0\0\0\0\0\0\0", 9));
    name(b, 0, UINT32_MAX, "go", hn_text_of("\x17\1\0x\0", 5));
    name(b, 0, 1, "fn", hn_text_of("\x3B\0\0\2\0\0\0\3\0\0\0\0\0\1\0", 15));
    name(b, 2, UINT32_MAX, "call_it", hn_text_of("\x3A\0\0\4\0\0\0\0\0", 9));
}

static void external_book(struct biff12 *b)
{
    hn_buf_add(&b->data, "\0\0", 2);
    wide(b, "p");
    wide(b, "");
    record(b, 360);
    u32(b, 1);
    wide(b, "Data");
    record(b, 359);
}

static void row(struct biff12 *b, uint32_t index)
{
    u32(b, index);
    hn_buf_add(&b->data, "\0\0\0\0\0\0\0\0\0\0\0\0\0", 13);
    record(b, 0);
}

static void number_formula(struct biff12 *b, uint32_t column, double result, struct hn_text formula,
        struct hn_text extra)
{
    u32(b, column);
    u32(b, 0);
    hn_buf_add(&b->data, &result, sizeof result);
    hn_buf_add(&b->data, "\0\0", 2);
    tokens(b, formula, extra);
    record(b, 9);
}

/* C1:C2 =A1&B$1 with distances, and D1:D2 {=B1*2}. */
static void shared_and_array(struct biff12 *b, uint32_t index)
{
    static const char c[] = "\x4C\0\0\0\0\xFE\xFF\x4C\0\0\0\0\xFF\x7F\x08";
    static const char d[] = "\x44\0\0\0\0\1\xC0\x1E\2\0\5";

    u32(b, 2);
    u32(b, 0);
    wide(b, "r");
    hn_buf_add(&b->data, "\0\0", 2);
    tokens(b, hn_text_of("\1\0\0\0\0", 5), hn_text_of("\2\0\0\0", 4));
    record(b, 8);
    if (index == 0) {
        hn_buf_add(&b->data, "\0\0\0\0\1\0\0\0\2\0\0\0\2\0\0\0", 16);
        tokens(b, hn_text_of(c, sizeof c - 1), HN_TEXT(""));
        record(b, 427);
    }
    if (index == 1) { /* as the array's cells but the first may be: a value */
        u32(b, 3);
        u32(b, 0);
        u32(b, 25u << 2 | 2);
        record(b, 2);
        return;
    }
    number_formula(b, 3, 25, hn_text_of("\1\0\0\0\0", 5), hn_text_of("\3\0\0\0", 4));
    hn_buf_add(&b->data, "\0\0\0\0\1\0\0\0\3\0\0\0\3\0\0\0\0", 17);
    tokens(b, hn_text_of(d, sizeof d - 1), HN_TEXT(""));
    record(b, 426);
}

static void constant(struct biff12 *b, uint32_t index)
{
    static const double number = 12.5;

    u32(b, 1);
    u32(b, 0);
    if (index == 0) {
        hn_buf_add(&b->data, &number, sizeof number);
        record(b, 5);
    } else if (index == 1) {
        wide(b, "te\"xt");
        record(b, 6);
    } else {
        hn_buf_add_char(&b->data, index == 2 ? '\1' : '\x2A');
        record(b, index == 2 ? 4 : 3);
    }
}

static void macro_sheet(struct biff12 *b, const struct xlm_writer_book *book)
{
    for (uint32_t i = 0; i < XLM_WRITER_FORMULAS; i++) {
        const struct xlm_writer_formula *f = &book->formulas[i];

        row(b, i);
        number_formula(b, 0, i + 0.5, hn_buf_text(&f->tokens[XLM_WRITER_BIFF12]),
                hn_buf_text(&f->extra[XLM_WRITER_BIFF12]));
        if (i < 4)
            constant(b, i);
        if (i < 2)
            shared_and_array(b, i);
    }
}

static void sheet_of_seven(struct biff12 *b)
{
    row(b, 0);
    u32(b, 0); /* a short cell: it does not say that it is in the first column */
    u32(b, 7u << 2 | 2);
    record(b, 13);
}

static void sheet_of_sum(struct biff12 *b)
{
    static const char sum[] = "\x25\0\0\0\0\1\0\0\0\1\xC0\1\xC0\x19\x10\0\0";

    row(b, 0);
    number_formula(b, 0, 0, hn_text_of(sum, sizeof sum - 1), HN_TEXT(""));
}

void xlm_writer_xlsb(const struct xlm_writer_book *book, struct hn_buf *out)
{
    struct biff12 b[5] = { 0 };
    struct office_writer_part parts[7] = {
        { .name = "xl/workbook.bin" },
        { .name = "xl/macrosheets/s1.bin" },
        { .name = "xl/worksheets/s2.bin" },
        { .name = "xl/worksheets/s3.bin" },
        { .name = "xl/externalLinks/e.bin" },
        { .name = "xl/_rels/workbook.bin.rels", .text = RELATIONS("bin") },
        { .name = "xl/externalLinks/_rels/e.bin.rels", .text = book_relations },
    };

    workbook(&b[0]);
    macro_sheet(&b[1], book);
    sheet_of_seven(&b[2]);
    sheet_of_sum(&b[3]);
    external_book(&b[4]);
    for (size_t i = 0; i < HN_COUNT_OF(b); i++)
        parts[i].bytes = hn_text_as_bytes(hn_buf_text(&b[i].part));
    office_writer_package(parts, HN_COUNT_OF(parts), out);
    for (size_t i = 0; i < HN_COUNT_OF(b); i++) {
        hn_buf_deinit(&b[i].part);
        hn_buf_deinit(&b[i].data);
    }
}
