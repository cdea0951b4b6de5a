/* xlm_writer.c - workbooks with macro sheets: what is in them, and as BIFF5, BIFF8 and text. The
 * packages are in xlm_writer_package.c. */
#include "support/xlm_writer_internal.h"

#include "support/office_writer.h"

const char *const xlm_writer_sheets[XLM_WRITER_SHEETS] = { "Macro1", "Sheet 2", "It's" };

void xlm_writer_book(struct check_random *random, struct xlm_writer_book *ret_book)
{
    memset(ret_book, 0, sizeof *ret_book);
    for (uint32_t i = 0; i < XLM_WRITER_FORMULAS; i++) {
        ret_book->formulas[i].row = i;
        xlm_writer_formula(random, &ret_book->formulas[i]);
    }
}

void xlm_writer_book_deinit(struct xlm_writer_book *book)
{
    for (size_t i = 0; i < XLM_WRITER_FORMULAS; i++)
        xlm_writer_formula_deinit(&book->formulas[i]);
}

/* ---- What reading them must give ---- */

static void expect_formula(
        const struct xlm_writer_formula *f, const char *sheet, struct hn_buf *out)
{
    hn_buf_addf(out, "CELL '%s'!A%u =", sheet, f->row + 1);
    hn_buf_add_text(out, hn_buf_text(&f->text));
    hn_buf_addf(out, "\nLAST '%s'!A%u %u.5\n", sheet, f->row + 1, f->row);
}

void xlm_writer_expected(const struct xlm_writer_book *book, struct hn_buf *out)
{
    static const char *const beside[] = { "CELL 'Macro1'!B1 12.5\n"
                                          "CELL 'Macro1'!C1 =A1&B$1\nLAST 'Macro1'!C1 \"r\"\n"
                                          "CELL 'Macro1'!D1 =B1*2\nLAST 'Macro1'!D1 25\n",
        "CELL 'Macro1'!B2 \"te\"\"xt\"\n"
        "CELL 'Macro1'!C2 =A2&B$1\nLAST 'Macro1'!C2 \"r\"\n"
        "CELL 'Macro1'!D2 25\n",
        "CELL 'Macro1'!B3 TRUE\n", "CELL 'Macro1'!B4 #N/A\n" };

    hn_buf_add_lit(out, "SHEET 'Macro1' macro very_hidden\nSHEET 'Sheet 2' work hidden\n"
                        "SHEET 'It''s' work visible\n"
                        "NAME! Auto_Open ='Macro1'!$A$1\n"
                        "NAME call_it ='Macro1'!$A$5\n"
                        "NAME 'Sheet 2'!fn ='Macro1'!$A$3:$B$4\n"
                        "NAME go =\"x\"\n");
    for (uint32_t i = 0; i < XLM_WRITER_FORMULAS; i++) {
        expect_formula(&book->formulas[i], "Macro1", out);
        if (i < HN_COUNT_OF(beside))
            hn_buf_add_cstr(out, beside[i]);
    }
    hn_buf_add_lit(out, "CELL 'Sheet 2'!A1 7\n"
                        "CELL 'It''s'!A1 =SUM(B1:B2)\nLAST 'It''s'!A1 0\n");
}

/* ---- SLK ---- */

void xlm_writer_slk(const struct xlm_writer_book *book, struct hn_buf *out)
{
    hn_buf_add_lit(out, "ID;PHN;N;E\r\nO;L;E\r\nNN;NAuto_Open;ER1C1\r\n");
    for (uint32_t i = 0; i < XLM_WRITER_FORMULAS; i++) {
        struct hn_text formula = hn_buf_text(&book->formulas[i].r1c1);

        hn_buf_addf(out, "C;Y%u;X1;K%u.5;E", i + 1, i);
        for (size_t k = 0; k < formula.len; k++) {
            if (formula.ptr[k] == '\n') {
                hn_buf_add_lit(out, "\x1B :");
                continue;
            }
            if (formula.ptr[k] == ';')
                hn_buf_add_char(out, ';');
            hn_buf_add_char(out, formula.ptr[k]);
        }
        hn_buf_add_lit(out, "\r\n");
    }
    hn_buf_add_lit(out, "C;Y1;X3;K\"r\";ERC[-2]&R1C[-1]\r\nC;Y2;X3;K\"r\";S;R1;C3\r\nE\r\n");
}

