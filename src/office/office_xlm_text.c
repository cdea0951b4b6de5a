/* office_xlm_text.c - formulas that files keep as text, in the one way they are written here:
 * sheets in apostrophes, no blanks that mean nothing, functions in capital letters, references as
 * A1. */
#include "office/office_xlm.h"

#include "base/num.h"

#define ROWS_MAX    1048576
#define COLUMNS_MAX 16384

struct normal {
    struct office_xlm *m;
    struct office *o;
    struct hn_text in;
    size_t at;
    struct hn_buf out;
    bool r1c1;
    uint32_t row; /* of the cell */
    uint32_t column;
    int64_t rows; /* that relative references move */
    int64_t columns;
    struct hn_text own_sheet; /* in front of its references; empty: none */
    bool operand;             /* what was written last is one, so that a blank may be an operator */
    bool blank;               /* stood here */
};

static char peek(const struct normal *n, size_t more)
{
    return n->at + more < n->in.len ? n->in.ptr[n->at + more] : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_word(char c)
{
    return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '$' || c == '?' ||
           c == '\\' || (unsigned char)c >= 0x80;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 0x20) : c;
}

/* A blank between two operands is the intersection of ranges. */
static void operand_begins(struct normal *n)
{
    if (n->blank && n->operand)
        hn_buf_add_char(&n->out, ' ');
    n->blank = false;
    n->operand = true;
}

/* From a quote to the next that is not doubled; the rest where there is none. */
static struct hn_text quoted(struct normal *n)
{
    char quote = peek(n, 0);
    size_t start = n->at++;

    while (n->at < n->in.len) {
        if (n->in.ptr[n->at] != quote) {
            n->at++;
        } else if (peek(n, 1) == quote) {
            n->at += 2;
        } else {
            n->at++;
            break;
        }
    }
    return hn_text_sub(n->in, start, n->at - start);
}

/* ---- References as R1C1 ---- */

struct axis {
    bool there;
    bool relative;
    int64_t number; /* from 0 */
};

/* R, R5 or R[-5]: what stands at *at; the cell's own number is `here`. */
static struct axis read_axis(const struct normal *n, size_t *at, char letter, uint32_t here)
{
    struct axis axis = { 0 };
    size_t i = *at;
    int64_t number = 0;
    bool minus = false;
    bool digits = false;

    if (i >= n->in.len || upper(n->in.ptr[i]) != letter)
        return axis;
    i++;
    axis.relative = i < n->in.len && n->in.ptr[i] == '[';
    i += axis.relative;
    if (axis.relative && i < n->in.len && (n->in.ptr[i] == '-' || n->in.ptr[i] == '+'))
        minus = n->in.ptr[i++] == '-';
    for (; i < n->in.len && is_digit(n->in.ptr[i]); i++) {
        digits = true;
        if (number < ROWS_MAX)
            number = number * 10 + (n->in.ptr[i] - '0');
    }
    if (axis.relative && (!digits || i >= n->in.len || n->in.ptr[i++] != ']'))
        return (struct axis){ 0 };
    axis.there = true;
    if (!digits)
        axis.relative = true;
    axis.number = axis.relative ? (int64_t)here + (minus ? -number : number) : number - 1;
    *at = i;
    return axis;
}

struct r1c1 {
    struct axis row;
    struct axis column;
};

static bool read_r1c1(const struct normal *n, size_t *at, struct r1c1 *ret_place)
{
    size_t i = *at;
    struct r1c1 place;

    place.row = read_axis(n, &i, 'R', n->row);
    place.column = read_axis(n, &i, 'C', n->column);
    if (i == *at || (i < n->in.len && (is_word(n->in.ptr[i]) || n->in.ptr[i] == '(' ||
                                              n->in.ptr[i] == '!' || n->in.ptr[i] == '[')))
        return false;
    *at = i;
    *ret_place = place;
    return true;
}

static bool is_on_sheet(const struct r1c1 *place)
{
    return place->row.number >= 0 && place->row.number < ROWS_MAX && place->column.number >= 0 &&
           place->column.number < COLUMNS_MAX;
}

