/* office_xls_cell.c - cells of a binary workbook and the table of strings they share. */
#include "office/office_xls.h"

#define STRINGS_MAX   500000u
#define TEXT_MAX      ((size_t)4 << 20)
#define CONTINUES_MAX 8192u

/* ---- The string table: one text cut into records, at any place ---- */

struct pieces {
    struct hn_bytes *list;
    uint32_t count;
    uint32_t at;
    size_t pos;
};

static size_t piece_left(const struct pieces *p)
{
    return p->at < p->count ? p->list[p->at].len - p->pos : 0;
}

static bool byte_of(struct pieces *p, uint8_t *ret_byte)
{
    while (p->at < p->count && piece_left(p) == 0) {
        p->at++;
        p->pos = 0;
    }
    if (p->at >= p->count)
        return false;
    *ret_byte = p->list[p->at].ptr[p->pos++];
    return true;
}

static bool number_of(struct pieces *p, unsigned bytes, uint32_t *ret_number)
{
    uint32_t number = 0;

    for (unsigned i = 0; i < bytes; i++) {
        uint8_t byte;

        if (!byte_of(p, &byte))
            return false;
        number |= (uint32_t)byte << (8 * i);
    }
    *ret_number = number;
    return true;
}

static bool skip_bytes(struct pieces *p, uint64_t count)
{
    while (count > 0 && p->at < p->count) {
        size_t left = piece_left(p);

        if (left > count)
            left = (size_t)count;
        p->pos += left;
        count -= left;
        if (count > 0) {
            p->at++;
            p->pos = 0;
        }
    }
    return count == 0;
}

/* Characters; where a record ends within them, the next begins with their width anew. */
static bool characters(struct pieces *p, uint32_t count, bool wide, struct hn_buf *utf16)
{
    while (count > 0) {
        uint32_t unit;

        if (piece_left(p) == 0) {
            uint8_t flags;

            if (!byte_of(p, &flags))
                return false;
            wide = (flags & 1) != 0;
        }
        if (!number_of(p, wide ? 2 : 1, &unit))
            return false;
        hn_buf_add_char(utf16, (char)unit);
        hn_buf_add_char(utf16, (char)(unit >> 8));
        count--;
    }
    return true;
}

static bool one_string(struct office_xls *x, struct pieces *p, struct hn_buf *utf16)
{
    uint32_t count;
    uint32_t flags;
    uint32_t runs = 0;
    uint32_t extra = 0;
    bool whole;

    hn_buf_reset(utf16);
    if (!number_of(p, 2, &count) || !number_of(p, 1, &flags) ||
            ((flags & 8) != 0 && !number_of(p, 2, &runs)) ||
            ((flags & 4) != 0 && !number_of(p, 4, &extra)))
        return false;
    whole = characters(p, count, (flags & 1) != 0, utf16);
    x->strings[x->string_count++] = office_utf16(x->o, hn_text_as_bytes(hn_buf_text(utf16)));
    return whole && skip_bytes(p, (uint64_t)runs * 4 + extra);
}

void office_xls_strings(struct office_xls *x, struct hn_reader *r, struct hn_bytes first)
{
    struct pieces p = { 0 };
    struct hn_reader ahead = *r;
    struct office_xls_record record;
    struct hn_buf utf16;
    uint32_t stated;

    if (first.len < 8 || x->strings != NULL)
        return;
    p.list = hn_new(&x->o->scratch, struct hn_bytes, CONTINUES_MAX);
    if (p.list == NULL)
        return;
    p.list[p.count++] = hn_bytes_of(first.ptr + 8, first.len - 8);
    while (p.count < CONTINUES_MAX && office_xls_next(&ahead, &record) &&
            record.type == XLS_CONTINUE)
        p.list[p.count++] = record.data;
    stated = hn_load_u32(first.ptr + 4);
    /* Each takes three bytes at least, so a number that lies costs no memory. */
    if (stated > STRINGS_MAX || stated > (uint64_t)p.count * 8224 / 3)
        stated = STRINGS_MAX < p.count * 8224u / 3 ? STRINGS_MAX : p.count * 8224u / 3;
    x->strings = hn_new(&x->o->scratch, struct hn_text, (size_t)stated + 1);
    hn_buf_init(&utf16, OFFICE_SCRATCH_BYTES_MAX);
    while (x->strings != NULL && x->string_count < stated && one_string(x, &p, &utf16))
        ;
    x->o->nomem |= utf16.status == HN_NOMEM;
    hn_buf_deinit(&utf16);
}

