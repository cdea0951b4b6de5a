/* office_slk.c - symbolic links (SYLK): workbooks as lines of text, which Excel opens without the
 * guard it has for files from the Internet; and CSV, whose cells may be formulas. */
#include "office/office_internal.h"

#include "base/num.h"

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
};

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
        if (!end) {
            i += line.ptr[i] == ';';
            out[len++] = line.ptr[i];
            continue;
        }
        if (s->count < FIELDS_MAX)
            s->fields[s->count++] = hn_text_of(out + start, len - start);
        start = len;
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

static void cell(struct slk *s)
{
    struct hn_text value = unquoted(field(s, 'K'));
    struct hn_text formula = field(s, 'E');

    (void)hn_parse_u32(field(s, 'Y'), &s->row);
    (void)hn_parse_u32(field(s, 'X'), &s->column);
    if (value.len > 0) {
        office_cell(s->o, HN_TEXT("Sheet1"),
                office_cell_ref(
                        s->o, s->row > 0 ? s->row - 1 : 0, s->column > 0 ? s->column - 1 : 0),
                value);
    }
    say(s, value);
    if (formula.len > 0) {
        (void)office_formula_dde(s->o, formula);
        say(s, formula);
    }
}

static void record(struct slk *s)
{
    struct hn_text type = s->count > 0 ? s->fields[0] : HN_TEXT("");

    if (hn_text_eq(type, HN_TEXT("C"))) {
        cell(s);
    } else if (hn_text_eq(type, HN_TEXT("NN"))) {
        office_defined_name(s->o, field(s, 'N'), field(s, 'E'));
    } else if (hn_text_eq(type, HN_TEXT("O")) && field(s, 'E').ptr != NULL) {
        dissect_fact(s->o->dissect, s->o->id, "macro_sheet", HN_TEXT("Sheet1"));
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
    rest = hn_bytes_as_text(office_data(&o));
    while (next_line(&rest, &line)) {
        split(s, line);
        record(s);
    }
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