static void add_r1c1(struct normal *n, const struct r1c1 *place, bool row, bool column)
{
    if (column) {
        if (!place->column.relative)
            hn_buf_add_char(&n->out, '$');
        office_xlm_add_column(&n->out, (uint32_t)place->column.number);
    }
    if (row) {
        if (!place->row.relative)
            hn_buf_add_char(&n->out, '$');
        hn_buf_add_u64(&n->out, (uint64_t)place->row.number + 1);
    }
}

/* A cell, a whole row or column, a range of either. */
static bool r1c1(struct normal *n)
{
    size_t at = n->at;
    struct r1c1 from;
    struct r1c1 to;
    size_t behind;
    bool range;

    if (!read_r1c1(n, &at, &from))
        return false;
    to = from;
    behind = at + 1;
    range = at < n->in.len && n->in.ptr[at] == ':' && read_r1c1(n, &behind, &to) &&
            to.row.there == from.row.there && to.column.there == from.column.there;
    if (range)
        at = behind;
    else
        to = from;
    n->at = at;
    if (!is_on_sheet(&from) || !is_on_sheet(&to)) {
        hn_buf_add_lit(&n->out, "#REF!");
        return true;
    }
    if (n->own_sheet.len > 0 && !hn_text_ends(hn_buf_text(&n->out), HN_TEXT("!"))) {
        office_xlm_add_sheet(&n->out, HN_TEXT(""), n->own_sheet);
        hn_buf_add_char(&n->out, '!');
    }
    add_r1c1(n, &from, from.row.there, from.column.there);
    if (range || !from.row.there || !from.column.there) {
        hn_buf_add_char(&n->out, ':');
        add_r1c1(n, &to, from.row.there, from.column.there);
    }
    return true;
}

/* ---- Words ---- */

/* A number up to its exponent: false when it is none. */
static bool number(struct normal *n, struct hn_text word)
{
    struct hn_buf buf;
    double value;
    bool good;

    if (!is_digit(word.ptr[0]) && word.ptr[0] != '.')
        return false;
    if (upper(word.ptr[word.len - 1]) == 'E' && (peek(n, 0) == '+' || peek(n, 0) == '-') &&
            is_digit(peek(n, 1))) {
        size_t more = 1;

        while (is_digit(peek(n, more)))
            more++;
        word = hn_text_of(word.ptr, word.len + more);
    }
    hn_buf_init(&buf, OFFICE_SCRATCH_BYTES_MAX);
    if (word.ptr[0] == '.')
        hn_buf_add_char(&buf, '0');
    hn_buf_add_text(&buf, word);
    good = hn_parse_real(hn_buf_text(&buf), &value);
    hn_buf_deinit(&buf);
    if (!good)
        return false;
    n->at = (size_t)(word.ptr - n->in.ptr) + word.len;
    hn_buf_add_text(&n->out, office_xlm_number(n->o, value));
    return true;
}

/* $A$1, or one half of it. */
struct reference {
    bool column_fixed;
    bool row_fixed;
    size_t letters;
    size_t digits;
    int64_t column; /* from 1 */
    int64_t row;
};

static bool read_reference(struct hn_text word, struct reference *ret_reference)
{
    struct reference ref = { 0 };
    size_t i = 0;

    ref.column_fixed = word.ptr[0] == '$';
    i += ref.column_fixed;
    for (; i < word.len && is_letter(word.ptr[i]) && ref.letters <= 3; i++, ref.letters++)
        ref.column = ref.column * 26 + (upper(word.ptr[i]) - 'A' + 1);
    if (ref.letters == 0) { /* the sign belongs to the row */
        ref.row_fixed = ref.column_fixed;
        ref.column_fixed = false;
    } else if (i < word.len && word.ptr[i] == '$') {
        ref.row_fixed = true;
        i++;
    }
    for (; i < word.len && is_digit(word.ptr[i]) && ref.digits <= 7; i++, ref.digits++)
        ref.row = ref.row * 10 + (word.ptr[i] - '0');
    if (i != word.len || ref.letters > 3 || ref.digits > 7 || ref.letters + ref.digits == 0 ||
            (ref.letters > 0 && ref.column > COLUMNS_MAX) ||
            (ref.digits > 0 && (ref.row < 1 || ref.row > ROWS_MAX)))
        return false;
    *ret_reference = ref;
    return true;
}