/* ---- Cells ---- */

static void store(struct office_xls *x, uint32_t row, uint32_t column, struct hn_text value)
{
    office_cell(x->o, x->sheet, office_cell_ref(x->o, row, column), value);
    if (value.len > 3 && x->text.len < TEXT_MAX) {
        hn_buf_add_text(&x->text, value);
        hn_buf_add_char(&x->text, '\n');
    }
}

static struct office_xlm_cell place_of(const struct office_xls *x, uint32_t row, uint32_t column)
{
    uint32_t sheet = x->current != NULL ? (uint32_t)(x->current - x->sheets) : OFFICE_XLM_NOWHERE;

    return (struct office_xlm_cell){ .sheet = sheet, .row = row, .column = column };
}

static void text_cell(struct office_xls *x, uint32_t row, uint32_t column, struct hn_text text)
{
    struct office_xlm_cell at = place_of(x, row, column);

    store(x, row, column, text);
    if (x->xlm.wanted)
        (void)office_xlm_constant(&x->xlm, &at, office_xlm_quoted(x->o, text));
}

/* A number, TRUE, FALSE or an error. */
static void plain_cell(struct office_xls *x, uint32_t row, uint32_t column, struct hn_text value)
{
    struct office_xlm_cell at = place_of(x, row, column);

    store(x, row, column, value);
    (void)office_xlm_constant(&x->xlm, &at, value);
}