void xlm_writer_slk_expected(const struct xlm_writer_book *book, struct hn_buf *out)
{
    hn_buf_add_lit(out, "SHEET 'Sheet1' macro visible\nNAME Auto_Open ='Sheet1'!$A$1\n");
    for (uint32_t i = 0; i < XLM_WRITER_FORMULAS; i++) {
        expect_formula(&book->formulas[i], "Sheet1", out);
        if (i < 2)
            hn_buf_addf(out, "CELL 'Sheet1'!C%u =A%u&B$1\nLAST 'Sheet1'!C%u \"r\"\n", i + 1, i + 1,
                    i + 1);
    }
}

/* ---- BIFF5 and BIFF8 ---- */

struct biff {
    const struct xlm_writer_book *book;
    enum xlm_writer_form form;
    struct hn_buf stream;
    struct hn_buf data; /* of the record being written */
    size_t sheets_at[XLM_WRITER_SHEETS];
};

static bool is_8(const struct biff *b)
{
    return b->form == XLM_WRITER_BIFF8;
}

static void record(struct biff *b, uint16_t type)
{
    office_writer_biff(&b->stream, type, b->data.ptr, b->data.len);
    hn_buf_reset(&b->data);
}

static void u16(struct biff *b, uint32_t value)
{
    office_writer_u16(&b->data, value);
}

static void u8(struct biff *b, unsigned value)
{
    hn_buf_add_char(&b->data, (char)value);
}

/* Characters behind their flags, which only BIFF8 has. */
static void chars(struct biff *b, const char *text)
{
    if (is_8(b))
        u8(b, 0);
    hn_buf_add_cstr(&b->data, text);
}

static void bof(struct biff *b, unsigned kind)
{
    u16(b, is_8(b) ? 0x0600 : 0x0500);
    u16(b, kind);
    hn_buf_add(&b->data, "\x54\x0A\xCD\7\0\0\0\0\0\0\0\0", is_8(b) ? 12 : 4);
    record(b, 0x0809);
}

static void links_8(struct biff *b)
{
    hn_buf_add(&b->data, "\3\0\1\4", 4); /* the workbook itself */
    record(b, 0x01AE);
    hn_buf_add(&b->data, "\1\0\1\x3A", 4); /* add-ins */
    record(b, 0x01AE);
    hn_buf_add(&b->data, "\0\0\0\0\0\0\3\0Ext\2\0\x1C\x17", 15);
    record(b, 0x0023);
    hn_buf_add(&b->data, "\1\0\x0D\0\0\1\1C\3Book1.xls\4\0\0Data", 5 + 13 + 3 + 4);
    record(b, 0x01AE);
    u16(b, 5);
    for (uint32_t i = 0; i < 3; i++) {
        u16(b, 0);
        u16(b, i);
        u16(b, i);
    }
    hn_buf_add(&b->data, "\2\0\0\0\0\0\1\0\xFE\xFF\xFE\xFF", 12);
    record(b, 0x0017);
}

static void links_5(struct biff *b)
{
    hn_buf_add(&b->data, "\x10\1[Book1.xls]Data", 17);
    record(b, 0x0017);
    hn_buf_add(&b->data, "\1:", 2);
    record(b, 0x0017);
    hn_buf_add(&b->data, "\0\0\0\0\0\0\3Ext", 10);
    record(b, 0x0023);
}

/* A name for a range of the first sheet, or for a cell where rows and columns are the same. */
static void label(
        struct biff *b, uint32_t flags, uint32_t sheet, const char *name, const uint32_t range[4])
{
    bool cell = range[0] == range[1] && range[2] == range[3];
    size_t cells = cell ? 1 : 2;