/* Behind the word or in front of it stands a colon: half a reference is one of a whole row or
 * column. */
static bool is_half_of_range(const struct normal *n)
{
    return peek(n, 0) == ':' || hn_text_ends(hn_buf_text(&n->out), HN_TEXT(":"));
}

static bool reference(struct normal *n, struct hn_text word)
{
    struct reference ref;

    if (!read_reference(word, &ref) ||
            ((ref.letters == 0 || ref.digits == 0) && !is_half_of_range(n)))
        return false;
    ref.row += ref.row_fixed ? 0 : n->rows;
    ref.column += ref.column_fixed ? 0 : n->columns;
    if ((ref.letters > 0 && (ref.column < 1 || ref.column > COLUMNS_MAX)) ||
            (ref.digits > 0 && (ref.row < 1 || ref.row > ROWS_MAX))) {
        hn_buf_add_lit(&n->out, "#REF!");
        return true;
    }
    if (ref.letters > 0) {
        hn_buf_add_cstr(&n->out, ref.column_fixed ? "$" : "");
        office_xlm_add_column(&n->out, (uint32_t)ref.column - 1);
    }
    if (ref.digits > 0) {
        hn_buf_add_cstr(&n->out, ref.row_fixed ? "$" : "");
        hn_buf_add_u64(&n->out, (uint64_t)ref.row);
    }
    return true;
}

static void add_upper(struct hn_buf *out, struct hn_text word)
{
    for (size_t i = 0; i < word.len; i++)
        hn_buf_add_char(out, upper(word.ptr[i]));
}

/* What newer functions and names have in front. */
static struct hn_text without_prefix(struct hn_text word)
{
    static const char *const prefixes[] = { "_xlfn.", "_xlws.", "_xludf.", "_xlnm." };

    for (size_t i = 0; i < HN_COUNT_OF(prefixes); i++) {
        if (hn_text_starts_nocase(word, hn_text_cstr(prefixes[i])))
            word = hn_text_sub(word, strlen(prefixes[i]), word.len);
    }
    return word;
}

/* A book that is called by its number, as packages do. */
static struct hn_text book_name(const struct normal *n, struct hn_text book)
{
    uint32_t number;

    if (!hn_parse_u32(book, &number) || number == 0 || number > n->m->books.count)
        return book;
    return n->m->books.ptr[number - 1].name;
}

/* What stands before '!', without the apostrophes around it; another book without its folder. */
static void sheet(struct normal *n, struct hn_text name)
{
    size_t open = hn_text_find_char(name, '[', 0);
    size_t end = open == SIZE_MAX ? SIZE_MAX : hn_text_find_char(name, ']', open);

    n->at++;               /* '!' */
    if (peek(n, 0) == '#') /* a reference that is gone, wherever it was */
        return;
    hn_buf_add_char(&n->out, '\'');
    if (end != SIZE_MAX) {
        hn_buf_add_char(&n->out, '[');
        hn_buf_add_text(&n->out, book_name(n, hn_text_sub(name, open + 1, end - open - 1)));
        name = hn_text_sub(name, end, name.len);
    }
    hn_buf_add_text(&n->out, name);
    hn_buf_add_lit(&n->out, "'!");
    n->operand = false;
}

static struct hn_text read_word(struct normal *n)
{
    size_t start = n->at;

    if (peek(n, 0) == '[') { /* another book */
        while (n->at < n->in.len && n->in.ptr[n->at] != ']')
            n->at++;
        n->at += n->at < n->in.len;
    }
    while (n->at < n->in.len && is_word(n->in.ptr[n->at]))
        n->at++;
    return hn_text_sub(n->in, start, n->at - start);
}

/* Excel's own functions in capital letters, others as they are declared. */
static void called(struct normal *n, struct hn_text name)
{
    size_t start = n->out.len;
    struct hn_text written;

    add_upper(&n->out, name);
    written = hn_text_sub(hn_buf_text(&n->out), start, n->out.len);
    if (!hn_buf_ok(&n->out) || office_ptg_is_function(&n->m->functions, written))
        return;
    n->out.len = start;
    hn_buf_add_text(&n->out, name);
}