static double real_of(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static struct hn_text rk_text(struct office_xls *x, uint32_t rk)
{
    double value = (rk & 2) != 0 ? (double)((int32_t)rk >> 2)
                                 : real_of((uint64_t)(rk & 0xFFFFFFFCu) << 32);

    return office_xlm_number(x->o, (rk & 1) != 0 ? value / 100 : value);
}

static void mul_rk(struct office_xls *x, struct hn_reader *r, uint32_t row, uint32_t column)
{
    while (hn_reader_left(r) >= 8) { /* a format and a number each, the last column at the end */
        (void)hn_reader_u16(r);
        plain_cell(x, row, column++, rk_text(x, hn_reader_u32(r)));
    }
}

/* What a formula came to last: text stands in a record of its own behind it. */
static struct hn_text result_of(struct office_xls *x, struct hn_bytes value)
{
    if (hn_load_u16(value.ptr + 6) != 0xFFFF)
        return office_xlm_number(x->o, real_of(hn_load_u64(value.ptr)));
    if (value.ptr[0] == 1)
        return value.ptr[2] != 0 ? HN_TEXT("TRUE") : HN_TEXT("FALSE");
    if (value.ptr[0] == 2)
        return hn_text_cstr(office_xlm_error(value.ptr[2]));
    return HN_TEXT("");
}

static struct hn_bytes rest_of(struct hn_reader *r)
{
    return hn_reader_take(r, hn_reader_left(r));
}

static void xlm_formula(struct office_xls *x, struct hn_reader *r, struct office_xlm_cell at)
{
    struct office_ptg ptg = { .sheet = at.sheet, .row = at.row, .column = at.column };
    struct office_xlm_cell *cell;
    size_t len;

    hn_reader_skip(r, 6);
    len = hn_reader_u16(r);
    ptg.tokens = hn_reader_take(r, len < hn_reader_left(r) ? len : hn_reader_left(r));
    ptg.extra = rest_of(r);
    at.shared = office_ptg_shared(&x->xlm, &ptg, &at.base_row, &at.base_column);
    cell = office_xlm_formula(
            &x->xlm, &at, at.shared ? HN_TEXT("") : office_ptg_text(&x->xlm, &ptg));
    if (cell != NULL)
        cell->last = at.last;
}

static void formula(struct office_xls *x, struct hn_reader *r, uint32_t row, uint32_t column)
{
    struct office_xlm_cell at = place_of(x, row, column);
    struct hn_bytes value;

    (void)hn_reader_u16(r);
    value = hn_reader_take(r, 8);
    if (!hn_reader_ok(r))
        return;
    at.last = result_of(x, value);
    store(x, row, column, at.last);
    if (x->xlm.wanted)
        xlm_formula(x, r, at);
    x->formula_row = row;
    x->formula_column = column;
}

/* Stands behind the first cell that it is the formula of. */
static void shared_formula(struct office_xls *x, struct hn_reader *r, bool array)
{
    struct office_xlm_shared shared = { .array = array };
    size_t len;

    shared.sheet = place_of(x, 0, 0).sheet;
    hn_reader_skip(r, array ? 12 : 8);
    len = hn_reader_u16(r);
    shared.tokens = hn_reader_take(r, len);
    shared.extra = rest_of(r);
    shared.row = x->formula_row;
    shared.column = x->formula_column;
    if (hn_reader_ok(r))
        office_xlm_share(&x->xlm, &shared);
}

void office_xls_formula_string(struct office_xls *x, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    uint16_t count = hn_reader_u16(&r);
    struct hn_text text = office_xls_chars(x, &r, count);
    struct office_xlm_cell *cell =
            x->xlm.cells.count > 0 ? &x->xlm.cells.ptr[x->xlm.cells.count - 1] : NULL;

    store(x, x->formula_row, x->formula_column, text);
    if (cell != NULL && cell->formula && cell->row == x->formula_row &&
            cell->column == x->formula_column)
        cell->last = office_xlm_quoted(x->o, text);
}

void office_xls_cell_record(struct office_xls *x, const struct office_xls_record *record)
{
    struct hn_reader r = hn_reader_over(record->data);
    uint32_t row = hn_reader_u16(&r);
    uint32_t column = hn_reader_u16(&r);
    uint32_t index;
    uint8_t value;

    if (!hn_reader_ok(&r))
        return;
    switch (record->type) {
    case XLS_LABEL_SST:
        (void)hn_reader_u16(&r);
        index = hn_reader_u32(&r);
        if (hn_reader_ok(&r) && index < x->string_count)
            text_cell(x, row, column, x->strings[index]);
        break;
    case XLS_LABEL:
    case XLS_RICH_LABEL:
        (void)hn_reader_u16(&r);
        index = hn_reader_u16(&r);
        text_cell(x, row, column, office_xls_chars(x, &r, index));
        break;
    case XLS_NUMBER:
        (void)hn_reader_u16(&r);
        plain_cell(x, row, column, office_xlm_number(x->o, real_of(hn_reader_u64(&r))));
        break;
    case XLS_RK:
        (void)hn_reader_u16(&r);
        plain_cell(x, row, column, rk_text(x, hn_reader_u32(&r)));
        break;
    case XLS_MUL_RK:
        mul_rk(x, &r, row, column);
        break;
    case XLS_BOOL_ERROR:
        (void)hn_reader_u16(&r);
        value = hn_reader_u8(&r);
        plain_cell(x, row, column,
                hn_reader_u8(&r) != 0 ? hn_text_cstr(office_xlm_error(value))
                : value != 0          ? HN_TEXT("TRUE")
                                      : HN_TEXT("FALSE"));
        break;
    case XLS_FORMULA:
        formula(x, &r, row, column);
        break;
    case XLS_SHARED_FORMULA:
    case XLS_ARRAY:
        r = hn_reader_over(record->data);
        shared_formula(x, &r, record->type == XLS_ARRAY);
        break;
    default:
        break;
    }
}
