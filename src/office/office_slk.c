/* office_slk.c - symbolic links (SYLK): workbooks as lines of text, which Excel opens without the
 * guard it has for files from the Internet; and CSV, whose cells may be formulas. */
#include "office/office_xlm.h"

#include "base/codepage.h"
#include "base/map.h"
#include "base/num.h"
#include "base/utf.h"

#define TEXT_MAX   ((size_t)4 << 20)
#define FIELDS_MAX 64u

/* ---- SYLK ---- */

struct slk {
    struct office *o;
    struct hn_text fields[FIELDS_MAX];
    size_t count;
    uint32_t row;
    uint32_t column;
    struct hn_buf text;
    struct office_xlm xlm;
    struct hn_map formulas; /* of cells: what others may share */
};

#define SHEET_NAME "Sheet1"

/* ESC, a character of 0x20 to 0x2F and one of 0x30 to 0x3F stand for one byte. */
static bool escaped(struct hn_text line, size_t at, char *ret_byte)
{
    if (line.ptr[at] != '\x1B' || line.len - at < 3 || (line.ptr[at + 1] & 0xF0) != 0x20 ||
            (line.ptr[at + 2] & 0xF0) != 0x30)
        return false;
    *ret_byte = (char)((line.ptr[at + 1] & 0x0F) << 4 | (line.ptr[at + 2] & 0x0F));
    return true;
}

static struct hn_text as_utf8(struct slk *s, struct hn_text text)
{
    return hn_utf8_valid(hn_text_as_bytes(text))
                   ? text
                   : office_ansi(s->o, HN_CODEPAGE_WESTERN, hn_text_as_bytes(text));
}

/* The fields of a record: a doubled semicolon is one of the text. */
static void split(struct slk *s, struct hn_text line)
{
    char *out = hn_arena_raw(&s->o->scratch, line.len + 1, 1);
    size_t start = 0;
    size_t len = 0;

    s->count = 0;
    if (out == NULL)
        return;
    for (size_t i = 0; i <= line.len; i++) {
        bool end = i == line.len || line.ptr[i] == ';';

        if (end && i + 1 < line.len && line.ptr[i + 1] == ';')
            end = false;
        if (!end && escaped(line, i, &out[len])) {
            len++;
            i += 2;
        } else if (!end) {
            i += line.ptr[i] == ';';
            out[len++] = line.ptr[i];
        } else {
            if (s->count < FIELDS_MAX)
                s->fields[s->count++] = as_utf8(s, hn_text_of(out + start, len - start));
            start = len;
        }
    }
}

/* The field that begins with this letter, without it; ptr NULL when there is none. */
static struct hn_text field(const struct slk *s, char letter)
{
    for (size_t i = 1; i < s->count; i++) {
        if (s->fields[i].len > 0 && s->fields[i].ptr[0] == letter)
            return hn_text_sub(s->fields[i], 1, s->fields[i].len);
    }
    return (struct hn_text){ NULL, 0 };
}

static struct hn_text unquoted(struct hn_text value)
{
    if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
        return hn_text_sub(value, 1, value.len - 2);
    return value;
}

static void say(struct slk *s, struct hn_text text)
{
    if (text.len <= 3 || s->text.len > TEXT_MAX)
        return;
    hn_buf_add_text(&s->text, text);
    hn_buf_add_char(&s->text, '\n');
}

/* A value as it stands in a formula: text in quotes, numbers, TRUE, #N/A. */
static struct hn_text constant_of(struct slk *s, struct hn_text field, struct hn_text value)
{
    double number;

    if (value.len != field.len) /* it had quotes */
        return office_xlm_quoted(s->o, value);
    if (hn_parse_real(value, &number))
        return office_xlm_number(s->o, number);
    if (hn_text_eq(value, HN_TEXT("TRUE")) || hn_text_eq(value, HN_TEXT("FALSE")) ||
            hn_text_starts(value, HN_TEXT("#")))
        return value;
    return value.len > 0 ? office_xlm_quoted(s->o, value) : value;
}

static struct hn_text place_key(struct slk *s, uint32_t row, uint32_t column)
{
    return office_print(s->o, "%lu,%lu", (unsigned long)row, (unsigned long)column);
}