static void word(struct normal *n)
{
    struct hn_text text;

    operand_begins(n);
    if (n->r1c1 && r1c1(n))
        return;
    text = read_word(n);
    if (text.len == 0)
        return;
    if (peek(n, 0) == '!') {
        sheet(n, text);
    } else if (peek(n, 0) == '(') {
        called(n, without_prefix(text));
        n->operand = false;
    } else if (hn_text_eq_nocase(text, HN_TEXT("TRUE")) ||
               hn_text_eq_nocase(text, HN_TEXT("FALSE"))) {
        add_upper(&n->out, text);
    } else if (!reference(n, text) && !number(n, text)) {
        hn_buf_add_text(&n->out, without_prefix(text));
    }
}

/* #REF!, with what it once led to behind it. */
static void error_value(struct normal *n)
{
    static const char *const errors[] = { "#REF!", "#NULL!", "#DIV/0!", "#VALUE!", "#NAME?",
        "#NUM!", "#N/A", "#GETTING_DATA" };
    struct hn_text rest = hn_text_sub(n->in, n->at, n->in.len);

    operand_begins(n);
    for (size_t i = 0; i < HN_COUNT_OF(errors); i++) {
        if (!hn_text_starts_nocase(rest, hn_text_cstr(errors[i])))
            continue;
        hn_buf_add_cstr(&n->out, errors[i]);
        n->at += strlen(errors[i]);
        while (i == 0 && (is_word(peek(n, 0)) || (peek(n, 0) == ':' && is_word(peek(n, 1)))))
            n->at++;
        return;
    }
    hn_buf_add_char(&n->out, n->in.ptr[n->at++]);
}

static void apostrophe(struct normal *n)
{
    struct hn_text text;

    operand_begins(n);
    text = quoted(n);
    if (peek(n, 0) == '!' && text.len >= 2)
        sheet(n, hn_text_sub(text, 1, text.len - 2));
    else
        hn_buf_add_text(&n->out, text);
}

static void other(struct normal *n, char c)
{
    if (c == '(' || c == '{') {
        if (n->blank && n->operand)
            hn_buf_add_char(&n->out, ' ');
        n->operand = false;
    } else {
        n->operand = c == ')' || c == '}' || c == '%';
    }
    n->blank = false;
    hn_buf_add_char(&n->out, c);
    n->at++;
}

static struct hn_text normalise(struct normal *n)
{
    hn_buf_init(&n->out, OFFICE_SCRATCH_BYTES_MAX);
    while (n->at < n->in.len) {
        char c = n->in.ptr[n->at];

        if (is_blank(c)) {
            n->blank = true;
            n->at++;
        } else if (c == '"') {
            operand_begins(n);
            hn_buf_add_text(&n->out, quoted(n));
        } else if (c == '\'') {
            apostrophe(n);
        } else if (c == '#') {
            error_value(n);
        } else if (is_word(c) || c == '[') {
            word(n);
        } else {
            other(n, c);
        }
    }
    return office_take(n->o, &n->out);
}

/* The same formula may be shared by many cells: what is read of texts is limited in all. */
static bool may_read(struct office_xlm *m, struct hn_text formula)
{
    m->read_bytes += formula.len;
    return m->read_bytes <= OFFICE_XLM_TEXT_BYTES_MAX;
}

struct hn_text office_xlm_normal(
        struct office_xlm *m, struct hn_text formula, int64_t rows, int64_t columns)
{
    struct normal n = { .m = m, .o = m->o, .in = formula, .rows = rows, .columns = columns };

    return may_read(m, formula) ? normalise(&n) : HN_TEXT(OFFICE_XLM_UNREAD);
}

struct hn_text office_xlm_from_r1c1(struct office_xlm *m, struct hn_text formula,
        const struct office_xlm_cell *at, struct hn_text sheet_name)
{
    struct normal n = { .m = m,
        .o = m->o,
        .in = formula,
        .r1c1 = true,
        .row = at->row,
        .column = at->column,
        .own_sheet = sheet_name };

    return may_read(m, formula) ? normalise(&n) : HN_TEXT(OFFICE_XLM_UNREAD);
}