    u16(b, flags);
    u8(b, 0);
    u8(b, (unsigned)strlen(name));
    u16(b, (uint32_t)(is_8(b) ? 3 + cells * 4 : 15 + cells * 3));
    u16(b, 0);
    u16(b, sheet);
    hn_buf_add(&b->data, "\0\0\0\0", 4);
    chars(b, name);
    u8(b, cell ? 0x3A : 0x3B);
    if (is_8(b)) {
        u16(b, 0);
    } else {
        u16(b, 0xFFFF);
        hn_buf_add(&b->data, "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
    }
    for (size_t i = 0; i < cells; i++)
        u16(b, range[i]);
    for (size_t i = 0; i < cells; i++) {
        if (is_8(b))
            u16(b, range[2 + i]);
        else
            u8(b, range[2 + i]);
    }
    record(b, 0x0018);
}

static void text_label(struct biff *b)
{
    hn_buf_add(&b->data, is_8(b) ? "\0\0\0\2\4\0" : "\0\0\0\2\3\0", 6);
    hn_buf_add(&b->data, "\0\0\0\0\0\0\0\0", 8);
    chars(b, "go");
    hn_buf_add(&b->data, "\x17\1", 2);
    chars(b, "x");
    record(b, 0x0018);
}

static void globals(struct biff *b)
{
    static const uint8_t states[] = { 2, 1, 0 };
    static const uint32_t first[4] = { 0, 0, 0, 0 };
    static const uint32_t range[4] = { 2, 3, 0, 1 };
    static const uint32_t fifth[4] = { 4, 4, 0, 0 };

    bof(b, 5);
    u16(b, is_8(b) ? 1200 : 1252);
    record(b, 0x0042);
    for (size_t i = 0; i < XLM_WRITER_SHEETS; i++) {
        office_writer_u32(&b->data, (uint32_t)b->sheets_at[i]);
        u8(b, states[i]);
        u8(b, i == 0);
        u8(b, (unsigned)strlen(xlm_writer_sheets[i]));
        chars(b, xlm_writer_sheets[i]);
        record(b, 0x0085);
    }
    if (is_8(b))
        links_8(b);
    else
        links_5(b);
    label(b, 0x21, 0, "\1", first); /* Auto_Open by its number, hidden */
    text_label(b);
    label(b, 0, 2, "fn", range);
    label(b, 2, 0, "call_it", fifth);
    record(b, 0x000A);
}

static void cell(struct biff *b, uint32_t row, uint32_t column)
{
    u16(b, row);
    u16(b, column);
    u16(b, 0);
}

/* result NULL: text, which stands in a record of its own. */
static void formula(
        struct biff *b, const double *result, struct hn_text tokens, struct hn_text extra)
{
    if (result != NULL)
        hn_buf_add(&b->data, result, sizeof *result);
    else
        hn_buf_add(&b->data, "\0\0\0\0\0\0\xFF\xFF", 8);
    hn_buf_add(&b->data, "\0\0\0\0\0\0", 6);
    u16(b, (uint32_t)tokens.len);
    hn_buf_add_text(&b->data, tokens);
    hn_buf_add_text(&b->data, extra);
    record(b, 0x0006);
}

static void result_text(struct biff *b)
{
    u16(b, 1);
    chars(b, "r");
    record(b, 0x0207);
}

/* C1:C2 =A1&B$1 from C1, with distances. */
static void shared(struct biff *b, uint32_t row)
{
    cell(b, row, 2);
    formula(b, NULL, hn_text_of("\1\0\0\2\0", 5), HN_TEXT(""));
    if (row == 0) {
        hn_buf_add(&b->data, "\0\0\1\0\2\2\0\2", 8);
        if (is_8(b))
            hn_buf_add(&b->data, "\x0B\0\x4C\0\0\xFE\xC0\x4C\0\0\xFF\x40\x08", 13);
        else
            hn_buf_add(&b->data, "\x09\0\x4C\0\xC0\xFE\x4C\0\x40\xFF\x08", 11);
        record(b, 0x04BC);
    }
    result_text(b);
}

/* D1:D2 {=B1*2} */
static void array(struct biff *b, uint32_t row)
{
    static const double result = 25;

    cell(b, row, 3);
    formula(b, &result, hn_text_of("\1\0\0\3\0", 5), HN_TEXT(""));
    if (row != 0)
        return;
    hn_buf_add(&b->data, "\0\0\1\0\3\3\0\0\0\0\0\0", 12);
    if (is_8(b))
        hn_buf_add(&b->data, "\x09\0\x44\0\0\1\xC0\x1E\2\0\5", 11);
    else
        hn_buf_add(&b->data, "\x08\0\x44\0\xC0\1\x1E\2\0\5", 10);
    record(b, 0x0221);
}

static void constant(struct biff *b, uint32_t row)
{
    static const double number = 12.5;

    cell(b, row, 1);
    if (row == 0) {
        hn_buf_add(&b->data, &number, sizeof number);
        record(b, 0x0203);
    } else if (row == 1) {
        u16(b, 5);
        chars(b, "te\"xt");
        record(b, 0x0204);
    } else {
        hn_buf_add(&b->data, row == 2 ? "\1\0" : "\x2A\1", 2);
        record(b, 0x0205);
    }
}

static void macro_sheet(struct biff *b)
{
    for (uint32_t i = 0; i < XLM_WRITER_FORMULAS; i++) {
        const struct xlm_writer_formula *f = &b->book->formulas[i];
        double result = (double)i + 0.5;

        cell(b, i, 0);
        formula(b, &result, hn_buf_text(&f->tokens[b->form]), hn_buf_text(&f->extra[b->form]));
        if (i < 4)
            constant(b, i);
        if (i < 2) {
            shared(b, i);
            array(b, i);
        }
    }
}

static void other_sheet(struct biff *b, size_t which)
{
    static const double zero = 0;
    static const char sum_8[] = "\x25\0\0\1\0\1\xC0\1\xC0\x19\x10\0\0";
    static const char sum_5[] = "\x25\0\xC0\1\xC0\1\1\x19\x10\0\0";

    cell(b, 0, 0);
    if (which == 1) {
        office_writer_u32(&b->data, 7u << 2 | 2);
        record(b, 0x027E);
    } else if (is_8(b)) {
        formula(b, &zero, hn_text_of(sum_8, sizeof sum_8 - 1), HN_TEXT(""));
    } else {
        formula(b, &zero, hn_text_of(sum_5, sizeof sum_5 - 1), HN_TEXT(""));
    }
}

void xlm_writer_stream(
        const struct xlm_writer_book *book, enum xlm_writer_form form, struct hn_buf *out)
{
    struct biff b = { .book = book, .form = form };

    for (int pass = 0; pass < 2; pass++) { /* the second knows where the sheets are */
        hn_buf_reset(&b.stream);
        globals(&b);
        for (size_t i = 0; i < XLM_WRITER_SHEETS; i++) {
            b.sheets_at[i] = b.stream.len;
            bof(&b, i == 0 ? 0x40 : 0x10);
            if (i == 0)
                macro_sheet(&b);
            else
                other_sheet(&b, i);
            record(&b, 0x000A);
        }
    }
    hn_buf_add_text(out, hn_buf_text(&b.stream));
    hn_buf_deinit(&b.stream);
    hn_buf_deinit(&b.data);
}

void xlm_writer_xls(
        const struct xlm_writer_book *book, enum xlm_writer_form form, struct hn_buf *out)
{
    struct hn_buf stream = { 0 };

    xlm_writer_stream(book, form, &stream);
    office_writer_stream(form == XLM_WRITER_BIFF8 ? "Workbook" : "Book",
            hn_text_as_bytes(hn_buf_text(&stream)), out);
    hn_buf_deinit(&stream);
}
