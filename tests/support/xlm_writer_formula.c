/* xlm_writer_formula.c - random formulas as text and as tokens of the three binary formats. */
#include "support/xlm_writer.h"

#include "support/office_writer.h"

#include <stdio.h>

#define DEPTH_MAX 5u

struct writer {
    struct check_random *random;
    struct xlm_writer_formula *f;
};

static uint32_t below(struct writer *w, uint32_t count)
{
    return check_random_below(w->random, count);
}

/* ---- The ways of writing ---- */

static void all_texts(struct writer *w, const char *text)
{
    hn_buf_add_cstr(&w->f->text, text);
    hn_buf_add_cstr(&w->f->xml, text);
    hn_buf_add_cstr(&w->f->r1c1, text);
}

static void blank(struct writer *w)
{
    if (below(w, 4) == 0)
        hn_buf_add_char(&w->f->xml, ' ');
}

static void all_tokens(struct writer *w, const void *bytes, size_t len)
{
    for (size_t i = 0; i < XLM_WRITER_FORMS; i++)
        hn_buf_add(&w->f->tokens[i], bytes, len);
}

static void all_u8(struct writer *w, unsigned value)
{
    char c = (char)value;

    all_tokens(w, &c, 1);
}

static void all_u16(struct writer *w, unsigned value)
{
    all_u8(w, value & 0xFF);
    all_u8(w, value >> 8);
}

static struct hn_buf *tokens(struct writer *w, enum xlm_writer_form form)
{
    return &w->f->tokens[form];
}

/* An operand's token in one of its three classes, which mean nothing to the text. */
static void operand(struct writer *w, unsigned token)
{
    all_u8(w, token + 0x20 * below(w, 3));
}

static void u8(struct hn_buf *out, unsigned value)
{
    hn_buf_add_char(out, (char)value);
}

/* ---- Constants ---- */

static void integer(struct writer *w)
{
    char text[16];
    uint32_t value = below(w, 65536);

    (void)snprintf(text, sizeof text, "%u", value);
    all_texts(w, text);
    all_u8(w, 0x1E);
    all_u16(w, value);
}

static const struct {
    double value;
    const char *text;
} reals[] = { { 0.5, "0.5" }, { 1e20, "1E+20" }, { 123456.75, "123456.75" }, { 1e-7, "1E-07" },
    { 0.1, "0.1" } };

static void real(struct writer *w)
{
    size_t which = below(w, HN_COUNT_OF(reals));

    all_texts(w, reals[which].text);
    all_u8(w, 0x1F);
    all_tokens(w, &reals[which].value, sizeof reals[which].value);
}

/* Letters, quotes, blanks, a letter of Latin-1, a line break: 0x80 and above stand for U+00E9. */
static void string(struct writer *w)
{
    static const char letters[] = "aZ09 ,;!'(&=\n\"\xE9";
    char chars[24];
    size_t len = below(w, sizeof chars);
    bool wide = below(w, 2) == 0;

    for (size_t i = 0; i < len; i++)
        chars[i] = letters[below(w, sizeof letters - 1)];
    all_texts(w, "\"");
    for (size_t i = 0; i < len; i++) {
        char one[2] = { chars[i], '\0' };

        all_texts(w, chars[i] == '"' ? "\"\"" : chars[i] == '\xE9' ? "\xC3\xA9" : one);
    }
    all_texts(w, "\"");
    all_u8(w, 0x17);
    for (size_t i = 0; i < 2; i++)
        u8(tokens(w, (enum xlm_writer_form)i), (unsigned)len);
    office_writer_u16(tokens(w, XLM_WRITER_BIFF12), (uint32_t)len);
    hn_buf_add(tokens(w, XLM_WRITER_BIFF5), chars, len);
    u8(tokens(w, XLM_WRITER_BIFF8), wide);
    for (size_t i = 0; i < len; i++) {
        u8(tokens(w, XLM_WRITER_BIFF8), (unsigned char)chars[i]);
        if (wide)
            u8(tokens(w, XLM_WRITER_BIFF8), 0);
        office_writer_u16(tokens(w, XLM_WRITER_BIFF12), (unsigned char)chars[i]);
    }
}

static void boolean_or_error(struct writer *w)
{
    uint32_t which = below(w, 4);

    all_texts(w, which == 0 ? "TRUE" : which == 1 ? "FALSE" : which == 2 ? "#N/A" : "#DIV/0!");
    all_u8(w, which < 2 ? 0x1D : 0x1C);
    all_u8(w, which == 0 ? 1 : which == 1 ? 0 : which == 2 ? 0x2A : 0x07);
}

