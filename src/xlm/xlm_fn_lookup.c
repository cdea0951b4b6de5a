/* xlm_fn_lookup.c - Excel's functions of places, and of what stands at them. */
#include "xlm/xlm_functions.h"

#include <math.h>

/* A range or an array as rows and columns. */
static void shape_of(struct xl_value value, uint32_t *ret_rows, uint32_t *ret_columns)
{
    *ret_rows = 1;
    *ret_columns = 1;
    if (value.kind == XL_REF) {
        *ret_rows = value.as.ref.row_last - value.as.ref.row + 1;
        *ret_columns = value.as.ref.column_last - value.as.ref.column + 1;
    } else if (value.kind == XL_ARRAY) {
        *ret_rows = value.as.array->rows;
        *ret_columns = value.as.array->columns;
    }
}

/* Row and column from 0; a place within a range stays a reference. */
static struct xl_value at_place(struct xl_value value, uint32_t row, uint32_t column)
{
    if (value.kind == XL_REF)
        return xl_range(xl_ref_cell(
                value.as.ref.sheet, value.as.ref.row + row, value.as.ref.column + column));
    if (value.kind == XL_ARRAY)
        return value.as.array->items[row * value.as.array->columns + column];
    return value;
}

struct xl_value xl_fn_index(struct xl *ev, const struct xl_call *call)
{
    struct xl_value where = xl_arg(call, 0);
    uint32_t rows;
    uint32_t columns;
    double row = 1.0;
    double column = 1.0;

    shape_of(where, &rows, &columns);
    if (!xl_to_number(ev, xl_arg(call, 1), &row))
        return xl_cannot(ev, xl_arg(call, 1), "INDEX");
    if (xl_has_arg(call, 2)) {
        if (!xl_to_number(ev, call->args[2], &column))
            return xl_cannot(ev, call->args[2], "INDEX");
    } else if (rows == 1) { /* one number counts along a row, too */
        column = row;
        row = 1.0;
    }
    row = row < 1.0 ? 1.0 : row;
    column = column < 1.0 ? 1.0 : column;
    if (row >= rows + 1.0 || column >= columns + 1.0)
        return xl_error("#REF!");
    return at_place(where, (uint32_t)row - 1, (uint32_t)column - 1);
}

/* Moves a number by an offset; false: off the sheet. */
static bool shift(uint32_t *number, double by, uint32_t max)
{
    double moved = (double)*number + trunc(by);

    if (moved < 1.0 || moved > (double)max)
        return false;
    *number = (uint32_t)moved;
    return true;
}

struct xl_value xl_fn_offset(struct xl *ev, const struct xl_call *call)
{
    struct xl_ref ref;
    double numbers[4] = { 0.0 };

    if (!xl_arg_ref(ev, call, 0, &ref))
        return xl_cannot(ev, xl_arg(call, 0), "OFFSET");
    numbers[2] = ref.row_last - ref.row + 1;
    numbers[3] = ref.column_last - ref.column + 1;
    for (uint32_t i = 0; i < 4; i++)
        if (xl_has_arg(call, i + 1) && !xl_to_number(ev, call->args[i + 1], &numbers[i]))
            return xl_cannot(ev, call->args[i + 1], "OFFSET");
    if (!shift(&ref.row, numbers[0], XL_ROWS_MAX) ||
            !shift(&ref.column, numbers[1], XL_COLUMNS_MAX))
        return xl_error("#REF!");
    ref.row_last = ref.row;
    ref.column_last = ref.column;
    if (!shift(&ref.row_last, numbers[2] - 1.0, XL_ROWS_MAX) || ref.row_last < ref.row ||
            !shift(&ref.column_last, numbers[3] - 1.0, XL_COLUMNS_MAX) ||
            ref.column_last < ref.column)
        return xl_error("#REF!");
    return xl_range(ref);
}

/* The index from 0 of what is looked for along `count` places, `stride` apart; count: none.
 * order: 0 the very value, 1 the last not above it, -1 the last not below it. */
struct looking {
    struct xl_value wanted;
    struct xl_value where;
    uint32_t count;
    uint32_t stride;
    int order;
};

