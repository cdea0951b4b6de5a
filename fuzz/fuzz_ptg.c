/* fuzz_ptg.c - the tokens of a formula in BIFF5, BIFF8 and BIFF12: besides the oracle, a token that
 * nobody knows behind a whole formula leaves what was before, and a formula's text, put into a
 * workbook of XML, reads the same. */
/* fuzz: office support */
#include "office_fuzz.h"

#include "support/office_writer.h"
#include "support/xlm_writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The formula of the first cell in the text of macro sheets, in a buffer of its own. */
static struct hn_buf formula_of(const struct dissect *dissect)
{
    static const struct hn_text begin = HN_TEXT_INIT("\nCELL 'Macro1'!A1 =");
    static const struct hn_text end = HN_TEXT_INIT("\nLAST 'Macro1'!A1 ");
    struct hn_buf formula = { 0 };

    for (uint32_t id = 0; id < dissect_count(dissect); id++) {
        struct hn_text text = hn_bytes_as_text(dissect_get(dissect, id)->data);
        size_t from;
        size_t to;

        if (dissect_get(dissect, id)->format != DISSECT_XLM)
            continue;
        from = hn_text_find(text, begin, 0);
        assert(from != SIZE_MAX);
        to = hn_text_find(text, end, from);
        assert(to != SIZE_MAX);
        hn_buf_add_text(&formula, hn_text_sub(text, from + begin.len, to - from - begin.len));
    }
    return formula;
}

static void write_book(
        const struct xlm_writer_book *book, enum xlm_writer_form form, struct hn_buf *file)
{
    if (form == XLM_WRITER_BIFF12)
        xlm_writer_xlsb(book, file);
    else
        xlm_writer_xls(book, form, file);
}

static struct hn_buf reopened(const struct hn_buf *file)
{
    struct dissect *dissect = office_tree(hn_text_as_bytes(hn_buf_text(file)), DISSECT_UNKNOWN);
    struct hn_buf formula;

    assert(dissect != NULL);
    formula = formula_of(dissect);
    dissect_free(dissect);
    return formula;
}

static void with_unknown_token(
        struct xlm_writer_book *book, enum xlm_writer_form form, struct hn_text formula)
{
    struct hn_buf file = { 0 };
    struct hn_buf more;

    hn_buf_add_char(&book->formulas[0].tokens[form], '\x7F');
    write_book(book, form, &file);
    more = reopened(&file);
    assert(hn_text_starts(hn_buf_text(&more), formula));
    assert(hn_text_eq(
            hn_text_sub(hn_buf_text(&more), formula.len, more.len), HN_TEXT(",#UNREAD!")));
    hn_buf_deinit(&more);
    hn_buf_deinit(&file);
}

/* Blanks and errors as operands, and what XML cannot hold, are not held against it. */
static bool is_simple(struct hn_text formula)
{
    for (size_t i = 0; i < formula.len; i++) {
        unsigned char c = (unsigned char)formula.ptr[i];

        if (c <= ' ' || c >= 0x7F || c == '#')
            return false;
    }
    return formula.len > 0;
}

static void as_xml(struct xlm_writer_book *book, struct hn_text formula)
{
    struct hn_buf file = { 0 };
    struct hn_buf again;

    hn_buf_add_text(&book->formulas[0].xml, formula);
    xlm_writer_xlsm(book, &file);
    again = reopened(&file);
    assert(hn_text_eq(hn_buf_text(&again), formula));
    hn_buf_deinit(&again);
    hn_buf_deinit(&file);
}

/* The form, how many bytes are tokens, and these with what belongs to them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct xlm_writer_book book = { 0 };
    struct dissect *dissect;
    struct hn_buf file = { 0 };
    struct hn_buf formula;
    enum xlm_writer_form form;
    size_t len;

    if (size < 2 || size > 4096)
        return 0;
    form = (enum xlm_writer_form)(data[0] % XLM_WRITER_FORMS);
    len = (size_t)data[1] * 16;
    if (len > size - 2)
        len = size - 2;
    for (uint32_t i = 0; i < XLM_WRITER_FORMULAS; i++)
        book.formulas[i].row = i;
    hn_buf_add(&book.formulas[0].tokens[form], data + 2, len);
    hn_buf_add(&book.formulas[0].extra[form], data + 2 + len, size - 2 - len);
    write_book(&book, form, &file);
    dissect = office_fuzz_open(hn_text_as_bytes(hn_buf_text(&file)), DISSECT_UNKNOWN);
    formula = formula_of(dissect);
    if (formula.len > 0 && !office_tree_note(dissect, DISSECT_NOTE_DAMAGED)) {
        with_unknown_token(&book, form, hn_buf_text(&formula));
        if (is_simple(hn_buf_text(&formula)))
            as_xml(&book, hn_buf_text(&formula));
    }
    dissect_free(dissect);
    hn_buf_deinit(&formula);
    hn_buf_deinit(&file);
    xlm_writer_book_deinit(&book);
    return 0;
}