/* The formula of the cell, or the one that it shares with the cell of its fields R and C. */
static struct hn_text formula_of(struct slk *s, const struct office_xlm_cell *at)
{
    struct hn_text formula = field(s, 'E');
    uint32_t row;
    uint32_t column;
    uint32_t index = HN_MAP_NONE;

    if (formula.ptr != NULL) {
        if (s->xlm.cells.count < OFFICE_XLM_CELLS_MAX &&
                !hn_map_put(&s->formulas, place_key(s, at->row + 1, at->column + 1),
                        (uint32_t)s->xlm.cells.count, &index))
            s->o->nomem = true;
    } else if (field(s, 'S').ptr != NULL && hn_parse_u32(field(s, 'R'), &row) &&
               hn_parse_u32(field(s, 'C'), &column)) {
        index = hn_map_find(&s->formulas, place_key(s, row, column));
        if (index < s->xlm.cells.count)
            formula = s->xlm.cells.ptr[index].raw;
    }
    return formula;
}

static void xlm_cell(struct slk *s, struct office_xlm_cell at, struct hn_text constant)
{
    struct hn_text formula = formula_of(s, &at);
    struct office_xlm_cell *cell;

    if (formula.ptr == NULL) {
        (void)office_xlm_constant(&s->xlm, &at, constant);
        return;
    }
    cell = office_xlm_formula(
            &s->xlm, &at, office_xlm_from_r1c1(&s->xlm, formula, &at, HN_TEXT("")));
    if (cell == NULL)
        return;
    cell->last = constant;
    cell->raw = formula;
}

static void cell(struct slk *s)
{
    struct hn_text result = field(s, 'K');
    struct hn_text value = unquoted(result);
    struct hn_text formula = field(s, 'E');
    struct office_xlm_cell at = { 0 };

    (void)hn_parse_u32(field(s, 'Y'), &s->row);
    (void)hn_parse_u32(field(s, 'X'), &s->column);
    at.row = s->row > 0 ? s->row - 1 : 0;
    at.column = s->column > 0 ? s->column - 1 : 0;
    if (value.len > 0)
        office_cell(s->o, HN_TEXT(SHEET_NAME), office_cell_ref(s->o, at.row, at.column), value);
    say(s, value);
    if (formula.len > 0) {
        (void)office_formula_dde(s->o, formula);
        say(s, formula);
    }
    xlm_cell(s, at, constant_of(s, result, value));
}

static void name(struct slk *s)
{
    struct office_xlm_name *kept = office_xlm_name(&s->xlm, field(s, 'N'), OFFICE_XLM_NOWHERE);

    if (kept != NULL)
        kept->refers_to = office_xlm_from_r1c1(
                &s->xlm, field(s, 'E'), &(struct office_xlm_cell){ 0 }, HN_TEXT(SHEET_NAME));
}

/* F;W3 5 20 is the width of columns, F;M400;R7 the height of a row in twentieths of a point. */
static void look(struct slk *s)
{
    struct office_look made = { .of = OFFICE_LOOK_ROW };
    struct hn_text width = field(s, 'W');
    size_t second = hn_text_find_char(width, ' ', 0);
    size_t third = second != SIZE_MAX ? hn_text_find_char(width, ' ', second + 1) : SIZE_MAX;
    uint32_t height;
    uint32_t row;
    uint32_t first;
    uint32_t last;

    if (hn_parse_u32(field(s, 'M'), &height) && hn_parse_u32(field(s, 'R'), &row) && row > 0) {
        made.row = row - 1;
        made.size = height / 20.0;
        office_look_add(&s->xlm.looks, &made);
    }
    if (third == SIZE_MAX || !hn_parse_u32(hn_text_sub(width, 0, second), &first) ||
            !hn_parse_u32(hn_text_sub(width, second + 1, third - second - 1), &last) ||
            !hn_parse_real(hn_text_sub(width, third + 1, SIZE_MAX), &made.size))
        return;
    made.of = OFFICE_LOOK_COLUMN;
    for (; first > 0 && first <= last && first <= 256; first++) {
        made.column = first - 1;
        office_look_add(&s->xlm.looks, &made);
    }
}