static uint32_t look_for(struct xl *ev, const struct looking *l)
{
    uint32_t found = l->count;

    for (uint32_t i = 0; i < l->count && i * (uint64_t)l->stride < XLM_RANGE_MAX; i++) {
        struct xl_value value = xl_plain(ev, xl_item(ev, l->where, i * l->stride));
        int order;

        if (value.kind == XL_ERROR || value.kind == XL_BLANK || xl_is_unknown(value))
            continue;
        order = xl_compare(ev, value, l->wanted);
        if (order == 0)
            return i;
        if (l->order != 0 && order == -l->order)
            found = i;
    }
    return found;
}

struct xl_value xl_fn_match(struct xl *ev, const struct xl_call *call)
{
    struct looking l = {
        .wanted = xl_arg_plain(ev, call, 0), .where = xl_arg(call, 1), .stride = 1
    };
    double order = xl_arg_number(ev, call, 2, 1.0);
    uint32_t found;

    if (xl_is_unknown(l.wanted) || l.wanted.kind == XL_ERROR)
        return xl_cannot(ev, l.wanted, "MATCH");
    l.order = (order > 0.0) - (order < 0.0);
    l.count = xl_item_count(l.where);
    found = look_for(ev, &l);
    return found < l.count ? xl_number(found + 1.0) : xl_error("#N/A");
}

static struct xl_value table_lookup(struct xl *ev, const struct xl_call *call, bool by_row)
{
    struct looking l = { .wanted = xl_arg_plain(ev, call, 0), .where = xl_arg(call, 1) };
    double line = xl_arg_number(ev, call, 2, 1.0);
    bool nearest = true;
    uint32_t rows;
    uint32_t columns;
    uint32_t found;

    if (xl_is_unknown(l.wanted) || l.wanted.kind == XL_ERROR)
        return xl_cannot(ev, l.wanted, call->name);
    shape_of(l.where, &rows, &columns);
    if (xl_has_arg(call, 3))
        (void)xl_to_truth(ev, call->args[3], &nearest);
    l.order = nearest ? 1 : 0;
    l.count = by_row ? rows : columns;
    l.stride = by_row ? columns : 1;
    found = look_for(ev, &l);
    if (found >= l.count)
        return xl_error("#N/A");
    if (line < 1.0 || line >= (by_row ? columns : rows) + 1.0)
        return xl_error("#REF!");
    return xl_plain(ev, by_row ? at_place(l.where, found, (uint32_t)line - 1)
                               : at_place(l.where, (uint32_t)line - 1, found));
}

struct xl_value xl_fn_vlookup(struct xl *ev, const struct xl_call *call)
{
    return table_lookup(ev, call, true);
}

struct xl_value xl_fn_hlookup(struct xl *ev, const struct xl_call *call)
{
    return table_lookup(ev, call, false);
}

struct xl_value xl_fn_lookup(struct xl *ev, const struct xl_call *call)
{
    struct looking l = {
        .wanted = xl_arg_plain(ev, call, 0), .where = xl_arg(call, 1), .stride = 1, .order = 1
    };
    struct xl_value results = xl_has_arg(call, 2) ? call->args[2] : l.where;
    uint32_t found;

    if (xl_is_unknown(l.wanted) || l.wanted.kind == XL_ERROR)
        return xl_cannot(ev, l.wanted, "LOOKUP");
    l.count = xl_item_count(l.where);
    found = look_for(ev, &l);
    if (found >= l.count || found >= xl_item_count(results))
        return xl_error("#N/A");
    return xl_plain(ev, xl_item(ev, results, found));
}

struct xl_value xl_fn_rows(struct xl *ev, const struct xl_call *call)
{
    uint32_t rows;
    uint32_t columns;

    (void)ev;
    shape_of(xl_arg(call, 0), &rows, &columns);
    return xl_number(rows);
}

struct xl_value xl_fn_columns(struct xl *ev, const struct xl_call *call)
{
    uint32_t rows;
    uint32_t columns;

    (void)ev;
    shape_of(xl_arg(call, 0), &rows, &columns);
    return xl_number(columns);
}

static struct xl_ref here(const struct xl *ev, const struct xl_call *call)
{
    if (xl_arg(call, 0).kind == XL_REF)
        return call->args[0].as.ref;
    return ev->frame != NULL ? ev->frame->where.at : ev->active;
}

struct xl_value xl_fn_row(struct xl *ev, const struct xl_call *call)
{
    return xl_number(here(ev, call).row);
}