/* {1,"a";TRUE,#N/A} */
static void array(struct writer *w)
{
    static const double one = 1;
    struct hn_buf *extra = w->f->extra;

    all_texts(w, "{1,\"a\";TRUE,#N/A}");
    operand(w, 0x20);
    hn_buf_add(tokens(w, XLM_WRITER_BIFF5), "\0\0\0\0\0\0\0", 7);
    hn_buf_add(tokens(w, XLM_WRITER_BIFF8), "\0\0\0\0\0\0\0", 7);
    hn_buf_add(tokens(w, XLM_WRITER_BIFF12), "\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 14);
    hn_buf_add(&extra[XLM_WRITER_BIFF5], "\2\2\0\1", 4);
    hn_buf_add(&extra[XLM_WRITER_BIFF8], "\1\1\0\1", 4);
    hn_buf_add(&extra[XLM_WRITER_BIFF12], "\2\0\0\0\2\0\0\0\0", 9);
    for (size_t i = 0; i < XLM_WRITER_FORMS; i++)
        hn_buf_add(&extra[i], &one, sizeof one);
    hn_buf_add(&extra[XLM_WRITER_BIFF5], "\2\1a", 3);
    hn_buf_add(&extra[XLM_WRITER_BIFF8], "\2\1\0\0a", 5);
    hn_buf_add(&extra[XLM_WRITER_BIFF12], "\1\1\0a\0", 5);
    for (size_t i = 0; i < 2; i++)
        hn_buf_add(&extra[i], "\4\1\0\0\0\0\0\0\0\x10\x2A\0\0\0\0\0\0\0", 18);
    hn_buf_add(&extra[XLM_WRITER_BIFF12], "\2\1\4\x2A\0\0\0", 7);
}

/* ---- References ---- */

struct place {
    uint32_t row;
    uint32_t column;
    bool row_relative;
    bool column_relative;
};

static struct place random_place(struct writer *w)
{
    struct place place = { below(w, 300), below(w, 100), below(w, 2) == 0, below(w, 2) == 0 };

    return place;
}

static void place_texts(struct writer *w, const struct place *place)
{
    char letters[3] = { 0 };
    char text[32];
    struct xlm_writer_formula *f = w->f;

    if (place->column >= 26)
        letters[0] = (char)('A' + place->column / 26 - 1);
    letters[place->column >= 26] = (char)('A' + place->column % 26);
    (void)snprintf(text, sizeof text, "%s%s%s%u", place->column_relative ? "" : "$", letters,
            place->row_relative ? "" : "$", place->row + 1);
    hn_buf_add_cstr(&f->text, text);
    hn_buf_add_cstr(&f->xml, text);
    if (!place->row_relative)
        hn_buf_addf(&f->r1c1, "R%u", place->row + 1);
    else if (place->row == f->row)
        hn_buf_add_char(&f->r1c1, 'R');
    else
        hn_buf_addf(&f->r1c1, "R[%d]", (int)place->row - (int)f->row);
    if (!place->column_relative)
        hn_buf_addf(&f->r1c1, "C%u", place->column + 1);
    else if (place->column == f->column)
        hn_buf_add_char(&f->r1c1, 'C');
    else
        hn_buf_addf(&f->r1c1, "C[%d]", (int)place->column - (int)f->column);
}

static uint32_t flags_of(const struct place *place)
{
    return (place->row_relative ? 0x8000u : 0) | (place->column_relative ? 0x4000u : 0);
}

static void place_row(struct writer *w, const struct place *place)
{
    office_writer_u16(tokens(w, XLM_WRITER_BIFF5), place->row | flags_of(place));
    office_writer_u16(tokens(w, XLM_WRITER_BIFF8), place->row);
    office_writer_u32(tokens(w, XLM_WRITER_BIFF12), place->row);
}

static void place_column(struct writer *w, const struct place *place)
{
    u8(tokens(w, XLM_WRITER_BIFF5), place->column);
    office_writer_u16(tokens(w, XLM_WRITER_BIFF8), place->column | flags_of(place));
    office_writer_u16(tokens(w, XLM_WRITER_BIFF12), place->column | flags_of(place));
}

/* In front of a reference: one of the three sheets, or that of the other book. */
static void sheet(struct writer *w)
{
    static const char *const texts[] = { "'Macro1'!", "'Sheet 2'!", "'It''s'!",
        "'[Book1.xls]Data'!" };
    static const char *const xmls[] = { "Macro1!", "'Sheet 2'!", "'It''s'!", "[1]Data!" };
    uint32_t which = below(w, HN_COUNT_OF(texts));
    uint32_t in_5 = which == 3 ? 0 : which;

    hn_buf_add_cstr(&w->f->text, texts[which]);
    hn_buf_add_cstr(&w->f->xml, xmls[which]);
    hn_buf_add_cstr(&w->f->r1c1, texts[which]);
    office_writer_u16(tokens(w, XLM_WRITER_BIFF5), which == 3 ? 1 : 0xFFFF);
    hn_buf_add(tokens(w, XLM_WRITER_BIFF5), "\0\0\0\0\0\0\0\0", 8);
    office_writer_u16(tokens(w, XLM_WRITER_BIFF5), in_5);
    office_writer_u16(tokens(w, XLM_WRITER_BIFF5), in_5);
    office_writer_u16(tokens(w, XLM_WRITER_BIFF8), which);
    office_writer_u16(tokens(w, XLM_WRITER_BIFF12), which);
}

static void reference(struct writer *w)
{
    bool with_sheet = below(w, 2) == 0;
    bool range = below(w, 3) == 0;
    struct place from = random_place(w);
    struct place to = random_place(w);

    operand(w, (with_sheet ? 0x3Au : 0x24u) + range);
    if (with_sheet)
        sheet(w);
    place_texts(w, &from);
    if (range) {
        all_texts(w, ":");
        place_texts(w, &to);
    }
    place_row(w, &from);
    if (range)
        place_row(w, &to);
    place_column(w, &from);
    if (range)
        place_column(w, &to);
}

/* The names of the workbook: 1 Auto_Open, 2 go, 3 fn, 4 call_it. */
static void name(struct writer *w, unsigned index)
{
    all_texts(w, index == 2 ? "go" : "'Sheet 2'!fn");
    operand(w, 0x23);
    office_writer_u16(tokens(w, XLM_WRITER_BIFF5), index);
    hn_buf_add(tokens(w, XLM_WRITER_BIFF5), "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
    office_writer_u32(tokens(w, XLM_WRITER_BIFF8), index);
    office_writer_u32(tokens(w, XLM_WRITER_BIFF12), index);
}

/* A function of an add-in: the link behind those of sheets, its first name. */
static void addin_name(struct writer *w)
{
    all_texts(w, "Ext");
    operand(w, 0x39);
    office_writer_u16(tokens(w, XLM_WRITER_BIFF5), 2);
    hn_buf_add(tokens(w, XLM_WRITER_BIFF5), "\0\0\0\0\0\0\0\0", 8);
    office_writer_u16(tokens(w, XLM_WRITER_BIFF5), 1);
    hn_buf_add(tokens(w, XLM_WRITER_BIFF5), "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
    office_writer_u16(tokens(w, XLM_WRITER_BIFF8), 4);
    office_writer_u32(tokens(w, XLM_WRITER_BIFF8), 1);
    office_writer_u16(tokens(w, XLM_WRITER_BIFF12), 4);
    office_writer_u32(tokens(w, XLM_WRITER_BIFF12), 1);
}

/* ---- Calls and operators ---- */

static void expression(struct writer *w, uint32_t depth);

/* How the calls of a function say what they call. */
enum call { FIXED, VARIABLE, COMMAND };

static const struct {
    const char *name;
    const char *small;
    enum call call;
    uint16_t number;
    uint8_t arguments;
} functions[] = { { "CHAR", "char", FIXED, 111, 1 }, { "MID", "Mid", FIXED, 31, 3 },
    { "HALT", "HALT", VARIABLE, 54, 0 }, { "EXEC", "exec", VARIABLE, 110, 2 },
    { "CONCATENATE", "_xlfn.CONCATENATE", VARIABLE, 336, 4 },
    { "REGISTER", "REGISTER", VARIABLE, 149, 3 }, { "FORMULA", "formula", COMMAND, 96, 2 },
    { "SAVE.AS", "save.as", COMMAND, 5, 1 }, { "WORKBOOK.HIDE", "WORKBOOK.HIDE", COMMAND, 383, 2 },
    { "NOW", "now", FIXED, 74, 0 }, { "FCLOSE", "FCLOSE", FIXED, 133, 1 } };

static void arguments(struct writer *w, uint32_t depth, size_t count, bool may_miss)
{
    all_texts(w, "(");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            all_texts(w, ",");
        blank(w);
        if (may_miss && below(w, 6) == 0)
            all_u8(w, 0x16);
        else
            expression(w, depth + 1);
        blank(w);
    }
    all_texts(w, ")");
}

static void call(struct writer *w, uint32_t depth)
{
    size_t which = below(w, HN_COUNT_OF(functions));
    enum call how = functions[which].call;

    hn_buf_add_cstr(&w->f->text, functions[which].name);
    hn_buf_add_cstr(&w->f->xml, functions[which].small);
    hn_buf_add_cstr(&w->f->r1c1, functions[which].name);
    arguments(w, depth, functions[which].arguments, how != FIXED);
    operand(w, how == FIXED ? 0x21 : 0x22);
    if (how != FIXED)
        all_u8(w, functions[which].arguments);
    all_u16(w, functions[which].number | (how == COMMAND ? 0x8000u : 0));
}

static void user_call(struct writer *w, uint32_t depth)
{
    if (below(w, 2) == 0) {
        addin_name(w);
    } else {
        static const char token = 0x23;

        all_texts(w, "call_it");
        all_tokens(w, &token, 1);
        office_writer_u16(tokens(w, XLM_WRITER_BIFF5), 4);
        hn_buf_add(tokens(w, XLM_WRITER_BIFF5), "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
        office_writer_u32(tokens(w, XLM_WRITER_BIFF8), 4);
        office_writer_u32(tokens(w, XLM_WRITER_BIFF12), 4);
    }
    arguments(w, depth, 2, true);
    operand(w, 0x22);
    all_u8(w, 3);
    all_u16(w, 255);
}

/* An operand that needs no parentheses, whatever stands next to it. */
static void primary(struct writer *w, uint32_t depth)
{
    if (depth >= DEPTH_MAX || below(w, 3) > 0) {
        expression(w, DEPTH_MAX);
    } else {
        all_texts(w, "(");
        blank(w);
        expression(w, depth + 1);
        all_texts(w, ")");
        all_u8(w, 0x15);
    }
}

static void operation(struct writer *w, uint32_t depth)
{
    static const char *const operators[] = { "+", "-", "*", "/", "^", "&", "<", "<=", "=",
        ">=", ">", "<>" };
    uint32_t which = below(w, HN_COUNT_OF(operators) + 2);

    if (which == HN_COUNT_OF(operators)) {
        all_texts(w, "-");
        primary(w, depth);
        all_u8(w, 0x13);
        return;
    }
    primary(w, depth);
    if (which > HN_COUNT_OF(operators)) {
        all_texts(w, "%");
        all_u8(w, 0x14);
        return;
    }
    blank(w);
    all_texts(w, operators[which]);
    blank(w);
    primary(w, depth);
    all_u8(w, 3 + which);
}

/* Tokens that are for the calculation: no part of the text. */
static void noise(struct writer *w)
{
    static const char jumps[] = { 0x19, 0x04, 1, 0, 8, 0, 16, 0 };

    switch (below(w, 8)) {
    case 0:
        all_tokens(w, "\x19\x40\0\1", 4);
        break;
    case 1:
        all_tokens(w, "\x19\2\x0A\0", 4);
        break;
    case 2:
        all_tokens(w, jumps, sizeof jumps);
        break;
    default:
        break;
    }
}

static void sum(struct writer *w)
{
    all_texts(w, "SUM(");
    expression(w, DEPTH_MAX);
    all_texts(w, ")");
    all_tokens(w, "\x19\x10\0\0", 4);
}

static void expression(struct writer *w, uint32_t depth)
{
    uint32_t which = below(w, depth >= DEPTH_MAX ? 8 : 14);

    noise(w);
    if (which == 0)
        integer(w);
    else if (which == 1)
        real(w);
    else if (which <= 3)
        string(w);
    else if (which == 4)
        boolean_or_error(w);
    else if (which == 5)
        array(w);
    else if (which == 6)
        reference(w);
    else if (which == 7)
        name(w, 2 + below(w, 2));
    else if (which <= 10)
        call(w, depth);
    else if (which == 11)
        user_call(w, depth);
    else if (which == 12)
        operation(w, depth);
    else
        sum(w);
}

void xlm_writer_formula(struct check_random *random, struct xlm_writer_formula *formula)
{
    struct writer w = { random, formula };

    expression(&w, 0);
}

void xlm_writer_formula_deinit(struct xlm_writer_formula *formula)
{
    hn_buf_deinit(&formula->text);
    hn_buf_deinit(&formula->xml);
    hn_buf_deinit(&formula->r1c1);
    for (size_t i = 0; i < XLM_WRITER_FORMS; i++) {
        hn_buf_deinit(&formula->tokens[i]);
        hn_buf_deinit(&formula->extra[i]);
    }
}