static void record(struct slk *s)
{
    struct hn_text type = s->count > 0 ? s->fields[0] : HN_TEXT("");

    if (hn_text_eq(type, HN_TEXT("C"))) {
        cell(s);
    } else if (hn_text_eq(type, HN_TEXT("NN"))) {
        name(s);
    } else if (hn_text_eq(type, HN_TEXT("F"))) {
        look(s);
    } else if (hn_text_eq(type, HN_TEXT("O")) && field(s, 'E').ptr != NULL) {
        dissect_fact(s->o->dissect, s->o->id, "macro_sheet", HN_TEXT(SHEET_NAME));
        if (s->xlm.sheets.count > 0)
            s->xlm.sheets.ptr[0].kind = OFFICE_XLM_MACRO;
    }
}

/* Lines end in CR, LF or both. */
static bool next_line(struct hn_text *rest, struct hn_text *ret_line)
{
    size_t end = 0;

    if (rest->len == 0)
        return false;
    while (end < rest->len && rest->ptr[end] != '\r' && rest->ptr[end] != '\n')
        end++;
    *ret_line = hn_text_sub(*rest, 0, end);
    *rest = hn_text_sub(*rest, end + 1, rest->len);
    return true;
}

static bool has_formula(const struct office_xlm *m)
{
    for (size_t i = 0; i < m->cells.count; i++) {
        if (m->cells.ptr[i].formula)
            return true;
    }
    return false;
}

/* What holds neither formulas nor names is a table, whose cells are stores. */
static void finish(struct slk *s)
{
    struct office_xlm *m = &s->xlm;

    office_xlm_names_read(m);
    m->wanted = m->names.count > 0 || has_formula(m) ||
                (m->sheets.count > 0 && m->sheets.ptr[0].kind == OFFICE_XLM_MACRO);
    office_xlm_done(m);
    office_xlm_deinit(m);
    hn_map_deinit(&s->formulas);
}

enum hn_status office_open_slk(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct office o;
    struct hn_text rest;
    struct hn_text line;
    struct slk *s;

    office_begin(&o, dissect, id);
    s = hn_new(&o.scratch, struct slk, 1);
    if (s == NULL)
        return office_end(&o, err);
    s->o = &o;
    office_sheet_begin(&o, 1, HN_TEXT(""));
    hn_buf_init(&s->text, OFFICE_SCRATCH_BYTES_MAX);
    office_xlm_init(&s->xlm, &o);
    s->xlm.wanted = true;
    office_xlm_sheet(&s->xlm, HN_TEXT(SHEET_NAME), OFFICE_XLM_WORK, OFFICE_SHEET_SHOWN);
    rest = hn_bytes_as_text(office_data(&o));
    while (next_line(&rest, &line)) {
        split(s, line);
        record(s);
    }
    finish(s);
    office_say(&o, "cells", office_take(&o, &s->text));
    return office_end(&o, err);
}

/* ---- CSV ---- */

/* The next cell; its quotes are taken off, doubled ones within become one. */
static bool next_cell(struct office *o, struct hn_text *rest, struct hn_text *ret_cell)
{
    struct hn_buf buf;
    bool quoted;
    size_t i;

    if (rest->len == 0)
        return false;
    quoted = rest->ptr[0] == '"';
    i = quoted;
    hn_buf_init(&buf, OFFICE_SCRATCH_BYTES_MAX);
    for (; i < rest->len; i++) {
        char c = rest->ptr[i];

        if (quoted && c == '"') {
            if (i + 1 == rest->len || rest->ptr[i + 1] != '"') {
                quoted = false;
                continue;
            }
            i++;
        } else if (!quoted && (c == ',' || c == ';' || c == '\t' || c == '\n' || c == '\r')) {
            break;
        }
        hn_buf_add_char(&buf, c);
    }
    *rest = hn_text_sub(*rest, i + 1, rest->len);
    *ret_cell = office_take(o, &buf);
    return true;
}

/* What Excel takes for a formula. */
static bool is_formula(struct hn_text cell)
{
    return cell.len > 1 && memchr("=+-@", cell.ptr[0], 4) != NULL;
}

enum hn_status office_open_csv(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct office o;
    struct hn_text text;
    struct hn_text rest;
    struct hn_text cell;

    office_begin(&o, dissect, id);
    text = office_xml_text(&o, office_data(&o)); /* UTF-16 as well */
    rest = text;
    while (next_cell(&o, &rest, &cell)) {
        cell = hn_text_trim(cell);
        if (is_formula(cell))
            (void)office_formula_dde(&o, cell);
    }
    office_say(&o, "cells", hn_text_sub(text, 0, TEXT_MAX));
    return office_end(&o, err);
}
