/* xlm_fn_lookup.c - Excel's functions that look for what stands somewhere. */
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