struct xl_value xl_fn_column(struct xl *ev, const struct xl_call *call)
{
    return xl_number(here(ev, call).column);
}

/* ---- Texts and places ---- */

/* ABSREF("R[1]C[2]", A1) */
struct xl_value xl_fn_absref(struct xl *ev, const struct xl_call *call)
{
    struct hn_text text = xl_flat(ev, xl_arg(call, 0));
    struct xl_ref base;
    struct xl_ref ref;

    if (!xl_arg_ref(ev, call, 1, &base))
        return xl_cannot(ev, xl_arg(call, 1), "ABSREF");
    if (text.len == 0 || xl_ref_scan(text, 0, true, base, &ref) != text.len)
        return xl_cannot(ev, xl_arg(call, 0), "ABSREF");
    return xl_range(ref);
}

struct xl_value xl_fn_relref(struct xl *ev, const struct xl_call *call)
{
    struct xl_ref ref;
    struct xl_ref base;
    char room[64];
    struct hn_buf out = hn_buf_over(room, sizeof room);

    if (!xl_arg_ref(ev, call, 0, &ref) || !xl_arg_ref(ev, call, 1, &base))
        return xl_cannot(ev, xl_arg(call, 0), "RELREF");
    hn_buf_addf(&out, "R[%lld]C[%lld]", (long long)ref.row - base.row,
            (long long)ref.column - base.column);
    return xl_text(script_text_new(ev->run, hn_buf_text(&out), NULL));
}

static struct xl_value place_of(struct xl *ev, const struct xl_call *call, bool a1)
{
    struct xl_value value = xl_arg(call, 0);
    struct xl_ref ref;

    if (value.kind == XL_REF)
        value = xl_plain(ev, value); /* a cell that holds the name of a place */
    if (xl_has_arg(call, 1))
        (void)xl_to_truth(ev, call->args[1], &a1);
    if (value.kind != XL_TEXT || value.as.text->unknown)
        return xl_cannot(ev, value, call->name);
    return xl_ref_of_text(ev, xl_flat(ev, value), !a1, &ref) ? xl_range(ref) : xl_error("#REF!");
}

struct xl_value xl_fn_indirect(struct xl *ev, const struct xl_call *call)
{
    return place_of(ev, call, true);
}

struct xl_value xl_fn_textref(struct xl *ev, const struct xl_call *call)
{
    return place_of(ev, call, false);
}

struct xl_value xl_fn_reftext(struct xl *ev, const struct xl_call *call)
{
    struct xl_ref ref;
    bool a1 = false;

    (void)xl_to_truth(ev, xl_arg(call, 1), &a1);
    if (!xl_arg_ref(ev, call, 0, &ref))
        return xl_cannot(ev, xl_arg(call, 0), "REFTEXT");
    return xl_text(xl_ref_text(ev, ref, a1, true));
}

/* ADDRESS(row, column, kind, a1, sheet) */
struct xl_value xl_fn_address(struct xl *ev, const struct xl_call *call)
{
    double row = xl_arg_number(ev, call, 0, 0.0);
    double column = xl_arg_number(ev, call, 1, 0.0);
    double kind = xl_arg_number(ev, call, 2, 1.0);
    bool a1 = true;
    const struct script_text *made;
    struct hn_text flat;
    char room[32];
    size_t len = 0;

    if (xl_has_arg(call, 3))
        (void)xl_to_truth(ev, call->args[3], &a1);
    if (row < 1.0 || row > XL_ROWS_MAX || column < 1.0 || column > XL_COLUMNS_MAX)
        return xl_cannot(ev, xl_arg(call, row < 1.0 ? 0 : 1), "ADDRESS");
    made = xl_ref_text(ev, xl_ref_cell(0, (uint32_t)row, (uint32_t)column), a1, false);
    flat = script_text_flat(ev->run, made);
    if (a1 && kind > 1.0 && flat.len < sizeof room) { /* $A$1, A$1, $A1, A1 */
        for (size_t i = 0; i < flat.len; i++)
            if (flat.ptr[i] != '$' || (i == 0 ? kind == 3.0 : kind == 2.0))
                room[len++] = flat.ptr[i];
        made = script_text_new(ev->run, hn_text_of(room, len), NULL);
    }
    if (xl_has_arg(call, 4) && made != NULL) {
        made = script_text_join(ev->run, script_text_borrow(ev->run, HN_TEXT("!"), NULL), made);
        made = script_text_join(ev->run, xl_arg_text(ev, call, 4), made);
    }
    return xl_text(made);
}

struct xl_value xl_fn_deref(struct xl *ev, const struct xl_call *call)
{
    return xl_arg_plain(ev, call, 0);
}

struct xl_value xl_fn_active_cell(struct xl *ev, const struct xl_call *call)
{
    (void)call;
    return xl_range(ev->active);
}

struct xl_value xl_fn_caller(struct xl *ev, const struct xl_call *call)
{
    (void)call;
    return xl_range(ev->active);
}

struct xl_value xl_fn_select(struct xl *ev, const struct xl_call *call)
{
    struct xl_ref ref;

    if (ev->quiet == 0 && xl_arg_ref(ev, call, xl_has_arg(call, 1) ? 1 : 0, &ref))
        ev->active = xl_ref_cell(ref.sheet, ref.row, ref.column);
    return xl_bool(true);
}

/* ---- Formulas as texts ---- */

struct xl_value xl_fn_evaluate(struct xl *ev, const struct xl_call *call)
{
    struct xl_value value = xl_arg_plain(ev, call, 0);
    struct xl_source source = { .text = xl_flat(ev, value),
        .offset = call->offset,
        .base = ev->frame != NULL ? ev->frame->where.at : ev->active };
    struct xl_node *node;

    if (value.kind != XL_TEXT || value.as.text->unknown)
        return xl_is_unknown(value) ? xl_unknown(ev, "EVALUATE") : value;
    xl_keep_text(ev, value);
    if (source.text.len > 0 && source.text.ptr[0] == '=')
        source.text = hn_text_sub(source.text, 1, SIZE_MAX);
    node = xl_parse(ev, &source);
    return node != NULL ? xl_eval(ev, node) : xl_error("#NAME?");
}

/* Formulas are read in both styles wherever they are entered, so the text stays as it is. */
struct xl_value xl_fn_convert(struct xl *ev, const struct xl_call *call)
{
    return xl_arg_plain(ev, call, 0);
}

static struct xl_value formula_at(struct xl *ev, struct xl_ref ref)
{
    const struct xl_cell *cell = xl_cell_find(ev, ref.sheet, ref.row, ref.column);

    if (cell == NULL || cell->slot.formula.len == 0)
        return xl_cell_value(ev, ref.sheet, ref.row, ref.column);
    return xl_text(script_text_borrow(ev->run, cell->slot.formula,
            script_origin_new(ev->run, "literal", cell->slot.offset, HN_TEXT(""), NULL, NULL)));
}

struct xl_value xl_fn_get_formula(struct xl *ev, const struct xl_call *call)
{
    struct xl_ref ref;

    return xl_arg_ref(ev, call, 0, &ref) ? formula_at(ev, ref)
                                         : xl_cannot(ev, xl_arg(call, 0), "GET.FORMULA");
}

/* What a cell holds is known; how it looks is not. */
struct xl_value xl_fn_get_cell(struct xl *ev, const struct xl_call *call)
{
    double kind = xl_arg_number(ev, call, 0, 0.0);
    struct xl_ref ref = ev->active;

    if (xl_has_arg(call, 1) && !xl_arg_ref(ev, call, 1, &ref))
        return xl_unknown(ev, "GET.CELL");
    if (kind == 1.0)
        return xl_text(xl_ref_text(ev, ref, true, true));
    if (kind == 2.0)
        return xl_number(ref.row);
    if (kind == 3.0)
        return xl_number(ref.column);
    if (kind == 5.0)
        return xl_cell_value(ev, ref.sheet, ref.row, ref.column);
    if (kind == 6.0)
        return formula_at(ev, ref);
    if (kind == 53.0)
        return xl_text(xl_to_text(ev, xl_cell_value(ev, ref.sheet, ref.row, ref.column)));
    return xl_fn_machine(ev, call);
}

struct xl_value xl_fn_get_name(struct xl *ev, const struct xl_call *call)
{
    struct xl_name *name = xl_name_find(ev, xl_flat(ev, xl_arg(call, 0)), XL_NONE);

    if (name == NULL)
        return xl_error("#NAME?");
    return name->slot.has_value ? name->slot.value
                                : xl_text(script_text_borrow(ev->run, name->slot.formula, NULL));
}
